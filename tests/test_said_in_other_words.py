"""Freight, days, shares, prices and weeks as buyers say them, each in a word or form of its own."""

import pandas as pd
import pytest
from given_files import book, codes, read, refused
from openpyxl import Workbook

from analysis.decisions.offers.incoterms import read_freight_terms
from analysis.sources.load import check_files

ORDERS = ["订单号", "供应商", "货号", "下单日期", "数量", "单价"]
LINE = ["A1", "Bao", "cup", "2026-03-02", 40, 2.5]


@pytest.mark.parametrize(
    ("cell", "freight", "told"),
    [
        ("包郵", 0, []),
        ("賣家承擔", 0, []),
        ("首重8元续重3元", None, ["left_out"]),
        ("首重12/續重5", None, ["left_out"]),
    ],
)
def test_words_in_place_of_freight(tmp_path, cell, freight, told):
    known = read(tmp_path, orders=[[*ORDERS, "运费"], [*LINE, cell]])
    [found] = known.tables["orders"]["freight"]
    assert (found == freight if freight is not None else pd.isna(found)) and codes(known) == told


def test_freight_terms_in_traditional_characters_are_the_same():
    assert read_freight_terms("滿500元包郵") == read_freight_terms("满500元包邮") is not None
    assert read_freight_terms("首重10元/續重5元") is None


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("12", "2026-03-14"),
        (12, "2026-03-14"),
        ("12天", "2026-03-14"),
        (46100, "2026-03-19"),
        ("2026-03-19", "2026-03-19"),
    ],
)
def test_a_bare_number_where_a_promise_stands_is_one_of_days(tmp_path, cell, day):
    known = book(tmp_path / "采购.xlsx", 订单=[[*ORDERS, "交期"], [*LINE, cell]])
    assert f"{known.tables['orders']['promised_on'].iloc[0]:%Y-%m-%d}" == day
    assert codes(known) == (["days_bare"] if str(cell) == "12" else [])


@pytest.mark.parametrize(("price", "each"), [("18/100pcs", 0.18), ("240元/1000个", 0.24), ("¥5/10只", 0.5)])
def test_a_price_may_be_for_any_round_number_of_pieces(tmp_path, price, each):
    known = read(
        tmp_path, quotes=[["供应商", "货号", "报价日期", "起订量", "单价"], ["Bao", "cup", "2026-03-02", 100, price]]
    )
    assert known.tables["quotes"]["unit_price"].tolist() == pytest.approx([each])


@pytest.mark.parametrize(
    ("cells", "rates", "told"),
    [
        (("0.3%", "0.02"), (0.003, None), ["share_unclear"]),
        (("0.003", "0.02"), (0.003, 0.02), []),
        (("0.3%", "0.02%"), (0.003, 0.0002), []),
    ],
)
def test_a_rate_without_a_percent_sign_beside_one_with_it_is_nothing_that_is_known(tmp_path, cells, rates, told):
    rows = [[f"S{n}", cell] for n, cell in enumerate(cells)]
    known = read(tmp_path, suppliers=[["供应商", "近90天纠纷率"], *rows])
    found = known.tables["suppliers"]["dispute_rate_90d"]
    assert [None if pd.isna(rate) else pytest.approx(rate) for rate in found] == [*rates] and codes(known) == told


@pytest.mark.parametrize(
    ("head", "weeks", "months"),
    [
        ("周次", ["2026-W09", "2026-W10", "2026-W13", "2026-W14"], {"2026-02": 1, "2026-03": 6, "2026-04": 8}),
        ("Week", ["2026-02-23~2026-03-01", "2026-03-02 - 2026-03-08"], {"2026-02": 1, "2026-03": 2}),
        ("周", ["2026年第5周", "2026年第6周"], {"2026-01": 1, "2026-02": 2}),
    ],
)  # fmt: skip
def test_sales_by_the_week_are_those_of_the_month_that_holds_most_of_it(tmp_path, head, weeks, months):
    """1, 2, 4, 8 pieces from week to week; ISO 8601 counts a week to the year of its Thursday, and so is it to a month."""
    assert pd.Timestamp("2026-01-29").isocalendar()[:2] == (2026, 5)
    known = read(tmp_path, demand=[["货号", head, "销量"], *(["cup", week, 2**n] for n, week in enumerate(weeks))])
    sold = known.tables["demand"]
    by_month = dict(zip(sold["month"].dt.strftime("%Y-%m"), sold["units"]))
    assert by_month == months and "demand_by_week" in codes(known)


def test_a_week_of_no_year_is_refused_and_one_in_the_files_name_is_read(tmp_path):
    rows = [["货号", "周次", "销量"], ["cup", "第10周", 3]]
    assert refused(read(tmp_path, 销量=rows)) == {2: "not_a_date"}
    assert read(tmp_path, 销量2026=rows).tables["demand"]["month"].dt.month.tolist() == [3]


@pytest.mark.parametrize("headers", [("数量", "采购数量"), ("采购数量", "数量"), ("数量", "数量")])
def test_of_two_columns_of_one_meaning_a_hidden_one_is_not_read(tmp_path, headers):
    made = Workbook()
    page = made.active
    page.title = "订单"
    page.append([*ORDERS[:4], *headers, "单价"])
    page.append([*LINE[:4], 7, 40, 2.5])
    page.column_dimensions["E"].hidden = True
    made.save(tmp_path / "采购.xlsx")
    known = check_files([tmp_path / "采购.xlsx"])
    assert known.tables["orders"]["quantity"].tolist() == [40] and codes(known) == ["column_repeated"]


def test_a_hidden_column_alone_is_read(tmp_path):
    made = Workbook()
    made.active.title = "订单"
    made.active.append(ORDERS)
    made.active.append(LINE)
    made.active.column_dimensions["E"].hidden = True
    made.save(tmp_path / "采购.xlsx")
    assert check_files([tmp_path / "采购.xlsx"]).tables["orders"]["quantity"].tolist() == [40]


@pytest.mark.parametrize("name", ["库存_20260331", "库存2026-03-31", "库存 2026年3月"])
def test_a_list_of_one_day_may_tell_it_by_its_name(tmp_path, name):
    known = read(tmp_path, **{name: [["货号", "库存数量"], ["cup", 40]]})
    assert known.tables["stock_counts"]["counted_on"].dt.strftime("%m-%d").tolist() == ["03-31"]
    assert codes(known) == ["day_of_list"]


def test_stock_of_no_day_at_all_is_not_read(tmp_path):
    known = read(tmp_path, 库存=[["货号", "库存数量"], ["cup", 40]])
    assert known.tables["stock_counts"].empty and known.remarks["code"].tolist() != []


@pytest.mark.parametrize("head", [("销售日期", "数量"), ("出库时间", "数量"), ("Sale date", "Qty")])
def test_pieces_beside_a_day_of_sale_are_sold(tmp_path, head):
    rows = [["2026-03-02", "cup", 2], ["2026-03-20", "cup", 3]]
    known = read(tmp_path, 流水=[[head[0], "货号", head[1]], *rows])
    assert known.tables["demand"]["units"].tolist() == [5] and "column_instead" not in codes(known)


def test_pieces_beside_any_day_are_nobodys(tmp_path):
    known = read(tmp_path, 流水=[["日期", "货号", "数量"], ["2026-03-02", "cup", 2]])
    assert known.tables["demand"].empty and known.tables["orders"].empty


@pytest.mark.parametrize(("unit", "pieces"), [("EA", 10), ("Each", 10), ("DOZ", 120), ("CTN", None)])
@pytest.mark.parametrize("header", ["UOM", "主计量单位"])
def test_an_erp_systems_unit_is_a_unit(tmp_path, header, unit, pieces):
    known = read(tmp_path, orders=[[*ORDERS[:4], "数量", header], [*LINE[:4], 10, unit]])
    assert known.tables["orders"]["quantity"].tolist() == ([pieces] if pieces else [])
    assert refused(known) == ({} if pieces else {2: "unit_unknown"})


@pytest.mark.parametrize(("header", "cell"), [("金额(万元)", "0.5"), ("含税金额", "5000"), ("价税合计", "5,000.00")])
def test_a_total_may_be_in_ten_thousands_or_called_one_with_tax(tmp_path, header, cell):
    known = read(tmp_path, orders=[[*ORDERS[:5], header], [*LINE[:5], cell]])
    assert known.tables["orders"]["goods_amount"].tolist() == [5000]


@pytest.mark.parametrize(
    ("text", "encoding"), [("供應商：義烏晨星日用品廠", "big5"), ("义乌晨星日用品厂", "gb18030"), ("Café Señor Müller", "cp1252")]
)  # fmt: skip
def test_a_list_of_another_encoding_is_read(tmp_path, text, encoding):
    head = "訂單號,供應商,貨號,下單日期,數量" if encoding == "big5" else "PO no,Vendor,SKU,Order date,Qty"
    (tmp_path / "orders.csv").write_bytes(f"{head}\nA1,{text},cup,2026-03-02,40\n".encode(encoding))
    assert check_files([tmp_path / "orders.csv"]).tables["orders"]["supplier"].tolist() == [text]


def test_parcels_that_name_no_order_are_of_the_only_line_they_can_be_of(tmp_path):
    bought = [
        ["采购日期", "供应商", "货号", "数量"],
        ["2026-03-02", "Bao", "cup", 40],
        ["2026-03-09", "Bao", "cup", 40],
    ]
    came = [
        ["到货日期", "供应商", "货号", "到货数量"],
        ["2026-03-05", "Bao", "cup", 30],
        ["2026-03-12", "Bao", "cup", 10],
    ]
    known = read(tmp_path, 采购=bought, 到货=came)
    assert known.tables["orders"]["received_quantity"].tolist() == [30, 0]
    assert refused(known) == {3: "order_not_found"} and "order_of_parcel" in codes(known)
