"""Tables in web pages and in the XML of Excel 2003: what many systems save under the name `.xls`."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from analysis.sources.text_table import decoded
from analysis.wording import SourceError

_ROW, _CELL, _TABLE = {"tr", "row"}, {"td", "th", "cell"}, {"table"}
_WIDEST = 512
"""Columns that a span may cover: no table here is nearly so wide."""


def is_markup(data: bytes) -> bool:
    """Whether the bytes begin like a web page or an XML workbook; UTF-16 is looked through."""
    head = data[:2000].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    return bool(re.match(rb"<(!doctype|html|\?xml|meta|head|body|table|style|script|div|workbook|!--)", head))


def read_markup(data: bytes, file: str, encoding: str | None = None) -> list[tuple[str, list[list[object]]]]:
    """The outermost tables, each with its name and rows; the cells are text. Spanned cells are blank but for the first."""
    reader = _Tables()
    reader.feed(decoded(data, file, encoding))
    reader.close()
    if reader.unfinished():
        raise SourceError("sources.file_damaged", file=file)
    tables = [rows for rows in reader.tables if rows]
    if not tables:
        raise SourceError("sources.page_without_table", file=file)
    return [("" if place == 0 else str(place + 1), rows) for place, rows in enumerate(tables)]


class _Tables(HTMLParser):
    """Collects rows; a table within a cell adds its text to that cell."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[object]]] = []
        self._depth = 0
        self._cell: list[str] | None = None
        self._below: dict[int, int] = {}  # column -> rows that a cell above still covers

    def unfinished(self) -> bool:
        """Whether the text ends within a table: the end tag of a row may be left off, that of a table may not."""
        return self._depth > 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag in _TABLE:
            self._depth += 1
            if self._depth == 1:
                self.tables.append([])
                self._below = {}
        elif self._depth == 1 and tag in _ROW:
            self._finish_cell()
            self._skip_rows(found.get("ss:index"))
            self.tables[-1].append([])
            self._cover()
        elif self._depth == 1 and tag in _CELL and self.tables[-1]:
            self._finish_cell()
            self._start_cell(found)
        elif tag == "br" and self._cell is not None:
            self._cell.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _TABLE and self._depth:
            if self._depth == 1:
                self._finish_cell()
            self._depth -= 1
        elif self._depth == 1 and tag in _ROW | _CELL:
            self._finish_cell()

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)

    def _skip_rows(self, index: str | None) -> None:
        wanted = _whole(index, 1, 1_048_576) - 1
        if index is not None:
            self.tables[-1].extend([] for _ in range(wanted - len(self.tables[-1])))

    def _start_cell(self, found: dict[str, str | None]) -> None:
        row = self.tables[-1][-1]
        index = found.get("ss:index")
        if index is not None:
            row.extend([""] * (_whole(index, 1, _WIDEST) - 1 - len(row)))
        wide = _whole(found.get("colspan"), 1, _WIDEST)
        high = _whole(found.get("rowspan"), 1, 1_048_576)
        start = len(row)
        row.extend([""] * wide)
        if high > 1:
            self._below.update(dict.fromkeys(range(start, start + wide), high - 1))
        self._cell = []
        self._place = start

    def _finish_cell(self) -> None:
        if self._cell is None:
            return
        row = self.tables[-1][-1]
        row[self._place] = " ".join("".join(self._cell).split())
        self._cell = None
        self._cover()

    def _cover(self) -> None:
        """Steps over the columns that a cell of an earlier row still covers."""
        row = self.tables[-1][-1]
        while self._below.get(len(row), 0) > 0:
            self._below[len(row)] -= 1
            row.append("")


def _whole(text: str | None, least: int, most: int) -> int:
    found = re.match(r"\s*(\d{1,7})", text or "")
    return min(max(int(found[1]), least), most) if found else least
