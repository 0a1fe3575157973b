"""Why a supplier's rank moved: each change split exactly into what caused it.

First the corrections: what last month's review said against what it would say with the files as they stand now. Then, from
there to this month, the Shapley values of the parts that changed [1]: new data, weights, candidates, rules.

    phi_p = sum over S without p of |S|! (n - |S| - 1)! / n! (v(S + p) - v(S))

.. [1] Shapley, L. S. (1953). A value for n-person games. Contributions to the Theory of Games II, 307-317.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from analysis.decisions.rating.criteria import Criterion, CriterionEvidence
from analysis.decisions.rating.ranking import rank_by_rating
from analysis.decisions.rating.scorecard import worths
from analysis.estimates.draws import summary
from analysis.reasons import reason

PARTS = ("data", "weights", "candidates", "rules")
CHANGE_COLUMNS = ["supplier", "rank_before", "rank", "change", "corrections", *PARTS, "reason"]
"""`change` = rank - rank_before (negative: better) = `corrections` + the four parts, exactly."""


@dataclass(frozen=True)
class RatingInputs:
    """All that a month's ranks follow from: `evidence` by criterion, `category` (index the candidates), `criteria` in force."""

    evidence: Mapping[str, CriterionEvidence]
    category: pd.Series
    criteria: tuple[Criterion, ...]

    @property
    def weights(self) -> dict[str, float]:
        """Weight by criterion."""
        return {criterion.name: criterion.weight for criterion in self.criteria}

    @property
    def anchors(self) -> dict[str, tuple[float, ...]]:
        """Anchors by criterion."""
        return {criterion.name: criterion.anchors for criterion in self.criteria}


def shapley(value: Callable[[frozenset[str]], pd.Series], parts: Sequence[str]) -> pd.DataFrame:
    """The Shapley value of each of `parts`, a column each, for every entry of `value`'s series; they add up to
    value(all) - value(none)."""
    worth = {frozenset(s): value(frozenset(s)) for k in range(len(parts) + 1) for s in combinations(parts, k)}
    n = len(parts)
    shares = {}
    for part in parts:
        without = [s for s in worth if part not in s]
        share = {s: math.factorial(len(s)) * math.factorial(n - len(s) - 1) / math.factorial(n) for s in without}
        shares[part] = sum((share[s] * (worth[s | {part}] - worth[s]) for s in without), start=0 * worth[frozenset()])
    return pd.DataFrame(shares, index=worth[frozenset()].index)


def rank_changes(before: RatingInputs, now: RatingInputs, kept_ranks: pd.Series | None, seed: int) -> pd.DataFrame:
    """`CHANGE_COLUMNS` for every supplier ranked in both months, the largest move first.

    Parameters
    ----------
    before : RatingInputs
        Last month as the files tell it now.
    kept_ranks : Series or None
        Ranks that last month's review published, index supplier; None when it was never made: then nothing counts as
        corrected.
    """
    names = before.category.index.intersection(now.category.index)
    changed = _changed(before, now)

    @cache
    def ranks(new: frozenset[str]) -> pd.Series:
        return _ranks(_mixed(before, now, new), seed).reindex(names).astype(float)

    first, last = ranks(frozenset()), ranks(frozenset(changed))
    parts = shapley(ranks, changed).reindex(columns=list(PARTS), fill_value=0.0)
    published = first if kept_ranks is None else kept_ranks.reindex(names).astype(float).fillna(first)
    table = pd.DataFrame(
        {"rank_before": published, "rank": last, "change": last - published, "corrections": first - published}
    )
    table = table.join(parts).rename_axis("supplier").reset_index()
    table["reason"] = [_told(row) for row in table.itertuples()]
    order = (
        table["change"]
        .abs()
        .mul(-1)
        .to_frame("size")
        .assign(supplier=table["supplier"])
        .sort_values(["size", "supplier"])
        .index
    )
    return table.loc[order, CHANGE_COLUMNS].reset_index(drop=True)


def _changed(before: RatingInputs, now: RatingInputs) -> list[str]:
    """The parts that differ at all: the others have no share. Data are always taken to differ."""
    differ = {
        "weights": before.weights != now.weights,
        "candidates": set(before.category.index) != set(now.category.index),
        "rules": before.anchors != now.anchors,
    }
    return ["data", *(part for part, changed in differ.items() if changed)]


def _mixed(before: RatingInputs, now: RatingInputs, new: frozenset[str]) -> RatingInputs:
    """Last month with the parts named in `new` taken from this month.

    Criteria that only one month knows carry its weight where they can; in a mixture the weights are scaled to add up to 1.
    """
    anchors = (now if "rules" in new else before).anchors
    weights = (now if "weights" in new else before).weights
    mass = sum(weights.get(name, 0.0) for name in anchors)
    criteria = tuple(
        Criterion(name, weights.get(name, 0.0) / mass if mass else 1 / len(anchors), levels)  # type: ignore[arg-type]
        for name, levels in anchors.items()
    )
    evidence = (now if "data" in new else before).evidence
    known = now.category.reindex(before.category.index.union(now.category.index)).fillna(before.category)
    candidates = (now if "candidates" in new else before).category.index
    return RatingInputs(evidence, known.reindex(candidates), criteria)


def _ranks(state: RatingInputs, seed: int) -> pd.Series:
    scored = worths(state.criteria, state.evidence, state.category, seed)
    return pd.Series(rank_by_rating(summary(scored.ratings())[0]), index=scored.suppliers).astype(float)


def _told(row: Any) -> str:
    """The largest cause of a move."""
    if abs(row.change) < 0.5:
        return reason("decisions.change_none")
    causes = {name: getattr(row, name) for name in ("corrections", *PARTS)}
    towards = {name: share for name, share in causes.items() if np.sign(share) == np.sign(row.change)}
    cause = max(towards, key=lambda name: abs(towards[name]))
    direction = "decisions.change_up" if row.change < 0 else "decisions.change_down"
    moved = reason(direction, places=abs(row.change))
    return reason("decisions.change", direction=moved, cause=reason(f"decisions.cause_{cause}"))
