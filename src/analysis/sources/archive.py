"""A look into the zip of a workbook (.xlsx, .xlsb, .ods) before it is parsed.

The parser trusts it: a small file may unpack to gigabytes, and for a single cell in the last row and column, or one that is
repeated a million times, it takes memory until the process is killed, which no caller can catch. So every part is unpacked
here piece by piece, never held, and what its cells would take is reckoned up first.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import IO

from analysis.errors import SourceError
from analysis.sources.extents import LARGEST, Extent, check_extents, check_size

_WORKBOOK_MEMBERS = {"xl/workbook.xml", "xl/workbook.bin", "content.xml"}
_PIECE = 1 << 20
_LONGEST = 32 << 20
"""Most bytes without the next tag or record; a cell holds 32,767 characters at most."""
_TAG = re.compile(rb"<(?:[^\s<>/:]+:)?(row|c|table-row|table-cell|covered-table-cell)(?=[\s/>])([^<]*)(?=<(/?))")
_NAMED = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{0,3})(\d{1,10})["']""")
_REPEATED = re.compile(rb"""repeated\s*=\s*["'](\d{1,10})["']""")
_FROM_1904 = re.compile(rb"""\bdate1904\s*=\s*["'](?:1|true|on)["']""")
_BINARY_ROW, _BINARY_CELLS = 0, range(2, 12)


def check_archive(stream: IO[bytes], packed: int, file: str) -> bool:
    """Whether the workbook counts its days from 1904; `packed` is the file's size in bytes.

    Refuses a zip that is damaged, no workbook, or too large unpacked. The directory's sizes are checked first, without
    unpacking; as they may lie, the parts are then unpacked piece by piece.
    """
    try:
        with zipfile.ZipFile(stream) as archive:
            members = archive.infolist()
            check_size(sum(member.file_size for member in members), packed, file)
            if not any(member.filename in _WORKBOOK_MEMBERS for member in members):
                raise SourceError("sources.file_other_make", file=file, make="zip")
            if any(member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for member in members):
                raise SourceError("sources.file_damaged", file=file)
            return _check_unpacked(archive, packed, file)
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError, struct.error, zlib.error) as error:
        raise SourceError("sources.file_damaged", file=file) from error
    except RuntimeError as error:  # how zipfile says that a member is encrypted
        raise SourceError("sources.file_password", file=file) from error


def _check_unpacked(archive: zipfile.ZipFile, packed: int, file: str) -> bool:
    unpacked, extents, from_1904 = 0, [Extent("")], False
    for member in archive.infolist():
        member.file_size = LARGEST + 1  # zipfile would stop at the size that the directory declares
        path = PurePosixPath(member.filename)
        extents.append(Extent(path.stem))
        records, held = path.suffix == ".bin", b""
        if records and path.parent.name != "worksheets":
            continue
        with archive.open(member) as stream:
            while piece := stream.read(_PIECE):
                unpacked += len(piece)
                check_size(unpacked, packed, file)
                if path.name == "workbook.xml":
                    from_1904 = from_1904 or _FROM_1904.search(piece) is not None
                held = (_binary_cells if records else _tagged_cells)(held + piece, extents[-1])
                if len(held) > _LONGEST:
                    raise SourceError("sources.file_damaged", file=file)
                check_extents(extents, file)
    return from_1904


def _tagged_cells(text: bytes, extent: Extent) -> bytes:
    """Tells `extent` the cells of some XML; the rest that the next piece must complete."""
    end = text.rfind(b"<", 0, max(text.rfind(b"<"), 0))
    if end < 0:
        return text
    for kind, said, slash in _TAG.findall(text, 0, end + _beyond(text, end)):
        if kind == b"c":
            if not (named := _NAMED.search(said)):
                extent.cell(not slash and b"/>" not in said)
            elif not slash and b"/>" not in said:
                extent._row = int(named[2])
                extent.cell(True, _column_number(named[1]))
            else:
                extent._column = _column_number(named[1])
        elif kind == b"row":
            named = _NAMED.search(said)
            extent.row(int(named[2]) if named else None)
        else:
            repeated = int(found[1]) if (found := _REPEATED.search(said)) else 1
            if kind == b"table-row":
                extent.row(repeated=repeated)
            else:
                extent.cell(b"value" in said or b"formula" in said or (b"/>" not in said and not slash), None, repeated)
    return text[end:]


def _beyond(text: bytes, end: int) -> int:
    """How much behind the mark at `end` a tag before it must see: the mark and the sign that follows."""
    return min(2, len(text) - end)


def _column_number(letters: bytes) -> int:
    """1 for A, 28 for AB."""
    number = 0
    for letter in letters.upper():
        number = 26 * number + letter - 64
    return number


def _binary_cells(data: bytes, extent: Extent) -> bytes:
    """Tells `extent` the cells of the records of a .xlsb sheet ([MS-XLSB] 2.1.4); the rest that the next piece completes."""
    place = 0
    while True:
        kind, behind = _varying(data, place, 2)
        length, start = _varying(data, behind, 4)
        if kind < 0 or length < 0 or start + length > len(data):
            return data[place:]
        if length >= 4 and kind == _BINARY_ROW:
            extent.row(1 + struct.unpack_from("<I", data, start)[0])
        elif length >= 4 and kind in _BINARY_CELLS:
            extent.cell(True, 1 + struct.unpack_from("<I", data, start)[0])
        place = start + length


def _varying(data: bytes, place: int, most: int) -> tuple[int, int]:
    """A number of up to `most` bytes, seven bits each, and where it ends; -1 where the data end first."""
    number = 0
    for step in range(most):
        if place + step >= len(data):
            return -1, place
        number |= (data[place + step] & 0x7F) << 7 * step
        if data[place + step] < 0x80:
            return number, place + step + 1
    return number, place + most
