"""Which calendar predicts lead times best: every day, days outside public holidays, or working days?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from .deliveries import LeadTimes, lead_times
from .lead_time import fit_lead_times
from .lead_time_posterior import LeadTimePosterior
from .working_days import CALENDARS, Calendar, calendar

_SPLITS = (0.5, 0.75)
_LEAST = 20


def clock_scores(orders: pd.DataFrame, as_of: pd.Timestamp, clock: str = "ordered_on", end: str = "received_on") -> pd.DataFrame:
    """Out-of-sample log score of each calendar, on the orders placed after a past day that only older ones were learned from.

    At two past days (half and three quarters of the lines ordered) each calendar is fitted to what was known then, and scored
    on the lines ordered from there to the next: log of the probability of the very day of arrival, or, of a line still open
    on `as_of`, of not having come yet. The calendars' scores are about the same ordinary days.

    Returns
    -------
    One row a calendar: `calendar log_score lines note chosen`. `log_score` is the mean by line, higher is better; missing
    with its `note` where it cannot be had: `few orders` (under 20 to score) or `holidays unknown` (dates outside the published
    holidays). `chosen`: the best score; `every day` where there is none, and among equals.
    """
    as_of = pd.Timestamp(as_of).normalize()
    known = lead_times(orders, as_of, clock, end).lines
    cuts = [*known["clock_on"].quantile(list(_SPLITS)).dt.normalize(), as_of] if len(known) else []
    rows = [_score(orders, calendar(name), cuts, known, clock, end) for name in CALENDARS]
    table = pd.DataFrame(rows, columns=["calendar", "log_score", "lines", "note"])
    best = int(table["log_score"].fillna(-np.inf).argmax()) if table["log_score"].notna().any() else 0
    return table.assign(chosen=np.arange(len(table)) == best)


def best_calendar(scores: pd.DataFrame) -> Calendar:
    """The calendar that `clock_scores` chose."""
    return calendar(scores.loc[scores["chosen"], "calendar"].iloc[0])


def _score(orders, days: Calendar, cuts: list[pd.Timestamp], known: pd.DataFrame, clock: str, end: str):
    if not days.covers(pd.concat([known["clock_on"], pd.Series(cuts, dtype="datetime64[us]")])):
        return days.name, np.nan, 0, "holidays unknown"
    scores = [np.empty(0)]
    for cut, until in zip(cuts[:-1], cuts[1:], strict=True):
        past = fit_lead_times(lead_times(_as_of(orders, cut), cut, clock, end, days), sure=True)
        future = lead_times(orders[(orders[clock] > cut) & (orders[clock] <= until)], cuts[-1], clock, end, days)
        if past is not None:
            scores.append(_line_scores(past, future))
    scored = np.concatenate(scores)
    return (days.name, float(scored.mean()), scored.size, "") if scored.size >= _LEAST else (days.name, np.nan, scored.size, "few orders")


def _as_of(orders: pd.DataFrame, cut: pd.Timestamp) -> pd.DataFrame:
    """The orders as they stood on `cut`: what was finished or cancelled later was open then."""
    columns = [c for c in ("shipped_on", "received_on") if c in orders]
    later = pd.concat([orders[c] > cut for c in columns], axis=1).any(axis=1) if columns else pd.Series(False, index=orders.index)
    out = orders.copy()
    if "status" in out:
        out.loc[later & out["status"].isin(["received"]), "status"] = "open"
    for column in columns:
        out[column] = out[column].where(out[column] <= cut)
    return out


def _line_scores(past: LeadTimePosterior, future: LeadTimes) -> np.ndarray:
    """log P(arrival on its day), or log P(not yet by as_of), of the lines of suppliers that were known."""
    lines = future.lines[future.lines["supplier"].isin(past.suppliers)]
    if lines.empty:
        return np.empty(0)
    supplier, days = lines["supplier"], lines["days"].to_numpy()
    beyond = past.log_survival(supplier, days + 0.5)
    before = np.where(days > 0, past.log_survival(supplier, np.maximum(days - 0.5, 1e-9)), 0.0)
    arrived = lines["clock_on"] + pd.to_timedelta(future.calendar.after(lines["clock_on"], days), unit="D")
    mass = np.log(np.maximum(np.exp(before) - np.exp(beyond), 1e-12)) - np.log(future.calendar.days_like(arrived))
    return np.where(lines["received"], mass, beyond) * 1.0


