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


def interval(values: np.ndarray, level: float = 0.90) -> tuple[np.ndarray, np.ndarray]:
    """Equal-tailed credible interval along the last axis."""
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2], axis=-1)
    return low, high
