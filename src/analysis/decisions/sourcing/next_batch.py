"""The next order from a supplier whose minimum is too much of one SKU: all its SKUs in one mixed batch (混批), or each alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from analysis.decisions.landed_cost import FreightSources
from analysis.decisions.offers import BUYER_PAYS, Offer, PriceLadder
from analysis.decisions.order_quantity import BatchOffer, BatchPlan, best_batch
from analysis.decisions.purchase_plan import supplied
from analysis.decisions.sourcing.basis import PurchaseInputs
from analysis.estimates.defect_rate import pieces_for_a_good_one
from analysis.months import DAYS_A_MONTH

SHARE_OF_COVER = 0.5
"""Of the longest cover that the house wants, what a batch is made for: low stock, high turnover."""

BATCH_COLUMNS = [
    "supplier", "minimum_days", "mixes", "batch_skus", "batch_days", "batch_pieces", "batch_cost", "batch_freight",
    "alone_pieces", "alone_cost",
]  # fmt: skip


def next_batches(
    basis: PurchaseInputs, suppliers: Iterable[str], plan: pd.DataFrame, longest_days: float
) -> pd.DataFrame:
    """What each of `suppliers` would be asked for next: `BATCH_COLUMNS`, one row a supplier that the `plan` buys an SKU from.

    `minimum_days`: days of demand that its minimum order of one SKU covers at most. Where that is more than `longest_days`
    and such an SKU may be mixed with others (`mixes`), a mixed batch of these `batch_skus` SKUs: good pieces for `batch_days`
    of demand, half of `longest_days`, or as many as its minimum order takes or a price step that makes the whole batch
    cheaper; else NaN, also where the minimum takes more than `longest_days`. `alone_*`: the same need with every SKU ordered
    alone. Money is goods and freight; `batch_freight` is NaN where freight is not known and so not in the sums.
    """
    bought = set(supplied(plan)[["supplier", "sku"]].itertuples(index=False, name=None))
    rows = [_next_batch(name, _planned(basis, name, bought), basis, longest_days) for name in dict.fromkeys(suppliers)]
    table = pd.DataFrame([row for row in rows if row], columns=BATCH_COLUMNS)
    whole = dict.fromkeys(("batch_skus", "batch_pieces", "alone_pieces"), "Int64")
    numbers = dict.fromkeys(("minimum_days", "batch_days", "batch_cost", "batch_freight", "alone_cost"), float)
    return table.astype({"supplier": "str", "mixes": bool, **whole, **numbers})


def _planned(basis: PurchaseInputs, supplier: str, bought: Set[tuple[str, str]]) -> list[Offer]:
    """The supplier's offers for what the plan buys from it."""
    return [of for of in basis.offers.offers if of.supplier == supplier and (of.supplier, of.sku) in bought]


def _next_batch(supplier: str, offers: Sequence[Offer], basis: PurchaseInputs, longest_days: float) -> dict[str, Any]:
    """The row of one supplier; empty where the plan buys nothing from it."""
    if not offers:
        return {}
    cover = [DAYS_A_MONTH * of.ladder.minimum / float(basis.lasting[of.sku]) for of in offers]
    mixing = [of for of in offers if of.mixed_batch]
    mixes = len(mixing) > 1 and any(of.mixed_batch for of, days in zip(offers, cover) if days > longest_days)
    row = {"supplier": supplier, "minimum_days": max(cover), "mixes": mixes}
    if not mixes:
        return row
    return row | _mixed_or_alone(mixing, pieces_a_day(basis, supplier, mixing), basis.freight, longest_days)


def pieces_a_day(basis: PurchaseInputs, supplier: str, offers: Sequence[Offer]) -> pd.Series:
    """Pieces to buy of a supplier for a day's demand of each SKU while they are sold, the defective ones on top; index SKU."""
    demand = pd.Series({of.sku: float(basis.lasting[of.sku]) for of in offers})
    return demand * _bought(basis, supplier) / DAYS_A_MONTH


def _bought(basis: PurchaseInputs, supplier: str) -> float:
    """Pieces bought for a good one, E[1 / (1 - p)]; 1 where nothing is known of anybody's defect rate."""
    rates = basis.defect_rates.of(pd.Index([supplier]))[0]
    return 1.0 if np.isnan(rates).any() else float(pieces_for_a_good_one(rates).mean())


def _mixed_or_alone(
    offers: Sequence[Offer], a_day: pd.Series, freight: FreightSources, longest_days: float
) -> dict[str, Any]:
    """The least costly batch of those worth a look, and its need ordered SKU by SKU; empty where none is short enough."""
    found = []
    for days in _lengths(offers, a_day.sum(), longest_days):
        need = {sku: int(pieces) for sku, pieces in np.ceil(a_day * days - 1e-9).items()}
        offer, known = _batch_offer(offers, need, freight)
        found.append((days, need, offer, known, _one_shipment(offer, need)))
    if not found:
        return {}
    days, need, offer, known, mixed = min(found, key=lambda batch: batch[-1].cost)
    alone = [best_batch([replace(offer, ladders={sku: of})], {sku: need[sku]}) for sku, of in offer.ladders.items()]
    return {
        "batch_skus": len(offers), "batch_days": days, "batch_pieces": _pieces(mixed), "batch_cost": mixed.cost,
        "batch_freight": mixed.freight if known else np.nan,
        "alone_pieces": sum(map(_pieces, alone)), "alone_cost": sum(plan.cost for plan in alone),
    }  # fmt: skip


def _lengths(offers: Sequence[Offer], pieces_a_day: float, longest_days: float) -> list[float]:
    """Days of demand worth a look, shortest first: half the longest cover or what the minimum takes, and what reaches each
    price step above."""
    shortest = shortest_batch(offers, pieces_a_day, longest_days)
    steps = {q / pieces_a_day for of in offers for q in of.ladder.quantities}
    return [days for days in sorted({shortest, *steps}) if shortest <= days <= longest_days]


def shortest_batch(offers: Sequence[Offer], pieces_a_day: float, longest_days: float) -> float:
    """Days of demand that a mixed batch is for at least: half the longest cover, or what the largest minimum takes."""
    return max(SHARE_OF_COVER * longest_days, max(of.ladder.minimum for of in offers) / pieces_a_day)


def _one_shipment(offer: BatchOffer, need: Mapping[str, int]) -> BatchPlan:
    """The need as one shipment, at the price of all its pieces: no SKU is stocked up on to reach a price or free freight."""
    pieces = sum(need.values())
    ladders = {sku: PriceLadder((1,), (float(ladder.price(pieces)),)) for sku, ladder in offer.ladders.items()}
    plan = best_batch([replace(offer, ladders=ladders, free_from=np.inf)], need)
    return replace(plan, freight=0.0, cost=plan.goods) if plan.goods >= offer.free_from else plan


def _pieces(plan: BatchPlan) -> int:
    return int(plan.lines["quantity"].sum())


def _batch_offer(offers: Sequence[Offer], need: Mapping[str, int], freight: FreightSources) -> tuple[BatchOffer, bool]:
    """The supplier's offers as one that mixes, and whether all of its freight is known; what is not known is left out."""
    lines = {of.sku: _freight_line(of, need[of.sku], freight) for of in offers}
    fixed, each = zip(*lines.values())
    free_from = max(
        (of.terms.free_from for of in offers if of.terms and of.terms.buyer_pays("freight")), default=np.inf
    )
    per_piece = {sku: float(np.nan_to_num(money)) for sku, money in zip(lines, each)}
    ladders = {of.sku: of.ladder for of in offers}
    offer = BatchOffer(
        offers[0].supplier, ladders, mixed=True, freight_fixed=float(np.nan_to_num(fixed).max()),
        freight_per_piece=per_piece, free_from=free_from,
    )  # fmt: skip
    return offer, not np.isnan(each).any()


def _freight_line(offer: Offer, pieces: int, freight: FreightSources) -> tuple[float, float]:
    """Freight as money a shipment and money a piece: the line through the cheapest freight of `pieces` and of twice as many.

    NaN where nobody knows it.
    """
    if offer.terms is not None and not offer.terms.buyer_pays("freight"):
        return 0.0, 0.0
    terms = BUYER_PAYS if offer.terms is None else offer.terms
    once, twice = (freight.by_mode(offer.sku, n, terms).values() for n in (pieces, 2 * pieces))
    if offer.terms is None or not once:
        return np.nan, np.nan
    small, large = (min(float(way.money or 0.0) for way in ways) for ways in (once, twice))
    each = max(large - small, 0.0) / pieces
    return max(small - each * pieces, 0.0), each
