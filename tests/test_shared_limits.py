"""What several SKUs of a plan share: capacity, shares of the spend, cash, a batch's minimum; what a trial is worth. By hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from house import read

from analysis.decisions.landed_cost import HouseCosts, make_cost_sheet
from analysis.decisions.landed_cost.freight_history import fit_freight
from analysis.decisions.landed_cost.freight_sources import FreightSources
from analysis.decisions.offers import Offer, Offers, PriceLadder
from analysis.decisions.offers.in_force import REMARK_COLUMNS
from analysis.decisions.offers.incoterms import DELIVERED
from analysis.decisions.purchase_plan import PurchaseRule, plan_purchases
from analysis.decisions.purchase_plan.trying import worth_of_trying
from analysis.estimates.draws import Draws
from analysis.reporting.sentences import worded, worded_table
from analysis.sources.tables import empty

AS_OF = pd.Timestamp("2026-10-31")
RULE = read("purchase_plan", PurchaseRule, horizon_months=6.0, switching_cost=0.0, capacity_share=1.0, largest_share=1.0, cash_a_month=1e9)  # fmt: skip
PRICES = {("A", "cup"): 10.0, ("B", "cup"): 11.0, ("A", "pan"): 20.0, ("B", "pan"): 21.0}
"""A is cheaper by 1 CNY in both; 100 pieces a month of each, ordered for three months."""


def plan(
    rule=RULE,
    minimum=1,
    mixed=(),
    capacity=None,
    rates=None,
    inspected=500,
    prices=PRICES,
    mixes=False,
    road=(),
    took=(),
):
    offers = [
        Offer(who, sku, PriceLadder((minimum,), (price,)), terms=DELIVERED, mixed_batch=mixes and who == "A")
        for (who, sku), price in prices.items()
    ]
    names = pd.Index(sorted({who for who, _ in prices}), dtype="str")
    bulk = rates or Draws(names, np.zeros((len(names), 400)))
    days = Draws(names, np.array([[dict(took).get(who, 14.0)] * 400 for who in names]))
    freight, costs = FreightSources(fit_freight(empty("orders"))), HouseCosts.counting()
    known = Offers(tuple(offers), pd.DataFrame(columns=REMARK_COLUMNS))
    own = pd.DataFrame(
        [(o.supplier, o.sku, max(300, minimum)) for o in offers], columns=["supplier", "sku", "quantity"]
    )
    sheet = make_cost_sheet(known, own, bulk, days, freight, costs)
    parts = ()
    if mixed:
        alone = tuple(replace(o, ladder=PriceLadder((1,), o.ladder.prices)) for o in offers if o.supplier == "A")
        part = make_cost_sheet(
            replace(known, offers=alone), own.assign(quantity=own["sku"].map(mixed)), bulk, days, freight, costs
        )
        parts = tuple(replace(r, offer=replace(r.offer, ladder=PriceLadder((minimum,), r.offer.ladder.prices))) for r in part.rows)  # fmt: skip
    seen = pd.Series(dict.fromkeys(names, 500) | ({} if isinstance(inspected, int) else inspected))
    table = plan_purchases(
        sheet, pd.Series({"cup": 100.0, "pan": 100.0}), pd.Series(dtype=object), seen, pd.Series(dtype=str), pd.Series(dict(road), dtype=float),
        bulk, days, freight, AS_OF, rule, limit=0.05, longest_days=92.0, mixed=parts, capacity=capacity,
    )  # fmt: skip
    for language in ("en", "zh"):
        assert not worded_table(table, language)["reason"].str.contains(r"[{}]").any()
    return table.set_index("sku").assign(reason=table["reason"].map(worded).to_numpy())


def test_without_a_limit_each_sku_is_bought_where_it_costs_least():
    assert plan()["supplier"].tolist() == ["A", "A"] and plan()["pieces"].tolist() == [300, 300]


def test_a_capacity_moves_what_is_cheapest_to_move_and_the_reason_names_it():
    """100 cups and 100 pans of A are 3,000 CNY a month; it sold for 2,500 in 30 days. Either costs 100 a month more at B: the
    limit is kept by moving one of them, and a capacity of 900 leaves A neither."""
    found = plan(capacity=pd.Series({"A": 2500.0}))
    assert sorted(found["supplier"]) == ["A", "B"]
    moved = found.loc[found["supplier"] == "B", "reason"].item()
    assert (
        "A would cost less, but a month's need from it would be 3,000" in moved and "it can make 2,500 at most" in moved
    )
    assert plan(capacity=pd.Series({"A": 900.0}))["supplier"].tolist() == ["B", "B"]
    half = replace(RULE, capacity_share=0.5)  # of 5,000
    assert plan(half, capacity=pd.Series({"A": 5000.0}))["supplier"].tolist() == found["supplier"].tolist()


def test_a_capacity_that_nobody_else_can_take_over_is_told_not_kept():
    only = {key: price for key, price in PRICES.items() if key[0] == "A"}
    found = plan(prices=only, capacity=pd.Series({"A": 2500.0}))
    assert (found["supplier"] == "A").all() and found["reason"].str.contains("Ask before ordering").all()


def test_who_is_moved_gets_what_the_new_supplier_takes_to_come_and_the_road_leaves():
    """A can make 900 a month: both go to B. 92 days are 302 pieces; with 140 cups on the road (43 days, A and B take 14 + 30) 162 are
    left. 200 on the road (61 days) are enough for A's 14 days, but not for B's 60: 102 are left, and due in 60 days."""
    cap = pd.Series({"A": 900.0})
    assert plan(capacity=cap, road={"cup": 140.0})["pieces"].to_dict() == {"cup": 162, "pan": 300}
    assert plan(road={"cup": 200.0}).loc["cup", "action"] == "hold"
    moved = plan(capacity=cap, road={"cup": 200.0}, took={"B": 60.0}).loc["cup"]
    assert moved[["supplier", "action", "pieces", "order_total"]].tolist() == ["B", "order", 102, 1122.0]
    still = plan(capacity=cap, road={"cup": 200.0}).loc["cup"]
    assert still[["supplier", "action", "pieces"]].tolist() == ["B", "hold", 0] and pd.isna(still["expected_by"])


def test_what_a_slower_supplier_makes_necessary_counts_against_the_months_cash():
    """As above, 102 cups of B are 1,122 and its pans 6,300: with 2,200 in cash, a month of pans (2,100) and no cups."""
    found = plan(
        replace(RULE, cash_a_month=2200.0), capacity=pd.Series({"A": 900.0}), road={"cup": 200.0}, took={"B": 60.0}
    )
    assert found["pieces"].to_dict() == {"cup": 0, "pan": 100} and found["order_total"].sum() == 2100.0
    assert found["action"].to_dict() == {"cup": "hold", "pan": "order"}


def test_no_supplier_has_more_than_its_share():
    """Pans are two thirds of the spend, whoever sells them: with 0.7 allowed, one SKU goes to B, with 0.6 no way keeps it."""
    found = plan(replace(RULE, largest_share=0.7))
    moved = found[found["supplier"] == "B"]
    assert len(moved) == 1
    told = "A would cost less, but would then have 100% of a month's purchases; the house allows 70%"
    assert told in moved["reason"].item()
    assert plan(replace(RULE, largest_share=0.6))["reason"].str.contains("but nobody else can take it over").any()


def test_cash_buys_a_month_or_waits():
    """All orders are 3,000 + 6,000 CNY. A month costs the same a piece as three (one price, no cost of an order): six months are 6,000 of
    cups and 12,000 of pans either way, 18,000. A month not bought loses 1,000 of cups or 2,000 of pans. With 6,000 of cash, cups and pans
    of either size but 300 pans (6,000) with any cups are 18,000: of those, all cups (3,000) and a month of pans (2,000) leave out least,
    4,000. With 2,500 a month of one of them: pans, for 19,000 against 20,000; with 1,500 a month of pans is too much, and cups are bought."""
    some = plan(replace(RULE, cash_a_month=6000.0))
    assert some["pieces"].to_dict() == {"cup": 300, "pan": 100}
    assert some["order_total"].to_dict() == {"cup": 3000.0, "pan": 2000.0}
    assert some["reason"].str.contains("all orders of the month would come to 9,000, and the house has 6,000").any()
    little = plan(replace(RULE, cash_a_month=2500.0))
    assert little["action"].to_dict() == {"cup": "hold", "pan": "order"} and little.loc["pan", "pieces"] == 100
    least = plan(replace(RULE, cash_a_month=1500.0))
    assert least["action"].to_dict() == {"cup": "order", "pan": "hold"} and least.loc["cup", "pieces"] == 100
    assert little.loc["cup", "reason"].startswith("Order nothing now: all orders of the month would come to 9,000")


def test_one_batch_reaches_the_minimum_that_no_sku_reaches_alone():
    """A sells 500 at least, five months of either; 250 of each are 500 together. Where all that is wanted of both does not reach it, one
    of them has to, and the other goes with it."""
    found = plan(minimum=500, mixed={"cup": 250, "pan": 250}, mixes=True)
    assert (found["supplier"] == "A").all() and found["pieces"].tolist() == [250, 250]
    told = "500 pieces for 7,500, together above the minimum of 500; each ordered alone, 15,000"
    assert found["reason"].str.contains(told).all()
    short = plan(minimum=500, mixed={"cup": 150, "pan": 150}, mixes=True)
    assert sorted(short["pieces"]) == [150, 500] and (short["supplier"] == "A").all()
    assert "Its minimum of 500 pieces covers 152 days" in short.loc[short["pieces"] == 500, "reason"].item()
    assert "650 pieces" in short.loc[short["pieces"] == 150, "reason"].item()


def test_a_trial_is_worth_what_it_changes():
    """Half the worlds all good (saves 1 a piece), half 50 % bad (loses 3). 20 pieces tell which; 1 piece finds a defect in half of the bad."""
    saving, rates = np.repeat([1.0, -3.0], 200), np.repeat([0.0, 0.5], 200)
    assert worth_of_trying(saving, rates, 20, 100.0, 6.0, 0.0) == pytest.approx(20 * -1 + 500 * 0.5, abs=0.1)
    one = -1 + 500 * max(0.5 * 1 - 0.25 * 3, 0.0)
    assert worth_of_trying(saving, rates, 1, 100.0, 6.0, 0.0) == pytest.approx(one)
    alike = worth_of_trying(saving, rates, 20, 100.0, 6.0, 1.0)  # twenty pieces that are all alike say what one does
    assert alike == pytest.approx(one - 19)


def test_who_was_never_inspected_is_tried_only_where_that_may_change_enough():
    known = {"A": 0}
    tried = plan(inspected=known)
    assert (tried["action"] == "trial_first").all() and (tried["supplier"] == "A").all()
    near = {**PRICES, ("A", "cup"): 10.99, ("A", "pan"): 20.99}
    left = plan(replace(RULE, switching_cost=50.0), inspected=known, prices=near)  # 6 months x 100 x 0.01 = 6 CNY
    assert (left["action"] == "order").all() and (left["supplier"] == "B").all()
    assert left["reason"].str.contains("but a trial of 20 pieces is worth only").all()
