"""Rank changes split into causes: exact sums, nothing for what did not change, a case worked by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.decisions.rating import Criterion, CriterionEvidence
from analysis.decisions.rating.changes import PARTS, RatingInputs, rank_changes, shapley
from analysis.reporting.sentences import worded_in_both

LEVEL = (0.0, 0.4, 0.8, 1.0)  # worth equals the level


def points(levels):
    series = pd.Series(levels, dtype=float)
    return CriterionEvidence.of_points(series, pd.Series(1, index=series.index))


def state(quality, price, weights=(0.5, 0.5), anchors=LEVEL, suppliers=None):
    criteria = (Criterion("defect_rate", weights[0], LEVEL), Criterion("price_ratio", weights[1], anchors))
    category = pd.Series("bags", index=pd.Index(suppliers or list(quality), name="supplier"))
    return RatingInputs({"defect_rate": points(quality), "price_ratio": points(price)}, category, criteria)


def test_shapley_of_a_game_worked_by_hand():
    # glove game: a left glove (l) and two right ones (r, s) are worth 1 as a pair: 2/3, 1/6, 1/6  (Shapley and Shubik 1969)
    found = shapley(lambda s: pd.Series([float("l" in s and ("r" in s or "s" in s))]), ["l", "r", "s"])
    assert found.iloc[0].to_numpy() == pytest.approx([2 / 3, 1 / 6, 1 / 6])


def test_new_data_alone_is_all_of_the_change():
    before = state({"a": 0.9, "b": 0.5}, {"a": 0.5, "b": 0.5})
    now = state({"a": 0.1, "b": 0.5}, {"a": 0.5, "b": 0.5})
    table = worded_in_both(rank_changes(before, now, None, 1)).set_index("supplier")
    assert table.loc["a", ["rank_before", "rank", "change", "data"]].tolist() == [1, 2, 1, 1]
    assert (table[["weights", "candidates", "rules", "corrections"]] == 0).all(axis=None)
    assert table.loc["a", "reason"] == "down 1, mostly by new data" and "新数据" in table.loc["a", "reason_zh"]


def test_weights_and_a_new_rival_share_a_fall_by_hand():
    # a leads by quality; the weights turn to price, where b leads; c is better than both in everything
    before = state({"a": 0.9, "b": 0.5, "c": 0.95}, {"a": 0.2, "b": 0.5, "c": 0.9}, (0.8, 0.2), suppliers=["a", "b"])
    now = state({"a": 0.9, "b": 0.5, "c": 0.95}, {"a": 0.2, "b": 0.5, "c": 0.9}, (0.2, 0.8))
    table = worded_in_both(rank_changes(before, now, None, 1)).set_index("supplier")
    # a: 1 -> 3, a place by the weights and a place by the rival, in whichever order
    assert table.loc["a", ["change", "weights", "candidates", "data"]].tolist() == [2, 1, 1, 0]
    assert "c" not in table.index  # it had no rank to change


def test_corrections_are_what_last_months_review_would_now_say_differently():
    before = state({"a": 0.9, "b": 0.5}, {"a": 0.5, "b": 0.5})
    table = worded_in_both(rank_changes(before, before, pd.Series({"a": 2, "b": 1}), 1)).set_index("supplier")
    assert table.loc["a", ["rank_before", "rank", "corrections", "data"]].tolist() == [2, 1, -1, 0]
    assert table.loc["a", "reason"] == "up 1, mostly by corrections to earlier data"


def test_rules_move_ranks_by_their_anchors():
    before = state({"a": 0.9, "b": 0.5}, {"a": 0.1, "b": 0.45})
    now = state({"a": 0.9, "b": 0.5}, {"a": 0.1, "b": 0.45}, anchors=(0.1, 0.2, 0.3, 0.4))
    table = worded_in_both(rank_changes(before, now, None, 1)).set_index("supplier")
    assert table.loc["a", ["change", "rules"]].tolist() == [1, 1]


@given(st.integers(0, 10_000))
def test_parts_add_up_exactly_whatever_changes(seed):
    rng = np.random.default_rng(seed)
    names = list("abcdef")

    def some():
        chosen = sorted(rng.choice(names, rng.integers(2, 7), replace=False))
        weight = float(rng.random())
        levels = [dict(zip(names, rng.random(6))) for _ in range(2)]
        return state(*levels, (weight, 1 - weight), tuple(np.sort(rng.random(4))), chosen)

    before, now = some(), some()
    kept = pd.Series(rng.permutation(6) + 1, index=names)
    table = rank_changes(before, now, kept, seed)
    assert np.abs(table[["corrections", *PARTS]].sum(axis=1) - table["change"]).max() < 1e-9 if len(table) else True
