"""A pack's rows: what the buyer told in each sheet, under canonical names, to go the way of the ledger's rows from here on.

A row is one where the buyer tells something: prepared rows left blank, and rows left as the review wrote them, say nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd

from analysis.sources.cells import clean_text, vocabulary
from analysis.sources.folding import normal_header
from analysis.sources.header_row import HeaderRow, find_headers
from analysis.sources.opening import Sheet
from analysis.sources.pack import READ, WRITTEN, PackSheet, first_day, title_of
from analysis.sources.pack_entries import Entry, entry_of, taken_back
from analysis.sources.quarantine import Reading, note, notes
from analysis.sources.rows_below import rows_below
from analysis.sources.table_types import KNOWN_ON, RawTable
from analysis.sources.tables import TABLES
from analysis.wording import LANGUAGES, say


def read_pack(path: Path, sheets: Iterable[Sheet], currency: str) -> Reading:
    """The rows that a buyer told of, under canonical names, each entered on the day on which it was first told."""
    raws, told = [], list[dict[str, object]]()
    for sheet, known in ((sheet, known) for sheet in sheets for name, known in READ.items() if sheet.name == title_of(name)):  # fmt: skip
        since = first_day(sheet.cells[0][0]) if len(sheet.cells) and len(sheet.cells[0]) else None
        headers = find_headers(sheet.cells, known.heads())
        below = rows_below(sheet.cells, headers)
        told += _taken_back(path.name, sheet, known, below)
        raw, silent = _rows_of(path.name, sheet, known, headers, below, since or pd.NaT)
        if len(raw.frame) and since is None:
            told.append(note(known.table, path.name, sheet.name, 0, "", "pack_without_month"))
        elif len(raw.frame):
            told += [note(known.table, path.name, sheet.name, row, "answered_on", "answer_without_day", value=f"{day:%Y-%m-%d}") for row, day in silent.items()]  # fmt: skip
            raws.append(replace(raw, currency=currency))
    return Reading(raws, remarks=notes(told))


def _taken_back(file: str, sheet: Sheet, known: PackSheet, below: pd.DataFrame) -> list[dict[str, object]]:
    """Remarks on rows that stand otherwise in an earlier pack, which counts too if it is among the files."""
    identity = TABLES[known.table].key
    found = ((row, taken_back(known, cells, identity)) for row, cells in zip(below.index, below.to_dict("records")))
    return [
        note(known.table, file, sheet.name, row, known.called.get(name, name), "taken_back")
        for row, name in found
        if name is not None
    ]


def _rows_of(
    file: str, sheet: Sheet, known: PackSheet, headers: HeaderRow, below: pd.DataFrame, since: pd.Timestamp
) -> tuple[RawTable, pd.Series]:
    """The rows with an entry, and the days given to those of them that name none; a cell that the buyer left as the review wrote it is
    blank in them."""
    found = {row: entry_of(known, cells, since) for row, cells in zip(below.index, below.to_dict("records"))}
    entries = {row: entry for row, entry in found.items() if entry is not None}
    days = pd.Series({row: entry.on for row, entry in entries.items()}, dtype=object)
    rows = _told_alone(known, below.loc[list(entries)].drop(columns=WRITTEN, errors="ignore"), entries)
    rows = _in_words(known, _with_ends(rows).rename(columns=known.called))
    rows = rows.assign(**{name: "" for name in _needed(known) if name not in rows})
    rows = rows.assign(**{KNOWN_ON.name: rows[KNOWN_ON.name].where(_filled(rows[KNOWN_ON.name]), days)})
    silent = days.iloc[:0]
    if known.table == "answers":  # one without a day counts from the first on which it can have been written down
        silent = days[~_filled(rows["answered_on"])]
        rows = rows.assign(answered_on=rows["answered_on"].where(_filled(rows["answered_on"]), days))
    letters = {known.called.get(name, name): letter for name, letter in headers.letters().items() if name != WRITTEN}
    letters |= {name: letters["price_range"] for name in ("price_low", "price_high") if "price_range" in letters}
    return RawTable(known.table, rows, file, sheet.name, letters=letters, strangers=bool(headers.unknown()), filled_since=since), silent  # fmt: skip


def _needed(known: PackSheet) -> tuple[str, ...]:
    """Columns that must be there, blank where a buyer took them away."""
    required = (column.name for column in TABLES[known.table].columns if column.required)
    return (*known.key, *required, KNOWN_ON.name)


def _filled(cells: pd.Series) -> pd.Series:
    return cells.map(clean_text) != ""


def _told_alone(known: PackSheet, rows: pd.DataFrame, entries: Mapping[int, Entry]) -> pd.DataFrame:
    names = [name for name in known.tells if name in rows and name not in TABLES[known.table].key]
    left = {name: pd.Series([name not in entry.told for entry in entries.values()], rows.index, dtype=bool) for name in names}  # fmt: skip
    return rows.assign(**{name: rows[name].mask(hidden, "") for name, hidden in left.items()})


def _with_ends(rows: pd.DataFrame) -> pd.DataFrame:
    if "price_range" not in rows:
        return rows
    ends = pd.DataFrame([_ends(cell) for cell in rows["price_range"]], rows.index, ["price_low", "price_high"], dtype=object)  # fmt: skip
    return rows.drop(columns="price_range").join(ends)


def _in_words(known: PackSheet, rows: pd.DataFrame) -> pd.DataFrame:
    """Words of a drop-down, which stand there in both languages, as the table has them."""
    words = {column.name: vocabulary(column) for column in TABLES[known.table].columns if column.kind in ("word", "flag")}  # fmt: skip
    one = {name: [_one_word(cell, words[name]) for cell in rows[name]] for name in rows if name in words}
    for name in (name for name in known.words if name in rows):
        offered = _offered(known.words[name])
        one[name] = [offered.get(normal_header(cell), cell) for cell in rows[name]]
    return rows.assign(**{name: pd.Series(cells, rows.index, dtype=object) for name, cells in one.items()})


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
