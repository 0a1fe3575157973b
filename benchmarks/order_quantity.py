"""Order sizes of 1,000 SKUs: price ladder x 4 modes, against the plain scan of every whole quantity.

Run `python benchmarks/order_quantity.py`. One row a claim: what, figure, peer figure, ratio, goal, met.
"""

from __future__ import annotations

import importlib.util
import time
from dataclasses import replace

import numpy as np

from analysis.decisions.landed_cost import FreightTariff
from analysis.decisions.order_quantity.scan import OrderProblem, ShipmentMode, best_orders

SKUS = 1000
TARIFFS = [
    FreightTariff.of_steps("express", [(0, 6, 2), (50, 20, 1.7)], minimum=8, round_up_kg=1, higher_step=True, transit_days=3),
    FreightTariff.of_steps("truck", [(0, 28, 0.9), (300, 28, 0.75)], minimum=35, round_up_kg=1, higher_step=True, transit_days=5),
    FreightTariff.of_steps("rail", [(0, 45, 0.6), (500, 45, 0.5)], minimum=60, round_up_kg=1, higher_step=True, transit_days=10),
    FreightTariff.of_steps("air", [(0, 0, 42), (45, 0, 34), (100, 0, 29)], minimum=320, round_up_kg=0.5, higher_step=True, transit_days=6),
]  # fmt: skip


def problem(skus: int = SKUS, seed: int = 3) -> OrderProblem:
    """Ladders of four steps, 300 to 30,000 pieces a year, pieces of 30 g to 3 kg, a year's demand at most."""
    rng = np.random.default_rng(seed)
    first = rng.choice([1, 5, 10, 50], skus)
    quantities = first[:, None] * np.array([1, 4, 20, 100])
    prices = rng.lognormal(2.5, 0.8, skus)[:, None] * np.array([1.0, 0.955, 0.90, 0.85])
    demand = rng.lognormal(8.0, 1.0, skus).clip(300, 30_000)
    weight = rng.lognormal(-1.0, 0.9, skus).clip(0.03, 3.0)
    return OrderProblem(
        np.repeat(np.arange(skus), 4), quantities.ravel(), prices.ravel(), demand,
        np.maximum(np.floor(demand), quantities[:, 0]), np.full(skus, 30.0), 0.25, np.full(skus, 1.04),
        np.ones(skus, int), np.where(rng.random(skus) < 0.3, 500.0, np.inf),
        tuple(ShipmentMode(tariff, weight, weight / 150) for tariff in TARIFFS),
    )  # fmt: skip


def plain_scan(problem: OrderProblem, sku: int) -> float:
    """Least cost over every whole quantity and mode of one SKU."""
    steps = np.flatnonzero(problem.step_sku == sku)
    quantity = np.arange(problem.step_quantity[steps[0]], int(problem.most[sku]) + 1).astype(float)
    step = steps[np.searchsorted(problem.step_quantity[steps], quantity, side="right") - 1]
    all_of = np.full(len(quantity), sku)
    return min(
        problem.cost(all_of, step, np.full(len(quantity), mode), quantity).min() for mode in range(len(problem.modes))
    )


def discounts_only(skus: int = SKUS) -> OrderProblem:
    """The same ladders delivered free: the textbook's economic order quantity with all-units discounts."""
    case = problem(skus)
    nothing = FreightTariff("", np.zeros(1), np.zeros(1), np.zeros(1))
    roomy = np.full(skus, 1e6)
    return replace(
        case, modes=(ShipmentMode(nothing, 1.0),), free_from=np.zeros(skus), most=roomy, inverse_yield=np.ones(skus)
    )


def stockpyl_discounts(case: OrderProblem) -> np.ndarray:
    """Cost a year of each SKU by stockpyl, fractions of a piece allowed; its first step begins at 0 as it requires."""
    from stockpyl.eoq import economic_order_quantity_with_all_units_discounts as discounts

    costs = []
    for sku in range(len(case)):
        rows = case.step_sku == sku
        breaks = [0, *case.step_quantity[rows][1:].tolist()]
        prices = case.step_price[rows].tolist()
        costs.append(discounts(30.0, case.carrying_rate, case.demand_per_year[sku], breaks, prices)[2])
    return np.array(costs)


def against_stockpyl() -> list[dict]:
    """Speed and agreement where stockpyl is installed; whole pieces cost up to 1e-4 more than fractions."""
    if importlib.util.find_spec("stockpyl") is None:
        return []
    case = discounts_only()
    begun = time.perf_counter()
    best = best_orders(case)["cost_per_year"].to_numpy()
    ours = time.perf_counter() - begun
    begun = time.perf_counter()
    plain = stockpyl_discounts(case)
    theirs = time.perf_counter() - begun
    above = best / plain - 1
    return [
        {"what": f"all-units discounts of {SKUS} SKUs, s, against stockpyl", "figure": ours, "peer": theirs, "ratio": theirs / ours},
        {"what": "cost above stockpyl's fractional pieces, median", "figure": float(np.median(above)), "goal": "0..1e-4", "met": bool(-1e-9 <= np.median(above) <= 1e-4)},
    ]  # fmt: skip


def run() -> list[dict]:
    case = problem()
    best_orders(problem(10))
    begun = time.perf_counter()
    best = best_orders(case)
    ours = time.perf_counter() - begun
    begun = time.perf_counter()
    plain = np.array([plain_scan(case, sku) for sku in range(SKUS)])
    theirs = time.perf_counter() - begun
    worst = float(np.abs(best["cost_per_year"].to_numpy() / plain - 1).max())
    return [
        {"what": f"{SKUS} SKUs x ladder x 4 modes, s", "figure": ours, "peer": theirs, "ratio": theirs / ours, "goal": "<= 3 s", "met": ours <= 3},
        {"what": "relative difference from every whole quantity", "figure": worst, "goal": "<= 1e-12", "met": worst <= 1e-12},
        *against_stockpyl(),
    ]  # fmt: skip


if __name__ == "__main__":
    for row in run():
        print(row)
