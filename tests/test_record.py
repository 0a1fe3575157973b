"""What the record says of forecasts: sides and widths, chance, cause, reliability, page one."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.estimates.track_record import calibration_table, record_by_lead, reliability_table
from analysis.estimates.track_record.forecasts import LEVELS, lead_time_forecasts
from analysis.estimates.track_record.proper_scores import level_p_value
from analysis.estimates.track_record.record import score_lead_time_forecasts
from analysis.estimates.track_record.reliability import miscalibration, recalibrated
from analysis.reporting.record_pages import last_forecasts, record_pages
from analysis.reporting.report_context import ReportContext
from analysis.reporting.words import Words

DAY = pd.Timedelta(days=1)


def scores_of(made: str, days: np.ndarray, middle: float = 20.0, promised: int = 30) -> pd.DataFrame:
    """Scores of lognormal forecasts (sigma 0.4, median `middle`) of orders that took `days` more."""
    made_on, n = pd.Timestamp(made), len(days)
    lines = pd.DataFrame(
        {"order_id": [f"{made}-{k}" for k in range(n)], "line_no": 1, "supplier": "S", "ordered_on": made_on - 5 * DAY}
    ).assign(promised_on=made_on + promised * DAY)
    history = lines.iloc[:1].assign(status="received", received_on=made_on - DAY)
    quantiles = np.tile(middle * np.exp(0.4 * stats.norm.ppf(LEVELS)), (n, 1))
    late = np.full(n, stats.norm.sf(np.log(promised / middle) / 0.4))
    kept = lead_time_forecasts(lines, quantiles, history, made_on, late)
    orders = lines.assign(status="received", received_on=made_on + pd.to_timedelta(days, unit="D"))
    return score_lead_time_forecasts(kept, orders, made_on + 400 * DAY)


@pytest.fixture(scope="module")
def record():
    """February's orders took twice as long; April's forecasts were far too wide; the others hold."""
    rng = np.random.default_rng(1)
    months = {"2026-01-31": 2.0, "2026-03-31": 1.0, "2026-06-30": 0.0, "2026-07-31": 1.0}
    parts = [
        scores_of(made, np.round(20 * max(factor, 1) * np.exp(0.4 * (factor > 0) * rng.standard_normal(120))))
        for made, factor in months.items()
    ]
    scores = pd.concat(parts, ignore_index=True)
    return scores, calibration_table(scores)


def test_misses_are_told_by_side(record):
    table = record[1].set_index("month")
    february = table.loc["2026-01"]
    assert february["too_late"] > 0.3 > 0.05 > february["too_early"]
    assert february["coverage_90"] + february["too_late"] + february["too_early"] == pytest.approx(1)
    width = 20 * (np.exp(0.4 * 1.6449) - np.exp(-0.4 * 1.6449))
    assert february["width_90"] == pytest.approx(width, rel=1e-3)


def test_a_month_that_misses_its_level_is_unlikely_and_has_its_festival(record):
    table = record[1].set_index("month")
    assert table.loc["2026-01", "p_level"] < 1e-6 and table.loc["2026-01", "cause"] == "spring_festival"
    assert table.loc["2026-06", "p_level"] < 1e-3 and table.loc["2026-06", "coverage_90"] == 1
    assert table.loc["2026-07", "p_level"] > 0.01 and pd.isna(table.loc["2026-07", "cause"])
    assert level_p_value(27, 30, 0.9) == 1.0
    assert level_p_value(0, 2, 0.9) == pytest.approx(0.01)


def test_pinball_and_naive_ones_are_of_the_same_orders(record):
    scores, table = record
    whole = table.set_index("month").loc["all"]
    scored = scores[scores["state"] == "scored"]
    ninety = min(20 * np.exp(0.4 * stats.norm.ppf(0.9)), 60)
    days = np.minimum(scored["outcome"], 60)
    loss = np.where(days >= ninety, 0.9 * (days - ninety), 0.1 * (ninety - days)).mean()
    assert whole["pinball_90"] == pytest.approx(loss)
    assert whole[["pinball_90_supplier_mean", "pinball_90_everyone_mean"]].notna().all()


def test_leads_split_the_same_forecasts():
    rng = np.random.default_rng(2)
    near, far = (
        scores_of(f"2026-0{k}-30", np.round(middle * np.exp(0.4 * rng.standard_normal(60))), middle)
        for k, middle in ((4, 5.0), (6, 40.0))
    )
    table = record_by_lead(pd.concat([near, far], ignore_index=True)).set_index("lead")
    assert table["observations"].to_dict() == {"week": 60, "later": 60}
    assert table.loc["later", "width_90"] > 5 * table.loc["week", "width_90"]
    assert record_by_lead(near.iloc[:0]).empty


# ---- reliability


def test_recalibration_pools_what_is_out_of_order():
    """Pool adjacent violators by hand: 0.3 came more often than 0.5, so both are the mean of the two."""
    said, came = np.array([0.1, 0.1, 0.3, 0.3, 0.5, 0.5, 0.9]), np.array([0, 0, 1, 1, 0, 1, 1])
    np.testing.assert_allclose(recalibrated(said, came), [0, 0, 0.75, 0.75, 0.75, 0.75, 1])
    assert miscalibration([0.5, 0.5], [0, 1]) == pytest.approx(0)
    assert miscalibration([0.9, 0.9, np.nan], [0, 0, 1]) == pytest.approx(0.81)
    assert np.isnan(miscalibration([np.nan], [1.0]))


def test_the_band_holds_an_honest_forecaster_and_not_a_biased_one():
    rng = np.random.default_rng(3)
    p = rng.uniform(0.05, 0.95, 400)
    outside = []
    for said in (p, np.clip(p * 0.5, 0, 1)):
        scores = pd.DataFrame({"kind": "lead_time", "said": said, "came": (rng.random(400) < p).astype(float)})
        table = reliability_table(scores)
        assert table["observations"].sum() == 400 and table["came"].is_monotonic_increasing
        off = (table["came"] < table["honest_from"]) | (table["came"] > table["honest_to"])
        outside.append(np.average(off, weights=table["observations"].astype(float)))
    assert outside[0] < 0.25 and outside[1] > 0.6
    assert reliability_table(scores.iloc[:5]).empty


# ---- words


def told(table: pd.DataFrame, language: str, **more: pd.DataFrame) -> ReportContext:
    return ReportContext({"calibration": table, **more}, SimpleNamespace(), Words(language))


def test_page_one_tells_the_last_month_and_the_months_that_failed(record):
    scores, table = record
    english, chinese = (last_forecasts(told(table, language)) for language in ("en", "zh"))
    assert english.startswith("Of 120 arrivals forecast in July 2026, ")
    assert (
        "Those of January 2026 did not hold" in english
        and "most of the others came later; Spring Festival was near" in english
    )
    assert "Those of June 2026 were wider than need be: 100% of 120 held." in english
    assert "March" not in english
    assert "2026年1月的预测未达标" in chinese and "临近春节" in chinese and "2026年6月的区间偏宽" in chinese
    assert last_forecasts(told(table.iloc[:0], "en")) == ""
    few = calibration_table(scores[scores["order_id"].isin([f"2026-07-31-{k}" for k in range(9)])])
    assert last_forecasts(told(few, "en")) == ""


def test_the_chapter_has_leads_and_reliability(record):
    scores, table = record
    more = {"calibration_by_lead": record_by_lead(scores), "reliability": reliability_table(scores)}
    for language, words in (("en", "8 to 30 days"), ("zh", "概率是否可靠")):
        assert words in str(record_pages(told(table, language, **more)))
