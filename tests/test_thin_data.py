"""Thin but ordinary input: the month is assessed whatever tables are missing, and its numbers are what one would say by hand."""

import numpy as np
import pandas as pd
import pytest
from examples import examples
from house import planned
from hypothesis import given
from hypothesis import strategies as st
from subsets import CANONICAL, LEDGER, SUPPLIERS, failure
from thin_estimates import NUMBERS, worlds

from analysis.assessment import assess
from analysis.decisions.inspection_plan import InspectionRule, recommend_plans
from analysis.decisions.inspection_plan.sampling_plan import limiting_quality_plan
from analysis.decisions.sourcing import (
    buying_basis,
    cost_sheet_of,
    escape_costs,
    expected_lots,
    negotiation_table,
    rates_of_lots,
    recent_spend,
)
from analysis.decisions.stock import StockRule, fit_demand
from analysis.estimates.defect_rate import defect_draws, fit_defect_rates, fit_lots, inspected_lots
from analysis.estimates.draws import Draws
from analysis.estimates.lead_time import LeadTimes, fit_lead_times, lead_times, predictive_draws
from analysis.months import DAYS_A_MONTH
from analysis.rules import rules_in_force
from analysis.simulate import simulate_company
from analysis.sources.tables import TABLES, empty

AS_OF = pd.Timestamp("2026-10-31")
RULES = rules_in_force("demo", "2026-10")
COMPANY = simulate_company(rounds=3, suppliers=8, seed=3, story=False).known(AS_OF)


def month(absent, suppliers: int) -> dict[str, pd.DataFrame]:
    """The company's tables without those `absent`, of its first so many suppliers."""
    kept = sorted(COMPANY["orders"]["supplier"].unique())[:suppliers]
    orders = COMPANY["orders"][COMPANY["orders"]["supplier"].isin(kept)]
    tables = {}
    for name, table in COMPANY.items():
        if "supplier" in table:
            table = table[table["supplier"].isin(kept)]
        elif "order_id" in table:
            table = table[table["order_id"].isin(orders["order_id"])]
        tables[name] = (table.iloc[:0] if name in absent else table).reset_index(drop=True)
    return tables


@examples(12, derandomize=True)
@given(st.sets(st.sampled_from(CANONICAL)), st.sampled_from(SUPPLIERS))
def test_any_table_but_orders_may_be_missing(absent, suppliers):
    tables = month(absent, suppliers)
    card = assess(tables, AS_OF, RULES, "CNY", seed=1, days="every day").scorecard
    assert set(card["supplier"]) >= set(tables["orders"]["supplier"]) and card["rating"].between(0, 100).all()
    levers = negotiation(tables)
    if "inspections" in absent:
        assert not levers.loc[levers["lever"] == "defect_point", "known"].any()


@examples(3, derandomize=True)
@given(st.data())
def test_any_sheets_and_tables_may_be_missing_from_a_whole_review(data):
    """A sample of what `benchmarks/subsets.py` runs in full: the notebooks' cells and the pages in both languages."""
    kind, names = data.draw(st.sampled_from([("ledger", LEDGER), ("canonical", CANONICAL)]))
    absent, suppliers = data.draw(st.sets(st.sampled_from(names))), data.draw(st.sampled_from(SUPPLIERS))
    assert failure(kind, frozenset(absent), suppliers, empty=data.draw(st.booleans())) == ""


def negotiation(tables) -> pd.DataFrame:
    """As notebook 04 makes it."""
    times = lead_times(tables["orders"], AS_OF)
    defects = defect_draws(fit_lots(inspected_lots(tables["orders"], tables["inspections"]), tables["orders"]), 1)
    coming = predictive_draws(times, fit_lead_times(times), 1)
    basis = buying_basis(tables, AS_OF, RULES, "CNY", defects, coming, 1)
    sheet = cost_sheet_of(basis)
    _, supply = planned(basis, tables, AS_OF, RULES)
    return negotiation_table(basis, sheet, supply, RULES.read("stock", StockRule))


def test_an_article_has_the_newest_category_stated():
    tables = month((), 3)
    orders = tables["orders"].sort_values("ordered_on", ignore_index=True)
    sku = orders["sku"].value_counts().index[0]
    rows = orders.index[orders["sku"] == sku]
    orders.loc[rows, "category"] = pd.NA
    orders.loc[rows[0], "category"] = "kitchen"
    spend = recent_spend(orders, AS_OF)
    assert not spend.duplicated(["supplier", "sku"]).any()
    assert set(spend.loc[spend["sku"] == sku, "category"]) <= {"kitchen"}


@pytest.mark.parametrize(
    "units",
    [[60], [50, 0], [0, 0, 100], [30, 0, 0, 30, 0, 0, 30], [1, 900]],
    ids=lambda units: "-".join(map(str, units)),
)
def test_mean_demand_is_the_plain_mean_and_its_tail_is_bounded(units):
    months = pd.date_range("2026-04-01", periods=len(units), freq="MS")
    fitted = fit_demand(pd.DataFrame({"sku": "a", "month": months, "units": pd.array(units, dtype="Int64")}))
    monthly = fitted.nodes.mean[0] * DAYS_A_MONTH
    plain = fitted.units[0] / fitted.months[0]
    assert monthly.mean() == pytest.approx(plain, rel=0.06)
    # an inverse gamma of shape 3 and mean 1: its 95 % quantile is 2 / 0.8177
    assert np.quantile(monthly, 0.95) < plain * 2 / 0.8177 * 1.1


@pytest.mark.parametrize("same_day", [2, 3, 10])
@pytest.mark.parametrize("others", [(), (12,), (12, 22)], ids=["alone", "one other", "two others"])
def test_same_day_deliveries_predict_about_a_day(same_day, others):
    supplier = ["A"] * same_day + [f"B{days}" for days in others for _ in range(4)]
    days = [0.0] * same_day + [days + late for days in others for late in range(4)]
    posterior = fit_lead_times(LeadTimes.of(supplier, days, [True] * len(days), resolution=1.0))
    median, p90 = (posterior.quantile(q).loc["A", "estimate"] for q in (0.5, 0.9))
    drawn = posterior.draws("lead_time", 4000, np.random.default_rng(1)).of(pd.Index(["A"]))[0]
    assert median < 1 and p90 < 2 and drawn.mean() < 2


@pytest.mark.parametrize(
    ("median", "others"), [(80, (12, 22)), (80, (12,)), (20, (12, 22)), (80, (0,))], ids=lambda x: str(x)
)
def test_a_supplier_of_which_nothing_arrived_yet_keeps_days(median, others):
    """Three orders open for about `median` days: P90 stays within ten times, its interval too, of the longest wait seen."""
    supplier = ["A"] * 3 + [f"B{days}" for days in others for _ in range(4)]
    days = [median - 20.0, median - 10.0, float(median)] + [float(days) for days in others for _ in range(4)]
    received = [False] * 3 + [True] * 4 * len(others)
    posterior = fit_lead_times(LeadTimes.of(supplier, days, received, resolution=1.0))
    for q in (0.5, 0.9, 0.95):
        row = posterior.quantile(q).loc["A"]
        assert median - 20 < row["estimate"] < 5 * max(days) and row["high"] < 10 * max(days)


@pytest.mark.parametrize(
    ("defective", "inspected", "low", "high"),
    [
        (0, 30, 0.0, 0.05),  # reads below 5 %
        (0, 5, 0.02, 0.10),  # five good pieces are no proof
        (1, 20, 0.04, 0.12),
        (8, 200, 0.03, 0.08),
        (25, 50, 0.35, 0.55),
    ],
)
def test_a_single_suppliers_rate_is_what_one_would_say_by_hand(defective, inspected, low, high):
    rate = fit_defect_rates([defective], [inspected], ["A"], sku=["x"], stage=["trial"]).suppliers.mean()[0]
    assert low < rate < high


@pytest.mark.parametrize(("defective", "inspected"), [(1, 5), (2, 25), (1, 20), (0, 30), (5, 5)])
def test_thin_evidence_stops_nobody(defective, inspected):
    """One supplier of a month with this record and nothing else, others with none or many defects: never a C."""
    tables = {name: table.copy() for name, table in month((), 3).items()}
    thin = min(tables["orders"]["supplier"])
    checks = tables["inspections"].merge(
        tables["orders"][["order_id", "line_no", "supplier"]], on=["order_id", "line_no"]
    )
    own = (checks["supplier"] == thin).to_numpy()
    keep = ~own | (np.cumsum(own) == 1)
    table = tables["inspections"][keep].reset_index(drop=True)
    one = np.flatnonzero(own[keep])[0]
    table["defective"] = table["inspected"] // 2  # the others are as bad as can be
    table.loc[one, ["inspected", "defective"]] = [inspected, defective]
    tables["inspections"] = table
    card = assess(tables, AS_OF, RULES, "CNY", seed=1, days="every day").scorecard.set_index("supplier")
    assert card.loc[thin, "inspected"] == inspected and card.loc[thin, "grade"] != "C"


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize(("n", "suppliers"), [(0, 2), (1, 1), (3, 1), (3, 3), (12, 2)])
def test_no_number_is_beyond_belief_however_thin_the_evidence(number, n, suppliers):
    """A few of the worlds that `benchmarks/thin_estimates.py` judges by the hundred."""
    found = worlds(number, n, suppliers, 12, seed=4)
    assert not found["beyond"].any()
    if n >= 3 and number not in (
        "open_p90",
        "defect_rate",
    ):  # what never arrived, and rates of a few pieces, are known less well
        assert found["within"].sum() >= 11


def test_the_first_trial_order_of_all_has_its_inspection_plan():
    """Nothing was ever inspected, and the second article is on offer no more: 40 and 20 pieces one by one, 300 by the limiting quality."""
    rows = [("1", "trial", "x", 40), ("2", "trial", "y", 20), ("3", "bulk", "x", 300)]
    orders = pd.DataFrame([
        {"order_id": number, "line_no": 1, "supplier": "A", "sku": sku, "category": "箱包", "stage": stage, "quantity": pieces, "unit_price": 12.0, "ordered_on": AS_OF, "status": "open"}
        for number, stage, sku, pieces in rows
    ])  # fmt: skip
    quote = {"quote_id": "q", "supplier": "A", "sku": "x", "quoted_on": AS_OF, "min_quantity": 1, "unit_price": 10.0}
    filled = {"orders": orders, "quotes": pd.DataFrame([quote])}
    tables = {
        name: filled.get(name, empty(name)).reindex(columns=empty(name).columns).astype(empty(name).dtypes.to_dict())
        for name in TABLES
    }
    basis = buying_basis(tables, AS_OF, RULES, "CNY", Draws.of_nobody(), Draws.of_nobody(), seed=1)
    lots = expected_lots(tables["orders"], basis)
    rates = rates_of_lots(Draws.of_nobody(), tables["orders"], seed=1)
    costs = 0.5, escape_costs(basis, tables["orders"])
    plans = recommend_plans(lots, rates, pd.Series(dtype=int), *costs, RULES.read("inspection", InspectionRule))
    assert plans["lot_size"].tolist() == [40, 20, 300] and plans["inspected"].tolist() == [0, 0, 0]
    assert plans["sample_size"].tolist()[:2] == [40, 20] and plans["reason_key"].tolist()[:2] == [
        "trial_all",
        "small_lot",
    ]
    assert limiting_quality_plan(300, 0.10, 0.10).sample_size <= plans["sample_size"][2]
    assert costs[1]["y"] == basis.costs.escape_cost(12.0) and costs[1]["x"] == basis.costs.escape_cost(10.0)
