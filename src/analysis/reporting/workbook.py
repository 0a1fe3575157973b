"""The review as a workbook: a sheet a table with headers in both languages, a summary with links and a codebook.

Styles go on whole columns and header rows; body cells get only a number format, which keeps thousands of rows quick.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from openpyxl import Workbook
from openpyxl.formatting.rule import CellIsRule, DataBarRule
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from analysis.reporting.checking_formulas import CHECKS, add_checking_formulas
from analysis.reporting.columns import Unit, about, heading_of, unit_of
from analysis.reporting.facts import ReviewFacts
from analysis.reporting.front_page import front_page
from analysis.reporting.material import Material
from analysis.reporting.sentences import worded_in_both
from analysis.reporting.words import Words
from analysis.sources.xlsx import save_reproducibly, write_text
from analysis.wording import Language, say

BOTH: tuple[Language, Language] = ("zh", "en")

SHEETS = (
    "purchase_plan", "scorecard", "sourcing_advice", "criteria_values", "rank_acceptability", "rank_changes", "grade_changes", "weights", "weights_proposed", "clipped_trials", "weight_stability", "rank_sensitivity", "defect_rates", "defect_items", "return_rates", "drift", "lead_times",
    "factory_leg", "carrier_leg", "open_orders", "shutdowns", "on_time", "trends", "trend_changes", "survival", "costs", "choice_regret", "order_sizes", "negotiation", "open_differences",
    "differences", "quality_costs", "stock", "demand_forecast", "inspection_plans", "exposure", "backups", "supply_policies",
    "trial_plan", "no_trial", "trial_policies", "risks", "calibration", "rating_record", "plan_account", "previous_scorecard", "orders", "inspections", "demand", "accounting", "quarantine", "remarks",
)  # fmt: skip
"""The tables that have a sheet, in the workbook's order."""

FORMATS: dict[Unit, str] = {
    "share": "0.0%", "days": "0.0", "date": "yyyy-mm-dd", "money": "#,##0.00", "price": "#,##0.000", "count": "#,##0", "number": "0.00", "text": "General", "flag": "General",
}  # fmt: skip
WIDTHS: dict[Unit, float] = {
    "share": 11,
    "days": 11,
    "date": 12,
    "money": 12,
    "price": 12,
    "count": 11,
    "number": 11,
    "text": 16,
    "flag": 9,
}
WIDE = {"supplier": 32, "backup": 32, "first": 28, "second": 28, "sku": 18, "order_id": 22, "grade_reason": 60, "reason": 50, "backup_reason": 50, "batch_reason": 50, "main": 32, "nearest": 32, "remedy": 46, "note": 40, "file": 28, "missing_criteria": 30}  # fmt: skip

HEADER_FILL = PatternFill("solid", start_color="FF24313D")
HEADER_FONT = Font(color="FFFFFFFF", bold=True)
HEADER_LINES = Alignment(wrap_text=True, vertical="center")
GRADE_FILLS = {"A": "FFCFE3F1", "B": "FFE6E9EC", "C": "FFF8D9C4"}


def write_workbook(tables: Mapping[str, pd.DataFrame], facts: ReviewFacts, file: Path) -> Path:
    """Write the workbook of `tables` (names as in `SHEETS`; empty and absent ones are named in the summary)."""
    workbook = Workbook()
    present = {name: worded_in_both(tables[name]) for name in SHEETS if name in tables and len(tables[name])}
    summary = workbook.active
    for name, table in present.items():
        _table_sheet(workbook.create_sheet(sheet_name(name)), name, table)
    add_checking_formulas({name: workbook[sheet_name(name)] for name in present}, present)
    _codebook_sheet(workbook.create_sheet(sheet_name("codebook")), present, facts)
    _summary_sheet(summary, tables, present, facts)
    save_reproducibly(workbook, file)
    return file


def both(entry: str, separator: str = " ", **values: object) -> str:
    """The words of `entry` in Chinese and English, in one text."""
    return separator.join(say(f"report.{entry}", language, **values) for language in BOTH)


def sheet_name(name: str) -> str:
    """`供应商评分 Scorecard`: a sheet's name has at most 31 characters."""
    return both(f"sheet_{name}")[:31]


# ---- a table ----


def _table_sheet(sheet: Worksheet, name: str, table: pd.DataFrame) -> None:
    columns = list(table.columns)
    units = {column: unit_of(name, column, table[column]) for column in columns}
    _header(sheet, [f"{heading_of(name, c, 'zh')}\n{heading_of(name, c, 'en')}" for c in columns])
    for place, column in enumerate(columns, start=1):
        _fill(sheet, place, plain_values(table[column]), units[column])
        width = WIDE.get(column.removesuffix("_zh"), WIDTHS[units[column]])
        sheet.column_dimensions[get_column_letter(place)].width = width
    _freeze(sheet, columns.index("supplier") + 1 if "supplier" in columns[:3] else 0, len(columns), len(table))
    _mark(sheet, columns, len(table))


def plain_values(values: pd.Series) -> list[Any]:
    """Python values for cells; missing becomes an empty cell."""
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        values = values.dt.tz_localize(None)
    absent = values.isna().to_numpy()
    cells = values.astype(object).to_numpy()
    return [None if gone else _plain(cell) for cell, gone in zip(cells, absent)]


def _plain(cell: Any) -> Any:
    if isinstance(cell, pd.Timestamp):
        return cell.to_pydatetime()
    if isinstance(cell, np.generic):
        cell = cell.item()
    if isinstance(cell, float) and not np.isfinite(cell):
        return None
    return cell if isinstance(cell, str | int | float | bool) or cell is None else ", ".join(map(str, cell))


def _fill(sheet: Worksheet, place: int, values: list[Any], unit: Unit) -> None:
    number_format = FORMATS[unit]
    for row, value in enumerate(values, start=2):
        if value is None:
            continue
        cell = sheet.cell(row, place)
        if isinstance(value, str):
            write_text(cell, value)
        else:
            cell.value = value
            if number_format != "General":
                cell.number_format = number_format


def _header(sheet: Worksheet, headings: list[str]) -> None:
    for place, heading in enumerate(headings, start=1):
        cell = sheet.cell(1, place)
        write_text(cell, heading)
        cell.fill, cell.font, cell.alignment = HEADER_FILL, HEADER_FONT, HEADER_LINES
    sheet.row_dimensions[1].height = 32


def _freeze(sheet: Worksheet, fixed_columns: int, columns: int, rows: int) -> None:
    sheet.freeze_panes = f"{get_column_letter(fixed_columns + 1)}2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(columns)}{rows + 1}"
    sheet.sheet_view.showGridLines = False
    sheet.page_setup.orientation, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = "landscape", 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:1"


def _mark(sheet: Worksheet, columns: list[str], rows: int) -> None:
    """Colour grades, warn of probabilities over one half, draw bars for ratings."""
    for place, column in enumerate(columns, start=1):
        area = f"{get_column_letter(place)}2:{get_column_letter(place)}{rows + 1}"
        if column == "grade":
            for grade, colour in GRADE_FILLS.items():
                fill = PatternFill("solid", start_color=colour, end_color=colour)
                sheet.conditional_formatting.add(area, CellIsRule(operator="equal", formula=[f'"{grade}"'], fill=fill))
        elif column in ("p_over_limit", "late_probability"):
            rule = CellIsRule(operator="greaterThan", formula=["0.5"], font=Font(color="FFB34D00", bold=True))
            sheet.conditional_formatting.add(area, rule)
        elif column == "rating":
            bar = DataBarRule(start_type="num", start_value=0, end_type="num", end_value=100, color="FF9CC5E0")
            sheet.conditional_formatting.add(area, bar)


# ---- codebook and summary ----


def _codebook_sheet(sheet: Worksheet, tables: Mapping[str, pd.DataFrame], facts: ReviewFacts) -> None:
    heads = ("book_sheet", "book_column", "book_heading", "book_unit", "book_about")
    _header(sheet, [both(head, "\n") for head in heads])
    lines = [line for name, table in tables.items() for line in _codebook_lines(name, table, facts.currency)]
    for row, texts in enumerate(lines, start=2):
        for place, text in enumerate(texts, start=1):
            write_text(sheet.cell(row, place), text)
        sheet.cell(row, 5).alignment = Alignment(wrap_text=True, vertical="top")
    for place, width in enumerate((26, 24, 34, 26, 90), start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    _freeze(sheet, 0, len(heads), len(lines))


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
    pages = {language: front_page(Material(tables, facts, Words(language))) for language in BOTH}
    for row, language in enumerate(BOTH, start=1):
        write_text(sheet.cell(row, 1), pages[language]["title"])
        sheet.cell(row, 1).font = Font(size=14, bold=True)
        write_text(sheet.cell(row + 2, 1), pages[language]["subtitle"])
        if facts.simulated:
            write_text(sheet.cell(row + 4, 1), say("report.banner_simulated", language))
            sheet.cell(row + 4, 1).font = Font(bold=True, color="FFB34D00")
    notes = [Material(tables, facts, Words(language)).refused_told()[1] for language in BOTH]
    if any(notes):
        write_text(sheet.cell(7, 1), " ".join(notes))
        sheet.cell(7, 1).font = Font(bold=True, color="FFB34D00")
    row = _numbers(sheet, pages["zh"]["tiles"], pages["en"]["tiles"], 8)
    row = _links(sheet, present, row + 2)
    absent = [both(f"sheet_{name}") for name in SHEETS if name not in present and name != "previous_scorecard"]
    if absent:
        write_text(sheet.cell(row + 1, 1), both("book_absent", " / ", names=", ".join(absent)))
    for place, width in enumerate((46, 22, 60, 60), start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.sheet_view.showGridLines = False


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
    return row + len(present) + 1
