"""Which months a scheduler still owes: those between the first published review and the last month that is over."""

from __future__ import annotations

from analysis.month import ReviewMonth
from analysis.months import MONTH_TEXT, month_range
from analysis.review.provenance import FILE


def missed_months(review: ReviewMonth) -> list[str]:
    """The months up to `review`'s without a published review, from the first that has one; its own where none has.

    A draft was made and told about: it is not made again by itself.
    """
    standing = {path.parent.name for path in (review.output_dir / review.source).glob(f"*/{FILE}")}
    made = {month for month in standing if MONTH_TEXT.fullmatch(month)}
    return [month for month in month_range(min(made, default=review.month), review.month) if month not in made]
