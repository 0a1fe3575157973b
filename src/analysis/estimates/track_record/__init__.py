"""Forecasts kept by each review, and how they scored once the outcome was known (`track_record`)."""

from analysis.estimates.track_record.arrivals_together import arrivals_together
from analysis.estimates.track_record.forecasts import arrival_forecasts, defect_forecasts, expected_lots
from analysis.estimates.track_record.late_together import USUAL_SHOCK, MonthShocks, late_together
from analysis.estimates.track_record.record import (
    ALL_MONTHS,
    all_scores,
    calibration_table,
    record_by_lead,
    track_record,
)
from analysis.estimates.track_record.reliability import reliability_table

__all__ = [
    "ALL_MONTHS",
    "USUAL_SHOCK",
    "MonthShocks",
    "all_scores",
    "arrival_forecasts",
    "arrivals_together",
    "calibration_table",
    "defect_forecasts",
    "expected_lots",
    "late_together",
    "record_by_lead",
    "reliability_table",
    "track_record",
]
