"""The truth about each simulated supplier: how good, how fast, how dear it really is. No estimate ever sees this.

Suppliers are drawn from populations written down here; when the company has a story, the first few get a part to play.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.simulate.products import CATEGORIES, FIRST_WORDS, PRODUCTS, REGIONS, SECOND_WORDS, TRADES

FAMILIES = ("lognormal", "weibull", "gamma")
LADDER = (1, 20, 100, 500)
"""Least quantity of each price step, in pieces."""
LADDER_FACTORS = np.array([1.0, 0.955, 0.90, 0.85])
QUOTE_MONTHS = 5
"""A quote is renewed after this many rounds."""
LOT_SIZE_PARAMETER = 40.0
"""alpha + beta of the beta distribution from which each lot's own defect rate is drawn: batches differ."""

STORY: dict[str, tuple[int, dict[str, object]]] = {
    # part: (category, what is fixed about the supplier)
    "single source": (3, {"defect_rate": 0.025, "price_factor": 1.12, "entry": 0, "shape": 0.25, "median_days": 9.0, "kind": "factory"}),
    "steady household": (0, {"defect_rate": 0.012, "price_factor": 0.97, "entry": 0, "shape": 0.18, "median_days": 7.0, "promise_factor": 1.35, "kind": "factory"}),
    "steady bags": (1, {"defect_rate": 0.010, "price_factor": 0.94, "entry": 0, "shape": 0.18, "median_days": 7.5, "promise_factor": 1.35, "kind": "factory"}),
    "steady kitchen": (2, {"defect_rate": 0.015, "price_factor": 0.96, "entry": 0, "shape": 0.20, "median_days": 8.0, "promise_factor": 1.35, "kind": "factory"}),
    "cheap and bad": (0, {"defect_rate": 0.165, "price_factor": 0.72, "entry": 0, "kind": "trader"}),
    "slow": (1, {"defect_rate": 0.02, "price_factor": 0.90, "entry": 0, "median_days": 27.0, "shape": 0.35, "promise_factor": 0.6}),
    "drifter bags": (1, {"defect_rate": 0.020, "bulk_factor": 6.0, "measured_shift": -2.2, "price_factor": 0.86, "entry": 0}),
    "drifter kitchen": (2, {"defect_rate": 0.025, "bulk_factor": 5.0, "measured_shift": -2.0, "price_factor": 0.85, "entry": 0}),
    "thin evidence": (2, {"defect_rate": 0.004, "price_factor": 0.93, "median_days": 4.5, "shape": 0.15, "promise_factor": 1.5, "only_order": True}),
    "cold after-sales": (0, {"reply_hours": 0.8, "after_sales_hours": 70.0, "defect_rate": 0.045, "entry": 0}),
}  # fmt: skip
"""Parts in order of importance: a company of few suppliers has the first ones only."""


@dataclass(frozen=True)
class Truth:
    """`suppliers`: one row a supplier; `offers`: one row a supplier and SKU; `prices` (offers, quotes): CNY a piece at step 1."""

    suppliers: pd.DataFrame
    offers: pd.DataFrame
    prices: np.ndarray


def draw_truth(rng: np.random.Generator, suppliers: int, rounds: int, story: bool) -> Truth:
    """Draw a market of `suppliers` suppliers who enter over `rounds` monthly rounds."""
    parts = [(part, *spec) for part, spec in STORY.items()][: suppliers if story else 0]
    category = _categories(suppliers, parts)
    table = _populate(rng, category, rounds)
    for row, (part, _, fixed) in enumerate(parts):
        table.loc[row, ["part", *fixed]] = [part, *fixed.values()]
    table.loc[table["only_order"], "entry"] = max(rounds - 2, 0)
    table.insert(0, "supplier", _names(rng, table))
    return Truth(table, *_offers(rng, table, rounds))


def _categories(suppliers: int, parts: list) -> np.ndarray:
    """Category of each supplier: the story's first, the others in turn through all but the single-source category."""
    given = np.array([category for _, category, _ in parts], dtype=int)
    open_to_all = len(CATEGORIES) - 1 if len(parts) else len(CATEGORIES)
    return np.concatenate([given, np.arange(suppliers - len(given)) % open_to_all]).astype(int)


def _populate(rng: np.random.Generator, category: np.ndarray, rounds: int) -> pd.DataFrame:
    """Every supplier's own truth, before the story. Times in working days, replies in hours, rates as shares."""
    n = len(category)
    family = rng.choice(3, n, p=[0.5, 0.25, 0.25])
    return pd.DataFrame(
        {
            "part": pd.Series([""] * n, dtype=object),
            "category": category,
            "kind": rng.choice(np.array(["factory", "trader"], dtype=object), n, p=[0.65, 0.35]),
            "region": rng.integers(0, 4, n),
            "entry": np.where(rng.random(n) < 0.6, 0, rng.integers(0, max(rounds - 1, 1), n)),
            "only_order": False,
            "defect_rate": _defect_rates(rng, n),
            "bulk_factor": 1.0,
            "measured_shift": 0.0,
            "price_factor": rng.lognormal(0.0, 0.09, n),
            "family": np.array(FAMILIES, dtype=object)[family],
            "median_days": rng.lognormal(np.log(9.0), 0.30, n),
            "shape": rng.uniform(0.18, 0.50, n),
            "promise_factor": rng.lognormal(np.log(1.08), 0.16, n),
            "reply_hours": rng.lognormal(np.log(3.0), 0.7, n),
            "after_sales_hours": rng.lognormal(np.log(9.0), 0.8, n),
            "dispute_rate": rng.beta(1.2, 1500.0, n),
            "years": rng.integers(1, 16, n),
            "free_freight": rng.random(n) < 0.3,
            "credit_days": rng.choice([0, 0, 15, 30], n),
            "deposit_share": rng.choice([0.0, 0.0, 0.3], n),
            "mixed_batch": rng.random(n) < 0.55,
        }
    )


def _defect_rates(rng: np.random.Generator, n: int) -> np.ndarray:
    """Most suppliers between 1 % and 6 %, about one in eight between 10 % and 20 %."""
    good = np.clip(rng.lognormal(np.log(0.026), 0.55, n), 0.006, 0.07)
    return np.where(rng.random(n) < 0.12, rng.uniform(0.10, 0.20, n), good)


def _names(rng: np.random.Generator, table: pd.DataFrame) -> list[str]:
    """Invented company names, all different; one carries an emoji, as names on the platform do."""
    words = [first + second for first in FIRST_WORDS for second in SECOND_WORDS]
    order = rng.permutation(len(words))
    names = []
    for row, (category, region, kind) in enumerate(zip(table["category"], table["region"], table["kind"])):
        again = row // len(words)
        word = words[order[row % len(words)]] + (f"{again + 1}号" if again else "")
        ending = "厂" if kind == "factory" else "商行"
        names.append(f"{REGIONS[category][region]}示例{word}{TRADES[category]}{ending}")
    if len(names) > 4:
        names[4] += "😊"
    return names


def _offers(rng: np.random.Generator, table: pd.DataFrame, rounds: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Which supplier offers which SKU (two in three of its category, at least one) and at which prices."""
    category = np.array([product.category for product in PRODUCTS])
    possible = table["category"].to_numpy()[:, None] == category[None, :]
    offered = possible & (rng.random(possible.shape) < 0.66)
    favourite = np.where(possible, rng.random(possible.shape), -1.0).argmax(axis=1)
    offered[np.arange(len(table)), favourite] = True
    offered |= (
        possible & (table["part"].astype(str).str.startswith(("steady", "single", "drifter"))).to_numpy()[:, None]
    )
    once = table["only_order"].to_numpy(bool)
    offered[once] = np.arange(len(PRODUCTS)) == favourite[once, None]
    supplier, product = np.nonzero(offered)
    n = len(supplier)
    rate = np.minimum(table["defect_rate"].to_numpy()[supplier] * rng.lognormal(0.0, 0.15, n), 0.35)
    offers = pd.DataFrame(
        {
            "supplier": supplier,
            "product": product,
            "defect_rate_sample": rate,
            "defect_rate_trial": rate,
            "defect_rate_bulk": np.minimum(rate * table["bulk_factor"].to_numpy()[supplier], 0.4),
            "measured_offset": rng.normal(0.0, 0.25, n),  # in standard deviations between pieces
        }
    )
    return offers, _prices(rng, table, supplier, product, rounds)


def _prices(
    rng: np.random.Generator, table: pd.DataFrame, supplier: np.ndarray, product: np.ndarray, rounds: int
) -> np.ndarray:
    """Price at the first step, by offer and quote; prices creep up by about one per cent a renewal."""
    benchmark = np.array([p.benchmark_price for p in PRODUCTS])[product]
    first = benchmark * table["price_factor"].to_numpy()[supplier] * rng.lognormal(0.0, 0.02, len(supplier))
    steps = rng.normal(0.01, 0.02, (len(supplier), rounds // QUOTE_MONTHS + 1))
    steps[:, 0] = 0.0
    return first[:, None] * np.exp(np.cumsum(steps, axis=1))
