"""Weights of a month: in force by the ledger, proposed from outcomes of trials whose worths were frozen when they were chosen."""

from pathlib import Path

import house
import numpy as np
import pandas as pd
import pytest

from analysis.assessment import assess
from analysis.decisions.rating import criteria_in_force
from analysis.decisions.weights import (
    Ledger,
    analyst_weights,
    approve,
    criteria_in,
    learn_weights,
    override,
    propose,
    read_ledger,
    weights_in,
)
from analysis.decisions.weights.outcomes import OUTCOMES, OutcomeRules, frozen_worths, trial_outcomes
from analysis.rules import rules_in_force
from analysis.simulate import simulate_company

SCORED = ("2026-05", "2026-06", "2026-07", "2026-08")
"""Months whose end rated the suppliers; the trials of the month after were chosen on that."""
MONTH = "2026-10"
AS_OF = pd.Timestamp("2026-10-31")
RULES = rules_in_force("demo", MONTH)
ANALYST = analyst_weights(RULES)
NOBODY = Ledger(Path("none.jsonl"), ())


def rated(company, month):
    """The worths kept at the end of `month`, as a review keeps them."""
    as_of = pd.Period(month, "M").end_time.normalize()
    rules = rules_in_force("demo", month)
    found = assess(company.known(as_of), as_of, rules, "CNY", seed=1, days="every day")
    return frozen_worths(found.scored, str(pd.Period(month, "M") + 1))


@pytest.fixture(scope="module")
def company():
    return simulate_company(rounds=8, suppliers=10, seed=3, story=False)


@pytest.fixture(scope="module")
def worths(company):
    return pd.concat([rated(company, month) for month in SCORED], ignore_index=True)


@pytest.fixture(scope="module")
def learnt(company, worths):
    return learn_weights(company.tables, worths, AS_OF, RULES, NOBODY)


def difference(first, second):
    return np.array([first[name] - second[name] for name in ANALYST])


def with_limits(**changed):
    return house.changed(RULES, "weights", **changed)


# --- in force


def test_without_a_ledger_the_analysts_weights_stand():
    standing = weights_in(RULES, NOBODY)
    assert standing.decision is None and dict(standing.weights) == ANALYST
    assert sum(ANALYST.values()) == pytest.approx(1)
    assert criteria_in(RULES, NOBODY) == criteria_in_force(RULES)


def test_approved_weights_stand_from_the_month_after_and_not_in_the_month_itself(learnt, tmp_path):
    path = tmp_path / "demo.jsonl"
    propose(path, learnt.proposal, "2026-11-01")
    assert criteria_in(rules_in_force("demo", "2026-11"), read_ledger(path)) == criteria_in_force(
        RULES
    )  # only proposed
    approve(path, MONTH, "Li", "agreed", "2026-11-02")
    ledger = read_ledger(path)
    assert criteria_in(RULES, ledger) == criteria_in_force(RULES)
    for month in ("2026-11", "2027-03"):  # and go on until somebody decides again
        after = criteria_in(rules_in_force("demo", month), ledger)
        assert {criterion.name: criterion.weight for criterion in after} == learnt.proposal.weights
        assert [criterion.anchors for criterion in after] == [c.anchors for c in criteria_in_force(RULES)]


def test_the_next_step_starts_from_the_weights_that_stand(company, worths, tmp_path):
    own = {**ANALYST, "defect_rate": ANALYST["defect_rate"] - 0.10, "on_time": ANALYST["on_time"] + 0.10}
    path = tmp_path / "demo.jsonl"
    override(path, "2026-09", own, ANALYST, "Wang", "new customer", "2026-09-02")
    proposal = learn_weights(company.tables, worths, AS_OF, RULES, read_ledger(path)).proposal
    assert proposal.previous == own and proposal.analyst == ANALYST
    assert np.abs(difference(proposal.weights, own)).max() <= 0.05


# --- proposed


def test_a_proposal_keeps_both_caps_and_adds_up(learnt):
    proposal, step = learnt.proposal, difference(learnt.proposal.weights, ANALYST)
    assert proposal.previous == ANALYST and proposal.month == MONTH
    assert sum(proposal.weights.values()) == pytest.approx(1)
    assert np.abs(step).max() <= RULES["weights"]["most_a_criterion"] == 0.05
    assert np.abs(step).sum() / 2 <= RULES["weights"]["most_in_all"] == 0.10


def test_the_caps_are_the_rules_and_they_bind(company, worths, learnt):
    """These outcomes point further than a month may go, so that the largest step is the cap itself."""
    assert learnt.proposal.moves
    tight = with_limits(most_a_criterion=0.01)
    step = difference(learn_weights(company.tables, worths, AS_OF, tight, NOBODY).proposal.weights, ANALYST)
    assert np.abs(step).max() == pytest.approx(0.01)
    in_all = with_limits(most_in_all=0.015)
    step = difference(learn_weights(company.tables, worths, AS_OF, in_all, NOBODY).proposal.weights, ANALYST)
    assert np.abs(step).sum() / 2 == pytest.approx(0.015)


def test_policy_criteria_stay_at_the_analysts_weight(company, worths, learnt):
    assert learnt.proposal.policy == ("credentials", "dispute_rate", "open_risks")
    for name in learnt.proposal.policy:
        assert learnt.proposal.weights[name] == learnt.proposal.target[name] == pytest.approx(ANALYST[name], abs=1e-12)
    largest = max(ANALYST, key=lambda name: abs(learnt.proposal.weights[name] - ANALYST[name]))
    guarded = with_limits(policy=[largest])
    proposal = learn_weights(company.tables, worths, AS_OF, guarded, NOBODY).proposal
    assert proposal.weights[largest] == pytest.approx(ANALYST[largest], abs=1e-12)


def test_every_trial_is_learned_from_or_counted_with_its_reason(company, worths, learnt):
    outcomes = trial_outcomes(company.tables, AS_OF, OutcomeRules.of(RULES))
    assert len(learnt.rows) == learnt.proposal.trials > 0
    assert len(learnt.rows) + learnt.left_out.sum() == len(outcomes)
    assert not set(learnt.left_out.index) & set(OUTCOMES)
    assert set(learnt.rows["month"]) <= set(worths["month"])


def test_a_trial_is_learned_from_by_the_worths_frozen_before_it(learnt, worths):
    """The row of a trial in a month holds the worths that the month before ended with, to the last bit."""
    for row in learnt.rows.head(20).to_dict("records"):
        kept = worths[(worths["month"] == row["month"]) & (worths["supplier"] == row["supplier"])].iloc[0]
        assert [row[name] for name in ANALYST] == kept[list(ANALYST)].tolist()


def test_worths_kept_later_change_nothing(company, worths):
    """Learning as of August is the same whether or not the reviews of later months have been made already."""
    as_of, rules = pd.Timestamp("2026-08-31"), rules_in_force("demo", "2026-08")
    then = worths[worths["month"] <= "2026-08"]
    known, later = (learn_weights(company.known(as_of), kept, as_of, rules, NOBODY) for kept in (then, worths))
    assert known.rows["known_month"].max() <= "2026-08"
    assert later.proposal.weights == known.proposal.weights


# --- worths of other criteria


def test_a_criterion_added_since_is_missing_in_older_worths_and_the_trials_still_count(company, worths, learnt):
    """Kept before drift was rated: as if nobody's drift had been known then."""
    old = worths["month"].eq("2026-06")
    before = worths[old].drop(columns=["drift", "drift_missing"])
    mixed = learn_weights(company.tables, pd.concat([worths[~old], before]), AS_OF, RULES, NOBODY)
    assert len(mixed.rows) == len(learnt.rows) and mixed.left_out.equals(learnt.left_out)
    then = mixed.rows[mixed.rows["month"] == "2026-06"]
    assert len(then) and then["drift_missing"].all() and not then["defect_rate_missing"].all()
    assert sum(mixed.proposal.weights.values()) == pytest.approx(1)


def test_a_criterion_dropped_since_changes_nothing(company, worths, learnt):
    charm = worths.assign(charm=0.5, charm_missing=False)
    assert learn_weights(company.tables, charm, AS_OF, RULES, NOBODY).proposal.data == learnt.proposal.data


@pytest.mark.parametrize("kept", ["nothing", "another set of criteria"])
def test_without_worths_of_todays_criteria_nothing_is_proposed(company, worths, kept):
    few = ["month", "supplier", "defect_rate", "defect_rate_missing"]
    other = pd.DataFrame() if kept == "nothing" else worths[few]
    found = learn_weights(company.tables, other, AS_OF, RULES, NOBODY)
    assert found.proposal is None and found.rows.empty
    outcomes = trial_outcomes(company.tables, AS_OF, OutcomeRules.of(RULES))
    assert found.left_out.sum() == len(outcomes)
    assert found.left_out["not scored when chosen"] == outcomes["status"].isin(OUTCOMES).sum()


def test_a_source_without_trials_proposes_nothing(company, worths):
    """Bulk orders are no trials: no row, no reason, no proposal; with kept worths or without."""
    tables = {**company.tables, "orders": company.tables["orders"].assign(stage="bulk")}
    for kept in (worths, worths.iloc[:0], pd.DataFrame()):
        found = learn_weights(tables, kept, AS_OF, RULES, NOBODY)
        assert found.proposal is None and found.rows.empty and found.left_out.empty


# --- laws


def shuffled(table, seed):
    return table.sample(frac=1, random_state=seed).reset_index(drop=True)


@pytest.mark.parametrize("seed", [1, 2])
def test_permuting_rows_changes_nothing(company, worths, learnt, seed):
    tables = {name: shuffled(table, seed) for name, table in company.tables.items()}
    again = learn_weights(tables, shuffled(worths, seed), AS_OF, RULES, NOBODY)
    assert again.proposal.data == learnt.proposal.data
    assert again.proposal.weights == learnt.proposal.weights
    pd.testing.assert_series_equal(again.left_out, learnt.left_out)


def test_renaming_the_suppliers_changes_no_weight(company, worths, learnt):
    """New names in the opposite order; names order the rows, so that sums may differ in their last bits."""
    names = sorted({*worths["supplier"], *company.tables["orders"]["supplier"]}, reverse=True)
    new = {name: f"S{number:03d}" for number, name in enumerate(names)}
    tables = {
        name: table.replace({"supplier": new}) if "supplier" in table else table
        for name, table in company.tables.items()
    }
    again = learn_weights(tables, worths.replace({"supplier": new}), AS_OF, RULES, NOBODY)
    assert difference(again.proposal.weights, learnt.proposal.weights) == pytest.approx(0, abs=1e-9)
