"""Posterior draws, the common currency between estimates and decisions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

DRAWS = 4000


@dataclass(frozen=True)
class Draws:
    """One quantity's posterior draws: `values[i, j]` is draw `j` for `suppliers[i]`, in the quantity's own unit.

    Draw `j` of every quantity belongs to the same imagined world, so that sums and ratios of quantities are taken
    draw by draw.
    """

    suppliers: pd.Index
    values: np.ndarray

    def __post_init__(self) -> None:
        if self.values.ndim != 2 or len(self.suppliers) != len(self.values):
            raise ValueError(
                f"values: one row a supplier and one column a draw are needed, got shape {self.values.shape} "
                f"for {len(self.suppliers)} suppliers"
            )
        if not self.suppliers.is_unique:
            raise ValueError("suppliers: each may occur once; add up or average a supplier's rows first")

    @classmethod
    def of_nobody(cls) -> Draws:
        """No rows: the quantity was not assessed for any supplier."""
        return cls(pd.Index([], dtype="str", name="supplier"), np.empty((0, DRAWS)))

    def of(self, suppliers: pd.Index) -> np.ndarray:
        """The draws of `suppliers`, in that order; rows of NaN where this quantity has nothing to say of one."""
        return pd.DataFrame(self.values, index=self.suppliers).reindex(suppliers).to_numpy()


def summary(values: np.ndarray, level: float = 0.90) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean and equal-tailed credible interval along the last axis.

    Where a distribution is so skewed that its mean lies outside (a worth that is 0 in nearly every world), the interval is
    stretched to hold it: what is printed as the estimate is never outside its own interval.
    """
    mean = values.mean(axis=-1)
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2], axis=-1)
    return mean, np.minimum(low, mean), np.maximum(high, mean)
