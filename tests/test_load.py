"""A source as a whole: exports and a ledger together, plain tables, every file that may lie in a folder."""

import os
import random
import re
import shutil

import openpyxl
import pandas as pd
import pytest

from analysis.errors import SourceError
from analysis.paths import DATA
from analysis.reporting.sentences import worded_in_both
from analysis.sources.as_of import END_OF_TIME
from analysis.sources.ledger import write_ledger
from analysis.sources.load import check_files, load_source
from analysis.sources.tables import TABLES

HEADERS = ["订单编号", "卖家公司名", "货品总价(元)", "运费(元)", "涨价或折扣(元)", "实付款(元)", "订单状态", "订单创建时间", "订单付款时间",
           "货品标题", "单价(元)", "数量", "货号"]  # fmt: skip
A, B, C = "2000000000000000001", "2000000000000000002", "2000000000000000003"


def order(number, status, created, paid, *lines, freight=10.0):
    """Export rows of one order: order-level cells on its first row only; a line is (货号, 单价, 数量)."""
    goods = sum(price * quantity for _, price, quantity in lines)
    first = [number, "甲厂", goods, freight, 0, goods + freight, status, created, paid]
    return [[*(first if place == 0 else [""] * 9), f"item {sku}", price, quantity, sku] for place, (sku, price, quantity) in enumerate(lines)]  # fmt: skip


def write_export(path, *orders):
    book = openpyxl.Workbook()
    for row in [HEADERS, *(line for lines in orders for line in lines)]:
        book.active.append(row)
    book.save(path)


LEDGER = {
    "orders": pd.DataFrame({"order_id": [A, A, B], "line_no": [1, 2, None], "supplier": ["甲厂"] * 3, "category": ["tools"] * 3,
                            "stage": ["trial"] * 3, "ordered_on": pd.to_datetime(["2026-09-03", "2026-09-03", "2026-09-20"]),
                            "quantity": [10, 99, 5], "promised_on": pd.to_datetime(["2026-09-20"] * 2 + ["2026-10-05"])}),
    "inspections": pd.DataFrame({"order_id": [A, A, A, B, "unknown"], "line_no": [1, 1, 2, None, 1], "batch": list("12345"),
                                 "received_on": pd.to_datetime(["2026-09-18", "2026-10-04", "2026-09-19", "2026-10-20", "2026-09-30"]),
                                 "inspected_on": pd.to_datetime(["2026-09-19", None, "2026-09-20", "2026-10-21", "2026-10-01"]),
                                 "inspected": [5, None, 20, 5, 3], "defective": [0, None, 1, 2, 0]}),
    "returns": pd.DataFrame({"order_id": [A], "line_no": [None], "settled_on": [pd.Timestamp("2026-10-02")], "returned": [1]}),
    "risks": pd.DataFrame({"supplier": ["甲厂"], "item": ["late"], "status": ["open"], "opened_on": [pd.Timestamp("2026-10-01")]}),
}  # fmt: skip


@pytest.fixture
def company(tmp_path):
    folder = tmp_path / "company"
    folder.mkdir()
    a = order(A, "等待买家确认收货", "2026-09-03 10:00:00", "2026-09-03 11:00:00", ("X", 2.0, 10), ("Y", 1.0, 20))
    b = order(B, "等待卖家发货", "2026-09-20 10:00:00", "2026-09-21 09:00:00", ("X", 2.0, 5))
    b_done = order(B, "交易成功", "2026-09-20 10:00:00", "2026-09-21 09:00:00", ("X", 2.0, 5))
    c = order(C, "交易关闭", "2026-10-02 10:00:00", "", ("X", 2.0, 7))
    write_export(folder / "订单_2026-09.xlsx", a, b, b)
    write_export(folder / "订单_2026-10.xlsx", b_done, c)
    write_ledger(folder / "采购台账.xlsx", LEDGER)
    (folder / "README.md").write_text("notes")
    (folder / "~$采购台账.xlsx").write_bytes(b"lock")
    (folder / "_truth").mkdir()
    (folder / "_truth" / "orders.csv").write_text("order_id\n1\n")
    return folder


def line(known, number, line_no=1):
    return known.tables["orders"].set_index(["order_id", "line_no"]).loc[(number, line_no)]


def balanced(known):
    """The identity, and the same counts by another route: the tables themselves."""
    counts = known.accounting
    assert (counts["rows_in"] == counts["kept"] + counts["quarantined"] + counts["merged"]).all()
    kept = counts.groupby("table")["kept"].sum()
    for name, table in known.tables.items():
        assert len(table) == kept.get(name, 0), name
    assert counts["quarantined"].sum() == len(known.quarantine)
    return counts


def test_export_and_ledger_make_one_line_each(company):
    known = load_source(company).known(pd.Timestamp("2026-10-31"))
    balanced(known)
    first = line(known, A)
    assert (first["stage"], first["category"], str(first["promised_on"].date())) == ("trial", "tools", "2026-09-20")
    assert first["freight"] + line(known, A, 2)["freight"] == pytest.approx(10.0)
    assert str(first["received_on"].date()) == "2026-10-04"  # its last batch
    assert line(known, A, 2)["quantity"] == 20  # the export's, not the ledger's 99
    told = worded_in_both(known.remarks).set_index("code").loc["ledger_differs"]
    assert (told["column"], told["row"]) == ("quantity", 4) and "99" in told["reason"] and "20" in told["reason_zh"]


def test_the_orders_of_a_month_end_as_they_were_then(company):
    source = load_source(company)
    september, october = (source.known(pd.Timestamp(day)) for day in ("2026-09-30", "2026-10-31"))
    assert str(line(september, A)["received_on"].date()) == "2026-09-18"  # the batch of 4 October is not known yet
    assert (line(september, B)["status"], line(october, B)["status"]) == ("open", "received")
    assert pd.isna(line(september, B)["received_on"])
    assert C not in set(september.tables["orders"]["order_id"]) and line(october, C)["status"] == "cancelled"
    assert september.tables["risks"].empty and len(october.tables["risks"]) == 1


def test_rows_told_twice_are_merged_and_counted(company):
    counts = balanced(load_source(company).known(pd.Timestamp("2026-10-31"))).set_index(["file", "table"])
    september = counts.loc[("订单_2026-09.xlsx", "orders")]
    assert september[["rows_in", "kept", "merged"]].tolist() == [4, 2, 2]  # B twice in it, and again in October's file
    assert counts.loc[("采购台账.xlsx", "orders"), "merged"] == 3
    assert not counts.index.get_level_values("file").str.contains("truth").any()


def test_rows_about_orders_find_their_line_or_are_refused(company):
    known = load_source(company).known(pd.Timestamp("2026-10-31"))
    inspections = known.tables["inspections"].set_index("batch")
    assert inspections.loc["4", "line_no"] == 1  # B has a single line
    refused = worded_in_both(known.quarantine).set_index("code")
    assert refused.loc["order_not_known", "row"] == 7 and "unknown / 1" in refused.loc["order_not_known", "reason"]
    assert refused.loc["line_not_said", "table"] == "returns"


def test_all_tables_are_there_with_their_columns_and_types(company):
    known = load_source(company).known(pd.Timestamp("2026-10-31"))
    assert list(known.tables) == [*TABLES, "outside_inspections"], "reports of others stand apart"
    for name, table in known.tables.items():
        assert list(table.columns) == TABLES[name.removeprefix("outside_")].names()
    assert str(known.tables["orders"]["ordered_on"].dtype) == "datetime64[us]"
    assert known.info.currency == "CNY" and not known.info.simulated


def test_an_arrival_before_the_order_does_not_count(company):
    early = dict(LEDGER)
    early["inspections"] = pd.DataFrame({"order_id": [B], "received_on": pd.to_datetime(["2026-09-01"])})
    write_ledger(company / "采购台账.xlsx", early)
    known = load_source(company).known(pd.Timestamp("2026-09-30"))
    balanced(known)
    assert line(known, B)["status"] == "open"
    assert known.quarantine["code"].tolist().count("received_before_ordered") == 1


def test_a_ledger_row_whose_dates_contradict_the_export_is_refused(company):
    wrong = dict(LEDGER)
    wrong["orders"] = LEDGER["orders"].assign(
        ordered_on=pd.to_datetime(["2026-01-01"] * 3), received_on=pd.to_datetime(["2026-02-01", None, None])
    )
    write_ledger(company / "采购台账.xlsx", {"orders": wrong["orders"]})
    known = load_source(company).known(pd.Timestamp("2026-09-30"))
    balanced(known)
    assert known.quarantine[["row", "code"]].values.tolist() == [[3, "received_before_ordered"]]
    assert line(known, A)["status"] == "open" and pd.isna(line(known, A)["promised_on"])


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_plain_tables_need_no_map(tmp_path, ending, language):
    orders = pd.DataFrame({"order_id": [A, A], "line_no": [1, 2], "supplier": ["S"] * 2, "ordered_on": ["2026-01-05"] * 2,
                           "quantity": [5, 6], "received_on": ["2026-01-20", ""], "status": ["已收货", "open"]})  # fmt: skip
    if language == "zh":
        orders = orders.rename(columns={name: TABLES["orders"].column(name).zh[0] for name in orders})
    folder = tmp_path / "plain"
    folder.mkdir()
    path = folder / f"orders.{ending}"
    if ending == "csv":
        orders.to_csv(path, index=False)
    elif ending == "xlsx":
        orders.to_excel(path, index=False)
    else:
        orders.to_parquet(path)
    known = load_source(folder).known(pd.Timestamp("2026-01-31"))
    balanced(known)
    assert known.tables["orders"]["order_id"].tolist() == [A, A]
    assert known.tables["orders"]["status"].tolist() == ["received", "open"]
    assert load_source(folder).known(pd.Timestamp("2026-01-15")).tables["orders"]["status"].tolist() == ["open", "open"]


def test_files_in_folders_keep_their_path_and_facts(tmp_path):
    folder = tmp_path / "s"
    for part in ("a", "b"):
        (folder / part).mkdir(parents=True)
        text = f"order_id,supplier,ordered_on,quantity\n{part},S,2026-01-05,5\n{part},,2026-01-05,5\n"
        (folder / part / "orders.csv").write_text(text)
    source = load_source(folder)
    known = source.known(pd.Timestamp("2026-01-31"))
    balanced(known)
    assert (
        source.files["file"].tolist() == ["a/orders.csv", "b/orders.csv"]
        and source.files["sha256"].str.len().eq(64).all()
    )
    assert known.quarantine["file"].tolist() == ["a/orders.csv", "b/orders.csv"]


def test_a_file_nobody_knows_is_a_remark_beside_orders_and_an_error_alone(company):
    (company / "prices.csv").write_text("what,how much\nx,1\n")
    known = load_source(company).known(pd.Timestamp("2026-10-31"))
    assert known.remarks.set_index("code").loc["file_not_recognised", "file"] == "prices.csv"
    alone = company.parent / "alone"
    alone.mkdir()
    shutil.copy(company / "prices.csv", alone)
    with pytest.raises(
        SourceError, match=r"alone holds no orders and nothing before them: none of its files \(prices.csv\)"
    ):
        load_source(alone)


def test_missing_and_empty_folders(company, tmp_path):
    with pytest.raises(SourceError, match=r"no source compny in .*Sources there: company"):
        load_source(tmp_path / "compny")
    (tmp_path / "void").mkdir()
    with pytest.raises(SourceError, match="void holds no data file"):
        load_source(tmp_path / "void")


def test_a_damaged_file_stops_the_source_with_its_name(company):
    path = company / "订单_2026-10.xlsx"
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(SourceError, match=r"订单_2026-10\.xlsx is damaged"):
        load_source(company)


def test_unchanged_files_are_read_once(company):
    first = load_source(company)
    assert load_source(company) is first
    write_ledger(company / "采购台账.xlsx", {"orders": LEDGER["orders"].head(1)})
    assert load_source(company) is not first


def test_changing_a_table_does_not_change_the_source(company):
    source, day = load_source(company), pd.Timestamp("2026-10-31")
    orders = source.known(day).tables["orders"]
    orders["supplier"] = "somebody else"
    assert set(source.known(day).tables["orders"]["supplier"]) == {"甲厂"}


def test_single_files_are_checked_without_their_source(company):
    known = check_files([company / "采购台账.xlsx"])
    balanced(known)
    assert known.as_of == END_OF_TIME and known.quarantine.empty
    both = check_files([company / "采购台账.xlsx", company / "订单_2026-09.xlsx"])
    assert set(both.accounting["file"]) == {"采购台账.xlsx", "订单_2026-09.xlsx"}
    with pytest.raises(SourceError, match="does not exist"):
        check_files([company / "nothing.xlsx"])


def test_a_past_month_of_the_shipped_example_is_as_it_was_before_the_later_exports_came(tmp_path):
    then = tmp_path / "example"
    then.mkdir()
    for path in (DATA / "example").iterdir():
        if not re.search(r"2026-(0[6-9]|1\d)", path.name):
            shutil.copy(path, then)
    day = pd.Timestamp("2026-05-31")
    replayed, live = load_source(DATA / "example").known(day), load_source(then).known(day)
    balanced(replayed)
    for name, table in live.tables.items():
        pd.testing.assert_frame_equal(replayed.tables[name], table)
    pd.testing.assert_frame_equal(replayed.quarantine, live.quarantine)
    pd.testing.assert_frame_equal(replayed.remarks, live.remarks)
    counts = replayed.accounting[replayed.accounting["rows_in"] > 0].reset_index(drop=True)
    pd.testing.assert_frame_equal(counts, live.accounting)


def plain(folder, **tables):
    """A source of plain tables as text, `orders="..."`."""
    folder.mkdir(exist_ok=True)
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


SMALL = "order_id,supplier,ordered_on,quantity\n1,S,2026-01-05,5\n"


def test_headers_that_are_misspelt_or_stand_twice_are_told_of(tmp_path):
    text = "order_id,supplier,供应商,ordered_on,quantity,recieved_on\n1,S,T,2026-01-05,5,2026-01-09\n"
    known = load_source(plain(tmp_path / "s", orders=text)).known(pd.Timestamp("2026-01-31"))
    assert known.tables["orders"]["supplier"].tolist() == ["S"]
    told = worded_in_both(known.remarks).set_index("code")["reason"]
    assert (
        told["column_near"]
        == "The column recieved_on is not known and was not read, and a column received_on is missing."
    )
    assert "供应商 was not read: supplier means the same" in told["column_repeated"]


def test_a_table_of_headers_alone_is_told_of(tmp_path):
    folder = plain(tmp_path / "s", orders=SMALL, inspections="order_id,inspected_on,inspected,defective\n")
    remarks = load_source(folder).known(pd.Timestamp("2026-01-31")).remarks
    assert remarks[["file", "code"]].values.tolist() == [["inspections.csv", "no_rows"]]


def test_inspections_without_their_day_are_refused_as_a_whole_but_arrivals_need_none(tmp_path):
    folder = plain(tmp_path / "s", orders=SMALL, inspections="order_id,inspected,defective,验于\n1,5,0,2026-01-10\n")
    with pytest.raises(SourceError, match=r"inspections lacks the required columns inspected_on"):
        load_source(folder)
    plain(folder, inspections="order_id,received_on\n1,2026-01-10\n")
    known = load_source(folder).known(pd.Timestamp("2026-01-31"))
    balanced(known)
    assert known.tables["orders"]["received_on"].tolist() == [pd.Timestamp("2026-01-10")]


def test_a_list_with_a_column_of_suppliers_is_not_the_table_of_suppliers(tmp_path):
    folder = plain(tmp_path / "s", orders=SMALL, payments="供应商,发票号,金额\nS,77,12.5\n")
    known = load_source(folder).known(pd.Timestamp("2026-01-31"))
    assert known.tables["suppliers"].empty
    assert known.remarks[["file", "code"]].values.tolist() == [["payments.csv", "file_not_recognised"]]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_row_moved_by_an_open_delimiter_stops_the_file_and_quotes_nothing(tmp_path, mark):
    text = f"{SMALL}2,S, Nanjing Road 7,2026-01-06,6\n".replace(",", mark)
    with pytest.raises(SourceError, match=r"orders.csv, row 3 has 5 cells below 4 headers") as refused:
        load_source(plain(tmp_path / "s", orders=text))
    assert "Nanjing" not in str(refused.value)
    short = f"{SMALL},,,,,\n2,S,2026-01-06,6,\n".replace(",", mark)  # blank cells at the end move nothing
    assert len(load_source(plain(tmp_path / "t", orders=short)).known(pd.Timestamp("2026-01-31")).tables["orders"]) == 2


PRIVATE = ("收货人姓名", "收货地址", "联系手机", "买家留言", "代理商姓名", "运单号", "发票：纳税人识别号")


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_nothing_personal_leaves_the_reader_whatever_becomes_of_the_row(tmp_path, ending):
    rows = [
        *order(A, "已收货", "2026-09-03 10:00:00", "2026-09-03 11:00:00", ("X", 2.0, 10), ("Y", 1.0, 20)),
        *order(B, "已收货", "#####", "", ("X", 2.0, -5)),
        *order("4.35E+17", "已收货", "2026-09-03", "", ("X", 2.0, 5)),
    ]
    rows = [["", "甲厂", *rows[0][2:]], *rows]  # an orphan
    frame = pd.DataFrame(rows, columns=HEADERS).assign(**{name: f"CANARY {name}" for name in PRIVATE})
    folder = tmp_path / "s"
    folder.mkdir()
    file = folder / f"订单_2026-09.{ending}"
    frame.to_excel(file, index=False) if ending == "xlsx" else frame.to_csv(file, index=False)
    source = load_source(folder)
    known = source.known(END_OF_TIME)
    balanced(known)
    assert len(known.quarantine) == 3 and len(known.tables["orders"]) == 2
    shown = [*known.tables.values(), known.quarantine, known.remarks, known.accounting, source.files]
    assert "CANARY" not in "".join(table.to_csv() for table in shown)
    assert "CANARY" not in "".join(part.raw.frame.to_csv() for part in source.intake.parts)
    refused = frame.drop(columns="数量")
    refused.to_excel(file, index=False) if ending == "xlsx" else refused.to_csv(file, index=False)
    with pytest.raises(SourceError, match="数量") as error:
        load_source(folder)
    assert "CANARY" not in str(error.value)


JUNK = ["", "#####", "-5", 0, 1e308, 1e17, "nan", "=1+1", "2099-12-31", 46000, "１２", True, "\u202e1", "x" * 5000, "1e400", "1/0",
        "12件", "5/6/2026", "交易成功", "120%", "1.23E+17", None, A, B]  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
def test_whatever_stands_in_the_cells_every_row_is_accounted_for(company, seed):
    rng = random.Random(seed)
    for path in company.glob("[!~._]*.xlsx"):
        book = openpyxl.load_workbook(path)
        for page in book.worksheets:
            first = 2 if path.name.startswith("订单") else 3
            for _ in range(rng.choice([0, 2, 12]) if page.max_row >= first else 0):
                cell = page.cell(rng.randint(first, page.max_row), rng.randint(1, page.max_column))
                cell.value = rng.choice(JUNK)
        book.save(path)
    source = load_source(company)
    for day in ("2026-09-30", "2026-10-31", END_OF_TIME):
        known = source.known(pd.Timestamp(day))
        balanced(known)
        for table in known.tables.values():
            assert not (table.select_dtypes("number").fillna(0).abs() > 1e12).any(axis=None)


def test_a_past_month_of_the_shipped_example_is_as_if_the_later_rows_of_the_ledger_had_not_been_written(tmp_path):
    day = pd.Timestamp("2026-03-31")
    cut = tmp_path / "example"
    cut.mkdir()
    for path in (DATA / "example").iterdir():
        found = re.search(r"\d{4}-\d\d", path.name)
        if path.suffix == ".toml" or (found and found[0] <= "2026-03"):
            shutil.copy(path, cut)
    book = openpyxl.load_workbook(DATA / "example" / "采购台账.xlsx")
    for page in book.worksheets[1:]:
        cut_sheet(page, day)
    book.save(cut / "采购台账.xlsx")
    replayed, live = load_source(DATA / "example").known(day), load_source(cut).known(day)
    for name, table in live.tables.items():
        pd.testing.assert_frame_equal(replayed.tables[name], table)
    pd.testing.assert_frame_equal(replayed.quarantine, live.quarantine)
    pd.testing.assert_frame_equal(replayed.remarks, live.remarks)


LATER = ("付款日期", "发货日期", "到货日期", "回复时间")
OWN_DAY = ("下单日期", "报价日期", "询问时间", "结清日期", "登记日期", "月份")


def cut_sheet(page, day):
    """Blanks what nobody could have written by `day`: rows about later things, and later dates within earlier rows."""
    names = [str(cell.value or "").rstrip("*") for cell in page[2]]
    for cells in page.iter_rows(min_row=3):
        row = dict(zip(names, cells, strict=True))
        days = {
            name: pd.to_datetime(row[name].value, errors="coerce")
            for name in (*OWN_DAY, *LATER, "验货日期")
            if name in row
        }
        own = next((days[name] for name in OWN_DAY if name in days), pd.NaT)
        own = own + pd.offsets.MonthEnd(0) if "月份" in days else own
        arrived, inspected = days.get("到货日期", pd.NaT), days.get("验货日期", pd.NaT)
        unwritten = own >= day + pd.Timedelta(days=1)
        if page.title == "收货验货":
            unwritten = not (arrived <= day or inspected <= day or (pd.isna(arrived) and pd.isna(inspected)))
        for name, cell in row.items():
            told_later = name in LATER and days[name] >= day + pd.Timedelta(days=1)
            told_later |= name == "实收数量" and arrived >= day + pd.Timedelta(days=1)
            of_inspection = inspected > day and name not in ("订单编号", "行号", "批号", "到货日期")
            if unwritten or told_later or of_inspection:
                cell.value = None


def test_a_file_whose_name_is_no_text_is_told_of(tmp_path):
    path = tmp_path / os.fsdecode(b"orders_\xff.csv")
    path.write_text(SMALL)
    for read in (lambda: load_source(tmp_path), lambda: check_files([path])):
        with pytest.raises(SourceError, match=r"orders_\?\.csv holds signs that are no text"):
            read()
