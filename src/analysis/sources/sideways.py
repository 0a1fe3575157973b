"""Sales with a column a month: each becomes a table of its own, called after the month, whose rows are those of the sheet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.sources.cell_dates import read_dates
from analysis.sources.cells import clean_column, clean_text
from analysis.sources.header_row import HeaderRow, find_headers
from analysis.sources.opening import Sheet
from analysis.sources.quarantine import Reading, note, notes
from analysis.sources.rows_below import notes_apart, rows_below
from analysis.sources.table_types import RawTable

LEAST = 2
"""Months side by side that are no accident."""


def months_across(headers: HeaderRow, sheet: Sheet) -> dict[int, object]:
    """The columns whose header is a month, of a list of articles that tells neither months nor units in a column."""
    if "sku" not in headers.found() or {"month", "units"} & headers.found():
        return {}
    row = sheet.cells[headers.place]
    spare = [place for place, name in enumerate(headers.names) if name is None and clean_text(row[place])]
    read = read_dates(pd.Series([row[place] for place in spare], dtype=object), months=True).values
    found = {place: row[place] for place, month in zip(spare, read) if pd.notna(month)}
    return found if len(found) >= LEAST else {}


def read_sideways(file: str, sheet: Sheet, accepted: Mapping[str, str], currency: str) -> Reading | None:
    """The sales of a sheet with months for columns; None for any other. A blank cell tells nothing of its month."""
    headers = find_headers(sheet.cells, accepted)
    if not (months := months_across(headers, sheet)):
        return None
    raws = []
    for place, month in months.items():
        names = ["units" if at == place else name for at, name in enumerate(headers.names)]
        own = replace(headers, names=names)
        rows = rows_below(sheet.cells, own)
        rows = rows[np.asarray(clean_column(rows["units"]) != "", bool)].assign(month=month)
        raws.append(
            RawTable(
                "demand",
                rows,
                file,
                f"{sheet.name} {headers.texts[place]}".strip(),
                currency=currency,
                letters=own.letters(),
            )
        )
    named = replace(headers, texts=["" if at in months else text for at, text in enumerate(headers.texts)])
    remarks = [
        note("demand", file, sheet.name, 0, "", "demand_sideways", count=len(months)),
        *named.notes("demand", file, sheet.name),
    ]
    return Reading(raws, notes(notes_apart("demand", file, sheet, headers)), notes(remarks))
