"""Finds the header row of a sheet by the names in it, and takes the rows below under canonical names."""

from __future__ import annotations

import difflib
import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from openpyxl.utils import get_column_letter

from analysis.errors import SourceError
from analysis.sources.cell_numbers import HOME
from analysis.sources.currencies import CURRENCY, in_currency, money_header, own_words
from analysis.sources.folding import fold, normal_header
from analysis.sources.grid import Grid
from analysis.sources.opening import Sheet
from analysis.sources.quarantine import note, quoted

Cells = list[list[object]] | Grid
SEARCHED_ROWS = 10
"""Rows from the top in which headers are looked for: help and titles may stand above them."""


_COUNTED = "[件个单笔条项行款家种批页张次]"
_AMOUNT = rf"(\([^)]*\))?[:=]?[¥\d.,]*(元|{_COUNTED})?"
_TOTAL = re.compile(
    rf"(本页|本月|本周|本季|本年|全年|全部|总)?(合计|小计|总计|共计|累计|汇总)(数|数量|金额|额)?{_AMOUNT}"
    rf"|共\d+{_COUNTED}(订单|记录|商品)?|(sub|grand)?[- ]?totals?(\([^)]*\))?([:=][¥$\d.,]*)?"
)
_TOTAL_FOR_A_NAME = re.compile(
    rf"[^,;。]*?((合计|小计|总计|共计|累计|汇总)(数|数量|金额|额)?|总数量?|总和|总量|总金?额|平均[值数价]?){_AMOUNT}"
    r"|sum(\([^)]*\))?([:=][¥$\d.,]*)?|average|avg\.?"
)
"""Where a name is expected: 3月合计, CUP小计 and words that elsewhere may say something of a single row."""
_TOTAL_BEHIND_A_NAME = re.compile(r".*[\s\u4e00-\u9fff](?:sub|grand[- ]?)?totals?\s*:?", re.IGNORECASE)
_NAMES = frozenset({"order_id", "quote_id", "supplier", "sku", "name", "company", "member", "title", "item_number", "product_number"})  # fmt: skip
_MAY_BE_TOTAL = re.compile(r"[计計汇匯共总總均]|total|sum|average|avg", re.IGNORECASE)
_LONGEST_TOTAL = 30
_NOTE = re.compile(r"\s*(?:备注|注意?|说明|附注|填表说明|notes?|remarks?)\s*[:：]", re.IGNORECASE)


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
        return [(self.texts[read[name]], self.texts[place]) for place, name in named if place != read[name]]

    def or_else(self, name: str, texts: Iterable[str]) -> HeaderRow:
        """The same where the first unknown column with one of these headers stands for `name`, if no other does."""
        spare = set(map(normal_header, texts))
        places = (at for at, text in enumerate(self.texts) if self.names[at] is None and normal_header(text) in spare)
        place = None if name in self.found() else next(places, None)
        if place is None:
            return self
        names = [name if at == place else each for at, each in enumerate(self.names)]
        lacking = {text: each for text, each in self.lacking.items() if each != name}
        return replace(self, names=names, lacking=lacking, instead=self.texts[place])

    def notes(self, table: str, file: str, sheet: str) -> list[dict[str, object]]:
        """Remarks (row 0) on the columns that were not read."""
        told = [self._unknown(table, file, sheet, text) for text in self.unknown()]
        if self.instead:
            told.append(note(table, file, sheet, 0, "", "column_instead", header=quoted(self.instead)))
        return told + [
            note(table, file, sheet, 0, "", "column_repeated", header=quoted(left), first=quoted(read))
            for read, left in self.repeated()
        ]

    def _unknown(self, table: str, file: str, sheet: str, text: str) -> dict[str, object]:
        near = difflib.get_close_matches(normal_header(text), self.lacking, n=1, cutoff=0.6)
        code, more = ("column_near", {"near": self.lacking[near[0]]}) if near else ("column_ignored", {})
        return note(table, file, sheet, 0, "", code, header=quoted(text), **more)


def find_headers(cells: Cells, accepted: Mapping[str, str]) -> HeaderRow:
    """Of the first rows the one that holds most of the `accepted` headers (normalised text -> canonical name)."""
    rows = [[_column_of(normal_header(cell), accepted)[0] for cell in row] for row in cells[:SEARCHED_ROWS]]
    place = max(range(len(rows)), key=lambda row: len(set(rows[row]) - {None}), default=0)
    if not rows:
        return HeaderRow(0, [], [])
    absent = {header: name for header, name in accepted.items() if name not in {*rows[place], CURRENCY.name}}
    lacking = {header: name if header == normal_header(name) else header for header, name in absent.items()}
    order = {header: rank for rank, header in enumerate(accepted)}
    money = [_column_of(normal_header(cell), accepted)[1] for cell in cells[place]]
    ranks = [order.get(normal_header(cell), len(order) + bool(code)) for cell, code in zip(cells[place], money)]
    currencies = {at: code for at, code in enumerate(money) if code}
    texts = ["" if cell is None else str(cell).strip() for cell in cells[place]]
    return HeaderRow(place, rows[place], texts, lacking, ranks, currencies)


def _column_of(header: str, accepted: Mapping[str, str]) -> tuple[str | None, str]:
    """The canonical name of a header, and the currency in it, "" for the one that templates name."""
    if (name := accepted.get(header)) is not None:
        return name, ""
    found = money_header(header, accepted)
    return (None, "") if found is None else (found[0], "" if found[1] in own_words(HOME) else found[1])


def check_row_lengths(file: str, sheet: Sheet, place: int) -> None:
    """Refuses a delimited text with a row longer than its header (0-based `place`).

    A delimiter that is not quoted has moved the row's cells: an address would stand under a price, a phone in an id.
    """
    header = _length(sheet.cells[place])
    if isinstance(sheet.cells, Grid) and all(str(cell).strip() for cell in sheet.cells[place][-1:]):
        return  # all rows are as long as the header
    for row in range(place + 1, len(sheet.cells)) if sheet.delimited else ():
        if len(sheet.cells[row]) > header and (cells := _length(sheet.cells[row])) > header:
            raise SourceError("sources.text_row_long", file=file, row=row + 1, cells=cells, header=header)


def _length(row: list[object]) -> int:
    return max((place for place, cell in enumerate(row, start=1) if str(cell).strip()), default=0)


def totals_below(cells: Cells, headers: HeaderRow) -> dict[int, str]:
    """Rows below the headers that are no data: row number of the sheet -> the text that says so.

    A row that sums others up is told by 合计, 小计, total, subtotal and the like alone in a cell of any column, also one that nobody
    reads; behind a name (3月合计) in its first cell or where names stand; a note by 备注： and the like in its only cell.
    """
    first, names = headers.place + 2, {place for place, name in enumerate(headers.names) if name in _NAMES}
    body = cells[headers.place + 1 :]
    if isinstance(body, Grid):
        return _totals_in(body, first, names)
    found = {number: _total_of(row, names) or _note_alone(row) for number, row in enumerate(body, start=first)}
    return {number: " ".join(word.split()) for number, word in found.items() if word}


def _total_of(row: Sequence[object], names: Container[int]) -> str:
    """The cell that says of a row that it sums others up, or nothing."""
    if not _MAY_BE_TOTAL.search("\0".join(cell for cell in row if isinstance(cell, str))):
        return ""
    lead = _first_filled(row)
    totals = (
        cell
        for place, cell in enumerate(row)
        if isinstance(cell, str)
        and (_is_total(cell) or ((place == lead or place in names) and _is_total_of_name(cell)))
    )
    return next(totals, "")


def _first_filled(row: Sequence[object]) -> int:
    return next((place for place, cell in enumerate(row) if cell is not None and str(cell).strip()), -1)


def _note_alone(row: Sequence[object]) -> str:
    """The note that is all that a row holds, or nothing."""
    filled = [cell for cell in row if cell is not None and str(cell).strip()]
    return filled[0] if len(filled) == 1 and isinstance(filled[0], str) and _NOTE.match(filled[0]) else ""


def _totals_in(cells: Grid, first: int, names: Container[int]) -> dict[int, str]:
    """The same of an even text, whose different cells are looked at once."""
    rows = set[int]()
    for column in range(cells.width):
        words = [
            word for word in cells.words(column) if _is_total(word) or _is_total_of_name(word) or _NOTE.match(word)
        ]
        rows |= set(cells.rows_with(column, words)) if words else set()
    found = {row: _total_of(cells[row], names) or _note_alone(cells[row]) for row in sorted(rows)}
    return {first + row: " ".join(word.split()) for row, word in found.items() if word}


def _is_total(cell: str) -> bool:
    return len(cell) <= _LONGEST_TOTAL and bool(_MAY_BE_TOTAL.search(cell) and _TOTAL.fullmatch(fold(cell)))


def _is_total_of_name(cell: str) -> bool:
    if len(cell) > _LONGEST_TOTAL or not _MAY_BE_TOTAL.search(cell):
        return False
    return bool(_TOTAL_FOR_A_NAME.fullmatch(fold(cell)) or _TOTAL_BEHIND_A_NAME.fullmatch(" ".join(cell.split())))


def totals_notes(table: str, file: str, sheet: Sheet, headers: HeaderRow) -> list[dict[str, object]]:
    """Quarantine rows of the totals and notes below the headers."""
    return [
        note(table, file, sheet.name, row, "", "note_row")
        if _NOTE.match(word)
        else note(table, file, sheet.name, row, "", "totals_row", value=quoted(word))
        for row, word in totals_below(sheet.cells, headers).items()
    ]


def rows_below(cells: Cells, headers: HeaderRow) -> pd.DataFrame:
    """The cells below the headers without totals, index the sheet's row numbers; of several that name one column see
    `HeaderRow.places`."""
    width = len(headers.names)
    body = cells[headers.place + 1 :]
    first = headers.place + 2
    if isinstance(body, Grid):
        rows = _columns_of(body, headers.places, pd.RangeIndex(first, first + len(body)))
        totals = list(totals_below(cells, headers))
        return _in_currencies(rows.drop(index=totals) if totals else rows, headers)
    grid = np.full((len(body), width), "", dtype=object)
    for row, values in enumerate(body):
        grid[row, : len(values)] = values[:width]
    columns = {name: grid[:, place] for name, place in headers.places.items()}
    rows = pd.DataFrame(columns, index=np.arange(first, first + len(body)), dtype=object)
    return _in_currencies(rows.drop(index=list(totals_below(cells, headers))), headers)


def _in_currencies(rows: pd.DataFrame, headers: HeaderRow) -> pd.DataFrame:
    named = {name: headers.currencies[place] for name, place in headers.places.items() if place in headers.currencies}
    return rows.assign(**{name: in_currency(rows[name], code) for name, code in named.items()})


def _columns_of(body: Grid, places: Mapping[str, int], index: pd.Index) -> pd.DataFrame:
    return body.frame(index, list(places.values())).set_axis(list(places), axis=1)
