"""The one font that reports are set in, and the characters that it lacks.

The font is Noto Sans SC Regular (SIL Open Font License) as the package `zhplot` carries it; it is loaded by path and the
package is never imported. The machine's own fonts are not used: a report looks the same everywhere or fails.
"""

from __future__ import annotations

import importlib.util
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.ft2font import FT2Font

FAMILY = "Noto Sans SC"
REPLACEMENT = "※"


@cache
def font_file() -> Path:
    """The font's path; `RuntimeError` when the package that carries it is not installed."""
    package = importlib.util.find_spec("zhplot")
    folders = list(package.submodule_search_locations or []) if package else []
    for folder in folders:
        file = Path(folder) / "fonts" / "NotoSansSC-Regular.ttf"
        if file.is_file():
            return file
    raise RuntimeError("no Noto Sans SC font: the package zhplot is not installed here; run `make test` to set up")


@cache
def known_characters() -> frozenset[int]:
    """The code points that the font can draw."""
    return frozenset(FT2Font(str(font_file())).get_charmap())


@lru_cache(maxsize=20_000)
def half_widths(text: str) -> int:
    """How wide a text is, in letters: a Chinese character takes the room of two."""
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in text)


def printable(text: str) -> str:
    """`text` with every character that the font lacks replaced by ※; invisible marks (joiners, selectors) are dropped.

    >>> printable("甲厂🏭")
    '甲厂※'
    """
    if _as_it_is(text):
        return text
    return "".join(_drawn(character) for character in unicodedata.normalize("NFC", text))


def _as_it_is(text: str) -> bool:
    """Whether nothing of `text` is replaced."""
    if text.isascii():
        return text.isprintable()
    return unicodedata.is_normalized("NFC", text) and all(_drawn(character) == character for character in set(text))


@cache
def _drawn(character: str) -> str:
    if character in "\n\t\r\x0b\x0c":
        return " "
    if unicodedata.category(character) in ("Cc", "Cf", "Mn", "Me"):
        return ""
    return character if ord(character) in known_characters() else REPLACEMENT


def lacking(text: str) -> list[str]:
    """The characters of `text` that will be shown as a box, each once."""
    return sorted({c for c in unicodedata.normalize("NFC", text) if _drawn(c) == REPLACEMENT and c != REPLACEMENT})


def printable_table(table: pd.DataFrame) -> pd.DataFrame:
    """A copy of `table` whose texts are `printable`."""
    columns = table.select_dtypes(["object", "string"]).items()
    return table.assign(**{name: _printable_column(column) for name, column in columns})


def _printable_column(column: pd.Series) -> pd.Series:
    # each different text is looked at once: hardly any changes, and a reason stands in thousands of rows
    texts = {cell for cell in column if isinstance(cell, str)}
    changed = {text: printable(text) for text in texts if not _as_it_is(text)}
    return column.map(lambda cell: changed.get(cell, cell) if isinstance(cell, str) else cell) if changed else column


def printable_content(content: Any) -> Any:
    """`content` (mappings, lists, texts, numbers) with all its texts `printable`; drawings (`svg`) are left alone."""
    if isinstance(content, str):
        return printable(content)
    if isinstance(content, Mapping):
        return {key: value if key == "svg" else printable_content(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [printable_content(item) for item in content]
    return content
