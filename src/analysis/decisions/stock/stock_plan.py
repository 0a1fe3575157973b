"""The stock sheet: for each SKU when to order, how much, what that keeps in stock, and the forecast that suppliers get.

Reorder points come from `stock`; order sizes from the economic order quantity, held between one review's demand and the longest
cover that the house wants (low stock, high turnover), never below the supplier's minimum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.allowed import Chance, Months, Number
from analysis.decisions.stock.demand import DemandPosterior
from analysis.decisions.stock.lead_time_demand import LeadTimeDemand, lead_time_nodes
from analysis.decisions.stock.looking_ahead import RARE, RECENT
from analysis.decisions.stock.reorder import fill_rate, normal_reorder_point
from analysis.estimates.draws import Draws
from analysis.months import DAYS_A_MONTH
from analysis.reasons import reason

DAYS_A_YEAR = 365.25


@dataclass(frozen=True)
class StockRule:
    """The house's rule for stock, section `stock` of the rules; times in days.

    `longest_cover_days`: no order is larger than demand over so many days unless the minimum order makes it so (low stock, high
    turnover). `sensible_months`: an offer whose minimum order covers more months of demand is refused.
    """

    service_level: Chance
    review_days: Annotated[float, Number(0, 365, above=True)]
    longest_cover_days: Annotated[float, Number(0, 3650, above=True)]
    sensible_months: Months


def _check_positive(**values: float) -> None:
    """`ValueError` naming the first argument that is not finite and above 0."""
    for name, value in values.items():
        if not 0 < value < np.inf:
            raise ValueError(f"{name}: finite and above 0 is needed, got {value}")


STOCK_COLUMNS = [
    "sku", "supplier", "months", "zero_months", "gap_months", "family", "family_weight", "demand_per_month", "demand_per_month_low",
    "demand_per_month_high", "demand_per_year", "lead_time_mean", "reorder_point", "safety_stock", "order_quantity", "good_share", "order_up_to",
    "orders_per_year", "days_between_orders", "cycle_service", "fill_rate", "normal_reorder_point", "normal_cycle_service",
    "average_stock", "turns", "capital", "note_key", "note", "pace_note",
]  # fmt: skip
WHOLE = (
    "months",
    "zero_months",
    "gap_months",
    "reorder_point",
    "order_quantity",
    "order_up_to",
    "normal_reorder_point",
)


def plan_stock(
    demand: DemandPosterior,
    supply: pd.DataFrame,
    lead_times: Draws,
    rule: StockRule,
    order_cost: float,
    carrying_rate: float,
    observed: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """The stock sheet: one row an SKU of `demand` or `supply`, in that order; every number or the reason why there is none.

    Parameters
    ----------
    demand : DemandPosterior
        Posterior from `fit_demand`, or from `fit_demand_ahead`, by which a reorder point holds the sales of the months ahead.
    supply : DataFrame
        `sku supplier unit_cost min_quantity`, one row an SKU: the supplier it is bought from, cost of a good piece and least
        order; a missing cost leaves order size to cover and the money open. Optional `good_share`: good pieces of one bought,
        which are what demand is met from; all where it is not told.
    lead_times : Draws
        *predictive* draws of days from order to receipt, by supplier.
    rule : StockRule
        The house's rule.
    order_cost, carrying_rate : float
        Of an order, in money; of a unit of money in stock, a year (`HouseCosts`).
    observed : DataFrame, optional
        `supplier days`, lead times of received orders, for the usual formula; it needs two a supplier.

    Returns
    -------
    DataFrame
        `STOCK_COLUMNS`. Stock in pieces: `reorder_point` of the stock position, `safety_stock` = point - expected demand
        until the delivery, `order_up_to` = point + order; `demand_per_year`, `orders_per_year` and `turns` are of the year ahead,
        `days_between_orders` those in which an order is sold once it came; `cycle_service` chance of no stock-out before a delivery,
        `fill_rate` share of demand served; `normal_reorder_point` with the service that it would really give;
        `capital` tied up on average; `pace_note` says whether a season or trend is in these numbers.
    """
    _check_positive(order_cost=order_cost, carrying_rate=carrying_rate)
    table = _open_sheet(demand, check_supply(supply), lead_times)
    assessed = table.index[table["note_key"] == ""]
    if len(assessed):
        rows = _assess(table.loc[assessed], demand, lead_times, rule, order_cost, carrying_rate)
        if observed is not None:
            rows |= _usual_formula(table.loc[assessed], rows.pop("_demand"), demand, observed, rule)
        rows.pop("_demand", None)
        for name, values in rows.items():
            table.loc[assessed, name] = values
    table["pace_note"] = "" if demand.ahead is None else demand.ahead.told()
    return _close_sheet(table, rule)


def check_supply(supply: pd.DataFrame) -> pd.DataFrame:
    """`supply` if it has its columns, one row an SKU and no negative cost or quantity; `ValueError` otherwise."""
    missing = {"sku", "supplier", "unit_cost", "min_quantity"} - set(supply.columns)
    if missing:
        raise ValueError(f"supply: the columns {', '.join(sorted(missing))} are missing")
    twice = supply.loc[supply["sku"].duplicated(), "sku"].tolist()
    if twice:
        raise ValueError(
            f"supply: one row an SKU is needed, {twice[:5]} occur more than once; choose a supplier for each"
        )
    for name in ("unit_cost", "min_quantity"):
        bad = supply.loc[supply[name].notna() & ~(supply[name] > 0), "sku"].tolist()
        if bad:
            raise ValueError(f"supply: {name} is above 0, or empty where unknown; broken for {bad[:5]}")
    return supply


def _open_sheet(demand: DemandPosterior, supply: pd.DataFrame, lead_times: Draws) -> pd.DataFrame:
    """Every SKU once with supplier and demand; `note_key` says what is missing, empty where all is there."""
    skus = pd.Index(demand.skus).union(pd.Index(supply["sku"]), sort=True)
    supply = supply if "good_share" in supply else supply.assign(good_share=1.0)
    table = pd.DataFrame(index=skus).join(
        supply.set_index("sku")[["supplier", "unit_cost", "min_quantity", "good_share"]]
    )
    table = table.join(demand.summary().set_index("sku").drop(columns="demand_cv"))
    if demand.ahead is not None:
        ahead = demand.ahead
        late = {"sold": ahead.sold, "expected": ahead.expected, "more": ahead.more, "late_months": ahead.late_months}
        table = table.join(pd.DataFrame(late, demand.skus))
    known = table["supplier"].isin(lead_times.suppliers[~np.isnan(lead_times.values).any(axis=1)])
    table["note_key"] = np.select(
        [table["months"].isna(), table["supplier"].isna(), ~known], ["no_demand", "no_supplier", "no_lead_time"], ""
    )
    return table


def _assess(
    table: pd.DataFrame,
    demand: DemandPosterior,
    lead_times: Draws,
    rule: StockRule,
    order_cost: float,
    carrying_rate: float,
) -> dict[str, Any]:
    """The sheet's numbers for SKUs of which everything is known; `_demand` is their demand until the delivery."""
    which = demand.skus.get_indexer(table.index)
    suppliers, supplier = np.unique(table["supplier"].astype(str), return_inverse=True)
    days = lead_time_nodes(lead_times.of(pd.Index(suppliers)))[supplier]
    a_year = table["demand_per_month"].to_numpy() * 12
    start = np.zeros(len(demand.skus))
    start[which] = days.mean(axis=1)
    year_ahead = a_year * demand.pace_while(0.0, DAYS_A_YEAR)[which]
    lasts = a_year * demand.pace_while(start, rule.longest_cover_days)[which]  # what an order is sold in, once it came
    quantity = order_quantities(lasts, table["unit_cost"], table["min_quantity"], rule, order_cost, carrying_rate)
    until = LeadTimeDemand.of(*demand.over(days, which), rule.review_days, quantity)
    point = np.ceil(until.quantile(rule.service_level, tolerance=1e-6) - 1e-9)
    safety = point - until.mean
    average = np.maximum(safety, 0) + quantity / 2
    good = quantity * table["good_share"].to_numpy(float)
    return {
        "lead_time_mean": days.mean(axis=1),
        "reorder_point": point,
        "safety_stock": safety,
        "order_quantity": quantity,
        "order_up_to": point + quantity,
        "demand_per_year": year_ahead,
        "orders_per_year": year_ahead / good,
        "days_between_orders": demand.days_lasting(DAYS_A_YEAR * good / a_year, which, start[which]),
        "cycle_service": until.cdf(point),
        "fill_rate": fill_rate(until, point, quantity),
        "average_stock": average,
        "turns": year_ahead / average,
        "capital": average * table["unit_cost"].to_numpy(),
        "_demand": until,
    }


def economic_order_quantity(
    order_cost: float, holding_cost: NDArray[np.float64] | float, demand: NDArray[np.float64] | float
) -> NDArray[np.float64]:
    """Q* = sqrt(2 K lambda / h): K money an order, h money a piece held a year, lambda pieces a year    [1, (3.4)].

    >>> round(float(economic_order_quantity(8, 0.225, 1300)), 1)
    304.0

    .. [1] Snyder, L. V. and Shen, Z.-J. M. (2019). Fundamentals of Supply Chain Theory, 2nd ed., Wiley.
    """
    return np.sqrt(2.0 * order_cost * np.asarray(demand, float) / holding_cost)


def order_quantities(
    a_year: np.ndarray,
    unit_cost: pd.Series,
    min_quantity: pd.Series,
    rule: StockRule,
    order_cost: float,
    carrying_rate: float,
) -> np.ndarray:
    """Whole pieces an order: the economic quantity, kept between one review's demand and the longest cover, not below the minimum."""
    cost = unit_cost.to_numpy(float)
    least, most = a_year * rule.review_days / DAYS_A_YEAR, a_year * rule.longest_cover_days / DAYS_A_YEAR
    economic = economic_order_quantity(order_cost, carrying_rate * np.where(cost > 0, cost, 1.0), a_year)
    wanted = np.clip(np.where(cost > 0, economic, most), least, np.maximum(least, most))
    return np.ceil(np.maximum(np.maximum(wanted, 1.0), np.nan_to_num(min_quantity.to_numpy(float), nan=1.0)) - 1e-9)


def _usual_formula(
    table: pd.DataFrame, until: LeadTimeDemand, demand: DemandPosterior, observed: pd.DataFrame, rule: StockRule
) -> dict[str, Any]:
    """The usual formula from sample means and deviations, and the service that it would give."""
    days = observed.groupby("supplier")["days"].agg(["mean", "std"]).reindex(table["supplier"].astype(str))
    at = demand.skus.get_indexer(table.index)
    mean, sd = demand.month_mean[at] / DAYS_A_MONTH, demand.month_sd[at] / np.sqrt(DAYS_A_MONTH)
    times = days["mean"].to_numpy(), days["std"].to_numpy()
    point = np.ceil(normal_reorder_point(*times, mean, sd, rule.service_level, rule.review_days) - 1e-9)
    known = np.isfinite(point)
    service = np.where(known, until.cdf(np.where(known, point, 0.0)), np.nan)
    return {"normal_reorder_point": point, "normal_cycle_service": service}


FEW_MONTHS = 3
TOLD = ("supplier", "order_quantity", "days_between_orders", "months", "zero_months", "gap_months", "normal_reorder_point", "normal_cycle_service")  # fmt: skip
"""What the sentences beside a row are written from."""


def _close_sheet(table: pd.DataFrame, rule: StockRule) -> pd.DataFrame:
    """Columns in order, whole pieces as such, and a reason a row."""
    table = table.rename_axis("sku").reset_index()
    for name in STOCK_COLUMNS:
        if name not in table:
            table[name] = pd.NA if name in ("supplier", "note", "note_key", "family") else np.nan
    table["note_key"] = [row.note_key or _note(row, rule) for row in table.itertuples()]
    table["note"] = [
        reason(_told_as(row), **_note_values(row, rule)) if row.note_key else "" for row in table.itertuples()
    ]
    return table[STOCK_COLUMNS].astype(dict.fromkeys(WHOLE, "Int64"))


def _note(row: Any, rule: StockRule) -> str:
    """The first thing that a reader of the row should know; empty when nothing stands out."""
    more = getattr(row, "more", 0.5)
    if more > 1 - RARE or more < RARE:
        return "sells_more" if more > 0.5 else "sells_less"
    if row.gap_months > 0:
        return "gaps"
    if row.days_between_orders > rule.longest_cover_days * 1.02 and row.min_quantity >= row.order_quantity:
        return "minimum_covers"
    if pd.isna(row.unit_cost):
        return "no_cost"
    if row.months < FEW_MONTHS:
        return "few_months"
    if row.zero_months * 2 >= row.months:
        return "intermittent"
    if row.normal_cycle_service < rule.service_level - 0.01:
        return "usual_formula_short"
    return ""


def _told_as(row: Any) -> str:
    """The sentence of a row's note; of one month is not told as of several."""
    once = row.note_key in ("sells_more", "sells_less") and row.late_months == 1
    return f"stock.{row.note_key}_once" if once else f"stock.{row.note_key}"


def _note_values(row: Any, rule: StockRule) -> dict[str, Any]:
    if row.note_key in ("sells_more", "sells_less"):
        return {"sold": row.sold, "expected": row.expected, "recent": RECENT}
    known = {name: value for name in TOLD if pd.notna(value := getattr(row, name))}
    if "months" in known:
        known["if_nothing_sold"] = row.demand_per_month * row.months / (row.months + row.gap_months)
    return {**known, "longest_cover_days": rule.longest_cover_days, "service_level": rule.service_level}
