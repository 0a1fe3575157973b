"""One table of one file, typed; and what its rows in quarantine would have been on an earlier day."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from analysis.sources.accounting import LABEL, no_labels
from analysis.sources.as_of import HAPPENS_LATER, ROW_DAY, row_days
from analysis.sources.column_cells import read_column
from analysis.sources.conform import Conformed, conform
from analysis.sources.quarantine import all_notes
from analysis.sources.table_types import KNOWN_ON, RawTable
from analysis.sources.tables import TABLES


@dataclass(frozen=True)
class FileTable:
    """One table of one file, read and typed with nothing hidden; `held` are its rows in quarantine.

    What makes such a row unusable may lie after the day of the review (an arrival before the dispatch, both in the future),
    so these rows are typed anew for each day.
    """

    raw: RawTable
    conformed: Conformed
    held: RawTable
    held_days: pd.Series
    """The day from which each held row is told of (label -> day, NaT when it tells none): not before its file was taken."""
    held_dates: pd.DataFrame
    """The dates of what happens later, as far as the held rows have readable ones; index the row numbers."""
    missing: frozenset[str] = frozenset()
    date_formats: tuple[str, ...] = ()
    ledger: bool = False

    def as_of(self, as_of: pd.Timestamp) -> Conformed:
        """The rows as they would have been typed on that day; no whole row is hidden yet."""
        hidden = self.held_dates > as_of
        if not hidden.to_numpy().any():
            return self.conformed
        frame = self.held.frame.assign(**{name: self.held.frame[name].mask(hidden[name], "") for name in hidden})
        again = conform(replace(self.held, frame=frame), self.missing, self.date_formats)
        table = pd.concat([self.conformed.table, again.table]) if len(again.table) else self.conformed.table
        remarks = all_notes([self.conformed.remarks, again.remarks])
        return Conformed(table, again.quarantine, remarks, self.conformed.rows_in)


def make_part(raw: RawTable, missing: frozenset[str] = frozenset(), date_formats: tuple[str, ...] = (), ledger: bool = False) -> FileTable:  # fmt: skip
    """Types `raw`; `ledger` marks orders that complete another system's."""
    conformed = conform(raw, missing, date_formats)
    held = replace(raw, frame=raw.frame[raw.frame.index.isin(conformed.quarantine["row"])])
    days = days_of_raw(held, missing, date_formats)
    days = days if raw.known_on is None else days.clip(lower=raw.known_on)
    names = [name for name in HAPPENS_LATER.get(raw.table, ()) if name in held.frame]
    dates = {name: _dates(raw.table, held.frame, name, missing, date_formats) for name in names}
    return FileTable(
        raw, conformed, held, days, pd.DataFrame(dates, index=held.frame.index), missing, date_formats, ledger
    )


def entry_days(raw: RawTable, missing: frozenset[str] = frozenset(), date_formats: tuple[str, ...] = ()) -> pd.Series:
    """The day on which each raw row was entered, where it says so; index (file, sheet, row)."""
    if KNOWN_ON.name not in raw.frame:
        return no_entry_days()
    days = _dates(raw.table, raw.frame, KNOWN_ON.name, missing, date_formats).dt.floor("D").dropna()
    return days.set_axis(pd.MultiIndex.from_arrays([[raw.file] * len(days), [raw.sheet] * len(days), days.index], names=LABEL))  # fmt: skip


def no_entry_days() -> pd.Series:
    """No day of entry for any row."""
    return pd.Series(dtype="datetime64[us]", index=no_labels())


def days_of_raw(raw: RawTable, missing: frozenset[str], date_formats: tuple[str, ...]) -> pd.Series:
    """The day of each raw row: its own, else the first thing that happened to it, else the day of its file."""
    table, frame = raw.table, raw.frame
    own = ROW_DAY.get(table, "")
    days = pd.Series(pd.NaT, index=frame.index, dtype="datetime64[us]")
    if own in frame and len(frame):
        days = row_days(table, pd.DataFrame({own: _dates(table, frame, own, missing, date_formats)}))
    for name in HAPPENS_LATER.get(table, ()):
        if name in frame:
            days = days.fillna(_dates(table, frame, name, missing, date_formats).dt.floor("D"))
    if raw.known_on is not None:
        days = days.fillna(raw.known_on)
    index = pd.MultiIndex.from_arrays([[raw.file] * len(days), [raw.sheet] * len(days), days.index], names=LABEL)
    return days.set_axis(index)


def _dates(
    table: str, frame: pd.DataFrame, name: str, missing: frozenset[str], date_formats: tuple[str, ...]
) -> pd.Series:
    return read_column(TABLES[table].column(name), frame[name], missing, date_formats).values
