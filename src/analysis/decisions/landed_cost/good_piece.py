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

import numpy as np
from numpy.typing import ArrayLike

from analysis.decisions.landed_cost.house import Customs, HouseCosts
from analysis.decisions.landed_cost.lot_costs import LotCosts, Lots
from analysis.decisions.landed_cost.waterfall import GoodPieceCost
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
    lot = Lots(
        quantity=np.array([float(quantity)]),
        price=np.array([float(ladder.price(quantity))]),
        list_price=np.array([ladder.list_price]),
        freight=_row(freight),
        promised_days=np.array([np.nan if promised_days is None else promised_days], float),
        sample_fee=np.array([float(sample_fee)]),
        inspected_share=np.array([costs.inspected_share]),
        found_share=np.array([costs.found_share]),
        terms=(terms,),
        payments=(payment,),
        borders=(border,),
        supplier=np.zeros(1, int),
        rates=rate,
        days=days,
    )
    shapes = {of.shape for of in (lot.freight, rate, days)}
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        raise ValueError(
            f"defect_rate, lead_time_days, freight: the same number of draws is needed, got {sorted(shapes)}"
        ) from None
    return GoodPieceCost(LotCosts.of(lot, costs), 0)


def _row(values: ArrayLike | None) -> np.ndarray:
    """One row of draws, or of a number; NaN where there is none."""
    return np.atleast_1d(np.asarray(np.nan if values is None else values, float))[None, :]


def _checked(
    quantity: float, defect_rate: ArrayLike | None, freight: ArrayLike | None, lead_time_days: ArrayLike | None
) -> tuple[np.ndarray, np.ndarray]:
    """Defect rate and days as a row each."""
    if not (np.isfinite(quantity) and quantity > 0):
        raise ValueError(f"quantity: a finite number of pieces above 0 is needed, got {quantity}")
    if freight is not None and not np.all(np.isfinite(freight) & (np.asarray(freight) >= 0)):
        raise ValueError("freight: 0 or more is needed; give None where it is not known")
    rate, days = _row(defect_rate), _row(lead_time_days)
    if defect_rate is not None and not np.all((rate >= 0) & (rate < 1)):
        raise ValueError(
            "defect_rate: shares from 0 to below 1 are needed (with every piece defective there is no good piece "
            "to bear the cost); give None where it is not known"
        )
    if lead_time_days is not None and not np.all(np.isfinite(days) & (days >= 0)):
        raise ValueError("lead_time_days: finite days of 0 or more are needed; give None where they are not known")
    return rate, days


def p_cheapest(draws: np.ndarray) -> np.ndarray:
    """Probability of each row (offer, draw) of having the least cost; ties are shared, so that the rows add up to 1."""
    least = draws == draws.min(axis=0)
    return (least / least.sum(axis=0)).mean(axis=1)
