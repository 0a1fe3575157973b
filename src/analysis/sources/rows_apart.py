"""Rows below the headers of a sheet that are no data: totals, notes, the headers again, sums without a name."""

from __future__ import annotations

import re
from bisect import bisect, insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.sources.cell_numbers import read_numbers
from analysis.sources.cells import clean_text
from analysis.sources.columns_beside import OF_A_PIECE, SUMMED
from analysis.sources.folding import fold, normal_header
from analysis.sources.grid import Grid
from analysis.sources.header_row import Cells, HeaderRow
from analysis.sources.opening import Sheet
from analysis.sources.quarantine import note, quoted

_COUNTED = "[件个单笔条项行款家种批页张次]"
_AMOUNT = rf"(\([^)]*\))?[:=]?[¥\d.,]*(元|{_COUNTED})?"
_TOTAL = re.compile(
    rf"(本页|本月|本周|本季|本年|全年|全部|总)?(合计|小计|总计|共计|累计|汇总)(数|数量|金额|额)?{_AMOUNT}"
    rf"|共\d+{_COUNTED}(订单|记录|商品)?|(sub|grand)?[- ]?totals?(\([^)]*\))?([:=][¥$\d.,]*)?"
)
_TOTAL_FOR_A_NAME = re.compile(
    rf"[^,;。]*?((合计|小计|总计|共计|累计|汇总)(数|数量|金额|额)?|总数量?|总和|总量|总金?额|总(?:销|需求|库存|采购|订购|入库|出库)[量额]?|平均[值数价]?){_AMOUNT}"
    r"|sum(\([^)]*\))?([:=][¥$\d.,]*)?|average|avg\.?"
)
"""Where a name is expected: 3月合计, CUP小计 and words that elsewhere may say something of a single row."""
_ALL_GOODS = re.compile(
    r"全店|全场|(?:全部|所有|全体|整体)(?:(?:的)?(?:商品|产品|货品|货物|货号|sku|款式?|品类|类目|库存|销量|需求))?|总|all(?:the)?(?:skus?|items?|products?|goods|articles?)?"
)
"""In place of an article: a row about all of them."""
_TOTAL_BEHIND_A_NAME = re.compile(
    r".*[\s\u4e00-\u9fff](?:sub|grand[- ]?)?totals?\s*:?|totals?\s+(?:sales|demand|qty|quantity|units|pcs|pieces|amount)\s*:?",
    re.IGNORECASE,
)
_WORDS = "[計计汇匯共总總均]|全部|所有|全体|整体|全店|全场|total|sum|average|avg"
"""One of them stands in each text of a total, but for one that begins with all."""
_MAY_BE_TOTAL = re.compile(rf"{_WORDS}|^all|\0all", re.IGNORECASE)
_MAY_BE_APART = f"(?i){_WORDS}|all|[备注意说附明表]|note|remark"
"""The same, and of a note, in the grammar of `Grid.words`."""
_LONGEST_TOTAL = 30
_NOTE = re.compile(r"\s*(?:备注|注意?|说明|附注|填表说明|notes?|remarks?)\s*[:：]", re.IGNORECASE)


def totals_below(cells: Cells, headers: HeaderRow) -> dict[int, str]:
    """Rows below the headers that are no data: row number of the sheet -> the text that says so.

    A row that sums others up is told by 合计, 小计, total, subtotal and the like alone in a cell of any column, also one that nobody
    reads; behind a name (3月合计) in its first cell or where names stand; a note by 备注： and the like in its only cell.
    """
    first, names = headers.place + 2, _Names.of(headers)
    body = cells[headers.place + 1 :]
    if isinstance(body, Grid):
        return _totals_in(body, first, names)
    found = {number: _total_of(row, names) or _note_alone(row) for number, row in enumerate(body, start=first)}
    return {number: " ".join(word.split()) for number, word in found.items() if word}


@dataclass(frozen=True)
class _Names:
    """The columns where things are named; `article`: that of the articles in a list of these alone, else -1."""

    places: frozenset[int]
    article: int

    @classmethod
    def of(cls, headers: HeaderRow) -> _Names:
        """Of a sheet."""
        alone = not {"order_id", "supplier"} & headers.found()
        return cls(frozenset(headers.name_places), headers.places.get("sku", -1) if alone else -1)


def _total_of(row: Sequence[object], names: _Names) -> str:
    """The cell that says of a row that it sums others up, or nothing."""
    short = (cell for cell in row if isinstance(cell, str) and len(cell) <= _LONGEST_TOTAL)
    if not _MAY_BE_TOTAL.search("\0".join(short)):
        return ""
    lead = _first_filled(row)
    totals = (
        cell
        for place, cell in enumerate(row)
        if isinstance(cell, str)
        and (
            _is_total(cell)
            or ((place == lead or place in names.places) and _is_total_of_name(cell))
            or (place == names.article and _is_all_goods(cell))
        )
    )
    return next(totals, "")


def _first_filled(row: Sequence[object]) -> int:
    return next((place for place, cell in enumerate(row) if _is_filled(cell)), -1)


def _note_alone(row: Sequence[object]) -> str:
    """The note that is all that a row holds, or nothing."""
    filled = [cell for cell in row if _is_filled(cell)]
    return filled[0] if len(filled) == 1 and isinstance(filled[0], str) and _NOTE.match(filled[0]) else ""


def _totals_in(cells: Grid, first: int, names: _Names) -> dict[int, str]:
    """The same of an even text, whose different cells are looked at once."""
    rows = set[int]()
    for column in range(cells.width):
        words = [
            word
            for word in cells.words(column, like="" if column == names.article else _MAY_BE_APART)
            if _is_total(word)
            or _is_total_of_name(word)
            or _NOTE.match(word)
            or (column == names.article and _is_all_goods(word))
        ]
        rows |= set(cells.rows_with(column, words)) if words else set()
    found = {row: _total_of(cells[row], names) or _note_alone(cells[row]) for row in sorted(rows)}
    return {first + row: " ".join(word.split()) for row, word in found.items() if word}


def _is_total(cell: str) -> bool:
    return len(cell) <= _LONGEST_TOTAL and bool(_MAY_BE_TOTAL.search(cell) and _TOTAL.fullmatch(fold(cell)))


def _is_all_goods(cell: str) -> bool:
    return len(cell) <= _LONGEST_TOTAL and bool(_ALL_GOODS.fullmatch(fold(cell).strip("()-_:* ")))


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
        words = [word for word in body.words(column, like="[^0-9]$") if _is_header_of(word, column, headers)]
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
        body.rows_with(at, [word for word in body.words(at, like="^[^0-9A-Za-z]*$") if not _is_filled(word)])
        for at in names
        if at < body.width
    ]
    return sorted(set.intersection(*map(set, blank))) if blank else []


def _amounts(cells: Sequence[object]) -> NDArray[np.float64]:
    return read_numbers(pd.Series(cells, dtype=object), "money").values.to_numpy(float, copy=True)


def _is_filled(cell: object) -> bool:
    return cell is not None and bool(str(cell).strip())


Apart = Mapping[int, tuple[str, str]]


def notes_apart(
    table: str, file: str, sheet: Sheet, headers: HeaderRow, apart: Apart | None = None
) -> list[dict[str, object]]:
    """Quarantine rows of what below the headers is no data; `apart`: where these rows are known."""
    apart = rows_apart(sheet.cells, headers) if apart is None else apart
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
