"""From files to typed parts: each file is read, its rows get one name for each thing, their orders, and counts in pieces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path

import pandas as pd

from analysis.errors import SourceError
from analysis.sources.accounting import LABEL
from analysis.sources.arrivals_told import with_arrivals_told
from analysis.sources.cage import caged
from analysis.sources.carton_contents import with_contents
from analysis.sources.cells import blank_rows, read_ids
from analysis.sources.currencies import with_currency
from analysis.sources.demand_months import with_years
from analysis.sources.file_reading import FileReading, named_from, read_file
from analysis.sources.found_orders import find_orders, lines_that_came, names_no_order
from analysis.sources.freight_lines import without_freight_lines
from analysis.sources.good_counts import with_defective
from analysis.sources.identity import identify, without_undecided
from analysis.sources.ledger_lines import as_exported
from analysis.sources.line_identity import listed_lines, number_lines
from analysis.sources.line_totals import with_line_totals
from analysis.sources.long_texts import without_long_texts
from analysis.sources.lots_above import with_pieces_above
from analysis.sources.made_numbers import lacks_numbers, some_have_numbers, with_numbers
from analysis.sources.open_questions import apart_from_answers
from analysis.sources.order_lines import complete_from
from analysis.sources.parts import FileTable, days_of_raw, entry_days, make_part, no_entry_days
from analysis.sources.pseudonyms import Pseudonyms, named_in
from analysis.sources.quarantine import Sifted, all_notes, no_notes, note, notes
from analysis.sources.rated_discounts import discounts_in_money
from analysis.sources.receipts import ARRIVAL, split_receipts, with_own_pieces, without_coming
from analysis.sources.rising_counts import in_own_pieces
from analysis.sources.source_map import SourceMap
from analysis.sources.source_rows import SourceRows
from analysis.sources.table_types import RawTable
from analysis.sources.tables import empty
from analysis.sources.taxed_prices import with_tax_told
from analysis.sources.totals_explained import without_explained
from analysis.sources.units import InPieces, in_pieces, skus_of_orders, units_of_articles, usual_prices


def read_all(folder: Path, paths: list[Path], how: SourceMap, complete: bool, key: str = "") -> SourceRows:
    """Every row of the files, typed; `complete`: whether they are all of the source. With a `key` suppliers have pseudonyms.

    Raises
    ------
    SourceError
        A file that cannot be read as a whole, or an entry of the map for which there is none.
    """
    read = caged(partial(_read_file, folder, how), paths)
    readings = [named_from(folder, path, found) for path, made in zip(paths, read) for found in made]
    _check_all_used(folder, paths, how)
    readings = [_goods_alone(_decided(_cut(_with_currencies(found)))) for found in readings]
    readings = _beside_exports(readings)
    spelled = named_in(readings, key) if key else {}
    readings, named = _identified(readings)
    if key:
        hidden = Pseudonyms(spelled | named_in(readings, key), key)
        hidden.check_files([path.relative_to(folder).as_posix() for path in paths])
        readings, named = [hidden.of_reading(found) for found in readings], hidden.of_notes(named)
    readings = _with_orders(_numbered(readings))
    for step in (with_years, with_arrivals_told, with_contents, with_pieces_above, with_defective, with_line_totals, with_tax_told, discounts_in_money):  # fmt: skip
        readings = [_changed(found, [*map(step, found.reading.raws)]) for found in readings]
    readings = [_split(found) for found in readings]
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
    refusals = _joined_refused(refused)
    parts, came, counted = in_own_pieces(parts, _joined_arrivals(arrivals))
    remarks = all_notes([remarks, counted])
    gone = [raw for found in readings for raw in found.excluded] + [part.held for part in parts]
    waited = (
        pd.MultiIndex.from_tuples([label for labels in coming for label in labels], names=LABEL)
        if any(map(len, coming))
        else no_entry_days().index
    )
    return SourceRows(parts, came, refusals, remarks, complete, _entered(readings), listed, waited, _orders_in(gone))


def _split(found: FileReading) -> FileReading:
    raws = [part for raw in found.reading.raws for part in apart_from_answers(raw)]
    return replace(found, reading=replace(found.reading, raws=raws))


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


def _numbered(readings: list[FileReading]) -> list[FileReading]:
    """`readings` with numbers for the orders of lists that have none; beside orders that bear some, without these lists. A map is to
    name the column of numbers."""
    raws = [raw for found in readings for raw in found.reading.raws]
    if not any(map(lacks_numbers, raws)):
        return readings
    change = _without_unnumbered if some_have_numbers(raws) else _with_numbers
    return [change(found) if found.how is None else found for found in readings]


def _with_numbers(found: FileReading) -> FileReading:
    return _changed(found, [*map(with_numbers, found.reading.raws)])


def _without_unnumbered(found: FileReading) -> FileReading:
    gone = [raw for raw in found.reading.raws if lacks_numbers(raw) and len(raw.frame)]
    if not gone:
        return found
    told = notes(note("orders", raw.file, raw.sheet, 0, "", "orders_unnumbered") for raw in gone)
    left = [raw for raw in found.reading.raws if not lacks_numbers(raw)]
    return replace(found, reading=replace(found.reading, raws=left, remarks=all_notes([found.reading.remarks, told])))


def _with_orders(readings: list[FileReading]) -> list[FileReading]:
    """`readings` with the orders of rows that name supplier, SKU and day instead; rows that may be of several are refused."""
    if not any(names_no_order(raw) for found in readings for raw in found.reading.raws):
        return readings
    lines = lines_that_came([raw for found in readings for raw in found.reading.raws])
    return [_changed(found, [find_orders(raw, lines) for raw in found.reading.raws]) for found in readings]


def _changed(found: FileReading, parts: Sequence[Sifted]) -> FileReading:
    """`found` with the raws of `parts`, one for each of its own, and what they tell."""
    quarantine = all_notes([found.reading.quarantine, *(part.quarantine for part in parts)])
    remarks = all_notes([found.reading.remarks, *(part.remarks for part in parts)])
    reading = replace(found.reading, raws=[part.raw for part in parts], quarantine=quarantine, remarks=remarks)
    refused = tuple(part.refused for part in parts if part.refused is not None and len(part.refused.frame))
    return replace(found, reading=reading, excluded=(*found.excluded, *refused))


def _beside_exports(readings: list[FileReading]) -> list[FileReading]:
    """`readings` where the house's own lists of orders complete the exports, as a ledger does, if one tells an order that an export
    tells. Otherwise such a list is a full source of its own."""
    exported = _orders_in([raw for found in readings for raw in found.reading.raws if raw.export])
    if not exported:
        return readings
    own = [found.how is None and any(_is_own_list(raw) for raw in found.reading.raws) for found in readings]
    told = _orders_in([raw for found, is_own in zip(readings, own) if is_own for raw in found.reading.raws])
    if not exported & told:
        return readings
    return [replace(found, ledger=found.ledger or is_own) for found, is_own in zip(readings, own)]


def _is_own_list(raw: RawTable) -> bool:
    return raw.table == "orders" and not raw.export and raw.filled_since is None


def _in_pieces(readings: list[FileReading]) -> list[FileReading]:
    """`readings` with all counts in pieces; rows of an unknown unit are refused."""
    raws = [raw for found in readings for raw in found.reading.raws]
    articles, skus = units_of_articles(raws), skus_of_orders(raws)
    made = [in_pieces(raw, articles, skus) for raw in raws]
    usual = usual_prices(part.raw for part in made) if any(part.asks for part in made) else {}
    made = [in_pieces(raw, articles, skus, usual) if part.asks else part for raw, part in zip(raws, made)]
    each = iter(made)
    return [_explained(found, list(islice(each, len(found.reading.raws)))) for found in readings]


def _explained(found: FileReading, parts: list[InPieces]) -> FileReading:
    """`found` in pieces, without remarks on totals that these explain."""
    remarks = without_explained(found.reading.remarks, parts)
    return _changed(replace(found, reading=replace(found.reading, remarks=remarks)), parts)


def _bare_headers(readings: list[FileReading]) -> Iterator[dict[str, object]]:
    """A remark on each table that has headers and no row; of a ledger, whose sheets may well be blank, on the first."""
    for found in readings:
        bare = [raw for raw in found.reading.raws if blank_rows(raw.frame[:1]).all() and blank_rows(raw.frame).all()]
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
        raw, on_the_way = without_coming(raw)
        coming.append(on_the_way)
        uncounted = raw.table == "receipts" and "received_quantity" not in raw.frame
        if raw.table == "inspections" or uncounted:
            split = split_receipts(raw, missing, formats)
            arrivals.append(split.arrivals)
            refused.append(split.quarantine.assign(day=raw.known_on if raw.known_on is not None else pd.NaT))
            raw = split.inspections
            coming.append(split.coming)
        if uncounted:  # what is left has no day
            raw = replace(raw, frame=raw.frame.assign(received_on="", received_quantity=""))
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
