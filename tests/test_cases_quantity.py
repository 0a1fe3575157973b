"""Quantities and money as ordinary files write them: each case of `tests/data/cases` with its right value, and its kind."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

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
