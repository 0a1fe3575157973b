"""The scorecard chapter: ratings with intervals, chances to be the best, criteria behind them, weights with reasons."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.reporting import blocks, plots
from analysis.reporting.advice_blocks import advice_blocks
from analysis.reporting.blocks import Block, cell, column
from analysis.reporting.choice_blocks import place_blocks
from analysis.reporting.figures import MOST_ROWS, as_svg, axes_in_row, drawing, row_height
from analysis.reporting.front_page import rating_text
from analysis.reporting.learning_pages import rank_change_blocks, weight_blocks
from analysis.reporting.material import Material, names_in
from analysis.reporting.words import missing

MOST_LACKING = 3
"""Criteria without evidence that a row names; the table of what ratings are made of has a dash for each."""

MOST_TOLD = 8


def scorecard_pages(m: Material) -> Block:
    """The chapter on ratings, grades and weights."""
    if not m.has("scorecard"):
        return blocks.section(m.say("scorecard_title"), [blocks.text(m.say("scorecard_none"), "quiet")])
    ranked = m.ranked()
    parts = [
        blocks.text(m.say("scorecard_intro")),
        _ratings_figure(m, ranked),
        blocks.heading(m.say("ratings_heading")),
        *_ratings_table(m, ranked),
        *advice_blocks(m),
        *place_blocks(m),
        *rank_change_blocks(m),
        *_criteria(m, ranked),
        *weight_blocks(m),
    ]
    return blocks.section(m.say("scorecard_title"), parts)


def _ratings_figure(m: Material, ranked: pd.DataFrame) -> Block:
    shown = ranked.head(MOST_ROWS)
    with drawing():
        left, right = axes_in_row(2, row_height(len(shown)) + 0.15, gridspec_kw={"width_ratios": [1.35, 1]})
        plots.plot_ratings(shown, m.words.language, left)
        plots.plot_best_chances(shown, m.words.language, right)
        right.set_yticklabels([])
        svg = as_svg(left)
    best = shown.iloc[0]
    alt = m.say("alt_ratings", count=len(shown), supplier=best["supplier"], rating=rating_text(m, best), p=m.words.chance(best["p_best"]))  # fmt: skip
    return blocks.figure(svg, alt, m.say("caption_ratings") + m.left_out("rule_best_ranked", shown, ranked))


def _ratings_table(m: Material, ranked: pd.DataFrame) -> list[Block]:
    """The table, and in a note the criteria that nobody could be rated by, instead of in every row."""
    lacking = [names_in(cell) for cell in ranked["missing_criteria"]]
    nobody = [name for name in lacking[0] if all(name in names for names in lacking)]
    some = any(set(names) - set(nobody) for names in lacking)
    priced = "expected_regret" in ranked and ranked["expected_regret"].notna().any()
    note = m.say("criteria_of_nobody", names=m.words.listed([m.words.name_of(name) for name in nobody], 9))
    heads = [
        column(m.say("col_rank")), column("", "center"), column(m.say("col_supplier"), "left", 1.9),
        column(m.say("col_rating")), column(m.say("col_best_in_category")), *([column(m.say("col_regret", currency=m.facts.currency))] if priced else []),
        column(m.say("col_why"), "left", 4.4), *([column(m.say("col_not_assessed"), "left", 1.1)] if some else []),
    ]  # fmt: skip
    shown = _told_about(ranked)
    rows = [_rating_row(m, row, nobody, priced)[: len(heads)] for _, row in shown.iterrows()]
    rest = len(ranked) - len(shown)
    note_rest = [blocks.text(m.say("plain_rest", count=rest), "note")] if rest else []
    told = [blocks.text(note, "quiet")] if nobody else []
    return [
        *told,
        blocks.table(heads, rows, size=7.4),
        *note_rest,
        *([blocks.text(m.say("regret_note", months=m.season()), "note")] if priced else []),
    ]


def _told_about(ranked: pd.DataFrame) -> pd.DataFrame:
    """The rows of the table: the best ranked and everybody of grade C; of all the rest the figure shows the rating."""
    return ranked[(ranked["rank"] <= MOST_TOLD) | (ranked["grade"] == "C")].head(MOST_ROWS)


def _rating_row(m: Material, row: pd.Series, nobody: list[str], priced: bool) -> list[Any]:
    lacking = [m.words.name_of(name) for name in names_in(row["missing_criteria"]) if name not in nobody]
    return [
        m.words.number(row["rank"]), cell(row["grade"], grade=row["grade"]), row["supplier"], rating_text(m, row),
        m.words.chance(row["p_best"]),
        *([m.words.number(row["expected_regret"])] if priced else []), m.words.own(row, "grade_reason"),
        cell(m.words.listed(lacking, MOST_LACKING), tone="quiet"),
    ]  # fmt: skip


# ---- criteria ----


def _criteria(m: Material, ranked: pd.DataFrame) -> list[Block]:
    if not m.has("criteria_values"):
        return []
    values = m.table("criteria_values")
    names = list(dict.fromkeys(values["criterion"]))
    by_cell = {(row["supplier"], row["criterion"]): row for _, row in values.iterrows()}
    heads = [
        column(m.say("col_supplier"), "left", 3.2),
        *(column(m.words.name_of(name), "center", 1) for name in names),
    ]
    rows = [[supplier, *(_utility(m, by_cell.get((supplier, name))) for name in names)] for supplier in ranked["supplier"]]  # fmt: skip
    return [
        blocks.heading(m.say("criteria_heading")),
        blocks.text(m.say("criteria_intro")),
        blocks.table(heads, rows, size=7.2),
    ]


def _utility(m: Material, row: pd.Series | None) -> dict[str, Any]:
    if row is None or row["missing"] or missing(row["utility"]):
        return cell("—", tone="quiet")
    return cell(f"{100 * row['utility']:.0f}", shade=round(min(max(float(row["utility"]), 0.0), 1.0), 3))
