"""The quality trap (样品好大货差) of a supplier as a whole: its bulk lots against its samples and trials, all SKUs together.

An SKU alone has few bulk pieces in its first months, a supplier more. Pieces of one lot are alike: counts are deflated by the design
effect of their lots, 1 + (pieces a lot - 1) x lot correlation, before the two rates are compared as beta posteriors.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import betaincinv, ndtr

from analysis.decisions.risk.finding_rows import FINDING_COLUMNS, finding_rows
from analysis.estimates.defect_rate import USUAL_LOT_CORRELATION
from analysis.reasons import chance, reason

SURE = 0.975
"""Probability of worse bulk from which it is told: suppliers are many."""
LEVEL = 0.90
"""Of the intervals that are told."""


def bulk_traps(lots: pd.DataFrame, lot_correlation: float | None, monthly: pd.Series, worse_by: float) -> pd.DataFrame:
    """Findings of the kind "drift" without an SKU: suppliers whose bulk is worse by `worse_by` and surely worse at all.

    `lots` as in `inspected_lots`; `lot_correlation` None where no fit tells it, then the usual one; `monthly` money bought a month, index supplier.
    """
    staged = lots[lots["stage"].notna()].assign(bulk=lambda of: of["stage"] == "bulk")
    groups = staged.groupby(["supplier", "bulk"])
    sums = pd.DataFrame({"n": groups["inspected"].sum(), "x": groups["defective"].sum(), "lots": groups.size()}).astype(
        float
    )
    if sums.empty or not {True, False} <= set(sums.index.get_level_values("bulk")):
        return pd.DataFrame(columns=FINDING_COLUMNS)
    likeness = USUAL_LOT_CORRELATION if lot_correlation is None else lot_correlation
    weight = 1 / (1 + np.maximum(sums["n"] / sums["lots"] - 1, 0) * likeness)
    a, b = sums["x"] * weight + 0.5, (sums["n"] - sums["x"]) * weight + 0.5
    mean, variance = (a / (a + b)).unstack("bulk"), (a * b / ((a + b) ** 2 * (a + b + 1))).unstack("bulk")
    seen, rate = sums["n"].unstack("bulk"), (sums["x"] / sums["n"]).unstack("bulk")
    low, high = (
        pd.Series(betaincinv(a, b, end), sums.index).unstack("bulk") for end in ((1 - LEVEL) / 2, (1 + LEVEL) / 2)
    )
    low, high = np.minimum(low, rate), np.maximum(high, rate)  # none defective, or all
    p = pd.Series(ndtr((mean[True] - mean[False]) / np.sqrt(variance[True] + variance[False])), mean.index)
    sides = {"bulk": True, "before": False}
    told = {side: rate[bulk] for side, bulk in sides.items()} | {
        f"{side}_n": seen[bulk] for side, bulk in sides.items()
    }
    ends = {f"{side}_{end}": of[bulk] for side, bulk in sides.items() for end, of in (("low", low), ("high", high))}
    rows = pd.DataFrame({"p": p, **told, **ends}).dropna()
    rows = rows[(rows["p"] >= SURE) & (rows["bulk"] - rows["before"] >= worse_by)].reset_index()
    rows = rows.assign(sku=None, seen_on=pd.NaT, money=rows["supplier"].map(monthly))
    item = [
        _told({str(name): value for name, value in row.items()}) for row in rows[["p", *told, *ends]].to_dict("records")
    ]
    return finding_rows("drift", rows, pd.Series("", rows.index), item, rows["p"])


def _told(row: dict[str, float]) -> str:
    """Both rates, each with its interval and pieces, and how likely bulk is worse."""
    likely, pieces = chance(row.pop("p")), {"pieces": int(row.pop("bulk_n")), "pieces_before": int(row.pop("before_n"))}
    return reason("before_order.risk_bulk", chance=likely, **pieces, **row)
