"""Deciding on the weights: what `analysis weights approve` and `override` write to the ledger.

A review only proposes. Approving makes the proposal of the month once more, from the same kept worths and tables, and writes
it to the ledger together with the decision.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable

import pandas as pd

from analysis.decisions.learning import analyst_weights, learn_weights, weights_in
from analysis.decisions.sealed_ledger import Entry, read_ledger
from analysis.decisions.weight_ledger import approve, override, propose
from analysis.month import ReviewMonth, open_month
from analysis.paths import DATA, PROCESSED
from analysis.wording import AnalysisError, say


def approve_weights(options: argparse.Namespace) -> str:
    """Write the month's proposal and its approval; the sentence that says what is in force."""
    review = _opened(options)
    tables = review.load().tables
    ledger = read_ledger(review.weights_file)
    learnt = learn_weights(tables, review.kept("forecasts_worths"), review.as_of, review.rules, ledger)
    if learnt.proposal is None:
        raise AnalysisError("cli.nothing_to_approve", source=review.source, month=review.month)
    review.weights_file.parent.mkdir(parents=True, exist_ok=True)
    propose(review.weights_file, learnt.proposal, _today())
    return _told(review, approve(review.weights_file, review.month, options.by, options.why, _today()), options.lang)


def override_weights(options: argparse.Namespace) -> str:
    """Write weights of somebody's own; those not named share what is left in today's proportions."""
    review = _opened(options)
    standing = weights_in(review.rules, read_ledger(review.weights_file)).weights
    named = _named(options.weights, analyst_weights(review.rules))
    rest = sum(weight for name, weight in standing.items() if name not in named)
    scale = (1 - sum(named.values())) / rest if rest else 0.0
    weights = {name: named.get(name, weight * scale) for name, weight in standing.items()}
    review.weights_file.parent.mkdir(parents=True, exist_ok=True)
    return _told(
        review, override(review.weights_file, review.month, weights, options.by, options.why, _today()), options.lang
    )


def _opened(options: argparse.Namespace) -> ReviewMonth:
    return open_month(options.source, options.month, options.data_dir or DATA, options.processed_dir or PROCESSED)


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


def _told(review: ReviewMonth, entry: Entry, language) -> str:
    weights = ", ".join(f"{name} {weight:.1%}" for name, weight in entry.weights.items())
    file = f"config/{review.weights_file.parent.name}/{review.weights_file.name}"
    return say("cli.weights_decided", language, since=entry.since, weights=weights, file=file, number=entry.number)


def _today() -> str:
    return f"{pd.Timestamp.now():%Y-%m-%d}"
