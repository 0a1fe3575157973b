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


@dataclass(frozen=True)
class RestRefunded:
    """(orders,) each: of open lines of which part came: `done`: the money for the rest came back; `unclear`: what came back may be
    for pieces that came; `waits`: it was less, or nothing."""

    done: pd.Series
    unclear: pd.Series
    waits: pd.Series


def refunded_in_full(orders: pd.DataFrame, returns: pd.DataFrame) -> pd.Series:
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


def rest_refunded(
    orders: pd.DataFrame,
    returns: pd.DataFrame,
    inspections: pd.DataFrame,
    first_arrival: pd.Series,
    finished: pd.Series,
) -> RestRefunded:
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
    return RestRefunded(done, may_be & ~done, partly & ~may_be)
