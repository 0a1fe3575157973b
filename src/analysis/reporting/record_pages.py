"""The track record: how good the forecasts of past reviews were, by kind and by the month in which they were made."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.reporting import blocks
from analysis.reporting.blocks import Block, cell, column
from analysis.reporting.material import Material

ALL = "all"


def record_pages(m: Material) -> Block:
    """The chapter on how past forecasts and ratings compare with what happened."""
    record = m.table("calibration")
    record = record[record["n"] > 0] if len(record) else record
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
        _months(m, record),
        blocks.text(m.say("record_note"), "note"),
    ]
    return blocks.section(m.say("record_title"), parts)


def _ratings(m: Material) -> list[Block]:
    """Whether the ratings predicted which trials turned out better, over all and by grade."""
    if not m.has("rating_record"):
        return []
    told = [_rating_sentence(m, row) for _, row in m.table("rating_record").iterrows() if not pd.isna(row["share"])]
    return [blocks.text(m.say("record_ratings_intro")), blocks.bullets(told)] if told else []


def _rating_sentence(m: Material, row: pd.Series) -> tuple[str, str]:
    w = m.words
    values = {
        "share": w.percent(row["share"], 0), "interval": w.share_interval(row["share_low"], row["share_high"], 0),
        "pairs": w.number(row["pairs"]), "trials": w.number(row["trials"]), "suppliers": w.number(row["suppliers"]),
    }  # fmt: skip
    lead = m.say("record_ratings") if row["kind"] == "order" else m.say("record_grade", grade=row["grade"])
    return lead, m.say(f"record_rating_{row['kind']}", **values)


def _sentence(m: Material, row: pd.Series) -> tuple[str, str]:
    """What one kind of forecast was worth; a skill below zero is said as worse, not hidden."""
    w = m.words
    held = m.say(
        "record_held", n=w.number(row["n"]), covered=w.percent(row["coverage_90"], 0),
        interval=w.share_interval(row["coverage_90_low"], row["coverage_90_high"], 0),
        expected=w.percent(row["coverage_90_expected"], 0),
    )  # fmt: skip
    return m.say(f"record_{row['kind']}"), " ".join([held, _against(m, row, "supplier"), _against(m, row, "everyone")])


def _against(m: Material, row: pd.Series, naive: str) -> str:
    skill = row[f"skill_{naive}_mean"]
    if pd.isna(skill):
        return ""
    key = "record_better" if skill >= 0 else "record_worse"
    return m.say(key, share=m.words.percent(abs(skill), 0), naive=m.say(f"record_naive_{naive}"))


def _months(m: Material, record: pd.DataFrame) -> Block:
    heads = [
        column(m.say("col_made_in"), "left"), column(m.say("col_forecast_of"), "left", 1), column(m.say("col_scored")),
        column(m.say("col_waiting")), column(m.say("col_held_50")), column(m.say("col_held_80")),
        column(m.say("col_held_90")), column(m.say("col_interval")), column(m.say("col_skill")),
    ]  # fmt: skip
    return blocks.table(heads, [_month_row(m, row) for _, row in record.iterrows()], size=7.6)


def _month_row(m: Material, row: pd.Series) -> list[Any]:
    w = m.words
    missed = row["coverage_90_high"] < row["coverage_90_expected"]
    held = w.percent(row["coverage_90"], 0)
    return [
        m.say("record_all") if row["month"] == ALL else row["month"], m.say(f"record_{row['kind']}"), w.number(row["n"]),
        w.number(row["waiting"]), w.percent(row["coverage_50"], 0), w.percent(row["coverage_80"], 0),
        cell(held, tone="alert") if missed else held, w.share_interval(row["coverage_90_low"], row["coverage_90_high"], 0),
        w.percent(row["skill_supplier_mean"], 0),
    ]  # fmt: skip
