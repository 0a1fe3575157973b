"""Page 1, on which management can act: the month in six numbers, what to order, whom to stop and what that costs, what to try and to
chase, what changed, what is not known yet. It selects and counts; every estimate comes from the tables as it stands."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.reporting import blocks
from analysis.reporting.blocks import Block, cell, column
from analysis.reporting.changes import what_changed
from analysis.reporting.chase import what_to_chase
from analysis.reporting.headline import headline
from analysis.reporting.offer_pages import before_first_order
from analysis.reporting.plan_pages import what_to_order
from analysis.reporting.record_pages import last_forecasts
from analysis.reporting.report_context import MOST_NAMED, ReportContext
from analysis.reporting.risk_pages import risks_on_front
from analysis.reporting.unknowns import what_is_not_known
from analysis.reporting.words import ABSENT, missing

MOST_STOPPED = 3
"""Suppliers of grade C named here; the scorecard chapter names all."""


def front_page(m: ReportContext) -> Block:
    """The first page's title, tiles and blocks; many refused rows are told above all else."""
    kind, told = m.refused_told()
    return front_head(m) | {
        "blocks": [
            *([blocks.text(told)] if kind == "told" else []),
            *(what_to_order(m) or before_first_order(m) or whom_to_buy_from(m)),
            *whom_to_drop(m),
            *what_to_chase(m),
            *risks_on_front(m),
            blocks.heading(m.say("changed_heading")),
            blocks.bullets(what_changed(m)),
            blocks.heading(m.say("unknown_heading")),
            blocks.bullets(list(what_is_not_known(m)) or [("", m.say("unknown_nothing"))]),
            *([blocks.text(record, "note")] if (record := last_forecasts(m)) else []),
        ],
    }  # fmt: skip


def front_head(m: ReportContext) -> Block:
    """The first page's title and tiles."""
    return {
        "title": m.say("front_title", title=m.facts.title[m.words.language], month=m.words.month(m.facts.month)),
        "subtitle": m.say("front_subtitle", as_of=m.words.long_date(m.facts.as_of), note=m.facts.note.get(m.words.language, "")).strip(),
        "tiles": headline(m),
    }  # fmt: skip


def whom_to_buy_from(m: ReportContext) -> list[Block]:
    """The suppliers of grade A; when there is none, the nearest, called so, but nobody who stands under "stop ordering"."""
    ranked = m.ranked()
    title = blocks.heading(m.say("buy_heading"))
    if ranked.empty:
        return [title, blocks.text(m.say("why_no_scorecard"))]
    chosen = ranked[ranked["grade"] == "A"]
    if chosen.empty:
        left = ranked[ranked["grade"] != "C"]
        tried = left[left["received"] > 0] if "received" in left else left
        if tried.empty:
            return [title, blocks.text(m.say("buy_nobody_near"))]
        return [title, blocks.text(m.say("buy_nobody")), _choice(m, tried.head(3))]
    return [title, _choice(m, best_of_each(chosen)), *_more(m, len(chosen))]


def best_of_each(ranked: pd.DataFrame, most: int = MOST_NAMED) -> pd.DataFrame:
    """At most `most` rows of `ranked`: the best of every category before anybody's second, still in order of rank."""
    turn = ranked.groupby("category", dropna=False).cumcount()
    return ranked.assign(turn=turn).sort_values(["turn", "rank"]).head(most).sort_values("rank").drop(columns="turn")


def whom_to_drop(m: ReportContext) -> list[Block]:
    """The suppliers of grade C with the evidence against them."""
    ranked = m.ranked()
    dropped = ranked[ranked["grade"] == "C"].iloc[::-1] if len(ranked) else ranked
    title = blocks.heading(m.say("drop_heading"))
    if dropped.empty:
        return [title, blocks.text(m.say("drop_nobody")), *_out_whatever_the_grade(m)]
    told = [_charges(m, dropped.head(MOST_STOPPED)), *_more(m, len(dropped), MOST_STOPPED)]
    return [title, *told, *_out_whatever_the_grade(m)]


def _out_whatever_the_grade(m: ReportContext) -> list[Block]:
    """Whom the plan leaves out for its bulk, and who was paid and sent nothing: no grade says so, and nothing is to be ordered of them."""
    risks = m.table("risk_register")
    gone = risks[risks["code"].str.startswith("vanished:").fillna(False) & (risks["state"] != "closed")] if len(risks) else risks  # fmt: skip
    named = {"drop_bulk": m.out_for_bulk(), "drop_vanished": set(gone["supplier"]) if len(gone) else set()}
    told = [m.say(key, names=m.words.listed(sorted(names), MOST_NAMED)) for key, names in named.items() if names]
    return [blocks.text(" ".join(told), "alert")] if told else []


def _more(m: ReportContext, count: int, shown: int = MOST_NAMED) -> list[Block]:
    return [blocks.text(m.say("more_in_chapter", count=count - shown), "note")] if count > shown else []


def _choice(m: ReportContext, rows: pd.DataFrame) -> Block:
    heads = [
        column("", "center"), column(m.say("col_supplier"), "left", 1.1), column(m.say("col_rating")),
        column(m.say("col_best_in_category")), column(m.say("col_why"), "left", 1.9),
    ]  # fmt: skip
    return blocks.table(heads, [_choice_row(m, row) for _, row in rows.iterrows()])


def _choice_row(m: ReportContext, row: pd.Series) -> list[Any]:
    return [
        cell(row["grade"], grade=row["grade"]), cell(row["supplier"], tone="strong"), rating_text(m, row),
        best_in_category(m, row), m.words.own(row, "grade_reason"),
    ]  # fmt: skip


def _charges(m: ReportContext, rows: pd.DataFrame) -> Block:
    heads = [
        column("", "center"), column(m.say("col_supplier"), "left", 1.1), column(m.say("col_defects")), column(m.say("col_over")),
        column(m.say("col_stop_spend")), column(m.say("col_stop_costs")), column(m.say("col_why"), "left", 1.7),
    ]  # fmt: skip
    rates = m.supplier_rates()
    by_supplier = {row["supplier"]: row for _, row in rates.iterrows()} if len(rates) else {}
    return blocks.table(heads, [_charge_row(m, row, by_supplier.get(row["supplier"])) for _, row in rows.iterrows()])


def _charge_row(m: ReportContext, row: pd.Series, rate: pd.Series | None) -> list[Any]:
    assessed = rate is not None and rate["inspected"] > 0
    found = m.say("x_of_n", x=rate["defective"], n=rate["inspected"]) if rate is not None and assessed else m.say("not_inspected")  # fmt: skip
    over = m.words.chance(rate["p_over_limit"]) if rate is not None and assessed else "—"
    return [
        cell(row["grade"], grade=row["grade"]), cell(row["supplier"], tone="strong"), found, over,
        _spent(m, row["supplier"]), _cost_of_stopping(m, row["supplier"]), m.words.own(row, "grade_reason"),
    ]  # fmt: skip


def _spent(m: ReportContext, supplier: str) -> str:
    """Goods bought from it in the last twelve months."""
    stake = m.table("exposure")
    own = stake.loc[stake["supplier"] == supplier, "spend"] if len(stake) else stake
    return m.words.number(own.iloc[0]) if len(own) else ABSENT


def _cost_of_stopping(m: ReportContext, supplier: str) -> Any:
    """What a month's demand of what it is bought for today costs more at the plan's suppliers; a minus saves."""
    if not m.has("purchase_plan", "costs"):
        return ABSENT
    plan, costs = m.table("purchase_plan"), m.table("costs")
    left = plan[(plan["present_supplier"] == supplier) & (plan["supplier"] != supplier)]
    if left.empty:
        return m.say("stop_nothing") if not (plan["present_supplier"] == supplier).any() else ABSENT
    own = costs[costs["supplier"] == supplier].drop_duplicates("sku").set_index("sku")["cost_per_good_piece"]
    more = (left["cost_per_good_piece"] - left["sku"].map(own)) * left["demand_per_month"]
    return ABSENT if more.isna().any() else m.words.number(more.sum())


def rating_text(m: ReportContext, row: pd.Series) -> str:
    """`72 (65–79)`: the rating and its 90 % interval."""
    return m.say("with_interval", value=m.words.number(row["rating"]), interval=m.words.interval(row["rating_low"], row["rating_high"]))  # fmt: skip


def best_in_category(m: ReportContext, row: pd.Series) -> str:
    """`83% (tools)`: the chance to be the best among the supplier's real rivals."""
    if missing(row["p_best"]):
        return ABSENT
    if missing(row["category"]) or not row["category"]:
        return m.words.chance(row["p_best"])
    return m.say("with_interval", value=m.words.chance(row["p_best"]), interval=row["category"])
