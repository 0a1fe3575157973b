"""What a report says about its month besides the tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from analysis.reporting.evidence import DRAW_COLUMNS
from analysis.reporting.refused import RefusedRule


@dataclass(frozen=True)
class ReviewFacts:
    """The month under review, whose data it is, and how to make the same report again.

    `title` and `note` hold a text each for "en" and "zh". `limit` is the dated defect-rate limit in force (None: no limit).
    `refused` is the dated rule on refused rows (None: they are not told on page one). Of `provenance` the last page prints
    the single values (`package_version`, `git_revision` ...); `provenance.json` has all. `rules` are the sections in force, `draws` the
    summaries of the posterior draws (`evidence.draw_summaries`), `templates` what a buyer wrote in the last pack.
    """

    source: str
    month: str
    as_of: pd.Timestamp
    title: Mapping[str, str]
    note: Mapping[str, str] = field(default_factory=dict)
    currency: str = "CNY"
    simulated: bool = False
    limit: float | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)
    seed: int | None = None
    refused: RefusedRule | None = None
    rules: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    draws: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=DRAW_COLUMNS))
    templates: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def first_day(self) -> pd.Timestamp:
        """First day of the month."""
        return pd.Period(self.month, "M").start_time

    def in_month(self, days: pd.Series) -> pd.Series:
        """True where a date lies in the month and not after `as_of`; missing dates do not."""
        return days.notna() & (days >= self.first_day) & (days <= self.as_of)
