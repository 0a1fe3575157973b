"""Memory and time follow the number of rows, never a number of pieces typed in one of them; what is left out changes nothing that counts."""

import tracemalloc

import numpy as np
import pytest

from analysis.decisions.inspection_plan import InspectionRule, LotInspection, SamplingPlan, choose, inspection_cost
from analysis.decisions.inspection_plan.choose import p_bad_lot_accepted
from analysis.decisions.inspection_plan.inspection_cost import LotRate, cheapest_plan
from analysis.decisions.inspection_plan.sampling_plan import limiting_quality_plan, operating_curve
from analysis.decisions.landed_cost import FreightTariff
from analysis.decisions.order_quantity import scan
from analysis.decisions.purchase_plan.trying import worth_of_trying
from analysis.estimates.track_record import forecasts, proper_scores, record

MANY = 10_000_000
RATES = np.random.default_rng(5).beta(3, 60, 2000)
LOTS = LotRate.from_draws(RATES, 40)
RULE = InspectionRule(0.10, 0.10, 5, "II", 2.5, 4.0, "gb2012", 5)


def order_problem(demand, most, round_up_kg=0.5):
    tariffs = (FreightTariff("express", np.array([0.0]), np.array([5.0]), np.array([1.6]), round_up_kg=round_up_kg),)
    modes = tuple(scan.ShipmentMode(tariff, np.array([0.3])) for tariff in tariffs)
    steps = np.zeros(2, int), np.array([20, 500]), np.array([2.0, 1.9])
    one = np.ones(1)
    return scan.OrderProblem(
        *steps, demand * one, most * one, 5000.0 * one, 0.2, 1.05 * one, one.astype(int), np.inf * one, modes
    )


def scored(inspected, defective):
    row = {"alpha": 2.0, "beta": 38.0, "limit": 0.05, "supplier_mean": 0.05, "everyone_mean": 0.05}
    row |= {"supplier_share": 0.4, "everyone_share": 0.4}
    return record._defect_scores(row, inspected, defective)


DONE = {
    "inspection in a cost": lambda: LotInspection(RULE, 0.02, None, frozenset()).shares([MANY], RATES, 0.4, [6.0]),
    "inspection of a trial": lambda: LotInspection(RULE, 0.02, None, frozenset()).shares(
        [MANY], RATES, 0.4, [6.0], isolated=True
    ),
    "looking dear": lambda: cheapest_plan(MANY, LOTS, 0.9, 1.0),
    "bad lot accepted": lambda: p_bad_lot_accepted(SamplingPlan(500, 20, 21), MANY, LOTS, 0.1),
    "limiting quality": lambda: limiting_quality_plan(MANY, 0.01),
    "curve": lambda: operating_curve(SamplingPlan(500, 20, 21), MANY),
    "order size": lambda: scan.best_orders(order_problem(12.0 * MANY, MANY, round_up_kg=50_000.0)),
    "trying": lambda: worth_of_trying(np.zeros(500), RATES[:500], MANY, 1e6, 6.0, 0.0),
    "forecast": lambda: forecasts._count_forecast(MANY, 2.0, 38.0, 0.05),
    "forecast scored": lambda: scored(MANY, 430_000),
}


@pytest.mark.parametrize("what", DONE)
def test_ten_million_pieces_take_no_more_room_than_some_thousand(what):
    tracemalloc.start()
    DONE[what]()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 80e6, "ten million numbers alone are 80 MB"


@pytest.mark.parametrize(("piece_cost", "escape_cost"), [(0.4, 12.0), (0.4, 6.0), (0.05, 0.6)])
def test_the_plan_of_a_large_lot_costs_hardly_more_than_the_best_of_all_samples(piece_cost, escape_cost, monkeypatch):
    bounded = cheapest_plan(20_000, LOTS, piece_cost, escape_cost)
    monkeypatch.setattr(inspection_cost, "PIECE_BY_PIECE", 20_000)
    best = cheapest_plan(20_000, LOTS, piece_cost, escape_cost)
    assert best.expected_cost <= bounded.expected_cost * (1 + 1e-9)
    assert bounded.expected_cost <= best.expected_cost * 1.001


@pytest.mark.parametrize("accept", [0, 5, 20])
def test_the_chance_of_a_bad_large_lot_by_cells_is_that_of_every_number_of_defectives(accept, monkeypatch):
    plan = SamplingPlan(200, accept, accept + 1)
    by_cells = p_bad_lot_accepted(plan, 6_000, LOTS, 0.04)
    monkeypatch.setattr(choose, "PIECE_BY_PIECE", 6_000)
    assert by_cells == pytest.approx(p_bad_lot_accepted(plan, 6_000, LOTS, 0.04), rel=2e-3, abs=1e-6)


def test_a_coarser_scan_of_a_long_run_of_quantities_costs_hardly_more(monkeypatch):
    problem = order_problem(50_000.0, 50_000)
    exact = scan.best_orders(problem)["cost_per_year"].item()
    monkeypatch.setattr(scan, "MOST_TRIED", 20)
    assert exact <= scan.best_orders(problem)["cost_per_year"].item() <= exact * 1.0005


def test_forecast_and_score_of_a_large_lot_by_cells_are_those_of_every_number(monkeypatch):
    exact, score = forecasts._count_forecast(40_000, 2.0, 38.0, 0.05), scored(40_000, 1_700)
    monkeypatch.setattr(proper_scores, "MOST_MASSES", 20_000)
    *numbers, over = forecasts._count_forecast(40_000, 2.0, 38.0, 0.05)
    assert numbers == pytest.approx(exact[:-1], rel=1e-3, abs=2)  # a cell
    assert over == pytest.approx(exact[-1], abs=2e-3) and 0.1 < over < 0.9
    by_cells = scored(40_000, 1_700)
    assert {name: by_cells[name] for name in score} == pytest.approx(score, rel=3e-3)
