"""Parcels whose counts are those of all parcels until then, without a header that says so: they rise to exactly the pieces ordered."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.sources.line_by_sku import skus_told
from analysis.sources.parts import FileTable
from analysis.sources.quarantine import no_notes, note, notes, rows_named


def in_own_pieces(parts: list[FileTable], came: pd.DataFrame) -> tuple[list[FileTable], pd.DataFrame, pd.DataFrame]:
    """Parts and arrivals with the pieces of each parcel in place of those of all until then, and a remark on each sheet.

    What a column counts is found out from all of its rows, as the order of its dates is: a replay of an earlier day reads it in the same way.
    """
    lines = [part.conformed.table for part in parts if part.raw.table == "orders"]
    places = [place for place, part in enumerate(parts) if part.raw.table == "receipts" and len(part.conformed.table)]
    if not lines or not (len(places) or len(came)):
        return parts, came, no_notes()
    told = [parts[place].conformed.table.rename(columns={"received_quantity": "pieces"}) for place in places]
    skus = [
        skus_told(parts[place].raw).reindex(rows.index.get_level_values("row")) for place, rows in zip(places, told)
    ]
    told = [rows.assign(sku=sku.to_numpy(object)) for rows, sku in zip(told, skus)]
    names = ["order_id", "line_no", "sku", "received_on", "pieces"]
    rows = pd.concat([each[names].astype({"pieces": float, "sku": object}) for each in (came, *told) if len(each)])
    own = _so_far(rows, pd.concat(lines)).dropna()
    out = list(parts)
    for place in places:
        table = out[place].conformed.table
        mine = own.reindex(table.index).round().astype("Int64")
        table = table.assign(received_quantity=mine.fillna(table["received_quantity"]))
        out[place] = replace(out[place], conformed=replace(out[place].conformed, table=table))
    sheets = own.index.to_frame(index=False).groupby(["file", "sheet"], sort=False)["row"]
    seen = [note("receipts", file, sheet, row.iloc[0], "received_quantity", "receipts_rise", rows=rows_named(row)) for (file, sheet), row in sheets]  # fmt: skip
    return out, came.assign(pieces=own.reindex(came.index).fillna(came["pieces"])), notes(seen)


def _so_far(rows: pd.DataFrame, lines: pd.DataFrame) -> pd.Series:
    """(rows,) the pieces of each parcel whose count is that of all parcels until then, no header saying so; NaN elsewhere.

    Counts that rise from day to day to exactly the pieces of their line, and that come to more if added up, are read so.

    Parameters
    ----------
    rows
        `order_id line_no sku received_on pieces` of all parcels; the same one may be told in several files.
    lines
        Order lines, `order_id line_no sku quantity`.
    """
    line = ["order_id", "line_no", "sku"]
    told = rows.reset_index(drop=True).dropna(subset=["order_id", "received_on"])
    parcels = told.drop_duplicates([*line, "received_on", "pieces"]).sort_values("received_on", kind="stable")
    group = parcels.groupby(line, dropna=False, sort=False).ngroup()
    by_line = parcels["pieces"].groupby(group)
    own = parcels["pieces"] - by_line.shift().fillna(0)
    rising = (own > 0) & ~parcels.duplicated([*line, "received_on"], keep=False)
    quantity = _ordered(parcels, lines)
    ends = (by_line.transform("last") == quantity) & (by_line.transform("sum") > quantity)
    parcels = parcels.assign(own=own.where(ends & rising.groupby(group).transform("all")))
    found = told.assign(at=told.index).merge(parcels, on=[*line, "received_on", "pieces"]).set_index("at")["own"]
    return found.reindex(range(len(rows))).set_axis(rows.index)


def _ordered(rows: pd.DataFrame, lines: pd.DataFrame) -> pd.Series:
    """The pieces ordered of the line that each row names, or that its order has alone; NaN where it may be any."""
    lines = lines.drop_duplicates(["order_id", "line_no"], keep="last")
    found = pd.Series(np.nan, rows.index)
    for key in (["order_id", "line_no"], ["order_id", "sku"], ["order_id"]):
        alone = lines.dropna(subset=key).drop_duplicates(key, keep=False)
        quantity = rows[key].merge(alone[[*key, "quantity"]], on=key, how="left")["quantity"].astype(float)
        found = found.fillna(quantity.set_axis(rows.index))
    return found
