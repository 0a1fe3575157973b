"""Numbers far above all that was seen before are remarked on, on page one."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from review_tables import facts

from analysis.reporting.beyond_seen import beyond_seen
from analysis.reporting.report_context import report_context
from analysis.reporting.unknowns import what_is_not_known

AS_OF = pd.Timestamp("2026-10-31")


def month(
    p90=(30.0, 12.0),
    cost=4.0,
    demand=80.0,
    pieces=(200.0, 0.0),
    rate=(0.05, 0.02),
    inspected=(40, 0),
    found=(1, 0),
    size=np.nan,
    gone="open",
):
    """Two suppliers: at most 20 days waited, 3.00 paid, 90 pieces a month, 150 an order, 1 of 40 defective."""
    days = pd.to_datetime(["2026-10-01", "2026-10-11", "2026-10-21"])
    return {
        "orders": pd.DataFrame({
            "sku": ["cup", "cup", "pan"], "quantity": [150, 20, 10], "ordered_on": days,
            "received_on": [days[0] + pd.Timedelta(12, "D"), pd.NaT, days[2] + pd.Timedelta(2, "D")],
            "status": ["received", gone, "received"],
        }),
        "demand": pd.DataFrame({"sku": ["cup", "cup"], "units": [60, 90]}),
        "lead_times": pd.DataFrame({"supplier": ["甲厂", "乙厂"], "lead_time_p90": p90, "unknown": 0}),
        "costs": pd.DataFrame({"sku": ["cup", "pan"], "unit_price": [3.0, 900.0], "cost_per_good_piece": [cost, np.nan]}),
        "stock": pd.DataFrame({"sku": ["cup"], "demand_per_month": [demand], "order_quantity": [size]}),
        "purchase_plan": pd.DataFrame({"sku": ["cup", "pan"], "pieces": pieces, "demand_per_month": [demand, 1.0]}),
        "defect_rates": pd.DataFrame({
            "level": "supplier", "supplier": ["甲厂", "乙厂"], "inspected": inspected, "defective": found,
            "defect_rate": rate, "p_over_limit": 0.0, "pieces_to_settle": np.nan,
        }),
    }  # fmt: skip


def context(language="en", **changed):
    return report_context(month(**changed), replace(facts(), as_of=AS_OF), language)


def test_ordinary_numbers_are_not_remarked_on():
    assert beyond_seen(context()).empty and "record" not in str(list(what_is_not_known(context())))


def test_less_than_ten_pieces_a_month_is_not_far_above_none():
    month_of_none = month(demand=0.2, pieces=(0.0, 0.0)) | {"demand": pd.DataFrame({"sku": ["cup"], "units": [0]})}
    m = report_context(month_of_none, replace(facts(), as_of=AS_OF), "en")
    assert "demand" not in set(beyond_seen(m)["kind"])


@pytest.mark.parametrize(
    ("changed", "kind", "name", "seen"),
    [
        ({"p90": (12.0, 201.0)}, "days", "乙厂", 20.0),  # open since 20 days is the longest wait
        ({"cost": 30.1}, "cost", "cup", 3.0),  # the price of the pan is no measure of the cup
        ({"demand": 901.0}, "demand", "cup", 90.0),
        ({"pieces": (1501.0, 0.0)}, "pieces", "cup", 150.0),
        ({"pieces": (0.0, 101.0)}, "pieces", "pan", 10.0),
        ({"rate": (0.251, 0.1)}, "rate", "甲厂", 0.025),
    ],
)
def test_more_than_ten_times_the_largest_on_record_is_remarked_on(changed, kind, name, seen):
    (found,) = beyond_seen(context(**changed)).itertuples()
    assert (found.kind, found.name) == (kind, name) and found.seen == pytest.approx(seen)


@pytest.mark.parametrize("gone", ["cancelled", "unknown"])
def test_only_open_lines_wait_until_today(gone):
    """Of the delivered lines the longest took 12 days: a line that nobody waits for is no wait of 20."""
    (found,) = beyond_seen(context(p90=(12.0, 121.0), gone=gone)).itertuples()
    assert (found.kind, found.name, found.seen) == ("days", "乙厂", 12.0)
    assert beyond_seen(context(p90=(12.0, 121.0))).empty, "open since 20 days"


def test_where_none_was_defective_no_share_is_told_as_found():
    """None of 250 pieces: at 4.1% ten would have been among them."""
    none = {"inspected": (247, 3), "found": (0, 0), "rate": (0.01, 0.041)}
    (found,) = beyond_seen(context(**none)).itertuples()
    assert (found.kind, found.name) == ("rate_none", "乙厂") and found.seen == pytest.approx(1 / 250)
    assert beyond_seen(context(**none | {"rate": (0.01, 0.039)})).empty
    told = str([list(what_is_not_known(context(language, **none))) for language in ("en", "zh")])
    assert "4.1% of 乙厂's pieces defective (of the 250 inspected so far, of all suppliers, none was)" in told
    assert "乙厂 不良率 4.1%（以往各供应商共检验 250 件，未检出不良）" in told and "highest" not in told


@pytest.mark.parametrize(
    ("inspected", "found", "seen"),
    [
        ((40, 3), (1, 0), 1 / 40),  # three pieces without fault say nothing of anybody
        ((97, 3), (0, 1), 1 / 100),  # nor does one of three: all together it is one of a hundred
        ((16, 3), (1, 1), None),  # too few of all to hold anything against
    ],
)
def test_a_tiny_inspection_is_no_record(inspected, found, seen):
    far = beyond_seen(context(inspected=inspected, found=found, rate=(0.01, 0.26)))
    assert far["seen"].tolist() == ([] if seen is None else [pytest.approx(seen)])


def test_an_article_that_stock_and_plan_order_is_told_once_with_the_larger():
    (found,) = beyond_seen(context(pieces=(1600.0, 0.0), size=1700.0)).itertuples()
    assert (found.kind, found.name, found.printed, found.seen) == ("pieces", "cup", 1700.0, 150.0)


def test_the_first_page_says_it_in_both_languages():
    changed = {"p90": (900.0, 12.0), "pieces": (40_000.0, 0.0)}
    (told,) = [text for _, text in what_is_not_known(context(**changed)) if "Check the rows" in text]
    assert "40,000 pieces of cup to order (largest order or month: 150)" in told and told.startswith("40,000")
    assert "甲厂 delivers nine of ten orders within 900 days (longest so far: 20)" in told
    (told,) = [text for _, text in what_is_not_known(context("zh", **changed)) if "核对" in text]
    assert "甲厂 九成订单的交期为 900 天以内（以往最长 20 天）" in told and "cup 订货 40,000 件" in told
