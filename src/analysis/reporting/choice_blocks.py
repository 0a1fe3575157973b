"""How sure a choice is: the chance of every place, what a wrong choice costs, and whether other methods agree."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.decisions.rating import METHODS
from analysis.reporting import blocks
from analysis.reporting.blocks import Block, cell, column, name_column
from analysis.reporting.material import Material

MOST_PLACES = 8
"""Places with a column of their own; what is left is the chance of any place behind them."""
MOST_SKUS = 25
MAY_LEAD = 0.05
"""Chance of the first place from which a supplier is told; the workbook has all."""


def place_blocks(m: Material) -> list[Block]:
    """The chance of each place within its category, the categories one under the other."""
    if not m.has("rank_acceptability"):
        return []
    table = m.table("rank_acceptability")
    chances = table[table["within_category"]].pivot_table(index="supplier", columns="rank", values="probability")
    ranked = m.ranked().sort_values(["category", "rank_in_category", "supplier"])
    places = [place for place in sorted(chances.columns) if place <= MOST_PLACES]
    heads = [
        name_column(m.say("col_category"), ranked["category"]), name_column(m.say("col_supplier"), ranked["supplier"]),
        *(column(m.say("col_place", place=place)) for place in places),
    ]  # fmt: skip
    chances = chances.reindex(ranked["supplier"]).fillna(0.0)
    rivals = ranked.groupby("category", dropna=False)["supplier"].transform("size")
    may_lead = (chances[1] >= MAY_LEAD).to_numpy() | (ranked["rank_in_category"] == 1).to_numpy() if 1 in chances else slice(None)  # fmt: skip
    ranked, chances, rivals = ranked[may_lead], chances[may_lead], rivals[may_lead]
    rows = [
        [row["category"] if first else "", row["supplier"], *(_place(m, share[place], place <= n) for place in places)]
        for (_, row), (_, share), n, first in zip(
            ranked.iterrows(), chances.iterrows(), rivals, ~ranked["category"].duplicated()
        )
    ]
    intro = blocks.text(m.say("places_intro"))
    return [blocks.heading(m.say("places_heading")), intro, blocks.table(heads, rows, size=7.4)]


def _place(m: Material, chance: float, possible: bool) -> Any:
    """A chance in per cent, the darker the likelier; empty where the category has no such place."""
    if not possible:
        return ""
    return cell(m.words.chance(chance), shade=0.5 + round(float(chance), 3) / 2)


def regret_blocks(m: Material) -> list[Block]:
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
    regret = column(m.say("col_regret", currency=m.facts.currency))
    heads = [
        name_column(m.say("col_sku"), firsts["sku"]), column(m.say("col_season", months=m.season())), column(m.say("col_plan_buys_from"), "left", 1), column(m.say("col_best_by_then")), regret,
        column(m.say("col_rival"), "left", 1), column(m.say("col_best_by_then")), regret,
    ]  # fmt: skip
    rows = [
        [row["sku"], m.words.number(row["season"]), *_chosen(m, row), *_chosen(m, seconds.loc[row["sku"]])]
        for _, row in firsts.head(MOST_SKUS).iterrows()
    ]
    intro = blocks.text(m.say("regret_intro", months=m.season()))
    return [blocks.heading(m.say("regret_heading")), intro, blocks.table(heads, rows, size=7.4)]


def _chosen(m: Material, row: pd.Series) -> list[Any]:
    interval = m.words.interval(row["expected_regret_low"], row["expected_regret_high"])
    regret = m.say("with_interval", value=m.words.number(row["expected_regret"]), interval=interval)
    return [row["supplier"], m.words.chance(row["p_best_value"]), regret]


def other_methods(m: Material, category: str) -> str:
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
