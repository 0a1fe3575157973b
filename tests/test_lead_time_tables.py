"""Order lines as evidence, the review's tables, Kaplan-Meier, OTIF and calendars: small tables worked by hand."""

import numpy as np
import pandas as pd
import pytest

from analysis.estimates.lead_time import (
    LEGS,
    best_calendar,
    clock_scores,
    fit_lead_times,
    lead_time_table,
    lead_times,
    on_time_table,
    open_orders_table,
)
from analysis.estimates.lead_time.kaplan_meier import inside_curve, kaplan_meier, survival_table
from analysis.estimates.lead_time.working_days import CALENDARS, calendar

AS_OF = pd.Timestamp("2026-06-30")
_DATES = ["ordered_on", "paid_on", "promised_on", "shipped_on", "received_on"]


def order_table(rows: list[dict]) -> pd.DataFrame:
    base = {
        "line_no": 1,
        "sku": "K1",
        "category": "bags",
        "transport_mode": "express",
        "status": "open",
        "quantity": 10,
    }
    table = pd.DataFrame([base | dict.fromkeys(_DATES) | row for row in rows])
    table[_DATES] = table[_DATES].apply(lambda c: pd.to_datetime(c).astype("datetime64[us]"))
    return table


BY_HAND = order_table(
    [
        # received 9 days after the order: an event
        {"order_id": "1", "supplier": "A", "ordered_on": "2026-06-01", "shipped_on": "2026-06-04", "received_on": "2026-06-10", "promised_on": "2026-06-11", "status": "received"},
        # two lines of one order that came together: one delivery
        {"order_id": "2", "supplier": "A", "ordered_on": "2026-06-02", "shipped_on": "2026-06-05", "received_on": "2026-06-16", "promised_on": "2026-06-12", "status": "received"},
        {"order_id": "2", "line_no": 2, "supplier": "A", "ordered_on": "2026-06-02", "shipped_on": "2026-06-05", "received_on": "2026-06-16", "promised_on": "2026-06-12", "status": "received"},
        # still open after 20 days, promised for the 25th: late already
        {"order_id": "3", "supplier": "A", "ordered_on": "2026-06-10", "paid_on": "2026-06-11", "promised_on": "2026-06-25"},
        # arrives on the last day of the month: received, not open
        {"order_id": "4", "supplier": "B", "ordered_on": "2026-06-20", "received_on": "2026-06-30", "promised_on": "2026-07-05", "status": "received"},
        # arrives a day later than the review knows: open
        {"order_id": "5", "supplier": "B", "ordered_on": "2026-06-21", "received_on": "2026-07-01", "promised_on": "2026-07-10"},
        # finished, but nobody wrote down when: says nothing
        {"order_id": "6", "supplier": "B", "ordered_on": "2026-05-01", "promised_on": "2026-05-20", "status": "unknown"},
        # cancelled, unpaid, refunding: excluded, not censored
        {"order_id": "7", "supplier": "C", "ordered_on": "2026-05-01", "promised_on": "2026-05-20", "status": "cancelled"},
        {"order_id": "8", "supplier": "C", "ordered_on": "2026-05-01", "status": "unpaid"},
        {"order_id": "9", "supplier": "C", "ordered_on": "2026-05-01", "promised_on": "2026-05-20", "status": "refunding"},
        # collected on the day of the order: legitimate
        {"order_id": "10", "supplier": "D", "ordered_on": "2026-06-08", "received_on": "2026-06-08", "status": "received"},
    ]
)  # fmt: skip


def test_what_each_line_says():
    times = lead_times(BY_HAND, AS_OF)
    lines = times.lines.set_index(["order_id", "line_no"])
    assert lines["days"].to_dict() == {
        ("1", 1): 9, ("2", 1): 14, ("2", 2): 14, ("3", 1): 20, ("4", 1): 10, ("5", 1): 9, ("10", 1): 0,
    }  # fmt: skip
    assert lines.index[~lines["received"]].to_list() == [("3", 1), ("5", 1)]
    assert lines.loc["2", "weight"].to_list() == [0.5, 0.5]
    assert lines.loc[("1", 1), "promised_days"] == 10
    assert np.isnan(lines.loc[("10", 1), "promised_days"])


def test_every_supplier_and_every_line_is_accounted_for():
    times = lead_times(BY_HAND, AS_OF)
    counts = times.suppliers[["received", "open", "unknown", "deliveries"]]
    assert counts.T.to_dict("list") == {"A": [3, 1, 0, 2], "B": [1, 1, 1, 1], "C": [0, 0, 0, 0], "D": [1, 0, 0, 1]}
    assert times.excluded.set_index(["supplier", "reason"])["lines"].to_dict() == {
        ("B", "unknown"): 1, ("C", "cancelled"): 1, ("C", "refunding"): 1, ("C", "unpaid"): 1,
    }  # fmt: skip
    assert len(times.lines) + times.excluded["lines"].sum() == len(BY_HAND)


def test_the_factorys_and_the_carriers_leg():
    rows = order_table(
        [
            {"order_id": "1", "supplier": "A", "ordered_on": "2026-06-01", "paid_on": "2026-06-02", "shipped_on": "2026-06-07", "received_on": "2026-06-10", "status": "received"},
            # not shipped yet: open for the factory, not started for the carrier
            {"order_id": "2", "supplier": "A", "ordered_on": "2026-06-05", "paid_on": "2026-06-06"},
            # on the road: an event for the factory, open for the carrier
            {"order_id": "3", "supplier": "A", "ordered_on": "2026-06-05", "paid_on": "2026-06-06", "shipped_on": "2026-06-20", "transport_mode": "sea"},
            # received, the day of shipping unknown: says nothing of either leg
            {"order_id": "4", "supplier": "A", "ordered_on": "2026-06-05", "paid_on": "2026-06-06", "received_on": "2026-06-20", "status": "received"},
        ]
    )  # fmt: skip
    factory, carrier = (lead_times(rows, AS_OF, *LEGS[leg]) for leg in ("factory", "carrier"))
    assert factory.lines[["order_id", "days", "received"]].to_numpy().tolist() == [
        ["1", 5, True],
        ["2", 24, False],
        ["3", 14, True],
    ]
    assert factory.excluded["reason"].to_list() == ["unknown"]
    assert carrier.lines[["order_id", "days", "received"]].to_numpy().tolist() == [["1", 3, True], ["3", 10, False]]
    assert carrier.excluded.set_index("reason")["lines"].to_dict() == {"no_clock": 2}
    assert carrier.by("transport_mode").suppliers["open"].to_dict() == {"express": 0, "sea": 1}


def test_dates_that_contradict_each_other_are_excluded():
    rows = order_table(
        [
            {
                "order_id": "1",
                "supplier": "A",
                "ordered_on": "2026-06-05",
                "received_on": "2026-06-04",
                "status": "received",
            }
        ]
    )
    assert lead_times(rows, AS_OF).excluded["reason"].to_list() == ["end_before_clock"]
    later = order_table([{"order_id": "1", "supplier": "A", "ordered_on": "2026-07-05"}])
    assert lead_times(later, AS_OF).excluded["reason"].to_list() == ["after_as_of"]


def test_an_unknown_column_is_named():
    with pytest.raises(ValueError, match="orders must have the column 'confirmed_on'"):
        lead_times(BY_HAND, AS_OF, clock="confirmed_on")


@pytest.fixture(scope="module")
def company() -> pd.DataFrame:
    """Eight suppliers, about twelve orders each since January, lead times lognormal around 20 days."""
    rng = np.random.default_rng(4)
    rows = []
    for supplier in range(8):
        for number in range(12):
            ordered = pd.Timestamp("2026-01-05") + pd.Timedelta(days=int(rng.integers(0, 175)))
            days = max(round(float(np.exp(np.log(14 + 2 * supplier) + 0.3 * rng.standard_normal()))), 1)
            received = ordered + pd.Timedelta(days=days)
            there = received <= AS_OF
            rows.append(
                {
                    "order_id": f"{supplier}-{number}", "supplier": f"S{supplier}", "ordered_on": ordered,
                    "promised_on": ordered + pd.Timedelta(days=22), "received_on": received if there else None,
                    "status": "received" if there else "open", "category": "bags" if supplier % 2 else "toys",
                }
            )  # fmt: skip
    return order_table(rows)


@pytest.mark.parametrize("name", CALENDARS)
def test_the_table_of_lead_times_holds_together(company, name):
    new = order_table(
        [
            {"order_id": "n", "supplier": "new", "ordered_on": "2026-06-30"},
            {"order_id": "c", "supplier": "gone", "ordered_on": "2026-05-30", "status": "cancelled"},
        ]
    )
    times = lead_times(pd.concat([company, new]), AS_OF, calendar=calendar(name))
    table = lead_time_table(times, fit_lead_times(times)).set_index("supplier")
    assert sorted(table.index) == sorted([*company["supplier"].unique(), "new", "gone"])
    for quantity in ("lead_time_median", "lead_time_p90"):
        assert (table[f"{quantity}_low"] <= table[quantity]).all()
        assert (table[quantity] <= table[f"{quantity}_high"]).all()
    assert (table["lead_time_median"] < table["lead_time_p90"]).all()
    assert (table["lead_time_p90"] < table["lead_time_p95"]).all()
    assert table["status"].to_dict() == {s: "pooled" if s in ("new", "gone") else "ok" for s in table.index}
    assert table.loc["S0", "promised_days"] == 22
    assert table.loc[["new", "gone"], ["promised_days", "late_probability"]].isna().all(axis=None)
    assert table.drop(index=["new", "gone"]).notna().all(axis=None)
    assert table["late_probability"].dropna().between(0, 1).all()
    # twice as slow a supplier is told from the fastest, a new one is the least certain
    assert table.loc["S7", "lead_time_median"] > 1.4 * table.loc["S0", "lead_time_median"]
    width = table["lead_time_median_high"] / table["lead_time_median_low"]
    assert width.idxmax() in ("new", "gone")


def test_late_probability_agrees_with_the_share_late_where_orders_are_many():
    rng = np.random.default_rng(5)
    days = np.maximum(np.round(np.exp(3 + 0.3 * rng.standard_normal(600))), 1)
    start = pd.Timestamp("2025-01-01")
    rows = order_table(
        [
            {
                "order_id": str(i),
                "supplier": "A",
                "ordered_on": start,
                "received_on": start + pd.Timedelta(days=int(d)),
                "promised_on": start + pd.Timedelta(days=24),
                "status": "received",
            }
            for i, d in enumerate(days)
        ]
    )
    times = lead_times(rows, AS_OF)
    row = lead_time_table(times, fit_lead_times(times)).iloc[0]
    assert row["late_probability_low"] < (days > 24).mean() < row["late_probability_high"]
    assert row["late_probability"] == pytest.approx((days > 24).mean(), abs=0.03)


def test_a_quoted_lead_time_replaces_the_usual_promise(company):
    times = lead_times(company, AS_OF)
    table = lead_time_table(times, fit_lead_times(times), pd.Series({"S0": 5, "S1": 90})).set_index("supplier")
    assert table.loc["S0", "late_probability"] > 0.9
    assert table.loc["S1", "late_probability"] < 0.02
    assert np.isnan(table.loc["S2", "late_probability"])


@pytest.mark.parametrize("name", CALENDARS)
def test_open_orders_are_expected_after_today(company, name):
    times = lead_times(company, AS_OF, calendar=calendar(name))
    table = open_orders_table(times, fit_lead_times(times))
    still_open = company[company["status"] == "open"]
    assert table["order_id"].to_list() == still_open["order_id"].to_list()
    assert (table["expected_on"] > AS_OF).all()
    assert (table["arrives_by_80"] >= table["expected_on"]).all()
    assert table["late_probability"].between(0, 1).all()
    assert (table.loc[table["promised_on"] <= AS_OF, "late_probability"] > 0.999).all()
    assert table["days_open"].to_list() == (AS_OF - still_open["ordered_on"]).dt.days.to_list()


def test_without_any_receipt_there_are_no_numbers_but_a_status():
    rows = order_table(
        [
            {"order_id": "1", "supplier": "A", "ordered_on": "2026-06-05"},
            {"order_id": "2", "supplier": "B", "ordered_on": "2026-06-06"},
        ]
    )
    times = lead_times(rows, AS_OF)
    table = lead_time_table(times, fit_lead_times(times))
    assert table["status"].to_list() == ["no received orders"] * 2
    assert table.filter(like="lead_time").isna().all(axis=None)
    opened = open_orders_table(times, None)
    assert opened[["expected_on", "arrives_by_80", "late_probability"]].isna().all(axis=None)


def test_no_orders_at_all():
    times = lead_times(BY_HAND.iloc[:0], AS_OF)
    assert fit_lead_times(times) is None
    assert lead_time_table(times, None).empty
    assert open_orders_table(times, None).empty
    assert survival_table(times).empty
    assert on_time_table(BY_HAND.iloc[:0], AS_OF).empty


# -- on time in full ------------------------------------------------------------------------------------------------


def test_on_time_in_full_by_hand():
    table = on_time_table(BY_HAND, AS_OF).set_index("supplier")
    counts = table[["due", "on_time_in_full", "late", "short", "undelivered", "unknown"]].T.to_dict("list")
    assert counts == {
        "A": [4, 1, 2, 0, 1, 0],  # 1 in time, order 2's two lines late, 3 undelivered though due on the 25th
        "B": [0, 0, 0, 0, 0, 1],  # 4 came before it was due, 5 is not due yet, of 6 nobody knows
        "C": [1, 0, 0, 0, 1, 0],  # the refunded line; the cancelled one is not due
        "D": [0, 0, 0, 0, 0, 0],  # nothing promised
    }
    assert table.loc["A", "otif"] == 0.25
    assert table.loc[["B", "D"], ["otif", "otif_low", "otif_high"]].isna().all(axis=None)
    assert table.loc["C", ["otif", "otif_low"]].to_list() == [0, 0]


def test_a_line_short_of_pieces_is_not_in_full():
    inspections = pd.DataFrame({"order_id": ["1", "4"], "line_no": [1, 1], "quantity_match": [2, None]})
    table = on_time_table(BY_HAND, AS_OF, inspections).set_index("supplier")
    assert table.loc["A", ["on_time_in_full", "short"]].to_list() == [0, 1]


def test_otif_interval_covers():
    """Jeffreys at 90 % with 12 lines: mean coverage over rates is near nominal (Brown, Cai, DasGupta 2001)."""
    rng = np.random.default_rng(1)
    from analysis.estimates.lead_time import jeffreys_interval

    rate = rng.uniform(0, 1, 20_000)
    kept = rng.binomial(12, rate)
    low, high = jeffreys_interval(kept, np.full(kept.size, 12), 0.9)
    hits = int(((low <= rate) & (rate <= high)).sum())
    assert hits / rate.size > 0.895
    assert hits / rate.size < 0.925


# -- Kaplan-Meier ---------------------------------------------------------------------------------------------------

# Freireich et al. (1963), weeks in remission of 21 leukaemia patients on 6-MP; + is censored
WEEKS = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
CENSORED_AT = [3, 5, 7, 8, 11, 12, 13, 16, 17, 18, 19, 20]


def test_kaplan_meier_of_the_leukaemia_trial():
    """Kalbfleisch and Prentice (2002), table 1.1 ff.; survival and Greenwood errors as in Klein and Moeschberger (2003), table 4.1."""
    received = np.ones(21, bool)
    received[CENSORED_AT] = False
    curve = kaplan_meier(WEEKS, received, level=0.95).set_index("days")
    assert curve.loc[[6, 7, 10, 13, 16, 22, 23], "survival"].to_list() == pytest.approx(
        [0.857, 0.807, 0.753, 0.690, 0.628, 0.538, 0.448], abs=6e-4
    )
    assert curve.loc[[6, 7, 10, 13, 16, 22, 23], "at_risk"].to_list() == [21, 17, 15, 12, 11, 7, 6]
    # standard errors .0764 .0869 .0963 .1068 .1141 .1282 .1346, through S^exp(+-1.96 se / (S log S))
    s = np.array([0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482])
    error = np.array([0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346])
    at = curve.loc[[6, 7, 10, 13, 16, 22, 23]]
    np.testing.assert_allclose(at["low"], s ** np.exp(1.96 * error / -(s * np.log(s))), atol=2e-3)
    np.testing.assert_allclose(at["high"], s ** np.exp(-1.96 * error / -(s * np.log(s))), atol=2e-3)


def test_kaplan_meier_stays_in_bounds():
    twice = kaplan_meier([3, 5, 5, 9] * 2, [True, True, False, True] * 2)
    assert twice["survival"].tolist() == pytest.approx([1, 6 / 8, 6 / 8 * 4 / 6, 0])
    assert twice["low"].iloc[0] == pytest.approx(0.1 ** (1 / 8)) and twice["high"].iloc[0] == 1
    assert (twice["low"] <= twice["survival"]).all()
    assert (twice["survival"] <= twice["high"]).all()
    assert twice.iloc[-1][["survival", "low"]].to_list() == [0, 0]
    assert twice.iloc[-1]["high"] < 1


def test_nothing_received_yet_is_a_curve_at_1():
    curve = kaplan_meier([4, 7, 9], [False] * 3)
    assert curve[["days", "survival", "high", "at_risk", "received"]].to_numpy().tolist() == [[0, 1, 1, 3, 0]]


def test_lines_of_one_delivery_count_as_one_order_at_risk():
    rows = [
        {
            "order_id": "1",
            "supplier": "A",
            "ordered_on": "2026-06-01",
            "received_on": "2026-06-11",
            "status": "received",
        }
    ] * 3
    rows.append(
        {
            "order_id": "2",
            "supplier": "A",
            "ordered_on": "2026-06-01",
            "received_on": "2026-06-21",
            "status": "received",
        }
    )
    curve = survival_table(lead_times(order_table(rows), AS_OF)).query("supplier == 'A'")
    assert curve[["days", "survival", "at_risk"]].to_numpy().tolist() == [[0, 1, 2], [10, 0.5, 2], [20, 0, 1]]


def test_a_fitted_share_is_held_against_the_step_of_its_day():
    """On day 7 the step of day 5 still stands, 0.3 to 0.8; on day 12 that of day 10, 0.0 to 0.2."""
    curve = pd.DataFrame({"days": [0.0, 5.0, 10.0], "low": [0.9, 0.3, 0.0], "high": [1.0, 0.8, 0.2]})
    fitted = pd.DataFrame({"days": [12.0, 7.0], "share": [0.5, 0.5]})
    assert inside_curve(curve, fitted).tolist() == [True, False]  # by day: 7, then 12
    assert inside_curve(curve, fitted.iloc[:0]).empty and inside_curve(curve.iloc[:0], fitted).empty


def test_survival_table_has_all_and_each(company):
    table = survival_table(lead_times(company, AS_OF))
    assert set(table["supplier"]) == {"", *company["supplier"].unique()}
    assert table.groupby("supplier")["survival"].apply(lambda s: s.is_monotonic_decreasing).all()


def test_the_pooled_posterior_does_not_contradict_kaplan_meier(company):
    times = lead_times(company, AS_OF)
    posterior = fit_lead_times(times)
    curve = survival_table(times).query("supplier == '' and 10 <= days <= 40")
    weight = times.suppliers.loc[posterior.suppliers, "deliveries"] + times.suppliers.loc[posterior.suppliers, "open"]
    model = [1 - np.average(posterior.cdf(day + 0.5), weights=weight) for day in curve["days"]]
    inside = (curve["low"] - 0.03 <= model) & (model <= curve["high"] + 0.03)
    assert inside.mean() > 0.9


# -- calendars ------------------------------------------------------------------------------------------------------


def test_working_days_around_the_spring_festival_of_2026():
    """State Council notice for 2026: holiday 15-23 February, 14 and 28 February (Saturdays) are worked."""
    days = calendar("working days")
    assert days.between(
        ["2026-02-13", "2026-02-13", "2026-02-13"], ["2026-02-14", "2026-02-23", "2026-03-01"]
    ).tolist() == [1, 1, 6]
    assert calendar("outside holidays").between("2026-02-13", "2026-03-01") == 7
    assert calendar("every day").between("2026-02-13", "2026-03-01") == 16


@pytest.mark.parametrize("name", CALENDARS)
def test_days_after_undo_days_between(name):
    days = calendar(name)
    start = pd.date_range("2025-12-20", periods=80, freq="D")
    for counted in (0, 1, 7, 30):
        ordinary = days.after(start, counted)
        assert (days.between(start, start + pd.to_timedelta(ordinary, unit="D")) == counted).all()
        assert (ordinary >= counted).all()


def test_years_without_published_holidays_do_not_crash():
    days = calendar("working days")
    assert not days.covers(pd.Timestamp("2031-05-05"))
    assert days.covers(pd.Timestamp("2026-05-05"))
    assert days.between("2031-01-06", "2031-01-13") == 5  # Monday to Monday
    assert np.isnan(days.between("2031-01-06", pd.NaT))


@pytest.mark.parametrize("name", CALENDARS)
def test_counting_again_by_a_calendar_is_counting_by_it(name):
    days = calendar(name)
    again = lead_times(BY_HAND, AS_OF).counted_by(days)
    once = lead_times(BY_HAND, AS_OF, calendar=days)
    pd.testing.assert_frame_equal(again.lines, once.lines)
    pd.testing.assert_frame_equal(again.suppliers, once.suppliers)
    assert again.calendar is days


def test_days_of_another_calendar_do_not_tell_the_dates():
    with pytest.raises(ValueError, match="begin with every day"):
        lead_times(BY_HAND, AS_OF, calendar=calendar("working days")).counted_by(calendar("every day"))


def shutdown_company(clock_name: str, seed: int) -> pd.DataFrame:
    """Orders through two winters whose lead times, about 15 days, run by the calendar named."""
    rng = np.random.default_rng(seed)
    days, rows = calendar(clock_name), []  # type: ignore[arg-type]
    for number in range(260):
        ordered = pd.Timestamp("2024-10-01") + pd.Timedelta(days=int(rng.integers(0, 600)))
        counted = max(round(float(np.exp(np.log(15) + 0.12 * rng.standard_normal()))), 1)
        received = ordered + pd.Timedelta(days=int(days.after(ordered, counted)))
        there = received <= AS_OF
        rows.append(
            {
                "order_id": str(number),
                "supplier": f"S{number % 6}",
                "ordered_on": ordered,
                "received_on": received if there else None,
                "status": "received" if there else "open",
            }
        )
    return order_table(rows)


@pytest.mark.parametrize("name", CALENDARS)
def test_the_calendar_that_orders_run_by_predicts_best(name):
    scores = clock_scores(shutdown_company(name, seed=2), AS_OF)
    assert best_calendar(scores).name == name
    assert scores["log_score"].notna().all()


def test_without_published_holidays_every_day_counts_and_it_is_said():
    table = shutdown_company("every day", seed=3)
    for column in ("ordered_on", "received_on"):
        table[column] = table[column] + pd.DateOffset(years=5)
    scores = clock_scores(table, AS_OF + pd.DateOffset(years=5)).set_index("calendar")
    assert scores["note"].to_dict() == {
        "every day": "",
        "outside holidays": "holidays unknown",
        "working days": "holidays unknown",
    }
    assert scores["chosen"].to_list() == [True, False, False]


def test_with_few_orders_every_day_counts_and_it_is_said():
    scores = clock_scores(BY_HAND, AS_OF)
    assert scores["note"].to_list() == ["few orders"] * 3
    assert best_calendar(scores).name == "every day"
