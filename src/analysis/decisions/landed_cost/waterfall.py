"""A lot's cost by component, and the waterfall from list price to cost a good piece whose bars add up to the fen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from analysis.estimates.defect_rate import pieces_for_a_good_one
from analysis.estimates.draws import summary

COMPONENTS = (
    "list_price", "price_step", "sample_fee_credit", "freight", "insurance", "duty", "vat", "clearance", "platform_fee",
    "order_cost", "inspection", "financing", "rework", "returns", "refunds", "escaped_defects", "delay",
)  # fmt: skip
"""The bars of the waterfall in order; `yield_loss` follows them: the same money over fewer, good pieces."""
WAY = ("freight", "insurance", "clearance", "duty", "vat")
"""What bringing the goods costs."""
YIELD_LOSS = "yield_loss"
FEN = 0.01


@dataclass(frozen=True)
class Amount:
    """`fixed` money, and `factor` for each unit of `of` above `above` (a number or one a draw; None: fixed alone).

    A sheet of thousands of offers keeps such amounts, and not the draws of each.
    """

    fixed: float = 0.0
    factor: float = 0.0
    of: np.ndarray | None = None
    above: float = -np.inf

    @classmethod
    def known(cls, amount: ArrayLike) -> Amount:
        """Of money that is a number or one a draw."""
        amount = np.asarray(amount, float)
        return cls(fixed=float(amount)) if amount.ndim == 0 else cls(factor=1.0, of=amount)

    @property
    def money(self) -> np.ndarray:
        """In each draw, or one for all."""
        return np.asarray(self.fixed + self.factor * self._units())

    @property
    def mean(self) -> float:
        """Expected money."""
        return means_of({"": self})[""]

    @property
    def is_known(self) -> bool:
        """False where it is not a number; what it is counted for is."""
        return bool(np.isfinite(self.fixed) and np.isfinite(self.factor))

    @property
    def is_nothing(self) -> bool:
        """True where it is 0 in every draw."""
        return self.fixed == 0 and (self.factor == 0 or not np.any(self._units()))

    def _units(self) -> np.ndarray | float:
        if self.of is None:
            return 0.0
        return self.of if self.above == -np.inf else np.maximum(self.of - self.above, 0.0)


def means_of(amounts: Mapping[str, Amount], known: dict[tuple[int, float], float] | None = None) -> dict[str, float]:
    """Expected money of each; the draws that several are counted by are averaged once, also over several calls that share `known`
    while the draws live."""
    known = {} if known is None else known
    found = {}
    for name, each in amounts.items():
        counted = id(each.of), each.above
        if each.of is not None and counted not in known:
            known[counted] = float(np.mean(each._units()))
        found[name] = each.fixed + (each.factor * known[counted] if each.of is not None else 0.0)
    return found


def _counted_alike(amounts: Iterable[Amount]) -> Iterable[list[Amount]]:
    """Those that are counted by draws, by the draws and the threshold that they are counted by."""
    found: dict[tuple[int, float], list[Amount]] = {}
    for each in amounts:
        if each.of is not None:
            found.setdefault((id(each.of), each.above), []).append(each)
    return found.values()


@dataclass(frozen=True)
class GoodPieceCost:
    """A lot's cost: `amounts` of the lot by name, `bad` share of its pieces, `shape` of the draws.

    `missing` names what nobody knows: those amounts are not in the sum, and `complete` is False.
    """

    quantity: float
    amounts: Mapping[str, Amount]
    bad: Amount
    shape: tuple[int, ...]
    missing: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """True where no amount is missing."""
        return not self.missing

    @property
    def components(self) -> dict[str, np.ndarray]:
        """Money of the lot by name, a number or one a draw."""
        return {name: amount.money for name, amount in self.amounts.items()}

    @property
    def good_pieces(self) -> np.ndarray:
        """Of the lot, in each draw."""
        return np.broadcast_to(self.quantity / pieces_for_a_good_one(self.bad.money), self.shape)

    @property
    def lot_cost(self) -> np.ndarray:
        """Cost of the lot in each draw."""
        total = np.asarray(sum(each.fixed for each in self.amounts.values()))
        for alike in _counted_alike(self.amounts.values()):
            total = total + sum(each.factor for each in alike) * alike[0]._units()
        return np.broadcast_to(total, self.shape)

    @property
    def draws(self) -> np.ndarray:
        """Cost a good piece in each draw; reckoned anew each time that it is asked for."""
        return self.lot_cost * pieces_for_a_good_one(self.bad.money) / self.quantity

    @cached_property
    def mean(self) -> float:
        """Expected cost a good piece, E[cost / good pieces]: more than expected cost over expected good pieces."""
        return float(self.draws.mean())

    def interval(self, level: float = 0.90) -> tuple[float, float]:
        """Credible interval of the cost a good piece."""
        _, low, high = summary(self.draws, level)
        return float(low), float(high)

    def per_piece(self) -> dict[str, float]:
        """Expected money a piece by component, and `yield_loss`; the values add up to `mean`."""
        bars = {name: money / self.quantity for name, money in means_of(self.amounts).items()}
        return bars | {YIELD_LOSS: self.mean - sum(bars.values())}

    def waterfall(self, unit: float = FEN, piece_unit: float = FEN / 100) -> pd.DataFrame:
        """From list price to cost a good piece: `component lot per_good_piece running missing`, last row `total`.

        `lot` is money of the lot in whole `unit`s (fen), `per_good_piece` in whole `piece_unit`s, both rounded so that the
        bars add up to the rounded total exactly; `running` is the sum of the bars so far. A component that nobody knows has
        NaN and `missing` True.
        """
        bars = self.per_piece()
        lot = rounded_bars(list(means_of(self.amounts).values()), unit)
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
