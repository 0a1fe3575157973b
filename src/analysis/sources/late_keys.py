"""Rows entered again with what their key had left blank: the later row is the same thing, told more fully.

To correct a row, it is entered again. A blank of the columns `Table.late` (who found what came back, its batch, who inspected) then
matches what a row entered later says there, unless the row with the blank is entered again too: those are two things. Values
that both stand stay apart. Of files without a day nobody knows which is later: there a row that is alike in all else is the same.
"""

from __future__ import annotations

import pandas as pd

from analysis.sources.tables import TABLES

OLDEST = pd.Timestamp.min.as_unit("us") + pd.Timedelta(days=1)


def late_keys(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    """(rows,) the key of table `name`, blanks of its `late` columns filled in from the first later row that agrees.

    `rows` has the key's columns, those of `Table.alike`, and the days `entered` and `known_on` (missing: the oldest).
    """
    table = TABLES[name]
    keys = rows[table.key_of(rows)]
    late = [column for column in table.late if column in rows]
    if not late or len(rows) < 2:
        return keys
    day = rows["entered"].fillna(rows["known_on"]).fillna(OLDEST)
    blank = keys[late].isna().any(axis=1)
    if not blank.any() or (day == day.iloc[0]).all():
        return keys
    others = [column for column in keys if column not in late]
    group = rows.groupby([*others, *table.alike], dropna=False, sort=False).ngroup()
    facts = pd.DataFrame({"group": group, "day": day, "told": keys.groupby(late, dropna=False, sort=False).ngroup()})
    several = facts.groupby("group")[["day", "told"]].transform("nunique").gt(1).all(axis=1)
    if not (several & blank).any():
        return keys
    filled = keys.astype(dict.fromkeys(late, object))
    for _, places in facts.reset_index(drop=True)[several.to_numpy()].groupby("group").groups.items():
        _fill(filled, late, day, list(places))
    return filled.astype(keys.dtypes.to_dict())


def completed(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    """`rows` with blanks of the `late` columns filled in from another file of the same day that tells the same row, alike in all else.

    Not where a blank says something itself (`Table.alike`): two parties that count alike on one day are two.
    """
    table = TABLES[name]
    late = [] if table.alike else [column for column in table.late if column in rows]
    some = [column for column in late if rows[column].isna().any() and rows[column].notna().any()]
    if not some or rows.index.get_level_values("file").nunique() < 2:
        return rows
    group = rows.groupby([column for column in rows if column not in late], dropna=False, sort=False).ngroup()
    group = group.reset_index(drop=True)
    group = group[group.duplicated(keep=False)]
    told = rows[late].astype(object).where(rows[late].notna(), None)
    files = rows.index.get_level_values("file").to_numpy()
    for places in group.groupby(group.to_numpy()).groups.values():
        row = {place: tuple(told.iloc[place]) for place in places}
        for place in places:
            fuller = [other for other in places if files[other] != files[place] and _completes(row[place], row[other])]
            if fuller and not any(files[other] == files[fuller[0]] and row[other] == row[place] for other in places):
                told.iloc[place] = list(row[fuller[0]])
    return rows.assign(**told.astype(rows[late].dtypes.to_dict()))


def _fill(filled: pd.DataFrame, late: list[str], day: pd.Series, places: list[int]) -> None:
    """Fills in the rows at `places`, the newest first, so that a row told three times becomes one."""
    at = [filled.columns.get_loc(column) for column in late]
    told = {place: tuple(None if pd.isna(value) else value for value in filled.iloc[place, at]) for place in places}
    original = dict(told)
    newest_first = sorted(places, key=lambda place: day.iloc[place], reverse=True)
    for place in newest_first:
        later = [other for other in reversed(newest_first) if day.iloc[other] > day.iloc[place]]
        again = any(original[other] == original[place] for other in later)
        fuller = [other for other in later if _completes(original[place], told[other])]
        if fuller and not again:
            told[place] = told[fuller[0]]
            filled.iloc[place, at] = list(told[place])


def _completes(some: tuple[object, ...], other: tuple[object, ...]) -> bool:
    """Whether `other` says all that `some` does, and something where that is blank."""
    agree = all(mine is None or mine == yours for mine, yours in zip(some, other))
    return agree and some != other
