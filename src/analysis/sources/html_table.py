"""Tables in web pages and in the XML of Excel 2003: what many systems save under the name `.xls`."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from analysis.errors import SourceError
from analysis.sources.extents import MOST_CELLS, too_large, too_many_cells
from analysis.sources.text_table import decoded

LARGEST_MARKUP = 12_000_000
"""Most bytes of a page: 10,000 lines of an export, in three seconds."""
_ROW, _CELL, _TABLE = {"tr", "row"}, {"td", "th", "cell"}, {"table"}
_WIDEST = 512
"""Columns that a span may cover: no table here is nearly so wide."""
_TAG = re.compile(
    r"""<(/?)([A-Za-z][^\s/<>]{0,40})((?:[^<>=]++|=\s*+"[^"]{0,4000}+"|=\s*+'[^']{0,4000}+'|=){0,400}+)>"""
)
"""A whole tag. No part of it is tried twice, so that pages of brackets and quotation marks take no longer than others."""
_MARK = re.compile("<[A-Za-z/!?]")
_SPAN = re.compile(r"""(ss:index|colspan|rowspan)\s*=\s*["']?\s*(\d{1,7})""", re.IGNORECASE)


def is_markup(data: bytes) -> bool:
    """Whether the bytes begin like a web page or an XML workbook; UTF-16 is looked through."""
    head = data[:2000].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    return bool(re.match(rb"<(!doctype|html|\?xml|meta|head|body|table|style|script|div|workbook|!--)", head))


def read_markup(data: bytes, file: str, encoding: str | None = None) -> list[tuple[str, list[list[object]]]]:
    """The outermost tables, each with its name and rows; the cells are text. Spanned cells are blank but for the first."""
    if len(data) > LARGEST_MARKUP:
        raise too_large(file, LARGEST_MARKUP)
    reader = _Tables(file)
    reader.feed(decoded(data, file, encoding))
    if reader.unfinished():
        raise SourceError("sources.file_damaged", file=file)
    tables = [rows for rows in reader.tables if rows]
    if not tables:
        raise SourceError("sources.page_without_table", file=file)
    return [("" if place == 0 else str(place + 1), rows) for place, rows in enumerate(tables)]


def first_tables(text: str, file: str) -> list[list[list[object]]]:
    """The tables in the beginning of a page, which may be cut off anywhere."""
    reader = _Tables(file)
    reader.feed(text)
    return reader.tables


def _tokens(text: str) -> Iterator[tuple[str, str, str]]:
    """(name of a tag, `/name` where it ends, "" for text; its attributes; the text) one by one, comments left out."""
    place = 0
    while mark := _MARK.search(text, place):
        start = mark.start()
        yield "", "", text[place:start]
        if text.startswith("<![CDATA[", start):
            place = _behind(text, "]]>", start)
            yield "", "", text[start + 9 : place - 3].replace("&", "&amp;")
        elif text.startswith(("<!", "<?"), start):
            place = _behind(text, "-->" if text.startswith("<!--", start) else ">", start)
        elif found := _TAG.match(text, start):
            place = found.end()
            yield found[1] + found[2].lower(), found[3], ""
            if found[2].lower() in ("script", "style") and not found[1]:
                place = _behind(text, f"</{found[2]}", start)
        else:
            yield "", "", "<"
            place = start + 1
    yield "", "", text[place:]


def _behind(text: str, mark: str, start: int) -> int:
    place = text.find(mark, start)
    return len(text) if place < 0 else place + len(mark)


def _unescaped(text: str) -> str:
    try:
        return html.unescape(text) if "&" in text else text
    except ValueError:  # a reference of more digits than Python reads
        return text


class _Tables:
    """Collects rows; a table within a cell adds its text to that cell."""

    def __init__(self, file: str) -> None:
        self.tables: list[list[list[object]]] = []
        self._file = file
        self._depth = 0
        self._cells = 0
        self._cell: list[str] | None = None
        self._below: dict[int, int] = {}  # column -> rows that a cell above still covers

    def feed(self, text: str) -> None:
        for tag, attributes, said in _tokens(text):
            if tag.startswith("/"):
                self._end(tag[1:])
            elif tag:
                self._start(tag, attributes)
            elif said and self._cell is not None:
                self._cell.append(said)

    def unfinished(self) -> bool:
        """Whether the text ends within a table: the end tag of a row may be left off, that of a table may not."""
        return self._depth > 0

    def _start(self, tag: str, attributes: str) -> None:
        if tag in _TABLE:
            self._depth += 1
            if self._depth == 1:
                self.tables.append([])
                self._below = {}
        elif self._depth == 1 and tag in _ROW:
            self._finish_cell()
            self._skip_rows(_spans(attributes).get("ss:index"))
            self.tables[-1].append([])
            self._cover()
        elif self._depth == 1 and tag in _CELL and self.tables[-1]:
            self._finish_cell()
            self._start_cell(_spans(attributes))
        elif tag == "br" and self._cell is not None:
            self._cell.append(" ")

    def _end(self, tag: str) -> None:
        if tag in _TABLE and self._depth:
            if self._depth == 1:
                self._finish_cell()
            self._depth -= 1
        elif self._depth == 1 and tag in _ROW | _CELL:
            self._finish_cell()

    def _take(self, cells: int) -> None:
        self._cells += cells
        if self._cells > MOST_CELLS:
            raise too_many_cells(self._file)

    def _skip_rows(self, index: int | None) -> None:
        if index is not None:
            more = max(min(index, 1_048_576) - 1 - len(self.tables[-1]), 0)
            self._take(more)
            self.tables[-1].extend([] for _ in range(more))

    def _start_cell(self, spans: dict[str, int]) -> None:
        row = self.tables[-1][-1]
        row.extend([""] * (min(spans.get("ss:index", 0), _WIDEST) - 1 - len(row)))
        wide = min(max(spans.get("colspan", 1), 1), _WIDEST)
        start = len(row)
        row.extend([""] * wide)
        self._take(wide)
        if (high := spans.get("rowspan", 1)) > 1:
            self._below.update(dict.fromkeys(range(start, start + wide), high - 1))
        self._cell = []
        self._place = start

    def _finish_cell(self) -> None:
        if self._cell is None:
            return
        row = self.tables[-1][-1]
        row[self._place] = " ".join(_unescaped("".join(self._cell)).split())
        self._cell = None
        self._cover()

    def _cover(self) -> None:
        """Steps over the columns that a cell of an earlier row still covers."""
        row = self.tables[-1][-1]
        start = len(row)
        while self._below.get(len(row), 0) > 0:
            self._below[len(row)] -= 1
            row.append("")
        self._take(1 + len(row) - start)


def _spans(attributes: str) -> dict[str, int]:
    if "=" not in attributes:
        return {}
    return {name.lower(): int(number) for name, number in _SPAN.findall(attributes)}
