"""Headers that a careful colleague would understand: each of a list as people write it, and those that may mean two things."""

import csv

import pytest
from given_files import codes

from analysis.errors import SourceError
from analysis.sources.load import check_files
from analysis.sources.tables import TABLES


def read(folder, name, head, *rows):
    """What one list holds: its table and all that was told."""
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([head, *rows])
    return check_files([folder / f"{name}.csv"])


HEADS = [
    ["合同编号", "制造商", "货品编码", "下单日", "采购件数", "进货单价", "约定到货日期", "实际到货日", "入库量", "商品分类"],
    ["P.O. No.", "Manufacturer", "Item No.", "Date", "Order Quantity", "Unit Cost", "Expected date", "Actual arrival date", "Rcvd Qty", "分类"],
    ["采购单编号", "店铺名称", "SKU No.", "日期", "件数", "成交价", "承诺交期", "收货时间", "已到数量", "产品分类"],
    ["P/O No.", "供应商名", "SKU号", "PO date", "Pcs", "拿货价", "预计到货时间", "签收时间", "实收", "货品类别"],
    ["订单编码", "商家", "存货编码", "订货时间", "购买数量", "成本价", "要求交货日期", "入库时间", "到货数", "分类"],
]  # fmt: skip


@pytest.mark.parametrize("head", HEADS)
def test_a_list_of_orders_is_read_by_any_words_for_its_columns(tmp_path, head):
    row = ["A1", "Bao", "cup", "2026-03-02", 40, 2.5, "2026-03-12", "2026-03-14", 40, "杯"]
    known = read(tmp_path, "list", head, row)
    [line] = known.tables["orders"].to_dict("records")
    days = [f"{line[name]:%m-%d}" for name in ("ordered_on", "promised_on", "received_on")]
    assert days == ["03-02", "03-12", "03-14"] and (line["order_id"], line["supplier"], line["sku"]) == (
        "A1",
        "Bao",
        "cup",
    )
    assert (line["quantity"], line["unit_price"], line["received_quantity"], line["category"]) == (40, 2.5, 40, "杯")
    assert codes(known) == []


@pytest.mark.parametrize("header", ["约定到货", "承诺到货日", "要求交货日", "预计交货", "约定交货日期"])
def test_a_promised_day_is_known_with_and_without_the_word_for_a_day(tmp_path, header):
    """What came stands in a column of its own, in few words: 到货日."""
    row = ["A1", "Bao", "cup", "2026-03-02", 40, 2.5, "2026-03-12", "2026-03-14"]
    known = read(tmp_path, "list", [*ORDERS, header, "到货日期"], row)
    [line] = known.tables["orders"].to_dict("records")
    assert [f"{line[name]:%m-%d}" for name in ("promised_on", "received_on")] == ["03-12", "03-14"] and codes(
        known
    ) == []


@pytest.mark.parametrize("header", ["用量", "月消耗量", "使用量", "Usage"])
def test_what_a_house_uses_itself_is_its_demand(tmp_path, header):
    """A café or a workshop sells no cups: it uses them up."""
    known = read(tmp_path, "月用量", ["货号", "月份", header], ["cup", "2026-03", 1900], ["lid", "2026-03", 1800])
    assert known.tables["demand"]["units"].tolist() == [1900, 1800] and codes(known) == []


ORDERS = ["订单号", "供应商", "货号", "下单日期", "数量", "单价"]


@pytest.mark.parametrize(
    ("header", "cells", "goods", "told"),
    [
        ("采购金额", [100, 60], [100, 60], None), ("Line total", ["¥100.00", "60元"], [100, 60], None), ("小计(元)", [100, 60], [100, 60], None),
        ("总金额", [168, 168], [100, 60], "total_of_order"), ("订单金额", [160, ""], [100, 60], "total_of_order"),
        ("Amount", [108, 60], [100, 60], "total_with_freight"), ("合计金额", [100, 75], [100, 75], "goods_not_as_priced"),
    ],
)  # fmt: skip
def test_a_total_is_that_of_the_goods_whatever_is_in_it(tmp_path, header, cells, goods, told):
    """40 at 2.50 with 8 of freight, and 30 at 2.00."""
    rows = [
        ["A1", "Bao", "cup", "2026-03-02", 40, 2.5, 8, cells[0]],
        ["A1", "Bao", "pan", "2026-03-02", 30, 2, "", cells[1]],
    ]
    known = read(tmp_path, "orders", [*ORDERS, "运费", header], *rows)
    assert known.tables["orders"].sort_values("sku")["goods_amount"].tolist() == goods
    assert codes(known) == ([told] if told else [])


def test_a_total_stands_for_goods_that_are_not_told_elsewhere(tmp_path):
    rows = [["A1", "Bao", "cup", "2026-03-02", 40, 2.5, "", 100], ["A2", "Bao", "cup", "2026-03-02", 40, 2.5, 90, 98]]
    known = read(tmp_path, "orders", [*ORDERS, "货款", "总价"], *rows)
    assert known.tables["orders"]["goods_amount"].tolist() == [100, 90]


@pytest.mark.parametrize(
    ("header", "cells", "name"),
    [
        ("Paid", ["yes", "no"], None), ("Paid", ["100", ""], "paid_amount"), ("已付款金额", ["100", "-"], "paid_amount"), ("实际支付", ["100", ""], "paid_amount"),
        ("优惠", ["满减活动", ""], None), ("减免金额", ["5", ""], "discount"), ("优惠(元)", ["5", ""], "discount"), ("折扣金额", ["5", ""], "discount"),
    ],
)  # fmt: skip
def test_a_header_of_numbers_or_words_is_what_stands_below_it(tmp_path, header, cells, name):
    rows = [[f"A{n}", "Bao", "cup", "2026-03-02", 40, 2.5, cell] for n, cell in enumerate(cells)]
    known = read(tmp_path, "orders", [*ORDERS, header], *rows)
    assert len(known.tables["orders"]) == 2
    if name:
        assert known.tables["orders"][name].iloc[0] == float(cells[0]) and "column_ignored" not in codes(known)
    else:
        assert codes(known) == ["column_ignored"]


@pytest.mark.parametrize(("beside", "name"), [("到货日期", "promised_on"), ("约定交期", "received_on"), ("运费", None)])
@pytest.mark.parametrize("header", ["Delivery date", "交货时间"])
def test_a_day_of_delivery_is_what_the_other_column_leaves(tmp_path, header, beside, name):
    row = ["A1", "Bao", "cup", "2026-03-02", 40, 2.5, "2026-03-20" if name else 8, "2026-03-14"]
    known = read(tmp_path, "orders", [*ORDERS, beside, header], row)
    assert codes(known)[0] in (["column_decided"] if name else ["column_ignored", "column_near"])
    days = known.tables["orders"].iloc[0][["promised_on", "received_on"]].dropna()
    assert {column: f"{day:%m-%d}" for column, day in days.items()}.get(name) == ("03-14" if name else None)


OTHERS = [
    ("returns", ["订单编码", "退回数量", "退款日期"], ["A1", 3, "2026-03-20"], "returned", 3),
    ("demand", ["货品编号", "年月", "销售量"], ["cup", "2026-03", 90], "units", 90),
    ("demand", ["SKU No", "日期", "Quantity sold"], ["cup", "2026-03", 90], "units", 90),
    ("stock_counts", ["存货编号", "Date", "期末结存"], ["cup", "2026-03-31", 12], "on_hand", 12),
    ("quotes", ["供应商名", "货号", "日期", "最低订购量", "单价", "货期"], ["Bao", "cup", "2026-03-31", 100, 2, "7天"], "min_quantity", 100),
    ("quotes", ["供应商名", "货号", "报价日", "最低起订量", "单价", "交货周期"], ["Bao", "cup", "2026-03-31", 100, 2, 7], "lead_time_days", 7),
    ("receipts", ["PO No.", "日期", "本次入库数量"], ["A1", "2026-03-14", 12], "received_quantity", 12),
    ("inspections", ["P/O No", "检验时间", "抽样数", "不合格"], ["A1", "2026-03-14", 50, 2], "defective", 2),
    ("inspections", ["P/O No", "Date", "Sampled qty", "Rejected"], ["A1", "2026-03-14", 50, 2], "inspected", 50),
]  # fmt: skip


@pytest.mark.parametrize(("table", "head", "row", "name", "value"), OTHERS)
def test_other_lists_are_read_by_any_words_for_their_columns(tmp_path, table, head, row, name, value):
    known = (
        read(tmp_path, "list", head, row) if table not in ("returns", "receipts") else read(tmp_path, table, head, row)
    )
    assert known.tables[table][name].tolist() == [value] and codes(known) == []


@pytest.mark.parametrize("name", ["3月入库单", "销售出库", "goods receipts March"])
def test_a_list_of_something_else_with_any_day_is_no_list_of_orders(tmp_path, name):
    head, row = ["单号", "供应商", "货号", "日期", "数量", "单价"], ["A1", "Bao", "cup", "2026-03-02", 40, 2.5]
    assert read(tmp_path, name, head, row).tables["orders"].empty
    assert len(read(tmp_path, "3月明细", head, row).tables["orders"]) == 1


@pytest.mark.parametrize(
    ("head", "row", "found", "told"),
    [
        (["送检数量", "合格数", "不合格数"], [60, 57, 3], (60, 3), []),
        (["合格品数", "不良品数"], [57, 3], (60, 3), ["inspected_of_parts"]),
        (["送检数", "合格数", "次品数"], [500, 57, 3], (60, 3), ["inspected_of_parts"]),
        (["报检数量", "不良数"], [60, 3], (60, 3), []),
        (["送检数量", "合格数量"], [60, 57], (60, 3), ["good_counted"]),
    ],
)
def test_pieces_handed_in_are_inspected_unless_the_counts_say_otherwise(tmp_path, head, row, found, told):
    known = read(tmp_path, "inspections", ["订单号", "验货日期", *head], ["A1", "2026-03-14", *row])
    [look] = known.tables["inspections"].to_dict("records")
    assert (look["inspected"], look["defective"]) == found and codes(known) == told


def test_no_header_names_two_columns_of_a_table():
    from analysis.sources.file_reading import accepted_headers
    from analysis.sources.folding import normal_header

    for table in TABLES.values():
        pairs = [
            (normal_header(header), column.name) for column in table.columns for header in (column.name, *column.zh)
        ]
        assert len({header for header, _ in pairs}) == len({*pairs}), table.name
        assert {header: accepted_headers(table.name)[header] for header, _ in pairs} == dict(pairs), table.name


@pytest.mark.parametrize(
    ("header", "near"),
    [
        ("约定交期天", None),
        ("Item nunber", "item number"),
        ("promised_dat", "promised date"),
        ("检验的数量", "检验数量"),
    ],
)
def test_a_near_header_is_named_as_a_person_would_write_it(tmp_path, header, near):
    head = ["order_id", "supplier", "ordered_on", "quantity", header]
    table = "orders"
    if header.startswith("检验"):
        table, head = "inspections", ["order_id", "inspected_on", "defective", header]
    known = read(tmp_path, table, head, ["A1", "Bao", "2026-03-02", 40, "x"][: len(head)])
    told = " ".join(known.remarks["reason"])
    assert ("column_near" in codes(known)) == (near is not None) and (near or "") in told


def test_a_list_that_lacks_a_column_names_it_in_the_readers_words_and_what_stands_there(tmp_path):
    with pytest.raises(SourceError) as told:
        read(tmp_path, "orders", ["order_id", "supplier", "经手", "货期说明"], ["A1", "Bao", "x", "y"])
    assert "ordered_on, quantity (“order date”, “qty”)" in str(told.value) and "经手 / 货期说明" in str(told.value)
    assert "  " not in str(told.value) and "csv :" not in str(told.value)


@pytest.mark.parametrize("name", ["「晨星日用品厂」", "“晨星日用品厰”", "《晨星日用品廠》", '"晨星日用品厂"'])
def test_a_name_in_quotation_marks_is_the_name(tmp_path, name):
    rows = [[f"A{n}", who, "cup", "2026-03-02", 40, 2.5] for n, who in enumerate(["晨星日用品厂", name])]
    assert read(tmp_path, "orders", ORDERS, *rows).tables["orders"]["supplier"].nunique() == 1
