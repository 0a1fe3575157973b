"""Texts longer than any name: cut, told, and still different from each other.

A whole page pasted into one cell would stand in every table, figure and sheet; a workbook's cell holds 32,767 characters.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from analysis.sources.quarantine import note
from analysis.sources.table_types import RawTable
from analysis.sources.tables import TABLES

LONGEST_NAME = 200
"""Characters of the name of a supplier, article, order or category."""
LONGEST_TEXT = 1000
"""Characters of any other text."""
WIDEST = 18
"""Characters that one becomes at most where numbers and codes are read in their plain form (NFKC), as they are before they are measured."""
_FEW = 1000
"""Cells that are looked at one by one sooner than as a column."""
NAMES = ("supplier", "category", "name", "known_as")


def without_long_texts(raw: RawTable) -> tuple[RawTable, list[dict[str, object]]]:
    """`raw` with no text longer than fits a reader, and the remarks on those that were cut."""
    frame, told = raw.frame, []
    for name in frame.columns:
        long = dict(_long(frame[name], _most(raw.table, name)))
        if long:
            told += [note(raw.table, raw.file, raw.sheet, row, name, "text_cut", cell=raw.address(name, row), characters=f"{len(text):,}", most=_most(raw.table, name)) for row, text in long.items()]  # fmt: skip
            cells = frame[name].astype(object).copy()
            cells[list(long)] = [cut(text, _most(raw.table, name)) for text in long.values()]
            frame = frame.assign(**{name: cells})
    return replace(raw, frame=frame), told


def cut(text: str, most: int) -> str:
    """The first characters of `text` in its plain form and a mark of the whole, so that two texts that begin alike stay two.

    At most `most` characters also when it is read once more, where the dots of the mark are three.

    >>> cut("a" * 300, 20), len(cut("b" * 300, 20))
    ('aaaaaaaaaa…#9835fa', 18)
    """
    mark = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:6]
    return f"{_plain(text)[: most - 10].rstrip()}…#{mark}"


def _plain(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def _most(table: str, column: str) -> int:
    kinds = {known.name: known.kind for known in TABLES[table].columns}
    return LONGEST_NAME if column in NAMES or kinds.get(column, "id") == "id" else LONGEST_TEXT


def _long(cells: pd.Series, most: int) -> Iterator[tuple[int, str]]:
    if isinstance(cells.dtype, pd.StringDtype) and len(cells) > _FEW:
        length = cells.str.len()
        cells = cells[(length > most) | ((length > most // WIDEST) & ~cells.str.isascii())]
    for row, cell in zip(cells.index, cells.to_numpy(object)):
        if isinstance(cell, str) and len(cell) > most // WIDEST and max(len(cell), len(_plain(cell))) > most:
            yield row, cell
