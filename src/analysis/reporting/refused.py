"""The share of rows that could not be used: told on page one above one dated share, and above another the review is a draft."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.rules import check_number
from analysis.wording import say


@dataclass(frozen=True)
class RefusedRows:
    """Of `rows` rows known at the month's end, `refused` could not be used; `tell` and `draft` are shares of rows."""

    rows: int
    refused: int
    tell: float
    draft: float

    @property
    def share(self) -> float:
        return self.refused / self.rows if self.rows else 0.0

    @property
    def is_told(self) -> bool:
        return self.share > self.tell

    @property
    def is_draft(self) -> bool:
        return self.share > self.draft

    def values(self) -> dict[str, str]:
        """What its sentences say."""
        return {
            "share": f"{self.share:.1%}",
            "refused": f"{self.refused:,}",
            "rows": f"{self.rows:,}",
            "limit": f"{self.draft:.0%}",
        }


def refused_rows(accounting: pd.DataFrame, rule: Mapping[str, Any]) -> RefusedRows:
    """The refused rows of an `accounting` of rows under the rule `[[refused_rows]]`; `RuleError` for a rule that is no share."""
    shares = {
        name: check_number(f"refused_rows.{name}", rule[name], lambda share: 0 < share <= 1, "rules.not_a_share")
        for name in ("tell", "draft")
    }
    counts = {name: int(accounting[name].sum()) if name in accounting else 0 for name in ("rows_in", "quarantined")}
    return RefusedRows(counts["rows_in"], counts["quarantined"], **shares)


def refused_note(accounting: pd.DataFrame, rule: Mapping[str, Any]) -> str:
    """One line for a notebook: how many rows were refused, and whether that makes the review a draft."""
    found = refused_rows(accounting, rule)
    return say("run.refused_draft" if found.is_draft else "run.refused_share", **found.values())
