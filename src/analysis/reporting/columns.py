"""The codebook: what each output column is called, what it says and how its values are written."""

from __future__ import annotations

from typing import Any, Literal

import pandas as pd
from pandas.api import types

from analysis.decisions.landed_cost import COMPONENTS, YIELD_LOSS
from analysis.decisions.rating import MEASURED
from analysis.decisions.sourcing import REASONS
from analysis.reporting.words import ABSENT, Words, missing
from analysis.sources.tables import TABLES
from analysis.wording import Language, catalogue, name_of, say, worded

Unit = Literal["share", "days", "date", "money", "price", "count", "number", "text", "flag"]

SHARES = {
    "rate", "otif", "survival", "weight", "previous", "worth", "limit", "family_weight", "defect_rate",
    "late_probability", "survival.low", "survival.high", "share", "share_of_price", "share_of_spend", "cycle_service",
    "normal_cycle_service", "fill_rate", "iso_p_accept_at_limit", "cost_change", "cost_change_error", "tail_change", "served",
    "weight_needed", "move", "analyst", "target", "probability", "own_evidence", "work_left", "change_rate",
    "too_early", "too_late", "said", "came",
    "deposit_share", "below_market", "over_quote", "rise",
    "reported_rate", "own_rate", "customer_rate", "inspected_rate",
    "above_floor", "ratio_to_named", "likelihood", "freight_share", "insurance_share", "duty_share", "loss_rate", "dispute_rate", "repurchase_rate",
}  # fmt: skip
DAYS = {
    "days", "days_open", "promised_days", "lead_time_median", "lead_time_p90", "lead_time_p95", "lead_time_mean",
    "days_between_orders", "days_covered", "recovery_days", "minimum_days", "batch_days", "days_before", "days_after", "expected_before", "expected_after", "silent_days", "waiting_days",
    "days_overdue", "days_until_order", "days_median", "days_p90",
}  # fmt: skip
MONEY = {
    "cost", "order_total", "saving", "saving_per_month", "expected_regret", "expected_gain", "expected_net", "outlay", "next_step_extra_per_year", "spend", "exposure", "capital", "expected_cost", "cost_all", "cost_none",
    "cost_per_year", "tail_cost", "appraisal", "prevention", "internal_failure", "external_failure", "cost_of_poor_quality",
    "cost_of_quality", "batch_cost", "batch_freight", "alone_cost", "differences.difference", "open_differences.open", "plan_account.brought", "weight_stability.rival_costs",
    "money", "amount", "goods", "rise_money",
}  # fmt: skip
MONEY |= {c.name for t in TABLES.values() for c in t.columns if c.kind == "money"}
MONEY |= {f"open_differences.{reason}" for reason in REASONS}
PRICES = {
    "cost_per_good_piece",
    "purchase_plan.cost",
    "change_price",
    "value_per_piece",
    "cost_per_piece",
    "worth_per_piece",
    "cost_to_supplier",
}
"""Money a piece: written to a tenth of a fen."""
PRICES |= {f"costs.{component}" for component in (*COMPONENTS, YIELD_LOSS)}
COUNTS = {"choice_regret.season", "plan_account.inspected", "plan_account.ordered_pieces"} | {
    f"supply_policies.{name}" for name in ("reorder_point", "order_quantity", "emergency_point", "average_stock")
}
ENDS = ("low", "high")
_SHARED = {
    "accessories appearance as_described critical function labelling lower_limit major minor packaging piece quantity_match reinspection size "
    "upper_limit": "inspections outside_inspections",
    "attribute": "drift inspections outside_inspections",
    "batch inspected_on": "inspections outside_inspections sample_batches",
    "returned reworked": "batch_trace returns",
    "brier brier_everyone_mean brier_observations brier_supplier_mean crps crps_everyone_mean crps_supplier_mean miscalibration p_level pinball_90 "
    "pinball_90_everyone_mean pinball_90_supplier_mean pit_mean skill_everyone_mean skill_supplier_mean too_early too_late width_90 "
    "coverage_50 coverage_50_expected coverage_80 coverage_80_expected coverage_90 coverage_90_expected": "calibration calibration_by_lead",
    "benchmark_price": "articles quotes",
    "freight_terms": "offer_comparison orders quotes",
    "code column remedy row": "quarantine remarks",
    "complete": "costs order_sizes",
    "criterion": "criteria_values weight_stability weights weights_proposed",
    "days_open": "forecasts_lead_times open_orders",
    "defect_rate": "defect_rates inspection_plans",
    "defective": "defect_rates quality_costs",
    "deliveries family family_weight": "carrier_leg factory_leg lead_times",
    "everyone_share made_on q05 q10 q25 q50 q75 q80 q90 q95 supplier_share": "forecasts_defects forecasts_lead_times",
    "expected_regret": "choice_regret scorecard",
    "file sheet table": "accounting quarantine remarks",
    "grade": "forecasts_ratings grade_changes previous_scorecard scorecard",
    "grade_reason missing_criteria own_evidence p_top3 rank_in_category trial_pieces": "previous_scorecard scorecard",
    "p_best": "previous_scorecard scorecard sourcing_advice",
    "inspected": "backups defect_items inspection_plans previous_scorecard quality_costs scorecard",
    "limit": "defect_rates forecasts_defects",
    "month": "forecasts_plans forecasts_ratings weights weights_proposed",
    "open received": "lead_times previous_scorecard scorecard",
    "order_quantity": "costs order_sizes stock supply_policies",
    "ordered_on": "open_orders orders",
    "orders_per_year": "order_sizes stock",
    "promised_on": "forecasts_lead_times open_orders orders",
    "repromised_on": "open_orders orders",
    "rank": "forecasts_ratings previous_scorecard rank_changes scorecard",
    "rate": "defect_items return_rates",
    "rating": "forecasts_ratings previous_scorecard scorecard sourcing_advice",
    "reason": "inspection_plans no_trial quarantine remarks trial_plan weights",
    "received_pieces": "quality_costs return_rates",
    "recovery_days": "backups exposure sourcing_advice",
    "reorder_point": "stock stock_now supply_policies",
    "stage": "inspection_plans orders",
    "measure": "trend_changes trends",
    "transport_mode": "candidates carrier_leg order_sizes orders transport_ways",
    "unit_price": "costs offer_comparison order_sizes orders quotes",
    "weight": "criteria_values weight_stability weights",
}  # fmt: skip
SHARED = {column: set(tables.split()) for columns, tables in _SHARED.items() for column in columns.split()}
"""The tables that share a description; any other table with a column of that name needs an entry of its own, `<table>.<column>`."""

LIKE = {"outside_inspections": "inspections"}
"""Tables with the columns of another."""


def entry_of(table: str, column: str) -> str | None:
    """The codebook's entry for a column: its own of this table, else the shared one; None when there is none."""
    table = LIKE.get(table, table)
    shared = column not in ENDS and table in SHARED.get(column, {table})
    names = (f"codebook.{table}.{column}", *([f"codebook.{column}"] if shared else []))
    return next((name for name in names if f"{name}.about" in catalogue()), None)


def stem_of(column: str) -> tuple[str, str]:
    """`("defect_rate", "low")` of `defect_rate_low`; the second is empty for a column that is no interval's end."""
    stem, _, end = column.rpartition("_")
    return (stem, end) if end in ENDS and stem else (column, "")


def _worth_entry(table: str, column: str) -> tuple[str, str] | None:
    """The entry for a criterion's column of the kept worths, and the criterion: they follow `config/`, not this file."""
    criterion = column.removesuffix("_missing")
    if table != "forecasts_worths" or criterion not in MEASURED:
        return None
    return f"codebook.forecasts_worths.{'worth' if column == criterion else 'unseen'}", criterion


def heading_of(table: str, column: str, language: Language) -> str:
    """The column's heading; an unknown column's own name."""
    if worth := _worth_entry(table, column):
        return say(worth[0], language, criterion=name_of(worth[1], language))
    if entry := entry_of(table, column):
        return say(entry, language)
    stem, end = stem_of(column)
    if end and (entry := entry_of(table, stem)):
        separator = " " if language == "en" else ""
        return f"{say(entry, language)}{separator}{say(f'codebook.{end}', language).lower()}"
    if column.endswith("_zh") and entry_of(table, column.removesuffix("_zh")):
        own = heading_of(table, column.removesuffix("_zh"), language)
        return own if language == "zh" else f"{own} (Chinese)"
    return column.replace("_", " ")


def about(table: str, column: str, language: Language) -> str:
    """What the column says."""
    if worth := _worth_entry(table, column):
        return say(f"{worth[0]}.about", language)
    if entry := entry_of(table, column):
        return say(f"{entry}.about", language)
    stem, end = stem_of(column)
    if end and entry_of(table, stem):
        return say(f"codebook.{end}.about", language, stem=heading_of(table, stem, language))
    if column.endswith("_zh") and entry_of(table, column.removesuffix("_zh")):
        return say("codebook.translated.about", language)
    return say("codebook.undescribed.about", language)


def unit_of(table: str, column: str, values: pd.Series) -> Unit:
    """How the column's values are written, from its name first and its type second."""
    if types.is_bool_dtype(values.dtype):
        return "flag"
    if types.is_datetime64_any_dtype(values.dtype):
        return "date"
    if not types.is_numeric_dtype(values.dtype):
        return "text"
    stem = stem_of(column)[0]
    names = {f"{table}.{column}", f"{table}.{stem}", stem}
    if names & SHARES or stem.startswith("p_"):
        return "share"
    units: dict[Unit, set[str]] = {"days": DAYS, "price": PRICES, "money": MONEY, "count": COUNTS}
    named = next((unit for unit, known in units.items() if names & known), None)
    return named or ("count" if types.is_integer_dtype(values.dtype) else "number")


def is_number(values: pd.Series) -> bool:
    """True for numbers, truth values apart."""
    return types.is_numeric_dtype(values.dtype) and not types.is_bool_dtype(values.dtype)


def shown_columns(table: pd.DataFrame, language: Language) -> list[str]:
    """The table's columns with each sentence in one language only."""
    twins = {name.removesuffix("_zh") for name in table.columns if name.endswith("_zh")}
    if language == "zh":
        return [name for name in table.columns if name not in twins]
    return [name for name in table.columns if not name.endswith("_zh")]


def as_text(table: str, column: str, values: pd.Series, value: Any, words: Words) -> str:
    """`value` of a column as a page prints it."""
    if missing(value):
        return ABSENT
    unit = unit_of(table, column, values)
    if unit == "share":
        return words.percent(value)
    if unit == "date":
        return words.date(value)
    if unit in ("days", "count"):
        return words.number(value)
    digits = {"price": 3, "money": 2, "number": 2}
    return words.number(value, digits[unit]) if unit in digits else str(worded(value, words.language))
