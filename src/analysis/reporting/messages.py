"""What each chapter comes to, in one line under its title; empty where there is nothing to say."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from analysis.decisions.purchase_plan import placed_orders, supplied
from analysis.reporting.plan_pages import saved_in_all
from analysis.reporting.report_context import ReportContext
from analysis.reporting.words import missing


def plan_message(m: ReportContext) -> str:
    """What is ordered for how much, and what changing supplier saves."""
    plan = m.table("purchase_plan")
    ordered = placed_orders(plan) if len(plan) else plan
    if ordered.empty:
        return m.say("message_plan_none")
    total = ordered["order_total"].fillna(ordered["unit_price"] * ordered["pieces"].astype(float)).sum()
    saving = m.table("plan_saving")
    told = m.say("message_plan", count=len(ordered), total=m.words.money(total, m.facts.currency))
    return told if saving.empty else m.say("message_plan_saves", told=told, saved=saved_in_all(m, saving))


def quality_message(m: ReportContext) -> str:
    """How many suppliers are more likely than not over the limit, and whose estimate is the highest, with its interval."""
    rates = m.supplier_rates()
    assessed = rates[rates["assessed"]] if len(rates) else rates
    if assessed.empty:
        return ""
    over, limit = assessed[assessed["p_over_limit"] > 0.5], m.words.percent(m.limit())
    if over.empty:
        return m.say("message_quality_none", count=len(assessed), limit=limit)
    worst = over.sort_values("defect_rate").iloc[-1]
    values = {"over": len(over), "count": len(assessed), "limit": limit, "worst": worst["supplier"]}
    pieces = m.say("x_of_n", x=worst["defective"], n=worst["inspected"])
    interval = m.words.share_interval(worst["defect_rate_low"], worst["defect_rate_high"], 0)
    return m.say("message_quality", **values, pieces=pieces, interval=interval)


def delivery_message(m: ReportContext) -> str:
    """How much of what was due came on time and in full, and how many open lines will more likely than not be late."""
    due, waiting = m.table("on_time"), m.table("open_orders")
    rows = due[due["supplier"] != ""] if len(due) else due
    if rows.empty or not rows["due"].sum():
        return ""
    share = m.words.percent(rows["on_time_in_full"].sum() / rows["due"].sum(), 0)
    if waiting.empty:
        return m.say("message_delivery_none_open", share=share)
    late = int(((waiting["late_probability"] > 0.5) | (waiting["promised_on"] < m.facts.as_of)).sum())
    return m.say("message_delivery", share=share, late=late, open=len(waiting))


def scorecard_message(m: ReportContext) -> str:
    """The grades; whose lead in its category is a toss-up."""
    if not m.has("scorecard"):
        return ""
    counts = m.table("scorecard")["grade"].value_counts()
    graded = m.say("grades_counted", **{grade: int(counts.get(grade, 0)) for grade in "ABC"})
    open_ = toss_ups(m)
    return m.say("message_scorecard_open", graded=graded, names=m.words.listed(open_)) if open_ else graded


SMALL_MOVE = 0.02
"""A weight that has to move by less than this to unseat a winner makes its lead a toss-up."""


def toss_ups(m: ReportContext) -> list[str]:
    """The categories in which a weight moved by less than `SMALL_MOVE` would put another supplier first."""
    stability = m.table("weight_stability")
    if stability.empty or "move" not in stability:
        return []
    close = stability[stability["move"].abs() < SMALL_MOVE]
    return sorted(close["category"].dropna().unique())


def cost_message(m: ReportContext) -> str:
    """For how many SKUs today's supplier stays; nothing where nobody supplies any today."""
    plan = m.table("purchase_plan")
    bought = supplied(plan).dropna(subset="supplier") if len(plan) else plan
    if bought.empty or bought["present_supplier"].isna().all():
        return ""
    same = int((bought["supplier"] == bought["present_supplier"]).sum())
    return m.say("message_costs", same=same, count=len(bought))


def stock_message(m: ReportContext) -> str:
    """What the stock ties up and how often it turns."""
    stock = m.table("stock")
    if stock.empty or not stock["capital"].notna().any():
        return ""
    return m.say("message_stock", capital=m.words.money(stock["capital"].sum(), m.facts.currency), count=int(stock["capital"].notna().sum()))  # fmt: skip


def trial_message(m: ReportContext) -> str:
    """Whether a trial pays, or why that was not reckoned."""
    trials = m.table("trial_plan")
    if trials.empty:
        return m.say(NO_TRIAL[why_no_trial(m)])
    cost = m.words.money(trials["cost"].sum(), m.facts.currency)
    return m.say("message_trials", count=len(trials), cost=cost, gain=m.words.money(trials["expected_gain"].sum(), m.facts.currency))  # fmt: skip


RECKONED = {"changes_nothing", "not_worth_it", "too_rarely", "budget_used"}
"""Statuses of `no_trial` for which the worth of a trial was reckoned."""
NO_TRIAL = {
    "none": "message_trials_none", "no_demand": "message_trials_no_demand", "impossible": "message_trials_impossible",
    "not_needed": "message_trials_not_needed", "not_assessed": "message_trials_not_assessed",
    "not_reckoned": "message_trials_not_assessed",
}  # fmt: skip
TOO_LARGE = {"none_sells_trials", "minimum_too_large"}


def why_no_trial(m: ReportContext) -> str:
    """Why nobody is tried: `none` is worth it, `no_demand` is known, `impossible` (minimum orders), `not_needed`, else `not_reckoned`;
    `not_assessed` where no SKU was looked at."""
    refused = m.table("no_trial")
    found = set(refused["status"]) if len(refused) else set()
    if found & RECKONED:
        return "none"
    alone = ({"no_demand"}, "no_demand"), (TOO_LARGE, "impossible"), ({"ordered_anyway"}, "not_needed")
    if not found:
        return "not_assessed"
    return next((why for statuses, why in alone if found <= statuses), "not_reckoned")


def risk_message(m: ReportContext) -> str:
    """How many risks are open and overdue."""
    risks = open_risks(m.table("risks"))
    overdue = int((risks["due_on"] < m.facts.as_of).sum()) if "due_on" in risks else 0
    return m.say("message_risks", count=len(risks), overdue=overdue)


def open_risks(risks: pd.DataFrame) -> pd.DataFrame:
    """The items not closed yet, by due date."""
    if not {"status", "due_on"} <= set(risks.columns):
        return risks
    return risks[risks["status"] != "closed"].sort_values("due_on", na_position="last").drop(columns="status")


def record_message(m: ReportContext) -> str:
    """How often the forecasts' intervals held, and whether they beat the naive ones; one line, also when it is bad."""
    record = m.table("calibration")
    pooled = record[(record["month"] == "all") & (record["observations"] > 0)] if len(record) else record
    told = [_held(m, row) for _, row in pooled.iterrows()]
    return ("；" if m.words.language == "zh" else "; ").join(told) or m.say("message_record_none")


def _held(m: ReportContext, row: pd.Series) -> str:
    w = m.words
    values = {
        "kind": m.say(f"record_{row['kind']}"),
        "held": w.percent(row["coverage_90"], 0),
        "n": w.number(row["observations"]),
    }
    skill = row["skill_supplier_mean"]
    if missing(skill):
        return m.say("message_record_alone", **values)
    return m.say(f"message_record_{'better' if skill >= 0 else 'worse'}", **values, skill=w.percent(abs(skill), 0))


def data_message(m: ReportContext) -> str:
    """How many of the rows could not be used."""
    accounting = m.table("accounting")
    if accounting.empty:
        return ""
    return m.say("message_data", refused=m.words.number(accounting["quarantined"].sum()), rows=m.words.number(accounting["rows_in"].sum()))  # fmt: skip


MESSAGES: dict[str, Callable[[ReportContext], str]] = {
    "plan_title": plan_message, "quality_title": quality_message, "delivery_title": delivery_message, "scorecard_title": scorecard_message,
    "costs_title": cost_message, "stock_title": stock_message, "trial_plan_title": trial_message, "risks_title": risk_message,
    "record_title": record_message, "data_title": data_message,
}  # fmt: skip
"""By the title of the chapter."""


def with_messages(m: ReportContext, chapters: list[dict]) -> list[dict]:
    """The chapters, each with its message."""
    by_title = {m.say(title): message for title, message in MESSAGES.items()}
    return [
        {**part, "message": part.get("message") or by_title.get(part["title"], lambda _: "")(m)} for part in chapters
    ]
