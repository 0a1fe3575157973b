"""Totals of a list of orders whose header does not say what is in them (金额, 总价, 订单金额): the goods of the line, these with their
freight, or the whole order's on each of its lines."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from analysis.sources.cell_numbers import read_numbers
from analysis.sources.cells import clean_column, read_ids
from analysis.sources.columns_beside import LINE_TOTAL, NET_PRICE
from analysis.sources.quarantine import Sifted, note, notes
from analysis.sources.table_types import RawTable

_NEAR = 0.0105
"""Yuan by which a total may be rounded."""


def with_line_totals(raw: RawTable) -> Sifted:
    """`raw` with `goods_amount` in place of such totals; where it is filled it stays.

    A total that is quantity times price with freight and less the discount, or the order's own, is made that of the line's goods,
    and a remark says so. Any other stays as it is: `conform` tells where it is not quantity times price.
    """
    raw = _at_net_price(raw)
    if raw.table != "orders" or LINE_TOTAL.name not in raw.frame:
        return Sifted(raw)
    frame = raw.frame.drop(columns=LINE_TOTAL.name)
    told = raw.frame[LINE_TOTAL.name].astype(object)
    goods = _priced(raw)
    due = goods + _money(raw, "freight").fillna(0) - _money(raw, "discount").fillna(0)
    total = _money(raw, LINE_TOTAL.name)
    whole = _of_orders(raw, total, goods, due)
    more = ~whole & ((total - goods).abs() > _NEAR) & ((total - due).abs() <= _NEAR)
    cells = told.mask(whole | more, goods.round(2))
    own = frame.get("goods_amount", pd.Series("", frame.index, dtype=object)).astype(object)
    blank = clean_column(own) == ""
    remarks = [
        note(raw.table, raw.file, raw.sheet, rows[0], "goods_amount", code, count=len(rows), value=f"{total[rows[0]]:.2f}", goods=f"{goods[rows[0]]:.2f}")
        for code, marks in (("total_of_order", whole & blank), ("total_with_freight", more & blank))
        if len(rows := [*frame.index[marks]])
    ]  # fmt: skip
    letters = {"goods_amount": raw.letters[LINE_TOTAL.name]} if LINE_TOTAL.name in raw.letters else {}
    frame = frame.assign(goods_amount=own.mask(blank, cells))
    return Sifted(replace(raw, frame=frame, letters={**letters, **raw.letters}), remarks=notes(remarks))


def _at_net_price(raw: RawTable) -> RawTable:
    """`raw` at the price after the discount in rows that tell no discount beside it: that price is what was paid."""
    if raw.table != "orders" or NET_PRICE.name not in raw.frame:
        return raw
    net, own = raw.cells(NET_PRICE.name), raw.cells("unit_price")
    no_discount = (clean_column(raw.cells("discount")) == "") | (_money(raw, "discount") == 0)
    counts = (clean_column(net) != "") & (no_discount | (clean_column(own) == ""))
    letters = {"unit_price": raw.letters[NET_PRICE.name]} if NET_PRICE.name in raw.letters else {}
    frame = raw.frame.drop(columns=NET_PRICE.name).assign(unit_price=own.mask(counts, net))
    return replace(raw, frame=frame, letters={**letters, **raw.letters})


def _of_orders(raw: RawTable, total: pd.Series, goods: pd.Series, due: pd.Series) -> pd.Series:
    """(rows,) whether the total is that of the row's order, which has several: the same on each, or on the first alone."""
    order = read_ids(raw.frame["order_id"]).values if "order_id" in raw.frame else pd.Series(None, total.index)
    by, head = total.groupby(order, sort=False), ~order.duplicated()
    size, told = by.transform("size"), by.transform("count")
    on_first = order.isin(order[head & total.notna()])
    same = (size > 1) & on_first & (by.transform("nunique") == 1) & ((told == size) | (told == 1))
    one, near = by.transform("first"), pd.Series(False, total.index)
    for each in (goods, due):
        sums = each.groupby(order).transform("sum").mask(each.isna().groupby(order).transform("any").astype(bool))
        near |= (sums - one).abs() <= _NEAR * size
    return same & near


def _priced(raw: RawTable) -> pd.Series:
    """(rows,) quantity times price, NaN where either is told in no plain number."""
    quantity = read_numbers(raw.cells("quantity"), "number").values
    return (quantity * _money(raw, "unit_price")).astype(float)


def _money(raw: RawTable, name: str) -> pd.Series:
    return read_numbers(raw.cells(name), "money", raw.currency).values.astype(float)
