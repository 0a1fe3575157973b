"""Sums that a reader can check in Excel: they stand beside the reported numbers as live formulas.

A check column's head begins with "Formula" and has a colour of its own, so that nobody takes it for data.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from string import Formatter

import numpy as np
import pandas as pd
from openpyxl.styles import PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from analysis.wording import say

MOST_SUPPLIERS = 300
"""Beyond so many suppliers the rating is not summed again: the formula's work grows with the square of their number."""
CHECK_FILL = PatternFill("solid", start_color="FF0072B2")
ALL = "_throughout"


@dataclass(frozen=True)
class Check:
    """A check column: `entry` of its wording (`<entry>_about` explains it) and its formula for a row.

    `{column}` in `formula` stands for that column's cell in the row, `{column_throughout}` for all its cells. A row in which one of
    the columns named is empty gets no formula. Without a formula the column is written by a function of its own.
    """

    entry: str
    formula: str = ""
    number_format: str = "#,##0.00"

    def columns(self) -> list[str]:
        """The table's columns that the formula needs."""
        return [name.removesuffix(ALL) for _, name, _, _ in Formatter().parse(self.formula) if name]


CHECKS: dict[str, tuple[Check, ...]] = {
    "criteria_values": (Check("book_contribution", "=100*{weight}*{utility}", "0.00"),),
    "scorecard": (Check("book_rating_check"),),
    "accounting": (Check("book_balance", "={kept}+{quarantined}+{merged}-{rows_in}", "0"),),
    "costs": (Check("book_cost_sum", "=SUM({list_price}:{yield_loss})", "#,##0.000"),),
    "order_sizes": (
        Check("book_order_money", "={order_quantity}*{unit_price}+{freight}"),
        Check("book_orders_a_year", "=365/{days_covered}", "0.00"),
    ),
    "negotiation": (Check("book_worth_of_order", "={worth_per_piece}*{quantity}"),),
    "open_differences": (Check("book_open_sum", "=SUM({price}:{unexplained})"),),
    "quality_costs": (
        Check("book_poor_quality", "={internal_failure}+{external_failure}"),
        Check("book_quality", "={cost_of_poor_quality}+{appraisal}+{prevention}"),
        Check("book_quality_share", "={cost_of_quality}/{spend}", "0.0%"),
    ),
    "stock": (
        Check("book_order_up_to", "={reorder_point}+{order_quantity}", "#,##0"),
        Check("book_stock_orders", "=12*{demand_per_month}/{order_quantity}", "0.00"),
        Check("book_average_stock", "=MAX({safety_stock},0)+{order_quantity}/2", "0.00"),
        Check("book_turns", "=12*{demand_per_month}/{average_stock}", "0.00"),
    ),
    "inspection_plans": (Check("book_saved", "=MIN({cost_all},{cost_none})-{expected_cost}"),),
    "exposure": (Check("book_share", "={spend}/SUM({spend_throughout})", "0.0%"),),
    "supply_policies": (Check("book_cost_change", number_format="0.0%"),),
}
"""The check columns of each table's sheet, in their order beside it."""

TOTALS = {
    "accounting": ("rows_in", "kept", "quarantined", "merged", "later"),
    "open_differences": ("lines", "price", "quantity", "freight", "discount", "duty", "return", "duplicate", "missing", "unexplained", "open"),
    "quality_costs": ("received_pieces", "inspected", "defective", "spend", "appraisal", "prevention", "internal_failure", "external_failure", "cost_of_poor_quality", "cost_of_quality"),
    "exposure": ("spend", "exposure"),
}  # fmt: skip
"""Columns that are summed in a row below the table."""


def add_checking_formulas(sheets: Mapping[str, Worksheet], tables: Mapping[str, pd.DataFrame]) -> None:
    """Widen the sheets in `CHECKS` that are there by their check columns, and those in `TOTALS` by a row of sums."""
    for name, checks in CHECKS.items():
        if name in sheets:
            written = [check for check in checks if check.formula and set(check.columns()) <= set(tables[name].columns)]
            for place, check in enumerate(written, start=len(tables[name].columns) + 1):
                _add_column(sheets[name], check, place, row_formulas(check, tables[name]))
    for name in TOTALS.keys() & sheets.keys():
        _add_totals(sheets[name], tables[name], TOTALS[name])
    if {"criteria_values", "scorecard"} <= sheets.keys() and len(tables["scorecard"]) <= MOST_SUPPLIERS:
        _add_rating_check(sheets, tables)
    if "supply_policies" in sheets:
        _add_cost_change(sheets["supply_policies"], tables["supply_policies"])


def row_formulas(check: Check, table: pd.DataFrame) -> list[str | None]:
    """The formula of each row of `table`, None where one of its cells is empty; the sheet's first row is the head.

    A sum over `{first}:{last}` needs its two ends only: an empty cell between them is a part that nobody knows.
    """
    needed = check.columns()
    known = np.ones(len(table), bool) if ":" in check.formula else table[needed].notna().all(axis=1).to_numpy()
    letters = {column: _letter(table, column) for column in needed}
    whole = {f"{column}{ALL}": f"${at}$2:${at}${len(table) + 1}" for column, at in letters.items()}
    cells = ({column: f"{at}{row}" for column, at in letters.items()} for row in range(2, len(table) + 2))
    return [check.formula.format(**whole, **cell) if there else None for cell, there in zip(cells, known)]


def _letter(table: pd.DataFrame, column: str) -> str:
    return get_column_letter(list(table.columns).index(column) + 1)


def _add_column(sheet: Worksheet, check: Check, place: int, formulas: list[str | None]) -> None:
    """Write a check column at `place`, its first formula in the second row."""
    head = sheet.cell(1, place, f"{say(f'report.{check.entry}', 'zh')}\n{say(f'report.{check.entry}', 'en')}")
    first = sheet.cell(1, 1)
    head.fill, head.font, head.alignment = CHECK_FILL, copy(first.font), copy(first.alignment)
    for row, formula in enumerate(formulas, start=2):
        if formula is not None:
            sheet.cell(row, place, formula).number_format = check.number_format
    sheet.column_dimensions[get_column_letter(place)].width = 30


def _add_rating_check(sheets: Mapping[str, Worksheet], tables: Mapping[str, pd.DataFrame]) -> None:
    """`rating` again as the sum of the supplier's points. SUMPRODUCT and not SUMIF: a name may hold `*`, `?` or `=`."""
    scorecard, values = tables["scorecard"], tables["criteria_values"]
    there, last = f"'{sheets['criteria_values'].title}'!", len(values) + 1
    supplier, points = _letter(values, "supplier"), get_column_letter(len(values.columns) + 1)
    here = _letter(scorecard, "supplier")
    names, worth = (f"{there}${column}$2:${column}${last}" for column in (supplier, points))
    formulas: list[str | None] = [f"=SUMPRODUCT(({names}={here}{row})*{worth})" for row in range(2, len(scorecard) + 2)]
    check = Check(CHECKS["scorecard"][0].entry, number_format="0.0")
    _add_column(sheets["scorecard"], check, len(scorecard.columns) + 1, formulas)


def _add_cost_change(sheet: Worksheet, policies: pd.DataFrame) -> None:
    """Each policy's cost over that of the single supplier that it is compared with, the row whose own change is 0."""
    base = np.flatnonzero(policies["policy"].str.startswith("single") & policies["cost_change"].eq(0))
    if len(base):
        cost = _letter(policies, "cost_per_year")
        formulas: list[str | None] = [f"={cost}{row}/{cost}${base[0] + 2}-1" for row in range(2, len(policies) + 2)]
        _add_column(sheet, CHECKS["supply_policies"][0], len(policies.columns) + 1, formulas)


def _add_totals(sheet: Worksheet, table: pd.DataFrame, columns: tuple[str, ...]) -> None:
    """The sums of `columns` in a row below the table."""
    total = len(table) + 2
    for column in columns:
        if column in table:
            letter = _letter(table, column)
            sheet[f"{letter}{total}"] = f"=SUM({letter}2:{letter}{total - 1})"
            sheet[f"{letter}{total}"].number_format = sheet[f"{letter}2"].number_format
    sheet.cell(total, 1, f"{say('report.total', 'zh')} {say('report.total', 'en')}")
