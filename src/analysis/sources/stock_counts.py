"""Counts of stock: one below 0 says that nobody knows the stock any more."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from analysis.sources.quarantine import note, notes


@dataclass(frozen=True)
class StockCounts:
    """`table`: the counts that hold; `refused`: notes on those below 0; `ended`: labels of the older ones, which hold no more."""

    table: pd.DataFrame
    refused: pd.DataFrame
    ended: pd.Index


def without_oversold(rows: pd.DataFrame) -> StockCounts:
    """Counts (index file, sheet, row) without those below 0, which stand as missing, and without the older ones of their SKU."""
    below = rows[rows["on_hand"].isna()]
    refused = notes(
        note("stock_counts", file, sheet, row, "on_hand", "stock_negative", value=f"{day:%Y-%m-%d}", sku=sku)
        for (file, sheet, row), sku, day in zip(below.index, below["sku"], below["counted_on"])
    )
    until = below.groupby("sku")["counted_on"].max().reindex(rows["sku"]).set_axis(rows.index)
    older = (rows["counted_on"] <= until) & rows["on_hand"].notna()
    return StockCounts(rows[~older & rows["on_hand"].notna()], refused, rows.index[older])
