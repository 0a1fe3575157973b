"""The columns of a history, and how each of a batch becomes an array: codes of names, days, numbers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from analysis.errors import SourceError
from analysis.sources.column_cells import read_column
from analysis.sources.table_types import Column
from analysis.sources.tables import TABLES

_LINES, _LOTS = TABLES["orders"], TABLES["inspections"]
MONEY = ("goods_amount", "freight", "duty", "discount", "paid_amount")
NAMED = ("supplier", "sku", "category")
WORDS = ("stage", "status", "inspected_by")
DAYS = ("ordered_on", "paid_on", "promised_on", "repromised_on", "shipped_on", "received_on")
PROMISES = ("promised_on", "repromised_on")
NUMBERS = ("line_no", "quantity", "received_quantity", "unit_price", *MONEY)
OF_LOT = ("inspected_on", "inspected", "defective")
BY_OTHERS = "inspected_by"
"""As an array: 1 where a factory or a third party inspected, whose look is none of ours."""
COLUMNS: Mapping[str, Column] = {
    **{name: _LINES.column(name) for name in _LINES.names() if name in ("order_id", *NAMED, *WORDS, *DAYS, *NUMBERS)},
    **{name: _LOTS.column(name) for name in (*OF_LOT, BY_OTHERS)},
}
"""What is read of a history, in the tables' order: an order line, and beside it what the first look at its goods found."""
REQUIRED = ("order_id", "line_no", "supplier", "ordered_on", "quantity")
NO_DAY = np.nan


class Vocabulary:
    """The different cells of a text column: each is read once, by the rules of small files, and has a number from then on."""

    def __init__(self, column: Column) -> None:
        self.column = column
        self.number: dict[str, int] = {}
        self.value: list[str | None] = []
        self.odd: dict[int, str] = {}
        """The faults of those that have one."""
        self.first: list[int] = []
        """The place at which each was met first."""
        self._used: pa.Array = pa.array([], pa.string())
        self._codes = np.array([-1])

    def codes(self, cells: pa.DictionaryArray, place: int) -> np.ndarray:
        """(rows,) numbers of the cells, -1 where blank; `place` that of the first row."""
        used = cells.dictionary
        indices = np.asarray(cells.indices.fill_null(len(used)))
        if not used.equals(self._used):  # batches of one row group have one dictionary
            known = pc.index_in(used, value_set=pa.array(self.number, used.type))
            self._codes = np.append(np.asarray(known.fill_null(-2), dtype=np.int64), -1)
            self._used = used
        if (self._codes == -2).any():
            self._add(used, self._codes, indices, place)
        return self._codes[indices]

    def _add(self, used: pa.Array, codes: np.ndarray, indices: np.ndarray, place: int) -> None:
        new = np.flatnonzero(codes == -2)
        first = np.full(codes.size, indices.size, dtype=np.int64)
        np.minimum.at(first, indices, np.arange(indices.size))
        new = new[first[new] < indices.size]
        if not new.size:
            return
        texts = dict(zip(new.tolist(), used.take(pa.array(new)).to_pylist()))
        cells = pd.Series(list(texts.values()), dtype=object)
        read = read_column(self.column, cells)
        values = read.values.astype(object).where(read.values.notna(), None)
        for at, value, fault in zip(new, values, read.faults):
            text = texts[int(at)]
            if text is None or (value is None and fault is None):
                codes[at] = -1  # a blank, or a word that means one
                continue
            codes[at] = self.number[text] = len(self.value)
            if fault is not None:
                self.odd[len(self.value)] = fault
            self.value.append(value)
            self.first.append(place + int(first[at]))


def check_schema(schema: pa.Schema, file: str) -> list[str]:
    """The columns of COLUMNS that `schema` has; `SourceError` where one is missing or is of another kind."""
    absent = [name for name in REQUIRED if name not in schema.names]
    if absent:
        chinese = "、".join(COLUMNS[name].zh[0] for name in absent)
        raise SourceError("sources.history_columns", file=file, columns=", ".join(absent), columns_zh=chinese)
    found = [name for name in COLUMNS if name in schema.names]
    for name in found:
        kind, wanted = schema.field(name).type, _wanted(COLUMNS[name])
        if not _is(kind, wanted):
            raise SourceError("sources.history_kind", file=file, column=name, kind=str(kind), wanted=wanted)
    return found


def _wanted(column: Column) -> str:
    return {"date": "date", "time": "date", "count": "number", "money": "number"}.get(column.kind, "string")


def _is(kind: pa.DataType, wanted: str) -> bool:
    if pa.types.is_null(kind):
        return True
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if wanted == "string":
        return pa.types.is_string(kind) or pa.types.is_large_string(kind)
    if wanted == "date":
        return pa.types.is_date(kind) or (pa.types.is_timestamp(kind) and kind.tz is None)
    return pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)


def days_of(cells: pa.Array) -> np.ndarray:
    """(rows,) days since 1970 as floats, NaN where blank; moments are rounded down."""
    if pa.types.is_null(cells.type):
        return np.full(len(cells), NO_DAY)
    if not pa.types.is_date32(cells.type):
        cells = pc.floor_temporal(cells, unit="day").cast(pa.date32())
    return _floats(cells.cast(pa.int32()))


def numbers_of(cells: pa.Array) -> np.ndarray:
    """(rows,) floats, NaN where blank."""
    if pa.types.is_null(cells.type):
        return np.full(len(cells), np.nan)
    return _floats(cells)


def _floats(cells: pa.Array) -> np.ndarray:
    """Without a detour over null bitmaps where nothing is missing."""
    values = cells.cast(pa.float64(), safe=False)
    if not values.null_count:
        return values.to_numpy()
    return values.fill_null(np.nan).to_numpy()


def as_dictionary(cells: pa.Array) -> pa.DictionaryArray:
    """A text column as numbers and their texts."""
    if pa.types.is_null(cells.type):
        return pa.array([None] * len(cells), pa.string()).dictionary_encode()
    return cells if pa.types.is_dictionary(cells.type) else cells.dictionary_encode()
