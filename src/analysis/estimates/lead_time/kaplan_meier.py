"""The Kaplan-Meier curve: what share of orders is still open after so many days, without any family.

It stands beside each pooled fit as the check that the family does not mislead.
"""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from analysis.estimates.lead_time.deliveries import LeadTimes

_COLUMNS = ("supplier", "days", "survival", "low", "high", "at_risk", "received")


def kaplan_meier(days: ArrayLike, received: ArrayLike, level: float = 0.90) -> pd.DataFrame:
    """Product-limit estimate of the share of orders that takes longer than `days`: `scipy.stats.ecdf` with open orders censored.

    Parameters
    ----------
    days, received : array_like, shape (n,)
        As in `fit_families`. An order open for c days counts as at risk on day c itself.
    level : float
        Of the interval, which is that of log(-log S) with Greenwood's variance. Where S is 1 or 0 it has no width from the
        data: it ends at 1 or 0 and, with n orders at risk, at the exact binomial limit (1 - level)^(1 / n) from there.

    Returns
    -------
    DataFrame
        `days survival low high at_risk received`: one row a day on which something was received, after a first row at day 0
        (survival 1, unless something came on the same day).

    Raises
    ------
    ValueError
        For days that are not finite or negative.
    """
    days, received = np.asarray(days, dtype=float), np.asarray(received, dtype=bool)
    if days.size and not (np.isfinite(days).all() and days.min() >= 0):
        raise ValueError(
            f"days must be finite and not negative, got {days[~(days >= 0)][:1]}: correct or leave out the order"
        )
    at, events = np.unique(np.append(days[received], 0.0), return_counts=True)
    events[0] -= 1
    at_risk = days.size - np.searchsorted(np.sort(days), at, side="left")
    curve = stats.ecdf(stats.CensoredData.right_censored(days, ~received)).sf
    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)  # no width at 1 and 0, which is filled in here
        interval = curve.confidence_interval(level, method="log-log")
    survival, edge = curve.evaluate(at), (1 - level) ** (1 / np.maximum(at_risk, 1))
    low = np.select([survival == 1, survival == 0], [edge, 0.0], interval.low.evaluate(at))
    high = np.select([survival == 1, survival == 0], [1.0, 1 - edge], interval.high.evaluate(at))
    return pd.DataFrame(
        {"days": at, "survival": survival, "low": low, "high": high, "at_risk": at_risk, "received": events}
    ).astype(float)


def survival_table(times: LeadTimes, level: float = 0.90) -> pd.DataFrame:
    """Kaplan-Meier of every supplier with evidence and, as supplier "", of all; lines of one delivery count as one.

    Returns
    -------
    DataFrame
        `supplier days survival low high at_risk received`, as `kaplan_meier`.
    """
    once = times.one_a_delivery()
    groups = [("", once), *once.groupby("supplier", sort=True)] if len(once) else []
    parts = [kaplan_meier(g["days"], g["received"], level).assign(supplier=str(name)) for name, g in groups]
    if not parts:
        return pd.DataFrame({c: pd.Series(dtype="str" if c == "supplier" else float) for c in _COLUMNS})
    return pd.concat(parts, ignore_index=True)[list(_COLUMNS)]


def inside_curve(curve: pd.DataFrame, fitted: pd.DataFrame) -> pd.Series:
    """Whether each fitted `share` still open at `days` lies in the interval of the step `curve` (one supplier's) on that day.

    Returns
    -------
    Series
        Bool, in the order of `fitted`'s days; empty where either table is.
    """
    if curve.empty or fitted.empty:
        return pd.Series(dtype=bool)
    steps = curve.sort_values("days")[["days", "low", "high"]]
    at = pd.merge_asof(fitted[["days", "share"]].astype(float).sort_values("days"), steps, on="days")
    return at["share"].between(at["low"], at["high"])
