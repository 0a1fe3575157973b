"""A file of decisions to which entries are only ever added, and which shows when somebody edited it by hand.

A text file with one JSON entry a line. Each entry carries the hash of the entry before it and its own, and the last line
seals the whole: the number of entries and the last hash. Whoever changes, drops or adds a line by hand breaks a hash or the
seal, and every function here then refuses and changes nothing. Somebody who recomputes all hashes is not stopped here: each
review records the seal that it found and prints it, and `provenance.check_ledger` misses an entry that a review recorded.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout

from analysis.errors import AnalysisError
from analysis.months import month_range

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
        """The last hash, which reviews record and print."""
        return self.entries[-1].hash if self.entries else START

    @property
    def decisions(self) -> tuple[Entry, ...]:
        """Approvals and overrides, oldest first."""
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
        return month_range(max(earlier), month)[1:-1] if earlier else []


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


def add_entry(
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
def writing(path: Path) -> Iterator[Ledger]:
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
