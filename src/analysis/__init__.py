"""The evidence layer for companies that buy from factories on 1688.com: a monthly review of trial orders.

An analyst starts with `open_month("example", "2026-10")`; `TABLES` names the canonical tables and their columns.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analysis.sources.tables import TABLES
    from analysis.workbench import open_month

__version__ = "0.1.0"
__all__ = ["TABLES", "__version__", "open_month"]


def __getattr__(name: str) -> Any:
    """What the front door hands on, imported when it is asked for: `analysis --help` needs no pandas."""
    if name == "open_month":
        from analysis.workbench import open_month

        return open_month
    if name == "TABLES":
        from analysis.sources.tables import TABLES

        return TABLES
    raise AttributeError(f"module 'analysis' has no attribute {name!r}")
