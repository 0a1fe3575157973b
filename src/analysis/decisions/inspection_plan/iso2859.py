"""ISO 2859-1 single sampling: the tables by lot size, level, AQL and severity of inspection, and the switching rules.

The tables stand in `acceptance_sampling.json` beside this module, arrows already followed. Editions are kept apart:

- `iso1999`: ISO 2859-1:1999, taken over unchanged as GB/T 2828.1-2012 (`gb2012` is the same);
- `mil105e`: MIL-STD-105E (1989); its reduced plans have a gap between acceptance and rejection, and the tightened plan of
  letter A at AQL 10 follows the arrow to a larger sample.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any, Literal, get_args

import pandas as pd
from scipy import stats

from analysis.decisions.inspection_plan.sampling_plan import SamplingPlan, check_lot_size

Severity = Literal["normal", "tightened", "reduced"]
Edition = Literal["iso1999", "gb2012", "mil105e"]
State = Literal["normal", "tightened", "reduced", "discontinued"]

SCORE_FOR_REDUCED = 30
REJECTED_TO_TIGHTEN, WINDOW_TO_TIGHTEN = 2, 5
ACCEPTED_TO_RELAX = 5
REJECTED_TO_DISCONTINUE = 5


@cache
def tables() -> dict[str, Any]:
    """The file of tables as it stands."""
    file = resources.files("analysis.decisions.inspection_plan") / "acceptance_sampling.json"
    return json.loads(file.read_text(encoding="utf-8"))


def code_letter(lot_size: int, level: str) -> str:
    """Sample size code letter (table 1): `level` is S-1 to S-4 or I to III."""
    levels = tables()["levels"]
    if level not in levels:
        raise ValueError(f"level: one of {', '.join(levels)} is needed, got {level!r}")
    lot_size = max(check_lot_size(lot_size), 2)  # the table begins at 2; a single piece is simply inspected
    row = next(i for i, (_, top) in enumerate(tables()["lot_ranges"]) if top is None or lot_size <= top)
    return tables()["code_letters"][row][levels.index(level)]


def iso2859_plan(
    lot_size: int, level: str, aql: float, severity: Severity = "normal", edition: Edition = "iso1999"
) -> SamplingPlan:
    """The single sampling plan of ISO 2859-1 (table 2) for a lot of `lot_size` pieces.

    Parameters
    ----------
    lot_size : int
        Pieces in the lot.
    level : str
        Inspection level, `"S-1"` to `"S-4"` or `"I"` to `"III"`; II is the customary one.
    aql : float
        Acceptance quality limit in percent (defects a hundred pieces above 10), one of the standard's 26.
    severity : Severity, optional
        `"normal"`, `"tightened"` or `"reduced"`.
    edition : Edition, optional
        `"iso1999"` (= `"gb2012"`) or `"mil105e"`.

    Returns
    -------
    SamplingPlan
        With `sample_size accept reject`, arrows followed (sample size and numbers move together). A sample that
        would reach the lot means: inspect all pieces; `sample_size` is then the lot and `table_size` what the table asks for.

    Raises
    ------
    ValueError for a lot below one piece, or a level, AQL, severity or edition that the standard does not have.

    >>> iso2859_plan(50, "II", 2.5).sample_size, iso2859_plan(50, "II", 2.5).accept
    (5, 0)
    >>> iso2859_plan(1000, "II", 1.0)
    SamplingPlan(sample_size=80, accept=2, reject=3, letter='J', table_size=80)
    """
    lot_size = check_lot_size(lot_size)
    letter, size, accept, reject = _cell(code_letter(lot_size, level), aql_index(aql), severity, edition)
    return SamplingPlan(min(size, lot_size), accept, reject, letter, size)


def aql_index(aql: float) -> int:
    """Place of `aql` (percent) among the standard's preferred values."""
    known = tables()["aql"]
    matches = [i for i, value in enumerate(known) if abs(value - aql) < 1e-9 * max(value, 1)]
    if not matches:
        near = sorted(known, key=lambda value: abs(value - aql))[:3]
        raise ValueError(
            f"aql: the standard has {', '.join(map(str, known))} (percent), got {aql!r}; nearest: {sorted(near)}"
        )
    return matches[0]


def _cell(letter: str, column: int, severity: str, edition: str) -> tuple[str, int, int, int]:
    """Letter, sample size, acceptance and rejection number of one cell."""
    for name, value, kinds in (("severity", severity, Severity), ("edition", edition, Edition)):
        if value not in get_args(kinds):
            raise ValueError(f"{name}: one of {', '.join(get_args(kinds))} is needed, got {value!r}")
    if edition == "mil105e" and severity == "reduced":
        size, accept, reject = tables()["plans_mil105e_reduced_resolved"][letter][column]
        return letter, size, accept, reject
    if edition == "mil105e" and severity == "tightened" and letter == "A" and tables()["aql"][column] == 10:
        return "D", 8, 1, 2  # the one cell in which the two editions' tightened tables differ
    letter, size, accept, reject = tables()["plans_iso_1999_resolved"][severity][letter][column]
    return letter, size, accept, reject


@dataclass(frozen=True)
class Switching:
    """Where the switching rules stand after a series of lots [1, clause 9].

    `recent` are the last results under normal inspection (True accepted), `accepted` the lots accepted in a row,
    `rejected` the lots not accepted while tightened, `score` the switching score towards reduced inspection.

    .. [1] ISO 2859-1:1999, clause 9; GB/T 2828.1-2012, clause 9.
    """

    severity: State = "normal"
    recent: tuple[bool, ...] = ()
    accepted: int = 0
    rejected: int = 0
    score: int = 0

    def after(
        self, accepted: bool, accept: int, accepted_tighter: bool, steady: bool = True, in_gap: bool = False
    ) -> Switching:
        """The state after one more lot on original inspection.

        `accept` is the acceptance number used; `accepted_tighter` whether the lot would also pass one AQL step tighter
        (asked only where `accept` >= 2); `steady` whether production runs steadily and the responsible authority agrees
        to reduced inspection; `in_gap` whether the count fell between acceptance and rejection (MIL-STD-105E reduced).
        """
        if self.severity == "discontinued":
            return self
        if self.severity == "tightened":
            return self._after_tightened(accepted)
        if self.severity == "reduced":
            return self if accepted and steady and not in_gap else Switching()
        return self._after_normal(accepted, accept, accepted_tighter, steady)

    def _after_tightened(self, accepted: bool) -> Switching:
        if accepted:
            state = replace(self, accepted=self.accepted + 1)
            return Switching() if state.accepted >= ACCEPTED_TO_RELAX else state
        state = replace(self, accepted=0, rejected=self.rejected + 1)
        return replace(state, severity="discontinued") if state.rejected >= REJECTED_TO_DISCONTINUE else state

    def _after_normal(self, accepted: bool, accept: int, accepted_tighter: bool, steady: bool) -> Switching:
        recent = (*self.recent, accepted)[-WINDOW_TO_TIGHTEN:]
        if recent.count(False) >= REJECTED_TO_TIGHTEN:
            return Switching("tightened")
        earned = 2 if accept <= 1 else 3
        score = self.score + earned if accepted and (accept <= 1 or accepted_tighter) else 0
        if score >= SCORE_FOR_REDUCED and steady:
            return Switching("reduced")
        return Switching("normal", recent, score=score)


def severity_from_history(lots: pd.DataFrame, level: str, aql: float, edition: Edition = "iso1999") -> Switching:
    """The severity due for a supplier's next lot, from its lots so far in order of inspection.

    `lots` has `lot_size inspected defective`, one row a lot, original inspection only, and may say which were `steady`
    production (all, where it does not): only such a lot leads to reduced inspection, and any other ends it. Who inspected as many pieces as the
    plan asks is judged by the plan; who inspected another number (trial orders are inspected piece by piece) is judged by
    what the plan's sample would more likely than not have said: P(at most Ac among n of the inspected) >= 1/2.
    A series that was discontinued stays so until somebody decides otherwise.
    """
    state = Switching()
    for lot_size, inspected, defective, steady in _rows(lots):
        if state.severity == "discontinued":
            return state
        plan = iso2859_plan(lot_size, level, aql, state.severity, edition)
        within, below_gap = (_passes(plan, inspected, defective, c) for c in (plan.reject - 1, plan.accept))
        tighter = _next_tighter(lot_size, level, aql, state.severity, edition)
        passes_tighter = _passes(tighter, inspected, defective, tighter.accept)
        state = state.after(within, plan.accept, passes_tighter, steady, in_gap=within and not below_gap)
    return state


def _rows(lots: pd.DataFrame) -> Iterable[tuple[int, int, int, bool]]:
    for name in ("lot_size", "inspected", "defective"):
        if name not in lots:
            raise ValueError(
                f"lots: the columns lot_size, inspected and defective are needed, got {list(lots.columns)}"
            )
    bad = (lots["defective"] > lots["inspected"]) | (lots["inspected"] > lots["lot_size"]) | (lots["defective"] < 0)
    if bad.any():
        raise ValueError(
            f"lots: 0 <= defective <= inspected <= lot_size is needed, broken in rows {list(lots.index[bad])}"
        )
    steady = lots["steady"] if "steady" in lots else pd.Series(True, index=lots.index)
    columns = (lots[name].astype(int) for name in ("lot_size", "inspected", "defective"))
    return zip(*columns, steady.astype(bool))


def _next_tighter(lot_size: int, level: str, aql: float, severity: Severity, edition: Edition) -> SamplingPlan:
    """The plan at the next smaller AQL; at the smallest there is none, and the plan itself is asked."""
    known = tables()["aql"]
    return iso2859_plan(lot_size, level, known[max(aql_index(aql) - 1, 0)], severity, edition)


def _passes(plan: SamplingPlan, inspected: int, defective: int, accept: int) -> bool:
    """Whether the plan's sample, drawn from the pieces inspected, would more likely than not show at most `accept`."""
    if inspected <= plan.sample_size or defective <= accept:  # no sample shows more than there are
        return defective <= accept
    return bool(stats.hypergeom.cdf(accept, inspected, defective, plan.sample_size) >= 0.5)
