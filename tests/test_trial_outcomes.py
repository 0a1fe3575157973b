"""What past trials were worth: each line worked by hand, with the reason for its status."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from house import house_rules

from analysis.decisions.rating import Criterion, Worths
from analysis.decisions.weights.outcomes import (
    OutcomeRules,
    frozen_worths,
    learning_rows,
    trial_outcomes,
)
from analysis.sources.tables import empty

RULES = OutcomeRules.of(house_rules())
AS_OF = pd.Timestamp("2026-06-30")
ORDERS = [
    # order, supplier, ordered, promised, received, pieces, goods, freight, status
    ("whole", "A", "2026-03-02", "2026-03-20", "2026-03-18", 20, 180.0, 10.0, "received"),
    ("faulty", "B", "2026-03-05", "2026-03-20", "2026-03-30", 10, 80.0, 0.0, "received"),  # 10 days late, 2 of 10 bad
    ("sampled", "B", "2026-04-05", "2026-04-20", "2026-04-20", 50, 400.0, 0.0, "received"),  # 1 of 10 inspected bad
    ("returned", "A", "2026-04-10", "2026-04-30", "2026-04-25", 10, 90.0, 5.0, "received"),
    ("uninspected", "A", "2026-05-10", "2026-05-30", "2026-05-25", 10, 90.0, 5.0, "received"),
    ("lost", "C", "2026-03-10", "2026-03-30", None, 10, 70.0, 5.0, "open"),  # open for 112 days
    ("on the road", "C", "2026-06-10", "2026-06-30", None, 10, 70.0, 5.0, "open"),
    ("given back", "C", "2026-05-01", "2026-05-21", None, 10, 70.0, 5.0, "refunding"),
    ("called off", "C", "2026-05-01", "2026-05-21", None, 10, 70.0, 5.0, "cancelled"),
    ("never paid", "C", "2026-05-01", "2026-05-21", None, 10, 70.0, 5.0, "unpaid"),
    ("finished", "A", "2026-05-01", "2026-05-21", None, 10, 70.0, 5.0, "unknown"),
]


def table(name: str, rows: list[dict]) -> pd.DataFrame:
    blank = empty(name)
    filled = pd.DataFrame(rows).reindex(columns=blank.columns)
    return filled.astype(blank.dtypes.to_dict())


@pytest.fixture
def tables() -> dict[str, pd.DataFrame]:
    names = [
        "order_id",
        "supplier",
        "ordered_on",
        "promised_on",
        "received_on",
        "quantity",
        "goods_amount",
        "freight",
        "status",
    ]
    orders = [
        dict(zip(names, row), line_no=1, sku="BOX", category="home", stage="trial", unit_price=row[6] / row[5])
        for row in ORDERS
    ]
    for order in orders:
        for name in ("ordered_on", "promised_on", "received_on"):
            order[name] = pd.Timestamp(order[name]) if order[name] else pd.NaT
        order["paid_on"] = order["ordered_on"]
    bulk = {**orders[0], "order_id": "bulk", "stage": "bulk"}

    def inspected(order, pieces, defective):
        day = pd.Timestamp("2026-04-28")
        return {"order_id": order, "line_no": 1, "inspected_on": day, "inspected": pieces, "defective": defective}

    return {
        "orders": table("orders", [*orders, bulk]),
        "inspections": table(
            "inspections",
            [inspected("whole", 20, 0), inspected("faulty", 10, 2), inspected("sampled", 10, 1), inspected("returned", 10, 1)],
        ),
        "returns": table(
            "returns",
            [{"order_id": "returned", "line_no": 1, "returned": 3, "reworked": 0, "cost": 6.0, "settled_on": pd.Timestamp("2026-05-09")}],
        ),
        "demand": empty("demand"),
        "quotes": table(
            "quotes",
            [
                {"quote_id": q, "supplier": "A", "sku": "BOX", "quoted_on": pd.Timestamp(day), "min_quantity": 1,
                 "unit_price": 9.0, "benchmark_price": 10.0}
                for q, day in (("Q1", "2026-01-01"), ("Q2", "2026-04-01"), ("Q3", "2026-06-01"))
            ],
        ),
    }  # fmt: skip


@pytest.fixture
def outcomes(tables) -> pd.DataFrame:
    return trial_outcomes(tables, AS_OF, RULES).set_index("order_id")


WORKED = {
    # usable, paid, returns, delay a piece in units of the reference price 10; financing is days x 0.000225 x paid
    "whole": (1.0, 190 / 200, 0.0, 0.0, 16),
    "faulty": (0.8, 80 / 100, 0.0, 0.03, 25),
    "sampled": (0.9, 400 / 500, 0.0, 0.0, 15),
    "returned": (0.7, 95 / 100, 6 / 100, 0.0, 15),  # 3 sent back, one of them counted defective before
    "lost": (0.0, 75 / 100, 0.0, 0.003 * 60, 112),  # 92 days late, the loss stops at 60
    "given back": (0.0, 5 / 100, 0.0, 0.003 * 40, 60),  # the goods' price came back, the freight did not
}

DEFECTIVE = {"faulty": 0.2, "sampled": 0.1, "returned": 0.1}
"""Share found defective."""


@pytest.mark.parametrize("order", WORKED)
def test_every_loss_is_counted(outcomes, order):
    usable, paid, returns, delay, days = WORKED[order]
    row = outcomes.loc[order]
    cost = next(o[6] + o[7] for o in ORDERS if o[0] == order) / (10 * row["pieces"])
    parts = {"usable": usable, "paid": paid, "returns": returns, "delay": delay, "financing": 0.000225 * days * cost}
    parts["defects"] = RULES.defect_cost * DEFECTIVE.get(order, 0.0)
    for name, expected in parts.items():
        assert row[name] == pytest.approx(expected), name
    assert row["value"] == pytest.approx(usable - parts["defects"] - paid - returns - delay - parts["financing"])


def test_what_has_no_outcome_yet_says_why_and_has_no_value(outcomes):
    expected = {
        "uninspected": "not inspected", "on the road": "open", "called off": "cancelled", "never paid": "unpaid",
        "finished": "arrival unknown",
    }  # fmt: skip
    assert outcomes.loc[list(expected), "status"].to_dict() == expected
    assert outcomes.loc[list(expected), ["value", "usable", "paid", "known_month"]].isna().all(axis=None)
    assert outcomes.loc["lost", "status"] == "not arrived"
    assert "bulk" not in outcomes.index


def test_an_order_belongs_to_the_newest_quote_of_its_day_or_to_itself(outcomes):
    assert outcomes.loc[["whole", "returned", "faulty"], "quote"].tolist() == ["Q1", "Q2", "faulty"]


def test_outcomes_are_known_when_their_last_part_is(outcomes):
    assert outcomes.loc[["whole", "returned"], "known_month"].tolist() == ["2026-04", "2026-05"]
    assert outcomes.loc["lost", "known_month"] == "2026-06"  # given up 91 days after 10 March


def test_without_quotes_the_median_price_paid_is_the_reference(tables):
    tables["quotes"] = empty("quotes")
    found = trial_outcomes(tables, AS_OF, RULES).set_index("order_id")
    prices = [row[6] / row[5] for row in ORDERS]
    assert found["reference_price"].unique().tolist() == [pytest.approx(np.median(prices))]


def test_without_a_promise_late_is_later_than_the_products_usual_time(tables):
    tables["orders"]["promised_on"] = pd.NaT
    found = trial_outcomes(tables, AS_OF, RULES).set_index("order_id")
    took = [16, 25, 15, 15, 15]
    assert found.loc["faulty", "delay"] == pytest.approx(0.003 * (25 - np.median(took)))


def test_no_trials_no_rows(tables):
    tables["orders"] = tables["orders"].assign(stage="bulk")
    assert trial_outcomes(tables, AS_OF, RULES).empty


def test_a_later_stage_can_count_as_a_trial(tables):
    found = trial_outcomes(tables, AS_OF, replace(RULES, stages=("bulk",)))
    assert found["order_id"].tolist() == ["bulk"]


@pytest.fixture
def scored() -> Worths:
    criteria = (Criterion("price_ratio", 0.5, (1.2, 1.0, 0.8, 0.6)), Criterion("on_time", 0.5, (0.4, 0.6, 0.8, 1.0)))
    suppliers = pd.Index(["A", "B"], name="supplier")
    values = np.array([[[0.2, 0.4], [0.6, 0.8]], [[0.1, 0.1], [0.0, 1.0]]])
    n = np.array([[1, 1], [3, 0]])
    return Worths(criteria, suppliers, pd.Series("home", index=suppliers), values, values, n)


@pytest.fixture
def frozen(scored) -> pd.DataFrame:
    return frozen_worths(scored, "2026-03")


def test_worths_are_frozen_as_expected_values_with_what_was_missing(frozen):
    found = frozen.set_index("supplier")
    assert found["price_ratio"].tolist() == pytest.approx([0.3, 0.7])
    assert found["on_time"].tolist() == pytest.approx([0.1, 0.5])
    assert found["on_time_missing"].tolist() == [False, True]


def test_a_piece_that_is_sold_is_worth_its_selling_price(tables, outcomes):
    """Sold at 25, 2.5 times the reference price of 10: the value is the profit, whatever the rules say of an unknown price."""
    sold = pd.DataFrame(
        {"sku": ["BOX"], "month": [pd.Timestamp("2026-05-01")], "units": [9.0], "selling_price": [25.0]}
    )
    found = trial_outcomes({**tables, "demand": sold}, AS_OF, replace(RULES, worth=9.0)).set_index("order_id")
    gained = found["value"] - outcomes["value"]
    assert gained[["whole", "faulty", "lost"]].tolist() == pytest.approx([1.5, 1.5 * 0.8, 0.0])


def test_credit_beyond_the_arrival_is_worth_something(tables, outcomes):
    """Paid 30 days after it came: the money worked for us instead of against us."""
    orders = tables["orders"]
    late = orders["order_id"].eq("whole")
    paid_on = orders["paid_on"].mask(late, orders["received_on"] + pd.Timedelta(days=30))
    found = trial_outcomes({**tables, "orders": orders.assign(paid_on=paid_on)}, AS_OF, RULES).set_index("order_id")
    assert found.loc["whole", "financing"] == pytest.approx(-30 * 0.000225 * 190 / 200)
    assert found.loc["whole", "value"] > outcomes.loc["whole", "value"]


def test_only_trials_scored_when_they_were_chosen_teach(tables, frozen):
    rows, left_out = learning_rows(trial_outcomes(tables, AS_OF, RULES), frozen, ["price_ratio", "on_time"])
    assert rows["order_id"].tolist() == ["faulty", "whole"]
    assert rows["on_time_missing"].tolist() == [True, False]
    assert left_out.to_dict() == {
        "arrival unknown": 1, "cancelled": 1, "not inspected": 1, "not scored when chosen": 4, "open": 1, "unpaid": 1,
    }  # fmt: skip
    assert len(rows) + left_out.sum() == len(ORDERS)


def test_two_frozen_rows_for_one_choice_are_refused(tables, frozen):
    twice = pd.concat([frozen, frozen])
    with pytest.raises(ValueError, match="one row for each month, supplier"):
        learning_rows(trial_outcomes(tables, AS_OF, RULES), twice, ["price_ratio", "on_time"])
