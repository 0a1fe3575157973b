"""Cells of a workbook (.xlsx) of which the parser does not give all: an error such as #N/A and a formula that was never reckoned,
which it gives as blank, and a number whose format shows what it is a number of (`shown_numbers`).

They are found in the sheets' own XML, so that none is taken for an empty cell or a bare number.
"""

from __future__ import annotations

import html
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO

from analysis.sources.cells import NOT_STORED
from analysis.sources.shown_numbers import Look, looks_of, stored_numbers

_SHEET = re.compile(rb"<(?:\w+:)?sheet\s[^>]*>")
_TIE = re.compile(rb"<(?:\w+:)?Relationship\s[^>]*>")
_ERROR = re.compile(
    rb"""<(?:\w+:)?c\s(?=[^>]*\bt=["']e["'])([^>]*)>(?:(?!</(?:\w+:)?c>).)*?<(?:\w+:)?v>([^<]*)<""", re.DOTALL
)
_FORMULA = re.compile(
    rb"<(?:\w+:)?c\s([^>]*[^/>])>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_NAMED = re.compile(rb"""\br=["']([A-Z]{1,3})(\d{1,7})["']""")
_NO_NUMBER = re.compile(rb"""\bt=["'](?!n["'])""")
_HIDDEN = re.compile(rb"""<(?:\w+:)?col\s(?=[^>]*\bhidden=["'](?:1|true)["'])[^>]*>""")
_MOST_COLUMNS = 16384
_PIECE = 1 << 20
_MOST = 4 << 20
"""Bytes that are read of the parts that list the sheets."""


Place = tuple[int, int]


def unread_cells(stream: IO[bytes], currency: str) -> Iterator[tuple[str, Place, str | Look]]:
    """Sheet, 0-based (row, column), and the error, `NOT_STORED` for a formula without a stored value, or what the format of the
    cell shows beside a number.

    A workbook of another make, or one whose parts cannot be found, has none that can be told.
    """
    try:
        with zipfile.ZipFile(stream) as archive:
            looks = _looks(archive, currency)
            for name, part in _parts(archive).items():
                for place, found in _found(archive, part, looks):
                    yield name, place, found
    except (zipfile.BadZipFile, KeyError, OSError, EOFError, ValueError, RuntimeError, NotImplementedError, zlib.error):
        return


def hidden_columns(stream: IO[bytes]) -> dict[str, frozenset[int]]:
    """Sheet -> its hidden columns, 0-based; nothing of a workbook of another make."""
    try:
        with zipfile.ZipFile(stream) as archive:
            return {name: _hidden_in(next(_pieces(archive, part))) for name, part in _parts(archive).items()}
    except (zipfile.BadZipFile, KeyError, OSError, EOFError, ValueError, RuntimeError, NotImplementedError, zlib.error):
        return {}


def _hidden_in(sheet: bytes) -> frozenset[int]:
    spans = [(_said(tag, b"min"), _said(tag, b"max")) for tag in _HIDDEN.findall(sheet)]
    ends = [(int(one), min(int(last), _MOST_COLUMNS)) for one, last in spans if one.isdigit() and last.isdigit()]
    return frozenset(at - 1 for one, last in ends for at in range(one, last + 1))


def _looks(archive: zipfile.ZipFile, currency: str) -> dict[int, Look]:
    if "xl/styles.xml" not in archive.namelist():
        return {}
    with archive.open("xl/styles.xml") as styles:
        return looks_of(styles.read(_MOST), currency)


def _parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Sheet -> the member that holds it."""
    with archive.open("xl/workbook.xml") as book, archive.open("xl/_rels/workbook.xml.rels") as ties:
        sheets, targets = _SHEET.findall(book.read(_MOST)), _TIE.findall(ties.read(_MOST))
    target = {_said(tie, rb"Id"): _said(tie, rb"Target") for tie in targets}
    parts = {_said(sheet, rb"name"): target.get(_said(sheet, rb"(?:\w+:)?id"), "") for sheet in sheets}
    return {
        name: part.lstrip("/") if part.startswith("/") else str(PurePosixPath("xl") / part)
        for name, part in parts.items()
        if part.endswith(".xml")
    }


def _said(tag: bytes, attribute: bytes) -> str:
    found = re.search(rb"\s" + attribute + rb"""\s*=\s*(?:"([^"]*)"|'([^']*)')""", tag)
    return html.unescape((found[1] or found[2] or b"").decode("utf-8", "replace")) if found else ""


def _found(archive: zipfile.ZipFile, part: str, looks: dict[int, Look]) -> Iterator[tuple[Place, str | Look]]:
    numbers = stored_numbers(looks) if looks else None
    for text in _pieces(archive, part):
        yield from _in_text(text)
        for style, said in numbers.findall(text) if numbers else ():
            if (place := _place(said)) and not _NO_NUMBER.search(said):
                yield place, looks[int(style)]


def _pieces(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """The XML of a sheet, no cell of it cut in two."""
    held = b""
    with archive.open(part) as stream:
        while piece := stream.read(_PIECE):
            text = held + piece
            end = max(text.rfind(b"<c "), text.rfind(b"<x:c "))
            held = text[end:] if end > 0 else text[-_PIECE:]
            yield text[:end] if end > 0 else text
    yield held


def _in_text(text: bytes) -> Iterator[tuple[Place, str]]:
    if b't="e"' in text or b"t='e'" in text:
        for said, error in _ERROR.findall(text):
            if place := _place(said):
                yield place, html.unescape(error.decode("utf-8", "replace")).strip()
    if b"<f" in text or b":f" in text:
        for said in _FORMULA.findall(text):
            if (place := _place(said)) and not _NO_NUMBER.search(said):
                yield place, NOT_STORED


def _place(said: bytes) -> Place | None:
    if not (named := _NAMED.search(said)):
        return None
    column = 0
    for letter in named[1]:
        column = 26 * column + letter - 64
    return int(named[2]) - 1, column - 1
