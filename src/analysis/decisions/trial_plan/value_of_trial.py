"""What finding out is worth: what a trial's outcomes would make of the next review's beliefs, and these of its plan.

Today's beliefs say how likely each outcome is. The next review would then believe what today's worlds say, each counted by how
well it foretold the outcome; its plan follows from that. What the plan saves thereby, averaged over the outcomes, is what the
trial is worth [1]; trials of several suppliers are judged together [2], each for all SKUs that its supplier offers:

    value = E[saving of the plan made after the outcomes],    beliefs after = beliefs x P(outcome | rate in bulk)

Only what the outcome changes in the beliefs of the next review is counted, by the same posterior that makes them.

.. [1] Raiffa, H. and Schlaifer, R. (1961). Applied Statistical Decision Theory, ch. 4-5 (expected value of sample information).
.. [2] Chick, S. E. and Inoue, K. (2001). Operations Research 49, 732-743 (several samples ordered at once).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import qmc

from analysis.decisions.trial_plan.contest import NOBODY, Contest

WORLDS = 1024
"""Joint outcomes of a batch of trials; a power of two (Sobol points)."""
MOST_TRIALS = 32
"""Suppliers tried in one batch, at most."""
RARE = 1e-12

Chances = Callable[[str, int], np.ndarray]
"""(supplier, pieces) -> P(x of them are found defective | rate in bulk), shape (pieces + 1, cells)."""


def joint_outcomes(seed: int) -> np.ndarray:
    """Points (MOST_TRIALS, WORLDS) in (0, 1): the quantile of each trial's outcome in each world; row k for the k-th trial."""
    points = qmc.Sobol(MOST_TRIALS, rng=np.random.default_rng(seed)).random(WORLDS).T
    return np.clip(points, 1e-9, 1 - 1e-9)


@dataclass(frozen=True)
class Foreseen:
    """What one trial may show, an entry an outcome, from no defect up: `chance`, and then expected `cost` a good piece and
    chance `likely` of costing less than today's supplier."""

    chance: np.ndarray
    cost: np.ndarray
    likely: np.ndarray

    def at(self, points: np.ndarray) -> np.ndarray:
        """The outcome at each quantile."""
        return np.minimum(np.searchsorted(np.cumsum(self.chance), points), len(self.chance) - 1)

    def in_worlds(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """`cost` and `likely` of the outcome at each quantile."""
        outcome = self.at(points)
        return self.cost[outcome], self.likely[outcome]


def foresee(places: Sequence[tuple[Contest, int]], shown: np.ndarray) -> list[Foreseen]:
    """What a trial of one supplier may show in each contest and place of it, and what would be believed of it after each outcome.

    `shown` are the supplier's `Chances`.
    """
    sums = np.stack([_by_cell(contest, candidate, shown.shape[1]) for contest, candidate in places])
    of_all = np.tensordot(shown, sums, axes=(1, 2))  # (outcomes, places, kinds)
    return [_foreseen(contest, candidate, of_all[:, at].T) for at, (contest, candidate) in enumerate(places)]


def _by_cell(contest: Contest, candidate: int, cells: int) -> np.ndarray:
    """Worlds, costs, and worlds cheaper than today's supplier, added up by cell, as shares of all worlds: (3, cells)."""
    kinds = (None, contest.costs[candidate], contest.cheaper(candidate).astype(float))
    return np.stack([np.bincount(contest.cells[candidate], kind, cells) for kind in kinds]) / contest.costs.shape[1]


def _foreseen(contest: Contest, candidate: int, of_all: np.ndarray) -> Foreseen:
    chance, costs, likely = of_all
    seen = chance > RARE  # an outcome that never comes teaches nothing
    costs = np.where(seen, costs / np.maximum(chance, RARE), contest.expected[candidate])
    likely = np.where(seen, likely / np.maximum(chance, RARE), contest.likely[candidate])
    return Foreseen(chance / chance.sum(), costs, likely)


def moves_at(contest: Contest, candidate: int, foreseen: Foreseen) -> np.ndarray:
    """Whether the plan would move to the candidate, for each outcome of a trial of it alone, from no defect up."""
    plan = ForeseenPlan(contest, len(foreseen.chance))
    chosen, _ = plan.chosen({candidate: (foreseen.cost, foreseen.likely)})
    return (chosen == candidate) & (contest.planned != candidate)


Shown = Mapping[int, tuple[np.ndarray, np.ndarray]]
"""Candidate -> its expected cost and chance of costing less than today's supplier, in each world, after a trial of it."""


class ForeseenPlan:
    """One SKU's plan as foreseen while outcomes of trials are put in; candidates without a trial stay as believed today."""

    def __init__(self, contest: Contest, worlds: int) -> None:
        self.contest, self.worlds = contest, worlds
        self.shown: dict[int, tuple[np.ndarray, np.ndarray]] = {}
        allowed = np.where(contest.tried, contest.expected, np.inf)
        self._by_cost = [int(i) for i in np.argsort(allowed, kind="stable") if contest.tried[i]]

    def chosen(self, shown: Shown | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Whom the plan would buy from in each world, and what that one is then expected to cost; with other outcomes `shown` than
        those put in."""
        shown, contest = self.shown if shown is None else shown, self.contest
        first = next((i for i in self._by_cost if i not in shown), None)
        best = np.full(self.worlds, 0 if first is None else first)
        cost = np.full(self.worlds, np.inf if first is None else contest.expected[first])
        likely = np.full(self.worlds, 0.0 if first is None else contest.likely[first])
        for candidate, (its_cost, its_likely) in shown.items():
            less = (its_cost < cost) | ((its_cost == cost) & (candidate < best))
            best, cost = np.where(less, candidate, best), np.where(less, its_cost, cost)
            likely = np.where(less, its_likely, likely)
        of_present = self._cost(contest.present, shown)
        chosen = contest.choose(best, cost, likely, of_present)
        return chosen, np.where(chosen == best, cost, of_present)

    def _cost(self, candidate: int, shown: Shown) -> np.ndarray | float:
        if candidate == NOBODY:
            return np.nan
        return shown[candidate][0] if candidate in shown else float(self.contest.expected[candidate])

    def gain(self, shown: Shown | None = None) -> float:
        """Money that the outcomes are expected to make the plan save; what finding out costs is not taken off."""
        shown = self.shown if shown is None else shown
        if not shown:
            return 0.0
        of_planned = self._cost(self.contest.planned, shown)
        return float(self.contest.saving(*self.chosen(shown), of_planned).mean())

    def add(self, candidate: int, foreseen: Foreseen, points: np.ndarray) -> None:
        """Put in the outcomes at `points` of a trial of `candidate`, in place of those of an earlier one."""
        self.shown[candidate] = foreseen.in_worlds(points)

    def gain_with(self, candidate: int, foreseen: Foreseen, points: np.ndarray) -> float:
        """What `gain` would be with the trial."""
        return self.gain(self.shown | {candidate: foreseen.in_worlds(points)})

    def chances(self) -> np.ndarray:
        """Chance of each candidate of being bought from, (candidates,)."""
        chosen, _ = self.chosen()
        return np.bincount(chosen[chosen >= 0], minlength=len(self.contest.suppliers)) / len(chosen)
