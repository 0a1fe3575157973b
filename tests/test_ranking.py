"""Ranks and their probabilities: worked by hand, against slow loops, and laws."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import rankdata

from analysis.decisions.rating.ranking import (
    probability_among_best,
    rank_acceptability,
    rank_by_rating,
    rank_table,
    weighted_ratings,
)
from analysis.estimates.draws import DRAWS

LEVELS = st.sampled_from([0.0, 10.0, 40.0, 40.0 + 1e-12, 55.5, 90.0])
RATINGS = st.tuples(st.integers(1, 7), st.integers(1, 9)).flatmap(lambda shape: arrays(float, shape, elements=LEVELS))


def bags(n: int) -> pd.Series:
    return pd.Series("bags", index=[f"s{i}" for i in range(n)])


def shares_by_loop(ratings):
    """Share of each rank: every order of the equals of a world is equally likely."""
    n, size = ratings.shape
    share = np.zeros((n, n))
    for world in np.round(ratings, 9).T:
        least, most = rankdata(-world, "min"), rankdata(-world, "max")
        for i in range(n):
            share[i, int(least[i]) - 1 : int(most[i])] += 1 / (most[i] - least[i] + 1) / size
    return share


def wide(table, n):
    ranks = table.pivot_table(index="supplier", columns="rank", values="probability", fill_value=0)
    return ranks.reindex(index=[f"s{i}" for i in range(n)], columns=range(1, n + 1), fill_value=0).to_numpy()


@given(RATINGS)
def test_acceptability_is_that_of_a_slow_loop(ratings):
    n = len(ratings)
    table = rank_acceptability(ratings, bags(n))
    assert (table["probability"] > 0).all()
    expected = shares_by_loop(ratings)
    for _, part in table.groupby("within_category"):
        found = wide(part, n)
        assert found == pytest.approx(expected, abs=1e-12)
        assert found.sum(axis=0) == pytest.approx(np.ones(n)) and found.sum(axis=1) == pytest.approx(np.ones(n))


@given(RATINGS)
def test_chances_of_being_best_are_those_of_the_ranks(ratings):
    expected = shares_by_loop(ratings).cumsum(axis=1)
    for places in (1, 3):
        expected_here = expected[:, min(places, len(ratings)) - 1]
        assert probability_among_best(ratings, places) == pytest.approx(expected_here, abs=1e-12)


def test_ranks_of_three_worlds_worked_by_hand():
    category = pd.Series({"a": "bags", "b": "bags", "c": "pans"})
    ratings = np.array([[60.0, 50.0, 50.0], [50.0, 60.0, 50.0], [40.0, 70.0, 10.0]])
    table = rank_acceptability(ratings, category)
    over_all = table[~table["within_category"]].set_index(["supplier", "rank"])["probability"]
    assert over_all.to_dict() == pytest.approx(
        # c is last, first and last; a and b share the first two ranks of the third world
        {("a", 1): 1.5 / 3, ("a", 2): 0.5 / 3, ("a", 3): 1 / 3, ("b", 1): 0.5 / 3, ("b", 2): 2.5 / 3, ("c", 1): 1 / 3, ("c", 3): 2 / 3}
    )  # fmt: skip
    within = table[table["within_category"]].set_index(["supplier", "rank"])["probability"]
    assert within.to_dict() == pytest.approx({("a", 1): 0.5, ("a", 2): 0.5, ("b", 1): 0.5, ("b", 2): 0.5, ("c", 1): 1})


def test_blocks_of_worlds_change_nothing(monkeypatch):
    ratings, category = np.random.default_rng(1).normal(50, 10, (7, 50)).round(), bags(7)
    one = rank_table(ratings, category, 0.9), rank_acceptability(ratings, category)
    monkeypatch.setattr("analysis.decisions.rating.ranking.BLOCK", 20)
    two = rank_table(ratings, category, 0.9), rank_acceptability(ratings, category)
    for first, second in zip(one, two):
        pd.testing.assert_frame_equal(first, second)


def test_before_the_first_order_nobody_is_ranked():
    nobody = pd.Series(dtype="str", index=pd.Index([], dtype="str"))
    table = rank_table(np.empty((0, DRAWS)), nobody, 0.9)
    assert table.empty and {"rank_in_category", "p_best"} <= set(table.columns)
    assert rank_acceptability(np.empty((0, DRAWS)), nobody).empty


def test_probabilities_of_rank_add_up_and_rivals_are_those_of_the_category():
    rng = np.random.default_rng(0)
    category = pd.Series(["x"] * 3 + ["y"] * 2 + [None], index=list("abcdef"))
    ratings = rng.normal(50, 10, (6, DRAWS))
    table = rank_table(ratings, category, 0.9)
    sums = table.groupby("category", dropna=False)[["p_best", "p_top3"]].sum().to_numpy()
    assert sums == pytest.approx(np.array([[1, 3], [1, 2], [1, 1]]))
    assert sorted(table["rank"]) == [1, 2, 3, 4, 5, 6]
    assert sorted(table.loc[table["category"] == "y", "rank_in_category"]) == [1, 2]
    chance = rank_acceptability(ratings, category).set_index(["within_category", "supplier", "rank"])["probability"]
    of_three = chance[True].unstack(fill_value=0.0)[[1, 2, 3]].sum(axis=1)
    assert of_three[table["supplier"]].to_numpy() == pytest.approx(table["p_top3"].to_numpy())
    best = chance[True].xs(1, level="rank")[table["supplier"]]
    assert best.to_numpy() == pytest.approx(table["p_best"].to_numpy())


def test_equals_share_the_better_rank_whatever_the_last_bits():
    assert rank_by_rating([50.0, 70.0, 50.0 + 1e-12, 30.0]).tolist() == [2, 1, 2, 4]
    assert rank_by_rating([50.0, 50.0 + 1e-6]).tolist() == [2, 1]


@pytest.mark.parametrize("precision", [np.float32, np.float64])
def test_ratings_are_the_weighted_sums_of_worths_given_one_after_the_other(precision):
    worths = np.random.default_rng(2).random((3, 5, 40)).astype(precision)
    weights = [0.5, 0.3, 0.2]
    found = weighted_ratings(weights, (worth for worth in worths))
    assert found.dtype == float
    assert found == pytest.approx(100 * np.einsum("k,knd->nd", weights, worths.astype(float)))
    with pytest.raises(ValueError, match="at least one criterion"):
        weighted_ratings([], [])
    with pytest.raises(ValueError):
        weighted_ratings([0.5], worths)
