"""Rows that share what is written once: merged cells, an order's number above its lines, a lot's pieces above its reasons; and rows
that are no article at all."""

import pandas as pd
import pytest
from given_files import read, refused
from openpyxl import Workbook

from analysis.sources.load import check_files

HEAD = ["订单号", "供应商", "货号", "下单日期", "数量", "单价", "运费", "状态"]
LINES = [["A1", "Bao", "cup", "2026-03-02", 40, 2.5, 8, "已发货"], [None, None, "pan", None, 30, 2, None, None], ["A2", "Bao", "lid", "2026-03-05", 10, 1, 0, ""]]  # fmt: skip


@pytest.mark.parametrize("merged", ["A2:A3 B2:B3 D2:D3 G2:G3 H2:H3", "A2:A3 B2:B3 D2:D3", ""])
def test_a_further_line_is_of_the_order_above_it(tmp_path, merged):
    """Its freight is written once, for both; the state only where its cells are merged."""
    book = Workbook()
    for row in [HEAD, *LINES]:
        book.active.append(row)
    for area in merged.split():
        book.active.merge_cells(area)
    book.save(tmp_path / "orders.xlsx")
    known = check_files([tmp_path / "orders.xlsx"])
    orders = known.tables["orders"].set_index("sku")
    assert orders.loc["pan", ["order_id", "supplier", "quantity"]].tolist() == ["A1", "Bao", 30]
    assert f"{orders.loc['pan', 'ordered_on']:%m-%d}" == "03-02"
    assert orders["freight"].fillna(0).sum() == 8 and refused(known) == {}
    assert ("cells_merged" in set(known.remarks["code"])) == bool(merged)
    assert ("order_above" in set(known.remarks["code"])) == (not merged)


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (["", "", "pan", "", 30, 2, "", ""], ["A1", "A1", "A2"]),
        (["", "", "", "", 30, 2, "", ""], ["A1", "A2"]),
        (["", "Hui", "pan", "", 30, 2, "", ""], ["A1", "A2"]),
        (["", "", "pan", "2026-03-03", 30, 2, "", ""], ["A1", "A2"]),
    ],
)
def test_a_line_that_says_anything_of_its_order_has_lost_its_number(tmp_path, row, found):
    known = read(tmp_path, orders=(HEAD, LINES[0], row, LINES[2]))
    assert known.tables["orders"]["order_id"].tolist() == found


def test_a_line_below_one_that_lost_its_number_is_lost_with_it(tmp_path):
    lost = ["", "Hui", "pan", "2026-03-03", 30, 2, "", ""]
    known = read(tmp_path, orders=(HEAD, LINES[0], lost, ["", "", "mug", "", 5, 2, "", ""]))
    assert known.tables["orders"]["sku"].tolist() == ["cup"] and set(refused(known)) == {3, 4}


LOOK = ["订单号", "验货日期", "检验数量", "缺陷现象", "不良数量"]


@pytest.mark.parametrize(
    ("rows", "found", "gone"),
    [
        ([["A1", "2026-03-20", 80, "划痕", 3], ["A1", "2026-03-20", "", "色差", 2], ["A1", "2026-03-20", "", "毛边", 1]], (80, 6), []),
        ([["A1", "2026-03-20", 80, "划痕", 3], ["A1", "2026-03-21", "", "色差", 2]], (80, 3), [3]),
        ([["A1", "2026-03-20", 80, "划痕", 3], ["A1", "2026-03-20", "", "划痕", 2]], (80, 3), [3]),
    ],
)  # fmt: skip
def test_a_further_reason_is_of_the_lot_above(tmp_path, rows, found, gone):
    known = read(tmp_path, inspections=(LOOK, *rows))
    [look] = known.tables["inspections"].to_dict("records")
    assert (look["inspected"], look["defective"]) == found and sorted(refused(known)) == gone


CHARGES = [
    ("订金", 1, 50), ("尾款专拍链接", 1, 300), ("样品费", 30, 1), ("补差价 差几元拍几件", 1, 25), ("付款定金 勿拍", 1, 60), ("Sample fee", 20, 1), ("Deposit link", 1, 90),
]  # fmt: skip


@pytest.mark.parametrize(("name", "price", "number"), CHARGES)
def test_a_payment_among_the_lines_is_no_article(tmp_path, name, price, number):
    """Only what may be freight counts as such."""
    head = [*HEAD[:7], "实付款"]
    rows = [
        ["A1", "Bao", "cup", "2026-03-02", 40, 2.5, 8, 108],
        ["A1", "Bao", name, "2026-03-02", number, price, "", ""],
    ]
    known = read(tmp_path, orders=(head, *rows))
    assert known.tables["orders"]["sku"].tolist() == ["cup"]
    freight = name.startswith("补差价")
    assert known.tables["orders"]["freight"].tolist() == [8 + 25 * freight]
    assert refused(known) == {3: "freight_line" if freight else "charge_line"}


@pytest.mark.parametrize("name", ["样品盒", "定金杯", "差价杯", "一件套", "押金石", "Deposit box", "样品费用登记本"])
def test_goods_with_such_a_word_in_their_name_are_goods(tmp_path, name):
    known = read(tmp_path, orders=(HEAD, ["A1", "Bao", name, "2026-03-02", 40, 2.5, 8, ""]))
    assert known.tables["orders"]["sku"].tolist() == [name] and refused(known) == {}


@pytest.mark.parametrize("name", ["全部商品", "所有SKU", "all", "ALL ITEMS", "总", "全部", "整体"])
def test_a_row_about_all_articles_is_no_article(tmp_path, name):
    demand = (["货号", "月份", "销量"], ["cup", "2026-03", 9], ["pan", "2026-03", 4], [name, "2026-03", 13])
    stock = (["SKU", "盘点日期", "库存"], [name, "2026-03-31", 50], ["cup", "2026-03-31", 20])
    known = read(tmp_path, demand=demand, stock_counts=stock)
    assert [sorted(known.tables[table]["sku"]) for table in ("demand", "stock_counts")] == [["cup", "pan"], ["cup"]]
    assert set(known.quarantine["code"]) == {"totals_row"}


def test_all_shops_and_names_with_such_a_word_stay(tmp_path):
    demand = (["渠道", "货号", "月份", "销量"], ["全部", "cup", "2026-03", 9], ["全部", "总装件", "2026-03", 4])
    known = read(tmp_path, demand=demand)
    assert sorted(known.tables["demand"]["sku"]) == ["cup", "总装件"]
    assert pd.notna(known.tables["demand"]["units"]).all() and refused(known) == {}
