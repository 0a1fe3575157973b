"""Proper scores: what a forecast was worth, once the outcome is known. Smaller is better everywhere.

.. [1] Gneiting, T. and Raftery, A. E. (2007). Strictly proper scoring rules, prediction, and estimation. JASA 102, 359-378.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats
from scipy.special import betainc, betaln, gammaln

MOST_MASSES = 100_000
"""Up to so many pieces each number of defectives has its own chance."""


def pinball_loss(level: ArrayLike, quantile: ArrayLike, outcome: ArrayLike) -> np.ndarray:
    """(level - 1{outcome < quantile}) (outcome - quantile), elementwise   [1, eq. 40]."""
    distance = np.asarray(outcome, dtype=float) - quantile
    return np.where(distance >= 0, np.asarray(level) * distance, (np.asarray(level) - 1) * distance)


def crps_from_quantiles(levels: ArrayLike, quantiles: ArrayLike, outcome: ArrayLike) -> np.ndarray:
    """Continuous ranked probability score from quantiles, shape (n,), in the outcome's unit.

    CRPS = 2 int_0^1 pinball(level) d level [1, eq. 41], each level standing for the levels nearest to it. Exact as the levels
    fill (0, 1); with few levels still proper for those quantiles. `levels` (k,) ascending, `quantiles` (n, k), `outcome` (n,).
    A point forecast, the same number at each level, scores its absolute error when the levels are symmetric.
    """
    levels = np.asarray(levels, dtype=float)
    between = np.concatenate([[0.0], (levels[1:] + levels[:-1]) / 2, [1.0]])
    loss = pinball_loss(levels, np.asarray(quantiles, dtype=float), np.asarray(outcome, dtype=float)[:, None])
    return 2 * loss @ np.diff(between)


def crps_of_masses(masses: ArrayLike, outcome: int) -> float:
    """CRPS of a count with probabilities `masses` (k = 0, 1, ...): sum_k (F(k) - 1{outcome <= k})^2   [1, eq. 20]."""
    cumulative = np.cumsum(np.asarray(masses, dtype=float))
    return float(((cumulative - (np.arange(cumulative.size) >= outcome)) ** 2).sum())


def brier_score(probability: ArrayLike, happened: ArrayLike) -> np.ndarray:
    """(probability - 1{happened})^2, elementwise; nan where either is missing."""
    return (np.asarray(probability, dtype=float) - np.asarray(happened, dtype=float)) ** 2


def pit_from_quantiles(levels: ArrayLike, quantiles: ArrayLike, outcome: ArrayLike) -> np.ndarray:
    """Probability integral transform, F(outcome), shape (n,), linear between the quantiles.

    Outcomes below the first or above the last quantile get the middle of what is left (0.025, 0.975 for 5 % and 95 %): a
    histogram with bins between the levels counts them right.
    """
    levels = np.asarray(levels, dtype=float)
    pairs = zip(np.asarray(quantiles, dtype=float), np.asarray(outcome, dtype=float))
    return np.array([_interpolated(levels, row, y) for row, y in pairs])


def _interpolated(levels: np.ndarray, quantiles: np.ndarray, outcome: float) -> float:
    if outcome < quantiles[0]:
        return float(levels[0] / 2)
    if outcome > quantiles[-1]:
        return float((1 + levels[-1]) / 2)
    return float(np.interp(outcome, quantiles, levels))


def pit_of_masses(masses: ArrayLike, outcome: int) -> float:
    """Mid-distribution transform of a count, F(outcome - 1) + P(outcome) / 2: its mean is 1/2 for a true forecast."""
    masses = np.asarray(masses, dtype=float)
    return float(masses[:outcome].sum() + masses[outcome] / 2)


def coverage_interval(hits: int, n: int, level: float = 0.90) -> tuple[float, float]:
    """Clopper-Pearson interval of a coverage: holds its level for every n; (0, 1) for n = 0."""
    if n == 0:
        return 0.0, 1.0
    found = stats.binomtest(hits, n).proportion_ci(level, method="exact")
    return float(found.low), float(found.high)


def level_p_value(hits: int, n: int, level: float) -> float:
    """Chance of a number of hits as unlikely as `hits` of `n` if each hits with probability `level` (exact, two-sided)."""
    return float(stats.binomtest(hits, n, min(max(level, 0.0), 1.0)).pvalue)


def pieces_a_mass(pieces: int) -> float:
    """How many pieces each mass of `beta_binomial_masses` stands for."""
    return max(pieces / MOST_MASSES, 1.0)


def beta_binomial_masses(pieces: int, alpha: float, beta: float) -> np.ndarray:
    """P(0), ..., P(pieces) of the beta-binomial distribution.

    Of more than `MOST_MASSES` pieces so many equal cells of the share, by the beta distribution of the same mean and variance;
    a cell holds `pieces_a_mass`.
    """
    if pieces > MOST_MASSES:
        size = 1 / (1 / pieces + (1 - 1 / pieces) / (alpha + beta + 1)) - 1
        mean = alpha / (alpha + beta)
        return np.diff(betainc(mean * size, (1 - mean) * size, np.linspace(0, 1, MOST_MASSES + 2)))
    k = np.arange(pieces + 1)
    choose = gammaln(pieces + 1) - gammaln(k + 1) - gammaln(pieces - k + 1)
    masses = np.exp(choose + betaln(alpha + k, beta + pieces - k) - betaln(alpha, beta))
    return masses / masses.sum()
