"""The next round: which suppliers to test with how many pieces of what, what that is worth, and why nothing else is tested.

The plan is the batch of `trial_choice`; here tables go in and come out, with a sentence for each row. It is compared with
spreading the budget equally and with ordering from the best again, all judged by the same beliefs and on worlds that the
search did not see.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.decisions.trial_plan.trial_choice import Product, Trial, choose_trials, gain_of, gains_in_order
from analysis.decisions.trial_plan.trial_policies import equal_allocation, repeat_the_best
from analysis.decisions.trial_plan.trial_refusals import NO_TRIAL_COLUMNS, untriable, untried, without_trial
from analysis.decisions.trial_plan.trial_rule import TrialRule
from analysis.decisions.trial_plan.value_of_trial import Beliefs, ForeseenChoice, joint_outcomes
from analysis.reasons import chance, reason

PLAN_COLUMNS = [
    "supplier", "sku", "pieces", "outlay", "cost", "expected_gain", "p_replaces", "incumbent", "reason",
]  # fmt: skip
"""`outlay` money paid out for the trial, `cost` what of it does not come back. `expected_gain` money that the trial adds to the
coming season's purchase on top of the trials above it for the same SKU; cost is not taken off. `p_replaces` chance that the
supplier is chosen after the round instead of `incumbent`, today's choice ("" when that is to buy from nobody); for the
incumbent's own trial the chance that another one is."""
COMPARISON_COLUMNS = ["policy", "trials", "suppliers", "pieces", "outlay", "cost", "expected_gain", "expected_net"]


@dataclass(frozen=True)
class TrialPlan:
    """`trials` (`PLAN_COLUMNS`), `no_trial` (`NO_TRIAL_COLUMNS`: a row for each SKU without a trial, supplier "", and for each
    candidate that cannot be tried), `comparison` (`COMPARISON_COLUMNS`; policies plan, equal, repeat, none) and the
    `summary` as a reason (`analysis.reasons`)."""

    trials: pd.DataFrame
    no_trial: pd.DataFrame
    comparison: pd.DataFrame
    summary: str


def plan_trials(
    candidates: pd.DataFrame,
    values: np.ndarray,
    season: pd.Series,
    rule: TrialRule,
    *,
    not_buying: float | None = None,
    seed: int = 1,
    currency: str = "CNY",
) -> TrialPlan:
    """The trial orders to place next.

    Parameters
    ----------
    candidates : DataFrame `supplier sku price minimum`
        One row a candidate: price of a trial piece and minimum order (missing: 1). `sku` may be a category as well.
    values : ndarray (candidates, draws)
        Posterior draws of the value a piece of buying the season's pieces from the candidate, in money; column j is one
        imagined world. A candidate without evidence of its own has the spread of its category.
    season : pd.Series
        Pieces bought in the coming season, by SKU. An SKU that is missing or 0 is not tried.
    rule : TrialRule
    not_buying : float, optional
        Value a piece of buying from nobody (0 where `values` are margins); without it somebody must be bought from.
    seed : int
        Of the worlds in which plans are compared; the same input and seed give the same plan, in whatever order the rows come.

    Raises
    ------
    ValueError
        Rows of `candidates` and `values` that do not match, draws or prices that are not finite, an offer that stands twice.
    """
    products, no_demand = _products(*_checked(candidates, values), season, not_buying)
    search, judge = joint_outcomes(seed), joint_outcomes(seed + 1_000_003)
    trials = choose_trials(products, rule, search)
    policies = {
        "plan": trials,
        "equal": equal_allocation(products, rule),
        "repeat": repeat_the_best(products, rule),
        "none": [],
    }
    comparison = pd.DataFrame(
        [_policy_row(name, products, chosen, rule, judge) for name, chosen in policies.items()],
        columns=COMPARISON_COLUMNS,
    )
    table = _trial_table(products, trials, rule, judge, currency)
    untested = [*without_trial(products, trials, rule, search, currency), *no_demand, *untriable(products)]
    no_trial = pd.DataFrame(untested, columns=NO_TRIAL_COLUMNS).sort_values(["sku", "supplier"], ignore_index=True)
    return TrialPlan(table, no_trial, comparison, _summary(comparison, rule, currency))


def _checked(candidates: pd.DataFrame, values: np.ndarray) -> tuple[pd.DataFrame, np.ndarray]:
    """Candidates and draws in the order of SKU, expected value and supplier, which no reordering of the rows changes."""
    values = np.asarray(values, float)
    if values.ndim != 2 or len(values) != len(candidates):
        raise ValueError(
            f"values: a row for each of the {len(candidates)} candidates is needed, got shape {values.shape}"
        )
    if candidates.duplicated(["supplier", "sku"]).any():
        twice = candidates.loc[candidates.duplicated(["supplier", "sku"]), ["supplier", "sku"]].iloc[0].tolist()
        raise ValueError(f"candidates: each supplier and SKU may stand once, got {twice} twice; keep the newest quote")
    if not (np.isfinite(candidates["price"].astype(float)) & (candidates["price"] > 0)).all():
        raise ValueError("candidates: every price is finite and above 0; leave out an offer without a price")
    if not np.isfinite(values).all():
        raise ValueError("values: draws are finite; give a candidate without evidence the spread of its category")
    place = candidates.reset_index(drop=True)[["sku", "supplier"]].assign(
        mean=values.mean(axis=1) if values.size else 0.0
    )
    order = place.sort_values(["sku", "mean", "supplier"], ascending=[True, False, True]).index.to_numpy()
    return candidates.iloc[order].reset_index(drop=True), values[order]


def _products(
    candidates: pd.DataFrame, values: np.ndarray, season: pd.Series, not_buying: float | None
) -> tuple[list[Product], list[dict[str, Any]]]:
    """What is to be bought, and the rows of what is not: no demand, or nobody who sells it."""
    if (season < 0).any():
        raise ValueError(f"season: pieces are 0 or more, got {season.min()} for {season.idxmin()}")
    floor = -np.inf if not_buying is None else float(not_buying)
    places = candidates.groupby("sku", sort=True).indices
    products, missing = [], []
    for sku in sorted({*places, *season.index}):
        pieces = season.get(sku, np.nan)
        if not (np.isfinite(pieces) and pieces > 0):
            missing.append(untried(sku, "", "no_demand"))
        elif sku not in places:
            missing.append(untried(sku, "", "no_candidates"))
        else:
            rows = candidates.iloc[places[sku]]
            minimum = rows["minimum"].fillna(1).to_numpy(float)
            products.append(
                Product(
                    str(sku), tuple(rows["supplier"]), Beliefs.from_draws(values[places[sku]]),
                    rows["price"].to_numpy(float), minimum, float(pieces), floor,
                )
            )  # fmt: skip
    return products, missing


def _policy_row(
    name: str, products: Sequence[Product], trials: Sequence[Trial], rule: TrialRule, points: np.ndarray
) -> dict[str, Any]:
    choices, _ = gains_in_order(products, trials, rule, points)
    gain = sum(gain_of(product, choice, rule) for product, choice in zip(products, choices))
    prices = [products[trial.product].price[trial.candidate] for trial in trials]
    cost = sum(float(rule.cost(trial.pieces, price)) for trial, price in zip(trials, prices))
    return {
        "policy": name,
        "trials": len(trials),
        "suppliers": len({products[trial.product].suppliers[trial.candidate] for trial in trials}),
        "pieces": sum(trial.pieces for trial in trials),
        "outlay": sum(float(rule.outlay(trial.pieces, price)) for trial, price in zip(trials, prices)),
        "cost": cost,
        "expected_gain": gain,
        "expected_net": gain - cost,
    }


def _trial_table(
    products: Sequence[Product], trials: Sequence[Trial], rule: TrialRule, points: np.ndarray, currency: str
) -> pd.DataFrame:
    """One row a trial; within an SKU in the order in which they came in, SKUs by what their trials are worth net."""
    choices, gains = gains_in_order(products, trials, rule, points)
    first = ~pd.Series([t.product for t in trials], dtype=int).duplicated()
    rows = [
        _trial_row(products[t.product], choices[t.product], t, gain, rule, currency, alone)
        for t, gain, alone in zip(trials, gains, first)
    ]
    table = pd.DataFrame(rows, columns=PLAN_COLUMNS)
    net = (table["expected_gain"] - table["cost"]).groupby(table["sku"]).transform("sum")
    table = table.assign(net=net).sort_values(["net", "sku"], ascending=[False, True], kind="stable", ignore_index=True)
    types = {"pieces": "int64"} | dict.fromkeys(("outlay", "cost", "expected_gain", "p_replaces"), "float64")
    text = dict.fromkeys(("supplier", "sku", "incumbent", "reason"), "str")
    return table[PLAN_COLUMNS].astype(types | text)


def _trial_row(
    product: Product, choice: ForeseenChoice, trial: Trial, gain: float, rule: TrialRule, currency: str, first: bool
) -> dict[str, Any]:
    """`gain` is what the trial adds to those of the SKU before it; the sentence says so unless it is the `first`."""
    chances = choice.chances()
    own = trial.candidate == product.incumbent
    replaces = 1 - chances[trial.candidate] if own else chances[trial.candidate]
    key = "of_incumbent" if own else ("from_nobody" if product.incumbent < 0 else "replaces")
    price = product.price[trial.candidate]
    row = {
        "supplier": product.suppliers[trial.candidate],
        "sku": product.sku,
        "pieces": trial.pieces,
        "outlay": float(rule.outlay(trial.pieces, price)),
        "cost": float(rule.cost(trial.pieces, price)),
        "expected_gain": gain,
        "p_replaces": float(replaces),
        "incumbent": product.suppliers[product.incumbent] if product.incumbent >= 0 else "",
    }
    said = row | {"chance": chance(replaces), "currency": currency}
    further = "" if first else reason("trial_plan.further")
    return row | {"reason": reason(f"trial_plan.{key}", **said, further=further)}


def _summary(comparison: pd.DataFrame, rule: TrialRule, currency: str) -> str:
    """What is recommended and how it compares, as a reason."""
    by_policy = comparison.set_index("policy")
    plan = by_policy.loc["plan"].to_dict()
    values = plan | {
        "equal_net": by_policy.loc["equal", "expected_net"],
        "repeat_net": by_policy.loc["repeat", "expected_net"],
        "budget": rule.budget,
        "currency": currency,
    }
    key = "summary" if plan["trials"] else "summary_no_trial"
    return reason(f"trial_plan.{key}", **values)
