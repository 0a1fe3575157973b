"""Rows of one inspected lot, a row a reason, that tell its pieces in the first of them alone."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from analysis.sources.added_rows import REASON
from analysis.sources.cells import clean_column
from analysis.sources.quarantine import Sifted
from analysis.sources.table_types import RawTable

_OF_LOT = ("order_id", "line_no", "supplier", "sku", "batch", "inspected_on", "inspected_by")
_COUNTS = {"inspected", "defective"}


def with_pieces_above(raw: RawTable) -> Sifted:
    """Inspections with the pieces of the row above where a further reason of the same lot leaves them blank; `added_rows` then counts
    them once."""
    reasons = [codes for header, codes in raw.unread.items() if REASON.search(str(header))]
    if raw.table != "inspections" or not reasons or not set(raw.frame) >= _COUNTS:
        return Sifted(raw)
    frame = raw.frame
    texts = pd.DataFrame(
        {name: clean_column(frame[name]) for name in (*_OF_LOT, *_COUNTS) if name in frame}, frame.index
    )
    same = pd.Series(True, frame.index)
    for name in (name for name in _OF_LOT if name in texts):
        same &= texts[name] == texts[name].shift()
    other = pd.concat(
        [codes.reindex(frame.index) != codes.reindex(frame.index).shift() for codes in reasons], axis=1
    ).any(axis=1)
    blank = (texts["inspected"] == "") & (texts["defective"] != "")
    lot = (~(same & other & blank)).cumsum()
    pieces = frame["inspected"].astype(object).groupby(lot).transform("first")
    return Sifted(
        replace(raw, frame=frame.assign(inspected=frame["inspected"].astype(object).mask(blank & same & other, pieces)))
    )
