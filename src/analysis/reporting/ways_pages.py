"""Transport by mode, needs kept apart, the five steps, and what the platform's signals foretold: short tables for looking up."""

from __future__ import annotations

import pandas as pd

from analysis.decisions.stages import AT_MOST
from analysis.reporting import blocks
from analysis.reporting.around_words import words
from analysis.reporting.blocks import Block, column
from analysis.reporting.codes import code_name
from analysis.reporting.report_context import ReportContext

MOST_DIGITS = 4
"""Of a gate that is missed by little."""


def ways_pages(m: ReportContext) -> list[Block]:
    """The chapter; none where nothing was bought yet."""
    parts = [*_transport(m), *_needs(m), *_steps(m), *_stages(m), *_signals(m)] if m.has("orders") else []
    return [blocks.section(words(m, "ways_title"), parts, new_page=False)] if parts else []


def _transport(m: ReportContext) -> list[Block]:
    if not m.has("transport_ways"):
        return []
    rows = m.table("transport_ways")
    rows = rows[rows["region"].isna()]
    duty = ["duty_share"] if (rows["duty_share"] > 0).any() else []  # where nothing crossed a border nobody asks
    names = ("lines", "freight_share", "freight_piece", "insurance", *duty, "median", "p90", "loss", "of_pieces")
    heads = [column(words(m, "col_mode"), "left"), *(column(words(m, f"col_{name}")) for name in names)]
    w = m.words
    lines = [
        [
            w.name_of(row["transport_mode"]), w.number(row["lines"]), w.percent(row["freight_share"]), w.number(row["freight_per_piece"], 2),
            _insured(m, row["insurance_share"]), *(w.percent(row[name]) for name in duty), w.number(row["days_median"]), w.number(row["days_p90"]), _loss(m, row), w.number(row["counted_pieces"]),
        ]
        for _, row in rows.iterrows()
    ]  # fmt: skip
    intro = blocks.text(words(m, "ways_transport_intro"))
    return [blocks.heading(words(m, "ways_transport")), intro, blocks.table(heads, lines)]


def _insured(m: ReportContext, share: float) -> str:
    return words(m, "not_insured") if share == 0 else m.words.percent(share, 2)


def _loss(m: ReportContext, row: pd.Series) -> str:
    if pd.isna(row["loss_rate"]):
        return words(m, "nobody_counted")
    interval = m.words.share_interval(row["loss_rate_low"], row["loss_rate_high"], 2)
    return m.say("with_interval", value=m.words.percent(row["loss_rate"], 2), interval=interval)


def _needs(m: ReportContext) -> list[Block]:
    if not m.has("needs"):
        return []
    names = ("orders", "lines", "pieces", "a_piece", "median")
    heads = [
        column(words(m, "col_need"), "left"),
        *(column(words(m, f"col_{name}")) for name in names),
        column(words(m, "col_defects")),
    ]
    w = m.words
    lines = [
        [
            row["need"], w.number(row["orders"]), w.number(row["lines"]), w.number(row["pieces"]), w.number(row["price_per_piece"], 2),
            w.number(row["days_median"]), _defects(m, row),
        ]
        for _, row in m.table("needs").iterrows()
    ]  # fmt: skip
    intro = blocks.text(words(m, "ways_needs_intro"))
    return [blocks.heading(words(m, "ways_needs")), intro, blocks.table(heads, lines)]


def _defects(m: ReportContext, row: pd.Series) -> str:
    if pd.isna(row["inspected"]) or not row["inspected"]:
        return m.say("not_inspected")
    return m.say("x_of_n", x=row["defective"], n=row["inspected"])


def _steps(m: ReportContext) -> list[Block]:
    if not m.has("five_steps"):
        return []
    told = [
        words(
            m, "ways_steps_line", step=code_name("five_steps", "step", row["step"], m.words.language), count=m.words.number(row["count"]),
            days=m.words.number(row["days_median"], 1), known=m.words.number(row["known"]),
        )
        for _, row in m.table("five_steps").iterrows() if row["known"]
    ]  # fmt: skip
    between, end = ("；", "。") if m.words.language == "zh" else ("; ", ".")
    return [blocks.heading(words(m, "ways_steps")), blocks.text(between.join(told) + end)] if told else []


def _stages(m: ReportContext) -> list[Block]:
    """At the end of a quarter: at which stage the group is, and what is missing for the next."""
    if m.facts.as_of.month % 3 or not m.has("stage_gates"):
        return []
    gates, language = m.table("stage_gates"), m.words.language
    now = gates[gates["standing"] == "now"]
    heading = blocks.heading(words(m, "ways_stage"))
    if now.empty:
        return [heading, blocks.text(words(m, "ways_stage_all"))]
    stage, missing = code_name("stage_gates", "stage", now["stage"].iloc[0], language), now[~now["met"]]
    told = m.words.listed([_gate(m, row) for _, row in missing.iterrows()])
    line = words(m, "ways_stage_line", stage=stage, met=int(now["met"].sum()), count=len(now), missing=told)
    return [heading, blocks.text(line)]


def _gate(m: ReportContext, row: pd.Series) -> str:
    """A gate that is not met; as many digits as tell that it is not."""
    written = m.words.percent if row["gate"].endswith("share") else m.words.number
    numbers = row["needed"], row["reached"]
    digits = next((n for n in range(MOST_DIGITS) if len({written(each, n) for each in numbers}) > 1), MOST_DIGITS)
    needed, reached = (written(each, digits) for each in numbers)
    told = {"needed": needed, "reached": reached, "n": m.words.number(row["observations"])}
    if row["gate"] in AT_MOST:
        return words(m, f"ways_stage_{row['gate']}", **told)
    gate = code_name("stage_gates", "gate", row["gate"], m.words.language)
    return words(m, "ways_stage_gate", gate=gate, **told)


def _signals(m: ReportContext) -> list[Block]:
    """One line: the signals that foretold something, or that none can be told of yet."""
    if not m.has("platform_value"):
        return []
    rows, more = m.table("platform_value"), _levels(m)
    told = rows[rows["verdict"] != "cannot_tell"]
    if told.empty:
        return [blocks.text(words(m, "signals_none", count=len(rows), suppliers=int(rows["suppliers"].max()))), *more]
    language = m.words.language
    named = [
        f"{code_name('platform_value', 'signal', row['signal'], language)} {code_name('platform_value', 'verdict', row['verdict'], language)}"
        for _, row in told.iterrows()
    ]
    return [blocks.text(words(m, "signals_line", told=m.words.listed(named))), *more]


def _levels(m: ReportContext) -> list[Block]:
    """Our own level on the platform, and which suppliers its programme for key accounts may hold; a line each."""
    said = []
    if m.has("buyer_level"):
        row, w = m.table("buyer_level").iloc[0], m.words
        told = {
            "level": row["level"],
            "orders": w.number(row["orders"]),
            "money": w.money(row["money"], m.facts.currency),
        }
        needed = {} if pd.isna(row["next_level"]) else {
            "next": row["next_level"], "least": w.number(row["orders_needed"]), "sum": w.money(row["money_needed"], m.facts.currency),
        }  # fmt: skip
        said.append(words(m, "level_next" if needed else "level_highest", **told, **needed))
    if m.has("platform_signals"):
        signals = m.table("platform_signals")
        names = signals.loc[signals["key_account"].fillna(False).astype(bool), "supplier"].tolist()
        said += [words(m, "key_accounts", names=m.words.listed(names), count=len(names))] if names else []
    return [blocks.text(line) for line in said]
