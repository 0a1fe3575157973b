"""When factories and carriers stand still: Spring Festival and the National Day week.

A leg of `days` working days that begins on day `start` ends when that many days with work have passed.
"""

from __future__ import annotations

import numpy as np

from analysis.estimates.lead_time import FESTIVALS

CALENDAR_BEGINS = np.datetime64("2018-01-01", "D")
CALENDAR_ENDS = np.datetime64("2033-01-01", "D")
NEW_YEAR_DAYS = tuple(str(day) for day in FESTIVALS["spring_festival"] if CALENDAR_BEGINS <= day < CALENDAR_ENDS)
"""First day of the lunar year."""

FACTORY_REST = {"spring_festival": (-9, 11, 0.0), "national_day": (0, 6, 0.2)}
"""(first day, last day, share of work still done) around New Year's day and 1 October: workers travel early and return late."""
CARRIER_REST = {"spring_festival": (-2, 5, 0.1), "national_day": (0, 3, 0.6)}


def working_shares(rest: dict[str, tuple[int, int, float]]) -> np.ndarray:
    """Share of a normal day's work done on each day from `CALENDAR_BEGINS` to `CALENDAR_ENDS`."""
    shares = np.ones((CALENDAR_ENDS - CALENDAR_BEGINS).astype(int))
    for name, (first, last, share) in rest.items():
        known = FESTIVALS[name]
        for start in (known[(known >= CALENDAR_BEGINS) & (known < CALENDAR_ENDS)] - CALENDAR_BEGINS).astype(int):
            shares[start + first : start + last + 1] = share
    return shares


class WorkClock:
    """Turns working days into calendar days; days are whole numbers since 1970-01-01."""

    def __init__(self, rest: dict[str, tuple[int, int, float]]):
        self._done = np.concatenate([[0.0], np.cumsum(working_shares(rest))])
        self._origin = CALENDAR_BEGINS.astype(int)

    def end(self, start: np.ndarray, working_days: np.ndarray) -> np.ndarray:
        """Day on which `working_days` begun on `start` are over; never before `start`."""
        begun = self._done[start - self._origin]
        return np.maximum(start, self._origin + np.searchsorted(self._done, begun + working_days - 1e-9))


FACTORY = WorkClock(FACTORY_REST)
CARRIER = WorkClock(CARRIER_REST)
