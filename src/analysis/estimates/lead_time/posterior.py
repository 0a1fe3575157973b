"""What is known of each supplier's lead time after the orders: predictive quantiles, lateness, remaining time, draws."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special

from analysis.estimates.draws import Draws, common_points, in_own_order
from analysis.estimates.lead_time.family import (
    FAMILIES,
    Distribution,
    distribution,
    log_days_at,
    log_density,
    log_quantile,
    log_survival,
)

_LEAST_LIKELY = 5.0
"""A point is weighed up by at most exp(5): more would rest on the quadrature's outermost points."""
_AT_ONCE = 20_000
"""Orders whose points are held in memory together."""
KINDS = ("median", "p90", "p95", "late_probability", "lead_time")


@dataclass(frozen=True)
class LeadTimePosterior:
    """Posterior of every supplier's lead-time distribution, as weighted points of (location, spread) in each family.

    suppliers : (n,) sorted index; those without a received delivery have the posterior that the population gives them.
    location, spread, weight : (families, points, n), see `lead_time_family`; the weights of a supplier sum to 1.
    resolution : see `LeadTimes`; a promise of d days is kept by a lead time up to d plus half of it.
    Days are in the clock's days.
    """

    suppliers: pd.Index
    location: np.ndarray
    spread: np.ndarray
    weight: np.ndarray
    resolution: float = 0.0

    # -- one number a supplier, all that is unknown averaged out ------------------------------------------------------

    def quantile(self, q: float, level: float = 0.90) -> pd.DataFrame:
        """Days within which a share `q` of a supplier's new orders arrives: `estimate low high`, index supplier.

        The estimate is the predictive quantile: the next order beats it with probability `q`. The interval is that of
        the supplier's own quantile, which the orders so far leave uncertain.
        """
        if not 0 < q < 1:
            raise ValueError(f"q must be between 0 and 1, got {q}: write 0.9 for the 90 % quantile")
        low, high = self._interval(lambda f, a, b: log_quantile(f, q, a, b), level)
        return self._frame(_days(self._log_quantile(q)), _days(low), _days(high))

    def late_probability(self, promised_days: ArrayLike, level: float = 0.90) -> pd.DataFrame:
        """Chance that a new order takes longer than `promised_days` (one number, or one a supplier in `suppliers`' order;
        missing gives missing): `estimate low high`, index supplier."""
        bound = self._log_bound(promised_days)
        estimate = self._mean(lambda f, a, b: np.exp(log_survival(f, bound, a, b)))
        low, high = self._interval(lambda f, a, b: _probit(log_survival(f, bound, a, b)), level)
        return self._frame(estimate, special.ndtr(low), special.ndtr(high))

    def cdf(self, days: ArrayLike) -> np.ndarray:
        """Predictive chance that a new order takes at most `days`, one number or one a supplier."""
        with np.errstate(divide="ignore"):
            at = np.log(np.broadcast_to(np.asarray(days, float), len(self.suppliers)))
        return 1 - self._mean(lambda f, a, b: np.exp(log_survival(f, at, a, b)))

    def log_density(self, supplier: ArrayLike, days: ArrayLike) -> np.ndarray:
        """log predictive density of lead times `days` of the suppliers named; for scoring forecasts."""
        of, at = self._only(supplier), np.log(np.asarray(days, float))
        return np.log(np.maximum(of._mean(lambda f, a, b: np.exp(log_density(f, at, a, b))), 1e-300)) - at

    def log_survival(self, supplier: ArrayLike, days: ArrayLike) -> np.ndarray:
        """log predictive chance of a lead time above `days` of the suppliers named."""
        position, days, again = _each_once(self._positions(supplier), days)
        of, at = self._at(position), np.log(days)
        return np.log(np.maximum(of._mean(lambda f, a, b: np.exp(log_survival(f, at, a, b))), 1e-300))[again]

    def survival_without(
        self,
        supplier: ArrayLike,
        days: ArrayLike,
        own_days: ArrayLike,
        received: ArrayLike,
        counts: ArrayLike = 1.0,
    ) -> np.ndarray:
        """Predictive chance of a lead time above `days`, as it would be without the order itself.

        The order, among those fitted, took `own_days` (`received`), or longer, and counted as `counts` of one. Leaving it out divides
        the weight of each point by the order's likelihood there.
        """
        position, days, own_days, received, again = _each_once(self._positions(supplier), days, own_days, received)
        of, at, own = self._at(position), np.log(days), np.log(own_days)
        counts, total, beyond = np.broadcast_to(counts, again.shape), np.zeros(again.size), np.zeros(again.size)
        for family, a, b, weight in zip(FAMILIES, of.location, of.spread, of.weight, strict=True):
            likelihood = np.where(received, log_density(family, own, a, b), log_survival(family, own, a, b))
            likelihood, longer = np.maximum(likelihood, -_LEAST_LIKELY), np.exp(log_survival(family, at, a, b))
            for first in range(0, again.size, _AT_ONCE):
                some = slice(first, first + _AT_ONCE)
                left = weight[:, again[some]] * np.exp(-counts[some] * likelihood[:, again[some]])
                total[some] += left.sum(axis=0)
                beyond[some] += (left * longer[:, again[some]]).sum(axis=0)
        return beyond / total

    def family_weights(self) -> pd.DataFrame:
        """Posterior probability of each family, index supplier."""
        return pd.DataFrame(self.weight.sum(axis=1).T, index=self.suppliers, columns=list(FAMILIES))

    # -- an order that is open ----------------------------------------------------------------------------------------

    def remaining(self, supplier: ArrayLike, days_open: ArrayLike, q: Sequence[float] = (0.5, 0.8)) -> np.ndarray:
        """(orders, quantiles) lead time in days, counted from the order's clock, within which an order open for
        `days_open` arrives with probability `q`. The orders are among those fitted: that they are open is known already.
        """
        of = self._only(supplier)
        after = np.log(np.asarray(days_open, float) + self.resolution / 2 + 1e-9)
        return np.column_stack([_days(of._log_quantile(share, after)) for share in q])

    def late_given_open(self, supplier: ArrayLike, days_open: ArrayLike, promised_days: ArrayLike) -> np.ndarray:
        """Chance that an order open for `days_open` will take longer than `promised_days`; missing where no promise."""
        of = self._only(supplier)
        after = np.log(np.asarray(days_open, float) + self.resolution / 2 + 1e-9)
        bound = np.fmax(np.log(np.maximum(np.asarray(promised_days, float), 0.0) + self.resolution / 2 + 1e-9), after)
        late = of._mean(lambda f, a, b: _conditional(f, bound, after, a, b))
        return np.where(np.isnan(promised_days), np.nan, late)

    # -- draws --------------------------------------------------------------------------------------------------------

    def draws(self, kind: str, size: int, rng: np.random.Generator, promised_days: ArrayLike | None = None) -> Draws:
        """Posterior draws (suppliers, `size`): the supplier's own `median`, `p90`, `p95` (days), its `late_probability`
        against `promised_days`, or the `lead_time` of one new order.

        The same generator state gives the same worlds for every kind and every supplier, each in an order of its own
        (`estimates.draws`): a supplier's draws depend on neither the others nor the order of the rows that were fitted.
        """
        if kind not in KINDS:
            raise ValueError(f"kind must be one of {KINDS}, got {kind!r}: choose one of these quantities")
        points = common_points(rng, 4, size)
        family, location, spread = self._parameters(points[0], *special.ndtri(points[1:3]))
        bound = self._log_bound(np.nan if promised_days is None else promised_days)[:, None]
        bound, chance = (np.broadcast_to(x, family.shape) for x in (bound, points[3]))
        values = np.empty(family.shape)
        for number, name in enumerate(FAMILIES):
            here = family == number
            values[here] = _of_kind(kind, name, location[here], spread[here], bound[here], chance[here])
        return Draws(self.suppliers, in_own_order(values, self.suppliers))

    def _parameters(self, u: np.ndarray, z1: np.ndarray, z2: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(family, location, spread), each (suppliers, worlds): the family by its weight at `u`, then normal with the
        points' moments at `z1` and `z2`; all three of shape (worlds,)."""
        share = self.weight.sum(axis=1)
        edges = np.cumsum(share, axis=0)
        family = (u > edges[0][:, None]).astype(np.int8) + (u > edges[1][:, None])
        w = self.weight / np.maximum(share, 1e-300)[:, None]
        a, b = (w * self.location).sum(axis=1), (w * self.spread).sum(axis=1)
        da, db = self.location - a[:, None], self.spread - b[:, None]
        deviation = np.sqrt(np.maximum((w * db * db).sum(axis=1), 1e-24))
        slope = (w * da * db).sum(axis=1) / deviation
        left = np.sqrt(np.maximum((w * da * da).sum(axis=1) - slope**2, 0.0))
        each = np.arange(len(self.suppliers))[:, None]
        a, b, deviation, slope, left = (x[family, each] for x in (a, b, deviation, slope, left))
        return family, a + slope * z1 + left * z2, b + deviation * z1

    # -- arithmetic over the points -----------------------------------------------------------------------------------

    def _only(self, supplier: ArrayLike) -> LeadTimePosterior:
        """One entry for each of the suppliers named, repeats included."""
        return self._at(self._positions(supplier))

    def _positions(self, supplier: ArrayLike) -> np.ndarray:
        position = self.suppliers.get_indexer(pd.Index(supplier))
        if (position < 0).any():
            raise ValueError(
                f"supplier {pd.Index(supplier)[position < 0][0]!r} was not fitted: fit with its orders, or pool it"
            )
        return position

    def _at(self, position: np.ndarray) -> LeadTimePosterior:
        return LeadTimePosterior(
            self.suppliers[position],
            self.location[..., position],
            self.spread[..., position],
            self.weight[..., position],
            self.resolution,
        )

    def _log_bound(self, promised_days: ArrayLike) -> np.ndarray:
        promised = np.broadcast_to(np.asarray(promised_days, dtype=float), len(self.suppliers))
        return np.log(np.maximum(promised + self.resolution / 2, 1e-9))

    def _mean(self, value: Callable[..., np.ndarray]) -> np.ndarray:
        """Mean of value(family, location, spread) over each supplier's points."""
        parts = (
            (self.weight[f] * value(name, self.location[f], self.spread[f])).sum(axis=0)
            for f, name in enumerate(FAMILIES)
        )
        return sum(parts, np.zeros(len(self.suppliers)))

    def _interval(self, value: Callable[..., np.ndarray], level: float) -> tuple[np.ndarray, np.ndarray]:
        """Equal-tailed interval of value(...), taken as normal within a family with the points' mean and variance.

        (Bending the normal to the points' skewness was tried: the intervals came out too short.)
        """
        if not 0 < level < 1:
            raise ValueError(f"level must be between 0 and 1, got {level}: write 0.9 for 90 %")
        share = self.weight.sum(axis=1)
        mean, deviation = np.empty(share.shape), np.empty(share.shape)
        for f, name in enumerate(FAMILIES):
            values = value(name, self.location[f], self.spread[f])
            w = self.weight[f] / np.maximum(share[f], 1e-300)
            mean[f] = (w * values).sum(axis=0)
            deviation[f] = np.sqrt((w * (values - mean[f]) ** 2).sum(axis=0))
        return tuple(_mixture_quantile(share, mean, deviation, p) for p in ((1 - level) / 2, (1 + level) / 2))  # type: ignore[return-value]

    def _log_quantile(self, q: float, after: np.ndarray | None = None) -> np.ndarray:
        """Solves predictive cdf = q for log days, given that the lead time exceeds exp(after)."""
        families = [distribution(name, self.location[f], self.spread[f]) for f, name in enumerate(FAMILIES)]
        start = self._mean(lambda f, a, b: a + np.exp(b) * special.ndtri(q))
        out = start if after is None else np.maximum(start, after + 0.1)
        passed = [np.zeros(1) if after is None else d.log_survival(after) for d in families]
        low = np.full(out.shape, -np.inf) if after is None else after.copy()
        high, going = np.full(out.shape, np.inf), np.arange(out.size)
        for _ in range(60):
            y = out[going]
            late, density = _tail_and_density(self.weight[..., going], [d.of(going) for d in families], passed, y)
            z = -special.ndtri(np.clip(late, 1e-300, 1 - 1e-16))
            short = z < special.ndtri(q)
            low[going], high[going] = np.where(short, y, low[going]), np.where(short, high[going], y)
            out[going] = _inside(y, _probit_step(z, density, q), low[going], high[going])
            still = np.abs(out[going] - y) > 1e-6
            if not still.any():
                break
            going = going[still]
            passed = passed if after is None else [p[..., still] for p in passed]
        return out

    def _frame(self, estimate: np.ndarray, low: np.ndarray, high: np.ndarray) -> pd.DataFrame:
        """low <= estimate <= high: a very skewed chance's mean may lie beyond its own quantile, which is then moved to it."""
        columns = {"estimate": estimate, "low": np.minimum(low, estimate), "high": np.maximum(high, estimate)}
        return pd.DataFrame(columns, index=self.suppliers)


def _each_once(position: np.ndarray, *columns: ArrayLike) -> list[np.ndarray]:
    """Suppliers and the other columns with equal rows once, and the row of each of the given ones: orders are many, whole days few."""
    given = pd.DataFrame({number: np.broadcast_to(column, position.shape) for number, column in enumerate(columns)})
    given.insert(0, "position", position)
    once = ~given.duplicated().to_numpy()
    again = given.groupby(list(given), sort=False, dropna=False).ngroup().to_numpy()
    return [*(given.loc[once, name].to_numpy() for name in given), again]


def _days(log_days: np.ndarray) -> np.ndarray:
    """exp(log_days), at most 5e14: from one quick and many open orders the tail may run out of numbers."""
    return np.exp(np.minimum(log_days, 34.0))


def _conditional(family: str, y: np.ndarray, after: np.ndarray, location: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """P(log T > y | log T > after)."""
    at = distribution(family, location, spread)
    return np.exp(np.minimum(at.log_survival(y) - at.log_survival(after), 0.0))


def _tail_and_density(
    weight: np.ndarray, families: list[Distribution], passed: list[Any], y: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Chance of more than exp(y) days and density of log days, each given the chance exp(passed) of having got so far."""
    late, density = np.zeros(y.shape), np.zeros(y.shape)
    for w, at, gone in zip(weight, families, passed, strict=True):
        late += (w * np.exp(np.minimum(at.log_survival(y) - gone, 0.0))).sum(axis=0)
        density += (w * np.exp(np.minimum(at.log_density(y) - gone, 50.0))).sum(axis=0)
    return late, density


def _probit_step(z: np.ndarray, density: np.ndarray, q: float) -> np.ndarray:
    """Newton's step for probit(cdf) = probit(q): nearly straight in log days, whatever the family."""
    slope = density * np.sqrt(2 * np.pi) * np.exp(np.minimum(z * z / 2, 600.0))
    return np.clip((special.ndtri(q) - z) / np.maximum(slope, 1e-300), -1.0, 1.0)


def _inside(y: np.ndarray, step: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """y + step, or the middle of (low, high) where that leaves it."""
    new = y + step
    with np.errstate(invalid="ignore"):
        middle = (low + high) / 2
    return np.where((new > low) & (new < high) | ~np.isfinite(middle), new, middle)


def _probit(log_p: np.ndarray) -> np.ndarray:
    """The normal quantile of p from log p: nearly linear in the parameters, whatever the family."""
    return special.ndtri_exp(np.clip(log_p, -600.0, -1e-15))


def _mixture_quantile(share: np.ndarray, mean: np.ndarray, deviation: np.ndarray, p: float) -> np.ndarray:
    """Quantile `p` of a mixture of normals, (families, suppliers) each, by bisection."""
    deviation = np.maximum(deviation, 1e-12)
    at = mean + deviation * special.ndtri(p)
    used = share > 1e-9
    low, high = np.where(used, at, np.inf).min(axis=0), np.where(used, at, -np.inf).max(axis=0)
    for _ in range(40):
        middle = (low + high) / 2
        below = (share * special.ndtr((middle - mean) / deviation)).sum(axis=0) < p
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return (low + high) / 2


def _of_kind(
    kind: str, family: str, location: np.ndarray, spread: np.ndarray, bound: np.ndarray, chance: np.ndarray
) -> np.ndarray:
    if kind == "lead_time":
        return _days(log_days_at(family, chance, location, spread))
    if kind == "late_probability":
        return np.exp(log_survival(family, bound, location, spread))
    return _days(log_quantile(family, {"median": 0.5, "p90": 0.9, "p95": 0.95}[kind], location, spread))
