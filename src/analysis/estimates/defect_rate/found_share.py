"""Inspectors miss defects: from the rate that is found to the rate that is there.

An inspector finds a defective piece with probability f, so that counts speak of the rate found, f p, and everything that is learned from
counts (priors, likeness of lots, what a next count will show) is learned of it. What is told and decided by is p. Counts of one look cannot
tell f from p: f is the house's belief, Beta(f w, (1 - f) w) for a share f that w defective pieces have shown, and p is the rate found over it.

No missed piece counts twice. The estimate says how many pieces are defective; the costs then say how many of *these* the inspection of a coming
lot finds (the same share, `HouseCosts.found_share`) and charge the rest as escaped. Without this step the costs would share out the pieces found once more, as if they were
all. Forecasts of counts (`track_record`, `ForeseenLots`) stay with the rate found: the next inspector misses as many.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np
from scipy import stats

from analysis.allowed import Number
from analysis.estimates.defect_rate.rate_mixture import RateMixture, cumulative
from analysis.estimates.draws import Draws

NODES = 32
WORST = 0.999
"""Of a draw: with every piece defective there would be no good piece to bear the cost."""
STREAM = 12
"""Sets these draws apart from others of the same seed."""


@dataclass(frozen=True)
class FoundShare:
    """Section `missed_defects` of the rules: what inspections find of the defective pieces that they look at, past and to come.

    `found_share` of them, known as well as from `found_worth` defective pieces that were checked. 1: nothing was missed.
    """

    found_share: Annotated[float, Number(0, 1, above=True)]
    found_worth: Annotated[float, Number(0, 1e6, above=True)]

    @property
    def all_found(self) -> bool:
        """Whether counts are the truth: rates are then left exactly as they are."""
        return self.found_share == 1

    def of_mixture(self, found: RateMixture) -> RateMixture:
        """Posterior of the true rates from that of the rates found: P(p <= r) = E P(rate found <= f r), given that p is at most 1.

        Where no share that is believed allows for the rate found, every piece is defective.
        """
        if self.all_found or not len(found):
            return found
        edges = np.sin(found.grid.edges) ** 2
        angles = np.arcsin(np.sqrt(np.multiply.outer(self._quantiles(NODES), edges)))
        below = [np.interp(angles, found.grid.edges, row).mean(axis=0) for row in cumulative(found.masses)]
        masses = np.diff(below, axis=1)
        total = masses.sum(axis=1, keepdims=True)
        worst = np.arange(found.grid.size) == found.grid.size - 1
        return replace(found, masses=np.where(total > 0, masses / np.where(total > 0, total, 1.0), worst))

    def of_draws(self, found: Draws, seed: int) -> Draws:
        """Draws of the true rates from those of the rates found; one share a world, the same for all suppliers.

        A supplier's worlds in which more than all of its pieces would be defective cannot be: others of its own stand in their place, so
        that its draws are those of `of_mixture`.
        """
        if self.all_found or not found.values.size:
            return found
        order = np.random.default_rng([seed, STREAM]).permutation(found.values.shape[1])
        share = self._quantiles(found.values.shape[1])[order]
        return Draws(found.suppliers, np.minimum(_possible(found.values / share), WORST))

    def _quantiles(self, count: int) -> np.ndarray:
        """Equally likely shares."""
        a, b = self.found_share * self.found_worth, (1 - self.found_share) * self.found_worth
        return stats.beta.ppf((np.arange(count) + 0.5) / count, a, b)


def _possible(rates: np.ndarray) -> np.ndarray:
    """`rates` (supplier, world) with each above 1 replaced by one of the same supplier that is not, in turn; as they are where all are above."""
    above = rates > 1
    count = np.maximum((~above).sum(axis=1, keepdims=True), 1)
    first = np.take_along_axis(rates, np.argsort(above, axis=1, kind="stable"), axis=1)
    turn = (np.cumsum(above, axis=1) - 1) % count
    return np.where(above, np.take_along_axis(first, turn, axis=1), rates)


ALL_FOUND = FoundShare(1.0, 1.0)
