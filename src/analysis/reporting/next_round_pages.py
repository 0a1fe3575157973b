"""The next round's chapter: whom to test with how many pieces, how that compares with the usual ways, and what is not tried."""

from __future__ import annotations

import pandas as pd

from analysis.reporting import blocks
from analysis.reporting.blocks import Block, cell, column
from analysis.reporting.columns import as_text, heading_of, is_number
from analysis.reporting.messages import why_no_trial
from analysis.reporting.report_context import ReportContext
from analysis.reporting.words import missing

TABLES = ("trial_plan", "no_trial", "trial_policies")
MOST_REFUSALS = 3
SHOWN = ("supplier", "sku", "pieces", "outlay", "cost", "expected_gain", "p_pays")
COMPARED = ("trials", "suppliers", "pieces", "outlay", "cost", "expected_gain", "expected_net")
POLICIES = ("plan", "equal", "none")


def next_round_pages(m: ReportContext) -> list[Block]:
    """The chapter; none where the next round was not looked at at all."""
    if not any(name in m.tables for name in TABLES):
        return []
    title = m.say("trial_plan_title")
    if not m.has("trial_plan") and not m.has("no_trial"):
        return [blocks.section(title, [blocks.text(m.say("trial_plan_not_assessed"), "quiet")], new_page=False)]
    parts = [*_summary(m), *_trials(m), *_comparison(m), *_refusals(m)]
    return [blocks.section(title, parts)]


def _summary(m: ReportContext) -> list[Block]:
    """What is recommended, in one or two sentences."""
    if not m.has("trial_plan"):
        return [blocks.text(m.say(f"trial_plan_{why_no_trial(m)}"))]
    plan = m.table("trial_plan")
    pieces, suppliers = m.words.number(plan["pieces"].sum()), plan["supplier"].nunique()
    gain, cost = plan["expected_gain"].sum(), plan["cost"].sum()
    money = {"gain": gain, "cost": cost, "net": gain - cost}
    said = {name: m.words.money(amount, m.facts.currency) for name, amount in money.items()}
    told = m.say("trial_plan_summary", trials=len(plan), suppliers=suppliers, pieces=pieces, **said)
    return [blocks.text(told), blocks.text(m.say("trial_plan_intro"))]


def _trials(m: ReportContext) -> list[Block]:
    if not m.has("trial_plan"):
        return []
    plan = m.table("trial_plan")
    names = [name for name in SHOWN if name in plan]
    heads = [
        column(heading_of("trial_plan", name, m.words.language), "right" if is_number(plan[name]) else "left")
        for name in names
    ]
    rows = [
        [*(as_text("trial_plan", name, plan[name], row[name], m.words) for name in names), m.words.own(row, "reason")]
        for _, row in plan.iterrows()
    ]
    return [blocks.table([*heads, column(m.say("col_why"), "left", 1)], rows, size=7.6)]


# ---- against the usual ways ----


def _comparison(m: ReportContext) -> list[Block]:
    """The plan against spreading the budget equally and no trial."""
    policies = m.table("trial_policies")
    if not m.has("trial_plan") or policies.empty or not policies[[*COMPARED]].fillna(0).any(axis=None):
        return []  # no trial is recommended, or nobody could be tried
    heads = [
        column(heading_of("trial_policies", "policy", m.words.language), "left", 1),
        *(column(heading_of("trial_policies", name, m.words.language)) for name in COMPARED),
    ]
    known = policies.set_index("policy").reindex([name for name in POLICIES if name in set(policies["policy"])])
    rows = [[m.say(f"trial_plan_policy_{name}"), *_amounts(m, row, name == "plan")] for name, row in known.iterrows()]
    intro = blocks.text(m.say("trial_plan_compared_intro", currency=m.facts.currency))
    return [blocks.heading(m.say("trial_plan_compared")), intro, blocks.table(heads, rows, size=7.6)]


def _amounts(m: ReportContext, row: pd.Series, own: bool) -> list[object]:
    """Whole numbers; the net gain stands out in the plan's own row."""
    *others, net = (m.words.number(round(float(row[name]))) for name in COMPARED)
    return [*others, cell(net, tone="strong" if own else "")]


# ---- what is not tried ----


def _refusals(m: ReportContext) -> list[Block]:
    """Why the rest is not tried, each reason once: SKUs first, then suppliers who sell no trial quantity."""
    refused = m.table("no_trial")
    if refused.empty:
        return []
    whole = refused["supplier"].map(missing)
    refused = refused.assign(part=~whole, why=[m.words.own(row, "reason") for _, row in refused.iterrows()])
    refused = refused.sort_values(["part", "sku", "supplier"], kind="stable").drop_duplicates(["sku", "why"])
    shown = refused.head(MOST_REFUSALS)
    heads = [column(m.say("col_sku"), "left"), column(m.say("col_why"), "left", 1)]
    rows = [[row["sku"], row["why"]] for _, row in shown.iterrows()]
    note = m.rest("no_trial", len(refused) - len(shown))
    return [blocks.heading(m.say("trial_plan_refused")), blocks.table(heads, rows, size=7), *note]
