"""Mixed batches (混批): which pieces of which SKUs to buy from whom when minimum and price step count over several SKUs.

A supplier that mixes lets all its SKUs count together towards the minimum, the price step and free delivery; one that does
not counts each SKU alone. Whole numbers and steps make this a small mixed-integer programme, solved exactly by HiGHS [1]:

    min  sum_o f_o z_o + sum_oj (c_oj - v_j) n_oj    subject to    sum_o n_oj >= need_j,
         m_o z_o <= sum_j n_oj <= M_o z_o,   a_o z_o <= sum_j p_oj n_oj,   n_oj <= u_oj z_o,   one option at most a shipment,

an option o being a shipment at one price step (m_o to M_o pieces: the price is what the total makes it) with freight paid or free: z_o whether it is used, n_oj its pieces, f_o its fixed
freight, c_oj = p_oj + freight a piece, v_j what a surplus piece is worth.

.. [1] Huangfu, Q. and Hall, J. A. J. (2018). Parallelizing the dual revised simplex method. Math. Prog. Comp. 10, 119-142.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from analysis.decisions.offers import PriceLadder
from analysis.decisions.order_quantity.best import OrderError


@dataclass(frozen=True)
class BatchOffer:
    """A supplier's offer for several SKUs: `ladders` by SKU.

    With `mixed` the ladders' quantities count over all pieces of the shipment, and `minimum_amount` over its goods; without,
    each SKU is a shipment of its own. `freight_fixed` a shipment and `freight_per_piece`; goods worth `free_from` travel free.
    """

    supplier: str
    ladders: Mapping[str, PriceLadder]
    mixed: bool = False
    minimum_amount: float = 0.0
    freight_fixed: float = 0.0
    freight_per_piece: Mapping[str, float] = field(default_factory=dict)
    free_from: float = np.inf

    def __post_init__(self) -> None:
        if not self.ladders:
            raise ValueError(f"ladders: {self.supplier!r} offers no SKU")
        if min(self.minimum_amount, self.freight_fixed, self.free_from, *self.freight_per_piece.values()) < 0:
            raise ValueError(f"minimum_amount, freight and free_from of {self.supplier!r} are 0 or more")


@dataclass(frozen=True)
class _Option:
    """One way to buy a shipment: step prices by SKU, pieces (`minimum` to `maximum`) and goods' value it needs, its freight."""

    supplier: str
    shipment: int
    minimum: int
    maximum: float
    amount: float
    prices: Mapping[str, float]
    fixed: float
    per_piece: Mapping[str, float]


@dataclass(frozen=True)
class BatchPlan:
    """What to buy: `lines` (`supplier sku quantity unit_price goods needed surplus`, one row a purchase) and the total `cost`.

    `cost` is goods + `freight` less what the surplus is worth.
    """

    lines: pd.DataFrame
    goods: float
    freight: float
    cost: float


def best_batch(
    offers: Sequence[BatchOffer],
    need: Mapping[str, int],
    surplus_value: Mapping[str, float] | float = 0.0,
    *,
    time_limit: float = 20.0,
) -> BatchPlan:
    """The cheapest way to have at least `need` pieces of every SKU from these offers.

    `surplus_value` money a piece beyond the need (below its lowest price), one for all or by SKU. `ValueError` for a need
    below 1 or a surplus worth more than it costs; `OrderError` when nobody offers an SKU that is needed, or when HiGHS finds
    no proven best within `time_limit` seconds.

    Examples
    --------
    Alone neither SKU reaches the 100 pieces for the lower price; mixed they do:

    >>> ladder = PriceLadder.of({20: 5.0, 100: 4.0})
    >>> mixed = BatchOffer("B", {"cup": ladder, "bowl": ladder}, mixed=True, freight_fixed=30)
    >>> plan = best_batch([mixed], {"cup": 60, "bowl": 50})
    >>> plan.cost, plan.lines["quantity"].tolist()
    (470.0, [50, 60])
    """
    wanted = _checked_need(offers, need)
    value = {
        sku: float(surplus_value if isinstance(surplus_value, int | float) else surplus_value.get(sku, 0.0))
        for sku in wanted
    }
    _check_values(offers, value)
    options = [option for number, offer in enumerate(offers) for option in _options(offer, wanted, number * 1000)]
    pieces = [(o, sku) for o, option in enumerate(options) for sku in option.prices]
    found = _solve(options, pieces, wanted, value, time_limit)
    return _plan(options, pieces, found, wanted, value)


def _checked_need(offers: Sequence[BatchOffer], need: Mapping[str, int]) -> dict[str, int]:
    bad = {sku: pieces for sku, pieces in need.items() if pieces != round(pieces) or pieces < 1}
    if bad or not need:
        raise ValueError(
            f"need: whole pieces, 1 or more, by SKU are needed, got {bad or need}; leave out what is not needed"
        )
    nobody = [sku for sku in need if not any(sku in offer.ladders for offer in offers)]
    if nobody:
        raise OrderError("costs.nobody_offers", skus=", ".join(nobody))
    return {sku: int(pieces) for sku, pieces in sorted(need.items())}


def _check_values(offers: Sequence[BatchOffer], value: Mapping[str, float]) -> None:
    for offer in offers:
        for sku, ladder in offer.ladders.items():
            if sku in value and not 0 <= value[sku] < min(ladder.prices):
                raise ValueError(
                    f"surplus_value: of {sku!r} 0 or more and below its lowest price {min(ladder.prices)}, got {value[sku]}"
                )


def _options(offer: BatchOffer, wanted: Mapping[str, int], first: int) -> list[_Option]:
    """Every step of every shipment, with freight paid and, where it can be, free."""
    offered = {sku: ladder for sku, ladder in offer.ladders.items() if sku in wanted}
    shipments = [offered] if offer.mixed and offered else [{sku: ladder} for sku, ladder in offered.items()]
    found = []
    for number, ladders in enumerate(shipments):
        starts = sorted({q for ladder in ladders.values() for q in ladder.quantities})
        least = max(ladder.minimum for ladder in ladders.values()) if not offer.mixed else starts[0]
        for start, following in zip(starts, [*starts[1:], np.inf]):
            if start < least:
                continue
            prices = {sku: float(ladder.price(start)) for sku, ladder in ladders.items() if start >= ladder.minimum}
            shipment = (offer.supplier, first + number, start, following - 1)
            paid = {sku: offer.freight_per_piece.get(sku, 0.0) for sku in prices}
            found.append(_Option(*shipment, offer.minimum_amount, prices, offer.freight_fixed, paid))
            if np.isfinite(offer.free_from) and (offer.freight_fixed or any(paid.values())):
                free = max(offer.free_from, offer.minimum_amount)
                found.append(_Option(*shipment, free, prices, 0.0, dict.fromkeys(prices, 0.0)))
    return found


def _solve(
    options: list[_Option], pieces: list[tuple[int, str]], wanted: pd.Series, value: pd.Series, time_limit: float
) -> np.ndarray:
    """Options used (0 or 1) followed by pieces bought."""
    z, n = len(options), len(pieces)
    most = np.array([_most(options[o], sku, wanted) for o, sku in pieces], float)
    cost = [option.fixed for option in options]
    cost += [options[o].prices[sku] + options[o].per_piece[sku] - value[sku] for o, sku in pieces]
    rows, lower = _constraints(options, pieces, wanted, most)
    result = milp(
        np.array(cost),
        integrality=np.ones(z + n),
        bounds=Bounds(0, np.r_[np.ones(z), most]),
        constraints=LinearConstraint(sparse.csr_array(np.array(rows)), lower, np.inf),
        options={"time_limit": time_limit, "mip_rel_gap": 0.0},
    )
    if result.status != 0:
        raise OrderError("costs.no_proven_batch", problem=result.message)
    return np.rint(result.x).astype(int)


def _most(option: _Option, sku: str, wanted: Mapping[str, int]) -> int:
    """More of an SKU than its need, the option's minimum and what reaches its amount is never bought."""
    return wanted[sku] + option.minimum + int(np.ceil(option.amount / option.prices[sku]))


def _constraints(
    options: list[_Option], pieces: list[tuple[int, str]], wanted: pd.Series, most: np.ndarray
) -> tuple[list[np.ndarray], list[float]]:
    z, n = len(options), len(pieces)
    rows: list[np.ndarray] = []
    lower: list[float] = []

    def add(at: dict[int, float], least: float) -> None:
        row = np.zeros(z + n)
        row[list(at)] = list(at.values())
        rows.append(row)
        lower.append(least)

    for sku, need in wanted.items():
        add({z + k: 1.0 for k, (_, of) in enumerate(pieces) if of == sku}, need)
    for o, option in enumerate(options):
        mine = [(z + k, sku) for k, (at, sku) in enumerate(pieces) if at == o]
        add({at: 1.0 for at, _ in mine} | {o: -float(option.minimum)}, 0.0)
        if np.isfinite(option.maximum):
            add({at: -1.0 for at, _ in mine} | {o: float(option.maximum)}, 0.0)
        if option.amount:
            add({at: option.prices[sku] for at, sku in mine} | {o: -option.amount}, 0.0)
        for at, _ in mine:
            add({o: most[at - z], at: -1.0}, 0.0)
    for shipment in sorted({option.shipment for option in options}):
        add({o: -1.0 for o, option in enumerate(options) if option.shipment == shipment}, -1.0)
    return rows, lower


def _plan(
    options: list[_Option], pieces: list[tuple[int, str]], found: np.ndarray, wanted: pd.Series, value: pd.Series
) -> BatchPlan:
    used, bought = found[: len(options)], found[len(options) :]
    lines = pd.DataFrame(
        [(options[o].supplier, sku, int(q), options[o].prices[sku]) for (o, sku), q in zip(pieces, bought) if q],
        columns=["supplier", "sku", "quantity", "unit_price"],
    ).sort_values(["supplier", "sku"], ignore_index=True)
    lines["goods"] = lines["quantity"] * lines["unit_price"]
    lines["needed"] = lines["sku"].map(wanted)
    lines["surplus"] = lines.groupby("sku")["quantity"].transform("sum") - lines["needed"]
    freight = sum(option.fixed for option, on in zip(options, used) if on)
    freight += sum(options[o].per_piece[sku] * q for (o, sku), q in zip(pieces, bought))
    total = lines.groupby("sku")["quantity"].sum()
    worth = sum(value[sku] * (int(total[sku]) - need) for sku, need in wanted.items())
    goods = float(lines["goods"].sum())
    return BatchPlan(lines, goods, float(freight), goods + float(freight) - worth)
