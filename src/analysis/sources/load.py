"""Finds, reads and types every file of a source; what was known on a day is asked of the `Source` afterwards.

The content of a file decides what it is: mapped in `source.toml`, the buyer's ledger, a 1688 export, or a plain canonical
table (named after its table, or known by its headers). Hidden files, lock files of Excel, notes and `source.toml` itself are
passed over, and so is everything in folders whose name begins with `_` or `.`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from itertools import islice
from pathlib import Path

import pandas as pd

from analysis.errors import SourceError
from analysis.sources.accounting import LABEL
from analysis.sources.as_of import END_OF_TIME
from analysis.sources.cage import caged
from analysis.sources.cells import blank_rows, read_ids
from analysis.sources.currencies import with_currency
from analysis.sources.file_reading import FileReading, named_from, read_file
from analysis.sources.found_orders import FoundOrders, find_orders, lines_that_came
from analysis.sources.freight_lines import without_freight_lines
from analysis.sources.good_counts import Counted, with_defective
from analysis.sources.identity import identify, without_undecided
from analysis.sources.known import Snapshot, snapshot_of
from analysis.sources.ledger_lines import as_exported
from analysis.sources.line_identity import listed_lines, number_lines
from analysis.sources.long_texts import without_long_texts
from analysis.sources.opening import check_name
from analysis.sources.order_lines import complete_from
from analysis.sources.parts import FileTable, days_of_raw, entry_days, make_part, no_entry_days
from analysis.sources.pseudonyms import Pseudonyms, key_asked_for, named_in
from analysis.sources.quarantine import all_notes, no_notes, note, notes
from analysis.sources.receipts import ARRIVAL, split_receipts, with_own_pieces, without_coming
from analysis.sources.source_map import MAP_NAME, SourceInfo, SourceMap, read_source_map
from analysis.sources.source_rows import SourceRows
from analysis.sources.table_types import RawTable
from analysis.sources.tables import empty
from analysis.sources.units import in_pieces, skus_of_orders, units_of_articles, usual_prices
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
    intake = _read_all(folder, paths, how, complete=True, key=key)
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
    rows = _read_all(folder, given, replace(how, files=files), complete=False)
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


# --- from files to parts ----------------------------------------------------------------------------------------------


def _read_all(folder: Path, paths: list[Path], how: SourceMap, complete: bool, key: str = "") -> SourceRows:
    read = caged(partial(_read_file, folder, how), paths)
    readings = [named_from(folder, path, found) for path, made in zip(paths, read) for found in made]
    _check_all_used(folder, paths, how)
    readings = [_goods_alone(_decided(_cut(_with_currencies(found)))) for found in readings]
    spelled = named_in(readings, key) if key else {}
    readings, named = _identified(readings)
    if key:
        hidden = Pseudonyms(spelled | named_in(readings, key), key)
        hidden.check_files([path.relative_to(folder).as_posix() for path in paths])
        readings, named = [hidden.of_reading(found) for found in readings], hidden.of_notes(named)
    readings = [_changed(found, [*map(with_defective, found.reading.raws)]) for found in _with_orders(readings)]
    listed = listed_lines([raw for found in readings for raw in found.reading.raws])
    readings = _in_pieces(readings)
    parts: list[FileTable] = []
    refused: list[pd.DataFrame] = []
    arrivals: list[pd.DataFrame] = []
    coming: list[pd.MultiIndex] = []
    own = [found for found in readings if not found.ledger]
    for found in own:
        _add_parts(found, None, parts, refused, arrivals, coming)
    orders = [part.conformed.table for part in parts if part.raw.table == "orders"]
    exported = pd.concat(orders) if orders else empty("orders")
    for found in (found for found in readings if found.ledger):
        _add_parts(found, exported, parts, refused, arrivals, coming)
    remarks = all_notes([*(found.reading.remarks for found in readings), notes(_bare_headers(readings)), named])
    refusals, came = _joined_refused(refused), _joined_arrivals(arrivals)
    gone = [raw for found in readings for raw in found.excluded] + [part.held for part in parts]
    waited = (
        pd.MultiIndex.from_tuples([label for labels in coming for label in labels], names=LABEL)
        if any(map(len, coming))
        else no_entry_days().index
    )
    return SourceRows(parts, came, refusals, remarks, complete, _entered(readings), listed, waited, _orders_in(gone))


def _read_file(folder: Path, how: SourceMap, path: Path) -> list[FileReading]:
    return read_file(folder, path, how)


def _orders_in(raws: list[RawTable]) -> frozenset[str]:
    """The numbers of the orders that these rows are, as far as they can be read."""
    frames = [raw.frame["order_id"] for raw in raws if raw.table == "orders" and "order_id" in raw.frame]
    return frozenset(number for cells in frames for number in read_ids(cells).values.dropna())


def _entered(readings: list[FileReading]) -> pd.Series:
    """The day of entry of the rows that state one, index (file, sheet, row)."""
    days = [
        entry_days(raw, found.how.missing if found.how else frozenset(), found.how.date_formats if found.how else ())
        for found in readings
        for raw in (*found.reading.raws, *found.excluded)
    ]
    filled = [part for part in days if len(part)]
    return pd.concat(filled) if filled else no_entry_days()


def _with_currencies(found: FileReading) -> FileReading:
    """`found` with the currency of each amount in its cell, where a column beside names it."""
    return replace(found, reading=replace(found.reading, raws=[with_currency(raw) for raw in found.reading.raws]))


def _decided(found: FileReading) -> FileReading:
    """`found` without words that say of a name that it is not known yet."""
    return replace(found, reading=replace(found.reading, raws=[without_undecided(raw) for raw in found.reading.raws]))


def _goods_alone(found: FileReading) -> FileReading:
    """`found` with the pieces of each parcel, and without rows of orders that are money for freight."""
    own = [with_own_pieces(raw) for raw in found.reading.raws]
    parts = [without_freight_lines(raw) for raw, _ in own]
    told = all_notes([found.reading.quarantine, *(told for _, told, _ in parts)])
    gone = tuple(raw for _, _, raw in parts if raw is not None)
    remarks = all_notes([found.reading.remarks, *(told for _, told in own)])
    reading = replace(found.reading, raws=[raw for raw, _, _ in parts], quarantine=told, remarks=remarks)
    return replace(found, reading=reading, excluded=(*found.excluded, *gone))


def _cut(found: FileReading) -> FileReading:
    """`found` without texts that are longer than any name."""
    pairs = [without_long_texts(raw) for raw in found.reading.raws]
    told = notes([item for _, items in pairs for item in items])
    remarks = all_notes([found.reading.remarks, told])
    return replace(found, reading=replace(found.reading, raws=[raw for raw, _ in pairs], remarks=remarks))


def _identified(readings: list[FileReading]) -> tuple[list[FileReading], pd.DataFrame]:
    """`readings` with one name for each supplier, SKU, order and line in all of them, and the remarks on it."""
    counts = [len(found.reading.raws) for found in readings]
    missing = [found.how.missing if found.how else frozenset() for found in readings for _ in found.reading.raws]
    named = identify([raw for found in readings for raw in found.reading.raws], missing)
    raws = iter(number_lines(named.raws))
    renamed = [
        replace(found, reading=replace(found.reading, raws=list(islice(raws, count))))
        for found, count in zip(readings, counts)
    ]
    exports = [raw for found in renamed for raw in found.reading.raws if raw.export]
    told: list[dict[str, object]] = []
    renamed = [_as_exported(found, exports, told) if found.ledger else found for found in renamed]
    return renamed, all_notes([named.remarks, notes(told)])


def _as_exported(found: FileReading, exports: list[RawTable], told: list[dict[str, object]]) -> FileReading:
    raws, moved = as_exported(found.reading.raws, exports)
    told += moved
    return replace(found, reading=replace(found.reading, raws=raws))


def _with_orders(readings: list[FileReading]) -> list[FileReading]:
    """`readings` with the orders of rows that name supplier, SKU and day instead; rows that may be of several are refused."""
    lines = lines_that_came([raw for found in readings for raw in found.reading.raws])
    return [_changed(found, [find_orders(raw, lines) for raw in found.reading.raws]) for found in readings]


def _changed(found: FileReading, parts: Sequence[FoundOrders | Counted]) -> FileReading:
    """`found` with the raws of `parts`, one for each of its own, and what they tell."""
    quarantine = all_notes([found.reading.quarantine, *(part.quarantine for part in parts)])
    remarks = all_notes([found.reading.remarks, *(part.remarks for part in parts)])
    reading = replace(found.reading, raws=[part.raw for part in parts], quarantine=quarantine, remarks=remarks)
    refused = tuple(part.refused for part in parts if len(part.refused.frame))
    return replace(found, reading=reading, excluded=(*found.excluded, *refused))


def _in_pieces(readings: list[FileReading]) -> list[FileReading]:
    """`readings` with all counts in pieces; rows of an unknown unit are refused."""
    raws = [raw for found in readings for raw in found.reading.raws]
    articles, skus = units_of_articles(raws), skus_of_orders(raws)
    made = [in_pieces(raw, articles, skus) for raw in raws]
    usual = usual_prices(part.raw for part in made) if any(part.asks for part in made) else {}
    made = [in_pieces(raw, articles, skus, usual) if part.asks else part for raw, part in zip(raws, made)]
    out, each = [], iter(made)
    for found in readings:
        parts = list(islice(each, len(found.reading.raws)))
        quarantine = all_notes([found.reading.quarantine, *(part.quarantine for part in parts)])
        remarks = all_notes([found.reading.remarks, *(part.remarks for part in parts)])
        reading = replace(found.reading, raws=[part.raw for part in parts], quarantine=quarantine, remarks=remarks)
        refused = tuple(part.refused for part in parts if len(part.refused.frame))
        out.append(replace(found, reading=reading, excluded=(*found.excluded, *refused)))
    return out


def _bare_headers(readings: list[FileReading]) -> Iterator[dict[str, object]]:
    """A remark on each table that has headers and no row; of a ledger, whose sheets may well be blank, on the first."""
    for found in readings:
        bare = [raw for raw in found.reading.raws if blank_rows(raw.frame).all()]
        if len(bare) == len(found.reading.raws) and found.reading.quarantine.empty:
            for raw in bare[:1] if found.ledger else bare:
                yield note(raw.table, raw.file, "" if found.ledger else raw.sheet, 0, "", "no_rows")


def _add_parts(
    found: FileReading,
    exported: pd.DataFrame | None,
    parts: list[FileTable],
    refused: list[pd.DataFrame],
    arrivals: list[pd.DataFrame],
    coming: list[pd.MultiIndex],
) -> None:
    missing = found.how.missing if found.how else frozenset()
    formats = found.how.date_formats if found.how else ()
    for raw in found.reading.raws:
        if raw.table == "inspections":
            split = split_receipts(raw, missing, formats)
            arrivals.append(split.arrivals)
            refused.append(split.quarantine.assign(day=raw.known_on if raw.known_on is not None else pd.NaT))
            raw = split.inspections
            coming.append(split.coming)
        raw, on_the_way = without_coming(raw)
        coming.append(on_the_way)
        ledger = raw.table == "orders" and exported is not None
        if ledger and exported is not None:
            raw = complete_from(raw, exported)
        parts.append(make_part(raw, missing, formats, ledger))
    days = [days_of_raw(raw, missing, formats) for raw in found.excluded]
    files = {raw.file: raw.known_on for raw in found.reading.raws if raw.known_on is not None}
    refused.append(_with_days(found.reading.quarantine, days, files))


def _with_days(quarantine: pd.DataFrame, days: list[pd.Series], files: dict[str, pd.Timestamp]) -> pd.DataFrame:
    labels = pd.MultiIndex.from_frame(quarantine[["file", "sheet", "row"]])
    known = pd.concat(days) if days else pd.Series(dtype="datetime64[us]")
    own = known.reindex(labels) if len(known) else pd.Series(pd.NaT, index=labels)
    whole = quarantine["file"].map(files)
    return quarantine.assign(
        day=pd.to_datetime(own.set_axis(quarantine.index)).fillna(pd.to_datetime(whole)).astype("datetime64[us]")
    )


def _joined_refused(tables: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [table.astype({"day": "datetime64[us]"}) for table in tables if len(table)]
    return pd.concat(filled, ignore_index=True) if filled else no_notes().assign(day=pd.Series(dtype="datetime64[us]"))


def _joined_arrivals(tables: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [table for table in tables if len(table)]
    if filled:
        return pd.concat(filled)
    index = pd.MultiIndex.from_arrays([[], [], []], names=["file", "sheet", "row"])
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in ARRIVAL.items()}).set_axis(index)


def _check_all_used(folder: Path, paths: list[Path], how: SourceMap) -> None:
    for entry in how.files:
        if not any(path in set(folder.glob(entry.name)) for path in paths):
            raise SourceError(
                "sources.map_no_file", name=entry.name, files=", ".join(path.name for path in paths) or "-"
            )


def _hidden(path: Path) -> bool:
    return any(part.startswith((".", "_", "~$")) for part in path.parts)


def _with_map(folder: Path, paths: list[Path]) -> list[Path]:
    return [*paths, folder / MAP_NAME] if (folder / MAP_NAME).exists() else list(paths)


def _near_sources(folder: Path) -> str:
    if not folder.parent.is_dir():
        return "-"
    names = sorted(path.name for path in folder.parent.iterdir() if path.is_dir() and not path.name.startswith("."))
    return near_names(folder.name, names)
