"""Operating characteristics, limiting quality, the cheapest plan and the recommendation, against independent routes."""

from dataclasses import replace
from math import comb

import numpy as np
import pandas as pd
import pytest
from house import inspection_rule
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.decisions.inspection_plan.choose import (
    InspectionRule,
    RiskyGoods,
    accept_minor,
    class_plans,
    operating_curves,
    p_bad_lot_accepted,
)
from analysis.decisions.inspection_plan.inspection_cost import (
    LotRate,
    accept_number,
    best_for_sample,
    cheapest_plan,
    cheapest_plans,
    evaluate_plan,
)
from analysis.decisions.inspection_plan.iso2859 import aql_index, iso2859_plan
from analysis.decisions.inspection_plan.lot_inspection import LotInspection
from analysis.decisions.inspection_plan.recommend import lot_history, recommend_plans
from analysis.decisions.inspection_plan.sampling_plan import (
    SamplingPlan,
    defectives_at,
    limiting_quality_plan,
    operating_curve,
)
from analysis.estimates.draws import Draws
from analysis.reporting.sentences import worded_in_both
from analysis.rules import rules_in_force
from analysis.sources.tables import empty
from analysis.wording import LANGUAGES, catalogue

# ---- operating characteristics ----


def p_accept_by_counting(n: int, accept: int, lot_size: int, defectives: int) -> float:
    """Favourable samples over all samples, whole-number arithmetic."""
    good = lot_size - defectives
    ways = sum(comb(defectives, x) * comb(good, n - x) for x in range(min(accept, n) + 1))
    return ways / comb(lot_size, n)


@given(st.integers(1, 60), st.data())
def test_acceptance_equals_counting_samples(lot_size, data):
    n, defectives = data.draw(st.integers(0, lot_size)), data.draw(st.integers(0, lot_size))
    accept = data.draw(st.integers(0, 6))
    found = SamplingPlan(n, accept, accept + 1).p_accept(lot_size, defectives)
    assert found == pytest.approx(p_accept_by_counting(n, accept, lot_size, defectives), abs=1e-12)


def test_aql_2_5_on_50_pieces_passes_a_lot_10_percent_defective_58_percent_of_the_time():
    plan = iso2859_plan(50, "II", 2.5)
    # 5 good pieces drawn from 45 good among 50: 45*44*43*42*41 / (50*49*48*47*46)
    assert plan.p_accept(50, 5) == pytest.approx(45 * 44 * 43 * 42 * 41 / (50 * 49 * 48 * 47 * 46))
    assert round(float(plan.p_accept(50, 5)), 2) == 0.58


@pytest.mark.parametrize(("lot_size", "n"), [(50, 18), (20, 14), (10, 9)])
def test_limiting_quality_10_percent_at_consumers_risk_10_percent(lot_size, n):
    assert limiting_quality_plan(lot_size, 0.10).sample_size == n


@given(st.integers(1, 120), st.sampled_from([0.02, 0.05, 0.1, 0.2]), st.sampled_from([0.05, 0.1]), st.integers(0, 3))
@settings(max_examples=60)
def test_limiting_quality_plan_is_the_smallest_that_keeps_the_risk(lot_size, quality, risk, accept):
    plan = limiting_quality_plan(lot_size, quality, risk, accept)
    bad = defectives_at(lot_size, quality)
    if bad <= accept:
        assert plan == SamplingPlan(lot_size, 0, 1)
        return
    assert p_accept_by_counting(plan.sample_size, accept, lot_size, bad) <= risk
    assert plan.sample_size == 1 or p_accept_by_counting(plan.sample_size - 1, accept, lot_size, bad) > risk


def test_operating_curve_falls_and_outgoing_quality_is_the_chain_of_luck():
    curve = operating_curve(SamplingPlan(5, 1, 2), 20)
    assert curve["p_accept"].is_monotonic_decreasing and curve["p_accept"].iloc[0] == 1
    rng = np.random.default_rng(1)
    escaped = [(7 - x) if (x := rng.hypergeometric(7, 13, 5)) <= 1 else 0 for _ in range(20_000)]
    error = np.std(escaped) / np.sqrt(20_000) / 20
    assert curve["outgoing_rate"].iloc[7] == pytest.approx(np.mean(escaped) / 20, abs=4 * error)


def test_curves_of_several_plans_stand_in_one_table():
    curves = operating_curves(
        50, {"ISO": iso2859_plan(50, "II", 2.5), "limiting quality": limiting_quality_plan(50, 0.1)}
    )
    assert curves.groupby("plan").size().to_dict() == {"ISO": 51, "limiting quality": 51}


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: limiting_quality_plan(50, 10),
            "limiting_quality: a share between 0 and 1 is needed .5 % is 0.05., got 10",
        ),
        (lambda: limiting_quality_plan(0, 0.1), "lot_size: .* got 0"),
        (lambda: limiting_quality_plan(50, 0.1, accept=-1), "accept: .* got -1"),
        (lambda: SamplingPlan(5, 0, 1).p_accept(50, 51), "defectives: between 0 and the lot's 50"),
        (
            lambda: cheapest_plan(50, LotRate.beta_between_lots(1, 19), -1, 5),
            "inspecting costs 0 or more .* got -1 and 5",
        ),
        (
            lambda: cheapest_plan(50, LotRate.beta_between_lots(1, 19), 1, 0),
            "an escaped defect more than 0, got 1 and 0",
        ),
        (lambda: LotRate.from_draws(np.array([0.1, 1.2]), 40), "rates: .* between 0 and 1"),
        (lambda: LotRate.from_draws(np.array([0.1]), 0), "concentration: .* got 0"),
        (lambda: LotRate.beta_between_lots(0, 1), "alpha, beta: both .* above 0"),
        (lambda: aql_index(3), "aql: the standard has"),
    ],
)
def test_bad_input_is_told_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()


# ---- the plan of least cost ----


def expected_cost_by_enumeration(lot_size, n, alpha, beta, piece_cost, escape_cost) -> float:
    """Sum over every x of what the better of the two ways costs then; scipy's beta-binomial."""
    total = n * piece_cost
    for x in range(n + 1):
        mean = (alpha + x) / (alpha + beta + n)
        total += (lot_size - n) * stats.betabinom.pmf(x, n, alpha, beta) * min(piece_cost, escape_cost * mean)
    return total


@pytest.mark.parametrize(
    ("alpha", "beta", "ratio"), [(1, 19, 0.03), (0.5, 40, 0.02), (3, 30, 0.08), (2, 10, 0.5), (2, 10, 0.01)]
)
@pytest.mark.parametrize("lot_size", [1, 12, 60])
def test_cheapest_plan_equals_the_search_by_enumeration(lot_size, alpha, beta, ratio):
    costs = [expected_cost_by_enumeration(lot_size, n, alpha, beta, ratio, 1.0) for n in range(lot_size + 1)]
    plan = cheapest_plan(lot_size, LotRate.beta_between_lots(alpha, beta), ratio, 1.0)
    assert plan.expected_cost == pytest.approx(min(costs), rel=1e-9)
    assert costs[plan.sample_size] == pytest.approx(min(costs), rel=1e-9)


@given(st.floats(0.2, 8), st.floats(1, 60), st.integers(0, 80), st.floats(0.005, 0.6))
@settings(max_examples=80)
def test_acceptance_number_is_the_stated_rule(alpha, beta, n, ratio):
    """Accept iff (a + x) / (a + b + n) <= cost of inspecting / cost of an escape."""
    fine = [x for x in range(n + 1) if (alpha + x) / (alpha + beta + n) <= ratio]
    assert accept_number(LotRate.beta_between_lots(alpha, beta), n, ratio) == (max(fine) if fine else -1)


def test_expected_cost_is_what_lots_cost_when_played_out():
    rng, lots, n, accept, size = np.random.default_rng(2), 40_000, 25, 1, 120
    rate = rng.beta(np.where(rng.random(lots) < 0.3, 2.0, 1.0), np.where(np.arange(lots) >= 0, 30.0, 1))
    defectives = rng.binomial(size, rate)
    found = rng.hypergeometric(defectives, size - defectives, n)
    cost = np.where(found <= accept, n * 0.4 + (defectives - found) * 9.0, size * 0.4)
    mixture = LotRate(np.array([0.3, 0.7]), np.array([2.0, 1.0]), np.array([30.0, 30.0]))
    plan = evaluate_plan(size, n, accept, mixture, 0.4, 9.0)
    assert plan.expected_cost == pytest.approx(cost.mean(), abs=4 * cost.std() / np.sqrt(lots))
    assert plan.p_accept == pytest.approx((found <= accept).mean(), abs=0.01)


def test_large_lots_are_searched_on_a_grid_that_misses_nothing():
    rate = LotRate.beta_between_lots(1, 25)
    plan = cheapest_plan(700, rate, 0.5, 15.0)
    every = min(best_for_sample(700, n, rate, 0.5, 15.0).expected_cost for n in range(701))
    assert plan.expected_cost == pytest.approx(every, rel=1e-6)


@given(st.lists(st.tuples(st.integers(1, 2500), st.floats(0.005, 0.4)), min_size=2, max_size=5), st.floats(2, 200))
@settings(max_examples=20)
def test_a_plan_is_the_same_whatever_was_asked_before(lots, concentration):
    """A supplier's lots share a table of what samples may show; a large lot asked first, or one of other costs, changes nothing."""
    draws = np.random.default_rng(3).beta(2, 40, 200)
    shared = LotRate.from_draws(draws, concentration)
    for size, break_even in lots:
        asked = cheapest_plan(size, shared, break_even, 1.0)
        alone = cheapest_plan(size, LotRate.from_draws(draws, concentration), break_even, 1.0)
        assert (asked.sample_size, asked.accept) == (alone.sample_size, alone.accept)
        assert asked.expected_cost == pytest.approx(alone.expected_cost, rel=1e-8)


def test_other_lots_are_not_judged_by_what_was_tabled_for_these():
    asked = LotRate.beta_between_lots(1, 19)
    assert cheapest_plan(200, asked, 0.5, 20).sample_size == 72
    other = replace(asked, alpha=np.array([10.0]), beta=np.array([10.0]))
    assert (
        cheapest_plan(200, other, 0.5, 20).expected_cost == 100
    )  # half of them are bad: every piece is looked at, at 0.5


def test_free_inspection_inspects_all_and_harmless_defects_none():
    rate = LotRate.beta_between_lots(1, 19)
    assert cheapest_plan(80, rate, 0.0, 10.0).expected_cost == 0
    assert cheapest_plan(80, rate, 1.0, 0.5).sample_size == 0


@given(st.floats(0.01, 0.2), st.floats(0.2, 3.0))
@settings(max_examples=25)
def test_dearer_escapes_never_leave_more_of_them(rate, factor):
    lots = LotRate.beta_between_lots(40 * rate, 40 * (1 - rate))
    cheap, dear = (cheapest_plan(60, lots, 0.5, 10.0 * f) for f in (1.0, 1.0 + factor))
    assert dear.expected_escapes <= cheap.expected_escapes + 1e-9


def test_draws_keep_their_mean_and_lots_vary_around_it():
    draws = np.random.default_rng(3).beta(3, 60, 4000)
    lots = LotRate.from_draws(draws, 40.0)
    assert lots.mean == pytest.approx(draws.mean(), rel=1e-9)
    rng = np.random.default_rng(4)
    pick = rng.choice(draws, 40_000)
    seen = rng.beta(pick * 40, (1 - pick) * 40) > 0.1
    assert (
        stats.binomtest(int(seen.sum()), 40_000, lots.weights @ stats.beta.sf(0.1, lots.alpha, lots.beta)).pvalue > 1e-4
    )


# ---- the recommendation ----


def lines(**columns):
    """Open lines: one bulk order of 400 from the good supplier, but for `columns` (lists)."""
    rows = max([len(values) for values in columns.values()], default=1)
    base = {"line_no": 1, "supplier": "good", "sku": "s", "stage": "bulk", "quantity": 400}
    return pd.DataFrame({"order_id": [f"o{i}" for i in range(rows)], **base, **columns})


@pytest.fixture(scope="module")
def rates():
    rng = np.random.default_rng(5)
    names, shapes = ["bad", "good", "new", "superb"], [(8, 60), (2, 90), (1, 15), (2, 2000)]
    return Draws(pd.Index(names), np.stack([rng.beta(*shape, 1000) for shape in shapes]))


INSPECTED = pd.Series({"good": 120, "bad": 70, "superb": 2000})


def advise(rates, history=None, escape_cost=12.0, piece_cost=0.6, rule=None, **columns):
    rule = rule or inspection_rule()
    return recommend_plans(lines(**columns), rates, INSPECTED, piece_cost, escape_cost, rule, history).iloc[0]


def test_bulk_lots_are_planned_by_the_rate_of_bulk_and_trials_by_that_of_trials(rates):
    """The same supplier, clean in trials: in bulk as bad as `bad`."""
    bulk = Draws(rates.suppliers, np.repeat(rates.of(pd.Index(["bad"])), 4, axis=0))
    both = lines(supplier=["good", "good"], stage=["bulk", "trial"])
    arguments = INSPECTED, 0.6, 12.0, inspection_rule()
    table = recommend_plans(both, rates, *arguments, bulk_rates=bulk)
    as_bad, as_good = (recommend_plans(both, of, *arguments) for of in (bulk, rates))
    numbers = ["defect_rate", "sample_size", "expected_cost"]
    assert table.loc[0, numbers].tolist() == as_bad.loc[0, numbers].tolist()
    assert table.loc[1, numbers].tolist() == as_good.loc[1, numbers].tolist()
    assert table["defect_rate"].round(2).tolist() == [0.12, 0.02]  # 8 of 68, 2 of 92


def of(supplier, defectives):
    """Lots of 50, inspected piece by piece; 20 defective ones are not accepted at AQL 2.5."""
    return pd.DataFrame({"supplier": supplier, "lot_size": 50, "inspected": 50, "defective": defectives})


def test_every_reason_can_be_reached(rates):
    history = pd.DataFrame({"supplier": "bad", "lot_size": 50, "inspected": 50, "defective": [20] * 12})
    reached = {
        advise(rates, quantity=[25]).reason_key,
        advise(rates, supplier=["superb"]).reason_key,
        advise(rates).reason_key,
        advise(rates, supplier=["new"], quantity=[50], piece_cost=3.0).reason_key,
        advise(rates, supplier=["new"], quantity=[300]).reason_key,
        advise(rates, supplier=["bad"], escape_cost=400.0).reason_key,
        advise(rates, supplier=["bad"], history=history).reason_key,
        advise(rates, supplier=["superb"], history=of("superb", [20, 20])).reason_key,
        advise(
            rates, supplier=["superb"], history=of("superb", [20, 20]), rule=inspection_rule(aql_major=0.01)
        ).reason_key,
    }
    trials_of_fifty = replace(inspection_rule(), trials_all_up_to=50)
    reached.add(
        advise(rates, supplier=["new"], stage=["trial"], quantity=[50], piece_cost=3.0, rule=trials_of_fifty).reason_key
    )
    toys = lines(supplier=["superb", "superb", "new"], quantity=[400, 50, 300], category=["toys"] * 3)
    reached |= set(
        recommend_plans(toys, rates, INSPECTED, 0.6, 12.0, inspection_rule(), risky=RiskyGoods(("toy",), 0.1, 50))[
            "reason_key"
        ]
    )
    known = {key.removeprefix("inspection.") for key in catalogue() if key.startswith("inspection.")}
    assert reached == known


def test_small_lots_are_inspected_piece_by_piece(rates):
    row = advise(rates, quantity=[30])
    assert row["sample_size"] == 30 and pd.isna(row["accept_major"]) and row["p_bad_accepted"] == 0


def test_an_isolated_lot_keeps_the_consumers_risk(rates):
    for supplier, stage, quantity in [("new", "bulk", 50), ("superb", "trial", 50), ("superb", "trial", 200)]:
        row = advise(rates, supplier=[supplier], stage=[stage], quantity=[quantity], piece_cost=2.0)
        assert row["sample_size"] >= limiting_quality_plan(quantity, 0.10).sample_size
        assert row["p_accept_at_limit"] <= 0.10


def test_bulk_from_a_known_supplier_costs_no_more_than_any_other_plan(rates):
    row = advise(rates)
    assert row["reason_key"] == "cheapest" and 0 < row["sample_size"] < 400
    assert row["expected_cost"] <= min(row["cost_all"], row["cost_none"])
    assert row["accept_critical"] == 0 <= row["accept_major"] <= row["accept_minor"]


def test_trust_leaves_nothing_to_count(rates):
    row = advise(rates, supplier=["superb"])
    assert row["sample_size"] == 0 and pd.isna(row["accept_critical"])
    assert row["expected_cost"] == pytest.approx(row["cost_none"]) and row["p_accept_at_limit"] == 1


@pytest.mark.parametrize(
    ("defectives", "severity", "sample_size", "accept"),
    [
        ([20, 0, 0, 0, 0, 20], "normal", 0, None),  # two not accepted, but among six: nobody is looked at, as before
        ([20, 0, 0, 0, 20], "tightened", 50, 2),  # two of five: code letter H, 50 pieces, 2 defective at most
        ([20, 20, 0, 0, 0, 0], "tightened", 50, 2),  # four accepted since are not enough
        ([20, 20, 0, 0, 0, 0, 0], "normal", 0, None),  # five in a row are
        ([20, 20, 0, 20, 0, 20, 0, 20, 0, 20], "tightened", 50, 2),  # four not accepted under tightened inspection ...
        ([20, 20, 0, 20, 0, 20, 0, 20, 0, 20, 20], "discontinued", 400, None),  # ... and the fifth ends sampling
    ],
)
def test_the_plan_follows_the_switching_rules(rates, defectives, severity, sample_size, accept):
    """ISO 2859-1, clause 9 by hand, for a coming lot of 400 of a supplier whom the cheapest plan would trust."""
    row = advise(rates, supplier=["superb"], history=of("superb", defectives))
    assert (row["iso_severity"], row["sample_size"]) == (severity, sample_size)
    assert row["accept_major"] == accept if accept is not None else pd.isna(row["accept_major"])


def test_lots_in_order_of_inspection():
    """A sample is no lot of a series; two batches share the 300 pieces of their line; 55 pieces came where 50 were ordered."""
    orders = pd.DataFrame(
        [("a", 1, "sample", 2), ("b", 1, "trial", 50), ("c", 1, "bulk", 300)],
        columns=["order_id", "line_no", "stage", "quantity"],
    ).assign(supplier="S", sku="x", category="bags")
    found = [
        ("c", "2", "06-20", 10, 1),
        ("c", "1", "06-10", 20, 0),
        ("b", None, "06-01", 55, 3),
        ("a", None, "05-01", 2, 2),
    ]
    inspections = empty("inspections").reindex(range(4)).assign(line_no=1)
    for place, name in enumerate(("order_id", "batch", "inspected_on", "inspected", "defective")):
        inspections[name] = [row[place] for row in found]
    inspections["inspected_on"] = pd.to_datetime("2026-" + inspections["inspected_on"])
    lots = lot_history(orders, inspections)
    assert lots["lot_size"].tolist() == [55, 200, 100]
    assert lots["inspected"].tolist() == [55, 20, 10] and lots["defective"].tolist() == [3, 0, 1]
    assert lots["steady"].tolist() == [False, True, True]


def test_the_standard_stands_beside_with_the_severity_due(rates):
    history = pd.DataFrame({"supplier": "good", "lot_size": 50, "inspected": 50, "defective": [0, 20, 20]})
    row = advise(rates, history=history)
    plan = iso2859_plan(400, "II", 2.5, "tightened")
    assert (row["iso_severity"], row["iso_accept_major"]) == ("tightened", plan.accept)
    assert row["iso_p_accept_at_limit"] == pytest.approx(p_accept_by_counting(plan.sample_size, plan.accept, 400, 40))


def test_reasons_are_written_in_both_languages_with_their_numbers(rates):
    table = recommend_plans(
        lines(supplier=["good", "new"], quantity=[400, 50]),
        rates,
        INSPECTED,
        3.0,
        pd.Series({"s": 30.0}),
        inspection_rule(),
    )
    table = worded_in_both(table)
    assert "18 pieces" in table["reason"].iloc[1] and "抽 18 件" in table["reason_zh"].iloc[1]
    assert len(LANGUAGES) == 2 and not table[["reason", "reason_zh"]].map(lambda text: "{" in text).any(axis=None)


@pytest.mark.parametrize("supplier", ["good", "new", "superb"])
@pytest.mark.parametrize("stage", ["sample", "trial"])
def test_trial_orders_are_inspected_piece_by_piece_up_to_fifty(rates, supplier, stage):
    """Five to fifty pieces a model, every one of them; a larger one, and bulk, is sampled."""
    rule = rules_in_force("any", "2026-10").read("inspection", InspectionRule)
    wanted = {"supplier": [supplier] * 5, "stage": [stage] * 4 + ["bulk"], "quantity": [5, 31, 50, 51, 50]}
    table = recommend_plans(lines(**wanted), rates, INSPECTED, 3.0, 30.0, rule)
    assert (table["sample_size"] == table["lot_size"]).tolist() == [True, True, True, False, False]
    assert table["reason_key"].tolist()[:3] == ["small_lot", "trial_all", "trial_all"]
    told = worded_in_both(table)
    assert (
        "all" not in told["reason"][1]
        and "every one of the 31 pieces" in told["reason"][1]
        and "逐件" in told["reason_zh"][1]
    )
    before = rules_in_force("any", "2026-09").read("inspection", InspectionRule)
    assert recommend_plans(lines(**wanted), rates, INSPECTED, 3.0, 30.0, before)["sample_size"][2] < 50, (
        "as months before were planned"
    )


def test_risky_categories_are_inspected_by_stricter_limits(rates):
    """Bulk of a supplier with 2,000 good pieces: nobody would look, but of toys 400 pieces with 5 % defective must not pass."""
    rule, risky = inspection_rule(), RiskyGoods(("玩具", "toy"), 0.05, 50)
    wanted = {
        "supplier": ["superb"] * 4,
        "category": ["箱包", "儿童玩具", "Toys", None],
        "quantity": [400, 400, 50, 400],
    }
    table = recommend_plans(lines(**wanted), rates, INSPECTED, 3.0, 12.0, rule, risky=risky)
    plan = limiting_quality_plan(400, 0.05, rule.consumer_risk)
    assert table["sample_size"].tolist() == [0, plan.sample_size, 50, 0] and table["accept_major"][1] == 0
    assert (
        p_accept_by_counting(plan.sample_size, 0, 400, 20)
        <= rule.consumer_risk
        < p_accept_by_counting(plan.sample_size - 1, 0, 400, 20)
    )
    assert table["reason_key"].tolist() == ["trust", "risky_limiting_quality", "risky_all", "trust"]
    told = worded_in_both(table)
    assert (
        "goods of 儿童玩具" in told["reason"][1] and "5%" in told["reason"][1] and "高风险品类" in told["reason_zh"][2]
    )


def test_costs_reckon_with_the_stricter_plan_of_risky_goods(rates):
    """The superb supplier's 400: nothing is looked at, of toys the limiting-quality sample."""
    own = rates.of(pd.Index(["superb"]))[0]
    looks = LotInspection(inspection_rule(), 0.05, RiskyGoods(("toy",), 0.05, 50), frozenset({"TOY"}))
    assert looks.shares([400], own, 3.0, [12.0]) == [pytest.approx((0, 0))]
    plan = limiting_quality_plan(400, 0.05, inspection_rule().consumer_risk)
    bag, (share, found), few = looks.shares([400, 400, 50], own, 3.0, [12.0] * 3, skus=["BAG", "TOY", "TOY"])
    assert plan.sample_size / 400 <= share < plan.sample_size / 400 + 0.05 and 0 < found < 1
    assert bag == pytest.approx((0, 0)) and few == (1.0, 1.0)


def test_the_plans_of_many_lots_are_those_of_each():
    """Of lots small and large, dear and cheap to be wrong about, together with one too large to be tabled."""
    chance = np.random.default_rng(4)
    for rates in (chance.beta(2, 40, 500), chance.beta(0.5, 200, 500)):
        sizes = [1, 29, 150, 200, 201, 500, 500, 665, 4_000, 60_000]
        escapes = [3.0, 12.0, 0.4, 30.0, 2.0, 5.0, 500.0, 8.0, 20.0, 6.0]
        for some in (slice(None), slice(0, 8), slice(4, 5)):
            lots = [LotRate.from_draws(rates, 30.0) for _ in (1, 2)]
            alone = [cheapest_plan(n, lots[0], 0.4, cost) for n, cost in zip(sizes[some], escapes[some])]
            for plan, one in zip(cheapest_plans(sizes[some], lots[1], 0.4, escapes[some]), alone):
                assert (plan.lot_size, plan.sample_size, plan.accept) == (one.lot_size, one.sample_size, one.accept)
                assert plan.expected_cost == pytest.approx(one.expected_cost, rel=1e-9)


def test_a_risky_category_is_never_looser(rates):
    """A house that inspects everything up to 80 pieces, and that bad lots at 3 %, does so of toys too."""
    rule = replace(inspection_rule(), limiting_quality=0.03, inspect_all_up_to=80)
    assert RiskyGoods(("toy",), 0.05, 50).stricter(rule) == rule


def test_no_open_lines_give_an_empty_table_of_the_same_columns(rates):
    empty, one = (recommend_plans(lines().iloc[:k], rates, INSPECTED, 0.6, 12.0, inspection_rule()) for k in (0, 1))
    assert list(empty.columns) == list(one.columns) and len(empty) == 0
    assert empty["sample_size"].dtype == one["sample_size"].dtype == "Int64"


def test_unknown_supplier_or_cost_is_named(rates):
    with pytest.raises(ValueError, match="no draws of the defect rate of 'stranger'"):
        advise(rates, supplier=["stranger"])
    with pytest.raises(ValueError, match="no cost of an escaped defect for SKU 's'"):
        advise(rates, escape_cost=pd.Series({"t": 3.0}))


def test_severities_of_defects_are_judged_separately():
    plans = class_plans(500, inspection_rule())
    assert plans["major"] == iso2859_plan(500, "II", 2.5) and plans["minor"] == iso2859_plan(500, "II", 4.0)
    assert plans["critical"].accept == 0 and plans["critical"].sample_size == 50
    # 18 pieces from a process 4 % defective show at most 2 with 96.7 %, at most 1 with 83.9 %
    assert accept_minor(18, 0, 4.0) == 2


def test_chance_of_a_bad_lot_passing_by_simulation():
    lots, plan, rng = LotRate.beta_between_lots(2, 30), SamplingPlan(10, 0, 1), np.random.default_rng(6)
    defectives = rng.binomial(60, rng.beta(2, 30, 100_000))
    passes = (defectives >= 6) & (rng.hypergeometric(defectives, 60 - defectives, 10) == 0)
    expected = p_bad_lot_accepted(plan, 60, lots, 0.10)
    assert stats.binomtest(int(passes.sum()), 100_000, expected).pvalue > 1e-4
