"""Learning weights: sums against slow loops, the posterior against brute force, coverage, the laws of a step."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from house import move_limits
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from analysis.decisions.rating import Criterion
from analysis.decisions.weights import change_points
from analysis.decisions.weights import posterior as weight_posterior
from analysis.decisions.weights.back_test import NOTHING_TESTED, BackTest, _half_width, back_test
from analysis.decisions.weights.change_points import ChangePoints, fit_change_points
from analysis.decisions.weights.fit import gather_evidence
from analysis.decisions.weights.outlying_trials import clipped_values, winsorised
from analysis.decisions.weights.posterior import COMPONENTS, PRIOR, fit_weights
from analysis.decisions.weights.proposal import proposal_table, propose_weights, with_weights
from analysis.decisions.weights.step import floored, step_towards, total_variation
from analysis.decisions.weights.trial_rows import (
    clipped_trials,
    filled_worths,
    one_row_a_quote,
    trial_quotes,
    trial_statistics,
)
from analysis.decisions.weights.trial_statistics import Contrasts, NoiseModel, TrialStatistics
from analysis.errors import RuleError
from analysis.wording import worded

LIMITS = move_limits()
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


def contrasts(rows: pd.DataFrame, month: str = "2026-10") -> Contrasts:
    """Contrasts of rows that all count alike."""
    return trial_statistics(trial_quotes(rows, CRITERIA, month), CRITERIA).contrasts()


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


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1), st.floats(0.1, 1.0))
def test_adding_trials_in_two_steps_is_the_same_as_all_at_once(seed, discount):
    rng = np.random.default_rng(seed)
    product, u, y = rng.integers(0, 4, 30).astype(str), rng.random((30, 3)), rng.normal(size=30)
    w, first = rng.random(30) + 0.5, np.arange(30) < 18
    none = TrialStatistics.of_nothing(3)
    at_once = none.add(product, u, y, w, np.where(first, discount, 1.0)).contrasts()
    two_steps = none.add(product[first], u[first], y[first], w[first], discount)
    two_steps = two_steps.add(product[~first], u[~first], y[~first], w[~first]).contrasts()
    for name in ("uu", "uy", "yy", "n"):
        np.testing.assert_allclose(getattr(two_steps, name), getattr(at_once, name), atol=1e-10)


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


def test_a_supplier_that_is_simply_better_is_not_cut_short():
    """Values that the worths explain lie far from the median but not from what was to be expected."""
    rng = np.random.default_rng(0)
    u = np.vstack([rng.uniform(0.3, 0.6, (54, 2)), rng.uniform(0.9, 1.0, (6, 2))])
    value, product = u @ [1.0, 2.0] + 0.2 * rng.normal(size=60), np.repeat("p", 60)
    value[5] -= 3.0  # a lot that burnt down
    assert winsorised(value, product)[1][-6:].sum() >= 4
    clipped, far = clipped_values(value, product, u, np.ones(60))
    assert np.flatnonzero(far).tolist() == [5]
    assert value[5] < clipped[5] < u[5] @ [1.0, 2.0]
    np.testing.assert_array_equal(clipped[~far], value[~far])


def test_fewer_pieces_may_lie_further_away():
    rng = np.random.default_rng(1)
    u, value = rng.random((80, 2)), rng.normal(size=80)
    value[0] = 4.0
    precise, vague = np.ones(80), np.where(np.arange(80) == 0, 0.2, 1.0)
    assert clipped_values(value, np.repeat("p", 80), u, precise)[1][0]
    assert not clipped_values(value, np.repeat("p", 80), u, vague)[1][0]


def test_what_was_pulled_in_is_listed_and_counted():
    rows = trials(120, W0, 3)
    rows.loc[7, "value"] -= 20
    listed = clipped_trials(rows, CRITERIA)
    worst = listed[listed["quote"] == "q7"].iloc[0]
    assert worst["realised"] == rows.loc[7, "value"] < worst["counted"]
    found = propose_weights(rows, ANALYST, ANALYST, "2026-10", LIMITS, tested=NOTHING_TESTED)
    assert found.far == len(listed) > 0
    assert f"winsorised, so that they do not decide the weights: {len(listed)}." in worded(found.explained(), "en")
    assert f"有 {len(listed)} 笔试单" in worded(found.explained(), "zh")


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
    rows = rows.assign(pieces=[10.0, 30.0, 5.0], value=[1.0, 0.0, 2.0], far=[True, False, False])
    found = one_row_a_quote(rows, CRITERIA)
    assert found["value"].tolist() == [0.25, 2.0]
    assert found["pieces"].tolist() == [40, 5]
    assert found["orders"].tolist() == [2, 1]


# --- changes ------------------------------------------------------------------------------------------------------------


def test_evidence_of_a_regime_equals_the_density_of_its_values():
    """Against the multivariate normal density of y with beta integrated out."""
    rng = np.random.default_rng(2)
    u, month = rng.normal(size=(12, 3)), np.repeat([0, 1, 2], 4)
    centre, spread = np.array([0.5, 0.3, 0.2]), 0.4
    y, weight = u @ centre + rng.normal(size=12), rng.uniform(0.5, 2, 12)
    found = change_points._evidence(*change_points._cumulated(u, y, weight, month, 3), centre, spread)
    for first, last in ((0, 0), (0, 2), (1, 2)):
        at = (month >= first) & (month <= last)
        noise = np.diag(1 / weight[at])
        changing = stats.multivariate_normal(u[at] @ centre, noise + spread**2 * u[at] @ u[at].T).logpdf(y[at])
        still = stats.multivariate_normal(u[at] @ centre, noise).logpdf(y[at])
        assert found[first, last] == pytest.approx(changing - still)


def test_the_month_of_a_change_agrees_with_all_histories_one_by_one():
    """Against a sum over every set of months in which something may have changed."""
    months, evidence = 6, np.triu(np.random.default_rng(3).normal(0, 2, (6, 6)))
    weight = np.zeros(months)
    for bits in range(2 ** (months - 1)):
        starts = [0, *(s for s in range(1, months) if bits >> (s - 1) & 1)]
        ends = [*(s - 1 for s in starts[1:]), months - 1]
        log_p = sum(evidence[first, last] for first, last in zip(starts, ends))
        changes = len(starts) - 1
        hazard = change_points.HAZARD
        weight[starts[-1]] += np.exp(log_p) * hazard**changes * (1 - hazard) ** (months - 1 - changes)
    np.testing.assert_allclose(change_points._began(evidence), weight / weight.sum())


def test_a_trial_counts_with_the_chance_that_nothing_changed_since():
    found = ChangePoints(np.array([0.5, 0.0, 0.3, 0.2]))
    np.testing.assert_allclose(found.still(np.array([0, 1, 2, 3, 9])), [1.0, 0.8, 0.5, 0.5, 0.5])
    assert found.changed == 0.5


def changes_in(rows: pd.DataFrame, month: str) -> ChangePoints:
    return gather_evidence(rows, CRITERIA, W0, month).changes


def switched() -> pd.DataFrame:
    """Ten months with one truth, six with another."""
    before, after = trials(200, [0.7, 0.1, 0.1, 0.1], 4), trials(120, [0.1, 0.1, 0.1, 0.7], 5)
    later = pd.period_range("2026-11", periods=6, freq="M").astype(str).to_numpy()[np.arange(120) % 6]
    return pd.concat([before, after.assign(month=later, quote="n" + after["quote"])], ignore_index=True)


def test_a_switch_of_what_counts_is_seen_and_older_trials_count_little():
    found = changes_in(switched(), "2027-04")
    assert found.changed > 0.9
    still = found.still(np.arange(16))
    assert (still[:5] > 0.8).all() and (still[8:] < 0.1).all()
    said = propose_weights(switched(), ANALYST, ANALYST, "2027-04", LIMITS, tested=NOTHING_TESTED)
    assert said.indicative
    assert "seems to have changed" in worded(said.explained(), "en")
    assert said.target["service"] > 0.4 > said.target["price"]


def test_where_nothing_changes_all_trials_count():
    changed = [changes_in(trials(200, W0, seed), "2026-10").changed for seed in range(10)]
    assert np.mean(changed) < 0.3
    assert changes_in(trials(200, W0, 0).assign(value=1.0), "2026-10").changed == pytest.approx(
        1 - (1 - change_points.HAZARD) ** 9
    )  # says nothing: the prior of nine months
    none = changes_in(trials(8, W0, 0).head(0), "2026-10")
    assert none.began.tolist() == [1.0]


def test_an_old_history_is_one_month():
    """Months before the last four years are not told apart."""
    u = np.random.default_rng(0).random((100, 2))
    found = fit_change_points(["p"] * 100, u, u[:, 0], np.ones(100), np.arange(100), np.array([0.5, 0.5]))
    assert len(found.began) == change_points.MOST_MONTHS
    assert found.still(np.array([99])) == pytest.approx(found.began[0])


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
    evidence = contrasts(trials(n, [0.1, 0.2, 0.3, 0.4], n))
    mean, probability = brute_force(evidence, 150_000, 0)
    found = fit_weights(evidence, W0)
    np.testing.assert_allclose(found.mean, mean, atol=0.005)
    np.testing.assert_allclose(found.component_probability, probability, atol=0.01)
    np.testing.assert_allclose(found.sample.mean(axis=0), found.mean, atol=0.005)


def test_gradient_is_the_slope():
    evidence = contrasts(trials(60, [0.1, 0.2, 0.3, 0.4], 1))
    target = weight_posterior._Target(evidence, W0, np.array([0, 1, 2]))
    tau = PRIOR.tau
    x = np.random.default_rng(0).normal(size=(len(tau), 2))
    for k in range(2):
        step = np.zeros(2)
        step[k] = 1e-6
        slope = (target.value(x + step, tau) - target.value(x - step, tau)) / 2e-6
        np.testing.assert_allclose(target.gradient(x, tau)[:, k], slope, rtol=1e-4, atol=1e-5)


def test_many_trials_find_the_truth_however_wrong_the_analyst():
    truth = np.array([0.05, 0.15, 0.3, 0.5])
    found = fit_weights(contrasts(trials(20_000, truth, 2)), W0)
    np.testing.assert_allclose(found.mean, truth, atol=0.03)
    assert found.analyst_stands < 0.01
    assert not found.indicative


def test_intervals_cover_when_the_truth_comes_from_the_prior():
    rng, hits = np.random.default_rng(7), []
    for world in range(80):
        trust, tau, _ = COMPONENTS[rng.choice(len(COMPONENTS), p=[p for *_, p in COMPONENTS])]
        truth = special.softmax(trust * np.log(W0) + tau * rng.standard_normal(4))
        found = fit_weights(contrasts(trials(80, truth, world)), W0)
        k = world % 4  # one weight a world: the weights of a world are not independent
        hits.append(found.low[k] <= truth[k] <= found.high[k])
    assert stats.binomtest(sum(hits), len(hits), 0.9).pvalue > 1e-4


def test_intervals_owe_nothing_to_trust_in_the_analyst():
    """By the outcomes alone: wider than the posterior that decides the step, above all where the analyst is right."""
    evidence = gather_evidence(trials(120, W0, 1), CRITERIA, W0, "2026-10")
    posterior, (low, high) = evidence.posterior(W0), evidence.interval(W0)
    assert posterior.analyst_stands > 0.5
    assert (high - low > posterior.high - posterior.low).all()
    assert fit_weights(contrasts(trials(120, W0, 1)), W0, prior=PRIOR.without_trust()).analyst_stands == 0
    assert PRIOR.without_trust().probability.sum() == pytest.approx(1)


@pytest.mark.parametrize(("step", "share"), [(0.0, 0.9), (0.12, 0.8)])
def test_intervals_of_the_outcomes_cover_steady_and_drifting_truths(step, share):
    """Truths mildly off the analyst's, then a random walk on the log scale over 12 months; a weight a world is looked at."""
    rng, hits = np.random.default_rng(8), []
    for world in range(60):
        walk = step * rng.standard_normal((12, 4)).cumsum(axis=0) + (0.5 if step == 0 else 0.0) * rng.standard_normal(4)
        truth = special.softmax(np.log(W0) + walk, axis=1)
        each = [trials(20, w, 100 * world + t, months=1).assign(month=f"2026-{t + 1:02d}") for t, w in enumerate(truth)]
        rows = pd.concat(each, ignore_index=True)
        rows["quote"] = rows["supplier"] = [f"s{i}" for i in range(len(rows))]
        low, high = gather_evidence(rows, CRITERIA, W0, "2026-12").interval(W0)
        k = world % 4
        hits.append(low[k] <= truth[-1, k] <= high[k])
    assert stats.binomtest(sum(hits), len(hits), share, alternative="less").pvalue > 1e-3


def test_a_policy_criterion_that_somebody_moved_stays_where_they_put_it():
    """The analyst's quality of .2 was overridden to .4: no proposal pulls it back, and the others share the rest."""
    standing = {**{name: w * 0.6 / (1 - ANALYST["quality"]) for name, w in ANALYST.items()}, "quality": 0.4}
    found = propose_weights(
        trials(300, [0.05, 0.15, 0.3, 0.5], 9), ANALYST, standing, "2026-10", LIMITS, policy=["quality"]
    )
    assert found.weights["quality"] == found.target["quality"] == 0.4
    assert sum(found.weights.values()) == pytest.approx(1) and sum(found.target.values()) == pytest.approx(1)


def test_policy_criteria_and_zero_weights_stay():
    analyst = np.array([0.5, 0.3, 0.2, 0.0])
    evidence = contrasts(trials(200, [0.1, 0.1, 0.1, 0.7], 5))
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
    found = fit_weights(contrasts(rows), W0)
    np.testing.assert_allclose(found.component_probability, [p for *_, p in COMPONENTS], atol=0.01)


def test_outcomes_that_fall_with_every_criterion_favour_no_weights_over_others():
    rows = trials(60, W0, 6)
    upside_down = rows.assign(value=-rows[CRITERIA].sum(axis=1))
    found = fit_weights(contrasts(upside_down), W0)
    np.testing.assert_allclose(found.component_probability, [p for *_, p in COMPONENTS], atol=0.01)


def test_one_learned_criterion_cannot_move():
    evidence = contrasts(trials(50, W0, 5))
    assert fit_weights(evidence, W0, np.array([False, True, True, True])).mean.tolist() == W0.tolist()


@pytest.mark.parametrize("wrong", [[0.5, 0.5, 0.5, 0.5], [1.2, -0.2, 0, 0], [0.5, 0.5]])
def test_weights_that_are_none_are_refused(wrong):
    with pytest.raises(ValueError, match="add up to 1"):
        fit_weights(Contrasts(np.eye(4), np.ones(4), 5.0, 20.0), np.array(wrong))


# --- the step -----------------------------------------------------------------------------------------------------------

SIMPLEX = st.lists(st.floats(0.01, 1), min_size=5, max_size=5).map(lambda v: np.array(v) / sum(v))


@given(SIMPLEX, SIMPLEX)
def test_a_step_keeps_both_limits_and_goes_straight_to_the_target(previous, target):
    limits = move_limits()
    after = step_towards(previous, target, limits)
    assert np.abs(after - previous).max() <= limits.most_a_criterion + 1e-12
    assert total_variation(after, previous) <= limits.most_in_all + 1e-12
    assert after.sum() == pytest.approx(1)
    assert total_variation(after, target) <= total_variation(previous, target) + 1e-12
    np.testing.assert_allclose(step_towards(target, target, LIMITS), target)


@given(SIMPLEX, SIMPLEX)
def test_a_floor_is_kept_by_all_but_fixed_weights(target, analyst):
    fixed = np.array([True, False, False, False, False])
    target = np.append(analyst[0], target[1:] / target[1:].sum() * (1 - analyst[0]))
    found = floored(target, analyst, fixed, 0.02)
    assert found.sum() == pytest.approx(1)
    assert found[0] == target[0]
    assert (found >= np.minimum(0.02, analyst) - 1e-12).all()


# --- the proposal -------------------------------------------------------------------------------------------------------


def test_the_order_of_rows_changes_nothing_and_two_runs_agree_to_the_bit():
    rows = trials(120, [0.1, 0.2, 0.3, 0.4], 8)
    first = propose_weights(rows, ANALYST, ANALYST, "2026-10", LIMITS)
    second = propose_weights(rows.sample(frac=1, random_state=1), ANALYST, ANALYST, "2026-10", LIMITS)
    assert first == second


def test_trials_of_later_months_do_not_exist_yet():
    rows = trials(120, [0.1, 0.2, 0.3, 0.4], 8)
    seen = rows[rows["month"] <= "2026-06"]
    assert propose_weights(rows, ANALYST, ANALYST, "2026-06", LIMITS) == propose_weights(
        seen, ANALYST, ANALYST, "2026-06", LIMITS
    )


def test_wrong_weights_move_within_limits_and_say_so():
    found = propose_weights(
        trials(300, [0.05, 0.15, 0.3, 0.5], 9), ANALYST, ANALYST, "2026-10", LIMITS, policy=["quality"]
    )
    assert found.moves
    assert found.weights["quality"] == pytest.approx(0.3)
    change = np.array([found.weights[name] - ANALYST[name] for name in CRITERIA])
    assert np.abs(change).max() == pytest.approx(0.05) or np.abs(change).sum() == pytest.approx(0.20)
    assert change[3] > 0.03
    assert found.back_test.gain_low > 0
    most = CRITERIA[np.abs(change).argmax()]
    step = f"{ANALYST[most]:.1%}", f"{found.weights[most]:.1%}"
    assert most == "price"  # the analyst's .4 against .05
    assert f"price, from {step[0]} to {step[1]}" in worded(found.explained(), "en")
    assert f"“价格”：由 {step[0]} 调至 {step[1]}" in worded(found.explained(), "zh")
    table = proposal_table(found)
    assert table["weight"].sum() == pytest.approx(1)
    assert (table["weight_low"] <= table["weight"]).all()
    assert (table["weight"] <= table["weight_high"]).all()


def test_a_proposal_says_what_to_do():
    """Adopt what the back-test has shown to be better; keep where its interval holds 0, or where nothing could be tested."""
    moving = trials(300, [0.05, 0.15, 0.3, 0.5], 9)
    shown = BackTest(9, 200, 40, 0.7, 0.03, 0.01, 0.05)
    cases = {
        "adopt": (moving, shown, "adopt the proposed weights", "采用提议的权重"),
        "keep_unproven": (moving, replace(shown, gain_low=-0.01), "interval holds 0 (-1.0% to +5.0%", "回测区间包含 0"),
        "keep_untested": (moving, NOTHING_TESTED, "not enough trials yet to test", "试单尚少"),
        "keep_worse": (moving, replace(shown, gain_low=-0.05, gain_high=-0.01), "have chosen worse", "整体低于 0"),
        "keep_few": (trials(10, W0, 10), shown, "not enough trials yet (10", "有结果的试单尚少（10 笔）"),
    }
    for advice, (rows, tested, en, zh) in cases.items():
        found = propose_weights(rows, ANALYST, ANALYST, "2026-10", LIMITS, tested=tested)
        assert found.advice == advice
        assert en in worded(found.advised(), "en") and zh in worded(found.advised(), "zh")
        assert set(proposal_table(found)["advice"]) == {found.advised()}


def test_few_trials_keep_the_weights():
    found = propose_weights(trials(10, W0, 10), ANALYST, ANALYST, "2026-10", LIMITS)
    assert found.reason == "keep_few" and found.advice == "keep_few"
    assert found.weights == found.previous
    assert "too few" in worded(found.explained(), "en")


def test_no_trials_at_all_keep_the_weights():
    found = propose_weights(trials(10, W0, 10).head(0), ANALYST, ANALYST, "2026-10", LIMITS)
    assert (found.reason, found.trials, found.back_test) == ("keep_few", 0, NOTHING_TESTED)


def test_weights_where_the_outcomes_point_are_kept():
    rows = trials(200, W0, 11)
    target = propose_weights(rows, ANALYST, ANALYST, "2026-10", LIMITS).target
    assert propose_weights(rows, ANALYST, target, "2026-10", LIMITS).reason == "keep_close"


def test_back_test_sees_no_outcome_of_the_block_it_tests():
    rows = trials(200, [0.05, 0.15, 0.3, 0.5], 12)
    never_known = rows.assign(known_month="2027-01")
    assert back_test(never_known, CRITERIA, W0, "2026-10", 0.02) == NOTHING_TESTED
    assert back_test(rows.assign(known_month=rows["month"]), CRITERIA, W0, "2026-10", 0.02) == back_test(
        rows, CRITERIA, W0, "2026-10", 0.02
    )


def test_half_width_equals_leaving_out_supplier_after_supplier():
    rng = np.random.default_rng(4)
    first, second, gain = rng.choice(list("abcdef"), 40), rng.choice(list("abcdef"), 40), rng.normal(size=40)
    means = np.array([gain[(first != name) & (second != name)].mean() for name in "abcdef"])
    variance = 5 / 6 * ((means - means.mean()) ** 2).sum()
    assert _half_width(first, second, gain) == pytest.approx(stats.t.ppf(0.95, 5) * np.sqrt(variance))
    assert np.isnan(_half_width(np.array(["a"]), np.array(["b"]), np.array([1.0])))


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
        propose_weights(trials(10, W0, 1), analyst, previous, "2026-10", LIMITS, policy)


def test_criteria_take_the_weights_in_force():
    criteria = [Criterion(name, weight, (0, 1, 2, 3)) for name, weight in ANALYST.items()]
    found = with_weights(criteria, dict.fromkeys(ANALYST, 0.25))
    assert [criterion.weight for criterion in found] == [0.25] * 4
    with pytest.raises(RuleError, match="not in force"):
        with_weights(criteria, {"price": 1.0})
