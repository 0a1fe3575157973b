"""Half a page on each supplier's contacts: how fast it replied before the first order and after it, and what it answered.

A question without an answer is a lower bound, like an open order: one asked too lately to be late counts for nothing yet. *In
time* is a reply within `slow_hours`; the share in time after the first order has a beta posterior with Jeffreys' prior. The service
trap (服务陷阱) is a supplier that was quick before the first order and then is not: silent since, or probably late more often than not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import betainc

from analysis.decisions.contacts.rule import ServiceRule
from analysis.decisions.offers import BOUGHT
from analysis.reasons import reason

CONTACT_COLUMNS = [
    "supplier", "first_order_on", "asked_before", "answered_before", "hours_before", "asked_after", "answered_after",
    "hours_after", "due_after", "in_time_after", "p_slow_after", "silent_since", "silent_days", "answered_items", "service_trap",
    "last_conclusion", "note",
]  # fmt: skip
"""`hours_*`: the middle wait for a reply, unanswered questions at the wait so far; `silent_since`: the first question after the last
reply, where none since was answered."""
HALF = 0.5
"""Of the questions: a supplier that answers fewer in time is slow. Also the chance of that from which a silence tells: one question
left open among many that were answered is none."""


def contact_history(tables: Mapping[str, pd.DataFrame], as_of: pd.Timestamp, rule: ServiceRule) -> pd.DataFrame:
    """One row a supplier that was ever asked: `CONTACT_COLUMNS`, in order of supplier."""
    asked = _asked(tables["inquiries"], tables["orders"], as_of, rule)
    if asked.empty:
        return _typed(pd.DataFrame(columns=CONTACT_COLUMNS))
    before, after = asked[~asked["after"]].groupby("supplier"), asked[asked["after"]].groupby("supplier")
    rows = pd.DataFrame(index=pd.Index(np.sort(asked["supplier"].unique()), name="supplier"))
    rows["first_order_on"] = asked.groupby("supplier")["first_order_on"].first()
    for side, group in (("before", before), ("after", after)):
        rows[f"asked_{side}"], rows[f"answered_{side}"] = group.size(), group["answered"].sum()
        rows[f"hours_{side}"] = group["hours"].median()
    rows["due_after"], rows["in_time_after"] = after["due"].sum(), after["in_time"].sum()
    rows["silent_since"] = _silent_since(asked[asked["after"]])
    rows["answered_items"] = asked.groupby("supplier")["answered_items"].max()
    rows = rows.reset_index().join(_conclusions(tables["answers"]), on="supplier")
    return _typed(_judged(rows, as_of, rule))


def _asked(inquiries: pd.DataFrame, orders: pd.DataFrame, as_of: pd.Timestamp, rule: ServiceRule) -> pd.DataFrame:
    """Each question with `hours` waited, and whether it was `answered`, is `due`, was answered `in_time`, came `after` the
    supplier's first order."""
    end = as_of + pd.Timedelta(days=1)
    asked = inquiries[inquiries["asked_at"] < end].copy()
    first = orders[orders["status"].isin([*BOUGHT, "refunding"])].groupby("supplier")["ordered_on"].min()
    asked["first_order_on"] = pd.to_datetime(asked["supplier"].map(dict(first)))
    asked["answered"] = asked["replied_at"].notna()
    asked["hours"] = (asked["replied_at"].fillna(end) - asked["asked_at"]).dt.total_seconds() / 3600
    asked["in_time"] = asked["answered"] & (asked["hours"] <= rule.slow_hours)
    asked["due"] = asked["answered"] | (asked["hours"] > rule.slow_hours)
    asked["after"] = asked["phase"].eq("after-sales") | (asked["asked_at"] > asked["first_order_on"])
    return asked


def _silent_since(after: pd.DataFrame) -> pd.Series:
    """By supplier the first of the unanswered questions that followed its last reply; none where its last question was answered."""
    replied = after.groupby("supplier")["replied_at"].max()
    waiting = after[~after["answered"] & ~(after["asked_at"] <= pd.to_datetime(after["supplier"].map(dict(replied))))]
    return waiting.groupby("supplier")["asked_at"].min().dt.floor("D")


def _conclusions(answers: pd.DataFrame) -> pd.Series:
    told = answers.dropna(subset=["conclusion"]).sort_values("answered_on", kind="stable")
    return told.groupby("supplier")["conclusion"].last().rename("last_conclusion")


def _judged(rows: pd.DataFrame, as_of: pd.Timestamp, rule: ServiceRule) -> pd.DataFrame:
    due, kept = rows["due_after"].fillna(0).astype(float), rows["in_time_after"].fillna(0).astype(float)
    slow = pd.Series(betainc(kept + 0.5, due - kept + 0.5, HALF), rows.index).where(due > 0)
    silent = (as_of - rows["silent_since"]).dt.days
    quick = (rows["hours_before"] <= rule.quick_hours) & (rows["answered_before"] > 0)
    late = (slow >= rule.probability) | ((silent >= rule.silent_days) & (slow >= HALF))
    rows = rows.assign(p_slow_after=slow, silent_days=silent, service_trap=quick & late)
    return rows.assign(note=[_note(row, rule) for row in rows.to_dict("records")])


def _note(row: Mapping[str, Any], rule: ServiceRule) -> str:
    if not row["service_trap"]:
        return ""
    if row["silent_days"] >= rule.silent_days:
        return reason("before_order.silent", before=row["hours_before"], days=int(row["silent_days"]))
    kept, due = int(row["in_time_after"]), int(row["due_after"])
    return reason("before_order.slow_after", before=row["hours_before"], kept=kept, due=due)


def _typed(rows: pd.DataFrame) -> pd.DataFrame:
    counts = ("asked_before", "answered_before", "asked_after", "answered_after", "due_after", "in_time_after")
    kinds: dict[str, Any] = dict.fromkeys(("supplier", "last_conclusion", "note"), "str")
    kinds |= {"service_trap": bool, "answered_items": "Int64", **dict.fromkeys(counts, "Int64")}
    kinds |= dict.fromkeys(("first_order_on", "silent_since"), "datetime64[us]")
    rows = rows.assign(**{name: rows[name].fillna(0) for name in counts}) if len(rows) else rows
    rest = [name for name in CONTACT_COLUMNS if name not in kinds]
    return rows[CONTACT_COLUMNS].astype({**kinds, **dict.fromkeys(rest, float)})
