"""The house's own cost rates: money tied up, inspection, rework, returns, escaped defects, fees, customs, currencies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from analysis.rules import Rules
from analysis.wording import RuleError

HOME = "CNY"
DAYS_A_YEAR = 365.0
"""Interest is counted in days of a 365-day year: 0.0225 % a day is 8.2 % a year."""


@dataclass(frozen=True)
class HouseCosts:
    """What buying and failing cost the house. A cost left out is 0: it is not counted.

    Rates a year: `capital_rate`, `carrying_rate`. Money: `order_cost` an order, `inspection_per_lot`, the rest a piece.
    Shares of the defective pieces *found*: `rework_share`, `return_share`; `refund_share` of the price of a returned piece,
    `escaped_price_share` and `delay_share_per_day` of the purchase price.
    """

    capital_rate: float = 0.0
    carrying_rate: float = 0.0
    order_cost: float = 0.0
    inspection_per_piece: float = 0.0
    inspection_per_lot: float = 0.0
    inspected_share: float = 1.0
    rework_share: float = 0.0
    rework_per_piece: float = 0.0
    return_share: float = 0.0
    return_per_piece: float = 0.0
    refund_share: float = 0.0
    escaped_per_piece: float = 0.0
    escaped_price_share: float = 0.0
    delay_share_per_day: float = 0.0
    sample_fee_credit_share: float = 0.0
    early_payment_per_day: float = 0.0
    early_payment_paid_by: str = "seller"
    buyer_fee_share: float = 0.0
    domestic_rate: float = 0.0
    domestic_minimum: float = 0.0
    cargo_rate: float = 0.0
    uplift: float = 1.10

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name == "early_payment_paid_by":
                if value not in ("seller", "buyer"):
                    raise ValueError(f"early_payment_paid_by: seller or buyer, got {value!r}")
            elif not (np.isfinite(value) and value >= 0):
                raise ValueError(f"{field.name}: finite and 0 or more is needed, got {value}")
            elif field.name in SHARES and value > 1:
                raise ValueError(f"{field.name}: a share lies between 0 and 1 (5 % is 0.05), got {value}")
        if self.rework_share + self.return_share > 1:
            raise ValueError(
                "rework_share, return_share: together at most 1, a piece is put right or sent back, not both; "
                f"got {self.rework_share} and {self.return_share}"
            )

    def escape_cost(self, unit_price: float | np.ndarray) -> float | np.ndarray:
        """What a defective piece costs that reaches a customer."""
        return self.escaped_per_piece + self.escaped_price_share * unit_price


SHARES = (
    "inspected_share",
    "rework_share",
    "return_share",
    "refund_share",
    "sample_fee_credit_share",
    "buyer_fee_share",
)
MONEY = (
    "order_cost", "inspection_per_piece", "inspection_per_lot", "rework_per_piece", "return_per_piece",
    "escaped_per_piece", "domestic_minimum",
)  # fmt: skip


@dataclass(frozen=True)
class Customs:
    """Charges at the border: `duty_rate` of the CIF value, `vat_rate` of (CIF + duty) / (1 - `consumption_tax_rate`).

    `vat_recoverable_share` of the VAT comes back and is no cost; `clearance` is money a shipment.
    """

    duty_rate: float
    vat_rate: float
    consumption_tax_rate: float = 0.0
    vat_recoverable_share: float = 0.0
    clearance: float = 0.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not (np.isfinite(value) and value >= 0):
                raise ValueError(f"{field.name}: finite and 0 or more is needed, got {value}")
        if self.consumption_tax_rate >= 1 or self.vat_recoverable_share > 1:
            raise ValueError("consumption_tax_rate is below 1 and vat_recoverable_share at most 1")

    def duty(self, cif: float | np.ndarray) -> float | np.ndarray:
        """Import duty of goods of this CIF value."""
        return np.multiply(cif, self.duty_rate)

    def taxes(self, cif: float | np.ndarray) -> tuple[float | np.ndarray, float | np.ndarray]:
        """Consumption tax and import VAT: (CIF + duty) / (1 - c) is the value that both are a share of."""
        taxed = np.add(cif, self.duty(cif)) / (1 - self.consumption_tax_rate)
        return taxed * self.consumption_tax_rate, taxed * self.vat_rate


def cif_value(goods_and_freight: float | np.ndarray, cargo_rate: float, uplift: float = 1.10) -> float | np.ndarray:
    """CIF = (goods + freight) / (1 - uplift x rate): the premium is paid on `uplift` times the value that includes it.

    >>> round(float(cif_value(1000.0, 0.003)), 2)
    1003.31
    """
    return np.asarray(goods_and_freight, float) / (1 - uplift * cargo_rate)


def house_costs(rules: Rules, currency: str = HOME) -> HouseCosts:
    """The house's costs in force, money in `currency`; `RuleError` when a rate is missing, out of force or impossible."""
    entries = {**rules["house_costs"], **rules["platform_fees"], **rules["insurance"]}
    known = {field.name for field in fields(HouseCosts)}
    missing = sorted(known - entries.keys())
    if missing:
        raise RuleError("costs.rate_missing", names=", ".join(missing), month=rules.month)
    try:
        costs = HouseCosts(**{name: entries[name] for name in known})
    except (ValueError, TypeError) as error:
        raise RuleError("costs.rate_unusable", problem=error) from error
    factor = exchange(rules, rules["house_costs"].get("currency", HOME), currency)
    return replace(costs, **{name: getattr(costs, name) * factor for name in MONEY})


def customs(rules: Rules, place: str, currency: str = HOME) -> Customs:
    """The customs charges in force for goods that enter `place` ("cn")."""
    entry: Mapping[str, Any] | None = rules["customs"].get(place)
    if not isinstance(entry, dict):
        known = ", ".join(sorted(name for name, found in rules["customs"].items() if isinstance(found, dict)))
        raise RuleError("costs.customs_unknown", place=place, known=known, month=rules.month)
    names = {field.name for field in fields(Customs)}
    try:
        found = Customs(**{name: value for name, value in entry.items() if name in names})
    except (ValueError, TypeError) as error:
        raise RuleError("costs.rate_unusable", problem=error) from error
    return replace(found, clearance=found.clearance * exchange(rules, HOME, currency))


def exchange(rules: Rules, source: str, target: str) -> float:
    """Units of `target` for one unit of `source` currency; `RuleError` for one that no rate in force knows."""
    if source == target:
        return 1.0
    return _in_home(rules, source) / _in_home(rules, target)


def _in_home(rules: Rules, currency: str) -> float:
    if currency == HOME:
        return 1.0
    rate = rules["exchange"].get(currency)
    if not isinstance(rate, int | float) or not rate > 0:
        known = [name for name, value in rules["exchange"].items() if isinstance(value, int | float)]
        raise RuleError("costs.currency_unknown", currency=currency, month=rules.month, known=", ".join([HOME, *known]))
    return float(rate)
