"""Tasks done by workers of an executor; a worker that dies loses nothing but the time of its task."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, as_completed
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import TypeVar

from analysis.errors import AnalysisError

Task = TypeVar("Task")
Result = TypeVar("Result")
Pool = Callable[[], AbstractContextManager[Executor]]
"""Opens the executor whose workers do the tasks; made anew when one of them is lost."""
TRIES = 3
"""So many times in a row may workers be lost before anything is done."""


def finished(work: Callable[[Task], Result], tasks: Sequence[Task], pool: Pool | None = None) -> Iterator[Result]:
    """`work` of each task, as they are done; in their order in this process where there is no `pool`.

    A pool whose worker was killed is made anew, for the tasks that are not done: `work` must give the same whenever it is asked.
    What a task itself raises is raised here.

    Raises
    ------
    AnalysisError
        Workers were lost `TRIES` times without one task being done in between.
    """
    if pool is None:
        yield from map(work, tasks)
        return
    left, lost = dict(enumerate(tasks)), 0
    while left:
        with pool() as workers:
            futures: dict[Future[Result], int] = {}
            try:
                for number, task in left.items():
                    futures[workers.submit(work, task)] = number
                for future in as_completed(futures):
                    result = future.result()
                    del left[futures[future]]
                    lost = 0
                    yield result
            except BrokenExecutor as error:
                lost += 1
                if lost >= TRIES:
                    raise AnalysisError("run.workers_lost", tasks=len(left)) from error
            except BaseException:  # a task's own, or whoever waits gave up: what has not begun is not done
                for future in futures:
                    future.cancel()
                raise


def pool_of(workers: int = 1, cluster: str | None = None) -> Pool | None:
    """The workers asked for: processes of this machine, or those of a dask cluster at its scheduler's address; None for none."""
    if cluster is not None:
        return partial(_of_cluster, cluster)
    if workers > 1:
        return partial(ProcessPoolExecutor, workers, mp_context=multiprocessing.get_context("spawn"))
    return None


@contextmanager
def _of_cluster(address: str) -> Iterator[Executor]:
    try:
        from distributed import Client
    except ImportError as error:
        raise AnalysisError("run.no_cluster_engine") from error
    try:
        client = Client(address, timeout="30s")
    except (OSError, TimeoutError, ValueError) as error:
        raise AnalysisError("run.no_cluster", address=address) from error
    with client, client.get_executor() as workers:
        yield workers
