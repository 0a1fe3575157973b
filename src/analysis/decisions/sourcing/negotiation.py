"""The negotiation sheet: what one step on each lever is worth a piece, so that levers can be traded against the price.

Every figure is a difference of the cost model itself: the same lot or year, once as offered and once with the lever moved.
What it costs the supplier stands beside it where that is known: a concession that is worth more here than it costs there is the
one to ask for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from analysis.decisions.landed_cost import DAYS_A_YEAR, Customs, GoodPieceCost, HouseCosts, cost_per_good_piece
from analysis.decisions.offers import BUYER_PAYS, PREPAID, FreightTerms, PaymentTerms, PriceLadder
from analysis.decisions.order_quantity import OrderError, best_order
from analysis.decisions.stock import DemandNodes, LeadTimeDemand, StockRule, lead_time_nodes
from analysis.estimates.defect_rate import pieces_for_a_good_one
from analysis.reasons import reason

LEVERS = ("lead_time_day", "defect_point", "minimum_tenth", "credit_30_days")
SHEET_COLUMNS = ["lever", "worth_per_piece", "share_of_price", "cost_to_supplier", "known", "note"]
POINT = 0.01


def negotiation_sheet(
    quantity: int,
    price_ladder: PriceLadder | Mapping[int, float] | float,
    defect_rate: np.ndarray | float | None,
    *,
    costs: HouseCosts,
    freight: float | None = None,
    terms: FreightTerms = BUYER_PAYS,
    border: Customs | None = None,
    payment: PaymentTerms = PREPAID,
    lead_time_days: np.ndarray | None = None,
    promised_days: float | None = None,
    demand: DemandNodes | None = None,
    rule: StockRule,
    order: Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """Worth a good piece of one step on each lever of an offer; `SHEET_COLUMNS`, one row a lever of `LEVERS`.

    Levers: arriving a day sooner (financing, lateness and, with demand known, safety stock); one percentage point fewer
    defects; a tenth less of the minimum order; 30 more days of credit. `worth_per_piece` in money (0: worth nothing now;
    NaN with `known` False: the note says what is not known; NaN with `known` True: there is nothing to ask for), `share_of_price` of the price at `quantity`, `cost_to_supplier`
    a piece where known (credit: the platform's early-payment fee).

    Parameters are those of `cost_per_good_piece`; `demand` of the SKU for the safety stock and the minimum, `rule` the house's
    for stock, so that a day is worth what it saves on the stock sheet; `order`: further arguments of `best_order` (freight
    tariffs, weight) for the minimum.
    """
    ladder = PriceLadder.of(price_ladder)
    price = float(ladder.price(quantity))

    def lot(
        rate: np.ndarray | float | None = defect_rate,
        days: np.ndarray | float | None = lead_time_days,
        paid: PaymentTerms = payment,
    ) -> GoodPieceCost:
        return cost_per_good_piece(
            quantity, ladder, rate, freight=freight, terms=terms, border=border, costs=costs, payment=paid,
            lead_time_days=days, promised_days=promised_days,
        )  # fmt: skip

    worth = {
        "lead_time_day": _day(lot, lead_time_days, price, costs, demand, rule),
        "defect_point": _point(lot, defect_rate),
        "minimum_tenth": _minimum(ladder, costs, demand, order or {}),
        "credit_30_days": _credit(lot, payment, price, costs, defect_rate),
    }
    supplier = {
        "credit_30_days": 30
        * costs.early_payment_per_day
        * price
        * (1 - payment.deposit_share - payment.dispatch_share)
    }
    rows = [_told(name, worth[name], price, supplier.get(name, np.nan)) for name in LEVERS]
    if ladder.minimum <= 1:
        nothing_to_ask = {"known": True, "note": reason("costs.lever_minimum_tenth_one")}
        rows[LEVERS.index("minimum_tenth")] |= nothing_to_ask
    return pd.DataFrame(rows, columns=SHEET_COLUMNS)


def _day(
    lot: Callable[..., GoodPieceCost],
    days: np.ndarray | None,
    price: float,
    costs: HouseCosts,
    demand: DemandNodes | None,
    rule: StockRule,
) -> float:
    """One day off every lead time, none below zero."""
    if days is None:
        return np.nan
    sooner = np.maximum(np.asarray(days, float) - 1, 0)
    worth = lot().mean - lot(days=sooner).mean
    if demand is None:
        return worth
    saved = _safety_stock(days, demand, rule) - _safety_stock(sooner, demand, rule)
    return worth + saved * costs.carrying_rate * price / (_a_day(demand) * DAYS_A_YEAR)


def _safety_stock(days: np.ndarray, demand: DemandNodes, rule: StockRule) -> float:
    """Safety stock, pieces: the reorder point of the stock sheet less the demand expected until the delivery."""
    until = LeadTimeDemand.of(lead_time_nodes(days), demand, rule.review_days)
    return float((until.smooth_quantile(rule.service_level, tolerance=1e-6) - until.mean)[0])


def _a_day(demand: DemandNodes) -> float:
    return float(demand.mean.mean())


def _point(lot: Callable[..., GoodPieceCost], rate: np.ndarray | float | None) -> float:
    """A point fewer defects in every draw; a rate below one point falls to zero, and the worth is taken to a full point."""
    if rate is None:
        return np.nan
    rate = np.asarray(rate, float)
    lower = np.maximum(rate - POINT, 0)
    fall = float(np.mean(rate - lower))
    if fall == 0:
        return lot(rate=rate + POINT).mean - lot().mean
    return (lot().mean - lot(rate=lower).mean) * POINT / fall


def _minimum(ladder: PriceLadder, costs: HouseCosts, known: DemandNodes | None, order: Mapping[str, Any]) -> float:
    """A tenth off the minimum order: what the best order then costs less, a piece; 0 where the minimum does not bind, NaN where it
    is one piece."""
    if known is None or ladder.minimum <= 1:
        return np.nan
    demand = _a_day(known) * DAYS_A_YEAR
    lower = PriceLadder((max(int(ladder.minimum * 0.9), 1), *ladder.quantities[1:]), ladder.prices)
    settings: dict[str, Any] = {
        "order_cost": costs.order_cost,
        "carrying_rate": costs.carrying_rate,
        "most": max(demand, 2.0 * ladder.minimum),
        **order,
    }
    try:
        now = best_order(ladder, demand, **settings).cost_per_piece
        return max(now - best_order(lower, demand, **settings).cost_per_piece, 0.0)
    except OrderError:
        return np.nan


def _credit(
    lot: Callable[..., GoodPieceCost],
    payment: PaymentTerms,
    price: float,
    costs: HouseCosts,
    rate: np.ndarray | float | None,
) -> float:
    """30 more days before the balance is due, the deposit as it stands.

    Where all is paid with the order the credit would also move the payment to the arrival; only the 30 days are counted.
    """
    if payment.paid_with_order == 1.0:
        balance = 1.0 if payment.deposit_share == 0 else 0.0
        bad = 0.0 if rate is None else np.asarray(rate, float) * (1 - costs.found_share * costs.rework_share)
        per_good_piece = float(np.mean(pieces_for_a_good_one(bad)))
        return costs.capital_rate * 30 / DAYS_A_YEAR * price * balance * per_good_piece
    return lot().mean - lot(paid=replace(payment, credit_days=payment.credit_days + 30)).mean


def _told(lever: str, worth: float, price: float, supplier: float) -> dict[str, Any]:
    known = bool(np.isfinite(worth))
    values = {"worth": worth, "share": worth / price, "supplier": supplier}
    key = f"costs.lever_{lever}" if known else f"costs.lever_{lever}_unknown"
    return {
        "lever": lever,
        "worth_per_piece": worth,
        "share_of_price": worth / price,
        "cost_to_supplier": supplier,
        "known": known,
        "note": reason(key, **values),
    }
