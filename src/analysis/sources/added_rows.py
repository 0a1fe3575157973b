"""Rows of one sheet about one thing by their key: shops, warehouses, colours, cartons, reasons and pieces are parts of it.

A sheet that lists parts has a column for them, which is mostly none of ours. So rows that differ in a column that nobody reads are
rows of their own: where the key allows one row they are added up within their sheet, before files are held against each other, and
a remark says so. Of inspections the count may be the lot's in each row (a row a reason) or that of a part (a row a carton, a row a
piece): the header, the counts and the pieces of the line tell which. What no reading explains stays as it is, to be refused as a
contradiction. Rows alike in every column are one row told twice, unless they are single pieces or together make up the line.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.reasons import either
from analysis.sources.cell_words import CHECKLIST, SEVERITIES
from analysis.sources.quarantine import all_notes, no_notes, note, notes, quoted, rows_named
from analysis.sources.repeated_rows import told_twice
from analysis.sources.tables import TABLES

ADDED = {
    "demand": ("units",),
    "stock_counts": ("on_hand",),
    "returns": ("returned", "reworked", "complained", "cost", "refund"),
    "receipts": ("received_quantity",),
    "inspections": ("inspected", "defective", *SEVERITIES, *CHECKLIST),
}
"""By table what is added up."""
_MAY_DIFFER = ("known_on", "entered", "selling_price")
"""Columns beside the key and what is added up in which parts may differ; the price is the mean of the pieces sold."""
REASON = re.compile(r"不良|缺陷|瑕疵|原因|问题|现象|疵点|defect|reason|cause|fault|issue|problem", re.IGNORECASE)
"""Headers of what was wrong: rows that differ there tell of one lot."""
_WHO = re.compile(r"员|人|inspector|person|name|operator|\bqc\b", re.IGNORECASE)
"""Headers of who looked: what two found in one lot may be the same pieces."""

Places = list[int]


@dataclass(frozen=True)
class AddedUp:
    """`table`: the rows, those added up in the first of them, with `apart` where rows of one key that were not added up differ in
    what nobody reads; `merged`: labels of the rows that another one holds."""

    table: pd.DataFrame
    merged: pd.Index
    remarks: pd.DataFrame


@dataclass(frozen=True)
class _Sum:
    """Rows (places) that are parts of one thing, and what they come to."""

    code: str
    places: Places
    values: NDArray[np.float64]
    columns: tuple[str, ...]


def add_up(
    name: str, rows: pd.DataFrame, unread: Mapping[tuple[str, str], pd.DataFrame], pieces: pd.Series | None = None
) -> AddedUp:
    """`rows` of table `name` (index file, sheet, row) with those that are parts of one thing added up.

    Parameters
    ----------
    unread
        By (file, sheet) what tells its rows apart beside what is read (`RawTable.unread`).
    pieces
        Of inspections the pieces of the line of each row, NaN where nobody knows.
    """
    key = [*TABLES[name].key_of(rows)]
    some = rows.reset_index(["file", "sheet"])
    if name == "inspections":  # a blank says that the house inspected; measurements are rows of their own
        some = some[(some["value"].isna() & some["inspected"].notna()).to_numpy()]
    thing = some.groupby(["file", "sheet", *key], dropna=False, sort=False).ngroup()
    several = np.flatnonzero(thing.duplicated(keep=False))
    if not len(several):
        return AddedUp(rows, rows.index[:0], no_notes())
    group = _Rows(name, rows.loc[_labels(some.iloc[several])], unread, key)
    places = defaultdict(list)
    for place, of in enumerate(thing.to_numpy()[several]):
        places[of].append(place)
    known = np.full(len(several), np.nan) if pieces is None else pieces[group.rows.index].to_numpy(float)
    sums = [found for each in places.values() if (found := group.summed(each, known[each[0]])) is not None]
    return group.written(rows, sums)


def _labels(rows: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_arrays([rows["file"], rows["sheet"], rows.index], names=["file", "sheet", "row"])


class _Rows:
    """Rows of which several of a sheet have one key, and what becomes of those that are no parts."""

    def __init__(
        self, name: str, rows: pd.DataFrame, unread: Mapping[tuple[str, str], pd.DataFrame], key: Sequence[str]
    ) -> None:
        self.name, self.rows, self.added = name, rows, ADDED[name]
        others = [column for column in rows if column not in (*key, *self.added, *_MAY_DIFFER)]
        price = [column for column in ("selling_price",) if column in rows]
        self.values = rows[[*self.added]].astype(float).to_numpy()
        self.content = _codes(rows[[*self.added, *others, *price]])
        self.others = _codes(rows[others])
        self.entered = rows["entered"].to_numpy("datetime64[us]")
        self.differs, self.apart = _unread_of(rows, unread)
        self.corrected: Places = []
        self.twice: Places = []
        self.left: Places = []
        """Rows that are no parts and differ in what nobody reads, so that they contradict the others of their key."""

    def summed(self, places: Places, pieces: float) -> _Sum | None:
        """What the rows of one key come to; None where they are not parts of anything."""
        columns = tuple(name for name, codes in self.differs.items() if len(set(codes[places])) > 1)
        newest = self._newest(places) if columns else places
        if len(set(self.others[newest])) > 1:
            self.left += newest if columns else []
            return None
        if self.name == "inspections":
            return self._inspected(newest, pieces, columns)
        if not columns:
            return None
        parts = self._once(newest)
        return _Sum("rows_added_up", parts, _total(self.values[parts]), columns)

    def _newest(self, places: Places) -> Places:
        """Of each part the rows entered last: those before were corrected."""
        last: dict[int, np.datetime64] = {}
        days = np.where(np.isnat(self.entered), np.datetime64(0, "us"), self.entered)
        for place in places:
            last[self.apart[place]] = max(days[place], last.get(self.apart[place], days[place]))
        self.corrected += [place for place in places if days[place] < last[self.apart[place]]]
        return [place for place in places if days[place] == last[self.apart[place]]]

    def _once(self, places: Places) -> Places:
        """The first row of each part; further ones are the same row again, or contradict it."""
        first: dict[int, int] = {}
        for place in places:
            part = first.setdefault(self.apart[place], place)
            if part != place:
                (self.twice if self.content[part] == self.content[place] else self.left).append(place)
        return list(first.values())

    def _inspected(self, places: Places, pieces: float, columns: tuple[str, ...]) -> _Sum | None:
        inspected, defective = self.values[:, 0], self.values[:, 1]
        if (inspected[places] == 1).all() and len(set(self.entered[places].tolist())) == 1:
            half = len(places) // 2
            twice = (
                len(places) > pieces and (self.content[places[:half]] == self.content[places[half : 2 * half]]).all()
            )
            return _Sum("pieces_added_up", places, _total(self.values[places[:half] if twice else places]), columns)
        if not columns:
            whole = inspected[places].sum() == pieces and len(set(self.entered[places].tolist())) == 1
            return _Sum("lot_in_parts", places, _total(self.values[places]), ()) if whole else None
        firsts = dict(zip(reversed(self.apart[places]), reversed(places)))
        parts = sorted(firsts.values())
        total, reason = _total(self.values[parts]), any(map(REASON.search, columns))
        alike, too_many = len(set(inspected[parts])) == 1, inspected[parts].sum() > pieces
        one_lot = alike and (reason or (too_many and not any(map(_WHO.search, columns))))
        if one_lot and defective[parts].sum() <= inspected[parts[0]]:
            total[0] = inspected[parts[0]]
        elif one_lot or too_many:
            self.left += places
            return None
        self._once(places)
        return _Sum("reasons_added_up" if one_lot else "lots_added_up", parts, total, columns)

    def written(self, rows: pd.DataFrame, sums: list[_Sum]) -> AddedUp:
        """`rows` with the sums in the first row of each, and the remarks on them."""
        index = self.rows.index
        first = index[[found.places[0] for found in sums]]
        gone = index[[*self.corrected, *self.twice, *(place for found in sums for place in found.places[1:])]]
        out = rows.drop(index=gone)
        for at, column in enumerate(self.added):
            out.loc[first, column] = pd.array([found.values[at] for found in sums], "Float64").astype(out[column].dtype)
        if "selling_price" in out:
            out.loc[first, "selling_price"] = [self._price(found.places) for found in sums]
        for column in ("entered", "known_on"):
            out.loc[first, column] = [self.rows[column].iloc[found.places].max() for found in sums]
        if self.left:
            out = out.assign(apart=pd.Series(self.apart[self.left], index[self.left]).reindex(out.index))
        told = [notes(self._told(sums)), told_twice(self.name, index[self.twice])]
        return AddedUp(out, gone, all_notes(told))

    def _price(self, places: Places) -> float:
        prices, units = (
            self.rows[name].iloc[places].to_numpy(float, na_value=np.nan) for name in ("selling_price", "units")
        )
        some = ~np.isnan(prices)
        if not some.any():
            return np.nan
        return float(np.average(prices[some], weights=units[some] if units[some].sum() > 0 else None))

    def _told(self, sums: list[_Sum]) -> list[dict[str, object]]:
        """A remark on each sheet and kind of sum."""
        told: dict[tuple[str, str, str], list[_Sum]] = defaultdict(list)
        for found in sums:
            file, sheet, _ = self.rows.index[found.places[0]]
            told[file, sheet, found.code].append(found)
        return [
            note(self.name, file, sheet, self._numbers(of[0])[0], self.added[0], code, **self._values(of))
            for (file, sheet, code), of in told.items()
        ]

    def _values(self, sums: list[_Sum]) -> dict[str, object]:
        first = sums[0]
        names = dict.fromkeys(quoted(name) for found in sums for name in found.columns)
        counts = dict(zip(self.added, first.values))
        total: object = " / ".join(f"{value:g}" for value in first.values if not np.isnan(value))
        if self.name == "inspections":
            good = f"{counts['inspected']:g}", f"{counts['defective']:g}"
            total = either(f"{good[1]} of {good[0]}", f"{good[0]} 件中 {good[1]} 件不良")
        return {
            "count": len(sums), "total": total, "columns": ", ".join(names), "rows": rows_named(self._numbers(first)),
        }  # fmt: skip

    def _numbers(self, found: _Sum) -> list[int]:
        return [self.rows.index[place][2] for place in found.places]


def _unread_of(
    rows: pd.DataFrame, unread: Mapping[tuple[str, str], pd.DataFrame]
) -> tuple[dict[str, NDArray[np.intp]], NDArray[np.intp]]:
    """By header what tells rows apart in a column that nobody reads, and in all of them together."""
    found: dict[str, NDArray[np.intp]] = {}
    where = rows.index.to_frame(index=False)
    for (file, sheet), part in where.groupby(["file", "sheet"], sort=False):
        for header, codes in unread.get((file, sheet), pd.DataFrame()).items():
            column = found.setdefault(str(header), np.full(len(rows), -1))
            column[part.index] = codes.reindex(part["row"]).to_numpy()
    return found, _codes(pd.DataFrame(found, index=rows.index))


def _codes(rows: pd.DataFrame) -> NDArray[np.intp]:
    """(rows,) equal numbers for rows that are equal in every column."""
    if not len(rows.columns):
        return np.zeros(len(rows), np.intp)
    return rows.groupby([*rows], dropna=False, sort=False).ngroup().to_numpy()


def _total(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sums by column; NaN where nothing is told."""
    return np.where(np.isnan(values).all(axis=0), np.nan, np.nansum(values, axis=0))
