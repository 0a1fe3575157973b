"""Where a lot's freight is known from: past bills of the same SKU and mode, else a tariff and the piece's weight, else nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.decisions.landed_cost.freight_history import (
    COLLECTED,
    SEEN_TIMES,
    UNSTATED,
    FreightHistory,
    fit_freight,
    measured_weights,
)
from analysis.decisions.landed_cost.freight_tariff import FreightTariff, freight_tariffs
from analysis.decisions.landed_cost.house import HOME, exchange
from analysis.decisions.offers import BUYER_PAYS, FreightTerms, Offer
from analysis.rules import Rules

SELLER = "seller"
"""In place of a mode: the price includes the freight, the seller chooses the carrier."""
BORDER_MODES = ("sea", "air")
"""Modes of goods that cross a border."""
MODES = ("express", "truck", "rail")
"""Modes of a purchase inside the country; others count where past orders used them."""


@dataclass(frozen=True)
class KnownFreight:
    """Freight of a lot: its `mode`, the money (None: not known) and how it is known.

    `source`: "terms" (the seller's), "orders" (past bills, `orders` of them), "tariff" or "" when it is not known.
    """

    mode: str
    money: float | None
    source: str = ""
    orders: int = 0
    seen_pieces: float = np.inf
    """The largest lot of its SKU that was billed, where the lot in question is more than `SEEN_TIMES` that."""


@dataclass(frozen=True)
class FreightSources:
    """Everything known of freight: `history` of bills, `tariffs` by mode, `weight_kg` and `volume_m3` a packed piece by SKU."""

    history: FreightHistory
    tariffs: Mapping[str, FreightTariff] = field(default_factory=dict)
    weight_kg: pd.Series = field(default_factory=lambda: pd.Series(dtype=float))
    volume_m3: pd.Series = field(default_factory=lambda: pd.Series(dtype=float))
    modes: tuple[str, ...] = MODES

    def tariff(self, mode: str, sku: str) -> tuple[FreightTariff, float, float, str] | None:
        """Tariff of an SKU by one mode with the weight (or 1 for a piece) and volume to charge, and its source."""
        if (mode, sku) not in self._tariffs:
            self._tariffs[mode, sku] = self._tariff(mode, sku)
        return self._tariffs[mode, sku]

    @cached_property
    def _tariffs(self) -> dict[tuple[str, str], tuple[FreightTariff, float, float, str] | None]:
        """Those asked for: every supplier of an SKU asks for the same."""
        return {}

    def _tariff(self, mode: str, sku: str) -> tuple[FreightTariff, float, float, str] | None:
        sheet = self.tariffs.get(mode)
        days = sheet.transit_days if sheet else 0.0
        learned = None if mode == COLLECTED else self.history.tariff(mode, sku, days)
        if learned is not None:
            return learned, 1.0, 0.0, "orders"
        if mode not in self.tariffs:
            return None
        weight, volume = (float(of.get(sku, np.nan)) for of in (self.weight_kg, self.volume_m3))
        if np.isnan(weight) and not self.tariffs[mode].per_kg.any():
            weight = 1.0  # a trip costs the same whatever it carries
        if np.isnan(weight):
            return None
        return self.tariffs[mode], weight, np.nan_to_num(volume), "tariff"

    def modes_for(self, terms: FreightTerms) -> tuple[str, ...]:
        """Goods to be collected go by the house's van only; a van trip is no way to fetch what a carrier delivers. What crosses a
        border goes by sea or air."""
        if terms.enters:
            return BORDER_MODES
        return (COLLECTED,) if terms.collect else self.modes

    def known_ways(self, sku: str, terms: FreightTerms) -> dict[str, tuple[FreightTariff, float, float, str]]:
        """`tariff` by every mode in which it is known; bills of no stated mode only where there is no other."""
        ways = ((mode, self.tariff(mode, sku)) for mode in self.modes_for(terms))
        known = {mode: way for mode, way in ways if way is not None}
        return known if len(known) == 1 else {mode: way for mode, way in known.items() if mode != UNSTATED}

    def by_mode(self, sku: str, quantity: float, terms: FreightTerms | None) -> dict[str, KnownFreight]:
        """The freight of `quantity` pieces by every mode in which it is known."""
        found = {}
        for mode, (tariff, weight, volume, source) in self.known_ways(sku, terms or BUYER_PAYS).items():
            money = float(tariff.charge(quantity * weight, quantity * volume))
            most = self.history.most_pieces(mode, sku)
            far = source == "orders" and quantity > SEEN_TIMES * most
            found[mode] = KnownFreight(mode, money, source, self.history.orders(mode, sku), most if far else np.inf)
        return found

    def cheapest(self, offer: Offer, quantity: float) -> KnownFreight:
        """The cheapest known way to fetch a lot on the offer's terms; `money` None when nobody knows."""
        if offer.terms is None:
            return KnownFreight("", None)
        if bool(offer.terms.freight_is_free(float(offer.ladder.price(quantity)) * quantity)):
            return KnownFreight(SELLER, 0.0, "terms")
        known = self.by_mode(offer.sku, quantity, offer.terms)
        return min(known.values(), key=lambda way: way.money or 0.0, default=KnownFreight("", None))


def known_freight(tables: Mapping[str, pd.DataFrame], rules: Rules, currency: str = HOME) -> FreightSources:
    """What the canonical `orders` and `inspections` and the tariffs in force tell of freight, in `currency`.

    In a month before the first tariff sheet only past bills tell it; an offer that they do not cover is then marked "cost
    without freight". Weights are those measured at inspections, with the packing's share (`freight.packing_share`) on top.
    """
    history = fit_freight(tables["orders"])
    modes = tuple(dict.fromkeys((*MODES, *history.table["mode"])))
    if "freight" not in rules:
        return FreightSources(history, modes=modes)
    sheet = rules["freight"]
    tariffs = freight_tariffs(rules, exchange(rules, sheet["currency"], currency))
    weights = measured_weights(tables["orders"], tables["inspections"]).set_index("sku")["weight_kg"]
    return FreightSources(history, tariffs, weights * (1 + sheet["packing_share"]), modes=modes)
