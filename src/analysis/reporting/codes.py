"""Codes in cells (`open`, `bulk`, `FALSE`) by the names that a reader knows them by."""

from __future__ import annotations

from typing import Any

import numpy as np

from analysis.reporting.words import Words
from analysis.wording import JOINERS, Language, catalogue, name_of, say

CRITERIA_LISTS = ("missing_criteria", "main_better_in", "backup_better_in")
NAMED = ("criterion", "item", "transport_mode", "quantity")
"""Columns whose codes have their names elsewhere in the catalogue."""


def code_name(table: str, column: str, value: Any, language: Language) -> Any:
    """The name of the code `value`; what is none stands as it is."""
    if isinstance(value, bool | np.bool_):
        return say("codes.yes" if value else "codes.no", language)
    if not isinstance(value, str):
        return value
    if column in CRITERIA_LISTS:
        names = [name_of(name.strip(), language) for name in value.split(",") if name.strip()]
        return JOINERS["names"][language][0].join(names)
    for key in (f"codes.{table}_{column}_{value}", f"codes.{column}_{value}"):
        if key in catalogue():
            return say(key, language)
    if column in NAMED:
        return Words(language).name_of(value, "draws" if table == "draws" else "")
    return value
