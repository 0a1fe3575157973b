"""Drift: is the latest stage (bulk) worse than the ones before it, by counts and by measurements (`drift_table`)?"""

from analysis.estimates.drift.table import drift_table, measured_pieces

__all__ = ["drift_table", "measured_pieces"]
