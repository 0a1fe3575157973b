"""As of a day: nothing that happened later leaks in, whatever it is."""

from datetime import date

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from analysis.sources.as_of import END_OF_TIME, hide_later, newest_versions, row_days, status_as_of
from analysis.sources.known import snapshot_of
from analysis.sources.order_lines import complete_from
from analysis.sources.parts import make_part
from analysis.sources.quarantine import no_notes
from analysis.sources.receipts import split_receipts
from analysis.sources.source_map import SourceInfo
from analysis.sources.source_rows import SourceRows
from analysis.sources.table_types import RawTable
from analysis.sources.tables import empty

AS_OF = pd.Timestamp("2026-10-31").as_unit("us")
BEFORE, ON, AFTER = "2026-10-01", "2026-10-31", "2026-11-02"

# --- the status of a line, worked by hand: word, known_on, paid_on, received_on -> status on 31 October ---

STATUS = [
    ("received", BEFORE, BEFORE, ON, "received"),  # what happened on the day itself is known
    ("open", BEFORE, BEFORE, BEFORE, "received"),  # the arrival was written down after the export
    (None, None, None, AFTER, "open"),  # arrives later: still on the road
    (None, None, None, None, "open"),
    ("received", None, None, AFTER, "open"),  # a file without a day was written after the arrival it tells of
    ("received", AFTER, BEFORE, AFTER, "open"),
    ("received", BEFORE, BEFORE, None, "unknown"),  # finished, but nobody wrote down when it arrived
    ("received", AFTER, BEFORE, None, "unknown"),  # it may have arrived before or after
    ("received", BEFORE, BEFORE, AFTER, "unknown"),  # on the day only the platform's word was known
    ("open", AFTER, BEFORE, None, "open"),  # open later is open now
    ("unpaid", BEFORE, None, None, "unpaid"),
    ("unpaid", AFTER, None, None, "unpaid"),
    ("open", AFTER, AFTER, None, "unpaid"),  # paid later, so not paid yet
    ("received", AFTER, AFTER, AFTER, "unpaid"),
    ("unpaid", BEFORE, ON, None, "open"),  # paid after the export, by the day
    ("cancelled", BEFORE, None, None, "cancelled"),
    ("cancelled", None, BEFORE, None, "cancelled"),
    ("cancelled", AFTER, None, None, "unpaid"),  # closed later without a payment: waiting for one now
    ("cancelled", AFTER, BEFORE, None, "unknown"),  # closed at some time before the file was taken
    ("refunding", ON, BEFORE, None, "refunding"),
    ("refunding", AFTER, BEFORE, None, "unknown"),
    ("unknown", None, None, None, "unknown"),
]


@pytest.mark.parametrize(("word", "known_on", "paid_on", "received_on", "status"), STATUS)
def test_status(word, known_on, paid_on, received_on, status):
    dates = {"known_on": known_on, "paid_on": paid_on, "received_on": received_on}
    line = pd.DataFrame(
        {"status": pd.Series([word], dtype="str"), **{name: pd.to_datetime([day]) for name, day in dates.items()}}
    )
    assert status_as_of(line, AS_OF).tolist() == [status]


def test_a_month_of_demand_is_known_at_its_end():
    rows = pd.DataFrame({"month": pd.to_datetime(["2026-09-01", "2026-10-01", "2026-11-01"])})
    assert (row_days("demand", rows) <= AS_OF).tolist() == [True, True, False]


def test_promises_stay_and_happenings_are_hidden():
    rows = empty("orders").reindex([0])
    for name in ("promised_on", "paid_on", "shipped_on", "received_on"):
        rows[name] = pd.to_datetime([AFTER])
    hidden = hide_later("orders", rows, AS_OF)
    assert hidden["promised_on"].notna().all()
    assert hidden[["paid_on", "shipped_on", "received_on"]].isna().all().all()


def test_the_newest_file_known_by_then_counts():
    rows = pd.DataFrame(
        {"k": ["a"] * 4 + ["b"] * 2, "known_on": pd.to_datetime([None, BEFORE, ON, AFTER, "2026-12-31", AFTER])}
    )
    found = newest_versions(rows, ["k"], AS_OF)
    assert found.current.index.tolist() == [2, 5]  # b: told by later files only, the earliest of them
    assert found.superseded.tolist() == [0, 1] and found.later.tolist() == [3, 4]


# --- the law: rows dated after the day change nothing but the count of later rows ---


def raw_tables(part):
    """Raw tables a file, as the readers give them; the export of October and the ledger."""
    return [RawTable(table, pd.DataFrame(rows, index=range(2, len(rows) + 2), dtype=object), file, table, known_on)
            for (table, file, known_on), rows in part.items() if rows]  # fmt: skip


def intake(part):
    parts, arrivals, refused = [], [], []
    raws = raw_tables(part)
    exports = [make_part(raw) for raw in raws if raw.table == "orders" and raw.file != "ledger"]
    exported = pd.concat([found.conformed.table for found in exports]) if exports else empty("orders")
    for raw in raws:
        if raw.table == "inspections":
            split = split_receipts(raw)
            arrivals.append(split.arrivals)
            refused.append(split.quarantine)
            raw = split.inspections
        ledger = raw.file == "ledger" and raw.table == "orders"
        if raw.table != "orders" or ledger:
            parts.append(make_part(complete_from(raw, exported) if ledger else raw, ledger=ledger))
    nothing = split_receipts(
        RawTable("inspections", pd.DataFrame({"order_id": [], "received_on": []}, dtype=object), "ledger")
    ).arrivals
    told = pd.concat([no_notes(), *[found for found in refused if len(found)]]).assign(
        day=pd.Series(dtype="datetime64[us]")
    )
    return SourceRows(exports + parts, pd.concat(arrivals) if any(map(len, arrivals)) else nothing, told, no_notes())


days = st.dates(date.fromisoformat("2026-08-01"), date.fromisoformat("2026-12-15")).map(str)
later_days = st.dates(date.fromisoformat("2026-11-01"), date.fromisoformat("2026-12-31")).map(str)
maybe = st.one_of(st.just(""), days)
order_ids = st.sampled_from(["A", "B", "C", "D"])
lines = st.sampled_from([1, 2])
words = st.sampled_from(["", "等待买家付款", "已发货", "交易成功", "交易关闭", "退款中", "??"])
counts = st.sampled_from([5, 10, "", "x", -1])


def order_rows(ordered_on):
    return st.fixed_dictionaries({
        "order_id": order_ids, "line_no": lines, "supplier": st.sampled_from(["S", "T", ""]), "ordered_on": ordered_on,
        "quantity": counts, "paid_on": maybe, "received_on": maybe, "shipped_on": maybe, "promised_on": maybe, "status": words,
    })  # fmt: skip


def ledger_rows(ordered_on):
    return st.fixed_dictionaries({
        "order_id": order_ids, "line_no": lines, "supplier": st.just("S"), "ordered_on": ordered_on, "quantity": st.just(5),
        "received_on": maybe, "promised_on": maybe, "stage": st.sampled_from(["试单", "大货"]),
    })  # fmt: skip


def inspection_rows(inspected_on, received_on):
    return st.fixed_dictionaries({
        "order_id": order_ids, "line_no": st.sampled_from([1, 2, ""]), "batch": st.sampled_from(["1", "2"]),
        "inspected_on": inspected_on, "received_on": received_on, "inspected": counts, "defective": st.sampled_from([0, 1, 20]),
    })  # fmt: skip


def arrival_rows(received_on):
    return st.fixed_dictionaries(
        {"order_id": order_ids, "line_no": st.sampled_from([1, 2, ""]), "received_on": received_on}
    )


def return_rows(settled_on):
    return st.fixed_dictionaries(
        {"order_id": order_ids, "line_no": lines, "settled_on": settled_on, "returned": counts}
    )


def risk_rows(opened_on):
    return st.fixed_dictionaries({"supplier": st.just("S"), "item": st.sampled_from(["i", "j"]), "opened_on": opened_on, "status": st.sampled_from(["open", "closed"])})  # fmt: skip


SEPTEMBER, OCTOBER, NOVEMBER = (pd.Timestamp(day).as_unit("us") for day in ("2026-09-30", "2026-10-31", "2026-11-30"))
few = {"max_size": 4}
known_parts = st.fixed_dictionaries({
    ("orders", "september", SEPTEMBER): st.lists(order_rows(days), **few),
    ("orders", "october", OCTOBER): st.lists(order_rows(days), **few),
    ("orders", "ledger", None): st.lists(ledger_rows(days), **few),
    ("inspections", "ledger", None): st.lists(st.one_of(inspection_rows(days, maybe), arrival_rows(days)), **few),
    ("returns", "ledger", None): st.lists(return_rows(days), **few),
    ("risks", "ledger", None): st.lists(risk_rows(days), **few),
})  # fmt: skip
later_parts = st.fixed_dictionaries({
    ("orders", "september", SEPTEMBER): st.lists(order_rows(later_days), **few),
    ("orders", "october", OCTOBER): st.lists(order_rows(later_days), **few),
    ("orders", "november", NOVEMBER): st.lists(order_rows(later_days), **few),
    ("orders", "ledger", None): st.lists(ledger_rows(later_days), **few),
    ("inspections", "ledger", None): st.lists(st.one_of(inspection_rows(later_days, st.one_of(st.just(""), later_days)), arrival_rows(later_days)), **few),
    ("returns", "ledger", None): st.lists(return_rows(later_days), **few),
    ("risks", "ledger", None): st.lists(risk_rows(later_days), **few),
})  # fmt: skip

INFO = SourceInfo({"en": "", "zh": ""})


def counted(known):
    counts = known.accounting.drop(columns="later")
    return counts[counts["rows_in"] > 0].reset_index(drop=True)


def assert_same(one, other):
    for name in one.tables:
        pd.testing.assert_frame_equal(one.tables[name], other.tables[name])
    pd.testing.assert_frame_equal(one.quarantine, other.quarantine)
    pd.testing.assert_frame_equal(one.remarks, other.remarks)
    pd.testing.assert_frame_equal(counted(one), counted(other))


def assert_every_row_counted(part, known):
    rows = sum(map(len, part.values()))
    counts = known.accounting
    assert (counts["rows_in"] == counts["kept"] + counts["quarantined"] + counts["merged"]).all()
    assert counts["rows_in"].sum() + counts["later"].sum() == rows
    assert counts["quarantined"].sum() == len(known.quarantine)
    kept = counts.groupby("table")["kept"].sum()
    assert all(len(table) == kept.get(name, 0) for name, table in known.tables.items())


@settings(max_examples=6, derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(known_parts, later_parts)
def test_rows_dated_after_the_day_change_nothing(part, later):
    both = {key: [*part.get(key, []), *later.get(key, [])] for key in {**part, **later}}
    alone, together = snapshot_of(intake(part), AS_OF, INFO), snapshot_of(intake(both), AS_OF, INFO)
    assert_same(alone, together)
    assert_every_row_counted(both, together)
    assert_every_row_counted(both, snapshot_of(intake(both), END_OF_TIME, INFO))


def test_a_later_export_of_an_order_already_known_changes_nothing():
    row = {
        "order_id": "A",
        "line_no": 1,
        "supplier": "S",
        "ordered_on": "2026-10-03",
        "quantity": 5,
        "paid_on": "2026-10-03",
        "status": "已发货",
    }
    part = {("orders", "october", OCTOBER): [row]}
    later = {**part, ("orders", "november", NOVEMBER): [{**row, "status": "交易成功", "quantity": 4}]}
    alone, together = snapshot_of(intake(part), AS_OF, INFO), snapshot_of(intake(later), AS_OF, INFO)
    assert_same(alone, together)
    assert together.accounting.set_index("file").loc["november", "later"] == 1
    november = snapshot_of(intake(later), NOVEMBER, INFO).tables["orders"]
    assert (november["quantity"].tolist(), november["status"].tolist()) == ([4], ["unknown"])


def test_a_fault_that_lies_after_the_day_is_not_known_yet():
    row = {"order_id": "A", "line_no": 1, "supplier": "S", "ordered_on": "2026-10-03", "quantity": 5,
           "shipped_on": "2026-11-20", "received_on": "2026-11-10"}  # fmt: skip
    found = intake({("orders", "orders.csv", None): [row]})
    october, november = snapshot_of(found, AS_OF, INFO), snapshot_of(found, NOVEMBER, INFO)
    assert october.tables["orders"]["status"].tolist() == ["open"] and october.quarantine.empty
    assert november.tables["orders"].empty and november.quarantine["code"].tolist() == ["received_before_shipped"]


def test_a_risk_that_only_a_later_ledger_closes_was_open():
    row = {"supplier": "S", "item": "i", "opened_on": "2026-10-03", "status": "closed"}
    for known_on, status in ((NOVEMBER, "open"), (OCTOBER, "closed"), (None, "closed")):
        found = snapshot_of(intake({("risks", "ledger", known_on): [row]}), AS_OF, INFO)
        assert found.tables["risks"]["status"].tolist() == [status]
