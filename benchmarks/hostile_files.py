"""5,000 damaged, odd and hostile files (`tests/hostile_files.py`), and files of 285 MB that are no data of ours.

Each file of the series is loaded in a process that may take 1 GB more than it has at the start, and 10 s of a processor: rows
accounted for, or the project's own sentence; a traceback, a hang and a process that dies are faults. `python benchmarks/hostile_files.py 0 500`
loads a part of the series and prints what became of each change.
"""

from __future__ import annotations

import io
import json
import os
import queue
import resource
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
import hostile_files as series

FILES = 5000
SECONDS = 10
PATIENCE = 120
"""Seconds of the clock after which a file is given up: this machine may be busy with other things."""
MEMORY = 1_000_000_000
LARGE = 285_000_000
GOOD = ("rows", "refused")


# --- the series -------------------------------------------------------------------------------------------------------


def load(first: int, last: int) -> None:
    """In the process of its own: a line before and a line after each file."""
    most = psutil.Process().memory_info().vms + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    warnings.simplefilter("error")
    for number in range(first, last):
        file = series.hostile_file(number)
        print(json.dumps({"number": number, "make": file.make, "changes": file.changes}), flush=True)
        with tempfile.TemporaryDirectory() as folder:
            begun = _seconds()
            try:
                found = series.outcome(file, Path(folder) / "source")
                kind, told = found.kind, found.told
            except Exception:
                kind, told = "traceback", traceback.format_exc(limit=-3)
        whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        peak = max(resource.getrusage(who).ru_maxrss for who in whose) * 1024
        seconds = _seconds() - begun
        print(json.dumps({"kind": kind, "told": told, "seconds": seconds, "peak": peak}), flush=True)


def _seconds() -> float:
    """Of a processor, those of the child that parses included."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def outcomes(first: int = 0, last: int = FILES) -> pd.DataFrame:
    """number make changes kind told seconds peak, one row a file; a process that dies or hangs is begun again behind it."""
    found: list[dict] = []
    while first + len(found) < last:
        found += _until_it_stops(first + len(found), last)
    return pd.DataFrame(found)


def _until_it_stops(first: int, last: int) -> Iterator[dict]:
    command = [sys.executable, __file__, "--load", str(first), str(last)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    lines: queue.Queue[str] = queue.Queue()

    def listen() -> None:
        for line in process.stdout or ():
            lines.put(line)
        lines.put("")

    threading.Thread(target=listen, daemon=True).start()
    try:
        while told := lines.get(timeout=PATIENCE):
            file = json.loads(told)
            try:
                after = lines.get(timeout=PATIENCE)
            except queue.Empty:
                yield {**file, "kind": "hang", "told": "", "seconds": float(PATIENCE), "peak": 0}
                return
            if not after:
                yield {**file, "kind": "died", "told": f"exit {process.wait()}", "seconds": 0.0, "peak": 0}
                return
            yield {**file, **json.loads(after)}
    finally:
        process.kill()
        process.wait()


def by_change(found: pd.DataFrame) -> pd.DataFrame:
    """Files of each change by what became of them."""
    single = found.explode("changes").fillna({"changes": "(none)"})
    return pd.crosstab(single["changes"], single["kind"], margins=True, margins_name="all")


# --- files of 285 MB --------------------------------------------------------------------------------------------------


def write_large_text(path: Path) -> None:
    piece = b"".join(b"%d,%d,%d,%d\r\n" % (row, row % 7, row % 13, row % 97) for row in range(100_000))
    with path.open("wb") as stream:
        stream.write(b"a,b,c,d\r\n")
        for _ in range(LARGE // len(piece)):
            stream.write(piece)


def write_large_workbook(path: Path) -> None:
    """A sheet of small numbers that unpacks to 285 MB."""
    page = series.Page("cells", [["a", "b", "c", "d"]])
    base = series.write_xlsx(series.Draft("xlsx", path.name, [page], frozenset()))
    chance = np.random.default_rng(1)
    with (
        zipfile.ZipFile(io.BytesIO(base)) as old,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new,
    ):
        for name in old.namelist():
            if not name.endswith("sheet1.xml"):
                new.writestr(name, old.read(name))
                continue
            start, end = old.read(name).split(b"</sheetData>")
            with new.open(name, "w", force_zip64=True) as stream:
                size = stream.write(start)
                while size < LARGE:
                    numbers = chance.integers(0, 100_000, (5000, 10)).tolist()
                    size += stream.write(b"".join(map(_row, numbers)))
                stream.write(b"</sheetData>" + end)


def write_large_orders(path: Path, lines: int = 300_000) -> None:
    """Orders of 300,000 lines, two to an order, in eight columns: 30 MB."""
    chance = np.random.default_rng(1)
    order = np.arange(lines) // 2
    day = pd.Timestamp("2023-01-02") + pd.to_timedelta(chance.integers(0, 1000, lines // 2)[order], "D")
    suppliers, skus = chance.integers(0, 120, lines // 2)[order], chance.integers(0, 900, lines)
    pd.DataFrame(
        {
            "order_id": [f"PO{number:07d}" for number in order],
            "line_no": np.arange(lines) % 2 + 1,
            "supplier": [f"义乌市第{number}日用品厂" for number in suppliers],
            "sku": [f"SKU-{number:04d}" for number in skus],
            "ordered_on": day.strftime("%Y-%m-%d"),
            "received_on": (day + pd.to_timedelta(chance.integers(3, 20, lines), "D")).strftime("%Y-%m-%d"),
            "quantity": chance.integers(1, 200, lines) * 10,
            "unit_price": chance.integers(100, 4000, lines) / 100,
        }
    ).to_csv(path, index=False)


def _row(numbers: list[int]) -> bytes:
    return b"<row>" + b"".join(b"<c><v>%d</v></c>" % number for number in numbers) + b"</row>"


def check(path: Path) -> tuple[str, float, int]:
    """What `analysis check` says, its seconds and the most memory that it held, in bytes."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "analysis", "check", str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said = process.stdout.read() if process.stdout else ""
    _, process.returncode, used = os.wait4(process.pid, 0)
    return said, time.perf_counter() - begun, used.ru_maxrss * 1024


def run() -> list[dict]:
    found = outcomes()
    print(by_change(found).to_string(), file=sys.stderr)
    faults = found[~found["kind"].isin(GOOD)]
    rows = [
        row(
            f"{FILES} files, tracebacks and dead processes", int(faults["kind"].isin(["traceback", "died"]).sum()), "0"
        ),
        row(f"{FILES} files, over {SECONDS} s", int((found["seconds"] > SECONDS).sum()), "0"),
        row(f"{FILES} files, rows not accounted for", int((faults["kind"] == "fault").sum()), "0"),
        row(f"{FILES} files, most memory, MB", int(found["peak"].max() / 1e6), "< 1000", found["peak"].max() < MEMORY),
    ]
    with tempfile.TemporaryDirectory() as folder:
        for name, write in (("list.csv", write_large_text), ("list.xlsx", write_large_workbook)):
            write(Path(folder) / name)
            said, seconds, peak = check(Path(folder) / name)
            told = "neither a 1688 export nor a ledger" in said
            rows.append(
                row(f"{name} of 285 MB that is no data, seconds", seconds, "told, <= 3 s", told and seconds <= 3)
            )
            rows.append(row(f"{name} of 285 MB that is no data, MB", int(peak / 1e6), "<= 400 MB", peak <= 400_000_000))
        path = Path(folder) / "orders.csv"  # not alone in its folder: a look at one file
        write_large_orders(path)
        before = os.times()
        said, _, peak = check(path)
        after = os.times()
        spent = after.children_user + after.children_system - before.children_user - before.children_system
        read = "300000" in said
        rows.append(row("orders of 300,000 lines, seconds of a processor", spent, "<= 6 s", read and spent <= 6))
        rows.append(row("orders of 300,000 lines, MB", int(peak / 1e6), "<= 500 MB", peak <= 500_000_000))
    return rows


def row(what: str, figure: float, goal: str, met: bool | None = None) -> dict:
    return {"what": what, "figure": figure, "goal": goal, "met": figure == 0 if met is None else bool(met)}


if __name__ == "__main__":
    if sys.argv[1] == "--load":
        load(int(sys.argv[2]), int(sys.argv[3]))
    else:
        table = outcomes(int(sys.argv[1]), int(sys.argv[2]))
        print(by_change(table).to_string())
        print(table[~table["kind"].isin(GOOD)].to_string())
        print(table[["seconds", "peak"]].max().to_string())
