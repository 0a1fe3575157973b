"""A pack's rows: what the buyer told in each sheet, under canonical names, to go the way of the ledger's rows from here on.

A row is one where the buyer tells something: prepared rows left blank, and rows left as the review wrote them, say nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd

from analysis.sources.cells import clean_text, vocabulary
from analysis.sources.folding import normal_header
from analysis.sources.header_row import find_headers, rows_below
from analysis.sources.opening import Sheet
from analysis.sources.pack import READ, WRITTEN, PackSheet, first_day, title_of
from analysis.sources.pack_entries import Entry, entry_of
from analysis.sources.quarantine import Reading, note, notes
from analysis.sources.table_types import KNOWN_ON, RawTable
from analysis.sources.tables import TABLES
from analysis.wording import LANGUAGES, say


def read_pack(path: Path, sheets: Iterable[Sheet], currency: str) -> Reading:
    """The rows that a buyer told of, under canonical names, each entered on the day on which it was first told."""
    raws, told = [], list[dict[str, object]]()
    for sheet, known in ((sheet, known) for sheet in sheets for name, known in READ.items() if sheet.name == title_of(name)):  # fmt: skip
        since = first_day(sheet.cells[0][0]) if len(sheet.cells) and len(sheet.cells[0]) else None
        raw = _rows_of(path.name, sheet, known, since or pd.NaT)
        if len(raw.frame) and since is None:
            told.append(note(known.table, path.name, sheet.name, 0, "", "pack_without_month"))
        elif len(raw.frame):
            raw, added = _with_days(raw) if known.table == "answers" else (raw, ())
            told += added
            raws.append(replace(raw, currency=currency))
    return Reading(raws, remarks=notes(told))


def _rows_of(file: str, sheet: Sheet, known: PackSheet, since: pd.Timestamp) -> RawTable:
    """The rows with an entry; a cell that the buyer left as the review wrote it is blank in them."""
    headers = find_headers(sheet.cells, known.heads())
    below = rows_below(sheet.cells, headers)
    found = {row: entry_of(known, cells, since) for row, cells in zip(below.index, below.to_dict("records"))}
    entries = {row: entry for row, entry in found.items() if entry is not None}
    rows = below.loc[list(entries)].drop(columns=WRITTEN, errors="ignore")
    told = [name for name in known.tells if name in rows and name not in TABLES[known.table].key]
    hidden = {name: [name not in entry.told for entry in entries.values()] for name in told}
    rows = rows.assign(**{name: rows[name].mask(pd.Series(left, rows.index), "") for name, left in hidden.items()})
    frame = _canonical(known, rows.rename(columns=known.called), entries)
    letters = {known.called.get(name, name): letter for name, letter in headers.letters().items() if name != WRITTEN}
    letters |= {name: letters["price_range"] for name in ("price_low", "price_high") if "price_range" in letters}
    return RawTable(known.table, frame, file, sheet.name, letters=letters, strangers=bool(headers.unknown()), filled_since=since)  # fmt: skip


def _canonical(known: PackSheet, rows: pd.DataFrame, entries: Mapping[int, Entry]) -> pd.DataFrame:
    table = TABLES[known.table]
    if "price_range" in rows:
        ends = [_ends(cell) for cell in rows["price_range"]]
        rows = rows.assign(price_low=pd.Series([low for low, _ in ends], rows.index, dtype=object), price_high=pd.Series([high for _, high in ends], rows.index, dtype=object))  # fmt: skip
    for column in (column for column in table.columns if column.name in rows and column.kind in ("word", "flag")):
        meaning = vocabulary(column)
        rows[column.name] = rows[column.name].map(lambda cell, meaning=meaning: _one_word(cell, meaning))
    for name in (name for name in known.words if name in rows):
        offered = _offered(known.words[name])
        rows[name] = rows[name].map(lambda cell, offered=offered: offered.get(normal_header(cell), cell))
    blank = {column.name: "" for column in table.columns if column.required and column.name not in rows}
    days = pd.Series({row: entry.on for row, entry in entries.items()}, dtype=object)
    given = rows[KNOWN_ON.name] if KNOWN_ON.name in rows else pd.Series("", rows.index, dtype=object)
    return rows.assign(**blank, **{KNOWN_ON.name: given.where(given.map(clean_text) != "", days)})


def _ends(cell: object) -> tuple[object, object]:
    """Both ends of a price range (`18-20`, `18~20元`, 19); what is none stands as it is, for the reader of money to refuse."""
    found = _RANGE.fullmatch(clean_text(cell))
    return (found[1], found[2]) if found else (cell, cell)


_RANGE = re.compile(r"[¥￥]?\s*(\d+(?:\.\d+)?)\s*元?\s*(?:[-–—~～至到]|to)\s*[¥￥]?\s*(\d+(?:\.\d+)?)\s*(?:元|块)?(?:/件|/个|一件|一个)?")  # fmt: skip


def _one_word(cell: object, known: Mapping[str, object]) -> object:
    """Of a word in both languages (`未关闭 open`) the first, where both mean the same."""
    first, _, second = clean_text(cell).partition(" ")
    meaning = known.get(normal_header(first))
    return first if second and meaning is not None and meaning == known.get(normal_header(second)) else cell


def _offered(words: Iterable[str]) -> dict[str, str]:
    """The code of each of `words`, by how it may be written: in both languages as the sheet offers it, or in one."""
    found: dict[str, str] = {}
    for word in words:
        told = [say(f"pack.word_{word}", language) for language in reversed(LANGUAGES)]
        found |= {normal_header(text): word for text in (*told, " ".join(told))}
    return found


def _with_days(raw: RawTable) -> tuple[RawTable, Iterator[dict[str, object]]]:
    """Answers without a day stand on the first day on which they can have been written down, with a remark."""
    days = raw.frame["answered_on"]
    silent = days.map(clean_text) == ""
    frame = raw.frame.assign(answered_on=days.mask(silent, raw.frame[KNOWN_ON.name]))
    told = (note(raw.table, raw.file, raw.sheet, row, "answered_on", "answer_without_day", value=f"{pd.Timestamp(frame.loc[row, 'answered_on']):%Y-%m-%d}") for row in frame.index[silent])  # fmt: skip
    return replace(raw, frame=frame), told
