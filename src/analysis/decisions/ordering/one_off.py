"""Buying once for a need: which of two offers is cheaper for how many pieces, and how likely the minimum order is regretted.

To have n pieces from an offer one buys q >= n, q at least its minimum, at the price step that makes the sum least: a larger
step may cost less than the pieces needed at the dearer one. What is left over is worth `surplus_value` a piece.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from analysis.decisions.costing.price_ladder import PriceLadder

Freight = float | Callable[[np.ndarray], np.ndarray]
"""Money of the lot: one sum whatever its size (a pick-up trip), or a function of the pieces, never falling."""


@dataclass(frozen=True)
class OneOffOffer:
    """An offer for a single purchase: ladder and `freight` (a sum, or a function of the pieces)."""

    price_ladder: PriceLadder
    freight: Freight = 0.0

    @classmethod
    def of(cls, ladder: PriceLadder | Mapping[int, float] | float, freight: Freight = 0.0) -> OneOffOffer:
        return cls(PriceLadder.of(ladder), freight)

    def cost(self, quantity: ArrayLike) -> np.ndarray:
        """Goods and freight of a lot of `quantity` pieces, at or above the minimum."""
        quantity = np.asarray(quantity, float)
        freight = self.freight(quantity) if callable(self.freight) else self.freight
        return self.price_ladder.price(quantity) * quantity + freight

    def cost_of_need(self, need: ArrayLike, surplus_value: float = 0.0) -> np.ndarray:
        """Least cost of having `need` pieces, less what the surplus is worth; needing nothing costs nothing."""
        return self._cheapest(need, surplus_value)[0]

    def quantity_for_need(self, need: ArrayLike, surplus_value: float = 0.0) -> np.ndarray:
        """Pieces to buy for `need` pieces at least cost."""
        return self._cheapest(need, surplus_value)[1]

    def _cheapest(self, need: ArrayLike, surplus_value: float) -> tuple[np.ndarray, np.ndarray]:
        """Only the need itself and the starts of the higher steps can be best: within a step every further piece costs
        more than it is worth."""
        need = np.asarray(need, float)
        check_surplus_value(surplus_value, self.price_ladder)
        starts = np.array(self.price_ladder.quantities, float)
        quantity = np.maximum(need[..., None], starts)
        cost = self.cost(quantity) - surplus_value * (quantity - need[..., None])
        best = cost.argmin(axis=-1)[..., None]
        nothing = need <= 0
        return (
            np.where(nothing, 0.0, np.take_along_axis(cost, best, -1)[..., 0]),
            np.where(nothing, 0.0, np.take_along_axis(quantity, best, -1)[..., 0]),
        )


def check_surplus_value(surplus_value: float, ladder: PriceLadder) -> float:
    """`surplus_value` if a left-over piece is worth 0 or more and less than the lowest price; `ValueError` otherwise."""
    if not 0 <= surplus_value < min(ladder.prices):
        raise ValueError(
            f"surplus_value: 0 or more and below the lowest price {min(ladder.prices)}, got {surplus_value}; "
            "a piece that is worth more than it costs is to be bought without end"
        )
    return surplus_value


def cheaper_ranges(first: OneOffOffer, second: OneOffOffer, most: int, surplus_value: float = 0.0) -> pd.DataFrame:
    """Which offer is cheaper for each need of 1..`most` pieces: `from_pieces to_pieces cheaper saving_at_end break_even`.

    `cheaper` is "first", "second" or "equal"; `break_even` where the run begins, between whole pieces (the two costs are
    straight lines there), NaN at the start and where a jump (a minimum, a freight step) makes the change.

    Examples
    --------
    A: 0.80, minimum 1000, delivered. B: 0.75, minimum 2000, to be collected, a trip of 50: B from 1,875 + 1.25 x 50 pieces.

    >>> a, b = OneOffOffer.of({1000: 0.80}), OneOffOffer.of({2000: 0.75}, freight=50)
    >>> cheaper_ranges(a, b, 3000)[["from_pieces", "to_pieces", "cheaper", "break_even"]].to_numpy().tolist()[:2]
    [[1, 1937, 'first', nan], [1938, 3000, 'second', 1937.5]]
    """
    need = np.arange(1, most + 1)
    difference = np.round(first.cost_of_need(need, surplus_value) - second.cost_of_need(need, surplus_value), 9)
    sign = np.sign(difference).astype(int)
    starts = np.flatnonzero(np.r_[True, sign[1:] != sign[:-1]])
    ends = np.r_[starts[1:] - 1, len(need) - 1]
    return pd.DataFrame(
        {
            "from_pieces": need[starts],
            "to_pieces": need[ends],
            "cheaper": np.array(["equal", "second", "first"])[sign[starts]],
            "saving_at_end": np.abs(difference[ends]),
            "break_even": [_crossing(need, difference, int(at)) for at in starts],
        }
    )


def _crossing(need: np.ndarray, difference: np.ndarray, at: int) -> float:
    """Where the difference is 0 just before `need[at]`, when both neighbours lie on one line with their neighbours."""
    if at == 0:
        return np.nan
    if difference[at] == 0:
        return float(need[at])
    before, after = difference[at - 1], difference[at]
    step = after - before
    beside = [difference[k + 1] - difference[k] for k in (at - 2, at) if k >= 0 and k + 1 < len(difference)]
    if not any(np.isclose(step, other, rtol=1e-6, atol=1e-9) for other in beside):
        return np.nan
    return float(need[at - 1] - before / step)


def break_even_quantity(first: OneOffOffer, second: OneOffOffer, most: int, surplus_value: float = 0.0) -> float:
    """The need above which the second offer is the cheaper one up to `most` pieces; inf when it is not cheaper there.

    Exact to fractions of a piece where the costs cross; where they jump, the last whole need at which it is not cheaper.
    """
    ranges = cheaper_ranges(first, second, most, surplus_value)
    last = ranges.iloc[-1]
    if last["cheaper"] != "second":
        return np.inf
    if len(ranges) == 1:
        return 0.0
    if ranges.iloc[-2]["cheaper"] == "equal" and ranges.iloc[-2]["from_pieces"] == ranges.iloc[-2]["to_pieces"]:
        return float(ranges.iloc[-2]["from_pieces"])
    return float(last["break_even"]) if np.isfinite(last["break_even"]) else float(last["from_pieces"] - 1)


@dataclass(frozen=True)
class Regret:
    """What a minimum order risks. `p_regret`: chance that the alternative would have cost less in hindsight;
    `expected_regret` money a purchase by which it would have, over all cases; `expected_surplus` pieces left over,
    `p_surplus` the chance of any; `expected_saving` of the offer against the alternative (negative: it costs more)."""

    p_regret: float
    expected_regret: float
    expected_surplus: float
    p_surplus: float
    expected_saving: float


def minimum_order_regret(
    offer: OneOffOffer,
    alternative: OneOffOffer | None,
    demand: ArrayLike,
    *,
    surplus_value: float = 0.0,
    selling_price: float | None = None,
) -> Regret:
    """How likely the minimum order of `offer` is regretted, over draws of the pieces that will really be wanted.

    The minimum is bought before demand is known; more is bought at the offer's price when more is wanted. In hindsight the
    alternative would have been bought for just the demand. Without an alternative the comparison is with not buying at all,
    and `selling_price` says what a piece sold brings.

    Examples
    --------
    >>> a, b = OneOffOffer.of({1000: 0.80}), OneOffOffer.of({2000: 0.75}, freight=50)
    >>> regret = minimum_order_regret(b, a, demand=[1200, 1800, 2400, 3000])    # B pays from 1,938 pieces on
    >>> regret.p_regret, regret.p_surplus, regret.expected_surplus
    (0.5, 0.5, 250.0)
    """
    demand = np.asarray(demand, float)
    if demand.ndim != 1 or not len(demand) or not np.all(np.isfinite(demand) & (demand >= 0)):
        raise ValueError("demand: draws of the pieces wanted in a row, finite and 0 or more, are needed")
    if (alternative is None) == (selling_price is None):
        raise ValueError("alternative, selling_price: give one of them, another offer or what a sold piece brings")
    bought = np.maximum(demand, offer.price_ladder.minimum)
    spent = offer.cost(bought) - check_surplus_value(surplus_value, offer.price_ladder) * (bought - demand)
    if alternative is None:
        instead = np.asarray(selling_price) * demand
    else:
        instead = alternative.cost_of_need(demand, surplus_value)
    saving = instead - spent
    return Regret(
        float(np.mean(saving < 0)), float(np.mean(np.maximum(-saving, 0))), float(np.mean(bought - demand)),
        float(np.mean(bought > demand)), float(saving.mean()),
    )  # fmt: skip


@dataclass(frozen=True)
class OneOffPlan:
    """The purchase of greatest expected profit; `quantity` 0: buy nothing. `p_sold_out`: chance of selling every piece."""

    quantity: int
    expected_profit: float
    expected_surplus: float
    p_sold_out: float


def best_one_off(
    offer: OneOffOffer, demand: ArrayLike, *, selling_price: float, surplus_value: float = 0.0
) -> OneOffPlan:
    """How much to buy once for an uncertain demand: expected profit over every whole quantity (newsvendor with steps).

    `demand` draws of the pieces wanted; a piece sold brings `selling_price`, a piece left over `surplus_value`.

    >>> plan = best_one_off(OneOffOffer.of(5.0), np.arange(1, 101), selling_price=10.0)
    >>> plan.quantity    # P(D <= q) = (10 - 5) / 10
    50
    """
    demand = np.sort(np.asarray(demand, float))
    check_surplus_value(surplus_value, offer.price_ladder)
    most = max(int(np.ceil(demand[-1])), *offer.price_ladder.quantities)
    quantity = np.arange(offer.price_ladder.minimum, most + 1)
    below = np.searchsorted(demand, quantity, side="right")
    sold = (np.r_[0.0, np.cumsum(demand)][below] + quantity * (len(demand) - below)) / len(demand)
    profit = selling_price * sold + surplus_value * (quantity - sold) - offer.cost(quantity)
    best = int(profit.argmax())
    if profit[best] <= 0:
        return OneOffPlan(0, 0.0, 0.0, float(np.mean(demand > 0)))
    return OneOffPlan(
        int(quantity[best]),
        float(profit[best]),
        float(quantity[best] - sold[best]),
        float(np.mean(demand >= quantity[best])),
    )
