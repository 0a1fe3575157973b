"""How every sheet looks: heads above what they name and high enough for it, columns as wide as their words, codes in words, on A4."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from analysis.reporting.codes import code_name
from analysis.reporting.glyphs import half_widths
from analysis.reporting.words import missing
from analysis.sources.xlsx import write_text
from analysis.wording import Language

BOTH: tuple[Language, Language] = ("zh", "en")
A4 = 9
PAGE_WIDTH = 260.0
"""Characters beside each other on a sheet of A4 that can still be read; a wider sheet is printed on several side by side."""
LINE = 15.0
"""Points of a line of text in a head."""
HEADER_FILL = PatternFill("solid", start_color="FF24313D")
HEADER_FONT = Font(color="FFFFFFFF", bold=True)
HEADER_LINES = Alignment(wrap_text=True, vertical="center")
TEXT_HEADER = Alignment(wrap_text=True, vertical="center", horizontal="left", indent=1)
NUMBER_HEADER = Alignment(wrap_text=True, vertical="center", horizontal="right")


def look_of(sheet: Worksheet, **looks: Any) -> Any:
    """What makes a cell of the workbook look so (`font`, `border`, `number_format` ...): made once, `copy` of it is given to thousands of cells as their `_style`."""
    cell = Cell(sheet, 1, 1)
    for name, look in looks.items():
        setattr(cell, name, look)
    return cell._style


def width_of(values: pd.Series) -> float:
    """Characters of the longest of the first values, as wide as a sheet's column that holds it; a Chinese one is two wide."""
    return max((half_widths(str(value)) for value in values.head(200) if not missing(value)), default=0) + 2


def in_words(name: str, column: str, values: pd.Series) -> pd.Series:
    """`values` with codes by their names in both languages: 已到货 received."""
    if pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype):
        return values
    known = {value: _named(name, column, value) for value in values.dropna().unique()} if _holds_texts(values) else {}
    return values.map(known).astype(object).where(values.notna(), None) if known else values


def _holds_texts(values: pd.Series) -> bool:
    return not pd.api.types.is_datetime64_any_dtype(values.dtype) and not any(isinstance(value, list) for value in values.head(50))  # fmt: skip


def _named(name: str, column: str, value: object) -> object:
    words = [code_name(name, column, value, language) for language in BOTH]
    return value if words[0] == words[1] == value else " ".join(dict.fromkeys(map(str, words)))


def header(sheet: Worksheet, headings: list[str], numbers: Iterable[bool] = ()) -> None:
    """The heads, each above what it names (those of `numbers` to the right), high enough for all of their words."""
    right = dict(enumerate(numbers, start=1))
    for place, heading in enumerate(headings, start=1):
        cell = sheet.cell(1, place)
        write_text(cell, heading)
        cell.fill, cell.font = HEADER_FILL, HEADER_FONT
        cell.alignment = NUMBER_HEADER if right.get(place) else TEXT_HEADER if right else HEADER_LINES
    sheet.row_dimensions[1].height = head_height(sheet, headings)


def head_height(sheet: Worksheet, headings: Sequence[str]) -> float:
    """Points that the heads of the sheet's columns take at the width that each column has."""
    widths = (sheet.column_dimensions[get_column_letter(place)].width for place in range(1, len(headings) + 1))
    return LINE * max((lines_of(*one) for one in zip(headings, widths)), default=1) + 2


def lines_of(text: str, width: float) -> int:
    """Lines that a wrapped bold text takes in a column; a Chinese character is two wide, words are not cut."""
    if text.isascii() and "\n" not in text and 1.15 * len(text) + 1 < width:
        return 1
    taken = 0
    for part in text.split("\n"):
        used = 0.0
        for word in part.replace("（", " （").split(" "):
            length = sum(2.1 if ord(letter) > 0x2E7F else 1.15 for letter in word) + 1
            taken, used = (taken + max(int((used + length - 1) // width), 1), length % width) if used + length - 1 > width and used else (taken, used + length)  # fmt: skip
        taken += 1 + int(max(used - 1, 0) // width)
    return taken


def print_on_a4(sheet: Worksheet, fixed_columns: int) -> None:
    """Rows scroll and print below their heads, on pages side by side where one would be too wide to read, beside the `fixed_columns`."""
    sheet.freeze_panes = f"{get_column_letter(fixed_columns + 1)}2"
    sheet.sheet_view.showGridLines = False
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", A4
    width = sum(one.width for one in sheet.column_dimensions.values())
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = max(math.ceil(width / PAGE_WIDTH), 1), 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:1"
    if width > PAGE_WIDTH:
        sheet.print_title_cols = f"A:{get_column_letter(max(fixed_columns, 1))}"
    sheet.oddFooter.center.text = "&A · &P / &N"
