"""Finds the header row of a sheet by the names in it, and takes the rows below under canonical names."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from analysis.sources.opening import Sheet
from analysis.sources.quarantine import note, quoted
from analysis.sources.tables import normal_header
from analysis.wording import SourceError

SEARCHED_ROWS = 10
"""Rows from the top in which headers are looked for: help and titles may stand above them."""


@dataclass(frozen=True)
class HeaderRow:
    """`place`: 0-based row; `names`: the canonical name of each cell, None for a header nobody knows; `texts` as they stand;
    `lacking`: the accepted headers (normalised) of columns that were not found, each as it would be written."""

    place: int
    names: list[str | None]
    texts: list[str]
    lacking: Mapping[str, str] = field(default_factory=dict)

    def found(self) -> set[str]:
        return {name for name in self.names if name is not None}

    def unknown(self) -> list[str]:
        return [text for text, name in zip(self.texts, self.names) if name is None and text]

    def repeated(self) -> list[tuple[str, str]]:
        """Headers left out because an earlier one names the same column: (the one read, the one left out)."""
        first: dict[str, int] = {}
        named = [(place, name) for place, name in enumerate(self.names) if name is not None]
        pairs = [(first.setdefault(name, place), place) for place, name in named]
        return [(self.texts[read], self.texts[left]) for read, left in pairs if read != left]

    def notes(self, table: str, file: str, sheet: str) -> list[dict[str, object]]:
        """Remarks (row 0) on the columns that were not read."""
        unknown = [self._unknown(table, file, sheet, text) for text in self.unknown()]
        return unknown + [
            note(table, file, sheet, 0, "", "column_repeated", header=quoted(left), first=quoted(read))
            for read, left in self.repeated()
        ]

    def _unknown(self, table: str, file: str, sheet: str, text: str) -> dict[str, object]:
        near = difflib.get_close_matches(normal_header(text), self.lacking, n=1, cutoff=0.6)
        code, more = ("column_near", {"near": self.lacking[near[0]]}) if near else ("column_ignored", {})
        return note(table, file, sheet, 0, "", code, header=quoted(text), **more)


def find_headers(cells: list[list[object]], accepted: Mapping[str, str]) -> HeaderRow:
    """Of the first rows the one that holds most of the `accepted` headers (normalised text -> canonical name)."""
    rows = [[accepted.get(normal_header(cell)) for cell in row] for row in cells[:SEARCHED_ROWS]]
    place = max(range(len(rows)), key=lambda row: len(set(rows[row]) - {None}), default=0)
    if not rows:
        return HeaderRow(0, [], [])
    absent = {header: name for header, name in accepted.items() if name not in rows[place]}
    lacking = {header: name if header == normal_header(name) else header for header, name in absent.items()}
    return HeaderRow(place, rows[place], ["" if cell is None else str(cell).strip() for cell in cells[place]], lacking)


def check_row_lengths(file: str, sheet: Sheet, place: int) -> None:
    """Refuses a delimited text with a row longer than its header (0-based `place`).

    A delimiter that is not quoted has moved the row's cells: an address would stand under a price, a phone in an id.
    """
    header = _length(sheet.cells[place])
    for row in range(place + 1, len(sheet.cells)) if sheet.delimited else ():
        if (cells := _length(sheet.cells[row])) > header:
            raise SourceError("sources.text_row_long", file=file, row=row + 1, cells=cells, header=header)


def _length(row: list[object]) -> int:
    return max((place for place, cell in enumerate(row, start=1) if str(cell).strip()), default=0)


def rows_below(cells: list[list[object]], headers: HeaderRow) -> pd.DataFrame:
    """The cells below the headers, index the sheet's row numbers; of a header that occurs twice the first counts."""
    width = len(headers.names)
    body = cells[headers.place + 1 :]
    grid = np.full((len(body), width), "", dtype=object)
    for row, values in enumerate(body):
        grid[row, : len(values)] = values[:width]
    columns: dict[str, np.ndarray] = {}
    for place, name in enumerate(headers.names):
        if name is not None:
            columns.setdefault(name, grid[:, place])
    first = headers.place + 2
    return pd.DataFrame(columns, index=np.arange(first, first + len(body)), dtype=object)
