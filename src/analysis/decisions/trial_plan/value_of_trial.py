"""What finding out is worth: how far a trial may move what is believed of a candidate, and what that does to the choice.

A product's candidates have uncertain values a piece. Today the one with the greatest expected value is bought from. A trial
shows its candidate's value with noise; afterwards the greatest *updated* expectation is bought. Before the trial that
expectation is random, with today's as its mean, and the maximum of the candidates' expectations can only rise [1, 2]:

    value of a set of trials = E[max_i M_i] - max_i m_i,    M_i = E[V_i | outcome of i's trial]

M_i is worked out by Bayes' rule for the belief's own shape: a bounded or skewed belief stays so.

.. [1] Raiffa, H. and Schlaifer, R. (1961). Applied Statistical Decision Theory, ch. 4-5 (expected value of sample information).
.. [2] Chick, S. E. and Inoue, K. (2001). Operations Research 49, 732-743 (several samples ordered at once).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr
from scipy.stats import norm, qmc

NODES = 96
"""Equally likely values that stand for a belief."""
OUTCOMES = 49
"""Outcomes of a trial at which the updated expectation is worked out; straight lines between."""
WORLDS = 1024
"""Joint outcomes of a batch of trials; a power of two (Sobol points)."""
MOST_TRIALS = 32
"""Trials of one product in one batch, at most."""
CHUNK = 256
SHARED_CORRELATION = 0.1
"""Median correlation of candidates' draws from which they are taken to have something in common."""


@dataclass(frozen=True)
class Beliefs:
    """What is believed of the candidates of one product, value a piece.

    `mean` (n,) expected values; `deviations` (n, NODES) equally likely deviations from it, of what is the candidate's own.
    """

    mean: np.ndarray
    deviations: np.ndarray

    @property
    def sd(self) -> np.ndarray:
        """Standard deviation of each candidate's own value, (n,)."""
        return self.deviations.std(axis=1)

    @classmethod
    def from_draws(cls, values: np.ndarray) -> Beliefs:
        """From posterior draws (n, draws), column j one imagined world.

        What all candidates share in a world (a selling price, a month's freight) cannot change the choice and is taken out.
        """
        values = np.asarray(values, float)
        if values.ndim != 2 or not values.size or not np.isfinite(values).all():
            raise ValueError(
                f"values: finite draws, one row a candidate, are needed, got shape {values.shape}; give a candidate "
                "without evidence the spread of its category"
            )
        mean = values.mean(axis=1)
        nodes = np.quantile(values - mean[:, None], (np.arange(NODES) + 0.5) / NODES, axis=1).T
        return cls(mean, _scaled(nodes, np.sqrt(_own_variance(values))))

    @classmethod
    def normal(cls, mean: np.ndarray, sd: np.ndarray) -> Beliefs:
        """Independent normal beliefs."""
        mean = np.asarray(mean, float)
        nodes = np.tile(norm.ppf((np.arange(NODES) + 0.5) / NODES), (len(mean), 1))
        return cls(mean, _scaled(nodes, np.broadcast_to(np.asarray(sd, float), mean.shape)))


def _own_variance(values: np.ndarray) -> np.ndarray:
    """Variance of each row (n,) without what all rows have in common, never below 0.

    Where value = common + own with independent parts, w_i = var(value_i - mean over the rows) is free of the common part and
    own_i = (n w_i - sum_j w_j / (n - 1)) / (n - 2). Rows that are hardly correlated are left alone: taking out
    nothing would only add the draws' own noise.
    """
    n, variance = len(values), values.var(axis=1)
    varying = values[variance > 0]
    if len(varying) < 2 or np.median(np.corrcoef(varying)[np.triu_indices(len(varying), 1)]) < SHARED_CORRELATION:
        return variance
    if n == 2:
        return np.maximum(variance - np.cov(values, ddof=0)[0, 1], 0.0)
    about = (values - values.mean(axis=0)).var(axis=1)
    return np.maximum((n * about - about.sum() / (n - 1)) / (n - 2), 0.0)


def _scaled(nodes: np.ndarray, sd: np.ndarray) -> np.ndarray:
    """`nodes` with mean 0 and standard deviation `sd`, row by row."""
    centred = nodes - nodes.mean(axis=1, keepdims=True)
    spread = centred.std(axis=1)
    return centred * np.divide(sd, spread, out=np.zeros_like(spread), where=spread > 0)[:, None]


def joint_outcomes(seed: int) -> np.ndarray:
    """Points (MOST_TRIALS, WORLDS) in (0, 1): the quantile of each trial's outcome in each world; row k for the k-th trial."""
    points = qmc.Sobol(MOST_TRIALS, rng=np.random.default_rng(seed)).random(WORLDS).T
    return np.clip(points, 1e-9, 1 - 1e-9)


@dataclass(frozen=True)
class Foreseen:
    """Updated expectation after each of several possible trials, before the outcome is known.

    Row r: with chance at most `chance[r, g]` the expectation moves by at most `move[r, g]`; both (rows, OUTCOMES), rising.
    """

    chance: np.ndarray
    move: np.ndarray

    def moves(self, row: int, points: np.ndarray) -> np.ndarray:
        """Moves of the expectation in the worlds of `points`, with mean exactly 0: nobody expects to be surprised."""
        moved = np.interp(points, self.chance[row], self.move[row])
        return moved - moved.mean()


def foresee(deviations: np.ndarray, noise_sd: np.ndarray) -> Foreseen:
    """What trials may show: `deviations` (rows, NODES) of a belief, `noise_sd` (rows,) of the trial's outcome, above 0.

    Outcome y = v + noise, noise normal; E[v | y] by Bayes' rule over the nodes, P(outcome <= y) their mixture.
    """
    chance, move = np.empty((len(deviations), OUTCOMES)), np.empty((len(deviations), OUTCOMES))
    for start in range(0, len(deviations), CHUNK):
        rows = slice(start, start + CHUNK)
        v, s = deviations[rows], np.asarray(noise_sd, float)[rows, None]
        share = np.linspace(0, 1, OUTCOMES)
        y = (v.min(axis=1)[:, None] - 4 * s) * (1 - share) + (v.max(axis=1)[:, None] + 4 * s) * share
        z = (y[:, :, None] - v[:, None, :]) / s[:, :, None]
        log_weight = -0.5 * z * z
        weight = np.exp(log_weight - log_weight.max(axis=2, keepdims=True))
        move[rows] = np.einsum("rgn,rn->rg", weight, v) / weight.sum(axis=2)
        chance[rows] = ndtr(z).mean(axis=2)
    return Foreseen(chance, move)


class ForeseenChoice:
    """The choice among one product's candidates as foreseen while trials are added to a batch.

    `expected[i, w]`: candidate i's expectation in world w once the trials chosen so far are in. `floor`: value a piece of
    buying from nobody, -inf where that is no option.
    """

    def __init__(self, beliefs: Beliefs, points: np.ndarray, floor: float = -np.inf) -> None:
        self.beliefs, self.points, self.floor = beliefs, points, floor
        self.expected = np.repeat(beliefs.mean[:, None], points.shape[1], axis=1)
        self.trials: list[int] = []

    @property
    def gain(self) -> float:
        """Value a piece that the trials are expected to add to the choice made without them."""
        today = max(float(self.beliefs.mean.max()), self.floor)
        return float((np.maximum(self.expected.max(axis=0), self.floor) - today).mean())

    def foreseen(self, candidate: int, foreseen: Foreseen, row: int) -> np.ndarray:
        """Candidate's expectation in each world if it has the trial `row` of `foreseen` (in place of the one it may have)."""
        place = self.trials.index(candidate) if candidate in self.trials else len(self.trials)
        return self.beliefs.mean[candidate] + foreseen.moves(row, self.points[place])

    def add(self, candidate: int, foreseen: Foreseen, row: int) -> None:
        """Put the trial into the batch."""
        self.expected[candidate] = self.foreseen(candidate, foreseen, row)
        if candidate not in self.trials:
            self.trials.append(candidate)

    def gains(self, candidates: np.ndarray, foreseen: Foreseen) -> np.ndarray:
        """Value a piece that each trial (row of `foreseen`, of the candidate named) would add to the batch."""
        best = self.expected.argmax(axis=0)
        worlds = np.arange(len(best))
        first = np.maximum(self.expected[best, worlds], self.floor)
        others = self.expected.copy()
        others[best, worlds] = -np.inf
        second = np.maximum(others.max(axis=0), self.floor)
        full = len(self.trials) >= len(self.points)
        gains = np.zeros(len(candidates))
        for row, candidate in enumerate(candidates):
            if full and candidate not in self.trials:
                continue
            rival = np.where(best == candidate, second, first)
            gains[row] = np.maximum(self.foreseen(int(candidate), foreseen, row), rival).mean() - first.mean()
        return np.maximum(gains, 0.0)  # below 0 by rounding only

    def chances(self) -> np.ndarray:
        """Chance of each candidate of being chosen after the trials, (n,); they add up to less than 1 where nobody may be."""
        best = self.expected.argmax(axis=0)
        bought = self.expected.max(axis=0) >= self.floor
        return np.bincount(best[bought], minlength=len(self.expected)) / len(best)
