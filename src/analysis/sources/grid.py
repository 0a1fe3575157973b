"""The records of an even text by column: a file of 300,000 lines is held once, and no row of it is a list."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import overload

import pandas as pd
import pyarrow as pa
import pyarrow.csv

from analysis.sources.extents import MOST_IN_COLUMNS

_BLOCK = 1 << 24
"""Bytes that are split at once; a longer record is left to the slower reader."""
_WIDEST = 1000
"""Columns of a text; a line with more separators is no row of a table."""


FEW = 10_000
"""Rows up to which texts are Python's own, which are quicker to work with."""


class Grid(Sequence[list[object]]):
    """Records that all have the same number of cells: read as rows like any sheet's, or column by column."""

    def __init__(self, table: pa.Table):
        self.table = table

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    def __len__(self) -> int:
        return self.table.num_rows

    @overload
    def __getitem__(self, place: int) -> list[object]: ...
    @overload
    def __getitem__(self, place: slice) -> Grid: ...
    def __getitem__(self, place: int | slice) -> list[object] | Grid:
        if isinstance(place, slice):
            first, last, _ = place.indices(len(self))
            return Grid(self.table.slice(first, max(last - first, 0)))
        if not -len(self) <= place < len(self):
            raise IndexError(place)
        return [column[place].as_py() for column in self.table.columns]

    def __iter__(self) -> Iterator[list[object]]:
        for batch in self.table.to_batches(max_chunksize=1000):
            yield from map(list, zip(*(column.to_pylist() for column in batch.columns)))

    @property
    def width(self) -> int:
        """Cells of each row."""
        return self.table.num_columns

    def frame(self, index: pd.Index, places: Sequence[int]) -> pd.DataFrame:
        """The columns at `places` as texts; of many rows as Arrow's, which take a third of the memory."""
        with pd.option_context("mode.string_storage", "pyarrow" if len(self) > FEW else "python"):
            return self.table.select(list(places)).to_pandas().set_axis(index)

    def words(self, place: int, like: str = "") -> list[str]:
        """The different cells of a column, only those in which `like` stands (a regular expression in RE2's grammar)."""
        words = self.table.column(place).unique()
        if like:
            words = words.filter(pa.compute.match_substring_regex(words, like))
        return words.to_pylist()

    def rows_with(self, place: int, words: Sequence[str]) -> list[int]:
        """The places of the rows in whose column stands one of `words`."""
        found = pa.compute.is_in(self.table.column(place), value_set=pa.array(words, pa.large_string()))
        return pa.compute.indices_nonzero(found).to_pylist()


def grid_of(data: bytes, delimiter: str) -> Grid | None:
    """The records of a text in UTF-8 as `csv.reader` reads them; None where it is uneven or quoted in another way than by the
    book, for that reader to take or refuse."""
    mark = delimiter.encode()
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    data = data.rstrip(b"\n")
    if data.count(mark) + data.count(b"\n") > MOST_IN_COLUMNS or b"\n\n" in data or b"\0" in data:
        return None
    quoted = b'"' in data
    if quoted and not _by_the_book(data, mark):
        return None
    try:
        table = _split(data, delimiter, quoted)
    except pa.ArrowInvalid:
        return None
    return Grid(table) if 1 < table.num_columns <= _WIDEST else None


def _by_the_book(data: bytes, mark: bytes) -> bool:
    """Whether each quotation mark begins or ends a whole cell, or is doubled within one."""
    ends = re.escape(mark) + rb"\n"
    cell = re.compile(rb"(?:\A|(?<=[" + ends + rb']))"[^"]*+(?:""[^"]*+)*+"(?=[' + ends + rb"]|\Z)")
    return b'"' not in cell.sub(b"", data)


def _split(data: bytes, delimiter: str, quoted: bool) -> pa.Table:
    return pyarrow.csv.read_csv(
        pa.BufferReader(data),
        pyarrow.csv.ReadOptions(use_threads=False, block_size=_BLOCK, autogenerate_column_names=True),
        pyarrow.csv.ParseOptions(
            delimiter=delimiter,
            quote_char='"' if quoted else False,
            newlines_in_values=quoted,
            ignore_empty_lines=False,
        ),
        pyarrow.csv.ConvertOptions(column_types={f"f{place}": pa.large_string() for place in range(_WIDEST)}),
    )
