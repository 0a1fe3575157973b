"""Rows of a list of answers in which nobody has answered yet: questions that wait for their answer, as a list of inquiries has them."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from analysis.sources.cell_words import NO_REPLY
from analysis.sources.cells import clean_column
from analysis.sources.folding import normal_header
from analysis.sources.table_types import KNOWN_ON, RawTable
from analysis.sources.tables import TABLES

_NO_REPLY = frozenset(map(normal_header, NO_REPLY))
_OF_QUESTION = ("supplier", "sku", "asked_on", "answered_on")


def apart_from_answers(raw: RawTable) -> list[RawTable]:
    """`raw`; of answers those that tell something or name a day, and the others as inquiries before the sale, in their own rows with
    the day of their entry."""
    if raw.table != "answers" or raw.filled_since is not None:  # a pack names questions that its reader knows
        return [raw]
    day = pd.Series(clean_column(raw.cells("answered_on")), raw.frame.index)
    waits = ((day == "") | day.map(normal_header).isin(_NO_REPLY)) & (clean_column(raw.cells("supplier")) != "")
    for name in raw.frame.columns.intersection(TABLES["answers"].names()).difference(_OF_QUESTION):
        waits &= clean_column(raw.frame[name]) == ""
    if not waits.any():
        return [raw]
    rows = raw.frame[waits]
    frame = rows[rows.columns.intersection(["supplier", KNOWN_ON.name])]
    frame = frame.assign(asked_at=raw.cells("asked_on")[waits], phase="pre-sale")
    letters = {**raw.letters, "asked_at": raw.letters["asked_on"]} if "asked_on" in raw.letters else raw.letters
    return [replace(raw, frame=raw.frame[~waits]), replace(raw, table="inquiries", frame=frame, letters=letters)]
