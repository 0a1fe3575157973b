"""The hierarchical model of lead times: suppliers share a population of medians and spreads, families share the suppliers.

theta_i = (location_i, spread_i) ~ N((m_a + u_category + b x_i, m_b), S),   family_i ~ pi,   u_c ~ N(0, 0.3^2)
x_i = log of what supplier i usually promises, less the median of it,   b ~ N(0, 0.5^2)
days of supplier i ~ family_i(theta_i), open orders right-censored

Each supplier's theta is integrated by Gauss-Hermite nodes around its own mode, family by family. The population's
parameters are the mode of their posterior given all nodes; with few suppliers their uncertainty is integrated too, over
draws from the normal approximation at that mode.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from analysis.estimates.lead_time.batched_newton import batched_newton
from analysis.estimates.lead_time.evidence import CensoredTimes
from analysis.estimates.lead_time.family import FAMILIES

SUPPLIERS_TO_LEARN = 2_000
"""The population is learned from at most so many suppliers (every k-th): its spreads are then known to about 3 %."""
CATEGORIES = 12
SUPPLIERS_IN_CATEGORY = 3
CATEGORY_SPREAD = 0.3
PROMISE_SPREAD = 0.5
FARTHEST_PROMISE = 1.5
"""A promise more than 4.5 times as long or as short as the others is a slip and counts as that much."""
_SHARED = 7  # m_a, m_b, log tau_a, log tau_b, atanh rho, log(pi_weibull / pi_lognormal), log(pi_gamma / pi_lognormal)

# Weak priors of the population, all without unit (m_a is flat): centre and standard deviation. Suppliers' medians differ
# by a factor of 1.6 as a rule: expected any closer, one on the day and one after two weeks pass for alike and erratic.
_PRIOR_CENTRE = np.array([0.0, np.log(0.35), np.log(0.45), np.log(0.3), 0.0, 0.0, 0.0])
_PRIOR_SPREAD = np.array([np.inf, 0.7, 0.7, 0.6, 0.5, 1.0, 1.0])


@dataclass(frozen=True)
class Nodes:
    """Points of each supplier's parameters: location and spread (families, points, suppliers) with the log of the
    likelihood times the quadrature weight."""

    location: np.ndarray
    spread: np.ndarray
    log_weight: np.ndarray


@dataclass(frozen=True)
class Covariates:
    """What is known of suppliers beforehand and moves their mean location: `values` (suppliers, coefficients); the
    coefficients are N(0, `spread`^2)."""

    values: np.ndarray
    spread: np.ndarray

    def of(self, which: np.ndarray) -> Covariates:
        """Those of the suppliers numbered `which`."""
        return Covariates(self.values[which], self.spread)

    @property
    def prior(self) -> tuple[np.ndarray, np.ndarray]:
        """Centres and standard deviations of all the population's parameters."""
        return np.append(_PRIOR_CENTRE, 0 * self.spread), np.append(_PRIOR_SPREAD, self.spread)


@dataclass(frozen=True)
class Population:
    """What suppliers have in common. `hyper` as listed at `_SHARED`, then the coefficients of `covariates`."""

    hyper: np.ndarray
    covariates: Covariates

    @property
    def centre(self) -> np.ndarray:
        """(suppliers,) mean location."""
        return self.hyper[0] + self.covariates.values @ self.hyper[_SHARED:]

    @property
    def family_share(self) -> np.ndarray:
        """Prior probability of each family."""
        return special.softmax(np.append(0.0, self.hyper[5:7]))

    def log_density(self, location: float | np.ndarray, spread: float | np.ndarray) -> np.ndarray:
        """log N(theta | centre, S), arrays (..., suppliers)."""
        x, y, rho = self.standardised(location, spread)
        left = max(1 - rho * rho, 1e-6)
        return (
            -0.5 * (x * x - 2 * rho * x * y + y * y) / left
            - self.hyper[2]
            - self.hyper[3]
            - 0.5 * np.log(left)
            - np.log(2 * np.pi)
        )

    def standardised(
        self, location: float | np.ndarray, spread: float | np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, float]:
        """Location and spread as deviations in the population's units, and their correlation."""
        x = (location - self.centre) * np.exp(-self.hyper[2])
        y = (spread - self.hyper[1]) * np.exp(-self.hyper[3])
        return x, y, np.tanh(self.hyper[4])

    def of(self, which: np.ndarray) -> Population:
        """The same population for the suppliers numbered `which`."""
        return Population(self.hyper, self.covariates.of(which))

    def at(self, hyper: np.ndarray) -> Population:
        """The same suppliers under other parameters of the population."""
        return Population(hyper, self.covariates)


_WIDER = 1.1  # posteriors have longer tails than the normal at their mode


def nodes_of(evidence: CensoredTimes, population: Population, points: tuple[int, int]) -> Nodes:
    """Gauss-Hermite points around the mode of each supplier's posterior, family by family.

    `points` counts them in location (and what of the spread goes with it) and in the rest of the spread: the first
    direction is the one that bends.
    """
    (x1, w1), (x2, w2) = (np.polynomial.hermite_e.hermegauss(count) for count in points)
    z1, z2 = (x.ravel() for x in np.meshgrid(x1, x2, indexing="ij"))
    log_w = np.add.outer(np.log(w1), np.log(w2)).ravel() + (z1**2 + z2**2) / 2
    start = _start(evidence, population)
    parts = []
    for family in FAMILIES:
        location, spread, root = _mode(evidence, population, family, start)
        l11, l21, l22 = (_WIDER * part for part in root)
        start = location, spread
        a = location + z1[:, None] * l11
        b = spread + z1[:, None] * l21 + z2[:, None] * l22
        weight = evidence.log_likelihood(family, a, b) + log_w[:, None] + np.log(l11 * l22)
        parts.append((a, b, weight))
    return Nodes(*(np.stack(part) for part in zip(*parts, strict=True)))


def _start(evidence: CensoredTimes, population: Population) -> tuple[np.ndarray, np.ndarray]:
    """Each supplier's mean log days, drawn to the population's as the orders are few; a same-day delivery counts as half its
    bound, so that the search begins on the side where its mode is."""
    ratio, at = np.exp(2 * (population.hyper[1] - population.hyper[2])), evidence.instant
    count = evidence.count + at.total(np.ones(at.supplier.size), evidence.suppliers)
    days = evidence.count * evidence.mean + at.total(at.log_days - np.log(2), evidence.suppliers)
    location = (days + ratio * population.centre) / (count + ratio)
    return location, np.full(evidence.suppliers, population.hyper[1])


_STENCIL = np.array([[0, 0], [1, 0], [-1, 0], [0, 1], [0, -1], [1, 1], [-1, -1]], dtype=float)
_H = 1e-3


def _mode(
    evidence: CensoredTimes, population: Population, family: str, start: tuple[np.ndarray, np.ndarray]
) -> tuple[np.ndarray, np.ndarray, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Mode of each supplier's posterior and the lower root of its inverse curvature (l11, l21, l22).

    Derivatives are differences: the mode only places the points, whose weights are exact.
    """
    here, inside, numbers = evidence, population, np.arange(evidence.suppliers)

    def evaluate(a: np.ndarray, b: np.ndarray, which: np.ndarray) -> tuple[np.ndarray, ...]:
        nonlocal here, inside, numbers
        if which.size != numbers.size:  # some are done: cut the evidence down to the rest
            rest = np.searchsorted(numbers, which)
            here, inside, numbers = here.only(rest), inside.of(rest), which
        a, b = a + _H * _STENCIL[:, :1], b + _H * _STENCIL[:, 1:]
        v = here.log_likelihood(family, a, b) + inside.log_density(a, b)
        return (
            v[0],
            (v[1] - v[2]) / (2 * _H),
            (v[3] - v[4]) / (2 * _H),
            (v[1] - 2 * v[0] + v[2]) / _H**2,
            (v[5] + v[6] - v[1] - v[2] - v[3] - v[4] + 2 * v[0]) / (2 * _H**2),
            (v[3] - 2 * v[0] + v[4]) / _H**2,
        )

    location, spread, _, _ = batched_newton(evaluate, *start, tolerance=1e-3, longest=1.5, most=30)
    here, inside, numbers = evidence, population, np.arange(evidence.suppliers)
    _, _, _, h11, h12, h22 = evaluate(location, spread, numbers)
    return location, spread, _root(-h11, -h12, -h22)


def _root(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lower root of the inverse of [[a, b], [b, c]]; where that is not positive, of its positive diagonal."""
    a, c = np.maximum(a, 1e-6), np.maximum(c, 1e-6)
    b = np.clip(b, -0.98 * np.sqrt(a * c), 0.98 * np.sqrt(a * c))
    determinant = a * c - b * b
    l11 = np.sqrt(c / determinant)
    return l11, -b / determinant / l11, 1 / np.sqrt(c)


@dataclass(frozen=True)
class _Fixed:
    """The marginal posterior of the population's parameters with all suppliers' points held fixed."""

    nodes: Nodes
    covariates: Covariates

    def weights(self, hyper: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """log marginal likelihood by supplier and the posterior weights of its points (families, points, suppliers)."""
        population = Population(hyper, self.covariates)
        joint = self.nodes.log_weight + population.log_density(self.nodes.location, self.nodes.spread)
        joint += np.log(population.family_share)[:, None, None]
        top = joint.max(axis=(0, 1))
        weight = np.exp(joint - top)
        total = weight.sum(axis=(0, 1))
        return top + np.log(total), weight / total

    def value(self, hyper: np.ndarray) -> float:
        return float(self.weights(hyper)[0].sum()) + self.log_prior(hyper)

    def log_prior(self, hyper: np.ndarray) -> float:
        centre, spread = self.covariates.prior
        return -0.5 * float((((hyper - centre) / spread) ** 2).sum())

    def gradient(self, hyper: np.ndarray) -> tuple[float, np.ndarray]:
        """Value and gradient: the mean over each supplier's points of the score of its prior (Fisher's identity)."""
        marginal, weight = self.weights(hyper)
        population = Population(hyper, self.covariates)
        x, y, rho = population.standardised(self.nodes.location, self.nodes.spread)
        ex = (weight * x).sum(axis=(0, 1))
        ey, exx, eyy, exy = ((weight * v).sum() for v in (y, x * x, y * y, x * y))
        n, left = ex.size, 1 - rho * rho
        by_centre = (ex - rho * (weight * y).sum(axis=(0, 1))) / left * np.exp(-hyper[2])
        share = weight.sum(axis=1).sum(axis=1) - n * population.family_share
        shared = np.array([
            by_centre.sum(),
            (ey - rho * ex.sum()) / left * np.exp(-hyper[3]),
            (exx - rho * exy) / left - n,
            (eyy - rho * exy) / left - n,
            rho * n + exy - rho * (exx - 2 * rho * exy + eyy) / left,
            share[1],
            share[2],
        ])  # fmt: skip
        score = np.append(shared, by_centre @ self.covariates.values)
        centre, spread = self.covariates.prior
        return float(marginal.sum()) + self.log_prior(hyper), score - (hyper - centre) / spread**2

    def covariance(self, hyper: np.ndarray, gradient: np.ndarray, h: float = 1e-4) -> np.ndarray:
        """Inverse of minus the Hessian, by differences of the gradient."""
        rows = np.array([(self.gradient(hyper + h * unit)[1] - gradient) / h for unit in np.eye(hyper.size)])
        _, spread = self.covariates.prior
        return _positive_inverse(-(rows + rows.T) / 2, np.where(np.isfinite(spread), spread, 1.0))

    def newton(self, hyper: np.ndarray, most: int, tolerance: float = 1e-3) -> tuple[np.ndarray, np.ndarray]:
        """At most so many damped Newton steps uphill: where they end, and the covariance there."""
        value, gradient = self.gradient(hyper)
        for left in reversed(range(most + 1)):
            covariance = self.covariance(hyper, gradient)
            step = covariance @ gradient
            step *= min(1.0, 0.7 / np.abs(step).max(initial=1e-9))
            if gradient @ step < tolerance or not left:
                break
            while (new := self.gradient(hyper + step))[0] < value and np.abs(step).max() > 1e-6:
                step /= 3
            hyper, (value, gradient) = hyper + step, new
        return hyper, covariance


def _positive_inverse(matrix: np.ndarray, widest: np.ndarray) -> np.ndarray:
    """Inverse, in no direction wider than sqrt(2) times the prior's standard deviations `widest`: where the curvature is
    less (away from the mode, or noise), it is raised."""
    values, vectors = np.linalg.eigh(matrix * np.outer(widest, widest))
    root = widest[:, None] * vectors / np.sqrt(np.maximum(values, 0.5))
    return root @ root.T


def learn(
    evidence: CensoredTimes, covariates: Covariates, points: tuple[int, int]
) -> tuple[Population, np.ndarray, Nodes]:
    """The population's parameters (mode), their covariance, and the points at the mode.

    At least one delivery must have been received.
    """
    there = evidence.count > 0
    start, _ = covariates.prior
    start[0] = np.average(evidence.mean[there], weights=np.sqrt(evidence.count[there])) if there.any() else 0.0
    population = Population(start, covariates)
    for most in (3, 3, 6, 6, 6, 6):
        fixed = _Fixed(nodes_of(evidence, population, points), covariates)
        hyper, covariance = fixed.newton(population.hyper, most)
        moved = np.abs(hyper - population.hyper).max()
        population = population.at(hyper)
        if moved < 0.02:
            break
    return population, covariance, fixed.nodes


def covariates_of(category: np.ndarray, promise: np.ndarray, evidence: CensoredTimes) -> Covariates:
    """An indicator for each category that has an offset of its own, then the log of the usual promise in days.

    `category` (suppliers,) numbers 0.., -1 where unknown. `promise` (suppliers,) days; one that is missing or not positive
    says nothing and stands at the median, as do all where nobody promised anything else.
    """
    own = _own_categories(category, evidence)
    log_promise = np.log(np.where(promise > 0, promise, np.nan))
    told = ~np.isnan(log_promise)
    values, spread = (category[:, None] == own).astype(float), np.full(own.size, CATEGORY_SPREAD)
    if told.any() and np.ptp(log_promise[told]) > 0:
        away = np.where(told, log_promise - np.median(log_promise[told]), 0.0)
        values = np.column_stack([values, np.clip(away, -FARTHEST_PROMISE, FARTHEST_PROMISE)])
        spread = np.append(spread, PROMISE_SPREAD)
    return Covariates(values, spread)


def _own_categories(category: np.ndarray, evidence: CensoredTimes) -> np.ndarray:
    """Numbers of the categories with most suppliers that received something; none where fewer than two have enough."""
    known = (category >= 0) & (evidence.count > 0)
    suppliers = np.bincount(category[known], minlength=category.max(initial=-1) + 1)
    enough = np.flatnonzero(suppliers >= SUPPLIERS_IN_CATEGORY)
    chosen = enough[np.argsort(-suppliers[enough], kind="stable")][:CATEGORIES]
    return chosen if chosen.size >= 2 else chosen[:0]


def posterior_weights(nodes: Nodes, population: Population, covariance: np.ndarray, worlds: int) -> np.ndarray:
    """Weights of the points (families, points, suppliers), averaged over `worlds` draws of the population's parameters.

    The draws come from the normal approximation and count alike: to reweigh them by the marginal likelihood would multiply
    the quadrature errors of all suppliers (measured: it made the population look too narrow).
    """
    fixed = _Fixed(nodes, population.covariates)
    if worlds < 2:
        return fixed.weights(population.hyper)[1]
    draws = _normal_draws(worlds, population.hyper.size)
    hypers = population.hyper + draws @ np.linalg.cholesky(covariance).T
    return sum((fixed.weights(hyper)[1] for hyper in hypers), np.zeros(())) / worlds


def _normal_draws(worlds: int, dimensions: int) -> np.ndarray:
    """Standard normal draws in opposite pairs with unit variances; always the same, so that a fit has one answer."""
    half = np.random.default_rng(20_261_101).standard_normal((max(worlds // 2, 1), dimensions))
    half /= np.sqrt((half**2).mean(axis=0))
    return np.concatenate([half, -half])
