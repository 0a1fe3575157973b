"""Demand of the months that an order placed now is to cover: season and trend where they pay, and what sells otherwise than expected.

A month of pace s is a month s times as long: demand runs on a clock of usual days, on which it is the process of `demand.py`. Past months
count as long as they sold, a lead time as long as it will sell; a usual day is one of those that the order covers. What varies beyond chance
goes with the square of the pace (a month that sells double varies double), where a longer month's would go with its length: the variance is
that of the clock times the pace over the mean pace of the months that it was learned from. Where the back-test says that neither season nor
trend pays, every number is that of `fit_demand`, to the last digit.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.decisions.stock.demand import DemandPosterior, complete_months, fit_demand_arrays, fit_rows, month_sd
from analysis.decisions.stock.lead_time_demand import LeadTimeDemand
from analysis.decisions.stock.looking_ahead import RECENT, DemandAhead
from analysis.decisions.stock.monthly_sales import MonthlySales
from analysis.decisions.stock.pace import TREND_MONTHS, trend_months
from analysis.decisions.stock.pace_choice import WAYS, choose_pace
from analysis.decisions.stock.selling_clock import SellingClock
from analysis.months import DAYS_A_MONTH


def fit_demand_ahead(demand: pd.DataFrame, as_of: pd.Timestamp, window_days: float) -> DemandPosterior:
    """`fit_demand` of the months that an order placed on `as_of` covers: the `window_days` from then."""
    table, month = complete_months(demand, as_of)
    lengths = month.days_in_month.to_numpy(float) / DAYS_A_MONTH
    sku, skus = pd.factorize(table["sku"], sort=True)
    if not len(table):
        return fit_rows(table, month, lengths)
    last = (as_of + pd.Timedelta(days=1)).to_period("M") - 1
    sales = MonthlySales.of(table["units"].to_numpy(float), sku, month, last, len(skus))
    choice, pace = choose_pace(sales)
    units, noted = table["units"].to_numpy(float), np.bincount(sku, lengths, len(skus))
    plain = {"month_mean": np.bincount(sku, units, len(skus)) / noted, "month_sd": month_sd(units / lengths, sku)}
    exposure, clock = lengths, None
    if choice.way != "none":
        age = (last.year * 12 + last.month) - (month.year * 12 + month.month).to_numpy()
        old = age >= TREND_MONTHS if WAYS[choice.way][1] else np.zeros(len(age), bool)
        kept = ~(old & np.isin(sku, sku[~old]))  # of an SKU that sold no more the old months are all there is
        table, month, lengths, sku, age = table[kept], month[kept], lengths[kept], sku[kept], age[kept]
        exposure = lengths * pace.of_rows(sku, month.month.to_numpy() - 1, age.astype(float))
        mean_age = np.bincount(sku, exposure * trend_months(age), len(skus)) / np.bincount(sku, exposure, len(skus))
        clock = SellingClock.of(pace, mean_age, as_of, last)
        usual = clock.over(window_days)
        clock, exposure = clock.in_units_of(usual), exposure / usual[sku]
    fitted, noted = fit_rows(table, month, exposure), np.bincount(sku, lengths, len(skus))
    late = _of_late(table, np.asarray(month > last - RECENT), exposure, sku, skus)
    return replace(fitted, ahead=DemandAhead(choice, clock, noted, fitted.months / noted, *late), **plain)


def _of_late(
    table: pd.DataFrame, late: np.ndarray, exposure: np.ndarray, sku: np.ndarray, skus: pd.Index
) -> tuple[np.ndarray, ...]:
    """Units sold of late, those to be expected by the months before, and the chance of at most so many, NaN without either; late months noted."""
    units = table["units"].to_numpy(float)
    before = np.unique(sku[~late])
    both = np.intersect1d(before, sku[late])
    sold, expected, more = (np.full(len(skus), np.nan) for _ in range(3))
    if len(both):
        past = fit_demand_arrays(
            units[~late], exposure[~late], np.searchsorted(before, sku[~late]), pd.RangeIndex(len(before))
        )
        days = np.bincount(sku[late], exposure[late], len(skus))[before, None] * DAYS_A_MONTH
        coming = LeadTimeDemand.of(days, past.nodes, review_days=0)
        seen = np.bincount(sku[late], units[late], len(skus))[before]
        below = np.where(coming.counts, coming.cdf(seen - 1), coming.cdf(seen))
        at = np.isin(before, both)
        sold[both], expected[both] = seen[at], coming.mean[at]
        more[both] = (0.5 * (below + coming.cdf(seen)))[at]
    return sold, expected, more, np.bincount(sku[late], minlength=len(skus))
