"""Scores of past forecasts: published formulas, honest forecasters, censored outcomes."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from analysis.estimates.defect_rate import fit_defect_rates
from analysis.estimates.lead_time import fit_lead_times, lead_times
from analysis.estimates.track_record.forecasts import (
    DEFECT_FORECAST_COLUMNS,
    LEAD_TIME_FORECAST_COLUMNS,
    LEVELS,
    QUANTILES,
    arrival_forecasts,
    defect_forecasts,
    expected_lots,
    lead_time_forecasts,
)
from analysis.estimates.track_record.proper_scores import (
    beta_binomial_masses,
    brier_score,
    coverage_interval,
    crps_from_quantiles,
    crps_of_masses,
    pinball_loss,
    pit_from_quantiles,
    pit_of_masses,
)
from analysis.estimates.track_record.record import (
    CALIBRATION_COLUMNS,
    HORIZON,
    SCORE_COLUMNS,
    calibration_table,
    score_defect_forecasts,
    score_lead_time_forecasts,
)
from analysis.sources import tables

DAY = pd.Timedelta(days=1)
MADE = pd.Timestamp("2026-03-31")


# -- scores against published formulas ----------------------------------------------------------------------------------


def test_crps_of_the_normal_distribution():
    """Gneiting and Raftery (2007), eq. 21: sigma [z (2 Phi(z) - 1) + 2 phi(z) - 1 / sqrt(pi)]; 0.2337 at the centre."""
    levels = (np.arange(2000) + 0.5) / 2000
    for outcome in (0.0, 1.3, -2.0):
        exact = outcome * (2 * stats.norm.cdf(outcome) - 1) + 2 * stats.norm.pdf(outcome) - 1 / np.sqrt(np.pi)
        found = crps_from_quantiles(levels, stats.norm.ppf(levels)[None, :], np.array([outcome]))[0]
        assert found == pytest.approx(exact, abs=1e-3)
    assert (np.sqrt(2) - 1) / np.sqrt(np.pi) == pytest.approx(0.2337, abs=1e-4)


def test_crps_of_counts_is_the_integral_of_its_definition():
    masses = stats.betabinom.pmf(np.arange(21), 20, 2, 20)

    def square(x, outcome):
        return (masses[: int(np.floor(x)) + 1].sum() - (outcome <= x)) ** 2

    for outcome in (0, 3, 20):
        slow = sum(integrate.quad(square, k, k + 1 - 1e-9, args=(outcome,))[0] for k in range(20))
        assert crps_of_masses(masses, outcome) == pytest.approx(slow, abs=1e-6)


def test_crps_of_counts_from_pairs_of_draws():
    """The other form, E|X - y| - E|X - X'| / 2   [Gneiting and Raftery 2007, eq. 21]."""
    masses, k = stats.betabinom.pmf(np.arange(13), 12, 1, 9), np.arange(13)
    spread = masses @ np.abs(k[:, None] - k[None, :]) @ masses / 2
    assert crps_of_masses(masses, 4) == pytest.approx(masses @ np.abs(k - 4) - spread)


@given(st.floats(0, 200), st.floats(0, 200))
def test_a_point_forecast_scores_its_absolute_error(point, outcome):
    levels = np.array([0.05, 0.25, 0.5, 0.75, 0.95])
    found = crps_from_quantiles(levels, np.full((1, 5), point), np.array([outcome]))[0]
    assert found == pytest.approx(abs(point - outcome), abs=1e-9)


@given(st.floats(0.01, 0.99), st.floats(-3, 3))
def test_no_quantile_scores_better_than_the_true_one(level, other):
    """Properness, by quadrature for a standard normal outcome."""

    def expected(quantile):
        grid = stats.norm.ppf((np.arange(4000) + 0.5) / 4000)
        return pinball_loss(level, quantile, grid).mean()

    assert expected(stats.norm.ppf(level)) <= expected(other) + 1e-6


def test_small_scores_by_hand():
    assert pinball_loss(0.9, 10.0, 12.0) == pytest.approx(1.8)  # 2 days above: 0.9 x 2
    assert pinball_loss(0.9, 10.0, 8.0) == pytest.approx(0.2)  # 2 days below: 0.1 x 2
    assert brier_score([0.8, 0.8, np.nan], [1, 0, 1]) == pytest.approx([0.04, 0.64, np.nan], nan_ok=True)
    assert pit_of_masses([0.5, 0.3, 0.2], 1) == pytest.approx(0.65)
    assert pit_from_quantiles([0.25, 0.75], [[4.0, 8.0]] * 3, [5.0, 3.0, 9.0]) == pytest.approx([0.375, 0.125, 0.875])
    assert beta_binomial_masses(6, 2.0, 5.0) == pytest.approx(stats.betabinom.pmf(np.arange(7), 6, 2, 5))


def test_interval_of_a_coverage():
    """Clopper and Pearson (1934): each end is where the count seen, or one beyond it, has a chance of 5 %."""
    low, high = coverage_interval(7, 10)
    assert stats.binom.sf(6, 10, low) == pytest.approx(0.05) and stats.binom.cdf(7, 10, high) == pytest.approx(0.05)
    assert coverage_interval(10, 10) == pytest.approx((0.05 ** (1 / 10), 1.0))
    assert coverage_interval(0, 0) == (0.0, 1.0)


# -- arrivals -----------------------------------------------------------------------------------------------------------


def open_lines(n: int, suppliers: int = 10) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "order_id": [f"o{i}" for i in range(n)],
            "line_no": pd.array([1] * n, dtype="Int64"),
            "supplier": [f"S{i % suppliers}" for i in range(n)],
            "ordered_on": MADE - 5 * DAY,
            "promised_on": MADE + 20 * DAY,
        }
    )


def history(days: dict[str, list[int]]) -> pd.DataFrame:
    """Received orders of each supplier with these lead times; promised within 20 days."""
    rows = [(s, MADE - 100 * DAY, MADE - 100 * DAY + d * DAY) for s, ds in days.items() for d in ds]
    frame = pd.DataFrame(rows, columns=["supplier", "ordered_on", "received_on"])
    return frame.assign(status="received", promised_on=frame["ordered_on"] + 20 * DAY)


def arrived(lines: pd.DataFrame, days: np.ndarray, as_of: pd.Timestamp) -> pd.DataFrame:
    """Canonical orders as known at `as_of`: what is to arrive later is open."""
    on = MADE + pd.to_timedelta(days, unit="D")
    known = on <= as_of
    return lines.assign(received_on=pd.Series(on).where(known), status=np.where(known, "received", "open"))


HISTORY = history({f"S{i}": [18, 22, 30] for i in range(10)})


def test_kept_forecast_has_naive_forecasts_of_its_day():
    lines = open_lines(2).assign(supplier=["A", "new"])
    past = history({"A": [10, 30], "B": [40]})
    kept = lead_time_forecasts(lines, np.tile(np.arange(1.0, 9), (2, 1)), past, MADE, [0.3, 0.4])
    assert list(kept.columns) == LEAD_TIME_FORECAST_COLUMNS
    # mean lead times 20 and (10 + 30 + 40) / 3, less the 5 days that the orders are open; late 1 of 2 and 2 of 3
    assert kept["supplier_mean"].tolist() == pytest.approx([15, 80 / 3 - 5])
    assert kept["everyone_mean"].tolist() == pytest.approx([80 / 3 - 5] * 2)
    assert kept["supplier_share"].tolist() == pytest.approx([0.5, 2 / 3])


def test_arrivals_of_open_orders_are_forecast_from_the_lead_time_posterior():
    """Quantiles are whole further days, ascending, and those of the posterior given that the order is still open."""
    past = HISTORY.assign(order_id=[f"p{i}" for i in range(len(HISTORY))], line_no=1)
    orders = pd.concat([past, open_lines(3).assign(status="open")], ignore_index=True)
    orders = orders.reindex(columns=tables.empty("orders").columns).astype(
        {"sku": "str", "category": "str", "transport_mode": "str"}
    )
    times = lead_times(orders, MADE)
    posterior = fit_lead_times(times)
    kept = arrival_forecasts(times, posterior, orders, MADE)
    assert kept["order_id"].tolist() == ["o0", "o1", "o2"] and (kept["days_open"] == 5).all()
    values = kept[list(QUANTILES)].to_numpy()
    assert (np.diff(values, axis=1) >= 0).all() and (values >= 1).all() and (values == np.round(values)).all()
    assert values[0, 3] + 5 == pytest.approx(posterior.remaining(["S0"], [5], [0.5])[0, 0], abs=1)
    assert arrival_forecasts(times, None, orders, MADE).empty


def test_bad_quantiles_are_refused():
    for wrong in (np.full((1, 8), np.nan), -np.ones((1, 8)), np.arange(8.0)[None, ::-1]):
        with pytest.raises(ValueError, match="finite, not negative, and ascend"):
            lead_time_forecasts(open_lines(1), wrong, HISTORY, MADE)


def test_an_honest_forecaster_is_found_calibrated_and_skilful_although_orders_stay_open():
    """Lognormal arrivals, true quantiles; at the day of scoring some orders are still open."""
    rng = np.random.default_rng(1)
    lines = open_lines(600)
    scale = rng.choice([12.0, 25.0], 600)
    days = np.ceil(scale * np.exp(rng.normal(0, 0.5, 600)))
    truth = scale[:, None] * np.exp(0.5 * stats.norm.ppf(LEVELS))[None, :]
    late = stats.norm.sf(np.log(20 / scale) / 0.5)
    kept = lead_time_forecasts(lines, np.ceil(truth), HISTORY, MADE, late)
    as_of = MADE + 75 * DAY
    scores = score_lead_time_forecasts(kept, arrived(lines, days, as_of), as_of)
    assert (scores["state"] == "scored").all() and scores["outcome"].isna().any()
    table = calibration_table(scores).set_index("month").loc["all"]
    for k in (50, 80, 90):
        assert stats.binomtest(int(scores[f"hit_{k}"].sum()), 600, k / 100 + 0.02).pvalue > 1e-4  # whole days: + 2 %
    assert table["skill_supplier_mean"] > 0.15 and table["skill_everyone_mean"] > 0.15
    assert table["brier"] < table["brier_everyone_mean"]


def test_scoring_only_what_arrived_would_flatter():
    """The same forecasts, all too short by half: known arrivals alone hide it, the day of each forecast does not."""
    rng = np.random.default_rng(2)
    lines = open_lines(400)
    days = np.ceil(40 * np.exp(rng.normal(0, 0.5, 400)))
    short = 20 * np.exp(0.5 * stats.norm.ppf(LEVELS))
    kept = lead_time_forecasts(lines, np.tile(short, (400, 1)), HISTORY, MADE)
    as_of = MADE + 60 * DAY
    scores = score_lead_time_forecasts(kept, arrived(lines, days, as_of), as_of)
    honest = scores["hit_90"].mean()
    flattered = scores.loc[scores["outcome"].notna(), "hit_90"].mean()
    exact = stats.norm.cdf(np.log(short[[0, -1]] / 40) / 0.5)
    assert stats.binomtest(int(scores["hit_90"].sum()), 400, exact[1] - exact[0]).pvalue > 1e-4
    assert flattered > honest + 0.05


def test_a_forecast_waits_for_its_day_whatever_is_known():
    lines = open_lines(3)
    quantiles = np.array([np.linspace(5, 40, 8), np.linspace(5, 80, 8), np.linspace(5, 40, 8)])
    kept = lead_time_forecasts(lines, quantiles, HISTORY, MADE)
    orders = arrived(lines, np.array([10.0, 10.0, 10.0]), MADE + 70 * DAY)
    orders.loc[2, "status"] = "cancelled"
    states = [
        score_lead_time_forecasts(kept, orders, MADE + days * DAY)["state"].tolist() for days in (30, HORIZON, 80)
    ]
    assert states == [
        ["waiting", "waiting", "excluded"],
        ["scored", "waiting", "excluded"],  # the second one's q95 is day 80
        ["scored", "scored", "excluded"],
    ]


def test_an_order_not_in_the_later_table_is_excluded():
    kept = lead_time_forecasts(open_lines(1), np.arange(1.0, 9)[None, :], HISTORY, MADE)
    nothing = arrived(open_lines(1), np.array([3.0]), MADE).iloc[:0]
    assert score_lead_time_forecasts(kept, nothing, MADE + 90 * DAY)["state"].tolist() == ["excluded"]


def test_an_open_order_past_its_last_quantile_is_a_miss():
    lines = open_lines(1)
    kept = lead_time_forecasts(lines, np.arange(1.0, 9)[None, :], HISTORY, MADE)
    as_of = MADE + 61 * DAY
    row = score_lead_time_forecasts(kept, arrived(lines, np.array([500.0]), as_of), as_of).iloc[0]
    assert (row["hit_50"], row["hit_90"]) == (0.0, 0.0) and row["pit"] == pytest.approx(0.975)
    capped = crps_from_quantiles(LEVELS, np.arange(1.0, 9)[None, :], np.array([float(HORIZON)]))[0]
    assert row["crps"] == pytest.approx(capped)


# -- defects ------------------------------------------------------------------------------------------------------------


def company(rng, suppliers=60):
    rate = rng.beta(2, 38, suppliers)
    supplier = np.repeat(np.arange(suppliers), 3)
    inspected = rng.integers(10, 40, supplier.size)
    names = np.array([f"S{i:02d}" for i in supplier])
    lots = pd.DataFrame(
        {"supplier": names, "inspected": inspected, "defective": rng.binomial(inspected, rate[supplier])}
    )
    fit = fit_defect_rates(lots["defective"], lots["inspected"], names, sku=np.full(len(names), "k"))
    return rate, lots, fit


def lines_of(suppliers: list[str], quantity: int = 30) -> pd.DataFrame:
    frame = pd.DataFrame({"supplier": suppliers, "sku": "k", "stage": None, "quantity": quantity})
    return frame.assign(order_id=[f"n{i}" for i in range(len(frame))], line_no=1)


def test_honest_defect_forecasts_are_calibrated_and_beat_the_naive_ones():
    rng = np.random.default_rng(3)
    rate, lots, fit = company(rng)
    lines = lines_of([f"S{i:02d}" for i in range(60)] * 8)
    kept = defect_forecasts(fit, lines, lots, 0.05, MADE)
    assert list(kept.columns) == DEFECT_FORECAST_COLUMNS
    number = np.tile(np.arange(60), 8)
    pieces = rng.integers(10, 31, 480)  # not every piece is inspected in the end
    later = lines[["order_id", "line_no"]].assign(
        inspected=pieces, defective=rng.binomial(pieces, rate[number]), inspected_on=MADE + 9 * DAY
    )
    scores = score_defect_forecasts(kept, later, MADE + 30 * DAY)
    table = calibration_table(scores).set_index("month").loc["all"]
    for k in (50, 80, 90):
        assert table[f"coverage_{k}"] == pytest.approx(table[f"coverage_{k}_expected"], abs=0.06)
    assert table["coverage_90_expected"] >= 0.90
    assert table["pit_mean"] == pytest.approx(0.5, abs=0.04)
    assert table["skill_supplier_mean"] > 0.1 and table["skill_everyone_mean"] > 0.1
    assert table["brier"] < min(table["brier_supplier_mean"], table["brier_everyone_mean"])


def test_defect_forecast_is_the_beta_binomial_of_its_columns():
    _, lots, fit = company(np.random.default_rng(4), 12)
    row = defect_forecasts(fit, lines_of(["S03"], 25), lots, 0.05, MADE).iloc[0]
    truth = stats.betabinom(25, row["alpha"], row["beta"])
    assert row[list(QUANTILES)].tolist() == [truth.ppf(level) for level in LEVELS]
    assert row["mean"] == pytest.approx(25 * fit.supplier_skus.of([("S03", "k")]).mean()[0])
    assert row["over_probability"] == pytest.approx(truth.sf(1))  # more than 1.25 of 25 pieces
    theirs = lots[lots["supplier"] == "S03"]
    assert row["supplier_mean"] == pytest.approx((theirs["defective"] / theirs["inspected"]).mean())


def test_a_bulk_lot_is_forecast_by_what_bulk_lots_showed():
    """Odds twice as high in bulk as in trials: the bulk lots of all suppliers together, within their Poisson error."""
    rng = np.random.default_rng(6)
    rate, supplier = rng.beta(2, 38, 60), np.repeat([f"S{i:02d}" for i in range(60)], 4)
    bulk = 2 * rate / (1 + rate)
    stage = np.tile(["trial", "trial", "bulk", "bulk"], 60)
    inspected = np.full(240, 40)
    defective = rng.binomial(inspected, np.where(stage == "bulk", np.repeat(bulk, 4), np.repeat(rate, 4)))
    fit = fit_defect_rates(defective, inspected, supplier, sku=np.full(240, "k"), stage=stage)
    lots = pd.DataFrame({"supplier": supplier, "inspected": inspected, "defective": defective})
    lines = lines_of([f"S{i:02d}" for i in range(60)], 50)
    told = [defect_forecasts(fit, lines.assign(stage=s), lots, 0.05, MADE)["mean"].sum() for s in ("trial", "bulk")]
    truth = 50 * np.array([rate.sum(), bulk.sum()])
    assert told == pytest.approx(truth, rel=0.15) and told[1] > 1.5 * told[0]


def test_only_inspections_made_since_are_outcomes():
    _, lots, fit = company(np.random.default_rng(5), 12)
    kept = defect_forecasts(fit, lines_of(["S01", "S02", "S03"]), lots, 0.05, MADE)
    later = pd.DataFrame(
        {
            "order_id": ["n0", "n0", "n1", "n2"],
            "line_no": 1,
            "inspected_on": [MADE - DAY, MADE + 2 * DAY, MADE - DAY, MADE + 40 * DAY],
            "inspected": [5, 30, 30, 30],
            "defective": [5, 2, 1, 1],
        }
    )
    scores = score_defect_forecasts(kept, later, MADE + 30 * DAY)
    assert scores["state"].tolist() == ["scored", "waiting", "waiting"]
    assert scores["outcome"].iloc[0] == 2


def test_lots_still_expected():
    orders = pd.DataFrame(
        [
            ("a", 1, "open", "on the road: expected"),
            ("b", 1, "received", "inspected"),
            ("b", 2, "received", "received, not inspected: expected"),
            ("c", 1, "cancelled", "will not come"),
            ("d", 1, "received", "inspected, the line was not said"),
        ],
        columns=["order_id", "line_no", "status", "sku"],
    ).assign(supplier="S", stage="bulk", quantity=10)
    lots = pd.DataFrame({"order_id": ["b", "d"], "line_no": pd.array([1, None], dtype="Int64")})
    assert [tuple(row) for row in expected_lots(orders, lots)[["order_id", "line_no"]].to_numpy()] == [
        ("a", 1),
        ("b", 2),
    ]


def test_without_a_posterior_nothing_is_forecast():
    kept = defect_forecasts(None, lines_of(["S01"]), pd.DataFrame(), 0.05, MADE)
    assert kept.empty and list(kept.columns) == DEFECT_FORECAST_COLUMNS
    lots = pd.DataFrame({"order_id": [], "line_no": [], "inspected_on": [], "inspected": [], "defective": []})
    scores = score_defect_forecasts(kept, lots.astype({"order_id": "str", "inspected_on": "datetime64[us]"}), MADE)
    assert scores.empty and list(scores.columns) == SCORE_COLUMNS
    assert calibration_table(scores).empty and list(calibration_table(scores).columns) == CALIBRATION_COLUMNS


# -- the record -----------------------------------------------------------------------------------------------------------


def test_record_by_month_and_pooled():
    lines = open_lines(4)
    quantiles = np.tile(np.arange(10.0, 18), (4, 1))
    both = [lead_time_forecasts(lines, quantiles, HISTORY, made) for made in (MADE, MADE + 30 * DAY)]
    as_of = MADE + 65 * DAY
    orders = arrived(lines, np.array([12.0, 12.0, 30.0, 12.0]), as_of)
    scores = score_lead_time_forecasts(pd.concat(both, ignore_index=True), orders, as_of)
    table = calibration_table(scores).set_index("month")
    assert table["observations"].to_dict() == {"2026-03": 4, "2026-04": 0, "all": 4}
    assert table["waiting"].to_dict() == {"2026-03": 0, "2026-04": 4, "all": 4}
    assert table.loc["2026-03", "coverage_90"] == pytest.approx(0.75)  # 12, 12, 12 inside 10-17; 30 outside
    assert table.loc["2026-03", "coverage_90_low"] < 0.75 < table.loc["2026-03", "coverage_90_high"]
    assert np.isnan(table.loc["2026-04", "crps"])


def test_forecasts_survive_a_parquet_file(tmp_path):
    kept = lead_time_forecasts(open_lines(3), np.tile(np.arange(1.0, 9), (3, 1)), HISTORY, MADE)
    kept.to_parquet(tmp_path / "kept.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "kept.parquet"), kept)
