"""First and second looks at the same pieces: only the first shows what the supplier delivered."""

from __future__ import annotations

import pandas as pd


def first_looks(inspections: pd.DataFrame) -> pd.DataFrame:
    """The inspections of pieces that nobody had inspected before (the mark `reinspection` is not set)."""
    return inspections[~_again(inspections)]


def looked_at(orders: pd.DataFrame, inspections: pd.DataFrame) -> pd.DataFrame:
    """First looks with the `supplier` and `sku` of their order line, those that have a day and whole counts."""
    lines = orders[["order_id", "line_no", "supplier", "sku"]].drop_duplicates(["order_id", "line_no"])
    seen = first_looks(inspections).merge(lines, on=["order_id", "line_no"])
    seen = seen.dropna(subset=["inspected_on", "inspected", "defective"])
    return seen[seen["inspected"] > 0]


def second_looks(inspections: pd.DataFrame) -> pd.DataFrame:
    """The inspections after rework, or of pieces counted before: they cost money and say nothing of the delivery."""
    return inspections[_again(inspections)]


def _again(inspections: pd.DataFrame) -> pd.Series:
    if "reinspection" not in inspections:
        return pd.Series(False, index=inspections.index)
    return inspections["reinspection"].eq(True).fillna(False).astype(bool)
