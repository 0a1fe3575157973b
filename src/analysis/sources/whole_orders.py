"""Money of the house's own lists of orders that is written otherwise than by the line: repeated in each line of an order, or a discount below 0.

Only what the arithmetic proves is changed: goods, freight and discount come to the payment in one way alone.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from analysis.sources.order_money import share_order_money
from analysis.sources.quarantine import note
from analysis.sources.table_types import RawTable

_FEN = 0.01 + 1e-6
_SHARED = ("goods_amount", "freight", "discount", "paid_amount")
_PROVEN_BY = ("goods_amount", "discount", "paid_amount")


def money_by_line(raw: RawTable, rows: pd.DataFrame) -> tuple[pd.DataFrame, list[dict[str, object]]]:
    """Typed orders with the money of each line, and the remarks on it; what an export tells is shared where it is read."""
    if raw.table != "orders" or raw.export or rows[[*_PROVEN_BY]].isna().all(axis=None):
        return rows, []
    meant = _taken_off(rows)
    told = [*_notes(raw, rows[meant], "discount_taken_off")]
    rows = rows.assign(discount=rows["discount"].mask(meant, -rows["discount"])) if meant.any() else rows
    rows, shared = _shared(raw, rows)
    added = (rows["discount"] < 0) & ~((_owed(rows) - rows["discount"]).abs() <= _FEN)
    return rows, [*told, *shared, *_notes(raw, rows[added], "discount_added")]


def _goods(rows: pd.DataFrame) -> pd.Series:
    return rows["quantity"].astype(float) * rows["unit_price"]


def _owed(rows: pd.DataFrame) -> pd.Series:
    """What each row's goods cost before its discount beyond what was paid."""
    return _goods(rows) + rows["freight"].fillna(0) + rows["duty"].fillna(0) - rows["paid_amount"]


def _taken_off(rows: pd.DataFrame) -> pd.Series:
    """(rows,) whether a discount below 0 makes the row cheaper: only so it comes to its payment."""
    off, on = ((_owed(rows) + sign * rows["discount"]).abs() <= _FEN for sign in (1, -1))
    return (rows["discount"] < 0) & off & ~on


def _notes(raw: RawTable, rows: pd.DataFrame, code: str) -> Iterator[dict[str, object]]:
    for row, amount in rows["discount"].items():
        yield note("orders", raw.file, raw.sheet, row, "discount", code, value=f"{amount:.2f}", amount=f"{-amount:.2f}")


def _shared(raw: RawTable, rows: pd.DataFrame) -> tuple[pd.DataFrame, list[dict[str, object]]]:
    """The money of orders that each of their lines repeats, or one alone tells, shared over the lines."""
    some = rows[rows["order_id"].notna() & rows["line_no"].notna()]
    if not some.duplicated("order_id").any():
        return rows, []
    order = some.groupby("order_id", sort=False).ngroup()
    first = ~some.duplicated(["order_id", "line_no"])
    whole = _of_the_order(some, order, first)
    if not whole.any():
        return rows, []
    part, codes = some[whole], pd.factorize(order[whole])[0]
    places = pd.Series(np.arange(len(part)), part.index)
    same_as = places.groupby([codes, part["line_no"]]).transform("first").to_numpy(int)
    cells = part[["quantity", "unit_price", *_SHARED]].astype(float)
    discount = cells["discount"].groupby(codes).transform("first").fillna(0)
    goods = _goods(part).where(first[whole], 0).groupby(codes).transform("sum")
    paid, freight = (cells[name].groupby(codes).transform("first") for name in ("paid_amount", "freight"))
    added = (goods + freight.fillna(0) - discount - paid).abs() > _FEN  # it fits only the other way round
    sign = np.where(added & paid.notna(), 1.0, -1.0)
    money, _, _ = share_order_money(
        cells.assign(goods_amount=np.nan, discount=cells["discount"] * sign), codes, same_as
    )
    out = rows.copy()
    for name in _SHARED:
        told = cells[name].groupby(codes).transform("count") > 0
        out.loc[part.index[told], name] = money.loc[told, name].astype(float)
    name = "paid_amount" if pd.notna(paid.iloc[0]) else "goods_amount"
    values = {"value": f"{paid.fillna(goods).iloc[0]:.2f}", "count": codes.max() + 1}
    return out, [note("orders", raw.file, raw.sheet, part.index[0], name, "order_money_shared", **values)]


def _of_the_order(rows: pd.DataFrame, order: pd.Series, first: pd.Series) -> pd.Series:
    """(rows,) whether the amounts of a row's order are those of the whole: each stands in all rows or in one, and goods + freight
    - discount of the lines come to the payment, or to the goods' total where no payment is told."""
    by = {name: rows[name].groupby(order) for name in (*_SHARED, "duty")}
    size, lines = order.groupby(order).transform("size"), first.groupby(order).transform("sum")
    once = {name: (told.transform("count") <= 1) | ((told.transform("count") == size) & (told.transform("nunique") == 1)) for name, told in by.items()}  # fmt: skip
    amount = {name: told.transform("first") for name, told in by.items()}
    value = _goods(rows).where(first, 0)
    goods = value.groupby(order).transform("sum").mask(value.isna().groupby(order).transform("any"))
    due = goods + amount["freight"].fillna(0)
    discount, paid, total = amount["discount"].fillna(0), amount["paid_amount"], amount["goods_amount"]
    fits = ((due - discount - paid).abs() <= _FEN) | ((due + discount - paid).abs() <= _FEN)
    of_lines = ((rows["goods_amount"] - _goods(rows)).abs() <= _FEN).groupby(order).transform("all")
    by_total = once["goods_amount"] & (by["goods_amount"].transform("count") == size) & ((total - goods).abs() <= _FEN)
    proven = (fits & (total.isna() | of_lines | by_total)) | (paid.isna() & by_total)
    whole = once["paid_amount"] & once["freight"] & once["discount"] & amount["duty"].isna()
    return (lines > 1) & whole & proven.fillna(False) & (goods > 0)
