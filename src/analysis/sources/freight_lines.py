"""Rows of orders that are money for freight: shops sell a link at 1.00 (补差价, 邮费专拍), of which as many are bought as yuan are owed."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.sources.cell_numbers import read_numbers
from analysis.sources.cells import clean_text, read_ids
from analysis.sources.distinct import by_value
from analysis.sources.quarantine import no_notes, note, notes, quoted
from analysis.sources.table_types import RawTable

_MONEY_FOR = r"邮费|运费|邮资|快递费|物流费|差价|差额|尾差"
_LINK = re.compile(
    rf"(?:补|拍|付|收)(?:{_MONEY_FOR}|邮|运)|(?:{_MONEY_FOR})(?:的|补)?(?:补|专用|专拍|链接|拍|差价|差额)|^(?:{_MONEY_FOR})$|补差"
)
_GOODS = ("title", "sku")


def without_freight_lines(raw: RawTable) -> tuple[RawTable, pd.DataFrame, RawTable | None]:
    """The orders without rows that are money for freight, what is told of these, and they themselves.

    Their amount goes to the freight of the order that their name tells, or else of the goods in their own; that of an order of its
    own belongs to nothing that can be told.
    """
    names = [name for name in _GOODS if name in raw.frame]
    if raw.table != "orders" or not names or not {"order_id", "unit_price", "quantity"} <= set(raw.frame):
        return raw, no_notes(), None
    frame = raw.frame
    says = np.any([by_value(frame[name], lambda cell: bool(_LINK.search(clean_text(cell)))) for name in names], axis=0)
    if not says.any():
        return raw, no_notes(), None
    price, number = (read_numbers(frame[name], "money", raw.currency).values for name in ("unit_price", "quantity"))
    link = says.astype(bool) & (price == 1).to_numpy()
    ids = pd.Series(read_ids(frame["order_id"]).values, frame.index).astype(object)
    goods = frame[~link].copy()
    told = []
    for row in frame.index[link]:
        text = " ".join(clean_text(frame.loc[row, name]) for name in names)
        named = [number for number in re.findall(r"\d{6,}", text) if number in set(ids[~link])]
        mine = goods.index[(ids[~link] == (named or [ids[row]])[0]).to_numpy()]
        amount = float(number[row])
        code = "freight_line" if len(mine) else "freight_line_alone"
        if len(mine):
            goods = _with_freight(goods, mine[0], frame.loc[row], amount, raw.currency)
        shown = {
            "value": quoted(clean_text(frame.loc[row, names[0]])),
            "amount": f"{amount:.2f}",
            "order": (named or [ids[row]])[0],
        }
        told.append(note(raw.table, raw.file, raw.sheet, row, "sku", code, **shown))
    return replace(raw, frame=goods), notes(told), replace(raw, frame=frame[link])


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
