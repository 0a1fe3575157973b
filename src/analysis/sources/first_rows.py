"""The first rows of a file that is too large to be read for a look: enough to tell whether it is anything we know."""

from __future__ import annotations

import codecs
import csv
import re
import zipfile
import zlib
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import IO
from xml.etree import ElementTree

from analysis.errors import SourceError
from analysis.sources.html_table import first_tables, is_markup
from analysis.sources.opening import ZIP, Sheet, opened
from analysis.sources.text_table import delimiter, encoding_of, lines, without_nulls

LARGE = 20_000_000
"""Bytes, unpacked, from which a file is looked at before it is read."""
ROWS = 20
"""Rows of each sheet that are looked at: no header of ours stands lower."""
_PIECE, _MOST, _MOST_MARKUP = 1 << 16, 4 << 20, 1 << 19
"""Bytes that are read at once, and at most, of each part of a file."""


def first_rows(path: Path, encoding: str | None = None) -> list[Sheet] | None:
    """The first `ROWS` of each sheet of a large workbook (.xlsx), page or text; None for other files, which are read at once.

    None also where they cannot be had: what is wrong is told when the file is read. Blank and odd cells may be told apart less
    well than by `read_sheets`, texts are the same.
    """
    with opened(path) as stream:
        start = stream.read(4)
        try:
            if start in ZIP:
                return _of_workbook(stream)
            if path.stat().st_size <= LARGE:
                return None
            return _of_text(start + stream.read(_MOST), path.name, encoding)
        except (zipfile.BadZipFile, ElementTree.ParseError, LookupError, ValueError, OSError, EOFError, RuntimeError,
                NotImplementedError, zlib.error, csv.Error, SourceError):  # fmt: skip
            return None


def _of_text(data: bytes, file: str, encoding: str | None) -> list[Sheet] | None:
    name = encoding or encoding_of(data)
    text = codecs.getincrementaldecoder(name)("replace").decode(data).lstrip("\ufeff")
    if is_markup(data):
        return [
            Sheet(str(place + 1), rows[:ROWS]) for place, rows in enumerate(first_tables(text[:_MOST_MARKUP], file))
        ] or None
    text = without_nulls(text, file)
    records = csv.reader(lines(text), delimiter=delimiter(text))
    return [Sheet("", [list(record) for record in islice(records, ROWS)])]


def _of_workbook(stream: IO[bytes]) -> list[Sheet] | None:
    with zipfile.ZipFile(stream) as archive:
        if sum(member.file_size for member in archive.infolist()) <= LARGE:
            return None
        targets = {tie.get("Id"): tie.get("Target", "") for tie in _elements(archive, "xl/_rels/workbook.xml.rels", "Relationship")}  # fmt: skip
        sheets = [
            (sheet.get("name", ""), next((v for k, v in sheet.attrib.items() if _bare(k) == "id"), ""))
            for sheet in _elements(archive, "xl/workbook.xml", "sheet")
        ]
        rows = {name: _elements(archive, _member(targets[tie]), "row", ROWS) for name, tie in sheets}
        strings = (
            [_text(entry) for entry in _elements(archive, "xl/sharedStrings.xml", "si")]
            if "xl/sharedStrings.xml" in archive.namelist()
            else []
        )
        return [Sheet(name, [_cells(row, strings) for row in found]) for name, found in rows.items()]


def _member(target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)


def _elements(archive: zipfile.ZipFile, member: str, name: str, most: int | None = None) -> list[ElementTree.Element]:
    """The first elements of that name within the first bytes of a part; one that declares entities is not looked at."""
    parser: ElementTree.XMLPullParser = ElementTree.XMLPullParser(["end"])
    found: list[ElementTree.Element] = []
    with archive.open(member) as part:
        for _ in range(_MOST // _PIECE):
            piece = part.read(_PIECE)
            if not piece or b"<!DOCTYPE" in piece:
                break
            parser.feed(piece)
            found += [element for _, element in parser.read_events() if _bare(element.tag) == name]  # type: ignore[misc, union-attr]
            if most is not None and len(found) >= most:
                break
    return found[:most]


def _cells(row: ElementTree.Element, strings: list[str]) -> list[object]:
    cells: list[object] = []
    for cell in row:
        value = next((part for part in cell if _bare(part.tag) in ("v", "is")), None)
        said = "" if value is None else _text(value)
        if cell.get("t") == "s":
            place = int(said or -1)
            said = strings[place] if 0 <= place < len(strings) else ""
        letters = re.match("[A-Z]{1,3}", cell.get("r", ""))
        column = _column(letters[0]) if letters else len(cells)
        cells += [""] * (column - len(cells))
        cells[column:] = [said]
    return cells


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - 64
    return number - 1


def _text(element: ElementTree.Element) -> str:
    return "".join(part.text or "" for part in element.iter() if _bare(part.tag) in ("t", "v", "is") and part.text)


def _bare(tag: str) -> str:
    return tag.rsplit("}", 1)[-1]
