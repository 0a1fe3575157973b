"""What samples of a supplier's lots may show, of every size at once: for many lots of one supplier the same table serves.

With alpha + beta = c for all betas of a mixture, P(x defective of n) = C(n, x) / (c)_n * S[x, n - x] where

    S[x, m] = sum_j w_j (alpha_j)_x (beta_j)_m,      E[p | x, n] = S[x + 1, n - x] / (S[x, n - x] (c + n)),

(z)_k = z (z + 1) ... (z + k - 1) the rising factorial [1]: one product of two matrices gives all sizes and outcomes.

.. [1] Johnson, N. L., Kemp, A. W. and Kotz, S. (2005). Univariate Discrete Distributions, 3rd ed., section 6.2.2. Wiley.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy import special

FEW = 16
"""Defectives tabled at first."""
MOST_CELLS = 500_000
"""Of a table; above it nothing is tabled."""
RANGE = 600.0
"""Of the logarithms that a double holds, both ways."""


@dataclass(frozen=True)
class Outcomes:
    """`chance[x, m]` of x defectives beside m good pieces in a sample of x + m, and the `mean[x, m]` rate of a lot that showed them."""

    chance: np.ndarray
    mean: np.ndarray

    @property
    def most(self) -> int:
        """Defectives tabled."""
        return len(self.chance) - 1

    @property
    def pieces(self) -> int:
        """Of the largest sample tabled."""
        return self.chance.shape[1] - 1

    def holds(self, pieces: int, break_even: float) -> bool:
        """Whether all samples of up to `pieces` are in it, with every outcome at which a lot is still taken unseen."""
        if pieces > self.pieces:
            return False
        return self.most >= pieces or bool((self.mean[-1, : pieces - self.most + 1] > break_even).all())

    def of(self, sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Chance and mean rate of x = 0..`most` defectives, (sizes, x); no chance and a mean of 1 where x is more than the sample."""
        x = np.arange(self.most + 1)
        good = sizes[:, None] - x
        inside, good = good >= 0, np.maximum(good, 0)
        return np.where(inside, self.chance[x, good], 0.0), np.where(inside, self.mean[x, good], 1.0)


def outcomes_of(
    weights: np.ndarray, alpha: np.ndarray, beta: np.ndarray, pieces: int, break_even: float, least: int = 0
) -> Outcomes | None:
    """The table up to `pieces`, with `least` defectives or as many defectives as the `break_even` rate asks; None where it would be too large, or its
    numbers too far apart for one."""
    likely = break_even * (pieces + alpha[0] + beta[0])  # of about so many the lot's rate is thought to be at the limit
    most = int(min(max(FEW, least, likely), pieces))
    while (pieces + 1) * (most + 1) <= MOST_CELLS:
        found = _table(weights, alpha, beta, pieces, most)
        if found is None or found.holds(pieces, break_even):
            return found
        most = min(2 * most, pieces)
    return None


def _table(weights: np.ndarray, alpha: np.ndarray, beta: np.ndarray, pieces: int, most: int) -> Outcomes | None:
    log_u, log_v = _log_rising(alpha, most + 1), _log_rising(beta, pieces)
    top_u, top_v = log_u.max(axis=1), log_v.max(axis=1)
    if np.ptp(log_u, axis=1).max() + np.ptp(log_v, axis=1).max() > RANGE:
        return None
    sums = np.exp(log_u - top_u[:, None]) * weights @ np.exp(log_v - top_v[:, None]).T  # (x, m), scaled
    n, both = np.arange(pieces + most + 1), float(alpha[0] + beta[0])
    logs = special.gammaln(n + 1)
    of_size = logs - special.gammaln(both + n) + special.gammaln(both)
    scale = sliding_window_view(of_size, pieces + 1) + (top_u[:-1] - logs[: most + 1])[:, None]
    chance = sums[:-1] * np.exp(scale + (top_v - logs[: pieces + 1]))
    larger = np.exp(np.diff(top_u))[:, None] / sliding_window_view(both + n, pieces + 1)
    return Outcomes(chance, sums[1:] / sums[:-1] * larger)


def _log_rising(start: np.ndarray, most: int) -> np.ndarray:
    """log (start)_k for k = 0..most, (most + 1, len(start))."""
    steps = np.log(start + np.arange(most)[:, None])
    return np.vstack([np.zeros(len(start)), np.cumsum(steps, axis=0)])
