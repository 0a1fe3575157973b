"""Order size: equal to every whole quantity tried, textbook values, the worked case of the source article, levers, bad input."""

import numpy as np
import pytest
from house import stock_rule
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.decisions.landed_cost import FreightTariff, HouseCosts
from analysis.decisions.offers import PaymentTerms
from analysis.decisions.offers.incoterms import DELIVERED, FreightTerms
from analysis.decisions.order_quantity.best import NO_FREIGHT, OrderError, best_order
from analysis.decisions.order_quantity.scan import OrderProblem, ShipmentMode, best_orders
from analysis.decisions.sourcing.negotiation import LEVERS, negotiation_sheet
from analysis.decisions.stock import DemandNodes, reorder_point
from analysis.reporting.sentences import worded

# --- exact


def clerk(ladder, demand, tariffs, weight, volume, free_from, order_cost, rate, inverse_yield, most, pack):
    """The least cost a year over every whole quantity and mode, one after the other."""
    best = np.inf
    for quantity in range(1, int(most) + 1):
        if quantity < min(ladder) or quantity % pack:
            continue
        price = ladder[max(start for start in ladder if start <= quantity)]
        for tariff in tariffs:
            freight = (
                0.0 if price * quantity >= free_from else float(tariff.charge(weight * quantity, volume * quantity))
            )
            year = (
                demand
                * inverse_yield
                * ((order_cost + freight) / quantity + price * (1 + rate * tariff.transit_days / 365))
            )
            best = min(best, year + rate / 2 * (price * quantity + freight))
    return best


tariffs = st.builds(
    lambda mode, fixed, each, later, minimum, higher, rounding, days: FreightTariff.of_steps(
        mode, [(0, fixed, each), *later], minimum=minimum, higher_step=higher, round_up_kg=rounding, transit_days=days
    ),
    st.sampled_from(["express", "truck", "rail", "sea"]), st.floats(0, 80), st.floats(0.01, 5),
    st.lists(st.tuples(st.integers(5, 200), st.floats(0, 80), st.floats(0.01, 5)), max_size=2, unique_by=lambda s: s[0]),
    st.floats(0, 100), st.booleans(), st.sampled_from([0, 0.5, 1, 20]), st.integers(0, 30),
)  # fmt: skip
ladders = st.lists(st.integers(1, 150), min_size=1, max_size=4, unique=True).flatmap(
    lambda starts: st.lists(st.floats(0.05, 60), min_size=len(starts), max_size=len(starts)).map(
        lambda prices: dict(zip(sorted(starts), sorted(prices, reverse=True)))
    )
)
offers = st.fixed_dictionaries(
    {
        "ladder": ladders, "demand": st.floats(5, 5000), "tariffs": st.lists(tariffs, min_size=1, max_size=3),
        "weight": st.floats(0.005, 8), "volume": st.floats(0, 0.05), "free_from": st.sampled_from([np.inf, 50.0, 500.0]),
        "order_cost": st.floats(0, 80), "rate": st.floats(0.02, 0.8), "inverse_yield": st.floats(1, 1.4),
        "most": st.integers(200, 320), "pack": st.sampled_from([1, 1, 6]),
    }
)  # fmt: skip


def problem_of(cases):
    """Several offers as one problem; each mode has its own tariff for all, so cases share the first one's tariffs."""
    steps = [(k, q, p) for k, case in enumerate(cases) for q, p in case["ladder"].items()]
    sku, quantity, price = (np.array(column) for column in zip(*steps))
    columns = {
        name: np.array([case[name] for case in cases])
        for name in ("demand", "most", "order_cost", "inverse_yield", "pack", "free_from", "weight", "volume")
    }
    modes = tuple(ShipmentMode(tariff, columns["weight"], columns["volume"]) for tariff in cases[0]["tariffs"])
    return OrderProblem(
        sku, quantity, price, columns["demand"], columns["most"].astype(float), columns["order_cost"], cases[0]["rate"],
        columns["inverse_yield"], columns["pack"], columns["free_from"], modes,
    )  # fmt: skip


@settings(max_examples=60)
@given(st.lists(offers, min_size=1, max_size=3))
def test_best_orders_equal_every_whole_quantity_tried(cases):
    cases = [case | {"tariffs": cases[0]["tariffs"], "rate": cases[0]["rate"]} for case in cases]
    best = best_orders(problem_of(cases)).set_index("place")["cost_per_year"]
    for place, case in enumerate(cases):
        assert best[place] == pytest.approx(clerk(**case), rel=1e-11)


@settings(max_examples=30)
@given(offers)
def test_the_alternatives_hold_the_best_of_every_step_and_mode(case):
    problem = problem_of([case])
    table = best_orders(problem, by_step=True)
    starts = [*case["ladder"], case["most"] + 1]
    for row in table.itertuples():
        low, high = starts[row.step], starts[row.step + 1] - 1
        quantity = np.arange(low, high + 1, dtype=float)
        quantity = quantity[quantity % case["pack"] == 0]
        where = (np.zeros(len(quantity), int), np.full(len(quantity), row.step), np.full(len(quantity), row.mode_place))
        assert row.cost_per_year == pytest.approx(problem.cost(*where, quantity).min(), rel=1e-11)


@settings(max_examples=30)
@given(offers, st.floats(0.5, 20))
def test_prices_and_freight_in_another_currency_change_no_order(case, factor):
    """Law: all money times a factor is the same order."""
    best = best_orders(problem_of([case]))
    ladder = {q: p * factor for q, p in case["ladder"].items()}
    tariffs = [tariff.times(factor) for tariff in case["tariffs"]]
    other = case | {
        "ladder": ladder,
        "tariffs": tariffs,
        "order_cost": case["order_cost"] * factor,
        "free_from": case["free_from"] * factor,
    }
    assert best_orders(problem_of([other]))["cost_per_year"][0] == pytest.approx(
        best["cost_per_year"][0] * factor, rel=1e-9
    )


def test_economic_order_quantity_of_snyder_and_shen_example_3_1():
    """K = 8, 1,300 a year, h = 0.225: Q* = 304.1, cost 68.41; whole pieces cost no more than 1e-5 above it."""
    best = best_order(0.75, 1300, order_cost=8, carrying_rate=0.3, terms=DELIVERED, most=10_000)
    assert best.quantity == 304
    assert best.cost_per_year - 0.75 * 1300 == pytest.approx(np.sqrt(2 * 8 * 1300 * 0.225), rel=1e-5)


def test_all_units_discounts_by_hand():
    """Joe's corner store with all-units discounts 0.75 / 0.72 from 400 / 0.68 from 800: best at the step, 800 pieces.

    884 goods + 8 x 1300 / 800 + 0.3 x 0.68 x 800 / 2 = 978.6 a year.
    """
    best = best_order(
        {1: 0.75, 400: 0.72, 800: 0.68}, 1300, order_cost=8, carrying_rate=0.3, terms=DELIVERED, most=10_000
    )
    assert (best.quantity, best.unit_price) == (800, 0.68)
    assert best.cost_per_year == pytest.approx(978.6, rel=1e-9)


def test_many_offers_at_once_equal_one_by_one():
    rng = np.random.default_rng(5)
    express = FreightTariff.of_steps("express", [(0, 6, 2)], minimum=8, round_up_kg=1)
    cases = [
        {
            "ladder": {1: 10.0 * s, 50: 9.0 * s}, "demand": d, "tariffs": [express], "weight": w, "volume": 0.0,
            "free_from": np.inf, "order_cost": 30.0, "rate": 0.25, "inverse_yield": 1.05, "most": 2000, "pack": 1,
        }
        for s, d, w in zip(rng.uniform(0.2, 5, 40), rng.uniform(50, 3000, 40), rng.uniform(0.05, 3, 40))
    ]  # fmt: skip
    together = best_orders(problem_of(cases))["quantity"].tolist()
    assert together == [int(best_orders(problem_of([case]))["quantity"][0]) for case in cases]


def test_an_sku_without_weight_cannot_go_by_that_mode():
    by_weight = FreightTariff.of_steps("express", [(0, 6, 2)])
    van = FreightTariff.of_steps("pickup", [(0, 120, 0)])
    problem = OrderProblem(
        np.array([0, 1]), np.array([1, 1]), np.array([5.0, 5.0]), np.array([500.0, 500.0]), np.array([500.0, 500.0]),
        np.array([30.0, 30.0]), 0.25, np.ones(2), np.ones(2, int), np.full(2, np.inf),
        (ShipmentMode(by_weight, np.array([0.01, np.nan])), ShipmentMode(van, 1.0)),
    )  # fmt: skip
    assert best_orders(problem)["mode_place"].tolist() == [0, 1]


def test_unknown_freight_is_marked_and_free_delivery_is_not():
    unknown = best_order(5.0, 500, order_cost=30)
    assert (unknown.mode, unknown.complete) == (NO_FREIGHT, False)
    assert best_order(5.0, 500, order_cost=30, terms=DELIVERED).complete


def test_free_delivery_from_a_value_is_worth_reaching():
    """100 pieces at 5 travel free; freight is 200 below: the best order reaches the value."""
    van = FreightTariff.of_steps("truck", [(0, 200, 0)])
    best = best_order(5.0, 300, freight=[van], terms=FreightTerms(free_from=500.0), order_cost=1.0)
    assert best.quantity == 100 and best.freight == 0.0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"price_ladder": {1: -5.0}}, "every price is above 0"),
        ({"price_ladder": {1: 5.0, 10: 6.0}}, "rises"),
        ({"demand_per_year": 0.0}, "demand_per_year: finite and above 0"),
        ({"carrying_rate": 0.0}, "carrying_rate: finite and above 0"),
        ({"inverse_yield": 0.9}, "inverse_yield: 1 or more"),
        ({"pack": 0}, "pack: finite and above 0"),
        ({"freight": [FreightTariff.of_steps("truck", [(0, 28, 0.9)])]}, "give the weight_kg of a packed piece"),
    ],
)  # fmt: skip
def test_bad_arguments_are_named(arguments, words):
    given = {"price_ladder": 5.0, "demand_per_year": 100.0} | arguments
    with pytest.raises(ValueError, match=words):
        best_order(given.pop("price_ladder"), given.pop("demand_per_year"), **given)


def test_a_minimum_above_any_sensible_demand_is_refused_in_words():
    with pytest.raises(
        OrderError, match=r"2000 pieces covers 24\.0 months of demand, more than may be bought at once \(1000"
    ) as caught:
        best_order({2000: 0.75}, 1000.0)
    assert "没有合适的订货量" in caught.value.text("zh")


# --- levers

COSTS = HouseCosts.counting(
    capital_rate=0.073, carrying_rate=0.25, order_cost=30, delay_share_per_day=0.01, early_payment_per_day=0.000225,
    inspected_share=0.5, escaped_per_piece=10,
)  # fmt: skip


def sheet(**changed):
    arguments = {
        "costs": COSTS,
        "freight": 0.0,
        "lead_time_days": np.full(8, 20.0),
        "promised_days": 15.0,
        "rule": stock_rule(),
    } | changed
    return negotiation_sheet(200, {100: 10.0}, np.full(8, 0.05), **arguments).set_index("lever")


def test_worth_of_a_day_and_of_credit_by_hand():
    """A day prepaid: 10 x 0.073 / 365 = 0.002, and a day's lateness 0.01 x 10; over 0.95 good pieces; 30 days of credit: 0.06."""
    table = sheet()
    assert list(table.index) == list(LEVERS)
    assert table.loc["lead_time_day", "worth_per_piece"] == pytest.approx((0.002 + 0.1) / 0.95)
    assert table.loc["credit_30_days", "worth_per_piece"] == pytest.approx(0.06 / 0.95)
    assert table.loc["credit_30_days", "cost_to_supplier"] == pytest.approx(30 * 0.000225 * 10)
    with_terms = sheet(payment=PaymentTerms(0.3, 15))
    assert with_terms.loc["credit_30_days", "worth_per_piece"] == pytest.approx(0.7 * 0.06 / 0.95)


def test_worth_of_a_point_of_defects_by_hand():
    """Cost (C0 + C1 p) / (q (1 - p)) at 5 and at 4 %."""
    fixed, escapes = 200 * 10.0 + 30 + 0.002 * 20 * 200 + 0.01 * 2000 * 5, 200 * 0.5 * 10.0

    def cost(p):
        return (fixed + escapes * p) / (200 * (1 - p))

    assert sheet().loc["defect_point", "worth_per_piece"] == pytest.approx(cost(0.05) - cost(0.04))


def test_a_minimum_that_does_not_bind_is_worth_nothing_and_one_that_does_is():
    free = sheet(demand=DemandNodes.known(20.0, 20.0), order={"terms": DELIVERED}).loc[
        "minimum_tenth", "worth_per_piece"
    ]
    bound = sheet(demand=DemandNodes.known(0.5, 0.5), order={"terms": DELIVERED}).loc[
        "minimum_tenth", "worth_per_piece"
    ]
    assert free == 0.0
    # 182.5 a year in orders of 100 or 90: J = D (30 / q + 10) + 0.125 x 10 q
    assert bound == pytest.approx(max((30 / 100 + 1.25 * 100 / 182.5) - (30 / 90 + 1.25 * 90 / 182.5), 0.0))


def test_nobody_asks_for_less_than_a_minimum_of_one():
    found = negotiation_sheet(
        200, {1: 10.0}, np.full(8, 0.05), costs=COSTS, freight=0.0, lead_time_days=np.full(8, 20.0), rule=stock_rule(),
        demand=DemandNodes.known(20.0, 20.0), order={"terms": DELIVERED},
    ).set_index("lever")  # fmt: skip
    assert np.isnan(found.loc["minimum_tenth", "worth_per_piece"])
    assert worded(found.loc["minimum_tenth", "note"]) == "a lower minimum order: the minimum is one piece already"


def test_a_day_saves_the_stock_that_the_stock_sheet_keeps():
    """Gamma demand of 4 a day with variance 20, a sure lead time of 9 or of 8 days, stock watched without pause: the safety stock at
    the house's service level falls by 0.25 x 10 a year for every piece, over 4 x 365 pieces."""
    demand = DemandNodes.known(4.0, 20.0)
    days = {"lead_time_days": np.full(8, 9.0), "promised_days": None}
    for level in (0.90, 0.99):
        rule = stock_rule(service_level=level, review_days=0.001)
        kept = [reorder_point(t, 4.0, 20.0, service_level=level, review_days=0.001) - 4.0 * t for t in (9.0, 8.0)]
        saved = (kept[0] - kept[1]) * 0.25 * 10 / (4 * 365)
        worth = sheet(**days, demand=demand, rule=rule).loc["lead_time_day", "worth_per_piece"]
        alone = sheet(**days, rule=rule).loc["lead_time_day", "worth_per_piece"]
        assert worth - alone == pytest.approx(saved, rel=1e-3) and saved > 0


def test_what_is_not_known_is_said_on_the_sheet():
    table = sheet(lead_time_days=None, costs=HouseCosts.counting(carrying_rate=0.25))
    assert table["known"].to_dict() == {
        "lead_time_day": False,
        "defect_point": True,
        "minimum_tenth": False,
        "credit_30_days": True,
    }
    note = table.loc["lead_time_day", "note"]
    assert "lead time not known" in worded(note) and "交期未知" in worded(note, "zh")
