"""Tables as plain text for a terminal: a Chinese character is two columns wide."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence


def aligned(rows: Iterable[Sequence[str]], right: int = 0, flush: Sequence[bool] | None = None) -> str:
    """`rows` as columns of text, the last `right` of them flush right, or those that `flush` says."""
    cells = [list(row) for row in rows]
    widths = [max(map(width_of, column)) for column in zip(*cells)]
    rights = list(flush) if flush is not None else [number >= len(widths) - right for number in range(len(widths))]
    return "\n".join("  ".join(map(_padded, row, widths, rights)).rstrip() for row in cells)


def _padded(cell: str, width: int, to_the_right: bool) -> str:
    blanks = " " * (width - width_of(cell))
    return blanks + cell if to_the_right else cell + blanks


def width_of(text: str) -> int:
    """The columns of a terminal that `text` takes."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
