"""The weights that stand in a month, where they came from, and what the outcomes propose for the next month."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.decisions.rating import Criterion
from analysis.decisions.weights.back_test import LEAST_CONTRASTS, BackTest, back_test
from analysis.decisions.weights.fit import gather_evidence
from analysis.decisions.weights.posterior import WeightPosterior
from analysis.decisions.weights.step import NOTICEABLE, MoveLimits, floored, policy_as_it_stands, step_towards
from analysis.decisions.weights.trial_statistics import NoiseModel
from analysis.errors import RuleError
from analysis.reasons import chance, joined, named, reason
from analysis.rules import check_sum

CHANGING_ABOVE = 0.30
"""Probability of a change above which criteria's worth is said to be changing, and intervals to be indicative only."""


@dataclass(frozen=True)
class Proposal:
    """What the outcomes known in `month` propose for the months after it.

    By criterion: `weights` proposed, `previous` in force, the `analyst`'s, `target` where the outcomes point without the cap on a
    step, `low` and `high` the 90 % interval of what criteria are worth by the outcomes alone. `indicative`: that interval is not to
    be taken at its word, for want of trials or because `changed`, the probability that what criteria are worth has changed since
    the first trial, is high. `analyst_stands`: the probability that the analyst's weights are about right. `far`: how many
    outcomes lie so far from what was to be expected that they were winsorised (`clipped_trials` lists them). `reason` is "move",
    "keep_few" (too few trials to compare), "keep_worse" (the back-test says so) or "keep_close" (the outcomes agree); a proposal to keep has `weights` equal to `previous`. `data` is the SHA-256 of the rows learned from.
    """

    month: str
    weights: Mapping[str, float]
    previous: Mapping[str, float]
    analyst: Mapping[str, float]
    policy: tuple[str, ...]
    target: Mapping[str, float]
    low: Mapping[str, float]
    high: Mapping[str, float]
    reason: str
    trials: int
    contrasts: float
    changed: float
    indicative: bool
    analyst_stands: float
    back_test: BackTest
    data: str
    far: int = 0

    @property
    def moves(self) -> bool:
        """True where other weights are proposed than those in force."""
        return self.reason == "move"

    @property
    def advice(self) -> str:
        """What to do, by the outcomes and the back-test: adopt, keep (few, worse, close, unproven or untested)."""
        if not self.moves:
            return self.reason
        if np.isnan(self.back_test.gain_low):
            return "keep_untested"
        return "adopt" if self.back_test.gain_low > 0 else "keep_unproven"

    def advised(self) -> str:
        """`advice` as a reason."""
        moved = max(self.weights, key=lambda name: abs(self.weights[name] - self.previous[name]))
        tested = vars(self.back_test)
        return reason(f"weights.do_{self.advice}", criterion=named(moved), trials=self.trials, **tested)

    def explained(self) -> str:
        """Why the weights move or stay, as a reason (`analysis.reasons`)."""
        moved = max(self.weights, key=lambda name: abs(self.weights[name] - self.previous[name]))
        values = {
            "trials": self.trials,
            "contrasts": self.contrasts,
            "stands": chance(self.analyst_stands),
            "criterion": named(moved),
            "before": self.previous[moved],
            "after": self.weights[moved],
            "target": self.target[moved],
        }
        parts = [reason(f"weights.{self.reason}", **values), *_tested(self.back_test)]
        if self.far:
            parts.append(reason("weights.far", far=self.far))
        if self.changed > CHANGING_ABOVE:
            parts.append(reason("weights.changing", changed=chance(self.changed)))
        elif self.indicative and self.reason != "keep_few":
            parts.append(reason("weights.indicative", contrasts=self.contrasts))
        return joined("sentences", parts)


def _tested(tested: BackTest) -> list[str]:
    if not tested.months:
        return []
    if not tested.disagreements:
        return [reason("weights.tested_same", **vars(tested))]
    return [reason("weights.tested_few" if np.isnan(tested.gain_low) else "weights.tested", **vars(tested))]


def propose_weights(
    rows: pd.DataFrame,
    analyst: Mapping[str, float],
    previous: Mapping[str, float],
    month: str,
    limits: MoveLimits,
    policy: Sequence[str] = (),
    noise: NoiseModel | None = None,
    tested: BackTest | None = None,
) -> Proposal:
    """Weights for the months after `month`, from the trials in `rows` (`trial_rows`) chosen up to then.

    `analyst`: the analyst's weights, the prior's centre; `previous`: those in force, from which the step is measured; `policy`:
    criteria that keep the weight in force (the analyst's, or what somebody decided) because what they guard against is too rare to show in tens of trials. `tested`:
    a back-test already made, else it is made here. Same rows in any order, same proposal.

    The back-test shrinks nothing: a gate that lets weights move only once they are proven keeps wrong weights for years. It stops
    a step only when its whole interval says that learning has chosen worse than the analyst.
    """
    names = check_weights(analyst, previous, policy)
    w0, before = (np.array([source[name] for name in names]) for source in (analyst, previous))
    rows = _in_order(rows[rows["month"] <= month])
    fixed = np.isin(names, list(policy))
    evidence = gather_evidence(rows, names, w0, month, noise)
    posterior, (low, high) = evidence.posterior(w0, fixed), evidence.interval(w0, fixed)
    changed = evidence.changes.changed
    tested = back_test(rows, names, w0, month, limits.floor, fixed) if tested is None else tested
    target = policy_as_it_stands(floored(posterior.mean, w0, fixed, limits.floor), before, fixed)
    after, reason = _decided(posterior, before, target, tested, limits)
    vectors = {
        "weights": after, "previous": before, "analyst": w0, "target": target, "low": np.minimum(low, target), "high": np.maximum(high, target),
    }  # fmt: skip
    by_name: dict[str, dict[str, float]] = {key: dict(zip(names, v.tolist())) for key, v in vectors.items()}
    return Proposal(
        month=month,
        **by_name,
        policy=tuple(policy),
        reason=reason,
        trials=len(rows),
        contrasts=posterior.contrasts,
        changed=changed,
        indicative=posterior.indicative or changed > CHANGING_ABOVE,
        analyst_stands=posterior.analyst_stands,
        back_test=tested,
        data=data_hash(rows, names),
        far=evidence.far,
    )


def _decided(
    posterior: WeightPosterior, before: np.ndarray, target: np.ndarray, tested: BackTest, limits: MoveLimits
) -> tuple[np.ndarray, str]:
    """The proposed weights and the reason: a step, or what stands."""
    after = step_towards(before, target, limits)
    reason = _reason(posterior.contrasts, after - before, tested)
    return (after if reason == "move" else before), reason


def _reason(contrasts: float, change: np.ndarray, tested: BackTest) -> str:
    if contrasts < LEAST_CONTRASTS:
        return "keep_few"
    if tested.says_worse:
        return "keep_worse"
    return "move" if np.abs(change).max() >= NOTICEABLE else "keep_close"


def check_weights(analyst: Mapping[str, float], previous: Mapping[str, float], policy: Sequence[str] = ()) -> list[str]:
    """The criteria's names, if both sets name the same criteria, each sums to 1 and `policy` is among them; else `RuleError`."""
    names = list(analyst)
    unknown = sorted(set(previous) ^ set(analyst)) + sorted(set(policy) - set(analyst))
    if unknown:
        raise RuleError("weights.unknown_criterion", criterion=", ".join(unknown), known=", ".join(names))
    for weights in (analyst, previous):
        checked_weights(weights)
    return names


def checked_weights(weights: Mapping[str, float]) -> Mapping[str, float]:
    """`weights`, if each lies in [0, 1] and they add up to 1; else `RuleError`."""
    for name, weight in weights.items():
        if not 0 <= weight <= 1:  # also refuses NaN
            raise RuleError("rules.weight_out_of_range", criterion=name, weight=weight)
    check_sum(weights.values(), "weights.do_not_sum")
    return weights


def _in_order(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows in an order that does not depend on how they came, so that sums agree to the last bit."""
    keys = ["month", "product", "supplier", "quote", "value", "pieces"]
    return rows.sort_values(keys, kind="stable", ignore_index=True)


def data_hash(rows: pd.DataFrame, criteria: Sequence[str]) -> str:
    """SHA-256 over the rows learned from: key, pieces, value, worths and what was missing."""
    columns = [
        "month",
        "product",
        "supplier",
        "quote",
        "pieces",
        "value",
        *criteria,
        *(f"{c}_missing" for c in criteria),
    ]
    text = rows[columns].to_csv(index=False, float_format="%.12g", lineterminator="\n")
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def proposal_table(proposal: Proposal) -> pd.DataFrame:
    """One row a criterion: what is proposed, what stands, what the analyst set, and where the outcomes point.

    Columns: `month criterion weight weight_low weight_high previous analyst target policy advice reason`; the interval is the
    outcomes', widened where needed to hold the proposed weight, which the cap may keep on its way for months.
    """
    names = list(proposal.weights)
    columns = {
        "weight": proposal.weights,
        "previous": proposal.previous,
        "analyst": proposal.analyst,
        "target": proposal.target,
    }
    table = pd.DataFrame({"month": proposal.month, "criterion": names})
    for column, source in columns.items():
        table[column] = [source[name] for name in names]
    low, high = ([source[name] for name in names] for source in (proposal.low, proposal.high))
    table.insert(3, "weight_low", np.minimum(low, table["weight"]))
    table.insert(4, "weight_high", np.maximum(high, table["weight"]))
    told = {"advice": proposal.advised(), "reason": proposal.explained()}
    return table.assign(policy=[name in proposal.policy for name in names], **told)


def with_weights(criteria: Sequence[Criterion], weights: Mapping[str, float]) -> tuple[Criterion, ...]:
    """The criteria with `weights`, such as those in force by the ledger, in place of the analyst's."""
    check_weights({criterion.name: criterion.weight for criterion in criteria}, weights)
    return tuple(replace(criterion, weight=weights[criterion.name]) for criterion in criteria)
