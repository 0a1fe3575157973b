"""The cells of a canonical column, read by its kind, and which of its faults leave a row usable."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

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
from analysis.sources.distinct import by_value, where
from analysis.sources.folding import simplified
from analysis.sources.long_texts import NAMES
from analysis.sources.masking import is_no_code, is_no_name, masked
from analysis.sources.offer_cells import rough_number
from analysis.sources.shown_numbers import ShownNumber
from analysis.sources.table_types import FACT, OF_DISPUTES, Column

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
KEPT = {"not_a_word", "left_out", "said_roughly", "said_in_percent", *UNREAD}
"""Faults that leave a row usable: the cell is blank from then on (but for a number told roughly), and a remark says so."""
LEFT_OUT = (*FACT, "terms_in_money")
"""What is told of a spare cell as `left_out`; other faults by their own names."""
_LAST_DAY = re.compile(r"(?<=\d)日?\s*(?:之前|以前|前|为止|止)$")
"""What may stand behind a `deadline`: the day itself is the last."""
RATE_OF_TAX = re.compile(r"[(（]?\d{1,2}(?:\.\d)?\s*(?:[%％]|个?点)(?:的?增值税)?[)）]?")
"""A rate of tax beside the word for it: 含税13%, 含13点."""
_STILL_TO_COME = re.compile(
    r"(?:预计|预估|估计|预期|计划|约定|大概|应该|待|expected|est\.?|eta|due)\s*.*|.*(?:丢失|丢件|遗失|lost)|(?:快递|物流|运输).*(?:途中|中|在途)"
    r"|0(?:\.0+)?|1900[-/.年]0?1[-/.月]0?0日?(?:\s.*)?|18\d\d-\d\d-\d\d.*|1900-01-00.*|00?:00(?::00)?",
    re.IGNORECASE,
)
"""Where the day of an arrival would stand: one that is still expected, a parcel that was lost, and how spreadsheets show 0 as a day."""
_SINCE = re.compile(r"(?:自|从|since\s*)?((?:19|20)\d{2})\s*(?:年|[-/.年]\s*\d{1,2}(?:\s*[-/.月]\s*\d{0,2}日?)?)?\s*(?:入驻|起|至今|开始|成立)*", re.IGNORECASE)  # fmt: skip
_NTH_YEAR = re.compile(r"第\s*(\d{1,2})\s*年")
_MONTH_END = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*月?\s*(?:底|末|月底|月末|内)?(?:之?前)?")


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
    if column.kind == "flag" and column.words:
        cells = _put(cells, lambda text: RATE_OF_TAX.sub("", text) or None)
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
            cells = _put(cells, _last_day)
        found = read_dates(cells, tuple(date_formats), moments=column.kind == "time", months=column.name == "month")
        return _said_of_days(column, cells, found) if column.undated else found
    if column.since:
        cells = pd.Series(by_value(cells, _year_or_years), cells.index, dtype=object)
    if column.zero:
        cells = _put(cells, lambda text: 0 if simplified(text).casefold() in column.zero else None)
    return read_numbers(cells, column.kind, currency)


def _said_of_days(column: Column, cells: pd.Series, found: Cells) -> Cells:
    """`found` where what is no day says that nothing has come yet, or that it has."""
    faults = found.faults.copy()
    for place in found.places(("not_a_date",)):
        text = clean_text(cells.iloc[place]).casefold()
        if text in column.undated:
            faults[place] = "came_sometime"
        elif _STILL_TO_COME.fullmatch(text):
            faults[place] = "still_to_come"
    return Cells(found.values, faults)


def _year_or_years(cell: object) -> object:
    """The year of a day or of a text that tells one, and the number of 第5年; any other cell as it stands."""
    if isinstance(cell, date):
        return cell.year
    text = unicodedata.normalize("NFKC", clean_text(cell)) if isinstance(cell, str) else ""
    found = _SINCE.fullmatch(text) or _NTH_YEAR.fullmatch(text)
    return float(found[1]) if found else cell


def _last_day(text: str) -> object:
    """The day that a deadline names: of a month its last."""
    if (month := _MONTH_END.fullmatch(text)) and 1 <= int(month[2]) <= 12:
        return pd.Timestamp(int(month[1]), int(month[2]), 1) + pd.offsets.MonthEnd()
    return _LAST_DAY.sub("", text) if _LAST_DAY.search(text) else None


def _put(cells: pd.Series, instead: Callable[[str], object]) -> pd.Series:
    """`cells` with what stands `instead` of a text; None: the text itself."""

    def read(cell: object) -> object:
        if isinstance(cell, ShownNumber):
            return instead(cell)
        return instead(clean_text(cell)) if isinstance(cell, str) else None

    told = where(cells, lambda cell: read(cell) is not None)
    return cells.astype(object).mask(told, by_value(cells, read)) if told.any() else cells


def _spared(column: Column, cells: pd.Series, date_formats: Iterable[str], currency: str) -> Cells:
    """Cells of a spare column: what cannot be read is left out, unless it is a number told roughly."""
    bare, told_as = np.zeros(len(cells), bool), None
    if column.kind == "share":
        cells, bare, told_as = _in_percent(cells, column.spare == OF_DISPUTES)
    found = _read(column, cells, date_formats, currency)
    again = found.places(column.spare)
    values, faults = found.values.copy(), found.faults.copy()
    if again:
        may_be_rough = "not_a_number" in column.spare and column.kind != "date" and not column.unit.endswith("a piece")
        told = [rough_number(cells.iloc[place], column.unit) if may_be_rough else None for place in again]
        plain = [number[0] if number else cells.iloc[place] for place, number in zip(again, told)]
        rough = [number is not None and number[1] for number in told]
        second = _read(column, pd.Series(plain, dtype=object), date_formats, currency)
        values.iloc[again] = second.values.to_numpy()
        codes = zip(second.faults, rough)
        faults[again] = [("left_out" if code in LEFT_OUT and not column.required else code) if code else "said_roughly" if about else None for code, about in codes]  # fmt: skip
    faults[bare] = told_as
    return Cells(values, faults)


_OF_PERCENT = 0.005
"""A rate of disputes from which on a bare number may be one in percent (0.04)."""


def _in_percent(cells: pd.Series, small: bool) -> tuple[pd.Series, NDArray[np.bool_], str | None]:
    """Shares whose bare numbers are all above 1 made fractions; of numbers on both sides of 1, and of `small` ones beside others
    with a percent sign, nobody knows what they are. Which cells that changes, and what is told of them."""
    numbers = by_value(cells, _bare_share).astype(float)
    bare, above = ~np.isnan(numbers), numbers > 1
    if not above.any():
        signed = small and where(cells, lambda cell: isinstance(cell, str) and "%" in simplified(cell)).any()
        bare = numbers >= _OF_PERCENT if signed else above
        if not bare.any():
            return cells, bare, None
    every = bool(above[bare].all())
    return cells.astype(object).mask(bare, numbers / 100 if every else None), bare, "said_in_percent" if every else "share_unclear"  # fmt: skip


def _bare_share(cell: object) -> float:
    """A number above 0 and at most 100 without a percent sign, else NaN."""
    number = np.nan if "%" in (text := clean_text(cell)) or "％" in text else read_numbers(pd.Series([cell], dtype=object), "number").values[0]  # fmt: skip
    return float(number) if 0 < number <= 100 else np.nan


def _without_persons(column: Column, cells: Cells) -> Cells:
    """`cells` where a name or code that is a person's is a fault, and what a note says of persons is masked."""
    texts = cells.values
    if column.kind == "text" and column.name not in NAMES:
        shown = by_value(texts, lambda text: masked(text) if isinstance(text, str) else None)
        return Cells(pd.Series(shown, index=texts.index, dtype="str"), cells.faults)
    wrong = is_no_code if column.kind == "id" else is_no_name
    odd = where(texts, lambda text: isinstance(text, str) and wrong(text))
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
    if column.required:  # a number told roughly is one, and any other is none
        return {"said_roughly" if fault == "not_a_number" else fault for fault in column.spare}
    hidden = (
        {"cell_hidden"} if column.kind in ("word", "flag") else set[str]()
    )  # a word that nobody sees is one that nobody knows
    return (KEPT - {"not_a_word"} if column.decides else KEPT | hidden) | set(column.spare)
