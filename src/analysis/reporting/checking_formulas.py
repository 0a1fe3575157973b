"""Sums that a reader can check in Excel: they stand beside the reported numbers as live formulas."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy

import pandas as pd
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from analysis.wording import say

MOST_SUPPLIERS = 300
"""Beyond so many suppliers the rating is not summed again: the formula's work grows with the square of their number."""

CHECK_COLUMNS = {
    "criteria_values": "book_contribution",
    "scorecard": "book_rating_check",
    "accounting": "book_balance",
}
"""The wording of each table's check column; `<entry>_about` explains it."""


def add_checking_formulas(sheets: Mapping[str, Worksheet], tables: Mapping[str, pd.DataFrame]) -> None:
    """Widen the sheets `criteria_values`, `scorecard` and `accounting` by their check columns, where they are there."""
    if "criteria_values" in sheets:
        _add_points(sheets["criteria_values"], tables["criteria_values"])
        if "scorecard" in sheets and len(tables["scorecard"]) <= MOST_SUPPLIERS:
            _add_rating_check(sheets, tables)
    if "accounting" in sheets:
        _add_balance(sheets["accounting"], tables["accounting"])


def _letter(table: pd.DataFrame, column: str) -> str:
    return get_column_letter(list(table.columns).index(column) + 1)


def _add_column(sheet: Worksheet, name: str, table: pd.DataFrame, formula, number_format: str) -> str:
    """Write `formula(row)` beside the table `name`; returns the column's letter."""
    entry, place = CHECK_COLUMNS[name], len(table.columns) + 1
    head = sheet.cell(1, place, f"{say(f'report.{entry}', 'zh')}\n{say(f'report.{entry}', 'en')}")
    first = sheet.cell(1, 1)
    head.fill, head.font, head.alignment = copy(first.fill), copy(first.font), copy(first.alignment)
    for row in range(2, len(table) + 2):
        sheet.cell(row, place, formula(row)).number_format = number_format
    letter = get_column_letter(place)
    sheet.column_dimensions[letter].width = 20
    return letter


def _add_points(sheet: Worksheet, values: pd.DataFrame) -> None:
    weight, worth = _letter(values, "weight"), _letter(values, "utility")
    _add_column(sheet, "criteria_values", values, lambda row: f"=100*{weight}{row}*{worth}{row}", "0.00")


def _add_rating_check(sheets: Mapping[str, Worksheet], tables: Mapping[str, pd.DataFrame]) -> None:
    """`rating` again as the sum of the supplier's points. SUMPRODUCT and not SUMIF: a name may hold `*`, `?` or `=`."""
    scorecard, values = tables["scorecard"], tables["criteria_values"]
    there, last = f"'{sheets['criteria_values'].title}'!", len(values) + 1
    supplier, points = _letter(values, "supplier"), get_column_letter(len(values.columns) + 1)
    here = _letter(scorecard, "supplier")

    def formula(row: int) -> str:
        names = f"{there}${supplier}$2:${supplier}${last}"
        return f"=SUMPRODUCT(({names}={here}{row})*{there}${points}$2:${points}${last})"

    _add_column(sheets["scorecard"], "scorecard", scorecard, formula, "0.0")


def _add_balance(sheet: Worksheet, accounting: pd.DataFrame) -> None:
    kept, aside, merged, into = (_letter(accounting, c) for c in ("kept", "quarantined", "merged", "rows_in"))
    _add_column(sheet, "accounting", accounting, lambda r: f"={kept}{r}+{aside}{r}+{merged}{r}-{into}{r}", "0")
    total = len(accounting) + 2
    for column in ("rows_in", "kept", "quarantined", "merged", "later"):
        if column in accounting:
            letter = _letter(accounting, column)
            sheet[f"{letter}{total}"] = f"=SUM({letter}2:{letter}{total - 1})"
    sheet.cell(total, 1, f"{say('report.total', 'zh')} {say('report.total', 'en')}")
