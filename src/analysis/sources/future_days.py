"""Days on which nothing that a source tells of can have happened yet: a year mistyped, an arrival decades ahead."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.sources.as_of import END_OF_TIME, HAPPENS_LATER, ROW_DAY
from analysis.sources.quarantine import joined, no_notes, note, notes

NOT_EVENTS = ("demand",)
"""Tables whose day is no event: a forecast of demand lies ahead."""
KEPT_AFTER = pd.Timedelta(days=92)
"""So long after the day in a file's name rows may still have been added to it."""
GAP = pd.Timedelta(days=365)
"""A day so long after every earlier one is a slip, and so is all beyond it."""
MOST = 0.8
"""A file's name tells when it was taken only if this share of all days is not after it."""


def event_columns(table: str) -> tuple[str, ...]:
    """The columns of `table` with days of what has happened."""
    return () if table in NOT_EVENTS or table not in ROW_DAY else (ROW_DAY[table], *HAPPENS_LATER.get(table, ()))


def last_possible_day(days: pd.Series, taken_on: pd.Timestamp | None) -> pd.Timestamp:
    """The last day on which something can have happened, from all days told of and the day in a file's name.

    >>> days = pd.Series(pd.to_datetime(["2026-01-05", "2026-01-20", "2026-02-20", "2062-01-20"]))
    >>> last_possible_day(days, None)
    Timestamp('2027-02-20 00:00:00')
    """
    told = np.sort(days.dropna().to_numpy("datetime64[D]"))
    if not len(told):
        return END_OF_TIME
    middle = (len(told) - 1) // 2
    jumps = np.flatnonzero(np.diff(told[middle:]) > GAP.to_numpy())
    last = pd.Timestamp(told[middle + jumps[0]] if len(jumps) else told[-1]) + GAP
    if taken_on is not None and np.mean(told <= (taken_on + KEPT_AFTER).to_numpy()) >= MOST:
        last = min(last, taken_on + KEPT_AFTER)
    return last


def in_the_future(table: str, rows: pd.DataFrame, last: pd.Timestamp) -> pd.DataFrame:
    """Quarantine of the rows of `table` (index file, sheet, row) with an event after `last`."""
    found = []
    for name in event_columns(table):
        late = rows.loc[rows[name].dt.floor("D") > last, name]
        for (file, sheet, row), day in zip(late.index, late):
            found.append(
                note(table, file, sheet, row, name, "in_the_future", value=f"{day:%Y-%m-%d}", last=f"{last:%Y-%m-%d}")
            )
    return joined(notes(found)) if found else no_notes()
