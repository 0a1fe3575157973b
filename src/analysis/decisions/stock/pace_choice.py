"""Whether a season or a trend pays: each month forecast from those before it, against the plain mean.

With e the relative errors of the plain mean in a month (one an SKU, worth h each), d what the other forecast would add to it, and u^2 the
variance of a shock that all SKUs share in a month, as both were known before it, the month speaks for the other by the log likelihood ratio

    d' S^-1 (e - d / 2),   S = diag(1 / h) + u^2 11'.

Its exponent has mean 1 where the plain mean is right, so that the product over months exceeds k by chance with 1 / k at most, whenever one
looks [1]. Season, trend or both are used only where that product, the odds, reaches `ODDS`; of those, the one with the best. A tie or too few
months leaves the plain mean.

.. [1] Ramdas, A. et al. (2023). Game-theoretic statistics and safe anytime-valid inference. Statistical Science 38, 576-601.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from analysis.decisions.stock.monthly_sales import MonthlySales
from analysis.decisions.stock.pace import TREND_MONTHS, Pace, fit_pace, shared_shock, usual_sales, worth_of

WAYS = {
    "season": (True, False, False),
    "trend": (False, True, False),
    "season_trend": (True, True, False),
    "own_season": (True, False, True),
}
"""Whether with an index of the month, with slopes, and with an index of each SKU's own."""
LEARNING = 12
"""Months that a forecast needs before it: in less than a whole year a season looks like a trend."""
OWN_LEARNING = 24
"""Of each SKU's own season: what is its own and what is chance shows only when months come again."""
FEWEST_TESTED = 6
MOST_TESTED = 36
FARTHEST = 4.0
"""Standard deviations that an error counts as at most: a single bulk sale is no evidence of a season."""
ODDS = 20.0 * len(WAYS)
"""20 to 1 for each of the ways that are tried."""


@dataclass(frozen=True)
class PaceChoice:
    """`way`: a key of `WAYS`, or none. `odds` of `best`, the likeliest way, to the plain mean, over `tested` months of the `months` noted.

    `saved` is the share of the plain mean's squared error that it saves; both are NaN, and `best` is empty, where too few could be tested.
    """

    way: str
    best: str
    odds: float
    saved: float
    tested: int
    months: int


def choose_pace(sales: MonthlySales) -> tuple[PaceChoice, Pace]:
    """The way that pays, and the pace by it."""
    tried, even = [_tested(name, sales) for name in WAYS], Pace.even(len(sales.units))
    found = [each for each in tried if each.tested >= FEWEST_TESTED]
    if not found:
        return PaceChoice("none", "", np.nan, np.nan, max(each.tested for each in tried), tried[0].months), even
    best = max(found, key=lambda each: each.odds)
    if best.odds < ODDS or best.saved <= 0:
        return best, even
    return replace(best, way=best.best), fit_pace(sales, *WAYS[best.best])


def _tested(name: str, sales: MonthlySales) -> PaceChoice:
    """`name` against the plain mean over the last months that have enough before them."""
    months = sales.units.shape[1]
    origins = range(max(OWN_LEARNING if WAYS[name][2] else LEARNING, months - MOST_TESTED), months)
    told = np.array([_month(name, sales, origin) for origin in origins]).reshape(-1, 3)
    told = told[np.isfinite(told).all(axis=1)]
    log_odds, plain, other = told.sum(axis=0)
    saved = 1 - other / plain if plain > 0 else 0.0
    noted = int(sales.known.any(axis=0).sum())
    return PaceChoice("none", name, float(np.exp(min(log_odds, 700.0))), float(saved), len(told), noted)


def _month(name: str, sales: MonthlySales, origin: int) -> tuple[float, float, float]:
    """What month `origin` says for `name`, and the loss of the plain mean and of `name` in it; NaN where nothing can be asked."""
    past, length = sales.first(origin), sales.lengths[origin]
    even, pace = Pace.even(len(sales.units)), fit_pace(past, *WAYS[name])
    plain = usual_sales(past, even) * length
    seen = past.last(TREND_MONTHS) if WAYS[name][1] else past
    other = usual_sales(seen, pace) * length * pace.of(sales.calendar[[origin]], np.array([-1.0]))[:, 0]
    asked = sales.known[:, origin] & np.isfinite(plain) & np.isfinite(other)
    if not asked.any():
        return np.nan, np.nan, np.nan
    worth = worth_of(past, even, plain)[asked]
    error, added = sales.units[asked, origin] / plain[asked] - 1, other[asked] / plain[asked] - 1
    error = np.clip(error, -FARTHEST / np.sqrt(worth), FARTHEST / np.sqrt(worth))
    shock = shared_shock(past)
    shared = shock / (1 + shock * worth.sum())
    half = error - added / 2
    log_odds = (worth * added * half).sum() - shared * (worth * added).sum() * (worth * half).sum()
    return log_odds, (worth * error**2).sum(), (worth * (error - added) ** 2).sum()
