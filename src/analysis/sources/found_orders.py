"""The order of rows that name a supplier, an SKU and a day instead: the line of theirs that had come last by then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from analysis.sources.as_of import ROW_DAY
from analysis.sources.cells import clean_column
from analysis.sources.column_cells import read_column
from analysis.sources.folding import folded
from analysis.sources.quarantine import Sifted, note, notes, quoted
from analysis.sources.table_types import RawTable
from analysis.sources.tables import TABLES

NAMED_BY = ("supplier", "sku")
"""What rows of `FOUND` may name in place of their order."""
FOUND = ("inspections", "returns", "receipts")
"""Tables of what happens to goods that have come, and of their coming."""
_NOT_COMING = ("open", "unpaid", "cancelled")


def lines_that_came(raws: Sequence[RawTable]) -> pd.DataFrame:
    """order_id line_no supplier sku ordered_on came_on status of all lines; `came_on` by whatever table tells it first."""
    lines = [
        _read(raw, ("supplier", "sku", "ordered_on", "received_on", "status")) for raw in raws if raw.table == "orders"
    ]
    if not lines:
        return pd.DataFrame(columns=["order_id", "line_no", *NAMED_BY, "ordered_on", "came_on", "status"])
    told = [
        _read(raw, ("received_on",))
        for raw in raws
        if raw.table in ("receipts", "inspections") and "order_id" in raw.frame
    ]
    first = (
        pd.concat([*told, *(each[["order_id", "received_on"]] for each in lines)])
        .groupby("order_id")["received_on"]
        .min()
    )
    table = pd.concat(lines).drop_duplicates(["order_id", "line_no", *NAMED_BY])
    own = table["received_on"].fillna(first.reindex(table["order_id"]).set_axis(table.index))
    return table.drop(columns="received_on").assign(came_on=own)


def names_no_order(raw: RawTable) -> bool:
    """Whether the rows of `raw` name no order, and what it may be found by instead."""
    return raw.table in FOUND and "order_id" not in raw.frame and {*NAMED_BY, ROW_DAY[raw.table]} <= {*raw.frame}


def find_orders(raw: RawTable, lines: pd.DataFrame) -> Sifted:
    """`raw` with the order of each row, if it names none and has the columns `NAMED_BY`; rows of which no single line can be meant are refused."""
    if not names_no_order(raw):
        return Sifted(raw)
    choose, code = (_only_line, "order_of_parcel") if raw.table == "receipts" else (_line, "order_found")
    day_name = ROW_DAY[raw.table]
    days = read_column(TABLES[raw.table].column(day_name), raw.frame[day_name]).values.dt.floor("D")
    names = [_names(raw.frame[name]) for name in NAMED_BY]
    by_name = dict(iter(lines.groupby([*NAMED_BY])))
    found: dict[int, tuple[str, object]] = {}
    bad: list[dict[str, object]] = []
    for row, day, *key in zip(raw.frame.index, days, *names):
        if pd.isna(day) or "" in key:
            continue
        line = choose(by_name.get(tuple(key), lines[:0]), day)
        if line is None:
            value = quoted(" / ".join(str(cell) for cell in raw.frame.loc[row, [*NAMED_BY]]))
            bad.append(note(raw.table, raw.file, raw.sheet, row, "order_id", "order_not_found", value=value, day=f"{day:%Y-%m-%d}"))  # fmt: skip
        else:
            found[row] = line
    order, number = (pd.Series({row: line[at] for row, line in found.items()}, dtype=object) for at in (0, 1))
    frame = raw.frame.assign(order_id=order.reindex(raw.frame.index).fillna(""))
    if "line_no" not in frame:
        frame = frame.assign(line_no=number.reindex(frame.index).astype(object).where(lambda cells: cells.notna(), ""))
    gone = frame.index.isin([item["row"] for item in bad])
    told = [note(raw.table, raw.file, raw.sheet, row, "order_id", code, value=line[0], count=len(found)) for row, line in [*found.items()][:1]]  # fmt: skip
    return Sifted(replace(raw, frame=frame[~gone]), replace(raw, frame=frame[gone]), notes(bad), notes(told))


def _line(lines: pd.DataFrame, day: pd.Timestamp) -> tuple[str, object] | None:
    """Order and line number of the one of `lines` that a row of `day` is about; None where several may be meant, or none."""
    ordered = lines[lines["ordered_on"] <= day]
    came = ordered[ordered["came_on"] <= day]
    last = came[came["came_on"] == came["came_on"].max()]
    after = ordered["ordered_on"] >= (last["ordered_on"].max() if len(last) else pd.Timestamp.min)
    untold = ordered[ordered["came_on"].isna() & ~ordered["status"].isin(_NOT_COMING) & after]
    meant = pd.concat([last, untold])
    return (meant["order_id"].iloc[0], meant["line_no"].iloc[0]) if len(meant) == 1 else None


def _only_line(lines: pd.DataFrame, day: pd.Timestamp) -> tuple[str, object] | None:
    """Order and line number of the one of `lines` of which a parcel may come on `day`; None where there are several, or none."""
    meant = lines[(lines["ordered_on"] <= day) & ~lines["status"].isin(["cancelled"])]
    return (meant["order_id"].iloc[0], meant["line_no"].iloc[0]) if len(meant) == 1 else None


def _read(raw: RawTable, names: Sequence[str]) -> pd.DataFrame:
    table = TABLES["orders"]
    blank = pd.Series("", index=raw.frame.index, dtype=object)
    cells = {name: raw.frame.get(name, blank) for name in ("order_id", "line_no", *names)}
    columns = {name: read_column(table.column(name), column).values for name, column in cells.items()}
    columns |= {name: _names(cells[name]) for name in NAMED_BY if name in cells}
    columns |= {name: columns[name].dt.floor("D") for name in ("ordered_on", "received_on") if name in columns}
    return pd.DataFrame(columns).dropna(subset="order_id")


def _names(cells: pd.Series) -> pd.Series:
    return folded(pd.Series(clean_column(cells), index=cells.index))
