"""The forecast sheet that a supplier gets: what will be bought in the coming months, with its range."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.decisions.stock.demand import DemandPosterior
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
    begins = np.cumsum([0, *coming.days_in_month])
    spans = [(place, place) for place in range(months)] + ([(0, months - 1)] if months > 1 else [])
    ranges: dict[tuple[int, int], pd.DataFrame] = {}
    tables = []
    for first, last in spans:
        start, days = int(begins[first]), int(begins[last + 1] - begins[first])
        alike = (
            start if _by_month(demand) else 0,
            days,
        )  # months of one length are alike where no season or trend is used
        if alike not in ranges:
            ranges[alike] = _range_of_demand(demand, start, days, level)
        whole = ranges[alike].assign(from_month=coming[first].to_timestamp(), to_month=coming[last].to_timestamp())
        tables.append(whole.assign(sku=demand.skus))
    sheet = pd.concat(tables, ignore_index=True)[["sku", "from_month", "to_month", "expected", "low", "high"]]
    chosen = pd.Series(dtype=object) if supplier is None else supplier
    sheet.insert(1, "supplier", chosen.reindex(sheet["sku"]).to_numpy())
    return sheet.sort_values(["sku", "to_month", "from_month"], ascending=[True, True, False], ignore_index=True)


def _by_month(demand: DemandPosterior) -> bool:
    return demand.ahead is not None and demand.ahead.clock is not None


def _range_of_demand(demand: DemandPosterior, start: int, days: int, level: float) -> pd.DataFrame:
    """Expected demand over `days` days, `start` days from now, and the range that holds it with `level`, whole pieces outwards."""
    usual, nodes = demand.over(np.full((1, 1), float(days)), np.arange(len(demand.skus)), start)
    period = LeadTimeDemand.of(usual, nodes, review_days=0)
    low, high = (period.quantile(p, tolerance=1e-5) for p in ((1 - level) / 2, (1 + level) / 2))
    whole = {"low": np.floor(low).astype(int), "high": np.ceil(high).astype(int)}
    return pd.DataFrame({"expected": period.mean, **whole})
