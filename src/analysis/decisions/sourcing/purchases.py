"""The month's purchase plan from what the money page reckons with, and the supply that other sheets take from it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.decisions.landed_cost import CostSheet, make_cost_sheet
from analysis.decisions.order_quantity import order_sizes
from analysis.decisions.purchase_plan import PurchaseRule, plan_purchases
from analysis.decisions.sourcing.basis import SUPPLY_COLUMNS, Basis
from analysis.decisions.sourcing.spend_shares import recent_spend
from analysis.decisions.stock import StockRule
from analysis.estimates.defect_rate import pieces_for_a_good_one
from analysis.rules import Limits, Rules


def purchase_plan(
    basis: Basis,
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
    road = tables["orders"][tables["orders"]["status"] == "open"].groupby("sku")["quantity"].sum()
    demand = basis.wanted.reindex(basis.wanted.index.union(pd.Index(today.index)))
    return plan_purchases(
        sheet, demand, card["grade"], card["inspected"], today, road, *draws, basis.freight, as_of,
        rules.read("purchase_plan", PurchaseRule), limit=limits.defect_rate, longest_days=longest, level=limits.interval_level,
    )  # fmt: skip


def plan_sheet(basis: Basis, sizes: pd.DataFrame, rules: Rules) -> CostSheet:
    """The cost of every offer at its own best order (`sizes`), which the plan compares."""
    best = sizes["order_quantity"].fillna(
        sizes["min_quantity"]
    )  # a minimum above the longest cover is what must be bought
    own = sizes[["supplier", "sku"]].assign(quantity=best.astype(int)).astype({"supplier": "str", "sku": "str"})
    draws, level = (basis.defect_rates, basis.lead_times), rules.read("limits", Limits).interval_level
    return make_cost_sheet(basis.offers, own, *draws, basis.freight, basis.costs, customs=basis.customs, level=level)


def best_sizes(basis: Basis, longest_days: float) -> pd.DataFrame:
    """The best order of every offer (`order_sizes`), defective pieces bought on top; none covers more than `longest_days`."""
    yields = pieces_for_a_good_one(basis.defect_rates.values).mean(axis=1)
    bought = pd.Series(yields, basis.defect_rates.suppliers).dropna()
    known = basis.freight, basis.costs, bought, longest_days, basis.customs
    return order_sizes(basis.offers, basis.wanted * 12, *known)


def planned_supply(plan: pd.DataFrame, sheet: CostSheet, sizes: pd.DataFrame) -> pd.DataFrame:
    """Whom each SKU is to be bought from, for the stock sheet: `sku supplier unit_cost min_quantity`.

    `unit_cost` a good piece at a month's demand (`sheet`); the least order is the best order size (`sizes`). SKUs that the plan
    buys of nobody have no row.
    """
    chosen = plan.loc[plan["supplier"].notna(), ["sku", "supplier"]].astype("str")
    keys = {"supplier": "str", "sku": "str"}  # an empty table has no type of its own
    costs = sheet.table.drop_duplicates(list(keys))[[*keys, "cost_per_good_piece"]].astype(keys)
    table = chosen.merge(costs, on=["supplier", "sku"]).merge(
        sizes[[*keys, "order_quantity", "min_quantity"]].astype(keys), on=["supplier", "sku"], how="left"
    )
    least = table["order_quantity"].astype(float).fillna(table["min_quantity"].astype(float))
    table = table.assign(unit_cost=table["cost_per_good_piece"], min_quantity=np.maximum(least, 1.0))
    return table[SUPPLY_COLUMNS].sort_values("sku", ignore_index=True)
