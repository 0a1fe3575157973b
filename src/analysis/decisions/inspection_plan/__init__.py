"""Incoming inspection: how many pieces of an expected lot to look at, and when to accept it.

`recommend_plans` says it for every lot to come, by cost and by limiting quality, `LotInspection` what it comes to for a lot's cost; `iso2859_plan` is the standard's plan beside it.
"""

from analysis.decisions.inspection_plan.choose import InspectionRule, RiskyGoods, operating_curves
from analysis.decisions.inspection_plan.iso2859 import iso2859_plan
from analysis.decisions.inspection_plan.lot_inspection import LotInspection
from analysis.decisions.inspection_plan.recommend import lot_history, recommend_plans
from analysis.decisions.inspection_plan.sampling_plan import SamplingPlan

__all__ = [
    "InspectionRule",
    "LotInspection",
    "RiskyGoods",
    "SamplingPlan",
    "iso2859_plan",
    "lot_history",
    "operating_curves",
    "recommend_plans",
]
