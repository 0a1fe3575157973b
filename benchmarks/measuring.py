"""What a benchmark measures with: seconds of the best run, and the row that `run.py` prints."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np


def seconds(work: Callable[[], object], repeats: int = 1) -> float:
    """The shortest of some runs: other work on the machine only adds time."""
    best = np.inf
    for _ in range(repeats):
        begun = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - begun)
    return best


def row(what: str, figure, goal: str, met, peer=None, ratio=None) -> dict:
    """One line of the benchmarks' table; `met` None where nothing was promised."""
    met = None if met is None else bool(met)
    return {"what": what, "figure": figure, "peer": peer, "ratio": ratio, "goal": goal, "met": met}
