"""Backup suppliers: readiness by hand, concentration by its definition, policies against a slow simulation and known effects."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from house import backup_rule
from scipy import stats

from analysis.decisions.offers import Offer, Offers, PriceLadder
from analysis.decisions.sourcing.backup import BACKUP_COLUMNS, backups, recovery_days, tried_suppliers
from analysis.decisions.sourcing.spend_shares import concentration, exposure, herfindahl, recent_spend
from analysis.decisions.sourcing.supply_policies import POLICY_COLUMNS, compare_policies
from analysis.decisions.sourcing.supply_simulation import (
    NEVER,
    Settings,
    SupplyCosts,
    SupplySource,
    imagine,
    simulate_policy,
)
from analysis.months import DAYS_A_MONTH
from analysis.reporting.sentences import worded_in_both

# --- who can replace whom

SPEND = pd.DataFrame([("A", "cup", "kitchen", 900.0), ("A", "pan", "kitchen", 300.0), ("B", "cup", "kitchen", 100.0), ("Z", "cable", "digital", 50.0)], columns=["supplier", "sku", "category", "spend"])  # fmt: skip
TRIED = pd.DataFrame(
    [
        ("A", 300, 9, 0.95, 20.0),
        ("B", 60, 4, 0.9, 14.0),
        ("C", 5, 1, 0.8, 25.0),
        ("E", 400, 8, 0.02, 10.0),
        ("Z", 9, 1, 0.6, 12.0),
    ],
    columns=["supplier", "inspected", "received", "p_under_limit", "lead_time_p90"],
).set_index("supplier")
CATEGORY = pd.Series(
    {"A": "kitchen", "B": "kitchen", "C": "kitchen", "D": "kitchen", "E": "kitchen", "F": "kitchen", "Z": "digital"}
)
OFFERS = Offers(
    tuple(Offer(who, sku, PriceLadder.of(5.0)) for who, sku in [("A", "cup"), ("B", "cup"), ("C", "cup"), ("D", "cup"), ("E", "cup"), ("Z", "cable")]),
    pd.DataFrame(),
)  # fmt: skip


def test_readiness_and_recovery_by_hand():
    cost = pd.Series({("A", "cup"): 5.0, ("B", "cup"): 5.5})
    found = backups(SPEND, OFFERS, TRIED, CATEGORY, cost=cost, rule=backup_rule(outage_days=60, usual_days=30))
    assert list(found.columns) == BACKUP_COLUMNS
    table = worded_in_both(found)
    of_cup = table[(table["supplier"] == "A") & (table["sku"] == "cup")].set_index("backup")
    assert of_cup["readiness"].to_dict() == {
        "B": "ready",  # 60 pieces inspected, most likely under the limit
        "C": "tried",  # delivered, 5 pieces say nothing
        "D": "quoted",  # never delivered: twice the usual lead time, a trial comes first
        "F": "category",
        "E": "unfit",  # 400 pieces say that it is bad
    }
    assert of_cup["recovery_days"].to_dict() == {"B": 14.0, "C": 25.0, "D": 60.0, "F": 60.0, "E": 60.0}
    assert of_cup.loc["B", "cost_ratio"] == pytest.approx(1.1) and np.isnan(of_cup.loc["C", "cost_ratio"])
    alone = table[table["supplier"] == "Z"].iloc[0]
    assert alone["readiness"] == "none" and alone["recovery_days"] == 60.0 and "nobody else" in alone["note"]
    assert table["note_zh"].str.len().min() > 5
    assert recovery_days(table).set_index(["supplier", "sku"])["backup"].loc[("A", "cup")] == "B"


def test_an_offer_of_too_large_a_minimum_is_an_offer():
    """Who quoted, delivered and was inspected is ready, also where its minimum is more than the plan would buy."""
    large = Offers((), pd.DataFrame(), OFFERS.offers)
    rule = backup_rule(outage_days=60, usual_days=30)
    pd.testing.assert_frame_equal(
        backups(SPEND, large, TRIED, CATEGORY, rule), backups(SPEND, OFFERS, TRIED, CATEGORY, rule)
    )


@pytest.mark.parametrize("blank", [np.nan, None, pd.NA])
def test_without_any_category_only_who_offers_the_article_can_step_in(blank):
    """A column that nobody filled in comes as numbers, as objects or as texts."""
    nowhere = SPEND.assign(category=[blank] * len(SPEND))
    found = backups(nowhere, OFFERS, TRIED, CATEGORY, rule=backup_rule(outage_days=60, usual_days=30))
    of_cup = found[(found["supplier"] == "A") & (found["sku"] == "cup")]
    assert set(of_cup["backup"]) == {"B", "C", "D", "E"}
    assert found.loc[found["sku"] == "pan", "readiness"].tolist() == ["none"]


@pytest.mark.parametrize("blank", ["kitchen", np.nan])
def test_where_nothing_was_paid_yet_the_plans_supplier_has_its_backup(blank):
    unpaid = SPEND.assign(spend=0.0, category=blank)
    plan = pd.DataFrame({"supplier": ["A"], "sku": ["cup"], "backup": ["B"], "rest_supplier": None})
    found = backups(unpaid, OFFERS, TRIED, CATEGORY, rule=backup_rule(outage_days=60, usual_days=30), plan=plan)
    assert set(found["supplier"]) == {"A"} and {"B", "C", "D", "E"} <= set(found["backup"])


def test_what_is_known_of_suppliers_comes_from_the_estimates_tables():
    rates = pd.DataFrame(
        {"supplier": ["A", "A", "N"], "level": ["supplier", "supplier_sku", "supplier"], "inspected": [30, 30, 0], "p_over_limit": [0.2, 0.3, 0.5]}
    )  # fmt: skip
    times = pd.DataFrame({"supplier": ["A", "M"], "received": [4, 1], "lead_time_p90": [18.0, np.nan]})
    table = tried_suppliers(rates, times)
    assert table.loc["A"].tolist() == [30, 4, 0.8, 18.0]
    assert table.loc["M", "inspected"] == 0 and table.loc["N", "received"] == 0


# --- concentration


@pytest.mark.parametrize("n", [1, 2, 5, 40])
def test_equal_suppliers_are_as_many_as_they_are(n):
    """Law: HHI of n equal shares is 1 / n, and never below it for others."""
    assert herfindahl(np.full(n, 7.0)) == pytest.approx(1 / n)
    assert herfindahl(np.random.default_rng(n).random(n)) >= 1 / n - 1e-12


def test_concentration_by_sku():
    table = concentration(SPEND, "sku").set_index("sku")
    assert table.loc["cup", "hhi"] == pytest.approx(0.9**2 + 0.1**2)
    assert table.loc["cup", "largest_supplier"] == "A" and table.loc["cup", "largest_share"] == pytest.approx(0.9)
    assert table.loc["pan", "effective_suppliers"] == pytest.approx(1.0)
    with pytest.raises(ValueError, match="spend: money of 0 or more"):
        herfindahl([-1.0, 2.0])


def test_exposure_is_money_a_month_times_months_to_recover():
    recovery = SPEND[["supplier", "sku"]].assign(recovery_days=[14.0, 60.0, 20.0, 60.0])
    table = exposure(SPEND.assign(monthly=SPEND["spend"] / 12), recovery).set_index("supplier")
    assert table.loc["A", "exposure"] == pytest.approx((900 * 14 + 300 * 60) / 12 / DAYS_A_MONTH)
    assert table.loc["A", ["recovery_days", "single_source_skus", "skus"]].tolist() == [60.0, 1, 2]
    with pytest.raises(ValueError, match="recovery_days is missing for"):
        exposure(SPEND, recovery.iloc[:2])


def test_recent_spend_counts_what_was_bought_within_the_period():
    day = pd.to_datetime(["2026-10-01", "2025-10-30", "2026-09-01", "2026-09-02"])
    orders = pd.DataFrame(
        {
            "supplier": "A", "sku": "cup", "category": "kitchen", "status": ["received", "received", "cancelled", "open"],
            "ordered_on": day, "goods_amount": [10.0, 1000.0, 100.0, np.nan], "unit_price": 2.0, "quantity": [5, 5, 5, 3], "discount": 0.0,
        }
    )  # fmt: skip
    spend = recent_spend(orders, pd.Timestamp("2026-10-31"))
    assert spend["spend"].tolist() == [16.0]
    assert spend["monthly"].tolist() == pytest.approx([16.0 / 12])  # bought from for a year and a day


@pytest.mark.parametrize(
    ("first", "months"), [("2026-10-20", 1.0), ("2026-09-01", 61 / DAYS_A_MONTH), ("2025-11-15", 351 / DAYS_A_MONTH), ("2024-01-01", 12.0)]
)  # fmt: skip
def test_a_young_house_spends_in_a_month_what_its_own_months_say(first, months):
    """Ordered for the first time in `first`, and in October again: 600 and 300. What an outage costs follows from the same month."""
    orders = pd.DataFrame(
        {
            "supplier": "A", "sku": "cup", "category": "kitchen", "status": ["received", "open"], "goods_amount": [600.0, 300.0],
            "ordered_on": pd.to_datetime([first, "2026-10-30"]), "unit_price": 3.0, "quantity": [200, 100], "discount": 0.0,
        }
    )  # fmt: skip
    spend = recent_spend(orders, pd.Timestamp("2026-10-31"))
    assert spend["monthly"].tolist() == pytest.approx([spend.loc[0, "spend"] / months])
    table = exposure(spend, spend[["supplier", "sku"]].assign(recovery_days=2 * DAYS_A_MONTH))
    assert table["exposure"].tolist() == pytest.approx([2 * spend.loc[0, "monthly"]])


# --- policies


def demand(rng, shape):
    return rng.negative_binomial(2, 2 / 12, shape)


FIRST = SupplySource(
    "A", PriceLadder.of({1: 12.0, 100: 11.3, 500: 10.7}), np.random.default_rng(0).lognormal(np.log(15), 0.4, 2000)
)
SECOND = SupplySource(
    "B", PriceLadder.of({1: 12.6, 100: 11.9, 500: 11.3}), np.random.default_rng(1).lognormal(np.log(12), 0.3, 2000)
)
COSTS = SupplyCosts(selling_price=22.0, order_cost=30.0, carrying_rate=0.25)


def slow_standby(years, stream, point, quantity, emergency, sources, costs):
    """One stream, one day after the other, in plain numbers: on hand, orders on their way, money."""
    value = float(sources[0].good_piece(np.array(quantity)))
    on_hand, coming, lost, held = point + quantity / 2, [], 0.0, 0.0
    spent = on_hand * value
    for day, wanted in enumerate(years.demand[stream]):
        on_hand += sum(pieces for due, pieces, _ in coming if due == day)
        coming = [order for order in coming if order[0] != day]
        sold = min(on_hand, wanted)
        on_hand, lost = on_hand - sold, lost + wanted - sold
        held += on_hand
        orders = [0] if on_hand + sum(pieces for _, pieces, _ in coming) <= point else []
        if on_hand <= emergency and not any(by == 1 for _, _, by in coming):
            orders.append(1)
        for source in orders:
            coming.append((day + years.arrives[source, stream, day], quantity, source))
            spent += quantity * float(sources[source].good_piece(np.array(quantity))) + costs.order_cost
    left = (on_hand + sum(pieces for _, pieces, _ in coming)) * value
    days = len(years.demand[stream])
    return (spent + held * value * costs.carrying_rate / 365 + lost * costs.selling_price - left) * 365 / days


@pytest.mark.parametrize("emergency", [NEVER, 60.0])
def test_the_simulation_equals_a_slow_one(emergency):
    sources = (replace(FIRST, outages_per_year=2.0, outage_days=40.0), SECOND)
    years = imagine(sources, demand, 12, 300, np.random.default_rng(3))
    outcome = simulate_policy("standby", sources, years, Settings.grid([250.0], [300.0], [emergency]), COSTS)
    slow = [slow_standby(years, stream, 250.0, 300.0, emergency, sources, COSTS) for stream in range(12)]
    assert outcome.cost[0] == pytest.approx(slow, rel=1e-6)


def test_a_standby_that_is_never_used_is_the_single_supplier():
    years = imagine((FIRST, SECOND), demand, 20, 200, np.random.default_rng(3))
    grid = Settings.grid([200.0, 300.0], [300.0])
    single, standby = (
        simulate_policy(policy, (FIRST, SECOND), years, grid, COSTS).cost for policy in ("single_first", "standby")
    )
    np.testing.assert_array_equal(single, standby)


def test_outages_last_as_long_as_they_are_said_to():
    """Share of days inside an outage, one a year of 40 days: 1 - exp(-rate x mean), outages may overlap."""
    source = replace(FIRST, lead_time_days=np.array([1.0]), outages_per_year=1.0, outage_days=40.0)
    years = imagine([source], demand, 3000, 365, np.random.default_rng(9))
    inside = (years.arrives[0][:, 364] > 1).sum()
    # an exponential of mean 40, in whole days rounded up, is 40.5 days on average
    assert stats.binomtest(int(inside), 3000, 1 - np.exp(-40.0 / 365)).pvalue > 1e-4


@pytest.fixture(scope="module")
def compared():
    calm = compare_policies(FIRST, SECOND, demand, [300, 500], COSTS, seed=1, streams=120, judged=300)
    shaken = compare_policies(
        replace(FIRST, outages_per_year=1.0, outage_days=45.0),
        SECOND,
        demand,
        [300, 500],
        COSTS,
        seed=1,
        streams=120,
        judged=300,
    )
    return calm.set_index("policy"), shaken.set_index("policy")


def test_splitting_pays_the_higher_step_and_standby_is_free_when_calm(compared):
    calm, _ = compared
    assert list(calm.reset_index().columns) == POLICY_COLUMNS
    assert calm.loc["split", "cost_change"] > 0.03 + 3 * calm.loc["split", "cost_change_error"]
    assert abs(calm.loc["standby", "cost_change"]) <= 3 * calm.loc["standby", "cost_change_error"] + 1e-9
    leads = calm["cost_change"] < -2 * calm["cost_change_error"]
    assert calm["best"].tolist() == [leads.iloc[0], *[False] * (len(calm) - 1)]


def test_the_best_policy_is_one_that_surely_beats_the_single_supplier():
    """Four runs of the judgement: the least mean cost is chance then, and nothing is called the best."""
    few = compare_policies(FIRST, SECOND, demand, [300], COSTS, seed=1, streams=10, judged=4, days=120)
    first = few.iloc[0]
    assert first["cost_change"] >= -2 * first["cost_change_error"] and not few["best"].any()


def test_standby_saves_money_and_cuts_the_tail_under_outages(compared):
    _, shaken = compared
    standby = shaken.loc["standby"]
    assert standby["cost_change"] < -3 * standby["cost_change_error"]
    assert standby["tail_change"] < -0.02
    assert standby["emergency_point"] >= 0 and standby["best"]


def test_the_judgement_is_repeatable_and_needs_sense():
    small = {"seed": 4, "streams": 20, "judged": 20, "days": 120}
    once, again = (compare_policies(FIRST, SECOND, demand, [300], COSTS, **small) for _ in range(2))
    pd.testing.assert_frame_equal(once, again)
    with pytest.raises(ValueError, match="lead_time_days of 'A': finite draws"):
        replace(FIRST, lead_time_days=np.array([np.nan]))
    with pytest.raises(ValueError, match="policy: one of single_first"):
        simulate_policy(
            "both",
            (FIRST, SECOND),
            imagine((FIRST, SECOND), demand, 2, 5, np.random.default_rng(0)),
            Settings.grid([1], [1]),
            COSTS,
        )
