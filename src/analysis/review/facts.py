"""What a report says besides its tables: whose data, which month, made from what."""

from __future__ import annotations

from typing import Any

from analysis.month import ReviewMonth
from analysis.reporting.evidence import draw_summaries
from analysis.reporting.facts import ReviewFacts
from analysis.reporting.refused import RefusedRule
from analysis.reporting.template_reading import kept_templates
from analysis.review.provenance import provenance_facts, read_provenance
from analysis.rules import Limits
from analysis.sources.source_map import read_source_map


def made_from(review: ReviewMonth) -> dict[str, Any]:
    """What this review is made from: as recorded before the first notebook ran, or as it is now when run by hand."""
    return read_provenance(review.report_folder) if review.in_review else provenance_facts(review)


def review_facts(review: ReviewMonth, seed: int) -> ReviewFacts:
    """The facts of `review` for its reports; `seed` of the posterior draws."""
    info = read_source_map(review.source_folder).info
    limits = review.rules.read("limits", Limits)
    draws = draw_summaries(review.store.all_draws(), limits.interval_level, seed)
    return ReviewFacts(
        review.source, review.month, review.as_of, info.title, info.note, info.currency, info.simulated, limits.defect_rate,
        made_from(review), seed, review.rules.read("refused_rows", RefusedRule), review.rules.sections, draws, kept_templates(review.source_folder),
    )  # fmt: skip
