"""Rows of packs of templates among the others: what they leave blank, and what is carried on from one pack to the next."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.sources.cell_words import OURS
from analysis.sources.cells import clean_text
from analysis.sources.late_keys import OLDEST
from analysis.sources.pack import READ
from analysis.sources.parts import FileTable
from analysis.sources.table_types import RawTable
from analysis.sources.tables import TABLES

SAME = {
    "inspections": ("order_id", "line_no", "inspected_on", "inspected_by", "inspected", "defective"),
    "answers": TABLES["answers"].key,
    "risks": TABLES["risks"].key,
    "settlements": TABLES["settlements"].key,
}
"""By table what makes a row whose blanks say nothing the same thing as another row."""
MEASURED = ("attribute", "piece", "value", "lower_limit", "upper_limit")
"""Of inspections: of one piece, not of the lot."""


def laid_over(name: str, rows: pd.DataFrame, packs: Collection[str]) -> pd.DataFrame:
    """`rows` where those of `packs` (file names) have their blanks filled in from the row of the same thing entered before."""
    mine = rows.index.get_level_values("file").isin(packs)
    if name not in SAME or not mine.any():
        return rows
    keys = [rows[column].fillna(OURS) if column == "inspected_by" else rows[column] for column in SAME[name]]
    taken = [column for column in rows if column not in (*SAME[name], *MEASURED, "entered", "known_on", "version")]
    order = np.lexsort((mine, rows["entered"].fillna(OLDEST)))
    filled = rows[taken].iloc[order].groupby([key.iloc[order] for key in keys], dropna=False, sort=False).ffill()
    back = filled.iloc[np.argsort(order)]
    return rows.assign(**{column: rows[column].mask(mine, back[column]) for column in taken})


def newest_pack_first(part: FileTable) -> tuple[bool, int]:
    """Sorts packs behind other files: what the newest carries on is told of it and not of those before."""
    since = part.raw.filled_since
    return (since is not None, 0 if since is None else -since.value)


def carried_on_later(
    raw: RawTable, rows: pd.MultiIndex, packs: Sequence[RawTable], unentered: pd.MultiIndex
) -> NDArray[np.bool_]:
    """(rows,) whether a pack behind `raw` in `packs` has the row too, both entered by now."""
    same = [pack for pack in packs if pack.table == raw.table]
    files = [pack.file for pack in same]
    if raw.filled_since is None or raw.file == files[-1]:
        return np.zeros(len(rows), bool)
    later = same[files.index(raw.file) + 1 :]
    named = {name for pack in later for row, name in _named(pack, pack.frame.index) if (pack.file, pack.sheet, row) not in unentered}  # fmt: skip
    again = [name in named for _, name in _named(raw, rows.get_level_values("row"))]
    return np.array(again, bool) & ~rows.isin(unentered)


def _named(raw: RawTable, rows: Iterable[int]) -> list[tuple[int, tuple[str, ...]]]:
    """Each of `rows` of a pack's sheet with what names it there."""
    key = next(sheet.key for sheet in READ.values() if sheet.table == raw.table)
    cells = raw.frame.loc[list(rows), list(key)].to_dict("records")
    return [(row, tuple(clean_text(cell) for cell in of_row.values())) for row, of_row in zip(rows, cells)]
