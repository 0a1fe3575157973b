"""Sample against bulk: no false alarms, the power that is claimed, and the comparison by slow routes."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.estimates.defect_rate import fit_defect_rates
from analysis.estimates.drift.counts import COUNTED, SHIFT_SD, CountComparison
from analysis.estimates.drift.measurements import detectable_shift, lot_share
from analysis.estimates.drift.table import DRIFT_COLUMNS, FLAG_FROM, drift_table


def lots_of(*rows) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["supplier", "sku", "stage", "inspected", "defective"])


def pieces_of(values: dict, limits=(np.nan, np.nan), supplier="S", sku="k") -> pd.DataFrame:
    """{(lot, stage): values}"""
    rows = [(lot, supplier, sku, stage, "weight", v, *limits) for (lot, stage), vs in values.items() for v in vs]
    names = ["lot", "supplier", "sku", "stage", "attribute", "value", "lower_limit", "upper_limit"]
    return pd.DataFrame(rows, columns=names)


NO_LOTS = lots_of()
NO_PIECES = pieces_of({})
COMPARE = CountComparison(0.0, FLAG_FROM)
PRIOR = COMPARE.grid.beta_masses(2, 38)[:, 0]


def counts(sample, production, compare=COMPARE, prior=PRIOR) -> dict:
    (x, n), (y, m) = sample, production
    return compare(*(np.atleast_1d(np.array(v, dtype=float)) for v in (x, n, y, m)), prior=prior)


# -- counts ------------------------------------------------------------------------------------------------------------


def test_probability_of_worse_by_simulation():
    """Rates drawn from the prior (the production's beta, the sample's logit a normal away), kept where the counts agree."""
    rng = np.random.default_rng(1)
    production = rng.beta(2, 38, 2_000_000)
    sample = 1 / (1 + np.exp(-(np.log(production / (1 - production)) + rng.normal(0, SHIFT_SD, production.size))))
    agree = (rng.binomial(10, sample) == 0) & (rng.binomial(50, production) == 5)
    worse = int((production > sample)[agree].sum())
    found = counts((0, 10), (5, 50))["p_worse"]
    assert stats.binomtest(worse, int(agree.sum()), found).proportion_ci(0.9999).low - 0.01 < found
    assert found < stats.binomtest(worse, int(agree.sum()), found).proportion_ci(0.9999).high + 0.01


def test_no_false_alarms_over_suppliers_without_a_change():
    """Good and bad suppliers alike: at most one comparison in twenty is flagged."""
    rng = np.random.default_rng(2)
    flags = []
    for _ in range(600):
        rate = rng.beta(2, 38)
        n, m = rng.choice([5, 10, 20]), rng.choice([20, 50, 100])
        flags.append(counts((rng.binomial(n, rate), n), (rng.binomial(m, rate), m))["flagged"])
    assert stats.binomtest(sum(flags), len(flags), 0.05, alternative="greater").pvalue > 1e-3
    bad = [counts((rng.binomial(5, 0.15), 5), (rng.binomial(50, 0.15), 50))["flagged"] for _ in range(300)]
    assert stats.binomtest(sum(bad), 300, 0.05, alternative="greater").pvalue > 1e-3


def test_five_samples_cannot_show_two_to_twenty_percent():
    """Known beforehand (Fisher's test has no power either): 5 sample pieces say nothing of a rise from 2 % to 20 %."""
    prior = COMPARE.grid.beta_masses(2, 98)[:, 0]
    found = counts((0, 5), (1, 50), prior=prior)
    assert np.isnan(found["detectable"]) or found["detectable"] > 0.20


def test_the_power_is_what_it_is_said_to_be():
    """At the detectable rate four of five simulated productions are flagged; 95 and 198 are on the ladder of sizes."""
    rate = COMPARE.detectable(95, 198, PRIOR)
    usual = float(PRIOR @ COMPARE.grid.rates)
    rng = np.random.default_rng(3)
    flagged = [counts((rng.binomial(95, usual), 95), (rng.binomial(198, rate), 198))["flagged"] for _ in range(300)]
    assert 95 in COUNTED and 198 in COUNTED
    assert stats.binomtest(sum(flagged), 300, 0.80).pvalue > 1e-4


def test_more_production_defects_are_never_less_worse():
    found = [counts((1, 20), (y, 50))["p_worse"] for y in range(0, 30, 3)]
    assert found == sorted(found)


def test_alike_pieces_carry_less():
    alike = CountComparison(0.1, FLAG_FROM)
    assert counts((0, 50), (12, 50), alike)["p_worse"] < counts((0, 50), (12, 50))["p_worse"]
    several = alike(*(np.array(v, dtype=float) for v in ([0] * 5, [10] * 5, [2, 2, 3, 2, 3], [10] * 5)), prior=PRIOR)
    assert several["p_worse"] > counts((0, 50), (12, 50), alike)["p_worse"]  # five lots tell more than one


# -- measurements --------------------------------------------------------------------------------------------------------


def measured(shift, rng, lot_sd=0.0, limits=(-3.0, np.nan), supplier="S") -> pd.DataFrame:
    """Five sample pieces of one lot, two production lots of 25; standard deviation of a piece 1."""
    values = {("s0", "sample"): rng.normal(0, lot_sd) + rng.normal(0, 1, 5)}
    for number in range(2):
        values[(f"p{number}", "bulk")] = shift + rng.normal(0, lot_sd) + rng.normal(0, 1, 25)
    return pieces_of(values, limits, supplier)


def flags(shift, rounds, seed, **more) -> pd.Series:
    """Whether each of `rounds` suppliers is flagged."""
    rng = np.random.default_rng(seed)
    pieces = pd.concat([measured(shift, rng, supplier=f"S{number}", **more) for number in range(rounds)])
    return drift_table(NO_LOTS, pieces, None)["flagged"]


@pytest.mark.parametrize("limits", [(-3.0, np.nan), (np.nan, np.nan), (-3.0, 3.0)], ids=["one limit", "none", "two"])
@pytest.mark.parametrize("lot_sd", [0.0, 0.4])
def test_no_false_alarms_from_measurements(limits, lot_sd):
    found = flags(0.0, 300, 4, lot_sd=lot_sd, limits=limits)
    assert stats.binomtest(int(found.sum()), 300, 0.05, alternative="greater").pvalue > 1e-3


def test_measurements_show_what_counts_cannot():
    """Five pieces against fifty: a shift of 2 to 2.5 standard deviations is seen mostly, lots allowed for."""
    assert flags(-2.5, 200, 5).mean() > 0.8


def test_detectable_shift_is_seen_in_four_of_five_cases():
    rng = np.random.default_rng(6)
    none = pd.concat([measured(0.0, rng, lot_sd=0.35, supplier=f"S{number}") for number in range(150)])
    shift = drift_table(NO_LOTS, none, None)["detectable"].mean()
    seen = flags(-shift, 300, 7, lot_sd=0.35)
    assert stats.binomtest(int(seen.sum()), 300, 0.80).pvalue > 1e-4


def test_one_lot_each_by_the_textbook():
    """No spread between lots: the pooled two-sample t test of scipy, one-sided."""
    rng = np.random.default_rng(8)
    a, b = rng.normal(0, 1, 6), rng.normal(0.7, 1, 9)
    table = drift_table(NO_LOTS, pieces_of({("s", "sample"): a, ("p", "bulk"): b}, (np.nan, 3.0)), None)
    pooled = stats.ttest_ind(a, b, alternative="less").pvalue
    assert table["p_worse"].iloc[0] < 1 - pooled  # lots may differ: the doubt is larger than the t test's
    assert table["difference"].iloc[0] == pytest.approx(b.mean() - a.mean())
    assert table["note"].iloc[0] == "lots_not_replicated"


def test_spread_between_lots_by_the_anova_table():
    """Four lots of three: moments estimate (MSB - MSW) / 3 over MSW, pulled towards the prior share by 4 of 7 degrees."""
    lots = [np.array(v) for v in ([1.0, 2, 3], [4.0, 5, 6], [2.0, 3, 7], [0.0, 1, 2])]
    within = np.mean([v.var(ddof=1) for v in lots])
    between = 3 * np.var([v.mean() for v in lots], ddof=1)
    moments = (between - within) / 3 / within
    group = _group(lots)
    found, replicated = lot_share([group])
    assert found == pytest.approx((4 * 0.2 + 3 * moments) / 7) and replicated


def _group(lots):
    from analysis.estimates.drift.measurements import _Group

    mean, variance = (np.array([f(v) for v in lots]) for f in (np.mean, lambda v: np.var(v, ddof=1)))
    return _Group(np.zeros(len(lots), bool), mean, np.array([float(v.size) for v in lots]), variance, np.nan, np.nan)


def test_direction_of_worse():
    low, high = {("s", "sample"): [5.0, 5.1, 4.9], ("p", "bulk"): [4.0, 4.1, 3.9]}, (np.nan, np.nan)
    towards_only_limit = drift_table(NO_LOTS, pieces_of(low, (3.0, np.nan)), None)["p_worse"].iloc[0]
    away_from_only_limit = drift_table(NO_LOTS, pieces_of(low, (np.nan, 9.0)), None)["p_worse"].iloc[0]
    to_the_middle = drift_table(NO_LOTS, pieces_of(low, (2.0, 6.0)), None)["p_worse"].iloc[0]
    assert towards_only_limit > 0.9 and away_from_only_limit < 0.1 and to_the_middle < 0.1
    unknown = drift_table(NO_LOTS, pieces_of(low, high), None).iloc[0]
    assert unknown["p_worse"] > 0.9 and unknown["note"] == "direction_unknown"


def test_pieces_that_do_not_show_how_they_vary_are_not_compared():
    assert drift_table(NO_LOTS, pieces_of({("s", "sample"): [5.0], ("p", "bulk"): [4.0]}), None).empty
    assert drift_table(NO_LOTS, pieces_of({("s", "sample"): [5.0, 5.0], ("p", "bulk"): [4.0, 4.0]}), None).empty
    assert detectable_shift(1.0, 10, 0.05) == pytest.approx(1.812 + 0.842, abs=1e-3)  # t tables, 10 df


# -- the table -----------------------------------------------------------------------------------------------------------


def test_table_of_counts_and_measurements():
    lots = lots_of(
        ("A", "k", "sample", 5, 0), ("A", "k", "bulk", 50, 12), ("A", "k", "trial", 20, 3),
        ("B", "k", "bulk", 50, 1), ("C", "k", "sample", 5, 0), ("C", "other", "bulk", 50, 1),
    )  # fmt: skip
    fit = fit_defect_rates(lots["defective"], lots["inspected"], lots["supplier"], sku=lots["sku"])
    table = drift_table(lots, pieces_of({("s", "sample"): [5, 5.2, 5.1], ("p", "bulk"): [5.1, 5.3]}, (4, 6), "A"), fit)
    assert list(table.columns) == DRIFT_COLUMNS
    assert table[["supplier", "sku", "kind"]].to_numpy().tolist() == [["A", "k", "count"], ["A", "k", "measurement"]]
    count = table.iloc[0]
    assert (count["production_pieces"], count["production_defective"], count["production_lots"]) == (50, 12, 1)
    assert (count["sample_pieces"], count["sample_defective"]) == (
        25,
        3,
    )  # the trial came before the bulk it is judged by
    assert table["stage"].tolist() == ["bulk", "bulk"]
    assert set(table["note"]) <= {"", "no_power", "lots_not_replicated", "direction_unknown"}
    assert table["flagged"].dtype == bool


def test_before_any_bulk_the_trial_is_judged_by_its_samples():
    lots = lots_of(("A", "k", "sample", 5, 0), ("A", "k", "trial", 30, 12), ("B", "k", "trial", 30, 1))
    fit = fit_defect_rates(lots["defective"], lots["inspected"], lots["supplier"], sku=lots["sku"])
    table = drift_table(lots, NO_PIECES, fit)
    assert table[["supplier", "stage", "sample_pieces", "production_pieces"]].to_numpy().tolist() == [
        ["A", "trial", 5, 30]
    ]


def test_no_false_alarms_when_bulk_is_judged_by_samples_and_trials():
    """The whole way from lots, 90 SKUs of 30 suppliers, lots that differ (correlation 0.05 and 0.45 of a piece's sd)."""
    rng = np.random.default_rng(9)
    rate = np.repeat(rng.beta(2, 38, 30), 3)
    lots, values = [], []
    for number, usual in enumerate(rate):
        supplier, sku = f"S{number // 3}", f"k{number % 3}"
        for lot, (stage, pieces) in enumerate([("sample", 5), ("trial", 20), ("bulk", 50), ("bulk", 50)]):
            lots.append((supplier, sku, stage, pieces, rng.binomial(pieces, rng.beta(19 * usual, 19 * (1 - usual)))))
            values.append(
                pieces_of({(lot, stage): rng.normal(0, 0.45) + rng.normal(0, 1, 5)}, (-3, np.nan), supplier, sku)
            )
    lots = lots_of(*lots)
    fit = fit_defect_rates(lots["defective"], lots["inspected"], lots["supplier"], sku=lots["sku"], stage=lots["stage"])
    table = drift_table(lots, pd.concat(values), fit)
    assert (table["stage"] == "bulk").all()
    for _, rows in table.groupby("kind"):
        assert len(rows) == 90
        assert stats.binomtest(int(rows["flagged"].sum()), 90, 0.05, alternative="greater").pvalue > 1e-3


def test_nothing_to_compare_is_an_empty_table():
    table = drift_table(NO_LOTS, NO_PIECES, None)
    assert table.empty and list(table.columns) == DRIFT_COLUMNS and table["flagged"].dtype == bool
