"""Single sampling plans and what they really promise: exact operating characteristics of a finite lot.

A plan takes `sample_size` pieces from a lot and accepts the lot when at most `accept` of them are defective. The curve of a
finite lot is hypergeometric: no piece is looked at twice, which matters for lots of 5 to 500 pieces.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

CONSUMER_RISK = 0.10
"""Chance of accepting a lot at the limiting quality, the customary value [1, clause 3.1.27]. [1] ISO 2859-2:1985."""

PIECE_BY_PIECE = 5_000
"""Up to so many pieces a lot is reckoned exactly, every number of defectives by itself; beyond, what is reckoned does not grow with it."""
CURVE_POINTS = 400
"""Of a larger lot."""


@dataclass(frozen=True)
class SamplingPlan:
    """Inspect `sample_size` pieces; accept the lot when at most `accept` are defective, reject it from `reject` on.

    Between the two (only in MIL-STD-105E's reduced inspection) the lot is accepted and normal inspection returns.
    `letter` and `table_size` say where an ISO plan stands in its table; the table's sample may exceed a small lot.
    """

    sample_size: int
    accept: int
    reject: int
    letter: str = ""
    table_size: int | None = None

    def p_accept(self, lot_size: int, defectives: ArrayLike) -> np.ndarray:
        """Probability that a lot of `lot_size` pieces with `defectives` (array) defective ones is accepted."""
        lot_size = check_lot_size(lot_size)
        defectives = np.asarray(defectives)
        if np.any((defectives < 0) | (defectives > lot_size)):
            raise ValueError(f"defectives: between 0 and the lot's {lot_size} pieces are possible, got {defectives}")
        taken = min(self.sample_size, lot_size)
        return stats.hypergeom.cdf(self.reject - 1, lot_size, defectives, taken)


def check_lot_size(lot_size: int) -> int:
    """`lot_size` as a whole number of at least one piece; `ValueError` otherwise."""
    if isinstance(lot_size, bool) or lot_size != lot_size or lot_size < 1 or lot_size != int(lot_size):
        raise ValueError(f"lot_size: a lot has a whole number of pieces, 1 or more, got {lot_size!r}")
    return int(lot_size)


def check_share(name: str, value: float) -> float:
    """`value` strictly between 0 and 1; `ValueError` otherwise."""
    if not 0 < value < 1:
        raise ValueError(f"{name}: a share between 0 and 1 is needed (5 % is 0.05), got {value!r}")
    return float(value)


def defectives_at(lot_size: int, defect_rate: float) -> int:
    """Fewest defective pieces that make a lot of `lot_size` at least as bad as `defect_rate`; one at the least.

    >>> defectives_at(50, 0.10), defectives_at(25, 0.10), defectives_at(8, 0.05)
    (5, 3, 1)
    """
    return max(1, math.ceil(lot_size * defect_rate - 1e-9))


def limiting_quality_plan(
    lot_size: int, limiting_quality: float, consumer_risk: float = CONSUMER_RISK, accept: int = 0
) -> SamplingPlan:
    """Smallest sample that passes an isolated lot at the limiting quality with at most `consumer_risk`.

    For a lot that belongs to no series there is no process average to lean on: the plan protects against this very lot
    being as bad as `limiting_quality` (share defective), by the exact hypergeometric curve. When no smaller sample does,
    all pieces are inspected.

    >>> limiting_quality_plan(50, 0.10).sample_size, limiting_quality_plan(20, 0.10).sample_size
    (18, 14)
    """
    lot_size = check_lot_size(lot_size)
    check_share("limiting_quality", limiting_quality)
    check_share("consumer_risk", consumer_risk)
    if accept < 0:
        raise ValueError(f"accept: the number of defectives allowed is 0 or more, got {accept}")
    defectives = defectives_at(lot_size, limiting_quality)
    if defectives <= accept:
        return SamplingPlan(lot_size, 0, 1)
    below, smallest = 0, lot_size  # the risk falls with the sample, to 0 at the whole lot
    while smallest - below > 1:
        middle = (below + smallest) // 2
        fine = stats.hypergeom.cdf(accept, lot_size, defectives, middle) <= consumer_risk
        below, smallest = (below, middle) if fine else (middle, smallest)
    return SamplingPlan(smallest, accept, accept + 1)


def operating_curve(plan: SamplingPlan, lot_size: int) -> pd.DataFrame:
    """The plan's curve, one row a possible number of defectives: `defectives defect_rate p_accept outgoing_rate`.

    Of a lot above `PIECE_BY_PIECE` pieces `CURVE_POINTS` numbers, closest where there are few.

    `outgoing_rate` is the share of defectives that goes on to the customer when rejected lots are sorted piece by piece
    and defectives found are replaced by good pieces: p_accept x (defectives left in the uninspected rest) / lot.
    """
    lot_size = check_lot_size(lot_size)
    defectives = np.arange(lot_size + 1) if lot_size <= PIECE_BY_PIECE else _spread(lot_size)
    taken = min(plan.sample_size, lot_size)
    return pd.DataFrame(
        {
            "defectives": defectives,
            "defect_rate": defectives / lot_size,
            "p_accept": plan.p_accept(lot_size, defectives),
            "outgoing_rate": _escapes(taken, plan.reject - 1, lot_size, defectives) / lot_size,
        }
    )


def _spread(lot_size: int) -> np.ndarray:
    return np.unique((lot_size * np.linspace(0, 1, CURVE_POINTS) ** 2).round().astype(int))


def _escapes(taken: int, accept: int, lot_size: int, defectives: np.ndarray) -> np.ndarray:
    """E[defectives in the rest; lot accepted] = sum_{x <= accept} (D - x) h(x), h hypergeometric."""
    found = np.arange(min(accept, taken) + 1)
    chance = stats.hypergeom.pmf(found, lot_size, defectives[:, None], taken)
    return (np.maximum(defectives[:, None] - found, 0) * chance).sum(axis=1)
