"""The forecast sheet that a supplier gets: what will be bought in the coming months, with its range."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.decisions.stock.demand import DemandNodes, DemandPosterior
from analysis.decisions.stock.lead_time_demand import LeadTimeDemand


def forecast_demand(
    demand: DemandPosterior,
    first_month: pd.Timestamp,
    supplier: pd.Series | None = None,
    months: int = 3,
    level: float = 0.80,
) -> pd.DataFrame:
    """The forecast sheet for suppliers: expected demand with range, by SKU, for each coming month and for all together.

    `sku supplier from_month to_month expected low high`, whole pieces; `low` and `high` hold the month's sales with `level`
    (what sells, not just its mean, so that a supplier can plan for it). `supplier` by SKU, where one is chosen.
    """
    if months < 1:
        raise ValueError(f"months: 1 or more are needed, got {months}")
    coming = pd.period_range(pd.Timestamp(first_month), periods=months, freq="M")
    spans = [(month, month, month.days_in_month) for month in coming]
    if months > 1:
        spans.append((coming[0], coming[-1], sum(days for _, _, days in spans)))
    ranges = {days: _range_of_demand(demand.nodes, days, level) for days in {days for _, _, days in spans}}
    tables = [
        ranges[days].assign(sku=demand.skus, from_month=first.to_timestamp(), to_month=last.to_timestamp())
        for first, last, days in spans
    ]
    sheet = pd.concat(tables, ignore_index=True)[["sku", "from_month", "to_month", "expected", "low", "high"]]
    chosen = pd.Series(dtype=object) if supplier is None else supplier
    sheet.insert(1, "supplier", chosen.reindex(sheet["sku"]).to_numpy())
    return sheet.sort_values(["sku", "to_month", "from_month"], ascending=[True, True, False], ignore_index=True)


def _range_of_demand(nodes: DemandNodes, days: int, level: float) -> pd.DataFrame:
    """Expected demand over so many days and the range that holds it with `level`, whole pieces outwards."""
    period = LeadTimeDemand.of(float(days), nodes, review_days=0)
    low, high = (period.quantile(p, tolerance=1e-5) for p in ((1 - level) / 2, (1 + level) / 2))
    whole = {"low": np.floor(low).astype(int), "high": np.ceil(high).astype(int)}
    return pd.DataFrame({"expected": period.mean, **whole})
