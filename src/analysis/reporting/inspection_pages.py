"""What to inspect of each expected lot, with the risk that remains, the standard's plan beside it, and the two plans' curves."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd

from analysis.decisions.inspection_plan import SamplingPlan, operating_curves
from analysis.reporting import blocks, plots
from analysis.reporting.blocks import Block, cell, column, name_column
from analysis.reporting.figures import drawn
from analysis.reporting.report_context import ReportContext
from analysis.reporting.words import missing

MOST_LOTS = 6
"""Lots listed, the largest; the workbook lists all."""


def inspection_plans(m: ReportContext) -> list[Block]:
    """How many pieces to inspect of each lot to come."""
    if "inspection_plans" not in m.tables:
        return []
    title = blocks.heading(m.say("plans_heading"))
    plans = m.table("inspection_plans")
    if plans.empty:
        return [title, blocks.text(m.say("plans_none" if m.has("open_orders") else "plans_none_open"), "quiet")]
    order = ["reason_key", "lot_size", "supplier", "order_id", "line_no"]
    plans = plans.sort_values(order, ascending=[True, False, True, True, True])
    heads = [
        name_column(m.say("col_sku"), plans["sku"]), column(m.say("col_lot"), "left", 1.6), column(m.say("col_lot_size")), column(m.say("col_inspect")),
        column(m.say("col_accept")), column(m.say("col_bad_passes")), column(m.say("col_iso_inspect")),
        column(m.say("col_iso_accept")), column(m.say("col_bad_passes")), column(m.say("col_why"), "left", 1.9),
    ]  # fmt: skip
    shown = plans.head(MOST_LOTS)
    told = _told_before(shown)
    rows = [_plan_row(m, row, before) for (_, row), before in zip(shown.iterrows(), told)]
    note = m.rest("inspection_plans", len(plans) - len(rows))
    pieces, lot = m.words.number(plans["sample_size"].sum()), m.words.number(plans["lot_size"].sum())
    intro = m.say("plans_intro", count=len(plans), pieces=pieces, lot=lot)
    return [title, blocks.text(intro), blocks.table(heads, rows, size=7), *note, *_curves(m, plans)]


def _told_before(plans: pd.DataFrame) -> list[bool]:
    """True where the row above gives the same reason for inspecting everything; only the size of the lot differs then."""
    everything = plans["sample_size"] >= plans["lot_size"]
    return (everything & plans["reason_key"].eq(plans["reason_key"].shift()) & plans["reason_key"].eq("small_lot")).tolist()  # fmt: skip


def _plan_row(m: ReportContext, row: pd.Series, told_before: bool) -> list[Any]:
    w = m.words
    order = row["order_id"] if missing(row["line_no"]) else f"{row['order_id']}-{row['line_no']}"
    article = row["sku"] if missing(row["stage"]) else m.say("sku_staged", sku=row["sku"], stage=w.name_of(f"stage_{row['stage']}"))  # fmt: skip
    everything = row["sample_size"] >= row["lot_size"]
    inspect = m.say("inspect_all") if everything else w.number(row["sample_size"])
    return [
        article, m.say("lot_named", supplier=row["supplier"], order=order), w.number(row["lot_size"]),
        cell(inspect, tone="strong"), m.say("sort_all") if everything else _allowed(m, row["accept_major"], row["accept_minor"]),
        "—" if everything else w.chance(row["p_accept_at_limit"]), w.number(row["iso_sample_size"]),
        _allowed(m, row["iso_accept_major"], row["iso_accept_minor"]), w.chance(row["iso_p_accept_at_limit"]),
        cell(m.say("as_above"), tone="quiet") if told_before else w.own(row, "reason"),
    ]  # fmt: skip


def _allowed(m: ReportContext, major: Any, minor: Any) -> str:
    return "—" if missing(major) else m.say("accept_both", major=int(major), minor=int(minor))


# ---- the curves ----


def typical_lot(plans: pd.DataFrame) -> pd.Series | None:
    """The sampled lot whose size is the middle one, the first in the table's order among equals; None when none is sampled."""
    sampled = plans[(plans["sample_size"] < plans["lot_size"]) & plans["accept_major"].notna()]
    if sampled.empty:
        return None
    middle = sampled["lot_size"].astype(int).sort_values().iloc[(len(sampled) - 1) // 2]
    return sampled[sampled["lot_size"] == middle].iloc[0]


def lot_curves(row: pd.Series, names: tuple[str, str]) -> pd.DataFrame:
    """Operating curves of a lot's own plan and of the standard's, by major defects; `names` of the two."""
    chosen = (row["sample_size"], row["accept_major"]), (row["iso_sample_size"], row["iso_accept_major"])
    plans = {name: SamplingPlan(int(n), int(accept), int(accept) + 1) for name, (n, accept) in zip(names, chosen)}
    return operating_curves(int(row["lot_size"]), plans)


def _curves(m: ReportContext, plans: pd.DataFrame) -> list[Block]:
    row = typical_lot(plans)
    if row is None:
        return []
    w = m.words
    ours = m.say("curve_ours", n=row["sample_size"], accept=row["accept_major"])
    iso = m.say("curve_iso", n=row["iso_sample_size"], accept=row["iso_accept_major"])
    curves = lot_curves(row, (ours, iso))
    svg = drawn(partial(plots.plot_operating_curves, curves, row["defect_rate"], w.language), 1.5)
    told = {"supplier": row["supplier"], "sku": row["sku"], "lot": w.number(row["lot_size"]), "rate": w.percent(row["defect_rate"])}  # fmt: skip
    alt = m.say("alt_operating", **told, ours=ours, iso=iso)
    return [blocks.figure(svg, alt, m.say("caption_operating", **told))]
