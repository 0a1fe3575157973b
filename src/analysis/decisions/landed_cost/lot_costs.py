"""Costs of many lots at once: each component is money that is fixed and money for each unit of what is drawn for the lot.

    money = fixed + factor x units,     units: the defect rate, the days until the arrival, or those of them after the promise

so that thousands of lots are whole columns, and the draws behind a lot are reckoned where somebody asks for them. An amount that nobody
knows is NaN, named in `LotCosts.unknown`, and left out of the sums: it is never taken for zero.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from analysis.decisions.landed_cost.house import DAYS_A_YEAR, Customs, HouseCosts, premium
from analysis.decisions.offers import FreightTerms, PaymentTerms
from analysis.estimates.defect_rate import pieces_for_a_good_one

COMPONENTS = (
    "list_price", "price_step", "sample_fee_credit", "freight", "insurance", "duty", "vat", "clearance", "platform_fee",
    "order_cost", "inspection", "financing", "rework", "returns", "refunds", "escaped_defects", "delay",
)  # fmt: skip
"""The bars of the waterfall in order; `yield_loss` follows them: the same money over fewer, good pieces."""
WAY = ("freight", "insurance", "clearance", "duty", "vat")
"""What bringing the goods costs."""
DAYS, RATE, LATE = "days", "rate", "late"
COUNTED_BY = {
    "financing": DAYS,
    **dict.fromkeys(("rework", "returns", "refunds", "escaped_defects"), RATE),
    "delay": LATE,
}
"""The units of the components that are not fixed alone."""
FEW = 8
"""Lots reckoned at a time: their draws stay in the processor's cache."""


@dataclass(frozen=True)
class Lots:
    """What n lots are: numbers (n,), `freight` (n, 1) or one a draw, NaN where nobody knows it.

    `price` a piece at the quantity, `list_price` before any discount for it; `promised_days` NaN: no promise, no lateness. `inspected_share` of
    the pieces are looked at and `found_share` of the defective ones found. `supplier`: each lot's row of `rates` and `days` (suppliers, draws), both NaN where
    they are not known.
    """

    quantity: np.ndarray
    price: np.ndarray
    list_price: np.ndarray
    freight: np.ndarray
    promised_days: np.ndarray
    sample_fee: np.ndarray
    inspected_share: np.ndarray
    found_share: np.ndarray
    terms: Sequence[FreightTerms]
    payments: Sequence[PaymentTerms]
    borders: Sequence[Customs | None]
    supplier: np.ndarray
    rates: np.ndarray
    days: np.ndarray


@dataclass(frozen=True)
class LotCosts:
    """What n `lots` cost: `fixed` money by component (n, 1) or one a draw, `factors` a unit (n,), and `lost`, the share of the defective pieces that
    never becomes a good one."""

    lots: Lots
    fixed: Mapping[str, np.ndarray]
    factors: Mapping[str, np.ndarray]
    lost: np.ndarray

    @classmethod
    def of(cls, lots: Lots, costs: HouseCosts) -> LotCosts:
        """By the house's `costs`; its shares of what is looked at are those of the lots."""
        goods = lots.price * lots.quantity
        no_rate, no_days = (np.isnan(of).any(axis=1)[lots.supplier] for of in (lots.rates, lots.days))
        listed = lots.list_price * lots.quantity
        fixed = {
            "list_price": listed,
            "price_step": goods - listed,
            "sample_fee_credit": -lots.sample_fee * costs.sample_fee_credit_share,
            "order_cost": np.full(goods.shape, costs.order_cost),
            "inspection": costs.inspection_per_lot + costs.inspection_per_piece * lots.inspected_share * lots.quantity,
        }
        paid, financing = _payment(lots.payments, goods, no_days, costs)
        late = np.where(np.isnan(lots.promised_days), 0.0, costs.delay_share_per_day * goods)
        factors = {"financing": financing, "delay": np.where(no_days & (late != 0), np.nan, late)}
        failing = _failing(lots, costs)
        factors |= {name: np.where(no_rate, np.nan, money) for name, money in failing.items()}
        columns = {name: money[:, None] for name, money in (fixed | paid).items()}
        lost = np.where(no_rate, 0.0, 1 - lots.found_share * costs.rework_share)
        return cls(lots, columns | _way(lots, goods, costs), factors, lost)

    def __len__(self) -> int:
        return len(self.lots.quantity)

    @cached_property
    def unknown(self) -> np.ndarray:
        """Components that nobody knows, (n, `COMPONENTS`)."""
        found = np.zeros((len(self), len(COMPONENTS)), bool)
        for place, name in enumerate(COMPONENTS):
            for of in (self.fixed, self.factors):
                if name in of:
                    found[:, place] |= np.isnan(of[name].reshape(len(self), -1)).any(axis=1)
        return found

    @cached_property
    def no_rate(self) -> np.ndarray:
        """Lots whose defect rate is not known, (n,)."""
        return np.isnan(self.lots.rates).any(axis=1)[self.lots.supplier]

    @cached_property
    def complete(self) -> np.ndarray:
        """Lots of which nothing is unknown, (n,)."""
        return ~(self.unknown.any(axis=1) | self.no_rate)

    def draws(self, at: np.ndarray) -> np.ndarray:
        """Cost a good piece in each draw of the lots `at`, (lots, draws), without what nobody knows."""
        parts = [self._draws(at[start : start + FEW]) for start in range(0, len(at), FEW)]
        return np.concatenate(parts) if len(parts) > 1 else parts[0]

    def _draws(self, at: np.ndarray) -> np.ndarray:
        rate, total = self.units(RATE, at), self._fixed[at]
        for name in (DAYS, RATE, LATE):
            if (factor := self._factor[name][at]).any():
                total = total + factor[:, None] * (rate if name == RATE else self.units(name, at))
        return total * pieces_for_a_good_one(self.lost[at, None] * rate) / self.lots.quantity[at, None]

    def units(self, name: str, at: np.ndarray) -> np.ndarray:
        """What the components of `COUNTED_BY` are counted by, of the lots `at`; 0 where it is not known."""
        if name == RATE:
            return self._rates[self.lots.supplier[at]]
        days = self._days[self.lots.supplier[at]]
        return days if name == DAYS else np.maximum(days - np.nan_to_num(self.lots.promised_days[at, None]), 0.0)

    @cached_property
    def _rates(self) -> np.ndarray:
        return np.nan_to_num(self.lots.rates)

    @cached_property
    def _days(self) -> np.ndarray:
        return np.nan_to_num(self.lots.days)

    @cached_property
    def expected(self) -> dict[str, np.ndarray]:
        """Expected money of each lot by component, (n,); NaN where nobody knows it."""
        means = {units: self._mean_units(units) for units in (DAYS, RATE, LATE)}
        nothing = np.zeros(len(self))
        found = {name: self.fixed[name].mean(axis=1) if name in self.fixed else nothing for name in COMPONENTS}
        return found | {name: found[name] + factor * means[COUNTED_BY[name]] for name, factor in self.factors.items()}

    def _mean_units(self, name: str) -> np.ndarray:
        if name != LATE:
            return (self._rates if name == RATE else self._days).mean(axis=1)[self.lots.supplier]
        found, late = np.zeros(len(self)), np.flatnonzero(self._factor[LATE])
        for start in range(0, len(late), FEW):
            found[late[start : start + FEW]] = self.units(LATE, late[start : start + FEW]).mean(axis=1)
        return found

    @cached_property
    def _fixed(self) -> np.ndarray:
        """All that is fixed and known, (n, 1) or one a draw."""
        return sum((np.where(self.unknown[:, [place]], 0.0, self.fixed[name]) for place, name in enumerate(COMPONENTS) if name in self.fixed), np.zeros((len(self), 1)))  # fmt: skip

    @cached_property
    def _factor(self) -> dict[str, np.ndarray]:
        """All that is known of each kind of units, (n,)."""
        found = {units: np.zeros(len(self)) for units in (DAYS, RATE, LATE)}
        for place, name in enumerate(COMPONENTS):
            if name in self.factors:
                found[COUNTED_BY[name]] += np.where(self.unknown[:, place], 0.0, self.factors[name])
        return found


def _way(lots: Lots, goods: np.ndarray, costs: HouseCosts) -> dict[str, np.ndarray]:
    """Freight, insurance, and at a border clearance, duty and the VAT that does not come back."""
    found = {name: np.zeros(lots.freight.shape) for name in WAY}
    for (terms, border), at in _alike(zip(lots.terms, lots.borders)).items():
        value, freight = goods[at, None], lots.freight[at]
        carriage = np.where(terms.freight_is_free(value), 0.0, freight)
        for name, money in _charges(value, carriage, terms, border, costs).items():
            found[name][at] = money
        found["freight"][at] = carriage
    return found


def _charges(
    value: np.ndarray, carriage: np.ndarray, terms: FreightTerms, border: Customs | None, costs: HouseCosts
) -> dict[str, Any]:
    if border is not None:
        return border.charges(value + carriage, terms, costs)
    crosses = bool(terms.enters)
    unknown = {name: np.nan for name in ("clearance", "duty", "vat") if crosses and terms.buyer_pays(name)}
    return {"insurance": premium(value, carriage, terms, crosses, costs), **unknown}


def _alike(keys: Iterable[Hashable]) -> dict[Any, np.ndarray]:
    """The places of each different key."""
    found: dict[Hashable, list[int]] = {}
    for place, key in enumerate(keys):
        found.setdefault(key, []).append(place)
    return {key: np.array(places) for key, places in found.items()}


def _payment(
    payments: Sequence[PaymentTerms], goods: np.ndarray, no_days: np.ndarray, costs: HouseCosts
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Platform fees, and the money tied up before the arrival less the credit after it: what is fixed, and that a day."""
    told = {each: (each.paid_before, each.credit_days, float(each.days_tied_up(0.0))) for each in set(payments)}
    before, credit, owed = np.array([told[each] for each in payments], float).reshape(-1, 3).T
    fee = costs.buyer_fee_share * goods
    if costs.early_payment_paid_by == "buyer":
        fee = fee + costs.early_payment_per_day * credit * (1 - before) * goods
    a_day = costs.capital_rate / DAYS_A_YEAR * goods
    unknown = no_days & (before > 0) & (costs.capital_rate != 0)
    return {"platform_fee": fee, "financing": a_day * owed}, np.where(unknown, np.nan, a_day * before)


def _failing(lots: Lots, costs: HouseCosts) -> dict[str, np.ndarray]:
    """Rework, returns, refunds of the defectives found, and those that escape, each for a defect rate of 1."""
    found, escaped = lots.quantity * lots.found_share, lots.quantity * (1 - lots.found_share)
    return {
        "rework": found * costs.rework_share * costs.rework_per_piece,
        "returns": found * costs.return_share * costs.return_per_piece,
        "refunds": -found * costs.return_share * costs.refund_share * lots.price,
        "escaped_defects": escaped * costs.escape_cost(lots.price),
    }
