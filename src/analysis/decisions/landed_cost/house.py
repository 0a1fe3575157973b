"""The house's own cost rates: money tied up, inspection, rework, returns, escaped defects, fees, customs, currencies."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Annotated, Any, Literal

import numpy as np

from analysis.allowed import Money, Number, Rate, Share, Text, allowed_of
from analysis.decisions.offers import FreightTerms
from analysis.errors import RuleError
from analysis.estimates.defect_rate import FoundShare
from analysis.rules import ABOUT, Rules

HOME = "CNY"
DAYS_A_YEAR = 365.0
"""Interest is counted in days of a 365-day year: 0.0225 % a day is 8.2 % a year."""


@dataclass(frozen=True)
class HouseCosts:
    """What buying and failing cost the house: sections `house_costs`, `platform_fees` and `insurance` of the rates.

    Rates a year: `capital_rate`, `carrying_rate`. Money: `order_cost` an order, `inspection_per_lot`, the rest a piece.
    `inspected_share` of a lot's pieces are looked at, and `found_share` of its defective ones found: of every piece looked at in the
    rates, of one lot by the plan for it (`with_looks`). Shares of the defective pieces *found*: `rework_share`, `return_share`; `refund_share` of the price of a returned piece,
    `escaped_price_share` and `delay_share_per_day` of the purchase price.
    """

    capital_rate: Annotated[float, Number(0, 10)]
    carrying_rate: Annotated[float, Number(0, 10, above=True)]
    order_cost: Money
    inspection_per_piece: Money
    inspection_per_lot: Money
    inspected_share: Share
    found_share: Share
    rework_share: Share
    rework_per_piece: Money
    return_share: Share
    return_per_piece: Money
    refund_share: Share
    escaped_per_piece: Money
    escaped_price_share: Rate
    delay_share_per_day: Share
    sample_fee_credit_share: Share
    early_payment_per_day: Share
    early_payment_paid_by: Literal["seller", "buyer"]
    buyer_fee_share: Share
    domestic_rate: Share
    domestic_minimum: Money
    cargo_rate: Annotated[float, Number(0, 0.2)]
    uplift: Annotated[float, Number(0, 4)]

    @classmethod
    def counting(cls, **costs: Any) -> HouseCosts:
        """Only the `costs` named are counted; every piece is looked at, as many defectives are found as pieces are looked at, and a
        seller that is paid early bears the fee."""
        nothing: dict[str, Any] = {field.name: 0.0 for field in fields(cls)}
        looked = {"inspected_share": 1.0, "found_share": costs.get("inspected_share", 1.0)}
        return cls(**nothing | looked | {"early_payment_paid_by": "seller"} | costs)

    def __post_init__(self) -> None:
        if self.rework_share + self.return_share > 1:
            raise RuleError("rules.rework_and_return", rework=self.rework_share, returned=self.return_share)

    def with_looks(self, pieces: float, defectives: float) -> HouseCosts:
        """Costs of a lot of which these shares of pieces and of defective pieces are looked at; the eye misses as many as ever."""
        return replace(self, inspected_share=pieces, found_share=self.found_share * defectives)

    def escape_cost(self, unit_price: float | np.ndarray) -> float | np.ndarray:
        """What a defective piece costs that reaches a customer."""
        return self.escaped_per_piece + self.escaped_price_share * unit_price


PLATFORM = ("early_payment_per_day", "early_payment_paid_by", "buyer_fee_share")
INSURANCE = ("domestic_rate", "domestic_minimum", "cargo_rate", "uplift")
MONEY = (
    "order_cost", "inspection_per_piece", "inspection_per_lot", "rework_per_piece", "return_per_piece",
    "escaped_per_piece", "domestic_minimum",
)  # fmt: skip


@dataclass(frozen=True)
class Customs:
    """Charges at the border: `duty_rate` of the CIF value, `vat_rate` of (CIF + duty) / (1 - `consumption_tax_rate`).

    `vat_recoverable_share` of the VAT comes back and is no cost; `clearance` is money a shipment.
    """

    duty_rate: Rate
    vat_rate: Share
    consumption_tax_rate: Annotated[float, Number(0, 1, below=True)]
    vat_recoverable_share: Share
    clearance: Money

    def duty(self, cif: float | np.ndarray) -> float | np.ndarray:
        """Import duty of goods of this CIF value."""
        return np.multiply(cif, self.duty_rate)

    def taxes(self, cif: float | np.ndarray) -> tuple[float | np.ndarray, float | np.ndarray]:
        """Consumption tax and import VAT: (CIF + duty) / (1 - c) is the value that both are a share of."""
        taxed = np.add(cif, self.duty(cif)) / (1 - self.consumption_tax_rate)
        return taxed * self.consumption_tax_rate, taxed * self.vat_rate

    def charges(self, value: float | np.ndarray, terms: FreightTerms, costs: HouseCosts) -> dict[str, Any]:
        """What the buyer pays on goods and freight worth `value`: `insurance clearance duty vat`, by who pays what."""
        premium = insurance(value, terms, costs)
        cif = np.add(value, premium)
        consumption, vat = self.taxes(cif)
        return {
            "insurance": premium,
            "clearance": self.clearance if terms.buyer_pays("clearance") else 0.0,
            "duty": self.duty(cif) + consumption if terms.buyer_pays("duty") else 0.0,
            "vat": vat * (1 - self.vat_recoverable_share) if terms.buyer_pays("vat") else 0.0,
        }


def insurance(value: float | np.ndarray, terms: FreightTerms, costs: HouseCosts) -> float | np.ndarray:
    """Premium of cargo worth `value` (goods and freight) that crosses a border; 0 where the seller insures or bears the risk."""
    return cif_value(value, costs.cargo_rate, costs.uplift) - value if terms.buyer_pays("insurance") else 0.0 * value


def premium(
    goods: float | np.ndarray, freight: float | np.ndarray, terms: FreightTerms, crosses: bool, costs: HouseCosts
) -> float | np.ndarray:
    """What insuring goods costs the buyer: of goods and freight where a border is crossed, else the carrier's 保价 of the goods, none at
    a rate of 0 (nobody insures); 0 where the seller insures or bears the risk."""
    if crosses:
        return insurance(np.add(goods, freight), terms, costs)
    if not costs.domestic_rate or not terms.buyer_pays("insurance"):
        return np.multiply(goods, 0.0)
    return np.maximum(np.multiply(goods, costs.domestic_rate), costs.domestic_minimum)


def border_factor(terms: FreightTerms, costs: HouseCosts, border: Customs) -> float:
    """What a unit of money in goods and freight costs behind the border, clearance apart: all other charges are shares of it."""
    charges = border.charges(1.0, terms, costs)
    return float(1.0 + charges["insurance"] + charges["duty"] + charges["vat"])


def cif_value(goods_and_freight: float | np.ndarray, cargo_rate: float, uplift: float) -> float | np.ndarray:
    """CIF = (goods + freight) / (1 - uplift x rate): the premium is paid on `uplift` times the value that includes it.

    >>> round(float(cif_value(1000.0, 0.003, 1.10)), 2)
    1003.31
    """
    return np.asarray(goods_and_freight, float) / (1 - uplift * cargo_rate)


def house_costs(rules: Rules, currency: str = HOME) -> HouseCosts:
    """The house's costs in force with every piece looked at, money in `currency`; `RuleError` when a rate is missing, out of force or impossible.

    Looks find the share that past ones found (`missed_defects`); only entries from before 2026-11 state one of their own.
    """
    asked = (
        *PLATFORM,
        *INSURANCE,
        "inspected_share",
        *(() if "found_share" in rules["house_costs"] else ("found_share",)),
    )
    own = [field.name for field in fields(HouseCosts) if field.name not in asked]
    house, insurance = (
        _in_currency(rules, section, names, currency)
        for section, names in (("house_costs", own), ("insurance", INSURANCE))
    )
    house = {"found_share": rules.read("missed_defects", FoundShare).found_share} | house
    fees = rules["platform_fees"].checked({name: allowed_of(HouseCosts)[name] for name in PLATFORM})
    try:
        return HouseCosts(inspected_share=1.0, **house, **insurance, **fees)
    except RuleError as error:
        rules["house_costs"].refuse_with(error)


def _in_currency(rules: Rules, section: str, names: Iterable[str], currency: str) -> dict[str, Any]:
    """The section's values, its money in `currency`."""
    allowed = {name: allowed_of(HouseCosts)[name] for name in names}
    found = rules[section].checked({**allowed, "currency": Text()})
    factor = exchange(rules, found.pop("currency"), currency)
    return {name: value * factor if name in MONEY else value for name, value in found.items()}


def known_customs(rules: Rules, currency: str = HOME) -> dict[str, Customs]:
    """The customs charges in force by territory that goods enter ("cn"); none in a month before the first of them."""
    if "customs" not in rules:
        return {}
    found = {place: table.read(Customs) for place, table in rules["customs"].tables().items()}
    return {place: replace(of, clearance=of.clearance * exchange(rules, HOME, currency)) for place, of in found.items()}


def exchange(rules: Rules, source: str, target: str) -> float:
    """Units of `target` for one unit of `source` currency; `RuleError` for one that no rate in force knows."""
    if source == target:
        return 1.0
    return _in_home(rules, source) / _in_home(rules, target)


def exchange_rates(rules: Rules) -> dict[str, float]:
    """CNY for one unit of each currency in force."""
    section = rules["exchange"]
    return section.checked({name: Number(0, 1e9, above=True) for name in section if name not in ABOUT})


def _in_home(rules: Rules, currency: str) -> float:
    if currency == HOME:
        return 1.0
    rates = exchange_rates(rules)
    rate = rates.get(currency)
    if rate is None:
        known = list(rates)
        raise RuleError("costs.currency_unknown", currency=currency, month=rules.month, known=", ".join([HOME, *known]))
    return float(rate)
