"""The tool's own account: what following its past plans brought, and what not following them did."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.decisions.sourcing import ALL_MONTHS
from analysis.reporting import blocks
from analysis.reporting.blocks import Block, cell, column, name_column
from analysis.reporting.report_context import ReportContext
from analysis.reporting.words import ABSENT, missing

MOST_ROWS = 12
"""Of the newest plans; `review.html` lists more."""


def account_pages(m: ReportContext) -> list[Block]:
    """The chapter; none as long as no plan of an earlier review is kept."""
    if not m.has("plan_account"):
        return []
    account = m.table("plan_account")
    rows, sums = account[account["month"] != ALL_MONTHS], account[account["month"] == ALL_MONTHS]
    done = rows[rows["ordered_from"].notna()].sort_values(["month", "sku"], ascending=[False, True])
    newest = done.head(MOST_ROWS)
    told = [blocks.text(m.say("account_intro")), blocks.text(_counted(m, rows))]
    told += [blocks.bullets([_sum(m, row) for _, row in sums.iterrows()])] if len(sums) else []
    rest = m.rest("plan_account", len(done) - len(newest))
    table = [_table(m, newest), *rest, blocks.text(m.say("account_note"), "note")] if len(newest) else []
    return [blocks.section(m.say("account_title"), [*told, *table], new_page=False)]


def _counted(m: ReportContext, rows: pd.DataFrame) -> str:
    """How many planned orders were followed."""
    counts = rows["status"].value_counts()
    of = {name: m.words.number(counts.get(name, 0)) for name in ("followed", "other", "not_ordered", "anyway")}
    return m.say("account_counted", plans=m.words.number(len(rows)), months=rows["month"].nunique(), **of)


def _sum(m: ReportContext, row: pd.Series) -> tuple[str, str]:
    w, currency = m.words, m.facts.currency
    saved = row["brought"] >= 0
    ends = (row["brought_low"], row["brought_high"]) if saved else (-row["brought_high"], -row["brought_low"])
    values = {
        "orders": w.number(row["orders"]),
        "money": w.money(abs(row["brought"]), currency),
        "interval": w.interval(*ends),
    }
    return m.say(f"account_{row['status']}"), m.say("account_saved" if saved else "account_cost", **values)


def _table(m: ReportContext, rows: pd.DataFrame) -> Block:
    heads = [
        column(m.say("account_col_month"), "left"), name_column(m.say("col_sku"), rows["sku"]),
        column(m.say("account_col_planned"), "left", 1), column(m.say("account_col_ordered"), "left", 1),
        column(m.say("plan_col_pieces")), column(m.say("account_col_why"), "left"), column(m.say("account_col_brought")),
    ]  # fmt: skip
    return blocks.table(heads, [_row(m, row) for _, row in rows.iterrows()], size=7.6)


def _row(m: ReportContext, row: pd.Series) -> list[Any]:
    w, other = m.words, row["status"] != "followed"
    brought = m.say(
        "with_interval", value=w.number(row["brought"]), interval=w.interval(row["brought_low"], row["brought_high"])
    )
    return [
        row["month"], row["sku"], ABSENT if missing(row["planned_supplier"]) else row["planned_supplier"],
        cell(row["ordered_from"], tone="strong" if other else ""), w.number(row["ordered_pieces"]),
        ABSENT if missing(row["why"]) else m.say(f"account_why_{row['why']}"), ABSENT if missing(row["brought"]) else brought,
    ]  # fmt: skip
