"""When factories and carriers stand still: Spring Festival and the National Day week.

A leg of `days` working days that begins on day `start` ends when that many days with work have passed.
"""

from __future__ import annotations

import numpy as np

NEW_YEAR_DAYS = (
    "2018-02-16", "2019-02-05", "2020-01-25", "2021-02-12", "2022-02-01", "2023-01-22", "2024-02-10", "2025-01-29",
    "2026-02-17", "2027-02-06", "2028-01-26", "2029-02-13", "2030-02-03", "2031-01-23", "2032-02-11",
)  # fmt: skip
"""First day of the lunar year (Hong Kong Observatory, Gregorian-lunar calendar conversion table)."""

CALENDAR_BEGINS = np.datetime64("2018-01-01", "D")
CALENDAR_ENDS = np.datetime64("2033-01-01", "D")

FACTORY_REST = {"spring": (-9, 11, 0.0), "national": (0, 6, 0.2)}
"""(first day, last day, share of work still done) around New Year's day and 1 October: workers travel early and return late."""
CARRIER_REST = {"spring": (-2, 5, 0.1), "national": (0, 3, 0.6)}


def working_shares(rest: dict[str, tuple[int, int, float]]) -> np.ndarray:
    """Share of a normal day's work done on each day from `CALENDAR_BEGINS` to `CALENDAR_ENDS`."""
    shares = np.ones((CALENDAR_ENDS - CALENDAR_BEGINS).astype(int))
    years = np.arange(CALENDAR_BEGINS.astype("datetime64[Y]"), CALENDAR_ENDS.astype("datetime64[Y]"))
    starts = {
        "spring": np.array(NEW_YEAR_DAYS, dtype="datetime64[D]"),
        "national": np.array([f"{year}-10-01" for year in years], dtype="datetime64[D]"),
    }
    for name, (first, last, share) in rest.items():
        for start in (starts[name] - CALENDAR_BEGINS).astype(int):
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
