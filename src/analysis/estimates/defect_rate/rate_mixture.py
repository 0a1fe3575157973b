"""Posterior distributions of defect rates as mixtures over a grid of rates, and the questions they answer."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from pandas.arrays import IntegerArray
from scipy.special import expit

from analysis.estimates.defect_rate.pieces_until_decided import pieces_until_decided
from analysis.estimates.defect_rate.rate_grid import RateGrid
from analysis.estimates.draws import Draws, common_points, in_own_order

WORST_RATE_TO_BUY = 0.95
"""Where `pieces_for_a_good_one` stops: 20 pieces bought for a good one. Beyond it nobody keeps buying, and E[1 / (1 - p)] over
the whole posterior is infinite as soon as a supplier's good pieces are fewer than its prior doubts."""

SHORTEST_OF = 21
"""Candidates among which the shortest interval is looked for."""


def pieces_for_a_good_one(defect_rate: ArrayLike) -> np.ndarray:
    """1 / (1 - p), pieces to buy for one good piece, of rates cut at `WORST_RATE_TO_BUY`: its mean exists, 20 at most."""
    return 1 / (1 - np.minimum(defect_rate, WORST_RATE_TO_BUY))


@dataclass(frozen=True)
class RateMixture:
    """Posterior of one rate for each label (supplier, supplier and SKU, category).

    Attributes
    ----------
    labels : pd.Index, length n
    masses : ndarray, shape (n, grid.size)
        Posterior probability of each cell of `grid`; within a cell the angle is uniform.
    grid : RateGrid
    lot_correlation : float
        Correlation of two pieces of one lot (posterior mean); it widens what is predicted for a lot.
    lot_size : float
        Pieces inspected in a usual lot; turns independent pieces into real ones in `pieces_to_settle`.
    """

    labels: pd.Index
    masses: np.ndarray
    grid: RateGrid
    lot_correlation: float = 0.0
    lot_size: float = 1.0

    def __len__(self) -> int:
        return len(self.labels)

    def of(self, labels: Sequence[Hashable] | pd.Index) -> RateMixture:
        """The posteriors of `labels`, in that order."""
        at = self.labels.get_indexer(labels)
        if (at < 0).any():
            raise KeyError(f"no posterior for {list(pd.Index(labels)[at < 0][:3])}")
        return replace(self, labels=self.labels[at], masses=self.masses[at])

    def on(self, grid: RateGrid) -> RateMixture:
        """The same posteriors on another grid."""
        at_edges = np.array([np.interp(grid.edges, self.grid.edges, below) for below in cumulative(self.masses)])
        return replace(self, masses=np.diff(at_edges, axis=1), grid=grid)

    def mean(self) -> np.ndarray:
        """Posterior mean of each rate, shape (n,)."""
        return self.masses @ self.grid.rates

    def sd(self) -> np.ndarray:
        """Posterior standard deviation, shape (n,)."""
        return np.sqrt(np.maximum(self.masses @ self.grid.rates**2 - self.mean() ** 2, 0))

    def moved_moments(self, shift: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
        """Mean and variance of each rate with its logit moved by `shift` (a number or one a label), each of shape (n,)."""
        rates = expit(self.grid.logits + np.reshape(np.asarray(shift, dtype=float), (-1, 1)))
        mean = (self.masses * rates).sum(axis=1)
        return mean, np.maximum((self.masses * rates**2).sum(axis=1) - mean**2, 0)

    def quantile(self, q: ArrayLike) -> np.ndarray:
        """Posterior quantiles: shape (n,) for a number, (n, len(q)) for several."""
        levels = np.atleast_1d(np.asarray(q, dtype=float))
        if ((levels < 0) | (levels > 1)).any():
            raise ValueError(f"q must lie in [0, 1], got {levels}")
        values = self._inverse(np.broadcast_to(levels, (len(self), levels.size)))
        return values if np.ndim(q) else values[:, 0]

    def interval(self, level: float = 0.90) -> tuple[np.ndarray, np.ndarray]:
        """Ends of the shortest credible interval, each of shape (n,); the mean always lies inside.

        The shortest one begins at 0 where the rate is most likely 0, as it should be after no defect in a few pieces, and is
        about a tenth narrower than the equal-tailed one.
        """
        below = (1 - level) * np.linspace(0, 1, SHORTEST_OF) ** 2  # closest near 0, where densities are steepest
        ends = self.quantile(np.concatenate([below, below + level]))
        lows, highs = ends[:, :SHORTEST_OF], ends[:, SHORTEST_OF:]
        best = np.argmin(highs - lows, axis=1)[:, None]
        mean = self.mean()
        low, high = (np.take_along_axis(v, best, axis=1)[:, 0] for v in (lows, highs))
        return np.minimum(low, mean), np.maximum(high, mean)

    def probability_over(self, limit: ArrayLike) -> np.ndarray:
        """P(rate > limit), shape (n,); `limit` a number or one a label."""
        if np.ndim(limit) == 0:
            return np.clip(self.masses @ (1 - self.grid.below(float(np.asarray(limit)))), 0, 1)
        limits = np.asarray(limit, dtype=float)
        answer = np.empty(len(self))
        for value in np.unique(limits):
            rows = limits == value
            answer[rows] = np.clip(self.masses[rows] @ (1 - self.grid.below(float(value))), 0, 1)
        return answer

    def inverse_yield(self) -> np.ndarray:
        """E[1 / (1 - rate)]: pieces to buy for one good piece, shape (n,).

        Rates are cut at `WORST_RATE_TO_BUY`, so the answer is finite (at most 20) however little is known.
        """
        return self.masses @ pieces_for_a_good_one(self.grid.rates)

    def draws(self, size: int, rng: np.random.Generator) -> Draws:
        """`size` posterior draws of each label: values of shape (n, size).

        The same generator state gives every label the same worlds, in an order of its own (`estimates.draws`): its draws
        depend on neither the order nor the number of the others, and but for their order not on its name. They are
        stratified, so that 1,000 draws carry the posterior's quantiles to a thousandth.
        """
        points = np.broadcast_to(common_points(rng, 1, size), (len(self), size))
        return Draws(self.labels, in_own_order(self._inverse(points), self.labels))

    def pieces_to_settle(
        self, limit: ArrayLike, upper: float = 0.9, lower: float = 0.1, most: int = 5000
    ) -> IntegerArray:
        """Further pieces to inspect until it is settled whether the rate exceeds `limit`, shape (n,), Int64.

        0 where P(rate > limit) is already >= `upper` or <= `lower`. Else the smallest number of pieces (of a ladder with
        steps of about 20 %) after which, by today's posterior, the chance is at least one half that the
        probability will then stand beyond `upper` or `lower`. NA where more than `most` pieces would be needed. Pieces
        come in lots of the usual size, whose likeness makes each worth less than an independent one.
        """
        worth = 1 + (self.lot_size - 1) * self.lot_correlation
        limits = np.broadcast_to(np.asarray(limit, dtype=float), len(self))
        answer = np.full(len(self), -1, dtype=np.int64)
        for value in np.unique(limits):
            rows = limits == value
            answer[rows] = pieces_until_decided(
                self.masses[rows], self.grid.rates, 1 - self.grid.below(float(value)), upper, lower, worth, most
            )
        return IntegerArray(np.maximum(answer, 0), answer < 0)

    def _inverse(self, uniform: np.ndarray) -> np.ndarray:
        """Rates at cumulative probabilities, shape (n, m): the angle is linear within a cell."""
        angles = np.empty(uniform.shape)
        for row, below in enumerate(cumulative(self.masses)):
            angles[row] = np.interp(uniform[row], below, self.grid.edges)
        return np.sin(angles) ** 2


def cumulative(masses: np.ndarray) -> np.ndarray:
    """P(rate below each edge of the grid), shape (n, cells + 1)."""
    below = np.zeros((len(masses), masses.shape[1] + 1))
    np.cumsum(masses, axis=1, out=below[:, 1:])
    below /= below[:, -1:]
    return below
