"""Drift: is the latest stage (bulk) worse than the ones before it, by counts and by measurements (`drift_table`)?
`CountComparison` and `compare_measurements` are the two ways of looking, for other questions of the same kind."""

from analysis.estimates.drift.counts import CountComparison
from analysis.estimates.drift.measurements import compare_measurements
from analysis.estimates.drift.table import drift_table, measured_pieces
from analysis.estimates.drift.whole_supplier import bulk_against_before, likeness_within_sides

__all__ = [
    "CountComparison",
    "bulk_against_before",
    "compare_measurements",
    "drift_table",
    "likeness_within_sides",
    "measured_pieces",
]
