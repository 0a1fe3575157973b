"""A made-up order history as canonical Parquet, of any length, written a batch at a time; some of its rows cannot be used."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

AS_OF = np.datetime64("2026-10-31")
CATEGORIES = np.array(["饰品", "箱包", "玩具", "厨具", "文具", "灯具", "服装", "鞋帽", "五金", "家纺", "日用", "户外"])
STAGES = np.array(["样品单", "试单", "大货"])
STATUSES = np.array(["交易成功", "已发货", "交易关闭", "等待买家付款"])
SKUS = 2400
BATCH = 1_000_000
FILE = 10_000_000
"""Lines in a file."""


def write_history(
    folder: Path, lines: int, suppliers: int, seed: int = 1, file_lines: int = FILE, bad: float = 0.002
) -> int:
    """Files of `file_lines` each; `bad` is the share of rows with each of six faults. Returns the bytes written."""
    folder.mkdir(parents=True, exist_ok=True)
    written, order = 0, 0
    for number, start in enumerate(range(0, lines, file_lines)):
        path, writer = folder / f"orders_{number:04d}.parquet", None
        for first in range(start, min(start + file_lines, lines), BATCH):
            rng = np.random.default_rng([seed, first])
            table, order = _batch(rng, min(BATCH, lines - first, start + file_lines - first), suppliers, order, bad)
            writer = writer or pq.ParquetWriter(path, table.schema, **_layout(table))
            writer.write_table(table, row_group_size=BATCH)
        writer.close()  # type: ignore[union-attr]
        written += path.stat().st_size
    return written


def _layout(table: pa.Table) -> dict:
    """Names are written once a row group: a dictionary page has room for all of them."""
    coded = [name for name in table.column_names if name != "order_id"]
    return {"compression": "zstd", "use_dictionary": coded, "dictionary_pagesize_limit": 8 << 20}


def _batch(rng: np.random.Generator, rows: int, suppliers: int, order: int, bad: float) -> tuple[pa.Table, int]:
    new = rng.random(rows) < 0.6
    new[0] = True
    head = np.flatnonzero(new)[np.cumsum(new) - 1]
    number = order + np.cumsum(new)
    line = np.arange(rows) - head + 1
    supplier = (suppliers * rng.random(rows) ** 1.2).astype(np.int64)[head]
    ordered = (AS_OF - rng.integers(1, 1500, rows).astype("timedelta64[D]"))[head]
    took = np.round(np.exp(_trait(supplier, 1, 2.6, 3.2) + _trait(supplier, 2, 0.15, 0.45) * rng.standard_normal(rows)))
    together = (rng.random(rows) < 0.9) | new
    received = ordered + np.where(together, took[head], took).astype("timedelta64[D]")
    sku = supplier % 12 + 12 * ((supplier * 7 + rng.integers(0, 4, rows)) % (SKUS // 12))
    quantity = rng.integers(5, 400, rows)
    price = np.round(5 + sku % 97 / 10, 2)
    status = np.where(received <= AS_OF, 0, 1)
    status[rng.random(rows) < 0.03] = 2
    arrived = (status == 0) & (received <= AS_OF)
    looked = arrived & (rng.random(rows) < 0.1)
    inspected = np.minimum(quantity, np.where(rng.random(rows) < 0.5, 5, 8))
    defective = rng.binomial(inspected, _trait(supplier, 3, 0.0, 0.12) ** 1.5 * 3)
    received_on, inspected_on = received.copy(), received + np.timedelta64(1, "D")
    looked &= inspected_on <= AS_OF
    fault = rng.random(rows)
    f = [(fault >= k * bad) & (fault < (k + 1) * bad) for k in range(6)]
    quantity = np.where(f[0], 0, quantity)
    received_on = np.where(f[1] & arrived, ordered - np.timedelta64(3, "D"), received_on)
    defective = np.where(f[2] & looked, inspected + 2, defective)
    inspected_on = np.where(f[3] & looked, ordered + np.timedelta64(0, "D"), inspected_on)
    twice = np.flatnonzero(f[4][1:] & ~new[1:]) + 1  # the line before told again: in all alike, or as another line
    line[twice[1::2]] -= 1
    looked[twice[1::2]] = False  # a line that is refused takes its lot along, which a sheet of inspections would not
    names = pa.array([f"义乌市第{n}日用品厂" for n in range(suppliers)])
    goods = np.round(price * quantity, 2)
    table = pa.table(
        {
            "order_id": pc.binary_join_element_wise(
                "PO", pc.utf8_lpad(pa.array(number).cast(pa.string()), 11, "0"), ""
            ),
            "line_no": pa.array(line),
            "supplier": pa.DictionaryArray.from_arrays(pa.array(supplier.astype(np.int32), mask=f[5]), names).cast(
                pa.string()
            ),
            "sku": pa.DictionaryArray.from_arrays(
                pa.array(sku.astype(np.int32)), pa.array([f"K{n:05d}" for n in range(SKUS)])
            ),
            "category": pa.DictionaryArray.from_arrays(pa.array((sku % 12).astype(np.int32)), pa.array(CATEGORIES)),
            "stage": pa.DictionaryArray.from_arrays(pa.array((quantity // 150).astype(np.int32)), pa.array(STAGES)),
            "ordered_on": pa.array(ordered),
            "promised_on": pa.array(ordered + np.round(np.exp(_trait(supplier, 4, 2.5, 3.4))).astype("timedelta64[D]")),
            "received_on": pa.array(received_on, mask=~arrived),
            "quantity": pa.array(quantity),
            "unit_price": pa.array(price),
            "goods_amount": pa.array(goods),
            "paid_amount": pa.array(goods),
            "status": pa.DictionaryArray.from_arrays(pa.array(status.astype(np.int32)), pa.array(STATUSES)),
            "inspected_on": pa.array(inspected_on, mask=~looked),
            "inspected": pa.array(inspected, mask=~looked),
            "defective": pa.array(defective, mask=~looked),
        }
    )
    if twice.size:
        take = np.arange(rows)
        take[twice[::2]] = twice[::2] - 1
        table = table.take(pa.array(take))
    return table, int(number[-1])


def _trait(supplier: np.ndarray, which: int, low: float, high: float) -> np.ndarray:
    """A property of each supplier, spread evenly between two values and the same in every batch."""
    mixed = (supplier + 1) * np.int64(2_654_435_761) * which % 1_000_003
    return low + (high - low) * mixed / 1_000_003
