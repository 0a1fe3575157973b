"""The rate of the next bulk lot: a level of its own, which clean samples do not speak for."""

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats
from scipy.special import expit, logit

from analysis.estimates.defect_rate import bulk_draws, fit_lots, foreseen_lots
from analysis.estimates.defect_rate.bulk_rate import DRIFT_MEAN, DRIFT_SD, SHARE_PRIOR, SHARES, bulk_rates
from analysis.estimates.defect_rate.tables import LOT_COLUMNS

FIELD = [(f"f{k}", "trial", 50, k % 4) for k in range(12)]
"""Twelve suppliers with 0 to 3 defective of 50 trial pieces."""


def lots(*rows):
    """`supplier stage inspected defective` as the lots of an inspection, each an order of its own."""
    table = pd.DataFrame(rows, columns=["supplier", "stage", "inspected", "defective"])
    table = table.assign(order_id=[f"O{k}" for k in range(len(table))], line_no=1, sku="cup", category="cups")
    return table.reindex(columns=list(dict.fromkeys([*LOT_COLUMNS, *table.columns])))


def orders(table):
    return table[["order_id", "line_no", "supplier", "sku", "category", "stage"]]


def summary(*rows, drift=None):
    table = lots(*FIELD, *rows)
    rates = bulk_rates(table, orders(table), drift)
    before = fit_lots(table[table["stage"] != "bulk"], orders(table)).suppliers
    return (pd.Series(mixture.mean(), mixture.labels) for mixture in (rates, before))


def test_a_clean_sample_says_less_of_bulk_than_of_the_next_sample():
    bulk, before = summary(("A", "trial", 60, 0))
    assert (bulk > before).all()
    wide, narrow = (np.diff(np.array(m.interval(0.9)), axis=0)[0] for m in _both(("A", "trial", 60, 0)))
    assert (wide > narrow).all()


def test_who_does_not_drift_is_as_good_in_bulk_as_before_on_average():
    """Nobody has bulk lots: the mean in bulk is that before, but for the share that drifts, whose mean is by quadrature."""
    table = lots(*FIELD)
    bulk, before = bulk_rates(table, orders(table)), fit_lots(table, orders(table)).suppliers

    def drifted(rate):
        normal = stats.norm(logit(rate) + DRIFT_MEAN, DRIFT_SD)
        return integrate.quad(lambda x: expit(x) * normal.pdf(x), *normal.interval(1 - 1e-9))[0]

    share, rates = SHARES @ SHARE_PRIOR, np.exp(np.linspace(np.log(1e-5), np.log(0.9), 60))
    worse = before.masses @ np.interp(before.grid.rates, rates, [drifted(rate) for rate in rates])
    assert bulk.mean() == pytest.approx((1 - share) * before.mean() + share * worse, rel=0.01)


def _both(*rows):
    table = lots(*FIELD, *rows)
    return bulk_rates(table, orders(table)), fit_lots(table, orders(table)).suppliers


def test_bulk_lots_of_its_own_decide_and_clean_ones_clear():
    bad, before = summary(("A", "trial", 60, 0), ("A", "bulk", 50, 8), ("A", "bulk", 50, 8))
    assert before["A"] < 0.03 and 0.08 < bad["A"] < 0.17  # 16 of 100
    unseen, _ = summary(("A", "trial", 60, 0))
    clean, _ = summary(("A", "trial", 60, 0), *[("A", "bulk", 50, 0)] * 6)
    assert clean["A"] < 0.5 * unseen["A"]


def test_many_drifters_teach_to_expect_drift_of_the_others():
    drifters = [row for k in range(5) for row in ((f"D{k}", "trial", 60, 1), (f"D{k}", "bulk", 100, 15))]
    steady = [row for k in range(5) for row in ((f"D{k}", "trial", 60, 1), (f"D{k}", "bulk", 100, 2))]
    (after_bad, _), (after_good, _) = summary(("A", "trial", 60, 0), *drifters), summary(("A", "trial", 60, 0), *steady)
    assert after_bad["A"] > 1.3 * after_good["A"]


def test_a_measurement_that_moved_speaks_for_a_drift():
    drift = pd.DataFrame({"supplier": ["A"], "kind": ["measurement"], "stage": ["bulk"], "p_worse": [0.99]})
    moved, _ = summary(("A", "trial", 60, 0), drift=drift)
    still, _ = summary(("A", "trial", 60, 0), drift=drift.assign(p_worse=0.2))
    assert moved["A"] > 1.5 * still["A"]


def test_how_far_bulk_goes_from_trials_is_learned_from_everybody():
    """The same record of A counts less where everybody's bulk is far from its trials, better or worse."""
    apart, alike = (
        [row for k in range(10) for row in ((f"D{k}", "trial", 200, 12), *[(f"D{k}", "bulk", 100, x[k % 2])] * 2)]
        for x in ((1, 14), (6, 6))
    )
    record = (("A", "trial", 200, 12), ("A", "bulk", 60, 0))
    (moved, _), (kept, _) = summary(*record, *apart), summary(*record, *alike)
    assert moved["A"] < 0.8 * kept["A"]


def test_nothing_inspected_is_nobody_and_bulk_alone_is_as_before():
    none = lots().astype({"inspected": int, "defective": int})
    assert len(bulk_draws(none, orders(none), None, 1).suppliers) == 0
    only = lots(*[(name, "bulk", n, x) for name, _, n, x in FIELD])
    rates, whole = bulk_rates(only, orders(only)), fit_lots(only, orders(only)).suppliers
    assert rates.mean() == pytest.approx(whole.mean())


def test_intervals_hold_where_suppliers_drift_as_supposed():
    """150 suppliers, one in eight of which drifts; half of them have bulk lots."""
    rng = np.random.default_rng(5)
    rate = rng.beta(2, 60, 150)
    change = np.where(rng.random(150) < 1 / 8, rng.normal(DRIFT_MEAN, DRIFT_SD, 150), rng.normal(0, 0.3, 150))
    in_bulk = expit(logit(rate) + change)
    rows = [(f"s{k:03}", "trial", 40, rng.binomial(40, rate[k])) for k in range(150)]
    rows += [(f"s{k:03}", "bulk", 50, rng.binomial(50, in_bulk[k])) for k in range(0, 150, 2) for _ in range(2)]
    table = lots(*rows)
    low, high = bulk_rates(table, orders(table)).interval(0.90)
    held = (low <= in_bulk) & (in_bulk <= high)
    assert 0.83 <= held.mean() <= 0.97


# ---- what a trial may show ----


def foreseen(*rows):
    table = lots(*FIELD, *rows)
    found = foreseen_lots(table, orders(table))
    bulk = found.levels.bulk
    return found, pd.DataFrame(bulk.masses, bulk.labels), bulk.grid.rates


def test_chances_of_an_outcome_add_up_whoever_it_is():
    found, _, rates = foreseen(("A", "trial", 20, 1), ("A", "bulk", 50, 6))
    for supplier in ("A", "f0", "never heard of"):
        chances = found.chances(supplier, 20)
        assert chances.shape == (21, len(rates)) and chances.sum(axis=0) == pytest.approx(1)


@pytest.mark.parametrize("defective", [0, 1, 4])
def test_the_belief_foreseen_is_what_a_fit_with_the_lot_believes(defective):
    """Bayes' rule over what may be shown, against the whole fit once it was shown; what all suppliers teach moves a little."""
    found, masses, rates = foreseen(("A", "trial", 10, 0))
    after = masses.loc["A"].to_numpy() * found.chances("A", 20)[defective]
    fitted, _ = summary(("A", "trial", 10, 0), ("A", "trial", 20, defective))
    assert after @ rates / after.sum() == pytest.approx(fitted["A"], rel=0.12)


def test_a_few_clean_pieces_hardly_speak_against_a_drift():
    """Bulk at 16 of 100: the chance that the rate is above 5 % stays what it was, whatever 5 pieces show."""
    found, masses, rates = foreseen(("A", "trial", 60, 0), ("A", "bulk", 50, 8), ("A", "bulk", 50, 8))
    own, chances = masses.loc["A"].to_numpy(), found.chances("A", 5)
    over = [own @ (rates > 0.05)] + [(after := own * chances[x])[rates > 0.05].sum() / after.sum() for x in (0, 1)]
    assert np.ptp(over) < 0.01 < 0.9 < min(over)


def test_where_only_bulk_was_inspected_a_trial_speaks_for_it():
    table = lots(("A", "bulk", 50, 1), ("B", "bulk", 50, 5))
    chances = foreseen_lots(table, orders(table)).chances("A", 20)
    assert chances.sum(axis=0) == pytest.approx(1) and (np.diff(chances[0]) < 1e-12).all()
