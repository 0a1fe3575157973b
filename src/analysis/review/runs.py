"""The reviews that stand in `reports/`, the newest first: what a person who opens the project wants to see."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from analysis.months import MONTH_TEXT
from analysis.paths import REPORTS
from analysis.review.provenance import FILE, read_provenance
from analysis.wording import Language, say

COLUMNS = ("source", "month", "standing", "files")


def published_runs(language: Language = "en", folder: Path = REPORTS, most: int = 12) -> pd.DataFrame:
    """`source month standing files` of the newest reviews by month; without one it says so by having no rows."""
    found = sorted(
        (path.parent for path in folder.glob(f"*/*/{FILE}") if MONTH_TEXT.fullmatch(path.parent.name)),
        key=lambda path: (path.name, path.parent.name), reverse=True,
    )  # fmt: skip
    rows = [(path.parent.name, path.name, _standing(path, language), ", ".join(sorted(file.name for file in path.glob("review.*")))) for path in found[:most]]  # fmt: skip
    return pd.DataFrame(rows, columns=[say(f"explain.run_{name}", language) for name in COLUMNS])


def _standing(folder: Path, language: Language) -> str:
    try:
        draft = bool(read_provenance(folder).get("draft"))
    except (ValueError, AttributeError):
        return say("explain.run_spoilt", language)
    return say("explain.run_draft" if draft else "explain.run_published", language)
