"""The house's rule on service: what a quick reply is, and what silence is too long."""

from __future__ import annotations

from dataclasses import dataclass, fields

from analysis.rules import check_number


@dataclass(frozen=True)
class ServiceRule:
    """Section `service_evidence` of config/rules.toml.

    Attributes
    ----------
    quick_hours : float
        A supplier whose middle reply before the first order came within them was quick.
    slow_hours : float
        A question without an answer within them was not answered in time.
    silent_days : float
        Silence after the first order, every question since unanswered, from which it is told.
    probability : float
        That less than half of the questions after the first order are answered in time, from which it is told.
    """

    quick_hours: float
    slow_hours: float
    silent_days: float
    probability: float

    def __post_init__(self) -> None:
        for field in fields(self):
            check_number(field.name, getattr(self, field.name), lambda x: x > 0, "rules.negative")
        check_number("probability", self.probability, lambda x: 0 < x < 1, "rules.not_a_share")
