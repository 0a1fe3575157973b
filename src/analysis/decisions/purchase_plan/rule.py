"""The house's rule for purchases: over how long a choice is judged, what changing costs, and what limits an order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from analysis.allowed import Money, Months, Number, Pieces, Share, SomePieces


@dataclass(frozen=True)
class PurchaseRule:
    """How the purchase plan is made (`[[purchase_plan]]` in config/rules.toml). Money in the source's currency.

    Attributes
    ----------
    horizon_months : float
        Over which a saving counts.
    switching_cost : float
        Of ordering an SKU from another supplier than today.
    least_probability : float
        That the other supplier is cheaper, for a change to be planned.
    proven_pieces : int
        Pieces inspected from which a supplier's record limits its order no more.
    unproven_months : float
        Of demand that a supplier with fewer may get at once.
    trial_pieces : int
        Ordered from a supplier of which no piece was ever inspected.
    capacity_share : float
        Of a supplier's platform sales of 30 days, that a month's purchases from it may be at most.
    largest_share : float
        Of a month's purchases, that one supplier may have.
    cash_a_month : float
        That the month's orders may come to.
    bulk_worse_than : float
        Share defective of a bulk lot, beyond which a supplier may be out (`Barred`).
    bulk_probability : float
        That its bulk is worse than its samples and trials, for it to be out.
    """

    horizon_months: Months
    switching_cost: Money
    least_probability: Share
    proven_pieces: Pieces
    unproven_months: Annotated[float, Number(0, 120)]
    trial_pieces: SomePieces
    capacity_share: Annotated[float, Number(0, 1000, above=True)]
    largest_share: Annotated[float, Number(0, 1, above=True)]
    cash_a_month: Annotated[float, Number(0, above=True)]
    bulk_worse_than: Annotated[float, Number(0, 1)]
    bulk_probability: Annotated[float, Number(0, 1, below=True)]
