"""All that was read of a source, whatever day it is of; what of it was known on a day is `known`'s to say."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from analysis.sources.future_days import event_columns, last_possible_day
from analysis.sources.line_identity import listed_lines
from analysis.sources.parts import FileTable, no_entry_days
from analysis.sources.table_types import RawTable


@dataclass(frozen=True)
class SourceRows:
    """All that was read of a source. `refused`: rows that a reader or map refused, with the column `day`; `arrivals`: see
    `receipts`; `complete` is False when single files are looked at, whose orders may stand in others; `listed`: see
    `line_identity`."""

    parts: list[FileTable]
    arrivals: pd.DataFrame
    refused: pd.DataFrame
    remarks: pd.DataFrame
    complete: bool = True
    entered: pd.Series = field(default_factory=no_entry_days)
    """The day of entry of the rows that state one, index (file, sheet, row)."""
    listed: pd.DataFrame = field(default_factory=lambda: listed_lines([]))
    coming: pd.MultiIndex = field(default_factory=lambda: no_entry_days().index)
    """Rows (file, sheet, row) that say of a parcel that it has not come."""
    refused_orders: frozenset[str] = frozenset()
    """Orders of which a row was refused: what else is told of them may have no line."""

    @cached_property
    def packs(self) -> list[RawTable]:
        """The sheets of packs of templates, the oldest first."""
        found = [part.raw for part in self.parts if part.raw.filled_since is not None]
        return sorted(found, key=lambda raw: (raw.filled_since, raw.file))

    @cached_property
    def event_days(self) -> pd.Series:
        """Every day on which something is said to have happened."""
        tables = [(part.raw.table, part.conformed.table) for part in self.parts]
        days = [rows[name].astype("datetime64[us]") for table, rows in tables for name in event_columns(table)]
        return pd.concat([*days, self.arrivals["received_on"]], ignore_index=True)

    def last_day(self, taken_on: pd.Timestamp | None = None) -> pd.Timestamp:
        """The last day on which what a file tells can have happened; `taken_on` the day in its name, if it has one."""
        return last_possible_day(self.event_days, taken_on)
