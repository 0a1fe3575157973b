"""Learning weights: sums against slow loops, the posterior against brute force, coverage, the laws of a step."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from analysis.decisions.criteria import Criterion
from analysis.decisions.reweighting import weight_posterior
from analysis.decisions.reweighting.trial_rows import (
    change_p_value,
    filled_worths,
    one_row_a_quote,
    trial_statistics,
    winsorised,
)
from analysis.decisions.reweighting.trial_statistics import Contrasts, NoiseModel, TrialStatistics
from analysis.decisions.reweighting.weight_back_test import NOTHING_TESTED, back_test
from analysis.decisions.reweighting.weight_move import MoveLimits, floored, step_towards, total_variation
from analysis.decisions.reweighting.weight_posterior import COMPONENTS, fit_weights
from analysis.decisions.weights import proposal_table, propose_weights, with_weights
from analysis.wording import RuleError

CRITERIA = ["price", "quality", "speed", "service"]
ANALYST = {"price": 0.4, "quality": 0.3, "speed": 0.2, "service": 0.1}
W0 = np.array(list(ANALYST.values()))


def trials(n: int, truth, seed: int, explained: float = 0.3, months: int = 10, products: int = 5) -> pd.DataFrame:
    """`n` trials of a company that values its suppliers by `truth`, each from a quote of its own."""
    rng = np.random.default_rng(seed)
    u, product = rng.random((n, 4)), rng.integers(0, products, n)
    signal = u @ np.asarray(truth)
    noise = signal.std() * np.sqrt(1 / explained - 1) * rng.standard_normal(n)
    rows = pd.DataFrame(u, columns=CRITERIA)
    month = np.sort(pd.period_range("2026-01", periods=months, freq="M").astype(str).to_numpy()[np.arange(n) % months])
    return rows.assign(
        **{f"{name}_missing": False for name in CRITERIA},
        month=month,
        product=[f"p{g}" for g in product],
        supplier=[f"s{i}" for i in range(n)],
        quote=[f"q{i}" for i in range(n)],
        pieces=20.0,
        value=signal + 0.3 * product + noise,
        reason="rated best",
    )


# --- sums ---------------------------------------------------------------------------------------------------------------


def test_contrasts_equal_a_slow_loop_over_products():
    rng = np.random.default_rng(1)
    product, u, y, w = rng.integers(0, 3, 40), rng.random((40, 2)), rng.normal(size=40), rng.uniform(0.5, 2, 40)
    uu, uy, yy = np.zeros((2, 2)), np.zeros(2), 0.0
    for g in range(3):
        at = product == g
        du = u[at] - np.average(u[at], axis=0, weights=w[at])
        dy = y[at] - np.average(y[at], weights=w[at])
        for weight, a, b in zip(w[at], du, dy):
            uu, uy, yy = uu + weight * np.outer(a, a), uy + weight * a * b, yy + weight * b * b
    found = TrialStatistics.of_nothing(2).add(product.astype(str), u, y, w).contrasts()
    np.testing.assert_allclose(found.uu, uu, atol=1e-12)
    np.testing.assert_allclose(found.uy, uy, atol=1e-12)
    assert found.yy == pytest.approx(yy)
    assert found.n == pytest.approx(40 - 3)  # a mean a product is used up


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.5, 1.0))
def test_memory_of_sums_is_the_same_as_all_trials_at_once(seed, forgetting):
    rng = np.random.default_rng(seed)
    product, u, y, w = (
        rng.integers(0, 4, 30).astype(str),
        rng.random((30, 3)),
        rng.normal(size=30),
        rng.random(30) + 0.5,
    )
    none, first = TrialStatistics.of_nothing(3), np.arange(30) < 18
    at_once = none.add(product, u, y, w, np.where(first, forgetting**2, 1.0)).contrasts()
    remembered = none.add(product[first], u[first], y[first], w[first]).faded(2, forgetting)
    month_by_month = remembered.add(product[~first], u[~first], y[~first], w[~first]).contrasts()
    for name in ("uu", "uy", "yy", "n"):
        np.testing.assert_allclose(getattr(month_by_month, name), getattr(at_once, name), atol=1e-10)


def test_a_worth_that_is_not_known_is_refused():
    with pytest.raises(ValueError, match="filled_worths"):
        TrialStatistics.of_nothing(1).add(np.array(["p"]), np.array([[np.nan]]), np.array([1.0]), np.ones(1))


def test_precision_is_one_at_twenty_pieces_and_bounded_by_what_pieces_cannot_average_out():
    noise = NoiseModel(supplier=0.1, batch=0.2, piece=0.4)
    five, twenty, endless = noise.precision(np.array([5.0, 20.0, 1e12]))
    assert twenty == 1
    assert five == pytest.approx((0.01 + 0.04 + 0.16 / 20) / (0.01 + 0.04 + 0.16 / 5))
    assert endless == pytest.approx((0.05 + 0.008) / 0.05)


# --- rows ---------------------------------------------------------------------------------------------------------------


def test_one_catastrophe_is_pulled_in_and_still_the_worst():
    value = np.array([0.1, 0.12, 0.08, 0.11, 0.09, 0.1, 0.13, 0.07, 0.1, 0.11, 0.09, 0.1, -3.0])
    clipped, marked = winsorised(value, np.repeat("p", 13))
    assert marked.tolist() == [False] * 12 + [True]
    assert clipped[-1] == pytest.approx(0.1 - 2.5 * 1.4826 * 0.01)  # median .1; median distance from it .01
    assert clipped[-1] == clipped.min()


def test_missing_worths_become_what_such_suppliers_later_showed():
    rows = pd.DataFrame(
        {
            "supplier": ["a", "a", "b", "c", "c"],
            "month": ["2026-01", "2026-02", "2026-01", "2026-01", "2026-03"],
            "price": [np.nan, 0.2, np.nan, 0.9, 0.9],
            "price_missing": [True, False, True, False, False],
        }
    )
    filled = filled_worths(rows, ["price"])["price"]
    general = (0.2 + 0.9 + 0.9) / 3  # nobody expected anything: the mean of what is known, worth two suppliers
    assert filled[2] == pytest.approx((2 * general + 0.2) / 3)  # only `a` was missing first and known later
    assert filled[[1, 3, 4]].tolist() == [0.2, 0.9, 0.9]


def test_repeat_orders_of_a_quote_are_one_row():
    rows = trials(3, W0, 0).assign(quote=["q", "q", "r"], supplier=["s", "s", "s"], product="p")
    rows = rows.assign(pieces=[10.0, 30.0, 5.0], value=[1.0, 0.0, 2.0])
    found = one_row_a_quote(rows, CRITERIA)
    assert found["value"].tolist() == [0.25, 2.0]
    assert found["pieces"].tolist() == [40, 5]
    assert found["orders"].tolist() == [2, 1]


def test_chow_test_equals_regressions_with_a_dummy_for_every_product():
    rows = trials(120, W0, 3)
    recent = rows["month"].to_numpy() > "2026-04"
    product = rows["product"].to_numpy()

    def squared_error(with_change):
        dummies = np.stack([(product == p) & side for p in np.unique(product) for side in (recent, ~recent)], axis=1)
        u = rows[CRITERIA].to_numpy()
        columns = [u * recent[:, None], u * ~recent[:, None]] if with_change else [u]
        x = np.concatenate([dummies.astype(float), *columns], axis=1)
        y = winsorised(rows["value"].to_numpy(), product)[0]
        return np.linalg.lstsq(x, y, rcond=None)[1][0], len(y) - x.shape[1]

    (apart, freedom), (together, _) = squared_error(True), squared_error(False)
    expected = stats.f.sf((together - apart) / 4 / (apart / freedom), 4, freedom)
    assert change_p_value(rows, CRITERIA, "2026-10") == pytest.approx(expected, rel=1e-8)


def test_a_switch_of_what_counts_is_seen():
    before, after = trials(100, [0.7, 0.1, 0.1, 0.1], 4), trials(100, [0.1, 0.1, 0.1, 0.7], 5)
    later = pd.period_range("2026-11", periods=6, freq="M").astype(str).to_numpy()[np.arange(100) % 6]
    rows = pd.concat([before, after.assign(month=later, quote="n" + after["quote"])], ignore_index=True)
    assert change_p_value(rows, CRITERIA, "2027-04") < 0.01
    assert np.isnan(change_p_value(before.head(8), CRITERIA, "2026-10"))


# --- posterior ----------------------------------------------------------------------------------------------------------


def brute_force(e: Contrasts, draws: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Posterior mean and component probabilities from draws of the prior alone."""
    rng, s0 = np.random.default_rng(seed), 0.7 * e.yy / e.n
    total, mean, evidence = 0.0, np.zeros(len(e.uy)), []
    for trust, tau, prior in COMPONENTS:
        w = special.softmax(trust * np.log(W0) + tau * rng.standard_normal((draws, len(W0))), axis=1)
        fit = np.maximum(w @ e.uy, 0)
        sse = e.yy - fit**2 / np.einsum("ni,ij,nj->n", w, e.uu, w)
        likelihood = prior * ((sse + 4 * s0) / e.yy) ** (-(e.n + 4) / 2)
        evidence.append(likelihood.mean())
        total, mean = total + likelihood.mean(), mean + (likelihood[:, None] * w).mean(axis=0)
    return mean / total, np.array(evidence) / total


@pytest.mark.parametrize("n", [25, 120])
def test_posterior_agrees_with_brute_force(n):
    evidence = trial_statistics(trials(n, [0.1, 0.2, 0.3, 0.4], n), CRITERIA, "2026-10").contrasts()
    mean, probability = brute_force(evidence, 150_000, 0)
    found = fit_weights(evidence, W0)
    np.testing.assert_allclose(found.mean, mean, atol=0.005)
    np.testing.assert_allclose(found.component_probability, probability, atol=0.01)
    np.testing.assert_allclose(found.sample.mean(axis=0), found.mean, atol=0.005)


def test_gradient_is_the_slope():
    evidence = trial_statistics(trials(60, [0.1, 0.2, 0.3, 0.4], 1), CRITERIA, "2026-10").contrasts()
    target = weight_posterior._Target(evidence, W0, np.array([0, 1, 2]))
    tau = weight_posterior.TAUS
    x = np.random.default_rng(0).normal(size=(len(tau), 2))
    for k in range(2):
        step = np.zeros(2)
        step[k] = 1e-6
        slope = (target.value(x + step, tau) - target.value(x - step, tau)) / 2e-6
        np.testing.assert_allclose(target.gradient(x, tau)[:, k], slope, rtol=1e-4, atol=1e-5)


def test_many_trials_find_the_truth_however_wrong_the_analyst():
    truth = np.array([0.05, 0.15, 0.3, 0.5])
    found = fit_weights(trial_statistics(trials(20_000, truth, 2), CRITERIA, "2026-10").contrasts(), W0)
    np.testing.assert_allclose(found.mean, truth, atol=0.03)
    assert found.analyst_stands < 0.01
    assert not found.indicative


def test_intervals_cover_when_the_truth_comes_from_the_prior():
    rng, hits = np.random.default_rng(7), []
    for world in range(80):
        trust, tau, _ = COMPONENTS[rng.choice(len(COMPONENTS), p=[p for *_, p in COMPONENTS])]
        truth = special.softmax(trust * np.log(W0) + tau * rng.standard_normal(4))
        found = fit_weights(trial_statistics(trials(80, truth, world), CRITERIA, "2026-10").contrasts(), W0)
        k = world % 4  # one weight a world: the weights of a world are not independent
        hits.append(found.low[k] <= truth[k] <= found.high[k])
    assert stats.binomtest(sum(hits), len(hits), 0.9).pvalue > 1e-4


def test_policy_criteria_and_zero_weights_stay():
    analyst = np.array([0.5, 0.3, 0.2, 0.0])
    evidence = trial_statistics(trials(200, [0.1, 0.1, 0.1, 0.7], 5), CRITERIA, "2026-10").contrasts()
    found = fit_weights(evidence, analyst, np.array([False, False, True, False]))
    assert found.mean[2] == pytest.approx(0.2)
    assert found.mean[3] == 0
    assert found.mean.sum() == pytest.approx(1)


def test_without_evidence_the_analyst_stands_and_the_interval_is_wide():
    found = fit_weights(TrialStatistics.of_nothing(4).contrasts(), W0)
    assert found.mean.tolist() == W0.tolist()
    assert (found.high - found.low > 0.05).all()
    assert found.indicative


def test_criteria_that_are_all_alike_teach_nothing():
    rows = trials(60, W0, 6).assign(**dict.fromkeys(CRITERIA, 0.5))
    found = fit_weights(trial_statistics(rows, CRITERIA, "2026-10").contrasts(), W0)
    np.testing.assert_allclose(found.component_probability, [p for *_, p in COMPONENTS], atol=0.01)


def test_outcomes_that_fall_with_every_criterion_favour_no_weights_over_others():
    rows = trials(60, W0, 6)
    upside_down = rows.assign(value=-rows[CRITERIA].sum(axis=1))
    found = fit_weights(trial_statistics(upside_down, CRITERIA, "2026-10").contrasts(), W0)
    np.testing.assert_allclose(found.component_probability, [p for *_, p in COMPONENTS], atol=0.01)


def test_one_learned_criterion_cannot_move():
    evidence = trial_statistics(trials(50, W0, 5), CRITERIA, "2026-10").contrasts()
    assert fit_weights(evidence, W0, np.array([False, True, True, True])).mean.tolist() == W0.tolist()


@pytest.mark.parametrize("wrong", [[0.5, 0.5, 0.5, 0.5], [1.2, -0.2, 0, 0], [0.5, 0.5]])
def test_weights_that_are_none_are_refused(wrong):
    with pytest.raises(ValueError, match="add up to 1"):
        fit_weights(Contrasts(np.eye(4), np.ones(4), 5.0, 20.0), np.array(wrong))


# --- the step -----------------------------------------------------------------------------------------------------------

SIMPLEX = st.lists(st.floats(0.01, 1), min_size=5, max_size=5).map(lambda v: np.array(v) / sum(v))


@given(SIMPLEX, SIMPLEX)
def test_a_step_keeps_both_limits_and_goes_straight_to_the_target(previous, target):
    limits = MoveLimits()
    after = step_towards(previous, target, limits)
    assert np.abs(after - previous).max() <= limits.weight + 1e-12
    assert total_variation(after, previous) <= limits.total_variation + 1e-12
    assert after.sum() == pytest.approx(1)
    assert total_variation(after, target) <= total_variation(previous, target) + 1e-12
    np.testing.assert_allclose(step_towards(target, target), target)


@given(SIMPLEX, SIMPLEX)
def test_a_floor_is_kept_by_all_but_fixed_weights(target, analyst):
    fixed = np.array([True, False, False, False, False])
    target = np.append(analyst[0], target[1:] / target[1:].sum() * (1 - analyst[0]))
    found = floored(target, analyst, fixed)
    assert found.sum() == pytest.approx(1)
    assert found[0] == target[0]
    assert (found >= np.minimum(0.02, analyst) - 1e-12).all()


# --- the proposal -------------------------------------------------------------------------------------------------------


def test_the_order_of_rows_changes_nothing_and_two_runs_agree_to_the_bit():
    rows = trials(120, [0.1, 0.2, 0.3, 0.4], 8)
    first = propose_weights(rows, ANALYST, ANALYST, "2026-10")
    second = propose_weights(rows.sample(frac=1, random_state=1), ANALYST, ANALYST, "2026-10")
    assert first == second


def test_trials_of_later_months_do_not_exist_yet():
    rows = trials(120, [0.1, 0.2, 0.3, 0.4], 8)
    seen = rows[rows["month"] <= "2026-06"]
    assert propose_weights(rows, ANALYST, ANALYST, "2026-06") == propose_weights(seen, ANALYST, ANALYST, "2026-06")


def test_wrong_weights_move_within_limits_and_say_so():
    found = propose_weights(trials(300, [0.05, 0.15, 0.3, 0.5], 9), ANALYST, ANALYST, "2026-10", policy=["quality"])
    assert found.moves
    assert found.weights["quality"] == pytest.approx(0.3)
    change = np.array([found.weights[name] - ANALYST[name] for name in CRITERIA])
    assert np.abs(change).max() == pytest.approx(0.05) or np.abs(change).sum() == pytest.approx(0.20)
    assert change[3] > 0.03
    assert found.back_test.gain_low > 0
    most = CRITERIA[np.abs(change).argmax()]
    step = f"{ANALYST[most]:.1%}", f"{found.weights[most]:.1%}"
    assert f"{most}, from {step[0]} to {step[1]}" in found.explained("en")
    assert f"“{most}”：由 {step[0]} 调至 {step[1]}" in found.explained("zh")
    table = proposal_table(found)
    assert table["weight"].sum() == pytest.approx(1)
    assert (table["weight_low"] <= table["weight"]).all()
    assert (table["weight"] <= table["weight_high"]).all()


def test_few_trials_keep_the_weights():
    found = propose_weights(trials(10, W0, 10), ANALYST, ANALYST, "2026-10")
    assert found.reason == "keep_few"
    assert found.weights == found.previous
    assert "too few" in found.explained("en")


def test_no_trials_at_all_keep_the_weights():
    found = propose_weights(trials(10, W0, 10).head(0), ANALYST, ANALYST, "2026-10")
    assert (found.reason, found.trials, found.back_test) == ("keep_few", 0, NOTHING_TESTED)


def test_weights_where_the_outcomes_point_are_kept():
    rows = trials(200, W0, 11)
    target = propose_weights(rows, ANALYST, ANALYST, "2026-10").target
    assert propose_weights(rows, ANALYST, target, "2026-10").reason == "keep_close"


def test_back_test_sees_no_outcome_of_the_block_it_tests():
    rows = trials(200, [0.05, 0.15, 0.3, 0.5], 12)
    never_known = rows.assign(known_month="2027-01")
    assert back_test(never_known, CRITERIA, W0, "2026-10") == NOTHING_TESTED
    assert back_test(rows.assign(known_month=rows["month"]), CRITERIA, W0, "2026-10") == back_test(
        rows, CRITERIA, W0, "2026-10"
    )


@pytest.mark.parametrize(
    ("analyst", "previous", "policy", "text"),
    [
        (ANALYST, {"price": 1.0}, (), "not in force: quality"),
        (ANALYST, ANALYST, ("beauty",), "not in force: beauty"),
        ({"price": 0.4, "quality": 0.4}, {"price": 0.5, "quality": 0.5}, (), "add up to 0.8"),
        ({"price": 1.4, "quality": -0.4}, {"price": 0.5, "quality": 0.5}, (), "between 0 and 1"),
    ],
)
def test_weights_that_contradict_themselves_are_told_in_words(analyst, previous, policy, text):
    with pytest.raises(RuleError, match=text):
        propose_weights(trials(10, W0, 1), analyst, previous, "2026-10", policy)


def test_criteria_take_the_weights_in_force():
    criteria = [Criterion(name, weight, (0, 1, 2, 3)) for name, weight in ANALYST.items()]
    found = with_weights(criteria, dict.fromkeys(ANALYST, 0.25))
    assert [criterion.weight for criterion in found] == [0.25] * 4
    with pytest.raises(RuleError, match="not in force"):
        with_weights(criteria, {"price": 1.0})
