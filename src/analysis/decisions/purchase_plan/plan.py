"""From offers, costs, grades and demand to the purchase plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.decisions.landed_cost import CostRow, CostSheet, FreightSources
from analysis.decisions.purchase_plan.rule import PurchaseRule
from analysis.estimates.draws import Draws, summary
from analysis.reasons import chance, joined, named, reason

PLAN_COLUMNS = [
    "sku", "action", "supplier", "pieces", "unit_price", "transport_mode", "order_total", "expected_by",
    "cost_per_good_piece", "cost_low", "cost_high", "present_supplier", "saving_per_month", "saving_low", "saving_high",
    "p_saving", "backup", "p_over_limit", "demand_per_month", "reason",
]  # fmt: skip
"""`action`: order, hold (enough is on the road, or no demand is known), trial_first (nothing of the supplier was ever inspected) or nobody.
`order_total`: goods and freight, NaN where the freight is not known. `saving_*`: against staying with `present_supplier`, money a month; 0 where they are the
same, NaN where today's supplier or its cost is not known. `p_over_limit`: that a bulk lot's rate is over the house's limit."""
DAYS_A_MONTH = 365.25 / 12
ACTIONS = ("order", "hold", "trial_first", "nobody")


@dataclass(frozen=True)
class _Candidate:
    """One offer at the quantity that would be ordered, its expected cost a good piece and the draws behind it."""

    row: CostRow
    cost: float
    draws: np.ndarray
    inspected: int
    tried: bool
    """A piece of it was inspected, or it is bought from today."""

    @property
    def supplier(self) -> str:
        return self.row.offer.supplier

    @property
    def complete(self) -> bool:
        """False where a part of the cost is not known: it cannot be compared with others."""
        return self.row.cost.complete


def plan_purchases(
    sheet: CostSheet,
    demand: pd.Series,
    grades: pd.Series,
    inspected: pd.Series,
    present: pd.Series,
    on_order: pd.Series,
    bulk_rates: Draws,
    lead_times: Draws | None,
    freight: FreightSources,
    as_of: pd.Timestamp,
    rule: PurchaseRule,
    *,
    limit: float,
    longest_days: float,
    level: float = 0.90,
) -> pd.DataFrame:
    """One row an SKU of `demand`, in order of SKU: `PLAN_COLUMNS`.

    Parameters
    ----------
    sheet : CostSheet
        Every offer's cost at its best order size, over which the saving of the coming months is reckoned.
    demand : Series
        Good pieces a month, index SKU; NaN where nobody wrote any down.
    grades : Series
        A, B or C by supplier; one that is not there is neither proven nor condemned.
    inspected : Series
        Pieces by supplier.
    present : Series
        Today's supplier by SKU.
    on_order : Series
        Pieces on the road by SKU.
    bulk_rates : Draws
        Posterior draws of each supplier's rate in bulk.
    lead_times : Draws or None
        Predictive draws of days of an order placed now.
    freight : FreightSources
        What is known of it, for what this order costs.
    as_of : Timestamp
        Last day known; orders are placed the day after.
    rule : PurchaseRule
        Of the house.
    limit : float
        Of the defect rate.
    longest_days : float
        Of demand that the house wants to hold; with as much on the road nothing is ordered.
    level : float, optional
        Of the credible intervals.
    """
    by_sku: dict[str, list[CostRow]] = {}
    for offered in sheet.rows:
        by_sku.setdefault(offered.offer.sku, []).append(offered)
    rows = []
    for name, monthly in demand.sort_index().items():
        sku, today = str(name), present.get(name)
        row: dict[str, Any] = dict.fromkeys(PLAN_COLUMNS) | {"sku": sku, "present_supplier": today}
        row |= {"pieces": 0, "demand_per_month": float(monthly)}
        if np.isnan(monthly):
            rows.append(row | {"action": "hold", "reasons": [reason("purchase_plan.no_demand")]})
            continue
        offers = by_sku.get(sku, [])
        allowed = _candidates(offers, grades, inspected, today)
        row |= _planned(allowed, offers, today, grades, float(monthly), rule, longest_days, level)
        rows.append(row | _ordered(row, float(on_order.get(name, 0)), float(monthly), freight, rule, longest_days))
    table = pd.DataFrame(rows, columns=[*PLAN_COLUMNS[:-1], "reasons"])
    table["reason"] = [joined("sentences", parts) for parts in table.pop("reasons")]
    table["p_over_limit"] = _over(table["supplier"], bulk_rates, limit)
    table["expected_by"] = _expected_by(table, lead_times, as_of)
    texts = ("sku", "action", "supplier", "transport_mode", "present_supplier", "backup", "reason")
    numbers = [name for name in PLAN_COLUMNS if name not in (*texts, "pieces", "expected_by")]
    return table.astype({**dict.fromkeys(texts, "str"), **dict.fromkeys(numbers, float), "pieces": "Int64"})


def _candidates(offers: list[CostRow], grades: pd.Series, inspected: pd.Series, today: str | None) -> list[_Candidate]:
    """The offers of suppliers that are not grade C, cheapest first, those whose cost is not known in full last."""
    found = []
    for row in offers:
        name, seen = row.offer.supplier, int(inspected.get(row.offer.supplier, 0))
        if grades.get(name) != "C":
            draws = np.asarray(row.cost.draws)
            found.append(_Candidate(row, float(row.cost.mean), draws, seen, seen > 0 or name == today))
    return sorted(found, key=lambda c: (not c.complete, c.cost, c.supplier))


def _planned(
    candidates: list[_Candidate],
    offers: list[CostRow],
    today: str | None,
    grades: pd.Series,
    monthly: float,
    rule: PurchaseRule,
    longest: float,
    level: float,
) -> dict[str, Any]:
    """Who and why, and what a good piece costs and saves; `chosen` is the candidate."""
    if not candidates:
        return {"action": "nobody", "reasons": [_nobody(offers)]}
    best, now = candidates[0], next((c for c in candidates if c.supplier == today), None)
    chosen, why = _choose(best, now, monthly, rule)
    others = [c for c in candidates if c.supplier != chosen.supplier]
    backup = next((c.supplier for c in [*(c for c in others if c.inspected > 0), *others]), None)
    found: dict[str, Any] = {
        "action": "order" if chosen.tried else "trial_first",
        "backup": backup,
        "chosen": chosen,
    }
    found |= {"reasons": [why, *_limits(chosen, today, grades, monthly, rule, longest)]}
    return found | _money(chosen, level) | _saving(chosen, now, monthly, level)


def _ordered(
    row: Mapping[str, Any], on_order: float, monthly: float, freight: FreightSources, rule: PurchaseRule, longest: float
) -> dict[str, Any]:
    """Pieces and money of this order; nothing with enough on the road."""
    if row.get("chosen") is None:
        return {}
    coming = on_order / monthly * DAYS_A_MONTH
    if coming < longest:
        return _order(row["chosen"], _pieces(row["chosen"], monthly, rule), freight)
    told = reason("purchase_plan.hold", pieces=int(on_order), days=coming)
    return {"action": "hold", "order_total": 0.0, "reasons": [told, *row["reasons"]]}


def _choose(best: _Candidate, now: _Candidate | None, monthly: float, rule: PurchaseRule) -> tuple[_Candidate, str]:
    """The supplier and why: today's stays unless changing pays, surely enough; what cannot be compared is no reason to change."""
    kept = best if now is None else now
    if not kept.complete:
        missing = joined("names", [named(part, "cost") for part in kept.row.cost.missing])
        return kept, reason("purchase_plan.not_compared", supplier=kept.supplier, missing=missing)
    if now is None:
        return best, reason("purchase_plan.cheapest", supplier=best.supplier, cost=best.cost)
    if best is now:
        return now, reason("purchase_plan.stays_cheapest", supplier=now.supplier, cost=now.cost)
    saving = (now.draws - best.draws) * monthly
    gain, likely = float(saving.mean()), float((saving > 0).mean())
    values = {"other": best.supplier, "supplier": now.supplier, "saving": gain, "chance": chance(likely)}
    if likely < rule.least_probability or gain * rule.horizon_months <= rule.switching_cost:
        return now, reason("purchase_plan.stays", **values)
    return best, reason("purchase_plan.moves", **values)


def _pieces(chosen: _Candidate, monthly: float, rule: PurchaseRule) -> int:
    """The best order size; of a thin record some months of demand at most, of none a trial; never less than the minimum."""
    wanted = chosen.row.quantity
    if chosen.inspected < rule.proven_pieces:
        wanted = min(wanted, int(np.ceil(monthly * rule.unproven_months)))
    if not chosen.tried:
        wanted = min(wanted, rule.trial_pieces)
    return max(wanted, chosen.row.offer.ladder.minimum)


def _order(chosen: _Candidate, pieces: int, freight: FreightSources) -> dict[str, Any]:
    """What this order costs: goods and freight."""
    offer = chosen.row.offer
    price, way = float(offer.ladder.price(pieces)), freight.cheapest(offer, pieces)
    total = price * pieces + (np.nan if way.money is None else way.money)
    return {"pieces": pieces, "unit_price": price, "transport_mode": way.mode, "order_total": total}


def _money(chosen: _Candidate, level: float) -> dict[str, Any]:
    if not chosen.complete:
        return {"supplier": chosen.supplier}
    low, high = chosen.row.cost.interval(level)
    return {"supplier": chosen.supplier, "cost_per_good_piece": chosen.cost, "cost_low": low, "cost_high": high}


def _saving(chosen: _Candidate, now: _Candidate | None, monthly: float, level: float) -> dict[str, Any]:
    """Against today's supplier; nothing where its cost is not known."""
    if chosen is now:
        return {"saving_per_month": 0.0, "saving_low": 0.0, "saving_high": 0.0}
    if now is None or not now.complete:
        return {}
    draws = (now.draws - chosen.draws) * monthly
    mean, low, high = summary(draws, level)
    return {
        "saving_per_month": float(mean), "saving_low": float(low), "saving_high": float(high),
        "p_saving": float((draws > 0).mean()),
    }  # fmt: skip


def _limits(
    chosen: _Candidate, today: str | None, grades: pd.Series, monthly: float, rule: PurchaseRule, longest: float
) -> list[str]:
    """What is said of today's supplier where it is out, and what limits the order."""
    said = []
    if today and today != chosen.supplier and grades.get(today) == "C":
        said.append(reason("purchase_plan.today_is_c", supplier=today))
    if not chosen.tried:
        said.append(reason("purchase_plan.never_inspected", pieces=_pieces(chosen, monthly, rule)))
    elif chosen.inspected < rule.proven_pieces:
        said.append(reason("purchase_plan.thin", inspected=chosen.inspected, months=rule.unproven_months))
    minimum = chosen.row.offer.ladder.minimum
    if minimum > longest * monthly / DAYS_A_MONTH:
        said.append(reason("purchase_plan.minimum_covers", pieces=minimum, days=minimum / monthly * DAYS_A_MONTH))
    return said


def _nobody(offers: list[CostRow]) -> str:
    """Why there is no candidate: no offer, or all of grade C."""
    if not offers:
        return reason("purchase_plan.no_offer")
    return reason("purchase_plan.all_c", count=len({row.offer.supplier for row in offers}))


def _over(suppliers: pd.Series, rates: Draws, limit: float) -> np.ndarray:
    draws = rates.of(pd.Index(suppliers.fillna("")))
    over = (draws > limit).mean(axis=1) if draws.size else np.full(len(suppliers), np.nan)
    return np.where(np.isnan(draws).all(axis=1), np.nan, over) if draws.size else over


def _expected_by(table: pd.DataFrame, lead_times: Draws | None, as_of: pd.Timestamp) -> pd.Series:
    """The day by which an order placed tomorrow is as likely as not to have come."""
    if lead_times is None:
        return pd.Series(pd.NaT, index=table.index)
    days = np.full(len(table), np.nan)
    ordered = (table["supplier"].notna() & table["action"].isin(["order", "trial_first"])).to_numpy()
    draws = lead_times.of(pd.Index(table.loc[ordered, "supplier"]))
    days[ordered] = np.ceil(np.median(draws, axis=1))
    return as_of + pd.Timedelta(days=1) + pd.to_timedelta(days, unit="D")
