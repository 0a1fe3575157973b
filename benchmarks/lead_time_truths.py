"""Lead times of suppliers whose family and parameters are known, and their likelihood written out a second time."""

from __future__ import annotations

import numpy as np
from scipy import special

from analysis.estimates.lead_time.family import FAMILIES, gamma_parameters, weibull_parameters


def random_log_days(family: str, rng: np.random.Generator, location, spread):
    """One lead time (its log) for each pair of parameters, all of one family."""
    location, spread = np.broadcast_arrays(location, spread)
    if family == "lognormal":
        return location + np.exp(spread) * rng.standard_normal(location.shape)
    if family == "weibull":
        log_scale, sigma = weibull_parameters(location, spread)
        return log_scale + sigma * np.log(rng.standard_exponential(location.shape))
    shape, log_scale = gamma_parameters(location, spread)
    return log_scale + np.log(np.maximum(rng.standard_gamma(shape), 1e-300))


def draw(location, spread, family, rng) -> np.ndarray:
    """One lead time for each pair of parameters, `family` its number in `FAMILIES`."""
    out = np.empty(location.shape)
    for number, name in enumerate(FAMILIES):
        here = family == number
        out[here] = np.exp(random_log_days(name, rng, location[here], spread[here]))
    return out


def log_likelihood(family: str, p, days, received, count=1) -> float:
    """Log-likelihood of one group's days, each `count` times; `p`: the two parameters, as logarithms but for mu."""
    y = np.log(days)
    if family == "lognormal":
        z = (y - p[0]) * np.exp(-p[1])
        density, tail = -z * z / 2 - p[1] - y - np.log(2 * np.pi) / 2, special.log_ndtr(-z)
    elif family == "weibull":
        z = np.exp(p[0]) * (y - p[1])
        density, tail = z - np.exp(z) + p[0] - y, -np.exp(z)
    else:
        k, x = np.exp(p[0]), days / np.exp(p[1])
        density, tail = (k - 1) * np.log(x) - x - special.gammaln(k) - p[1], np.log(special.gammaincc(k, x))
    return float(np.sum(count * np.where(received, density, tail)))
