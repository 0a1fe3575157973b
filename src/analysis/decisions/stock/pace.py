"""Season and trend: how fast each calendar month sells against a usual one, as an index of the month and a damped slope.

Sales of SKU i in month t have mean  m_i w_t s_c(t) exp(b_i x_t),  w_t the month's length, s_c the index of its calendar month, pooled over
all SKUs of the house, b_i the SKU's own slope and x_t the months from now: -age for those gone, 1 + d + d^2 + ... for those to come, as growth
does not last [1]. A trend looks at the last two years alone. Index and slopes are shrunk as far as the data themselves say (empirical Bayes):

    e_t = s_c(t) - 1 + u_t + chance,   s_c - 1 ~ N(0, a^2),   u_t ~ N(0, u^2) a shock that all SKUs share in one month,
    b_i ~ N(0, g^2),

with (a, u) and g integrated over a grid. Where SKUs have seasons of their own (fans and heaters), each one's index is the house's times
1 + o_i,c, o ~ N(0, h^2), against a chance that is learned from how alike the same month of an SKU is from year to year. A month that was high once is season or shock; only its return tells which, so that of one year
the index believes the half. e_t weighs each SKU by what it can tell: of mean m and deviation c beyond chance, m / (1 + c^2 m).

.. [1] Gardner, E. S. and McKenzie, E. (1985). Forecasting trends in time series. Management Science 31, 1237-1246.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.decisions.stock.monthly_sales import MonthlySales

DAMPING = 0.9
"""Of a trend, a month, in the usual .8 to .98: a slope adds ten months' worth at most."""
TREND_MONTHS = 24
"""Older months say nothing of a trend of today."""
SEASON_SD, SHOCK_SD = (
    part.ravel() for part in np.meshgrid([0.0, 0.05, 0.1, 0.2, 0.4, 0.8], [0.0, 0.03, 0.06, 0.12, 0.25])
)
OWN_SD = np.array([0.0, 0.05, 0.1, 0.2, 0.4, 0.8])
SLOPE_SD = np.array([0.0, 0.005, 0.01, 0.02, 0.04, 0.08])
ROUNDS = 4
"""Of fitting level, index and slopes in turn; they change by less than a thousandth after."""
LEAST_PACE = 0.05
LEAST_CV = LEAST_SHOCK = 0.05
POOLED = 12


@dataclass(frozen=True)
class Pace:
    """Against a usual month: `index` (SKU, 12) of the calendar months and `slope` a month by SKU, each with its standard deviation."""

    index: np.ndarray
    index_sd: np.ndarray
    slope: np.ndarray
    slope_sd: np.ndarray

    @staticmethod
    def even(skus: int) -> Pace:
        """Every month alike."""
        return Pace(np.ones((skus, 12)), np.zeros((skus, 12)), np.zeros(skus), np.zeros(skus))

    def of(self, calendar: np.ndarray, age: np.ndarray) -> np.ndarray:
        """Pace (SKU, month) of months by place in the year and `age` in months, below 0 for those to come."""
        return self.index[:, calendar] * np.exp(self.slope[:, None] * trend_months(age))

    def of_rows(self, sku: np.ndarray, calendar: np.ndarray, age: np.ndarray) -> np.ndarray:
        """The same of single months, each with its SKU's place."""
        return self.index[sku, calendar] * np.exp(self.slope[sku] * trend_months(age))


def trend_months(age: np.ndarray) -> np.ndarray:
    """Months from now as a trend runs: as long as they were looking back, for two years, and damped looking ahead.

    >>> trend_months(np.array([30.0, 2.0, 0.0, -1.0, -2.0])).round(2).tolist()
    [-24.0, -2.0, 0.0, 1.0, 1.9]
    """
    to_come = (1 - DAMPING ** np.maximum(-age, 0)) / (1 - DAMPING)
    return np.where(age > 0, -np.minimum(age, TREND_MONTHS), to_come)


def fit_pace(sales: MonthlySales, season: bool, trend: bool, own: bool = False) -> Pace:
    """The pace with an index of the month (`own`: of each SKU's), slopes, or both; with slopes from the last two years."""
    sales = sales.last(TREND_MONTHS) if trend else sales
    pace = Pace.even(len(sales.units))
    for _ in range(ROUNDS):
        if season:
            pace = _with_index(pace, sales)
        if trend:
            pace = _with_slopes(pace, sales)
    return _with_own_index(pace, sales) if own else pace


def usual_sales(sales: MonthlySales, pace: Pace) -> np.ndarray:
    """Each SKU's sales in a usual month: units over the months that passed at its pace; NaN where none were written down."""
    exposure = (np.where(sales.known, pace.of(sales.calendar, sales.age), 0.0) * sales.lengths).sum(axis=1)
    units = np.nansum(sales.units, axis=1)
    return np.divide(np.maximum(units, 0.5), exposure, out=np.full(len(units), np.nan), where=exposure > 0)


def expected_sales(sales: MonthlySales, pace: Pace) -> np.ndarray:
    """Mean units (SKU, month) of the months that passed, at the pace of each."""
    return usual_sales(sales, pace)[:, None] * sales.lengths * pace.of(sales.calendar, sales.age)


def squared_variation(sales: MonthlySales, mean: np.ndarray) -> np.ndarray:
    """c^2 beyond chance by SKU: sum (y - m)^2 - m over sum m^2, pulled to that of all SKUs as if by `POOLED` months.

    For the level that each SKU took from its own months.
    """
    months = sales.known.sum(axis=1)
    seen = sales.known & (months > 1)[:, None] & np.isfinite(mean)
    free = (months / np.maximum(months - 1, 1))[:, None]
    beyond = np.where(seen, free * (sales.units - mean) ** 2 - mean, 0.0).sum(axis=1)
    square = np.where(seen, mean**2, 0.0).sum(axis=1)
    pooled = max(beyond.sum() / max(square.sum(), 1e-12), LEAST_CV**2)
    own = np.divide(beyond, square, out=np.full(len(beyond), pooled), where=square > 0)
    months = seen.sum(axis=1)
    return np.maximum((months * own + POOLED * pooled) / (months + POOLED), LEAST_CV**2)


def worth_of(sales: MonthlySales, pace: Pace, mean: np.ndarray) -> np.ndarray:
    """What a relative deviation from `mean` units tells: one over its variance beyond the shock that all SKUs share."""
    return _worth(squared_variation(sales, expected_sales(sales, pace)), mean)


def _worth(variation: np.ndarray, mean: np.ndarray) -> np.ndarray:
    return mean / (1 + variation.reshape(-1, *[1] * (mean.ndim - 1)) * mean)


def shared_shock(sales: MonthlySales) -> float:
    """Variance of what all SKUs have in common in a month under the plain mean, beyond chance."""
    deviation, chance, _ = _months(sales, Pace.even(len(sales.units)))
    free = len(deviation) / max(len(deviation) - 1, 1)
    return max(float(free * (deviation**2).mean() - chance.mean()), LEAST_SHOCK**2)


def _months(sales: MonthlySales, pace: Pace) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """By month that has sales: their deviation from an even year's, its variance by chance alone, and the calendar month."""
    index = pace.index[:, sales.calendar]
    mean, worth = _expected(sales, pace)
    deviation = np.where(worth > 0, sales.units / mean * index - 1, 0.0)
    worth = worth / index**2
    total = worth.sum(axis=0)
    told = total > 0
    return (worth * deviation).sum(axis=0)[told] / total[told], 1 / total[told], sales.calendar[told]


def _expected(sales: MonthlySales, pace: Pace) -> tuple[np.ndarray, np.ndarray]:
    """Mean (SKU, month) and what a month's relative deviation from it is worth (0 where nobody wrote sales down)."""
    mean = expected_sales(sales, pace)
    return mean, np.where(sales.known & np.isfinite(mean), _worth(squared_variation(sales, mean), mean), 0.0)


def _with_index(pace: Pace, sales: MonthlySales) -> Pace:
    mean, sd = _shrunk_index(*_months(sales, pace))
    shape = pace.index.shape
    index = np.broadcast_to(np.maximum(1 + mean, LEAST_PACE), shape)
    return Pace(index, np.broadcast_to(sd, shape), pace.slope, pace.slope_sd)


def _with_own_index(pace: Pace, sales: MonthlySales) -> Pace:
    """The house's index bent for each SKU; as it is where no month of an SKU is known twice."""
    mean, worth = _expected(sales, pace)
    place = np.eye(12)[sales.calendar]
    relative = np.where(worth > 0, sales.units / mean - 1, 0.0)
    times, weights, sums = (worth > 0) @ place, worth @ place, (worth * relative) @ place
    repeats = np.maximum(times - 1, 0).sum()
    if not repeats:
        return pace
    apart = relative - (sums / np.maximum(weights, 1e-12))[:, sales.calendar]
    chance = max(float((worth * apart**2).sum() / repeats), LEAST_CV)
    weights, sums, spread = weights / chance, sums / chance, (OWN_SD**2)[:, None, None]
    around = 1 + spread * weights
    fits = 0.5 * (spread * sums**2 / around - np.log(around)).sum(axis=(1, 2))
    own, sd = _averaged(fits, spread * sums / around, spread / around)
    index = np.maximum(pace.index * (1 + own), LEAST_PACE)
    return Pace(index, np.hypot(pace.index_sd * (1 + own), pace.index * sd), pace.slope, pace.slope_sd)


def _shrunk_index(deviation: np.ndarray, chance: np.ndarray, calendar: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Posterior mean and deviation of the 12 months, averaged over the posterior of both deviations; months never seen keep 0."""
    season = (SEASON_SD**2)[:, None]
    weight = 1 / ((SHOCK_SD**2)[:, None] + chance)  # (grid, month)
    place = np.eye(12)[calendar]
    weights, sums = weight @ place, (weight * deviation) @ place
    fits = (sums**2 * season / (1 + season * weights) - np.log1p(season * weights)).sum(axis=1)
    likelihood = 0.5 * ((np.log(weight) - weight * deviation**2).sum(axis=1) + fits)
    return _averaged(likelihood, season * sums / (1 + season * weights), season / (1 + season * weights))


def _with_slopes(pace: Pace, sales: MonthlySales) -> Pace:
    mean, worth = _expected(sales, pace)
    clock = trend_months(sales.age)
    total = np.maximum(worth.sum(axis=1, keepdims=True), 1e-12)
    clock = clock - (worth * clock).sum(axis=1, keepdims=True) / total  # the level is fitted beside it
    relative = np.where(worth > 0, sales.units / mean - 1, 0.0)
    precision = (worth * clock**2).sum(axis=1)
    fitted = pace.slope + (worth * clock * relative).sum(axis=1) / np.maximum(precision, 1e-12)
    spread = (SLOPE_SD**2)[:, None]
    around = 1 + spread * precision
    fits = spread * (precision * fitted) ** 2 / around - np.log(around)
    slope, sd = _averaged(0.5 * fits.sum(axis=1), spread * precision * fitted / around, spread / around)
    return Pace(pace.index, pace.index_sd, slope, sd)


def _averaged(log_likelihood: np.ndarray, mean: np.ndarray, variance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of a mixture over the grid, weighed by likelihood."""
    weight = np.exp(log_likelihood - log_likelihood.max())
    weight /= weight.sum()
    middle, square = (np.tensordot(weight, each, axes=1) for each in (mean, variance + mean**2))
    return middle, np.sqrt(np.maximum(square - middle**2, 0.0))
