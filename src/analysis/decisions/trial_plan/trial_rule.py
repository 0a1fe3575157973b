"""The house's rule for trial orders: what a round may cost and hold, and what trials and bad choices cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import ArrayLike

from analysis.allowed import ListOf, Money, Months, Number, Rate, Share

SMALLEST_TRIAL, LARGEST_TRIAL = 5, 50


@dataclass(frozen=True)
class TrialRule:
    """How the next round is planned: section `trial_plan` of the rules. Money in the source's currency.

    Attributes
    ----------
    budget : money that a round may pay out (purchases and fixed costs).
    most_suppliers : suppliers that one round can handle.
    season_months : months of a season, over which a wrong choice is reckoned up (`choice_regret`).
    bad_choice_factor : what a unit of money of worse value costs in the end; 1 the loss itself, more where customers leave.
    salvage_share : share of the price that a trial piece brings back (sold or used).
    fixed_cost : of a trial: ordering, receiving, inspecting, deciding.
    least_chance : that a trial saves more than it costs, for it to be ordered: rarer luck is no plan, however great.
    sizes : pieces of a trial to choose from; a minimum order between 5 and 50 is considered too.
    """

    budget: Money
    most_suppliers: Annotated[int, Number(0, 1000, whole=True)]
    season_months: Months
    bad_choice_factor: Rate
    salvage_share: Share
    fixed_cost: Money
    least_chance: Share
    sizes: Annotated[tuple[int, ...], ListOf(Number(SMALLEST_TRIAL, LARGEST_TRIAL, whole=True), least=1)]

    def __post_init__(self) -> None:
        object.__setattr__(self, "sizes", tuple(sorted(set(self.sizes))))

    def sizes_for(self, minimum: float) -> list[int]:
        """Trial sizes that a supplier with this minimum order sells; none when the minimum is above 50 pieces."""
        own = {int(np.ceil(minimum))} if SMALLEST_TRIAL <= minimum <= LARGEST_TRIAL else set()
        return sorted({size for size in self.sizes if size >= minimum} | own)

    def outlay(self, pieces: ArrayLike, price: ArrayLike) -> np.ndarray:
        """Money paid out for a trial."""
        return np.asarray(pieces) * np.asarray(price) + self.fixed_cost

    def cost(self, pieces: ArrayLike, price: ArrayLike) -> np.ndarray:
        """What a trial costs in the end: purchase less resale value, plus the fixed cost."""
        return np.asarray(pieces) * np.asarray(price) * (1 - self.salvage_share) + self.fixed_cost
