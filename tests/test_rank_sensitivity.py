"""TOPSIS and VIKOR beside the weighted sum: published and hand-worked cases, and what they cannot answer."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from analysis.decisions.rating import Criterion, Worths, weight_stability
from analysis.decisions.rating.sensitivity import SENSITIVITY_COLUMNS, rank_sensitivity


def scored(worth, weights, category=None) -> Worths:
    """Suppliers s0, s1, ... with worths (n, K) known for certain."""
    worth = np.asarray(worth, float)
    names = pd.Index([f"s{i}" for i in range(len(worth))], name="supplier")
    values = np.repeat(worth.T[:, :, None], 4, axis=2)
    criteria = tuple(Criterion(f"c{k}", w, (0, 0.4, 0.8, 1)) for k, w in enumerate(weights))
    groups = pd.Series(category or ["tools"] * len(worth), index=names)
    return Worths(criteria, names, groups, values, values, np.ones(values.shape[:2], int))


def test_vikor_orders_its_published_example():
    """Five alternatives, four equal weights: Q = 0.568, 0.767, 1, 0.749, 0 (Duckstein and Opricovic, 1980, as in the library's
    documentation), so that the places are 2, 4, 5, 3, 1."""
    matrix = np.array([[78, 56, 34, 6], [4, 45, 3, 97], [18, 2, 50, 63], [9, 14, 11, 92], [85, 9, 100, 29]]) / 100
    found = rank_sensitivity(scored(matrix, [0.25] * 4)).set_index("supplier")
    assert found.loc[["s0", "s1", "s2", "s3", "s4"], "rank_vikor"].tolist() == [2, 4, 5, 3, 1]


def test_topsis_worked_by_hand_differs_from_the_sum():
    """Three equal weights. b = (.34, .34, .34) has the greatest sum, 1.02 against 1. TOPSIS: the ideal is (1, 1, 1), the worst
    (0, 0, 0); the others are sqrt 2 and 1 away: 1 / 2.414 = .414; b is 1.143 and .589 away: .340, the last."""
    found = rank_sensitivity(scored([[1, 0, 0], [0.34] * 3, [0, 1, 0], [0, 0, 1]], [1 / 3] * 3)).set_index("supplier")
    assert found.loc["s1", "rank"] == 1 and found.loc["s1", "rank_topsis"] == 4
    assert found.loc[["s0", "s2", "s3"], "rank_topsis"].tolist() == [1, 1, 1]


def test_an_absurd_rival_turns_topsis_and_never_the_rating():
    """What the module's first lines say. Distances by hand, weights one half: without the fourth supplier s0 has .571 and s1
    .513; with it the worst moves to (.2, .1) and they have .681 and .729."""
    rivals = [[0.7, 0.5], [1.0, 0.2], [0.8, 0.1]]
    alone = rank_sensitivity(scored(rivals, [0.5, 0.5])).set_index("supplier").loc[["s0", "s1", "s2"]]
    beside = rank_sensitivity(scored([*rivals, [0.2, 0.1]], [0.5, 0.5])).set_index("supplier").loc[alone.index]
    assert alone["rank"].tolist() == beside["rank"].tolist() == [1, 1, 3]
    assert (alone["rank_topsis"].tolist(), beside["rank_topsis"].tolist()) == ([1, 2, 3], [2, 1, 3])


@given(arrays(float, (5, 3), elements=st.floats(0, 1)), st.permutations(range(5)))
def test_one_that_is_better_in_everything_comes_first_by_every_method(worth, order):
    best = np.vstack([worth * 0.9, np.ones(3)])[[*order, 5]]
    found = rank_sensitivity(scored(best, [0.5, 0.3, 0.2])).set_index("supplier").loc["s5"]
    assert found["rank"] == found["rank_topsis"] == 1
    assert found["rank_vikor"] is pd.NA or found["rank_vikor"] == 1


@pytest.mark.parametrize("worth", [[[0.5, 0.5]], [[0.5, 0.5], [0.5, 0.5]]])
def test_nobody_to_compare_with_leaves_the_places_missing(worth):
    found = rank_sensitivity(scored(worth, [0.5, 0.5]))
    assert found["rank"].eq(1).all() and found[["rank_topsis", "rank_vikor"]].isna().all(axis=None)


def test_rivals_are_those_of_the_category():
    found = rank_sensitivity(scored([[0.9, 0.1], [0.1, 0.8], [0.3, 0.3]], [0.6, 0.4], ["a", "b", "b"]))
    assert list(found.columns) == SENSITIVITY_COLUMNS
    assert found.set_index("supplier")["rank"].to_dict() == {"s0": 1, "s1": 1, "s2": 2}
    assert rank_sensitivity(scored(np.empty((0, 2)), [0.6, 0.4])).empty


# ---- a lead that is none ----


def regrets(**by_supplier) -> pd.DataFrame:
    """Expected regret of a season by supplier and SKU."""
    rows = [(supplier, sku, money) for supplier, skus in by_supplier.items() for sku, money in skus.items()]
    return pd.DataFrame(rows, columns=["supplier", "sku", "expected_regret"])


def test_a_lead_that_a_small_move_of_a_weight_turns_is_a_toss_up():
    """At the weight that is said to be needed both ratings are level."""
    close = weight_stability(scored([[0.62, 0.4], [0.6, 0.415]], [0.5, 0.5]), regrets(), 0.2)
    clear = weight_stability(scored([[0.9, 0.4], [0.6, 0.415]], [0.5, 0.5]), regrets(), 0.2)
    assert close["toss_up"].all() and not clear["toss_up"].any()
    worth = np.array([[0.62, 0.4], [0.6, 0.415]])
    for row in close.itertuples():
        moved = np.array([row.weight_needed, 1 - row.weight_needed])
        ratings = worth @ (moved if row.criterion == "c0" else moved[::-1])
        assert ratings[0] == pytest.approx(ratings[1])
    assert not weight_stability(scored(worth, [0.5, 0.5]), regrets(), 0.01)["toss_up"].any()


def test_a_criterion_nobody_was_assessed_on_and_a_weight_of_all_unseat_nobody():
    """Level in c1, the two are level in all only where c0 weighs nothing, or c1 100 %: the first alone is told."""
    level = scored([[0.62, 0.5], [0.6, 0.5]], [0.5, 0.5])
    assert weight_stability(level, regrets(), 0.01)["criterion"].tolist() == ["c0"]
    assumed = scored([[0.62, 0.4], [0.6, 0.415]], [0.5, 0.5])
    assert weight_stability(assumed, regrets(), 0.01)["criterion"].tolist() == ["c1", "c0"]
    assumed.n[1] = 0
    assert weight_stability(assumed, regrets(), 0.01)["criterion"].tolist() == ["c0"]


def test_what_choosing_the_rival_costs_is_of_the_skus_that_both_offer():
    money = regrets(s0={"cup": 10.0, "pan": 0.0, "lamp": 5.0}, s1={"cup": 40.0, "pan": 15.0, "bag": 99.0})
    found = weight_stability(scored([[0.62, 0.4], [0.6, 0.415]], [0.5, 0.5]), money, 0.01)
    assert found["skus"].tolist() == [2, 2] and found["rival_costs"].tolist() == [45.0, 45.0]
    apart = weight_stability(scored([[0.62, 0.4], [0.6, 0.415]], [0.5, 0.5]), regrets(s0={"cup": 1.0}), 0.01)
    assert apart["skus"].tolist() == [0, 0] and apart["rival_costs"].isna().all()
