"""The tables and posterior draws of one month of one source: parquet files, the same table in the same bytes.

While `analysis review` runs, `folder` is a staging folder that is moved into place when it is whole; for a notebook run by
hand it is the place itself.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

import analysis.texts_of_tables  # noqa: F401  # before the first table
from analysis.errors import AnalysisError
from analysis.estimates.draws import Draws
from analysis.months import MONTH_TEXT

KEPT = "forecasts_"
"""How the names of forecasts begin."""


@dataclass(frozen=True)
class MonthStore:
    """What was written for `month`: now in `folder`, and as published in `published`, whose parent holds all months."""

    month: str
    folder: Path
    published: Path

    def has(self, name: str) -> bool:
        """True if the table or draws `name` were written for this month."""
        return self._file(name).exists()

    def read(self, name: str) -> pd.DataFrame:
        """The table `name` of this month; `AnalysisError` when no notebook has written it."""
        return _read(self._existing(name))

    def write(self, name: str, table: pd.DataFrame) -> None:
        """Store `table` as `<name>.parquet`, without its index; the same table gives the same bytes."""
        _write(pa.Table.from_pandas(table.reset_index(drop=True), preserve_index=False), self._file(name))

    def read_draws(self, name: str) -> Draws:
        """The posterior draws stored under `name`."""
        stored = pq.read_table(self._existing(_draws(name)))
        column = stored["draws"].combine_chunks()
        values = column.flatten().to_numpy().reshape(len(stored), column.type.list_size)
        return Draws(pd.Index(stored["supplier"].to_pylist(), name="supplier", dtype="str"), values)

    def all_draws(self) -> dict[str, Draws]:
        """Every set of draws written for this month, by name."""
        names = (path.stem.removesuffix(_draws("")) for path in sorted(self.folder.glob(f"*{_draws('')}.parquet")))
        return {name: self.read_draws(name) for name in names}

    def read_all(self) -> dict[str, pd.DataFrame]:
        """Every table written for this month, by name; draws are none, nor is what is kept for later months."""
        names = (path.stem for path in sorted(self.folder.glob("*.parquet")))
        return {name: self.read(name) for name in names if not name.endswith(_draws("")) and not name.startswith(KEPT)}

    def write_draws(self, name: str, draws: Draws) -> None:
        """Store `draws` as `<name>_draws.parquet`: a supplier and a fixed-size list of draws a row, nothing rounded."""
        width = draws.values.shape[1]
        flat = pa.array(np.ascontiguousarray(draws.values).reshape(-1))
        lists = pa.FixedSizeListArray.from_arrays(flat, width)
        suppliers = pa.array([str(supplier) for supplier in draws.suppliers], pa.string())
        _write(pa.table({"supplier": suppliers, "draws": lists}), self._file(_draws(name)))

    def keep(self, name: str, table: pd.DataFrame) -> None:
        """Keep a forecast of the review under way; a notebook run by hand keeps none, or a trial run would be scored for ever."""
        if self.folder != self.published:
            self.keep_first(name, table)

    def keep_first(self, name: str, table: pd.DataFrame) -> None:
        """Store a forecast as `<name>.parquet`, once: a month that is reviewed again keeps its first forecast."""
        first = self.published / f"{name}.parquet"
        if not first.exists():
            self.write(name, table)
        elif first != self._file(name):
            self._file(name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(first, self._file(name))

    def kept(self, name: str) -> pd.DataFrame:
        """What all earlier months kept under `name`, one above the other; no rows and no columns when none did."""
        files = sorted(
            path for path in self.published.parent.glob(f"*/{name}.parquet") if path.parent.name < self.month
        )
        tables = [_read_kept(path) for path in files if MONTH_TEXT.fullmatch(path.parent.name)]
        filled = [table for table in tables if len(table)]
        return pd.concat(filled, ignore_index=True) if filled else next(iter(tables), pd.DataFrame())

    def kept_ranks(self) -> pd.Series | None:
        """The ranks that this month's review published first, index supplier; None when it was never made."""
        return self._kept_rating("rank")

    def kept_grades(self) -> pd.Series | None:
        """The grades that this month's review published first, index supplier; None when it was never made."""
        return self._kept_rating("grade")

    def _kept_rating(self, column: str) -> pd.Series | None:
        path = self.published / "forecasts_ratings.parquet"
        return _read_kept(path).set_index("supplier")[column] if path.exists() else None

    def last_reviewed(self) -> str | None:
        """The newest month of the source whose ratings are kept; None when none was reviewed yet."""
        found = [path.parent.name for path in self.published.parent.glob("*/forecasts_ratings.parquet")]
        return max((month for month in found if MONTH_TEXT.fullmatch(month)), default=None)

    def kept_files(self) -> list[Path]:
        """The files that `kept` reads: part of what a review is made from."""
        found = sorted(self.published.parent.glob(f"*/{KEPT}*.parquet"))
        return [path for path in found if MONTH_TEXT.fullmatch(path.parent.name) and path.parent.name < self.month]

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.parquet"

    def _existing(self, name: str) -> Path:
        path = self._file(name)
        if not path.exists():
            raise AnalysisError("run.no_table", table=name, source=self.published.parent.name, month=self.month)
        return path


def _read_kept(path: Path) -> pd.DataFrame:
    """A forecast that a month kept; `AnalysisError` names one that was cut off or cannot be read."""
    try:
        return _read(path)
    except (OSError, pa.ArrowException, ValueError) as error:
        raise AnalysisError(
            "run.kept_unreadable", file=f"{path.parent.name}/{path.name}", folder=path.parent
        ) from error


def _read(path: Path) -> pd.DataFrame:
    """As `pandas.read_parquet`, which looks for a data set of many files first and takes twice as long."""
    with pq.ParquetFile(path) as file:
        return file.read(use_threads=False).to_pandas(use_threads=False)


def _draws(name: str) -> str:
    return f"{name}_draws"


def _write(table: pa.Table, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path, compression="zstd")
