"""The house's rule on service: what a quick reply is, and what silence is too long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from analysis.allowed import Chance, Days, Number

Hours = Annotated[float, Number(0, 8760, above=True)]


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

    quick_hours: Hours
    slow_hours: Hours
    silent_days: Days
    probability: Chance
