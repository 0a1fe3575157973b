"""What the review's own plan will look at of a lot to come, so that costs reckon with it and not with an assumed share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from analysis.decisions.inspection_plan.choose import InspectionRule, RiskyGoods, choose_plan, lots_around
from analysis.decisions.inspection_plan.inspection_cost import CostPlan, LotRate, cheapest_plans


@dataclass(frozen=True)
class LotInspection:
    """The house's `rule`, how alike pieces of one lot are (`lot_correlation`, learned from all lots), and the SKUs that are `risky` goods."""

    rule: InspectionRule
    lot_correlation: float
    risky: RiskyGoods | None
    risky_skus: frozenset[str]

    def shares(
        self,
        lot_sizes: Sequence[int],
        rates: np.ndarray,
        piece_cost: float,
        escape_costs: Sequence[float],
        isolated: bool = False,
        skus: Sequence[str] = (),
    ) -> list[tuple[float, float]]:
        """Expected shares of each lot's pieces that are looked at, and of its defective pieces that are among them.

        Parameters
        ----------
        lot_sizes : sequence of int
            Pieces of each lot of one supplier.
        rates : ndarray
            The supplier's posterior draws.
        piece_cost : float
            Of looking at a piece.
        escape_costs : sequence of float
            Of a defective piece of each lot that reaches a customer.
        isolated : bool, optional
            A trial, or a supplier of which nothing was inspected.
        skus : sequence of str, optional
            Of the lots; risky goods are inspected more strictly.
        """
        found = [(0.0, 0.0)] * len(lot_sizes)
        worth = [at for at, cost in enumerate(escape_costs) if cost > 0]  # else nothing is gained by looking
        if not worth:
            return found
        lots = self._lots(np.ascontiguousarray(rates, float).tobytes())
        asked = [lot_sizes[at] for at in worth], [escape_costs[at] for at in worth]
        for at, cheapest in zip(worth, cheapest_plans(asked[0], lots, piece_cost, asked[1])):
            strict = self.risky if skus and skus[at] in self.risky_skus else None
            rule = self.rule if strict is None else strict.stricter(self.rule)
            lot, costs = (lot_sizes[at], isolated or strict is not None), (piece_cost, escape_costs[at])
            chosen = choose_plan(*lot, "normal", lots, costs, rule, cheapest=cheapest)
            found[at] = looked_at(chosen.cost, lots)
        return found

    @lru_cache(maxsize=16)  # noqa: B019  # each keeps tables of up to 8 MB
    def _lots(self, rates: bytes) -> LotRate:
        return lots_around(np.frombuffer(rates), self.lot_correlation)


def looked_at(plan: CostPlan, lots: LotRate) -> tuple[float, float]:
    """The shares that a plan comes to that was evaluated where lots are like `lots`: a bad sample has the rest looked at too, so that more
    of the defectives are than of the pieces."""
    size, sample = plan.lot_size, plan.sample_size
    if sample >= size:
        return 1.0, 1.0
    looked = sample + (size - sample) * (1 - plan.p_accept)
    found = 1 - plan.expected_escapes / max(size * lots.mean, 1e-12)
    return min(looked / size, 1.0), min(max(found, 0.0), 1.0)
