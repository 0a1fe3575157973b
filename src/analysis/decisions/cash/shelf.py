"""What the shelves say: pieces on hand and on the road against the reorder point, as "order now" or "in n days"."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from analysis.decisions.stock import DemandPosterior, stock_position
from analysis.months import DAYS_A_MONTH
from analysis.reasons import reason

STOCK_NOW_COLUMNS = [
    "sku", "supplier", "counted_on", "on_hand", "on_order", "position", "reorder_point", "demand_per_month", "days_covered",
    "days_until_order", "order_by", "note",
]  # fmt: skip
"""`position`: on hand, less what was sold since the count at the pace of those days, plus on the road. NaN and a note where nobody counted."""


def stock_now(
    counts: pd.DataFrame,
    orders: pd.DataFrame,
    plan: pd.DataFrame,
    as_of: pd.Timestamp,
    demand: DemandPosterior | None = None,
    waiting: Collection[str] = (),
) -> pd.DataFrame:
    """One row an SKU of the stock plan: `STOCK_NOW_COLUMNS`; `counts` is the canonical table `stock_counts`.

    `demand`: the posterior that the plan was made with, for the pace since a count. `waiting`: SKUs of which the purchase plan orders
    nothing now: below the reorder point there is no day to name.
    """
    rows = plan[["sku", "supplier", "reorder_point", "demand_per_month"]].reset_index(drop=True)
    held = stock_position(
        counts, orders, rows.drop_duplicates("sku").set_index("sku")["demand_per_month"], as_of, demand
    )
    rows = rows.assign(**{name: held[name].reindex(rows["sku"]).to_numpy() for name in held})
    a_day = rows["demand_per_month"].astype(float) / DAYS_A_MONTH
    rows["days_covered"] = (rows["position"] / a_day).where(a_day > 0)
    until = np.floor((rows["position"] - rows["reorder_point"].astype(float)) / a_day).clip(lower=0).where(a_day > 0)
    waits = (until == 0) & rows["sku"].isin(list(waiting))
    until = until.mask(waits)
    rows["days_until_order"] = until
    rows["order_by"] = as_of + pd.to_timedelta(until.fillna(0) + 1, unit="D")
    rows["order_by"] = rows["order_by"].where(until.notna())
    rows["note"] = [_note(row, wait) for row, wait in zip(rows.to_dict("records"), waits)]
    kinds = {
        **dict.fromkeys(("sku", "supplier", "note"), "str"),
        **dict.fromkeys(("counted_on", "order_by"), "datetime64[us]"),
    }
    kinds |= {"on_hand": "Int64"}
    rest = dict.fromkeys((name for name in STOCK_NOW_COLUMNS if name not in kinds), float)
    return rows[STOCK_NOW_COLUMNS].astype({**kinds, **rest})


def _note(row: dict[str, object], waits: bool) -> str:
    if pd.isna(row["counted_on"]):
        return reason("before_order.stock_not_counted")
    if waits:
        return reason("before_order.stock_waits", days=row["days_covered"], point=row["reorder_point"])
    if pd.isna(row["days_until_order"]):
        return reason("before_order.stock_no_demand")
    days, position = float(str(row["days_until_order"])), float(str(row["position"]))
    key = "before_order.stock_order_now" if days == 0 else "before_order.stock_order_later"
    return reason(key, days=days, position=position, point=float(str(row["reorder_point"])))
