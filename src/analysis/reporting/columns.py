"""The codebook: what each output column is called, what it says and how its values are written."""

from __future__ import annotations

from typing import Any, Literal

import pandas as pd
from pandas.api import types

from analysis.reporting.words import ABSENT, Words, missing
from analysis.sources.tables import TABLES
from analysis.wording import Language, catalogue, say

Unit = Literal["share", "days", "date", "money", "count", "number", "text", "flag"]

SHARES = {
    "rate", "otif", "survival", "weight", "previous", "utility", "limit", "family_weight", "defect_rate",
    "late_probability", "survival.low", "survival.high",
}  # fmt: skip
DAYS = {"days", "days_open", "promised_days", "lead_time_median", "lead_time_p90", "lead_time_p95"}
MONEY = {"cost", "expected_gain"} | {c.name for t in TABLES.values() for c in t.columns if c.kind == "money"}
ENDS = ("low", "high")


def entry_of(table: str, column: str) -> str | None:
    """The codebook's entry for a column: its own of this table, else the general one; None when there is none."""
    names = (f"codebook.{table}.{column}", f"codebook.{column}")
    return next((name for name in names if f"{name}.about" in catalogue()), None)


def stem_of(column: str) -> tuple[str, str]:
    """`("defect_rate", "low")` of `defect_rate_low`; the second is empty for a column that is no interval's end."""
    stem, _, end = column.rpartition("_")
    return (stem, end) if end in ENDS and stem else (column, "")


def heading_of(table: str, column: str, language: Language) -> str:
    """The column's heading; an unknown column's own name."""
    if entry := entry_of(table, column):
        return say(entry, language)
    stem, end = stem_of(column)
    if end and (entry := entry_of(table, stem)):
        separator = " " if language == "en" else ""
        return f"{say(entry, language)}{separator}{say(f'codebook.{end}', language).lower()}"
    if column.endswith("_zh") and entry_of(table, column.removesuffix("_zh")):
        own = heading_of(table, column.removesuffix("_zh"), language)
        return own if language == "zh" else f"{own} (Chinese)"
    return column.replace("_", " ")


def about(table: str, column: str, language: Language) -> str:
    """What the column says."""
    if entry := entry_of(table, column):
        return say(f"{entry}.about", language)
    stem, end = stem_of(column)
    if end and entry_of(table, stem):
        return say(f"codebook.{end}.about", language, stem=heading_of(table, stem, language))
    if column.endswith("_zh") and entry_of(table, column.removesuffix("_zh")):
        return say("codebook.translated.about", language)
    return say("codebook.undescribed.about", language)


def is_described(table: str, column: str) -> bool:
    """True when the codebook says what the column is."""
    return about(table, column, "en") != say("codebook.undescribed.about", "en")


def unit_of(table: str, column: str, values: pd.Series) -> Unit:
    """How the column's values are written, from its name first and its type second."""
    if types.is_bool_dtype(values.dtype):
        return "flag"
    if types.is_datetime64_any_dtype(values.dtype):
        return "date"
    if not types.is_numeric_dtype(values.dtype):
        return "text"
    stem = stem_of(column)[0]
    if f"{table}.{column}" in SHARES or stem in SHARES or stem.startswith("p_"):
        return "share"
    if stem in DAYS:
        return "days"
    if stem in MONEY:
        return "money"
    return "count" if types.is_integer_dtype(values.dtype) else "number"


def is_number(values: pd.Series) -> bool:
    return types.is_numeric_dtype(values.dtype) and not types.is_bool_dtype(values.dtype)


def shown_columns(table: pd.DataFrame, language: Language) -> list[str]:
    """The table's columns with each sentence in one language only."""
    twins = {name.removesuffix("_zh") for name in table.columns if name.endswith("_zh")}
    if language == "zh":
        return [name for name in table.columns if name not in twins]
    return [name for name in table.columns if not name.endswith("_zh")]


def as_text(table: str, column: str, values: pd.Series, value: Any, words: Words) -> str:
    """`value` of a column as a page prints it."""
    if missing(value):
        return ABSENT
    unit = unit_of(table, column, values)
    if unit == "share":
        return words.percent(value)
    if unit == "date":
        return words.date(value)
    if unit in ("days", "count"):
        return words.number(value)
    return words.number(value, 2) if unit in ("money", "number") else str(value)
