"""On time in full (OTIF): of all lines that were due, how many came by their promise with every piece."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special

from analysis.estimates.looks import first_looks

_NEVER_DUE = ("cancelled", "unpaid")
_COLUMNS = (
    "supplier",
    "due",
    "on_time_in_full",
    "late",
    "short",
    "undelivered",
    "unknown",
    "moved",
    "otif",
    "otif_low",
    "otif_high",
)


def on_time_table(
    orders: pd.DataFrame, as_of: pd.Timestamp, inspections: pd.DataFrame | None = None, level: float = 0.90
) -> pd.DataFrame:
    """One row a supplier with any order: lines due by `as_of` and what became of them.

    A line is due when its promised day has come; cancelled and unpaid lines never are, and an early one counts when it is due.
    `due` = `on_time_in_full` + `late` (came after its promise) + `short` (came in time, but pieces were missing or an inspection
    counted wrong quantities: `quantity_match` above 0) + `undelivered` (not there yet, refunded ones included). Lines that are finished
    without an arrival date tell neither way: `unknown`, beside the `due`. A promise that was moved afterwards counts as it was first
    given; `moved`: how many of the lines those are.
    `otif` is the share of the due, `otif_low` and `otif_high` its Jeffreys interval [1], with end 0 at no success and 1 at no
    failure. Without due lines these are missing.

    .. [1] Brown, L. D., Cai, T. T. and DasGupta, A. (2001). Statistical Science 16, 101-133.
    """
    lines = _due_lines(orders, pd.Timestamp(as_of).normalize(), inspections)
    counts = pd.crosstab(lines["supplier"], lines["outcome"])
    suppliers = pd.Index(np.sort(orders["supplier"].unique()), name="supplier")
    names = ["on_time_in_full", "late", "short", "undelivered", "unknown"]
    table = counts.reindex(index=suppliers, columns=names, fill_value=0).astype("int64")
    table["due"] = table[names[:-1]].sum(axis=1)
    table["moved"] = lines["moved"].groupby(lines["supplier"]).sum().reindex(suppliers, fill_value=0).astype("int64")
    kept, due = table["on_time_in_full"].to_numpy(), table["due"].to_numpy()
    low, high = jeffreys_interval(kept, due, level)
    with np.errstate(invalid="ignore"):
        table["otif"] = np.where(due > 0, kept / np.maximum(due, 1), np.nan)
    table["otif_low"], table["otif_high"] = low, high
    return table.reset_index()[list(_COLUMNS)].rename_axis(columns=None)


def jeffreys_interval(kept: np.ndarray, due: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Equal-tailed interval of Beta(kept + 1/2, due - kept + 1/2); missing where nothing was due."""
    if not 0 < level < 1:
        raise ValueError(f"level must be between 0 and 1, got {level}: write 0.9 for 90 %")
    a, b = kept + 0.5, due - kept + 0.5
    low = np.where(kept == 0, 0.0, special.betaincinv(a, b, (1 - level) / 2))
    high = np.where(kept == due, 1.0, special.betaincinv(a, b, (1 + level) / 2))
    return np.where(due > 0, low, np.nan), np.where(due > 0, high, np.nan)


def _due_lines(orders: pd.DataFrame, as_of: pd.Timestamp, inspections: pd.DataFrame | None) -> pd.DataFrame:
    """`supplier outcome moved` of each line whose promised day has come."""
    status = (
        orders["status"].astype("str").fillna("open") if "status" in orders else pd.Series("open", index=orders.index)
    )
    due = orders["promised_on"].notna() & (orders["promised_on"] <= as_of) & ~status.isin(_NEVER_DUE)
    rows, status = orders[due], status[due]
    came = rows["received_on"].notna() & (rows["received_on"] <= as_of)
    outcome = pd.Series("undelivered", index=rows.index, dtype="str")
    outcome[~came & status.isin(["received", "unknown"])] = "unknown"
    outcome[came] = "on_time_in_full"
    outcome[came & (_short(rows, inspections) | _not_in_full(rows))] = "short"
    outcome[came & (rows["received_on"] > rows["promised_on"])] = "late"
    moved = rows["repromised_on"].notna() if "repromised_on" in rows else pd.Series(False, index=rows.index)
    return pd.DataFrame({"supplier": rows["supplier"], "outcome": outcome, "moved": moved})


def _not_in_full(rows: pd.DataFrame) -> pd.Series:
    if "received_quantity" not in rows:
        return pd.Series(False, index=rows.index)
    return rows["received_quantity"].astype(float) < rows["quantity"].astype(float)


def _short(rows: pd.DataFrame, inspections: pd.DataFrame | None) -> pd.Series:
    if inspections is None or "quantity_match" not in inspections:
        return pd.Series(False, index=rows.index)
    wrong = first_looks(inspections)
    wrong = wrong[wrong["quantity_match"].fillna(0) > 0]
    key = ["order_id", "line_no"]
    return pd.Series(pd.MultiIndex.from_frame(rows[key]).isin(pd.MultiIndex.from_frame(wrong[key])), index=rows.index)
