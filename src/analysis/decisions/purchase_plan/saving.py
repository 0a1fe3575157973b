"""What all changes of supplier save together: a sum has its own interval, which is not the sum of intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.decisions.landed_cost import CostSheet
from analysis.estimates.draws import summary

SAVING = ["saving_per_month", "saving_low", "saving_high", "p_saving"]


def saved_together(plan: pd.DataFrame, sheet: CostSheet, level: float) -> pd.DataFrame:
    """One row `changes` and `SAVING` of the SKUs of a plan (`plan_purchases`) whose saving is known and not 0; no row without any.

    `sheet` is the one that the plan was made from. Savings are added draw by draw, as a supplier that disappoints does so in all its
    SKUs. The draws of a mixed batch are those of a whole order, moved to the plan's mean.
    """
    moved = plan[plan["saving_per_month"].fillna(0).ne(0)]
    if moved.empty:
        return pd.DataFrame(columns=["changes", *SAVING], dtype=float).astype({"changes": "Int64"})
    bought = moved["rest_supplier"].fillna(moved["supplier"])
    pairs = zip(moved["sku"], moved["present_supplier"], bought)
    gaps = np.stack([sheet.row(now, sku).cost.draws - sheet.row(then, sku).cost.draws for sku, now, then in pairs])
    around = (gaps - gaps.mean(axis=1, keepdims=True)).T @ moved["demand_per_month"].to_numpy(float)
    draws = moved["saving_per_month"].sum() + around
    values = (*summary(draws, level), (draws > 0).mean())
    return pd.DataFrame([[len(moved), *map(float, values)]], columns=["changes", *SAVING]).astype({"changes": "Int64"})
