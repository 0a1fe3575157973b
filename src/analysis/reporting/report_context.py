"""What every page of the report is written from: the month's tables, its facts and the words of one language."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.reporting import blocks
from analysis.reporting.blocks import Block
from analysis.reporting.facts import ReviewFacts
from analysis.reporting.glyphs import printable_table
from analysis.reporting.page_tables import SHEETS, SHOWN
from analysis.reporting.refused import RefusedRows, refused_rows
from analysis.reporting.words import Words, missing
from analysis.wording import Language

MOST_TABLE_ROWS = 10
"""Rows of a table whose numbers a figure shows for all, or of which the first are what counts."""
MOST_NAMED = 5
"""Suppliers named in a list of the first page; the chapters name all."""


@dataclass(frozen=True)
class ReportContext:
    """`table(name)` is never None: an absent table is an empty one, and `has(name)` says which pages can be written."""

    tables: Mapping[str, pd.DataFrame]
    facts: ReviewFacts
    words: Words

    def has(self, *names: str) -> bool:
        """True where each of the tables is there and has rows."""
        return all(name in self.tables and len(self.tables[name]) > 0 for name in names)

    def table(self, name: str) -> pd.DataFrame:
        """The table `name`; an absent one is empty."""
        return self.tables.get(name, pd.DataFrame())

    def say(self, entry: str, **values: object) -> str:
        """The text of an entry of `wording/report.toml` in the report's language."""
        return self.words.say(entry, **values)

    def first_rows(
        self,
        name: str,
        heads: Sequence[dict[str, Any]],
        rows: Sequence[Sequence[Any]],
        most: int = MOST_TABLE_ROWS,
        size: float = 8,
    ) -> list[Block]:
        """A table of the first rows of `name`, and where the others are."""
        return [blocks.table(heads, rows[:most], size=size), *self.rest(name, len(rows) - most)]

    def rest(self, name: str, count: int) -> list[Block]:
        """The note on the `count` rows of the table `name` that are not printed, and the file that has all or, where it is the page
        (which cuts long tables), more of them; none for none."""
        if name not in SHEETS and not any(shown.name == name for shown in SHOWN):
            raise ValueError(f"the table {name} is printed in part, and neither the workbook nor the page has it")
        place = "workbook" if name in SHEETS else "page"
        return [blocks.text(self.say(f"rest_in_{place}", count=count), "note")] if count > 0 else []

    def left_out(self, entry: str, shown: pd.DataFrame, every: pd.DataFrame) -> str:
        """The sentence `entry` on which rows are `shown` of `every`; empty where all are."""
        return self.say(entry, shown=len(shown), count=len(every)) if len(shown) < len(every) else ""

    def limit(self) -> float | None:
        """The defect-rate limit in force: the facts', else the one that the estimates were made with."""
        if self.facts.limit is not None or not self.has("defect_rates"):
            return self.facts.limit
        used = self.table("defect_rates")["limit"].dropna()
        return float(used.iloc[0]) if len(used) else None

    def refused(self) -> RefusedRows | None:
        """The rows that could not be used; None where no rule asks or nothing was counted."""
        if self.facts.refused is None or not self.has("accounting"):
            return None
        return refused_rows(self.table("accounting"), self.table("quarantine"), self.facts.refused)

    def refused_told(self) -> tuple[str, str]:
        """(kind, sentence) on refused rows: `draft`, `told`, or nothing to say."""
        found = self.refused()
        if found is None or not found.is_told:
            return "", ""
        if found.is_draft:
            return "draft", self.say("refused_draft", **found.values())
        return "told", self.say("refused_told", **found.values())

    def supplier_rates(self) -> pd.DataFrame:
        """Defect rates a supplier, the most certain trouble first, suppliers without inspections last."""
        rates = self.table("defect_rates")
        if rates.empty:
            return rates
        rates = rates[rates["level"] == "supplier"].assign(assessed=lambda rows: rows["inspected"] > 0)
        order = ["assessed", "p_over_limit", "defect_rate", "supplier"]
        return rates.sort_values(order, ascending=[False, False, False, True])

    def season(self) -> str:
        """How many months a choice of supplier stands, as a number."""
        return self.words.number(self.facts.rules.get("trial_plan", {}).get("season_months"))

    def watched(self) -> set[str]:
        """The suppliers from whom nothing is to be ordered: of grade C, and those that the plan leaves out for their bulk."""
        card = self.table("scorecard")
        return self.out_for_bulk() | (set(card.loc[card["grade"] == "C", "supplier"]) if len(card) else set())

    def out_for_bulk(self) -> set[str]:
        """The suppliers that the plan leaves out for their bulk, whatever their grade."""
        plan = self.table("purchase_plan")
        named = plan["out_for_bulk"].dropna().str.split("; ").explode() if "out_for_bulk" in plan else ()
        return {name for name in named if name}

    def ranked(self) -> pd.DataFrame:
        """The scorecard from the best rank down."""
        scorecard = self.table("scorecard")
        return scorecard if scorecard.empty else scorecard.sort_values(["rank", "supplier"])


def report_context(tables: Mapping[str, pd.DataFrame], facts: ReviewFacts, language: Language) -> ReportContext:
    """`tables` made printable in the report's font, with `facts` and the words of `language`."""
    return ReportContext({name: printable_table(table) for name, table in tables.items()}, facts, Words(language))


def names_in(cell: object) -> list[str]:
    """The criteria named in a `missing_criteria` cell: a list, or a text with commas."""
    if isinstance(cell, str):
        return [name.strip() for name in re.split(r"[,;、，；]", cell) if name.strip()]
    if isinstance(cell, list | tuple | set) or hasattr(cell, "tolist"):
        return [str(name) for name in cell]  # type: ignore[attr-defined]
    if missing(cell):
        return []
    raise TypeError(f"missing_criteria must be a text or a list of names; it is {type(cell).__name__}")
