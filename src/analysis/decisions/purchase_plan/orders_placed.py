"""The orders that a plan places, and who supplies each SKU meanwhile: an SKU that is tried with one supplier is bought from another beside it."""

from __future__ import annotations

import pandas as pd

from analysis.decisions.purchase_plan.saving import SAVING

REST = {"supplier": "rest_supplier", "pieces": "rest_pieces", "unit_price": "rest_price", "order_total": "rest_total", "expected_by": "rest_by"}  # fmt: skip


def placed_orders(plan: pd.DataFrame) -> pd.DataFrame:
    """The orders that a plan (`PLAN_COLUMNS`) places, a row each: of an SKU that is tried first, the trial and then what is ordered beside it."""
    placed = plan[(plan["pieces"] > 0) & plan["supplier"].notna()]
    orders = placed.drop(columns=list(REST.values()), errors="ignore")
    if "rest_supplier" not in plan:
        return orders
    tries = placed["rest_supplier"].notna()  # what is saved is saved by what is bought meanwhile
    orders = orders.assign(**{name: orders[name].mask(tries) for name in orders.columns.intersection(SAVING)})
    beside = plan[plan["rest_pieces"] > 0].drop(columns=list(REST))
    if beside.empty:
        return orders
    beside = beside.rename(columns={there: here for here, there in REST.items()})
    return pd.concat([orders, beside.assign(action="order")]).sort_index(kind="stable")


def supplied(plan: pd.DataFrame) -> pd.DataFrame:
    """The plan with who supplies each SKU as its `supplier`: beside a trial the one of which it is bought meanwhile."""
    return plan.assign(supplier=plan["rest_supplier"].fillna(plan["supplier"]))
