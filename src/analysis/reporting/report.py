"""The monthly review as files: a PDF in each language and a workbook, all from the same tables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from analysis.reporting.facts import ReviewFacts
from analysis.reporting.pdf import write_pdf
from analysis.reporting.workbook import write_workbook
from analysis.wording import LANGUAGES


def write_review(tables: Mapping[str, pd.DataFrame], facts: ReviewFacts, folder: Path) -> list[Path]:
    """Write `review.zh.pdf`, `review.en.pdf` and `review.xlsx` into `folder`; returns their paths.

    `tables` are the processed tables by name (`previous_scorecard` is last month's, for what changed). A table that is
    absent or empty leaves its section out or reads "not assessed". The same tables and facts give the same bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    present = {name: table for name, table in tables.items() if table is not None}
    reports = [write_pdf(present, facts, folder / f"review.{language}.pdf", language) for language in LANGUAGES]
    return [*reports, write_workbook(present, facts, folder / "review.xlsx")]
