"""The weights ledger: what was proposed each month, who approved or overrode it and why, and what is in force.

Kinds of entry: `proposal` of a month, written together with the decision on it; `approval` of one; `override` with weights of
somebody's own. Approved weights are in force from the month after the proposal's. `decisions.weights.sealed_ledger` reads
and keeps the file.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.decisions.weights.proposal import Proposal, check_weights
from analysis.decisions.weights.sealed_ledger import Entry, Ledger, LedgerError, add_entry, read_ledger, writing
from analysis.months import MONTH_TEXT, later
from analysis.reasons import reason


@dataclass(frozen=True)
class InForce:
    """The weights of a month and the decision behind them (None: the analyst's own)."""

    weights: Mapping[str, float]
    since: str
    decision: Entry | None

    def explained(self) -> str:
        """Where the weights come from, as a reason (`analysis.reasons`)."""
        if self.decision is None:
            return reason("weights.in_force_analyst", since=self.since)
        entry = self.decision
        return reason(
            f"weights.in_force_{_kind_of(entry)}",
            learned=entry.month, by=entry.by, on=entry.on, why=entry.why, since=entry.since,
        )  # fmt: skip


def _kind_of(entry: Entry) -> str:
    """What was decided: `approval` of a move, `keep` of what stood, `override` of a proposal or, without one, `own` weights."""
    if entry.kind == "approval":
        return "keep" if entry.content.get("keeps") else "approval"
    return "override" if "proposed" in entry.content else "own"


def weights_in_force(ledger: Ledger, month: str, analyst: Mapping[str, float], analyst_since: str) -> InForce:
    """The weights that stand in `month`: the newest decision's, or the analyst's where theirs is newer.

    A month nobody decided on goes on with what stood before. New analyst's weights (`analyst_since` later than the decision)
    begin anew, and so does another set of criteria.
    """
    entry = ledger.decision_for(month)
    if entry is None or analyst_since > entry.since or set(entry.weights) != set(analyst):
        return InForce(dict(analyst), analyst_since, None)
    return InForce({name: entry.weights[name] for name in analyst}, entry.since, entry)


def in_force_table(month: str, now: InForce, before: InForce) -> pd.DataFrame:
    """One row a criterion: `month criterion weight weight_low weight_high previous reason`.

    The interval is that of the approved proposal, widened where needed to hold the weight; weights that somebody set are
    decisions, not estimates: low and high equal the weight.
    """
    names = list(now.weights)
    weight = np.array([now.weights[name] for name in names])
    learned = now.decision.content if now.decision is not None and now.decision.kind == "approval" else {}
    low, high = (np.array([learned.get(side, now.weights)[name] for name in names]) for side in ("low", "high"))
    return pd.DataFrame(
        {
            "month": month,
            "criterion": names,
            "weight": weight,
            "weight_low": np.minimum(low, weight),
            "weight_high": np.maximum(high, weight),
            "previous": [before.weights.get(name, 0.0) for name in names],
            "reason": now.explained(),
        }
    )


def propose(path: Path, proposal: Proposal, on: str) -> Entry | None:
    """Write the proposal of a month; the same proposal again writes nothing and gives the entry that stands.

    None, and nothing written, when weights of a later month have been decided already: the proposal looks back at the past.
    """
    with writing(path) as ledger:
        return _proposed(ledger, proposal, on)


def _proposed(ledger: Ledger, proposal: Proposal, on: str) -> Entry | None:
    content = _json_safe(asdict(proposal))
    standing = ledger.proposal_of(proposal.month)
    if standing is not None and standing.content["proposal"] == content:
        return standing
    if any(entry.since > later(proposal.month) for entry in ledger.decisions):
        return None
    content = {"proposal": content, "skipped": ledger.skipped_before(proposal.month)}
    return add_entry(ledger, "proposal", proposal.month, "", proposal.weights, "", "", on, content)


def approve(path: Path, month: str, by: str, why: str, on: str) -> Entry:
    """Put the proposal of `month` in force from the month after; `LedgerError` says why it cannot be.

    It cannot when there is none, when it was decided already, or when the weights that it started from have changed since.
    """
    _check_decision(month, by, why)
    with writing(path) as ledger:
        proposal = ledger.proposal_of(month)
        if proposal is None:
            known = ", ".join(sorted({e.month for e in ledger.entries if e.kind == "proposal"})) or "-"
            raise LedgerError("weights.no_proposal", month=month, known=known)
        for entry in ledger.decisions:
            if entry.content.get("proposal") == proposal.hash:
                raise LedgerError("weights.already_decided", month=month, number=entry.number, by=entry.by, on=entry.on)
        since = later(month)
        _check_order(ledger, since)
        _check_start(ledger, proposal, since)
        interval = {name: proposal.content["proposal"][name] for name in ("low", "high")}
        keeps = proposal.content["proposal"]["reason"] != "move"
        content = {"proposal": proposal.hash, "keeps": keeps, **interval}
        return add_entry(ledger, "approval", month, since, proposal.weights, by, why, on, content)


def override(
    path: Path, month: str, weights: Mapping[str, float], standing: Mapping[str, float],
    by: str, why: str, on: str, proposal: Proposal | None = None,
) -> Entry:  # fmt: skip
    """Put `weights` of somebody's own in force from `month`; no cap on the step, but a name and a reason.

    `proposal`, that of the month before, is written first: what the weights stand against. Without it they stand against the
    one that the ledger holds, if any. `RuleError` when they do not sum to 1 or name other criteria than those `standing` in
    that month, which the analyst may have changed since the ledger's last entry.
    """
    _check_decision(month, by, why)
    check_weights(standing, weights)
    with writing(path) as ledger:
        _check_order(ledger, month)
        instead = _proposed(ledger, proposal, on) if proposal else ledger.proposal_of(later(month, -1))
        content = {"proposal": instead.hash, "proposed": dict(instead.weights)} if instead else {}
        return add_entry(read_ledger(path), "override", month, month, weights, by, why, on, content)


def _check_decision(month: str, by: str, why: str) -> None:
    if not MONTH_TEXT.fullmatch(month):
        raise LedgerError("weights.not_a_month", text=month)
    check_who_and_why(by, why)


def check_who_and_why(by: str, why: str) -> None:
    """`LedgerError` where a decision lacks its name or its reason."""
    for name, text in (("by", by), ("why", why)):
        if not text.strip():
            raise LedgerError("weights.who_and_why", missing=name)


def _check_order(ledger: Ledger, since: str) -> None:
    """No decision may come into force before one that stands."""
    later = [entry for entry in ledger.decisions if entry.since > since]
    if later:
        last = later[-1]
        raise LedgerError("weights.out_of_order", month=since, number=last.number, since=last.since)


def _check_start(ledger: Ledger, proposal: Entry, since: str) -> None:
    """The weights that the proposal moved from must still be those in force."""
    standing, content = ledger.decision_for(since), proposal.content["proposal"]
    if standing is None:
        return
    begun_anew = standing.number < proposal.number and content["previous"] == content["analyst"]
    renewed = standing.kind == "approval" and standing.month == proposal.month
    moved_from_it = standing.since < since and dict(standing.weights) == content["previous"]
    if not (renewed or moved_from_it or begun_anew):
        raise LedgerError("weights.superseded", month=proposal.month, number=standing.number, since=standing.since)


def _json_safe(value: Any) -> Any:
    """Plain lists, dicts, strings and finite numbers; a number that is none becomes null."""
    if isinstance(value, Mapping):
        return {str(name): _json_safe(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_json_safe(inner) for inner in value]
    if isinstance(value, (bool, str, int)) or value is None:
        return value
    return float(value) if math.isfinite(value) else None
