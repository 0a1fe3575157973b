"""What a carton holds, told in a column beside the unit (装箱数): the unit then says it itself (箱=60)."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from analysis.sources.cell_numbers import read_numbers
from analysis.sources.cells import clean_column
from analysis.sources.columns_beside import COUNTED, PER_UNIT
from analysis.sources.distinct import by_value
from analysis.sources.quarantine import Sifted
from analysis.sources.table_types import RawTable
from analysis.sources.unit_words import number_and_unit, pieces_per_unit


def with_contents(raw: RawTable) -> Sifted:
    """`raw` with what the column says in the units of its rows; beside pieces, or a unit whose pieces are known, it tells only how
    they are packed."""
    if raw.table not in COUNTED or PER_UNIT.name not in raw.frame:
        return Sifted(raw)
    cells = raw.frame[PER_UNIT.name]
    stated = pd.Series(by_value(cells, pieces_per_unit), cells.index, dtype=float)
    each = read_numbers(cells, "count").values.astype(float).fillna(stated.where(stated > 1))
    frame = raw.frame.drop(columns=PER_UNIT.name)
    names = [name for name in ("unit", *COUNTED[raw.table]) if name in frame]
    for name in names:
        cells = zip(clean_column(frame[name]), each.fillna(0).astype(int))
        told = [_told(cell, pieces, name == "unit") if pieces > 0 else None for cell, pieces in cells]
        found = pd.Series(told, frame.index, dtype=object)
        frame = frame.assign(**{name: frame[name].astype(object).mask(found.notna(), found)})
    return Sifted(replace(raw, frame=frame))


def _told(cell: str, pieces: int, alone: bool) -> str | None:
    """A unit, or a count with one, that says its pieces; None where it needs not."""
    number, unit = ("", cell) if alone else number_and_unit(cell) or ("", "")
    if not unit or pieces_per_unit(unit) == pieces_per_unit(unit):
        return None
    return f"{unit}={pieces}" if alone else f"{number}{unit}({pieces}个/{unit})"
