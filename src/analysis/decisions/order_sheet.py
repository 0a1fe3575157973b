"""The order sheet: for every offer the best order size, price step and mode, or why no order makes sense."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.decisions.freight_sources import FreightSources
from analysis.decisions.house_costs import HouseCosts
from analysis.decisions.incoterms import BUYER_PAYS, FreightTerms
from analysis.decisions.offers import Offer, Offers
from analysis.decisions.order_quantity import BestOrder, OrderError, best_order
from analysis.wording import LANGUAGES, say

DAYS_A_YEAR = 365.0
ORDER_COLUMNS = [
    "supplier", "sku", "demand_per_year", "min_quantity", "order_quantity", "transport_mode", "unit_price", "freight",
    "cost_per_piece", "orders_per_year", "days_covered", "next_step", "next_step_extra_per_year", "complete", "note", "note_zh",
]  # fmt: skip
"""`cost_per_piece`: goods, freight, order cost and stock, a good piece. `next_step`: the price step above the best one, and what
ordering there would cost more a year. `complete` False: freight is not known and not in the sum, or there is no order."""


def order_sizes(
    offers: Offers,
    demand_per_year: pd.Series,
    freight: FreightSources,
    costs: HouseCosts,
    inverse_yield: pd.Series | None = None,
    most_days: float = DAYS_A_YEAR,
) -> pd.DataFrame:
    """The best order of every offer whose SKU has demand: `ORDER_COLUMNS`, in order of SKU and cost.

    `demand_per_year` good pieces by SKU; `inverse_yield` E[1 / (1 - p)] by supplier (1 where missing); no order covers more
    than `most_days` of demand.
    """
    rows = []
    for offer in offers.offers:
        demand = float(demand_per_year.get(offer.sku, np.nan))
        if demand > 0:
            bought = 1.0 if inverse_yield is None else float(inverse_yield.get(offer.supplier, 1.0))
            most = max(np.floor(demand * bought * most_days / DAYS_A_YEAR), 1.0)
            rows.append(_row(offer, demand, bought, most, freight, costs))
    table = pd.DataFrame(rows, columns=ORDER_COLUMNS).astype({"order_quantity": "Int64", "min_quantity": "Int64", "next_step": "Int64"})
    return table.sort_values(["sku", "cost_per_piece", "supplier"], ignore_index=True, na_position="last")


def _row(offer: Offer, demand: float, inverse_yield: float, most: float, freight: FreightSources, costs: HouseCosts) -> dict:
    row = {"supplier": offer.supplier, "sku": offer.sku, "demand_per_year": demand, "min_quantity": offer.ladder.minimum}
    known = [] if offer.terms is None else _tariffs(offer, offer.terms, freight)
    try:
        best = best_order(
            offer.ladder, demand, freight=[tariff for tariff, _, _ in known],
            weight_kg={tariff.mode: weight for tariff, weight, _ in known},
            volume_m3={tariff.mode: volume for tariff, _, volume in known},
            terms=offer.terms or BUYER_PAYS, order_cost=costs.order_cost, carrying_rate=costs.carrying_rate,
            inverse_yield=inverse_yield, most=most,
        )  # fmt: skip
    except OrderError as error:
        return row | {"order_quantity": None, "complete": False, "note": error.text("en"), "note_zh": error.text("zh")}
    return row | _told(best, offer, demand * inverse_yield)


def _tariffs(offer: Offer, terms: FreightTerms, freight: FreightSources) -> list[tuple]:
    """Tariff, weight and volume of a piece by every known mode; goods to be collected go by van only, others never do."""
    ways = (freight.tariff(mode, offer.sku) for mode in freight.modes_for(terms))
    return [way[:3] for way in ways if way is not None]


def _told(best: BestOrder, offer: Offer, bought: float) -> dict:
    above = best.alternatives[best.alternatives["unit_price"] < best.unit_price]
    higher = above.sort_values(["min_quantity", "cost_per_year"]).head(1)
    notes = {language: "" if best.complete else say("costs.without_freight", language) for language in LANGUAGES}
    return {
        "order_quantity": best.quantity, "transport_mode": best.mode, "unit_price": best.unit_price, "freight": best.freight,
        "cost_per_piece": best.cost_per_piece, "orders_per_year": best.orders_per_year,
        "days_covered": best.quantity / bought * DAYS_A_YEAR,
        "next_step": int(higher["min_quantity"].iloc[0]) if len(higher) else None,
        "next_step_extra_per_year": float(higher["extra_per_year"].iloc[0]) if len(higher) else np.nan,
        "complete": best.complete, "note": notes["en"], "note_zh": notes["zh"],
    }  # fmt: skip
