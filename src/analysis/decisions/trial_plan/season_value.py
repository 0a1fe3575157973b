"""What buying the coming season's pieces from a supplier is worth, a piece: what a wrong choice is measured by (`choice_regret`).

value = selling price - cost a good piece, draw by draw; the cost sheet's draws (`decisions.landed_cost.cost_sheet`) hold defects, freight,
delay and the rest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.decisions.landed_cost import CostSheet, GoodPieceCost
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
    pairs = list(zip(offers["supplier"], offers["sku"]))
    reasons = [_why_not(rows.get(pair), pair[1] in selling.index) for pair in pairs]
    known = [pair for pair, why in zip(pairs, reasons) if why is None]
    values = np.empty((len(known), DRAWS))
    for place, pair in enumerate(known):
        values[place] = float(selling[pair[1]]) - rows[pair].draws
    said = [_left_out(*pair, *why) for pair, why in zip(pairs, reasons) if why is not None]
    left_out = pd.DataFrame(said, columns=["supplier", "sku", "reason"])
    candidates = offers[np.array([why is None for why in reasons], bool)].reset_index(drop=True)
    return SeasonValues(candidates, values, season_pieces(demand, months), left_out)


def _why_not(cost: GoodPieceCost | None, is_sold: bool) -> tuple[str, tuple[str, ...]] | None:
    """Why an offer has no value, with the parts of its cost that nobody knows; None where it has one."""
    if not is_sold:
        return "value_without_selling_price", ()
    if cost is None:
        return "value_without_price", ()
    return None if cost.complete else ("value_without_cost", cost.missing)


def _left_out(supplier: str, sku: str, key: str, missing: tuple[str, ...]) -> tuple[str, str, str]:
    """The row of an offer without a value; parts of a cost are named."""
    parts = joined("names", [named(code, "cost") for code in missing])
    return supplier, sku, reason(f"trial_plan.{key}", supplier=supplier, sku=sku, missing=parts)
