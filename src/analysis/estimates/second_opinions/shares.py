"""Shares of pieces, each with its interval, and how likely one is above another.

Counts are those of several lots, whose pieces are alike: they weigh 1 / (1 + (m - 1) r), m the size of the lot that a piece is in
on average and r the correlation within a lot [1]_. Posteriors are Jeffreys' [2]_.

.. [1] Kish, L. (1965). Survey Sampling. Wiley. With unequal lots m = sum n^2 / sum n.
.. [2] Brown, L. D., Cai, T. T. and DasGupta, A. (2001). Interval estimation for a binomial proportion. Statist. Sci. 16, 101-133.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import betainc, betaincinv

SURE = 0.95
"""Probability from which one share is said to be above another."""
LEVELS = (np.arange(400) + 0.5) / 400


@dataclass(frozen=True)
class Shares:
    """`found` of `pieces`, each weighing `weight`; all (rows,). No pieces: nothing is known, and everything said is missing."""

    found: np.ndarray
    pieces: np.ndarray
    weight: np.ndarray

    @classmethod
    def of_lots(cls, lots: pd.DataFrame, keys: pd.DataFrame, found: str, pieces: str, lot_correlation: float) -> Shares:
        """Sums over the lots of each row of `keys`, whose columns `lots` has too; 0 makes the pieces independent."""
        names = list(keys.columns)
        counts = lots[names].assign(x=lots[found].astype(float), n=lots[pieces].astype(float))
        counts["squares"] = counts["n"] ** 2
        sums = counts.groupby(names)[["x", "n", "squares"]].sum().reindex(_index(keys)).fillna(0.0)
        x, n, squares = (sums[name].to_numpy(float) for name in ("x", "n", "squares"))
        alike = np.divide(squares, n, out=np.ones_like(n), where=n > 0)
        return cls(x, n, 1 / (1 + np.maximum(alike - 1, 0) * lot_correlation))

    def columns(self, level: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Share seen, and the ends of its interval; the share lies within them."""
        seen = np.divide(self.found, self.pieces, out=np.full_like(self.pieces, np.nan), where=self.pieces > 0)
        low, high = (betaincinv(*self._beta, end) for end in ((1 - level) / 2, (1 + level) / 2))
        return seen, np.minimum(low, seen), np.maximum(high, seen)

    def above(self, other: Shares) -> np.ndarray:
        """Probability that this share is above the other; missing where either saw no piece."""
        known = (self.pieces > 0) & (other.pieces > 0)
        counts = np.stack([*self._beta, *other._beta])[:, known]
        (a, b, c, d), same = np.unique(counts, axis=1, return_inverse=True)  # small counts are those of many rows
        chance = np.full(len(known), np.nan)
        nodes = betaincinv(c[:, None], d[:, None], LEVELS)
        chance[known] = (1 - betainc(a[:, None], b[:, None], nodes)).mean(axis=1)[same.reshape(-1)]
        return chance

    @property
    def _beta(self) -> tuple[np.ndarray, np.ndarray]:
        return self.found * self.weight + 0.5, (self.pieces - self.found) * self.weight + 0.5


def _index(keys: pd.DataFrame) -> pd.Index:
    names = list(keys.columns)
    return pd.MultiIndex.from_frame(keys) if len(names) > 1 else pd.Index(keys[names[0]], name=names[0])


def verdicts(chance: np.ndarray, above: str, below: str, unknown: str) -> np.ndarray:
    """`above` or `below` where the chance is clear, "cannot_tell" where it is not, `unknown` where there is none."""
    told = [np.isnan(chance), chance >= SURE, chance <= 1 - SURE]
    return np.select(told, [unknown, above, below], "cannot_tell")
