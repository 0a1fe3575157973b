"""Tables whose reasons (`analysis.reasons`) are sentences: in one language for a reader, in both for the workbook."""

from __future__ import annotations

import pandas as pd

from analysis.reporting.words import missing
from analysis.wording import LANGUAGES, Language, is_reason, say, worded

__all__ = ["reason_columns", "verdict", "worded", "worded_in_both", "worded_table"]

REASONED = (
    "reason", "remedy", "advice", "note", "grade_reason", "backup_reason", "batch_reason", "item", "response", "step", "routine", "message", "missing",
)  # fmt: skip
"""Columns that hold reasons (`analysis.reasons`); some tables have codes in a column of the same name."""


def reason_columns(table: pd.DataFrame) -> list[str]:
    """The columns of `table` that hold reasons, or nothing at all."""
    return [
        name for name in REASONED if name in table and all(missing(value) or is_reason(value) for value in table[name])
    ]


def worded_table(table: pd.DataFrame, language: Language = "en") -> pd.DataFrame:
    """`table` with its reasons as sentences in `language`."""
    return table.assign(**{name: [worded(text, language) for text in table[name]] for name in reason_columns(table)})


def worded_in_both(table: pd.DataFrame) -> pd.DataFrame:
    """`table` with each column of reasons as sentences in English and, beside it (`..._zh`), in Chinese."""
    wide = table.copy()
    for name in reason_columns(table):
        if f"{name}_zh" not in table:
            wide.insert(wide.columns.get_loc(name) + 1, f"{name}_zh", "")
            for column, language in zip((name, f"{name}_zh"), LANGUAGES):
                wide[column] = [worded(text, language) for text in table[name]]
    return wide


def verdict(expectation: str, holds: bool) -> str:
    """What came of a notebook's stated expectation.

    >>> verdict("the interval widens", False)
    'NOT as expected: the interval widens'
    """
    key = "as_expected" if holds else "not_as_expected"
    return f"{say(f'report.{key}')}: {expectation}"
