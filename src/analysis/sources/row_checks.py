"""What makes a row of a canonical table impossible: functions that mark such rows. A value that is missing breaks no check."""

from __future__ import annotations

import re
from collections.abc import Callable

import pandas as pd

from analysis.sources.cell_words import BESIDE_CHARGES, CHARGES, PAID_APART
from analysis.sources.content_units import content_in
from analysis.sources.distinct import by_value

Bad = Callable[[pd.DataFrame], pd.Series]
LEAST_PRICE = 1e-4


def before(first: str, second: str) -> Bad:
    """A day before another that it cannot precede."""
    return lambda rows: rows[first].notna() & rows[second].notna() & (rows[first] < rows[second])


def below(column: str, least: float, *, strict: bool = False) -> Bad:
    """Less than `least`; with `strict` so much too."""
    return lambda rows: rows[column].notna() & (rows[column] <= least if strict else rows[column] < least)


def above(column: str, most: float) -> Bad:
    """More than `most`."""
    return lambda rows: rows[column].notna() & (rows[column] > most)


def no_price(column: str) -> Bad:
    """Above 0 and below a hundredth of a fen."""
    return lambda rows: rows[column].notna() & (rows[column] > 0) & (rows[column] < LEAST_PRICE)


def more_than(part: str, whole: str) -> Bad:
    """A part that exceeds its whole."""
    return lambda rows: rows[part].notna() & rows[whole].notna() & (rows[part] > rows[whole])


_CHARGE = "|".join(map(re.escape, sorted((*CHARGES, *PAID_APART), key=len, reverse=True)))
_PAID_APART = re.compile("|".join(map(re.escape, PAID_APART)))
_BESIDE = "|".join(map(re.escape, sorted(BESIDE_CHARGES, key=len, reverse=True)))
_CHARGE_LINE = re.compile(rf"(?:{_BESIDE}|\W)*(?:{_CHARGE})(?:{_CHARGE}|{_BESIDE}|\W)*")


def is_charge(name: object) -> bool:
    """Whether what is called so is a charge, such as freight, and no goods.

    >>> [is_charge(name) for name in ("运费", "邮费补差价专用链接", "Shipping fee", "运费险贴纸", "差价杯", "补光灯", "定金链接 专拍", None)]
    [True, True, True, False, False, False, True, False]
    """
    return isinstance(name, str) and len(name) <= 40 and bool(_CHARGE_LINE.fullmatch(name.casefold()))


def is_freight(name: object) -> bool:
    """Whether a charge is money for freight and the like: no part of the goods' price, nor a fee for samples.

    >>> [is_freight(name) for name in ("补差价", "尾款链接", "样品费")]
    [True, False, False]
    """
    return is_charge(name) and not _PAID_APART.search(str(name).casefold())


def charges(column: str) -> Bad:
    """A charge in place of an article; a long history's articles are codes, which nothing calls a charge."""
    return lambda rows: _called_charges(rows[column])


def _called_charges(names: pd.Series) -> pd.Series:
    if pd.api.types.is_numeric_dtype(names):
        return pd.Series(False, names.index)
    return pd.Series(by_value(names, is_charge).astype(bool), names.index)


def other_unit(rows: pd.DataFrame) -> pd.Series:
    """Rows whose benchmark is told in a unit that measures something else than the article's own."""
    both = rows["content_unit"].notna() & rows["benchmark_unit"].notna()
    pairs = zip(rows["content_unit"], rows["benchmark_unit"], both)
    return pd.Series(
        [ok and content_in(own)[0] != content_in(its)[0] for own, its, ok in pairs], rows.index, dtype=bool
    )
