"""From what was known on a day to the scorecard, in one call: the notebooks' route, for past months and replays.

The notebooks take the same steps one by one and show what each of them finds; what they share with this module is every
function below, so that a month looked back on is rated exactly as it was rated then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.decisions.buying import buying_basis, cost_sheet_of, money_draws
from analysis.decisions.changes import State
from analysis.decisions.criteria import Criterion, Evidence, criteria_in_force, drift_evidence, evidence_of
from analysis.decisions.grades import Tried
from analysis.decisions.scorecard import Utilities, make_scorecard, utilities
from analysis.estimates.defect_rate import DefectRates
from analysis.estimates.defects.defect_tables import fit_lots, inspected_lots
from analysis.estimates.draws import DRAWS, Draws
from analysis.estimates.drift import drift_table, measured_pieces
from analysis.estimates.lead_time import (
    LeadTimePosterior,
    LeadTimes,
    fit_lead_times,
    lead_times,
    ordinary_days,
    usual_promise,
)
from analysis.estimates.lead_times.lead_time_calendar import best_calendar, clock_scores
from analysis.estimates.lead_times.working_days import calendar
from analysis.rules import Rules

Tables = Mapping[str, pd.DataFrame]
DELIVERY_CRITERIA = ("lead_time", "lead_time_stability", "on_time")
MONEY_CRITERIA = ("profit_margin", "cost_ratio")


@dataclass(frozen=True)
class Assessment:
    """What a month's evidence says of every supplier: the `state` it follows from, `scored` worths and the `scorecard`."""

    state: State
    scored: Utilities
    scorecard: pd.DataFrame


def assess(
    tables: Tables,
    as_of: pd.Timestamp,
    rules: Rules,
    currency: str,
    seed: int,
    clock: str = "ordered_on",
    days: str = "best",
    criteria: tuple[Criterion, ...] | None = None,
    before: pd.Series | None = None,
) -> Assessment:
    """The scorecard of the canonical `tables` as known on `as_of`, under `rules`; `clock` and `days` as in `time_orders`.

    `criteria`: with the weights that stand, where a ledger says so; else the analyst's. `before`: the month before's grades.
    """
    lots = inspected_lots(tables["orders"], tables["inspections"])
    rates = fit_lots(lots, tables["orders"])
    times = time_orders(tables["orders"], as_of, clock, days)
    posterior = fit_lead_times(times)
    defects = defect_draws(rates, seed)
    coming = predictive_draws(times, posterior, seed)
    basis = buying_basis(tables, as_of, rules, currency, defects, coming, seed)
    money = money_draws(cost_sheet_of(basis), tables["demand"])
    drift = drift_table(lots, measured_pieces(tables["orders"], tables["inspections"]), rates)
    estimated = delivery_draws(times, posterior, seed) | money
    return rate_suppliers(tables, as_of, rules, defects, estimated, drift, seed, before, criteria)


def time_orders(
    orders: pd.DataFrame,
    as_of: pd.Timestamp,
    clock: str = "ordered_on",
    days: str = "best",
    scores: pd.DataFrame | None = None,
) -> LeadTimes:
    """Lead times from `clock`, counted in `days`: a calendar's name, or "best" for the one that has foretold best so far.

    `scores`: what `clock_scores` says of that, where it has been asked already.
    """
    if days != "best":
        return lead_times(orders, as_of, clock, calendar=calendar(days))
    counted = best_calendar(clock_scores(orders, as_of, clock) if scores is None else scores)
    return lead_times(orders, as_of, clock, calendar=counted)


def rate_suppliers(
    tables: Tables,
    as_of: pd.Timestamp,
    rules: Rules,
    defects: Draws,
    estimated: Mapping[str, Draws],
    drift: pd.DataFrame,
    seed: int,
    before: pd.Series | None = None,
    criteria: tuple[Criterion, ...] | None = None,
) -> Assessment:
    """The scorecard from the estimates' draws (`estimated`: `DELIVERY_CRITERIA` and `MONEY_CRITERIA`) and the other tables.

    `before`: the month before's grades, index supplier.
    """
    category = supplier_categories(tables)
    tried = tried_so_far(tables, as_of, category.index)
    evidence = estimated_evidence(defects, estimated, tried)
    evidence |= reply_evidence(tables["inquiries"], as_of, seed) | drift_evidence(drift)
    state = State(evidence_of(tables, as_of, evidence), category, criteria or criteria_in_force(rules))
    scored = utilities(state.criteria, state.evidence, state.category, seed)
    return Assessment(state, scored, make_scorecard(scored, defects.of(scored.suppliers), tried, rules, before))


def supplier_categories(tables: Tables) -> pd.Series:
    """Every supplier met anywhere, with its category: as declared, else the one most ordered from it, else ""."""
    met = [tables[name]["supplier"] for name in ("orders", "quotes", "suppliers", "inquiries")]
    suppliers = pd.Index(np.sort(pd.concat(met).dropna().unique()), name="supplier")
    ordered = tables["orders"].dropna(subset="category").groupby("supplier")["category"]
    usual = ordered.agg(lambda words: words.value_counts().sort_index(kind="stable").idxmax())
    declared = (
        tables["suppliers"].dropna(subset="category").drop_duplicates("supplier").set_index("supplier")["category"]
    )
    return declared.reindex(suppliers).fillna(usual.reindex(suppliers)).fillna("").rename("category")


def tried_so_far(tables: Tables, as_of: pd.Timestamp, suppliers: pd.Index) -> Tried:
    """Pieces inspected, of trial orders that arrived among them, and order lines received and open, by supplier."""
    orders = tables["orders"]
    lots, lines = inspected_lots(orders, tables["inspections"]), lead_times(orders, as_of).suppliers
    arrived = lots["order_id"].isin(orders.loc[orders["status"] == "received", "order_id"])
    trials = lots[arrived & lots["stage"].ne("sample").fillna(True)]
    inspected, tried = (part.groupby("supplier")["inspected"].sum() for part in (lots, trials))
    counts = inspected, lines["received"], lines["open"], tried
    return Tried(*(count.reindex(suppliers).fillna(0).astype(int) for count in counts))


def defect_draws(rates: DefectRates | None, seed: int) -> Draws:
    """Posterior draws of each supplier's defect rate; of nobody when nothing was inspected."""
    return Draws.of_nobody() if rates is None else rates.suppliers.draws(DRAWS, np.random.default_rng([seed, 2]))


def delivery_draws(times: LeadTimes, posterior: LeadTimePosterior | None, seed: int) -> dict[str, Draws]:
    """Posterior draws of the lead-time criteria, in ordinary days for an order placed now, from the same worlds; of nobody when
    nothing was received."""
    if posterior is None:
        return dict.fromkeys(DELIVERY_CRITERIA, Draws.of_nobody())
    promised = usual_promise(times).reindex(posterior.suppliers).to_numpy()
    in_clock_days = (
        promised if times.as_of is None else times.calendar.between(times.as_of, _later(times.as_of, promised))
    )

    def draws(kind: str) -> Draws:
        return posterior.draws(kind, DRAWS, np.random.default_rng([seed, 3]), in_clock_days)

    late = draws("late_probability")
    median, p90 = (Draws(late.suppliers, ordinary_days(times, draws(kind).values)) for kind in ("median", "p90"))
    stability, on_time = Draws(median.suppliers, p90.values / median.values), Draws(late.suppliers, 1 - late.values)
    return dict(zip(DELIVERY_CRITERIA, (median, stability, on_time)))


def predictive_draws(times: LeadTimes, posterior: LeadTimePosterior | None, seed: int) -> Draws:
    """Draws of the days that a new order placed now will take, by supplier, in the worlds of `delivery_draws`; of nobody when
    nothing was received."""
    if posterior is None:
        return Draws.of_nobody()
    drawn = posterior.draws("lead_time", DRAWS, np.random.default_rng([seed, 3]))
    return Draws(drawn.suppliers, ordinary_days(times, drawn.values))


def _later(day: pd.Timestamp, days: np.ndarray) -> np.ndarray:
    """The dates `days` after `day`; missing where `days` is."""
    return (day + pd.to_timedelta(pd.Series(days), unit="D")).to_numpy()


def estimated_evidence(defects: Draws, estimated: Mapping[str, Draws], tried: Tried) -> dict[str, Evidence]:
    """The estimates as criteria, with the pieces or lines behind them; a promise never given leaves `on_time` missing.

    A cost rests on a quote of the supplier's own: one observation.
    """
    found = {"defect_rate": _known_rows(defects, tried.inspected)}
    for name, draws in estimated.items():
        own = tried.received if name in DELIVERY_CRITERIA else pd.Series(1, index=draws.suppliers)
        found[name] = _known_rows(draws, own)
    return found


def _known_rows(draws: Draws, n: pd.Series) -> Evidence:
    known = ~np.isnan(draws.values).any(axis=1)
    return Evidence(
        Draws(draws.suppliers[known], draws.values[known]), n.reindex(draws.suppliers[known]).fillna(0).astype(int)
    )


def reply_evidence(inquiries: pd.DataFrame, as_of: pd.Timestamp, seed: int) -> dict[str, Evidence]:
    """Median hours to a reply after the sale; a question still unanswered is a lower bound, like an open order."""
    asked = inquiries[inquiries["phase"] == "after-sales"]
    asked = asked[asked["asked_at"] < as_of + pd.Timedelta(days=1)]
    answered = asked["replied_at"].notna()
    until = asked["replied_at"].fillna(as_of + pd.Timedelta(days=1))
    hours = (until - asked["asked_at"]).dt.total_seconds() / 3600
    times = LeadTimes.of(asked["supplier"], np.maximum(hours, 1 / 60), answered)
    posterior = fit_lead_times(times) if len(asked) else None
    if posterior is None:
        return {}
    median = posterior.draws("median", DRAWS, np.random.default_rng([seed, 4]))
    return {"after_sales_reply": Evidence(median, asked.groupby("supplier").size())}
