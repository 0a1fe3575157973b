"""What a good piece really costs: the lot's costs line by line, over the uncertainty of defects and delivery.

    cost a good piece = (goods + freight + insurance + duty + VAT + fees + inspection + financing + rework + returns - refunds
                         + escaped defects + delay) / good pieces,        good pieces = q (1 - p (1 - s w)),

q pieces ordered, p the defect rate, s the share of the defectives that is found, w the share of found defectives that rework makes good. Costs are
linear in p, so that with w = 0 and p ~ beta(a, b) the expectation has the closed form

    E[(C0 + C1 p) / (q (1 - p))] = ((C0 + C1) (a + b - 1) / (b - 1) - C1) / q,

which the tests use as a second route; here p comes as posterior draws of whatever shape. That expectation is infinite where few
good pieces were seen, so that a share that stays bad above 95 % is counted as 95 % (`pieces_for_a_good_one`): nobody keeps buying
20 pieces for a good one. An amount that nobody knows is
left out and named in `missing`: it is never taken for zero.

Money tied up before the arrival, and owed after it (`payment_terms`), is valued at the house's `capital_rate`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from analysis.decisions.landed_cost.house import DAYS_A_YEAR, Customs, HouseCosts, premium
from analysis.decisions.landed_cost.waterfall import COMPONENTS, Amount, GoodPieceCost
from analysis.decisions.offers import BUYER_PAYS, PREPAID, FreightTerms, PaymentTerms, PriceLadder

FREE = HouseCosts.counting()
"""No cost of the house's own is counted."""


def cost_per_good_piece(
    quantity: float,
    price_ladder: PriceLadder | Mapping[int, float] | float,
    defect_rate: ArrayLike | None,
    *,
    freight: ArrayLike | None = None,
    terms: FreightTerms = BUYER_PAYS,
    costs: HouseCosts = FREE,
    payment: PaymentTerms = PREPAID,
    lead_time_days: ArrayLike | None = None,
    promised_days: float | None = None,
    sample_fee: float = 0.0,
    border: Customs | None = None,
) -> GoodPieceCost:
    """Cost of one lot, line by line, and of each good piece in it.

    Parameters
    ----------
    quantity : float
        Pieces ordered, at least the ladder's minimum.
    price_ladder : PriceLadder or Mapping[int, float] or float
        Price a piece from so many pieces on, {1: 24.95, 100: 22.45}; a single number is one price for all.
    defect_rate : array_like or None
        Share of defective pieces: posterior draws (draws,), or a number; None: not known.
    freight : array_like, optional
        Of the lot, money (a number or draws); None: not known, unless `terms` make it the seller's.
    terms : FreightTerms, optional
        Who pays which charge (`incoterms.read_freight_terms`).
    costs : HouseCosts, optional
        The house's own rates (`house_costs.house_costs`); by default none is counted.
    payment : PaymentTerms, optional
        Deposit and credit days.
    lead_time_days : array_like, optional
        Predictive draws of days from order to arrival (draws,), or a number; None: not known.
    promised_days : float, optional
        Days after which an arrival counts as late; None: no promise, no lateness.
    sample_fee : float, optional
        Paid for samples before; the share that the contract credits against this order is taken off.
    border : Customs, optional
        Customs charges where the goods cross a border. None: a domestic purchase without duty, VAT and clearance, unless
        `terms.enters` says that a border is crossed: then these charges are not known.

    Returns
    -------
    GoodPieceCost
        With `mean`, `interval()`, `draws`, `waterfall()`, `complete`, `missing`.

    Raises
    ------
    ValueError
        Naming argument and rule: quantity below the minimum, prices not above 0 or rising with the quantity, defect rates
        outside [0, 1), negative freight or days, draws of different number.

    Examples
    --------
    100 pieces at 20.00, 150.00 freight, 5 % defective, all of them lost: 2,150 over 95 good pieces.

    >>> round(cost_per_good_piece(100, 20.0, 0.05, freight=150.0).mean, 4)
    22.6316

    Freight that nobody knows is not zero; the sum says so:

    >>> unknown = cost_per_good_piece(100, {1: 22.0, 50: 20.0}, 0.05)
    >>> round(unknown.mean, 4), unknown.complete, unknown.missing
    (21.0526, False, ('freight',))

    Inspection of every piece at 0.5, found defectives sent back for 4 and refunded; the bars add up:

    >>> costs = HouseCosts.counting(inspection_per_piece=0.5, return_share=1, return_per_piece=4, refund_share=1)
    >>> print(cost_per_good_piece(100, {1: 22.0, 50: 20.0}, 0.05, freight=150.0, costs=costs).waterfall().iloc[:, :3])
        component     lot  per_good_piece
    0  list_price  2200.0         22.0000
    1  price_step  -200.0         -2.0000
    2     freight   150.0          1.5000
    3  inspection    50.0          0.5000
    4     returns    20.0          0.2000
    5     refunds  -100.0         -1.0000
    6  yield_loss     0.0          1.1158
    7       total  2120.0         22.3158
    """
    ladder = PriceLadder.of(price_ladder)
    rate, days = _checked(quantity, defect_rate, freight, lead_time_days)
    price = float(ladder.price(quantity))
    goods = price * quantity
    parts = {
        "list_price": Amount(ladder.list_price * quantity),
        "price_step": Amount(goods - ladder.list_price * quantity),
        "sample_fee_credit": Amount(-sample_fee * costs.sample_fee_credit_share),
        "order_cost": Amount(costs.order_cost),
        "inspection": Amount(costs.inspection_per_lot + costs.inspection_per_piece * costs.inspected_share * quantity),
    }
    parts |= {name: Amount.known(money) for name, money in _way(goods, freight, terms, costs, border).items()}
    parts |= _payment(goods, days, payment, costs)
    parts |= _delay(goods, days, promised_days, costs)
    parts |= _defects(price, quantity, rate, costs)
    return _summed(quantity, parts, rate, costs)


NOT_KNOWN = np.array(np.nan)
UNKNOWN = Amount(np.nan)


def _checked(
    quantity: float, defect_rate: ArrayLike | None, freight: ArrayLike | None, lead_time_days: ArrayLike | None
) -> tuple[np.ndarray | None, np.ndarray | None]:
    if not (np.isfinite(quantity) and quantity > 0):
        raise ValueError(f"quantity: a finite number of pieces above 0 is needed, got {quantity}")
    if freight is not None and not np.all(np.isfinite(freight) & (np.asarray(freight) >= 0)):
        raise ValueError("freight: 0 or more is needed; give None where it is not known")
    rate = None if defect_rate is None else np.asarray(defect_rate, float)
    if rate is not None and not np.all((rate >= 0) & (rate < 1)):
        raise ValueError(
            "defect_rate: shares from 0 to below 1 are needed (with every piece defective there is no good piece "
            "to bear the cost); give None where it is not known"
        )
    days = None if lead_time_days is None else np.asarray(lead_time_days, float)
    if days is not None and not np.all(np.isfinite(days) & (days >= 0)):
        raise ValueError("lead_time_days: finite days of 0 or more are needed; give None where they are not known")
    return rate, days


def _way(
    goods: float, freight: ArrayLike | None, terms: FreightTerms, costs: HouseCosts, border: Customs | None
) -> dict[str, Any]:
    """Freight, insurance, and at a border clearance, duty and the VAT that does not come back."""
    free = bool(terms.freight_is_free(goods))
    carriage = np.zeros(()) if free else (NOT_KNOWN if freight is None else np.asarray(freight, float))
    if border is not None:
        return {"freight": carriage, **border.charges(goods + carriage, terms, costs)}
    crosses = bool(terms.enters)
    unknown = {name: NOT_KNOWN for name in ("clearance", "duty", "vat") if crosses and terms.buyer_pays(name)}
    return {"freight": carriage, "insurance": premium(goods, carriage, terms, crosses, costs), **unknown}


def _payment(goods: float, days: np.ndarray | None, payment: PaymentTerms, costs: HouseCosts) -> dict[str, Amount]:
    """Platform fees, and the money tied up before the arrival less the credit after it."""
    fee = costs.buyer_fee_share * goods
    if costs.early_payment_paid_by == "buyer":
        fee += costs.early_payment_per_day * payment.credit_days * (1 - payment.paid_before) * goods
    return {"platform_fee": Amount(fee), "financing": _financing(goods, days, payment, costs)}


def _financing(goods: float, days: np.ndarray | None, payment: PaymentTerms, costs: HouseCosts) -> Amount:
    if not costs.capital_rate:
        return Amount()
    if days is None and payment.paid_before:
        return UNKNOWN
    a_day = costs.capital_rate / DAYS_A_YEAR * goods
    return Amount(a_day * float(payment.days_tied_up(0.0)), a_day * payment.paid_before, days)


def _delay(goods: float, days: np.ndarray | None, promised_days: float | None, costs: HouseCosts) -> dict[str, Amount]:
    """What arriving after the promise costs."""
    if promised_days is None or costs.delay_share_per_day == 0:
        return {}
    if days is None:
        return {"delay": UNKNOWN}
    return {"delay": Amount(0.0, costs.delay_share_per_day * goods, days, promised_days)}


def _defects(price: float, quantity: float, rate: np.ndarray | None, costs: HouseCosts) -> dict[str, Amount]:
    """Rework, returns, refunds of the defectives found, and those that escape."""
    if rate is None:
        return dict.fromkeys(("rework", "returns", "refunds", "escaped_defects"), UNKNOWN)
    found, escaped = quantity * costs.found_share, quantity * (1 - costs.found_share)
    factors = {
        "rework": found * costs.rework_share * costs.rework_per_piece,
        "returns": found * costs.return_share * costs.return_per_piece,
        "refunds": -found * costs.return_share * costs.refund_share * price,
        "escaped_defects": escaped * float(costs.escape_cost(price)),
    }
    return {name: Amount(0.0, factor, rate) for name, factor in factors.items()}


def _summed(quantity: float, parts: Mapping[str, Amount], rate: np.ndarray | None, costs: HouseCosts) -> GoodPieceCost:
    """The parts that are known and not 0, in order; `missing` names the others and what made them unknown."""
    amounts = {name: parts[name] for name in COMPONENTS if name in parts}
    missing = [name for name, amount in amounts.items() if not amount.is_known]
    known = {name: each for name, each in amounts.items() if name not in missing}
    known = {name: each for name, each in known.items() if name == "list_price" or each.fixed or each.factor}
    known = {name: each for name, each in known.items() if name == "list_price" or not each.is_nothing}
    if rate is None:
        missing.append("defect_rate")
    bad = Amount() if rate is None else Amount(0.0, 1 - costs.found_share * costs.rework_share, rate)
    shapes = {np.shape(each.of) for each in (*known.values(), bad) if each.of is not None}
    try:
        shape = np.broadcast_shapes(*shapes, (1,))
    except ValueError:
        raise ValueError(
            f"defect_rate, lead_time_days, freight: the same number of draws is needed, got {sorted(shapes)}"
        ) from None
    return GoodPieceCost(quantity, known, bad, shape, tuple(missing))


def p_cheapest(draws: np.ndarray) -> np.ndarray:
    """Probability of each row (offer, draw) of having the least cost; ties are shared, so that the rows add up to 1."""
    least = draws == draws.min(axis=0)
    return (least / least.sum(axis=0)).mean(axis=1)
