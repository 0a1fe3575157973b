"""How many pieces of each expected lot to inspect, how many defectives to allow, and why.

Three plans stand side by side: the one of ISO 2859-1 (`iso2859`), the limiting-quality plan for an isolated lot
(`sampling_plan`) and the one that costs least given what is known of the supplier (`inspection_cost`). `recommend_plans`
chooses by a rule that a buyer can follow:

1. a supplier whose lots the switching rules have discontinued, a lot of up to `inspect_all_up_to` pieces, or a sample or trial order of
   up to `trials_all_up_to`: every piece;
2. a trial order, or a supplier of whom nothing has been inspected, is an isolated lot: the limiting-quality plan, or the
   cheapest plan where that one looks at more pieces;
3. a bulk order from a supplier with evidence: the cheapest plan, which may be none or all;
4. a supplier under tightened inspection: no fewer pieces than the standard's tightened plan, and by its acceptance number.

Goods of a risky category (`RiskyGoods`) are inspected by limits of their own, and every lot of them as an isolated one.

The switching rules see the supplier's trial and bulk lots in order of inspection (`lot_history`); only bulk lots count as steady
production, so that nobody comes to reduced inspection by trial orders.

Severities are judged separately: no critical defect is ever allowed; the acceptance number is for major ones; minor ones
are allowed as many as a process at their AQL shows with 95 %.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Annotated, Any

import numpy as np
import pandas as pd
from scipy import special, stats

from analysis.allowed import Chance, ListOf, OneOf, Pieces, Text
from analysis.decisions.inspection_plan.inspection_cost import CostPlan, LotRate, cheapest_plan, evaluate_plan
from analysis.decisions.inspection_plan.iso2859 import (
    Edition,
    State,
    Switching,
    iso2859_plan,
    severity_from_history,
    tables,
)
from analysis.decisions.inspection_plan.sampling_plan import (
    CURVE_POINTS,
    PIECE_BY_PIECE,
    SamplingPlan,
    defectives_at,
    limiting_quality_plan,
    operating_curve,
)
from analysis.estimates.defect_rate import USUAL_LOT_CORRELATION, inspected_lots
from analysis.estimates.draws import Draws
from analysis.reasons import reason
from analysis.sources.folding import words_in

__all__ = [
    "InspectionRule",
    "LotRate",
    "RiskyGoods",
    "SamplingPlan",
    "cheapest_plan",
    "class_plans",
    "iso2859_plan",
    "limiting_quality_plan",
    "operating_curves",
    "p_bad_lot_accepted",
    "recommend_plans",
    "severity_from_history",
]

ISOLATED = ("sample", "trial")
"""Stages whose lots belong to no series."""
MINOR_PRODUCER_RISK = 0.05
LEAST_CORRELATION = 1e-3
"""Lots that differ less than this are as good as one."""


@dataclass(frozen=True)
class InspectionRule:
    """What the house asks of incoming inspection, section `inspection` of the rules; shares are fractions, AQLs percent as in the standard."""

    limiting_quality: Chance
    consumer_risk: Chance
    inspect_all_up_to: Pieces
    level: Annotated[str, OneOf(tuple(tables()["levels"]))]
    aql_major: Annotated[float, OneOf(tuple(tables()["aql"]))]
    aql_minor: Annotated[float, OneOf(tuple(tables()["aql"]))]
    edition: Edition
    trials_all_up_to: Pieces


@dataclass(frozen=True)
class RiskyGoods:
    """Section `risky_goods`: goods whose defects no price pays for, by words in the name of their category, and what holds for their lots instead."""

    categories: Annotated[tuple[str, ...], ListOf(Text(100))]
    limiting_quality: Chance
    inspect_all_up_to: Pieces

    def are(self, category: object) -> bool:
        """Whether goods of `category` are such; those of none are not."""
        return bool(words_in(category, self.categories))

    def stricter(self, rule: InspectionRule) -> InspectionRule:
        """The house's rule as it holds for them: never looser than for other goods."""
        return replace(
            rule,
            limiting_quality=min(rule.limiting_quality, self.limiting_quality),
            inspect_all_up_to=max(rule.inspect_all_up_to, self.inspect_all_up_to),
        )


def class_plans(lot_size: int, rule: InspectionRule, severity: State = "normal") -> dict[str, SamplingPlan]:
    """The standard's plan for each class of defect; critical: none allowed in the larger of the other two samples."""
    kind = "tightened" if severity == "discontinued" else severity
    major, minor = (iso2859_plan(lot_size, rule.level, a, kind, rule.edition) for a in (rule.aql_major, rule.aql_minor))
    return {"critical": SamplingPlan(max(major.sample_size, minor.sample_size), 0, 1), "major": major, "minor": minor}


def operating_curves(lot_size: int, plans: Mapping[str, SamplingPlan]) -> pd.DataFrame:
    """The curves of several plans for one lot, long form for a plot: `plan` and the columns of `operating_curve`."""
    curves = [operating_curve(plan, lot_size).assign(plan=name) for name, plan in plans.items()]
    return pd.concat(curves, ignore_index=True)[["plan", "defectives", "defect_rate", "p_accept", "outgoing_rate"]]


def p_bad_lot_accepted(plan: SamplingPlan, lot_size: int, lot_rate: LotRate, limiting_quality: float) -> float:
    """Probability that the next lot is at the limiting quality or worse *and* the plan lets it pass."""
    least = defectives_at(lot_size, limiting_quality)
    if lot_size > PIECE_BY_PIECE:
        return _p_bad_large_lot_accepted(plan, lot_size, lot_rate, least)
    chance, _ = lot_rate.predictive(lot_size, lot_size)
    bad = np.arange(least, lot_size + 1)
    return float(chance[bad] @ plan.p_accept(lot_size, bad))


def _p_bad_large_lot_accepted(plan: SamplingPlan, lot_size: int, lot_rate: LotRate, least: int) -> float:
    """The same where pieces are so many that the lot's share of defectives is its rate: over cells of it, closest at the limit."""
    edges = (least - 0.5 + (lot_size + 0.5 - least) * np.linspace(0, 1, CURVE_POINTS + 1) ** 2) / lot_size
    edges = np.minimum(edges, 1.0)
    below = special.betainc(lot_rate.alpha, lot_rate.beta, edges[:, None]) @ lot_rate.weights
    middle = np.clip(np.round(lot_size * (edges[1:] + edges[:-1]) / 2), least, lot_size).astype(int)
    return float(np.diff(below) @ plan.p_accept(lot_size, middle))


def accept_minor(sample_size: int, accept_major: int, aql_minor: float) -> int:
    """Minor defectives allowed among `sample_size`: what a process at the AQL stays within with 95 %."""
    at_aql = stats.binom.ppf(1 - MINOR_PRODUCER_RISK, sample_size, min(aql_minor / 100, 1))
    return max(int(at_aql), accept_major)


@dataclass(frozen=True)
class Choice:
    """The plan chosen for a lot: the wording key of the reason and whether every piece is inspected."""

    plan: SamplingPlan
    cost: CostPlan
    reason: str


def choose_plan(
    lot_size: int,
    isolated: bool,
    state: State,
    lot_rate: LotRate,
    costs: tuple[float, float],
    rule: InspectionRule,
    trial: bool = False,
) -> Choice:
    """The rule of this module's heading for one lot; `costs`: of inspecting a piece, of an escaped defect; `trial`: of a sample or trial order."""
    if state == "discontinued" or lot_size <= rule.inspect_all_up_to:
        return _all(lot_size, lot_rate, costs, "discontinued" if state == "discontinued" else "small_lot")
    if trial and lot_size <= rule.trials_all_up_to:
        return _all(lot_size, lot_rate, costs, "trial_all")
    chosen = _cheapest_or_safe(lot_size, isolated, lot_rate, costs, rule)
    if state != "tightened":
        return chosen
    due = class_plans(lot_size, rule, state)["major"]
    if due.sample_size >= lot_size > chosen.plan.sample_size:
        return _all(lot_size, lot_rate, costs, "tightened_all")
    if due.sample_size > chosen.plan.sample_size:
        return Choice(due, evaluate_plan(lot_size, due.sample_size, due.accept, lot_rate, *costs), "tightened")
    return chosen


def _cheapest_or_safe(
    lot_size: int, isolated: bool, lot_rate: LotRate, costs: tuple[float, float], rule: InspectionRule
) -> Choice:
    """Rules 2 and 3."""
    cheapest = cheapest_plan(lot_size, lot_rate, *costs)
    if cheapest.sample_size >= lot_size or cheapest.accept < 0:
        return _all(lot_size, lot_rate, costs, "all_cheaper")
    if isolated:
        limiting = limiting_quality_plan(lot_size, rule.limiting_quality, rule.consumer_risk)
        if limiting.sample_size >= lot_size:
            return _all(lot_size, lot_rate, costs, "small_lot")
        if limiting.sample_size >= cheapest.sample_size:
            cost = evaluate_plan(lot_size, limiting.sample_size, limiting.accept, lot_rate, *costs)
            return Choice(limiting, cost, "limiting_quality")
        return Choice(cheapest.sampling_plan, cheapest, "isolated_cheapest")
    return Choice(cheapest.sampling_plan, cheapest, "cheapest" if cheapest.sample_size else "trust")


def _all(lot_size: int, lot_rate: LotRate, costs: tuple[float, float], reason: str) -> Choice:
    cost = evaluate_plan(lot_size, lot_size, -1, lot_rate, *costs)
    return Choice(SamplingPlan(lot_size, 0, 1), cost, reason)


def lot_history(orders: pd.DataFrame, inspections: pd.DataFrame) -> pd.DataFrame:
    """Trial and bulk lots in order of inspection, for the switching rules: `supplier lot_size inspected defective steady`.

    A lot is an order line, or a batch of one; batches of a line share its quantity as their inspected pieces do. Bulk lots are
    steady production.
    """
    lots = inspected_lots(orders, inspections)
    lots = lots[lots["stage"].ne("sample").fillna(True)]
    line = ["order_id", "line_no"]
    ordered = orders.drop_duplicates(line).set_index(line)["quantity"].astype(float)
    quantity = ordered.reindex(pd.MultiIndex.from_frame(lots[line])).to_numpy()
    inspected = lots["inspected"].astype(float)
    share = inspected / inspected.groupby([lots[name] for name in line], dropna=False).transform("sum")
    size = np.fmax(np.ceil(quantity * share - 1e-9), inspected)
    found = lots.assign(lot_size=size.astype(int), steady=lots["stage"].eq("bulk").fillna(False).astype(bool))
    found = found.sort_values(["inspected_on", *line, "batch"], kind="stable", ignore_index=True)
    return found[["supplier", "lot_size", "inspected", "defective", "steady"]]


def recommend_plans(
    lines: pd.DataFrame,
    rates: Draws,
    inspected: pd.Series,
    piece_cost: float,
    escape_cost: float | pd.Series,
    rule: InspectionRule,
    history: pd.DataFrame | None = None,
    bulk_rates: Draws | None = None,
    lot_correlation: float = USUAL_LOT_CORRELATION,
    risky: RiskyGoods | None = None,
) -> pd.DataFrame:
    """One row an expected lot: how many pieces to inspect, what to allow, the risk it leaves, and why.

    Parameters
    ----------
    lines : DataFrame
        Open order lines, `order_id line_no supplier sku stage quantity` (pieces in the lot), with `risky` goods their `category` too.
    rates : Draws
        Posterior draws of each supplier's defect rate; every supplier of `lines`, the never inspected ones included.
    inspected : Series
        Pieces inspected so far, by supplier; absent means none.
    piece_cost : float
        Cost of inspecting a piece, in the source's currency.
    escape_cost : float or Series
        Cost of a defective piece that reaches the customer, one for all or by SKU.
    rule : InspectionRule
        The house's rule.
    history : DataFrame, optional
        Lots so far in order of inspection, from `lot_history`, for the switching rules.
    bulk_rates : Draws, optional
        The same of bulk lots, where these have a rate of their own.
    lot_correlation : float, optional
        How alike pieces of one lot are, as learned from all lots; by default what is thought before any was seen.
    risky : RiskyGoods, optional
        Goods inspected more strictly.

    Returns
    -------
    DataFrame
        `order_id line_no supplier sku stage lot_size inspected defect_rate`, then `sample_size` and `accept_critical
        accept_major accept_minor` (no number where every piece is inspected and sorted); `p_accept_at_limit` chance that a
        lot at the limiting quality passes, `p_bad_accepted` chance that the coming lot is that bad and passes,
        `expected_escapes` pieces, `expected_cost` beside `cost_all cost_none`; the standard's plan beside it: `iso_severity
        iso_sample_size iso_accept_major iso_accept_minor iso_p_accept_at_limit`; `reason_key reason`.

        Raises ValueError when a supplier has no draws or an SKU no cost.
    """
    states = _states(history, rule)
    of_bulk = rates if bulk_rates is None else bulk_rates
    lot_rates = lru_cache(maxsize=None)(
        lambda supplier, bulk: _lot_rate(of_bulk if bulk else rates, supplier, lot_correlation)
    )
    rows = []
    for line in lines.itertuples(index=False):
        costs = (float(piece_cost), _escape_cost(escape_cost, line.sku))
        seen = int(inspected.get(line.supplier, 0))
        state = states.get(line.supplier, Switching()).severity
        strict = risky if risky is not None and risky.are(line.category) else None
        rows.append(_row(line, seen, state, lot_rates(line.supplier, line.stage == "bulk"), costs, rule, strict))
    return pd.DataFrame(rows, columns=COLUMNS).astype(INTEGERS)


INTEGERS = dict.fromkeys(("lot_size", "inspected", "sample_size", "accept_critical", "accept_major", "accept_minor", "iso_sample_size", "iso_accept_major", "iso_accept_minor"), "Int64")  # fmt: skip
COLUMNS = [
    "order_id", "line_no", "supplier", "sku", "stage", "lot_size", "inspected", "defect_rate", "sample_size",
    "accept_critical", "accept_major", "accept_minor", "p_accept_at_limit", "p_bad_accepted", "expected_escapes",
    "expected_cost", "cost_all", "cost_none", "iso_severity", "iso_sample_size", "iso_accept_major", "iso_accept_minor",
    "iso_p_accept_at_limit", "reason_key", "reason",
]  # fmt: skip


RISKY = {
    "small_lot": "risky_all", "limiting_quality": "risky_limiting_quality", "isolated_cheapest": "risky_cheapest",
}  # fmt: skip
"""The reasons that a risky category gives."""


def _row(
    line: Any,
    seen: int,
    state: State,
    lot_rate: LotRate,
    costs: tuple[float, float],
    rule: InspectionRule,
    strict: RiskyGoods | None = None,
) -> dict[str, Any]:
    lot_size, trial = int(line.quantity), line.stage in ISOLATED
    rule = rule if strict is None else strict.stricter(rule)
    chosen = choose_plan(lot_size, trial or seen == 0 or strict is not None, state, lot_rate, costs, rule, trial)
    if strict is not None:
        chosen = replace(chosen, reason=RISKY.get(chosen.reason, chosen.reason))
    iso = class_plans(lot_size, rule, state)
    row = {name: getattr(line, name) for name in ("order_id", "line_no", "supplier", "sku", "stage")}
    row |= {"lot_size": lot_size, "inspected": seen, "defect_rate": lot_rate.mean, "reason_key": chosen.reason}
    row |= _allowed(chosen, lot_size, rule) | _risk(chosen, lot_size, lot_rate, rule)
    row |= {
        "expected_escapes": chosen.cost.expected_escapes,
        "expected_cost": chosen.cost.expected_cost,
        "cost_all": evaluate_plan(lot_size, lot_size, -1, lot_rate, *costs).expected_cost,
        "cost_none": evaluate_plan(lot_size, 0, 0, lot_rate, *costs).expected_cost,
        "iso_severity": state,
        "iso_sample_size": iso["critical"].sample_size,
        "iso_accept_major": iso["major"].accept,
        "iso_accept_minor": iso["minor"].accept,
        "iso_p_accept_at_limit": float(iso["major"].p_accept(lot_size, defectives_at(lot_size, rule.limiting_quality))),
    }
    about = {} if strict is None else {"category": line.category}
    return row | _reason(row, chosen, costs, rule, about)


def _allowed(chosen: Choice, lot_size: int, rule: InspectionRule) -> dict[str, Any]:
    n, accept = chosen.plan.sample_size, chosen.plan.accept
    if n >= lot_size or n == 0:  # every piece is sorted, or nobody looks: nothing to count
        return {"sample_size": n, "accept_critical": None, "accept_major": None, "accept_minor": None}
    minor = accept_minor(n, accept, rule.aql_minor)
    return {"sample_size": n, "accept_critical": 0, "accept_major": accept, "accept_minor": minor}


def _risk(chosen: Choice, lot_size: int, lot_rate: LotRate, rule: InspectionRule) -> dict[str, Any]:
    at_limit = chosen.plan.p_accept(lot_size, defectives_at(lot_size, rule.limiting_quality))
    if chosen.plan.sample_size >= lot_size:  # sorted piece by piece: a bad lot may arrive, but does not pass
        return {"p_accept_at_limit": 0.0, "p_bad_accepted": 0.0}
    bad = p_bad_lot_accepted(chosen.plan, lot_size, lot_rate, rule.limiting_quality)
    return {"p_accept_at_limit": float(at_limit), "p_bad_accepted": bad}


def _reason(
    row: dict[str, Any], chosen: Choice, costs: tuple[float, float], rule: InspectionRule, about: dict[str, Any]
) -> dict[str, Any]:
    told = ("lot_size", "inspected", "defect_rate", "p_accept_at_limit", "expected_cost", "cost_all", "cost_none")
    values = {
        **{name: row[name] for name in told},
        "n": row["sample_size"],
        "accept": chosen.plan.accept,
        "limit": rule.limiting_quality,
        "up_to": rule.trials_all_up_to if chosen.reason == "trial_all" else rule.inspect_all_up_to,
        "break_even": costs[0] / costs[1],
        "piece_cost": costs[0],
        "escape_cost": costs[1],
    }
    return {"reason": reason(f"inspection.{chosen.reason}", **values, **about)}


def _states(history: pd.DataFrame | None, rule: InspectionRule) -> dict[str, Switching]:
    if history is None or history.empty:
        return {}
    return {
        supplier: severity_from_history(lots, rule.level, rule.aql_major, rule.edition)
        for supplier, lots in history.groupby("supplier", sort=False)
    }


def _lot_rate(rates: Draws, supplier: str, lot_correlation: float) -> LotRate:
    draws = rates.of(pd.Index([supplier]))[0]
    if np.isnan(draws).any():
        raise ValueError(
            f"rates: no draws of the defect rate of {supplier!r}; estimate it first (the pool serves for a new one)"
        )
    return lots_around(draws, lot_correlation)


def lots_around(rates: np.ndarray, lot_correlation: float) -> LotRate:
    """Lots of a supplier with these draws of its rate: alpha + beta around it is 1 / correlation - 1."""
    return LotRate.from_draws(rates, 1 / max(lot_correlation, LEAST_CORRELATION) - 1)


def _escape_cost(escape_cost: float | pd.Series, sku: str) -> float:
    if not isinstance(escape_cost, pd.Series):
        return float(escape_cost)
    if sku not in escape_cost.index or pd.isna(escape_cost[sku]):
        raise ValueError(f"escape_cost: no cost of an escaped defect for SKU {sku!r}; add it, or pass one for all")
    return float(escape_cost[sku])
