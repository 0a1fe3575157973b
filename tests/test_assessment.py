"""From tables to ranks in one call: nobody's place depends on what suppliers are called or on how the rows are sorted."""

import numpy as np
import pandas as pd
import pytest

from analysis.assessment import assess
from analysis.rules import rules_in_force
from analysis.simulate import simulate_company

AS_OF = pd.Timestamp("2026-10-31")
RULES = rules_in_force("demo", "2026-10")


@pytest.fixture(scope="module")
def tables():
    return simulate_company(rounds=5, suppliers=9, seed=3, story=False).known(AS_OF)


@pytest.fixture(scope="module")
def card(tables):
    return scorecard(tables)


def scorecard(tables) -> pd.DataFrame:
    return assess(tables, AS_OF, RULES, "CNY", seed=1, days="every day").scorecard.set_index("supplier")


def with_suppliers(table: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    return table.assign(supplier=table["supplier"].map(names).astype("str")) if "supplier" in table else table


def test_names_and_the_order_of_rows_decide_nothing(tables, card):
    """Every supplier renamed so that their alphabetical order is reversed, all rows of all tables shuffled."""
    sorted_names = sorted(card.index)
    renamed = dict(zip(sorted_names, (f"n{i:03d}" for i in range(len(sorted_names), 0, -1))))
    mixed = {
        name: with_suppliers(table, renamed).sample(frac=1, random_state=7).reset_index(drop=True)
        for name, table in tables.items()
    }
    other = scorecard(mixed).rename(index={new: old for old, new in renamed.items()}).loc[card.index]
    exactly = ["rank", "rank_in_category", "grade", "missing_criteria"]
    assert (other[exactly] == card[exactly]).all(axis=None)
    numbers = ["rating", "rating_low", "rating_high"]
    assert other[numbers].to_numpy() == pytest.approx(card[numbers].to_numpy(), abs=1e-6)
    # Chances between suppliers are counted over worlds that names have put in order: the same but for counting noise.
    noise = 4.5 * np.sqrt(0.5) / np.sqrt(4000)
    assert other["p_best"].to_numpy() == pytest.approx(card["p_best"].to_numpy(), abs=noise)
    assert card["missing_criteria"].ne("").any()  # else the law would not reach what is assumed of the unseen


def test_suppliers_with_the_same_records_share_a_rank(tables):
    twin_of = tables["orders"]["supplier"].value_counts().index[0]
    both = {}
    for name, table in tables.items():
        copy = table
        if "order_id" in table:
            of_twin = tables["orders"].loc[tables["orders"]["supplier"] == twin_of, "order_id"]
            copy = table[table["order_id"].isin(of_twin)].assign(order_id=lambda rows: "twin " + rows["order_id"])
        if "quote_id" in table:
            copy = copy.assign(quote_id="twin " + copy["quote_id"])
        if "supplier" in copy:
            copy = copy[copy["supplier"].isin([twin_of])].assign(supplier="a twin")
        both[name] = table if name == "demand" else pd.concat([table, copy.astype(table.dtypes)], ignore_index=True)
    card = scorecard(both)
    assert card.loc["a twin", "rank"] == card.loc[twin_of, "rank"]
    assert card.loc["a twin", "rating"] == pytest.approx(card.loc[twin_of, "rating"], abs=1e-8)
