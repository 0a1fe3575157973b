"""The shipped house rules of a month, whole or with some values changed, for tests that need a rule."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any, TypeVar

import pandas as pd

from analysis.decisions.inspection_plan import InspectionRule
from analysis.decisions.sourcing import BackupRule, best_sizes, cost_sheet_of, planned_supply, purchase_plan
from analysis.decisions.sourcing.basis import PurchaseInputs
from analysis.decisions.stock import StockRule
from analysis.decisions.trial_plan import TrialRule
from analysis.decisions.weights.step import MoveLimits
from analysis.rules import Rules, Section, rules_in_force

Kind = TypeVar("Kind")


@cache
def house_rules(source: str = "example", month: str = "2026-10") -> Rules:
    return rules_in_force(source, month)


def changed(rules: Rules, section: str, **values: Any) -> Rules:
    """`rules` with values of one section changed, added, or (None) left out."""
    entry = {name: value for name, value in (dict(rules.sections[section]) | values).items() if value is not None}
    return replace(rules, sections={**rules.sections, section: entry})


def read(section: str, kind: type[Kind], **values: Any) -> Kind:
    return house_rules().read(section, kind, **values)


def trial_rule(**values: Any) -> TrialRule:
    return read("trial_plan", TrialRule, **values)


def stock_rule(**values: Any) -> StockRule:
    return read("stock", StockRule, **values)


def inspection_rule(**values: Any) -> InspectionRule:
    return read("inspection", InspectionRule, **values)


def backup_rule(**values: Any) -> BackupRule:
    return read("backups", BackupRule, **values)


def move_limits(**values: Any) -> MoveLimits:
    return read("weights", MoveLimits, **values)


def section(name: str, **values: Any) -> Section:
    """A section as if it stood in the house's file."""
    return Section(name, "2026-10", values, "rules.toml")


UNRATED = pd.DataFrame(
    {"supplier": pd.Series(dtype="str"), "grade": pd.Series(dtype="str"), "inspected": pd.Series(dtype=int)}
)


def planned(
    basis: PurchaseInputs,
    tables: Mapping[str, pd.DataFrame],
    as_of: pd.Timestamp,
    rules: Rules,
    scorecard: pd.DataFrame = UNRATED,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The purchase plan and the supply that follows from it, as notebooks 04 and 06 make them."""
    sizes = best_sizes(basis, rules["stock"]["longest_cover_days"])
    plan = purchase_plan(basis, sizes, tables, scorecard, as_of, rules)
    return plan, planned_supply(plan, cost_sheet_of(basis), sizes)
