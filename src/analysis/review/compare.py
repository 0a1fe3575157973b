"""`analysis compare`: a published month against the same month made again, or two published months against each other.

Exit code as of `diff`: 0 the same, 1 they differ, 2 they cannot be compared.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.month import ReviewMonth, check_source, open_month
from analysis.months import later
from analysis.reporting.changes import grades_counted
from analysis.review.differences import apart_by_key, causes, different_tables, listed
from analysis.review.make import made_review
from analysis.review.notebooks import ParameterError
from analysis.review.progress import Progress
from analysis.review.provenance import published_facts, sha256
from analysis.wording import JOINERS, Language, say, worded

SAME, DIFFERENT = 0, 1
MOST_SUPPLIERS = 40
INNER = ("before/", "forecasts_")
"""Tables that only repeat what others say: last month's, and what is kept."""


class CompareError(ParameterError):
    """Two reviews that cannot be compared: one is not there."""


@dataclass(frozen=True)
class Side:
    """One of two reviews: what it was made from, and where its tables stand."""

    facts: Mapping[str, Any]
    folder: Path

    def table(self, name: str) -> pd.DataFrame | None:
        """The table as the review made it; None when it made none, or somebody has written over it since."""
        path = self.folder / f"{name}.parquet"
        made = self.facts.get("outputs", {}).get(f"processed/{name}.parquet")
        return pd.read_parquet(path) if path.exists() and sha256(path) == made else None


def main(options: argparse.Namespace) -> int:
    """`analysis compare`: print in what the reviews differ and why; returns the exit code."""
    given = {name: getattr(options, name) for name in ("data_dir", "processed_dir", "output_dir")}
    given = {name: folder for name, folder in given.items() if folder}
    review = open_month(options.source, options.month, **given)
    check_source(review.source, review.data_dir)
    first = published_side(review)
    if options.second:
        second = published_side(open_month(options.source, options.second, **given))
        return _told(first, second, options)
    notebooks = {"notebooks": options.notebooks} if options.notebooks else {}
    with made_review(review, settings=options.settings, progress=Progress(options.lang), **notebooks) as made:
        return _told(first, Side(made.facts, made.tables), options)


def published_side(review: ReviewMonth) -> Side:
    """The published review of a month; `CompareError` when there is none."""
    facts = published_facts(review)
    if not facts:
        raise CompareError("compare.not_published", source=review.source, month=review.month, folder=review.report_folder)  # fmt: skip
    return Side(facts, review.processed_folder)


def _told(first: Side, second: Side, options: argparse.Namespace) -> int:
    names = [name for name in different_tables(first.facts, second.facts) if not name.startswith(INNER)]
    print("\n".join(report(first, second, names, options.lang)))
    return DIFFERENT if names else SAME


def report(first: Side, second: Side, names: list[str], language: Language) -> Iterator[str]:
    """The lines of a comparison: whether, why, in whom and in which tables the reviews differ."""
    source, old, new = (first.facts["source"], first.facts["month"], second.facts["month"])
    yield say("compare.again" if old == new else "compare.months", language, source=source, first=old, second=new)
    if not names:
        yield say("compare.same", language)
        return
    found = causes(first.facts, second.facts)
    yield say("compare.cause" if len(found) == 1 else "compare.causes", language)
    yield from (f"  {cause.text(language)}" for cause in found)
    cards = [side.table("scorecard") for side in (first, second)]
    if cards[0] is not None and cards[1] is not None:
        told = causes_told(second, language) if new == later(old) else {}
        yield from _suppliers(cards[0], cards[1], told, language)
    yield say("compare.tables", language)
    yield from (f"  {_table_line(name, first, second, language)}" for name in names if not name.endswith("_draws"))


def causes_told(side: Side, language: Language) -> dict[str, str]:
    """By supplier, why the review says that its grade, or else its rank, is not that of the month before."""
    told: dict[str, str] = {}
    for name in ("rank_changes", "grade_changes"):
        table = side.table(name)
        if table is not None and len(table):
            reasons = table.loc[table["reason"].ne("") & table["reason"].notna()]
            told |= {row.supplier: str(worded(row.reason, language)) for row in reasons.itertuples()}
    return told


def _suppliers(before: pd.DataFrame, now: pd.DataFrame, told: Mapping[str, str], language: Language) -> Iterator[str]:
    """How the grades are spread, and a line for each supplier whose grade or rank is another, with the cause that was `told`."""
    yield say("compare.grades", language, before=grades_counted(before["grade"]), now=grades_counted(now["grade"]))
    both = before.merge(now, on="supplier", how="outer", suffixes=("_before", ""))
    moved = both[(both["grade_before"] != both["grade"]) | (both["rank_before"] != both["rank"])]
    moved = moved.assign(regraded=moved["grade_before"] != moved["grade"])
    moved = moved.sort_values(["regraded", "rank", "supplier"], ascending=[False, True, True])
    for row in moved.head(MOST_SUPPLIERS).itertuples():
        old, new = _standing(row.grade_before, row.rank_before, language), _standing(row.grade, row.rank, language)
        yield f"  {row.supplier}: {old} -> {new}" + (f"; {told[row.supplier]}" if row.supplier in told else "")
    if len(moved) > MOST_SUPPLIERS:
        yield f"  {say('cli.check_more', language, count=len(moved) - MOST_SUPPLIERS)}"


def _standing(grade: Any, rank: Any, language: Language) -> str:
    return "-" if pd.isna(grade) else say("compare.standing", language, grade=grade, rank=int(rank))


def _table_line(name: str, first: Side, second: Side, language: Language) -> str:
    old, new = first.table(name), second.table(name)
    if old is None or new is None:
        absent = "compare.table_overwritten" if f"processed/{name}.parquet" in first.facts.get("outputs", {}) else "compare.table_new"  # fmt: skip
        return say(absent if old is None else "compare.table_gone", language, table=name)
    apart = apart_by_key(old, new)
    counts = {"gone": f"{len(apart.gone):,}", "came": f"{len(apart.new):,}", "changed": f"{apart.changed:,}"}
    told = say("compare.table_by_key" if apart.named else "compare.table", language, table=name, **counts)
    lost = (
        [say("compare.rows_gone", language, names=listed(apart.gone, language))] if apart.named and apart.gone else []
    )
    return JOINERS["notes"][language][0].join([told, *lost])
