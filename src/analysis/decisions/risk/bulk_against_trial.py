"""The quality trap (样品好大货差) of a supplier as a whole: its bulk lots against its samples and trials, all SKUs together."""

from __future__ import annotations

import pandas as pd

from analysis.decisions.risk.finding_rows import FINDING_COLUMNS, finding_rows
from analysis.estimates.drift import bulk_against_before
from analysis.reasons import chance, reason

SURE = 0.975
"""Probability of worse bulk from which it is told: suppliers are many."""


def bulk_traps(lots: pd.DataFrame, lot_correlation: float | None, monthly: pd.Series, worse_by: float) -> pd.DataFrame:
    """Findings of the kind "drift" without an SKU: suppliers whose bulk is worse by `worse_by` and surely worse at all.

    `lots` as in `inspected_lots`; `lot_correlation` None where no fit tells it, then the usual one; `monthly` money bought a month, index supplier.
    """
    rows = bulk_against_before(lots, lot_correlation)
    if rows.empty:
        return pd.DataFrame(columns=FINDING_COLUMNS)
    said = list(rows.columns)
    rows = rows[(rows["p"] >= SURE) & (rows["bulk"] - rows["before"] >= worse_by)].reset_index()
    rows = rows.assign(sku=None, seen_on=pd.NaT, money=rows["supplier"].map(monthly))
    item = [_told({str(name): value for name, value in row.items()}) for row in rows[said].to_dict("records")]
    return finding_rows("drift", rows, pd.Series("", rows.index), item, rows["p"])


def _told(row: dict[str, float]) -> str:
    """Both rates, each with its interval and pieces, and how likely bulk is worse."""
    likely, pieces = chance(row.pop("p")), {"pieces": int(row.pop("bulk_n")), "pieces_before": int(row.pop("before_n"))}
    return reason("before_order.risk_bulk", chance=likely, **pieces, **row)
