"""What the purchase plan is made from, and an SKU on its way through it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from analysis.decisions.landed_cost import CostRow, FreightSources
from analysis.decisions.purchase_plan.candidates import Candidate
from analysis.decisions.purchase_plan.choice import Choice
from analysis.decisions.purchase_plan.rule import PurchaseRule
from analysis.estimates.draws import Draws


@dataclass(frozen=True)
class Barred:
    """Suppliers whose bulk is worse than what won the order, and the next lot worse than `worse_than` with the `chance` given, by evidence
    of their own: out like grade C. Nobody dearer takes their place of whom that is likelier than `probability`, too."""

    worse_than: float = 1.0
    chance: Mapping[str, float] = field(default_factory=dict)
    probability: float = 1.0

    def gate(self, grades: pd.Series) -> pd.Series:
        """The grades by supplier, C for those that are out."""
        new = pd.Index(sorted(set(self.chance) - set(grades.index)))
        return pd.concat([grades.mask(grades.index.isin(self.chance), "C"), pd.Series("C", new, dtype=object)])


NOBODY_BARRED = Barred()


@dataclass(frozen=True)
class PlanInputs:
    """What the plan is made from, by supplier or SKU (`plan_purchases`)."""

    grades: pd.Series
    inspected: pd.Series
    present: pd.Series
    on_order: pd.Series
    bulk_rates: Draws
    lead_times: Draws | None
    freight: FreightSources
    rule: PurchaseRule
    longest_days: float
    lot_correlation: float
    capacity: pd.Series
    barred: Barred
    counted: Mapping[str, pd.Timestamp]
    traps: Mapping[tuple[str, str], int] = field(default_factory=dict)
    too_large: Mapping[str, int] = field(default_factory=dict)
    selling: Mapping[str, float] = field(default_factory=dict)
    waits: Mapping[str, str] = field(default_factory=dict)
    overdue: Mapping[str, float] = field(default_factory=dict)
    never_sent: Mapping[str, int] = field(default_factory=dict)
    awaited: Collection[tuple[str, str]] = ()
    refused: Mapping[str, list[str]] = field(default_factory=dict)

    def rates(self, supplier: str) -> np.ndarray:
        """Draws of a supplier's rate in bulk; NaN where nothing is known."""
        return self.bulk_rates.of(pd.Index([supplier]))[0]

    def may_follow(self, each: Candidate, out: list[CostRow]) -> bool:
        """Whether a candidate may take the place of those that are `out` for their bulk: it is cheaper, or believed better."""
        if not any(row.cost.complete and row.cost.mean < each.cost for row in out):
            return True
        return bool((self.rates(each.supplier) > self.barred.worse_than).mean() <= self.barred.probability)

    def days_until(self, supplier: str, share: float) -> float:
        """Days after which an order of today has come with this probability; the longest cover where nobody knows."""
        days = np.full(1, np.nan) if self.lead_times is None else self.lead_times.of(pd.Index([supplier]))[0]
        return self.longest_days if np.isnan(days).any() else float(np.quantile(days, share))


@dataclass
class PlannedSku:
    """An SKU on its way to a row: good pieces `monthly` until the next order, and a month of those in which an order is sold (`lasting`)."""

    name: str
    monthly: float
    lasting: float
    today: str | None
    rows: list[CostRow]
    among: list[Candidate] = field(default_factory=list)
    choice: Choice | None = None
    pieces: int = 0
    rest: int = 0
    """Bought beside a trial."""
    waits: list[str] = field(default_factory=list)
    rest_waits: list[str] = field(default_factory=list)
    """Why nothing is bought beside a trial: what is there lasts."""
    unbelieved: list[Candidate] = field(default_factory=list)
    """Left out for a price that nobody has paid yet."""
