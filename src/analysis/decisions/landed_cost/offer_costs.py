"""Each offer at one wanted quantity with its cost: who fetches the goods, what is looked at of the lot, what all of it costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import pandas as pd

from analysis.decisions.inspection_plan import LotInspection
from analysis.decisions.landed_cost.freight_sources import FreightSources, KnownFreight
from analysis.decisions.landed_cost.house import Customs, HouseCosts
from analysis.decisions.landed_cost.lot_costs import LotCosts, Lots
from analysis.decisions.landed_cost.waterfall import GoodPieceCost
from analysis.decisions.offers import BUYER_PAYS, Offer
from analysis.estimates.draws import Draws


@dataclass(frozen=True)
class CostRow:
    """One offer at one wanted quantity with its cost; `looked`: the shares of pieces and of defective ones that are looked at of this lot,
    None: as `house` says."""

    offer: Offer
    wanted: int
    quantity: int
    freight: KnownFreight
    cost: GoodPieceCost
    house: HouseCosts
    looked: tuple[float, float] | None = None

    @property
    def costs(self) -> HouseCosts:
        """The house's, with what is looked at of this lot."""
        return self.house if self.looked is None else self.house.with_looks(*self.looked)


def cost_rows(
    asked: Sequence[tuple[Offer, int]],
    defects: Draws,
    times: Draws | None,
    freight: FreightSources,
    costs: HouseCosts,
    customs: Mapping[str, Customs],
    inspection: LotInspection | None = None,
) -> list[CostRow]:
    """Each offer's cost at the pieces wanted of it (`make_cost_sheet`); what is looked at is found once for offers of one supplier that follow each other."""
    if not asked:
        return []
    lots = [(offer, wanted, max(wanted, offer.ladder.minimum)) for offer, wanted in asked]
    suppliers = pd.Index([offer.supplier for offer, _ in asked])
    names, of = suppliers.unique(), suppliers.unique().get_indexer(suppliers)
    rates = _draws_of(defects, names)
    looks = [
        look
        for supplier, own in groupby(range(len(lots)), of.__getitem__)
        for look in _looks([lots[at] for at in own], rates[supplier], costs, inspection)
    ]
    ways = [freight.cheapest(offer, quantity) for offer, _, quantity in lots]
    pieces, defective = np.array([look or (costs.inspected_share, 1.0) for look in looks]).T
    reckoned = Lots(
        quantity=np.array([quantity for _, _, quantity in lots], float),
        price=np.array([float(offer.ladder.price(quantity)) for offer, _, quantity in lots]),
        list_price=np.array([offer.ladder.list_price for offer, _ in asked]),
        freight=np.array([np.nan if way.money is None else way.money for way in ways], float)[:, None],
        promised_days=np.array([offer.lead_time_days for offer, _ in asked], float),
        sample_fee=np.array([offer.sample_fee for offer, _ in asked], float),
        inspected_share=pieces,
        found_share=costs.found_share * defective,
        terms=[offer.terms or BUYER_PAYS for offer, _ in asked],  # not known: nor is the freight then
        payments=[offer.payment for offer, _ in asked],
        borders=[border_of(offer, customs) for offer, _ in asked],
        supplier=of,
        rates=rates,
        days=np.full((len(names), 1), np.nan) if times is None else _draws_of(times, names),
    )
    made = LotCosts.of(reckoned, costs)
    return [
        CostRow(*lot, way, GoodPieceCost(made, at), costs, look)
        for at, (lot, way, look) in enumerate(zip(lots, ways, looks))
    ]


def draws_of(costs: Sequence[GoodPieceCost]) -> np.ndarray:
    """Cost a good piece in each draw, (costs, draws), lots that were reckoned together at once."""
    parts = [(lots, places, lots.draws(at)) for lots, places, at in reckoned_together(costs)]
    found = np.empty((len(costs), max((draws.shape[1] for _, _, draws in parts), default=1)))
    for _, places, draws in parts:
        found[places] = draws
    return found


def reckoned_together(costs: Sequence[GoodPieceCost]) -> Iterator[tuple[LotCosts, np.ndarray, np.ndarray]]:
    """The lots, the places among `costs` of those that are of them, and their places among the lots."""
    found: dict[int, list[int]] = {}
    for place, cost in enumerate(costs):
        found.setdefault(id(cost.lots), []).append(place)
    for places in found.values():
        yield costs[places[0]].lots, np.array(places), np.array([costs[place].at for place in places])


def _looks(
    lots: Sequence[tuple[Offer, int, int]],
    rates: np.ndarray,
    costs: HouseCosts,
    inspection: LotInspection | None,
) -> Sequence[tuple[float, float] | None]:
    """What will be looked at of each lot of one supplier; None: as `costs` say."""
    if inspection is None or np.isnan(rates).any():
        return [None] * len(lots)
    sizes = [quantity for _, _, quantity in lots]
    escapes = [float(costs.escape_cost(float(offer.ladder.price(quantity)))) for offer, _, quantity in lots]
    return inspection.shares(
        sizes, rates, costs.inspection_per_piece, escapes, skus=[offer.sku for offer, _, _ in lots]
    )


def border_of(offer: Offer, customs: Mapping[str, Customs]) -> Customs | None:
    """The customs charges of an offer; None where it crosses no border, or one that nobody knows the charges of."""
    return None if offer.terms is None else customs.get(offer.terms.enters)


def _draws_of(draws: Draws, suppliers: pd.Index) -> np.ndarray:
    """(suppliers, draws), NaN for who has none."""
    found = draws.of(suppliers)
    return np.where(np.isnan(found).any(axis=1, keepdims=True), np.nan, found)
