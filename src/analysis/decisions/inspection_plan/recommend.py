"""The inspection plan of every expected lot, with its reason: the supplier's past lots and what is known of it put before `choose_plan`.

Every lot of a risky category is an isolated one. The switching rules see the supplier's trial and bulk lots in order of inspection
(`lot_history`); only bulk lots count as steady production, so that nobody comes to reduced inspection by trial orders.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from analysis.decisions.inspection_plan.choose import (
    Choice,
    InspectionRule,
    RiskyGoods,
    accept_minor,
    choose_plan,
    class_plans,
    lots_around,
    p_bad_lot_accepted,
)
from analysis.decisions.inspection_plan.inspection_cost import LotRate, evaluate_plan
from analysis.decisions.inspection_plan.iso2859 import (
    State,
    Switching,
    severity_from_history,
)
from analysis.decisions.inspection_plan.sampling_plan import (
    defectives_at,
)
from analysis.estimates.defect_rate import USUAL_LOT_CORRELATION, inspected_lots
from analysis.estimates.draws import Draws
from analysis.reasons import reason

ISOLATED = ("sample", "trial")
"""Stages whose lots belong to no series."""


def lot_history(orders: pd.DataFrame, inspections: pd.DataFrame) -> pd.DataFrame:
    """Trial and bulk lots in order of inspection, for the switching rules: `supplier lot_size inspected defective steady`.

    A lot is an order line, or a batch of one; batches of a line share its quantity as their inspected pieces do. Bulk lots are
    steady production.
    """
    lots = inspected_lots(orders, inspections)
    lots = lots[lots["stage"].ne("sample").fillna(True)]
    line = ["order_id", "line_no"]
    ordered = orders.drop_duplicates(line).set_index(line)["quantity"].astype(float)
    quantity = ordered.reindex(pd.MultiIndex.from_frame(lots[line])).to_numpy()
    inspected = lots["inspected"].astype(float)
    share = inspected / inspected.groupby([lots[name] for name in line], dropna=False).transform("sum")
    size = np.fmax(np.ceil(quantity * share - 1e-9), inspected)
    found = lots.assign(lot_size=size.astype(int), steady=lots["stage"].eq("bulk").fillna(False).astype(bool))
    found = found.sort_values(["inspected_on", *line, "batch"], kind="stable", ignore_index=True)
    return found[["supplier", "lot_size", "inspected", "defective", "steady"]]


def recommend_plans(
    lines: pd.DataFrame,
    rates: Draws,
    inspected: pd.Series,
    piece_cost: float,
    escape_cost: float | pd.Series,
    rule: InspectionRule,
    history: pd.DataFrame | None = None,
    bulk_rates: Draws | None = None,
    lot_correlation: float = USUAL_LOT_CORRELATION,
    risky: RiskyGoods | None = None,
) -> pd.DataFrame:
    """One row an expected lot: how many pieces to inspect, what to allow, the risk it leaves, and why.

    Parameters
    ----------
    lines : DataFrame
        Open order lines, `order_id line_no supplier sku stage quantity` (pieces in the lot), with `risky` goods their `category` too.
    rates : Draws
        Posterior draws of each supplier's defect rate; every supplier of `lines`, the never inspected ones included.
    inspected : Series
        Pieces inspected so far, by supplier; absent means none.
    piece_cost : float
        Cost of inspecting a piece, in the source's currency.
    escape_cost : float or Series
        Cost of a defective piece that reaches the customer, one for all or by SKU.
    rule : InspectionRule
        The house's rule.
    history : DataFrame, optional
        Lots so far in order of inspection, from `lot_history`, for the switching rules.
    bulk_rates : Draws, optional
        The same of bulk lots, where these have a rate of their own.
    lot_correlation : float, optional
        How alike pieces of one lot are, as learned from all lots; by default what is thought before any was seen.
    risky : RiskyGoods, optional
        Goods inspected more strictly.

    Returns
    -------
    DataFrame
        `order_id line_no supplier sku stage lot_size inspected defect_rate`, then `sample_size` and `accept_critical
        accept_major accept_minor` (no number where every piece is inspected and sorted); `p_accept_at_limit` chance that a
        lot at the limiting quality passes, `p_bad_accepted` chance that the coming lot is that bad and passes,
        `expected_escapes` pieces, `expected_cost` beside `cost_all cost_none`; the standard's plan beside it: `iso_severity
        iso_sample_size iso_accept_major iso_accept_minor iso_p_accept_at_limit`; `reason_key reason`.

        Raises ValueError when a supplier has no draws or an SKU no cost.
    """
    states = _states(history, rule)
    of_bulk = rates if bulk_rates is None else bulk_rates
    lot_rates = lru_cache(maxsize=None)(
        lambda supplier, bulk: _lot_rate(of_bulk if bulk else rates, supplier, lot_correlation)
    )
    rows = []
    for line in lines.itertuples(index=False):
        costs = (float(piece_cost), _escape_cost(escape_cost, line.sku))
        seen = int(inspected.get(line.supplier, 0))
        state = states.get(line.supplier, Switching()).severity
        strict = risky if risky is not None and risky.are(line.category) else None
        rows.append(_row(line, seen, state, lot_rates(line.supplier, line.stage == "bulk"), costs, rule, strict))
    return pd.DataFrame(rows, columns=COLUMNS).astype(INTEGERS)


INTEGERS = dict.fromkeys(("lot_size", "inspected", "sample_size", "accept_critical", "accept_major", "accept_minor", "iso_sample_size", "iso_accept_major", "iso_accept_minor"), "Int64")  # fmt: skip
COLUMNS = [
    "order_id", "line_no", "supplier", "sku", "stage", "lot_size", "inspected", "defect_rate", "sample_size",
    "accept_critical", "accept_major", "accept_minor", "p_accept_at_limit", "p_bad_accepted", "expected_escapes",
    "expected_cost", "cost_all", "cost_none", "iso_severity", "iso_sample_size", "iso_accept_major", "iso_accept_minor",
    "iso_p_accept_at_limit", "reason_key", "reason",
]  # fmt: skip


RISKY = {
    "small_lot": "risky_all", "limiting_quality": "risky_limiting_quality", "isolated_cheapest": "risky_cheapest",
}  # fmt: skip
"""The reasons that a risky category gives."""


def _row(
    line: Any,
    seen: int,
    state: State,
    lot_rate: LotRate,
    costs: tuple[float, float],
    rule: InspectionRule,
    strict: RiskyGoods | None = None,
) -> dict[str, Any]:
    lot_size, trial = int(line.quantity), line.stage in ISOLATED
    rule = rule if strict is None else strict.stricter(rule)
    chosen = choose_plan(lot_size, trial or seen == 0 or strict is not None, state, lot_rate, costs, rule, trial)
    if strict is not None:
        chosen = replace(chosen, reason=RISKY.get(chosen.reason, chosen.reason))
    iso = class_plans(lot_size, rule, state)
    row = {name: getattr(line, name) for name in ("order_id", "line_no", "supplier", "sku", "stage")}
    row |= {"lot_size": lot_size, "inspected": seen, "defect_rate": lot_rate.mean, "reason_key": chosen.reason}
    row |= _allowed(chosen, lot_size, rule) | _risk(chosen, lot_size, lot_rate, rule)
    row |= {
        "expected_escapes": chosen.cost.expected_escapes,
        "expected_cost": chosen.cost.expected_cost,
        "cost_all": evaluate_plan(lot_size, lot_size, -1, lot_rate, *costs).expected_cost,
        "cost_none": evaluate_plan(lot_size, 0, 0, lot_rate, *costs).expected_cost,
        "iso_severity": state,
        "iso_sample_size": iso["critical"].sample_size,
        "iso_accept_major": iso["major"].accept,
        "iso_accept_minor": iso["minor"].accept,
        "iso_p_accept_at_limit": float(iso["major"].p_accept(lot_size, defectives_at(lot_size, rule.limiting_quality))),
    }
    about = {} if strict is None else {"category": line.category}
    return row | _reason(row, chosen, costs, rule, about)


def _allowed(chosen: Choice, lot_size: int, rule: InspectionRule) -> dict[str, Any]:
    n, accept = chosen.plan.sample_size, chosen.plan.accept
    if n >= lot_size or n == 0:  # every piece is sorted, or nobody looks: nothing to count
        return {"sample_size": n, "accept_critical": None, "accept_major": None, "accept_minor": None}
    minor = accept_minor(n, accept, rule.aql_minor)
    return {"sample_size": n, "accept_critical": 0, "accept_major": accept, "accept_minor": minor}


def _risk(chosen: Choice, lot_size: int, lot_rate: LotRate, rule: InspectionRule) -> dict[str, Any]:
    at_limit = chosen.plan.p_accept(lot_size, defectives_at(lot_size, rule.limiting_quality))
    if chosen.plan.sample_size >= lot_size:  # sorted piece by piece: a bad lot may arrive, but does not pass
        return {"p_accept_at_limit": 0.0, "p_bad_accepted": 0.0}
    bad = p_bad_lot_accepted(chosen.plan, lot_size, lot_rate, rule.limiting_quality)
    return {"p_accept_at_limit": float(at_limit), "p_bad_accepted": bad}


def _reason(
    row: dict[str, Any], chosen: Choice, costs: tuple[float, float], rule: InspectionRule, about: dict[str, Any]
) -> dict[str, Any]:
    told = ("lot_size", "inspected", "defect_rate", "p_accept_at_limit", "expected_cost", "cost_all", "cost_none")
    values = {
        **{name: row[name] for name in told},
        "n": row["sample_size"],
        "accept": chosen.plan.accept,
        "limit": rule.limiting_quality,
        "up_to": rule.trials_all_up_to if chosen.reason == "trial_all" else rule.inspect_all_up_to,
        "break_even": costs[0] / costs[1],
        "piece_cost": costs[0],
        "escape_cost": costs[1],
    }
    return {"reason": reason(f"inspection.{chosen.reason}", **values, **about)}


def _states(history: pd.DataFrame | None, rule: InspectionRule) -> dict[str, Switching]:
    if history is None or history.empty:
        return {}
    return {
        supplier: severity_from_history(lots, rule.level, rule.aql_major, rule.edition)
        for supplier, lots in history.groupby("supplier", sort=False)
    }


def _lot_rate(rates: Draws, supplier: str, lot_correlation: float) -> LotRate:
    draws = rates.of(pd.Index([supplier]))[0]
    if np.isnan(draws).any():
        raise ValueError(
            f"rates: no draws of the defect rate of {supplier!r}; estimate it first (the pool serves for a new one)"
        )
    return lots_around(draws, lot_correlation)


def _escape_cost(escape_cost: float | pd.Series, sku: str) -> float:
    if not isinstance(escape_cost, pd.Series):
        return float(escape_cost)
    if sku not in escape_cost.index or pd.isna(escape_cost[sku]):
        raise ValueError(f"escape_cost: no cost of an escaped defect for SKU {sku!r}; add it, or pass one for all")
    return float(escape_cost[sku])
