"""What the platform shows of a supplier, held against the platform's own published rules.

A medal (1A-5A) follows from the last 30 days' sales, the buyers and the 90-day dispute rate. A seller that shows more than its figures
allow, or a medal that there is not, is told; so are signals of the platform that speak against a supplier. Sales can be inflated by
orders that a seller places itself: they are an upper bound of capacity and no more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
import pandas as pd

from analysis.allowed import ListOf, Number, Share
from analysis.rules import Rules


@dataclass(frozen=True)
class Medals:
    """Least sales of 30 days and buyers by medal (1A first), and the highest dispute rate from 3A on, of one of the systems."""

    sales: Annotated[tuple[float, ...], ListOf(Number(0, 1e12), count=5)]
    buyers: Annotated[tuple[float, ...], ListOf(Number(0, 1e9), count=5)]
    dispute_rate: Share

    @property
    def most(self) -> int:
        """The highest medal there is."""
        return len(self.sales)

    def earned(self, sales: float, buyers: float, disputes: float) -> float:
        """The highest medal that the figures allow; what is not known allows; NaN where no sales are known."""
        if np.isnan(sales):
            return np.nan
        held = 0
        for step, (least, people) in enumerate(zip(self.sales, self.buyers), start=1):
            forgiven = 1 / (QUARTER * buyers) if buyers > 0 else np.inf  # one single dispute is
            honest = step < DISPUTES_FROM or not disputes > max(self.dispute_rate, forgiven)
            if sales > 0 and sales >= least and not buyers < people and honest:
                held = step
        return float(held)


DISPUTES_FROM = 3
"""The medal from which the dispute rate counts."""
LAG = 1
"""Medals by which a seller may be ahead of its figures: they are awarded on last month's."""
QUARTER = 3
"""Months over which disputes are counted; buyers are counted over one."""


def medals_in_force(rules: Rules) -> dict[str, Medals]:
    """The platform's medals by system, in force in the month: section `platform_medals`."""
    return {name: table.read(Medals) for name, table in rules["platform_medals"].tables().items()}


def shown_medal(text: object) -> float:
    """The number of a medal's words; NaN where none is shown.

    >>> shown_medal("5A"), shown_medal("AAA"), shown_medal("4A级勋章"), shown_medal(None)
    (5.0, 3.0, 4.0, nan)
    """
    if text is None or pd.isna(text):
        return np.nan
    words = re.sub(r"\s*(?:级|交易|勋章)+$", "", str(text).strip().upper())
    number = re.fullmatch(r"(\d+)\s*A", words)
    return float(number[1]) if number else float(len(words)) if re.fullmatch("A+", words) else np.nan


def platform_signals(suppliers: pd.DataFrame, medals: Mapping[str, Medals]) -> pd.DataFrame:
    """By supplier: `shown` and `earned` medal, the latter the most that any of the platform's systems allows (missing for a
    medal that there is not), and `impossible`."""
    rows = []
    for row in suppliers.drop_duplicates("supplier").to_dict("records"):
        figures = [_number(row[name]) for name in ("sales_30d", "buyers_30d", "dispute_rate_90d")]
        allowed = [of.earned(*figures) for of in medals.values()]
        most = max((of.most for of in medals.values()), default=0)
        shown, earned = shown_medal(row["medal"]), float(np.nanmax(allowed)) if np.isfinite(allowed).any() else np.nan
        earned = np.nan if shown > most else earned
        rows.append((row["supplier"], row["medal"], shown, earned, bool(shown > most or shown > earned + LAG)))
    return pd.DataFrame(rows, columns=["supplier", "medal", "shown", "earned", "impossible"])


def _number(value: Any) -> float:
    return np.nan if pd.isna(value) else float(value)
