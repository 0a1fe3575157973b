"""The cells of a data sheet, written column by column as the workbook's own XML: ten times as fast as a cell object each.

openpyxl makes everything around them (heads, widths, styles, tables, links); `sources.xlsx.save_reproducibly` puts the two together.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
import pandas as pd
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from analysis.sources.xlsx import FORMULA_STARTS

EPOCH = pd.Timestamp("1899-12-30")
DASH = "—"
"""Not known: a blank cell would not say whether it was forgotten."""
LOOKS_ESCAPED = re.compile(r"_(x[0-9A-Fa-f]{4}_)")


@dataclass(frozen=True)
class Styles:
    """Numbers of cell styles in the workbook: of numbers in a format, of text, and of text that begins like a formula."""

    number: int
    text: int
    quoted: int


@dataclass(frozen=True)
class Moments:
    """Styles of a day, a time of day and a span of time, where a column's values are of any kind."""

    day: Styles
    time: Styles
    span: Styles


def styles_of(sheet: Worksheet, number_format: str, row: int = 2, placed: Alignment | None = None) -> Styles:
    """The styles' numbers, registered by a cell of the `row` (which the sheet itself leaves empty) that is taken away again."""
    numbers = []
    for form, quoted in ((number_format, False), ("General", False), ("General", True)):
        cell = sheet.cell(row, 1)
        cell.number_format, cell.quotePrefix = form, quoted
        if placed is not None:
            cell.alignment = placed
        numbers.append(cell.style_id)
        del sheet._cells[row, 1]
    return Styles(*numbers)


def cells_of(values: pd.Series, place: int, styles: Styles) -> list[str]:
    """The column `place` (from 1) as cells of rows 2, 3, ...; missing and infinite values become a dash."""
    letter = get_column_letter(place)
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        values = values.dt.tz_localize(None)
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return _numbers(letter, ((values - EPOCH) / pd.Timedelta(days=1)).to_numpy(float), styles)
    if pd.api.types.is_integer_dtype(values.dtype):
        absent = values.isna().to_numpy()
        return [_dash(letter, row, styles) if gone else f'<c r="{letter}{row}" s="{styles.number}"><v>{value}</v></c>' for row, (gone, value) in enumerate(zip(absent, values.tolist()), 2)]  # fmt: skip
    if pd.api.types.is_float_dtype(values.dtype):
        return _numbers(letter, values.to_numpy(float, na_value=np.nan), styles)
    return _texts(letter, values, styles)


def formulas_of(formulas: Sequence[str | None], results: Sequence[float], place: int, styles: Styles) -> list[str]:
    """Live formulas with the values that they have, for readers that do not reckon; a dash where a number is not known."""
    letter = get_column_letter(place)
    return [
        _dash(letter, row, styles)
        if formula is None or not np.isfinite(result)
        else f'<c r="{letter}{row}" s="{styles.number}"><f>{escape(formula[1:])}</f><v>{float(result)!r}</v></c>'
        for row, (formula, result) in enumerate(zip(formulas, results), 2)
    ]


def rows_xml(columns: Iterable[list[str]], first: int = 2, heights: Sequence[float | None] | None = None) -> bytes:
    """Columns of cells as the rows below the head, from row `first`; `heights` in points, None for a row of one line."""
    high = {row: f' ht="{points:g}" customHeight="1"' for row, points in enumerate(heights or (), first) if points}
    return "".join(f'<row r="{row}"{high.get(row, "")}>{"".join(cells)}</row>' for row, cells in enumerate(zip(*columns), first)).encode()  # fmt: skip


def cell_of(reference: str, value: Any, styles: Styles, moments: Moments) -> str:
    """One cell of a column whose values are of any kind; nothing for one that is missing."""
    if isinstance(value, str):
        return text_cell(reference, value, styles)
    if value is None or value is pd.NaT or value is pd.NA or value != value:
        return ""
    if isinstance(value, bool | np.bool_):
        return f'<c r="{reference}" s="{styles.number}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, dt.date):
        return _days(reference, pd.Timestamp(value) - EPOCH, moments.day)
    if isinstance(value, dt.time):
        return _days(reference, pd.Timedelta(value.isoformat()), moments.time)
    if isinstance(value, dt.timedelta) and value >= dt.timedelta(0):
        return _days(reference, pd.Timedelta(value), moments.span)
    plain = value.item() if isinstance(value, np.generic) else value
    if isinstance(plain, int | float) and math.isfinite(plain):
        return f'<c r="{reference}" s="{styles.number}"><v>{plain!r}</v></c>'
    return text_cell(reference, str(getattr(value, "text", value)), styles)  # such as a formula over several cells


def _days(reference: str, since: pd.Timedelta, styles: Styles) -> str:
    return f'<c r="{reference}" s="{styles.number}"><v>{since / pd.Timedelta(days=1)!r}</v></c>'


def text_cell(reference: str, text: str, styles: Styles) -> str:
    """A text that stays text, whatever it begins with."""
    style = styles.quoted if text.startswith(FORMULA_STARTS) else styles.text
    plain = LOOKS_ESCAPED.sub(r"_x005F_\1", ILLEGAL_CHARACTERS_RE.sub("", text))
    return f'<c r="{reference}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{escape(plain)}</t></is></c>'


def _numbers(letter: str, values: np.ndarray, styles: Styles) -> list[str]:
    known = np.isfinite(values)
    return [f'<c r="{letter}{row}" s="{styles.number}"><v>{value!r}</v></c>' if there else _dash(letter, row, styles) for row, (there, value) in enumerate(zip(known, values.tolist()), 2)]  # fmt: skip


def _texts(letter: str, values: pd.Series, styles: Styles) -> list[str]:
    absent, parts = values.isna().to_numpy(), {}

    def cell(value: Any, row: int) -> str:
        text = value if isinstance(value, str) else ", ".join(map(str, value)) if isinstance(value, list | tuple | np.ndarray) else str(value)  # fmt: skip
        if text not in parts:
            parts[text] = text_cell("{}", text.replace("{", "{{").replace("}", "}}") or DASH, styles)
        return parts[text].format(f"{letter}{row}")

    return [_dash(letter, row, styles) if gone else cell(value, row) for row, (gone, value) in enumerate(zip(absent, values.tolist()), 2)]  # fmt: skip


def _dash(letter: str, row: int, styles: Styles) -> str:
    return f'<c r="{letter}{row}" s="{styles.text}" t="inlineStr"><is><t>{DASH}</t></is></c>'
