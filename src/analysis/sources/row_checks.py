"""What makes a row of a canonical table impossible: functions that mark such rows. A value that is missing breaks no check."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from analysis.sources.content_units import content_in

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


def other_unit(rows: pd.DataFrame) -> pd.Series:
    """Rows whose benchmark is told in a unit that measures something else than the article's own."""
    both = rows["content_unit"].notna() & rows["benchmark_unit"].notna()
    pairs = zip(rows["content_unit"], rows["benchmark_unit"], both)
    return pd.Series(
        [ok and content_in(own)[0] != content_in(its)[0] for own, its, ok in pairs], rows.index, dtype=bool
    )
