"""Dirty rows, put into the files on purpose: one of each kind that real files bring, and what must become of it.

Rows that are to be refused are additions of their own, so that no true order is lost; rows that are to be kept are true rows,
oddly written. `expected` is quarantined, merged (a row told twice), kept, or ignored (a blank row, which does not count).
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import asdict, dataclass, fields

import pandas as pd

from analysis.simulate.exports import HEADERS, Export, Row, orders_in, serial_date

CONTINUED = ("货品标题", "单价(元)", "数量", "单位", "Offer ID", "SKU ID")


@dataclass(frozen=True)
class Dirt:
    """One dirty row: where it stands and what must become of it."""

    file: str
    sheet: str
    row: int
    table: str
    kind: str
    expected: str
    detail: str


def spoil_exports(exports: list[Export]) -> None:
    """Dirty `exports` in place, kind by kind, one file after another; only files of the current layout are touched."""
    current = [e for e in exports if e.rows and e.layout.headers == HEADERS and e.layout.make == "xlsx"]
    for number, spoil in enumerate(EXPORT_DIRT if current else ()):
        spoil(current[number % len(current)], number)


def export_dirt(exports: list[Export], sheet: str) -> list[Dirt]:
    """Where the dirty rows of `exports` stand, rows counted from 1 with the header in row 1."""
    return [
        Dirt(export.file, sheet if export.layout.make == "xlsx" else "", place + 2, "orders", *spoilt)
        for export in exports
        for place, row in enumerate(export.rows)
        for spoilt in row.spoilt
    ]


def dirt_table(dirt: list[Dirt]) -> pd.DataFrame:
    """What was damaged where, one row a damage."""
    table = pd.DataFrame([asdict(row) for row in dirt], columns=[field.name for field in fields(Dirt)])
    return table.sort_values(["file", "sheet", "row", "kind"], ignore_index=True)


def _single(export: Export, number: int) -> Row:
    """A clean order of one line of `export`, another one for each `number`; where none is left any true one's first row."""
    orders = [(export.rows[places[0]], len(places)) for places in orders_in(export.rows)]
    true = [(row, lines) for row, lines in orders if all(expected == "kept" for _, expected, _ in row.spoilt)]
    rows = [row for row, lines in true if lines == 1] or [row for row, _ in true]
    clean = [row for row in rows if not row.spoilt] or rows
    return clean[number % len(clean)]


def _clean(export: Export, number: int) -> Row | None:
    """The same, and nothing where none is clean: in a small company two kinds of dirt would fall upon one row."""
    row = _single(export, number)
    return None if row.spoilt else row


def _addition(export: Export, number: int, kind: str, detail: str, **cells: object) -> None:
    """A copy of an order under a number of its own, spoilt by `cells`, to be refused."""
    row = deepcopy(_single(export, number))
    row.cells |= {"订单编号": f"31{number:02d}{export.month.ordinal:05d}0271828182"} | cells
    row.spoilt = [(kind, "quarantined", detail)]
    export.rows.append(row)


def orphan_line(export: Export, number: int) -> None:
    """A continuation row without its order."""
    cells = _single(export, number).cells
    orphan = Row({header: cells[header] for header in CONTINUED}, first=False)
    orphan.spoilt.append(("orphan line", "quarantined", "a continuation row before any order"))
    export.rows.insert(0, orphan)


def money_signs(export: Export, number: int) -> None:
    """Amounts written with currency signs."""
    if (row := _clean(export, number)) is None:
        return
    for header, sign in (("货品总价(元)", "¥"), ("实付款(元)", "￥"), ("单价(元)", "¥")):
        row.cells[header] = f"{sign}{row.cells[header]:,.2f}"
    row.spoilt.append(("money signs", "kept", "¥ and thousands commas"))


def blank_rows(export: Export, number: int) -> None:
    """Empty rows between the orders."""
    for _ in range(3):
        export.rows.append(Row({"买家留言": ""}, first=False, spoilt=[("blank row", "ignored", "trailing blank row")]))


def damaged_id(export: Export, number: int) -> None:
    """An order number that a spreadsheet rounded."""
    _addition(
        export, number, "damaged id", "the number went through a spreadsheet's scientific notation", 订单编号="4.35E+17"
    )


def repeated_row(export: Export, number: int) -> None:
    """The same row twice."""
    if (row := _clean(export, number)) is None:
        return
    again = deepcopy(row)
    again.spoilt = [("repeated row", "merged", "the row above once more")]
    export.rows.insert(export.rows.index(row) + 1, again)


def hashes_for_date(export: Export, number: int) -> None:
    """Hashes where a column was too narrow for its date."""
    _addition(export, number, "hashes for a date", "##### where a date was too wide for its cell", 订单创建时间="#####")


def serial_dates(export: Export, number: int) -> None:
    """Dates as spreadsheet serials."""
    if (row := _clean(export, number)) is None:
        return
    row.cells["订单创建时间"] = serial_date(pd.Timestamp(str(row.cells["订单创建时间"])))
    row.spoilt.append(("serial date", "kept", "an Excel serial number among text dates"))


def unknown_status(export: Export, number: int) -> None:
    """On an order that the ledger knows to have arrived, so that nothing is lost but the word."""
    done = [row for row in export.rows if row.cells.get("订单状态") in ("交易成功", "已收货") and not row.spoilt]
    row = done[0] if done else _clean(export, number)
    if row is None:
        return
    row.cells["订单状态"] = "待平台核实"
    row.spoilt.append(("unknown status", "kept", "a status word that nobody knows"))


def negative_quantity(export: Export, number: int) -> None:
    """A quantity below zero."""
    _addition(export, number, "negative quantity", "a quantity below zero", 数量=-10)


def text_for_price(export: Export, number: int) -> None:
    """Words where a price belongs."""
    _addition(
        export, number, "text for a number", "a price to be negotiated", **{"单价(元)": "面议", "货品总价(元)": "面议"}
    )


def counted_quantity(export: Export, number: int) -> None:
    """A quantity with its unit written behind it."""
    if (row := _clean(export, number)) is None:
        return
    row.cells["数量"] = f"{row.cells['数量']}件"
    row.spoilt.append(("quantity with unit", "kept", "a count followed by its unit"))


def formula_text(export: Export, number: int) -> None:
    """A text that looks like a formula."""
    if (row := _clean(export, number)) is None:
        return
    row.cells["买家留言"] = "=1+1"
    row.spoilt.append(("formula-like text", "kept", "text that begins with ="))


EXPORT_DIRT: tuple[Callable[[Export, int], None], ...] = (
    orphan_line, money_signs, blank_rows, repeated_row, hashes_for_date, serial_dates, damaged_id, unknown_status,
    negative_quantity, text_for_price, counted_quantity, formula_text,
)  # fmt: skip
