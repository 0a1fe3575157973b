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

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import qmc

from analysis.decisions.trial_plan.contest import Contest

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


def foresee(contest: Contest, candidate: int, pieces: int, chances: Chances) -> Foreseen:
    """What `pieces` pieces from `candidate` may show, and what would be believed of it after each outcome."""
    shown = chances(contest.suppliers[candidate], pieces)
    cells, cost = contest.cells[candidate], contest.costs[candidate]
    cheaper = contest.cheaper()[candidate].astype(float)
    sums = np.stack([np.bincount(cells, kind, shown.shape[1]) for kind in (np.ones(len(cost)), cost, cheaper)])
    chance, costs, likely = (shown @ sums.T).T / len(cost)
    seen = chance > RARE  # an outcome that never comes teaches nothing
    costs = np.where(seen, costs / np.maximum(chance, RARE), cost.mean())
    return Foreseen(chance / chance.sum(), costs, np.where(seen, likely / np.maximum(chance, RARE), cheaper.mean()))


def moves_at(contest: Contest, candidate: int, foreseen: Foreseen) -> np.ndarray:
    """Whether the plan would move to the candidate, for each outcome of a trial of it alone, from no defect up."""
    plan = ForeseenPlan(contest, len(foreseen.chance))
    plan.cost[candidate], plan.likely[candidate], plan.tried[candidate] = foreseen.cost, foreseen.likely, True
    return (plan.chosen == candidate) & (contest.planned != candidate)


class ForeseenPlan:
    """One SKU's plan as foreseen while outcomes of trials are put in: `cost` and `likely` (candidates, worlds)."""

    def __init__(self, contest: Contest, worlds: int) -> None:
        self.contest = contest
        shape = (len(contest.suppliers), worlds)
        self.cost = np.broadcast_to(contest.costs.mean(axis=1)[:, None], shape).copy()
        self.likely = np.broadcast_to(contest.cheaper().mean(axis=1)[:, None], shape).copy()
        self.tried = contest.tried.copy()

    @property
    def chosen(self) -> np.ndarray:
        """Whom the plan would buy from in each world."""
        return self.contest.choose(self.cost, self.likely, self.tried)

    @property
    def gain(self) -> float:
        """Money that the outcomes are expected to make the plan save; what finding out costs is not taken off."""
        return float(self.contest.saving(self.cost, self.chosen).mean())

    def add(self, candidate: int, foreseen: Foreseen, points: np.ndarray) -> None:
        """Put in the outcomes at `points` of a trial of `candidate`, in place of those of an earlier one."""
        outcome = foreseen.at(points)
        self.cost[candidate], self.likely[candidate] = foreseen.cost[outcome], foreseen.likely[outcome]
        self.tried[candidate] = True

    def gain_with(self, candidate: int, foreseen: Foreseen, points: np.ndarray) -> float:
        """What `gain` would be with the trial."""
        before = self.cost[candidate].copy(), self.likely[candidate].copy(), self.tried[candidate]
        self.add(candidate, foreseen, points)
        gain = self.gain
        self.cost[candidate], self.likely[candidate], self.tried[candidate] = before
        return gain

    def chances(self) -> np.ndarray:
        """Chance of each candidate of being bought from, (candidates,)."""
        chosen = self.chosen
        return np.bincount(chosen[chosen >= 0], minlength=len(self.cost)) / len(chosen)
