"""Two suppliers and their outages, day by day, under one way of ordering from them; many settings and imagined years at once.

    single     everything from one supplier
    split      every order half and half: two lead times at once, but each half at its own, higher price step
    rotate     orders turn by turn
    standby    from the first; from the second when the stock on hand is at or below an emergency point and none of its orders
               is open

Unserved demand is lost and costs its selling price. During an outage a supplier takes orders but begins on them when it ends.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import ArrayLike

from analysis.allowed import Number
from analysis.decisions.offers import PriceLadder

POLICIES = ("single_first", "single_second", "split", "rotate", "standby")
DAYS_A_YEAR = 365
LONGEST = 200
"""No delivery takes longer than so many days in the simulation: after that the order is as good as lost."""
NEVER = -1.0
"""Emergency point of a standby that is never used."""
TAIL = 0.05

DailyDemand = Callable[[np.random.Generator, tuple[int, int]], np.ndarray]


@dataclass(frozen=True)
class SupplySource:
    """A supplier as the simulation needs it: price ladder, `lead_time_days` draws, money a piece beside the price.

    `inverse_yield` pieces bought for a good one; `outages_per_year` on average, each `outage_days` long on average (exponential).
    """

    name: str
    ladder: PriceLadder
    lead_time_days: np.ndarray
    extra_per_piece: float = 0.0
    inverse_yield: float = 1.0
    outages_per_year: float = 0.0
    outage_days: float = 0.0

    def __post_init__(self) -> None:
        days = np.asarray(self.lead_time_days, float)
        if not days.size or not np.all(np.isfinite(days) & (days >= 0)):
            raise ValueError(f"lead_time_days of {self.name!r}: finite draws of 0 or more are needed")
        if self.inverse_yield < 1 or min(self.extra_per_piece, self.outages_per_year, self.outage_days) < 0:
            raise ValueError(f"{self.name!r}: inverse_yield is 1 or more, money and outages 0 or more")

    def good_piece(self, quantity: np.ndarray) -> np.ndarray:
        """Price of a good piece when `quantity` are ordered at once; below the minimum order the minimum's goods are paid."""
        at_least = np.maximum(quantity, self.ladder.minimum)
        goods = self.ladder.price(at_least) * at_least / np.maximum(quantity, 1)
        return (goods + self.extra_per_piece) * self.inverse_yield


@dataclass(frozen=True)
class Outages:
    """How often a supplier cannot deliver, `per_year`, and for how many `days`, both on average: section `outages` of the rules."""

    per_year: Annotated[float, Number(0, 52)]
    days: Annotated[float, Number(0, 365)]


@dataclass(frozen=True)
class SupplyCosts:
    """`selling_price` lost with a piece that is not there, `order_cost` an order, `carrying_rate` a year on stock."""

    selling_price: float
    order_cost: float
    carrying_rate: float


@dataclass(frozen=True)
class ImaginedYears:
    """What happens whoever is chosen: `demand` (stream, day) and `arrives` (source, stream, day): days an order of that day takes."""

    demand: np.ndarray
    arrives: np.ndarray


@dataclass(frozen=True)
class Settings:
    """A grid of policies to run at once: arrays (setting,) of reorder point, order size and emergency point, pieces."""

    reorder_point: np.ndarray
    quantity: np.ndarray
    emergency: np.ndarray

    @classmethod
    def grid(cls, points: ArrayLike, quantities: ArrayLike, emergencies: ArrayLike = (NEVER,)) -> Settings:
        """Every combination of reorder points, order sizes and emergency points."""
        return cls(
            *(part.ravel().astype(float) for part in np.meshgrid(points, quantities, emergencies, indexing="ij"))
        )

    def only(self, at: int) -> Settings:
        """The setting in place `at` alone."""
        return Settings(self.reorder_point[[at]], self.quantity[[at]], self.emergency[[at]])


def imagine(
    sources: Sequence[SupplySource], daily_demand: DailyDemand, streams: int, days: int, rng: np.random.Generator
) -> ImaginedYears:
    """Demand, lead times and outages of `streams` imagined runs of `days` days; each supplier's outages are its own."""
    demand = np.maximum(np.rint(daily_demand(rng, (streams, days))), 0)
    arrives = [
        np.minimum(
            np.maximum(np.ceil(rng.choice(source.lead_time_days, (streams, days))), 1)
            + _waits(source, streams, days, rng),
            LONGEST,
        )
        for source in sources
    ]
    return ImaginedYears(demand, np.stack(arrives).astype(int))


def _waits(source: SupplySource, streams: int, days: int, rng: np.random.Generator) -> np.ndarray:
    """Days until the supplier works again, for an order of each day; 0 outside outages."""
    begins = rng.random((streams, days)) < source.outages_per_year / DAYS_A_YEAR
    lasts = np.ceil(rng.exponential(max(source.outage_days, 1e-9), (streams, days)))
    ends = np.where(begins, np.arange(days) + lasts, 0)
    return np.maximum(np.maximum.accumulate(ends, axis=1) - np.arange(days), 0)


@dataclass(frozen=True)
class SupplyOutcome:
    """Of each setting and stream (setting, stream): `cost` a year, share of demand `served`, average `stock` in pieces."""

    cost: np.ndarray
    served: np.ndarray
    stock: np.ndarray

    @property
    def mean(self) -> np.ndarray:
        """Mean cost a year of each setting over the streams."""
        return self.cost.mean(axis=1)

    @property
    def tail(self) -> np.ndarray:
        """CVaR: the mean cost of the dearest twentieth of the streams."""
        count = max(round(self.cost.shape[1] * TAIL), 1)
        return np.sort(self.cost, axis=1)[:, -count:].mean(axis=1)


def simulate_policy(
    policy: str, sources: Sequence[SupplySource], years: ImaginedYears, settings: Settings, costs: SupplyCosts
) -> SupplyOutcome:
    """Run one policy under every setting through the same imagined years."""
    if policy not in POLICIES or len(sources) != 2:
        raise ValueError(
            f"policy: one of {', '.join(POLICIES)} and two sources are needed, got {policy!r} and {len(sources)}"
        )
    run = _Run(policy, sources, years, settings, costs)
    for day in range(years.demand.shape[1]):
        run.step(day)
    return run.outcome()


class _Run:
    """The state of one simulation: arrays (setting, stream)."""

    def __init__(
        self, policy: str, sources: Sequence[SupplySource], years: ImaginedYears, settings: Settings, costs: SupplyCosts
    ) -> None:
        self.policy, self.sources, self.years, self.settings, self.costs = policy, sources, years, settings, costs
        self.shape = (len(settings.quantity), years.demand.shape[0])
        self.point, self.quantity, self.emergency = (
            np.broadcast_to(part[:, None], self.shape)
            for part in (settings.reorder_point, settings.quantity, settings.emergency)
        )
        self.on_hand = (self.point + self.quantity / 2).copy()
        self.on_order = np.zeros((2, *self.shape))
        self.coming = np.zeros((2, int(years.arrives.max()) + 1, *self.shape), np.float32)  # a ring of days to come
        self.turn = np.zeros(self.shape, int)
        self.value = float(sources[0].good_piece(np.array(settings.quantity.mean())))
        self.spent = self.on_hand * self.value
        self.lost, self.held = np.zeros(self.shape), np.zeros(self.shape)

    def step(self, day: int) -> None:
        """Arrivals, then the day's sales, then orders."""
        slot = day % self.coming.shape[1]
        arrived = self.coming[:, slot].astype(float)
        self.on_hand += arrived.sum(axis=0)
        self.on_order -= arrived
        self.coming[:, slot] = 0
        demand = self.years.demand[:, day]
        sold = np.minimum(self.on_hand, demand)
        self.on_hand -= sold
        self.lost += demand - sold
        self.held += self.on_hand
        self._order(day)

    def _order(self, day: int) -> None:
        low = self.on_hand + self.on_order.sum(axis=0) <= self.point
        if self.policy == "split":
            first = np.ceil(self.quantity / 2)
            self._place(0, low, first, day)
            self._place(1, low, self.quantity - first, day)
        elif self.policy == "rotate":
            self._place(0, low & (self.turn == 0), self.quantity, day)
            self._place(1, low & (self.turn == 1), self.quantity, day)
            self.turn = np.where(low, 1 - self.turn, self.turn)
        else:
            self._place(1 if self.policy == "single_second" else 0, low, self.quantity, day)
        if self.policy == "standby":
            self._place(1, (self.on_hand <= self.emergency) & (self.on_order[1] == 0), self.quantity, day)

    def _place(self, source: int, where: np.ndarray, quantity: np.ndarray, day: int) -> None:
        setting, stream = np.nonzero(where & (quantity > 0))
        if not len(setting):
            return
        pieces = quantity[setting, stream]
        slot = (day + self.years.arrives[source, stream, day]) % self.coming.shape[1]
        self.coming[source, slot, setting, stream] += pieces
        self.on_order[source, setting, stream] += pieces
        self.spent[setting, stream] += pieces * self.sources[source].good_piece(pieces) + self.costs.order_cost

    def outcome(self) -> SupplyOutcome:
        """Costs a year; what is left on hand and on order is worth what it cost."""
        days = self.years.demand.shape[1]
        left = (self.on_hand + self.on_order.sum(axis=0)) * self.value
        holding = self.held * self.value * self.costs.carrying_rate / DAYS_A_YEAR
        cost = self.spent + holding + self.lost * self.costs.selling_price - left
        total = self.years.demand.sum(axis=1)
        return SupplyOutcome(cost * DAYS_A_YEAR / days, 1 - self.lost / np.maximum(total, 1), self.held / days)
