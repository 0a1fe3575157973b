"""Sales by SKU and whole calendar month, as a rectangle: what a season or a trend is learned from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.months import DAYS_A_MONTH


@dataclass(frozen=True)
class MonthlySales:
    """`units` (SKU, month), NaN where nobody wrote any down; by month its `lengths` (in middle months) and `calendar` (0 January)."""

    units: np.ndarray
    lengths: np.ndarray
    calendar: np.ndarray

    @staticmethod
    def of(units: np.ndarray, sku: np.ndarray, month: pd.PeriodIndex, last: pd.Period, skus: int) -> MonthlySales:
        """From rows of the demand table; every month up to `last` has a column."""
        number = (month.year * 12 + month.month - 1).to_numpy()
        first, end = int(number.min()), last.year * 12 + last.month - 1
        table = np.full((skus, end - first + 1), np.nan)
        table[sku, number - first] = units
        months = pd.period_range(end=last, periods=table.shape[1], freq="M")
        return MonthlySales(table, months.days_in_month.to_numpy(float) / DAYS_A_MONTH, months.month.to_numpy() - 1)

    @property
    def known(self) -> np.ndarray:
        """Where sales were written down."""
        return np.isfinite(self.units)

    @property
    def age(self) -> np.ndarray:
        """Months back from the last one, 0 for itself."""
        return np.arange(len(self.lengths))[::-1].astype(float)

    def last(self, months: int) -> MonthlySales:
        """The last so many months alone."""
        return MonthlySales(self.units[:, -months:], self.lengths[-months:], self.calendar[-months:])

    def first(self, months: int) -> MonthlySales:
        """The first so many months alone."""
        return MonthlySales(self.units[:, :months], self.lengths[:months], self.calendar[:months])
