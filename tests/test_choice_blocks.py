"""What the report says of the cost of a wrong choice, and of other methods."""

import pandas as pd
import pytest
from review_tables import EIGHT, facts, review_tables

from analysis.reporting.choice_blocks import other_methods, regret_blocks
from analysis.reporting.report_context import report_context

ONE, TWO = EIGHT[0], EIGHT[2]


@pytest.fixture
def tables():
    """Two rivals, one 0.8 likely to be first, over two SKUs of which only one can be bought from both."""
    fixed = review_tables()
    card = fixed["scorecard"]
    card = card[card["supplier"].isin([ONE, TWO])].assign(
        category="工具", rank_in_category=[1, 2], expected_regret=[50.0, 212.5]
    )
    fixed["scorecard"] = card
    fixed["choice_regret"] = pd.DataFrame({
        "supplier": [TWO, ONE, ONE], "sku": ["A-1", "A-1", "B-2"], "season": [300.0, 300.0, 10.0], "value_per_piece": [1.0, 2.0, 3.0],
        "p_best_value": [0.25, 0.75, 1.0], "expected_regret": [212.5, 50.0, 0.0],
        "expected_regret_low": 0.0, "expected_regret_high": [600.0, 180.0, 0.0],
    })  # fmt: skip
    fixed["purchase_plan"] = pd.DataFrame({"sku": ["A-1", "B-2"], "supplier": [TWO, ONE]})
    fixed["rank_sensitivity"] = pd.DataFrame({
        "category": "工具", "supplier": [ONE, TWO], "rank": [1, 2], "rank_topsis": pd.array([1, 2], "Int64"), "rank_vikor": pd.array([2, 1], "Int64"),
    })  # fmt: skip
    return fixed


def cells(block) -> list[list[str]]:
    return [[c if isinstance(c, str) else c["text"] for c in row] for row in block["rows"]]


def test_only_an_sku_with_a_choice_is_told_and_the_plans_supplier_comes_first(tables):
    *_, table = regret_blocks(report_context(tables, facts(), "en"))
    assert cells(table) == [["A-1", TWO, "25%", "212 (0–600)", ONE, "75%", "50 (0–180)"]]


def test_a_rival_of_grade_c_is_no_rival(tables):
    tables["scorecard"]["grade"] = ["C", "A"]
    assert regret_blocks(report_context(tables, facts(), "en")) == []


@pytest.mark.parametrize(
    ("language", "told"), [("en", f"VIKOR would put {TWO} first."), ("zh", f"按 VIKOR，第一名为{TWO}。")]
)
def test_a_method_that_differs_is_named(tables, language, told):
    assert other_methods(report_context(tables, facts(), language), "工具") == told


def test_methods_that_agree_are_told_and_one_without_an_answer_is_not(tables):
    table = tables["rank_sensitivity"].assign(rank_vikor=pd.array([pd.NA, pd.NA], "Int64"))
    m = report_context(tables | {"rank_sensitivity": table}, facts(), "en")
    assert other_methods(m, "工具") == "TOPSIS put it first too." and other_methods(m, "elsewhere") == ""


def test_without_the_table_nothing_is_said():
    assert regret_blocks(report_context(review_tables(), facts(), "en")) == []
