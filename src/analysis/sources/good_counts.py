"""Inspections that count the good pieces, or tell a rate, in place of the defective ones."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import pandas as pd

from analysis.sources.cell_numbers import read_numbers
from analysis.sources.cells import clean_column
from analysis.sources.quarantine import Sifted, note, notes, quoted
from analysis.sources.table_types import Column, RawTable

_RATES = {
    "defect_rate": ("不良率", "缺陷率", "不合格率", "次品率", "不良品率", "defect rate", "defective rate", "reject rate"),
    "pass_rate": ("合格率", "良品率", "正品率", "pass rate", "yield"),
}  # fmt: skip
SUBMITTED = Column("submitted", "count", ("送检数量", "送检数", "报检数量", "报检数"), "pieces")
"""Pieces handed in for inspection: those inspected where nobody counts these, nor the good and the defective."""
GOOD_COUNTS = (
    SUBMITTED,
    Column("good_pieces", "count", ("合格数量", "合格数", "合格品数", "合格品数量", "良品数", "良品数量", "正品数", "正品数量", "good qty", "good pieces", "pass qty", "passed qty", "passed")),
    *(Column(name, "share", headers) for name, headers in _RATES.items()),
    *(Column(f"{name}_percent", "share", tuple(f"{header}{mark}" for header in headers for mark in ("(%)", "%"))) for name, headers in _RATES.items()),
)  # fmt: skip
"""May stand beside the counts of inspections; used up at the door."""
_DECIMALS = re.compile(r"\.(\d+)")
_MOST_DECIMALS = 6


def with_defective(raw: RawTable) -> Sifted:
    """`raw` where blank `defective` are the pieces inspected less the good ones, or those that a rate comes to; rows whose counts cannot be are refused."""
    raw, nothing = _with_none(raw)
    raw, summed = _with_inspected(raw)
    summed += nothing
    frame = raw.frame
    beside = [column.name for column in GOOD_COUNTS if column.name in frame]
    if raw.table != "inspections" or not beside or "inspected" not in frame:
        return Sifted(raw, remarks=notes(summed))
    inspected = read_numbers(frame["inspected"], "count").values.astype(float)
    told = frame.get("defective", pd.Series("", frame.index, dtype=object))
    stated = read_numbers(told, "count").values.astype(float)
    defective = told.astype(object)
    percent = {name: _in_percent(name, frame[name]) for name in beside}
    bad: dict[int, dict[str, object]] = {}
    used: dict[str, list[int]] = {}
    odd: list[int] = []
    texts = {name: clean_column(frame[name]) for name in beside}
    blank = clean_column(told) == ""
    for place, (row, pieces) in enumerate(inspected.items()):
        name = next((name for name in beside if texts[name][place]), None)
        if name is None or math.isnan(pieces):
            continue
        found = _defective(name, texts[name][place], pieces, percent[name])
        if not blank[place]:
            odd += [row] if found is not None and not math.isnan(stated[row]) and found != stated[row] else []
        elif found is None:
            value = quoted(texts[name][place])
            bad[row] = note(raw.table, raw.file, raw.sheet, row, "defective", "not_of_whole_pieces", value=value, pieces=f"{pieces:g}")  # fmt: skip
        else:
            defective[row] = found
            used.setdefault("good_counted" if name == "good_pieces" else "rate_counted", []).append(row)
    remarks = [note(raw.table, raw.file, raw.sheet, rows[0], "defective", code, count=len(rows), value=defective[rows[0]], pieces=f"{inspected[rows[0]]:g}") for code, rows in used.items()]  # fmt: skip
    remarks += [note(raw.table, raw.file, raw.sheet, row, "defective", "good_differs", value=f"{stated[row]:g}") for row in odd]  # fmt: skip
    frame = frame.assign(defective=defective)
    gone = frame.index.isin([*bad])
    return Sifted(replace(raw, frame=frame[~gone]), replace(raw, frame=frame[gone]), notes(bad.values()), notes([*summed, *remarks]))  # fmt: skip


_NONE = {"无", "没有", "无不良", "无不良品", "无次品", "零", "none", "nil", "no", "合格", "全部合格", "全合格", "全检合格", "all good", "all pass", "pass", "ok"}  # fmt: skip
"""What people write in place of no defective piece."""


def _with_none(raw: RawTable) -> tuple[RawTable, list[dict[str, object]]]:
    """`raw` with 0 where a word says that none of the pieces inspected was defective; and what is told of it."""
    if raw.table != "inspections" or "defective" not in raw.frame:
        return raw, []
    words = pd.Series(clean_column(raw.frame["defective"]), raw.frame.index)
    none = words.str.casefold().isin(_NONE)
    if not none.any():
        return raw, []
    frame = raw.frame.assign(defective=raw.frame["defective"].astype(object).mask(none, 0))
    rows = [*frame.index[none]]
    told = note(raw.table, raw.file, raw.sheet, rows[0], "defective", "none_defective", value=quoted(words[rows[0]]), count=len(rows))  # fmt: skip
    return replace(raw, frame=frame), [told]


def _with_inspected(raw: RawTable) -> tuple[RawTable, list[dict[str, object]]]:
    """`raw` where blank `inspected` are the good and the defective pieces together, or else those submitted; and what is told of it."""
    frame = raw.frame
    if raw.table != "inspections" or not {SUBMITTED.name, "good_pieces"} & set(frame):
        return raw, []
    blank = pd.Series("", index=frame.index, dtype=object)
    own = frame.get("inspected", blank).astype(object)
    good, bad = (read_numbers(frame.get(name, blank), "count").values.astype(float) for name in ("good_pieces", "defective"))  # fmt: skip
    both = (good + bad).where(good + bad > 0)
    submitted = frame.get(SUBMITTED.name, blank).astype(object)
    open_ = clean_column(own) == ""
    filled = own.mask(open_, submitted.mask(both.notna(), both))
    other = both.notna() & open_ & (both != read_numbers(submitted, "count").values.astype(float)).fillna(True)
    rows = [*frame.index[other]]
    values = {"count": len(rows), "value": f"{both[rows[0]]:g}"} if rows else {}
    told = [note(raw.table, raw.file, raw.sheet, rows[0], "inspected", "inspected_of_parts", **values)] if rows else []
    if (clean_column(filled) == "").all() and "inspected" not in frame:
        return raw, []
    return replace(raw, frame=frame.drop(columns=SUBMITTED.name, errors="ignore").assign(inspected=filled)), told


def _in_percent(name: str, cells: pd.Series) -> bool:
    """Whether bare numbers of a rate are in percent: its header says so, or one of them is above 1."""
    bare = read_numbers(
        cells.mask(pd.Series(["%" in text for text in clean_column(cells)], cells.index), None), "number"
    )
    return name.endswith("_percent") or bool((bare.values > 1).any())


def _defective(name: str, text: str, pieces: float, percent: bool) -> int | None:
    """The defective of `pieces` by what a cell tells; None where no whole number or none alone agrees."""
    cell = text.replace("％", "%").strip()
    number = read_numbers(pd.Series([cell.removesuffix("%")], dtype=object), "number").values.iloc[0]
    if pd.isna(number):
        return None
    if name == "good_pieces":
        return int(pieces - number) if 0 <= number <= pieces and float(number).is_integer() else None
    in_percent = percent or cell.endswith("%")
    written = _DECIMALS.search(cell)
    decimals = min(len(written[1]) if written else 0, _MOST_DECIMALS) + 2 * in_percent
    rate = number / 100 if in_percent else number
    rate = 1 - rate if name.startswith("pass") else rate
    near = {math.floor(rate * pieces), math.ceil(rate * pieces)}
    agree = [k for k in near if 0 <= k <= pieces and abs(k / pieces - rate) <= 0.5 * 10**-decimals + 1e-9]
    return agree[0] if len(agree) == 1 else None
