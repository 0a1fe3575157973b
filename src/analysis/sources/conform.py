"""Turns the cells of a reader into the typed columns of a canonical table; what cannot be used goes to quarantine."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import SourceError
from analysis.reasons import either, reason
from analysis.reasons import joined as joined_reasons
from analysis.sources.accounting import rows_where
from analysis.sources.cells import Cells, blank_rows
from analysis.sources.column_cells import UNREAD, kept_faults, read_column
from analysis.sources.distinct import by_value
from analysis.sources.line_identity import line_numbers
from analysis.sources.odd_rows import odd_money
from analysis.sources.offer_cells import DAYS, rough_number, time_span
from analysis.sources.quarantine import joined, note, notes, quoted, quoted_of
from analysis.sources.table_types import KNOWN_ON, Check, Column, RawTable, Table
from analysis.sources.tables import TABLES, empty
from analysis.sources.whole_orders import money_by_line

RETURNED = ("orders", "receipts", "demand")
"""Tables in which people write what came back as a count below 0."""


@dataclass(frozen=True)
class Conformed:
    """`table`: the canonical columns, index (file, sheet, row); `rows_in`: rows that were not blank.

    rows_in == len(table) + len(quarantine).
    """

    table: pd.DataFrame
    quarantine: pd.DataFrame
    remarks: pd.DataFrame
    rows_in: int


def conform(raw: RawTable, missing: frozenset[str] = frozenset(), date_formats: tuple[str, ...] = ()) -> Conformed:
    """Types, repairs and checks the rows of `raw`.

    A row goes to quarantine, once, with all its reasons, when a required cell is blank, when an id, date, number, money or
    share cannot be read although something stands there (also in an optional column, where a blank would mean something
    else), or when it breaks a `Check` of its table. A word outside a vocabulary (status, stage, transport mode, yes/no), what
    stands in a spare column, and a fact beside the matter that cannot be true leave the row usable: it becomes missing, with a
    remark, so that an order without an arrival is open. Blank rows do not count.

    Parameters
    ----------
    raw
        Cells under canonical names, index the row numbers of the file, each once. Columns that are not canonical are left
        out.
    missing
        Further words that mean a blank cell in this source.
    date_formats
        strptime forms tried before the known ones, such as `%d-%b-%y`.

    Raises
    ------
    SourceError
        A required column is absent.
    """
    table = TABLES[raw.table]
    _check_columns(raw, table)
    frame = raw.frame[[name for name in dict.fromkeys((*table.names(), KNOWN_ON.name)) if name in raw.frame]]
    frame = rows_where(frame, ~blank_rows(frame.drop(columns=KNOWN_ON.name, errors="ignore")))
    frame = _with_ends(raw.table, frame, missing, date_formats)
    read = {name: read_column(table.column(name), frame[name], missing, date_formats, raw.currency) for name in frame}
    rows = _typed(raw, table, frame, read)
    odd = _left_out(raw, table, rows)
    refused = [*_faults(raw, table, frame, read), *_blanks(raw, table, read)]
    clean = ~frame.index.isin([int(str(item["row"])) for item in refused])
    refused += _broken(raw, table, rows_where(rows, clean))
    quarantine = joined(notes(refused).sort_values("row", kind="stable", ignore_index=True))
    if raw.table == "orders":
        rows["line_no"] = line_numbers(rows, raw.unread)
    rows, by_line = money_by_line(raw, rows)
    if raw.table == "quotes":  # what a supplier quotes on one day is one quote, unless its number says otherwise
        rows["quote_id"] = rows["quote_id"].fillna(rows["quoted_on"].dt.strftime("%Y-%m-%d").astype("str"))
    kept = rows_where(rows, ~rows.index.isin(quarantine["row"]))
    remarks = notes(
        [*_odd_cells(raw, table, frame, read), *odd_money(raw, kept), *_bare_spans(raw, kept), *odd, *by_line]
    )
    remarks = remarks[remarks["row"].isin(kept.index)].sort_values("row", kind="stable", ignore_index=True)
    return Conformed(_located(raw, kept), quarantine, remarks, len(frame))


def _check_columns(raw: RawTable, table: Table) -> None:
    check_columns(raw, [column for column in table.columns if column.required])


def check_columns(raw: RawTable, needed: Iterable[Column]) -> None:
    """Refuses a table that lacks one of the columns `needed`.

    Raises
    ------
    SourceError
        With the names of those that are absent.
    """
    table, absent = TABLES[raw.table], [column for column in needed if column.name not in raw.frame]
    if absent:
        # numbers are no headers: without these the first row's own cells stand there, names among them
        bare = raw.unread.empty or any(re.fullmatch(r"-?\d+(?:\.\d+)?", str(header)) for header in raw.unread)
        raise SourceError(
            "sources.columns_missing" if bare else "sources.columns_missing_beside",
            place=f"{raw.file} {raw.sheet}".strip(), table=table.name, table_zh=table.zh, others=" / ".join(quoted(header) for header in [*raw.unread][:MOST_NAMED]),
            columns=in_english(absent), columns_zh="、".join(column.zh[0] for column in absent),
        )  # fmt: skip


MOST_NAMED = 8
"""Headers that a sentence names."""


def in_english(columns: Sequence[Column]) -> str:
    """The names of columns, with the first English headers that they may have: ordered_on (“order date”)."""
    said = (next((header for header in column.zh if header.isascii()), "") for column in columns)
    words = ", ".join(f"“{header}”" for header in said if header)
    names = ", ".join(column.name for column in columns)
    return f"{names} ({words})" if words else names


def _typed(raw: RawTable, table: Table, frame: pd.DataFrame, read: dict[str, Cells]) -> pd.DataFrame:
    blank = empty(table.name)
    columns = {name: read[name].values if name in read else blank[name].reindex(frame.index) for name in table.names()}
    rows = pd.DataFrame(columns, index=frame.index).astype(blank.dtypes.to_dict())
    if raw.known_on is not None and "known_on" in rows:
        rows["known_on"] = rows["known_on"].fillna(raw.known_on)
    if raw.table == "orders" and "received_on" in read:  # it may have arrived or not: nobody can say
        rows.iloc[read["received_on"].places({*UNREAD, "came_sometime"}), rows.columns.get_loc("status")] = "unknown"
    return rows


def _doubtful(raw: RawTable, read: dict[str, Cells]) -> NDArray[np.bool_]:
    """(rows,) whether cells may stand in the wrong column: two of the row cannot be read, or columns that nobody reads stand
    beside those that are."""
    faults = [cells.at_fault for cells in read.values()]
    several = np.sum(faults, axis=0) > 1 if faults else np.zeros(0, bool)
    return several | raw.strangers


def _faults(raw: RawTable, table: Table, frame: pd.DataFrame, read: dict[str, Cells]) -> Iterator[dict[str, object]]:
    doubtful = _doubtful(raw, read)
    for name, cells in read.items():
        kept = kept_faults(table.column(name))
        for place in np.flatnonzero(cells.at_fault):
            if (code := cells.faults[place]) not in kept:
                value = quoted_of(frame[name].iloc[place], table.column(name), doubtful[place])
                row = frame.index[place]
                where = (table.name, raw.file, raw.sheet, row, name)
                told = {"value": value, "currency": raw.currency, "cell": raw.address(name, row)}
                item = note(*where, code, **told, words=_allowed(table.column(name)))
                bare = code == "count_negative" and table.name not in RETURNED
                yield item | {"remedy": reason("sources.zero_or_more")} if bare else item


def _blanks(raw: RawTable, table: Table, read: dict[str, Cells]) -> Iterator[dict[str, object]]:
    for column in table.columns:
        if column.required:
            cells = read[column.name]
            for row in cells.values.index[cells.values.isna() & ~cells.at_fault]:
                yield note(table.name, raw.file, raw.sheet, row, column.name, "required_missing")


def _broken(raw: RawTable, table: Table, rows: pd.DataFrame) -> list[dict[str, object]]:
    found = []
    for check in table.checks:
        for row in rows.index[_true(check.bad(rows))]:
            found.append(_of_check(raw, check, rows, row))
    return found


def _of_check(raw: RawTable, check: Check, rows: pd.DataFrame, row: int) -> dict[str, object]:
    value = quoted(_shown(rows.loc[row, check.column]))
    return note(raw.table, raw.file, raw.sheet, row, check.column, check.code, value=value)


def _left_out(raw: RawTable, table: Table, rows: pd.DataFrame) -> list[dict[str, object]]:
    """Facts beside the matter that cannot be true, taken out of `rows`, and the remarks on them."""
    found = []
    for check in (check for check in table.checks if check.beside):
        bad = _true(check.bad(rows))
        found += [_without_its_cell(_of_check(raw, check, rows, row)) for row in rows.index[bad]]
        rows.loc[bad, check.column] = None
    return found


def _without_its_cell(told: dict[str, object]) -> dict[str, object]:
    """A fault told as a remark: the cell is left out and the row counts."""
    return told | {"reason": joined_reasons("sentences", [str(told["reason"]), reason("sources.cell_left_out")])}


_SPANS = {"quotes": ("valid_until", "quoted_on"), "orders": ("promised_on", "ordered_on")}
"""By table a day that may be told as a time from another day on (30天)."""


def _with_ends(table: str, frame: pd.DataFrame, missing: frozenset[str], date_formats: tuple[str, ...]) -> pd.DataFrame:
    """`frame` with the day until which an offer holds, or by which an order is promised, where its cell tells for how long."""
    end, start = _SPANS.get(table, ("", ""))
    if not {end, start} <= set(frame):
        return frame
    spans = pd.Series(by_value(frame[end], _span), frame.index, dtype=object)
    told = spans[spans.notna()]
    days = read_column(TABLES[table].column(start), frame.loc[told.index, start], missing, date_formats).values
    ends = pd.Series([day + span for day, span in zip(days, told)], told.index, dtype=object).dropna()
    return frame.assign(**{end: frame[end].astype(object).mask(frame.index.isin(ends.index), ends)})


def _span(cell: object) -> pd.DateOffset | None:
    """For how long a cell tells; of a range the longer time (15天, 两周, 7-10个工作日, a bare 15). 15日 may be a day of the month."""
    if _is_bare(cell):
        return pd.DateOffset(days=int(float(str(cell))))
    if (found := time_span(cell)) is not None or not isinstance(cell, str):
        return found
    if cell.strip().removesuffix("日").strip().isdigit() or not any(word in cell.casefold() for word in DAYS):
        return None
    days = rough_number(cell, "days")
    return pd.DateOffset(days=int(days[0])) if days and days[0].isdigit() and len(days[0]) < 4 else None


def _is_bare(cell: object) -> bool:
    """Whether a cell where a day would stand is a number of days, half a year at the most: no day that a spreadsheet counts is so early."""
    return (
        not isinstance(cell, bool) and re.fullmatch(r"(?:1[0-7]\d|180|[1-9]\d?)(?:\.0)?", str(cell).strip()) is not None
    )


def _bare_spans(raw: RawTable, kept: pd.DataFrame) -> list[dict[str, object]]:
    """A remark, at the first of them, on bare numbers of days where a day would stand."""
    end, _ = _SPANS.get(raw.table, ("", ""))
    cells = raw.cells(end)
    bare = [row for row, cell in cells.items() if row in kept.index and _is_bare(cell)]
    told = {"count": len(bare), "value": str(cells[bare[0]])} if bare else {}
    return [note(raw.table, raw.file, raw.sheet, row, end, "days_bare", **told) for row in bare[:1]]


def _odd_cells(raw: RawTable, table: Table, frame: pd.DataFrame, read: dict[str, Cells]) -> Iterator[dict[str, object]]:
    """Remarks on cells that are blank from now on, and on numbers told roughly."""
    doubtful = _doubtful(raw, read)
    for name, cells in read.items():
        column = table.column(name)
        for place in cells.places(kept_faults(column)):
            cell, code = frame[name].iloc[place], str(cells.faults[place])
            shown = quoted(cell) if code in (*UNREAD, "came_sometime") else quoted_of(cell, column, doubtful[place])
            if (table.name, name, code) == ("orders", "status", "not_a_word"):
                code = "status_not_known"
            told = note(
                table.name, raw.file, raw.sheet, frame.index[place], name, code, value=shown, words=_allowed(column),
                currency=raw.currency, cell=raw.address(name, frame.index[place]),
            )  # fmt: skip
            yield _without_its_cell(told) if code in (*column.spare, "cell_hidden") else told


def _allowed(column: Column) -> str:
    en, zh = ", ".join(column.words), "、".join(synonyms[0] for synonyms in column.words.values())
    return either(en or "yes, no", zh or "是、否")


def _true(marks: pd.Series) -> NDArray[np.bool_]:
    return marks.fillna(False).to_numpy(bool)


def _shown(value: object) -> str:
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _located(raw: RawTable, rows: pd.DataFrame) -> pd.DataFrame:
    located = rows.copy(deep=False)
    located.index = pd.MultiIndex.from_arrays(
        [np.full(len(rows), raw.file, object), np.full(len(rows), raw.sheet, object), rows.index.to_numpy(np.int64)],
        names=["file", "sheet", "row"],
    )
    return located
