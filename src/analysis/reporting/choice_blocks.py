"""How sure a choice is: the chance of every place, what a wrong choice costs, and whether other methods agree."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.decisions.rating import METHODS
from analysis.reporting import blocks
from analysis.reporting.blocks import Block, column, name_column
from analysis.reporting.report_context import ReportContext

FEW_SKUS = 6
"""SKUs in the table of what a wrong choice would cost, the dearest; the workbook lists all."""


def regret_blocks(m: ReportContext) -> list[Block]:
    """For each SKU that the plan buys, its supplier, the likeliest rival, and what a season with either may miss."""
    if not m.has("choice_regret", "purchase_plan"):
        return []
    table, plan = m.table("choice_regret"), m.table("purchase_plan")
    table = table[~table["supplier"].isin(m.watched())].sort_values(["sku", "expected_regret", "supplier"])
    chosen = table.merge(plan[["sku", "supplier"]], on=["sku", "supplier"], how="left", indicator=True)["_merge"].eq("both").to_numpy()  # fmt: skip
    seconds = table[~chosen].drop_duplicates("sku").set_index("sku")
    firsts = table[chosen & table["sku"].isin(seconds.index)].sort_values(["expected_regret", "sku"], ascending=[False, True])  # fmt: skip
    if firsts.empty:
        return []
    told = firsts.head(FEW_SKUS)
    regret = column(m.say("col_regret", currency=m.facts.currency))
    heads = [
        name_column(m.say("col_sku"), told["sku"]), name_column(m.say("col_plan_buys_from"), told["supplier"]), column(m.say("col_best_by_then")), regret,
        name_column(m.say("col_rival"), seconds.loc[told["sku"], "supplier"]), column(m.say("col_best_by_then")), regret,
    ]  # fmt: skip
    rows = [[row["sku"], *_chosen(m, row), *_chosen(m, seconds.loc[row["sku"]])] for _, row in firsts.iterrows()]
    intro = blocks.text(m.say("regret_intro", months=m.season()))
    return [
        blocks.heading(m.say("regret_heading")),
        intro,
        *m.first_rows("choice_regret", heads, rows, FEW_SKUS, size=7.4),
    ]


def _chosen(m: ReportContext, row: pd.Series) -> list[Any]:
    interval = m.words.interval(row["expected_regret_low"], row["expected_regret_high"])
    regret = m.say("with_interval", value=m.words.number(row["expected_regret"]), interval=interval)
    return [row["supplier"], m.words.chance(row["p_best_value"]), regret]


def other_methods(m: ReportContext, category: str) -> str:
    """Whether TOPSIS and VIKOR put the same supplier first; empty where they were not asked or have no answer."""
    table = m.table("rank_sensitivity")
    own = table[table["category"] == category] if len(table) else table
    firsts = {method: own.loc[own[f"rank_{method}"].eq(1).fillna(False), "supplier"] for method in METHODS if len(own)}
    firsts = {method: names for method, names in firsts.items() if len(names)}
    winners = set(own.loc[own["rank"] == 1, "supplier"]) if len(own) else set()
    others = {method: names for method, names in firsts.items() if not winners & set(names)}
    if not firsts:
        return ""
    if not others:
        return m.say("methods_agree", methods=m.words.listed([method.upper() for method in firsts]))
    told = (m.say("method_differs", method=method.upper(), rival=names.iloc[0]) for method, names in others.items())
    between, end = ("；", "。") if m.words.language == "zh" else ("; ", ".")
    return between.join(told) + end
