"""Who can replace whom, what an outage would put at stake, and whether a second source is worth it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.decisions.purchase_plan import supplied
from analysis.decisions.sourcing import herfindahl, months_on_record
from analysis.reporting import blocks
from analysis.reporting.blocks import Block, cell, column, name_column
from analysis.reporting.report_context import ReportContext
from analysis.reporting.words import missing

MOST_ARTICLES, MOST_AT_STAKE = 6, 6
"""Articles and suppliers in a table; `review.html` lists more."""


def backup_suppliers(m: ReportContext) -> list[Block]:
    """Exposure and backups, then the policies compared; nothing where neither table is there."""
    return [*_exposure(m), *_backups(m), *_policies(m)]


def _exposure(m: ReportContext) -> list[Block]:
    if not m.has("exposure"):
        return []
    stake = m.table("exposure").sort_values("exposure", ascending=False, kind="stable")
    index = herfindahl(stake["spend"].to_numpy(float))
    heads = [
        column(m.say("col_supplier"), "left", 1), column(m.say("col_spend")), column(m.say("col_share")), column(m.say("col_skus")),
        column(m.say("col_alone")), column(m.say("col_recovery")), column(m.say("col_exposure")),
    ]  # fmt: skip
    w = m.words
    rows = [
        [row["supplier"], w.number(row["spend"]), w.percent(row["share"]), w.number(row["skus"]),
         cell(w.number(row["single_source_skus"]), tone="alert") if row["single_source_skus"] else "0",
         w.number(row["recovery_days"]), w.number(row["exposure"])]
        for _, row in stake.head(MOST_AT_STAKE).iterrows()
    ]  # fmt: skip
    effective = w.number(1 / index, 1) if index > 0 else "—"
    intro = m.say("exposure_intro", count=len(stake), hhi=w.number(index, 2), effective=effective, currency=m.facts.currency)  # fmt: skip
    return [
        blocks.heading(m.say("exposure_heading")),
        blocks.text(intro),
        blocks.table(heads, rows, size=7.4),
        *m.rest("exposure", len(stake) - len(rows)),
    ]


def named_backups(m: ReportContext) -> pd.DataFrame:
    """One row an SKU that the plan buys, most money a month first (`spend`): its supplier and the plan's backup with its state.

    Where the plan buys nothing, of each SKU whom most was spent with in a year and the readiest to step in. `ready`: how many
    other suppliers are.
    """
    table, plan = m.table("backups"), m.table("purchase_plan")
    ready = table["readiness"].eq("ready").fillna(False).astype(int)
    count = ready.groupby([table["supplier"], table["sku"]]).sum()
    bought = _bought(plan)
    if bought.empty:
        pairs = table.drop_duplicates(["supplier", "sku"]).sort_values("spend", ascending=False, kind="stable")
        named = pairs.drop_duplicates("sku")
        ready = [count[key] for key in zip(named["supplier"], named["sku"])]
        return named.assign(ready=ready, spend=named["spend"] / months_on_record(m.table("orders"), m.facts.as_of))
    money = bought["demand_per_month"] * bought["cost_per_good_piece"]
    lines = bought.assign(spend=money)[["sku", "supplier", "backup", "spend"]]
    facts = table.set_index(["sku", "supplier", "backup"])[["readiness", "recovery_days", "cost_ratio"]]
    keys = pd.MultiIndex.from_frame(lines[["sku", "supplier", "backup"]])
    named = lines.assign(**{name: facts[name].reindex(keys).to_numpy() for name in facts})
    named["ready"] = count.reindex(pd.MultiIndex.from_frame(lines[["supplier", "sku"]])).to_numpy()
    named["readiness"] = named["readiness"].fillna("none")
    return named.sort_values(["spend", "sku"], ascending=[False, True], na_position="last", ignore_index=True)


def _bought(plan: pd.DataFrame) -> pd.DataFrame:
    """The rows of the plan that it has a supplier for."""
    return supplied(plan).dropna(subset="supplier") if len(plan) else plan


def _backups(m: ReportContext) -> list[Block]:
    if not m.has("backups"):
        return []
    named = named_backups(m)
    named = named.iloc[(named["readiness"] == "ready").argsort(kind="stable")]  # first where nobody could step in
    alone = int((named["readiness"] != "ready").sum())
    heads = [
        name_column(m.say("col_sku"), named["sku"].head(MOST_ARTICLES)), column(m.say("col_supplier"), "left", 1), column(m.say("col_month_money")),
        column(m.say("col_ready_count")), column(m.say("col_backup"), "left", 1), column(m.say("col_readiness"), "left"),
        column(m.say("col_recovery")), column(m.say("col_cost_ratio")),
    ]  # fmt: skip
    rows = [_backup_row(m, row) for _, row in named.head(MOST_ARTICLES).iterrows()]
    intro = m.say(
        "backups_intro_bought" if _bought(m.table("purchase_plan")).empty else "backups_intro",
        count=len(named),
        shown=len(rows),
        alone=alone,
    )
    return [
        blocks.heading(m.say("backups_heading")),
        blocks.text(intro),
        blocks.table(heads, rows, size=7.4),
        *m.rest("backups", len(named) - len(rows)),
    ]


def _backup_row(m: ReportContext, row: pd.Series) -> list[Any]:
    w = m.words
    ready = m.say(f"ready_{row['readiness']}")
    return [
        row["sku"], row["supplier"], w.number(row["spend"]), w.number(row["ready"]), w.own(row, "backup"),
        ready if row["readiness"] == "ready" else cell(ready, tone="alert"), w.number(row["recovery_days"]),
        "—" if missing(row["cost_ratio"]) else f"{100 * (row['cost_ratio'] - 1):+.1f}%",
    ]  # fmt: skip


def _policies(m: ReportContext) -> list[Block]:
    if not m.has("supply_policies"):
        return []
    policies, w = m.table("supply_policies"), m.words
    first = policies.iloc[0]
    heads = [
        column(m.say("col_policy"), "left", 1), column(m.say("col_reorder_point")), column(m.say("col_order_size")),
        column(m.say("col_emergency")), column(m.say("col_cost_a_year")), column(m.say("col_against_single")),
        column(m.say("col_error")), column(m.say("col_tail")), column(m.say("col_served")),
    ]  # fmt: skip
    rows = [
        [cell(m.say(f"policy_{row['policy']}"), tone="strong" if row["best"] else ""), w.number(row["reorder_point"]),
         w.number(row["order_quantity"]), w.number(row["emergency_point"]), w.number(row["cost_per_year"]),
         w.percent(row["cost_change"]), w.percent(row["cost_change_error"]), w.percent(row["tail_change"], 0), w.percent(row["served"])]
        for _, row in policies.iterrows()
    ]  # fmt: skip
    intro = m.say("policies_intro", sku=first["sku"], first=first["supplier"], second=first["backup"])
    return [blocks.heading(m.say("policies_heading")), blocks.text(intro), blocks.table(heads, rows, size=7.4)]
