"""What one filled-in row of each sheet looks like: it stands above the headers of the blank ledger, where nothing is read as data."""

from __future__ import annotations

import pandas as pd

from analysis.sources.ledger_sheets import LedgerSheet
from analysis.sources.table_types import Column
from analysis.wording import Language, catalogue, say

DAYS = {
    "known_on": None, "repromised_on": None, "quoted_on": "2026-09-01", "valid_until": "2026-12-31", "asked_on": "2026-09-01",
    "answered_on": "2026-09-02", "listed_on": "2026-09-01", "asked_at": "2026-09-01 09:30", "replied_at": "2026-09-01 11:00",
    "ordered_on": "2026-09-05", "paid_on": "2026-09-05", "promised_on": "2026-09-20", "shipped_on": "2026-09-16",
    "received_on": "2026-09-19", "inspected_on": "2026-09-20", "opened_on": "2026-09-21", "settled_on": "2026-09-28",
    "due_on": "2026-10-15", "closed_on": None, "counted_on": "2026-09-30", "month": "2026-09-01", "credentials_until": "2027-12-31",
}  # fmt: skip
NUMBERS = {
    "years_on_platform": 6, "dispute_rate_90d": 0.0004, "dispute_rate": 0.0004, "sales_30d": 86000, "sales_3m": 240000, "buyers_30d": 120,
    "penalty_points": 0, "repurchase_rate": 0.35, "min_quantity": 50, "unit_price": 12.5, "lead_time_days": 10, "sample_fee": 20,
    "deposit_share": 0.3, "credit_days": 15, "benchmark_price": 14, "floor_price_30d": 12, "answered_items": 5, "line_no": 1,
    "quantity": 200, "received_quantity": 200, "goods_amount": 2500, "freight": 60, "duty": 0, "discount": 50, "paid_amount": 2510,
    "inspected": 20, "defective": 1, "critical": 0, "major": 1, "minor": 0, "appearance": 1, "piece": 1, "value": 1.2, "lower_limit": 1.15,
    "upper_limit": 1.25, "returned": 3, "reworked": 0, "cost": 18, "refund": 37.5, "units": 160, "selling_price": 39.9, "pieces_per_unit": 12,
    "content": 500, "benchmark_content": 500, "price_low": 12, "price_high": 13.5, "unit_cost": 15, "on_hand": 320,
}  # fmt: skip
"""The checklist's items not named here are 0: the one defective piece has one fault."""
WORDS = {"status": {"orders": "received", "risks": "open"}, "phase": {"": "after-sales"}, "stage": {"": "trial"}}
"""Where the first word of a column does not suit the rest of the row."""


def example_row(sheet: LedgerSheet, language: Language) -> pd.Series:
    """A value for each printed column that a row would have, as the canonical tables hold it; missing for the others."""
    return pd.Series({column.name: _value(sheet, column, language) for column in sheet.printed}, dtype=object)


def _value(sheet: LedgerSheet, column: Column, language: Language) -> object:
    if column.kind in ("date", "time"):
        return DAYS[column.name]
    if column.kind == "flag":
        return column.name not in ("reinspection", "tax_included")
    if column.kind == "word":
        chosen = WORDS.get(column.name, {})
        return chosen.get(sheet.name, chosen.get("", next(iter(column.words))))
    if column.kind in ("id", "text"):
        entries = (f"ledger.example_{sheet.name}_{column.name}", f"ledger.example_{column.name}")
        entry = next((entry for entry in entries if entry in catalogue()), None)
        return None if entry is None else say(entry, language)
    return NUMBERS.get(column.name, 0)
