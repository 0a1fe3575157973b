"""The track record: how good the forecasts of past reviews were, by kind and by the month in which they were made."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.reporting import blocks, plots
from analysis.reporting.blocks import Block, cell, column
from analysis.reporting.figures import as_svg, axes_in_row, drawing
from analysis.reporting.report_context import ReportContext
from analysis.reporting.words import missing

ALL = "all"
MOST_MONTHS = 3
"""Months in which forecasts were made that are printed of each kind."""
ENOUGH, UNLIKELY = 10, 0.01
"""Outcomes from which a month is judged, and the chance below which its intervals did not hold what they promised."""


def record_pages(m: ReportContext) -> Block:
    """The chapter on how past forecasts and ratings compare with what happened."""
    record = m.table("calibration")
    record = record[record["observations"] > 0] if len(record) else record
    ratings = _ratings(m)
    if record.empty:
        parts = [blocks.text(m.say("record_none"), "quiet"), *ratings]
        return blocks.section(m.say("record_title"), parts, new_page=False)
    pooled = record[record["month"] == ALL]
    parts = [
        blocks.text(m.say("record_intro")),
        blocks.bullets([_sentence(m, row) for _, row in pooled.iterrows()]),
        *ratings,
        blocks.heading(m.say("record_heading")),
        *_months(m, record),
        blocks.text(m.say("record_note"), "note"),
        *_by_lead(m),
        *_reliability(m),
    ]
    return blocks.section(m.say("record_title"), parts)


def _ratings(m: ReportContext) -> list[Block]:
    """Whether the ratings predicted which trials turned out better, over all and by grade."""
    if not m.has("rating_record"):
        return []
    told = [_rating_sentence(m, row) for _, row in m.table("rating_record").iterrows() if not pd.isna(row["share"])]
    return [blocks.text(m.say("record_ratings_intro")), blocks.bullets(told)] if told else []


def _rating_sentence(m: ReportContext, row: pd.Series) -> tuple[str, str]:
    w = m.words
    values = {
        "share": w.percent(row["share"], 0), "interval": w.share_interval(row["share_low"], row["share_high"], 0),
        "pairs": w.number(row["pairs"]), "trials": w.number(row["trials"]), "suppliers": w.number(row["suppliers"]),
    }  # fmt: skip
    lead = m.say("record_ratings") if row["kind"] == "order" else m.say("record_grade", grade=row["grade"])
    return lead, m.say(f"record_rating_{row['kind']}", **values)


def _sentence(m: ReportContext, row: pd.Series) -> tuple[str, str]:
    """What one kind of forecast was worth; a skill below zero is said as worse, not hidden."""
    w = m.words
    held = m.say(
        "record_held", n=w.number(row["observations"]), covered=w.percent(row["coverage_90"], 0),
        interval=w.share_interval(row["coverage_90_low"], row["coverage_90_high"], 0),
        expected=w.percent(row["coverage_90_expected"], 0),
    )  # fmt: skip
    return m.say(f"record_{row['kind']}"), w.sentences(held, _against(m, row, "supplier"), _against(m, row, "everyone"))


def _against(m: ReportContext, row: pd.Series, naive: str) -> str:
    skill = row[f"skill_{naive}_mean"]
    if pd.isna(skill):
        return ""
    key = "record_better" if skill >= 0 else "record_worse"
    return m.say(key, share=m.words.percent(abs(skill), 0), naive=m.say(f"record_naive_{naive}"))


def _months(m: ReportContext, record: pd.DataFrame) -> list[Block]:
    """The newest months of each kind of forecast, then all months together."""
    pooled = record["month"] == ALL
    newest = record[~pooled].groupby("kind", sort=False).tail(MOST_MONTHS).index
    shown = record[pooled | record.index.isin(newest)]
    heads = [
        column(m.say("col_made_in"), "left"), column(m.say("col_forecast_of"), "left", 1), column(m.say("col_scored")),
        column(m.say("col_waiting")), column(m.say("col_held_50")), column(m.say("col_held_80")),
        column(m.say("col_held_90")), column(m.say("col_interval")), column(m.say("col_too_early")),
        column(m.say("col_too_late")), column(m.say("col_width")), column(m.say("col_skill")),
    ]  # fmt: skip
    rows = [_month_row(m, row) for _, row in shown.iterrows()]
    return [blocks.table(heads, rows, size=7.6), *m.rest("calibration", len(record) - len(shown))]


def _month_row(m: ReportContext, row: pd.Series) -> list[Any]:
    w = m.words
    first = [
        m.say("record_all") if row["month"] == ALL else row["month"],
        m.say(f"record_{row['kind']}"),
        w.number(row["observations"]),
    ]
    return [*first, w.number(row["waiting"]), *_how_good(m, row)]


def _how_good(m: ReportContext, row: pd.Series) -> list[Any]:
    w = m.words
    missed = row["coverage_90_high"] < row["coverage_90_expected"]
    held = w.percent(row["coverage_90"], 0)
    return [
        w.percent(row["coverage_50"], 0), w.percent(row["coverage_80"], 0),
        cell(held, tone="alert") if missed else held, w.share_interval(row["coverage_90_low"], row["coverage_90_high"], 0),
        w.percent(row["too_early"], 0), w.percent(row["too_late"], 0), w.number(row["width_90"], 1),
        w.percent(row["skill_supplier_mean"], 0),
    ]  # fmt: skip


def _by_lead(m: ReportContext) -> list[Block]:
    """Arrivals by how far ahead they were forecast."""
    if not m.has("calibration_by_lead"):
        return []
    heads = [
        column(m.say("col_lead"), "left", 1), column(m.say("col_scored")), column(m.say("col_held_50")),
        column(m.say("col_held_80")), column(m.say("col_held_90")), column(m.say("col_interval")),
        column(m.say("col_too_early")), column(m.say("col_too_late")), column(m.say("col_width")), column(m.say("col_skill")),
    ]  # fmt: skip
    rows = [
        [m.say(f"lead_{row['lead']}"), m.words.number(row["observations"]), *_how_good(m, row)]
        for _, row in m.table("calibration_by_lead").iterrows()
    ]
    return [blocks.heading(m.say("lead_heading")), blocks.table(heads, rows, size=7.6)]


def _reliability(m: ReportContext) -> list[Block]:
    """How often what was said with some probability came to pass, step by step; outside the band chance does not explain it."""
    if not m.has("reliability"):
        return []
    steps = m.table("reliability")
    curves = list(steps.groupby("kind", sort=True))
    with drawing():
        for axes, (_, curve) in zip(plots_in_row := axes_in_row(len(curves), 1.75), curves):
            plots.plot_reliability(curve, m.words.language, axes)
        svg = as_svg(plots_in_row[0])
    outside = ~steps["came"].between(steps["honest_from"], steps["honest_to"])
    told = {"count": m.words.number(steps["observations"].sum()), "steps": len(steps), "outside": int(outside.sum())}
    kinds = m.words.listed([m.say(f"reliability_{kind}") for kind, _ in curves])
    figure = blocks.figure(svg, m.say("alt_reliability", **told), m.say("caption_reliability", kinds=kinds))
    return [blocks.heading(m.say("reliability_heading")), blocks.text(m.say("reliability_intro")), figure]


# ---- page one ----


def last_forecasts(m: ReportContext) -> str:
    """How good the newest forecasts of arrivals were whose outcome is in, and which months of the last year failed, in a sentence
    or two; empty where no month has enough of them."""
    record = m.table("calibration")
    if record.empty:
        return ""
    told = record[
        (record["month"] != ALL) & (record["kind"] == "lead_time") & (record["observations"] >= ENOUGH)
    ].sort_values("month")
    if told.empty:
        return ""
    sentences = [_month_sentence(m, told.iloc[-1])]
    sentences += [_failed(m, row) for _, row in told.iloc[-12:].iterrows() if row["p_level"] < UNLIKELY]
    return m.words.sentences(*sentences)


def _month_sentence(m: ReportContext, row: pd.Series) -> str:
    w = m.words
    return m.say(
        "record_last",
        n=w.number(row["observations"]),
        month=w.month(row["month"]),
        covered=w.percent(row["coverage_90"], 0),
    )


def _failed(m: ReportContext, row: pd.Series) -> str:
    """A month whose intervals held far too seldom, or far too often, with its festival where it had one."""
    w = m.words
    values = {
        "month": w.month(row["month"]),
        "n": w.number(row["observations"]),
        "covered": w.percent(row["coverage_90"], 0),
    }
    if row["coverage_90"] > row["coverage_90_expected"]:
        return m.say("record_too_wide", **values)
    side = m.say("record_side_late" if row["too_late"] >= row["too_early"] else "record_side_early")
    cause = m.say("record_cause", festival=m.say(f"festival_{row['cause']}")) if not missing(row["cause"]) else ""
    return m.say("record_failed", side=side, cause=cause, **values)
