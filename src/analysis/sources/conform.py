"""Turns the cells of a reader into the typed columns of a canonical table; see `conform`."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from analysis.sources.tables import RawTable


@dataclass(frozen=True)
class Conformed:
    """`table`: the canonical columns, index (file, sheet, row); `rows_in`: rows that were not blank.

    rows_in == len(table) + len(quarantine).
    """

    table: pd.DataFrame
    quarantine: pd.DataFrame
    remarks: pd.DataFrame
    rows_in: int


@dataclass(frozen=True)
class Distinct:
    """`table`: rows told once, index kept; `merged`: rows left out as told before, counted by (file, sheet)."""

    table: pd.DataFrame
    merged: pd.Series
    quarantine: pd.DataFrame


def conform(raw: RawTable, missing: frozenset[str] = frozenset(), date_formats: tuple[str, ...] = ()) -> Conformed:
    raise NotImplementedError


def drop_duplicates(name: str, rows: pd.DataFrame) -> Distinct:
    """`rows`: several `Conformed.table` of the canonical table `name`, one above the other."""
    raise NotImplementedError
