"""The workbook holds the tables as they are, opens without surprises and explains every column."""

import re
import time
from urllib.parse import quote

import numpy as np
import openpyxl
import pandas as pd
import pytest
from review_tables import EIGHT, MONEY_TABLES, facts, is_described, review_tables

from analysis.paths import PROJECT
from analysis.reporting.checking_formulas import CHECKS
from analysis.reporting.codes import code_name
from analysis.reporting.columns import SHARED, about, entry_of, heading_of, stem_of, unit_of
from analysis.reporting.sentences import worded_in_both
from analysis.reporting.sheet_body import DASH, Styles, cells_of
from analysis.reporting.workbook import SHEETS, sheet_name, write_workbook
from analysis.sources.tables import TABLES

ANYWHERE = {"supplier", "sku", "category", "order_id", "line_no", "note"}
"""Columns that say the same in every table."""


@pytest.fixture(scope="module")
def tables():
    return review_tables()


@pytest.fixture(scope="module")
def book(tables, tmp_path_factory):
    file = write_workbook(tables, facts(), tmp_path_factory.mktemp("book") / "review.xlsx")
    return openpyxl.load_workbook(file)


def heads(sheet) -> list[str]:
    return [cell.value for cell in sheet[1]]


def values(sheet, place, count) -> list:
    return [sheet.cell(row, place).value for row in range(2, count + 2)]


def expected_cells(name, column, cells: pd.Series) -> list:
    """What a reader should find: the value itself, a code by its two names, a dash where nothing is known."""

    def one(value):
        if value is None or (not isinstance(value, list) and pd.isna(value)) or value == "":
            return DASH
        if isinstance(value, pd.Timestamp):
            return value.to_pydatetime()
        if isinstance(value, list):
            return ", ".join(value)
        words = [code_name(name, column, value, language) for language in ("zh", "en")]
        return value if words[0] == words[1] else " ".join(words)

    return [one(value) for value in cells.tolist()]


def shown(tables) -> list[str]:
    """The tables that have a sheet."""
    return [name for name in SHEETS if name in tables]


def test_at_most_twenty_sheets_each_data_sheet_one_named_table(tables, book):
    assert len(SHEETS) + 2 <= 20
    for name in shown(tables):
        sheet = book[sheet_name(name)]
        (table,) = sheet.tables.values()
        width = sheet.max_column
        assert table.displayName == f"t_{name}"
        assert table.ref == f"A1:{openpyxl.utils.get_column_letter(width)}{len(tables[name]) + 1}"
        assert [column.name.replace("_x000a_", "\n") for column in table.tableColumns] == heads(sheet)
        assert table.autoFilter is not None and sheet.auto_filter.ref is None


def test_no_cell_of_a_table_is_blank_and_a_dash_warns_of_nothing(tables, book):
    for name in shown(tables):
        sheet = book[sheet_name(name)]
        for row in sheet.iter_rows(min_row=1, max_row=len(tables[name]) + 1):
            assert all(cell.value not in (None, "") for cell in row), (name, row[0].row)
    rules = [rule for area in book[sheet_name("defect_rates")].conditional_formatting for rule in area.rules]
    assert all("ISNUMBER" in rule.formula[0] for rule in rules)


def test_a_sentence_is_wrapped_in_a_row_that_is_high_enough(book):
    """What the next column cuts, nobody reads; numbers stand right and words a little off them."""
    sheet = book[sheet_name("purchase_plan")]
    heads = {cell.value.split("\n")[-1]: cell.column for cell in sheet[1]}
    for row in range(2, sheet.max_row + 1):
        why = sheet.cell(row, heads["Why"])
        width = sheet.column_dimensions[why.column_letter].width
        assert why.alignment.wrap_text
        assert (sheet.row_dimensions[row].height or 15) >= 15 * -(-len(why.value) // int(width))
        assert sheet.cell(row, heads["Pieces"]).alignment.horizontal == "right"
        assert sheet.cell(row, heads["Buy from"]).alignment.indent == 1


def test_every_sheet_prints_on_a4_so_that_it_can_be_read(book):
    for sheet in book:
        assert sheet.page_setup.paperSize == "9" or sheet.page_setup.paperSize == 9
        across = int(sheet.page_setup.fitToWidth)
        widths = [sheet.column_dimensions[letter].width for letter in sheet.column_dimensions]
        assert sheet.page_setup.orientation == "landscape" and 0 < sum(widths) / across <= 260, "letters of 2 points"
        assert across == 1 or sheet.print_title_cols, "each page names its rows"
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        if sheet.title == sheet_name("summary"):
            continue
        for head in sheet[1]:
            width = sheet.column_dimensions[head.column_letter].width
            lines = sum(
                max(1, -(-sum(2 if ord(c) > 0x2E7F else 1 for c in part) // int(width)))
                for part in head.value.split("\n")
            )
            assert sheet.row_dimensions[1].height >= 14 * lines, (sheet.title, head.value)


def test_formulas_carry_their_values_for_programs_that_do_not_reckon(tables, book, tmp_path):
    file = write_workbook(tables, facts(), tmp_path / "x.xlsx")
    cached = openpyxl.load_workbook(file, data_only=True)
    seen = 0
    for name in shown(tables):
        for row in book[sheet_name(name)].iter_rows(min_row=2):
            for cell in (cell for cell in row if cell.data_type == "f"):
                value = cached[cell.parent.title][cell.coordinate].value
                if "SUMPRODUCT" in cell.value:
                    rating = tables["scorecard"].set_index("supplier")["rating"]
                    assert value == pytest.approx(rating[row[0].value])
                else:
                    assert value == pytest.approx(by_hand(cell.value, cell.parent)), (name, cell.value)
                seen += 1
    assert seen > 40


def test_a_supplier_leads_to_the_page_beside_the_workbook(tables, book):
    sheet = book[sheet_name("scorecard")]
    found = {cell.value: cell.hyperlink.target for row in sheet.iter_rows(min_row=2, max_col=1) for cell in row}
    assert found == {name: f"review.html#supplier={quote(name, safe='')}" for name in tables["scorecard"]["supplier"]}


@pytest.mark.parametrize("text", ["a\nb", " both ends ", "{0}", "<b>&amp;", "\x07bell", "9" * 30])
def test_a_text_is_read_back_as_it_was_written(tables, tmp_path, text):
    one = {"quarantine": tables["quarantine"].assign(file=text)}
    book = openpyxl.load_workbook(write_workbook(one, facts(), tmp_path / "x.xlsx"))
    cells = [cell.value for row in book[sheet_name("quarantine")].iter_rows(min_row=2) for cell in row]
    assert text.replace("\x07", "") in cells


def test_a_sheet_a_table_with_its_numbers(tables, book):
    for name in SHEETS:
        if name not in tables:
            continue
        sheet, table = book[sheet_name(name)], worded_in_both(tables[name])
        for place, column in enumerate(table.columns, start=1):
            found = values(sheet, place, len(table))
            expected = expected_cells(name, column, table[column])
            if pd.api.types.is_float_dtype(table[column].dtype):
                numbers = [value for value in zip(found, expected) if value[1] != DASH]
                assert [a for a, _ in numbers] == pytest.approx([b for _, b in numbers]), (name, column)
                assert [value == DASH for value in found] == [value == DASH for value in expected]
            else:
                assert found == expected, (name, column)


def test_headers_are_in_both_languages_frozen_and_filtered(tables, book):
    for name in shown(tables):
        sheet = book[sheet_name(name)]
        assert sheet.freeze_panes is not None and sheet.freeze_panes.endswith("2")
        for head in heads(sheet):
            chinese, english = head.split("\n")
            assert re.search(r"[\u4e00-\u9fff]", chinese), (name, head)
            assert not re.search(r"[\u4e00-\u9fff]", english), (name, head)
    assert "不良率下限\nDefect rate low" in heads(book[sheet_name("defect_rates")])


def test_text_that_begins_like_a_formula_stays_text(book):
    sheet = book[sheet_name("scorecard")]
    cell = next(row[0] for row in sheet.iter_rows(min_row=2, max_col=1) if row[0].value == EIGHT[4])
    assert cell.value == "=Ningbo*Tools" and cell.data_type == "s" and cell.quotePrefix


def test_the_only_formulas_are_the_checking_ones(tables, book):
    for name in shown(tables):
        sheet = book[sheet_name(name)]
        formulas = [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
        beyond = [c for c in formulas if c.column > len(tables[name].columns) or c.row > len(tables[name]) + 1]
        assert formulas == beyond
        assert bool(formulas) == (name in CHECKS)


def test_the_rating_formula_sums_the_suppliers_points(tables, book):
    """The formula's ranges, followed by hand, give the reported rating."""
    scorecard, criteria = book[sheet_name("scorecard")], book[sheet_name("criteria_values")]
    columns = list(tables["criteria_values"].columns)
    points = {row: eval_points(criteria, row, columns) for row in range(2, criteria.max_row + 1)}
    place = len(tables["scorecard"].columns) + 1
    for row in range(2, scorecard.max_row + 1):
        formula = scorecard.cell(row, place).value
        match = re.fullmatch(r"=SUMPRODUCT\(\('(.+)'!\$A\$2:\$A\$(\d+)=A(\d+)\)\*'\1'!\$L\$2:\$L\$\2\)", formula)
        assert match and match[1] == criteria.title and int(match[2]) == criteria.max_row and int(match[3]) == row
        name = scorecard.cell(row, 1).value
        total = sum(p for r, p in points.items() if criteria.cell(r, 1).value == name)
        assert total == pytest.approx(scorecard.cell(row, list(tables["scorecard"].columns).index("rating") + 1).value)


def by_hand(formula: str, sheet) -> float:
    """The value of a check formula, its cells looked up in `sheet`: an oracle that knows +, -, *, /, SUM, MIN and MAX."""

    def cells(match) -> str:
        area = sheet[match[0].replace("$", "")]
        rows = area if isinstance(area, tuple) else ((area,),)
        return ",".join(repr(float(cell.value)) for row in rows for cell in row if not isinstance(cell.value, str))

    text = re.sub(r"\$?[A-Z]+\$?\d+(:\$?[A-Z]+\$?\d+)?", cells, formula.removeprefix("="))
    known = {"SUM": lambda *values: sum(values), "MIN": min, "MAX": max}
    return eval(text, {"__builtins__": {}}, known)


REPORTED = {
    "book_cost_sum": "cost_per_good_piece",
    "book_quality": "cost_of_quality", "book_quality_share": "share_of_spend",
    "book_order_up_to": "order_up_to", "book_average_stock": "average_stock", "book_turns": "turns", "book_stock_orders": "orders_per_year",
}  # fmt: skip


def check_cells(tables, book):
    """`(name, check, row, cell)` of every check formula of the money and stock sheets."""
    for name in [name for table in MONEY_TABLES if (name := table.__name__) in CHECKS and name in SHEETS]:
        sheet, width = book[sheet_name(name)], len(tables[name].columns)
        for place, check in enumerate(CHECKS[name], start=width + 1):
            for row in range(len(tables[name])):
                yield name, check, row, sheet.cell(row + 2, place)


def test_the_check_formulas_give_the_reported_values(tables, book):
    seen = set()
    for name, check, row, cell in check_cells(tables, book):
        if cell.value != DASH and check.entry in REPORTED:
            reported = tables[name][REPORTED[check.entry]].iloc[row]
            assert by_hand(cell.value, cell.parent) == pytest.approx(float(reported), rel=1e-3), (name, cell.coordinate)
            seen.add(check.entry)
    assert seen == set(REPORTED)


def test_check_formulas_worked_by_hand(tables, book):
    found = {(check.entry, row): cell for _, check, row, cell in check_cells(tables, book)}

    def value(entry, row):
        return by_hand(found[entry, row].value, found[entry, row].parent)

    assert value("book_cost_sum", 0) == pytest.approx(20 - 1.5 + 0.75 + 0.5 - 0.25 + 0.37)
    assert value("book_cost_sum", 2) == pytest.approx(17.11 + 0.5 + 0.33)  # its freight is not known
    assert value("book_worth_of_order", 0) == pytest.approx(0.021 * 200)
    assert value("book_poor_quality", 0) == 217 + 1833
    assert value("book_saved", 0) == pytest.approx(46.25 - 40.78)


def test_a_formula_is_left_out_where_a_number_is_not_known(tables, book):
    left_out = {(check.entry, row) for _, check, row, cell in check_cells(tables, book) if cell.value == DASH}
    assert left_out == {
        ("book_worth_of_order", 4), ("book_poor_quality", 1),
        ("book_order_up_to", 1), ("book_stock_orders", 1), ("book_average_stock", 1), ("book_turns", 1),
    }  # fmt: skip


def test_check_columns_are_named_and_coloured_as_formulas(tables, book):
    for name in CHECKS:
        sheet, width = book[sheet_name(name)], len(tables[name].columns)
        for head in sheet[1][width:]:
            assert head.value.startswith("公式：") and "\nFormula: " in head.value, (name, head.value)
            assert head.fill.start_color.rgb != sheet["A1"].fill.start_color.rgb
        assert not any("Formula" in head.value for head in sheet[1][:width])


def test_quality_costs_are_totalled(tables, book):
    for name, column, total in (("quality_costs", "spend", 48000),):
        sheet, letter = book[sheet_name(name)], openpyxl.utils.get_column_letter(list(tables[name].columns).index(column) + 1)  # fmt: skip
        assert sheet["A4"].value == "合计 Total"
        assert by_hand(sheet[f"{letter}4"].value, sheet) == pytest.approx(total)


def test_units_of_the_money_tables():
    number = pd.Series([1.5])
    assert unit_of("costs", "freight", number) == unit_of("costs", "cost_per_good_piece_low", number) == "price"
    assert unit_of("order_sizes", "freight", number) == unit_of("open_differences", "quantity", number) == "money"
    assert unit_of("supply_policies", "reorder_point", number) == "count"
    assert unit_of("stock", "cycle_service", number) == unit_of("inspection_plans", "p_bad_accepted", number) == "share"
    assert (
        unit_of("drift", "difference", number) == "number" and unit_of("differences", "difference", number) == "money"
    )


def test_a_bare_end_of_an_interval_is_not_described_by_chance():
    assert not is_described("some_table", "low") and heading_of("some_table", "high", "en") == "high"
    assert is_described("demand_forecast", "low")


def test_thousands_of_rows_are_quick_and_the_same_twice(tables, tmp_path):
    many = tables | {"criteria_values": pd.concat([tables["criteria_values"]] * 300, ignore_index=True)}
    began = time.process_time()
    first = write_workbook(many, facts(), tmp_path / "first.xlsx")
    assert len(many["criteria_values"]) > 9_000 and time.process_time() - began < 4
    assert write_workbook(many, facts(), tmp_path / "second.xlsx").read_bytes() == first.read_bytes()


def eval_points(sheet, row, columns) -> float:
    weight, worth = (openpyxl.utils.get_column_letter(columns.index(c) + 1) for c in ("weight", "worth"))
    assert sheet.cell(row, len(columns) + 1).value == f"=100*{weight}{row}*{worth}{row}"
    return 100 * sheet[f"{weight}{row}"].value * sheet[f"{worth}{row}"].value


def test_number_formats(tables, book):
    sheet, columns = book[sheet_name("defect_rates")], list(tables["defect_rates"].columns)
    assert sheet.cell(2, columns.index("defect_rate") + 1).number_format == "0.0%"
    assert sheet.cell(2, columns.index("inspected") + 1).number_format == "#,##0"
    sheet, columns = book[sheet_name("open_orders")], list(tables["open_orders"].columns)
    assert sheet.cell(2, columns.index("ordered_on") + 1).number_format == "yyyy-mm-dd"
    assert sheet.cell(2, columns.index("order_id") + 1).value == tables["open_orders"]["order_id"].iloc[0]


def test_grades_and_probabilities_are_marked(book):
    def rules(sheet):
        return [rule.formula for area in sheet.conditional_formatting for rule in area.rules if rule.type == "cellIs"]

    assert rules(book[sheet_name("scorecard")]) == [['"A"'], ['"B"'], ['"C"']]
    (area,) = book[sheet_name("defect_rates")].conditional_formatting
    assert area.rules[0].formula[0].endswith(">0.5)")


def test_the_summary_links_to_every_sheet(tables, book):
    sheet = book[book.sheetnames[0]]
    assert book.sheetnames[0] == sheet_name("summary") == "摘要 Summary"
    links = [cell.hyperlink.location for row in sheet.iter_rows() for cell in row if cell.hyperlink]
    assert links == [f"'{name}'!A1" for name in book.sheetnames[1:]]
    text = " ".join(str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None)
    assert "13 of 262 pieces" in text and "模拟数据" in text and "试单计划 Trial plan" in text


def test_every_column_has_a_codebook_entry(tables, book):
    listed = {(row[0].value, row[2].value) for row in book[sheet_name("codebook")].iter_rows(min_row=2)}
    for name in shown(tables):
        for head in heads(book[sheet_name(name)]):
            assert (sheet_name(name), head.replace("\n", " / ")) in listed, (name, head)
    assert all(is_described(name, column) for name, table in tables.items() for column in table.columns)


def test_a_description_is_shared_only_by_the_tables_that_it_was_written_for():
    """Every table and column of the codebook page: a description without a table's name is one table's, or `SHARED` says whose."""
    page = (PROJECT / "docs" / "codebook.md").read_text(encoding="utf-8")
    sections = re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", page, flags=re.M | re.S)
    names = [(table, name) for table, text in sections for name in re.findall(r"^\| `(\w+)`", text, flags=re.M)]
    stems = {(table, column if entry_of(table, column) else stem_of(column)[0]) for table, column in names}
    users: dict[str, set[str]] = {}
    for table, column in stems:
        by_criterion = table == "forecasts_worths"  # its columns follow the criteria in config
        if entry_of(table, column) == f"codebook.{column}" and column not in ANYWHERE and not by_criterion:
            users.setdefault(column, set()).add(table)
    unnamed = {
        column: tables
        for column, tables in users.items()
        if len(tables) > 1 and not tables <= SHARED.get(column, set())
    }
    assert len(sections) > 40 and unnamed == {}, "write an entry <table>.<column>, or add the table to SHARED"


def test_a_column_is_never_described_by_another_tables_meaning():
    assert "returned" in about("return_rates", "pieces", "en") and "returned" not in about(
        "forecasts_defects", "pieces", "en"
    )
    assert "line" in about("orders", "status", "en") and "fit" in about("carrier_leg", "status", "en")
    assert entry_of("a_new_table", "rating") is None and entry_of("a_new_table", "rating_low") is None


def test_every_canonical_column_of_the_written_tables_is_described():
    for name in ("orders", "inspections", "risks"):
        assert [c for c in TABLES[name].names() if not is_described(name, c)] == []


def test_an_unknown_column_is_shown_by_its_own_name():
    assert heading_of("drift", "new_thing", "zh") == "new thing" and entry_of("drift", "new_thing") is None
    assert not is_described("drift", "new_thing")


def test_units_by_name_and_type():
    assert unit_of("defect_rates", "p_over_limit", pd.Series([0.1])) == "share"
    assert unit_of("orders", "freight", pd.Series([1.5])) == "money"
    assert unit_of("lead_times", "lead_time_p90_low", pd.Series([3.0])) == "days"
    assert unit_of("survival", "low", pd.Series([0.5])) == "share"
    assert unit_of("drift", "flagged", pd.Series([True])) == "flag"


def test_missing_is_a_dash_never_zero_and_never_blank():
    styles = Styles(1, 2, 3)
    for values in (pd.Series([np.nan, np.inf]), pd.Series([pd.NA], dtype="Int64"), pd.Series([pd.NaT]), pd.Series([None, ""], dtype=object)):  # fmt: skip
        assert all(f"<t>{DASH}</t>" in cell or f">{DASH}</t>" in cell for cell in cells_of(values, 1, styles)), values
    assert (
        "<v>1.5</v>" in cells_of(pd.Series([1.5]), 1, styles)[0]
        and "<v>0</v>" in cells_of(pd.Series([0]), 1, styles)[0]
    )


def test_a_workbook_of_nothing_opens(tmp_path):
    book = openpyxl.load_workbook(write_workbook({}, facts(), tmp_path / "empty.xlsx"))
    assert book.sheetnames == [sheet_name("summary"), sheet_name("codebook")]


def test_many_suppliers_get_no_quadratic_formula(tables, tmp_path):
    many = pd.concat([tables["scorecard"]] * 40, ignore_index=True)
    many["supplier"] += many.index.astype(str)
    book = openpyxl.load_workbook(write_workbook(tables | {"scorecard": many}, facts(), tmp_path / "many.xlsx"))
    assert not any(cell.data_type == "f" for row in book[sheet_name("scorecard")].iter_rows() for cell in row)
