"""A column left out of a plain table: read without it, or refused in a sentence."""

from itertools import zip_longest

import pandas as pd
import pytest

from analysis.errors import SourceError
from analysis.reporting.sentences import worded_in_both
from analysis.sources.load import END_OF_TIME, load_source
from analysis.sources.tables import TABLES

DAYS = {"inspected_on": "2026-03-20", "received_on": "2026-03-19", "settled_on": "2026-03-25", "closed_on": "2026-04-01", "closed": "2026-04-01", "valid_until": "2026-12-31"}  # fmt: skip
CELLS = {"order_id": "A1", "line_no": 1, "supplier": "Bao", "sku": "cup", "quantity": 50, "inspected": 50, "known_on": "", "lower_limit": 0, "upper_limit": 2, "paid_amount": 50, "goods_amount": 50, "price_range": "1-2"}  # fmt: skip

SUBSTITUTED = {("orders", "order_id"), ("receipts", "received_on")}
"""What is made or left unknown in place of the column, and told in a remark."""


def cell(column):
    """A cell that can be read, of any column."""
    if column.name in CELLS:
        return CELLS[column.name]
    if column.kind in ("date", "time"):
        return DAYS.get(column.name, "2026-03-05")
    if column.kind in ("count", "money", "number", "share"):
        return 1
    if column.kind == "word":
        return next(iter(column.words))
    return {"flag": "yes"}.get(column.kind, "x")


def known_without(folder, **left_out):
    """What is known of a source with a row in orders and in each table named, the column named of it left out."""
    for table in {"orders": "", **left_out}:
        columns = [c for c in TABLES[table].columns if c.name not in ("known_on", left_out.get(table))]
        pd.DataFrame([{c.name: cell(c) for c in columns}]).to_csv(folder / f"{table}.csv", index=False)
    return load_source(folder).known(END_OF_TIME)


def columns(table, required):
    return [column.name for column in TABLES[table].columns if column.required == required]


@pytest.mark.parametrize("table", [*TABLES])
def test_a_required_column_left_out_costs_a_sentence_that_names_it(tmp_path, table):
    for column in columns(table, required=True):
        folder = tmp_path / column
        folder.mkdir()
        try:
            known = known_without(folder, **{table: column})
            told = " ".join((known.remarks if (table, column) in SUBSTITUTED else known.quarantine)["column"])
        except SourceError as error:
            told = str(error)
        assert column in told


@pytest.mark.parametrize("column", columns("orders", required=False))
def test_orders_are_read_without_any_other_column(tmp_path, column):
    known_without(tmp_path, orders=column)


OTHERS = [table for table in TABLES if table != "orders"]
TURNS = [*zip_longest(*(columns(table, required=False) for table in OTHERS))]
"""A column of each table a turn, as long as it has another."""


@pytest.mark.parametrize("turn", range(len(TURNS)))
def test_other_tables_are_read_without_any_other_column(tmp_path, turn):
    known_without(tmp_path, **{table: column for table, column in zip(OTHERS, TURNS[turn]) if column})


LOOKS = ["supplier", "sku", "inspected_on", "inspected", "defective"]


def looked(folder, orders, *looks, head=LOOKS):
    """The order of each look, and the codes of the rows refused."""
    pd.DataFrame(
        orders, columns=["order_id", "supplier", "sku", "ordered_on", "received_on", "quantity", "status"]
    ).to_csv(folder / "orders.csv", index=False)
    pd.DataFrame([[*row, 50, 1] for row in looks], columns=head).to_csv(folder / "inspections.csv", index=False)
    known = load_source(folder).known(END_OF_TIME)
    assert (worded_in_both(known.quarantine)[["reason", "remedy", "reason_zh", "remedy_zh"]].map(len) > 3).all(
        axis=None
    )
    return known.tables["inspections"]["order_id"].tolist(), known.quarantine["code"].tolist(), known.remarks


FIRST = ["A", "Bao", "cup", "2026-01-05", "2026-01-17", 50, ""]
SECOND = ["B", "Bao", "cup", "2026-03-05", "2026-03-17", 50, ""]


def test_looks_without_an_order_are_of_the_line_that_came_last(tmp_path):
    looks = [("Bao", "cup", "2026-01-17"), ("bao ", "CUP", "2026-03-18"), ("Bao", "cup", "2026-01-16"), ("Bao", "pan", "2026-03-18")]  # fmt: skip
    found, refused, remarks = looked(tmp_path, [FIRST, SECOND], *looks)
    assert (found, refused) == (["A", "B"], ["order_not_found"] * 2)
    assert remarks["code"].tolist() == ["order_found"]


@pytest.mark.parametrize(
    ("second", "found"),
    [
        (["B", "Bao", "cup", "2026-03-05", "", 50, ""], []),  # it may have come and nobody wrote it down
        (["B", "Bao", "cup", "2026-03-05", "", 50, "open"], ["A"]),
        (["B", "Bao", "cup", "2026-01-05", "2026-01-17", 50, ""], []),  # both came on one day
        (["B", "Hui", "cup", "2026-03-05", "2026-03-17", 50, ""], ["A"]),
    ],
)
def test_a_look_that_may_be_of_two_orders_is_refused(tmp_path, second, found):
    told, refused, _ = looked(tmp_path, [FIRST, second], ("Bao", "cup", "2026-03-20"))
    assert (told, refused) == (found, [] if found else ["order_not_found"])


def test_the_only_order_without_a_day_of_arrival_is_meant(tmp_path):
    told, refused, _ = looked(tmp_path, [[*FIRST[:4], "", 50, ""]], ("Bao", "cup", "2026-03-20"))
    assert (told, refused) == (["A"], [])


def test_looks_that_name_neither_order_nor_article_are_refused_in_a_sentence(tmp_path):
    with pytest.raises(SourceError, match="inspections lacks the required columns order_id"):
        looked(tmp_path, [FIRST], ("Bao", "2026-03-20"), head=["supplier", *LOOKS[2:]])
