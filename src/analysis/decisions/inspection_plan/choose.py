"""How many pieces of one lot to inspect and how many defectives to allow, by a rule that a buyer can follow.

Three plans stand side by side: the one of ISO 2859-1 (`iso2859`), the limiting-quality plan for an isolated lot
(`sampling_plan`) and the one that costs least given what is known of the supplier (`inspection_cost`). `choose_plan` takes:

1. a supplier whose lots the switching rules have discontinued, a lot of up to `inspect_all_up_to` pieces, or a sample or trial order of
   up to `trials_all_up_to`: every piece;
2. a trial order, or a supplier of whom nothing has been inspected, is an isolated lot: the limiting-quality plan, or the
   cheapest plan where that one looks at more pieces;
3. a bulk order from a supplier with evidence: the cheapest plan, which may be none or all;
4. a supplier under tightened inspection: no fewer pieces than the standard's tightened plan, and by its acceptance number.

Goods of a risky category (`RiskyGoods`) are inspected by limits of their own.

Severities are judged separately: no critical defect is ever allowed; the acceptance number is for major ones; minor ones
are allowed as many as a process at their AQL shows with 95 %.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np
import pandas as pd
from scipy import special, stats

from analysis.allowed import Chance, ListOf, OneOf, Pieces, Text
from analysis.decisions.inspection_plan.inspection_cost import CostPlan, LotRate, cheapest_plan, evaluate_plan
from analysis.decisions.inspection_plan.iso2859 import (
    Edition,
    State,
    iso2859_plan,
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
from analysis.sources.folding import words_in

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
    cheapest: CostPlan | None = None,
) -> Choice:
    """The rule of this module's heading for one lot; `costs`: of inspecting a piece, of an escaped defect; `trial`: of a sample or trial order;
    `cheapest`: the lot's `cheapest_plan`, where it was found already."""
    if state == "discontinued" or lot_size <= rule.inspect_all_up_to:
        return _all(lot_size, lot_rate, costs, "discontinued" if state == "discontinued" else "small_lot")
    if trial and lot_size <= rule.trials_all_up_to:
        return _all(lot_size, lot_rate, costs, "trial_all")
    cheapest = cheapest or cheapest_plan(lot_size, lot_rate, *costs)
    chosen = _cheapest_or_safe(lot_size, isolated, lot_rate, costs, rule, cheapest)
    if state != "tightened":
        return chosen
    due = class_plans(lot_size, rule, state)["major"]
    if due.sample_size >= lot_size > chosen.plan.sample_size:
        return _all(lot_size, lot_rate, costs, "tightened_all")
    if due.sample_size > chosen.plan.sample_size:
        return Choice(due, evaluate_plan(lot_size, due.sample_size, due.accept, lot_rate, *costs), "tightened")
    return chosen


def _cheapest_or_safe(
    lot_size: int,
    isolated: bool,
    lot_rate: LotRate,
    costs: tuple[float, float],
    rule: InspectionRule,
    cheapest: CostPlan,
) -> Choice:
    """Rules 2 and 3."""
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


def lots_around(rates: np.ndarray, lot_correlation: float) -> LotRate:
    """Lots of a supplier with these draws of its rate: alpha + beta around it is 1 / correlation - 1."""
    return LotRate.from_draws(rates, 1 / max(lot_correlation, LEAST_CORRELATION) - 1)
