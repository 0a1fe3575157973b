"""What was counted of some files: whole numbers that add up, whichever files were counted together and in whatever order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from analysis.sources.history.columns import COLUMNS, MONEY, NAMED, Vocabulary
from analysis.sources.history.packing import (
    SKUS,
    LotKinds,
    article_of,
    check_sizes,
    delivery_key,
    lot_key,
    of_delivery_key,
    of_lot_key,
    of_promise_key,
    promise_key,
)
from analysis.sources.history.tally import Tally

SUMS = ("lines", "quantity", *MONEY, *(f"{name}_told" for name in MONEY))
"""By supplier: lines bought, pieces, each amount in fen, and the lines that state it."""
FATES = ("rows_in", "kept", "quarantined", "merged", "later")
REFUSED = ("file", "row", "table", "column", "code")


@dataclass
class Partial:
    """Counts of some files; names have the numbers of `names`. `newest`: by (SKU, category) the day and place that state it last."""

    names: dict[str, Vocabulary] = field(default_factory=lambda: {name: Vocabulary(COLUMNS[name]) for name in NAMED})
    kinds: LotKinds = field(default_factory=LotKinds)
    deliveries: Tally = field(default_factory=Tally)
    promises: Tally = field(default_factory=Tally)
    lots: Tally = field(default_factory=Tally)
    sums: np.ndarray = field(default_factory=lambda: np.zeros((0, len(SUMS)), np.int64))
    newest: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), np.int64))
    refused: list[pd.DataFrame] = field(default_factory=list)
    account: list[dict[str, object]] = field(default_factory=list)
    ranges: list[tuple[int, Any, Any]] = field(default_factory=list)
    """Number of each file, its first and its last order."""

    def grow(self) -> None:
        """Room for all names met so far; `SourceError` where these are too many, of one file or of all together."""
        suppliers, skus, categories = (len(self.names[name].value) for name in NAMED)
        check_sizes(suppliers, skus, categories)
        self.sums = _at_least(self.sums, (suppliers, len(SUMS)))
        self.newest = _at_least(self.newest, (skus, categories))

    def add(self, other: Partial) -> None:
        """What `other` counted is counted here, under this one's numbers."""
        to = {name: self._numbers(name, other.names[name]) for name in NAMED}
        self.grow()
        keys, counts = other.deliveries.settled()
        supplier, *facts = of_delivery_key(keys)
        self.deliveries.add_counts(delivery_key(to["supplier"][supplier], *facts), counts)
        keys, counts = other.promises.settled()
        supplier, days = of_promise_key(keys)
        self.promises.add_counts(promise_key(to["supplier"][supplier], days), counts)
        self._add_lots(other, to)
        np.add.at(self.sums, to["supplier"], other.sums[: len(to["supplier"])])
        skus, categories = to["sku"], to["category"]
        np.maximum.at(self.newest, np.ix_(skus, categories), other.newest[: skus.size, : categories.size])
        self.refused += other.refused
        self.account += other.account
        self.ranges += other.ranges

    def _numbers(self, name: str, theirs: Vocabulary) -> np.ndarray:
        """Their numbers -> ours."""
        mine, out = self.names[name], np.empty(len(theirs.value), np.int64)
        for text, number in theirs.number.items():
            at = mine.number.get(text)
            if at is None:
                at = mine.number[text] = len(mine.value)
                mine.value.append(theirs.value[number])
                if number in theirs.odd:
                    mine.odd[at] = theirs.odd[number]
                mine.first.append(theirs.first[number])
            mine.first[at] = min(mine.first[at], theirs.first[number])
            out[number] = at
        return out

    def _add_lots(self, other: Partial, to: dict[str, np.ndarray]) -> None:
        keys, counts = other.lots.settled()
        supplier, article, stage, kind = of_lot_key(keys)
        named = article < SKUS
        sku = np.where(named, _of(to["sku"], np.where(named, article, 0)), -1)
        beyond = np.where(named, 0, article - SKUS)
        category = np.where(beyond > 0, _of(to["category"], np.maximum(beyond - 1, 0)) + 1, 0)
        if other.kinds.large:
            there = kind > 0
            kind[there] = self.kinds.of(*(pieces[there] for pieces in other.kinds.pieces(kind)))
        self.lots.add_counts(lot_key(to["supplier"][supplier], article_of(sku, category), stage, kind), counts)


def _of(numbers: np.ndarray, at: np.ndarray) -> np.ndarray:
    return numbers[at] if numbers.size else at


def _at_least(array: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """`array` with zeros added, some more than asked for, so that it seldom has to grow."""
    if all(have >= want for have, want in zip(array.shape, shape)):
        return array
    room = tuple(have if have >= want else want + want // 4 for have, want in zip(array.shape, shape))
    out = np.zeros(room, array.dtype)
    out[: array.shape[0], : array.shape[1]] = array
    return out
