"""Variants that plain lists tell in columns of their own: each is an article where an order or a price holds them apart."""

import pytest
from given_files import codes, read

HEAD = ["订单号", "供应商", "款号", "颜色分类", "尺码", "下单日期", "数量", "单价"]


def order(number, sku, colour, size, pieces, price=25):
    return [number, "Bao", sku, colour, size, "2026-03-02", pieces, price]


def skus(known, table="orders"):
    return known.tables[table]["sku"].tolist()


def test_variants_of_one_order_are_articles_in_every_list_that_tells_them(tmp_path):
    two, alone = [("dress", "红", size, pieces) for size, pieces in (("S", 10), ("M", 20))], ("dress", "红", "S", 5)
    orders = [HEAD, *(order("A1", *each) for each in two), order("A2", *alone)]
    looks = [
        ["订单号", "款号", "颜色", "尺码", "检验日期", "检验数量", "不良数量"],
        ["A1", "DRESS", "红", " M", "2026-03-20", 20, 3],
    ]
    sold = [
        ["款号", "颜色", "尺码", "月份", "销量"],
        ["dress", "红", "s", "2026-03", 4],
        ["dress", "红", "M", "2026-03", 9],
    ]
    known = read(tmp_path, orders=orders, inspections=looks, demand=sold)
    assert skus(known) == ["dress 红 S", "dress 红 M", "dress 红 S"]
    assert known.tables["inspections"][["line_no", "defective"]].to_numpy().tolist() == [[2, 3]]
    assert dict(zip(skus(known, "demand"), known.tables["demand"]["units"])) == {"dress 红 M": 9, "dress 红 S": 4}
    assert codes(known).count("variants_listed") == 3


@pytest.mark.parametrize(
    ("prices", "found"), [((8, 12), ["mug 300ml", "mug 500ml"]), ((8, 8.1), ["mug", "mug"]), ((8, ""), ["mug", "mug"])]
)
def test_variants_of_several_orders_are_articles_where_their_prices_clearly_differ(tmp_path, prices, found):
    head = ["订单号", "供应商", "品名", "规格", "下单日期", "数量", "单价"]
    rows = [
        ["A1", "Bao", "mug", "300ml", "2026-03-02", 10, prices[0]],
        ["A2", "Bao", "mug", "500ml", "2026-03-09", 10, prices[1]],
    ]
    assert skus(read(tmp_path, orders=[head, *rows])) == found


def test_colours_at_one_price_that_nobody_counts_apart_are_one_article(tmp_path):
    orders = [HEAD, order("A1", "dress", "红", "", 10), order("A1", "dress", "白", "", 20)]
    known = read(tmp_path, orders=orders, demand=[["款号", "月份", "销量"], ["dress", "2026-03", 9]])
    assert skus(known) == ["dress", "dress"] and "variants_are_one" in codes(known)


def test_offers_of_two_sizes_are_two_offers(tmp_path):
    head = ["供应商", "货号", "Size", "报价日期", "起订量", "单价"]
    rows = [["Bao", "tray", "大", "2026-03-02", 100, 8], ["Bao", "tray", "小", "2026-03-02", 100, 6]]
    known = read(tmp_path, quotes=[head, *rows])
    assert sorted(skus(known, "quotes")) == ["tray 大", "tray 小"] and known.quarantine.empty


def test_one_description_of_each_article_tells_no_variants(tmp_path):
    orders = [
        HEAD,
        order("A1", "dress", "红", "S", 10),
        order("A1", "shirt", "白", "M", 20),
        order("A2", "dress", "-", "", 5),
    ]
    assert skus(read(tmp_path, orders=orders)) == ["dress", "shirt", "dress"]
