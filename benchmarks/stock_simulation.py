"""Event simulation of a stock with a reorder point, day by day: the check that the formulas keep their promise.

It shares nothing with the formulas: demand is drawn day by day, the stock position is looked at every `review_days`, an
order of fixed size leaves when it is at or below the reorder point and arrives after its own lead time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class SimulatedStock:
    """What happened: `cycles` deliveries, share of them met without a stock-out, share of demand served from the shelf."""

    cycles: int
    cycle_service: float
    fill_rate: float
    average_stock: float


def simulate_stock(
    reorder_point: float,
    order_quantity: float,
    daily_demand: Callable[[np.random.Generator, int], np.ndarray],
    lead_time_days: Callable[[np.random.Generator, int], np.ndarray],
    rng: np.random.Generator,
    *,
    review_days: int = 1,
    days: int = 1500,
    streams: int = 400,
) -> SimulatedStock:
    """Simulate `streams` independent stocks for `days` days; unmet demand waits (backorders).

    `daily_demand(rng, size)` and `lead_time_days(rng, size)` draw demands of a day and whole-day lead times. A cycle counts
    as served when nothing was owed just before its delivery. The first fifth of the days warms up and is not counted.
    """
    arrivals = np.zeros((streams, days + 1))
    stock = np.full(streams, float(reorder_point + order_quantity))
    position = stock.copy()
    cycles = served = 0
    demanded = owed_new = held = 0.0
    for day in range(days):
        demand = daily_demand(rng, streams)
        before, stock = stock, stock - demand
        position = position - demand
        due = arrivals[:, day] > 0
        counted = day >= days // 5
        if counted:
            cycles, served = cycles + int(due.sum()), served + int((stock[due] >= 0).sum())
            demanded += demand.sum()
            owed_new += (np.maximum(-stock, 0) - np.maximum(-before, 0)).clip(0).sum()
            held += np.maximum(stock, 0).mean()
        stock = stock + arrivals[:, day]
        if day % review_days == 0:
            position = _order(position, reorder_point, order_quantity, arrivals, day, lead_time_days, rng)
    counted_days = days - days // 5
    return SimulatedStock(cycles, served / max(cycles, 1), 1 - owed_new / demanded, held / counted_days)


def _order(position, reorder_point, quantity, arrivals, day, lead_time_days, rng) -> np.ndarray:
    """Order as many times `quantity` as lifts the position above the reorder point; returns the new position."""
    low = np.flatnonzero(position <= reorder_point)
    if len(low):
        batches = np.floor((reorder_point - position[low]) / quantity) + 1
        arrives = day + lead_time_days(rng, len(low)).astype(int)
        within = arrives < arrivals.shape[1]
        np.add.at(arrivals, (low[within], arrives[within]), (batches * quantity)[within])
        position = position.copy()
        position[low] += batches * quantity
    return position
