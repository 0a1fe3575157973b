"""Demand: evidence against quadrature, coverage by simulation, months of every kind."""

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats

from analysis.decisions.stock import demand as module
from analysis.decisions.stock.demand import (
    CV_GRID,
    DAYS_A_MONTH,
    FAMILIES,
    GAMMA,
    NEGATIVE_BINOMIAL,
    POISSON,
    DemandNodes,
    fit_demand,
    fit_demand_arrays,
)


def fit(*series, months=None):
    """Posterior of SKUs given as lists of monthly units."""
    units = np.concatenate([np.asarray(s, float) for s in series])
    sku = np.repeat(np.arange(len(series)), [len(s) for s in series])
    lengths = np.ones(len(units)) if months is None else np.asarray(months, float)
    return fit_demand_arrays(units, lengths, sku, pd.RangeIndex(len(series)))


UNITS, MONTHS = np.array([7.0, 12.0, 4.0]), np.array([1.02, 0.92, 1.02])


def likelihood(family: int, k: float, mean: float) -> float:
    """Of UNITS, straight from scipy's distributions."""
    if family == POISSON:
        return stats.poisson.pmf(UNITS, mean * MONTHS).prod()
    if family == NEGATIVE_BINOMIAL:
        return stats.nbinom.pmf(UNITS, k * MONTHS, k / (k + mean)).prod()
    return stats.gamma.pdf(UNITS, k * MONTHS, scale=mean / k).prod()


@pytest.mark.parametrize("family", range(3), ids=FAMILIES)
@pytest.mark.parametrize("place", [11, 14, 20])
def test_evidence_equals_quadrature_over_the_mean(family, place):
    k = 1 / CV_GRID[place] ** 2
    evidence, _ = integrate.quad(
        lambda log_mean: likelihood(family, k, np.exp(log_mean)),
        np.log(7.67) - 8,
        np.log(7.67) + 8,
        limit=400,
        points=[2.0],
    )
    found = module._log_evidence(UNITS, MONTHS, np.zeros(3, int), 1)[0, family, place]
    assert found == pytest.approx(np.log(evidence), abs=1e-6)


@pytest.mark.parametrize("family", range(3), ids=FAMILIES)
def test_nodes_follow_the_posterior_of_the_mean(family):
    """One cell of the grid alone: the nodes' spread against quadrature under the same prior; its mean is the plain mean."""
    place = 14
    k = 1 / CV_GRID[place] ** 2
    fitted = fit(UNITS, months=MONTHS)
    weights = np.zeros_like(fitted.weights)
    weights[0, family, place] = 1
    nodes = module.DemandPosterior(
        fitted.skus,
        weights,
        fitted.months,
        fitted.units,
        fitted.zero_months,
        fitted.month_mean,
        fitted.month_sd,
        fitted.gap_months,
    ).nodes
    prior = {POISSON: lambda m: 1.0, NEGATIVE_BINOMIAL: lambda m: 1 / (1 + m / k), GAMMA: lambda m: 1 / m}[family]
    limits = np.log(7.67) - 5, np.log(7.67) + 5
    moments = [
        integrate.quad(
            lambda z, power=power: np.exp(power * z) * prior(np.exp(z)) * likelihood(family, k, np.exp(z)),
            *limits,
            points=[2.0],
        )[0]
        for power in (0, 1, 2)
    ]
    mean, square = moments[1] / moments[0], moments[2] / moments[0]
    assert mean == pytest.approx(UNITS.sum() / MONTHS.sum(), rel=1e-4)
    assert (nodes.mean * DAYS_A_MONTH).mean() == pytest.approx(mean, rel=0.01)
    assert (nodes.mean * DAYS_A_MONTH).std() == pytest.approx(np.sqrt(square - mean**2), rel=0.04)
    monthly = nodes.mean * DAYS_A_MONTH
    extra = {POISSON: 0 * monthly, NEGATIVE_BINOMIAL: monthly**2 / k, GAMMA: monthly**2 / k - monthly}[family]
    assert nodes.variance * DAYS_A_MONTH == pytest.approx(monthly + extra)


def company(rng, skus=300, months=5):
    """SKUs from 0.4 to 1,000 pieces a month, each month off by 15-70 %, counts."""
    mean = np.exp(rng.uniform(-1, 7, skus))
    k = 1 / np.exp(rng.normal(np.log(0.32), 0.35, skus)) ** 2
    return mean, rng.poisson(rng.gamma(k[:, None], (mean / k)[:, None], (skus, months + 1)))


def test_interval_of_mean_demand_covers_and_forecast_of_the_next_month_too():
    inside = within = total = 0
    for seed in range(4):
        rng = np.random.default_rng(seed)
        mean, units = company(rng)
        fitted = fit(*units[:, :-1])
        table = fitted.summary(0.90)
        inside += int(((table["demand_per_month_low"] < mean) & (mean < table["demand_per_month_high"])).sum())
        big = mean > 30  # smaller counts cannot be covered with exactly 90 %
        nodes = fitted.nodes
        monthly, variance = nodes.mean * DAYS_A_MONTH, nodes.variance * DAYS_A_MONTH
        draws = rng.gamma(monthly**2 / variance, variance / monthly)
        low, high = np.quantile(draws, [0.05, 0.95], axis=1)
        within += int(((low <= units[:, -1]) & (units[:, -1] <= high))[big].sum())
        total += int(big.sum())
    assert stats.binomtest(inside, 1200, 0.90).pvalue > 1e-4
    assert stats.binomtest(within, total, 0.90).pvalue > 1e-4


def test_evidence_finds_the_family_where_the_data_can_tell():
    rng = np.random.default_rng(7)
    chance = rng.poisson(40, (60, 12))
    lumpy = rng.poisson(rng.gamma(0.7, 4 / 0.7, (60, 12)))
    assert fit(*chance).family_weights[:, POISSON].mean() > 0.6
    fitted = fit(*lumpy)
    assert fitted.family_weights[:, NEGATIVE_BINOMIAL].mean() > 0.9 and (fitted.zero_months > 0).all()


def test_intermittent_demand_is_never_gamma_and_amounts_never_counts():
    weights = fit([0, 0, 6, 0, 1], [1.5, 2.25, 3.0]).family_weights
    assert weights[0, GAMMA] == 0
    assert weights[1, GAMMA] == 1


@pytest.mark.parametrize("units", [[0, 0, 0], [3], [0], [1, 0, 0, 0, 0, 0], [10**6, 10**6, 2 * 10**6], [5, 5, 5, 5]])
def test_awkward_histories_give_finite_positive_demand(units):
    nodes = fit(units).nodes
    assert np.isfinite(nodes.mean).all() and (nodes.mean > 0).all() and (nodes.variance > 0).all()
    assert fit(units).weights.sum() == pytest.approx(1)


def test_one_more_month_of_the_same_narrows_the_range():
    width = [
        table["demand_per_month_high"].iloc[0] - table["demand_per_month_low"].iloc[0]
        for table in (fit([90, 110] * n).summary() for n in (1, 2, 6))
    ]
    assert width[0] > width[1] > width[2]


def test_unsteady_fellows_widen_a_sku_of_few_months():
    """The variation of months is learned from all SKUs together."""
    rng = np.random.default_rng(8)
    own = [100, 104, 98]
    calm = fit(own, *rng.gamma(100, 1, (40, 6)).round()).summary().iloc[0]
    wild = fit(own, *rng.gamma(2, 50, (40, 6)).round()).summary().iloc[0]
    assert wild["demand_cv"] > 1.5 * calm["demand_cv"]


def table(units, first="2026-05-01", sku="a"):
    months = pd.date_range(first, periods=len(units), freq="MS").as_unit("us")
    return pd.DataFrame({"sku": sku, "month": months, "units": pd.array(units, dtype="Int64")})


def test_rows_in_any_order_give_the_same_posterior():
    rows = pd.concat([table([3, 8, 1]), table([40, 22, 31], sku="b")], ignore_index=True)
    one, other = fit_demand(rows), fit_demand(rows.sample(frac=1, random_state=1))
    assert list(one.skus) == list(other.skus) == ["a", "b"]
    assert one.weights == pytest.approx(other.weights) and one.nodes.mean == pytest.approx(other.nodes.mean)


def test_a_month_that_has_not_ended_is_left_out():
    rows = table([30, 28, 5])  # May, June, and the first days of July
    assert fit_demand(rows, pd.Timestamp("2026-07-09")).units[0] == 58
    assert fit_demand(rows, pd.Timestamp("2026-07-31")).units[0] == 63
    assert len(fit_demand(rows, pd.Timestamp("2026-05-30")).skus) == 0


def test_month_lengths_count():
    """28 pieces in February are as many a day as 31 in March."""
    february, march = fit_demand(table([28], "2026-02-01")), fit_demand(table([31], "2026-03-01"))
    per_day = [f.units[0] / f.months[0] / DAYS_A_MONTH for f in (february, march)]
    assert per_day == pytest.approx([1, 1])


def test_a_cell_left_empty_is_unknown_not_zero():
    rows = table([30, 28, 31])
    rows.loc[1, "units"] = pd.NA
    assert fit_demand(rows).summary()["months"].iloc[0] == 2


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: fit([3, -1]), "units: demand is 0 or more, got -1.0; enter returns in their own table"),
        (lambda: fit([3, np.nan]), "units: demand is 0 or more, got nan"),
        (lambda: fit([3], months=[0]), "months: .* above 0"),
        (lambda: DemandNodes.known(-1.0, 1.0), "mean, variance: .* above 0"),
        (lambda: DemandNodes.known(1.0, 1.0, "normal"), "family: one of poisson, negative binomial, gamma"),
        (lambda: DemandNodes(np.ones((1, 2)), np.ones((1, 3)), np.ones((1, 2))), "three arrays of one shape"),
    ],
)
def test_bad_input_is_told_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()
