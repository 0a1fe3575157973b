"""Calendars that a lead time may be counted by: every day, days outside public holidays, or China's working days.

Factories close for the Spring Festival and the Golden Week; an order placed just before them takes longer. Whether that
is better told by another clock is for the data to say: `clock_scores` in `lead_time_calendar`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

CalendarName = Literal["every day", "outside holidays", "working days"]
CALENDARS: tuple[CalendarName, ...] = ("every day", "outside holidays", "working days")
_FIRST, _LAST = np.datetime64("2000-01-01"), np.datetime64("2060-12-31")


@dataclass(frozen=True)
class Calendar:
    """Which days count. `counted[i]` says so of day i after `first`; `known_until` is the last day with published holidays.

    Later days have no published holidays: of them all days count (`outside holidays`) or Monday to Friday (`working days`).
    Use `covers` before fitting by such a calendar.
    """

    name: CalendarName
    known_from: pd.Timestamp
    known_until: pd.Timestamp
    _total: np.ndarray | None = None

    def covers(self, dates: pd.Series | pd.Timestamp) -> bool:
        """Whether the published holidays reach over all `dates` (missing ones aside)."""
        if self._total is None:
            return True
        dates = pd.Series(dates).dropna()
        return bool(dates.empty or (dates.min() >= self.known_from and dates.max() <= self.known_until))

    def between(self, start: Any, end: Any) -> np.ndarray:
        """Counted days after `start` up to and including `end` (negative when `end` is earlier); missing gives NaN."""
        start, end = np.broadcast_arrays(_day(start), _day(end))
        missing = np.isnat(start) | np.isnat(end)
        start, end = np.where(missing, _FIRST, start), np.where(missing, _FIRST, end)
        if self._total is None:
            days = (end - start).astype(float)
        else:
            days = (self._total[self._index(end)] - self._total[self._index(start)]).astype(float)
        return np.where(missing, np.nan, days)

    def after(self, start: Any, days: ArrayLike) -> np.ndarray:
        """Days of the ordinary calendar, fractions included, until `days` counted days after `start` are over."""
        start, days = np.broadcast_arrays(_day(start), np.asarray(days, dtype=float))
        if self._total is None:
            return days.astype(float)
        goal = self._total[self._index(start)] + days
        whole = np.searchsorted(self._total, np.ceil(np.nan_to_num(goal)), side="left")
        whole = np.minimum(whole, self._total.size - 1)
        ordinary = whole - self._index(start) - (np.ceil(goal) - goal)
        return np.where(np.isnan(days), np.nan, np.maximum(ordinary, days))

    def days_like(self, date: Any) -> np.ndarray:
        """How many ordinary days share the count of `date`: itself and the uncounted days around it."""
        date = _day(date)
        if self._total is None:
            return np.ones(date.shape)
        total = self._total[self._index(date)]
        right, left = (
            np.searchsorted(self._total, total, side="right"),
            np.searchsorted(self._total, total, side="left"),
        )
        return (right - left).astype(float)

    def _index(self, dates: np.ndarray) -> np.ndarray:
        return np.clip((dates - _FIRST).astype(int), 0, len(self._total) - 1)  # type: ignore[arg-type]


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

    days = np.arange(_FIRST, _LAST + 1)
    holidays = np.array(list(chinese_calendar.holidays), dtype="datetime64[D]")
    counted = np.ones(days.size, bool)
    if name == "working days":
        counted = (days.astype(int) + 3) % 7 < 5  # day 0, 1970-01-01, was a Thursday
        counted[np.isin(days, np.array(list(chinese_calendar.workdays), dtype="datetime64[D]"))] = True
    counted[np.isin(days, holidays)] = False
    known = holidays.min().astype("datetime64[Y]"), holidays.max().astype("datetime64[Y]") + 1
    return Calendar(name, pd.Timestamp(known[0]), pd.Timestamp(known[1]) - pd.Timedelta(days=1), np.cumsum(counted))


EVERY_DAY = calendar("every day")
