"""Drift: is the latest stage (bulk) worse than the ones before it, by counts and by measurements (`drift_table`)?"""

from analysis.estimates.drift.table import drift_table, measured_pieces
from analysis.estimates.drift.whole_supplier import bulk_against_before

__all__ = ["bulk_against_before", "drift_table", "measured_pieces"]
