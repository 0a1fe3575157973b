"""Companies whose suppliers' true levels are known for every criterion, as canonical tables: for `scorecard.py`.

A category has 8-15 suppliers. Each month a third of all suppliers get one to three orders of 5-50 pieces (a supplier's first is a
sample of 1-5 half of the time). Nothing changes in truth, only evidence grows. Facts that nobody knows are left out: one in seven at
random, or, where `hidden` is "bad", mostly those of the worse suppliers, and most inspections that found much.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit, logit
from scorecard_records import (
    FIRST,
    demand_table,
    draw_lines,
    draw_offers,
    inquiries_table,
    inspections_table,
    lead_time_quantile,
    orders_table,
    quotes_table,
    risks_table,
    suppliers_table,
)  # fmt: skip

from analysis.decisions.rating import Criterion, evidence_of
from analysis.decisions.sourcing import buying_basis, cost_sheet_of, money_draws
from analysis.estimates.draws import Draws
from analysis.rules import Rules
from analysis.simulate.records import canonical

POINTS = 400
"""Quantiles that a true lead time is taken at."""
HIDDEN, LEAST_HIDDEN, MOST_HIDDEN = 0.14, 0.05, 0.35
"""Chance that a fact is missing: at random; where the worse is hidden more, for the best supplier and for the worst."""

POPULATIONS: tuple[Callable[[np.random.Generator, int], np.ndarray], ...] = (
    lambda rng, n: rng.beta(1, 19, n).clip(1e-4),
    lambda rng, n: rng.beta(3, 57, n),
    lambda rng, n: expit(rng.normal(-3.2, 0.8, n)),
    lambda rng, n: rng.uniform(0.001, 0.12, n),
    lambda rng, n: np.where(rng.random(n) < 0.1, rng.beta(20, 80, n), rng.beta(2, 78, n)),
)
"""How defect rates are spread over a company's suppliers, one of these for each company; three of five are no beta."""

Tables = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class World:
    """A company. `tables` hold all that will ever be written down; `levels` (supplier x criterion) are true levels."""

    tables: Tables
    levels: pd.DataFrame

    def as_of(self, month: int) -> pd.Timestamp:
        """Last day of month `month`, the first being 1."""
        return FIRST + pd.DateOffset(months=month) - pd.Timedelta(days=1)

    def known(self, month: int) -> Tables:
        """The tables as they stood at the end of a month."""
        day = self.as_of(month)
        orders = self.tables["orders"]
        orders = orders[orders["ordered_on"] <= day]
        arrived = orders["received_on"] <= day
        status = pd.Series(np.where(arrived, "received", "open"), orders.index, dtype="str")
        orders = orders.assign(received_on=orders["received_on"].where(arrived), status=status)
        inspections, inquiries = self.tables["inspections"], self.tables["inquiries"]
        asked = inquiries[inquiries["asked_at"] <= day]
        asked = asked.assign(replied_at=asked["replied_at"].where(asked["replied_at"] <= day))
        seen = {
            "orders": orders,
            "inspections": inspections[inspections["inspected_on"] <= day],
            "inquiries": asked,
        }
        return self.tables | {name: table.reset_index(drop=True) for name, table in seen.items()}


def true_ratings(world: World, criteria: tuple[Criterion, ...]) -> pd.Series:
    """0-100 by the true levels of all criteria, index supplier."""
    worth = {c.name: c.weight * c.value(world.levels[c.name].to_numpy()) for c in criteria}
    return 100 * pd.DataFrame(worth, index=world.levels.index).sum(axis=1)


def make_world(seed: int, months: int, rules: Rules, categories: int = 5, hidden: str = "at random") -> World:
    """A company of `categories` categories over `months` months; the same arguments give the same company."""
    rng = np.random.default_rng([seed, 815])
    people = _suppliers(rng, categories)
    offers = draw_offers(rng, people)
    quotes, demand = quotes_table(rng, people, offers), demand_table(rng, offers)
    lines = draw_lines(rng, people, offers, months)
    orders = orders_table(people, lines)
    tables = {
        "orders": orders,
        "inspections": inspections_table(rng, lines, hidden),
        "quotes": quotes,
        "inquiries": inquiries_table(rng, people, lines),
        "suppliers": suppliers_table(people),
        "returns": canonical("returns", {}),
        "demand": demand,
        "risks": risks_table(people),
        "answers": canonical("answers", {}),
    }
    levels = _levels(people, tables, rules)
    return World(_with_gaps(rng, tables, people, hidden), levels)


def _suppliers(rng: np.random.Generator, categories: int) -> pd.DataFrame:
    """Every supplier's own truth; days are calendar days, rates shares."""
    category = np.repeat(np.arange(categories), rng.integers(8, 16, categories))
    n = len(category)
    rate = rng.choice(POPULATIONS)(rng, n)
    median = np.exp(np.log(13) + rng.normal(0, 0.2, categories)[category] + rng.normal(0, 0.35, n))
    people = pd.DataFrame(
        {
            "supplier": [f"S{i:03d}" for i in range(n)],
            "category": category,
            "defect_rate": expit(logit(rate) + rng.normal(0, 0.25, categories)[category]),
            "drifts": rng.random(n) < 0.10,
            "family": rng.choice(3, n, p=[0.5, 0.25, 0.25]),
            "median": median,
            "spread": rng.uniform(0.15, 0.5, n),
            "promised": np.round(median * rng.lognormal(np.log(1.2), 0.16, n)).clip(3),
            "price_factor": rng.lognormal(-0.05, 0.10, n),
            "reply_hours": rng.lognormal(np.log(9), 0.8, n),
            "dispute_rate": rng.beta(1.2, 800, n),
            "years": rng.integers(0, 16, n).astype(float),
            "credentials": rng.integers(1, 5, n),
            "open_risks": rng.poisson(0.7, n),
            "sales": rng.lognormal(np.log(9e4), 1.0, n),
            "credit_days": rng.choice([0, 0, 15, 30], n),
        }
    )
    return people.assign(category=[f"C{c}" for c in category], number=category)


def _levels(people: pd.DataFrame, tables: Tables, rules: Rules) -> pd.DataFrame:
    """True level of each criterion; a promise of d days is kept by a lead time that rounds to d."""
    index = pd.Index(people["supplier"])
    p = (np.arange(POINTS) + 0.5) / POINTS
    days = lead_time_quantile(people, p)
    p90 = lead_time_quantile(people, np.array([0.9]))[:, 0]
    found = {
        "lead_time": people["median"].to_numpy(),
        "lead_time_stability": p90 / people["median"].to_numpy(),
        "on_time": (days <= people["promised"].to_numpy()[:, None] + 0.5).mean(axis=1),
        "defect_rate": people["defect_rate"].to_numpy(),
        "drift": np.where(people["drifts"], 1.0, 0.5),  # even: nothing speaks for or against a worsening
        "after_sales_reply": people["reply_hours"].to_numpy(),
        "open_risks": people["open_risks"].to_numpy(float),
    }
    told = {
        name: pd.Series(e.draws.values[:, 0], e.draws.suppliers) for name, e in evidence_of(tables, FIRST, {}).items()
    }
    told |= _true_money(people, tables, days, rules) | {k: pd.Series(v, index) for k, v in found.items()}
    return pd.DataFrame({name: level.reindex(index) for name, level in told.items()}, index=index)


def _true_money(people: pd.DataFrame, tables: Tables, days: np.ndarray, rules: Rules) -> dict[str, pd.Series]:
    """Mean cost criteria over the true lead times at the true defect rate, by the cost sheet's own arithmetic."""
    names = pd.Index(people["supplier"])
    rates = Draws(names, np.repeat(people["defect_rate"].to_numpy()[:, None], POINTS, axis=1))
    basis = buying_basis(tables, FIRST, rules, "CNY", rates, Draws(names, np.rint(days)), 1)
    money = money_draws(cost_sheet_of(basis), tables["demand"])
    return {name: pd.Series(draws.values.mean(axis=1), draws.suppliers) for name, draws in money.items()}


def _with_gaps(rng: np.random.Generator, tables: Tables, people: pd.DataFrame, hidden: str) -> Tables:
    """`tables` without the facts that are hidden: market prices, disputes, years, papers, risk list, after-sales replies."""

    def gone(badness: pd.Series) -> set[str]:
        by_badness = LEAST_HIDDEN + (MOST_HIDDEN - LEAST_HIDDEN) * badness.rank(pct=True)
        lost = rng.random(len(people)) < (by_badness if hidden == "bad" else HIDDEN)
        return set(people["supplier"][lost])

    quotes, profiles = tables["quotes"], tables["suppliers"]
    unpriced = quotes["supplier"].isin(gone(people["price_factor"]))
    columns = {
        "dispute_rate_90d": people["dispute_rate"],
        "years_on_platform": -people["years"],
        "credentials": -people["credentials"],
        "sales_30d": -people["sales"],
    }
    facts = {name: profiles[name].mask(profiles["supplier"].isin(gone(bad))) for name, bad in columns.items()}
    without_risks, silent = gone(people["open_risks"]), gone(people["reply_hours"])
    return tables | {
        "quotes": quotes.assign(benchmark_price=quotes["benchmark_price"].mask(unpriced)),
        "suppliers": profiles.assign(**facts),
        "risks": tables["risks"][~tables["risks"]["supplier"].isin(without_risks)].reset_index(drop=True),
        "inquiries": tables["inquiries"][~tables["inquiries"]["supplier"].isin(silent)].reset_index(drop=True),
    }
