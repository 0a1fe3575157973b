"""The workbook of the five templates (模板包): its sheets by name, and what of them becomes rows of which canonical table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from analysis.sources.cell_words import CHECKLIST, SEVERITIES
from analysis.sources.cells import clean_text
from analysis.sources.folding import normal_header
from analysis.sources.ledger_sheets import SHEETS as LEDGER
from analysis.wording import LANGUAGES, catalogue, say

SHEETS = ("selection", "inquiry", "reconciliation", "inspection", "risks")
FEWEST = 3
"""Sheets by which a pack is known; one alone may be a ledger's."""
WRITTEN = "written"
"""The hidden column in which a review keeps what it wrote (`pack_entries`)."""


PRINTED = ("lot_size", "sample_size")
"""Columns that a review fills in, under names that in a buyer's own list say what was done."""


@dataclass(frozen=True)
class PackSheet:
    """A sheet that is read: the canonical `table` of its rows, the `key` that names one, the columns in which a buyer `tells`
    something, those `beside` that alone say nothing, and how columns are `called` in the table where it is otherwise."""

    table: str
    key: tuple[str, ...]
    tells: tuple[str, ...]
    beside: tuple[str, ...] = ()
    called: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Of columns of free text the words that the sheet offers; they are told in the reader's language."""

    def heads(self) -> dict[str, str]:
        """Every accepted head, normalised: the template's, in both languages or one, and those of the ledger's sheet."""
        own = {name: column for column, name in self.called.items()}
        ledger = next(sheet for sheet in LEDGER if sheet.table.name == self.table).headers()
        printed = {normal_header(say(f"codebook.{name}", language)) for name in PRINTED for language in LANGUAGES}
        found = {head: own.get(name, name) for head, name in ledger.items() if head not in printed}
        for column in (*self.key, *self.tells, WRITTEN):
            for entry in (f"pack.{column}", f"codebook.{self.table}.{column}", f"codebook.{column}"):
                if entry in catalogue():
                    words = [say(entry, language) for language in reversed(LANGUAGES)]
                    found |= {normal_header(head): column for head in (*words, "\n".join(words))}
        return found


READ = {
    "reconciliation": PackSheet("settlements", ("order_id", "line_no"), ("invoice", "settled", "settled_on")),
    "inquiry": PackSheet(
        "answers",
        ("sku", "supplier"),
        ("answered_on", "price_range", "moq", "answered_days", "freight_discount", "warranty", "tax_included", "sample_offered", "conclusion"),
        beside=("answered_on",),
        called={"moq": "min_quantity", "answered_days": "lead_time_days"},
        words={"conclusion": ("order", "bargain", "drop")},
    ),
    "inspection": PackSheet(
        "inspections",
        ("order_id", "line_no"),
        ("batch", "inspected_on", "inspected", "defective", *SEVERITIES, *CHECKLIST, "inspected_by"),
        beside=("batch", "inspected_on", "inspected_by"),
    ),
    "risks": PackSheet(
        "risks",
        ("supplier", "item"),
        ("supplier", "item", "opened_on", "status", "due_on", "owner", "action_taken", "remark", "closed_on"),
        called={"action_taken": "response"},
    ),
}  # fmt: skip
"""What is in none of them is carried on to the next pack, and no more."""


def title_of(sheet: str) -> str:
    """`风控清单 Risk list`."""
    return " ".join(say(f"pack.title_{sheet}", language) for language in reversed(LANGUAGES))


def is_pack(names: Iterable[str]) -> bool:
    """Whether a workbook with sheets of these `names` is a pack of templates."""
    titles = {title_of(sheet) for sheet in SHEETS}
    return sum(name in titles for name in names) >= FEWEST


def first_day(heading: object) -> pd.Timestamp | None:
    """The first day on which a sheet with this heading (`... · 2026-10`) can have been filled in: the month is over."""
    month = re.search(r"(20\d\d-(?:0[1-9]|1[0-2]))\s*$", clean_text(heading))
    return None if month is None else (pd.Timestamp(month[1]) + pd.offsets.MonthBegin()).as_unit("us")
