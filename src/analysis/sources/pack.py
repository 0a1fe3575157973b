"""The workbook of the five templates (模板包): its sheets by name, so that one laid among a source's files is known for what it is."""

from __future__ import annotations

from collections.abc import Iterable

from analysis.wording import LANGUAGES, say

SHEETS = ("selection", "inquiry", "reconciliation", "inspection", "risks")
FEWEST = 3
"""Sheets by which a pack is known; one alone may be a ledger's."""


def title_of(sheet: str) -> str:
    """`风控清单 Risk list`."""
    return " ".join(say(f"pack.title_{sheet}", language) for language in reversed(LANGUAGES))


def is_pack(names: Iterable[str]) -> bool:
    """Whether a workbook with sheets of these `names` is a pack of templates."""
    titles = {title_of(sheet) for sheet in SHEETS}
    return sum(name in titles for name in names) >= FEWEST
