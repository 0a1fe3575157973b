"""Replay past months: what each would have forecast from what was known then, and how good that was.

`analysis backtest --source NAME` fills in the forecasts of months that were never reviewed, so that the reviews have a track
record to show; a forecast that a review kept is not touched.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd

from analysis.assessment import assess, fit_month, shutdowns_ahead
from analysis.decisions.weights import (
    OutcomeRules,
    criteria_in,
    frozen_worths,
    rating_record,
    read_ledger,
    trial_outcomes,
)
from analysis.errors import SourceError
from analysis.estimates.defect_rate import inspected_lots
from analysis.estimates.lead_time import fit_lead_times, time_orders
from analysis.estimates.track_record import arrival_forecasts, defect_forecasts, expected_lots, track_record
from analysis.month import SEED, ReviewMonth, check_source, newest_day, open_month
from analysis.months import later
from analysis.sources.load import END_OF_TIME, load_source
from analysis.wording import Language, say

FORECASTS = ("forecasts_lead_times", "forecasts_defects")
KEPT = (*FORECASTS, "forecasts_worths", "forecasts_ratings")
"""What a review keeps once: forecasts, the criteria's worths as they stood, and the ratings."""
RATING_COLUMNS = ["supplier", "category", "rating", "rank", "grade"]
MOST_MONTHS = 12


def main(options: argparse.Namespace) -> int:
    """`analysis backtest`: fill in what is missing and print the track record; returns the exit code."""
    until = options.until or last_month(options.source, options.data_dir)
    review = open_month(options.source, until, options.data_dir, options.processed_dir)
    for month, made in replay(review, options.months):
        if made or not options.missing_only:
            print(say("run.replayed" if made else "run.already_kept", options.lang, month=month), flush=True)
    if not options.missing_only:
        print(record_text(record_of(review), options.lang))
        print(say("run.todays_method", options.lang))
        print(record_text(todays_record_of(review, options.months), options.lang))
        print(*ratings_text(ratings_record_of(review), options.lang), sep="\n")
    return 0


def last_month(source: str, data_dir: Path | None = None) -> str:
    """The last month that is over by the data's own account."""
    found = load_source(check_source(source, data_dir))
    newest = newest_day(found.known(END_OF_TIME).tables)
    if newest is None:
        raise SourceError("run.no_orders", source=source, month="-")
    over = later(f"{newest + pd.Timedelta(days=1):%Y-%m}", -1)
    return min(over, found.info.last_month or over)


def replay(review: ReviewMonth, months: int = MOST_MONTHS) -> Iterator[tuple[str, bool]]:
    """Keep the forecasts of up to `months` months before `review`'s, oldest first; yields each and whether it was made now.

    The first month with an order received is the first that can forecast anything.
    """
    for back in range(months, 0, -1):
        before = open_month(
            review.source,
            later(review.month, -back),
            review.data_dir,
            review.processed_dir,
            review.output_dir,
        )
        if all(before.store.has(name) for name in KEPT):
            yield before.month, False
        elif _keep_forecasts(before):
            yield before.month, True


def _keep_forecasts(month: ReviewMonth) -> bool:
    """Keep the month's forecasts; False where nothing was known yet, or where the source has no such month."""
    try:
        tables = month.known().tables
    except SourceError:
        return False
    orders, fits = tables["orders"], fit_month(tables, month.as_of, month.rules)
    if fits.deliveries is None:
        return False
    limit = month.rules["limits"]["defect_rate"]
    month.store.keep_first("forecasts_lead_times", arrival_forecasts(fits.times, fits.deliveries, orders, month.as_of))
    defects = defect_forecasts(fits.rates, expected_lots(orders, fits.lots), fits.lots, limit, month.as_of)
    month.store.keep_first("forecasts_defects", defects)
    criteria = criteria_in(month.rules, read_ledger(month.weights_file))
    held = month.previous().store.kept_grades()
    rated = assess(tables, month.as_of, month.rules, month.currency, SEED, criteria=criteria, before=held, fits=fits)
    month.store.keep_first("forecasts_worths", frozen_worths(rated.scored, later(month.month)))
    month.store.keep_first("forecasts_ratings", rated.scorecard[RATING_COLUMNS].assign(month=month.month))
    return True


def _arrivals(month: ReviewMonth, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame | None:
    """The forecasts of arrivals by today's method from what was known then; None where nothing had been received."""
    times = time_orders(tables["orders"], month.as_of, shutdowns=shutdowns_ahead(month.rules, tables["suppliers"]))
    posterior = fit_lead_times(times)
    return None if posterior is None else arrival_forecasts(times, posterior, tables["orders"], month.as_of)


def todays_record_of(review: ReviewMonth, months: int = MOST_MONTHS) -> pd.DataFrame:
    """The record that today's method would have in arrivals, where `record_of` has what was published; nothing is kept."""
    made = []
    for back in range(months, 0, -1):
        before = replace(review, month=later(review.month, -back))
        try:
            made.append(_arrivals(before, before.known().tables))
        except SourceError:
            continue
    arrivals = pd.concat([of for of in made if of is not None] or [pd.DataFrame()], ignore_index=True)
    tables = review.known().tables
    lots = inspected_lots(tables["orders"], tables["inspections"])
    return track_record(arrivals, pd.DataFrame(), tables["orders"], lots, review.as_of)


def record_of(review: ReviewMonth) -> pd.DataFrame:
    """The track record of all forecasts kept before `review`'s month, by what is known now."""
    tables = review.known().tables
    lots = inspected_lots(tables["orders"], tables["inspections"])
    arrivals, defects = (review.store.kept(name) for name in FORECASTS)
    return track_record(arrivals, defects, tables["orders"], lots, review.as_of)


def record_text(record: pd.DataFrame, language: Language) -> str:
    """The pooled rows of the track record as lines for a terminal."""
    return "\n".join(
        say(
            "run.record_line", language, kind=say(f"run.kind_{row.kind}", language), n=row.observations, covered=f"{row.coverage_90:.0%}",
            low=f"{row.coverage_90_low:.0%}", high=f"{row.coverage_90_high:.0%}", expected=f"{row.coverage_90_expected:.0%}",
            own=f"{row.skill_supplier_mean:.0%}", everybody=f"{row.skill_everyone_mean:.0%}",
        )
        for row in record[(record["month"] == "all") & (record["observations"] > 0)].itertuples()
    ) or say("run.no_record", language)  # fmt: skip


def ratings_record_of(review: ReviewMonth) -> pd.DataFrame:
    """Whether the ratings kept before `review`'s month came true in the trials ordered after them (`rating_record`)."""
    outcomes = trial_outcomes(review.known().tables, review.as_of, OutcomeRules.of(review.rules))
    return rating_record(review.store.kept("forecasts_ratings"), outcomes, review.rules["limits"]["interval_level"])


def ratings_text(record: pd.DataFrame, language: Language) -> list[str]:
    """The record of the ratings as a line for a terminal; none where no trial was rated before it was ordered."""
    return [
        say(
            "run.ratings_line", language, pairs=row.pairs, trials=row.trials, suppliers=row.suppliers,
            right=f"{row.share:.0%}", low=f"{row.share_low:.0%}", high=f"{row.share_high:.0%}",
        )
        for row in record[(record["kind"] == "order") & (record["pairs"] > 0)].itertuples()
    ]  # fmt: skip
