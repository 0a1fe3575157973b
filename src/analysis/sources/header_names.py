"""The headers by which a table's columns are known: those declared, without units in brackets, and promised days in fewer signs."""

from __future__ import annotations

from analysis.sources.folding import normal_header
from analysis.sources.table_types import Column, Table


def header_names(table: Table) -> dict[str, str]:
    """Every accepted header of `table`, normalised, to its canonical name; units in brackets may be left off."""
    names: dict[str, str] = {}
    for column in table.columns:
        for header in (column.name, *column.zh):
            names.setdefault(normal_header(header), column.name)
            names.setdefault(normal_header(header).split("(")[0], column.name)
    for column in table.columns:
        for header in _shorter(column):
            names.setdefault(normal_header(header), column.name)
    return names


_SHORTEST_STEM = 4
"""Signs that say of what a day is the promise (约定到货); fewer (到货) may be about something else."""


def _shorter(column: Column) -> list[str]:
    """A promised day's Chinese headers with 日 in place of 日期, and without either (约定交货日期, 约定交货日, 约定交货)."""
    if not column.deadline:
        return []
    stems = [header.removesuffix("日期") for header in column.zh if header.endswith("日期")]
    return [stem + end for stem in stems if len(stem) >= _SHORTEST_STEM for end in ("日", "")]
