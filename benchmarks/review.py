"""A month's review, warm: wall time, against the papermill command one notebook after another, and peak memory."""

from __future__ import annotations

import contextlib
import importlib
import pkgutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path
from unittest import mock

import psutil

from analysis import simulate
from analysis.paths import NOTEBOOKS
from analysis.review.notebooks import review_notebooks
from analysis.simulate import products, simulate_company, write_company

MONTHS = (("example", "2026-10", 12.0), ("scms", "2013-06", 20.0))
"""Source, month, and the seconds that its review may take on 2 cores."""
ROUNDS = 3
LARGE = "large"
"""300 suppliers, 144 SKUs, 10,000 order lines: 7,000 offers."""


class Peak(threading.Thread):
    """The most memory that a process and all below it held at once, in bytes, shared pages counted once; `largest`: the most that
    one of them held."""

    def __init__(self, pid: int):
        super().__init__(daemon=True)
        self.root, self.bytes, self.largest = psutil.Process(pid), 0, 0

    def run(self) -> None:
        while self.root.is_running() and self.root.status() != psutil.STATUS_ZOMBIE:
            self.bytes = max(self.bytes, self._now())
            time.sleep(0.2)

    def _now(self) -> int:
        total = 0
        try:
            for process in (self.root, *self.root.children(recursive=True)):
                held = process.memory_full_info()
                total += held.pss
                self.largest = max(self.largest, held.rss)
        except psutil.Error:
            pass
        return total


def write_large(folder: Path) -> None:
    """A company of 300 suppliers, each offering two in three of the 36 SKUs of its category."""
    plain = products.PRODUCTS
    modules = [
        importlib.import_module(found.name) for found in pkgutil.iter_modules(simulate.__path__, "analysis.simulate.")
    ]
    many = [replace(p, sku=f"{p.sku}-{n}", title=f"{p.title} {n}") for n in range(1, 19) for p in plain]
    catalogue = tuple(p for c in range(4) for p in [each for each in many if each.category == c][:36])
    with contextlib.ExitStack() as stack:
        for module in (each for each in modules if hasattr(each, "PRODUCTS")):
            stack.enter_context(mock.patch.object(module, "PRODUCTS", catalogue))
        write_company(simulate_company(rounds=3, suppliers=300, seed=5), folder)


def review(source: str, month: str, *words: str) -> tuple[float, Peak]:
    """Wall seconds and memory of one review, published into a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        places = ["--processed-dir", f"{folder}/processed", "--output-dir", f"{folder}/reports"]
        command = [sys.executable, "-m", "analysis.cli", "review", month, "--source", source, *places, *words]
        begun = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        peak = Peak(process.pid)
        peak.start()
        said = process.communicate()[1]
        seconds = time.perf_counter() - begun
        if process.returncode:
            raise RuntimeError(said.strip().splitlines()[-1])
        return seconds, peak


def papermill(source: str, month: str, notebooks: Path = NOTEBOOKS, *words: str) -> float:
    """Wall seconds of the same notebooks by the papermill command, one after another."""
    with tempfile.TemporaryDirectory() as folder:
        places = ["-p", "processed_dir", f"{folder}/processed", "-p", "output_dir", f"{folder}/reports"]
        begun = time.perf_counter()
        for path in review_notebooks(notebooks):
            command = [sys.executable, "-m", "papermill", str(path), f"{folder}/{path.name}", "--no-progress-bar"]
            asked = [*command, "-p", "source", source, "-p", "month", month, *places, *words]
            subprocess.run(asked, check=True, capture_output=True)
        return time.perf_counter() - begun


def row(what: str, figure: object, goal: str, met: bool, peer: object = None, ratio: float | None = None) -> dict:
    return {"what": what, "figure": figure, "peer": peer, "ratio": ratio, "goal": goal, "met": met}


def run() -> list[dict]:
    found = []
    for source, month, seconds in MONTHS:
        measured = [review(source, month) for _ in range(ROUNDS)]
        wall, peak = min(wall for wall, _ in measured), max(peak.bytes for _, peak in measured)
        found.append(row(f"{source} {month}, seconds", wall, f"< {seconds:g} s", wall < seconds))
        found.append(row(f"{source} {month}, peak memory in MB", peak / 1e6, "< 1000", peak < 1e9))
        if source == "example":
            peer = papermill(source, month)
            what = f"{source} {month}, against the papermill command"
            found.append(row(what, wall, ">= 2x", peer / wall >= 2, peer, peer / wall))
    return [*found, *large()]


def large() -> list[dict]:
    """The review of many suppliers, once."""
    with tempfile.TemporaryDirectory() as folder:
        write_large(Path(folder) / LARGE)
        wall, peak = review(LARGE, "2026-10", "--data-dir", folder)
    return [
        row("300 suppliers, 144 SKUs, 10,000 lines, seconds", wall, "<= 25 s", wall <= 25),
        row("300 suppliers, largest process in MB", peak.largest / 1e6, "<= 1000", peak.largest <= 1e9),
    ]


if __name__ == "__main__":
    for line in run():
        print(line)
