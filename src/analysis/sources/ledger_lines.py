"""The lines of a ledger found among those of the exports, where its numbers follow another order than theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.sources.cell_numbers import read_numbers
from analysis.sources.cells import clean_column
from analysis.sources.folding import folded
from analysis.sources.line_identity import exported_lines
from analysis.sources.quarantine import note
from analysis.sources.table_types import RawTable

_STEPS = (
    (("sku", "quantity", "number"), False), (("sku", "quantity"), False), (("sku", "number"), False), (("sku",), False),
    (("quantity", "number"), False), (("quantity",), True), (("number",), False), ((), False),
)  # fmt: skip
"""By what a row of the ledger is found among the order's lines, the surest first, and whether only where nothing else has
it; what is then left pairs in its order."""


def as_exported(
    raws: Sequence[RawTable], exports: Sequence[RawTable]
) -> tuple[list[RawTable], list[dict[str, object]]]:
    """`raws` of one ledger with the line numbers of the exports, and a remark on each order row that gets another one.

    A row belongs to the line with its SKU, else with its quantity, else with its number; each line has one row. Other sheets of
    the ledger follow where it only lists the lines in another order.
    """
    lines = exported_lines(exports)
    told: list[dict[str, object]] = []
    moved = [raw for raw in raws if raw.table == "orders" and {"order_id", "line_no"} <= set(raw.frame)]
    if lines.empty or not moved:
        return list(raws), told
    numbers = pd.concat([_numbers(_rows(raw), lines) for raw in moved]).drop_duplicates(["order", "local"])
    whole = numbers.groupby("order")[["local", "number"]].agg(frozenset)
    only_order = whole.index[whole["local"] == whole["number"]]
    numbers = numbers[numbers["local"] != numbers["number"]]
    if numbers.empty:
        return list(raws), told
    out = []
    for raw in raws:
        if not {"order_id", "line_no"} <= set(raw.frame):
            out.append(raw)
            continue
        asked = numbers if raw.table == "orders" else numbers[numbers["order"].isin(only_order)]
        local = _local(raw.frame["line_no"])
        other = asked.set_index(["order", "local"])["number"].reindex(
            pd.MultiIndex.from_arrays([_orders(raw.frame), local])
        )
        other = other.set_axis(raw.frame.index)
        cells = raw.frame["line_no"].astype(object).mask(other.notna(), other)
        out.append(replace(raw, frame=raw.frame.assign(line_no=cells)))
        for row in raw.frame.index[other.notna()] if raw.table == "orders" else ():
            values = {"value": f"{local[row]:g}", "counts": f"{other[row]:g}"}
            told.append(note("orders", raw.file, raw.sheet, int(row), "line_no", "line_as_exported", **values))
    return out, told


def _orders(frame: pd.DataFrame) -> pd.Series:
    return folded(pd.Series(clean_column(frame["order_id"]), index=frame.index))


def _local(cells: pd.Series) -> pd.Series:
    return read_numbers(cells, "count").values.astype(float)


def _rows(raw: RawTable) -> pd.DataFrame:
    """order number sku quantity (NaN where blank) of the lines that the ledger numbers."""
    frame = raw.frame
    blank = pd.Series("", index=frame.index, dtype=object)
    rows = pd.DataFrame(
        {
            "order": _orders(frame),
            "number": _local(frame["line_no"]),
            "sku": folded(pd.Series(clean_column(frame.get("sku", blank)), index=frame.index)).replace("", np.nan),
            "quantity": read_numbers(frame.get("quantity", blank), "number").values,
        }
    )
    return rows.dropna(subset="number").drop_duplicates(["order", "number"])


def _numbers(rows: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """order local number: which of `lines` each numbered row of a ledger is."""
    rows = rows[rows["order"].isin(lines["order"])].reset_index(drop=True)
    own = lines.set_index(["order", "number"])["quantity"].reindex(_pairs(rows, "number"))
    rows["quantity"] = rows["quantity"].fillna(own.set_axis(rows.index))
    known = _pairs(rows, "sku").isin(_pairs(lines, "sku"))
    listed = _pairs(rows, "number").isin(_pairs(lines, "number"))
    number, free = pd.Series(np.nan, index=rows.index), lines
    for names, once in _STEPS:
        some = number.isna() & rows[[*names]].notna().all(axis=1) & (listed | (len(names) > 1))
        mine = rows[some if "sku" in names or "quantity" not in names else some & ~known]
        by = ["order", *names]
        theirs = free.drop_duplicates(by, keep=False) if once else free
        mine = mine.drop_duplicates(by, keep=False) if once else mine
        mine = mine[by].assign(place=mine.index, nth=mine.groupby(by).cumcount())
        theirs = theirs[by].assign(line=theirs["number"], nth=theirs.groupby(by).cumcount())
        found = mine.merge(theirs, on=[*by, "nth"])
        number[found["place"]] = found["line"].to_numpy(float)
        free = free[~_pairs(free, "number").isin(_pairs(found, "line"))]
    return rows[["order"]].assign(local=rows["number"], number=number.fillna(rows["number"]))


def _pairs(rows: pd.DataFrame, name: str) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(rows[["order", name]])
