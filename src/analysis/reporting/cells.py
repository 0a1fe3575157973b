"""The cells of a column as a reader sees them on a screen, a whole column at once; dates are written 2026-10-31 in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from analysis.reporting.codes import code_name
from analysis.reporting.columns import Unit, unit_of
from analysis.reporting.words import ABSENT, Words, missing
from analysis.wording import Language, is_reason, worded

WRITTEN: dict[Unit, Callable[[Any], str]] = {
    "share": lambda value: f"{100 * value:.1f}%",
    "days": lambda value: f"{value:,.0f}",
    "date": lambda value: f"{value:%Y-%m-%d}",
    "money": lambda value: f"{value:,.2f}",
    "price": lambda value: f"{value:,.3f}",
    "count": lambda value: f"{value:,.0f}",
    "number": lambda value: f"{value:,.2f}",
}
UNSHOWN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
SHORT, LONG = 22, 60
PLAIN_NUMBERS = ("seed", "line_no", "piece")
LEVELS = {"draws": ("mean", "mean_low", "mean_high"), "criteria_values": ("value", "value_low", "value_high")}
"""Columns whose rows have units of their own: four digits, whatever the size."""


def clean(text: str) -> str:
    """`text` without the characters that no page can show: controls, line and paragraph separators, halves of a pair."""
    return UNSHOWN.sub("", text)


def kind_of(table: str, column: str, values: pd.Series) -> str:
    """`n` a number, `d` a date, `w` a text short enough to stand in one line, `t` a longer one, `t s` sentences."""
    unit = unit_of(table, column, values)
    if unit in ("text", "flag"):
        if any(is_reason(value) for value in values.head(1)):
            return "t s"
        longest = values.astype("str").str.len().max()
        return "w" if longest <= SHORT else "t" if longest <= LONG else "t s"
    return "d" if unit == "date" else "n"


def column_texts(table: str, column: str, values: pd.Series, language: Language) -> list[str]:
    """The cells of `column`; codes by their names, reasons as sentences, chances never as certain, missing as a dash."""
    if pd.api.types.is_datetime64_dtype(values.dtype) and unit_of(table, column, values) == "date":
        days = np.datetime_as_string(values.to_numpy("datetime64[D]"))
        return [ABSENT if day == "NaT" else day for day in days.tolist()]
    write = _writer(table, column, values, language)
    absent = values.isna().to_numpy()
    return [ABSENT if gone else write(value) for gone, value in zip(absent, values.tolist())]


def _writer(table: str, column: str, values: pd.Series, language: Language) -> Callable[[Any], str]:
    unit = unit_of(table, column, values)
    if column.startswith("p_") or column.endswith("_probability"):
        return Words(language).chance
    if column in LEVELS.get(table, ()):
        return lambda value: f"{value:.4g}"
    if column in PLAIN_NUMBERS and unit != "text":
        return lambda value: f"{value:.0f}"
    if unit in WRITTEN:
        return WRITTEN[unit]
    known: dict[Any, str] = {}

    def text(value: Any) -> str:
        if isinstance(value, list):
            return ", ".join(map(str, value))
        if value not in known:
            named = code_name(table, column, value, language)
            said = str(worded(named, language))
            known[value] = ABSENT if missing(said) else said
        return known[value]

    return text
