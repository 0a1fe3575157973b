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
"""Months that are held against what is to be expected by those before them."""
FEW_ODDS, MOST_ODDS = 0.01, 1e6
"""Odds below and above are not told to the figure."""
RARE = 0.01
"""Of such sales or more (or fewer): so rare that it is told."""


@dataclass(frozen=True)
class DemandAhead:
    """How demand was looked ahead: the `choice` of season and trend, the `clock` (None: every day alike), and by SKU what sold of late.

    `learned` is the mean pace of the months noted, against those ahead. `sold` and `expected` units of the last `RECENT` months, from the months before; `more`: the chance of at most so many (NaN: not known);
    `late_months`: how many of these months were noted.
    """

    choice: PaceChoice
    clock: SellingClock | None
    noted_months: np.ndarray
    learned: np.ndarray
    sold: np.ndarray
    expected: np.ndarray
    more: np.ndarray
    late_months: np.ndarray

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
        choice, least = self.choice, LEARNING + FEWEST_TESTED
        if not choice.best and choice.months < least:
            return reason("demand.short", months=choice.months, least=least)
        if not choice.best:
            return reason("demand.sparse", months=choice.months, tested=choice.tested, least=FEWEST_TESTED)
        told = {"odds": _odds(choice.odds), "tested": choice.tested}
        if choice.way != "none":
            return reason(f"demand.{choice.way}", saved=choice.saved, **told)
        return reason("demand.none", needed=ODDS, **told) if choice.odds < ODDS else reason("demand.no_gain", **told)


def _odds(odds: float) -> str:
    """Odds to one as they are told: rounded down, so that those that fall short of what is asked never read as if they reached it."""
    if odds > MOST_ODDS:
        return reason("demand.odds_more", most=MOST_ODDS)
    if odds < FEW_ODDS:
        return reason("demand.odds_less", least=FEW_ODDS)
    return reason("demand.odds_small", odds=odds) if odds < 10 else reason("demand.odds", odds=np.floor(odds))
