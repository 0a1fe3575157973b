"""When to order again and how much to keep: reorder point, safety stock, order size, and the service they really give.

The reorder point is the quantile of demand until the next delivery (`lead_time_demand`), mixed over the *predictive* lead time
and the posterior of demand (`demand`). Beside it stands the usual formula, mu L + z sqrt(L sd^2 + mu^2 sd_L^2), with the service
that it would really give: on a skewed lead time known from a few orders it promises more than it keeps.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.decisions.stock.demand_nodes import DemandNodes
from analysis.decisions.stock.lead_time_demand import LeadTimeDemand, check_lead_times


def reorder_point(
    lead_time_days: ArrayLike,
    demand_mean: ArrayLike,
    demand_variance: ArrayLike | None = None,
    *,
    service_level: float = 0.95,
    review_days: float = 1.0,
    order_quantity: ArrayLike = np.inf,
    family: str | None = None,
) -> float | np.ndarray:
    """Stock position (on hand + on order - owed) at which to order: demand until the delivery stays within it with `service_level`.

    P(U + D(L) <= R) = mean_j F_j(R), averaged over equally likely lead times L_j; D(t) has mean `demand_mean` t and variance
    `demand_variance` t, U is what a review finds the position to be below the point.

    Parameters
    ----------
    lead_time_days : array_like
        Predictive lead times in days, equally likely: (node,) for all SKUs or (SKU, node); draws or quantiles.
    demand_mean : array_like
        Pieces a day: a number or one a SKU; or (SKU, node), paired with the lead times, when it is uncertain.
    demand_variance : array_like, optional
        Of a day's demand, pieces^2, likewise; None: Poisson, variance = mean.
    service_level : float, optional
        Probability of no stock-out before a delivery (cycle service).
    review_days : float, optional
        Days between two looks at the stock; 0 watches it without pause.
    order_quantity : array_like, optional
        Pieces an order, one for all or one a SKU; matters only for lumpy demand and small orders.
    family : str, optional
        `"gamma"` (amounts; the default with a variance), `"negative binomial"` or `"poisson"` (counts).

    Returns
    -------
    float or ndarray
        Pieces, one a SKU (a float when one SKU is asked for); whole pieces for counts.

    Raises
    ------
    ValueError
        Naming argument and rule: a lead time that is negative or missing, demand not above 0, a service level outside (0, 1),
        a negative binomial with no more variance than Poisson, arrays that do not fit together.

    Examples
    --------
    A constant lead time of 9 days and 4 pieces a day, Poisson: P(D <= 46) = 0.955 is the first to reach 95 %.

    >>> reorder_point(9.0, 4.0, service_level=0.95, review_days=0)
    46.0

    Five equally likely lead times, the last one late; two SKUs:

    >>> reorder_point([12, 14, 15, 18, 35], [4.0, 10.0], [20.0, 90.0]).round(1)
    array([161.6, 396.1])
    """
    demand = _known_demand(demand_mean, demand_variance, family)
    days = check_lead_times(lead_time_days)
    if days.ndim > 2:
        raise ValueError(f"lead_time_days: (node,) or (SKU, node) is needed, got {days.ndim} dimensions")
    points = LeadTimeDemand.of(days, demand, review_days, order_quantity).quantile(service_level)
    single = np.ndim(demand_mean) == 0 and days.ndim < 2
    return float(points[0]) if single else points


def _known_demand(mean: ArrayLike, variance: ArrayLike | None, family: str | None) -> DemandNodes:
    mean = np.asarray(mean, float)
    family = family or ("poisson" if variance is None else "gamma")
    if family == "poisson" and variance is not None and not np.allclose(variance, mean):
        raise ValueError("demand_variance: Poisson demand has variance = mean; leave it out or choose another family")
    spread = mean if variance is None else np.asarray(variance, float)
    if family == "negative binomial" and np.any(spread <= mean):
        raise ValueError("demand_variance: negative binomial demand varies more than its mean; choose poisson or gamma")
    if mean.ndim < 2 and spread.ndim < 2:
        return DemandNodes.known(mean, spread, family)
    known = DemandNodes.known(1.0, 1.0, family)
    return DemandNodes(*np.broadcast_arrays(mean, spread, known.family))


def normal_reorder_point(
    lead_time_mean: float | np.ndarray,
    lead_time_sd: float | np.ndarray,
    demand_mean: float | np.ndarray,
    demand_sd: float | np.ndarray,
    service_level: float,
    review_days: float | np.ndarray = 0.0,
) -> np.ndarray:
    """The usual formula mu L + z sqrt(L sd^2 + mu^2 sd_L^2); days and a day's demand. For comparison only.

    `review_days` between two looks at the stock lengthen L by half of them.

    >>> float(round(normal_reorder_point(10, 3, 20, 8, 0.95), 1))
    307.1
    """
    days = np.add(lead_time_mean, np.divide(review_days, 2))
    sd = np.sqrt(days * np.square(demand_sd) + np.square(demand_mean) * np.square(lead_time_sd))
    return demand_mean * days + special.ndtri(service_level) * sd


def fill_rate(demand: LeadTimeDemand, point: float | np.ndarray, order_quantity: float | np.ndarray) -> np.ndarray:
    """Share of demand served from the shelf: 1 - (G(R) - G(R + Q)) / Q, G the loss function of demand until the delivery."""
    return 1 - (demand.loss(point) - demand.loss(np.add(point, order_quantity))) / order_quantity
