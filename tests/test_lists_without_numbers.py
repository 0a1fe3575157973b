"""Lists of orders that number none: what one supplier was asked for on one day is an order, with a number that stays the same."""

import pandas as pd
import pytest
from given_files import book, codes

from analysis.sources.load import check_files, load_source

HEAD = "采购日期,供应商,货号,数量,单价,到货日期\n"
ROWS = [
    "2026-03-02,Bao,cup,40,2.5,2026-03-12",
    "2026-03-02,Bao,pan,30,6,",
    "2026-03-02,Hui,cup,20,2.6,",
    "2026-03-09,Bao,cup,40,2.5,",
]


def read(folder, **files):
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return load_source(folder)


def test_a_supplier_and_a_day_are_an_order(tmp_path):
    known = read(tmp_path, buy=HEAD + "\n".join(ROWS)).known(pd.Timestamp("2026-03-31"))
    orders = known.tables["orders"]
    assert orders.groupby("order_id").size().tolist() in ([2, 1, 1], [1, 2, 1])
    assert orders["quantity"].sum() == 130 and codes(known) == ["orders_numbered"]
    assert orders.set_index(["supplier", "sku"])["status"]["Bao", "cup"].tolist() == ["received", "open"]


def test_the_number_is_the_same_in_a_later_list_in_another_order_and_spelling(tmp_path):
    later = [ROWS[2], "2026-04-01,Hui,pan,5,6,", *(row.replace("-02,Bao", "-02,ＢＡＯ") for row in ROWS[:2])]
    later[3] += "2026-04-03"
    march, april = HEAD + "\n".join(ROWS[:3]), HEAD + "\n".join(later)
    source = read(tmp_path, **{"采购 2026-03": march, "采购 2026-04": april})
    first, last = (source.known(pd.Timestamp(day)) for day in ("2026-03-31", "2026-04-30"))
    assert len(last.tables["orders"]) == 4 and last.quarantine.empty
    assert set(first.tables["orders"]["order_id"]) < set(last.tables["orders"]["order_id"])
    assert (last.tables["orders"]["status"] == "received").sum() == 2


def test_what_became_of_the_goods_finds_its_order(tmp_path):
    looked = "验货日期,供应商,货号,抽检数,不良数\n2026-03-14,Bao,cup,40,2\n"
    known = read(tmp_path, buy=HEAD + "\n".join(ROWS[:2]), inspections=looked).known(pd.Timestamp("2026-03-31"))
    [seen] = known.tables["inspections"].to_dict("records")
    assert (seen["order_id"], seen["inspected"]) == (known.tables["orders"]["order_id"].iloc[0], 40)


def test_beside_orders_with_numbers_such_a_list_counts_nothing_twice(tmp_path):
    numbered = "订单号,供应商,货号,下单日期,数量,单价\nP1,Bao,cup,2026-03-02,40,2.5\n"
    known = read(tmp_path, orders=numbered, buy=HEAD + ROWS[0]).known(pd.Timestamp("2026-03-31"))
    assert known.tables["orders"]["order_id"].tolist() == ["P1"] and codes(known) == ["orders_unnumbered"]


@pytest.mark.parametrize("name", ["收货", "销售", "库存"])
def test_a_list_of_any_day_that_is_called_after_something_else_is_no_list_of_orders(tmp_path, name):
    path = tmp_path / f"{name}流水.csv"
    path.write_text("日期,供应商,货号,数量\n2026-03-02,Bao,cup,40\n", encoding="utf-8")
    assert check_files([path]).tables["orders"].empty


def test_a_sheet_a_supplier_may_number_no_order(tmp_path):
    rows = [["日期", "货号", "数量", "单价"], ["2026-03-02", "cup", 40, 2.5]]
    known = book(tmp_path / "采购.xlsx", Bao=rows, Hui=rows)
    assert sorted(known.tables["orders"]["supplier"]) == ["Bao", "Hui"]
