"""Arrivals: which parcel came when and with how many pieces, so that an order line is received when it is there in full.

Parcels stand in the table `receipts`, in an order's own row, or beside inspections. Where every parcel of a line tells its
pieces, the line is received on the day on which they are enough; pieces that an inspection counted short need not come. Where
one does not (the order's own arrival on another day without a count is one too), the last parcel completes the line, unless the house itself still calls the order open and fewer pieces were
looked at than it ordered.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.sources.cell_dates import read_dates
from analysis.sources.cell_numbers import read_numbers
from analysis.sources.cell_words import NOT_ARRIVED, OURS
from analysis.sources.cells import blank_rows, clean_column, read_ids, without
from analysis.sources.column_cells import read_column
from analysis.sources.columns_beside import IN_ALL
from analysis.sources.conform import check_columns
from analysis.sources.line_by_sku import skus_told
from analysis.sources.quarantine import joined, no_notes, note, notes, quoted_of
from analysis.sources.table_types import RawTable
from analysis.sources.tables import TABLES

_SAYS_INSPECTED = ("inspected_on", "inspected", "defective", "value")
ARRIVAL = {
    "order_id": "str",
    "line_no": "Int64",
    "sku": "str",
    "batch": "str",
    "received_on": "datetime64[us]",
    "pieces": float,
    "looked": float,
    "alone": bool,
}
"""Columns of arrivals: `pieces` that came (NaN not told), `looked` at by the inspection in the same row."""


@dataclass(frozen=True)
class Receipts:
    """`arrivals`: columns `ARRIVAL`, line_no may be missing, `alone`: the row tells of no inspection, index
    (file, sheet, row); `inspections`: the rows that do; `quarantine`: rows with an arrival that cannot be read; `coming`: labels
    of rows that say of a parcel that it has not come, and nothing else."""

    arrivals: pd.DataFrame
    inspections: RawTable
    quarantine: pd.DataFrame
    coming: pd.MultiIndex


def without_coming(raw: RawTable) -> tuple[RawTable, pd.MultiIndex]:
    """A raw table `receipts` without the parcels that a word in place of their day calls on their way, and the labels of these."""
    if raw.table != "receipts" or "received_on" not in raw.frame:
        return raw, _labels(raw, raw.frame.index[:0])
    coming = _says_not_come(raw.frame["received_on"])
    if "order_id" in raw.frame:
        coming &= clean_column(raw.frame["order_id"]) != ""
    return replace(raw, frame=raw.frame[~coming]), _labels(raw, raw.frame.index[coming])


def _says_not_come(cells: pd.Series) -> NDArray[np.bool_]:
    return cells.notna().to_numpy() & without(cells, frozenset(NOT_ARRIVED)).isna().to_numpy()


def with_own_pieces(raw: RawTable) -> tuple[RawTable, pd.DataFrame]:
    """Receipts that tell the pieces of all parcels until then with those of each, and the remark on it. Pieces that grow less
    come out below 0, and are refused as such."""
    if raw.table != "receipts" or IN_ALL.name not in raw.frame or not {"order_id", "received_on"} <= set(raw.frame):
        return raw, no_notes()
    frame = raw.frame.drop(columns=IN_ALL.name)
    if "received_quantity" in frame:
        return replace(raw, frame=frame), no_notes()
    so_far = read_numbers(raw.frame[IN_ALL.name], "number").values
    blank = pd.Series("", index=frame.index, dtype=object)
    line = [read_ids(frame["order_id"]).values, pd.Series(clean_column(frame.get("line_no", blank)), frame.index)]
    days = read_dates(frame["received_on"]).values
    order = pd.Series(range(len(frame)), frame.index).to_frame().assign(day=days, n=so_far).sort_values(["day", "n"], kind="stable").index  # fmt: skip
    own = so_far.loc[order] - so_far.loc[order].groupby([keys.loc[order] for keys in line]).shift().fillna(0)
    pieces = raw.frame[IN_ALL.name].astype(object).mask(so_far.notna(), own.reindex(frame.index))
    told = note(raw.table, raw.file, raw.sheet, 0, "", "receipts_so_far")
    return replace(raw, frame=frame.assign(received_quantity=pieces)), notes([told])


def split_receipts(
    raw: RawTable, missing: frozenset[str] = frozenset(), date_formats: tuple[str, ...] = ()
) -> Receipts:
    """Takes the arrivals out of a raw table `inspections` that has the further column `received_on`, or `receipts` without a count.

    Raises
    ------
    SourceError
        Nothing says which orders the rows are about.
    """
    orders = TABLES["orders"]
    check_columns(raw, [orders.column("order_id")])
    frame = raw.frame if "received_on" in raw.frame else raw.frame.assign(received_on="")
    frame = frame.assign(**{name: "" for name in ("line_no", "batch", "received_quantity") if name not in frame})
    filled = frame[clean_column(frame["received_on"]) != ""]
    alone = pd.Series(True, index=filled.index)
    for name in _SAYS_INSPECTED:
        if name in filled:
            alone &= clean_column(filled[name]) == ""
    filled = filled[alone | ~_by_others(filled)]
    alone = alone[filled.index]
    read = {
        name: read_column(orders.column(name), filled[name], missing, date_formats)
        for name in ("order_id", "line_no", "received_on", "received_quantity")
    }
    read["batch"] = read_column(TABLES["inspections"].column("batch"), filled["batch"], missing)
    faults = []
    for name, cells in read.items():
        told = [
            (row, code)
            for row, code in zip(filled.index, cells.faults)
            if code and (alone[row] or name in ("received_on", "received_quantity"))
        ]
        faults += [
            note(
                "receipts",
                raw.file,
                raw.sheet,
                row,
                name,
                code,
                value=quoted_of(
                    filled.loc[row, name],
                    TABLES["inspections" if name == "batch" else "orders"].column(name),
                    raw.strangers,
                ),
                cell=raw.address(name, row),
            )
            for row, code in told
        ]
    blank = filled.index[alone & read["order_id"].values.isna() & ~read["order_id"].faults.astype(bool)]
    faults += [note("receipts", raw.file, raw.sheet, row, "order_id", "required_missing") for row in blank]
    quarantine = joined(notes(faults))
    arrivals = pd.DataFrame({name: cells.values for name, cells in read.items()}).assign(alone=alone)
    arrivals = arrivals.rename(columns={"received_quantity": "pieces"}).assign(looked=_looked(filled, missing))
    arrivals = arrivals.assign(sku=skus_told(raw).reindex(arrivals.index))[list(ARRIVAL)].astype(ARRIVAL)
    arrivals = arrivals[
        ~arrivals.index.isin(quarantine["row"]) & arrivals["order_id"].notna() & arrivals["received_on"].notna()
    ]
    left = frame.drop(index=frame.index[frame.index.isin(quarantine["row"])].union(filled.index[alone]))
    if "inspected_on" not in left and blank_rows(left).all():  # arrivals alone need no day of inspection
        left = left.assign(inspected_on="")
    inspections = replace(raw, frame=left.drop(columns=["received_on", "received_quantity"]))
    waited = alone & _says_not_come(filled["received_on"]) & ~filled.index.isin(quarantine["row"])
    return Receipts(_located(raw, arrivals), inspections, quarantine, _labels(raw, filled.index[waited]))


def _by_others(rows: pd.DataFrame) -> pd.Series:
    """(rows,) whether a factory or a third party inspected: the day in its row is none on which anything came to us."""
    if "inspected_by" not in rows:
        return pd.Series(False, index=rows.index)
    who = read_column(TABLES["inspections"].column("inspected_by"), rows["inspected_by"]).values
    return who.notna() & who.ne(OURS).fillna(False).astype(bool)


def _looked(rows: pd.DataFrame, missing: frozenset[str]) -> pd.Series:
    if "inspected" not in rows:
        return pd.Series(np.nan, index=rows.index)
    return read_column(TABLES["inspections"].column("inspected"), rows["inspected"], missing).values.astype(float)


def pairs_of(arrivals: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """Each arrival with its order line (`line`, a place), or with all lines of the order when it names none: columns
    `label line batch received_on pieces looked`. What came for several lines together is not known for one."""
    places = pd.DataFrame({"order_id": lines["order_id"], "line_no": lines["line_no"], "line": range(len(lines))})
    told = arrivals[list(ARRIVAL)].assign(label=arrivals.index.to_flat_index())
    named = told[told["line_no"].notna()].merge(places, on=["order_id", "line_no"])
    whole = told[told["line_no"].isna()].drop(columns="line_no").merge(places, on="order_id")
    several = whole["label"].map(whole["label"].value_counts()).astype(float) > 1
    whole = whole.assign(**{name: whole[name].mask(several) for name in ("pieces", "looked")})
    columns = ["label", "line", "batch", "received_on", "pieces", "looked"]
    return pd.concat([named[columns], whole[columns]], ignore_index=True)


def parcels_apart(rows: pd.DataFrame, ordered: pd.Series) -> pd.Series:
    """What tells apart the parcels of one line that one sheet lists for one day, with no more pieces in all than were ordered;
    blank elsewhere.

    Parameters
    ----------
    rows
        `line batch received_on pieces label` (file, sheet, row); those of different `entered`, if it is told, correct each other
        and are one parcel.
    ordered
        Pieces ordered, index the lines.
    """
    if not rows.duplicated(["line", "batch", "received_on"]).any():
        return pd.Series("", index=rows.index, dtype=object)
    rows = rows.assign(pieces=rows["pieces"].astype(float), sheet=[label[:2] for label in rows["label"]])
    thing = rows.groupby(["line", "batch", "received_on"], dropna=False, sort=False).ngroup()
    in_all = rows["pieces"].groupby([rows["line"], rows["sheet"]]).transform("sum")
    several = rows["pieces"].groupby([thing, rows["sheet"]]).transform("count") > 1
    fits = several & (in_all <= ordered.astype(float).reindex(rows["line"]).to_numpy())
    apart = fits.groupby(thing).transform("any") & rows["pieces"].notna()
    if "entered" in rows:
        apart &= rows["entered"].groupby(thing).transform("nunique") < 2
    nth = rows.groupby([thing, rows["sheet"], rows["pieces"]]).cumcount()
    return (rows["pieces"].astype(str) + "/" + nth.astype(str)).where(apart, "")


def deliveries(lines: pd.DataFrame, pairs: pd.DataFrame, short: pd.Series, as_of: pd.Timestamp) -> pd.DataFrame:
    """What came of each line, in the order of `lines`.

    Parameters
    ----------
    lines
        Order lines, nothing hidden.
    pairs
        Parcels known by `as_of`, each once, see `pairs_of`.
    short
        Pieces of each line (by place) that an inspection counted short.

    Returns
    -------
    DataFrame: `received_on` (the line is there in full; NaT or after `as_of`: not yet), `received_quantity` by now (NaN not
    known), `first_arrival`, `stated` (pieces of all parcels; NaN unless each tells them).
    """
    pairs = pairs.sort_values(["line", "received_on"], kind="stable")
    by_line, place = pairs.groupby("line"), pd.RangeIndex(len(lines))
    own, quantity = (lines[name].set_axis(place) for name in ("received_on", "quantity"))
    some = pd.Series(place.isin(pairs["line"]), index=place)
    every = by_line["pieces"].count().eq(by_line.size()).reindex(place, fill_value=False)
    stated = by_line["pieces"].sum().reindex(place).where(every)
    needed = quantity.astype(float) - short.reindex(place).fillna(0)
    open_by_house = (lines["status"].eq("open").fillna(False).astype(bool) & lines["known_on"].isna()).set_axis(place)
    of_own_day = pairs["received_on"].to_numpy() == own.reindex(pairs["line"]).to_numpy()
    uncounted_own = (own <= as_of) & lines["received_quantity"].isna().set_axis(place) & ~open_by_house
    stated = stated.mask(uncounted_own & ~place.isin(pairs.loc[of_own_day, "line"]) & (stated < needed))
    enough = by_line["pieces"].cumsum() >= needed.reindex(pairs["line"]).to_numpy()
    in_full = pairs[enough].groupby("line")["received_on"].min().reindex(place)
    last = by_line["received_on"].max().reindex(place).astype("datetime64[us]")
    told = pairs["pieces"].fillna(pairs["looked"]).groupby(pairs["line"]).sum(min_count=1).reindex(place)
    waits = open_by_house & own.isna() & (told < needed)  # the house itself still waits for the rest
    uncounted = pd.concat([own, last.mask(waits)], axis=1).max(axis=1)
    complete = in_full.fillna(own.where(own > as_of)).where(stated.notna(), uncounted).where(some, own)
    got = told.where(~(complete <= as_of) | stated.notna(), quantity.astype(float))
    first = pd.concat([own, by_line["received_on"].min().reindex(place).astype("datetime64[us]")], axis=1).min(axis=1)
    found = {
        "received_on": complete.astype("datetime64[us]"),
        "received_quantity": got,
        "first_arrival": first,
        "stated": stated,
    }
    return pd.DataFrame({name: values.to_numpy() for name, values in found.items()}, index=lines.index)


def _located(raw: RawTable, rows: pd.DataFrame) -> pd.DataFrame:
    return rows.set_axis(_labels(raw, rows.index))


def _labels(raw: RawTable, rows: pd.Index) -> pd.MultiIndex:
    return pd.MultiIndex.from_arrays([[raw.file] * len(rows), [raw.sheet] * len(rows), rows.astype("int64")], names=["file", "sheet", "row"])  # fmt: skip
