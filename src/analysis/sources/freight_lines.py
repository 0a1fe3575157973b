"""Rows of orders that are money for freight: shops sell a link at 1.00 (补差价, 邮费专拍), of which as many are bought as yuan are owed."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.sources.cell_numbers import read_numbers
from analysis.sources.cells import clean_column, clean_text, read_ids
from analysis.sources.distinct import by_value
from analysis.sources.quarantine import no_notes, note, notes, quoted
from analysis.sources.row_checks import is_charge, is_freight
from analysis.sources.table_types import RawTable

_NUMBER = re.compile(r"[A-Za-z]{0,3}\d{6,}")
"""The number of an order in what a link is called."""


def without_freight_lines(raw: RawTable) -> tuple[RawTable, pd.DataFrame, RawTable | None]:
    """The orders without rows that are money for freight, what is told of these, and they themselves.

    Their amount goes to the freight of the order that their name tells, or else of the goods in their own; one in an order of its
    own stays, and is refused as a charge.
    """
    if raw.table != "orders" or not {"order_id", "sku", "unit_price", "quantity"} <= set(raw.frame):
        return raw, no_notes(), None
    frame = raw.frame
    names = pd.Series(clean_column(frame["sku"]), frame.index)
    says = by_value(names, lambda name: is_charge(_NUMBER.sub("", str(name)))).astype(bool)
    if not says.any():
        return raw, no_notes(), None
    price, number = (read_numbers(frame[name], "money", raw.currency).values for name in ("unit_price", "quantity"))
    freight = by_value(names, lambda name: is_freight(_NUMBER.sub("", str(name)))).astype(bool)
    link = freight & (price == 1).to_numpy()
    ids = pd.Series(read_ids(frame["order_id"]).values, frame.index).astype(object)
    goods, told, gone = frame[~says].copy(), [], []
    for row in frame.index[link]:
        named = [one for one in _NUMBER.findall(names[row]) if one in set(ids[goods.index])]
        order = named[0] if named else ids[row]
        mine = goods.index[(ids[goods.index] == order).to_numpy()]
        if len(mine):
            goods = _with_freight(goods, mine[0], frame.loc[row], float(number[row]), raw.currency)
            shown = {"value": quoted(names[row]), "amount": f"{number[row]:.2f}", "order": order}
            told.append(note(raw.table, raw.file, raw.sheet, row, "sku", "freight_line", **shown))
            gone.append(row)
    alone = frame[says].drop(index=gone)
    alone = alone.assign(sku=names[alone.index].map(lambda name: _NUMBER.sub("", name).strip()))
    kept = pd.concat([goods, alone]).reindex(frame.index.drop(gone))
    return replace(raw, frame=kept), notes(told), replace(raw, frame=frame.loc[gone]) if gone else None


def _with_freight(goods: pd.DataFrame, row: int, link: pd.Series, amount: float, currency: str) -> pd.DataFrame:
    """`goods` with the amount, and what else the row `link` bears of its order's money, in the freight and payment of `row`."""
    bears = read_numbers(link.reindex(["freight", "discount", "paid_amount"]), "money", currency).values
    freight = amount + np.nan_to_num(bears["freight"]) - np.nan_to_num(bears["discount"])
    for name, more in (("freight", freight), ("paid_amount", bears["paid_amount"])):
        cells = goods[name] if name in goods else pd.Series("", index=goods.index, dtype=object)
        there = read_numbers(cells, "money", currency).values[row]
        if pd.notna(more) and (pd.notna(there) or (name == "freight" and not clean_text(cells[row]))):
            goods = goods.assign(**{name: cells.astype(object)})
            goods.loc[row, name] = round(more + np.nan_to_num(there), 2)
    return goods
