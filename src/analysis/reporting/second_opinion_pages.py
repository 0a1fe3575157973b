"""Beside our own inspection: what factories, third parties and customers say, and how sample batches differ. A part is told where it has rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from analysis.reporting import blocks
from analysis.reporting.blocks import Block, cell, column
from analysis.reporting.codes import code_name
from analysis.reporting.report_context import ReportContext

MOST_SHOWN = {"sample_batches": 4, "outside_reports": 4, "customer_feedback": 0}
MOST_CLEAR = 8
"""Rows printed whatever they say, and where more are clear: of what customers find only what is clear."""
CLEAR = {
    "outside_reports": ("understates", "finds_more"),
    "sample_batches": ("worse", "differs", "better"),
    "customer_feedback": ("customers_find_more",),
}
"""The verdicts that call for something."""
HEADS = {
    "outside_reports": ("col_supplier", "col_inspected_by", "col_they_found", "col_interval", "col_we_found", "col_interval", "col_understates", "col_verdict"),
    "sample_batches": ("col_supplier", "col_sku", "col_batch", "col_failed", "col_interval", "col_worse", "col_verdict"),
    "customer_feedback": ("col_supplier", "col_sku", "col_customers", "col_interval", "col_we_found", "col_interval", "col_customers_more", "col_verdict"),
}  # fmt: skip
TEXTS = ("col_supplier", "col_sku", "col_inspected_by", "col_batch", "col_verdict")


def second_opinions(m: ReportContext) -> list[Block]:
    """The parts of the quality chapter beside our own inspection."""
    return [block for name, row in ROWS.items() if m.has(name) for block in _part(m, name, row)]


def _part(m: ReportContext, name: str, row: Callable[[ReportContext, Any], list[Any]]) -> list[Block]:
    table = m.table(name)
    table = table[table["verdict"] != "first"]
    clear = table["verdict"].isin(CLEAR[name])
    ordered = pd.concat([table[clear], table[~clear]])
    shown = ordered.head(min(max(int(clear.sum()), MOST_SHOWN[name]), MOST_CLEAR))
    heads = [column(m.say(head), "left", 1) if head in TEXTS else column(m.say(head)) for head in HEADS[name]]
    rows = [[*row(m, each), _verdict(m, name, each.verdict)] for each in shown.itertuples()]
    intro = m.say(f"{name}_intro", count=len(table), clear=int(clear.sum()))
    if not rows:
        return []
    told = [blocks.table(heads, rows, size=7.5)]
    rest = m.rest(name, len(table) - len(shown))
    return [blocks.heading(m.say(f"{name}_heading")), blocks.text(intro), *told, *rest]


def _verdict(m: ReportContext, name: str, verdict: str) -> Any:
    told = code_name(name, "verdict", verdict, m.words.language)
    return cell(told, tone="alert") if verdict in CLEAR[name] and verdict != "better" else told


def _report(m: ReportContext, row: Any) -> list[Any]:
    who = code_name("outside_reports", "inspected_by", row.inspected_by, m.words.language)
    return [
        row.supplier, who, *_counted(m, row.reported_defective, row.reported_inspected, row.reported_rate_low, row.reported_rate_high),
        *_counted(m, row.own_defective, row.own_inspected, row.own_rate_low, row.own_rate_high), m.words.chance(row.p_understates),
    ]  # fmt: skip


def _batch(m: ReportContext, row: Any) -> list[Any]:
    batch = m.say("batch_of", batch=row.order_id if pd.isna(row.batch) else row.batch, number=row.number)
    chances = [chance for chance in (row.p_worse, row.p_worse_measured) if pd.notna(chance)]
    told = row.p_worse if row.verdict == "better" else max(chances)  # what the verdict rests on
    counted = _counted(m, row.defective, row.inspected, row.rate_low, row.rate_high)
    return [row.supplier, row.sku, batch, *counted, m.words.chance(told)]


def _feedback(m: ReportContext, row: Any) -> list[Any]:
    return [
        row.supplier, row.sku, *_counted(m, row.from_customers, row.passed_on, row.customer_rate_low, row.customer_rate_high),
        *_counted(m, row.defective, row.inspected, row.inspected_rate_low, row.inspected_rate_high), m.words.chance(row.p_more),
    ]  # fmt: skip


def _counted(m: ReportContext, found: Any, of: Any, low: float, high: float) -> list[str]:
    """How many of how many, and the interval of the share; dashes where nobody looked."""
    return [m.say("x_of_n", x=found, n=of) if of > 0 else "—", m.words.share_interval(low, high)]


ROWS = {"sample_batches": _batch, "outside_reports": _report, "customer_feedback": _feedback}
