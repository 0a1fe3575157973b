"""Files are parsed in a child process with limits of its own: what ends, stops or fills a parser ends no review.

A child reads the files of a folder one after the other and hands each on as it is read; several small files are shared out over two.
"""

from __future__ import annotations

import ctypes
import faulthandler
import math
import multiprocessing
import os
import pickle
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TypeVar

from analysis.errors import SourceError

SECONDS = 120
"""Of the processor, within which each file is read; the largest that is taken needs about ten."""
WAITS = 300
"""Seconds of the clock after which a file is given up that used less of the processor."""
ENDS = 10
"""Seconds within which a child that closed its pipe is gone, and has said by what."""
MEMORY = 1_000_000_000
"""Bytes that reading may take beyond what the process has; the largest file that is taken needs about half."""
SMALL = 20_000_000
"""Bytes of all files up to which two children read them: together they take no more memory than a large file."""
FORKS = hasattr(os, "fork") and sys.platform != "darwin"
Found = TypeVar("Found")


def caged(read: Callable[[Path], Found], paths: Sequence[Path]) -> Iterator[Found]:
    """`read` of each of `paths`, made in a child process.

    Raises
    ------
    SourceError
        A file at which the child ended (`reader_ended`), or that took more than `SECONDS` or `WAITS` (`reader_slow`) or `MEMORY`;
        and whatever `read` raises.
    """
    if multiprocessing.current_process().daemon:  # a worker may have no child; who loses a worker begins its task again
        yield from map(read, paths)
        return
    hands = _children(read, paths)
    try:
        for place, path in enumerate(paths):
            yield _received(*hands[place % len(hands)], path.name)
    finally:
        for here, child in hands:
            child.kill()
            child.join()
            here.close()


def _children(read: Callable[[Path], Found], paths: Sequence[Path]) -> list[tuple[Connection, BaseProcess]]:
    """Of each child its pipe: of two, either reads every second file."""
    two = FORKS and len(paths) > 2 and sum(path.stat().st_size for path in paths if path.exists()) <= SMALL
    count = 2 if two and (os.cpu_count() or 1) > 1 else 1
    way = multiprocessing.get_context("fork" if FORKS else "spawn")
    hands = list[tuple[Connection, BaseProcess]]()
    for first in range(count):
        here, there = way.Pipe(duplex=False)
        child = way.Process(target=_read_each, args=(there, read, paths[first::count]), daemon=True)  # type: ignore[attr-defined]
        child.start()
        there.close()
        hands.append((here, child))
    return hands


def _received(here: Connection, child: BaseProcess, file: str) -> Found:  # type: ignore[type-var]
    if not here.poll(WAITS):
        raise SourceError("sources.reader_slow", file=file, seconds=WAITS)
    try:
        found, fault = here.recv()
    except (EOFError, OSError) as error:  # it ended, before or while it told
        child.join(ENDS)
        if child.exitcode == -getattr(signal, "SIGXCPU", 0) != 0:
            raise SourceError("sources.reader_slow", file=file, seconds=SECONDS) from error
        raise SourceError("sources.reader_ended", file=file) from error
    if fault is not None:
        raise fault
    return found


# ---- in the child ----


def _read_each(there: Connection, read: Callable[[Path], Found], paths: Sequence[Path]) -> None:
    _limit()
    for path in paths:
        _allow_time()
        found: Found | None = None
        fault: BaseException | None = None
        try:
            found = read(path)
        except MemoryError:
            fault = SourceError("sources.reader_memory", file=path.name, limit=MEMORY // 1_000_000)
        except BaseException as error:
            error.add_note(traceback.format_exc())  # the traceback itself stays in this process
            fault = _portable(error)
        try:
            there.send((found, fault))
        except MemoryError:
            there.send((None, SourceError("sources.reader_memory", file=path.name, limit=MEMORY // 1_000_000)))
        if fault is not None:
            return


def _limit() -> None:
    """The child's memory and time; it dies with its parent, and a parser that panics says nothing of it on the screen."""
    faulthandler.disable()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    if not sys.platform.startswith("linux"):
        return
    import resource

    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    if taken := _address_space():
        _lower(resource.RLIMIT_AS, taken + MEMORY)


def _allow_time() -> None:
    """The next file has its own seconds of the processor: the limit counts all that the process ever used."""
    if sys.platform.startswith("linux"):
        import resource

        _lower(resource.RLIMIT_CPU, math.ceil(time.process_time()) + SECONDS)


def _portable(error: BaseException) -> BaseException:
    """`error`, or its words where the other process could not make it anew."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        told = RuntimeError(f"{type(error).__name__}: {error}")
        for note in getattr(error, "__notes__", []):
            told.add_note(note)
        return told
    return error


def _lower(limit: int, most: int) -> None:
    import resource

    now, hard = resource.getrlimit(limit)
    now = most if limit == resource.RLIMIT_CPU else now  # grows from file to file
    told = [value for value in (most, now, hard) if value != resource.RLIM_INFINITY]
    resource.setrlimit(limit, (min(told), hard))


def _address_space() -> int:
    """Bytes that the process has so far; 0 where the machine does not say, and reading then has no limit but time."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0
