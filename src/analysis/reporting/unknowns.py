"""What is not known yet: where evidence is thin or absent, and what would settle it."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from analysis.decisions.landed_cost import FEWEST_ORDERS
from analysis.reporting.beyond_seen import FEWEST, TIMES, beyond_seen
from analysis.reporting.changes import Item
from analysis.reporting.report_context import ReportContext, names_in
from analysis.reporting.words import missing

MOST_BEYOND = 4
"""Numbers beyond all that was seen that the first page names."""
MOST_THIN = 2
"""Undecided suppliers named on the first page; the quality chapter names all."""


def what_is_not_known(m: ReportContext) -> Iterator[Item]:
    """Where the evidence is thin or absent, each with what would settle it."""
    yield from _unsettled_quality(m)
    yield from _overdue(m)
    yield from _missing_criteria(m)
    yield from _unknown_arrivals(m)
    yield from _unknown_demand(m)
    yield from _unknown_freight(m)
    yield from _beyond_seen(m)


def _unsettled_quality(m: ReportContext) -> Iterator[Item]:
    rates = m.supplier_rates()
    if rates.empty or not rates["assessed"].any():
        yield m.say("unknown_quality"), m.say("unknown_quality_all")
        return
    never = rates.loc[~rates["assessed"], "supplier"].tolist()
    if never:
        yield m.say("unknown_never", count=len(never)), m.say("unknown_never_names", names=m.words.listed(never))
    limit = m.words.percent(m.limit())
    thin = _by_rank(m, rates[rates["assessed"] & rates["p_over_limit"].between(0.1, 0.9)])
    for row in thin.head(MOST_THIN).itertuples():
        settle = m.say("settled_never") if missing(row.pieces_to_settle) else m.say("settled_by", pieces=f"{int(row.pieces_to_settle):,}")  # fmt: skip
        yield str(row.supplier), m.say("unknown_thin", x=row.defective, n=row.inspected, p=m.words.chance(row.p_over_limit), limit=limit, settle=settle)  # fmt: skip
    if len(thin) > MOST_THIN:
        yield "", m.say("unknown_more_thin", count=len(thin) - MOST_THIN)


def _by_rank(m: ReportContext, rows: pd.DataFrame) -> pd.DataFrame:
    """`rows` with the best ranked supplier first: there an answer is worth most."""
    if not m.has("scorecard"):
        return rows
    place = m.table("scorecard").set_index("supplier")["rank"]
    return rows.assign(place=rows["supplier"].map(place)).sort_values(["place", "supplier"])


def _overdue(m: ReportContext) -> Iterator[Item]:
    waiting = m.table("open_orders")
    if waiting.empty:
        return
    late = waiting[waiting["promised_on"].notna() & (waiting["promised_on"] < m.facts.as_of)]
    names = late["supplier"].value_counts().index.tolist()
    told = m.say("unknown_none_overdue")
    if len(late):
        told = m.say("unknown_overdue", late=len(late), names=m.words.listed(names, 3))
    likely = int((waiting.drop(late.index)["late_probability"] > 0.5).sum())
    if likely:
        told = m.say("unknown_likely_late", text=told, likely=likely)
    yield m.say("unknown_open", count=len(waiting)), told


def _missing_criteria(m: ReportContext) -> Iterator[Item]:
    if not m.has("scorecard"):
        return
    named = m.table("scorecard")["missing_criteria"].map(names_in).explode().dropna().value_counts()
    if len(named):
        parts = [m.say("criterion_missing_for", criterion=m.words.name_of(str(name)), count=int(count)) for name, count in named.items()]  # fmt: skip
        yield m.say("unknown_criteria"), m.words.listed(parts, 6)


def _unknown_arrivals(m: ReportContext) -> Iterator[Item]:
    times = m.table("lead_times")
    unknown = int(times["unknown"].sum()) if len(times) and "unknown" in times else 0
    if unknown:
        yield m.say("unknown_arrivals", count=unknown), m.say("unknown_arrivals_remedy")


def _unknown_demand(m: ReportContext) -> Iterator[Item]:
    """SKUs bought lately of which nobody wrote down a demand: the plan cannot say how many to order."""
    if not m.has("purchase_plan"):
        return
    plan = m.table("purchase_plan")
    skus = plan.loc[plan["demand_per_month"].isna(), "sku"].tolist()
    if skus:
        yield m.say("unknown_demand", count=len(skus)), m.say("unknown_demand_remedy", names=m.words.listed(skus, 5))


def _unknown_freight(m: ReportContext) -> Iterator[Item]:
    """SKUs that the plan orders without knowing the freight: their cost is compared with nobody's."""
    plan = m.table("purchase_plan")
    if plan.empty or not {"order_total", "unit_price"} <= set(plan):
        return
    skus = plan.loc[plan["order_total"].isna() & plan["unit_price"].notna(), "sku"].tolist()
    if skus:
        told = m.say("unknown_freight_remedy", names=m.words.listed(skus, 5), bills=FEWEST_ORDERS)
        yield m.say("unknown_freight", count=len(skus)), told


def _beyond_seen(m: ReportContext) -> Iterator[Item]:
    """Numbers of this report far above all that was seen before, the farthest first."""
    far = beyond_seen(m)
    if len(far):
        told = [_told_beyond(m, row.kind, row.name, row.printed, row.seen) for row in far.itertuples(index=False)]
        names = m.words.listed(told, MOST_BEYOND)
        yield m.say("unknown_beyond", count=len(far), times=TIMES), m.say("unknown_beyond_remedy", names=names)


def _told_beyond(m: ReportContext, kind: str, name: str, printed: float, seen: float) -> str:
    def written(value: float) -> str:
        return m.words.percent(value) if kind.startswith("rate") else m.words.number(value, 2 if value < 10 else 0)

    record = m.words.number(1 / seen) if kind == "rate_none" else written(seen)
    return m.say(f"beyond_{kind}", name=name, printed=written(printed), seen=record, fewest=FEWEST)
