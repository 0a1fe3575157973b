"""Files of every make that people call a table, each made here, and the sentence for each that is none."""

import contextlib
import datetime as dt
import io
import re
import struct
import zipfile

import openpyxl
import pandas as pd
import pytest
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.errors import SourceError
from analysis.sources import extents
from analysis.sources.compound_file import check_compound_file
from analysis.sources.opening import read_sheets

ROWS = [
    ["订单编号", "卖家公司名", "数量"],
    ["435000000000000001", "义乌市工具厂", "12"],
    ["435000000000000002", "深圳市箱包厂", "5"],
]


def text_of(rows, mark=",", end="\r\n"):
    return "".join(mark.join(row) + end for row in rows)


def workbook(cells: dict[str, object]) -> bytes:
    book = openpyxl.Workbook()
    for place, value in cells.items():
        book.active[place] = value
    return saved(book)


def saved(book) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def repacked(data: bytes, change) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return out.getvalue()


def write(folder, name, data: bytes):
    (folder / name).write_bytes(data)
    return folder / name


# --- text -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_text_in_any_encoding_delimiter_and_line_end(tmp_path, encoding, mark, end):
    [sheet] = read_sheets(write(tmp_path, "orders.xls", text_of(ROWS, mark, end).encode(encoding)))
    assert sheet.name == "" and sheet.cells == ROWS


def test_western_accents_are_not_taken_for_chinese(tmp_path):
    data = "vendor,country\nMüller Söhne,Côte d'Ivoire\nPeña,España\n".encode("cp1252")
    [sheet] = read_sheets(write(tmp_path, "a.csv", data))
    assert sheet.cells[1] == ["Müller Söhne", "Côte d'Ivoire"]


def test_named_encoding_wins(tmp_path):
    [sheet] = read_sheets(write(tmp_path, "a.csv", "a,b\nÄ,1\n".encode("latin-1")), encoding="latin-1")
    assert sheet.cells[1] == ["Ä", "1"]


def test_quoted_delimiters_and_line_ends_and_blank_lines_keep_row_numbers(tmp_path):
    [sheet] = read_sheets(write(tmp_path, "a.csv", b'a,b\n"1,5","two\r\nlines"\n\nx,y\n'))
    assert sheet.cells == [["a", "b"], ["1,5", "two\nlines"], [], ["x", "y"]]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\0\n"])
def test_the_null_characters_that_a_program_left_in_a_table_go(tmp_path, encoding, end):
    rows = ["订单编号,供应商,数量", "A1,永康\0宏,5", "A2,\0,6", "A3,义乌市双鱼日用品厂,7"]
    rows += [f"B{row},义乌市双鱼日用品厂{row},2026-10-0{row}" for row in range(1, 9)]
    sheet = read_sheets(write(tmp_path, "a.csv", (end.join(rows) + end).encode(encoding)))[0]
    assert [row[:2] for row in sheet.cells[1:4]] == [["A1", "永康宏"], ["A2", ""], ["A3", "义乌市双鱼日用品厂"]]


@pytest.mark.parametrize("rows_below", [1, 100_000])
def test_open_quotation_mark_names_the_line(tmp_path, rows_below):
    with pytest.raises(SourceError, match="line 3: a quotation mark"):
        read_sheets(write(tmp_path, "a.csv", b'a,b\n1,2\n3,"4\n' + b"5,6\n" * rows_below))


# --- workbooks --------------------------------------------------------------------------------------------------------


def test_rows_count_from_the_top_of_the_sheet(tmp_path):
    moment = dt.datetime(2026, 3, 5, 10, 2, 3)
    [sheet] = read_sheets(write(tmp_path, "a.xlsx", workbook({"B3": "订单编号", "C4": moment, "B6": 12.5})))
    assert sheet.cells[2][1] == "订单编号" and sheet.cells[3][2] == moment and sheet.cells[5][1] == 12.5
    assert sheet.cells[0] == ["", "", ""] and sheet.cells[4] == ["", "", ""]


def test_false_dimension_is_not_believed(tmp_path):
    def lie(name, data):
        return re.sub(rb"<dimension[^>]*>", b'<dimension ref="A1"/>', data) if name.endswith("sheet1.xml") else data

    data = repacked(workbook({"A1": "a", "C9": "last"}), lie)
    assert b'<dimension ref="A1"/>' in zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml")
    [sheet] = read_sheets(write(tmp_path, "a.xlsx", data))
    assert len(sheet.cells) == 9 and sheet.cells[8][2] == "last"


def test_old_workbook_under_any_name(tmp_path):
    book = xlwt.Workbook()
    page = book.add_sheet("订单")
    page.write(2, 1, "订单编号")
    page.write(3, 1, 43101.5)
    [sheet] = read_sheets(write(tmp_path, "a.xlsx", saved(book)))
    assert sheet.name == "订单" and sheet.cells[2:] == [["", "订单编号"], ["", 43101.5]]


def test_all_sheets_in_their_order(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "供应商"
    book.create_sheet("订单")["A1"] = "x"
    assert [sheet.name for sheet in read_sheets(write(tmp_path, "a.xlsx", saved(book)))] == ["供应商", "订单"]


def test_only_the_first_of_merged_cells_has_a_value(tmp_path):
    book = openpyxl.Workbook()
    book.active["A1"], book.active["B2"] = "merged", "x"
    book.active.merge_cells("A1:A2")
    [sheet] = read_sheets(write(tmp_path, "a.xlsx", saved(book)))
    assert sheet.cells == [["merged", ""], ["", "x"]]


def test_parquet_keeps_whole_numbers(tmp_path):
    path = tmp_path / "orders.parquet"
    pd.DataFrame({"order_id": [435000000000000001], "quantity": [None]}).to_parquet(path)
    assert read_sheets(path)[0].cells == [["order_id", "quantity"], [435000000000000001, None]]


# --- web pages --------------------------------------------------------------------------------------------------------


def test_web_page_named_xls(tmp_path):
    rows = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in ROWS)
    data = f'<html><meta charset="gbk"><body><p>导出</p><table>{rows}</table></body></html>'.encode("gbk")
    assert read_sheets(write(tmp_path, "orders.xls", data))[0].cells == ROWS


def test_spanned_cells_are_blank_but_for_the_first(tmp_path):
    data = b"<table><tr><td rowspan=2>id</td><td>a</td><td colspan=2>b</td></tr><tr><td>c<td>d<br>e&nbsp;<td>&yen;5</tr></table>"
    [sheet] = read_sheets(write(tmp_path, "orders.xls", data))
    assert sheet.cells == [["id", "a", "b", ""], ["", "c", "d e", "¥5"]]


def test_xml_workbook_of_2003(tmp_path):
    data = (
        '<?xml version="1.0"?><Workbook xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="S"><Table>'
        '<Row><Cell><Data ss:Type="String">订单编号</Data></Cell></Row>'
        '<Row ss:Index="4"><Cell ss:Index="3"><Data>x</Data></Cell></Row></Table></Worksheet></Workbook>'
    )
    [sheet] = read_sheets(write(tmp_path, "orders.xls", data.encode()))
    assert sheet.cells == [["订单编号"], [], [], ["", "", "x"]]


# --- files that are no table ------------------------------------------------------------------------------------------

OLE2 = bytes.fromhex("d0cf11e0a1b11ae1")


def bomb(megabytes: int, declared: int | None = None) -> bytes:
    """An xlsx whose sheet unpacks to `megabytes`; `declared` is the size its directories give instead."""
    out = io.BytesIO(workbook({"A1": "x"}))
    with (
        zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet2.xml", "w") as stream,
    ):
        for _ in range(megabytes):
            stream.write(bytes(1_000_000))
    data = out.getvalue()
    true = struct.pack("<I", megabytes * 1_000_000)
    return data if declared is None else data.replace(true, struct.pack("<I", declared))


def test_file_that_is_not_there(tmp_path):
    with pytest.raises(SourceError, match="does not exist"):
        read_sheets(tmp_path / "a.xlsx")


def test_folder_in_place_of_a_file(tmp_path):
    with pytest.raises(SourceError, match="cannot be opened"):
        read_sheets(tmp_path)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf\r\n \r\n", "is empty"),
        (workbook({}), "is empty"),
        (workbook({"A1": "x"})[:3000], "is damaged"),
        (workbook({"A1": "x"})[:-10], "is damaged"),
        (OLE2 + bytes(5000), "is damaged"),
        (OLE2 + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(5000), "password"),
        ("订单编号".encode()[:-1], "is damaged"),
        (b"PAR1 and nothing else", "is damaged"),
        (b"%PDF-1.7 and so on", "another make \\(PDF\\)"),
        (b"<!DOCTYPE html><html><form>log in</form></html>", "without a table"),
        (bytes(range(256)) * 4, "another make|as text"),
    ],
    ids=["nothing", "blanks", "no cells", "cut", "cut at the end", "cut xls", "password", "cut text", "parquet", "pdf", "log-in", "noise"],
)  # fmt: skip
def test_file_that_is_no_table_says_what_to_do(tmp_path, data, message):
    with pytest.raises(SourceError, match=message) as caught:
        read_sheets(write(tmp_path, "orders.xlsx", data))
    for language in ("en", "zh"):
        text = caught.value.text(language)
        assert "orders.xlsx" in text and len(text) < 200 and "{" not in text


def test_zip_that_is_no_workbook(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("orders.csv", "a,b")
    with pytest.raises(SourceError, match="another make"):
        read_sheets(tmp_path / "a.xlsx")


def test_corrupt_member(tmp_path):
    data = bytearray(workbook({f"A{row}": f"text {row}" for row in range(1, 500)}))
    place = data.find(b"xl/worksheets/sheet1.xml")
    data[place + 60 : place + 90] = bytes(30)
    with pytest.raises(SourceError, match="damaged"):
        read_sheets(write(tmp_path, "a.xlsx", bytes(data)))


def test_member_with_a_password(tmp_path):
    data = bytearray(workbook({"A1": "x"}))
    for start, flag in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        place = -1
        while (place := data.find(start, place + 1)) >= 0:
            data[place + flag] |= 1
    with pytest.raises(SourceError, match="password"):
        read_sheets(write(tmp_path, "a.xlsx", bytes(data)))


def test_zip_bomb_is_refused_by_its_directory_without_unpacking(tmp_path, monkeypatch):
    path = write(tmp_path, "a.xlsx", bomb(301))
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *args: pytest.fail("unpacked"))
    with pytest.raises(SourceError, match="300 MB"):
        read_sheets(path)


def test_zip_bomb_with_a_false_directory_is_stopped_while_unpacking(tmp_path, monkeypatch):
    pieces = []
    real = zipfile.ZipExtFile.read
    monkeypatch.setattr(zipfile.ZipExtFile, "read", lambda self, n=-1: pieces.append(n) or real(self, n))
    with pytest.raises(SourceError, match="300 MB"):
        read_sheets(write(tmp_path, "a.xlsx", bomb(60, declared=1000)))
    assert len(pieces) < 40  # megabytes: long before the end


def test_sheet_with_a_stray_cell_far_below(tmp_path, monkeypatch):
    monkeypatch.setattr(extents, "MOST_CELLS", 1000)
    with pytest.raises(SourceError, match="reaches down to row 2000"):
        read_sheets(write(tmp_path, "a.xlsx", workbook({"A1": "x", "B2000": "stray"})))


def test_stray_cells_that_no_memory_could_hold_are_refused_before_the_sheet_is_parsed(tmp_path):
    with pytest.raises(SourceError, match="reaches down to row 1048576"):
        read_sheets(write(tmp_path, "a.xlsx", workbook({"A1": "x", "XFD2": "stray", "B1048576": "stray"})))
    book = openpyxl.Workbook()
    book.active["A1"] = "x"
    book.active["XFD1048576"].number_format = "0.0"  # formatted and blank: no cell of the table
    [sheet] = read_sheets(write(tmp_path, "b.xlsx", saved(book)))
    assert sheet.cells == [["x"]]


def old_workbook() -> bytes:
    book = xlwt.Workbook()
    page = book.add_sheet("a")
    for row in range(300):
        page.write(row, 0, f"text {row}")
        page.write(row, 1, row + 0.1234567)
    return saved(book)


def test_old_workbook_whose_chain_of_sectors_bites_its_tail_is_refused(tmp_path):
    data = bytearray(old_workbook())
    [first] = struct.unpack_from("<I", data, 76)  # the first table of chains
    struct.pack_into("<2I", data, (first + 1) * 512, 1, 0)  # sector 0 -> 1 -> 0
    with pytest.raises(SourceError, match="damaged"):
        read_sheets(write(tmp_path, "a.xls", bytes(data)))


def test_old_workbook_with_a_cell_beyond_the_last_column_is_refused(tmp_path):
    data = old_workbook()
    cell = struct.pack("<4H", 0x0203, 14, 299, 1)
    assert data.count(cell) == 1
    far = data.replace(cell, struct.pack("<4H", 0x0203, 14, 299, 60_000))
    with pytest.raises(SourceError, match="damaged"):
        read_sheets(write(tmp_path, "a.xls", far))


@pytest.mark.parametrize("rows", [1, 30, 3000])
def test_old_workbooks_of_any_size_pass_the_look_into_their_container(rows):
    book = xlwt.Workbook()
    page = book.add_sheet("a")
    for row in range(rows):
        for column in (0, 255):
            page.write(row, column, f"text {row} {column}")
    check_compound_file(saved(book), "a.xls")


def test_a_web_page_cut_off_within_its_table_is_damaged_but_open_rows_are_html(tmp_path):
    page = "<html><body><table><tr><td>a<td>b<tr><td>1<td>2</table>"
    [sheet] = read_sheets(write(tmp_path, "a.xls", page.encode()))
    assert sheet.cells == [["a", "b"], ["1", "2"]]
    with pytest.raises(SourceError, match="damaged or was cut off"):
        read_sheets(write(tmp_path, "b.xls", page.removesuffix("</table>").encode()))


STARTS = [
    b"",
    b"PK\x03\x04",
    OLE2,
    b"PAR1",
    b"<html><table>",
    b"<?xml ",
    b"\xff\xfe",
    b"\xfe\xff",
    b"\xef\xbb\xbf",
    "订单,".encode("gbk"),
]


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(STARTS),
    st.one_of(st.binary(max_size=300), st.text('<>/tdr "=,;\r\n\x001a订', max_size=80).map(str.encode)),
)
def test_no_bytes_make_anything_but_sheets_or_a_sentence(tmp_path, start, rest):
    try:
        sheets = read_sheets(write(tmp_path, "a.xls", start + rest))
    except SourceError as error:
        assert error.text("zh")
    else:
        assert all(isinstance(row, list) for sheet in sheets for row in sheet.cells)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 5000), st.binary(min_size=1, max_size=40))
def test_no_damage_to_a_workbook_makes_a_traceback(tmp_path, place, noise):
    data = bytearray(workbook({"A1": "订单编号", "B2": 1.5}))
    data[place : place + len(noise)] = noise
    with contextlib.suppress(SourceError):
        read_sheets(write(tmp_path, "a.xlsx", bytes(data)))


@pytest.mark.parametrize(
    ("form", "shown"),
    [
        ("[$$-409]#,##0.00", "$2.5"), ("[$€-2] #,##0.00", "€2.5"), ("$#,##0.00", "$2.5"), ('"US$"#,##0.00', "US$2.5"),
        ("#,##0.00 [$€-407]", "2.5€"), ("[$¥-411]#,##0", "JPY2.5"), ("[$USD] 0.00", "USD2.5"), ("[$$-zh-HK]0", "HKD2.5"),
        ("_-[$$-409]* #,##0.00_-;-[$$-409]* #,##0.00_-", "$2.5"), ("0%", "250%"), ("0.0%", "250%"), ('0"%"', "2.5%"),
        ('0"箱"', "2.5箱"), ('#,##0\\ "pcs"', "2.5pcs"), ('General"打"', "2.5打"), ('0.00"元/个"', "2.5元/个"), ('0"万"', "2.5万"),
        ('"¥"#,##0.00', 2.5), ("[$¥-804]#,##0.00", 2.5), ('_ "¥"* #,##0.00_ ;_ "¥"* -#,##0.00_ ', 2.5), ('#,##0"元"', 2.5),
        ('0.0,"千"', 2.5), ("#,##0,", 2.5), ('0!.0,"万"', 2.5), ('[>=10000]0!.0,"万";0', 2.5), ("[Red]0.00", 2.5), ("00000", 2.5),
        ("#,##0.00_);[Red](#,##0.00)", 2.5), ("# ?/?", 2.5), ("0.00E+00", 2.5), ("[DBNum1][$-804]General", 2.5), ("@", 2.5),
    ],
)  # fmt: skip
def test_a_number_is_what_its_format_shows_it_to_be(tmp_path, form, shown):
    book = openpyxl.Workbook()
    book.active["B2"], book.active["B3"], book.active["C2"] = 2.5, "2.5", None
    for cell in ("B2", "B3", "C2"):
        book.active[cell].number_format = form
    [sheet] = read_sheets(write(tmp_path, "a.xlsx", saved(book)))
    assert sheet.cells[1][1] == shown and sheet.cells[2][1] == "2.5"
    assert type(sheet.cells[1][1]) is float or sheet.cells[1][1].stored == 2.5


def test_the_signs_of_the_sources_own_currency_say_nothing_more(tmp_path):
    book = openpyxl.Workbook()
    book.active.append([2.1, -3.0, 12])
    for cell, form in zip(book.active[1], ("[$$-409]0.00", '"¥"0.00', '"PO-"00000')):
        cell.number_format = form
    path = write(tmp_path, "a.xlsx", saved(book))
    assert read_sheets(path, currency="USD")[0].cells == [[2.1, "-¥3", "PO-00012"]]
    assert read_sheets(path)[0].cells == [["$2.1", -3.0, "PO-00012"]]
