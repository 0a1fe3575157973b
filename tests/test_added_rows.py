"""Rows of one sheet about one thing: parts that are added up, the same row twice, and contradictions."""

import csv

import pandas as pd
import pytest

from analysis.reporting.sentences import worded_in_both
from analysis.sources.load import check_files, load_source

ORDERS = (["order_id", "supplier", "sku", "ordered_on", "quantity"], ["A", "Bao", "cup", "2026-03-02", 50], ["B", "Hui", "cup", "2026-03-02", 500])  # fmt: skip
LOOK = ["order_id", "inspected_on", "inspected", "defective"]
DAY = "2026-03-20"


def read(folder, whole=False, **tables):
    """What the files give: each table is its header and its rows; every row is accounted for, every remark has its words."""
    for name, (head, *rows) in {"orders": ORDERS, **tables}.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([head, *rows])
    known = load_source(folder).known(pd.Timestamp("2026-06-30")) if whole else check_files([*folder.glob("*.csv")])
    told = known.accounting
    assert (told["rows_in"] == told[["kept", "quarantined", "merged"]].sum(axis=1)).all()
    assert (worded_in_both(known.remarks)[["reason", "remedy", "reason_zh", "remedy_zh"]].map(len) > 3).all(axis=None)
    return known


def looks(known):
    """(order, inspected, defective) of what was inspected."""
    return [tuple(row) for row in known.tables["inspections"][["order_id", "inspected", "defective"]].to_numpy()]


def codes(known):
    return [code for code in known.remarks["code"] if not code.startswith("column_")]


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("extra", [[], ["备注"], ["序号1"], ["检验员"]])
def test_rows_of_a_piece_each_are_one_lot(tmp_path, extra, whole):
    rows = [[order, DAY, 1, int(place < bad), *[place % 3] * len(extra)] for order, bad in (("A", 2), ("B", 1)) for place in range(50)]  # fmt: skip
    known = read(tmp_path, whole, inspections=([*LOOK, *extra], *rows))
    assert looks(known) == [("A", 50, 2), ("B", 50, 1)]
    assert codes(known) == ["pieces_added_up"] and known.quarantine.empty


def test_rows_of_a_piece_each_in_two_files_or_pasted_twice_count_once(tmp_path):
    rows = [["A", DAY, 1, int(place in (3, 40))] for place in range(50)]
    known = read(tmp_path, **{"inspections": (LOOK, *rows, *rows), "inspections 2": (LOOK, *rows)})
    assert looks(known) == [("A", 50, 2)] and known.quarantine.empty


def test_pieces_looked_at_on_the_day_of_their_arrival_have_all_come(tmp_path):
    orders = ([*ORDERS[0], "status"], [*ORDERS[1], "open"])
    rows = [["A", DAY, DAY, 1, 0] for _ in range(50)]
    known = read(tmp_path, True, orders=orders, inspections=(["order_id", "received_on", *LOOK[1:]], *rows))
    assert known.tables["orders"][["status", "received_quantity"]].to_numpy().tolist() == [["received", 50]]


@pytest.mark.parametrize(
    ("order", "header", "rows", "found", "code"),
    [
        ("A", "不良原因", [(50, 1, "划痕"), (50, 1, "破损")], (50, 2), "reasons_added_up"),
        ("A", "缺陷描述", [(50, 1, "划痕"), (50, 2, "破损"), (50, 2, "破损")], (50, 3), "reasons_added_up"),
        ("B", "defect", [(80, 4, "scratch"), (80, 0, "dent"), (80, 2, "hole")], (80, 6), "reasons_added_up"),
        ("A", "图片", [(50, 1, "1.jpg"), (50, 2, "2.jpg")], (50, 3), "reasons_added_up"),
        ("A", "箱号", [(25, 1, 1), (25, 1, 2)], (50, 2), "lots_added_up"),
        ("B", "carton", [(20, 1, 1), (20, 1, 2), (30, 3, 3)], (70, 5), "lots_added_up"),
        ("A", "检验员", [(20, 1, "甲"), (30, 0, "乙")], (50, 1), "lots_added_up"),
        ("A", "备注", [(25, 1, ""), (25, 1, "")], (50, 2), "lot_in_parts"),
        ("A", "备注", [(25, 1, ""), (25, 2, "x")], (50, 3), "lot_in_parts"),
        ("A", "备注", [(50, 1, ""), (50, 1, "x")], (50, 1), "rows_twice"),
        ("B", "备注", [(25, 1, ""), (25, 1, "")], (25, 1), "rows_twice"),
    ],
)
def test_what_tells_rows_of_one_inspection_apart_says_how_they_count(tmp_path, order, header, rows, found, code):
    known = read(tmp_path, inspections=([*LOOK, header], *([order, DAY, *row] for row in rows)))
    assert looks(known) == [(order, *found)] and known.quarantine.empty
    assert code in codes(known)


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        ("检验员", [(50, 1, "甲"), (50, 1, "乙")]),  # the same pieces, or others beyond the order
        ("检验员", [(50, 1, "甲"), (50, 2, "乙")]),
        ("不良原因", [(50, 30, "划痕"), (50, 30, "破损")]),  # more than there are
        ("备注", [(50, 1, ""), (50, 2, "")]),
    ],
)
def test_counts_that_no_reading_explains_are_refused(tmp_path, header, rows):
    known = read(tmp_path, inspections=([*LOOK, header], *(["A", DAY, *row] for row in rows)))
    assert known.quarantine["code"].tolist() == ["duplicate_contradicts"]
    assert looks(known) == [("A", *rows[0][:2])]


@pytest.mark.parametrize("header", ["颜色", "规格", "客户", "Region"])
@pytest.mark.parametrize("units", [(50, 50), (60, 30)])
def test_sales_by_whatever_column_are_added_up(tmp_path, header, units):
    rows = [["cup", f"2026-0{month}", count, price, name] for month in (1, 2) for count, price, name in zip(units, (9, 6), "xy")]  # fmt: skip
    known = read(tmp_path, demand=(["sku", "month", "units", "selling_price", header], *rows, rows[0]))
    assert known.tables["demand"]["units"].tolist() == [sum(units)] * 2
    assert known.tables["demand"]["selling_price"].tolist() == pytest.approx([(9 * units[0] + 6 * units[1]) / sum(units)] * 2)  # fmt: skip
    assert {"rows_added_up", "rows_twice"} <= set(codes(known)) and known.quarantine.empty


def test_a_part_told_with_two_counts_contradicts_itself(tmp_path):
    rows = [["cup", "2026-01", 50, "红"], ["cup", "2026-01", 30, "蓝"], ["cup", "2026-01", 40, "红"]]
    known = read(tmp_path, demand=(["sku", "month", "units", "颜色"], *rows))
    assert known.tables["demand"]["units"].tolist() == [80]
    assert known.quarantine[["row", "code"]].to_numpy().tolist() == [[4, "duplicate_contradicts"]]


def test_a_part_entered_again_is_corrected(tmp_path):
    rows = [["cup", "2026-01", 50, "红", "2026-02-01"], ["cup", "2026-01", 30, "蓝", "2026-02-01"], ["cup", "2026-01", 40, "红", "2026-02-03"]]  # fmt: skip
    known = read(tmp_path, demand=(["sku", "month", "units", "颜色", "录入日期"], *rows))
    assert known.tables["demand"]["units"].tolist() == [70] and known.quarantine.empty


def test_the_same_parts_in_two_files_count_once(tmp_path):
    rows = [["cup", "2026-01", 50, "红"], ["cup", "2026-01", 50, "蓝"]]
    head = ["sku", "month", "units", "颜色"]
    known = read(tmp_path, demand=(head, *rows), **{"demand 2": (head, *rows, ["cup", "2026-02", 4, "红"])})
    assert known.tables["demand"]["units"].tolist() == [100, 4] and known.quarantine.empty


def test_counts_of_two_warehouses_are_added_up(tmp_path):
    head = ["sku", "counted_on", "on_hand", "仓库"]
    rows = [["cup", DAY, 50, "A"], ["cup", DAY, 50, "B"], ["cup", "2026-04-20", 9, "A"], ["pan", DAY, 3, "A"], ["pan", DAY, 3, "A"]]  # fmt: skip
    known = read(tmp_path, stock=(head, *rows))
    assert known.tables["stock_counts"]["on_hand"].tolist() == [100, 9, 3]
    assert codes(known) == ["rows_added_up", "rows_twice"]


def test_returns_of_one_day_are_added_up_where_they_differ(tmp_path):
    head = ["order_id", "returned", "cost", "opened_on", "客户"]
    known = read(tmp_path, returns=(head, ["A", 1, 2, DAY, "x"], ["A", 1, 2, DAY, "y"], ["B", 1, 2, DAY, "x"], ["B", 1, 2, DAY, "x"]))  # fmt: skip
    assert known.tables["returns"][["order_id", "returned", "cost"]].to_numpy().tolist() == [["A", 2, 4], ["B", 1, 2]]
    assert codes(known) == ["rows_added_up", "rows_twice"]


@pytest.mark.parametrize(("header", "lines"), [("颜色", 2), ("颜色分类", 2), ("物流单号", 1)])
def test_lines_of_other_variants_are_lines_of_their_own(tmp_path, header, lines):
    head, row = [*ORDERS[0], header], ORDERS[1]
    known = read(tmp_path, orders=(head, [*row, "红"], [*row, "蓝"]))
    assert known.tables["orders"]["line_no"].tolist() == [1, 2][:lines]
    assert ("rows_twice" in codes(known)) == (lines == 1)
