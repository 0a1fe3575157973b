"""The analyst's scorecard: criteria on absolute scales (`worths`), ratings, ranks and grades (`make_scorecard`), and what changed
since last month (`rank_changes`, `grade_changes`).
"""

from analysis.decisions.rating.changes import PARTS, RatingInputs, rank_changes
from analysis.decisions.rating.criteria import (
    ANCHOR_VALUES,
    MEASURED,
    Criterion,
    CriterionEvidence,
    criteria_in_force,
    drift_evidence,
    evidence_of,
)
from analysis.decisions.rating.grade_changes import as_published, grade_changes
from analysis.decisions.rating.grades import GradeRule, TrialCounts, vetoes_in_force
from analysis.decisions.rating.ranking import rank_acceptability
from analysis.decisions.rating.scorecard import Worths, criteria_values, make_scorecard, weight_stability, worths
from analysis.decisions.rating.sensitivity import METHODS, rank_sensitivity

__all__ = [
    "ANCHOR_VALUES",
    "MEASURED",
    "METHODS",
    "PARTS",
    "Criterion",
    "CriterionEvidence",
    "GradeRule",
    "RatingInputs",
    "TrialCounts",
    "Worths",
    "as_published",
    "criteria_in_force",
    "criteria_values",
    "drift_evidence",
    "evidence_of",
    "grade_changes",
    "make_scorecard",
    "rank_acceptability",
    "rank_changes",
    "rank_sensitivity",
    "vetoes_in_force",
    "weight_stability",
    "worths",
]
