"""One answer: no table and no page of a review says otherwise than the purchase plan, and the check for it finds what does."""

import pandas as pd
import pytest
from agreement import page_contradictions
from review_tables import EIGHT, facts, review_tables

from analysis.reporting.sections import report_content
from analysis.review.agreement import contradictions
from analysis.wording import LANGUAGES

A, B, C, D = EIGHT[0], EIGHT[1], EIGHT[4], EIGHT[3]


@pytest.fixture
def tables():
    """The hand-made month without B-7, which nobody wants: T-100 of B (backup A), T-9 of C; D is grade C."""
    made = review_tables()
    for name in ("purchase_plan", "stock", "negotiation"):
        made[name] = made[name][made[name]["sku"] != "B-7"].reset_index(drop=True)
    made["demand_forecast"] = made["demand_forecast"].assign(supplier=B)
    return made | {"supply_policies": made["supply_policies"].assign(supplier=B, backup=A)}


@pytest.fixture
def advised(tables):
    """The same with an advice that follows the plan, and no trial."""
    advice = pd.DataFrame({"category": ["工具"], "main": [B], "nearest": None, "backup": [A]})
    return tables | {"sourcing_advice": advice, "trial_plan": pd.DataFrame(columns=["supplier", "sku", "pieces"])}


def changed(tables, name, column, value):
    """`tables` with the first row's value of one column changed."""
    table = tables[name].copy()
    table[column] = table[column].astype(object)
    table.loc[table.index[0], column] = value
    return tables | {name: table}


def test_the_hand_made_month_agrees(advised):
    assert contradictions(advised) == []


@pytest.mark.parametrize(
    ("name", "column", "value", "said"),
    [
        ("stock", "supplier", A, "stock buys T-100 from"),
        ("negotiation", "supplier", A, "negotiation buys T-100 from"),
        ("demand_forecast", "supplier", C, "demand_forecast buys T-100 from"),
        ("supply_policies", "backup", C, "is backup for T-100"),
        ("purchase_plan", "backup", B, "the plan's backup for T-100 is its supplier"),
        ("purchase_plan", "backup", EIGHT[2], "steps in for T-100, in the plan"),
        ("purchase_plan", "cost_per_good_piece", 18.0, "18.00 in the plan, 19.71 on the cost sheet"),
        ("purchase_plan", "supplier", D, "which is grade C"),
        ("purchase_plan", "rest_supplier", D, "which is grade C"),
        ("sourcing_advice", "main", D, "which is grade C"),
        ("sourcing_advice", "main", EIGHT[2], "from whom the plan buys nothing"),
        ("sourcing_advice", "backup", C, "which the plan does not name"),
    ],
)
def test_a_table_that_says_otherwise_is_found(advised, name, column, value, said):
    assert any(said in told for told in contradictions(changed(advised, name, column, value)))


def test_a_trial_of_the_supplier_that_is_bought_from_is_found(advised):
    trial = pd.DataFrame({"supplier": [B, A], "sku": "T-100", "pieces": 10})
    assert contradictions(advised | {"trial_plan": trial}) == [
        f"a trial of 10 T-100 from {B}, whom the plan buys it from"
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_that_says_otherwise_is_found(tables, language):
    """A page made from another plan than the tables'; a supplier of grade C as one that is bought from; two costs of one SKU."""
    content = report_content(tables, facts(), language)
    assert page_contradictions(content, tables) == []
    other = page_contradictions(content, changed(tables, "purchase_plan", "supplier", C))
    assert any("T-100 is bought from" in told for told in other)
    stopped = tables | {"scorecard": tables["scorecard"].assign(grade=["A", "A", "B", "B", "C", "B", "B", "B"])}
    assert any("which is grade C" in told for told in page_contradictions(content, stopped))
    content["front"] = report_content(changed(tables, "purchase_plan", "cost_low", 1.0), facts(), language)["front"]
    assert any("T-100 costs" in told and "on different pages" in told for told in page_contradictions(content, tables))
