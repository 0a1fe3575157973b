"""What a trial is worth against slow simulation of every outcome; the round against other rounds; laws, limits and sentences."""

import itertools
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from decisions import Reviewed
from house import house_rules, read, section, trial_rule
from scipy import stats
from trial_gain import RULES, recommended, with_lots

from analysis.decisions.landed_cost import HouseCosts, cost_per_good_piece
from analysis.decisions.landed_cost.cost_sheet import CostRow, CostSheet
from analysis.decisions.offers import Offer, Offers, PriceLadder
from analysis.decisions.purchase_plan import PurchaseRule
from analysis.decisions.sourcing import trials as sourcing_trials
from analysis.decisions.stock import season_pieces
from analysis.decisions.trial_plan import NOBODY, Contest, TrialRule, plan_trials, trial_offers, values_from_cost_sheet
from analysis.decisions.trial_plan.plan import COMPARISON_COLUMNS, PLAN_COLUMNS
from analysis.decisions.trial_plan.trial_choice import Market, Round, Trial, choose_trials, gains_in_order
from analysis.decisions.trial_plan.trial_policies import equal_allocation
from analysis.decisions.trial_plan.value_of_trial import foresee, joint_outcomes
from analysis.errors import RuleError
from analysis.estimates.draws import DRAWS, Draws
from analysis.reporting.sentences import worded, worded_in_both
from analysis.simulate.company import simulate_company
from analysis.wording import LANGUAGES, catalogue

POINTS = joint_outcomes(1)
RATES = (np.arange(60) + 0.5) / 120
"""Cells of the rate in bulk: up to a half."""
FREE = read("purchase_plan", PurchaseRule, switching_cost=0.0, least_probability=0.0)
"""Nothing but the expected cost decides."""
RULE = trial_rule(budget=2000, most_suppliers=5, fixed_cost=30, least_chance=0.0)


def binomial(supplier, pieces):
    """Pieces alike, bulk as good as trials: P(x | rate)."""
    return stats.binom.pmf(np.arange(pieces + 1)[:, None], pieces, RATES)


def contest(*beliefs, sku="A", price=20.0, tried=None, present=0, rule=FREE, monthly=1500.0, floor=np.inf, names=None):
    """Candidates with (price, alpha, beta): rate beta, a defective piece costs three more."""
    n, draws = len(beliefs), 4000
    cells = np.empty((n, draws), int)
    for row, (_, alpha, beta) in enumerate(beliefs):
        rates = stats.beta.ppf((np.random.default_rng(row).permutation(draws) + 0.5) / draws, alpha, beta)
        cells[row] = np.searchsorted(RATES, rates).clip(0, len(RATES) - 1)
    costs = np.array([price_ for price_, _, _ in beliefs])[:, None] * (1 + 3 * RATES[cells])
    return Contest(
        sku, names or tuple(f"{sku}{i}" for i in range(n)), costs, cells,
        np.ones(n, bool) if tried is None else np.array(tried), np.arange(n) != present, present,
        np.full(n, 4.0), np.full(n, price), np.ones(n), monthly, floor, rule,
    )  # fmt: skip


KNOWN, PROMISING = (20.0, 20, 980), (19.0, 1, 12)
"""Today's supplier at 2 %; a cheaper one of which little is known, at 8 %."""


def market(*contests, rule=RULE):
    return Market(contests, rule, binomial)


# ---- what a trial is worth ----


def simulated(case, trials, rounds=60, seed=5):
    """Mean saving by brute force: play each trial in each world, believe the worlds that showed the same, choose the cheapest."""
    rng, total = np.random.default_rng(seed), []
    means = case.costs.mean(axis=1)
    after = {}
    for i, n in trials.items():
        shown = rng.binomial(n, RATES[case.cells[i]], (rounds, case.cells.shape[1]))
        after[i] = {x: np.broadcast_to(case.costs[i], shown.shape)[shown == x].mean() for x in np.unique(shown)}, shown
    for r in range(rounds):
        world = rng.permutation(case.cells.shape[1])[:1000]
        believed = np.repeat(means[:, None], len(world), axis=1)
        for row, (i, (found, shown)) in enumerate(after.items()):
            believed[i] = [found[x] for x in shown[r, np.roll(world, row)]]
        total.append((believed[case.planned] - believed.min(axis=0)).mean())
    return float(np.mean(total)) * case.monthly * 4.0


@pytest.mark.parametrize("pieces", [5, 20, 50])
def test_a_single_trial_is_worth_what_simulation_says(pieces):
    case = contest(KNOWN, PROMISING)
    found = Round(market(case), POINTS).more(Trial("A1", 0, pieces))
    assert found == pytest.approx(simulated(case, {1: pieces}), rel=0.04)


def test_two_trials_together_by_simulation():
    case = contest(KNOWN, PROMISING, (18.5, 1, 9))
    made = Round(market(case), POINTS, [Trial("A1", 0, 20), Trial("A2", 0, 30)])
    assert made.gain == pytest.approx(simulated(case, {1: 20, 2: 30}), rel=0.05)
    alone = [Round(market(case), POINTS).more(trial) for trial in made.trials.values()]
    assert max(alone) < made.gain < sum(alone)


def test_beliefs_after_a_trial_average_to_those_before():
    case = contest(KNOWN, PROMISING)
    shown = foresee([(case, 1)], binomial("A1", 20))[0]
    assert shown.chance.sum() == pytest.approx(1)
    assert shown.chance @ shown.cost == pytest.approx(case.costs[1].mean())
    assert shown.chance @ shown.likely == pytest.approx(case.cheaper(1).mean())
    assert (np.diff(shown.cost[shown.chance > 1e-6]) > 0).all()


def test_a_larger_trial_is_never_worth_less():
    alone = Round(market(contest(KNOWN, PROMISING)), POINTS)
    gains = [alone.more(Trial("A1", 0, n)) for n in (5, 10, 20, 30, 50)]
    assert np.all(np.diff(gains) >= 0) and gains[0] < gains[2] < gains[-1] < market(contest(KNOWN, PROMISING)).most(
        "A1"
    )


def test_a_trial_that_says_nothing_of_bulk_is_worth_nothing():
    """Whatever the rate in bulk, the same chances: five pieces against a drift."""
    deaf = Market([contest(KNOWN, PROMISING)], RULE, lambda s, n: np.repeat(binomial(s, n)[:, [3]], len(RATES), 1))
    assert Round(deaf, POINTS).more(Trial("A1", 0, 5)) == pytest.approx(0, abs=1e-9)
    assert choose_trials(deaf, POINTS) == []


def test_a_change_that_the_plan_would_not_make_is_worth_nothing():
    costly = replace(FREE, switching_cost=1e5)
    unsure = replace(FREE, least_probability=1.0)
    for rule in (costly, unsure):
        assert Round(market(contest(KNOWN, PROMISING, rule=rule)), POINTS).more(Trial("A1", 0, 50)) == 0


def test_changing_supplier_is_paid_for():
    """The same choices, each change 50 dearer: worth less by 50 times the chance of a change, about."""
    made = [Round(market(contest(KNOWN, PROMISING, rule=replace(FREE, switching_cost=c))), POINTS) for c in (0.0, 50.0)]
    gains = [each.more(Trial("A1", 0, 50)) for each in made]
    made[0].add(Trial("A1", 0, 50))
    assert 0 < gains[0] - gains[1] <= 50 * made[0].plans[0].chances()[1] + 1e-6


def test_a_trial_opens_the_way_to_somebody_never_inspected():
    """Cheaper for sure, but the plan orders nothing from it until a piece was seen."""
    case = contest(KNOWN, (15.0, 10, 490), tried=[True, False])
    assert case.planned == 0
    expected = (case.costs[0].mean() - case.costs[1].mean()) * 1500 * 4
    assert Round(market(case), POINTS).more(Trial("A1", 0, 5)) == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize(
    ("traps", "today", "tried", "planned"),
    [({}, "now", [True, True, True], 0), ({"low"}, "now", [False, True, True], 1), ({"low", "now"}, "now", [False, True, True], 1),
     ({"low", "mid", "now"}, "now", [False, False, True], 2), ({"low", "mid", "now"}, None, [True, True, True], 0)],
)  # fmt: skip
def test_of_a_price_that_nobody_has_paid_yet_the_plan_buys_no_more_than_a_trial(traps, today, tried, planned):
    """ "low" is the cheapest: where its price is not believed, a trial that bears it out is worth something, and nothing where it is."""
    names = ["low", "mid", "now"]
    offers = [
        SimpleNamespace(
            offer=SimpleNamespace(supplier=name, ladder=PriceLadder.of(cost)),
            cost=SimpleNamespace(complete=True, mean=cost, draws=np.full(DRAWS, cost)),
        )
        for name, cost in zip(names, (8.0, 9.0, 10.0))
    ]
    basis = SimpleNamespace(
        traps={(name, "A") for name in traps}, defect_rates=Draws(pd.Index(names), np.full((3, DRAWS), 0.02)),
        lasting={}, lead_times=None,
    )  # fmt: skip
    lots = SimpleNamespace(cells=lambda rates: np.zeros(rates.shape, int))
    seen, nothing = pd.Series(50, names), pd.Series(dtype=float)
    known = sourcing_trials._Known(basis, lots, FREE, nothing, seen, pd.Index([]), nothing, nothing, 1.0)
    row = SimpleNamespace(sku="A", present_supplier=today, demand_per_month=100.0, pieces=0)
    found = known.contest(row, offers)
    assert (found.tried.tolist(), found.planned) == (tried, planned)


def test_the_chance_that_a_trial_pays_by_simulation():
    """Play it: the plan moves or not by what is shown, and then the world's own cost counts, less the change and the trial."""
    rule = replace(FREE, switching_cost=200.0)
    case = contest(KNOWN, PROMISING, rule=rule)
    found = market(case).pays(Trial("A1", 0, 20))
    shown = foresee([(case, 1)], binomial("A1", 20))[0]
    moves = (case.costs[0].mean() - shown.cost) * case.monthly * rule.horizon_months > rule.switching_cost
    rng = np.random.default_rng(2)
    seen = rng.binomial(20, RATES[case.cells[1]], (50, case.cells.shape[1]))
    saved = (rng.permutation(case.costs[0]) - case.costs[1]) * case.monthly * 4.0 - 200.0
    played = np.where(moves[seen], saved, 0.0) > RULE.cost(20, 20.0)
    assert found == pytest.approx(played.mean(), abs=0.01) and 0.2 < found < 0.5


def test_a_trial_that_rarely_pays_is_not_ordered_however_much_it_may_bring():
    case = contest(KNOWN, PROMISING)
    bold, cautious = (replace(RULE, least_chance=chance) for chance in (0.1, 0.6))
    assert choose_trials(market(case, rule=bold), POINTS) and not choose_trials(market(case, rule=cautious), POINTS)
    told = plan_trials([case], {}, cautious, binomial).no_trial.iloc[0]
    assert told["status"] == "too_rarely" and "60% asked for" in worded(told["reason"])


def test_where_nobody_is_bought_from_the_selling_price_decides():
    case = contest((20.0, 2, 20), present=NOBODY, tried=[False], floor=30.0)
    assert case.planned == NOBODY
    made = Round(market(case), POINTS, [Trial("A0", 0, 20)])
    assert made.gain == pytest.approx(simulated_floor(case, 20), rel=0.05)


def simulated_floor(case, pieces):
    """What buying below the selling price brings, by the outcome of the trial."""
    shown = np.random.default_rng(1).binomial(pieces, RATES[case.cells[0]], (60, case.cells.shape[1]))
    costs = np.broadcast_to(case.costs[0], shown.shape)
    kinds = [(shown == x).mean() * max(case.floor - costs[shown == x].mean(), 0) for x in np.unique(shown)]
    return sum(kinds) * case.monthly * 4.0


# ---- the round ----


def test_what_a_supplier_shows_counts_in_all_its_skus():
    one, two = (
        contest(KNOWN, PROMISING, sku=s, names=("now", "new"), monthly=m) for s, m in (("A", 500.0), ("B", 1500.0))
    )
    gains = Round(market(one, two), POINTS).by_sku(Trial("new", 0, 20))
    assert gains[1] == pytest.approx(3 * gains[0])
    trials = choose_trials(market(one, two), POINTS)
    assert [(t.supplier, t.contest) for t in trials] == [("new", 1)]  # one trial, of the SKU that most hangs on
    row = plan_trials([one, two], {}, RULE, binomial).trials.iloc[0]
    assert row["also"] == "A" and "A may then move too" in worded(row["reason"])


def test_limits_and_minimum_orders():
    cases = [contest(KNOWN, PROMISING, PROMISING, sku=sku) for sku in "ABC"]
    cases[1] = replace(cases[1], minimum=np.array([1.0, 12.0, 51.0]))
    every = market(*cases)
    trials = choose_trials(every, POINTS)
    assert len(trials) > 2 and all(t.pieces >= 12 for t in trials if t.contest == 1)
    alone = choose_trials(market(cases[1]), POINTS)
    assert alone and all(t.pieces >= 12 for t in alone), "its minimum is met, not given up"
    assert "B2" not in {t.supplier for t in trials} and all(t.supplier[1] != "0" for t in trials)
    assert sum(map(every.outlay, trials)) <= RULE.budget
    assert len(choose_trials(replace(every, rule=replace(RULE, most_suppliers=2)), POINTS)) == 2
    poor = replace(RULE, budget=300.0)
    assert sum(map(every.outlay, choose_trials(replace(every, rule=poor), POINTS))) <= 300


def test_gains_in_order_add_up():
    every = market(contest(KNOWN, PROMISING, (18.5, 1, 9)), contest(KNOWN, PROMISING, sku="B"))
    trials = choose_trials(every, POINTS)
    made, gains = gains_in_order(every, trials, POINTS)
    assert len(trials) > 1 and sum(gains) == pytest.approx(made.gain) and min(gains) >= 0


def test_the_round_is_nearly_the_best_of_all():
    """Second route: every way to give four candidates of one SKU nothing, 5 or 20 pieces."""
    rng = np.random.default_rng(21)
    for _ in range(3):
        case = contest(KNOWN, *((p, 1, 15) for p in rng.normal(19.0, 1, 4)))
        every = market(case, rule=replace(RULE, sizes=(5, 20), most_suppliers=2))
        ways = [
            [Trial(f"A{k}", 0, n) for k, n in enumerate(sizes, start=1) if n]
            for sizes in itertools.product((0, 5, 20), repeat=4)
        ]
        allowed = [way for way in ways if len(way) <= 2 and sum(map(every.outlay, way)) <= RULE.budget]
        best = max(Round(every, POINTS, way).net for way in allowed)
        assert Round(every, POINTS, choose_trials(every, POINTS)).net >= 0.97 * best > 0


def test_the_round_is_expected_to_beat_spreading_the_budget():
    judge, rng = joint_outcomes(99), np.random.default_rng(8)
    for _ in range(4):
        cases = [contest(KNOWN, *((p, 1, 15) for p in rng.normal(19.5, 1, 3)), sku=sku) for sku in "AB"]
        every = market(*cases)
        ours, equal = (Round(every, judge, t).net for t in (choose_trials(every, POINTS), equal_allocation(every)))
        assert ours >= max(equal, 0) - 1e-6


# ---- tables ----


def test_columns_types_and_sentences():
    plan = plan_trials([contest(KNOWN, PROMISING), contest(KNOWN, PROMISING, sku="B")], {}, RULE, binomial)
    assert list(plan.trials) == PLAN_COLUMNS and list(plan.comparison) == COMPARISON_COLUMNS
    row = plan.trials.iloc[0]
    said, said_zh = worded(row["reason"]), worded(row["reason"], "zh")
    assert said.startswith(f"{row['pieces']} pieces of {row['sku']} from {row['supplier']}")
    assert f"with at most {row['most_defective']} defective" in said and f"instead of {row['incumbent']}" in said
    assert f"costs {row['cost']:,.0f} CNY" in said and f"试单 {row['sku']} {row['pieces']} 件" in said_zh
    totals = plan.comparison.set_index("policy").loc["plan"]
    for name in ("expected_gain", "cost", "outlay"):
        assert totals[name] == pytest.approx(plan.trials[name].sum())
    assert plan.trials["p_replaces"].between(0, 1).all() and totals["outlay"] <= RULE.budget


def test_the_most_defective_pieces_are_where_the_plan_turns():
    case = contest(KNOWN, PROMISING)
    plan = plan_trials([case], {}, RULE, binomial)
    row, shown = plan.trials.iloc[0], foresee([(case, 1)], binomial("A1", int(plan.trials.iloc[0]["pieces"])))[0]
    cheaper = np.flatnonzero(shown.cost < case.costs[0].mean())
    assert row["most_defective"] == cheaper.max()
    assert row["p_replaces"] == pytest.approx(shown.chance[cheaper].sum(), abs=0.01)


def test_same_seed_same_plan():
    one, two = (plan_trials([contest(KNOWN, PROMISING)], {}, RULE, binomial, seed=3) for _ in range(2))
    pd.testing.assert_frame_equal(one.trials, two.trials)


def test_nothing_to_plan():
    plan = plan_trials([], {"A": "no_candidates"}, trial_rule(), binomial)
    assert plan.trials.empty and plan.no_trial["status"].tolist() == ["no_candidates"]
    assert worded(plan.summary).startswith("No trial this round")
    assert worded(plan.summary, "zh").startswith("本轮不建议试单")


def test_reasons_for_no_trial():
    cases = [
        contest(KNOWN, sku="alone"),
        replace(contest(KNOWN, PROMISING, sku="busy"), open=np.zeros(2, bool)),
        replace(contest(KNOWN, PROMISING, sku="large"), minimum=np.array([1.0, 80.0])),
        contest(KNOWN, (30.0, 20, 980), sku="dear"),
        contest(KNOWN, (19.5, 1, 12), sku="small", monthly=30.0),
    ]
    told = plan_trials(cases, {"none": "no_demand"}, RULE, binomial).no_trial
    whole = told[told["supplier"] == ""].set_index("sku")["status"].to_dict()
    assert whole == {
        "alone": "single_candidate", "busy": "ordered_anyway", "dear": "changes_nothing", "small": "not_worth_it", "large": "none_sells_trials", "none": "no_demand",
    }  # fmt: skip
    assert told.loc[told["status"] == "minimum_too_large", "supplier"].tolist() == ["large1"]
    poor = plan_trials([contest(KNOWN, PROMISING)], {}, replace(RULE, budget=0), binomial)
    assert poor.trials.empty and set(poor.no_trial["status"]) == {"budget_used"}


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


def test_every_sentence_exists_in_both_languages_with_the_same_places():
    entries = {key: texts for key, texts in catalogue().items() if key.startswith("trial_plan.")}
    assert len(entries) > 15
    for key, texts in entries.items():
        fields = [set(pd.Series(texts[language]).str.findall(r"{(\w+)").iloc[0]) for language in LANGUAGES]
        assert fields[0] == fields[1], key


# ---- of a review ----


@pytest.fixture(scope="module")
def seen():
    """A company after three months, when much is still open."""
    company = simulate_company(3, 25, 700_002, story=False)
    return Reviewed(company.known(company.ends_on), company.ends_on, 1)


def test_the_contests_choose_as_the_plan_does(seen):
    """Without a trial's outcome the foreseen plan is the purchase plan, SKU by SKU."""
    made = _contests(seen)
    ordered = seen.plan[seen.plan["action"] == "order"]
    pairs = [(ordered.loc[c.sku, "supplier"], c.suppliers[c.planned]) for c in made if c.sku in ordered.index]
    assert len(pairs) >= 6 and all(ours == theirs for ours, theirs in pairs)


def _contests(seen):
    lots = sourcing_trials.foreseen_lots(seen.lots, seen.tables["orders"], None)
    plan = seen.plan.reset_index()
    known = sourcing_trials._Known.of(seen.basis, plan, seen.tables, seen.scorecard, lots, RULES)
    sheet = sourcing_trials.plan_sheet(seen.basis, seen.sizes, RULES)
    found = [
        sourcing_trials._contest_or_why(row, offers, known) for _, offers, row in sourcing_trials._by_sku(plan, sheet)
    ]
    return [each for each in found if isinstance(each, Contest)]


def test_nobody_is_tried_who_is_ordered_from_or_is_a_c(seen):
    trials = recommended(seen, trial_rule(least_chance=0.0)).trials
    card = seen.scorecard.set_index("supplier")["grade"]
    busy = set(seen.plan.loc[seen.plan["action"].isin(["order", "hold"]), "supplier"])
    assert len(trials) and not set(trials["supplier"]) & (busy | set(card.index[card == "C"]))
    assert (trials["expected_gain"] > trials["cost"]).all()


def test_an_outcome_is_believed_by_the_next_review_as_it_was_foreseen(seen):
    """Costs that the next review reckons after no and after many defects, against those foreseen: the same way, the same far."""
    trial = recommended(seen, trial_rule(least_chance=0.0)).trials.iloc[[0]]
    supplier, sku, pieces = trial[["supplier", "sku", "pieces"]].iloc[0]
    case = next(c for c in _contests(seen) if c.sku == sku)
    at = case.suppliers.index(supplier)
    lots = sourcing_trials.foreseen_lots(seen.lots, seen.tables["orders"], None)
    shown = foresee([(case, at)], lots.chances(case.suppliers[at], pieces))[0]
    for defective in (0, pieces // 4):
        played = trial.assign(days=10.0, defective=defective)
        tables = seen.tables | with_lots(seen.tables, played, seen.as_of - pd.Timedelta(days=11), seen.as_of)
        then = Reviewed(tables, seen.as_of, seen.seed)
        sheet = sourcing_trials.plan_sheet(then.basis, seen.sizes, RULES)
        believed = sheet.row(supplier, sku).cost.mean
        assert believed == pytest.approx(shown.cost[defective], rel=0.04), defective


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


def test_values_from_a_cost_sheet_leave_out_what_misses_an_amount():
    def row(supplier, **known):
        cost = cost_per_good_piece(450, 10.0, np.linspace(0.02, 0.06, DRAWS), **known)
        return CostRow(SimpleNamespace(supplier=supplier, sku="A"), 450, 450, None, cost, HouseCosts.counting())

    sheet = CostSheet((row("x", freight=90.0), row("y")), pd.DataFrame())
    offers = pd.DataFrame({"supplier": ["x", "y", "z", "w"], "sku": [*"AAA", "Z"], "price": 11.0, "minimum": 1.0})
    found = values_from_cost_sheet(sheet, offers, DEMAND, months=3)
    assert found.candidates["supplier"].tolist() == ["x"]
    assert found.values[0] == pytest.approx(31 - (10 + 90 / 450) / (1 - np.linspace(0.02, 0.06, DRAWS)))
    words = worded_in_both(found.left_out).set_index("supplier")
    assert "lacks freight" in words["reason"]["y"] and words["reason_zh"]["y"].startswith("y 的 A 成本缺少 运费")
    assert "no valid quote" in words["reason"]["z"] and "no selling price" in words["reason"]["w"]
