"""Cells as buyers write and copy them: prices with their unit, steps as ranges, months as a spreadsheet shows them, sales by the day."""

import csv

import pandas as pd
import pytest
from given_files import book, read, refused
from openpyxl import Workbook

from analysis.decisions.offers import offers_in_force
from analysis.errors import SourceError
from analysis.reporting.sentences import worded
from analysis.sources.cell_dates import read_dates
from analysis.sources.load import check_files, load_source
from analysis.sources.tables import empty

ORDER = ["order_id", "supplier", "sku", "ordered_on", "quantity", "unit", "unit_price", "paid_amount", "status"]
QUOTE = ["quote_id", "supplier", "sku", "quoted_on", "valid_until", "min_quantity", "unit_price"]


def order(number, quantity=10, unit="", price="2.5", paid="", status=""):
    return [f"A{number}", "Bao", "cup", "2026-03-02", quantity, unit, price, paid, status]


def test_a_price_is_for_the_unit_that_it_names(tmp_path):
    cells = [
        ("", "2.5元/个"),
        ("打", "¥24 / 打"),
        ("打", "2 / pcs"),
        ("箱=6", "24.60元/打"),
        ("", "24/打"),
        ("件", "60/箱"),
    ]
    rows = [order(number, 10, unit, price) for number, (unit, price) in enumerate(cells)]
    known = read(tmp_path, orders=(ORDER, *rows))
    kept = known.tables["orders"]
    assert kept["unit_price"].tolist() == pytest.approx([2.5, 2.0, 2.0, 2.05])
    assert kept["quantity"].tolist() == [10, 120, 120, 60]
    assert refused(known) == {6: "unit_of_price", 7: "unit_unknown"}


@pytest.mark.parametrize(
    ("quantity", "unit", "price", "goods", "found"),
    [
        ("5打", "", 2.4, 144, 2.4), ("5打", "", 28.8, 144, 2.4), ("5", "打", 2.4, 144, 2.4), ("5", "打", 28.8, 144, 2.4),
        ("2箱(24个/箱)", "", 2.4, 115.2, 2.4), ("5", "打", 28.8, "", 2.4), ("5打", "", "24/打", 144, 2.0),
        ("5打", "", "2.4/个", "", 2.4), ("5打", "", 2.4, "", None), ("5打", "", 2.4, 999, None),
    ],
)  # fmt: skip
def test_a_price_beside_dozens_is_for_what_the_rows_total_says(tmp_path, quantity, unit, price, goods, found):
    """60 pieces (or 48) at 2.40 are 144.00 (115.20): by the total for a piece or for the unit; a unit in the cell of the count alone says nothing."""
    known = read(tmp_path, orders=([*ORDER, "goods_amount"], [*order(1, quantity, unit, price), goods]))
    [row] = known.tables["orders"].to_dict("records")
    assert row["quantity"] in (60, 48) and row["unit_price"] == pytest.approx(found, nan_ok=True) if found else pd.isna(row["unit_price"])  # fmt: skip
    assert ("price_unit_open" in set(known.remarks["code"])) == (found is None)
    assert ("price_by_total" in set(known.remarks["code"])) == (price == 2.4 and goods in (144, 115.2))


@pytest.mark.parametrize(("paid", "price"), [(164, 2.4), ("", None)])
def test_a_payment_tells_what_a_price_is_for_where_no_goods_are_told(tmp_path, paid, price):
    """164 paid with 20 of freight: 144 for 60 pieces."""
    known = read(tmp_path, orders=([*ORDER, "freight"], [*order(1, "5打", "", 2.4, paid), 20]))
    [found] = known.tables["orders"]["unit_price"]
    assert found == pytest.approx(price) if price else pd.isna(found)


@pytest.mark.parametrize(
    ("price", "told", "taken"), [(2.4, "price_of_piece", 2.4), (30, "price_of_unit", 2.5), (9, None, None)]
)
def test_an_offer_for_dozens_is_priced_as_the_article_is_elsewhere(tmp_path, price, told, taken):
    """Bought at 2.50 a piece: 2.40 is for a piece, 30 for a dozen, and of 9 nobody can say."""
    quotes = (QUOTE, ["Q1", "Bao", "cup", "2026-03-02", "", "10打", price])
    known = read(tmp_path, orders=(ORDER, order(1)), quotes=quotes)
    assert known.tables["quotes"]["unit_price"].tolist() == ([taken] if taken else [])
    assert refused(known) == ({} if taken else {2: "price_unit_open"})
    assert known.remarks["code"].tolist() == ([told] if told else [])
    alone = tmp_path / "alone"
    alone.mkdir()
    assert refused(read(alone, quotes=quotes)) == {2: "price_unit_open"}


@pytest.mark.parametrize(
    ("header", "quantity", "price"),
    [
        ("单价(元/打)", "5打", 2.4),
        ("单价(元/件)", "5打", 28.8),
        ("单价/打", "5打", 2.4),
        ("单价（元/个）", 60, 28.8),
        ("单价(元/打)", 60, None),
    ],
)
def test_a_header_says_what_its_prices_are_for(tmp_path, header, quantity, price):
    known = read(tmp_path, orders=(["order_id", "supplier", "sku", "ordered_on", "quantity", header], ["A1", "Bao", "cup", "2026-03-02", quantity, 28.8]))  # fmt: skip
    assert known.tables["orders"]["unit_price"].tolist() == pytest.approx([price] if price else [])
    assert refused(known) == ({} if price else {2: "unit_of_price"})


@pytest.mark.parametrize(
    ("cell", "least", "low", "high"),
    [
        ("24-30/打", "10打", 2.0, 2.5), ("24~30元每打", "120个", 2.0, 2.5), ("48-60元/箱(24个)", "", 2.0, 2.5), ("2-2.5/个", "10打", 2.0, 2.5),
        ("2.5-2.0", "120", 2.0, 2.5), ("每打24-30元", "5打", 2.0, 2.5), ("24/打 - 30/打", "10打", 2.0, 2.5),
    ],
)  # fmt: skip
def test_a_candidates_range_is_for_the_unit_that_it_names(tmp_path, cell, least, low, high):
    head = ["supplier", "sku", "name", "listed_on", "min_quantity", "price_range"]
    known = read(tmp_path, candidates=(head, ["Bao", "cup", "Cup", "2026-03-02", least, cell]))
    [row] = known.tables["candidates"].to_dict("records")
    assert (row["price_low"], row["price_high"]) == (pytest.approx(low), pytest.approx(high))


def test_a_step_that_is_a_range_holds_from_its_lower_end(tmp_path):
    steps = ["1-99", "100~499个", "≥500", "1,000以上", "5打起批", ">10", "99-1", "10以下", "2-3箱"]
    rows = [[f"Q{place}", "Bao", "cup", "2026-03-02", "", step, 3 - 0.1 * place] for place, step in enumerate(steps)]
    known = read(tmp_path, quotes=(QUOTE, *rows))
    assert known.tables["quotes"]["min_quantity"].tolist() == [1, 100, 500, 1000, 60]
    assert refused(known) == {7: "not_a_number", 8: "not_a_number", 9: "not_a_number", 10: "unit_unknown"}


def test_an_offer_without_an_end_has_none(tmp_path):
    rows = [[f"Q{place}", "Bao", "cup", "2026-03-02", end, 1, 3] for place, end in enumerate(["长期有效", "不限", "Until further notice", "30天"])]  # fmt: skip
    known = read(tmp_path, quotes=(QUOTE, *rows))
    assert known.tables["quotes"]["valid_until"].isna().tolist() == [True] * 3 + [False]
    assert refused(known) == {} and known.remarks.empty


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("30天", "2026-04-01"), ("报价后30天内有效", "2026-04-01"), ("2周", "2026-03-16"), ("三个月", "2026-06-02"), ("1 year", "2027-03-02"),
        ("2026年6月底", "2026-06-30"), ("2026-06", "2026-06-30"), ("2026-02-01", None), ("月底前", None), ("2月", None),
    ],
)  # fmt: skip
def test_an_offer_holds_for_as_long_as_it_says(tmp_path, cell, day):
    """Quoted on 2026-03-02; an end that cannot be read, or that lies before the offer, is told and costs no offer."""
    known = read(tmp_path, quotes=(QUOTE, ["Q1", "Bao", "cup", "2026-03-02", cell, 1, 3]))
    [until] = known.tables["quotes"]["valid_until"]
    assert (until == pd.Timestamp(day)) if day else pd.isna(until)
    assert refused(known) == {} and len(known.remarks) == (day is None)


@pytest.mark.parametrize(
    ("cells", "shares", "codes"),
    [
        (["30", "35.5", ""], [0.3, 0.355, None], {2: "said_in_percent", 3: "said_in_percent"}),
        ([30, 0.3, "20%"], [None, None, 0.2], {2: "share_unclear", 3: "share_unclear"}),
        ([0, 100, "5"], [0, 1, 0.05], {3: "said_in_percent", 4: "said_in_percent"}),
        ([0.3, 0.35, 1], [0.3, 0.35, 1], {}),
        (["30%", "130%", "-1"], [0.3, None, None], {3: "share_out_of_range", 4: "share_out_of_range"}),
        (["350", "30", "定金三成"], [None, 0.3, None], {2: "share_out_of_range", 3: "said_in_percent", 4: "left_out"}),
    ],
)
def test_a_column_of_shares_above_one_is_in_percent(tmp_path, cells, shares, codes):
    suppliers = [[f"S{place}", cell] for place, cell in enumerate(cells)]
    quotes = [[f"Q{place}", "Bao", "cup", "2026-03-02", "", place + 1, 3, cell] for place, cell in enumerate(cells)]
    known = read(
        tmp_path, suppliers=(["supplier", "repurchase_rate"], *suppliers), quotes=([*QUOTE, "deposit_share"], *quotes)
    )
    for table, name in (("suppliers", "repurchase_rate"), ("quotes", "deposit_share")):
        assert known.tables[table][name].tolist() == pytest.approx([float("nan") if share is None else share for share in shares], nan_ok=True)  # fmt: skip
        told = known.remarks[known.remarks["table"] == table]
        assert dict(zip(told["row"], told["code"])) == codes
    assert refused(known) == {}


@pytest.mark.parametrize(("cell", "fee", "code"), [("50元可退", 50, "said_roughly"), ("免费", 0, None), ("50", 50, None), ("$10", None, "foreign_currency"),
                                                   ("50(含税)", None, "tax_in_money"), ("面议", None, "left_out"), ("80元大货可抵扣", 80, "said_roughly")])  # fmt: skip
def test_a_fee_for_samples_never_costs_its_offer(tmp_path, cell, fee, code):
    candidate = (["supplier", "sku", "name", "listed_on", "min_quantity", "price_low", "sample_fee"], ["Bao", "cup", "Cup", "2026-03-02", 10, 2, cell])  # fmt: skip
    known = read(tmp_path, candidates=candidate, quotes=([*QUOTE, "sample_fee"], ["Q1", "Ann", "cup", "2026-03-02", "", 1, 3, cell]))  # fmt: skip
    for table in ("candidates", "quotes"):
        found = known.tables[table].query("supplier != 'Bao'" if table == "quotes" else "supplier == 'Bao'")
        assert found["sample_fee"].tolist() == pytest.approx([float("nan") if fee is None else fee], nan_ok=True)
    assert refused(known) == {} and known.remarks["code"].tolist() == ([code] * 2 if code else [])


@pytest.mark.parametrize(
    ("table", "head", "row", "name"),
    [
        ("inspections", "order_id,inspected_on,inspected,defective,critical", "A1,2026-03-20,5,1,有", "critical"),
        ("inspections", "order_id,inspected_on,inspected,defective,packaging", "A1,2026-03-20,5,1,少量", "packaging"),
        ("demand", "sku,month,units,selling_price", "cup,2026-03,5,$9", "selling_price"),
        ("demand", "sku,month,units,selling_price", "cup,2026-03,5,-9", "selling_price"),
        ("quotes", "supplier,sku,quoted_on,min_quantity,unit_price,benchmark_price", "Bao,cup,2026-03-02,5,2,约9-10", "benchmark_price"),
        ("quotes", "supplier,sku,quoted_on,min_quantity,unit_price,lead_time_days", "Bao,cup,2026-03-02,5,2,-7", "lead_time_days"),
        ("candidates", "supplier,sku,name,listed_on,min_quantity", "Bao,cup,Cup,2026-03-02,面议", "min_quantity"),
        ("answers", "supplier,sku,answered_on,price_low,price_high", "Bao,cup,2026-03-02,1.8,电话报价", "price_high"),
        ("suppliers", "supplier,buyers_30d,penalty_points", "Bao,2.5,0", "buyers_30d"),
    ],
)  # fmt: skip
def test_a_fact_beside_the_matter_never_costs_its_row(tmp_path, table, head, row, name):
    known = read(tmp_path, orders=(ORDER, order(1)), **{table: (head.split(","), row.split(","))})
    [told] = known.remarks[known.remarks["table"] == table].to_dict("records")
    assert refused(known) == {} and told["column"] == name and pd.isna(known.tables[table][name].iloc[0])
    assert "left out" in worded(told["reason"])


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("4-May-26", "2026-05-04"), ("May 4, 2026", "2026-05-04"), ("04 sept. 2026", "2026-09-04"), ("3.Dec.2026", "2026-12-03"),
        ("Feb-26", None), ("26-May", None), ("31-Feb-26", None), ("4-Mai-26", None), ("4/5/2026", None), ("26-05-04", None),
    ],
)  # fmt: skip
def test_a_month_with_a_name_changes_places_with_no_day(cell, day):
    read = read_dates(pd.Series([cell]))
    assert read.faults.tolist() == ["not_a_date" if day is None else None]
    assert read.values.isna()[0] if day is None else read.values[0] == pd.Timestamp(day)


def test_months_as_a_spreadsheet_shows_them():
    read = read_dates(pd.Series(["Feb-26", "Sept 2026", "December 2025", "2026-02", "26-Feb", "Foo-26"]), months=True)
    assert read.values.dt.strftime("%Y-%m").tolist()[:4] == ["2026-02", "2026-09", "2025-12", "2026-02"]
    assert read.faults.tolist() == [None] * 4 + ["not_a_date"] * 2


def test_sales_by_the_day_are_added_up_to_months(tmp_path):
    rows = [("cup", "2026-05-01", 10, 5), ("Cup", "2026-05-02", 20, 6), ("cup", "2026-05-02", 20, 6), ("cup", "2026-05-09", 5, ""),
            ("cup", "2026-04-30", 90, 5), ("pan", "2026-04-01", 8, 3), ("pan", "2026-04-01", 9, 3), ("pan", "2026-05-31", 7, 3)]  # fmt: skip
    orders = (ORDER, order(1))
    known = read(tmp_path, orders=orders, demand=(["sku", "month", "units", "selling_price"], *rows))
    found = known.tables["demand"].set_index(["sku", "month"])
    assert {(sku, f"{month:%m-%d}"): units for (sku, month), units in found["units"].items()} == {
        ("cup", "04-01"): 90, ("cup", "05-01"): 35, ("pan", "04-01"): 8, ("pan", "05-01"): 7,
    }  # fmt: skip
    assert found["selling_price"].tolist()[1] == pytest.approx((10 * 5 + 20 * 6) / 30)
    assert refused(known) == {8: "duplicate_contradicts"}
    told = known.remarks.query("code == 'demand_added_up'")
    assert told["row"].tolist() == [2] and "35" in told["reason"].iloc[0]


def test_a_sheet_of_sales_by_the_day_counts_every_sale(tmp_path):
    """Two sales alike on one day, and an article that sold on one day alone, several times."""
    sales = [("cup", "2026-05-03", 1, 5), ("cup", "2026-05-03", 1, 5), ("cup", "2026-05-09", 2, 5), ("pan", "2026-05-04", 1, 3),
             ("pan", "2026-05-04", 3, 3), ("jug", "2026-05-04", 1, 3), ("jug", "2026-05-04", 1, 3), ("lid", "2026-05-31", 7, 1)]  # fmt: skip
    known = read(tmp_path, orders=(ORDER, order(1)), demand=(["sku", "month", "units", "selling_price"], *sales))
    assert known.tables["demand"].set_index("sku")["units"].to_dict() == {"cup": 4, "pan": 4, "jug": 2, "lid": 7}
    assert refused(known) == {} and len(known.remarks.query("code == 'demand_added_up'")) == 3


@pytest.mark.parametrize("header", ["店铺", "平台", "销售渠道", "Store"])
def test_sales_of_several_shops_are_added_up(tmp_path, header):
    sales = [
        ("cup", "2026-05", "淘宝", 10, 5), ("cup", "2026-05", "拼多多", 30, 3), ("cup", "2026-06", "淘宝", 7, 5), ("pan", "2026-05", "", 4, 9),
        ("cup", "2026-05", "淘宝 ", 10, 5), ("cup", "2026-06", "拼多多", 1, ""), ("cup", "2026-06", "拼多多", 2, ""), ("cup", "2026-06", "全部", 8, 5),
        ("cup", "2026-06", "", 8, 5),
    ]  # fmt: skip
    known = read(
        tmp_path, orders=(ORDER, order(1)), demand=(["sku", "month", header, "units", "selling_price"], *sales)
    )
    found = known.tables["demand"].assign(month=lambda rows: rows["month"].dt.month)
    assert found[["sku", "month", "units"]].to_numpy().tolist() == [["cup", 5, 40], ["cup", 6, 8], ["pan", 5, 4]]
    assert found["selling_price"].tolist() == pytest.approx([(10 * 5 + 30 * 3) / 40, 5, 9])
    assert refused(known) == {8: "duplicate_contradicts", 9: "demand_shop_unclear", 10: "demand_shop_unclear"}
    assert (
        sorted(known.remarks["code"]) == ["demand_of_shops", "rows_twice"]
        and "2" in worded(known.remarks.query("code == 'demand_of_shops'"))["reason"].iloc[0]
    )


def test_sales_by_day_and_shop_are_added_up_over_both(tmp_path):
    sales = [
        ("cup", "2026-05-03", "A", 1),
        ("cup", "2026-05-03", "B", 1),
        ("cup", "2026-05-09", "A", 2),
        ("cup", "2026-06-04", "B", 3),
    ]
    known = read(tmp_path, orders=(ORDER, order(1)), demand=(["sku", "month", "channel", "units"], *sales))
    assert known.tables["demand"]["units"].tolist() == [4, 3] and refused(known) == {}


def test_more_pieces_than_ordered_and_more_money_than_paid_are_told(tmp_path):
    orders = (ORDER, *(order(number, 50, "", "2.5", "125") for number in range(1, 5)))
    parcels = (["order_id", "line_no", "received_on", "received_quantity", "batch"],
               ["A1", 1, "2026-03-15", 40, 1], ["A1", 1, "2026-03-18", 20, 2], ["A2", 1, "2026-03-15", 50, 1])  # fmt: skip
    returns = (["order_id", "line_no", "returned", "refund", "settled_on"],
               ["A1", 1, 5, 130, "2026-04-01"], ["A2", 1, 5, 100, "2026-04-01"], ["A2", 1, 4, 30, "2026-04-02"], ["A3", 1, 50, 125, "2026-04-01"])  # fmt: skip
    known = read(tmp_path, orders=orders, receipts=parcels, returns=returns)
    assert refused(known) == {2: "more_refunded_than_paid", 4: "more_refunded_than_paid"}
    above = known.remarks.query("code == 'received_above_ordered'")
    assert above["row"].tolist() == [2] and "60" in above["reason"].iloc[0]


def test_words_of_a_buyers_own_list_say_where_an_order_stands(tmp_path):
    """`unknown`: finished, and nobody wrote down when it came."""
    words = {"部分发货": "open", "换货中": "open", "In transit": "open", "已完成": "unknown", "Completed": "unknown", "拒收": "refunding", "退款成功": "refunding", "已退款": "refunding", "退了一半": None,
             "部分入库": "open", "已作废": "cancelled", "卖家取消": "cancelled", "超时关闭": "cancelled"}  # fmt: skip
    rows = [order(number, status=word) for number, word in enumerate(words, start=10)]
    known = read(tmp_path, orders=(ORDER, *rows))
    told = known.remarks[known.remarks["column"] == "status"]
    assert told["row"].tolist() == [2 + list(words).index(word) for word in ("退了一半",)]
    assert known.tables["orders"]["status"].tolist() == [word or "open" for word in words.values()]


@pytest.mark.parametrize("word", ["尚未到货", "还没到", "In transit", "TBD", " 待定 ", "未入库"])
def test_a_word_in_place_of_an_arrival_says_that_nothing_came(tmp_path, word):
    """In a list of orders, and beside lots in the sheet of inspections."""
    rows = [[*order(1), word], [*order(2), "2026-03-09"], [*order(3), "bald"]]
    lots = [["A1", 1, "2026-03-20", word, 5, 0], ["A1", 1, "", word, "", ""]]
    known = read(
        tmp_path,
        orders=([*ORDER, "received_on"], *rows),
        inspections=(["order_id", "line_no", "inspected_on", "received_on", "inspected", "defective"], *lots),
    )
    assert known.tables["orders"]["status"].tolist() == ["open", "received"]
    assert known.tables["inspections"]["inspected"].tolist() == [5]
    assert refused(known) == {4: "not_a_date"} and known.remarks.empty


@pytest.mark.parametrize("word", ["在途", "未到", "运输中", "Not arrived"])
def test_a_parcel_on_its_way_is_no_arrival(tmp_path, word):
    """The first order waits for a second parcel, the second for its only one; the third has come."""
    head = ["order_id", "line_no", "received_on", "received_quantity"]
    parcels = [
        ["A1", 1, "2026-03-15", 4],
        ["A1", 1, word, 6],
        ["A2", 1, word, ""],
        ["A3", 1, "2026-03-16", 10],
        ["A4", 1, "", 10],
    ]
    known = read(tmp_path, orders=(ORDER, *map(order, (1, 2, 3, 4))), receipts=(head, *parcels))
    assert refused(known) == {6: "required_missing"}  # of a blank nobody knows what it says
    lines = known.tables["orders"].set_index("order_id")
    assert lines["status"].to_dict() == {"A1": "open", "A2": "open", "A3": "received", "A4": "open"}
    assert lines["received_quantity"].tolist() == [4, 0, 10, 0]
    account = known.accounting.set_index("table").loc["receipts", ["rows_in", "kept", "quarantined", "later"]]
    assert account.tolist() == [3, 2, 1, 2]


def test_a_parcel_on_its_way_may_stand_in_the_sheet_of_inspections(tmp_path):
    head = ["order_id", "line_no", "received_on", "received_quantity", "inspected_on", "inspected", "defective"]
    rows = [
        ["A1", 1, "2026-03-15", 4, "2026-03-16", 4, 0],
        ["A1", 1, "在途", 6, "", "", ""],
        ["A2", 1, "未到", "", "", "", ""],
    ]
    known = read(tmp_path, orders=(ORDER, order(1), order(2)), inspections=(head, *rows))
    assert refused(known) == {} and known.tables["orders"]["status"].tolist() == ["open", "open"]
    assert known.accounting.groupby("table")["later"].sum()["receipts"] == 2


def test_a_fact_that_cannot_be_read_leaves_the_rest_of_its_row(tmp_path):
    facts = [
        "supplier",
        "years_on_platform",
        "dispute_rate_90d",
        "sales_30d",
        "buyers_30d",
        "repurchase_rate",
        "credentials_until",
    ]
    rows = [["Bao", "6年", "<0.06%", "8.6万", "120+", "35%", "长期"], ["Ann", "3+", "0.0004", "10万以上", "约50人", "unknown yet", "2027-06-30止"],
            ["Cai", "6个月", "-1%", 5, 5, 0.5, ""], ["Dan", "many", "", 5, 2.5, 0.5, ""]]  # fmt: skip
    known = read(tmp_path, orders=(ORDER, order(1)), suppliers=(facts, *rows))
    found = known.tables["suppliers"].set_index("supplier")
    assert found.loc["Bao", facts[1:6]].tolist() == pytest.approx([6, 0.0006, 86000, 120, 0.35])
    assert found.loc["Ann", facts[1:5]].tolist() == pytest.approx([3, 0.0004, 100_000, 50])
    assert pd.isna(found.loc["Ann", "repurchase_rate"]) and pd.isna(found.loc["Bao", "credentials_until"])
    assert found.loc["Ann", "credentials_until"] == pd.Timestamp("2027-06-30")
    assert refused(known) == {4: "share_out_of_range"} and found["sales_30d"].to_dict()["Dan"] == 5
    told = known.remarks[known.remarks["file"] == "suppliers.csv"].groupby("code")["row"].apply(list).to_dict()
    assert told == {"said_roughly": [2, 2, 3, 3, 3], "left_out": [3, 5], "not_whole": [5]}


HIDDEN_FACTS = ["paid_on", "promised_on", "repromised_on", "shipped_on", "stage", "transport_mode", "status"]


@pytest.mark.parametrize("name", [*HIDDEN_FACTS, "ordered_on", "received_on", "quantity", "unit_price", "discount"])
def test_what_a_narrow_column_hides_costs_only_itself(tmp_path, name):
    """A day or word beside the matter is left out and told; of the others a blank would say something else."""
    cells = dict.fromkeys(["unit_price", "discount", "received_on", *HIDDEN_FACTS], "") | dict(zip(ORDER[:5], order(1)))
    cells[name] = "########"
    known = read(tmp_path, orders=([*cells], [*cells.values()]))
    told = known.remarks if name in HIDDEN_FACTS else known.quarantine
    assert told["code"].tolist() == ["date_hidden" if name.endswith("_on") else "cell_hidden"]
    assert known.tables["orders"]["status"].tolist() == (["open"] if name in HIDDEN_FACTS else [])
    assert ("left out" in worded(told["reason"].iloc[0])) == (name in HIDDEN_FACTS)


def test_an_offer_and_an_order_lose_only_what_cannot_be_read(tmp_path):
    head = [*QUOTE, "lead_time_days", "credit_days", "benchmark_price"]
    quotes = [["Q1", "Bao", "cup", "2026-03-02", "2026-12-31前", 1, 3, "7-15天", "月结30天", ""],
              ["Q2", "Bao", "cup", "2026-03-02", "", 1, 3, "现货", 30, ""],
              ["Q3", "Bao", "cup", "2026-03-02", "", 1, 3, 7, 30, "about 5"], ["Q4", "Bao", "cup", "2026-03-02", "", 1, "约3", 7, 30, ""]]  # fmt: skip
    order_head = [*ORDER, "promised_on", "freight", "received_on", "discount"]
    orders = [[*order(1), "下单后15天", "到付", "2026-03-12 上午", ""], [*order(2), "2026-03-20前", "包邮", "", ""],
              [*order(3), "", "5%", "", ""], [*order(4), "", "", "已到", ""], [*order(5), "", "", "", "满200减10"]]  # fmt: skip
    known = read(tmp_path, orders=(order_head, *orders), quotes=(head, *quotes))
    kept = known.tables["quotes"].set_index("quote_id")
    assert kept["lead_time_days"].tolist()[::2] == [15, 7] and kept["credit_days"].tolist()[1:] == [30, 30]
    assert kept[["lead_time_days", "credit_days"]].isna().to_numpy().sum() == 2 and kept["benchmark_price"].isna().all()
    assert kept.loc["Q1", "valid_until"] == pd.Timestamp("2026-12-31")
    lines = known.tables["orders"].set_index("order_id")
    assert lines.loc["A1", "received_on"] == pd.Timestamp("2026-03-12") and pd.isna(lines.loc["A1", "freight"])
    assert pd.isna(lines.loc["A1", "promised_on"]) and lines.loc["A2", "promised_on"] == pd.Timestamp("2026-03-20")
    assert lines.loc["A2", "freight"] == 0 and list(lines.index) == ["A1", "A2", "A4"]
    assert lines.loc["A4", "status"] == "unknown", "come, and nobody says when"
    bad = known.quarantine.groupby("file")["row"].apply(list).to_dict()
    assert bad == {"orders.csv": [4, 6], "quotes.csv": [5]}


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("采购单", ["单号", "供货商", "品名", "采购数量", "采购价", "下单时间", "交货日期", "实际到货"]),
        ("purchases 2026", ["PO Number", "Vendor", "Item", "Qty", "Price", "Order Date", "Due Date", "Receipt Date"]),
        ("orders", ["订单号", "供应商", "产品编码", "数量", "单价", "采购日期", "预计到货", "入库日期"]),
    ],
)  # fmt: skip
def test_a_plain_list_is_read_by_the_usual_names_of_its_columns(tmp_path, name, head):
    rows = [["P1", "Bao", "Mug", 100, 1.25, "2026-05-03", "2026-05-20", "2026-05-18"], ["P2", "Bao", "Jug", 50, 1.5, "2026-06-03", "", ""]]  # fmt: skip
    known = read(tmp_path, **{name: (head, *rows)})
    lines = known.tables["orders"]
    assert lines["sku"].tolist() == ["Mug", "Jug"] and lines["unit_price"].tolist() == [1.25, 1.5]
    assert lines["promised_on"].iloc[0] == pd.Timestamp("2026-05-20") and lines["status"].tolist() == [
        "received",
        "open",
    ]
    told = known.remarks["code"].tolist()
    assert told == ([] if "产品编码" in head else ["column_instead"])


@pytest.mark.parametrize(
    "header",
    ["卖家公司名称", "供应商名称（全称）", "供应商全称", "卖家会员名", "厂家名称", "工厂", "供货单位", "Seller", "Factory name"],
)  # fmt: skip
def test_the_usual_headers_of_a_supplier_are_known(tmp_path, header):
    head = ["order_id", header, "物料编号", "ordered_on", "quantity", "unit_price"]
    known = read(tmp_path, orders=(head, ["P1", "Bao", "m-1", "2026-05-03", 5, 2], ["P2", "Bao", "m-2", "2026-05-04", 5, 3]))  # fmt: skip
    assert known.tables["orders"]["supplier"].tolist() == ["Bao"] * 2 and known.remarks.empty
    assert known.tables["orders"]["sku"].tolist() == ["m-1", "m-2"]


@pytest.mark.parametrize(
    ("head", "cells", "wanted"),
    [
        (["款号", "SKU"], ["T100", "T100-RED"], {"sku": "T100-RED"}), (["ETA", "promised date"], ["2026-05-20", "2026-05-10"], {"promised_on": "2026-05-10"}),
        (["签收日期", "到货日期"], ["2026-05-21", "2026-05-22"], {"received_on": "2026-05-22"}), (["price", "unit_price"], [50, 5], {"unit_price": 5}),
        (["unit_price", "price"], [5, 50], {"unit_price": 5}), (["SKU", "SKU"], ["a", "b"], {"sku": "a"}),
    ],
)  # fmt: skip
def test_of_two_columns_that_mean_the_same_the_plainer_header_is_read(tmp_path, head, cells, wanted):
    known = read(
        tmp_path,
        orders=(["order_id", "supplier", "ordered_on", "quantity", *head], ["A1", "Bao", "2026-05-03", 10, *cells]),
    )
    [row] = known.tables["orders"].to_dict("records")
    assert {name: f"{row[name]:%Y-%m-%d}" if name.endswith("_on") else row[name] for name in wanted} == wanted
    assert known.remarks["code"].tolist() == ["column_repeated"]


@pytest.mark.parametrize(
    ("table", "head", "row", "wanted"),
    [
        ("orders", ["PO #", "Vendor", "Item No", "Date ordered", "Qty ordered", "Price"], ["A7", "Bao", "cup", "2026-05-03", 8, 2], {"quantity": 8}),
        ("receipts", ["PO", "Date received", "Qty received"], ["A1", "2026-05-12", 7], {"received_quantity": 7}),
        ("inspections", ["Order #", "QC date", "Sample size", "Defect qty"], ["A1", "2026-05-12", 7, 2], {"inspected": 7, "defective": 2}),
        ("returns", ["PO no", "Qty returned", "Refund amount", "Refund date"], ["A1", 2, 5, "2026-05-20"], {"returned": 2, "refund": 5}),
        ("stock_counts", ["SKU", "Count date", "Stock on hand"], ["cup", "2026-05-31", 40], {"on_hand": 40}),
        ("stock_counts", ["货号", "盘点时间", "实盘数量"], ["cup", "2026-05-31", 40], {"on_hand": 40}),
    ],
)  # fmt: skip
def test_the_usual_headers_of_what_is_about_orders_are_known(tmp_path, table, head, row, wanted):
    tables = {"orders": (ORDER, order(1)), table: (head, row)}
    known = read(tmp_path, **tables)
    [found] = known.tables[table].to_dict("records")
    assert {name: found[name] for name in wanted} == wanted and refused(known) == {}
    assert set(known.remarks["code"]) <= {"received_in_part"}


@pytest.mark.parametrize(("cell", "least"), [("不限", 1), ("无起订量", 1), ("No MOQ", 1), ("无", None), ("面议", None)])
def test_an_offer_without_a_least_quantity_holds_from_one(tmp_path, cell, least):
    known = read(tmp_path, quotes=(QUOTE, ["Q1", "Bao", "cup", "2026-03-02", "", cell, 3]))
    assert known.tables["quotes"]["min_quantity"].tolist() == ([least] if least else [])
    assert len(refused(known)) == (least is None)


@pytest.mark.parametrize(
    ("cell", "days"), [("72小时内", 3), ("7-10天发货", 10), ("15日内", 15), ("一阵", None), ("现货", None)]
)
def test_days_of_delivery_as_suppliers_tell_them(tmp_path, cell, days):
    known = read(tmp_path, quotes=([*QUOTE, "交期"], ["Q1", "Bao", "cup", "2026-03-02", "", 1, 3, cell]))
    [found] = known.tables["quotes"]["lead_time_days"]
    assert found == days if days else pd.isna(found)
    assert known.remarks["code"].tolist() == ["said_roughly" if days else "left_out"]


def test_sales_by_name_are_known_for_what_they_are(tmp_path):
    known = read(
        tmp_path, orders=(ORDER, order(1)), **{"卖出": (["商品名称", "月份", "月需求量"], ["杯", "2026-05", 7])}
    )
    assert known.tables["demand"]["sku"].tolist() == ["杯"]


def test_a_name_of_goods_stands_for_the_sku_only_where_there_is_none(tmp_path):
    head = ["订单编号", "供应商", "品名", "SKU", "数量", "单价", "下单日期"]
    known = read(tmp_path, orders=(head, ["P1", "Bao", "Mug", "M-1", 100, 1.25, "2026-05-03"]))
    assert known.tables["orders"]["sku"].tolist() == ["M-1"]
    assert known.remarks["code"].tolist() == ["column_ignored"]


def test_notes_below_a_table_are_no_rows_of_it(tmp_path):
    head = ["order_id", "supplier", "sku", "ordered_on", "quantity", "remark"]
    rows = [["P1", "Bao", "Mug", "2026-05-03", 10, "备注：急"], ["备注：以上订单均已付款"], ["", "", "Note: prices with tax"], ["P2", "Bao", "Mug", "2026-05-04", 10]]  # fmt: skip
    known = read(tmp_path, orders=(head, *rows))
    assert known.tables["orders"]["order_id"].tolist() == ["P1", "P2"]
    assert refused(known) == {3: "note_row", 4: "note_row"}


def test_a_list_of_quotes_needs_no_numbers(tmp_path):
    """The steps of one day are one quote; the newest counts. Two suppliers that number alike are two."""
    head = ["供应商", "货号", "报价日期", "起订量", "单价"]
    rows = [("甲厂", "杯", "2026-04-01", 50, 2.1), ("甲厂", "杯", "2026-04-01", 500, 1.9), ("乙厂", "杯", "2026-04-01", 50, 2.0), ("甲厂", "杯", "2026-05-02", 50, 2.3)]  # fmt: skip
    known = read(tmp_path, orders=(ORDER, order(1)), 报价=(head, *rows))
    assert refused(known) == {} and len(known.tables["quotes"]) == 4
    offers = offers_in_force(known.tables["quotes"], empty("orders"), pd.Timestamp("2026-05-31"))
    prices = {offer.supplier: offer.ladder.prices for offer in offers.offers}
    assert prices["乙厂"] == (2.0,) and prices["甲厂"] == (2.3,)
    numbered = [("Q1", "甲厂", "杯", "2026-04-01", "", 50, 2.1), ("Q1", "乙厂", "杯", "2026-04-01", "", 50, 2.0), ("", "乙厂", "杯", "2026-04-03", "", 60, 2.0)]  # fmt: skip
    (tmp_path / "numbered").mkdir()
    again = read(tmp_path / "numbered", orders=(ORDER, order(1)), quotes=(QUOTE, *numbered))
    assert sorted(again.tables["quotes"]["quote_id"]) == ["2026-04-03", "Q1", "Q1"]


def test_a_header_may_name_its_unit_or_its_currency(tmp_path):
    """Yuan of whatever piece are yuan; amounts below another currency are refused, as those with its sign are."""
    heads = {"单价(元/个)": None, "采购价（人民币）": None, "单价/元": None, "单价(USD)": "foreign_currency", "美元单价": "foreign_currency", "Price (HK$/pc)": "foreign_currency"}  # fmt: skip
    for place, (head, code) in enumerate(heads.items()):
        folder = tmp_path / str(place)
        folder.mkdir()
        header = ["订单号", "供应商", "货号", "下单日期", "数量", head, "优惠金额(元)"]
        rows = [["A1", "Bao", "cup", "2026-03-02", 5, "2.50", 1], ["A2", "Bao", "cup", "2026-03-02", 5, "", ""]]
        known = read(folder, orders=(header, *rows))
        assert refused(known) == ({2: code} if code else {}), head
        assert known.tables["orders"]["unit_price"].dropna().tolist() == ([] if code else [2.5])
        assert not known.remarks["code"].isin(["column_ignored", "column_near"]).any()


CARTONS = (["sku", "unit", "pieces_per_unit"], ["cup", "箱", 24])


@pytest.mark.parametrize(
    ("head", "cell", "pieces"),
    [
        ("数量(箱)", 3, 72), ("采购数量（打）", "3", 36), ("数量/箱", "3", 72), ("qty (ctn)", 3, 72), ("数量(24个/箱)", 3, 72), ("数量(箱=12)", 3, "unit_unknown"),
        ("数量(个)", 3, 3), ("Qty (pcs)", 3, 3), ("数量(千个)", "1.5", 1500), ("数量(必填)", 3, 3), ("数量\n(箱)", 3, 72), ("数量(箱)", "3个", 3),
        ("数量(双)", 3, "unit_unknown"), ("数量(公斤)", 3, "not_a_number"),
    ],
)  # fmt: skip
def test_a_header_says_what_its_quantity_counts(tmp_path, head, cell, pieces):
    """The house's cartons of cups hold 24."""
    rows = ([*ITEMS[:4], head], ["A1", "Bao", "cup", "2026-03-02", cell])
    known = read(tmp_path, orders=rows, articles=CARTONS)
    assert known.tables["orders"]["quantity"].tolist() == ([] if isinstance(pieces, str) else [pieces])
    assert refused(known) == ({2: pieces} if isinstance(pieces, str) else {})


def test_counts_beside_each_other_may_have_units_of_their_own(tmp_path):
    head = [*ITEMS[:4], "数量(箱)", "实收数量(个)", "到货日期", "单价(元/箱)"]
    rows = [["A1", "Bao", "cup", "2026-03-02", 2, 48, "2026-03-12", 36], ["A2", "Bao", "cup", "2026-03-02", 2, "1箱", "2026-03-12", 36], ["A3", "Bao", "cup", "2026-03-02", "5个", "1托", "2026-03-12", 36]]  # fmt: skip
    looks = (["order_id", "inspected_on", "检验数量(箱)", "不良数(个)"], ["A1", "2026-03-20", 2, 3])
    known = read(tmp_path, orders=(head, *rows), articles=CARTONS, inspections=looks)
    assert known.tables["orders"][["quantity", "received_quantity", "unit_price"]].to_numpy().tolist() == [[48, 48, 1.5], [48, 24, 1.5]]  # fmt: skip
    assert known.tables["inspections"][["inspected", "defective"]].to_numpy().tolist() == [[48, 3]]
    assert refused(known) == {4: "not_a_number"}


@pytest.mark.parametrize(
    ("inspected", "defective", "unit", "counts"),
    [("2箱", 1, "", None), ("2箱", "1个", "", [48, 1]), ("2箱", "1箱", "", [48, 24]), ("2箱", 5, "", [48, 5]), ("2箱", 0, "", [48, 0]), (2, 1, "箱", [48, 24]), ("20个", 2, "", [20, 2])],
)  # fmt: skip
def test_a_count_beside_cartons_says_what_it_counts(tmp_path, inspected, defective, unit, counts):
    """One of two cartons, or one cup of 48? Five can be no cartons of two."""
    looks = (["order_id", "inspected_on", "inspected", "defective", "unit"], ["A1", "2026-03-20", inspected, defective, unit])  # fmt: skip
    known = read(tmp_path, orders=(ORDER, order(1, 48)), articles=CARTONS, inspections=looks)
    assert known.tables["inspections"][["inspected", "defective"]].to_numpy().tolist() == ([counts] if counts else [])
    assert refused(known) == ({} if counts else {2: "count_unit_open"})
    assert counts or "箱" in worded(known.quarantine["reason"].iloc[0])


@pytest.mark.parametrize(
    ("head", "cell", "name", "value", "code"),
    [
        ("交期(周)", 3, "lead_time_days", 21, None), ("交货期（工作日）", "8-10", "lead_time_days", 14, "said_roughly"), ("账期(月)", 2, "credit_days", 60, "said_roughly"),
        ("交期(天)", "12", "lead_time_days", 12, None), ("交期(周)", "9天", "lead_time_days", 9, None), ("交期(半月)", 2, "lead_time_days", None, "column_of_other_unit"),
        ("交期", "3周", "lead_time_days", 21, None), ("交期", "5个工作日左右", "lead_time_days", 7, "said_roughly"), ("交期(小时)", 36, "lead_time_days", 2, "said_roughly"),
        ("定金(%)", 30, "deposit_share", 0.3, None), ("定金(%)", "0.5", "deposit_share", 0.005, None), ("定金（％）", "30%", "deposit_share", 0.3, None),
        ("样品费($)", 9, "sample_fee", None, "foreign_currency"), ("样品费(千元)", 0.2, "sample_fee", 200, None), ("样品费(角)", 50, "sample_fee", None, "left_out"),
        ("有效期至(YYYY-MM-DD)", "2026-05-01", "valid_until", pd.Timestamp("2026-05-01"), None),
    ],
)  # fmt: skip
def test_a_header_says_what_a_fact_of_an_offer_counts(tmp_path, head, cell, name, value, code):
    known = read(tmp_path, quotes=([*QUOTE[:4], *QUOTE[5:], head], ["Q1", "Bao", "cup", "2026-03-02", 1, 3, cell]))
    [found] = known.tables["quotes"][name]
    assert (
        pd.isna(found)
        if value is None
        else found == (value if isinstance(value, pd.Timestamp) else pytest.approx(value))
    )
    assert known.remarks["code"].tolist() == ([code] if code else []) and refused(known) == {}


@pytest.mark.parametrize(
    ("head", "cell", "price"), [("单价(打)", 30, 2.5), ("价格(元)", 2.5, 2.5), ("价格($)", 2.5, "foreign_currency"), ("单价(分)", 250, "not_a_number"), ("Price (doz)", 30, 2.5)]
)  # fmt: skip
def test_a_header_says_what_its_price_counts(tmp_path, head, cell, price):
    known = read(tmp_path, orders=([*ITEMS[:4], "数量(打)", head], ["A1", "Bao", "cup", "2026-03-02", 2, cell]))
    if isinstance(price, str):
        assert refused(known) == {2: price}
    elif "元" in head:  # for a piece or for the dozen, nobody says
        assert known.remarks["code"].tolist() == ["price_unit_open"]
    else:
        assert known.tables["orders"]["unit_price"].tolist() == [price]


@pytest.mark.parametrize(
    ("table", "head", "row", "name", "value"),
    [
        ("demand", ["sku", "month", "销量(箱)"], ["cup", "2026-05", 2], "units", 48), ("demand", ["sku", "月份(年-月)", "月需求量(打)"], ["cup", "2026-05", 2], "units", 24),
        ("stock_counts", ["sku", "counted_on", "库存数量(箱)"], ["cup", "2026-05-03", 2], "on_hand", 48),
        ("receipts", ["order_id", "received_on", "到货数量(箱)"], ["A1", "2026-03-20", 1], "received_quantity", 24),
        ("returns", ["order_id", "settled_on", "退货数量(打)"], ["A1", "2026-03-20", 1], "returned", 12),
        ("suppliers", ["supplier", "近30天销售额(万元)"], ["Bao", 8.6], "sales_30d", 86000), ("suppliers", ["supplier", "纠纷率(%)"], ["Bao", 0.4], "dispute_rate_90d", 0.004),
    ],
)  # fmt: skip
def test_a_header_says_what_the_numbers_of_any_table_count(tmp_path, table, head, row, name, value):
    known = read(tmp_path, orders=(ORDER, [*order(1, 48)]), articles=CARTONS, **{table: (head, row)})
    assert known.tables[table][name].tolist() == pytest.approx([value]) and refused(known) == {}


def test_a_currency_beside_its_amounts_is_theirs(tmp_path):
    words = {"USD": True, "港币": True, "$": True, "欧元": True, "EURO": True, "zloty": True, "CNY": False, "人民币": False, "元": False, "¥": False, "RMB(元)": False, "": False, "-": False}  # fmt: skip
    quotes = [
        ["Q1", "Bao", f"S{n}", "2026-03-02", "", 1, ("2.50", "3/个")[n % 2], word] for n, word in enumerate(words)
    ]
    page = ["supplier", "name", "listed_on", "price_range", "Currency"]
    listed = [["Bao", "cup", "2026-03-02", "2-3", "USD"], ["Bao", "pan", "2026-03-02", "2-3", "元"], ["Bao", "jug", "2026-03-02", "", "USD"], ["Bao", "lid", "2026-03-02", "€2-3", ""]]  # fmt: skip
    known = read(tmp_path, orders=(ORDER, order(1)), quotes=([*QUOTE, "币种"], *quotes), candidates=(page, *listed))
    codes = known.quarantine.set_index(["table", "row"])["code"].to_dict()
    assert set(codes) == {
        *(("quotes", row) for row, other in enumerate(words.values(), 2) if other),
        ("candidates", 2),
        ("candidates", 5),
    }
    assert set(codes.values()) <= {"foreign_currency", "not_a_number"} and known.remarks.empty


def test_a_ledger_has_its_currency_beside_its_amounts(tmp_path):
    book = Workbook()
    for name, rows in {
        "报价": [["报价单号", "供应商", "货号", "报价日期", "起订量", "单价", "货币"], ["Q1", "甲厂", "CUP", "2026-03-02", 1, 2.5, "美金"], ["Q2", "甲厂", "CUP", "2026-03-02", 1, 2.5, "RMB"]],
        "订单": [["订单号", "供应商", "货号", "下单日期", "数量", "单价(美元)"], ["A1", "甲厂", "CUP", "2026-03-02", 1, 2.5], ["A2", "甲厂", "CUP", "2026-03-02", 1, None]],
    }.items():  # fmt: skip
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
    book.save(tmp_path / "台账.xlsx")
    known = check_files([tmp_path / "台账.xlsx"])
    told = known.quarantine[["table", "row", "code"]].to_numpy().tolist()
    assert sorted(told) == [["orders", 2, "foreign_currency"], ["quotes", 2, "foreign_currency"]]
    assert known.quarantine["reason"].map(worded).str.contains("USD").all()


@pytest.mark.parametrize(
    ("came", "word", "rows", "bad", "code"),
    [
        (17, "", [["", 7.5, "", "2026-03-25", ""]], 0, "rest_refunded"),  # nothing sent back, the price of the 3 that are missing
        (17, "", [["", 7.5, "", "2026-03-25", ""]], 3, "refund_of_which"),  # or of the 3 that were bad
        (17, "", [[3, 7.5, "", "2026-03-25", ""]], 0, "refund_of_which"), (17, "已完成", [[3, 7.5, "", "2026-03-25", ""]], 1, "rest_refunded"),
        (17, "", [[3, 7.5, "2026-03-11", "2026-03-25", ""]], 0, "rest_refunded"),  # asked for before anything had come
        (6, "", [[14, "", "", "2026-03-25", ""]], 0, "rest_refunded"),  # more than can have been sent back
        (17, "", [[1, "", "2026-03-10", "2026-03-10", ""], [2, "", "2026-03-11", "2026-03-12", ""]], 0, "rest_refunded"),
        (17, "", [[3, 7.5, "", "2026-03-25", "customer"]], 0, "received_in_part"), (17, "", [["", 5, "", "2026-03-25", ""]], 0, "received_in_part"),
        (17, "", [[3, 7.5, "2026-03-11", "", ""]], 0, "received_in_part"), (17, "已完成", [], 0, "received_in_part"),
        (17, "", [[3, 7.5, "2026-03-11", "2026-07-25", ""]], 0, "received_in_part"),
    ],
)  # fmt: skip
def test_a_line_whose_rest_was_refunded_waits_for_nothing(tmp_path, came, word, rows, bad, code):
    """20 pieces at 2.50, of which the parcel of 14 March was the last; told is whether its money came back for those that never came."""
    tables = {
        "orders": (ORDER, order(1, 20, "", 2.5, 50, word), order(2, 20, "", 2.5, 50)),
        "receipts": (["order_id", "received_on", "received_quantity"], ["A1", "2026-03-12", came - 1], ["A1", "2026-03-14", 1]),
        "inspections": (["order_id", "inspected_on", "inspected", "defective"], ["A1", "2026-03-15", came, bad]),
        "returns": (["order_id", "returned", "refund", "opened_on", "settled_on", "origin"], *(["A1", *row] for row in rows)),
    }  # fmt: skip
    known = in_full(tmp_path, **tables)
    [line, other] = known.tables["orders"].to_dict("records")
    done = code == "rest_refunded"
    assert (line["status"], line["received_quantity"]) == ("received" if done else "open", came)
    assert line["received_on"] == pd.Timestamp("2026-03-14") if done else pd.isna(line["received_on"])
    assert other["status"] == "open" and refused(known) == {}
    parts = known.remarks.query("column == 'received_quantity'")
    assert list(zip(parts["row"], parts["code"])) == [(2, code)]
    assert worded(parts["reason"].iloc[0]) and worded(parts["remedy"].iloc[0])


@pytest.mark.parametrize("header", ["入库数量", "已到货数量", "实收数量"])
def test_fewer_pieces_than_ordered_are_no_arrival_in_full(tmp_path, header):
    head = ["订单号", "供应商", "货号", "下单日期", "数量", header, "入库日期", "状态"]
    rows = [["A1", "Bao", "cup", "2026-03-02", 500, 100, "2026-03-14", "部分入库"], ["A2", "Bao", "cup", "2026-03-02", 500, 500, "2026-03-14", ""]]  # fmt: skip
    lots = ["order_id", "line_no", "inspected_on", "检验数量", "不良数"]
    known = read(tmp_path, orders=(head, *rows), inspections=(lots, ["A2", 1, "2026-03-20", 50, 3]))
    assert known.tables["orders"]["status"].tolist() == ["open", "received"]
    assert known.tables["orders"]["received_quantity"].tolist() == [100, 500]
    assert known.tables["inspections"]["defective"].tolist() == [3]
    assert known.remarks["code"].tolist() == ["received_in_part"]


def test_the_day_of_a_refund_settles_a_return(tmp_path):
    returns = (["order_id", "line_no", "退货数量", "退款金额", "退款日期"], ["A1", 1, 2, 5, "2026-03-20"])
    known = read(tmp_path, orders=(ORDER, order(1)), returns=returns)
    assert known.tables["returns"]["settled_on"].tolist() == [pd.Timestamp("2026-03-20")] and known.remarks.empty


def workbook(folder, forms, **tables):
    """What a workbook gives whose sheets are `tables`, the cells of some columns in a number format (by header)."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in tables.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
        for row in page.iter_rows(min_row=2):
            for cell, head in zip(row, rows[0]):
                cell.number_format = forms.get(head, "General")
    book.save(folder / "book.xlsx")
    return check_files([folder / "book.xlsx"])


ITEMS = ["order_id", "supplier", "sku", "ordered_on", "quantity", "unit_price", "freight"]


@pytest.mark.parametrize(
    ("column", "form", "code"),
    [
        ("unit_price", "[$$-409]#,##0.00", "foreign_currency"), ("unit_price", "[$€-2] 0.0", "foreign_currency"),
        ("freight", '"US$"0', "foreign_currency"), ("unit_price", "[$¥-411]0", "foreign_currency"), ("freight", "0%", "percent_in_money"),
        ("quantity", '0"箱"', "unit_unknown"), ("unit_price", '0.0"元/箱"', "unit_unknown"), ("quantity", '0"公斤"', "not_a_number"),
    ],
)  # fmt: skip
def test_a_number_format_that_contradicts_its_column_refuses_the_row(tmp_path, column, form, code):
    rows = [["A1", "Bao", "cup", "2026-03-02", 10, 2.5, 4]]
    known = workbook(tmp_path, {column: form}, orders=[ITEMS, *rows])
    assert refused(known) == {2: code}


def test_a_number_format_that_fits_its_column_is_read(tmp_path):
    rows = [["A1", "Bao", "cup", "2026-03-02", 2, 24, 4], ["A2", "Bao", "cup", "2026-03-02", 1, 30, 0]]
    forms = {"quantity": '0"打"', "unit_price": '"¥"#,##0.00', "freight": '0.0,"千"'}
    quotes = [[*QUOTE, "deposit_share", "lead_time_days"], ["Q1", "Bao", "cup", "2026-03-02", "", 10, 2.5, 0.3, 15]]
    known = workbook(
        tmp_path, {**forms, "deposit_share": "0%", "lead_time_days": '0"天"'}, orders=[ITEMS, *rows], quotes=quotes
    )
    assert refused(known) == {}
    orders, [quote] = known.tables["orders"], known.tables["quotes"].to_dict("records")
    assert orders["quantity"].tolist() == [24, 12] and orders["freight"].tolist() == [4, 0]
    assert orders["unit_price"].tolist() == pytest.approx([2.0, 2.5])  # as it is quoted at 2.50 a piece
    assert (quote["deposit_share"], quote["lead_time_days"], quote["unit_price"]) == (0.3, 15, 2.5)


def test_a_measured_value_is_its_number_whatever_its_format_shows(tmp_path):
    head = ["order_id", "inspected_on", "attribute", "value", "lower_limit", "upper_limit", "line_no"]
    rows = [["A1", "2026-03-20", "length", 9.8, 9.5, 10.5, 1]]
    known = workbook(
        tmp_path, {"value": '0.0"mm"', "lower_limit": "0.0", "line_no": '"第"0"行"'},
        orders=[ITEMS, ["A1", "Bao", "cup", "2026-03-02", 10, 2.5, 4]], inspections=[head, *rows],
    )  # fmt: skip
    assert refused(known) == {} and known.tables["inspections"]["value"].tolist() == [9.8]


FREIGHT = [
    "order_id",
    "supplier",
    "sku",
    "ordered_on",
    "quantity",
    "unit_price",
    "goods_amount",
    "freight",
    "paid_amount",
]


@pytest.mark.parametrize(
    ("name", "number", "price", "order", "freight", "code"),
    [
        ("邮费补差价专拍", 85, 1, "A1", 95, "freight_line"), ("补差价", 85, "1.00", "A9", 10, "charge_line"), ("运费链接", 20, 1, "A1", 30, "freight_line"),
        ("补运费 A10000001", 5, 1, "A9", 10, "charge_line"), ("补邮费 20000001", 5, 1, "A9", 10, "freight_line"),
        ("CUP-补差价款", 5, 3, "A1", 10, None), ("shipping box 邮寄盒", 5, 1, "A1", 10, None),
    ],
)  # fmt: skip
def test_a_link_for_freight_is_no_article(tmp_path, name, number, price, order, freight, code):
    """A1 and 20000001: 10 cups at 2.50 and 10 of freight. The link's money is the freight of its order, or of the one it names."""
    rows = [[who, "Bao", "cup", "2026-03-02", 10, 2.5, 25, 10, 35] for who in ("A1", "20000001")]
    link = [order, "Bao", name, "2026-03-02", number, price, "", "", number * float(price)]
    known = read(tmp_path, orders=(FREIGHT, *rows, link))
    orders = known.tables["orders"]
    assert set(orders["sku"]) == ({"cup"} if code else {"cup", name})
    assert refused(known) == ({4: code} if code else {})
    got = orders[orders["sku"] == "cup"].set_index("order_id")
    told = "20000001" if "20000001" in name else "A1"
    more = number if code == "freight_line" else 0
    assert got.loc[told, "freight"] == 10 + more and got.loc[told, "paid_amount"] == 35 + more
    assert told == "20000001" or freight == 10 + more


@pytest.mark.parametrize(
    ("cell", "years"),
    [("2018年", 8), (2018, 8), ("2018-05-01", 8), ("2018年5月入驻", 8), ("自2018年", 8), ("5年", 5), ("第5年", 5), ("12", 12), (0.5, 0.5), ("2030年", None), ("老店", None)],
)  # fmt: skip
def test_a_year_on_the_platform_is_that_since_when(tmp_path, cell, years):
    with (tmp_path / "suppliers.csv").open("w", encoding="utf-8") as stream:
        csv.writer(stream).writerows([["supplier", "入驻年限"], ["Bao", cell]])
    with (tmp_path / "orders.csv").open("w", encoding="utf-8") as stream:
        csv.writer(stream).writerows([ORDER, order(1)])
    [found] = load_source(tmp_path).known(pd.Timestamp("2026-04-30")).tables["suppliers"]["years_on_platform"]
    assert (found == years) if years else pd.isna(found)


@pytest.mark.parametrize(("promised", "kept"), [("2025-04-26", False), ("2026-03-01", False), ("2026-03-02", True), ("2026-04-01", True)])  # fmt: skip
def test_a_promise_before_its_order_is_none(tmp_path, promised, kept):
    known = read(tmp_path, orders=([*ORDER, "promised_on"], [*order(1), promised]))
    assert known.tables["orders"]["promised_on"].notna().tolist() == [kept] and refused(known) == {}
    assert known.remarks["code"].tolist() == ([] if kept else ["promised_before_ordered"])


@pytest.mark.parametrize(
    ("cell", "included"),
    [
        ("含税13%", True), ("未税", False), ("不含税", False), ("专票", True), ("含13点", True), ("无票", False), ("含税（13%）", True), ("是", True),
        ("3%", None), ("再议", None),
    ],
)  # fmt: skip
def test_a_word_on_tax_says_whether_it_is_in_the_price(tmp_path, cell, included):
    known = read(tmp_path, quotes=([*QUOTE, "含税"], ["Q1", "Bao", "cup", "2026-03-02", "", 1, 3, cell]))
    [found] = known.tables["quotes"]["tax_included"]
    assert (found == included) if included is not None else pd.isna(found)
    assert known.remarks["code"].tolist() == ([] if included is not None else ["not_a_word"])


@pytest.mark.parametrize(
    ("heads", "prices", "price", "included", "codes"),
    [
        (["含税单价"], [3], 3, True, []), (["单价(不含税)"], [3], 3, False, []), (["未税单价(元)"], [3], 3, False, []),
        (["不含税单价", "含税单价"], [3, 3.39], 3.39, True, ["column_with_tax"]), (["单价", "不含税单价"], [3.39, 3], 3.39, None, ["column_repeated"]),
        (["含13%税单价"], [3], 3, True, []),
    ],
)  # fmt: skip
def test_a_header_says_whether_tax_is_in_its_prices(tmp_path, heads, prices, price, included, codes):
    known = read(tmp_path, quotes=([*QUOTE[:-1], *heads], ["Q1", "Bao", "cup", "2026-03-02", "", 1, *prices]))
    [quote] = known.tables["quotes"].to_dict("records")
    assert quote["unit_price"] == price and (quote["tax_included"] == included if included is not None else pd.isna(quote["tax_included"]))  # fmt: skip
    assert known.remarks["code"].tolist() == codes and refused(known) == {}


def test_an_order_is_at_what_was_paid_and_not_at_a_price_without_tax(tmp_path):
    heads = [*ORDER[:6], "不含税单价", *ORDER[7:]]
    known = read(tmp_path, orders=(heads, order(1, price=2, paid="22.6")))
    assert known.tables["orders"]["unit_price"].isna().all() and known.remarks["code"].tolist() == ["column_net"]
    known = read(tmp_path, orders=([*heads, "含税单价"], [*order(1, price=2, paid="22.6"), 2.26]))
    assert known.tables["orders"]["unit_price"].tolist() == [2.26]


@pytest.mark.parametrize("cell", ["含税2-3", "2-3含票", "24/打, 2.2/个"])
def test_a_range_with_a_word_on_tax_is_left_out_and_told(tmp_path, cell):
    head = ["supplier", "sku", "name", "listed_on", "min_quantity", "price_range"]
    known = read(tmp_path, candidates=(head, ["Bao", "cup", "Cup", "2026-03-02", 10, cell]))
    assert known.tables["candidates"]["price_low"].isna().all() and len(known.remarks) == 2 and refused(known) == {}


@pytest.mark.parametrize(
    ("cell", "own", "price", "included"),
    [
        ("含税3.1", "", 3.1, True), ("3.1元/个 (未税)", "", 3.1, False), ("不含税：3.1", "不含税", 3.1, False), ("3.1含13%税", "是", 3.1, True),
        ("31/打 含票", "", 31 / 12, True), ("3.1 excl. VAT", "", 3.1, False), ("3.1（含13%增值税专票）", "含税", 3.1, True),
        ("含税3.1", "未税", "tax_contradicts", None), ("未税3.1", "yes", "tax_contradicts", None), ("含税3.1 未税2.8", "", "tax_in_money", None),
        ("含3.1", "", "not_a_number", None), ("3.1含运费", "", "terms_in_money", None), ("面议含税", "", "tax_in_money", None),
    ],
)  # fmt: skip
def test_a_price_may_say_itself_whether_tax_is_in_it(tmp_path, cell, own, price, included):
    """Of an order only a price with tax counts: that is what is paid."""
    quotes = ([*QUOTE, "含税"], ["Q1", "Bao", "cup", "2026-03-02", "", "10打" if "打" in cell else 1, cell, own])
    known = read(tmp_path, quotes=quotes, orders=(ORDER, order(1, 10, "打" if "打" in cell else "", cell)))
    codes = dict(zip(known.quarantine["table"], known.quarantine["code"]))
    if included is None:
        assert codes["quotes"] == price and known.tables["quotes"].empty
        return
    [quote] = known.tables["quotes"].to_dict("records")
    assert (quote["unit_price"], quote["tax_included"]) == (pytest.approx(price), included)
    assert codes == ({} if included else {"orders": "tax_in_money"}) and known.remarks.empty
    assert known.tables["orders"]["unit_price"].tolist() == pytest.approx([price] if included else [])


@pytest.mark.parametrize(("low", "high", "included"), [("含税2", "2.5含税", True), ("2", "未税2.5", False), ("未税2", "含税2.5", None)])  # fmt: skip
def test_an_answers_two_prices_are_both_with_tax_or_without(tmp_path, low, high, included):
    answers = (["supplier", "sku", "answered_on", "price_low", "price_high"], ["Bao", "cup", "2026-03-02", low, high])
    known = read(tmp_path, orders=(ORDER, order(1)), answers=answers)
    assert refused(known) == ({2: "tax_contradicts"} if included is None else {})
    assert known.tables["answers"][["price_low", "price_high", "tax_included"]].to_numpy().tolist() == ([] if included is None else [[2, 2.5, included]])  # fmt: skip


@pytest.mark.parametrize(
    ("counts", "left", "refused_rows"),
    [
        ([("03-31", 400), ("04-28", -5)], [], [3]), ([("03-31", 400), ("04-28", -5), ("04-29", 7)], [7], [3]), ([("03-31", -5), ("04-28", 400)], [400], [2]),
        ([("04-28", "-5"), ("03-31", 400), ("03-01", 90)], [], [2]), ([("03-31", 400), ("04-28", 0)], [400, 0], []),
    ],
)  # fmt: skip
def test_a_count_of_stock_below_zero_ends_the_older_ones(tmp_path, counts, left, refused_rows):
    """Of a pan nothing is wrong; before the day of that count the older one still held."""
    rows = [["cup", f"2026-{day}", number] for day, number in counts] + [["pan", "2026-03-31", 9]]
    known = read(tmp_path, orders=(ORDER, order(1)), stock_counts=(["sku", "counted_on", "on_hand"], *rows))
    table = known.tables["stock_counts"].set_index("sku")["on_hand"]
    assert table.get("pan") == 9 and table.drop("pan").tolist() == left
    assert refused(known) == dict.fromkeys(refused_rows, "stock_negative")
    assert not known.remarks["code"].isin(["count_negative"]).any()
    if counts[0] == ("03-31", 400):
        early = load_source(tmp_path).known(pd.Timestamp("2026-04-15")).tables["stock_counts"].set_index("sku")
        assert early["on_hand"].to_dict() == {"cup": 400, "pan": 9}


@pytest.mark.parametrize(("table", "head", "row", "says"), [
    ("orders", "order_id,supplier,sku,ordered_on,quantity", "A2,Bao,cup,2026-03-02,-5", True),
    ("returns", "order_id,returned,settled_on", "A1,-5,2026-03-12", False),
    ("inspections", "order_id,inspected_on,inspected,defective", "A1,2026-03-12,5,-1", False),
])  # fmt: skip
def test_a_count_below_zero_has_its_own_remedy(tmp_path, table, head, row, says):
    tables = {"orders": (ORDER, order(1)), table: (head.split(","), row.split(","))}
    [told] = read(tmp_path, **tables).quarantine.to_dict("records")
    assert told["code"] == "count_negative" and ("sheet of returns" in worded(told["remedy"])) == says


BOOK = [["A1", "Bao", "cup", "2026-03-02", 10, 2.5], ["A2", "Ann", "cup", "2026-03-03", 20, 2.4]]


@pytest.mark.parametrize(
    "heads",
    [
        [
            "订单号\norder_id",
            "供应商\nsupplier",
            "货号\nsku",
            "下单日期\nordered_on",
            "数量\nquantity",
            "单价\nunit_price",
        ],
        ["订单号\nOrder", "厂家\n供应商", "Artikel\nSKU", "Datum\n下单日期", "数量\n(Stück)", "单价(元)\nPreis"],
        ["\n订单号", "供应商\n", "货号", "下单日期", "数量", "单价\n含税"],
    ],
)
def test_a_header_may_stand_in_two_languages_below_a_title(tmp_path, heads):
    known = book(
        tmp_path / "采购台账.xlsx",
        订单=[["2026年采购台账"], ["填表人"], heads, *BOOK],
        月需求=[["货号", "月份", "销量"]],
    )
    orders = known.tables["orders"]
    assert orders["quantity"].tolist() == [10, 20] and orders["unit_price"].tolist() == [2.5, 2.4]


GROUPED = {
    "titles": ([["订单", "", "", "", "", "", "到货", ""], ["订单号", "供应商", "货号", "下单日期", "数量", "单价", "日期", "数量"]], ["A1:F1", "G1:H1"]),
    "down": ([["订单号", "供应商", "货号", "下单日期", "数量", "单价", "到货", ""], ["", "", "", "", "", "", "日期", "数量"]], ["A1:A2", "B1:B2", "C1:C2", "D1:D2", "E1:E2", "F1:F2", "G1:H1"]),
    "halves": ([["订单号", "供应商", "货号", "下单日期", "单价", "数量", "", "到货日期"], ["", "", "", "", "", "订购", "实收", ""]], ["A1:A2", "F1:G1", "H1:H2"]),
    "below a title": ([["2026年采购明细"], ["PO No", "Supplier", "SKU", "Order date", "Qty", "Price", "到货", ""], ["", "", "", "", "(pcs)", "(元)", "日期", "数量(打)"]], ["G2:H2"]),
}  # fmt: skip


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
@pytest.mark.parametrize("name", GROUPED)
def test_headers_may_stand_in_two_rows(tmp_path, name, kind):
    """Ten cups ordered at 2.50, of which eight came, or a dozen; a second order waits."""
    heads, merged = GROUPED[name]
    got = 1 if "打" in heads[-1][-1] else 8
    cells = ["A1", "Bao", "cup", "2026-03-02", 12, 2.5, "2026-03-12", got]
    if name == "halves":
        cells = [*cells[:4], 2.5, 12, got, "2026-03-12"]
    rows = [*heads, cells, ["A2", *cells[1:6], "", ""]]
    if name == "halves":
        rows[-1] = ["A2", *cells[1:6], "", ""]
    if kind == "csv":
        known = read(tmp_path, 采购=rows)
    else:
        made = Workbook()
        for row in rows:
            made.active.append([cell if cell != "" else None for cell in row])
        for cells_of in merged:
            made.active.merge_cells(cells_of)
        made.save(tmp_path / "采购.xlsx")
        known = check_files([tmp_path / "采购.xlsx"])
    lines = known.tables["orders"].set_index("order_id")
    assert lines["received_quantity"].tolist() == [12 if got == 1 else 8, 0] and lines["quantity"].tolist() == [12, 12]
    assert lines["unit_price"].tolist() == [2.5, 2.5] and refused(known) == {}
    assert set(known.remarks["code"]) <= {"received_in_part"}


def test_inspections_in_a_list_of_orders_are_told_where_they_belong(tmp_path):
    heads = [["订单", "", "", "", "", "", "质检", "", "", ""], ["订单号", "供应商", "货号", "下单日期", "数量", "单价", "验货日期", "抽检数", "不良数", "尺寸"]]  # fmt: skip
    known = read(tmp_path, 采购=[*heads, ["A1", "Bao", "cup", "2026-03-02", 10, 2.5, "2026-03-20", 5, 1, "大"]])
    assert known.tables["orders"]["quantity"].tolist() == [10]
    assert known.remarks["code"].tolist() == ["column_of_table"] * 3 + ["column_ignored"]
    assert "inspections" in worded(known.remarks["remedy"].iloc[0])


def test_a_first_row_of_words_is_no_second_row_of_headers(tmp_path):
    """Its cells make no headers of ours with those above."""
    rows = [["订单号", "供应商", "货号", "备注", "下单日期", "数量"], ["甲单", "甲厂", "杯", "急", "", ""], ["A2", "Bao", "cup", "", "2026-03-02", 10]]  # fmt: skip
    known = read(tmp_path, 采购=rows)
    assert known.tables["orders"]["order_id"].tolist() == ["A2"] and refused(known) == {2: "required_missing"}


def test_a_row_of_headers_that_nobody_knows_is_not_taken_for_the_title(tmp_path):
    rows = [["2026年采购台账"], ["Bestellung", "Firma", "Artikel"], ["A1", "Bao", "cup"]]
    with pytest.raises(SourceError, match="Bestellung"):
        book(tmp_path / "采购台账.xlsx", 订单=rows, 月需求=[["货号", "月份", "销量"]])


@pytest.mark.parametrize(
    ("names", "suppliers", "codes"),
    [
        (["晨星日用品厂", "宏达塑料厂"], ["晨星日用品厂", "宏达塑料厂"], ["sheet_is_supplier"] * 2),
        (["3月", "4月"], [], ["file_lacks_columns"] * 2), (["Sheet1", "Sheet2"], [], ["file_lacks_columns"] * 2), (["晨星日用品厂"], [], ["file_lacks_columns"]),
    ],
)  # fmt: skip
def test_a_sheet_may_be_called_after_its_supplier(tmp_path, names, suppliers, codes):
    heads = ["订单号", "货号", "下单日期", "数量", "单价"]
    rows = {name: [heads, [f"A{place}", "cup", "2026-03-02", 10, 2.5]] for place, name in enumerate(names)}
    known = book(tmp_path / "采购 明细.xlsx", **rows)
    assert sorted(known.tables["orders"]["supplier"]) == sorted(suppliers)
    told = known.remarks.query("row == 0")
    assert told["code"].tolist() == codes
    assert suppliers or "supplier" in worded(told["reason"].iloc[0])


@pytest.mark.parametrize("heads", [["2026-01", "2026-02"], ["2026年1月", "2026年2月"], ["Jan-26", "Feb-26"], ["202601", "202602"]])  # fmt: skip
@pytest.mark.parametrize("name", ["demand", "销量统计", "月需求"])
def test_sales_may_have_a_column_a_month(tmp_path, heads, name):
    """Two articles in two months, a sum below and beside; of the pan nothing is told in February."""
    rows = [
        ["SKU", "品名", *heads, "合计"],
        ["cup", "Cup", 100, 90, 190],
        ["pan", "Pan", 10, "", 10],
        ["合计", "", 110, 90, 200],
    ]
    if name == "月需求":
        known = book(tmp_path / "采购台账.xlsx", 月需求=rows, 订单=[ORDER, order(1)])
    else:
        known = read(tmp_path, **{name: rows}, orders=(ORDER, order(1)))
    found = known.tables["demand"].set_index(["sku", "month"])["units"]
    assert {(sku, f"{month:%m}"): units for (sku, month), units in found.items()} == {("cup", "01"): 100, ("cup", "02"): 90, ("pan", "01"): 10}  # fmt: skip
    assert set(refused(known).values()) <= {"totals_row"} and "demand_sideways" in set(known.remarks["code"])


BANDS = {1: 3.0, 100: 2.8, 500: 2.5}


@pytest.mark.parametrize(
    ("heads", "minimum", "steps"),
    [
        (["1-99件", "100-499件", "≥500件"], None, BANDS), (["100以下单价(元)", "100个起", "500+ pcs"], None, BANDS), (["价格(1~99)", "价格(100~499)", "价格(500以上)"], None, BANDS),
        (["1", "100", "500"], "", BANDS), (["<100", "100-499", "500以上价格"], "50个", {50: 3.0, 100: 2.8, 500: 2.5}), (["1-99", "100-499", "500-"], "20", {}),
        (["1-99", "100-499", "500及以上"], 200, {200: 2.8, 500: 2.5}), (["1件起批", "100件起批", "500件起批"], "1,000", {1000: 2.5}), (["500", "100", "1"], "", {}), (["2024", "2025", "2026"], "", {}),
    ],
)  # fmt: skip
def test_quotes_may_have_a_column_a_quantity(tmp_path, heads, minimum, steps):
    """One who asks the same of every quantity, one who sells few only, one who has told no price yet; headers that are no such
    quantities are told."""
    facts = ["供应商", "货号", "报价日期", *([] if minimum is None else ["起订量"])]
    own = [] if minimum is None else [minimum]
    rows = [[name, "cup", "2026-03-01", *own, *prices] for name, *prices in (("Ada", 3, 2.8, 2.5), ("Bao", 4, "-", ""), ("Chen", "", "/", ""))]  # fmt: skip
    known = read(tmp_path, 供应商比价=([*facts, *heads], *rows), orders=(ORDER, order(1)))
    found = known.tables["quotes"]
    if "500-" in heads:  # two such columns are left, and a third that nobody knows
        assert found.query("supplier == 'Ada'")["unit_price"].tolist() == [3.0, 2.8] and "column_ignored" in set(known.remarks["code"])  # fmt: skip
        return
    assert dict(zip(*found.query("supplier == 'Ada'")[["min_quantity", "unit_price"]].to_numpy().T)) == steps
    if steps:
        few = min(steps) < 100
        assert found.query("supplier == 'Bao'")["unit_price"].tolist() == ([4.0] if few else [])
        assert {*refused(known)} == ({4} if few else {3, 4}) and "quotes_sideways" in {*known.remarks["code"]}
    else:
        assert "file_lacks_columns" in set(known.remarks["code"]) or "file_not_recognised" in set(known.remarks["code"])


@pytest.mark.parametrize(
    ("rows", "pieces", "codes"),
    [
        ([("01-17", 100), ("01-27", 500)], [100, 400], []), ([("01-27", 500), ("01-17", 100)], [100, 400], []), ([("01-17", 500)], [500], []),
        ([("01-17", 300), ("01-27", 100)], [300], ["count_negative"]), ([("01-17", "100个"), ("01-27", "一些")], [100], ["not_a_number"]),
    ],
)  # fmt: skip
def test_cumulative_receipts_are_made_those_of_each_parcel(tmp_path, rows, pieces, codes):
    heads = ["order_id", "received_on", "累计到货数量"]
    known = read(tmp_path, orders=(ORDER, [*order(1, 500)[:3], "2026-01-05", *order(1, 500)[4:]]), receipts=(heads, *[["A1", f"2026-{day}", number] for day, number in rows]))  # fmt: skip
    assert known.tables["receipts"].sort_values("received_on")["received_quantity"].tolist() == pieces
    assert list(refused(known).values()) == codes


TWO_LINES = [["A1", "Bao", "cup", "2026-03-02", 10, 2.5], ["A1", "Bao", "pan", "2026-03-02", 20, 3], ["A2", "Bao", "lid", "2026-03-02", 20, 3],
             ["A3", "Bao", "jug", "2026-03-02", 20, 3], ["A3", "Bao", "jug", "2026-03-02", 30, 3]]  # fmt: skip


def in_full(folder, **tables):
    """What a source that holds these files gives, its orders and all that is about them."""
    read(folder, **tables)
    return load_source(folder).known(pd.Timestamp("2026-06-30"))


@pytest.mark.parametrize(
    ("table", "head", "row", "count"),
    [
        ("inspections", ["订单号", "货号", "验货日期", "抽检数", "不良数"], lambda sku, n: [sku, "2026-03-20", n, 1], "inspected"),
        ("receipts", ["PO number", "Item No", "Arrival date", "到货数量"], lambda sku, n: [sku, "2026-03-20", n], "received_quantity"),
        ("returns", ["订单号", "商品编码", "退款日期", "退货数量"], lambda sku, n: [sku, "2026-03-29", n], "returned"),
    ],
)  # fmt: skip
def test_a_row_is_of_the_line_whose_sku_it_names(tmp_path, table, head, row, count):
    """Of two lines one alone has that SKU; of the jugs, and of an SKU of none or of another order, nobody knows the line."""
    cells = [("A1", "Pan", 7), ("A1", "cup", 6), ("A2", "lid", 5), ("A3", "jug", 4), ("A1", "kit", 3), ("A1", "", 2), ("A2", "cup", 2), ("A9", "cup", 2)]  # fmt: skip
    known = in_full(tmp_path, orders=(ITEMS[:6], *TWO_LINES), **{table: (head, *([order, *row(sku, n)] for order, sku, n in cells))})  # fmt: skip
    found = known.tables[table]
    assert dict(zip(zip(found["order_id"], found["line_no"]), found[count])) == {
        ("A1", 2): 7,
        ("A1", 1): 6,
        ("A2", 1): 5,
    }
    unclear, other = "line_not_said", "sku_not_in_order"
    assert refused(known) == {5: unclear, 6: other, 7: unclear, 8: other, 9: "order_not_known"}
    account = known.accounting.set_index("table").loc[table]
    assert (account["rows_in"], account["kept"], account["quarantined"]) == (8, 3, 5)


def test_an_arrival_beside_an_inspection_is_of_the_line_of_its_sku(tmp_path):
    """Of the cups 4 of 10 have come, alone in their row; a count of the sheet's own rows (序号) is no line number."""
    head = ["序号", "订单号", "SKU", "到货日期", "到货数量", "验货日期", "检验数量", "不良数量"]
    rows = [[1, "A1", "pan", "2026-03-12", 20, "2026-03-13", 20, 1], [2, "A1", "cup", "2026-03-14", 4, "", "", ""]]
    known = in_full(tmp_path, orders=(ITEMS[:6], *TWO_LINES[:2]), inspections=(head, *rows))
    lines = known.tables["orders"].set_index("sku")
    assert lines["received_quantity"].to_dict() == {"cup": 4, "pan": 20}
    assert lines["status"].to_dict() == {"cup": "open", "pan": "received"}
    assert known.tables["inspections"]["line_no"].tolist() == [2] and refused(known) == {}
    assert known.remarks.query("code == 'line_of_sku'")["row"].tolist() == [2, 3]


@pytest.mark.parametrize(("numbers", "lines"), [([1, 2, 3], [1, 2, 1]), ([4, 5, 9], [1, 2, 1]), ([2, 1, 1], [2, 1, 1]), ([1, "", 1], [1, 2, 1])])  # fmt: skip
def test_a_number_that_counts_the_rows_of_a_sheet_is_no_line_number(tmp_path, numbers, lines):
    """It goes on rising from order to order; where it begins again with each, it numbers the lines."""
    rows = [[number, *cells] for number, cells in zip(numbers, TWO_LINES)]
    looks = [[7, "A2", "2026-03-20", 20, 1], [9, "A4", "2026-03-20", 10, 0]]
    rows.append([numbers[-1] + 1 if numbers[1] == numbers[0] + 1 else 1, "A4", "Bao", "jug", "2026-03-02", 20, 3])
    known = in_full(tmp_path, orders=(["序号", *ITEMS[:6]], *rows), inspections=(["序号", "订单号", "验货日期", "检验数量", "不良数量"], *looks))  # fmt: skip
    found = known.tables["orders"].set_index("sku").loc[["cup", "pan", "lid", "jug"], "line_no"]
    assert found.tolist() == [*lines, 1] and refused(known) == {}
    assert known.tables["inspections"]["line_no"].tolist() == [1, 1]


def test_parts_of_an_orders_only_line_may_have_names_of_their_own(tmp_path):
    """Lids are ordered as one SKU and looked at by colour; a lid of a refused line is not taken for the one that is left."""
    head = ["order_id", "sku", "inspected_on", "inspected", "defective"]
    rows = [["A2", "lid-red", "2026-03-20", 5, 1], ["A2", "lid-blue", "2026-03-20", 6, 0], ["A4", "pot", "2026-03-20", 6, 0]]  # fmt: skip
    orders = [TWO_LINES[2], ["A4", "Bao", "pot", "2026-03-02", 5, "$2"], ["A4", "Bao", "pan", "2026-03-02", 5, 2]]
    known = in_full(tmp_path, orders=(ITEMS[:6], *orders), inspections=(head, *rows))
    assert known.tables["inspections"][["inspected", "defective"]].to_numpy().tolist() == [[11, 1]]
    codes = dict(zip(known.quarantine["table"], known.quarantine["code"]))
    assert codes == {"orders": "foreign_currency", "inspections": "sku_refused"}


def test_an_order_of_two_suppliers_is_told(tmp_path):
    rows = [
        ["7", "Bao", "cup", "2026-03-02", 10, "", 2.5, "", ""],
        ["7", "Ann", "cup", "2026-03-03", 10, "", 2.5, "", ""],
        order(1),
        order(1, 20),
    ]
    told = read(tmp_path, orders=(ORDER, *rows)).remarks.query("code == 'order_of_several'")
    assert told["row"].tolist() == [3] and all(name in worded(told["reason"].iloc[0]) for name in ("7", "Bao", "Ann"))


def test_what_is_told_of_an_order_refused_for_a_day_ahead_says_so(tmp_path):
    tables = {
        "orders": ([*ORDER, "received_on"], [*order(1), "2062-03-10"], [*order(2), "2026-03-10"]),
        "inspections": (["order_id", "inspected_on", "inspected", "defective"], ["A1", "2026-03-20", 5, 0], ["A2", "2026-03-20", 5, 0]),
    }  # fmt: skip
    read(tmp_path, **tables)
    found = load_source(tmp_path).known(pd.Timestamp("2026-04-30")).quarantine
    assert dict(zip(found["table"], found["code"])) == {"orders": "in_the_future", "inspections": "order_refused"}


@pytest.mark.parametrize(
    ("cell", "off"), [("8折", 40), ("打8.5折", 30), ("八八折", 24), ("75折", 50), ("5% off", 10), ("优惠15%", 30), ("95%", 10), ("12.5", 12.5)]
)  # fmt: skip
def test_a_discount_may_be_a_share_of_the_price(tmp_path, cell, off):
    """Of 50 pieces at 4.00."""
    known = read(tmp_path, orders=([*ORDER, "discount"], [*order(1, 50, "", 4), cell]))
    assert known.tables["orders"]["discount"].tolist() == pytest.approx([off]) and refused(known) == {}
    assert set(known.remarks["code"]) == (set() if cell == "12.5" else {"discount_as_share"})


@pytest.mark.parametrize(
    ("paid", "off", "code"), [(180, 20, "discount_as_share"), (199.1, 0.9, None), ("", 0.9, "discount_open"), (150, 0.9, "discount_open")]
)  # fmt: skip
def test_what_was_paid_tells_whether_a_bare_number_is_a_share(tmp_path, paid, off, code):
    """0.9 of 200.00 is 180.00; 0.90 off are 199.10."""
    known = read(tmp_path, orders=([*ORDER, "discount"], [*order(1, 50, "", 4, paid), 0.9]))
    assert known.tables["orders"]["discount"].tolist() == pytest.approx([off])
    assert set(known.remarks["code"]) == ({code} if code else set())


def test_small_discounts_beside_larger_ones_are_money(tmp_path):
    rows = [[*order(1, 50, "", 4), 0.9], [*order(2, 50, "", 4), 12]]
    assert read(tmp_path, orders=([*ORDER, "discount"], *rows)).remarks.empty


def test_a_share_of_goods_in_another_unit_is_refused_with_its_row(tmp_path):
    known = read(tmp_path, orders=([*ORDER, "discount"], [*order(1, 5, "箱", 4), "9折"], [*order(2, 5, "", ""), "9折"]))
    assert set(refused(known)) == {2, 3} and "discount_as_share" not in set(known.remarks["code"])
