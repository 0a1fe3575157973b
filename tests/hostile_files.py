"""Files that are damaged, odd or made to do harm: a few small tables of every make, each changed in one to three ways.

`hostile_file(number)` is the same file each time. What a change does is its name in `ROW_CHANGES` (the table before it is
written) and `BYTE_CHANGES` (the file as written).
"""

from __future__ import annotations

import codecs
import datetime as dt
import html
import io
import re
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import xlwt
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from analysis.errors import AnalysisError
from analysis.sources.as_of import END_OF_TIME
from analysis.sources.known import Snapshot
from analysis.sources.load import load_source
from analysis.sources.xlsx import save_reproducibly

Chance = np.random.Generator


@dataclass(frozen=True)
class Formula:
    """A cell whose formula was never reckoned: it holds no value."""

    text: str


@dataclass(frozen=True)
class Mistake:
    """An error cell such as #N/A."""

    text: str


@dataclass
class Page:
    """One sheet; its header stands in the first row until something is put above it."""

    name: str
    rows: list[list[object]]
    hidden: bool = False


@dataclass
class Draft:
    """A file before it is written; `headers` are those of the columns that are read."""

    make: str
    name: str
    pages: list[Page]
    headers: frozenset[str]
    map: str = ""
    from_1904: bool = False


@dataclass(frozen=True)
class HostileFile:
    """`rows`: the row numbers below each sheet's header that are not blank, where the bytes are as written; else None."""

    name: str
    data: bytes
    make: str
    changes: tuple[str, ...]
    map: str = ""
    rows: dict[str, list[int]] | None = field(default=None, compare=False)

    def write(self, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        if self.map:
            (folder / "source.toml").write_text(self.map, encoding="utf-8")
        (folder / self.name).write_bytes(self.data)
        return folder / self.name


MOST_ROWS_OF_XLS = 65_536


def hostile_file(number: int) -> HostileFile:
    """File `number` of the series: a make, and one to three changes to its rows and its bytes."""
    chance, changes = drawn_changes(number)
    draft = DRAFTS[MAKES[number % len(MAKES)]](chance)
    for name in changes:
        if name in ROW_CHANGES:
            ROW_CHANGES[name](draft, chance)
    if draft.make == "xls":
        for page in draft.pages:
            del page.rows[MOST_ROWS_OF_XLS:]
    data, rows = WRITERS[draft.make](draft), expected_rows(draft)
    for name in changes:
        if name in BYTE_CHANGES:
            data, rows = BYTE_CHANGES[name][1](data, chance), None
    return HostileFile(draft.name, data, draft.make, changes, draft.map, rows)


def drawn_changes(number: int) -> tuple[Chance, tuple[str, ...]]:
    """The chance that makes file `number`, and the names of its changes: up to two to its rows, up to one to its bytes."""
    chance = np.random.default_rng([20261129, number])
    in_rows = int(chance.integers(0, 3))
    in_bytes = int(chance.random() < 0.45) if in_rows else 1
    make = DRAFTS[MAKES[number % len(MAKES)]](np.random.default_rng(0)).make
    fitting = [name for name, (makes, _) in BYTE_CHANGES.items() if make in makes]
    names = [*chance.choice(list(ROW_CHANGES), in_rows, replace=False), *chance.choice(fitting, in_bytes)]
    return chance, tuple(map(str, names))


def expected_rows(draft: Draft) -> dict[str, list[int]]:
    """By sheet the numbers of the rows below the header that hold anything under a header that is read."""
    found = {}
    sheets = draft.make in ("xlsx", "xls", "ods")
    for page in draft.pages if sheets else draft.pages[:1]:
        marked = [{bare(cell) for cell in row} & draft.headers for row in page.rows[:10]]
        top = max(range(len(marked)), key=lambda place: len(marked[place]), default=0)
        places: dict[str, int] = {}
        for place, cell in enumerate(page.rows[top] if page.rows else []):
            if bare(cell) in draft.headers:
                places.setdefault(bare(cell), place)
        found[page.name if sheets else ""] = [
            number
            for number, row in enumerate(page.rows[top + 1 :], start=top + 2)
            if any(place < len(row) and filled(row[place], draft.make) for place in places.values())
        ]
    return found


def bare(cell: object) -> str:
    return str(cell).rstrip("*").strip()


def filled(cell: object, make: str) -> bool:
    """Whether a reader sees anything: workbooks keep no text of a formula, and errors copied down below the data are no rows."""
    if isinstance(cell, Mistake):
        return False
    if isinstance(cell, Formula):
        return make not in ("xlsx", "ods")
    return cell is not None and any(ch.isprintable() and not ch.isspace() for ch in str(cell))


# --- tables -----------------------------------------------------------------------------------------------------------

EXPORT_HEADERS = [
    "订单编号",
    "买家公司名",
    "卖家公司名",
    "货品总价(元)",
    "运费(元)",
    "涨价或折扣(元)",
    "实付款(元)",
    "订单状态",
    "订单创建时间",
    "订单付款时间",
    "收货人姓名",
    "联系手机",
    "货品标题",
    "单价(元)",
    "数量",
    "货号",
    "单位",
]
READ_OF_EXPORT = frozenset(EXPORT_HEADERS) - {"买家公司名", "收货人姓名", "联系手机"}
SUPPLIERS = ("义乌市工具厂", "深圳市箱包有限公司", "宁波五金厂")


def export_rows(chance: Chance, orders: int = 8) -> list[list[object]]:
    """Orders of one or two lines, as the platform writes them: what belongs to the order in its first row only."""
    rows: list[list[object]] = [list(EXPORT_HEADERS)]
    for number in range(orders):
        day = dt.datetime(2026, 3, 1) + dt.timedelta(days=int(chance.integers(0, 60)), hours=9)
        pieces = [int(piece) for piece in chance.integers(5, 50, int(chance.integers(1, 3)))]
        goods = sum(12.5 * piece for piece in pieces)
        for place, piece in enumerate(pieces):
            whole = [
                f"4350000000000{number:05d}",
                "我公司",
                SUPPLIERS[number % 3],
                f"{goods:.2f}",
                "10.00",
                "0.00",
                f"{goods + 10:.2f}",
                "交易成功",
                f"{day:%Y-%m-%d %H:%M:%S}",
                f"{day:%Y-%m-%d %H:%M:%S}",
            ]
            line = ["王某", "13900000000", f"螺丝刀 {place}", "12.50", str(piece), f"T-{number % 4}-{place}", "件"]
            rows.append([*(whole if place == 0 else [""] * len(whole)), *line])
    return rows


def order_rows(chance: Chance, orders: int = 10) -> list[list[object]]:
    """Canonical orders."""
    rows: list[list[object]] = [
        ["order_id", "line_no", "supplier", "sku", "ordered_on", "received_on", "quantity", "unit_price", "status"]
    ]
    for number in range(orders):
        day = dt.datetime(2026, 3, 1) + dt.timedelta(days=int(chance.integers(0, 60)))
        rows.append(
            [
                f"P{number:04d}",
                1,
                SUPPLIERS[number % 3],
                f"T-{number % 4}",
                day,
                day + dt.timedelta(days=9),
                int(chance.integers(5, 50)),
                12.5,
                "received",
            ]
        )
    return rows


def inspection_rows(orders: int = 10) -> list[list[object]]:
    day = dt.datetime(2026, 5, 20)
    return [
        ["order_id", "line_no", "inspected_on", "inspected", "defective"],
        *([f"P{number:04d}", 1, day, 5, number % 2] for number in range(orders)),
    ]


def export(make: str) -> Callable[[Chance], Draft]:
    return lambda chance: Draft(make, f"订单_2026-05.{make}", [Page("订单", export_rows(chance))], READ_OF_EXPORT)


def ledger(chance: Chance) -> Draft:
    orders, inspections = order_rows(chance), inspection_rows()
    pages = [Page("Orders", orders), Page("Receipts", inspections)]
    return Draft("xlsx", "采购台账.xlsx", pages, frozenset(map(str, [*orders[0], *inspections[0]])))


def plain(make: str) -> Callable[[Chance], Draft]:
    def draft(chance: Chance) -> Draft:
        rows = order_rows(chance)
        return Draft(make, f"orders.{make}", [Page("orders", rows)], frozenset(map(str, rows[0])))

    return draft


MAP = """
[[file]]
name = "lines.csv"
table = "orders"
[file.columns]
order_id = "PO"
supplier = "Maker"
sku = "Item"
ordered_on = "Sent"
received_on = "Arrived"
quantity = { header = "Dozens", times = 12 }
unit_price = "Price"
"""


def mapped(chance: Chance) -> Draft:
    headers = ["PO", "line", "Maker", "Item", "Sent", "Arrived", "Dozens", "Price", "State"]
    rows = [headers, *order_rows(chance)[1:]]
    return Draft("csv", "lines.csv", [Page("", rows)], frozenset(headers) - {"line", "State"}, MAP)


DRAFTS: dict[str, Callable[[Chance], Draft]] = {
    "export xlsx": export("xlsx"),
    "export xls": export("xls"),
    "export html": lambda chance: Draft("html", "订单.xls", [Page("", export_rows(chance))], READ_OF_EXPORT),
    "export csv": export("csv"),
    "ledger": ledger,
    "orders csv": plain("csv"),
    "orders ods": plain("ods"),
    "orders parquet": plain("parquet"),
    "mapped csv": mapped,
}
MAKES = (
    "export xlsx",
    "export xls",
    "export html",
    "ledger",
    "orders csv",
    "mapped csv",
    "export xlsx",
    "export xls",
    "export html",
    "ledger",
    "export csv",
    "orders ods",
    "orders parquet",
)


# --- writers ----------------------------------------------------------------------------------------------------------


def write_xlsx(draft: Draft) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    if draft.from_1904:
        book.epoch = CALENDAR_MAC_1904
    for number, page in enumerate(draft.pages):
        sheet = book.create_sheet(page.name or f"Sheet{number + 1}")
        if page.hidden and number:
            sheet.sheet_state = "hidden"
        for row, cells in enumerate(page.rows, start=1):
            for column, value in enumerate(cells, start=1):
                if value not in ("", None):
                    _put(sheet.cell(row, column), value)
    out = io.BytesIO()
    save_reproducibly(book, out)  # type: ignore[arg-type]
    return out.getvalue()


def _put(cell, value: object) -> None:
    if isinstance(value, Mistake):
        cell.value, cell.data_type = value.text, "e"
    elif isinstance(value, Formula):
        cell.value = value.text
    elif isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub(lambda found: f"_x{ord(found[0]):04X}_", value)[:32_767]
        cell.data_type = "s"
    else:
        cell.value = value


def write_xls(draft: Draft) -> bytes:
    book = xlwt.Workbook()
    book.dates_1904 = draft.from_1904
    day = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    for number, page in enumerate(draft.pages):
        sheet = book.add_sheet(page.name or f"Sheet{number + 1}")
        sheet.visibility = int(page.hidden and number > 0)
        for row, cells in enumerate(page.rows):
            for column, value in enumerate(cells[:256]):
                if isinstance(value, Mistake):
                    sheet.row(row).set_cell_error(column, {"#N/A": 42}.get(value.text, value.text))
                elif isinstance(value, Formula):
                    sheet.write(row, column, xlwt.Formula("1+1"))
                elif value not in ("", None):
                    text = value[:32_767] if isinstance(value, str) else value
                    sheet.write(row, column, text, *([day] if isinstance(value, dt.datetime) else []))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def write_html(draft: Draft) -> bytes:
    rows = "".join(
        "<tr>" + "".join(f"<td>{html.escape(as_text(cell))}</td>" for cell in row) + "</tr>"
        for row in draft.pages[0].rows
    )
    return f'<html><head><meta charset="utf-8"></head><body><table>{rows}</table></body></html>'.encode()


def write_csv(draft: Draft) -> bytes:
    lines = [",".join(_quoted(as_text(cell)) for cell in row) for row in draft.pages[0].rows]
    return "".join(f"{line}\r\n" for line in lines).encode()


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if re.search('[",\r\n;\t]', text) else text


def write_ods(draft: Draft) -> bytes:
    def cell(value: object) -> str:
        if value in ("", None):
            return "<table:table-cell/>"
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
        if isinstance(value, (Formula, Mistake)):
            return f'<table:table-cell table:formula="of:={html.escape(value.text)}"/>'
        text = html.escape(ILLEGAL_CHARACTERS_RE.sub("", as_text(value)))
        return f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'

    tables = "".join(
        f'<table:table table:name="{html.escape(page.name)}">'
        + "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in page.rows)
        + "</table:table>"
        for page in draft.pages
    )
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    content = (
        f"<office:document-content {spaces}><office:body><office:spreadsheet>{tables}</office:spreadsheet>"
        "</office:body></office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr(
            "META-INF/manifest.xml", '<manifest xmlns="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
        )
        archive.writestr("content.xml", content)
    return out.getvalue()


def write_parquet(draft: Draft) -> bytes:
    rows = [[as_text(cell) for cell in row] for row in draft.pages[0].rows]
    width = max(map(len, rows), default=0)
    rows = [[*row, *[""] * (width - len(row))] for row in rows]
    names = [name if rows[0].index(name) == place and name else f"{name} {place}" for place, name in enumerate(rows[0])]
    out = io.BytesIO()
    pd.DataFrame(rows[1:], columns=names).to_parquet(out)
    return out.getvalue()


def as_text(cell: object) -> str:
    if isinstance(cell, (Formula, Mistake)):
        return cell.text
    return "" if cell is None else f"{cell:%Y-%m-%d}" if isinstance(cell, dt.datetime) else str(cell)


WRITERS: dict[str, Callable[[Draft], bytes]] = {
    "xlsx": write_xlsx,
    "xls": write_xls,
    "html": write_html,
    "csv": write_csv,
    "ods": write_ods,
    "parquet": write_parquet,
}


# --- changes to the rows ----------------------------------------------------------------------------------------------


def in_some_cells(*values: object) -> Callable[[Draft, Chance], None]:
    """Puts one of `values` (a function is called with the cell that stood there) into a tenth of the cells."""

    def change(draft: Draft, chance: Chance) -> None:
        for page in draft.pages:
            for row in page.rows[1:]:
                for place in np.flatnonzero(chance.random(len(row)) < 0.1):
                    value = values[int(chance.integers(len(values)))]
                    row[place] = value(row[place]) if callable(value) else value

    return change


def shuffled_rows(draft: Draft, chance: Chance) -> None:
    for page in draft.pages:
        body = page.rows[1:]
        page.rows[1:] = [body[place] for place in chance.permutation(len(body))]


def shuffled_columns(draft: Draft, chance: Chance) -> None:
    for page in draft.pages:
        order = chance.permutation(max(map(len, page.rows), default=0))
        page.rows = [[row[place] if place < len(row) else "" for place in order] for row in page.rows]


def doubled_rows(draft: Draft, chance: Chance) -> None:
    for page in draft.pages:
        page.rows += [list(row) for row in page.rows[1 : 1 + int(chance.integers(1, 12))]]


def merged_tables(draft: Draft, chance: Chance) -> None:
    """Two files pasted below each other, the second with its header."""
    page = draft.pages[0]
    page.rows += [list(row) for row in page.rows]


def merged_sheets(draft: Draft, chance: Chance) -> None:
    draft.pages.append(Page("Sheet9", [list(row) for row in draft.pages[0].rows]))


def hidden_sheet(draft: Draft, chance: Chance) -> None:
    merged_sheets(draft, chance)
    draft.pages[-1] = Page("old", draft.pages[-1].rows, hidden=True)


def foreign_sheet(draft: Draft, chance: Chance) -> None:
    draft.pages.append(Page("通讯录", [["姓名", "电话"], ["王某", "13900000000"]]))


def header_lost(draft: Draft, chance: Chance) -> None:
    put_in_header(draft, chance, "")


def header_respelled(draft: Draft, chance: Chance) -> None:
    put_in_header(draft, chance, "备注")


def header_repeated(draft: Draft, chance: Chance) -> None:
    row = draft.pages[0].rows[0]
    put_in_header(draft, chance, row[0] if row else "")


def put_in_header(draft: Draft, chance: Chance, text: object) -> None:
    row = draft.pages[0].rows[0]
    if row:
        row[int(chance.integers(len(row)))] = text


def no_header(draft: Draft, chance: Chance) -> None:
    draft.pages[0].rows[0] = []


def title_above(draft: Draft, chance: Chance) -> None:
    for page in draft.pages:
        page.rows[:0] = [["导出时间：2026-05-31"], []]


def totals_row(draft: Draft, chance: Chance) -> None:
    page = draft.pages[0]
    page.rows.append(["合计", *["" for _ in page.rows[0][2:]], 99])


def blank_rows(draft: Draft, chance: Chance) -> None:
    for page in draft.pages:
        page.rows.insert(int(chance.integers(1, len(page.rows) + 1)), ["", " ", "\u3000"])


def ragged_rows(draft: Draft, chance: Chance) -> None:
    for row in draft.pages[0].rows[1:]:
        del row[int(chance.integers(0, len(row) + 1)) :]


def only_header(draft: Draft, chance: Chance) -> None:
    del draft.pages[0].rows[1:]


def stray_cell(draft: Draft, chance: Chance) -> None:
    draft.pages[0].rows += [[] for _ in range(int(chance.integers(1, 3000)))]
    draft.pages[0].rows.append(["", "x"])


def from_1904(draft: Draft, chance: Chance) -> None:
    draft.from_1904 = True


def many_rows(draft: Draft, chance: Chance) -> None:
    page = draft.pages[0]
    page.rows += [list(row) for _ in range(60) for row in page.rows[1:]]


def half_a_pair(cell: object) -> str:
    return f"{cell}\ufffd\U0001f600\u202e\u0301"


ROW_CHANGES: dict[str, Callable[[Draft, Chance], None]] = {
    "shuffled rows": shuffled_rows,
    "shuffled columns": shuffled_columns,
    "doubled rows": doubled_rows,
    "merged tables": merged_tables,
    "merged sheets": merged_sheets,
    "hidden sheet": hidden_sheet,
    "foreign sheet": foreign_sheet,
    "header lost": header_lost,
    "header respelled": header_respelled,
    "header repeated": header_repeated,
    "no header": no_header,
    "title above": title_above,
    "totals row": totals_row,
    "blank rows": blank_rows,
    "ragged rows": ragged_rows,
    "only header": only_header,
    "stray cell": stray_cell,
    "1904 dates": from_1904,
    "many rows": many_rows,
    "wrong types": in_some_cells(True, False, 0, -1, 1.5, dt.datetime(1900, 1, 1), "abc", "是", 1e300, -0.0),
    "odd numbers": in_some_cells(
        "1e999", "9" * 400, "-1", "1,2,3", "٣", "½", "½万", "0x1F", "1_000", "nan", "inf", "--5", "1e-400", "１２"
    ),
    "odd dates": in_some_cells(
        "2026-02-30",
        "0000-00-00",
        "3/5/2026",
        45000,
        1e9,
        -1,
        "昨天",
        dt.datetime(9999, 12, 31),
        "2026-03-05T10:00:00+99:99",
        "20260305250000",
    ),
    "odd ids": in_some_cells("4.35E+17", 4.35e17, '="435"', "#####", "'435", "0" * 300),
    "huge cells": in_some_cells("长" * 32_000, "9" * 32_000, lambda cell: f"{cell}" + " x" * 15_000),
    "control characters": in_some_cells(
        "\x00",
        "\x1b[31m",
        "a\x07\x0bb",
        "\u200b",
        "\ufeff",
        "\x85\x1f",
        half_a_pair,
        lambda cell: f"\x01{cell}\x7f",
        "a\nb\rc",
    ),
    "formulas without value": in_some_cells(Formula("=A1&B1"), Formula("=1+1")),
    "error cells": in_some_cells(Mistake("#N/A"), Mistake("#REF!"), Mistake("#DIV/0!")),
    "text that looks like formulas": in_some_cells(
        "=1+1", "@x", "+1", '=cmd|"/c calc"!A1', "<script>", "&#x41;", "&amp;"
    ),
    "delimiters in text": in_some_cells('a,"b";c\td', "a,b", '"', "a;b;c"),
}


# --- changes to the bytes ---------------------------------------------------------------------------------------------


def truncated(data: bytes, chance: Chance) -> bytes:
    return data[: int(chance.integers(0, len(data)))]


def flipped(data: bytes, chance: Chance) -> bytes:
    changed = bytearray(data)
    for place in chance.integers(0, len(data), int(chance.integers(1, 30))):
        changed[place] ^= 1 << int(chance.integers(8))
    return bytes(changed)


def overwritten(data: bytes, chance: Chance) -> bytes:
    start, noise = int(chance.integers(0, len(data))), chance.bytes(int(chance.integers(1, 200)))
    return data[:start] + noise + data[start + len(noise) :]


def cut_out(data: bytes, chance: Chance) -> bytes:
    start = int(chance.integers(0, len(data)))
    return data[:start] + data[start + int(chance.integers(1, 500)) :]


def doubled(data: bytes, chance: Chance) -> bytes:
    return data + data


def behind_noise(data: bytes, chance: Chance) -> bytes:
    return chance.bytes(int(chance.integers(1, 600))) + data


def other_bytes(data: bytes, chance: Chance) -> bytes:
    starts = (b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PAR1", b"<html><table>", b"%PDF", b"\xff\xfe")
    return starts[int(chance.integers(len(starts)))] + chance.bytes(int(chance.integers(0, 3000)))


def nothing(data: bytes, chance: Chance) -> bytes:
    return (b"", b"\0" * 4096, b"\r\n" * 9, codecs.BOM_UTF8)[int(chance.integers(4))]


def reencoded(data: bytes, chance: Chance) -> bytes:
    names = (
        "gbk",
        "gb18030",
        "big5",
        "shift_jis",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "utf-32",
        "utf-8-sig",
        "latin-1",
        "utf-7",
        "cp1252",
    )
    return data.decode().encode(str(chance.choice(names)), errors="replace")


def twice_encoded(data: bytes, chance: Chance) -> bytes:
    return data.decode("latin-1").encode()


def mixed_encodings(data: bytes, chance: Chance) -> bytes:
    half = len(text := data.decode()) // 2
    return text[:half].encode("gb18030", errors="replace") + text[half:].encode()


def other_line_ends(data: bytes, chance: Chance) -> bytes:
    return data.replace(b"\r\n", (b"\r", b"\n\r", b"\0\n", "\u2028".encode())[int(chance.integers(4))])


def open_quotation(data: bytes, chance: Chance) -> bytes:
    place = int(chance.integers(len(data)))
    return data[:place] + b',"' + data[place:]


def without_end(text: bytes) -> Callable[[bytes, Chance], bytes]:
    """Markup that begins something many times and never ends it."""
    return lambda data, chance: data[: len(data) // 2] + text * (400_000 // len(text)) + data[len(data) // 2 :]


def wide_spans(data: bytes, chance: Chance) -> bytes:
    return data.replace(b"<td>", b'<td colspan="99999999" rowspan="99999999">')


def huge_reference(data: bytes, chance: Chance) -> bytes:
    return data.replace(b"<td>", b"<td>&#" + b"9" * 6000 + b";", 3)


def deep_tables(data: bytes, chance: Chance) -> bytes:
    return data.replace(b"<td>", b"<td>" + b"<table><tr><td>" * 5000, 1)


def members_changed(data: bytes, change: Callable[[str, bytes], bytes], *more: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            new.writestr(member, change(member.filename, old.read(member)))
        for name, content in more:
            new.writestr(name, content)
    return out.getvalue()


def in_sheets(pattern: bytes, text: bytes | Callable[[re.Match[bytes]], bytes], count: int = 0):
    """Replaces what fits `pattern` in the parts that hold cells."""

    def change(name: str, content: bytes) -> bytes:
        cells = "worksheets/sheet" in name or name == "content.xml"
        return re.sub(pattern, text, content, count=count) if cells else content

    return lambda data, chance: members_changed(data, change)


def expanding_xml(data: bytes, chance: Chance) -> bytes:
    """Entities of entities: a few hundred bytes that a trusting parser makes into gigabytes."""
    entities = b'<!ENTITY e0 "lol">' + b"".join(
        b'<!ENTITY e%d "%s">' % (level, b"&e%d;" % (level - 1) * 10) for level in range(1, 10)
    )

    def change(name: str, content: bytes) -> bytes:
        if not name.endswith(("sharedStrings.xml", "sheet1.xml", "content.xml", "workbook.xml")):
            return content
        content = re.sub(rb"<\?xml[^>]*\?>", b"", content)
        content = re.sub(rb"(<t[^>]*>|<text:p>)[^<]*", rb"\1&e9;", content, count=3)
        return b"<!DOCTYPE x [" + entities + b"]>" + content

    return members_changed(data, change)


def outside_entity(data: bytes, chance: Chance) -> bytes:
    def change(name: str, content: bytes) -> bytes:
        if not name.endswith(("sharedStrings.xml", "content.xml")):
            return content
        content = re.sub(rb"<\?xml[^>]*\?>", b"", content)
        start = b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
        return start + re.sub(rb"(<t[^>]*>|<text:p>)[^<]*", rb"\1&f;", content, count=3)

    return members_changed(data, change)


def bomb(data: bytes, chance: Chance) -> bytes:
    """A member that unpacks to a thousand times its size."""
    return members_changed(data, lambda name, content: content, ("xl/worksheets/sheet99.xml", bytes(60_000_000)))


def lying_bomb(data: bytes, chance: Chance) -> bytes:
    true = struct.pack("<I", 60_000_000)
    return bomb(data, chance).replace(true, struct.pack("<I", 1000))


def bomb_of_cells(data: bytes, chance: Chance) -> bytes:
    rows = b"<row><c><v>1</v></c></row>" * 600_000

    def change(name: str, content: bytes) -> bytes:
        return content.replace(b"</sheetData>", rows + b"</sheetData>") if name.endswith("sheet1.xml") else content

    return members_changed(data, change)


def many_members(data: bytes, chance: Chance) -> bytes:
    return members_changed(data, lambda name, content: content, *((f"x/{n}.xml", b"<a/>") for n in range(3000)))


def encrypted_flag(data: bytes, chance: Chance) -> bytes:
    changed = bytearray(data)
    for start, flag in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        place = -1
        while (place := changed.find(start, place + 1)) >= 0:
            changed[place + flag] |= 1
    return bytes(changed)


def member_lost(data: bytes, chance: Chance) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        names = old.namelist()
        lost = names[int(chance.integers(len(names)))]
        for name in names:
            if name != lost:
                new.writestr(name, old.read(name))
    return out.getvalue()


def member_flipped(data: bytes, chance: Chance) -> bytes:
    """Damage within the XML, in an archive that is sound."""
    return members_changed(data, lambda name, content: flipped(content, chance) if content else content)


def repeated_cells(data: bytes, chance: Chance) -> bytes:
    many = b'<table:table-row table:number-rows-repeated="1048576">'
    return in_sheets(b"<table:table-row>(<table:table-cell )", many + rb'\1table:number-columns-repeated="16384" ', 1)(
        data, chance
    )


_ALL = ("xlsx", "xls", "html", "csv", "ods", "parquet")
_ZIP, _XLSX, _TEXT = ("xlsx", "ods"), ("xlsx",), ("html", "csv")
_FAR = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
BYTE_CHANGES: dict[str, tuple[tuple[str, ...], Callable[[bytes, Chance], bytes]]] = {
    "truncated": (_ALL, truncated),
    "flipped bits": (_ALL, flipped),
    "overwritten": (_ALL, overwritten),
    "cut out": (_ALL, cut_out),
    "doubled file": (_ALL, doubled),
    "behind noise": (_ALL, behind_noise),
    "other bytes": (_ALL, other_bytes),
    "nothing": (_ALL, nothing),
    "re-encoded": (_TEXT, reencoded),
    "twice encoded": (_TEXT, twice_encoded),
    "mixed encodings": (_TEXT, mixed_encodings),
    "other line ends": (("csv",), other_line_ends),
    "open quotation": (("csv",), open_quotation),
    "open comments": (("html",), without_end(b"<!--")),
    "open sections": (("html",), without_end(b"<![")),
    "open attributes": (("html",), without_end(b'<a b="')),
    "open tags": (("html",), without_end(b"<td ")),
    "bare brackets": (("html",), without_end(b"<")),
    "wide spans": (("html",), wide_spans),
    "huge reference": (("html",), huge_reference),
    "deep tables": (("html",), deep_tables),
    "expanding XML": (_ZIP, expanding_xml),
    "outside entity": (_ZIP, outside_entity),
    "zip bomb": (_ZIP, bomb),
    "zip bomb with a false directory": (_ZIP, lying_bomb),
    "many members": (_ZIP, many_members),
    "password flag": (_ZIP, encrypted_flag),
    "member lost": (_ZIP, member_lost),
    "member flipped": (_ZIP, member_flipped),
    "bomb of cells": (_XLSX, bomb_of_cells),
    "false dimension": (_XLSX, in_sheets(rb"<dimension[^>]*>", b'<dimension ref="A1:XFD1048576"/>')),
    "far cell": (_XLSX, in_sheets(b"</sheetData>", _FAR)),
    "far cell, name last": (_XLSX, in_sheets(b"</sheetData>", _FAR.replace(b"<c r=", b'<c t="n" r='))),
    "far row without names": (
        _XLSX,
        in_sheets(b"</sheetData>", b'<row r="1048576">' + b"<c><v>1</v></c>" * 300 + b"</row></sheetData>"),
    ),
    "names left off": (_XLSX, in_sheets(rb'<c r="[A-Z]+\d+"', b"<c")),
    "huge text": (_XLSX, in_sheets(rb"<v>\d+</v>", lambda found: b"<v>" + b"9" * 3_000_000 + b"</v>", 1)),
    "wrong string": (_XLSX, in_sheets(rb't="s"><v>\d+', b't="s"><v>999999999', 5)),
    "repeated cells": (("ods",), repeated_cells),
}


# --- what becomes of a file -------------------------------------------------------------------------------------------


PASSED_OVER = ("file_not_recognised", "sheet_ignored", "sheet_hidden")
"""Remarks on a whole sheet that was not read."""


@dataclass(frozen=True)
class Outcome:
    """`kind`: rows, refused (the project's own error), or a fault; `told` is the key of its sentence, or what is wrong."""

    kind: str
    told: str = ""


def outcome(file: HostileFile, folder: Path) -> Outcome:
    """Loads a folder with this one file as a review would, and checks that every row is accounted for."""
    path = file.write(folder)
    try:
        source = load_source(folder)
        known = source.known(END_OF_TIME)
        at_the_end_of_may = source.known(pd.Timestamp("2026-05-31"))
    except AnalysisError as error:
        return _refusal(error, path)
    for answer in (known, at_the_end_of_may):
        counted = answer.accounting
        if (counted["rows_in"] != counted["kept"] + counted["quarantined"] + counted["merged"]).any():
            return Outcome("fault", "rows in are not kept + quarantined + merged")
    if at_the_end_of_may.accounting[["rows_in", "later"]].to_numpy().sum() != known.accounting["rows_in"].sum():
        return Outcome("fault", "a past month accounts for other rows")
    return _accounted(file, known)


def _refusal(error: AnalysisError, path: Path) -> Outcome:
    for language in ("en", "zh"):
        text = error.text(language)
        if "{" in text or len(text) > 400 or not (path.name in text or path.parent.name in text):
            return Outcome("fault", f"the sentence names no file, or is none: {text[:200]}")
    return Outcome("refused", error.key)


def _accounted(file: HostileFile, known: Snapshot) -> Outcome:
    read = known.accounting.groupby("sheet")["rows_in"].sum().to_dict()
    passed_over = set(known.remarks.loc[known.remarks["code"].isin(PASSED_OVER), "sheet"])
    for sheet, rows in (file.rows or {}).items():
        if sheet not in passed_over and read.get(sheet, 0) != len(rows):
            return Outcome("fault", f"{len(rows)} rows in sheet {sheet!r}, {read.get(sheet, 0)} accounted for")
    return Outcome("rows")
