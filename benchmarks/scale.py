"""What a history of orders costs, from 10^3 to 10^8 lines and 10 to 10^5 suppliers: CPU seconds and memory of each step.

`python benchmarks/scale.py 1e8 1e5 FOLDER` measures one point, in a folder with room for it (a line takes about 20 bytes);
`run` those that take a minute. Every point is measured in a process of its own, beside a pass that only decodes the same columns and counts.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from history import AS_OF, write_history
from history_small import as_small_files, in_memory
from measuring import row

from analysis.estimates.defect_rate import defect_rates_by_block
from analysis.estimates.lead_time import LeadTimes, fit_lead_times, lead_time_table
from analysis.sources.history import count_history, history_files
from analysis.sources.history.batches import whole_orders
from analysis.sources.history.columns import COLUMNS, Vocabulary, as_dictionary, days_of, numbers_of
from analysis.sources.history.tally import Tally

DAY = pd.Timestamp(AS_OF)
LIMIT = 0.05
POINTS = ((1_000, 10), (10_000, 10), (100_000, 100), (1_000_000, 1_000))


def decode_and_count(files: list[Path]) -> int:
    """The least that any way of counting must do: every column is decoded, and both kinds of facts are counted, unchecked."""
    names = {name: Vocabulary(COLUMNS[name]) for name in ("supplier", "sku")}
    days, lots, today = Tally(), Tally(), float((DAY - pd.Timestamp(0)).days)
    for path in files:
        for _, batch in whole_orders(path):
            supplier, sku = (_plain_codes(names[name], batch[name]) for name in names)
            took = days_of(batch["received_on"])
            is_open = np.isnan(took)
            length = np.where(is_open, today, took) - days_of(batch["ordered_on"])
            days.add((supplier << 17 | length.astype(np.int64) & 0xFFFF) << 1 | is_open)
            seen = [numbers_of(batch[name]) for name in ("inspected", "defective")]
            looked = ~np.isnan(seen[0])
            inspected, defective = (cells[looked].astype(np.int64) for cells in seen)
            lots.add((supplier[looked] << 20 | sku[looked]) << 20 | inspected << 10 | defective)
    return len(days.settled()[0]) + len(lots.settled()[0])


def _plain_codes(book: Vocabulary, cells: pa.Array) -> np.ndarray:
    coded = as_dictionary(cells)
    of = np.array([book.number.setdefault(text, len(book.number)) for text in coded.dictionary.to_pylist()] + [0])
    return of[np.asarray(coded.indices.fill_null(len(of) - 1))]


def estimates(files: list[Path]) -> dict[str, float]:
    """CPU seconds of each step; what the last ones make is checked to be there."""
    marks = [("", time.process_time())]
    counts = count_history(files, DAY)
    marks.append(("count", time.process_time()))
    times = LeadTimes.counted(counts.deliveries, counts.promises, counts.categories())
    table = lead_time_table(times, fit_lead_times(times))
    del times
    marks.append(("lead_times", time.process_time()))
    rates = defect_rates_by_block(counts.lots, counts.ordered, LIMIT)
    marks.append(("defect_rates", time.process_time()))
    if table["lead_time_median"].isna().any() or rates["defect_rate"].isna().any():
        raise ValueError("a supplier has no estimate")
    steps = {name: now - before for (_, before), (name, now) in pairwise(marks)}
    return {**steps, "groups": len(counts.deliveries) + len(counts.lots), "kept": int(counts.accounting["kept"].sum())}


def measured(work: str, folder: Path) -> dict[str, float]:
    """`estimates` or `decode_and_count` in a process of its own: its steps, CPU seconds `cpu` and peak memory `mb`."""
    command = [sys.executable, __file__, "--inside", work, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def _inside(work: str, folder: Path) -> None:
    pa.set_cpu_count(1)
    files, begun = history_files(folder), time.process_time()
    found = estimates(files) if work == "estimates" else {"groups": decode_and_count(files)}
    used = {"cpu": time.process_time() - begun, "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3}
    print(json.dumps({**found, **used}))


def point(lines: int, suppliers: int, folder: Path) -> dict[str, float]:
    """One point of the curve; its files are written to `folder` unless they are there."""
    if not folder.exists():
        write_history(folder, lines, suppliers)
    floor, whole = (measured(work, folder) for work in ("decode_and_count", "estimates"))
    return {"lines": lines, "suppliers": suppliers, **whole, "floor": floor["cpu"], "floor_mb": floor["mb"]}


def differences(folder: Path, small: Path) -> float:
    """The largest difference between the tables of a history and those of the same lines in memory."""
    as_small_files(folder, small)
    wanted = in_memory(small, DAY, LIMIT)
    counts = count_history(history_files(folder), DAY)
    times = LeadTimes.counted(counts.deliveries, counts.promises, counts.categories())
    found = {
        "lead_times": lead_time_table(times, fit_lead_times(times)),
        "defect_rates": defect_rates_by_block(counts.lots, counts.ordered, LIMIT),
    }
    worst = 0.0
    for name, table in found.items():
        pd.testing.assert_frame_equal(table, wanted[name], check_dtype=False, rtol=1e-12, atol=1e-12)
        numbers = table.select_dtypes("number").columns
        gaps = (table[numbers].astype(float) - wanted[name][numbers].astype(float)).abs()
        worst = max(worst, float(np.nan_to_num(gaps.to_numpy()).max(initial=0.0)))
    return worst


def run() -> list[dict]:
    """The curve's small end, and the tables of 10^5 lines against those in memory."""
    with tempfile.TemporaryDirectory() as name:
        top = Path(name)
        found = [point(lines, suppliers, top / f"{lines}_{suppliers}") for lines, suppliers in POINTS]
        rows = [
            row(
                f"{p['lines']:,} lines, {p['suppliers']:,} suppliers, CPU s",
                p["cpu"],
                "",
                None,
                p["floor"],
                p["cpu"] / p["floor"],
            )
            for p in found
        ]
        largest = found[-1]
        rows.append(row("memory of 10^6 lines, MB", largest["mb"], "<= 2000", largest["mb"] <= 2000))
        worst = differences(top / "100000_100", top / "small" / "source")
        rows.append(row("largest difference to the lines in memory", worst, "<= 1e-12", worst <= 1e-12))
    return rows


if __name__ == "__main__":
    if sys.argv[1] == "--inside":
        _inside(sys.argv[2], Path(sys.argv[3]))
    else:
        asked = point(int(float(sys.argv[1])), int(float(sys.argv[2])), Path(sys.argv[3]))
        print(json.dumps(asked))
