"""What the review's own plan will look at of a lot to come, so that costs reckon with it and not with an assumed share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from analysis.decisions.inspection_plan.choose import InspectionRule, RiskyGoods, choose_plan, lots_around
from analysis.decisions.inspection_plan.inspection_cost import CostPlan, LotRate, evaluate_plan


@dataclass(frozen=True)
class LotInspection:
    """The house's `rule`, how alike pieces of one lot are (`lot_correlation`, learned from all lots), and the SKUs that are `risky` goods."""

    rule: InspectionRule
    lot_correlation: float
    risky: RiskyGoods | None
    risky_skus: frozenset[str]

    def shares(
        self,
        lot_size: int,
        rates: np.ndarray,
        piece_cost: float,
        escape_cost: float,
        isolated: bool = False,
        sku: str = "",
    ) -> tuple[float, float]:
        """Expected shares of a lot's pieces that are looked at, and of its defective pieces that are among them.

        Parameters
        ----------
        lot_size : int
            Pieces of the lot.
        rates : ndarray
            The supplier's posterior draws.
        piece_cost, escape_cost : float
            Of looking at a piece, and of a defective one that reaches a customer.
        isolated : bool, optional
            A trial, or a supplier of which nothing was inspected.
        sku : str, optional
            Of the lot; risky goods are inspected more strictly.
        """
        if not escape_cost > 0:  # then nothing is gained by looking
            return 0.0, 0.0
        lots = self._lots(np.ascontiguousarray(rates, float).tobytes())
        strict = self.risky if sku in self.risky_skus else None
        rule = self.rule if strict is None else strict.stricter(self.rule)
        isolated = isolated or strict is not None
        chosen = choose_plan(lot_size, isolated, "normal", lots, (piece_cost, escape_cost), rule)
        return looked_at(lot_size, chosen.cost, lots)

    @lru_cache(maxsize=16)  # noqa: B019  # offers come supplier by supplier; each keeps tables of up to 8 MB
    def _lots(self, rates: bytes) -> LotRate:
        return lots_around(np.frombuffer(rates), self.lot_correlation)


def looked_at(lot_size: int, plan: CostPlan, lots: LotRate) -> tuple[float, float]:
    """The shares that a plan comes to where lots are like `lots`: a bad sample has the rest looked at too, so that more of the
    defectives are than of the pieces."""
    if plan.sample_size >= lot_size:
        return 1.0, 1.0
    true = evaluate_plan(lot_size, plan.sample_size, plan.accept, lots, 1.0, 1.0)
    found = 1 - true.expected_escapes / max(lot_size * lots.mean, 1e-12)
    return min(true.inspection_cost / lot_size, 1.0), min(max(found, 0.0), 1.0)
