"""The ledger workbook: template, writing, and reading back in both languages."""

import datetime
import zipfile

import openpyxl
import pandas as pd
import pytest

from analysis.decisions.offers.incoterms import read_freight_terms
from analysis.errors import SourceError
from analysis.reporting.sentences import worded, worded_in_both
from analysis.sources.conform import conform
from analysis.sources.ledger import is_ledger, read_ledger, write_ledger, write_template
from analysis.sources.ledger_sheets import SHEETS, header, meaning, words
from analysis.sources.load import END_OF_TIME, load_source
from analysis.sources.opening import Sheet, read_sheets
from analysis.sources.receipts import split_receipts

ID = "3847561029384756102"  # 19 digits: a float keeps 15

TABLES = {
    "suppliers": pd.DataFrame({"supplier": ["甲厂", "=乙厂"], "kind": ["factory", "trader"], "dispute_rate_90d": [0.0006, None]}),
    "quotes": pd.DataFrame({"quote_id": ["Q1"], "supplier": ["甲厂"], "quoted_on": [pd.Timestamp("2026-01-05")],
                            "min_quantity": [100], "unit_price": [0.8], "mixed_batch": [True], "deposit_share": [0.3]}),
    "inquiries": pd.DataFrame({"supplier": ["甲厂"], "asked_at": [pd.Timestamp("2026-01-04 09:30")], "phase": ["pre-sale"]}),
    "orders": pd.DataFrame({"order_id": [ID], "line_no": [1], "supplier": ["甲厂"], "stage": ["trial"], "quantity": [20],
                            "ordered_on": [pd.Timestamp("2026-01-06")], "promised_on": [pd.Timestamp("2026-01-16")],
                            "transport_mode": ["truck"], "unit_price": [1.25]}),
    "inspections": pd.DataFrame({"order_id": [ID, ID], "line_no": [1, 1], "batch": ["B1", "B2"],
                                 "received_on": pd.to_datetime(["2026-01-15", "2026-01-20"]),
                                 "inspected_on": pd.to_datetime(["2026-01-16", None]),
                                 "inspected": [12, None], "defective": [1, None]}),
    "returns": pd.DataFrame({"order_id": [ID], "returned": [1], "settled_on": [pd.Timestamp("2026-01-25")], "cost": [1.25]}),
    "demand": pd.DataFrame({"sku": ["T-1"], "month": [pd.Timestamp("2026-01-01")], "units": [40]}),
    "risks": pd.DataFrame({"supplier": ["甲厂"], "item": ["-unpacked"], "status": ["open"], "opened_on": [pd.Timestamp("2026-01-07")]}),
}  # fmt: skip


def conformed(path) -> dict[str, pd.DataFrame]:
    raws = {raw.table: raw for raw in read_ledger(path, read_sheets(path)).raws}
    raws["inspections"] = split_receipts(raws["inspections"]).inspections
    found = {name: conform(raw) for name, raw in raws.items()}
    assert all(result.quarantine.empty for result in found.values())
    return {name: result.table for name, result in found.items()}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_is_written_is_read_back(tmp_path, language):
    path = tmp_path / "ledger.xlsx"
    write_ledger(path, TABLES, language)
    read = conformed(path)
    assert read["orders"]["order_id"].tolist() == [ID]
    for name, told in TABLES.items():
        told = (
            told[told["inspected_on"].notna()] if name == "inspections" else told
        )  # the other batch is an arrival alone
        for column in told.columns.drop("received_on", errors="ignore"):
            left = told[column].dropna().tolist()
            assert read[name][column].dropna().tolist() == left, (name, column)


def test_arrivals_of_batches_are_read_with_or_without_an_inspection(tmp_path):
    path = tmp_path / "ledger.xlsx"
    write_ledger(path, TABLES)
    raw = next(raw for raw in read_ledger(path, read_sheets(path)).raws if raw.table == "inspections")
    split = split_receipts(raw)
    assert split.arrivals["received_on"].dt.strftime("%d").tolist() == ["15", "20"]
    assert split.arrivals["alone"].tolist() == [False, True]
    assert len(split.inspections.frame) == 1


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_template_is_an_empty_ledger_in_its_language(tmp_path, language):
    path = tmp_path / "template.xlsx"
    write_template(path, language)
    sheets = read_sheets(path)
    assert len(sheets) == len(SHEETS) + 1 and is_ledger(sheets)
    assert [len(conform(raw).table) for raw in read_ledger(path, sheets).raws] == [0] * len(SHEETS)
    page = openpyxl.load_workbook(path)[next(s for s in SHEETS if s.name == "orders").title(language)]
    assert page.freeze_panes == "B4"
    assert all(cell.comment is not None for cell in page[3])
    lists = [check.formula1 for check in page.data_validations.dataValidation if check.type == "list"]
    assert any(("样品,试单,大货" if language == "zh" else "sample,trial,bulk") in text for text in lists)
    assert all(check.showErrorMessage and check.error for check in page.data_validations.dataValidation)
    letter = next(
        cell.column_letter for cell in page[3] if cell.value == ("订单编号*" if language == "zh" else "Order id*")
    )
    assert page.column_dimensions[letter].number_format == "@"


def with_the_example_as_data(path, language) -> openpyxl.Workbook:
    """The blank ledger at `path` with the example of each sheet, which stands above the headers, in the first row below them."""
    write_template(path, language)
    book = openpyxl.load_workbook(path)
    for sheet in SHEETS:
        page = book[sheet.title(language)]
        for cell in page[2]:
            page.cell(4, cell.column).value = cell.value
    book.save(path)
    return book


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_example_of_the_template_is_no_data_and_would_be_good_data(tmp_path, language):
    """The row above the headers is not read; the same row below them is, with every cell."""
    path = tmp_path / "template.xlsx"
    book = with_the_example_as_data(path, language)
    for sheet in SHEETS:
        page = book[sheet.title(language)]
        assert {"zh": "。灰色一行", "en": ". The grey row"}[language] in page["A1"].value, "two sentences"
        assert page.page_setup.fitToWidth == 1 and page.page_setup.orientation == "landscape"
        filled = {cell.column for cell in page[2] if cell.value is not None}
        assert {place for place, column in enumerate(sheet.printed, 1) if column.required} <= filled
    for raw in read_ledger(path, read_sheets(path)).raws:
        found = conform(raw)
        assert len(found.table) == 1 and found.quarantine.empty, raw.table


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_example_copied_below_the_headers_keeps_its_quantities_and_prices(tmp_path, language):
    """200 pieces at 12.50 are 2,500; a carton of 12 that the articles tell of makes neither 2,400 pieces nor another price."""
    with_the_example_as_data(tmp_path / "ledger.xlsx", language)
    known = load_source(tmp_path).known(END_OF_TIME)
    (order,), (article,) = (known.tables[name].to_dict("records") for name in ("orders", "articles"))
    paid = [order[name] for name in ("quantity", "unit_price", "goods_amount", "freight", "discount", "paid_amount")]
    assert paid == [200, 12.5, 2500, 60, 50, 2510] and 200 * 12.5 + 60 - 50 == 2510
    assert (article["unit"], article["pieces_per_unit"]) == ({"zh": "箱", "en": "carton"}[language], 12)
    assert set(known.tables["quotes"]["unit_price"]) >= {12.5} and known.tables["demand"]["units"].tolist() == [160]
    assert known.tables["stock_counts"]["on_hand"].tolist() == [320]
    assert read_freight_terms(order["freight_terms"]).free_from > 2500, "else no 60 would have been paid"
    supplier = "示例塑料制品厂" if language == "zh" else "Example Plastics Factory"
    assert set(known.tables["suppliers"]["supplier"]) == {supplier} == {order["supplier"]}
    assert known.quarantine.empty


def test_every_column_has_a_meaning_and_short_drop_downs():
    for sheet in SHEETS:
        for column in sheet.columns:
            for language in ("zh", "en"):
                assert meaning(column, language) and header(column, language)
                assert len(",".join(words(column, language))) <= 255  # the longest list that a spreadsheet takes


def test_the_same_tables_give_the_same_bytes(tmp_path):
    write_ledger(tmp_path / "a.xlsx", TABLES)
    write_ledger(tmp_path / "b.xlsx", TABLES)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        year = datetime.date.today().year
        assert str(year).encode() not in archive.read("docProps/core.xml")


def test_text_never_becomes_a_formula(tmp_path):
    path = tmp_path / "ledger.xlsx"
    write_ledger(path, TABLES)
    cells = [cell for page in openpyxl.load_workbook(path) for row in page for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    assert {cell.value for cell in cells if cell.quotePrefix} == {"=乙厂", "-unpacked"}


def edited(tmp_path, change):
    path = tmp_path / "ledger.xlsx"
    write_ledger(path, TABLES)
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)
    return path


def test_a_wrong_header_is_named_with_the_accepted_ones(tmp_path):
    def rename(book):
        page = book["订单"]
        next(cell for cell in page[2] if cell.value == "下单日期*").value = "什么时候"

    path = edited(tmp_path, rename)
    with pytest.raises(
        SourceError, match=r"sheet 订单: no header for ordered_on. Accepted: ordered_on, 下单日期"
    ) as told:
        read_ledger(path, read_sheets(path))
    assert "下单日期" in told.value.text("zh")


def test_headers_are_found_wherever_they_stand_and_in_both_languages(tmp_path):
    def rework(book):
        page = book["订单"]
        page.insert_rows(1, 3)
        next(cell for cell in page[5] if cell.value == "订单编号*").value = "Order ID"
        page.move_range("B5:B6", cols=30)
        page.cell(row=5, column=40).value = "备注"

    path = edited(tmp_path, rework)
    reading = read_ledger(path, read_sheets(path))
    orders = next(raw for raw in reading.raws if raw.table == "orders")
    assert orders.frame["order_id"].tolist() == [ID] and orders.frame.index.tolist() == [6]
    assert conform(orders).table["line_no"].tolist() == [1]
    assert reading.remarks["code"].tolist() == ["column_ignored"]


def test_absent_and_unknown_sheets_are_remarks(tmp_path):
    def drop(book):
        del book["报价"]
        book["月需求"].title = "月需求2"

    path = edited(tmp_path, drop)
    remarks = read_ledger(path, read_sheets(path)).remarks
    assert remarks.groupby("code")["sheet"].agg(list).to_dict() == {
        "sheet_ignored": ["月需求2"],
        "sheet_absent": ["报价", "月需求"],
    }
    assert "月需求" in worded(remarks.set_index("code").loc["sheet_ignored", "remedy"], "zh")


def test_merged_cells_and_words_in_number_cells_go_to_quarantine(tmp_path):
    def spoil(book):
        page = book["收货验货"]
        heads = {cell.value: cell.column for cell in page[2]}
        page.cell(row=3, column=heads["检验数量"]).value = "十二"
        page.cell(row=5, column=heads["订单编号*"]).value = "A2"
        page.cell(row=5, column=heads["验货日期"]).value = "#####"
        page.cell(row=6, column=heads["到货日期"]).value = "soon"
        page.cell(row=6, column=heads["订单编号*"]).value = "A3"
        page.merge_cells(start_row=5, end_row=7, start_column=heads["订单编号*"], end_column=heads["订单编号*"])
        page.cell(row=7, column=heads["检验数量"]).value = 3

    path = edited(tmp_path, spoil)
    raw = next(raw for raw in read_ledger(path, read_sheets(path)).raws if raw.table == "inspections")
    split = split_receipts(raw)
    assert split.quarantine[["row", "code"]].values.tolist() == [[6, "not_a_date"]]
    found = conform(split.inspections).quarantine.set_index("row")
    assert found["code"].to_dict() == {3: "not_a_number", 5: "date_hidden", 7: "required_missing"}
    assert worded_in_both(found)["reason_zh"].str.len().gt(0).all()


def test_a_workbook_of_other_sheets_is_no_ledger():
    assert not is_ledger([Sheet("Sheet1", [["a"]]), Sheet("orders", [["order_id"]])])
