"""One SKU's choice as the purchase plan makes it, and what it becomes when a trial's outcome is in.

The plan buys from the candidate whose good piece is expected to cost least, but leaves today's supplier only where that saves
enough, surely enough; of somebody never inspected it orders nothing but a trial. A trial is worth what its outcomes make this
very choice save.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

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
    def planned(self) -> int:
        """Whom the plan would go on buying from without any trial; `NOBODY` where there is none."""
        today = self.costs.mean(axis=1)[:, None], self.cheaper().mean(axis=1)[:, None]
        return int(self.choose(*today, self.tried)[0]) if len(self.suppliers) else NOBODY

    @property
    def baseline(self) -> float:
        """What a good piece is expected to cost without any trial; the selling price where nobody is bought from."""
        return self.floor if self.planned == NOBODY else float(self.costs[self.planned].mean())

    def saved_by(self, candidate: int) -> np.ndarray:
        """Money that buying from the candidate truly saves against the plan without a trial, (draws,)."""
        before = self.floor if self.planned == NOBODY else self.costs[self.planned]
        saved = (before - self.costs[candidate]) * self.monthly * self.months[candidate]
        return np.asarray(saved - self.rule.switching_cost)

    def cheaper(self) -> np.ndarray:
        """Worlds in which each candidate costs less than today's supplier, (candidates, draws); everywhere where there is none."""
        if self.present == NOBODY:
            return np.ones(self.costs.shape, bool)
        return self.costs < self.costs[self.present]

    def choose(self, cost: np.ndarray, likely: np.ndarray, tried: np.ndarray) -> np.ndarray:
        """The candidate that the plan would buy from, shape (worlds,), `NOBODY` where none may be.

        `cost` and `likely` (candidates, worlds): expected cost, and chance of costing less than today's supplier; `tried`
        (candidates,) by then.
        """
        allowed = np.where(tried[:, None], cost, np.inf)
        best, worlds = allowed.argmin(axis=0), np.arange(cost.shape[1])
        if self.present == NOBODY:
            return np.where(allowed[best, worlds] < self.floor, best, NOBODY)
        saved = (cost[self.present] - allowed[best, worlds]) * self.monthly * self.rule.horizon_months
        moves = (likely[best, worlds] >= self.rule.least_probability) & (saved > self.rule.switching_cost)
        return np.where(moves, best, self.present)

    def saving(self, cost: np.ndarray, chosen: np.ndarray) -> np.ndarray:
        """Money that the choice saves against the plan without a trial, over what is left of the horizon, (worlds,)."""
        worlds = np.arange(cost.shape[1])
        pays = np.where(chosen == NOBODY, self.floor, cost[chosen, worlds])
        before = self.floor if self.planned == NOBODY else cost[self.planned]
        saved = (before - pays) * self.monthly * self.months[chosen] - self.rule.switching_cost
        return np.where(chosen == self.planned, 0.0, saved)
