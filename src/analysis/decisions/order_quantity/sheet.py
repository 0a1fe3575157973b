"""The order sheet: for every offer the best order size, price step and mode, or why no order makes sense."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.decisions.landed_cost import (
    SELLER,
    Customs,
    FreightSources,
    FreightTariff,
    HouseCosts,
    border_factor,
    border_of,
)
from analysis.decisions.offers import Offer, Offers
from analysis.decisions.order_quantity.best import FREE_CARRIAGE, NO_FREIGHT
from analysis.decisions.order_quantity.scan import OrderProblem, ShipmentMode, best_orders, cheapest, check_problem
from analysis.reasons import reason

DAYS_A_YEAR = 365.0
ORDER_COLUMNS = [
    "supplier", "sku", "demand_per_year", "min_quantity", "order_quantity", "transport_mode", "unit_price", "freight",
    "cost_per_piece", "orders_per_year", "days_covered", "next_step", "next_step_extra_per_year", "complete", "note",
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
    customs: Mapping[str, Customs] | None = None,
) -> pd.DataFrame:
    """The best order of every offer whose SKU has demand: `ORDER_COLUMNS`, in order of SKU and cost.

    `demand_per_year` good pieces by SKU; `inverse_yield` E[1 / (1 - p)] by supplier (1 where missing); no order covers more
    than `most_days` of demand. Goods that cross a border are bought at their cost behind it, by the charges in `customs`; where
    these are not known the offer is not complete.
    """
    asked = [offer for offer in offers.offers if float(demand_per_year.get(offer.sku, 0.0)) > 0]
    demand = np.array([float(demand_per_year[offer.sku]) for offer in asked])
    bought = np.array([1.0 if inverse_yield is None else float(inverse_yield.get(o.supplier, 1.0)) for o in asked])
    most = np.maximum(np.floor(demand * bought * most_days / DAYS_A_YEAR), 1.0)
    table = pd.DataFrame(
        {
            "supplier": [offer.supplier for offer in asked],
            "sku": [offer.sku for offer in asked],
            "demand_per_year": demand,
            "min_quantity": [offer.ladder.minimum for offer in asked],
        }
    )
    table["most"], table["bought"] = most, demand * bought
    possible = np.flatnonzero(table["min_quantity"].to_numpy(float) <= most)
    chosen = [asked[at] for at in possible]
    found = (
        _found(chosen, demand[possible], bought[possible], most[possible], freight, costs, customs or {})
        if chosen
        else _NONE
    )
    table = table.join(found.set_axis(possible))
    table["complete"] = table["complete"].eq(True)
    table["orders_per_year"] = table["bought"] / table["order_quantity"]
    table["days_covered"] = DAYS_A_YEAR / table["orders_per_year"]
    table["note"] = [_note(row) for row in table.itertuples()]
    whole = dict.fromkeys(("min_quantity", "order_quantity", "next_step"), "Int64")
    ordered = table.sort_values(["sku", "cost_per_piece", "supplier"], ignore_index=True, na_position="last")
    return ordered[ORDER_COLUMNS].astype(whole)


def _problem(
    offers: list[Offer],
    demand: np.ndarray,
    bought: np.ndarray,
    most: np.ndarray,
    freight: FreightSources,
    costs: HouseCosts,
    landed: np.ndarray,
    clearance: np.ndarray,
) -> OrderProblem:
    """All offers as one problem; an offer is an "SKU" of its own. `landed`: what a unit of money in goods and freight costs behind
    the border, `clearance` an order."""
    steps = [(k, q, p) for k, offer in enumerate(offers) for q, p in zip(offer.ladder.quantities, offer.ladder.prices)]
    sku, quantity, price = (np.array(column) for column in zip(*steps))
    terms = [offer.terms for offer in offers]
    free_from = np.array([np.inf if t is None else 0.0 if "freight" in t.seller_pays else t.free_from for t in terms])
    count = len(offers)
    problem = OrderProblem(
        sku, quantity, price * landed[sku], demand, most, costs.order_cost + clearance, costs.carrying_rate, bought,
        np.ones(count, int), free_from * landed, _shipments(offers, freight, landed),
    )  # fmt: skip
    return check_problem(problem)


def _at_the_border(
    offers: list[Offer], costs: HouseCosts, customs: Mapping[str, Customs]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """`landed` and `clearance` of each offer (1 and 0 inside the country), and whether all charges of its border are known."""
    landed, clearance, known = np.ones(len(offers)), np.zeros(len(offers)), np.ones(len(offers), bool)
    for at, offer in enumerate(offers):
        border = border_of(offer, customs)
        if offer.terms is not None and border is not None:
            landed[at] = border_factor(offer.terms, costs, border)
            clearance[at] = border.clearance if offer.terms.buyer_pays("clearance") else 0.0
        elif offer.terms is not None and offer.terms.enters:
            known[at] = not any(offer.terms.buyer_pays(charge) for charge in ("clearance", "duty", "vat"))
    return landed, clearance, known


def _shipments(offers: list[Offer], freight: FreightSources, landed: np.ndarray) -> tuple[ShipmentMode, ...]:
    """Every tariff with the weights of the offers that can go by it; the first mode stands in where there is nothing to pay or nothing known."""
    unknown = np.full(len(offers), np.nan)
    ways: dict[tuple[Any, ...], tuple[FreightTariff, np.ndarray, np.ndarray]] = {}
    for at, offer in enumerate(offers):
        terms = offer.terms
        known = freight.known_ways(offer.sku, terms) if terms is not None and terms.buyer_pays("freight") else {}
        for plain, weight, volume, _ in known.values():
            tariff = plain.times(float(landed[at]))
            key = (tariff.mode, *tariff.from_kg, *tariff.fixed, *tariff.per_kg)
            _, weights, volumes = ways.setdefault(key, (tariff, unknown.copy(), np.zeros(len(offers))))
            weights[at], volumes[at] = weight, volume
    some = (
        np.any([~np.isnan(weights) for _, weights, _ in ways.values()], axis=0) if ways else np.zeros(len(offers), bool)
    )
    stand_in = ShipmentMode(FREE_CARRIAGE, np.where(some, np.nan, 1.0))
    return (stand_in, *(ShipmentMode(*way) for way in ways.values()))


def _found(
    offers: list[Offer],
    demand: np.ndarray,
    bought: np.ndarray,
    most: np.ndarray,
    freight: FreightSources,
    costs: HouseCosts,
    customs: Mapping[str, Customs],
) -> pd.DataFrame:
    """The best order of every offer, in order, and the price step above it."""
    landed, clearance, border_known = _at_the_border(offers, costs, customs)
    problem = _problem(offers, demand, bought, most, freight, costs, landed, clearance)
    by_step = best_orders(problem, by_step=True)
    best = cheapest(by_step).set_index("place").sort_index()
    free = (best["unit_price"] * best["quantity"] >= problem.free_from).to_numpy()
    stand_in = (best["mode_place"] == 0).to_numpy()
    names = np.array([way.tariff.mode for way in problem.modes])[best["mode_place"]]
    higher = by_step[by_step["unit_price"] < best["unit_price"].reindex(by_step["place"]).to_numpy()]
    higher = higher.sort_values(["place", "step", "cost_per_year"]).drop_duplicates("place").set_index("place")
    return pd.DataFrame(
        {
            "order_quantity": best["quantity"].astype(float),
            "transport_mode": np.select([free, stand_in], [SELLER, NO_FREIGHT], names),
            "unit_price": best["unit_price"] / landed,
            "freight": best["freight"] / landed,
            "cost_per_piece": best["cost_per_piece"],
            "next_step": pd.Series(problem.step_quantity[higher["step"]], index=higher.index, dtype=float),
            "next_step_extra_per_year": higher["cost_per_year"] - best["cost_per_year"].reindex(higher.index),
            "complete": (free | ~stand_in) & border_known,
            "border_known": border_known,
        }
    )


_NONE = pd.DataFrame(
    {name: pd.Series(dtype=float) for name in ("order_quantity", "unit_price", "freight", "cost_per_piece", "next_step", "next_step_extra_per_year")}
    | {"transport_mode": pd.Series(dtype="str"), "complete": pd.Series(dtype=bool), "border_known": pd.Series(dtype=bool)}
)  # fmt: skip
"""No order of any offer."""


def _note(row: Any) -> str:
    """Why there is no order, or what its cost leaves out."""
    if pd.isna(row.order_quantity):
        months = row.min_quantity / row.bought * 12
        return reason("costs.no_sensible_order", minimum=int(row.min_quantity), months=months, most=row.most)
    if row.complete:
        return ""
    return reason("costs.without_freight" if row.border_known else "costs.without_border")
