"""Suppliers under other names, for a reader outside the house: the same name for the same supplier as long as the key is the same.

Names are replaced where files are read, so that no table, page or figure made of them holds one: in the columns that name a
supplier or who is paid, and wherever a text quotes one in a spelling that stands in such a column. What people write in sentences may
hold a nickname or a name in another script, which nobody can find: the columns of `FREE_TEXTS` are left out, and no remark quotes a cell that is not
made of what its column holds. Texts from which numbers follow (credentials are counted, terms and discounts of freight are read) stay but for the names.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import pandas as pd

from analysis.errors import SourceError
from analysis.sources.cells import clean_text
from analysis.sources.distinct import by_value
from analysis.sources.file_reading import FileReading
from analysis.sources.folding import fold
from analysis.sources.quarantine import all_notes, note, notes
from analysis.sources.table_types import RawTable

KEY_FILE = "ANALYSIS_PSEUDONYMS"
"""The environment's word for the file with the key; a review hands it to its kernels."""
NAMED = ("supplier", "payee", "name", "known_as")
FREE_TEXTS = {
    "risks": ("item", "owner", "response", "remark"),
    "candidates": ("acceptance_terms", "reviews"),
    "answers": ("warranty", "conclusion"),
}
"""Columns in which people write what they like; equal texts stand as one mark, different ones as different marks."""
_TOLD = ["sheet", "reason", "remedy"]
SOMEBODY = "S-?"
"""Where a name is found in a spelling that is folded to no supplier's."""
_LETTERS = 7
_SHORTEST = 2
"""Characters of a name that is looked for within other texts."""


def make_key(path: Path) -> None:
    """A key of chance in `path`, unless there is one: whoever has it can tell which name is whose."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with open(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:  # noqa: PTH123
        file.write(secrets.token_hex(32) + "\n")
    try:
        os.link(made, path)  # whole or not at all; the first of several that run at once wins
    except FileExistsError:
        pass
    finally:
        made.unlink()


def key_asked_for() -> str:
    """The key where pseudonyms are asked for, else "". `SourceError` for a file without one."""
    if not (named := os.environ.get(KEY_FILE)):
        return ""
    key = Path(named).read_text(encoding="utf-8", errors="replace").strip() if Path(named).exists() else ""
    if len(key) < 32:
        raise SourceError("sources.pseudonyms_key", file=named)
    return key


def pseudonym(name: str, key: str) -> str:
    """Such as `S-K3FQ7AB`; names that are folded alike are one."""
    return f"S-{_mark(name, key)}"


def _mark(text: str, key: str) -> str:
    digest = hmac.new(key.encode(), fold(text).encode(), hashlib.sha256).digest()
    return base64.b32encode(digest).decode()[:_LETTERS]


@dataclass(frozen=True)
class Pseudonyms:
    """The name that stands for each supplier of a source, by every spelling in it."""

    names: dict[str, str]
    key: str

    def check_files(self, files: Sequence[str]) -> None:
        """`SourceError` for a file that is called by a supplier's name: it would be told among the inputs."""
        for file in files:
            if self.within(file) != file:
                raise SourceError("sources.pseudonyms_file", file=file)

    def of_notes(self, notes: pd.DataFrame) -> pd.DataFrame:
        """Remarks without a name."""
        texts = {name: by_value(notes[name], self.within) for name in _TOLD}
        return notes.assign(**texts).astype(notes.dtypes.to_dict())

    def of_reading(self, found: FileReading) -> FileReading:
        """What a file gave, without a name in any cell or remark."""
        reading = replace(
            found.reading,
            raws=[self._of_raw(raw) for raw in found.reading.raws],
            quarantine=self.of_notes(found.reading.quarantine),
            remarks=self.of_notes(all_notes([found.reading.remarks, notes(_left_out(found.reading.raws))])),
        )
        return replace(found, reading=reading, excluded=tuple(self._of_raw(raw) for raw in found.excluded))

    def within(self, text: object) -> object:
        """`text` with every name in it replaced, the longest first; blanks and hidden characters in a name hide it from nobody."""
        if not isinstance(text, str):
            return text
        plain = clean_text(text)
        if plain != text and self._pattern.search(plain):
            text = plain
        return self._pattern.sub(lambda found: self._by_fold.get(fold(found[0]), SOMEBODY), text)

    def _of_raw(self, raw: RawTable) -> RawTable:
        naming = _naming(raw)
        texts = [
            name
            for name, column in raw.frame.items()
            if name in naming or column.dtype == object or column.dtype == "str"
        ]
        hidden = {name: by_value(raw.frame[name], self._reader(raw.table, name, name in naming)) for name in texts}
        columns = {name: pd.Series(cells, index=raw.frame.index, dtype=object) for name, cells in hidden.items()}
        frame, sheet = raw.frame.assign(**columns), str(self.within(raw.sheet))
        return replace(raw, frame=frame, sheet=sheet, strangers=True)  # quoted is only what a column is made of

    def _reader(self, table: str, name: str, is_name: bool) -> Callable[[object], object]:
        if is_name:
            return lambda cell: self.names.get(clean_text(cell), self.within(cell))
        if name in FREE_TEXTS.get(table, ()):
            return lambda cell: f"T-{_mark(text, self.key)}" if (text := clean_text(cell)) else cell
        return self.within

    @cached_property
    def _by_fold(self) -> dict[str, str]:
        return {fold(name): mark for name, mark in self.names.items()}

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        """A name of latin letters ends where its word does."""
        names = sorted((name for name in self.names if len(name) >= _SHORTEST), key=len, reverse=True)
        edges = [
            ("(?<![a-z0-9])" if _LATIN.match(name[0]) else "", "(?![a-z0-9])" if _LATIN.match(name[-1]) else "")
            for name in names
        ]
        parts = [f"{before}{re.escape(name)}{after}" for name, (before, after) in zip(names, edges)]
        return re.compile("|".join(parts) or r"(?!)", re.IGNORECASE)


_LATIN = re.compile(r"[a-z0-9]", re.IGNORECASE)


def named_in(readings: Sequence[FileReading], key: str) -> dict[str, str]:
    """The pseudonym of everybody who is named in `readings`, by every spelling."""
    raws = [raw for found in readings for raw in (*found.reading.raws, *found.excluded)]
    cells = [raw.frame[column] for raw in raws for column in _naming(raw) if column in raw.frame]
    found = [cell for column in cells for cell in column.unique() if clean_text(cell)]
    texts = {text for cell in found for text in (cell, clean_text(cell)) if isinstance(text, str)}
    spelled = {text: pseudonym(text, key) for text in sorted(texts)}
    within_reasons = {json.dumps(text, ensure_ascii=False)[1:-1]: mark for text, mark in spelled.items()}
    return within_reasons | spelled


def _naming(raw: RawTable) -> tuple[str, ...]:
    return NAMED if raw.table == "aliases" else NAMED[:2]


def _left_out(raws: Sequence[RawTable]) -> Iterator[dict[str, object]]:
    """A remark on each column of which the texts are left out."""
    for raw in raws:
        for name in FREE_TEXTS.get(raw.table, ()):
            if name in raw.frame and (count := int(raw.frame[name].map(clean_text).ne("").sum())):
                yield note(raw.table, raw.file, raw.sheet, 0, name, "free_text_left_out", count=count)
