"""What the coming month takes in cash, as a range: what is paid after the arrival falls due sooner or later with it."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special

from analysis.estimates.track_record import USUAL_SHOCK, MonthShocks

COMING = pd.offsets.MonthEnd(1)
"""The month that follows the review's last day, to its own last day."""
DUE = ("unpaid", "balance", "deposit", "planned")
"""The kinds of payments that take cash."""
NEED_COLUMNS = ["until", "need", "need_low", "need_high", "level", "shock"]
_NARROW = 0.02


def due_chance(rows: pd.DataFrame, as_of: pd.Timestamp) -> np.ndarray:
    """Chance of each payment of falling due within `COMING`: by the lognormal that its expected arrival and `spread` tell, `credit_days`
    later; where the spread is not known, or nothing rests on an arrival, it falls due on its day."""
    until = as_of + COMING
    credit = rows["credit_days"].astype(float)
    median = (rows["due_on"] - as_of).dt.days - credit
    left = (until - as_of).days - credit
    spread = np.maximum(rows["spread"].astype(float), _NARROW)
    by_then = special.ndtr(np.log(np.maximum(left + 0.5, 1e-9) / np.maximum(median + 0.5, 0.5)) / spread)
    return np.where(rows["uncertain"].astype(bool) & spread.notna(), by_then, rows["due_on"] <= until)


def cash_need(payments: pd.DataFrame, arrivals: pd.DataFrame, as_of: pd.Timestamp, level: float) -> pd.DataFrame:
    """One row `NEED_COLUMNS`; none where nothing is to be paid.

    Parameters
    ----------
    payments : DataFrame
        From `payments_ahead`.
    arrivals : DataFrame
        From `arrivals_together`: how large the shock is that the arrivals of a month share; the usual one where it has no row.

    Returns
    -------
    DataFrame
        `need` is expected to fall due by `until`, between `need_low` and `need_high` with probability `level`. What rests on one arrival
        falls due together: the lines of an order, and orders planned with one supplier.
    """
    rows = payments[payments["kind"].isin(DUE)]
    if rows.empty:
        return pd.DataFrame(columns=NEED_COLUMNS).astype(_TYPES)
    shock = float(arrivals["shock"].iloc[0]) if len(arrivals) else USUAL_SHOCK
    together = rows.groupby([rows["order_id"].fillna(""), "supplier", "due_chance"], dropna=False)["amount"].sum()
    chance = together.index.get_level_values("due_chance").to_numpy(float)
    found = MonthShocks.at(shock).total(together.to_numpy(float), chance, level)
    return pd.DataFrame([[as_of + COMING, *found, level, shock]], columns=NEED_COLUMNS).astype(_TYPES)


_TYPES = {"until": "datetime64[us]"} | dict.fromkeys(NEED_COLUMNS[1:], "float64")
