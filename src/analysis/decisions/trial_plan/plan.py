"""The next round: which suppliers to test with how many pieces of what, what that is worth, and why nothing else is tested.

The round is the batch of `trial_choice`; here its tables are made, with a sentence for each row. It is compared with spreading
the budget equally and with no trial, all judged by the same beliefs and on outcomes that the search did not see.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.decisions.trial_plan.contest import NOBODY, Contest
from analysis.decisions.trial_plan.trial_choice import Market, Round, Trial, choose_trials, gains_in_order
from analysis.decisions.trial_plan.trial_policies import equal_allocation
from analysis.decisions.trial_plan.trial_refusals import NO_TRIAL_COLUMNS, untriable, untried, without_trial
from analysis.decisions.trial_plan.trial_rule import TrialRule
from analysis.decisions.trial_plan.value_of_trial import Chances, joint_outcomes, moves_at
from analysis.reasons import chance, reason

PLAN_COLUMNS = [
    "supplier", "sku", "pieces", "most_defective", "outlay", "cost", "expected_gain", "p_replaces", "p_pays", "incumbent", "also", "reason",
]  # fmt: skip
"""`most_defective` pieces with which the plan would still move to the supplier. `outlay` money paid out for the trial, `cost` what of
it does not come back. `expected_gain` money that the purchase plan saves by the trial's outcome over what is then left of its
horizon, all SKUs of the supplier together, on top of the trials above it; `cost` is not taken off. `p_replaces` chance that the
plan buys the SKU from the supplier after the round instead of `incumbent`, whom it buys from without any ("" where that is
nobody); `p_pays` chance that the trial alone saves more than it costs; `also` the supplier's other SKUs that it may move too."""
COMPARISON_COLUMNS = ["policy", "trials", "suppliers", "pieces", "outlay", "cost", "expected_gain", "expected_net"]


@dataclass(frozen=True)
class TrialPlan:
    """`trials` (`PLAN_COLUMNS`), `no_trial` (`NO_TRIAL_COLUMNS`: a row for each SKU without a trial, supplier "", and for each
    candidate that cannot be tried), `comparison` (`COMPARISON_COLUMNS`; policies plan, equal, none) and the `summary` as a
    reason (`analysis.reasons`)."""

    trials: pd.DataFrame
    no_trial: pd.DataFrame
    comparison: pd.DataFrame
    summary: str


def plan_trials(
    contests: Sequence[Contest],
    refused: Mapping[str, str],
    rule: TrialRule,
    chances: Chances,
    *,
    seed: int = 1,
    currency: str = "CNY",
) -> TrialPlan:
    """The trial orders to place next.

    Parameters
    ----------
    contests : sequence of Contest
        The SKUs whose choice a trial may change, candidates in an order that does not hang on that of the rows.
    refused : Mapping[str, str]
        The other SKUs, with the status that says why (`NO_TRIAL_COLUMNS`).
    rule : TrialRule
    chances : callable
        What a lot may show of a supplier, given its rate in bulk (`estimates.defect_rate.ForeseenLots.chances`).
    seed : int
        Of the outcomes in which rounds are compared; the same input and seed give the same plan.
    """
    search, judge = joint_outcomes(seed), joint_outcomes(seed + 1_000_003)
    market = Market(contests, rule, chances)
    trials = choose_trials(market, search)
    policies = {"plan": trials, "equal": equal_allocation(market), "none": []}
    comparison = pd.DataFrame(
        [_policy_row(name, market, chosen, judge) for name, chosen in policies.items()], columns=COMPARISON_COLUMNS
    )
    untested = [*without_trial(market, trials, search, currency), *untriable(market)]
    untested += [untried(sku, "", status) for sku, status in refused.items()]
    no_trial = pd.DataFrame(untested, columns=NO_TRIAL_COLUMNS).sort_values(["sku", "supplier"], ignore_index=True)
    return TrialPlan(
        _trial_table(market, trials, judge, currency), no_trial, comparison, _summary(comparison, rule, currency)
    )


def _policy_row(name: str, market: Market, trials: Sequence[Trial], points: np.ndarray) -> dict[str, Any]:
    made, cost = Round(market, points, trials), sum(market.cost(trial) for trial in trials)
    return {
        "policy": name,
        "trials": len(trials),
        "suppliers": len({trial.supplier for trial in trials}),
        "pieces": sum(trial.pieces for trial in trials),
        "outlay": sum(market.outlay(trial) for trial in trials),
        "cost": cost,
        "expected_gain": made.gain,
        "expected_net": made.gain - cost,
    }


def _trial_table(market: Market, trials: Sequence[Trial], points: np.ndarray, currency: str) -> pd.DataFrame:
    """One row a trial, the most worth net first."""
    made, gains = gains_in_order(market, trials, points)
    rows = [
        _trial_row(market, made, trial, gain, currency, n == 0) for n, (trial, gain) in enumerate(zip(trials, gains))
    ]
    table = pd.DataFrame(rows, columns=PLAN_COLUMNS)
    types = {"pieces": "int64", "most_defective": "Int64"}
    types |= dict.fromkeys(("outlay", "cost", "expected_gain", "p_replaces", "p_pays"), "float64")
    return table.astype(types | dict.fromkeys(("supplier", "sku", "incumbent", "also", "reason"), "str"))


def _trial_row(market: Market, made: Round, trial: Trial, gain: float, currency: str, first: bool) -> dict[str, Any]:
    """`gain` is what the trial adds to those before it; the sentence says so unless it is the `first`."""
    contest, plan = market.contests[trial.contest], made.plans[trial.contest]
    candidate = contest.suppliers.index(trial.supplier)
    replaces = plan.chances()[candidate]
    key = "from_nobody" if contest.planned == NOBODY else "replaces"
    pays = market.pays(trial)
    row = {
        "supplier": trial.supplier,
        "sku": contest.sku,
        "pieces": trial.pieces,
        "most_defective": _most_defective(market, trial),
        "outlay": market.outlay(trial),
        "cost": market.cost(trial),
        "expected_gain": gain,
        "p_replaces": float(replaces),
        "p_pays": pays,
        "incumbent": contest.suppliers[contest.planned] if contest.planned != NOBODY else "",
        "also": _also(market, made, trial),
    }
    also = reason("trial_plan.also", skus=row["also"]) if row["also"] else ""
    said = row | {
        "chance": chance(replaces),
        "pays": chance(pays),
        "currency": currency,
        "months": contest.months[candidate],
        "also": also,
    }
    further = "" if first else reason("trial_plan.further")
    return row | {"reason": reason(f"trial_plan.{key}", **said, further=further)}


def _most_defective(market: Market, trial: Trial) -> int | None:
    """The most defective pieces with which the plan would move to the supplier, of this trial alone; None: with no number."""
    contest = market.contests[trial.contest]
    candidate = contest.suppliers.index(trial.supplier)
    shown = market.foreseen(trial.contest, candidate, trial.pieces)
    moves = np.flatnonzero(moves_at(contest, candidate, shown) & (shown.chance > 1e-6))
    return int(moves.max()) if moves.size else None


def _also(market: Market, made: Round, trial: Trial) -> str:
    """The other SKUs that the plan may buy from the supplier after the trial."""
    others = [(k, i) for k, i in market.places[trial.supplier] if k != trial.contest]
    moved = [
        market.contests[k].sku
        for k, i in others
        if market.contests[k].planned != i and made.plans[k].chances()[i] >= 0.05
    ]
    return " ".join(moved)


def _summary(comparison: pd.DataFrame, rule: TrialRule, currency: str) -> str:
    """What is recommended and how it compares, as a reason."""
    by_policy = comparison.set_index("policy")
    plan = by_policy.loc["plan"].to_dict()
    values = plan | {
        "equal_net": by_policy.loc["equal", "expected_net"],
        "budget": rule.budget,
        "currency": currency,
    }
    key = "summary" if plan["trials"] else "summary_no_trial"
    return reason(f"trial_plan.{key}", **values)
