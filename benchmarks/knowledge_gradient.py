"""The value of a single trial under normal beliefs: a closed form that the general value is measured against.

.. [1] Frazier, P., Powell, W. and Dayanik, S. (2008). SIAM J. Control Optim. 47, 2410-2439.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr
from scipy.stats import norm


def knowledge_gradient(
    mean: np.ndarray, best_other: np.ndarray, sd: np.ndarray, noise_variance: np.ndarray
) -> np.ndarray:
    """Value a piece of a single trial when beliefs are normal, in closed form.

    st = v / sqrt(v + noise), z = -|m_i - best other| / st, value = st (z Phi(z) + phi(z))    [1]

    Parameters
    ----------
    mean, best_other, sd, noise_variance : array_like, same shape
        The candidate's expected value and that of the best of the others, its standard deviation, and the outcome's noise.

    Examples
    --------
    Two candidates that look alike, a trial that shows everything: E[max(0, N(0, 1))] = 1 / sqrt(2 pi).

    >>> round(float(knowledge_gradient(5.0, 5.0, 1.0, 0.0)), 4)
    0.3989
    """
    variance = np.asarray(sd, float) ** 2
    spread = variance / np.sqrt(np.maximum(variance + noise_variance, 1e-300))
    distance = -np.abs(np.asarray(mean, float) - best_other)
    z = np.divide(distance, spread, out=np.full(np.broadcast(distance, spread).shape, -40.0), where=spread > 0)
    return spread * (z * ndtr(z) + norm.pdf(z))
