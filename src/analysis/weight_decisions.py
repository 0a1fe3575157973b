"""Deciding on the weights: what `analysis weights approve` and `override` write to the ledger.

A review only proposes. Both verbs make the proposal once more, from the same kept worths and tables, check that it is what the
review published, and write it to the ledger together with the decision. No decision reaches back to a month already reviewed.
"""

from __future__ import annotations

import argparse
import unicodedata
from collections.abc import Iterable, Mapping

import pandas as pd

from analysis.decisions.weights import (
    Entry,
    Ledger,
    LedgerError,
    Proposal,
    analyst_weights,
    approve,
    check_who_and_why,
    learn_weights,
    override,
    policy_criteria,
    propose,
    weights_in,
)
from analysis.errors import AnalysisError, RuleError
from analysis.month import ReviewMonth, check_source, open_month
from analysis.months import later
from analysis.review.provenance import check_ledger
from analysis.wording import LANGUAGES, Language, name_of, say

SAME = 1e-9
"""Weights, and sums of weights, that differ by no more are equal."""


def approve_weights(options: argparse.Namespace) -> str:
    """Write the month's proposal and its approval; the sentence that says what is in force."""
    check_who_and_why(options.by, options.why)
    review = _opened(options)
    ledger = _check_undecided(check_ledger(review), review.month)
    last = review.store.last_reviewed()
    if last and last > review.month:
        raise LedgerError("weights.proposal_too_late", month=review.month, reviewed=last)
    propose(review.weights_file, _proposal(review, ledger), _today())
    entry = approve(review.weights_file, review.month, options.by, options.why, _today())
    return _told(review, entry, options.lang, _skipped(ledger, review.month))


def override_weights(options: argparse.Namespace) -> str:
    """Write weights of somebody's own, and the proposal that they stand against where there is one."""
    check_who_and_why(options.by, options.why)
    review = _opened(options)
    ledger = check_ledger(review)
    _check_since(review.month, review.store.last_reviewed())
    standing = weights_in(review.rules, ledger).weights
    named = _named(options.weights, analyst_weights(review.rules))
    weights = _filled_up(named, standing, policy_criteria(review.rules))
    proposal = _proposal_if_any(review.previous(), ledger)
    entry = override(review.weights_file, review.month, weights, standing, options.by, options.why, _today(), proposal)
    return _told(review, entry, options.lang)


def _proposal(review: ReviewMonth, ledger: Ledger) -> Proposal:
    """What the month proposes by today's files; `AnalysisError` when that is nothing, or not what its review published."""
    tables = review.load().tables
    proposal = learn_weights(tables, review.store.kept("forecasts_worths"), review.as_of, review.rules, ledger).proposal
    if review.store.has("weights_proposed"):
        published = review.store.read("weights_proposed").set_index("criterion")["weight"]
        now = pd.Series(proposal.weights if proposal else {}, dtype=float)
        if set(published.index) != set(now.index) or not (published.reindex(now.index) - now).abs().le(SAME).all():
            raise AnalysisError("weights.other_proposal", month=review.month)
    if proposal is None:
        raise AnalysisError("cli.nothing_to_approve", source=review.source, month=review.month)
    return proposal


def _proposal_if_any(review: ReviewMonth, ledger: Ledger) -> Proposal | None:
    """The month's proposal; None when none can be made, as in a month that is not over: weights of one's own need none."""
    try:
        return _proposal(review, ledger)
    except AnalysisError:
        return None


def _filled_up(named: Mapping[str, float], standing: Mapping[str, float], policy: Iterable[str]) -> dict[str, float]:
    """Weights of all criteria: those `named`; policy criteria not named as they stand; the others share what is left.

    They share it in the proportions of `standing`. `RuleError` when named and kept weights add up to more than 1.
    """
    kept = {name: standing[name] for name in policy if name in standing and name not in named}
    taken, guarded = sum(named.values()), sum(kept.values())
    if taken > 1 + SAME:  # else a criterion that nobody named would be blamed for a weight below 0
        raise RuleError("weights.do_not_sum", total=taken)
    if taken + guarded > 1 + SAME:
        raise RuleError("weights.policy_keeps", named=taken, kept=guarded, criteria=", ".join(kept))
    rest = sum(weight for name, weight in standing.items() if name not in {*named, *kept})
    scale = max(0.0, 1 - taken - guarded) / rest if rest else 0.0
    return {name: named.get(name, kept.get(name, weight * scale)) for name, weight in standing.items()}


def _opened(options: argparse.Namespace) -> ReviewMonth:
    """The month, of a source that is there: a name mistyped must not begin a ledger of its own."""
    check_source(options.source, options.data_dir)
    return open_month(options.source, options.month, options.data_dir, options.processed_dir, options.output_dir)


def _check_since(since: str, reviewed: str | None) -> None:
    """Weights begin in one of the two months after the newest that was `reviewed`, or by next month when none was.

    Earlier, a review that stands would be made with other weights; later, nothing could be decided for the months before.
    """
    if reviewed is None:
        if since > (last := later(_today()[:7])):
            raise LedgerError("weights.month_too_far", month=since, last=last)
        return
    first, last = later(reviewed), later(reviewed, 2)
    if not first <= since <= last:
        key = "weights.month_reviewed" if since < first else "weights.month_too_late"
        raise LedgerError(key, month=since, reviewed=reviewed, first=first, last=last)


def _check_undecided(ledger: Ledger, month: str) -> Ledger:
    """`ledger`, if no month after the next has its weights yet and nobody has overridden what `month` may propose."""
    since = later(month)
    for entry in reversed(ledger.decisions):
        if entry.since > since:
            raise LedgerError("weights.out_of_order", month=since, number=entry.number, since=entry.since)
        if entry.since == since and entry.kind == "override":
            raise LedgerError("weights.already_decided", month=month, number=entry.number, by=entry.by, on=entry.on)
    return ledger


def _skipped(ledger: Ledger, month: str) -> list[str]:
    """Months between the last proposal and that of `month` whose weights nobody decided on."""
    decided = {entry.since for entry in ledger.decisions}
    return [skipped for skipped in ledger.skipped_before(month) if later(skipped) not in decided]


def _named(texts: Iterable[str], known: dict[str, float]) -> dict[str, float]:
    """`["price_ratio=0.15"]`, or with the name and the percentage that the report prints (`成本比=15％`), as weights by criterion."""
    printed = {
        _plain(said): name for name in known for said in (name, *(name_of(name, tongue) for tongue in LANGUAGES))
    }
    found = {}
    for text in texts:
        said, _, number = (_plain(part) for part in unicodedata.normalize("NFKC", text).partition("="))
        name = printed.get(said, said)
        try:
            weight = float(number.removesuffix("%")) / (100 if number.endswith("%") else 1)
        except ValueError:
            weight = -1.0
        if name not in known or not 0 <= weight <= 1:
            raise AnalysisError("cli.not_a_weight", text=text, known=", ".join(known))
        if name in found:
            raise AnalysisError("cli.weight_twice", criterion=name)
        found[name] = weight
    return found


def _plain(text: str) -> str:
    """`text` without differences of width, case and blanks."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _told(review: ReviewMonth, entry: Entry, language: Language, skipped: Iterable[str] = ()) -> str:
    """What is in force now, where it is written, and the months that went by undecided."""
    names = analyst_weights(review.rules)  # in the order of the rules
    shares = (f"{name_of(name, language)} {entry.weights[name]:.1%}" for name in names)
    weights = ("、" if language == "zh" else ", ").join(shares)
    file = f"config/{review.weights_file.parent.name}/{review.weights_file.name}"
    told = say("cli.weights_decided", language, since=entry.since, weights=weights, file=file, number=entry.number)
    months = ", ".join(skipped)
    return f"{told}\n{say('weights.skipped', language, months=months)}" if months else told


def _today() -> str:
    return f"{pd.Timestamp.now():%Y-%m-%d}"
