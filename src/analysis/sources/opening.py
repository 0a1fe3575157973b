"""Opens a table file of any make and gives its cells as they stand.

The bytes decide, not the name: a `.xls` may be a real old workbook, a web page, Chinese text, or a workbook with a password.
Whatever stops a whole file is a `SourceError` with one sentence that says what to do.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import python_calamine as calamine

from analysis.sources.compound_file import check_compound_file
from analysis.sources.html_table import is_markup, read_markup
from analysis.sources.text_table import read_text
from analysis.wording import SourceError

LARGEST = 300_000_000
"""Most bytes that a file may hold when unpacked; a year of orders takes about a hundredth of it."""
STEEPEST = 200
"""Most bytes that one packed byte may unpack to in a file of some size; sheets of real orders stay below 40."""
MOST_CELLS = 40_000_000
"""Most cells of one sheet; a stray entry in the last row of the sheet makes more."""

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

    A cell is a str, float, bool, datetime, date, time or timedelta; blank is "". Parquet files also give int and None.
    Of merged cells only the first has a value. A number that a spreadsheet stored has 15 digits at most: what stood behind
    them in a longer id is lost already in the file.
    """

    name: str
    cells: list[list[object]]
    delimited: bool = False
    """From a text with delimiters, where one delimiter too many moves all cells behind it."""


def read_sheets(path: Path, encoding: str | None = None) -> list[Sheet]:
    """Every sheet of `path`; a text, web or parquet table is one sheet named "" (a web page: "" and "2", "3", ...).

    Parameters
    ----------
    path
        The file; its ending does not matter.
    encoding
        Of a text file; found out when not given.

    Raises
    ------
    SourceError
        Missing, empty, damaged, protected by a password, larger than `LARGEST` unpacked, or no table at all.
    """
    path = Path(path)
    data = _bytes(path)
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        check_archive(data, path.name)
        return _workbook(data, path.name)
    if data.startswith(_OLE2):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise SourceError("sources.file_password", file=path.name)
        check_compound_file(data, path.name)
        return _workbook(data, path.name)
    if data.startswith(b"PAR1"):
        return _filled([Sheet("", _parquet_rows(data, path.name))], path.name)
    for mark, make in _OTHER_MAKES.items():
        if data.startswith(mark):
            raise SourceError("sources.file_other_make", file=path.name, make=make)
    if is_markup(data):
        return _filled([Sheet(name, rows) for name, rows in read_markup(data, path.name, encoding)], path.name)
    return _filled([Sheet("", read_text(data, path.name, encoding), delimited=True)], path.name)


def check_archive(data: bytes, file: str) -> None:
    """Refuses a zip that is damaged, no workbook, or unpacks to more than `LARGEST`, and never holds what it unpacks.

    The directory's sizes are checked first, without unpacking; as they may lie, the sheets are then unpacked piece by piece.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            _check_declared(members, len(data), file)
            if not any(member.filename in _WORKBOOK_MEMBERS for member in members):
                raise SourceError("sources.file_other_make", file=file, make="zip")
            _check_unpacked(archive, len(data), file)
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError, zlib.error) as error:
        raise SourceError("sources.file_damaged", file=file) from error
    except RuntimeError as error:  # how zipfile says that a member is encrypted
        raise SourceError("sources.file_password", file=file) from error


_WORKBOOK_MEMBERS = {"xl/workbook.xml", "xl/workbook.bin", "content.xml"}


def _check_declared(members: Iterable[zipfile.ZipInfo], packed: int, file: str) -> None:
    _check_size(sum(member.file_size for member in members), packed, file)


def _check_unpacked(archive: zipfile.ZipFile, packed: int, file: str) -> None:
    unpacked = 0
    for member in archive.infolist():
        if member.filename.endswith((".xml", ".bin")):
            member.file_size = LARGEST + 1  # zipfile would stop at the size that the directory declares
            columns, before = {b"A"}, b""
            with archive.open(member) as stream:
                while piece := stream.read(1 << 20):
                    unpacked += len(piece)
                    _check_size(unpacked, packed, file)
                    if found := _FILLED_CELL.findall(before + piece):
                        columns.update(column for column, _ in found)
                        _check_extent(
                            int(found[-1][1]), max(map(_column_number, columns)), file, Path(member.filename).stem
                        )
                    before = piece[-_LONGEST_CELL:]


_FILLED_CELL = re.compile(rb'<(?:\w+:)?c r="([A-Z]{1,3})(\d{1,7})"[^>]{0,60}[^/>]>')
_LONGEST_CELL = 100
"""Bytes of a cell's start tag, no more."""


def _column_number(letters: bytes) -> int:
    """1 for A, 28 for AB."""
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number


def _check_extent(rows: int, columns: int, file: str, sheet: str) -> None:
    if rows * columns > MOST_CELLS:
        raise SourceError("sources.sheet_too_large", file=file, sheet=sheet, row=rows)


def _check_size(unpacked: int, packed: int, file: str) -> None:
    if unpacked > LARGEST or (unpacked > 20_000_000 and unpacked > STEEPEST * packed):
        raise SourceError("sources.file_too_large", file=file, limit=LARGEST // 1_000_000)


def _bytes(path: Path) -> bytes:
    if not path.exists():
        raise SourceError("sources.file_missing", file=path.name)
    try:
        if path.stat().st_size > LARGEST:
            raise SourceError("sources.file_too_large", file=path.name, limit=LARGEST // 1_000_000)
        data = path.read_bytes()
    except OSError as error:
        raise SourceError("sources.file_not_readable", file=path.name) from error
    if not data.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise SourceError("sources.file_empty", file=path.name)
    return data


def _workbook(data: bytes, file: str) -> list[Sheet]:
    """The sheets of a workbook; calamine takes the sheet's extent from its cells, not from a dimension that may be wrong."""
    try:
        with calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            names = [sheet.name for sheet in book.sheets_metadata if sheet.typ == calamine.SheetTypeEnum.WorkSheet]
            return _filled([_sheet(book.get_sheet_by_name(name), file) for name in names], file)
    except calamine.PasswordError as error:
        raise SourceError("sources.file_password", file=file) from error
    except SourceError:
        raise
    except BaseException as error:  # a damaged workbook makes the parser raise many things, a panic (no Exception) too
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise SourceError("sources.file_damaged", file=file) from error


def _sheet(sheet: calamine.CalamineSheet, file: str) -> Sheet:
    last_row, last_column = sheet.end or (0, 0)
    _check_extent(last_row + 1, last_column + 1, file, sheet.name)
    return Sheet(sheet.name, sheet.to_python(skip_empty_area=False))  # type: ignore[arg-type]


def _parquet_rows(data: bytes, file: str) -> list[list[object]]:
    """The column names, then the rows, with integers whole."""
    try:
        source = pq.ParquetFile(pa.BufferReader(data))
        groups = range(source.metadata.num_row_groups)
        if sum(source.metadata.row_group(group).total_byte_size for group in groups) > LARGEST:
            raise SourceError("sources.file_too_large", file=file, limit=LARGEST // 1_000_000)
        table = source.read()
    except (pa.ArrowException, OSError) as error:
        raise SourceError("sources.file_damaged", file=file) from error
    columns = [
        [str(cell) for cell in column.to_pylist()] if pa.types.is_nested(column.type) else column.to_pylist()
        for column in table.columns
    ]
    return [list(table.column_names), *(list(row) for row in zip(*columns))]


def _filled(sheets: list[Sheet], file: str) -> list[Sheet]:
    if not any(cell not in ("", None) for sheet in sheets for row in sheet.cells for cell in row):
        raise SourceError("sources.file_empty", file=file)
    return sheets
