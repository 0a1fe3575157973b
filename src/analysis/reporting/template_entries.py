"""What a buyer told in a pack apart from what a review wrote there, carried on from pack to pack (`sources.pack_entries`)."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from analysis.reporting.template_sheets import Template
from analysis.sources.pack import READ, WRITTEN
from analysis.sources.pack_entries import Entry, entry_of, mark_of


def entries_in(name: str, rows: pd.DataFrame, since: pd.Timestamp | None) -> pd.DataFrame:
    """`sheet row told on` of the rows of the sheet `name` in which the buyer told something; `row` is their place. None of a sheet
    that does not say `since` when it can be filled in: nothing is read of it."""
    records = [] if since is None else rows.to_dict("records")
    found = [(name, place, entry.told, entry.on) for place, row in enumerate(records) if (entry := entry_of(READ[name], row, since))]  # fmt: skip
    return pd.DataFrame(found, columns=["sheet", "row", "told", "on"])


def with_entries(template: Template, kept: Mapping[str, pd.DataFrame]) -> pd.DataFrame | None:
    """The rows of `read_templates`, behind each what the buyer told in it; cells that stood there as the review had written them are
    blank: what it writes now is newer."""
    rows, sheet = kept.get(template.name), READ[template.name]
    if rows is None or "entries" not in kept:
        return rows
    told = kept["entries"][kept["entries"]["sheet"] == template.name]
    by_row = {row: Entry(columns, on) for row, columns, on in zip(told["row"], told["told"], told["on"])}
    entries = [by_row.get(place) for place in range(len(rows))]
    prepared = [column for column in sheet.tells if column in template.own and column in template.filled and column in rows]  # fmt: skip
    mine = {column: [entry is not None and column in entry.told for entry in entries] for column in prepared}
    left = {column: rows[column].where(pd.Series(cells, rows.index), None) for column, cells in mine.items()}
    return rows.assign(**left, **{WRITTEN: pd.Series(entries, rows.index, dtype=object)})


def with_marks(template: Template, rows: pd.DataFrame) -> pd.DataFrame:
    """`rows` with the hidden column of what is written in them, at the end."""
    entries = rows[WRITTEN] if WRITTEN in rows else [None] * len(rows)
    rows = rows.drop(columns=WRITTEN, errors="ignore")
    told = [entry if isinstance(entry, Entry) else None for entry in entries]
    marks = [mark_of(READ[template.name], row, entry) for row, entry in zip(rows.to_dict("records"), told)]
    return rows.assign(**{WRITTEN: pd.Series(marks, rows.index, dtype=object)})
