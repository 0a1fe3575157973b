"""`fit_families` against published fits, a second optimiser, its own laws, and bad input."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lead_time_truths import log_likelihood
from scipy import optimize

from analysis.estimates.lead_time import fit_families
from analysis.estimates.lead_time.gamma_tail import log_gammaincc

DATA = Path(__file__).parent / "data"


def fit_file(name: str, days: str, failed: str | None = None) -> pd.DataFrame:
    rows = pd.read_csv(DATA / f"{name}.csv")
    received = np.ones(len(rows), bool) if failed is None else (rows["event"] == failed).to_numpy()
    return fit_families(rows[days], received, count=rows.get("count")).set_index("family")


@pytest.mark.parametrize(
    ("table", "family", "first", "second", "log_likelihood"),
    [
        # Lieblein and Zelen (1956), 23 ball bearings; Meeker and Escobar (1998), R SMRD
        (("lzbearing", "megacycles"), "weibull", 2.101847, 81.874558, -113.6920),
        (("lzbearing", "megacycles"), "lognormal", 4.150383, 0.521687, None),
        (("lzbearing", "megacycles"), "gamma", 4.024707, 17.944379, None),
        # Nelson (1982), 96 locomotive controls, 37 failed
        (("locomotivecontrol", "kilomiles", "Failed"), "lognormal", 5.116925, 0.705494, -237.0935),
        (("locomotivecontrol", "kilomiles", "Failed"), "weibull", 2.331254, 183.398790, None),
        (("locomotivecontrol", "kilomiles", "Failed"), "gamma", 3.283450, 54.180043, None),
        # Nelson (1982), 70 diesel-generator fans, 12 failed
        (("fan", "hours", "Fail"), "weibull", 1.058446, 26296.8508, -135.1527),
        # 119 repair times, all complete
        (("repairtimes", "hours"), "lognormal", 2.089289, 0.924524, -408.1403),
    ],
)
def test_published_fits(table, family, first, second, log_likelihood):
    row = fit_file(*table).loc[family]
    assert row["parameter_1"] == pytest.approx(first, rel=1e-6)
    assert row["parameter_2"] == pytest.approx(second, rel=1e-6)
    if log_likelihood is not None:
        assert row["log_likelihood"] == pytest.approx(log_likelihood, abs=6e-5)


def test_published_fits_of_ground_beef_servings():
    """fitdistrplus, J. Stat. Softw. 64(4), 2015: gamma 2511.250 < Weibull 2514.449 < lognormal 2526.639.

    Its Weibull 2.186 / 83.348 was found by Nelder-Mead, to about five digits.
    """
    fits = fit_file("groundbeef", "serving")
    assert fits["aic"].loc[["gamma", "weibull", "lognormal"]].to_list() == pytest.approx(
        [2511.250, 2514.449, 2526.639], abs=6e-4
    )
    assert fits.loc["weibull", ["parameter_1", "parameter_2"]].to_list() == pytest.approx([2.186, 83.348], rel=3e-4)


def test_published_weibull_of_the_nist_handbook():
    """NIST/SEMATECH e-Handbook 8.4.1.3: 10 of 20 units failed by 500 h; shape 1.7208, scale 606.5280 (its SAS and JMP)."""
    failed = [54, 187, 216, 240, 244, 335, 361, 373, 375, 386]
    fit = fit_families([*failed, 500], [True] * 10 + [False], count=[1] * 10 + [10]).set_index("family")
    assert fit.loc["weibull", "parameter_1"] == pytest.approx(1.7208, abs=5e-5)
    assert fit.loc["weibull", "parameter_2"] == pytest.approx(606.528, abs=5e-4)


def tiny_suppliers(groups: int, seed: int):
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(groups), rng.integers(1, 9, groups))
    log_days = rng.normal(3, 0.4, groups)[group] + np.exp(rng.normal(-1, 0.5, groups))[group] * rng.normal(
        size=group.size
    )
    limit = rng.exponential(60, group.size) + 1
    received = np.exp(log_days) <= limit
    return np.ceil(np.minimum(np.exp(log_days), limit)), received, group, rng.integers(1, 4, group.size).astype(float)


def test_no_optimiser_finds_a_better_likelihood():
    days, received, group, count = tiny_suppliers(30, seed=5)
    fits = fit_families(days, received, group, count)
    rng = np.random.default_rng(0)
    for row in fits[fits["status"] == "ok"].itertuples():
        own = group == row.group
        data = days[own], received[own], count[own]
        found = np.log([row.parameter_1, row.parameter_2])
        if row.family == "lognormal":
            found[0] = row.parameter_1
        assert log_likelihood(row.family, found, *data) == pytest.approx(row.log_likelihood, abs=1e-8)
        for start in (found, found + rng.normal(0, 0.4, 2)):
            with np.errstate(all="ignore"):
                peer = optimize.minimize(
                    lambda p, f=row.family, data=data: -log_likelihood(f, p, *data), start, method="Nelder-Mead",
                    options={"xatol": 1e-9, "fatol": 1e-12},
                )  # fmt: skip
            assert -peer.fun - row.log_likelihood < 1e-8


def test_groups_with_and_without_a_maximum_are_labelled():
    """A maximum is finite iff some received time lies below the group's longest time, open ones included."""
    cases = {
        "one order": ([5], [True], "no finite maximum"),
        "two alike": ([5, 5], [True, True], "no finite maximum"),
        "two alike, open shorter": ([5, 5, 4], [True, True, False], "no finite maximum"),
        "one and one open longer": ([5, 6], [True, False], "ok"),
        "two different": ([5, 6], [True, True], "ok"),
        "only open": ([5, 6], [False, False], "no received orders"),
        "arrived on the day": ([0, 6, 7], [True, True, True], "zero duration"),
        "opened today": ([0, 6, 7], [False, True, True], "ok"),
    }
    days, received, group = [], [], []
    for name, (d, r, _) in cases.items():
        days += d
        received += r
        group += [name] * len(d)
    fits = fit_families(days, received, group)
    assert fits.groupby("group", observed=True)["status"].agg(set).to_dict() == {
        n: {s} for n, (_, _, s) in cases.items()
    }
    numbers = fits[["parameter_1", "parameter_2", "log_likelihood", "aic"]]
    ok = fits["status"] == "ok"
    assert np.isfinite(numbers[ok]).all(axis=None)
    assert numbers[~ok].isna().all(axis=None)


def test_every_tiny_supplier_gets_numbers_or_a_label():
    days, received, group, _ = tiny_suppliers(3_000, seed=8)
    fits = fit_families(days, received, group)
    assert len(fits) == 3 * 3_000
    assert set(fits["status"].unique()) == {"ok", "no finite maximum", "no received orders"}
    assert np.isfinite(fits.loc[fits["status"] == "ok", "log_likelihood"]).all()


groups = st.lists(st.tuples(st.integers(1, 200), st.booleans(), st.integers(0, 3)), min_size=1, max_size=30)


@settings(max_examples=40)
@given(groups, st.randoms(use_true_random=False))
def test_order_of_rows_and_labels_do_not_matter(rows, random):
    days, received, group = (np.array(x) for x in zip(*rows, strict=True))
    shuffled = list(range(len(rows)))
    random.shuffle(shuffled)
    first = fit_families(days, received, group)
    second = fit_families(days[shuffled], received[shuffled], [f"s{g}" for g in group[shuffled]])
    assert first["status"].to_list() == second["status"].to_list()
    np.testing.assert_allclose(first["log_likelihood"], second["log_likelihood"], rtol=1e-9, atol=1e-8)


@settings(max_examples=40)
@given(groups)
def test_two_copies_are_a_count_of_two(rows):
    days, received, group = (np.array(x) for x in zip(*rows, strict=True))
    twice = fit_families(np.tile(days, 2), np.tile(received, 2), np.tile(group, 2))
    counted = fit_families(days, received, group, np.full(days.size, 2))
    assert twice["status"].to_list() == counted["status"].to_list()
    np.testing.assert_allclose(twice["log_likelihood"], counted["log_likelihood"], rtol=1e-9, atol=1e-8)


@settings(max_examples=40)
@given(groups, st.floats(1e-3, 1e3))
def test_another_unit_scales_the_fit(rows, unit):
    """Hours for days: scales times the unit, mu plus its log, shapes unchanged, log-likelihood less n log unit."""
    days, received, group = (np.array(x) for x in zip(*rows, strict=True))
    one, other = fit_families(days, received, group), fit_families(days * unit, received, group)
    n = np.repeat([received[group == g].sum() for g in np.unique(group)], 3)
    np.testing.assert_allclose(other["log_likelihood"], one["log_likelihood"] - n * np.log(unit), rtol=1e-9, atol=1e-6)


def test_nearly_equal_times_do_not_break_the_search():
    fits = fit_families(
        [10, 10 + 1e-6, 10 + 2e-6, 11, 1e-3, 1e6, 1e6],
        [True, True, True, False, True, True, False],
        [1, 1, 1, 1, 2, 2, 2],
    )
    assert (fits["status"] == "ok").all()
    assert np.isfinite(fits["aic"]).all()


def test_gamma_tail_beyond_the_smallest_float():
    """Against log Q(1, x) = -x and Q(k, x) = Q(k - 1, x) + x^(k-1) e^-x / Gamma(k) (DLMF 8.8.6)."""
    x = np.array([1e3, 5e4])
    assert log_gammaincc(np.ones(2), x) == pytest.approx(-x)
    assert log_gammaincc(np.full(2, 2.0), x) == pytest.approx(-x + np.log1p(x))
    assert log_gammaincc(np.full(2, 3.0), x) == pytest.approx(-x + np.log1p(x + x * x / 2))


def test_nothing_in_nothing_out():
    fits = fit_families([], [])
    assert fits.empty
    assert list(fits.columns) == ["group", "family", "parameter_1", "parameter_2", "log_likelihood", "aic", "status"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([-1.0], [True]), r"days must be finite and not negative, got -1.0: .*quarantine"),
        (([np.nan], [True]), "days must be finite"),
        (([np.inf], [False]), "days must be finite"),
        (([1.0, 2.0], [True]), r"received must be as long as days \(2\), got 1"),
        (([1.0], [2]), "received must be True or False, got .*2"),
        (([1.0], [True], ["a", "b"]), r"group must be as long as days \(1\), got 2"),
        (([1.0], [True], [None]), "group must name every order's group, got a missing label"),
        (([1.0], [True], None, [-1]), "count must be finite and not negative, got -1.0"),
        (([1.0], [True], None, [1, 2]), "count must be as long as days"),
    ],
)
def test_bad_input_names_the_argument_and_the_way_out(arguments, message):
    with pytest.raises(ValueError, match=message):
        fit_families(*arguments)
