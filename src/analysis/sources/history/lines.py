"""One batch of whole orders, checked; the lines that count go on to `line_counts`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from analysis.sources.as_of import HAPPENS_LATER
from analysis.sources.cell_dates import days_in_reach
from analysis.sources.cell_words import OURS
from analysis.sources.column_cells import kept_faults, read_column
from analysis.sources.history.columns import (
    BY_OTHERS,
    COLUMNS,
    NAMED,
    PROMISES,
    WORDS,
    Vocabulary,
    as_dictionary,
    days_of,
    numbers_of,
)
from analysis.sources.history.line_counts import LineCounts, numbers_in
from analysis.sources.history.partial import REFUSED, Partial
from analysis.sources.history.rules import Found, faults, without_impossible
from analysis.sources.promises import first_promises
from analysis.sources.repeated_rows import alike_and_against

FIRST_ROW = 2
"""The row number of a file's first line: 1 is that of the column names, as in every other file."""
KEY = ["order_id", "line_no"]
_PLAIN_ID = r"^(?:[0-9]+(?:[A-DF-Za-df-z_/-][0-9A-Za-z_/-]*)?|[A-MO-Za-mo-z][0-9A-Za-z_/-]*|[nN][0-9A-Za-z_/-]{4,})$"
"""Surely a code: no number in tenths or powers of ten, and no word for nothing (nan, null)."""


@dataclass
class Counting:
    """Counts batches of a file of history into `partial`."""

    partial: Partial
    as_of: pd.Timestamp

    def __post_init__(self) -> None:
        self.words = {name: Vocabulary(COLUMNS[name]) for name in WORDS}
        self.day = (self.as_of - pd.Timestamp(0)).days
        self.counts = LineCounts(self.partial, self.as_of, self.words)

    def file(self, name: str, number: int) -> None:
        """What follows is of that file."""
        self.name, self.place = name, number << 40
        self.fates = dict.fromkeys(("rows_in", "kept", "quarantined", "merged", "later"), 0)
        self.lot_fates = dict(self.fates)

    def batch(self, first: int, batch: pa.RecordBatch) -> None:
        """One batch of whole orders, the first of its rows the `first` of the file's."""
        values, unread = self._columns(batch, self.place + first)
        without_impossible(values)
        new_order = _new_orders(batch["order_id"])
        unread["order_id"] = _faults_of_ids(batch["order_id"], new_order)
        happened = {name: values[name] for name in HAPPENS_LATER["orders"] if name in values}
        hidden = {
            name: np.where(days > self.day, np.nan, days) if (days > self.day).any() else days
            for name, days in happened.items()
        }
        found = faults(values | hidden, unread)
        later = self._ahead(values["ordered_on"])
        line = ~found.refused & ~later
        looked_later = self._ahead(values["inspected_on"]) if "inspected_on" in values else later
        self._tell(found, later, later | looked_later, first)
        line &= ~self._repeated(values, new_order, line, first)
        self.fates["kept"] += int(line.sum())
        order = np.cumsum(new_order)
        self.lot_fates["kept"] += self.counts.add(values, hidden, order, line, found.no_lot, self.place >> 40, first)

    def close(self) -> None:
        """The file has been read."""
        for table, fates in (("orders", self.fates), ("inspections", self.lot_fates)):
            fates["rows_in"] = fates["kept"] + fates["quarantined"] + fates["merged"]
            self.partial.account.append({"file": self.name, "table": table, **fates})

    def _ahead(self, days: np.ndarray) -> np.ndarray:
        """(rows,) what lies after the day; a date that nobody can mean lies nowhere, and is told."""
        ahead = days > self.day
        return ahead & days_in_reach(days) if ahead.any() else ahead

    # --- columns ---

    def _columns(self, batch: pa.RecordBatch, place: int) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        values: dict[str, np.ndarray] = {}
        unread: dict[str, np.ndarray] = {}
        for name in batch.schema.names:
            kind, cells = COLUMNS[name].kind, batch[name]
            if name in NAMED or name in WORDS:
                book = self.partial.names[name] if name in NAMED else self.words[name]
                values[name], faults_of_cells = _named(book, as_dictionary(cells), place)
                if name == BY_OTHERS:
                    other = np.array([*(value not in (None, OURS) for value in book.value), False])
                    values[name] = other[numbers_in(values[name], len(batch))].astype(float)
                if faults_of_cells is not None:
                    unread[name] = faults_of_cells
            elif kind in ("date", "time"):
                values[name] = days_of(cells)
            elif name == "order_id":
                values[name] = np.asarray(cells.is_null(), float)
                values[name][values[name] == 1] = np.nan
            else:
                values[name] = numbers_of(cells)
        if "inspected" in values or "defective" in values:
            for name in ("inspected_on", "inspected", "defective"):
                values.setdefault(name, np.full(len(batch), np.nan))
        if not values.keys().isdisjoint(PROMISES):
            for name in PROMISES:
                values.setdefault(name, np.full(len(batch), np.nan))
        return values, unread

    # --- rows that do not count ---

    def _tell(self, found: Found, later: np.ndarray, looked_later: np.ndarray, first: int) -> None:
        """Rows of what lay ahead are refused by nobody."""
        for places, table, column, code in found.told:
            ahead = later if table == "orders" else looked_later
            self._refuse(places[~ahead[places]] + first, table, column, code)
        self.fates["later"] += int(later.sum())
        self.lot_fates["later"] += int((found.looked & looked_later).sum())

    def _refuse(self, places: np.ndarray, table: str, column: str, code: str) -> None:
        if places.size:
            rows = dict(zip(REFUSED, (self.name, places + FIRST_ROW, table, column, code)))
            self.partial.refused.append(pd.DataFrame(rows))
            fates = self.fates if table == "orders" else self.lot_fates
            fates["quarantined"] += int(places.size)

    def _repeated(
        self, values: dict[str, np.ndarray], new_order: np.ndarray, line: np.ndarray, first: int
    ) -> np.ndarray:
        """(rows,) lines told before: alike ones are merged, the others refused."""
        again = np.zeros(line.size, bool)
        again[1:] = ~new_order[1:] & (values["line_no"][1:] == values["line_no"][:-1])
        if not again.any():
            return again
        rows = np.flatnonzero((again | np.append(again[1:], False)) & line)
        told = pd.DataFrame({name: array[rows] for name, array in values.items()})
        told["order_id"] = np.cumsum(new_order)[rows]
        if "promised_on" in values:
            _tell_first_promises(told, values, rows)
        merged, refused = alike_and_against(told, KEY)
        self._refuse(rows[refused] + first, "orders", "order_id", "duplicate_contradicts")
        self.fates["merged"] += int(merged.sum())
        again[:] = False
        again[rows[merged | refused]] = True
        return again


def _tell_first_promises(told: pd.DataFrame, values: dict[str, np.ndarray], rows: np.ndarray) -> None:
    """Lines told again with another promise (`told`, at `rows`) tell the first and the last one, as in small files."""
    if not told.drop_duplicates([*KEY, *PROMISES]).duplicated(KEY).any():
        return
    days = told[list(PROMISES)].apply(pd.to_datetime, unit="D")
    undated = dict.fromkeys(("known_on", "entered"), pd.Series(pd.NaT, told.index))
    first = first_promises(told[KEY].assign(**days, **undated), KEY, pd.NaT, pd.NaT)
    for name in PROMISES:
        told[name] = (first[name] - pd.Timestamp(0)).dt.days.astype(float)
        values[name] = values[name].copy()
        values[name][rows] = told[name]


def _named(book: Vocabulary, cells: pa.DictionaryArray, place: int) -> tuple[np.ndarray, np.ndarray | None]:
    """Codes as floats, NaN where blank or unread, and the fault of each row (None: no row has one)."""
    codes = book.codes(cells, place)
    values = codes.astype(float)
    values[codes < 0] = np.nan
    if not book.odd:
        return values, None
    kept = kept_faults(book.column)
    faults = np.full(codes.size, "", dtype=object)
    for number, fault in book.odd.items():
        rows = codes == number
        faults[rows] = "" if fault in kept else fault
        values[rows & (fault in kept)] = np.nan
    return values, faults


def _new_orders(orders: pa.Array) -> np.ndarray:
    """(rows,) whether the row begins an order."""
    new = np.ones(len(orders), bool)
    new[1:] = np.asarray(pc.fill_null(pc.not_equal(orders[:-1], orders[1:]), True))
    return new


def _faults_of_ids(orders: pa.Array, new_order: np.ndarray) -> np.ndarray:
    """(rows,) faults of order numbers; only those that are no plain codes are looked at one by one."""
    out = np.full(len(orders), "", dtype=object)
    if not (pa.types.is_string(orders.type) or pa.types.is_large_string(orders.type)):
        return out
    heads = np.flatnonzero(new_order)
    texts = orders if heads.size == len(orders) else orders.take(pa.array(heads))
    odd = heads[~np.asarray(pc.fill_null(pc.match_substring_regex(texts, _PLAIN_ID), True))]
    if odd.size:
        cells = pd.Series(orders.take(pa.array(odd)).to_pylist(), dtype=object)
        found = read_column(COLUMNS["order_id"], cells)
        blank = found.values.isna().to_numpy() & ~found.faults.astype(bool)
        fault = np.where(blank, "required_missing", np.where(found.faults.astype(bool), found.faults, ""))
        number = np.cumsum(new_order) - 1
        by_order = np.full(heads.size, "", dtype=object)
        by_order[number[odd]] = fault
        out = by_order[number]
    return out
