"""ISO 2859-1 tables cell by cell, published plans typed from the standard, and the switching rules."""

import pandas as pd
import pytest
from scipy import stats

from analysis.decisions.inspection_plan import iso2859_plan
from analysis.decisions.inspection_plan.iso2859 import Switching, aql_index, code_letter, severity_from_history, tables

LEVELS = ["S-1", "S-2", "S-3", "S-4", "I", "II", "III"]


@pytest.mark.parametrize(
    ("lot_size", "level", "aql", "severity", "edition", "plan"),
    [
        # GB/T 2828.1-2012 (= ISO 2859-1:1999), tables 1 and 2-A
        (1000, "II", 1.0, "normal", "iso1999", ("J", 80, 2, 3)),
        (500, "II", 2.5, "normal", "iso1999", ("H", 50, 3, 4)),
        (5000, "II", 4.0, "normal", "iso1999", ("L", 200, 14, 15)),
        (1200, "I", 1.5, "normal", "gb2012", ("G", 32, 1, 2)),
        (50, "II", 2.5, "normal", "iso1999", ("C", 5, 0, 1)),  # D / 2.5 follows the arrow up: n and Ac together
        (50, "II", 1.5, "normal", "iso1999", ("D", 8, 0, 1)),
        (100, "II", 0.65, "normal", "iso1999", ("F", 20, 0, 1)),
        (500, "II", 40, "normal", "iso1999", ("G", 32, 21, 22)),  # H / 40 follows the arrow up to the last Ac of 21
        # table 2-B, tightened
        (1000, "II", 1.0, "tightened", "iso1999", ("J", 80, 1, 2)),
        (500, "II", 2.5, "tightened", "iso1999", ("H", 50, 2, 3)),
        (1000, "II", 2.5, "tightened", "iso1999", ("J", 80, 3, 4)),
        # table 2-C, reduced: no gap between acceptance and rejection any more
        (1000, "II", 1.0, "reduced", "iso1999", ("J", 32, 1, 2)),
        (1000, "II", 2.5, "reduced", "iso1999", ("J", 32, 3, 4)),
        # MIL-STD-105E table II-C, the gap
        (1000, "II", 1.0, "reduced", "mil105e", ("J", 32, 1, 3)),
        (1000, "II", 2.5, "reduced", "mil105e", ("J", 32, 2, 5)),
        # the one tightened cell in which the editions differ: code letter A at AQL 10
        (8, "II", 10, "tightened", "iso1999", ("A", 2, 0, 1)),
        (50, "S-1", 10, "tightened", "mil105e", ("D", 8, 1, 2)),
    ],
)
def test_published_plans(lot_size, level, aql, severity, edition, plan):
    found = iso2859_plan(lot_size, level, aql, severity, edition)
    assert (found.letter, found.table_size, found.accept, found.reject) == plan


def lots():
    """One lot size inside, at the foot and at the top of each range."""
    for low, high in tables()["lot_ranges"]:
        top = high or 2_000_000
        yield from sorted({low, (low + top) // 2, top})


def table_cell(severity, edition, letter, column):
    """The cell as the file has it."""
    if edition == "mil105e" and severity == "reduced":
        return tables()["plans_mil105e_reduced_resolved"][letter][column]
    return tables()["plans_iso_1999_resolved"][severity][letter][column][1:]


@pytest.mark.parametrize("edition", ["iso1999", "gb2012", "mil105e"])
@pytest.mark.parametrize("severity", ["normal", "tightened", "reduced"])
def test_every_cell_and_inspect_all_when_the_sample_reaches_the_lot(severity, edition):
    seen = set()
    for lot_size in lots():
        row = next(i for i, (low, top) in enumerate(tables()["lot_ranges"]) if low <= lot_size <= (top or lot_size))
        for level in LEVELS:
            letter = tables()["code_letters"][row][LEVELS.index(level)]
            assert code_letter(lot_size, level) == letter
            for column, aql in enumerate(tables()["aql"]):
                if (edition, severity, letter, aql) == ("mil105e", "tightened", "A", 10):
                    continue  # among the published plans above
                plan = iso2859_plan(lot_size, level, aql, severity, edition)
                size, accept, reject = table_cell(severity, edition, letter, column)
                assert (plan.sample_size, plan.accept, plan.reject) == (min(size, lot_size), accept, reject)
                seen.add((letter, column))
    assert len(seen) >= 16 * 26 - 1


@pytest.mark.parametrize("severity", ["normal", "tightened", "reduced"])
def test_acceptance_numbers_run_along_the_diagonals(severity):
    """The standard's design: where a cell holds its own plan, Ac depends only on letter + AQL steps (Ac >= 1, n > 3)."""
    letters = list(tables()["plans_iso_1999_resolved"][severity])[4:]
    by_diagonal: dict[int, set[int]] = {}
    for i, letter in enumerate(letters):
        for j, (final, _, accept, _) in enumerate(tables()["plans_iso_1999_resolved"][severity][letter]):
            if final == letter and accept >= 1:
                by_diagonal.setdefault(i + j, set()).add(accept)
    assert by_diagonal and all(len(numbers) == 1 for numbers in by_diagonal.values())


def test_published_operating_points_of_letter_j_aql_1():
    """ISO 2859-1 table 10-J-1 (n = 80, Ac = 2): 95 % acceptance at 1.03 % defective, 10 % at 6.52 %."""
    plan = iso2859_plan(1000, "II", 1.0)
    assert stats.binom.cdf(plan.accept, plan.sample_size, 0.0103) == pytest.approx(0.95, abs=0.0015)
    assert stats.binom.cdf(plan.accept, plan.sample_size, 0.0652) == pytest.approx(0.10, abs=0.0008)


def test_a_single_piece_is_inspected():
    assert iso2859_plan(1, "II", 2.5).sample_size == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((50, "IV", 2.5), r"level: one of S-1, .* is needed, got 'IV'"),
        ((50, "II", 3.0), r"aql: the standard has .* got 3.0; nearest: \[1.5, 2.5, 4.0\]"),
        ((0, "II", 2.5), "lot_size: .* 1 or more, got 0"),
        ((7.5, "II", 2.5), "lot_size: .* got 7.5"),
        ((50, "II", 2.5, "lax"), "severity: one of normal, tightened, reduced is needed, got 'lax'"),
        ((50, "II", 2.5, "normal", "iso1989"), "edition: one of iso1999, gb2012, mil105e is needed"),
    ],
)
def test_what_the_standard_does_not_have_is_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        iso2859_plan(*arguments)


def run(results, state=None, accept=0, **kwargs):
    state = state or Switching()
    for accepted in results:
        state = state.after(accepted, accept, accepted, **kwargs)
    return state


def test_two_rejections_within_five_lots_tighten():
    assert run([True, False, True, True, False]).severity == "tightened"
    assert run([False, True, True, True, True, False]).severity == "normal"  # six lots apart


def test_five_accepted_in_a_row_return_to_normal():
    tightened = Switching("tightened")
    assert run([True] * 4, tightened).severity == "tightened"
    assert run([True] * 4 + [False] + [True] * 4, tightened).severity == "tightened"
    assert run([True] * 5, tightened) == Switching()


def test_five_rejections_while_tightened_discontinue_for_good():
    state = run([False, True] * 4 + [False], Switching("tightened"))
    assert state.severity == "discontinued"
    assert run([True] * 20, state).severity == "discontinued"


def test_switching_score_counts_two_for_small_and_three_for_larger_acceptance_numbers():
    assert run([True] * 14).score == 28
    assert run([True] * 15).severity == "reduced"  # 15 x 2
    assert run([True] * 9, accept=3).score == 27
    assert run([True] * 10, accept=3).severity == "reduced"  # 10 x 3
    assert run([True] * 15, steady=False).severity == "normal"


def test_a_lot_that_fails_one_aql_step_tighter_resets_the_score():
    state = run([True] * 9, accept=3).after(True, 3, accepted_tighter=False)
    assert (state.severity, state.score) == ("normal", 0)


def test_reduced_ends_with_a_rejection_an_unsteady_line_or_a_count_in_the_gap():
    reduced = Switching("reduced")
    assert run([True] * 30, reduced).severity == "reduced"
    assert run([False], reduced).severity == "normal"
    assert run([True], reduced, steady=False).severity == "normal"
    assert reduced.after(True, 1, True, in_gap=True).severity == "normal"


def history(defectives, lot_size=50, inspected=50):
    return pd.DataFrame({"lot_size": lot_size, "inspected": inspected, "defective": defectives})


def test_severity_from_lots_inspected_piece_by_piece():
    # II, AQL 2.5, 50 pieces: n = 5, Ac = 0. A sample of 5 out of 50 shows none of 6 defectives with 51 %, of 7 with 45 %.
    assert severity_from_history(history([0, 6, 6, 6, 6]), "II", 2.5).severity == "normal"
    assert severity_from_history(history([0, 7, 0, 7]), "II", 2.5).severity == "tightened"
    assert severity_from_history(history([0] * 15), "II", 2.5).severity == "reduced"
    assert severity_from_history(history([20] * 12), "II", 2.5).severity == "discontinued"


def test_only_steady_production_comes_to_reduced_inspection():
    """Fifteen lots accepted score 30; the sixteenth is a trial order again."""
    trials = history([0] * 15).assign(steady=False)
    assert severity_from_history(trials, "II", 2.5).severity == "normal"
    bulk = trials.assign(steady=[False] * 14 + [True])
    assert severity_from_history(bulk, "II", 2.5).severity == "reduced"
    assert severity_from_history(pd.concat([bulk, trials.head(1)]), "II", 2.5).severity == "normal"


def test_severity_from_lots_inspected_by_the_plan():
    assert severity_from_history(history([1, 0, 1], inspected=5), "II", 2.5).severity == "tightened"
    assert severity_from_history(history([], inspected=5), "II", 2.5) == Switching()


def test_impossible_lots_are_refused_with_their_rows():
    with pytest.raises(ValueError, match=r"broken in rows \[1\]"):
        severity_from_history(history([0, 60]), "II", 2.5)
    with pytest.raises(ValueError, match="columns lot_size, inspected and defective are needed"):
        severity_from_history(pd.DataFrame({"lot_size": [5]}), "II", 2.5)


def test_aql_is_found_whatever_its_number_type():
    assert aql_index(10) == aql_index(10.0) and aql_index(0.1) == 5
