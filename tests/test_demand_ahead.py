"""Season and trend: the odds against normal densities, the shrinking against conditional normals, identity where nothing pays, service ahead."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.decisions.cash.shelf import stock_now
from analysis.decisions.stock import (
    LeadTimeDemand,
    StockRule,
    fit_demand,
    fit_demand_ahead,
    forecast_demand,
    lead_time_nodes,
    plan_stock,
    stock_position,
)
from analysis.decisions.stock import pace as module
from analysis.decisions.stock.monthly_sales import MonthlySales
from analysis.decisions.stock.pace import Pace, fit_pace, shared_shock, trend_months, usual_sales, worth_of
from analysis.decisions.stock.pace_choice import _month, choose_pace
from analysis.decisions.stock.reorder import normal_reorder_point
from analysis.decisions.stock.selling_clock import HORIZON, SellingClock
from analysis.estimates.draws import Draws
from analysis.reasons import reason
from analysis.reporting.checking_formulas import filled_checks
from analysis.wording import worded
from analysis.workbench.explore import Explorer

SEASON = np.array([1.0, 0.5, 0.9, 1.0, 1.0, 1.1, 0.9, 0.9, 1.0, 1.1, 1.6, 1.0])
AS_OF = pd.Timestamp("2026-10-31")


def house(months, season=None, growth=0.0, skus=8, seed=1):
    """A demand table of `skus` until October 2026; a month's rate varies by 15 %."""
    rng = np.random.default_rng(seed)
    span = pd.period_range(end=AS_OF.to_period("M"), periods=months, freq="M")
    factor = np.ones(12) if season is None else season
    mean = np.linspace(60, 300, skus)[:, None] * factor[span.month - 1] * np.exp(growth * np.arange(-months + 1, 1))
    units = rng.poisson(mean * rng.gamma(44, 1 / 44, mean.shape))
    month = np.tile(span.to_timestamp().as_unit("us"), skus)
    return pd.DataFrame(
        {"sku": np.repeat([f"S{i}" for i in range(skus)], months), "month": month, "units": units.ravel()}
    )


def sales_of(table):
    sku, skus = pd.factorize(table["sku"])
    month = pd.PeriodIndex(table["month"].dt.to_period("M"))
    return MonthlySales.of(table["units"].to_numpy(float), sku, month, month.max(), len(skus))


@pytest.fixture(scope="module")
def seasonal():
    return fit_demand_ahead(house(36, SEASON), AS_OF, 45.0)


def test_odds_of_a_month_are_a_ratio_of_normal_densities():
    sales = sales_of(house(18, SEASON))
    past, units = sales.first(17), sales.units[:, 17]
    even, pace = Pace.even(8), fit_pace(past, True, False)
    plain = usual_sales(past, even) * sales.lengths[17]
    other = usual_sales(past, pace) * sales.lengths[17] * pace.index[:, sales.calendar[17]]
    covariance = np.diag(1 / worth_of(past, even, plain)) + shared_shock(past)
    density = [
        stats.multivariate_normal(each / plain - 1, covariance).logpdf(units / plain - 1) for each in (other, plain)
    ]
    assert _month("season", sales, 17)[0] == pytest.approx(density[0] - density[1])


def test_an_index_is_a_conditional_normal_mean(monkeypatch):
    """One point of the grid: months that share their calendar month correlate by its variance, shock and chance do not."""
    monkeypatch.setattr(module, "SEASON_SD", np.array([0.2]))
    monkeypatch.setattr(module, "SHOCK_SD", np.array([0.1]))
    calendar, chance = np.array([10, 11, 10, 0, 11]), np.array([0.01, 0.02, 0.03, 0.01, 0.01])
    seen = np.array([0.4, -0.1, 0.3, 0.05, -0.2])
    mean, sd = module._shrunk_index(seen, chance, calendar)
    alike = 0.04 * (calendar[:, None] == calendar)
    gain = np.linalg.solve(alike + np.diag(0.01 + chance), alike).T
    assert mean[calendar] == pytest.approx(gain @ seen)
    assert sd[calendar] == pytest.approx(np.sqrt(np.diag(alike - gain @ alike)))
    assert mean[5] == 0 and sd[5] == pytest.approx(0.2)  # never seen: as uncertain as seasons are


def test_a_season_is_found_and_a_flat_year_is_left_alone():
    choice, pace = choose_pace(sales_of(house(36, SEASON)))
    assert choice.way == "season" and choice.odds >= 80 and choice.tested == 24
    assert pace.index[0] / pace.index[0].mean() == pytest.approx(SEASON / SEASON.mean(), abs=0.12)
    kept = [choose_pace(sales_of(house(18, seed=seed, skus=4)))[0].way for seed in range(40)]
    false = len(kept) - kept.count("none")  # four ways are tried, each at 80 to 1
    assert stats.binomtest(false, len(kept), 4 / 80, alternative="greater").pvalue > 0.01


def test_lumpy_sales_are_no_season():
    """SKUs that sell a few pieces in most months and many in some: a chance of their own, not evidence."""
    rng = np.random.default_rng(26)  # without the bound on errors the odds were 10^23
    lumpy = rng.poisson(np.array([[6.0], [15.0], [30.0], [8.0]]) * rng.gamma(0.4, 2.5, (4, 30))).astype(float)
    steady = rng.poisson(200 * rng.gamma(44, 1 / 44, (4, 30))).astype(float)
    choice, _ = choose_pace(MonthlySales(np.vstack([lumpy, steady]), np.ones(30), np.arange(30) % 12))
    assert choice.way == "none" and choice.odds < 20


def test_fans_and_heaters_have_seasons_of_their_own():
    """Half of the SKUs sell in summer, half in winter: the house as a whole has no season."""
    summer = 1 + 0.5 * np.sin(2 * np.pi * (np.arange(12) - 3) / 12)
    fans, heaters = (house(42, season, skus=4, seed=seed) for season, seed in ((summer, 2), (2 - summer, 3)))
    sales = sales_of(pd.concat([fans, heaters.assign(sku=heaters["sku"] + " W")]))
    choice, pace = choose_pace(sales)
    assert choice.way == "own_season" and choice.saved > 0.3 and choice.tested == 18
    apart = pace.index / pace.index.mean(axis=1, keepdims=True) - np.repeat([summer, 2 - summer], 4, axis=0)
    assert np.sqrt((apart**2).mean()) < 0.12
    assert np.sqrt((apart**2).mean()) == pytest.approx(np.sqrt((pace.index_sd**2).mean()), rel=0.4)


def test_a_trend_is_found_and_levels_off():
    demand = fit_demand_ahead(house(24, growth=0.05), AS_OF, 45.0)
    assert "trend" in demand.ahead.choice.way
    last = np.linspace(60, 300, 8)
    ratio = demand.summary()["demand_per_month"].to_numpy() / last
    assert ratio.mean() == pytest.approx(np.exp(0.05), abs=0.08) and ratio.std() < 0.15
    assert trend_months(np.array([-500.0]))[0] == pytest.approx(10)


@pytest.mark.parametrize("months", [1, 2, 3, 18])
def test_without_evidence_every_number_is_that_of_the_plain_mean(months):
    table = house(months, skus=3, seed=4)
    plain, ahead = fit_demand(table, AS_OF), fit_demand_ahead(table, AS_OF, 45.0)
    pd.testing.assert_frame_equal(ahead.summary(), plain.summary(), check_exact=True)
    assert np.isfinite(ahead.nodes.mean).all()
    first = pd.Timestamp("2026-11-01")
    pd.testing.assert_frame_equal(forecast_demand(ahead, first), forecast_demand(plain, first), check_exact=True)
    days = np.full((3, 512), 12.5)
    assert ahead.over(days, np.arange(3))[0] is days
    told = worded(ahead.ahead.told(), "en")
    assert (
        ("from 18 months" in told and f"{months} are known" in told) if months < 18 else "80 to 1 are asked for" in told
    )


def test_months_ahead_sell_as_their_season(seasonal):
    """November sells 1.6, December to February 1, 1 and .5 of a usual month; 45 days from 31 October are most of November."""
    sheet = forecast_demand(seasonal, pd.Timestamp("2026-11-01"), months=4).query("from_month == to_month")
    by_month = sheet.groupby("from_month")["expected"].sum().to_numpy()
    sold = SEASON[[10, 11, 0, 1]] * [30, 31, 31, 28]
    assert by_month / by_month.sum() == pytest.approx(sold / sold.sum(), abs=0.02)
    usual = np.linspace(60, 300, 8) * (30 * 1.6 + 15) / 45
    assert seasonal.summary()["demand_per_month"].to_numpy() == pytest.approx(usual, rel=0.12)
    assert (seasonal.summary()["months"] == 36).all()
    assert (sheet["low"] < sheet["expected"]).all() and (sheet["expected"] < sheet["high"]).all()


def test_a_reorder_point_holds_the_months_that_its_order_covers():
    """Sales of November that the model did not see, each order's lead time beginning on a day of it: 95 % are held."""
    rng = np.random.default_rng(7)
    days = np.broadcast_to(lead_time_nodes(np.full((1, 9), 14.0)), (8, 512))
    start = rng.uniform(0, 365.25 / 12, (8, 2000))
    usual = np.clip(30 - start, 0, 14) * 1.6 + np.clip(start + 14 - 30, 0, 14)
    sold = rng.poisson(np.linspace(60, 300, 8)[:, None] * 12 / 365.25 * usual * rng.gamma(20, 1 / 20, usual.shape))
    held = []
    for seed in range(4):
        table = house(30, SEASON, seed=seed)
        demand, plain = fit_demand_ahead(table, AS_OF, 45.0), fit_demand(table, AS_OF)
        for each in (demand, plain):
            held.append(
                (sold <= LeadTimeDemand.of(*each.over(days, np.arange(8)), 0).quantile(0.95, 1e-5)[:, None]).mean()
            )
    assert np.mean(held[::2]) == pytest.approx(0.95, abs=0.02)
    assert np.mean(held[1::2]) < 0.85


def test_an_order_is_limited_by_the_months_in_which_it_is_sold(seasonal):
    """From 15 days on, 90 days hold 15 of November at 1.6 and 31 + 31 + 13 at 1, 1 and .5; a usual day is one of the 45 until the next order."""
    pace = seasonal.pace_while(15.0, 90.0)
    usual = (30 * 1.6 + 15) / 45
    assert pace == pytest.approx((15 * 1.6 + 31 + 31 + 13 * 0.5) / 90 / usual, rel=0.05)
    supply = pd.DataFrame({"sku": seasonal.skus, "supplier": "A", "unit_cost": np.nan, "min_quantity": 1.0})
    lead_times = Draws(pd.Index(["A"]), np.full((1, 9), 15.0))
    sheet = plan_stock(seasonal, supply, lead_times, StockRule(0.95, 7.0, 90.0, 12.0), 30.0, 0.25)
    held = seasonal.summary()["demand_per_month"].to_numpy() * pace * 12 * 90 / 365.25
    assert sheet["order_quantity"].to_numpy(float) == pytest.approx(
        held, abs=1
    )  # no cost known: as much as the longest cover
    assert fit_demand(house(12), AS_OF).pace_while(15.0, 90.0) == pytest.approx(np.ones(8), abs=0)
    assert sheet["days_between_orders"].to_numpy(float) == pytest.approx(
        90, abs=1.2
    )  # whole pieces, one a day at least


def test_figures_a_year_are_of_a_whole_year(seasonal):
    """A year sells twelve usual months, as the season's index adds up to 12; 12 times the pace of the 45 days would be 40 % more."""
    supply = pd.DataFrame({"sku": seasonal.skus, "supplier": "A", "unit_cost": 5.0, "min_quantity": 1.0})
    lead_times = Draws(pd.Index(["A"]), np.full((1, 9), 15.0))
    sheet = plan_stock(seasonal, supply, lead_times, StockRule(0.95, 7.0, 90.0, 12.0), 30.0, 0.25)
    year = np.linspace(60, 300, 8) * SEASON.sum()
    for sold in (sheet["turns"] * sheet["average_stock"], sheet["orders_per_year"] * sheet["order_quantity"]):
        assert sold.to_numpy(float) == pytest.approx(year, rel=0.12)
        assert sold.sum() == pytest.approx(year.sum(), rel=0.05)
    for filled in filled_checks("stock", {"stock": sheet}, str):
        known = dict(zip(["book_order_up_to", "book_stock_orders", "book_average_stock", "book_turns"], ["order_up_to", "orders_per_year", "average_stock", "turns"]))  # fmt: skip
        assert filled.results == pytest.approx(sheet[known[filled.check.entry]].to_numpy(float))


def test_the_usual_formula_takes_plain_means(seasonal):
    """Mean and standard deviation of the months noted, as one would reckon them from the list."""
    supply = pd.DataFrame({"sku": seasonal.skus, "supplier": "A", "unit_cost": 5.0, "min_quantity": 1.0})
    lead_times, observed = Draws(pd.Index(["A"]), np.full((1, 9), 15.0)), pd.DataFrame({"supplier": "A", "days": [12.0, 18.0]})  # fmt: skip
    sheet = plan_stock(seasonal, supply, lead_times, StockRule(0.95, 7.0, 90.0, 12.0), 30.0, 0.25, observed)
    table = house(36, SEASON)
    lengths = table["month"].dt.days_in_month
    mean = table.groupby("sku")["units"].sum() / lengths.groupby(table["sku"]).sum()
    sd = (table["units"] / lengths * 365.25 / 12).groupby(table["sku"]).std() / np.sqrt(365.25 / 12)
    point = normal_reorder_point(15.0, np.std([12, 18], ddof=1), mean.to_numpy(), sd.to_numpy(), 0.95, 7.0)
    assert sheet["normal_reorder_point"].to_numpy(float) == pytest.approx(np.ceil(point))


def test_what_sold_since_a_count_sold_at_the_pace_of_those_days(seasonal):
    """Counted on 30 September: October sells 1.1 usual months, where the 45 days ahead sell 1.4 times as fast as usual."""
    counts = pd.DataFrame({"sku": seasonal.skus, "counted_on": pd.Timestamp("2026-09-30"), "on_hand": 2000})
    orders = pd.DataFrame(columns=["sku", "quantity", "status", "ordered_on", "promised_on", "received_on"])
    plan = seasonal.summary()[["sku", "demand_per_month"]].assign(supplier="A", reorder_point=100.0)
    monthly = plan.set_index("sku")["demand_per_month"]
    for held in (
        stock_position(counts, orders, monthly, AS_OF, seasonal),
        stock_now(counts, orders, plan, AS_OF, seasonal),
    ):
        sold = 2000 - held["position"].to_numpy()
        assert sold == pytest.approx(np.linspace(60, 300, 8) * 1.1, rel=0.12)
    plain, flat = (
        stock_position(counts, orders, monthly, AS_OF, each) for each in (None, fit_demand(house(12), AS_OF))
    )
    pd.testing.assert_frame_equal(plain, flat, check_exact=True)


def test_the_sliders_reorder_point_holds_the_months_ahead(seasonal):
    """An order placed in mid November that takes 60 days covers 15 days at 1.6 and 45 at 1 (and January)."""
    draws, rules = Draws(pd.Index(["A"]), np.full((1, 9), 60.0)), SimpleNamespace(read=lambda *_: StockRule(0.95, 0.01, 90.0, 12.0))  # fmt: skip
    explorer = Explorer(SimpleNamespace(rules=rules), {"purchase_plan": pd.DataFrame({"sku": ["S7"], "supplier": ["A"]})})  # fmt: skip
    explorer.__dict__["_basis"], explorer.__dict__["_offers"] = SimpleNamespace(lead_times=draws, demand=seasonal), {}
    middle = explorer.reorder_points("S7").set_index("service_level").loc[0.5, "reorder_point"]
    assert middle == pytest.approx(300 * 12 / 365.25 * (15 * 1.6 + 45), rel=0.08)


def test_usual_days_add_up_and_an_even_clock_is_the_calendar():
    last = AS_OF.to_period("M")
    even = SellingClock.of(Pace.even(2), np.zeros(2), AS_OF, last)
    asked = np.array([[3.25, 40.0], [0.5, 300.0]])
    assert even.between(np.array([[1.5], [20.0]]), asked, np.zeros(2)) == pytest.approx(asked)
    pace = Pace(np.tile(SEASON, (2, 1)), np.full((2, 12), 0.1), np.array([0.02, -0.01]), np.array([0.01, 0.0]))
    clock = SellingClock.of(pace, np.zeros(2), AS_OF, last)
    whole = clock.between(np.zeros((2, 1)), np.full((2, 1), 70.5), np.ones(1))
    parts = [
        clock.between(np.full((2, 1), a), np.full((2, 1), b), np.ones(1)) for a, b in ((0.0, 12.25), (12.25, 58.25))
    ]
    assert sum(parts) == pytest.approx(whole)
    november = clock.between(np.zeros((2, 1)), np.full((2, 1), 30.0), np.zeros(1))[:, 0]
    assert november == pytest.approx(30 * 1.6 * np.exp(pace.slope))


def test_a_clock_goes_on_beyond_its_days_and_back():
    pace = Pace(np.tile(SEASON, (2, 1)), np.full((2, 12), 0.1), np.zeros(2), np.zeros(2))
    clock = SellingClock.of(pace, np.zeros(2), AS_OF, AS_OF.to_period("M"))
    days = pd.date_range(AS_OF + pd.Timedelta(days=1), periods=HORIZON + 3 * 365)
    by_day = np.cumsum(SEASON[days.month - 1])
    for asked in (HORIZON + 365, HORIZON + 3 * 365):  # whole years more, whatever day the horizon falls on
        passed = clock.between(np.zeros((2, 1)), np.full((2, 1), float(asked)), np.zeros(1))
        assert passed == pytest.approx(by_day[asked - 1], rel=2e-3)
    gone = clock.since(np.array([31.0, 61.0]))
    assert gone == pytest.approx([31 * 1.1, 31 * 1.1 + 30 * 1.0])
    start = np.array([15.0, 40.0])
    for usual in (np.array([15 * 1.6 + 31, 120.0]), np.array([2000.0, 1500.0])):
        lasting = clock.lasting(start, usual)
        assert clock.between(start[:, None], lasting[:, None], np.zeros(1))[:, 0] == pytest.approx(usual)
    assert clock.lasting(start, np.array([15 * 1.6 + 31, 1.0]))[0] == pytest.approx(46)


def test_a_month_nobody_wrote_down_is_unknown_and_order_does_not_matter():
    table = house(30, SEASON, skus=4)
    holes = table.drop(index=[3, 4, 40, 75]).sample(frac=1, random_state=1)
    one, other = (
        fit_demand_ahead(holes, AS_OF, 45.0),
        fit_demand_ahead(holes.sort_values(["sku", "month"]), AS_OF, 45.0),
    )
    assert one.summary()["gap_months"].tolist() == [2, 1, 1, 0]
    assert one.nodes.mean == pytest.approx(other.nodes.mean)
    late = fit_demand_ahead(
        table, AS_OF + pd.Timedelta(days=9), 45.0
    )  # November has begun: its first days are not looked at
    assert late.ahead.choice.months == 30 and late.ahead.choice.way == one.ahead.choice.way


def test_what_sells_otherwise_is_told_by_its_chance():
    table = house(8, skus=3)
    table.loc[[6, 7], "units"] *= 4
    late = fit_demand_ahead(table, AS_OF, 45.0).ahead
    assert late.more[0] > 0.99 and 0.01 < late.more[1] < 0.99
    assert late.sold[0] == table["units"][[6, 7]].sum() > 3 * late.expected[0]
    new = fit_demand_ahead(table[table["month"] > "2026-08-31"], AS_OF, 45.0).ahead
    assert np.isnan(new.more).all()  # two months alone say nothing of what was to be expected


def test_one_month_is_not_told_as_two():
    table = house(8, skus=3)
    table.loc[[6, 7, 14, 15], "units"] *= 6
    supply = pd.DataFrame({"sku": ["S0", "S1", "S2"], "supplier": "A", "unit_cost": 5.0, "min_quantity": 1.0})
    lead_times = Draws(pd.Index(["A"]), np.full((1, 9), 15.0))
    told = {}
    for name, known in (("both", table), ("one", table.drop(index=[7, 15]))):
        demand = fit_demand_ahead(known, AS_OF, 45.0)
        sheet = plan_stock(demand, supply, lead_times, StockRule(0.95, 7.0, 90.0, 12.0), 30.0, 0.25).set_index("sku")
        assert (sheet.loc[["S0", "S1"], "note_key"] == "sells_more").all()
        told[name] = [worded(note, "en") for note in sheet.loc[["S0", "S1"], "note"]]
    assert all("in the last 2 months" in text for text in told["both"])
    assert all("in the one month noted of the last 2" in text for text in told["one"])
    assert [f": {n} pieces" in text for n, text in zip(table["units"][[6, 14]], told["one"])] == [True, True]


def test_months_known_are_those_with_sales_noted():
    """Every other month of two years and a half: 15 months, in 29 of the calendar."""
    demand = fit_demand_ahead(house(29, skus=3)[lambda t: t["month"].dt.month % 2 == 0], AS_OF, 45.0)
    assert demand.ahead.choice.months == 15
    early = house(60, skus=2)
    few = fit_demand_ahead(early[(early["month"] < "2023-01") | (early["month"] > "2026-07")], AS_OF, 45.0)
    told = worded(few.ahead.told(), "en")  # 14 old months and the last 3
    assert "17 are known" in told and "from 18 months" in told
    few = fit_demand_ahead(early[(early["month"] < "2023-05") | (early["month"] > "2026-07")], AS_OF, 45.0)
    told = worded(few.ahead.told(), "en")
    assert "sales of 21 months are known" in told and "only 3 can be forecast" in told


@pytest.mark.parametrize(
    ("odds", "said"),
    [(3e9, "(odds more than 1,000,000 to 1)"), (80.0, "(odds 80 to 1)"), (12345.6, "(odds 12,345 to 1)")],
)
def test_odds_that_pay_are_told_as_they_are(seasonal, odds, said):
    told = replace(seasonal.ahead, choice=replace(seasonal.ahead.choice, odds=odds)).told()
    assert said in worded(told, "en") and "胜算" in worded(told, "zh")


@pytest.mark.parametrize(
    ("odds", "said"),
    [
        (79.97, "(best odds 79 to 1; 80 to 1 are asked for)"),
        (1.26, "(best odds 1.3 to 1; "),
        (2e-6, "(best odds less than 0.01 to 1; "),
        (2e7, "had odds of more than 1,000,000 to 1, but took nothing off the squared error"),
        (80.0, "had odds of 80 to 1, but took nothing off"),
    ],
)
def test_odds_that_do_not_pay_contradict_nothing(seasonal, odds, said):
    told = replace(seasonal.ahead, choice=replace(seasonal.ahead.choice, way="none", odds=odds)).told()
    assert said in worded(told, "en")


def test_each_way_is_told_in_both_languages():
    told = {"saved": 0.31, "odds": 45.2, "tested": 24, "needed": 80.0, "months": 6, "least": 18, "most": 1e6}
    told["odds"] = reason("demand.odds", odds=45.0)
    for key in ("season", "trend", "season_trend", "own_season", "none", "short", "no_gain", "sparse"):
        texts = [worded(reason(f"demand.{key}", **told), language) for language in ("en", "zh")]
        assert texts[0] != texts[1] and not any("{" in text or "nan" in text for text in texts)
