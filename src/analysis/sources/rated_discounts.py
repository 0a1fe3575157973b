"""Discounts told as a share of the price (9折, 95折, 10% off): the money that they come to, where price and pieces are plain numbers."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from analysis.sources.cell_numbers import read_numbers
from analysis.sources.cells import clean_column, clean_text
from analysis.sources.column_cells import read_column
from analysis.sources.columns_beside import SURCHARGE
from analysis.sources.distinct import by_value
from analysis.sources.quarantine import Sifted, note, notes, quoted
from analysis.sources.table_types import RawTable
from analysis.sources.tables import TABLES
from analysis.sources.unit_words import PIECE

_DIGITS = str.maketrans("一二三四五六七八九", "123456789")
_TENTHS = re.compile(r"打?(?:(?P<one>\d(?:\.\d+)?)|(?P<two>[1-9]\d))折(?:扣|优惠)?")
_PERCENT = re.compile(
    r"(?P<off>-|减|优惠|off)?\s*(?P<share>\d{1,2}(?:\.\d+)?)\s*%\s*(?P<behind>off|优惠)?", re.IGNORECASE
)
_BARE = re.compile(r"0\.[1-9]\d?")
_HALF, _FEN = 0.5, 0.01
_ORDERS = TABLES["orders"]


def share_left(cell: object) -> float:
    """The share of the price that is left to pay by a discount that says so itself; NaN where it does not. Of a percentage alone
    one of a half and more is what is paid (折扣 90%), a smaller one what is taken off.

    >>> [round(share_left(cell), 3) for cell in ("9折", "打8.5折", "九五折", "88折", "10% off", "优惠5%", "90%", "10%")]
    [0.9, 0.85, 0.95, 0.88, 0.9, 0.95, 0.9, 0.9]
    >>> [share_left(cell) for cell in ("25", "0.9", "-25", "满100减10", 0.9)]
    [nan, nan, nan, nan, nan]
    """
    text = unicodedata.normalize("NFKC", clean_text(cell)).translate(_DIGITS) if isinstance(cell, str) else ""
    if found := _TENTHS.fullmatch(text):
        return float(found["one"]) / 10 if found["one"] else float(found["two"]) / 100
    found = _PERCENT.fullmatch(text)
    if found is None:
        return np.nan
    share = float(found["share"]) / 100
    return 1 - share if found["off"] or found["behind"] or share < _HALF else share


def discounts_in_money(raw: RawTable) -> Sifted:
    """`raw` with discounts in money in place of shares of the price, each told; a bare 0.9 is one where the payment fits only that.

    Where the goods cannot be reckoned from the row's own plain numbers the cell stays as it is, for its reader to refuse.
    """
    raw = _with_the_platforms(raw)
    if raw.table != "orders" or raw.export or "discount" not in raw.frame:
        return Sifted(raw)
    cells = raw.frame["discount"]
    said = pd.Series(by_value(cells, share_left), cells.index, dtype=float)
    bare = pd.Series(by_value(cells, _bare), cells.index, dtype=float)
    if said.isna().all() and bare.isna().all():
        return Sifted(raw)
    goods, paid = _goods(raw.frame), _money(raw.frame, "paid_amount")
    beside = _money(raw.frame, "freight").fillna(0) + _money(raw.frame, "duty").fillna(0)
    is_money = (goods - bare + beside - paid).abs() <= _FEN + 1e-6
    fits = ((goods * bare + beside - paid).abs() <= _FEN + 1e-6) & ~is_money
    share = said.fillna(bare.where(fits))
    off = (goods * (1 - share)).round(2).dropna()
    read = [_told(raw, row, "discount_as_share", share=f"{share[row]:.0%}", money=f"{money:.2f}") for row, money in off.items()]  # fmt: skip
    amounts = (_money(raw.frame, "discount").abs() >= 1).any()  # a list that tells these tells no shares beside them
    unsure = [] if amounts else [_told(raw, row, "discount_open") for row in bare.index[bare.notna() & ~fits & ~is_money]]  # fmt: skip
    found = cells.astype(object).mask(cells.index.isin(off.index), off.astype(str).reindex(cells.index))
    return Sifted(replace(raw, frame=raw.frame.assign(discount=found)), remarks=notes([*read, *unsure]))


def _with_the_platforms(raw: RawTable) -> RawTable:
    """`raw` with 涨价或折扣, below 0 where it makes cheaper, as the discount of rows that tell no other."""
    if raw.table != "orders" or SURCHARGE.name not in raw.frame:
        return raw
    cells = raw.frame[SURCHARGE.name]
    off = cells.astype(object).mask((more := read_numbers(cells, "money", raw.currency).values).notna(), 0.0 - more)
    told = raw.cells("discount")
    frame = raw.frame.drop(columns=SURCHARGE.name).assign(discount=told.mask(clean_column(told) == "", off))
    return replace(raw, frame=frame)


def _told(raw: RawTable, row: Any, code: str, **values: str) -> dict[str, object]:
    return note("orders", raw.file, raw.sheet, row, "discount", code, value=quoted(raw.frame["discount"][row]), **values)  # fmt: skip


def _bare(cell: object) -> float:
    """A number that may be a share or less than a yuan; NaN for all else."""
    text = clean_text(cell)
    return float(text) if _BARE.fullmatch(text) else np.nan


def _money(frame: pd.DataFrame, name: str) -> pd.Series:
    """Plain numbers of a column; NaN for all else."""
    if name not in frame:
        return pd.Series(np.nan, frame.index)
    return read_column(_ORDERS.column(name), frame[name]).values.astype(float)


def _goods(frame: pd.DataFrame) -> pd.Series:
    """What the goods of each row cost before the discount; NaN where the pieces are told in another unit."""
    units = frame["unit"] if "unit" in frame else pd.Series("", frame.index)
    pieces = pd.Series([clean_text(unit).lower() in ("", *PIECE) for unit in units], frame.index)
    return (_money(frame, "quantity") * _money(frame, "unit_price")).where(pieces)
