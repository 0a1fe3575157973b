"""What the money page reckons with: offers, freight, rates, demand and draws of one month, and the questions put to them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from analysis.decisions.inspection_plan import InspectionRule, LotInspection, RiskyGoods
from analysis.decisions.landed_cost import (
    WAY,
    CostSheet,
    Customs,
    FreightSources,
    HouseCosts,
    border_of,
    house_costs,
    known_customs,
    known_freight,
    make_cost_sheet,
    with_unseen,
)
from analysis.decisions.offers import BUYER_PAYS, Offers, offers_in_force, sensible_minimum
from analysis.decisions.price_evidence import PriceRule, trap_offers
from analysis.decisions.sourcing.further_levers import further_levers
from analysis.decisions.sourcing.negotiation import SHEET_COLUMNS, negotiation_sheet
from analysis.decisions.sourcing.supply_policies import POLICY_COLUMNS, compare_policies
from analysis.decisions.sourcing.supply_simulation import Outages, SupplyCosts, SupplySource
from analysis.decisions.stock import (
    DemandPosterior,
    StockRule,
    StoppedRule,
    fit_demand,
    fit_demand_ahead,
    season_pieces,
    selling_prices,
    stopped_selling,
)
from analysis.decisions.trial_plan import SeasonValues, TrialRule, trial_offers, values_from_cost_sheet
from analysis.estimates.defect_rate import USUAL_LOT_CORRELATION, draws_beforehand, pieces_for_a_good_one
from analysis.estimates.draws import Draws
from analysis.months import DAYS_A_MONTH
from analysis.reasons import reason
from analysis.rules import Rules

SUPPLY_COLUMNS = ["sku", "supplier", "unit_cost", "min_quantity", "good_share"]
STREAMS, JUDGED, DAYS = 80, 240, 400
"""Runs searched and judged for a backup, and their length: about a second."""


@dataclass(frozen=True)
class PurchaseInputs:
    """`offers` in force, `freight`, `costs` and `customs` known, `demand`, `wanted` pieces (a month's demand until the next order,
    index SKU), `lasting` (a month's in the longest cover after a delivery: what an order is sold in), draws by supplier.

    `traps`: supplier and SKU of prices that are too low to believe, with the pieces that would still bear them out. `sold_no_more`: by SKU why nothing of it is ordered. The draws cover every supplier with an offer; one that was never tried is as uncertain as the whole field.
    """

    offers: Offers
    freight: FreightSources
    costs: HouseCosts
    demand: DemandPosterior
    wanted: pd.Series
    lasting: pd.Series
    defect_rates: Draws
    lead_times: Draws | None
    customs: Mapping[str, Customs] = field(default_factory=dict)
    inspection: LotInspection | None = None
    traps: Mapping[tuple[str, str], int] = field(default_factory=dict)
    sold_no_more: Mapping[str, str] = field(default_factory=dict)
    sheets: dict[Hashable, CostSheet] = field(init=False, default_factory=dict, repr=False, compare=False)
    """Those made of it that are asked for again (`plan_sheet`)."""

    @property
    def lot_correlation(self) -> float:
        """How alike pieces of one lot are, as learned from all lots."""
        return USUAL_LOT_CORRELATION if self.inspection is None else self.inspection.lot_correlation


def buying_basis(
    tables: Mapping[str, pd.DataFrame],
    as_of: pd.Timestamp,
    rules: Rules,
    currency: str,
    defect_rates: Draws,
    lead_times: Draws,
    seed: int,
    lot_correlation: float = USUAL_LOT_CORRELATION,
) -> PurchaseInputs:
    """What is known on `as_of`. `lead_times` are predictive draws of days; either kind of draws may be empty.

    `lot_correlation`: how alike pieces of one lot are, as learned from all lots.
    """
    stock, until = rules.read("stock", StockRule), days_until_delivery(lead_times)
    demand = fit_demand_ahead(tables["demand"], as_of, until + DAYS_A_MONTH)
    monthly = demand.summary().set_index("sku")["demand_per_month"]
    lasting = monthly * demand.pace_while(until, stock.longest_cover_days)
    on_offer = offers_in_force(tables["quotes"], tables["orders"], as_of)
    sold = monthly * demand.pace_while(until, stock.sensible_months * DAYS_A_MONTH)
    offers = sensible_minimum(on_offer, sold, stock.sensible_months)
    suppliers = pd.Index(sorted({offer.supplier for offer in offers.offers} | set(defect_rates.suppliers)), dtype="str")
    rng = np.random.default_rng([seed, 6])
    return PurchaseInputs(
        offers,
        known_freight(tables, rules, currency),
        house_costs(rules, currency),
        demand,
        monthly.round().clip(lower=1),
        lasting.round().clip(lower=1),
        with_unseen(defect_rates, suppliers, rng),
        with_unseen(lead_times, suppliers, rng) if len(lead_times.suppliers) else None,
        known_customs(rules, currency),
        _inspection(tables, rules, lot_correlation),
        price_traps(tables, as_of, rules, on_offer),
        _sold_no_more(tables["demand"], as_of, rules),
    )


def _sold_no_more(demand: pd.DataFrame, as_of: pd.Timestamp, rules: Rules) -> dict[str, str]:
    """Why nothing is ordered of an SKU, by SKU."""
    found = stopped_selling(demand, as_of, rules.read("stopped_selling", StoppedRule))
    return {
        str(row.Index): reason(
            "purchase_plan.stopped", empty=row.empty_months, sold=row.sold_months, noted=row.noted_months
        )
        if row.empty_months
        else reason("purchase_plan.silent", last=row.last_month, newest=row.newest_month)
        for row in found.itertuples()
    }


def price_traps(
    tables: Mapping[str, pd.DataFrame], as_of: pd.Timestamp, rules: Rules, offers: Offers | None = None
) -> dict[tuple[str, str], int]:
    """Supplier and SKU of prices on offer that are too far below the market's to believe, and that nothing bears out yet, with the pieces that
    this takes; `offers`: all that are in force, where they were found already."""
    offers = offers or offers_in_force(tables["quotes"], tables["orders"], as_of)
    need = fit_demand(tables["demand"], as_of).summary().set_index("sku")["demand_per_month"]
    return trap_offers(tables, offers, need, as_of, rules.read("price_evidence", PriceRule))


def _inspection(tables: Mapping[str, pd.DataFrame], rules: Rules, lot_correlation: float) -> LotInspection:
    """What will be looked at of a lot, with the SKUs whose category is a risky one."""
    risky = rules.read("risky_goods", RiskyGoods)
    known = [tables[name][["sku", "category"]] for name in ("orders", "articles") if name in tables]
    named = pd.concat(known).dropna().drop_duplicates()
    skus = frozenset(str(sku) for sku, category in zip(named["sku"], named["category"]) if risky.are(category))
    return LotInspection(rules.read("inspection", InspectionRule), lot_correlation, risky, skus)


def days_until_delivery(lead_times: Draws) -> float:
    """Days until an order placed now comes: the middle of all suppliers' draws, 0 where none are known."""
    known = lead_times.values[np.isfinite(lead_times.values)]
    return float(np.median(known)) if known.size else 0.0


def cost_sheet_of(basis: PurchaseInputs, inspected: pd.Series | None = None, level: float = 0.90) -> CostSheet:
    """The cost of a good piece of every offer, for a month's demand of its SKU or the minimum order."""
    return make_cost_sheet(
        basis.offers, basis.wanted, basis.defect_rates, basis.lead_times, basis.freight, basis.costs,
        customs=basis.customs, inspection=basis.inspection, inspected=inspected, level=level, unbelieved=basis.traps,
    )  # fmt: skip


def money_draws(sheet: CostSheet, demand: pd.DataFrame) -> dict[str, Draws]:
    """Draws by supplier, averaged over its SKUs with a complete cost: `profit_margin` (share of the selling price) and
    `cost_ratio` (cost of a good piece over the market's price); suppliers without either price are left out."""
    selling = selling_prices(demand)
    found: dict[str, dict[str, tuple[np.ndarray, int]]] = {"profit_margin": {}, "cost_ratio": {}}
    for row in sheet.rows:
        price, market = float(selling.get(row.offer.sku, np.nan)), row.offer.benchmark_price
        if not row.cost.complete or not (price > 0 or market > 0):
            continue
        draws = row.cost.draws
        if price > 0:
            _add(found["profit_margin"], row.offer.supplier, 1 - draws / price)
        if market > 0:
            _add(found["cost_ratio"], row.offer.supplier, draws / market)
    return {name: _mean_draws(by_supplier) for name, by_supplier in found.items()}


def _add(sums: dict[str, tuple[np.ndarray, int]], supplier: str, draws: np.ndarray) -> None:
    so_far, count = sums.get(supplier, (0.0, 0))
    sums[supplier] = so_far + draws, count + 1


def _mean_draws(sums: Mapping[str, tuple[np.ndarray, int]]) -> Draws:
    if not sums:
        return Draws.of_nobody()
    suppliers = sorted(sums)
    means = np.stack([total / count for total, count in (sums[name] for name in suppliers)])
    return Draws(pd.Index(suppliers, name="supplier", dtype="str"), means)


def expected_lots(orders: pd.DataFrame, basis: PurchaseInputs) -> pd.DataFrame:
    """Open order lines as lots to come: `order_id line_no supplier sku category stage quantity`; an unstated stage is a trial.

    Only those that a plan can be reckoned for: something is known of the cost of an escaped piece and, where anybody was ever inspected,
    of the defect rate.
    """
    known = _known(basis.defect_rates)
    lines = orders[(orders["status"] == "open") & (orders["quantity"] > 0)]
    lines = lines[(lines["supplier"].isin(known) | known.empty) & lines["sku"].isin(escape_costs(basis, orders).index)]
    lines = lines[["order_id", "line_no", "supplier", "sku", "category", "stage", "quantity"]].reset_index(drop=True)
    return lines.assign(stage=lines["stage"].fillna("trial"), quantity=lines["quantity"].astype(int))


def rates_of_lots(rates: Draws, orders: pd.DataFrame, seed: int) -> Draws:
    """Defect rates to plan inspections by: `rates`, or what is thought beforehand where nobody was ever inspected."""
    return draws_beforehand(orders, seed) if _known(rates).empty else rates


def _known(rates: Draws) -> pd.Index:
    return rates.suppliers[~np.isnan(rates.values).any(axis=1)]


def escape_costs(basis: PurchaseInputs, orders: pd.DataFrame) -> pd.Series:
    """What a defective piece costs that reaches a customer, by SKU: by the lowest list price on offer, else by the price last paid."""
    paid = orders[(orders["unit_price"] > 0) & orders["sku"].notna()].sort_values("ordered_on", kind="stable")
    prices = dict(paid.groupby("sku")["unit_price"].last())
    offered: dict[str, float] = {}
    for offer in basis.offers.offers:
        offered[offer.sku] = min(offer.ladder.list_price, offered.get(offer.sku, np.inf))
    return pd.Series(
        {sku: float(basis.costs.escape_cost(price)) for sku, price in (prices | offered).items()}, dtype=float
    )


def observed_lead_times(orders: pd.DataFrame) -> pd.DataFrame:
    """`supplier days` of received order lines, in ordinary days."""
    came = orders[orders["status"] == "received"]
    return pd.DataFrame({"supplier": came["supplier"], "days": (came["received_on"] - came["ordered_on"]).dt.days})


def negotiation_table(basis: PurchaseInputs, sheet: CostSheet, supply: pd.DataFrame, rule: StockRule) -> pd.DataFrame:
    """The negotiation sheet of whom each SKU is bought from, at the sheet's quantity: `supplier sku quantity` and the sheet's columns."""
    rows = []
    for present in supply.itertuples():
        row = sheet.row(present.supplier, present.sku)
        offer, lead = row.offer, basis.lead_times
        rate = basis.defect_rates.of(pd.Index([offer.supplier]))[0]
        table = negotiation_sheet(
            row.quantity, offer.ladder, None if np.isnan(rate).any() else rate, costs=row.costs,
            freight=row.freight.money, terms=offer.terms or BUYER_PAYS, border=border_of(offer, basis.customs),
            payment=offer.payment,
            lead_time_days=None if lead is None else lead.of(pd.Index([offer.supplier]))[0],
            promised_days=None if np.isnan(offer.lead_time_days) else offer.lead_time_days,
            demand=basis.demand.nodes_of(offer.sku), rule=rule,
        )  # fmt: skip
        more = further_levers(
            offer, row.quantity, row.freight.money, basis.costs, float(table.set_index("lever").loc["lead_time_day", "worth_per_piece"]),
            float(np.mean(pieces_for_a_good_one(0.0 if np.isnan(rate).any() else rate))), 12 * float(basis.lasting.get(offer.sku, np.nan)),
        )  # fmt: skip
        table = pd.concat([table, more], ignore_index=True)
        rows.append(table.assign(supplier=offer.supplier, sku=offer.sku, quantity=row.quantity))
    columns = ["supplier", "sku", "quantity", *SHEET_COLUMNS]
    return pd.concat(rows, ignore_index=True)[columns] if rows else pd.DataFrame(columns=columns)


def supply_policies(
    basis: PurchaseInputs,
    sheet: CostSheet,
    supply: pd.DataFrame,
    backups: pd.DataFrame,
    demand: pd.DataFrame,
    outages: Outages,
    seed: int,
) -> pd.DataFrame:
    """What a backup is worth for the SKU that costs most: single source, split, rotate and standby by simulation.

    `backups` are the plan's (`plan_backups`), of which those that are ready count; outages come at random as the rules say.
    `sku supplier backup` and `POLICY_COLUMNS`; no rows where no SKU has a ready backup, a selling price and lead times.
    """
    columns = ["sku", "supplier", "backup", *POLICY_COLUMNS]
    if supply.empty or backups.empty or basis.lead_times is None:
        return pd.DataFrame(columns=columns)
    prices = demand.dropna(subset="selling_price").sort_values("month").groupby("sku")["selling_price"].last()
    ready = backups[backups["readiness"] == "ready"].sort_values(["sku", "cost_ratio", "backup"])
    pairs = supply.merge(ready, on=["supplier", "sku"])
    pairs = pairs.assign(monthly=pairs["unit_cost"].astype(float) * pairs["sku"].map(basis.wanted).astype(float))
    pairs = pairs[pairs["sku"].isin(prices.index)].sort_values(
        ["monthly", "sku", "cost_ratio"], ascending=[False, True, True]
    )
    if pairs.empty:
        return pd.DataFrame(columns=columns)
    pair = pairs.iloc[0]
    sources = [_source(sheet, basis, name, pair["sku"], outages) for name in (pair["supplier"], pair["backup"])]
    daily = float(basis.wanted[pair["sku"]]) / DAYS_A_MONTH
    steps = sorted({*(round(daily * days) for days in (15, 30, 60)), *sources[0].ladder.quantities[1:]})
    costs = SupplyCosts(float(prices[pair["sku"]]), basis.costs.order_cost, basis.costs.carrying_rate)
    table = compare_policies(
        sources[0], sources[1], lambda rng, shape: rng.poisson(daily, shape), [max(q, 1) for q in steps], costs,
        seed=seed, streams=STREAMS, judged=JUDGED, days=DAYS,
    )  # fmt: skip
    return table.assign(sku=pair["sku"], supplier=pair["supplier"], backup=pair["backup"])[columns]


def _source(sheet: CostSheet, basis: PurchaseInputs, supplier: str, sku: str, outages: Outages) -> SupplySource:
    row = sheet.row(supplier, sku)
    assert basis.lead_times is not None
    name = pd.Index([supplier])
    freight = sum(float(np.mean(row.cost.components.get(name, 0.0))) for name in WAY) / row.quantity
    good = float(pieces_for_a_good_one(basis.defect_rates.of(name)[0]).mean())
    days = basis.lead_times.of(name)[0]
    return SupplySource(supplier, row.offer.ladder, days, freight, good, outages.per_year, outages.days)


def season_values(basis: PurchaseInputs, tables: Mapping[str, pd.DataFrame], rule: TrialRule) -> SeasonValues:
    """What buying the coming season's pieces is worth from each offer whose price can be believed, at the season's quantities."""
    season = season_pieces(tables["demand"], rule.season_months).round().clip(lower=1)
    draws = basis.defect_rates, basis.lead_times
    offers = replace(
        basis.offers, offers=tuple(of for of in basis.offers.offers if (of.supplier, of.sku) not in basis.traps)
    )
    sheet = make_cost_sheet(
        offers, season, *draws, basis.freight, basis.costs, customs=basis.customs, inspection=basis.inspection
    )
    return values_from_cost_sheet(sheet, trial_offers(offers), tables["demand"], months=rule.season_months)
