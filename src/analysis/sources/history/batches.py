"""A file of history as batches that hold whole orders, in the order in which they stand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from analysis.errors import SourceError
from analysis.sources.history.columns import COLUMNS, NAMED, WORDS, check_schema

ROWS = 250_000
"""Of a batch: larger ones are no quicker, and memory grows with them."""


def whole_orders(path: Path) -> Iterator[tuple[int, pa.RecordBatch]]:
    """(place of the first row, batch): no order stands in two batches.

    Raises
    ------
    SourceError
        A file that is no Parquet, lacks a column, or whose lines are not in the order of order and line number.
    """
    place, tail, last_line = 0, None, None
    for batch in _batches(path):
        last_line = _check_sorted(last_line, batch, path.name, place + (len(tail) if tail else 0))
        whole = pa.concat_batches([tail, batch]) if tail else batch
        last, begun = _last_order(whole["order_id"]), len(whole) - len(batch)
        if last:
            yield place, whole.slice(0, last)
        # cut from the batch as it was read: its names have the same numbers as those of the next one
        place, tail = place + last, batch.slice(last - begun) if last >= begun else whole
    if tail:
        yield place, tail


def _batches(path: Path) -> Iterator[pa.RecordBatch]:
    try:
        schema = pq.read_schema(path)
        names = check_schema(schema, path.name)
        texts = [
            name for name in names if name in (*NAMED, *WORDS) and not pa.types.is_dictionary(schema.field(name).type)
        ]
        with pq.ParquetFile(path, read_dictionary=texts, pre_buffer=False) as file:  # else all of it is held
            for batch in file.iter_batches(ROWS, columns=names, use_threads=False):
                if len(batch):
                    yield _with_plain_orders(batch)
    except (pa.ArrowException, OSError) as error:
        raise SourceError("sources.file_damaged", file=path.name) from error


def _with_plain_orders(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Order numbers are checked as texts, however the file codes them; of a column of blanks none is known to be one."""
    place = batch.schema.get_field_index("order_id")
    kind = batch.schema.field(place).type
    if pa.types.is_dictionary(kind) or pa.types.is_null(kind):
        return batch.set_column(place, "order_id", batch.column(place).cast(pa.string()))
    return batch


def _last_order(orders: pa.Array) -> int:
    """Where the last order begins, looked for from the end."""
    size = 64
    while True:
        start = max(len(orders) - size, 0)
        other = np.asarray(pc.fill_null(pc.not_equal(orders[start:], orders[-1]), True))
        if other.any() or not start:
            return start + (int(np.flatnonzero(other)[-1]) + 1 if other.any() else 0)
        size *= 4


def _check_sorted(before: pa.RecordBatch | None, batch: pa.RecordBatch, file: str, place: int) -> pa.RecordBatch | None:
    """The last line that has an order number, which the next batch follows; `before` is the one that `batch` follows."""
    batch = batch.select(["order_id", "line_no"])
    rows = np.flatnonzero(np.asarray(batch["order_id"].is_valid()))
    there = batch if rows.size == len(batch) else batch.take(pa.array(rows))
    if not len(there):
        return before
    if before is not None and _goes_back(pa.concat_batches([before, there.slice(0, 1)])) >= 0:
        raise SourceError(
            "sources.history_not_sorted", file=file, row=place + int(rows[0]) + 2, column=COLUMNS["order_id"].name
        )
    at = _goes_back(there)
    if at >= 0:
        row = place + int(rows[at + 1]) + 2
        raise SourceError("sources.history_not_sorted", file=file, row=row, column=COLUMNS["order_id"].name)
    return there.slice(len(there) - 1)


def _goes_back(batch: pa.RecordBatch) -> int:
    """The row that the next one should have stood before; -1 where all are in order."""
    orders, lines = batch["order_id"], batch["line_no"]
    back = pc.fill_null(pc.greater(orders[:-1], orders[1:]), False)
    same = pc.fill_null(pc.equal(orders[:-1], orders[1:]), False)
    back = pc.or_(back, pc.and_(same, pc.fill_null(pc.greater(lines[:-1], lines[1:]), False)))
    at: int = pc.index(back, True).as_py()
    return at
