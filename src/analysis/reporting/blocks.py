"""What a report page is made of: plain data that `review.typ` sets. Texts are data and never markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from analysis.reporting.glyphs import half_widths

Block = dict[str, Any]
SHORT_NAME = 22
"""Columns of a short name, a Chinese character taking two."""


def heading(text: str) -> Block:
    """A heading within a section."""
    return {"kind": "heading", "text": text}


def text(words: str, tone: str = "body") -> Block:
    """A paragraph; `tone` is body, note (small, grey) or alert (boxed)."""
    return {"kind": "text", "text": words, "tone": tone}


def bullets(items: Iterable[tuple[str, str]]) -> Block:
    """A list; each item is a bold lead (may be empty) and the rest of the sentence."""
    return {"kind": "bullets", "items": [{"lead": lead, "text": rest} for lead, rest in items]}


def column(label: str, align: str = "right", width: float | None = None) -> dict[str, Any]:
    """A column head; `width` is a share of the free space, None as wide as its content."""
    return {"label": label, "align": align, "width": width}


def name_column(label: str, names: Iterable[object]) -> dict[str, Any]:
    """A column of names or codes: as wide as its content while all are short, else with a share of the free space."""
    longest = max((half_widths(str(name)) for name in names), default=0)
    return column(label, "left", None if longest <= SHORT_NAME else 1)


def cell(words: str, *, grade: str = "", tone: str = "", shade: float | None = None) -> dict[str, Any]:
    """A table cell that is more than text: a grade letter, a tone (alert, quiet), a shade from 0 (poor) to 1 (good)."""
    return {"text": words, "grade": grade, "tone": tone, "shade": shade}


def table(columns: Sequence[dict[str, Any]], rows: Sequence[Sequence[Any]], size: float = 8) -> Block:
    """A table; cells are texts or `cell`s. `size` is the letter size in points."""
    if any(len(row) != len(columns) for row in rows):
        raise ValueError(f"every row needs {len(columns)} cells; one has another number")
    return {"kind": "table", "columns": list(columns), "rows": [list(row) for row in rows], "size": size}


def figure(svg: str, alt: str, caption: str, floats: bool = False) -> Block:
    """A drawing with the text that stands for it when it cannot be seen. One that `floats` may stand at the top of the next page,
    what follows it before it, where the page has no room left."""
    return {"kind": "figure", "svg": svg, "alt": alt, "caption": caption, "floats": floats}


def section(title: str, blocks: Iterable[Block | None], new_page: bool = True, message: str = "") -> Block:
    """A chapter; blocks that are None are left out. `message` is what it comes to, in one line under its title."""
    left = [block for block in blocks if block is not None]
    return {"title": title, "message": message, "blocks": left, "new_page": new_page}
