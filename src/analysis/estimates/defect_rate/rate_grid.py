"""A grid of defect rates, and what a lot of inspected pieces says at each of its rates.

The rates are p = sin(angle)^2 with evenly spaced angles: on the angle's scale a count of n pieces has the same standard
error, 1 / (2 sqrt n), at every rate, so that one spacing serves 0.1 % and 30 % alike. A distribution of rates is a row of
masses, one for each cell of the grid.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaln, expit, gammaln, logit, ndtr

SMALLEST_GRID, LARGEST_GRID = 200, 800
"""Cells. 200 resolve suppliers of up to about 1,000 pieces (a cell is half a standard error), 800 up to 16,000; beyond
that the cell itself rounds the interval, by less than 0.1 percentage points at a rate of 5 %."""
LEAST, LEAST_LOG = 1e-100, float(np.log(1e-200))
"""Chances of rates below the one, and likelihoods whose logs are below the other, are 0: their products would be too small for normal
floats, with which a processor is several times as quick."""


@dataclass(frozen=True)
class RateGrid:
    """`size` cells that share [0, pi/2] of the angle evenly."""

    size: int = SMALLEST_GRID

    @classmethod
    def for_pieces(cls, most: int) -> RateGrid:
        """A grid fine enough for suppliers with at most `most` inspected pieces."""
        return cls(int(np.clip(2 * np.pi * np.sqrt(most), SMALLEST_GRID, LARGEST_GRID)))

    @cached_property
    def edges(self) -> np.ndarray:
        """Angles, shape (size + 1,)."""
        return np.linspace(0, np.pi / 2, self.size + 1)

    @cached_property
    def angles(self) -> np.ndarray:
        """Middles of the cells as angles, rate = sin(angle)^2."""
        return (self.edges[1:] + self.edges[:-1]) / 2

    @cached_property
    def rates(self) -> np.ndarray:
        """Defect rate in the middle of each cell."""
        return np.sin(self.angles) ** 2

    @cached_property
    def logits(self) -> np.ndarray:
        """Middles of the cells on the logit scale."""
        return 2 * np.log(np.tan(self.angles))

    def below(self, limit: float) -> np.ndarray:
        """Share of each cell that lies below the rate `limit`."""
        position = np.arcsin(np.sqrt(np.clip(limit, 0, 1))) / self.edges[1]
        return np.clip(position - np.arange(self.size), 0, 1)

    def beta_masses(self, alpha: ArrayLike, beta: ArrayLike) -> np.ndarray:
        """Masses of Beta(alpha, beta), shape (size, len(alpha)); the columns sum to 1.

        Midpoint rule in the angle, where the density is 2 sin^(2 alpha - 1) cos^(2 beta - 1) / B(alpha, beta); the two
        end cells, where it may be infinite, are integrated by hand.
        """
        a, b = np.atleast_1d(alpha).astype(float), np.atleast_1d(beta).astype(float)
        sine, cosine, width = np.log(np.sin(self.angles)), np.log(np.cos(self.angles)), self.edges[1]
        log_mass = np.multiply.outer(sine, 2 * a - 1) + np.multiply.outer(cosine, 2 * b - 1) + np.log(2 * width)
        log_mass[0] = 2 * a * np.log(width) - np.log(a) + (2 * b - 1) * cosine[0]
        log_mass[-1] = 2 * b * np.log(width) - np.log(b) + (2 * a - 1) * sine[-1]
        masses = np.exp(log_mass - betaln(a, b))
        return masses / masses.sum(axis=0)

    def spread(self, sd: float, shift: float = 0.0) -> np.ndarray:
        """Transition masses, shape (size, size): row k holds N(logit of rate k + shift, sd^2) on the cells, on the logit
        scale."""
        return self._normal_rows(self.logits + shift, sd)

    def spread_around(self, sd: float) -> np.ndarray:
        """As `spread`, each row moved so that its *mean rate* is rate k: a supplier's rate is the average of its SKUs'.

        Around the logit itself the average SKU is worse than the middle one: by 20 % at sd 0.6, by 60 % at sd 1.
        """
        nodes, weights = np.polynomial.hermite_e.hermegauss(24)
        weights = weights / weights.sum()
        centre = self.logits.copy()
        for _ in range(8):  # Newton on the logit of the mean, which is nearly a straight line in the centre
            rates = expit(centre[:, None] + sd * nodes)
            mean = rates @ weights
            slope = (rates * (1 - rates)) @ weights / (mean * (1 - mean))
            centre -= (logit(mean) - self.logits) / slope
        return self._normal_rows(centre, sd)

    def _normal_rows(self, centre: np.ndarray, sd: float) -> np.ndarray:
        with np.errstate(divide="ignore"):
            edges = 2 * np.log(np.tan(self.edges[:-1]))
        below = ndtr((edges[None, :] - centre[:, None]) / sd)
        masses = np.diff(below, axis=1, append=1.0)
        masses[masses < LEAST] = 0
        return masses / masses.sum(axis=1, keepdims=True)

    def lot_log_likelihood(
        self,
        defective: np.ndarray,
        inspected: np.ndarray,
        lot_correlation: float = 0.0,
        shift: float | np.ndarray = 0.0,
    ) -> np.ndarray:
        """Log-likelihood of lots at each rate, shape (lots, size), without the binomial coefficient.

        Pieces of one lot are alike: a lot's own rate is Beta with the supplier's rate as its mean and `lot_correlation`
        between two of its pieces, so that its count is beta-binomial; 0 makes the pieces independent. `shift` moves the
        rate on the logit scale, a number or one a lot.
        """
        x, n = (np.asarray(v, dtype=float) for v in (defective, inspected))
        shift = np.broadcast_to(np.asarray(shift, dtype=float), x.shape)
        if lot_correlation == 0:
            logits = self.logits[None, :] + shift[:, None]
            return -x[:, None] * np.logaddexp(0, -logits) - (n - x)[:, None] * np.logaddexp(0, logits)
        size = 1 / lot_correlation - 1
        total = gammaln(size + n) - gammaln(size)
        return self._log_rising(size, shift, x, 1) + self._log_rising(size, shift, n - x, -1) - total[:, None]

    def _log_rising(self, size: float, shift: np.ndarray, count: np.ndarray, sign: int) -> np.ndarray:
        """log of c (c + 1) ... (c + count - 1) with c = size x (rate or 1 - rate), worked out once for equal rows."""
        pairs, row = np.unique(np.column_stack([shift, count]), axis=0, return_inverse=True)
        c = size * expit(sign * (self.logits[None, :] + pairs[:, :1]))
        return (gammaln(c + pairs[:, 1:]) - gammaln(c))[row.ravel()]
