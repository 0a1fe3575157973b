"""Grades A, B, C by dated rules on probabilities, with the reason in words; what was held before is not left lightly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Annotated, Any

import numpy as np
import pandas as pd
from scipy import special

from analysis.allowed import Number, Pieces, Share, allowed_of
from analysis.decisions.rating.criteria import MEASURED, Criterion
from analysis.errors import RuleError
from analysis.reasons import chance as chance_of
from analysis.reasons import named, reason
from analysis.rules import Rules


@dataclass(frozen=True)
class GradeRule:
    """What makes an A and a C: section `grades` of the rules (ratings 0-100, probabilities, pieces)."""

    a_rating: Annotated[float, Number(0, 100)]
    a_probability: Share
    a_defect_probability: Share
    a_least_inspected: Pieces
    b_rating: Annotated[float, Number(0, 100)]
    least_evidence: Share
    c_least_inspected: Pieces
    c_least_received: Pieces
    keep_probability: Share
    keep_defect_probability: Share

    def __post_init__(self) -> None:
        if self.b_rating > self.a_rating:
            raise RuleError(
                "rules.not_above", lower="b_rating", upper="a_rating", low=self.b_rating, high=self.a_rating
            )


@dataclass(frozen=True)
class TrialCounts:
    """How far each supplier has been tried; index supplier, whole numbers.

    `inspected` pieces of any stage, `defective` ones among them, `received` and `open` order lines; `trial_pieces` inspected ones
    of trial and bulk orders that arrived: samples are no trial.
    """

    inspected: pd.Series
    defective: pd.Series
    received: pd.Series
    open: pd.Series
    trial_pieces: pd.Series


OWN_WORDS = ("defect_rate", "dispute_rate", "open_risks")
"""Criteria whose veto has a sentence of its own."""


@dataclass(frozen=True)
class Veto:
    """A level of one criterion that makes a C whatever the rating: section `vetoes` of the rules.

    It strikes at more than `probability` of a level worse than `worse_than`; a C is kept while the probability stays above
    `keep_probability`. That of defects also asks for evidence of the supplier's own (`proven`): estimates lean on the others.
    """

    criterion: str
    worse_than: Annotated[float, Number(0, 1e6)]
    probability: Annotated[float, Number(0, 1, below=True)]
    keep_probability: Annotated[float, Number(0, 1, below=True)]
    least_inspected: Pieces = 0
    own_level: Annotated[float, Number(0, 1, below=True)] = 0.0

    def chance(self, criterion: Criterion, levels: np.ndarray) -> np.ndarray:
        """P(level worse than `worse_than`) of each row of `levels` (suppliers, worlds)."""
        more_is_worse = criterion.anchors[0] > criterion.anchors[-1]
        return ((levels > self.worse_than) if more_is_worse else (levels < self.worse_than)).mean(axis=1)

    def proven(self, pieces: np.ndarray, defective: np.ndarray, keeps: np.ndarray) -> np.ndarray:
        """Whether the supplier's own pieces alone speak against it: at least `least_inspected`, and the exact lower bound of
        their defect rate at `own_level` (Clopper and Pearson, 1934, one-sided) above `worse_than`.

        Where a C only `keeps` its grade, the share found is enough instead of the bound.
        """
        many = (pieces > 0) & (pieces >= self.least_inspected)
        x, n = np.maximum(defective, 1), np.maximum(pieces, 1)
        bound = np.where(defective > 0, special.betaincinv(x, n - x + 1, 1 - self.own_level), 0.0)
        return many & ((bound > self.worse_than) | (keeps & (defective > self.worse_than * n)))

    def told(self, chance: float, n: int) -> tuple[str, dict[str, Any]]:
        """Wording key and values of the reason."""
        key = f"decisions.veto_{self.criterion}" if self.criterion in OWN_WORDS else "decisions.veto"
        kept = {} if chance > self.probability else {"keep": self.keep_probability}
        return key, {
            "level": self.worse_than,
            "chance": chance_of(chance),
            "n": n,
            "criterion": self.criterion,
        } | kept


def vetoes_in_force(rules: Rules) -> tuple[Veto, ...]:
    """The vetoes of the rules, checked; `RuleError` says what is wrong with one."""
    found = []
    for name, table in rules["vetoes"].tables().items():
        if name not in MEASURED:
            raise RuleError("rules.unknown_criterion", criterion=name, known=", ".join(MEASURED))
        of_others = () if name == "defect_rate" else ("least_inspected", "own_level")
        allowed = {key: each for key, each in allowed_of(Veto).items() if key not in ("criterion", *of_others)}
        veto = Veto(name, **table.checked(allowed))
        if veto.keep_probability > veto.probability:
            told = {"low": veto.keep_probability, "high": veto.probability}
            table.refuse_with(RuleError("rules.not_above", lower="keep_probability", upper="probability", **told))
        found.append(veto)
    return tuple(found)


DEFECTS = Criterion("defect_rate", 0.0, (1.0, 0.5, 0.1, 0.0))
"""Grades look at defect rates whether or not anybody weighs them: fewer are better."""


@dataclass(frozen=True)
class CriterionDraws:
    """One criterion's draws in its own unit, `values` (suppliers, worlds), and the observations behind each row, `n`."""

    criterion: Criterion
    values: np.ndarray
    n: np.ndarray


@dataclass(frozen=True)
class _GradeChances:
    """One supplier's probabilities: of a good and of a poor rating, of a defect rate under the limit, and of each veto, with the
    observations of its own behind that (0: nothing that may condemn it)."""

    good: float
    poor: float
    clean: float
    vetoes: tuple[tuple[Veto, float, int], ...]


def add_grades(
    table: pd.DataFrame,
    ratings: np.ndarray,
    levels: Sequence[CriterionDraws],
    defects: np.ndarray,
    tried: TrialCounts,
    rules: Rules,
    before: pd.Series | None = None,
) -> pd.DataFrame:
    """`table` with `grade` and its reason in both languages.

    Parameters
    ----------
    table : DataFrame
        One row a supplier; with `rating`.
    ratings : ndarray, shape (suppliers, worlds)
        0-100, in the table's order.
    levels : Sequence[CriterionDraws]
        The criteria's levels, in the table's order; for the vetoes, and for the share of the weight with own evidence.
    defects : ndarray, shape (suppliers, worlds)
        The defect rate's draws.
    before : Series, optional
        Grade of the month before, index supplier: an A or a C is left only when the evidence for it falls clearly, by the
        rules' `keep_` probabilities, so that noise does not flip a grade each month.

    Notes
    -----
    A needs a good rating and a defect rate under the limit, each with its probability, and enough pieces of trial orders
    inspected: a supplier nobody has tried cannot be A. C needs evidence of the supplier's own: a veto (`Veto.proven`), or a poor
    rating that rests on its own evidence for `least_evidence` of the weight, `c_least_inspected` pieces and `c_least_received`
    deliveries. Thin evidence alone makes B, also of a supplier that was C before.
    """
    rule, limit, vetoes = (
        asdict(rules.read("grades", GradeRule)),
        rules["limits"]["defect_rate"],
        vetoes_in_force(rules),
    )
    table = table.copy()
    for name in ("inspected", "defective", "received", "open", "trial_pieces"):
        table[name] = getattr(tried, name).reindex(table["supplier"]).fillna(0).to_numpy(int)
    weights = np.array([level.criterion.weight for level in levels])
    table["own_evidence"] = np.minimum(weights @ np.stack([level.n > 0 for level in levels]), 1.0) if levels else 0.0
    held = (
        pd.Series("", index=table.index) if before is None else table["supplier"].map(before).astype(object).fillna("")
    )
    found = _evidence(ratings, levels, defects, table, held.eq("C").to_numpy(), rules, vetoes)
    table = table.drop(columns="defective")
    reasons = [
        _grade(row, evidence, _kept(rule, grade), grade, limit)
        for row, evidence, grade in zip(table.itertuples(), found, held)
    ]
    table["grade"] = [grade for grade, _, _ in reasons]
    table["grade_reason"] = [_said(key, values) for _, key, values in reasons]
    return table


def _evidence(
    ratings: np.ndarray,
    levels: Sequence[CriterionDraws],
    defects: np.ndarray,
    table: pd.DataFrame,
    was_c: np.ndarray,
    rules: Rules,
    vetoes: Sequence[Veto],
) -> list[_GradeChances]:
    rule, limit, inspected = rules["grades"], rules["limits"]["defect_rate"], table["inspected"].to_numpy()
    good, poor = (ratings >= rule["a_rating"]).mean(axis=1), (ratings < rule["b_rating"]).mean(axis=1)
    clean = (defects < limit).mean(axis=1)
    by_name = {level.criterion.name: level for level in levels} | {
        "defect_rate": CriterionDraws(DEFECTS, defects, inspected)
    }
    struck = []
    for veto in vetoes:
        if veto.criterion not in by_name:
            continue
        level = by_name[veto.criterion]
        own = level.n > 0
        if veto.criterion == DEFECTS.name:
            own &= veto.proven(inspected, table["defective"].to_numpy(), was_c)
        struck.append((veto, veto.chance(level.criterion, level.values), np.where(own, level.n, 0)))
    return [
        _GradeChances(good[i], poor[i], clean[i], tuple((veto, chance[i], int(n[i])) for veto, chance, n in struck))
        for i in range(len(ratings))
    ]


def _kept(rule: Mapping[str, float], before: str) -> dict[str, float]:
    """The rule with the probabilities that are enough to keep the grade held before."""
    if before == "A":
        kept = {"a_probability": rule["keep_probability"], "a_defect_probability": rule["keep_defect_probability"]}
        return {**rule, **kept, "c_probability": rule["a_probability"]}
    return {**rule, "c_probability": rule["keep_probability"] if before == "C" else rule["a_probability"]}


def _grade(
    row: Any, evidence: _GradeChances, rule: Mapping[str, float], before: str, limit: float
) -> tuple[str, str, dict[str, Any]]:
    """Grade, wording key and its values for one supplier."""
    for veto, chance, n in evidence.vetoes:
        if n and chance > (veto.keep_probability if before == "C" else veto.probability):
            return "C", *veto.told(chance, n)
    said = {name: chance_of(getattr(evidence, name)) for name in ("good", "poor", "clean")}
    own = {"n": row.inspected, "pieces": row.trial_pieces, "own": row.own_evidence, "received": row.received}
    values = {**rule, **said, **own, "limit": limit}
    poor = evidence.poor >= rule["c_probability"]
    seen = row.inspected >= rule["c_least_inspected"] and row.received >= rule["c_least_received"]
    if poor and seen and row.own_evidence >= rule["least_evidence"]:
        return "C", "decisions.c_rating", values
    if not row.received:
        return "B", "decisions.b_never_received", values
    if not row.inspected:
        return "B", "decisions.b_never_inspected", values
    if poor:
        return "B", "decisions.b_little_evidence" if seen else "decisions.b_thin_record", values
    if evidence.clean < rule["a_defect_probability"]:
        return "B", "decisions.b_defects_unsettled", values
    if evidence.good < rule["a_probability"]:
        return "B", "decisions.b_rating_unsettled", values
    if row.trial_pieces < rule["a_least_inspected"]:
        return "B", "decisions.b_few_pieces", values
    return "A", "decisions.a", values


def _said(key: str, values: dict[str, Any]) -> str:
    criterion = {"criterion": named(values["criterion"])} if "criterion" in values else {}
    why = reason(key, **{**values, **criterion})
    return reason("decisions.stays_c", reason=why, keep=values["keep"]) if "keep" in values else why
