"""A source as a whole: exports and a ledger together, plain tables, every file that may lie in a folder."""

import re
import shutil

import openpyxl
import pandas as pd
import pytest

from analysis.paths import DATA
from analysis.sources.as_of import END_OF_TIME
from analysis.sources.ledger import write_ledger
from analysis.sources.load import check_files, load_source
from analysis.sources.tables import TABLES
from analysis.wording import SourceError

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
    told = known.remarks.set_index("code").loc["ledger_differs"]
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
    refused = known.quarantine.set_index("code")
    assert refused.loc["order_not_known", "row"] == 7 and "unknown / 1" in refused.loc["order_not_known", "reason"]
    assert refused.loc["line_not_said", "table"] == "returns"


def test_all_tables_are_there_with_their_columns_and_types(company):
    known = load_source(company).known(pd.Timestamp("2026-10-31"))
    assert list(known.tables) == list(TABLES)
    for name, table in known.tables.items():
        assert list(table.columns) == TABLES[name].names()
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
    with pytest.raises(SourceError, match=r"alone holds no orders: none of its files \(prices.csv\)"):
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
