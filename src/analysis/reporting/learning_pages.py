"""What the scorecard learned: why ranks moved, the weights that stand, what the outcomes propose, what would unseat a winner."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd

from analysis.decisions.rating import PARTS
from analysis.months import later
from analysis.reporting import blocks, plots
from analysis.reporting.blocks import Block, cell, column
from analysis.reporting.choice_blocks import other_methods
from analysis.reporting.figures import drawn, row_height
from analysis.reporting.report_context import ReportContext
from analysis.reporting.words import ABSENT, missing

MOST_MOVES, MOST_PROPOSED = 5, 6
CAUSES = ("corrections", *PARTS)
NOTICED = 0.5
"""Places from which a rank has moved."""
SAME = 1e-9
"""Weights no further apart than rounding."""


# ---- what changed ----


def rank_change_blocks(m: ReportContext) -> list[Block]:
    """The biggest moves since last month, each split into its causes; nothing when no month was compared."""
    if "rank_changes" not in m.tables:
        return []
    title, changes = blocks.heading(m.say("moves_heading")), m.table("rank_changes")
    if changes.empty:
        return [title, blocks.text(m.say("moves_no_month"), "quiet")]
    moved = changes[changes["change"].abs() >= NOTICED]
    if moved.empty:
        return [title, blocks.text(m.say("moves_none", count=len(changes)), "quiet")]
    heads = [
        column(m.say("col_supplier"), "left", 1.2), column(m.say("col_rank_move")), column(m.say("col_change")),
        *(column(m.say(f"col_by_{cause}")) for cause in CAUSES), column(m.say("col_why"), "left", 1.3),
    ]  # fmt: skip
    order = moved.assign(size=-moved["change"].abs()).sort_values(["size", "rank"]).head(MOST_MOVES)
    told = m.say("moves_intro", shown=len(order), moved=len(moved), count=len(changes))
    return [title, blocks.text(told), blocks.table(heads, [_move_row(m, row) for _, row in order.iterrows()], size=7.6)]


def _move_row(m: ReportContext, row: pd.Series) -> list[Any]:
    ranks = f"{m.words.number(row['rank_before'])} → {m.words.number(row['rank'])}"
    return [row["supplier"], ranks, *(_places(row[name]) for name in ("change", *CAUSES)), m.words.own(row, "reason")]


def _places(places: float) -> Any:
    """`+2`, `-1.5`: a change of rank with its sign; 0 is set quietly."""
    if missing(places):
        return ABSENT
    rounded = round(float(places), 1)
    return cell(f"{rounded:+.1f}".removesuffix(".0"), tone="") if rounded else cell("0", tone="quiet")


def reason_of_move(m: ReportContext, supplier: str) -> str:
    """Why the supplier's rank moved, in words; empty when it did not or nobody knows."""
    changes = m.table("rank_changes")
    if changes.empty:
        return ""
    own = changes[(changes["supplier"] == supplier) & (changes["change"].abs() >= NOTICED)]
    return "" if own.empty else m.words.own(own.iloc[0], "reason")


# ---- the weights that stand ----


def weight_blocks(m: ReportContext) -> list[Block]:
    """The weights in force with where they come from, the proposal for the months after, and what would unseat a winner."""
    weights = this_month(m, "weights")
    if weights.empty:
        return []
    return [blocks.heading(m.say("weights_heading")), *_in_force(m, weights), *_proposal(m), *_stability(m)]


def this_month(m: ReportContext, name: str) -> pd.DataFrame:
    """The rows of the month under review, the heaviest criterion first."""
    table = m.table(name)
    if table.empty:
        return table
    table = table[table["month"].astype(str).str[:7] == m.facts.month] if "month" in table else table
    return table.sort_values(["weight", "criterion"], ascending=[False, True])


def _in_force(m: ReportContext, weights: pd.DataFrame) -> list[Block]:
    """Where the weights come from, and the weights, unless the proposal's table shows the same ones."""
    fixed = bool((weights["weight_low"] == weights["weight_high"]).all())
    one_reason = len(set(weights["reason"])) == 1
    told = [blocks.text(m.say("weights_from", reason=m.words.own(weights.iloc[0], "reason")))] if one_reason else []
    stood = bool((weights["weight"] - weights["previous"]).abs().max() <= SAME)
    if fixed and stood and one_reason and len(this_month(m, "weights_proposed")):
        return told
    heads = [
        column(m.say("col_criterion"), "left", 1), column(m.say("col_weight")), column(m.say("col_interval")),
        column(m.say("col_previous")), *([] if one_reason else [column(m.say("col_reason"), "left", 2)]),
    ]  # fmt: skip
    rows = [_weight_row(m, row)[: len(heads)] for _, row in weights.iterrows()]
    figure = [] if fixed else [blocks.text(m.say("weights_intro")), _weights_figure(m, weights)]
    return [*told, *figure, blocks.table(heads, rows)]


def _weight_row(m: ReportContext, row: pd.Series) -> list[Any]:
    """The interval is "fixed" for a weight that is a decision and no estimate."""
    fixed = row["weight_low"] == row["weight_high"]
    interval = m.say("fixed") if fixed else m.words.share_interval(row["weight_low"], row["weight_high"])
    name, reason = m.words.name_of(row["criterion"]), m.words.own(row, "reason")
    return [name, m.words.percent(row["weight"]), interval, m.words.percent(row["previous"]), reason]


def _weights_figure(m: ReportContext, weights: pd.DataFrame) -> Block:
    svg = drawn(partial(plots.plot_weights, weights, m.words.language), row_height(len(weights)))
    top = weights.iloc[0]
    alt = m.say("alt_weights", count=len(weights), criterion=m.words.name_of(top["criterion"]), weight=m.words.percent(top["weight"]))  # fmt: skip
    return blocks.figure(svg, alt, m.say("caption_weights"))


# ---- what the outcomes propose ----


def _proposal(m: ReportContext) -> list[Block]:
    if "weights_proposed" not in m.tables:
        return []
    title, proposed = blocks.heading(m.say("proposal_heading")), this_month(m, "weights_proposed")
    if proposed.empty:
        return [title, blocks.text(m.say("proposal_none"), "quiet")]
    size = (proposed["weight"] - proposed["previous"]).abs()
    moves = bool(size.max() > SAME)
    by_move = proposed.loc[size.sort_values(ascending=False, kind="stable").index]
    heads = [
        column(m.say("col_criterion"), "left", 1), column(m.say("col_in_force")), column(m.say("col_proposed")),
        column(m.say("col_interval")), column(m.say("col_outcomes_point")),
    ]  # fmt: skip
    reason = m.words.own(proposed.iloc[0], "reason")
    advice = [blocks.text(m.words.own(proposed.iloc[0], "advice"))] if "advice" in proposed else []
    return [
        title,
        *advice,
        blocks.text(reason),
        *m.first_rows(
            "weights_proposed", heads, [_proposed_row(m, row) for _, row in by_move.iterrows()], MOST_PROPOSED, 7.6
        ),
        *(_how_to_decide(m) if moves else [blocks.text(m.say("proposal_keeps"), "quiet")]),
    ]


def _proposed_row(m: ReportContext, row: pd.Series) -> list[Any]:
    percent, moved = m.words.percent, abs(row["weight"] - row["previous"]) > SAME
    proposed = cell(percent(row["weight"]), tone="strong" if moved else "")
    policy = bool(row.get("policy", False))
    interval = m.say("by_policy") if policy else m.words.share_interval(row["weight_low"], row["weight_high"])
    target = ABSENT if policy else percent(row["target"])
    return [m.words.name_of(row["criterion"]), percent(row["previous"]), proposed, interval, target]


def _how_to_decide(m: ReportContext) -> list[Block]:
    """The two commands, a line each so that they can be copied."""
    given = {"source": m.facts.source, "month": m.facts.month, "since": later(m.facts.month)}
    commands = [("decide_approve", "decide_approve_command"), ("decide_override", "decide_override_command")]
    return [
        blocks.text(m.say("proposal_decide")),
        blocks.bullets((m.say(lead, **given), m.say(command, **given)) for lead, command in commands),
    ]


# ---- what would unseat a winner ----


def _stability(m: ReportContext) -> list[Block]:
    """A line a category: the smallest move of one weight that would put another supplier first."""
    if "weight_stability" not in m.tables or not m.has("scorecard"):
        return []
    lines = [_stability_line(m, str(name), rows) for name, rows in m.ranked().groupby("category")]
    if not lines:
        return []
    return [blocks.heading(m.say("stability_heading")), blocks.text(m.say("stability_intro")), blocks.bullets(lines)]


def _stability_line(m: ReportContext, category: str, rivals: pd.DataFrame) -> tuple[str, str]:
    first = rivals[rivals["rank"] == rivals["rank"].min()]
    if len(first) > 1:  # such as suppliers of whom nothing is known yet
        return category, m.say("stability_tied", names=m.words.listed(first["supplier"].tolist()))
    parts = [_least_move(m, category, rivals), other_methods(m, category)]
    return category, m.words.sentences(*parts)


def _least_move(m: ReportContext, category: str, rivals: pd.DataFrame) -> str:
    stability = m.table("weight_stability")
    own = stability[stability["category"] == category] if len(stability) else stability
    if own.empty:
        alone = "stability_alone" if len(rivals) == 1 else "stability_firm"
        return m.say(alone, winner=rivals.iloc[0]["supplier"])
    least = own.loc[own["move"].abs().idxmin()]
    turn = "stability_up" if least["move"] > 0 else "stability_down"
    told = _toss_up(m, least) if least.get("toss_up", False) else ""
    return told + m.say(
        turn, winner=least["winner"], rival=least["rival"], criterion=m.words.name_of(least["criterion"]),
        weight=m.words.percent(least["weight"]), needed=m.words.percent(least["weight_needed"]), points=m.words.number(100 * abs(least["move"]), 1),
    )  # fmt: skip


def _toss_up(m: ReportContext, least: pd.Series) -> str:
    """That the lead is none, and what choosing the rival would cost."""
    said = m.say("stability_toss_up", winner=least["winner"], rival=least["rival"])
    if missing(least["rival_costs"]):
        return said + m.say("toss_up_unknown")
    entry = "toss_up_costs" if least["rival_costs"] > 0 else "toss_up_saves"
    money = m.words.money(abs(least["rival_costs"]), m.facts.currency)
    return said + m.say(entry, rival=least["rival"], skus=m.words.number(least["skus"]), money=money)
