"""Whom to buy from: main supplier and backup by category, next batch, spend, negotiation, and what is owed by whom.

`buying_basis` gathers what all of it is reckoned from.
"""

from analysis.decisions.sourcing.advice import main_suppliers, sourcing_advice
from analysis.decisions.sourcing.backup import (
    READINESS,
    BackupRule,
    backups,
    plan_backups,
    recovery_days,
    tried_suppliers,
)
from analysis.decisions.sourcing.basis import (
    buying_basis,
    cost_sheet_of,
    escape_costs,
    expected_lots,
    money_draws,
    negotiation_table,
    observed_lead_times,
    price_traps,
    rates_of_lots,
    season_values,
    supply_policies,
)
from analysis.decisions.sourcing.differences import REASONS, open_differences, tolerances
from analysis.decisions.sourcing.negotiation import LEVERS
from analysis.decisions.sourcing.next_batch import next_batches
from analysis.decisions.sourcing.plan_account import ALL_MONTHS, plan_account
from analysis.decisions.sourcing.plan_followed import kept_plan
from analysis.decisions.sourcing.planned import planned_costs
from analysis.decisions.sourcing.purchases import best_sizes, plan_saving, planned_supply, purchase_plan
from analysis.decisions.sourcing.reconciliation import reconcile
from analysis.decisions.sourcing.spend_shares import concentration, exposure, herfindahl, months_on_record, recent_spend
from analysis.decisions.sourcing.supply_simulation import Outages
from analysis.decisions.sourcing.trials import next_trials
from analysis.estimates.defect_rate import lot_correlation_of

__all__ = [
    "ALL_MONTHS",
    "LEVERS",
    "READINESS",
    "REASONS",
    "BackupRule",
    "Outages",
    "backups",
    "best_sizes",
    "buying_basis",
    "concentration",
    "cost_sheet_of",
    "escape_costs",
    "expected_lots",
    "exposure",
    "herfindahl",
    "kept_plan",
    "lot_correlation_of",
    "main_suppliers",
    "money_draws",
    "months_on_record",
    "negotiation_table",
    "next_batches",
    "next_trials",
    "observed_lead_times",
    "open_differences",
    "plan_account",
    "plan_backups",
    "plan_saving",
    "planned_costs",
    "planned_supply",
    "price_traps",
    "purchase_plan",
    "rates_of_lots",
    "recent_spend",
    "reconcile",
    "recovery_days",
    "season_values",
    "sourcing_advice",
    "supply_policies",
    "tolerances",
    "tried_suppliers",
]
