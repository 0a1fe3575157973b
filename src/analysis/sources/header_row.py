"""The header row of a sheet, found by the names in it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property

from openpyxl.utils import get_column_letter

from analysis.errors import SourceError
from analysis.sources.cell_numbers import HOME
from analysis.sources.cells import clean_text
from analysis.sources.column_cells import NOTHING
from analysis.sources.currencies import CURRENCY, money_header, own_words, price_header, tax_header
from analysis.sources.folding import normal_header
from analysis.sources.grid import Grid
from analysis.sources.header_slips import is_slip
from analysis.sources.header_units import unit_header
from analysis.sources.opening import Sheet
from analysis.sources.quarantine import note, quoted
from analysis.sources.tables import TABLES
from analysis.sources.two_headers import in_two_rows

Cells = list[list[object]] | Grid
NAMING = frozenset({"order_id", "quote_id", "supplier", "sku", "name", "company", "member", "title", "item_number", "product_number"})  # fmt: skip
"""Columns that name what a row is about."""
TAX = "tax_included"
SEARCHED_ROWS = 10
"""Rows from the top in which headers are looked for: help and titles may stand above them."""


@dataclass(frozen=True)
class HeaderRow:
    """`place`: 0-based row; `names`: the canonical name of each cell, None for a header nobody knows; `texts` as they stand;
    `lacking`: the accepted headers (normalised) of columns that were not found, each as it would be written."""

    place: int
    names: list[str | None]
    texts: list[str]
    lacking: Mapping[str, str] = field(default_factory=dict)
    ranks: list[int] = field(default_factory=list)
    """How early each header stands among the words of its column."""
    currencies: Mapping[int, str] = field(default_factory=dict)
    """The currency that a header names beside its column, by place."""
    units: Mapping[int, str] = field(default_factory=dict)
    """What a header says that the numbers below it count, as they are to say it themselves, by place."""
    taxed: Mapping[int, bool] = field(default_factory=dict)
    """Whether tax is in the prices below a header that says so, by place."""
    accepted: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Every header (normalised) that a column may have -> its canonical name."""
    decided: Mapping[int, str] = field(default_factory=dict)
    """Of headers that may name two columns the one that they can name here, by place."""
    instead: str = ""
    """The header of names that stand for the SKU (`or_else`)."""

    def found(self) -> set[str]:
        """Canonical names of the headers recognised."""
        return {name for name in self.names if name is not None}

    @property
    def places(self) -> dict[str, int]:
        """The column that is read for each name: of several the one whose header is its first word, then the leftmost."""
        rank = self.ranks or [0] * len(self.names)
        found: dict[str, int] = {}
        for place, name in enumerate(self.names):
            if name is not None and (name not in found or rank[place] < rank[found[name]]):
                found[name] = place
        return found

    @cached_property
    def normal(self) -> list[str]:
        """The texts as headers are compared."""
        return list(map(normal_header, self.texts))

    @property
    def name_places(self) -> list[int]:
        """The columns where things are named."""
        return [place for place, name in enumerate(self.names) if name in NAMING]

    def letters(self) -> dict[str, str]:
        """The letter of the column that is read for each name."""
        return {name: get_column_letter(place + 1) for name, place in self.places.items()}

    def unknown(self) -> list[str]:
        """Headers that nobody knows, as they stand."""
        return [text for text, name in zip(self.texts, self.names) if name is None and text]

    def repeated(self) -> list[tuple[str, str]]:
        """Headers left out because another one names the same column: (the one read, the one left out)."""
        read = self.places
        named = [(place, name) for place, name in enumerate(self.names) if name is not None]
        both = {other for _, _, other in self.with_and_without_tax()}
        left = [(place, name) for place, name in named if place != read[name] and place not in both]
        return [(self.texts[read[name]], self.texts[place]) for place, name in left]

    def with_and_without_tax(self) -> list[tuple[str, int, int]]:
        """Prices that have a column with tax and one without: the name, the place read, and the other's."""
        read = self.places
        pairs = [(name, read[name], at) for at, name in enumerate(self.names) if name is not None and at != read[name]]
        return [
            (name, one, other)
            for name, one, other in pairs
            if {self.taxed.get(one), self.taxed.get(other)} == {True, False}
        ]

    def shown_first(self, hidden: Collection[int]) -> HeaderRow:
        """The same where of several columns of one name those at `hidden` places are read last."""
        if not hidden:
            return self
        last = max(self.ranks, default=0) + 1
        return replace(self, ranks=[rank + last * (at in hidden) for at, rank in enumerate(self.ranks)])

    def or_else(self, name: str, texts: Iterable[str]) -> HeaderRow:
        """The same where the first unknown column with one of these headers stands for `name`, if no other does."""
        spare = set(map(normal_header, texts))
        places = (at for at, text in enumerate(self.texts) if self.names[at] is None and normal_header(text) in spare)
        place = None if name in self.found() else next(places, None)
        if place is None:
            return self
        names = [name if at == place else each for at, each in enumerate(self.names)]
        lacking = {text: each for text, each in self.lacking.items() if each != name}
        return replace(self, names=names, lacking=lacking, instead=self.texts[place] if name == "sku" else self.instead)

    def notes(
        self, table: str, file: str, sheet: str, elsewhere: Mapping[str, str] | None = None
    ) -> list[dict[str, object]]:
        """Remarks (row 0) on the columns that were not read; `elsewhere`: of headers (normalised) of other tables what these are called."""
        net = {text for place, text in enumerate(self.texts) if place in self.taxed and self.names[place] is None}
        other = elsewhere or {}
        told = [
            note(table, file, sheet, 0, "", "column_of_table", header=quoted(text), of=other[normal_header(text)])
            if normal_header(text) in other
            else self._unknown(table, file, sheet, text)
            for text in self.unknown()
            if text not in net
        ]
        told += [note(table, file, sheet, 0, "", "column_net", header=quoted(text)) for text in sorted(net)]
        told += [
            note(
                table,
                file,
                sheet,
                0,
                name,
                "column_with_tax",
                header=quoted(self.texts[other]),
                first=quoted(self.texts[one]),
            )
            for name, one, other in self.with_and_without_tax()
        ]
        told += [
            note(table, file, sheet, 0, name, "column_decided", header=quoted(self.texts[at]))
            for at, name in self.decided.items()
        ]
        if self.instead:
            told.append(note(table, file, sheet, 0, "", "column_instead", header=quoted(self.instead)))
        return told + [
            note(table, file, sheet, 0, "", "column_repeated", header=quoted(left), first=quoted(read))
            for read, left in self.repeated()
        ]

    def _unknown(self, table: str, file: str, sheet: str, text: str) -> dict[str, object]:
        near = next((header for header in self.lacking if is_slip(normal_header(text), header)), None)
        code, more = ("column_near", {"near": self.lacking[near]}) if near else ("column_ignored", {})
        if near and "(" in normal_header(text).replace(near, ""):
            code = "column_of_other_unit"
        return note(table, file, sheet, 0, "", code, header=quoted(text), **more)


def find_headers(cells: Cells, accepted: Mapping[str, str]) -> HeaderRow:
    """Of the first rows the one that holds most of the `accepted` headers (normalised text -> canonical name)."""
    searched = [list(row) for row in cells[:SEARCHED_ROWS]]
    read = [[_column_in(cell, accepted) for cell in row] for row in searched]
    rows = [[found.name for found in row] for row in read]
    place = max(range(len(rows)), key=lambda row: len(set(rows[row]) - {None}), default=0)
    if not rows:
        return HeaderRow(0, [], [])
    if not set(rows[place]) - {None}:  # nothing is known: a title holds one cell, headers several
        place = max(range(len(rows)), key=lambda row: sum(bool(clean_text(cell)) for cell in cells[row]))
    above = _with_titles(searched, max(map(_known, rows)), accepted)
    if above is not None:
        place, searched[above[0]] = above
        read[place] = [_column_in(cell, accepted) for cell in searched[place]]
        rows[place] = [found.name for found in read[place]]
    absent = {header: name for header, name in accepted.items() if name not in {*rows[place], CURRENCY.name}}
    lacking = {header: name if header == normal_header(name) else _written().get(header, header) for header, name in absent.items()}  # fmt: skip
    order = {header: rank for rank, header in enumerate(accepted)}
    found = [_as_filled(one, at, cells, place) for at, one in enumerate(read[place])]
    decided = _decided(found, accepted)
    found = [replace(one, name=decided.get(at, one.name)) for at, one in enumerate(found)]
    rows[place] = [one.name for one in found]
    ranks = [order.get(one.header, len(order) + bool(one.currency) + 2 * (one.taxed is False)) for one in found]
    texts = ["" if cell is None else str(cell).strip() for cell in searched[place]]
    return HeaderRow(
        place, rows[place], texts, lacking, ranks,
        {at: one.currency for at, one in enumerate(found) if one.currency},
        {at: one.unit for at, one in enumerate(found) if one.unit},
        {at: one.taxed for at, one in enumerate(found) if one.taxed is not None},
        accepted,
        decided,
    )  # fmt: skip


_OF_NUMBERS = {"paid", "rejected", "不合格", "不良", "次品", "优惠", "减免"}
"""Headers of a number, or of a day, or of a word that says something else: yes, or what was wrong."""
_TELLS_NUMBER = re.compile(r"\d|[一二两三四五六七八九十]\s*(?:个?[天日周月]|个?星期)|折")
_DELIVERED = {"deliverydate", "delivdate", "交货时间", "送货日期"}
_OF_DELIVERY = ("promised_on", "received_on")


def _as_filled(one: _Named, at: int, cells: Cells, place: int) -> _Named:
    """What a header says, but nothing where it is one of numbers and words without any stand below it."""
    if one.header not in _OF_NUMBERS:
        return one
    body = cells[place + 1 :]
    column = body.words(at) if isinstance(body, Grid) else [row[at] for row in body if at < len(row)]
    below = {cell.strip() for cell in column if isinstance(cell, str)}
    words = [text for text in below if text.casefold() not in NOTHING | {""} and not _TELLS_NUMBER.search(text)]
    return replace(one, name=None) if words else one


def _decided(found: Sequence[_Named], accepted: Mapping[str, str]) -> dict[int, str]:
    """A day of delivery is the promised one beside one of arrival, and that of the arrival beside a promise; else nobody knows."""
    told = {one.name for one in found} & set(_OF_DELIVERY)
    places = [at for at, one in enumerate(found) if one.name is None and one.header in _DELIVERED]
    left = [name for name in _OF_DELIVERY if name not in told]
    if len(told) != 1 or len(places) != 1 or not set(_OF_DELIVERY) <= set(accepted.values()):
        return {}
    return {places[0]: left[0]}


@cache
def _written() -> dict[str, str]:
    """Each header as it is compared -> as a person would write it."""
    columns = [column for table in TABLES.values() for column in table.columns]
    return {normal_header(header): header for column in columns for header in column.zh}


def _known(names: Iterable[str | None]) -> int:
    return len(set(names) - {None})


def _with_titles(rows: list[list[object]], known: int, accepted: Mapping[str, str]) -> tuple[int, list[object]] | None:
    """Of two rows that together hold more than `known` columns the place of the lower, and the headers of both."""

    def is_known(text: str) -> bool:
        return _column_in(text, accepted).name is not None

    pairs = ((place, in_two_rows(rows[place - 1], rows[place], is_known)) for place in range(1, len(rows)))
    counted = [(_known(_column_in(text, accepted).name for text in texts), -place, texts) for place, texts in pairs]
    most, place, texts = max(counted, default=(0, 0, []))
    return (-place, [*texts]) if most > known else None


@dataclass(frozen=True)
class _Named:
    """What a header says: the canonical name, its currency ("" for the one that templates name), what its numbers count, and
    whether tax is in them (None: it does not say)."""

    name: str | None
    currency: str = ""
    unit: str = ""
    taxed: bool | None = None
    header: str = ""


def _column_in(cell: object, accepted: Mapping[str, str]) -> _Named:
    """What a cell says as a header: as a whole, or in one of its lines, of which each may be in a language of its own."""
    lines = cell.splitlines() if isinstance(cell, str) and "\n" in cell.strip() else []
    found = [replace(_column_of(text, accepted), header=text) for text in map(normal_header, (cell, *lines))]
    return next((one for one in found if one.name is not None or one.taxed is not None), found[0])


def _column_of(header: str, accepted: Mapping[str, str]) -> _Named:
    if (name := accepted.get(header)) is not None:
        return _Named(name)
    money, priced = money_header(header, accepted), price_header(header, accepted)
    if money is not None:
        own = money[1] in own_words(HOME)
        return _Named(money[0], "" if own else money[1], priced[1] if priced and priced[0] == money[0] else "")
    if priced is not None:
        return _Named(*priced[:1], unit=priced[1])
    if (counted := unit_header(header, accepted)) is not None:
        return _Named(*counted[:1], unit=counted[1])
    if (taxed := tax_header(header, accepted)) is not None:
        # what was paid has tax in it; a table of offers says of each whether it has
        spoken_of = taxed[1] or TAX in accepted.values()
        return _Named(taxed[0] if spoken_of else None, taxed=taxed[1])
    return _Named(None)


def check_row_lengths(file: str, sheet: Sheet, place: int, headers: Sequence[str] = ()) -> None:
    """Refuses a delimited text with a row longer than its header (0-based `place`), or than its `headers` where these stand in two rows.

    A delimiter that is not quoted has moved the row's cells: an address would stand under a price, a phone in an id.
    """
    header = max(_length(sheet.cells[place]), _length(headers))
    if isinstance(sheet.cells, Grid) and all(str(cell).strip() for cell in sheet.cells[place][-1:]):
        return  # all rows are as long as the header
    for row in range(place + 1, len(sheet.cells)) if sheet.delimited else ():
        if len(sheet.cells[row]) > header and (cells := _length(sheet.cells[row])) > header:
            raise SourceError("sources.text_row_long", file=file, row=row + 1, cells=cells, header=header)


def _length(row: Sequence[object]) -> int:
    return max((place for place, cell in enumerate(row, start=1) if str(cell).strip()), default=0)
