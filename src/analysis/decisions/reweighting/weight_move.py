"""From what the outcomes say to the weights of the next month: a floor, and a cap on the step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class MoveLimits:
    """The most that weights change in a month: one weight, and half the sum of all changes (total variation).

    A learned criterion keeps at least `floor`, or the analyst's own weight where that is lower. Steps whose largest change
    is below `noticeable` are not worth a decision.
    """

    weight: float = 0.05
    total_variation: float = 0.10
    floor: float = 0.02
    noticeable: float = 0.002


def total_variation(first: np.ndarray, second: np.ndarray) -> float:
    """Half the sum of absolute differences: the share of weight that changes its criterion."""
    return float(np.abs(np.asarray(first) - np.asarray(second)).sum() / 2)


def floored(target: np.ndarray, analyst: np.ndarray, fixed: np.ndarray, floor: float = 0.02) -> np.ndarray:
    """`target` with every learned weight at its floor or above; what that takes comes from the others in proportion.

    `fixed` (K,): weights that are left alone, at the analyst's.
    """
    target, least = np.array(target, float), np.where(fixed, 0.0, np.minimum(floor, analyst))
    low = np.zeros(len(target), bool)
    for _ in range(len(target)):
        newly = ~fixed & ~low & (target < least)
        if not newly.any() or not (~fixed & ~low & ~newly).any():
            break
        low |= newly
        others = ~fixed & ~low
        left = 1 - target[fixed].sum() - least[low].sum()
        target[low] = least[low]
        target[others] *= left / target[others].sum()
    return target


def step_towards(previous: np.ndarray, target: np.ndarray, limits: MoveLimits | None = None) -> np.ndarray:
    """previous + s (target - previous), s the largest number up to 1 that keeps both limits."""
    limits = limits or MoveLimits()
    change = np.asarray(target) - previous
    largest, variation = np.abs(change).max(), total_variation(target, previous)
    if largest == 0:
        return np.array(previous, float)
    share = min(1.0, limits.weight / largest, limits.total_variation / variation)
    return previous + share * (1 - 1e-12) * change  # not a last bit above a limit
