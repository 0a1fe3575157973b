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
    season_months : months that the choice stands after the round.
    bad_choice_factor : what a unit of money of worse value costs in the end; 1 the loss itself, more where customers leave.
    salvage_share : share of the price that a trial piece brings back (sold or used).
    fixed_cost : of a trial: ordering, receiving, inspecting, deciding.
    sizes : pieces of a trial to choose from; a minimum order between 5 and 50 is considered too.
    hidden_sd : standard deviation, as a share of the price, of a supplier's lasting value a piece that neither defects nor
        lateness show (looks, material, what customers say), before it was tried.
    batch_sd, piece_sd : standard deviations of the value a piece between a supplier's batches and between pieces, as shares
        of the price.
    """

    budget: Money
    most_suppliers: Annotated[int, Number(0, 1000, whole=True)]
    season_months: Months
    bad_choice_factor: Rate
    salvage_share: Share
    fixed_cost: Money
    sizes: Annotated[tuple[int, ...], ListOf(Number(SMALLEST_TRIAL, LARGEST_TRIAL, whole=True), least=1)]
    hidden_sd: Annotated[float, Number(0, 10)]
    batch_sd: Annotated[float, Number(0, 10)]
    piece_sd: Annotated[float, Number(0, 10, above=True)]

    def __post_init__(self) -> None:
        object.__setattr__(self, "sizes", tuple(sorted(set(self.sizes))))

    def sizes_for(self, minimum: float) -> list[int]:
        """Trial sizes that a supplier with this minimum order sells; none when the minimum is above 50 pieces."""
        own = {int(np.ceil(minimum))} if SMALLEST_TRIAL <= minimum <= LARGEST_TRIAL else set()
        return sorted({size for size in self.sizes if size >= minimum} | own)

    def noise_sd(self, pieces: ArrayLike, price: ArrayLike) -> np.ndarray:
        """Standard deviation of a trial's mean value a piece: batch-to-batch, and piece-to-piece over its `pieces`."""
        return np.asarray(price) * np.sqrt(self.batch_sd**2 + self.piece_sd**2 / np.asarray(pieces))

    def hidden_sd_after(self, pieces: ArrayLike, batches: ArrayLike) -> np.ndarray:
        """What is left of `hidden_sd` after `pieces` pieces in `batches` batches (0: none), as a share of the price.

        1 / sd^2 = 1 / hidden_sd^2 + 1 / (batch_sd^2 / batches + piece_sd^2 / pieces)
        """
        pieces, batches = np.asarray(pieces, float), np.asarray(batches, float)
        tried = (pieces > 0) & (batches > 0)
        noise = self.batch_sd**2 / np.where(tried, batches, 1) + self.piece_sd**2 / np.where(tried, pieces, 1)
        left = np.where(tried, noise / (self.hidden_sd**2 + noise), 1.0)
        return self.hidden_sd * np.sqrt(left)

    def outlay(self, pieces: ArrayLike, price: ArrayLike) -> np.ndarray:
        """Money paid out for a trial."""
        return np.asarray(pieces) * np.asarray(price) + self.fixed_cost

    def cost(self, pieces: ArrayLike, price: ArrayLike) -> np.ndarray:
        """What a trial costs in the end: purchase less resale value, plus the fixed cost."""
        return np.asarray(pieces) * np.asarray(price) * (1 - self.salvage_share) + self.fixed_cost
