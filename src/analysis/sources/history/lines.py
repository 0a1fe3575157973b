"""One batch of whole orders, checked and counted."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from analysis.sources.as_of import HAPPENS_LATER, status_as_of
from analysis.sources.cell_dates import days_in_reach
from analysis.sources.cell_words import OURS
from analysis.sources.column_cells import kept_faults, read_column
from analysis.sources.conform import drop_duplicates
from analysis.sources.history.columns import (
    BY_OTHERS,
    COLUMNS,
    MONEY,
    NAMED,
    PROMISES,
    WORDS,
    Vocabulary,
    as_dictionary,
    days_of,
    numbers_of,
)
from analysis.sources.history.packing import STAGE, STATUS, article_of, delivery_key, lot_key, promise_key
from analysis.sources.history.partial import REFUSED, SUMS, Partial
from analysis.sources.history.rules import Found, faults
from analysis.sources.promises import first_promises

FIRST_ROW = 2
"""The row number of a file's first line: 1 is that of the column names, as in every other file."""
FEN = 100
UNCOUNTED = (BY_OTHERS, "order_id", "line_no", "unit_price", "received_quantity", "shipped_on")
"""Checked, and then of no further use."""
NOT_BOUGHT = ("cancelled", "unpaid", "refunding")
EVIDENCE = [STATUS.index("received"), STATUS.index("open")]
_EXACT = float(1 << 53)
_PLAIN_ID = r"^[0-9A-Za-z][0-9A-Za-z_/-]*$"
_ODD_ID = r"^(?i:nan|nat|null)$|^[0-9]\.?[0-9]*[eE]"


@dataclass
class Counting:
    """Counts batches of a file of history into `partial`."""

    partial: Partial
    as_of: pd.Timestamp

    def __post_init__(self) -> None:
        self.words = {name: Vocabulary(COLUMNS[name]) for name in WORDS}
        self.day = (self.as_of - pd.Timestamp(0)).days
        self.status = _statuses(self.as_of)

    def file(self, name: str, number: int) -> None:
        """What follows is of that file."""
        self.name, self.place = name, number << 40
        self.fates = dict.fromkeys(("rows_in", "kept", "quarantined", "merged", "later"), 0)
        self.lot_fates = dict(self.fates)

    def batch(self, first: int, batch: pa.RecordBatch) -> None:
        """One batch of whole orders, the first of its rows the `first` of the file's."""
        values, unread = self._columns(batch, self.place + first)
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
        line &= ~self._repeated(batch, values, new_order, line, first)
        self._count(values, hidden, np.cumsum(new_order), line, found.no_lot, first)

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
                    values[name] = other[_numbers(values[name], len(batch))].astype(float)
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
        self, batch: pa.RecordBatch, values: dict[str, np.ndarray], new_order: np.ndarray, line: np.ndarray, first: int
    ) -> np.ndarray:
        """(rows,) lines told before: alike ones are merged, the others refused."""
        again = np.zeros(line.size, bool)
        again[1:] = ~new_order[1:] & (values["line_no"][1:] == values["line_no"][:-1])
        if not again.any():
            return again
        rows = np.flatnonzero((again | np.append(again[1:], False)) & line)
        told = pd.DataFrame({name: array[rows] for name, array in values.items()})
        told["order_id"] = batch["order_id"].take(pa.array(rows)).to_pylist()
        told.index = pd.MultiIndex.from_product([[self.name], [""], rows], names=["file", "sheet", "row"])
        if "promised_on" in values:
            _tell_first_promises(told, values, rows)
        distinct = drop_duplicates("orders", told)
        refused = distinct.quarantine["row"].to_numpy(dtype=np.int64)
        self._refuse(refused + first, "orders", "order_id", "duplicate_contradicts")
        self.fates["merged"] += int(distinct.merged.sum())
        again[:] = False
        again[np.setdiff1d(rows, distinct.table.index.get_level_values("row"))] = True
        return again

    # --- counts ---

    def _count(
        self,
        values: dict[str, np.ndarray],
        hidden: dict[str, np.ndarray],
        order: np.ndarray,
        line: np.ndarray,
        no_lot: np.ndarray,
        first: int,
    ) -> None:
        rows = np.arange(first, first + line.size)
        values = {name: array for name, array in values.items() if name not in UNCOUNTED}
        if not line.all():
            at = np.flatnonzero(line)
            values, hidden = ({name: array[at] for name, array in part.items()} for part in (values, hidden))
            order, no_lot, rows = order[at], no_lot[at], rows[at]
        self.fates["kept"] += order.size
        self.partial.grow()
        supplier, ordered = values["supplier"].astype(np.int64), values["ordered_on"]
        status = self._statuses(values, order.size)
        self._count_deliveries(supplier, ordered, status, order, values, hidden)
        self._count_lots(supplier, values, no_lot, rows)
        self._sum(supplier, status, values)

    def _statuses(self, values: dict[str, np.ndarray], rows: int) -> np.ndarray:
        """(rows,) number in STATUS of what each line's status was on the day."""
        code = _word_numbers(self.words["status"], STATUS, values, rows)
        paid, received = (_state(values.get(name), self.day, rows) for name in ("paid_on", "received_on"))
        return self.status[(code * 3 + paid) * 3 + received]

    def _count_deliveries(
        self,
        supplier: np.ndarray,
        ordered: np.ndarray,
        status: np.ndarray,
        order: np.ndarray,
        values: dict[str, np.ndarray],
        hidden: dict[str, np.ndarray],
    ) -> None:
        arrived = hidden.get("received_on", np.full(order.size, np.nan))
        until = np.where(status == EVIDENCE[0], arrived, float(self.day))
        says = np.isin(status, EVIDENCE)
        days = np.where(says, until - ordered, 0.0).astype(np.int64)
        first = np.zeros(order.size, np.int64)
        first[says] = _first_of_delivery(order[says], supplier[says], ordered[says], days[says], status[says])
        self.partial.deliveries.add(delivery_key(supplier, days, status, first))
        if "promised_on" in values:
            first, moved = (values[name] for name in PROMISES)
            promised = np.where(np.isnan(first), moved, first) - ordered
            told = says & ~np.isnan(promised)
            self.partial.promises.add(promise_key(supplier[told], promised[told].astype(np.int64)))

    def _count_lots(
        self, supplier: np.ndarray, values: dict[str, np.ndarray], no_lot: np.ndarray, places: np.ndarray
    ) -> None:
        rows = supplier.size
        sku, category = (_numbers(values.get(name), rows) for name in ("sku", "category"))
        kind, stage = np.zeros(rows, np.int64), np.zeros(rows, np.int64)
        if "inspected" in values:
            lot = ~no_lot & ~(values["inspected_on"] > self.day)
            self.lot_fates["kept"] += int(lot.sum())
            pieces = (values[name][lot].astype(np.int64) for name in ("inspected", "defective"))
            kind[lot] = self.partial.kinds.of(*pieces)
            stage[lot] = _word_numbers(self.words["stage"], STAGE, values, rows)[lot]
        self.partial.lots.add(lot_key(supplier, article_of(sku, category + 1), stage, kind))
        both = (sku >= 0) & (category >= 0)
        if both.any():
            self._newest(sku[both], category[both], values["ordered_on"][both].astype(np.int64), places[both])

    def _newest(self, sku: np.ndarray, category: np.ndarray, ordered: np.ndarray, places: np.ndarray) -> None:
        """The last word on a SKU's category: of the latest order, of these the last in the files."""
        newest = self.partial.newest
        at = sku * newest.shape[1] + category
        told = (ordered << 15 | self.place >> 40) << 32 | places
        np.maximum.at(newest.reshape(-1), at, told)

    def _sum(self, supplier: np.ndarray, status: np.ndarray, values: dict[str, np.ndarray]) -> None:
        bought = ~np.isin(status, [STATUS.index(word) for word in NOT_BOUGHT])
        whole = bought.all()
        by = supplier if whole else supplier[bought]
        sums = self.partial.sums
        sums[:, 0] += np.bincount(by, minlength=len(sums))
        for name, times in (("quantity", 1), *((name, FEN) for name in MONEY)):
            if name in values:
                amount = values[name] if whole else values[name][bought]
                told = ~np.isnan(amount)
                of, amount = (by, amount) if told.all() else (by[told], amount[told])
                sums[:, SUMS.index(name)] += _whole_sums(of, np.rint(amount * times), len(sums))
                if name in MONEY:
                    sums[:, SUMS.index(f"{name}_told")] += np.bincount(of, minlength=len(sums))


def _tell_first_promises(told: pd.DataFrame, values: dict[str, np.ndarray], rows: np.ndarray) -> None:
    """Lines told again with another promise (`told`, at `rows`) tell the first and the last one, as in small files."""
    days = told[list(PROMISES)].apply(pd.to_datetime, unit="D")
    undated = dict.fromkeys(("known_on", "entered"), pd.Series(pd.NaT, told.index))
    lines = told[["order_id", "line_no"]].assign(**days, **undated)
    first = first_promises(lines, ["order_id", "line_no"], pd.NaT, pd.NaT)
    if first is not lines:
        for name in PROMISES:
            told[name] = (first[name] - pd.Timestamp(0)).dt.days.astype(float)
            values[name] = values[name].copy()
            values[name][rows] = told[name]


def _whole_sums(by: np.ndarray, whole: np.ndarray, size: int) -> np.ndarray:
    """Sums of whole numbers by `by`, exact: as floats while they surely stay below 2^53."""
    if np.abs(whole).max(initial=0.0) * whole.size < _EXACT:
        return np.bincount(by, whole, size).astype(np.int64)
    out = np.zeros(size, np.int64)
    np.add.at(out, by, whole.astype(np.int64))
    return out


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


def _numbers(codes: np.ndarray | None, rows: int) -> np.ndarray:
    return np.full(rows, -1) if codes is None else np.where(np.isnan(codes), -1, codes).astype(np.int64)


def _word_numbers(book: Vocabulary, words: tuple[str, ...], values: dict[str, np.ndarray], rows: int) -> np.ndarray:
    """(rows,) place of each word in `words`; 0 where it is blank or not one of them."""
    place = np.array([*(words.index(value) if value else 0 for value in book.value), 0])
    return place[_numbers(values.get(book.column.name), rows)]


def _state(days: np.ndarray | None, day: int, rows: int) -> np.ndarray:
    """0 no date, 1 by the day, 2 later."""
    if days is None:
        return np.zeros(rows, np.int64)
    return np.where(np.isnan(days), 0, np.where(days > day, 2, 1))


def _statuses(as_of: pd.Timestamp) -> np.ndarray:
    """By word, state of payment and of arrival: the status on the day (`status_as_of` of each such line)."""
    dates = [pd.NaT, as_of, as_of + pd.Timedelta(days=1)]
    lines = pd.DataFrame(product(STATUS, dates, dates), columns=["status", "paid_on", "received_on"])
    lines = lines.assign(status=lines["status"].where(lines["status"] != ""), known_on=pd.Series(pd.NaT, lines.index))
    dated = {name: lines[name].astype("datetime64[us]") for name in ("paid_on", "received_on", "known_on")}
    return status_as_of(lines.assign(**dated), as_of).map(STATUS.index).to_numpy(np.int64)


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
    plain = pc.and_not(pc.match_substring_regex(texts, _PLAIN_ID), pc.match_substring_regex(texts, _ODD_ID))
    odd = heads[~np.asarray(pc.fill_null(plain, True))]
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


def _first_of_delivery(
    order: np.ndarray, supplier: np.ndarray, ordered: np.ndarray, days: np.ndarray, status: np.ndarray
) -> np.ndarray:
    """(lines,) True for the first line of each delivery: lines of one order that left and came together are one."""
    if not order.size:
        return np.zeros(0, bool)
    head = np.concatenate([[True], order[1:] != order[:-1]])
    at = np.flatnonzero(head)[np.cumsum(head) - 1]
    facts = (supplier, ordered, days, status)
    other = np.zeros(order.size, bool)
    for fact in facts:
        other |= fact != fact[at]
    if other.any():  # few orders come in parts: of these, whatever is new in its order
        number = np.cumsum(head) - 1
        parted = np.bincount(number, other)[number] > 0
        rows = pd.DataFrame({str(name): fact[parted] for name, fact in enumerate((order, *facts))})
        head[parted] = ~rows.duplicated().to_numpy()
    return head
