"""The weights of a month: those in force by the ledger, and those that the outcomes so far propose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from analysis.decisions.criteria import Criterion, criteria_in_force
from analysis.decisions.reweighting.sealed_ledger import Ledger
from analysis.decisions.reweighting.trial_outcomes import OUTCOMES, OutcomeRules, learning_rows, trial_outcomes
from analysis.decisions.reweighting.weight_ledger import InForce, weights_in_force
from analysis.decisions.reweighting.weight_move import MoveLimits
from analysis.decisions.weights import Proposal, propose_weights, with_weights
from analysis.rules import Rules


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
    reviews before; worths of other criteria than today's say nothing of today's weights and are left out.
    """
    analyst, section = analyst_weights(rules), rules["weights"]
    names = list(analyst)
    outcomes = trial_outcomes(tables, as_of, OutcomeRules.of(rules["outcomes"]))
    flags = [f"{name}_missing" for name in names]
    needed = dict.fromkeys([*worths.columns, "month", "supplier", *names, *flags])
    alike = worths.reindex(columns=list(needed)).dropna(subset=[*names, *flags])
    if outcomes.empty or alike.empty:
        why = outcomes["status"].where(~outcomes["status"].isin(OUTCOMES), "not scored when chosen")
        return Learnt(None, outcomes.iloc[:0], why.value_counts().sort_index().rename("trials"))
    rows, left_out = learning_rows(outcomes, alike, names)
    if rows.empty:
        return Learnt(None, rows, left_out)
    limits = MoveLimits(float(section["most_a_criterion"]), float(section["most_in_all"]), float(section["floor"]))
    previous = weights_in(rules, ledger).weights
    return Learnt(
        propose_weights(rows, analyst, previous, rules.month, tuple(section["policy"]), limits), rows, left_out
    )
