"""Before and around the order, in one call: offers compared, contacts, questions, risks, money and stock ahead, and the month's actions.

The notebooks call it with what they have; a benchmark or a what-if calls it with tables alone.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from analysis.decisions.actions import action_list
from analysis.decisions.cash import cash_need, payments_ahead, stock_now
from analysis.decisions.contacts import ServiceRule, contact_history, open_questions
from analysis.decisions.landed_cost import HouseCosts, house_costs
from analysis.decisions.offers import Offers, offers_in_force
from analysis.decisions.price_evidence import PriceRule, compare_offers
from analysis.decisions.risk import (
    BuyerLevels,
    KeyAccounts,
    RiskRule,
    bulk_traps,
    buyer_level,
    find_risks,
    may_be_key_account,
    medals_in_force,
    never_sent,
    platform_signals,
    risk_register,
    signal_value,
    worse_samples,
)
from analysis.decisions.sourcing import recent_spend
from analysis.decisions.stock import DemandPosterior, fit_demand
from analysis.decisions.ways import five_steps, needs_apart, transport_ways
from analysis.estimates.batches import sample_batches
from analysis.estimates.defect_rate import USUAL_LOT_CORRELATION, fit_lots, inspected_lots, lot_correlation_of
from analysis.estimates.drift import drift_table, likeness_within_sides, measured_pieces
from analysis.estimates.second_opinions import customer_feedback, outside_reports
from analysis.rules import Limits, Rules

Tables = Mapping[str, pd.DataFrame]


def evidence_around(
    tables: Tables,
    as_of: pd.Timestamp,
    rules: Rules,
    drift: pd.DataFrame | None = None,
    lot_correlation: float | None = None,
    samples: pd.DataFrame | None = None,
) -> dict[str, pd.DataFrame]:
    """`offer_comparison contacts findings` of the canonical `tables` as known on `as_of`; `drift`, how alike pieces of one lot are, and
    the `samples` (`sample_batches`) where they are known already."""
    prices, offers = rules.read("price_evidence", PriceRule), offers_in_force(tables["quotes"], tables["orders"], as_of)
    compared = compare_offers(tables, offers, monthly_need(tables, as_of), as_of, prices)
    contacts = contact_history(tables, as_of, rules.read("service_evidence", ServiceRule))
    lots, spend = inspected_lots(tables["orders"], tables["inspections"]), recent_spend(tables["orders"], as_of)
    if drift is None or lot_correlation is None or samples is None:
        fit, measured = fit_lots(lots, tables["orders"]), measured_pieces(tables["orders"], tables["inspections"])
        lot_correlation = fit.lot_correlation if lot_correlation is None and fit is not None else lot_correlation
        drift = drift_table(lots, measured, fit) if drift is None else drift
        samples = sample_batches(lots, measured, fit) if samples is None else samples
    limit = rules.read("limits", Limits).defect_rate
    monthly = spend.groupby("supplier")["monthly"].sum()
    alike = likeness_within_sides(lots, lot_correlation)
    of_lots = bulk_traps(lots, alike, monthly, limit), worse_samples(samples, lots, compared, limit)
    rule, medals = rules.read("risk_register", RiskRule), medals_in_force(rules)
    others = what_others_say(tables, lots, lot_correlation, rules.read("limits", Limits).interval_level)
    found = find_risks(
        tables,
        compared,
        contacts,
        drift,
        spend,
        as_of,
        rule,
        medals,
        prices.rise,
        of_lots,
        others,
        limit,
    )
    return {"offer_comparison": compared, "contacts": contacts, "findings": found}


def what_others_say(
    tables: Tables, lots: pd.DataFrame, lot_correlation: float | None, level: float
) -> dict[str, pd.DataFrame]:
    """`outside_reports customer_feedback` beside our own `lots`."""
    alike = USUAL_LOT_CORRELATION if lot_correlation is None else lot_correlation
    outside = tables.get("outside_inspections", tables["inspections"].iloc[:0])
    return {
        "outside_reports": outside_reports(tables["orders"], lots, outside, alike, level),
        "customer_feedback": customer_feedback(tables["orders"], tables["returns"], lots, alike, level),
    }


def _alike(tables: Tables, name: str = "defect_rates") -> float | None:
    """How alike pieces of one lot are, where a fit has told it (column `lot_correlation`)."""
    rates = tables.get(name)
    return lot_correlation_of(rates) if rates is not None and len(rates) else None


def monthly_need(tables: Tables, as_of: pd.Timestamp) -> pd.Series:
    """Pieces a month by SKU, where demand is known."""
    return fit_demand(tables["demand"], as_of).summary().set_index("sku")["demand_per_month"]


def around_orders(
    tables: Tables,
    before: Tables,
    made: Tables,
    offers: Offers,
    told: pd.DataFrame,
    as_of: pd.Timestamp,
    rules: Rules,
    demand: DemandPosterior | None = None,
    costs: HouseCosts | None = None,
) -> dict[str, pd.DataFrame]:
    """`offer_comparison contacts open_questions platform_signals platform_value buyer_level transport_ways needs five_steps risk_register payments
    cash_need stock_now actions`.

    Parameters
    ----------
    tables, before : mapping
        Canonical tables of the month and of the month before; the month's with `counted_lines`, the other's with `drift`,
        `sample_batches` and `likeness` (`lot_correlation`) where they were found already.
    made : mapping
        What the review has made of the month: `drift sample_batches defect_rates scorecard purchase_plan trial_plan open_orders lead_times
        arrivals_together open_differences stock demand_forecast`.
    offers : Offers
        In force.
    told : DataFrame
        `code told_on`: findings of earlier reviews, as they were kept.
    demand : DemandPosterior, optional
        That the stock plan was made with, for the pace since a count.
    costs : HouseCosts, optional
        The house's, in the money of the orders; else those of the rules in CNY.
    """
    now = evidence_around(tables, as_of, rules, made["drift"], _alike(made), made.get("sample_batches"))
    then = before.get("drift"), _alike(before, "likeness"), before.get("sample_batches")
    earlier = evidence_around(before, as_of - pd.offsets.MonthEnd(1), rules, *then)["findings"]
    rule, limits = rules.read("risk_register", RiskRule), rules.read("limits", Limits)
    found = {name: now[name] for name in ("offer_comparison", "contacts")}
    found["open_questions"] = open_questions(tables, monthly_need(tables, as_of), as_of, limits.defect_rate)
    lots = inspected_lots(tables["orders"], tables["inspections"])
    found["platform_signals"] = platform_signals(tables["suppliers"], medals_in_force(rules)).assign(
        key_account=may_be_key_account(tables["suppliers"], rules.read("key_accounts", KeyAccounts)).to_numpy()
    )
    found["buyer_level"] = buyer_level(tables["orders"], as_of, rules.read("platform_levels", BuyerLevels))
    found["platform_value"] = signal_value(tables["suppliers"], lots, limits.interval_level)
    found["transport_ways"] = transport_ways(
        tables["orders"],
        tables["suppliers"],
        tables["counted_lines"],
        costs or house_costs(rules),
        limits.interval_level,
    )
    found["needs"], found["five_steps"] = needs_apart(tables["orders"], lots), five_steps(tables, as_of)
    found["risk_register"] = risk_register(now["findings"], earlier, tables["risks"], told, as_of, rule)
    expected = made["purchase_plan"], made["open_orders"], made["lead_times"]
    found["payments"] = payments_ahead(
        tables["orders"], tables["inspections"], tables["returns"], offers, *expected, as_of
    )
    found["cash_need"] = cash_need(found["payments"], made["arrivals_together"], as_of, limits.interval_level)
    plan = made["purchase_plan"]
    waiting = frozenset(plan.loc[plan["action"] == "hold", "sku"]) if len(plan) else frozenset()
    coming = tables["orders"][~never_sent(tables["orders"], as_of, rule)]
    found["stock_now"] = stock_now(tables["stock_counts"], coming, made["stock"], as_of, demand, waiting)
    found["actions"] = action_list({**made, **found}, as_of)
    return found


def first_told(register: pd.DataFrame, month: str, as_of: pd.Timestamp) -> pd.DataFrame:
    """The system's findings of a month, to be kept: `month code told_on`."""
    own = register[(register["found_by"] == "review") & (register["state"] != "closed")]
    return pd.DataFrame({"month": month, "code": own["code"].to_numpy(), "told_on": as_of}).astype(
        {"month": "str", "code": "str", "told_on": "datetime64[us]"}
    )
