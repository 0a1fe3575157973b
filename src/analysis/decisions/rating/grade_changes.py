"""Why a supplier's grade is not the one that last month's review published, and last month's scorecard as it was published."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.reasons import reason

GRADE_CHANGE_COLUMNS = ["supplier", "grade_before", "grade_corrected", "grade_old_rules", "grade", "cause", "reason"]


def grade_changes(
    published: pd.Series | None, corrected: pd.Series, by_old_rules: pd.Series, now: pd.Series
) -> pd.DataFrame:
    """`GRADE_CHANGE_COLUMNS` for every supplier graded in both months; all parameters are grades, index supplier.

    A grade has changed by the rules if last month's rules would have left it; else by corrections if last month's evidence, as
    known now, gives the new grade; else by new data. `cause` and `reason` are blank where it has not changed.

    Parameters
    ----------
    published : Series or None
        Of last month's review; None when it was never made: then `corrected` stand in.
    corrected : Series
        Of last month as the files tell it now, by the rules of then.
    by_old_rules : Series
        Of this month by last month's rules and weights.
    now : Series
        Of this month.
    """
    before = corrected if published is None else published
    names = before.index.intersection(now.index)
    table = pd.DataFrame(
        {
            "grade_before": before.reindex(names),
            "grade_corrected": corrected.reindex(names).fillna(before.reindex(names)),
            "grade_old_rules": by_old_rules.reindex(names),
            "grade": now.reindex(names),
        }
    )
    same, by_rules, by_corrections = (
        (table["grade"] == table["grade_before"]).to_numpy(bool),
        (table["grade_old_rules"] == table["grade_before"]).to_numpy(bool),
        (table["grade_corrected"] == table["grade"]).to_numpy(bool),
    )
    cause = np.select([same, by_rules, by_corrections], ["", "rules", "corrections"], "data")
    table["cause"] = pd.Series(cause, index=names, dtype="str")
    table["reason"] = [reason(f"decisions.grade_by_{name}") if name else "" for name in cause]
    return table.rename_axis("supplier").reset_index()[GRADE_CHANGE_COLUMNS].astype({"reason": "str"})


def as_published(scorecard: pd.DataFrame, ranks: pd.Series | None, grades: pd.Series | None) -> pd.DataFrame:
    """Last month's `scorecard` with the ranks and grades that its review published (index supplier; None: none was made).

    A supplier that the published review did not know is left out; the reason of a grade that was another is blank.
    """
    if ranks is None or grades is None:
        return scorecard
    known = scorecard[scorecard["supplier"].isin(grades.index)]
    grade = known["supplier"].map(grades)
    told = known["grade_reason"].where((grade == known["grade"]).to_numpy(bool), "")
    shown = known.assign(rank=known["supplier"].map(ranks), grade=grade, grade_reason=told)
    return shown.sort_values(["rank", "supplier"], ignore_index=True)
