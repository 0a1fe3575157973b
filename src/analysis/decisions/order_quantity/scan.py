"""The exact scan behind the order size: every whole quantity x price step x mode, for many SKUs at once.

Cost a year of ordering q pieces at a time, with demand of D good pieces a year and y pieces to buy for a good one:

    J(q, mode) = D y [(K + F(q)) / q + c(q) (1 + i t)] + h / 2 [c(q) q + F(q)],

K the cost of an order, F the freight of the shipment (`freight_tariff`; 0 once the goods are worth what the seller delivers
free from), c the ladder's price, h the carrying rate a year on stock at its landed value, i t the same rate for the days on the
road. Freight steps and rounded weights make J jump, so that the economic order quantity is not its minimum. The scan is over
all whole q, but most are ruled out at once: within one price step and one piece a + b w of the tariff,

    J(q) >= D y [(K + a) / q + c (1 + i t) + b w] + h / 2 [(c + b w) q + a],

whose values below the best q found so far form an interval known in closed form. Only whole q in such intervals are evaluated.
What this is not: demand is taken as steady and known; uncertain demand and its stock are `stock.py`, one-off purchases `one_off.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from analysis.decisions.landed_cost import FreightTariff

DAYS_A_YEAR = 365.0
CHUNK = 2_000_000
"""Quantities evaluated at a time."""
MOST_TRIED = 200_000
"""Quantities tried of a run; of a longer one they lie evenly apart, which misses no more than the freight's last rounding."""


@dataclass(frozen=True)
class ShipmentMode:
    """One way to ship every SKU of a problem: a tariff, and weight and volume of a packed piece by SKU (arrays, or numbers).

    NaN weight: an SKU cannot go by this mode.
    """

    tariff: FreightTariff
    weight_kg: np.ndarray | float
    volume_m3: np.ndarray | float = 0.0

    def charge(self, sku: np.ndarray, quantity: np.ndarray) -> np.ndarray:
        """Freight of `quantity` pieces of each SKU, by its tariff and free-freight terms."""
        weight, volume = self.of(sku)
        return self.tariff.charge(weight * quantity, volume * quantity)

    def of(self, sku: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Weight and volume of a piece of each of `sku`."""
        size = int(sku.max(initial=-1)) + 1
        pair = (np.broadcast_to(part, (max(size, np.size(part)),)) for part in (self.weight_kg, self.volume_m3))
        weight, volume = (np.asarray(part, float)[sku] for part in pair)
        return weight, volume

    def kilos_a_piece(self, sku: np.ndarray) -> np.ndarray:
        """Weight that the tariff charges for a piece of each SKU, kg."""
        return self.tariff.unrounded_kg(*self.of(sku))


@dataclass(frozen=True)
class OrderProblem:
    """Offers whose order size is to be found, one an SKU: arrays (SKU,), ladders flattened into steps.

    `step_sku step_quantity step_price` one entry a price step, by SKU and quantity. `demand_per_year` good pieces, `most`
    pieces that may be bought at once, `pack` pieces an order must be a multiple of, `free_from` goods' value from which the
    seller pays the freight (inf: never, 0: always). `carrying_rate` a year.
    """

    step_sku: np.ndarray
    step_quantity: np.ndarray
    step_price: np.ndarray
    demand_per_year: np.ndarray
    most: np.ndarray
    order_cost: np.ndarray
    carrying_rate: float
    inverse_yield: np.ndarray
    pack: np.ndarray
    free_from: np.ndarray
    modes: tuple[ShipmentMode, ...] = field(default=())

    def __len__(self) -> int:
        return len(self.demand_per_year)

    def cost(self, sku: np.ndarray, step: np.ndarray, mode: np.ndarray, quantity: np.ndarray) -> np.ndarray:
        """J a year, elementwise; `mode` a place in `modes`. The definition that everything else bounds."""
        price = self.step_price[step]
        freight, transit = np.empty(len(quantity)), np.empty(len(quantity))
        for place, way in enumerate(self.modes):
            rows = mode == place
            freight[rows] = way.charge(sku[rows], quantity[rows])
            transit[rows] = way.tariff.transit_days / DAYS_A_YEAR
        freight[price * quantity >= self.free_from[sku]] = 0.0
        bought = self.demand_per_year[sku] * self.inverse_yield[sku]
        a_year = (self.order_cost[sku] + freight) / quantity + price * (1 + self.carrying_rate * transit)
        return bought * a_year + self.carrying_rate / 2 * (price * quantity + freight)


@dataclass(frozen=True)
class _Segments:
    """Runs of quantities `low..high` (multiples of the pack) of one SKU, step and mode, with their bound al / q + be + ga q."""

    sku: np.ndarray
    step: np.ndarray
    mode: np.ndarray
    low: np.ndarray
    high: np.ndarray
    alpha: np.ndarray
    beta: np.ndarray
    gamma: np.ndarray

    def only(self, rows: np.ndarray) -> _Segments:
        return _Segments(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


def best_orders(problem: OrderProblem, *, by_step: bool = False) -> pd.DataFrame:
    """The cheapest order of every SKU, exactly.

    Returns
    -------
    DataFrame
        `place quantity mode_place step unit_price cost_per_year cost_per_piece freight`: one row an SKU (`place` in the
        problem), sorted; or with `by_step` one row for each SKU, price step and mode that can be ordered at all. SKUs without
        any permitted order (the minimum above `most`) are absent. `cost_per_piece` is a year's cost over the good pieces of
        the year. Of equal costs the smaller order wins, then the earlier mode.
    """
    segments = _segments(problem)
    group = segments.sku
    if by_step:
        group = segments.step * max(len(problem.modes), 1) + segments.mode
    bound = _first_bound(problem, segments, group)
    low, high = _interval(segments, bound[group])
    found = [_best_of(problem, segments.only(rows), low[rows], high[rows], group[rows]) for rows in _chunks(low, high)]
    best = _least(pd.concat(found, ignore_index=True)) if found else _evaluated(problem, *([np.empty(0, int)] * 5))
    return _columns(problem, best)


def cheapest(by_step: pd.DataFrame) -> pd.DataFrame:
    """The best row of each SKU from the best of each step and mode; of equal costs the smaller order, then the earlier mode."""
    return _least(by_step.assign(group=by_step["place"])).drop(columns="group").reset_index(drop=True)


def _segments(problem: OrderProblem) -> _Segments:
    """Every price step x mode x piece of the tariff, and the delivered part of each step where freight is free."""
    steps = np.arange(len(problem.step_sku))
    sku = problem.step_sku
    follows = np.r_[sku[1:] == sku[:-1], False]
    last = np.where(follows, np.r_[problem.step_quantity[1:] - 1, 0], problem.most[sku]).astype(float)
    last = np.minimum(last, problem.most[sku])
    free = np.ceil(problem.free_from[sku] / problem.step_price - 1e-9)
    parts = [
        part
        for place, way in enumerate(problem.modes)
        for part in _mode_segments(problem, place, way, steps, last, free)
    ]
    merged = _Segments(*(np.concatenate([getattr(p, name) for p in parts]) for name in _Segments.__dataclass_fields__))
    pack = problem.pack[merged.sku]
    low, high = np.ceil(merged.low / pack - 1e-9) * pack, np.floor(merged.high / pack + 1e-9) * pack
    moved = _Segments(merged.sku, merged.step, merged.mode, low, high, merged.alpha, merged.beta, merged.gamma)
    return moved.only(high >= low)


def _mode_segments(
    problem: OrderProblem, place: int, way: ShipmentMode, steps: np.ndarray, last: np.ndarray, free: np.ndarray
) -> Iterator[_Segments]:
    """Segments of one mode: where weight may fall into each piece of the tariff (rounding makes them overlap), and the free part."""
    sku, start = problem.step_sku, problem.step_quantity.astype(float)
    kilos = way.kilos_a_piece(sku)
    slack = way.tariff.round_up_kg
    ends = np.r_[way.tariff.from_kg[1:], np.inf]
    for begin, end, fixed, each in zip(way.tariff.from_kg, ends, way.tariff.fixed, way.tariff.per_kg):
        low = np.maximum(start, np.floor((begin - slack) / kilos))
        high = np.minimum(np.minimum(last, np.ceil(end / kilos)), np.maximum(free - 1, 0))
        yield _bounded(problem, place, way, steps, low, high, fixed, each * kilos, ~np.isnan(kilos))
    yield _bounded(problem, place, way, steps, np.maximum(start, free), last, 0.0, 0.0 * start, ~np.isnan(kilos))


def _bounded(
    problem: OrderProblem,
    place: int,
    way: ShipmentMode,
    steps: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    fixed: float,
    each: np.ndarray,
    usable: np.ndarray,
) -> _Segments:
    """Runs with the coefficients of their lower bound; `fixed` and `each` (a piece) of the freight."""
    sku, price = problem.step_sku, problem.step_price
    bought = problem.demand_per_year[sku] * problem.inverse_yield[sku]
    rate = problem.carrying_rate
    transit = 1 + rate * way.tariff.transit_days / DAYS_A_YEAR
    alpha = bought * (problem.order_cost[sku] + fixed)
    beta = bought * (price * transit + each) + rate / 2 * fixed
    gamma = rate / 2 * (price + each)
    some = usable & (high >= low)
    mode = np.full(len(steps), place)
    return _Segments(*(part[some] for part in (sku, steps, mode, low, high, alpha, beta, gamma)))


def _first_bound(problem: OrderProblem, segments: _Segments, group: np.ndarray) -> np.ndarray:
    """A cost that can be had in each group: the best of every segment's ends and the bottom of its bound."""
    bound = np.full(int(group.max(initial=-1)) + 1, np.inf)
    pack = problem.pack[segments.sku]
    bottom = np.round(np.sqrt(segments.alpha / segments.gamma) / pack) * pack
    for quantity in (segments.low, segments.high, np.clip(bottom, segments.low, segments.high)):
        np.minimum.at(bound, group, problem.cost(segments.sku, segments.step, segments.mode, quantity))
    return bound


def _interval(segments: _Segments, bound: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Quantities of each segment whose lower bound does not exceed `bound`: gamma q^2 + (beta - bound) q + alpha <= 0."""
    room = bound * (1 + 1e-12) - segments.beta
    inside = room**2 - 4 * segments.alpha * segments.gamma
    root = np.sqrt(np.maximum(inside, 0.0))
    low = np.maximum(segments.low, np.floor((room - root) / (2 * segments.gamma)) - 1)
    high = np.minimum(segments.high, np.ceil((room + root) / (2 * segments.gamma)) + 1)
    return low, np.where((inside >= -1e-9 * room**2) & (room >= 0), high, low - 1)


def _chunks(low: np.ndarray, high: np.ndarray) -> list[np.ndarray]:
    """Segments with something left to try, in lots of about `CHUNK` quantities to bound memory."""
    rows = np.flatnonzero(high >= low)
    if not len(rows):
        return []
    lots = np.cumsum(np.minimum(high[rows] - low[rows] + 1, MOST_TRIED + 1)) // CHUNK
    return np.split(rows, np.flatnonzero(np.diff(lots)) + 1)


def _best_of(
    problem: OrderProblem, segments: _Segments, low: np.ndarray, high: np.ndarray, group: np.ndarray
) -> pd.DataFrame:
    """The best quantity of each group among all multiples of the pack in the intervals."""
    pack = problem.pack[segments.sku]
    first = np.ceil(low / pack - 1e-9)
    every = np.maximum(np.floor(high / pack + 1e-9) - first + 1, 0).astype(int)
    apart = -(-every // MOST_TRIED)
    count = np.where(apart > 1, -(-every // np.maximum(apart, 1)) + 1, every)
    which = np.repeat(np.arange(len(low)), count)
    offset = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
    quantity = (first[which] + np.minimum(offset * apart[which], every[which] - 1)) * pack[which]
    tried = _evaluated(problem, segments.sku[which], segments.step[which], segments.mode[which], quantity, group[which])
    return _least(tried)


def _evaluated(
    problem: OrderProblem, sku: np.ndarray, step: np.ndarray, mode: np.ndarray, quantity: np.ndarray, group: np.ndarray
) -> pd.DataFrame:
    cost = problem.cost(sku, step, mode, quantity) if len(sku) else np.empty(0)
    return pd.DataFrame(
        {"group": group, "place": sku, "step": step, "mode_place": mode, "quantity": quantity, "cost_per_year": cost}
    )


def _least(tried: pd.DataFrame) -> pd.DataFrame:
    """The cheapest row of each group; costs that differ only by rounding are equal."""
    least = tried.groupby("group")["cost_per_year"].transform("min")
    near = tried[tried["cost_per_year"] <= least * (1 + 1e-12)]
    return near.sort_values(["group", "quantity", "mode_place"], kind="stable").drop_duplicates("group")


def _columns(problem: OrderProblem, best: pd.DataFrame) -> pd.DataFrame:
    best = best.sort_values(["place", "step", "mode_place"]).reset_index(drop=True)
    sku, quantity = best["place"].to_numpy(int), best["quantity"].to_numpy(float)
    freight = np.zeros(len(best))
    for place, way in enumerate(problem.modes):
        rows = (best["mode_place"] == place).to_numpy()
        freight[rows] = way.charge(sku[rows], quantity[rows])
    price = problem.step_price[best["step"].to_numpy(int)]
    freight[price * quantity >= problem.free_from[sku]] = 0.0
    best["unit_price"], best["freight"] = price, freight
    best["cost_per_piece"] = best["cost_per_year"] / problem.demand_per_year[sku]
    columns = ["place", "quantity", "mode_place", "step", "unit_price", "cost_per_year", "cost_per_piece", "freight"]
    return best[columns].astype({"quantity": int})


def check_problem(problem: OrderProblem) -> OrderProblem:
    """The problem if its numbers make sense; `ValueError` naming the first that does not."""
    positive: dict[str, np.ndarray | float] = {
        "demand_per_year": problem.demand_per_year, "price_ladder": problem.step_price, "pack": problem.pack,
        "carrying_rate": problem.carrying_rate, "most": problem.most,
    }  # fmt: skip
    for name, value in positive.items():
        if not np.all(np.isfinite(value) & (np.asarray(value) > 0)):
            raise ValueError(f"{name}: finite and above 0 is needed, got {value}")
    if not np.all(problem.inverse_yield >= 1) or not np.all(np.isfinite(problem.inverse_yield)):
        raise ValueError(f"inverse_yield: 1 or more pieces are bought for a good one, got {problem.inverse_yield}")
    if not np.all(np.isfinite(problem.order_cost) & (problem.order_cost >= 0)):
        raise ValueError(f"order_cost: 0 or more is needed, got {problem.order_cost}")
    if np.any(np.diff(problem.step_sku) < 0):
        raise ValueError("step_sku: the steps stand in order of SKU")
    same = np.diff(problem.step_sku) == 0
    if np.any(np.diff(problem.step_quantity)[same] <= 0) or np.any(np.diff(problem.step_price)[same] > 0):
        raise ValueError("price_ladder: within an SKU quantities rise and prices never do; ask the supplier")
    for way in problem.modes:
        if np.any(np.asarray(way.weight_kg) <= 0) or not np.all(np.asarray(way.volume_m3) >= 0):
            raise ValueError(
                f"weight_kg: a piece weighs more than 0 (NaN: not by {way.tariff.mode}), volume_m3 is 0 or more"
            )
    if not np.all(problem.step_quantity >= 1) or not np.all(problem.pack == np.round(problem.pack)):
        raise ValueError("price_ladder, pack: whole pieces, 1 or more, are needed")
    return problem
