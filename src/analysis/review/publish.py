"""Publishing in one step: a review is built beside its place, checked, and moved in whole.

A review has two folders, its tables and its reports. Each is built in a hidden folder beside its place (`.2026-10.staging`,
on the same file system). A journal names both when they are complete: from then on the move is carried through, by the next
review if this one is killed. Before the journal is written nothing has been touched. Where the system can exchange two
folders at once (Linux) there is not even an instant without a review in its place.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from filelock import FileLock, Timeout

from analysis.errors import AnalysisError

PATIENCE = 900.0
"""Seconds to wait for another review of the same month."""


def staging(folder: Path) -> Path:
    """Where the next contents of `folder` are built."""
    return folder.parent / f".{folder.name}.staging"


def previous(folder: Path) -> Path:
    """Where the present contents of `folder` stand while the next are moved in."""
    return folder.parent / f".{folder.name}.previous"


def _undone(folder: Path) -> Path:
    return folder.parent / f".{folder.name}.undone"


def journal(folders: Sequence[Path]) -> Path:
    """The file whose presence says that all staging folders are complete."""
    return folders[0].parent / f".{folders[0].name}.journal"


@contextlib.contextmanager
def staged(
    folders: Sequence[Path], patience: float = PATIENCE, on_wait: Callable[[str], None] = lambda holder: None
) -> Iterator[list[Path]]:
    """Empty staging folders for `folders`, under their lock; call `publish(folders)` inside to move them in.

    What an earlier run left behind is completed or cleared away first. Leaving without `publish` leaves `folders` as they
    were. `on_wait` is told once who holds the lock; `AnalysisError` after `patience` seconds. A folder that is a link stays one:
    what it leads to is replaced.
    """
    folders = [folder.resolve() for folder in folders]
    with contextlib.ExitStack() as locks:
        for folder in sorted(folders):
            locks.enter_context(_lock(folder, patience, on_wait))
        recover(folders)
        for folder in folders:
            staging(folder).mkdir(parents=True)
        try:
            yield [staging(folder) for folder in folders]
        finally:
            for folder in folders:
                _remove(staging(folder))


def publish(folders: Sequence[Path]) -> None:
    """Move the staging folders into place; on an error all of `folders` are as they were."""
    folders = [folder.resolve() for folder in folders]
    _write_journal(folders)
    try:
        _move_in(folders)
    except BaseException:
        _restore(folders)
        raise
    _clear(folders)


def recover(folders: Sequence[Path]) -> None:
    """Complete a publication that was under way when its run died; clear away anything less."""
    if journal(folders).exists():
        _move_in(folders)
    for folder in folders:
        if previous(folder).exists() and not folder.exists():
            _rename(previous(folder), folder)
    _clear(folders)


def _write_journal(folders: Sequence[Path]) -> None:
    """The commit point. A folder is known again by its inode number, wherever a dead run has left it."""
    numbers = {str(folder): staging(folder).stat().st_ino for folder in folders}
    draft = journal(folders).with_suffix(".draft")
    draft.write_text(json.dumps(numbers), encoding="utf-8")
    draft.replace(journal(folders))


def _move_in(folders: Sequence[Path]) -> None:
    """Put each journalled folder in its place; what is there already stays, so that this can be begun again."""
    numbers = json.loads(journal(folders).read_text(encoding="utf-8"))
    for folder in folders:
        number = numbers.get(str(folder))
        if _is(folder, number) or not _is(staging(folder), number):
            continue
        _remove(previous(folder))
        if not folder.exists():
            _rename(staging(folder), folder)
        elif _exchange(staging(folder), folder):
            _rename(staging(folder), previous(folder))
        else:
            _rename(folder, previous(folder))
            _rename(staging(folder), folder)


def _restore(folders: Sequence[Path]) -> None:
    """Undo `_move_in`, as far as it came."""
    numbers = json.loads(journal(folders).read_text(encoding="utf-8"))
    for folder in folders:
        if _is(folder, numbers[str(folder)]):
            old = previous(folder) if previous(folder).exists() else staging(folder)
            if not old.exists():  # there was no review before
                _remove(folder)
            elif not _exchange(old, folder):
                _rename(folder, _undone(folder))
                _rename(old, folder)
        elif not folder.exists() and previous(folder).exists():
            _rename(previous(folder), folder)
    _clear(folders)


def _clear(folders: Sequence[Path]) -> None:
    """Remove the journal, then all that it might have spoken of."""
    journal(folders).unlink(missing_ok=True)
    journal(folders).with_suffix(".draft").unlink(missing_ok=True)
    for folder in folders:
        for left in (staging(folder), previous(folder), _undone(folder)):
            _remove(left)


def _is(folder: Path, number: int | None) -> bool:
    return folder.exists() and folder.stat().st_ino == number


def _rename(source: Path, target: Path) -> None:
    source.rename(target)


def _remove(folder: Path) -> None:
    if folder.is_symlink() or folder.is_file():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)


RENAME_EXCHANGE = 2
AT_FDCWD = -100


def _exchange(first: Path, second: Path) -> bool:
    """Swap two folders at once by Linux's renameat2; False where the system or the file system cannot."""
    if not sys.platform.startswith("linux"):
        return False
    renameat2 = getattr(ctypes.CDLL(None), "renameat2", None)
    if renameat2 is None:
        return False
    return renameat2(AT_FDCWD, os.fsencode(first), AT_FDCWD, os.fsencode(second), RENAME_EXCHANGE) == 0


@contextlib.contextmanager
def _lock(folder: Path, patience: float, on_wait: Callable[[str], None]) -> Iterator[None]:
    """One review of `folder` at a time; the lock ends with its process, however that ends."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder.parent / f".{folder.name}.lock")
    holder = folder.parent / f".{folder.name}.holder"
    try:
        lock.acquire(timeout=0)
    except Timeout:
        on_wait(_read(holder))
        try:
            lock.acquire(timeout=patience)
        except Timeout:
            raise AnalysisError("run.locked", folder=folder, holder=_read(holder), patience=f"{patience:.0f}") from None
    try:
        holder.write_text(f"{os.getpid()}", encoding="utf-8")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _read(holder: Path) -> str:
    """The number of the process that holds a lock, or "?" in the instant before it has written it."""
    try:
        return holder.read_text(encoding="utf-8") or "?"
    except OSError:
        return "?"
