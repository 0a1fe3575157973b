"""What buying the coming season's pieces from a supplier is worth, a piece: what a wrong choice is measured by (`choice_regret`).

value = selling price - cost a good piece, draw by draw; the cost sheet's draws (`decisions.landed_cost.cost_sheet`) hold defects, freight,
delay and the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.decisions.landed_cost import CostSheet
from analysis.decisions.offers import Offers
from analysis.decisions.stock import season_pieces, selling_prices
from analysis.estimates.draws import DRAWS
from analysis.reasons import joined, named, reason


@dataclass(frozen=True)
class SeasonValues:
    """Input of `choice_regret`: `candidates` (`supplier sku price minimum`), their `values` (n, draws) in money a piece, the
    `season`'s pieces by SKU, and what was `left_out` (`supplier sku reason`)."""

    candidates: pd.DataFrame
    values: np.ndarray
    season: pd.Series
    left_out: pd.DataFrame


def trial_offers(offers: Offers) -> pd.DataFrame:
    """Price of a trial piece and minimum order of each offer, its first step: `supplier sku price minimum`."""
    rows = [(o.supplier, o.sku, o.ladder.list_price, float(o.ladder.minimum)) for o in offers.offers]
    types = {"supplier": "str", "sku": "str", "price": "float64", "minimum": "float64"}
    return pd.DataFrame(rows, columns=list(types)).astype(types)


def values_from_cost_sheet(
    sheet: CostSheet, offers: pd.DataFrame, demand: pd.DataFrame, *, months: float
) -> SeasonValues:
    """Season values from the cost sheet made at the season's quantities (its draws hold defects, freight, delay and the rest).

    `offers` gives the trial's price and minimum; a row of the sheet that misses an amount is left out, as it would look cheap.
    """
    selling = selling_prices(demand)
    rows = {(row.offer.supplier, row.offer.sku): row.cost for row in sheet.rows}
    values, reasons = [], list[tuple[str, dict[str, Any]] | None]()
    for offer in offers.itertuples():
        cost = rows.get((offer.supplier, offer.sku))
        if offer.sku not in selling.index:
            reasons.append(("value_without_selling_price", {}))
        elif cost is None:
            reasons.append(("value_without_price", {}))
        else:
            reasons.append(None if cost.complete else ("value_without_cost", {"missing": cost.missing}))
        if cost is None or reasons[-1] is not None:
            values.append(np.full(DRAWS, np.nan))
        else:
            values.append(np.broadcast_to(selling[offer.sku] - cost.draws, DRAWS))
    return _season_values(offers, np.array(values).reshape(-1, DRAWS), reasons, season_pieces(demand, months))


def _season_values(
    offers: pd.DataFrame, values: np.ndarray, reasons: Sequence[tuple[str, Mapping[str, Any]] | None], season: pd.Series
) -> SeasonValues:
    """The rows with a value, and the others with the reason."""
    known = np.array([why is None for why in reasons], bool)
    left_out = []
    for offer, why in zip(offers.itertuples(), reasons):
        if why is not None:
            said = {"supplier": offer.supplier, "sku": offer.sku, **why[1]}
            left_out.append((offer.supplier, offer.sku, _left_out_reason(why[0], said)))
    return SeasonValues(
        offers[known].reset_index(drop=True),
        values[known],
        season,
        pd.DataFrame(left_out, columns=["supplier", "sku", "reason"]),
    )


def _left_out_reason(key: str, said: Mapping[str, Any]) -> str:
    """The reason; parts of a cost are named."""
    missing = joined("names", [named(code, "cost") for code in said.get("missing", ())])
    return reason(f"trial_plan.{key}", **{**said, "missing": missing})
