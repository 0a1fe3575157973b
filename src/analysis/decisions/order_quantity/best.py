"""How many pieces of one offer to order at once, at which price step and by which mode: the exact best, not a formula's.

The cost a year and the scan that finds its least value are in `order_scan.py`, for one SKU as for thousands. Demand is taken as
steady and known; uncertain demand and its stock are `stock.py`, single purchases `one_off.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.decisions.landed_cost import FreightTariff
from analysis.decisions.offers import BUYER_PAYS, FreightTerms, PriceLadder
from analysis.decisions.order_quantity.scan import OrderProblem, ShipmentMode, best_orders, cheapest, check_problem
from analysis.errors import AnalysisError

NO_FREIGHT = "not known"
"""Mode of a best order that is reckoned without freight because no freight is known."""


class OrderError(AnalysisError):
    """No order makes sense: the minimum is above anything that could be sold."""


@dataclass(frozen=True)
class BestOrder:
    """The cheapest order: pieces, mode, price step and what a good piece then costs.

    `cost_per_piece` holds goods, freight, order cost and stock; `alternatives` (mode, min_quantity, unit_price, quantity,
    cost_per_year, cost_per_piece, extra_per_year) the best at every price step and mode, cheapest first; `complete` is False
    when no freight was known and none is in the sum.
    """

    quantity: int
    mode: str
    unit_price: float
    freight: float
    cost_per_year: float
    cost_per_piece: float
    orders_per_year: float
    complete: bool
    alternatives: pd.DataFrame


def best_order(
    price_ladder: PriceLadder | Mapping[int, float] | float,
    demand_per_year: float,
    *,
    freight: Mapping[str, FreightTariff] | Sequence[FreightTariff] = (),
    weight_kg: float | Mapping[str, float] = np.nan,
    volume_m3: float | Mapping[str, float] = 0.0,
    terms: FreightTerms = BUYER_PAYS,
    order_cost: float = 0.0,
    carrying_rate: float = 0.25,
    inverse_yield: float = 1.0,
    most: float | None = None,
    pack: int = 1,
) -> BestOrder:
    """The exact best order size, price step and mode of one offer for steady demand.

    Parameters
    ----------
    price_ladder : PriceLadder or Mapping[int, float] or float
        {least quantity: price a piece}; the first is the minimum order.
    demand_per_year : float
        Good pieces sold a year.
    freight : Mapping[str, FreightTariff] or Sequence[FreightTariff], optional
        Tariffs to choose from (`freight_tariffs(rules)`, or one by pieces with a weight of 1); none: the cost is
        without freight and marked so, unless `terms` make the freight the seller's.
    weight_kg, volume_m3 : float or Mapping[str, float], optional
        Of a packed piece, one for all modes or by mode.
    terms : FreightTerms, optional
        Who pays the freight, and from which value of goods it is free.
    order_cost : float, optional
        Money an order.
    carrying_rate : float, optional
        Cost of holding stock, a year, as a share of its value.
    inverse_yield : float, optional
        Pieces to buy for one good piece, E[1 / (1 - p)] (column `inverse_yield` of the defect rates).
    most : float, optional
        Pieces that may be bought at once (shelf life, cash); by default a year's demand, but at least one piece.
    pack : int, optional
        Orders are multiples of so many pieces.

    Raises
    ------
    ValueError
        Naming argument and rule: prices not above 0 or rising with quantity, demand, rates or packs not above 0, no weight
        for a tariff that needs it. `OrderError` when the minimum order is above `most`: no order makes sense.

    Examples
    --------
    1,300 pieces a year, 8 an order, 0.75 a piece, 30 % carrying rate: the economic order quantity is 304.1, whole 304 [1].

    >>> from analysis.decisions.offers.incoterms import DELIVERED
    >>> best = best_order(0.75, 1300, order_cost=8, carrying_rate=0.30, terms=DELIVERED, most=5000)
    >>> best.quantity, round(best.cost_per_year - 1300 * 0.75, 2)
    (304, 68.41)

    A price step and freight by weight; the step at 100 pieces is worth the larger stock:

    >>> truck = FreightTariff.of_steps("truck", [(0, 28, 0.9)], minimum=35, round_up_kg=1)
    >>> express = FreightTariff.of_steps("express", [(0, 6, 2)], minimum=8, round_up_kg=1)
    >>> best = best_order({1: 24.95, 100: 22.45}, 600, freight=[truck, express], weight_kg=0.62, order_cost=30)
    >>> best.quantity, best.mode, best.unit_price
    (108, 'truck', 22.45)

    .. [1] Snyder, L. V. and Shen, Z.-J. M. (2019). Fundamentals of Supply Chain Theory, 2nd ed., example 3.1. Wiley.
    """
    ladder = PriceLadder.of(price_ladder)
    tariffs = list(freight.values()) if isinstance(freight, Mapping) else list(freight)
    most = max(float(np.floor(demand_per_year)), 1.0) if most is None else float(most)
    problem = OrderProblem(
        np.zeros(len(ladder.quantities), int), np.array(ladder.quantities), np.array(ladder.prices),
        np.array([demand_per_year], float), np.array([most]), np.array([order_cost], float), carrying_rate,
        np.array([inverse_yield], float), np.array([pack]), np.array([0.0 if "freight" in terms.seller_pays else terms.free_from]),
        _modes(tariffs, weight_kg, volume_m3, terms),
    )  # fmt: skip
    check_problem(problem)
    if np.ceil(ladder.minimum / pack) * pack > most:
        months = ladder.minimum / demand_per_year * 12
        raise OrderError("costs.no_sensible_order", minimum=ladder.minimum, months=months, most=most)
    return _best_order(problem, ladder, complete=bool(tariffs) or "freight" in terms.seller_pays)


FREE_CARRIAGE = FreightTariff("", np.zeros(1), np.zeros(1), np.zeros(1))
"""Stands in where the buyer pays no carrier, or none is known."""


def _modes(
    tariffs: Sequence[FreightTariff],
    weight_kg: float | Mapping[str, float],
    volume_m3: float | Mapping[str, float],
    terms: FreightTerms,
) -> tuple[ShipmentMode, ...]:
    if "freight" in terms.seller_pays or not tariffs:
        return (ShipmentMode(FREE_CARRIAGE, 1.0),)
    return tuple(
        ShipmentMode(t, _of_mode(weight_kg, t, "weight_kg"), _of_mode(volume_m3, t, "volume_m3")) for t in tariffs
    )


def _of_mode(value: float | Mapping[str, float], tariff: FreightTariff, name: str) -> float:
    found = value.get(tariff.mode, np.nan) if isinstance(value, Mapping) else value
    if np.isnan(found) and not tariff.per_kg.any():
        return 1.0
    if not (np.isfinite(found) and found >= 0) or (name == "weight_kg" and found == 0):
        raise ValueError(f"{name}: the mode {tariff.mode!r} is charged by weight; give the {name} of a packed piece")
    return float(found)


def _best_order(problem: OrderProblem, ladder: PriceLadder, complete: bool) -> BestOrder:
    names = [way.tariff.mode or ("seller" if complete else NO_FREIGHT) for way in problem.modes]
    table = best_orders(problem, by_step=True)
    best = cheapest(table).iloc[0]
    table["mode"] = [names[place] for place in table["mode_place"]]
    table["min_quantity"] = np.array(ladder.quantities)[table["step"]]
    table["extra_per_year"] = table["cost_per_year"] - best["cost_per_year"]
    table = table.sort_values(["cost_per_year", "quantity"], ignore_index=True)
    columns = [
        "mode",
        "min_quantity",
        "unit_price",
        "quantity",
        "freight",
        "cost_per_year",
        "cost_per_piece",
        "extra_per_year",
    ]
    bought = float(problem.demand_per_year[0] * problem.inverse_yield[0])
    return BestOrder(
        int(best["quantity"]), names[int(best["mode_place"])], float(best["unit_price"]), float(best["freight"]),
        float(best["cost_per_year"]), float(best["cost_per_piece"]), bought / float(best["quantity"]), complete, table[columns],
    )  # fmt: skip
