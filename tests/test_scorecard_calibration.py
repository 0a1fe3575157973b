"""Stated probabilities come true as often as stated: P(best), P(rating reaches A's), P(defect rate under the limit).

First where the posteriors are exact (conjugate), so that only chance separates stated from true; then all the way from orders
and inspections through the estimates, in a few of the companies that `benchmarks/scorecard.py` judges by the hundred.
"""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.decisions.rating import Criterion, CriterionEvidence, TrialCounts, make_scorecard, worths
from analysis.decisions.rating.ranking import rank_table
from analysis.estimates.draws import DRAWS, Draws
from analysis.rules import rules_in_force

RULES = rules_in_force("example", "2026-10")
BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"
CRITERIA = tuple(Criterion(f"c{k}", weight, (0.0, 0.4, 0.8, 1.0)) for k, weight in enumerate((0.4, 0.3, 0.2, 0.1)))
"""With these anchors a level in [0, 1] is its own worth."""


def chance_of_such_a_gap(p, happened, bins: int = 8, times: int = 2000) -> float:
    """How often independent events of probabilities `p` miss them by as much: sum over bins of equal count, by simulation."""
    p, happened = np.asarray(p, float), np.asarray(happened, float)
    rows = np.argsort(p, kind="stable")
    starts = np.unique(np.linspace(0, len(p), bins, endpoint=False).astype(int))
    simulated = np.random.default_rng(1).random((times, len(p))) < p
    stated, *gaps = (np.add.reduceat(x[..., rows], starts, axis=-1) for x in (p, happened, simulated.astype(float)))
    observed, by_chance = (np.abs(gap - stated).sum(axis=-1) for gap in gaps)
    return float((1 + (by_chance >= observed).sum()) / (1 + times))


def conjugate_company(rng: np.random.Generator, categories: int, size: int, missing: float = 0.0):
    """Levels from N(0.6, 0.2^2), one measurement of each with its own error, exact posterior draws; true ratings."""
    n = categories * size
    category = pd.Series([f"g{i // size:03d}" for i in range(n)], index=pd.Index([f"s{i:04d}" for i in range(n)]))
    evidence, true = {}, np.zeros(n)
    for criterion in CRITERIA:
        level, error = rng.normal(0.6, 0.2, n), rng.uniform(0.05, 0.3, n)
        weight = 0.2**2 / (0.2**2 + error**2)
        middle = 0.6 + weight * (level + error * rng.standard_normal(n) - 0.6)
        draws = middle[:, None] + (np.sqrt(weight) * error)[:, None] * rng.standard_normal((n, DRAWS))
        told = rng.random(n) >= missing
        names = category.index[told]
        evidence[criterion.name] = CriterionEvidence(Draws(names, draws[told]), pd.Series(1, index=names))
        true += 100 * criterion.weight * criterion.value(level)
    return category, evidence, pd.Series(true, index=category.index)


@pytest.mark.parametrize(("size", "missing"), [(12, 0.0), (60, 0.2)])
def test_probabilities_from_exact_posteriors_come_true(size, missing):
    rng = np.random.default_rng([20_261, size])
    stated, hit, p_good, good = [], [], [], []
    for _ in range(4):
        category, evidence, true = conjugate_company(rng, 360 // size, size, missing)
        scored = worths(CRITERIA, evidence, category, 1)
        table = rank_table(scored.ratings(), scored.category, 0.9).set_index("supplier")
        named = table.groupby("category")["p_best"].idxmax()
        stated += table.loc[named, "p_best"].tolist()
        hit += (named == true.groupby(category).idxmax()).tolist()
        p_good += (scored.ratings() >= 65).mean(axis=1).tolist()
        good += (true >= 65).tolist()
    assert chance_of_such_a_gap(stated, hit) > 1e-3
    assert chance_of_such_a_gap(p_good, good) > 1e-3


def test_ratings_half_as_uncertain_as_they_should_be_are_found_out():
    """The test used here has the power to see what it is there to see."""
    category, evidence, true = conjugate_company(np.random.default_rng(4), 30, 12)
    ratings = worths(CRITERIA, evidence, category, 1).ratings()
    middle = ratings.mean(axis=1, keepdims=True)
    too_sure = middle + 0.5 * (ratings - middle)
    assert chance_of_such_a_gap((ratings >= 65).mean(axis=1), true >= 65) > 1e-3
    assert chance_of_such_a_gap((too_sure >= 65).mean(axis=1), true >= 65) < 1e-3


def test_probabilities_come_true_all_the_way_from_the_orders(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import scorecard

    found = scorecard.forecasts(4, first_seed=500, categories=5)
    best = scorecard.chosen(found)
    assert len(best) == 20
    assert found.groupby(["company", "category"])["p_best"].sum().to_numpy() == pytest.approx(1)
    assert chance_of_such_a_gap(best["p_best"], best["is_best"], bins=3) > 1e-3
    chosen = found.groupby(["company", "category"]).sample(
        1, random_state=1
    )  # one of a category: they share its doubts
    seen = chosen[chosen["inspected"] > 0]
    assert chance_of_such_a_gap(chosen["p_good"], chosen["is_good"], bins=3) > 1e-3
    assert chance_of_such_a_gap(seen["p_clean"], seen["is_clean"], bins=3) > 1e-3
    assert scorecard.brier_skill(found["p_best"], found["is_best"]) > 0


def test_memory_makes_grades_stand_still():
    """200 suppliers that never change, 24 months of a lot each: conjugate posteriors, the shipped rules."""
    rng = np.random.default_rng(9)
    names = pd.Index([f"s{i:03d}" for i in range(200)])
    rate, level = rng.beta(1, 24, 200), rng.normal(0.68, 0.08, 200)
    criteria = (
        Criterion("price_ratio", 1.0, (0.0, 0.4, 0.8, 1.0)),
        Criterion("defect_rate", 0.0, (0.15, 0.06, 0.02, 0.0)),
    )
    defective, inspected, measured = np.zeros(200, int), np.zeros(200, int), np.zeros(200)
    grades: dict[str, list[pd.Series]] = {"memory": [], "none": []}
    for month in range(1, 25):
        pieces = rng.integers(5, 51, 200)
        defective, inspected = defective + rng.binomial(pieces, rate), inspected + pieces
        measured += level + rng.normal(0, 0.1, 200)
        weight = 0.08**2 / (0.08**2 + 0.1**2 / month)
        middle = 0.68 + weight * (measured / month - 0.68)
        levels = middle[:, None] + 0.08 * np.sqrt(1 - weight) * rng.standard_normal((200, DRAWS))
        defects = rng.beta((1 + defective)[:, None], (24 + inspected - defective)[:, None], (200, DRAWS))
        n = pd.Series(inspected, index=names)
        evidence = {
            "price_ratio": CriterionEvidence(Draws(names, levels), n),
            "defect_rate": CriterionEvidence(Draws(names, defects), n),
        }
        scored = worths(criteria, evidence, pd.Series("bags", index=names), 1)
        tried = TrialCounts(
            inspected=n, defective=pd.Series(defective, index=names), received=n * 0 + month, open=n * 0, trial_pieces=n
        )
        for kind, before in (("memory", grades["memory"][-1] if month > 1 else None), ("none", None)):
            card = make_scorecard(scored, defects, tried, RULES, before).set_index("supplier")
            grades[kind].append(card["grade"].reindex(names))
    flips = {kind: sum((a != b).sum() for a, b in pairwise(months)) for kind, months in grades.items()}
    assert flips["memory"] < 0.8 * flips["none"]
    assert stats.binomtest(int(flips["memory"]), 23 * 200, 0.04, alternative="greater").pvalue > 1e-4
