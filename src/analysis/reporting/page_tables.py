"""The tables that the workbook and `review.html` have, the latter with the columns that a reader asks for first."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from analysis.reporting.evidence import Tables

SHEETS = (
    "purchase_plan", "actions", "risk_register", "payments", "offer_comparison", "scorecard", "criteria_values", "weights",
    "defect_rates", "lead_times", "open_orders", "costs", "negotiation", "quality_costs", "stock", "inspection_plans", "trial_plan",
    "quarantine",
)  # fmt: skip
"""The tables that have a sheet, in the workbook's order: with summary and codebook twenty, as many as a reader finds his way in."""


@dataclass(frozen=True)
class Shown:
    """A table of the page: its `columns` (none: all), the one whose `interval` is drawn, and how its rows are sorted ("-name": falling)."""

    name: str
    columns: tuple[str, ...] = ()
    interval: str = ""
    order: tuple[str, ...] = ()


SHOWN = (
    Shown("purchase_plan", ("sku", "action", "supplier", "pieces", "unit_price", "order_total", "expected_by", "reason", "reason_zh", "cost_per_good_piece", "cost_low", "cost_high", "present_supplier", "saving_per_month", "saving_low", "saving_high", "p_saving", "backup", "p_over_limit", "rest_supplier", "rest_pieces", "rest_total")),
    Shown("scorecard", ("supplier", "category", "rank", "grade", "rating", "rating_low", "rating_high", "grade_reason", "p_best", "inspected", "received", "open", "own_evidence", "expected_regret", "missing_criteria"), "rating", ("rank", "supplier")),
    Shown("defect_rates", ("supplier", "inspected", "defective", "lots", "defect_rate", "defect_rate_low", "defect_rate_high", "p_over_limit", "pieces_to_settle"), "defect_rate", ("-p_over_limit", "supplier")),
    Shown("lead_times", ("supplier", "received", "open", "lead_time_median", "lead_time_median_low", "lead_time_median_high", "lead_time_p90", "promised_days", "late_probability"), "lead_time_median", ("-lead_time_p90", "supplier")),
    Shown("costs", ("supplier", "sku", "quantity", "unit_price", "freight", "cost_per_good_piece", "cost_per_good_piece_low", "cost_per_good_piece_high", "p_cheapest", "missing"), "cost_per_good_piece", ("sku", "cost_per_good_piece")),
    Shown("stock", ("sku", "supplier", "demand_per_month", "lead_time_mean", "reorder_point", "safety_stock", "order_quantity", "cycle_service", "turns", "capital", "note"), "", ("sku",)),
    Shown("trial_plan", ("sku", "supplier", "pieces", "outlay", "cost", "expected_gain", "incumbent", "reason")),
    Shown("open_orders", ("order_id", "line_no", "supplier", "sku", "ordered_on", "promised_on", "days_open", "expected_on", "arrives_by_80", "late_probability"), "", ("-late_probability", "order_id")),
    Shown("open_differences", ("supplier", "lines", "price", "quantity", "freight", "discount", "duty", "return", "duplicate", "missing", "unexplained", "open"), "", ("-open", "supplier")),
    Shown("risks", ("supplier", "item", "status", "opened_on", "due_on", "owner"), "", ("due_on",)),
    Shown("articles"),
    Shown("weights", ("criterion", "weight", "weight_low", "weight_high", "previous", "reason"), "weight", ("-weight",)),
    Shown("sourcing_advice"),
    Shown("order_sizes", order=("sku", "supplier")),
    Shown("choice_regret", order=("sku", "expected_regret")),
    Shown("demand_forecast", order=("sku", "to_month")),
    Shown("backups", order=("-spend", "supplier", "sku")),
    Shown("defect_items", order=("kind", "item", "-rate")),
    Shown("return_rates", order=("-pieces", "supplier")),
    Shown("drift", order=("-p_worse", "supplier")),
    Shown("sample_batches", order=("supplier", "sku", "number")),
    Shown("outside_reports", order=("-p_understates", "supplier")),
    Shown("customer_feedback", order=("-p_more", "supplier", "sku")),
    Shown("batch_trace"),
    Shown("on_time", order=("otif", "supplier")),
    Shown("rank_acceptability", order=("category", "supplier", "rank")),
    Shown("weights_proposed", order=("-weight",)),
    Shown("remarks"),
    Shown("plan_account", order=("-month", "sku")),
    Shown("exposure", order=("-exposure", "supplier")),
    Shown("factory_leg", order=("-lead_time_p90", "supplier")),
    Shown("stock_now", order=("days_until_order", "sku")),
    Shown("rank_changes", order=("rank", "supplier")),
    Shown("trend_changes", order=("-p_worse", "supplier")),
    Shown("contacts", order=("-hours_after", "supplier")),
    Shown("candidates", ("sku", "supplier", "name", "specification", "category", "min_quantity", "price_low", "price_high", "unit_cost", "transport_mode", "lead_time_days", "region", "credentials", "acceptance_terms", "mixed_batch", "sample_offered", "sample_fee", "sales_3m", "reviews", "dispute_rate", "listed_on"), "", ("sku", "supplier")),
    Shown("offer_remarks", ("supplier", "sku", "refused", "note"), "", ("-refused", "sku", "supplier")),
    Shown("open_questions", order=("complete", "supplier", "sku")),
    Shown("no_trial", order=("sku", "supplier")),
    Shown("quality_costs", order=("supplier",)),
    Shown("stage_gates"),
    Shown("transport_ways"),
    Shown("calibration_by_lead"),
    Shown("reliability"),
    Shown("calibration", ("month", "kind", "observations", "waiting", "too_early", "too_late", "coverage_90", "coverage_90_low", "coverage_90_high", "crps", "skill_supplier_mean", "skill_everyone_mean", "brier")),
    Shown("quarantine", ("file", "sheet", "row", "column", "reason", "remedy")),
)  # fmt: skip
"""In the page's order."""


def shown_rows(shown: Shown, tables: Tables) -> pd.DataFrame:
    """The rows of a shown table, sorted, in the columns that hold anything; empty where it is absent."""
    rows = tables.get(shown.name, pd.DataFrame())
    if rows.empty:
        return rows
    if shown.name == "defect_rates":
        rows = rows[rows["level"].eq("supplier")]
    by = [name.removeprefix("-") for name in shown.order]
    if by and set(by) <= set(rows.columns):
        rows = rows.sort_values(by, ascending=[not name.startswith("-") for name in shown.order], kind="stable")
    return rows[
        [name for name in shown.columns or rows.columns if name in rows and rows[name].notna().any()]
    ].reset_index(drop=True)
