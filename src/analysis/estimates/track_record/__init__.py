"""Forecasts kept by each review, and how they scored once the outcome was known (`track_record`)."""

from analysis.estimates.track_record.forecasts import arrival_forecasts, defect_forecasts, expected_lots
from analysis.estimates.track_record.record import track_record

__all__ = ["arrival_forecasts", "defect_forecasts", "expected_lots", "track_record"]
