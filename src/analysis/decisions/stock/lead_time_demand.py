"""Demand until the next delivery: the demand process mixed over the lead time that is to be expected.

The lead time's uncertainty (a skewed predictive, not a mean and a standard deviation) and the demand's are carried by equally
likely nodes j: P(D <= x) = mean_j F_j(x), F_j the demand distribution over L_j days. An order is placed at the first review
at which the stock position is at or below the reorder point, so some demand has already eaten below it: the undershoot
(`undershoot.py`), which adds its own mean and variance to each node.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.decisions.stock.demand_nodes import GAMMA, NEGATIVE_BINOMIAL, NODES, POISSON, DemandNodes, sobol
from analysis.decisions.stock.loss_functions import (
    gamma_cdf,
    gamma_loss,
    negative_binomial_loss,
    poisson_loss,
)
from analysis.decisions.stock.undershoot import undershoot

LONGEST_DAYS = 365.0
"""Lead times are cut here: a heavy-tailed predictive has no mean, and after a year an order is not late but lost."""
COARSE = 8
STEPS = 200


def lead_time_nodes(draws: np.ndarray, count: int = NODES, longest_days: float = LONGEST_DAYS) -> np.ndarray:
    """`count` equally likely lead times a row from predictive draws (one row a supplier or SKU), in days.

    Quantiles of the draws at the first coordinate of the Sobol set of which `DemandPosterior.nodes` uses the others, so
    that lead time and demand are paired independently and evenly.
    """
    draws = np.atleast_2d(check_lead_times(draws))
    return np.minimum(np.quantile(draws, sobol(4, count)[:, 0], axis=1).T, longest_days)


def check_lead_times(days: ArrayLike) -> np.ndarray:
    """`days` as floats; `ValueError` unless finite and not negative."""
    days = np.asarray(days, float)
    if days.size == 0 or not np.all(np.isfinite(days)) or np.any(days < 0):
        raise ValueError(
            "lead_time_days: finite days of 0 or more are needed; leave out suppliers without a lead time, "
            "and give open orders to the lead-time estimate, which knows what they say"
        )
    return days


@dataclass(frozen=True)
class LeadTimeDemand:
    """Demand from order to receipt as a mixture over equally likely nodes; all arrays (SKU, node), pieces."""

    mean_nodes: np.ndarray
    variance_nodes: np.ndarray
    family: np.ndarray

    @staticmethod
    def of(
        lead_time_days: ArrayLike, demand: DemandNodes, review_days: float = 1.0, order_quantity: ArrayLike = np.inf
    ) -> LeadTimeDemand:
        """From lead times (node,) or (SKU, node) in days and demand; `review_days` 0 leaves the undershoot out.

        `order_quantity` (one for all or one a SKU) matters only where a single review can sell a good part of it.
        """
        days = np.atleast_2d(check_lead_times(lead_time_days))
        days, mean, variance, family = _paired(days, demand)
        below_mean, below_variance = undershoot(demand, review_days, order_quantity)
        return _with_moments(mean * days + below_mean, variance * days + below_variance, family)

    @property
    def mean(self) -> np.ndarray:
        """Expected demand until the delivery, pieces, one a SKU."""
        return self.mean_nodes.mean(axis=1)

    @property
    def sd(self) -> np.ndarray:
        """Its standard deviation, pieces, one a SKU."""
        return np.sqrt(self.variance_nodes.mean(axis=1) + self.mean_nodes.var(axis=1))

    @property
    def counts(self) -> np.ndarray:
        """SKUs whose demand comes in whole pieces in at least one node."""
        return np.any(self.family != GAMMA, axis=1)

    def cdf(self, x: ArrayLike) -> np.ndarray:
        """P(D <= x), x one a SKU; counts are joined smoothly between whole numbers, where they are exact."""
        return self._average(x, _smooth_cdf)

    def loss(self, x: ArrayLike) -> np.ndarray:
        """E[(D - x)+], the pieces short on average when `x` pieces (one a SKU) are to last until the delivery."""
        return self._average(x, _loss)

    def _average(
        self, x: ArrayLike, function: Callable[[int, np.ndarray, np.ndarray, np.ndarray], np.ndarray]
    ) -> np.ndarray:
        """Mean over nodes of `function(family)(x, mean, variance)`."""
        x = np.broadcast_to(np.asarray(x, float), self.mean_nodes.shape[:1])
        out = np.empty(self.mean_nodes.shape)
        for code in (POISSON, NEGATIVE_BINOMIAL, GAMMA):
            here = self.family == code
            if here.all():
                out = function(code, x[:, None], self.mean_nodes, self.variance_nodes)
            elif here.any():
                at = np.broadcast_to(x[:, None], here.shape)[here]
                out[here] = function(code, at, self.mean_nodes[here], self.variance_nodes[here])
        return out.mean(axis=1)

    def rows(self, which: np.ndarray | tuple[slice, slice]) -> LeadTimeDemand:
        """The same for some SKUs only."""
        return LeadTimeDemand(self.mean_nodes[which], self.variance_nodes[which], self.family[which])

    def smooth_quantile(self, p: float, tolerance: float = 1e-9) -> np.ndarray:
        """As `quantile`, before counts are rounded up to whole pieces: for differences of a few days."""
        if not 0 < p < 1:
            raise ValueError(f"service_level: a probability between 0 and 1 is needed (95 % is 0.95), got {p}")
        return _solve(self, p, tolerance)

    def quantile(self, p: float, tolerance: float = 1e-9) -> np.ndarray:
        """Smallest x >= 0 with P(D <= x) >= `p`, one a SKU; whole pieces where demand is counted.

        Secant steps on the normal score of the probability, nearly a straight line in x, kept inside a bracket that every
        step shrinks; a step that would leave it is a bisection.
        """
        root = self.smooth_quantile(p, tolerance)
        slack = 2 * tolerance * (root + self.sd)
        whole = np.maximum(np.ceil(root - slack), 0.0)
        unsure = np.flatnonzero(self.counts & (whole != np.maximum(np.ceil(root + slack), 0.0)))
        if len(unsure):  # the root may lie on either side of a whole number: ask that number itself
            whole[unsure] += self.rows(unsure).cdf(whole[unsure]) < p - 1e-12
        return np.where(self.counts, whole, root)


def _solve(demand: LeadTimeDemand, p: float, tolerance: float) -> np.ndarray:
    """The root of P(D <= x) = p, first on every eighth node (cheap), then on all of them from there."""
    sd = np.maximum(demand.sd, 1e-12)
    start, slope = np.maximum(demand.mean + special.ndtri(p) * sd, 0.1 * demand.mean), 1 / sd
    if demand.mean_nodes.shape[1] >= 16 * COARSE:
        every = demand.rows((slice(None), slice(None, None, COARSE)))
        start, slope = _refine(every, p, 1e-4, start, slope, sd)
    return _refine(demand, p, tolerance, start, slope, sd)[0]


def _refine(
    demand: LeadTimeDemand, p: float, tolerance: float, x: np.ndarray, slope: np.ndarray, sd: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Root and slope of the normal score there, from `x`; SKUs leave as they converge to `tolerance` of x + sd."""
    target, x, slope = special.ndtri(p), x.copy(), slope.copy()
    low, high = np.zeros(len(x)), np.full(len(x), np.inf)
    last_x, last_error = np.full(len(x), np.nan), np.full(len(x), np.nan)
    active = np.arange(len(x))
    for _ in range(STEPS):
        here = x[active]
        error = special.ndtri((demand if len(active) == len(x) else demand.rows(active)).cdf(here)) - target
        low[active] = np.where(error < 0, here, low[active])
        high[active] = np.where(error < 0, high[active], here)
        slope[active] = _slope(here, error, last_x[active], last_error[active], slope[active])
        last_x[active], last_error[active] = here, error
        x[active] = _inside(here - error / slope[active], low[active], high[active], sd[active])
        active = active[np.abs(x[active] - here) > tolerance * (here + sd[active])]
        if not len(active):
            break
    return x, slope


def _slope(
    x: np.ndarray, error: np.ndarray, last_x: np.ndarray, last_error: np.ndarray, slope: np.ndarray
) -> np.ndarray:
    """Slope of the line through the last two points where it rises, else the one used so far."""
    with np.errstate(invalid="ignore", divide="ignore"):
        through = (error - last_error) / (x - last_x)
    return np.where(np.isfinite(through) & (through > 0), through, slope)


def _inside(x: np.ndarray, low: np.ndarray, high: np.ndarray, sd: np.ndarray) -> np.ndarray:
    """`x` if it is strictly inside the bracket, else its middle (or a step beyond `low` while no top is known)."""
    open_top = np.isinf(high)
    middle = np.where(open_top, low + 3 * sd, 0.5 * (low + np.where(open_top, low, high)))
    outside = ~np.isfinite(x) | (x <= low) | (x >= high) | (open_top & (x > low + 20 * sd))
    return np.where(outside, middle, x)


def _smooth_cdf(code: int, x: np.ndarray, mean: np.ndarray, variance: np.ndarray) -> np.ndarray:
    if code == GAMMA:
        return gamma_cdf(x, mean, variance)
    x = np.maximum(x, 0.0)
    if code == POISSON:
        return special.gammaincc(x + 1, mean)
    return special.betainc(mean**2 / (variance - mean), x + 1, mean / variance)


def _loss(code: int, x: np.ndarray, mean: np.ndarray, variance: np.ndarray) -> np.ndarray:
    if code == GAMMA:
        return gamma_loss(x, mean, variance)
    return poisson_loss(x, mean) if code == POISSON else negative_binomial_loss(x, mean, variance)


def _paired(days: np.ndarray, demand: DemandNodes) -> tuple[np.ndarray, ...]:
    """Lead time, mean, variance and family as arrays of one shape."""
    sizes = {a.shape[1] for a in (days, demand.mean)} - {1}
    if len(sizes) > 1:
        raise ValueError(
            f"lead_time_days: as many nodes as demand has ({demand.mean.shape[1]}) or 1, got {days.shape[1]}"
        )
    if days.shape[0] not in (1, len(demand.mean)) and len(demand.mean) != 1:
        raise ValueError(f"lead_time_days: one row, or one for each of {len(demand.mean)} SKUs, got {days.shape[0]}")
    return np.broadcast_arrays(days, demand.mean, demand.variance, demand.family)


def _with_moments(mean: np.ndarray, variance: np.ndarray, family: np.ndarray) -> LeadTimeDemand:
    """Nodes of these moments; counts are negative binomial where the variance exceeds the mean, else Poisson."""
    counted = np.where(variance > mean * (1 + 1e-6), NEGATIVE_BINOMIAL, POISSON)
    return LeadTimeDemand(
        np.maximum(mean, 1e-12), np.maximum(variance, 1e-12), np.where(family == GAMMA, GAMMA, counted)
    )
