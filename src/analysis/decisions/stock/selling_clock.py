"""The clock on which demand runs: how many usual days pass, for sales, in the days to come."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.decisions.stock.pace import Pace, trend_months

HORIZON = 800
"""Days ahead that the clock knows: a lead time of a year that begins in a month, or a forecast of two years."""
SLOWEST = 0.05


@dataclass(frozen=True)
class SellingClock:
    """`passed` usual days (SKU, day) until the end of each day after `as_of`, 0 for `as_of` itself, with their standard deviation `unsure`.

    A usual day is one of the mean pace of the first `window` days. Months' errors are taken to go together over a lead time, which is a
    little too careful where it spans several.
    """

    passed: np.ndarray
    unsure: np.ndarray

    @staticmethod
    def of(pace: Pace, mean_age: np.ndarray, as_of: pd.Timestamp, last: pd.Period) -> SellingClock:
        """From a pace learned until month `last`; `mean_age` by SKU is the mean month from now of its sales, from which a wrong slope carries."""
        days = pd.date_range(as_of + pd.Timedelta(days=1), periods=HORIZON)
        months = days.to_period("M")
        age = -((months.year - last.year) * 12 + months.month - last.month).to_numpy(float)
        calendar = months.month.to_numpy() - 1
        speed = pace.of(calendar, age)
        of_slope = pace.slope_sd[:, None] * (trend_months(age) - mean_age[:, None])
        error = np.hypot((pace.index_sd / pace.index)[:, calendar], of_slope)
        return SellingClock(_added_up(speed), _added_up(speed * error))

    def over(self, window: float) -> np.ndarray:
        """Mean pace (SKU,) of the first `window` days."""
        return self.at(np.full((len(self.passed), 1), float(window)))[0][:, 0] / window

    def in_units_of(self, pace: np.ndarray) -> SellingClock:
        """The clock whose usual day sells as one of `pace` (SKU,)."""
        return SellingClock(self.passed / pace[:, None], self.unsure / pace[:, None])

    def at(self, days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """`passed` and `unsure` at `days` (SKU, node), straight lines within a day."""
        days = np.minimum(days, HORIZON - 1e-6)
        whole = days.astype(int)
        row, part = np.arange(len(days))[:, None], days - whole
        return tuple(
            table[row, whole] + part * (table[row, whole + 1] - table[row, whole])
            for table in (self.passed, self.unsure)
        )

    def between(self, start: np.ndarray, days: np.ndarray, error: np.ndarray) -> np.ndarray:
        """Usual days from `start` over `days`, each (SKU, node), off by `error` standard deviations a node."""
        begun, unsure_then = self.at(np.broadcast_to(start, days.shape))
        ended, unsure = self.at(start + days)
        passed = ended - begun
        return np.maximum(passed + error * (unsure - unsure_then), SLOWEST * passed)

    def rows(self, which: np.ndarray) -> SellingClock:
        """Of some SKUs."""
        return SellingClock(self.passed[which], self.unsure[which])


def _added_up(a_day: np.ndarray) -> np.ndarray:
    return np.pad(np.cumsum(a_day, axis=1), ((0, 0), (1, 0)))
