"""Value of a trial against closed forms and brute force; the plan against every other batch; laws, limits and sentences."""

import itertools
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from house import house_rules, section, trial_rule
from hypothesis import given, settings
from hypothesis import strategies as st
from knowledge_gradient import knowledge_gradient
from scipy import integrate, stats

from analysis.decisions.landed_cost import cost_per_good_piece
from analysis.decisions.landed_cost.cost_sheet import CostRow, CostSheet
from analysis.decisions.offers import Offer, Offers, PriceLadder
from analysis.decisions.stock import season_pieces
from analysis.decisions.trial_plan import (
    SeasonValues,
    TrialRule,
    trial_choice,
    trial_offers,
    values_from_cost_sheet,
    with_hidden_value,
)
from analysis.decisions.trial_plan.plan import (
    COMPARISON_COLUMNS,
    PLAN_COLUMNS,
    plan_trials,
)
from analysis.decisions.trial_plan.trial_choice import Product, Trial, choose_trials, gain_of, gains_in_order
from analysis.decisions.trial_plan.trial_policies import equal_allocation, repeat_the_best
from analysis.decisions.trial_plan.value_of_trial import (
    Beliefs,
    ForeseenChoice,
    foresee,
    joint_outcomes,
)
from analysis.errors import RuleError
from analysis.estimates.draws import DRAWS
from analysis.reporting.sentences import worded, worded_in_both
from analysis.wording import LANGUAGES, catalogue

POINTS = joint_outcomes(1)


# ---- value of a trial ----


@pytest.mark.parametrize("noise", [0.1, 0.5, 2.0])
@pytest.mark.parametrize("candidate", [0, 1, 2])
def test_a_single_trial_of_normal_beliefs_is_the_knowledge_gradient(noise, candidate):
    mean, sd = np.array([1.0, 0.8, 0.5]), np.array([0.5, 0.3, 0.9])
    other = np.delete(mean, candidate).max()
    exact = knowledge_gradient(mean[candidate], other, sd[candidate], noise**2)
    beliefs = Beliefs.normal(mean, sd)
    found = ForeseenChoice(beliefs, POINTS).gains(np.arange(3), foresee(beliefs.deviations, np.full(3, noise)))[
        candidate
    ]
    assert found == pytest.approx(exact, rel=0.03, abs=2e-3 * sd[candidate])


def test_knowledge_gradient_by_quadrature():
    spread = 0.25 / np.sqrt(0.25 + 0.04)  # sd 0.5, noise 0.2
    by_hand, _ = integrate.quad(lambda x: max(1.0 + x - 1.3, 0) * stats.norm.pdf(x, 0, spread), 0.3, 5)
    assert knowledge_gradient(1.0, 1.3, 0.5, 0.04) == pytest.approx(by_hand, rel=1e-8)


def test_knowledge_gradient_is_0_where_nothing_is_uncertain():
    assert knowledge_gradient(1.0, 1.0, 0.0, 0.0) == 0


def test_two_trials_together_by_brute_force():
    """Normal beliefs, both rivals tried: E max(m0, M1, M2) with a million simulated outcomes."""
    mean, sd, noise = np.array([1.0, 0.9, 0.7]), np.array([0.2, 0.4, 0.6]), 0.3
    beliefs = Beliefs.normal(mean, sd)
    choice, foreseen = ForeseenChoice(beliefs, POINTS), foresee(beliefs.deviations, np.full(3, noise))
    choice.add(1, foreseen, 1)
    choice.add(2, foreseen, 2)
    rng = np.random.default_rng(5)
    moved = [mean[i] + sd[i] ** 2 / np.hypot(sd[i], noise) * rng.standard_normal(1_000_000) for i in (1, 2)]
    expected = np.maximum(np.maximum(moved[0], moved[1]), 1.0).mean() - 1.0
    assert choice.gain == pytest.approx(expected, rel=0.02)
    shares = choice.chances()
    assert shares[1] == pytest.approx(np.mean((moved[0] > 1) & (moved[0] > moved[1])), abs=0.01)
    assert shares.sum() == pytest.approx(1)


def test_updated_expectation_of_a_skewed_belief_by_simulation():
    """E[v | y] by Bayes' rule against averaging the values of simulated trials with nearly that outcome."""
    rng = np.random.default_rng(3)
    values = 1 - rng.exponential(size=400_000)  # never above 1
    outcomes = values + 0.5 * rng.standard_normal(values.size)
    beliefs = Beliefs.from_draws(np.stack([values, np.zeros(values.size)]))
    foreseen = foresee(beliefs.deviations, np.array([0.5, 0.5]))
    for quantile in (0.1, 0.5, 0.9):
        y = np.quantile(outcomes, quantile)
        near = np.abs(outcomes - y) < 0.02
        moved = np.interp(quantile, foreseen.chance[0], foreseen.move[0])
        assert moved == pytest.approx(values[near].mean(), abs=0.05)
    assert foreseen.move[0].max() < 1.0  # bounded as the belief is; a normal one of that spread would reach 3


def test_what_all_candidates_share_is_no_reason_for_a_trial():
    rng = np.random.default_rng(1)
    own, common = rng.standard_normal((4, 4000)) * 0.2, rng.standard_normal(4000) * 3
    assert Beliefs.from_draws(own + common).sd == pytest.approx(0.2, abs=0.02)
    assert Beliefs.from_draws(own).sd == pytest.approx(own.std(axis=1))
    assert Beliefs.from_draws(own[:2] + common).sd ** 2 @ [1, 1] == pytest.approx((own[0] - own[1]).var(), rel=1e-6)


def test_a_larger_trial_and_a_wider_belief_are_never_worth_less():
    beliefs = Beliefs.normal(np.array([1.0, 0.9]), np.array([0.1, 0.3]))
    gains = [
        ForeseenChoice(beliefs, POINTS).gains(np.array([1]), foresee(beliefs.deviations[1:], np.array([noise])))[0]
        for noise in (2.0, 1.0, 0.5, 0.2, 0.05)
    ]
    assert np.all(np.diff(gains) > 0)


# ---- the batch ----

RULE = trial_rule(budget=2000, most_suppliers=5, fixed_cost=30)


def product(mean, sd, *, sku="A", season=600.0, price=20.0, minimum=1.0, floor=-np.inf):
    n = len(mean)
    names = tuple(f"{sku}{i}" for i in range(n))
    return Product(
        sku,
        names,
        Beliefs.normal(np.array(mean, float), np.array(sd, float)),
        np.full(n, price),
        np.full(n, minimum),
        season,
        floor,
    )


def net_of(products, trials, rule, points=POINTS):
    choices, _ = gains_in_order(products, trials, rule, points)
    cost = sum(float(rule.cost(t.pieces, products[t.product].price[t.candidate])) for t in trials)
    return sum(gain_of(p, c, rule) for p, c in zip(products, choices)) - cost


def test_the_batch_is_as_good_as_the_best_of_all_batches():
    rng = np.random.default_rng(4)
    rule = trial_rule(budget=900, most_suppliers=2, sizes=(5, 20), fixed_cost=30)
    for _ in range(10):
        one = [product(rng.normal(5, 1, 4), rng.uniform(0.2, 2, 4), season=300)]
        found = net_of(one, choose_trials(one, rule, POINTS), rule)
        best = 0.0
        for sizes in itertools.product((0, 5, 20), repeat=4):
            batch = [Trial(0, i, n) for i, n in enumerate(sizes) if n]
            paid = sum(float(rule.outlay(t.pieces, 20.0)) for t in batch)
            if len(batch) <= 2 and paid <= rule.budget:
                best = max(best, net_of(one, batch, rule))
        assert found >= 0.97 * best


def test_leaving_out_what_cannot_pay_changes_no_plan(monkeypatch):
    rng = np.random.default_rng(6)
    markets = [[product(rng.normal(5, 2, 6), rng.uniform(0.1, 2, 6), sku=sku) for sku in "AB"] for _ in range(5)]
    quick = [choose_trials(products, RULE, POINTS) for products in markets]
    assert any(len(trial_choice.promising_trials(p, RULE)) < 30 for products in markets for p in products)
    monkeypatch.setattr(trial_choice, "promising_trials", trial_choice.sold_trials)
    assert [choose_trials(products, RULE, POINTS) for products in markets] == quick


def test_a_trial_that_the_others_made_worthless_is_taken_out():
    """A trial of a hopeless candidate beside one that pays."""
    one = [product([5, 5, 0], [2, 2, 0.1])]
    assert trial_choice.without_losers(one, [Trial(0, 2, 5), Trial(0, 1, 10)], RULE, POINTS) == [Trial(0, 1, 10)]


def test_equal_allocation_goes_round_the_products_and_repeat_stays_with_the_best():
    products = [product([3, 5, 4], [1, 1, 1], sku="A", season=100), product([2, 1], [1, 1], sku="B", season=900)]
    rule = trial_rule(budget=3 * (20 * 20 + 50), most_suppliers=9)
    assert equal_allocation(products, rule) == [Trial(1, 1, 20), Trial(0, 2, 20), Trial(1, 0, 20)]
    assert repeat_the_best(products, rule) == [Trial(1, 0, 20), Trial(0, 1, 20)]


def test_no_trial_where_the_scores_separate_the_suppliers():
    assert choose_trials([product([10, 5, 1], [0.1, 0.1, 0.1])], RULE, POINTS) == []


@pytest.mark.parametrize("rule", [replace(RULE, budget=0), replace(RULE, most_suppliers=0), replace(RULE, budget=100)])
def test_no_trial_without_money_or_hands(rule):
    assert choose_trials([product([5, 5, 5], [2, 2, 2])], rule, POINTS) == []


def test_budget_suppliers_and_minimum_orders_are_kept():
    products = [
        product([5, 5, 5, 5], [2, 2, 2, 2], sku=sku, minimum=minimum)
        for sku, minimum in (("A", 1), ("B", 12), ("C", 60))
    ]
    trials = choose_trials(products, RULE, POINTS)
    assert {t.product for t in trials} == {0, 1}
    assert all(t.pieces >= 12 for t in trials if t.product == 1)
    assert sum(float(RULE.outlay(t.pieces, 20.0)) for t in trials) <= RULE.budget
    assert 0 < len({(t.product, t.candidate) for t in trials}) <= RULE.most_suppliers


def test_one_supplier_of_two_products_counts_once():
    products = [replace(product([5, 5], [2, 2], sku=sku), suppliers=("x", "y")) for sku in "AB"]
    assert {t.product for t in choose_trials(products, replace(RULE, most_suppliers=1), POINTS)} == {0, 1}


def test_gains_in_order_add_up():
    products = [product([5, 4.8, 4.5], [1, 1.5, 2]), product([3, 3], [1, 1], sku="B")]
    trials = choose_trials(products, RULE, POINTS)
    choices, gains = gains_in_order(products, trials, RULE, POINTS)
    assert sum(gains) == pytest.approx(sum(gain_of(p, c, RULE) for p, c in zip(products, choices)))
    assert all(g >= 0 for g in gains)


def test_the_plan_is_expected_to_beat_equal_and_repeated_orders():
    rng = np.random.default_rng(8)
    judge = joint_outcomes(99)
    for _ in range(8):
        products = [product(rng.normal(5, 1, 6), np.full(6, 1.5), sku=sku) for sku in "ABC"]
        plan = net_of(products, choose_trials(products, RULE, POINTS), RULE, judge)
        assert plan >= net_of(products, equal_allocation(products, RULE), RULE, judge)
        assert plan >= net_of(products, repeat_the_best(products, RULE), RULE, judge)


# ---- tables ----

SEASON = pd.Series({"A": 600, "B": 400})


def market(seed=0, per_sku=4):
    """Candidates of two SKUs with beta-like, skewed beliefs."""
    rng = np.random.default_rng(seed)
    candidates = pd.DataFrame(
        {
            "supplier": [f"S{i}" for i in range(per_sku)] * 2,
            "sku": np.repeat(["A", "B"], per_sku),
            "price": rng.uniform(10, 30, 2 * per_sku),
            "minimum": 1.0,
        }
    )
    values = 15 + rng.normal(0, 1, (2 * per_sku, 1)) - rng.gamma(1.5, 1.5, (2 * per_sku, 1000))
    return candidates, values


def told(plan):
    return plan.trials.set_index(["sku", "supplier"]).sort_index()


def test_columns_types_and_sentences():
    plan = plan_trials(*market(), SEASON, trial_rule())
    assert list(plan.trials) == PLAN_COLUMNS and list(plan.comparison) == COMPARISON_COLUMNS
    assert len(plan.trials) and plan.trials.notna().all(axis=None)
    assert plan.trials["p_replaces"].between(0, 1).all() and (plan.trials["expected_gain"] >= 0).all()
    row = plan.trials.iloc[0]
    said, said_zh = worded(row["reason"]), worded(row["reason"], "zh")
    assert said.startswith(f"{row['pieces']} pieces of {row['sku']} from {row['supplier']}")
    assert f"worth {row['expected_gain']:,.0f} CNY a season, costs {row['cost']:,.0f} CNY" in said
    assert f"试单 {row['sku']} {row['pieces']} 件" in said_zh
    totals = plan.comparison.set_index("policy").loc["plan"]
    assert totals["expected_gain"] == pytest.approx(plan.trials["expected_gain"].sum())
    assert totals["cost"] == pytest.approx(plan.trials["cost"].sum())
    assert totals["outlay"] == pytest.approx(plan.trials["outlay"].sum())
    assert totals["outlay"] <= trial_rule().budget


@settings(max_examples=5)
@given(st.randoms(use_true_random=False))
def test_order_of_rows_and_names_of_suppliers_do_not_matter(random):
    candidates, values = market()
    before = told(plan_trials(candidates, values, SEASON, trial_rule()))
    order = list(range(len(candidates)))
    random.shuffle(order)
    names = [f"S{i}" for i in range(4)]
    random.shuffle(names)
    renamed = dict(zip(sorted(set(candidates["supplier"])), names))
    shuffled = candidates.iloc[order].assign(supplier=lambda c: c["supplier"].map(renamed))
    after = plan_trials(shuffled, values[order], SEASON, trial_rule()).trials
    back = {new: old for old, new in renamed.items()}
    after = told(
        type(
            "",
            (),
            {"trials": after.assign(supplier=after["supplier"].map(back), incumbent=after["incumbent"].map(back))},
        )
    )
    numbers = ["pieces", "outlay", "cost", "expected_gain", "p_replaces", "incumbent"]
    pd.testing.assert_frame_equal(before[numbers], after[numbers])


def test_same_seed_same_plan():
    one, two = (plan_trials(*market(), SEASON, trial_rule(), seed=3) for _ in range(2))
    pd.testing.assert_frame_equal(one.trials, two.trials)


def test_a_hopeless_candidate_changes_nothing():
    candidates, values = market()
    more = pd.concat(
        [candidates, pd.DataFrame([{"supplier": "bad", "sku": "A", "price": 20.0, "minimum": 1.0}])], ignore_index=True
    )
    worse = np.vstack([values, values[:4].min() - 50 + np.linspace(0, 1, values.shape[1])])
    numbers = ["pieces", "expected_gain", "p_replaces"]
    before = told(plan_trials(candidates, values, SEASON, trial_rule()))[numbers]
    pd.testing.assert_frame_equal(before, told(plan_trials(more, worse, SEASON, trial_rule()))[numbers], rtol=0.05)


def test_nothing_to_plan():
    empty = pd.DataFrame({"supplier": pd.Series(dtype=str), "sku": pd.Series(dtype=str), "price": [], "minimum": []})
    plan = plan_trials(empty, np.empty((0, 100)), pd.Series({"A": 10.0}), trial_rule())
    assert plan.trials.empty and plan.no_trial["status"].tolist() == ["no_candidates"]
    assert worded(plan.summary).startswith("No trial this round") and worded(plan.summary, "zh").startswith(
        "本轮不建议试单"
    )


def test_reasons_for_no_trial():
    candidates, values = market()
    candidates.loc[candidates["sku"] == "B", "minimum"] = 80
    plan = plan_trials(candidates, values, pd.Series({"A": 0.0, "B": 400, "C": 5}), trial_rule())
    whole = plan.no_trial[plan.no_trial["supplier"] == ""].set_index("sku")["status"]
    assert whole.to_dict() == {"A": "no_demand", "B": "none_sells_trials", "C": "no_candidates"}
    assert (plan.no_trial["status"] == "minimum_too_large").sum() == 4
    single = plan_trials(candidates.iloc[:1], values[:1], pd.Series({"A": 100.0}), trial_rule())
    assert single.no_trial["status"].tolist() == ["single_candidate"]
    poor = plan_trials(*market(), SEASON, trial_rule(budget=0))
    assert poor.trials.empty and "budget_used" in set(poor.no_trial["status"])
    settled = plan_trials(market()[0], np.arange(8.0)[:, None] * np.ones(200), SEASON, trial_rule())
    assert set(settled.no_trial["status"]) == {"not_worth_it"} and settled.trials.empty


def test_nobody_worth_buying_from_today():
    """Every candidate is expected to lose money; one may turn out well, and is tried for that."""
    candidates, _ = market(per_sku=1)
    values = np.stack([np.random.default_rng(1).normal(-1, 4, 2000), np.full(2000, -5.0)])
    plan = plan_trials(candidates, values, SEASON, trial_rule(), not_buying=0.0)
    row = plan.trials.iloc[0]
    assert row["sku"] == "A" and row["incumbent"] == "" and "where nobody is today" in worded(row["reason"])
    assert row["p_replaces"] == pytest.approx(stats.norm.sf(1 / 4), abs=0.05)


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ({"budget": -1}, "budget = -1; allowed is a number from 0"),
        ({"salvage_share": 60}, "salvage_share = 60; allowed is a number from 0 to 1"),
        (
            {"sizes": [5, 80]},
            r"sizes = \[5, 80\]; allowed is a list of 1 or more in brackets, each a whole number from 5 to 50",
        ),
        ({"sizes": []}, r"sizes = \[\]; allowed is a list of 1 or more"),
        ({"most_suppliers": 2.5}, "most_suppliers = 2.5; allowed is a whole number"),
        ({"season_months": 0}, "season_months = 0; allowed is a number above 0"),
        ({"budget": "much"}, "budget = 'much'; allowed is a number"),
        ({"bugdet": 10}, "says bugdet, which no rule reads"),
    ],
)
def test_rules_that_contradict_themselves(entries, words):
    with pytest.raises(RuleError, match=words):
        section("trial_plan", **dict(house_rules().sections["trial_plan"]) | entries).read(TrialRule)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda c, v, s: (c, v[:2], s), "a row for each of the 8 candidates"),
        (lambda c, v, s: (c, np.full_like(v, np.nan), s), "draws are finite"),
        (lambda c, v, s: (c.assign(price=0.0), v, s), "above 0"),
        (lambda c, v, s: (c.assign(supplier="one"), v, s), "each supplier and SKU may stand once"),
        (lambda c, v, s: (c, v, -s), "pieces are 0 or more"),
    ],
)
def test_arrays_that_do_not_match(change, words):
    with pytest.raises(ValueError, match=words):
        plan_trials(*change(*market(), SEASON), trial_rule())


def test_every_sentence_exists_in_both_languages_with_the_same_places():
    entries = {key: texts for key, texts in catalogue().items() if key.startswith("trial_plan.")}
    assert len(entries) > 15
    for key, texts in entries.items():
        fields = [set(pd.Series(texts[language]).str.findall(r"{(\w+)").iloc[0]) for language in LANGUAGES]
        assert fields[0] == fields[1], key


# ---- season values ----


def test_trial_offers_take_the_first_step():
    ladders = {"x": {50: 9.0, 5: 10.0}, "y": {1: 8.0}}
    offers = tuple(Offer(supplier, "A", PriceLadder.of(ladder)) for supplier, ladder in ladders.items())
    found = trial_offers(Offers(offers, pd.DataFrame()))
    assert found.to_numpy().tolist() == [["x", "A", 10.0, 5.0], ["y", "A", 8.0, 1.0]]
    assert trial_offers(Offers((), pd.DataFrame())).dtypes["price"] == "float64"


DEMAND = pd.DataFrame(
    {
        "sku": ["A", "A", "B"],
        "month": pd.to_datetime(["2026-01-01", "2026-02-01", "2026-02-01"]),
        "units": [100, 200, 7],
        "selling_price": [30.0, 31.0, 9.0],
    }
)


def test_season_is_the_mean_month_times_months():
    assert season_pieces(DEMAND, 3).to_dict() == {"A": 450.0, "B": 21.0}
    assert season_pieces(DEMAND, 3, recent=1).to_dict() == {"A": 600.0, "B": 21.0}
    assert season_pieces(DEMAND.iloc[:0], 3).empty


def test_hidden_value_shrinks_as_trials_are_seen():
    """sd^2 = 1 / (1 / .1^2 + 1 / (.1^2 / 2 + .3^2 / 40)) after 40 pieces in 2 batches, times the price."""
    offers = pd.DataFrame({"supplier": ["x", "y"], "sku": "A", "price": 20.0, "minimum": 1.0})
    found = SeasonValues(offers, np.full((2, 4000), 11.0), season_pieces(DEMAND, 3), pd.DataFrame())
    lots = pd.DataFrame({"supplier": "x", "sku": "A", "inspected": pd.array([15, 25], dtype="Int64")})
    widened = with_hidden_value(found, lots, trial_rule(), seed=1)
    expected = 20 / np.sqrt(1 / 0.01 + 1 / (0.01 / 2 + 0.09 / 40))
    assert widened.values.std(axis=1) == pytest.approx([expected, 2.0], rel=5e-3)
    assert widened.values.mean(axis=1) == pytest.approx(found.values.mean(axis=1), abs=1e-6)


def test_values_from_a_cost_sheet_leave_out_what_misses_an_amount():
    def row(supplier, **known):
        cost = cost_per_good_piece(450, 10.0, np.linspace(0.02, 0.06, DRAWS), **known)
        return CostRow(SimpleNamespace(supplier=supplier, sku="A"), 450, 450, None, cost)

    sheet = CostSheet((row("x", freight=90.0), row("y")), pd.DataFrame())
    offers = pd.DataFrame({"supplier": ["x", "y", "z", "w"], "sku": [*"AAA", "Z"], "price": 11.0, "minimum": 1.0})
    found = values_from_cost_sheet(sheet, offers, DEMAND, months=3)
    assert found.candidates["supplier"].tolist() == ["x"]
    assert found.values[0] == pytest.approx(31 - (10 + 90 / 450) / (1 - np.linspace(0.02, 0.06, DRAWS)))
    words = worded_in_both(found.left_out).set_index("supplier")
    assert "lacks freight" in words["reason"]["y"] and words["reason_zh"]["y"].startswith("y 的 A 成本缺少 运费")
    assert "no valid quote" in words["reason"]["z"] and "no selling price" in words["reason"]["w"]
