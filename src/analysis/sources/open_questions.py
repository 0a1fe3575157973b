"""Rows of a list of answers in which nobody has answered yet: questions that wait for their answer, as a list of inquiries has them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.sources.cell_words import NO_REPLY
from analysis.sources.cells import clean_column
from analysis.sources.folding import normal_header
from analysis.sources.table_types import RawTable
from analysis.sources.tables import TABLES

_NO_REPLY = frozenset(map(normal_header, NO_REPLY))
_ANSWERS = tuple(
    name
    for name in TABLES["answers"].names()
    if name not in ("supplier", "sku", "asked_on", "answered_on", "conclusion")
)


def apart_from_answers(raw: RawTable) -> list[RawTable]:
    """`raw`; of answers those that tell something or name a day, and the others as inquiries before the sale, in their own rows."""
    if raw.table != "answers" or raw.filled_since is not None:  # a pack names questions that its reader knows
        return [raw]
    day = pd.Series(clean_column(raw.cells("answered_on")), raw.frame.index)
    none = (day == "") | day.map(normal_header).isin(_NO_REPLY)
    told = np.any(
        [clean_column(raw.cells(name)) != "" for name in _ANSWERS if name in raw.frame] or [none & False], axis=0
    )
    waits = none & ~told & (clean_column(raw.cells("supplier")) != "")
    if not waits.any():
        return [raw]
    asked = raw.cells("asked_on")[waits]
    frame = pd.DataFrame(
        {"supplier": raw.cells("supplier")[waits], "asked_at": asked, "phase": "pre-sale"}, asked.index
    )
    letters = {**raw.letters, "asked_at": raw.letters["asked_on"]} if "asked_on" in raw.letters else raw.letters
    questions = replace(raw, table="inquiries", frame=frame, letters=letters)
    return [replace(raw, frame=raw.frame[~waits]), questions]
