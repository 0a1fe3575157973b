"""What a price is for that does not say it, in a row whose count is in cartons or dozens: for one of these, or for a piece.

The row's total decides; without one the price is for the unit in the column 单位. A unit in the cell of the count (5打) says nothing
of the price: there the article's other prices decide, or nobody can say.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from analysis.sources.cell_numbers import read_numbers
from analysis.sources.columns_beside import COUNTED
from analysis.sources.odd_rows import CLEARLY_DEARER
from analysis.sources.table_types import RawTable

ALIKE = 2.0
"""Times another price of the article within which a price may be one for the same."""


@dataclass(frozen=True)
class PriceUnits:
    """(rows,) `pieces` that a price is for; `unsaid` where nobody can say; `by_total` where the total says it is for a piece,
    `like_piece` and `like_unit` where other prices say so; `price` as it stands."""

    pieces: pd.Series
    unsaid: pd.Series
    by_total: pd.Series
    like_piece: pd.Series
    like_unit: pd.Series
    price: pd.Series


def units_of_prices(
    raw: RawTable, name: str, rows: pd.Series, factor: pd.Series, in_cell: pd.Series, others: pd.Series
) -> PriceUnits:
    """What the prices of a column are for.

    Parameters
    ----------
    raw
        Counts and prices without their units, nothing in pieces yet
    rows, factor, in_cell
        Whether a price says nothing itself; pieces in the unit of the row's count; whether that stands in the cell of the count
    others
        What the article costs a piece elsewhere, NaN where nobody says
    """
    several = rows & (factor > 1)
    price = _money(raw, name).where(several)
    number = read_numbers(raw.frame[COUNTED[raw.table][0]], "number").values if several.any() else factor
    total = _total(raw) if (raw.table, name) == ("orders", "unit_price") else price * float("nan")
    of_unit, of_piece = _one_of(price * number / total, price * number * factor / total, CLEARLY_DEARER)
    left = several & in_cell & price.notna() & ~of_unit & ~of_piece
    like_unit, like_piece = (left & like for like in _one_of(price / factor / others, price / others, ALIKE))
    pieces = factor.mask(of_piece | like_piece, 1.0)
    return PriceUnits(pieces, left & ~like_unit & ~like_piece, of_piece, like_piece, like_unit, price)


def _money(raw: RawTable, name: str) -> pd.Series:
    cells = raw.frame[name] if name in raw.frame else pd.Series("", index=raw.frame.index, dtype=object)
    return read_numbers(cells, "money", raw.currency).values


def _total(raw: RawTable) -> pd.Series:
    """(rows,) what the goods cost; of an order that tells only its payment that less what else is in it."""
    paid, freight, duty, off = (_money(raw, name) for name in ("paid_amount", "freight", "duty", "discount"))
    return _money(raw, "goods_amount").fillna(paid - freight.fillna(0) - duty.fillna(0) + off.fillna(0))


def _one_of(first: pd.Series, second: pd.Series, times: float) -> tuple[pd.Series, pd.Series]:
    """(rows,) two times whether one alone of two ratios lies within `times` of 1."""
    near = [ratio.between(1 / times, times) for ratio in (first, second)]
    return near[0] & ~near[1], near[1] & ~near[0]
