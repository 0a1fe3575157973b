"""The rows behind each supplier and SKU as compact data of `review.html`: numbers as texts, texts as places in a list."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from analysis.reporting.cells import clean, column_texts, kind_of
from analysis.reporting.columns import heading_of
from analysis.reporting.evidence import PARTS, Part, Tables, part_rows, rules_table, told_columns
from analysis.reporting.facts import ReviewFacts
from analysis.wording import LANGUAGES, catalogue, say

LINKS = {"supplier": "supplier", "present_supplier": "supplier", "backup": "supplier", "sku": "sku"}
WORDS = ("filter", "rows", "back", "nobody", "left")
NEWEST = {"orders": "ordered_on", "inspections": "inspected_on", "measured": "inspected_on", "returns": "settled_on", "quotes": "quoted_on", "inquiries": "asked_at"}  # fmt: skip
"""Parts of which only the newest rows are kept where the page would grow too large, by the day that they are of."""


def page_data(
    tables: Tables,
    facts: ReviewFacts,
    title: list[str],
    most: int | None,
    known: dict[str, dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """Everything that the page's script needs; of the files' own rows at most `most` a part (None: all). Parts that are made whole
    are kept in `known`, for a page with fewer rows of the others."""
    known = {} if known is None else known
    parts = [_whole_or_newest(part, tables, most, known) for part in PARTS]
    parts.append(_plain("draws", "draws", facts.draws))
    parts.append(_plain("rules", "rules", rules_table(facts.rules)) | {"always": True})
    words = {name: [say(f"page.{name}", language, **_places(name)) for language in LANGUAGES] for name in WORDS}
    return {"title": title, "words": words, "parts": [part for part in parts if part["rows"]]}


def _whole_or_newest(part: Part, tables: Tables, most: int | None, known: dict[str, dict[str, Any]]) -> dict[str, Any]:
    made = known.get(part.key)
    if made is not None and (most is None or part.key not in NEWEST or len(made["rows"]) <= most):
        return made
    made = part_data(part, part_rows(part, tables), most)
    return made if "left" in made else known.setdefault(part.key, made)


def _places(name: str) -> dict[str, str]:
    """The script fills the number in itself."""
    return {"n": "{n}"} if "{n}" in catalogue()[f"page.{name}"]["en"] else {}


def part_data(part: Part, rows: pd.DataFrame, most: int | None) -> dict[str, Any]:
    """A part's rows, the newest `most` where it is a part of the files' own."""
    kept = rows
    if most is not None and part.key in NEWEST and len(rows) > most:
        dated = rows.sort_values(NEWEST[part.key], kind="stable") if NEWEST[part.key] in rows else rows
        kept = dated.tail(most).sort_index()
    shown = told_columns(part, kept, with_supplier=True)
    shown = shown[[name for name in shown if not name.endswith("_zh")]]
    sentences = {name: kept[f"{name}_zh"] for name in shown if f"{name}_zh" in kept}
    return _plain(part.key, part.table, shown, sentences) | ({"left": len(rows) - len(kept)} if len(kept) < len(rows) else {})  # fmt: skip


def _plain(key: str, name: str, rows: pd.DataFrame, chinese: dict[str, pd.Series] | None = None) -> dict[str, Any]:
    kinds = [kind_of(name, column, rows[column]) for column in rows]
    texts: dict[Any, int] = {}
    columns = [_column(name, column, kind, rows[column], (chinese or {}).get(column), texts) for column, kind in zip(rows, kinds)]  # fmt: skip
    return {
        "key": key,
        "title": [say(f"explain.{key}", language) for language in LANGUAGES],
        "heads": [[heading_of(name, column, language) for language in LANGUAGES] for column in rows],
        "kinds": kinds,
        "links": [LINKS.get(column, "") for column in rows],
        "texts": [json.loads(text) for text in texts],
        "rows": [list(row) for row in zip(*columns)],
    }


def _column(
    name: str, column: str, kind: str, values: pd.Series, chinese: pd.Series | None, texts: dict[Any, int]
) -> list[Any]:
    if kind in ("n", "d"):
        return column_texts(name, column, values, "en")
    en = column_texts(name, column, values, "en")
    zh = column_texts(name, column, values if chinese is None else chinese, "zh")
    places: dict[tuple[str, str], int] = {}
    for pair in zip(en, zh):
        if pair not in places:
            a, b = map(clean, pair)
            told = json.dumps(a if a == b else [a, b], ensure_ascii=False)
            places[pair] = texts.setdefault(told, len(texts))
    return [places[pair] for pair in zip(en, zh)]
