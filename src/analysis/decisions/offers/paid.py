"""What a piece was paid with: the goods after 涨价或折扣 and the order's discounts, over the pieces; and what came back of a payment."""

from __future__ import annotations

import pandas as pd


def goods_paid(orders: pd.DataFrame) -> pd.Series:
    """What the goods of each order line cost after discounts (a surcharge is a negative discount); NaN where not known."""
    goods = orders["goods_amount"].astype(float)
    listed = orders["unit_price"].astype(float) * orders["quantity"].astype(float)
    return goods.fillna(listed) - orders["discount"].astype(float).fillna(0.0)


def price_paid(orders: pd.DataFrame) -> pd.Series:
    """What a piece of each order line cost after discounts: (goods - discount) / quantity.

    A seller may list 3.00 and take 25.00 off an order of 50 pieces: the price is 2.50.

    >>> price_paid(pd.DataFrame({"goods_amount": [150.0], "unit_price": [3.0], "quantity": [50], "discount": [25.0]})).tolist()
    [2.5]
    """
    pieces = orders["quantity"].astype(float)
    return goods_paid(orders) / pieces.where(pieces > 0)


TOKEN = 0.1
"""Share of what a piece of the SKU costs on the whole, below which nothing was paid for it: a link of 0.01 for goods sent again, a gift."""


def agreed_price(orders: pd.DataFrame) -> pd.Series:
    """`price_paid` where it is what the goods cost: NaN for a token price (`TOKEN`).

    >>> bought = {"sku": "CUP", "goods_amount": [125.0, 0.03], "unit_price": [2.5, 0.01], "quantity": [50, 3], "discount": 0.0}
    >>> agreed_price(pd.DataFrame(bought)).tolist()
    [2.5, nan]
    """
    price = price_paid(orders)
    pieces = orders["quantity"].astype(float).where(price > 0)
    money, bought = (each.groupby(orders["sku"]).transform("sum") for each in (price * pieces, pieces))
    return price.mask(price < TOKEN * money / bought)


def billed(orders: pd.DataFrame) -> pd.Series:
    """What each order line costs: goods after discounts, freight and duty; NaN where the goods are not known."""
    return goods_paid(orders) + orders[["freight", "duty"]].astype(float).fillna(0.0).sum(axis=1)


def settled_refunds(orders: pd.DataFrame, returns: pd.DataFrame) -> pd.DataFrame:
    """Money that came back for each order line, in the lines' order: `settled`, the refunds of its settled returns (where nobody wrote one
    down, the pieces' price), and `beyond`, what of it is more than the pieces sent back and the cost of sending them."""
    line = ["order_id", "line_no"]
    done = returns[returns["settled_on"].notna()].merge(orders[line].assign(price=price_paid(orders)), on=line)
    pieces = done["returned"].astype(float).fillna(0.0) * done["price"].fillna(0.0)
    refund = done["refund"].astype(float).fillna(pieces)
    beyond = (refund - pieces - done["cost"].astype(float).fillna(0.0)).clip(lower=0)
    sums = done[line].assign(settled=refund, beyond=beyond).groupby(line).sum().reset_index()
    found = orders[line].merge(sums, on=line, how="left")[["settled", "beyond"]]
    return found.astype(float).fillna(0.0).set_index(orders.index)


def paid_before_refunds(orders: pd.DataFrame, settled: pd.Series) -> pd.Series:
    """What was paid for each order line, refunds not taken off: a sum that is short by just what was `settled` is shown net of it."""
    paid = orders["paid_amount"].astype(float)
    return paid + settled.where((billed(orders) - paid - settled).round(2) == 0, 0.0)
