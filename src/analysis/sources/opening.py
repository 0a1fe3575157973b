"""Opens a table file of any make and gives its cells as they stand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Sheet:
    """One sheet: its cells from A1 on, leading blank rows and columns included, so that row number = index + 1.

    A cell is a str, float, bool, datetime, date or time; blank is "". Parquet files also give int and None.
    """

    name: str
    cells: list[list[object]]


def read_sheets(path: Path, encoding: str | None = None) -> list[Sheet]:
    """Every sheet of `path` (a text file has one, named ""); `SourceError` says in one sentence why a file cannot be read."""
    raise NotImplementedError
