"""The purchase plan as a table: what was decided of each SKU in figures, and the reasons in sentences to come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.decisions.landed_cost import FreightSources
from analysis.decisions.purchase_plan.candidates import Candidate
from analysis.decisions.purchase_plan.changes import what_changes
from analysis.decisions.purchase_plan.plan_inputs import PlanInputs, PlannedSku
from analysis.estimates.draws import Draws, summary
from analysis.months import DAYS_A_MONTH
from analysis.reasons import chance, joined, reason

PLAN_COLUMNS = [
    "sku", "action", "supplier", "pieces", "unit_price", "transport_mode", "order_total", "expected_by",
    "cost_per_good_piece", "cost_low", "cost_high", "present_supplier", "saving_per_month", "saving_low", "saving_high",
    "p_saving", "backup", "p_over_limit", "demand_per_month", "change_supplier", "change_price", "change_rate", "out_for_bulk", "rest_supplier",
    "rest_pieces", "rest_price", "rest_total", "rest_by", "reason",
]  # fmt: skip
"""`action`: order, hold (enough is on the road, the month's cash does not reach, or no demand is known), trial_first (nothing of the
supplier was ever inspected or nobody has paid its price yet, and what a trial may change is worth it) or nobody. `rest_*`: what is ordered beside a trial, of
the supplier alone where what is there lasts.
`order_total`: goods and freight, NaN where the freight is not known. `saving_*`: against staying with `present_supplier`, money a month, beside a trial of what is bought meanwhile; 0 where they are the
same, NaN where today's supplier or its cost is not known. `p_over_limit`: that a bulk lot's rate is over the house's limit. `change_*`:
the next best, the price below which it would win, and the defect rate of the chosen above which it would. `out_for_bulk`: whose offer is left
out for its bulk, the names with "; " between them."""
ACTIONS = ("order", "hold", "trial_first", "nobody")


def plan_row(sku: PlannedSku, known: PlanInputs, level: float) -> dict[str, Any]:
    """What was decided of an SKU with its money (intervals of `level`), as a row, and the `reasons` for it."""
    row: dict[str, Any] = dict.fromkeys(PLAN_COLUMNS) | {"sku": sku.name, "present_supplier": sku.today}
    row |= {"pieces": 0, "demand_per_month": sku.monthly}
    row["out_for_bulk"] = (
        "; ".join(sorted({each.offer.supplier for each in sku.rows} & set(known.barred.chance))) or None
    )
    if np.isnan(sku.monthly):
        return row | {"action": "hold", "reasons": [reason("purchase_plan.no_demand")]}
    if sku.name in known.waits:
        return row | {"action": "hold", "reasons": [known.waits[sku.name]]}
    if sku.choice is None:
        return row | {"action": "nobody", "reasons": [_nobody(sku, known), *known.refused.get(sku.name, [])]}
    choice = sku.choice
    meanwhile = (choice.rest or choice).chosen
    others = [each for each in sku.among if each.supplier != choice.chosen.supplier]
    behind = [each for each in sku.among if each.supplier != meanwhile.supplier]
    backup = next((each.supplier for each in [*(o for o in behind if o.inspected > 0), *behind]), None)
    action = "hold" if sku.waits else "trial_first" if choice.tries else "order"
    row |= {"action": action, "backup": backup} | _money(choice.chosen, level) | _saving(sku, meanwhile, level)
    row |= _order(choice.chosen, sku.pieces, known.freight)
    row |= _rest(sku, known)
    changes = _changes(sku, choice.chosen, others, known)
    lost = known.never_sent.get(sku.name, 0)
    beside = (*choice.rest.reasons, *sku.rest_waits) if choice.rest else ()
    said = [
        *sku.waits,
        *([reason("purchase_plan.never_sent", pieces=int(lost))] if lost else []),
        *choice.reasons,
        *beside,
        *_sold_out(sku, meanwhile, known),
        *_money_lost(sku, choice.chosen, known),
        *_limits(sku, choice.chosen, known),
    ]
    said += [*known.refused.get(sku.name, []), *_told(changes, choice.chosen)]
    return row | changes | {"reasons": said}


def _sold_out(sku: PlannedSku, chosen: Candidate, known: PlanInputs) -> list[str]:
    """That the shelf, where somebody counted it, is empty before this order is as likely as not to have come."""
    days, until = known.on_order.get(sku.name, 0.0) / sku.monthly * DAYS_A_MONTH, known.days_until(chosen.supplier, 0.5)
    missing = (until - days) * sku.monthly / DAYS_A_MONTH
    if not sku.pieces or sku.name not in known.counted or missing < 1:
        return []
    return [reason("purchase_plan.sold_out", days=days, until=until, pieces=missing)]


def _money_lost(sku: PlannedSku, chosen: Candidate, known: PlanInputs) -> list[str]:
    """What is said of freight that bills of far smaller lots tell, and where a good piece costs more than it sells at."""
    said, seen = [], chosen.row.freight.seen_pieces
    if np.isfinite(seen) and sku.pieces:
        said.append(reason("purchase_plan.freight_far", pieces=seen))
    price = known.selling.get(sku.name, np.nan)
    if chosen.complete and chosen.cost > price > 0:
        said.append(reason("purchase_plan.sells_below_cost", price=price, cost=chosen.cost, loss=chosen.cost - price))
    return said


def _order(chosen: Candidate, pieces: int, freight: FreightSources) -> dict[str, Any]:
    """What this order costs: goods and freight."""
    if not pieces:
        return {"order_total": 0.0}
    way = chosen.row.freight if chosen.mixed else freight.cheapest(chosen.row.offer, pieces)
    told = {"pieces": pieces, "unit_price": chosen.price(pieces), "transport_mode": way.mode}
    return told | {"order_total": chosen.total(freight, pieces)}


def _rest(sku: PlannedSku, known: PlanInputs) -> dict[str, Any]:
    """What is ordered beside a trial."""
    if sku.choice is None or sku.choice.rest is None:
        return {}
    of = sku.choice.rest.chosen
    if not sku.rest:
        return {"rest_supplier": of.supplier} if sku.rest_waits else {}
    order = _order(of, sku.rest, known.freight)
    return {
        "rest_supplier": of.supplier, "rest_pieces": sku.rest, "rest_price": order["unit_price"],
        "rest_total": order["order_total"],
    }  # fmt: skip


def _money(chosen: Candidate, level: float) -> dict[str, Any]:
    if not chosen.complete:
        return {"supplier": chosen.supplier}
    low, high = chosen.row.cost.interval(level)
    return {"supplier": chosen.supplier, "cost_per_good_piece": chosen.cost, "cost_low": low, "cost_high": high}


def _saving(sku: PlannedSku, chosen: Candidate, level: float) -> dict[str, Any]:
    """Against today's supplier, whatever its grade; nothing where its cost is not known."""
    if chosen.supplier == sku.today:
        return {"saving_per_month": 0.0, "saving_low": 0.0, "saving_high": 0.0}
    now = next((row for row in sku.rows if row.offer.supplier == sku.today), None)
    if now is None or not now.cost.complete or not chosen.complete:
        return {}
    draws = (now.cost.draws - chosen.draws) * sku.monthly
    mean, low, high = summary(draws, level)
    return {
        "saving_per_month": float(mean), "saving_low": float(low), "saving_high": float(high),
        "p_saving": float((draws > 0).mean()),
    }  # fmt: skip


def _changes(sku: PlannedSku, chosen: Candidate, others: list[Candidate], known: PlanInputs) -> dict[str, Any]:
    """What would change the answer; leaving today's supplier has to pay for the change, and coming back to it need not."""
    a_piece = known.rule.switching_cost / max(known.rule.horizon_months * sku.monthly, 1e-12)
    rate = known.rates(chosen.supplier)
    mean = float(rate.mean()) if not np.isnan(rate).any() else np.nan
    return what_changes(chosen, others, a_piece if chosen.supplier == sku.today else 0.0, mean)


def _told(changes: Mapping[str, Any], chosen: Candidate) -> list[str]:
    price, rate = (changes.get(name, np.nan) for name in ("change_price", "change_rate"))
    told = {"supplier": chosen.supplier, "other": changes.get("change_supplier"), "price": price, "rate": rate}
    if not np.isnan(price):
        return [reason("purchase_plan.changes_price" if np.isnan(rate) else "purchase_plan.changes", **told)]
    return [] if np.isnan(rate) else [reason("purchase_plan.changes_rate", **told)]


def _limits(sku: PlannedSku, chosen: Candidate, known: PlanInputs) -> list[str]:
    """What is said of suppliers that are out, today's or cheaper ones, and what limits the order."""
    said, rule = [], known.rule
    out = [row for row in sku.rows if row.offer.supplier in known.barred.chance and row.cost.complete]
    named = {row.offer.supplier for row in out if row.cost.mean < chosen.cost or row.offer.supplier == sku.today}
    for name in sorted(named):
        likely = chance(known.barred.chance[name])
        said.append(reason("purchase_plan.bulk_too_bad", other=name, worse=known.barred.worse_than, chance=likely))
    traps = {each.supplier: each.price() for each in reversed(sku.unbelieved) if each.price() < chosen.price()}
    said += [reason("purchase_plan.trap", other=name, price=price) for name, price in sorted(traps.items())]
    if sku.today and sku.today != chosen.supplier and known.grades.get(sku.today) == "C" and sku.today not in named:
        said.append(reason("purchase_plan.today_is_c", supplier=sku.today))
    if chosen.tried and chosen.inspected < rule.proven_pieces and not (sku.choice and sku.choice.tries):
        said.append(reason("purchase_plan.thin", inspected=chosen.inspected, months=rule.unproven_months))
    if not chosen.fits:
        minimum = chosen.row.offer.ladder.minimum
        said.append(reason("purchase_plan.minimum_covers", pieces=minimum, days=chosen.minimum_days))
    cheaper = min((each for each in sku.among if each.complete), key=lambda each: each.cost, default=chosen)
    if not cheaper.fits and cheaper.supplier != chosen.supplier and chosen.fits:
        pieces = cheaper.row.offer.ladder.minimum
        told = {"other": cheaper.supplier, "cost": cheaper.cost, "pieces": pieces, "longest": known.longest_days}
        said.append(reason("purchase_plan.minimum_over", days=cheaper.minimum_days, **told))
    return said


def _nobody(sku: PlannedSku, known: PlanInputs) -> str:
    """Why there is no candidate: no offer, none that is not too large, all of grade C, or nobody believed better than who is out for
    its bulk."""
    if not sku.rows and (least := known.too_large.get(sku.name)):
        return reason("purchase_plan.too_large", pieces=least, months=least / sku.lasting, monthly=sku.lasting)
    if not sku.rows:
        return reason("purchase_plan.no_offer")
    names = {row.offer.supplier for row in sku.rows}
    out = sorted(names & set(known.barred.chance))
    if out and any(known.grades.get(name) != "C" for name in names):
        return reason("purchase_plan.nobody_better", others=joined("names", out), worse=known.barred.worse_than)
    return reason("purchase_plan.all_c", count=len(names))


def plan_table(rows: list[dict[str, Any]], known: PlanInputs, as_of: pd.Timestamp, limit: float) -> pd.DataFrame:
    """`PLAN_COLUMNS` of the rows; `limit` of the defect rate, orders are placed the day after `as_of`."""
    table = pd.DataFrame(rows, columns=[*PLAN_COLUMNS[:-1], "reasons"])
    table["reason"] = [joined("sentences", parts) for parts in table.pop("reasons")]
    table["p_over_limit"] = _over(table["supplier"], known.bulk_rates, limit)
    placed = table["action"].isin(["order", "trial_first"])
    table["expected_by"] = _expected_by(table["supplier"].where(placed), known.lead_times, as_of)
    table["rest_by"] = _expected_by(table["rest_supplier"].where(table["rest_pieces"].gt(0)), known.lead_times, as_of)
    texts = (
        "sku", "action", "supplier", "transport_mode", "present_supplier", "backup", "change_supplier", "out_for_bulk", "rest_supplier", "reason",
    )  # fmt: skip
    kinds = dict.fromkeys(texts, "str") | dict.fromkeys(("pieces", "rest_pieces"), "Int64")
    days = ("expected_by", "rest_by")
    return table.astype(dict.fromkeys([n for n in PLAN_COLUMNS if n not in (*kinds, *days)], float) | kinds)


def _over(suppliers: pd.Series, rates: Draws, limit: float) -> np.ndarray:
    draws = rates.of(pd.Index(suppliers.fillna("")))
    over = (draws > limit).mean(axis=1) if draws.size else np.full(len(suppliers), np.nan)
    return np.where(np.isnan(draws).all(axis=1), np.nan, over) if draws.size else over


def _expected_by(suppliers: pd.Series, lead_times: Draws | None, as_of: pd.Timestamp) -> pd.Series:
    """The day by which an order placed tomorrow with each is as likely as not to have come."""
    if lead_times is None:
        return pd.Series(pd.NaT, index=suppliers.index)
    days = np.full(len(suppliers), np.nan)
    placed = suppliers.notna().to_numpy()
    draws = lead_times.of(pd.Index(suppliers[placed]))
    days[placed] = np.ceil(np.median(draws, axis=1))
    return as_of + pd.Timedelta(days=1) + pd.to_timedelta(days, unit="D")
