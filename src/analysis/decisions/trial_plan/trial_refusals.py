"""Why an SKU or a supplier is not tried in the next round, in one sentence each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from analysis.decisions.trial_plan.trial_choice import Options, Product, Trial, sold_trials
from analysis.decisions.trial_plan.trial_rule import LARGEST_TRIAL, TrialRule
from analysis.decisions.trial_plan.value_of_trial import ForeseenChoice
from analysis.reasons import reason

NO_TRIAL_COLUMNS = ["sku", "supplier", "status", "reason"]
"""`status`: no_demand, no_candidates, single_candidate, none_sells_trials, minimum_too_large, not_worth_it or budget_used."""


def untried(sku: str, supplier: str, status: str, values: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A row of the table of what is not tried; `supplier` "" for the SKU as a whole."""
    said = {"sku": sku, "supplier": supplier, "largest": LARGEST_TRIAL, **(values or {})}
    return {"sku": sku, "supplier": supplier, "status": status, "reason": reason(f"trial_plan.{status}", **said)}


def untriable(products: Sequence[Product]) -> list[dict[str, Any]]:
    """Candidates whose minimum order is more than a trial."""
    return [
        untried(product.sku, product.suppliers[i], "minimum_too_large", {"minimum": int(np.ceil(product.minimum[i]))})
        for product in products
        for i in np.flatnonzero(product.minimum > LARGEST_TRIAL)
    ]


def without_trial(
    products: Sequence[Product], trials: Sequence[Trial], rule: TrialRule, points: np.ndarray, currency: str
) -> list[dict[str, Any]]:
    """Why each SKU that has candidates and demand has no trial."""
    tried = {trial.product for trial in trials}
    rest = [product for k, product in enumerate(products) if k not in tried]
    return [untried(product.sku, "", *_why_not(product, rule, points, currency)) for product in rest]


def _why_not(product: Product, rule: TrialRule, points: np.ndarray, currency: str) -> tuple[str, dict[str, Any]]:
    """The status of a product without a trial, and the best trial that was turned down."""
    if len(product.suppliers) == 1 and product.floor == -np.inf:
        return "single_candidate", {"only": product.suppliers[0]}
    options = Options.of(product, rule, sold_trials(product, rule))
    if not len(options.candidate):
        return "none_sells_trials", {}
    choice = ForeseenChoice(product.beliefs, points, product.floor)
    gains = choice.gains(options.candidate, options.foreseen) * product.season * rule.bad_choice_factor
    best = int((gains - options.cost).argmax())
    values = {
        "best": product.suppliers[options.candidate[best]],
        "pieces": options.pieces[best],
        "expected_gain": gains[best],
        "cost": options.cost[best],
        "currency": currency,
    }
    return ("budget_used" if gains[best] > options.cost[best] else "not_worth_it"), values
