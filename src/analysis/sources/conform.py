"""Turns the cells of a reader into the typed columns of a canonical table; what cannot be used goes to quarantine."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import SourceError
from analysis.reasons import either, reason
from analysis.reasons import joined as joined_reasons
from analysis.sources.accounting import rows_where
from analysis.sources.cells import Cells, blank_rows
from analysis.sources.column_cells import UNREAD, kept_faults, read_column
from analysis.sources.distinct import by_value
from analysis.sources.folding import normal_header
from analysis.sources.offer_cells import time_span
from analysis.sources.quarantine import joined, no_notes, note, notes, quoted, quoted_of, rows_named
from analysis.sources.table_types import KNOWN_ON, Check, Column, RawTable, Table
from analysis.sources.tables import TABLES, empty

RETURNED = ("orders", "receipts", "demand")
"""Tables in which people write what came back as a count below 0."""


@dataclass(frozen=True)
class Conformed:
    """`table`: the canonical columns, index (file, sheet, row); `rows_in`: rows that were not blank.

    rows_in == len(table) + len(quarantine).
    """

    table: pd.DataFrame
    quarantine: pd.DataFrame
    remarks: pd.DataFrame
    rows_in: int


@dataclass(frozen=True)
class Distinct:
    """`table`: rows told once, index kept; `merged`: rows left out as told before, counted by (file, sheet); `remarks`: on those
    that one sheet tells twice.

    Rows given == len(table) + merged.sum() + len(quarantine).
    """

    table: pd.DataFrame
    merged: pd.Series
    quarantine: pd.DataFrame
    remarks: pd.DataFrame = field(default_factory=no_notes)


def conform(raw: RawTable, missing: frozenset[str] = frozenset(), date_formats: tuple[str, ...] = ()) -> Conformed:
    """Types, repairs and checks the rows of `raw`.

    A row goes to quarantine, once, with all its reasons, when a required cell is blank, when an id, date, number, money or
    share cannot be read although something stands there (also in an optional column, where a blank would mean something
    else), or when it breaks a `Check` of its table. A word outside a vocabulary (status, stage, transport mode, yes/no), what
    stands in a spare column, and a fact beside the matter that cannot be true leave the row usable: it becomes missing, with a
    remark, so that an order without an arrival is open. Blank rows do not count.

    Parameters
    ----------
    raw
        Cells under canonical names, index the row numbers of the file, each once. Columns that are not canonical are left
        out.
    missing
        Further words that mean a blank cell in this source.
    date_formats
        strptime forms tried before the known ones, such as `%d-%b-%y`.

    Raises
    ------
    SourceError
        A required column is absent.
    """
    table = TABLES[raw.table]
    _check_columns(raw, table)
    frame = raw.frame[[name for name in dict.fromkeys((*table.names(), KNOWN_ON.name)) if name in raw.frame]]
    frame = rows_where(frame, ~blank_rows(frame.drop(columns=KNOWN_ON.name, errors="ignore")))
    if raw.table == "quotes":
        frame = _with_ends(frame, missing, date_formats)
    read = {name: read_column(table.column(name), frame[name], missing, date_formats, raw.currency) for name in frame}
    rows = _typed(raw, table, frame, read)
    odd = _left_out(raw, table, rows)
    refused = [*_faults(raw, table, frame, read), *_blanks(raw, table, read)]
    clean = ~frame.index.isin([int(str(item["row"])) for item in refused])
    refused += _broken(raw, table, rows_where(rows, clean))
    quarantine = joined(notes(refused).sort_values("row", kind="stable", ignore_index=True))
    if raw.table == "orders":
        rows["line_no"] = line_numbers(rows, raw.unread)
    if raw.table == "quotes":  # what a supplier quotes on one day is one quote, unless its number says otherwise
        rows["quote_id"] = rows["quote_id"].fillna(rows["quoted_on"].dt.strftime("%Y-%m-%d").astype("str"))
    kept = rows_where(rows, ~rows.index.isin(quarantine["row"]))
    remarks = notes([*_odd_cells(raw, table, frame, read), *_odd_orders(raw, kept), *odd])
    remarks = remarks[remarks["row"].isin(kept.index)].sort_values("row", kind="stable", ignore_index=True)
    return Conformed(_located(raw, kept), quarantine, remarks, len(frame))


_VARIANT = re.compile(r"颜色|规格|尺码|尺寸|款式|款色|型号|花色|色号|colou?r|size|spec|model|style|variant")
"""Headers, nobody's columns, in which lines of one order differ that are of other goods."""


def line_numbers(orders: pd.DataFrame, unread: pd.DataFrame | None = None) -> pd.Series:
    """(rows,) Int64: the line numbers given; where none is, 1, 2, ... within the order by first appearance.

    Rows of an order that are alike in every column get one number: they are one line told twice, unless they are of other variants
    (`RawTable.unread`). So do rows about one article that were each entered on a day of their own: the later ones correct the first.
    """
    given = orders["line_no"]
    open_rows = given.isna() & orders["order_id"].notna()
    if not open_rows.any():
        return given
    part = orders[open_rows].drop(columns="known_on")
    names = [] if unread is None else [name for name in unread if _VARIANT.search(normal_header(name))]
    variants = [] if unread is None else [unread[name].reindex(part.index) for name in names]
    goods = ["order_id", "supplier", "sku", "ordered_on"]
    content = part.groupby([*part.columns, *variants], dropna=False, sort=False).ngroup()
    article = part.groupby([*goods, *variants], dropna=False, sort=False).ngroup()
    entered = orders.loc[open_rows, "known_on"].fillna(pd.Timestamp(0)).groupby(article)
    content = content.where(entered.transform("nunique") < entered.transform("size"), -1 - article)
    new = ~content.duplicated()
    start = part["order_id"].map(orders.groupby("order_id")["line_no"].max()).fillna(0).astype("Int64")
    number = (new.groupby(part["order_id"]).cumsum()).where(new)
    number = number.groupby(content).transform("first").astype("Int64") + start
    return given.where(~open_rows, number.reindex(orders.index))


def drop_duplicates(name: str, rows: pd.DataFrame) -> Distinct:
    """Merges rows told twice and refuses contradictions.

    Rows alike in every column are merged into the first. Of rows with the same key (blank = blank) but other content the
    first is kept and the later ones go to quarantine, unless they were known on different days (`known_on`): those are
    versions, all kept, and the caller chooses.

    Parameters
    ----------
    name
        Of the canonical table.
    rows
        One `Conformed.table` or several of them, concatenated; sources that complete each other (an export and a ledger
        of the same orders) are given one by one.
    """
    versions = [column for column in ("known_on",) if column in rows]
    told = _alike(rows, TABLES[name].key_of(rows))
    merged = rows.index[told].to_frame(index=False).groupby(["file", "sheet"], sort=False).size()
    remarks = told_twice(name, _of_one_sheet(rows, told))
    left = rows_where(rows, ~told)
    key = [*TABLES[name].key_of(rows), *versions]
    against = left.duplicated(key).to_numpy()
    if not against.any():
        return Distinct(left, merged, no_notes(), remarks)
    first = left.groupby(key, dropna=False, sort=False).ngroup().to_numpy()
    originals = dict(zip(first[~against], left.index[~against]))
    found = [
        note(name, file, sheet, row, TABLES[name].key[0], "duplicate_contradicts", first_file=originals[group][0],
             first_sheet=originals[group][1], first_row=originals[group][2])
        for (file, sheet, row), group in zip(left.index[against], first[against])
    ]  # fmt: skip
    return Distinct(left[~against], merged, notes(found), remarks)


def told_twice(name: str, rows: pd.MultiIndex) -> pd.DataFrame:
    """A remark on each sheet of which `rows` were merged into earlier ones: two things of which nothing else is written look the
    same."""
    sheets = rows.to_frame(index=False).groupby(["file", "sheet"], sort=False)["row"]
    return notes(
        note(name, file, sheet, numbers.iloc[0], "", "rows_twice", rows=rows_named(numbers))
        for (file, sheet), numbers in sheets
    )


def _of_one_sheet(rows: pd.DataFrame, told: NDArray[np.bool_]) -> pd.MultiIndex:
    """The rows `told` before that their own sheet tells before."""
    if not told.any():
        return rows.index[:0]
    some = rows[rows.duplicated(keep=False).to_numpy()].reset_index(["file", "sheet"])
    again = some[some.duplicated().to_numpy()]
    return pd.MultiIndex.from_arrays([again["file"], again["sheet"], again.index], names=["file", "sheet", "row"])


def _alike(rows: pd.DataFrame, key: list[str]) -> NDArray[np.bool_]:
    """(rows,) whether a row is alike in every column to an earlier one."""
    out = rows.duplicated(key, keep=False).to_numpy(copy=True)
    out[out] = rows[out].duplicated().to_numpy()
    return out


def _check_columns(raw: RawTable, table: Table) -> None:
    check_columns(raw, [column for column in table.columns if column.required])


def check_columns(raw: RawTable, needed: Iterable[Column]) -> None:
    """Refuses a table that lacks one of the columns `needed`.

    Raises
    ------
    SourceError
        With the names of those that are absent.
    """
    table, absent = TABLES[raw.table], [column for column in needed if column.name not in raw.frame]
    if absent:
        raise SourceError(
            "sources.columns_missing",
            file=raw.file,
            sheet=raw.sheet,
            table=table.name,
            table_zh=table.zh,
            columns=", ".join(column.name for column in absent),
            columns_zh="、".join(column.zh[0] for column in absent),
        )


def _typed(raw: RawTable, table: Table, frame: pd.DataFrame, read: dict[str, Cells]) -> pd.DataFrame:
    blank = empty(table.name)
    columns = {name: read[name].values if name in read else blank[name].reindex(frame.index) for name in table.names()}
    rows = pd.DataFrame(columns, index=frame.index).astype(blank.dtypes.to_dict())
    if raw.known_on is not None and "known_on" in rows:
        rows["known_on"] = rows["known_on"].fillna(raw.known_on)
    if raw.table == "orders" and "received_on" in read:  # it may have arrived or not: nobody can say
        rows.iloc[read["received_on"].places(UNREAD), rows.columns.get_loc("status")] = "unknown"
    return rows


def _doubtful(raw: RawTable, read: dict[str, Cells]) -> NDArray[np.bool_]:
    """(rows,) whether cells may stand in the wrong column: two of the row cannot be read, or columns that nobody reads stand
    beside those that are."""
    faults = [cells.at_fault for cells in read.values()]
    several = np.sum(faults, axis=0) > 1 if faults else np.zeros(0, bool)
    return several | raw.strangers


def _faults(raw: RawTable, table: Table, frame: pd.DataFrame, read: dict[str, Cells]) -> Iterator[dict[str, object]]:
    doubtful = _doubtful(raw, read)
    for name, cells in read.items():
        kept = kept_faults(table.column(name))
        for place in np.flatnonzero(cells.at_fault):
            if (code := cells.faults[place]) not in kept:
                value = quoted_of(frame[name].iloc[place], table.column(name), doubtful[place])
                row = frame.index[place]
                where = (table.name, raw.file, raw.sheet, row, name)
                told = {"value": value, "currency": raw.currency, "cell": raw.address(name, row)}
                item = note(*where, code, **told, words=_allowed(table.column(name)))
                bare = code == "count_negative" and table.name not in RETURNED
                yield item | {"remedy": reason("sources.zero_or_more")} if bare else item


def _blanks(raw: RawTable, table: Table, read: dict[str, Cells]) -> Iterator[dict[str, object]]:
    for column in table.columns:
        if column.required:
            cells = read[column.name]
            for row in cells.values.index[cells.values.isna() & ~cells.at_fault]:
                yield note(table.name, raw.file, raw.sheet, row, column.name, "required_missing")


def _broken(raw: RawTable, table: Table, rows: pd.DataFrame) -> list[dict[str, object]]:
    found = []
    for check in table.checks:
        for row in rows.index[_true(check.bad(rows))]:
            found.append(_of_check(raw, check, rows, row))
    return found


def _of_check(raw: RawTable, check: Check, rows: pd.DataFrame, row: int) -> dict[str, object]:
    value = quoted(_shown(rows.loc[row, check.column]))
    return note(raw.table, raw.file, raw.sheet, row, check.column, check.code, value=value)


def _left_out(raw: RawTable, table: Table, rows: pd.DataFrame) -> list[dict[str, object]]:
    """Facts beside the matter that cannot be true, taken out of `rows`, and the remarks on them."""
    found = []
    for check in (check for check in table.checks if check.beside):
        bad = _true(check.bad(rows))
        found += [_without_its_cell(_of_check(raw, check, rows, row)) for row in rows.index[bad]]
        rows.loc[bad, check.column] = None
    return found


def _without_its_cell(told: dict[str, object]) -> dict[str, object]:
    """A fault told as a remark: the cell is left out and the row counts."""
    return told | {"reason": joined_reasons("sentences", [str(told["reason"]), reason("sources.cell_left_out")])}


def _with_ends(quotes: pd.DataFrame, missing: frozenset[str], date_formats: tuple[str, ...]) -> pd.DataFrame:
    """`quotes` with the day until which an offer holds where its cell tells for how long (30天)."""
    if not {"valid_until", "quoted_on"} <= set(quotes):
        return quotes
    spans = pd.Series(by_value(quotes["valid_until"], time_span), quotes.index, dtype=object)
    told = spans[spans.notna()]
    quoted_on = read_column(TABLES["quotes"].column("quoted_on"), quotes.loc[told.index, "quoted_on"], missing, date_formats).values  # fmt: skip
    ends = pd.Series([day + span for day, span in zip(quoted_on, told)], told.index, dtype=object).dropna()
    return quotes.assign(valid_until=quotes["valid_until"].astype(object).mask(quotes.index.isin(ends.index), ends))


def _odd_cells(raw: RawTable, table: Table, frame: pd.DataFrame, read: dict[str, Cells]) -> Iterator[dict[str, object]]:
    """Remarks on cells that are blank from now on, and on numbers told roughly."""
    doubtful = _doubtful(raw, read)
    for name, cells in read.items():
        column = table.column(name)
        for place in cells.places(kept_faults(column)):
            cell, code = frame[name].iloc[place], str(cells.faults[place])
            shown = quoted(cell) if code in UNREAD else quoted_of(cell, column, doubtful[place])
            if (table.name, name, code) == ("orders", "status", "not_a_word"):
                code = "status_not_known"
            told = note(
                table.name, raw.file, raw.sheet, frame.index[place], name, code, value=shown, words=_allowed(column),
                currency=raw.currency, cell=raw.address(name, frame.index[place]),
            )  # fmt: skip
            yield _without_its_cell(told) if code in column.spare else told


def _allowed(column: Column) -> str:
    en, zh = ", ".join(column.words), "、".join(synonyms[0] for synonyms in column.words.values())
    return either(en or "yes, no", zh or "是、否")


_VAT = 1.13
"""What goods are times with China's full value added tax."""


def _goods_apart(rows: pd.DataFrame) -> pd.Series:
    """(rows,) whether the goods total is neither quantity times price nor that with freight, less the discount, or with or without
    tax; half a fen of a price and one of a total may be rounding."""
    pieces, total = rows["quantity"].astype(float), rows["goods_amount"]
    told = pieces * rows["unit_price"]
    freight, discount = rows["freight"].fillna(0), rows["discount"].fillna(0)
    ways = [told, told + freight, told - discount, told + freight - discount]
    fits = pd.Series(False, index=rows.index)
    for way in (*ways, *(each * _VAT for each in ways), *(each / _VAT for each in ways)):
        fits |= (way - total).abs() <= 0.01 + (0.005 + 1e-6) * pieces
    return (told > 0) & (total > 0) & ~fits


def _odd_orders(raw: RawTable, rows: pd.DataFrame) -> Iterator[dict[str, object]]:
    """Orders whose payment is not goods + freight + duty - discount, or whose goods are not quantity times price."""
    if raw.table != "orders":
        return
    if not raw.export:  # the platform reckons its own totals
        for row in rows.index[_goods_apart(rows)]:
            line = rows.loc[row]
            values = {"pieces": f"{line['quantity']:g}", "price": f"{line['unit_price']:g}", "due": f"{line['quantity'] * line['unit_price']:.2f}"}  # fmt: skip
            yield note("orders", raw.file, raw.sheet, row, "goods_amount", "goods_not_as_priced", value=f"{line['goods_amount']:.2f}", **values)  # fmt: skip
    due = rows["goods_amount"] + rows["freight"].fillna(0) + rows["duty"].fillna(0) - rows["discount"].fillna(0)
    settled = rows.assign(due=due, row=rows.index)[~rows["status"].isin(["unpaid", "cancelled", "refunding"])]
    orders = settled.groupby("order_id", sort=False)
    sums = orders[["paid_amount", "due"]].sum(skipna=False).assign(row=orders["row"].first())
    for paid, owed, row in sums[(sums["paid_amount"] - sums["due"]).abs() > 0.01 + 1e-6].itertuples(index=False):
        values = {"value": f"{paid:.2f}", "due": f"{owed:.2f}"}
        yield note("orders", raw.file, raw.sheet, row, "paid_amount", "paid_amount_differs", **values)


def _true(marks: pd.Series) -> NDArray[np.bool_]:
    return marks.fillna(False).to_numpy(bool)


def _shown(value: object) -> str:
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _located(raw: RawTable, rows: pd.DataFrame) -> pd.DataFrame:
    located = rows.copy(deep=False)
    located.index = pd.MultiIndex.from_arrays(
        [np.full(len(rows), raw.file, object), np.full(len(rows), raw.sheet, object), rows.index.to_numpy(np.int64)],
        names=["file", "sheet", "row"],
    )
    return located
