"""Columns of days in an order of their own (24/09/2026, 26-8-3): what one cell can only mean settles the others of its column."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.sources.cells import clean_column
from analysis.sources.quarantine import Reading, all_notes, note, notes, quoted
from analysis.sources.table_types import RawTable
from analysis.sources.tables import TABLES

_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(\s.*)?")
_YEAR_SHORT = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{1,2})(\s.*)?")
_LIKELY_YEARS = range(15, 45)
"""Of two digits those that may be the year of an order."""

Parts = tuple[int, int, int]


def dates_in_order(reading: Reading) -> Reading:
    """`reading` with the days of such columns written with their year first, and a remark on each; a column in which nothing tells
    the order stays as it is."""
    found = [_in_order(raw) for raw in reading.raws]
    told = [item for _, items in found for item in items]
    if not told:
        return reading
    return replace(reading, raws=[raw for raw, _ in found], remarks=all_notes([reading.remarks, notes(told)]))


def _in_order(raw: RawTable) -> tuple[RawTable, list[dict[str, object]]]:
    told, changed = [], {}
    for column in TABLES[raw.table].columns:
        if column.kind not in ("date", "time") or column.name not in raw.frame or raw.export:
            continue
        cells = raw.frame[column.name]
        texts = pd.Series([unicodedata.normalize("NFKC", text) for text in clean_column(cells)], cells.index)
        for form, order_of in ((_YEAR_LAST, _day_or_month_first), (_YEAR_SHORT, _year_first)):
            matched = {row: found for row, text in texts.items() if (found := form.fullmatch(text))}
            first = order_of([_numbers(found) for found in matched.values()])
            if first is None:
                continue
            code, place = first
            days = {row: _written(found, place) for row, found in matched.items()}
            cells = cells.astype(object)
            cells[list(days)] = pd.Series(days, dtype=object)
            row = next(iter(days))
            told.append(note(raw.table, raw.file, raw.sheet, row, column.name, code, value=quoted(texts[row]), day=days[row][:10], count=len(days)))  # fmt: skip
        changed[column.name] = cells
    return (replace(raw, frame=raw.frame.assign(**changed)) if told else raw), told


def _numbers(found: re.Match[str]) -> Parts:
    return int(found[1]), int(found[3]), int(found[4])


def _written(found: re.Match[str], place: Callable[[Parts], Parts]) -> str:
    year, month, day = place(_numbers(found))
    return f"{year:04d}-{month:02d}-{day:02d}{found[5] or ''}"


def _day_or_month_first(dates: Iterable[Parts]) -> tuple[str, Callable[[Parts], Parts]] | None:
    """Of days with the year last which number is the month, where one of 13 to 31 says so and none contradicts."""
    pairs = np.array([date[:2] for date in dates]).reshape(-1, 2)
    day_first, month_first = ((pairs[:, at] > 12).any() for at in (0, 1))
    if day_first == month_first:
        return None
    if day_first:
        return "days_first", lambda date: (date[2], date[1], date[0])
    return "months_first", lambda date: (date[2], date[0], date[1])


def _year_first(dates: Iterable[Parts]) -> tuple[str, Callable[[Parts], Parts]] | None:
    """Two digits of the year first, where every day can be read so and one of them in no other way."""
    numbers = [*dates]
    if not all(year in _LIKELY_YEARS and 1 <= month <= 12 and 1 <= day <= 31 for year, month, day in numbers):
        return None
    if all(last in _LIKELY_YEARS for *_, last in numbers):  # of no days too
        return None
    return "years_short", lambda date: (2000 + date[0], date[1], date[2])
