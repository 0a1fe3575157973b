"""Textbook inventory models: economic order quantity, newsvendor, and reorder point with order quantity (r, Q).

Notation and equation numbers of [1]: h holding cost a piece and time, p shortage cost a piece and time, K cost of an order, lambda
demand a time. Any unit of time will do if all use the same. Everything works on arrays.

.. [1] Snyder, L. V. and Shen, Z.-J. M. (2019). Fundamentals of Supply Chain Theory, 2nd ed., Wiley.
.. [2] Federgruen, A. and Zheng, Y.-S. (1992). An efficient algorithm for computing an optimal (r, Q) policy in continuous
   review stochastic inventory systems. Operations Research 40, 808-813.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import special

from analysis.decisions.stock.loss_functions import (
    normal_cdf,
    normal_loss,
    normal_second_loss,
    poisson_cdf,
    poisson_loss,
)

NEWTON_STEPS = 100


def check_positive(**values) -> None:
    """`ValueError` naming the first argument that is not finite and above 0 throughout."""
    for name, value in values.items():
        if not np.all(np.isfinite(value)) or not np.all(np.asarray(value) > 0):
            raise ValueError(f"{name}: finite and above 0 is needed, got {value}")


def economic_order_quantity(fixed_cost, holding_cost, demand_rate):
    """Q* = sqrt(2 K lambda / h) and its cost a time sqrt(2 K lambda h)    [1, (3.4)-(3.5)].

    >>> quantity, cost = economic_order_quantity(fixed_cost=8, holding_cost=0.225, demand_rate=1300)
    >>> round(float(quantity), 1), round(float(cost), 2)
    (304.0, 68.41)
    """
    check_positive(fixed_cost=fixed_cost, holding_cost=holding_cost, demand_rate=demand_rate)
    cost = np.sqrt(2.0 * np.asarray(fixed_cost) * demand_rate * holding_cost)
    return cost / holding_cost, cost


def economic_order_quantity_with_backorders(fixed_cost, holding_cost, shortage_cost, demand_rate):
    """Q*, share of demand owed x* = h / (h + p), and cost a time    [1, (3.27)-(3.29)]."""
    check_positive(
        fixed_cost=fixed_cost, holding_cost=holding_cost, shortage_cost=shortage_cost, demand_rate=demand_rate
    )
    both = np.add(holding_cost, shortage_cost)
    quantity = np.sqrt(2.0 * np.asarray(fixed_cost) * demand_rate * both / (np.multiply(holding_cost, shortage_cost)))
    cost = np.sqrt(2.0 * np.asarray(fixed_cost) * demand_rate * np.multiply(holding_cost, shortage_cost) / both)
    return quantity, holding_cost / both, cost


def newsvendor_normal(holding_cost, shortage_cost, mean, sd):
    """S* = mean + sd Phi^-1(p / (h + p)) and its cost for normal demand    [1, (4.24), (4.30)]."""
    check_positive(holding_cost=holding_cost, shortage_cost=shortage_cost, sd=sd)
    level = mean + sd * special.ndtri(shortage_cost / np.add(holding_cost, shortage_cost))
    return level, newsvendor_normal_cost(level, holding_cost, shortage_cost, mean, sd)


def newsvendor_normal_cost(level, holding_cost, shortage_cost, mean, sd):
    """g(S) = h (S - mean) + (h + p) n(S), n the loss function    [1, (4.6)]."""
    return holding_cost * (level - mean) + np.add(holding_cost, shortage_cost) * normal_loss(level, mean, sd)


def newsvendor_poisson(holding_cost, shortage_cost, mean):
    """Smallest whole S with P(D <= S) >= p / (h + p), and its cost, for Poisson demand    [1, section 4.3]."""
    check_positive(holding_cost=holding_cost, shortage_cost=shortage_cost, mean=mean)
    ratio = shortage_cost / np.add(holding_cost, shortage_cost)
    level = np.maximum(np.ceil(special.pdtrik(ratio, mean) - 1e-9), 0.0)
    level = np.where(poisson_cdf(level, mean) < ratio, level + 1, level)
    loss = poisson_loss(level, mean)
    return level, holding_cost * (level - mean) + np.add(holding_cost, shortage_cost) * loss


def reorder_policy_cost(reorder_point, order_quantity, holding_cost, shortage_cost, fixed_cost, demand_rate, mean, sd):
    """g(r, Q) = (K lambda + int_r^{r+Q} g(y) dy) / Q with normal lead-time demand (`mean`, `sd`)    [1, (5.7)].

    The integral is closed: h ((r + Q - mean)^2 - (r - mean)^2) / 2 + (h + p) (n2(r) - n2(r + Q)), n2 the second loss function.
    """
    check_positive(order_quantity=order_quantity, sd=sd)
    top = np.add(reorder_point, order_quantity)
    holding = 0.5 * holding_cost * ((top - mean) ** 2 - (np.subtract(reorder_point, mean)) ** 2)
    both = np.add(holding_cost, shortage_cost)
    short = both * (normal_second_loss(reorder_point, mean, sd) - normal_second_loss(top, mean, sd))
    return (np.multiply(fixed_cost, demand_rate) + holding + short) / order_quantity


def reorder_point_for_quantity(order_quantity, holding_cost, shortage_cost, mean, sd):
    """r(Q), the best reorder point with orders of Q: the r with g(r) = g(r + Q)    [1, section 5.3]."""
    check_positive(order_quantity=order_quantity, holding_cost=holding_cost, shortage_cost=shortage_cost, sd=sd)
    costs = (holding_cost, shortage_cost, mean, sd)
    best, _ = newsvendor_normal(*costs)  # the bottom of the convex g lies between r and r + Q
    low, high = np.broadcast_arrays(np.subtract(best, order_quantity), best)
    r, both = 0.5 * (low + high), np.add(holding_cost, shortage_cost)
    for _ in range(NEWTON_STEPS):
        top = r + order_quantity
        over = newsvendor_normal_cost(top, *costs) - newsvendor_normal_cost(r, *costs)
        low, high = np.where(over < 0, r, low), np.where(over < 0, high, r)
        slope = both * (normal_cdf(top, mean, sd) - normal_cdf(r, mean, sd))
        step = -over / np.maximum(slope, 1e-300)
        done = np.abs(step) <= 1e-11 * (np.abs(r) + sd)
        if np.all(done):
            break
        inside = (r + step > low) & (r + step < high)
        r = np.where(done, r, np.where(inside, r + step, 0.5 * (low + high)))
    return r


def best_reorder_policy(holding_cost, shortage_cost, fixed_cost, demand_rate, mean, sd):
    """Exact (r*, Q*) and cost for normal lead-time demand, all arguments arrays    [1, section 5.3].

    At the optimum g(r) = g(r + Q) = the cost a time, so with r = r(Q) the root of F(Q) = Q g(r) - K lambda - int_r^{r+Q} g is
    sought; F'(Q) = Q dg/dQ, and F rises from -K lambda.
    """
    check_positive(fixed_cost=fixed_cost, demand_rate=demand_rate)
    arguments = (holding_cost, shortage_cost, fixed_cost, demand_rate, mean, sd)
    costs = (holding_cost, shortage_cost, mean, sd)
    quantity, _, _ = economic_order_quantity_with_backorders(fixed_cost, holding_cost, shortage_cost, demand_rate)
    low, high = np.zeros(np.shape(quantity)), np.full(np.shape(quantity), np.inf)
    for _ in range(NEWTON_STEPS):
        point = reorder_point_for_quantity(quantity, *costs)
        at_ends = newsvendor_normal_cost(point, *costs)
        over = at_ends - reorder_policy_cost(point, quantity, *arguments)
        low, high = np.where(over < 0, quantity, low), np.where(over < 0, high, quantity)
        step = -over / np.maximum(_slope_at_ends(point, quantity, *costs), 1e-300)
        done = np.abs(step) <= 1e-10 * quantity
        if np.all(done):
            break
        middle = np.where(np.isinf(high), 2 * quantity, 0.5 * (low + np.where(np.isinf(high), low, high)))
        inside = (quantity + step > low) & (quantity + step < high)
        quantity = np.where(done, quantity, np.where(inside, quantity + step, middle))
    point = reorder_point_for_quantity(quantity, *costs)
    return point, quantity, reorder_policy_cost(point, quantity, *arguments)


def _slope_at_ends(point, quantity, holding_cost, shortage_cost, mean, sd):
    """dg/dQ along r(Q): g'(r) r'(Q), r' = -g'(r + Q) / (g'(r + Q) - g'(r)), g'(y) = h - (h + p)(1 - Phi)."""
    both = np.add(holding_cost, shortage_cost)
    left, right = (both * normal_cdf(y, mean, sd) - shortage_cost for y in (point, np.add(point, quantity)))
    return -left * right / np.maximum(right - left, 1e-300)


def best_whole_policy(
    loss: Callable[[float], float], mean: float, holding_cost: float, shortage_cost: float, order_cost_rate: float
) -> tuple[int, int, float]:
    """Exact whole (r*, Q*) and cost a time for any lead-time demand in pieces, by [2].

    `loss(y)` is E[(D - y)+] and `mean` E[D] of lead-time demand (a `LeadTimeDemand` gives both); `order_cost_rate` K lambda.
    The set {r + 1..r + Q} starts at the cheapest stock level and takes in the cheaper neighbour while that lowers the cost.

    >>> from analysis.decisions.stock.loss_functions import poisson_loss
    >>> r, q, cost = best_whole_policy(lambda y: poisson_loss(y, 3.0), 3.0, 20, 150, 100 * 1.5)
    >>> r, q, round(cost, 4)
    (3, 5, 107.9236)
    """
    check_positive(holding_cost=holding_cost, shortage_cost=shortage_cost, order_cost_rate=order_cost_rate)

    def cost(y: int) -> float:
        return float(holding_cost * (y - mean) + (holding_cost + shortage_cost) * loss(float(y)))

    start = _cheapest_level(cost, int(np.ceil(mean)))
    point, quantity = start - 1, 1
    total = order_cost_rate + cost(start)
    while True:
        below, above = cost(point), cost(point + quantity + 1)
        if min(below, above) >= total / quantity:
            return point, quantity, total / quantity
        total += min(below, above)
        quantity += 1
        if below <= above:
            point -= 1


def _cheapest_level(cost: Callable[[int], float], start: int) -> int:
    """The bottom of a convex cost over whole numbers, walking from `start` by doubling steps."""
    at = start
    for direction in (1, -1):
        step = 1
        while step:
            if cost(at + direction * step) < cost(at):
                at, step = at + direction * step, 2 * step
            else:
                step //= 2
    return at
