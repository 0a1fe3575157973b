"""`analysis verify`: whether a published review is still as it was made, and whether it could be made the same again today."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from analysis.errors import AnalysisError
from analysis.month import ReviewMonth
from analysis.review.own_files import EDITED
from analysis.review.provenance import FILE, output_hashes, provenance_facts, published_facts
from analysis.wording import Language, say

MADE_FROM = ("inputs", "rules", "kept_forecasts", "notebooks", "libraries")
"""What a review was made from, name by name."""
SINGLE = ("code_sha256", "python")
MOST = 20
"""Names that are told of each kind."""


class VerifyError(AnalysisError):
    """There is no review whose provenance could be read."""


def verified(review: ReviewMonth, language: Language) -> tuple[str, bool]:
    """The report on the published review of `review`, and whether every file of it is as it was made.

    What it was made from may have changed since: that is told, and no fault of the review.
    """
    facts = published_facts(review)
    if not facts or not facts.get("outputs"):
        key = "run.verify_nothing" if facts is None else "run.verify_unreadable"
        raise VerifyError(key, source=review.source, month=review.month, file=review.report_folder / FILE)
    now = output_hashes(review.report_folder, review.processed_folder)
    faults = list(_told(facts["outputs"], now, language, own="run.verify_own"))
    wrong = [line for bad, line in faults if bad]
    since = [line for kind in MADE_FROM for _, line in _told(facts.get(kind, {}), _today(review)[kind], language)]
    since += [
        say("run.verify_changed", language, file=kind) for kind in SINGLE if facts.get(kind) != _today(review)[kind]
    ]
    head = "run.verify_broken" if wrong else "run.verify_stands"
    lines = [say(head, language, source=review.source, month=review.month, count=len(facts["outputs"]))]
    lines += [f"  {line}" for _, line in faults]
    lines.append(say("run.verify_same_again" if not since else "run.verify_made_from", language))
    return "\n".join([*lines, *(f"  {line}" for line in since)]), not wrong


def _today(review: ReviewMonth) -> dict[str, Any]:
    return provenance_facts(review)


def _told(then: Mapping[str, str], now: Mapping[str, str], language: Language, own: str = "run.verify_added") -> Iterator[tuple[bool, str]]:  # fmt: skip
    """(whether it is a fault, the line) of each name that is gone, changed or new; a new one is somebody's own."""
    found = [(True, "run.verify_gone", name) for name in sorted(then.keys() - now.keys())]
    found += [
        (True, "run.verify_changed", name) for name in sorted(then.keys() & now.keys()) if then[name] != now[name]
    ]
    found += [(False, own, name) for name in sorted(now.keys() - then.keys()) if EDITED not in name]
    for bad, key, name in found[:MOST]:
        yield bad, say(key, language, file=name)
    if len(found) > MOST:
        yield any(bad for bad, _, _ in found[MOST:]), say("cli.check_more", language, count=len(found) - MOST)
