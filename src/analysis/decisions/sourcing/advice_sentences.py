"""What the table of sourcing advice says as its reasons, from the numbers of one of its rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analysis.reasons import chance, joined, named, reason

Row = Mapping[str, Any]
COMPARED_BY = {"main_better_in": "compared_main", "backup_better_in": "compared_backup"}
SAME_COST = 0.005
"""Costs that differ by less than this share are called the same."""


def main_reason(row: Row, *, longest_days: float, currency: str) -> str:
    """Why the main supplier is, or why nobody is yet."""
    if row["main"] is None and row["nearest"] is None:
        return reason("advice.all_stopped", suppliers=row["suppliers"])
    values = {"low": row["rating_low"], "high": row["rating_high"], "chance": chance(row["p_best"])}
    values |= {"rating": row["rating"], "suppliers": row["suppliers"]}
    if row["main"] is None:
        return reason("advice.nobody", nearest=row["nearest"], **values, **_grade(row["told"]))
    told = [
        reason("advice.main" if row["suppliers"] > 1 else "advice.main_alone", grade=row["told"]["grade"], **values)
    ]
    if row["planned"]:
        key = "planned_cost_unknown" if pd.isna(row["planned"]["money"]) else "planned"
        known = {name: value for name, value in row["planned"].items() if not pd.isna(value)}
        told.insert(0, reason(f"advice.{key}", **known, currency=currency))
    if row["leader"]["rank_in_category"] < row["told"]["rank_in_category"]:
        told.append(_rated_higher(row))
    return joined("sentences", [*told, *_compared(row)])


def _rated_higher(row: Row) -> str:
    """That somebody is rated higher, and the money or the grade that decides against it."""
    leader = row["leader"]
    values = {
        "leader": leader["supplier"],
        "leader_rating": leader["rating"],
        "rating": row["rating"],
        **_grade(leader),
    }
    if not row["planned"] or leader["grade"] == "C":
        return reason("advice.rated_higher", **values)
    more = row["leader_cost_ratio"] - 1
    if pd.isna(more):
        return reason("advice.rated_higher_no_offer", **values)
    return reason(f"advice.rated_higher_{_compared_cost(more)}", percent=abs(more), **values)


def _grade(supplier: pd.Series) -> dict[str, str]:
    return {"grade": supplier["grade"], "grade_reason": supplier["grade_reason"]}


def _compared(row: Row) -> list[str]:
    """Where the main supplier beats the backup and where the backup is better; nothing where neither is told."""
    names = {side: _criteria(row[side]) for side in COMPARED_BY if row[side]}
    if not names:
        return []
    kind = "compared" if len(names) == 2 else COMPARED_BY[next(iter(names))]
    return [reason(f"advice.{kind}", backup=row["backup"], **names)]


def _criteria(codes: str) -> str:
    return joined("names_and", [named(code) for code in codes.split(", ")])


def backup_reason(row: Row, *, longest_days: float, currency: str) -> str:
    """How ready the backup is, at what cost and grade; nothing where there is no main supplier to stand in for."""
    if row["main"] is None:
        return ""
    if row["backup"] is None:
        none = "backup_no_offer" if row["planned"] else "backup_none"
        return reason(f"advice.{none}" if row["suppliers"] > 1 else "advice.backup_alone")
    values = {"main": row["main"], "covered": row["covered"], "bought": row["bought"], "days": row["recovery_days"]}
    if row["readiness"] == "ready":
        first = reason("advice.backup_ready" if row["covered"] < row["bought"] else "advice.backup_ready_all", **values)
    else:
        first = reason("advice.backup_not_ready", why=reason(f"advice.why_{row['readiness']}", **values))
    grade = reason("advice.backup_grade", **_grade(row["told_backup"]))
    return joined("sentences", [first, *_cost(row), grade, *_others(row)])


def _others(row: Row) -> list[str]:
    """The plan's backups for the other articles."""
    if not row.get("others"):
        return []
    names = [reason("advice.backup_of", backup=backup, sku=sku) for backup, sku in row["others"]]
    return [reason("advice.backup_others", names=joined("names", names))]


def _cost(row: Row) -> list[str]:
    more = row["backup_cost_ratio"] - 1
    if pd.isna(more):
        return []
    return [reason(f"advice.cost_{_compared_cost(more)}", percent=abs(more), main=row["main"])]


def _compared_cost(more: float) -> str:
    """A cost higher by the share `more`, in a word: same, more or less."""
    return "same" if abs(more) < SAME_COST else "more" if more > 0 else "less"


def batch_reason(row: Row, *, longest_days: float, currency: str) -> str:
    """Whether the next order is a mixed batch, and what that saves; nothing where there is no main supplier."""
    if row["main"] is None:
        return ""
    if row["minimum_days"] is None:
        return reason("advice.batch_unknown")
    values = {"minimum_days": row["minimum_days"], "longest": longest_days}
    if row["minimum_days"] <= longest_days:
        return reason("advice.batch_not_needed", **values)
    if not row["mixed_batch"]:
        return reason("advice.batch_too_large" if row["mixes"] else "advice.batch_refused", **values)
    values |= {"skus": row["batch_skus"], "pieces": row["batch_pieces"], "days": row["batch_days"]}
    values |= {"alone_pieces": row["alone_pieces"], "alone_cost": row["alone_cost"], "cost": row["batch_cost"]}
    told = [reason("advice.batch_mixed", **values, currency=currency)]
    if pd.isna(row["batch_freight"]):
        told.append(reason("advice.batch_freight_unknown"))
    return joined("sentences", told)
