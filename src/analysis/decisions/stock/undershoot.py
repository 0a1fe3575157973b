"""Undershoot: how far below the reorder point the stock position is when a review finds it there.

Before ordering the position is spread evenly over the Q pieces above the point (Q the order quantity), so a review interval's
demand X leaves it u below with density proportional to P(u < X <= u + Q). With M_r(x) = E[((X - x)+)^r]

    E[U] = (M_2(0) - M_2(Q)) / 2 (M_1(0) - M_1(Q)),      E[U^2] = (M_3(0) - M_3(Q)) / 3 (M_1(0) - M_1(Q)),

for endless Q the familiar E[X^2] / 2 E[X] [1, section 6.3]. Counts can stop exactly at the point: with factorial moments f_r of X,
E[U] = f_2 / 2 f_1 and E[U^2] = (2 f_3 + 3 f_2) / 6 f_1; what finite Q takes off is then taken from the gamma of the same moments.

.. [1] Silver, E. A., Pyke, D. F. and Thomas, D. J. (2017). Inventory and Production Management in Supply Chains, 4th ed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from analysis.decisions.stock.demand_nodes import GAMMA, DemandNodes
from analysis.decisions.stock.loss_functions import gamma_partial_moments


def undershoot(
    demand: DemandNodes, review_days: float, order_quantity: ArrayLike = np.inf
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance of the undershoot, arrays (SKU, node), pieces.

    `review_days` between two looks at the stock, 0 for none; `order_quantity` one for all or one a SKU.
    """
    if not 0 <= review_days < np.inf:
        raise ValueError(f"review_days: the days between two looks at the stock are 0 or more, got {review_days}")
    if not review_days:
        return np.zeros_like(demand.mean), np.zeros_like(demand.mean)
    mean, variance = demand.mean * review_days, demand.variance * review_days
    first, second = np.where(demand.family == GAMMA, _continuous(mean, variance), _counted(mean, variance))
    kept_first, kept_second = _kept(mean, variance, order_quantity)
    first, second = first * kept_first, second * kept_second
    return first, np.maximum(second - first**2, 0.0)


def _continuous(mean: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """E[U] and E[U^2] of a gamma demand, endless Q: E[X^2] / 2 E[X] and E[X^3] / 3 E[X]."""
    spread = variance / mean
    return np.stack([(spread + mean) / 2, (mean + spread) * (mean + 2 * spread) / 3])


def _counted(mean: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """The same of counts; factorial moments f_r = (k)_r b^r with k b = mean, b = variance / mean - 1 (0: Poisson)."""
    b = np.maximum(variance / mean - 1, 0.0)
    second = mean * (mean + b)
    third = second * (mean + 2 * b)
    return np.stack([second / (2 * mean), (2 * third + 3 * second) / (6 * mean)])


def _kept(mean: np.ndarray, variance: np.ndarray, order_quantity: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Moments of the undershoot with orders of Q over those with endless ones, (SKU, 1), at the SKU's mean parameters."""
    quantity = np.asarray(order_quantity, float).reshape(-1, 1)
    if not np.all(quantity > 0):
        raise ValueError("order_quantity: pieces an order, above 0")
    if np.all(np.isinf(quantity)):
        return np.ones((1, 1)), np.ones((1, 1))
    quantity = np.minimum(quantity, 1e12)
    at = mean.mean(axis=1, keepdims=True), variance.mean(axis=1, keepdims=True)
    endless = gamma_partial_moments(0.0, *at)
    share = [1 - beyond / whole for beyond, whole in zip(gamma_partial_moments(quantity, *at), endless)]
    return share[1] / share[0], share[2] / share[0]
