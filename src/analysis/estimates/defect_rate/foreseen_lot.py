"""What a trial lot may show before it is ordered, and how much that would say of bulk.

A trial of n pieces tells of the rate of trials, by pieces that are alike within their lot and by one SKU that may differ from
its supplier's others; the rate in bulk follows from it only as far as the two are tied. So

    P(x defective | rate in bulk) = sum over rates before k of  P(k | rate in bulk) P(x | k),

by the very distributions of `bulk_rate`: what the next review would believe after the outcome is today's belief times this.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd
from scipy.special import gammaln

from analysis.estimates.defect_rate.bulk_rate import BulkLevels, bulk_levels
from analysis.estimates.defect_rate.rate_grid import RateGrid


@dataclass(frozen=True, eq=False)
class ForeseenLots:
    """What trial lots may show of each supplier, given its rate in bulk."""

    levels: BulkLevels

    @property
    def grid(self) -> RateGrid:
        """Of the rates in bulk."""
        return self.levels.before.grid

    def cells(self, rates: np.ndarray) -> np.ndarray:
        """The grid's cell of each rate."""
        angles = np.arcsin(np.sqrt(np.clip(rates, 0, 1)))
        return np.minimum((angles / self.grid.edges[1]).astype(int), self.grid.size - 1)

    def chances(self, supplier: str, pieces: int) -> np.ndarray:
        """P(x of `pieces` are found defective | rate in bulk), shape (pieces + 1, cells); each column adds up to 1.

        One of which nothing is known is as good as any of those that are.
        """
        at = self.levels.before.labels.get_indexer([supplier])[0]
        return self._shown(pieces) @ self._given_bulk(int(at))

    @lru_cache(maxsize=64)  # noqa: B019  # lives as long as one review's round
    def _shown(self, pieces: int) -> np.ndarray:
        """P(x | supplier's rate before), shape (pieces + 1, cells): over the SKU's own rate."""
        x = np.arange(pieces + 1)
        ways = gammaln(pieces + 1) - gammaln(x + 1) - gammaln(pieces - x + 1)
        logs = self.grid.lot_log_likelihood(x, np.full(x.shape, pieces), self.levels.before.lot_correlation)
        return np.exp(logs + ways[:, None]) @ self._skus.T

    @cached_property
    def _skus(self) -> np.ndarray:
        sd = self.levels.sku_sd
        return self.grid.spread_around(sd) if sd > 0 else np.eye(self.grid.size)

    @lru_cache(maxsize=2)  # noqa: B019  # a supplier's sizes are asked for one after the other
    def _given_bulk(self, at: int) -> np.ndarray:
        """P(rate before | rate in bulk) of the supplier in row `at`, of all together below 0; (cells, cells), columns add up to 1."""
        levels, rows = self.levels, slice(None) if at < 0 else slice(at, at + 1)
        masses = levels.before.masses[rows]
        reach = np.maximum(masses @ levels.kernels, 1e-300)  # (types, suppliers, cells)
        both = ((masses.T @ (levels.joint[:, rows] / reach)) * levels.kernels).sum(axis=0)
        total = both.sum(axis=0)
        nowhere = total < 1e-290  # a rate in bulk that nobody has: any belief will do
        both[:, nowhere] = masses.mean(axis=0)[:, None]
        return both / both.sum(axis=0)


def foreseen_lots(lots: pd.DataFrame, orders: pd.DataFrame, drift: pd.DataFrame | None = None) -> ForeseenLots | None:
    """From what `bulk_rates` takes; None when nothing was ever inspected."""
    levels = bulk_levels(lots, orders, drift)
    return None if levels is None else ForeseenLots(levels)
