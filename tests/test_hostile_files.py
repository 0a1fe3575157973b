"""Damaged, odd and hostile files: rows accounted for one by one, or a sentence; never a traceback, never a hang.

200 of the series of `benchmarks/hostile_files.py` that hold every change, then the kinds that it found, each alone.
"""

import io
import os
import re
import signal
import struct
import zipfile
from collections import Counter
from functools import cache

import hostile_files
import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlwt
from hostile_files import BYTE_CHANGES, DRAFTS, ROW_CHANGES, WRITERS, hostile_file, outcome
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from analysis.errors import SourceError
from analysis.sources import cage, first_rows
from analysis.sources.archive import check_archive
from analysis.sources.as_of import END_OF_TIME
from analysis.sources.extents import Extent
from analysis.sources.load import check_files, load_source
from analysis.sources.opening import Sheet, read_sheets

pytestmark = pytest.mark.caged

PARTS, FILES = 10, 200
SECONDS = 10


@pytest.fixture
def time_limit(monkeypatch):
    """Call it to begin: the processor's seconds count, here and in the child that reads, so that a busy machine fails nothing."""
    monkeypatch.setattr(cage, "SECONDS", SECONDS)

    def stop(*_):
        raise TimeoutError(f"took more than {SECONDS} s")

    before = signal.signal(signal.SIGPROF, stop)
    yield lambda: signal.setitimer(signal.ITIMER_PROF, SECONDS)
    signal.setitimer(signal.ITIMER_PROF, 0)
    signal.signal(signal.SIGPROF, before)


@cache
def with_every_change() -> list[int]:
    """The numbers of `FILES` files: those of the first 1500 that hold a change that none or one before them holds, then the first others."""
    chosen, seen = [], Counter()
    for number in range(1500):
        if any(seen[name] < 2 for name in _changes(number)):
            seen.update(_changes(number))
            chosen.append(number)
    return [*chosen, *(number for number in range(1500) if number not in chosen)][:FILES]


@pytest.mark.parametrize("part", range(PARTS))  # thousands in `make fuzz`
def test_every_file_gives_accounted_rows_or_a_sentence(part, tmp_path, time_limit):
    for number in with_every_change()[part::PARTS]:
        file = hostile_file(number)
        time_limit()
        found = outcome(file, tmp_path / str(number))
        assert found.kind in ("rows", "refused"), (number, file.make, file.changes, found.told)
        assert "break off" not in found.told and "was given up" not in found.told, (number, "the reader was ended")


def test_the_series_is_the_same_each_time_and_holds_every_change():
    assert hostile_file(7) == hostile_file(7)
    drawn = {name for number in with_every_change() for name in _changes(number)}
    assert drawn == {*ROW_CHANGES, *BYTE_CHANGES}


def _changes(number: int) -> tuple[str, ...]:
    """What `hostile_file` would do, without the work of writing it."""
    return hostile_files.drawn_changes(number)[1]


@pytest.mark.parametrize("make", DRAFTS)
def test_unchanged_files_are_read_row_by_row(make, tmp_path):
    draft = DRAFTS[make](np.random.default_rng(1))
    rows = hostile_files.expected_rows(draft)
    file = hostile_files.HostileFile(draft.name, WRITERS[draft.make](draft), draft.make, (), draft.map, rows)
    assert outcome(file, tmp_path / "s").kind == "rows"
    known = load_source(tmp_path / "s").known(END_OF_TIME)
    assert known.quarantine.empty and known.accounting["kept"].sum() == sum(map(len, rows.values()))


# --- workbooks --------------------------------------------------------------------------------------------------------

HEAD = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
TAIL = b"</sheetData></worksheet>"


def workbook(rows: bytes) -> bytes:
    book = openpyxl.Workbook()
    book.active["A1"] = "x"
    out = io.BytesIO()
    book.save(out)
    sheet = HEAD + rows + TAIL
    return hostile_files.members_changed(
        out.getvalue(), lambda name, content: sheet if name.endswith("sheet1.xml") else content
    )


@pytest.mark.parametrize(
    "last",
    [
        b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        b'<row r="1048576"><c t="n" r="XFD1048576"><v>1</v></c></row>',
        b"<row r='1048576'><c t='n' r='xfd1048576' ><v>1</v></c></row>",
        b'<row r="1048576"><c t="' + b" " * 5000 + b'" r="XFD1048576"><v>1</v></c></row>',
        b'<x:row xmlns:x="m" r="1048576"><x:c r="XFD1048576"><x:v>1</x:v></x:c></x:row>',
        b'<row r="1048576">' + b"<c><v>1</v></c>" * 9 + b"</row>",
        b'<row r="1048568">' + (b"<row>" + b"<c><v>1</v></c>" * 9 + b"</row>") * 8 + b"</row>",
    ],
    ids=["plain", "name last", "small letters", "far name", "prefix", "no names", "no names at all"],
)
def test_a_cell_far_below_is_seen_however_its_place_is_written(last, tmp_path):
    (tmp_path / "a.xlsx").write_bytes(workbook(b'<row r="1"><c r="A1"><v>1</v></c></row>' + last))
    with pytest.raises(SourceError, match="reaches down to row 1048576"):
        read_sheets(tmp_path / "a.xlsx")


def test_blank_cells_far_below_are_no_cells_of_the_table(tmp_path):
    far = b'<row r="1048576"><c r="XFC1048576" s="1"/><c r="XFD1048576" s="1"></c></row>'
    (tmp_path / "a.xlsx").write_bytes(workbook(b'<row r="2"><c r="B2"><v>1</v></c></row>' + far))
    assert read_sheets(tmp_path / "a.xlsx") == [Sheet("Sheet", [["", ""], ["", 1.0]])]


def test_the_extent_of_a_sheet_is_that_which_its_parser_finds(tmp_path):
    rows = (
        b"<row><c><v>1</v></c><c/><c><v>1</v></c></row>" * 3 + b'<row r="9"><c r="B9"><v>1</v></c><c><v>2</v></c></row>'
    )
    (tmp_path / "a.xlsx").write_bytes(workbook(rows))
    [sheet] = read_sheets(tmp_path / "a.xlsx")
    extent = Extent("a")
    for _ in range(3):
        extent.row()
        extent.cell(True), extent.cell(False), extent.cell(True)
    extent.row(9)
    extent.cell(True, 2), extent.cell(True)
    assert (extent.rows, extent.columns, extent.filled) == (9, 3, 8)
    assert (len(sheet.cells), len(sheet.cells[0])) == (9, 3)


def test_binary_workbook_with_a_cell_far_below(tmp_path):
    def record(kind: int, body: bytes) -> bytes:
        return bytes([kind, len(body)]) + body

    cells = b"".join(
        record(0, struct.pack("<I", row) + bytes(12)) + record(5, struct.pack("<I", column) + bytes(12))
        for row, column in ((0, 0), (1_048_575, 16_383))
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/workbook.bin", b"")
        archive.writestr("xl/printerSettings/printerSettings1.bin", cells)  # no sheet
        archive.writestr("xl/worksheets/sheet1.bin", cells)
    with pytest.raises(SourceError, match="sheet1, reaches down to row 1048576"):
        check_archive(out, len(out.getvalue()), "a.xlsb")


@pytest.mark.parametrize(
    ("kind", "length", "values", "form"),
    [
        (0x0200, 14, (0, 16_777_229, 0, 3), "<2I2H"),  # rows
        (0x0200, 14, (0, 5, 0, 28_287), "<2I2H"),  # columns
        (0x00FC, 12, (9, 2_000_000_000), "<2I"),  # strings
    ],
)
def test_old_workbook_that_claims_more_than_fits_is_damaged(kind, length, values, form, tmp_path):
    book = xlwt.Workbook()
    book.add_sheet("a").write(0, 0, "x")
    out = io.BytesIO()
    book.save(out)
    data = bytearray(out.getvalue())
    found = [m.start() for m in re.finditer(re.escape(struct.pack("<H", kind)), data)]
    place = next(p for p in found if struct.unpack_from("<H", data, p + 2)[0] == length)
    struct.pack_into(form, data, place + 4, *values)
    (tmp_path / "a.xls").write_bytes(data)
    with pytest.raises(SourceError, match="damaged"):
        read_sheets(tmp_path / "a.xls")


def test_entities_are_not_expanded_and_no_other_file_is_read(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("not for you")
    start = f'<!DOCTYPE x [<!ENTITY f SYSTEM "{secret.as_uri()}"><!ENTITY g "{"lol" * 9}">]>'.encode()
    for entity in (b"&f;", b"&g;"):
        data = workbook(b'<row r="1"><c r="A1" t="inlineStr"><is><t>' + entity + b"</t></is></c></row>")
        data = hostile_files.members_changed(
            data, lambda name, content: start + content if name.endswith("sheet1.xml") else content
        )
        (tmp_path / "a.xlsx").write_bytes(data)
        with pytest.raises(SourceError, match="damaged"):
            read_sheets(tmp_path / "a.xlsx")


# --- days that count from 1904 ----------------------------------------------------------------------------------------

ORDER = ["order_id", "supplier", "ordered_on", "received_on", "quantity"]
DAY = pd.Timestamp("2026-03-05")
SERIAL_1904 = 44_624  # 2026-03-05: 46,086 in the other system, 1,462 days more


@pytest.mark.parametrize("ending", ["xlsx", "xls"])
@pytest.mark.parametrize("from_1904", [False, True])
def test_bare_day_numbers_count_from_the_day_that_the_workbook_says(ending, from_1904, tmp_path):
    serial = SERIAL_1904 if from_1904 else SERIAL_1904 + 1462
    rows = [ORDER, ["A", "S", DAY.to_pydatetime(), serial, serial], ["B", "S", str(serial), "2026-03-09", 5]]
    if ending == "xlsx":
        book = openpyxl.Workbook()
        book.epoch = CALENDAR_MAC_1904 if from_1904 else book.epoch
        for row in rows:
            book.active.append(row)
    else:
        book = xlwt.Workbook()
        book.dates_1904 = from_1904
        page = book.add_sheet("a")
        for place, row in enumerate(rows):
            for column, value in enumerate(row):
                day = [xlwt.easyxf(num_format_str="YYYY-MM-DD")] if (place, column) == (1, 2) else []
                page.write(place, column, value, *day)
    book.save(tmp_path / f"orders.{ending}")
    orders = check_files([tmp_path / f"orders.{ending}"]).tables["orders"].set_index("order_id")
    assert orders["ordered_on"].tolist() == [DAY, DAY]
    assert orders.loc["A", "received_on"] == DAY and orders.loc["A", "quantity"] == serial  # a quantity is no day


# --- pages and texts --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "open_end", ["<!--", "<![", "<![CDATA[", '<a b="', "<td ", "<", "<?", "<script>", "</", "&#", "<a '"]
)
def test_markup_without_end_takes_no_longer_than_other_markup(open_end, tmp_path, time_limit):
    page = "<html><table><tr><td>a</td></tr>" + open_end * (2_000_000 // len(open_end))
    (tmp_path / "a.xls").write_text(page)
    time_limit()
    with pytest.raises(SourceError, match=r"damaged|too|cut"):
        read_sheets(tmp_path / "a.xls")


def test_markup_is_read_as_browsers_read_it(tmp_path):
    page = (
        '<HTML><!-- <td>no</td> --><STYLE>td {content: "<td>"}</STYLE><TABLE><TR class=x>'
        '<TD title="a>b" colspan=\'2\'>1 &lt; 2<!-- no -->&#x41;<TD nowrap>5 < 6</TD><td tall">c<br/>d</TABLE>'
    )
    (tmp_path / "a.xls").write_text(page)
    assert read_sheets(tmp_path / "a.xls")[0].cells == [["1 < 2A", "", "5 < 6", "c d"]]
    digits = "9" * 6000
    (tmp_path / "b.xls").write_text(f"<table><tr><td>&#{digits};</td></tr></table>")
    assert read_sheets(tmp_path / "b.xls")[0].cells == [[f"&#{digits};"]]


def test_spans_that_no_memory_could_hold_are_refused(tmp_path):
    row = '<tr><td colspan="512" rowspan="99999">x</td></tr>' + "<tr>" * 20_000
    (tmp_path / "a.xls").write_text(f"<table>{row}</table>")
    with pytest.raises(SourceError, match="million cells"):
        read_sheets(tmp_path / "a.xls")


def test_a_long_text_in_every_row_of_a_parquet_file_is_held_once(tmp_path):
    words = ["long " * 200_000, None, "short"]
    pd.DataFrame({"text": words * 1000, "number": range(3000)}).to_parquet(tmp_path / "a.parquet")
    [sheet] = read_sheets(tmp_path / "a.parquet")
    assert [row[0] for row in sheet.cells[1:]] == words * 1000 and [row[1] for row in sheet.cells[1:]] == [*range(3000)]
    assert len({id(row[0]) for row in sheet.cells[1:]}) == 3


def test_a_parquet_file_that_says_one_word_a_billion_times_is_refused(tmp_path, monkeypatch):
    pd.DataFrame({"text": ["x"] * 100}).to_parquet(tmp_path / "a.parquet")
    monkeypatch.setattr("analysis.sources.opening.MOST_CELLS", 99)
    with pytest.raises(SourceError, match="million cells"):
        read_sheets(tmp_path / "a.parquet")


def test_text_that_is_none_in_a_parquet_file_is_damage(tmp_path):
    broken = pa.Array.from_buffers(
        pa.string(), 1, [None, pa.py_buffer(struct.pack("<2i", 0, 2)), pa.py_buffer(b"\xff\xfe")]
    )
    pq.write_table(pa.table({"a": broken}), tmp_path / "a.parquet")
    with pytest.raises(SourceError, match="damaged"):
        read_sheets(tmp_path / "a.parquet")


def test_a_page_of_text_in_place_of_a_supplier_is_not_compared_letter_by_letter(tmp_path, time_limit):
    long = [letter + "长" * 30_000 for letter in "甲乙丙丁"]
    orders = pd.DataFrame({"order_id": list("ABCD"), "supplier": long, "ordered_on": "2026-03-05", "quantity": 5})
    orders.to_csv(tmp_path / "orders.csv", index=False)
    time_limit()
    assert check_files([tmp_path / "orders.csv"]).accounting["kept"].tolist() == [4]


def test_a_number_of_thirty_thousand_digits_is_refused_at_once(tmp_path, time_limit):
    orders = pd.DataFrame(
        {"order_id": range(20), "supplier": "S", "ordered_on": "2026-03-05", "quantity": "9" * 30_000}
    )
    orders.to_csv(tmp_path / "orders.csv", index=False)
    time_limit()
    assert check_files([tmp_path / "orders.csv"]).accounting["quarantined"].tolist() == [20]


# --- what is no file of data ------------------------------------------------------------------------------------------


def test_pipes_devices_folders_and_links_to_nothing_are_named(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "lost.csv").symlink_to(tmp_path / "nothing.csv")
    for name, message in (
        ("pipe.csv", "cannot be opened"),
        ("folder.csv", "cannot be opened"),
        ("lost.csv", "does not exist"),
    ):
        with pytest.raises(SourceError, match=f"{name} {message}"):
            check_files([tmp_path / name])
    with pytest.raises(SourceError, match=r"lost\.csv does not exist"):
        load_source(tmp_path)


def test_a_file_that_may_not_be_read_is_named(tmp_path, monkeypatch):
    (tmp_path / "orders.csv").write_text("a,b\n")

    def refuse(*_args, **_named):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.open", refuse)
    with pytest.raises(SourceError, match=r"orders\.csv cannot be opened"):
        check_files([tmp_path / "orders.csv"])


# --- large files ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", ["export xlsx", "export csv", "export html", "ledger", "orders csv"])
def test_a_large_file_that_we_know_is_known_by_its_first_rows(make, tmp_path, monkeypatch):
    draft = DRAFTS[make](np.random.default_rng(1))
    path = tmp_path / draft.name
    path.write_bytes(WRITERS[draft.make](draft))
    plain = check_files([path])
    monkeypatch.setattr(first_rows, "LARGE", 0)
    assert len(plain.accounting) and check_files([path]).accounting.equals(plain.accounting)


@pytest.mark.parametrize("make", ["xlsx", "csv", "html"])
def test_a_large_file_that_nobody_knows_is_told_of_without_being_read(make, tmp_path, monkeypatch):
    rows = [["what", "how much"], *[[f"x{number}", number] for number in range(3000)]]
    page = hostile_files.Page("list", rows)
    path = tmp_path / f"list.{make}"
    path.write_bytes(WRITERS[make](hostile_files.Draft(make, path.name, [page], frozenset())))
    monkeypatch.setattr(first_rows, "LARGE", 0)
    monkeypatch.setattr("analysis.sources.file_reading.read_sheets", lambda *_: pytest.fail("read as a whole"))
    known = check_files([path])
    assert known.remarks[["file", "code"]].values.tolist() == [[path.name, "file_not_recognised"]]
