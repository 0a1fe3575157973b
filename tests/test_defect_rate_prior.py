"""The beta prior and the hyper-grid against published values and against slow, obvious routes."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import integrate, optimize, stats

from analysis.estimates.defect_rate import RateGrid
from analysis.estimates.defect_rate.hyper_grid import HALF_SIZE, MEAN_SHAPE, SIZE_SHAPE, fit_hyper_grid
from analysis.estimates.defect_rate.posterior import ConvergenceError, fit_beta_prior

DATA = Path(__file__).parent / "data"
RATS = pd.read_csv(DATA / "rat_tumors_71.csv")
WARDS = pd.read_csv(DATA / "surgical_12_hospitals.csv")


def test_rat_tumours_all_71_groups():
    """Tarone (1982), BDA3 table 5.1; maximum marginal likelihood of the 71 groups."""
    prior = fit_beta_prior(RATS["tumors"], RATS["rats"])
    assert (prior.alpha, prior.beta) == pytest.approx((2.342, 14.115), abs=6e-4)


def test_rat_tumours_70_historical_groups():
    """Same, without the current experiment; also BayesGOF's vignette, 2.304768 / 14.079707."""
    prior = fit_beta_prior(RATS["tumors"][:70], RATS["rats"][:70])
    assert (prior.alpha, prior.beta) == pytest.approx((2.304784, 14.079811), rel=1e-6)


def test_surgical_wards_of_bugs():
    """BUGS examples volume 1, "Surgical"; log-likelihood with the binomial coefficients."""
    prior = fit_beta_prior(WARDS["deaths"], WARDS["operations"])
    assert (prior.alpha, prior.beta) == pytest.approx((8.253488, 99.636849), rel=1e-6)
    assert prior.log_likelihood == pytest.approx(-38.7531, abs=5e-5)


def test_bda3_posterior_of_the_historical_prior():
    """BDA3 section 5.1: group 71 (4 of 14) under the prior of moments Beta(1.4, 8.6) is Beta(5.4, 18.6)."""
    grid = RateGrid(800)
    masses = grid.beta_masses(1.4, 8.6)[:, 0] * np.exp(grid.lot_log_likelihood([4], [14])[0])
    masses /= masses.sum()
    assert masses @ grid.rates == pytest.approx(5.4 / 24, abs=1e-5)
    assert np.cumsum(masses)[399] == pytest.approx(stats.beta.cdf(0.5, 5.4, 18.6), abs=1e-5)


@settings(max_examples=25)
@example(seed=63190288, alpha=0.5, beta=33.0)  # a top so flat that steps never fall below 1e-10
@given(st.integers(0, 2**32 - 1), st.floats(0.5, 6), st.floats(5, 60))
def test_no_point_nearby_is_better_and_scipy_finds_nothing_better(seed, alpha, beta):
    rng = np.random.default_rng(seed)
    inspected = rng.integers(1, 40, 60)
    defective = rng.binomial(inspected, rng.beta(alpha, beta, 60))

    def log_likelihood(logs):
        return stats.betabinom.logpmf(defective, inspected, *np.exp(logs)).sum()

    try:
        prior = fit_beta_prior(defective, inspected)
    except ConvergenceError:
        pooled = stats.binom.logpmf(defective, inspected, defective.sum() / inspected.sum()).sum()
        share = defective.sum() / inspected.sum()
        spread = [log_likelihood(np.log([share * s, (1 - share) * s])) for s in (1e3, 1e5) if 0 < share < 1]
        assert all(value <= pooled + 1e-6 for value in spread)
        return
    at = np.log([prior.alpha, prior.beta])
    assert prior.log_likelihood == pytest.approx(log_likelihood(at), abs=1e-6)
    found = optimize.minimize(lambda logs: -log_likelihood(logs), at, method="Nelder-Mead")
    assert -found.fun <= prior.log_likelihood + 1e-6


@pytest.mark.parametrize(
    ("defective", "inspected", "why"),
    [
        ([1, 1, 1], [10, 10, 10], "vary no more than chance"),
        ([0, 0, 0], [10, 5, 3], "none had a defect"),
        ([4, 2], [4, 2], "every piece was defective"),
        ([0, 5, 0, 5], [5, 5, 5, 5], "all good or all bad"),
        ([3], [9], "no finite beta prior"),
        ([0, 0], [0, 0], "nothing was inspected"),
        ([], [], "nothing was inspected"),
    ],
)
def test_data_that_name_no_prior_are_refused_with_the_reason(defective, inspected, why):
    with pytest.raises(ConvergenceError, match=why):
        fit_beta_prior(defective, inspected)


@pytest.mark.parametrize(
    ("defective", "inspected", "rule"),
    [
        ([3], [2], "must not exceed inspected, got 3 of 2"),
        ([-1], [2], "must not be negative, got -1"),
        ([1.5], [2], "whole numbers"),
        ([np.nan], [2], "whole numbers"),
        ([1, 2], [2], "equally long"),
        ([[1]], [[2]], "one-dimensional"),
    ],
)
def test_impossible_counts_are_refused(defective, inspected, rule):
    with pytest.raises(ValueError, match=rule):
        fit_beta_prior(defective, inspected)


def test_suppliers_never_inspected_change_nothing():
    alone = fit_beta_prior(RATS["tumors"], RATS["rats"])
    more = fit_beta_prior([*RATS["tumors"], 0, 0], [*RATS["rats"], 0, 0])
    assert (more.alpha, more.beta) == pytest.approx((alone.alpha, alone.beta), rel=1e-9)


def test_hyper_grid_under_the_prior_of_bda3():
    """BDA3 section 5.3: (alpha + beta)^(-5/2) as prior, 71 groups; E[alpha] 2.402, E[beta] 14.315 on a fine grid.

    (alpha + beta)^(-5/2) is uniform in the mean and, in the logarithm of the size, size^(-1/2).
    """
    grid = RateGrid(400)
    known = np.exp(grid.lot_log_likelihood(RATS["tumors"], RATS["rats"]))
    flat = np.zeros(71, dtype=int)
    hyper = fit_hyper_grid(
        known, flat, 1, grid, log_size_prior=lambda log_size: -log_size / 2, odd_share=0.0, mean_shape=1.0
    )
    assert hyper.expected(lambda mean, size: mean * size) == pytest.approx(2.402, abs=0.015)
    assert hyper.expected(lambda mean, size: (1 - mean) * size) == pytest.approx(14.315, abs=0.09)


def test_hyper_grid_against_quadrature_of_the_exact_marginal():
    """The same posterior moments by adaptive quadrature over (mean, log size) of the beta-binomial marginal."""
    defective, inspected = np.array([0, 1, 0, 4]), np.array([12, 20, 8, 15])

    def joint(log_size, logit, power):
        mean, size = 1 / (1 + np.exp(-logit)), np.exp(log_size)
        marginal = np.exp(stats.betabinom.logpmf(defective, inspected, mean * size, (1 - mean) * size).sum())
        return marginal * mean * (1 - mean) ** MEAN_SHAPE * size * size_prior.pdf(size) * mean**power

    size_prior = stats.fisk(SIZE_SHAPE, scale=HALF_SIZE)  # the log-logistic

    box = (-8.5, 4.5, np.log(0.1), np.log(3000))
    masses = [integrate.dblquad(joint, *box, args=(power,), epsabs=1e-14, epsrel=1e-4)[0] for power in (0, 1)]
    grid = RateGrid(400)
    known = np.exp(grid.lot_log_likelihood(defective, inspected))
    hyper = fit_hyper_grid(known, np.zeros(4, dtype=int), 1, grid, odd_share=0.0)
    assert hyper.expected(lambda mean, size: mean) == pytest.approx(masses[1] / masses[0], rel=0.01)
