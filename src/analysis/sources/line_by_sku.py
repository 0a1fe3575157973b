"""The line of rows that name their order and one of its SKUs: surer than a line number, which may be that of the sheet's own rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.sources.column_cells import read_column
from analysis.sources.folding import folded
from analysis.sources.quarantine import all_notes, note, notes, quoted
from analysis.sources.table_types import RawTable
from analysis.sources.tables import OF_LINES, TABLES

_SKU = TABLES["orders"].column("sku")


@dataclass(frozen=True)
class LinesBySku:
    """`line_no` of all rows; `others`: notes on rows whose SKU is none of their order's; `remarks` on line numbers that another SKU has."""

    line_no: pd.Series
    others: pd.DataFrame
    remarks: pd.DataFrame


def skus_told(raw: RawTable) -> pd.Series:
    """The SKU that each row of `OF_LINES` names, missing where it names none; index the row numbers."""
    if raw.table not in OF_LINES or _SKU.name not in raw.frame:
        return pd.Series(None, index=raw.frame.index, dtype="str")
    return read_column(_SKU, raw.frame[_SKU.name]).values


def unread_with_sku(raw: RawTable) -> pd.DataFrame:
    """`raw.unread` and the SKUs: rows of one line that name different ones are of its parts, such as colours."""
    skus = skus_told(raw)
    if skus.isna().all():
        return raw.unread
    codes = pd.Series(pd.factorize(folded(skus.fillna("")))[0], skus.index)
    rows = raw.unread.index.union(codes.index)
    return raw.unread.reindex(rows, fill_value=-1).assign(SKU=codes.reindex(rows, fill_value=-1))


def lines_by_sku(table: str, rows: pd.DataFrame, lines: pd.DataFrame, refused_orders: set[str]) -> LinesBySku:
    """The line of each row by its SKU, where one line alone of its order has that; else the one that it tells.

    Parameters
    ----------
    rows
        `order_id line_no sku`, index (file, sheet, row).
    lines
        Order lines: `order_id line_no sku`.
    refused_orders
        Orders of which a row was refused, whose SKU may be the one named.
    """
    some = rows[(rows["sku"].notna() & rows["order_id"].isin(lines["order_id"])).to_numpy(bool)]
    known = lines[["order_id", "line_no"]].assign(key=folded(lines["sku"].astype(object).fillna("")))
    key = ["order_id", "key"]
    by_sku = known.groupby(key)["line_no"].agg(["first", "size"])
    asked = pd.MultiIndex.from_arrays([some["order_id"].astype(object), folded(some["sku"].astype(object))], names=key)
    found = by_sku.reindex(asked).set_axis(some.index)
    line = found["first"].where(found["size"] == 1).astype("Int64")
    of_order = some["order_id"].map(known["order_id"].value_counts()).to_numpy()
    elsewhere = asked.get_level_values("key").isin(known["key"])
    of_refused = some["order_id"].isin(refused_orders)
    odd = found["size"].isna() & ((of_order > 1) | elsewhere | of_refused)
    moved = (line.notna() & (some["line_no"] != line).fillna(False)).to_numpy(bool)
    others = [_told(table, some[(odd & of).to_numpy(bool)], code) for code, of in (("sku_not_in_order", ~of_refused), ("sku_refused", of_refused))]  # fmt: skip
    return LinesBySku(
        rows["line_no"].mask(rows.index.isin(line.dropna().index), line.reindex(rows.index)).astype("Int64"),
        all_notes(others),
        _told(table, some[moved].assign(counts=line[moved]), "line_of_sku"),
    )


def _told(table: str, rows: pd.DataFrame, code: str) -> pd.DataFrame:
    told = zip(rows.index, rows["order_id"], rows["sku"], rows["line_no"], rows.get("counts", pd.Series(np.nan, rows.index)))  # fmt: skip
    return notes(
        note(
            table, file, sheet, row, "line_no", code, order=order, sku=quoted(sku), value=f"{line}", counts=f"{counts}"
        )
        for (file, sheet, row), order, sku, line, counts in told
    )
