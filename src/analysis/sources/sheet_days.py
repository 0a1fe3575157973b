"""The day up to which a sheet tells, by its own name or its file's: of two sheets about one thing the later one counts, and an older
copy (备份, old) never."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.sources.as_of import ROW_DAY
from analysis.sources.export_1688 import day_in_name
from analysis.sources.table_types import RawTable
from analysis.sources.tables import TABLES

_DAY = re.compile(r"(?<!\d)(\d{1,2})\s*(?:月|[-./])\s*(\d{1,2})\s*[日号]?(?![\d月])|(?<!\d)(\d\d)(\d\d)(?!\d)")
_OLDER = re.compile(
    r"备份|副本|旧(?!款|货|品)|(?<![a-z])(?:backup|bak|old|copy|archived?|previous|superseded)(?![a-z])", re.IGNORECASE
)
"""What a sheet or file is called that somebody keeps beside the one that counts."""
_MONTH = re.compile(r"(?<!\d)(\d{1,2})\s*月")


def day_told(raw: RawTable, rows: pd.DataFrame) -> pd.Timestamp | None:
    """The day that the sheet's name tells, in the year that is nearest to its newest row where it tells none; else the file's."""
    if (whole := day_in_name(raw.sheet)) is not None:
        return whole
    newest = rows[ROW_DAY[raw.table]].max() if ROW_DAY.get(raw.table) in rows else pd.NaT
    found = None if pd.isna(newest) else _nearest(raw.sheet, newest)
    return day_in_name(raw.file) if found is None else found.as_unit("us")


def _nearest(name: str, newest: pd.Timestamp) -> pd.Timestamp | None:
    """The day without a year that a sheet's name tells, as near to `newest` as can be.

    >>> [f"{_nearest(name, pd.Timestamp('2026-01-05')):%y-%m-%d}" for name in ("0831", "最新(1月10日)", "12月", "12.31")]
    ['25-08-31', '26-01-10', '25-12-31', '25-12-31']
    >>> [_nearest(name, pd.Timestamp("2026-01-05")) for name in ("Sheet1", "1688", "2箱", "13月")]
    [None, None, None, None]
    """
    day, month = _DAY.search(name), _MONTH.search(name)
    if day is None and month is None:
        return None
    parts = [text for text in day.groups() if text] if day else [str(month and month[1]), "1"]
    told = ["-".join([str(newest.year + more), *parts]) for more in (-1, 0, 1)]
    days = pd.Series(pd.to_datetime(told, format="%Y-%m-%d", errors="coerce")).dropna()
    days = days if day else days + pd.offsets.MonthEnd(0)
    return None if days.empty else days.loc[(days - newest).abs().idxmin()]


def told_again_by_copies(name: str, rows: pd.DataFrame) -> NDArray[np.bool_]:
    """(rows,) whether a list that calls itself an older copy tells what another list tells, too: of the same order, or of the same key.

    Where all of these lists tell a day by their names (`version`), or rows the day of their entry, the days decide.
    """
    places = rows.index.to_frame(index=False)
    older = (places["file"] + "/" + places["sheet"]).str.contains(_OLDER).to_numpy(bool) & rows[
        "known_on"
    ].isna().to_numpy()
    if older.all() or not older.any() or rows["version"].notna().all():
        return np.zeros(len(rows), bool)
    key = ["order_id"] if "order_id" in rows else TABLES[name].key_of(rows)
    thing = rows.groupby(key, dropna=False, sort=False).ngroup().to_numpy()
    return older & np.isin(thing, thing[~older])
