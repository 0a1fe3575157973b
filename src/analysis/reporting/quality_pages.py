"""The quality chapter: how many pieces fail, how sure that is, what fails, what comes back, whether bulk is worse,
and what others say."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd

from analysis.reporting import blocks, plots
from analysis.reporting.blocks import Block, cell, column
from analysis.reporting.figures import MOST_ROWS, drawn, row_height
from analysis.reporting.report_context import ReportContext
from analysis.reporting.second_opinion_pages import second_opinions
from analysis.reporting.words import ABSENT, missing

MOST_SEVERE = 4
MOST_FLAGGED = 8
"""Suppliers in the tables of the gravest, and comparisons that are flagged; the workbook lists all."""


def quality_pages(m: ReportContext) -> Block:
    """The chapter on defect rates, failed items, returns and drift."""
    rates = m.supplier_rates()
    if rates.empty or not rates["assessed"].any():
        return blocks.section(m.say("quality_title"), [blocks.text(m.say("quality_none"), "quiet")], new_page=True)
    parts = [
        blocks.text(m.say("quality_intro", limit=m.words.percent(m.limit())) + _missed(m)),
        *_items(m),
        _rates_figure(m, rates),
        *m.rest("defect_rates", len(rates) - MOST_ROWS),
        *_severities(m),
        *_returns(m),
        *_drift(m),
        *second_opinions(m),
    ]
    return blocks.section(m.say("quality_title"), parts)


def _missed(m: ReportContext) -> str:
    """That the rates count what inspectors miss, where the house says that they miss something."""
    share = m.facts.rules.get("missed_defects", {}).get("found_share", 1.0)
    return "" if share == 1 else m.say("quality_missed", share=m.words.percent(share, 0))


def _rates_figure(m: ReportContext, rates: pd.DataFrame) -> Block:
    kept = set(rates.nlargest(MOST_ROWS, "inspected")["supplier"])
    shown = rates[rates["supplier"].isin(kept)]
    svg = drawn(partial(plots.plot_defect_rates, shown, m.limit(), m.words.language), row_height(len(shown)))
    worst = shown.iloc[0]
    alt = m.say("alt_rates", count=len(shown), supplier=worst["supplier"], rate=m.words.percent(worst["defect_rate"]))
    return blocks.figure(
        svg, alt, m.say("caption_rates") + m.left_out("rule_most_inspected", shown, rates), floats=True
    )


# ---- what fails ----


def _items(m: ReportContext) -> list[Block]:
    items = m.table("defect_items")
    items = items[items["kind"] == "checklist"] if len(items) else items
    totals = failures_by_item(items) if len(items) else items
    if totals.empty or totals["failed"].sum() == 0:
        return []
    return [blocks.heading(m.say("items_heading")), blocks.text(m.say("items_intro")), _worst_table(m, items, totals)]


def failures_by_item(items: pd.DataFrame) -> pd.DataFrame:
    """Failed and inspected pieces of each item over all suppliers, most failures first; `share` of all failures."""
    totals = items.groupby("item", sort=False)[["failed", "inspected"]].sum().reset_index()
    totals["share"] = totals["failed"] / max(totals["failed"].sum(), 1)
    return totals.sort_values(["failed", "item"], ascending=[False, True])


def _worst_table(m: ReportContext, items: pd.DataFrame, totals: pd.DataFrame) -> Block:
    heads = [
        column(m.say("col_item"), "left"), column(m.say("col_failed")), column(m.say("col_of_failures")), column(m.say("col_worst"), "left", 1),
        column(m.say("col_failed_there")), column(m.say("col_rate")), column(m.say("col_interval")),
    ]  # fmt: skip
    rows = []
    for total in totals[totals["failed"] > 0].itertuples():
        worst = items[(items["item"] == total.item) & (items["failed"] > 0)].nlargest(1, "rate").iloc[0]
        rows.append([
            m.words.name_of(str(total.item)), m.say("x_of_n", x=total.failed, n=total.inspected),
            cell(m.words.percent(total.share, 0), shade=0.5 + round(float(total.share), 3) / 2), worst["supplier"],
            m.say("x_of_n", x=worst["failed"], n=worst["inspected"]), m.words.percent(worst["rate"]),
            m.words.share_interval(worst["rate_low"], worst["rate_high"]),
        ])  # fmt: skip
    return blocks.table(heads, rows)


def _severities(m: ReportContext) -> list[Block]:
    items = m.table("defect_items")
    items = items[(items["kind"] == "severity") & (items["inspected"] > 0)] if len(items) else items
    if items.empty:
        return []
    kinds = [kind for kind in ("critical", "major", "minor") if kind in set(items["item"])]
    heads = [column(m.say("col_supplier"), "left", 1)]
    heads += [column(label) for kind in kinds for label in (m.words.name_of(kind), m.say("col_interval"))]
    found = {(row.supplier, row.item): row for row in items.itertuples()}
    rows = [[supplier, *(text for kind in kinds for text in _severity_cells(m, found.get((supplier, kind))))] for supplier in _gravest(items)]  # fmt: skip
    return [blocks.heading(m.say("severities_heading")), *m.first_rows("defect_items", heads, rows, MOST_SEVERE)]


def _gravest(items: pd.DataFrame) -> list[str]:
    """The suppliers, those with most critical defects first, then major ones."""
    failed = items.pivot_table(index="supplier", columns="item", values="failed", aggfunc="sum", fill_value=0)
    graver = [kind for kind in ("critical", "major", "minor") if kind in failed]
    return failed.rename_axis(None).sort_index().sort_values(graver, ascending=False, kind="stable").index.tolist()


def _severity_cells(m: ReportContext, row: Any) -> list[str]:
    if row is None:
        return ["—", "—"]
    return [m.say("x_of_n", x=row.failed, n=row.inspected), m.words.share_interval(row.rate_low, row.rate_high)]


# ---- what comes back, and bulk against samples ----


def _returns(m: ReportContext) -> list[Block]:
    title = blocks.heading(m.say("returns_heading"))
    if not m.has("return_rates"):
        return [title, blocks.text(m.say("returns_none"), "quiet")]
    rates = m.table("return_rates")
    by_supplier = rates.groupby("supplier")["pieces"].sum().sort_values(ascending=False, kind="stable")
    shown, rest = by_supplier[by_supplier > 0].index, int((by_supplier == 0).sum())
    kinds = [kind for kind in ("returned", "reworked") if kind in set(rates["kind"])]
    heads = [column(m.say("col_supplier"), "left", 1)]
    heads += [
        column(label)
        for kind in kinds
        for label in (m.words.name_of(kind), m.say("col_lot_rate"), m.say("col_interval"))
    ]
    found = {(row.supplier, row.kind): row for row in rates.itertuples()}
    rows = [[supplier, *(text for kind in kinds for text in _return_cells(m, found.get((supplier, kind))))] for supplier in shown]  # fmt: skip
    note = [blocks.text(m.say("returns_rest", count=rest), "note")] if rest else []
    return [title, *(m.first_rows("return_rates", heads, rows, MOST_SEVERE) if rows else []), *note]


def _return_cells(m: ReportContext, row: Any) -> list[str]:
    if row is None:
        return ["—"] * 3
    found = m.say("x_of_n", x=row.pieces, n=row.received_pieces)
    return [found, m.words.percent(row.rate), m.words.share_interval(row.rate_low, row.rate_high)]


def _drift(m: ReportContext) -> list[Block]:
    title = blocks.heading(m.say("drift_heading"))
    if not m.has("drift"):
        return [title, blocks.text(m.say("drift_none"), "quiet")]
    drift = m.table("drift").sort_values(["flagged", "p_worse"], ascending=False)
    flagged = int(drift["flagged"].sum())
    shown = drift.head(min(max(flagged, MOST_SEVERE), MOST_FLAGGED))
    heads = [
        column(m.say("col_supplier"), "left", 1), column(m.say("col_sku"), "left"), column(m.say("col_what"), "left"),
        column(m.say("col_worse")), column(m.say("col_detectable")), column(m.say("col_note"), "left", 1.2),
    ]  # fmt: skip
    intro = m.say("drift_intro", count=len(drift), flagged=flagged)
    note = m.rest("drift", len(drift) - len(shown))
    return [title, blocks.text(intro), blocks.table(heads, [_drift_row(m, row) for _, row in shown.iterrows()]), *note]


def _drift_note(m: ReportContext, row: pd.Series) -> str:
    """The note in words: a key of the estimates', or a sentence as it stands."""
    note = m.words.own(row, "note")
    return "" if note == ABSENT else m.words.name_of(note)


def _drift_row(m: ReportContext, row: pd.Series) -> list[Any]:
    what = m.say("defect_count") if row["kind"] == "count" or missing(row["attribute"]) else str(row["attribute"])
    detectable = m.words.percent(row["detectable"]) if row["kind"] == "count" else m.words.number(row["detectable"], 2)
    chance = m.words.chance(row["p_worse"])
    return [
        row["supplier"], "" if missing(row["sku"]) else str(row["sku"]), what,
        cell(chance, tone="alert") if row["flagged"] else chance, detectable, _drift_note(m, row),
    ]  # fmt: skip
