"""`analysis check`: what a review would make of files, told before one is run."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from analysis.sources.load import END_OF_TIME, check_files, data_files, load_source
from analysis.wording import Language, SourceError, say

if TYPE_CHECKING:
    from analysis.sources.load import Known

COUNTS = ["rows_in", "kept", "quarantined", "merged"]
MOST = 40
"""Rows of quarantine, and of remarks, that are listed of one file; the rest is counted."""


def checked(paths: Sequence[Path], language: Language) -> tuple[str, list[SourceError]]:
    """The report on the files that can be read, and why each of the others cannot; a folder stands for its data files.

    The files are read together, as in a review: the ledger completes what an export does not know. A single folder is read
    as the source that it is, so that rows about orders that it lacks are told of.
    """
    try:
        files = [file for path in paths for file in _files(path)]
    except SourceError as error:
        return "", [error]
    faults = {file: fault for file in files if (fault := _fault(file))}
    readable = [file for file in files if file not in faults]
    if not readable:
        return "", list(faults.values())
    whole = len(paths) == 1 and paths[0].is_dir() and not faults
    try:
        known = load_source(paths[0].resolve()).known(END_OF_TIME) if whole else check_files(readable)
    except SourceError as error:
        return "", [*faults.values(), error]
    return report(known, language), list(faults.values())


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    if not (found := data_files(path)):
        raise SourceError("sources.folder_empty", name=path.name, folder=path)
    return found


def _fault(path: Path) -> SourceError | None:
    try:
        check_files([path])
    except SourceError as error:
        return error
    return None


def report(known: Known, language: Language) -> str:
    """Row accounting of every sheet, then what was refused and why, then what was kept although odd."""
    accounting = known.accounting
    heads = [say(f"cli.check_{name}", language) for name in ("file", "sheet", "table", *COUNTS)]
    parts = [
        aligned([heads, *accounting[["file", "sheet", "table", *COUNTS]].astype(str).to_numpy().tolist()], right=4)
    ]
    for kind, notes in (("quarantine", known.quarantine), ("remarks", known.remarks)):
        if len(notes):
            parts.append(f"{say(f'cli.check_{kind}', language, count=len(notes))}\n{_listed(notes, language)}")
    if accounting.empty:
        parts.append(say("cli.check_no_rows", language))
    elif not len(known.quarantine):
        parts.append(say("cli.check_clean", language))
    return "\n\n".join(parts)


def _listed(notes: pd.DataFrame, language: Language) -> str:
    suffix = "_zh" if language == "zh" else ""
    lines: list[str] = []
    for (file, sheet), rows in notes.groupby(["file", "sheet"], sort=False, dropna=False):
        lines.append(f"{file} {sheet}".strip())
        for row, reason, remedy in (
            rows[["row", f"reason{suffix}", f"remedy{suffix}"]].head(MOST).itertuples(index=False)
        ):
            place = "" if pd.isna(row) or row < 1 else f"{row}: "
            lines.append(f"  {place}{reason}{' ' if language == 'en' else ''}{remedy}".rstrip())
        if len(rows) > MOST:
            lines.append(f"  {say('cli.check_more', language, count=len(rows) - MOST)}")
    return "\n".join(lines)


def aligned(rows: Iterable[Sequence[str]], right: int) -> str:
    """`rows` as columns of text, the last `right` of them flush right; a Chinese character is two columns wide."""
    cells = [list(row) for row in rows]
    widths = [max(map(_width, column)) for column in zip(*cells)]
    flush = len(widths) - right
    return "\n".join(
        "  ".join(
            " " * (width - _width(cell)) + cell if number >= flush else cell + " " * (width - _width(cell))
            for number, (cell, width) in enumerate(zip(row, widths))
        ).rstrip()
        for row in cells
    )


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(ch) in "WF" else 1 for ch in text)
