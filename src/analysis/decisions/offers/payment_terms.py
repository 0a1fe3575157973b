"""When a purchase is paid: deposit, balance and credit, counted from the arrival of the goods.

A deposit is paid with the order, the rest `credit_days` after the arrival; where neither is agreed everything is paid with the
order (the platform's guaranteed payment).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class PaymentTerms:
    """`deposit_share` paid with the order, the rest `credit_days` after the arrival; both 0: all paid with the order."""

    deposit_share: float = 0.0
    credit_days: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.deposit_share <= 1 or not self.credit_days >= 0:
            raise ValueError(
                "deposit_share lies between 0 and 1 and credit_days is 0 or more, got "
                f"{self.deposit_share} and {self.credit_days}"
            )

    @property
    def paid_with_order(self) -> float:
        """Share of the goods' price that is paid with the order."""
        return 1.0 if self.deposit_share == 0 and self.credit_days == 0 else self.deposit_share

    def days_tied_up(self, lead_time_days: float | np.ndarray) -> float | np.ndarray:
        """Days for which the goods' price is tied up before the arrival, less those it is owed after it."""
        return self.paid_with_order * lead_time_days - (1 - self.paid_with_order) * self.credit_days


PREPAID = PaymentTerms()
