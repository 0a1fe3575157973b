"""Lists with a column a month (sales) or a quantity (prices of quotes): each becomes a table of its own, called after the
column, whose rows are those of the sheet."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.sources.cell_dates import MONTH_NAMES, read_dates
from analysis.sources.cells import clean_column, clean_text
from analysis.sources.column_cells import NOTHING
from analysis.sources.header_row import HeaderRow, find_headers
from analysis.sources.offer_cells import lower_end
from analysis.sources.opening import Sheet
from analysis.sources.quarantine import Reading, note, notes
from analysis.sources.rows_apart import notes_apart
from analysis.sources.rows_below import rows_below
from analysis.sources.table_types import RawTable
from analysis.sources.tables import TABLES
from analysis.sources.unit_words import PIECE, is_unit

LEAST = 2
"""Columns side by side that are no accident."""
_PRICE_WORDS = re.compile(r"含税|未税|单价|价格|报价|阶梯价?|批发价|订购?量|数量|价|unit price|price|quantity|qty|[(（]?(?:元|rmb|cny)[)）]?", re.IGNORECASE)  # fmt: skip
_BELOW = re.compile(r"(?:(?:<=?|≤|不足|少于)\s*\d+\s*([^\W\d_]{0,6})|\d+\s*([^\W\d_]{0,4}?)\s*(?:及?以下|以内|之内))")
_NUMBER = re.compile(r"\d+")
_WITH_UNIT = re.compile(r"\d+\s*([^\W\d_]{0,6})")
_YEARS = range(1990, 2101)


@dataclass(frozen=True)
class _Across:
    """What the headers of a list that stands sideways tell, and what stands below them."""

    told: str
    value: str
    told_of: Callable[[Sequence[object], str], list[object]]
    """What each header tells in a sheet of that name, None for any other header."""
    own: tuple[str, ...]
    """Columns of which a list that stands sideways has none."""
    blank: frozenset[str] = frozenset({""})
    """Cells of the columns that tell nothing."""


def _months(headers: Sequence[object], name: str) -> list[object]:
    headers = _in_year(headers, name)
    read = read_dates(pd.Series(headers, dtype=object), months=True).values
    return [header if pd.notna(month) else None for header, month in zip(headers, read)]


_BARE_MONTH = re.compile(
    r"(?P<n>\d{1,2})\s*月份?\D{0,4}|(?P<zh>十[一二]?|[一二三四五六七八九])月份?|(?P<name>[a-z]{3,9})\.?", re.IGNORECASE
)
YEAR_IN_NAME = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
_FIGURES = {
    text: n for n, text in enumerate(["一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"], 1)
}


def _in_year(headers: Sequence[object], name: str) -> list[object]:
    """`headers` with months that tell no year in that of the sheet's or file's `name`, where they follow each other within it.

    >>> _in_year(["SKU", "1月", "2月"], "月需求2026"), _in_year(["Nov", "Dec"], "2026"), _in_year(["12月", "1月"], "2026"), _in_year(["1月"], "")
    (['SKU', '2026-01', '2026-02'], ['2026-11', '2026-12'], ['12月', '1月'], ['1月'])
    """
    years = list(dict.fromkeys(YEAR_IN_NAME.findall(name)))
    months = [bare_month(clean_text(header)) for header in headers]
    told = [month for month in months if month]
    if len(years) != 1 or told != sorted(set(told)) or not told or told[-1] > 12:
        return list(headers)
    return [f"{years[0]}-{month:02d}" if month else header for header, month in zip(headers, months)]


def bare_month(text: str) -> int:
    """The number of a month without a year, 0 for anything else."""
    found = _BARE_MONTH.fullmatch(unicodedata.normalize("NFKC", text))
    if found is None:
        return 0
    return int(found["n"] or _FIGURES.get(found["zh"], 0) or MONTH_NAMES.get((found["name"] or "").casefold(), 0))


def _quantities(headers: Sequence[object], name: str) -> list[object]:
    found = [quantity_told(header) for header in headers]
    least = [_least(text) for text in found if text is not None]
    return list(found) if least == sorted(set(least)) and not set(least) <= {*_YEARS} else [None] * len(found)


def quantity_told(header: object) -> str | None:
    """The quantity from which a price below this header holds, with its unit.

    >>> [quantity_told(text) for text in ("1-99件", "≥100", "500个以上单价", "价格(100-499)", "100件以下", 1000, "备注", "交期7天")]
    ['1件', '100', '500个', '100', '1件', '1000', None, None]
    """
    text = _PRICE_WORDS.sub(" ", unicodedata.normalize("NFKC", clean_text(header))).strip(" ()[]:满")
    if below := _BELOW.fullmatch(text):
        return f"1{below[1] or below[2] or ''}"
    found = _WITH_UNIT.fullmatch(told := str(lower_end(text)))
    return told if found and (not found[1] or found[1].casefold() in PIECE or is_unit(found[1])) else None


def _least(text: object) -> int:
    found = _NUMBER.match(clean_text(text).replace(",", ""))
    return int(found[0]) if found else 0


_ACROSS = {
    "demand": _Across("month", "units", _months, ("month", "units")),
    "quotes": _Across("min_quantity", "unit_price", _quantities, ("unit_price",), frozenset(NOTHING | {""})),
}


def columns_across(table: str, headers: HeaderRow, sheet: Sheet, file: str) -> dict[int, object]:
    """The columns of a list of articles whose header tells a month or a quantity, which no column of their own does."""
    across = _ACROSS.get(table)
    if across is None or not _lacks_only(table, across, headers.found()):
        return {}
    row = sheet.cells[headers.place]
    spare = [place for place, name in enumerate(headers.names) if name is None and clean_text(row[place])]
    name = sheet.name if YEAR_IN_NAME.search(sheet.name) else file
    told = across.told_of([row[place] for place in spare], name)
    found = {place: each for place, each in zip(spare, told) if each is not None}
    return found if len(found) >= LEAST else {}


def _lacks_only(table: str, across: _Across, found: set[str]) -> bool:
    """Whether a list with these columns has all that its table needs but what stands sideways."""
    needed = {column.name for column in TABLES[table].columns if column.required}
    return needed - {across.told, across.value} <= found and not found & {*across.own}


def read_sideways(table: str, file: str, sheet: Sheet, accepted: Mapping[str, str], currency: str) -> Reading | None:
    """What a sheet with months or quantities for columns holds; None for any other. A blank cell tells nothing of its month, or that
    the quantity has no price."""
    headers = find_headers(sheet.cells, accepted)
    if not (columns := columns_across(table, headers, sheet, file)):
        return None
    across = _ACROSS[table]
    parts = {}
    for place in columns:
        names = [across.value if at == place else name for at, name in enumerate(headers.names)]
        own = replace(headers, names=names)
        parts[place] = own, rows_below(sheet.cells, own)
    told = _from_minimum(columns, parts[min(columns)][1])
    filled = {
        place: ~np.isin(clean_column(rows[across.value]).astype(str), [*across.blank]) & (told[place] != "")
        for place, (_, rows) in parts.items()
    }
    if table == "quotes":  # a row without any price is refused, once
        bare = ~np.any([*filled.values()], axis=0)
        for place in filled:
            filled[place] |= (its := bare & (told[place] != ""))
            bare &= ~its
    raws = []
    for place, (own, rows) in parts.items():
        kept = rows.assign(**{across.told: told[place]})[filled[place]]
        name = f"{sheet.name} {headers.texts[place]}".strip()
        raws.append(RawTable(table, kept, file, name, currency=currency, letters=own.letters()))
    named = replace(headers, texts=["" if at in columns else text for at, text in enumerate(headers.texts)])
    remarks = [
        note(table, file, sheet.name, 0, "", f"{table}_sideways", count=len(columns)),
        *named.notes(table, file, sheet.name),
    ]
    return Reading(raws, notes(notes_apart(table, file, sheet, headers)), notes(remarks))


def _from_minimum(columns: Mapping[int, object], rows: pd.DataFrame) -> dict[int, NDArray[np.object_]]:
    """What each column tells of each row: of the quantities that a row's own minimum reaches the last is that minimum, and those
    before it tell nothing ("")."""
    told = {place: np.full(len(rows), header, object) for place, header in columns.items()}
    if "min_quantity" not in rows:
        return told
    own = np.array([clean_text(lower_end(cell)) for cell in rows["min_quantity"]], object)
    bounds = np.array([_least(header) for header in columns.values()])
    reached = np.searchsorted(bounds, np.array([_least(text) for text in own], int), side="right") - 1
    for step, place in enumerate(columns):
        told[place][(own != "") & (step < reached)] = ""
        last = (own != "") & (step == np.maximum(reached, 0))
        told[place][last] = own[last]
    return told
