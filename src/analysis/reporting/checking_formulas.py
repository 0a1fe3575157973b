"""Sums that a reader can check in Excel: they stand beside the reported numbers as live formulas.

A check column's head begins with "Formula" and has a colour of its own, so that nobody takes it for data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from string import Formatter

import numpy as np
import pandas as pd
from openpyxl.utils import get_column_letter

MOST_SUPPLIERS = 300
"""Beyond so many suppliers the rating is not summed again: the formula's work grows with the square of their number."""
ALL = "_throughout"


@dataclass(frozen=True)
class Check:
    """A check column: `entry` of its wording (`<entry>_about` explains it), its formula for a row and what that comes to.

    `{column}` in `formula` stands for that column's cell in the row, `{column_throughout}` for all its cells. A row in which one of
    the columns named is empty gets no formula. `reckon` gives the same numbers from the table, for programs that open a workbook
    without reckoning. Without a formula the column is written by a function of its own.
    """

    entry: str
    formula: str = ""
    reckon: Callable[[pd.DataFrame], pd.Series] = lambda table: pd.Series(np.nan, table.index)
    number_format: str = "#,##0.00"

    def columns(self) -> list[str]:
        """The table's columns that the formula needs."""
        return [name.removesuffix(ALL) for _, name, _, _ in Formatter().parse(self.formula) if name]


@dataclass(frozen=True)
class Filled:
    """A check of one table: the formula of each row (None where a number is not known) and its value."""

    check: Check
    formulas: list[str | None]
    results: list[float]


CHECKS: dict[str, tuple[Check, ...]] = {
    "criteria_values": (Check("book_contribution", "=100*{weight}*{worth}", lambda t: 100 * t["weight"] * t["worth"], "0.00"),),
    "scorecard": (Check("book_rating_check", number_format="0.0"),),
    "costs": (Check("book_cost_sum", "=SUM({list_price}:{yield_loss})", lambda t: t.loc[:, "list_price":"yield_loss"].sum(axis=1), "#,##0.000"),),
    "negotiation": (Check("book_worth_of_order", "={worth_per_piece}*{quantity}", lambda t: t["worth_per_piece"] * t["quantity"]),),
    "quality_costs": (
        Check("book_poor_quality", "={internal_failure}+{external_failure}", lambda t: t["internal_failure"] + t["external_failure"]),
        Check("book_quality", "={cost_of_poor_quality}+{appraisal}+{prevention}", lambda t: t["cost_of_poor_quality"] + t["appraisal"] + t["prevention"]),
        Check("book_quality_share", "={cost_of_quality}/{spend}", lambda t: t["cost_of_quality"] / t["spend"], "0.0%"),
    ),
    "stock": (
        Check("book_order_up_to", "={reorder_point}+{order_quantity}", lambda t: t["reorder_point"] + t["order_quantity"], "#,##0"),
        Check("book_stock_orders", "={demand_per_year}/({order_quantity}*{good_share})", lambda t: t["demand_per_year"] / (t["order_quantity"] * t["good_share"]), "0.00"),
        Check("book_average_stock", "=MAX({safety_stock},0)+{order_quantity}/2", lambda t: t["safety_stock"].clip(lower=0) + t["order_quantity"] / 2, "0.00"),
        Check("book_turns", "={demand_per_year}/{average_stock}", lambda t: t["demand_per_year"] / t["average_stock"], "0.00"),
    ),
    "inspection_plans": (Check("book_saved", "=MIN({cost_all},{cost_none})-{expected_cost}", lambda t: t[["cost_all", "cost_none"]].min(axis=1) - t["expected_cost"]),),
}  # fmt: skip
"""The check columns of each table's sheet, in their order beside it."""

TOTALS = {
    "quality_costs": ("received_pieces", "inspected", "defective", "spend", "appraisal", "prevention", "internal_failure", "external_failure", "cost_of_poor_quality", "cost_of_quality"),
}  # fmt: skip
"""Columns that are summed in a row below the table."""


def filled_checks(name: str, tables: Mapping[str, pd.DataFrame], sheet_of: Callable[[str], str]) -> list[Filled]:
    """The check columns that the sheet of table `name` can have; `sheet_of` gives a table's sheet."""
    table = tables[name]
    if name == "scorecard":
        return _rating_check(tables, sheet_of)
    checks = [check for check in CHECKS.get(name, ()) if set(check.columns()) <= set(table.columns)]
    return [Filled(check, row_formulas(check, table), _floats(check.reckon(table))) for check in checks]


def row_formulas(check: Check, table: pd.DataFrame) -> list[str | None]:
    """The formula of each row of `table`, None where one of its cells is empty; the sheet's first row is the head.

    A sum over `{first}:{last}` needs its two ends only: a part between them that nobody knows adds nothing.
    """
    needed = check.columns()
    known = np.ones(len(table), bool) if ":" in check.formula else table[needed].notna().all(axis=1).to_numpy()
    letters = {column: letter_of(table, column) for column in needed}
    whole = {f"{column}{ALL}": f"${at}$2:${at}${len(table) + 1}" for column, at in letters.items()}
    cells = ({column: f"{at}{row}" for column, at in letters.items()} for row in range(2, len(table) + 2))
    return [check.formula.format(**whole, **cell) if there else None for cell, there in zip(cells, known)]


def letter_of(table: pd.DataFrame, column: str) -> str:
    """The letter of a column in its sheet."""
    return get_column_letter(list(table.columns).index(column) + 1)


def _rating_check(tables: Mapping[str, pd.DataFrame], sheet_of: Callable[[str], str]) -> list[Filled]:
    """`rating` again as the sum of the supplier's points. SUMPRODUCT and not SUMIF: a name may hold `*`, `?` or `=`."""
    scorecard, values = tables["scorecard"], tables.get("criteria_values", pd.DataFrame())
    if values.empty or len(scorecard) > MOST_SUPPLIERS:
        return []
    there, last = f"'{sheet_of('criteria_values')}'!", len(values) + 1
    supplier, points = letter_of(values, "supplier"), get_column_letter(len(values.columns) + 1)
    here = letter_of(scorecard, "supplier")
    names, worth = (f"{there}${column}$2:${column}${last}" for column in (supplier, points))
    formulas: list[str | None] = [f"=SUMPRODUCT(({names}={here}{row})*{worth})" for row in range(2, len(scorecard) + 2)]
    by_supplier = (100 * values["weight"] * values["worth"]).groupby(values["supplier"]).sum()
    return [Filled(CHECKS["scorecard"][0], formulas, _floats(by_supplier.reindex(scorecard["supplier"])))]


def _floats(values: pd.Series) -> list[float]:
    return values.to_numpy(float, na_value=np.nan).tolist()
