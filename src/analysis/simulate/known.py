"""The tables as they stood on a day: an exact cut, written apart from the loader so that each can check the other."""

from __future__ import annotations

import numpy as np
import pandas as pd

LEARNED_ON = {
    "inspections": "inspected_on", "quotes": "quoted_on", "returns": "settled_on", "risks": "opened_on", "inquiries": "asked_at", "orders": "ordered_on",
    "answers": "answered_on", "stock_counts": "counted_on",
}  # fmt: skip
"""The day from which a row exists; demand is known when its month is over, a supplier's profile always."""


def month_end(month: pd.Period) -> pd.Timestamp:
    """Last day of `month`, at midnight."""
    return month.end_time.normalize().as_unit("us")


def known_tables(tables: dict[str, pd.DataFrame], fates: pd.DataFrame, as_of: pd.Timestamp) -> dict[str, pd.DataFrame]:
    """What was known at the end of the day `as_of`; `fates` is the truth about orders, which holds the days of statuses."""
    tomorrow = as_of + pd.Timedelta(days=1)
    known = {
        name: table[table[LEARNED_ON[name]] < tomorrow] if name in LEARNED_ON else table
        for name, table in tables.items()
    }
    if "orders" in known:
        known["orders"] = _known_orders(known["orders"], fates, as_of)
    if "inspections" in known:
        known["inspections"] = known["inspections"].assign(
            reinspection=pd.array([False] * len(known["inspections"]), "boolean"), inspected_by="ours"
        )
    if "demand" in known:
        known["demand"] = known["demand"][known["demand"]["month"] + pd.offsets.MonthEnd(0) <= as_of]
    if "inquiries" in known:
        known["inquiries"] = _known_inquiries(known["inquiries"], tomorrow)
    return {name: table.reset_index(drop=True) for name, table in known.items()}


def _known_inquiries(inquiries: pd.DataFrame, tomorrow: pd.Timestamp) -> pd.DataFrame:
    """What is answered later is not answered yet."""
    later = inquiries["replied_at"] >= tomorrow
    return inquiries.assign(
        replied_at=inquiries["replied_at"].mask(later), answered_items=inquiries["answered_items"].mask(later)
    )


def _known_orders(orders: pd.DataFrame, fates: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    status = order_status(fates, as_of)[orders["order_id"]].to_numpy()
    days = {day: orders[day].mask(orders[day] > as_of) for day in ("paid_on", "shipped_on", "received_on")}
    came = days["received_on"].notna()
    nothing = ~came & np.isin(status, ["open", "unpaid"])
    pieces = orders["quantity"].where(came).mask(nothing, 0)
    return orders.assign(**days, status=pd.array(status, dtype="str"), received_quantity=pieces)


def order_status(fates: pd.DataFrame, as_of: pd.Timestamp) -> pd.Series:
    """Canonical status of each order at the end of `as_of`, by order number.

    An order that arrived without anybody writing down the day is finished for the platform, hence `unknown`.
    """
    happened = {
        day: (fates[day] <= as_of).to_numpy()
        for day in ("paid_on", "received_on", "arrives_on", "refund_on", "closed_on")
    }
    status = np.select(
        [
            happened["closed_on"],
            happened["received_on"],
            happened["arrives_on"],
            happened["refund_on"],
            happened["paid_on"],
        ],
        ["cancelled", "received", "unknown", "refunding", "open"],
        "unpaid",
    )
    return pd.Series(status.astype(object), fates["order_id"].to_numpy())
