"""What a backup supplier is worth: single source, split, rotate and standby compared over imagined years with outages.

Reorder points, order sizes and emergency points are searched on one set of imagined years and judged on others, with the same
demand, lead times and outages for every policy, against the best single supplier (`supply_simulation.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.decisions.sourcing.supply_simulation import (
    NEVER,
    POLICIES,
    DailyDemand,
    ImaginedYears,
    Settings,
    SupplyCosts,
    SupplyOutcome,
    SupplySource,
    imagine,
    simulate_policy,
)

POLICY_COLUMNS = [
    "policy", "reorder_point", "order_quantity", "emergency_point", "cost_per_year", "tail_cost", "cost_change", "cost_change_error",
    "tail_change", "served", "average_stock", "best",
]  # fmt: skip
SURE_LEAD = 2.0
"""Standard errors of the paired difference by which a policy must be cheaper to be called the best."""


def compare_policies(
    first: SupplySource,
    second: SupplySource,
    daily_demand: DailyDemand,
    quantities: Sequence[float],
    costs: SupplyCosts,
    *,
    seed: int,
    streams: int = 200,
    judged: int = 600,
    days: int = 540,
) -> pd.DataFrame:
    """Each policy at its best settings, judged on years that the search has not seen: `POLICY_COLUMNS`, cheapest first.

    Parameters
    ----------
    first, second : SupplySource
        The present supplier and the backup.
    daily_demand : DailyDemand
        Draws pieces a day, `daily_demand(rng, (streams, days))`.
    quantities : Sequence[float]
        Order sizes to choose from, pieces.
    seed : int
        The search and the judgement draw from two independent streams of it.
    streams, judged, days : int, optional
        Imagined runs in the search and in the judgement, and their length.

    Returns
    -------
    DataFrame
        `cost_per_year` mean, `tail_cost` mean of the dearest 5 % of runs (CVaR); `cost_change` and `tail_change` against the
        single supplier that the search found the cheaper, `cost_change_error` the standard error of the paired difference,
        all as shares; `best` the least mean cost, where it leads that single supplier by more than `SURE_LEAD` standard errors.
    """
    search, judge = (np.random.default_rng([seed, part]) for part in (0, 1))
    sources = (first, second)
    seen = imagine(sources, daily_demand, streams, days, search)
    held_out = imagine(sources, daily_demand, judged, days, judge)
    chosen, outcomes, found = {}, {}, {}
    for policy in POLICIES:
        grid = _grid(policy, sources, seen, quantities)
        tried = simulate_policy(policy, sources, seen, grid, costs)
        at = int(tried.mean.argmin())
        chosen[policy], found[policy] = grid.only(at), float(tried.mean[at])
        outcomes[policy] = simulate_policy(policy, sources, held_out, chosen[policy], costs)
    single = min(("single_first", "single_second"), key=lambda policy: found[policy])
    rows = [_row(policy, chosen[policy], outcomes[policy], outcomes[single]) for policy in POLICIES]
    table = pd.DataFrame(rows).sort_values("cost_per_year", kind="stable", ignore_index=True)
    leads = table["cost_change"] < -SURE_LEAD * table["cost_change_error"]
    return table.assign(best=leads & (table.index == 0))[POLICY_COLUMNS]


def _grid(policy: str, sources: Sequence[SupplySource], years: ImaginedYears, quantities: Sequence[float]) -> Settings:
    """Reorder points around the demand of a usual delivery; emergency points below them."""
    source = sources[1 if policy == "single_second" else 0]
    usual = years.demand.mean() * float(np.mean(source.lead_time_days))
    points = np.rint(usual * np.linspace(0.6, 3.0, 13))
    emergencies = (
        np.r_[NEVER, np.rint(usual * np.array([0.0, 0.15, 0.3, 0.5, 0.75]))]
        if policy == "standby"
        else np.array([NEVER])
    )
    return Settings.grid(np.unique(points), np.asarray(quantities, float), np.unique(emergencies))


def _row(policy: str, settings: Settings, outcome: SupplyOutcome, single: SupplyOutcome) -> dict[str, Any]:
    difference = outcome.cost[0] - single.cost[0]
    base = float(single.mean[0])
    emergency = float(settings.emergency[0])
    return {
        "policy": policy,
        "reorder_point": float(settings.reorder_point[0]),
        "order_quantity": float(settings.quantity[0]),
        "emergency_point": np.nan if emergency == NEVER else emergency,
        "cost_per_year": float(outcome.mean[0]),
        "tail_cost": float(outcome.tail[0]),
        "cost_change": float(difference.mean()) / base,
        "cost_change_error": float(difference.std(ddof=1) / np.sqrt(len(difference))) / base,
        "tail_change": float(outcome.tail[0] / single.tail[0]) - 1,
        "served": float(outcome.served.mean()),
        "average_stock": float(outcome.stock.mean()),
    }
