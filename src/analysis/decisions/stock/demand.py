"""Demand of each SKU from a few months of sales: Poisson, gamma or negative binomial, weighed by evidence.

Each family is a process that runs in time: over t months demand has mean m t and variance proportional to t, so that months
of different length and lead times of any length are one model.

    poisson             D(t) ~ Poisson(m t)
    negative binomial   D(t) ~ NB(k t, p),  p = k / (k + m)      counts, months with nothing sold included (intermittent)
    gamma               D(t) ~ Gamma(k t, scale m / k)           amounts above zero

A month's coefficient of variation is c = k^-1/2 beyond chance. The posterior is exact up to a grid of c: given c, the mean
integrates in closed form, in the three families alike, so that their evidence compares.

A mean that exists: under dm / m alone the posterior mean of m is infinite where k t <= 1 (few, varying months). The prior is
dm / m for Poisson and dm / (m (1 + m / k)) for the negative binomial, whose limit for gamma is k dm / m^2; scaled to 1 at the
plain mean. The evidence is then that of dm / m, and the posterior mean of m is the plain mean, whatever c. The tail is
bounded too: m is never believed to vary more than an inverse gamma of shape `LEAST_SHAPE` (standard deviation = mean).
Few months say little of c or the family: the prior of c is lognormal, and its location, spread and the families' weights are
learned from all SKUs together, integrated over a grid (few SKUs leave the hyper-prior: c around 0.4, families alike).

Season and trend are a clock on which these processes run (`demand_ahead.py`), where a back-test says that they pay. What this is not: no
promotion. A SKU that will be advertised needs a planner's word.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special

from analysis.decisions.stock.demand_nodes import (
    FAMILIES,
    GAMMA,
    NEGATIVE_BINOMIAL,
    NODES,
    POISSON,
    DemandNodes,
    sobol,
)
from analysis.decisions.stock.looking_ahead import DemandAhead
from analysis.months import DAYS_A_MONTH

FAMILY_PRIORS = np.array([[0.2, 0.4, 0.4], [0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8]])
"""No family, or one of them, is what most of the company's SKUs follow; which, all SKUs together say."""
CV_GRID = np.geomspace(0.03, 3.0, 28)
CV_LOCATIONS = np.log(np.geomspace(0.1, 1.6, 9))
CV_SPREADS = np.array([0.25, 0.5, 1.0])
LEAST_SHAPE = 3.0


@dataclass(frozen=True)
class DemandPosterior:
    """Posterior of each SKU's demand: `weights[i, f, g]` of family f and variation `CV_GRID[g]`, rows adding up to 1.

    `months` observed (in months of 365.25 / 12 days) and `units` sold, by SKU, carry the posterior of the mean; `month_mean` and
    `month_sd` are the plain mean and standard deviation of monthly demand, NaN for a single month, as the usual stock formula takes
    them: of all months noted, alike, also where a season or trend is used. `gap_months`
    between the first month and the last have no row: unknown, unless the list leaves out the months without sales. Where months sell at
    different pace (`ahead`), `months` are as long as they sell, against those that an order placed now is to cover.
    """

    skus: pd.Index
    weights: np.ndarray
    months: np.ndarray
    units: np.ndarray
    zero_months: np.ndarray
    month_mean: np.ndarray
    month_sd: np.ndarray
    gap_months: np.ndarray
    ahead: DemandAhead | None = None

    def over(self, days: np.ndarray, which: np.ndarray, start: float | None = None) -> tuple[np.ndarray, DemandNodes]:
        """`days` (SKU, node) of SKUs `which` as days of usual sales, and the demand in them; as they are where no season or trend is used.

        They begin `start` days from now; None: on any day until the next review, as the lead time of an order does.
        """
        nodes = self.nodes.rows(which)
        return (days, nodes) if self.ahead is None else self.ahead.over(days, which, start, nodes)

    def pace_while(self, start: ArrayLike, days: float) -> np.ndarray:
        """How fast each SKU sells in the `days` that begin `start` days from now (one, or one an SKU), against the months ahead; 1 where alike."""
        if self.ahead is None or self.ahead.clock is None:
            return np.ones(len(self.skus))
        begin = np.broadcast_to(np.asarray(start, float), len(self.skus))[:, None]
        return self.ahead.clock.between(begin, np.full_like(begin, days), np.zeros(1))[:, 0] / days

    def pace_since(self, days: pd.Series) -> pd.Series:
        """How fast each SKU sold in the last `days` (index SKU), against the months ahead; 1 where alike or nothing is known of it."""
        pace = pd.Series(1.0, days.index)
        known = days.index.isin(self.skus) & (days > 0).to_numpy()
        if self.ahead is not None and self.ahead.clock is not None and known.any():
            which, asked = self.skus.get_indexer(days.index[known]), days[known].to_numpy(float)
            pace[known] = self.ahead.clock.rows(which).since(asked) / asked
        return pace

    def days_lasting(self, usual: np.ndarray, which: np.ndarray, start: np.ndarray) -> np.ndarray:
        """Days from `start` in which so many `usual` days of sales of SKUs `which` pass; as many where every day is alike."""
        if self.ahead is None or self.ahead.clock is None:
            return usual
        return self.ahead.clock.rows(which).lasting(start, usual)

    def nodes_of(self, sku: str) -> DemandNodes:
        """The nodes of one SKU; `KeyError` for one whose demand nobody knows."""
        return self.nodes.rows([self.skus.get_loc(sku)])

    @property
    def family_weights(self) -> np.ndarray:
        """Posterior probability of each family, (SKU, 3)."""
        return self.weights.sum(axis=2)

    @cached_property
    def nodes(self) -> DemandNodes:
        """`NODES` equally likely parameter sets a SKU, by inverse transforms of one Sobol set (coordinates 1-3 of it)."""
        _, pick, first, second = sobol(4, NODES).T
        flat = self.weights.reshape(len(self.skus), len(FAMILIES) * len(CV_GRID))
        cell = (np.cumsum(flat, axis=1)[:, None, :-1] < pick[:, None]).sum(axis=2)
        family, cv = np.divmod(cell, len(CV_GRID))
        nodes = self._parameters(family, 1 / CV_GRID[cv] ** 2, first, second)
        return nodes if self.ahead is None else self.ahead.of_window(nodes)

    def _parameters(self, family: np.ndarray, k: np.ndarray, first: np.ndarray, second: np.ndarray) -> DemandNodes:
        units, months = _informative(self.units)[:, None], self.months[:, None]
        monthly = np.empty(family.shape)
        shape = np.maximum(k * months + 1, LEAST_SHAPE)
        scale = units / months * (shape - 1)
        poisson, gamma = family == POISSON, family == GAMMA
        of_units = _gamma_quantile(np.where(poisson, units, scale / k), first)
        of_months = _gamma_quantile(shape, second)
        np.divide(of_units, np.broadcast_to(months, family.shape), out=monthly, where=poisson)
        # p | k ~ beta(k t + 1, units), so m = k (1 - p) / p is k times a ratio of two gammas
        np.divide(k * of_units, of_months, out=monthly, where=family == NEGATIVE_BINOMIAL)
        np.divide(scale, of_months, out=monthly, where=gamma)
        monthly = np.maximum(monthly, 1e-9)
        variance = np.select([family == POISSON, gamma], [monthly, monthly**2 / k], monthly + monthly**2 / k)
        return DemandNodes(monthly / DAYS_A_MONTH, variance / DAYS_A_MONTH, family)

    def summary(self, level: float = 0.90) -> pd.DataFrame:
        """One row a SKU: `sku months zero_months gap_months demand_per_month demand_per_month_low _high demand_cv family family_weight`.

        `demand_cv` is a month's standard deviation over its mean; `family` the likeliest one, with its posterior probability.
        """
        nodes = self.nodes
        monthly = nodes.mean * DAYS_A_MONTH
        low, high = np.quantile(monthly, [(1 - level) / 2, (1 + level) / 2], axis=1)
        best = self.family_weights.argmax(axis=1)
        return pd.DataFrame(
            {
                "sku": self.skus,
                "months": self._noted_months(),
                "zero_months": self.zero_months,
                "gap_months": self.gap_months,
                "demand_per_month": monthly.mean(axis=1),
                "demand_per_month_low": low,
                "demand_per_month_high": high,
                "demand_cv": np.sqrt(nodes.variance.mean(axis=1) * DAYS_A_MONTH) / monthly.mean(axis=1),
                "family": np.array(FAMILIES)[best],
                "family_weight": self.family_weights[np.arange(len(best)), best],
            }
        )

    def _noted_months(self) -> np.ndarray:
        """Months of the calendar that have a row."""
        return np.rint(self.months if self.ahead is None else self.ahead.noted_months).astype(int)


def _gamma_quantile(shape: np.ndarray, probability: np.ndarray) -> np.ndarray:
    """Quantiles of the gamma distribution of scale 1, (SKU, node) at one probability a node.

    From shape 10 by Wilson and Hilferty (1931), k (1 - 1 / 9k + z / 3 sqrt k)^3, right to 0.5 % of the standard deviation
    where it matters and ten times as fast; below by inversion.
    """
    z = special.ndtri(probability)
    large = np.maximum(shape, 10.0)
    quantile = shape * (1 - 1 / (9 * large) + z / (3 * np.sqrt(large))) ** 3
    small = shape < 10.0
    if small.any():
        quantile[small] = special.gammaincinv(shape[small], np.broadcast_to(probability, shape.shape)[small])
    return quantile


def _informative(units: np.ndarray) -> np.ndarray:
    """Units sold; nothing sold counts as half a piece, or dm / m would leave the mean at 0."""
    return np.where(units > 0, units, 0.5)


def fit_demand(demand: pd.DataFrame, as_of: pd.Timestamp | None = None) -> DemandPosterior:
    """Posterior of each SKU's demand from the canonical `demand` table (`sku month units`).

    A month that ends after `as_of` is not complete and is left out. Months without a row are *unknown*, not zero: write 0
    where nothing was sold; `gap_months` counts those between months that have one. SKUs in alphabetical order; one that has no
    complete month is absent.
    """
    table, month = complete_months(demand, as_of)
    months = month.days_in_month.to_numpy(float) / DAYS_A_MONTH
    return fit_rows(table, month, months)


def complete_months(demand: pd.DataFrame, as_of: pd.Timestamp | None) -> tuple[pd.DataFrame, pd.PeriodIndex]:
    """The rows of `demand` that say something of a month that is over on `as_of`, and their months."""
    table = demand.dropna(subset=["sku", "month", "units"])
    month = pd.PeriodIndex(table["month"].dt.to_period("M"))
    if as_of is None:
        return table, month
    over = month.end_time.normalize() <= as_of
    return table[over], month[over]


def fit_rows(table: pd.DataFrame, month: pd.PeriodIndex, months: np.ndarray) -> DemandPosterior:
    """The posterior of rows `sku units`, each over `months` months of sales in the calendar month `month`."""
    sku, skus = pd.factorize(table["sku"], sort=True)
    at = pd.Series(month.year * 12 + month.month).groupby(sku)
    gaps = (at.max() - at.min() + 1 - at.nunique()).to_numpy(int)
    return replace(fit_demand_arrays(table["units"].to_numpy(float), months, sku, pd.Index(skus)), gap_months=gaps)


def fit_demand_arrays(units: np.ndarray, months: np.ndarray, sku: np.ndarray, skus: pd.Index) -> DemandPosterior:
    """`fit_demand` on arrays: `units` sold in a period of `months` months by SKU number `sku`, places in `skus`."""
    units, months, sku = np.asarray(units, float), np.asarray(months, float), np.asarray(sku, int)
    check_demand(units, months)
    log_evidence = _log_evidence(units, months, sku, len(skus))
    cell_prior = _learn_cv_prior(log_evidence)
    log_weights = log_evidence + np.log(cell_prior)
    log_weights -= log_weights.max(axis=(1, 2), keepdims=True)
    weights = np.exp(log_weights)
    weights /= weights.sum(axis=(1, 2), keepdims=True)
    total = _sums(sku, units, len(skus))
    zero = _sums(sku, units == 0, len(skus)).astype(int)
    length, spread = _sums(sku, months, len(skus)), month_sd(units / months, sku)
    return DemandPosterior(skus, weights, length, total, zero, total / length, spread, np.zeros(len(skus), int))


def month_sd(monthly: np.ndarray, sku: np.ndarray) -> np.ndarray:
    """Plain standard deviation of the sales a month of each SKU, NaN for a single month."""
    return pd.Series(monthly).groupby(sku).std().to_numpy()


def check_demand(units: np.ndarray, months: np.ndarray) -> None:
    """`ValueError` unless demands are finite and not negative, each over a period longer than nothing."""
    if units.shape != months.shape:
        raise ValueError(f"units, months: one period a demand is needed, got {units.shape} and {months.shape}")
    bad = ~np.isfinite(units) | (units < 0)
    if bad.any():
        raise ValueError(
            f"units: demand is 0 or more, got {units[bad][0]}; enter returns in their own table, not as demand"
        )
    if not np.all(months > 0):
        raise ValueError("months: each demand needs the length of its period, above 0")


def _sums(sku: np.ndarray, values: np.ndarray, n: int) -> np.ndarray:
    """Sum of `values` by SKU, floats also when there is nothing to add."""
    return np.bincount(sku, values, n).astype(float)


def _log_evidence(units: np.ndarray, months: np.ndarray, sku: np.ndarray, n: int) -> np.ndarray:
    """Log marginal likelihood (SKU, family, cv), the mean integrated out under dm / m."""
    total = _informative(_sums(sku, units, n))
    length = _sums(sku, months, n)
    k = 1 / CV_GRID**2
    out = np.full((n, len(FAMILIES), len(k)), -np.inf)
    whole = _sums(sku, units != np.round(units), n) == 0
    positive = _sums(sku, units == 0, n) == 0

    def add_up(values: np.ndarray) -> np.ndarray:
        return np.stack([_sums(sku, column, n) for column in values.T], axis=1)

    log_factorials = _sums(sku, special.gammaln(units + 1), n)
    poisson = special.gammaln(total) - total * np.log(length) - log_factorials
    poisson += _sums(sku, units * np.log(months), n)
    out[:, POISSON] = np.where(whole, poisson, -np.inf)[:, None]

    kt = k * months[:, None]
    log_gamma_kt = special.gammaln(kt)
    shapes = add_up(special.gammaln(units[:, None] + kt) - log_gamma_kt) - log_factorials[:, None]
    negative_binomial = shapes + special.betaln(k * length[:, None], total[:, None])
    out[:, NEGATIVE_BINOMIAL] = np.where(whole[:, None], negative_binomial, -np.inf)

    log_units = np.log(np.where(units > 0, units, 1.0))[:, None]
    gamma = add_up((kt - 1) * log_units - log_gamma_kt)
    gamma += special.gammaln(k * length[:, None]) - k * length[:, None] * np.log(total)[:, None]
    out[:, GAMMA] = np.where(positive[:, None], gamma, -np.inf)
    return out


def _learn_cv_prior(log_evidence: np.ndarray) -> np.ndarray:
    """Prior of (family, cv), averaged over the posterior of its family weights, location and spread given all SKUs."""
    log_cv = np.log(CV_GRID)
    density = np.exp(-0.5 * ((log_cv - CV_LOCATIONS[:, None, None]) / CV_SPREADS[:, None]) ** 2)
    density /= density.sum(axis=2, keepdims=True)
    density = density.reshape(-1, 1, 1, len(log_cv))
    priors = (density * FAMILY_PRIORS[:, :, None]).reshape(-1, len(FAMILIES), len(log_cv))  # (hyper, family, cv)
    top = log_evidence.max(axis=(1, 2), keepdims=True)
    likelihood = np.exp(log_evidence - top).reshape(len(log_evidence), priors[0].size)
    log_hyper = np.log(likelihood @ priors.reshape(len(priors), -1).T).sum(axis=0) + np.log(_hyper_prior())
    hyper = np.exp(log_hyper - log_hyper.max())
    return np.tensordot(hyper / hyper.sum(), priors, axes=1)


def _hyper_prior() -> np.ndarray:
    """Location around log 0.4 (a month off by 40 %); spreads and family weights alike. Flattened as `priors` are."""
    location = np.exp(-0.5 * ((CV_LOCATIONS - np.log(0.4)) / 0.7) ** 2)
    alike = len(CV_SPREADS) * len(FAMILY_PRIORS)
    return np.repeat(location / location.sum(), alike) / alike


def season_pieces(demand: pd.DataFrame, months: float, recent: int = 12) -> pd.Series:
    """Pieces of the coming season by SKU: mean monthly units noted in the table's last `recent` months, times `months`.

    An SKU with no sales noted in that time is absent, so that nothing is tried for it.
    """
    known = demand.dropna(subset=["sku", "month", "units"])
    newest = known[known["month"] > known["month"].max() - pd.DateOffset(months=recent)]
    return (newest.groupby("sku")["units"].mean().astype(float) * months).rename("season")


def selling_prices(demand: pd.DataFrame) -> pd.Series:
    """Newest selling price by SKU."""
    known = demand.dropna(subset=["sku", "selling_price"]).sort_values(["sku", "month"])
    return known.groupby("sku")["selling_price"].last().astype(float)
