"""The house's rule on risks: from when each is told, and how soon somebody answers."""

from __future__ import annotations

from dataclasses import dataclass, fields

from analysis.rules import check_number, check_texts


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
    """

    vanished_days: int
    late_days: int
    expiry_days: int
    respond_days: int
    live_channels: int
    tested_categories: tuple[str, ...]
    most_penalty_points: int

    def __post_init__(self) -> None:
        for field in fields(self):
            if field.name != "tested_categories":
                check_number(field.name, getattr(self, field.name), lambda x: x >= 0, "rules.negative")
        object.__setattr__(self, "tested_categories", check_texts("tested_categories", self.tested_categories))
