"""What trying a supplier first is worth in this plan: how often its pieces would change whom the rest is bought from."""

from __future__ import annotations

import numpy as np
from scipy.stats import binom

NODES = 200
"""Draws of the rate that stand for the posterior."""
MOST_TOLD = 5_000
"""Pieces, each by itself, beyond which more say nothing that would change the choice."""


def worth_of_trying(
    saving: np.ndarray, rates: np.ndarray, pieces: int, monthly: float, horizon: float, lot_correlation: float
) -> float:
    """Expected money of buying `pieces` now, looking at all of them, and buying on for the rest of the horizon where it pays.

        pieces E[s] + monthly (horizon - 1) sum_x P(x) max(0, E[s | x])

    s the saving a piece against the best supplier known, x the defectives found. Pieces of a lot are alike: n of them say as much
    as n / (1 + (n - 1) r) others.

    >>> round(worth_of_trying(np.array([1.0, -3.0]), np.array([0.0, 0.5]), 20, 100.0, 6.0, 0.0), 1)   # 20 pieces tell which it is
    230.0

    Parameters
    ----------
    saving, rates : ndarray, shape (draws,)
        Draw by draw of the same world.
    pieces : int
        Bought and looked at.
    monthly : float
        Demand.
    horizon : float
        Months.
    lot_correlation : float
        Of two pieces of one lot.
    """
    at = np.linspace(0, len(rates) - 1, min(NODES, len(rates))).round().astype(int)
    nodes = np.argsort(rates, kind="stable")[at]
    worth = min(max(1, round(pieces / (1 + (pieces - 1) * lot_correlation))), MOST_TOLD)
    likely = binom.pmf(np.arange(worth + 1)[:, None], worth, rates[nodes])  # (found, nodes)
    told = np.maximum(likely @ saving[nodes], 0.0).sum() / len(nodes)
    return float(pieces * saving.mean() + monthly * max(horizon - 1, 0.0) * told)
