"""The analyst's bench: a month opened with its tables at hand, trends, what-if and what is behind a number.

`from analysis import open_month` is its front door.
"""

from analysis.workbench.opened import OpenMonth, explained_text, open_month
from analysis.workbench.trend import MEASURES, Trend

__all__ = ["MEASURES", "OpenMonth", "Trend", "explained_text", "open_month"]
