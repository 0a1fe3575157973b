"""How demand is looked ahead: the choice of season and trend, the clock of usual days, and what sold of late otherwise than expected."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from analysis.decisions.stock.demand_nodes import DemandNodes, sobol
from analysis.decisions.stock.pace_choice import FEWEST_TESTED, LEARNING, ODDS, PaceChoice
from analysis.decisions.stock.selling_clock import SellingClock
from analysis.months import DAYS_A_MONTH
from analysis.reasons import reason

RECENT = 2
"""Months that are held against what the months before them let expect."""
RARE = 0.01
"""Of such sales or more (or fewer): so rare that it is told."""


@dataclass(frozen=True)
class DemandAhead:
    """How demand was looked ahead: the `choice` of season and trend, the `clock` (None: every day alike), and by SKU what sold of late.

    `learned` is the mean pace of the months noted, against those ahead. `sold` and `expected` units of the last `RECENT` months, from the months before; `more`: the chance of at most so many (NaN: not known).
    """

    choice: PaceChoice
    clock: SellingClock | None
    noted_months: np.ndarray
    learned: np.ndarray
    sold: np.ndarray
    expected: np.ndarray
    more: np.ndarray

    def of_window(self, nodes: DemandNodes) -> DemandNodes:
        """Demand of a usual day, with the variance that it has at the pace of the months ahead."""
        return nodes if self.clock is None else nodes.varied(1 / self.learned[:, None])

    def over(
        self, days: np.ndarray, which: np.ndarray, start: float | None, nodes: DemandNodes
    ) -> tuple[np.ndarray, DemandNodes]:
        """`DemandPosterior.over`."""
        if self.clock is None:
            return days, nodes
        *_, error, begun = sobol(6, nodes.mean.shape[1]).T
        days = np.broadcast_to(days, nodes.mean.shape)
        begin = begun * DAYS_A_MONTH if start is None else np.full_like(begun, start)
        usual = self.clock.rows(which).between(begin, days, special.ndtri(error))
        return usual, nodes.varied(np.divide(usual, days, out=np.ones(usual.shape), where=days > 0))

    def told(self) -> str:
        """Whether season or trend is used, and why."""
        key = self.choice.way if self.choice.best else "short"
        if key == "short":
            return reason("demand.short", months=self.choice.months, least=LEARNING + FEWEST_TESTED)
        told = {"odds": min(self.choice.odds, 1e6), "tested": self.choice.tested}
        if key == "none":
            return reason("demand.none", needed=ODDS, **told)
        return reason(f"demand.{key}", saved=self.choice.saved, **told)
