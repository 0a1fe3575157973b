"""The rows below the headers of a sheet, under canonical names and as their headers and titles say, without those that are no data."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.sources.cell_numbers import read_numbers
from analysis.sources.cells import clean_column, clean_text
from analysis.sources.column_cells import NOTHING
from analysis.sources.columns_beside import VARIANT
from analysis.sources.currencies import currency_said, in_currency, in_said_currency
from analysis.sources.grid import Grid
from analysis.sources.header_row import TAX, Cells, HeaderRow
from analysis.sources.header_units import in_unit
from analysis.sources.looks_again import looks_again
from analysis.sources.rows_apart import Apart, rows_apart


def rows_below(cells: Cells, headers: HeaderRow, apart: Apart | None = None) -> pd.DataFrame:
    """The cells below the headers without `rows_apart` (`apart`, where these are known), index the sheet's row numbers; of several that name one column see
    `HeaderRow.places`."""
    width = len(headers.names)
    body = cells[headers.place + 1 :]
    first = headers.place + 2
    apart = rows_apart(cells, headers) if apart is None else apart
    if isinstance(body, Grid):
        index = pd.RangeIndex(first, first + len(body))
        rows = _columns_of(body, headers.places, index)
        both = {str(at): at for at in headers.taxed if at < body.width}
        rows = _with_net(rows, _columns_of(body, both, index).rename(columns=both), headers)
        return _as_told(rows.drop(index=list(apart)) if apart else rows, headers, _said_around(cells, headers, apart))
    grid = np.full((len(body), width), "", dtype=object)
    for row, values in enumerate(body):
        grid[row, : len(values)] = values[:width]
    index = np.arange(first, first + len(body))
    columns = {name: grid[:, place] for name, place in headers.places.items()}
    rows = _with_net(pd.DataFrame(columns, index=index, dtype=object), pd.DataFrame(grid, index), headers)
    return _as_told(rows.drop(index=list(apart)), headers, _said_around(cells, headers, apart))


def _said_around(cells: Cells, headers: HeaderRow, apart: Apart) -> list[str]:
    """The titles above the headers, a text a row, and the notes below them."""
    above = [" ".join(filter(None, map(clean_text, row))) for row in cells[: headers.place]]
    return above + [word for code, word in apart.values() if code == "note_row"]


def _with_net(rows: pd.DataFrame, cells: pd.DataFrame, headers: HeaderRow) -> pd.DataFrame:
    """`rows` of which each has its price with tax, or where that is blank the one without, of a list with a column for each; whether
    tax is in it then stands beside it."""
    for name, first, other in headers.with_and_without_tax():
        if TAX not in headers.accepted.values() or TAX in rows:
            continue
        own, net = (pd.Series(clean_column(cells[at]), rows.index) for at in (first, other))
        bare = (own == "") & (net != "")
        words = {True: "yes", False: "no"}
        taxed = pd.Series(np.where(bare, words[headers.taxed[other]], words[headers.taxed[first]]), rows.index)
        rows = rows.assign(**{name: rows[name].astype(object).mask(bare, cells[other]), TAX: taxed.astype(object)})
    return rows


def _as_told(rows: pd.DataFrame, headers: HeaderRow, around: list[str]) -> pd.DataFrame:
    """`rows` read by what their headers, and the titles and notes around them, say of them."""
    told = in_currencies(_without_row_numbers(looks_again(rows), headers), headers)
    return in_said_currency(told, currency_said(around))


_COUNTER = "序号"
_TELLS_NOTHING = re.compile(
    r"序号|no\.?|#|备注.*|说明|附注|注|remarks?|notes?|comments?|(录入|填表|制表|登记|创建|更新|修改).*"
)
"""Headers of columns in which rows about one thing may well differ: a row's number, a remark, who wrote it down and when."""


def unread_below(cells: Cells, headers: HeaderRow) -> pd.DataFrame:
    """What tells the rows below the headers apart in columns that are not read (`RawTable.unread`)."""
    read = set(headers.places.values())
    at = {text: place for place, text in enumerate(headers.texts) if text and place not in read and not _TELLS_NOTHING.fullmatch(headers.normal[place])}  # fmt: skip
    found = _cells_below(cells, headers, at)
    return pd.DataFrame({text: pd.factorize(clean_column(found[text]))[0] for text in found}, index=found.index)


def variants_below(cells: Cells, headers: HeaderRow) -> pd.Series:
    """What the rows below the headers say of their variant in columns that nobody reads (红 S), "" where they say nothing; without a
    row where there is no such column."""
    names = zip(headers.texts, headers.names, headers.normal)
    at = {text: place for place, (text, name, normal) in enumerate(names) if name is None and VARIANT.fullmatch(normal)}
    found = _cells_below(cells, headers, at)
    words = [clean_column(found[text]) for text in found]
    told = [" ".join(word for word in row if word and word.casefold() not in NOTHING) for row in zip(*words)]
    return pd.Series(told, found.index[: len(told)], dtype=object)


def _cells_below(cells: Cells, headers: HeaderRow, at: Mapping[str, int]) -> pd.DataFrame:
    """The columns at these places below the headers, index the sheet's row numbers."""
    body, first = cells[headers.place + 1 :], headers.place + 2
    rows = pd.RangeIndex(first, first + len(body))
    if isinstance(body, Grid):
        return _columns_of(body, at, rows)
    columns = {text: [row[place] if place < len(row) else None for row in body] for text, place in at.items()}
    return pd.DataFrame(columns, index=rows, dtype=object)


def _without_row_numbers(rows: pd.DataFrame, headers: HeaderRow) -> pd.DataFrame:
    """`rows` without line numbers headed 序号 that go on rising over several orders: they count the rows of the sheet."""
    place = headers.places.get("line_no")
    if place is None or headers.normal[place] != _COUNTER or not {"line_no", "order_id"} <= set(rows):
        return rows
    numbers = read_numbers(rows["line_no"], "number").values.dropna()
    orders = set(clean_column(rows.loc[numbers.index, "order_id"])) - {""}
    counts_rows = len(orders) > 1 and numbers.is_monotonic_increasing and numbers.is_unique
    return rows.drop(columns="line_no") if counts_rows else rows


def in_currencies(rows: pd.DataFrame, headers: HeaderRow) -> pd.DataFrame:
    """`rows` with the currency that a header names before each amount below it, what it says that numbers count behind, and
    whether tax is in them where no column of the file says so."""
    taxed = {headers.taxed[place] for name, place in headers.places.items() if place in headers.taxed}
    if len(taxed) == 1 and TAX in headers.accepted.values() and TAX not in rows:
        rows = rows.assign(**{TAX: "yes" if taxed.pop() else "no"})
    units = {name: headers.units[place] for name, place in headers.places.items() if place in headers.units}
    rows = rows.assign(**{name: in_unit(rows[name], unit) for name, unit in units.items()})
    named = {name: headers.currencies[place] for name, place in headers.places.items() if place in headers.currencies}
    return rows.assign(**{name: in_currency(rows[name], code) for name, code in named.items()})


def _columns_of(body: Grid, places: Mapping[str, int], index: pd.Index) -> pd.DataFrame:
    return body.frame(index, list(places.values())).set_axis(list(places), axis=1)
