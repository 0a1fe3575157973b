"""The tables that `review.html` shows, with the columns that a reader asks for first."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from analysis.reporting.evidence import Tables

MOST_ROWS, FEWER_ROWS = 400, 120
"""Rows of a table in the page itself, fewer where these alone would fill a third of it; the others stand behind their supplier."""


@dataclass(frozen=True)
class Shown:
    """A table of the page: its `columns`, the one whose `interval` is drawn, and how its rows are sorted ("-name": falling)."""

    name: str
    columns: tuple[str, ...]
    interval: str = ""
    order: tuple[str, ...] = ()


SHOWN = (
    Shown("purchase_plan", ("sku", "action", "supplier", "pieces", "unit_price", "order_total", "expected_by", "cost_per_good_piece", "cost_low", "cost_high", "present_supplier", "saving_per_month", "saving_low", "saving_high", "p_saving", "backup", "p_over_limit", "reason", "reason_zh")),
    Shown("scorecard", ("supplier", "category", "rank", "grade", "rating", "rating_low", "rating_high", "p_best_in_category", "inspected", "received", "open", "own_evidence", "expected_regret", "missing_criteria", "grade_reason"), "rating", ("rank", "supplier")),
    Shown("defect_rates", ("supplier", "inspected", "defective", "lots", "defect_rate", "defect_rate_low", "defect_rate_high", "p_over_limit", "pieces_to_settle"), "defect_rate", ("-p_over_limit", "supplier")),
    Shown("lead_times", ("supplier", "received", "open", "lead_time_median", "lead_time_median_low", "lead_time_median_high", "lead_time_p90", "promised_days", "late_probability"), "lead_time_median", ("-lead_time_p90", "supplier")),
    Shown("costs", ("supplier", "sku", "quantity", "unit_price", "freight", "cost_per_good_piece", "cost_per_good_piece_low", "cost_per_good_piece_high", "p_cheapest", "missing"), "cost_per_good_piece", ("sku", "cost_per_good_piece")),
    Shown("stock", ("sku", "supplier", "demand_per_month", "lead_time_mean", "reorder_point", "safety_stock", "order_quantity", "cycle_service", "turns", "capital", "note"), "", ("sku",)),
    Shown("trial_plan", ("sku", "supplier", "pieces", "outlay", "cost", "expected_gain", "incumbent", "reason")),
    Shown("open_orders", ("order_id", "line_no", "supplier", "sku", "ordered_on", "promised_on", "days_open", "expected_on", "arrives_by_80", "late_probability"), "", ("-late_probability", "order_id")),
    Shown("open_differences", ("supplier", "lines", "price", "quantity", "freight", "discount", "duty", "return", "duplicate", "missing", "unexplained", "open"), "", ("-open", "supplier")),
    Shown("risks", ("supplier", "item", "status", "opened_on", "due_on", "owner"), "", ("due_on",)),
    Shown("weights", ("criterion", "weight", "weight_low", "weight_high", "previous", "reason"), "weight", ("-weight",)),
    Shown("calibration", ("kind", "n", "waiting", "coverage_90", "coverage_90_low", "coverage_90_high", "crps", "skill_supplier_mean", "skill_everyone_mean", "brier")),
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
    return rows[[name for name in shown.columns if name in rows and rows[name].notna().any()]].reset_index(drop=True)
