"""A pack that a buyer filled in comes back as data: inspections, answers, risks and settlements, each row once and on its day."""

import datetime as dt
import shutil
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from review_tables import facts

from analysis.check_command import checked
from analysis.reporting.template_sheets import BY_NAME, heading
from analysis.reporting.templates import HEAD_ROW, kept_templates, read_templates, write_templates
from analysis.sources.folding import normal_header
from analysis.sources.ledger import write_ledger
from analysis.sources.load import load_source
from analysis.sources.pack import READ, WRITTEN, title_of

OCTOBER, NOVEMBER, DECEMBER = (pd.Timestamp(day) for day in ("2026-10-31", "2026-11-30", "2026-12-31"))
ORDERS = pd.DataFrame({
    "order_id": ["1", "2", "3"], "line_no": 1, "supplier": ["Ada", "Bao", "Ada"], "sku": "x", "quantity": [20, 20, 50], "unit_price": 2.0, "goods_amount": [40.0, 40.0, 100.0],
    "paid_amount": [40.0, 45.0, 100.0], "freight": 0.0, "duty": 0.0, "discount": 0.0, "status": ["received", "open", "open"], "ordered_on": pd.to_datetime(["2026-10-01", "2026-10-05", "2026-10-20"]),
    "received_on": pd.to_datetime(["2026-10-10", None, None]),
})  # fmt: skip
RISKS = pd.DataFrame({
    "supplier": ["Ada", "Bao"], "item": ["licence copy", "late again"], "status": "open", "opened_on": pd.to_datetime(["2026-09-01", "2026-10-02"]),
    "due_on": pd.to_datetime(["2026-11-15", "2026-11-30"]), "owner": ["Li", None], "code": ["F1", None],
})  # fmt: skip
PLANS = ORDERS.iloc[1:][["order_id", "line_no", "supplier", "sku"]].assign(stage="bulk", lot_size=[20, 50], sample_size=[20, 13], accept_critical=0, accept_major=1, accept_minor=2)
COSTS = pd.DataFrame({"sku": "x", "supplier": ["Ada", "Bao"], "quantity": 50, "unit_price": [2.0, 2.1]})
REVIEWED = {"orders": ORDERS, "inspection_plans": PLANS, "costs": COSTS, "risks": RISKS}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A source with a ledger of three orders and two risks, the pack of its October review beside it."""
    folder = tmp_path_factory.mktemp("made")
    ledger(folder)
    write_templates(REVIEWED, facts(), folder / "templates.xlsx")
    return folder


@pytest.fixture
def folder(made, tmp_path):
    return Path(shutil.copytree(made, tmp_path / "mine"))


def ledger(folder, **tables):
    write_ledger(folder / "ledger.xlsx", {"orders": ORDERS, "risks": RISKS} | tables)


def fill(pack, name, row, language="zh", **cells):
    """Type `cells` into the `row` (from 1) of a sheet, each below its head in one language; a head of one's own where there is none."""
    book = openpyxl.load_workbook(pack)
    sheet, place = book[title_of(name)], ["zh", "en"].index(language)
    for column, value in cells.items():
        known = column in BY_NAME[name].columns
        head = heading(BY_NAME[name], column).split("\n")[place] if known else column
        heads = {str(cell.value).split("\n")[place if "\n" in str(cell.value) else 0]: cell.column for cell in sheet[HEAD_ROW]}
        at = heads.get(head) or sheet.max_column + 1
        sheet.cell(HEAD_ROW, at).value = sheet.cell(HEAD_ROW, at).value or head
        sheet.cell(HEAD_ROW + row, at).value = value
    book.save(pack)


def rows(known, table, *columns):
    return known.tables[table][list(columns)].astype(object).where(lambda cells: cells.notna(), None).to_numpy().tolist()  # fmt: skip


def counted_once(known):
    """Rows in = kept + quarantined + merged, of each sheet."""
    account = known.accounting
    assert (account["rows_in"] == account[["kept", "quarantined", "merged"]].sum(axis=1)).all()
    return account[account["file"].str.startswith("templates")].set_index("table")[["rows_in", "kept", "quarantined", "merged", "later"]]  # fmt: skip


def test_a_pack_left_as_it_is_tells_nothing(folder):
    alone = load_source(folder).known(NOVEMBER)
    assert counted_once(alone).empty and alone.quarantine.empty
    assert rows(alone, "risks", "status", "code") == [["open", "F1"], ["open", None]]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_head_that_is_read_is_one_that_is_written(folder, language):
    """Each column in which a buyer tells something is found under the head of the written sheet, whichever language is looked at."""
    book = openpyxl.load_workbook(folder / "templates.xlsx")
    for name, sheet in READ.items():
        heads = sheet.heads()
        found = [heads.get(normal_header(cell.value)) for cell in book[title_of(name)][HEAD_ROW]]
        assert {*sheet.key, *sheet.tells, WRITTEN} <= set(found), name
        alone = [heads.get(normal_header(str(cell.value).split("\n")[language == "en"])) for cell in book[title_of(name)][HEAD_ROW]]  # fmt: skip
        assert {*sheet.key, *sheet.tells} <= set(alone), name


@pytest.mark.parametrize("language", ["zh", "en"])
def test_lots_counted_are_inspections(folder, language):
    pack = folder / "templates.xlsx"
    fill(pack, "inspection", 1, language, inspected_on=dt.datetime(2026, 11, 5), inspected=20, defective=2, major=1, appearance=2, batch="B7", inspector="Li Wei", verdict="接收 accept")  # fmt: skip
    fill(pack, "inspection", 2, language, inspected_on="2026-11-09", inspected=60, defective=2, inspected_by="工厂 factory")
    known = load_source(folder).known(NOVEMBER)
    assert rows(known, "inspections", "order_id", "line_no", "batch", "inspected", "defective", "major", "appearance", "minor") == [["2", 1, "B7", 20, 2, 1, 2, None]]  # fmt: skip
    (bad,) = known.quarantine.to_dict("records")
    assert (bad["file"], bad["sheet"], bad["row"], bad["code"]) == ("templates.xlsx", title_of("inspection"), HEAD_ROW + 2, "more_inspected_than_ordered")  # fmt: skip
    assert bad["reason"] and bad["remedy"] and "Li Wei" not in known.tables["inspections"].to_string()
    assert counted_once(known).loc["inspections"].tolist() == [2, 1, 1, 0, 0]
    before = load_source(folder).known(OCTOBER)
    assert before.tables["inspections"].empty and before.quarantine.empty, "October is replayed as it was"


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"inspected_on": "2026-11-05", "inspected": 10, "defective": 11}, "more_defective_than_inspected"),
        ({"inspected_on": "2026-10-01", "inspected": 10, "defective": 1}, "inspected_before_ordered"),
        ({"inspected": 10, "defective": 1}, "required_missing"),
        ({"inspected_on": "2026-11-05", "defective": 1}, "inspection_says_nothing"),
        ({"inspected_on": "2026-11-05", "inspected": 10, "defective": "some"}, "not_a_number"),
    ],
)
def test_what_cannot_be_is_refused_like_a_row_of_the_ledger(folder, cells, code):
    fill(folder / "templates.xlsx", "inspection", 1, **cells)
    known = load_source(folder).known(DECEMBER)
    assert known.quarantine[["sheet", "row", "code"]].to_numpy().tolist() == [[title_of("inspection"), HEAD_ROW + 1, code]]  # fmt: skip
    assert counted_once(known).loc["inspections"].tolist() == [1, 0, 1, 0, 0]


def test_a_day_or_an_inspector_alone_is_a_plan_and_no_inspection(folder):
    fill(folder / "templates.xlsx", "inspection", 1, inspected_on="2026-11-05", inspected_by="我方 ours", inspector="Li Wei")  # fmt: skip
    assert counted_once(load_source(folder).known(DECEMBER)).empty


@pytest.mark.parametrize("language", ["zh", "en"])
def test_answers_are_answers(folder, language):
    pack = folder / "templates.xlsx"
    fill(pack, "inquiry", 1, language, answered_on="2026-11-03", price_range="1.8–2元", moq=100, answered_days="15天", warranty="1 year", tax_included="是 yes", sample_offered="否 no", conclusion="议价 bargain", remark="nice")  # fmt: skip
    fill(pack, "inquiry", 2, language, price_range=2.5, moq=10, freight_discount="满500包邮")
    fill(pack, "inquiry", 3, language, sku="y", supplier="Cao", answered_on="2026-11-04", price_range="ask again")
    known = load_source(folder).known(NOVEMBER)
    names = ("supplier", "price_low", "price_high", "min_quantity", "lead_time_days", "warranty", "tax_included", "sample_offered", "conclusion", "freight_discount")  # fmt: skip
    assert rows(known, "answers", *names) == [
        ["Ada", 1.8, 2.0, 100, 15, "1 year", True, False, "议价 bargain", None],
        ["Bao", 2.5, 2.5, 10, None, None, None, None, None, "满500包邮"],
    ]
    assert known.tables["answers"]["answered_on"].tolist() == [pd.Timestamp("2026-11-03"), pd.Timestamp("2026-11-01")]
    (silent,) = known.remarks[known.remarks["code"] == "answer_without_day"].to_dict("records")
    assert silent["row"] == HEAD_ROW + 2 and "2026-11-01" in silent["reason"]
    (bad,) = known.quarantine.to_dict("records")
    assert (bad["row"], bad["column"]) == (HEAD_ROW + 3, "price_low")
    assert counted_once(known).loc["answers"].tolist() == [3, 2, 1, 0, 0]
    assert set(known.tables["quotes"]["unit_price"]) == {2.0, 2.5}, "an answer stands in for a quote that there is not"


def test_what_a_buyer_changed_of_a_risk_counts_and_the_rest_is_the_ledgers(folder):
    pack = folder / "templates.xlsx"
    fill(pack, "risks", 1, "en", owner="Wang")
    fill(pack, "risks", 2, "zh", status="已关闭 closed", closed_on=dt.datetime(2026, 11, 12), action_taken="paid")
    fill(pack, "risks", 3, "zh", supplier="Cao", item="no contract", opened_on="2026-11-02", due_on="2026-12-15")
    fill(pack, "risks", 4, "zh", supplier="Cao", item="no day")
    known = load_source(folder).known(NOVEMBER)
    assert rows(known, "risks", "supplier", "status", "owner", "code", "response") == [
        ["Ada", "open", "Wang", "F1", None], ["Bao", "closed", None, None, "paid"], ["Cao", None, None, None, None],
    ]  # fmt: skip
    assert known.tables["risks"]["due_on"].tolist() == list(pd.to_datetime(["2026-11-15", "2026-11-30", "2026-12-15"]))
    assert known.quarantine[["row", "code"]].to_numpy().tolist() == [[HEAD_ROW + 4, "required_missing"]]
    assert counted_once(known).loc["risks"].tolist() == [4, 3, 1, 0, 0]
    assert rows(load_source(folder).known(OCTOBER), "risks", "status", "owner") == [["open", "Li"], ["open", None]]
    ledger(folder, risks=RISKS.assign(status=["closed", "open"]))
    assert rows(load_source(folder).known(NOVEMBER), "risks", "status")[0] == ["closed"], "only the owner was the buyer's"


def next_pack(folder, month, name="templates.xlsx"):
    """The pack that the review of `month` writes, laid among the files as `name`."""
    as_of = pd.Period(month, "M").end_time.normalize()
    known = load_source(folder).known(as_of).tables
    again = REVIEWED | {"risks": known["risks"], "inspection_plans": PLANS.iloc[1:]}
    made = folder.parent / "new.xlsx"
    write_templates(again, facts(month=month, as_of=as_of), made, kept_templates(folder))
    made.replace(folder / name)


def filled(folder):
    pack = folder / "templates.xlsx"
    fill(pack, "inspection", 1, inspected_on="2026-11-05", inspected=20, defective=2, inspector="Li Wei", 跟单="小王")
    fill(pack, "inquiry", 1, price_range="1.8-2", moq=100)
    fill(pack, "risks", 2, status="已关闭")
    return load_source(folder).known(NOVEMBER)


READ_TABLES = ("inspections", "answers", "risks")


@pytest.mark.parametrize("name", ["templates.xlsx", "templates 2.xlsx"])
def test_a_pack_laid_again_next_month_counts_once_and_loses_nothing(folder, name):
    """In place of the old one or beside it: the rows carried on are the same rows, entered on the same day."""
    first = filled(folder)
    for month in ("2026-11", "2026-12"):
        next_pack(folder, month, name)
        again = load_source(folder).known(NOVEMBER)
        for table in READ_TABLES:
            pd.testing.assert_frame_equal(again.tables[table], first.tables[table])
        assert again.quarantine.empty and (counted_once(again)["kept"].groupby(level=0).sum() == 1).all()
        last = read_templates(folder / name)["inspection"].set_index("order_id").loc["2"]
        assert (last["inspected"], last["inspector"], last["跟单"]) == (20, "Li Wei", "小王")
    assert load_source(folder).known(OCTOBER).tables["inspections"].empty


def test_what_is_corrected_in_a_later_pack_counts_from_then_on(folder):
    filled(folder)
    next_pack(folder, "2026-11", "templates 2.xlsx")
    (row,) = [cell.row for cell in openpyxl.load_workbook(folder / "templates 2.xlsx")[title_of("inspection")]["A"] if cell.value == "2"]  # fmt: skip
    fill(folder / "templates 2.xlsx", "inspection", row - HEAD_ROW, defective=3)
    source = load_source(folder)
    assert rows(source.known(NOVEMBER), "inspections", "defective") == [[2]]
    assert rows(source.known(DECEMBER), "inspections", "defective") == [[3]]
    assert source.known(DECEMBER).quarantine.empty


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ({"inspected_on": "2026-11-05", "inspected": 20, "defective": 2}, [[2, None]]),
        ({"inspected_on": "2026-11-05", "inspected": 20, "defective": 2, "batch": "B7", "minor": 2}, [[2, "B7"]]),
        ({"inspected_on": "2026-11-05", "inspected": 20, "defective": 4}, [[2, None]]),
        ({"inspected_on": "2026-11-05", "inspected": 20, "defective": 4, "known_on": "2026-11-20"}, [[4, None]]),
        ({"inspected_on": "2026-11-09", "inspected": 5, "defective": 1}, [[2, None], [1, None]]),
    ],
)
def test_the_same_lot_in_the_ledger_and_in_the_pack_counts_once(folder, told, kept):
    """Told alike, or more fully: one row. Told otherwise: the one entered later. On another day: another look."""
    looked = pd.DataFrame([{"order_id": "2", "line_no": 1} | told])
    looked = looked.assign(**{name: pd.to_datetime(looked[name]) for name in looked if name.endswith("_on")})
    ledger(folder, inspections=looked)
    filled(folder)
    known = load_source(folder).known(NOVEMBER)
    assert rows(known, "inspections", "defective", "batch") == kept
    counted_once(known)


def test_an_answer_in_both_counts_once(folder):
    day = pd.Timestamp("2026-11-03")
    answers = pd.DataFrame({"supplier": ["Ada"], "sku": ["x"], "answered_on": [day], "price_low": [1.8], "price_high": [2.0], "inspection_report": [True]})  # fmt: skip
    ledger(folder, answers=answers)
    fill(folder / "templates.xlsx", "inquiry", 1, answered_on=day.to_pydatetime(), price_range="1.8至2元", moq=50)
    known = load_source(folder).known(NOVEMBER)
    assert rows(known, "answers", "price_high", "min_quantity", "inspection_report") == [[2.0, 50, True]]
    assert counted_once(known).loc["answers"].tolist() == [1, 1, 0, 0, 0]


def test_a_row_copied_and_given_another_key_is_a_row_of_ones_own(folder):
    """The hidden column is copied with it."""
    book = openpyxl.load_workbook(folder / "templates.xlsx")
    sheet = book[title_of("risks")]
    for cell in sheet[HEAD_ROW + 1]:
        sheet.cell(HEAD_ROW + 3, cell.column).value = cell.value
    sheet.cell(HEAD_ROW + 3, 2).value = "another"
    book.save(folder / "templates.xlsx")
    assert rows(load_source(folder).known(NOVEMBER), "risks", "item") == [["another"], ["licence copy"], ["late again"]]


def test_a_day_of_entry_of_ones_own_is_believed(folder):
    fill(folder / "templates.xlsx", "inspection", 1, inspected_on="2026-11-05", inspected=20, defective=2, 录入日期=dt.datetime(2026, 12, 3))  # fmt: skip
    source = load_source(folder)
    assert source.known(NOVEMBER).tables["inspections"].empty and len(source.known(DECEMBER).tables["inspections"]) == 1


def test_a_sheet_without_its_month_is_told_of_and_carried_on(folder):
    filled(folder)
    book = openpyxl.load_workbook(folder / "templates.xlsx")
    book[title_of("inspection")]["A1"] = "my lots"
    book.save(folder / "templates.xlsx")
    known = load_source(folder).known(NOVEMBER)
    assert known.tables["inspections"].empty
    assert known.remarks.loc[known.remarks["code"] == "pack_without_month", "sheet"].tolist() == [title_of("inspection")]  # fmt: skip
    assert kept_templates(folder)["inspection"]["inspected"].tolist()[0] == 20


@pytest.mark.parametrize(("language", "said"), [("en", "is read as told below"), ("zh", "按下文所示读取")])
def test_check_tells_what_a_pack_gives_and_what_is_refused(folder, language, said):
    filled(folder)
    fill(folder / "templates.xlsx", "inspection", 2, inspected_on="2026-11-05", inspected=99, defective=2)
    text, _ = checked([folder], language)
    assert said in text and text.startswith("templates.xlsx")
    assert f"templates.xlsx {title_of('inspection')}\n  {HEAD_ROW + 2}: " in text
