"""The month's purchase plan from what the money page reckons with, and the supply that other sheets take from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.decisions.landed_cost import CostRow, CostSheet, cost_rows, make_cost_sheet
from analysis.decisions.offers import Offer
from analysis.decisions.order_quantity import order_sizes
from analysis.decisions.purchase_plan import Barred, PurchaseRule, plan_purchases, saved_together, supplied
from analysis.decisions.rating import vetoes_in_force
from analysis.decisions.risk import RiskRule, never_sent
from analysis.decisions.sourcing.basis import SUPPLY_COLUMNS, PurchaseInputs
from analysis.decisions.sourcing.next_batch import pieces_a_day, shortest_batch
from analysis.decisions.sourcing.spend_shares import recent_spend
from analysis.decisions.stock import StockRule, selling_prices, stock_position
from analysis.estimates.defect_rate import FoundShare, inspected_lots, pieces_for_a_good_one
from analysis.estimates.drift import bulk_against_before
from analysis.reasons import reason
from analysis.rules import Limits, Rules

TOLD_OTHERWISE = ("minimum_above_demand", "expired")
"""Offers refused for what the plan says in its own words, or for what time does to every quote."""


def purchase_plan(
    basis: PurchaseInputs,
    sizes: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    scorecard: pd.DataFrame,
    as_of: pd.Timestamp,
    rules: Rules,
) -> pd.DataFrame:
    """What to order now: `PLAN_COLUMNS` of `purchase_plan`, one row an SKU with demand or bought in the last twelve months.

    `sizes` from `order_sizes`, `scorecard` of the month: its grades gate, and its inspected pieces say how far a supplier is known.
    """
    limits, longest = rules.read("limits", Limits), rules.read("stock", StockRule).longest_cover_days
    draws, sheet = (basis.defect_rates, basis.lead_times), plan_sheet(basis, sizes, rules)
    card, spend = scorecard.set_index("supplier"), recent_spend(tables["orders"], as_of)
    today = spend.sort_values(["spend", "supplier"]).drop_duplicates("sku", keep="last").set_index("sku")["supplier"]
    monthly = _a_month(basis)
    demand = monthly.reindex(monthly.index.union(pd.Index(today.index)))
    orders = tables["orders"]
    lost = never_sent(orders, as_of, rules.read("risk_register", RiskRule))
    coming = orders[~lost]
    held = stock_position(tables.get("stock_counts"), coming, demand, as_of, basis.demand)
    on_road = coming.loc[coming["status"] == "open", ["supplier", "sku"]].dropna()
    return plan_purchases(
        sheet, demand, card["grade"], card["inspected"], today, held["position"].fillna(held["on_order"]), *draws, basis.freight, as_of,
        rules.read("purchase_plan", PurchaseRule), limit=limits.defect_rate, longest_days=longest, level=limits.interval_level,
        mixed=mixed_rows(basis, longest), capacity=_sales(tables), barred=barred_in_bulk(basis, tables, rules),
        traps=basis.traps, too_large=_least_too_large(basis), lasting=basis.lasting.where(basis.lasting > 1, monthly),
        lot_correlation=basis.lot_correlation, counted=held.loc[held["position"].notna(), "counted_on"].to_dict(),
        selling=selling_prices(tables["demand"]).to_dict(), waits=basis.sold_no_more,
        overdue=held["overdue"].to_dict(), never_sent=orders.loc[lost, "quantity"].groupby(orders["sku"]).sum().to_dict(),
        awaited=frozenset(on_road.itertuples(index=False, name=None)), refused=_offers_refused(basis.offers.remarks),
    )  # fmt: skip


def _offers_refused(remarks: pd.DataFrame) -> dict[str, list[str]]:
    """By SKU the offers that are left out for what their quote says, and why."""
    found: dict[str, list[str]] = {}
    out = remarks[remarks["refused"] & ~remarks["code"].isin(TOLD_OTHERWISE)]
    for row in out.itertuples():
        found.setdefault(row.sku, []).append(reason("purchase_plan.offer_refused", supplier=row.supplier, why=row.note))
    return found


def _a_month(basis: PurchaseInputs) -> pd.Series:
    """Good pieces a month by SKU: whole ones, but for what sells less than one."""
    exact = basis.demand.summary().set_index("sku")["demand_per_month"].reindex(basis.wanted.index)
    return basis.wanted.where(~(exact < 1), exact).astype(float)


def _least_too_large(basis: PurchaseInputs) -> dict[str, int]:
    """The least minimum by SKU of the offers that cover too many months."""
    found: dict[str, int] = {}
    for offer in basis.offers.too_large:
        found[offer.sku] = min(offer.ladder.minimum, found.get(offer.sku, offer.ladder.minimum))
    return found


def plan_saving(plan: pd.DataFrame, basis: PurchaseInputs, sizes: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """What all changes of supplier in the `plan` save together: `saved_together` by the sheet that it was made from."""
    return saved_together(plan, plan_sheet(basis, sizes, rules), rules.read("limits", Limits).interval_level)


def plan_sheet(basis: PurchaseInputs, sizes: pd.DataFrame, rules: Rules) -> CostSheet:
    """The cost of every offer at its own best order (`sizes`), which the plan compares."""
    best = sizes["order_quantity"].fillna(
        sizes["min_quantity"]
    )  # a minimum above the longest cover is what must be bought
    own = sizes[["supplier", "sku"]].assign(quantity=best.astype(int)).astype({"supplier": "str", "sku": "str"})
    level = rules.read("limits", Limits).interval_level
    asked = tuple(own.itertuples(index=False, name=None)), level
    if asked not in basis.sheets:  # the plan and the next trials compare by the same
        basis.sheets[asked] = make_cost_sheet(
            basis.offers, own, basis.defect_rates, basis.lead_times, basis.freight, basis.costs,
            customs=basis.customs, inspection=basis.inspection, level=level,
        )  # fmt: skip
    return basis.sheets[asked]


def _sales(tables: Mapping[str, pd.DataFrame]) -> pd.Series:
    """Platform sales of 30 days by supplier, money, where they are known."""
    if "suppliers" not in tables:
        return pd.Series(dtype=float)
    known = tables["suppliers"].dropna(subset="sales_30d").drop_duplicates("supplier")
    return known.set_index("supplier")["sales_30d"].astype(float)


def barred_in_bulk(basis: PurchaseInputs, tables: Mapping[str, pd.DataFrame], rules: Rules) -> Barred:
    """Suppliers that are too bad in bulk by what is believed of the next lot and by bulk pieces of their own (of both so much as the
    veto on defects asks), and worse in bulk than in what won the order: who is as bad as it ever showed is for money to judge."""
    veto = next((each for each in vetoes_in_force(rules) if each.criterion == "defect_rate"), None)
    if veto is None or not basis.defect_rates.values.size:
        return Barred()
    rule = rules.read("purchase_plan", PurchaseRule)
    likely = pd.Series((basis.defect_rates.values > rule.bulk_worse_than).mean(axis=1), basis.defect_rates.suppliers)
    lots = inspected_lots(tables["orders"], tables["inspections"])
    own = lots[lots["stage"].eq("bulk").fillna(False)].groupby("supplier")[["inspected", "defective"]].sum()
    own = own.reindex(likely.index).fillna(0).astype(float)
    seen = own["inspected"] >= max(veto.least_inspected, 1)
    found = rules.read("missed_defects", FoundShare).found_share  # counts are of what was found
    bad = own["defective"] > rule.bulk_worse_than * found * own["inspected"]
    worse = bulk_against_before(lots, basis.lot_correlation)["p"].reindex(likely.index).fillna(0.0)
    out = seen & bad & (likely > veto.probability) & (worse >= rule.bulk_probability)
    return Barred(rule.bulk_worse_than, likely[out].to_dict(), veto.probability)


def mixed_rows(basis: PurchaseInputs, longest_days: float) -> tuple[CostRow, ...]:
    """Offers whose minimum is more than the longest cover, at their pieces in one batch of all SKUs that the supplier mixes: half the
    longest cover, or what its minimum takes; none where even the longest cover does not reach it."""
    mixing: dict[str, list[Offer]] = {}
    for offer in basis.offers.offers:
        if offer.mixed_batch and basis.wanted.get(offer.sku, 0.0) > 0:
            mixing.setdefault(offer.supplier, []).append(offer)
    found = []
    for supplier, offers in mixing.items():
        a_day = pieces_a_day(basis, supplier, offers)
        days, least = shortest_batch(offers, a_day.sum(), longest_days), max(of.ladder.minimum for of in offers)
        if len(offers) < 2 or days > longest_days or least <= longest_days * a_day.min():
            continue
        parts = [
            (replace(of, ladder=of.ladder.without_minimum), int(np.ceil(a_day[of.sku] * days - 1e-9))) for of in offers
        ]
        known = basis.defect_rates, basis.lead_times, basis.freight, basis.costs, basis.customs, basis.inspection
        found += [replace(row, offer=offer) for offer, row in zip(offers, cost_rows(parts, *known))]
    return tuple(found)


def best_sizes(basis: PurchaseInputs, longest_days: float) -> pd.DataFrame:
    """The best order of every offer (`order_sizes`), defective pieces bought on top; none covers more than `longest_days`."""
    yields = pieces_for_a_good_one(basis.defect_rates.values).mean(axis=1)
    bought = pd.Series(yields, basis.defect_rates.suppliers).dropna()
    known = basis.freight, basis.costs, bought, longest_days, basis.customs
    return order_sizes(basis.offers, basis.lasting * 12, *known)


def planned_supply(plan: pd.DataFrame, sheet: CostSheet, sizes: pd.DataFrame) -> pd.DataFrame:
    """Whom each SKU is to be bought from, for the stock sheet: `sku supplier unit_cost min_quantity good_share`.

    `unit_cost` a good piece at a month's demand (`sheet`); the least order is the best order size (`sizes`). SKUs that the plan
    buys of nobody have no row.
    """
    chosen = supplied(plan).loc[plan["supplier"].notna(), ["sku", "supplier"]].astype("str")
    keys = {"supplier": "str", "sku": "str"}  # an empty table has no type of its own
    costs = sheet.table.drop_duplicates(list(keys))[[*keys, "cost_per_good_piece"]].astype(keys)
    table = (
        chosen.merge(costs, on=["supplier", "sku"])
        .merge(_sizes_with_yield(sizes).astype(keys), on=["supplier", "sku"], how="left")
        .fillna({"good_share": 1.0})
    )
    least = table["order_quantity"].astype(float).fillna(table["min_quantity"].astype(float))
    table = table.assign(unit_cost=table["cost_per_good_piece"], min_quantity=np.maximum(least, 1.0))
    return table[SUPPLY_COLUMNS].sort_values("sku", ignore_index=True)


def _sizes_with_yield(sizes: pd.DataFrame) -> pd.DataFrame:
    """Order sizes with `good_share`, good pieces of one bought: a year's demand over a year's orders; 1 where no order is advised."""
    bought = sizes["order_quantity"].astype(float) * sizes["orders_per_year"].astype(float)
    share = (sizes["demand_per_year"].astype(float) / bought).fillna(1.0)
    return sizes[["supplier", "sku", "order_quantity", "min_quantity"]].assign(good_share=share)
