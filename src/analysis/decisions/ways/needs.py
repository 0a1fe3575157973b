"""What was bought for what, kept apart: a product test, a small purchase, a bulk purchase, a light customisation; and the five steps.

A test of a new product is dear, slow and small by nature: averaged with bulk it would spoil both. The five steps (找 挑 询 付 履) are
counted with the days that each took, so that the slow one shows.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from analysis.decisions.offers import goods_paid

NEED_COLUMNS = [
    "need",
    "orders",
    "lines",
    "pieces",
    "goods",
    "price_per_piece",
    "days_median",
    "inspected",
    "defective",
]
STEP_COLUMNS = ["step", "count", "days_median", "known"]
STEPS = ("find", "choose", "ask", "pay", "fulfil")
"""Found (candidates), chosen (quotes), asked and answered, ordered and paid (orders that were), paid and received (order lines)."""


def needs_apart(orders: pd.DataFrame, lots: pd.DataFrame) -> pd.DataFrame:
    """`NEED_COLUMNS`, one row a need that the orders state; `lots` as in `inspected_lots`.

    `goods` is what is known of it, `price_per_piece` of the lines whose goods and pieces are both known; NaN where none is.
    """
    lines = orders[orders["need"].notna() & ~orders["status"].isin(["cancelled", "unpaid"])]
    pieces, money = lines["quantity"].astype(float), goods_paid(lines)
    both = money.notna() & (pieces > 0)
    lines = lines.assign(pieces=pieces, money=money, priced=pieces.where(both), price=money.where(both))
    days = (lines["received_on"] - lines["ordered_on"]).dt.days
    groups = lines.assign(days=days).groupby("need")
    rows = pd.DataFrame(
        {
            "orders": groups["order_id"].nunique(), "lines": groups.size(), "pieces": groups["pieces"].sum(),
            "goods": groups["money"].sum(min_count=1), "days_median": groups["days"].median(),
        }
    )  # fmt: skip
    rows["price_per_piece"] = groups["price"].sum(min_count=1) / groups["priced"].sum(min_count=1)
    need = lines.drop_duplicates(["order_id", "line_no"]).set_index(["order_id", "line_no"])["need"]
    seen = lots.assign(need=need.reindex(pd.MultiIndex.from_frame(lots[["order_id", "line_no"]])).to_numpy())
    rows = rows.join(seen.groupby("need")[["inspected", "defective"]].sum())
    kinds = {"need": "str", **dict.fromkeys(("orders", "lines", "pieces", "inspected", "defective"), "Int64")}
    kinds |= dict.fromkeys(("goods", "price_per_piece", "days_median"), "float64")
    return rows.reset_index().reindex(columns=NEED_COLUMNS).astype(kinds)


def five_steps(tables: Mapping[str, pd.DataFrame], as_of: pd.Timestamp, months: int = 12) -> pd.DataFrame:
    """`STEP_COLUMNS` of the last `months` months: how often each step was taken, and its days where both ends are known (`known`)."""
    since = as_of - pd.DateOffset(months=months)
    orders, quotes = tables["orders"], tables["quotes"]
    orders = orders[(orders["ordered_on"] > since) & (orders["status"] != "cancelled")]
    asked = tables["inquiries"][tables["inquiries"]["asked_at"] > since]
    first = quotes[quotes["quoted_on"] > since].groupby(["supplier", "sku"])["quoted_on"].min()
    found = (
        tables["candidates"][tables["candidates"]["listed_on"] > since].groupby(["supplier", "sku"])["listed_on"].min()
    )
    bought = orders.groupby(["supplier", "sku"])["ordered_on"].min()
    paid = orders.dropna(subset=["paid_on"]).sort_values("paid_on", kind="stable").drop_duplicates("order_id")
    spans = {
        "find": (len(found), (first - found.reindex(first.index)).dt.days.where(lambda days: days >= 0)),
        "choose": (len(first), (bought - first.reindex(bought.index)).dt.days.where(lambda days: days >= 0)),
        "ask": (len(asked), (asked["replied_at"] - asked["asked_at"]).dt.total_seconds() / 86400),
        "pay": (len(paid), (paid["paid_on"] - paid["ordered_on"]).dt.days),
        "fulfil": (int((orders["status"] == "received").sum()), (orders["received_on"] - orders["paid_on"]).dt.days),
    }
    rows = [(step, count, days.median(), int(days.notna().sum())) for step, (count, days) in spans.items()]
    return pd.DataFrame(rows, columns=STEP_COLUMNS).astype({"step": "str", "days_median": float})
