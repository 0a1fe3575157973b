"""Which arrivals there were by a day, and of which order lines: what arrived in the future or before its order did not arrive."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.sources.accounting import Label, labels_of
from analysis.sources.beside_orders import by_us
from analysis.sources.future_days import in_the_future
from analysis.sources.quarantine import no_notes, note, notes
from analysis.sources.receipts import ARRIVAL, pairs_of, parcels_apart
from analysis.sources.rows_of_lines import PARCELS
from analysis.sources.tables import empty


@dataclass(frozen=True)
class KnownArrivals:
    """What is known by a day of the arrivals that were told of.

    Attributes
    ----------
    pairs : DataFrame
        Arrivals with the place of their line, as in `pairs_of`.
    later : MultiIndex
        Rows (file, sheet, row) that tell of an arrival after the day, and of nothing else.
    lost : DataFrame
        Rows that tell of the arrival of no known line, and of nothing else; columns `ARRIVAL`.
    future, early : DataFrame
        Notes on rows that tell of nothing but an arrival that cannot have been yet, or before its order.
    remarks : list of DataFrame
        The same of rows that tell of an inspection too, which stands.
    """

    pairs: pd.DataFrame
    later: pd.MultiIndex
    lost: pd.DataFrame
    future: pd.DataFrame
    early: pd.DataFrame
    remarks: list[pd.DataFrame]


def known_arrivals(
    arrivals: pd.DataFrame,
    parcels: pd.DataFrame,
    lines: pd.DataFrame,
    as_of: pd.Timestamp,
    last_day: pd.Timestamp,
    refused: pd.MultiIndex,
) -> KnownArrivals:
    """The arrivals of `lines` by the end of `as_of`.

    Parameters
    ----------
    arrivals : DataFrame
        Columns `ARRIVAL`, index (file, sheet, row): told of beside inspections.
    parcels : DataFrame
        Rows of the table `receipts` of known lines, each once, with `parcel` (`parcels_apart`); they go before what an inspection tells of the same line.
    lines : DataFrame
        Order lines; what their own rows tell counts where nothing else does.
    as_of, last_day : Timestamp
        The day, and the last one on which anything can have happened.
    refused : MultiIndex
        Rows refused before.
    """
    if arrivals.empty and parcels.empty:
        own = _told_by_the_order(lines, as_of)
        return KnownArrivals(own, arrivals.index, arrivals, no_notes(), no_notes(), [])
    future = in_the_future("receipts", arrivals, last_day)
    only = _alone(arrivals, labels_of(future))
    remarks = [future[~only].assign(table="inspections")]
    arrivals = arrivals[~arrivals.index.isin(labels_of(future))]
    later = arrivals["received_on"] > as_of
    kept = arrivals[~later & ~arrivals.index.isin(refused)]
    counted = parcels.rename(columns={"received_quantity": "pieces"}).assign(looked=np.nan, alone=True, sku=None)
    every = pd.concat([kept, counted[list(ARRIVAL)].astype(ARRIVAL)])
    pairs = pairs_of(every, lines)
    lost = kept[kept["alone"] & ~kept.index.isin(pairs["label"])]
    early = _too_early(pairs, lines, every, as_of)
    single = _alone(every, labels_of(early))
    remarks.append(early[~single].assign(table="inspections"))
    pairs = pairs[~pairs["label"].isin(labels_of(early))]
    by_table = pairs["label"].isin(counted.index)
    both = pairs["line"].isin(pairs.loc[by_table, "line"]) & ~by_table
    own = _told_by_the_order(lines, as_of)
    pairs = pairs[~both].reset_index(drop=True)
    bare = pairs[every["alone"].reindex(pairs["label"]).to_numpy(bool)]
    parcel = parcels_apart(bare, lines["quantity"].set_axis(range(len(lines)))).reindex(pairs.index)
    if "parcel" in parcels:
        parcel = pairs["label"].map(parcels["parcel"].set_axis(parcels.index.to_flat_index())).fillna(parcel)
    pairs = _with_pieces(pairs.assign(parcel=parcel.fillna("")))
    pairs = pairs.drop_duplicates(["line", "received_on", "batch", "parcel"])
    remarks.append(_of_one_day(pairs))
    pairs = pd.concat([pairs, own[~own["line"].isin(pairs["line"])]], ignore_index=True)
    return KnownArrivals(pairs, arrivals.index[later & arrivals["alone"]], lost, future[only], early[single], remarks)


def _with_pieces(pairs: pd.DataFrame) -> pd.DataFrame:
    """`pairs` where a sheet with a row a piece looked at as many pieces as it has rows."""
    sheet = pd.Series([label[:2] for label in pairs["label"]], pairs.index, dtype=object)
    looked = pairs["looked"].groupby(
        [*(pairs[name] for name in ("line", "received_on", "batch", "parcel")), sheet], dropna=False
    )
    return pairs.assign(looked=pairs["looked"].mask(looked.transform("max") == 1, looked.transform("sum")))


def _of_one_day(pairs: pd.DataFrame) -> pd.DataFrame:
    """Remarks on parcels that stand beside another one of their line and day."""
    thing = ["line", "received_on", "batch"]
    further = pairs[(pairs["parcel"] != "") & pairs.duplicated(thing) & pairs["received_on"].notna()]
    told = zip(further["label"], further["pieces"], further["received_on"])
    return notes(
        note(
            "receipts",
            file,
            sheet,
            row,
            "received_quantity",
            "parcel_of_one_day",
            value=f"{pieces:g}",
            day=f"{day:%Y-%m-%d}",
        )
        for (file, sheet, row), pieces, day in told
    )


def bare_arrivals(arrivals: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Arrivals known by then that stand in the sheet of inspections without an inspection, as rows of `receipts`."""
    bare = arrivals[arrivals["alone"] & ~(arrivals["received_on"] > as_of)]
    counts = bare["pieces"].round().astype("Int64")
    return bare.assign(received_quantity=counts).reindex(columns=empty("receipts").columns)


def counted_short(lines: pd.DataFrame, inspections: pd.DataFrame) -> pd.Series:
    """Pieces by line (place) that inspections counted short."""
    if inspections["quantity_match"].isna().all():
        return pd.Series(dtype=float)
    told = _first_of_each_look(inspections.dropna(subset=["quantity_match"]))
    places = lines[["order_id", "line_no"]].assign(line=range(len(lines)))
    single = places.drop_duplicates("order_id", keep=False)
    named = told.merge(places, on=["order_id", "line_no"])
    bare = told[told["line_no"].isna()].drop(columns="line_no").merge(single, on="order_id")
    rows = pd.concat([named[["line", "quantity_match"]], bare[["line", "quantity_match"]]])
    return rows.groupby("line")["quantity_match"].sum().astype(float)


def _first_of_each_look(inspections: pd.DataFrame) -> pd.DataFrame:
    """One row a look of ours at a lot, and only first looks as far as the buyer marks them."""
    again = inspections["reinspection"].fillna(False).astype(bool)
    return inspections[~again & by_us(inspections)].drop_duplicates(["order_id", "line_no", "batch", "inspected_on"])


def _alone(arrivals: pd.DataFrame, labels: pd.MultiIndex) -> np.ndarray:
    """Of each label whether its row tells of nothing but an arrival."""
    return arrivals["alone"].reindex(labels).to_numpy(bool)


def _too_early(pairs: pd.DataFrame, lines: pd.DataFrame, arrivals: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Notes on arrivals before the order or its dispatch."""
    began = lines[["ordered_on", "shipped_on"]]
    began = began.where(began <= as_of).max(axis=1).to_numpy("datetime64[us]")
    early = pairs["received_on"].to_numpy("datetime64[us]") < began[pairs["line"].to_numpy(int)]
    days = arrivals.loc[arrivals.index.isin(pairs.loc[early, "label"]), "received_on"]
    return notes(_early(label, day) for label, day in days.items())


def _early(label: Label, day: pd.Timestamp) -> dict[str, object]:
    file, sheet, row = label
    return note("receipts", file, sheet, row, "received_on", "received_before_ordered", value=f"{day:%Y-%m-%d}")


def _told_by_the_order(lines: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """The arrivals of each line whose own row tells how many pieces came, or that stands in a row a parcel, as pairs; of a part the
    day may be missing."""
    own = (
        lines[["received_on", "received_quantity"]]
        .set_axis(["received_on", "pieces"], axis=1)
        .astype({"pieces": float})
    )
    own = own.assign(line=np.arange(len(lines)))
    parcels = lines[PARCELS].set_axis(own["line"]).dropna() if PARCELS in lines else lines.iloc[:0, 0]
    told = [(day, pieces, line) for line, each in parcels.items() for day, pieces in each]
    each = pd.DataFrame(told, columns=["received_on", "pieces", "line"])
    counted = own[own["pieces"].notna().to_numpy() & ~own["line"].isin(parcels.index).to_numpy()]
    pairs = pd.concat([counted, each.astype(counted.dtypes.to_dict())]) if len(each) else counted
    ordered = lines["quantity"].to_numpy(float)[pairs["line"].to_numpy(int)]
    undated = pairs["received_on"].isna() & (pairs["pieces"] > 0) & (pairs["pieces"] < ordered)
    pairs = pairs[((pairs["received_on"] <= as_of) | undated).to_numpy(bool)].sort_values("line", kind="stable")
    labels = lines.index[pairs["line"].to_numpy(int)].to_flat_index()
    return pairs.assign(label=labels, batch=None, looked=np.nan)[["label", "line", "batch", "received_on", "pieces", "looked"]].reset_index(drop=True)  # fmt: skip
