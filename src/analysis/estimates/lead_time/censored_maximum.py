"""Right-censored maximum likelihood of three families, for many groups of orders in one pass.

A `Block` holds the durations of up to a few thousand groups. Each `maximum_*` takes a block in which every group has a
finite maximum and gives the two parameters, the log-likelihood and whether the search ended. Durations are centred on the
group's largest (Weibull) or scaled by its mean, so that nothing overflows and a change of unit changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from analysis.estimates.lead_time.batched_newton import batched_newton
from analysis.estimates.lead_time.gamma_tail import log_gammaincc

_LOG_2PI = np.log(2 * np.pi)
_ROOT_HALF = np.sqrt(0.5)
_ROOT_2_OVER_PI = np.sqrt(2 / np.pi)

Maximum = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""parameter 1, parameter 2, log-likelihood, search ended: one entry a group."""


@dataclass(frozen=True)
class Segments:
    """Values that belong to groups: value, weight, group number (0..groups-1, any order)."""

    value: np.ndarray
    weight: np.ndarray
    group: np.ndarray
    groups: int

    def total(self, x: np.ndarray) -> np.ndarray:
        """Sum of `x` by group; an empty group sums to 0 (`np.add.reduceat` would give its neighbour's value)."""
        return np.bincount(self.group, x, self.groups)

    def only(self, which: np.ndarray) -> Segments:
        """The segments of the groups numbered `which`, renumbered in that order."""
        if which.size == self.groups:
            return self
        number = np.full(self.groups, -1, dtype=np.intp)
        number[which] = np.arange(which.size)
        group = number[self.group]
        keep = group >= 0
        return Segments(self.value[keep], self.weight[keep], group[keep], which.size)


@dataclass(frozen=True)
class Block:
    """Durations of some groups: received and open ones, and the sums over the received that the families need."""

    received: Segments
    open: Segments
    count: np.ndarray
    log_total: np.ndarray

    @classmethod
    def of(cls, received: Segments, still_open: Segments) -> Block:
        """Received and open days of the same groups together."""
        return cls(
            received,
            still_open,
            received.total(received.weight),
            received.total(received.weight * np.log(received.value)),
        )


class _Subset:
    """Remembers the segments of the groups still searched, so that they are cut down only when groups finish."""

    def __init__(self, segments: Segments) -> None:
        self.all = self.now = segments
        self.which: np.ndarray | None = None

    def of(self, which: np.ndarray) -> Segments:
        if self.which is None or which.size != self.which.size:
            inside = which if self.which is None else np.searchsorted(self.which, which)
            self.now, self.which = self.now.only(inside), which
        return self.now


def maximum_lognormal(block: Block) -> Maximum:
    """mu and sigma; concave in eta = 1 / sigma and gamma = mu / sigma [1]. Only open orders enter the iterations.

    .. [1] Olsen, R. J. (1978). Econometrica 46, 1211-1215.
    """
    received, still_open, n = block.received, block.open, block.count
    centre = block.log_total / n
    y = np.log(received.value) - centre[received.group]
    yy = received.total(received.weight * y * y)
    if not still_open.value.size:
        sigma = np.sqrt(yy / n)
        value = -n * (np.log(sigma) + 0.5 * _LOG_2PI + 0.5) - block.log_total
        return centre, sigma, value, np.ones(n.shape, bool)
    log_open = np.log(still_open.value) - centre[still_open.group]
    opened = Segments(log_open, still_open.weight, still_open.group, still_open.groups)
    eta, gamma = _lognormal_start(opened, n, yy)
    subset = _Subset(opened)

    def evaluate(eta: np.ndarray, gamma: np.ndarray, which: np.ndarray) -> tuple[np.ndarray, ...]:
        part, k, squares = subset.of(which), n[which], yy[which]
        at, w = part.value, part.weight
        u = gamma[part.group] - eta[part.group] * at
        hazard = _ROOT_2_OVER_PI / special.erfcx(-u * _ROOT_HALF)
        first = w * hazard
        second = -first * (hazard + u)
        log_eta = np.log(np.maximum(eta, 1e-300))
        value = k * log_eta - 0.5 * (eta * eta * squares + gamma * gamma * k) + part.total(w * special.log_ndtr(u))
        return (
            np.where(eta > 0, value, -np.inf),
            k / eta - eta * squares - part.total(first * at),
            -gamma * k + part.total(first),
            -k / (eta * eta) - squares + part.total(second * at * at),
            -part.total(second * at),
            -k + part.total(second),
        )

    eta, gamma, value, done = batched_newton(evaluate, eta, gamma)
    return centre + gamma / eta, 1 / eta, value - n * 0.5 * _LOG_2PI - block.log_total, done


def _lognormal_start(opened: Segments, n: np.ndarray, yy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """1 / sigma and mu / sigma with the open orders read as if they had just arrived; sigma > 0 in a sound group."""
    weighted = opened.weight * opened.value
    all_n = n + opened.total(opened.weight)
    mean = opened.total(weighted) / all_n
    variance = (yy + opened.total(weighted * opened.value)) / all_n - mean**2
    sigma = np.sqrt(np.maximum(variance, 1e-24))
    return 1 / sigma, mean / sigma


def maximum_weibull(block: Block, sigma: np.ndarray) -> Maximum:
    """Shape and scale, by Newton's method on the shape's profile equation, which is increasing in the shape:

    sum w t^k log t / sum w t^k - 1 / k - mean of log t over the received = 0.

    `sigma` (the lognormal's) gives the start pi / sqrt(6) / sigma.
    """
    received, still_open, n = block.received, block.open, block.count
    both = Segments(
        np.log(np.concatenate([received.value, still_open.value])),
        np.concatenate([received.weight, still_open.weight]),
        np.concatenate([received.group, still_open.group]),
        received.groups,
    )
    top = np.full(n.shape, -np.inf)
    np.maximum.at(top, both.group, both.value)
    mean = block.log_total / n - top
    shape, log_scale, done = _weibull_profile(
        Segments(both.value - top[both.group], both.weight, both.group, both.groups), n, mean, 1.2825 / sigma
    )
    value = n * (np.log(shape) - shape * log_scale - 1 + (shape - 1) * mean - top)
    return shape, np.exp(log_scale + top), value, done


def _weibull_profile(
    segments: Segments, n: np.ndarray, mean: np.ndarray, shape: np.ndarray, most: int = 100
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    shape, log_scale, done = shape.copy(), np.zeros(n.shape), np.zeros(n.shape, bool)
    which, subset = np.arange(n.size), _Subset(segments)
    for _ in range(most):
        part, k = subset.of(which), shape[which]
        power = part.weight * np.exp(k[part.group] * part.value)
        s0, first = part.total(power), power * part.value
        s1, s2 = part.total(first), part.total(first * part.value)
        ratio = s1 / s0
        slope = s2 / s0 - ratio * ratio + 1 / (k * k)
        gap = ratio - 1 / k - mean[which]
        new = np.clip(k - gap / slope, k / 3, k * 3)
        shape[which] = new
        step = new - k
        finished = n[which] * gap * gap < 1e-9 * slope
        if finished.any():
            # the sum at the last, tiny step by its series: one pass over the data less
            log_scale[which] = (np.log((s0 + step * (s1 + step * s2 / 2)) / n[which])) / new
            done[which[finished]] = True
            which = which[~finished]
            if not which.size:
                break
    return shape, log_scale, done


def maximum_gamma(block: Block, mu: np.ndarray, sigma: np.ndarray) -> Maximum:
    """Shape and scale, by Newton's method in log shape and log mean, which are all but independent.

    It starts where log T has the lognormal's mean and (nearly) variance. The tail's derivatives in log shape, the mean held, are
    central differences (step 1e-4); all others are exact.
    """
    received, still_open, n = block.received, block.open, block.count
    unit = received.total(received.weight * received.value) / n
    log_unit = np.log(unit)
    log_total = block.log_total - n * log_unit
    shape = 1 / np.clip(sigma, 1e-9, 10.0) ** 2 + 0.5
    log_shape, log_mean = np.log(shape), mu - log_unit - special.digamma(shape) + np.log(shape)
    opened = Segments(still_open.value / unit[still_open.group], still_open.weight, still_open.group, n.size)
    subset = _Subset(opened)

    def evaluate(log_shape: np.ndarray, log_mean: np.ndarray, which: np.ndarray) -> tuple[np.ndarray, ...]:
        k, m, logs = np.exp(log_shape), n[which], log_total[which]
        ratio = m * np.exp(-log_mean)  # total of the received days over the mean: their own mean is 1
        digamma = special.digamma(k)
        slope = k * (logs - ratio - m * (log_mean - log_shape - 1 + digamma))
        whole = (
            (k - 1) * logs - k * ratio - m * (k * (log_mean - log_shape) + special.gammaln(k)),
            slope,
            k * (ratio - m),
            slope + m * k - m * k * k * special.zeta(2, k),
            k * (ratio - m),
            -k * ratio,
        )
        part = subset.of(which)
        if not part.value.size:
            return whole
        return tuple(a + b for a, b in zip(whole, _gamma_open(part, k, log_mean, digamma), strict=True))

    log_shape, log_mean, value, done = batched_newton(evaluate, log_shape, log_mean, longest=1.5)
    return np.exp(log_shape), np.exp(log_mean - log_shape + log_unit), value - n * log_unit, done


def _gamma_open(
    part: Segments, shape: np.ndarray, log_mean: np.ndarray, digamma: np.ndarray, h: float = 1e-4
) -> tuple[np.ndarray, ...]:
    """The open orders' log Q(shape, x), x = shape t / mean, by group and its derivatives in log shape and log mean."""
    group, w = part.group, part.weight
    k, x = shape[group], part.value * (shape * np.exp(-log_mean))[group]
    tail = log_gammaincc(k, x)
    more, less = np.exp(h), np.exp(-h)
    up, down = log_gammaincc(k * more, x * more), log_gammaincc(k * less, x * less)
    by_shape = (up - down) / (2 * h)
    log_x = np.log(x)
    hazard = np.exp(k * log_x - x - special.gammaln(shape)[group] - tail)  # x times the hazard at x
    return (
        part.total(w * tail),
        part.total(w * by_shape),
        part.total(w * hazard),
        part.total(w * (up - 2 * tail + down) / (h * h)),
        part.total(w * hazard * (k * (log_x - digamma[group]) + k - x - by_shape)),
        part.total(w * hazard * (x - k - hazard)),
    )
