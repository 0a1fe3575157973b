"""The codebook as a page: every column of every table that a review writes, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from analysis.reporting.columns import about, heading_of, unit_of
from analysis.wording import LANGUAGES

HEAD = """# Codebook

Every column of every table that a review writes to `data/processed/<source>/<month>/*.parquet`; `review.xlsx` has a sheet of those that are used most. Money is in the source's
currency, durations in days, quantities in pieces, shares between 0 and 1. An empty cell is *not known*, never zero. Intervals are those of `[[limits]] interval_level` (90 %).
Files ending in `_draws` hold posterior draws: `supplier` and a list `draws`.
"""


def codebook(tables: Mapping[str, pd.DataFrame]) -> str:
    """Markdown, a section a table and a row a column."""
    return HEAD + "".join(_section(name, tables[name]) for name in sorted(tables))


def _section(name: str, table: pd.DataFrame) -> str:
    rows = "".join(_row(name, column, table[column]) for column in table.columns)
    return f"\n## {name}\n\n| column | unit | meaning | 含义 |\n|---|---|---|---|\n{rows}"


def _row(name: str, column: str, values: pd.Series) -> str:
    told = (f"**{heading_of(name, column, language)}**: {about(name, column, language)}" for language in LANGUAGES)
    cells = [f"`{column}`", unit_of(name, column, values), *told]
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |\n"
