"""Whether what the criteria are worth has changed, and since when: how much a past trial still says about today.

Between changes the value of a trial, about its product's mean, is taken as beta'u + noise; at a change beta is drawn afresh.
Each month a change is due with probability `HAZARD`. With Gaussian beta the probability of the trials between two months
has a closed form, and a forward pass over the months gives the probability that the present regime began in each of them:

    G_s = h sum_{r<s} G_r (1 - h)^(s-1-r) E(r, s-1),     P(began in s) ~ G_s (1 - h)^(T-s) E(s, T)         [1, 2]

where E(r, s) is the evidence of months r to s under one beta. A trial then counts with the probability that nothing has
changed since its month: all trials count while nothing changes, and few from before a sudden change a year later.

.. [1] Fearnhead, P. (2006). Exact and efficient Bayesian inference for multiple changepoint problems. Stat. Comput. 16, 203-213.
.. [2] Adams, R. P. and MacKay, D. J. C. (2007). Bayesian online changepoint detection. arXiv:0710.3742.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

HAZARD = 1 / 60
"""Prior probability that what criteria are worth changes in a month."""
SPREADS = (0.2, 0.5, 1.0)
"""Standard deviations of a weight about the analyst's, in average weights (1 / K), equally likely for each regime: about right,
mildly and quite wrong."""
MOST_MONTHS = 48
"""Months told apart; what is older is taken as one month."""
RIDGE = 0.02
"""Prior precision of the coefficients in the fit that gives the noise, as a share of what the trials say."""


@dataclass(frozen=True)
class ChangePoints:
    """`began` (T,): the probability that the present regime began in each month, the newest last; it adds up to 1."""

    began: np.ndarray

    @property
    def changed(self) -> float:
        """Probability that what criteria are worth has changed at all since the first month."""
        return float(1 - self.began[0])

    def still(self, age: np.ndarray) -> np.ndarray:
        """Probability (n,) that nothing has changed since trials `age` (n,) months old were chosen."""
        last = len(self.began) - 1
        return np.minimum(np.cumsum(self.began), 1.0)[np.clip(last - np.asarray(age), 0, last)]


def fit_change_points(
    product: Sequence[str] | pd.Series, u: np.ndarray, y: np.ndarray, precision: np.ndarray, age: np.ndarray, analyst: np.ndarray
) -> ChangePoints:  # fmt: skip
    """Change points from trials: `product` (n,), worths `u` (n, K), values `y` (n,), `precision` (n,), `age` in months (n,).

    `analyst` (K,): the weights about which those of a regime scatter. Trials that say nothing leave the prior.
    """
    months = int(min(age.max(), MOST_MONTHS - 1)) + 1 if len(age) else 1
    code, names = pd.factorize(np.asarray(product, dtype=object))
    u, y = _within(code, len(names), u, precision), _within(code, len(names), y[:, None], precision)[:, 0]
    slope, noise = _slope_and_noise(u, y, precision, len(names), analyst)
    if not slope > 0 or not noise > 0:
        return ChangePoints(_began(np.zeros((months, months))))
    month = np.maximum(months - 1 - age, 0)
    uu, uy = _cumulated(u, y, precision / noise, month, months)
    each = [_evidence(uu, uy, slope * analyst, slope * spread / len(analyst)) for spread in SPREADS]
    return ChangePoints(_began(np.logaddexp.reduce(each, axis=0) - np.log(len(SPREADS))))


def _within(code: np.ndarray, groups: int, x: np.ndarray, precision: np.ndarray) -> np.ndarray:
    """Columns of `x` (n, C) about their products' means."""
    total = np.bincount(code, precision, groups)
    return x - np.stack([(np.bincount(code, precision * column, groups) / total)[code] for column in x.T], axis=1)


def _slope_and_noise(
    u: np.ndarray, y: np.ndarray, precision: np.ndarray, groups: int, analyst: np.ndarray
) -> tuple[float, float]:
    """What a point of rating by the analyst's weights is worth, and the noise's variance at precision 1; 0 where neither shows."""
    k, freedom = len(analyst), len(y) - groups - len(analyst) / 2
    uu, uy = (u * precision[:, None]).T @ u, u.T @ (precision * y)
    spread = analyst @ uu @ analyst
    if freedom <= 0 or spread <= 1e-9 * len(y):
        return 0.0, 0.0
    slope = max(float(analyst @ uy / spread), 0.0)
    ridge = RIDGE * np.trace(uu) / k
    beta = np.linalg.solve(uu + ridge * np.eye(k), uy + ridge * slope * analyst)
    return slope, float(precision @ (y - u @ beta) ** 2 / freedom)


def _cumulated(
    u: np.ndarray, y: np.ndarray, weight: np.ndarray, month: np.ndarray, months: int
) -> tuple[np.ndarray, np.ndarray]:
    """Sums of squares (T + 1, K, K) and products (T + 1, K) over the months before each, from none to all."""
    k = u.shape[1]
    uu, uy = np.zeros((months + 1, k, k)), np.zeros((months + 1, k))
    np.add.at(uu, month + 1, weight[:, None, None] * u[:, :, None] * u[:, None, :])
    np.add.at(uy, month + 1, (weight * y)[:, None] * u)
    return uu.cumsum(axis=0), uy.cumsum(axis=0)


def _evidence(uu: np.ndarray, uy: np.ndarray, centre: np.ndarray, spread: float) -> np.ndarray:
    """Log evidence (T, T) of months r to s under one beta ~ N(centre, spread^2 I), against beta at the centre."""
    months, k = len(uy) - 1, len(centre)
    first, last = np.triu_indices(months)
    precision = (uu[last + 1] - uu[first]) * spread**2 + np.eye(k)
    score = (uy[last + 1] - uy[first] - (uu[last + 1] - uu[first]) @ centre) * spread
    root = np.linalg.cholesky(precision)
    half = np.linalg.solve(root, score[..., None])[..., 0]
    evidence = np.zeros((months, months))
    evidence[first, last] = (half**2).sum(axis=1) / 2 - np.log(np.diagonal(root, axis1=1, axis2=2)).sum(axis=1)
    return evidence


def _began(evidence: np.ndarray) -> np.ndarray:
    """P(the present regime began in month s), from the log evidence (T, T) of months r to s."""
    months = len(evidence)
    change, stay = np.log(HAZARD), np.log1p(-HAZARD)
    start = np.zeros(months)
    for s in range(1, months):
        before = np.arange(s)
        start[s] = change + np.logaddexp.reduce(start[:s] + evidence[:s, s - 1] + stay * (s - 1 - before))
    log_p = start + evidence[:, -1] + stay * (months - 1 - np.arange(months))
    return np.exp(log_p - np.logaddexp.reduce(log_p))
