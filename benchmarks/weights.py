"""Learned weights in companies whose true weights are known: regret, coverage, movement, speed.

Regret is in points of 100 between choice by the true weights (0) and random choice (100), averaged over the rounds named;
shares are of the regret that the analyst's fixed weights have in the same rounds. Each company chooses its trials by its own
weights. Peer: free non-negative least squares on the same kind of rows, refitted every round. Bound: an observer who knows how
the companies' weights are drawn (`weight_bounds`); a goal that even this observer misses is replaced by four fifths of what it
removes. Seeds from `HELD_OUT` on were never looked at while the method was made. Run `python benchmarks/weights.py`; about
fifteen minutes of one core.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import nnls
from weight_bounds import IdealObserver
from weight_worlds import (
    ANALYST,
    CRITERIA,
    DRIFT,
    FAR,
    FEW,
    MILD,
    NOISY,
    OUTLIERS,
    RIGHT,
    ROUNDS,
    SWITCH,
    SWITCH_ROUND,
    WRONG,
    Company,
    Round,
    Scenario,
)  # fmt: skip

from analysis.decisions.weights.back_test import NOTHING_TESTED, back_test
from analysis.decisions.weights.proposal import Proposal, propose_weights
from analysis.decisions.weights.step import MoveLimits, step_towards, total_variation
from analysis.decisions.weights.trial_rows import trial_quotes, trial_statistics

HELD_OUT, COMPANIES = 50_000, 40
NAMES = [f"c{k}" for k in range(CRITERIA)]
MONTHS = pd.period_range("2024-01", periods=ROUNDS, freq="M").astype(str).tolist()
EARLY, AT_13, LATE = slice(1, 13), slice(12, 13), slice(13, 24)

Chooser = Callable[[pd.DataFrame, np.ndarray, int, Company], np.ndarray]


def frame(trials: Round, month: str) -> pd.DataFrame:
    """A round's trials as rows to learn from."""
    worths = pd.DataFrame(trials.u, columns=NAMES)
    missing = pd.DataFrame(False, index=worths.index, columns=[f"{name}_missing" for name in NAMES])
    about = {
        "month": month,
        "product": [f"p{g}" for g in trials.product],
        "supplier": [f"s{g}-{i}" for g, i in zip(trials.product, trials.supplier)],
        "quote": [f"q{q}" for q in trials.quote],
        "pieces": trials.pieces.astype(float),
        "value": trials.y,
        "reason": "rated best",
    }
    return pd.concat([pd.DataFrame(about), worths, missing], axis=1)


def proposal(rows: pd.DataFrame, w: np.ndarray, t: int) -> Proposal:
    """The shipped proposal of round `t` after weights `w`, its back-test left out to save time."""
    analyst, previous = dict(zip(NAMES, ANALYST)), dict(zip(NAMES, w))
    return propose_weights(rows, analyst, previous, MONTHS[t], tested=NOTHING_TESTED)


def free_fit(rows: pd.DataFrame, w: np.ndarray, t: int, company: Company) -> np.ndarray:
    """Non-negative least squares within products, scaled to 1: the weights that fit best, no prior and no cap."""
    products = rows["product"]
    u = rows[NAMES] - rows[NAMES].groupby(products).transform("mean")
    y = rows["value"] - rows["value"].groupby(products).transform("mean")
    found = nnls(u.to_numpy(), y.to_numpy())[0]
    return found / found.sum() if found.sum() > 0 else w


def capped_oracle(rows: pd.DataFrame, w: np.ndarray, t: int, company: Company) -> np.ndarray:
    """Knows the true weights after every round, but moves no faster than allowed."""
    return step_towards(w, company.truth[t], MoveLimits())


@dataclass(frozen=True)
class Run:
    """Companies x rounds: regret of the chooser and of the analyst's fixed weights, and what the intervals did."""

    regret: np.ndarray
    fixed: np.ndarray
    covered: np.ndarray
    indicative: np.ndarray
    step: np.ndarray
    variation: np.ndarray
    last_rows: list[pd.DataFrame]

    def share(self, rounds: slice) -> float:
        """Regret in per cent of the fixed weights'."""
        return 100 * self.regret[:, rounds].mean() / self.fixed[:, rounds].mean()

    def error(self, rounds: slice) -> float:
        """Standard error of `share` over companies."""
        own, fixed = self.regret[:, rounds].mean(axis=1), self.fixed[:, rounds].mean(axis=1)
        return 100 * np.std(own - own.mean() / fixed.mean() * fixed) / fixed.mean() / np.sqrt(len(own))


def play(scenario: Scenario, companies: int, chooser: Chooser | None = None) -> Run:
    """All rounds of `companies` companies, weights by `chooser` (None: the shipped proposals)."""
    shape = (companies, ROUNDS)
    regret, fixed, covered, step, variation = (np.zeros(shape) for _ in range(5))
    indicative, last = np.zeros(shape, bool), []
    for i in range(companies):
        company, w, parts = Company(scenario, HELD_OUT + i), ANALYST, []
        for t in range(ROUNDS):
            u = company.next_round()
            regret[i, t], fixed[i, t] = company.regret(u, w), company.regret(u, ANALYST)
            parts.append(frame(company.outcomes(u, company.chosen(u, w)), MONTHS[t]))
            rows = pd.concat(parts, ignore_index=True)
            if chooser is not None:
                w = chooser(rows, w, t, company)
                continue
            found = proposal(rows, w, t)
            low, high, after = (np.array(list(v.values())) for v in (found.low, found.high, found.weights))
            truth = company.truth[t]
            covered[i, t], indicative[i, t] = ((low <= truth) & (truth <= high)).mean(), found.indicative
            step[i, t], variation[i, t] = np.abs(after - w).max(), total_variation(after, w)
            w = after
        last.append(pd.concat(parts[:24], ignore_index=True))
    return Run(regret, fixed, covered, indicative, step, variation, last)


def row(what: str, figure: float, goal: str | None = None, met: bool | None = None, peer: float | None = None) -> dict:
    found: dict = {"what": what, "figure": float(figure), "goal": goal}
    if peer is not None:
        found |= {"peer": float(peer), "ratio": float(figure / peer) if peer else None}
    return found | ({} if met is None else {"met": bool(met)})


GOALS: tuple[tuple[Scenario, str, slice, float], ...] = (
    (WRONG, "rounds 2-13", EARLY, 28),
    (WRONG, "round 13", AT_13, 11),
    (WRONG, "rounds 14-24", LATE, 6),
    (MILD, "rounds 2-13", EARLY, 48),
    (MILD, "rounds 14-24", LATE, 25),
    (SWITCH, "15 rounds later (3 rounds)", slice(SWITCH_ROUND + 14, SWITCH_ROUND + 17), 13),
    (OUTLIERS, "rounds 14-24", LATE, 12),
    (FEW, "rounds 2-13", EARLY, 62),
    (FEW, "rounds 14-24", LATE, 34),
    (NOISY, "rounds 2-13", EARLY, 62),
    (NOISY, "rounds 14-24", LATE, 34),
)


REACH = 0.80
"""Share of the ideal observer's gain that counts as reached where the goal lies beyond the bound."""


def regret_rows(runs: Mapping[str, Run], peers: Mapping[str, Run], ideal: Mapping[str, Run]) -> list[dict]:
    """Regret as a share of the fixed weights', each with its standard error, and against the bound."""
    found = []
    for scenario, when, rounds, goal in GOALS:
        own, peer, best = runs[scenario.name], peers[scenario.name], ideal.get(scenario.name)
        share, what = own.share(rounds), f"{scenario.name}, {when}"
        bound = best.share(rounds) if best else 0.0
        beyond = bound > goal
        title = f"{what}: % of fixed weights' regret (s.e. {own.error(rounds):.1f})"
        asked = f"<= {goal}" + (", beyond the bound" if beyond and share > goal else "")
        found.append(row(title, share, asked, None if beyond and share > goal else share <= goal, peer.share(rounds)))
        if best:
            reach = (100 - share) / (100 - bound)
            found.append(row(f"{what}: the ideal observer's % (s.e. {best.error(rounds):.1f})", bound))
            goals = (f">= {REACH}", reach >= REACH) if beyond else (None, None)
            found.append(row(f"{what}: gain as a share of the ideal observer's", reach, *goals))
    return found


def right_rows(own: Run, peer: Run) -> list[dict]:
    """What learning costs where there was nothing to learn; the fixed weights lose nothing there."""
    found = []
    for when, rounds, goal in (("rounds 2-13", EARLY, 0.6), ("rounds 14-24", LATE, 0.3)):
        lost = own.regret[:, rounds].mean()
        found.append(
            row(f"analyst right, {when}: points lost", lost, f"<= {goal}", lost <= goal, peer.regret[:, rounds].mean())
        )
    return found


def interval_rows(runs: Mapping[str, Run]) -> list[dict]:
    """Coverage of the 90 % intervals, and whether a drift is named."""
    found = []
    for scenario, first, goal in (
        (RIGHT, 6, 0.85), (MILD, 6, 0.85), (WRONG, 6, 0.85), (FAR, 6, 0.85), (FEW, 12, 0.80), (NOISY, 12, 0.80),
        (DRIFT, 6, 0.80),
    ):  # fmt: skip
        hit = runs[scenario.name].covered[:, first:24].mean()
        found.append(
            row(f"{scenario.name}: 90 % intervals cover, round {first + 1} on", hit, f">= {goal}", hit >= goal)
        )
    after = slice(SWITCH_ROUND + 4, SWITCH_ROUND + 10)
    for scenario, rounds in ((DRIFT, LATE), (SWITCH, after), (RIGHT, LATE), (MILD, LATE), (WRONG, LATE)):
        named = runs[scenario.name].indicative[:, rounds].mean()
        found.append(row(f"{scenario.name}: months named indicative, rounds {rounds.start + 1}-{rounds.stop}", named))
    return found


def movement_rows(runs: Mapping[str, Run]) -> list[dict]:
    step, variation = (max(getattr(run, name).max() for run in runs.values()) for name in ("step", "variation"))
    return [
        row("largest change of a weight in a month, all companies", step, "<= 0.05", step <= 0.05 + 1e-12),
        row("largest total variation in a month, all companies", variation, "<= 0.10", variation <= 0.10 + 1e-12),
    ]


def cap_rows() -> list[dict]:
    """What the cap alone costs: true weights known after each round, movement capped."""
    run = play(WRONG, COMPANIES, capped_oracle)
    return [
        row(f"{WRONG.name}, {when}: % if the truth were known after every round, movement capped", run.share(rounds))
        for when, rounds in (("rounds 2-13", EARLY), ("rounds 14-24", LATE))
    ]


def back_test_rows(runs: Mapping[str, Run]) -> list[dict]:
    """What the back-test says after 24 rounds."""

    def tested(scenario: Scenario) -> list:
        rows = runs[scenario.name].last_rows
        return [back_test(r, NAMES, ANALYST, MONTHS[23]) for r in rows]

    wrong, right = tested(WRONG), tested(RIGHT)
    return [
        row("analyst wrong: back-tests whose whole interval is above 0", np.mean([t.gain_low > 0 for t in wrong])),
        row("analyst wrong: mean gain a piece where the two disagree", np.nanmean([t.gain for t in wrong])),
        row(
            "analyst right: back-tests whose whole interval is above 0",
            above := np.mean([t.gain_low > 0 for t in right]),
            "<= 0.05",
            bool(above <= 0.05),
        ),
        row("analyst right: back-tests whose whole interval is below 0", np.mean([t.says_worse for t in right])),
    ]


def speed_rows(rows: pd.DataFrame) -> list[dict]:
    analyst = dict(zip(NAMES, ANALYST))

    def fastest(call: Callable[[], object], times: int = 5) -> float:
        spent = []
        for _ in range(times):
            begun = time.perf_counter()
            call()
            spent.append(time.perf_counter() - begun)
        return min(spent)

    whole = fastest(lambda: propose_weights(rows, analyst, analyst, MONTHS[23]))
    part = fastest(lambda: propose_weights(rows, analyst, analyst, MONTHS[23], tested=NOTHING_TESTED))
    trials = len(rows)
    contrasts = trial_statistics(trial_quotes(rows, NAMES, MONTHS[23]), NAMES).contrasts().n
    return [
        row(f"a month's proposal, {trials} trials ({contrasts:.0f} contrasts), back-test included: s", whole, "<= 0.3", whole <= 0.3),
        row("the same without the back-test: s", part),
    ]  # fmt: skip


BOUNDED = (WRONG, MILD, SWITCH, FEW, NOISY)
"""Scenarios for which the ideal observer's posterior is at hand; catastrophes are not Gaussian."""


def run() -> list[dict]:
    scenarios = (RIGHT, WRONG, MILD, SWITCH, DRIFT, OUTLIERS, FEW, NOISY, FAR)
    runs = {scenario.name: play(scenario, COMPANIES) for scenario in scenarios}
    peered = {scenario.name: scenario for scenario, *_ in GOALS} | {RIGHT.name: RIGHT}
    peers = {name: play(scenario, COMPANIES, free_fit) for name, scenario in peered.items()}
    ideal = {scenario.name: play(scenario, COMPANIES, IdealObserver(scenario)) for scenario in BOUNDED}
    return [
        *right_rows(runs[RIGHT.name], peers[RIGHT.name]),
        *regret_rows(runs, peers, ideal),
        *cap_rows(),
        *interval_rows(runs),
        *movement_rows(runs),
        *back_test_rows(runs),
        *speed_rows(runs[WRONG.name].last_rows[0]),
    ]


if __name__ == "__main__":
    for line in run():
        print(line)
