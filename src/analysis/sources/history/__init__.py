"""Order history as Parquet, of any length: counted in one pass with bounded memory, rows checked by the rules of small files.

`count_history` hands on whole numbers (`HistoryCounts`): how many deliveries took how many days, how many lots showed what, and money in
fen. Nothing that the estimates use is lost by it. What a history is: docs/scale.md.
"""

from analysis.sources.history.count import count_history, history_files
from analysis.sources.history.partial import Partial
from analysis.sources.history.tables import HistoryCounts

__all__ = ["HistoryCounts", "Partial", "count_history", "history_files"]
