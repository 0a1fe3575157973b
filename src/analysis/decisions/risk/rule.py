"""The house's rule on risks: from when each is told, and how soon somebody answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from analysis.allowed import ListOf, Number, Text, WholeDays


@dataclass(frozen=True)
class RiskRule:
    """Section `risk_register` of config/rules.toml.

    Attributes
    ----------
    vanished_days : int
        So many days past its promise an order that was never shipped is told as a supplier that has vanished.
    late_days : int
        So many days past its promise any open order is told.
    expiry_days : int
        A credential that ends within so many days is told.
    respond_days : int
        After which a risk that nobody gave a due date is overdue.
    live_channels : int
        Suppliers with an offer that each SKU and category needs, so that none depends on one.
    tested_categories : tuple of str
        Words in the name of a category whose goods need a third party's test.
    most_penalty_points : int
        Of the platform, below which a supplier has to be.
    test_valid_days : int
        A third party's inspection report of such goods counts as their test for so long.
    """

    vanished_days: WholeDays
    late_days: WholeDays
    expiry_days: WholeDays
    respond_days: WholeDays
    live_channels: Annotated[int, Number(1, 100, whole=True)]
    tested_categories: Annotated[tuple[str, ...], ListOf(Text(100))]
    most_penalty_points: Annotated[int, Number(0, 1000, whole=True)]
    test_valid_days: WholeDays
