"""Whom to buy from: each category's main supplier, its backup and the next batch, each with its reason."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.reporting import blocks
from analysis.reporting.blocks import Block, cell, column, name_column
from analysis.reporting.report_context import ReportContext
from analysis.reporting.words import ABSENT, missing

MOST_CATEGORIES = 12
"""Categories in the table; the workbook lists all."""


def advice_blocks(m: ReportContext) -> list[Block]:
    """Two lines a category, three where articles should be ordered together, or one where nobody is fit to be the main supplier yet; no block without the table."""
    if not m.has("sourcing_advice"):
        return []
    advice = m.table("sourcing_advice")
    shown = advice.head(MOST_CATEGORIES)
    lines = [line for _, row in shown.iterrows() for line in _lines(m, row)]
    heads = [
        name_column(m.say("col_category"), shown["category"]), column("", "left"),
        name_column("", [who["text"] for _, _, who, _ in lines]), column(m.say("col_why"), "left", 2.4),
    ]  # fmt: skip
    note = m.rest("sourcing_advice", len(advice) - len(shown))
    intro = blocks.text(m.say("advice_intro"))
    return [blocks.heading(m.say("advice_heading")), intro, blocks.table(heads, lines, size=7.6), *note]


def _lines(m: ReportContext, row: pd.Series) -> list[list[Any]]:
    category = ABSENT if missing(row["category"]) else row["category"]
    if missing(row["main"]):
        nobody = cell(m.say("advice_nobody"), tone="alert")
        return [[category, m.say("advice_main"), nobody, m.words.own(row, "reason")]]
    return [
        [category, m.say("advice_main"), cell(row["main"], tone="strong"), m.words.own(row, "reason")],
        ["", m.say("advice_backup"), _backup(m, row), m.words.own(row, "backup_reason")],
        *(
            [["", m.say("advice_batch"), _batch(m, row), m.words.own(row, "batch_reason")]]
            if _batch_matters(row)
            else []
        ),
    ]


def _backup(m: ReportContext, row: pd.Series) -> dict[str, Any]:
    """The backup's name, marked where it could not step in today."""
    if missing(row["backup"]):
        return cell(m.say("advice_nobody"), tone="alert")
    return cell(row["backup"], tone="strong" if row["readiness"] == "ready" else "quiet")


def _batch_matters(row: pd.Series) -> bool:
    """False where each article's own minimum order is small enough."""
    return "batch_not_needed" not in str(row["batch_reason"])


def _batch(m: ReportContext, row: pd.Series) -> dict[str, Any]:
    if row["mixed_batch"]:
        return cell(m.say("advice_mixed", pieces=m.words.number(row["batch_pieces"])), tone="strong")
    return cell(ABSENT if missing(row["minimum_days"]) else m.say("advice_alone"), tone="quiet")
