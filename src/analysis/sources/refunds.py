"""Order lines that nobody waits for, wholly or for the rest, as their money came back by settled returns.

Money comes back for pieces that never came and for pieces that came and were bad. A settled return is for pieces that never came where
it lies before the first arrival, is of more pieces than have come, or, where fewer were found bad than are missing, sends nothing back
and is exactly their price, or the order itself is called finished. Otherwise nobody can tell, and the line stays open.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.sources.beside_orders import HALF_A_FEN, LINE, goods_of
from analysis.sources.quarantine import all_notes, no_notes, note, notes


@dataclass(frozen=True)
class Settled:
    """`orders` of which nobody waits for what was refunded; `remarks` on these, and on lines of which only part has come."""

    orders: pd.DataFrame
    remarks: pd.DataFrame


def with_refunds(orders: pd.DataFrame, returns: pd.DataFrame, looks: pd.DataFrame, parcels: pd.DataFrame) -> Settled:
    """Open lines whose money came back no longer open: refunded where nothing came, received on the day of the last parcel where the rest
    did not.

    Parameters
    ----------
    looks
        Inspections of our own.
    parcels
        By line the days of the `first` and the `last` one, and whether the order is called `finished`; index as of `orders`, or more.
    """
    some_came = orders["status"].eq("open") & (orders["received_quantity"] > 0)
    if returns["settled_on"].isna().all() and not some_came.any():
        return Settled(orders, no_notes())
    whole = _refunded_in_full(orders, returns)
    told = orders.loc[whole, LINE]
    refunded = notes(
        note("orders", file, sheet, row, "status", "order_refunded", value=f"{number} / {line}")
        for (file, sheet, row), number, line in zip(told.index, told["order_id"], told["line_no"])
    )
    orders = orders.assign(status=orders["status"].mask(whole, "refunding"))
    parcels = parcels.loc[orders.index]
    rest = _rest_refunded(orders, returns, looks, parcels["first"], parcels["finished"])
    parts = ((rest.done, "rest_refunded"), (rest.unclear, "refund_of_which"), (rest.waits, "received_in_part"))
    last = orders["received_on"].mask(rest.done, parcels["last"].astype("datetime64[us]"))
    orders = orders.assign(received_on=last, status=orders["status"].mask(rest.done, "received"))
    return Settled(orders, all_notes([refunded, *(_in_part(orders[lines], code) for lines, code in parts)]))


def with_money_back(orders: pd.DataFrame, settlements: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Lines whose status says that their refund is done (`refunded`) as `refunding` and settled: nobody waits for their goods, nor for
    their money. What `settlements` say of a line themselves stays."""
    done = orders["status"].eq("refunded").fillna(False)
    if not done.any():
        return orders, settlements
    lines, told = (pd.MultiIndex.from_frame(rows[LINE]) for rows in (orders.loc[done, LINE], settlements))
    unsaid = settlements["settled"].isna() & settlements["settled_on"].isna() & told.isin(lines)
    rows = orders.loc[done, LINE][~lines.isin(told)].assign(settled=True).reindex(columns=settlements.columns)
    settlements = settlements.assign(settled=settlements["settled"].mask(unsaid, True))
    settlements = pd.concat([settlements, rows.astype(settlements.dtypes.to_dict())])
    return orders.assign(status=orders["status"].mask(done, "refunding")), settlements


@dataclass(frozen=True)
class _RestRefunded:
    """(orders,) each: of open lines of which part came: `done`: the money for the rest came back; `unclear`: what came back may be
    for pieces that came; `waits`: it was less, or nothing."""

    done: pd.Series
    unclear: pd.Series
    waits: pd.Series


def _refunded_in_full(orders: pd.DataFrame, returns: pd.DataFrame) -> pd.Series:
    """(orders,) whether nothing of an open line has come and its money came back by settled returns: the goods at least, as
    freight is often kept; nobody waits for such a line."""
    settled = returns[returns["settled_on"].notna()]
    came_back = settled.assign(pieces=settled["returned"].astype(float), money=settled["refund"].astype(float))
    sums = came_back.groupby(LINE)[["pieces", "money"]].sum(min_count=1)
    found = sums.reindex(pd.MultiIndex.from_frame(orders[LINE])).set_axis(orders.index)
    goods = goods_of(orders) - orders["discount"].fillna(0)
    owed = np.fmin(goods, orders["paid_amount"])
    whole = found["money"] >= (owed - HALF_A_FEN).where(owed > 0)
    whole |= found["money"].isna() & (found["pieces"] >= orders["quantity"].astype(float))
    waits = orders["status"].eq("open") & ~(orders["received_quantity"] > 0).fillna(False).astype(bool)
    return whole.fillna(False) & waits.fillna(False)


def _rest_refunded(
    orders: pd.DataFrame,
    returns: pd.DataFrame,
    inspections: pd.DataFrame,
    first_arrival: pd.Series,
    finished: pd.Series,
) -> _RestRefunded:
    """What settled returns say of the pieces that have not come of open lines of which some have.

    Parameters
    ----------
    first_arrival, finished
        (orders,) day of the first parcel, and whether the order itself is called finished.
    """
    partly = (orders["status"].eq("open") & (orders["received_quantity"] > 0)).fillna(False).astype(bool)
    found = inspections.drop_duplicates([*LINE, "batch", "inspected_on"]).groupby(LINE)["defective"].sum()
    price = (goods_of(orders) - orders["discount"].fillna(0)) / orders["quantity"].astype(float)
    lines = pd.DataFrame(
        {
            "came": orders["received_quantity"].astype(float),
            "missing": orders["quantity"].astype(float) - orders["received_quantity"].astype(float),
            "price": price.where(price > 0),
            "first": first_arrival.dt.floor("D"),
            "finished": finished,
            "place": np.arange(len(orders)),
        },
        index=orders.index,
    ).assign(**{name: orders[name] for name in LINE})[partly]
    lines["bad"] = found.reindex(pd.MultiIndex.from_frame(lines[LINE])).fillna(0).to_numpy(float)
    of_lot = returns["origin"].isna() & ~(returns["complained"] > 0).fillna(False).astype(bool)
    rows = returns[returns["settled_on"].notna() & of_lot].merge(lines, on=LINE)
    sent, money = rows["returned"].astype(float).fillna(0), rows["refund"].astype(float)
    pieces = sent.where(sent > 0, (money / rows["price"]).round(6)).fillna(0)
    exact = (sent == 0) & ((money - rows["missing"] * rows["price"]).abs() <= HALF_A_FEN)
    before = rows["opened_on"].fillna(rows["settled_on"]).dt.floor("D") < rows["first"]
    never_came = before | (sent > rows["came"]) | ((exact | rows["finished"]) & (rows["bad"] < rows["missing"]))
    sums = pd.DataFrame({"sure": pieces.where(never_came, 0), "all": pieces}).groupby(rows["place"]).sum()
    enough = sums.reindex(lines["place"]).ge(lines["missing"].to_numpy() - 1e-6, axis=0).set_axis(lines.index)
    done, may_be = (enough[name].reindex(orders.index, fill_value=False) for name in ("sure", "all"))
    return _RestRefunded(done, may_be & ~done, partly & ~may_be)


def _in_part(lines: pd.DataFrame, code: str) -> pd.DataFrame:
    """Remarks on lines of which some pieces have come and others not."""
    told = zip(lines.index, lines["received_quantity"], lines["quantity"])
    return notes(
        note("orders", file, sheet, row, "received_quantity", code, value=came, quantity=ordered)
        for (file, sheet, row), came, ordered in told
    )
