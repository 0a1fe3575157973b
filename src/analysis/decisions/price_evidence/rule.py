"""The house's rule on prices: what is too cheap to believe, what bears it out, and what rise is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from analysis.allowed import Chance, Number, Pieces, Share


@dataclass(frozen=True)
class PriceRule:
    """Section `price_evidence` of config/rules.toml.

    Attributes
    ----------
    far_below : float
        Share below the middle of the market's other prices from which an offer is a trap until it is borne out.
    least_others : int
        Other prices of the SKU that are needed to say so; the market's reference price counts as one.
    borne_out_orders, borne_out_pieces : int
        Received orders, and pieces in them, that cost no more than was quoted.
    tolerance : float
        Share by which a price may differ from another and still be the same.
    rise : float
        Share from which a rise since the last order is told.
    """

    far_below: Chance
    least_others: Annotated[int, Number(1, 100, whole=True)]
    borne_out_orders: Annotated[int, Number(1, 1000, whole=True)]
    borne_out_pieces: Pieces
    tolerance: Share
    rise: Share
