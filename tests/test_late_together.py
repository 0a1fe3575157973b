"""The number of late orders: each chance stays its own, sums hold where months move together, and shocks are learned from the past."""

import numpy as np
import pandas as pd
import pytest
from review_tables import facts, review_tables
from scipy import integrate, stats

from analysis.estimates.track_record import arrivals_together
from analysis.estimates.track_record.arrivals_together import chance_between
from analysis.estimates.track_record.forecasts import LEVELS, QUANTILES
from analysis.estimates.track_record.late_together import (
    SHOCKS,
    MonthShocks,
    chance_given,
    fit_month_shocks,
    late_together,
)
from analysis.reporting.delivery_pages import delivery_pages
from analysis.reporting.report_context import report_context

ALONE = MonthShocks((SHOCKS == 0).astype(float), 0)


def played(months, orders, shock, rng):
    """Chances, outcomes and months of orders whose months move together."""
    said = rng.beta(1.5, 3.0, (months, orders))
    late = rng.random(said.shape) < chance_given(said, np.float64(shock), rng.standard_normal((months, 1)))
    return said.ravel(), late.ravel().astype(float), np.repeat(np.arange(months), orders)


@pytest.mark.parametrize(("chance", "shock"), [(0.1, 0.5), (0.5, 1.3), (0.93, 0.8)])
def test_a_shock_leaves_each_chance_as_it_is(chance, shock):
    mean, _ = integrate.quad(lambda z: stats.norm.pdf(z) * chance_given(np.array(chance), np.array(shock), z), -9, 9)
    assert mean == pytest.approx(chance, abs=1e-6)


def test_without_shocks_the_count_is_that_of_independent_orders():
    mean, low, high = ALONE.count(np.full(60, 0.3))
    assert mean == pytest.approx(18)
    assert (low, high) == pytest.approx(stats.binom.interval(0.9, 60, 0.3), abs=1)
    assert ALONE.count(np.array([])) == (0.0, 0, 0)


@pytest.mark.parametrize("shocks", [ALONE, MonthShocks.at(0.5)])
@pytest.mark.parametrize(("chance", "count"), [(0.002, 9), (0.9995, 14), (1 - 1e-7, 14), (0.03, 1), (0.4, 12)])
def test_an_interval_holds_its_mean(shocks, chance, count):
    """A review whose interval does not hold what is expected is not published."""
    mean, low, high = shocks.count(np.full(count, chance))
    assert low <= mean <= high <= count and mean == pytest.approx(count * chance, abs=0.01)
    if chance > 0.9999:
        assert (mean, low, high) == (14, 14, 14)
    total, least, most = shocks.total(np.full(count, 700.0), np.full(count, chance))
    assert least <= total <= most and total == pytest.approx(700 * count * chance)


@pytest.mark.parametrize("shock", [0.0, 0.8])
def test_shocks_are_learned_from_months_gone_by(shock):
    learned = fit_month_shocks(*played(60, 30, shock, np.random.default_rng(5)))
    assert learned.months == 60 and learned.mean == pytest.approx(shock, abs=0.15)


def test_intervals_of_sums_hold_where_months_move_together():
    rng = np.random.default_rng(8)
    learned = fit_month_shocks(*played(24, 25, 0.7, rng))
    said, late, month = played(200, 25, 0.7, rng)
    inside = {}
    for name, shocks in (("alone", ALONE), ("together", learned)):
        ends = np.array([shocks.count(said[month == m])[1:] for m in range(0, 200, 5)])
        counts = np.array([late[month == m].sum() for m in range(0, 200, 5)])
        inside[name] = int(((ends[:, 0] <= counts) & (counts <= ends[:, 1])).sum())
    assert (
        stats.binomtest(inside["together"], 40, 0.92).pvalue > 1e-3
    )  # a count's interval holds a little more than it says
    assert inside["alone"] < 32


def test_what_is_not_known_says_nothing():
    said, late, month = played(6, 10, 0.5, np.random.default_rng(2))
    more = fit_month_shocks(np.append(said, [np.nan, 0.4]), np.append(late, [1.0, np.nan]), np.append(month, [7, 8]))
    plain = fit_month_shocks(said, late, month)
    assert more.months == 6 and more.weights == pytest.approx(plain.weights)
    nothing = fit_month_shocks(np.array([]), np.array([]), np.array([], dtype=object))
    assert nothing.months == 0 and 0.2 < nothing.mean < 0.5 and nothing.weights.sum() == pytest.approx(1)


def test_overdue_orders_are_late_already_and_those_without_a_promise_are_no_part():
    day = pd.Timestamp("2026-10-31")
    waiting = pd.DataFrame(
        {
            "promised_on": [day - pd.Timedelta(days=3), day + pd.Timedelta(days=5), pd.NaT, day + pd.Timedelta(days=9)],
            "late_probability": [0.6, 0.5, np.nan, 0.0],
        }
    )
    past = pd.DataFrame(
        {"kind": ["lead_time"], "state": ["waiting"], "made_on": [day], "said": [0.5], "came": [np.nan]}
    )
    row = late_together(waiting, past, day).iloc[0]
    assert (row["open"], row["promised"], row["overdue"], row["months"]) == (4, 3, 1, 0)
    assert row["late"] == pytest.approx(1.5) and (row["late_low"], row["late_high"]) == (1, 2)
    assert row["level"] == 0.9
    assert late_together(waiting.iloc[[2]], past, day).empty
    rare = late_together(waiting.iloc[[1, 3]].assign(late_probability=[0.02, 0.0]), past, day).iloc[0]
    assert (rare["late_low"], rare["late"], rare["late_high"]) == (0, 0.02, 1), "the mean of a rare event is no 0"
    assert late_together(waiting.iloc[[3]], past, day).iloc[0]["late_high"] == 0


@pytest.mark.parametrize(
    ("row", "said", "wider"),
    [
        (
            (9, 0, 0.3, 0, 2, 0),
            "expected late in the end, these included: 0.3 (with 90% probability 0–2)",
            "is assumed",
        ),
        ((9, 2, 2.02, 2, 3, 1), "2.0 (with 90% probability 2–3)", "from one month of"),
        ((9, 2, 2.0, 2, 2, 4), "these included: 2 (with 90% probability 2)", ""),
        ((3, 2, 2.5, 2, 3, 4), "2.5 (with 90% probability 2–3)", ""),  # one order is no sum
        ((9, 0, 0.02, 0, 0, 4), "<0.1 (with 90% probability 0)", ""),
        ((40, 2, 14.4, 9, 20, 6), "14 (with 90% probability 9–20)", "from 6 months"),
    ],
)
def test_the_page_tells_of_the_sum_what_holds(row, said, wider):
    columns = ["promised", "overdue", "late", "late_low", "late_high", "months"]
    tables = review_tables()
    tables["late_together"] = tables["late_together"].assign(**dict(zip(columns, row)))
    told = str(delivery_pages(report_context(tables, facts(), "en")))
    assert said in told and wider in told and ("orders of a month go wrong together" in told) == bool(wider)
    assert "1 months" not in told
    assert "90% 概率下为" in str(delivery_pages(report_context(tables, facts(), "zh")))


def test_the_page_counts_months_in_whole_numbers():
    tables = review_tables()
    tables["late_together"] = tables["late_together"].assign(overdue=2, late_low=2, late_high=5, months=10)
    chapter = delivery_pages(report_context(tables, facts(), "en"))
    assert any("learned from 10 months" in str(block) for block in chapter["blocks"])


# ---- arrivals by the end of next month


def test_a_chance_between_quantiles_is_that_of_the_law_they_are_from():
    law, days = stats.lognorm(0.5, scale=20), np.array([2.0, 12.0, 19.0, 33.0, 46.0, 60.0, 90.0])
    quantiles = np.tile(law.ppf(LEVELS), (days.size, 1))
    assert chance_between(quantiles, np.array(LEVELS), days) == pytest.approx(law.cdf(days), abs=0.02)
    assert chance_between(np.full((2, 8), 5.0), np.array(LEVELS), np.array([4.9, 40.0])) == pytest.approx(
        [0.05, 1], abs=0.01
    )


def test_a_shock_learned_elsewhere_is_the_one_told():
    for shock in (0.0, 0.35, 1.7):
        assert MonthShocks.at(shock).mean == pytest.approx(shock)


def promised(months, lines, shock, rng, spread=0.6):
    """Forecasts of so many lines a month, and the orders that they are about: lognormal days, whose luck a month shares."""
    made = pd.date_range("2020-01-31", periods=months, freq="ME").repeat(lines)
    median = rng.uniform(10, 60, made.size)
    luck = shock * rng.standard_normal(months).repeat(lines) + rng.standard_normal(made.size)
    days = np.ceil(median * np.exp(spread * luck / np.hypot(shock, 1)))
    quantiles = np.ceil(median[:, None] * np.exp(spread * stats.norm.ppf(LEVELS)))
    key = pd.DataFrame({"order_id": np.arange(made.size).astype(str), "line_no": 1, "made_on": made})
    came = made + pd.to_timedelta(days, unit="D")
    orders = key.assign(received_on=came, status="received", quantity=rng.integers(1, 300, made.size))
    return key.join(pd.DataFrame(quantiles, columns=list(QUANTILES))), orders.drop(columns="made_on")


@pytest.mark.parametrize("shock", [0.0, 0.8])
def test_the_number_that_arrives_next_month_holds_its_interval(shock):
    forecasts, orders = promised(120, 20, shock, np.random.default_rng(4))
    as_of = forecasts["made_on"].max()
    now = forecasts["made_on"] == as_of
    row = arrivals_together(forecasts[now], forecasts[~now], orders, as_of).iloc[0]
    assert row["past"] == row["months"] == 119 and row["shock"] == pytest.approx(shock, abs=0.15)
    assert stats.binomtest(int(row["held"]), 119, 0.92).pvalue > 1e-3
    wide = row["arrive_high"] - row["arrive_low"]
    assert (wide > 8) == (shock > 0.5) and row["arrive_low"] < row["arrive"] < row["arrive_high"]
    assert row["pieces"] == orders.loc[now, "quantity"].sum() and row["pieces_arrive_low"] < row["pieces_arrive"]


def test_only_what_is_known_by_now_teaches_and_only_what_is_to_come_is_told():
    forecasts, orders = promised(4, 6, 0.3, np.random.default_rng(2))
    as_of = pd.Timestamp("2020-04-30")
    now = forecasts["made_on"] == as_of
    later = orders["received_on"] > as_of
    known = orders.assign(
        received_on=orders["received_on"].mask(later), status=orders["status"].mask(later, "open"), received_quantity=0
    )
    known.loc[now, "received_quantity"] = [1, 0, 0, 0, 0, 0]
    row = arrivals_together(forecasts[now], forecasts[~now], known, as_of).iloc[0]
    assert (row["open"], row["past"], row["until"]) == (6, 3, pd.Timestamp("2020-05-31"))
    assert row["pieces"] == known.loc[now, "quantity"].sum() - 1
    gone = known.assign(status=known["status"].mask(known.index < 6, "cancelled"))
    assert arrivals_together(forecasts[now], forecasts[~now], gone, as_of)["past"].tolist() == [2]
    first = arrivals_together(forecasts[now], pd.DataFrame(), known.assign(quantity=np.nan), as_of).iloc[0]
    assert (first["past"], first["months"]) == (0, 0) and np.isnan(first["pieces_arrive"])
    assert arrivals_together(forecasts.iloc[:0], forecasts, known, as_of).empty


@pytest.mark.parametrize(
    ("pieces", "past", "said", "chinese"),
    [
        (
            np.nan,
            0,
            "By the end of next month (31 May 2026) 6.4 of the 9 lines should be here (with 90% probability 4–8).",
            "，9 笔在途订单预计到货 6.4 笔（90% 概率下为 4–8 笔）。",
        ),
        (
            900.0,
            7,
            "4–8), and 512 of their 900 pieces still to come (300–700). Such forecasts that came due: 7, within their range: 6.",
            "，在途 900 件中预计到 512 件（300–700 件）。此类预测已到期 7 次，实际落在区间内 6 次。",
        ),
    ],
)
def test_the_page_tells_what_arrives_next_month(pieces, past, said, chinese):
    row = {
        "until": pd.Timestamp("2026-05-31"),
        "open": 9,
        "arrive": 6.4,
        "arrive_low": 4,
        "arrive_high": 8,
        "pieces": pieces,
    }
    row |= {
        "pieces_arrive": 512.0,
        "pieces_arrive_low": 300.0,
        "pieces_arrive_high": 700.0,
        "level": 0.9,
        "past": past,
        "held": 6,
    }
    tables = review_tables() | {"arrivals_together": pd.DataFrame([row])}
    for language, words in (("en", said), ("zh", chinese)):
        assert words in str(delivery_pages(report_context(tables, facts(), language)))
