"""Draws: common worlds lived in an order of one's own. Marginals, independence, and names that change nothing."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from analysis.estimates.defect_rate import RateGrid
from analysis.estimates.defect_rate.rate_mixture import RateMixture
from analysis.estimates.draws import (
    DRAWS,
    Draws,
    common_points,
    drawn_from_seen,
    in_common_order,
    in_own_order,
    own_order,
    summary,
)
from analysis.estimates.lead_time import LeadTimes, fit_lead_times
from analysis.estimates.lead_time.family import FAMILIES, log_days_at, log_survival

NAMES = [f"supplier {i}" for i in range(8)]
Z = 4.5
"""Standard errors allowed: one in 150,000 by chance."""


def rates(names, size=DRAWS, seed=2) -> Draws:
    """Beta posteriors, the same for the same place in `names`."""
    grid, k = RateGrid(400), np.arange(len(names))
    return RateMixture(pd.Index(names), grid.beta_masses(1 + k, 40 - 3 * k).T, grid).draws(
        size, np.random.default_rng(seed)
    )


@pytest.fixture(scope="module")
def times():
    rng = np.random.default_rng(3)
    supplier = np.repeat(np.arange(8), 6)
    days = np.exp(3 + 0.1 * supplier + 0.3 * rng.standard_normal(supplier.size))
    return np.array(NAMES)[supplier], days, rng.random(supplier.size) < 0.8


def lead_times(times, renamed=None):
    names, days, received = times
    names = names if renamed is None else [renamed[name] for name in names]
    return fit_lead_times(LeadTimes.of(names, days, received))


# -- the points and the orders ----------------------------------------------------------------------------------------


def test_common_points_have_one_in_every_interval_and_independent_rows():
    points = common_points(np.random.default_rng(1), 4, 500)
    assert (np.sort((points * 500).astype(int), axis=1) == np.arange(500)).all()
    correlation = np.corrcoef(points)[np.triu_indices(4, 1)]
    assert np.abs(correlation).max() < Z / np.sqrt(500)


@given(st.text(), st.integers(1, 300))
def test_an_order_of_ones_own_is_a_permutation_and_always_the_same(label, size):
    order = own_order(label, size)
    assert sorted(order) == list(range(size))
    assert (order == own_order(label, size)).all()


@given(st.lists(st.text(max_size=5), min_size=1, max_size=5, unique=True), st.integers(1, 40))
def test_the_common_order_undoes_the_own_order(labels, size):
    common = np.random.default_rng(0).random((len(labels), size))
    labels = pd.Index(labels, dtype="str")
    assert (in_common_order(Draws(labels, in_own_order(common, labels))) == common).all()


def test_suppliers_are_independent_of_each_other_and_so_are_a_suppliers_quantities(times):
    delivered = lead_times(times).draws("lead_time", DRAWS, np.random.default_rng(3)).of(pd.Index(NAMES))
    together = np.corrcoef(np.vstack([stats.rankdata(x, axis=1) for x in (rates(NAMES).values, delivered)]))
    assert np.abs(together[np.triu_indices(16, 1)]).max() < Z / np.sqrt(DRAWS)


# -- marginals --------------------------------------------------------------------------------------------------------


def test_defect_rate_draws_have_one_in_each_of_as_many_equally_likely_intervals():
    grid = RateGrid(400)
    posterior = RateMixture(pd.Index(["a", "b"]), grid.beta_masses([2, 5], [38, 18]).T, grid)
    ends = posterior.quantile(np.linspace(0, 1, 201))
    rising = np.sort(posterior.draws(200, np.random.default_rng(1)).values, axis=1)
    assert (ends[:, :-1] <= rising + 1e-12).all() and (rising <= ends[:, 1:] + 1e-12).all()


@pytest.mark.parametrize("family", FAMILIES)
def test_a_lead_time_at_a_chance_is_kept_with_that_chance(family):
    chance = np.linspace(0.001, 0.999, 50)
    days = log_days_at(family, chance, 3.0, np.log(0.4))
    assert np.exp(log_survival(family, days, 3.0, np.log(0.4))) == pytest.approx(1 - chance, abs=1e-6)


def test_the_chance_of_being_the_better_one_is_that_of_the_posteriors():
    """P(p_a < p_b) of two independent beta posteriors, by quadrature."""
    grid = RateGrid(1000)
    pair = RateMixture(pd.Index(["a", "b"]), grid.beta_masses([3, 6], [57, 74]).T, grid)
    a, b = pair.draws(DRAWS, np.random.default_rng(4)).values
    expected = integrate.quad(lambda p: stats.beta.pdf(p, 3, 57) * stats.beta.sf(p, 6, 74), 0, 1)[0]
    assert stats.binomtest(int((a < b).sum()), DRAWS, expected).pvalue > 1e-4


# -- names change nothing ---------------------------------------------------------------------------------------------


def test_means_of_anything_are_the_same_whatever_the_names(times):
    """Also of what mixes quantities: the cost of pieces that are late and defective."""

    def found(names):
        named = dict(zip(NAMES, names))
        posterior = lead_times(times, named)
        worlds = [
            posterior.draws(kind, DRAWS, np.random.default_rng(3)).of(pd.Index(names))
            for kind in ("median", "lead_time")
        ]
        rate = rates(names).of(pd.Index(names))
        return np.array(
            [rate.mean(axis=1), *(x.mean(axis=1) for x in worlds), (worlds[1] / (1 - rate) ** 2).mean(axis=1)]
        )

    assert found(NAMES) == pytest.approx(found([f"new {i}" for i in range(8, 0, -1)]), rel=1e-9)


def test_a_newcomer_changes_nobodys_draws():
    few, more = rates(NAMES[:3]), rates(NAMES)
    assert (more.of(few.suppliers) == few.values).all()


def test_quantities_of_a_supplier_are_those_of_the_same_world(times):
    posterior = lead_times(times)
    median, p90, order = (
        posterior.draws(k, 500, np.random.default_rng(4)).values for k in ("median", "p90", "lead_time")
    )
    assert (p90 > median).all()
    own = [stats.spearmanr(m, o).statistic for m, o in zip(median, order)]
    assert min(own) > 0  # a world in which the supplier is slow has late orders


# -- suppliers of which nothing is known ------------------------------------------------------------------------------

UNSEEN = pd.Index(["new", "newer"])


@settings(max_examples=20)
@given(st.permutations(NAMES), st.permutations(range(8)))
def test_what_is_assumed_of_the_unseen_depends_on_neither_names_nor_rows(names, rows):
    def assumed(names, rows):
        seen = rates(names, 400)
        seen = Draws(seen.suppliers[rows], seen.values[rows])
        category = pd.Series(["bags"] * 4 + ["pans"] * 4, index=names)
        category = pd.concat([category, pd.Series("pans", index=UNSEEN)])
        return drawn_from_seen(seen, UNSEEN, np.random.default_rng(6), category)

    assert (assumed(NAMES, list(range(8))) == assumed(names, list(rows))).all()


def test_each_donor_serves_in_as_many_worlds_and_the_unseen_are_independent():
    seen = Draws(pd.Index(NAMES), np.repeat(np.arange(8.0)[:, None], 4000, axis=1))
    drawn = drawn_from_seen(seen, UNSEEN, np.random.default_rng(6))
    assert (np.sort(drawn, axis=1) == np.repeat(np.arange(8.0), 500)).all()
    assert abs(np.corrcoef(drawn)[0, 1]) < Z / np.sqrt(4000)


def test_the_more_of_a_category_were_seen_the_more_an_unseen_one_is_like_them():
    """3 bags of 8 suppliers: a bag in 3 / (3 + 3) of the worlds, anybody in the rest; 2 pans: 2 / 5; nobody makes lids."""
    seen = Draws(pd.Index(NAMES), np.repeat(np.arange(8.0)[:, None], 4000, axis=1))
    makers = ["bags"] * 3 + ["pans"] * 2 + ["pots"] * 3
    for kind, first, last in (("bags", 0, 3), ("pans", 3, 5), ("lids", 0, 0)):
        category = pd.Series([*makers, kind, kind], index=[*NAMES, *UNSEEN])
        drawn = drawn_from_seen(seen, UNSEEN, np.random.default_rng(6), category)[0]
        n = last - first
        share = np.full(8, (1 - n / (n + 3)) / 8)
        share[first:last] += 1 / (n + 3)
        assert np.bincount(drawn.astype(int), minlength=8) / 4000 == pytest.approx(share, abs=2 / 4000)


# -- summaries --------------------------------------------------------------------------------------------------------


@given(st.integers(1, 80), st.integers(1, 30), st.floats(0.05, 0.99), st.integers(0, 1000))
def test_summary_is_the_mean_and_the_usual_quantiles(n, size, level, seed):
    rng = np.random.default_rng(seed)
    values = rng.normal(3, 1, (n, size))
    mean, low, high = summary(values, level)
    ends = np.quantile(values, [(1 - level) / 2, (1 + level) / 2], axis=1)
    assert mean == pytest.approx(values.mean(axis=1))
    assert low == pytest.approx(np.minimum(ends[0], mean)) and high == pytest.approx(np.maximum(ends[1], mean))
    assert (summary(rng.permuted(values, axis=1), level)[0] == mean).all()


def test_summary_of_one_row_is_three_numbers_and_missing_stays_missing():
    assert [float(x) for x in summary(np.array([1.0, 2.0, 3.0]), 0.5)] == [2.0, 1.5, 2.5]
    assert np.isnan(summary(np.full((2, 4), np.nan))).all()
    skewed = np.r_[np.zeros(99), 100.0]  # the mean lies above the 95 % quantile
    assert [float(x) for x in summary(skewed)] == [1.0, 0.0, 1.0]
