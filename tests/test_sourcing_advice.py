"""Whom to buy from: main supplier, backup and next batch, on tables small enough to work by hand."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from review_tables import facts, is_described

from analysis.decisions.landed_cost import FreightSources, FreightTariff
from analysis.decisions.landed_cost.freight_history import FreightHistory
from analysis.decisions.offers import Offer, Offers, PriceLadder
from analysis.decisions.offers.incoterms import BUYER_PAYS, COLLECT, DELIVERED, FreightTerms
from analysis.decisions.order_quantity import BatchOffer, best_batch
from analysis.decisions.sourcing import next_batches
from analysis.decisions.sourcing.advice import ADVICE_COLUMNS, main_suppliers, sourcing_advice
from analysis.decisions.sourcing.basis import PurchaseInputs
from analysis.estimates.draws import Draws
from analysis.months import DAYS_A_MONTH
from analysis.reasons import reason
from analysis.reporting.advice_blocks import MOST_CATEGORIES, advice_blocks
from analysis.reporting.columns import unit_of
from analysis.reporting.report_context import report_context
from analysis.reporting.sentences import worded_in_both
from analysis.wording import LANGUAGES, Language, catalogue, name_of, worded

A, B, C = "甲 Works", "Bao & Co.", "丙 Trading"
LONGEST = 90.0


def card(*rows) -> pd.DataFrame:
    """A scorecard of (supplier, grade, rating), the best first, all of one category."""
    names, grades, ratings = zip(*rows)
    rank = np.arange(1, len(rows) + 1)
    return pd.DataFrame({
        "supplier": names, "category": "cups", "grade": grades, "rating": ratings, "rating_low": np.array(ratings) - 5.0,
        "rating_high": np.array(ratings) + 5.0, "rank": rank, "rank_in_category": rank,
        "p_best": np.array([0.8, 0.15, 0.05])[: len(rows)] if len(rows) > 1 else [1.0],
        "inspected": 40, "received": 3, "grade_reason": [f"words of {g}" for g in grades],
    })  # fmt: skip


def backup_rows(*rows) -> pd.DataFrame:
    """(backup, sku, readiness, spend) of what is bought from A."""
    table = pd.DataFrame(rows, columns=["backup", "sku", "readiness", "spend"])
    return table.assign(supplier=A, recovery_days=21.4).astype({"backup": "str", "sku": "str", "readiness": "str"})


COSTS = pd.DataFrame({
    "supplier": [A, B, A, B, A, B], "sku": ["cup", "cup", "bowl", "bowl", "jug", "jug"], "wanted": [100, 100, 50, 50, 10, 10],
    "cost_per_good_piece": [2.0, 2.5, 4.0, 4.0, 9.0, 1.0], "complete": [True, True, True, True, True, False],
})  # fmt: skip
"""100 cups and 50 bowls: 400 from A, 450 from B; of B's jug the freight is not known."""

VALUES = pd.DataFrame(
    [
        ("defect_rate", 0.20, 0.90, 0.60, False),  # 6 points for A
        ("on_time", 0.10, 0.80, 0.50, False),  # 3
        ("lead_time", 0.10, 0.60, 0.50, False),  # 1
        ("open_risks", 0.05, 0.60, 0.50, False),  # 0.5, the fourth
        ("price_ratio", 0.10, 0.40, 0.80, False),  # 4 for B
        ("credentials", 0.01, 0.50, 0.60, False),  # 0.1, not worth a word
        ("drift", 0.40, 0.10, 0.90, True),  # nobody has looked at B's
    ],
    columns=["criterion", "weight", A, B, "missing"],
).melt(["criterion", "weight", "missing"], [A, B], "supplier", "worth")
VALUES["missing"] &= VALUES["supplier"] == B
VALUES = pd.concat([VALUES, VALUES[VALUES["supplier"] == B].assign(supplier=C)], ignore_index=True)

READY = backup_rows((B, "cup", "ready", 600.0), (B, "bowl", "ready", 300.0))
NO_BATCHES = next_batches(
    PurchaseInputs(
        Offers((), pd.DataFrame()),
        None,
        None,
        None,
        pd.Series(dtype=float),
        pd.Series(dtype=float),
        Draws.of_nobody(),
        None,
    ),
    [],
    pd.DataFrame(columns=["supplier", "sku", "rest_supplier"]),
    LONGEST,
)


def plan_of(*rows) -> pd.DataFrame:
    """A purchase plan of (SKU, supplier, demand a month, cost a good piece, backup); all are ordered, of nobody today."""
    table = pd.DataFrame(rows, columns=["sku", "supplier", "demand_per_month", "cost_per_good_piece", "backup"])
    return table.assign(action="order", present_supplier=None, rest_supplier=None)


NO_PLAN = plan_of()
"""Where no demand is known the plan buys nothing, and the main supplier is the best-rated of grade A."""


def tables(scorecard=None, backups=READY) -> dict[str, pd.DataFrame]:
    scorecard = card((A, "A", 70.0), (B, "B", 60.0)) if scorecard is None else scorecard
    made = {"scorecard": scorecard, "backups": backups, "costs": COSTS, "criteria_values": VALUES}
    return made | {"purchase_plan": NO_PLAN}


def advised(scorecard=None, backups=READY, batches=NO_BATCHES) -> pd.Series:
    return worded_in_both(sourcing_advice(tables(scorecard, backups), batches, LONGEST, "CNY")).iloc[0]


def name(code: str, language: Language = "en") -> str:
    return name_of(code, language)


# ---- the plan's supplier is the main one ----


def test_the_main_supplier_is_the_one_that_the_plan_spends_most_on():
    plan = plan_of(("bowl", B, 50.0, 2.0, A), ("cup", A, 100.0, 2.0, B), ("jug", B, 60.0, 2.0, None))
    scorecard = card((A, "A", 70.0), (B, "B", 60.0))
    assert main_suppliers(scorecard, plan) == [B]
    given = tables(scorecard) | {"purchase_plan": plan}
    row = worded_in_both(sourcing_advice(given, NO_BATCHES, LONGEST, "CNY")).iloc[0]
    assert row["main"] == B
    assert row["reason"].startswith(
        "The purchase plan buys from it (SKUs: 2), about 220 CNY a month. Grade B, rated 60"
    )
    assert f"{A} is rated higher (70 against 60, grade A); a good piece costs about the same from it" in row["reason"]
    assert (row["backup"], row["bought"]) == (A, 2)


def test_a_plan_whose_costs_are_not_known_is_not_said_to_cost_nothing():
    plan = plan_of(("cup", B, 50.0, 2.0, A), ("bowl", B, 60.0, np.nan, A))
    given = tables(card((A, "A", 70.0), (B, "B", 60.0))) | {"purchase_plan": plan}
    row = worded_in_both(sourcing_advice(given, NO_BATCHES, LONGEST, "CNY")).iloc[0]
    assert row["main"] == B and "what that costs is not known in full" in row["reason"] and "CNY" not in row["reason"]


PLANNED = plan_of(("bowl", A, 50.0, 4.0, B), ("cup", A, 100.0, 2.0, C), ("jug", A, 10.0, 9.0, B))
THREE_RATED = card((A, "A", 70.0), (B, "B", 60.0), (C, "B", 50.0))


def test_the_backup_is_the_one_that_the_plan_names_for_most_money_and_the_others_are_named():
    """B for 50 x 4 + 10 x 9 = 290 a month, of which it is ready for the bowls; C for 200, though ready and readier."""
    rows = backup_rows((B, "bowl", "ready", 300.0), (B, "jug", "tried", 0.0), (C, "cup", "ready", 600.0))
    row = worded_in_both(sourcing_advice(tables(THREE_RATED, rows) | {"purchase_plan": PLANNED}, NO_BATCHES, LONGEST, "CNY")).iloc[0]  # fmt: skip
    assert (row["main"], row["backup"], row["readiness"], row["covered"], row["bought"]) == (A, B, "ready", 1, 3)
    assert "it can deliver 1 of the 3 articles" in row["backup_reason"]
    assert row["backup_reason"].endswith(f"For its other articles: {C} (cup).")
    assert row["backup_reason_zh"].endswith(f"其他货号的备选：{C}（cup）。")


def test_what_is_to_be_tried_first_is_bought_as_today_unless_that_is_grade_c():
    trial = PLANNED.assign(supplier=C, action="trial_first", present_supplier=A, backup=A)
    rated = tables(THREE_RATED) | {"purchase_plan": trial}
    row = worded_in_both(sourcing_advice(rated, NO_BATCHES, LONGEST, "CNY")).iloc[0]
    assert row["main"] == A and pd.isna(row["backup"]) and "Ask for quotes" in row["backup_reason"]
    meanwhile = rated | {"purchase_plan": trial.assign(rest_supplier=B)}
    assert sourcing_advice(meanwhile, NO_BATCHES, LONGEST, "CNY")["main"].tolist() == [B]
    stopped = tables(card((A, "C", 70.0), (B, "B", 60.0), (C, "B", 50.0))) | {"purchase_plan": trial}
    assert sourcing_advice(stopped, NO_BATCHES, LONGEST, "CNY")["main"].isna().all()


@pytest.mark.parametrize(("cost", "said"), [(1.5, "costs 25% less"), (3.0, "costs 50% more"), (np.nan, "is not known")])
def test_where_rating_and_money_disagree_one_line_says_so_with_the_figures(cost, said):
    costs = COSTS[COSTS["sku"] == "cup"].assign(cost_per_good_piece=[2.0, cost], complete=[True, not np.isnan(cost)])
    given = tables(card((B, "A", 80.0), (A, "B", 60.0))) | {"costs": costs, "purchase_plan": plan_of(("cup", A, 9.0, 2.0, B))}  # fmt: skip
    row = worded_in_both(sourcing_advice(given, NO_BATCHES, LONGEST, "CNY")).iloc[0]
    assert (
        row["main"] == A and f"{B} is rated higher (80 against 60, grade A)" in row["reason"] and said in row["reason"]
    )
    assert f"{B}评分更高（80 对 60，A 级）" in row["reason_zh"]


# ---- main and backup ----


def test_main_and_backup_with_their_reasons():
    row = advised()
    assert (row["main"], row["backup"], row["readiness"]) == (A, B, "ready") and pd.isna(row["nearest"])
    assert (row["covered"], row["bought"]) == (2, 2)
    assert row["backup_cost_ratio"] == pytest.approx(450 / 400)
    assert row["main_better_in"] == "defect_rate, on_time, lead_time" and row["backup_better_in"] == "price_ratio"
    assert row["reason"] == (
        "Grade A, rated 70 (65–75); the chance that it rates first of its category's 2 suppliers is 80%. "
        f"It beats {B} in {name('defect_rate')}, {name('on_time')} and {name('lead_time')}; {B} is better in {name('price_ratio')}."
    )
    assert row["backup_reason"] == (
        f"Ready: it can deliver every article bought from {A} within 21 days (90%). "
        f"A good piece costs 12% more than from {A}. Grade B: words of B."
    )
    ahead = "、".join(name(code, "zh") for code in ("defect_rate", "on_time", "lead_time"))
    assert row["reason_zh"].endswith(f"优于{B}之处：{ahead}；不及{B}之处：{name('price_ratio', 'zh')}。")
    assert "已就绪" in row["backup_reason_zh"] and "B 级：words of B。" in row["backup_reason_zh"]


def test_the_main_supplier_is_the_best_of_grade_a_and_who_is_rated_higher_is_named():
    row = advised(card((C, "B", 80.0), (A, "A", 70.0), (B, "A", 60.0)))
    assert row["main"] == A and f"{C} is rated higher, but is grade B: words of B." in row["reason"]
    assert f"{C}评分更高，但仅为 B 级：words of B。" in row["reason_zh"]
    assert main_suppliers(card((C, "B", 80.0), (A, "A", 70.0), (B, "A", 60.0)), NO_PLAN) == [A]


def test_nobody_of_grade_a():
    scorecard = card((C, "C", 80.0), (A, "B", 70.0), (B, "B", 60.0))
    row = advised(scorecard)
    assert pd.isna(row["main"]) and row["nearest"] == A and pd.isna(row["backup"]) and not row["mixed_batch"]
    assert row["reason"].startswith(f"Nobody is grade A yet. The nearest is {A}, rated")
    assert row["reason"].endswith("grade B: words of B.")
    assert row["reason_zh"].startswith(f"暂无 A 级供应商。最接近的是{A}")
    assert row["backup_reason"] == row["batch_reason"] == "" and main_suppliers(scorecard, NO_PLAN) == []


def test_where_all_are_to_be_stopped_nobody_is_the_nearest():
    row = advised(card((C, "C", 80.0), (A, "C", 70.0)))
    assert pd.isna(row["main"]) and pd.isna(row["nearest"]) and np.isnan(row["rating"])
    assert row["reason"] == "Nobody is left to buy from: of 2 rated, each is grade C. Look for another one to test."
    assert row["backup_reason"] == row["batch_reason"] == ""


def test_a_single_supplier():
    row = advised(card((A, "A", 70.0)), backup_rows((None, "cup", "none", 600.0)))
    assert row["main"] == A and pd.isna(row["backup"]) and np.isnan(row["backup_cost_ratio"])
    assert "no other supplier has this as its main category" in row["reason"] and "%" not in row["reason"]
    assert "no other supplier in the category" in row["backup_reason"] and "没有其他供应商" in row["backup_reason_zh"]


@pytest.mark.parametrize(
    ("readiness", "said"),
    [
        ("tried", "its quality is not settled or its quote has run out"),
        ("quoted", "a trial order comes first"),
        ("category", f"it has not quoted the articles bought from {A}"),
    ],
)
def test_a_backup_that_is_not_ready(readiness, said):
    row = advised(backups=backup_rows((B, "cup", "category", 600.0), (B, "bowl", readiness, 300.0)))
    assert (row["backup"], row["readiness"], row["covered"]) == (B, readiness, 0)
    assert row["backup_reason"].startswith("Next in line, but not ready: ") and said in row["backup_reason"]
    assert row["backup_reason_zh"].startswith("下一顺位，但尚未就绪：")


def test_where_nothing_is_bought_from_the_main_supplier_nobody_was_checked():
    row = advised(backups=READY.iloc[:0])
    assert (row["backup"], row["readiness"], row["bought"]) == (B, "unchecked", 0)
    assert f"nothing was bought from {A} in the last twelve months" in row["backup_reason"]


def test_whoever_is_unfit_or_of_grade_c_is_no_backup():
    three = card((A, "A", 70.0), (B, "B", 60.0), (C, "C", 50.0))
    rows = backup_rows((B, "cup", "unfit", 600.0), (C, "cup", "ready", 600.0))
    row = advised(three, rows)
    assert pd.isna(row["backup"]) and "No other supplier of the category can stand in" in row["backup_reason"]
    assert advised(card((A, "A", 70.0), (B, "B", 60.0), (C, "B", 50.0)), rows)["backup"] == C


def test_the_backup_is_ready_for_most_of_the_money_then_the_better_rated():
    three = card((A, "A", 70.0), (B, "B", 60.0), (C, "B", 50.0))
    rows = (B, "bowl", "ready", 300.0), (C, "cup", "ready", 600.0), (B, "cup", "quoted", 600.0)
    row = advised(three, backup_rows(*rows))
    assert row["backup"] == C and "it can deliver 1 of the 2 articles" in row["backup_reason"]
    same = backup_rows((C, "cup", "ready", 600.0), (B, "cup", "ready", 600.0))
    assert advised(three, same)["backup"] == B


@pytest.mark.parametrize(
    ("cost", "said"), [(1.0, "50% less than"), (2.004, "about the same as"), (3.0, "50% more than")]
)
def test_what_a_good_piece_of_the_backup_costs(cost, said):
    costs = COSTS[COSTS["sku"] == "cup"].assign(cost_per_good_piece=[2.0, cost])
    row = worded_in_both(sourcing_advice(tables() | {"costs": costs}, NO_BATCHES, LONGEST, "CNY")).iloc[0]
    assert f"A good piece costs {said}" in row["backup_reason"]


def test_costs_that_are_not_known_are_not_compared():
    row = worded_in_both(sourcing_advice(tables() | {"costs": COSTS.iloc[:0]}, NO_BATCHES, LONGEST, "CNY")).iloc[0]
    assert np.isnan(row["backup_cost_ratio"]) and "good piece" not in row["backup_reason"]


# ---- the next batch ----


def offer(sku, supplier=A, minimum=1000, price=2.0, terms: FreightTerms | None = DELIVERED, mixed=True) -> Offer:
    return Offer(supplier, sku, PriceLadder.of({minimum: price}), terms, mixed_batch=mixed)


NO_FREIGHT = FreightSources(
    FreightHistory(pd.DataFrame(columns=["mode", "sku", "fixed", "per_piece", "orders", "least_pieces", "most_pieces"]))
)
TRIP = FreightSources(NO_FREIGHT.history, {"pickup": FreightTariff.of_steps("pickup", [(0, 120, 0)])})


def batches(offers, daily, freight=NO_FREIGHT, defective=0.0, until=1.0) -> pd.DataFrame:
    """The next batches of A when `daily` pieces of each SKU are sold, `until` times as many before the next order comes, and a share of
    A's is `defective`."""
    lasting = pd.Series(daily, dtype=float) * DAYS_A_MONTH
    rates = Draws(pd.Index([A]), np.full((1, 4), defective))
    return next_batches(
        PurchaseInputs(
            Offers(tuple(offers), pd.DataFrame()), freight, None, None, lasting * until, lasting, rates, None
        ),
        [A],
        pd.DataFrame({"supplier": A, "sku": list(daily), "rest_supplier": None}),
        LONGEST,
    )


THREE = {"cup": 10, "bowl": 10, "jug": 10}


def test_a_mixed_batch_of_half_the_longest_cover():
    """10 a day each: 1000 alone last 100 days; 45 days of three are 1350 at 2 CNY, alone 3000."""
    found = batches([offer(sku) for sku in THREE], THREE)
    row = advised(batches=found)
    assert row["mixed_batch"] and row["minimum_days"] == pytest.approx(100)
    assert (row["batch_days"], row["batch_skus"], row["batch_pieces"], row["batch_cost"]) == (45, 3, 1350, 2700)
    assert (row["alone_pieces"], row["alone_cost"], row["batch_freight"]) == (3000, 6000, 0)
    assert row["batch_reason"] == (
        "Alone, its minimum order of one article covers up to 100 days of demand (90 allowed). As one mixed batch its 3 "
        "articles are 1,350 pieces, 45 days of demand, for 2,700 CNY; each ordered alone, 3,000 pieces for 6,000 CNY."
    )
    assert "3 个货号合并混批共 1,350 件" in row["batch_reason_zh"]


def test_a_batch_is_made_for_longer_where_the_minimum_takes_it():
    """20 a day reach 1000 in 50 days."""
    row = batches([offer("cup"), offer("bowl")], {"cup": 10, "bowl": 10}).iloc[0]
    assert (row["batch_days"], row["batch_pieces"], row["alone_pieces"]) == (pytest.approx(50), 1000, 2000)


@pytest.mark.parametrize("until", [0.5, 2.0])
def test_a_batch_is_for_the_days_in_which_it_is_sold(until):
    """What sells until it comes, in another season, is no matter: 10 a day each are 1350 in 45 days."""
    row = batches([offer(sku) for sku in THREE], THREE, until=until).iloc[0]
    assert (row["minimum_days"], row["batch_days"], row["batch_pieces"]) == (pytest.approx(100), 45, 1350)


def test_defective_pieces_are_bought_on_top():
    """A tenth is defective: 45 days of 10 are 450 good and 500 pieces."""
    assert batches([offer(sku) for sku in THREE], THREE, defective=0.1)["batch_pieces"].tolist() == [1500]


def test_one_trip_instead_of_three():
    row = batches([offer(sku, terms=COLLECT) for sku in THREE], THREE, TRIP).iloc[0]
    assert (row["batch_freight"], row["batch_cost"], row["alone_cost"]) == (120, 2820, 6360)


def test_a_carrier_is_paid_once_a_shipment_and_by_the_piece():
    """30 CNY and 2 a kilogram of pieces of half a kilogram: 30 + 1350 for the batch, three times 30 + 1000 alone."""
    weights = pd.Series(dict.fromkeys(THREE, 0.5))
    truck = FreightSources(NO_FREIGHT.history, {"truck": FreightTariff.of_steps("truck", [(0, 30, 2)])}, weights)
    row = batches([offer(sku, terms=BUYER_PAYS) for sku in THREE], THREE, truck).iloc[0]
    assert row["batch_freight"] == pytest.approx(1380) and row["batch_cost"] == pytest.approx(2700 + 1380)
    assert row["alone_cost"] == pytest.approx(6000 + 3090)


def test_goods_of_some_value_travel_free():
    """Each alone is worth 2000 and travels free, the batch 2700 and so does it."""
    weights, free = pd.Series(dict.fromkeys(THREE, 0.5)), FreightTerms(free_from=2000.0)
    truck = FreightSources(NO_FREIGHT.history, {"truck": FreightTariff.of_steps("truck", [(0, 30, 2)])}, weights)
    row = batches([offer(sku, terms=free) for sku in THREE], THREE, truck).iloc[0]
    assert (row["batch_freight"], row["batch_cost"], row["alone_cost"]) == (0, 2700, 6000)


def test_more_is_bought_where_a_price_step_makes_it_cheaper():
    """1350 pieces for 45 days at 2 CNY are 2700; 1500 for 50 days at 1.70 are 2550."""
    steps = [Offer(A, sku, PriceLadder.of({1000: 2.0, 1500: 1.7}), DELIVERED, mixed_batch=True) for sku in THREE]
    row = batches(steps, THREE).iloc[0]
    assert (row["batch_days"], row["batch_pieces"], row["batch_cost"]) == (pytest.approx(50), 1500, pytest.approx(2550))
    assert row["alone_cost"] == 6000


def test_a_price_step_beyond_the_longest_cover_is_not_reached_for():
    """3000 pieces at half the price would be 100 days."""
    steps = [Offer(A, sku, PriceLadder.of({1000: 2.0, 3000: 0.5}), DELIVERED, mixed_batch=True) for sku in THREE]
    assert batches(steps, THREE)["batch_pieces"].tolist() == [1350]


def test_the_need_costs_what_one_programme_over_the_whole_ladder_finds():
    """Unless that stocks up on the cheapest SKU to reach a price: prices, minimums and sales that differ by SKU."""
    rng, compared = np.random.default_rng(5), 0
    for _ in range(20):
        price, daily = rng.uniform(1, 9, 3).round(2), dict(zip(THREE, rng.integers(3, 9, 3)))
        ladders = {
            s: PriceLadder.of({400: p, 600: round(p * 0.95, 2), 900: round(p * 0.9, 2)}) for s, p in zip(THREE, price)
        }
        row = batches([Offer(A, sku, of, DELIVERED, mixed_batch=True) for sku, of in ladders.items()], daily).iloc[0]
        if pd.isna(row["batch_pieces"]):
            continue
        need = {sku: int(np.ceil(row["batch_days"] * pieces - 1e-6)) for sku, pieces in daily.items()}
        plan = best_batch([BatchOffer(A, ladders, mixed=True)], need)
        assert row["batch_pieces"] == sum(need.values()) and row["batch_cost"] >= plan.cost - 1e-9
        assert row["alone_cost"] == pytest.approx(best_batch([BatchOffer(A, ladders)], need).cost)
        if not plan.lines["surplus"].any():
            assert row["batch_cost"] == pytest.approx(plan.cost)
            compared += 1
    assert compared > 5


def test_a_supplier_of_many_articles_is_no_trouble():
    """In one programme over all steps 60 SKUs take longer than the solver's time limit."""
    many = {f"sku-{n:02d}": 1 + n % 9 for n in range(60)}
    price = np.random.default_rng(1).uniform(0.5, 9, 60).round(2)
    ladders = [PriceLadder.of({3000: p, 5000: round(p * 0.97, 2), 20000: round(p * 0.9, 2)}) for p in price]
    row = batches([Offer(A, s, of, DELIVERED, mixed_batch=True) for s, of in zip(many, ladders)], many).iloc[0]
    assert row["batch_pieces"] == 45 * sum(many.values()) and row["batch_cost"] < row["alone_cost"]


def test_freight_that_nobody_knows_is_said_and_not_counted():
    row = advised(batches=batches([offer(sku, terms=BUYER_PAYS) for sku in THREE], THREE))
    assert row["batch_cost"] == 2700 and np.isnan(row["batch_freight"])
    assert row["batch_reason"].endswith("Freight is not known and not included.")


@pytest.mark.parametrize(
    ("offers", "daily", "said"),
    [
        ([offer(sku, minimum=900) for sku in THREE], THREE, "No mixed batch is needed"),
        ([offer(sku, mixed=False) for sku in THREE], THREE, "let it be mixed with no other"),
        ([offer("cup")], THREE, "let it be mixed with no other"),
        ([offer("cup", mixed=False), offer("bowl", minimum=10), offer("jug", minimum=10)], THREE, "mixed with no other"),
        ([offer("cup"), offer("bowl")], {"cup": 1, "bowl": 1}, "only in more than 90 days"),
        ([offer("cup"), offer("bowl")], {"plate": 1}, "not known"),
        ([], THREE, "not known"),
    ],
    ids=["fits", "not allowed", "one article", "the long one alone", "too large together", "no demand", "no offer"],
)  # fmt: skip
def test_no_mixed_batch_and_why(offers, daily, said):
    row = advised(batches=batches(offers, daily))
    assert not row["mixed_batch"] and pd.isna(row["batch_pieces"]) and said in row["batch_reason"]
    assert row["batch_reason_zh"]


@settings(max_examples=30)
@given(
    daily=st.lists(st.integers(1, 30), min_size=2, max_size=5),
    minimum=st.integers(50, 3000),
    price=st.sampled_from([0.8, 3.0]),
)
def test_a_mixed_batch_holds_the_need_and_costs_no_more_than_each_alone(daily, minimum, price):
    sold = {f"sku-{n}": pieces for n, pieces in enumerate(daily)}
    row = batches([offer(sku, minimum=minimum, price=price) for sku in sold], sold).iloc[0]
    if pd.notna(row["batch_pieces"]):
        assert row["minimum_days"] > LONGEST >= row["batch_days"] >= LONGEST / 2
        assert row["batch_pieces"] >= max(minimum, sum(daily) * row["batch_days"] - 1e-6)
        assert row["batch_pieces"] <= row["alone_pieces"] and row["batch_cost"] <= row["alone_cost"]
        assert row["batch_cost"] == pytest.approx(price * row["batch_pieces"])
    else:
        assert row["minimum_days"] <= LONGEST or minimum / sum(daily) > LONGEST - 1e-9


# ---- laws ----


def renamed(table: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    """Every supplier's name replaced, in columns and in sentences."""
    pattern = re.compile("|".join(map(re.escape, names)))
    text = [column for column in table if pd.api.types.is_string_dtype(table[column])]
    swapped = {
        c: table[c].map(lambda words: pattern.sub(lambda m: names[m[0]], words), na_action="ignore") for c in text
    }
    return table.assign(**swapped)


@pytest.mark.parametrize("grades", [("A", "B", "B"), ("B", "A", "A"), ("C", "B", "C")])
def test_renaming_changes_only_names_and_the_order_of_rows_nothing(grades):
    names = {A: "Zeta", B: "丁", C: "Alpha"}
    scorecard = card(*zip((A, B, C), grades, (70.0, 60.0, 50.0)))
    rows = backup_rows((B, "cup", "ready", 600.0), (C, "cup", "ready", 600.0), (B, "bowl", "tried", 300.0))
    given_, found = tables(scorecard, rows), batches([offer(sku) for sku in THREE], THREE)
    advice = worded_in_both(sourcing_advice(given_, found, LONGEST, "CNY"))
    others = {name: renamed(table, names) for name, table in given_.items()}
    swapped = worded_in_both(sourcing_advice(others, renamed(found, names), LONGEST, "CNY"))
    pd.testing.assert_frame_equal(swapped, renamed(advice, names), check_dtype=False)
    mixed = {name: table.sample(frac=1, random_state=3) for name, table in given_.items()}
    pd.testing.assert_frame_equal(worded_in_both(sourcing_advice(mixed, found, LONGEST, "CNY")), advice)


def test_another_category_changes_nothing_in_this_one():
    other = card((C, "A", 90.0)).assign(category="bags")
    both = pd.concat([card((A, "A", 70.0), (B, "B", 60.0)), other], ignore_index=True)
    advice = worded_in_both(sourcing_advice(tables(both), NO_BATCHES, LONGEST, "CNY"))
    assert advice["category"].tolist() == ["bags", "cups"] and advice["main"].tolist() == [C, A]
    pd.testing.assert_series_equal(advice.iloc[1], advised(), check_names=False)


def test_a_scorecard_of_nobody_gives_no_advice():
    advice = sourcing_advice(tables(card((A, "A", 70.0)).iloc[:0]), NO_BATCHES, LONGEST, "CNY")
    assert advice.empty and list(advice) == ADVICE_COLUMNS


# ---- in words and on paper ----


def test_every_sentence_is_there_in_both_languages_with_the_same_places():
    entries = {key: texts for key, texts in catalogue().items() if key.startswith("advice.")}
    assert entries
    for key, texts in entries.items():
        assert set(texts) == set(LANGUAGES), key
        places = [set(re.findall(r"\{(\w+)", text)) for text in texts.values()]
        assert places[0] == places[1], key


def test_every_column_is_described_and_has_its_unit():
    advice = worded_in_both(sourcing_advice(tables(), batches([offer(sku) for sku in THREE], THREE), LONGEST, "CNY"))
    assert [column for column in advice if not is_described("sourcing_advice", column)] == []
    units = {column: unit_of("sourcing_advice", column, advice[column]) for column in advice}
    assert units["batch_cost"] == units["alone_cost"] == "money" and units["batch_days"] == "days"
    assert units["batch_pieces"] == "count" and units["mixed_batch"] == "flag"


def cells(block) -> list[list[str]]:
    return [[c if isinstance(c, str) else c["text"] for c in row] for row in block["rows"]]


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", ["Main supplier", "Backup", "Next batch", "mixed, 1,350 pieces"]),
        ("zh", ["主供应商", "备选供应商", "下一批", "混批，1,350 件"]),
    ],
)
def test_the_report_says_main_backup_and_next_batch(language, told):
    advice = worded_in_both(sourcing_advice(tables(), batches([offer(sku) for sku in THREE], THREE), LONGEST, "CNY"))
    *_, table = advice_blocks(report_context({"sourcing_advice": advice}, facts(), language))
    (category, *_), *_ = lines = cells(table)
    assert category == "cups" and [line[1] for line in lines] == told[:3]
    assert [line[2] for line in lines] == [A, B, told[3]]
    endings = "" if language == "en" else "_zh"
    assert [line[3] for line in lines] == [advice[f"{name}{endings}"].iloc[0] for name in ("reason", "backup_reason", "batch_reason")]  # fmt: skip


def test_the_report_says_where_nobody_is_fit_yet_and_counts_what_it_leaves_out():
    many = [card((f"S{n}", "B", 60.0)).assign(category=f"c{n:02d}") for n in range(MOST_CATEGORIES + 2)]
    advice = worded_in_both(sourcing_advice(tables(pd.concat(many, ignore_index=True)), NO_BATCHES, LONGEST, "CNY"))
    *_, table, note = advice_blocks(report_context({"sourcing_advice": advice}, facts(), "en"))
    assert len(table["rows"]) == MOST_CATEGORIES and {line[2] for line in cells(table)} == {"nobody yet"}
    assert "2" in note["text"]


def test_without_the_table_nothing_is_said():
    assert advice_blocks(report_context({}, facts(), "en")) == []


def test_a_currency_is_named_in_the_readers_language():
    said = reason("advice.planned", skus=2, money=2152.9, currency="CNY")
    assert "2,153 CNY" in worded(said, "en") and "2,153 元" in worded(said, "zh")
