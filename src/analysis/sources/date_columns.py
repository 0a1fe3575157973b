"""Columns of days in an order of their own (24/09/2026, 26-8-3): what one cell can only mean settles the others of its column."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from analysis.sources.cells import clean_text
from analysis.sources.distinct import by_value, where
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
    told, changed = list[dict[str, object]](), dict[str, pd.Series]()
    days = [column.name for column in TABLES[raw.table].columns if column.kind in ("date", "time")]
    for name in (name for name in days if name in raw.frame and not raw.export):
        cells = raw.frame[name]
        for form, order_of in ((_YEAR_LAST, _day_or_month_first), (_YEAR_SHORT, _year_first)):
            if not where(cells, partial(_matched, form)).any():
                continue
            matches = by_value(cells, partial(_matched, form))
            rows = [int(row) for row, found in zip(cells.index, matches) if found]
            first = order_of([_numbers(found) for found in dict.fromkeys(matches) if found]) if rows else None
            if first is None:
                continue
            code, place = first
            written = by_value(cells, partial(_in_place, form, place))
            value, day = quoted(cells[rows[0]]), written[cells.index.get_loc(rows[0])][:10]
            cells = cells.astype(object).mask(pd.Series(written, cells.index).notna(), pd.Series(written, cells.index))
            told.append(note(raw.table, raw.file, raw.sheet, rows[0], name, code, value=value, day=day, count=len(rows)))  # fmt: skip
        changed[name] = cells
    return (replace(raw, frame=raw.frame.assign(**changed)) if told else raw), told


def _matched(form: re.Pattern[str], cell: object) -> re.Match[str] | None:
    return form.fullmatch(unicodedata.normalize("NFKC", clean_text(cell))) if isinstance(cell, str) else None


def _in_place(form: re.Pattern[str], place: Callable[[Parts], Parts], cell: object) -> str | None:
    found = _matched(form, cell)
    return _written(found, place) if found else None


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
