"""The cells of a canonical column, read by its kind, and which of its faults leave a row usable."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable

import numpy as np
import pandas as pd

from analysis.sources.cell_dates import read_dates
from analysis.sources.cell_numbers import HOME, read_numbers, says_other_currency
from analysis.sources.cells import (
    Cells,
    clean_text,
    read_ids,
    read_text_cells,
    read_words,
    unread_faults,
    vocabulary,
    without,
)
from analysis.sources.distinct import by_value
from analysis.sources.long_texts import NAMES
from analysis.sources.masking import is_no_code, is_no_name, masked
from analysis.sources.offer_cells import rough_number
from analysis.sources.shown_numbers import ShownNumber
from analysis.sources.table_types import Column

DASHES = frozenset({"-", "--", "---", "—", "——", "/", "\\", "nan", "nat", "null", "<na>", "n/a"})
"""Words that mean missing in every column."""
NOTHING = DASHES | {"无", "暂无", "none", "na", "空"}
"""Words that mean missing where numbers, dates or words of a vocabulary are expected (`无` may be a text: no credentials)."""
UNDECIDED = NOTHING | {
    "待定", "未定", "待确认", "待补", "待补充", "待填", "未填", "未填写", "未知", "不详", "不明", "未分类", "?", "??", "???", "？", "？？", "？？？",
    "tbd", "tba", "tbc", "to be determined", "to be confirmed", "to be decided",
}  # fmt: skip
"""Words that say of a name or number that nobody knows it yet: they tie nothing together."""
NO_END = frozenset(
    {"长期", "长期有效", "永久", "永久有效", "不限", "无期限", "until further notice", "open ended", "no expiry"}
)
"""Words for a day that never comes: of a date they mean that there is none."""

UNREAD = {"cell_error", "formula_not_stored"}
KEPT = {"not_a_word", "left_out", "said_roughly", *UNREAD}
"""Faults that leave a row usable: the cell is blank from then on (but for a number told roughly), and a remark says so."""
_LAST_DAY = re.compile(r"(?<=\d)日?\s*(?:之前|以前|前|为止|止)$")
"""What may stand behind a `deadline`: the day itself is the last."""


_AS_SHOWN, _COUNTED = ("text", "id", "money", "share"), ("pieces", "days")
"""Where what a number's format shows says what it is a number of; elsewhere (a measured value, a line's number) the number counts."""


def read_column(
    column: Column,
    cells: pd.Series,
    missing: frozenset[str] = frozenset(),
    date_formats: Iterable[str] = (),
    currency: str = HOME,
) -> Cells:
    """The cells by the column's kind; `missing` are further words for a blank cell, compared without case; money is in
    `currency`. An error of the spreadsheet is a fault in every column."""
    unread = unread_faults(cells)
    if unread.any():
        others = read_column(column, cells.mask(unread.astype(bool), None), missing, date_formats, currency)
        return Cells(others.values, np.where(unread.astype(bool), unread, others.faults))
    if column.kind not in _AS_SHOWN and column.unit not in _COUNTED:
        cells = _put(cells, lambda text: text.stored if isinstance(text, ShownNumber) else None)
    words = frozenset(word.casefold() for word in missing)
    if column.kind in ("text", "id"):
        read = read_text_cells if column.kind == "text" else read_ids
        return _in_currency(column, _without_persons(column, read(without(cells, DASHES | words))), currency)
    if column.kind in ("word", "flag"):
        return read_words(cells, vocabulary(column), NOTHING | words, "boolean" if column.kind == "flag" else "str")
    cells = without(cells, NOTHING | words)
    return (
        _spared(column, cells, date_formats, currency) if column.spare else _read(column, cells, date_formats, currency)
    )


def _read(column: Column, cells: pd.Series, date_formats: Iterable[str], currency: str) -> Cells:
    if column.kind in ("date", "time"):
        cells = without(cells, NO_END.union(column.not_yet))
        if column.deadline:
            cells = _put(cells, lambda text: _LAST_DAY.sub("", text) if _LAST_DAY.search(text) else None)
        return read_dates(cells, tuple(date_formats), moments=column.kind == "time", months=column.name == "month")
    if column.zero:
        cells = _put(cells, lambda text: 0 if text.casefold() in column.zero else None)
    return read_numbers(cells, column.kind, currency)


def _put(cells: pd.Series, instead: Callable[[str], object]) -> pd.Series:
    """`cells` with what stands `instead` of a text; None: the text itself."""

    def read(cell: object) -> object:
        if isinstance(cell, ShownNumber):
            return instead(cell)
        return instead(clean_text(cell)) if isinstance(cell, str) else None

    other = by_value(cells, read)
    told = np.array([value is not None for value in other], bool)
    return cells.astype(object).mask(told, other) if told.any() else cells


def _spared(column: Column, cells: pd.Series, date_formats: Iterable[str], currency: str) -> Cells:
    """Cells of a spare column: what cannot be read is left out, unless it is a number told roughly."""
    found = _read(column, cells, date_formats, currency)
    facts = {"foreign_currency"} if "not_a_number" in column.spare else set()  # as 10万以上 seems to be
    again = found.places({*column.spare, *facts})
    if not again:
        return found
    told = [
        rough_number(cells.iloc[place], column.unit) if facts and column.kind != "date" else None for place in again
    ]
    plain = [number[0] if number else cells.iloc[place] for place, number in zip(again, told)]
    rough = [number is not None and number[1] for number in told]
    second = _read(column, pd.Series(plain, dtype=object), date_formats, currency)
    values, faults = found.values.copy(), found.faults.copy()
    values.iloc[again] = second.values.to_numpy()
    codes = zip(second.faults, rough)
    faults[again] = [("left_out" if code in column.spare else code) if code else "said_roughly" if about else None for code, about in codes]  # fmt: skip
    return Cells(values, faults)


def _without_persons(column: Column, cells: Cells) -> Cells:
    """`cells` where a name or code that is a person's is a fault, and what a note says of persons is masked."""
    texts = cells.values
    if column.kind == "text" and column.name not in NAMES:
        shown = by_value(texts, lambda text: masked(text) if isinstance(text, str) else None)
        return Cells(pd.Series(shown, index=texts.index, dtype="str"), cells.faults)
    wrong = is_no_code if column.kind == "id" else is_no_name
    odd = by_value(texts, lambda text: isinstance(text, str) and wrong(text)).astype(bool)
    if not odd.any():
        return cells
    faults = np.where(odd & ~cells.at_fault, "of_a_person", cells.faults)
    return Cells(cells.values.mask(odd, None), faults)


def _in_currency(column: Column, cells: Cells, currency: str) -> Cells:
    """`cells` where a text about money in another currency is a fault."""
    if not column.unit.startswith("currency"):
        return cells
    other = by_value(cells.values, lambda text: isinstance(text, str) and says_other_currency(text, currency)).astype(
        bool
    )
    return Cells(cells.values.mask(other, None), np.where(other & ~cells.at_fault, "foreign_currency", cells.faults))


def kept_faults(column: Column) -> Collection[str]:
    """The faults of a cell that leave its row usable."""
    if column.required:
        return ()
    return KEPT - {"not_a_word"} if column.decides else KEPT
