"""The words of the pages before and around the order (`wording/before_order.toml`), and what their tables share."""

from __future__ import annotations

import pandas as pd

from analysis.reporting.blocks import Block, text
from analysis.reporting.material import Material
from analysis.wording import say


def words(m: Material, entry: str, **values: object) -> str:
    """The text of an entry of `wording/before_order.toml` in the report's language."""
    return say(f"before_order.{entry}", m.words.language, **values)


def rest_of(m: Material, shown: pd.DataFrame, every: pd.DataFrame, entry: str) -> list[Block]:
    """The note on rows that stand in the workbook alone; none where all are shown."""
    left = len(every) - len(shown)
    return [text(words(m, entry, count=left), "note")] if left else []
