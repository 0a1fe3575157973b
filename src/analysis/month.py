"""One month of one source: what was known at its end, the rules in force, and where its tables and reports go.

While `analysis review` runs, everything is written to a staging folder and moved into place when it is whole; a notebook
run by hand writes straight to its place. Either way the notebook asks `store` and does not know.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from analysis.errors import AnalysisError
from analysis.months import MONTH_TEXT, later
from analysis.paths import CONFIG, DATA, PROCESSED, REPORTS, anchored
from analysis.rules import Rules, rules_in_force
from analysis.sources.as_of import END_OF_TIME
from analysis.store import MonthStore
from analysis.wording import near_names

if TYPE_CHECKING:
    from analysis.sources.load import Snapshot, Source

STAGING = "TRIAL_REVIEW_STAGING"
"""Environment variable of a review under way: JSON `{"source", "month", "processed", "reports"}`, the staging folders."""

SEED = 20261031
"""Of the posterior draws, as in the notebooks."""
HAPPENED = (
    "ordered_on",
    "paid_on",
    "shipped_on",
    "received_on",
    "inspected_on",
    "opened_on",
    "settled_on",
    "known_on",
    "counted_on",
)
"""Dates of things that happened; promises and validity lie in the future by nature."""
BEFORE_ORDERS = {"candidates": "listed_on", "quotes": "quoted_on", "inquiries": "asked_at", "answers": "answered_on"}
"""The day of each thing that is known before the first order: where there is no order, the month is told by these."""


class MonthError(AnalysisError):
    """The month or the source asked for cannot be reviewed, whatever the notebooks do."""


@dataclass(frozen=True)
class ReviewMonth:
    """The review of `source` as of the last day of `month` ("2026-10").

    `data_dir`, `processed_dir` and `output_dir` are the folders above `<source>`; all three are absolute.
    """

    source: str
    month: str
    data_dir: Path
    processed_dir: Path
    output_dir: Path

    @property
    def as_of(self) -> pd.Timestamp:
        """The month's last day; what happened on that day is known."""
        return pd.Period(self.month, "M").end_time.normalize().as_unit("us")

    @property
    def source_folder(self) -> Path:
        """The source's files."""
        return self.data_dir / self.source

    @property
    def processed_folder(self) -> Path:
        """Where the month's tables are: staged while its review runs, else in their place."""
        return self._staged("processed") or self._published

    @property
    def _published(self) -> Path:
        return self.processed_dir / self.source / self.month

    @property
    def store(self) -> MonthStore:
        """The month's tables and draws."""
        return MonthStore(self.month, self.processed_folder, self._published)

    @property
    def report_folder(self) -> Path:
        """Where the PDFs and the workbook of this month go."""
        return self._staged("reports") or self.output_dir / self.source / self.month

    @cached_property
    def rules(self) -> Rules:
        """The decision rules in force in this month."""
        return rules_in_force(self.source, self.month)

    @property
    def weights_file(self) -> Path:
        """The source's ledger of decisions on the weights."""
        return CONFIG / "weights" / f"{self.source}.jsonl"

    @property
    def currency(self) -> str:
        """The currency of the source's money."""
        from analysis.sources.source_map import read_source_map

        return read_source_map(self.source_folder).info.currency

    def load(self) -> Snapshot:
        """Everything known at the month's end; `MonthError` for a month without data or not yet over."""
        known = self.known()
        newest = newest_day(known.tables)
        try:
            self._check(known, newest)
        except MonthError:  # what was known by then does not settle it; later files may
            everything = self._source().known(END_OF_TIME)
            latest = newest_day(everything.tables)
            settled = may_be_settled_later(self.month, newest, self.today)
            self._check(everything, latest if settled else newest)
        return known

    def known(self, entered_by: pd.Timestamp | None = None) -> Snapshot:
        """As `load`, unchecked: before the first order the tables are empty. `entered_by` as in `Source.known`."""
        return self._source().known(self.as_of, entered_by)

    @property
    def today(self) -> pd.Timestamp:
        """The day that it is where the source is."""
        return today_of(self.source_folder)

    def _source(self) -> Source:
        from analysis.sources.load import load_source

        return load_source(check_source(self.source, self.data_dir))

    def previous(self) -> ReviewMonth:
        """The month before; its tables are there if that month was reviewed."""
        return replace(self, month=later(self.month, -1))

    def _check(self, known: Snapshot, newest: pd.Timestamp | None) -> None:
        check_month(self.month, self.source, first_day(known.tables), newest, self.today)

    @property
    def in_review(self) -> bool:
        """Whether a review of this month is under way, so that its folders are staging folders."""
        return self._staged("reports") is not None

    def _staged(self, kind: str) -> Path | None:
        staging = json.loads(os.environ.get(STAGING, "{}"))
        mine = (staging.get("source"), staging.get("month")) == (self.source, self.month)
        return Path(staging[kind]) if mine else None


def open_month(
    source: str,
    month: str,
    data_dir: str | Path | None = None,
    processed_dir: str | Path | None = None,
    output_dir: str | Path | None = None,
) -> ReviewMonth:
    """The month `month` ("2026-10") of `source`; relative folders are taken from the project's top folder.

    None is the project's own: `data/raw`, `data/processed`, `reports`.
    """
    return ReviewMonth(
        check_source_name(source),
        check_month_text(month),
        anchored(data_dir or DATA),
        anchored(processed_dir or PROCESSED),
        anchored(output_dir or REPORTS),
    )


def check_month_text(month: str) -> str:
    """`month` itself if it reads like 2026-10."""
    if not MONTH_TEXT.fullmatch(month):
        raise MonthError("run.not_a_month", month=month)
    return month


def check_source_name(source: str) -> str:
    """`source` itself if it is a folder's plain name: nothing outside data/raw can be meant by it."""
    if not source or source.startswith(".") or Path(source).name != source or "\\" in source:
        raise MonthError("run.not_a_source_name", source=source)
    return source


def check_source(source: str, data_dir: Path | None = None) -> Path:
    """The folder of `source`; `MonthError` with the names that come near when there is none."""
    data_dir = data_dir or DATA
    if not data_dir.is_dir():
        raise MonthError("run.no_data_dir", folder=data_dir)
    folder = data_dir / source
    if not folder.is_dir():
        known = sorted(path.name for path in data_dir.iterdir() if path.is_dir() and not path.name.startswith("."))
        raise MonthError("run.unknown_source", source=source, folder=data_dir, near=near_names(source, known))
    return folder


def now() -> pd.Timestamp:
    """The moment, in universal time."""
    return pd.Timestamp.now("UTC")


def day_in(time_zone: str) -> pd.Timestamp:
    """The day that it is in `time_zone`."""
    return now().tz_convert(time_zone).tz_localize(None).normalize().as_unit("us")


def today_of(source_folder: Path) -> pd.Timestamp:
    """The day that it is in the time zone of a source (`time_zone` of its source.toml), whatever the machine's clock shows."""
    from analysis.sources.source_map import read_source_map

    return day_in(read_source_map(source_folder).info.time_zone)


def last_month_over(source: str, data_dir: Path | None = None) -> str:
    """The last month that is over in the source's time zone."""
    return later(f"{today_of(check_source(source, data_dir)):%Y-%m}", -1)


def newest_day(tables: Mapping[str, pd.DataFrame]) -> pd.Timestamp | None:
    """The last day on which anything is recorded to have happened, or on which a file was taken from its system; without an
    order, the last on which a candidate was found, asked, or answered."""
    days = [table[column].max() for table in tables.values() for column in HAPPENED if column in table]
    sold = tables.get("demand", pd.DataFrame())
    days += [sold["month"].max()] if "month" in sold else []  # the first day of it: it may not be over
    days += [] if len(tables.get("orders", ())) else [of.max() for of in _before_orders(tables)]
    return max((day for day in days if pd.notna(day)), default=None)


def first_day(tables: Mapping[str, pd.DataFrame]) -> pd.Timestamp | None:
    """The day of the first order; where there is none, of the first thing known before it."""
    if len(tables["orders"]):
        return tables["orders"]["ordered_on"].min()
    return min((of.min() for of in _before_orders(tables) if len(of)), default=None)


def _before_orders(tables: Mapping[str, pd.DataFrame]) -> list[pd.Series]:
    """The days of what is known before the first order, table by table."""
    named = [(tables[name], column) for name, column in BEFORE_ORDERS.items() if name in tables]
    return [table[column].dropna().dt.floor("D") for table, column in named if column in table]


def may_be_settled_later(month: str, newest: pd.Timestamp | None, today: pd.Timestamp) -> bool:
    """Whether events after `month` show that it was over: not for a month to come, where a date of 2099 is a slip of the
    pen. `newest` is the day of the newest event by the month's end, None when there is none."""
    period = pd.Period(month, "M")
    return newest is None or newest >= period.start_time or period.end_time.normalize() <= today


def check_month(
    month: str,
    source: str,
    first: pd.Timestamp | None,
    newest: pd.Timestamp | None,
    today: pd.Timestamp,
) -> None:
    """Refuse a month that the data do not reach; `first` is the day of the first order, `newest` of the newest event.

    Where the data reach the month's last day the clock is not asked, so that a past month recomputes on any machine; the
    clock only tells a month that is still running from a quiet one that is over.
    """
    period = pd.Period(month, "M")
    last_day = period.end_time.normalize()
    if first is None or pd.isna(first) or newest is None:
        raise MonthError("run.no_orders", month=month, source=source)
    if newest < last_day and last_day > today:
        raise MonthError("run.future_month", month=month, last_day=f"{last_day:%Y-%m-%d}", newest=f"{newest:%Y-%m-%d}")
    if newest < period.start_time:
        raise MonthError("run.month_after_data", month=month, source=source, newest=f"{newest:%Y-%m-%d}")
    if first > last_day:
        raise MonthError("run.month_before_data", month=month, source=source, first=f"{first:%Y-%m-%d}")
