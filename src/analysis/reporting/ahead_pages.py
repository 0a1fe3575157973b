"""Money and stock ahead: what is to be paid week by week, and when the stock that was counted calls for an order."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.decisions.cash import DUE, not_reckoned
from analysis.reporting import blocks
from analysis.reporting.around_words import words
from analysis.reporting.blocks import Block, cell, column, name_column
from analysis.reporting.report_context import ReportContext
from analysis.reporting.words import missing

WEEKS, MOST_COUNTED = 8, 6


def cash_line(m: ReportContext) -> list[Block]:
    """What the coming month needs, what the platform holds, and how many lines that leaves out; nothing where nothing is to be paid."""
    if not m.has("payments"):
        return _left_out(m)
    rows = m.table("payments")
    planned = rows["kind"].isin(["deposit", "planned"])
    month = (rows["amount"] * rows["due_chance"]).where(rows["kind"].isin(DUE), 0.0)
    sums = month.sum(), month[planned].sum(), rows.loc[rows["kind"] == "release", "amount"].sum()
    money, own, held = (m.words.money(amount, m.facts.currency) for amount in sums)
    told = words(m, "cash_held", held=held) if sums[-1] else ""
    return [blocks.text(words(m, "cash", money=money, planned=own, range=_range(m)) + told), *_left_out(m)]


def _range(m: ReportContext) -> str:
    """Between which sums the need lies, where some of it rests on arrivals."""
    if not m.has("cash_need"):
        return ""
    row = m.table("cash_need").iloc[0]
    low, high = (m.words.money(row[end], m.facts.currency) for end in ("need_low", "need_high"))
    return "" if low == high else words(m, "cash_range", low=low, high=high, level=m.words.percent(row["level"], 0))


def _left_out(m: ReportContext) -> list[Block]:
    count = not_reckoned(m.table("orders")) if m.has("orders") else 0
    return [blocks.text(words(m, "cash_unknown", count=m.words.number(count)), "note")] if count else []


def ahead_pages(m: ReportContext) -> list[Block]:
    """The chapter; none where nothing is to be paid and no stock is planned."""
    parts = [*_payments(m), *_stock(m)]
    return [blocks.section(words(m, "ahead_title"), parts, new_page=False)] if parts else []


def _payments(m: ReportContext) -> list[Block]:
    if not m.has("payments"):
        return _left_out(m)
    rows = m.table("payments")
    rows = rows[rows["kind"].isin(DUE)]
    start = m.facts.as_of + pd.Timedelta(days=1)
    week = ((rows["due_on"] - start).dt.days // 7).clip(lower=0, upper=WEEKS).fillna(WEEKS).astype(int)
    sums = rows.pivot_table(index=week, columns="kind", values="amount", aggfunc="sum").reindex(columns=list(DUE))
    heads = [
        column(words(m, "col_week"), "left"),
        *(column(words(m, f"col_{kind}")) for kind in DUE),
        column(words(m, "col_total")),
    ]
    lines = [_week(m, start, int(number), row) for number, row in sums.iterrows()]
    return [blocks.text(words(m, "ahead_intro")), *cash_line(m), *([blocks.table(heads, lines)] if lines else [])]


def _week(m: ReportContext, start: pd.Timestamp, number: int, row: pd.Series) -> list[Any]:
    label = words(m, "later") if number == WEEKS else m.words.date(start + pd.Timedelta(weeks=number))
    return [label, *(m.words.number(row[kind]) for kind in DUE), cell(m.words.number(row.sum()), tone="strong")]


def _stock(m: ReportContext) -> list[Block]:
    if not m.has("stock_now"):
        return []
    title, rows = blocks.heading(words(m, "stock_heading")), m.table("stock_now")
    rows = rows[rows["counted_on"].notna()].sort_values(["days_until_order", "sku"], na_position="last")
    if rows.empty:
        return [title, blocks.text(words(m, "stock_nobody"), "quiet")]
    heads = [
        name_column(words(m, "col_sku"), rows["sku"]), column(words(m, "col_on_hand")), column(words(m, "col_counted_on")), column(words(m, "col_on_order")),
        column(words(m, "col_reorder_at")), column(words(m, "col_covered")), column(words(m, "col_order_when"), "left", 2),
    ]  # fmt: skip
    lines = [
        [
            row["sku"], m.words.number(row["on_hand"]), m.words.date(row["counted_on"]), m.words.number(row["on_order"]), m.words.number(row["reorder_point"]),
            m.words.number(row["days_covered"]), _when(m, row),
        ]
        for _, row in rows.iterrows()
    ]  # fmt: skip
    return [title, blocks.text(words(m, "stock_intro")), *m.first_rows("stock_now", heads, lines, MOST_COUNTED)]


def _when(m: ReportContext, row: pd.Series) -> Any:
    """The day on which the reorder point is reached; in words where it has passed, or where nobody can tell."""
    if missing(row["days_until_order"]):
        return m.words.own(row, "note")
    if row["days_until_order"] == 0:
        return cell(words(m, "order_now"), tone="alert")
    return words(m, "order_in", days=m.words.number(row["days_until_order"]), date=m.words.date(row["order_by"]))
