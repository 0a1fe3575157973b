"""What several SKUs share: a supplier's capacity and share of the spend, a batch's minimum, the month's cash. One small MILP.

    min  sum_kj c_kj x_kj + PENALTY (slack)     subject to     sum_j x_kj = 1 for each SKU k,
         sum of a supplier's monthly spend <= its capacity + slack,       <= largest share x all monthly spend + slack,
         pieces of a supplier's mixed batch >= its minimum where x_kj is part of one,     sum of order totals <= cash + slack,

x_kj: SKU k is bought as its option j says. Solved exactly by HiGHS [1]; only where the cheapest options together break a limit. Of
several solutions that cost the same, the one that cuts least off what each SKU would be ordered by itself (its first option).

.. [1] Huangfu, Q. and Hall, J. A. J. (2018). Parallelizing the dual revised simplex method. Math. Prog. Comp. 10, 119-142.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from analysis.decisions.offers import PriceLadder

PENALTY = 1e3
"""A unit of money over a limit, against one of cost: broken only where there is no other way."""
TIME_LIMIT = 20.0
"""Seconds."""
GAP = 1e-6
"""Of the cost: solutions this near each other cost the same."""


@dataclass(frozen=True)
class Option:
    """One way to buy an SKU: of whom, `pieces` and their `total` now, and money over the horizon (`cost`).

    `spend` a month; `minimum` that a mixed batch with the supplier's other SKUs must reach, 0 where it stands alone.
    """

    sku: str
    supplier: str
    pieces: int
    cost: float
    total: float
    spend: float
    minimum: int = 0
    mixes: bool = False
    ladder: PriceLadder | None = None


@dataclass(frozen=True)
class SharedLimits:
    """`capacity` money a month by supplier (absent: not known), `largest_share` of the spend, `cash` of the month's orders."""

    capacity: Mapping[str, float]
    largest_share: float
    cash: float

    def broken(self, chosen: Sequence[Option]) -> dict[str, set[str]]:
        """Suppliers by the limit that they break: `capacity`, `dependence`, `minimum`; `cash` has "" where it is broken."""
        spend, batch, least = _sums(chosen)
        whole = sum(spend.values())
        found = {
            "capacity": {who for who, money in spend.items() if money > self.capacity.get(who, np.inf) + 1e-6},
            "dependence": {who for who, money in spend.items() if money > self.largest_share * whole + 1e-6},
            "minimum": {who for who, pieces in least.items() if batch[who] < pieces},
            "cash": {""} if sum(option.total for option in chosen) > self.cash + 1e-6 else set(),
        }
        return {name: who for name, who in found.items() if who}


def _sums(chosen: Sequence[Option]) -> tuple[dict[str, float], dict[str, int], dict[str, int]]:
    """By supplier: spend a month, pieces that mix, the greatest minimum that a batch must reach."""
    spend: dict[str, float] = {}
    batch: dict[str, int] = {}
    least: dict[str, int] = {}
    for option in chosen:
        spend[option.supplier] = spend.get(option.supplier, 0.0) + option.spend
        if option.mixes:
            batch[option.supplier] = batch.get(option.supplier, 0) + option.pieces
            least[option.supplier] = max(least.get(option.supplier, 0), option.minimum)
    return spend, batch, least


def choose_within(options: Sequence[Sequence[Option]], limits: SharedLimits) -> list[Option]:
    """The least costly option of each SKU, the first of which is what it is bought as by itself; where these together break a limit,
    the least costly ones that do not."""
    cheapest = [min(each, key=lambda option: option.cost) for each in options]
    if not limits.broken(cheapest):
        return cheapest
    flat = [option for each in options for option in each]
    rows, lower, upper = _constraints(options, flat, limits)
    slacks = rows.shape[1] - len(flat)
    costs = np.r_[[option.cost for option in flat], np.full(slacks, PENALTY)]
    kept = [LinearConstraint(rows, lower, upper)]
    if (best := _least(costs, kept, len(flat))) is None:
        return cheapest
    kept.append(LinearConstraint(costs[None, :], -np.inf, costs @ best + GAP * max(abs(costs @ best), 1.0)))
    cut = np.r_[[_cut(option, each[0]) for each in options for option in each], np.zeros(slacks)]
    alike = _least(cut, kept, len(flat))
    return [option for option, used in zip(flat, best if alike is None else alike) if used > 0.5]


def _least(costs: np.ndarray, kept: Sequence[LinearConstraint], whole: int) -> np.ndarray | None:
    """The least costly values, the first `whole` of them 0 or 1; None where none was found in time."""
    rest = len(costs) - whole
    result = milp(
        costs,
        integrality=np.r_[np.ones(whole), np.zeros(rest)],
        bounds=Bounds(0, np.r_[np.ones(whole), np.full(rest, np.inf)]),
        constraints=kept,
        options={"time_limit": TIME_LIMIT, "mip_rel_gap": GAP},
    )
    return None if result.x is None else np.asarray(result.x)


def _cut(option: Option, alone: Option) -> float:
    """Money of the order by itself that the option leaves out; another supplier weighs as one unit of money."""
    left = max(1 - option.pieces / alone.pieces, 0.0) * alone.total if alone.pieces else 0.0
    return left + float(option.supplier != alone.supplier)


def _constraints(
    options: Sequence[Sequence[Option]], flat: Sequence[Option], limits: SharedLimits
) -> tuple[sparse.csr_array, np.ndarray, np.ndarray]:
    n, suppliers = len(flat), sorted({option.supplier for option in flat})
    spend = np.array([option.spend for option in flat])
    whose = np.array([suppliers.index(option.supplier) for option in flat])
    mixed = np.array([option.pieces * option.mixes for option in flat], float)
    rows: list[tuple[np.ndarray, float, float]] = []  # coefficients, lower, upper
    elastic: list[tuple[np.ndarray, float]] = []  # coefficients and what they may come to
    start = 0
    for each in options:
        at = np.zeros(n)
        at[start : start + len(each)] = 1.0
        start += len(each)
        rows.append((at, 1.0, 1.0))
    for number, who in enumerate(suppliers):
        own = np.where(whose == number, spend, 0.0)
        if np.isfinite(limits.capacity.get(who, np.inf)):
            elastic.append((own, limits.capacity[who]))
        if limits.largest_share < 1:
            elastic.append((own - limits.largest_share * spend, 0.0))
    for place, option in enumerate(flat):
        if option.minimum:
            at = np.where(whose == whose[place], mixed, 0.0)
            at[place] -= option.minimum
            rows.append((at, 0.0, np.inf))
    if np.isfinite(limits.cash):
        elastic.append((np.array([option.total for option in flat]), limits.cash))
    slack = np.eye(len(elastic))
    upper_rows = [(np.r_[at, -slack[k]], -np.inf, most) for k, (at, most) in enumerate(elastic)]
    hard = [(np.r_[at, np.zeros(len(elastic))], low, high) for at, low, high in rows]
    matrix, lower, upper = zip(*hard, *upper_rows)
    return sparse.csr_array(np.array(matrix)), np.array(lower), np.array(upper)
