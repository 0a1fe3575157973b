"""How far the past is evidence: chosen by what would have forecast past orders best; strangers have the population's forecast."""

import numpy as np
import pandas as pd
import pytest

from analysis.estimates.lead_time import Memory, calendar, fit_lead_times, lead_time_table, lead_times, time_orders
from analysis.estimates.lead_time.clock import MEMORIES, best_memory

AS_OF = pd.Timestamp("2026-06-30")
EVERY_DAY = calendar("every day")


def company(seed: int, shift: float, alike: float, months: int = 48, lines: int = 400) -> pd.DataFrame:
    """Eight suppliers; the log of their median moves by `shift` in all over the years, and by `alike` from quarter to quarter."""
    rng = np.random.default_rng(seed)
    begun = AS_OF - pd.DateOffset(months=months)
    span = (AS_OF - begun).days
    at, supplier = np.sort(rng.integers(0, span, lines)), rng.integers(0, 8, lines)
    quarter = rng.standard_normal((8, span // 90 + 1))[supplier, at // 90]
    level = np.log(18) + 0.3 * rng.standard_normal(8)[supplier] + shift * at / span + alike * quarter
    ordered = begun + pd.to_timedelta(at, unit="D")
    received = ordered + pd.to_timedelta(
        np.maximum(np.round(np.exp(level + 0.2 * rng.standard_normal(lines))), 1), unit="D"
    )
    return pd.DataFrame(
        {
            "order_id": [str(n) for n in range(lines)],
            "line_no": 1,
            "supplier": [f"S{n}" for n in supplier],
            "category": "bags",
            "ordered_on": ordered,
            "promised_on": ordered + pd.Timedelta(days=20),
            "received_on": received.where(received <= AS_OF),
            "status": np.where(received <= AS_OF, "received", "open"),
        }
    )


def test_a_world_that_changes_is_forgotten_and_a_steady_one_is_not():
    assert best_memory(company(1, shift=1.5, alike=0.0), AS_OF, EVERY_DAY).half_life < np.inf
    assert best_memory(company(2, shift=0.0, alike=0.0), AS_OF, EVERY_DAY) == Memory()


def test_nothing_is_forgotten_in_the_first_two_years():
    assert best_memory(company(1, shift=1.5, alike=0.0, months=20), AS_OF, EVERY_DAY) == Memory()
    assert best_memory(company(1, shift=1.5, alike=0.0).iloc[:0], AS_OF, EVERY_DAY) == Memory()


def test_after_a_change_the_forecast_follows_it():
    """Lead times grew by 1.5 on the log scale: the newest orders take 60 days, the fading forecast comes nearer to them."""
    orders = company(1, shift=1.5, alike=0.0)
    times = time_orders(orders, AS_OF, days="every day")
    plain = lead_times(orders, AS_OF)
    newest = orders[orders["ordered_on"] > AS_OF - pd.Timedelta(days=200)]
    truth = (newest["received_on"] - newest["ordered_on"]).dt.days.median()
    fading, all_alike = (lead_time_table(of, fit_lead_times(of))["lead_time_median"].mean() for of in (times, plain))
    assert abs(np.log(fading / truth)) < abs(np.log(all_alike / truth))


def test_a_delivery_that_counts_half_is_half_a_delivery():
    """By hand: of two years ago at a half-life of one, a quarter; and half of that."""
    orders = company(3, 0.0, 0.0, lines=60)
    faded = lead_times(orders, AS_OF).told_by(Memory(12.0, 0.5)).lines
    age = (AS_OF - faded["ended_on"].fillna(AS_OF)).dt.days / 365.25
    np.testing.assert_allclose(faded["fade"], 0.5 * 0.5**age)
    width = []
    for counts in (1.0, 0.3):
        posterior = fit_lead_times(lead_times(orders, AS_OF).told_by(Memory(counts=counts)))
        interval = posterior.quantile(0.5)
        width.append(np.log(interval["high"] / interval["low"]).mean())
    assert width[1] > 1.2 * width[0]
    assert len(MEMORIES) == len(set(MEMORIES)) and MEMORIES[0] == Memory()


@pytest.mark.parametrize("memory", MEMORIES[1:])
def test_a_delivery_counts_half_after_a_half_life(memory):
    times = lead_times(company(5, 0.0, 0.3, lines=80), AS_OF)
    lines = times.told_by(memory).lines
    age = (AS_OF - lines["ended_on"].fillna(AS_OF)).dt.days / (365.25 / 12)
    assert np.allclose(np.log2(lines["fade"] / memory.counts), -age / 48)
    assert lines["fade"].min() < memory.counts / 1.5 and lines["fade"].max() == pytest.approx(memory.counts, rel=0.01)
