"""What the table of sourcing advice says in words, from the numbers of one of its rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analysis.decisions.rating import chance_text
from analysis.wording import Language, name_of, say

Row = Mapping[str, Any]
JOINERS = {"en": (", ", " and "), "zh": ("、", "、")}
COMPARED_BY = {"main_better_in": "compared_main", "backup_better_in": "compared_backup"}
SAME_COST = 0.005
"""Costs that differ by less than this share are called the same."""


def main_reason(row: Row, language: Language, **_: object) -> str:
    """Why the main supplier is, or why nobody is yet."""
    values = {"low": row["rating_low"], "high": row["rating_high"], "chance": chance_text(row["p_best_in_category"])}
    values |= {"rating": row["rating"], "suppliers": row["suppliers"]}
    if row["main"] is None:
        return say("advice.nobody", language, nearest=row["nearest"], **values, **_grade(row["told"], language))
    told = [say("advice.main" if row["suppliers"] > 1 else "advice.main_alone", language, **values)]
    if row["leader"]["rank_in_category"] < row["told"]["rank_in_category"]:
        told.append(say("advice.rated_higher", language, leader=row["leader"]["supplier"], **_grade(row["leader"], language)))  # fmt: skip
    return _joined([*told, *_compared(row, language)], language)


def _grade(supplier: pd.Series, language: Language) -> dict[str, str]:
    reason = supplier["grade_reason" if language == "en" else f"grade_reason_{language}"]
    return {"grade": supplier["grade"], "grade_reason": reason}


def _compared(row: Row, language: Language) -> list[str]:
    """Where the main supplier beats the backup and where the backup is better; nothing where neither is told."""
    names = {side: _criteria(row[side], language) for side in COMPARED_BY if row[side]}
    if not names:
        return []
    kind = "compared" if len(names) == 2 else COMPARED_BY[next(iter(names))]
    return [say(f"advice.{kind}", language, backup=row["backup"], **names)]


def _criteria(codes: str, language: Language) -> str:
    between, last = JOINERS[language]
    *others, final = (name_of(code, language) for code in codes.split(", "))
    return last.join([between.join(others), final] if others else [final])


def backup_reason(row: Row, language: Language, **_: object) -> str:
    """How ready the backup is, at what cost and grade; nothing where there is no main supplier to stand in for."""
    if row["main"] is None:
        return ""
    if row["backup"] is None:
        return say("advice.backup_none" if row["suppliers"] > 1 else "advice.backup_alone", language)
    values = {"main": row["main"], "covered": row["covered"], "bought": row["bought"], "days": row["recovery_days"]}
    if row["readiness"] == "ready":
        first = say(
            "advice.backup_ready" if row["covered"] < row["bought"] else "advice.backup_ready_all", language, **values
        )
    else:
        first = say("advice.backup_not_ready", language, why=say(f"advice.why_{row['readiness']}", language, **values))
    grade = say("advice.backup_grade", language, **_grade(row["told_backup"], language))
    return _joined([first, *_cost(row, language), grade], language)


def _cost(row: Row, language: Language) -> list[str]:
    more = row["backup_cost_ratio"] - 1
    if pd.isna(more):
        return []
    kind = "same" if abs(more) < SAME_COST else "more" if more > 0 else "less"
    return [say(f"advice.cost_{kind}", language, percent=f"{abs(more):.0%}", main=row["main"])]


def batch_reason(row: Row, language: Language, *, longest_days: float, currency: str) -> str:
    """Whether the next order is a mixed batch, and what that saves; nothing where there is no main supplier."""
    if row["main"] is None:
        return ""
    if row["minimum_days"] is None:
        return say("advice.batch_unknown", language)
    values = {"minimum_days": row["minimum_days"], "longest": longest_days}
    if row["minimum_days"] <= longest_days:
        return say("advice.batch_not_needed", language, **values)
    if not row["mixed_batch"]:
        return say("advice.batch_too_large" if row["mixes"] else "advice.batch_refused", language, **values)
    values |= {"skus": row["batch_skus"], "pieces": row["batch_pieces"], "days": row["batch_days"]}
    values |= {"alone_pieces": row["alone_pieces"], "alone_cost": row["alone_cost"], "cost": row["batch_cost"]}
    told = [say("advice.batch_mixed", language, **values, currency=currency)]
    if pd.isna(row["batch_freight"]):
        told.append(say("advice.batch_freight_unknown", language))
    return _joined(told, language)


def _joined(sentences: list[str], language: Language) -> str:
    return ("" if language == "zh" else " ").join(sentences)
