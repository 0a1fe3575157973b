"""Opens a table file of any make and gives its cells as they stand.

The bytes decide, not the name: a `.xls` may be a real old workbook, a web page, Chinese text, or a workbook with a password.
Whatever stops a whole file is a `SourceError` with one sentence that says what to do.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq
import python_calamine as calamine

from analysis.errors import SourceError
from analysis.sources.archive import check_archive
from analysis.sources.cell_numbers import HOME
from analysis.sources.compound_file import check_compound_file
from analysis.sources.extents import LARGEST, MOST_CELLS, too_large, too_many_cells
from analysis.sources.grid import Grid
from analysis.sources.html_table import is_markup, read_markup
from analysis.sources.shown_numbers import Look
from analysis.sources.text_table import read_text
from analysis.sources.unread_cells import hidden_columns, unread_cells

ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHER_MAKES = {
    b"%PDF": "PDF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"Rar!": "RAR",
    b"7z\xbc\xaf": "7z",
    b"\x1f\x8b": "gzip",
}


@dataclass(frozen=True)
class Sheet:
    """One sheet: its cells from A1 on, leading blank rows and columns included, so that row number = index + 1.

    A cell is a str, float, bool, datetime, date, time or timedelta; blank is "". Of a workbook's errors the text stands there
    (#N/A), of a formula without a stored value `cells.NOT_STORED`. Parquet files also give int and None.
    Of merged cells only the first has a value. A number that a spreadsheet stored has 15 digits at most: what stood behind
    them in a longer id is lost already in the file.
    """

    name: str
    cells: list[list[object]] | Grid
    delimited: bool = False
    """From a text with delimiters, where one delimiter too many moves all cells behind it."""
    from_1904: bool = False
    """The workbook counts its days from 1904: a date that is stored as a bare number is 1,462 days later than it seems."""
    hidden: bool = False
    merged: tuple[tuple[int, int, int], ...] = ()
    """Cells merged over several rows of one column, 0-based: first row, last row, column."""

    hidden_columns: frozenset[int] = frozenset()
    """0-based, of a workbook (.xlsx)."""

    def is_blank(self) -> bool:
        """Whether nothing stands in any cell."""
        return not any(cell not in ("", None) for row in self.cells for cell in row)


def read_sheets(path: Path, encoding: str | None = None, currency: str = HOME) -> list[Sheet]:
    """Every sheet of `path`, hidden ones last; a text, web or parquet table is one sheet named "" (a web page: "" and "2", "3", ...).

    Parameters
    ----------
    path
        The file; its ending does not matter.
    encoding
        Of a text file; found out when not given.
    currency
        Of the source: in a workbook (.xlsx) a number whose format shows another one is given as it is shown, and so is one that
        shows a percent sign or a unit (`ShownNumber`).

    Raises
    ------
    SourceError
        Missing, empty, damaged, protected by a password, larger than `LARGEST` unpacked, or no table at all.
    """
    path = Path(path)
    with opened(path) as stream:
        size = path.stat().st_size
        if stream.read(4) in ZIP:
            from_1904 = check_archive(stream, size, path.name)
            stream.seek(0)
            sheets = _workbook(stream, path.name, from_1904)
            stream.seek(0)
            _put_unread(sheets, unread_cells(stream, currency))
            hidden = hidden_columns(stream)
            return [replace(sheet, hidden_columns=hidden.get(sheet.name, frozenset())) for sheet in sheets]
        if size > LARGEST:
            raise too_large(path.name, LARGEST)
        stream.seek(0)
        data = stream.read()
    if not data.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise SourceError("sources.file_empty", file=path.name)
    if data.startswith(_OLE2):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise SourceError("sources.file_password", file=path.name)
        from_1904 = check_compound_file(data, path.name)
        return _workbook(io.BytesIO(data), path.name, from_1904)
    if data.startswith(b"PAR1"):
        return _filled([Sheet("", _parquet_rows(data, path.name))], path.name)
    for mark, make in _OTHER_MAKES.items():
        if data.startswith(mark):
            raise SourceError("sources.file_other_make", file=path.name, make=make)
    if is_markup(data):
        return _filled([Sheet(name, rows) for name, rows in read_markup(data, path.name, encoding)], path.name)
    return _filled([Sheet("", read_text(data, path.name, encoding), delimited=True)], path.name)


def check_name(path: Path) -> Path:
    """`path`, if its name is text; names from another system's disk may hold bytes that are none."""
    shown = str(path).encode("utf-8", "replace").decode("utf-8")
    if shown != str(path):
        raise SourceError("sources.file_name", file=shown)
    return path


def opened(path: Path) -> IO[bytes]:
    """The file to be read; `SourceError` where there is none, or nothing that can be read to its end."""
    try:
        if not check_name(path).exists():
            raise SourceError("sources.file_missing", file=path.name)
        if not path.is_file():
            raise SourceError("sources.file_not_readable", file=path.name)
        return path.open("rb")
    except OSError as error:
        raise SourceError("sources.file_not_readable", file=path.name) from error


def _workbook(stream: IO[bytes], file: str, from_1904: bool) -> list[Sheet]:
    """The sheets of a workbook; calamine takes the sheet's extent from its cells, not from a dimension that may be wrong."""
    try:
        with calamine.CalamineWorkbook.from_filelike(stream) as book:
            pages = [page for page in book.sheets_metadata if page.typ == calamine.SheetTypeEnum.WorkSheet]
            pages.sort(key=_is_hidden)
            sheets = [_sheet(book.get_sheet_by_name(page.name), from_1904) for page in pages]
            return _filled([replace(sheet, hidden=_is_hidden(page)) for sheet, page in zip(sheets, pages)], file)
    except calamine.PasswordError as error:
        raise SourceError("sources.file_password", file=file) from error
    except SourceError:
        raise
    except BaseException as error:  # a damaged workbook makes the parser raise many things, a panic (no Exception) too
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise SourceError("sources.file_damaged", file=file) from error


def _put_unread(sheets: list[Sheet], unread: Iterable[tuple[str, tuple[int, int], str | Look]]) -> None:
    """Puts what the parser leaves blank, and numbers as they are shown, into their cells, within the rows and columns that there
    are."""
    cells = {sheet.name: sheet.cells for sheet in sheets}
    for name, (row, column), what in unread:
        rows = cells.get(name, [])
        if row >= len(rows) or column >= len(rows[row]):
            continue
        cell = rows[row][column]
        if isinstance(what, str):
            rows[row][column] = what if cell in ("", None) else cell
        elif isinstance(cell, (int, float)) and not isinstance(cell, bool):
            rows[row][column] = what.shown(cell)


def _is_hidden(page: calamine.SheetMetadata) -> bool:
    return page.visible != calamine.SheetVisibleEnum.Visible


def _sheet(sheet: calamine.CalamineSheet, from_1904: bool) -> Sheet:
    areas = sheet.merged_cell_ranges or []
    merged = tuple((top, end, left) for (top, left), (end, right) in areas if end > top and left == right)
    return Sheet(sheet.name, sheet.to_python(skip_empty_area=False), from_1904=from_1904, merged=merged)  # type: ignore[arg-type]


def _parquet_rows(data: bytes, file: str) -> list[list[object]]:
    """The column names, then the rows, with integers whole."""
    try:
        schema = pq.read_schema(pa.BufferReader(data))
        names = [
            field.name for field in schema if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)
        ]
        source = pq.ParquetFile(pa.BufferReader(data), read_dictionary=names)
        groups = range(source.metadata.num_row_groups)
        if sum(source.metadata.row_group(group).total_byte_size for group in groups) > LARGEST:
            raise too_large(file, LARGEST)
        if source.metadata.num_rows * source.metadata.num_columns > MOST_CELLS:
            raise too_many_cells(file)
        table = source.read()
        columns = [[cell for chunk in column.chunks for cell in _cells(chunk)] for column in table.columns]
    except SourceError:
        raise
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        raise SourceError("sources.file_damaged", file=file) from error
    return [list(table.column_names), *(list(row) for row in zip(*columns))]


def _cells(column: pa.Array) -> list[object]:
    """The values; equal ones of a dictionary are one object, so that a page of text in a million rows is held once."""
    if pa.types.is_dictionary(column.type):
        words = [*column.dictionary.to_pylist(), None]
        return [words[place] for place in column.indices.fill_null(len(words) - 1).to_pylist()]
    cells = column.to_pylist()
    return [str(cell) for cell in cells] if pa.types.is_nested(column.type) else cells


def _filled(sheets: list[Sheet], file: str) -> list[Sheet]:
    if all(sheet.is_blank() for sheet in sheets):
        raise SourceError("sources.file_empty", file=file)
    return sheets
