import json

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from small_review import write_company

from analysis import month as months
from analysis.errors import AnalysisError
from analysis.estimates.draws import Draws
from analysis.month import STAGING, MonthError, check_month, check_source, may_be_settled_later, newest_day, open_month
from analysis.paths import PROJECT


@pytest.fixture
def review(tmp_path):
    return open_month("acme", "2026-10", tmp_path / "raw", tmp_path / "processed", tmp_path / "reports")


@pytest.mark.parametrize(
    ("month", "day"), [("2026-10", "2026-10-31"), ("2024-02", "2024-02-29"), ("2013-06", "2013-06-30")]
)
def test_as_of_is_the_last_day(month, day):
    assert open_month("acme", month).as_of == pd.Timestamp(day)


def test_previous_month_crosses_the_year(tmp_path):
    before = open_month("acme", "2026-01", processed_dir=tmp_path).previous()
    assert before.month == "2025-12"
    assert before.processed_folder == tmp_path / "acme" / "2025-12"


def test_relative_folders_belong_to_the_project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert open_month("acme", "2026-10").source_folder == PROJECT / "data" / "raw" / "acme"


@pytest.mark.parametrize("month", ["2026-13", "2026-1", "26-10", "October", "2026-10-31", ""])
def test_what_is_no_month_is_refused(month):
    with pytest.raises(MonthError, match="not a month"):
        open_month("acme", month)


@pytest.mark.parametrize("source", ["", "..", "../acme", "a/b", ".hidden", "a\\b"])
def test_source_stays_in_the_data_folder(source):
    with pytest.raises(MonthError, match="cannot be a source"):
        open_month(source, "2026-10")


def test_unknown_source_names_the_near_ones(tmp_path):
    (tmp_path / "example").mkdir()
    (tmp_path / "scms").mkdir()
    with pytest.raises(MonthError, match="Did you mean: example\\?"):
        check_source("exmaple", tmp_path)
    with pytest.raises(MonthError, match="does not exist"):
        check_source("example", tmp_path / "nowhere")


def test_table_comes_back_as_it_was_written(review):
    table = pd.DataFrame(
        {
            "supplier": pd.Series(["Ada", "宝"], dtype="str"),
            "ordered_on": pd.to_datetime(["2026-10-01", None]).astype("datetime64[us]"),
            "inspected": pd.array([3, pd.NA], dtype="Int64"),
            "rate": [0.1, np.nan],
        }
    )
    review.store.write("defect_rates", table)
    pd.testing.assert_frame_equal(review.store.read("defect_rates"), table)
    assert review.store.has("defect_rates")
    assert not review.store.has("scorecard")


def test_same_table_gives_the_same_bytes(review):
    table = pd.DataFrame({"supplier": ["Ada", "Bao"], "rate": [0.1, 0.3]})
    review.store.write("rates", table)
    first = (review.processed_folder / "rates.parquet").read_bytes()
    review.store.write("rates", table.copy().set_index(pd.Index([4, 9])))
    assert (review.processed_folder / "rates.parquet").read_bytes() == first


def test_draws_come_back_to_the_last_bit(review):
    values = np.random.default_rng(3).normal(size=(4, 50))
    review.store.write_draws("rating", Draws(pd.Index(["Ada", "宝", "C", "D"]), values))
    back = review.store.read_draws("rating")
    np.testing.assert_array_equal(back.values, values)
    assert list(back.suppliers) == ["Ada", "宝", "C", "D"]


def test_draws_of_nobody_keep_their_width(review):
    review.store.write_draws("rating", Draws(pd.Index([], dtype="str"), np.empty((0, 7))))
    assert review.store.read_draws("rating").values.shape == (0, 7)


def test_missing_table_says_what_to_run(review):
    with pytest.raises(AnalysisError, match="run notebook 01"):
        review.store.read("orders")
    with pytest.raises(AnalysisError, match="run notebook 01"):
        review.store.read_draws("rating")


def test_staging_takes_what_its_own_month_writes(review, tmp_path, monkeypatch):
    staging = {"source": "acme", "month": "2026-10", "processed": str(tmp_path / "p"), "reports": str(tmp_path / "r")}
    monkeypatch.setenv(STAGING, json.dumps(staging))
    review.store.write("orders", pd.DataFrame({"a": [1]}))
    assert pq.read_table(tmp_path / "p" / "orders.parquet").num_rows == 1
    assert review.report_folder == tmp_path / "r"
    assert review.previous().processed_folder == tmp_path / "processed" / "acme" / "2026-09"
    other = open_month("other", "2026-10", processed_dir=tmp_path / "processed")
    assert other.processed_folder == tmp_path / "processed" / "other" / "2026-10"


def test_month_knows_what_had_happened_by_its_end(tmp_path):
    write_company(tmp_path)
    known = open_month("acme", "2026-09", data_dir=tmp_path / "raw").load()
    assert known.as_of == pd.Timestamp("2026-09-30")
    status = known.tables["orders"].set_index("order_id")["status"].to_dict()
    assert status == {"1": "received", "2": "open"}, "2 arrived on 5 October; 3 and 4 were ordered in October"


@pytest.mark.parametrize(("month", "words"), [("2030-01", "not over yet"), ("2026-08", "first order is of 2026-09-02")])
def test_month_that_the_data_do_not_reach_is_not_loaded(tmp_path, month, words):
    write_company(tmp_path)
    with pytest.raises(MonthError, match=words):
        open_month("acme", month, data_dir=tmp_path / "raw").load()


TODAY = pd.Timestamp("2026-11-22")


@pytest.mark.parametrize(
    ("month", "first", "newest", "today", "refused"),
    [
        ("2026-10", "2026-01-05", "2026-10-31", TODAY, None),
        ("2026-10", "2026-01-05", "2026-10-12", TODAY, None),  # a quiet end of a month that is over
        (
            "2026-10",
            "2026-01-05",
            "2026-10-31",
            pd.Timestamp("2020-01-01"),
            None,
        ),  # the data reach the end: no clock asked
        ("2026-10", "2026-01-05", "2026-12-01", pd.Timestamp("2020-01-01"), None),
        ("2026-11", "2026-01-05", "2026-11-20", TODAY, "not over yet"),
        ("2030-01", "2026-01-05", "2026-10-31", TODAY, "not over yet"),
        ("2026-11", "2026-01-05", "2026-10-31", pd.Timestamp("2026-12-05"), "newest event is of 2026-10-31"),
        ("2025-12", "2026-01-05", "2026-10-31", TODAY, "first order is of 2026-01-05"),
        ("2026-10", None, None, TODAY, "no order that can be read"),
        ("2026-10", pd.NaT, None, TODAY, "no order that can be read"),
    ],
)
def test_month_must_be_one_that_the_data_reach(month, first, newest, today, refused):
    days = [None if day is None else pd.Timestamp(day) for day in (first, newest)]
    if refused is None:
        check_month(month, "acme", *days, today=today)
    else:
        with pytest.raises(MonthError, match=refused):
            check_month(month, "acme", *days, today=today)


def test_a_slip_of_the_pen_does_not_open_a_month_to_come():
    newest, none = pd.Timestamp("2026-10-02"), None
    assert not may_be_settled_later("2030-01", newest, TODAY), "an order of 2099 stands in the file"
    assert may_be_settled_later("2026-08", pd.Timestamp("2026-06-02"), TODAY), "a quiet month that is over"
    assert may_be_settled_later("2030-01", pd.Timestamp("2030-01-05"), TODAY), "data from a clock that is ahead"
    assert may_be_settled_later("2026-08", none, TODAY), "nothing yet: the first order comes later"


def test_promises_are_no_events():
    orders = pd.DataFrame({"ordered_on": pd.to_datetime(["2026-01-05"]), "promised_on": pd.to_datetime(["2027-01-05"])})
    assert newest_day({"orders": orders, "demand": pd.DataFrame({"sku": ["x"]})}) == pd.Timestamp("2026-01-05")
    assert newest_day({"orders": orders.iloc[:0]}) is None
    sold = pd.DataFrame({"sku": ["x", "x"], "month": pd.to_datetime(["2026-02-01", "2026-03-01"])})
    assert newest_day({"orders": orders, "demand": sold}) == pd.Timestamp("2026-03-01"), (
        "a month of sales without an order"
    )
    counted = pd.DataFrame({"sku": ["x"], "counted_on": pd.to_datetime(["2026-04-30"])})
    assert newest_day({"orders": orders, "stock_counts": counted}) == pd.Timestamp("2026-04-30")
    back = pd.DataFrame({"opened_on": pd.to_datetime(["2026-02-25"]), "settled_on": pd.to_datetime(["2026-03-30"])})
    assert newest_day({"orders": orders, "returns": back}) == pd.Timestamp("2026-03-30")
    asked = pd.DataFrame({"asked_at": pd.to_datetime(["2026-02-07 10:00"])})
    assert newest_day({"orders": orders, "inquiries": asked}) == pd.Timestamp("2026-01-05")
    assert newest_day({"orders": orders.iloc[:0], "inquiries": asked}) == pd.Timestamp("2026-02-07")


def test_every_event_column_is_one_of_the_canonical_tables():
    from analysis.sources.tables import TABLES

    known = {column.name for table in TABLES.values() for column in table.columns}
    assert set(months.HAPPENED) <= known


def test_only_a_review_keeps_forecasts(review, tmp_path, monkeypatch):
    review.store.keep("forecasts_defects", pd.DataFrame({"mean": [1.0]}))
    assert not list((tmp_path / "processed").rglob("forecasts_*")), "a notebook run by hand"
    staging = {"source": "acme", "month": "2026-10", "processed": str(tmp_path / "p"), "reports": str(tmp_path / "r")}
    monkeypatch.setenv(STAGING, json.dumps(staging))
    review.store.keep("forecasts_defects", pd.DataFrame({"mean": [2.0]}))
    assert pq.read_table(tmp_path / "p" / "forecasts_defects.parquet")["mean"].to_pylist() == [2.0]
    assert review.store.read_all() == {}, "what is kept for later months is none of this month's tables"
