"""How trial budgets are usually spent: equally over the candidates, or on the best again. What the plan is compared with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analysis.decisions.trial_plan.trial_choice import Product, Trial
from analysis.decisions.trial_plan.trial_rule import LARGEST_TRIAL, TrialRule

EQUAL_PIECES = 20
"""Pieces of each trial when the budget is spread equally."""


def equal_allocation(products: Sequence[Product], rule: TrialRule, pieces: int = EQUAL_PIECES) -> list[Trial]:
    """The same number of pieces from as many candidates as budget and suppliers allow: product by product in turn, each
    product's rivals in the order of what is expected of them, today's choice last."""
    ranked = [np.roll(np.argsort(-product.beliefs.mean, kind="stable"), -1) for product in products]
    most = max((len(order) for order in ranked), default=0)
    in_turn = [(k, int(order[j])) for j in range(most) for k, order in _by_stake(products, ranked) if j < len(order)]
    return _in_turn(products, rule, pieces, in_turn)


def repeat_the_best(products: Sequence[Product], rule: TrialRule, pieces: int = EQUAL_PIECES) -> list[Trial]:
    """The same number of pieces from today's choice of each product, as far as budget and suppliers allow."""
    ranked = [np.argsort(-product.beliefs.mean, kind="stable") for product in products]
    return _in_turn(
        products, rule, pieces, [(k, int(order[0])) for k, order in _by_stake(products, ranked) if len(order)]
    )


def _by_stake(products: Sequence[Product], ranked: list[np.ndarray]) -> list[tuple[int, np.ndarray]]:
    """Products with their candidates, the season's largest purchase first."""
    stake = [-product.season * float(np.median(product.price)) for product in products]
    return [(int(k), ranked[k]) for k in np.argsort(stake, kind="stable")]


def _in_turn(
    products: Sequence[Product], rule: TrialRule, pieces: int, order: Sequence[tuple[int, int]]
) -> list[Trial]:
    """Trials of the candidates in `order` as long as they fit; the minimum order where that is more than `pieces`."""
    trials: list[Trial] = []
    left, used = rule.budget, set[str]()
    for k, i in order:
        product = products[k]
        size = max(pieces, int(np.ceil(product.minimum[i])))
        outlay = float(rule.outlay(size, product.price[i]))
        handled = product.suppliers[i] in used or len(used) < rule.most_suppliers
        if size <= LARGEST_TRIAL and outlay <= left + 1e-9 and handled:
            trials.append(Trial(k, i, size))
            left -= outlay
            used.add(product.suppliers[i])
    return trials
