"""The weights of a month: those in force by the ledger, and those that the outcomes so far propose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.decisions.rating import Criterion, criteria_in_force
from analysis.decisions.weights.decisions import InForce, weights_in_force
from analysis.decisions.weights.outcomes import OUTCOMES, OutcomeRules, learning_rows, trial_outcomes
from analysis.decisions.weights.proposal import Proposal, propose_weights, with_weights
from analysis.decisions.weights.sealed_ledger import Ledger
from analysis.decisions.weights.step import MoveLimits, check_floor
from analysis.rules import Rules

LEAST_RATED = 0.5
"""Share of today's weight whose criteria must have been rated when a trial was chosen for it to be learned from."""


@dataclass(frozen=True)
class Learnt:
    """`proposal` for the months after, from `rows` (trials with an outcome and worths frozen at their choice); `left_out` counts
    the other trials by reason. `proposal` is None where there is no such trial yet."""

    proposal: Proposal | None
    rows: pd.DataFrame
    left_out: pd.Series


def analyst_weights(rules: Rules) -> dict[str, float]:
    """The analyst's weights in force, by criterion."""
    return {criterion.name: criterion.weight for criterion in criteria_in_force(rules)}


def move_limits(rules: Rules) -> MoveLimits:
    """How far the weights may move, as the rules in force say."""
    return rules.read("weights", MoveLimits)


def policy_criteria(rules: Rules) -> tuple[str, ...]:
    """The criteria in force that keep the analyst's weight; one that the house rules name and a source does not rate is passed over."""
    limits, weights = move_limits(rules), analyst_weights(rules)
    check_floor(limits.floor, np.array([weight for name, weight in weights.items() if name not in limits.policy]))
    return tuple(name for name in limits.policy if name in weights)


def weights_in(rules: Rules, ledger: Ledger) -> InForce:
    """The weights that stand in the rules' month: the ledger's last decision, else the analyst's."""
    return weights_in_force(ledger, rules.month, analyst_weights(rules), rules["criteria"]["from"])


def criteria_in(rules: Rules, ledger: Ledger) -> tuple[Criterion, ...]:
    """The criteria in force with the weights that stand."""
    return with_weights(criteria_in_force(rules), weights_in(rules, ledger).weights)


def learn_weights(
    tables: Mapping[str, pd.DataFrame],
    worths: pd.DataFrame,
    as_of: pd.Timestamp,
    rules: Rules,
    ledger: Ledger,
) -> Learnt:
    """What the trials so far say of the weights.

    `worths` are the criteria's worths as they were known when each month's trials were chosen (`frozen_worths`), kept by the
    reviews before; `_of_today` says which of them still count after the analyst has changed the criteria.
    """
    analyst = analyst_weights(rules)
    names = list(analyst)
    outcomes = trial_outcomes(tables, as_of, OutcomeRules.of(rules))
    kept = _of_today(worths, analyst)
    if outcomes.empty or kept.empty:
        why = outcomes["status"].where(~outcomes["status"].isin(OUTCOMES), "not scored when chosen")
        return Learnt(None, outcomes.iloc[:0], why.value_counts().sort_index().rename("trials"))
    rows, left_out = learning_rows(outcomes, kept, names)
    if rows.empty:
        return Learnt(None, rows, left_out)
    limits = move_limits(rules)
    previous = weights_in(rules, ledger).weights
    return Learnt(propose_weights(rows, analyst, previous, rules.month, limits, policy_criteria(rules)), rows, left_out)


def _of_today(worths: pd.DataFrame, analyst: Mapping[str, float]) -> pd.DataFrame:
    """The kept `worths` in terms of today's criteria: one that was added since is missing there, one that was dropped is gone.

    Rows in which criteria of less than half of today's weight were rated say too little of today's weights and are left out.
    """
    names = list(analyst)
    flags = [f"{name}_missing" for name in names]
    found = worths.reindex(columns=list(dict.fromkeys([*worths.columns, "month", "supplier", *names, *flags])))
    rated = found[names].notna().to_numpy()
    found[flags] = found[flags].eq(True).to_numpy() | ~rated
    return found[rated @ np.array(list(analyst.values())) >= LEAST_RATED]
