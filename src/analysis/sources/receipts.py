"""Arrivals written down beside inspections: which batch came when, so that an order line's arrival is that of its last batch."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from analysis.sources.cells import blank_rows, clean_column
from analysis.sources.conform import read_column
from analysis.sources.quarantine import joined, note, notes, quoted
from analysis.sources.tables import TABLES, RawTable

_SAYS_INSPECTED = ("inspected_on", "inspected", "defective", "value")


@dataclass(frozen=True)
class Receipts:
    """`arrivals`: order_id, line_no (may be missing), received_on, `alone` (the row tells of no inspection), index
    (file, sheet, row); `inspections`: the rows that do; `quarantine`: rows with an arrival that cannot be read."""

    arrivals: pd.DataFrame
    inspections: RawTable
    quarantine: pd.DataFrame


def split_receipts(
    raw: RawTable, missing: frozenset[str] = frozenset(), date_formats: tuple[str, ...] = ()
) -> Receipts:
    """Takes the arrivals out of a raw table `inspections` that has the further column `received_on`."""
    orders = TABLES["orders"]
    frame = raw.frame if "received_on" in raw.frame else raw.frame.assign(received_on="")
    frame = frame if "line_no" in frame else frame.assign(line_no="")
    filled = frame[clean_column(frame["received_on"]) != ""]
    alone = pd.Series(True, index=filled.index)
    for name in _SAYS_INSPECTED:
        if name in filled:
            alone &= clean_column(filled[name]) == ""
    read = {
        name: read_column(orders.column(name), filled[name], missing, date_formats)
        for name in ("order_id", "line_no", "received_on")
    }
    faults = []
    for name, cells in read.items():
        told = [
            (row, code)
            for row, code in zip(filled.index, cells.faults)
            if code and (alone[row] or name == "received_on")
        ]
        faults += [
            note(
                "receipts",
                raw.file,
                raw.sheet,
                row,
                name,
                code,
                value=quoted(filled.loc[row, name]),
                cell=raw.address(name, row),
            )
            for row, code in told
        ]
    blank = filled.index[alone & read["order_id"].values.isna() & ~read["order_id"].faults.astype(bool)]
    faults += [note("receipts", raw.file, raw.sheet, row, "order_id", "required_missing") for row in blank]
    quarantine = joined(notes(faults))
    arrivals = pd.DataFrame({name: cells.values for name, cells in read.items()}).assign(alone=alone)
    arrivals = arrivals[
        ~arrivals.index.isin(quarantine["row"]) & arrivals["order_id"].notna() & arrivals["received_on"].notna()
    ]
    left = frame.drop(index=frame.index[frame.index.isin(quarantine["row"])].union(filled.index[alone]))
    if "inspected_on" not in left and blank_rows(left).all():  # arrivals alone need no day of inspection
        left = left.assign(inspected_on="")
    return Receipts(_located(raw, arrivals), replace(raw, frame=left.drop(columns="received_on")), quarantine)


def _located(raw: RawTable, rows: pd.DataFrame) -> pd.DataFrame:
    index = pd.MultiIndex.from_arrays([[raw.file] * len(rows), [raw.sheet] * len(rows), rows.index.astype("int64")], names=["file", "sheet", "row"])  # fmt: skip
    return rows.set_axis(index)
