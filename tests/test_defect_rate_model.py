"""The posterior of defect rates: second routes, recovery and coverage by simulation, and laws."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.estimates.defect_rate import RateGrid
from analysis.estimates.defect_rate.hyper_grid import HALF_SIZE, MEAN_SHAPE, ODD_SHARE, ODD_SIZE, ODD_TIMES, SIZE_SHAPE
from analysis.estimates.defect_rate.learned import Layer
from analysis.estimates.defect_rate.lot_evidence import Variation, likelihood, lot_evidence
from analysis.estimates.defect_rate.lot_variation import weighted_variations
from analysis.estimates.defect_rate.pieces_until_decided import pieces_until_decided
from analysis.estimates.defect_rate.posterior import fit_defect_rates
from analysis.estimates.defect_rate.rate_mixture import WORST_RATE_TO_BUY, RateMixture


def beta_posterior(alpha, beta, cells=800, **more) -> RateMixture:
    grid = RateGrid(cells)
    return RateMixture(pd.Index(["S"]), grid.beta_masses(alpha, beta).T, grid, **more)


# -- a mixture answers what its beta distribution would ---------------------------------------------------------------


@pytest.mark.parametrize(("alpha", "beta"), [(0.3, 6.0), (2.0, 38.0), (5.4, 18.6), (40.0, 900.0), (3.0, 0.7)])
def test_mixture_agrees_with_the_beta_distribution(alpha, beta):
    posterior, truth = beta_posterior(alpha, beta), stats.beta(alpha, beta)
    assert posterior.mean()[0] == pytest.approx(truth.mean(), rel=2e-3)
    assert posterior.sd()[0] == pytest.approx(truth.std(), rel=5e-3)
    assert posterior.quantile([0.05, 0.5, 0.95])[0] == pytest.approx(truth.ppf([0.05, 0.5, 0.95]), abs=6e-4)
    assert posterior.probability_over(0.07)[0] == pytest.approx(truth.sf(0.07), abs=2e-3)


def test_moments_of_moved_rates_by_quadrature():
    """Odds e^0.7 times as high, integrated by scipy over the beta density."""
    truth = stats.beta(2, 38)

    def moved(p):
        odds = p / (1 - p) * np.exp(0.7)
        return odds / (1 + odds)

    mean, variance = (v[0] for v in beta_posterior(2, 38).moved_moments(0.7))
    assert mean == pytest.approx(truth.expect(moved), rel=1e-3)
    assert variance == pytest.approx(truth.expect(lambda p: (moved(p) - mean) ** 2), rel=5e-3)


def test_shortest_interval_of_a_beta_distribution():
    """The shortest 90 % interval by optimising scipy's quantiles; with a density falling from 0 on it begins at 0."""
    truth = stats.beta(3, 60)
    below = np.linspace(0, 0.1, 2001)
    shortest = (truth.ppf(below + 0.9) - truth.ppf(below)).min()
    low, high = (end[0] for end in beta_posterior(3, 60).interval(0.90))
    assert high - low == pytest.approx(shortest, rel=0.01)
    assert truth.cdf(high) - truth.cdf(low) == pytest.approx(0.90, abs=2e-3)
    assert beta_posterior(0.8, 30).interval(0.90)[0][0] < 1e-6


def test_pieces_for_a_good_one():
    """E[1 / (1 - p)] = (a + b - 1) / (b - 1) for a beta distribution with b > 1; finite here without good pieces too."""
    assert beta_posterior(2, 38).inverse_yield()[0] == pytest.approx(39 / 37, rel=1e-4)
    assert beta_posterior(20, 0.5).inverse_yield()[0] <= 1 / (1 - WORST_RATE_TO_BUY) + 1e-9


def test_pieces_to_settle_by_a_slow_loop():
    """For each number of pieces, sum the beta-binomial chances of the counts that settle it; Beta(2, 38) against 5 %."""
    alpha, beta, limit = 2, 38, 0.05
    for pieces in range(1, 200):
        count = np.arange(pieces + 1)
        over = stats.beta.sf(limit, alpha + count, beta + pieces - count)
        chance = stats.betabinom.pmf(count, pieces, alpha, beta)[(over >= 0.9) | (over <= 0.1)].sum()
        if chance >= 0.5:
            break
    found = int(beta_posterior(alpha, beta).pieces_to_settle(limit)[0])
    assert pieces <= found <= max(1.2 * pieces, pieces + 1)


def test_what_is_settled_needs_no_pieces_and_what_cannot_be_settled_has_no_number():
    assert beta_posterior(1, 200).pieces_to_settle(0.05)[0] == 0
    masses = np.zeros((1, 800))
    masses[0, 300:302] = 0.5  # two rates next to each other, the limit between them
    grid = RateGrid(800)
    limit = float(np.sin(grid.edges[301]) ** 2)
    assert RateMixture(pd.Index(["S"]), masses, grid).pieces_to_settle(limit)[0] is pd.NA


def test_alike_lots_need_more_pieces():
    alone = beta_posterior(2, 38).pieces_to_settle(0.05)[0]
    alike = beta_posterior(2, 38, lot_correlation=0.05, lot_size=21.0).pieces_to_settle(0.05)[0]
    assert alike == pytest.approx(2 * alone, abs=1)


def test_settling_keeps_its_order_whatever_the_size_of_its_blocks(monkeypatch):
    grid = RateGrid(200)
    masses = grid.beta_masses([2, 1, 2, 4, 2], [38, 300, 38, 40, 38]).T
    found = pieces_until_decided(masses, grid.rates, 1 - grid.below(0.05), 0.9, 0.1, 1.0, 5000)
    assert found[0] == found[2] == found[4] != found[3] and found[1] == 0
    monkeypatch.setattr("analysis.estimates.defect_rate.pieces_until_decided.BLOCK", 2)
    again = pieces_until_decided(masses, grid.rates, 1 - grid.below(0.05), 0.9, 0.1, 1.0, 5000)
    assert again.tolist() == found.tolist()


def test_draws_carry_the_quantiles_and_belong_to_the_label():
    grid = RateGrid(400)
    posterior = RateMixture(pd.Index(["B", "A"]), grid.beta_masses([2, 5], [38, 18]).T, grid)
    draws = posterior.draws(4000, np.random.default_rng(3))
    assert np.quantile(draws.values, 0.9, axis=1) == pytest.approx(posterior.quantile(0.9), rel=2e-3)
    other = posterior.of(["A", "B"]).draws(4000, np.random.default_rng(3))
    assert (draws.of(pd.Index(["A"])) == other.of(pd.Index(["A"]))).all()
    assert abs(np.corrcoef(draws.values)[0, 1]) < 0.08
    assert not (draws.values == posterior.draws(4000, np.random.default_rng(4)).values).any()


# -- the likelihood and the hierarchy by slow loops --------------------------------------------------------------------


def test_lot_likelihood_is_beta_binomial():
    grid = RateGrid(200)
    found = grid.lot_log_likelihood([3], [12], 0.1)[0]
    slow = stats.betabinom.logpmf(3, 12, 9 * grid.rates, 9 * (1 - grid.rates))
    assert found - found[40] == pytest.approx(slow - slow[40], abs=1e-8)


def test_sku_within_supplier_by_a_slow_loop():
    """Two SKUs: posterior of each rate by summing over the supplier's rate and both SKUs' rates, cell by cell."""
    evidence = lot_evidence([0, 4, 1], [10, 12, 6], ["S", "S", "S"], sku=["a", "b", "b"])
    grid = RateGrid(40)
    known = likelihood(evidence, grid, Variation(0.0, 0.5))
    spread = grid.spread_around(0.5)
    own = [np.exp(grid.lot_log_likelihood([x], [n])[0]) for x, n in ((0, 10), (5, 18))]
    slow = np.array([np.prod([sum(spread[k, j] * likely[j] for j in range(40)) for likely in own]) for k in range(40)])
    assert known.supplier[0] == pytest.approx(slow / slow.max(), rel=1e-9)


@pytest.mark.parametrize("sd", [0.1, 0.6, 1.0])
def test_spread_around_a_rate_has_it_as_its_mean(sd):
    """By scipy's quadrature of the logit-normal whose centre the row has; end cells apart, where the grid ends."""
    grid = RateGrid(200)
    rows = grid.spread_around(sd)
    assert (rows @ grid.rates)[8:-8] == pytest.approx(grid.rates[8:-8], rel=2e-3)
    centre = (rows @ grid.logits)[60]
    around = np.linspace(-8, 8, 20_001) * sd + centre
    mean = np.trapezoid(stats.norm.pdf(around, centre, sd) / (1 + np.exp(-around)), around)
    assert mean == pytest.approx(grid.rates[60], rel=2e-3)


def _odd_mean(mean):
    """Odds `ODD_TIMES` as high."""
    odds = ODD_TIMES * mean / (1 - mean)
    return odds / (1 + odds)


def test_posterior_of_few_suppliers_by_quadrature():
    """Three suppliers: E[p_1 | data] over mean and size on a dense grid of the exact beta-binomial marginals, each supplier
    being usual or odd."""
    defective, inspected = np.array([0, 2, 1]), np.array([10, 15, 30])
    mean = (np.arange(1, 400) - 0.5) / 399
    size = np.exp(np.linspace(np.log(0.1), np.log(3000), 300))
    m, s = np.meshgrid(mean, size, indexing="ij")
    odd = _odd_mean(m)
    weight = s * stats.fisk(SIZE_SHAPE, scale=HALF_SIZE).pdf(s)  # the log-logistic, as a density of log size
    weight = weight * stats.beta(1, MEAN_SHAPE).pdf(m)
    for x, n in zip(defective, inspected):
        usual = (1 - ODD_SHARE) * stats.betabinom.pmf(x, n, m * s, (1 - m) * s)
        strange = ODD_SHARE * stats.betabinom.pmf(x, n, odd * ODD_SIZE, (1 - odd) * ODD_SIZE)
        weight = weight * (usual + strange)
        if (x, n) == (2, 15):
            expected = usual * (m * s + x) / (s + n) + strange * (odd * ODD_SIZE + x) / (ODD_SIZE + n)
            expected = expected / (usual + strange)
    slow = (weight * expected).sum() / weight.sum()
    found = fit_defect_rates(defective, inspected).suppliers.mean()[1]
    assert found == pytest.approx(slow, rel=0.01)


# -- recovery, coverage, calibration by simulation ----------------------------------------------------------------------


def _hits(truth, suppliers, rounds, seed, flagged=False, **options) -> tuple[int, int]:
    rng = np.random.default_rng(seed)
    hits = total = 0
    for _ in range(rounds):
        rate, inspected = truth(rng, suppliers), rng.integers(5, 51, suppliers)
        posterior = fit_defect_rates(rng.binomial(inspected, rate), inspected, **options).suppliers
        low, high = posterior.interval(0.90)
        hit = (low <= rate) & (rate <= high)
        if flagged:
            hit = hit[np.argsort(-posterior.mean(), kind="stable")[: suppliers // 10]]
        hits, total = hits + int(hit.sum()), total + hit.size
    return hits, total


def _at_least(hits: int, total: int, share: float) -> bool:
    return stats.binomtest(hits, total, share, alternative="less").pvalue > 1e-4


@pytest.mark.parametrize(("suppliers", "rounds"), [(30, 30), (300, 6)])
@pytest.mark.parametrize(
    "truth", [lambda r, n: r.beta(2, 38, n), lambda r, n: r.beta(5, 95, n), lambda r, n: np.full(n, 0.04)]
)
def test_intervals_keep_their_level(suppliers, rounds, truth):
    assert _at_least(*_hits(truth, suppliers, rounds, 11), 0.90)


def test_flagged_worst_tenth_is_honest_where_the_truth_is_no_beta():
    def factories(rng, n):
        return np.where(rng.random(n) < 0.1, rng.beta(20, 80, n), rng.beta(2, 98, n))

    assert _at_least(*_hits(factories, 300, 10, 12, flagged=True), 0.90)


def test_ranks_are_uniform_under_the_prior():
    """Simulation-based calibration (Talts et al. 2018): mean and size drawn from their prior, then rates, usual and odd, and
    counts; the rank of a true rate among its posterior is uniform."""
    rng = np.random.default_rng(13)
    ranks = []
    for _ in range(250):
        mean, size = rng.beta(1, MEAN_SHAPE), HALF_SIZE * (1 / rng.uniform() - 1) ** (1 / SIZE_SHAPE)
        if not 0.1 < size < 3000:
            continue
        odd = rng.random(8) < ODD_SHARE
        m, s = np.where(odd, _odd_mean(mean), mean), np.where(odd, ODD_SIZE, size)
        rate = rng.beta(m * s, (1 - m) * s)
        inspected = rng.integers(3, 30, 8)
        posterior = fit_defect_rates(rng.binomial(inspected, rate), inspected).suppliers
        ranks.append(1 - posterior.of([0]).probability_over(rate[0])[0])
    counts = np.histogram(ranks, np.linspace(0, 1, 9))[0]
    assert stats.chisquare(counts).pvalue > 1e-3


def test_unlike_lots_are_recognised_and_widen_the_interval():
    rng = np.random.default_rng(14)
    supplier = np.repeat(np.arange(40), 6)
    rate = rng.beta(3, 57, 40)
    inspected = np.full(supplier.size, 30)
    lot = rng.beta(9 * rate[supplier], 9 * (1 - rate[supplier]))  # correlation 0.1
    defective = rng.binomial(inspected, lot)
    fit = fit_defect_rates(defective, inspected, supplier)
    assert 0.05 < fit.lot_correlation < 0.16
    naive = fit_defect_rates(defective, inspected, supplier, lot_correlation=[0.0])
    width, blind = (np.subtract(*f.suppliers.interval()[::-1]).mean() for f in (fit, naive))
    assert width > 1.15 * blind
    low, high = fit.suppliers.interval()
    assert _at_least(int(((low <= rate) & (rate <= high)).sum()), 40, 0.90)


def test_a_suppliers_rate_is_the_average_of_its_skus():
    """SKUs e^0.8 apart: the middle SKU of a supplier is a quarter better than its average one, which is what buyers get."""
    hits, total, found, true = 0, 0, 0.0, 0.0
    for seed in range(6):
        rng = np.random.default_rng(seed)
        supplier, centre = np.repeat(np.arange(40), 4), rng.beta(2, 38, 40)
        odds = np.repeat(centre / (1 - centre), 4) * np.exp(rng.normal(0, 0.8, 160))
        rate, inspected = odds / (1 + odds), np.full(160, 40)
        fit = fit_defect_rates(
            rng.binomial(inspected, rate), inspected, supplier, sku=np.tile(list("abcd"), 40), lot_correlation=[0.0]
        )
        average = rate.reshape(40, 4).mean(axis=1)
        low, high = fit.suppliers.interval()
        hits, total = hits + int(((low <= average) & (average <= high)).sum()), total + 40
        found, true = found + fit.suppliers.mean().sum(), true + average.sum()
    assert _at_least(hits, total, 0.90)
    assert found == pytest.approx(true, rel=0.08)


def test_stage_shift_is_recovered():
    """Odds of a defect e times higher in bulk than in trials; the reported rate is that of trials."""
    rng = np.random.default_rng(15)
    supplier, stage = np.repeat(np.arange(40), 4), np.tile(["trial", "bulk"], 80)
    rate = rng.beta(3, 57, 40)
    odds = rate / (1 - rate) * np.e
    shown = np.where(stage == "bulk", (odds / (1 + odds))[supplier], rate[supplier])
    inspected = np.full(160, 60)
    fit = fit_defect_rates(rng.binomial(inspected, shown), inspected, supplier, stage=stage)
    assert fit.stages == ("trial", "bulk")
    assert fit.stage_shift[0] == 0 and fit.stage_shift[1] == pytest.approx(1.0, abs=0.25)
    low, high = fit.suppliers.interval()
    assert _at_least(int(((low <= rate) & (rate <= high)).sum()), 40, 0.90)


def test_categories_have_their_own_means_and_lend_to_each_other():
    rng = np.random.default_rng(16)
    category = np.repeat(["good", "poor", "new"], [30, 30, 1])
    inspected = np.append(np.full(60, 40), 0)
    rate = np.append(np.append(rng.beta(1, 60, 30), rng.beta(8, 60, 30)), 0)
    fit = fit_defect_rates(rng.binomial(inspected, rate), inspected, np.arange(61).astype(str), category=category)
    prior = dict(zip(fit.categories.labels, fit.categories.mean()))
    assert prior["good"] < 0.04 < 0.08 < prior["poor"]
    assert prior["good"] < prior["new"] < 3 * prior["poor"]


def test_a_thousand_categories_in_seconds_and_each_near_its_own():
    rng = np.random.default_rng(18)
    category, inspected = np.repeat(np.arange(1000), 3).astype(str), rng.integers(5, 51, 3000)
    rate = np.repeat(rng.beta(8, 152, 1000), 3)
    fit = fit_defect_rates(rng.binomial(inspected, rate), inspected, category=category)
    low, high = fit.suppliers.interval()
    assert _at_least(int(((low <= rate) & (rate <= high)).sum()), 3000, 0.90)
    assert fit.categories.masses.sum(axis=1) == pytest.approx(1)


@pytest.mark.parametrize("suppliers", [30, 300], ids=["beta", "spline"])
def test_posterior_from_the_prior_of_each_category_by_a_slow_loop(suppliers):
    """Bayes' rule one supplier and one prior at a time, over every category's priors, usual and odd."""
    rng = np.random.default_rng(19)
    inspected, category = rng.integers(5, 51, suppliers), rng.integers(0, 3, suppliers)
    evidence = lot_evidence(rng.binomial(inspected, 0.05), inspected, category=category)
    grid = RateGrid(50)
    odd_share = 0.0 if suppliers == 300 else ODD_SHARE
    variation, hyper, weight = weighted_variations(evidence, grid, {0.0: 1.0}, {0.0: 1.0}, odd_share)[0]
    layer = Layer.build(evidence, grid, variation, hyper, weight, spline=suppliers == 300)
    known = likelihood(evidence, grid, variation)
    fast = layer.suppliers(known, evidence.category_of_supplier)
    for s in range(0, suppliers, 7):
        c, slow = category[s], np.zeros(grid.size)
        for tilt, share in zip(layer.tilts.T, layer.weights[c]):
            prior = layer.base[c] * tilt
            prior = (1 - layer.odd_share) * prior / prior.sum() + layer.odd_share * layer.odd[c]
            slow += share * prior * known.supplier[s] / (prior @ known.supplier[s])
        assert fast[s] == pytest.approx(slow / slow.sum(), abs=1e-10)


# -- laws --------------------------------------------------------------------------------------------------------------

COUNTS = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 30)).map(lambda p: (min(p), max(p))), min_size=1, max_size=12
)


@settings(max_examples=8)
@given(COUNTS, st.randoms(use_true_random=False))
def test_order_of_rows_changes_nothing(counts, random):
    rows = [(x, n, f"S{i % 4}", f"k{i % 3}") for i, (x, n) in enumerate(counts)]
    mixed = rows.copy()
    random.shuffle(mixed)
    one, two = (
        fit_defect_rates([a[0] for a in r], [a[1] for a in r], [a[2] for a in r], sku=[a[3] for a in r])
        for r in (rows, mixed)
    )
    assert one.suppliers.masses == pytest.approx(two.suppliers.masses, abs=1e-9)
    assert one.supplier_skus.masses == pytest.approx(two.supplier_skus.masses, abs=1e-9)
    first, second = (f.suppliers.draws(50, np.random.default_rng(1)).values for f in (one, two))
    assert first == pytest.approx(second, abs=1e-7)


@settings(max_examples=25)
@given(COUNTS)
def test_everything_stays_within_bounds(counts):
    defective, inspected = zip(*counts)
    posterior = fit_defect_rates(defective, inspected, [f"S{i % 5}" for i in range(len(counts))]).suppliers
    low, high = posterior.interval()
    assert ((low >= 0) & (low <= posterior.mean()) & (posterior.mean() <= high) & (high <= 1)).all()
    assert np.isfinite(posterior.inverse_yield()).all() and (posterior.inverse_yield() >= 1).all()
    assert posterior.masses.sum(axis=1) == pytest.approx(1)


def test_a_lot_of_no_pieces_changes_nothing():
    one = fit_defect_rates([1, 0, 3], [10, 12, 20], ["A", "B", "C"])
    two = fit_defect_rates([1, 0, 3, 0], [10, 12, 20, 0], ["A", "B", "C", "A"])
    assert one.suppliers.masses == pytest.approx(two.suppliers.masses, abs=1e-9)


@pytest.mark.parametrize("defective", range(0, 10))
def test_one_more_defect_never_lowers_the_rate(defective):
    less, more = (
        fit_defect_rates([d, 1, 2, 0], [10, 20, 30, 10]).suppliers.mean()[0] for d in (defective, defective + 1)
    )
    assert more > less


def test_more_good_pieces_never_raise_the_rate():
    rates = [fit_defect_rates([1, 1, 2], [n, 20, 30]).suppliers.mean()[0] for n in (5, 10, 20, 40, 80)]
    assert rates == sorted(rates, reverse=True)


# -- awkward input -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("defective", "inspected"),
    [([0], [1]), ([5], [5]), ([0, 0, 0], [10, 20, 30]), ([10, 20], [10, 20]), ([0, 0], [0, 0]), ([3], [30_000])],
    ids=[
        "one piece",
        "one supplier all defective",
        "no defect anywhere",
        "all defective",
        "nothing inspected",
        "many pieces",
    ],
)
def test_awkward_counts_have_finite_answers(defective, inspected):
    posterior = fit_defect_rates(defective, inspected, [str(i) for i in range(len(inspected))]).suppliers
    low, high = posterior.interval()
    assert np.isfinite(posterior.masses).all() and (low <= high).all()
    assert (posterior.pieces_to_settle(0.05).isna() | (posterior.pieces_to_settle(0.05) >= 0)).all()


def test_many_pieces_are_resolved():
    posterior = fit_defect_rates([300, 2], [10_000, 40]).suppliers
    low, high = (end[0] for end in posterior.interval())
    exact = stats.beta(300.5, 9700.5).ppf([0.05, 0.95])
    assert high - low == pytest.approx(exact[1] - exact[0], rel=0.05)


def test_impossible_counts_and_unknown_labels_are_refused():
    with pytest.raises(ValueError, match="must not exceed inspected, got 3 of 2"):
        fit_defect_rates([3], [2])
    with pytest.raises(ValueError, match="at least one supplier"):
        fit_defect_rates([], [])
    with pytest.raises(ValueError, match=r"lot_correlation must hold numbers in \[0, 1\)"):
        fit_defect_rates([1], [2], lot_correlation=[1.0])
    with pytest.raises(KeyError, match="no posterior for"):
        fit_defect_rates([1], [2], ["A"]).suppliers.of(["B"])


def test_a_large_selection_gives_nearly_the_same_answers(monkeypatch):
    """The common parameters from 300 of 1,200 suppliers: means differ by less than the posterior's own doubt."""
    rng = np.random.default_rng(17)
    inspected = rng.integers(5, 51, 1200)
    defective = rng.binomial(inspected, rng.beta(2, 38, 1200))
    whole = fit_defect_rates(defective, inspected, prior="beta").suppliers
    monkeypatch.setattr("analysis.estimates.defect_rate.learned.ENOUGH_SUPPLIERS", 300)
    part = fit_defect_rates(defective, inspected, prior="beta").suppliers
    assert (np.abs(whole.mean() - part.mean()) < 0.35 * whole.sd()).all()
