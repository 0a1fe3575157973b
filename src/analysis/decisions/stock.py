"""When to order again and how much to keep: reorder point, safety stock, order size, and the service they really give.

The reorder point is the quantile of demand until the next delivery (`lead_time_demand`), mixed over the *predictive* lead time
and the posterior of demand (`demand`). Beside it stands the usual formula, mu L + z sqrt(L sd^2 + mu^2 sd_L^2), with the service
that it would really give: on a skewed lead time known from a few orders it promises more than it keeps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from analysis.decisions.demand import DAYS_A_MONTH, DemandNodes, DemandPosterior
from analysis.decisions.inventory_models import economic_order_quantity
from analysis.decisions.lead_time_demand import LONGEST_DAYS, LeadTimeDemand, check_lead_times, lead_time_nodes
from analysis.estimates.draws import Draws
from analysis.wording import LANGUAGES, say

DAYS_A_YEAR = 365.25


def reorder_point(
    lead_time_days,
    demand_mean,
    demand_variance=None,
    *,
    service_level: float = 0.95,
    review_days: float = 1.0,
    order_quantity=np.inf,
    family: str | None = None,
):
    """Stock position (on hand + on order - owed) at which to order: demand until the delivery stays within it with `service_level`.

    P(U + D(L) <= R) = mean_j F_j(R), averaged over equally likely lead times L_j; D(t) has mean `demand_mean` t and variance
    `demand_variance` t, U is what a review finds the position to be below the point.

    Parameters
    ----------
    lead_time_days : predictive lead times in days, equally likely: (node,) for all SKUs or (SKU, node); draws or quantiles.
    demand_mean : pieces a day: a number or one a SKU; or (SKU, node), paired with the lead times, when it is uncertain.
    demand_variance : of a day's demand, pieces^2, likewise; None: Poisson, variance = mean.
    service_level : probability of no stock-out before a delivery (cycle service).
    review_days : days between two looks at the stock; 0 watches it without pause.
    order_quantity : pieces an order, one for all or one a SKU; matters only for lumpy demand and small orders.
    family : `"gamma"` (amounts; the default with a variance), `"negative binomial"` or `"poisson"` (counts).

    Returns
    -------
    Pieces, one a SKU (a float when one SKU is asked for); whole pieces for counts.

    Raises
    ------
    ValueError, naming argument and rule: a lead time that is negative or missing, demand not above 0, a service level outside
    (0, 1), a negative binomial with no more variance than Poisson, arrays that do not fit together.

    Examples
    --------
    A constant lead time of 9 days and 4 pieces a day, Poisson: P(D <= 46) = 0.955 is the first to reach 95 %.

    >>> reorder_point(9.0, 4.0, service_level=0.95, review_days=0)
    46.0

    Five equally likely lead times, the last one late; two SKUs:

    >>> reorder_point([12, 14, 15, 18, 35], [4.0, 10.0], [20.0, 90.0]).round(1)
    array([161.6, 396.1])
    """
    demand = _known_demand(demand_mean, demand_variance, family)
    days = check_lead_times(lead_time_days)
    if days.ndim > 2:
        raise ValueError(f"lead_time_days: (node,) or (SKU, node) is needed, got {days.ndim} dimensions")
    points = LeadTimeDemand.of(days, demand, review_days, order_quantity).quantile(service_level)
    single = np.ndim(demand_mean) == 0 and days.ndim < 2
    return float(points[0]) if single else points


def _known_demand(mean, variance, family: str | None) -> DemandNodes:
    mean = np.asarray(mean, float)
    family = family or ("poisson" if variance is None else "gamma")
    if family == "poisson" and variance is not None and not np.allclose(variance, mean):
        raise ValueError("demand_variance: Poisson demand has variance = mean; leave it out or choose another family")
    spread = mean if variance is None else np.asarray(variance, float)
    if family == "negative binomial" and np.any(spread <= mean):
        raise ValueError("demand_variance: negative binomial demand varies more than its mean; choose poisson or gamma")
    if mean.ndim < 2 and spread.ndim < 2:
        return DemandNodes.known(mean, spread, family)
    known = DemandNodes.known(1.0, 1.0, family)
    return DemandNodes(*np.broadcast_arrays(mean, spread, known.family))


def normal_reorder_point(lead_time_mean, lead_time_sd, demand_mean, demand_sd, service_level: float, review_days=0.0):
    """The usual formula mu L + z sqrt(L sd^2 + mu^2 sd_L^2); days and a day's demand. For comparison only.

    `review_days` between two looks at the stock lengthen L by half of them.

    >>> float(round(normal_reorder_point(10, 3, 20, 8, 0.95), 1))
    307.1
    """
    days = np.add(lead_time_mean, np.divide(review_days, 2))
    sd = np.sqrt(days * np.square(demand_sd) + np.square(demand_mean) * np.square(lead_time_sd))
    return demand_mean * days + special.ndtri(service_level) * sd


def fill_rate(demand: LeadTimeDemand, point, order_quantity) -> np.ndarray:
    """Share of demand served from the shelf: 1 - (G(R) - G(R + Q)) / Q, G the loss function of demand until the delivery."""
    return 1 - (demand.loss(point) - demand.loss(np.add(point, order_quantity))) / order_quantity


@dataclass(frozen=True)
class StockRule:
    """The house's rule for stock. Money in the source's currency, times in days.

    `carrying_rate`: cost of holding a unit of money in stock for a year; `longest_cover_days`: no order is larger than
    demand over so many days unless the minimum order makes it so (low stock, high turnover).
    """

    service_level: float = 0.95
    review_days: float = 7.0
    order_cost: float = 30.0
    carrying_rate: float = 0.25
    longest_cover_days: float = 90.0
    longest_lead_days: float = LONGEST_DAYS

    def __post_init__(self) -> None:
        if not 0 < self.service_level < 1:
            raise ValueError(f"service_level: a probability between 0 and 1 (95 % is 0.95), got {self.service_level}")
        for name in ("review_days", "order_cost", "carrying_rate", "longest_cover_days", "longest_lead_days"):
            if not 0 < getattr(self, name) < np.inf:
                raise ValueError(f"{name}: finite and above 0 is needed, got {getattr(self, name)}")


STOCK_COLUMNS = [
    "sku", "supplier", "months", "zero_months", "family", "family_weight", "demand_per_month", "demand_per_month_low",
    "demand_per_month_high", "lead_time_mean", "reorder_point", "safety_stock", "order_quantity", "order_up_to",
    "orders_per_year", "days_between_orders", "cycle_service", "fill_rate", "normal_reorder_point", "normal_cycle_service",
    "average_stock", "turns", "capital", "note_key", "note", "note_zh",
]  # fmt: skip
WHOLE = ("months", "zero_months", "reorder_point", "order_quantity", "order_up_to", "normal_reorder_point")


def plan_stock(
    demand: DemandPosterior,
    supply: pd.DataFrame,
    lead_times: Draws,
    observed: pd.DataFrame | None = None,
    rule: StockRule | None = None,
) -> pd.DataFrame:
    """The stock sheet: one row an SKU of `demand` or `supply`, in that order; every number or the reason why there is none.

    Parameters
    ----------
    demand : posterior from `fit_demand`.
    supply : `sku supplier unit_cost min_quantity`, one row an SKU: the supplier it is bought from, cost of a good piece and
        least order; a missing cost leaves order size to cover and the money open.
    lead_times : *predictive* draws of days from order to receipt, by supplier.
    observed : `supplier days`, lead times of received orders, for the usual formula; it needs two a supplier.
    rule : the house's rule.

    Returns
    -------
    `STOCK_COLUMNS`. Stock in pieces: `reorder_point` of the stock position, `safety_stock` = point - expected demand until the
    delivery, `order_up_to` = point + order; `cycle_service` chance of no stock-out before a delivery, `fill_rate` share of
    demand served; `normal_reorder_point` with the service that it would really give; `turns` a year; `capital` tied up on average.
    """
    rule = rule or StockRule()
    table = _open_sheet(demand, check_supply(supply), lead_times)
    assessed = table.index[table["note_key"] == ""]
    if len(assessed):
        rows = _assess(table.loc[assessed], demand, lead_times, rule)
        if observed is not None:
            rows |= _usual_formula(table.loc[assessed], rows.pop("_demand"), demand, observed, rule)
        rows.pop("_demand", None)
        for name, values in rows.items():
            table.loc[assessed, name] = values
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
    table = pd.DataFrame(index=skus).join(supply.set_index("sku")[["supplier", "unit_cost", "min_quantity"]])
    table = table.join(demand.summary().set_index("sku").drop(columns="demand_cv"))
    known = table["supplier"].isin(lead_times.suppliers[~np.isnan(lead_times.values).any(axis=1)])
    table["note_key"] = np.select(
        [table["months"].isna(), table["supplier"].isna(), ~known], ["no_demand", "no_supplier", "no_lead_time"], ""
    )
    return table


def _assess(table: pd.DataFrame, demand: DemandPosterior, lead_times: Draws, rule: StockRule) -> dict:
    """The sheet's numbers for SKUs of which everything is known; `_demand` is their demand until the delivery."""
    nodes = _rows(demand.nodes, demand.skus.get_indexer(table.index))
    suppliers, supplier = np.unique(table["supplier"].astype(str), return_inverse=True)
    days = lead_time_nodes(lead_times.of(pd.Index(suppliers)), nodes.mean.shape[1], rule.longest_lead_days)[supplier]
    a_year = table["demand_per_month"].to_numpy() * 12
    quantity = order_quantities(a_year, table["unit_cost"], table["min_quantity"], rule)
    until = LeadTimeDemand.of(days, nodes, rule.review_days, quantity)
    point = np.ceil(until.quantile(rule.service_level, tolerance=1e-6) - 1e-9)
    safety = point - until.mean
    average = np.maximum(safety, 0) + quantity / 2
    return {
        "lead_time_mean": days.mean(axis=1),
        "reorder_point": point,
        "safety_stock": safety,
        "order_quantity": quantity,
        "order_up_to": point + quantity,
        "orders_per_year": a_year / quantity,
        "days_between_orders": DAYS_A_YEAR * quantity / a_year,
        "cycle_service": until.cdf(point),
        "fill_rate": fill_rate(until, point, quantity),
        "average_stock": average,
        "turns": a_year / average,
        "capital": average * table["unit_cost"].to_numpy(),
        "_demand": until,
    }


def _rows(nodes: DemandNodes, which: np.ndarray) -> DemandNodes:
    return DemandNodes(nodes.mean[which], nodes.variance[which], nodes.family[which])


def order_quantities(a_year: np.ndarray, unit_cost: pd.Series, min_quantity: pd.Series, rule: StockRule) -> np.ndarray:
    """Whole pieces an order: the economic quantity, kept between one review's demand and the longest cover, not below the minimum."""
    cost = unit_cost.to_numpy(float)
    least, most = a_year * rule.review_days / DAYS_A_YEAR, a_year * rule.longest_cover_days / DAYS_A_YEAR
    economic, _ = economic_order_quantity(rule.order_cost, rule.carrying_rate * np.where(cost > 0, cost, 1.0), a_year)
    wanted = np.clip(np.where(cost > 0, economic, most), least, np.maximum(least, most))
    return np.ceil(np.maximum(np.maximum(wanted, 1.0), np.nan_to_num(min_quantity.to_numpy(float), nan=1.0)) - 1e-9)


def _usual_formula(
    table: pd.DataFrame, until: LeadTimeDemand, demand: DemandPosterior, observed: pd.DataFrame, rule: StockRule
) -> dict:
    """The usual formula from sample means and deviations, and the service that it would give."""
    days = observed.groupby("supplier")["days"].agg(["mean", "std"]).reindex(table["supplier"].astype(str))
    at = demand.skus.get_indexer(table.index)
    mean, sd = demand.units[at] / demand.months[at] / DAYS_A_MONTH, demand.month_sd[at] / np.sqrt(DAYS_A_MONTH)
    times = days["mean"].to_numpy(), days["std"].to_numpy()
    point = np.ceil(normal_reorder_point(*times, mean, sd, rule.service_level, rule.review_days) - 1e-9)
    known = np.isfinite(point)
    service = np.where(known, until.cdf(np.where(known, point, 0.0)), np.nan)
    return {"normal_reorder_point": point, "normal_cycle_service": service}


FEW_MONTHS = 3


def _close_sheet(table: pd.DataFrame, rule: StockRule) -> pd.DataFrame:
    """Columns in order, whole pieces as such, and a sentence a row in both languages."""
    table = table.rename_axis("sku").reset_index()
    for name in STOCK_COLUMNS:
        if name not in table:
            table[name] = pd.NA if name in ("supplier", "note", "note_zh", "note_key", "family") else np.nan
    table["note_key"] = [row.note_key or _note(row, rule) for row in table.itertuples()]
    for column, language in zip(("note", "note_zh"), LANGUAGES):
        table[column] = [
            say(f"stock.{row.note_key}", language, **_note_values(row, rule)) if row.note_key else ""
            for row in table.itertuples()
        ]
    return table[STOCK_COLUMNS].astype(dict.fromkeys(WHOLE, "Int64"))


def _note(row, rule: StockRule) -> str:
    """The first thing that a reader of the row should know; empty when nothing stands out."""
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


def _note_values(row, rule: StockRule) -> dict:
    return {**row._asdict(), "longest_cover_days": rule.longest_cover_days, "service_level": rule.service_level}


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


__all__ = [
    "LeadTimeDemand", "StockRule", "fill_rate", "forecast_demand", "lead_time_nodes", "normal_reorder_point",
    "order_quantities", "plan_stock", "reorder_point",
]  # fmt: skip
