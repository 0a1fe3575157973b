"""The scorecard in companies whose truth is known: are its probabilities true, do its grades stand still, is it quick?

Evidence goes all the way through the shipped estimates (`decisions.assessment.assess`). A stated probability is reliable when
what it is stated of happens as often: the reliability error is the sum over ten bins of the share of the forecasts in a bin times
the distance of their mean from the frequency observed. Its floor is what forecasts without any fault would show by chance on as
many decisions. Peer: the spreadsheet, bare averages of what was received and inspected, the best of them for sure the best.
Seeds from `HELD_OUT` on were never looked at while the methods were made. Run `python benchmarks/scorecard.py`; about ten
minutes of one core.
"""

from __future__ import annotations

import time
import tracemalloc
from dataclasses import replace

import numpy as np
import pandas as pd
from scorecard_worlds import World, make_world, true_ratings

from analysis.assessment import Assessment, assess, tried_so_far
from analysis.decisions.rating import (
    Criterion,
    CriterionEvidence,
    criteria_in_force,
    evidence_of,
    make_scorecard,
    worths,
)
from analysis.decisions.rating.ranking import rank_table
from analysis.estimates.draws import DRAWS, Draws
from analysis.rules import Rules, rules_in_force

RULES = rules_in_force("example", "2026-10")
CRITERIA = criteria_in_force(RULES)
HELD_OUT = 70_000
CATEGORIES, COMPANIES = 7, 286
"""Two thousand decisions: whom to buy a category from."""
STRESSED = 40
AGES = (2, 3, 4, 6)
"""Months of evidence that companies have."""
BINS = 10
GRADED, GRADED_CATEGORIES, MONTHS = 10, 4, 24


# -- what was stated, and what is true ---------------------------------------------------------------------------------


def assessed(world: World, month: int, seed: int) -> Assessment:
    """The shipped scorecard at the end of a month; there are no holidays in these worlds."""
    return assess(world.known(month), world.as_of(month), RULES, "CNY", seed, days="every day")


def forecasts(companies: int, first_seed: int, hidden: str = "at random", categories: int = CATEGORIES) -> pd.DataFrame:
    """One row a supplier: what was stated (`p_`) and what is true (`is_`), and the spreadsheet's rating."""
    parts = []
    for number in range(companies):
        month = AGES[number % len(AGES)]
        world = make_world(first_seed + number, month, RULES, categories, hidden)
        rated = assessed(world, month, first_seed + number)
        parts.append(_stated(world, rated).assign(company=number, spreadsheet=spreadsheet_ratings(world, month)))
    return pd.concat(parts, ignore_index=True)


def _stated(world: World, rated: Assessment) -> pd.DataFrame:
    """The probabilities behind the choice and the grade of each supplier, and their truths."""
    suppliers, ratings = rated.scored.suppliers, rated.scored.ratings()
    good = ratings >= RULES["grades"]["a_rating"]
    clean = rated.state.evidence["defect_rate"].draws.of(suppliers) < RULES["limits"]["defect_rate"]
    card = rated.scorecard.set_index("supplier").reindex(suppliers)
    true = true_ratings(world, CRITERIA).reindex(suppliers)
    fine = world.levels["defect_rate"].reindex(suppliers) < RULES["limits"]["defect_rate"]
    a_rating = true >= RULES["grades"]["a_rating"]
    return pd.DataFrame(
        {
            "category": rated.scored.category.to_numpy(),
            "inspected": card["inspected"],
            "grade": card["grade"],
            "rating": true,
            "p_best": card["p_best"],
            "is_best": true == true.groupby(rated.scored.category).transform("max"),
            "p_good": good.mean(axis=1),
            "is_good": a_rating,
            "p_clean": clean.mean(axis=1),
            "is_clean": fine,
            "p_both": (good & clean).mean(axis=1),
            "is_both": a_rating & fine,
        },
        index=suppliers,
    )


def spreadsheet_ratings(world: World, month: int) -> pd.Series:
    """0-100 by bare averages: open orders deleted, 0 of 5 is perfect, what is missing left out and the rest scaled up."""
    tables = world.known(month)
    came = tables["orders"][tables["orders"]["status"] == "received"]
    days = (came["received_on"] - came["ordered_on"]).dt.days.groupby(came["supplier"])
    seen = tables["inspections"].merge(tables["orders"][["order_id", "supplier"]], on="order_id").groupby("supplier")
    asked = tables["inquiries"]
    hours = (asked["replied_at"] - asked["asked_at"]).dt.total_seconds() / 3600
    levels = {
        name: e.draws.of(pd.Index(world.levels.index))[:, 0]
        for name, e in evidence_of(tables, world.as_of(month), {}).items()
    }
    averages = {
        "lead_time": days.mean(),
        "lead_time_stability": days.quantile(0.9) / days.median(),
        "on_time": (came["received_on"] <= came["promised_on"]).groupby(came["supplier"]).mean(),
        "defect_rate": (seen["defective"].sum() / seen["inspected"].sum()).astype(float),
        "after_sales_reply": hours.groupby(asked["supplier"]).mean(),
    }
    levels |= {name: average.reindex(world.levels.index).to_numpy(float) for name, average in averages.items()}
    known = [criterion for criterion in CRITERIA if criterion.name in levels]
    worth = np.array([criterion.value(levels[criterion.name]) for criterion in known])
    weight = np.array([criterion.weight for criterion in known])[:, None] * ~np.isnan(worth)
    return pd.Series(100 * (np.nan_to_num(worth) * weight).sum(axis=0) / weight.sum(axis=0), world.levels.index)


def chosen(found: pd.DataFrame) -> pd.DataFrame:
    """The supplier of each category that is most probably the best: one row a decision."""
    return found.loc[found.groupby(["company", "category"])["p_best"].idxmax()]


# -- scores ------------------------------------------------------------------------------------------------------------


def reliability_error(p, happened) -> float:
    """Sum over bins b of n_b / n |mean stated - frequency observed|, bins of equal width."""
    p, happened = np.asarray(p, float), np.asarray(happened, float)
    number = np.minimum((p * BINS).astype(int), BINS - 1)
    stated, observed = (np.bincount(number, x, BINS) for x in (p, happened))
    return float(np.abs(stated - observed).sum() / len(p))


def reliability_floor(p, seed: int = 1, times: int = 200) -> float:
    """The mean reliability error of forecasts `p` when each comes true with just its own probability."""
    rng, p = np.random.default_rng(seed), np.asarray(p, float)
    return float(np.mean([reliability_error(p, rng.random(len(p)) < p) for _ in range(times)]))


def brier_skill(p, happened) -> float:
    """1 - Brier score / that of always stating the base rate."""
    p, happened = np.asarray(p, float), np.asarray(happened, float)
    return float(1 - ((p - happened) ** 2).mean() / happened.var())


def row(what: str, figure: float, goal: str | None = None, met: bool | None = None, peer: float | None = None) -> dict:
    found: dict = {"what": what, "figure": float(figure), "goal": goal}
    if peer is not None:
        found |= {"peer": float(peer), "ratio": float(figure / peer) if peer else None}
    return found | ({} if met is None else {"met": bool(met)})


def calibration_rows(found: pd.DataFrame, label: str = "", goal: float | None = 0.03) -> list[dict]:
    """Reliability and skill of P(best) and of the probabilities behind an A."""
    seen, best = found[found["inspected"] > 0], chosen(found)
    rivals = found.groupby(["company", "category"])["spreadsheet"]
    named = (found["spreadsheet"] == rivals.transform("max")).astype(float)
    named /= named.groupby([found["company"], found["category"]]).transform("sum")  # ties are broken at random
    over = (found["spreadsheet"] >= RULES["grades"]["a_rating"]).astype(float)
    claims = (
        (f"P(best of its category), {len(best)} decisions, all candidates", found, "best", named),
        (f"P(best) of the one named best, {len(best)} decisions", best, "best", named[named > 0]),
        ("P(rating reaches A's), all candidates", found, "good", over),
        ("P(defect rate under the limit), inspected", seen, "clean", None),
        ("P(both), inspected", seen, "both", None),
    )
    rows = []
    for what, table, claim, peer in claims:
        p, happened = table[f"p_{claim}"], table[f"is_{claim}"]
        error, floor = reliability_error(p, happened), reliability_floor(p)
        theirs = None if peer is None else reliability_error(peer, found.loc[peer.index, f"is_{claim}"])
        told = (
            f"{label}{what}: reliability error (floor {floor:.3f}; stated {p.mean():.3f}, true {happened.mean():.3f})"
        )
        rows.append(row(told, error, f"<= {goal}" if goal else None, error <= goal if goal else None, theirs))
    for claim, peer in (("best", named), ("good", over)):
        happened = found[f"is_{claim}"]
        rows.append(row(f"{label}P({claim}): Brier skill against the base rate", brier_skill(found[f"p_{claim}"], happened),
                        peer=brier_skill(peer, happened)))  # fmt: skip
    return rows


# -- grades, month after month -----------------------------------------------------------------------------------------


def grade_history(companies: int, first_seed: int, months: int = MONTHS, rules: Rules = RULES) -> pd.DataFrame:
    """One row a supplier and month from the second on: its grade, with and without the memory of the month before."""
    parts = []
    for number in range(companies):
        world = make_world(first_seed + number, months, rules, GRADED_CATEGORIES)
        true = true_ratings(world, CRITERIA)
        before: pd.Series | None = None
        for month in range(2, months + 1):
            rated = assessed(world, month, first_seed)
            table = _remembering(rated, world, month, rules, before)
            before = table.set_index("supplier")["grade"]
            part = table[["supplier", "grade", "received", "open", "inspected"]].assign(company=number, month=month)
            forgetful = rated.scorecard.set_index("supplier")["grade"]
            part["forgetful"] = part["supplier"].map(forgetful)
            part["is_a"] = _truly_a(part["supplier"], true, world, rules)
            parts.append(part)
    return pd.concat(parts, ignore_index=True)


def _remembering(rated: Assessment, world: World, month: int, rules: Rules, before: pd.Series | None) -> pd.DataFrame:
    """The scorecard once more, its grades with the memory of the month before."""
    scored = rated.scored
    tried = tried_so_far(world.known(month), world.as_of(month), scored.suppliers)
    defects = rated.state.evidence["defect_rate"].draws.of(scored.suppliers)
    return make_scorecard(scored, defects, tried, rules, before)


def _truly_a(suppliers: pd.Series, true: pd.Series, world: World, rules: Rules) -> np.ndarray:
    good = suppliers.map(true) >= rules["grades"]["a_rating"]
    return (good & (suppliers.map(world.levels["defect_rate"]) < rules["limits"]["defect_rate"])).to_numpy()


def grade_summary(history: pd.DataFrame, column: str = "grade") -> dict[str, float]:
    """Shares of supplier-months once tried: `flips` from the month before; `wrong_a` of the As; `found_a` of those truly A."""
    rows = history.sort_values(["company", "supplier", "month"])
    by_supplier = rows.groupby(["company", "supplier"])
    held, tried = by_supplier[column].shift(), by_supplier["received"].shift().fillna(0) > 0
    now = rows[rows["received"] > 0]
    graded_a = now[column] == "A"
    return {
        "flips": float((rows[column] != held)[tried].mean()),
        "wrong_a": float((~now["is_a"])[graded_a].mean()),
        "found_a": float(graded_a[now["is_a"]].mean()),
    }


def grade_rows(history: pd.DataFrame) -> list[dict]:
    """Grades with the memory of the month before; the peer has none."""
    own, forgetful = grade_summary(history), grade_summary(history, "forgetful")
    late = grade_summary(history[history["month"] > MONTHS // 2])
    return [
        row("grades that differ from the month before, once tried (peer: no memory)", own["flips"], "<= 0.04", own["flips"] <= 0.04, forgetful["flips"]),
        row(f"the same from month {MONTHS // 2 + 2} on", late["flips"]),
        row("As whose true rating or defect rate is no A's (peer: no memory)", own["wrong_a"], peer=forgetful["wrong_a"]),
        row("true As graded A, months once received (peer: no memory)", own["found_a"], peer=forgetful["found_a"]),
    ]  # fmt: skip


# -- speed -------------------------------------------------------------------------------------------------------------

SUPPLIERS, SPEED_CRITERIA, PEER_DRAWS = 1000, 12, 40


def large_case() -> tuple[tuple[Criterion, ...], dict[str, CriterionEvidence], pd.Series]:
    """1,000 suppliers in 20 categories, 12 criteria with a draw for each supplier and world."""
    rng = np.random.default_rng(8)
    names = pd.Index([f"S{i:04d}" for i in range(SUPPLIERS)])
    chosen = sorted(CRITERIA, key=lambda criterion: -criterion.weight)[:SPEED_CRITERIA]
    total = sum(criterion.weight for criterion in chosen)
    criteria = tuple(replace(criterion, weight=criterion.weight / total) for criterion in chosen)
    n = pd.Series(5, index=names)
    evidence = {}
    for criterion in criteria:
        low, high = sorted((criterion.anchors[0], criterion.anchors[-1]))
        middle = rng.uniform(low, high, (SUPPLIERS, 1))
        evidence[criterion.name] = CriterionEvidence(
            Draws(names, middle + 0.1 * (high - low) * rng.standard_normal((SUPPLIERS, DRAWS))), n
        )
    return criteria, evidence, pd.Series([f"C{i % 20}" for i in range(SUPPLIERS)], index=names)


def rate_all(criteria, evidence, category) -> pd.DataFrame:
    """Worths, ratings, ranks and P(best), overall and within categories."""
    scored = worths(criteria, evidence, category, 1)
    return rank_table(scored.ratings(), scored.category, 0.90)


def rank_draw_by_draw(criteria, evidence, category) -> float:
    """Seconds of a plain pandas loop over the draws: worths, weighted sum, ranks; timed on `PEER_DRAWS` of them."""
    begun = time.perf_counter()
    best, best_in_category = (pd.Series(0.0, index=category.index) for _ in range(2))
    for j in range(PEER_DRAWS):
        worth = {c.name: c.value(evidence[c.name].draws.values[:, j]) for c in criteria}
        rating = pd.DataFrame(worth, index=category.index) @ pd.Series({c.name: c.weight for c in criteria})
        best += rating.rank(ascending=False) == 1
        best_in_category += rating.groupby(category).rank(ascending=False) == 1
    return (time.perf_counter() - begun) * DRAWS / PEER_DRAWS


def peak_megabytes(case) -> float:
    """Most memory that rating takes beyond the draws handed in."""
    tracemalloc.start()
    rate_all(*case)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def speed_rows(times: int = 3) -> list[dict]:
    case = large_case()
    rate_all(*case)
    spent = []
    for _ in range(times):
        begun = time.perf_counter()
        rate_all(*case)
        spent.append(time.perf_counter() - begun)
    peer = rank_draw_by_draw(*case)
    megabytes = peak_megabytes(case)
    what = f"{SUPPLIERS} suppliers x {SPEED_CRITERIA} criteria x {DRAWS} draws"
    return [
        row(f"{what}: worths, ratings, ranks, P(best): s (peer: pandas, draw by draw)", min(spent), "<= 1.0", min(spent) <= 1.0, peer),
        row(f"{what}: peak memory beyond the draws handed in: MB", megabytes, "<= 500", megabytes <= 500),
    ]  # fmt: skip


def run() -> list[dict]:
    """Rows for `benchmarks/run.py`."""
    stressed = forecasts(STRESSED, HELD_OUT, hidden="bad")
    return [
        *calibration_rows(forecasts(COMPANIES, HELD_OUT)),
        *calibration_rows(stressed, "missing where bad: ", goal=None),
        *grade_rows(grade_history(GRADED, HELD_OUT + 5_000)),
        *speed_rows(),
    ]


if __name__ == "__main__":
    for line in run():
        print(line)
