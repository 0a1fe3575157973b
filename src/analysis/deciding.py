"""Deciding on the weights: what `analysis weights approve` and `override` write to the ledger.

A review only proposes. Approving makes the proposal of the month once more, from the same kept worths and tables, and writes
it to the ledger together with the decision.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable

import pandas as pd

from analysis.decisions.reweighting.learning import analyst_weights, learn_weights, weights_in
from analysis.decisions.reweighting.sealed_ledger import Entry, Ledger, LedgerError, read_ledger
from analysis.decisions.reweighting.weight_ledger import approve, override, propose
from analysis.month import ReviewMonth, check_source, open_month
from analysis.paths import DATA, PROCESSED
from analysis.wording import AnalysisError, Language, RuleError, say


def approve_weights(options: argparse.Namespace) -> str:
    """Write the month's proposal and its approval; the sentence that says what is in force."""
    _check_said(options)
    review = _opened(options)
    tables = review.load().tables
    ledger = _check_undecided(read_ledger(review.weights_file), review.month)
    learnt = learn_weights(tables, review.kept("forecasts_worths"), review.as_of, review.rules, ledger)
    if learnt.proposal is None:
        raise AnalysisError("cli.nothing_to_approve", source=review.source, month=review.month)
    proposed = propose(review.weights_file, learnt.proposal, _today())
    entry = approve(review.weights_file, review.month, options.by, options.why, _today())
    return _told(review, entry, options.lang, _skipped(ledger, proposed))


def override_weights(options: argparse.Namespace) -> str:
    """Write weights of somebody's own; those not named share what is left in today's proportions."""
    _check_said(options)
    review = _opened(options)
    standing = weights_in(review.rules, read_ledger(review.weights_file)).weights
    named = _named(options.weights, analyst_weights(review.rules))
    if sum(named.values()) > 1 + 1e-9:  # else a criterion that nobody named would be blamed for a weight below 0
        raise RuleError("weights.do_not_sum", total=sum(named.values()))
    rest = sum(weight for name, weight in standing.items() if name not in named)
    scale = max(0.0, 1 - sum(named.values())) / rest if rest else 0.0
    weights = {name: named.get(name, weight * scale) for name, weight in standing.items()}
    entry = override(review.weights_file, review.month, weights, standing, options.by, options.why, _today())
    return _told(review, entry, options.lang)


def _opened(options: argparse.Namespace) -> ReviewMonth:
    """The month, of a source that is there: a name mistyped must not begin a ledger of its own."""
    check_source(options.source, options.data_dir or DATA)
    return open_month(options.source, options.month, options.data_dir or DATA, options.processed_dir or PROCESSED)


def _check_said(options: argparse.Namespace) -> None:
    """A decision needs a name and a reason, before anything is written."""
    for name in ("by", "why"):
        if not getattr(options, name).strip():
            raise LedgerError("weights.who_and_why", missing=f"--{name}")


def _check_undecided(ledger: Ledger, month: str) -> Ledger:
    """`ledger`, if no month after the next has its weights yet and nobody has overridden what `month` may propose."""
    since = str(pd.Period(month, "M") + 1)
    for entry in reversed(ledger.decisions):
        if entry.since > since:
            raise LedgerError("weights.out_of_order", month=since, number=entry.number, since=entry.since)
        if entry.since == since and entry.kind == "override":
            raise LedgerError("weights.already_decided", month=month, number=entry.number, by=entry.by, on=entry.on)
    return ledger


def _skipped(ledger: Ledger, proposed: Entry | None) -> list[str]:
    """Months since the last proposal whose weights nobody decided on."""
    months = proposed.content["skipped"] if proposed else []
    decided = {entry.since for entry in ledger.decisions}
    return [month for month in months if str(pd.Period(month, "M") + 1) not in decided]


def _named(texts: Iterable[str], known: dict[str, float]) -> dict[str, float]:
    """`["price_ratio=0.15"]` as weights by criterion."""
    found = {}
    for text in texts:
        name, _, number = (part.strip() for part in text.partition("="))
        try:
            weight = float(number)
        except ValueError:
            weight = -1.0
        if name not in known or not 0 <= weight <= 1:
            raise AnalysisError("cli.not_a_weight", text=text, known=", ".join(known))
        found[name] = weight
    return found


def _told(review: ReviewMonth, entry: Entry, language: Language, skipped: Iterable[str] = ()) -> str:
    """What is in force now, where it is written, and the months that went by undecided."""
    weights = ", ".join(f"{name} {entry.weights[name]:.1%}" for name in analyst_weights(review.rules))
    file = f"config/{review.weights_file.parent.name}/{review.weights_file.name}"
    told = say("cli.weights_decided", language, since=entry.since, weights=weights, file=file, number=entry.number)
    months = ", ".join(skipped)
    return f"{told}\n{say('weights.skipped', language, months=months)}" if months else told


def _today() -> str:
    return f"{pd.Timestamp.now():%Y-%m-%d}"
