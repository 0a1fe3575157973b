"""What the rows of a list of orders tell of arrivals in other words than a day and a count: what is still out, in part, the same day."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from analysis.sources.cell_numbers import read_numbers
from analysis.sources.cell_words import IN_PART, SAME_DAY
from analysis.sources.cells import clean_column
from analysis.sources.columns_beside import STILL_OUT
from analysis.sources.folding import normal_header
from analysis.sources.quarantine import Sifted, note, notes
from analysis.sources.table_types import RawTable

_IN_PART = frozenset(map(normal_header, IN_PART))
_TOLD = ("received_quantity", "received_on", "status")


def with_arrivals_told(raw: RawTable) -> Sifted:
    """Orders with the pieces that came where those that did not are told. Where a list without days counts all of them they came on one
    that nobody wrote down; the day of a part without its pieces leaves the line open."""
    if raw.table != "orders" or raw.export:
        return Sifted(raw)
    pieces, day, state = (raw.cells(name) for name in _TOLD)
    ordered, came, out = (_count(raw, name) for name in ("quantity", "received_quantity", STILL_OUT.name))
    told = (clean_column(pieces) == "") & (out <= ordered).fillna(False).to_numpy(bool)
    pieces, came = pieces.mask(told, ordered - out), came.mask(told, ordered - out)
    written, blank = pd.Series(clean_column(day), day.index), clean_column(pieces) == ""
    day = day.mask(written.str.casefold().isin(SAME_DAY), raw.cells("ordered_on"))
    stated = pd.Series(clean_column(state), state.index)
    undated = ("received_on" not in raw.frame) & (came >= ordered).fillna(False).astype(bool) & (stated == "")
    in_part = (written != "") & blank & stated.map(normal_header).isin(_IN_PART)
    made = dict(zip(_TOLD, (pieces, day.mask(in_part, ""), state.mask(undated, "received"))))
    used = {name: cells for name, cells in made.items() if name in raw.frame or (clean_column(cells) != "").any()}
    frame = raw.frame.drop(columns=STILL_OUT.name, errors="ignore").assign(**used)
    remarks = [
        note(raw.table, raw.file, raw.sheet, row, name, code, value=value)
        for code, name, rows in (
            ("part_uncounted", "received_on", in_part),
            ("came_sometime", "received_quantity", undated),
        )
        for row, value in zip(rows.index[rows], clean_column(pieces)[rows.to_numpy(bool)])
    ]
    return Sifted(replace(raw, frame=frame), remarks=notes(remarks))


def _count(raw: RawTable, name: str) -> pd.Series:
    return read_numbers(raw.cells(name), "count").values
