"""Tables in text files: their encoding and delimiter are found out from the bytes."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator
from statistics import median

import charset_normalizer

from analysis.errors import SourceError
from analysis.sources.extents import MOST_CELLS, too_large, too_many_cells
from analysis.sources.grid import Grid, grid_of

LARGEST_TEXT = 60_000_000
"""Most bytes of a text: ten years of orders."""
_SAMPLE = 1_000_000
"""Bytes from the beginning by which an encoding is guessed."""
_WORDS = 50_000
"""Different cells of a text that are looked out for."""
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_CONTROLS, _MOST_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]"), 0.08
_HIGH_BYTES = re.compile(rb"[\x80-\xff]+")


def read_text(data: bytes, file: str, encoding: str | None = None) -> list[list[object]] | Grid:
    """The records of a delimited text, blank lines kept as empty records, any line end; row number = index + 1."""
    if len(data) > LARGEST_TEXT:
        raise too_large(file, LARGEST_TEXT)
    name = encoding or _marked(data) or _utf16_without_mark(data)
    grid = _grid_of_bytes(data) if name in (None, "utf-8-sig") else None
    if grid is not None:
        return grid
    text = without_nulls(decoded(data, file, encoding), file)
    grid = grid_of(text.encode(errors="replace"), delimiter(text))
    return _records(text, file) if grid is None else grid


def _grid_of_bytes(data: bytes) -> Grid | None:
    """A text that is UTF-8 already; None also where it is not."""
    plain = data
    while plain.startswith(codecs.BOM_UTF8):
        plain = plain[len(codecs.BOM_UTF8) :]
    return grid_of(plain, delimiter(plain[:80_000].decode(errors="ignore")))


def without_nulls(text: str, file: str) -> str:
    """`text` without the few null characters that some programs leave in a table; refused if it is no text at all.

    Of random bytes one in nine is a control character, of a table next to none.
    """
    if "\0" not in text:
        return text
    if len(_CONTROLS.findall(text)) > len(text) * _MOST_CONTROLS:
        raise SourceError("sources.file_other_make", file=file, make="?")
    return text.replace("\0", "")


def _records(text: str, file: str) -> list[list[object]]:
    records: list[list[object]] = []
    cells, begins = 0, 1
    seen: dict[str, str] = {}
    reader = csv.reader(lines(text), delimiter=delimiter(text), strict=True)
    try:
        for record in reader:
            begins = reader.line_num + 1
            if len(seen) < _WORDS:  # a name in every row is held once
                records.append([seen.setdefault(cell, cell) for cell in record])
            else:
                records.append([seen.get(cell, cell) for cell in record])
            cells += len(record)
            if cells > MOST_CELLS:
                raise too_many_cells(file)
    except csv.Error as error:
        raise SourceError("sources.text_quotes", file=file, line=begins) from error
    return records


def lines(text: str) -> Iterator[str]:
    """The lines of `text` with their ends, each made a line feed: of Windows, Unix and old Macs."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    place = 0
    while (end := text.find("\n", place)) >= 0:
        yield text[place : end + 1]
        place = end + 1
    if place < len(text):
        yield text[place:]


def decoded(data: bytes, file: str, encoding: str | None = None) -> str:
    """`data` as text: by its byte order mark, as strict UTF-8, as Chinese (gb18030), else by charset-normalizer's guess."""
    name = encoding or _marked(data) or _utf16_without_mark(data)
    try:
        return data.decode(name or "utf-8").lstrip("\ufeff")
    except (UnicodeDecodeError, LookupError) as error:
        if name:
            raise SourceError("sources.text_encoding", file=file, encoding=name) from error
        if isinstance(error, UnicodeDecodeError) and error.reason == "unexpected end of data":
            raise SourceError("sources.file_damaged", file=file) from error
    return _legacy(data, file)


def encoding_of(data: bytes) -> str:
    """The encoding of a text of which `data` is the beginning, cut off anywhere: as `decoded` tells it, without the guess."""
    if name := _marked(data) or _utf16_without_mark(data):
        return name
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def delimiter(text: str) -> str:
    """Comma, semicolon or tab: the one that most lines of the beginning hold most often, quoted parts left out."""
    start = [line for line in lines(re.sub(r'"[^"]*"', "", text[:20_000])) if line.strip()][:30]
    return max(",\t;", key=lambda mark: median(line.count(mark) for line in start) if start else 0)


def _marked(data: bytes) -> str | None:
    return next((name for mark, name in _MARKS.items() if data.startswith(mark)), None)


def _utf16_without_mark(data: bytes) -> str | None:
    """Text of few letters beyond ASCII has a zero in every second byte when it is UTF-16."""
    head = data[:4000]
    low, high = head[0::2].count(0), head[1::2].count(0)
    if max(low, high) < len(head) * 0.15:
        return None
    return "utf-16-le" if high > low else "utf-16-be"


_PAIRS = re.compile(rb"[\x81-\xfe][\x40-\x7e\xa1-\xfe]")


def _is_big5(sample: bytes) -> bool:
    """Whether nearly all pairs are common characters of Taiwan and Hong Kong, whose second byte may be a letter; accented letters
    stand elsewhere."""
    pairs = _PAIRS.findall(sample)
    common = sum(0xA4 <= pair[0] <= 0xC6 for pair in pairs)
    return len(pairs) > 3 and common >= 0.9 * len(pairs)


def _legacy(data: bytes, file: str) -> str:
    """Chinese characters are pairs of high bytes; a lone high byte between letters is a western accent (gb18030 would
    swallow the letter behind it)."""
    sample = data[:_SAMPLE]
    runs = _HIGH_BYTES.findall(sample)
    western = sum(len(run) % 2 for run in runs) * 2 >= len(runs)
    for name in ("gb18030" if not western else "big5" if _is_big5(sample) else "cp1252", None):
        if name is None and (guess := charset_normalizer.from_bytes(sample).best()) is not None:
            name = guess.encoding
        try:
            if name is not None:
                return data.decode(name)
        except UnicodeDecodeError:
            pass
    raise SourceError("sources.text_encoding", file=file, encoding="?")
