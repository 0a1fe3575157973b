"""Ratings, ranks and grades: a table worked by hand, laws, and the honesty of missing evidence."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.decisions.criteria import Criterion, Evidence, criteria_in_force, quoted
from analysis.decisions.scorecard import Tried, criteria_values, make_scorecard, rank_table, ranks, utilities
from analysis.estimates.draws import DRAWS, Draws
from analysis.rules import Rules, rules_in_force
from analysis.wording import RuleError

RULES = Rules(
    "2026-10",
    {
        "limits": {"defect_rate": 0.05, "interval_level": 0.9},
        "grades": {
            "a_rating": 50.0,
            "a_probability": 0.7,
            "a_defect_probability": 0.7,
            "b_rating": 35.0,
            "c_defect_rate": 0.08,
            "c_defect_probability": 0.5,
            "keep_probability": 0.5,
            "keep_defect_probability": 0.6,
        },
    },
    {},
)
QUALITY = Criterion("defect_rate", 0.6, (0.15, 0.06, 0.02, 0.0))
PRICE = Criterion("price_ratio", 0.4, (1.25, 1.0, 0.85, 0.70))


def points(levels: dict[str, float]) -> Evidence:
    series = pd.Series(levels)
    return Evidence.of_points(series, pd.Series(1, index=series.index))


def tried(names, inspected=20, received=3, still_open=0) -> Tried:
    return Tried(*(pd.Series(value, index=list(names)) for value in (inspected, received, still_open)))


@pytest.mark.parametrize(
    ("level", "worth"),
    [(0.20, 0), (0.15, 0), (0.105, 0.2), (0.06, 0.4), (0.04, 0.6), (0.02, 0.8), (0.01, 0.9), (0.0, 1)],
)
def test_value_function_joins_the_anchors_by_straight_lines(level, worth):
    assert QUALITY.value(np.array(level)) == pytest.approx(worth)


def test_rating_is_the_weighted_sum_worked_by_hand():
    category = pd.Series({"a": "bags", "b": "bags"})
    found = utilities(
        (QUALITY, PRICE),
        {"defect_rate": points({"a": 0.02, "b": 0.06}), "price_ratio": points({"a": 1.0, "b": 0.85})},
        category,
        1,
    )
    # a: .6 x .8 + .4 x .4 = .64;  b: .6 x .4 + .4 x .8 = .56
    assert found.ratings()[:, 0] == pytest.approx([64, 56])
    assert found.ratings().std(axis=1) == pytest.approx([0, 0])


def test_missing_criterion_widens_the_interval_and_is_named_never_dropped():
    names = list("abcdef")
    category = pd.Series("bags", index=names)
    prices = points(dict(zip(names[:5], [0.7, 0.85, 1.0, 1.1, 1.25])))
    scored = utilities(
        (QUALITY, PRICE), {"defect_rate": points(dict.fromkeys(names, 0.02)), "price_ratio": prices}, category, 1
    )
    card = make_scorecard(scored, np.full((6, DRAWS), 0.02), tried(names), RULES).set_index("supplier")
    assert card.loc["f", "missing_criteria"] == "price_ratio"
    assert card.loc["f", "rating_high"] - card.loc["f", "rating_low"] > 20
    assert (card.loc[names[:5], "rating_high"] - card.loc[names[:5], "rating_low"]).max() == pytest.approx(0)
    seen = card.loc[names[:5], "rating"].mean()
    assert card.loc["f", "rating"] == pytest.approx(seen, abs=4 * 16 / np.sqrt(DRAWS))
    values = criteria_values(scored, 0.9)
    row = values[(values["supplier"] == "f") & (values["criterion"] == "price_ratio")].iloc[0]
    assert row["missing"] and row["n"] == 0 and np.isnan(row["value"])


def test_nobody_with_evidence_is_wide_open():
    category = pd.Series("bags", index=list("ab"))
    scored = utilities((QUALITY,), {}, category, 1)
    low, high = np.quantile(scored.ratings() / 0.6, [0.05, 0.95], axis=1)
    assert np.allclose(low, 5, atol=2) and np.allclose(high, 95, atol=2)


@pytest.mark.parametrize(
    ("rating", "rate", "inspected", "received", "grade", "reason"),
    [
        (80, 0.01, 40, 3, "A", "40 pieces inspected"),  # good, clean, tried
        (80, 0.01, 0, 3, "B", "not assessed"),  # perfect but nobody looked at a piece
        (80, 0.01, 0, 0, "B", "not tried"),
        (80, 0.06, 40, 3, "B", "defect rate under 5% with only <1%"),
        (45, 0.01, 40, 3, "B", "rating at least 50 with only <1%"),
        (80, 0.12, 40, 3, "C", "defect rate above 8%"),  # veto whatever the rating
        (20, 0.01, 40, 3, "C", "rating below 35"),
    ],
)
def test_grades_by_rule_on_probabilities(rating, rate, inspected, received, grade, reason):
    criterion = Criterion("price_ratio", 1.0, (0.0, 0.4, 0.8, 1.0))  # worth equals the level
    category = pd.Series({"a": "bags"})
    scored = utilities((criterion,), {"price_ratio": points({"a": rating / 100})}, category, 1)
    card = make_scorecard(scored, np.full((1, DRAWS), rate), tried("a", inspected, received), RULES).iloc[0]
    assert card["rating"] == pytest.approx(rating)
    assert card["grade"] == grade
    assert reason in card["grade_reason"]
    assert card["grade_reason_zh"] != card["grade_reason"]


@pytest.mark.parametrize(
    ("share_good", "share_clean", "before", "grade"),
    [
        (0.6, 1.0, None, "B"),  # not enough to become an A
        (0.6, 1.0, "A", "A"),  # but enough to stay one
        (0.4, 1.0, "A", "B"),
        (1.0, 0.65, "B", "B"),
        (1.0, 0.65, "A", "A"),
        (1.0, 0.55, "A", "B"),
    ],
)
def test_an_a_is_left_only_when_its_evidence_falls_clearly(share_good, share_clean, before, grade):
    criterion = Criterion("price_ratio", 1.0, (0.0, 0.4, 0.8, 1.0))
    worlds = np.arange(DRAWS) / DRAWS
    levels = Draws(pd.Index(["a"]), np.where(worlds < share_good, 0.8, 0.45)[None])
    scored = utilities(
        (criterion,), {"price_ratio": Evidence(levels, pd.Series({"a": 3}))}, pd.Series({"a": "bags"}), 1
    )
    defects = np.where(worlds < share_clean, 0.01, 0.06)[None]
    held = None if before is None else pd.Series({"a": before})
    assert make_scorecard(scored, defects, tried("a"), RULES, held).iloc[0]["grade"] == grade


def test_a_c_is_kept_until_its_evidence_falls_clearly():
    criterion = Criterion("price_ratio", 1.0, (0.0, 0.4, 0.8, 1.0))
    levels = Draws(pd.Index(["a"]), np.where(np.arange(DRAWS) < 0.6 * DRAWS, 0.2, 0.5)[None])
    scored = utilities(
        (criterion,), {"price_ratio": Evidence(levels, pd.Series({"a": 3}))}, pd.Series({"a": "bags"}), 1
    )
    clean = np.full((1, DRAWS), 0.01)
    graded = {
        held: make_scorecard(scored, clean, tried("a"), RULES, pd.Series({"a": held})).iloc[0]["grade"] for held in "BC"
    }
    assert graded == {"B": "B", "C": "C"}


def test_before_the_first_order_nobody_is_ranked():
    table = rank_table(np.empty((0, DRAWS)), pd.Series(dtype="str", index=pd.Index([], dtype="str")), 0.9)
    assert table.empty and {"rank_in_category", "p_best_in_category"} <= set(table.columns)


def test_probabilities_of_rank_add_up_and_rivals_are_those_of_the_category():
    rng = np.random.default_rng(0)
    category = pd.Series(["x"] * 3 + ["y"] * 2, index=list("abcde"))
    table = rank_table(rng.normal(50, 10, (5, DRAWS)), category, 0.9)
    assert table["p_best"].sum() == pytest.approx(1)
    assert table["p_top3"].sum() == pytest.approx(3)
    assert table.groupby("category")["p_best_in_category"].sum().to_numpy() == pytest.approx([1, 1])
    assert sorted(table["rank"]) == [1, 2, 3, 4, 5]
    assert sorted(table.loc[table["category"] == "y", "rank_in_category"]) == [1, 2]


@given(st.integers(0, 10_000), st.integers(2, 6), st.floats(0.1, 30))
def test_worsening_a_rival_never_hurts_anybody_else(seed, n, loss):
    ratings = np.random.default_rng(seed).normal(50, 10, (n, 50))
    before = ranks(ratings)
    worse = ratings.copy()
    worse[0] -= loss
    after = ranks(worse)
    assert (after[1:] <= before[1:]).all()


@given(st.permutations(list("abcdef")))
def test_order_of_suppliers_changes_nothing(order):
    category = pd.Series("bags", index=list("abcdef"))
    rng = np.random.default_rng(3)
    defects = Draws(pd.Index(list("abcdef")), rng.beta(2, 40, (6, DRAWS)))
    shuffled = Draws(pd.Index(order), defects.of(pd.Index(order)))
    n = pd.Series(5, index=list("abcdef"))
    one = utilities((QUALITY, PRICE), {"defect_rate": Evidence(defects, n)}, category, 7)
    two = utilities((QUALITY, PRICE), {"defect_rate": Evidence(shuffled, n.loc[order])}, category.loc[order], 7)
    assert np.array_equal(one.ratings(), two.ratings())


def test_price_is_taken_from_the_newest_valid_quote_at_the_trial_step():
    day = pd.Timestamp
    quotes = pd.DataFrame(
        {
            "quote_id": ["q1", "q2", "q2", "q3"],
            "supplier": ["a", "a", "a", "b"],
            "sku": ["s", "s", "s", "s"],
            "quoted_on": [day("2026-01-01"), day("2026-05-01"), day("2026-05-01"), day("2026-01-01")],
            "valid_until": [pd.NaT, pd.NaT, pd.NaT, day("2026-02-01")],
            "min_quantity": [10, 20, 200, 5],
            "unit_price": [9.0, 8.0, 6.0, 1.0],
            "benchmark_price": [10.0] * 4,
        }
    )
    found = quoted(quotes, day("2026-06-30"))
    assert found["price_ratio"].draws.suppliers.tolist() == ["a"]  # b's only quote has lapsed
    assert found["price_ratio"].draws.values[0, 0] == pytest.approx(0.8)
    assert found["min_quantity"].draws.values[0, 0] == 20


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ({"defect_rate": {"weight": 0.9, "anchors": [0.15, 0.06, 0.02, 0.0]}}, "add up to 0.9000"),
        ({"charm": {"weight": 1.0, "anchors": [0, 1, 2, 3]}}, "'charm' that nobody measures"),
        ({"defect_rate": {"weight": 1.0, "anchors": [0.15, 0.02, 0.06, 0.0]}}, "must rise or fall all the way"),
        ({"defect_rate": {"weight": 1.5, "anchors": [0.15, 0.06, 0.02, 0.0]}}, "between 0 and 1"),
    ],
)
def test_criteria_that_contradict_themselves_are_refused(entry, problem):
    with pytest.raises(RuleError, match=problem):
        criteria_in_force(Rules("2026-10", {"criteria": {"from": "2026-01", **entry}}, {}))


@pytest.mark.parametrize("source", ["example", "scms"])
def test_the_shipped_rules_hold_together(source):
    criteria = criteria_in_force(rules_in_force(source, "2026-10"))
    assert sum(c.weight for c in criteria) == pytest.approx(1)
