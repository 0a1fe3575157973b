"""How trial budgets are usually spent: equally over the candidates. What the round is compared with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analysis.decisions.trial_plan.trial_choice import Market, Trial
from analysis.decisions.trial_plan.trial_rule import LARGEST_TRIAL

EQUAL_PIECES = 20
"""Pieces of each trial when the budget is spread equally."""


def equal_allocation(market: Market, pieces: int = EQUAL_PIECES) -> list[Trial]:
    """The same number of pieces from as many suppliers as budget and handling allow: SKU by SKU in turn, the largest purchase
    first, each SKU's candidates from the cheapest expected cost up; the minimum order where that is more than `pieces`."""
    rule, left, chosen = market.rule, market.rule.budget, dict[str, Trial]()
    for k, i in _in_turn(market):
        contest = market.contests[k]
        size = max(pieces, int(np.ceil(contest.minimum[i])))
        trial = Trial(contest.suppliers[i], k, size)
        outlay = market.outlay(trial)
        fits = size <= LARGEST_TRIAL and outlay <= left + 1e-9 and len(chosen) < rule.most_suppliers
        if fits and trial.supplier not in chosen:
            chosen[trial.supplier] = trial
            left -= outlay
    return list(chosen.values())


def _in_turn(market: Market) -> Sequence[tuple[int, int]]:
    """(contest, candidate) of all that may be tried."""
    contests = market.contests
    ranked = [[int(i) for i in np.argsort(c.costs.mean(axis=1), kind="stable") if c.open[i]] for c in contests]
    stake = [-c.monthly * float(np.median(c.price)) for c in contests]
    most = max((len(order) for order in ranked), default=0)
    return [(int(k), ranked[k][j]) for j in range(most) for k in np.argsort(stake, kind="stable") if j < len(ranked[k])]
