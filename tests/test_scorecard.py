"""Ratings, ranks and grades: a table worked by hand, laws, and the honesty of missing evidence."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.decisions.rating import criteria_values, make_scorecard, worths
from analysis.decisions.rating.criteria import Criterion, CriterionEvidence, criteria_in_force, quoted
from analysis.decisions.rating.grades import TrialCounts, vetoes_in_force
from analysis.errors import RuleError
from analysis.estimates.defect_rate import RateGrid
from analysis.estimates.defect_rate.rate_mixture import RateMixture
from analysis.estimates.draws import DRAWS, Draws
from analysis.rules import Rules, rules_in_force
from analysis.wording import worded

RULES = Rules(
    "2026-10",
    {
        "limits": {"defect_rate": 0.05, "interval_level": 0.9},
        "grades": {
            "a_rating": 50.0,
            "a_probability": 0.7,
            "a_defect_probability": 0.7,
            "b_rating": 35.0,
            "a_least_inspected": 20,
            "least_evidence": 0.5,
            "c_least_inspected": 20,
            "c_least_received": 2,
            "keep_probability": 0.5,
            "keep_defect_probability": 0.6,
        },
        "vetoes": {
            "from": "2000-01",
            "defect_rate": {
                "worse_than": 0.08,
                "probability": 0.5,
                "keep_probability": 0.35,
                "least_inspected": 20,
                "own_level": 0.95,
            },
            "open_risks": {"worse_than": 2, "probability": 0.8, "keep_probability": 0.5},
        },
    },
    {},
)
QUALITY = Criterion("defect_rate", 0.6, (0.15, 0.06, 0.02, 0.0))
PRICE = Criterion("price_ratio", 0.4, (1.25, 1.0, 0.85, 0.70))
CRITERIA = (QUALITY, PRICE)


def points(levels: dict[str, float]) -> CriterionEvidence:
    series = pd.Series(levels)
    return CriterionEvidence.of_points(series, pd.Series(1, index=series.index))


def tried(names, inspected=20, received=3, still_open=0, trial_pieces=None, defective=0) -> TrialCounts:
    counts = (inspected, defective, received, still_open, inspected if trial_pieces is None else trial_pieces)
    return TrialCounts(*(pd.Series(value, index=list(names)) for value in counts))


@pytest.mark.parametrize(
    ("level", "worth"),
    [(0.20, 0), (0.15, 0), (0.105, 0.2), (0.06, 0.4), (0.04, 0.6), (0.02, 0.8), (0.01, 0.9), (0.0, 1)],
)
def test_value_function_joins_the_anchors_by_straight_lines(level, worth):
    assert QUALITY.value(np.array(level)) == pytest.approx(worth)


def test_rating_is_the_weighted_sum_worked_by_hand():
    category = pd.Series({"a": "bags", "b": "bags"})
    found = worths(
        (QUALITY, PRICE),
        {"defect_rate": points({"a": 0.02, "b": 0.06}), "price_ratio": points({"a": 1.0, "b": 0.85})},
        category,
        1,
    )
    # a: .6 x .8 + .4 x .4 = .64;  b: .6 x .4 + .4 x .8 = .56
    assert found.ratings()[:, 0] == pytest.approx([64, 56])
    assert found.ratings().std(axis=1) == pytest.approx([0, 0])


def test_missing_criterion_widens_the_interval_and_is_named_never_dropped():
    names = list("abcdef")
    category = pd.Series("bags", index=names)
    prices = points(dict(zip(names[:5], [0.7, 0.85, 1.0, 1.1, 1.25])))
    scored = worths(
        (QUALITY, PRICE), {"defect_rate": points(dict.fromkeys(names, 0.02)), "price_ratio": prices}, category, 1
    )
    card = make_scorecard(scored, np.full((6, DRAWS), 0.02), tried(names), RULES).set_index("supplier")
    assert card.loc["f", "missing_criteria"] == "price_ratio"
    assert card.loc["f", "rating_high"] - card.loc["f", "rating_low"] > 20
    assert (card.loc[names[:5], "rating_high"] - card.loc[names[:5], "rating_low"]).max() == pytest.approx(0)
    seen = card.loc[names[:5], "rating"].mean()
    assert card.loc["f", "rating"] == pytest.approx(seen, abs=4 * 16 / np.sqrt(DRAWS))
    values = criteria_values(scored, 0.9)
    row = values[(values["supplier"] == "f") & (values["criterion"] == "price_ratio")].iloc[0]
    assert row["missing"] and row["observations"] == 0 and np.isnan(row["value"])


def test_nobody_with_evidence_is_wide_open():
    category = pd.Series("bags", index=list("ab"))
    scored = worths((QUALITY,), {}, category, 1)
    low, high = np.quantile(scored.ratings() / 0.6, [0.05, 0.95], axis=1)
    assert np.allclose(low, 5, atol=2) and np.allclose(high, 95, atol=2)


@pytest.mark.parametrize(
    ("rating", "rate", "inspected", "received", "grade", "reason"),
    [
        (80, 0.01, 40, 3, "A", "40 pieces inspected"),  # good, clean, tried
        (80, 0.01, 0, 3, "B", "not assessed"),  # perfect but nobody looked at a piece
        (80, 0.01, 0, 0, "B", "not tried"),
        (80, 0.06, 40, 3, "B", "only <1% probability of a defect rate under 5%"),
        (45, 0.01, 40, 3, "B", "only <1% probability of a rating of at least 50"),
        (80, 0.12, 40, 3, "C", ">99% probability of a defect rate above 8% (40 pieces"),  # veto whatever the rating
        (20, 0.01, 40, 3, "C", ">99% probability of a rating below 35"),
        (80, 0.01, 12, 3, "B", "only 12 pieces of trial orders inspected; A needs 20"),
    ],
)
def test_grades_by_rule_on_probabilities(rating, rate, inspected, received, grade, reason):
    criterion = Criterion("price_ratio", 1.0, (0.0, 0.4, 0.8, 1.0))  # worth equals the level
    category = pd.Series({"a": "bags"})
    scored = worths((criterion,), {"price_ratio": points({"a": rating / 100})}, category, 1)
    record = tried("a", inspected, received, defective=20 * (rate > 0.1))
    card = make_scorecard(scored, np.full((1, DRAWS), rate), record, RULES).iloc[0]
    assert card["rating"] == pytest.approx(rating)
    assert card["grade"] == grade
    assert reason in worded(card["grade_reason"])
    assert worded(card["grade_reason"], "zh") != worded(card["grade_reason"])


@pytest.mark.parametrize(
    ("share_good", "share_clean", "before", "grade"),
    [
        (0.6, 1.0, None, "B"),  # not enough to become an A
        (0.6, 1.0, "A", "A"),  # but enough to stay one
        (0.4, 1.0, "A", "B"),
        (1.0, 0.65, "B", "B"),
        (1.0, 0.65, "A", "A"),
        (1.0, 0.55, "A", "B"),
    ],
)
def test_an_a_is_left_only_when_its_evidence_falls_clearly(share_good, share_clean, before, grade):
    criterion = Criterion("price_ratio", 1.0, (0.0, 0.4, 0.8, 1.0))
    worlds = np.arange(DRAWS) / DRAWS
    levels = Draws(pd.Index(["a"]), np.where(worlds < share_good, 0.8, 0.45)[None])
    scored = worths(
        (criterion,), {"price_ratio": CriterionEvidence(levels, pd.Series({"a": 3}))}, pd.Series({"a": "bags"}), 1
    )
    defects = np.where(worlds < share_clean, 0.01, 0.06)[None]
    held = None if before is None else pd.Series({"a": before})
    assert make_scorecard(scored, defects, tried("a"), RULES, held).iloc[0]["grade"] == grade


def test_a_c_is_kept_until_its_evidence_falls_clearly():
    criterion = Criterion("price_ratio", 1.0, (0.0, 0.4, 0.8, 1.0))
    levels = Draws(pd.Index(["a"]), np.where(np.arange(DRAWS) < 0.6 * DRAWS, 0.2, 0.5)[None])
    scored = worths(
        (criterion,), {"price_ratio": CriterionEvidence(levels, pd.Series({"a": 3}))}, pd.Series({"a": "bags"}), 1
    )
    clean = np.full((1, DRAWS), 0.01)
    graded = {
        held: make_scorecard(scored, clean, tried("a"), RULES, pd.Series({"a": held})).iloc[0]["grade"] for held in "BC"
    }
    assert graded == {"B": "B", "C": "C"}


def test_a_defect_veto_is_kept_until_its_probability_falls_clearly():
    """40 % probability of too many defects: not enough for a C, enough to stay one."""
    criterion = Criterion("price_ratio", 1.0, (0.0, 0.4, 0.8, 1.0))
    scored = worths((criterion,), {"price_ratio": points({"a": 0.8})}, pd.Series({"a": "bags"}), 1)
    defects = np.where(np.arange(DRAWS) < 0.4 * DRAWS, 0.12, 0.01)[None]
    graded = {
        held: make_scorecard(scored, defects, tried("a", defective=4), RULES, pd.Series({"a": held})).iloc[0]["grade"]
        for held in "BC"
    }
    assert graded == {"B": "B", "C": "C"}


@pytest.mark.parametrize(
    ("inspected", "defective", "grade"),
    [
        (5, 1, "B"),
        (5, 5, "B"),  # all of five: too few pieces to condemn
        (20, 1, "B"),
        (25, 2, "B"),
        (30, 0, "B"),
        (40, 6, "B"),  # of 40 pieces at 8 %, 6 or more come by chance in 9 of 100 cases
        (40, 7, "C"),  # and 7 or more in 4
        (0, 0, "B"),
    ],
)
def test_a_defect_veto_asks_for_pieces_of_the_suppliers_own(inspected, defective, grade):
    """The estimate, leaning on others, is sure of 12 %; what the supplier's own pieces say decides."""
    assert (stats.binom.sf(defective - 1, inspected, 0.08) < 0.05 and inspected >= 20) == (grade == "C")
    criterion = Criterion("price_ratio", 1.0, (0.0, 0.4, 0.8, 1.0))
    scored = worths((criterion,), {"price_ratio": points({"a": 0.8})}, pd.Series({"a": "bags"}), 1)
    record = tried("a", inspected=inspected, defective=defective)
    card = make_scorecard(scored, np.full((1, DRAWS), 0.12), record, RULES).iloc[0]
    assert card["grade"] == grade
    thin = make_scorecard(
        scored, np.full((1, DRAWS), 0.12), tried("a", inspected=5, defective=1), RULES, pd.Series({"a": "C"})
    )
    assert thin.iloc[0]["grade"] == "B"  # nor does it keep a C


@pytest.mark.parametrize(
    ("inspected", "received", "grade"), [(20, 2, "C"), (19, 2, "B"), (20, 1, "B"), (0, 9, "B"), (40, 0, "B")]
)
def test_a_poor_rating_drops_nobody_on_a_thin_record(inspected, received, grade):
    criterion = Criterion("price_ratio", 1.0, (0.0, 0.4, 0.8, 1.0))
    scored = worths((criterion,), {"price_ratio": points({"a": 0.2})}, pd.Series({"a": "bags"}), 1)
    for held in "BC":
        card = make_scorecard(
            scored, np.full((1, DRAWS), 0.01), tried("a", inspected, received), RULES, pd.Series({"a": held})
        )
        assert card.iloc[0]["grade"] == grade
    if grade == "B" and inspected and received:
        expected = f"rates below 35, but on {inspected} pieces inspected and {received} lines received; to drop it takes 20 and 2"
        assert worded(card.iloc[0]["grade_reason"]) == expected


RISKS = Criterion("open_risks", 0.1, (5.0, 2.0, 1.0, 0.0))


@pytest.mark.parametrize(("items", "grade"), [(3, "C"), (2, "A"), (None, "A")])
def test_open_risks_veto_the_best_rating_and_nobody_is_vetoed_without_evidence(items, grade):
    price = Criterion("price_ratio", 0.9, (0.0, 0.4, 0.8, 1.0))
    evidence = {"price_ratio": points({"a": 1.0, "b": 1.0})}
    evidence["open_risks"] = points({"b": 4} if items is None else {"a": items, "b": 0})
    scored = worths((price, RISKS), evidence, pd.Series({"a": "bags", "b": "bags"}), 1)
    card = make_scorecard(scored, np.full((2, DRAWS), 0.01), tried("ab"), RULES).set_index("supplier").loc["a"]
    assert card["grade"] == grade
    assert grade != "C" or worded(card["grade_reason"]) == "more than 2 items of the risk list are open (1 looked at)"


def test_a_good_sample_is_no_trial():
    criterion = Criterion("price_ratio", 1.0, (0.0, 0.4, 0.8, 1.0))
    scored = worths((criterion,), {"price_ratio": points({"a": 1.0})}, pd.Series({"a": "bags"}), 1)
    card = make_scorecard(scored, np.full((1, DRAWS), 0.001), tried("a", inspected=60, trial_pieces=0), RULES).iloc[0]
    assert card["grade"] == "B" and "only 0 pieces of trial orders" in worded(card["grade_reason"])


def test_a_poor_rating_that_others_evidence_makes_is_no_c():
    """Nothing but the price of `a` is known; its category's defects would rate it down."""
    evidence = {
        "price_ratio": points({"a": 1.0, "b": 1.0, "c": 1.0, "d": 1.0}),
        "defect_rate": points(dict.fromkeys("bcd", 0.15)),
    }
    scored = worths(CRITERIA, evidence, pd.Series(dict.fromkeys("abcd", "bags")), 1)
    defects = np.full((4, DRAWS), 0.06)
    card = make_scorecard(scored, defects, tried("abcd"), RULES).set_index("supplier")
    assert card.loc["a", "rating"] < 35 and card.loc["a", "grade"] == "B" and card.loc["b", "grade"] == "C"
    assert "covers only 40% of the weight" in worded(card.loc["a", "grade_reason"])


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ({"charm": {"worse_than": 1, "probability": 0.8, "keep_probability": 0.5}}, "'charm' that is not measured"),
        ({"open_risks": {"worse_than": 1, "probability": 0.8}}, "does not say keep_probability"),
        ({"open_risks": 3}, "open_risks = 3, which is neither a table"),
        (
            {"open_risks": {"worse_than": 1, "probability": 0.5, "keep_probability": 0.8}},
            "keep_probability = 0.8 is above probability = 0.5",
        ),
        (
            {"defect_rate": {"worse_than": 0.08, "probability": 0.5, "keep_probability": 0.4}},
            "least_inspected",
        ),
        (
            {
                "defect_rate": {
                    "worse_than": 0.08,
                    "probability": 0.5,
                    "keep_probability": 0.4,
                    "least_inspected": 20,
                    "own_level": 1,
                }
            },
            "own_level = 1; allowed is a number of 0 or more and below 1",
        ),
    ],
)
def test_vetoes_that_contradict_themselves_are_refused(entry, problem):
    with pytest.raises(RuleError, match=problem):
        vetoes_in_force(Rules("2026-10", {"vetoes": {"from": "2026-01", **entry}}, {}))


# -- laws: names, rows and rivals -------------------------------------------------------------------------------------

NAMES = list("abcdef")


def believed(rates: dict[str, tuple[int, int]]) -> Draws:
    """Defect rates' draws after so many defective of so many inspected, as the estimates hand them on."""
    grid = RateGrid(200)
    bad, good = np.array([(1 + x, 19 + n - x) for x, n in rates.values()]).T
    posterior = RateMixture(pd.Index(list(rates), dtype="str"), grid.beta_masses(bad, good).T, grid)
    return posterior.draws(DRAWS, np.random.default_rng(5))


def company(found: dict[str, tuple[int, int]], prices: dict[str, float], category: dict[str, str]):
    """The scorecard by supplier of a company that inspected `found` and was quoted `prices`."""
    evidence = {"price_ratio": points(prices)}
    if found:
        evidence["defect_rate"] = CriterionEvidence(
            believed(found), pd.Series({name: n for name, (_, n) in found.items()})
        )
    scored = worths(CRITERIA, evidence, pd.Series(category), 7)
    defects = np.full((len(category), DRAWS), 0.02)
    return make_scorecard(scored, defects, tried(category), RULES).set_index("supplier")


COMPANIES = st.tuples(
    st.lists(
        st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n // 3), st.just(n))), min_size=6, max_size=6
    ),
    st.lists(st.sampled_from([0.7, 0.8, 0.9, 1.0, 1.1]), min_size=6, max_size=6),
    st.lists(st.sampled_from(["bags", "pans"]), min_size=6, max_size=6),
).map(lambda parts: tuple(dict(zip(NAMES, part)) for part in parts))
FEW = settings(max_examples=15)
PLACES = ["rank", "rank_in_category", "grade"]
NUMBERS = ["rating", "rating_low", "rating_high"]


@FEW
@given(COMPANIES, st.permutations(NAMES), st.permutations(NAMES), st.sets(st.sampled_from(NAMES), max_size=3))
def test_names_and_the_order_of_rows_change_nothing(company_of, order, names, unknown):
    """Also where criteria are missing: of `unknown` nothing was inspected."""
    found, prices, category = company_of
    found = {name: counts for name, counts in found.items() if name not in unknown}
    renamed = dict(zip(NAMES, names))
    one = company(found, prices, category)
    two = company(
        *({renamed[name]: part[name] for name in order if name in part} for part in (found, prices, category))
    )
    two = two.rename(index={new: old for old, new in renamed.items()}).loc[one.index]
    assert (one[PLACES] == two[PLACES]).all(axis=None)
    assert one[NUMBERS].to_numpy() == pytest.approx(two[NUMBERS].to_numpy(), abs=1e-9)
    assert one["p_best"].to_numpy() == pytest.approx(two["p_best"].to_numpy(), abs=4.5 * 0.5 / np.sqrt(DRAWS / 2))


@FEW
@given(COMPANIES, st.sampled_from(NAMES), st.sampled_from(["a", "g"]))
def test_a_supplier_dominated_by_all_changes_nobody_elses_rank(company_of, like, name):
    found, prices, category = ({f"x{key}": value for key, value in part.items()} for part in company_of)
    before = company(found, prices, category)
    after = company(found | {name: (60, 60)}, prices | {name: 1.3}, category | {name: category[f"x{like}"]})
    assert after.loc[name, "rank"] == 7
    assert (after.loc[before.index, [*PLACES, *NUMBERS]] == before[[*PLACES, *NUMBERS]]).all(axis=None)


@FEW
@given(COMPANIES, st.sampled_from(NAMES), st.integers(1, 40), st.sampled_from([0.0, 0.2]))
def test_worsening_a_rival_never_hurts_anybody_else(company_of, rival, defects, dearer):
    found, prices, category = company_of
    x, n = found[rival]
    worse = found | {rival: (min(x + defects, n), n)}, prices | {rival: prices[rival] + dearer}
    before, after = company(found, prices, category), company(*worse, category)
    others = [name for name in NAMES if name != rival]
    assert (after.loc[others, NUMBERS] == before.loc[others, NUMBERS]).all(axis=None)
    for place in ("rank", "rank_in_category"):
        assert (after.loc[others, place] <= before.loc[others, place]).all()
    assert after.loc[others, "rank"].rank(method="min").equals(before.loc[others, "rank"].rank(method="min"))
    assert after.loc[rival, "rank"] >= before.loc[rival, "rank"]


def test_equals_share_a_rank_and_stand_in_the_order_of_their_names():
    prices = {"b": 0.9, "d": 0.8, "a": 0.9, "c": 1.2}
    found = dict.fromkeys(prices, (1, 30))
    card = company(found, prices, dict.fromkeys(prices, "bags"))
    assert card.index.tolist() == ["d", "a", "b", "c"]
    assert card["rank"].tolist() == card["rank_in_category"].tolist() == [1, 2, 2, 4]
    assert card.loc["a", "rating"] == card.loc["b", "rating"]


def test_what_is_assumed_of_an_unseen_supplier_is_mostly_its_categorys_spread():
    """Three bags were seen: one of them in half of the worlds, anybody in the other half."""
    prices = {"a": 0.7, "b": 1.0, "c": 1.25, "d": 0.7, "e": 0.7}
    category = pd.Series(dict.fromkeys("abc", "bags") | {"d": "pans", "e": "pans", "new": "bags"})
    scored = worths((Criterion("price_ratio", 1.0, PRICE.anchors),), {"price_ratio": points(prices)}, category, 7)
    worth = scored.values[0][scored.suppliers.get_loc("new")]
    expected = [1 / 6 + 3 / 10, 1 / 6 + 1 / 10, 1 / 6 + 1 / 10]  # of 1 (a, d, e), 0.4 (b) and 0 (c)
    assert [(worth == level).mean() for level in (1.0, 0.4, 0.0)] == pytest.approx(expected, abs=2 / DRAWS)


def test_price_is_taken_from_the_newest_valid_quote_at_the_trial_step():
    day = pd.Timestamp
    quotes = pd.DataFrame(
        {
            "quote_id": ["q1", "q2", "q2", "q3"],
            "supplier": ["a", "a", "a", "b"],
            "sku": ["s", "s", "s", "s"],
            "quoted_on": [day("2026-01-01"), day("2026-05-01"), day("2026-05-01"), day("2026-01-01")],
            "valid_until": [pd.NaT, pd.NaT, pd.NaT, day("2026-02-01")],
            "min_quantity": [10, 20, 200, 5],
            "unit_price": [9.0, 8.0, 6.0, 1.0],
            "benchmark_price": [10.0] * 4,
        }
    )
    found = quoted(quotes, day("2026-06-30"))
    assert found["price_ratio"].draws.suppliers.tolist() == ["a"]  # b's only quote has lapsed
    assert found["price_ratio"].draws.values[0, 0] == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ({"defect_rate": {"weight": 0.9, "anchors": [0.15, 0.06, 0.02, 0.0]}}, "add up to 0.9000"),
        ({"charm": {"weight": 1.0, "anchors": [0, 1, 2, 3]}}, "'charm' that is not measured"),
        ({"defect_rate": {"weight": 1.0, "anchors": [0.15, 0.02, 0.06, 0.0]}}, "must rise or fall all the way"),
        (
            {"defect_rate": {"weight": 1.5, "anchors": [0.15, 0.06, 0.02, 0.0]}},
            "weight = 1.5; allowed is a number from 0 to 1",
        ),
    ],
)
def test_criteria_that_contradict_themselves_are_refused(entry, problem):
    with pytest.raises(RuleError, match=problem):
        criteria_in_force(Rules("2026-10", {"criteria": {"from": "2026-01", **entry}}, {}))


@pytest.mark.parametrize("source", ["example", "scms"])
def test_the_shipped_rules_hold_together(source):
    criteria = criteria_in_force(rules_in_force(source, "2026-10"))
    assert sum(c.weight for c in criteria) == pytest.approx(1)


def test_a_veto_begins_where_no_price_pays_for_what_is_found():
    """From 2026-10: lots that inspection must not pass, and more open risks than their criterion calls worst acceptable."""
    rules = rules_in_force("example", "2026-10")
    levels = {veto.criterion: veto.worse_than for veto in vetoes_in_force(rules)}
    worst = {criterion.name: criterion.anchors[0] for criterion in criteria_in_force(rules)}
    assert levels["defect_rate"] == rules["inspection"]["limiting_quality"] < worst["defect_rate"]
    assert levels["open_risks"] == worst["open_risks"]
    before = {veto.criterion: veto.worse_than for veto in vetoes_in_force(rules_in_force("example", "2026-09"))}
    assert (before["defect_rate"], before["open_risks"]) == (0.08, 2)


@pytest.mark.parametrize("seen", [{}, {"a": 0.7}])
def test_one_supplier_alone_tells_nothing_of_the_others(seen):
    """A capacity that is known of one company once stood as everybody's, with an interval of no width."""
    category = pd.Series("bags", index=pd.Index(["a", "b", "c"]))
    evidence = {"price_ratio": points(seen)} if seen else {}
    scored = worths((Criterion("price_ratio", 1.0, PRICE.anchors),), evidence, category, 7)
    for name in set(category.index) - set(seen):
        worth = scored.values[0][scored.suppliers.get_loc(name)]
        assert np.quantile(worth, [0.05, 0.5, 0.95]) == pytest.approx([0.05, 0.5, 0.95], abs=0.01)
