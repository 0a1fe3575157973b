"""Three lead-time families in one pair of coordinates, so that suppliers are compared whatever their family.

`location` is the log of the median in days; `spread` the log of s, where s = log(P90 / median) / 1.2816, which for a lognormal
is sigma. So median = exp(location) and P90 = exp(location + 1.2816 s) in every family. The functions broadcast.

lognormal  log T = location + s Z,  Z standard normal
weibull    log T = location + c s (W - log log 2),  W the smallest extreme value, c = 1.2816 / log(log 10 / log 2)
gamma      shape by the inverse of s(shape), scale by the median; both read from a table
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import special

from analysis.estimates.lead_time.gamma_tail import log_gammaincc

FAMILIES = ("lognormal", "weibull", "gamma")
_Z90 = float(special.ndtri(0.9))
_LARGEST = 690.0  # exp of it is still a float, so that differences of log survivals are numbers
_LOG_LOG_2 = float(np.log(np.log(2)))
_WEIBULL = _Z90 / float(np.log(np.log(10)) - _LOG_LOG_2)


@dataclass(frozen=True)
class _Table:
    """A smooth function of `spread` by cubic Hermite pieces on equal steps; beyond the ends it goes on as a straight line."""

    first: float
    step: float
    value: np.ndarray
    slope: np.ndarray

    def __call__(self, x: np.ndarray) -> np.ndarray:
        place = (np.asarray(x, dtype=float) - self.first) / self.step
        inside = np.clip(place, 0.0, self.value.size - 1.0)
        j = np.minimum(inside.astype(np.intp), self.value.size - 2)
        u, start = inside - j, self.value[j]
        rise = self.value[j + 1] - start
        bend0, bend1 = self.slope[j] - rise, rise - self.slope[j + 1]
        out = start + u * (rise + (1 - u) * (bend0 * (1 - u) + bend1 * u))
        beyond = place - inside
        if beyond.any():
            out = out + beyond * np.where(beyond > 0, self.slope[-1], self.slope[0])
        return out


def _gamma_spread(log_shape: np.ndarray) -> np.ndarray:
    shape = np.exp(log_shape)
    return np.log(np.log(special.gammaincinv(shape, 0.9) / special.gammaincinv(shape, 0.5)) / _Z90)


_LOG_SHAPES = 15.0, -3.2  # shapes from 3e6 down to 0.04; the spread rises as the shape falls
_STEPS, _H = 500, 1e-4


@cache
def _grid() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Equal steps of spread, the log shapes that have them (Newton), and the shapes' slope there."""
    first, last = _gamma_spread(np.array(_LOG_SHAPES))
    spread = np.linspace(first, last, _STEPS)
    coarse = np.linspace(*_LOG_SHAPES, _STEPS)
    log_shape = np.interp(spread, _gamma_spread(coarse), coarse)
    for _ in range(4):
        slope = (_gamma_spread(log_shape + _H) - _gamma_spread(log_shape - _H)) / (2 * _H)
        log_shape = log_shape - (_gamma_spread(log_shape) - spread) / slope
    return spread, log_shape, 1 / slope


def _gamma_table(value: Callable[[np.ndarray], np.ndarray]) -> _Table:
    """`value(log shape)` as a function of the spread."""
    spread, log_shape, by_spread = _grid()
    step = spread[1] - spread[0]
    slope = (value(log_shape + _H) - value(log_shape - _H)) / (2 * _H) * by_spread
    return _Table(spread[0], step, value(log_shape), slope * step)


@cache
def _log_shape() -> _Table:
    return _gamma_table(lambda log_shape: log_shape)


@cache
def _gamma_quantile(p: float) -> _Table:
    """log of the quantile `p` of the gamma with scale 1."""
    return _gamma_table(lambda log_shape: np.log(special.gammaincinv(np.exp(log_shape), p)))


def weibull_parameters(location: np.ndarray, spread: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(log scale, 1 / shape) of the Weibull."""
    sigma = _WEIBULL * np.exp(spread)
    return location - _LOG_LOG_2 * sigma, sigma


def gamma_parameters(location: np.ndarray, spread: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(shape, log scale) of the gamma."""
    return np.exp(_log_shape()(spread)), location - _gamma_quantile(0.5)(spread)


@dataclass(frozen=True)
class Distribution:
    """A family at given parameters; `first` and `second` as the family knows them (`distribution` makes it)."""

    family: str
    first: np.ndarray
    second: np.ndarray

    def of(self, which: np.ndarray) -> Distribution:
        """Those of the suppliers numbered `which` (last axis)."""
        return Distribution(self.family, self.first[..., which], self.second[..., which])

    def log_survival(self, log_days: float | np.ndarray) -> np.ndarray:
        """log of the chance that a lead time exceeds exp(`log_days`) days."""
        with np.errstate(over="ignore", under="ignore", divide="ignore"):
            if self.family == "lognormal":
                return special.log_ndtr((self.first - log_days) / self.second)
            if self.family == "weibull":
                return -np.exp(np.minimum((log_days - self.first) / self.second, _LARGEST))
            return log_gammaincc(self.first, np.exp(np.minimum(log_days - self.second, _LARGEST)))

    def log_density(self, log_days: float | np.ndarray) -> np.ndarray:
        """log of the density of log T at `log_days` (subtract `log_days` for that of T itself)."""
        with np.errstate(over="ignore", under="ignore"):
            if self.family == "gamma":
                z = log_days - self.second
                return self.first * z - np.exp(z) - special.gammaln(self.first)
            z = (log_days - self.first) / self.second
            if self.family == "lognormal":
                return -0.5 * z * z - np.log(self.second) - 0.5 * np.log(2 * np.pi)
            return z - np.exp(z) - np.log(self.second)


def distribution(family: str, location: np.ndarray, spread: np.ndarray) -> Distribution:
    """lognormal (mu, sigma), Weibull (log scale, 1 / shape) or gamma (shape, log scale) with these coordinates."""
    if family == "lognormal":
        return Distribution(family, location, np.exp(spread))
    parameters = weibull_parameters if family == "weibull" else gamma_parameters
    return Distribution(family, *parameters(location, spread))


def log_survival(family: str, log_days: float | np.ndarray, location: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """log of the chance that a lead time exceeds exp(`log_days`) days."""
    return distribution(family, location, spread).log_survival(log_days)


def log_density(family: str, log_days: float | np.ndarray, location: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """log of the density of log T at `log_days` (subtract `log_days` for that of T itself)."""
    return distribution(family, location, spread).log_density(log_days)


def log_quantile(family: str, p: float, location: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """log of the lead time that a share `p` of orders keeps."""
    if family == "lognormal":
        return location + np.exp(spread) * special.ndtri(p)
    if family == "weibull":
        log_scale, sigma = weibull_parameters(location, spread)
        return log_scale + sigma * np.log(-np.log1p(-p))
    return location + _gamma_quantile(float(p))(spread) - _gamma_quantile(0.5)(spread)


def log_days_at(family: str, chance: np.ndarray, location: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """log of the lead time that is kept with probability `chance`, one for each pair of parameters."""
    if family == "lognormal":
        return location + np.exp(spread) * special.ndtri(chance)
    if family == "weibull":
        log_scale, sigma = weibull_parameters(location, spread)
        return log_scale + sigma * np.log(-np.log1p(-chance))
    shape, log_scale = gamma_parameters(location, spread)
    return log_scale + np.log(np.maximum(special.gammaincinv(shape, chance), 1e-300))
