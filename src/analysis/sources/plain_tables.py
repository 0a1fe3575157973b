"""Which canonical table a plain sheet holds, and what its headers are then: told by the names of file and sheet, else by the headers."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

from analysis.sources.as_of import ROW_DAY
from analysis.sources.columns_shared import ANY_DAY
from analysis.sources.export_1688 import day_in_name, is_export
from analysis.sources.found_orders import FOUND, NAMED_BY
from analysis.sources.header_names import header_names
from analysis.sources.header_row import HeaderRow, find_headers
from analysis.sources.ledger_sheets import SHEETS, sheet_called
from analysis.sources.opening import Sheet
from analysis.sources.sideways import columns_across
from analysis.sources.table_types import Table
from analysis.sources.tables import TABLES

TOLD_BESIDE = {
    "inspections": ("inspected_on", "inspected", "defective"),
    "returns": ("returned", "reworked", "refund"),
}
_OF_SALES = re.compile(r"销|出库|需求|demand|sale|sold", re.IGNORECASE)
GOODS = ("品名", "商品名称", "产品名称", "商品", "产品", "货品名称", "item", "item name", "product", "product name", "article")  # fmt: skip
"""What goods are called by in a list that has no numbers for them: there the name is the SKU."""


def is_known(path: Path, sheet: Sheet) -> bool:
    """Whether a sheet holds an export or a table of ours."""
    return is_export(sheet) or plain_table(path, sheet) is not None or table_across(path, sheet) is not None


def table_across(path: Path, sheet: Sheet) -> str | None:
    """The table that a sheet holds whose columns are months or quantities; None for any other sheet."""
    found = plain_table(path, sheet)
    may_be = [found] if found else ["quotes", *(["demand"] if _OF_SALES.search(f"{path.stem} {sheet.name}") else [])]
    return next((table for table in may_be if columns_across(table, headers_of(table, sheet), sheet, path.name)), None)


def nearly(path: Path, sheet: Sheet) -> tuple[str, list[str]] | None:
    """The canonical table of which a sheet has at least three columns and lacks one or two required ones, and these."""
    best, score = None, 2
    for table in TABLES.values():
        found = headers_of(table.name, sheet).found()
        needed = _needed(table, found) & {column.name for column in table.columns if column.required}
        lacking = [column.name for column in table.columns if column.name in needed - found]
        if 0 < len(lacking) <= 2 and len(found) - len(lacking) > score:
            best, score = (table.name, lacking), len(found) - len(lacking)
    return best


def sheets_of_suppliers(path: Path, sheets: list[Sheet]) -> dict[str, str]:
    """Sheets that are called after a supplier -> the table that they hold: two or more with the same headers, which lack no
    required column but that of the supplier."""
    near = {sheet.name: found for sheet in sheets if not sheet.is_blank() and not is_known(path, sheet) and (found := nearly(path, sheet))}  # fmt: skip
    alike: dict[tuple[object, ...], list[str]] = {}
    for sheet in sheets:
        if near.get(sheet.name, ("", []))[1] == ["supplier"] and not _NO_NAME.fullmatch(sheet.name.strip()):
            table = near[sheet.name][0]
            alike.setdefault((table, *headers_of(table, sheet).normal), []).append(sheet.name)
    return {name: str(key[0]) for key, names in alike.items() if len(names) > 1 for name in names}


_NO_NAME = re.compile(
    r"(?:sheet|工作表|表|page)?\s*\d*|.*\d\s*(?:月份?|年|季度?|日)|(?:20)?\d\d[-/.年]?\d{0,2}.*|[QqWw]\d.*",
    re.IGNORECASE,
)
"""Names of sheets that are no supplier's: numbers and days."""


def headers_of(table: str, sheet: Sheet) -> HeaderRow:
    """The headers of a sheet read as a plain canonical table."""
    accepted = accepted_headers(table)
    found = find_headers(sheet.cells, accepted)
    if table in FOUND and "order_id" not in found.found():  # its order may be found by these
        found = find_headers(sheet.cells, accepted | _NAMES)
    found = found.shown_first(sheet.hidden_columns)
    day = found.places.get("month")
    if table == "demand" and day is not None and _OF_SALES.search(found.texts[day]):
        return found.or_else("units", TABLES["orders"].column("quantity").zh).or_else("sku", GOODS)
    return found.or_else("sku", GOODS) if "sku" in accepted.values() else found


_NAMES = header_names(replace(TABLES["orders"], columns=tuple(map(TABLES["orders"].column, NAMED_BY))))


@cache
def accepted_headers(table: str) -> dict[str, str]:
    """Headers of a plain canonical table: its own, and for inspections the batch's arrival as in the ledger."""
    ledger = next(sheet for sheet in SHEETS if sheet.table.name == table)
    return {**ledger.headers(), **header_names(TABLES[table])}


def plain_table(path: Path, sheet: Sheet) -> str | None:
    """The canonical table that a sheet holds: by the file's name, the sheet's name, or else by three of its headers.

    A single header that fits says nothing: a list of anything may have a column 供应商.
    """
    for name in (re.sub(r"[\s\d._-]+$", "", path.stem), sheet.name):
        known = sheet_called(name)
        if name in TABLES or known is not None:
            return name if name in TABLES or known is None else known.table.name
    best, score = None, 2
    for table in TABLES.values():
        headers = headers_of(table.name, sheet)
        found = headers.found() | day_in_names(table.name, path, sheet).keys()
        if table.name == "orders" and _is_of_others(headers, f"{path.stem} {sheet.name}"):
            continue
        if _needed(table, found) <= found and len(found) > score:
            best, score = table.name, len(found)
    return best


_OF_ONE_DAY = ("stock_counts", "quotes")
"""Tables whose lists may tell the day of all rows by their name (库存_20260331)."""


def day_in_names(table: str, path: Path, sheet: Sheet) -> dict[str, str]:
    """The column of the day of such a list, and the day that the name of its sheet or file tells, if one does."""
    day = (day_in_name(sheet.name) or day_in_name(path.stem)) if table in _OF_ONE_DAY else None
    return {} if day is None else {ROW_DAY[table]: f"{day:%Y-%m-%d}"}


_OF_OTHERS = re.compile(r"入库|出库|退货|退换|销售|发货|收货|到货|送货|验货|质检|检验|库存|盘点|报价|receipt|return|sales|inspection|stock|shipment|deliver|quot", re.IGNORECASE)  # fmt: skip


_OF_ORDERS = re.compile(r"采购|订单|订货|下单|进货|试单|拿货|order|purchas|\bPO\b", re.IGNORECASE)
_UNNUMBERED = {"sku", "ordered_on", "quantity"}
"""What a list tells whose orders bear no numbers."""


def _is_of_others(headers: HeaderRow, name: str) -> bool:
    """Whether a list whose only day is any (日期) is called after something else than orders, or has neither numbers nor prices of
    orders and is not called after them."""
    day, found = headers.places.get("ordered_on"), headers.found()
    if day is None or headers.normal[day] not in ANY_DAY:
        return False
    told = {"order_id", "unit_price", "goods_amount", "paid_amount"} & found or _OF_ORDERS.search(name)
    return not told or bool(_OF_OTHERS.search(name))


def _needed(table: Table, found: set[str]) -> set[str]:
    """The columns without which a sheet with the columns `found` is not read as `table`: what came in may name article, supplier and
    day in place of its order, if it says what became of the pieces; orders need no numbers."""
    needed = {column.name for column in table.columns if column.required}
    needed |= {"received_quantity"} if table.name == "receipts" else set()
    if table.name == "orders" and found >= _UNNUMBERED:
        return needed - {"order_id"}
    said = found.intersection(TOLD_BESIDE.get(table.name, ())) - needed
    in_place = table.name in FOUND and said and {*NAMED_BY, ROW_DAY[table.name]} <= found
    return needed - {"order_id"} if in_place else needed
