"""The sheets of the buyer's ledger (采购台账): which table each holds, its columns, headers and words in both languages."""

from __future__ import annotations

from dataclasses import dataclass, replace

from analysis.sources.cell_words import CHECKLIST, SEVERITIES
from analysis.sources.columns_beside import BESIDE, COUNTED, PER_UNIT, SHOP, UNIT
from analysis.sources.currencies import CURRENCY, WITH_MONEY
from analysis.sources.folding import normal_header
from analysis.sources.good_counts import GOOD_COUNTS
from analysis.sources.header_names import header_names
from analysis.sources.table_types import KNOWN_ON, Column, Table
from analysis.sources.tables import OF_LINES, TABLES
from analysis.wording import Language, catalogue, say


@dataclass(frozen=True)
class LedgerSheet:
    """One sheet: its names, the canonical table its rows belong to, and its columns in order."""

    name: str
    en: str
    zh: str
    table: Table
    columns: tuple[Column, ...]
    optional: bool = False
    """Ties names and numbers together; a ledger without it lacks nothing."""

    def title(self, language: Language) -> str:
        """The sheet's name in `language`."""
        return self.zh if language == "zh" else self.en

    @property
    def printed(self) -> tuple[Column, ...]:
        """The columns of the template; those of `RARE` are read where a buyer adds them."""
        return tuple(column for column in self.columns if column.name not in RARE)

    def headers(self) -> dict[str, str]:
        """Every accepted header, normalised, to its canonical name."""
        beside = ((CURRENCY,) if self.table.name in WITH_MONEY else ()) + ((SHOP,) if SHOP.name in self.table.beside else ())  # fmt: skip
        beside += GOOD_COUNTS if self.table.name == "inspections" else ()
        beside += BESIDE.get(self.table.name, ())
        beside += (PER_UNIT,) if self.table.name in COUNTED else ()
        beside += (TABLES["orders"].column("sku"),) if self.table.name in OF_LINES else ()
        return header_names(replace(self.table, columns=(*self.columns, *beside)))


def _columns(table: str) -> tuple[Column, ...]:
    """All columns a buyer writes, last the day of entry; in the sheet of receipts also the batch's arrival, which may stand
    there alone."""
    written = (*(column for column in TABLES[table].columns if column.name != KNOWN_ON.name), KNOWN_ON)
    if table in COUNTED:
        place = next(i for i, column in enumerate(written) if column.name == COUNTED[table][0])
        written = (*written[: place + 1], UNIT, *written[place + 1 :])
    if table != "inspections":
        return written
    arrival = tuple(TABLES["orders"].column(name) for name in ("received_on", "received_quantity"))
    place = next(i for i, column in enumerate(written) if column.name == "inspected_on")
    return (*written[:place], *arrival, replace(written[place], required=False), *written[place + 1 :])


RARE = ("closed_before", "closed_after")
"""Columns that the template leaves out: hardly any supplier states them."""
OPTIONAL = ("receipts", "articles", "aliases", "candidates", "answers", "stock_counts", "decisions", "settlements")
"""Tables whose sheet a ledger need not have."""

SHEETS: tuple[LedgerSheet, ...] = tuple(
    LedgerSheet(name, name.capitalize(), TABLES[table].zh, TABLES[table], _columns(table), table in OPTIONAL)
    for name, table in (
        ("suppliers", "suppliers"), ("quotes", "quotes"), ("inquiries", "inquiries"), ("orders", "orders"),
        ("receipts", "inspections"), ("returns", "returns"), ("demand", "demand"), ("risks", "risks"),
        ("parcels", "receipts"), ("articles", "articles"), ("aliases", "aliases"),
        ("candidates", "candidates"), ("answers", "answers"), ("stock", "stock_counts"),
        ("decisions", "decisions"), ("settlements", "settlements"),
    )
)  # fmt: skip
README_NAMES = {normal_header(say("ledger.sheet_readme", "en")), normal_header(say("ledger.sheet_readme", "zh"))}


def sheet_called(name: str) -> LedgerSheet | None:
    """The ledger sheet of that name in either language."""
    names = {normal_header(text): sheet for sheet in SHEETS for text in (sheet.en, sheet.zh)}
    return names.get(normal_header(name))


def header(column: Column, language: Language) -> str:
    """The template's header: `订单编号*`, `Order id*`; the star marks a required column."""
    text = column.zh[0] if language == "zh" else column.name.replace("_", " ").capitalize()
    return f"{text}*" if column.required else text


def meaning(column: Column, language: Language) -> str:
    """What belongs in the column, with its unit: the comment on the header."""
    entry = f"ledger.meaning_{column.name}"
    if entry not in catalogue() or (
        column.name in CHECKLIST and column.kind == "count"
    ):  # `material` is an article's too
        entry = f"ledger.meaning_{'severity' if column.name in SEVERITIES else 'checklist'}"
        assert column.name in SEVERITIES or column.name in CHECKLIST
    told = [say(entry, language)]
    if column.required:
        told.append(say("ledger.required_mark", language))
    if words(column, language):
        told.append(say("ledger.one_of", language, words=(", ", "、")[language == "zh"].join(words(column, language))))
    return (". ", "。")[language == "zh"].join(text.rstrip(".。") for text in told) + (".", "。")[language == "zh"]


def words(column: Column, language: Language) -> list[str]:
    """The words of a drop-down, in the column's order; none for a column without a vocabulary."""
    if column.kind == "flag":
        return [say("ledger.flag_yes", language), say("ledger.flag_no", language)]
    return [synonyms[0] if language == "zh" else name for name, synonyms in column.words.items()]


def in_words(column: Column, value: object, language: Language) -> object:
    """A typed value as the drop-down spells it: `bulk` is 大货, True is 是; other values unchanged."""
    if column.kind == "flag":
        return words(column, language)[0 if value else 1]
    return dict(zip(column.words, words(column, language))).get(str(value), value)
