"""Cells of every form that exports, spreadsheets and people write; row accounting; remarks; duplicates."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import SourceError
from analysis.reporting.sentences import worded, worded_in_both
from analysis.sources.cell_dates import read_dates
from analysis.sources.cell_numbers import read_numbers
from analysis.sources.cells import clean_text, read_ids
from analysis.sources.column_cells import read_column
from analysis.sources.conform import conform
from analysis.sources.quarantine import COLUMNS, QUOTED, all_notes, note, notes
from analysis.sources.repeated_rows import drop_duplicates
from analysis.sources.table_types import Column, RawTable
from analysis.sources.tables import TABLES, empty
from analysis.wording import catalogue

DAY = pd.Timestamp("2026-03-05")
GOOD = {"order_id": "435000000000000001", "supplier": "义乌工具厂", "sku": "T-1", "ordered_on": "2026-03-01", "quantity": "12", "unit_price": "0.80"}  # fmt: skip


def raw(table="orders", known_on=None, **columns):
    length = max(len(cells) for cells in columns.values())
    frame = pd.DataFrame({name: pd.Series(cells, dtype=object) for name, cells in columns.items()})
    frame.index = pd.RangeIndex(2, 2 + length)
    return RawTable(table, frame, "a.xlsx", "S", known_on)


def orders(*changes, **kwargs):
    rows = [{**GOOD, **change} for change in changes]
    return raw(
        **{name: [row.get(name, "") for row in rows] for name in dict.fromkeys(k for row in rows for k in row)},
        **kwargs,
    )


def only(kind, cell, **kwargs):
    """The value and the fault of one cell read by `kind`."""
    cells = read_column(Column("c", kind, ("列",), words={"sea": ("海运",)}), pd.Series([cell], dtype=object), **kwargs)
    value = cells.values.iloc[0]
    return (None if pd.isna(value) else value), cells.faults[0]


# --- dates ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cell",
    [
        "2026-03-05 23:59:59", "2026/3/5 9:07", "2026/3/5 09:07:08", "2026-03-05", "2026.3.5", "2026年3月5日", "2026年03月05日 14:30",
        "20260305101942000+0800", "20260305", "20260305235959", "2026-03-05T10:00:00.000", "2026-03-05T10:00:00+08:00",
        "2026/3/5 下午 3:04", "２０２６-０３-０５", " 2026-03-05 ", "\ufeff2026-03-05", '="2026-03-05"', "2026-3-5 12:00 AM",
        dt.datetime(2026, 3, 5, 18, 1), dt.date(2026, 3, 5), pd.Timestamp("2026-03-05 00:00:01"), np.datetime64("2026-03-05"),
        dt.datetime(2026, 3, 4, 16, 0, tzinfo=dt.UTC), "2026-03-04T16:00:00Z",
        46086, 46086.75, "46086", "46086.5", 20260305.0,
    ],
)  # fmt: skip
def test_every_form_of_one_day(cell):
    # serial 46086: 2026-03-05 is 46086 days after 1899-12-30, as date.toordinal tells
    assert dt.date(2026, 3, 5).toordinal() - dt.date(1899, 12, 30).toordinal() == 46086
    assert only("date", cell) == (DAY, None)


def test_api_moment_keeps_its_clock():
    assert only("time", "20180614101942000+0800") == (pd.Timestamp("2018-06-14 10:19:42"), None)
    assert only("time", "2026/3/5 下午3:04") == (pd.Timestamp("2026-03-05 15:04"), None)
    assert only("time", 43265.5) == (pd.Timestamp("2018-06-14 12:00"), None)


@pytest.mark.parametrize(
    "cell", ["3/5/2026", "2026-13-01", "2026-02-30", "soon", "26/3/5", 12, -1.0, 0.0, "0026-03-05", True, dt.time(3, 4)]
)
def test_no_date(cell):
    assert only("date", cell) == (None, "not_a_date")


def test_date_too_wide_for_its_column():
    assert only("date", "########") == (None, "date_hidden")


def test_given_forms_come_first():
    cells = pd.Series(["3/5/2026", "5-Mar-26", "2026-03-05"], dtype=object)
    assert (read_dates(cells, ("%m/%d/%Y", "%d-%b-%y")).values == DAY).all()
    assert (read_dates(pd.Series(["5/3/2026"], dtype=object), ("%d/%m/%Y",)).values == DAY).all()


def test_month_alone_only_in_a_column_of_months():
    assert (
        read_dates(pd.Series(["2026-03", "2026年3月"], dtype=object), months=True).values.tolist()
        == [pd.Timestamp("2026-03-01")] * 2
    )
    assert only("date", "2026-03") == (None, "not_a_date")


@given(st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2100, 1, 1)), st.sampled_from(["%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y年%m月%d日", "%Y%m%d%H%M%S000+0800"]))  # fmt: skip
def test_written_days_are_read_back(moment, form):
    assert only("date", moment.strftime(form)) == (pd.Timestamp(moment.date()), None)


# --- ids --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("435000000000000001", "435000000000000001"), (435000000000000001, "435000000000000001"), ("1234567890.0", "1234567890"),
        (1234567890.0, "1234567890"), ("1.2345E+04", "12345"), ("4.35e+5", "435000"), ("４３５０", "4350"), ("'4350", "4350"),
        ("4350\t", "4350"), ('="4350"', "4350"), ("\u200b4350 ", "4350"), ("1E5", "1E5"), ("T-1.0", "T-1.0"), ("0012", "0012"),
        (12.5, "12.5"), ("4.35000000000000001E+17", "435000000000000001"), (Decimal("4350"), "4350"),
    ],
)  # fmt: skip
def test_ids_are_repaired_where_no_digit_is_lost(cell, text):
    assert only("id", cell) == (text, None)


@pytest.mark.parametrize("cell", [4.35e17, 435000000000000001.0, "4.35E+17", "4.35e+17", "435000000000000000", 1e15])
def test_lost_digits(cell):
    assert only("id", cell) == (None, "id_digits_lost")


def test_one_id_may_end_in_zeros_among_many_that_do_not():
    cells = read_ids(pd.Series(["435000000000000000", "435000000000000123", "435000000000000456"], dtype=object))
    assert not cells.faults.any()


@given(st.text(alphabet="0123456789", min_size=1, max_size=15).map(lambda digits: "7" + digits))
def test_ids_of_digits_are_never_changed(digits):
    assert only("id", digits) == (digits, None)
    if len(digits) <= 15:
        assert only("id", float(digits)) == (digits, None)


# --- numbers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("¥1,234.50", 1234.5), ("￥1,234.50", 1234.5), ("１２．５０元", 12.5), ("12.5元", 12.5), (12.5, 12.5), ("-3", -3.0), ("¥-3.00", -3.0),
        ("-¥3.00", -3.0), ("(3.00)", -3.0), ("1.2万", 12000.0), ("1，234", 1234.0), (".5", 0.5), ("1e3", 1000.0), ("RMB 12", 12.0),
        (Decimal("0.10"), 0.1), ("12 ", 12.0), ("−3", -3.0),
    ],
)  # fmt: skip
def test_money(cell, value):
    assert only("money", cell) == (pytest.approx(value), None)


@pytest.mark.parametrize("cell", ["12,5", "1,23,4", "7-15", "twelve", "12.5.0", "inf", np.inf, True, "1.2.", "¥"])
def test_no_money(cell):
    assert only("money", cell) == (None, "not_a_number")


def test_counts():
    assert (
        only("count", "12.0") == (12, None)
        and only("count", 12.0) == (12, None)
        and only("count", "1,200 件") == (1200, None)
    )
    assert only("count", "15天") == (15, None)
    assert only("count", "12.5")[1] == "not_whole" and only("count", -1)[1] == "count_negative"
    assert only("count", "###")[1] == "cell_hidden" and only("count", 1e300)[1] == "number_too_large"


def test_shares():
    for cell in (0.012, "0.012", "1.2%", "1.2％", "12‰"):
        assert only("share", cell) == (pytest.approx(0.012), None)
    assert only("share", "30")[1] == "share_out_of_range" and only("share", "120%")[1] == "share_out_of_range"


@given(st.integers(-(10**9), 10**9))
def test_written_money_is_read_back(fen):
    amount = Decimal(fen) / 100
    cells = pd.Series([f"{amount:.2f}", f"{amount:,.2f}", f"￥{amount:,.2f}", float(amount)], dtype=object)
    assert read_numbers(cells, "money").values.tolist() == pytest.approx([float(amount)] * 4, abs=1e-9)


# --- words, flags, text -----------------------------------------------------------------------------------------------


def test_flags_and_words():
    for cell in ("是", "Yes", "1", 1.0, True, "支持", "TRUE"):
        assert only("flag", cell) == (True, None)
    for cell in ("否", "no", 0, False, "不支持", "无"):
        assert only("flag", cell) == (False, None)
    assert only("flag", "perhaps")[1] == "not_a_word"
    assert only("word", "海运") == only("word", " SEA ") == ("sea", None)


@pytest.mark.parametrize("kind", ["id", "text", "date", "money", "count", "share", "flag", "word"])
@pytest.mark.parametrize("cell", ["", None, np.nan, pd.NaT, " \u3000", "-", "/", "NaN", "N/A", "Free of charge"])
def test_missing_cells(kind, cell):
    assert only(kind, cell, missing=frozenset({"free of charge"})) == (None, None)


@pytest.mark.parametrize(("kind", "most"), [("money", 1e11), ("number", 1e12), ("count", 1e7)])
def test_numbers_larger_than_any_real_one_are_refused(kind, most):
    assert only(kind, most)[1] is None
    assert only(kind, "435123456789012345")[1] == only(kind, 1.1 * most)[1] == "number_too_large"


def test_prices_and_days_that_cannot_be_are_refused_row_by_row():
    head = {
        "quote_id": "Q",
        "supplier": "S",
        "quoted_on": "2026-03-05",
        "min_quantity": 1,
        "unit_price": 2.0,
        "sku": "x",
    }
    odd = [
        {"unit_price": 1e-9},
        {"credit_days": 1e7},
        {"lead_time_days": 3651},
        {"benchmark_price": 1e-9},
        {"unit_price": 1e12},
    ]
    good = [{}, {"credit_days": 3650}, {"unit_price": 0.001}]
    beside = [
        "days_too_many",
        "days_too_many",
        "price_too_small",
    ]  # facts beside the matter: told, and the offer counts
    rows = [head | change | {"min_quantity": n + 1} for n, change in enumerate([*odd, *good])]
    found = conform(RawTable("quotes", pd.DataFrame(rows, dtype=object), "q.csv"))
    assert found.quarantine["code"].tolist() == ["price_too_small", "number_too_large"]
    assert found.remarks["code"].tolist() == beside and len(found.table) == len(good) + len(beside)
    assert found.table[["credit_days", "lead_time_days", "benchmark_price"]].iloc[:3].isna().all(axis=None)


def test_marks_that_turn_the_direction_of_text_are_taken_out():
    assert clean_text("\u202eoffice\u202c\u2067x\u2069") == "officex"


def test_text_is_one_clean_line():
    assert clean_text(" 深圳\x00市\u200b\n一\u3000厂 ") == "深圳市 一 厂"
    assert only("text", "无") == ("无", None)  # credentials: none


# --- rows -------------------------------------------------------------------------------------------------------------


def test_typed_table_with_every_canonical_column():
    found = conform(orders({"status": "交易成功", "transport_mode": "快递"}, known_on=DAY))
    assert found.rows_in == len(found.table) == 1 and not len(found.quarantine) and not len(found.remarks)
    assert found.table.dtypes.to_dict() == empty("orders").dtypes.to_dict()
    row = found.table.iloc[0]
    assert (row.status, row.transport_mode, row.known_on, row.line_no) == ("received", "express", DAY, 1)
    assert found.table.index.names == ["file", "sheet", "row"] and found.table.index[0] == ("a.xlsx", "S", 2)


@pytest.mark.parametrize(
    ("change", "column", "code"),
    [
        ({"supplier": ""}, "supplier", "required_missing"),
        ({"ordered_on": "#####"}, "ordered_on", "date_hidden"),
        ({"received_on": "soon"}, "received_on", "not_a_date"),  # optional, yet not to be read as still open
        ({"order_id": 4.35e17}, "order_id", "id_digits_lost"),
        ({"quantity": "0"}, "quantity", "quantity_not_positive"),
        ({"quantity": "-5"}, "quantity", "count_negative"),
        ({"freight": "free?"}, "freight", "not_a_number"),
        ({"received_on": "2026-02-01"}, "received_on", "received_before_ordered"),
    ],
)  # fmt: skip
def test_row_that_cannot_be_used(change, column, code):
    found = conform(orders(change, {"order_id": "2"}))
    [refused] = worded_in_both(found.quarantine).to_dict("records")
    assert (refused["file"], refused["sheet"], refused["row"], refused["column"], refused["code"]) == (
        "a.xlsx",
        "S",
        2,
        column,
        code,
    )
    assert all(refused[text] for text in ("reason", "remedy", "reason_zh", "remedy_zh"))
    assert len(found.table) == 1 and found.rows_in == 2


def test_row_with_many_faults_is_refused_once_with_all_reasons():
    found = conform(orders({"supplier": "", "quantity": "x", "ordered_on": "y"})).quarantine
    [refused] = worded_in_both(found).to_dict("records")
    assert refused["column"] == "ordered_on"
    assert (
        all(name in refused["reason"] for name in ("ordered_on", "quantity", "supplier"))
        and "供应商" in refused["reason_zh"]
    )


def test_quotation_is_short():
    [refused] = conform(orders({"quantity": "long " * 50})).quarantine.to_dict("records")
    assert len(worded(refused["reason"])) < 40 + QUOTED


def test_unknown_words_are_remarks():
    found = conform(orders({"status": "等待买家评价", "transport_mode": "驴"}))
    assert found.table[["status", "transport_mode"]].isna().all(axis=None)
    assert found.remarks["column"].tolist() == ["transport_mode", "status"]
    assert found.remarks["code"].tolist() == ["not_a_word", "status_not_known"]
    words = worded_in_both(found.remarks)
    assert "快递" in words["remedy_zh"].iloc[0] and "在途" in words["reason_zh"].iloc[1]


def test_odd_orders_are_remarks():
    found = conform(orders(
        {"quantity": "5", "unit_price": "2", "goods_amount": "10", "freight": "5", "discount": "1", "paid_amount": "14.01"},  # a fen of rounding
        {"quantity": "5", "unit_price": "2", "order_id": "2", "goods_amount": "10", "freight": "5", "paid_amount": "15.02", "promised_on": "2026-02-01"},
    ))  # fmt: skip
    assert found.remarks["code"].tolist() == ["paid_amount_differs", "promised_before_ordered"] and set(
        found.remarks["row"]
    ) == {3}
    assert len(found.table) == 2


def test_payment_is_compared_by_order_and_only_where_it_is_settled():
    half = {"quantity": "5", "unit_price": "2", "goods_amount": "10", "paid_amount": "9"}
    odd = conform(orders({**half, "line_no": "1"}, {**half, "line_no": "2"})).remarks
    assert odd["row"].tolist() == [2] and "18.00" in odd["reason"].iloc[0] and "20.00" in odd["reason"].iloc[0]
    assert not len(
        conform(orders({**half, "status": "交易关闭"}, {**half, "order_id": "2", "status": "退款中"})).remarks
    )


def test_blank_rows_do_not_count():
    blank = dict.fromkeys(GOOD, " ")
    found = conform(orders(blank, {}, blank, blank))
    assert found.rows_in == 1 and found.table.index[0][2] == 3


def test_absent_required_columns_are_named_in_both_languages():
    with pytest.raises(SourceError, match="supplier, ordered_on") as caught:
        conform(raw(order_id=["1"], quantity=["1"]))
    assert "供应商、下单日期" in caught.value.text("zh")


def test_line_numbers_are_given_where_none_stand():
    rows = orders(
        {"sku": "a"},
        {"sku": "b"},
        {"sku": "a"},
        {"order_id": "2"},
        {"order_id": "3", "line_no": "4"},
        {"order_id": "3"},
    )
    assert conform(rows).table["line_no"].tolist() == [1, 2, 1, 1, 4, 5]  # the third row repeats the first


def test_inspection_of_a_measurement_alone():
    found = conform(
        raw(
            "inspections",
            order_id=["1", "1"],
            inspected_on=["2026-03-05"] * 2,
            value=["1.5", ""],
            lower_limit=["1", ""],
        )
    )
    assert len(found.table) == 1 and found.quarantine["code"].tolist() == ["inspection_says_nothing"]


# --- duplicates -------------------------------------------------------------------------------------------------------


def test_rows_told_twice_are_merged_and_contradictions_refused():
    table = conform(
        orders({"line_no": "1"}, {"line_no": "1"}, {"line_no": "1", "quantity": "13"}, {"line_no": "2"})
    ).table
    found = drop_duplicates("orders", table)
    assert len(found.table) == 2 and found.merged.to_dict() == {("a.xlsx", "S"): 1}
    [refused] = found.quarantine.to_dict("records")
    assert (refused["row"], refused["code"]) == (4, "duplicate_contradicts") and "row 2" in worded(refused["reason"])


def test_versions_known_on_different_days_are_all_kept():
    early = conform(orders({"line_no": "1", "status": "已发货"}, known_on=DAY)).table
    late = conform(orders({"line_no": "1", "status": "交易成功"}, known_on=DAY + pd.Timedelta(days=31))).table
    found = drop_duplicates("orders", pd.concat([early, late]))
    assert len(found.table) == 2 and not len(found.quarantine) and found.merged.sum() == 0


# --- laws -------------------------------------------------------------------------------------------------------------

junk = st.one_of(st.text(max_size=8), st.floats(), st.none(), st.booleans(), st.datetimes(), st.integers(), st.sampled_from(["12", "2026-03-05", "#####", "¥5", "是"]))  # fmt: skip


@settings(max_examples=60)
@given(st.sampled_from(sorted(TABLES)), st.data())
def test_every_row_of_any_cells_ends_in_one_place(name, data):
    columns = TABLES[name].names()
    rows = data.draw(st.lists(st.lists(junk, min_size=len(columns), max_size=len(columns)), min_size=1, max_size=4))
    frame = pd.DataFrame(rows, columns=columns, dtype=object)
    found = conform(RawTable(name, frame, "a.xlsx"))
    told = drop_duplicates(name, found.table)
    assert found.rows_in == len(found.table) + len(found.quarantine) <= len(rows)
    assert len(found.table) == len(told.table) + told.merged.sum() + len(told.quarantine)
    assert (
        not found.quarantine.duplicated(["file", "sheet", "row"]).any() and found.quarantine.columns.tolist() == COLUMNS
    )
    assert found.table.dtypes.to_dict() == empty(name).dtypes.to_dict()
    assert not found.quarantine.isna().any().any()


def test_every_reason_has_texts_in_both_languages():
    texts = catalogue()
    codes = [check.code for table in TABLES.values() for check in table.checks]
    for code in codes:
        for key in (f"sources.{code}", f"sources.{code}_remedy"):
            assert set(texts[key]) == {"en", "zh"}, key


def test_notes_of_nothing_have_all_columns():
    assert notes([]).columns.tolist() == all_notes([]).columns.tolist() == COLUMNS
    assert worded(note("orders", "f", "s", 1, "supplier", "required_missing")["reason"], "zh") == "“供应商”为空。"


@pytest.mark.parametrize(
    ("quantity", "price", "goods", "freight", "discount", "told"),
    [
        (500, 2.5, 125, 20, 0, True),
        (50, 25, 125, 0, 0, True),
        (50, 2.5, 125, 20, 0, False),
        (3, 3.33, 10, 0, 0, False),  # the price is rounded
        (50, 2.5, 145, 20, 0, False),  # freight in the total
        (50, 2.5, 115, 20, 10, False),
        (50, 2.5, 135, 20, 10, False),
        (50, 2.5, 141.25, 0, 0, False),  # with 13 % tax
        (50, 2.825, 125, 0, 0, False),
        (50, 0, 125, 0, 0, False),  # a gift, or a price nobody wrote
        (50, 2.5, 250, 0, 0, True),
    ],
)
def test_a_goods_total_beside_quantity_and_price(quantity, price, goods, freight, discount, told):
    row = {"order_id": "A", "supplier": "Bao", "ordered_on": "2026-03-02", "quantity": quantity, "unit_price": price, "goods_amount": goods, "freight": freight, "discount": discount}  # fmt: skip
    found = conform(RawTable("orders", pd.DataFrame([row], index=[2]), "orders.csv"))
    assert found.remarks["code"].tolist() == ["goods_not_as_priced"] * told
    assert found.table["goods_amount"].tolist() == [goods]
