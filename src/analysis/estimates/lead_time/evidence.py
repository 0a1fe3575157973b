"""What a set of orders says about each supplier's lead time: the likelihood, for all suppliers at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from analysis.estimates.lead_time.family import gamma_parameters, log_survival, weibull_parameters

_LOG_2PI = float(np.log(2 * np.pi))
_LOG_HOURS = float(np.log(12))  # from the hour that any delivery takes to half a day
_WIDEST, _WIDEST_BY = 0.0, 0.15  # a P90 beyond 3.6 medians (s above 1) soon counts as impossible
_FARTHEST, _FARTHEST_BY = float(np.log(2.0)), 0.15  # nor is a median beyond twice the longest wait seen, soon
_EXACT = 1e-3  # nobody's clock starts and stops to better than a thousandth of the lead time


@dataclass(frozen=True)
class Observations:
    """Log durations sorted by supplier number, with weights."""

    supplier: np.ndarray
    log_days: np.ndarray
    weight: np.ndarray

    @classmethod
    def of(cls, supplier: np.ndarray, days: np.ndarray, weight: np.ndarray) -> Observations:
        """From days and weights, one entry an order; days of 0 must have been given their bound."""
        order = np.lexsort((weight, days, supplier))
        return cls(supplier[order], np.log(days[order]), weight[order])

    def total(self, x: np.ndarray, suppliers: int) -> np.ndarray:
        """Weighted sums of `x` (..., observations) by supplier: (..., suppliers), 0 for a supplier without any."""
        out = np.zeros((*x.shape[:-1], suppliers))
        if self.supplier.size:
            starts = np.flatnonzero(np.r_[True, self.supplier[1:] != self.supplier[:-1]])
            out[..., self.supplier[starts]] = np.add.reduceat(x * self.weight, starts, axis=-1)
        return out

    def only(self, number: np.ndarray) -> Observations:
        """Those of the suppliers whose new `number` is not negative."""
        new = number[self.supplier]
        keep = new >= 0
        return Observations(new[keep], self.log_days[keep], self.weight[keep])

    def joined(self, other: Observations) -> Observations:
        """These and the `other` ones."""
        supplier = np.r_[self.supplier, other.supplier]
        order = np.argsort(supplier, kind="stable")
        return Observations(
            supplier[order], np.r_[self.log_days, other.log_days][order], np.r_[self.weight, other.weight][order]
        )


@dataclass(frozen=True)
class CensoredTimes:
    """Received, still open and same-day deliveries of `suppliers` suppliers (numbered from 0).

    A delivery received counts with the density of its days, an open one with the chance of lasting longer. Of a delivery
    received on the day of its order only this is known: it took an hour to half a day (a twelfth of the bound written down for
    it to the bound). Without the hour, a spread without end would explain it best. For the same reason two things are soon
    improbable: a spread s above 1 (P90 of 3.6 medians), and a median beyond twice the longest that any order took or has
    been open (`longest`, in log days); a supplier of which nothing arrived yet would else be given months or years. Predicted
    days, and the money reckoned from them, then have a mean worth printing.

    Days are rounded to `resolution`, an error of variance resolution^2 / 12 that comes on top of the supplier's own
    variation; without it, a supplier whose orders all took 10 days would seem to vary not at all.
    """

    suppliers: int
    received: Observations
    open: Observations
    instant: Observations
    both: Observations
    count: np.ndarray
    mean: np.ndarray
    squares: np.ndarray
    days: np.ndarray
    resolution: float
    longest: float = np.inf

    @classmethod
    def of(
        cls,
        suppliers: int,
        received: Observations,
        still_open: Observations,
        instant: Observations,
        resolution: float = 0.0,
        longest: float | None = None,
    ) -> CensoredTimes:
        """With the sums over the received that the families need: count, mean and squared deviations of log days, days."""
        count = received.total(np.ones(received.supplier.size), suppliers)
        mean = received.total(received.log_days, suppliers) / np.where(count > 0, count, 1.0)
        squares = received.total((received.log_days - mean[received.supplier]) ** 2, suppliers)
        days = received.total(np.exp(received.log_days), suppliers)
        both = received.joined(still_open)
        if longest is None:
            longest = max((part.log_days.max() for part in (both, instant) if part.log_days.size), default=np.inf)
        return cls(suppliers, received, still_open, instant, both, count, mean, squares, days, resolution, longest)

    def only(self, which: np.ndarray) -> CensoredTimes:
        """The evidence on the suppliers numbered `which` (rising), renumbered in that order."""
        if which.size == self.suppliers:
            return self
        number = np.full(self.suppliers, -1)
        number[which] = np.arange(which.size)
        received, still_open, instant = (x.only(number) for x in (self.received, self.open, self.instant))
        return CensoredTimes.of(which.size, received, still_open, instant, self.resolution, self.longest)

    def log_likelihood(self, family: str, location: np.ndarray, spread: np.ndarray) -> np.ndarray:
        """log likelihood of each supplier's deliveries at parameters (..., suppliers); a density in days."""
        with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
            too_wide = np.maximum(spread - _WIDEST, 0.0) / _WIDEST_BY
            too_far = np.maximum(location - self.longest - _FARTHEST, 0.0) / _FARTHEST_BY
            noise = _EXACT**2 + self.resolution**2 / 12 * np.exp(-2 * location)
            spread = 0.5 * np.log(np.exp(2 * spread) + noise)
            value = _RECEIVED[family](self, location, spread)
            if family != "weibull":
                value = value + self._open(family, location, spread)
            if self.instant.supplier.size:
                at = self.instant
                a, b = location[..., at.supplier], spread[..., at.supplier]
                by, before = (-np.expm1(log_survival(family, at.log_days - d, a, b)) for d in (0.0, _LOG_HOURS))
                value = value + at.total(np.log(np.maximum(by - before, 1e-300)), self.suppliers)
            value = value - 0.5 * (too_wide**2 + too_far**2)
        return np.where(np.isnan(value), -np.inf, value)

    def _open(self, family: str, location: np.ndarray, spread: np.ndarray) -> np.ndarray:
        at = self.open
        if not at.supplier.size:
            return np.zeros(location.shape)
        return at.total(
            log_survival(family, at.log_days, location[..., at.supplier], spread[..., at.supplier]), self.suppliers
        )


def _lognormal(e: CensoredTimes, location: np.ndarray, spread: np.ndarray) -> np.ndarray:
    away = e.squares + e.count * (e.mean - location) ** 2
    return -0.5 * away * np.exp(-2 * spread) - e.count * (spread + e.mean + 0.5 * _LOG_2PI)


def _weibull(e: CensoredTimes, location: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """The open ones too: theirs is the same sum of (t / scale)^shape."""
    log_scale, sigma = weibull_parameters(location, spread)
    rate, s = 1 / sigma, e.both.supplier
    power = np.exp((e.both.log_days - log_scale[..., s]) * rate[..., s])
    return e.count * ((e.mean - log_scale) * rate - np.log(sigma) - e.mean) - e.both.total(power, e.suppliers)


def _gamma(e: CensoredTimes, location: np.ndarray, spread: np.ndarray) -> np.ndarray:
    shape, log_scale = gamma_parameters(location, spread)
    return e.count * (shape * (e.mean - log_scale) - e.mean - special.gammaln(shape)) - e.days * np.exp(-log_scale)


_RECEIVED = {"lognormal": _lognormal, "weibull": _weibull, "gamma": _gamma}
