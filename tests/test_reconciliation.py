"""Reconciliation: a hand-made ledger with one difference of every reason, and links that always add up to the sum paid."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from examples import examples
from house import changed, house_rules
from hypothesis import given
from hypothesis import strategies as st

from analysis.decisions.sourcing.differences import (
    DIFFERENCE_COLUMNS,
    REASONS,
    Tolerances,
    open_differences,
    tolerances,
)
from analysis.decisions.sourcing.payment_chain import chain_of
from analysis.decisions.sourcing.reconciliation import reconcile
from analysis.errors import RuleError
from analysis.reporting.sentences import worded_in_both
from analysis.sources.tables import TABLES, empty

AS_OF = pd.Timestamp("2026-10-31")
LIMITS = Tolerances(price_share=0.005, amount=0.05, late_days=0, missing_days=15, duplicate_days=3)


def day(text):
    return pd.Timestamp(f"2026-{text}")


def line(number, **changed):
    """A faultless line: 100 pieces at 9.00 as quoted, freight 50, nothing off, in time; `changed` makes its fault."""
    row = {
        "order_id": f"O{number}", "line_no": 1, "supplier": "S", "sku": f"A{number}", "category": "bags", "stage": "trial",
        "ordered_on": day("06-01"), "paid_on": day("06-01"), "promised_on": day("06-20"), "received_on": day("06-18"),
        "quantity": 100, "unit_price": 9.0, "goods_amount": 900.0, "freight": 50.0, "duty": 0.0, "discount": 0.0,
        "paid_amount": 950.0, "transport_mode": "express", "status": "received",
    }  # fmt: skip
    return row | changed


def quote(number, **changed):
    """10.00 from 1, 9.00 from 100; freight is the buyer's."""
    row = {
        "quote_id": f"Q{number}",
        "supplier": "S",
        "sku": f"A{number}",
        "quoted_on": day("05-01"),
        "freight_terms": "买家承担",
    }
    row |= {"valid_until": day("12-31")} | changed
    return [row | {"min_quantity": q, "unit_price": p} for q, p in ((1, 10.0), (100, 9.0))]


def table(name, rows):
    """A canonical table with these rows, missing cells empty."""
    frame = pd.DataFrame(rows, columns=TABLES[name].names()) if rows else empty(name)
    for column in TABLES[name].columns:
        if column.kind in ("count",):
            frame[column.name] = frame[column.name].astype("Int64")
        elif column.kind == "date":
            frame[column.name] = pd.to_datetime(frame[column.name])
        elif column.kind in ("money", "number"):
            frame[column.name] = frame[column.name].astype(float)
    return frame


def tables(orders, quotes=None, inspections=(), returns=()):
    quotes = [row for part in ([quote(o["sku"][1:]) for o in orders] if quotes is None else quotes) for row in part]
    return {
        "orders": table("orders", orders), "quotes": table("quotes", quotes),
        "inspections": table("inspections", list(inspections)), "returns": table("returns", list(returns)),
    }  # fmt: skip


def test_a_faultless_line_has_no_difference():
    found = reconcile(tables([line(1)]), AS_OF, LIMITS)
    assert list(found.columns) == DIFFERENCE_COLUMNS and found.empty
    assert open_differences(found).empty


def test_what_is_still_to_be_paid_of_goods_on_the_road_is_no_difference():
    """A deposit, or nothing at all (on credit, on delivery); paid too much is one, and a short payment of goods received."""
    road = {
        "status": "open",
        "received_on": pd.NaT,
        "promised_on": day("11-20"),
        "ordered_on": day("10-20"),
        "paid_on": pd.NaT,
    }
    for paid, found in ((285.0, []), (0.0, []), (1000.0, ["freight"])):
        rows = reconcile(tables([line(1, **road, paid_amount=paid)]), AS_OF, LIMITS)
        assert rows["reason"].tolist() == found
    assert reconcile(tables([line(1, paid_amount=285.0)]), AS_OF, LIMITS)["difference"].tolist() == [-665.0]


@pytest.mark.parametrize(
    ("terms", "due"), [({"credit_days": 30}, True), ({"credit_days": 60}, False), ({"payment_terms": "月结，每月25号"}, False), ({"payment_terms": "货到付款"}, True)]
)  # fmt: skip
def test_what_a_quote_grants_credit_for_is_no_difference_before_it_is_due(terms, due):
    """Received on 18 September and not paid by the end of October: due after 30 days, not after 60."""
    bought = line(
        1, received_on=day("09-18"), promised_on=day("09-20"), ordered_on=day("09-01"), paid_on=pd.NaT, paid_amount=0.0
    )
    rows = reconcile(tables([bought], [quote(1, **terms)]), pd.Timestamp("2026-10-20"), LIMITS)
    assert rows["difference"].tolist() == ([-950.0] if due else [])


CASES = [  # what is wrong, reason, stage, money
    ({"unit_price": 9.5, "goods_amount": 950.0, "paid_amount": 1000.0}, "price", "order", 50.0),
    ({"goods_amount": 918.0, "paid_amount": 968.0}, "quantity", "order", 18.0),
    ({"paid_amount": 1000.0}, "freight", "payment", 50.0),  # the freight paid twice
    ({"discount": 30.0, "paid_amount": 950.0}, "discount", "payment", 30.0),  # the discount not taken off
    ({"duty": 40.0, "paid_amount": 990.0}, "duty", "order", 40.0),
    ({"duty": 40.0, "paid_amount": 950.0}, "duty", "payment", -40.0),  # billed, and not paid after all
    ({"paid_amount": 968.0}, "quantity", "payment", 18.0),  # two pieces paid too many
    ({"paid_amount": 963.7}, "unexplained", "payment", 13.7),
    ({"received_on": day("06-25")}, "date", "receipt", 0.0),
    ({"status": "refunding"}, "return", "receipt", 950.0),
    ({"status": "open", "received_on": pd.NaT}, "missing", "receipt", 950.0),
]


@pytest.mark.parametrize(("fault", "reason", "stage", "money"), CASES)
def test_one_fault_is_one_difference_with_its_reason(fault, reason, stage, money):
    found = reconcile(tables([line(1, **fault)]), AS_OF, LIMITS)
    wanted = found[(found["reason"] == reason) & (found["stage"] == stage)]
    assert wanted["difference"].tolist() == pytest.approx([money])
    others = found.drop(wanted.index)  # a duty that was not due is one fault, that it was not paid another
    assert others.empty or set(others["reason"]) == {"duty"}


@pytest.mark.parametrize(
    ("fault", "left"),
    [
        ({"status": "unknown"}, []), ({"status": "unknown", "received_quantity": 0}, []),
        ({"status": "unknown", "paid_amount": 1000.0}, [("freight", 50.0)]), ({"status": "open"}, [("missing", 950.0)]),
    ],
)  # fmt: skip
def test_a_finished_order_whose_arrival_nobody_entered_is_not_missing(fault, left):
    """What was paid too much for it is asked for all the same."""
    found = reconcile(tables([line(1, received_on=pd.NaT, **fault)]), AS_OF, LIMITS)
    assert list(zip(found["reason"], found["difference"])) == left


def test_freight_that_the_terms_make_free():
    free = [quote(1, freight_terms="满500元包邮")]
    found = reconcile(tables([line(1)], free), AS_OF, LIMITS)
    assert found[["reason", "stage", "expected", "actual", "difference"]].to_numpy().tolist() == [
        ["freight", "order", 0.0, 50.0, 50.0]
    ]
    small = line(1, quantity=10, unit_price=10.0, goods_amount=100.0, paid_amount=150.0)
    assert reconcile(tables([small], free), AS_OF, LIMITS).empty


def test_free_delivery_looks_at_the_whole_order():
    """Two lines of 300 each are 600 together: above the 500 that travel free."""
    half = {"quantity": 30, "unit_price": 10.0, "goods_amount": 300.0, "freight": 25.0, "paid_amount": 325.0}
    orders = [line(1, **half), line(2, **half) | {"order_id": "O1", "line_no": 2}]
    found = reconcile(
        tables(orders, [quote(1, freight_terms="满500元包邮"), quote(2, freight_terms="满500元包邮")]), AS_OF, LIMITS
    )
    assert found["difference"].tolist() == [25.0, 25.0] and set(found["reason"]) == {"freight"}


def test_pieces_short_at_the_receipt_and_pieces_sent_back():
    inspection = {
        "order_id": "O1",
        "line_no": 1,
        "inspected_on": day("06-19"),
        "inspected": 100,
        "defective": 3,
        "quantity_match": 2,
    }
    back = {"order_id": "O1", "line_no": 1, "returned": 3, "reworked": 0, "cost": 12.5, "opened_on": day("07-01")}
    found = reconcile(tables([line(1)], inspections=[inspection], returns=[back]), AS_OF, LIMITS).set_index("reason")
    assert found.loc["quantity", "difference"] == pytest.approx(2 * 9.0)
    assert found.loc["quantity", ["expected", "actual"]].tolist() == [100.0, 98.0]
    assert found.loc["return", "difference"] == pytest.approx(3 * 9.0 + 12.5)


@pytest.mark.parametrize(
    ("settled", "opened_on", "left"),
    [
        ({"settled": True}, "07-20", []),
        ({"settled_on": day("07-10")}, "07-01", []),
        ({"settled": True, "settled_on": day("07-10")}, "07-20", ["return", "unexplained"]),
        ({"settled": False, "settled_on": day("07-10")}, "07-01", ["return", "unexplained"]),
    ],
)
def test_money_of_a_settled_line_is_asked_for_no_more_but_a_later_return_reopens_it(settled, opened_on, left):
    """Its lateness stays told: no money is asked for it."""
    late = line(1, received_on=day("06-25"), paid_amount=970.0)
    returns = [{"order_id": "O1", "line_no": 1, "returned": 5, "cost": 10.0, "opened_on": day(opened_on)}]
    found = reconcile({
        "orders": table("orders", [late, line(2, paid_amount=970.0)]), "quotes": table("quotes", quote(1) + quote(2)),
        "inspections": empty("inspections"), "returns": table("returns", returns), "settlements": table("settlements", [{"order_id": "O1", "line_no": 1} | settled]),
    }, AS_OF, LIMITS)  # fmt: skip
    assert found.loc[found["order_id"] == "O1", "reason"].tolist() == sorted([*left, "date"])
    assert found.loc[found["order_id"] == "O2", "reason"].tolist() == ["unexplained"], "another line's money stays open"


@pytest.mark.parametrize(
    ("settled_on", "changed", "left"),
    [
        ("06-10", {}, ["missing"]), ("07-20", {}, []),  # promised on 06-20: nobody could miss it before 07-05
        ("06-25", {"status": "refunding", "known_on": day("07-10")}, ["return"]),
        ("07-10", {"status": "refunding", "known_on": day("06-30")}, []),
    ],
)  # fmt: skip
def test_what_arose_after_a_line_was_settled_is_asked_for(settled_on, changed, left):
    never = line(1, received_on=pd.NaT, status="open") | changed
    settlements = table(
        "settlements", [{"order_id": "O1", "line_no": 1, "settled": True, "settled_on": day(settled_on)}]
    )
    found = reconcile(tables([never], [quote(1)]) | {"settlements": settlements}, AS_OF, LIMITS)
    assert found.loc[found["difference"] != 0, "reason"].tolist() == left


def test_a_return_without_a_day_is_asked_for_also_of_a_settled_line():
    back = table("returns", [{"order_id": "O1", "line_no": 1, "returned": 5}])
    settled = table("settlements", [{"order_id": "O1", "line_no": 1, "settled_on": day("07-10")}])
    found = reconcile(tables([line(1)], [quote(1)]) | {"returns": back, "settlements": settled}, AS_OF, LIMITS)
    assert found["difference"].tolist() == [5 * 9.0]


NEVER = {"status": "open", "received_on": pd.NaT}
DEAR = {"unit_price": 9.5, "goods_amount": 950.0, "paid_amount": 1000.0}
REFUNDED = [  # the line, its return, what is left to ask for by reason
    (NEVER, {"refund": 950.0}, {}),
    (NEVER, {"refund": 400.0}, {"missing": 550.0}),
    (NEVER | {"paid_amount": 550.0}, {"refund": 400.0}, {"missing": 550.0}),  # shown net
    (NEVER | {"received_quantity": 60}, {"refund": 300.0}, {"missing": 80.0}),
    (NEVER | {"received_quantity": 60}, {"returned": 20, "refund": 180.0}, {"missing": 380.0}),
    ({"status": "refunding"}, {"returned": 100, "refund": 950.0}, {}),
    ({"status": "refunding"}, {"returned": 30, "refund": 270.0}, {"return": 680.0}),
    (DEAR, {"refund": 50.0}, {}),
    (DEAR | {"paid_amount": 970.0}, {"refund": 30.0}, {"price": 20.0}),  # shown net
    (DEAR, {"returned": 10, "cost": 5.0, "refund": 100.0}, {"price": 50.0}),
    (DEAR, {"returned": 10, "cost": 5.0, "refund": 140.0}, {"price": 10.0}),
    (DEAR, {"returned": 100, "refund": 1000.0}, {}),
    (DEAR, {"returned": 10}, {"price": 50.0}),
]


@pytest.mark.parametrize(("fault", "back", "left"), REFUNDED)
def test_what_came_back_as_a_settled_refund_is_claimed_once_off_any_claim(fault, back, left):
    back = {"order_id": "O1", "line_no": 1, "opened_on": day("07-01"), "settled_on": day("07-10")} | back
    found = reconcile(tables([line(1, **fault)], returns=[back]), AS_OF, LIMITS)
    found = found[found["difference"] != 0]
    assert found.set_index("reason")["difference"].to_dict() == pytest.approx(left)
    open_still = reconcile(tables([line(1, **fault)], returns=[back | {"settled_on": pd.NaT}]), AS_OF, LIMITS)
    assert open_still["difference"].sum() >= found["difference"].sum(), "what is not settled stays asked for"


@pytest.mark.parametrize("whole", ["O1", "O2"])
def test_of_two_orders_alike_one_refunded_in_full_is_the_other_no_duplicate(whole):
    alike = [line(1), line(1, order_id="O2", ordered_on=day("06-03"))]
    back = {"order_id": whole, "line_no": 1, "returned": 100, "refund": 950.0, "settled_on": day("07-10")}
    assert reconcile(tables(alike, [quote(1)], returns=[back]), AS_OF, LIMITS).empty


def test_pieces_short_and_all_sent_back_are_no_more_than_was_paid():
    """All pieces in dispute, and counted short: the payment and what sending them cost."""
    short = {"order_id": "O1", "line_no": 1, "inspected_on": day("06-19"), "inspected": 100, "defective": 3, "quantity_match": 90}  # fmt: skip
    back = {"order_id": "O1", "line_no": 1, "returned": 100, "cost": 12.5, "opened_on": day("07-01")}
    found = reconcile(tables([line(1)], inspections=[short], returns=[back]), AS_OF, LIMITS)
    assert found["difference"].sum() == pytest.approx(950.0 + 12.5)


MONEY = st.integers(0, 950).map(float)
LINES = st.tuples(
    st.sampled_from(["open", "received", "refunding", "unknown"]), st.sampled_from([8.0, 9.0, 9.5]), MONEY,
    st.integers(0, 99), st.integers(0, 100),
)  # fmt: skip
BACKS = st.tuples(st.integers(0, 19), st.none() | st.integers(0, 100), st.none() | MONEY, MONEY, st.booleans())


@examples(12)
@given(st.lists(LINES, min_size=8, max_size=40), st.lists(BACKS, min_size=6, max_size=40))
def test_no_more_is_claimed_of_a_line_than_was_paid_less_what_was_refunded(bought, backs):
    """The payment as it was before refunds (one shown net says so by being short of just them), and what open returns cost to send."""
    orders, looks = [], []
    for at, (status, price, paid, came, short) in enumerate(bought):
        known = {"received_on": day("06-18") if status == "received" else pd.NaT, "received_quantity": came}
        money = {"unit_price": price, "goods_amount": 100 * price, "paid_amount": paid, "sku": f"A{at % 2}"}
        orders.append(line(at, status=status, **known, **money))
        looks += [{"order_id": f"O{at}", "line_no": 1, "inspected_on": day("06-19"), "quantity_match": short}] * (
            at % 3 == 2
        )
    returns = [
        {"order_id": f"O{at}", "line_no": 1, "returned": pieces, "refund": refund, "cost": cost, "settled_on": day("07-10") if settled else pd.NaT}
        for at, pieces, refund, cost, settled in backs if at < len(bought)
    ]  # fmt: skip
    made = tables(orders, [quote(0), quote(1)], looks, returns)
    found = reconcile(made, AS_OF, LIMITS).groupby("order_id")["difference"].sum()
    for order in orders:
        mine = [back for back in returns if back["order_id"] == order["order_id"]]
        settled = [back for back in mine if back["settled_on"] is not pd.NaT]
        pieces = [(back["returned"] or 0) * order["unit_price"] for back in settled]
        refunds = sum(own if back["refund"] is None else back["refund"] for own, back in zip(pieces, settled))
        net = round(order["goods_amount"] + 50 - order["paid_amount"] - refunds, 2) == 0
        sending = sum(back["cost"] for back in mine if back["settled_on"] is pd.NaT)
        most = order["paid_amount"] - (0 if net else refunds) + sending
        assert found.get(order["order_id"], 0.0) <= max(most, 0.0) + 0.05


def test_the_second_of_two_orders_alike_is_the_duplicate():
    twice = [line(1), line(1, order_id="O2", ordered_on=day("06-03")), line(1, order_id="O3", ordered_on=day("06-20"))]
    found = reconcile(tables(twice, [quote(1)]), AS_OF, LIMITS)
    assert found[found["reason"] == "duplicate"][["order_id", "difference"]].to_numpy().tolist() == [["O2", 950.0]]


def test_a_quote_counts_on_its_own_days_only():
    expired = [quote(1, valid_until=day("05-20"))]
    found = reconcile(tables([line(1, unit_price=9.9, goods_amount=990.0, paid_amount=1040.0)], expired), AS_OF, LIMITS)
    assert found[["reason", "stage", "difference"]].to_numpy().tolist() == [["missing", "order", 0.0]]
    newer = [
        quote(1),
        [row | {"unit_price": row["unit_price"] - 1} for row in quote(1, quote_id="Q9", quoted_on=day("05-30"))],
    ]
    assert reconcile(tables([line(1)], newer), AS_OF, LIMITS)["difference"].tolist() == [
        100.0
    ]  # 9.00 ordered, 8.00 quoted later
    future = [quote(1), [row | {"unit_price": 1.0} for row in quote(1, quote_id="Q9", quoted_on=day("06-02"))]]
    assert reconcile(tables([line(1)], future), AS_OF, LIMITS).empty


def test_cancelled_and_unpaid_orders_owe_nothing():
    orders = [
        line(1, status="cancelled", paid_amount=0.0),
        line(2, status="unpaid", paid_amount=0.0, received_on=pd.NaT),
    ]
    assert reconcile(tables(orders), AS_OF, LIMITS).empty


def test_within_the_tolerances_nothing_is_told():
    near = line(1, unit_price=9.04, goods_amount=904.0, paid_amount=954.04)  # 0.4 % and 4 fen
    assert reconcile(tables([near]), AS_OF, LIMITS).empty
    strict = reconcile(tables([near]), AS_OF, replace(LIMITS, price_share=0.001, amount=0.01))
    assert sorted(strict["reason"]) == ["price", "unexplained"]


@examples(60)
@given(
    st.lists(
        st.tuples(*[st.integers(1, 500)], *[st.floats(0.1, 90).map(lambda v: round(v, 2))] * 2, *[st.floats(0, 400).map(lambda v: round(v, 2))] * 6),
        min_size=1, max_size=8,
    )
)  # fmt: skip
def test_the_links_of_a_line_add_up_to_paid_less_expected(rows):
    names = [
        "quantity",
        "unit_price",
        "quoted_price",
        "goods_amount",
        "freight",
        "freight_due",
        "duty",
        "discount",
        "paid_amount",
    ]
    lines = pd.DataFrame(rows, columns=names)
    above = ((lines["unit_price"] - lines["quoted_price"]) * lines["quantity"]).clip(lower=0)
    beyond = (lines["discount"] - above).clip(lower=0)  # what is taken off down to the quoted price makes the price
    expected = lines["quoted_price"] * lines["quantity"] + lines["freight_due"] - beyond
    assert chain_of(lines).sum(axis=1).to_numpy() == pytest.approx(
        (lines["paid_amount"] - expected).to_numpy(), abs=1e-8
    )


def test_open_money_by_supplier_adds_up():
    orders = [line(number, **fault) for number, (fault, *_) in enumerate(CASES)]
    orders += [line(90, supplier="T", paid_amount=963.7)]
    found = reconcile(tables(orders), AS_OF, LIMITS)
    summed = open_differences(found)
    assert list(summed.columns) == ["supplier", "lines", *REASONS, "open"]
    assert summed["supplier"].tolist() == ["S", "T"]
    assert summed["open"].sum() == pytest.approx(found["difference"].sum())


def test_a_price_below_the_quote_pays_for_no_other_goods():
    """Quoted 9.00. Line 1: 3 of 100 sent back, 27.00 open. Line 2: agreed at 8.50, nothing is owed. Line 3: at 8.50 and 30.00 of freight that
    the quote bears: 20.00 less than quoted in all. Line 4: at 8.80, the freight on top: 10.00 more. Line 5: agreed at 8.50, paid at 9.00
    (50.00 more, as much as the freight, and so told)."""
    free = [quote(number, freight_terms="包邮") for number in (3, 4)]
    low = {"unit_price": 8.5, "goods_amount": 850.0}
    orders = [
        line(1), line(2, **low, paid_amount=900.0), line(3, **low, freight=30.0, paid_amount=880.0),
        line(4, unit_price=8.8, goods_amount=880.0, freight=30.0, paid_amount=910.0), line(5, **low),
    ]  # fmt: skip
    back = {"order_id": "O1", "line_no": 1, "returned": 3, "opened_on": day("07-01")}
    found = reconcile(tables(orders, [quote(1), quote(2), *free, quote(5)], returns=[back]), AS_OF, LIMITS)
    by_line = found.groupby("order_id")["difference"].sum().to_dict()
    assert by_line == {"O1": 27.0, "O2": -50.0, "O3": -20.0, "O4": 10.0, "O5": 0.0}
    summed = open_differences(found)[["price", "freight", "return", "open", "lines"]]
    assert summed.to_numpy().tolist() == [[-100.0, 110.0, 27.0, 37.0, 4]]


def test_an_order_line_with_money_open_counts_once_whatever_it_is_asked_for():
    """Too dear and paid too much; late and in no quote; sent back; a line of the same order; nothing but late at another supplier."""
    dear = {"unit_price": 9.5, "goods_amount": 950.0, "paid_amount": 1013.7}
    orders = [line(1, **dear), line(2, received_on=day("06-25")), line(3), line(4, order_id="O1", line_no=2, **dear)]
    orders += [line(5, supplier="T", received_on=day("06-25"))]
    back = {"order_id": "O3", "line_no": 1, "returned": 3, "opened_on": day("07-01")}
    made = tables(orders, [quote(1), quote(3), quote(4), quote(5, supplier="T")], returns=[back])
    found = reconcile(made, AS_OF, LIMITS)
    assert len(found) == 8
    assert open_differences(found).set_index("supplier")["lines"].to_dict() == {"S": 3, "T": 0}


def test_every_difference_is_told_in_both_languages():
    found = reconcile(tables([line(number, **fault) for number, (fault, *_) in enumerate(CASES)]), AS_OF, LIMITS)
    found = worded_in_both(found)
    assert (found["note"].str.len() > 10).all() and (found["note_zh"].str.len() > 5).all()
    price = found[found["reason"] == "price"].iloc[0]
    assert price["note"] == "paid 9.50 a piece after discount, quoted 9.00: +50.00"
    part = [{"order_id": "O1", "line_no": 1, "refund": 30.0, "settled_on": day("07-10")}]
    left = worded_in_both(reconcile(tables([line(1, **DEAR)], returns=part), AS_OF, LIMITS)).iloc[0]
    assert "+20.00 (30.00 is taken off" in left["note"] and "已扣除 30.00" in left["note_zh"]


def test_sources_without_quotes_are_reconciled_as_far_as_they_go():
    found = reconcile(tables([line(1, paid_amount=np.nan, freight=np.nan)], quotes=[]), AS_OF, LIMITS)
    assert found.empty


def test_tolerances_are_dated_rules():
    assert tolerances(house_rules()) == LIMITS
    with pytest.raises(RuleError, match=r"rates.toml the entry of \[\[reconciliation\]\] .* does not say amount"):
        tolerances(changed(house_rules(), "reconciliation", amount=None))


@pytest.mark.parametrize(
    ("of_order", "of_quote", "asked"),
    [
        ("FOB Busan", "买家承担", 0.0),  # the customs took it, on the buyer's own account
        (None, "CIF 上海港, Incoterms 2020", 0.0),  # an import that ends at our port
        (None, None, 0.0),  # nobody says: goods with duty paid came over the border
        ("FOB", None, 0.0),  # perhaps over a border
        ("DDP Shanghai", "FOB Busan", 40.0),  # the seller's; the order's terms go before the quote's
        ("满500元包邮", "FOB Busan", 40.0),  # goods of the country
    ],
)
def test_duty_of_an_import_is_asked_back_only_where_the_seller_owes_it(of_order, of_quote, asked):
    bought = line(1, duty=40.0, paid_amount=990.0, freight_terms=of_order)
    rows = reconcile(tables([bought], [quote(1, freight_terms=of_quote)]), AS_OF, LIMITS)
    assert rows.loc[rows["reason"] == "duty", "difference"].sum() == asked
