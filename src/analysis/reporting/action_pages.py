"""The second page: what to do this month, the first due first. The messages stand in the workbook, where steps are ticked off."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.reporting import blocks
from analysis.reporting.ahead_pages import cash_line
from analysis.reporting.around_words import words
from analysis.reporting.blocks import Block, cell, column
from analysis.reporting.report_context import ReportContext
from analysis.reporting.words import ABSENT, missing

MOST_STEPS = 18
"""Steps on the page; the workbook has all with their messages."""
LEAST_OF_A_KIND = 2
"""Of every kind of step so many are shown, whatever is due before them."""


def action_pages(m: ReportContext) -> list[Block]:
    """The page; none where the review made no list."""
    if not m.has("actions"):
        return []
    steps = m.table("actions")
    shown = most_urgent(steps, MOST_STEPS)
    soon = int((steps["due_on"] <= m.facts.as_of + pd.Timedelta(days=7)).sum())
    heads = [
        column(words(m, "col_due"), "left"), column(m.say("col_supplier"), "left", 1.45), column(words(m, "col_step"), "left", 1.8),
        column(words(m, "col_money")), column(words(m, "col_why"), "left", 1.7),
    ]  # fmt: skip
    parts = [
        blocks.text(words(m, "actions_intro", count=len(steps), soon=soon)), *cash_line(m),
        blocks.table(heads, [_row(m, row) for _, row in shown.iterrows()], size=7.2), *m.rest("actions", len(steps) - len(shown)),
    ]  # fmt: skip
    return [blocks.section(words(m, "actions_title"), parts)]


def most_urgent(steps: pd.DataFrame, most: int) -> pd.DataFrame:
    """At most `most` of the steps: the first `LEAST_OF_A_KIND` of every kind, then by day, in the order in which they stand."""
    turn = steps.groupby("kind").cumcount() >= LEAST_OF_A_KIND
    return steps.assign(turn=turn).sort_values(["turn", "number"]).head(most).sort_values("number").drop(columns="turn")


def _row(m: ReportContext, row: pd.Series) -> list[Any]:
    past = row["due_on"] <= m.facts.as_of
    supplier = ABSENT if missing(row["supplier"]) else row["supplier"]
    graded = supplier if missing(row["grade"]) else m.say("supplier_graded", supplier=supplier, grade=row["grade"])
    return [
        cell(m.words.date(row["due_on"]), tone="alert" if past else ""), graded, m.words.own(row, "step"),
        m.words.number(row["money"]), m.words.own(row, "reason"),
    ]  # fmt: skip
