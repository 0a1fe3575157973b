"""What one file holds: a ledger, a pack of templates, an export, a plain canonical table, or what `source.toml` maps it to; its rows are raw tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from analysis.reasons import either
from analysis.sources.carried_cells import carried_down
from analysis.sources.cell_dates import counted_from_1900
from analysis.sources.conform import MOST_NAMED, in_english
from analysis.sources.currencies import currency_said, in_said_currency
from analysis.sources.date_columns import dates_in_order
from analysis.sources.export_1688 import day_in_name, is_export, read_export
from analysis.sources.first_rows import first_rows
from analysis.sources.folding import normal_header
from analysis.sources.header_row import check_row_lengths
from analysis.sources.ledger import is_ledger, read_ledger
from analysis.sources.ledger_sheets import sheet_called
from analysis.sources.mapped_file import read_mapped
from analysis.sources.opening import Sheet, read_sheets
from analysis.sources.pack import is_pack
from analysis.sources.pack_reading import read_pack
from analysis.sources.parts import days_of_raw
from analysis.sources.plain_tables import (
    TOLD_BESIDE,
    accepted_headers,
    day_in_names,
    headers_of,
    is_known,
    nearly,
    plain_table,
    sheets_of_suppliers,
    table_across,
)
from analysis.sources.quarantine import Reading, note, notes, quoted
from analysis.sources.rows_apart import notes_apart, rows_apart
from analysis.sources.rows_below import rows_below, unread_below, variants_below
from analysis.sources.sideways import read_sideways
from analysis.sources.source_map import FileMap, SourceMap
from analysis.sources.table_types import RawTable
from analysis.sources.tables import TABLES
from analysis.sources.variants_listed import TELL_VARIANTS, VARIANTS


@dataclass(frozen=True)
class FileReading:
    """What one file gave: see `Reading`; `excluded` raw rows stand in its quarantine; `how` it was mapped, if it was."""

    reading: Reading
    excluded: tuple[RawTable, ...] = ()
    how: FileMap | None = None
    ledger: bool = False


def read_file(folder: Path, path: Path, how: SourceMap) -> list[FileReading]:
    """What the file holds: once for each entry of `how` that maps it, else by its content, sheet by sheet."""
    mapped = [entry for entry in how.files if path in set(folder.glob(entry.name))]
    if mapped:
        return [_mapped(path, entry, how.info.currency) for entry in mapped]
    head = first_rows(path)
    if head is not None and not (
        is_pack(sheet.name for sheet in head)
        or is_ledger(head)
        or any(is_known(path, sheet) for sheet in head)
        or sheets_of_suppliers(path, head)
    ):
        return [_not_recognised(path, sheet) for sheet in head]
    sheets, passed = _without_hidden_copies(path, read_sheets(path, currency=how.info.currency))
    return [*_read_sheets(path, sheets, how), *([FileReading(Reading([], remarks=passed))] if len(passed) else [])]


def _without_hidden_copies(path: Path, sheets: list[Sheet]) -> tuple[list[Sheet], pd.DataFrame]:
    """`sheets` without hidden ones that hold what a visible one holds, and the remarks on them."""
    holds = {sheet.name: _what_it_holds(path, sheet) for sheet in sheets if any(found.hidden for found in sheets)}
    shown = {holds[sheet.name]: sheet for sheet in reversed(sheets) if holds and not sheet.hidden}
    passed = [sheet for sheet in sheets if sheet.hidden and holds[sheet.name] in shown and holds[sheet.name]]
    told = [
        note(holds[sheet.name], path.name, sheet.name, 0, "", "sheet_hidden", shown=shown[holds[sheet.name]].name)
        for sheet in passed
    ]
    return [sheet for sheet in sheets if sheet not in passed], notes(told)


def _what_it_holds(path: Path, sheet: Sheet) -> str:
    """The table that a sheet holds, "" for none."""
    ledger = sheet_called(sheet.name)
    return "orders" if is_export(sheet) else ledger.table.name if ledger else plain_table(path, sheet) or ""


def _read_sheets(path: Path, sheets: list[Sheet], how: SourceMap) -> list[FileReading]:
    if is_pack(sheet.name for sheet in sheets):
        return [FileReading(_counted_from_1900(read_pack(path, sheets, how.info.currency), sheets))]
    if is_ledger(sheets):
        reading = dates_in_order(carried_down(_counted_from_1900(read_ledger(path, sheets), sheets), sheets))
        taken = day_in_name(path.name)
        known_on = None if taken is None else taken.as_unit("us")
        raws = [replace(raw, known_on=known_on, currency=how.info.currency) for raw in reading.raws]
        return [FileReading(replace(reading, raws=raws), ledger=True)]
    named = sheets_of_suppliers(path, sheets)
    filled = [sheet for sheet in sheets if not sheet.is_blank()]
    return [_plain_or_export(path, sheet, how.info.currency, named.get(sheet.name)) for sheet in filled]


def _not_recognised(path: Path, sheet: Sheet) -> FileReading:
    """A remark on a sheet that is not read, with what it lacks where it is nearly a table of ours."""
    near = nearly(path, sheet)
    table = TABLES[near[0]] if near else None
    lacking = [table.column(name) for name in near[1]] if near and table else []
    values = {
        "of": either(table.name, table.zh),
        "columns": either(in_english(lacking), "、".join(c.zh[0] for c in lacking)),
        "others": " / ".join(quoted(text) for text in headers_of(table.name, sheet).unknown()[:MOST_NAMED]) or "-",
    } if table else {}  # fmt: skip
    code = "file_lacks_columns" if table else "file_not_recognised"
    return FileReading(Reading([], remarks=notes([note("", path.name, sheet.name, 0, "", code, **values)])))


def _counted_from_1900(reading: Reading, sheets: Iterable[Sheet]) -> Reading:
    """`reading` with the bare numbers of its date columns counted from 1900 where the workbook counts from 1904."""
    names = {sheet.name for sheet in sheets if sheet.from_1904}
    return replace(reading, raws=[_frame_from_1900(raw) if raw.sheet in names else raw for raw in reading.raws])


def _frame_from_1900(raw: RawTable) -> RawTable:
    dates = [column.name for column in TABLES[raw.table].columns if column.kind in ("date", "time")]
    counted = {name: counted_from_1900(raw.frame[name]) for name in {*dates, "received_on"} & set(raw.frame.columns)}
    return replace(raw, frame=raw.frame.assign(**counted))


def _mapped(path: Path, entry: FileMap, currency: str) -> FileReading:
    sheets = read_sheets(path, entry.encoding, currency)
    found = read_mapped(path, sheets, entry, currency)
    reading = _counted_from_1900(Reading(found.raws, found.quarantine, found.remarks), sheets)
    excluded = _counted_from_1900(Reading(found.excluded), sheets).raws
    return FileReading(reading, tuple(excluded), entry)


def _plain_or_export(path: Path, sheet: Sheet, currency: str, of_supplier: str | None = None) -> FileReading:
    """What a sheet holds; `of_supplier`: the table of a sheet that is called after its supplier."""
    if is_export(sheet):
        return FileReading(_dated(_counted_from_1900(read_export(path, sheet), [sheet])))
    table = of_supplier or plain_table(path, sheet)
    across = table_across(path, sheet)
    if across is not None and (sideways := read_sideways(across, path.name, sheet, accepted_headers(across), currency)):
        return FileReading(sideways)
    if table is None:
        return _not_recognised(path, sheet)
    headers = headers_of(table, sheet)
    check_row_lengths(path.name, sheet, headers.place, headers.texts)
    apart = rows_apart(sheet.cells, headers)
    rows = rows_below(sheet.cells, headers, apart)
    rows = in_said_currency(rows, currency_said(names=(sheet.name, path.stem)))
    rows = rows.assign(supplier=sheet.name) if of_supplier else rows
    own_day = {name: day for name, day in day_in_names(table, path, sheet).items() if name not in rows}
    rows = rows.assign(**own_day)
    if table in TELL_VARIANTS and len(variants := variants_below(sheet.cells, headers)):
        rows = rows.assign(**{VARIANTS: variants.reindex(rows.index)})
    letters, strangers = headers.letters(), bool(headers.unknown())
    raw = RawTable(
        table, rows, path.name, sheet.name, currency=currency, letters=letters, strangers=strangers,
        unread=unread_below(sheet.cells, headers),
    )  # fmt: skip
    totals = notes(notes_apart(table, path.name, sheet, headers, apart))
    remarks = headers.notes(table, path.name, sheet.name, _BESIDE_ORDERS if table == "orders" else None)
    remarks += (
        [note(table, path.name, sheet.name, 0, "", "sheet_is_supplier", name=quoted(sheet.name))] if of_supplier else []
    )
    remarks += [note(table, path.name, sheet.name, 0, name, "day_of_list", value=day) for name, day in own_day.items()]
    reading = Reading([raw], totals, notes(remarks))
    return FileReading(dates_in_order(carried_down(_counted_from_1900(reading, [sheet]), [sheet])))


_BESIDE_ORDERS = {
    normal_header(header): either(table, TABLES[table].zh)
    for table, names in TOLD_BESIDE.items()
    for name in names
    for header in TABLES[table].column(name).zh
}
"""Headers of what becomes of an order, which people add to their list of orders -> the table that it belongs to."""


def _dated(reading: Reading) -> Reading:
    """An export without a day in its name was taken on the last day that stands in it, or later."""
    raws = []
    for raw in reading.raws:
        taken = raw.known_on
        if taken is None:
            days = [days_of_raw(raw, frozenset(), ())]
            days += (
                [days_of_raw(replace(raw, frame=raw.frame[["paid_on"]]), frozenset(), ())]
                if "paid_on" in raw.frame
                else []
            )
            newest = pd.concat(days).max()
            taken = None if pd.isna(newest) else newest
        raws.append(replace(raw, known_on=None if taken is None else taken.as_unit("us")))
    return replace(reading, raws=raws)


def named_from(folder: Path, path: Path, found: FileReading) -> FileReading:
    """File names as told to people: relative to the source's folder."""
    name = path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name
    if name == path.name:
        return found
    reading = found.reading
    raws = [replace(raw, file=name) for raw in reading.raws]
    renamed = Reading(raws, reading.quarantine.assign(file=name), reading.remarks.assign(file=name))
    return replace(found, reading=renamed, excluded=tuple(replace(raw, file=name) for raw in found.excluded))
