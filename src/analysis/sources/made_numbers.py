"""Numbers for the orders of lists that have none: what one supplier was asked for on one day is one order.

They are made of the day and the supplier's name, so that a row has the same one in the list of every month. Beside orders that bear
numbers such a list is left out: it may tell of the same ones, and nobody could say which.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace

import pandas as pd

from analysis.sources.cells import clean_column
from analysis.sources.column_cells import read_column
from analysis.sources.distinct import by_value
from analysis.sources.folding import fold
from analysis.sources.quarantine import Sifted, note, notes
from analysis.sources.table_types import RawTable
from analysis.sources.tables import TABLES

_MADE_OF = ("ordered_on", "supplier")


def lacks_numbers(raw: RawTable) -> bool:
    """Whether a list of orders numbers none of them, and tells what numbers can be made of."""
    return raw.table == "orders" and not raw.export and {*_MADE_OF} <= {*raw.frame} and not _has_numbers(raw)


def _has_numbers(raw: RawTable) -> bool:
    return bool((clean_column(raw.cells("order_id")) != "").any())


def some_have_numbers(raws: Iterable[RawTable]) -> bool:
    """Whether orders bear numbers in any of `raws`."""
    return any(raw.table == "orders" and _has_numbers(raw) for raw in raws)


def with_numbers(raw: RawTable) -> Sifted:
    """`raw` with a number for each order, if it has none, and the remark on it."""
    if not lacks_numbers(raw) or raw.frame.empty:
        return Sifted(raw)
    days = read_column(TABLES["orders"].column("ordered_on"), raw.frame["ordered_on"]).values
    named = pd.Series(clean_column(raw.frame["supplier"]), raw.frame.index)
    tags = pd.Series(by_value(named, _tag), raw.frame.index)
    numbers = (days.dt.strftime("%Y%m%d").fillna("0") + "-" + tags).where(days.notna() | (named != ""), "")
    frame = raw.frame.assign(order_id=numbers.astype(object))
    told = {"count": numbers[numbers != ""].nunique(), "value": numbers.iloc[0]}
    remark = note(raw.table, raw.file, raw.sheet, 0, "order_id", "orders_numbered", **told)
    return Sifted(replace(raw, frame=frame), remarks=notes([remark]))


def _tag(name: object) -> str:
    """A few letters and digits for a name, in which it cannot be read."""
    return hashlib.sha256(fold(name).encode()).hexdigest()[:6].upper()
