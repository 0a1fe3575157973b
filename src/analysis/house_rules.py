"""All rules of a month read at once, so that one that is missing, unknown or impossible stops a review before it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from analysis.decisions.contacts import ServiceRule
from analysis.decisions.inspection_plan import InspectionRule, RiskyGoods
from analysis.decisions.landed_cost import exchange_rates, freight_tariffs, house_costs, known_customs
from analysis.decisions.price_evidence import PriceRule
from analysis.decisions.purchase_plan import PurchaseRule
from analysis.decisions.rating import GradeRule, criteria_in_force, vetoes_in_force
from analysis.decisions.risk import BuyerLevels, KeyAccounts, RiskRule, medals_in_force
from analysis.decisions.sourcing import BackupRule, Outages, tolerances
from analysis.decisions.stages import StageRule
from analysis.decisions.stock import StockRule, StoppedRule
from analysis.decisions.trial_plan import TrialRule
from analysis.decisions.weights import OutcomeRules, policy_criteria
from analysis.errors import RuleError
from analysis.estimates.defect_rate import FoundShare
from analysis.estimates.lead_time import shutdowns_in
from analysis.reporting.refused import RefusedRule
from analysis.rules import Limits, Rules

READERS: Mapping[str, Callable[[Rules], Any]] = {
    "limits": lambda rules: rules.read("limits", Limits),
    "refused_rows": lambda rules: rules.read("refused_rows", RefusedRule),
    "grades": lambda rules: rules.read("grades", GradeRule),
    "vetoes": vetoes_in_force,
    "criteria": criteria_in_force,
    "missed_defects": lambda rules: rules.read("missed_defects", FoundShare),
    "inspection": lambda rules: rules.read("inspection", InspectionRule),
    "risky_goods": lambda rules: rules.read("risky_goods", RiskyGoods),
    "stock": lambda rules: rules.read("stock", StockRule),
    "stopped_selling": lambda rules: rules.read("stopped_selling", StoppedRule),
    "backups": lambda rules: rules.read("backups", BackupRule),
    "shutdowns": lambda rules: shutdowns_in(rules["shutdowns"]),
    "outages": lambda rules: rules.read("outages", Outages),
    "weights": policy_criteria,
    "outcomes": OutcomeRules.of,
    "price_evidence": lambda rules: rules.read("price_evidence", PriceRule),
    "service_evidence": lambda rules: rules.read("service_evidence", ServiceRule),
    "risk_register": lambda rules: rules.read("risk_register", RiskRule),
    "stages": lambda rules: rules.read("stages", StageRule),
    "platform_medals": medals_in_force,
    "platform_levels": lambda rules: rules.read("platform_levels", BuyerLevels),
    "key_accounts": lambda rules: rules.read("key_accounts", KeyAccounts),
    "purchase_plan": lambda rules: rules.read("purchase_plan", PurchaseRule),
    "trial_plan": lambda rules: rules.read("trial_plan", TrialRule),
    "house_costs": house_costs,
    "platform_fees": house_costs,
    "insurance": house_costs,
    "reconciliation": tolerances,
    "freight": freight_tariffs,
    "customs": known_customs,
    "exchange": exchange_rates,
}
"""Who reads each section."""
OPTIONAL = ("customs", "freight")
"""Sections that a house without goods from abroad, or without tariffs, may leave out."""


def check_rules(rules: Rules) -> None:
    """`RuleError` for the first section that nobody reads, that is nowhere, or that its reader refuses."""
    for section in rules.sections:
        if section not in READERS:
            file, known = rules.file_of.get(section, "config"), ", ".join(sorted(READERS))
            raise RuleError("rules.unknown_section", file=file, section=section, known=known)
    for section, read in READERS.items():
        if section in rules:
            _check(rules, section, read)
        elif section not in rules.later and section not in OPTIONAL:
            raise RuleError("rules.section_missing", file="rules.toml / rates.toml", section=section, known=", ".join(sorted(READERS)))  # fmt: skip


def _check(rules: Rules, section: str, read: Callable[[Rules], Any]) -> None:
    try:
        read(rules)
    except RuleError as error:
        if "file" in error.values or error.key == "rules.none_in_force":
            raise
        rules[section].refuse_with(error)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:  # says more than a traceback
        rules[section].refuse_with(error)
