"""What the other sheets take from the purchase plan: every offer's cost at the quantity that the plan reckons with."""

from __future__ import annotations

import pandas as pd

from analysis.decisions.landed_cost import CostSheet, make_cost_sheet
from analysis.decisions.sourcing.basis import PurchaseInputs


def planned_costs(
    basis: PurchaseInputs,
    plan: pd.DataFrame,
    sizes: pd.DataFrame,
    inspected: pd.Series | None = None,
    level: float = 0.90,
) -> CostSheet:
    """The cost of a good piece of every offer at the plan's quantity of its SKU (`planned_pieces`), so that all compare alike."""
    pieces = planned_pieces(basis.wanted, plan, sizes)
    return make_cost_sheet(
        basis.offers, pieces, basis.defect_rates, basis.lead_times, basis.freight, basis.costs,
        customs=basis.customs, inspection=basis.inspection, inspected=inspected, level=level,
    )  # fmt: skip


def planned_pieces(wanted: pd.Series, plan: pd.DataFrame, sizes: pd.DataFrame) -> pd.Series:
    """Pieces by SKU at which the plan compares: the best order of whom it buys from (`sizes`), else a month's demand (`wanted`)."""
    keys = {"sku": "str", "supplier": "str"}
    best = plan[list(keys)].astype(keys).merge(sizes.astype(keys), on=list(keys))
    pieces = best["order_quantity"].astype(float).fillna(best["min_quantity"].astype(float)).set_axis(best["sku"])
    return pieces.reindex(wanted.index).fillna(wanted).astype(int)
