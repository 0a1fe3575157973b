"""A look into the container of an old workbook (.xls) before it is parsed.

The parser trusts it: along a chain of sectors that bites its own tail, or for a cell in column 60000, it takes memory until
the process is killed, which no caller can catch. The layout: [MS-CFB] 2.2 and 2.3, [MS-XLS] 2.4.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from analysis.errors import SourceError
from analysis.sources.extents import Extent, check_extents, too_large

COLUMNS = 256
"""Columns of an old sheet."""
_CELLS = {0x0006, 0x007E, 0x00BD, 0x00BE, 0x00D6, 0x00FD, 0x0201, 0x0203, 0x0204, 0x0205, 0x027E}
"""Records that begin with the row and column of a cell."""
_BLANKS, _MANY_NUMBERS = {0x00BE, 0x0201}, 0x00BD
_BEGINNINGS = {0x0009, 0x0209, 0x0409, 0x0809}
"""Records that begin a sheet, or the part that is about the whole workbook."""
_DIMENSIONS, _STRINGS = 0x0200, 0x00FC
"""Records that say how many rows and columns, or strings, follow; room is made for as many."""
_ROWS, _LEAST_STRING = 65_536, 3
_DAY_ZERO = 0x0022
"""The record that says from which day a workbook counts."""
LARGEST_OLD = 60_000_000
"""Most bytes of an old workbook: 65,536 rows of an export take 45 million."""

Chains = NDArray[np.int64]
"""(sectors,) the sector that follows each; `len` of it where none does."""


def check_compound_file(data: bytes, file: str) -> bool:
    """Whether the workbook counts its days from 1904.

    `SourceError` for a container that would make its parser run out of memory; other damage is left to the parser.
    """
    if len(data) > LARGEST_OLD:
        raise too_large(file, LARGEST_OLD)
    try:
        book = _Container(data)
        if _has_loop(book.chains) or _has_loop(book.short_chains):
            raise ValueError("a chain of sectors without end")
        stream = book.workbook()
        extents = _extents(stream)
    except (struct.error, ValueError, IndexError, OverflowError) as error:
        raise SourceError("sources.file_damaged", file=file) from error
    check_extents(extents, file)
    return _counts_from_1904(stream)


def _counts_from_1904(stream: bytes) -> bool:
    place = 0
    while place + 6 <= len(stream):
        kind, length, value = struct.unpack_from("<3H", stream, place)
        if kind == _DAY_ZERO:
            return value == 1
        if kind in _CELLS:
            return False  # it stands before all cells
        place += 4 + length
    return False


@dataclass(frozen=True)
class _Container:
    """The streams of a compound file; `data` begins with its header."""

    data: bytes

    @cached_property
    def size(self) -> int:
        """Bytes of a sector."""
        return 1 << {9: 9, 12: 12}.get(self._word(30) & 0xFFFF, 9)

    @cached_property
    def padded(self) -> bytes:
        return self.data + b"\xff" * (-len(self.data) % self.size)

    @cached_property
    def sectors(self) -> int:
        return len(self.padded) // self.size - 1

    def _word(self, place: int) -> int:
        return _word(self.data, place)

    def _words(self, sector: int) -> NDArray[np.uint32]:
        return np.frombuffer(self.padded, "<u4", self.size // 4, (sector + 1) * self.size)

    @cached_property
    def chains(self) -> Chains:
        tables = list(struct.unpack_from("<109I", self.data, 76))
        further = self._word(68)
        for _ in range(self.sectors):
            if further >= self.sectors:
                break
            words = self._words(further).tolist()
            tables, further = tables + words[:-1], words[-1]
        else:
            raise ValueError("the list of tables has no end")
        return _chains([self._words(table) for table in tables if table < self.sectors], self.sectors)

    @cached_property
    def short_chains(self) -> Chains:
        return _chains([self._words(sector) for sector in _along(self.chains, self._word(60))])

    def stream(self, start: int) -> bytes:
        places = ((sector + 1) * self.size for sector in _along(self.chains, start))
        return b"".join(self.padded[place : place + self.size] for place in places)

    def workbook(self) -> bytes:
        """The stream of the cells; empty when there is none."""
        directory = self.stream(self._word(48))
        entries = [directory[place : place + 128] for place in range(0, len(directory) - 127, 128)]
        for entry in entries:
            if entry[: struct.unpack_from("<H", entry, 64)[0]].decode("utf-16-le", "ignore").strip("\0") in (
                "Workbook",
                "Book",
            ):
                start, length = struct.unpack_from("<II", entry, 116)
                if length >= self._word(56):
                    return self.stream(start)[:length]
                short = self.stream(struct.unpack_from("<I", entries[0], 116)[0])
                return b"".join(short[64 * s : 64 * s + 64] for s in _along(self.short_chains, start))[:length]
        return b""


def _word(data: bytes, place: int) -> int:
    return struct.unpack_from("<I", data, place)[0]


def _chains(tables: list[NDArray[np.uint32]], sectors: int | None = None) -> Chains:
    words = np.concatenate(tables).astype(np.int64) if tables else np.empty(0, np.int64)
    words = words[:sectors]
    return np.minimum(words, len(words))


def _along(chains: Chains, start: int) -> list[int]:
    found: list[int] = []
    while start < len(chains) and len(found) <= len(chains):
        found.append(start)
        start = int(chains[start])
    return found


def _has_loop(chains: Chains) -> bool:
    """Whether some sector is followed without end: after as many steps as there are sectors a chain has ended."""
    after = np.append(chains, len(chains))
    for _ in range(len(chains).bit_length()):  # each time twice as many steps
        after = after[after]
    return bool((after != len(chains)).any())


def _extents(stream: bytes) -> list[Extent]:
    """How far the cells of each sheet reach; ValueError for a cell, or a number of them, that no sheet has room for."""
    found, place = [Extent("")], 0
    while place + 8 <= len(stream):
        kind, length, row, column = struct.unpack_from("<4H", stream, place)
        if kind in _BEGINNINGS:
            found.append(Extent(str(len(found))))
        elif kind in _CELLS and length >= 4:
            last = column + (length - 6) // 6 - 1 if kind == _MANY_NUMBERS else column
            if max(column, last) >= COLUMNS:
                raise ValueError(f"column {column}")
            if kind not in _BLANKS:
                found[-1].row(row + 1)
                found[-1].cell(True, last + 1)
        elif kind == _DIMENSIONS and length in (10, 14):
            first, last, left, right = struct.unpack_from("<2I2H" if length == 14 else "<4H", stream, place + 4)
            if not first <= last <= _ROWS or not left <= right <= COLUMNS:
                raise ValueError(f"rows {first} to {last}, columns {left} to {right}")
        elif kind == _STRINGS and length >= 8 and _word(stream, place + 8) * _LEAST_STRING > len(stream):
            raise ValueError("more strings than bytes")
        place += 4 + length
    return found
