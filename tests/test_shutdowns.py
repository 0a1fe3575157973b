"""Shutdowns known ahead: counted through, by supplier where stated, their edges moved by past festivals."""

from dataclasses import replace
from types import SimpleNamespace

import chinese_calendar
import numpy as np
import pandas as pd
import pytest
from house import house_rules, section

from analysis.errors import RuleError
from analysis.estimates.lead_time import (
    FESTIVALS,
    KnownAhead,
    Shutdown,
    arrival_days,
    calendar,
    fit_lead_times,
    lead_times,
    open_orders_table,
    predictive_draws,
    shutdowns_in,
    shutdowns_table,
    time_orders,
)
from analysis.reporting.delivery_pages import _shutdowns
from analysis.reporting.report_context import ReportContext
from analysis.reporting.words import Words
from analysis.simulate.shutdowns import FACTORY_REST, working_shares

SPRING = FESTIVALS["spring_festival"]
HOUSE = shutdowns_in(house_rules()["shutdowns"])
SHUT = calendar("every day").outside({"spring_festival": Shutdown(8, 10, 0.0)})


# ---- the festivals


def test_lunar_years_begin_as_the_public_holiday_says():
    """The State Council's holiday begins on New Year's day or at most two days before it."""
    first = {}
    for day, name in chinese_calendar.holidays.items():
        if name == "Spring Festival":
            first[day.year] = min(day, first.get(day.year, day))
    away = [(pd.Timestamp(day) - pd.Timestamp(first[pd.Timestamp(day).year])).days for day in SPRING if pd.Timestamp(day).year in first]  # fmt: skip
    assert len(away) > 20 and set(away) <= {0, 1, 2}


def test_lunar_years_begin_at_a_new_moon_between_january_and_february():
    """The mean new moon of 6 January 2000, 14:20 UTC, and a lunation of 29.530589 days; the true one is up to 0.6 days off."""
    moons = (SPRING - np.datetime64("2000-01-06")).astype(float) + 0.5 - (14.33 + 8) / 24
    assert np.abs(moons / 29.530589 - np.round(moons / 29.530589)).max() * 29.530589 < 1.3
    of_year = (SPRING - SPRING.astype("datetime64[Y]")).astype(int)
    assert of_year.min() >= 20 and of_year.max() <= 51 and (np.diff(SPRING).astype(int) > 350).all()


# ---- counting


def test_days_of_a_shutdown_do_not_count():
    """Spring Festival 2026 is on 17 February: nothing moves from the 9th to the 27th."""
    ends = ["2026-02-08", "2026-02-09", "2026-02-27", "2026-02-28", "2026-03-01"]
    assert SHUT.between("2026-02-01", ends).tolist() == [7, 7, 7, 8, 9]
    assert SHUT.after("2026-02-01", [7, 8, 9]).tolist() == [7, 27, 28]
    assert SHUT.after("2026-02-12", 1.0) == 16  # placed while nobody works: the first day back is the 28th


def test_half_a_days_work_counts_half():
    """1-7 October 2026 at half work are 3.5 days."""
    half = calendar("every day").outside({"national_day": Shutdown(0, 6, 0.5)})
    assert half.between("2026-09-30", ["2026-10-01", "2026-10-07", "2026-10-09"]).tolist() == [0.5, 3.5, 5.5]
    assert half.after("2026-09-30", [0.5, 0.75, 3.5, 5.5]).tolist() == [1, 1.5, 7, 9]


@pytest.mark.parametrize("work_left", [0.0, 0.2, 0.5, 0.7])
def test_an_order_arrives_on_a_day_of_half_work(work_left):
    """The day told for a share is the first by which the chance of being later has fallen to the rest, also through half days."""
    orders = company(np.random.default_rng(2), 60, 0, 0, "2026-06-01", "2026-09-29", suppliers=2)
    known, as_of = KnownAhead({"national_day": Shutdown(0, 6, work_left)}), pd.Timestamp("2026-09-30")
    times = time_orders(known_on(orders, "2026-09-30"), as_of, days="every day", shutdowns=known)
    posterior, lines = fit_lead_times(times), times.lines[~times.lines["received"]]
    shares = np.array([0.05, 0.25, 0.5, 0.8, 0.95])
    found = arrival_days(times, posterior, lines, shares)
    for days, reached in ((found, True), (found - 1, False)):
        for column, share in zip(days.T, shares):
            day = lines["clock_on"] + pd.to_timedelta(column, unit="D")
            counted = times.calendar.between(lines["clock_on"], day, lines["supplier"])
            later = posterior.late_given_open(lines["supplier"], lines["days"], counted)
            assert (later <= 1 - share + 1e-6).all() if reached else (later > 1 - share - 1e-6)[day > as_of].all()
    first = (found[:, 0] - (as_of - lines["clock_on"]).dt.days).min()
    assert (first == 1) == (work_left > 0)


@pytest.mark.parametrize("name", ["every day", "working days"])
def test_days_after_undo_days_between_through_shutdowns(name):
    days = calendar(name).outside(HOUSE)
    start = pd.date_range("2025-12-20", periods=400, freq="D")
    for counted in (0.25, 1, 7.5, 30):
        ordinary = days.after(start, counted)
        assert (ordinary >= counted).all()
        whole = days.between(start, start + pd.to_timedelta(np.ceil(ordinary), unit="D"))
        before = days.between(start, start + pd.to_timedelta(np.ceil(ordinary) - 1, unit="D"))
        assert (whole >= counted - 1e-6).all() and (before < counted).all()


# ---- suppliers who state their own days


def test_a_suppliers_own_days_go_before_the_houses():
    told = pd.DataFrame(
        {"supplier": ["long", "late", "silent"], "closed_before": [15, None, None], "closed_after": [14, 20, None]}
    )
    known = KnownAhead.of(HOUSE, told)
    own = {
        name: (of["spring_festival"].days_before, of["spring_festival"].days_after) for name, of in known.stated.items()
    }
    assert own == {"long": (15, 14), "late": (HOUSE["spring_festival"].days_before, 20)}
    days = calendar("every day").outside(known.expected, known.stated)
    names = ["silent", "long", "late"]
    counted = days.between(["2026-01-31"] * 3, ["2026-03-15"] * 3, names)
    assert counted.tolist() == [43 - 19, 43 - 30, 43 - 29]
    assert days.after(np.full((3, 1), np.datetime64("2026-01-31")), [[5.0, 10.0]], names).tolist() == [
        [5.0, 29.0], [35.0, 40.0], [5.0, 39.0]
    ]  # fmt: skip


def test_a_suppliers_own_days_reach_its_forecast():
    rng = np.random.default_rng(1)
    orders = company(rng, 60, before=8, after=10, first="2025-03-10", last="2026-01-25")
    known = KnownAhead(HOUSE, {"S0": {**HOUSE, "spring_festival": Shutdown(20, 25, 0.0)}})
    as_of = pd.Timestamp("2026-01-26")
    usual = draw_means(orders, as_of, KnownAhead(HOUSE))
    stated = draw_means(orders, as_of, known)
    assert stated["S0"] > usual["S0"] + 15
    assert stated["S1"] == pytest.approx(usual["S1"], abs=0.5)


def draw_means(orders: pd.DataFrame, as_of: pd.Timestamp, known: KnownAhead) -> pd.Series:
    times = time_orders(orders, as_of, days="every day", shutdowns=known)
    drawn = predictive_draws(times, fit_lead_times(times), 1)
    return pd.Series(np.median(drawn.values, axis=1), drawn.suppliers)


# ---- edges learned


def company(rng, lines, before, after, first, last, suppliers=6):
    """Orders of about 15 days' work; factories close from `before` days before the festival to `after` days after it."""
    closed = calendar("every day").outside({"spring_festival": Shutdown(before, after, 0.0)} if before or after else {})
    span = (pd.Timestamp(last) - pd.Timestamp(first)).days
    ordered = pd.Timestamp(first) + pd.to_timedelta(np.sort(rng.integers(0, span, lines)), unit="D")
    counted = np.maximum(np.round(np.exp(np.log(15) + 0.2 * rng.standard_normal(lines))), 1)
    received = ordered + pd.to_timedelta(closed.after(ordered, counted), unit="D")
    return pd.DataFrame(
        {
            "order_id": np.arange(lines).astype(str),
            "line_no": 1,
            "supplier": [f"S{n % suppliers}" for n in range(lines)],
            "category": "bags",
            "ordered_on": ordered,
            "promised_on": ordered + pd.Timedelta(days=18),
            "received_on": received,
            "status": "received",
        }
    )


def known_on(orders: pd.DataFrame, as_of: str) -> pd.DataFrame:
    there = orders[orders["ordered_on"] <= as_of].reset_index(drop=True)
    open_ = there["received_on"] > pd.Timestamp(as_of)
    return there.assign(received_on=there["received_on"].mask(open_), status=np.where(open_, "open", "received"))


def learned(orders, as_of, expected=HOUSE, stated=None):
    known = KnownAhead(expected, stated or {})
    times = time_orders(known_on(orders, as_of), pd.Timestamp(as_of), days="every day", shutdowns=known)
    return times.calendar.shutdowns["spring_festival"]


@pytest.mark.parametrize(("before", "after"), [(14, 5), (3, 14), (8, 10)])
def test_past_festivals_move_the_edges(before, after):
    orders = company(np.random.default_rng(2), 500, before, after, "2025-10-01", "2026-05-20")
    found = learned(orders, "2026-05-31")
    assert abs(found.days_before - before) <= 1 and abs(found.days_after - after) <= 1


def test_factories_that_never_close_are_found_out():
    orders = company(np.random.default_rng(3), 500, 0, 0, "2025-10-01", "2026-05-20")
    found = learned(orders, "2026-05-31")
    assert (found.days_before + found.days_after + 1) * (1 - found.work_left) < 4


@pytest.mark.parametrize(("lines", "as_of"), [(500, "2026-02-28"), (40, "2026-05-31")])
def test_a_festival_under_way_or_seen_by_few_keeps_the_houses_days(lines, as_of):
    orders = company(np.random.default_rng(4), lines, 14, 5, "2025-10-01", "2026-05-20")
    assert learned(orders, as_of) == HOUSE["spring_festival"]


@pytest.mark.parametrize(("before", "after", "work_left"), [(0, 0, 1.0), (14, 5, 0.0), (3, 14, 0.0)])
def test_a_few_deliveries_tell_only_whether_anybody_stood_still(before, after, work_left):
    """25 orders in eight months: houses that work through are found out, others' edges say nothing against those expected."""
    orders = company(np.random.default_rng(6), 25, before, after, "2025-10-01", "2026-05-20", suppliers=3)
    assert learned(orders, "2026-05-31") == replace(HOUSE["spring_festival"], work_left=work_left)


@pytest.mark.parametrize(("before", "after", "work_left"), [(8, 10, 0.0), (0, 0, 1.0)])
def test_a_festival_not_yet_over_slows_nobody_down(before, after, work_left):
    """Eight orders tell of 2026, eight of no festival; those of January 2027 came late by what is not yet told."""
    rng = np.random.default_rng(1)
    spans = ((8, "2026-01-25", "2026-02-14"), (8, "2026-04-01", "2026-08-31"), (40, "2027-01-16", "2027-02-04"))
    parts = [company(rng, n, before, after, first, last, suppliers=3) for n, first, last in spans]
    orders = pd.concat(parts).assign(order_id=[str(n) for n in range(56)])
    assert learned(orders, "2027-03-08") == replace(HOUSE["spring_festival"], work_left=work_left)


def test_suppliers_of_longer_days_of_their_own_slow_nobody_down():
    """Their orders of January lay for six weeks, as they said; the others' stood still as the house expects."""
    rng, own = np.random.default_rng(1), Shutdown(20, 20, 0.0)
    spans = ((8, "2026-01-25", "2026-02-14"), (5, "2026-04-01", "2026-08-31"))
    parts = [company(rng, n, 8, 10, *span, suppliers=3) for n, *span in spans]
    long = company(rng, 90, 20, 20, "2026-01-10", "2026-02-10", suppliers=15)
    parts.append(long.assign(supplier="L" + long["supplier"]))
    orders = pd.concat(parts).assign(order_id=[str(n) for n in range(103)])
    stated = {f"LS{n}": {**HOUSE, "spring_festival": own} for n in range(15)}
    assert learned(orders, "2026-09-30", stated=stated) == HOUSE["spring_festival"]


def test_one_odd_parcel_moves_no_festival():
    orders = company(np.random.default_rng(7), 25, 8, 10, "2025-10-01", "2026-05-20", suppliers=3)
    quick = orders["ordered_on"].between("2026-01-25", "2026-02-09").idxmax()
    orders.loc[quick, "received_on"] = pd.Timestamp("2026-02-19")  # on the road while the factory stood still
    assert learned(orders, "2026-05-31") == HOUSE["spring_festival"]


# ---- forecasts through the first festival ever


def test_the_first_festival_is_forecast_without_any_past_one():
    """Open orders on 31 January, the first February of the data: with the window most arrive by the day that 80 % should."""
    orders = company(np.random.default_rng(5), 300, 9, 11, "2025-09-01", "2026-01-31")
    as_of = pd.Timestamp("2026-01-31")
    seen, late = known_on(orders, "2026-01-31"), {}
    for name, known in (("without", KnownAhead()), ("with", KnownAhead(HOUSE))):
        times = time_orders(seen, as_of, days="every day", shutdowns=known)
        table = open_orders_table(times, fit_lead_times(times)).merge(orders[["order_id", "received_on"]])
        late[name] = (table["received_on"] > table["arrives_by_80"]).mean()
    assert len(table) > 15
    assert late["with"] < 0.4 < late["without"] - 0.1


def test_the_simulator_closes_around_the_house_rule():
    """The truth of the simulated company and the house's rule speak of the same festivals."""
    shares = working_shares(FACTORY_REST)
    closed = np.flatnonzero(shares == 0) + np.datetime64("2018-01-01")
    inside = [(day >= SPRING - 8) & (day <= SPRING + 10) for day in closed]
    assert np.mean([any(row) for row in inside]) > 0.85


# ---- rules and words


def test_a_festival_nobody_knows_and_impossible_days_are_refused():
    with pytest.raises(RuleError, match="easter"):
        shutdowns_in(section("shutdowns", easter={"days_before": 1, "days_after": 1, "work_left": 0.0}))
    with pytest.raises(RuleError, match="days_before"):
        shutdowns_in(section("shutdowns", national_day={"days_before": -1, "days_after": 1, "work_left": 0.0}))
    with pytest.raises(RuleError, match="work_left"):
        shutdowns_in(section("shutdowns", national_day={"days_before": 1, "days_after": 1, "work_left": 1.5}))
    assert shutdowns_in(house_rules("scms")["shutdowns"]) == {}


def test_the_report_names_the_next_shutdowns():
    orders = company(np.random.default_rng(6), 500, 14, 5, "2025-10-01", "2026-05-20")
    known = KnownAhead(HOUSE, {"S0": HOUSE})
    times = time_orders(known_on(orders, "2026-05-31"), pd.Timestamp("2026-05-31"), days="every day", shutdowns=known)
    table = shutdowns_table(times, known)
    spring = table.set_index("festival").loc["spring_festival"]
    assert spring["closed_from"] == pd.Timestamp("2027-02-06") - pd.Timedelta(days=int(spring["days_before"]))
    told = {}
    for language in ("en", "zh"):
        m = ReportContext({"shutdowns": table}, SimpleNamespace(), Words(language))
        told[language] = str(_shutdowns(m))
    assert "Spring Festival" in told["en"] and "Deliveries around past festivals" in told["en"]
    assert "National Day" in told["en"] and "with 50% of the usual work" in told["en"]
    assert "1 suppliers" not in told["en"]
    assert "春节" in told["zh"] and "2027-" in told["zh"]
    assert _shutdowns(ReportContext({}, SimpleNamespace(), Words("en"))) == []


def test_lead_times_without_dates_have_no_shutdown():
    times = lead_times(
        company(np.random.default_rng(7), 30, 8, 10, "2025-10-01", "2025-12-31"), pd.Timestamp("2026-05-31")
    )
    assert times.calendar.shutdowns == {}


@pytest.mark.parametrize(("language", "said"), [("en", "nobody is taken to stand still"), ("zh", "不按停工计")])
def test_a_festival_that_houses_worked_through_is_no_shutdown_to_come(language, said):
    row = {
        "festival": "spring_festival",
        "days_before": 8,
        "days_after": 10,
        "work_left": 1.0,
        "expected_before": 8,
        "expected_after": 10,
    }
    row |= {"closed_from": pd.Timestamp("2027-01-29"), "closed_until": pd.Timestamp("2027-02-16"), "stated": 0}
    told = str(_shutdowns(ReportContext({"shutdowns": pd.DataFrame([row])}, SimpleNamespace(), Words(language))))
    assert said in told and "100%" not in told and "2027" not in told
