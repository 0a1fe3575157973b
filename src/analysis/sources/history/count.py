"""A history counted file by file: here, or by whatever workers stand behind an executor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import pandas as pd

from analysis.errors import SourceError
from analysis.sources.history.batches import whole_orders
from analysis.sources.history.lines import Counting
from analysis.sources.history.partial import Partial
from analysis.sources.history.tables import HistoryCounts, tables_of
from analysis.workers import Pool, finished

Task = tuple[tuple[tuple[int, Path], ...], pd.Timestamp]


def history_files(folder: Path | str) -> list[Path]:
    """The Parquet files of a history, in the order of their names; `SourceError` where there is none."""
    found = sorted(path for path in Path(folder).rglob("*.parquet") if path.is_file())
    if not found:
        raise SourceError("sources.history_empty", folder=folder)
    return found


def count_history(
    files: Sequence[Path],
    as_of: pd.Timestamp,
    pool: Pool | None = None,
    parts: int = 1,
    told: Callable[[int, int], None] = lambda done, of: None,
) -> HistoryCounts:
    """All that the estimates need to know of a history, as known at the end of the day `as_of`.

    Parameters
    ----------
    files
        Parquet files that share no order, each in the order of its orders and their lines.
    pool
        Makes the executor that counts; this process where there is none. A worker that is lost costs only its part.
    parts
        Into how many parts the files are shared out. Neither this nor who counts changes a byte of what comes back.
    told
        Called with the parts done and all of them.
    """
    as_of = pd.Timestamp(as_of).normalize()
    numbered = list(enumerate(files))
    tasks: list[Task] = [(tuple(numbered[at::parts]), as_of) for at in range(min(parts, len(numbered)))]
    whole: Partial | None = None
    for done, part in enumerate(finished(count_part, tasks, pool), 1):
        if whole is None:
            whole = part
        else:
            whole.add(part)
        told(done, len(tasks))
    assert whole is not None
    _check_apart(whole, files)
    return tables_of(whole, as_of)


def count_part(task: Task) -> Partial:
    """Some numbered files, counted."""
    files, as_of = task
    counting = Counting(Partial(), as_of)
    for number, path in files:
        counting.file(path.name, number)
        orders = []
        for first, batch in whole_orders(path):
            counting.batch(first, batch)
            told = batch["order_id"].drop_null()
            orders += [told[0].as_py(), told[-1].as_py()] if len(told) else []
        if orders:
            counting.partial.ranges.append((number, orders[0], orders[-1]))
        counting.close()
    return counting.partial


def _check_apart(whole: Partial, files: Sequence[Path]) -> None:
    """`SourceError` where two files may tell of one order: their numbers overlap."""
    told = ((first, last, number) for number, first, last in whole.ranges if first is not None and last is not None)
    ranges = sorted(told, key=lambda found: (type(found[0]).__name__, *found))
    for (_, last, before), (first, _, after) in pairwise(ranges):
        if not last < first:
            raise SourceError("sources.history_overlaps", file=files[before].name, other=files[after].name, order=first)
