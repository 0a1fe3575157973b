"""The beta distribution that a group of defect rates was drawn from, by maximum marginal likelihood."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln


class ConvergenceError(ArithmeticError):
    """The marginal likelihood has no finite maximum: the data name no beta prior."""


@dataclass(frozen=True)
class BetaPrior:
    """Beta(alpha, beta) of the suppliers' defect rates; `log_likelihood` includes the binomial coefficients."""

    alpha: float
    beta: float
    log_likelihood: float

    @property
    def mean(self) -> float:
        """Mean defect rate."""
        return self.alpha / self.size

    @property
    def size(self) -> float:
        """alpha + beta: the number of pieces that the prior is worth."""
        return self.alpha + self.beta


def check_counts(defective: ArrayLike, inspected: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Both as equally long whole-number arrays with 0 <= defective <= inspected, or `ValueError`."""
    x, n = _whole("defective", defective), _whole("inspected", inspected)
    if x.shape != n.shape:
        raise ValueError(f"defective and inspected must be equally long, got {x.size} and {n.size}")
    if x.size and x.min() < 0:
        raise ValueError(f"defective must not be negative, got {x.min()}: put such rows in quarantine")
    if x.size and (n - x).min() < 0:
        at = int(np.flatnonzero(x > n)[0])
        raise ValueError(
            f"defective must not exceed inspected, got {x[at]} of {n[at]} in row {at}: put such rows in quarantine"
        )
    return x, n


def _whole(name: str, values: ArrayLike) -> np.ndarray:
    array = np.atleast_1d(np.asarray(values))
    if array.ndim != 1:
        raise ValueError(f"{name} must be one-dimensional, got shape {array.shape}")
    if array.dtype.kind in "iu":
        return array
    as_float = array.astype(float)
    if not np.isfinite(as_float).all() or (as_float != np.floor(as_float)).any():
        raise ValueError(f"{name} must hold whole numbers, nothing missing: drop rows without a count first")
    return as_float.astype(np.int64)


def fit_beta_prior(defective: ArrayLike, inspected: ArrayLike) -> BetaPrior:
    """Beta prior of defect rates by maximum marginal (beta-binomial) likelihood.

    Parameters
    ----------
    defective, inspected : array_like of int, shape (suppliers,)
        Pieces; suppliers with `inspected` 0 say nothing and change nothing.

    Raises
    ------
    ConvergenceError
        No finite maximum: the rates vary no more than chance, or there are no defects, or nothing but defects, or every
        supplier is all good or all bad.
    ValueError
        Counts that are negative, not whole, or more defective than inspected.

    Notes
    -----
    The likelihood needs only the histograms A_j = #{x > j}, B_j = #{n - x > j}, C_j = #{n > j}   [1, eq. 5]:

        log L = sum_j A_j log(alpha + j) + B_j log(beta + j) - C_j log(alpha + beta + j),

    so that a Newton step costs O(max n) whatever the number of suppliers.

    .. [1] Griffiths, D. A. (1973). Maximum likelihood estimation for the beta-binomial distribution. Biometrics 29, 637-648.
    """
    x, n = check_counts(defective, inspected)
    if n.size == 0 or n.max() == 0:
        raise ConvergenceError("no beta prior without an inspected piece: nothing was inspected")
    counts = _Exceedances.of(x, n)
    _check_finite_maximum(counts, x.size)
    alpha, beta = _newton(counts, *_start(counts))
    return BetaPrior(alpha, beta, counts.log_likelihood(alpha, beta) + counts.log_coefficients)


@dataclass(frozen=True)
class _Exceedances:
    """#{defective > j}, #{good > j}, #{inspected > j} for j = 0, 1, ..., and the sum of log binomial coefficients."""

    defective: np.ndarray
    good: np.ndarray
    inspected: np.ndarray
    log_coefficients: float

    @classmethod
    def of(cls, x: np.ndarray, n: np.ndarray) -> _Exceedances:
        histograms = [np.bincount(values) for values in (x, n - x, n)]
        coefficients = [float(h @ gammaln(np.arange(h.size) + 1.0)) for h in histograms]
        defective, good, inspected = (np.cumsum(h[:0:-1])[::-1].astype(float) for h in histograms)
        return cls(defective, good, inspected, coefficients[2] - coefficients[0] - coefficients[1])

    def log_likelihood(self, alpha: float, beta: float) -> float:
        return sum(
            sign * float(count @ np.log(shape + np.arange(count.size)))
            for sign, count, shape in self._terms(alpha, beta)
        )

    def derivatives(self, alpha: float, beta: float) -> tuple[np.ndarray, np.ndarray]:
        """Gradient and Hessian in (alpha, beta)."""
        first, second = [], []
        for _, count, shape in self._terms(alpha, beta):
            inverse = 1 / (shape + np.arange(count.size))
            first.append(float(count @ inverse))
            second.append(float(count @ inverse**2))
        a, b, c = second
        return np.array([first[0] - first[2], first[1] - first[2]]), np.array([[c - a, c], [c, c - b]])

    def _terms(self, alpha: float, beta: float) -> tuple[tuple[int, np.ndarray, float], ...]:
        return ((1, self.defective, alpha), (1, self.good, beta), (-1, self.inspected, alpha + beta))

    def excess_dispersion(self) -> float:
        """Slope of the log-likelihood in 1 / (alpha + beta) at 0, where all rates are equal; positive: they differ."""
        share = self.defective.sum() / self.inspected.sum()
        pairs = [float(count @ np.arange(count.size)) for count in (self.defective, self.good, self.inspected)]
        return pairs[0] / share + pairs[1] / (1 - share) - pairs[2]


def _check_finite_maximum(counts: _Exceedances, suppliers: int) -> None:
    if not counts.defective.size:
        raise ConvergenceError(f"no finite beta prior fits {suppliers} suppliers: none had a defect; pool them instead")
    if not counts.good.size:
        raise ConvergenceError(f"no finite beta prior fits {suppliers} suppliers: every piece was defective")
    if counts.excess_dispersion() <= 1e-9 * counts.inspected.sum():
        raise ConvergenceError(
            f"no finite beta prior fits {suppliers} suppliers: their defect rates vary no more than chance; "
            "pool them instead"
        )


def _start(counts: _Exceedances) -> tuple[float, float]:
    """By moments: the mean rate of all pieces; E[x (x - 1)] / [n (n - 1)] = m^2 + m (1 - m) / (size + 1)."""
    share = counts.defective.sum() / counts.inspected.sum()
    pairs, possible = (float(c @ np.arange(c.size)) for c in (counts.defective, counts.inspected))
    likeness = (pairs / possible - share**2) / (share * (1 - share)) if possible else 0.0
    size = 1 / float(np.clip(likeness, 1e-4, 0.9)) - 1
    return share * size, (1 - share) * size


def _newton(counts: _Exceedances, alpha: float, beta: float) -> tuple[float, float]:
    """Safeguarded Newton in (log alpha, log beta): steps of at most a factor of e^2, halved until they climb."""
    at = np.log([alpha, beta])
    value = counts.log_likelihood(*np.exp(at))
    for _ in range(200):
        step, slope = _step(counts, at)
        while (new := counts.log_likelihood(*np.exp(at + step))) < value - 1e-13 * abs(value):
            step = step / 2
            if np.abs(step).max() < 1e-14:
                break
        at, value = at + step, max(new, value)
        if not -23 < at.min() <= at.max() < 23:
            break
        if np.abs(step).max() < 1e-8 and slope < 1e-5:  # the next would be its square; a flat top rounds at 1e-10
            return float(np.exp(at[0])), float(np.exp(at[1]))
    raise ConvergenceError(
        "no finite beta prior fits: the likelihood rises towards a size of "
        + ("0: every supplier is all good or all bad" if at.sum() < 0 else "infinity: pool the suppliers instead")
    )


def _step(counts: _Exceedances, at: np.ndarray) -> tuple[np.ndarray, float]:
    """Ascent step in the logs and the size of the scaled gradient."""
    shapes = np.exp(at)
    gradient, hessian = counts.derivatives(*shapes)
    slope = gradient * shapes
    curvature = hessian * np.outer(shapes, shapes) + np.diag(slope)
    values, vectors = np.linalg.eigh(-curvature)
    step = vectors @ ((vectors.T @ slope) / np.maximum(np.abs(values), 1e-12))
    largest = np.abs(step).max()
    return step * min(1.0, 2 / largest) if largest > 0 else step, float(np.abs(slope).max())
