"""What a piece was paid with: the goods after 涨价或折扣 and the order's discounts, over the pieces."""

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
