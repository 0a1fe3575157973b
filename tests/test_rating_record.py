"""Whether ratings predicted which trials turned out better: worked by hand, no peeking, and the interval by simulation."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.decisions.weights.hindsight import RECORD_COLUMNS, rating_record
from analysis.decisions.weights.outcomes import COMPLETE


def kept(*rows) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["month", "supplier", "rating", "grade"])


def trials(*rows) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["month", "supplier", "product", "value", "status"])
    return table.assign(order_id=[f"o{n}" for n in range(len(table))], line_no=1)


def test_shares_worked_by_hand():
    """Cups: a (70) beats b (60), c (50) beats both: 1 of 3 pairs right. Pans: a alone. A: a's cup is the middle one (one half),
    its pan too; B: b below, C: c above the middle."""
    ratings = kept(("2026-01", "a", 70.0, "A"), ("2026-01", "b", 60.0, "B"), ("2026-01", "c", 50.0, "C"))
    done = trials(
        ("2026-02", "a", "cup", 0.3, COMPLETE), ("2026-03", "b", "cup", 0.1, COMPLETE),
        ("2026-02", "c", "cup", 0.5, COMPLETE), ("2026-02", "a", "pan", -1.0, COMPLETE),
    )  # fmt: skip
    found = rating_record(ratings, done).set_index(["kind", "grade"])
    assert found.loc[("order", ""), ["trials", "suppliers", "pairs"]].tolist() == [4, 3, 3]
    assert found.loc[("order", ""), "share"] == pytest.approx(1 / 3)
    assert found["share"].drop(("order", "")).to_dict() == {
        ("grade", "A"): 0.5,
        ("grade", "B"): 0.0,
        ("grade", "C"): 1.0,
    }
    assert found.loc[("grade", "A"), ["share_low", "share_high"]].isna().all()  # one supplier: no interval


def test_trials_that_all_agree_are_no_proof():
    """Both suppliers of grade C stay below the middle: 0 of 2 suppliers by Jeffreys, not an interval without width."""
    ratings = kept(*[("2026-01", name, 50.0, grade) for name, grade in zip("abcd", "AACC")])
    done = trials(*[("2026-02", name, "cup", value, COMPLETE) for name, value in zip("abcd", (0.4, 0.3, 0.2, 0.1))])
    of_c = rating_record(ratings, done).set_index("grade").loc["C"]
    assert of_c["share"] == of_c["share_low"] == 0.0
    assert of_c["share_high"] == pytest.approx(stats.beta.ppf(0.95, 0.5, 2.5))


def test_a_trial_is_judged_by_the_rating_known_before_its_month():
    """The rating of the trial's own month has seen the order; the newest before it counts."""
    ratings = kept(
        ("2025-12", "a", 10.0, "C"), ("2026-01", "a", 70.0, "A"), ("2026-02", "a", 20.0, "C"), ("2026-01", "b", 50.0, "B"),
    )  # fmt: skip
    done = trials(("2026-02", "a", "cup", 0.3, COMPLETE), ("2026-02", "b", "cup", 0.1, COMPLETE))
    found = rating_record(ratings, done).set_index(["kind", "grade"])
    assert found.loc[("order", ""), "share"] == 1.0 and ("grade", "A") in found.index


@pytest.mark.parametrize(
    ("ratings", "done"),
    [
        (pd.DataFrame(), trials(("2026-02", "a", "cup", 0.3, COMPLETE))),
        (kept(("2026-02", "a", 70.0, "A")), trials(("2026-02", "a", "cup", 0.3, COMPLETE))),
        (kept(("2026-01", "a", 70.0, "A")), trials(("2026-02", "a", "cup", np.nan, "open"))),
        (kept(("2026-01", "a", 70.0, "A")), trials()),
    ],
    ids=["nothing kept", "rated too late", "still open", "no trial"],
)
def test_nothing_to_score_gives_no_row(ratings, done):
    assert list(rating_record(ratings, done).columns) == RECORD_COLUMNS and rating_record(ratings, done).empty


def company(rng) -> tuple[pd.DataFrame, pd.DataFrame]:
    """20 suppliers of one product, rated by chance, two trials each that share the supplier's own worth."""
    names = [f"s{i:02d}" for i in range(20)]
    ratings = kept(*((("2026-01", name, rating, "B")) for name, rating in zip(names, rng.random(20))))
    own = rng.standard_normal(20)
    done = [("2026-02", name, "cup", own[i] + 0.3 * rng.standard_normal(), COMPLETE) for i, name in enumerate(names * 2) for i in [i % 20]]  # fmt: skip
    return ratings, trials(*done)


def test_the_interval_holds_one_half_for_ratings_that_say_nothing():
    """90 % intervals of 100 companies whose ratings are noise; suppliers, not trials, are the units."""
    rng = np.random.default_rng(5)
    rows = [rating_record(*company(rng)).iloc[0] for _ in range(100)]
    hits = sum(row["share_low"] <= 0.5 <= row["share_high"] for row in rows)
    assert stats.binomtest(hits, 100, 0.9).pvalue > 1e-3
