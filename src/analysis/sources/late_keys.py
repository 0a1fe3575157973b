"""Rows entered again with what their key had left blank: the later row is the same thing, told more fully.

To correct a row, it is entered again. A blank of the columns `Table.late` (who found what came back, its batch, who inspected) then
matches what a row entered later says there, unless the row with the blank is entered again too: those are two things. Values
that both stand stay apart. Of files without a day nobody knows which is later: there a row that is alike in all else is the same.
"""

from __future__ import annotations

import pandas as pd

from analysis.sources.as_of import ROW_DAY
from analysis.sources.table_types import Table
from analysis.sources.tables import TABLES

OLDEST = pd.Timestamp.min.as_unit("us") + pd.Timedelta(days=1)


def late_keys(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    """(rows,) the key of table `name`, blanks of its `late` columns filled in from the first later row that agrees.

    `rows` has the key's columns, those of `Table.alike`, and the days `entered` and `known_on` (missing: the oldest); and `version`
    where a plain list tells its day or month.
    """
    table = TABLES[name]
    late = [column for column in table.late if column in rows]
    if not late or len(rows) < 2:
        return rows[table.key_of(rows)]
    return _of_later_lists(table, rows, _of_later_rows(table, rows, late), late)


def _of_later_rows(table: Table, rows: pd.DataFrame, late: list[str]) -> pd.DataFrame:
    """The keys of `rows` with blanks filled in from rows entered, or told by a file taken, on a later day."""
    keys = rows[table.key_of(rows)]
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


def _of_later_lists(table: Table, rows: pd.DataFrame, keys: pd.DataFrame, late: list[str]) -> pd.DataFrame:
    """`keys` with the late columns of the last list by month that tells of the same thing and as many pieces, a row a list."""
    if "version" not in rows or rows["version"].isna().all():
        return keys
    pieces = [column.name for column in table.columns if column.kind == "count" and column.unit == "pieces"]
    same = [*(column for column in keys if column not in late), *dict.fromkeys((*pieces, *table.alike))]
    group = rows.groupby(same, dropna=False, sort=False).ngroup()
    by_thing = group.groupby(group)
    listed = rows["version"].where(rows["entered"].isna() & rows["known_on"].isna())
    one_each = listed.groupby(group).transform("nunique") == by_thing.transform("size")
    day = [ROW_DAY[table.name]] if table.name in ROW_DAY else []
    again = (
        (by_thing.transform("size") > 1) & one_each & rows[pieces].notna().any(axis=1) & rows[day].notna().all(axis=1)
    )
    for column in late:
        told = rows[column].groupby(group).transform("nunique") <= 1
        again &= told | _grew(rows, group) if column == "settled_on" else told
    if not again.any():
        return keys
    last = listed[again].groupby(group[again]).transform("idxmax")
    return keys.assign(
        **{column: keys[column].mask(again, rows[column].reindex(last).set_axis(last.index)) for column in late}
    )


def _grew(rows: pd.DataFrame, group: pd.Series) -> pd.Series:
    """Whether what was refunded of a thing fell from no list to the next."""
    by_list = rows.sort_values("version", kind="stable")
    more = by_list["refund"].fillna(0).groupby(group.loc[by_list.index]).diff().fillna(0) >= 0
    return more.groupby(group.loc[by_list.index]).transform("all").reindex(rows.index)


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
