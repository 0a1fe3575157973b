"""A carrier's tariff: what a shipment of so many kilograms costs, with minimum, steps, volume weight and rounding.

A tariff of steps (from, fixed, per kg) is resolved once into plain pieces a + b w: the minimum charge lifts the beginning of a
step, and where the carrier allows it a shipment is billed as if it reached the next step when that is cheaper. A charge
is then one look-up and one line, for a million shipments as for one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.allowed import Allowed, Flag, ListOf, Number, Text
from analysis.rules import Rules, Section
from analysis.sources.cell_words import MODES

CM3_A_M3 = 1_000_000.0
Step = tuple[float, float, float]
TARIFF: dict[str, Allowed] = {
    "steps": ListOf(ListOf(Number(0, 1e9), count=3), least=1),
    "minimum": Number(0, 1e9),
    "higher_step": Flag(),
    "divisor_cm3": Number(0, CM3_A_M3, above=True),
    "round_up_kg": Number(0, 1e6),
    "transit_days": Number(0, 3650),
}
"""What a tariff of the rates may say."""
SHEET: dict[str, Allowed] = {"currency": Text(), "packing_share": Number(0, 100)}
"""What the sheet says of all of them."""


@dataclass(frozen=True)
class FreightTariff:
    """Charge of one shipment: `fixed[k] + per_kg[k] * w` for a billable weight w from `from_kg[k]` on.

    The pieces are already resolved (`of_steps`). `divisor_cm3`: cm3 that count as a kilogram; `round_up_kg`: billable weight
    is rounded up to a multiple of it (0: not at all); `transit_days`: days on the road.
    """

    mode: str
    from_kg: np.ndarray
    fixed: np.ndarray
    per_kg: np.ndarray
    divisor_cm3: float = 6000.0
    round_up_kg: float = 0.0
    transit_days: float = 0.0

    @classmethod
    def of_steps(
        cls,
        mode: str,
        steps: Sequence[Sequence[float]],
        *,
        minimum: float = 0.0,
        higher_step: bool = False,
        divisor_cm3: float = 6000.0,
        round_up_kg: float = 0.0,
        transit_days: float = 0.0,
    ) -> FreightTariff:
        """From a tariff sheet: `steps` of (from kg, fixed, per kg), the first from 0; `ValueError` for what is no tariff.

        >>> express = FreightTariff.of_steps("express", [(0, 6, 2)], minimum=8, round_up_kg=1)
        >>> express.charge([0.3, 1.0, 1.2]).tolist()
        [8.0, 8.0, 10.0]
        """
        checked = check_steps(mode, steps)
        if not (minimum >= 0 and divisor_cm3 > 0 and round_up_kg >= 0 and transit_days >= 0):
            raise ValueError(
                f"{mode}: minimum, round_up_kg and transit_days are 0 or more and divisor_cm3 above 0, got "
                f"{minimum}, {round_up_kg}, {transit_days} and {divisor_cm3}"
            )
        from_kg, fixed, per_kg = np.array(_resolved(checked, minimum, higher_step)).T
        return cls(mode, from_kg, fixed, per_kg, divisor_cm3, round_up_kg, transit_days)

    def times(self, factor: float) -> FreightTariff:
        """The tariff in another currency."""
        return FreightTariff(
            self.mode, self.from_kg, self.fixed * factor, self.per_kg * factor,
            self.divisor_cm3, self.round_up_kg, self.transit_days,
        )  # fmt: skip

    def unrounded_kg(self, weight_kg: ArrayLike, volume_m3: ArrayLike = 0.0) -> np.ndarray:
        """The larger of actual weight and volume / divisor, kilograms."""
        return np.maximum(np.asarray(weight_kg, float), np.asarray(volume_m3, float) * CM3_A_M3 / self.divisor_cm3)

    def billable_kg(self, weight_kg: ArrayLike, volume_m3: ArrayLike = 0.0) -> np.ndarray:
        """Billable weight of shipments, kilograms, rounded up as the carrier does."""
        kilos = self.unrounded_kg(weight_kg, volume_m3)
        if self.round_up_kg == 0:
            return kilos
        return np.ceil(kilos / self.round_up_kg - 1e-9) * self.round_up_kg

    def charge(self, weight_kg: ArrayLike, volume_m3: ArrayLike = 0.0) -> np.ndarray:
        """Freight of shipments of this weight and volume, in the tariff's currency; nothing weighs nothing: 0."""
        kilos = self.billable_kg(weight_kg, volume_m3)
        piece = np.searchsorted(self.from_kg, kilos, side="right") - 1
        return np.where(kilos > 0, self.fixed[piece] + self.per_kg[piece] * kilos, 0.0)


def check_steps(mode: str, steps: Sequence[Sequence[float]]) -> list[Step]:
    """The steps as floats in order of weight; `ValueError` when they are no tariff."""
    found = sorted((float(start), float(fixed), float(each)) for start, fixed, each in steps)
    if not found or found[0][0] != 0 or len({start for start, _, _ in found}) < len(found):
        raise ValueError(f"{mode}: the steps begin at 0 kg and at different weights, got {steps}")
    if any(fixed < 0 or each < 0 or fixed + each == 0 for _, fixed, each in found):
        raise ValueError(f"{mode}: a step costs something: fixed and per kg are 0 or more and not both 0, got {steps}")
    return found


def _resolved(steps: list[Step], minimum: float, higher_step: bool) -> list[Step]:
    """Pieces (from, fixed, per kg) of min(max(fixed + per_kg w, minimum), what the next step begins with)."""
    pieces: list[Step] = []
    end, ceiling = np.inf, np.inf
    for start, fixed, each in reversed(steps):
        own = _piece(start, end, fixed, each, minimum, ceiling)
        pieces = own + pieces
        end = start
        if higher_step:
            ceiling = own[0][1] + own[0][2] * start
    return pieces


def _piece(start: float, end: float, fixed: float, each: float, minimum: float, ceiling: float) -> list[Step]:
    if each == 0:
        return [(start, min(max(fixed, minimum), ceiling), 0.0)]
    rises = min(max((minimum - fixed) / each, start), end)
    capped = min(max((ceiling - fixed) / each, rises), end)
    parts = [(start, rises, minimum, 0.0), (rises, capped, fixed, each), (capped, end, ceiling, 0.0)]
    return [(low, a, b) for low, high, a, b in parts if low < high]


def freight_tariffs(rules: Rules, factor: float = 1.0) -> dict[str, FreightTariff]:
    """The tariffs in force by mode, times `factor` (a currency's exchange); `RuleError` for one that contradicts itself."""
    return {mode: _tariff(mode, entry).times(factor) for mode, entry in rules["freight"].tables(SHEET).items()}


def _tariff(mode: str, entry: Section) -> FreightTariff:
    if mode not in MODES:
        entry.refuse("rules.unknown_mode", mode=mode, known=", ".join(MODES))
    try:
        return FreightTariff.of_steps(mode, **entry.checked(TARIFF))
    except ValueError as error:
        entry.refuse_with(error)
