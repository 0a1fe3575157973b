"""Distribution and loss functions of demand: P(D <= x), E[(D - x)+] and 1/2 E[((D - x)+)^2].

Written in mean and variance, the terms in which stock is reckoned; every function works on arrays. The loss is what is
short on average when x is at hand [1, appendix C].

.. [1] Snyder, L. V. and Shen, Z.-J. M. (2019). Fundamentals of Supply Chain Theory, 2nd ed., Wiley.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import special


def gamma_cdf(x: float | np.ndarray, mean: float | np.ndarray, variance: float | np.ndarray) -> np.ndarray:
    """Shape mean^2 / variance, scale variance / mean."""
    x = np.maximum(x, 0.0)
    return special.gammainc(mean**2 / variance, x * mean / variance)


def gamma_loss(x: float | np.ndarray, mean: float | np.ndarray, variance: float | np.ndarray) -> np.ndarray:
    """E[(D - x)+] = mean (1 - F(x; shape + 1)) - x (1 - F(x; shape)); mean - x below zero."""
    shape, rate = mean**2 / variance, mean / variance
    at = np.maximum(x, 0.0)
    loss = mean * special.gammaincc(shape + 1, at * rate) - at * special.gammaincc(shape, at * rate)
    return loss + np.maximum(-np.asarray(x, float), 0.0)


def gamma_partial_moments(
    x: float | np.ndarray, mean: float | np.ndarray, variance: float | np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """E[((D - x)+)^r] for r = 1, 2, 3 and x >= 0, from E[D^r; D > x] = scale^r (shape)_r (1 - F(x; shape + r))."""
    shape, scale = mean**2 / variance, variance / mean
    at = np.asarray(x, float) / scale
    tail = [special.gammaincc(shape + r, at) * special.poch(shape, r) * scale**r for r in range(4)]
    return (
        tail[1] - x * tail[0],
        tail[2] - 2 * x * tail[1] + x**2 * tail[0],
        tail[3] - 3 * x * tail[2] + 3 * x**2 * tail[1] - x**3 * tail[0],
    )


def poisson_loss(x: float | np.ndarray, mean: float | np.ndarray) -> np.ndarray:
    """E[(D - x)+] = mean P(D >= x) - x P(D > x) for whole x, straight lines between; mean - x below zero."""

    def at_whole(n: np.ndarray) -> np.ndarray:
        at_least_n = np.where(n < 1, 1.0, special.gammainc(np.maximum(n, 1.0), mean))
        return mean * at_least_n - n * special.gammainc(n + 1, mean)

    return _between_whole(x, at_whole)


def negative_binomial_loss(x: float | np.ndarray, mean: float | np.ndarray, variance: float | np.ndarray) -> np.ndarray:
    """E[(D - x)+] = mean P(D' >= x) - x P(D > x), D' + 1 with k + 1 for k, for whole x; straight lines between."""
    k, p = _count_parameters(mean, variance)

    def at_whole(n: np.ndarray) -> np.ndarray:
        # E[D; D > n] = mean P(D' > n - 1) with D' ~ NB(k + 1, p)
        beyond = np.where(n < 1, 1.0, _upper(k + 1, np.maximum(n, 1.0), p))
        return mean * beyond - n * _upper(k, n + 1, p)

    return _between_whole(x, at_whole)


def _upper(a: float | np.ndarray, b: float | np.ndarray, p: float | np.ndarray) -> np.ndarray:
    """1 - I_p(a, b), written as I_{1-p}(b, a): exact in the tail, and eight times as fast as scipy's `betaincc`."""
    return special.betainc(b, a, 1 - p)


def _count_parameters(
    mean: float | np.ndarray, variance: float | np.ndarray
) -> tuple[float | np.ndarray, float | np.ndarray]:
    return mean**2 / (variance - mean), mean / variance


def _between_whole(x: float | np.ndarray, at_whole: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """A loss given at whole numbers: linear between them, slope -1 below zero."""
    x = np.asarray(x, float)
    at = np.maximum(x, 0.0)
    below = np.floor(at)
    lower = at_whole(below)
    upper = at_whole(below + 1) if np.any(at > below) else lower
    return lower + (at - below) * (upper - lower) + np.maximum(-x, 0.0)
