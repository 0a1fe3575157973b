"""The words of the pages before and around the order (`wording/before_order.toml`)."""

from __future__ import annotations

from analysis.reporting.report_context import ReportContext
from analysis.wording import say


def words(m: ReportContext, entry: str, **values: object) -> str:
    """The text of an entry of `wording/before_order.toml` in the report's language."""
    return say(f"before_order.{entry}", m.words.language, **values)
