"""Rows that were refused, and rows that were kept although odd: where they stand, why, and what to write instead.

Both are tables with the columns `COLUMNS`; a refused input row has exactly one row in quarantine, whatever the number of
its faults, so that rows in = rows kept + rows quarantined + rows merged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

import pandas as pd

from analysis.sources.masking import Hidden, masked, told_of
from analysis.sources.table_types import Column, RawTable
from analysis.sources.tables import TABLES
from analysis.wording import say

COLUMNS = ["table", "file", "sheet", "row", "column", "code", "reason", "remedy", "reason_zh", "remedy_zh"]
QUOTED = 40
"""Longest piece of a cell that a reason quotes, in characters."""


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


def quoted(cell: object) -> str:
    """A cell as a reason quotes it: one line of at most `QUOTED` characters, nothing of a person in it (`masking`)."""
    text = masked(" ".join(str(cell)[: 8 * QUOTED].split()))
    return text if len(text) <= QUOTED else text[: QUOTED - 1] + "…"


def quoted_of(cell: object, column: Column, doubtful: bool) -> str | Hidden:
    """A cell of `column` that cannot be read, as a reason quotes it (`masking.told_of`)."""
    told = told_of(cell, column, doubtful)
    return quoted(told) if isinstance(told, str) else told


def note(table: str, file: str, sheet: str, row: int, column: str, code: str, /, **values: object) -> dict[str, object]:
    """One row for `notes`: the texts `sources.<code>` and `sources.<code>_remedy` in both languages.

    `{column}` in a text is the column's name in the text's language; `{file}`, `{sheet}`, `{row}` and `{cell}` (column and
    row, unless its address is given) are filled in too.
    """
    texts = {}
    for language, suffix in (("en", ""), ("zh", "_zh")):
        title = _title(table, column, language)
        told = {name: _told(value, language) for name, value in values.items()}
        places = {"file": file, "sheet": sheet, "row": row, "column": title, "cell": f"{title} {row}", **told}
        texts[f"reason{suffix}"] = say(f"sources.{code}", language, **places)  # type: ignore[arg-type]
        texts[f"remedy{suffix}"] = say(f"sources.{code}_remedy", language, **places)  # type: ignore[arg-type]
    return {"table": table, "file": file, "sheet": sheet, "row": row, "column": column, "code": code, **texts}


def _told(value: object, language: str) -> object:
    return value.text(language) if isinstance(value, Hidden) else value  # type: ignore[arg-type]


def notes(rows: Iterable[Mapping[str, object]]) -> pd.DataFrame:
    """The rows that `note` made as one table."""
    found = list(rows)
    if not found:
        return no_notes()
    return pd.DataFrame(found, columns=COLUMNS).astype({name: "Int64" if name == "row" else "str" for name in COLUMNS})


def joined(found: pd.DataFrame) -> pd.DataFrame:
    """One row for each (table, file, sheet, row): the first fault's column and code, the reasons of all."""
    if not found.duplicated(["table", "file", "sheet", "row"]).any():
        return found
    gather = {name: (_sentences if name.startswith(("reason", "remedy")) else "first") for name in COLUMNS[4:]}
    return found.groupby(COLUMNS[:4], sort=False, as_index=False).agg(gather)[COLUMNS]


def all_notes(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Several quarantine (or remarks) tables as one."""
    filled = [table for table in tables if len(table)]
    return pd.concat(filled, ignore_index=True) if filled else no_notes()


def _sentences(texts: pd.Series) -> str:
    return " ".join(dict.fromkeys(texts))


def _title(table: str, column: str, language: str) -> str:
    if language == "en" or table not in TABLES or column not in TABLES[table].names():
        return column
    return TABLES[table].column(column).zh[0]
