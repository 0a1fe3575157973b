"""From what was known on a day to the scorecard, in one call: the notebooks' route, for past months and replays.

The notebooks take the same steps one by one and show what each of them finds; what they share with this module is every
function below, so that a month looked back on is rated exactly as it was rated then.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.decisions.price_evidence import capped_prices
from analysis.decisions.rating import (
    Criterion,
    CriterionEvidence,
    RatingInputs,
    TrialCounts,
    Worths,
    criteria_in_force,
    drift_evidence,
    evidence_of,
    make_scorecard,
    worths,
)
from analysis.decisions.sourcing import buying_basis, cost_sheet_of, money_draws, price_traps
from analysis.estimates.batches import sample_batches
from analysis.estimates.defect_rate import (
    USUAL_LOT_CORRELATION,
    DefectRates,
    FoundShare,
    bulk_draws,
    defect_draws,
    fit_lots,
    inspected_lots,
)
from analysis.estimates.draws import DRAWS, Draws
from analysis.estimates.drift import drift_table, measured_pieces
from analysis.estimates.lead_time import (
    DELIVERY_CRITERIA,
    KnownAhead,
    LeadTimePosterior,
    LeadTimes,
    delivery_draws,
    fit_lead_times,
    lead_times,
    predictive_draws,
    shutdowns_in,
    time_orders,
)
from analysis.rules import Rules

Tables = Mapping[str, pd.DataFrame]
MONEY_CRITERIA = ("profit_margin", "cost_ratio")


@dataclass(frozen=True)
class MonthFits:
    """What was learned of a month's lots and deliveries; None where there was nothing to learn from."""

    lots: pd.DataFrame
    rates: DefectRates | None
    times: LeadTimes
    deliveries: LeadTimePosterior | None


def fit_month(
    tables: Tables, as_of: pd.Timestamp, rules: Rules, clock: str = "ordered_on", days: str = "best"
) -> MonthFits:
    """The fits behind a month's forecasts and ratings; `clock` and `days` as in `time_orders`."""
    lots = inspected_lots(tables["orders"], tables["inspections"])
    times = time_orders(tables["orders"], as_of, clock, days, shutdowns=shutdowns_ahead(rules, tables["suppliers"]))
    return MonthFits(lots, fit_lots(lots, tables["orders"]), times, fit_lead_times(times))


@dataclass(frozen=True)
class Assessment:
    """What a month's evidence says of every supplier: the `state` it follows from, `scored` worths and the `scorecard`; the `drift`; how
    alike pieces of one lot are and `samples` (`sample_batches`) where lots were fitted on the way (`assess`)."""

    state: RatingInputs
    scored: Worths
    scorecard: pd.DataFrame
    drift: pd.DataFrame
    lot_correlation: float | None = None
    samples: pd.DataFrame | None = None


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
    fits: MonthFits | None = None,
) -> Assessment:
    """The scorecard of the canonical `tables` as known on `as_of`, under `rules`; `clock` and `days` as in `time_orders`.

    `criteria`: with the weights that stand, where a ledger says so; else the analyst's. `before`: the month before's grades.
    `fits`: of this month, where somebody has made them.
    """
    fits = fits or fit_month(tables, as_of, rules, clock, days)
    lots, times, posterior = fits.lots, fits.times, fits.deliveries
    found = rules.read("missed_defects", FoundShare)
    defects = defect_draws(fits.rates, seed, found)
    coming = predictive_draws(times, posterior, seed)
    measured = measured_pieces(tables["orders"], tables["inspections"])
    drift = drift_table(lots, measured, fits.rates)
    bulk = bulk_draws(lots, tables["orders"], drift, seed, found)
    alike = fits.rates.lot_correlation if fits.rates else USUAL_LOT_CORRELATION
    basis = buying_basis(tables, as_of, rules, currency, bulk, coming, seed, alike)
    money = money_draws(cost_sheet_of(basis), tables["demand"])
    estimated = delivery_draws(times, posterior, seed) | money
    rated = rate_suppliers(tables, as_of, rules, defects, estimated, drift, seed, before, criteria, basis.traps)
    return replace(rated, lot_correlation=alike, samples=sample_batches(lots, measured, fits.rates))


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
    traps: Collection[tuple[str, str]] | None = None,
) -> Assessment:
    """The scorecard from the estimates' draws (`estimated`: `DELIVERY_CRITERIA` and `MONEY_CRITERIA`) and the other tables.

    `before`: the month before's grades, index supplier. `traps`: the `price_traps`, where they were found already.
    """
    category = supplier_categories(tables)
    tried = tried_so_far(tables, as_of, category.index)
    evidence = estimated_evidence(defects, estimated, tried)
    evidence |= reply_evidence(tables["inquiries"], as_of, seed) | drift_evidence(drift)
    criteria = criteria or criteria_in_force(rules)
    traps = price_traps(tables, as_of, rules) if traps is None else traps
    trapping = sorted({supplier for supplier, _ in traps})
    told = capped_prices(evidence_of(tables, as_of, evidence), criteria, trapping)
    state = RatingInputs(told, category, criteria)
    scored = worths(state.criteria, state.evidence, state.category, seed)
    return Assessment(state, scored, make_scorecard(scored, defects.of(scored.suppliers), tried, rules, before), drift)


def shutdowns_ahead(rules: Rules, suppliers: pd.DataFrame) -> KnownAhead:
    """When factories will stand still: the house's rule, and what `suppliers` state of themselves."""
    return KnownAhead.of(shutdowns_in(rules["shutdowns"]), suppliers)


def grades_of(scorecard: pd.DataFrame) -> pd.Series:
    """The grades, index supplier."""
    return scorecard.set_index("supplier")["grade"]


def same_rules(first: Rules, second: Rules) -> bool:
    """Whether the same entries are in force in both months; their months of beginning are part of them."""
    return dict(first.sections) == dict(second.sections)


def supplier_categories(tables: Tables) -> pd.Series:
    """Every supplier met anywhere, with its category: as declared, else the one most ordered from it, else that of most articles that it
    quotes, else ""."""
    met = [tables[name]["supplier"] for name in ("orders", "quotes", "suppliers", "inquiries")]
    suppliers = pd.Index(np.sort(pd.concat(met).dropna().unique()), name="supplier")
    usual = _most_frequent(tables["orders"])
    declared = (
        tables["suppliers"].dropna(subset="category").drop_duplicates("supplier").set_index("supplier")["category"]
    )
    found = declared.reindex(suppliers).fillna(usual.reindex(suppliers)).fillna(_quoted_in(tables).reindex(suppliers))
    return found.fillna("").rename("category")


def _quoted_in(tables: Tables) -> pd.Series:
    """The category of most articles that a supplier quotes, as our articles or orders name it."""
    named = [tables[name][["sku", "category"]] for name in ("articles", "orders") if name in tables]
    of_sku = pd.concat(named).dropna().drop_duplicates("sku").set_index("sku")["category"]
    quoted = tables["quotes"][["supplier", "sku"]].drop_duplicates()
    return _most_frequent(quoted.assign(category=quoted["sku"].map(of_sku))).astype("str")  # also where nobody quotes


def _most_frequent(rows: pd.DataFrame) -> pd.Series:
    """The category of most rows of each supplier, of equals the first by name."""
    counts = (
        rows.dropna(subset=["supplier", "category"]).groupby(["supplier", "category"]).size().reset_index(name="rows")
    )
    first = counts.sort_values(["rows", "category"], ascending=[False, True]).drop_duplicates("supplier")
    return first.set_index("supplier")["category"]


def tried_so_far(tables: Tables, as_of: pd.Timestamp, suppliers: pd.Index) -> TrialCounts:
    """Pieces inspected and defective, of trial orders that arrived among them, and order lines received and open, by supplier."""
    orders = tables["orders"]
    lots, lines = inspected_lots(orders, tables["inspections"]), lead_times(orders, as_of).suppliers
    arrived = lots["order_id"].isin(orders.loc[orders["status"] == "received", "order_id"])
    trials = lots[arrived & lots["stage"].ne("sample").fillna(True)]
    inspected, tried = (part.groupby("supplier")["inspected"].sum() for part in (lots, trials))
    defective = lots.groupby("supplier")["defective"].sum()
    counts = inspected, defective, lines["received"], lines["open"], tried
    return TrialCounts(*(count.reindex(suppliers).fillna(0).astype(int) for count in counts))


def estimated_evidence(
    defects: Draws, estimated: Mapping[str, Draws], tried: TrialCounts
) -> dict[str, CriterionEvidence]:
    """The estimates as criteria, with the pieces or lines behind them; a promise never given leaves `on_time` missing.

    A cost rests on a quote of the supplier's own: one observation.
    """
    found = {"defect_rate": _known_rows(defects, tried.inspected)}
    for name, draws in estimated.items():
        own = tried.received if name in DELIVERY_CRITERIA else pd.Series(1, index=draws.suppliers)
        found[name] = _known_rows(draws, own)
    return found


def _known_rows(draws: Draws, n: pd.Series) -> CriterionEvidence:
    known = ~np.isnan(draws.values).any(axis=1)
    return CriterionEvidence(
        Draws(draws.suppliers[known], draws.values[known]), n.reindex(draws.suppliers[known]).fillna(0).astype(int)
    )


def reply_evidence(inquiries: pd.DataFrame, as_of: pd.Timestamp, seed: int) -> dict[str, CriterionEvidence]:
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
    return {"after_sales_reply": CriterionEvidence(median, asked.groupby("supplier").size())}
