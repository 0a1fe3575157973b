"""Rows that were refused, and rows that were kept although odd: where they stand, why, and what to write instead.

Both are tables with the columns `COLUMNS`; a refused input row has exactly one row in quarantine, whatever the number of
its faults, so that rows in = rows kept + rows quarantined + rows merged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

import pandas as pd

from analysis.reasons import either, reason
from analysis.reasons import joined as joined_reasons
from analysis.sources.masking import LOOKED_AT, Hidden, masked, told_of
from analysis.sources.table_types import Column, RawTable
from analysis.sources.tables import TABLES
from analysis.wording import places

COLUMNS = ["table", "file", "sheet", "row", "column", "code", "reason", "remedy"]
QUOTED = 40
"""Longest piece of a cell that a reason quotes, in characters."""

NAMED_ROWS = 5
"""Most rows that a sentence lists."""


def no_notes() -> pd.DataFrame:
    """A quarantine (or remarks) table without rows."""
    return _no_notes().copy()


@cache
def _no_notes() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype="Int64" if name == "row" else "str") for name in COLUMNS})


@dataclass(frozen=True)
class Reading:
    """What a reader found in one sheet: rows under canonical names, rows refused at once, and remarks on rows kept.

    Each row of `quarantine` is one input row that stands in none of `raws`; a row of `remarks` is about a row that does.
    """

    raws: list[RawTable]
    quarantine: pd.DataFrame = field(default_factory=no_notes)
    remarks: pd.DataFrame = field(default_factory=no_notes)


@dataclass(frozen=True)
class Sifted:
    """`raw`: a table after a step at the door; `refused`: the rows that this step cannot use, as they stood; notes on both."""

    raw: RawTable
    refused: RawTable | None = None
    quarantine: pd.DataFrame = field(default_factory=no_notes)
    remarks: pd.DataFrame = field(default_factory=no_notes)


def quoted(cell: object) -> str:
    """A cell as a reason quotes it: one line of at most `QUOTED` characters, nothing of a person in it (`masking`)."""
    text = masked(" ".join(str(cell)[:LOOKED_AT].split()))
    return text if len(text) <= QUOTED else text[: QUOTED - 1] + "…"


def quoted_of(cell: object, column: Column, doubtful: bool) -> str:
    """A cell of `column` that cannot be read, as a reason quotes it (`masking.told_of`)."""
    told = told_of(cell, column, doubtful)
    return reason("sources.not_shown", characters=told.characters) if isinstance(told, Hidden) else quoted(told)


def rows_named(rows: Iterable[int]) -> str:
    """Row numbers as a sentence lists them, the first few of many."""
    told = [str(row) for row in rows]
    return ", ".join(told[:NAMED_ROWS]) + (" …" if len(told) > NAMED_ROWS else "")


def note(table: str, file: str, sheet: str, row: int, column: str, code: str, /, **values: object) -> dict[str, object]:
    """One row for `notes`: the reasons (`analysis.reasons`) `sources.<code>` and `sources.<code>_remedy`.

    `{column}` in a text is the column's name in the text's language; `{file}`, `{sheet}`, `{row}` and `{cell}` (column and
    row, unless its address is given) are filled in too.
    """
    place = {"table": table, "file": file, "sheet": sheet, "row": row, "column": column, "code": code}
    zh = _title(table, column)
    told = {**place, "column": either(column, zh), "cell": either(f"{column} {row}", f"{zh} {row}"), **values}
    return {**place, "reason": _reason(f"sources.{code}", told), "remedy": _reason(f"sources.{code}_remedy", told)}


def _reason(key: str, told: Mapping[str, object]) -> str:
    """With the values of the places that its text has, and no others."""
    return reason(key, **{name: told[name] for name in places(key)})


def notes(rows: Iterable[Mapping[str, object]]) -> pd.DataFrame:
    """The rows that `note` made as one table."""
    found = list(rows)
    if not found:
        return no_notes()
    return pd.DataFrame(found, columns=COLUMNS).astype({name: "Int64" if name == "row" else "str" for name in COLUMNS})


def joined(found: pd.DataFrame) -> pd.DataFrame:
    """One row for each (table, file, sheet, row): the first fault's column and code, the reasons of all."""
    if len(found) < 2 or not found.duplicated(["table", "file", "sheet", "row"]).any():
        return found
    gather = {name: (_sentences if name in ("reason", "remedy") else "first") for name in COLUMNS[4:]}
    return found.groupby(COLUMNS[:4], sort=False, as_index=False).agg(gather)[COLUMNS]


def all_notes(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Several quarantine (or remarks) tables as one."""
    filled = [table for table in tables if len(table)]
    return pd.concat(filled, ignore_index=True) if filled else no_notes()


def _sentences(reasons: pd.Series) -> str:
    told = list(dict.fromkeys(reasons))
    return told[0] if len(told) == 1 else joined_reasons("sentences", told)


@cache
def _title(table: str, column: str) -> str:
    """What a Chinese reader calls the column."""
    if table not in TABLES or column not in TABLES[table].names():
        return column
    return TABLES[table].column(column).zh[0]
