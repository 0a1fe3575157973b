"""The whole report as data: the first page and the chapters, from the month's tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analysis.reporting import blocks
from analysis.reporting.account_pages import account_pages
from analysis.reporting.action_pages import action_pages
from analysis.reporting.ahead_pages import ahead_pages
from analysis.reporting.blocks import Block, column
from analysis.reporting.columns import as_text, heading_of, is_number, shown_columns, unit_of
from analysis.reporting.data_pages import data_pages, provenance_pages
from analysis.reporting.delivery_pages import delivery_pages
from analysis.reporting.facts import ReviewFacts
from analysis.reporting.front_page import front_page
from analysis.reporting.messages import open_risks, with_messages
from analysis.reporting.money_pages import money_pages
from analysis.reporting.next_round_pages import next_round_pages
from analysis.reporting.offer_pages import offer_pages
from analysis.reporting.plan_pages import plan_pages
from analysis.reporting.quality_pages import quality_pages
from analysis.reporting.record_pages import record_pages
from analysis.reporting.report_context import ReportContext, report_context
from analysis.reporting.risk_pages import risk_pages
from analysis.reporting.scorecard_pages import scorecard_pages
from analysis.reporting.stock_pages import stock_pages
from analysis.reporting.trend_pages import trend_pages
from analysis.reporting.ways_pages import ways_pages
from analysis.reporting.words import missing
from analysis.wording import Language

PLAIN_TABLES = ("risks",)
"""Tables printed as they stand, when they are there, with the headings of the codebook."""

MOST_PLAIN_ROWS, MOST_PLAIN_COLUMNS = 25, 9
FEW_PLAIN_ROWS = 12
"""A table as short as that needs no page of its own."""


def report_content(tables: Mapping[str, pd.DataFrame], facts: ReviewFacts, language: Language) -> dict[str, Any]:
    """Everything that the PDF says, as JSON-ready data; `review.typ` sets it."""
    m = report_context(tables, facts, language)
    title = m.say("front_title", title=facts.title[language], month=m.words.month(facts.month))
    chapters = [
        *action_pages(m),
        *plan_pages(m),
        *trend_pages(m),
        quality_pages(m),
        delivery_pages(m),
        scorecard_pages(m),
        money_pages(m),
        stock_pages(m),
    ]
    chapters += [*next_round_pages(m), *ahead_pages(m), *offer_pages(m), *risk_pages(m), *ways_pages(m)]
    chapters += [plain_pages(m, name) for name in PLAIN_TABLES if m.has(name) and "risk_register" not in m.tables]
    chapters += [record_pages(m), *account_pages(m), data_pages(m, tables), provenance_pages(m)]
    return {
        "language": language,
        "title": title,
        "author": facts.title[language],
        "date": [facts.as_of.year, facts.as_of.month, facts.as_of.day],
        "header": {"left": title, "right": m.say("header_as_of", as_of=m.words.long_date(facts.as_of))},
        "footer": _footer(m),
        "banner": _banner(m),
        "figure_word": m.say("figure_word"),
        "front": front_page(m),
        "contents": m.say("contents"),
        "sections": with_messages(m, chapters),
    }


def _banner(m: ReportContext) -> str | None:
    """What page one says in a box: that the review is a draft, that its data are simulated."""
    kind, told = m.refused_told()
    said = [told] if kind == "draft" else []
    return "\n".join([*said, m.say("banner_simulated")] if m.facts.simulated else said) or None


def _footer(m: ReportContext) -> str:
    said = m.say("footer_simulated" if m.facts.simulated else "footer")
    return m.say("footer_draft", footer=said) if m.refused_told()[0] == "draft" else said


def plain_pages(m: ReportContext, name: str) -> Block:
    """A chapter that prints the table `name` under the codebook's headings."""
    table = open_risks(m.table(name)) if name == "risks" else m.table(name)
    names = shown_columns(table, m.words.language)[:MOST_PLAIN_COLUMNS]
    heads = [
        column(heading_of(name, c, m.words.language), "right" if is_number(table[c]) else "left", 1 if unit_of(name, c, table[c]) == "text" else None)
        for c in names
    ]  # fmt: skip
    shown = table.head(MOST_PLAIN_ROWS)
    rows = [[_plain_cell(m, name, c, table[c], row[c]) for c in names] for _, row in shown.iterrows()]
    note = m.rest(name, len(table) - len(shown))
    parts = [blocks.text(m.say(f"{name}_intro")), blocks.table(heads, rows, size=7.6), *note]
    return blocks.section(m.say(f"{name}_title"), parts, new_page=len(rows) > FEW_PLAIN_ROWS)


def _plain_cell(m: ReportContext, name: str, column_name: str, values: pd.Series, value: Any) -> Any:
    """A cell as the codebook writes it; a due date that has passed in red with its days."""
    told = as_text(name, column_name, values, value, m.words)
    if column_name != "due_on" or missing(value) or value >= m.facts.as_of:
        return told
    return blocks.cell(m.say("overdue_by", date=told, days=(m.facts.as_of - value).days), tone="alert")
