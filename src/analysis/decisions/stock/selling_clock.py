"""The clock on which demand runs: how many usual days pass, for sales, in the days to come."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.decisions.stock.pace import Pace, trend_months

HORIZON = 800
"""Days that the clock knows day by day, ahead and back: a lead time of a year that begins in a month, or a forecast of two years."""
YEAR = 365
"""Days beyond the horizon sell at the mean pace of the last year within it."""
SLOWEST = 0.05


@dataclass(frozen=True)
class SellingClock:
    """`passed` usual days (SKU, day) until the end of each day after `as_of`, 0 for `as_of` itself, with their standard deviation `unsure`;
    `gone`: usual days in the last so many days until `as_of`.

    A usual day is one of the mean pace of the first `window` days. Months' errors are taken to go together over a lead time, which is a
    little too careful where it spans several.
    """

    passed: np.ndarray
    unsure: np.ndarray
    gone: np.ndarray

    @staticmethod
    def of(pace: Pace, mean_age: np.ndarray, as_of: pd.Timestamp, last: pd.Period) -> SellingClock:
        """From a pace learned until month `last`; `mean_age` by SKU is the mean month from now of its sales, from which a wrong slope carries."""
        age, calendar = _months_of(pd.date_range(as_of + pd.Timedelta(days=1), periods=HORIZON), last)
        before, calendar_before = _months_of(pd.date_range(end=as_of, periods=HORIZON)[::-1], last)
        speed = pace.of(calendar, age)
        of_slope = pace.slope_sd[:, None] * (trend_months(age) - mean_age[:, None])
        error = np.hypot((pace.index_sd / pace.index)[:, calendar], of_slope)
        gone = _added_up(pace.of(calendar_before, before))
        return SellingClock(_added_up(speed), _added_up(speed * error), gone)

    def over(self, window: float) -> np.ndarray:
        """Mean pace (SKU,) of the first `window` days."""
        return _at(self.passed, np.full((len(self.passed), 1), float(window)))[:, 0] / window

    def in_units_of(self, pace: np.ndarray) -> SellingClock:
        """The clock whose usual day sells as one of `pace` (SKU,)."""
        return SellingClock(*(table / pace[:, None] for table in (self.passed, self.unsure, self.gone)))

    def between(self, start: np.ndarray, days: np.ndarray, error: np.ndarray) -> np.ndarray:
        """Usual days from `start` over `days`, each (SKU, node), off by `error` standard deviations a node."""
        begin, end = np.broadcast_to(start, days.shape), start + days
        passed, unsure = (_at(table, end) - _at(table, begin) for table in (self.passed, self.unsure))
        return np.maximum(passed + error * unsure, SLOWEST * passed)

    def since(self, days: np.ndarray) -> np.ndarray:
        """Usual days in the last `days` until `as_of`, each (SKU,)."""
        return _at(self.gone, days[:, None])[:, 0]

    def lasting(self, start: np.ndarray, usual: np.ndarray) -> np.ndarray:
        """Days from `start` in which `usual` usual days pass, each (SKU,)."""
        goal = _at(self.passed, start[:, None])[:, 0] + usual
        whole = np.minimum((self.passed <= goal[:, None]).sum(axis=1) - 1, HORIZON - 1)
        begun, over = self.passed[np.arange(len(goal)), [whole, whole + 1]]
        within = whole + np.minimum((goal - begun) / (over - begun), 1.0)
        return within + np.maximum(goal - self.passed[:, -1], 0.0) / _pace_beyond(self.passed) - start

    def rows(self, which: np.ndarray) -> SellingClock:
        """Of some SKUs."""
        return SellingClock(self.passed[which], self.unsure[which], self.gone[which])


def _months_of(days: pd.DatetimeIndex, last: pd.Period) -> tuple[np.ndarray, np.ndarray]:
    """Months since each of `days`, seen from month `last`, and its place in the year."""
    months = days.to_period("M")
    age = -((months.year - last.year) * 12 + months.month - last.month).to_numpy(float)
    return age, months.month.to_numpy() - 1


def _at(table: np.ndarray, days: np.ndarray) -> np.ndarray:
    """`table` at `days` (SKU, node), straight lines within a day and beyond the horizon."""
    within = np.minimum(days, HORIZON - 1e-6)
    whole = within.astype(int)
    row, part = np.arange(len(days))[:, None], within - whole
    value = table[row, whole] + part * (table[row, whole + 1] - table[row, whole])
    return value + np.maximum(days - HORIZON, 0.0) * _pace_beyond(table)[:, None]


def _pace_beyond(table: np.ndarray) -> np.ndarray:
    return (table[:, -1] - table[:, -1 - YEAR]) / YEAR


def _added_up(a_day: np.ndarray) -> np.ndarray:
    return np.pad(np.cumsum(a_day, axis=1), ((0, 0), (1, 0)))
