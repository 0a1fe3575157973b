"""One month of one source as the notebooks see it: what was known, the tables in between, the rules in force.

While `analysis review` runs, everything is written to a staging folder and moved into place when it is whole; a notebook
run by hand writes straight to its place. Either way the notebook says `write` and `read` and does not know.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analysis.paths import CONFIG, DATA, anchored
from analysis.rules import MONTH_TEXT, Rules, rules_in_force
from analysis.sources.as_of import END_OF_TIME
from analysis.wording import AnalysisError

if TYPE_CHECKING:
    from analysis.estimates.draws import Draws
    from analysis.reporting.facts import ReviewFacts
    from analysis.sources.load import Known, Source

STAGING = "TRIAL_REVIEW_STAGING"
"""Environment variable of a review under way: JSON `{"source", "month", "processed", "reports"}`, the staging folders."""

HAPPENED = ("ordered_on", "paid_on", "shipped_on", "received_on", "inspected_on", "known_on")
"""Dates of things that happened; promises and validity lie in the future by nature."""


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
        return self.data_dir / self.source

    @property
    def processed_folder(self) -> Path:
        return self._staged("processed") or self._published

    @property
    def _published(self) -> Path:
        return self.processed_dir / self.source / self.month

    @property
    def report_folder(self) -> Path:
        """Where the PDFs and the workbook of this month go."""
        return self._staged("reports") or self.output_dir / self.source / self.month

    @cached_property
    def rules(self) -> Rules:
        """The decision rules in force in this month."""
        return rules_in_force(self.source, self.month)

    def rule_of(self, section: str, **asked: Any) -> dict[str, Any]:
        """The values of a section of the rules, without its date and source: the arguments of the rule's class.

        `asked` replace them for this run, such as a notebook's parameters; None leaves the rule's own.
        """
        rule = {name: value for name, value in self.rules[section].items() if name not in ("from", "source")}
        return rule | {name: value for name, value in asked.items() if value is not None}

    @property
    def weights_file(self) -> Path:
        """The source's ledger of decisions on the weights."""
        return CONFIG / "weights" / f"{self.source}.jsonl"

    @property
    def currency(self) -> str:
        """The currency of the source's money."""
        from analysis.sources.source_map import read_source_map

        return read_source_map(self.source_folder).info.currency

    def load(self) -> Known:
        """Everything known at the month's end; `MonthError` for a month without data or not yet over."""
        known = self.known()
        newest = newest_day(known.tables.values())
        try:
            self._check(known, newest)
        except MonthError:  # what was known by then does not settle it; later files may
            everything = self._source().known(END_OF_TIME)
            latest = newest_day(everything.tables.values())
            self._check(everything, latest if may_be_settled_later(self.month, newest) else newest)
        return known

    def known(self) -> Known:
        """As `load`, unchecked: before the first order the tables are empty."""
        return self._source().known(self.as_of)

    def _source(self) -> Source:
        from analysis.sources.load import load_source

        return load_source(check_source(self.source, self.data_dir))

    def previous(self) -> ReviewMonth:
        """The month before; its tables are there if that month was reviewed."""
        return replace(self, month=str(pd.Period(self.month, "M") - 1))

    def has(self, name: str) -> bool:
        """True if the table or draws `name` were written for this month."""
        return self._file(name).exists()

    def read(self, name: str) -> pd.DataFrame:
        """The table `name` of this month; `AnalysisError` when no notebook has written it."""
        return pd.read_parquet(self._existing(name))

    def write(self, name: str, table: pd.DataFrame) -> None:
        """Store `table` as `<name>.parquet`, without its index; the same table gives the same bytes."""
        _write(pa.Table.from_pandas(table.reset_index(drop=True), preserve_index=False), self._file(name))

    def read_draws(self, name: str) -> Draws:
        """The posterior draws stored under `name`."""
        from analysis.estimates.draws import Draws

        stored = pq.read_table(self._existing(_draws(name)))
        column = stored["draws"].combine_chunks()
        values = column.flatten().to_numpy().reshape(len(stored), column.type.list_size)
        return Draws(pd.Index(stored["supplier"].to_pylist(), name="supplier", dtype="str"), values)

    def read_all(self) -> dict[str, pd.DataFrame]:
        """Every table written for this month, by name; draws are none."""
        names = (
            path.stem for path in sorted(self.processed_folder.glob("*.parquet")) if not path.stem.endswith(_draws(""))
        )
        return {name: self.read(name) for name in names}

    def write_draws(self, name: str, draws: Draws) -> None:
        """Store `draws` as `<name>_draws.parquet`: a supplier and a fixed-size list of draws a row, nothing rounded."""
        width = draws.values.shape[1]
        flat = pa.array(np.ascontiguousarray(draws.values).reshape(-1))
        lists = pa.FixedSizeListArray.from_arrays(flat, width)
        suppliers = pa.array([str(supplier) for supplier in draws.suppliers], pa.string())
        _write(pa.table({"supplier": suppliers, "draws": lists}), self._file(_draws(name)))

    def keep(self, name: str, table: pd.DataFrame) -> None:
        """Store a forecast as `<name>.parquet`, once: a month that is reviewed again keeps what it foretold the first time."""
        first = self._published / f"{name}.parquet"
        if not first.exists():
            self.write(name, table)
        elif first != self._file(name):
            self._file(name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(first, self._file(name))

    def kept(self, name: str) -> pd.DataFrame:
        """What all earlier months kept under `name`, one above the other; no rows and no columns when none did."""
        files = sorted(
            path for path in self._published.parent.glob(f"*/{name}.parquet") if path.parent.name < self.month
        )
        tables = [pd.read_parquet(path) for path in files if MONTH_TEXT.fullmatch(path.parent.name)]
        filled = [table for table in tables if len(table)]
        return pd.concat(filled, ignore_index=True) if filled else next(iter(tables), pd.DataFrame())

    def kept_ranks(self) -> pd.Series | None:
        """The ranks that this month's review published first, index supplier; None when it was never made."""
        return self._kept_rating("rank")

    def kept_grades(self) -> pd.Series | None:
        """The grades that this month's review published first, index supplier; None when it was never made."""
        return self._kept_rating("grade")

    def _kept_rating(self, column: str) -> pd.Series | None:
        path = self._published / "forecasts_ratings.parquet"
        return pd.read_parquet(path).set_index("supplier")[column] if path.exists() else None

    def last_reviewed(self) -> str | None:
        """The newest month of the source whose ratings are kept; None when none was reviewed yet."""
        found = [path.parent.name for path in self._published.parent.glob("*/forecasts_ratings.parquet")]
        return max((month for month in found if MONTH_TEXT.fullmatch(month)), default=None)

    def kept_files(self) -> list[Path]:
        """The files that `kept` reads: part of what a review is made from."""
        found = sorted(self._published.parent.glob("*/forecasts_*.parquet"))
        return [path for path in found if MONTH_TEXT.fullmatch(path.parent.name) and path.parent.name < self.month]

    def provenance(self) -> dict[str, Any]:
        """What this review is made from: as recorded before the first notebook ran, or as it is now when run by hand."""
        from analysis.provenance import provenance_facts, read_provenance

        return read_provenance(self.report_folder) if self._staged("reports") else provenance_facts(self)

    def _check(self, known: Known, newest: pd.Timestamp | None) -> None:
        check_month(self.month, self.source, known.tables["orders"]["ordered_on"].min(), newest)

    def facts(self, seed: int) -> ReviewFacts:
        """What the report says besides its tables: whose data, which month, made from what."""
        from analysis.reporting.facts import ReviewFacts
        from analysis.sources.source_map import read_source_map

        info = read_source_map(self.source_folder).info
        limit = self.rules["limits"]["defect_rate"]
        return ReviewFacts(
            self.source, self.month, self.as_of, info.title, info.note, info.currency, info.simulated, limit, self.provenance(), seed
        )  # fmt: skip

    def _file(self, name: str) -> Path:
        return self.processed_folder / f"{name}.parquet"

    def _existing(self, name: str) -> Path:
        path = self._file(name)
        if not path.exists():
            raise AnalysisError("run.no_table", table=name, source=self.source, month=self.month)
        return path

    def _staged(self, kind: str) -> Path | None:
        staging = json.loads(os.environ.get(STAGING, "{}"))
        mine = (staging.get("source"), staging.get("month")) == (self.source, self.month)
        return Path(staging[kind]) if mine else None


def open_month(
    source: str,
    month: str,
    data_dir: str | Path = "data/raw",
    processed_dir: str | Path = "data/processed",
    output_dir: str | Path = "reports",
) -> ReviewMonth:
    """The month `month` ("2026-10") of `source`; relative folders are taken from the project's top folder."""
    return ReviewMonth(
        check_source_name(source),
        check_month_text(month),
        anchored(data_dir),
        anchored(processed_dir),
        anchored(output_dir),
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


def check_source(source: str, data_dir: Path = DATA) -> Path:
    """The folder of `source`; `MonthError` with the names that come near when there is none."""
    import difflib

    if not data_dir.is_dir():
        raise MonthError("run.no_data_dir", folder=data_dir)
    folder = data_dir / source
    if not folder.is_dir():
        known = sorted(path.name for path in data_dir.iterdir() if path.is_dir() and not path.name.startswith("."))
        near = difflib.get_close_matches(source, known, n=3, cutoff=0.5) or known[:10]
        raise MonthError("run.unknown_source", source=source, folder=data_dir, near=", ".join(near) or "-")
    return folder


def newest_day(tables: Iterable[pd.DataFrame]) -> pd.Timestamp | None:
    """The last day on which anything is recorded to have happened, or on which a file was taken from its system."""
    days = [table[column].max() for table in tables for column in HAPPENED if column in table]
    return max((day for day in days if pd.notna(day)), default=None)


def may_be_settled_later(month: str, newest: pd.Timestamp | None, today: pd.Timestamp | None = None) -> bool:
    """Whether events after `month` show that it was over: not for a month to come, where a date of 2099 is a slip of the
    pen. `newest` is the day of the newest event by the month's end, None when there is none."""
    today = pd.Timestamp.now().normalize() if today is None else today
    period = pd.Period(month, "M")
    return newest is None or newest >= period.start_time or period.end_time.normalize() <= today


def check_month(
    month: str,
    source: str,
    first: pd.Timestamp | None,
    newest: pd.Timestamp | None,
    today: pd.Timestamp | None = None,
) -> None:
    """Refuse a month that the data do not reach; `first` is the day of the first order, `newest` of the newest event.

    Where the data reach the month's last day the clock is not asked, so that a past month recomputes on any machine; the
    clock only tells a month that is still running from a quiet one that is over.
    """
    today = pd.Timestamp.now().normalize() if today is None else today
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


def _draws(name: str) -> str:
    return f"{name}_draws"


def _write(table: pa.Table, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path, compression="zstd")
