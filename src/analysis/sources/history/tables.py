"""The counts of a whole history as tables, one name for each supplier, SKU and category whatever the spelling."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis.sources.folding import fold
from analysis.sources.history.columns import NAMED, Vocabulary
from analysis.sources.history.packing import SKUS, STAGE, STATUS, of_delivery_key, of_lot_key, of_promise_key
from analysis.sources.history.partial import FATES, REFUSED, SUMS, Partial
from analysis.sources.history.tally import Tally, starts_of

_LARGEST = 1 << 63
_TEXT = pd.StringDtype(storage="pyarrow", na_value=np.nan)


@dataclass(frozen=True)
class HistoryCounts:
    """What a history holds, in whole numbers, as of `as_of`; all tables in the order of their names.

    deliveries : `supplier days status lines deliveries`; days from the order to its arrival, or to `as_of` where it is open
    promises : `supplier promised_days lines` of lines received or open
    lots : `supplier sku category stage inspected defective lots`
    ordered : `supplier sku category lines`, all lines
    sums : `supplier lines quantity` of what was bought, and each amount in fen with the lines that state it (`_told`)
    quarantine : `file row table column code` of each row refused, with its first reason
    accounting : `file table rows_in kept quarantined merged later`
    """

    as_of: pd.Timestamp
    deliveries: pd.DataFrame
    promises: pd.DataFrame
    lots: pd.DataFrame
    ordered: pd.DataFrame
    sums: pd.DataFrame
    quarantine: pd.DataFrame
    accounting: pd.DataFrame

    def categories(self) -> pd.DataFrame:
        """`supplier category lines` of all lines that have a category."""
        return self.ordered.dropna(subset="category").groupby(["supplier", "category"], as_index=False)["lines"].sum()


def tables_of(partial: Partial, as_of: pd.Timestamp) -> HistoryCounts:
    """The counts under the names shown; the same for the same files, however they were shared out.

    `partial` is used up: each of its tallies is let go when its table is made.
    """
    names = {name: _shown(partial.names[name]) for name in NAMED}
    return HistoryCounts(
        as_of,
        _deliveries(partial, names),
        _promises(partial, names),
        *_lots(partial, names),
        _sums(partial, names),
        _sorted(partial.refused, list(REFUSED)),
        _sorted([pd.DataFrame(partial.account)] if partial.account else [], ["file", "table", *FATES]),
    )


def _shown(book: Vocabulary) -> tuple[np.ndarray, np.ndarray]:
    """Number -> place among the names shown, rising (-1: it is no name), and these names.

    Names alike when folded are one; shown is the spelling that stands first in the files.
    """
    told = pd.DataFrame({"text": book.value, "first": book.first}, dtype=object).dropna(subset="text")
    told["key"] = [fold(text) for text in told["text"]]
    chosen = told.sort_values("first", kind="stable").drop_duplicates("key").set_index("key")["text"]
    shown = told["key"].map(chosen)
    names = np.sort(shown.unique().astype(str)) if len(shown) else np.empty(0, str)
    place = np.full(len(book.value) + 1, -1, np.int32)
    place[told.index.to_numpy(dtype=np.int64)] = np.searchsorted(names, shown.to_numpy(str))
    return place, names.astype(object)


def _summed(facts: dict[str, np.ndarray], counts: dict[str, np.ndarray]) -> pd.DataFrame:
    """Rows alike in `facts` (whole numbers) once, rising, with the sums of `counts`."""
    key = _packed(facts)
    order = np.argsort(key)
    starts = starts_of(key[order])
    sums = {name: np.add.reduceat(count[order], starts) if starts.size else count[:0] for name, count in counts.items()}
    return pd.DataFrame({name: fact[order[starts]] for name, fact in facts.items()} | sums)


def _packed(facts: dict[str, np.ndarray]) -> np.ndarray:
    """(rows,) one whole number for all facts of a row, in their order: sorting it takes a tenth of the time."""
    key, size = np.zeros(1, np.int64), 1
    for fact in facts.values():
        low = int(fact.min(initial=0))
        span = int(fact.max(initial=0)) - low + 1
        if size * span >= _LARGEST:
            known, key = np.unique(key, return_inverse=True)
            size = len(known)
        key, size = key * span + (fact - low), size * span
    return key


def _named(places: pd.Series, names: np.ndarray) -> pd.Series:
    """The names at `places`, missing at -1."""
    at = places.to_numpy()
    texts = pa.DictionaryArray.from_arrays(pa.array(at, mask=at < 0), pa.array(names, pa.large_string()))
    return pd.Series(_TEXT.__from_arrow__(texts.cast(pa.large_string())), index=places.index)


def _deliveries(partial: Partial, names: dict[str, tuple[np.ndarray, np.ndarray]]) -> pd.DataFrame:
    keys, counts = partial.deliveries.settled()
    partial.deliveries = Tally()
    place, shown = names["supplier"]
    supplier, days, status, first = of_delivery_key(keys)
    facts = {"supplier": place[supplier], "days": _narrow(days), "status": _narrow(status)}
    del keys, supplier, days, status
    table = _summed(facts, {"lines": counts, "deliveries": counts * first})
    words = np.array(STATUS, dtype=object)
    return table.assign(supplier=_named(table["supplier"], shown), status=_named(table["status"], words))


def _promises(partial: Partial, names: dict[str, tuple[np.ndarray, np.ndarray]]) -> pd.DataFrame:
    keys, counts = partial.promises.settled()
    place, shown = names["supplier"]
    supplier, days = of_promise_key(keys)
    table = _summed({"supplier": place[supplier], "promised_days": days}, {"lines": counts})
    return table.assign(supplier=_named(table["supplier"], shown))


def _lots(partial: Partial, names: dict[str, tuple[np.ndarray, np.ndarray]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The lots, and the lines of each supplier, SKU and category."""
    keys, counts = partial.lots.settled()
    partial.lots = Tally()
    supplier, article, stage, kind = map(_narrow, of_lot_key(keys))
    del keys
    (suppliers, _), (skus, _), (categories, _) = (names[name] for name in NAMED)
    sku = np.where(article < SKUS, skus[np.where(article < SKUS, article, -1)], -1)
    own = np.where(article < SKUS, -1, categories[np.maximum(article - SKUS, 0) - 1])
    category = np.where(sku >= 0, np.append(_category_of_sku(partial, names), -1)[sku], own)
    who = {"supplier": suppliers[supplier], "sku": sku, "category": category}
    del supplier, article, own
    ordered = _summed(who, {"lines": counts})
    lot = np.flatnonzero(kind)
    inspected, defective = map(_narrow, partial.kinds.pieces(kind[lot]))
    shown = {"stage": stage[lot], "inspected": inspected, "defective": defective}
    lots = _summed({name: fact[lot] for name, fact in who.items()} | shown, {"lots": counts[lot]})
    del who, shown, kind, stage
    words = {name: names[name][1] for name in NAMED}
    lots, ordered = (
        table.assign(**{name: _named(table[name], words[name]) for name in NAMED}) for table in (lots, ordered)
    )
    stages = _named(lots["stage"] - 1, np.array(STAGE[1:], dtype=object))
    return lots.assign(stage=stages), ordered


def _narrow(facts: np.ndarray) -> np.ndarray:
    return facts.astype(np.int32)


def _category_of_sku(partial: Partial, names: dict[str, tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """By SKU shown the place of its category: the one that its newest order states, -1 where none does."""
    (skus, shown), (categories, known) = names["sku"], names["category"]
    sku, category = np.nonzero(partial.newest)
    newest = np.zeros((len(shown), len(known) + 1), np.int64)
    there = (skus[sku] >= 0) & (categories[category] >= 0)
    sku, category = sku[there], category[there]
    np.maximum.at(newest, (skus[sku], categories[category]), partial.newest[sku, category])
    return np.where(newest.max(axis=1, initial=0) > 0, newest.argmax(axis=1), -1)


def _sums(partial: Partial, names: dict[str, tuple[np.ndarray, np.ndarray]]) -> pd.DataFrame:
    place, shown = names["supplier"]
    sums = np.zeros((len(shown) + 1, len(SUMS)), np.int64)
    known = place[:-1]
    np.add.at(sums, known, partial.sums[: known.size])
    table = pd.DataFrame(sums[: len(shown)], columns=list(SUMS))
    table.insert(0, "supplier", pd.Series(shown, dtype="str"))
    return table[table["lines"] > 0].reset_index(drop=True)


def _sorted(tables: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    if not tables:
        return pd.DataFrame({name: pd.Series(dtype=object) for name in columns})
    return pd.concat(tables, ignore_index=True)[columns].sort_values(columns[:3], kind="stable", ignore_index=True)
