"""Who may be bought from: an SKU's offers at the quantity that would be ordered, without those of grade C."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.decisions.landed_cost import CostRow, FreightSources
from analysis.decisions.purchase_plan.rule import PurchaseRule
from analysis.months import DAYS_A_MONTH


@dataclass(frozen=True)
class Candidate:
    """One offer, its cost a good piece over the horizon, and the `pieces` that would be ordered of it now."""

    row: CostRow
    pieces: int
    inspected: int
    tried: bool
    """A piece of it was inspected, or it is bought from today."""
    minimum_days: float
    """Of demand in which it is sold, that its least order covers."""
    fits: bool
    """That is no more than the house wants to hold."""
    mixed: bool = False
    """Below its own minimum: only in one batch with other SKUs of the supplier that together reach it."""

    @property
    def supplier(self) -> str:
        """Who offers it."""
        return self.row.offer.supplier

    @property
    def draws(self) -> np.ndarray:
        """Cost a good piece, posterior draws."""
        return self.row.cost.draws

    @cached_property
    def cost(self) -> float:
        """Expected cost a good piece."""
        return float(self.row.cost.mean)

    @property
    def complete(self) -> bool:
        """False where a part of the cost is not known: it cannot be compared with others."""
        return self.row.cost.complete

    def price(self, pieces: int | None = None) -> float:
        """Of a piece, at the pieces that would be ordered unless others are given."""
        ladder, asked = self.row.offer.ladder, self.pieces if pieces is None else pieces
        return float(ladder.price(max(asked, ladder.minimum)))

    def total(self, freight: FreightSources, pieces: int | None = None) -> float:
        """Goods and freight of an order; NaN where the freight is not known."""
        asked = self.pieces if pieces is None else pieces
        way = freight.cheapest(self.row.offer, max(asked, self.row.offer.ladder.minimum)) if not self.mixed else None
        money = self.row.freight.money if way is None else way.money
        return self.price(asked) * asked + (np.nan if money is None else float(money))


def candidates(
    rows: Iterable[CostRow],
    grades: pd.Series,
    inspected: pd.Series,
    today: str | None,
    monthly: float,
    lasting: float,
    rule: PurchaseRule,
    longest_days: float,
) -> list[Candidate]:
    """The offers of suppliers that are not grade C: those first that fit, cheapest first, those of unknown cost last.

    `monthly` good pieces until the next order, `lasting` a month of those in which an order is sold; the house wants to hold `longest_days`
    of these, a month's at least. A row of fewer pieces than the offer's minimum is one of a mixed batch.
    """
    found, longest = [], max(longest_days * lasting / DAYS_A_MONTH, lasting)
    for row in rows:
        name, seen = row.offer.supplier, int(inspected.get(row.offer.supplier, 0))
        if grades.get(name) == "C":
            continue
        tried, minimum = seen > 0 or name == today, row.offer.ladder.minimum
        pieces = max(_wanted(row.quantity, seen, tried, monthly, rule), minimum)
        days = minimum / lasting * DAYS_A_MONTH
        found.append(Candidate(row, pieces, seen, tried, days, minimum <= longest))
    return ordered(found)


def mixing(rows: Iterable[CostRow], among: list[Candidate]) -> list[Candidate]:
    """The candidates whose minimum is too much as part of a mixed batch: `rows` at the quantity it has there."""
    whole = {each.supplier: each for each in among if not each.fits}
    return [
        replace(whole[row.offer.supplier], row=row, pieces=row.quantity, fits=True, mixed=True)
        for row in rows
        if row.offer.supplier in whole
    ]


def ordered(found: list[Candidate]) -> list[Candidate]:
    """Complete ones first, then those that fit, then the cheapest."""
    return sorted(found, key=lambda each: (not each.complete, not each.fits, each.cost, each.supplier))


def _wanted(best: int, seen: int, tried: bool, monthly: float, rule: PurchaseRule) -> int:
    """The best order size; of a thin record some months of demand at most, of none a trial."""
    wanted = best
    if seen < rule.proven_pieces:
        wanted = min(wanted, int(np.ceil(monthly * rule.unproven_months)))
    return wanted if tried else min(wanted, rule.trial_pieces)
