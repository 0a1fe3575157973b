"""What became of every input row: each is counted once, so that rows in = kept + quarantined + merged."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

LABEL = ["file", "sheet", "row"]
Label = tuple[str, str, int]
COUNTS = ["rows_in", "kept", "quarantined", "merged", "later"]


def rows_where(rows: pd.DataFrame, marks: NDArray[np.bool_] | pd.Series) -> pd.DataFrame:
    """`rows` where `marks`; where that is all of them the table itself, as a copy of a large one takes its time and memory."""
    return rows if np.all(marks) else rows[marks]


def labels_of(told: pd.DataFrame) -> pd.MultiIndex:
    """The rows that notes (`quarantine.notes`) are about."""
    if told.empty:
        return no_labels()
    return pd.MultiIndex.from_arrays(
        [told["file"].astype(object), told["sheet"].astype(object), told["row"].astype("int64")], names=LABEL
    )


@cache
def no_labels() -> pd.MultiIndex:
    """The labels of no row."""
    return pd.MultiIndex.from_arrays([[], [], pd.Index([], dtype="int64")], names=LABEL)


class RowAccount:
    """Collects the fate of input rows; a row's label is (file, sheet, row)."""

    def __init__(self) -> None:
        self._fates: list[pd.DataFrame] = []

    def add(self, table: str, fate: str, labels: pd.Index) -> None:
        """`fate`: kept, quarantined, merged (told elsewhere) or later (about things after the day of the review)."""
        if len(labels):
            index = labels if isinstance(labels, pd.MultiIndex) else pd.MultiIndex.from_tuples(labels)
            self._fates.append(index.to_frame(index=False, name=LABEL).assign(table=table, fate=fate))

    def labels(self, fate: str) -> list[tuple[str, str, str, int]]:
        """(table, file, sheet, row) of all rows with this fate."""
        found = self._all()
        found = found[found["fate"] == fate]
        return list(zip(found["table"], *(found[name] for name in LABEL)))

    def table(self) -> pd.DataFrame:
        """file sheet table rows_in kept quarantined merged later; `later` is not part of `rows_in`."""
        found = self._all()
        where = [found["file"], found["sheet"], found["table"]]
        counts = pd.DataFrame({fate: (found["fate"] == fate).groupby(where).sum() for fate in COUNTS[1:]})
        counts.insert(0, "rows_in", counts["kept"] + counts["quarantined"] + counts["merged"])
        return counts.astype("int64").reset_index()

    def _all(self) -> pd.DataFrame:
        if not self._fates:
            return pd.DataFrame({name: pd.Series(dtype=object) for name in (*LABEL, "table", "fate")})
        return pd.concat(self._fates, ignore_index=True)
