"""What buying the coming season's pieces from a supplier is worth, a piece: the belief that `trial_plan` starts from.

value = selling price - cost a good piece, draw by draw; the cost sheet's draws (`decisions.landed_cost.cost_sheet`) hold defects, freight,
delay and the rest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from analysis.decisions.landed_cost import CostSheet
from analysis.decisions.offers import Offers
from analysis.decisions.stock import season_pieces, selling_prices
from analysis.decisions.trial_plan.trial_rule import TrialRule
from analysis.estimates.draws import DRAWS, own_order
from analysis.reasons import joined, named, reason


@dataclass(frozen=True)
class SeasonValues:
    """Input of `plan_trials`: `candidates` (`supplier sku price minimum`), their `values` (n, draws) in money a piece, the
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


def with_hidden_value(found: SeasonValues, lots: pd.DataFrame, rule: TrialRule, seed: int) -> SeasonValues:
    """`found` with the doubt about what neither defects nor lateness show, as far as past lots have not settled it.

    `lots` are the inspected lots (`supplier sku inspected`). The doubt is normal around 0, smaller the more pieces and batches of
    the SKU the supplier has delivered (`TrialRule.hidden_sd_after`): tried suppliers that did well stay ahead of equal ones
    that nobody knows only by what the estimates say of them.
    """
    keys = ["supplier", "sku"]
    tried = lots.groupby(keys)["inspected"].agg(["sum", "size"]).astype(float)
    at = tried.reindex(pd.MultiIndex.from_frame(found.candidates[keys])).fillna(0.0)
    sd = rule.hidden_sd_after(at["sum"].to_numpy(), at["size"].to_numpy()) * found.candidates["price"].to_numpy(float)
    draws = found.values.shape[1]
    levels = ndtri((np.arange(draws) + 0.5) / max(draws, 1))
    doubt = np.array([_shuffled(levels, seed, *key) for key in found.candidates[keys].itertuples(index=False)])
    return replace(found, values=found.values + sd[:, None] * doubt.reshape(found.values.shape))


def without_watched(found: SeasonValues, watched: Iterable[str]) -> SeasonValues:
    """`found` without the suppliers `watched` (grade C): neither tried nor today's choice; `left_out` names them."""
    out = found.candidates["supplier"].isin(set(watched)).to_numpy()
    rows = found.candidates.loc[out, ["supplier", "sku"]]
    told = [reason("trial_plan.watch_only", supplier=supplier) for supplier in rows["supplier"]]
    left_out = pd.concat([found.left_out, rows.assign(reason=told)], ignore_index=True)
    candidates = found.candidates[~out].reset_index(drop=True)
    return replace(found, candidates=candidates, values=found.values[~out], left_out=left_out)


def _shuffled(levels: np.ndarray, seed: int, supplier: str, sku: str) -> np.ndarray:
    """`levels` dealt to the SKU's worlds, which the supplier lives through in its own order."""
    key = int.from_bytes(hashlib.sha256(sku.encode()).digest()[:8], "big")
    return np.random.default_rng([seed, 9, key]).permutation(levels)[own_order(supplier, len(levels))]


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
