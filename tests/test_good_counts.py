"""Inspections that count the good pieces or tell a rate; and which unknown headers are taken for slips."""

import pytest
from test_added_rows import DAY, codes, looks, read

from analysis.sources.header_slips import is_slip

HEAD = ["order_id", "inspected_on", "inspected"]


@pytest.mark.parametrize(
    ("header", "cells", "found", "refused"),
    [
        ("合格数量", (49, 500), [1, 0], []),
        ("良品数", ("48", "51"), [2, 449], []),
        ("Passed qty", (51, 499), [1], [2]),  # more than were inspected
        ("合格数", ("约49", ""), [], [2, 3]),
        ("不良率", ("2%", "1.4%"), [1, 7], []),
        ("不良率", (0.02, 0.014), [1, 7], []),
        ("不良率", (2, 1.4), [1, 7], []),
        ("不良率(%)", (2, 0.4), [1, 2], []),
        ("合格率", ("98%", "98.6%"), [1, 7], []),
        ("合格率（%）", (98, 100), [1, 0], []),
        ("defect rate", ("3%", "1%"), [5], [2]),  # 1.5 of 50; of 500 only 5 is 1%
        ("不良率", ("2%", "1.55%"), [1], [3]),
        ("不良率", ("120%", "x"), [], [2, 3]),
    ],
)
def test_the_good_or_a_rate_tell_the_defective(tmp_path, header, cells, found, refused):
    rows = [["A", DAY, 50, cells[0]], ["B", DAY, 500, cells[1]]]
    known = read(tmp_path, inspections=([*HEAD, header], *rows))
    assert [defective for _, _, defective in looks(known)] == found
    assert known.quarantine["row"].tolist() == refused
    assert len(codes(known)) == (len(found) > 0)


def test_the_defective_that_are_counted_count(tmp_path):
    rows = [["A", DAY, 50, 1, 49], ["B", DAY, 500, 3, 490]]
    known = read(tmp_path, inspections=([*HEAD, "defective", "合格数量"], *rows))
    assert looks(known) == [("A", 50, 1), ("B", 500, 3)] and codes(known) == ["good_differs"]


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("合格数量", "不合格数量"), ("未到货数量", "到货数量"), ("不良率", "不良数"), ("检验员", "检验方"), ("良品数", "不良品数"), ("未付款", "实付款"),
        ("在途数量", "在库数量"), ("预计到货日期", "到货日期"), ("发货日期", "收货日期"), ("最晚发货日期", "发货日期"), ("库存数量", "入库数量"), ("拒收数量", "签收数量"),
        ("应退款", "退款"), ("退货金额", "退款金额"), ("销售额", "销售价"), ("最大起订量", "最小起订量"), ("欠交数量", "数量"), ("maxquantity", "minquantity"),
        ("uninspected", "inspected"), ("undefective", "defective"), ("asked", "masked"),
    ],
)  # fmt: skip
def test_another_meaning_is_no_slip(text, header):
    assert not is_slip(text, header)


@pytest.mark.parametrize(
    ("text", "header"),
    [("检验数", "检验数量"), ("验货日", "验货日期"), ("起定量", "起订量"), ("采购的数量", "采购数量"), ("suplier", "supplier"), ("recieved_on", "received_on"), ("quantitty", "quantity")],
)  # fmt: skip
def test_a_slip_of_the_pen_is_one(text, header):
    assert is_slip(text, header)
