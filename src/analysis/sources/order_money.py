"""The money of an export's orders, shared over their lines so that nothing is lost, doubled or rounded away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.sources.allocation import allocate
from analysis.sources.cell_numbers import LARGEST_NUMBER, read_numbers
from analysis.sources.cells import clean_column

MONEY = ("goods_amount", "freight", "discount", "paid_amount")
_CENT = 0.005 + 1e-9
"""Amounts that differ by less are the same."""

Floats = NDArray[np.float64]
Places = NDArray[np.int_]


@dataclass(frozen=True)
class Remark:
    """What is odd about a kept row: the file's row number, and the column, code and values for `quarantine.note`."""

    row: int
    column: str
    code: str
    values: dict[str, object]


def share_order_money(lines: pd.DataFrame, order: Places, same_as: Places) -> tuple[pd.DataFrame, Places, list[Remark]]:
    """Goods amount, freight, discount and payment of each line.

    A line's goods amount is unit price times quantity. Where the order's 货品总价 says otherwise, the total is shared over
    the lines in that proportion, with a remark. Freight and discount are shared by goods amount, the payment by goods +
    freight - discount. Unusable lines take part, so that an order's other lines do not bear their share; a lone line
    without price takes what the total leaves for it. An amount that cannot be read is written into every line: the whole
    order then goes to quarantine.

    Parameters
    ----------
    lines
        Cells as they stand, index the row numbers.
    order
        (rows,) each row's order, 0, 1, ...
    same_as
        (rows,) the place of the row that a row repeats, else its own.

    Returns
    -------
    Columns `MONEY` (floats, or the cell that cannot be read); `same_as`, in which a repetition that the order's goods total
    needs is a line of its own; and the remarks.
    """
    if not len(lines):
        return pd.DataFrame({name: pd.Series(dtype=object) for name in MONEY}, index=lines.index), same_as, []
    value, quantity = _line_goods(lines)
    read = {name: read_numbers(lines[name], "money") for name in MONEY}
    same_as = _needed_lines(same_as, order, value, _goods_told(lines, order))
    own = same_as == np.arange(len(lines))
    totals, remarks = {}, []
    as_lines = _stands_for_lines(order, value, read["goods_amount"].values.to_numpy(), own)
    for name in MONEY:
        totals[name], found = _order_amount(lines.index, order, read[name].values.to_numpy(), own, as_lines, name)
        remarks += found
    totals["discount"] = 0.0 - totals["discount"]
    goods, found = _goods(lines.index, order, value, totals["goods_amount"], own)
    remarks += found
    money = _shares(order, goods, totals, own)
    money = {name: amounts[same_as] for name, amounts in money.items()}
    remarks += _beside_bad_lines(lines.index, order, ~(quantity > 0) & own, money["paid_amount"])
    table = pd.DataFrame({name: money[name] for name in MONEY}, index=lines.index).astype(object)
    for name in MONEY:
        table[name] = _with_unreadable(table[name], lines[name], order, read[name].faults.astype(bool))
    return table, same_as, remarks


def totals_of_one(lines: pd.DataFrame, order: Places, first: Places, once: Places) -> NDArray[np.bool_]:
    """(orders,) whether what the order's goods come to adds up when alike lines count `once`, and not when they count as in `first`."""
    if not len(lines):
        return np.zeros(0, bool)
    value, _ = _line_goods(lines)
    stated = _goods_told(lines, order)
    places = np.arange(len(lines))
    as_lines, as_one = (np.bincount(order, np.nan_to_num(value) * (same == places)) for same in (first, once))
    return (np.abs(as_one - stated) < _CENT) & ~(np.abs(as_lines - stated) < _CENT)


def _line_goods(lines: pd.DataFrame) -> tuple[Floats, Floats]:
    """Unit price times quantity (to the fen; NaN when not known, negative or no real amount) and the quantity of each line."""
    quantity = read_numbers(lines["quantity"], "count").values.astype(float).to_numpy()
    price = read_numbers(lines["unit_price"], "money").values.to_numpy()
    value = np.round(price * quantity + 1e-9, 2)
    return np.where((value >= 0) & (value <= LARGEST_NUMBER), value, np.nan), quantity


def _goods_told(lines: pd.DataFrame, order: Places) -> Floats:
    """(orders,) what the goods of each order come to: its 货品总价, else what its payment leaves without freight and 涨价或折扣."""
    read = {name: read_numbers(lines[name], "money").values for name in MONEY}
    first = pd.DataFrame(read).groupby(order).first()
    paid = first["paid_amount"] - first["freight"].fillna(0) - first["discount"].fillna(0)
    return first["goods_amount"].fillna(paid).to_numpy(float)


def _needed_lines(same_as: Places, order: Places, value: Floats, stated: Floats) -> Places:
    """Takes repetitions for lines of their own where the order's goods total adds up with them and not without."""
    own = same_as == np.arange(len(order))
    if own.all():
        return same_as
    with_all, without = (np.bincount(order, np.where(keep, np.nan_to_num(value), 0)) for keep in (True, own))
    needed = (np.abs(with_all - stated) < _CENT) & ~(np.abs(without - stated) < _CENT)
    return np.where(needed[order], np.arange(len(order)), same_as)


def _stands_for_lines(order: Places, value: Floats, total: Floats, own: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(orders,) whether 货品总价 stands in each line for that line alone: it differs, and adds up to the lines' goods."""
    told = own & ~np.isnan(total)
    each = np.bincount(order, told) > 1
    agree = (
        np.abs(np.bincount(order, np.where(told, total, 0)) - np.bincount(order, np.nan_to_num(value) * own)) < _CENT
    )
    varies = _spread(order, np.where(told, total, np.nan)) > _CENT
    return each & agree & varies


def _spread(order: Places, values: Floats) -> Floats:
    """(orders,) largest less smallest value, 0 where there is none."""
    groups = pd.Series(values).groupby(order)
    return (groups.max() - groups.min()).fillna(0.0).to_numpy()


def _order_amount(
    rows: pd.Index, order: Places, values: Floats, own: NDArray[np.bool_], as_lines: NDArray[np.bool_], name: str
) -> tuple[Floats, list[Remark]]:
    """(orders,) the amount of each order, counted once however often it stands there; NaN where it never does."""
    values = np.where(own, values, np.nan)
    groups = pd.Series(values).groupby(order)
    amount = np.where(as_lines, groups.sum(min_count=1), groups.first())
    repeated = groups.count().to_numpy() > 1
    varies = _spread(order, values) > _CENT
    first = pd.Series(rows).groupby(order).first().to_numpy()
    codes = {"order_money_varies": varies}
    if name == "goods_amount":  # when one amount stands in each line, the others do too: one remark is enough
        codes["order_money_repeated"] = repeated & ~varies
    return amount, [
        Remark(int(first[place]), name, code, {"value": f"{amount[place]:.2f}"})
        for code, marked in codes.items()
        for place in np.flatnonzero(marked)
    ]


def _goods(
    rows: pd.Index, order: Places, value: Floats, total: Floats, own: NDArray[np.bool_]
) -> tuple[Floats, list[Remark]]:
    """(rows,) goods amount of each line, adding up to the order's total where that is known; and a remark where it had
    to be changed."""
    known = np.where(own, np.nan_to_num(value), 0.0)
    unknown = own & np.isnan(value)
    added = np.bincount(order, known)
    rest = np.where(np.isnan(total), 0.0, total - added)
    gaps = np.bincount(order, unknown) > 0
    to_gaps = gaps & (rest >= 0)
    goods = known + allocate(np.where(to_gaps, rest, 0.0), order, unknown.astype(float)) * unknown
    differs = (np.abs(rest) >= _CENT) & ~to_gaps
    shared = allocate(np.nan_to_num(total), order, known + own * (added == 0)[order])
    goods = np.where(differs[order], shared, goods)
    goods = np.where(unknown & np.isnan(total)[order], np.nan, goods)
    first = pd.Series(rows).groupby(order).first().to_numpy()
    remarks = [
        Remark(
            int(first[place]),
            "goods_amount",
            "goods_amount_differs",
            {"value": f"{total[place]:.2f}", "due": f"{added[place]:.2f}"},
        )
        for place in np.flatnonzero(differs)
    ]
    return goods, remarks


def _shares(order: Places, goods: Floats, totals: dict[str, Floats], own: NDArray[np.bool_]) -> dict[str, Floats]:
    weight = np.where(own, np.maximum(np.nan_to_num(goods), 0.0), 0.0)
    weight = np.where((np.bincount(order, weight) > 0)[order], weight, own.astype(float))
    money = {name: allocate(totals[name], order, weight) for name in ("freight", "discount")}
    due = np.nan_to_num(goods) + np.nan_to_num(money["freight"]) - np.nan_to_num(money["discount"])
    due = np.where(own, due, 0.0).round(2)
    exact = np.abs(np.bincount(order, due) - totals["paid_amount"]) < _CENT
    by_due = np.where(own, np.maximum(due, 0.0), 0.0)
    by_due = np.where((np.bincount(order, by_due) > 0)[order], by_due, weight)
    paid = np.where(exact[order], due, allocate(totals["paid_amount"], order, by_due))
    return {"goods_amount": goods, **money, "paid_amount": paid}


def _beside_bad_lines(rows: pd.Index, order: Places, bad: NDArray[np.bool_], paid: Floats) -> Iterator[Remark]:
    """A remark on the first usable line of each order that has a line whose quantity cannot be used."""
    good = np.bincount(order, ~bad) > 0
    first = pd.Series(np.where(bad, np.nan, np.arange(len(order)))).groupby(order).first()
    for place in np.flatnonzero(bad & good[order]):
        beside = int(first[order[place]])
        share = "?" if np.isnan(paid[place]) else f"{paid[place]:.2f}"
        values = {"bad_row": int(rows[place]), "value": share}
        yield Remark(int(rows[beside]), "quantity", "order_has_bad_line", values)


def _with_unreadable(amounts: pd.Series, cells: pd.Series, order: Places, bad: NDArray[np.bool_]) -> pd.Series:
    """Writes a cell that cannot be read into every line of its order."""
    if not bad.any():
        return amounts
    cell = cells.where(bad, None).groupby(order).transform("first")
    hit = (np.bincount(order, bad) > 0)[order]
    filled = clean_column(cell) != ""
    return amounts.mask(hit & filled, cell)
