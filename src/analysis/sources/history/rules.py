"""Which rows of a batch cannot be used, by the rules of small files (`conform`, `beside_orders`), a column at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from analysis.sources.beside_orders import inspection_faults
from analysis.sources.cell_dates import days_in_reach
from analysis.sources.cell_numbers import number_rules
from analysis.sources.history.columns import BY_OTHERS, COLUMNS, OF_LOT, REQUIRED
from analysis.sources.tables import TABLES

_LINE, _LOT = "orders", "inspections"


@dataclass
class Found:
    """What is wrong with rows: `refused` lines, `no_lot` lots, and of each such row its first fault: place, table, column, code."""

    refused: np.ndarray
    no_lot: np.ndarray
    looked: np.ndarray
    """Whether anything of an inspection stands in the row."""
    told: list[tuple[np.ndarray, str, str, str]] = field(default_factory=list)

    def tell(self, table: str, column: str, code: str, bad: np.ndarray) -> None:
        """Marks the rows that are not marked yet."""
        marked = self.refused if table == _LINE else self.no_lot
        if not bad.any():
            return
        new = bad & ~marked
        marked |= bad
        if new.any():
            self.told.append((np.flatnonzero(new), table, column, code))


def faults(values: Mapping[str, np.ndarray], unread: Mapping[str, np.ndarray]) -> Found:
    """The rows of a batch that small files would put in quarantine, with their first reason.

    Parameters
    ----------
    values
        Columns as numbers, NaN where blank; texts as codes, NaN where blank.
    unread
        Of text columns the fault of each row, "" where it has none.
    """
    rows = len(values["ordered_on"])
    found = Found(np.zeros(rows, bool), np.zeros(rows, bool), np.zeros(rows, bool))
    for name, column in COLUMNS.items():
        table = _LOT if name in (*OF_LOT, BY_OTHERS) else _LINE
        for code, bad in _of_cell(name, column.kind, values, unread):
            found.tell(table, name, code, bad)
    for name in REQUIRED:
        found.tell(_LINE, name, "required_missing", np.isnan(values[name]))
    frame = _Frame(values, rows)
    for check in TABLES[_LINE].checks:
        if check.column in values:
            found.tell(_LINE, check.column, check.code, _true(check.bad(frame)))
    if "inspected" in values:
        _of_lots(found, frame, values)
    return found


def without_impossible(values: dict[str, np.ndarray]) -> None:
    """Takes facts beside the matter that cannot be true out of a batch, as small files do."""
    for check in (check for check in TABLES[_LINE].checks if check.beside and check.column in values):
        bad = _true(check.bad(_Frame(values, len(values["ordered_on"]))))
        values[check.column] = np.where(bad, np.nan, values[check.column]) if bad.any() else values[check.column]


def _of_cell(
    name: str, kind: str, values: Mapping[str, np.ndarray], unread: Mapping[str, np.ndarray]
) -> Iterator[tuple[str, np.ndarray]]:
    if name in unread:
        fault = unread[name]
        for code in np.unique(fault[fault != ""]) if len(fault) else ():
            yield str(code), fault == code
    elif name in values and kind in ("date", "time"):
        yield "not_a_date", ~(np.isnan(values[name]) | days_in_reach(values[name]))
    elif name in values and kind in ("count", "money"):
        with np.errstate(invalid="ignore"):
            yield from number_rules(values[name], kind)


def _of_lots(found: Found, frame: _Frame, values: Mapping[str, np.ndarray]) -> None:
    """A line without a word of an inspection has no lot, and no fault."""
    there = found.looked = ~np.isnan(values["inspected"]) | ~np.isnan(values["defective"])
    if BY_OTHERS in values:
        found.tell(_LOT, BY_OTHERS, "not_ours", there & (values[BY_OTHERS] == 1))
    found.tell(_LOT, "inspected_on", "required_missing", there & np.isnan(values["inspected_on"]))
    for check in TABLES[_LOT].checks:
        if check.column in OF_LOT:
            found.tell(_LOT, check.column, check.code, there & _true(check.bad(frame)))
    found.tell(_LOT, "order_id", "order_refused", there & found.refused)
    lots = pd.DataFrame({name: values[name] for name in OF_LOT}, copy=False)
    pieces = values["received_quantity"] if "received_quantity" in values else np.full(there.size, np.nan)
    pieces = np.where(np.isnan(pieces), values["quantity"], pieces)
    line = pd.DataFrame({"ordered_on": values["ordered_on"], "arrived_on": frame["received_on"], "pieces": pieces})
    for (column, code), (bad, _) in inspection_faults(lots, line).items():
        found.tell(_LOT, column, code, there & _true(bad))
    found.no_lot |= ~there


class _Frame:
    """The columns that a check asks for, blank where the history lacks them."""

    def __init__(self, values: Mapping[str, np.ndarray], rows: int) -> None:
        self.series = {name: pd.Series(array, copy=False) for name, array in values.items()}
        self.blank = pd.Series(np.full(rows, np.nan), copy=False)

    def __getitem__(self, name: str) -> pd.Series:
        return self.series.get(name, self.blank)


def _true(marks: pd.Series) -> np.ndarray:
    return marks.to_numpy(bool)
