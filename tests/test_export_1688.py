"""The order export: each trap as a generated file, the money worked by hand, personal data that must stay behind."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.errors import SourceError
from analysis.reporting.sentences import worded
from analysis.sources.conform import conform
from analysis.sources.export_1688 import COLUMNS, day_in_name, is_export, read_export
from analysis.sources.opening import Sheet, read_sheets
from analysis.sources.repeated_rows import drop_duplicates

# Header of the current export, read from three independent programs that import it.
HEADERS_49 = """订单编号 买家公司名 买家会员名 卖家公司名 卖家会员名 货品总价(元) 运费(元) 涨价或折扣(元) 实付款(元) 订单状态 订单创建时间 订单付款时间 发货方 收货人姓名
收货地址 邮编 联系电话 联系手机 货品标题 单价(元) 数量 单位 货号 型号 Offer_ID SKU_ID 物料编号 单品货号 货品种类 买家留言 物流公司 运单号 发票：购货单位名称 发票：纳税人识别号
发票：地址、电话 发票：开户行及账号 发票收取地址 关联编号 代理商姓名 代理商联系方式 是否代发订单 代发服务商id 微商订单号 下单批次号 下游渠道 下游订单号 下单公司主体 发起人登录名
是否发起免密支付(1:淘货源诚e赊免密支付2:批量下单免密支付)""".replace("_", "\u00a0").split(" ")
HEADERS_49 = [header.replace("\u00a0", " ") for part in HEADERS_49 for header in part.split("\n")]
HEADERS_31 = [*HEADERS_49[:30], "物流公司运单号"]
HEADERS_37 = [*HEADERS_31, *HEADERS_49[32:38]]
PRODUCT = ("货品标题", "单价(元)", "数量", "单位", "货号", "型号", "Offer ID", "SKU ID", "物料编号", "单品货号")
CANARIES = {
    header: f"机密{place}号"
    for place, header in enumerate(HEADERS_49)
    if header not in COLUMNS.values() and header not in PRODUCT
}
ORDER = {
    **CANARIES, "订单编号": "435000000000000001", "卖家公司名": "义乌市工具厂", "卖家会员名": "yiwu_tools", "货品总价(元)": "30.00", "运费(元)": "10.00",
    "涨价或折扣(元)": "-1.00", "实付款(元)": "39.00", "订单状态": "交易成功", "订单创建时间": "2026-03-05 10:00:00", "订单付款时间": "2026-03-05 10:05:00",
}  # fmt: skip
LINE = {
    "货品标题": "螺丝刀套装",
    "单价(元)": "1.00",
    "数量": "10",
    "单位": "件",
    "货号": "T-1",
    "Offer ID": "612345678901",
    "SKU ID": "4412345678901",
}
NEXT = {**ORDER, "订单编号": "435000000000000002", "卖家公司名": "深圳市箱包厂"}


def first(**changes):
    return {**ORDER, **LINE, **changes}


def below(**changes):
    return {**LINE, **changes}


def sheet(rows, headers=HEADERS_49, above=0):
    title = [["导出时间 2026"]] * above
    return Sheet("订单", [*title, list(headers), *([row.get(header, "") for header in headers] for row in rows)])


def read(rows, name="export.xlsx", **kwargs):
    return read_export(Path(name), sheet(rows, **kwargs))


def table(rows, **kwargs):
    [raw] = read(rows, **kwargs).raws
    return conform(raw).table


def test_header_lists_are_those_of_the_format():
    assert (len(HEADERS_49), len(HEADERS_31), len(HEADERS_37)) == (49, 31, 37)
    assert HEADERS_49[24:26] == ["Offer ID", "SKU ID"] and HEADERS_49[48].startswith("是否发起免密支付")


# --- one order --------------------------------------------------------------------------------------------------------


def test_order_of_three_lines_worked_by_hand():
    found = table([first(), below(**{"单价(元)": "0.50", "货号": "T-2"}), below(**{"单价(元)": "1.50", "货号": "T-3"})])
    # goods 10 + 5 + 15 = 30; freight 10 by goods: 3.33.., 1.66.., 5 -> the fen left over goes to the largest remainder (1.66)
    assert found["goods_amount"].tolist() == [10.0, 5.0, 15.0]
    assert found["freight"].tolist() == [3.33, 1.67, 5.0]
    assert found["discount"].tolist() == [0.33, 0.17, 0.5]  # 涨价或折扣 -1 makes it cheaper: positive
    assert found["paid_amount"].tolist() == [13.0, 6.5, 19.5]
    assert found["line_no"].tolist() == [1, 2, 3] and found["sku"].tolist() == ["T-1", "T-2", "T-3"]
    assert (found["supplier"] == "义乌市工具厂").all() and (found["status"] == "received").all()
    assert (found["ordered_on"] == pd.Timestamp("2026-03-05")).all() and found["unit_price"].tolist() == [1.0, 0.5, 1.5]


def test_identity_is_carried_down_within_its_order_only():
    found = table([first(), below(), {**NEXT, **LINE, "卖家公司名": "", "卖家会员名": "bags"}, below(货号="T-9")])
    assert found["supplier"].tolist() == ["义乌市工具厂"] * 2 + ["bags"] * 2
    assert found["order_id"].tolist() == ["435000000000000001"] * 2 + ["435000000000000002"] * 2


def test_surcharge_is_a_negative_discount():
    found = table([first(**{"货品总价(元)": "10", "涨价或折扣(元)": "2.5", "实付款(元)": "22.5"})])
    assert found["discount"].tolist() == [-2.5] and found["paid_amount"].tolist() == [22.5]


def test_sku_is_the_first_that_is_filled():
    rows = [
        first(单品货号="S-1"), below(货号="P-1"), below(货号="", **{"SKU ID": "44"}), below(货号="", **{"SKU ID": "", "Offer ID": "61"}),
        below(货号="", **{"SKU ID": "", "Offer ID": ""}),
    ]  # fmt: skip
    assert table(rows)["sku"].tolist() == ["S-1", "P-1", "44", "61", "螺丝刀套装"]


def test_unpaid_order_has_no_payment_day():
    found = table([first(订单状态="等待买家付款", 订单付款时间="", **{"实付款(元)": ""})])
    assert (
        found["status"].tolist() == ["unpaid"] and found["paid_on"].isna().all() and found["paid_amount"].isna().all()
    )


@pytest.mark.parametrize(
    ("status", "canonical"),
    [("等待买家付款", "unpaid"), ("等待卖家发货", "open"), ("已发货", "open"), ("等待买家确认收货", "open"), ("等待买家收货", "open"),
     ("已收货", "received"), ("交易成功", "received"), ("交易关闭", "cancelled"), ("退款中", "refunding")],
)  # fmt: skip
def test_statuses(status, canonical):
    assert table([first(订单状态=status)])["status"].tolist() == [canonical]


# --- shapes of the file -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers", [HEADERS_49, HEADERS_31, HEADERS_37, HEADERS_49[::-1]], ids=["49", "31", "37", "reversed"]
)
def test_columns_are_found_by_name(headers):
    assert table([first(), below()], headers=headers)["freight"].tolist() == [5.0, 5.0]


def test_headers_without_unit_in_other_widths_and_below_a_title():
    headers = [header.replace("运费(元)", "运费 ").replace("实付款(元)", "实付款（元）") for header in HEADERS_49]
    rows = [{**first(), "运费 ": "10.00", "实付款（元）": "39.00"}]
    [raw] = read(rows, headers=headers, above=3).raws
    assert raw.frame.index.tolist() == [5] and conform(raw).table["freight"].tolist() == [10.0]


def test_subset_of_columns():
    headers = ["数量", "订单编号", "单价(元)", "卖家会员名", "订单创建时间", "货品标题"]
    found = table([first()], headers=headers)
    assert (
        found["supplier"].tolist() == ["yiwu_tools"]
        and found["goods_amount"].tolist() == [10.0]
        and found["freight"].isna().all()
    )


def test_absent_required_headers_are_named():
    headers = [header for header in HEADERS_49 if header not in ("数量", "订单创建时间")]
    with pytest.raises(SourceError, match="订单创建时间、数量"):
        read([first()], headers=headers)


def test_an_export_without_order_numbers_is_an_export_that_cannot_be_used():
    with pytest.raises(SourceError, match="lacks the columns 订单编号"):
        read([first()], headers=[header for header in HEADERS_49 if header != "订单编号"])


def test_of_a_column_that_stands_twice_the_first_is_read_and_the_other_told_of():
    cells = [[*HEADERS_49, "数量"], *([*row, 99] for row in sheet([first()]).cells[1:])]
    reading = read_export(Path("a.xlsx"), Sheet("订单", cells))
    assert reading.remarks.loc[reading.remarks["row"] == 0, "code"].tolist() == ["column_repeated"]
    assert 99 not in reading.raws[0].frame["quantity"].tolist()


def test_amounts_larger_than_any_real_one_are_refused_without_a_warning():
    huge = first()
    huge["单价(元)"], huge["运费(元)"] = 1e308, 1e300
    found = conform(read([huge]).raws[0])
    assert found.table.empty and found.quarantine["code"].tolist() == ["number_too_large"]


def test_what_is_no_export():
    assert is_export(sheet([])) and is_export(sheet([], headers=HEADERS_31, above=5))
    assert not is_export(
        Sheet(
            "订单", [["订单编号", "行号", "供应商", "SKU", "下单日期", "数量", "单价(元)", "货品总价(元)", "运费(元)"]]
        )
    )
    assert not is_export(Sheet("", [])) and not is_export(Sheet("", [[]]))


def test_current_workbook_with_false_dimension_and_blank_rows_at_the_end(tmp_path):
    book = openpyxl.Workbook()
    for row in [*sheet([first(), below()]).cells, [" "] * 49, [""] * 49]:
        book.active.append(row)
    book.save(tmp_path / "订单_20260331.xlsx")
    [page] = read_sheets(tmp_path / "订单_20260331.xlsx")
    reading = read_export(tmp_path / "订单_20260331.xlsx", page)
    found = conform(reading.raws[0])
    assert found.rows_in == len(found.table) == 2 and not len(reading.quarantine)
    assert (found.table["known_on"] == pd.Timestamp("2026-03-31")).all()


def test_older_workbook_with_serial_dates_and_merged_cells(tmp_path):
    book = xlwt.Workbook()
    page = book.add_sheet("Sheet0")
    day = xlwt.easyxf(num_format_str="yyyy-mm-dd hh:mm:ss")
    rows = [
        first(订单创建时间=43265.5, 订单付款时间=dt.datetime(2018, 6, 14, 12, 30), 物流公司运单号="中通:7310001"),
        below(),
    ]
    for place, header in enumerate(HEADERS_31):
        page.write(0, place, header)
        page.write(2, place, rows[1].get(header, "")) if header in PRODUCT else page.merge(1, 2, place, place)
        value = rows[0].get(header, "")
        page.write(1, place, value, day) if isinstance(value, dt.datetime) else page.write(1, place, value)
    book.save(str(tmp_path / "old.xls"))
    [page] = read_sheets(tmp_path / "old.xls")
    found = conform(read_export(tmp_path / "old.xls", page).raws[0]).table
    assert (found["ordered_on"] == pd.Timestamp("2018-06-14")).all() and (
        found["paid_on"] == pd.Timestamp("2018-06-14")
    ).all()
    assert found["freight"].tolist() == [5.0, 5.0]


def test_gbk_text_named_xls(tmp_path):
    lines = ["\t".join(map(str, row)) for row in sheet([first(), below()]).cells]
    (tmp_path / "export.xls").write_bytes("\n".join(lines).encode("gbk"))
    [page] = read_sheets(tmp_path / "export.xls")
    assert is_export(page) and len(conform(read_export(tmp_path / "export.xls", page).raws[0]).table) == 2


@pytest.mark.parametrize(
    ("name", "day"),
    [("订单_2026-03.xlsx", "2026-03-31"), ("20260315.xlsx", "2026-03-15"), ("1688_2026年3月.xls", "2026-03-31"), ("202602.xlsx", "2026-02-28"),
     ("20260301-20260331.xlsx", "2026-03-31"), ("export20260331143000.xlsx", "2026-03-31"), ("2026-03-05_2026.03.17 订单.csv", "2026-03-17"),
     ("435000000000000001.xlsx", None), ("orders.xlsx", None), ("2026-13.xlsx", None), ("2026年3月5日.xlsx", "2026-03-05")],
)  # fmt: skip
def test_day_in_the_file_name(name, day):
    assert day_in_name(name) == (None if day is None else pd.Timestamp(day))


# --- rows that go wrong -----------------------------------------------------------------------------------------------


def test_orphan_lines_are_quarantined_and_join_no_order():
    reading = read([below(), below(), first()])
    assert reading.quarantine["row"].tolist() == [2, 3] and set(reading.quarantine["code"]) == {"orphan_line"}
    assert conform(reading.raws[0]).table["freight"].tolist() == [10.0]


def test_lines_below_an_order_that_cannot_be_read_go_with_it():
    rows = [
        first(),
        {**NEXT, **LINE, "订单编号": 4.35e17},
        below(),
        {**NEXT, **LINE, "订单编号": "435000000000000003", "订单创建时间": "####"},
        below(),
    ]
    found = conform(read(rows).raws[0])
    assert found.table.index.get_level_values("row").tolist() == [2]
    assert found.table["freight"].tolist() == [10.0] and found.quarantine["row"].tolist() == [3, 4, 5, 6]
    assert found.quarantine["code"].tolist() == ["id_digits_lost"] * 2 + ["date_hidden"] * 2


def test_unreadable_order_money_quarantines_the_whole_order():
    found = conform(read([first(**{"运费(元)": "####"}), below(), {**NEXT, **LINE}]).raws[0])
    assert found.quarantine["row"].tolist() == [2, 3] and set(found.quarantine["column"]) == {"freight"}


def test_bad_line_takes_its_share_with_it_and_the_rest_says_so():
    reading = read([first(), below(数量="??"), below()])
    found = conform(reading.raws[0])
    # 30 in all, 10 each on the good lines: 10 are left for the bad one, so freight is shared by three
    assert found.table["freight"].tolist() == [3.34, 3.33] and found.quarantine["row"].tolist() == [3]
    [remark] = reading.remarks.to_dict("records")
    assert (
        (remark["row"], remark["code"]) == (2, "order_has_bad_line")
        and "Row 3" in worded(remark["reason"])
        and "13.00" in worded(remark["reason"])
    )


def test_goods_total_that_differs_from_the_lines():
    reading = read([first(**{"货品总价(元)": "27.00", "实付款(元)": "36"}), below(), below()])
    found = conform(reading.raws[0]).table
    assert found["goods_amount"].tolist() == [9.0, 9.0, 9.0] and found["paid_amount"].sum() == 36
    assert reading.remarks["code"].tolist() == ["goods_amount_differs"]


def test_line_without_price_takes_what_the_total_leaves():
    found = table([first(), below(**{"单价(元)": ""}), below()])
    assert found["goods_amount"].tolist() == [10.0, 10.0, 10.0] and found["unit_price"].isna().tolist() == [
        False,
        True,
        False,
    ]


# --- numbers filled down, rows pasted twice ---------------------------------------------------------------------------


def test_order_number_filled_down_counts_money_once():
    rows = [first(货号=f"T-{place}", **{"货品总价(元)": "30.00"}) for place in range(3)]
    reading = read(rows)
    found = conform(reading.raws[0]).table
    assert (
        found["line_no"].tolist() == [1, 2, 3]
        and found["freight"].sum() == pytest.approx(10)
        and found["paid_amount"].sum() == pytest.approx(39)
    )
    assert set(reading.remarks["code"]) == {"order_money_repeated"} and set(reading.remarks["row"]) == {2}


def test_lines_of_one_order_apart_in_the_file():
    found = table(
        [
            first(),
            {**NEXT, **LINE},
            first(货号="T-2", **dict.fromkeys(("货品总价(元)", "运费(元)", "涨价或折扣(元)", "实付款(元)"), "")),
        ]
    )
    assert found["line_no"].tolist() == [1, 1, 2] and found["freight"].tolist() == [5.0, 10.0, 5.0]


def test_money_of_each_line_in_its_own_row():
    rows = [
        first(货号="a", **{"货品总价(元)": "10", "运费(元)": "3", "涨价或折扣(元)": "0", "实付款(元)": "13"}),
        first(货号="b", **{"单价(元)": "2", "货品总价(元)": "20", "运费(元)": "6", "涨价或折扣(元)": "0", "实付款(元)": "26"}),
    ]  # fmt: skip
    found = table(rows)
    assert (
        found["goods_amount"].tolist() == [10.0, 20.0]
        and found["freight"].tolist() == [3.0, 6.0]
        and found["paid_amount"].tolist() == [13.0, 26.0]
    )


@pytest.mark.parametrize("lines", [1, 2])
def test_order_pasted_twice_is_merged(lines):
    once = [first(**{"货品总价(元)": f"{10 * lines}", "实付款(元)": f"{10 * lines + 9}"}), below(货号="T-2")][:lines]
    found = conform(read([*once, *once]).raws[0])
    told = drop_duplicates("orders", found.table)
    assert found.rows_in == 2 * lines and len(told.table) == lines == told.merged.sum() and not len(told.quarantine)
    assert told.table["freight"].sum() == 10.0 and told.table["goods_amount"].sum() == 10.0 * lines


def test_two_alike_lines_that_the_total_needs_are_two_lines():
    told = drop_duplicates("orders", table([first(**{"货品总价(元)": "20"})] * 2))
    assert told.table["line_no"].tolist() == [1, 2] and told.table["goods_amount"].sum() == 20.0
    told = drop_duplicates("orders", table([first(**{"货品总价(元)": "20"}), below()]))
    assert told.table["line_no"].tolist() == [1, 2]


def test_two_states_of_one_order_in_one_file_contradict_each_other():
    rows = [
        first(订单状态="已发货", **{"货品总价(元)": "20", "实付款(元)": "29"}),
        below(货号="T-2"),
        first(**{"货品总价(元)": "20", "实付款(元)": "29"}),
        below(货号="T-2"),
    ]
    told = drop_duplicates("orders", table(rows))
    assert told.table["status"].tolist() == ["open", "open"] and told.quarantine["row"].tolist() == [4, 5]
    assert told.table["paid_amount"].sum() == 29.0


def test_lines_that_differ_only_in_their_model_are_two_lines():
    headers = [header for header in HEADERS_49 if "货品总价" not in header]
    told = drop_duplicates("orders", table([first(型号="红"), first(型号="蓝")], headers=headers))
    assert told.table["line_no"].tolist() == [1, 2]


# --- personal data ----------------------------------------------------------------------------------------------------


def test_personal_data_stays_behind():
    assert len(CANARIES) > 25
    rows = [
        below(),
        first(),
        below(数量="x"),
        {**NEXT, **LINE, "订单编号": 4.35e17},
        {**NEXT, **LINE, "订单创建时间": "?", **CANARIES},
    ]
    for headers in (HEADERS_49, HEADERS_37):
        reading = read(rows, headers=headers)
        found = conform(reading.raws[0])
        frames = [
            reading.raws[0].frame,
            reading.quarantine,
            reading.remarks,
            found.table,
            found.quarantine,
            found.remarks,
        ]
        text = " ".join(frame.reset_index().to_csv() for frame in frames)
        assert "T-1" in text  # what may be seen is there
        assert not [canary for canary in CANARIES.values() if canary in text]


# --- laws -------------------------------------------------------------------------------------------------------------

fen = st.integers(0, 10**6)
product_lines = st.lists(
    st.tuples(st.integers(1, 10**5), st.one_of(st.integers(1, 500), st.sampled_from(["", "x", 0]))),
    min_size=1,
    max_size=5,
)
file_orders = st.lists(
    st.tuples(product_lines, fen, st.integers(-(10**4), 10**4), fen, st.booleans(), st.booleans()),
    min_size=1,
    max_size=5,
)


def written(place, order):
    lines, freight, change, paid, consistent, filled_down = order
    goods = sum(price * count for price, count in lines if isinstance(count, int))
    paid = max(goods + freight + change, 0) if consistent else paid
    money = {"货品总价(元)": goods, "运费(元)": freight, "涨价或折扣(元)": change, "实付款(元)": paid}
    cells = {
        **ORDER,
        "订单编号": f"4350000000000001{place:02d}",
        **{name: f"{amount / 100:.2f}" for name, amount in money.items()},
    }
    rows = [
        {**LINE, "货号": f"T-{n}", "单价(元)": f"{price / 100:.2f}", "数量": count}
        for n, (price, count) in enumerate(lines)
    ]
    return money, [{**cells, **row} if filled_down or n == 0 else row for n, row in enumerate(rows)]


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(file_orders, st.integers(0, 2))
def test_money_balances_and_every_row_ends_in_one_place(orders, orphans):
    told = [written(place, order) for place, order in enumerate(orders)]
    rows = [below()] * orphans + [row for _, of_order in told for row in of_order]
    reading = read(rows)
    [raw] = reading.raws
    found = conform(raw)
    assert (
        len(rows) == len(reading.quarantine) + len(found.table) + len(found.quarantine)
        and len(reading.quarantine) == orphans
    )
    assert not found.table.duplicated(["order_id", "line_no"]).any()
    shared = raw.frame[["goods_amount", "freight", "discount", "paid_amount"]].astype(float)
    cents = np.rint(shared * 100).astype(int).groupby(raw.frame["order_id"]).sum()
    assert np.allclose(shared * 100, np.rint(shared * 100), atol=1e-6)
    for place, (money, _) in enumerate(told):
        expected = [money["货品总价(元)"], money["运费(元)"], -money["涨价或折扣(元)"], money["实付款(元)"]]
        assert cents.loc[f"4350000000000001{place:02d}"].tolist() == expected


def test_hundred_thousand_lines():
    n = 100_000
    whole = sheet([first(), below()])
    cells = [whole.cells[0]]
    for place in range(n // 2):
        order = list(whole.cells[1])
        order[0] = f"4350000{place:011d}"
        cells += [order, whole.cells[2]]
    [raw] = read_export(Path("a.xlsx"), Sheet("", cells)).raws
    found = conform(raw)
    assert len(found.table) == n and Decimal(f"{found.table['freight'].sum():.2f}") == Decimal(n // 2 * 10)


@pytest.mark.parametrize(
    "rows", [[], [dict.fromkeys(HEADERS_49, "")] * 2, [below()]], ids=["header only", "blank", "orphan"]
)
def test_export_without_an_order(rows):
    reading = read(rows)
    found = conform(reading.raws[0])
    assert found.rows_in == len(found.table) == len(found.quarantine) == 0
    assert len(reading.quarantine) == (1 if rows and any(rows[0].values()) else 0)


def test_sku_that_says_nothing_is_passed_over():
    assert table([first(单品货号="/", 货号="无")])["sku"].tolist() == ["4412345678901"]
