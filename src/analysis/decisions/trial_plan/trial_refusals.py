"""Why an SKU or a supplier is not tried in the next round, in one sentence each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from analysis.decisions.trial_plan.contest import NOBODY
from analysis.decisions.trial_plan.trial_choice import Market, Round, Trial
from analysis.decisions.trial_plan.trial_rule import LARGEST_TRIAL
from analysis.reasons import chance, reason

NO_TRIAL_COLUMNS = ["sku", "supplier", "status", "reason"]
"""`status`: no_demand, sold_no_more, no_candidates, nothing_inspected, not_compared, no_selling_price, single_candidate, ordered_anyway,
none_sells_trials, minimum_too_large, changes_nothing, not_worth_it, too_rarely or budget_used."""


def untried(sku: str, supplier: str, status: str, values: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A row of the table of what is not tried; `supplier` "" for the SKU as a whole."""
    said = {"sku": sku, "supplier": supplier, "largest": LARGEST_TRIAL, **(values or {})}
    return {"sku": sku, "supplier": supplier, "status": status, "reason": reason(f"trial_plan.{status}", **said)}


def untriable(market: Market) -> list[dict[str, Any]]:
    """Candidates whose minimum order is more than a trial."""
    return [
        untried(contest.sku, contest.suppliers[i], "minimum_too_large", {"minimum": int(np.ceil(contest.minimum[i]))})
        for contest in market.contests
        for i in np.flatnonzero(contest.open & (contest.minimum > LARGEST_TRIAL))
    ]


def without_trial(market: Market, trials: Sequence[Trial], points: np.ndarray, currency: str) -> list[dict[str, Any]]:
    """Why each SKU that has candidates and demand has no trial."""
    tried, alone = {trial.contest for trial in trials}, market.alone(points)
    rest = [k for k in range(len(market.contests)) if k not in tried]
    return [untried(market.contests[k].sku, "", *_why_not(k, market, alone, currency)) for k in rest]


def _why_not(k: int, market: Market, alone: Round, currency: str) -> tuple[str, dict[str, Any]]:
    """The status of an SKU without a trial, and the best trial that was turned down."""
    contest = market.contests[k]
    if len(contest.suppliers) == 1:
        return "single_candidate", {"only": contest.suppliers[0]}
    if not contest.open.any():
        return "ordered_anyway", {}
    sold = [trial for i in range(len(contest.suppliers)) for trial in market.sold_of(k, i)]
    if not sold:
        return "none_sells_trials", {}
    gains = [alone.more(trial) for trial in sold]
    if max(gains) <= 0 and contest.planned != NOBODY:
        return "changes_nothing", {"incumbent": contest.suppliers[contest.planned]}
    nets = [gain - market.cost(trial) for gain, trial in zip(gains, sold)]
    best = sold[int(np.argmax(nets))]
    pays = market.pays(best)
    values = {
        "best": best.supplier,
        "chance": chance(pays),
        "least": market.rule.least_chance,
        "pieces": best.pieces,
        "expected_gain": max(nets) + market.cost(best),
        "cost": market.cost(best),
        "currency": currency,
    }
    if max(nets) <= 0:
        return "not_worth_it", values
    return ("budget_used" if pays >= market.rule.least_chance else "too_rarely"), values
