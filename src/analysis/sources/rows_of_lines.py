"""Order lines that the house's own list tells in several rows: a row a parcel, or a row a payment.

Rows alike in order, supplier, SKU, day, stage, quantity and price are one line where something proves it: the pieces that came add up to
no more than the quantity, payments of less add up to what the line costs, the order's only payment or total is that of one of
them, or they bear one line number and each its day of arrival or dispatch. Otherwise they stay lines of their own, and that is told.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.sources.cells import clean_column
from analysis.sources.order_money import totals_of_one
from analysis.sources.quarantine import no_notes, note, notes, rows_named
from analysis.sources.table_types import RawTable

SAME = ("order_id", "supplier", "sku", "ordered_on", "stage", "quantity", "unit_price")
"""What rows of one line have in common, beside its number."""
CHARGES = ("freight", "duty", "discount")
PARCELS = "parcels"
"""Column of orders: the arrivals of a line that stands in several rows, each its day and pieces (NaN not told); missing elsewhere."""
_TOLD_APART = ("received_on", "received_quantity", "shipped_on", "paid_on", "paid_amount")
"""In what the rows of one line may differ for the reader to wonder."""
Sheet = tuple[str, str]
_FEN = 0.01 + 1e-6


@dataclass(frozen=True)
class LinesOfRows:
    """`table`: orders, the rows of one line in the first of them, with `PARCELS`; `merged`: labels of the others."""

    table: pd.DataFrame
    merged: pd.Index
    remarks: pd.DataFrame


def one_line(rows: pd.DataFrame, entered: pd.Series, *apart: pd.Series) -> pd.Series:
    """(rows,) a number for the rows of each line that stands in several, -1 elsewhere; `apart`: what else tells lines apart, such
    as the sheet or a colour. Rows `entered` on days of their own correct each other, unless as parcels they are exactly the line."""
    alone = pd.Series(-1, rows.index)
    if not rows.duplicated([*SAME, "line_no"]).any():
        return alone
    group = rows.groupby([*SAME, "line_no", *apart], dropna=False, sort=False).ngroup()
    together = (entered.groupby(group).transform("nunique") < 2) | _exactly_in_parcels(rows, group)
    several = group.duplicated(keep=False) & rows["order_id"].notna() & together
    if not several.any():
        return alone
    order = rows.groupby(["order_id", *apart[:1]], dropna=False, sort=False).ngroup()
    proven = _in_parcels(rows, group) | _in_payments(rows, group) | _paid_once(rows, group, order)
    return group.where(several & proven, -1)


def _in_parcels(rows: pd.DataFrame, group: pd.Series) -> pd.Series:
    """Whether the pieces that came add up to no more than the line's; or one line number has a day of arrival or dispatch a row."""
    quantity, pieces = rows["quantity"].astype(float), rows["received_quantity"].astype(float)
    by_line = pieces.groupby(group)
    came = ((pieces > 0) & rows["received_on"].notna()).groupby(group).transform("all")
    total = by_line.transform("sum")
    named = rows["sku"].notna() | rows["line_no"].notna() | (total == quantity)
    told = came & named & (total <= quantity)
    apart = [
        rows[name].groupby(group).transform("nunique") == by_line.transform("size")
        for name in ("received_on", "shipped_on")
    ]
    return told | (rows["line_no"].notna() & (apart[0] | apart[1]))


def _exactly_in_parcels(rows: pd.DataFrame, group: pd.Series) -> pd.Series:
    """Whether parcels of days of their own add up to exactly the line's pieces."""
    total = rows["received_quantity"].astype(float).groupby(group).transform("sum")
    days = rows["received_on"].groupby(group).transform("nunique") == group.groupby(group).transform("size")
    return (
        days
        & (total == rows["quantity"].astype(float))
        & (rows["received_quantity"] > 0).groupby(group).transform("all")
    )


def _in_payments(rows: pd.DataFrame, group: pd.Series) -> pd.Series:
    """Whether payments that are each of less add up to what one line costs."""
    paid = rows["paid_amount"].groupby(group)
    total = paid.transform("sum")
    return (paid.transform("max") < total - _FEN) & _comes_to(rows, group, total).notna()


def _comes_to(rows: pd.DataFrame, group: pd.Series, total: pd.Series) -> pd.Series:
    """What makes `total` the cost of one line: its charges taken once (1) or added up (2), or left out (1); NaN where nothing does."""
    goods = rows["quantity"].astype(float) * rows["unit_price"]
    fits = pd.Series(np.nan, rows.index)
    for way, how in ((2, "sum"), (1, "first")):
        each = [rows[name].fillna(0).groupby(group).transform(how) for name in CHARGES]
        fits = fits.mask((goods + each[0] + each[1] - each[2] - total).abs() <= _FEN, way)
    return fits.mask(fits.isna() & ((goods - total).abs() <= _FEN), 1)


def _paid_once(rows: pd.DataFrame, group: pd.Series, order: pd.Series) -> pd.Series:
    """Whether an amount that stands once in the order, or in each row of several lines, is that of the order with alike rows counted once."""
    money = rows[["quantity", "unit_price", "goods_amount", "freight", "discount", "paid_amount"]].astype(float)
    money = money.assign(freight=money["freight"].fillna(0) + rows["duty"].fillna(0), discount=-money["discount"])
    lines, size = group.groupby(order).transform("nunique"), group.groupby(order).transform("size")
    for name in ("goods_amount", "paid_amount"):
        told, kinds = (money[name].groupby(order).transform(how) for how in ("count", "nunique"))
        of_order = (told == 1) | ((kinds == 1) & (told == size) & (lines > 1))
        money[name] = money[name].where(of_order)
    places = pd.Series(np.arange(len(rows)), rows.index)
    once = places.groupby(group).transform("first").to_numpy(int)
    return pd.Series(totals_of_one(money, order.to_numpy(int), places.to_numpy(), once)[order], rows.index)


def numbers_lines(raw: RawTable) -> bool:
    """Whether a list of orders gives line numbers of its own."""
    return "line_no" in raw.frame and bool((clean_column(raw.frame["line_no"]) != "").any())


def put_together(
    rows: pd.DataFrame,
    exports: Collection[Sheet] = (),
    numbered: Collection[Sheet] = (),
    exported: Collection[str] = (),
) -> LinesOfRows:
    """`rows` of orders in which each line has one row, its arrivals and payments added up.

    Parameters
    ----------
    rows
        Index (file, sheet, row), with `entered`.
    exports, numbered
        Sheets (file, sheet) that are put together where they are read, and those that number their lines themselves.
    exported
        Orders whose lines are known from elsewhere.
    """
    rows = rows.assign(**{PARCELS: pd.Series(None, rows.index, dtype=object)})
    flat = rows.reset_index()
    of_sheet = pd.MultiIndex.from_frame(flat[["file", "sheet"]])
    flat = flat[~of_sheet.isin(list(exports))]
    alike = flat.duplicated(["file", "sheet", *SAME], keep=False)
    flat = flat[flat["order_id"].isin(flat.loc[alike, "order_id"])]
    if flat.empty:
        return LinesOfRows(rows, rows.index[:0], no_notes())
    sheet = flat.groupby(["file", "sheet"], sort=False).ngroup()
    group = one_line(flat, flat["entered"], sheet)
    group = group[group >= 0]
    open_rows = flat[~flat["order_id"].isin(exported) & ~of_sheet[flat.index].isin(list(numbered))]
    told = _told(flat, sheet, _untold(open_rows, sheet, group.index), "line_or_parcels")
    told += _told(flat, sheet, group, "line_in_rows")
    if group.empty:
        return LinesOfRows(rows, rows.index[:0], notes(told))
    first = ~group.duplicated()
    out = rows.copy()
    for name, values in _one_row_each(flat.loc[group.index], group).items():
        column = out[name].array.copy()
        column[group.index[first].to_numpy()] = values.array
        out[name] = pd.Series(column, out.index)
    gone = rows.index[group.index[~first]]
    return LinesOfRows(out.drop(index=gone), gone, notes(told))


def _one_row_each(part: pd.DataFrame, group: pd.Series) -> pd.DataFrame:
    """The columns of each line that its rows tell in parts, in the order of their first rows."""
    by_line = part.groupby(group, sort=False)
    paid = part["paid_amount"].groupby(group).transform("sum")
    way = _comes_to(part, group, paid)
    lines = {name: _amount(part[name], group, way == 2) for name in (*CHARGES, "goods_amount")}
    lines["paid_amount"] = _amount(part["paid_amount"], group, way.notna())
    for name in ("paid_on", "shipped_on"):
        lines[name] = by_line[name].min()
    for name in ("category", "need", "promised_on", "repromised_on", "transport_mode", "freight_terms"):
        lines[name] = by_line[name].first()
    for name in ("known_on", "entered"):
        lines[name] = by_line[name].max()
    still = part["status"].eq("open").groupby(group, sort=False).any()
    lines["status"] = by_line["status"].last().mask(still, "open")
    payments = way.notna() & (part["paid_amount"].groupby(group).transform("count") > 1)
    return pd.DataFrame({**lines, **_arrivals(part, group, payments)}).reindex(group.unique())


def _amount(amounts: pd.Series, group: pd.Series, added: pd.Series) -> pd.Series:
    """An amount of each line: added up where its rows differ or the sum is `added`, else once."""
    by_line = amounts.groupby(group, sort=False)
    add = (by_line.max() > by_line.min()) | added.groupby(group, sort=False).first()
    return by_line.first().mask(add, by_line.sum(min_count=1))


def _arrivals(part: pd.DataFrame, group: pd.Series, payments: pd.Series) -> dict[str, pd.Series]:
    """`PARCELS`, the last day and the pieces of all; of counts that come to more than the line the largest is that of all until then.

    Rows of `payments` need not each tell an arrival; of others one without a day or pieces has not come.
    """
    rows = part[["received_on", "quantity"]].assign(pieces=part["received_quantity"].astype(float), group=group)
    by_line = rows.groupby("group", sort=False)
    total, most, quantity = by_line["pieces"].sum(min_count=1), by_line["pieces"].max(), by_line["quantity"].first()
    so_far = total > quantity.astype(float)
    waits, counted = (
        (rows[name].isna() & ~payments).groupby(group, sort=False).any() for name in ("received_on", "pieces")
    )
    here = ~(waits & counted)
    came = rows[rows["received_on"].notna() & (here & ~so_far).reindex(group).to_numpy()]
    days = came.groupby(["group", "received_on"], sort=True)["pieces"].sum(min_count=1).reset_index("received_on")
    parcels = pd.Series(
        {of: tuple(each.itertuples(index=False, name=None)) for of, each in days.groupby(level=0)}, dtype=object
    )
    pieces = total.mask(so_far, most).round().astype("Int64")
    return {
        PARCELS: parcels.reindex(total.index),
        "received_on": by_line["received_on"].max().where(here),
        "received_quantity": pieces,
    }


def _untold(rows: pd.DataFrame, sheet: pd.Series, known: pd.Index) -> pd.Series:
    """The rows, by number of line, that may be of one line, or of several for all that is told."""
    if rows.empty:
        return pd.Series(dtype=int)
    group = rows.groupby([*SAME, sheet.loc[rows.index]], dropna=False, sort=False).ngroup()
    some = rows["sku"].notna() & ~rows.index.isin(known) & (rows["entered"].groupby(group).transform("nunique") < 2)
    differ = pd.concat([rows[name].groupby(group).transform("nunique") > 1 for name in _TOLD_APART], axis=1).any(axis=1)
    own_number = rows["line_no"].groupby(group).transform("nunique") == group.groupby(group).transform("size")
    return group[some & differ & own_number & group.duplicated(keep=False)]


def _told(rows: pd.DataFrame, sheet: pd.Series, group: pd.Series, code: str) -> list[dict[str, object]]:
    """A remark on each sheet that has rows in `group`, with those of the first line."""
    found = []
    for _, part in group.groupby(sheet.reindex(group.index), sort=False):
        first = rows.loc[part.index[part == part.iloc[0]]]
        file, name, row, pieces = first.iloc[0][["file", "sheet", "row", "quantity"]]
        values = {"count": part.nunique(), "rows": rows_named(first["row"]), "quantity": f"{pieces:g}"}
        found.append(note("orders", file, name, int(row), "quantity", code, **values))
    return found
