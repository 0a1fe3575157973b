"""The levers beside days, defects, minimum and credit: freight, mixed batch, inspection report, sample fee, longer production.

Each has its money a good piece, from the lot as it would be ordered, or says why it has none: what a forecast or a quicker reply brings
shows in no table yet.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analysis.decisions.landed_cost import HouseCosts
from analysis.decisions.offers import Offer, PriceLadder
from analysis.decisions.order_quantity import OrderError, best_order
from analysis.reasons import reason

FURTHER_LEVERS = (
    "delivered", "mixed_batch", "inspection_report", "sample_credit", "longer_production", "after_sales", "forecast",
)  # fmt: skip
LONGER_DAYS = 10
NO_MONEY = ("after_sales", "forecast")
"""Levers whose worth no table shows."""


def further_levers(
    offer: Offer,
    quantity: int,
    freight: float | None,
    costs: HouseCosts,
    a_day_sooner: float,
    per_good_piece: float,
    yearly: float,
) -> pd.DataFrame:
    """`lever worth_per_piece share_of_price cost_to_supplier known note`, one row a lever of `FURTHER_LEVERS`.

    Parameters
    ----------
    offer : Offer
        Of the present supplier.
    quantity : int
        Pieces of the lot.
    freight : float or None
        Of the lot; None: not known. 0 where the seller bears it.
    costs : HouseCosts
        The house's own.
    a_day_sooner : float
        Worth of a day a piece, from the negotiation sheet; NaN: not known.
    per_good_piece : float
        Pieces that are bought for a good one.
    yearly : float
        Demand a year; NaN: not known.
    """
    price = float(offer.ladder.price(quantity))
    inspection = costs.inspection_per_piece * costs.inspected_share + costs.inspection_per_lot / quantity
    worth = {
        "delivered": np.nan if freight is None else freight / quantity * per_good_piece,
        "mixed_batch": 0.0 if offer.mixed_batch else _without_minimum(offer.ladder, yearly, costs),
        "inspection_report": inspection * per_good_piece,
        "sample_credit": offer.sample_fee * (1 - costs.sample_fee_credit_share) / quantity if offer.sample_fee > 0 else np.nan,
        "longer_production": -LONGER_DAYS * a_day_sooner,
        **dict.fromkeys(NO_MONEY, np.nan),
    }  # fmt: skip
    return pd.DataFrame([_told(name, worth[name], price) for name in FURTHER_LEVERS])


def _without_minimum(ladder: PriceLadder, yearly: float, costs: HouseCosts) -> float:
    """What the best order costs less a piece where the minimum holds for a mixed batch and not for the SKU alone."""
    if not yearly > 0:
        return np.nan
    free = ladder.without_minimum
    settings: dict[str, Any] = {"order_cost": costs.order_cost, "carrying_rate": costs.carrying_rate}
    settings["most"] = max(yearly, 2.0 * ladder.minimum)
    try:
        gain = (
            best_order(ladder, yearly, **settings).cost_per_piece - best_order(free, yearly, **settings).cost_per_piece
        )
    except OrderError:
        return np.nan
    return float(max(gain, 0.0))


def _told(lever: str, worth: float, price: float) -> dict[str, Any]:
    known = bool(np.isfinite(worth))
    key = f"before_order.lever_{lever}" if known else f"before_order.lever_{lever}_none"
    told = reason(key, worth=abs(worth), share=abs(worth) / price) if known else reason(key)
    return {
        "lever": lever, "worth_per_piece": worth, "share_of_price": worth / price, "cost_to_supplier": np.nan, "known": known, "note": told,
    }  # fmt: skip
