"""The tool's own account: what following its purchase plans brought, and what not following them did, by what is known now.

What was ordered is valued at the price paid, the defects found so far and the days it took; what it is held against (the present
supplier where the plan was followed, the planned one where it was not) at what it offered then. Rates and days that are not known
yet are today's posterior draws, so that the account has an interval and sharpens as lots come in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from analysis.decisions.landed_cost import GoodPieceCost, make_cost_sheet
from analysis.decisions.offers import Offer, Offers, PriceLadder, offers_in_force
from analysis.decisions.sourcing.basis import PurchaseInputs
from analysis.decisions.sourcing.plan_followed import FOLLOWED_COLUMNS, what_was_ordered
from analysis.estimates.defect_rate import inspected_lots
from analysis.estimates.draws import Draws, summary
from analysis.rules import Rules

ACCOUNT_COLUMNS = [
    "month", "sku", "action", "planned_supplier", "planned_pieces", "ordered_from", "ordered_pieces", "status", "why", "inspected",
    "compared_with", "orders", "brought", "brought_low", "brought_high",
]  # fmt: skip
"""`compared_with`: today's supplier of then where the plan was followed, the planned one where another was ordered from; "" where
there is nothing to compare. `brought`: money that what was ordered saved against it (below 0: cost). `orders`: planned orders behind
the row. Rows of month "all" are the sums over those with a comparison, by status."""
ALL_MONTHS = "all"
COMPARED = ("followed", "other")


def plan_account(
    plans: pd.DataFrame, tables: Mapping[str, pd.DataFrame], basis: PurchaseInputs, month: str, rules: Rules
) -> pd.DataFrame:
    """The account of the plans kept before `month`: `ACCOUNT_COLUMNS`, in order of month and SKU, the sums last.

    `plans` as `kept_plan` made them, of published reviews; an empty table where none was kept.
    """
    lots = inspected_lots(tables["orders"], tables["inspections"])
    told = what_was_ordered(plans, tables["orders"], lots, tables["decisions"], month)
    if told.empty:
        return pd.DataFrame(columns=ACCOUNT_COLUMNS)
    level = rules["limits"]["interval_level"]
    against = [_against(row) for row in told.itertuples()]
    worth = _Worth(basis, tables, 1 / max(basis.lot_correlation, 1e-3) - 1)
    brought = [worth.brought(row, other) if other else None for row, other in zip(told.itertuples(), against)]
    rows = told[[name for name in ACCOUNT_COLUMNS if name in FOLLOWED_COLUMNS]].assign(compared_with=against, orders=1)
    rows = rows.assign(**_money(brought, level))
    sums = [_sum(status, told["status"], brought, level) for status in COMPARED]
    found = pd.concat([rows, pd.DataFrame([each for each in sums if each])], ignore_index=True)
    texts = ("month", "sku", "action", "planned_supplier", "ordered_from", "status", "why", "compared_with")
    return found[ACCOUNT_COLUMNS].astype({**dict.fromkeys(texts, "str"), "planned_pieces": "Int64", "orders": "Int64"})


def _against(row: Any) -> str:
    """Whom what was ordered is held against; "" where there is nobody else or nothing was ordered."""
    other = {"followed": row.present_supplier, "other": row.planned_supplier}.get(row.status)
    same = pd.isna(row.ordered_from) or pd.isna(other) or other == row.ordered_from
    return "" if same else str(other)


def _money(brought: list[np.ndarray | None], level: float) -> dict[str, list[float]]:
    ends = [(np.nan,) * 3 if draws is None else summary(draws, level) for draws in brought]
    return {name: [float(end[k]) for end in ends] for k, name in enumerate(("brought", "brought_low", "brought_high"))}


def _sum(status: str, of: pd.Series, brought: list[np.ndarray | None], level: float) -> dict[str, Any] | None:
    """What all compared orders of a status brought together, world by world."""
    parts = [draws for draws, each in zip(brought, of) if each == status and draws is not None]
    if not parts:
        return None
    total = {name: ends[0] for name, ends in _money([np.sum(parts, axis=0)], level).items()}
    return {"month": ALL_MONTHS, "sku": "", "status": status, "orders": len(parts), "compared_with": "", **total}


@dataclass(frozen=True)
class _Worth:
    """`concentration`: alpha + beta of a lot's rate around its supplier's; `then`: the offers of the months that were asked for."""

    basis: PurchaseInputs
    tables: Mapping[str, pd.DataFrame]
    concentration: float
    then: dict[str, dict[tuple[str, str], Offer]] = field(default_factory=dict)

    def brought(self, row: Any, other: str) -> np.ndarray | None:
        """Draws of the money saved by what was ordered against ordering as many good pieces of `other`; None where either is not known."""
        offers = self._offers(row.month)
        bought, alternative = offers.get((row.ordered_from, row.sku)), offers.get((other, row.sku))
        if alternative is None or not row.ordered_pieces > 0:
            return None
        pieces = int(row.ordered_pieces)
        if np.isfinite(row.price_paid) and row.price_paid > 0:
            bought = bought or Offer(row.ordered_from, row.sku, PriceLadder.of(row.price_paid), alternative.terms)
            bought = replace(bought, ladder=PriceLadder.of({pieces: row.price_paid}))
        if bought is None:
            return None
        ours = self._cost(bought, pieces, self._lot_rate(row), self._days(row))
        theirs = self._cost(alternative, pieces, self.basis.defect_rates, self.basis.lead_times)
        if not (ours.complete and theirs.complete):
            return None
        return np.broadcast_to((theirs.draws - ours.draws) * ours.good_pieces, self.basis.defect_rates.values.shape[1])

    def _offers(self, month: str) -> dict[tuple[str, str], Offer]:
        """What was on offer at the end of `month`."""
        if month not in self.then:
            self.then[month] = self._in_force(month)
        return self.then[month]

    def _in_force(self, month: str) -> dict[tuple[str, str], Offer]:
        day = pd.Period(month, "M").end_time.normalize()
        quotes, orders = self.tables["quotes"], self.tables["orders"]
        found = offers_in_force(quotes[quotes["quoted_on"] <= day], orders[orders["ordered_on"] <= day], day)
        return {(offer.supplier, offer.sku): offer for offer in found.offers}

    def _cost(self, offer: Offer, pieces: int, rates: Draws, days: Draws | None) -> GoodPieceCost:
        wanted = pd.DataFrame({"supplier": [offer.supplier], "sku": [offer.sku], "quantity": [pieces]})
        known = self.basis.freight, self.basis.costs
        one, customs, looks = Offers((offer,), pd.DataFrame()), self.basis.customs, self.basis.inspection
        return make_cost_sheet(one, wanted, rates, days, *known, customs=customs, inspection=looks).rows[0].cost

    def _lot_rate(self, row: Any) -> Draws:
        """The lot's own rate: what was found in it, and the supplier's rate for the rest."""
        rates = self.basis.defect_rates.of(pd.Index([row.ordered_from]))
        seen, found = np.nan_to_num(row.inspected), np.nan_to_num(row.defective)
        lot = (self.concentration * rates + found) / (self.concentration + seen)
        return Draws(pd.Index([row.ordered_from]), lot)

    def _days(self, row: Any) -> Draws | None:
        """Days that it took; what is still open takes as long as an order of today would."""
        if not np.isfinite(row.days):
            return self.basis.lead_times
        width = self.basis.defect_rates.values.shape[1]
        return Draws(pd.Index([row.ordered_from]), np.full((1, width), row.days))
