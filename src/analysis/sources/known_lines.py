"""Rows about an order line that is known; the others are refused, and why is told."""

from __future__ import annotations

from collections.abc import Set

import pandas as pd

from analysis.sources.accounting import labels_of
from analysis.sources.quarantine import all_notes, no_notes, note, notes

_LINE = ["order_id", "line_no"]


def of_known_lines(
    name: str, rows: pd.DataFrame, orders: pd.DataFrame, refused_orders: Set[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`rows` of the table `name`, the line number filled in where the order has a single line, and the quarantine of those that are of no
    line of `orders`, or do not say of which."""
    numbers = orders.groupby("order_id")["line_no"].agg(["first", "size"])
    size = rows["order_id"].map(numbers["size"]).fillna(0)
    only = rows["line_no"].isna() & (size == 1)
    number = rows["line_no"].mask(only, rows["order_id"].map(numbers["first"]))
    rows = rows.assign(line_no=number.astype("Int64"))
    unclear = rows["line_no"].isna() & (size > 1)
    orphan = ~pd.MultiIndex.from_frame(rows[_LINE]).isin(pd.MultiIndex.from_frame(orders[_LINE])) & ~unclear
    told = [of_no_line(name, rows[orphan], refused_orders), of_no_line(name, rows[unclear], refused_orders, "line_not_said")]  # fmt: skip
    return rows, all_notes(told)


def of_whole_orders(rows: pd.DataFrame, orders: pd.DataFrame) -> pd.Series:
    """(rows,) whether parcels that name no line of their order are together all pieces of all of its lines."""
    ordered = (
        orders["quantity"].astype(float).groupby(orders["order_id"]).agg(["sum", "size"]).reindex(rows["order_id"])
    )
    came = rows["received_quantity"].astype(float).groupby(rows["order_id"]).transform("sum")
    named = rows["line_no"].notna().groupby(rows["order_id"]).transform("any")
    return ~named & (ordered["size"] > 1).to_numpy() & (came == ordered["sum"].to_numpy())


def of_no_line(table: str, rows: pd.DataFrame, refused_orders: Set[str], code: str = "order_not_known") -> pd.DataFrame:
    """Quarantine of rows whose order nobody knows, or was refused; `line_not_said`: that has several lines."""
    if rows.empty:
        return no_notes()
    told = []
    for (file, sheet, number), order, line in zip(rows.index, rows["order_id"], rows["line_no"]):
        why = "order_refused" if code == "order_not_known" and order in refused_orders else code
        value = f"{order}" if pd.isna(line) or code == "line_not_said" else f"{order} / {line}"
        told.append(note(table, file, sheet, number, "order_id", why, value=value))
    return notes(told)


def without(rows: pd.DataFrame, refused: pd.DataFrame) -> pd.DataFrame:
    """`rows` but those that are refused."""
    return rows[~rows.index.isin(labels_of(refused))]
