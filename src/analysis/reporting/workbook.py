"""The review as a workbook: a sheet a table with headers in both languages, a summary with links and a codebook.

Each data sheet is one named Excel table that prints on A4; the few tables that a reader works with have a sheet, the others are in
`data/processed/` and behind their supplier in review.html.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

import pandas as pd
from openpyxl import Workbook
from openpyxl.formatting.rule import CellIsRule, DataBarRule, FormulaRule
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.table import Table, TableStyleInfo
from openpyxl.worksheet.worksheet import Worksheet

from analysis.reporting.cells import clean
from analysis.reporting.checking_formulas import CHECKS, TOTALS, Filled, filled_checks, letter_of
from analysis.reporting.columns import Unit, about, heading_of, is_number, unit_of
from analysis.reporting.facts import ReviewFacts
from analysis.reporting.front_page import front_head
from analysis.reporting.page_tables import SHEETS
from analysis.reporting.report_context import ReportContext
from analysis.reporting.sentences import worded_in_both
from analysis.reporting.sheet_body import cells_of, formulas_of, rows_xml, styles_of, text_cell
from analysis.reporting.sheet_look import (
    BOTH,
    LINE,
    header,
    in_words,
    lines_of,
    print_on_a4,
    width_of,
)
from analysis.reporting.words import Words, missing
from analysis.sources.xlsx import Body, save_reproducibly, write_text
from analysis.wording import say

FORMATS: dict[Unit, str] = {
    "share": "0.0%", "days": "0.0", "date": "yyyy-mm-dd", "money": "#,##0.00", "price": "#,##0.000", "count": "#,##0", "number": "0.00", "text": "General", "flag": "General",
}  # fmt: skip
WIDTHS: dict[Unit, float] = {"share": 11, "days": 11, "date": 12, "money": 12, "price": 12, "count": 11, "number": 11, "text": 16, "flag": 9}  # fmt: skip
WIDE = {"supplier": 32, "backup": 32, "present_supplier": 32, "sku": 18, "order_id": 22, "grade_reason": 60, "reason": 90, "note": 40, "missing_criteria": 30, "step": 46, "message": 70, "item": 50, "response": 50, "missing": 40, "routine": 42, "remedy": 46, "file": 28}  # fmt: skip
WIDEST = 44.0
"""Of a column of words that is not among these."""

CHECK_FILL = PatternFill("solid", start_color="FF005A91")
NUMBER = Alignment(vertical="top", horizontal="right")
TEXT = Alignment(vertical="top", horizontal="left", indent=1)
SENTENCE = Alignment(vertical="top", horizontal="left", indent=1, wrap_text=True)
"""Words stand a little off the number before them; a sentence is wrapped, so that the next column cuts nothing of it."""
SENTENCE_WIDTH = 40
LONG = "message"
"""A column of whole letters, to be copied: wrapped it would make every row a page high."""
GRADE_FILLS = {"A": "FFCFE3F1", "B": "FFE6E9EC", "C": "FFF8D9C4"}


def write_workbook(tables: Mapping[str, pd.DataFrame], facts: ReviewFacts, file: Path) -> Path:
    """Write the workbook of `tables` (names as in `SHEETS`; empty and absent ones are named in the summary)."""
    workbook = Workbook()
    present = {name: worded_in_both(tables[name]) for name in SHEETS if name in tables and len(tables[name])}
    summary = workbook.active
    bodies = {
        sheet_name(name): _table_sheet(workbook.create_sheet(sheet_name(name)), name, present) for name in present
    }
    _codebook_sheet(workbook.create_sheet(sheet_name("codebook")), present, facts)
    _summary_sheet(summary, tables, present, facts)
    save_reproducibly(workbook, file, bodies)
    return file


def both(entry: str, separator: str = " ", **values: object) -> str:
    """The words of `entry` in Chinese and English, in one text."""
    return separator.join(say(f"report.{entry}", language, **values) for language in BOTH)


def sheet_name(name: str) -> str:
    """`供应商评分 Scorecard`: a sheet's name has at most 31 characters."""
    return both(f"sheet_{name}")[:31]


# ---- a table ----


def _table_sheet(sheet: Worksheet, name: str, present: Mapping[str, pd.DataFrame]) -> Body:
    table, columns = present[name], list(present[name].columns)
    worded = {column: in_words(name, column, table[column]) for column in columns}
    units = {column: unit_of(name, column, table[column]) for column in columns}
    checks = filled_checks(name, present, sheet_name)
    heads = [f"{heading_of(name, c, 'zh')}\n{heading_of(name, c, 'en')}" for c in columns]
    heads += [
        f"{say(f'report.{each.check.entry}', 'zh')}\n{say(f'report.{each.check.entry}', 'en')}" for each in checks
    ]
    for place, column in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = _column_width(column, units[column], worded[column])
    for place in range(len(columns) + 1, len(heads) + 1):
        sheet.column_dimensions[get_column_letter(place)].width = 30
    header(sheet, heads, [is_number(table[column]) for column in columns] + [True] * len(checks))
    for place in range(len(columns) + 1, len(heads) + 1):
        sheet.cell(1, place).fill = CHECK_FILL
    print_on_a4(sheet, columns.index("supplier") + 1 if "supplier" in columns[:3] else 0)
    _mark(sheet, columns, len(table))
    _name_the_table(sheet, name, heads, len(table))
    links = _behind(table, columns.index("supplier") + 1) if name == "scorecard" else []
    area = f"A1:{get_column_letter(len(heads))}{len(table) + 1 + (name in TOTALS)}"
    return Body(area, _rows(sheet, name, table, worded, units, checks), links)


def _column_width(column: str, unit: Unit, worded: pd.Series) -> float:
    """Of a column of words that holds no sentences: so that none is cut by the next column."""
    named = WIDE.get(column.removesuffix("_zh"))
    if named is not None or unit not in ("text", "flag"):
        return named or WIDTHS[unit]
    return min(max(width_of(worded), WIDTHS[unit]), WIDEST)


def _behind(table: pd.DataFrame, place: int) -> list[tuple[str, str]]:
    """From each supplier to what is behind its numbers, in the page beside the workbook."""
    targets = (f"review.html#supplier={quote(clean(str(supplier)), safe='')}" for supplier in table["supplier"])
    return [(f"{get_column_letter(place)}{row}", target) for row, target in enumerate(targets, 2)]


def _rows(sheet: Worksheet, name: str, table: pd.DataFrame, worded: Mapping[str, pd.Series], units: Mapping[str, Unit], checks: list[Filled]) -> bytes:  # fmt: skip
    columns = [
        cells_of(values, place, styles_of(sheet, FORMATS[units[column]], placed=_placed(column, table[column])))
        for place, (column, values) in enumerate(worded.items(), start=1)
    ]
    for place, each in enumerate(checks, start=len(columns) + 1):
        styles = styles_of(sheet, each.check.number_format, placed=NUMBER)
        columns.append(formulas_of(each.formulas, each.results, place, styles))
    wrapped = [column for column in table if _placed(column, table[column]) is SENTENCE]
    return rows_xml(columns, heights=_heights(worded, wrapped)) + (
        _totals(sheet, name, table, units) if name in TOTALS else b""
    )


def _heights(worded: Mapping[str, pd.Series], wrapped: Sequence[str]) -> list[float | None]:
    """Points that each row takes by its wrapped columns: a program that only prints does not reckon them."""
    rows = zip(*(worded[column].tolist() for column in wrapped))
    widths = [WIDE[column.removesuffix("_zh")] - 3 for column in wrapped]
    lines = [max((lines_of(str(text), width) for text, width in zip(row, widths) if not missing(text)), default=1) for row in rows]  # fmt: skip
    return [LINE * count if count > 1 else None for count in lines]


def _placed(column: str, values: pd.Series) -> Alignment:
    """How the cells of a column stand."""
    if is_number(values):
        return NUMBER
    stem = column.removesuffix("_zh")
    return SENTENCE if stem != LONG and WIDE.get(stem, 0) >= SENTENCE_WIDTH else TEXT


def _name_the_table(sheet: Worksheet, name: str, heads: list[str], rows: int) -> None:
    """One named table a sheet (`=orders[...]` in a formula), with its filter; its columns are named as its heads."""
    table = Table(displayName=f"t_{name}", ref=f"A1:{get_column_letter(len(heads))}{rows + 1}")
    table._initialise_columns()
    if len(set(heads)) < len(heads):
        raise ValueError(f"{name}: two columns of a table have one heading: {heads}")
    for column, head in zip(table.tableColumns, heads):
        column.name = head.replace("\n", "_x000a_")
    table.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=True)
    sheet.add_table(table)


def _mark(sheet: Worksheet, columns: list[str], rows: int) -> None:
    """Colour grades, warn of probabilities over one half, draw bars for ratings."""
    for place, column in enumerate(columns, start=1):
        letter = get_column_letter(place)
        area = f"{letter}2:{letter}{rows + 1}"
        if column == "grade":
            for grade, colour in GRADE_FILLS.items():
                fill = PatternFill("solid", start_color=colour, end_color=colour)
                sheet.conditional_formatting.add(area, CellIsRule(operator="equal", formula=[f'"{grade}"'], fill=fill))
        elif column in (
            "p_over_limit",
            "late_probability",
        ):  # a dash is text, which Excel holds for more than any number
            rule = FormulaRule(
                formula=[f"AND(ISNUMBER({letter}2),{letter}2>0.5)"], font=Font(color="FF9A3B00", bold=True)
            )
            sheet.conditional_formatting.add(area, rule)
        elif column == "rating":
            bar = DataBarRule(start_type="num", start_value=0, end_type="num", end_value=100, color="FF9CC5E0")
            sheet.conditional_formatting.add(area, bar)


def _totals(sheet: Worksheet, name: str, table: pd.DataFrame, units: Mapping[str, Unit]) -> bytes:
    """The sums of some columns in a row below the table."""
    row, cells = len(table) + 2, [text_cell(f"A{len(table) + 2}", both("total"), styles_of(sheet, "General"))]
    for column in (column for column in table.columns if column in TOTALS[name]):
        letter, style = letter_of(table, column), styles_of(sheet, FORMATS[units[column]]).number
        result = float(table[column].sum())
        cells.append(f'<c r="{letter}{row}" s="{style}"><f>SUM({letter}2:{letter}{row - 1})</f><v>{result!r}</v></c>')
    return f'<row r="{row}">{"".join(cells)}</row>'.encode()


# ---- codebook and summary ----


def _codebook_sheet(sheet: Worksheet, tables: Mapping[str, pd.DataFrame], facts: ReviewFacts) -> None:
    heads = ("book_sheet", "book_column", "book_heading", "book_unit", "book_about")
    for place, width in enumerate((26, 24, 34, 26, 90), start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    header(sheet, [both(head, "\n") for head in heads])
    lines = [line for name, table in tables.items() for line in _codebook_lines(name, table, facts.currency)]
    for row, texts in enumerate(lines, start=2):
        for place, text in enumerate(texts, start=1):
            write_text(sheet.cell(row, place), text)
        sheet.cell(row, 5).alignment = Alignment(wrap_text=True, vertical="top")
    print_on_a4(sheet, 0)
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(heads))}{len(lines) + 1}"


def _codebook_lines(name: str, table: pd.DataFrame, currency: str) -> Iterator[tuple[str, ...]]:
    """Sheet, column, heading, unit and meaning of each column of a table's sheet, check columns included."""
    for column in table.columns:
        unit = unit_of(name, column, table[column])
        units = dict.fromkeys(say(f"report.unit_{unit}", language, currency=currency) for language in BOTH)
        heading, meaning = _both(heading_of, name, column, " / "), _both(about, name, column, "\n")
        yield sheet_name(name), column, heading, " / ".join(units), meaning
    for check in CHECKS.get(name, ()):
        about_check = both(f"{check.entry}_about", "\n")
        yield sheet_name(name), "", both(check.entry, " / "), both("unit_formula", " / "), about_check


def _both(words, table: str, column: str, separator: str) -> str:
    return separator.join(words(table, column, language) for language in BOTH)


def _summary_sheet(sheet: Worksheet, tables: Mapping[str, pd.DataFrame], present: Mapping[str, pd.DataFrame], facts: ReviewFacts) -> None:  # fmt: skip
    sheet.title = sheet_name("summary")
    pages = {language: front_head(ReportContext(tables, facts, Words(language))) for language in BOTH}
    for row, language in enumerate(BOTH, start=1):
        write_text(sheet.cell(row, 1), pages[language]["title"])
        sheet.cell(row, 1).font = Font(size=14, bold=True)
        write_text(sheet.cell(row + 2, 1), pages[language]["subtitle"])
        if facts.simulated:
            write_text(sheet.cell(row + 4, 1), say("report.banner_simulated", language))
            sheet.cell(row + 4, 1).font = Font(bold=True, color="FFB34D00")
    notes = [ReportContext(tables, facts, Words(language)).refused_told()[1] for language in BOTH]
    if any(notes):
        write_text(sheet.cell(7, 1), " ".join(notes))
        sheet.cell(7, 1).font = Font(bold=True, color="FFB34D00")
    row = _numbers(sheet, pages["zh"]["tiles"], pages["en"]["tiles"], 8)
    row = _links(sheet, present, row + 2)
    absent = [both(f"sheet_{name}") for name in SHEETS if name not in present]
    if absent:
        write_text(sheet.cell(row + 1, 1), both("book_absent", " / ", names=", ".join(absent)))
    for place, width in enumerate((76, 22, 60, 60), start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    print_on_a4(sheet, 0)
    sheet.freeze_panes = None


def _numbers(sheet: Worksheet, chinese: list[dict[str, str]], english: list[dict[str, str]], row: int) -> int:
    """The first page's six numbers, one a row; returns the last row."""
    for last, (zh, en) in enumerate(zip(chinese, english), start=row):
        for place, text in enumerate((f"{zh['label']} / {en['label']}", en["value"], zh["detail"], en["detail"]), start=1):  # fmt: skip
            write_text(sheet.cell(last, place), text)
        sheet.cell(last, 2).font = Font(bold=True)
    return row + len(chinese) - 1


def _links(sheet: Worksheet, present: Mapping[str, pd.DataFrame], row: int) -> int:
    """A link to each sheet with its number of rows; returns the last row."""
    for place, head in enumerate(("book_sheet", "book_rows"), start=1):
        write_text(sheet.cell(row, place), both(head))
        sheet.cell(row, place).font = Font(bold=True)
    for place, name in enumerate([*present, "codebook"], start=row + 1):
        cell = sheet.cell(place, 1)
        write_text(cell, sheet_name(name))
        cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{sheet_name(name)}'!A1")
        cell.font = Font(color="FF0072B2", underline="single")
        if name in present:
            sheet.cell(place, 2).value = len(present[name])
            sheet.cell(place, 2).alignment = Alignment(horizontal="left")
    return row + len(present) + 1
