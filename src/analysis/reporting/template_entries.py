"""What a buyer told in a pack apart from what a review wrote there, carried on from pack to pack (`sources.pack_entries`)."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from analysis.reporting.template_sheets import Template
from analysis.sources.pack import READ, WRITTEN
from analysis.sources.pack_entries import Entry, entry_of, mark_of, name_of_row

Entries = Mapping[tuple[str, ...], Entry]
"""By the sheet's name and the row's key."""


def entries_in(name: str, rows: pd.DataFrame, since: pd.Timestamp | None) -> pd.DataFrame:
    """`sheet row told on` of the rows of the sheet `name` in which the buyer told something; `row` as `name_of_row` has it. None of a
    sheet that does not say `since` when it can be filled in: nothing is read of it."""
    sheet, records = READ[name], [] if since is None else rows.to_dict("records")
    found = [(name, name_of_row(sheet, row), entry.told, entry.on) for row in records if (entry := entry_of(sheet, row, since))]  # fmt: skip
    return pd.DataFrame(found, columns=["sheet", "row", "told", "on"])


def entries_by_row(kept: Mapping[str, pd.DataFrame]) -> Entries:
    """Of `read_templates`."""
    rows = kept["entries"].itertuples() if "entries" in kept else ()
    return {(row.sheet, *row.row): Entry(row.told, row.on) for row in rows}


def told_alone(template: Template, kept: pd.DataFrame | None, entries: Entries) -> pd.DataFrame | None:
    """`kept` without cells that stood there as the review had written them: what it writes now is newer."""
    sheet = READ.get(template.name)
    if kept is None or sheet is None or not entries:
        return kept
    found = [entries.get((template.name, *name_of_row(sheet, row))) for row in kept.to_dict("records")]
    mine = [column for column in sheet.tells if column in template.own and column in template.filled and column in kept]
    told = {column: [entry is not None and column in entry.told for entry in found] for column in mine}
    return kept.assign(**{column: kept[column].where(pd.Series(cells, kept.index), None) for column, cells in told.items()})  # fmt: skip


def with_marks(template: Template, rows: pd.DataFrame, entries: Entries) -> pd.DataFrame:
    """`rows` with the hidden column of what is written in them."""
    sheet = READ.get(template.name)
    if sheet is None:
        return rows
    marks = [mark_of(sheet, row, entries.get((template.name, *name_of_row(sheet, row)))) for row in rows.to_dict("records")]  # fmt: skip
    return rows.assign(**{WRITTEN: pd.Series(marks, rows.index, dtype=object)})
