"""Three lead-time families in one pair of coordinates, so that suppliers are compared whatever their family.

`location` is the log of the median in days; `spread` the log of s, where s = log(P90 / median) / 1.2816, which for a lognormal
is sigma. So median = exp(location) and P90 = exp(location + 1.2816 s) in every family. The functions broadcast.

lognormal  log T = location + s Z,  Z standard normal
weibull    log T = location + c s (W - log log 2),  W the smallest extreme value, c = 1.2816 / log(log 10 / log 2)
gamma      shape by the inverse of s(shape), scale by the median; both read from a table
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import special

from .gamma_tail import log_gammaincc

FAMILIES = ("lognormal", "weibull", "gamma")
_Z90 = float(special.ndtri(0.9))
_LOG_LOG_2 = float(np.log(np.log(2)))
_WEIBULL = _Z90 / float(np.log(np.log(10)) - _LOG_LOG_2)


@dataclass(frozen=True)
class _Table:
    """A smooth function of `spread` by cubic Hermite pieces; beyond the ends it continues as a straight line."""

    at: np.ndarray
    value: np.ndarray
    slope: np.ndarray

    def __call__(self, x: np.ndarray) -> np.ndarray:
        x = np.asarray(x, dtype=float)
        inside = np.clip(x, self.at[0], self.at[-1])
        j = np.clip(np.searchsorted(self.at, inside, side="right") - 1, 0, self.at.size - 2)
        width = self.at[j + 1] - self.at[j]
        u = (inside - self.at[j]) / width
        rise = self.value[j + 1] - self.value[j]
        bend0, bend1 = self.slope[j] * width - rise, rise - self.slope[j + 1] * width
        out = self.value[j] + u * (rise + (1 - u) * (bend0 * (1 - u) + bend1 * u))
        end = np.where(x > self.at[-1], self.slope[-1], self.slope[0])
        return out + (x - inside) * end


def _gamma_spread(log_shape: np.ndarray) -> np.ndarray:
    shape = np.exp(log_shape)
    return np.log(np.log(special.gammaincinv(shape, 0.9) / special.gammaincinv(shape, 0.5)) / _Z90)


def _gamma_table(value, steps: int = 420, h: float = 1e-4) -> _Table:
    """`value(log shape)` as a function of the spread; the spread falls with the shape (here 0.04 to 3e6)."""
    log_shape = np.linspace(15.0, -3.2, steps)
    slope = (value(log_shape + h) - value(log_shape - h)) / (_gamma_spread(log_shape + h) - _gamma_spread(log_shape - h))
    return _Table(_gamma_spread(log_shape), value(log_shape), slope)


@cache
def _log_shape() -> _Table:
    return _gamma_table(lambda log_shape: log_shape)


@cache
def _gamma_quantile(p: float) -> _Table:
    """log of the quantile `p` of the gamma with scale 1."""
    return _gamma_table(lambda log_shape: np.log(special.gammaincinv(np.exp(log_shape), p)))


def weibull_parameters(location, spread):
    """(log scale, 1 / shape) of the Weibull."""
    sigma = _WEIBULL * np.exp(spread)
    return location - _LOG_LOG_2 * sigma, sigma


def gamma_parameters(location, spread):
    """(shape, log scale) of the gamma."""
    return np.exp(_log_shape()(spread)), location - _gamma_quantile(0.5)(spread)


def log_quantile(family: str, p: float, location, spread):
    """log of the lead time that a share `p` of orders keeps."""
    if family == "lognormal":
        return location + np.exp(spread) * special.ndtri(p)
    if family == "weibull":
        log_scale, sigma = weibull_parameters(location, spread)
        return log_scale + sigma * np.log(-np.log1p(-p))
    return location + _gamma_quantile(float(p))(spread) - _gamma_quantile(0.5)(spread)


def log_survival(family: str, log_days, location, spread):
    """log of the chance that a lead time exceeds exp(`log_days`) days."""
    with np.errstate(over="ignore", under="ignore", divide="ignore"):
        if family == "lognormal":
            return special.log_ndtr((location - log_days) * np.exp(-spread))
        if family == "weibull":
            log_scale, sigma = weibull_parameters(location, spread)
            return -np.exp((log_days - log_scale) / sigma)
        shape, log_scale = gamma_parameters(location, spread)
        return log_gammaincc(shape, np.exp(log_days - log_scale))


def log_density(family: str, log_days, location, spread):
    """log of the density of log T at `log_days` (subtract `log_days` for that of T itself)."""
    with np.errstate(over="ignore", under="ignore"):
        if family == "lognormal":
            return -0.5 * ((log_days - location) * np.exp(-spread)) ** 2 - spread - 0.5 * np.log(2 * np.pi)
        if family == "weibull":
            log_scale, sigma = weibull_parameters(location, spread)
            z = (log_days - log_scale) / sigma
            return z - np.exp(z) - np.log(sigma)
        shape, log_scale = gamma_parameters(location, spread)
        z = log_days - log_scale
        return shape * z - np.exp(z) - special.gammaln(shape)


def random_log_days(family: str, rng: np.random.Generator, location, spread):
    """One lead time (its log) for each pair of parameters."""
    location, spread = np.broadcast_arrays(location, spread)
    if family == "lognormal":
        return location + np.exp(spread) * rng.standard_normal(location.shape)
    if family == "weibull":
        log_scale, sigma = weibull_parameters(location, spread)
        return log_scale + sigma * np.log(rng.standard_exponential(location.shape))
    shape, log_scale = gamma_parameters(location, spread)
    return log_scale + np.log(np.maximum(rng.standard_gamma(shape), 1e-300))
