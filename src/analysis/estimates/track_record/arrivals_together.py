"""How many of the open order lines, and of their pieces, arrive by the end of next month, all together; and how such forecasts did so far.

Lines of a month come late together (`late_together`), so that the interval of the sum is that of chances which share a month's shock; how
large the shocks are is learned from the forecasts that earlier reviews kept.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.estimates.track_record.forecasts import LEVELS, QUANTILES
from analysis.estimates.track_record.late_together import log_evidence, shocks_of
from analysis.estimates.track_record.record import NEVER_ARRIVES

COLUMNS = [
    "until", "open", "arrive", "arrive_low", "arrive_high", "pieces", "pieces_arrive", "pieces_arrive_low", "pieces_arrive_high", "level", "months",
    "shock", "past", "held",
]  # fmt: skip
_TYPES = {"until": "datetime64[us]"} | dict.fromkeys(COLUMNS[1:], "float64") | dict.fromkeys(
    ("open", "arrive_low", "arrive_high", "months", "past", "held"), "Int64"
)  # fmt: skip


def arrivals_together(
    forecasts: pd.DataFrame, kept: pd.DataFrame, orders: pd.DataFrame, as_of: pd.Timestamp, level: float = 0.90
) -> pd.DataFrame:
    """One row `COLUMNS`; none where no arrival is forecast.

    Parameters
    ----------
    forecasts, kept : DataFrame
        From `arrival_forecasts`: this review's, and those that earlier ones kept (may be an empty table without columns).
    orders : DataFrame
        Canonical orders as known on `as_of`.
    level : float
        Of the intervals.

    Returns
    -------
    DataFrame
        Of `open` lines `arrive` are expected by `until`, the end of next month, between `arrive_low` and `arrive_high` with probability
        `level`; of their `pieces`, those not here yet, `pieces_arrive` between `pieces_arrive_low` and `pieces_arrive_high`; missing where the pieces of
        a line are not known. `months` of such forecasts taught the `shock` (0: the prior's); `past` is their number, and of so many,
        each as it would have been told then, the count `held` its interval.
    """
    if forecasts.empty:
        return pd.DataFrame(columns=COLUMNS).astype(_TYPES)
    evidence, past = _learned(kept, orders, as_of, level)
    shocks, until = shocks_of(evidence), _end_of_next_month(as_of)
    chance = arrival_chance(forecasts, until)
    pieces = _pieces_to_come(forecasts, orders)
    lines, goods = shocks.count(chance, level), shocks.total(pieces, chance, level)
    told = [
        until,
        len(forecasts),
        *lines,
        pieces.sum(),
        *goods,
        level,
        shocks.months,
        shocks.mean,
        len(past),
        sum(past),
    ]
    return pd.DataFrame([told], columns=COLUMNS).astype(_TYPES)


def arrival_chance(forecasts: pd.DataFrame, day: pd.Timestamp | pd.Series) -> np.ndarray:
    """Chance of each forecast that its line is there on `day`: between the quantiles kept, and as they go on beyond the last."""
    days = (day - forecasts["made_on"]).dt.days.to_numpy(float) + 0.5
    return chance_between(forecasts[list(QUANTILES)].to_numpy(float), np.array(LEVELS), days)


def chance_between(quantiles: np.ndarray, levels: np.ndarray, days: np.ndarray) -> np.ndarray:
    """(n,) chance of at most `days` by (n, levels) quantiles: linear between them, from 0 days on; what is left falls by as much a day
    beyond the last as between the last two."""
    known = np.column_stack([np.zeros(len(quantiles)), quantiles])
    shares = np.append(0.0, levels)
    at = np.clip((known <= days[:, None]).sum(axis=1) - 1, 0, shares.size - 2)
    rows = np.arange(len(days))
    low, high = known[rows, at], known[rows, at + 1]
    inside = shares[at] + (shares[at + 1] - shares[at]) * np.clip((days - low) / np.maximum(high - low, 1e-9), 0.0, 1.0)
    last, before = quantiles[:, -1], quantiles[:, -2]
    falls = np.log((1 - levels[-2]) / (1 - levels[-1])) / np.maximum(last - before, 0.5)
    beyond = 1 - (1 - levels[-1]) * np.exp(-falls * np.maximum(days - last, 0.0))
    return np.where(days < 0, 0.0, np.where(days > last, beyond, inside))


def _end_of_next_month(day: pd.Timestamp) -> pd.Timestamp:
    return pd.Timestamp(day + pd.offsets.MonthEnd(1))


def _pieces_to_come(forecasts: pd.DataFrame, orders: pd.DataFrame) -> np.ndarray:
    """Pieces of each line that are not here yet; missing where nobody knows."""
    lines = orders.drop_duplicates(["order_id", "line_no"])
    found = forecasts[["order_id", "line_no"]].merge(lines, on=["order_id", "line_no"], how="left")
    came = found["received_quantity"].astype(float).fillna(0.0) if "received_quantity" in found else 0.0
    return np.maximum(found["quantity"].astype(float) - came, 0.0).to_numpy()


def _learned(
    kept: pd.DataFrame, orders: pd.DataFrame, as_of: pd.Timestamp, level: float
) -> tuple[np.ndarray, list[bool]]:
    """What past months of forecasts say of the shocks, and whether the count of each held the interval that it would have had then."""
    if kept.empty:
        return log_evidence(np.array([]), np.array([], bool), np.array([], int), 0), []
    until = kept["made_on"] + pd.offsets.MonthEnd(1)
    facts = orders.drop_duplicates(["order_id", "line_no"])[["order_id", "line_no", "status", "received_on"]]
    rows = kept.assign(until=until)[until <= as_of].merge(facts, on=["order_id", "line_no"])
    rows = rows[~rows["status"].isin(NEVER_ARRIVES)].sort_values("made_on", kind="stable")
    said, came = arrival_chance(rows, rows["until"]), (rows["received_on"] <= rows["until"]).to_numpy(bool)
    place, made = pd.factorize(rows["made_on"])
    evidence = log_evidence(said, came, place, len(made))
    held = []
    for month, day in enumerate(made):
        before = evidence[: int(np.searchsorted(made + pd.offsets.MonthEnd(1), day, side="right"))]
        _, low, high = shocks_of(before).count(said[place == month], level)
        held.append(bool(low <= came[place == month].sum() <= high))
    return evidence, held
