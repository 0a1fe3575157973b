"""The next round of trial orders: which suppliers to test with how many pieces, and whether finding out pays (`plan_trials`)."""

from analysis.decisions.trial_plan.contest import NOBODY, Contest
from analysis.decisions.trial_plan.plan import TrialPlan, plan_trials
from analysis.decisions.trial_plan.regret import add_expected_regret, choice_regret
from analysis.decisions.trial_plan.season_value import SeasonValues, trial_offers, values_from_cost_sheet
from analysis.decisions.trial_plan.trial_rule import SMALLEST_TRIAL, TrialRule

__all__ = [
    "NOBODY",
    "SMALLEST_TRIAL",
    "Contest",
    "SeasonValues",
    "TrialPlan",
    "TrialRule",
    "add_expected_regret",
    "choice_regret",
    "plan_trials",
    "trial_offers",
    "values_from_cost_sheet",
]
