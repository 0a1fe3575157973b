"""Cells as they stand and what a column of them is read into; text, ids and words of a vocabulary are read here.

Each reader takes the cells as they stand (str, float, int, bool, datetime, date, time; blank is "", None or NaN) and gives
typed values with one fault code a cell: None where the cell is blank or was read. No reader turns what it cannot read into
a missing value without a fault.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.sources.distinct import Objects, by_value, distinct, read_each, where
from analysis.sources.folding import normal_header
from analysis.sources.table_types import Column

_BLANKS = {ord(ch): " " for ch in "\u00a0\u3000\u2007\u202f\t\n\r\v\f"}
_TURNS = (0x61C, *range(0x202A, 0x202F), *range(0x2066, 0x206A))  # switch the direction of all text that follows
_INVISIBLE = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0), 0xAD, *range(0x200B, 0x2010), 0x2060, 0xFEFF, *_TURNS))
_CLEAN = {**_INVISIBLE, **_BLANKS}


NOT_STORED = "#=?"
"""Stands in a cell for a formula whose value the workbook does not hold."""
_MARKS = frozenset("#Ee")
_ERROR = re.compile(
    r"#(?:¡?[^\W\d]{2,14}[!?]|div/0!|n/[adv]|n[av]|getting_data|arg!)|err:\d{3}|error 20\d\d", re.IGNORECASE
)
"""What spreadsheets of any language show in place of a value: #N/A, #NV, #WERT!, #REF!, Err:502."""


@dataclass(frozen=True)
class Cells:
    """Values of one column (a typed Series) and the fault of each cell (an object array of codes or None)."""

    values: pd.Series
    faults: Objects

    @cached_property
    def at_fault(self) -> NDArray[np.bool_]:
        """Whether each cell has a fault."""
        return self.faults.astype(bool)

    def places(self, codes: Container[str]) -> list[int]:
        """The places of the cells with one of these faults."""
        return [int(place) for place in np.flatnonzero(self.at_fault) if self.faults[place] in codes]


def clean_text(cell: object) -> str:
    r"""A cell as one line of text: no control or invisible characters, blanks single; "" for a blank cell.

    >>> clean_text("  深圳\u200b市\n一厂 "), clean_text(12.0), clean_text(None)
    ('深圳市 一厂', '12', '')
    """
    if isinstance(cell, str):
        if cell.isalnum():  # as most are: nothing to be taken out
            return cell
        return " ".join(cell.translate(_CLEAN).split())
    if cell is None or cell is pd.NaT or cell is pd.NA or cell != cell:
        return ""
    if isinstance(cell, (float, np.floating)) and float(cell).is_integer() and abs(float(cell)) < 1e15:
        return str(int(cell))
    return str(cell)


def clean_column(cells: pd.Series) -> Objects:
    """`clean_text` of every cell."""
    return by_value(cells, clean_text)


def blank_rows(frame: pd.DataFrame) -> NDArray[np.bool_]:
    """(rows,) True where no cell holds a value: errors and formulas that were copied down below the data are none."""
    blank = np.ones(len(frame), bool)
    for name in frame.columns:
        if not blank.any():
            break
        blank &= (clean_column(frame[name]) == "") | unread_faults(frame[name]).astype(bool)
    return blank


def without(cells: pd.Series, missing: frozenset[str]) -> pd.Series:
    """`cells` with the words that mean missing made missing."""
    longest = 2 * max(map(len, missing), default=0) + 6  # blanks and marks within it included

    def says_missing(cell: object) -> bool:
        if not isinstance(cell, str) or (len(cell) > longest and len(cell.strip()) > longest):
            return False
        return (cell if cell.isalnum() else clean_text(cell)).casefold() in missing

    words = where(cells, says_missing)
    return cells.mask(words, None) if words.any() else cells


def unread_faults(cells: pd.Series) -> Objects:
    """`cell_error` for an error of the spreadsheet, `formula_not_stored`, else None."""

    def fault(cell: object) -> str | None:
        if not isinstance(cell, str) or cell[:1] not in _MARKS:
            return None
        if cell == NOT_STORED:
            return "formula_not_stored"
        return "cell_error" if _ERROR.fullmatch(cell.strip()) else None

    if isinstance(cells.dtype, pd.StringDtype):
        may_be = cells.str.startswith(tuple(_MARKS)).any()
    else:
        may_be = any(isinstance(cell, str) and cell[:1] in _MARKS for cell in cells.to_numpy(object))
    if not may_be:
        return no_faults(cells)
    return by_value(cells, fault)


def no_faults(cells: pd.Series) -> Objects:
    """No fault for each of `cells`."""
    return np.full(len(cells), None, dtype=object)


def read_text_cells(cells: pd.Series) -> Cells:
    """Cells as trimmed texts."""
    return Cells(_strings(clean_column(cells), cells.index), no_faults(cells))


def read_ids(cells: pd.Series) -> Cells:
    """Ids as text, repaired where no digit was lost.

    A number of 16 digits and more is a fault, as spreadsheets keep 15; so is text in scientific notation that leaves digits
    out of an id of 12 and more. In text, zeros behind the 15th digit are a fault when most of the column's long ids have
    them: one id in a thousand ends so by chance.
    """
    codes, uniques = distinct(cells)
    found = read_each(uniques, _id_and_fault)
    texts = np.array([text for text, _ in found], dtype=object)
    faults = np.array([fault for _, fault in found], dtype=object)
    long = np.array([len(text) > 16 and text.isdigit() for text in texts], bool)
    zeros = np.array([is_long and not text[15:].strip("0") for text, is_long in zip(texts, long)], bool)
    if zeros[codes].sum() * 2 > long[codes].sum():
        faults[zeros] = "id_digits_lost"
    texts[faults.astype(bool)] = ""
    return Cells(_strings(texts[codes], cells.index), faults[codes])


_SCIENTIFIC = re.compile(r"(\d)(?:\.(\d+))?[eE]\+(\d{1,2})|(\d)\.(\d+)[eE](\d{1,2})")


def _id_and_fault(cell: object) -> tuple[str, str | None]:
    if isinstance(cell, str) and cell.isascii() and cell.isalnum():
        return cell, None
    if isinstance(cell, (float, np.floating)) and abs(float(cell)) >= 1e15:
        return "", "id_digits_lost"
    text = unicodedata.normalize("NFKC", clean_text(cell))
    if text.startswith('="') and text.endswith('"'):
        text = text[2:-1].strip()  # how some systems keep a spreadsheet from rounding an id
    text = text.lstrip("'`").strip()
    if text and not text.strip("#"):
        return "", "cell_hidden"
    if re.fullmatch(r"\d+\.0+", text):
        text = text.split(".")[0]
    found = _SCIENTIFIC.fullmatch(text)
    return _from_scientific(text, found) if found else (text, None)


def _from_scientific(text: str, found: re.Match[str]) -> tuple[str, str | None]:
    """`1.2345E+04` is 12345; `4.35E+17` shows 3 digits of 18. Up to 11 digits a spreadsheet shows all unless told otherwise."""
    fraction, exponent = (found[2] or found[5] or ""), int(found[3] or found[6])
    if exponent < len(fraction.rstrip("0")):
        return text, None  # no whole number, so no rounded id: a code that looks like one
    if exponent + 1 > 11 and len(fraction) < exponent:
        return "", "id_digits_lost"
    return str(int(Decimal(text))), None


def _strings(texts: Objects, index: pd.Index) -> pd.Series:
    filled = texts.copy()
    filled[texts == ""] = None
    return pd.Series(filled, index=index, dtype="str")


_FLAGS: dict[str, Any] = {
    **dict.fromkeys(("是", "yes", "y", "true", "1", "支持", "有", "可", "可以", "能", "接受", "已加入", "已授权", "√", "✓"), True),
    **dict.fromkeys(("否", "no", "n", "false", "0", "不支持", "无", "没有", "不可", "不可以", "不能", "不接受", "未加入", "未授权", "×", "x"), False),
}  # fmt: skip


def vocabulary(column: Column) -> dict[str, Any]:
    """The words that a column accepts, with what each means."""
    if column.kind == "flag":
        return _FLAGS | {normal_header(word): name == "yes" for name, words in column.words.items() for word in words}
    return {normal_header(word): name for name, synonyms in column.words.items() for word in (name, *synonyms)}


_PARTED = re.compile(r"\s*(?:[,，;；、/()（）]|\s[-–—]\s|[-–—]{2}|(?<=[\u4e00-\u9fff])[-–—](?=[\u4e00-\u9fff]))\s*")
"""Between two words in one cell: 已发货，待收货, Shipped - in transit."""
_SHORT = 40


def read_words(cells: pd.Series, known: dict[str, Any], missing: frozenset[str], dtype: str) -> Cells:
    """Cells of a vocabulary as their meanings, also of several words that mean one thing; others are faults."""

    def read(cell: object) -> tuple[Any, str | None]:
        text = clean_text(cell)
        if (word := normal_header(text)) in known:
            return known[word], None
        if text and not text.strip("#"):
            return None, "cell_hidden"
        parts = (
            {known.get(normal_header(part)) for part in _PARTED.split(text) if part} if len(text) <= _SHORT else set()
        )
        if len(parts) == 1 and None not in parts:
            return parts.pop(), None
        return None, (None if text.casefold() in missing or not text else "not_a_word")

    codes, uniques = distinct(cells)
    found = read_each(uniques, read)
    values = np.array([value for value, _ in found], dtype=object)[codes]
    faults = np.array([fault for _, fault in found], dtype=object)[codes]
    return Cells(pd.Series(values, index=cells.index, dtype=object).astype(dtype), faults)
