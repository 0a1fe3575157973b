"""From what the outcomes say to the weights of the next month: a floor, and a cap on the step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.rules import check_number
from analysis.wording import RuleError


@dataclass(frozen=True)
class MoveLimits:
    """The most that weights change in a month: one weight, and half the sum of all changes (total variation).

    A learned criterion keeps at least `floor`, or the analyst's own weight where that is lower. Steps whose largest change
    is below `noticeable` are not worth a decision. `RuleError` names the rule (`most_a_criterion`, `most_in_all`, `floor`)
    that is no number or out of its bounds.
    """

    weight: float = 0.05
    total_variation: float = 0.10
    floor: float = 0.02
    noticeable: float = 0.002

    def __post_init__(self) -> None:
        check_number("most_a_criterion", self.weight, lambda x: 0 < x <= 1, "rules.not_a_share")
        check_number("most_in_all", self.total_variation, lambda x: 0 < x <= 1, "rules.not_a_share")
        check_number("floor", self.floor, lambda x: x >= 0, "rules.negative")


def total_variation(first: np.ndarray, second: np.ndarray) -> float:
    """Half the sum of absolute differences: the share of weight that changes its criterion."""
    return float(np.abs(np.asarray(first) - np.asarray(second)).sum() / 2)


def floored(target: np.ndarray, analyst: np.ndarray, fixed: np.ndarray, floor: float = 0.02) -> np.ndarray:
    """`target` with every learned weight at its floor or above; what that takes comes from the others in proportion.

    `fixed` (K,): weights that are left alone, at the analyst's. `RuleError` for a floor that would hold every weight in place.
    """
    _check_floor(floor, np.asarray(analyst)[~fixed])
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


def _check_floor(floor: float, learned: np.ndarray) -> None:
    """`learned`: the analyst's weights of the criteria that are learned; all at the floor must leave some of them to share."""
    share, count = float(learned.sum()), len(learned)
    if share > 0 and floor * count >= share:
        raise RuleError("rules.floor_too_high", floor=floor, count=count, share=share, most=share / count)


def policy_as_it_stands(target: np.ndarray, standing: np.ndarray, fixed: np.ndarray) -> np.ndarray:
    """`target` with the policy criteria (`fixed`) at the weight in force; the learned ones share the rest in proportion."""
    kept = np.where(fixed, standing, target)
    learned = target[~fixed].sum()
    return kept if not learned else np.where(fixed, kept, target * (1 - kept[fixed].sum()) / learned)


def step_towards(previous: np.ndarray, target: np.ndarray, limits: MoveLimits | None = None) -> np.ndarray:
    """previous + s (target - previous), s the largest number up to 1 that keeps both limits."""
    limits = limits or MoveLimits()
    change = np.asarray(target) - previous
    largest, variation = np.abs(change).max(), total_variation(target, previous)
    if largest == 0:
        return np.array(previous, float)
    share = min(1.0, limits.weight / largest, limits.total_variation / variation)
    return previous + share * (1 - 1e-12) * change  # not a last bit above a limit
