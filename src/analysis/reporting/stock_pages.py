"""The stock chapter: when to order, how much and what that ties up; the forecast that suppliers get stands in their messages."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.reporting import blocks
from analysis.reporting.blocks import Block, cell, column, name_column
from analysis.reporting.inspection_pages import inspection_plans
from analysis.reporting.report_context import ReportContext
from analysis.reporting.supply_pages import backup_suppliers
from analysis.reporting.words import missing

MOST_SKUS = 40
"""SKUs in a table; the workbook lists all."""
SHORT = 0.01
"""The usual formula is marked where its service falls short by more."""


def stock_pages(m: ReportContext) -> Block:
    """The chapter on demand, reorder points and order sizes."""
    assessed = m.has("stock") and bool(m.table("stock")["reorder_point"].notna().any())
    rest = [*inspection_plans(m), *backup_suppliers(m)]
    stock = _stock(m) if assessed else [blocks.text(m.say(_none(m)), "quiet"), *_reasons(m)]
    return blocks.section(m.say("stock_title"), [*stock, *rest], new_page=assessed or bool(rest))


def _none(m: ReportContext) -> str:
    """Whether demand is what lacks, or something else that stands with each SKU."""
    known = m.has("stock") and bool(m.table("stock")["demand_per_month"].notna().any())
    return "stock_none_else" if known else "stock_none"


def _stock(m: ReportContext) -> list[Block]:
    stock = m.table("stock")
    known = stock[stock["reorder_point"].notna()].sort_values(["capital", "sku"], ascending=[False, True])
    heads = [
        name_column(m.say("col_sku"), known["sku"]), column(m.say("col_supplier"), "left", 1), column(m.say("col_a_month")),
        column(m.say("col_reorder_point")), column(m.say("col_service")),
        column(m.say("col_usual")), column(m.say("col_usual_service")), column(m.say("col_order_size")), column(m.say("col_up_to")),
        column(m.say("col_turns")), column(m.say("col_capital")),
    ]  # fmt: skip
    rows = [_stock_row(m, row) for _, row in known.head(MOST_SKUS).iterrows()]
    short = known["normal_cycle_service"] < known["cycle_service"] - SHORT
    capital = m.words.money(known["capital"].sum(min_count=1), m.facts.currency)
    turns = m.words.number(_all_turns(known), 1)
    intro = m.say("stock_intro", count=len(known), short=int(short.sum()), capital=capital, turns=turns)
    return [
        blocks.text(intro),
        *([blocks.text(told)] if (told := _pace(m, stock)) else []),
        blocks.table(heads, rows, size=7.4),
        blocks.text(m.say("stock_note"), "note"),
        *_reasons(m),
    ]


def _pace(m: ReportContext, stock: pd.DataFrame) -> str:
    """Whether demand follows a season or trend; one sentence for all SKUs, nothing where a month was made without it."""
    told = stock["pace_note"].replace("", pd.NA).dropna() if "pace_note" in stock else pd.Series(dtype=object)
    return m.words.own(stock.loc[told.index[0]], "pace_note") if len(told) else ""


def _all_turns(stock: pd.DataFrame) -> float:
    """Turns of all SKUs together by their money: each SKU's turns weighted by the capital that it ties up."""
    money = stock[["turns", "capital"]].dropna()
    return float((money["turns"] * money["capital"]).sum() / money["capital"].sum()) if len(money) else float("nan")


def _stock_row(m: ReportContext, row: pd.Series) -> list[Any]:
    w = m.words
    usual, demand = (
        w.percent(row["normal_cycle_service"], 0),
        w.interval(row["demand_per_month_low"], row["demand_per_month_high"]),
    )
    falls_short = not missing(row["normal_cycle_service"]) and row["normal_cycle_service"] < row["cycle_service"] - SHORT  # fmt: skip
    return [
        row["sku"], w.own(row, "supplier"), m.say("with_interval", value=w.number(row["demand_per_month"]), interval=demand), w.number(row["reorder_point"]),
        w.percent(row["cycle_service"], 0), w.number(row["normal_reorder_point"]), cell(usual, tone="alert") if falls_short else usual,
        w.number(row["order_quantity"]), w.number(row["order_up_to"]), w.number(row["turns"], 1), w.number(row["capital"]),
    ]  # fmt: skip


def _reasons(m: ReportContext) -> list[Block]:
    """What the sheet says of single SKUs; that the usual formula falls short stands in the table."""
    if not m.has("stock"):
        return []
    told = m.table("stock")
    told = told[told["note_key"].notna() & ~told["note_key"].isin(["", "usual_formula_short"])]
    items = [(str(row["sku"]), m.words.own(row, "note")) for _, row in told.head(MOST_SKUS).iterrows()]
    return [blocks.bullets(items)] if items else []
