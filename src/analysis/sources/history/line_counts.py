"""Lines of history that count: their deliveries, promises, lots, newest categories and sums, counted into a `Partial`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from analysis.sources.as_of import status_as_of
from analysis.sources.history.columns import BY_OTHERS, MONEY, PROMISES, Vocabulary
from analysis.sources.history.packing import STAGE, STATUS, article_of, delivery_key, lot_key, promise_key
from analysis.sources.history.partial import SUMS, Partial

FEN = 100
UNCOUNTED = (BY_OTHERS, "order_id", "line_no", "unit_price", "received_quantity", "shipped_on")
"""Checked, and then of no further use."""
NOT_BOUGHT = ("cancelled", "unpaid", "refunding", "refunded")
EVIDENCE = [STATUS.index("received"), STATUS.index("open")]
_EXACT = float(1 << 53)
Arrays = dict[str, np.ndarray]


@dataclass
class LineCounts:
    """Counts lines as of a day; `words`: what the numbers of each vocabulary's column mean."""

    partial: Partial
    as_of: pd.Timestamp
    words: Mapping[str, Vocabulary]

    def __post_init__(self) -> None:
        self.day = (self.as_of - pd.Timestamp(0)).days
        self.status = _statuses(self.as_of)

    def add(
        self,
        values: Arrays,
        hidden: Arrays,
        order: np.ndarray,
        line: np.ndarray,
        no_lot: np.ndarray,
        file: int,
        first: int,
    ) -> int:
        """Counts the rows of `line`; how many of them tell of a lot.

        `hidden`: the days of what happens later, none after the day; `order`: the number of each row's order, ascending; `no_lot`: rows
        whose inspection does not count; the first row is the `first` of the file of that number.
        """
        rows = np.arange(first, first + line.size)
        values = {name: array for name, array in values.items() if name not in UNCOUNTED}
        if not line.all():
            at = np.flatnonzero(line)
            values, hidden = ({name: array[at] for name, array in part.items()} for part in (values, hidden))
            order, no_lot, rows = order[at], no_lot[at], rows[at]
        self.partial.grow()
        supplier, ordered = values["supplier"].astype(np.int64), values["ordered_on"]
        status = self._statuses(values, order.size)
        self._count_deliveries(supplier, ordered, status, order, values, hidden)
        lots = self._count_lots(supplier, values, no_lot, file, rows)
        self._sum(supplier, status, values)
        return lots

    def _statuses(self, values: Arrays, rows: int) -> np.ndarray:
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
        values: Arrays,
        hidden: Arrays,
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
        self, supplier: np.ndarray, values: Arrays, no_lot: np.ndarray, file: int, places: np.ndarray
    ) -> int:
        rows, lots = supplier.size, 0
        sku, category = (numbers_in(values.get(name), rows) for name in ("sku", "category"))
        kind, stage = np.zeros(rows, np.int64), np.zeros(rows, np.int64)
        if "inspected" in values:
            lot = ~no_lot & ~(values["inspected_on"] > self.day)
            lots = int(lot.sum())
            pieces = (values[name][lot].astype(np.int64) for name in ("inspected", "defective"))
            kind[lot] = self.partial.kinds.of(*pieces)
            stage[lot] = _word_numbers(self.words["stage"], STAGE, values, rows)[lot]
        self.partial.lots.add(lot_key(supplier, article_of(sku, category + 1), stage, kind))
        both = (sku >= 0) & (category >= 0)
        if both.any():
            self._newest(sku[both], category[both], values["ordered_on"][both].astype(np.int64), file, places[both])
        return lots

    def _newest(
        self, sku: np.ndarray, category: np.ndarray, ordered: np.ndarray, file: int, places: np.ndarray
    ) -> None:
        """The last word on a SKU's category: of the latest order, of these the last in the files."""
        newest = self.partial.newest
        at = sku * newest.shape[1] + category
        told = (ordered << 15 | file) << 32 | places
        np.maximum.at(newest.reshape(-1), at, told)

    def _sum(self, supplier: np.ndarray, status: np.ndarray, values: Arrays) -> None:
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


def _whole_sums(by: np.ndarray, whole: np.ndarray, size: int) -> np.ndarray:
    """Sums of whole numbers by `by`, exact: as floats while they surely stay below 2^53."""
    if np.abs(whole).max(initial=0.0) * whole.size < _EXACT:
        return np.bincount(by, whole, size).astype(np.int64)
    out = np.zeros(size, np.int64)
    np.add.at(out, by, whole.astype(np.int64))
    return out


def numbers_in(codes: np.ndarray | None, rows: int) -> np.ndarray:
    """(rows,) the numbers of a vocabulary's column, -1 where it is blank or there is none."""
    return np.full(rows, -1) if codes is None else np.where(np.isnan(codes), -1, codes).astype(np.int64)


def _word_numbers(book: Vocabulary, words: tuple[str, ...], values: Arrays, rows: int) -> np.ndarray:
    """(rows,) place of each word in `words`; 0 where it is blank or not one of them."""
    place = np.array([*(words.index(value) if value else 0 for value in book.value), 0])
    return place[numbers_in(values.get(book.column.name), rows)]


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
