"""Money that is still to be talked about: open differences by supplier, and what poor quality costs."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.decisions.sourcing import REASONS
from analysis.reporting import blocks
from analysis.reporting.blocks import Block, cell, column
from analysis.reporting.report_context import ReportContext

MOST_SUPPLIERS = 5
"""Suppliers in a table; the others are summed in one row and listed in `review.html`."""
QUALITY = ("appraisal", "prevention", "internal_failure", "external_failure")


def open_claims(m: ReportContext) -> list[Block]:
    """Open differences in money by supplier and reason, the largest first."""
    if "open_differences" not in m.tables:
        return []
    title = blocks.heading(m.say("claims_heading"))
    claims = m.table("open_differences")
    reasons = [reason for reason in REASONS if reason != "date" and len(claims) and claims[reason].abs().sum() > 0]
    late = _late_lines(m)
    if not reasons:
        return [title, blocks.text(m.say("claims_none") + late)]
    owed = to_ask_back(claims)
    claims = claims[claims[reasons].abs().sum(axis=1) > 0]
    claims = claims.iloc[claims["open"].abs().argsort(kind="stable")[::-1]]
    heads = [column(m.say("col_supplier"), "left", 1), column(m.say("col_lines"))]
    heads += [column(m.say(f"difference_{reason}")) for reason in reasons] + [column(m.say("col_open_money"))]
    rows = _with_sums(m, claims, ["lines", *reasons, "open"], lambda row: _amounts(m, row, ["lines", *reasons, "open"]))
    sums = {"owed": owed["open"].sum(), "net": claims["open"].sum()}
    said = {name: m.words.money(amount, m.facts.currency) for name, amount in sums.items()}
    intro = m.say("claims_intro", **said, owing=len(owed), count=len(claims))
    return [title, blocks.text(intro + late), blocks.table(heads, rows, size=7.4)]


def to_ask_back(claims: pd.DataFrame) -> pd.DataFrame:
    """The suppliers with whom more is open to our loss than to theirs, the largest sums first."""
    return claims[claims["open"] > 0].sort_values("open", ascending=False) if len(claims) else claims


def _late_lines(m: ReportContext) -> str:
    told = m.table("differences")
    late = int((told["reason"] == "date").sum()) if len(told) else 0
    return m.say("claims_late", count=m.words.number(late)) if late else ""


def poor_quality(m: ReportContext) -> list[Block]:
    """Cost of quality by supplier in the four classes, the dearest first."""
    if not m.has("quality_costs"):
        return []
    title = blocks.heading(m.say("quality_costs_heading"))
    if not m.table("quality_costs")["inspected"].sum():
        return [title, blocks.text(m.say("quality_costs_none"), "quiet")]
    costs = m.table("quality_costs").sort_values("cost_of_quality", ascending=False, kind="stable")
    names = [*QUALITY, "cost_of_poor_quality", "cost_of_quality"]
    heads = [column(m.say("col_supplier"), "left", 1), *(column(m.say(f"col_{name}")) for name in QUALITY)]
    heads += [column(m.say("col_interval")), column(m.say("col_poor_quality")), column(m.say("col_of_spend"))]

    def cells(row: pd.Series) -> list[Any]:
        interval = m.words.interval(row["external_failure_low"], row["external_failure_high"])
        share = row["cost_of_quality"] / row["spend"] if row["spend"] > 0 else None
        return [*_amounts(m, row, list(QUALITY)), interval, m.words.number(row["cost_of_poor_quality"]), m.words.percent(share)]  # fmt: skip

    rows = _with_sums(m, costs, [*names, "spend"], cells)
    intro = m.say("quality_costs_intro", total=m.words.money(costs["cost_of_poor_quality"].sum(), m.facts.currency))
    return [title, blocks.text(intro), blocks.table(heads, rows, size=7.4)]


def _amounts(m: ReportContext, row: pd.Series, names: list[str]) -> list[str]:
    return [m.words.number(row[name]) for name in names]


def _with_sums(m: ReportContext, table: pd.DataFrame, names: list[str], cells) -> list[list[Any]]:
    """Rows of the first suppliers, one for all the others and one for the total; `cells(row)` follow the name."""
    first, others = table.head(MOST_SUPPLIERS), table.iloc[MOST_SUPPLIERS:]
    rows = [[row["supplier"], *cells(row)] for _, row in first.iterrows()]
    blank = dict.fromkeys(table.columns)
    if len(others):
        summed = pd.Series(blank | others[names].sum(min_count=1).to_dict(), dtype=object)
        rows.append([cell(m.say("other_suppliers", count=len(others)), tone="quiet"), *cells(summed)])
    total = pd.Series(blank | table[names].sum(min_count=1).to_dict(), dtype=object)
    rows.append([cell(told, tone="strong") for told in (m.say("total"), *cells(total))])
    return rows
