"""Companies whose true weights are known: candidates, choice by the weights in force, outcomes; no benchmark by itself.

Eight products with 15 suppliers each. A supplier's worths (9 correlated criteria) have a lasting half and a half that its
quote renews about every third month. Each round the suppliers rated highest by the weights in force are tried, so that only
chosen suppliers are ever seen, and a quote chosen again is a repeat order. Value of a trial: true weights x worths,
product, plus a quote's own, a batch's and the pieces' deviation. `explained` is the share of the candidates' variance within
a product, at 20 pieces, that the true weights explain. Of the trials that are made they explain much less (.19 and .09 where
candidates have .30 and the analyst is wrong and right): those chosen are rated alike.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtr

PRODUCTS, SUPPLIERS, CRITERIA = 8, 15, 9
ROUNDS = 28
SIZES = np.array([5, 10, 20, 30, 50])
ANALYST = np.array([0.22, 0.20, 0.14, 0.10, 0.12, 0.07, 0.05, 0.04, 0.06])
RENEWED = 0.5
"""Share of quotes that are renewed each month: trials seldom repeat an old quote."""
EFFECT = 0.3
"""Standard deviation of the products' means."""
LASTING, BATCH, PIECE = 0.30, 0.35, 0.35
"""Shares of the noise's variance at 20 pieces: the quote's own, the batch's, the pieces'."""


@dataclass(frozen=True)
class Scenario:
    """How the truth departs from the analyst's weights and how much an outcome tells."""

    name: str
    truth: Callable[[np.random.Generator], np.ndarray]
    """Weights (ROUNDS, K) by round."""
    explained: float = 0.30
    trials: int = 30
    catastrophes: float = 0.0
    """Share of trials that lose far more than noise would."""


@dataclass(frozen=True)
class Round:
    """One round's trials, in the order chosen."""

    product: np.ndarray
    supplier: np.ndarray
    quote: np.ndarray
    u: np.ndarray
    y: np.ndarray
    pieces: np.ndarray


def near(error: float) -> Callable[[np.random.Generator], np.ndarray]:
    """The analyst's weights times log-normal errors of standard deviation `error`, the same in all rounds."""

    def truth(rng: np.random.Generator) -> np.ndarray:
        w = ANALYST * np.exp(error * rng.standard_normal(CRITERIA))
        return np.tile(w / w.sum(), (ROUNDS, 1))

    return truth


def permuted(rng: np.random.Generator) -> np.ndarray:
    """The analyst has the sizes about right but gave them to the wrong criteria."""
    w = rng.permutation(ANALYST) * np.exp(0.5 * rng.standard_normal(CRITERIA))
    return np.tile(w / w.sum(), (ROUNDS, 1))


def switching(at: int) -> Callable[[np.random.Generator], np.ndarray]:
    """Right until round `at`, wrong from then on."""

    def truth(rng: np.random.Generator) -> np.ndarray:
        w = np.tile(ANALYST, (ROUNDS, 1))
        w[at:] = permuted(rng)[at:]
        return w

    return truth


def drifting(rng: np.random.Generator) -> np.ndarray:
    """A random walk on the log scale that starts at the analyst's weights."""
    steps = 0.12 * rng.standard_normal((ROUNDS, CRITERIA))
    w = ANALYST * np.exp(np.cumsum(steps, axis=0))
    return w / w.sum(axis=1, keepdims=True)


RIGHT = Scenario("analyst right", near(0.0))
WRONG = Scenario("analyst wrong", permuted)
MILD = Scenario("analyst mildly wrong", near(0.5))
SWITCH_ROUND = 10
"""Rounds with the old truth before the switch."""
SWITCH = Scenario("sudden switch", switching(SWITCH_ROUND))
DRIFT = Scenario("drifting", drifting)
OUTLIERS = replace(WRONG, name="wrong, 6 % catastrophes", catastrophes=0.06)
FAR = Scenario("analyst far off (lognormal)", near(1.2))
FEW = replace(WRONG, name="wrong, 12 trials a round", trials=12)
NOISY = replace(WRONG, name="wrong, outcomes explained to 8 %", explained=0.08)


class Company:
    """One simulated company; `step(weights)` makes the next round's choice by `weights` and returns its trials."""

    def __init__(self, scenario: Scenario, seed: int):
        self.scenario = scenario
        self.rng = np.random.default_rng(seed)
        self.truth = scenario.truth(self.rng)
        loading = self.rng.standard_normal((CRITERIA, 2)) * 0.6
        self.root = np.linalg.cholesky(loading @ loading.T + np.eye(CRITERIA))
        self.root /= np.sqrt((self.root**2).sum(axis=1, keepdims=True))
        self.lasting, self.quoted = self._latent(), self._latent()
        self.effect = EFFECT * self.rng.standard_normal(PRODUCTS)
        self.quote = np.arange(PRODUCTS * SUPPLIERS).reshape(PRODUCTS, SUPPLIERS)
        self.of_quote = self.rng.standard_normal(self.quote.shape)
        self.month = -1
        self.noise: list[float] = []
        """Standard deviation of the noise at 20 pieces, by round."""

    def _latent(self) -> np.ndarray:
        return self.rng.standard_normal((PRODUCTS, SUPPLIERS, CRITERIA)) @ self.root.T

    def worths(self) -> np.ndarray:
        """Products x suppliers x criteria, in [0, 1]."""
        return ndtr((self.lasting + self.quoted) / np.sqrt(2))

    def next_round(self) -> np.ndarray:
        """Renew a third of the quotes; returns the worths on offer."""
        self.month += 1
        new = self.rng.random(self.quote.shape) < RENEWED
        self.quoted = np.where(new[..., None], self._latent(), self.quoted)
        self.of_quote = np.where(new, self.rng.standard_normal(new.shape), self.of_quote)
        self.quote = np.where(new, self.quote.max() + 1 + np.arange(new.size).reshape(new.shape), self.quote)
        return self.worths()

    def chosen(self, u: np.ndarray, w: np.ndarray) -> np.ndarray:
        """Index pairs (n, 2) of the suppliers rated highest by `w`: the round's trials spread over the products."""
        rating = u @ w
        place = (-rating).argsort(axis=1, kind="stable")
        each = np.full(PRODUCTS, self.scenario.trials // PRODUCTS)
        each[: self.scenario.trials - each.sum()] += 1
        each = np.roll(each, self.month)
        return np.array([(g, i) for g in range(PRODUCTS) for i in place[g, : each[g]]])

    def regret(self, u: np.ndarray, w: np.ndarray) -> float:
        """Points of 100 between choice by the true weights (0) and random choice (100)."""
        value = u @ self.truth[self.month]

        def mean(weights: np.ndarray) -> float:
            return float(value[tuple(self.chosen(u, weights).T)].mean())

        best = mean(self.truth[self.month])
        return 100 * (best - mean(w)) / (best - float(value.mean()))

    def outcomes(self, u: np.ndarray, chosen: np.ndarray) -> Round:
        """The round's trials with their realised values."""
        g, i = chosen.T
        value = u @ self.truth[self.month]
        signal = value.std(axis=1).mean()
        noise = signal * np.sqrt(1 / self.scenario.explained - 1)
        pieces = self.rng.choice(SIZES, len(g))
        self.noise.append(float(noise))
        lasting, batch, single = noise * np.sqrt([LASTING, BATCH, PIECE * 20])
        y = self.effect[g] + value[g, i] + lasting * self.of_quote[g, i]
        y += batch * self.rng.standard_normal(len(g)) + single * self.rng.standard_normal(len(g)) / np.sqrt(pieces)
        struck = self.rng.random(len(g)) < self.scenario.catastrophes
        y -= struck * noise * self.rng.uniform(4, 10, len(g))
        return Round(g, i, self.quote[g, i], u[g, i], y, pieces)
