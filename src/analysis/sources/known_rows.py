"""The rows of one table that were known at the end of a day: which existed by then, and of several about one thing the one that counts."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pandas as pd

from analysis.sources.accounting import labels_of, no_labels, rows_where
from analysis.sources.added_rows import ADDED, add_up
from analysis.sources.as_of import hide_later, newest_versions, row_days
from analysis.sources.carried_rows import carried_on_later, laid_over, newest_pack_first
from analysis.sources.cell_words import OURS
from analysis.sources.demand_months import by_month
from analysis.sources.future_days import in_the_future
from analysis.sources.late_keys import completed, late_keys
from analysis.sources.line_by_sku import unread_with_sku
from analysis.sources.parts import FileTable
from analysis.sources.parts_apart import with_what_tells_apart
from analysis.sources.promises import first_promises
from analysis.sources.quarantine import note, notes
from analysis.sources.repeated_rows import drop_duplicates
from analysis.sources.row_fates import RowFates
from analysis.sources.sheet_days import day_told, told_again_by_copies
from analysis.sources.source_rows import SourceRows
from analysis.sources.tables import TABLES, empty


class KnownRows:
    """Asks an intake for the end of `as_of`, of what was entered by `entered_by`; what becomes of each row goes to `fates`, and the orders
    of which a row is refused are added to `refused_orders`."""

    def __init__(self, intake: SourceRows, as_of: pd.Timestamp, entered_by: pd.Timestamp, fates: RowFates):
        self.intake, self.as_of, self.entered_by, self.fates = intake, as_of, entered_by, fates
        self.refused_orders = set(intake.refused_orders)

    def of_table(self, name: str, ledger: bool = False) -> pd.DataFrame:
        """The rows of one table that existed, dates not hidden, with `known_on`; the others are accounted for."""
        parts = [part for part in self.intake.parts if part.raw.table == name and part.ledger == ledger]
        parts.sort(key=newest_pack_first)
        gathered = [self._part_rows(part) for part in parts]
        rows = pd.concat(gathered) if gathered else no_rows(name)
        rows = self._without_older(name, rows)
        later = (row_days(name, rows) > self.as_of).to_numpy(bool)
        later = later | rows.index.isin(self.fates.unentered) if len(self.fates.unentered) else later
        self.fates.account.add(name, "later", rows.index[later])
        rows = rows_where(rows, ~later)
        if name != "demand":
            return rows
        months = by_month(rows)
        months = replace(months, table=months.table.drop(columns="unread", errors="ignore"))
        self.fates.account.add(name, "merged", months.merged)
        self.fates.remarks.append(months.remarks)
        return months.table

    def _without_older(self, name: str, rows: pd.DataFrame) -> pd.DataFrame:
        """`rows` without those of older copies about what another list tells, too."""
        older = told_again_by_copies(name, rows)
        self.fates.account.add(name, "merged", rows.index[older])
        copies = rows.index[older].to_frame(index=False).drop_duplicates(["file", "sheet"])
        self.fates.remarks.append(
            notes(note(name, one.file, one.sheet, 0, "", "list_is_older") for one in copies.itertuples())
        )
        return rows_where(rows, ~older)

    def _part_rows(self, part: FileTable) -> pd.DataFrame:
        seen = part.as_of(self.as_of)
        self.fates.refuse(self._not_carried_on(part, seen.quarantine), part.held_days)
        self.fates.remarks.append(seen.remarks)
        rows = with_what_tells_apart(part.raw, seen.table)
        named = None if part.raw.known_on is not None or part.raw.filled_since is not None else day_told(part.raw, rows)
        rows = rows.assign(version=pd.Series(named, index=rows.index, dtype="datetime64[us]"))
        entered = self.intake.entered.reindex(rows.index) if len(self.intake.entered) else pd.Series(pd.NaT, rows.index)
        rows = rows.assign(entered=entered.astype("datetime64[us]"))
        future = in_the_future(part.raw.table, rows, self.intake.last_day(part.raw.known_on))
        if len(future):
            self.fates.refuse(future)
            if part.raw.table == "orders":
                self.refused_orders |= set(rows.loc[rows.index.isin(labels_of(future)), "order_id"])
            rows = rows[~rows.index.isin(labels_of(future))]
        if "known_on" not in rows:
            rows = rows.assign(known_on=pd.Series(part.raw.known_on, index=rows.index, dtype="datetime64[us]"))
        if part.ledger:
            whole = part.raw.frame["whole_order"].reindex(rows.index.get_level_values("row"))
            rows = rows.assign(whole_order=whole.to_numpy(bool))
        return rows

    def _not_carried_on(self, part: FileTable, refused: pd.DataFrame) -> pd.DataFrame:
        """`refused` without rows of a pack that a later one carries on: they are put right in the newest."""
        if refused.empty:
            return refused
        again = carried_on_later(part.raw, labels_of(refused), self.intake.packs, self.fates.unentered)
        self.fates.account.add(part.raw.table, "merged", labels_of(refused[again]))
        return refused[~again]

    def newest(self, name: str, rows: pd.DataFrame) -> pd.DataFrame:
        """Of several versions and repetitions of one thing the one that counts; dates not hidden."""
        key = TABLES[name].key_of(rows)
        if name == "orders":
            rows = first_promises(rows, key, self.as_of, self.entered_by)
        rows = laid_over(name, completed(name, rows), {raw.file for raw in self.intake.packs})
        thing = late_keys(name, rows)
        if name == "inspections":
            rows, thing = (table.assign(inspected_by=table["inspected_by"].fillna(OURS)) for table in (rows, thing))
        if not thing.duplicated().any():
            return rows.drop(columns=["version", "entered", "apart"], errors="ignore")
        told = rows.assign(**{f"key_{column}": thing[column] for column in key})
        key = [f"key_{column}" for column in key]
        corrected = newest_versions(told, key, self.entered_by, "entered")
        self.fates.account.add(name, "merged", corrected.superseded)
        versions = newest_versions(corrected.current, key, self.as_of)
        self.fates.account.add(name, "merged", versions.superseded)
        self.fates.account.add(name, "later", versions.later)
        current = self._of_newest_file(name, versions.current, key).drop(columns=[*key, "version"], errors="ignore")
        compared = hide_later(name, current, self.as_of)
        compared = compared.drop(columns=["whole_order", "entered"], errors="ignore")
        distinct = drop_duplicates(name, compared)
        self.fates.refuse(distinct.quarantine)
        exports = {part.raw.file for part in self.intake.parts if part.raw.export}  # they repeat a line by the parcel
        self.fates.remarks.append(distinct.remarks[~distinct.remarks["file"].isin(exports)])
        current = current.drop(columns="apart", errors="ignore")
        if len(distinct.table) == len(current):
            return current.drop(columns="entered")
        repeated = current.index.difference(distinct.table.index.union(labels_of(distinct.quarantine)), sort=False)
        self.fates.account.add(name, "merged", repeated)
        return current.loc[distinct.table.index].drop(columns="entered")

    def _of_newest_file(self, name: str, rows: pd.DataFrame, key: list[str]) -> pd.DataFrame:
        """Of rows about one thing in plain lists those of the file or sheet whose name tells the newest month or day by now; where the
        name of one tells none, nobody knows which came later."""
        if "version" not in rows or rows["version"].isna().all():
            return rows
        thing = rows.groupby(key, dropna=False, sort=False).ngroup()
        all_told = rows["version"].notna().groupby(thing).transform("all")
        versions = newest_versions(rows.assign(version=rows["version"].where(all_told)), key, self.as_of, "version")
        self.fates.account.add(name, "merged", versions.superseded)
        self.fates.account.add(name, "later", versions.later)
        return versions.current

    def added_up(self, name: str, rows: pd.DataFrame, pieces: pd.Series | None = None) -> pd.DataFrame:
        """`rows` with those of one sheet added up that tell of parts of one thing."""
        if name not in ADDED or rows.empty:
            return rows
        unread = {
            (part.raw.file, part.raw.sheet): unread_with_sku(part.raw)
            for part in self.intake.parts
            if part.raw.table == name
        }
        added = add_up(name, rows, unread, pieces)
        self.fates.account.add(name, "merged", added.merged)
        self.fates.remarks.append(added.remarks)
        return added.table


def no_rows(name: str) -> pd.DataFrame:
    """The table `name` without rows, as `KnownRows.of_table` gives it."""
    return _blank(name).copy()


@cache
def _blank(name: str) -> pd.DataFrame:
    rows = empty(name).set_axis(no_labels()).assign(entered=pd.Series(dtype="datetime64[us]"))
    return rows if "known_on" in rows else rows.assign(known_on=pd.Series(dtype="datetime64[us]"))
