"""What lists of orders and parcels tell of arrivals in other words than a day and a count: what is still out, in part, the same day, no
day at all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.sources.cell_numbers import read_numbers
from analysis.sources.cell_words import ARRIVED_SOMETIME, IN_PART, SAME_DAY, STATUSES
from analysis.sources.cells import clean_column
from analysis.sources.columns_beside import STILL_OUT
from analysis.sources.folding import normal_header
from analysis.sources.quarantine import Sifted, note, notes
from analysis.sources.table_types import RawTable

_IN_PART = frozenset(map(normal_header, IN_PART))
_NOT_HERE = frozenset(
    normal_header(word)
    for state in ("unpaid", "cancelled", "refunding", "refunded")
    for word in (state, *STATUSES[state])
)
_TOLD = ("received_quantity", "received_on", "status")


def with_arrivals_told(raw: RawTable) -> Sifted:
    """Orders with the pieces that came where those that did not are told. Where all of them are counted beside no day they came on one
    that nobody wrote down; the day of a part without its pieces leaves the line open. So did parcels of a list without any day."""
    if raw.table == "receipts":
        return Sifted(_without_days(raw))
    if raw.table != "orders" or raw.export:
        return Sifted(raw)
    pieces, day, state = (raw.cells(name) for name in _TOLD)
    ordered, came, out = (_count(raw, name) for name in ("quantity", "received_quantity", STILL_OUT.name))
    told = (clean_column(pieces) == "") & (out <= ordered).fillna(False).to_numpy(bool)
    pieces, came = pieces.mask(told, ordered - out), came.mask(told, ordered - out)
    written, blank = pd.Series(clean_column(day), day.index), clean_column(pieces) == ""
    day = day.mask(written.str.casefold().isin(SAME_DAY), raw.cells("ordered_on"))
    stated = pd.Series(clean_column(state), state.index)
    undated = (written == "") & (came > 0).fillna(False).astype(bool) & ~stated.map(normal_header).isin(_NOT_HERE)
    all_came = (came >= ordered).fillna(False).astype(bool)
    part, undated = undated & ~all_came, undated & all_came & (stated == "")
    in_part = (written != "") & blank & stated.map(normal_header).isin(_IN_PART)
    made = dict(zip(_TOLD, (pieces, day.mask(in_part, ""), state.mask(undated, "received"))))
    used = {name: cells for name, cells in made.items() if name in raw.frame or (clean_column(cells) != "").any()}
    frame = raw.frame.drop(columns=STILL_OUT.name, errors="ignore").assign(**used)
    remarks = [
        note(raw.table, raw.file, raw.sheet, row, name, code, value=value)
        for code, name, rows in (
            ("part_uncounted", "received_on", in_part),
            ("came_sometime", "received_quantity", undated),
            ("part_came_sometime", "received_quantity", part),
        )
        for row, value in zip(rows.index[rows], clean_column(pieces)[rows.to_numpy(bool)])
    ]
    return Sifted(replace(raw, frame=frame), remarks=notes(remarks))


def _without_days(raw: RawTable) -> RawTable:
    """Parcels that are counted in a list without a column of days, each with a word for that in its place."""
    if "received_on" in raw.frame or "received_quantity" not in raw.frame:
        return raw
    pieces = clean_column(raw.frame["received_quantity"])
    return replace(raw, frame=raw.frame.assign(received_on=np.where(pieces == "", "", ARRIVED_SOMETIME[0])))


def _count(raw: RawTable, name: str) -> pd.Series:
    return read_numbers(raw.cells(name), "count").values
