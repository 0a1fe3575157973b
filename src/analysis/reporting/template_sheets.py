"""What stands in the five templates: which columns the review fills, which are the buyer's, and what names a row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from analysis.reporting.columns import heading_of
from analysis.sources.cell_words import CHECKLIST, INSPECTORS, SEVERITIES
from analysis.sources.pack import READ
from analysis.wording import LANGUAGES, catalogue, say

Tables = Mapping[str, pd.DataFrame]
HEAD_ROW = 3
WEIGHTS_ROW, STANDING_ROW = 4, 5
"""Of the selection sheet: the buyer's weights, and those in force beside them."""
MONEY = ("return_cost", "expected_amount", "open_amount")
"""Of the reconciliation: columns that no table of the review has."""
RECENT_MONTHS = 3
"""Order lines of so many months are reconciled, older ones while a difference is open."""


@dataclass(frozen=True)
class Template:
    """A sheet: the `key` that names a row, the review's columns (`table` has their headings), the buyer's, and drop-downs."""

    name: str
    table: str
    key: tuple[str, ...]
    filled: tuple[str, ...]
    own: tuple[str, ...]
    words: Mapping[str, tuple[str, ...]]

    @property
    def columns(self) -> tuple[str, ...]:
        """All, the review's first."""
        return (*self.filled, *(name for name in self.own if name not in self.filled))


YES_NO = ("yes", "no")
TEMPLATES = (
    Template("inquiry", "costs", ("sku", "supplier"), ("sku", "supplier", "quantity", "unit_price", "freight", "cost_per_good_piece", "cost_per_good_piece_low", "cost_per_good_piece_high"), ("answered_on", "price_range", "moq", "answered_days", "freight_discount", "warranty", "tax_included", "sample_offered", "conclusion", "remark"), {"tax_included": YES_NO, "sample_offered": YES_NO, **READ["inquiry"].words}),
    Template("reconciliation", "orders", ("order_id", "line_no"), ("order_id", "line_no", "supplier", "sku", "ordered_on", "quantity", "received_quantity", "unit_price", "goods_amount", "freight", "duty", "discount", "paid_amount", "return_cost", "expected_amount", "open_amount", "invoice", "settled", "settled_on"), ("invoice", "settled", "settled_on", "remark"), {"settled": YES_NO}),
    Template("inspection", "inspection_plans", ("order_id", "line_no"), ("order_id", "line_no", "supplier", "sku", "lot_size", "sample_size", "accept_critical", "accept_major", "accept_minor"), ("batch", "inspected_on", "inspected", "defective", *SEVERITIES, *CHECKLIST, "inspected_by", "inspector", "verdict", "remark"), {"inspected_by": tuple(INSPECTORS), "verdict": ("accept", "reject", "rework")}),
    Template("risks", "risks", ("supplier", "item"), ("supplier", "item", "status", "opened_on", "due_on", "owner", "action_taken", "remark", "closed_on"), ("status", "due_on", "owner", "action_taken", "remark", "closed_on"), {"status": ("open", "closed")}),
)  # fmt: skip
BY_NAME = {template.name: template for template in TEMPLATES}


def heading(template: Template, column: str) -> str:
    """The head in both languages; a buyer's own column as the buyer called it."""
    if f"pack.{column}" in catalogue():
        return "\n".join(say(f"pack.{column}", language) for language in reversed(LANGUAGES))
    table = READ[template.name].table if column in template.own else template.table
    if column not in template.columns:
        return column
    return "\n".join(heading_of(table, column, language) for language in reversed(LANGUAGES))


def filled_in(tables: Tables, as_of: pd.Timestamp) -> dict[str, pd.DataFrame]:
    """What the review knows for each template, the buyer's columns still empty."""
    found = {
        "inquiry": tables.get("costs", pd.DataFrame()),
        "reconciliation": _lines(tables, as_of),
        "inspection": tables.get("inspection_plans", pd.DataFrame()),
        "risks": tables.get("risks", pd.DataFrame()).rename(columns={"response": "action_taken"}),
    }
    return {
        name: _of_the_review(BY_NAME[name], table).drop_duplicates(list(BY_NAME[name].key))
        for name, table in found.items()
    }


def _of_the_review(template: Template, table: pd.DataFrame) -> pd.DataFrame:
    """The review's columns of `table`; one of its others may have the name of a buyer's, and is none."""
    return table.reindex(columns=list(template.filled)).reindex(columns=list(template.columns))


def _lines(tables: Tables, as_of: pd.Timestamp) -> pd.DataFrame:
    """Order lines to reconcile, with what their returns cost, what was to be paid and what is open."""
    orders = tables.get("orders", pd.DataFrame())
    if orders.empty or "goods_amount" not in orders:
        return pd.DataFrame()
    keys = ["order_id", "line_no"]
    differences, returns = tables.get("differences", pd.DataFrame()), tables.get("returns", pd.DataFrame())
    apart = pd.MultiIndex.from_frame(differences[keys]) if len(differences) else pd.MultiIndex.from_arrays([[], []])
    recent = orders["ordered_on"] > as_of - pd.DateOffset(months=RECENT_MONTHS)
    lines = orders[recent | pd.MultiIndex.from_frame(orders[keys]).isin(apart)]
    if len(returns):
        lines = lines.merge(returns.groupby(keys)["cost"].sum().rename("return_cost"), on=keys, how="left")
    if len(tables.get("settlements", ())):
        lines = lines.merge(tables["settlements"], on=keys, how="left")
    expected = lines[["goods_amount", "freight", "duty"]].fillna(0).sum(axis=1) - lines["discount"].fillna(0)
    expected = expected.where(lines["goods_amount"].notna()).round(2)
    return lines.assign(expected_amount=expected, open_amount=(lines["paid_amount"] - expected).round(2))


def carried_on(template: Template, new: pd.DataFrame, kept: pd.DataFrame | None) -> pd.DataFrame:
    """`new` with what the buyer wrote in `kept` last month: cells of the buyer's columns, columns of the buyer's making, and rows
    with an entry of the buyer's that the review does not name, or names once only."""
    if kept is None or kept.empty:
        return new
    own = [column for column in kept if column in template.own or column not in template.columns]
    names, named = _names(kept, template.key), _names(new, template.key)
    before = kept[~names.duplicated()].set_axis(names[~names.duplicated()])
    wide = new.assign(**{column: pd.Series([None] * len(new), new.index, dtype=object) for column in own if column not in new})  # fmt: skip
    for column in own:
        entries = before[column].reindex(named).to_numpy(object)
        wide[column] = [was if _blank(entry) else entry for was, entry in zip(wide[column].astype(object), entries)]
    filled = ~kept[own].map(_blank).all(axis=1).to_numpy(bool)
    added = kept[filled & (names.duplicated() | ~names.isin(named))]
    return pd.concat([wide.astype(object), added.astype(object)], ignore_index=True)


def _names(table: pd.DataFrame, key: tuple[str, ...]) -> pd.MultiIndex:
    return pd.MultiIndex.from_arrays([table[name].map(_name) for name in key])


def _name(value: object) -> str:
    """A key as text: a number read back from a sheet is the same row."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _blank(value: object) -> bool:
    return value is None or value == "" or bool(pd.isna(value))
