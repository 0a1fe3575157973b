"""One lot's cost by component, and the waterfall from list price to cost a good piece whose bars add up to the fen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from analysis.decisions.landed_cost.lot_costs import COMPONENTS, COUNTED_BY, RATE, LotCosts
from analysis.estimates.defect_rate import pieces_for_a_good_one
from analysis.estimates.draws import summary

YIELD_LOSS = "yield_loss"
FEN = 0.01


@dataclass(frozen=True)
class GoodPieceCost:
    """The cost of one lot, the one `at` its place of `lots`."""

    lots: LotCosts
    at: int

    @property
    def quantity(self) -> float:
        """Pieces of the lot."""
        return float(self.lots.lots.quantity[self.at])

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """What nobody knows: those amounts are not in the sum."""
        parts = tuple(COMPONENTS[place] for place in np.flatnonzero(self.lots.unknown[self.at]))
        return (*parts, "defect_rate") if self.lots.no_rate[self.at] else parts

    @property
    def complete(self) -> bool:
        """True where no amount is missing."""
        return bool(self.lots.complete[self.at])

    @property
    def components(self) -> dict[str, np.ndarray]:
        """Money of the lot by name, a number or one a draw; only what is known and not 0, and the list price."""
        found = {name: self._money(name) for name in COMPONENTS if name not in self.missing}
        return {name: money for name, money in found.items() if name == "list_price" or np.any(money)}

    def _money(self, name: str) -> np.ndarray:
        costs, at = self.lots, np.array([self.at])
        money = costs.fixed[name][self.at] if name in costs.fixed else np.zeros(1)
        if name in costs.factors and costs.factors[name][self.at]:
            money = money + costs.factors[name][self.at] * costs.units(COUNTED_BY[name], at)[0]
        return money if len(money) > 1 else money[0]

    @property
    def draws(self) -> np.ndarray:
        """Cost a good piece in each draw; reckoned anew each time that it is asked for."""
        return self.lots.draws(np.array([self.at]))[0]

    @property
    def good_pieces(self) -> np.ndarray:
        """Of the lot, in each draw."""
        at = np.array([self.at])
        return self.quantity / pieces_for_a_good_one(self.lots.lost[self.at] * self.lots.units(RATE, at)[0])

    @cached_property
    def mean(self) -> float:
        """Expected cost a good piece, E[cost / good pieces]: more than expected cost over expected good pieces."""
        return float(self.draws.mean())

    def interval(self, level: float = 0.90) -> tuple[float, float]:
        """Credible interval of the cost a good piece."""
        _, low, high = summary(self.draws, level)
        return float(low), float(high)

    @property
    def expected(self) -> dict[str, float]:
        """Expected money of the lot by component, those of `components`."""
        return {name: float(self.lots.expected[name][self.at]) for name in self.components}

    def per_piece(self) -> dict[str, float]:
        """Expected money a piece by component, and `yield_loss`; the values add up to `mean`."""
        bars = {name: money / self.quantity for name, money in self.expected.items()}
        return bars | {YIELD_LOSS: self.mean - sum(bars.values())}

    def waterfall(self, unit: float = FEN, piece_unit: float = FEN / 100) -> pd.DataFrame:
        """From list price to cost a good piece: `component lot per_good_piece running missing`, last row `total`.

        `lot` is money of the lot in whole `unit`s (fen), `per_good_piece` in whole `piece_unit`s, both rounded so that the
        bars add up to the rounded total exactly; `running` is the sum of the bars so far. A component that nobody knows has
        NaN and `missing` True.
        """
        bars = self.per_piece()
        lot = rounded_bars(list(self.expected.values()), unit)
        each = rounded_bars(list(bars.values()), piece_unit)
        table = pd.DataFrame({"component": list(bars), "lot": [*lot, 0.0], "per_good_piece": each})
        order = [name for name in (*COMPONENTS, YIELD_LOSS) if name in bars or name in self.missing]
        table = table.set_index("component").reindex(order)
        table["running"] = table["per_good_piece"].fillna(0).cumsum().round(6)
        table["missing"] = [name in self.missing for name in order]
        sums = table[["lot", "per_good_piece"]].sum().round(6)
        table.loc["total"] = [sums["lot"], sums["per_good_piece"], sums["per_good_piece"], not self.complete]
        return table.reset_index().astype({"missing": bool})


def rounded_bars(values: ArrayLike, unit: float = FEN) -> np.ndarray:
    """`values` in whole `unit`s such that they add up to their rounded sum: the largest remainders are rounded up.

    >>> rounded_bars([1.004, 2.004, 3.004]).tolist()    # each alone would round down, the sum 6.012 to 6.01
    [1.01, 2.0, 3.0]
    """
    exact = np.asarray(values, float) / unit
    whole = np.floor(exact + 1e-9)
    up = int(np.rint(exact.sum()) - whole.sum())
    first = np.argsort(-np.round(exact - whole, 6), kind="stable")[: max(up, 0)]
    whole[first] += 1
    return np.round(whole * unit, 10)
