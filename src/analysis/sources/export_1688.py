"""Reads the order export of a 1688 buyer: the current `.xlsx` of 49 columns, the older `.xls` of 31 or 37, any subset of them.

One row is one product line; what belongs to the whole order stands in its first row only. Columns are found by name. Only the
columns in `COLUMNS` are ever copied out of the sheet: names, addresses, phones and messages stay behind.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import SourceError
from analysis.sources.cell_numbers import read_numbers
from analysis.sources.cells import blank_rows, clean_column, read_ids, unread_faults
from analysis.sources.column_cells import UNDECIDED
from analysis.sources.currencies import money_header
from analysis.sources.distinct import as_they_stand, by_value
from analysis.sources.folding import fold, normal_header
from analysis.sources.grid import Grid
from analysis.sources.header_row import HeaderRow, check_row_lengths
from analysis.sources.opening import Sheet
from analysis.sources.order_money import MONEY, share_order_money, totals_of_one
from analysis.sources.quarantine import Reading, note, notes
from analysis.sources.row_checks import is_charge
from analysis.sources.rows_apart import notes_apart
from analysis.sources.rows_below import in_currencies
from analysis.sources.table_types import RawTable

COLUMNS = {
    "order_id": "订单编号", "company": "卖家公司名", "member": "卖家会员名",
    "goods_amount": "货品总价(元)", "freight": "运费(元)", "discount": "涨价或折扣(元)", "paid_amount": "实付款(元)",
    "status": "订单状态", "ordered_on": "订单创建时间", "paid_on": "订单付款时间",
    "title": "货品标题", "unit_price": "单价(元)", "quantity": "数量", "unit": "单位",
    "item_number": "单品货号", "product_number": "货号", "sku_id": "SKU ID", "offer_id": "Offer ID",
    "model": "型号", "material_number": "物料编号",
}  # fmt: skip
"""Every column that is read, and its header."""
ALSO = {
    "company": ("卖家公司名称", "卖家公司", "供应商名称", "供应商"), "member": ("卖家会员", "卖家昵称"),
    "material_number": ("物料编码", "商家编码", "规格编码"),
}  # fmt: skip
"""Further headers of some of them, read where the platform's own is not there."""
SKU_SOURCES = ("item_number", "product_number", "sku_id", "offer_id", "title")
"""Where a line's SKU comes from: the first that is filled."""
NUMBERS = ("item_number", "product_number", "sku_id", "offer_id", "model", "material_number")
"""Kept beside each line, so that `identity` can tell variants apart and look articles up; no column of `orders`."""
NO_NUMBER = UNDECIDED | {"0", "00", "000", "见详情", "见描述", "见标题", "见备注", "见图", "详见描述", "详见详情", "详见详情页", "详见标题", "默认", "default"}  # fmt: skip
"""What stands in a cell of a number (`NUMBERS`) that has none."""
_PRODUCT = ("title", "model", "material_number", *SKU_SOURCES)
_OF_THE_ORDER = ("company", "member", "status", "ordered_on", "paid_on")
_TYPICAL = ("company", "member", "ordered_on", "paid_on", "title", "offer_id", "sku_id", "discount")
_OF_THE_LINE = ("unit_price", "quantity", "unit", "model", "material_number", *SKU_SOURCES)
_HEADER_WITHIN = 20


def is_export(sheet: Sheet) -> bool:
    """Whether one of the first rows is the header of an export: 订单编号 and three of the export's own columns, or five.

    Without 订单编号 it is an export that cannot be used, and `read_export` says so.
    """
    return _header_row(sheet) is not None


def read_export(path: Path, sheet: Sheet, known_on: pd.Timestamp | None = None) -> Reading:
    """The order lines of an export as one raw table `orders`, money shared over the lines of each order.

    Rows with the same 订单编号 are one order, and so are the rows with a blank one below; the latter before any order are
    orphans, in quarantine, and so are totals and rows with the cells of another order (`_outside_orders`). What identifies the order is carried down within it, money never: freight, discount and payment
    are shared by goods value and add up to the order's to the fen (see `order_money`). A row that names its order and
    repeats an earlier product line of it gets that line's number and money, unless the goods total needs both: duplicates
    are then merged, and two states of one order in one file are found to contradict each other. Rows that are blank in all
    columns read do not count. `discount` is positive where 涨价或折扣 is negative (cheaper).

    Parameters
    ----------
    path
        The file: names the source of each row, and `known_on` when its name holds a date.
    sheet
        One for which `is_export` holds.
    known_on
        The day of the export.

    Raises
    ------
    SourceError
        A column without which no order line makes sense is absent.
    """
    known_on = known_on if known_on is not None else day_in_name(path.name)
    lines = _columns_read(sheet, path.name)
    totals = notes_apart("orders", path.name, sheet, _headers(sheet))
    lines = lines[~blank_rows(lines) & ~lines.index.isin([item["row"] for item in totals])]
    faults = _outside_orders(lines)
    outside = faults.astype(bool)
    refused = notes(
        [*totals, *(note("orders", path.name, sheet.name, row, "order_id", code)
                    for row, code in zip(lines.index[outside], faults[outside]))]
    )  # fmt: skip
    lines = lines[~outside].copy()
    for name in NUMBERS:
        lines[name] = lines[name].mask(pd.Series(clean_column(lines[name]), lines.index).str.casefold().isin(NO_NUMBER))
    order, part = _orders(lines, clean_column(lines["order_id"]) != "")
    for name in _OF_THE_ORDER:
        lines[name] = _carried_down(lines[name], order)
    same_as = _told_before(lines, order, part)
    money, same_as, remarks = share_order_money(lines, order, same_as)
    frame = _canonical(lines, money, _line_numbers(order, same_as))
    letters = _headers(sheet).letters()
    raw = RawTable(
        "orders", frame, path.name, sheet.name, known_on, export=True, letters=letters, strangers=_has_strangers(sheet)
    )
    odd = [note("orders", path.name, sheet.name, r.row, r.column, r.code, **r.values) for r in remarks]
    odd += _unread_names(path.name, sheet.name, lines, letters)
    return Reading([raw], refused, notes([*_repeated_headers(path.name, sheet), *odd]))


def day_in_name(name: str) -> pd.Timestamp | None:
    """The last day, else the end of the last month, that a file name tells; None when it tells none.

    >>> day_in_name("订单_2026-03.xlsx"), day_in_name("export 20260301-20260315.xlsx")
    (Timestamp('2026-03-31 00:00:00'), Timestamp('2026-03-15 00:00:00'))
    """
    days = re.findall(r"(?<!\d)(20\d\d)(\d\d)(\d\d)(?=\d{4}(?!\d)|\d{6}(?!\d)|(?!\d))", name)
    days += re.findall(r"(?<!\d)(20\d\d)[-_.年](\d{1,2})[-_.月](\d{1,2})(?!\d)", name)
    months = re.findall(r"(?<!\d)(20\d\d)[-_.年]?(\d{1,2})(?!\d)", name)
    for parts, ends in ((days, False), ([(year, month, "1") for year, month in months], True)):
        found = pd.to_datetime(["-".join(part) for part in parts], format="%Y-%m-%d", errors="coerce").dropna()
        if len(found):
            return found.max() + pd.offsets.MonthEnd(0) if ends else found.max()
    return None


_ITS_UNIT = re.compile(r"\((?:(?:元|¥|rmb|cny|人民币)(?:/(?:件|个|只|pcs?))?|件|个|pcs)?\)$")


def _bare(header: object) -> str:
    """A header without its unit; one in another unit, such as 单价($), is another column."""
    return _ITS_UNIT.sub("", normal_header(header))


_OWN = {_bare(header): name for name, header in COLUMNS.items()}
"""The platform's own headers: by these an export is known."""
_BARE = _OWN | {_bare(header): name for name, headers in ALSO.items() for header in headers}


def _column_of(header: object) -> tuple[str | None, str]:
    """The column that a header names, and the foreign currency in it: what stands below 单价(USD) is no price in yuan."""
    if (name := _BARE.get(_bare(header))) is not None:
        return name, ""
    return money_header(normal_header(header), _BARE) or (None, "")


def _header_row(sheet: Sheet) -> int | None:
    for place, cells in enumerate(sheet.cells[:_HEADER_WITHIN]):
        names = {_OWN.get(_bare(cell)) for cell in cells if isinstance(cell, str)}
        if len(names.intersection(_TYPICAL)) >= (3 if "order_id" in names else 5):
            return place
    return None


def _columns_read(sheet: Sheet, file: str) -> pd.DataFrame:
    """The columns of `COLUMNS` that the sheet has, the rest None; index the row numbers of the file."""
    header = _header_row(sheet)
    if header is None:
        raise _headers_missing(file, ["order_id"])
    check_row_lengths(file, sheet, header)
    headers = _headers(sheet)
    places = headers.places
    if absent := _absent(set(places)):
        raise _headers_missing(file, absent)
    body = sheet.cells[header + 1 :]
    index = pd.RangeIndex(header + 2, header + 2 + len(body))
    if isinstance(body, Grid):
        columns = body.frame(index, list(places.values())).set_axis(list(places), axis=1)
        read = {name: list(as_they_stand(columns[name])) for name in places}
    else:
        read = {name: [row[place] if place < len(row) else None for row in body] for name, place in places.items()}
    rows = pd.DataFrame({name: pd.Series(read.get(name), index=index, dtype=object) for name in COLUMNS})
    return in_currencies(rows, headers)


def _headers(sheet: Sheet) -> HeaderRow:
    place = _header_row(sheet) or 0
    header = sheet.cells[place]
    named = [_column_of(cell) for cell in header]
    currencies = {at: code for at, (_, code) in enumerate(named) if code}
    ranks = [int(_bare(cell) not in _OWN) for cell in header]
    return HeaderRow(place, [name for name, _ in named], [str(cell) for cell in header], ranks=ranks, currencies=currencies)  # fmt: skip


def _has_strangers(sheet: Sheet) -> bool:
    return any(str(cell).strip() and _column_of(cell)[0] is None for cell in sheet.cells[_header_row(sheet) or 0])


def _unread_names(file: str, sheet: str, lines: pd.DataFrame, letters: dict[str, str]) -> list[dict[str, object]]:
    """Remarks on errors in the cells that name the supplier or the article, for which the next cell that says it stands in."""
    found = []
    for name in ("company", "member", "model", *SKU_SOURCES):
        faults = unread_faults(lines[name])
        for place in np.flatnonzero(faults.astype(bool)):
            row, column = lines.index[place], "supplier" if name in ("company", "member") else "sku"
            values = {"value": lines[name].iloc[place], "cell": f"{letters.get(name, '')}{row}"}
            found.append(note("orders", file, sheet, row, column, faults[place], **values))
    return found


def _repeated_headers(file: str, sheet: Sheet) -> list[dict[str, object]]:
    """Remarks (row 0) on columns that an earlier one of the same name hides; those nobody reads are the platform's affair."""
    repeated = _headers(sheet).repeated()
    return [
        note("orders", file, sheet.name, 0, "", "column_repeated", header=left, first=read) for read, left in repeated
    ]


def _absent(names: set[str]) -> list[str]:
    absent = [name for name in ("order_id", "ordered_on", "quantity") if name not in names]
    for one, other in (("company", "member"), ("unit_price", "goods_amount")):
        if not names & {one, other}:
            absent.append(one)
    return absent


def _headers_missing(file: str, absent: list[str]) -> SourceError:
    return SourceError("sources.export_headers_missing", file=file, columns="、".join(COLUMNS[name] for name in absent))


def _orders(lines: pd.DataFrame, given: NDArray[np.bool_]) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
    """(rows,) each row's order, 0, 1, ...; and its part, a new one at each row that names an order.

    Writes the number down into the rows below. Parts with the same readable number are one order; an unreadable number is
    carried down too, so that the whole order goes to quarantine and no line joins another order.
    """
    part = np.cumsum(given) - 1
    if not len(lines):
        return part, part
    numbers = lines["order_id"].to_numpy(object)[given]
    lines["order_id"] = numbers[part]
    ids = read_ids(pd.Series(numbers, dtype=object))
    keys = ids.values.to_numpy(object)
    keys = np.where(ids.faults.astype(bool), [f"part {place}" for place in range(len(numbers))], keys)
    return pd.factorize(keys)[0][part], part


def _outside_orders(lines: pd.DataFrame) -> NDArray[np.object_]:
    """(rows,) why a row without an order number belongs to no order above it; None where it does, or names its own.

    It sums up, or lost its number, when it tells money or pieces of no product, or another company, day, state or amount than
    the order above; the rows below one that lost its number are lost with it.
    """
    texts = pd.DataFrame({name: clean_column(lines[name]) for name in COLUMNS}, index=lines.index)
    filled = texts != ""
    given = filled["order_id"].to_numpy(bool)
    part = np.cumsum(given)
    first = texts.groupby(part).transform("first")
    product = filled[[*_PRODUCT, "unit_price"]].any(axis=1).to_numpy(bool)
    says_sum = (filled[[*MONEY, "quantity"]].any(axis=1) & ~product).to_numpy(bool)
    other = np.zeros(len(lines), bool)
    for name in _OF_THE_ORDER:
        other |= (filled[name] & (texts[name].map(fold) != first[name].map(fold))).to_numpy(bool)
    own_money = filled[list(MONEY)] & (texts[list(MONEY)] != first[list(MONEY)])
    other |= own_money.any(axis=1).to_numpy(bool) & ~_money_of_line(lines)
    lost = ~given & (says_sum | other)
    start = given | (lost & product)
    began = np.maximum.accumulate(np.where(start, np.arange(len(lines)), -1)) if len(lines) else part
    below_lost = (began >= 0) & lost[began] & ~given
    faults = np.full(len(lines), None, dtype=object)
    faults[(part == 0) | below_lost] = "orphan_line"
    faults[lost & (part > 0)] = "order_number_missing"
    return faults


def _money_of_line(lines: pd.DataFrame) -> NDArray[np.bool_]:
    """Whether a row's 货品总价 is its own price times quantity, as in exports that tell the money of each line."""
    money = {name: read_numbers(lines[name], "money").values.to_numpy(float) for name in ("goods_amount", "unit_price")}
    quantity = read_numbers(lines["quantity"], "count").values.astype(float).to_numpy()
    return np.abs(money["goods_amount"] - money["unit_price"] * quantity) < 0.005


def _carried_down(cells: pd.Series, order: NDArray[np.int_]) -> pd.Series:
    filled = cells.mask(clean_column(cells) == "", None)
    return filled.groupby(order).ffill() if filled.notna().any() else filled


def _told_before(lines: pd.DataFrame, order: NDArray[np.int_], part: NDArray[np.int_]) -> NDArray[np.int_]:
    """(rows,) the place of the earlier row in another part of the same order with the same product cells, else its own.

    Within a part (two alike lines below one order number) too where the order's goods total is that of one of them: a second
    parcel, with another 运单号.
    """
    texts = pd.DataFrame({name: clean_column(lines[name]) for name in _OF_THE_LINE})
    alike = texts.groupby([order, *(texts[name] for name in texts.columns)], sort=False).ngroup()
    nth = texts.groupby([alike, part]).cumcount()
    places = pd.Series(np.arange(len(lines)))
    first = places.groupby([alike, nth]).transform("first").to_numpy(int)
    once = places.groupby(alike).transform("first").to_numpy(int)
    return np.where(totals_of_one(lines, order, first, once)[order], once, first)


def _line_numbers(order: NDArray[np.int_], same_as: NDArray[np.int_]) -> NDArray[np.int_]:
    own = same_as == np.arange(len(order))
    return pd.Series(own.astype(int)).groupby(order).cumsum().to_numpy(int)[same_as]


def _first_filled(lines: pd.DataFrame, names: tuple[str, ...]) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """The first cell of each row that says something, and the column in which it stands."""
    out, where = np.full(len(lines), None, dtype=object), np.full(len(lines), None, dtype=object)
    for name in reversed(names):
        texts = clean_column(lines[name])
        filled = np.array([text != "" and text.casefold() not in UNDECIDED for text in texts], bool)
        filled &= ~unread_faults(lines[name]).astype(bool)
        out[filled] = lines[name].to_numpy(object)[filled]
        where[filled] = name
    return out, where


def _canonical(lines: pd.DataFrame, money: pd.DataFrame, line_no: NDArray[np.int_]) -> pd.DataFrame:
    frame = lines[["order_id", "status", "ordered_on", "paid_on", "quantity", "unit", "unit_price"]].assign(**money)
    frame["line_no"] = line_no
    frame["supplier"], _ = _first_filled(lines, ("company", "member"))
    frame["sku"], frame["sku_from"] = _first_filled(lines, SKU_SOURCES)
    charge = by_value(lines["title"], is_charge).astype(bool)  # whatever the number of the link to pay it
    frame["sku"] = frame["sku"].mask(charge, lines["title"])
    return frame.assign(title=lines["title"], **{name: lines[name] for name in NUMBERS})
