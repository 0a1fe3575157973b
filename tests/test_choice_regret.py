"""The expected regret of choosing each supplier: worked by hand, and the laws that it obeys."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from analysis.decisions.trial_plan import SeasonValues
from analysis.decisions.trial_plan.regret import REGRET_COLUMNS, add_expected_regret, choice_regret


def season_values(pairs, values, season) -> SeasonValues:
    candidates = pd.DataFrame(pairs, columns=["supplier", "sku"]).assign(price=1.0, minimum=1.0)
    return SeasonValues(candidates, np.asarray(values, float), pd.Series(season, dtype=float), pd.DataFrame())


@pytest.fixture
def found():
    """Two worlds. Cups, 100 a season: a is worth 3 and 1 a piece, b 2 and 2. Pans, 10 a season: only a, and lamps are not sold."""
    pairs = [("a", "cup"), ("b", "cup"), ("a", "pan"), ("b", "lamp")]
    return season_values(pairs, [[3, 1], [2, 2], [5, 7], [9, 9]], {"cup": 100, "pan": 10})


def test_regret_worked_by_hand(found):
    """a misses 0 and 1 a cup, b 1 and 0: half of 100 each; a wrong choice that costs double misses twice as much."""
    table = choice_regret(found, 1.0).set_index(["sku", "supplier"])
    assert table["expected_regret"].to_dict() == {("cup", "a"): 50.0, ("cup", "b"): 50.0, ("pan", "a"): 0.0}
    assert table["p_best_value"].to_dict() == {("cup", "a"): 0.5, ("cup", "b"): 0.5, ("pan", "a"): 1.0}
    assert choice_regret(found, 2.0)["expected_regret"].tolist() == [100.0, 100.0, 0.0]


def test_the_scorecard_adds_up_what_each_supplier_offers(found):
    card = add_expected_regret(pd.DataFrame({"supplier": ["b", "a", "c"]}), choice_regret(found, 1.0))
    assert card["expected_regret"].tolist()[:2] == [50.0, 50.0] and pd.isna(card["expected_regret"][2])


def test_where_nobody_else_offers_there_is_no_choice_to_regret(found):
    only = choice_regret(found, 1.0).query("sku == 'pan'")
    assert add_expected_regret(pd.DataFrame({"supplier": ["a"]}), only)["expected_regret"].isna().all()


@given(arrays(float, (4, 50), elements=st.floats(-5, 5)), st.floats(1, 1e4))
def test_laws(values, season):
    """Never below 0; 0 for one that is best in every world; the best mean has the least regret; chances add up to 1."""
    names = [(name, "cup") for name in "abcd"]
    table = choice_regret(season_values(names, values, {"cup": season}), 1.0)
    regret = table.set_index("supplier")["expected_regret"]
    assert (regret >= 0).all() and table["p_best_value"].sum() == pytest.approx(1)
    gap = values.mean(axis=1).max() - values.mean(axis=1)
    assert (regret.loc[list("abcd")] - regret.min()).to_numpy() == pytest.approx(season * gap, abs=1e-6 * season)
    top = np.vstack([values[:3], values.max(axis=0)])
    assert (
        choice_regret(season_values(names, top, {"cup": season}), 1.0).set_index("supplier").loc["d", "expected_regret"]
        == 0
    )


def test_a_rival_who_is_worse_in_every_world_changes_nobodys_regret(found):
    pairs = [*found.candidates[["supplier", "sku"]].itertuples(index=False, name=None), ("z", "cup")]
    more = season_values(pairs, [*found.values, [-4, -4]], found.season)
    own = choice_regret(more, 1.0).query("supplier != 'z'").reset_index(drop=True)
    pd.testing.assert_frame_equal(own, choice_regret(found, 1.0))


def test_nothing_offered_is_no_row():
    assert list(choice_regret(season_values([], np.empty((0, 2)), {}), 1.0).columns) == REGRET_COLUMNS
