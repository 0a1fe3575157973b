"""The evidence behind a supplier's or an SKU's numbers as a text that a person reads: `analysis explain`."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from analysis.reporting.aligned import aligned
from analysis.reporting.cells import column_texts
from analysis.reporting.columns import heading_of, is_number
from analysis.reporting.evidence import PARTS, Tables, of_batch, rows_about, rules_table
from analysis.reporting.facts import ReviewFacts
from analysis.reporting.sentences import REASONED
from analysis.reporting.words import Words, missing
from analysis.wording import JOINERS, Language, say

CODED = ("differences", "defect_items")


def explained(
    tables: Tables,
    facts: ReviewFacts,
    supplier: str | None,
    sku: str | None,
    language: Language,
    batch: str | None = None,
) -> str:
    """Plan, rating, estimates, the files' rows, draws and rules, each under its title; of a batch what is known by its number."""
    words, whom = Words(language), " · ".join(name for name in (supplier, sku, batch) if name)
    about = tables if batch is None else {name: tables[name].iloc[:0] for name in tables} | of_batch(tables, batch)
    return "\n\n".join(_parts(about, facts, supplier, sku, whom, words))


def _parts(
    tables: Tables, facts: ReviewFacts, supplier: str | None, sku: str | None, whom: str, words: Words
) -> Iterator[str]:
    language = words.language
    yield say("explain.title", language, whom=whom, source=facts.source, month=words.month(facts.month), as_of=words.long_date(facts.as_of))  # fmt: skip
    absent = []
    for part in PARTS:
        rows, title = rows_about(part, tables, supplier, sku), say(f"explain.{part.key}", language)
        if len(rows):
            yield _told(title, part.table, rows, words)
        else:
            absent.append(title)
    draws = facts.draws if supplier is None else facts.draws[facts.draws["supplier"].eq(supplier)]
    if supplier is not None and len(draws):
        yield _told(say("explain.draws", language), "draws", draws.drop(columns="supplier"), words)
    yield _told(say("explain.rules", language), "rules", rules_table(facts.rules), words)
    if absent:
        yield say("explain.absent", language, names=JOINERS["names"][language][0].join(absent))


def _told(title: str, name: str, rows: pd.DataFrame, words: Words) -> str:
    """The title with the number of rows, the rows, and below them the sentences that would be too wide for a column."""
    plain = [column for column in rows if not is_sentence(name, column)]
    heads = [heading_of(name, column, words.language) for column in plain]
    cells = [column_texts(name, column, rows[column], words.language) for column in plain]
    table = aligned([heads, *map(list, zip(*cells))], flush=[is_number(rows[column]) for column in plain])
    lines = [f"== {title} ({len(rows)})", *(f"  {line}" for line in table.splitlines())]
    return "\n".join(lines + [f"  > {text}" for text in _sentences(name, rows, words)])


def is_sentence(table: str, column: str) -> bool:
    """Whether the column holds sentences, too wide for a table; those of `CODED` tables are codes."""
    return column.removesuffix("_zh") in REASONED and table not in CODED


def _sentences(name: str, rows: pd.DataFrame, words: Words) -> Iterator[str]:
    for column in (column for column in rows if is_sentence(name, column) and not column.endswith("_zh")):
        for _, row in rows.iterrows():
            if not missing(row[column]):
                about = f"{row['sku']}: " if "sku" in rows and not missing(row["sku"]) else ""
                yield about + words.own(row, column)
