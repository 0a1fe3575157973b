"""Batches: do several sample batches of one article differ (`sample_batches`), and what became of a batch (`batch_trace`)?"""

from analysis.estimates.batches.samples import sample_batches
from analysis.estimates.batches.trace import batch_trace

__all__ = ["batch_trace", "sample_batches"]
