"""Trials whose outcome lies far from what their product and worths suggest: winsorised before weights are learned, and listed.

One disaster must not decide the weights; it still counts, as a bad outcome. Far is measured about a fit and not
about the product's median, so that a supplier that is simply much better or worse than the others is not cut short.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

CLIP = 2.5
"""Outcomes further than this many standard deviations (1.4826 MAD) from what was to be expected are winsorised."""
OWN_SCALE = 12
"""Trials of a product from which its own spread is used; below, the spread of all products about their medians."""
TRIALS_A_CRITERION = 3
"""Trials a criterion, besides one a product, from which worths enter what was to be expected."""
RIDGE = 0.10
"""Prior precision of the worths' coefficients as a share of what the trials say: a fit must not chase the outliers."""
ROUNDS = 3


def winsorised(value: np.ndarray, product: np.ndarray, clip: float = CLIP) -> tuple[np.ndarray, np.ndarray]:
    """`value` (n,) within `clip` robust standard deviations of its product's median, and which were winsorised (n,)."""
    value = np.asarray(value, float)
    if not len(value):
        return value, np.zeros(0, bool)
    code = pd.factorize(np.asarray(product, dtype=object))[0]
    size = np.bincount(code)[code]
    away = value - _medians(value, code)[code]
    pooled = np.median(np.abs(away[size > 1])) if (size > 1).any() else np.inf
    limit = clip * 1.4826 * np.where(size >= OWN_SCALE, _medians(np.abs(away), code)[code], pooled)
    limit[limit == 0] = np.inf  # more than half alike: no spread to judge by
    far = np.abs(away) > limit
    return np.where(far, value - away + np.clip(away, -limit, limit), value), far


def _medians(x: np.ndarray, code: np.ndarray) -> np.ndarray:
    """Median of `x` (n,) in each group."""
    return np.array([np.median(x[code == group]) for group in range(code.max() + 1)])


def clipped_values(
    value: np.ndarray, product: np.ndarray, u: np.ndarray, precision: np.ndarray, clip: float = CLIP
) -> tuple[np.ndarray, np.ndarray]:
    """`value` (n,) within `clip` robust standard deviations of what is expected, and which were winsorised (n,).

    Expected of a trial: its product's mean and its worths `u` (n, K), fitted to values already winsorised and so on, `ROUNDS`
    times (Huber's proposal of Winsorised residuals); of few trials the product's median alone. A trial of few pieces, of less
    `precision` (n,), may lie further away.

    .. [1] Huber, P. J. and Ronchetti, E. M. (2009). Robust Statistics, 2nd ed., section 7.8. Wiley.
    """
    value, code = np.asarray(value, float), pd.factorize(np.asarray(product, dtype=object))[0]
    clipped, far = winsorised(value, product, clip)
    if len(value) < TRIALS_A_CRITERION * u.shape[1] + np.unique(code).size:
        return clipped, far
    for _ in range(ROUNDS):
        expected = _expected(clipped, code, u)
        away = (value - expected) * np.sqrt(precision)
        scale = 1.4826 * np.median(np.abs(away))
        if scale == 0:
            return value, np.zeros(len(value), bool)
        far = np.abs(away) > clip * scale
        clipped = expected + np.clip(away, -clip * scale, clip * scale) / np.sqrt(precision)
    return np.where(far, clipped, value), far


def _expected(y: np.ndarray, code: np.ndarray, u: np.ndarray) -> np.ndarray:
    """Products' means and a ridge regression on the worths about them."""
    size = np.bincount(code)
    u_mean = np.stack([np.bincount(code, column) / size for column in u.T], axis=1)[code]
    y_mean = (np.bincount(code, y) / size)[code]
    within = u - u_mean
    uu = within.T @ within
    ridge = RIDGE * max(np.trace(uu) / len(uu), 1e-9 * len(y))
    return y_mean + within @ np.linalg.solve(uu + ridge * np.eye(len(uu)), within.T @ (y - y_mean))
