"""The evidence layer for companies that buy from factories on 1688.com: a monthly review of trial orders.

An analyst starts with `open_month("example", "2026-10")`; `TABLES` names the canonical tables and their columns.
"""

from analysis.month import open_month
from analysis.sources.tables import TABLES

__version__ = "0.1.0"
__all__ = ["TABLES", "__version__", "open_month"]
