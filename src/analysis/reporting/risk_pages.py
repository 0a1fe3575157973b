"""The register of risks: what is overdue first, and the line of it that reaches the first page."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.reporting import blocks
from analysis.reporting.around_words import words
from analysis.reporting.blocks import Block, cell, column, name_column
from analysis.reporting.report_context import ReportContext
from analysis.reporting.words import missing

MOST_RISKS = 10
MOST_ON_FRONT = 3
STATES = ("overdue", "new", "open", "closed")


def risk_pages(m: ReportContext) -> list[Block]:
    """The chapter; none where the review made no register."""
    if "risk_register" not in m.tables:
        return []
    register = m.table("risk_register")
    if register.empty:
        return [blocks.section(words(m, "risks_title"), [blocks.text(words(m, "risks_none"))], new_page=False)]
    live = register[register["state"] != "closed"]
    shown = live.head(MOST_RISKS)
    heads = [
        column(words(m, "col_state"), "left"), name_column(m.say("col_supplier"), shown["supplier"]), column(words(m, "col_item"), "left", 1.7),
        column(words(m, "col_likelihood")), column(words(m, "col_money")), column(words(m, "col_owner"), "left"),
        column(words(m, "col_due")), column(words(m, "col_response"), "left", 1.5),
    ]  # fmt: skip
    parts = [
        blocks.text(words(m, "risks_intro")), blocks.text(_counts(m)),
        blocks.table(heads, [_row(m, row) for _, row in shown.iterrows()], size=7.2), *m.rest("risk_register", len(live) - len(shown)),
    ]  # fmt: skip
    return [blocks.section(words(m, "risks_title"), parts, new_page=False)]


def risks_on_front(m: ReportContext) -> list[Block]:
    """One line for the first page: how many risks stand how, and the overdue ones by name."""
    if not m.has("risk_register"):
        return []
    register = m.table("risk_register")
    told = words(m, "risks_front", counts=_counts(m))
    late = register[register["state"] == "overdue"].head(MOST_ON_FRONT)
    colon, joiner = ("：", "；") if m.words.language == "zh" else (": ", "; ")
    named = [f"{row['supplier']}{colon}{m.words.own(row, 'item').rstrip('.。')}" for _, row in late.iterrows()]
    first = [blocks.text(words(m, "risks_front_top", items=joiner.join(named)), "alert")] if named else []
    return [blocks.text(told), *first]


def _counts(m: ReportContext) -> str:
    register = m.table("risk_register")
    lately = register["found_by"].eq("review") | m.facts.in_month(register["closed_on"])
    found = register[(register["state"] != "closed") | lately]["state"].value_counts()
    return words(m, "risks_counts", **{state: int(found.get(state, 0)) for state in STATES})


def _row(m: ReportContext, row: pd.Series) -> list[Any]:
    late = row["state"] == "overdue"
    state = words(m, "overdue_days", days=int(row["days_overdue"])) if late else words(m, f"state_{row['state']}")
    owner = cell(words(m, "nobody"), tone="quiet") if missing(row["owner"]) else row["owner"]
    return [
        cell(state, tone="alert" if late else ""), row["supplier"], m.words.own(row, "item"), m.words.chance(row["likelihood"]),
        m.words.number(row["money"]), owner, m.words.date(row["due_on"]), m.words.own(row, "response"),
    ]  # fmt: skip
