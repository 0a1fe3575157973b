"""What became of past purchase plans: what was ordered in the month after each, of whom, and why where it was something else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analysis.decisions.offers import BOUGHT, goods_paid
from analysis.months import later

KEPT_COLUMNS = ["month", "sku", "action", "supplier", "pieces", "present_supplier", "demand_per_month"]
"""Of a plan, what is kept of it for later months."""
FOLLOWED_COLUMNS = [
    "month", "sku", "action", "planned_supplier", "planned_pieces", "present_supplier", "ordered_from", "ordered_pieces", "price_paid",
    "inspected", "defective", "days", "status", "why",
]  # fmt: skip
"""`ordered_from`: of most pieces; `inspected` and `defective` pieces of those, `days` from order to arrival (NaN while any of it is open).
`status`: followed, other (of another supplier), not_ordered, or anyway (ordered although the plan said hold or nobody)."""
_KEY = ["month", "sku"]


def kept_plan(plan: pd.DataFrame, month: str) -> pd.DataFrame:
    """The plan as it is kept for the account of later months: `KEPT_COLUMNS`."""
    return plan.assign(month=month)[KEPT_COLUMNS]


def what_was_ordered(
    plans: pd.DataFrame, orders: pd.DataFrame, lots: pd.DataFrame, decisions: pd.DataFrame, month: str
) -> pd.DataFrame:
    """Each kept row of `plans` of a month before `month` with what was ordered of the SKU in the month after it: `FOLLOWED_COLUMNS`.

    Samples never count, and trials only where the plan asked for one. `decisions` (canonical) counts before the orders where it names
    a supplier or pieces. `lots` from `inspected_lots`.
    """
    if plans.empty:
        return pd.DataFrame(columns=FOLLOWED_COLUMNS)
    due = plans[plans["month"] < month].drop_duplicates(_KEY)
    bought = _bought(orders, lots)
    asked = due[[*_KEY, "action", "supplier"]].merge(bought, on=_KEY)
    tries = asked["action"] == "trial_first"
    asked = asked[(asked["stage"] != "trial") | tries]
    tried = tries & (
        asked["ordered_from"] == asked["supplier"]
    )  # what is ordered beside a trial is more than the trial
    most = (
        asked.assign(tried=tried)
        .sort_values(["tried", "ordered_pieces", "ordered_from"])
        .drop_duplicates(_KEY, keep="last")
    )
    told = due.merge(most.drop(columns=["action", "stage", "supplier", "tried"]), on=_KEY, how="left").merge(
        _decided(decisions), on=_KEY, how="left"
    )
    for name in ("ordered_from", "ordered_pieces"):
        told[name] = told.pop(f"told_{name}").astype(told[name].dtype).combine_first(told[name])
    told = told.rename(columns={"supplier": "planned_supplier", "pieces": "planned_pieces"})
    status = pd.Series([_status(row) for row in told.itertuples()], index=told.index, dtype="str")
    return told.assign(status=status)[FOLLOWED_COLUMNS].sort_values(_KEY, ignore_index=True)


def _bought(orders: pd.DataFrame, lots: pd.DataFrame) -> pd.DataFrame:
    """Bulk and trial lines by the month before their order, SKU, supplier and stage (bulk where none is stated)."""
    lines = orders[orders["status"].isin(BOUGHT) & orders["stage"].ne("sample").fillna(True) & orders["sku"].notna()]
    seen = lots.groupby(["order_id", "line_no"])[["inspected", "defective"]].sum().reset_index()
    lines = lines.merge(seen, on=["order_id", "line_no"], how="left")
    lines = lines.assign(
        month=[later(f"{day:%Y-%m}", -1) for day in lines["ordered_on"]],
        stage=lines["stage"].fillna("bulk"),
        paid=goods_paid(lines),
        days=(lines["received_on"] - lines["ordered_on"]).dt.days.astype(float) * lines["quantity"].astype(float),
    )
    by = lines.groupby([*_KEY, "supplier", "stage"])
    sums = by[["quantity", "paid", "days"]].agg(lambda part: float(part.sum(skipna=False)))
    pieces = sums["quantity"].astype(float)
    found = by[["inspected", "defective"]].sum().astype(float)
    found = found.assign(price_paid=sums["paid"] / pieces, days=sums["days"] / pieces, ordered_pieces=pieces)
    return found.reset_index().rename(columns={"supplier": "ordered_from"})


def _decided(decisions: pd.DataFrame) -> pd.DataFrame:
    """What the house wrote down, by month and SKU."""
    rows = decisions.assign(month=decisions["month"].dt.strftime("%Y-%m")) if len(decisions) else decisions
    rows = rows.rename(columns={"supplier": "told_ordered_from", "quantity": "told_ordered_pieces"})
    rows = rows[[*_KEY, "told_ordered_from", "told_ordered_pieces", "why"]].drop_duplicates(_KEY, keep="last")
    return rows.astype({"month": "str", "sku": "str", "told_ordered_pieces": float})


def _status(row: Any) -> str:
    ordered = pd.notna(row.ordered_from) and not (np.isfinite(row.ordered_pieces) and row.ordered_pieces <= 0)
    if row.action in ("hold", "nobody"):
        return "anyway" if ordered else "followed"
    if not ordered:
        return "not_ordered"
    return "followed" if row.ordered_from == row.planned_supplier else "other"
