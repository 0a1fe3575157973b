"""What buying the coming season's pieces from a supplier is worth, a piece: the belief that `trial_plan` starts from.

value = selling price - cost a good piece - delay, draw by draw. With a cost sheet (`decisions.costing.cost_sheet`) its draws hold all
of the cost; without one, the quoted price, the defects and the lateness do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from analysis.decisions.costing.cost_sheet import CostSheet
from analysis.decisions.costing.offers import Offers
from analysis.decisions.next_round.trial_rule import TrialRule
from analysis.decisions.stocking.demand import season_pieces, selling_prices
from analysis.estimates.defects.rate_mixture import WORST_RATE_TO_BUY
from analysis.estimates.draws import DRAWS, Draws, drawn_from_seen, own_order
from analysis.wording import LANGUAGES, say


@dataclass(frozen=True)
class SeasonValues:
    """Input of `plan_trials`: `candidates` (`supplier sku price minimum`), their `values` (n, draws) in money a piece, the
    `season`'s pieces by SKU, and what was `left_out` (`supplier sku reason reason_zh`)."""

    candidates: pd.DataFrame
    values: np.ndarray
    season: pd.Series
    left_out: pd.DataFrame


def trial_offers(offers: Offers) -> pd.DataFrame:
    """Price of a trial piece and minimum order of each offer, its first step: `supplier sku price minimum`."""
    rows = [(o.supplier, o.sku, o.ladder.list_price, float(o.ladder.minimum)) for o in offers.offers]
    types = {"supplier": "str", "sku": "str", "price": "float64", "minimum": "float64"}
    return pd.DataFrame(rows, columns=list(types)).astype(types)


def with_category_spread(draws: Draws, category: pd.Series, seed: int) -> Draws:
    """`draws` for every supplier of `category` (index supplier): one without draws takes, world by world, those of a supplier
    that has them, mostly of its category (`drawn_from_seen`)."""
    suppliers = pd.Index(category.index)
    values = draws.of(suppliers).copy()
    seen = ~np.isnan(values).any(axis=1)
    if seen.any():
        rng = np.random.default_rng([seed, 8])
        values[~seen] = drawn_from_seen(Draws(suppliers[seen], values[seen]), suppliers[~seen], rng, category)
    return Draws(suppliers, values)


def values_from_quotes(
    offers: pd.DataFrame,
    demand: pd.DataFrame,
    defects: Draws,
    late: Draws | None,
    category: pd.Series,
    *,
    months: float,
    defect_cost_share: float = 1.5,
    late_cost_share: float = 0.05,
    seed: int = 1,
) -> SeasonValues:
    """Season values from quoted prices, defect rates and the chance of being late.

    Parameters
    ----------
    offers : `supplier sku price minimum`, from `trial_offers`.
    demand : canonical demand; its selling prices and pieces.
    defects, late : posterior draws by supplier of the defect rate and of the chance to arrive after the promise; `late` None:
        no delay cost is counted.
    category : by supplier; those without draws get the spread of their category.
    months : of the season.
    defect_cost_share, late_cost_share : cost of a defective piece and of a late arrival a piece, as shares of the price.

    Notes
    -----
    cost a good piece = price (1 + defect_cost_share p) / (1 - p), rates cut at `WORST_RATE_TO_BUY`.
    """
    selling = selling_prices(demand)
    rate = np.minimum(with_category_spread(defects, category, seed).of(pd.Index(offers["supplier"])), WORST_RATE_TO_BUY)
    price = offers["price"].to_numpy(float)[:, None]
    cost = price * (1 + defect_cost_share * rate) / (1 - rate)
    if late is not None and len(late.suppliers):
        chance = with_category_spread(late, category, seed + 1).of(pd.Index(offers["supplier"]))
        cost = cost + late_cost_share * price * np.where(np.isnan(chance), np.nanmean(late.values), chance)
    values = selling.reindex(offers["sku"]).to_numpy(float)[:, None] - cost
    reasons: list[tuple[str, dict[str, Any]] | None] = [
        ("value_without_selling_price", {})
        if row.sku not in selling.index
        else (("value_without_cost", {"missing": "defect_rate"}) if np.isnan(v).any() else None)
        for row, v in zip(offers.itertuples(), cost)
    ]
    return _season_values(offers, values, reasons, season_pieces(demand, months))


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
            reasons.append(None if cost.complete else ("value_without_cost", {"missing": ", ".join(cost.missing)}))
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
    named = found.candidates.loc[out, ["supplier", "sku"]]
    texts = {
        "reason" if language == "en" else f"reason_{language}": [
            say("trial_plan.watch_only", language, supplier=supplier) for supplier in named["supplier"]
        ]
        for language in LANGUAGES
    }
    left_out = pd.concat([found.left_out, named.assign(**texts)], ignore_index=True)
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
    known = np.array([reason is None for reason in reasons], bool)
    left_out = []
    for offer, reason in zip(offers.itertuples(), reasons):
        if reason is not None:
            said = {"supplier": offer.supplier, "sku": offer.sku, **reason[1]}
            texts = {language: say(f"trial_plan.{reason[0]}", language, **said) for language in LANGUAGES}
            left_out.append((offer.supplier, offer.sku, texts["en"], texts["zh"]))
    return SeasonValues(
        offers[known].reset_index(drop=True),
        values[known],
        season,
        pd.DataFrame(left_out, columns=["supplier", "sku", "reason", "reason_zh"]),
    )
