"""Are the printed numbers sane where evidence is thin? Every estimate that feeds a decision, against worlds whose truth is known.

A world is a house of 1, 2, 3, 8 or 25 suppliers (for demand: SKUs) of which n observations are known: n = 0, 1, 2, 3, 5 or 12
deliveries, lots of 20 pieces or months. The first of them is judged; with n = 0 the others have three each. Asked of n >= 3: the
printed number lies within a factor 2 of the truth in 95 % of the worlds, or as often as anybody could who knew the law of the worlds. Asked always: it is no more than ten times what the house
has seen. Estimates: `estimates/__init__.py` says how their means are made to exist.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
import pandas as pd
from scipy import stats

from analysis.decisions.landed_cost import cost_per_good_piece
from analysis.decisions.stock.demand import fit_demand_arrays
from analysis.estimates.defect_rate import fit_defect_rates
from analysis.estimates.lead_time import LeadTimes, fit_lead_times

COUNTS = (0, 1, 2, 3, 5, 12)
SUPPLIERS = (1, 2, 3, 8, 25)
OTHERS = 3
LOT = 20
WAITED = 12
DRAWN = 4000
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


def timing(suppliers: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Median in days and spread of log days of each supplier."""
    return 15 * np.exp(0.35 * rng.standard_normal(suppliers)), rng.uniform(0.15, 0.5, suppliers)


def lead_time(n: int, suppliers: int, rng: np.random.Generator, q: float, waiting: bool = False) -> World:
    """Medians of 8 to 30 days, P90 of 1.2 to 1.9 medians; `waiting`: the first supplier's orders, placed over 12 days, are all open still."""
    of = np.repeat(np.arange(suppliers), counts_of(n, suppliers))
    received = ~((of == 0) & waiting)
    while True:  # the world as it is where none has come by now
        median, spread = timing(suppliers, rng)
        days = np.rint(median[of] * np.exp(spread[of] * rng.standard_normal(of.size))).clip(0)
        waited = np.where(received, 0.0, np.floor(rng.uniform(0, WAITED, of.size)))
        if (received | (days > waited)).all():
            break
    days = np.where(received, days, waited)
    truth = median[0] * np.exp(spread[0] * (0.0 if q == 0.5 else 1.2816))
    posterior = fit_lead_times(LeadTimes.of([f"s{i:02}" for i in of], days, received, resolution=1.0))
    known = posterior is not None and "s00" in posterior.suppliers
    printed = posterior.quantile(q).loc["s00", "estimate"] if known else np.nan
    return printed, truth, max(days.max(initial=0.0), 1.0)


def rates(suppliers: int, rng: np.random.Generator) -> np.ndarray:
    """Share of defective pieces of each supplier."""
    return rng.beta(1.0, 24.0, suppliers).clip(1e-4)


def defects(n: int, suppliers: int, rng: np.random.Generator, number: str) -> World:
    """Suppliers of 4 % on average (beta of 25 pieces); a supplier never inspected has a lot of no pieces."""
    rate = rates(suppliers, rng)
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


def sales(skus: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Pieces a month and coefficient of variation of each SKU."""
    return np.exp(rng.uniform(np.log(20), np.log(300), skus)), rng.uniform(0.2, 0.6, skus)


def demand(n: int, suppliers: int, rng: np.random.Generator) -> World:
    """20 to 300 pieces a month, months off by 20 to 60 %."""
    mean, cv = sales(suppliers, rng)
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


# ---- what the best estimate could reach ----


def attainable(number: str, n: int, count: int, seed: int = 2) -> float:
    """Share of worlds within a factor 2 for whoever knows the law of the worlds and makes the best of n observations.

    Of many truths drawn from that law, weighted by the likelihood of what was seen, the number that has most of the weight within a
    factor 2 of it.
    """
    rng = np.random.default_rng([seed, NUMBERS.index(number), n])
    return float(np.mean([_most_within_factor_2(*_told(number, n, rng)) for _ in range(count)]))


def _told(number: str, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Log truths that may be, and the log likelihood of n observations of one world's own under each."""
    if number == "defect_rate":
        own, drawn = rates(1, rng), rates(DRAWN, rng)
        return np.log(drawn), stats.binom.logpmf(rng.binomial(n * LOT, own[0]), n * LOT, drawn)
    if number == "demand_per_month":
        (mean, cv), (means, cvs) = sales(1, rng), sales(DRAWN, rng)
        units = np.maximum(np.rint(rng.gamma(1 / cv**2, mean * cv**2, n)), 0.5)[:, None]
        return np.log(means), stats.gamma.logpdf(units, 1 / cvs**2, scale=means * cvs**2).sum(axis=0)
    (median, spread), (medians, spreads) = timing(1, rng), timing(DRAWN, rng)
    truth = np.log(medians) + spreads * (0.0 if number == "lead_time_median" else 1.2816)
    if number == "open_p90":
        while True:
            waited = np.floor(rng.uniform(0, WAITED, n))
            if (np.rint(median * np.exp(spread * rng.standard_normal(n))) > waited).all():
                break
            median, spread = timing(1, rng)
        return truth, stats.norm.logsf((np.log(waited[:, None] + 0.5) - np.log(medians)) / spreads).sum(axis=0)
    days = np.log(np.maximum(np.rint(median * np.exp(spread * rng.standard_normal(n))), 0.5))[:, None]
    return truth, stats.norm.logpdf(days, np.log(medians), spreads).sum(axis=0)


def _most_within_factor_2(log_truth: np.ndarray, log_likelihood: np.ndarray) -> float:
    order = np.argsort(log_truth)
    weight = np.exp(log_likelihood - log_likelihood.max())[order]
    total = np.concatenate([[0.0], np.cumsum(weight / weight.sum())])
    until = np.searchsorted(log_truth[order], log_truth[order] + np.log(4), side="right")
    return float((total[until] - total[:-1]).max())


# ---- the table ----


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
    """Ten worlds a cell in `make bench`; `python benchmarks/thin_estimates.py` takes 200.

    Asked is 95 %, or what is attainable where that is less: of 60 pieces at 4 % nobody tells the rate to a factor 2 that often. The worst
    of all cells may fall short of it by two standard errors of a share of `count` worlds, 14 points of ten and 3 of 200: so many are said
    with the goal.
    """
    table = judged(count)
    print(table.round(3).to_string(index=False))
    rows = []
    for number, found in table.groupby("number", sort=False):
        enough = found[found["n"] >= 3].dropna(subset="most")
        best = {n: _asked(number, n, count) for n in enough["n"].unique()}
        short = enough["n"].map(best) - enough["within"]
        slack = 2 * np.sqrt(0.05 * 0.95 / count)
        worst = enough.loc[short.idxmax()]
        rows.append(
            {
                "what": f"{number}: within a factor 2, n >= 3",
                "figure": f"{worst['within']:.1%} at n = {worst['n']}, {worst['suppliers']} suppliers",
                "goal": f">= {best[worst['n']]:.0%}, by chance {100 * slack:.0f} points less",
                "met": short.max() <= slack,
            }
        )
        beyond = found["beyond"].max()
        rows.append(
            {"what": f"{number}: ten times what was seen", "figure": f"{beyond:.1%}", "goal": "0", "met": beyond == 0}
        )
    return rows


def _asked(number: str, n: int, count: int) -> float:
    """Costs hardly depend on a rate of some per cent: of them 95 % are asked."""
    known = number not in ("cost_per_good_piece", "landed_ratio")
    return min(0.95, attainable(number, n, 10 * count)) if known else 0.95


if __name__ == "__main__":
    print(pd.DataFrame(run(200)).to_string(index=False))
