"""The chance of keeping a promise: from the lead times where they tell, from the records where promises are kept on the day."""

import numpy as np
import pandas as pd
import pytest
from scipy import special

from analysis.estimates.lead_time import (
    delivery_draws,
    fit_lead_times,
    fit_promises,
    lead_time_table,
    lead_times,
    open_orders_table,
)
from analysis.estimates.lead_time.promises import _RECORDS_ALONE, _fit, chance_beyond

AS_OF = pd.Timestamp("2026-06-30")
SUPPLIERS = 12


def orders_of(rng: np.random.Generator, lines: int, kept_anyway: bool) -> pd.DataFrame:
    """Lead times of about 20 days. Promises of 24 days, kept or not as it falls; or, `kept_anyway`, made to be kept: the day of
    arrival itself, but for a supplier's own share of broken ones."""
    supplier = rng.integers(0, SUPPLIERS, lines)
    days = np.maximum(np.round(np.exp(np.log(20) + 0.35 * rng.standard_normal(lines))), 2).astype(int)
    ordered = pd.Timestamp("2025-06-01") + pd.to_timedelta(np.sort(rng.integers(0, 390, lines)), unit="D")
    broken = rng.random(lines) < np.linspace(0.01, 0.25, SUPPLIERS)[supplier]
    promise = np.where(broken, np.maximum(days - 5, 1), days) if kept_anyway else np.full(lines, 24)
    received = ordered + pd.to_timedelta(days, unit="D")
    return pd.DataFrame(
        {
            "order_id": [str(n) for n in range(lines)],
            "line_no": 1,
            "supplier": [f"S{n:02d}" for n in supplier],
            "sku": "K",
            "category": "bags",
            "ordered_on": ordered,
            "promised_on": ordered + pd.to_timedelta(promise, unit="D"),
            "arrives_on": received,
            "received_on": received.where(received <= AS_OF),
            "status": np.where(received <= AS_OF, "received", "open"),
        }
    )


@pytest.fixture(scope="module")
def kept():
    orders = orders_of(np.random.default_rng(1), 900, kept_anyway=True)
    times = lead_times(orders, AS_OF)
    return orders, times, fit_lead_times(times)


@pytest.fixture(scope="module")
def as_it_falls():
    orders = orders_of(np.random.default_rng(2), 900, kept_anyway=False)
    times = lead_times(orders, AS_OF)
    return orders, times, fit_lead_times(times)


def test_promises_made_to_be_kept_are_forecast_by_the_records(kept):
    """Lead times say a third are late whatever is promised; the records say 1 % to 25 %."""
    _, times, posterior = kept
    promises = fit_promises(times, posterior)
    table = lead_time_table(times, posterior).set_index("supplier")
    by_lead_times = chance_beyond(posterior, table.index, table["promised_days"])
    assert by_lead_times.mean() > 0.35
    truth = np.linspace(0.01, 0.25, SUPPLIERS)
    assert promises.common[1] < 0.6
    assert np.abs(table["late_probability"] - truth).mean() < 0.04
    inside = (table["late_probability_low"] <= truth) & (truth <= table["late_probability_high"])
    assert inside.sum() >= SUPPLIERS - 3
    assert (promises.on_the_day > 0.9).all()


def test_promises_of_fixed_length_are_forecast_by_the_lead_times(as_it_falls):
    """The chance is the lead time model's own, and longer promises are safer."""
    _, times, posterior = as_it_falls
    promises = fit_promises(times, posterior)
    assert 0.6 < promises.common[1] < 1.2
    names = list(posterior.suppliers)
    late = [promises.late(names, chance_beyond(posterior, names, np.full(SUPPLIERS, days))) for days in (15, 24, 40)]
    assert (np.diff(np.array(late), axis=0) < 0).all()
    assert np.abs(late[1] - chance_beyond(posterior, names, np.full(SUPPLIERS, 24.0))).max() < 0.12


@pytest.mark.parametrize("made", ["kept", "as_it_falls"])
def test_open_orders_come_late_as_often_as_said(made, request):
    """Brier score below that of the suppliers' smoothed past shares, mean chance near the share that came late."""
    orders, _, _ = request.getfixturevalue(made)
    said, came, share = [], [], []
    for as_of in pd.to_datetime(["2026-03-31", "2026-05-15"]):
        seen = orders[orders["ordered_on"] <= as_of]
        there = seen["arrives_on"] <= as_of
        seen = seen.assign(
            received_on=seen["arrives_on"].where(there), status=np.where(there, "received", "open")
        ).reset_index(drop=True)
        times = lead_times(seen, as_of)
        table = open_orders_table(times, fit_lead_times(times))
        table = table[table["promised_on"] > as_of].merge(orders[["order_id", "arrives_on"]])
        due = seen[seen["promised_on"] <= as_of]
        late = (~(due["received_on"] <= due["promised_on"])).groupby(due["supplier"])
        own = (late.sum() + 1) / (late.size() + 2)
        said.append(table["late_probability"])
        came.append(table["arrives_on"] > table["promised_on"])
        share.append(table["supplier"].map(own))
    said, came, share = (np.concatenate(x).astype(float) for x in (said, came, share))
    assert len(said) > 50
    assert ((said - came) ** 2).mean() <= ((share - came) ** 2).mean()
    assert abs(said.mean() - came.mean()) < 0.1


def test_an_order_open_for_long_is_likelier_late_only_as_its_promise_nears(kept, as_it_falls):
    """Where promises are kept on the day itself, waiting before that day says next to nothing."""
    for (_, times, posterior), least, most in ((kept, 1.0, 1.3), (as_it_falls, 1.5, 10.0)):
        promises, names = fit_promises(times, posterior), [posterior.suppliers[6]] * 2
        chance = chance_beyond(posterior, names, [30.0, 30.0])
        late = promises.late_given_open(names, chance, chance_beyond(posterior, names, [0.0, 29.0]))
        assert late[0] < late[1] < 1
        assert least < late[1] / late[0] < most


def test_without_a_promise_due_the_lead_times_alone_speak():
    orders = orders_of(np.random.default_rng(3), 200, kept_anyway=False)
    orders["promised_on"] = pd.NaT
    times = lead_times(orders, AS_OF)
    posterior = fit_lead_times(times)
    promised = pd.Series(25.0, index=posterior.suppliers)
    table = lead_time_table(times, posterior, promised).set_index("supplier")
    plain = posterior.late_probability(25.0)["estimate"]
    assert np.abs(table["late_probability"] - plain).max() < 0.05
    assert lead_time_table(times, posterior)["late_probability"].isna().all()


def test_draws_agree_with_the_table(kept):
    """Their mean is the chance printed, and the worlds of a supplier do not depend on the others."""
    _, times, posterior = kept
    on_time = delivery_draws(times, posterior, 7)["on_time"]
    table = lead_time_table(times, posterior).set_index("supplier").loc[on_time.suppliers]
    np.testing.assert_allclose(1 - on_time.values.mean(axis=1), table["late_probability"], atol=0.02)
    assert ((on_time.values >= 0) & (on_time.values <= 1)).all()


def test_the_fit_is_the_mode_of_its_posterior():
    """Gradient zero at the answer, and the covariance is the inverse curvature, by differences."""
    rng = np.random.default_rng(4)
    at, x = rng.integers(0, 3, 60), rng.standard_normal(60)
    late, weight = (rng.random(60) < special.expit(x - 1)).astype(float), rng.random(60)
    prior, spread = np.array([[0.0, 1.0], [0.7, 0.3]]), 0.5

    def log_posterior(v):
        eta = v[0] + v[1] * x + v[2:][at]
        away = (((v[:2] - prior[0]) / prior[1]) ** 2).sum() + ((v[2:] / spread) ** 2).sum()
        return (weight * (late * eta - np.logaddexp(0, eta))).sum() - away / 2

    _, (effect, common, own, shared, cross) = _fit(at, x, late, weight, 3, prior, spread)
    mode, h = np.r_[common, effect], 1e-4
    unit = np.eye(5) * h
    slope = [(log_posterior(mode + e) - log_posterior(mode - e)) / (2 * h) for e in unit]
    np.testing.assert_allclose(slope, 0, atol=1e-6)
    curve = [
        [
            (log_posterior(mode + a + b) - log_posterior(mode + a - b) - log_posterior(mode - a + b) + log_posterior(mode - a - b))
            / (4 * h * h)
            for b in unit
        ]
        for a in unit
    ]  # fmt: skip
    covariance = np.linalg.inv(-np.array(curve))
    np.testing.assert_allclose(covariance[:2, :2], shared, rtol=1e-3)
    np.testing.assert_allclose(np.diag(covariance)[2:], own, rtol=1e-3)
    np.testing.assert_allclose(covariance[2:, :2], cross, rtol=2e-3, atol=1e-5)


def test_leaving_an_order_out_is_fitting_without_it():
    """Chance of a long lead time for a supplier of six orders, one of them odd: as if that one were not there."""
    rng = np.random.default_rng(5)
    orders = orders_of(rng, 120, kept_anyway=False)
    times = lead_times(orders, AS_OF)
    posterior = fit_lead_times(times, sure=True)
    line = times.lines[times.lines["received"]].iloc[[0]]
    left = posterior.survival_without(line["supplier"], [25.5], line["days"], line["received"])
    again = lead_times(orders[orders["order_id"] != line["order_id"].iloc[0]], AS_OF)
    fitted = np.exp(fit_lead_times(again, sure=True).log_survival(line["supplier"], [25.5]))
    assert left[0] == pytest.approx(fitted[0], abs=0.02)


def test_equal_orders_are_reckoned_once_and_told_each(kept):
    """Orders that agree in all but how far they fade: one by one or together, the chances are the same."""
    posterior, rng = kept[2], np.random.default_rng(1)
    who, days, own = rng.choice(posterior.suppliers, 40), rng.choice([9.5, 25.5], 40), rng.choice([3.0, 8.0], 40)
    came, fade = rng.random(40) < 0.5, rng.uniform(0.2, 1.0, 40)
    together = posterior.survival_without(who, days, own, came, fade)
    singly = [posterior.survival_without(*([x[i]] for x in (who, days, own, came, fade)))[0] for i in range(40)]
    np.testing.assert_allclose(together, singly, rtol=1e-12)
    alone = [posterior.log_survival([name], [day])[0] for name, day in zip(who, days)]
    np.testing.assert_allclose(posterior.log_survival(who, days), alone, rtol=1e-12)


def test_the_records_alone_are_a_shrunk_share():
    """Of 40 kept and 10 broken promises about a fifth; of none, what all suppliers do."""
    at = np.repeat([0, 1], 50)
    late = np.r_[np.repeat([1.0, 0.0], [10, 40]), np.repeat([1.0, 0.0], [1, 49])]
    _, (effect, common, *_) = _fit(at, np.zeros(100), late, np.ones(100), 3, _RECORDS_ALONE, 1.0)
    share = special.expit(common[0] + effect)
    assert 0.15 < share[0] < 0.21 and share[1] < 0.06 and share[1] < share[2] < share[0]
