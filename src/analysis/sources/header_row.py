"""Finds the header row of a sheet by the names in it, and takes the rows below under canonical names."""

from __future__ import annotations

import difflib
import re
from bisect import bisect, insort
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from openpyxl.utils import get_column_letter

from analysis.errors import SourceError
from analysis.sources.cell_numbers import HOME, read_numbers
from analysis.sources.cells import clean_text
from analysis.sources.currencies import CURRENCY, in_currency, money_header, own_words
from analysis.sources.folding import fold, normal_header
from analysis.sources.grid import Grid
from analysis.sources.opening import Sheet
from analysis.sources.quarantine import note, quoted
from analysis.sources.tables import OF_A_PIECE, SUMMED

Cells = list[list[object]] | Grid
NAMING = frozenset({"order_id", "quote_id", "supplier", "sku", "name", "company", "member", "title", "item_number", "product_number"})  # fmt: skip
"""Columns that name what a row is about."""
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
    accepted: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Every header (normalised) that a column may have -> its canonical name."""
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
    return HeaderRow(place, rows[place], texts, lacking, ranks, currencies, accepted)


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
    first, names = headers.place + 2, headers.name_places
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
    return next((place for place, cell in enumerate(row) if _is_filled(cell)), -1)


def _note_alone(row: Sequence[object]) -> str:
    """The note that is all that a row holds, or nothing."""
    filled = [cell for cell in row if _is_filled(cell)]
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


def headers_again(body: Cells, headers: HeaderRow) -> list[int]:
    """The places of rows that repeat the headers, as on the second page of a printed list, or in another language."""
    if not isinstance(body, Grid):
        return [place for place, row in enumerate(body) if _repeats(row, headers)]
    named = [place for place, name in enumerate(headers.names) if name is not None and place < body.width]
    rows = set[int]()
    for column in named:
        words = [word for word in body.words(column) if _is_header_of(word, column, headers)]
        rows |= set(body.rows_with(column, words)) if words else set()
    return [place for place in sorted(rows) if _repeats(body[place], headers)]


def _repeats(row: Sequence[object], headers: HeaderRow) -> bool:
    """Whether two cells of a row and at least half of all are headers of their columns; a header is no number and ends in none."""
    filled = [place for place, cell in enumerate(row) if cell is not None and cell != ""]
    if any(not isinstance(row[place], str) or str(row[place])[-1:].isdigit() for place in filled):
        return False
    same = sum(_is_header_of(row[place], place, headers) for place in filled)
    return same >= 2 and 2 * same >= len(filled)


def _is_header_of(cell: object, place: int, headers: HeaderRow) -> bool:
    if place >= len(headers.names) or not isinstance(cell, str) or cell[-1:].isdigit():
        return False
    text, name = normal_header(cell), headers.names[place]
    return bool(text) and (text == headers.normal[place] or (name is not None and headers.accepted.get(text) == name))


def nameless_sums(body: Cells, headers: HeaderRow, apart: Iterable[int]) -> dict[int, str]:
    """The places of rows that name nothing and hold only numbers that sum up those above (all, or since the last sums), with
    the first of them. Other such rows may be the lower part of merged cells."""
    nameless = _nameless(body, headers.name_places)
    if not nameless:
        return {}
    passed, numbers, found = sorted(apart), dict[int, NDArray[np.float64]](), dict[int, str]()
    for place in nameless:
        summed = [] if place in passed else _summed(body[place], headers)
        for at in (at for at in summed if at not in numbers):
            numbers[at] = _amounts([row[at] if at < len(row) else None for row in body])
            numbers[at][passed] = np.nan
        group = bisect(passed, place)
        starts = (0, passed[group - 1] + 1 if group else 0)
        if any(_sums_up(numbers[at][place], numbers[at][start:place]) for at in summed for start in starts):
            found[place] = clean_text(body[place][summed[0]])
            insort(passed, place)
            for amounts in numbers.values():
                amounts[place] = np.nan
    return found


def _summed(row: Sequence[object], headers: HeaderRow) -> list[int]:
    """The columns of counts and amounts that are filled, where nothing else is but numbers."""
    filled = [at for at, cell in enumerate(row) if _is_filled(cell)]
    read = [headers.names[at] if at < len(headers.names) else None for at in filled]
    if not all(name is None or name in SUMMED | OF_A_PIECE for name in read):
        return []
    bare = not np.isnan(_amounts([row[at] for at in filled])).any()
    return [at for at, name in zip(filled, read) if name in SUMMED] if bare else []


def _sums_up(number: float, above: NDArray[np.float64]) -> bool:
    return bool(np.count_nonzero(~np.isnan(above)) > 1 and abs(np.nansum(above) - number) < 0.005)


def _nameless(body: Cells, names: Sequence[int]) -> list[int]:
    """The places of rows that are blank where things are named."""
    if not names:
        return []
    if not isinstance(body, Grid):
        return [
            place
            for place, row in enumerate(body)
            if not any(map(_is_filled, (row[at] for at in names if at < len(row))))
        ]
    blank = [
        body.rows_with(at, [word for word in body.words(at) if not _is_filled(word)]) for at in names if at < body.width
    ]
    return sorted(set.intersection(*map(set, blank))) if blank else []


def _amounts(cells: Sequence[object]) -> NDArray[np.float64]:
    return read_numbers(pd.Series(cells, dtype=object), "money").values.to_numpy(float, copy=True)


def _is_filled(cell: object) -> bool:
    return cell is not None and bool(str(cell).strip())


def notes_apart(table: str, file: str, sheet: Sheet, headers: HeaderRow) -> list[dict[str, object]]:
    """Quarantine rows of what below the headers is no data."""
    apart = rows_apart(sheet.cells, headers)
    return [note(table, file, sheet.name, row, "", code, value=quoted(word)) for row, (code, word) in apart.items()]


def rows_apart(cells: Cells, headers: HeaderRow) -> dict[int, tuple[str, str]]:
    """Rows below the headers that are no data: row number of the sheet -> the code that says why, and the text that shows it."""
    body, first = cells[headers.place + 1 :], headers.place + 2
    told = {
        row: ("note_row" if _NOTE.match(word) else "totals_row", word)
        for row, word in totals_below(cells, headers).items()
    }
    again = {first + place: ("header_again", "") for place in headers_again(body, headers)}
    apart = {row - first for row in (*told, *again)}
    sums = {first + place: ("sums_row", word) for place, word in nameless_sums(body, headers, apart).items()}
    return dict(sorted((told | again | sums).items()))


def rows_below(cells: Cells, headers: HeaderRow) -> pd.DataFrame:
    """The cells below the headers without `rows_apart`, index the sheet's row numbers; of several that name one column see
    `HeaderRow.places`."""
    width = len(headers.names)
    body = cells[headers.place + 1 :]
    first = headers.place + 2
    if isinstance(body, Grid):
        rows = _columns_of(body, headers.places, pd.RangeIndex(first, first + len(body)))
        apart = list(rows_apart(cells, headers))
        return _in_currencies(rows.drop(index=apart) if apart else rows, headers)
    grid = np.full((len(body), width), "", dtype=object)
    for row, values in enumerate(body):
        grid[row, : len(values)] = values[:width]
    columns = {name: grid[:, place] for name, place in headers.places.items()}
    rows = pd.DataFrame(columns, index=np.arange(first, first + len(body)), dtype=object)
    return _in_currencies(rows.drop(index=list(rows_apart(cells, headers))), headers)


def _in_currencies(rows: pd.DataFrame, headers: HeaderRow) -> pd.DataFrame:
    named = {name: headers.currencies[place] for name, place in headers.places.items() if place in headers.currencies}
    return rows.assign(**{name: in_currency(rows[name], code) for name, code in named.items()})


def _columns_of(body: Grid, places: Mapping[str, int], index: pd.Index) -> pd.DataFrame:
    return body.frame(index, list(places.values())).set_axis(list(places), axis=1)
