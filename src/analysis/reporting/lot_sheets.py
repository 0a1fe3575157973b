"""A sheet to print for each expected lot: how many pieces to look at, what to accept, the items to check, what to measure and its limits.

All numbers are the inspection plan's and those of past measurements of the article; a page says nothing of its own.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping
from copy import copy
from typing import Any

import pandas as pd
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.worksheet import Worksheet

from analysis.reporting.codes import code_name
from analysis.reporting.columns import heading_of
from analysis.reporting.sheet_look import look_of
from analysis.reporting.words import missing
from analysis.sources.cell_words import CHECKLIST, SEVERITIES
from analysis.sources.pack import title_of
from analysis.sources.xlsx import write_text
from analysis.wording import LANGUAGES, say

MOST_LOTS = 200
"""Pages; a house that expects more lots prints those it needs from the list."""
WIDTHS = (30, 22, 22, 22, 11, 11, 11, 11)
PIECES = 5
"""Cells to write measured values into."""
BOX = Border(*[Side("thin", "FF808080")] * 4)
PAIR = ["supplier", "sku"]
LIMITS = ["sku", "attribute", "lower_limit", "upper_limit"]
Tables = Mapping[str, pd.DataFrame]


def write_lot_sheets(sheet: Worksheet, tables: Tables) -> None:
    """Fill `sheet` with a page for each row of `inspection_plans`."""
    for place, width in enumerate(WIDTHS):
        sheet.column_dimensions["ABCDEFGH"[place]].width = width
    sheet.page_setup.paperSize, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 9, 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.oddFooter.center.text = "&A · &P / &N"
    limits, articles, looks = measured_limits(tables), _articles(tables), _Looks(sheet)
    lots, row = tables["inspection_plans"].head(MOST_LOTS), 1
    for number, (_, lot) in enumerate(lots.iterrows(), start=1):
        for values in page_of(lot, limits, articles.get(str(lot["sku"]), "")):
            _write(sheet, row, values, looks)
            row += 1
        if number < len(lots):
            sheet.row_breaks.append(Break(id=row - 1))
    if (all_lots := len(tables["inspection_plans"])) > len(lots):
        _write(sheet, row, [_pack("more_lots", shown=len(lots), count=all_lots)], looks)


def page_of(lot: pd.Series, limits: pd.DataFrame, article: str) -> list[list[Any]]:
    """The rows of a lot's page, "" a cell to write in and None none; `article` what is written down of specification and material."""
    order = lot["order_id"] if missing(lot["line_no"]) else f"{lot['order_id']}-{lot['line_no']}"
    stage = "" if missing(lot["stage"]) else " ".join(str(code_name("orders", "stage", lot["stage"], language)) for language in reversed(LANGUAGES))  # fmt: skip
    return [
        [title_of("lots")],
        [_column("supplier"), str(lot["supplier"]), _column("sku"), str(lot["sku"])],
        [_column("order_id"), str(order), _column("stage"), stage],
        [_pack("lot_size"), int(lot["lot_size"]), _pack("to_inspect"), int(lot["sample_size"])],
        [_pack("article"), article or "—"],
        [_how(lot)],
        [_pack("defect_class"), _pack("accept_to"), _pack("refuse_from"), _pack("found_pieces")],
        *([_column(kind, "inspections"), *_numbers(lot[f"accept_{kind}"]), ""] for kind in SEVERITIES),
        [_pack("check_item"), _pack("failed_pieces"), _pack("remark")],
        *([_column(item, "inspections"), "", ""] for item in CHECKLIST),
        *_measurements(lot, limits),
        [_pack("inspector"), "", _column("inspected_on", "inspections"), ""],
        [_pack("verdict"), "", _pack("remark"), ""],
        [_pack("not_read_back")],
    ]  # fmt: skip


def measured_limits(tables: Tables) -> pd.DataFrame:
    """`sku attribute lower_limit upper_limit` by the last measurement of each article's attribute; limits that nobody wrote down are missing."""
    looks, orders = tables.get("inspections", pd.DataFrame()), tables.get("orders", pd.DataFrame())
    told = looks.reindex(
        columns=["order_id", "line_no", "inspected_on", "attribute", "value", "lower_limit", "upper_limit"]
    )
    measured = told.dropna(subset=["attribute", "value"]).sort_values("inspected_on", kind="stable")
    if measured.empty or orders.empty:
        return pd.DataFrame(columns=LIMITS)
    rows = measured.merge(
        orders[["order_id", "line_no", "sku"]].drop_duplicates(["order_id", "line_no"]), on=["order_id", "line_no"]
    )
    return rows.groupby(["sku", "attribute"])[["lower_limit", "upper_limit"]].last().reset_index()[LIMITS]


def _measurements(lot: pd.Series, limits: pd.DataFrame) -> list[list[Any]]:
    own = limits[limits["sku"].eq(lot["sku"])]
    if own.empty:
        return []
    heads = [
        _column("attribute", "inspections"),
        _column("lower_limit", "inspections"),
        _column("upper_limit", "inspections"),
    ]
    ends = own[["lower_limit", "upper_limit"]].to_numpy(float)
    rows = [
        [name, *("—" if missing(end) else float(end) for end in both), *[""] * PIECES]
        for name, both in zip(own["attribute"], ends)
    ]
    return [[*heads, *(str(piece) for piece in range(1, PIECES + 1))], *rows]


def _how(lot: pd.Series) -> str:
    """What to do with the lot, in a sentence of each language."""
    everything, nothing = lot["sample_size"] >= lot["lot_size"], lot["sample_size"] == 0
    return _pack("sort_all" if everything else "look_at_none" if nothing else "sample_lot", " ")


def _numbers(accept: Any) -> list[Any]:
    """Up to how many defective pieces the lot is accepted, and from how many it is refused; dashes where pieces are sorted one by one."""
    return ["—", "—"] if missing(accept) else [int(accept), int(accept) + 1]


def _pack(name: str, joiner: str = " ", **values: object) -> str:
    return joiner.join(say(f"pack.{name}", language, **values) for language in reversed(LANGUAGES))


def _column(name: str, table: str = "orders") -> str:
    return " ".join(heading_of(table, name, language) for language in reversed(LANGUAGES))


def _articles(tables: Tables) -> dict[str, str]:
    """Specification and material of each article, as the sheet of articles has them."""
    articles = tables.get("articles", pd.DataFrame())
    if articles.empty:
        return {}
    told = articles.drop_duplicates("sku").set_index("sku")[["specification", "material"]]
    return {str(sku): " · ".join(str(value) for value in row if not missing(value)) for sku, *row in told.itertuples()}


class _Looks:
    """How the cells of titles, sentences and boxes look."""

    def __init__(self, sheet: Worksheet):
        plain = Alignment(wrap_text=False, vertical="center", horizontal="left")
        self.title = look_of(sheet, alignment=plain, font=Font(bold=True, size=14))
        self.sentence = look_of(sheet, alignment=plain)
        self.box = look_of(sheet, alignment=Alignment(wrap_text=True, vertical="center", horizontal="left"), border=BOX)


def _write(sheet: Worksheet, row: int, values: list[Any], looks: _Looks) -> None:
    title, sentence = values == [title_of("lots")], len(values) == 1
    look = looks.title if title else looks.sentence if sentence else looks.box
    for place, value in enumerate(values, start=1):
        cell = sheet.cell(row, place)
        cell._style = copy(look)
        if isinstance(value, str):
            write_text(cell, value)
        else:
            cell.value = value
    lines = 1 if sentence else max(_lines(value, width) for value, width in zip(values, WIDTHS))
    sheet.row_dimensions[row].height = max(24 if title or not sentence else 18, 15 * lines)


def _lines(value: Any, width: int) -> int:
    """On how many lines a cell of `width` shows it; a Chinese character is two wide."""
    wide = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in str(value))
    return math.ceil(wide / (width - 1)) or 1
