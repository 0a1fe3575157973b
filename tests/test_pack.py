"""A pack that a buyer filled in comes back as data: inspections, answers, risks and settled lines, each row once and from its day on."""

import datetime as dt
import shutil
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from review_tables import facts

from analysis.check_command import checked
from analysis.reporting.codes import code_name
from analysis.reporting.template_reading import kept_templates, read_templates
from analysis.reporting.template_sheets import BY_NAME, HEAD_ROW, heading
from analysis.reporting.templates import write_templates
from analysis.sources.folding import normal_header
from analysis.sources.ledger import write_ledger
from analysis.sources.load import check_files, load_source
from analysis.sources.opening import read_sheets
from analysis.sources.pack import READ, WRITTEN, title_of
from analysis.sources.pack_entries import Entry, entry_of
from analysis.sources.pack_reading import read_pack
from analysis.sources.pseudonyms import KEY_FILE

OCTOBER, NOVEMBER, DECEMBER = (pd.Timestamp(day) for day in ("2026-10-31", "2026-11-30", "2026-12-31"))
LOTS = [str(number) for number in range(1, 14)]
ORDERS = pd.DataFrame({
    "order_id": LOTS, "line_no": 1, "supplier": ["Ada", "Bao", *["Cao"] * 11], "sku": "x", "quantity": 20, "unit_price": 2.0, "goods_amount": 40.0, "paid_amount": 40.0,
    "freight": 0.0, "duty": 0.0, "discount": 0.0, "ordered_on": pd.Timestamp("2026-10-05"), "status": "open",
})  # fmt: skip
RISKS = pd.DataFrame({
    "supplier": ["Ada", "Bao"], "item": ["licence copy", "late again"], "status": "open", "opened_on": pd.to_datetime(["2026-09-01", "2026-10-02"]),
    "due_on": pd.to_datetime(["2026-11-15", "2026-11-30"]), "owner": ["Li", None], "code": ["F1", None],
})  # fmt: skip
PLANS = ORDERS[["order_id", "line_no", "supplier", "sku"]].assign(stage="bulk", lot_size=20, sample_size=20, accept_critical=0, accept_major=1, accept_minor=2)  # fmt: skip
COSTS = pd.DataFrame({"sku": "x", "supplier": ["Ada", "Bao"], "quantity": 50, "unit_price": [2.0, 2.1]})
REVIEWED = {"orders": ORDERS, "inspection_plans": PLANS, "costs": COSTS, "risks": RISKS}
SEEN = {"inspected_on": "2026-11-05", "inspected": 20, "defective": 2}
COUNTED = [
    SEEN | {"inspected_on": dt.datetime(2026, 11, 5), "major": 1, "appearance": 2, "batch": "B7", "inspector": "Li Wei", "verdict": "接收 accept", "跟单": "小王"},
    SEEN | {"inspected": 60, "inspected_by": "我方 ours"},
    SEEN | {"defective": 21},
    SEEN | {"inspected_on": "2026-10-01"},
    {"inspected": 20, "defective": 2},
    {"inspected_on": "2026-11-05", "defective": 2},
    SEEN | {"defective": "some"},
    *[SEEN] * 5,
    {"inspected_on": "2026-11-05", "inspected_by": "工厂 factory", "inspector": "Li Wei"},
    {"order_id": "1", "line_no": 1, "inspected_on": "2026-11-12", "inspected": 20, "defective": 1, "复检": "是"},
]  # fmt: skip
"""Of each lot what a buyer types: lots 2 to 7 cannot be, 8 to 12 stand in the ledger too, and 13 is a plan alone; the first is looked at again."""
IN_LEDGER = pd.DataFrame([
    {"order_id": "8"}, {"order_id": "9", "batch": "B9", "minor": 2}, {"order_id": "10", "defective": 4},
    {"order_id": "11", "defective": 4, "known_on": pd.Timestamp("2026-11-20")}, {"order_id": "12", "inspected_on": "2026-11-09", "inspected": 0.0 + 5, "defective": 1},
])  # fmt: skip
ANSWERED = [
    {"answered_on": "2026-11-03", "price_range": "1.8–2元", "moq": 100, "answered_days": "15天", "tax_included": "是 yes", "sample_offered": "no", "conclusion": "议价 bargain", "remark": "nice"},
    {"price_range": 2.5, "moq": 10, "freight_discount": "满500包邮"},
    {"sku": "y", "supplier": "Cao", "answered_on": "2026-11-04", "price_range": "ask again"},
    {"sku": "z", "supplier": "Cao", "answered_on": "2026-11-04", "price_range": "1.8至2", "moq": 50},
    {"sku": "v", "supplier": "Cao", "remark": "asked by phone"},
]  # fmt: skip
SETTLED = [
    {"invoice": "26317000000123456789", "settled": "是 yes", "settled_on": "2026-11-08"}, {"settled": "no"}, {"settled": "是", "settled_on": "2026-10-01"},
    {"remark": "asked again"}, {"invoice": 26317000000123456789.0},
]  # fmt: skip
AGREED = [
    {"owner": "Wang"},
    {"status": "已关闭 closed", "closed_on": dt.datetime(2026, 11, 12), "action_taken": "paid"},
    {"supplier": "Cao", "item": "no contract", "opened_on": "2026-11-02", "due_on": "2026-12-15", "status": "未关闭"},
    {"supplier": "Cao", "item": "no day"},
]


def ledger(folder, **tables):
    looked = pd.DataFrame({"line_no": 1} | SEEN, index=IN_LEDGER.index).assign(minor=None, batch=None, known_on=pd.NaT)
    looked = IN_LEDGER.combine_first(looked).assign(inspected_on=lambda rows: pd.to_datetime(rows["inspected_on"]))
    said = pd.DataFrame({"supplier": ["Cao"], "sku": ["z"], "answered_on": pd.to_datetime(["2026-11-04"]), "price_low": [1.8], "price_high": [2.0], "inspection_report": [True]})  # fmt: skip
    write_ledger(folder / "ledger.xlsx", {"orders": ORDERS, "risks": RISKS, "inspections": looked, "answers": said} | tables)  # fmt: skip


def fill(pack, **sheets):
    """Types the cells of each row (from the first) below their heads; a head of one's own where there is none."""
    book = openpyxl.load_workbook(pack)
    for name, entries in sheets.items():
        sheet, known = book[title_of(name)], BY_NAME[name]
        heads = {cell.value: cell.column for cell in sheet[HEAD_ROW]}
        for row, cells in enumerate(entries, HEAD_ROW + 1):
            for column, value in cells.items():
                head = heading(known, column)
                place = heads.setdefault(head, len(heads) + 1)
                sheet.cell(HEAD_ROW, place).value, sheet.cell(row, place).value = head, value
    book.save(pack)


def laid(folder):
    ledger(folder)
    write_templates(REVIEWED, facts(), folder / "templates.xlsx")
    return folder


@pytest.fixture(scope="module")
def blank(tmp_path_factory):
    """A source with its ledger, and the pack of its October review beside it."""
    return laid(tmp_path_factory.mktemp("blank"))


@pytest.fixture(scope="module")
def filled(blank, tmp_path_factory):
    """The same in November, the pack filled in."""
    folder = Path(shutil.copytree(blank, tmp_path_factory.mktemp("made") / "filled"))
    fill(folder / "templates.xlsx", inspection=COUNTED, inquiry=ANSWERED, risks=AGREED, reconciliation=SETTLED)
    return folder


@pytest.fixture(scope="module")
def source(filled):
    return load_source(filled)


@pytest.fixture(scope="module")
def november(source):
    return source.known(NOVEMBER)


def rows(known, table, *columns):
    return known.tables[table][list(columns)].astype(object).where(lambda cells: cells.notna(), None).to_numpy().tolist()  # fmt: skip


def of_pack(known):
    """The account of the pack's sheets."""
    account = known.accounting
    assert (account["rows_in"] == account[["kept", "quarantined", "merged"]].sum(axis=1)).all()
    return {row.table: [row.rows_in, row.kept, row.quarantined, row.merged, row.later] for row in account[account["file"] == "templates.xlsx"].itertuples()}  # fmt: skip


def test_a_pack_left_as_it_is_tells_nothing(blank):
    assert read_pack(blank / "templates.xlsx", read_sheets(blank / "templates.xlsx"), "CNY").raws == []


def test_every_head_that_is_read_is_one_that_is_written(blank):
    """Each column in which a buyer tells something is found below the head of the written sheet, also with one language of it left."""
    book = openpyxl.load_workbook(blank / "templates.xlsx")
    for name, sheet in READ.items():
        heads, written = sheet.heads(), [cell.value for cell in book[title_of(name)][HEAD_ROW]]
        assert {*sheet.key, *sheet.tells, WRITTEN} <= {heads.get(normal_header(head)) for head in written}, name
        for language in (0, 1):
            assert {*sheet.key, *sheet.tells} <= {heads.get(normal_header(head.split("\n")[language])) for head in written}  # fmt: skip


def test_lots_counted_are_inspections_and_what_cannot_be_is_refused_like_a_row_of_the_ledger(november):
    told = rows(november, "inspections", "order_id", "inspected", "defective", "batch", "major", "appearance", "minor")
    assert told[1] == ["1", 20, 2, "B7", 1, 2, None] and november.tables["inspections"]["order_id"].tolist() == ["1", "1", "10", "11", "12", "12", "8", "9"]  # fmt: skip
    bad = november.quarantine[november.quarantine["table"] == "inspections"]
    assert set(bad["file"]) == {"templates.xlsx"} and set(bad["sheet"]) == {title_of("inspection")}
    codes = ["more_inspected_than_ordered", "more_defective_than_inspected", "inspected_before_ordered", "required_missing", "inspection_says_nothing", "not_a_number"]  # fmt: skip
    assert list(zip(bad["row"] - HEAD_ROW, bad["code"])) == list(enumerate(codes, start=2))
    assert bad["reason"].str.len().all() and bad["remedy"].str.len().all()
    assert rows(november, "inspections", "defective", "reinspection")[:2] == [[1, True], [2, False]], (
        "a column that the ledger knows is read"
    )
    assert of_pack(november)["inspections"] == [13, 6, 6, 1, 0], "the plan of lot 13 is no row; the ledger's of lot 11 is newer"  # fmt: skip
    assert "Li Wei" not in "".join(table.to_string() for table in november.tables.values()), "a name of a person"


def test_the_same_lot_in_the_ledger_and_in_the_pack_counts_once(november):
    """Told alike, or more fully: one row. Told otherwise: the one entered later. On another day: another look."""
    told = november.tables["inspections"].set_index("order_id")[["defective", "batch", "minor"]]
    assert told.loc["8", "defective"] == 2 and told.loc["9"].tolist() == [2, "B9", 2]
    assert told.loc["10", "defective"] == 2 and told.loc["11", "defective"] == 4 and sorted(told.loc["12", "defective"]) == [1, 2]  # fmt: skip


def test_answers_are_answers(november):
    names = ("supplier", "sku", "price_low", "price_high", "min_quantity", "lead_time_days", "tax_included", "sample_offered", "conclusion", "freight_discount", "inspection_report")  # fmt: skip
    assert rows(november, "answers", *names) == [
        ["Ada", "x", 1.8, 2.0, 100, 15, True, False, "bargain", None, None],
        ["Bao", "x", 2.5, 2.5, 10, None, None, None, None, "满500包邮", None],
        ["Cao", "y", *[None] * 9],
        ["Cao", "z", 1.8, 2.0, 50, None, None, None, None, None, True],
    ], "what the ledger says of an answer beside it stays"
    assert [code_name("answers", "conclusion", "bargain", language) for language in ("en", "zh")] == ["bargain", "议价"]
    assert november.tables["answers"]["answered_on"].dt.strftime("%m-%d").tolist() == [
        "11-03",
        "11-01",
        "11-04",
        "11-04",
    ]
    (silent,) = november.remarks[november.remarks["code"] == "answer_without_day"].to_dict("records")
    assert silent["row"] == HEAD_ROW + 2 and "2026-11-01" in silent["reason"]
    (bad,) = november.remarks[november.remarks["column"] == "price_low"].to_dict("records")
    assert (bad["row"], bad["column"]) == (HEAD_ROW + 3, "price_low")
    assert of_pack(november)["answers"] == [4, 4, 0, 0, 0], "what cannot be read of an answer costs no answer"
    quotes = november.tables["quotes"].set_index("supplier")["unit_price"]
    assert quotes[["Ada", "Bao"]].tolist() == [2.0, 2.5], "an answer stands in for a quote that there is not"


def test_what_a_buyer_changed_of_a_risk_counts_and_the_rest_is_the_ledgers(november):
    assert rows(november, "risks", "supplier", "status", "owner", "code", "response") == [
        ["Ada", "open", "Wang", "F1", None], ["Bao", "closed", None, None, "paid"], ["Cao", "open", None, None, None],
    ]  # fmt: skip
    assert november.tables["risks"]["due_on"].tolist() == list(pd.to_datetime(["2026-11-15", "2026-11-30", "2026-12-15"]))  # fmt: skip
    bad = november.quarantine[november.quarantine["table"] == "risks"]
    assert bad[["row", "code"]].to_numpy().tolist() == [[HEAD_ROW + 4, "required_missing"]]
    assert of_pack(november)["risks"] == [4, 3, 1, 0, 0]


def test_lines_settled_are_settlements(november):
    names = ("order_id", "line_no", "settled", "settled_on", "invoice")
    assert rows(november, "settlements", *names) == [["1", 1, True, pd.Timestamp("2026-11-08"), "26317000000123456789"], ["2", 1, False, None, None]]  # fmt: skip
    bad = november.quarantine[november.quarantine["table"] == "settlements"]
    assert bad[["row", "code"]].to_numpy().tolist() == [[HEAD_ROW + 3, "settled_before_ordered"], [HEAD_ROW + 5, "id_digits_lost"]]  # fmt: skip
    assert of_pack(november)["settlements"] == [4, 2, 2, 0, 0]


def test_the_month_before_is_replayed_as_it_was(blank, source):
    before, after = load_source(blank).known(OCTOBER), source.known(OCTOBER)
    for name, table in before.tables.items():
        pd.testing.assert_frame_equal(after.tables[name], table, obj=name)
    assert after.quarantine.empty and [counts[0] for counts in of_pack(after).values()] == [0, 0, 0, 0]


def test_a_pack_laid_again_next_month_counts_once_and_loses_nothing(filled, november, tmp_path):
    """Beside the old one or in its place: the rows carried on are the same rows, entered on the same day, until one is corrected. What
    the ledger says of a risk since then stands where the buyer had told nothing of it."""
    folder = Path(shutil.copytree(filled, tmp_path / "mine"))
    again = REVIEWED | {"risks": november.tables["risks"], "inspection_plans": PLANS.iloc[1:]}
    for month in ("2026-11", "2026-12"):
        as_of = pd.Period(month, "M").end_time.normalize()
        write_templates(again, facts(month=month, as_of=as_of), folder / f"templates {month}.xlsx", kept_templates(folder))  # fmt: skip
    beside = load_source(folder).known(NOVEMBER)
    (folder / "templates.xlsx").unlink()
    (folder / "templates 2026-11.xlsx").unlink()
    for known in (beside, load_source(folder).known(NOVEMBER)):
        for table in ("inspections", "answers", "risks", "settlements"):
            pd.testing.assert_frame_equal(known.tables[table], november.tables[table])
        assert sorted(known.quarantine["code"]) == sorted(november.quarantine["code"])
        assert set(known.quarantine["file"]) == {"templates 2026-12.xlsx"}, (
            "each once, where it is put right for all later months"
        )
        account = known.accounting
        assert (account["rows_in"] == account[["kept", "quarantined", "merged"]].sum(axis=1)).all()
    last = folder / "templates 2026-12.xlsx"
    carried = read_templates(last)["inspection"]
    row, again = carried.index[carried["order_id"] == "1"]
    assert carried.loc[row, ["inspected", "inspector", "verdict", "跟单"]].tolist() == [20, "Li Wei", "接收 accept", "小王"]  # fmt: skip
    assert carried.loc[again, ["defective", "复检"]].tolist() == [1, "是"]
    (wrong,) = carried.index[carried["order_id"] == "4"]
    fill(
        last,
        inspection=[{"inspected_on": "2026-11-05"} if at == wrong else {} for at in range(row)] + [{"defective": 3}],
    )
    ledger(folder, risks=RISKS.assign(status=["closed", "open"]))
    corrected = load_source(folder).known(pd.Timestamp("2027-01-31"))
    assert rows(corrected, "inspections", "order_id", "defective")[:2] == [["1", 1], ["1", 3]]
    assert ["4", 2] in rows(corrected, "inspections", "order_id", "defective")
    assert rows(corrected, "risks", "status") == [["closed"], ["closed"], ["open"]]


def test_a_row_copied_and_given_another_key_is_a_row_of_ones_own(blank, tmp_path):
    """The hidden column is copied with it. A day of entry of one's own is believed."""
    pack = Path(shutil.copy(blank / "templates.xlsx", tmp_path))
    sheet = (book := openpyxl.load_workbook(pack))[title_of("risks")]
    for cell in sheet[HEAD_ROW + 1]:
        sheet.cell(HEAD_ROW + 3, cell.column).value = cell.value
    sheet.cell(HEAD_ROW + 3, 2).value = "another"
    book.save(pack)
    fill(pack, inspection=[SEEN | {"录入日期": dt.datetime(2026, 12, 3)}])
    raws = {raw.table: raw.frame for raw in read_pack(pack, read_sheets(pack), "CNY").raws}
    assert raws["risks"]["item"].tolist() == ["another"]
    assert raws["inspections"]["known_on"].map(pd.Timestamp).tolist() == [pd.Timestamp("2026-12-03")]


@pytest.mark.parametrize(
    "written", ["", "{", "[" * 9000, "7", '{"on": "soon", "told": [], "cells": {}}', '{"on": 1, "told": 2, "cells": 3}']
)
def test_what_the_review_kept_may_be_spoilt(written):
    """The row then counts as told by the buyer alone."""
    row = {"sku": "x", "supplier": "Ada", "moq": 5, WRITTEN: written}
    assert entry_of(READ["inquiry"], row, NOVEMBER) == Entry(("moq",), NOVEMBER)


def test_a_column_that_a_buyer_took_away_is_missed_in_its_rows_alone(blank, tmp_path):
    """Without its line an inspection is that of the order's only one; an answer without a supplier is nobody's."""
    pack = Path(shutil.copy(blank / "templates.xlsx", tmp_path))
    fill(pack, inspection=[SEEN], inquiry=[{"moq": 5}, {"moq": 6, "录入日期": "soon"}])
    book = openpyxl.load_workbook(pack)
    for name in ("inspection", "inquiry"):
        book[title_of(name)].delete_cols(2)
    book.save(pack)
    known = check_files([pack])
    assert known.quarantine[["table", "code"]].to_numpy().tolist() == [
        ["answers", "required_missing"],
        ["answers", "not_a_date"],
    ]
    assert rows(known, "inspections", "order_id", "line_no") == [["1", None]]
    again = write_templates(REVIEWED, facts(), tmp_path / "next.xlsx", read_templates(pack))
    assert sorted(read_templates(again)["inquiry"]["moq"].dropna()) == [5, 6], (
        "kept, though nobody knows whose they are"
    )


def test_heads_may_be_moved_down_shortened_doubled_or_numbers(blank, tmp_path):
    pack = Path(shutil.copy(blank / "templates.xlsx", tmp_path))
    fill(pack, inquiry=[{"moq": 5, "跟单": "Li"}])
    sheet = (book := openpyxl.load_workbook(pack))[title_of("inquiry")]
    last = sheet.max_column
    for place, head, value in ((last + 1, "跟单", "Wang"), (last + 2, 2027, 3)):
        sheet.cell(HEAD_ROW, place).value, sheet.cell(HEAD_ROW + 1, place).value = head, value
    for cell in sheet[HEAD_ROW][:-2]:
        cell.value = str(cell.value).split("\n")[0]
    sheet.insert_rows(HEAD_ROW)
    book.save(pack)
    again = read_templates(write_templates(REVIEWED, facts(), tmp_path / "next.xlsx", read_templates(pack)))["inquiry"]
    assert again.loc[0, ["moq", "跟单", "跟单 (2)", "2027"]].tolist() == [5, "Li", "Wang", 3]
    (raw,) = read_pack(tmp_path / "next.xlsx", read_sheets(tmp_path / "next.xlsx"), "CNY").raws
    assert raw.frame["min_quantity"].tolist() == [5]


def test_a_sheet_without_its_month_is_told_of_and_carried_on(filled, tmp_path):
    book = openpyxl.load_workbook(filled / "templates.xlsx")
    book[title_of("inspection")]["A1"] = "my lots"
    book.save(tmp_path / "pack.xlsx")
    found = read_pack(tmp_path / "pack.xlsx", read_sheets(tmp_path / "pack.xlsx"), "CNY")
    assert [raw.table for raw in found.raws] == ["answers", "settlements", "risks"]
    assert found.remarks["code"].tolist() == ["answer_without_day", "pack_without_month"]
    assert kept_templates(tmp_path)["inspection"]["inspected"].tolist()[0] == 20


def test_nothing_is_carried_on_where_names_are_not_to_be_shown(filled, tmp_path, monkeypatch):
    (tmp_path / "key").write_text("0" * 64)
    monkeypatch.setenv(KEY_FILE, str(tmp_path / "key"))
    assert kept_templates(filled) == {}


def test_a_price_range_is_read_as_buyers_write_it(blank, tmp_path):
    written = ["18-20", "¥18 ~ ¥20", "18元至20元/件", "18 to 20", 18.5, "面议"]
    pack = Path(shutil.copy(blank / "templates.xlsx", tmp_path))
    fill(
        pack,
        inquiry=[{"sku": str(place), "supplier": "Ada", "price_range": text} for place, text in enumerate(written)],
    )
    (raw,) = read_pack(pack, read_sheets(pack), "CNY").raws
    assert raw.frame[["price_low", "price_high"]].to_numpy().tolist() == [["18", "20"]] * 4 + [[18.5, 18.5], ["面议", "面议"]]  # fmt: skip
    assert raw.address("price_high", 9).startswith(raw.letters["price_range"])


def test_check_tells_what_a_pack_gives_and_what_is_refused(filled):
    text, _ = checked([filled / "templates.xlsx"], "en")
    assert (
        text.startswith("templates.xlsx: ") and f"templates.xlsx {title_of('inspection')}\n  {HEAD_ROW + 3}: " in text
    )


def test_what_was_told_in_an_earlier_pack_and_is_another_row_now_is_remarked_on(filled, november, tmp_path):
    """An inspection moved to another day, and an answer cleared, count as they stand in the earlier pack; other cells are corrected."""
    folder = Path(shutil.copytree(filled, tmp_path / "mine"))
    as_of = pd.Timestamp("2026-11-30")
    again = REVIEWED | {"risks": november.tables["risks"]}
    write_templates(again, facts(month="2026-11", as_of=as_of), folder / "later.xlsx", kept_templates(folder))
    assert "taken_back" not in load_source(folder).known(NOVEMBER).remarks["code"].tolist()
    carried = read_templates(folder / "later.xlsx")["inspection"]
    first, second = carried.index[carried["order_id"] == "1"]
    moved, corrected = {"inspected_on": dt.datetime(2026, 11, 9)}, {"defective": 3}
    answers = read_templates(folder / "later.xlsx")["inquiry"]
    said = answers.index[answers["price_range"].notna()][0]
    fill(
        folder / "later.xlsx",
        inspection=[{first: moved, second: corrected}.get(at, {}) for at in range(len(carried))],
        inquiry=[dict.fromkeys(READ["inquiry"].tells) if at == said else {} for at in range(len(answers))],
    )
    known = load_source(folder).known(pd.Timestamp("2027-01-31"))
    told = known.remarks[known.remarks["code"] == "taken_back"]
    assert told[["row", "column"]].to_numpy().tolist() == [
        [said + HEAD_ROW + 1, "answered_on"], [first + HEAD_ROW + 1, "inspected_on"],
    ]  # fmt: skip
