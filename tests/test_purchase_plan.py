"""The purchase plan on small tables: who is chosen, how many pieces, and what is said, worked by hand."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from house import read

from analysis.decisions.landed_cost import HouseCosts, make_cost_sheet
from analysis.decisions.landed_cost.freight_history import fit_freight
from analysis.decisions.landed_cost.freight_sources import FreightSources
from analysis.decisions.offers import Offer, Offers, PriceLadder
from analysis.decisions.offers.in_force import REMARK_COLUMNS
from analysis.decisions.offers.incoterms import BUYER_PAYS, DELIVERED
from analysis.decisions.purchase_plan import (
    PLAN_COLUMNS,
    Barred,
    PurchaseRule,
    placed_orders,
    plan_purchases,
    saved_together,
    supplied,
)
from analysis.decisions.sourcing.purchases import barred_in_bulk
from analysis.estimates.draws import Draws
from analysis.reasons import reason
from analysis.reporting.sentences import worded, worded_table
from analysis.rules import rules_in_force
from analysis.sources.tables import empty

AS_OF = pd.Timestamp("2026-10-31")
PRICES = {"old": 10.0, "new": 9.0, "best": 8.0}
RULE = read("purchase_plan", PurchaseRule, horizon_months=6.0, switching_cost=100.0, least_probability=0.6, proven_pieces=20, unproven_months=1.0, trial_pieces=20, capacity_share=1.0, largest_share=1.0, cash_a_month=1e9, bulk_worse_than=0.08, bulk_probability=0.9)  # fmt: skip


def planned(prices=PRICES, grades=None, inspected=None, present=("cup", "old"), on_order=0, demand=100.0, quantity=300, rates=None, minimum=1, terms=DELIVERED, traps=(), **more):  # fmt: skip
    """The plan of one SKU; goods are delivered and, unless `rates` say otherwise, all pieces are good. `minimum` of all, or by supplier."""
    least = minimum if isinstance(minimum, dict) else dict.fromkeys(prices, minimum)
    offers = tuple(
        Offer(
            who,
            "cup",
            PriceLadder.of(price if isinstance(price, dict) else {least[who]: price}),
            terms=terms[who] if isinstance(terms, dict) else terms,
        )
        for who, price in prices.items()
    )
    names = pd.Index(sorted(prices), dtype="str")
    bulk = rates or Draws(names, np.zeros((len(names), 1000)))
    days = Draws(names, np.full((len(names), 1000), 14.0))
    freight = FreightSources(fit_freight(empty("orders")))
    asked = pd.DataFrame({"supplier": list(prices), "sku": "cup", "quantity": quantity})
    sheet = make_cost_sheet(
        Offers(offers, pd.DataFrame(columns=REMARK_COLUMNS)), asked, bulk, days, freight, HouseCosts.counting()
    )
    seen = pd.Series(dict.fromkeys(prices, 50) | (inspected or {}))
    today = pd.Series({present[0]: present[1]}) if present else pd.Series(dtype=str)
    table = plan_purchases(
        sheet, pd.Series({"cup": demand}), pd.Series(grades or {}, dtype=object), seen, today,
        pd.Series({"cup": on_order}), bulk, days, freight, AS_OF, RULE, limit=0.05, longest_days=90.0,
        traps=traps if isinstance(traps, dict) else dict.fromkeys(traps, 0), **more,
    )  # fmt: skip
    assert list(table.columns) == PLAN_COLUMNS and len(table) == 1
    return table.iloc[0]


def test_money_chooses_and_the_saving_is_a_months_demand_times_the_difference():
    row = planned()
    assert (row["action"], row["supplier"], row["present_supplier"], row["backup"]) == ("order", "best", "old", "new")
    assert (row["pieces"], row["unit_price"], row["order_total"]) == (300, 8.0, 2400.0)
    assert row["saving_per_month"] == row["saving_low"] == row["saving_high"] == 200.0 and row["p_saving"] == 1.0
    assert row["demand_per_month"] == 100.0 and row["cost_per_good_piece"] == 8.0 and row["p_over_limit"] == 0.0
    assert row["expected_by"] == pd.Timestamp("2026-11-15")  # ordered on 1 November, 14 days
    moved, would_change = worded(row["reason"]).split(". ")
    assert moved == "Move from old to best: saves 200 a month, with a chance of >99%"
    assert would_change == "It would be new if that one's price fell below 8.00."
    assert (row["change_supplier"], row["change_price"]) == ("new", 8.0)


def test_savings_of_one_supplier_come_true_together_and_those_of_two_even_out():
    """Of 100 and 200 pieces a month each of two moves saves 2 a piece or loses 1, as the draw says."""
    costs = {
        ("old", "cup"): [10.0, 10.0],
        ("old", "pan"): [10.0, 10.0],
        ("best", "cup"): [8.0, 11.0],
        ("best", "pan"): [8.0, 11.0],
    }

    def saving():
        told = {key: np.repeat(each, 500) for key, each in costs.items()}
        sheet = SimpleNamespace(row=lambda name, sku: SimpleNamespace(cost=SimpleNamespace(draws=told[name, sku])))
        plan = pd.DataFrame(
            {"sku": ["cup", "pan", "tin"], "present_supplier": "old", "supplier": ["best", "best", "old"]}
        )
        plan["rest_supplier"] = None
        plan = plan.assign(demand_per_month=[100.0, 200.0, 300.0], saving_per_month=[50.0, 100.0, 0.0])
        return saved_together(plan, sheet, 0.9).to_dict("records")

    assert saving() == [
        {"changes": 2, "saving_per_month": 150.0, "saving_low": -300.0, "saving_high": 600.0, "p_saving": 0.5}
    ]
    costs["best", "pan"] = [11.0, 8.0]  # that one disappoints where the other does not
    assert saving() == [
        {"changes": 2, "saving_per_month": 150.0, "saving_low": 0.0, "saving_high": 300.0, "p_saving": 0.5}
    ]
    costs["best", "cup"] = costs["best", "pan"] = [8.5, 8.5]
    assert saving()[0]["saving_low"] == saving()[0]["saving_high"] == 150.0


def test_a_minimum_covers_the_days_in_which_it_is_sold_and_every_sentence_says_so():
    """100 a month until the next order comes, 50 a month while it is sold: 200 pieces are 122 days of that, and not 61."""
    row = planned({"old": 8.0, "best": 10.0}, minimum={"old": 200, "best": 1}, lasting=pd.Series({"cup": 50.0}))
    told = worded(row["reason"])
    assert row["supplier"] == "best" and told.count("122 days of demand") == 2 and "month" not in told
    assert "122 天需求" in worded(row["reason"], "zh")
    alone = planned(minimum=200, lasting=pd.Series({"cup": 50.0}))
    assert "covers 122 days of demand" in worded(alone["reason"])


def test_a_minimum_that_nobody_can_sell_is_named_and_no_quote_is_asked_for():
    row = planned({}, present=None, demand=0.5, too_large={"cup": 50})
    told = worded(row["reason"])
    assert (row["action"], row["pieces"]) == ("nobody", 0) and "ask for quotes" not in told
    assert "the smallest minimum on offer, 50 pieces, covers 100 months of what is sold (0.5 a month)" in told
    assert "起订量 50 件可供 100 个月" in worded(row["reason"], "zh")
    assert "ask for quotes" in worded(planned({}, present=None, too_large={"pan": 50})["reason"])


def test_what_may_be_held_is_reckoned_while_it_is_sold():
    """90 days of 50 a month are 147 pieces, 100 of which are on the road; of 100 a month they are 295."""
    assert planned(on_order=100, lasting=pd.Series({"cup": 50.0}))["pieces"] == 47
    assert planned(on_order=100)["pieces"] == 195


def test_grade_c_is_never_bought_from_and_today_is_left_if_it_is_c():
    row = planned(grades={"best": "C", "old": "C", "new": "B"})
    assert row["supplier"] == "new" and "old, today's supplier, is grade C" in worded(row["reason"])
    none = planned(grades=dict.fromkeys(PRICES, "C"))
    assert (none["action"], none["pieces"]) == ("nobody", 0) and pd.isna(none["supplier"])
    assert "each of the 3 suppliers" in worded(none["reason"])


def test_nobody_moves_for_a_price_that_is_too_low_to_believe_while_there_is_another():
    """ "best" is a trap; today's supplier is bought from already, and an SKU of which nothing else is on offer is still tried."""
    row = planned(
        traps={("best", "cup")}, minimum={"old": 1, "new": 1, "best": 150}
    )  # more than a month's demand is no trial
    assert (row["action"], row["supplier"], row["backup"]) == ("order", "new", "old") and row[
        "change_supplier"
    ] == "old"
    assert "best is not bought from at 8.00" in worded(row["reason"]) and "best" in worded(row["reason"], "zh")
    assert planned(traps={("best", "cup")}, present=("cup", "best"))["supplier"] == "best"
    assert planned({"best": 8.0}, traps={("best", "cup")}, present=None)["action"] == "order"
    assert planned(traps={("best", "pan")})["supplier"] == "best"
    barred = Barred(0.08, {"old": 0.97, "new": 0.97})
    alone = planned(traps={("best", "cup")}, barred=barred)
    assert (alone["action"], alone["supplier"]) == ("order", "best")  # nothing else may be bought
    dear = planned({"old": 10.0, "best": 12.0}, traps={("best", "cup")})
    assert dear["supplier"] == "old" and "best" not in worded(dear["reason"])


def test_a_price_too_low_to_believe_is_tried_where_it_would_pay_beside_what_is_needed():
    """20 pieces of "best" at 8.00, and of the 300 that are wanted 280 of "new" at 9.00."""
    row = planned(traps={("best", "cup")}, inspected={"best": 400})
    assert (row["action"], row["supplier"], row["pieces"], row["order_total"]) == ("trial_first", "best", 20, 160.0)
    assert (row["rest_supplier"], row["rest_pieces"], row["rest_price"], row["rest_total"]) == ("new", 280, 9.0, 2520.0)
    assert row["rest_by"] == pd.Timestamp("2026-11-15")
    told = worded(row["reason"])
    assert "best asks 8.00, too far below the market to believe" in told and "the rest from new" in told
    assert "Only" not in told and "best报价 8.00" in worded(row["reason"], "zh")
    least = planned(traps={("best", "cup")}, minimum={"old": 1, "new": 295, "best": 1})
    assert (least["pieces"], least["rest_pieces"]) == (20, 295)
    settled = planned(
        traps={("best", "cup"): 36}
    )  # 4 pieces were paid as quoted: 36 more bear it out, so 20 would settle nothing
    assert (settled["action"], settled["pieces"], settled["rest_pieces"]) == ("trial_first", 36, 264)
    assert planned(traps={("best", "cup"): 400})["pieces"] == 100  # a month's demand
    worthless = planned({"old": 10.0, "best": 9.85}, traps={("best", "cup")})  # 6 months x 100 x 0.15 = 90 < 100
    assert (worthless["action"], worthless["supplier"]) == ("order", "old")
    coming = planned(traps={("best", "cup")}, on_order=20, awaited={("best", "cup")})  # its trial is on the road
    assert (coming["action"], coming["supplier"]) == ("order", "new")
    grade_c = planned(traps={("best", "cup")}, grades={"best": "C"})
    assert (grade_c["action"], grade_c["supplier"]) == ("order", "new")
    unseen = planned(traps={("best", "cup")}, inspected={"new": 0, "old": 0}, present=None)
    assert (unseen["supplier"], unseen["action"]) == ("new", "trial_first") and pd.isna(unseen["rest_supplier"])


def test_a_trial_does_not_wait_for_the_shelf_to_be_empty():
    """146 pieces on the road are enough for now: the trial is ordered alone, so that it is known when the next order is due."""
    held = planned(traps={("best", "cup")}, on_order=146)
    assert (held["action"], held["supplier"], held["pieces"], held["order_total"]) == ("trial_first", "best", 20, 160.0)
    assert held["rest_supplier"] == "new" and held[["rest_pieces", "rest_total", "rest_by"]].isna().all()
    assert held["saving_per_month"] == 100.0  # of whom it is bought from meanwhile
    told = worded(held["reason"])
    assert "Nothing of new beside it now: 146 pieces" in told and "Order nothing now" not in told
    assert "现有及在途 146 件" in worded(held["reason"], "zh")
    orders = placed_orders(held.to_frame().T)
    assert orders["supplier"].tolist() == ["best"] and supplied(held.to_frame().T)["supplier"].tolist() == ["new"]
    full = planned(traps={("best", "cup")}, on_order=600)  # what is there lasts as long as the trial counts
    assert (full["action"], full["pieces"]) == ("hold", 0) and pd.isna(full["rest_supplier"])
    coming = planned(traps={("best", "cup")}, on_order=146, awaited={("best", "cup")})
    assert coming["action"] == "hold"


def test_the_orders_of_a_plan_are_its_rows_and_what_is_bought_beside_a_trial():
    plan = pd.DataFrame([planned(traps={("best", "cup")}), planned(on_order=146), planned()]).reset_index(drop=True)
    found = placed_orders(plan)
    assert found[["supplier", "pieces", "order_total", "action"]].values.tolist() == [
        ["best", 20, 160.0, "trial_first"], ["new", 280, 2520.0, "order"], ["best", 300, 2400.0, "order"],
    ]  # fmt: skip
    assert set(found["expected_by"]) == {pd.Timestamp("2026-11-15")} and not set(found) & {
        "rest_supplier",
        "rest_pieces",
    }


def test_who_is_too_bad_in_bulk_is_out_and_the_reason_says_so():
    row = planned(barred=Barred(0.08, {"best": 0.97}))
    assert (row["supplier"], row["backup"]) == ("new", "old")
    assert (
        "best is not bought from: its bulk is worse than what won the order, and more than 8% of its next bulk pieces are defective with 97%"
        in worded(row["reason"])
    )
    assert planned(barred=Barred(0.08, dict.fromkeys(PRICES, 0.9)))["action"] == "nobody"


@pytest.mark.parametrize(
    ("old", "new", "supplier"), [(0.45, 0.0, "new"), (0.45, 0.55, "old"), (0.55, 0.55, None), (0.55, 0.45, "new")]
)
def test_nobody_dearer_and_as_bad_takes_the_place_of_who_is_out_for_its_bulk(old, new, supplier):
    """Rates of 20 % with the probabilities given, else none; "best", which is out, is the cheapest."""
    likely = {"best": 0.1, "new": new, "old": old}
    worlds = np.arange(1000) / 1000
    rates = Draws(
        pd.Index(sorted(likely)), np.stack([np.where(worlds < likely[name], 0.2, 0.0) for name in sorted(likely)])
    )
    row = planned(rates=rates, barred=Barred(0.08, {"best": 0.97}, 0.5))
    assert (None if pd.isna(row["supplier"]) else row["supplier"]) == supplier
    if supplier is None:
        assert row["action"] == "nobody" and "bulk of best is worse than what won the order" in worded(row["reason"])
        assert "above 8% defective" in worded(row["reason"]) and "best的大货" in worded(row["reason"], "zh")


def test_who_is_cheaper_than_who_is_out_is_for_money_to_judge():
    rates = Draws(pd.Index(sorted(PRICES)), np.repeat([[0.10], [0.10], [0.30]], 1000, axis=1))
    assert planned(rates=rates, barred=Barred(0.08, {"old": 1.0}, 0.5))["supplier"] == "best"


@pytest.mark.parametrize(
    ("trial", "bulk", "out"),
    [
        ((2, 200), (18, 100), True),  # what won the order was far better
        ((36, 200), (18, 100), False),  # as bad as it ever was: its cost says so
        ((0, 0), (18, 100), False),  # nothing was seen before, so that nothing is worse
        ((0, 200), (6, 100), False),  # worse, and still under 8 %
        ((0, 200), (3, 10), False),  # ten pieces are not enough
    ],
)
def test_out_is_whose_bulk_is_worse_than_what_won_the_order(trial, bulk, out):
    lines = [
        {"order_id": stage, "line_no": 1, "supplier": "S", "sku": "cup", "stage": stage} for stage in ("trial", "bulk")
    ]
    seen = [
        {"order_id": stage, "line_no": 1, "inspected_on": AS_OF, "defective": x, "inspected": n}
        for stage, (x, n) in {"trial": trial, "bulk": bulk}.items()
        if n
    ]
    tables = {
        name: pd.DataFrame(rows).reindex(columns=empty(name).columns).astype(empty(name).dtypes.to_dict())
        for name, rows in {"orders": lines, "inspections": seen}.items()
    }
    believed = np.full((1, 100), bulk[0] / bulk[1])
    basis = SimpleNamespace(defect_rates=Draws(pd.Index(["S"]), believed), lot_correlation=0.02)
    found = barred_in_bulk(basis, tables, rules_in_force("example", "2026-10"))
    assert dict(found.chance) == ({"S": 1.0} if out else {}) and found.worse_than == 0.08


@pytest.mark.parametrize(("price", "supplier"), [(9.84, "old"), (9.82, "best")])
def test_a_change_must_pay_for_itself(price, supplier):
    """6 months x 100 pieces x 0.16 = 96 < 100, the cost of changing; x 0.18 = 108 > 100."""
    row = planned(prices={"old": 10.0, "best": price})
    assert row["supplier"] == supplier
    assert (row["saving_per_month"] == 0.0) == (supplier == "old")


def test_a_change_must_be_likely_to_pay():
    """Better on average, worse in more than half of the worlds: 45 % at a rate of 0, 55 % at 12 %."""
    worlds = np.where(np.arange(1000) < 450, 0.0, 0.12)
    rates = Draws(pd.Index(["best", "old"], dtype="str"), np.stack([worlds, np.full(1000, 0.10)]))
    row = planned(prices={"old": 10.0, "best": 10.0}, rates=rates, demand=10_000.0)
    assert row["supplier"] == "old" and "does not pay" in worded(row["reason"])
    assert row["p_over_limit"] == 1.0


def test_a_thin_record_gets_a_month_and_an_unseen_supplier_a_trial():
    thin = planned(inspected={"best": 5})
    assert (thin["action"], thin["pieces"], thin["order_total"]) == ("order", 100, 800.0)
    assert "Only 5 of its pieces" in worded(thin["reason"])
    unseen = planned(inspected={"best": 0})
    assert "Try best first with 20 pieces, all of them inspected, the rest from new" in worded(unseen["reason"])
    assert (unseen["action"], unseen["pieces"]) == ("trial_first", 20)
    assert (unseen["rest_supplier"], unseen["rest_pieces"]) == ("new", 280)
    assert planned(inspected={"best": 0}, minimum=60)["pieces"] == 60  # its minimum order


def test_with_enough_on_the_road_nothing_is_ordered():
    """An order of next month takes 30.4 + 14 days: 146 pieces of 100 a month last 44.4 days, 145 do not."""
    row = planned(on_order=146)
    assert (row["action"], row["pieces"], row["order_total"], row["supplier"]) == ("hold", 0, 0.0, "best")
    assert pd.isna(row["expected_by"]) and "146 pieces are on the road (the shelf was not counted)" in worded(
        row["reason"]
    )
    row = planned(on_order=146, counted={"cup": pd.Timestamp("2026-03-31")})
    assert row["action"] == "hold"
    assert "146 pieces are on hand (counted 2026-03-31) or on the road" in worded(row["reason"])
    row = planned(on_order=146, overdue={"cup": 40.0, "lid": 5.0})
    assert row["action"] == "hold" and "40 of these pieces are past the day promised" in worded(row["reason"])
    row = planned(on_order=145)
    assert (row["action"], row["pieces"]) == ("order", 150)  # 90 days are 295 pieces, and 145 are on the road


def test_a_few_pieces_more_are_ordered_where_their_price_step_costs_no_more_in_all():
    """90 days are 295 pieces, of which 100 are there: 195 at 8.00 are 1,560, and 200 at 7.50 are 1,500; 210 at 7.50 are 1,575, more."""
    assert planned({"best": {1: 8.0, 200: 7.5}}, present=None, on_order=100)[["pieces", "order_total"]].tolist() == [
        200,
        1500.0,
    ]
    assert planned({"best": {1: 8.0, 210: 7.5}}, present=None, on_order=100)["pieces"] == 195
    assert planned({"best": {1: 8.0, 200: 7.5}}, present=None, on_order=100)["action"] == "order"


def test_a_shelf_that_is_empty_before_the_goods_come_is_told():
    """23 pieces of 100 a month last 7 days, and the goods take 14: 23 are missing. Of 46 none are, and of what nobody counted nobody knows."""
    counted = {"cup": pd.Timestamp("2026-10-31")}
    told = planned(on_order=23, counted=counted)["reason"]
    assert "lasts 7 days and this order takes 14: about 23 pieces will be missing" in worded(told)
    assert "预计缺约 23 件" in worded(told, "zh")
    for row in (planned(on_order=46, counted=counted), planned(on_order=23), planned(on_order=146, counted=counted)):
        assert "missing" not in worded(row["reason"])


def test_what_never_left_is_told_and_not_counted_on():
    row = planned(on_order=100, never_sent={"cup": 60, "lid": 5})
    assert row["pieces"] == 195 and "60 more pieces were never shipped" in worded(row["reason"])
    assert "60 件逾期已久且从未发货" in worded(row["reason"], "zh")


def test_nobody_is_tried_again_before_its_first_goods_were_looked_at():
    """ "best" was never inspected: it is tried first, unless goods of it are on the road and somebody else is known."""
    assert planned(inspected={"best": 0})["action"] == "trial_first"
    row = planned(inspected={"best": 0}, awaited={("best", "cup"), ("new", "lid")})
    assert (row["action"], row["supplier"]) == ("order", "new") and "best may cost less; its first goods are on the road" in worded(row["reason"])  # fmt: skip
    known = planned(awaited={("best", "cup")})  # a reorder of who is known
    assert known["supplier"] == "best" and "on the road" not in worded(known["reason"])
    alone = planned({"best": 8.0}, inspected={"best": 0}, present=None, awaited={("best", "cup")})
    assert alone["supplier"] == "best"


def test_who_is_out_for_its_bulk_stands_in_a_column_of_its_own():
    assert planned(barred=Barred(0.08, {"best": 0.97, "other": 0.9}))["out_for_bulk"] == "best"
    assert planned(barred=Barred(0.08, dict.fromkeys(PRICES, 0.9)))["out_for_bulk"] == "best; new; old"
    assert pd.isna(planned()["out_for_bulk"])


def test_what_sells_no_more_is_not_ordered_and_what_sells_below_its_cost_is_told():
    why = reason("purchase_plan.stopped", empty=4, sold=3, noted=3)
    row = planned(waits={"cup": why})
    assert (row["action"], row["pieces"]) == ("hold", 0) and pd.isna(row["supplier"])
    assert worded(row["reason"]).startswith("Order nothing now: none was sold in the last 4 months")
    row = planned(selling={"cup": 7.5, "lid": 0.1})
    assert row["action"] == "order" and "costs 8.00 and sells at 7.50, 0.50 less" in worded(row["reason"])
    assert "loses money" not in worded(planned(selling={"cup": 8.5})["reason"])


def test_an_offer_that_cannot_be_reckoned_with_is_named_beside_the_answer():
    why = reason("purchase_plan.offer_refused", supplier="fourth", why=reason("costs.ladder_rises", prices="2, 3"))
    assert "The offer of fourth is left out: the price rises" in worded(planned(refused={"cup": [why]})["reason"])
    nobody = planned(grades=dict.fromkeys(PRICES, "C"), refused={"cup": [why]})
    assert nobody["action"] == "nobody" and "fourth" in worded(nobody["reason"])


def test_what_is_not_known_is_missing_not_zero():
    row = planned(present=None)
    assert row["supplier"] == "best" and np.isnan(row["saving_per_month"]) and np.isnan(row["p_saving"])
    unknown = planned(demand=np.nan)
    assert (unknown["action"], unknown["present_supplier"]) == ("hold", "old")
    assert unknown[["cost_per_good_piece", "saving_per_month", "demand_per_month"]].isna().all()


def test_a_cost_that_is_not_known_in_full_is_no_reason_to_change():
    """Nobody was ever inspected: all costs lack the defect rate, so today's supplier stays and no cost is printed."""
    unknown = Draws(pd.Index(sorted(PRICES), dtype="str"), np.full((3, 1000), np.nan))
    row = planned(rates=unknown, inspected=dict.fromkeys(PRICES, 0))
    assert (row["action"], row["supplier"], row["pieces"]) == ("order", "old", 100)  # it is known, but a month at most
    assert row[["cost_per_good_piece", "cost_low", "p_over_limit"]].isna().all() and row["saving_per_month"] == 0.0
    assert "its cost lacks" in worded(row["reason"])
    assert "In what is known of both, best costs 2.00 a piece less" in worded(row["reason"])
    assert planned(rates=unknown, present=None)["supplier"] == "best"
    cheapest = planned(rates=unknown, inspected=dict.fromkeys(PRICES, 0), present=("cup", "best"))
    assert "what is known" not in worded(cheapest["reason"])


def test_a_freight_that_nobody_knows_is_not_zero():
    row = planned({"old": 10.0}, terms=BUYER_PAYS)
    assert (row["supplier"], row["pieces"], row["unit_price"]) == ("old", 300, 10.0) and np.isnan(row["order_total"])
    assert "its cost lacks freight" in worded(row["reason"])


def test_a_freight_that_is_not_known_of_both_does_not_decide_between_them():
    row = planned(terms=BUYER_PAYS)
    assert (row["supplier"], row["pieces"]) == ("best", 300) and row[["order_total", "p_saving"]].isna().all()
    told = worded(row["reason"])
    assert (
        "Move from old to best: saves 200 a month in what is known of both, with a chance of >99%; of old, freight is not known"
        in told
    )
    assert "old的运费未知" in worded(row["reason"], "zh")
    free = planned(
        {"old": 10.0, "best": 9.5}, terms={"old": BUYER_PAYS, "best": DELIVERED}
    )  # freight would make old dearer still
    assert free["supplier"] == "best"
    unknown = planned({"old": 10.0, "best": 9.5}, terms={"old": DELIVERED, "best": BUYER_PAYS})
    assert unknown["supplier"] == "old"
    dear = planned({"old": 10.0, "best": 10.5}, terms=BUYER_PAYS)
    assert dear["supplier"] == "old" and "its cost lacks freight" in worded(dear["reason"])


def test_reasons_are_sentences_in_both_languages():
    rows = [planned(), planned(on_order=300), planned(inspected={"best": 0}), planned(grades=dict.fromkeys(PRICES, "C")), planned(demand=np.nan)]  # fmt: skip
    table = pd.DataFrame(rows)
    for language in ("en", "zh"):
        assert not worded_table(table, language)["reason"].str.contains(r"[{}]").any()
