"""Who, what and which line: the cases of `data/cases` about identity and status words, each with its right answer by hand, and
other inputs of the same kinds."""

from pathlib import Path

import pandas as pd
import pytest

from analysis.estimates.lead_time import fit_lead_times, lead_time_table, on_time_table, time_orders
from analysis.sources.load import END_OF_TIME, Known, load_source

CASES = Path(__file__).parent / "data" / "cases"


def known(folder: Path | str, as_of: str | None = None) -> Known:
    """What the source in `folder` (of `CASES` when relative) tells at the end of a day."""
    return load_source(CASES / folder).known(END_OF_TIME if as_of is None else pd.Timestamp(as_of))


# --- status words (case 11) -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["known", "taobao"])
def test_case_11_a_shipped_order_is_open_in_whatever_words(words):
    told = known(f"11-status-words/{words}", "2026-04-30")
    orders = told.tables["orders"]
    assert orders.groupby("supplier")["status"].value_counts().to_dict() == {
        ("甲厂", "received"): 4, ("乙厂", "received"): 4, ("乙厂", "open"): 4,
    }  # fmt: skip
    assert told.remarks.query("code == 'status_not_known'").empty
    otif = on_time_table(orders, told.as_of).set_index("supplier").loc["乙厂"]
    assert (otif["due"], otif["on_time_in_full"], otif["undelivered"]) == (8, 4, 4)
    times = time_orders(orders, told.as_of)
    late = lead_time_table(times, fit_lead_times(times)).set_index("supplier")["late_probability"]
    assert late["乙厂"] == pytest.approx(0.70, abs=0.05)


OFFICIAL = {
    "open": ["等待物流公司揽件", "等待卖家确认订单", "签收失败", "已发货未到账", "卖家已发货，等待买家确认", "卖家已发货,等待买家确认"],
    "unpaid": ["等待买家付款", "WAIT_BUYER_PAY"],
    "unknown": ["买家已签收", "已收货，未到账", "confirm_goods", "signinsuccess"],  # received by the platform, on no known day
    "cancelled": ["交易取消", "交易终止", "cancel", "terminated", "交易关闭"],
}  # fmt: skip


@pytest.mark.parametrize(("status", "word"), [(status, word) for status, words in OFFICIAL.items() for word in words])
def test_official_words_of_the_platform(tmp_path, status, word):
    told = orders_of(tmp_path, [{"status": word}])
    assert told.tables["orders"]["status"].tolist() == [status] and told.remarks.empty


@pytest.mark.parametrize(("arrived", "status"), [("", "open"), ("2026-03-09", "received")])
def test_a_word_nobody_knows_leaves_a_line_without_arrival_open(tmp_path, arrived, status):
    told = orders_of(tmp_path, [{"status": "等待月亮升起", "received_on": arrived}])
    assert told.tables["orders"]["status"].tolist() == [status]
    assert told.remarks[["row", "column", "code"]].to_numpy().tolist() == [[2, "status", "status_not_known"]]


def orders_of(folder: Path, rows: list[dict[str, object]]) -> Known:
    """A source of plain orders: `rows` beside what every order needs."""
    usual = {"order_id": "PO-1", "supplier": "甲厂", "ordered_on": "2026-03-02", "quantity": 10}
    write_table(folder, "orders", [usual | row for row in rows])
    return known(folder.resolve())


def write_table(folder: Path, name: str, rows: list[dict[str, object]]) -> None:
    pd.DataFrame(rows).to_csv(folder / f"{name}.csv", index=False)
