"""The scorecard chapter: ratings with intervals, chances to be the best, criteria behind them, weights with reasons."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.reporting import blocks, plots
from analysis.reporting.advice_blocks import advice_blocks
from analysis.reporting.blocks import Block, cell, column
from analysis.reporting.figures import MOST_ROWS, as_svg, axes_in_row, drawing, row_height
from analysis.reporting.front_page import rating_text
from analysis.reporting.learning_pages import rank_change_blocks, weight_blocks
from analysis.reporting.report_context import ReportContext, names_in
from analysis.reporting.words import missing

MOST_COMPARED = 14
"""Suppliers whose criteria are printed, the best ranked."""
MOST_TOLD = 5
"""The best ranked, of whom the table gives the reason of the grade; and everybody of grade C."""


def scorecard_pages(m: ReportContext) -> Block:
    """The chapter on ratings, grades and weights."""
    if not m.has("scorecard"):
        return blocks.section(m.say("scorecard_title"), [blocks.text(m.say("scorecard_none"), "quiet")])
    ranked = m.ranked()
    parts = [
        blocks.text(m.say("scorecard_intro")),
        blocks.heading(m.say("ratings_heading")),
        *_ratings_table(m, ranked),
        _ratings_figure(m, ranked),
        *advice_blocks(m),
        *rank_change_blocks(m),
        *_criteria(m, ranked),
        *weight_blocks(m),
    ]
    return blocks.section(m.say("scorecard_title"), parts)


def _ratings_figure(m: ReportContext, ranked: pd.DataFrame) -> Block:
    shown = ranked.head(MOST_ROWS)
    with drawing():
        left, right = axes_in_row(2, row_height(len(shown)) + 0.15, gridspec_kw={"width_ratios": [1.35, 1]})
        plots.plot_ratings(shown, m.words.language, left)
        plots.plot_best_chances(shown, m.words.language, right)
        right.set_yticklabels([])
        svg = as_svg(left)
    best = shown.iloc[0]
    alt = m.say("alt_ratings", count=len(shown), supplier=best["supplier"], rating=rating_text(m, best), p=m.words.chance(best["p_best"]))  # fmt: skip
    return blocks.figure(
        svg, alt, m.say("caption_ratings") + m.left_out("rule_best_ranked", shown, ranked), floats=True
    )


def _ratings_table(m: ReportContext, ranked: pd.DataFrame) -> list[Block]:
    """The table, and in a note the criteria that nobody could be rated by, instead of in every row."""
    lacking = [names_in(cell) for cell in ranked["missing_criteria"]]
    nobody = [name for name in lacking[0] if all(name in names for names in lacking)]
    note = m.say("criteria_of_nobody", names=m.words.listed([m.words.name_of(name) for name in nobody], 9))
    heads = [
        column(m.say("col_rank")), column("", "center"), column(m.say("col_supplier"), "left", 1.9),
        column(m.say("col_rating")), column(m.say("col_best_in_category")),
        column(m.say("col_why"), "left", 4.4),
    ]  # fmt: skip
    shown = _told_about(ranked)
    rows = [_rating_row(m, row) for _, row in shown.iterrows()]
    note_rest = m.rest("scorecard", len(ranked) - len(shown))
    told = [blocks.text(note, "quiet")] if nobody else []
    return [
        *told,
        blocks.table(heads, rows, size=7.4),
        *note_rest,
    ]


def _told_about(ranked: pd.DataFrame) -> pd.DataFrame:
    """The rows of the table: the best ranked and everybody of grade C; of all the rest the figure shows the rating."""
    return ranked[(ranked["rank"] <= MOST_TOLD) | (ranked["grade"] == "C")].head(MOST_ROWS)


def _rating_row(m: ReportContext, row: pd.Series) -> list[Any]:
    return [
        m.words.number(row["rank"]), cell(row["grade"], grade=row["grade"]), row["supplier"], rating_text(m, row),
        m.words.chance(row["p_best"]),
        m.words.own(row, "grade_reason"),
    ]  # fmt: skip


# ---- criteria ----


def _criteria(m: ReportContext, ranked: pd.DataFrame) -> list[Block]:
    if not m.has("criteria_values"):
        return []
    values = m.table("criteria_values")
    names = list(dict.fromkeys(values["criterion"]))
    by_cell = {(row["supplier"], row["criterion"]): row for _, row in values.iterrows()}
    heads = [
        column(m.say("col_supplier"), "left", 3.2),
        *(column(m.words.name_of(name), "center", 1) for name in names),
    ]
    rows = [[supplier, *(_worth(m, by_cell.get((supplier, name))) for name in names)] for supplier in ranked["supplier"]]  # fmt: skip
    return [
        blocks.heading(m.say("criteria_heading")),
        blocks.text(m.say("criteria_intro")),
        *m.first_rows("criteria_values", heads, rows, MOST_COMPARED, 7.2),
    ]


def _worth(m: ReportContext, row: pd.Series | None) -> dict[str, Any]:
    if row is None or row["missing"] or missing(row["worth"]):
        return cell("—", tone="quiet")
    return cell(f"{100 * row['worth']:.0f}", shade=round(min(max(float(row["worth"]), 0.0), 1.0), 3))
