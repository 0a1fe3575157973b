"""The five templates: filled by a review, edited by a buyer, read back next month to the cell."""

import datetime
import shutil
from fractions import Fraction

import openpyxl
import pandas as pd
import pytest
from openpyxl.worksheet.formula import ArrayFormula
from review_tables import EIGHT, facts, review_tables

from analysis.reporting import lot_sheets
from analysis.reporting.lot_sheets import measured_limits, page_of, write_lot_sheets
from analysis.reporting.sheet_body import Moments, Styles, cell_of
from analysis.reporting.template_reading import kept_templates, read_templates
from analysis.reporting.template_sheets import BY_NAME, HEAD_ROW, STANDING_ROW, TEMPLATES, WEIGHTS_ROW, filled_in
from analysis.reporting.templates import write_templates
from analysis.sources.cell_words import CHECKLIST
from analysis.sources.load import load_source
from analysis.sources.pack import SHEETS, title_of

DAY = datetime.datetime(2026, 11, 5)


def risks() -> pd.DataFrame:
    return pd.DataFrame({
        "supplier": [EIGHT[0], EIGHT[4]], "item": ["licence copy", "=1+1"], "status": ["open", "closed"],
        "opened_on": pd.to_datetime(["2026-09-01", "2026-10-02"]), "due_on": pd.to_datetime(["2026-11-30", None]), "owner": ["Li", None],
        "response": ["ask for it again", None], "remark": [None, "by phone"],
    })  # fmt: skip


@pytest.fixture(scope="module")
def tables():
    return review_tables() | {"risks": risks()}


@pytest.fixture(scope="module")
def pack(tables, tmp_path_factory):
    return write_templates(tables, facts(), tmp_path_factory.mktemp("pack") / "templates.xlsx")


@pytest.fixture(scope="module")
def book(pack):
    return openpyxl.load_workbook(pack)


@pytest.fixture(scope="module")
def kept(pack, tmp_path_factory):
    """What is read of the pack after a buyer worked on it."""
    edited = shutil.copy(pack, tmp_path_factory.mktemp("edited"))
    edit(edited)
    return read_templates(edited)


def column(sheet, text: str) -> int:
    return next(cell.column for cell in sheet[HEAD_ROW] if cell.value and text in cell.value.split("\n"))


def test_a_pack_has_the_five_sheets_in_both_languages_on_a4(book):
    assert book.sheetnames == [*map(title_of, SHEETS), title_of("lots")], "behind the five the pages to print"
    for sheet in book.worksheets[: len(SHEETS)]:
        assert int(sheet.page_setup.paperSize) == 9 and sheet.page_setup.fitToWidth == 1
        assert all("\n" in cell.value for cell in sheet[HEAD_ROW]), "two languages a head"
        assert sheet["A2"].value, "what to do with it"
    assert not book[title_of("inspection")].row_breaks.brk, "the pages a lot stand on a sheet of their own"


def test_what_the_ledger_says_of_a_risk_stands_in_the_list(book):
    sheet = book[title_of("risks")]
    told = [[sheet.cell(HEAD_ROW + row, column(sheet, head)).value for head in ("应对措施", "备注")] for row in (1, 2)]
    assert told == [["ask for it again", None], [None, "by phone"]]


def test_a_worth_that_nobody_assessed_is_told_from_one_that_was(tables, book):
    values, sheet = tables["criteria_values"], book[title_of("selection")]
    assumed = values.set_index(["supplier", "criterion"])["missing"]
    assert 0 < assumed.sum() < len(assumed)
    criteria = sorted(values["criterion"].unique())
    for row in range(STANDING_ROW + 1, sheet.max_row + 1):
        for place, criterion in enumerate(criteria, start=3):
            assert sheet.cell(row, place).font.italic == assumed[sheet.cell(row, 1).value, criterion]


def test_the_buyers_columns_are_coloured_and_offer_their_words(book):
    for template in TEMPLATES:
        sheet = book[title_of(template.name)]
        heads = {cell.value: cell.fill.start_color.rgb for cell in sheet[HEAD_ROW]}
        assert len(set(heads.values())) == 2 and len(sheet.data_validations.dataValidation) == len(template.words)


def test_changing_a_weight_moves_the_rating_by_its_formula(tables, pack, book):
    """The formula by hand with price at 40 %, and the value that it stands with."""
    sheet = book[title_of("selection")]
    cached = openpyxl.load_workbook(pack, data_only=True)[title_of("selection")]
    weights = {cell.column: cell.value for cell in sheet[WEIGHTS_ROW][2:]}
    rating = tables["scorecard"].set_index("supplier")["rating"]
    for row in range(STANDING_ROW + 1, sheet.max_row + 1):
        formula = sheet.cell(row, 2).value
        assert formula.startswith("=100*SUMPRODUCT(") and cached.cell(row, 2).value == pytest.approx(
            rating[sheet.cell(row, 1).value]
        )
        own = sum(weight * sheet.cell(row, place).value for place, weight in weights.items()) / sum(weights.values())
        assert 100 * own == pytest.approx(rating[sheet.cell(row, 1).value])


def test_what_a_buyer_counts_is_blank_until_it_was_counted(tables):
    """A table of the review may have a column called as a buyer's: the pieces of a supplier inspected so far are none of this lot's."""
    assert tables["inspection_plans"]["inspected"].notna().any()
    for name, new in filled_in(tables, facts().as_of).items():
        for column in set(BY_NAME[name].own) - set(BY_NAME[name].filled):
            assert new[column].isna().all(), (name, column)


def test_sums_to_reconcile_are_money_to_the_fen(tables, tmp_path):
    """Three amounts whose floating sum is off by 1e-14 are equal to what was paid."""
    orders = tables["orders"].iloc[:2].assign(
        ordered_on=facts().as_of, goods_amount=[0.1, 700.0], freight=[0.2, 0.0], duty=0.0, discount=[0.0, 0.4], paid_amount=[0.3, 690.0]
    )  # fmt: skip
    sheet = openpyxl.load_workbook(write_templates({"orders": orders}, facts(), tmp_path / "new.xlsx"))[title_of("reconciliation")]  # fmt: skip
    expected, left = (column(sheet, head) for head in ("Goods, freight, tax less discount", "Still open"))
    assert [sheet.cell(HEAD_ROW + row, left).value for row in (1, 2)] == [0, -9.6]
    assert {sheet.cell(HEAD_ROW + 1, place).number_format for place in (expected, left)} == {"#,##0.00"}
    assert sheet.cell(HEAD_ROW, left).alignment.horizontal == "right", "a number stands under its own head"


def edit(pack) -> None:
    """What a buyer does in a month: entries, a column of her own, a row of her own, another weight."""
    book = openpyxl.load_workbook(pack)
    quotes, list_, selection = (book[title_of(name)] for name in ("inquiry", "risks", "selection"))
    quotes.cell(HEAD_ROW + 1, column(quotes, "Price range")).value = "18–20"
    quotes.cell(HEAD_ROW + 1, column(quotes, "Conclusion")).value = "议价 bargain"
    quotes.cell(HEAD_ROW, quotes.max_column + 1).value = "跟单人"
    quotes.cell(HEAD_ROW + 2, quotes.max_column).value = "小王"
    quotes.cell(HEAD_ROW + 1, quotes.max_column).value = 7.25
    list_.cell(
        HEAD_ROW + 1, column(list_, "State" if any("State" in str(c.value) for c in list_[HEAD_ROW]) else "Status")
    ).value = "已关闭 closed"
    list_.cell(HEAD_ROW + 1, column(list_, "Measure taken")).value = DAY
    below = list_.max_row + 1
    for place, value in ((1, "甲厂"), (2, "no contract"), (column(list_, "Remark"), "call them")):
        list_.cell(below, place).value = value
    selection.cell(WEIGHTS_ROW, 3).value = 0.4
    book.save(pack)


def test_a_time_in_a_column_of_ones_own_comes_back_and_opens(tables, pack, tmp_path):
    own = {
        "来电时间": (datetime.time(9, 30), "hh:mm"),  # 9.5 of 24 hours
        "通话时长": (datetime.timedelta(hours=26, minutes=30), "[h]:mm"),
        "约见": (datetime.datetime(2026, 11, 5, 18), "yyyy-mm-dd hh:mm"),
        "已打": (True, "General"),
    }
    book = openpyxl.load_workbook(pack)
    sheet = book[title_of("inquiry")]
    for place, (head, (value, form)) in enumerate(own.items(), start=sheet.max_column + 1):
        sheet.cell(HEAD_ROW, place).value = head
        sheet.cell(HEAD_ROW + 1, place).value = value
        sheet.cell(HEAD_ROW + 1, place).number_format = form
    book.save(tmp_path / "mine.xlsx")
    kept = read_templates(tmp_path / "mine.xlsx")
    for name in ("next.xlsx", "third.xlsx"):
        kept = read_templates(write_templates(tables, facts(), tmp_path / name, kept))
        assert kept["inquiry"].loc[0, [*own]].to_dict() == {head: value for head, (value, _) in own.items()}


def test_a_value_of_another_kind_is_written_as_text():
    plain = Styles(1, 2, 3)
    moments = Moments(Styles(4, 0, 0), Styles(5, 0, 0), Styles(6, 0, 0))
    assert cell_of("A1", datetime.time(9, 30), plain, moments) == f'<c r="A1" s="5"><v>{9.5 / 24!r}</v></c>'
    for value in (Fraction(1, 3), float("inf"), datetime.timedelta(-1)):
        written = cell_of("A1", value, plain, moments)
        assert 't="inlineStr"' in written and f">{value}</t>" in written
    assert "=SUM(A1:A9)" in cell_of("A1", ArrayFormula("B1", "=SUM(A1:A9)"), plain, moments)


def test_what_a_buyer_wrote_comes_back_next_month_to_the_cell(tables, kept, tmp_path):
    again = read_templates(write_templates(tables, facts(), tmp_path / "next.xlsx", kept))
    for name in ("inquiry", "reconciliation", "inspection"):
        pd.testing.assert_frame_equal(again[name], kept[name], check_dtype=False)
    assert kept["inquiry"]["跟单人"].tolist()[:2] == [7.25, "小王"] == again["inquiry"]["跟单人"].tolist()[:2]
    assert again["inquiry"]["conclusion"][0] == "议价 bargain"
    found = again["risks"].set_index(["supplier", "item"])
    assert found.loc[(EIGHT[0], "licence copy"), "status"] == "已关闭 closed"
    assert found.loc[(EIGHT[0], "licence copy"), "action_taken"] == DAY
    assert found.loc[("甲厂", "no contract"), "remark"] == "call them", "a row of her own"
    assert (
        again["weights"]["weight"].iloc[0] == 0.4
        and again["weights"]["weight"].iloc[1] == kept["weights"]["weight"].iloc[1]
    )
    third = read_templates(write_templates(tables, facts(), tmp_path / "third.xlsx", again))
    assert all(third[name].equals(again[name]) for name in again), "and every month after that"


def test_a_row_that_the_review_no_longer_names_stays_only_with_an_entry(tables, kept, tmp_path):
    fewer = tables | {"costs": tables["costs"].iloc[3:].reset_index(drop=True)}
    again = read_templates(write_templates(fewer, facts(), tmp_path / "next.xlsx", kept))["inquiry"]
    gone = tables["costs"].iloc[:3]
    keys = list(zip(again["supplier"], again["sku"]))
    there = [(supplier, sku) in keys for supplier, sku in zip(gone["supplier"], gone["sku"])]
    assert there == [True, True, False], "she had written in the first two"
    assert len(again) == len(tables["costs"]) - 1


def test_new_numbers_of_a_review_replace_the_old_and_leave_the_entries(tables, kept, tmp_path):
    dearer = tables | {"costs": tables["costs"].assign(unit_price=lambda rows: rows["unit_price"] + 1)}
    again = read_templates(write_templates(dearer, facts(), tmp_path / "next.xlsx", kept))["inquiry"]
    assert again["unit_price"][0] == pytest.approx(kept["inquiry"]["unit_price"][0] + 1)
    assert again["price_range"][0] == "18–20"


def test_hostile_texts_stay_texts(book):
    sheet = book[title_of("risks")]
    cell = next(row[1] for row in sheet.iter_rows(min_row=HEAD_ROW + 1) if row[1].value == "=1+1")
    assert cell.data_type == "s" and cell.quotePrefix


def test_a_pack_that_nobody_filled_in_is_known_and_no_rows_are_made_of_it(pack, tmp_path):
    folder = tmp_path / "acme"
    folder.mkdir()
    (folder / "orders.csv").write_text(
        "order_id,line_no,supplier,sku,ordered_on,quantity,unit_price\n1,1,Ada,x,2026-09-02,10,2.0\n"
    )
    alone = load_source(folder).known(pd.Timestamp("2026-10-31"))
    shutil.copy(pack, folder / "templates 2026-10.xlsx")
    beside = load_source(folder).known(pd.Timestamp("2026-10-31"))
    assert {name: len(table) for name, table in beside.tables.items()} == {
        name: len(table) for name, table in alone.tables.items()
    }
    assert len(beside.remarks) == len(alone.remarks) and len(beside.quarantine) == len(alone.quarantine)
    assert set(kept_templates(folder)) == {*BY_NAME, "entries", "weights"} and kept_templates(tmp_path) == {}


def test_the_same_tables_give_the_same_bytes(tables, pack, tmp_path):
    assert write_templates(tables, facts(), tmp_path / "again.xlsx").read_bytes() == pack.read_bytes()


@pytest.mark.parametrize("kept", [[], ["orders"], ["scorecard", "criteria_values"]])
def test_half_the_tables_missing_is_still_a_pack(tables, kept, tmp_path):
    file = write_templates({name: tables[name] for name in kept}, facts(), tmp_path / "x.xlsx")
    assert openpyxl.load_workbook(file).sheetnames == [title_of(name) for name in SHEETS]


# --- a page a lot -----------------------------------------------------------------------------------------------------


def lot(**changed) -> pd.Series:
    row = {"order_id": "77", "line_no": 2, "supplier": "甲厂", "sku": "POT", "stage": "bulk", "lot_size": 400, "sample_size": 50, "accept_critical": 0, "accept_major": 2, "accept_minor": 5}  # fmt: skip
    return pd.Series(row | changed)


LIMITED = pd.DataFrame({"sku": ["POT", "POT", "CUP"], "attribute": ["重量(g)", "厚度(mm)", "重量(g)"], "lower_limit": [900.0, None, 1.0], "upper_limit": [950.0, 2.5, 2.0]})  # fmt: skip


def test_a_lots_page_says_what_the_plan_says(tables):
    """Fifty of 400; at most 2 major ones, so that the third refuses the lot; nine items, material among them; its own limits."""
    page = page_of(lot(), LIMITED, "26cm · 铸铁")
    told = {row[0].split(" ")[0]: row[1:] for row in page if len(row) > 1}
    assert told["批量（件）"] == [400, "应检件数 Pieces to inspect", 50] and told["订单编号"][0] == "77-2"
    assert told["致命缺陷"] == [0, 1, ""] and told["严重缺陷"] == [2, 3, ""] and told["轻微缺陷"] == [5, 6, ""]
    assert told["规格、材质"] == ["26cm · 铸铁"] and all(name in told for name in CHECKLIST.values()) and "材质" in told
    assert told["重量(g)"][:2] == [900.0, 950.0] and told["厚度(mm)"][:2] == ["—", 2.5] and len(told["重量(g)"]) == 7


@pytest.mark.parametrize(("sample", "told"), [(400, "every piece"), (0, "nothing is inspected")])
def test_a_lot_that_is_sorted_or_trusted_has_no_numbers_to_count_to(sample, told):
    nothing = dict.fromkeys(("accept_critical", "accept_major", "accept_minor"), pd.NA)
    page = page_of(lot(sample_size=sample, **nothing), LIMITED.iloc[:0], "")
    assert any(len(row) == 1 and told in row[0] for row in page)
    assert [row[1:3] for row in page if row[0].startswith(("致命", "严重", "轻微"))] == [["—", "—"]] * 3
    assert not any(str(row[0]).startswith("测量") for row in page), "nothing was ever measured"


def test_limits_are_those_last_written_down():
    orders = pd.DataFrame({"order_id": ["1", "2"], "line_no": 1, "sku": "POT"})
    days = pd.to_datetime(["2026-09-01", "2026-10-01", "2026-10-02"])
    looks = pd.DataFrame({"order_id": ["2", "1", "2"], "line_no": 1, "inspected_on": days[[1, 0, 2]], "attribute": ["重量(g)", "重量(g)", None], "value": [9.0, 8.0, None], "lower_limit": [5.0, 4.0, None], "upper_limit": [None, 12.0, None]})  # fmt: skip
    assert measured_limits({"orders": orders, "inspections": looks}).to_numpy().tolist() == [
        ["POT", "重量(g)", 5.0, 12.0]
    ]
    assert measured_limits({}).empty


def test_every_lot_has_its_printed_page(tables, book):
    sheet = book[title_of("lots")]
    titles = [cell.row for cell in sheet["A"] if cell.value == title_of("lots")]
    assert (
        len(titles) == len(tables["inspection_plans"]) and [mark.id + 1 for mark in sheet.row_breaks.brk] == titles[1:]
    )
    assert sheet.page_setup.fitToWidth == 1 and sheet["D4"].value == tables["inspection_plans"]["sample_size"].iloc[0]


def test_a_sheet_says_what_it_leaves_out_and_that_nobody_reads_it(monkeypatch):
    monkeypatch.setattr(lot_sheets, "MOST_LOTS", 3)
    plans = pd.DataFrame([lot(order_id=str(number)) for number in range(4)])
    sheets = []
    for rows in (plans, plans.head(2)):
        sheets.append(openpyxl.Workbook().active)
        write_lot_sheets(sheets[-1], {"inspection_plans": rows})
    more, few = ([str(cell.value) for cell in sheet["A"]] for sheet in sheets)
    assert "3 of 4 lots" in more[-1] and not any("have a page here" in text for text in few)
    assert sum("不会被读取" in text for text in few) == 2, "once a page"


def test_a_long_name_is_legible_on_its_page():
    sheet = openpyxl.Workbook().active
    write_lot_sheets(sheet, {"inspection_plans": pd.DataFrame([lot(supplier="义乌市晨星日用品制造有限公司第二分厂")])})
    row = next(cell.row for cell in sheet["B"] if str(cell.value).startswith("义乌"))
    assert sheet.row_dimensions[row].height >= 2 * 15, "36 wide in a column of 22"


def test_a_name_on_a_page_is_no_formula():
    sheet = openpyxl.Workbook().active
    write_lot_sheets(sheet, {"inspection_plans": pd.DataFrame([lot(supplier="=1+1")])})
    (name,) = [cell for row in sheet.iter_rows() for cell in row if str(cell.value).endswith("=1+1")]
    assert name.data_type == "s"
