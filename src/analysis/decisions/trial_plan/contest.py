"""One SKU's choice as the purchase plan makes it, and what it becomes when a trial's outcome is in.

The plan buys from the candidate whose good piece is expected to cost least, but leaves today's supplier only where that saves
enough, surely enough; of somebody never inspected it orders nothing but a trial. A trial is worth what its outcomes make this
very choice save.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from analysis.decisions.purchase_plan import PurchaseRule

NOBODY = -1


@dataclass(frozen=True, eq=False)
class Contest:
    """The candidates of one SKU, in a fixed order; money a good piece unless said.

    Attributes
    ----------
    sku : str
    suppliers : tuple of str
        Those that are not grade C and whose cost is known in full.
    costs : ndarray, shape (candidates, draws)
        Column j of a row is one imagined world of that candidate.
    cells : ndarray of int, shape (candidates, draws)
        Where the rate in bulk of the same worlds lies on the grid of `chances`.
    tried : ndarray of bool, shape (candidates,)
        A piece of it was inspected, or it is bought from today: the plan may order more than a trial.
    open : ndarray of bool, shape (candidates,)
        A trial of it may be ordered: it is not ordered from anyhow, where the order itself will teach.
    present : int
        Today's supplier; `NOBODY` where there is none.
    months : ndarray, shape (candidates,)
        Of the plan's horizon that are left when a trial's outcome is known.
    price, minimum : ndarray, shape (candidates,)
        Of a trial piece, and the least order.
    monthly : float
        Good pieces a month.
    floor : float
        What a good piece may cost at most to be bought at all: its selling price; inf where it is not known.
    rule : PurchaseRule
        Of the house.
    """

    sku: str
    suppliers: tuple[str, ...]
    costs: np.ndarray
    cells: np.ndarray
    tried: np.ndarray
    open: np.ndarray
    present: int
    months: np.ndarray
    price: np.ndarray
    minimum: np.ndarray
    monthly: float
    floor: float
    rule: PurchaseRule

    @cached_property
    def expected(self) -> np.ndarray:
        """Expected cost of each candidate as believed today, (candidates,)."""
        return self.costs.mean(axis=1)

    @cached_property
    def likely(self) -> np.ndarray:
        """Chance of each candidate of costing less than today's supplier, as believed today, (candidates,)."""
        return np.array([self.cheaper(i).mean() for i in range(len(self.suppliers))])

    @cached_property
    def planned(self) -> int:
        """Whom the plan would go on buying from without any trial; `NOBODY` where there is none."""
        if not len(self.suppliers):
            return NOBODY
        best = int(np.where(self.tried, self.expected, np.inf).argmin())
        cost = self.expected[best] if self.tried[best] else np.inf
        return int(self.choose(best, cost, self.likely[best], self.expected[self.present]))

    @property
    def baseline(self) -> float:
        """What a good piece is expected to cost without any trial; the selling price where nobody is bought from."""
        return self.floor if self.planned == NOBODY else float(self.expected[self.planned])

    def saved_by(self, candidate: int) -> np.ndarray:
        """Money that buying from the candidate truly saves against the plan without a trial, (draws,)."""
        before = self.floor if self.planned == NOBODY else self.costs[self.planned]
        saved = (before - self.costs[candidate]) * self.monthly * self.months[candidate]
        return np.asarray(saved - self.rule.switching_cost)

    def cheaper(self, candidate: int) -> np.ndarray:
        """Worlds in which the candidate costs less than today's supplier, (draws,); all where there is none."""
        if self.present == NOBODY:
            return np.ones(self.costs.shape[1], bool)
        return self.costs[candidate] < self.costs[self.present]

    def choose(self, best: ArrayLike, best_cost: ArrayLike, likely: ArrayLike, present_cost: ArrayLike) -> np.ndarray:
        """Whom the plan would buy from, `NOBODY` where nobody may be, in one world or in each of many.

        `best` is the cheapest that may be ordered from, with its expected cost (infinite where there is none) and its chance of
        costing less than today's supplier; `present_cost` is what that one is expected to cost.
        """
        if self.present == NOBODY:
            return np.where(np.less(best_cost, self.floor), best, NOBODY)
        saved = np.subtract(present_cost, best_cost) * self.monthly * self.rule.horizon_months
        moves = np.greater_equal(likely, self.rule.least_probability) & (saved > self.rule.switching_cost)
        return np.where(moves, best, self.present)

    def saving(self, chosen: np.ndarray, cost: np.ndarray, planned_cost: ArrayLike) -> np.ndarray:
        """Money that the choice, at its expected `cost`, saves over what is left of the horizon against the plan without a trial,
        whose supplier is then expected to cost `planned_cost`; (worlds,)."""
        before = self.floor if self.planned == NOBODY else planned_cost
        saved = (before - np.where(chosen == NOBODY, self.floor, cost)) * self.monthly * self.months[chosen]
        return np.where(chosen == self.planned, 0.0, saved - self.rule.switching_cost)
