"""Rows told twice: those alike in every column count once, and those of one key with other content contradict each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.sources.accounting import rows_where
from analysis.sources.quarantine import no_notes, note, notes, rows_named
from analysis.sources.tables import TABLES


@dataclass(frozen=True)
class Distinct:
    """`table`: rows told once, index kept; `merged`: rows left out as told before, counted by (file, sheet); `remarks`: on those
    that one sheet tells twice.

    Rows given == len(table) + merged.sum() + len(quarantine).
    """

    table: pd.DataFrame
    merged: pd.Series
    quarantine: pd.DataFrame
    remarks: pd.DataFrame = field(default_factory=no_notes)


def drop_duplicates(name: str, rows: pd.DataFrame) -> Distinct:
    """Merges rows told twice and refuses contradictions.

    Rows alike in every column are merged into the first. Of rows with the same key (blank = blank) but other content the
    first is kept and the later ones go to quarantine, unless they were known on different days (`known_on`): those are
    versions, all kept, and the caller chooses.

    Parameters
    ----------
    name
        Of the canonical table.
    rows
        One `Conformed.table` or several of them, concatenated; sources that complete each other (an export and a ledger
        of the same orders) are given one by one.
    """
    versions = [column for column in ("known_on",) if column in rows]
    key = [*TABLES[name].key_of(rows), *versions]
    if not rows.duplicated(key).any():
        return Distinct(rows, _no_merged().copy(), no_notes())
    told, contradict = alike_and_against(rows, key)
    merged = rows.index[told].to_frame(index=False).groupby(["file", "sheet"], sort=False).size()
    remarks = told_twice(name, _of_one_sheet(rows, told))
    left, against = rows_where(rows, ~told), contradict[~told]
    if not against.any():
        return Distinct(left, merged, no_notes(), remarks)
    first = left.groupby(key, dropna=False, sort=False).ngroup().to_numpy()
    originals = dict(zip(first[~against], left.index[~against]))
    found = [
        note(name, file, sheet, row, TABLES[name].key[0], "duplicate_contradicts", first_file=originals[group][0],
             first_sheet=originals[group][1], first_row=originals[group][2])
        for (file, sheet, row), group in zip(left.index[against], first[against])
    ]  # fmt: skip
    return Distinct(left[~against], merged, notes(found), remarks)


@cache
def _no_merged() -> pd.Series:
    index = pd.MultiIndex.from_arrays([[], []], names=["file", "sheet"])
    return pd.Series(dtype="int64", index=index)


def told_twice(name: str, rows: pd.MultiIndex) -> pd.DataFrame:
    """A remark on each sheet of which `rows` were merged into earlier ones: two things of which nothing else is written look the
    same."""
    sheets = rows.to_frame(index=False).groupby(["file", "sheet"], sort=False)["row"]
    return notes(
        note(name, file, sheet, numbers.iloc[0], "", "rows_twice", rows=rows_named(numbers))
        for (file, sheet), numbers in sheets
    )


def _of_one_sheet(rows: pd.DataFrame, told: NDArray[np.bool_]) -> pd.MultiIndex:
    """The rows `told` before that their own sheet tells before."""
    if not told.any():
        return rows.index[:0]
    some = rows[rows.duplicated(keep=False).to_numpy()].reset_index(["file", "sheet"])
    again = some[some.duplicated().to_numpy()]
    return pd.MultiIndex.from_arrays([again["file"], again["sheet"], again.index], names=["file", "sheet", "row"])


def alike_and_against(rows: pd.DataFrame, key: list[str]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(rows,) each: whether a row is alike in every column to an earlier one; whether it is not, and has the key of one that is not."""
    alike = rows.duplicated(key, keep=False).to_numpy(copy=True)
    alike[alike] = rows[alike].duplicated().to_numpy()
    against = np.zeros(len(rows), bool)
    against[~alike] = rows_where(rows, ~alike).duplicated(key)
    return alike, against
