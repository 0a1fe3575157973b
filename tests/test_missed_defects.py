"""What inspectors miss: the true rate against quadrature, identity where nothing is missed, and each missed piece counted once in the money."""

import numpy as np
import pandas as pd
import pytest
from house import changed
from scipy import integrate, stats

from analysis.decisions.landed_cost import HouseCosts, cost_per_good_piece, house_costs
from analysis.estimates.defect_rate import FoundShare, defect_draws, defect_rate_table, fit_defect_rates, fit_lots
from analysis.estimates.defect_rate.rate_grid import RateGrid
from analysis.estimates.defect_rate.rate_mixture import RateMixture
from analysis.rules import rules_in_force

BY_EYE = FoundShare(0.8, 40.0)


def beta_mixture(a, b):
    grid = RateGrid(400)
    return RateMixture(pd.Index(["x"]), grid.beta_masses(a, b).T, grid)


def lots(defective, inspected):
    n = len(defective)
    rows = {"supplier": [f"S{i}" for i in range(n)], "sku": "A", "category": "bags", "stage": "trial"}
    counts = {"inspected": np.asarray(inspected), "defective": np.asarray(defective)}
    return pd.DataFrame({**rows, **counts}).astype(dict.fromkeys(counts, "Int64"))


NO_ORDERS = pd.DataFrame({"supplier": [], "sku": [], "category": []}, dtype="str")


@pytest.mark.parametrize(("a", "b"), [(2.0, 38.0), (6.0, 20.0)])
def test_the_true_rate_is_the_rate_found_over_an_uncertain_share(a, b):
    """P(p > r) = E P(found > f r) by quadrature over f; E[p] = E[found] E[1 / f], for a beta (s - 1) / (a_f - 1)."""
    true = BY_EYE.of_mixture(beta_mixture(a, b))
    for rate in (0.05, 0.1, 0.3):
        over, _ = integrate.quad(lambda f, r=rate: stats.beta.sf(f * r, a, b) * stats.beta.pdf(f, 32, 8), 0, 1)
        assert true.probability_over(rate)[0] == pytest.approx(over, abs=2e-3)
    assert true.mean()[0] == pytest.approx(a / (a + b) * 39 / 31, rel=0.003)


def test_a_share_that_is_known_only_stretches():
    found = beta_mixture(4.0, 96.0)
    true = FoundShare(0.8, 1e6).of_mixture(found)
    assert true.quantile([0.05, 0.5, 0.95])[0] == pytest.approx(found.quantile([0.05, 0.5, 0.95])[0] / 0.8, rel=0.01)
    assert true.masses.sum() == pytest.approx(1)


def test_a_rate_stays_below_one():
    true = BY_EYE.of_mixture(beta_mixture(95.0, 5.0))
    assert true.quantile(1.0)[0] <= 1 and true.mean()[0] < 1
    draws = BY_EYE.of_draws(beta_mixture(95.0, 5.0).draws(4000, np.random.default_rng(1)), 3)
    assert 0.99 < draws.values.max() < 1  # a cost for each good piece exists in every world


@pytest.mark.parametrize("eyes", [FoundShare(0.7, 10.0), FoundShare(0.5, 1e6)])
def test_table_and_draws_agree_where_more_than_all_pieces_would_be_defective(eyes):
    """Nothing is known of the rate found: P(p <= r, p <= 1) = E[f r], so that given p <= 1 nothing is known of p either."""
    nothing_known = beta_mixture(1.0, 1.0)
    true = eyes.of_mixture(nothing_known)
    draws = eyes.of_draws(nothing_known.draws(4000, np.random.default_rng(1)), 3).values[0]
    for q in (0.1, 0.5, 0.9):
        assert true.quantile(q)[0] == pytest.approx(q, abs=0.005)
        assert np.quantile(draws, q) == pytest.approx(q, abs=4 * np.sqrt(q * (1 - q) / 4000))


def test_a_rate_that_no_belief_allows_for_is_that_of_all_pieces():
    """990,000 of a million pieces found by inspectors who are known to find a half."""
    found, eyes = beta_mixture(990e3, 10e3), FoundShare(0.5, 1e6)
    assert eyes.of_mixture(found).mean()[0] > 0.999
    assert (eyes.of_draws(found.draws(64, np.random.default_rng(1)), 3).values == 0.999).all()


def test_nothing_missed_moves_nothing():
    seen = lots([1, 0, 4, 2], [40, 25, 60, 30])
    fit, all_found = fit_lots(seen, NO_ORDERS), FoundShare(1.0, 7.0)
    plain, told = (defect_rate_table(seen, NO_ORDERS, 0.05, 0.9, fit, *f) for f in ((), (all_found,)))
    pd.testing.assert_frame_equal(plain, told, check_exact=True)
    assert np.array_equal(defect_draws(fit, 5).values, defect_draws(fit, 5, all_found).values)


def test_table_and_draws_tell_of_one_rate_and_counts_stay_what_was_found():
    seen = lots([1, 0, 4, 2, 9], [40, 25, 60, 30, 90])
    fit = fit_lots(seen, NO_ORDERS)
    plain, true = (
        defect_rate_table(seen, NO_ORDERS, 0.05, 0.9, fit, *f).query("level == 'supplier'") for f in ((), (BY_EYE,))
    )
    draws = defect_draws(fit, 5, BY_EYE)
    assert true["defect_rate"].to_numpy() == pytest.approx(draws.values.mean(axis=1), rel=0.02)
    assert true["p_over_limit"].to_numpy() == pytest.approx((draws.values > 0.05).mean(axis=1), abs=0.02)
    assert (true["defect_rate"] / plain["defect_rate"]).to_numpy() == pytest.approx(39 / 31, rel=0.01)
    assert (true["defective"] == plain["defective"]).all()
    share = defect_draws(fit, 5).values / draws.values
    assert share[0] == pytest.approx(share[1])  # one world, one pair of eyes: suppliers keep their order


def test_intervals_hold_where_a_fifth_is_missed():
    """Suppliers of a year's pieces; in each house the inspectors find a share of their own."""
    rng, hits, plain = np.random.default_rng(11), [], []
    for _ in range(16):
        rate, inspected = rng.beta(3, 57, 30), rng.integers(40, 300, 30)
        counted = fit_defect_rates(rng.binomial(inspected, rate * rng.beta(32, 8)), inspected).suppliers
        for kept, posterior in ((plain, counted), (hits, BY_EYE.of_mixture(counted))):
            low, high = posterior.interval(0.90)
            kept.append(((low <= rate) & (rate <= high)).mean())
    error = np.std(hits, ddof=1) / 4  # houses share their inspectors
    assert abs(np.mean(hits) - 0.90) < 3 * error
    assert np.mean(plain) < 0.84


def test_a_missed_piece_is_charged_once():
    """A lot of 1,000 pieces of which 40 were found in as many looked at by the same eyes, of 80 %: 50 are defective, 10 escape."""
    costs = HouseCosts.counting(found_share=0.8, rework_share=1.0, rework_per_piece=3.0, escaped_per_piece=12.0)
    rate = FoundShare(0.8, 1e6).of_draws(beta_mixture(40e4, 960e4).draws(64, np.random.default_rng(1)), 1).values
    parts = cost_per_good_piece(1000, 1.0, rate[0], costs=costs).components
    assert np.mean(parts["rework"]) == pytest.approx(40 * 3.0, rel=0.01)
    assert np.mean(parts["escaped_defects"]) == pytest.approx(10 * 12.0, rel=0.01)


def test_rates_and_costs_take_one_share_from_2026_11_on():
    """What the house believes of its inspectors moves both; before, costs stated another share."""
    before, now = (rules_in_force("example", month) for month in ("2026-10", "2026-11"))
    assert (house_costs(before).found_share, house_costs(now).found_share) == (0.7, 1.0)
    by_eye = changed(now, "missed_defects", found_share=0.8)
    assert house_costs(by_eye).found_share == by_eye.read("missed_defects", FoundShare).found_share == 0.8
    same = {name: value for name, value in vars(house_costs(before)).items() if name != "found_share"}
    assert same == {name: value for name, value in vars(house_costs(now)).items() if name != "found_share"}
    assert house_costs(changed(now, "house_costs", found_share=0.9)).found_share == 0.9  # an older entry's own
