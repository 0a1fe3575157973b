"""Finds the files of a source; what was known on a day is asked of the `Source` afterwards.

The content of a file decides what it is: mapped in `source.toml`, the buyer's ledger, a 1688 export, or a plain canonical
table (named after its table, or known by its headers). Hidden files, lock files of Excel, notes and `source.toml` itself are
passed over, and so is everything in folders whose name begins with `_` or `.`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

import pandas as pd

from analysis.errors import SourceError
from analysis.sources.as_of import END_OF_TIME
from analysis.sources.intake import read_all
from analysis.sources.known import Snapshot, snapshot_of
from analysis.sources.opening import check_name
from analysis.sources.pseudonyms import key_asked_for
from analysis.sources.source_map import MAP_NAME, SourceInfo, SourceMap, read_source_map
from analysis.sources.source_rows import SourceRows
from analysis.wording import near_names

__all__ = ["END_OF_TIME", "Snapshot", "Source", "check_files", "load_source"]

NOT_DATA = {".toml", ".md", ".txt", ".rst", ".json", ".yaml", ".yml", ".log", ".py", ".ipynb"}
"""Endings of notes and settings; a map may still name such a file."""


@dataclass(frozen=True)
class Source:
    """A source as read: ask `known` for its tables. `files`: file, bytes, sha256 of all that was read."""

    name: str
    info: SourceInfo
    files: pd.DataFrame
    intake: SourceRows
    _answers: dict[tuple[pd.Timestamp, pd.Timestamp], Snapshot] = field(default_factory=dict, repr=False, compare=False)

    def known(self, as_of: pd.Timestamp, entered_by: pd.Timestamp | None = None) -> Snapshot:
        """All that was known at the end of the day `as_of`; `END_OF_TIME` shows everything.

        `entered_by` a later day: what is known of `as_of` with the rows entered until then (see `snapshot_of`).

        Raises
        ------
        SourceError
            A month that `source.toml` leaves out.
        """
        as_of = pd.Timestamp(as_of).normalize().as_unit("us")
        self._check_month(as_of)
        asked = (as_of, as_of if entered_by is None else pd.Timestamp(entered_by).normalize().as_unit("us"))
        if asked not in self._answers:
            self._answers[asked] = snapshot_of(self.intake, as_of, self.info, asked[1])
        known = self._answers[asked]
        return replace(known, tables={name: table.copy() for name, table in known.tables.items()})

    def _check_month(self, as_of: pd.Timestamp) -> None:
        month, info = f"{as_of:%Y-%m}", self.info
        first, last = info.first_month or month, info.last_month or month
        if as_of < END_OF_TIME and not first <= month <= last:
            raise SourceError(
                "sources.month_outside", name=self.name, as_of=f"{as_of:%Y-%m-%d}", first=info.first_month or "-",
                last=info.last_month or "-", reason=info.months_reason["en"] or MAP_NAME,
                reason_zh=info.months_reason["zh"] or MAP_NAME,
            )  # fmt: skip


STARTS = ("orders", "quotes", "candidates", "answers", "inquiries")
"""Tables with which a review can begin: an order, or what is known before the first one."""


def load_source(folder: Path | str) -> Source:
    """Reads the source in `folder`; unchanged files are read once in a process.

    Raises
    ------
    SourceError
        No such folder (with names that come near), no data file, neither orders nor anything before them in it, a file that cannot be read as a whole,
        or a map that does not fit.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise SourceError("sources.folder_missing", name=folder.name, folder=folder.parent, near=_near_sources(folder))
    paths = data_files(folder)
    if not paths:
        raise SourceError("sources.folder_empty", name=folder.name, folder=folder)
    facts = [(path, path.stat() if path.exists() else path.lstat()) for path in _with_map(folder, paths)]
    stamps = tuple((str(path), fact.st_mtime_ns, fact.st_size) for path, fact in facts)
    return _load(folder, stamps, key_asked_for())


@lru_cache(maxsize=4)
def _load(folder: Path, stamps: tuple[tuple[str, int, int], ...], key: str) -> Source:
    paths = [Path(path) for path, _, _ in stamps if Path(path).name != MAP_NAME]
    how = read_source_map(folder)
    intake = read_all(folder, paths, how, complete=True, key=key)
    some = any(part.raw.table in STARTS and part.conformed.rows_in for part in intake.parts)
    if not some and "orders" not in set(intake.refused["table"]):
        raise SourceError("sources.no_orders", name=folder.name, files=", ".join(path.name for path in paths))
    return Source(folder.name, how.info, file_facts(folder, _with_map(folder, paths)), intake)


def check_files(paths: Iterable[Path | str]) -> Snapshot:
    """What would become of single files: their tables, quarantine, remarks and account, with everything known.

    A file that the `source.toml` beside it maps is read by that map. Rows about orders that stand in none of the files are
    kept, as those orders may stand elsewhere.
    """
    given = [Path(path) for path in paths]
    folders = {path.parent for path in given}
    maps = [read_source_map(folder) for folder in sorted(folders)] if len(folders) == 1 else []
    how = maps[0] if maps else SourceMap(SourceInfo({"en": "", "zh": ""}))
    files = tuple(entry for entry in how.files if any(path.match(entry.name) for path in given))
    folder = given[0].parent if len(folders) == 1 else Path()
    rows = read_all(folder, given, replace(how, files=files), complete=False)
    return snapshot_of(rows, END_OF_TIME, how.info)


def data_files(folder: Path) -> list[Path]:
    """Files of a source that may hold data, sorted; a map may name further ones."""
    named = {path for entry in read_source_map(folder).files for path in folder.glob(entry.name)}
    found = {path for path in folder.rglob("*") if _may_hold_data(path) and path.suffix.lower() not in NOT_DATA}
    paths = sorted(path for path in found | named if not _hidden(path.relative_to(folder)) and path.name != MAP_NAME)
    return [check_name(path) for path in paths]


def _may_hold_data(path: Path) -> bool:
    """A file, or a link that leads nowhere, so that it is told of."""
    return path.is_file() or (path.is_symlink() and not path.exists())


def file_facts(folder: Path, paths: Iterable[Path]) -> pd.DataFrame:
    """file (relative to the folder), bytes, sha256."""
    facts = [(path.relative_to(folder).as_posix(), path.stat().st_size, _sha256(path)) for path in paths]
    return pd.DataFrame(facts, columns=["file", "bytes", "sha256"])


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _hidden(path: Path) -> bool:
    return any(part.startswith((".", "_", "~$")) for part in path.parts)


def _with_map(folder: Path, paths: list[Path]) -> list[Path]:
    return [*paths, folder / MAP_NAME] if (folder / MAP_NAME).exists() else list(paths)


def _near_sources(folder: Path) -> str:
    if not folder.parent.is_dir():
        return "-"
    names = sorted(path.name for path in folder.parent.iterdir() if path.is_dir() and not path.name.startswith("."))
    return near_names(folder.name, names)
