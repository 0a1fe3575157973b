"""The Kaplan-Meier curve: what share of orders is still open after so many days, without any family.

It stands beside each pooled fit as the check that the family does not mislead.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special

from analysis.estimates.lead_time.deliveries import LeadTimes

_COLUMNS = ("supplier", "days", "survival", "low", "high", "at_risk", "received")


def kaplan_meier(days, received, weight=None, level: float = 0.90) -> pd.DataFrame:
    """Product-limit estimate [1] of the share of orders that takes longer than `days`.

    Parameters
    ----------
    days, received, weight : (n,) as in `fit_families`. An order open for c days counts as at risk on day c itself.

    Returns
    -------
    `days survival low high at_risk received`: one row a day on which something was received, after a first row at day 0
    (survival 1, unless something came on the same day). The interval is that of log(-log S) with Greenwood's variance [2],
    which stays within 0 and 1; where S is 1 or 0 it has no width from the data, so it ends at 1 or 0 and, with n orders
    at risk, at the exact binomial limit (1 - level)^(1 / n) from there.

    .. [1] Kaplan, E. L. and Meier, P. (1958). J. Am. Stat. Assoc. 53, 457-481.
    .. [2] Kalbfleisch, J. D. and Prentice, R. L. (2002). The Statistical Analysis of Failure Time Data, 2nd ed., 1.4.
    """
    days, received = np.asarray(days, dtype=float), np.asarray(received, dtype=bool)
    weight = np.ones(days.size) if weight is None else np.asarray(weight, dtype=float)
    if days.size and not (np.isfinite(days).all() and days.min() >= 0):
        raise ValueError(
            f"days must be finite and not negative, got {days[~(days >= 0)][:1]}: correct or leave out the order"
        )
    order = np.argsort(days, kind="stable")
    days, received, weight = days[order], received[order], weight[order]
    at = np.unique(np.append(days[received], 0.0))
    place = np.searchsorted(at, days[received])
    events = np.bincount(place, weight[received], at.size)
    from_here = np.append(np.cumsum(weight[::-1])[::-1], 0.0)
    at_risk = from_here[np.searchsorted(days, at, side="left")]
    with np.errstate(divide="ignore", invalid="ignore"):
        survival = np.cumprod(np.where(at_risk > 0, 1 - events / at_risk, 1.0))
        greenwood = np.cumsum(np.where(events > 0, events / (at_risk * (at_risk - events)), 0.0))
    survival = np.where(survival < 1e-12, 0.0, survival)
    low, high = _log_log_interval(survival, greenwood, at_risk, level)
    return pd.DataFrame(
        {"days": at, "survival": survival, "low": low, "high": high, "at_risk": at_risk, "received": events}
    )


def _log_log_interval(survival, greenwood, at_risk, level: float) -> tuple[np.ndarray, np.ndarray]:
    z = special.ndtri((1 + level) / 2)
    inner = (survival > 0) & (survival < 1)
    s = np.where(inner, survival, 0.5)
    spread = np.exp(z * np.sqrt(np.where(inner, greenwood, 0.0)) / np.abs(np.log(s)))
    edge = (1 - level) ** (1 / np.maximum(at_risk, 1.0))
    low = np.where(inner, s**spread, np.where(survival == 1, edge, 0.0))
    high = np.where(inner, s ** (1 / spread), np.where(survival == 1, 1.0, 1 - edge))
    return low, high


def survival_table(times: LeadTimes, level: float = 0.90) -> pd.DataFrame:
    """Kaplan-Meier of every supplier with evidence and, as supplier "", of all: `supplier days survival low high at_risk
    received`. Lines of one delivery count as one."""
    lines = times.lines
    groups = [("", lines), *lines.groupby("supplier", sort=True)] if len(lines) else []
    parts = [
        kaplan_meier(g["days"], g["received"], g["weight"], level).assign(supplier=str(name)) for name, g in groups
    ]
    if not parts:
        return pd.DataFrame({c: pd.Series(dtype="str" if c == "supplier" else float) for c in _COLUMNS})
    return pd.concat(parts, ignore_index=True)[list(_COLUMNS)]
