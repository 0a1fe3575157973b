"""What is behind a supplier's or an SKU's numbers: rows of the files, estimates, draws and rules, picked from the month's tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.errors import AnalysisError
from analysis.estimates.draws import Draws, summary
from analysis.sources.cell_words import CHECKLIST
from analysis.wording import near_names

Tables = Mapping[str, pd.DataFrame]
DRAW_COLUMNS = ["supplier", "quantity", "mean", "mean_low", "mean_high", "draws", "seed"]
RULE_SECTIONS = ("limits", "grades", "vetoes", "criteria", "purchase_plan", "stock")
"""The dated rules that a supplier's numbers hang on."""


@dataclass(frozen=True)
class Part:
    """The rows of `table` about a supplier (any of the columns `by`) or SKU, with `columns` that say it; `explain.<key>` is its title.

    `of_line`: supplier and SKU stand on the order line. `needs`: only rows in which this column is filled in.
    """

    key: str
    table: str
    columns: tuple[str, ...]
    by: tuple[str, ...] = ("supplier",)
    of_line: bool = False
    needs: str = ""


PARTS = (
    Part("plan", "purchase_plan", ("sku", "action", "supplier", "pieces", "unit_price", "order_total", "expected_by", "reason", "cost_per_good_piece", "present_supplier", "saving_per_month", "p_saving", "backup", "rest_supplier", "rest_pieces"), ("supplier", "present_supplier", "backup", "rest_supplier")),
    Part("rating", "scorecard", ("rank", "grade", "rating", "rating_low", "rating_high", "grade_reason", "own_evidence", "inspected", "received", "open", "missing_criteria")),
    Part("criteria", "criteria_values", ("criterion", "value", "value_low", "value_high", "observations", "worth", "weight", "points")),
    Part("quality", "defect_rates", ("level", "sku", "lots", "inspected", "defective", "defect_rate", "defect_rate_low", "defect_rate_high", "p_over_limit", "limit")),
    Part("items", "defect_items", ("item", "inspected", "failed", "rate", "rate_low", "rate_high")),
    Part("drift", "drift", ("sku", "kind", "attribute", "sample_pieces", "production_pieces", "p_worse", "detectable", "flagged")),
    Part("samples", "sample_batches", ("sku", "number", "batch", "inspected_on", "inspected", "defective", "rate", "rate_low", "rate_high", "p_worse", "attribute", "measured_pieces", "p_worse_measured", "verdict")),
    Part("reports", "outside_reports", ("inspected_by", "skus", "lots", "same_lots", "reported_inspected", "reported_defective", "reported_rate", "reported_rate_low", "reported_rate_high", "own_inspected", "own_defective", "own_rate", "own_rate_low", "own_rate_high", "p_understates", "verdict")),
    Part("feedback", "customer_feedback", ("sku", "passed_on", "from_customers", "customer_rate", "customer_rate_low", "customer_rate_high", "inspected", "defective", "inspected_rate", "inspected_rate_low", "inspected_rate_high", "p_more", "verdict")),
    Part("trace", "batch_trace", ("batch", "sku", "orders", "received_on", "received", "sample_batch", "sample_inspected", "sample_defective", "lot_inspected", "lot_defective", "factory_inspected", "factory_defective", "third_party_inspected", "third_party_defective", "returned", "reworked", "complained", "claimed_by")),
    Part("times", "lead_times", ("received", "open", "lead_time_median", "lead_time_median_low", "lead_time_median_high", "lead_time_p90", "lead_time_p90_low", "lead_time_p90_high", "late_probability", "family")),
    Part("costs", "costs", ("sku", "quantity", "unit_price", "freight", "duty", "inspection", "rework", "returns", "escaped_defects", "delay", "yield_loss", "cost_per_good_piece", "cost_per_good_piece_low", "cost_per_good_piece_high", "missing")),
    Part("trials", "trial_plan", ("sku", "pieces", "outlay", "expected_gain", "reason")),
    Part("orders", "orders", ("order_id", "line_no", "sku", "stage", "ordered_on", "promised_on", "received_on", "quantity", "unit_price", "freight", "discount", "status")),
    Part("inspections", "inspections", ("order_id", "line_no", "sku", "batch", "inspected_on", "inspected", "defective", "critical", "major", "minor", *CHECKLIST), of_line=True, needs="inspected"),
    Part("measured", "inspections", ("order_id", "line_no", "sku", "batch", "inspected_on", "piece", "attribute", "value", "lower_limit", "upper_limit"), of_line=True, needs="attribute"),
    Part("outside", "outside_inspections", ("order_id", "line_no", "sku", "batch", "inspected_by", "inspected_on", "inspected", "defective", "critical", "major", "minor", *CHECKLIST, "attribute", "value", "lower_limit", "upper_limit"), of_line=True),
    Part("returns", "returns", ("order_id", "line_no", "sku", "batch", "origin", "returned", "reworked", "complained", "cost", "refund", "settled_on"), of_line=True),
    Part("differences", "differences", ("order_id", "line_no", "sku", "reason", "expected", "actual", "difference")),
    Part("quotes", "quotes", ("quote_id", "sku", "quoted_on", "valid_until", "min_quantity", "unit_price", "lead_time_days", "freight_terms")),
    Part("inquiries", "inquiries", ("asked_at", "replied_at", "phase", "answered_items")),
    Part("risks", "risks", ("item", "status", "opened_on", "due_on", "owner")),
)  # fmt: skip
"""From the decision down to the rows of the files."""


def part_rows(part: Part, tables: Tables) -> pd.DataFrame:
    """All rows of a part's table, with supplier and SKU where they stand on the order line; empty where the table is absent."""
    table = tables.get(part.table, pd.DataFrame())
    if part.of_line and len(table) and len(lines := tables.get("orders", pd.DataFrame())):
        keys = ["order_id", "line_no"]
        table = table.merge(lines[[*keys, "supplier", "sku"]].drop_duplicates(keys), on=keys, how="left")
    if part.needs and len(table):
        table = table[table[part.needs].notna()]
    if part.key == "criteria" and len(table):
        table = table.assign(points=100 * table["worth"] * table["weight"])
    return table


def rows_about(part: Part, tables: Tables, supplier: str | None, sku: str | None) -> pd.DataFrame:
    """The part's rows on `supplier` and `sku` (None: any), in the columns that say something."""
    rows = part_rows(part, tables)
    if supplier is not None and len(rows):
        named = [name for name in part.by if name in rows]
        rows = rows[rows[named].eq(supplier).any(axis=1)]
    if sku is not None and len(rows):
        # what has no SKU of its own (a rating, a lead time) is the supplier's; the supplier's own level stays beside the SKU's
        rows = rows[rows["sku"].eq(sku) | rows["sku"].isna()] if "sku" in rows else rows if supplier else rows.iloc[:0]
    return told_columns(part, rows, with_supplier=supplier is None)


def told_columns(part: Part, rows: pd.DataFrame, with_supplier: bool) -> pd.DataFrame:
    """The part's columns that hold anything; the supplier first where it is asked for."""
    names = [*(["supplier"] if with_supplier and "supplier" not in part.columns else []), *part.columns]
    names += [f"{name}_zh" for name in part.columns]  # a sentence kept in both languages
    return rows[[name for name in names if name in rows and rows[name].notna().any()]]


def of_batch(tables: Tables, batch: str) -> dict[str, pd.DataFrame]:
    """What is known of a batch by its number: its trace, its order lines, every look at it, and what came back of it, also by returns
    of its lines that name no batch."""
    lines = ["order_id", "line_no"]
    named = {name: table[table["batch"].eq(batch)] for name, table in tables.items() if "batch" in table}
    at = pd.concat([rows[lines] for rows in named.values() if set(lines) <= set(rows)])
    its = pd.MultiIndex.from_frame(at.drop_duplicates())
    for name in ("orders", "returns"):
        rows = tables.get(name, pd.DataFrame())
        if len(rows):
            told = rows["batch"].isna() | rows["batch"].eq(batch) if "batch" in rows else True
            named[name] = rows[told & pd.MultiIndex.from_frame(rows[lines]).isin(its)]
    return named


def check_names(
    tables: Tables, supplier: str | None, sku: str | None, source: str, month: str, batch: str | None = None
) -> None:
    """`AnalysisError` with the names that come near where nobody is called so, or no article or batch."""
    asked = {"supplier": supplier, "sku": sku, "batch": batch}
    for key, column, name in ((f"run.unknown_{column}", column, name) for column, name in asked.items()):
        known = sorted(
            {
                str(met)
                for table in tables.values()
                if column in table
                for met in table[column].dropna()
                if str(met).strip()
            }
        )
        if name is not None and name not in known:
            near = [met for met in known if name.casefold() in met.casefold()][:5]
            raise AnalysisError(key, source=source, month=month, name=name, near=", ".join(near) or near_names(name, known))  # fmt: skip
    lines = of_batch(tables, batch).get("orders", pd.DataFrame()) if batch is not None else pd.DataFrame()
    for column, name in (("supplier", supplier), ("sku", sku)) if len(lines) else ():
        if name is not None and name not in set(lines[column]):
            others = ", ".join(sorted(set(lines[column].dropna().astype(str))))
            raise AnalysisError("run.batch_of_others", batch=batch, name=name, others=others)


def draw_summaries(draws: Mapping[str, Draws], level: float, seed: int | None) -> pd.DataFrame:
    """`DRAW_COLUMNS`: mean and interval of every supplier's posterior draws, how many there are and their seed."""
    parts = []
    for name, each in draws.items():
        known = ~pd.isna(each.values).any(axis=1)
        mean, low, high = summary(each.values[known], level)
        told = {"supplier": each.suppliers[known], "quantity": name, "mean": mean, "mean_low": low, "mean_high": high}
        parts.append(pd.DataFrame(told | {"draws": each.values.shape[1], "seed": seed}))
    return pd.concat(parts, ignore_index=True)[DRAW_COLUMNS] if parts else pd.DataFrame(columns=DRAW_COLUMNS)


def rules_table(sections: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """`section rule value since` of the rules in force that numbers hang on, as config/ has them."""
    rows = [row for name in RULE_SECTIONS if name in sections for row in _rules_of(name, sections[name])]
    return pd.DataFrame(rows, columns=["section", "rule", "value", "since"])


def _rules_of(name: str, section: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    for key, value in section.items():
        for inner, each in value.items() if isinstance(value, Mapping) else [("", value)]:
            if key not in ("from", "source"):
                yield name, f"{key}.{inner}".rstrip("."), _as_config(each), str(section["from"])


def _as_config(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
