"""What numbers are of, as people write it beside them: cartons with their contents, prices for a hundred, prices with and without tax,
months without a year, days until a promise."""

import pandas as pd
import pytest
from given_files import codes, read, refused
from test_cases_identity import export, line, order

from analysis.sources.load import END_OF_TIME, load_source

ORDER = ["order_id", "supplier", "sku", "ordered_on", "quantity", "unit", "unit_price", "goods_amount"]


@pytest.mark.parametrize(
    ("quantity", "unit", "each", "price", "goods", "found"),
    [
        (4, "箱", 24, 48, 192, (96, 2.0)), (4, "箱", 24, 2, 192, (96, 2.0)), (4, "ctn", 24, 48, "", (96, 2.0)), ("4箱", "", 24, 48, 192, (96, 2.0)),
        (96, "个", 24, 2, 192, (96, 2.0)), (96, "", 24, 2, 192, (96, 2.0)), (4, "打", 24, 24, 96, (48, 2.0)), (4, "箱(12)", 24, 24, 96, (48, 2.0)), (4, "箱", "", 48, 192, None),
    ],
)  # fmt: skip
@pytest.mark.parametrize("header", ["装箱数", "每箱件数", "Pcs per carton"])
def test_a_column_tells_what_a_carton_holds(tmp_path, header, quantity, unit, each, price, goods, found):
    row = ["A1", "Bao", "cup", "2026-03-02", quantity, unit, price, goods, each]
    orders = read(tmp_path, orders=([*ORDER, header], row)).tables["orders"]
    assert [*zip(orders["quantity"], orders["unit_price"])] == ([pytest.approx(found)] if found else [])


@pytest.mark.parametrize(
    ("price", "found"),
    [("18元/百只", 0.18), ("180/千件", 0.18), ("1800每万个", 0.18), ("18/百斤", None)],
)
def test_a_price_may_be_for_a_hundred_pieces(tmp_path, price, found):
    orders = read(tmp_path, orders=(ORDER, ["A1", "Bao", "cup", "2026-03-02", 500, "", price, ""])).tables["orders"]
    assert orders["unit_price"].tolist() == ([pytest.approx(found)] if found else [])


QUOTE = ["supplier", "sku", "quoted_on", "min_quantity"]


@pytest.mark.parametrize("heads", [("含税单价", "未税单价"), ("不含税价", "含税价"), ("单价(含13%税)", "单价(不含税)")])
@pytest.mark.parametrize("filler", [[], [""] * 3])
def test_each_offer_has_its_price_with_tax_or_else_without(tmp_path, heads, filler):
    """Also in a text whose rows differ in length."""
    net_first = heads[0].startswith("不")
    pairs = [(2.26, 2.0), ("", 2.0), (2.26, "")]
    rows = [
        ["Bao", f"cup{n}", "2026-03-02", 100, *(pair[::-1] if net_first else pair), *filler[:n]]
        for n, pair in enumerate(pairs)
    ]
    quotes = (known := read(tmp_path, quotes=([*QUOTE, *heads], *rows))).tables["quotes"].sort_values("sku")
    assert [*zip(quotes["unit_price"], quotes["tax_included"])] == [(2.26, True), (2.0, False), (2.26, True)]
    assert codes(known) == ["column_with_tax"] and known.quarantine.empty


MONTHS = ["货号", "9月", "10月", "11月份"]


@pytest.mark.parametrize(
    ("name", "head", "found"),
    [
        ("月需求2025", MONTHS, ["2025-09", "2025-10", "2025-11"]), ("销量 2025年", ["SKU", "Sep", "Oct", "November"], ["2025-09", "2025-10", "2025-11"]),
        ("2025销售表", ["货号", "九月", "十月", "十一月"], ["2025-09", "2025-10", "2025-11"]), ("月需求", MONTHS, []), ("销量2025-2026", MONTHS, []),
        ("销量2025", ["货号", "11月", "12月", "1月"], []),
    ],
)  # fmt: skip
def test_months_for_columns_are_of_the_year_in_the_name(tmp_path, name, head, found):
    try:
        demand = read(tmp_path, **{name: (head, ["cup", 5, 6, 7])}).tables["demand"]
    except Exception as error:
        assert not found and "month" in str(error)
        return
    assert [f"{month:%Y-%m}" for month in demand["month"]] == found
    assert demand["units"].tolist() == ([5, 6, 7] if found else [])


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("20天", "03-22"),
        ("两周", "03-16"),
        ("下单后10天内", None),
        ("1个月", "04-02"),
        ("7-10天", "03-12"),
        ("5个工作日", "03-09"),
        ("15", "03-17"),
        ("15日", None),
        ("2026-03-18", "03-18"),
    ],
)
def test_a_promise_may_be_so_long_after_the_order(tmp_path, cell, day):
    head, row = (
        ["order_id", "supplier", "sku", "ordered_on", "quantity", "约定交期"],
        ["A1", "Bao", "cup", "2026-03-02", 10, cell],
    )
    [promised] = read(tmp_path, orders=(head, row)).tables["orders"]["promised_on"]
    assert (f"{promised:%m-%d}" if pd.notna(promised) else None) == day


@pytest.mark.parametrize(
    ("cell", "days"), [("一周", 7), ("两周", 14), ("三周", 21), ("一个月", 30), ("十天", 10), ("两三周", None)]
)
def test_a_lead_time_may_be_told_in_words(tmp_path, cell, days):
    known = read(tmp_path, quotes=([*QUOTE, "unit_price", "交期"], ["Bao", "cup", "2026-03-02", 1, 3, cell]))
    [found] = known.tables["quotes"]["lead_time_days"]
    assert found == days if days else pd.isna(found)


@pytest.mark.parametrize(
    ("cell", "units", "code"),
    [("约60", 60, "said_roughly"), ("60左右", 60, "said_roughly"), ("不少", None, None), (60, 60, None)],
)
def test_sales_may_be_told_roughly(tmp_path, cell, units, code):
    known = read(tmp_path, demand=(["sku", "month", "units"], ["cup", "2026-03", cell], ["pan", "2026-03", 5]))
    assert known.tables["demand"]["units"].tolist() == ([units, 5] if units else [5])
    assert codes(known) == ([code] if code else []) and known.quarantine["code"].tolist() == (
        [] if units else ["not_a_number"]
    )


@pytest.mark.parametrize(("word", "found"), [("无", 0), ("全部合格", 0), ("None", 0), ("不详", None)])
def test_a_word_says_that_nothing_was_defective(tmp_path, word, found):
    head = ["order_id", "inspected_on", "inspected", "defective"]
    known = read(tmp_path, inspections=(head, ["A1", "2026-03-14", 40, word]))
    assert known.tables["inspections"]["defective"].tolist() == ([] if found is None else [found])
    assert codes(known) == ([] if found is None else ["none_defective"])


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("待卖家发货", "open"),
        ("备货中", "open"),
        ("已结单", "unknown"),
        ("已完结", "unknown"),
        ("Fulfilled", "unknown"),
    ],
)
def test_further_states_are_known(tmp_path, word, status):
    known = read(tmp_path, orders=([*ORDER, "status"], ["A1", "Bao", "cup", "2026-03-02", 10, "", 2, "", word]))
    assert known.tables["orders"]["status"].tolist() == [status] and codes(known) == []


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("已發貨", "open"), ("交易關閉", "cancelled"), ("已簽收", "unknown"), ("待發貨/備貨中", "open"), ("Paid, in production", "open"),
        ("Shipped — on the way", "open"), ("已完成，已入库", "unknown"), ("訂單已取消", "cancelled"), ("待支付", "unpaid"), ("交易成功(待评价)", "unknown"), ("备货中-待发货", "open"), ("已签收（驿站）", None), ("已拍下，已付款", None), ("已发货，已取消", None),
    ],
)  # fmt: skip
def test_several_words_that_mean_one_thing_are_that(tmp_path, word, status):
    """Words that mean several are told, and the line stays open."""
    known = read(tmp_path, orders=([*ORDER, "status"], ["A1", "Bao", "cup", "2026-03-02", 10, "", 2, "", word]))
    assert known.tables["orders"]["status"].tolist() == [status or "open"]
    assert codes(known) == ([] if status else ["status_not_known"])


@pytest.mark.parametrize(
    ("total", "told"), [("240.00", ["price_by_total"]), ("241.00", ["goods_amount_differs", "price_by_total"])]
)
def test_a_total_that_the_units_explain_is_not_odd(tmp_path, total, told):
    """4 boxes of 30 at 2.00 a piece."""
    cells = {"货品总价(元)": total, "实付款(元)": total, "数量": "4", "单位": "盒(30个)", "货号": "CUP"}
    export(tmp_path, "1688订单_2026-03.xlsx", [order("1", "甲厂", **cells)])
    known = load_source(tmp_path.resolve()).known(END_OF_TIME)
    [bought] = known.tables["orders"].to_dict("records")
    assert (bought["quantity"], bought["unit_price"]) == (120, 2.0) and sorted(codes(known)) == told


def test_a_deposit_in_an_export_is_no_article(tmp_path):
    """定金链接 and 补差价: the first is set apart, the second freight; goods called 样品 stay goods."""
    cells = {
        "货品总价(元)": "165.00",
        "运费(元)": "0.00",
        "实付款(元)": "165.00",
        "货品标题": "样品杯",
        "数量": "20",
        "Offer ID": "61",
    }
    links = [
        line(**{"货品标题": name, "单价(元)": "1.00", "数量": number, "Offer ID": "62"})
        for name, number in (("定金链接 专拍", "100"), ("补差价 拍几件补几元", "25"))
    ]
    export(tmp_path, "1688订单_2026-03.xlsx", [order("1", "甲厂", **cells), *links])
    known = load_source(tmp_path.resolve()).known(END_OF_TIME)
    [bought] = known.tables["orders"].to_dict("records")
    assert (bought["sku"], bought["goods_amount"], bought["freight"]) == ("61", 40, 25)
    assert known.quarantine["code"].tolist() == ["charge_line", "freight_line"]


@pytest.mark.parametrize(
    ("head", "row", "found"),
    [
        (["数量", "单位", "单价"], [3, "百个", 12], (300, 0.12)),
        (["数量", "单位", "单价"], [2, "千只", 45], (2000, 0.045)),
        (["箱数", "单箱数量", "总件数", "单价"], [3, 40, 120, 1.5], (120, 1.5)),
        (["Ctns", "Pcs/ctn", "Total qty", "Unit price"], [3, 40, 120, 1.5], (120, 1.5)),
        (["Qty(ctn)", "Qty/ctn", "Price(ctn)"], [3, 40, 60], (120, 1.5)),
        (["数量", "单位", "装箱规格", "单价"], [3, "箱", "40个/箱", 60], (120, 1.5)),
        (["数量", "单位", "包装规格", "单价"], [120, "个", "40个/箱", 1.5], (120, 1.5)),
        (["数量", "单位", "包装规格", "单价"], [3, "箱", "", 60], None),
    ],
)
def test_what_cartons_hold_and_all_pieces_may_be_told_beside_them(tmp_path, head, row, found):
    orders = (["订单号", "供应商", "货号", "下单日期", *head], ["A1", "Bao", "pin", "2026-03-02", *row])
    bought = read(tmp_path, orders=orders).tables["orders"][["quantity", "unit_price"]].to_numpy().tolist()
    assert bought == ([] if found is None else [pytest.approx(found)])


def test_the_year_of_a_month_stands_beside_it_or_in_the_name(tmp_path):
    """Of a list of two years no name tells it."""

    def months(**tables):
        return sorted(f"{month:%Y-%m}" for month in read(tmp_path, **tables).tables["demand"]["month"])

    head = ["货号", "月份", "销量"]
    beside = ["货号", "年度", "月份", "销量"]
    assert months(demand=(beside, ["cup", 2025, 11, 5], ["cup", "2026年", "1月", 6])) == ["2025-11", "2026-01"]
    bare = (head, ["cup", "3月", 5], ["pan", "三月", 2], ["cup", "4", 6])
    assert months(月需求2025=bare) == ["2025-03", "2025-03", "2025-04"]
    assert set(refused(read(tmp_path, 月需求2025至2026=bare)).values()) == {"not_a_date"}


def test_what_left_the_stock_by_the_day_is_demand(tmp_path):
    left = (
        ["出库日期", "商品编码", "出库数量"],
        ["2026-05-03", "cup", 4],
        ["2026-05-19", "cup", 5],
        ["2026-06-02", "cup", 1],
    )
    assert read(tmp_path, 出库记录=left).tables["demand"]["units"].tolist() == [9, 1]
