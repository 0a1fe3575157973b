"""The share of rows that could not be used: told on page one above one dated share, and above another the review is a draft."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from analysis.allowed import PositiveShare
from analysis.errors import RuleError
from analysis.wording import say


@dataclass(frozen=True)
class RefusedRule:
    """Section `refused_rows`: the shares of rows above which page one says so, and above which the review is a draft."""

    tell: PositiveShare
    draft: PositiveShare

    def __post_init__(self) -> None:
        if self.tell > self.draft:
            raise RuleError("rules.not_above", lower="tell", upper="draft", low=self.tell, high=self.draft)


@dataclass(frozen=True)
class RefusedRows:
    """Of `rows` rows known at the month's end, `refused` could not be used."""

    rows: int
    refused: int
    rule: RefusedRule

    @property
    def share(self) -> float:
        """Refused rows as a share of all rows known."""
        return self.refused / self.rows if self.rows else 0.0

    @property
    def is_told(self) -> bool:
        """True where page one says how many rows were refused."""
        return self.share > self.rule.tell

    @property
    def is_draft(self) -> bool:
        """True where so many were refused that the review is a draft."""
        return self.share > self.rule.draft

    def values(self) -> dict[str, str]:
        """What its sentences say."""
        return {
            "share": f"{self.share:.1%}",
            "refused": f"{self.refused:,}",
            "rows": f"{self.rows:,}",
            "limit": f"{self.rule.draft:.0%}",
        }


SET_ASIDE = (
    "excluded_by_map",
    "totals_row",
    "note_row",
    "header_again",
    "sums_row",
    "freight_line",
    "freight_line_alone",
)
"""Codes of the quarantine that say nothing against a file: rows that the buyer's own map leaves out, totals, notes and headers."""


def refused_rows(accounting: pd.DataFrame, quarantine: pd.DataFrame, rule: RefusedRule) -> RefusedRows:
    """The refused rows of an `accounting` of rows; those of the `quarantine` that were set aside (`SET_ASIDE`) count for nothing."""
    counts = {name: int(accounting[name].sum()) if name in accounting else 0 for name in ("rows_in", "quarantined")}
    aside = quarantine[quarantine["code"].isin(SET_ASIDE)] if len(quarantine) else quarantine
    count = len(aside.drop_duplicates(["table", "file", "sheet", "row"])) if len(aside) else 0
    return RefusedRows(counts["rows_in"] - count, counts["quarantined"] - count, rule)


def refused_note(accounting: pd.DataFrame, quarantine: pd.DataFrame, rule: RefusedRule) -> str:
    """One line for a notebook: how many rows were refused, and whether that makes the review a draft."""
    found = refused_rows(accounting, quarantine, rule)
    return say("run.refused_draft" if found.is_draft else "run.refused_share", **found.values())
