"""Remarks on totals of orders that the units of their lines explain: 2 boxes of 12 at 12.00 a piece are 288.00."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from analysis.sources.accounting import labels_of
from analysis.sources.cell_numbers import read_numbers
from analysis.sources.cells import read_ids
from analysis.sources.quarantine import Sifted

_EXPLAINED = "goods_amount_differs"
_ROUNDING = 0.015


def without_explained(remarks: pd.DataFrame, parts: Iterable[Sifted]) -> pd.DataFrame:
    """`remarks` without those on a goods total to which the lines add up once they are in pieces (`parts`)."""
    odd = (remarks["code"] == _EXPLAINED).to_numpy(bool)
    if not odd.any():
        return remarks
    found = [label for part in parts if (part.remarks["code"] == "price_by_total").any() for label in _balanced(part)]
    return remarks[~(odd & labels_of(remarks).isin(found))]


def _balanced(part: Sifted) -> list[tuple[str, str, int]]:
    """The rows of orders whose goods are quantity times price."""
    raw = part.raw
    if not {"order_id", "quantity", "unit_price", "goods_amount"} <= set(raw.frame):
        return []
    quantity = read_numbers(raw.frame["quantity"], "number").values
    price, goods = (
        read_numbers(raw.frame[name], "money", raw.currency).values for name in ("unit_price", "goods_amount")
    )
    apart = pd.Series(quantity * price - goods, raw.frame.index).groupby(read_ids(raw.frame["order_id"]).values)
    sums = apart.transform("sum").abs() <= _ROUNDING * apart.transform("size")
    return [(raw.file, raw.sheet, int(row)) for row in raw.frame.index[sums]]
