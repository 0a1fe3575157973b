"""Rows that say when they were entered: a past month is replayed exactly, and late entries correct it for later months."""

import pandas as pd
import pytest

from analysis.estimates.lead_time import on_time_table
from analysis.sources.ledger import write_ledger, write_template
from analysis.sources.ledger_sheets import SHEETS
from analysis.sources.load import load_source
from analysis.sources.opening import read_sheets

OCTOBER, NOVEMBER = pd.Timestamp("2026-10-31"), pd.Timestamp("2026-11-30")
ORDERS = """order_id,line_no,supplier,sku,ordered_on,received_on,quantity
1,1,Ada,x,2026-09-02,2026-09-12,10
2,1,Bao,x,2026-09-03,2026-10-05,20
"""
EARLY = """order_id,line_no,inspected_on,inspected,defective,known_on
1,1,2026-09-14,10,0,
2,1,2026-10-06,20,1,2026-10-07
"""
LATE = """1,1,2026-09-14,10,3,2026-11-03
2,1,2026-10-09,5,2,2026-11-10
2,1,2026-10-11,5,9,2026-11-10
"""


def source(folder, orders=ORDERS, **tables):
    folder.mkdir(exist_ok=True)
    for name, text in {"orders": orders, **tables}.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return load_source(folder)


def defects(known):
    return known.tables["inspections"]["defective"].tolist()


def test_a_late_entry_leaves_the_month_before_it_as_it_was(tmp_path):
    before = source(tmp_path / "s", inspections=EARLY).known(OCTOBER)
    after = source(tmp_path / "s", inspections=EARLY + LATE).known(OCTOBER)
    for name, table in before.tables.items():
        pd.testing.assert_frame_equal(after.tables[name], table)
    assert after.quarantine.empty, "the row with 9 defective of 5 was not entered yet"
    account = after.accounting.set_index("table").loc["inspections"]
    assert account[["rows_in", "kept", "quarantined", "later"]].tolist() == [2, 2, 0, 3]


def test_the_row_entered_last_counts_from_then_on(tmp_path):
    known = source(tmp_path / "s", inspections=EARLY + LATE).known(NOVEMBER)
    assert defects(known) == [3, 1, 2], "order 1 was corrected from 0 to 3, the lot of 9 October came late"
    assert known.quarantine["row"].tolist() == [6]
    account = known.accounting.set_index("table").loc["inspections"]
    assert account[["rows_in", "kept", "quarantined", "merged"]].tolist() == [5, 3, 1, 1]


def test_last_month_as_entries_made_since_have_corrected_it(tmp_path):
    found = source(tmp_path / "s", inspections=EARLY + LATE)
    assert defects(found.known(OCTOBER, entered_by=NOVEMBER)) == [3, 1, 2]
    assert defects(found.known(OCTOBER, entered_by=pd.Timestamp("2026-11-05"))) == [3, 1]
    assert defects(found.known(OCTOBER)) == [0, 1]


def test_an_order_entered_again_without_line_numbers_is_one_line(tmp_path):
    orders = "order_id,supplier,sku,ordered_on,quantity,known_on\n1,Ada,x,2026-09-02,10,2026-09-02\n1,Ada,x,2026-09-02,12,2026-11-02\n"
    found = source(tmp_path / "s", orders)
    assert found.known(OCTOBER).tables["orders"]["quantity"].tolist() == [10]
    assert found.known(NOVEMBER).tables["orders"]["quantity"].tolist() == [12]
    two = "order_id,supplier,sku,ordered_on,quantity,known_on\n1,Ada,x,2026-09-02,10,2026-09-02\n1,Ada,x,2026-09-02,12,2026-09-02\n"
    assert source(tmp_path / "two", two).known(OCTOBER).tables["orders"]["quantity"].tolist() == [10, 12]


def test_an_arrival_entered_late_leaves_its_order_open_until_then(tmp_path):
    folder = tmp_path / "s"
    folder.mkdir()
    day = pd.Timestamp
    orders = pd.DataFrame(
        {"order_id": ["1"], "supplier": "Ada", "sku": "x", "ordered_on": day("2026-09-02"), "quantity": 5}
    )
    arrival = pd.DataFrame({"order_id": ["1"], "received_on": [day("2026-10-02")], "known_on": [day("2026-11-04")]})
    write_ledger(folder / "台账.xlsx", {"orders": orders, "inspections": arrival})
    found = load_source(folder)
    assert found.known(OCTOBER).tables["orders"]["status"].tolist() == ["open"]
    assert found.known(OCTOBER).accounting.set_index("table").loc["receipts", "later"] == 1
    assert found.known(NOVEMBER).tables["orders"]["received_on"].tolist() == [day("2026-10-02")]


def test_a_day_of_entry_that_cannot_be_read_is_told_of(tmp_path):
    known = source(tmp_path / "s", inspections=EARLY + "1,1,2026-09-20,10,0,soon\n").known(OCTOBER)
    assert known.quarantine[["row", "column", "code"]].to_numpy().tolist() == [[4, "known_on", "not_a_date"]]


@pytest.mark.parametrize(("language", "header"), [("zh", "录入日期"), ("en", "Known on")])
def test_every_sheet_of_the_template_has_the_column(tmp_path, language, header):
    write_template(tmp_path / "t.xlsx", language)
    sheets = {sheet.name: sheet.cells[2] for sheet in read_sheets(tmp_path / "t.xlsx")}
    assert all(header in sheets[sheet.title(language)] for sheet in SHEETS)


PROMISES = """order_id,line_no,supplier,sku,ordered_on,promised_on,repromised_on,received_on,quantity,known_on
1,1,Ada,x,2026-09-02,2026-09-20,,,10,2026-09-02
1,1,Ada,x,2026-09-02,2026-10-10,,,10,2026-09-21
1,1,Ada,x,2026-09-02,2026-11-05,,2026-11-04,10,2026-11-06
2,1,Bao,x,2026-09-03,2026-10-01,2026-10-09,2026-10-08,20,2026-10-08
3,1,Bao,x,2026-09-04,,,,20,2026-09-04
3,1,Bao,x,2026-09-04,2026-10-30,,,20,2026-09-10
4,1,Bao,x,2026-09-05,,2026-10-20,2026-10-19,20,2026-10-19
"""


@pytest.mark.parametrize("reverse", [False, True])
def test_a_promise_that_was_moved_counts_as_it_was_first_given(tmp_path, reverse):
    """By hand: order 1 was due on 20 September and moved twice, 2 tells both days itself, 3 got its first promise later, 4 knows one only."""
    head, *rows = PROMISES.strip().split("\n")
    found = source(tmp_path / "s", orders="\n".join([head, *(rows[::-1] if reverse else rows)]))
    days = ["promised_on", "repromised_on"]

    def told(as_of, entered_by=None):
        lines = found.known(as_of, entered_by).tables["orders"].set_index("order_id")[days]
        return {
            order: [f"{value:%m-%d}" if pd.notna(value) else "" for value in row] for order, *row in lines.itertuples()
        }

    assert told(pd.Timestamp("2026-09-15")) == {"1": ["09-20", ""], "3": ["10-30", ""]}
    assert told(OCTOBER) == {"1": ["09-20", "10-10"], "2": ["10-01", "10-09"], "3": ["10-30", ""], "4": ["10-20", ""]}
    assert told(NOVEMBER)["1"] == ["09-20", "11-05"] == told(OCTOBER, NOVEMBER)["1"]
    due = on_time_table(found.known(NOVEMBER).tables["orders"], NOVEMBER).set_index("supplier")
    assert due.loc["Ada", ["due", "late", "moved"]].tolist() == [1, 1, 1], (
        "a day before the promise of November, and late"
    )
    assert due.loc["Bao", ["due", "on_time_in_full", "late", "undelivered", "moved"]].tolist() == [3, 1, 1, 1, 1]


@pytest.mark.parametrize(
    ("versions", "promise", "moved"),  # promised_on, repromised_on, received_on, known_on of each entry
    [
        (["2027-10-20,,,2026-09-02", "2026-10-20,,,2026-10-15"], "2026-10-20", ""),  # a year off, found late
        (["2026-09-12,,,2026-09-02", "2026-10-12,,,2026-09-04"], "2026-10-12", ""),  # a month off, found at once
        (["2026-09-12,,,2026-09-02", "2026-10-12,,,2026-09-06"], "2026-09-12", "2026-10-12"),
        (["2026-09-20,,,2026-09-02", "2026-10-10,,,2026-09-19", ",,2026-10-08,2026-10-09"], "2026-09-20", "2026-10-10"),
        (["2026-09-20,2026-10-10,,2026-09-19", "2026-09-20,,2026-10-08,2026-10-09"], "2026-09-20", "2026-10-10"),
        (["2026-09-20,2026-09-20,,2026-09-19"], "2026-09-20", ""),
        ([",2026-10-10,,2026-09-19", "2026-09-20,,,2026-10-09"], "2026-09-20", "2026-10-10"),
        (["2026-09-20,,,", "2026-10-10,,,2026-10-09"], "2026-09-20", "2026-10-10"),
    ],
)
def test_a_slip_of_the_pen_is_corrected_and_an_arrival_forgets_no_promise(tmp_path, versions, promise, moved):
    head = "order_id,line_no,supplier,sku,ordered_on,quantity,promised_on,repromised_on,received_on,known_on\n"
    rows = "".join(f"1,1,Ada,x,2026-09-02,10,{version}\n" for version in versions)
    line = source(tmp_path / "s", orders=head + rows).known(NOVEMBER).tables["orders"].iloc[0]
    assert [f"{day:%Y-%m-%d}" if pd.notna(day) else "" for day in line[["promised_on", "repromised_on"]]] == [
        promise,
        moved,
    ]


def test_a_ledger_that_tells_the_moved_day_alone_keeps_the_first_of_the_orders(tmp_path):
    folder = tmp_path / "s"
    orders = "order_id,line_no,supplier,sku,ordered_on,promised_on,quantity\n1,1,Ada,x,2026-09-02,2026-09-20,10\n2,1,Ada,x,2026-09-02,,10\n"
    source(folder, orders=orders)
    rows = {"order_id": ["1", "2"], "line_no": [1, 1], "repromised_on": [pd.Timestamp("2026-10-10")] * 2}
    write_ledger(folder / "采购台账.xlsx", {"orders": pd.DataFrame(rows)}, "zh")
    lines = load_source(folder).known(NOVEMBER).tables["orders"]
    assert lines["promised_on"].tolist() == [pd.Timestamp("2026-09-20"), pd.Timestamp("2026-10-10")]
    assert lines["repromised_on"].tolist() == [pd.Timestamp("2026-10-10"), pd.NaT]


def test_a_promise_moved_to_before_the_order_is_told(tmp_path):
    orders = "order_id,supplier,sku,ordered_on,承诺到货日期,变更后交期,quantity\n1,Ada,x,2026-09-02,2026-09-20,2025-10-10,10\n"
    told = source(tmp_path / "s", orders=orders).known(NOVEMBER).remarks.query("code == 'promised_before_ordered'")
    assert told[["row", "column"]].to_numpy().tolist() == [[2, "repromised_on"]]
