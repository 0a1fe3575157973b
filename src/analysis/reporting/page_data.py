"""The rows behind each supplier and SKU as compact data of `review.html`: numbers as texts, texts as places in a list."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd

from analysis.reporting.cells import clean, column_texts, kind_of
from analysis.reporting.columns import heading_of
from analysis.reporting.evidence import PARTS, Part, Tables, part_rows, rules_table, told_columns
from analysis.reporting.facts import ReviewFacts
from analysis.wording import LANGUAGES, catalogue, say

LINKS = {"supplier": "supplier", "present_supplier": "supplier", "backup": "supplier", "sku": "sku"}
WORDS = ("filter", "rows", "back", "nobody", "left")
NEWEST = {"orders": "ordered_on", "inspections": "inspected_on", "measured": "inspected_on", "outside": "inspected_on", "trace": "inspected_on", "returns": "settled_on", "quotes": "quoted_on", "inquiries": "asked_at"}  # fmt: skip
"""Parts of which only the newest rows are kept where the page would grow too large, by the day that they are of."""


def page_data(tables: Tables, facts: ReviewFacts, title: list[str]) -> dict[str, Any]:
    """Everything that the page's script needs."""
    parts = [part_data(part, part_rows(part, tables)) for part in PARTS]
    parts.append(_plain("draws", "draws", facts.draws))
    parts.append(_plain("rules", "rules", rules_table(facts.rules)) | {"always": True})
    words = {name: [say(f"page.{name}", language, **_places(name)) for language in LANGUAGES] for name in WORDS}
    return {"title": title, "words": words, "parts": [part for part in parts if part["rows"]]}


def by_age(tables: Tables) -> dict[str, np.ndarray]:
    """Of each part of the files' own rows the rows' places, oldest first; those of no day count as new."""
    found = {part.key: part_rows(part, tables) for part in PARTS if part.key in NEWEST}
    days = {key: rows[NEWEST[key]] for key, rows in found.items() if NEWEST[key] in rows}
    return {
        key: days[key].reset_index(drop=True).sort_values(kind="stable").index.to_numpy()
        if key in days
        else np.arange(len(rows))
        for key, rows in found.items()
    }


def with_newest(data: dict[str, Any], places: dict[str, np.ndarray], most: int) -> dict[str, Any]:
    """`data` with the newest `most` rows of each part of the files' own; `places` from `by_age`."""
    parts = [
        _newest(part, np.sort(places[part["key"]][-most:]))
        if len(part["rows"]) > most and part["key"] in NEWEST
        else part
        for part in data["parts"]
    ]
    return data | {"parts": parts}


def _newest(part: dict[str, Any], kept: np.ndarray) -> dict[str, Any]:
    """The part's rows in these places, with the texts that they use."""
    used: dict[int, int] = {}
    worded = [kind not in ("n", "d") for kind in part["kinds"]]
    rows = [
        [used.setdefault(value, len(used)) if text else value for text, value in zip(worded, part["rows"][at])]
        for at in kept.tolist()
    ]
    return part | {"rows": rows, "texts": [part["texts"][at] for at in used], "left": len(part["rows"]) - len(rows)}


def _places(name: str) -> dict[str, str]:
    """The script fills the number in itself."""
    return {"n": "{n}"} if "{n}" in catalogue()[f"page.{name}"]["en"] else {}


def part_data(part: Part, rows: pd.DataFrame) -> dict[str, Any]:
    """A part's rows."""
    shown = told_columns(part, rows, with_supplier=True)
    shown = shown[[name for name in shown if not name.endswith("_zh")]]
    sentences = {name: rows[f"{name}_zh"] for name in shown if f"{name}_zh" in rows}
    return _plain(part.key, part.table, shown, sentences)


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
