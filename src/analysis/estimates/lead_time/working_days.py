"""Calendars that a lead time may be counted by: every day, days outside public holidays, or China's working days.

Whether public holidays and weekends are better left out is for the data to say: `clock_scores` in `lead_time_calendar`. Shutdowns
(`shutdowns`) are known ahead and left out of each of them: a day on which half the work is done counts as half a day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from analysis.estimates.lead_time.shutdowns import Shutdown, Shutdowns, share_of_work

CalendarName = Literal["every day", "outside holidays", "working days"]
CALENDARS: tuple[CalendarName, ...] = ("every day", "outside holidays", "working days")
_FIRST, _LAST = np.datetime64("2000-01-01"), np.datetime64("2060-12-31")
_DAYS = np.arange(_FIRST, _LAST + 1)
_APART = 1e5  # between the counts of two suppliers' calendars, which stand in one rising array
_ROUNDING = 1e-7


@dataclass(frozen=True)
class Calendar:
    """Which days count, and how much of each. `known_until` is the last day with published holidays.

    Later days have no published holidays: of them all days count (`outside holidays`) or Monday to Friday (`working days`).
    Use `covers` before fitting by such a calendar. `shutdowns` are the days left out besides; suppliers who state days of their
    own (`row_of`) have a calendar of their own, everybody else the first.
    """

    name: CalendarName
    known_from: pd.Timestamp
    known_until: pd.Timestamp
    _total: np.ndarray | None = None
    shutdowns: Shutdowns = field(default_factory=dict)
    row_of: Mapping[str, int] = field(default_factory=dict)

    def covers(self, dates: pd.Series | pd.Timestamp) -> bool:
        """Whether the published holidays reach over all `dates` (missing ones aside)."""
        if self.name == "every day":
            return True
        dates = pd.Series(dates).dropna()
        return bool(dates.empty or (dates.min() >= self.known_from and dates.max() <= self.known_until))

    def between(self, start: Any, end: Any, supplier: ArrayLike | None = None) -> np.ndarray:
        """Counted days after `start` up to and including `end` (negative when `end` is earlier); missing gives NaN.

        `supplier` (one an entry of the first axis) matters where some have calendars of their own.
        """
        start, end = np.broadcast_arrays(_day(start), _day(end))
        missing = np.isnat(start) | np.isnat(end)
        start, end = np.where(missing, _FIRST, start), np.where(missing, _FIRST, end)
        if self._total is None:
            days = (end - start).astype(float)
        else:
            row = self._row(supplier, start.ndim)
            days = self._total[self._index(end, row)] - self._total[self._index(start, row)]
        return np.where(missing, np.nan, days)

    def after(self, start: Any, days: ArrayLike, supplier: ArrayLike | None = None) -> np.ndarray:
        """Days of the ordinary calendar, fractions included, until `days` counted days after `start` are over."""
        start, days = np.broadcast_arrays(_day(start), np.asarray(days, dtype=float))
        if self._total is None:
            return days.astype(float)
        row = self._row(supplier, start.ndim)
        begun_on = self._index(start, row)
        goal = self._total[begun_on] + np.minimum(np.nan_to_num(days), _APART / 10)
        on = np.searchsorted(self._total, goal - _ROUNDING, side="left")
        on = np.minimum(np.maximum(on, begun_on), self._index(_LAST, row))
        work = self._total[on] - self._total[np.maximum(on - 1, 0)]
        left = np.where((on > begun_on) & (work > 0), (self._total[on] - goal) / np.where(work > 0, work, 1.0), 0.0)
        ordinary = on - begun_on - np.clip(left, 0.0, 1.0)
        return np.where(np.isnan(days), np.nan, np.maximum(ordinary, days))

    def days_like(self, date: Any, supplier: ArrayLike | None = None) -> np.ndarray:
        """How many ordinary days share the count of `date`: itself and the uncounted days around it."""
        date = _day(date)
        if self._total is None:
            return np.ones(date.shape)
        total = self._total[self._index(date, self._row(supplier, date.ndim))]
        right = np.searchsorted(self._total, total + _ROUNDING, side="right")
        return (right - np.searchsorted(self._total, total - _ROUNDING, side="left")).astype(float)

    def outside(self, shutdowns: Shutdowns, own: Mapping[str, Shutdowns] | None = None) -> Calendar:
        """The same calendar with the days of `shutdowns` counted by the work left on them; `own` are those that suppliers state."""
        own = own or {}
        if not shutdowns and not own:
            return self
        counted = np.ones(_DAYS.size) if self._total is None else np.diff(self._total[: _DAYS.size], prepend=0.0)
        kinds = list(dict.fromkeys([_key(shutdowns), *(_key(stated) for stated in own.values())]))
        total = [_APART * k + np.cumsum(counted * share_of_work(dict(key), _DAYS)) for k, key in enumerate(kinds)]
        row_of = {supplier: kinds.index(_key(stated)) for supplier, stated in own.items()}
        return replace(self, _total=np.concatenate(total), shutdowns=shutdowns, row_of=row_of)

    def _index(self, dates: Any, row: np.ndarray | int) -> np.ndarray:
        day = np.clip((dates - _FIRST).astype(int), 0, _DAYS.size - 1)
        return day + np.asarray(row) * _DAYS.size

    def _row(self, supplier: ArrayLike | None, dimensions: int) -> np.ndarray | int:
        if supplier is None or not self.row_of:
            return 0
        rows = pd.Series(np.asarray(supplier)).map(self.row_of).fillna(0).to_numpy(int)
        return rows.reshape(-1, *[1] * (dimensions - 1))


def _key(shutdowns: Shutdowns) -> tuple[tuple[str, Shutdown], ...]:
    return tuple(sorted(shutdowns.items(), key=lambda item: item[0]))


def _day(dates: Any) -> np.ndarray:
    return np.asarray(np.datetime64("NaT") if dates is pd.NaT else dates, dtype="datetime64[D]")


@cache
def calendar(name: CalendarName) -> Calendar:
    """The calendar `name`, with the public holidays of mainland China where they are published (`chinesecalendar`)."""
    if name not in CALENDARS:
        raise ValueError(f"name must be one of {CALENDARS}, got {name!r}: choose one of these calendars")
    if name == "every day":
        return Calendar(name, pd.Timestamp.min, pd.Timestamp.max)
    import chinese_calendar

    holidays = np.array(list(chinese_calendar.holidays), dtype="datetime64[D]")
    counted = np.ones(_DAYS.size, bool)
    if name == "working days":
        counted = (_DAYS.astype(int) + 3) % 7 < 5  # day 0, 1970-01-01, was a Thursday
        counted[np.isin(_DAYS, np.array(list(chinese_calendar.workdays), dtype="datetime64[D]"))] = True
    counted[np.isin(_DAYS, holidays)] = False
    known = holidays.min().astype("datetime64[Y]"), holidays.max().astype("datetime64[Y]") + 1
    total = np.cumsum(counted).astype(float)
    return Calendar(name, pd.Timestamp(known[0]), pd.Timestamp(known[1]) - pd.Timedelta(days=1), total)


EVERY_DAY = calendar("every day")
