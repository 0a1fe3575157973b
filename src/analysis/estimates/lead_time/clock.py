"""Which calendar predicts lead times best: every day, days outside public holidays, or working days?"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from analysis.estimates.lead_time.deliveries import LeadTimes, Memory, lead_times
from analysis.estimates.lead_time.posterior import LeadTimePosterior
from analysis.estimates.lead_time.shutdowns import KnownAhead
from analysis.estimates.lead_time.tables import fit_lead_times
from analysis.estimates.lead_time.window_edges import learned_shutdowns
from analysis.estimates.lead_time.working_days import CALENDARS, EVERY_DAY, Calendar, calendar
from analysis.months import DAYS_A_MONTH

NONE_KNOWN = KnownAhead()
_SPLITS = (0.5, 0.75)
_LEAST = 20


def clock_scores(
    orders: pd.DataFrame,
    as_of: pd.Timestamp,
    clock: str = "ordered_on",
    end: str = "received_on",
    shutdowns: KnownAhead = NONE_KNOWN,
) -> pd.DataFrame:
    """Out-of-sample log score of each calendar, on the orders placed after a past day that only older ones were learned from.

    At two past days (half and three quarters of the lines ordered) each calendar is fitted to what was known then, and scored
    on the lines ordered from there to the next: log of the probability of the very day of arrival, or, of a line still open
    on `as_of`, of not having come yet. The calendars' scores are about the same ordinary days; `shutdowns` are left out of all.

    Returns
    -------
    DataFrame
        One row a calendar: `calendar log_score difference difference_error lines note chosen`. `log_score` is the mean by
        line, higher is better; `difference` is that to `every day`, with its standard error over the lines. A score that
        cannot be had is missing, with its `note`: `few orders` (under 20 to score) or `holidays unknown` (dates outside the
        published holidays). `chosen`: the best score, provided that it beats `every day` by more than the error of the
        difference.
    """
    as_of = pd.Timestamp(as_of).normalize()
    known = lead_times(orders, as_of, clock, end).lines
    cuts = [*known["clock_on"].quantile(list(_SPLITS)).dt.normalize(), as_of] if len(known) else []
    dates = pd.concat([known["clock_on"], pd.Series(cuts, dtype="datetime64[us]")])
    rounds = [_round(orders, cut, until, cuts[-1], clock, end) for cut, until in pairwise(cuts)]
    plain = _scores(rounds, _outside(EVERY_DAY, shutdowns))
    rows = []
    for name in CALENDARS:
        days = calendar(name)
        note = "few orders" if plain.size < _LEAST else "" if days.covers(dates) else "holidays unknown"
        scores = _scores(rounds, _outside(days, shutdowns)) if not note and name != EVERY_DAY.name else plain
        rows.append(_row(name, scores, plain, note))
    table = pd.DataFrame(rows)
    gain = (table["difference"] - table["difference_error"]).where(table["note"] == "", -1.0)
    best = int(table["difference"].where(gain > 0, 0.0).argmax())
    return table.assign(chosen=np.arange(len(table)) == best)


def _outside(days: Calendar, shutdowns: KnownAhead) -> Calendar:
    return days.outside(shutdowns.expected, shutdowns.stated)


def best_calendar(scores: pd.DataFrame) -> Calendar:
    """The calendar that `clock_scores` chose."""
    return calendar(scores.loc[scores["chosen"], "calendar"].iloc[0])


def _row(name: str, scores: np.ndarray, plain: np.ndarray, note: str) -> dict[str, object]:
    if note:
        return {
            "calendar": name,
            "log_score": np.nan,
            "difference": np.nan,
            "difference_error": np.nan,
            "lines": 0,
            "note": note,
        }
    gain = scores - plain
    error = float(gain.std(ddof=1) / np.sqrt(gain.size))
    return {
        "calendar": name,
        "log_score": float(scores.mean()),
        "difference": float(gain.mean()),
        "difference_error": error,
        "lines": scores.size,
        "note": note,
    }


MEMORIES = (Memory(), *(Memory(48.0, counts) for counts in (1.0, 0.5, 0.3)))
"""What is tried. On the real shipments half-lives of 18 and 9 months forecast new orders better still (pinball at .95 by 4 and 6 %),
but made the intervals of open ones too wide (.925 and .929 held of 90 %)."""
_ENOUGH_PAST = 24.0
"""Months of orders from which a memory is tried: in fewer, old and new are hardly told apart."""


def best_memory(
    orders: pd.DataFrame, as_of: pd.Timestamp, days: Calendar, clock: str = "ordered_on", end: str = "received_on"
) -> Memory:
    """The memory in `MEMORIES` that would have forecast past orders best, by the log score of `clock_scores`.

    Every delivery counts in full unless that beats it by more than the standard error of the difference.
    """
    known, full = lead_times(orders, as_of, clock, end).lines, Memory()
    if known.empty or (pd.Timestamp(as_of) - known["clock_on"].min()).days < _ENOUGH_PAST * DAYS_A_MONTH:
        return full
    cuts = [*known["clock_on"].quantile(list(_SPLITS)).dt.normalize(), pd.Timestamp(as_of)]
    rounds = [_round(orders, cut, until, cuts[-1], clock, end) for cut, until in pairwise(cuts)]
    found = {memory: _scores(rounds, days, memory) for memory in MEMORIES}
    best = max(found, key=lambda memory: found[memory].sum())
    gain = found[best] - found[full]
    sure = gain.size >= _LEAST and gain.mean() > gain.std(ddof=1) / np.sqrt(gain.size)
    return best if sure else full


def _round(
    orders: pd.DataFrame, cut: pd.Timestamp, until: pd.Timestamp, as_of: pd.Timestamp, clock: str, end: str
) -> tuple[LeadTimes, LeadTimes]:
    """What was known on `cut`, and what became by `as_of` of the lines ordered from there to `until`."""
    ordered = orders[(orders[clock] > cut) & (orders[clock] <= until)]
    return lead_times(_as_of(orders, cut), cut, clock, end), lead_times(ordered, as_of, clock, end)


def _scores(rounds: list[tuple[LeadTimes, LeadTimes]], days: Calendar, memory: Memory | None = None) -> np.ndarray:
    """The score of every line that came later, in each of `rounds`, counted by `days`, the past as far evidence as `memory` says."""
    scores = [np.empty(0)]
    for known, later in rounds:
        past = fit_lead_times(known.counted_by(days).told_by(memory or Memory()), sure=True)
        if past is not None:
            scores.append(_line_scores(past, later.counted_by(days)))
    return np.concatenate(scores)


def _as_of(orders: pd.DataFrame, cut: pd.Timestamp) -> pd.DataFrame:
    """The orders as they stood on `cut`: what was finished or cancelled later was open then."""
    columns = [c for c in ("shipped_on", "received_on") if c in orders]
    later = (
        pd.concat([orders[c] > cut for c in columns], axis=1).any(axis=1)
        if columns
        else pd.Series(False, index=orders.index)
    )
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
    arrived = lines["clock_on"] + pd.to_timedelta(future.calendar.after(lines["clock_on"], days, supplier), unit="D")
    mass = np.log(np.maximum(np.exp(before) - np.exp(beyond), 1e-12)) - np.log(
        future.calendar.days_like(arrived, supplier)
    )
    return np.where(lines["received"], mass, beyond) * 1.0


def time_orders(
    orders: pd.DataFrame,
    as_of: pd.Timestamp,
    clock: str = "ordered_on",
    days: str = "best",
    scores: pd.DataFrame | None = None,
    shutdowns: KnownAhead = NONE_KNOWN,
) -> LeadTimes:
    """Lead times from `clock`, counted in `days`: a calendar's name, or "best" for the one that has forecast best so far.

    `scores`: what `clock_scores` says of that, where it has been asked already. The days of `shutdowns` are left out, with the
    edges that past festivals show (`learned_shutdowns`); suppliers' own days as they state them.
    """
    if days == "best":
        counted = best_calendar(clock_scores(orders, as_of, clock, shutdowns=shutdowns) if scores is None else scores)
    else:
        counted = calendar(days)
    times = lead_times(orders, as_of, clock)
    edges = learned_shutdowns(times, counted, shutdowns)
    closed = counted.outside(edges, shutdowns.stated)
    return times.counted_by(closed).told_by(best_memory(orders, as_of, closed, clock))
