"""Service by calendar month: reorder points renewed each month through a year of sales, with and without season and trend.

Houses of 11 SKUs sell as the simulated company does (a month's rate varies around the season, sales of a day by chance); each month-end the
demand is fitted to all sales so far, the reorder point holds until the next, and an order counts in the month in which it was placed.
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd

from analysis.decisions.stock import LeadTimeDemand, fit_demand, fit_demand_ahead, lead_time_nodes
from analysis.months import DAYS_A_MONTH
from analysis.simulate.market_tables import SEASON

TARGET, REVIEW, SKUS, STREAMS = 0.95, 7, 11, 40
LOG_MEAN, LOG_SD = 2.5, 0.4
FIRST = pd.Period("2026-01", "M")
WARM, AFTER = 3, 2
"""Months simulated before those that count, and after, so that the last orders come too."""


def season_of(kind: str) -> np.ndarray:
    """Factor of the 12 calendar months."""
    return np.array(SEASON) if kind == "season" else np.ones(12)


def sales_rates(kind: str, months: pd.PeriodIndex, rng: np.random.Generator) -> np.ndarray:
    """Pieces a middle month (SKU, month)."""
    base = np.exp(rng.uniform(np.log(50), np.log(300), (SKUS, 1)))
    growth = rng.normal(0.02, 0.01, (SKUS, 1)) if kind == "trend" else 0.0
    shock = np.exp(rng.normal(0, 0.12, len(months))) if kind == "shocks" else 1.0
    mean = base * season_of(kind)[months.month - 1] * np.exp(growth * np.arange(len(months))) * shock
    return mean * rng.gamma(30, 1 / 30, mean.shape)


def house(kind: str, history: int, seed: int) -> pd.DataFrame:
    """Rows `month way served cycles stock` of one house's year; `month` of the order."""
    rng = np.random.default_rng([seed, history])
    months = pd.period_range(FIRST - history - WARM, periods=history + WARM + 12 + AFTER, freq="M")
    rates = sales_rates(kind, months, rng)
    units = rng.poisson(rates * months.days_in_month.to_numpy() / DAYS_A_MONTH)
    table = pd.DataFrame(
        {
            "sku": np.repeat(np.arange(SKUS), len(months)),
            "month": np.tile(months.to_timestamp(), SKUS),
            "units": units.ravel(),
        }
    )
    quantity = np.ceil(1.5 * rates[:, :history].mean(axis=1))
    draws = rng.lognormal(LOG_MEAN, LOG_SD, (1, 4000))
    days = np.broadcast_to(lead_time_nodes(draws), (SKUS, 512))
    points: dict[str, list[np.ndarray]] = {"plain": [], "ahead": []}
    for month in months[history:]:
        as_of = (month - 1).end_time.normalize()
        for way, fit in (
            ("plain", fit_demand),
            ("ahead", lambda t, d: fit_demand_ahead(t, d, np.median(draws) + DAYS_A_MONTH)),
        ):
            demand = fit(table, as_of)
            points[way].append(
                LeadTimeDemand.of(*demand.over(days, np.arange(SKUS)), REVIEW, quantity).quantile(TARGET, 1e-5)
            )
    daily = np.repeat(rates[:, history:] / DAYS_A_MONTH, months[history:].days_in_month.to_numpy(), axis=1)
    month_of_day = np.repeat(np.arange(WARM + 12 + AFTER), months[history:].days_in_month)
    found = []
    for way, each in points.items():
        told = simulate_year(np.array(each).T, quantity, daily, month_of_day, np.random.default_rng([seed, 1]))
        found.append(told.assign(way=way))
    return pd.concat(found)


def simulate_year(points, quantity, daily, month_of_day, rng) -> pd.DataFrame:
    """Served and all deliveries by month of the order, and the mean stock, of `STREAMS` futures of each SKU."""
    days, shape = daily.shape[1], (SKUS, STREAMS)
    arrivals, ordered_in = np.zeros((*shape, days + 400)), np.zeros((*shape, days + 400), int)
    stock = points[:, :1] + quantity[:, None] * rng.random(shape)
    position, sku, stream = stock.copy(), *np.indices(shape)
    served, cycles, held = (np.zeros(WARM + 12 + AFTER) for _ in range(3))
    for day in range(days):
        sold = rng.poisson(daily[:, day, None], shape)
        stock, position = stock - sold, position - sold
        due = arrivals[..., day] > 0
        np.add.at(cycles, ordered_in[..., day][due], 1)
        np.add.at(served, ordered_in[..., day][due], stock[due] >= 0)
        held[month_of_day[day]] += np.maximum(stock, 0).sum()
        stock = stock + arrivals[..., day]
        if day % REVIEW == 0:
            point = points[:, month_of_day[day], None]
            lots = np.where(position <= point, np.floor((point - position) / quantity[:, None]) + 1, 0)
            arrives = day + np.maximum(np.ceil(rng.lognormal(LOG_MEAN, LOG_SD, shape)), 1).astype(int)
            at = lots > 0
            np.add.at(arrivals, (sku[at], stream[at], arrives[at]), (lots * quantity[:, None])[at])
            ordered_in[sku[at], stream[at], arrives[at]] = month_of_day[day]
            position = position + lots * quantity[:, None]
    table = pd.DataFrame(
        {"month": np.arange(WARM + 12 + AFTER) - WARM + 1, "served": served, "cycles": cycles, "stock": held}
    )
    return table[table["month"].between(1, 12)]


def by_month(kind: str, history: int, houses: int) -> pd.DataFrame:
    """Service by month of the order and way, all houses together; last row the year, with the mean stock of `ahead` over `plain`."""
    rows = pd.concat([house(kind, history, seed) for seed in range(houses)])
    total = rows.groupby(["month", "way"])[["served", "cycles", "stock"]].sum().unstack()
    table = total["served"] / total["cycles"]
    table.loc["year"] = total["served"].sum() / total["cycles"].sum()
    return table[["plain", "ahead"]].assign(
        stock=[
            *(total["stock"]["ahead"] / total["stock"]["plain"]),
            total["stock"]["ahead"].sum() / total["stock"]["plain"].sum(),
        ]
    )


KINDS = (("season", 24), ("season", 36), ("flat", 24), ("shocks", 24), ("trend", 24))
"""What the houses sell like, and months of sales before the year."""


def run(houses: int = 12) -> list[dict]:
    """Rows for `benchmarks/run.py`; about seven minutes of one core."""
    rows = []
    for kind, history in KINDS:
        table = by_month(kind, history, houses)
        off = 100 * (table.drop(index="year")[["plain", "ahead"]] - TARGET)
        worst = {way: off[way][off[way].abs().idxmax()] for way in off}
        bound = 1.5 if kind == "season" else 3.0
        rows.append(
            {
                "what": f"{kind}, {history} months known: service by month, furthest from the target",
                "figure": f"{worst['ahead']:+.1f} points",
                "peer": f"plain mean {worst['plain']:+.1f}",
                "goal": f"within {bound}",
                "met": abs(worst["ahead"]) <= bound,
            }
        )
    return rows


if __name__ == "__main__":
    houses = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    for kind, history in KINDS:
        table = by_month(kind, history, houses)
        print(f"{kind}, {history} months of sales before the year; {houses} houses, target {TARGET:.0%}")
        print((100 * table).round(1).T.to_string(), flush=True)
