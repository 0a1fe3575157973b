"""Cells that are written once for several rows: merged ones, and the number of an order above its further lines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pandas as pd
from openpyxl.utils import column_index_from_string

from analysis.reasons import either
from analysis.sources.cells import clean_column
from analysis.sources.distinct import where
from analysis.sources.opening import Sheet
from analysis.sources.quarantine import Reading, all_notes, note, notes, rows_named
from analysis.sources.table_types import RawTable
from analysis.sources.tables import TABLES

_NUMBERS = ("money", "count", "number", "share")
"""Kinds of cells that are never carried down: an amount for several rows is no amount of each."""
_THE_SAME = {"同上", "如上", "同前", "〃", "″", "ditto", "do.", "same as above", "as above"}
_OF_ORDER = ("order_id", "supplier", "ordered_on")
_OF_LINE = ("sku", "quantity")


def carried_down(reading: Reading, sheets: Iterable[Sheet]) -> Reading:
    """`reading` with what merged cells say in each of their rows, and with further lines of an order named by the one above them."""
    merged = {sheet.name: sheet.merged for sheet in sheets}
    found = [_carried(raw, merged.get(raw.sheet, ())) for raw in reading.raws if not raw.export]
    if not any(told for _, told in found):
        return reading
    made = iter(found)
    raws = [raw if raw.export else next(made)[0] for raw in reading.raws]
    remarks = all_notes([reading.remarks, notes(item for _, told in found for item in told)])
    return replace(reading, raws=raws, remarks=remarks)


def _carried(raw: RawTable, merged: Iterable[tuple[int, int, int]]) -> tuple[RawTable, list[dict[str, object]]]:
    raw, again = _with_the_same(raw)
    raw, cells = _with_merged(raw, merged)
    raw, lines = _with_order_above(raw)
    told = [
        ("cells_merged", cells, {"columns": _titles(raw, cells)}),
        ("order_above", lines, {}),
        ("as_above", again, {"columns": _titles(raw, again)}),
    ]
    return raw, [
        note(raw.table, raw.file, raw.sheet, min(rows), "", code, rows=rows_named(sorted(rows)), **more)
        for code, found, more in told
        if (rows := {row for row, _ in found})
    ]


def _with_the_same(raw: RawTable) -> tuple[RawTable, list[tuple[int, str]]]:
    """`raw` with the cell above in place of 同上, and the cells so filled (row, column)."""
    frame, filled = raw.frame, list[tuple[int, str]]()
    for name in frame:
        same = pd.Series(where(frame[name], _is_the_same), frame.index)
        if not same.any():
            continue
        above = frame[name].astype(object).mask(same).ffill()
        told = same & above.notna()
        frame = frame.assign(**{name: frame[name].astype(object).mask(told, above)})
        filled += [(int(row), str(name)) for row in frame.index[told]]
    return (replace(raw, frame=frame) if filled else raw), filled


def _is_the_same(cell: object) -> bool:
    return isinstance(cell, str) and len(cell) < 20 and cell.strip().casefold() in _THE_SAME


def _titles(raw: RawTable, cells: list[tuple[int, str]]) -> str:
    names = list(dict.fromkeys(name for _, name in cells))
    table = {column.name: column.zh[0] for column in TABLES[raw.table].columns}
    return either(", ".join(names), "、".join(table.get(name, name) for name in names))


def _with_merged(raw: RawTable, merged: Iterable[tuple[int, int, int]]) -> tuple[RawTable, list[tuple[int, str]]]:
    """`raw` with the first cell of each merged column in its other rows, and the cells so filled (row, column)."""
    kinds = {column.name: column.kind for column in TABLES[raw.table].columns}
    named = {column_index_from_string(letter) - 1: name for name, letter in raw.letters.items() if name in raw.frame and kinds.get(name) not in (None, *_NUMBERS)}  # fmt: skip
    frame, filled = raw.frame, list[tuple[int, str]]()
    for top, end, at in merged:
        rows = frame.index[(frame.index > top + 1) & (frame.index <= end + 1)]
        if (name := named.get(at)) is None or top + 1 not in frame.index or not len(rows):
            continue
        blank = rows[clean_column(frame.loc[rows, name]) == ""]
        if not filled:
            frame = frame.astype(object)
        frame.loc[blank, name] = frame.loc[top + 1, name]
        filled += [(int(row), name) for row in blank]
    return (replace(raw, frame=frame) if filled else raw), filled


def _with_order_above(raw: RawTable) -> tuple[RawTable, list[tuple[int, str]]]:
    """Orders with further lines that name an article and its pieces, and none of the order itself: they belong to the row above."""
    of_order = [name for name in _OF_ORDER if name in raw.frame]  # a list may number no order
    if raw.table != "orders" or not {*_OF_ORDER[1:], *_OF_LINE} <= set(raw.frame):
        return raw, []
    filled = pd.DataFrame(
        {name: clean_column(raw.frame[name]) != "" for name in (*of_order, *_OF_LINE)}, raw.frame.index
    )
    own, line = filled[of_order], filled[[*_OF_LINE]].all(axis=1)
    bare = line & ~own.any(axis=1)
    start = own.all(axis=1) & line
    above = pd.Series(np.where(start, np.arange(len(start)), -1), start.index)
    above = above.mask(~start & ~bare, -2).replace(-1, np.nan).ffill().fillna(-2).astype(int)
    taken = bare & (above >= 0)
    if not taken.any():
        return raw, []
    frame = raw.frame.astype(object)
    for name in of_order:
        frame.loc[taken, name] = frame[name].to_numpy(object)[above[taken]]
    return replace(raw, frame=frame), [(int(row), of_order[0]) for row in frame.index[taken]]
