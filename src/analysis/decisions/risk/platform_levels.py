"""Where the platform puts us and them: our own buyer's level (L0-L6), and who may be in its programme for key accounts (通天)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
import pandas as pd

from analysis.allowed import ListOf, Money, Number, Share
from analysis.decisions.offers import goods_paid
from analysis.decisions.risk.platform import shown_medal

LEVELS = 6
"""Above L0, which asks for nothing."""
LEVEL_COLUMNS = ["level", "orders", "money", "next_level", "orders_needed", "money_needed"]
"""`orders` and `money` of the month, the level that they reach, and what the next one asks; missing at the highest."""


@dataclass(frozen=True)
class BuyerLevels:
    """Section `platform_levels`: least `orders` and `money` (CNY) of a month, by level from L1 up; both are asked."""

    orders: Annotated[tuple[float, ...], ListOf(Number(0, 1e9), count=LEVELS)]
    money: Annotated[tuple[float, ...], ListOf(Number(0, 1e12), count=LEVELS)]

    def reached(self, orders: float, money: float) -> int:
        """The highest level whose orders and money are reached."""
        steps = enumerate(zip(self.orders, self.money), start=1)
        return max((n for n, (least, amount) in steps if orders >= least and money >= amount), default=0)


@dataclass(frozen=True)
class KeyAccounts:
    """Section `key_accounts`: what the programme asks of a supplier. `medal` at least, `sales_a_year` (CNY), share of `returning` buyers,
    and fewer than `penalty_points`."""

    medal: Annotated[int, Number(0, 5, whole=True)]
    sales_a_year: Money
    returning: Share
    penalty_points: Annotated[int, Number(0, 1000, whole=True)]


def buyer_level(orders: pd.DataFrame, as_of: pd.Timestamp, levels: BuyerLevels) -> pd.DataFrame:
    """One row `LEVEL_COLUMNS` of the month that ends on `as_of`; none where nothing was ordered yet."""
    placed = orders[~orders["status"].isin(["cancelled", "unpaid"])]
    month = placed[(placed["ordered_on"] > as_of - pd.offsets.MonthEnd(1)) & (placed["ordered_on"] <= as_of)]
    if placed.empty:
        return pd.DataFrame(columns=LEVEL_COLUMNS).astype(_TYPES)
    count, money = (
        month["order_id"].nunique(),
        float(month["paid_amount"].astype(float).fillna(goods_paid(month)).sum()),
    )
    at = levels.reached(count, money)
    last = at == LEVELS
    ahead = [None, pd.NA, np.nan] if last else [f"L{at + 1}", int(levels.orders[at]), levels.money[at]]
    return pd.DataFrame([[f"L{at}", count, money, *ahead]], columns=LEVEL_COLUMNS).astype(_TYPES)


_TYPES: dict[str, Any] = {"level": "str", "orders": "Int64", "money": float, "next_level": "str", "orders_needed": "Int64", "money_needed": float}  # fmt: skip


def may_be_key_account(suppliers: pd.DataFrame, asked: KeyAccounts) -> pd.Series:
    """Of each supplier once, whether its figures allow the programme; missing where medal or sales are not known and nothing speaks against it.

    Sales of the last 30 days stand for the year's.
    """
    rows = suppliers.drop_duplicates("supplier")
    known = pd.DataFrame(
        {
            "medal": rows["medal"].map(shown_medal).astype(float) - asked.medal,
            "sales": rows["sales_30d"].astype(float) * 12 - asked.sales_a_year,
            "returning": rows["repurchase_rate"].astype(float) - asked.returning,
            "points": asked.penalty_points - 1 - rows["penalty_points"].astype(float),
        }
    )
    against = (known < 0).any(axis=1)
    told = known[["medal", "sales"]].notna().all(axis=1)
    return pd.Series(np.where(against, False, True), rows.index).astype("boolean").mask(~against & ~told)
