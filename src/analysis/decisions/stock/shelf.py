"""What is on the shelf and on the road: counted pieces, what came and less what was sold since, and orders that have not come in full."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.decisions.stock.demand import DemandPosterior
from analysis.months import DAYS_A_MONTH


def stock_position(
    counts: pd.DataFrame | None,
    orders: pd.DataFrame,
    demand_per_month: pd.Series,
    as_of: pd.Timestamp,
    demand: DemandPosterior | None = None,
) -> pd.DataFrame:
    """By SKU of `demand_per_month`: `counted_on on_hand on_order overdue position`, pieces; `overdue` are those on the road past the day promised.

    `counts` is the canonical table `stock_counts`; the newest count of an SKU holds, with what came since and less the sales since (`demand_per_month`, at
    the pace of the days gone by where `demand` has a season or trend), never below 0. `position` is that and what is on the road; NaN where nobody counted.
    """
    rows = pd.DataFrame({"demand": demand_per_month.astype(float)})
    rows["counted_on"], rows["on_hand"] = pd.NaT, float("nan")
    if counts is not None and len(counts):
        newest = counts.sort_values("counted_on", kind="stable").drop_duplicates("sku", keep="last").set_index("sku")
        for name in ("counted_on", "on_hand"):
            rows[name] = newest[name].reindex(rows.index).to_numpy()
    left = orders["quantity"].astype(float)
    if "received_quantity" in orders:
        left = left - orders["received_quantity"].astype(float).fillna(0)
    road = left.where(orders["status"] == "open").groupby(orders["sku"]).sum()
    rows["on_order"] = road.reindex(rows.index).fillna(0.0)
    late = left.where((orders["status"] == "open") & (orders["promised_on"] < as_of)).groupby(orders["sku"]).sum()
    rows["overdue"] = late.reindex(rows.index).fillna(0.0)
    came = _came_since(orders, rows["counted_on"])
    days = (as_of - pd.to_datetime(rows["counted_on"])).dt.days
    sold = rows.pop("demand") / DAYS_A_MONTH * days
    if demand is not None:
        sold = sold * demand.pace_since(days)
    rows["position"] = (rows["on_hand"].astype(float) + came - sold).clip(lower=0) + rows["on_order"]
    return rows


def _came_since(orders: pd.DataFrame, counted_on: pd.Series) -> pd.Series:
    """Pieces by SKU that came after its count. Of a line that has come in part nobody knows when, unless it was placed after the count."""
    counted = pd.Series(pd.to_datetime(counted_on).reindex(orders["sku"]).to_numpy(), orders.index)
    partly = (orders["status"] == "open") & (orders["ordered_on"] > counted)
    after = (orders["status"] == "received") & (orders["received_on"] > counted)
    pieces = (
        orders["received_quantity"].astype(float) if "received_quantity" in orders else pd.Series(np.nan, orders.index)
    )
    pieces = pieces.fillna(orders["quantity"].astype(float).where(after, 0.0))
    return pieces.where(after | partly).groupby(orders["sku"]).sum().reindex(counted_on.index).fillna(0.0)
