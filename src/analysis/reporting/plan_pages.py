"""The purchase plan: what to order now, on the first page for the SKUs that cost most, in its own chapter for all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analysis.decisions.purchase_plan import ACTIONS, placed_orders
from analysis.reporting import blocks
from analysis.reporting.blocks import Block, cell, column, name_column
from analysis.reporting.report_context import MOST_NAMED, ReportContext
from analysis.reporting.words import ABSENT, missing

MOST_ROWS = 30
"""SKUs in the chapter; the workbook lists all."""


def what_to_order(m: ReportContext) -> list[Block]:
    """The first page's table: the SKUs on which most is spent a month; nothing where no demand is known at all."""
    plan = _by_money(m)
    if plan.empty:
        return []
    shown = plan.head(MOST_NAMED)
    rest = len(plan) - len(shown)
    note = [blocks.text(m.say("plan_more", count=rest), "note")] if rest else []
    return [blocks.heading(m.say("plan_heading")), blocks.text(_summary(m, plan)), _table(m, shown), *note]


def plan_pages(m: ReportContext) -> list[Block]:
    """The chapter: every SKU of known demand with its reason; none where there is no such."""
    plan = _by_money(m)
    if plan.empty:
        return []
    shown = plan.head(MOST_ROWS)
    whole = m.left_out("plan_shown", shown, plan)
    parts = [
        blocks.text(m.say("plan_intro", currency=m.facts.currency)), _table(m, shown), _reasons(m, shown),
        *([blocks.text(whole, "note")] if whole else []),
    ]  # fmt: skip
    return [blocks.section(m.say("plan_title"), parts)]


def _by_money(m: ReportContext) -> pd.DataFrame:
    """The plan of the SKUs whose demand is known, the one that costs most a month first, those of unknown cost last."""
    if not m.has("purchase_plan"):
        return pd.DataFrame()
    plan = m.table("purchase_plan").dropna(subset="demand_per_month")
    return plan.assign(month=plan["demand_per_month"] * plan["cost_per_good_piece"]).sort_values(
        ["month", "sku"], ascending=[False, True], na_position="last", ignore_index=True
    )


def _summary(m: ReportContext, plan: pd.DataFrame) -> str:
    """How many SKUs are ordered, for how much, and what the plan saves against today's suppliers."""
    counts = plan["action"].value_counts()
    parts = [m.say(f"plan_counted_{name}", count=int(counts[name])) for name in ACTIONS if counts.get(name, 0)]
    ordered = placed_orders(plan)
    goods = ordered["unit_price"] * ordered["pieces"].astype(float)
    total = m.words.money(ordered["order_total"].fillna(goods).sum(), m.facts.currency)
    told = m.say("plan_total", parts="；".join(parts) if m.words.language == "zh" else "; ".join(parts), total=total)
    lacking = int(ordered["order_total"].isna().sum())
    told = m.words.sentences(told, m.say("plan_lacks_freight", count=lacking)) if lacking else told
    saving = m.table("plan_saving")
    if saving.empty:
        return told
    return m.words.sentences(told, m.say("plan_saved", moved=saving["changes"].item(), saved=saved_in_all(m, saving)))


def saved_in_all(m: ReportContext, saving: pd.DataFrame) -> str:
    """`1,234 CNY (567-1,890)`: what all changes of supplier save a month together."""
    [row] = saving.to_dict("records")
    money = m.words.money(row["saving_per_month"], m.facts.currency)
    return m.say("with_interval", value=money, interval=m.words.interval(row["saving_low"], row["saving_high"]))


def _table(m: ReportContext, plan: pd.DataFrame) -> Block:
    heads = [
        name_column(m.say("col_sku"), plan["sku"]), column(m.say("plan_col_action"), "left"),
        column(m.say("col_supplier"), "left", 1.2), column(m.say("plan_col_pieces")), column(m.say("col_price_there")), column(m.say("plan_col_total")),
        column(m.say("plan_col_by")), column(m.say("col_good_piece_interval")), column(m.say("plan_col_saving")),
        column(m.say("plan_col_p")),
    ]  # fmt: skip
    rows = [row for _, each in plan.iterrows() for row in (_row(m, each), *_beside(m, each))]
    return blocks.table(heads, rows, size=7.6)


def _beside(m: ReportContext, row: pd.Series) -> list[list[Any]]:
    """The row of what is ordered beside a trial, if anything is."""
    if missing(row.get("rest_pieces")):
        return []
    [rest] = placed_orders(row.to_frame().T).iloc[1:].to_dict("records")
    words, action = m.words, cell(m.say("plan_action_beside"), tone="strong")
    return [
        [
            rest["sku"], action, cell(_graded(m, rest["supplier"]), tone="strong"), words.number(rest["pieces"]),
            words.price(rest["unit_price"]), _total(m, rest), words.date(rest["expected_by"]), "",
            *_saved(m, row, rest["supplier"], not missing(row["present_supplier"])),
        ]
    ]  # fmt: skip


def _row(m: ReportContext, row: pd.Series) -> list[Any]:
    words, nothing = m.words, missing(row["supplier"])
    beside = not missing(row.get("rest_supplier"))  # what is saved stands in its row
    compared = not nothing and not missing(row["present_supplier"]) and not beside
    action = m.say(f"plan_action_{row['action']}")
    cost = ABSENT if missing(row["cost_per_good_piece"]) else m.say("with_interval", value=words.number(row["cost_per_good_piece"], 2), interval=words.interval(row["cost_low"], row["cost_high"], 2))  # fmt: skip
    return [
        row["sku"], cell(action, tone="alert" if row["action"] == "nobody" else "quiet" if row["action"] == "hold" else "strong"),
        ABSENT if nothing else cell(_graded(m, row["supplier"]), tone="strong"),
        words.number(row["pieces"]) if not nothing else ABSENT, words.price(row["unit_price"]), _total(m, row) if not nothing else ABSENT,
        words.date(row["expected_by"]), cost, *(("", "") if beside else _saved(m, row, row["supplier"], compared)),
    ]  # fmt: skip


def _saved(m: ReportContext, row: pd.Series, supplier: str, compared: bool) -> tuple[str, str]:
    """What buying from `supplier` saves against today's, and how sure that is; 0 where it is the same: a dash would say not known."""
    if not compared:
        return ABSENT, ABSENT
    if supplier == row["present_supplier"]:
        return m.words.number(0), ""
    return _saving(m, row), m.words.chance(row["p_saving"])


def _total(m: ReportContext, row: Mapping[str, Any] | pd.Series) -> Any:
    """Goods and freight; where the freight is not known, the goods, marked in words."""
    if missing(row["order_total"]) and not missing(row["unit_price"]):
        goods = m.words.number(row["unit_price"] * row["pieces"])
        return cell(m.say("plan_goods_alone", goods=goods), tone="alert")
    return m.words.number(row["order_total"])


def _saving(m: ReportContext, row: pd.Series) -> str:
    """`493 (91–832)`: what the change saves a month, with its interval."""
    if missing(row["saving_per_month"]):
        return ABSENT
    interval = m.words.interval(row["saving_low"], row["saving_high"])
    return m.say("with_interval", value=m.words.number(row["saving_per_month"]), interval=interval)


def _graded(m: ReportContext, supplier: str) -> str:
    """The supplier with its grade, where it is rated."""
    card = m.table("scorecard")
    grades = card.set_index("supplier")["grade"] if len(card) else pd.Series(dtype=object)
    grade = grades.get(supplier)
    return supplier if missing(grade) else m.say("supplier_graded", supplier=supplier, grade=grade)


def _reasons(m: ReportContext, plan: pd.DataFrame) -> Block:
    heads = [
        name_column(m.say("col_sku"), plan["sku"]),
        column(m.say("plan_col_inspected")),
        column(m.say("plan_col_backup"), "left", 0.8),
        column(m.say("col_why"), "left", 3),
    ]
    seen = m.table("scorecard").set_index("supplier")["inspected"] if m.has("scorecard") else pd.Series(dtype=float)
    rows = [
        [
            row["sku"],
            ABSENT if missing(row["supplier"]) else m.words.number(seen.get(row["supplier"])),
            ABSENT if missing(row["backup"]) else row["backup"],
            m.words.own(row, "reason"),
        ]
        for _, row in plan.iterrows()
    ]
    return blocks.table(heads, rows, size=7.6)
