"""From what the outcomes say to the weights of the next month: a floor, and a cap on the step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from analysis.allowed import ListOf, OneOf, PositiveShare, Share
from analysis.decisions.rating import MEASURED
from analysis.errors import RuleError

NOTICEABLE = 0.002
"""Steps whose largest change is smaller are not worth a decision."""


@dataclass(frozen=True)
class MoveLimits:
    """The most that weights change in a month, section `weights` of the rules.

    `most_a_criterion` of one weight, `most_in_all` of half the sum of all changes (total variation); a learned criterion keeps
    at least `floor`, or the analyst's own weight where that is lower; `policy` names the criteria that no outcome moves. A winner
    whom a move of one weight smaller than `toss_up` would unseat leads by nothing that anybody sets weights by.
    """

    most_a_criterion: PositiveShare
    most_in_all: PositiveShare
    floor: Share
    policy: Annotated[tuple[str, ...], ListOf(OneOf(tuple(MEASURED)))]
    toss_up: Share


def total_variation(first: np.ndarray, second: np.ndarray) -> float:
    """Half the sum of absolute differences: the share of weight that changes its criterion."""
    return float(np.abs(np.asarray(first) - np.asarray(second)).sum() / 2)


def floored(target: np.ndarray, analyst: np.ndarray, fixed: np.ndarray, floor: float) -> np.ndarray:
    """`target` with every learned weight at its floor or above; what that takes comes from the others in proportion.

    `fixed` (K,): weights that are left alone, at the analyst's. `RuleError` for a floor that would hold every weight in place.
    """
    check_floor(floor, np.asarray(analyst)[~fixed])
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


def check_floor(floor: float, learned: np.ndarray) -> None:
    """`learned`: the analyst's weights of the criteria that are learned; all at the floor must leave some of them to share."""
    share, count = float(learned.sum()), len(learned)
    if share > 0 and floor * count >= share:
        raise RuleError("rules.floor_too_high", floor=floor, count=count, share=share, most=share / count)


def policy_as_it_stands(target: np.ndarray, standing: np.ndarray, fixed: np.ndarray) -> np.ndarray:
    """`target` with the policy criteria (`fixed`) at the weight in force; the learned ones share the rest in proportion."""
    kept = np.where(fixed, standing, target)
    learned = target[~fixed].sum()
    return kept if not learned else np.where(fixed, kept, target * (1 - kept[fixed].sum()) / learned)


def step_towards(previous: np.ndarray, target: np.ndarray, limits: MoveLimits) -> np.ndarray:
    """previous + s (target - previous), s the largest number up to 1 that keeps both limits."""
    change = np.asarray(target) - previous
    largest, variation = np.abs(change).max(), total_variation(target, previous)
    if largest == 0:
        return np.array(previous, float)
    share = min(1.0, limits.most_a_criterion / largest, limits.most_in_all / variation)
    return previous + share * (1 - 1e-12) * change  # not a last bit above a limit
