"""Nothing of a person leaves the reader, also from rows whose cells moved, were merged, or stand under another header."""

import io
import re

import numpy as np
import openpyxl
import pandas as pd
import pytest
import xlwt
from pypdf import PdfReader
from review_tables import facts, review_tables
from test_export_1688 import HEADERS_31, HEADERS_37, HEADERS_49

from analysis.check_command import report
from analysis.errors import SourceError
from analysis.reporting.report import write_review
from analysis.sources.load import END_OF_TIME, check_files, load_source
from analysis.sources.masking import Hidden, is_no_code, is_no_name, masked, told_of
from analysis.sources.quarantine import quoted_of
from analysis.sources.tables import TABLES

ROWS = 14


def persons(number: int) -> dict[str, str]:
    """What stands in the personal columns of row `number`: each of its own."""
    two = f"{number:02d}"
    return {
        "买家公司名": f"密买{two}贸易", "买家会员名": f"mibuyer{two}", "收货人姓名": f"王密{chr(0x4E00 + number * 7)}", "收货地址": f"浙江省义乌市北苑街道秋实路{two}8号3栋502室",
        "邮编": f"3220{two}", "联系电话": f"0579-855512{two}", "联系手机": f"139000012{two}", "买家留言": f"密语{two}请打电话给我老婆", "运单号": f"SF77700{two}0011",
        "发票：购货单位名称": f"密购{two}", "发票：纳税人识别号": f"91330782MA28E0{two}X", "发票：地址、电话": f"义乌市城中中路{two}号 0579-8444{two}11", "发票：开户行及账号": f"工商银行义乌支行 12080202192001234{two}",
        "发票收取地址": f"金华市婺城区双龙南街{two}1号", "代理商姓名": f"李密{chr(0x5100 + number * 5)}", "代理商联系方式": f"agent{two}@secret-mail.com", "下游订单号": f"XY{two}887766", "发起人登录名": f"mi:login{two}",
        "微商订单号": f"WS{two}554433", "代发服务商id": f"330782199001{two}1234",
    }  # fmt: skip


def lines(headers: list[str]) -> list[list[str]]:
    """Orders of one line each, by header."""
    rows = []
    for number in range(ROWS):
        told = persons(number) | {
            "订单编号": f"43500000000000{number:04d}", "卖家公司名": "义乌市工具厂", "卖家会员名": "yiwu_tools", "货品总价(元)": "30.00", "运费(元)": "10.00",
            "涨价或折扣(元)": "0.00", "实付款(元)": "40.00", "订单状态": "交易成功", "订单创建时间": "2026-03-05 10:00:00", "订单付款时间": "2026-03-05 10:05:00",
            "货品标题": "螺丝刀套装", "单价(元)": "3.00", "数量": "10", "单位": "件", "货号": f"T-{number % 3}", "Offer ID": "612345678901", "SKU ID": "4412345678901",
        }  # fmt: skip
        rows.append([told.get(header, "") for header in headers])
    return rows


def moved(row: list[str], at: int, by: int) -> list[str]:
    """The row with a cell put in (or taken out) at `at`, so that all behind it stand one column off."""
    return [*row[:at], "", *row[at:-1]] if by > 0 else [*row[:at], *row[at + 1 :], ""]


def shifted(headers, rows, chance):
    """Every second row from a place drawn by chance on."""
    return headers, [
        moved(row, int(chance.integers(0, len(row))), 1 if n % 4 else -1) if n % 2 else row
        for n, row in enumerate(rows)
    ]


def merged(headers, rows, chance):
    """A read cell holds its neighbours too, as when cells are joined."""
    out = []
    for number, row in enumerate(rows):
        at = headers.index(["数量", "单价(元)", "订单状态", "订单创建时间", "货品标题"][number % 5])
        joined = " ".join([row[at], *(persons(number)[name] for name in ("收货人姓名", "联系手机", "收货地址"))])
        out.append([*row[:at], joined, *row[at + 1 :]])
    return headers, out


def renamed(headers, rows, chance):
    """A personal column stands under the header of one that is read."""
    swap = {"订单状态": "收货人姓名", "收货人姓名": "订单状态", "数量": "联系手机", "联系手机": "数量"}
    return [swap.get(header, header) for header in headers], rows


def unknown(headers, rows, chance):
    """Personal columns that no export of today has, with headers like those read."""
    return [
        {"联系手机": "数量(联系手机)", "收货地址": "货品地址", "收货人姓名": "卖家"}.get(h, h) for h in headers
    ], rows


def write_xlsx(path, headers, rows):
    book = openpyxl.Workbook()
    for row in [headers, *rows]:
        book.active.append(row)
    book.save(path)


def write_xls(path, headers, rows):
    page = (book := xlwt.Workbook()).add_sheet("a")
    for place, row in enumerate([headers, *rows]):
        for column, cell in enumerate(row):
            page.write(place, column, cell)
    book.save(str(path))


def write_csv(path, headers, rows):
    pd.DataFrame(rows, columns=headers).to_csv(path, index=False)


LAYOUTS = [
    (change, write, ending, headers)
    for change in (shifted, merged, renamed, unknown)
    for write, ending, headers in (
        (write_xlsx, "xlsx", HEADERS_49),
        (write_xls, "xls", HEADERS_37),
        (write_csv, "csv", HEADERS_31),
    )
]


def secrets() -> list[str]:
    """Every piece that must not be seen: long numbers and names of the personal columns, whole and in parts."""
    whole = [value for number in range(ROWS) for value in persons(number).values()]
    pieces = [piece for value in whole for piece in re.split(r"[\s、]+", value)]
    return sorted({piece for piece in [*whole, *pieces] if len(piece) >= 3})


def text_of(known) -> str:
    """All that the reader hands on, and what `check` says of it."""
    shown = [*known.tables.values(), known.quarantine, known.remarks, known.accounting]
    return "\n".join([*(table.to_csv() for table in shown), report(known, "en"), report(known, "zh")])


@pytest.mark.parametrize(("change", "write", "ending", "headers"), LAYOUTS, ids=lambda value: getattr(value, "__name__", str(value)[:4]))  # fmt: skip
def test_no_byte_of_a_person_is_in_what_the_reader_hands_on(change, write, ending, headers, tmp_path):
    folder = tmp_path / "s"
    folder.mkdir()
    for seed in range(2 if change is shifted else 1):
        found, rows = change(headers, lines(headers), np.random.default_rng([4, seed, len(ending), len(headers)]))
        write(folder / f"订单_2026-03.{ending}", found, rows)
        try:
            known = load_source(folder).known(END_OF_TIME)
            text = text_of(known)
            account = known.accounting
            assert (account["rows_in"] == account[["kept", "quarantined", "merged"]].sum(axis=1)).all()
        except SourceError as error:
            assert change not in (shifted, merged), "its rows are refused one by one"
            text = error.text("en") + error.text("zh")
        assert [secret for secret in secrets() if secret in text] == []


def test_no_byte_of_a_person_is_in_the_report_or_the_workbook(tmp_path):
    write_csv(tmp_path / "a.csv", *shifted(HEADERS_49, lines(HEADERS_49), np.random.default_rng(3)))
    known = check_files([tmp_path / "a.csv"])
    assert len(known.quarantine) > 2
    tables = review_tables() | {"quarantine": known.quarantine, "remarks": known.remarks}
    files = write_review(tables, facts(), tmp_path / "report")
    pages = "".join(
        page.extract_text() for file in files[:2] for page in PdfReader(io.BytesIO(file.read_bytes())).pages
    )
    book = openpyxl.load_workbook(files[2])
    cells = " ".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell)
    assert [secret for secret in secrets() if secret in re.sub(r"\s+", "", pages) or secret in cells] == []


def test_phones_mails_ids_accounts_and_addresses_are_masked_and_all_else_stands():
    hidden = ["13900001234", "+86 139-0000-1234", "0579-85551234", "li.wei@example.com", "330782199001011234", "6222 0212 3456 7890 128", "浙江省义乌市北苑街道秋实路88号3栋502室", "12 Long Nanjing Road"]  # fmt: skip
    assert [masked(f"x {text} y") for text in hidden] == ["x *** y"] * len(hidden)
    plain = ["2026-03-05 10:00", "435000000000000001", "义乌市工具厂", "T-120-45 (12件)", "12.50元", "深圳市龙岗区箱包有限公司", "ISO 9001", "Nanjing Tools Ltd", "612345678901"]  # fmt: skip
    assert [masked(text) for text in plain] == plain


@pytest.mark.parametrize(
    ("cell", "column", "sure", "doubtful"),
    [
        ("2026-13-45", "ordered_on", "2026-13-45", "2026-13-45"),
        ("十二件", "quantity", "十二件", Hidden(3)),
        ("12件", "quantity", "12件", "12件"),
        ("王小明", "status", "王小明", Hidden(3)),
        ("交易完成", "status", "交易完成", "交易完成"),
        ("139 0000 1234", "quantity", Hidden(13), Hidden(13)),
        ("1208020219200123456", "unit_price", Hidden(19), Hidden(19)),
    ],
)
def test_a_cell_is_quoted_where_it_can_only_be_what_belongs_there(cell, column, sure, doubtful):
    column = TABLES["orders"].column(column)
    assert (told_of(cell, column, False), told_of(cell, column, True)) == (sure, doubtful)


def test_a_shop_may_be_called_by_its_address_and_no_supplier_by_a_phone(tmp_path):
    assert is_no_name("13900001234") and is_no_name("a@b.com") and not is_no_name("义乌市秋实路88号五金店")
    rows = [["A", "13900001234", "2026-03-05", 5], ["B", "甲厂", "2026-03-05", 5]]
    pd.DataFrame(rows, columns=["order_id", "supplier", "ordered_on", "quantity"]).to_csv(
        tmp_path / "orders.csv", index=False
    )
    known = check_files([tmp_path / "orders.csv"])
    assert known.tables["orders"]["order_id"].tolist() == ["B"] and known.quarantine["code"].tolist() == ["of_a_person"]
    assert "13900001234" not in text_of(known)


def test_a_code_beside_which_a_phone_stands_is_no_code():
    private = ["AB-7 (0571-88886666)", "612345678901 13511112222", "PO7 tel: +86 135-1111-2222"]
    assert [is_no_code(code) for code in private] == [True] * 3
    assert not any(
        map(is_no_code, ["13511112222", "0571-88886666", "T-120 45 (12)", "A: 4412345678901", "6901-2345-6789"])
    )


def test_a_mobile_number_is_no_amount_of_yuan(tmp_path):
    rows = [["A", "13511112222"], ["B", 13511112222.0], ["C", "13511112222.5"], ["D", "2.5"]]
    frame = pd.DataFrame(rows, columns=["order_id", "unit_price"]).assign(
        supplier="甲厂", sku="T", ordered_on="2026-03-05", quantity=5
    )
    frame.to_csv(tmp_path / "orders.csv", index=False)
    known = check_files([tmp_path / "orders.csv"])
    assert known.tables["orders"]["order_id"].tolist() == ["C", "D"]
    assert "13511112222" not in known.quarantine.to_csv() + report(known, "en")


def test_a_huge_cell_is_told_by_its_beginning_and_its_length():
    column = TABLES["orders"].column("status")
    assert told_of("王 13511112222 " + "x" * 10**6, column, False) == Hidden(10**6 + 14)
    assert "13511112222" not in quoted_of("x" * 400 + " 13511112222", column, False)


def test_a_list_without_headers_is_refused_without_a_word_of_its_first_row(tmp_path):
    headers = ["订单编号", "买家会员名", "收货人姓名", "供应商", "数量", "单价(元)"]
    row = ["PO1", "lanlan_1990", "陈小兰", "甲厂", "5", "2.50"]
    for shown, rows in ((headers, [row]), (row, [row])):
        write_csv(tmp_path / "orders.csv", shown, rows)
        with pytest.raises(SourceError) as error:
            check_files([tmp_path / "orders.csv"])
        told = error.value.text("en") + error.value.text("zh")
        assert "陈小兰" not in told and "lanlan" not in told and ("收货人姓名" in told) == (shown is headers)
