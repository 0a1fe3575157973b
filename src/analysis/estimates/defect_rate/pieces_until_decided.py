"""What would settle it: how many more pieces until a rate is known to be above or below a limit."""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln

from analysis.estimates.defect_rate.rate_grid import LEAST_LOG

EVEN_CHANCE = 0.5
NO_MASS = 1e-18
BLOCK = 1000
"""Rates worked on at a time: with thousands of possible counts each, 100,000 rates at once would take gigabytes."""


def ladder(most: float) -> list[int]:
    """Numbers of pieces tried: 1, 2, 3, ... and then steps of about 20 %, up to `most`."""
    steps = [1]
    while steps[-1] < most:
        steps.append(max(steps[-1] + 1, int(steps[-1] * 1.2)))
    return steps[:-1] if steps[-1] > most else steps


def pieces_until_decided(
    masses: np.ndarray, rates: np.ndarray, over: np.ndarray, upper: float, lower: float, worth: float, most: int
) -> np.ndarray:
    """Pieces until P(over) is expected to leave (lower, upper) with an even chance; 0 settled already, -1 beyond `most`.

    Parameters
    ----------
    masses : ndarray, shape (n, cells)
        Posterior of each rate.
    rates, over : ndarray, shape (cells,)
        Rate of a cell and the share of the cell that lies over the limit.
    worth : float
        Real pieces that tell as much as one independent piece (the design effect, >= 1).
    """
    probability = masses @ over
    answer = np.where((probability >= upper) | (probability <= lower), 0, -1)
    waiting = np.flatnonzero(answer < 0)
    cells = _cells_with_mass(masses[waiting])
    masses, rates, over = masses[:, cells], rates[cells], over[cells]
    for independent in ladder(most / worth):
        if not waiting.size:
            break
        settled = _settled(masses[waiting], rates, over, independent, upper, lower) >= EVEN_CHANCE
        answer[waiting[settled]] = int(np.ceil(independent * worth))
        waiting = waiting[~settled]
    return answer


def _cells_with_mass(masses: np.ndarray) -> slice:
    """From the first to the last cell in which any of the rates may lie: mostly less than half of them."""
    there = np.flatnonzero(masses.max(axis=0, initial=0) > NO_MASS)
    return slice(there[0], there[-1] + 1) if there.size else slice(0)


def _settled(
    masses: np.ndarray, rates: np.ndarray, over: np.ndarray, pieces: int, upper: float, lower: float
) -> np.ndarray:
    """Chance that `pieces` independent pieces settle it, shape (n,): the chance of the counts that would.

    The more defects are found, the more probable it is that the rate lies over the limit (likelihoods of counts are ordered as
    their rates), so these counts are the first and the last ones: where they begin is found by halving.
    """
    count = np.arange(pieces + 1)[:, None]
    choose = gammaln(pieces + 1) - gammaln(count + 1) - gammaln(pieces - count + 1)
    likelihood = choose + count * np.log(rates) + (pieces - count) * np.log1p(-rates)  # (counts, cells)
    likelihood[likelihood < LEAST_LOG] = -np.inf
    np.exp(likelihood, out=likelihood)
    fewer = np.vstack([np.zeros(rates.size), np.cumsum(likelihood, axis=0)])  # chance of fewer than a count
    return np.concatenate(
        [
            _chance(masses[i : i + BLOCK], rates, likelihood, fewer, over, upper, lower)
            for i in range(0, len(masses), BLOCK)
        ]
    )


def _chance(
    masses: np.ndarray,
    rates: np.ndarray,
    likelihood: np.ndarray,
    fewer: np.ndarray,
    over: np.ndarray,
    upper: float,
    lower: float,
) -> np.ndarray:
    few = _first_count(masses * (over - lower), masses @ rates, likelihood)
    many = np.maximum(_first_count(masses * (over - upper), masses @ rates, likelihood), few)
    return (masses * (fewer[few] + fewer[-1] - fewer[many])).sum(axis=1)


def _first_count(excess: np.ndarray, mean: np.ndarray, likelihood: np.ndarray) -> np.ndarray:
    """The first count from which on sum(excess x likelihood) is above 0, shape (n,).

    Where a count is so improbable that the sum is exactly 0, it is on the side of the mean rate; it adds nothing either way.
    """
    low, high = np.zeros(len(excess), int), np.full(len(excess), len(likelihood))
    for _ in range(len(likelihood).bit_length()):
        middle = (low + high) // 2
        at = np.minimum(middle, len(likelihood) - 1)
        total = np.einsum("ij,ij->i", excess, likelihood[at])
        beyond = (total > 0) | ((total == 0) & (at > mean * (len(likelihood) - 1)))
        going = low < high
        low, high = np.where(going & ~beyond, middle + 1, low), np.where(going & beyond, middle, high)
    return low
