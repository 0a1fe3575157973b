"""The weights ledger: what was proposed each month, who approved or overrode it and why; entries are only ever added.

A text file with one JSON entry a line. Each entry carries the hash of the entry before it and its own, and the last line
seals the whole: the number of entries and the last hash. Whoever changes, drops or adds a line by hand breaks a hash or the
seal, and every function here then refuses and changes nothing. (Somebody who recomputes all hashes is not stopped; the seal
printed in past reports shows it.)

Kinds of entry: `proposal` of a month, written by its review; `approval` of one; `override` with weights of somebody's own.
Approved weights are in force from the month after the proposal's.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from filelock import FileLock, Timeout

from analysis.decisions.weights import Proposal, check_weights
from analysis.wording import AnalysisError, Language, say

Kind = Literal["proposal", "approval", "override"]
START = "0" * 64
"""The hash before the first entry."""
PATIENCE = 10.0
"""Seconds to wait for somebody else who writes."""


class LedgerError(AnalysisError):
    """The ledger cannot be read, was tampered with, or does not allow what was asked; nothing was changed."""


@dataclass(frozen=True)
class Entry:
    """One line of the ledger. `since`: first month of force, "" for a proposal; `content`: the proposal, or the decision's details."""

    number: int
    kind: Kind
    month: str
    since: str
    weights: Mapping[str, float]
    by: str
    why: str
    on: str
    content: Mapping[str, Any]
    previous_hash: str
    hash: str


@dataclass(frozen=True)
class Ledger:
    """A ledger whose hashes and seal were found in order."""

    path: Path
    entries: tuple[Entry, ...]

    @property
    def seal(self) -> str:
        """The last hash, to be printed in reports."""
        return self.entries[-1].hash if self.entries else START

    @property
    def decisions(self) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.entries if entry.kind != "proposal")

    def decision_for(self, month: str) -> Entry | None:
        """The decision in force in `month`: the newest of those whose `since` has come."""
        begun = [entry for entry in self.decisions if entry.since <= month]
        return max(begun, key=lambda entry: (entry.since, entry.number), default=None)

    def proposal_of(self, month: str) -> Entry | None:
        """The newest proposal of `month`."""
        found = [entry for entry in self.entries if entry.kind == "proposal" and entry.month == month]
        return found[-1] if found else None

    def skipped_before(self, month: str) -> list[str]:
        """Months between the last proposal and `month` that nobody proposed for."""
        earlier = [entry.month for entry in self.entries if entry.kind == "proposal" and entry.month < month]
        return pd.period_range(max(earlier), month, freq="M").astype(str).tolist()[1:-1] if earlier else []


@dataclass(frozen=True)
class InForce:
    """The weights of a month and the decision behind them (None: the analyst's own)."""

    weights: Mapping[str, float]
    since: str
    decision: Entry | None

    def explained(self, language: Language) -> str:
        """Where the weights come from, in one sentence."""
        if self.decision is None:
            return say("weights.in_force_analyst", language, since=self.since)
        entry = self.decision
        return say(
            f"weights.in_force_{entry.kind}", language,
            learned=entry.month, by=entry.by, on=entry.on, why=entry.why, since=entry.since,
        )  # fmt: skip


def weights_in_force(ledger: Ledger, month: str, analyst: Mapping[str, float], analyst_since: str) -> InForce:
    """The weights that stand in `month`: the newest decision's, or the analyst's where theirs is newer.

    A month nobody decided on goes on with what stood before. New analyst's weights (`analyst_since` later than the decision)
    begin anew, and so does another set of criteria.
    """
    entry = ledger.decision_for(month)
    if entry is None or analyst_since > entry.since or set(entry.weights) != set(analyst):
        return InForce(dict(analyst), analyst_since, None)
    return InForce({name: entry.weights[name] for name in analyst}, entry.since, entry)


def propose(path: Path, proposal: Proposal, on: str) -> Entry | None:
    """Write a review's proposal; the same proposal again writes nothing and gives the entry that stands.

    None, and nothing written, when weights of a later month have been decided already: the review looks back at the past.
    """
    with _writing(path) as ledger:
        content = _json_safe(asdict(proposal))
        standing = ledger.proposal_of(proposal.month)
        if standing is not None and standing.content["proposal"] == content:
            return standing
        if any(entry.since > _after(proposal.month) for entry in ledger.decisions):
            return None
        return _append(
            ledger, "proposal", proposal.month, "", proposal.weights, "", "", on,
            {"proposal": content, "skipped": ledger.skipped_before(proposal.month)},
        )  # fmt: skip


def approve(path: Path, month: str, by: str, why: str, on: str) -> Entry:
    """Put the proposal of `month` in force from the month after; `LedgerError` says why it cannot be.

    It cannot when there is none, when it was decided already, or when the weights that it started from have changed since.
    """
    _check_decision(month, by, why)
    with _writing(path) as ledger:
        proposal = ledger.proposal_of(month)
        if proposal is None:
            known = ", ".join(sorted({e.month for e in ledger.entries if e.kind == "proposal"})) or "-"
            raise LedgerError("weights.no_proposal", month=month, known=known)
        for entry in ledger.decisions:
            if entry.content.get("proposal") == proposal.hash:
                raise LedgerError("weights.already_decided", month=month, number=entry.number, by=entry.by, on=entry.on)
        since = _after(month)
        _check_order(ledger, since)
        _check_start(ledger, proposal, since)
        return _append(
            ledger, "approval", month, since, proposal.weights, by, why, on, {"proposal": proposal.hash}
        )  # fmt: skip


def override(path: Path, month: str, weights: Mapping[str, float], by: str, why: str, on: str) -> Entry:
    """Put `weights` of somebody's own in force from `month`; no cap on the step, but a name and a reason.

    `RuleError` when they do not sum to 1 or name other criteria than the newest entry does.
    """
    _check_decision(month, by, why)
    with _writing(path) as ledger:
        check_weights(ledger.entries[-1].weights if ledger.entries else weights, weights)
        _check_order(ledger, month)
        instead = ledger.proposal_of(_before(month))
        content = {"proposal": instead.hash, "proposed": dict(instead.weights)} if instead else {}
        return _append(ledger, "override", month, month, weights, by, why, on, content)


def _check_decision(month: str, by: str, why: str) -> None:
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month):
        raise LedgerError("weights.not_a_month", text=month)
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
    """The weights that the proposal moved from must still be those in force; a decision of `since` itself stands."""
    standing, content = ledger.decision_for(since), proposal.content["proposal"]
    if standing is None:
        return
    begun_anew = standing.since < since and content["previous"] == content["analyst"]
    renewed = standing.kind == "approval" and standing.month == proposal.month
    moved_from_it = standing.since < since and dict(standing.weights) == content["previous"]
    if not (renewed or moved_from_it or begun_anew):
        raise LedgerError("weights.superseded", month=proposal.month, number=standing.number, since=standing.since)


def _after(month: str) -> str:
    return str(pd.Period(month, freq="M") + 1)


def _before(month: str) -> str:
    return str(pd.Period(month, freq="M") - 1)


def read_ledger(path: Path) -> Ledger:
    """The ledger in `path`, every hash and the seal checked; a file that is not there is an empty ledger."""
    if not path.exists():
        return Ledger(path, ())
    lines = path.read_bytes().decode("utf-8", errors="replace").split("\n")
    if lines[-1] == "":
        lines.pop()
    records = [_parsed(path, number, line) for number, line in enumerate(lines, 1)]
    if not records or "seal" not in records[-1]:
        raise LedgerError("weights.ledger_cut", file=path.name, expected="?", found=len(records))
    *records, seal = records
    entries = tuple(_checked(path, record, line, i) for i, (record, line) in enumerate(zip(records, lines), 1))
    hashes = [START, *(entry.hash for entry in entries)]
    for entry, before in zip(entries, hashes):
        if entry.previous_hash != before:
            raise LedgerError("weights.ledger_edited", file=path.name, number=entry.number, month=entry.month)
    if seal.get("entries") != len(entries) or seal["seal"] != hashes[-1]:
        expected = seal.get("entries", "?")
        raise LedgerError("weights.ledger_cut", file=path.name, expected=expected, found=len(entries))
    return Ledger(path, entries)


def _parsed(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except json.JSONDecodeError as error:
        raise LedgerError("weights.ledger_unreadable", file=path.name, line=number, problem=error.msg) from error
    if not isinstance(record, dict):
        raise LedgerError("weights.ledger_unreadable", file=path.name, line=number, problem="not an entry")
    return record


def _checked(path: Path, record: dict[str, Any], line: str, number: int) -> Entry:
    """The entry, if its own hash and place are right."""
    body = {name: value for name, value in record.items() if name != "hash"}
    right = record.get("hash") == _hash(body) and record.get("number") == number and line == _text(record)
    if not right or set(record) != set(Entry.__annotations__):
        month = record.get("month", "?")
        raise LedgerError("weights.ledger_edited", file=path.name, number=number, month=month)
    return Entry(**record)


def _append(
    ledger: Ledger, kind: Kind, month: str, since: str, weights: Mapping[str, float],
    by: str, why: str, on: str, content: Mapping[str, Any],
) -> Entry:  # fmt: skip
    """Write the ledger with one entry more, in one step."""
    body = {
        "number": len(ledger.entries) + 1, "kind": kind, "month": month, "since": since, "weights": dict(weights),
        "by": by.strip(), "why": why.strip(), "on": on, "content": dict(content), "previous_hash": ledger.seal,
    }  # fmt: skip
    entry = Entry(**body, hash=_hash(body))  # type: ignore[arg-type]
    entries = [*ledger.entries, entry]
    seal = {"entries": len(entries), "seal": entry.hash}
    text = "".join(_text(record) + "\n" for record in [*(asdict(e) for e in entries), seal])
    staged = ledger.path.with_name(f".{ledger.path.name}.new")
    with staged.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    staged.replace(ledger.path)
    return entry


@contextmanager
def _writing(path: Path) -> Iterator[Ledger]:
    """The ledger as it stands, while nobody else may write."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path.with_name(f".{path.name}.lock"), timeout=PATIENCE)
    try:
        lock.acquire()
    except Timeout as error:
        raise LedgerError("weights.ledger_busy", file=path.name) from error
    try:
        yield read_ledger(path)
    finally:
        lock.release()


def _text(record: Mapping[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _hash(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(_text(body).encode("utf-8")).hexdigest()


def _json_safe(value: Any) -> Any:
    """Plain lists, dicts, strings and finite numbers; a number that is none becomes null."""
    if isinstance(value, Mapping):
        return {str(name): _json_safe(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_json_safe(inner) for inner in value]
    if isinstance(value, (bool, str, int)) or value is None:
        return value
    return float(value) if math.isfinite(value) else None
