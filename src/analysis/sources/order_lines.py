"""One row an order line, from all that tells of it: the export (or another system's table), the ledger, the batches' arrivals.

The export's identity and money win; the ledger adds what an export does not know. Where both state a figure and disagree, a
remark says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.sources.as_of import hide_later
from analysis.sources.cells import clean_column, read_ids
from analysis.sources.column_cells import read_column
from analysis.sources.quarantine import all_notes, joined, note, notes, rows_named
from analysis.sources.rows_of_lines import PARCELS
from analysis.sources.table_types import RawTable
from analysis.sources.tables import TABLES

ADDED = (
    "sku", "category", "stage", "need", "promised_on", "repromised_on", "shipped_on", "received_on", "received_quantity", "duty",
    "transport_mode", "freight_terms",
)  # fmt: skip
"""The ledger's word counts where it has one."""
COMPARED = ("supplier", "ordered_on", "quantity", "unit_price", "goods_amount", "freight", "discount", "paid_amount")
"""The export's figure counts; the ledger's fills a blank, and a difference is told."""
FROM_EXPORTS = ("supplier", "ordered_on", "quantity")
"""What a ledger may leave to the exports, cell by cell or the whole column."""
FILLED = ("paid_on", "status")
"""The ledger's fills a blank; its status `unknown`, that of an arrival nobody can read, counts before the export's."""
_OF_ONE_LINE = {
    "sku", "duty", "quantity", "received_quantity", PARCELS, "unit_price", "goods_amount", "freight", "discount", "paid_amount",
}  # fmt: skip
"""What a ledger row that names no line says nothing about when the order has several."""


@dataclass(frozen=True)
class OrderLines:
    """`table`: one row a line, index (file, sheet, row) of the row that leads it, dates not yet hidden; `merged`: labels of
    ledger rows that went into another row; `category_rows`: for each row of `table` the label of the row that states its
    category; `quarantine` and `remarks` as everywhere."""

    table: pd.DataFrame
    category_rows: pd.Index
    merged: pd.Index
    quarantine: pd.DataFrame
    remarks: pd.DataFrame


def complete_from(raw: RawTable, orders: pd.DataFrame) -> RawTable:
    """A ledger's raw orders with blank supplier and day filled from the export's rows of the same order, the quantity from those
    of the same line, and with the mark `whole_order` where no line number is given."""
    frame = raw.frame
    ids = read_ids(frame["order_id"]).values
    blank_line = clean_column(frame["line_no"]) == "" if "line_no" in frame else np.ones(len(frame), bool)
    filled = {}
    for name in FROM_EXPORTS:
        if orders.empty and name not in frame:  # nothing to complete: the column is missed
            continue
        cells = frame[name] if name in frame else pd.Series("", index=frame.index, dtype=object)
        known = _of_order(orders, name, ids)
        if name == "quantity":
            known = _of_line(orders, frame, ids, "sku").fillna(known).where(blank_line)
            known = known.fillna(_of_line(orders, frame, ids, "line_no"))
        filled[name] = cells.mask((clean_column(cells) == "") & known.notna().to_numpy(), known)
    return replace(raw, frame=frame.assign(**filled, whole_order=blank_line))


def _of_order(orders: pd.DataFrame, name: str, ids: pd.Series) -> pd.Series:
    first = orders.drop_duplicates("order_id").set_index("order_id")[name].astype(object)
    return first.reindex(ids.to_numpy()).set_axis(ids.index)


def _of_line(orders: pd.DataFrame, frame: pd.DataFrame, ids: pd.Series, name: str) -> pd.Series:
    """The quantity of the line of its order that has the row's `name`."""
    if name not in frame:
        return pd.Series(None, index=ids.index, dtype=object)
    told = read_column(TABLES["orders"].column(name), frame[name]).values.astype(object)
    lines = orders.dropna(subset=name).drop_duplicates(["order_id", name])
    quantity = lines.set_index([lines["order_id"], lines[name].astype(object)])["quantity"].astype(object)
    return quantity.reindex(pd.MultiIndex.from_arrays([ids, told])).set_axis(ids.index)


def combine(
    own: pd.DataFrame, ledger: pd.DataFrame, as_of: pd.Timestamp, exports: Iterable[str] = (), skus: Iterable[str] = ()
) -> OrderLines:
    """The lines of `own` completed from `ledger`, then the ledger's own lines.

    Parameters
    ----------
    own, ledger
        Typed orders, one row a line, index (file, sheet, row), dates not hidden; `ledger` with `whole_order` (bool).
    as_of
        Dates after it take no part in the checks of one date against another.
    exports, skus
        Files of the platform, whose numbers of articles the ledger replaces by the house's; and the numbers of the house, for which
        it does not, elsewhere than in the ledger's orders.
    """
    if ledger.empty or own.empty:
        alone = own if ledger.empty else ledger.drop(columns="whole_order")
        return OrderLines(alone, alone.index, own.index[:0], all_notes([]), all_notes([]))
    pairs = _pairs(own, ledger)
    ledger, parcels = _with_parcels(own, ledger, pairs)
    lines = _completed(own, ledger, pairs)
    bad = _contradictions(lines, ledger, pairs, as_of)
    if len(bad):
        refused = ledger.index.get_indexer(_labels(bad))
        pairs = pairs[~pairs["ledger"].isin(refused)]
        lines = _completed(own, ledger, pairs)
    used = np.unique(pairs["ledger"].to_numpy())
    rest = ledger.drop(index=_labels(bad)) if len(bad) else ledger
    rest = rest[~rest.index.isin(ledger.index[used])].drop(columns="whole_order")
    remarks = notes([*parcels, *_differences(own, ledger, pairs), *_other_articles(own, ledger, pairs, exports, skus)])
    table = pd.concat([lines, rest]) if len(rest) else lines
    said = pairs[ledger["category"].notna().to_numpy(bool)[pairs["ledger"]]]
    places = np.arange(len(table))
    places[said["own"]] = len(table) + said["ledger"]
    stated = table.index.append(ledger.index).take(places)
    return OrderLines(table, stated, ledger.index[used], bad, remarks)


def _pairs(own: pd.DataFrame, ledger: pd.DataFrame) -> pd.DataFrame:
    """Which ledger row (place) tells of which own row (place), rows that tell of a whole order first; `one`: of one line."""
    places = pd.DataFrame(
        {"order_id": own["order_id"], "line_no": own["line_no"], "sku": own["sku"], "own": np.arange(len(own))}
    )
    told = ledger[["order_id", "line_no", "sku", "whole_order"]].assign(ledger=np.arange(len(ledger)))
    exact = told[~told["whole_order"]].merge(places.drop(columns="sku"), on=["order_id", "line_no"]).assign(one=True)
    whole = told[told["whole_order"]].merge(places.drop(columns="line_no"), on="order_id", suffixes=("", "_own"))
    same_sku = whole["sku"].notna() & (whole["sku"] == whole["sku_own"])
    some = same_sku.groupby(whole["ledger"]).transform("any")
    whole = whole[same_sku | ~some]
    whole = whole.assign(one=whole.groupby("ledger")["own"].transform("size") == 1)
    columns = ["ledger", "own", "one"]
    return pd.concat([whole[columns], exact[columns]], ignore_index=True).astype(
        {"ledger": int, "own": int, "one": bool}
    )


def _with_parcels(
    own: pd.DataFrame, ledger: pd.DataFrame, pairs: pd.DataFrame
) -> tuple[pd.DataFrame, list[dict[str, object]]]:
    """`ledger` where the last of the rows about one own line has the arrivals of all, if their pieces are no more than the line's; and the remarks."""
    rows = ledger[["received_on", "received_quantity"]].iloc[pairs["ledger"].to_numpy()].reset_index(drop=True)
    rows = rows[pairs["one"].to_numpy()].join(pairs)
    counted = (rows["received_on"].notna() & (rows["received_quantity"] > 0)).groupby(rows["own"]).transform("all")
    total = rows["received_quantity"].astype(float).groupby(rows["own"]).transform("sum")
    fits = total <= own["quantity"].astype(float).to_numpy()[rows["own"].to_numpy(int)]
    rows = rows[counted & fits & rows.duplicated("own", keep=False)]
    told, ledger = [], ledger if rows.empty else ledger.copy()
    for _, each in rows.groupby("own"):
        file, sheet, row = ledger.index[each["ledger"].iloc[0]]
        last, parcels = each["ledger"].iloc[-1], each.sort_values("received_on", kind="stable")
        days = parcels.groupby("received_on")["received_quantity"].sum().astype(float)
        values = {"received_on": days.index[-1], "received_quantity": int(days.sum()), PARCELS: tuple(days.items())}
        for name, value in values.items():
            cells = ledger[name].to_numpy(object, copy=True)
            cells[last] = value
            ledger[name] = pd.Series(cells, ledger.index).astype(ledger[name].dtype)
        numbers = {"rows": rows_named(ledger.index[place][2] for place in each["ledger"]), "quantity": f"{own['quantity'].iloc[each['own'].iloc[0]]:g}"}  # fmt: skip
        told.append(note("orders", file, sheet, row, "quantity", "line_in_rows", count=1, **numbers))
    return ledger, told


def _completed(own: pd.DataFrame, ledger: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    lines = own.copy()
    for name in (*ADDED, *COMPARED, *FILLED, *([PARCELS] if PARCELS in own else [])):
        used = pairs[pairs["one"]] if name in _OF_ONE_LINE else pairs
        told = ledger[name].iloc[used["ledger"].to_numpy()].reset_index(drop=True)
        target = used["own"].to_numpy()
        takes = told.notna().to_numpy()
        if name not in (*ADDED, PARCELS):
            unsure = told.eq("unknown").fillna(False).to_numpy(bool) if name == "status" else False
            takes = takes & (own[name].isna().to_numpy()[target] | unsure)
        values = lines[name].array.copy()
        values[target[takes]] = told[takes].array
        lines[name] = pd.Series(values, index=lines.index)
    return lines


def _contradictions(
    lines: pd.DataFrame, ledger: pd.DataFrame, pairs: pd.DataFrame, as_of: pd.Timestamp
) -> pd.DataFrame:
    """Quarantine rows of the ledger rows whose dates cannot be true beside the export's."""
    seen = hide_later("orders", lines, as_of).iloc[pairs["own"].to_numpy()]
    found = []
    for check in (check for check in TABLES["orders"].checks if not check.beside):
        for place in pairs["ledger"].to_numpy()[check.bad(seen).fillna(False).to_numpy(bool)]:
            file, sheet, row = ledger.index[place]
            value = ledger[check.column].iloc[place]
            found.append(note("orders", file, sheet, row, check.column, check.code, value=_shown(value)))
    return joined(notes(found))


def _differences(own: pd.DataFrame, ledger: pd.DataFrame, pairs: pd.DataFrame) -> Iterator[dict[str, object]]:
    pairs = pairs[pairs["one"]]
    for name in COMPARED:
        mine = own[name].iloc[pairs["own"].to_numpy()].reset_index(drop=True)
        told = ledger[name].iloc[pairs["ledger"].to_numpy()].reset_index(drop=True)
        both = mine.notna() & told.notna()
        differ = (mine - told).abs() > 0.005 if name in COMPARED[3:] else mine != told
        for place in np.flatnonzero((both & differ.fillna(False)).to_numpy(bool)):
            file, sheet, row = ledger.index[pairs["ledger"].iloc[place]]
            lead = own.index[pairs["own"].iloc[place]]
            yield note(
                "orders", file, sheet, row, name, "ledger_differs",
                value=_shown(told[place]), export=_shown(mine[place]), export_file=lead[0], export_row=lead[2],
            )  # fmt: skip


def _other_articles(
    own: pd.DataFrame, ledger: pd.DataFrame, pairs: pd.DataFrame, exports: Iterable[str], skus: Iterable[str]
) -> Iterator[dict[str, object]]:
    """A remark on each ledger row that gives another SKU to a line which has one of the house already."""
    pairs = pairs[pairs["one"]]
    mine = own["sku"].iloc[pairs["own"].to_numpy()]
    told = ledger["sku"].iloc[pairs["ledger"].to_numpy()].set_axis(mine.index)
    platforms = mine.index.get_level_values("file").isin(list(exports)) & ~mine.isin({*skus, *ledger["sku"].dropna()})
    odd = mine.notna() & told.notna() & (mine != told) & ~platforms
    for place in np.flatnonzero(odd.fillna(False).to_numpy(bool)):
        (file, sheet, row), lead = ledger.index[pairs["ledger"].iloc[place]], mine.index[place]
        values = {"value": told.iloc[place], "export": mine.iloc[place], "export_file": lead[0], "export_row": lead[2]}
        yield note("orders", file, sheet, row, "sku", "ledger_sku_taken", **values)


def _labels(told: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(
        told[["file", "sheet", "row"]].astype({"file": object, "sheet": object, "row": "int64"})
    )


def _shown(value: object) -> str:
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    return f"{value:g}" if isinstance(value, float) else str(value)
