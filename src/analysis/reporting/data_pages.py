"""The last chapters: what became of every input row, and how to make this report again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analysis.reporting import blocks
from analysis.reporting.blocks import Block, cell, column
from analysis.reporting.glyphs import REPLACEMENT, lacking
from analysis.reporting.report_context import ReportContext
from analysis.reporting.words import missing

COUNTS = ("rows_in", "kept", "quarantined", "merged", "later")

MOST_REASONS = 5
"""Reasons of which rows are told, the most frequent; the workbook has every row."""
MOST_FILES = 12
"""Above so many the files of one table are told together; the workbook has each."""


def data_pages(m: ReportContext, original: Mapping[str, pd.DataFrame]) -> Block:
    """`original` are the tables before characters were replaced, to say which were."""
    parts = [
        *_accounting(m),
        *_rows_told(m, "quarantine"),
        *_rows_told(m, "remarks"),
        *_excluded(m),
        *_replaced(m, original),
    ]
    return blocks.section(m.say("data_title"), parts)


def _accounting(m: ReportContext) -> list[Block]:
    if not m.has("accounting"):
        return [blocks.text(m.say("accounting_none"), "quiet")]
    rows = m.table("accounting")
    total = {name: int(rows[name].sum()) for name in COUNTS if name in rows}
    balanced = total["rows_in"] == total["kept"] + total["quarantined"] + total["merged"]
    identity = m.say("accounting_identity" if balanced else "accounting_broken", **{name: f"{total[name]:,}" for name in COUNTS[:4]})  # fmt: skip
    later = [blocks.text(m.say("accounting_later", later=f"{total['later']:,}"), "note")] if total.get("later") else []
    heads = [
        column(m.say("col_file"), "left", 1),
        column(m.say("col_sheet"), "left"),
        column(m.say("col_table"), "left"),
    ]
    heads += [column(m.say(f"col_{name}")) for name in total]
    told = _few(m, rows, list(total))
    touched = told[[name for name in total if name not in ("rows_in", "kept")]].any(axis=1)
    body = [
        [row["file"], "" if missing(row["sheet"]) else row["sheet"], m.words.name_of(row["table"]), *(m.words.number(row[name]) for name in total)]
        for _, row in told[touched].iterrows()
    ]  # fmt: skip
    if (~touched).any():
        whole = told[~touched]
        tables = m.words.listed([m.words.name_of(name) for name in dict.fromkeys(whole["table"])], 12)
        body.append(
            [
                cell(m.say("kept_whole", tables=tables), tone="quiet"),
                "",
                "",
                *(m.words.number(whole[name].sum()) for name in total),
            ]
        )
    body.append(
        [cell(m.say("total"), tone="strong"), "", "", *(cell(f"{count:,}", tone="strong") for count in total.values())]
    )
    return [blocks.text(identity, "body" if balanced else "alert"), *later, blocks.table(heads, body, size=7.6)]


def _few(m: ReportContext, rows: pd.DataFrame, counts: list[str]) -> pd.DataFrame:
    """The rows; the files of one table together where there are many."""
    if len(rows) <= MOST_FILES:
        return rows
    groups = rows.groupby("table", sort=False)
    told = groups[counts].sum().reset_index()
    files = groups["file"].agg(
        lambda names: names.iloc[0] if len(names) == 1 else m.say("files_counted", count=len(names))
    )
    return told.assign(file=files.to_numpy(), sheet="")


def _rows_told(m: ReportContext, name: str) -> list[Block]:
    """The quarantined rows (or those kept with a remark) by reason, the most frequent first."""
    title = blocks.heading(m.say(f"{name}_heading"))
    if not m.has(name):
        return [title, blocks.text(m.say(f"{name}_none"))]
    rows = m.table(name)
    heads = [
        column(m.say("col_rows")), column(m.say("col_reason"), "left", 1), column(m.say("col_remedy"), "left", 1),
        column(m.say("col_examples"), "left", 0.9),
    ]  # fmt: skip
    groups = sorted(rows.groupby("code", sort=False), key=lambda group: (-len(group[1]), str(group[0])))
    body = [
        [m.words.number(len(group)), m.words.own(group.iloc[0], "reason"), m.words.own(group.iloc[0], "remedy"), _examples(m, group)]
        for _, group in groups
    ]  # fmt: skip
    return [title, blocks.table(heads, body[:MOST_REASONS], size=7.6), *m.rest(name, len(body) - MOST_REASONS)]


def _examples(m: ReportContext, rows: pd.DataFrame) -> str:
    """`ledger.xlsx / Orders: 14, 27, 31`: file, sheet and the first row numbers of the first file."""
    first = rows[rows["file"] == rows["file"].iloc[0]]
    sheet = first["sheet"].iloc[0]
    place = str(first["file"].iloc[0]) if missing(sheet) else f"{first['file'].iloc[0]} / {sheet}"
    numbers = m.words.listed([str(number) for number in first["row"].head(3)])
    return m.say("row_examples", place=place, rows=numbers)


def _excluded(m: ReportContext) -> list[Block]:
    orders = m.table("orders")
    if orders.empty or "status" not in orders:
        return []
    counts = orders["status"].value_counts()
    heads = [column(m.say("col_status"), "left"), column(m.say("col_lines")), column(m.say("col_use"), "left", 1)]
    rows = [
        [m.words.name_of(f"status_{status}"), f"{count:,}", m.say(f"use_{status}")] for status, count in counts.items()
    ]
    return [blocks.heading(m.say("excluded_heading")), blocks.table(heads, rows, size=7.6)]


def _replaced(m: ReportContext, original: Mapping[str, pd.DataFrame]) -> list[Block]:
    names = original.get("scorecard", original.get("orders", pd.DataFrame()))
    if names.empty:
        return []
    found = {name: lacking(name) for name in names["supplier"].dropna().unique() if lacking(name)}
    if not found:
        return []
    codes = sorted({f"U+{ord(character):04X}" for characters in found.values() for character in characters})
    note = m.say("replaced", count=len(found), codes=m.words.listed(codes, 8), box=REPLACEMENT)
    return [blocks.text(note, "note")]


# ---- provenance ----

MOST_LETTERS = 20
"""Of a fact, so that a revision's whole hash stands in `provenance.json` alone."""
PRINTED_FACTS = ("package_version", "git_revision", "uncommitted_changes")
"""What of the provenance is printed; hashes, libraries, parameters and rules stand in `provenance.json`."""


def provenance_pages(m: ReportContext) -> Block:
    """What the report was made from, and how to make it again."""
    facts = m.facts
    plain = {
        "source": facts.source,
        "month": facts.month,
        "as_of": m.words.date(facts.as_of),
        "seed": facts.seed,
        "limit": None if m.limit() is None else m.words.percent(m.limit()),
    }
    told = {
        name: value for name, value in facts.provenance.items() if name not in plain and not isinstance(value, Mapping)
    }
    plain |= {name: value for name, value in told.items() if name in PRINTED_FACTS}
    parts = [
        blocks.heading(m.say("read_heading")),
        blocks.bullets([(m.say(f"read_{n}_lead"), m.say(f"read_{n}")) for n in (1, 2, 3, 4)]),
        blocks.heading(m.say("not_claimed_heading")),
        blocks.bullets([("", m.say(f"not_claimed_{n}")) for n in (1, 2, 3, 4, 5)]),
        blocks.text(m.say("again", command=f"analysis review {facts.month} --source {facts.source}")),
        blocks.text(_facts_line(m, plain), "note"),
    ]
    return blocks.section(m.say("provenance_title"), parts, new_page=False)


def _facts_line(m: ReportContext, told: Mapping[str, Any]) -> str:
    """`source example; month 2026-10; ...` in one line."""
    parts = [m.say("fact", name=m.words.name_of(name), value=_told(m, value)) for name, value in told.items()]
    return ("；" if m.words.language == "zh" else "; ").join([*parts, m.say("provenance_rest")])


def _told(m: ReportContext, value: Any) -> str:
    if isinstance(value, bool):
        return m.say("yes" if value else "no")
    return "—" if value is None or value == "" else str(value)[:MOST_LETTERS]
