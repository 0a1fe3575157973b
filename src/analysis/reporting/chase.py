"""What to try and what to chase, each with its money: trials, late orders, open claims, overdue risks; and how good our forecasts were."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from analysis.reporting import blocks
from analysis.reporting.blocks import Block
from analysis.reporting.claim_pages import to_ask_back
from analysis.reporting.messages import open_risks, record_message, trial_message
from analysis.reporting.report_context import ReportContext

Item = tuple[str, str]


def what_to_chase(m: ReportContext) -> list[Block]:
    """The first page's list: a bold lead and a sentence each."""
    items = [*_trials(m), *_late(m), *_claims(m), *_risks(m), (m.say("chase_forecasts"), record_message(m))]
    return [blocks.heading(m.say("chase_heading")), blocks.bullets(items)]


def _trials(m: ReportContext) -> Iterator[Item]:
    if "trial_plan" not in m.tables:
        return
    trials = m.table("trial_plan")
    names = [m.say("chase_trial", pieces=m.words.number(row.pieces), sku=row.sku, supplier=row.supplier) for row in trials.itertuples()]  # fmt: skip
    told = trial_message(m)
    yield m.say("chase_trials"), m.say("chase_named", told=told, names=m.words.listed(names, 3)) if names else told


def _late(m: ReportContext) -> Iterator[Item]:
    """The lines past their promise, with the goods' money, the longest overdue first."""
    waiting = m.table("open_orders")
    late = waiting[waiting["promised_on"] < m.facts.as_of] if len(waiting) else waiting
    if late.empty:
        return
    money = late.merge(
        m.table("orders")[["order_id", "line_no", "quantity", "unit_price"]], on=["order_id", "line_no"], how="left"
    )
    worth = (money["quantity"].astype(float) * money["unit_price"].astype(float)).sum(min_count=1)
    names = late.sort_values("promised_on")["supplier"].drop_duplicates().tolist()
    values = {"count": len(late), "money": m.words.money(worth, m.facts.currency), "names": m.words.listed(names, 3)}
    yield m.say("chase_late"), m.say("chase_late_told", **values)


def _claims(m: ReportContext) -> Iterator[Item]:
    owed = to_ask_back(m.table("open_differences"))
    if owed.empty:
        return
    currency = m.facts.currency
    named = [
        m.say("with_interval", value=row.supplier, interval=m.words.money(row.open, currency))
        for row in owed.itertuples()
    ]
    yield m.say("chase_claims"), m.say("chase_claims_told", total=m.words.money(owed["open"].sum(), currency), names=m.words.listed(named, 3))  # fmt: skip


def _risks(m: ReportContext) -> Iterator[Item]:
    risks = (
        pd.DataFrame() if "risk_register" in m.tables else open_risks(m.table("risks"))
    )  # the register has its own list
    overdue = risks[risks["due_on"] < m.facts.as_of] if "due_on" in risks else pd.DataFrame()
    if overdue.empty:
        return
    first = overdue.iloc[0]
    told = {"count": len(overdue), "supplier": first["supplier"], "item": first["item"], "days": (m.facts.as_of - first["due_on"]).days}  # fmt: skip
    yield m.say("chase_risks"), m.say("chase_risks_told", **told)
