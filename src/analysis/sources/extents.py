"""How much a file may hold, and how far the cells of its sheets reach."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.errors import SourceError

LARGEST = 300_000_000
"""Most bytes that a file may hold when unpacked; a year of orders takes about a hundredth of it."""
STEEPEST = 200
"""Most bytes that one packed byte may unpack to in a file of some size; sheets of real orders stay below 40."""
MOST_CELLS = 2_000_000
"""Most cells of all sheets of a file, blank ones between filled ones included: 40,000 lines of an export, in ten seconds."""
MOST_IN_COLUMNS = 8_000_000
"""Most cells of an even text, which is held by columns: 300,000 lines of orders in full."""


def check_size(unpacked: int, packed: int, file: str) -> None:
    """`SourceError` for a part that unpacks to more than it may."""
    if unpacked > LARGEST or (unpacked > 20_000_000 and unpacked > STEEPEST * packed):
        raise too_large(file, LARGEST)


def too_large(file: str, limit: int) -> SourceError:
    """The error for a file whose parts unpack to more than `limit`."""
    return SourceError("sources.file_too_large", file=file, limit=limit // 1_000_000)


def too_many_cells(file: str) -> SourceError:
    """The error for a sheet with more cells than any table has."""
    return SourceError("sources.file_too_many_cells", file=file, limit=MOST_CELLS // 1_000_000)


def check_extents(extents: list[Extent], file: str) -> None:
    """Refuses sheets that take more than `MOST_CELLS`: because of a stray cell, or because they hold so much."""
    if sum(extent.cells for extent in extents) <= MOST_CELLS:
        return
    widest = max(extents, key=lambda extent: extent.cells)
    if widest.filled * 4 > widest.cells:
        raise too_many_cells(file)
    raise SourceError("sources.sheet_too_large", file=file, sheet=widest.sheet, row=widest.rows)


@dataclass
class Extent:
    """How far the filled cells of a sheet reach, told cell by cell; `filled` counts them."""

    sheet: str
    rows: int = 0
    columns: int = 0
    filled: int = 0
    _row: int = 0
    _column: int = 0
    _repeated: int = 1

    @property
    def cells(self) -> int:
        """Cells in the rectangle seen so far."""
        return self.rows * self.columns

    def row(self, number: int | None = None, repeated: int = 1) -> None:
        """The next row begins, or row `number` (from 1), which stands for `repeated` of them."""
        self._row = self._row + self._repeated if number is None else number
        self._column, self._repeated = 0, repeated

    def cell(self, filled: bool, column: int | None = None, repeated: int = 1) -> None:
        """The next cell, or that of `column` (from 1), which stands for `repeated` of them."""
        self._column = self._column + repeated if column is None else column
        if filled:
            self.rows = max(self.rows, self._row + self._repeated - 1)
            self.columns = max(self.columns, self._column)
            self.filled += repeated * self._repeated
