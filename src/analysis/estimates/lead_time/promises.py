"""The chance that a promise is broken, modelled as such: what the lead times say of it, corrected by the promises that came due.

logit P(late) = a + a_s + b x,   x = logit of the chance that the lead time model gives to taking longer than promised
a_s ~ N(0, t^2) by supplier;   either b about 1 (the lead times tell), or b = 0 (the suppliers' records alone)

Which, and t, by marginal likelihood and a prior that prefers alike suppliers. Without any promise due this is about the lead time model's chance; where promises are kept on
the very day whatever the lead time, as promises agreed anew mostly are, the records alone speak. Promises due long ago count
less. Of the orders that keep their promise a share arrives on the promised day itself, learned by supplier too: such an order
being open says nothing until that day has come.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special

from analysis.estimates.draws import Draws, common_points, in_own_order
from analysis.estimates.lead_time.deliveries import LeadTimes
from analysis.estimates.lead_time.posterior import LeadTimePosterior

_LEAD_TIMES_TELL = np.array([[0.0, 1.0], [0.3, 0.3]])
_RECORDS_ALONE = np.array([[0.0, 0.0], [2.0, 0.01]])
"""Centres and standard deviations of (a, b)."""
_HALF_LIFE = 365.0
"""Days after which a promise counts half. On the real shipments a half-life of 9 to 18 months was best, by 1 % of Brier."""
_SUPPLIER_SPREADS = np.array([0.1, 0.25, 0.5, 1.0, 2.0])
_USUAL_SPREAD = 0.3
"""Of the half-normal prior of the suppliers' spread: a handful of promises moves the lead time model's chance by little."""
_FARTHEST = 5.0
"""Chances beyond 0.7 % and 99.3 % count as these: no lead time model is to be believed further out."""
_ON_THE_DAY = 4.0
"""Kept promises that the share of all suppliers weighs against a supplier's own share on the day."""
_STEPS = 30


_Mode = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Promises:
    """What past promises say, by supplier: `effect` a_s and `on_the_day`; `common` (a, b).

    `own`, `shared` and `cross` are their covariances: of each a_s (n,), of (a, b) (2, 2), of each a_s with (a, b) (n, 2).
    """

    suppliers: pd.Index
    effect: np.ndarray
    common: np.ndarray
    own: np.ndarray
    shared: np.ndarray
    cross: np.ndarray
    on_the_day: np.ndarray

    def late(self, supplier: ArrayLike, chance: ArrayLike) -> np.ndarray:
        """Chance of being late of new orders, from the `chance` that the lead time model gives; missing stays missing."""
        mean, variance = self.moments(supplier, chance)
        return special.expit(mean / np.sqrt(1 + np.pi / 8 * variance))

    def late_given_open(self, supplier: ArrayLike, chance: ArrayLike, open_chance: ArrayLike) -> np.ndarray:
        """Chance of being late of orders that are open still, before their promised day.

        `chance`, `open_chance`: by the lead time model, of taking longer than promised and longer than it is open already.
        """
        late = self.late(supplier, chance)
        kept_so_far = (np.asarray(open_chance) - chance) / np.maximum(1 - np.asarray(chance), 1e-12)
        share = self.on_the_day[self._at(supplier)]
        waiting = share + (1 - share) * np.clip(kept_so_far, 0.0, 1.0)
        return late / (late + (1 - late) * np.maximum(waiting, 1e-9))

    def moments(self, supplier: ArrayLike, chance: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
        """Mean and variance of logit P(late)."""
        at, x = self._at(supplier), _logit(chance)
        mean = self.common[0] + self.effect[at] + self.common[1] * x
        both = self.shared[0, 0] + 2 * x * self.shared[0, 1] + x * x * self.shared[1, 1]
        return mean, self.own[at] + 2 * (self.cross[at, 0] + x * self.cross[at, 1]) + both

    def _at(self, supplier: ArrayLike) -> np.ndarray:
        return self.suppliers.get_indexer(pd.Index(supplier))


def _logit(chance: ArrayLike) -> np.ndarray:
    with np.errstate(divide="ignore"):
        return np.clip(special.logit(np.asarray(chance, dtype=float)), -_FARTHEST, _FARTHEST)


def fit_promises(times: LeadTimes, posterior: LeadTimePosterior | None) -> Promises | None:
    """What the promises that came due by `times.as_of` say; None without dates or deliveries."""
    if posterior is None or times.as_of is None:
        return None
    due = times.lines[times.lines["promised_on"] <= times.as_of]
    chance = _chance_without(posterior, due)
    at, age = posterior.suppliers.get_indexer(due["supplier"]), (times.as_of - due["promised_on"]).dt.days
    weight = due["weight"].to_numpy(float) * 0.5 ** (age.to_numpy(float) / _HALF_LIFE)
    late = ~(due["ended_on"] <= due["promised_on"]).to_numpy()
    exact = (due["ended_on"] == due["promised_on"]).to_numpy()[~late]
    on_the_day = _shares(at[~late], exact, weight[~late], len(posterior.suppliers))
    data = at, _logit(chance), late.astype(float), weight, len(posterior.suppliers)
    fits = [_fit(*data, p, spread) for p in (_LEAD_TIMES_TELL, _RECORDS_ALONE) for spread in _SUPPLIER_SPREADS]
    prior = -0.5 * (np.tile(_SUPPLIER_SPREADS, 2) / _USUAL_SPREAD) ** 2
    best = int(np.argmax([fit[0] + log_prior for fit, log_prior in zip(fits, prior)]))
    return Promises(posterior.suppliers, *fits[best][1], on_the_day)


def late_probability(
    times: LeadTimes, posterior: LeadTimePosterior, promised_days: ArrayLike, level: float
) -> pd.DataFrame:
    """Chance that a new order comes after a promise of so many of the clock's days, one a supplier: `estimate low high`."""
    plain = posterior.late_probability(promised_days, level)
    promises = fit_promises(times, posterior)
    if promises is None:
        return plain
    mean, variance = promises.moments(plain.index, plain["estimate"])
    z = special.ndtri((1 + level) / 2)
    unsure = promises.common[1] * (_logit(plain["high"]) - _logit(plain["low"])) / (2 * z)
    spread = np.sqrt(variance + unsure**2)
    estimate = promises.late(plain.index, plain["estimate"])
    low, high = special.expit(mean - z * spread), special.expit(mean + z * spread)
    columns = {"estimate": estimate, "low": np.minimum(low, estimate), "high": np.maximum(high, estimate)}
    return pd.DataFrame(columns, index=plain.index)


def late_draws(times: LeadTimes, posterior: LeadTimePosterior, chances: Draws, rng: np.random.Generator) -> Draws:
    """Draws of each supplier's chance of being late, from those of the lead time model's chance (`chances`)."""
    promises = fit_promises(times, posterior)
    if promises is None:
        return chances
    mean, variance = promises.moments(chances.suppliers, chances.values.mean(axis=1))
    unsure = special.ndtri(common_points(rng, 1, chances.values.shape[1]))
    own = in_own_order(np.broadcast_to(unsure, chances.values.shape), chances.suppliers)
    told = _logit(chances.values) - _logit(chances.values.mean(axis=1))[:, None]
    return Draws(
        chances.suppliers,
        special.expit(mean[:, None] + promises.common[1] * told + np.sqrt(variance)[:, None] * own),
    )


def open_late_probability(times: LeadTimes, posterior: LeadTimePosterior, lines: pd.DataFrame) -> np.ndarray:
    """Chance that each open line comes after its promise: 1 where that day has come; missing without a promise."""
    promises = fit_promises(times, posterior)
    promised, waited = lines["promised_days"].to_numpy(float), lines["days"].to_numpy(float)
    if promises is None:
        return posterior.late_given_open(lines["supplier"], waited, promised)
    chance, still_open = (chance_beyond(posterior, lines["supplier"], days) for days in (promised, waited))
    late = promises.late_given_open(lines["supplier"], chance, np.maximum(still_open, chance))
    return np.where(lines["promised_on"] <= times.as_of, 1.0, late)


def chance_beyond(posterior: LeadTimePosterior, supplier: ArrayLike, days: ArrayLike) -> np.ndarray:
    """The lead time model's chance of taking longer than `days`; missing stays missing."""
    days = np.asarray(days, dtype=float)
    bound = np.maximum(np.nan_to_num(days), 0.0) + posterior.resolution / 2 + 1e-9
    return np.where(np.isnan(days), np.nan, np.exp(posterior.log_survival(supplier, bound)))


def _chance_without(posterior: LeadTimePosterior, lines: pd.DataFrame) -> np.ndarray:
    """`chance_beyond` of lines that were fitted, each as it would be without itself: else the model seems to know too much."""
    half = posterior.resolution / 2
    bound = np.maximum(lines["promised_days"].to_numpy(float), 0.0) + half + 1e-9
    own = np.maximum(lines["days"].to_numpy(float), 0.0) + np.where(lines["received"], 0.0, half)
    own, counts = np.maximum(own, half / 2 + 1e-9), lines["fade"].to_numpy(float) if "fade" in lines else 1.0
    return posterior.survival_without(lines["supplier"], bound, own, lines["received"], counts)


def _shares(at: np.ndarray, happened: np.ndarray, weight: np.ndarray, suppliers: int) -> np.ndarray:
    """A share by supplier, drawn to everybody's by `_ON_THE_DAY` cases; that by one case of a half."""
    n, hits = (np.bincount(at, weight * what, suppliers) for what in (np.ones(at.size), happened))
    everybody = (hits.sum() + 0.5) / (n.sum() + 1)
    return (hits + _ON_THE_DAY * everybody) / (n + _ON_THE_DAY)


def _fit(
    at: np.ndarray,
    x: np.ndarray,
    late: np.ndarray,
    weight: np.ndarray,
    suppliers: int,
    prior: np.ndarray,
    spread: float,
) -> tuple[float, _Mode]:
    """Laplace evidence and (effect, common, own, shared, cross) at the mode, for a given spread between suppliers."""
    common, effect = prior[0].copy(), np.zeros(suppliers)
    both = np.stack([np.ones(x.size), x])
    precision = 1 / prior[1] ** 2

    def total(values: np.ndarray) -> np.ndarray:
        return np.bincount(at, values, suppliers)

    for _ in range(_STEPS):
        p = special.expit(common[0] + common[1] * x + effect[at])
        slope, bend = weight * (late - p), weight * p * (1 - p)
        by_supplier, curve = total(slope) - effect / spread**2, total(bend) + 1 / spread**2
        crossed = np.stack([total(bend * row) for row in both], axis=1)
        by_common = both @ slope - (common - prior[0]) * precision
        schur = (both * bend) @ both.T + np.diag(precision) - crossed.T @ (crossed / curve[:, None])
        move = np.linalg.solve(schur, by_common - crossed.T @ (by_supplier / curve))
        moved = (by_supplier - crossed @ move) / curve
        shrink = min(1.0, 2.0 / max(np.abs(move).max(), np.abs(moved).max(initial=0.0), 1e-9))
        common, effect = common + shrink * move, effect + shrink * moved
        if shrink == 1.0 and max(np.abs(move).max(), np.abs(moved).max(initial=0.0)) < 1e-8:
            break
    eta = common[0] + common[1] * x + effect[at]
    fit = (weight * (late * eta - np.logaddexp(0.0, eta))).sum()
    away = ((common - prior[0]) ** 2 * precision).sum() + (effect**2).sum() / spread**2
    curvature = np.linalg.slogdet(schur)[1] - np.log(precision).sum() + np.log(curve * spread**2).sum()
    shared, ratio = np.linalg.inv(schur), crossed / curve[:, None]
    cross = -ratio @ shared
    own = 1 / curve + np.einsum("ij,jk,ik->i", ratio, shared, ratio)
    return float(fit - away / 2 - curvature / 2), (effect, common, own, shared, cross)
