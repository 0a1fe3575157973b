"""Quantities and money as ordinary files write them: each case of `tests/data/cases` with its right value, and its kind."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from analysis.estimates.defect_rate import inspected_lots
from analysis.sources.cell_numbers import read_numbers
from analysis.sources.load import load_source

CASES = Path(__file__).parent / "data" / "cases"


def known(case: str, day: str):
    """What the source of the case (its only folder) tells at the end of the day."""
    [folder] = [path for path in next(CASES.glob(f"{case}-*")).iterdir() if path.is_dir()]
    return load_source(folder).known(pd.Timestamp(day))


def source(folder: Path, **tables: str):
    """A source of canonical tables, each as the text of its file."""
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return load_source(folder)


def refused(found, table: str | None = None) -> list[tuple]:
    """(row, code) of the rows in quarantine; each has its reason and remedy in both languages."""
    rows = found.quarantine if table is None else found.quarantine[found.quarantine["table"] == table]
    assert (rows[["reason", "remedy", "reason_zh", "remedy_zh"]].map(len) > 3).all(axis=None)
    return list(zip(rows["row"].astype(int), rows["code"]))


# --- 04, 28: money of another unit ------------------------------------------------------------------------------------


def test_04_a_foreign_sign_is_no_price_in_yuan():
    """Rows 4 to 6 of the quotes are written $2.10, €1.90 and 2.20 USD in a source in CNY."""
    found = known("04", "2026-04-30")
    assert refused(found) == [(4, "foreign_currency"), (5, "foreign_currency"), (6, "foreign_currency")]
    assert found.tables["quotes"]["unit_price"].tolist() == [2.5, 2.4]
    assert found.quarantine["remedy"].str.contains("CNY").all()


def test_28_a_percentage_is_no_amount_of_money():
    found = known("28", "2026-03-31")
    [(row, code), *_] = refused(found, "orders")
    assert (row, code) == (3, "percent_in_money") and found.tables["orders"].empty


def money(cell: str, currency: str):
    read = read_numbers(pd.Series([cell], dtype=object), "money", currency)
    return read.faults[0] or read.values[0]


@pytest.mark.parametrize(
    ("cell", "currency", "value"),
    [
        ("$2.10", "USD", 2.1), ("US$ 2.10", "USD", 2.1), ("2.10 usd", "USD", 2.1), ("-$2.10", "USD", -2.1), ("€1,200.50", "EUR", 1200.5),
        ("1.2万元", "CNY", 12000.0), ("CNY 3", "CNY", 3.0), ("人民币3.50元", "CNY", 3.5), ("￥ 3", "CNY", 3.0), ("PLN 7.5", "PLN", 7.5),
        ("¥300", "JPY", 300.0), ("1e3", "CNY", 1000.0),
    ],
)  # fmt: skip
def test_the_signs_of_its_own_currency_are_read(cell, currency, value):
    assert money(cell, currency) == pytest.approx(value)


@pytest.mark.parametrize(
    ("cell", "currency"),
    [
        ("$2.10", "CNY"), ("2.10美元", "CNY"), ("＄2.10", "CNY"), ("HK$ 12", "CNY"), ("£3", "CNY"), ("3 eur", "CNY"), ("JPY 300", "CNY"),
        ("¥2.10", "USD"), ("2.10元", "USD"), ("€2.10", "USD"), ("-€2.10", "CNY"), ("12港币", "CNY"), ("PLN 7.5", "CNY"), ("US$1.2万", "CNY"),
    ],
)  # fmt: skip
def test_the_signs_of_another_currency_are_a_fault(cell, currency):
    assert money(cell, currency) == "foreign_currency"


@pytest.mark.parametrize("cell", ["5%", "５％", "-5 %", "3‰", "(5%)", "¥5%"])
def test_a_share_is_no_amount(cell):
    assert money(cell, "CNY") == "percent_in_money"
    assert read_numbers(pd.Series(["¥0.3"], dtype=object), "share").faults[0] == "not_a_number"


def test_the_currency_of_a_source_is_that_of_its_map(tmp_path):
    (tmp_path / "source.toml").write_text('currency = "USD"\n', encoding="utf-8")
    orders = "order_id,supplier,ordered_on,quantity,unit_price,freight\n1,Ada,2026-03-01,5,$2.10,3\n2,Ada,2026-03-02,5,¥2.10,3\n"
    found = source(tmp_path, orders=orders).known(pd.Timestamp("2026-03-31"))
    assert refused(found) == [(3, "foreign_currency")] and found.tables["orders"]["unit_price"].tolist() == [2.1]


# --- 05, 18, 45: more pieces than there are, and dates that cannot be true beside the order ---------------------------


def test_05_the_first_look_is_the_suppliers_quality():
    """R1: 10 of 50 defective on 04-15; the 50 inspected again on 04-22 after rework cost money and dilute nothing."""
    found = known("05", "2026-04-30")
    lots = inspected_lots(found.tables["orders"], found.tables["inspections"])
    assert lots.loc[lots["order_id"] == "R1", ["inspected", "defective"]].to_numpy().tolist() == [[50, 10]]
    assert found.remarks.loc[found.remarks["code"] == "inspected_again", "row"].tolist() == [11]
    assert not refused(found)


def test_18_counts_and_days_beside_the_order():
    """Z1: 50 ordered on 04-01; inspected 500, returned 80, settled on 03-01."""
    found = known("18", "2026-04-30")
    assert refused(found) == [(10, "more_inspected_than_ordered"), (2, "more_returned_than_ordered")]
    assert "2026-04-01" in found.quarantine["reason"].iloc[1]  # both faults of the row are told
    assert found.tables["returns"].empty and "Z1" not in set(found.tables["inspections"]["order_id"])


def test_45_an_inspection_of_300_of_5_pieces():
    found = known("45", "2026-10-31")
    assert (3, "more_inspected_than_ordered") in refused(found, "inspections")
    assert "2900006726887159566" not in set(found.tables["inspections"]["order_id"])


def test_28_an_inspection_of_an_order_refused_or_of_ten_times_its_pieces():
    assert (3, "order_not_known") in refused(known("28", "2026-03-31"), "inspections")


ONE = "order_id,supplier,sku,ordered_on,received_on,quantity,unit_price,status\n1,Ada,x,2026-03-01,2026-03-10,50,2,received\n"
LOOKS = "order_id,batch,inspected_on,inspected,defective,reinspection\n"


@pytest.mark.parametrize(
    ("rows", "codes"),
    [
        (["1,a,2026-03-10,50,1,"], []),
        (["1,a,2026-03-10,51,1,"], ["more_inspected_than_ordered"]),
        (["1,a,2026-02-27,50,1,"], ["inspected_before_ordered"]),
        (["1,a,2026-03-09,50,1,"], ["inspected_before_arrival"]),
    ],
)
def test_an_inspection_beside_its_order(tmp_path, rows, codes):
    """50 pieces, ordered on 03-01, arrived on 03-10."""
    found = source(tmp_path, orders=ONE, inspections=LOOKS + "\n".join(rows)).known(pd.Timestamp("2026-03-31"))
    assert [code for _, code in refused(found)] == codes


@pytest.mark.parametrize(
    ("rows", "inspected", "defective"),
    [
        (["1,a,2026-03-10,25,5,", "1,a,2026-03-11,25,1,"], 50, 6),  # two days for one lot of 50
        (["1,a,2026-03-10,30,5,", "1,b,2026-03-10,20,1,"], 50, 6),  # two lots
        (["1,a,2026-03-10,50,5,", "1,b,2026-03-20,10,0,"], 50, 5),  # the ten that were replaced
        (["1,a,2026-03-10,20,5,", "1,a,2026-03-11,20,0,是"], 20, 5),  # the buyer says so
        (["1,a,2026-03-10,40,5,", "1,a,2026-03-11,40,0,否"], 80, 5),  # and knows better
    ],
)
def test_pieces_looked_at_again_are_left_out(tmp_path, rows, inspected, defective):
    found = source(tmp_path, orders=ONE, inspections=LOOKS + "\n".join(rows)).known(pd.Timestamp("2026-03-31"))
    lots = inspected_lots(found.tables["orders"], found.tables["inspections"])
    assert [lots["inspected"].sum(), lots["defective"].sum()] == [inspected, defective]


@pytest.mark.parametrize(("settled", "counted"), [("2026-03-15", 20), ("2026-03-25", 40), ("2026-03-09", 40)])
def test_a_look_after_rework_is_a_second_one(tmp_path, settled, counted):
    """20 of 50 sampled on 03-10 and 20 again on 03-20: the same pieces if they were repaired in between."""
    looks = LOOKS + "1,a,2026-03-10,20,5,\n1,a,2026-03-20,20,0,\n"
    repaired = f"order_id,reworked,settled_on\n1,5,{settled}\n"
    found = source(tmp_path, orders=ONE, inspections=looks, returns=repaired).known(pd.Timestamp("2026-03-31"))
    assert inspected_lots(found.tables["orders"], found.tables["inspections"])["inspected"].tolist() == [counted]


@pytest.mark.parametrize(
    ("rows", "codes"),
    [
        (["1,50,50,2026-03-20"], []),
        (["1,30,,2026-03-20", "1,30,,2026-03-21"], ["more_returned_than_ordered"]),
        (["1,,51,2026-03-20"], ["more_reworked_than_ordered"]),
        (["1,5,,2026-02-20"], ["settled_before_ordered"]),
    ],
)
def test_a_return_beside_its_order(tmp_path, rows, codes):
    returns = "order_id,returned,reworked,settled_on\n" + "\n".join(rows)
    found = source(tmp_path, orders=ONE, returns=returns).known(pd.Timestamp("2026-03-31"))
    assert [code for _, code in refused(found)] == codes
    assert found.accounting["rows_in"].sum() == 1 + len(rows)
