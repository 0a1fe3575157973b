"""The criteria's weights: what outcomes of trials say of them (`learn_weights`), what was decided, and the sealed ledger of it."""

from analysis.decisions.weights.decisions import approve, check_who_and_why, in_force_table, override, propose
from analysis.decisions.weights.hindsight import rating_record
from analysis.decisions.weights.learning import analyst_weights, criteria_in, learn_weights, policy_criteria, weights_in
from analysis.decisions.weights.outcomes import OutcomeRules, frozen_worths, trial_outcomes
from analysis.decisions.weights.proposal import Proposal, proposal_table
from analysis.decisions.weights.sealed_ledger import Entry, Ledger, LedgerError, read_ledger
from analysis.decisions.weights.trial_rows import clipped_trials

__all__ = [
    "Entry",
    "Ledger",
    "LedgerError",
    "OutcomeRules",
    "Proposal",
    "analyst_weights",
    "approve",
    "check_who_and_why",
    "clipped_trials",
    "criteria_in",
    "frozen_worths",
    "in_force_table",
    "learn_weights",
    "override",
    "policy_criteria",
    "proposal_table",
    "propose",
    "rating_record",
    "read_ledger",
    "trial_outcomes",
    "weights_in",
]
