"""How much hangs on whom: shares of spend, effective number of suppliers, and what an outage of each would put at stake.

HHI = sum of squared shares (1: one supplier; 0.25: like four of equal size); effective suppliers = 1 / HHI [1].
Exposure = money a month that depends on the supplier alone x months until another one delivers.

.. [1] Adelman, M. A. (1969). Comment on the "H" concentration measure as a numbers-equivalent. Rev. Econ. Stat. 51, 99-101.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.decisions.offers import BOUGHT, goods_paid
from analysis.months import DAYS_A_MONTH


def herfindahl(spend: np.ndarray) -> float:
    """Sum of squared shares of `spend`; NaN when nothing was spent. `ValueError` for negative spend.

    >>> herfindahl([50, 30, 20])
    0.38
    """
    spend = np.asarray(spend, float)
    if not np.all(spend >= 0):
        raise ValueError("spend: money of 0 or more by supplier is needed; net refunds out of the supplier's sum first")
    total = spend.sum()
    return float(round(np.sum((spend / total) ** 2), 12)) if total > 0 else np.nan


def recent_spend(orders: pd.DataFrame, as_of: pd.Timestamp, months: int = 12) -> pd.DataFrame:
    """Goods bought in the last `months` months: `supplier sku category spend monthly`, one row a supplier and SKU.

    `category` is the SKU's: the one stated on its newest order, whoever the supplier; missing where none states any. `monthly` is the
    spend of a month of those that the record covers: a house that has bought for two months spends half of it in each.
    """
    since = as_of - pd.DateOffset(months=months)
    lines = orders[orders["status"].isin(BOUGHT) & (orders["ordered_on"] > since)]
    spend = lines.assign(spend=goods_paid(lines)).groupby(["supplier", "sku"])["spend"].sum().reset_index()
    stated = orders.dropna(subset="category").sort_values(["ordered_on", "category"])
    spend.insert(2, "category", spend["sku"].map(stated.groupby("sku")["category"].last()))
    return spend.assign(monthly=spend["spend"] / months_on_record(orders, as_of, months))


def months_on_record(orders: pd.DataFrame, as_of: pd.Timestamp, most: int = 12) -> float:
    """Months from the first thing bought to `as_of`: one at least, `most` at most (also where nothing was bought).

    >>> bought = pd.DataFrame({"status": ["received", "open"], "ordered_on": pd.to_datetime(["2026-09-01", "2026-10-05"])})
    >>> round(months_on_record(bought, pd.Timestamp("2026-10-31")), 1)
    2.0
    """
    first = orders.loc[orders["status"].isin(BOUGHT), "ordered_on"].min()
    return most if pd.isna(first) else float(np.clip(((as_of - first).days + 1) / DAYS_A_MONTH, 1, most))


def concentration(spend: pd.DataFrame, by: str | None = None) -> pd.DataFrame:
    """`hhi effective_suppliers suppliers largest_supplier largest_share spend` of `recent_spend`, for all or by a column (sku)."""
    groups = [("", spend)] if by is None else list(spend.groupby(by, sort=True))
    rows = []
    for name, part in groups:
        sums = part.groupby("supplier")["spend"].sum().sort_values(ascending=False, kind="stable")
        sums = sums[sums > 0]
        index = herfindahl(sums.to_numpy())
        largest = (sums.index[0], sums.iloc[0] / sums.sum()) if len(sums) else (pd.NA, np.nan)
        rows.append((name, index, 1 / index, len(sums), *largest, float(sums.sum())))
    key = by or "all"
    return pd.DataFrame(
        rows, columns=[key, "hhi", "effective_suppliers", "suppliers", "largest_supplier", "largest_share", "spend"]
    )


def exposure(spend: pd.DataFrame, recovery: pd.DataFrame) -> pd.DataFrame:
    """What an outage of each supplier puts at stake: `supplier spend share skus single_source_skus recovery_days exposure`.

    Parameters
    ----------
    spend : DataFrame
        From `recent_spend`.
    recovery : DataFrame
        `supplier sku recovery_days`: days until the best other supplier delivers (`backup.recovery_days`).

    `exposure` = sum over SKUs of monthly spend with the supplier x months to recover; `recovery_days` the longest of its
    SKUs; `single_source_skus` those that nobody else supplied in the period. Largest exposure first.
    """
    table = spend[spend["spend"] > 0].merge(
        recovery[["supplier", "sku", "recovery_days"]], on=["supplier", "sku"], how="left"
    )
    unknown = table.loc[table["recovery_days"].isna(), ["supplier", "sku"]].to_numpy().tolist()
    if unknown:
        raise ValueError(f"recovery: recovery_days is missing for {unknown[:3]}; give the days to start a new supplier")
    table["at_stake"] = table["monthly"] * table["recovery_days"] / DAYS_A_MONTH
    table["alone"] = table.groupby("sku")["supplier"].transform("nunique") == 1
    groups = table.groupby("supplier")
    out = pd.DataFrame(
        {
            "spend": groups["spend"].sum(), "skus": groups["sku"].nunique(),
            "single_source_skus": table[table["alone"]].groupby("supplier")["sku"].nunique(),
            "recovery_days": groups["recovery_days"].max(), "exposure": groups["at_stake"].sum(),
        }
    )  # fmt: skip
    out["single_source_skus"] = out["single_source_skus"].fillna(0).astype(int)
    out.insert(1, "share", out["spend"] / out["spend"].sum())
    return out.reset_index().sort_values(["exposure", "supplier"], ascending=[False, True], ignore_index=True)
