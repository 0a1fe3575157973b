"""The house's rule for trial orders: what a round may cost and hold, and what trials and bad choices cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from analysis.errors import RuleError

SMALLEST_TRIAL, LARGEST_TRIAL = 5, 50


@dataclass(frozen=True)
class TrialRule:
    """How the next round is planned: section `trial_plan` of the rules. Money in the source's currency.

    Attributes
    ----------
    budget : money that a round may pay out (purchases and fixed costs).
    most_suppliers : suppliers that one round can handle.
    season_months : months of a season, over which a wrong choice is reckoned up (`choice_regret`).
    bad_choice_factor : what a unit of money of worse value costs in the end; 1 the loss itself, more where customers leave.
    salvage_share : share of the price that a trial piece brings back (sold or used).
    fixed_cost : of a trial: ordering, receiving, inspecting, deciding.
    sizes : pieces of a trial to choose from; a minimum order between 5 and 50 is considered too.
    """

    budget: float
    most_suppliers: int
    season_months: float
    bad_choice_factor: float
    salvage_share: float
    fixed_cost: float
    sizes: tuple[int, ...]

    def __post_init__(self) -> None:
        for name in ("budget", "fixed_cost", "bad_choice_factor"):
            _check(name, getattr(self, name), lambda x: x >= 0, "trial_plan.rule_negative")
        _check("season_months", self.season_months, lambda x: x > 0, "trial_plan.rule_not_above_zero")
        _check("salvage_share", self.salvage_share, lambda x: 0 <= x <= 1, "trial_plan.rule_no_share")
        _check("most_suppliers", self.most_suppliers, lambda x: x >= 0 and x == int(x), "trial_plan.rule_not_whole")
        object.__setattr__(self, "sizes", tuple(sorted(set(self.sizes))))
        for size in self.sizes:
            _check(
                "sizes", size, lambda x: SMALLEST_TRIAL <= x <= LARGEST_TRIAL and x == int(x), "trial_plan.rule_size"
            )
        if not self.sizes:
            raise RuleError("trial_plan.rule_no_size", smallest=SMALLEST_TRIAL, largest=LARGEST_TRIAL)

    def sizes_for(self, minimum: float) -> list[int]:
        """Trial sizes that a supplier with this minimum order sells; none when the minimum is above 50 pieces."""
        own = {int(np.ceil(minimum))} if SMALLEST_TRIAL <= minimum <= LARGEST_TRIAL else set()
        return sorted({size for size in self.sizes if size >= minimum} | own)

    def outlay(self, pieces: ArrayLike, price: ArrayLike) -> np.ndarray:
        """Money paid out for a trial."""
        return np.asarray(pieces) * np.asarray(price) + self.fixed_cost

    def cost(self, pieces: ArrayLike, price: ArrayLike) -> np.ndarray:
        """What a trial costs in the end: purchase less resale value, plus the fixed cost."""
        return np.asarray(pieces) * np.asarray(price) * (1 - self.salvage_share) + self.fixed_cost


def _check(name: str, value: Any, holds: Callable[[float], bool], key: str) -> None:
    number = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    if not number or not np.isfinite(value) or not holds(value):
        raise RuleError(key, name=name, value=value, smallest=SMALLEST_TRIAL, largest=LARGEST_TRIAL)
