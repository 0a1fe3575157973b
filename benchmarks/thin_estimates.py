"""Are the printed numbers sane where evidence is thin? Every estimate that feeds a decision, against worlds whose truth is known.

A world is a house of 1, 2, 3, 8 or 25 suppliers (for demand: SKUs) of which n observations are known: n = 0, 1, 2, 3, 5 or 12
deliveries, lots of 20 pieces or months. The first of them is judged; with n = 0 the others have three each. Asked of n >= 3: the
printed number lies within a factor 2 of the truth in 95 % of the worlds. Asked always: it is no more than ten times what the house
has seen. Estimates: `estimates/__init__.py` says how their means are made to exist.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
import pandas as pd

from analysis.decisions.landed_cost import cost_per_good_piece
from analysis.decisions.stock.demand import fit_demand_arrays
from analysis.estimates.defect_rate import fit_defect_rates
from analysis.estimates.lead_time import LeadTimes, fit_lead_times

COUNTS = (0, 1, 2, 3, 5, 12)
SUPPLIERS = (1, 2, 3, 8, 25)
OTHERS = 3
LOT = 20
PRICE = 10.0
NUMBERS = (
    "lead_time_median",
    "lead_time_p90",
    "open_p90",
    "defect_rate",
    "cost_per_good_piece",
    "landed_ratio",
    "demand_per_month",
)

World = tuple[float, float, float]
"""What is printed (NaN: a dash), the truth, and the largest of its kind that the house has seen."""


def counts_of(n: int, suppliers: int) -> np.ndarray:
    """Observations by supplier: n each; where the first has none, the others have some."""
    return np.array([n] + [n or OTHERS] * (suppliers - 1))


def lead_time(n: int, suppliers: int, rng: np.random.Generator, q: float, waiting: bool = False) -> World:
    """Medians of 8 to 30 days, P90 of 1.2 to 1.9 medians; `waiting`: the first supplier's orders are all open still."""
    median, spread = 15 * np.exp(0.35 * rng.standard_normal(suppliers)), rng.uniform(0.15, 0.5, suppliers)
    of = np.repeat(np.arange(suppliers), counts_of(n, suppliers))
    days = np.rint(median[of] * np.exp(spread[of] * rng.standard_normal(of.size))).clip(0)
    received = ~((of == 0) & waiting)
    days = np.where(received, days, np.rint(days * rng.uniform(0.2, 1.0, of.size)))
    truth = median[0] * np.exp(spread[0] * (0.0 if q == 0.5 else 1.2816))
    posterior = fit_lead_times(LeadTimes.of([f"s{i:02}" for i in of], days, received, resolution=1.0))
    known = posterior is not None and "s00" in posterior.suppliers
    printed = posterior.quantile(q).loc["s00", "estimate"] if known else np.nan
    return printed, truth, max(days.max(initial=0.0), 1.0)


def defects(n: int, suppliers: int, rng: np.random.Generator, number: str) -> World:
    """Suppliers of 4 % on average (beta of 25 pieces); a supplier never inspected has a lot of no pieces."""
    rate = rng.beta(1.0, 24.0, suppliers).clip(1e-4)
    lots = counts_of(n, suppliers)
    if not lots.any():
        return np.nan, rate[0], 1.0
    of = np.repeat(np.arange(suppliers), np.maximum(lots, 1))
    inspected = np.where(lots[of] > 0, LOT, 0)
    defective = rng.binomial(inspected, rate[of])
    fitted = fit_defect_rates(defective, inspected, of, sku=np.zeros(of.size, int), stage=["trial"] * of.size)
    seen = np.bincount(of, defective) / np.maximum(np.bincount(of, inspected), 1)
    if number == "defect_rate":
        return float(fitted.suppliers.mean()[0]), rate[0], max(seen.max(), 1 / LOT)
    draws = fitted.suppliers.draws(1024, rng).values[0]
    cost = cost_per_good_piece(100, PRICE, draws, freight=100.0).mean
    scale = PRICE if number == "landed_ratio" else 1.0
    return cost / scale, (PRICE + 1.0) / (1 - rate[0]) / scale, (PRICE + 1.0) / (1 - min(seen.max(), 0.9)) / scale


def demand(n: int, suppliers: int, rng: np.random.Generator) -> World:
    """20 to 300 pieces a month, months off by 20 to 60 %."""
    mean, cv = np.exp(rng.uniform(np.log(20), np.log(300), suppliers)), rng.uniform(0.2, 0.6, suppliers)
    of = np.repeat(np.arange(suppliers), counts_of(n, suppliers))
    units = np.rint(rng.gamma(1 / cv[of] ** 2, mean[of] * cv[of] ** 2))
    if not (of == 0).any():
        return np.nan, mean[0], 1.0
    fitted = fit_demand_arrays(units, np.ones(of.size), of, pd.Index(range(suppliers)))
    return float(fitted.summary()["demand_per_month"].iloc[0]), mean[0], max(units.max(), 1.0)


MAKE: dict[str, Callable[[int, int, np.random.Generator], World]] = {
    "lead_time_median": lambda n, k, rng: lead_time(n, k, rng, 0.5),
    "lead_time_p90": lambda n, k, rng: lead_time(n, k, rng, 0.9),
    "open_p90": lambda n, k, rng: lead_time(n, k, rng, 0.9, waiting=True),
    "defect_rate": lambda n, k, rng: defects(n, k, rng, "defect_rate"),
    "cost_per_good_piece": lambda n, k, rng: defects(n, k, rng, "cost_per_good_piece"),
    "landed_ratio": lambda n, k, rng: defects(n, k, rng, "landed_ratio"),
    "demand_per_month": demand,
}


def worlds(number: str, n: int, suppliers: int, count: int, seed: int = 1) -> pd.DataFrame:
    """`count` worlds: `printed truth seen within beyond`; a dash is neither within nor beyond."""
    rng = np.random.default_rng([seed, NUMBERS.index(number), n, suppliers])
    table = pd.DataFrame([MAKE[number](n, suppliers, rng) for _ in range(count)], columns=["printed", "truth", "seen"])
    ratio = table["printed"] / table["truth"]
    return table.assign(within=ratio.between(0.5, 2.0), beyond=table["printed"] > 10 * table["seen"])


def judged(count: int) -> pd.DataFrame:
    """A row a number, n and count of suppliers: shares of worlds within a factor 2, of dashes, and beyond ten times what was seen."""
    rows = []
    for number, n, suppliers in product(NUMBERS, COUNTS, SUPPLIERS):
        found = worlds(number, n, suppliers, count)
        shares = {
            "within": found["within"].mean(),
            "dash": found["printed"].isna().mean(),
            "beyond": found["beyond"].mean(),
        }
        rows.append({"number": number, "n": n, "suppliers": suppliers, "most": found["printed"].max(), **shares})
    return pd.DataFrame(rows)


def run(count: int = 10) -> list[dict]:
    """Ten worlds a cell in `make bench`; `python benchmarks/thin_estimates.py` takes 200."""
    table = judged(count)
    print(table.round(3).to_string(index=False))
    rows = []
    for number, found in table.groupby("number", sort=False):
        enough = found[found["n"] >= 3]
        least, beyond = enough["within"].min(), found["beyond"].max()
        rows.append(
            {
                "what": f"{number}: within a factor 2, n >= 3",
                "figure": f"{least:.1%}",
                "goal": ">= 95%",
                "met": least >= 0.95,
            }
        )
        rows.append(
            {"what": f"{number}: ten times what was seen", "figure": f"{beyond:.1%}", "goal": "0", "met": beyond == 0}
        )
    return rows


if __name__ == "__main__":
    print(pd.DataFrame(run(200)).to_string(index=False))
