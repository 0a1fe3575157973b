"""A price ladder (价格梯度): the price of a piece by the quantity bought at once, and the least quantity sold."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class PriceLadder:
    """`prices[k]` a piece from `quantities[k]` pieces on; the first quantity is the minimum order (MOQ)."""

    quantities: tuple[int, ...]
    prices: tuple[float, ...]

    @classmethod
    def of(cls, ladder: PriceLadder | Mapping[int, float] | float) -> PriceLadder:
        """From {quantity: price}, a single price from the first piece on, or a ladder; `ValueError` says what is wrong.

        >>> PriceLadder.of({1: 24.95, 100: 22.45}).price([1, 99, 100]).tolist()
        [24.95, 24.95, 22.45]
        """
        if isinstance(ladder, PriceLadder):
            return ladder
        steps = dict(ladder) if isinstance(ladder, Mapping) else {1: ladder}
        if not steps:
            raise ValueError("price_ladder: at least one step {quantity: price} is needed")
        quantities = sorted(steps)
        return check_ladder(cls(tuple(int(q) for q in quantities), tuple(float(steps[q]) for q in quantities)))

    @property
    def minimum(self) -> int:
        """The least quantity sold, pieces."""
        return self.quantities[0]

    @property
    def list_price(self) -> float:
        """The price at the first step, before any quantity discount."""
        return self.prices[0]

    @property
    def without_minimum(self) -> PriceLadder:
        """The same prices with the first step from one piece on, as in a mixed batch that reaches the minimum as a whole."""
        return PriceLadder((1, *self.quantities[1:]), self.prices)

    def for_no_more(self, quantity: int) -> int:
        """The pieces of a cheaper step that cost no more in all than `quantity`, where there is one; else `quantity`.

        >>> PriceLadder.of({30: 12.0, 100: 11.0}).for_no_more(95), PriceLadder.of({30: 12.0, 100: 11.0}).for_no_more(90)
        (100, 90)
        """
        total = quantity * self.price(quantity)
        steps = zip(self.quantities, self.prices)
        return max((more for more, price in steps if more > quantity and more * price <= total), default=quantity)

    def price(self, quantity: ArrayLike) -> np.ndarray | np.float64:
        """Price a piece when `quantity` pieces are bought; `ValueError` below the minimum order."""
        if isinstance(quantity, int | float) and quantity >= self.minimum:
            return np.float64(self.prices[bisect_right(self.quantities, quantity) - 1])
        quantity = np.asarray(quantity)
        if np.any(quantity < self.minimum):
            raise ValueError(
                f"quantity: the minimum order is {self.minimum} pieces, got {np.min(quantity)}; "
                "order the minimum or ask for a sample"
            )
        return np.asarray(self.prices)[np.searchsorted(self.quantities, quantity, side="right") - 1]


def check_ladder(ladder: PriceLadder) -> PriceLadder:
    """The ladder if quantities are whole and above 0 and prices above 0 and never rise; `ValueError` otherwise."""
    if any(q < 1 for q in ladder.quantities):
        raise ValueError(f"price_ladder: quantities are whole and 1 or more, got {ladder.quantities}")
    if not all(0 < price < math.inf for price in ladder.prices):
        raise ValueError(f"price_ladder: every price is above 0, got {ladder.prices}; leave out a step that has none")
    for k in range(1, len(ladder.prices)):
        if ladder.prices[k] > ladder.prices[k - 1]:
            raise ValueError(
                f"price_ladder: the price rises from {ladder.prices[k - 1]} to {ladder.prices[k]} at "
                f"{ladder.quantities[k]} pieces; a larger order does not cost more a piece: ask the supplier"
            )
    return ladder
