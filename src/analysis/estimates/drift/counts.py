"""Defects among sample pieces against defects among production pieces."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from scipy.special import gammaln

from analysis.estimates.defect_rate import RateGrid

POWER = 0.80
SHIFT_SD = 1.0
"""Prior standard deviation of a SKU's shift from sample to production on the logit scale: odds within a factor of e."""
COUNTED = np.unique(np.round(1.2 ** np.arange(0, 30)).astype(int))
"""Numbers of independent pieces for which the power is worked out, in steps of at most a fifth, up to 198; the next smaller
one stands for those between."""
CELLS = 100


@dataclass(frozen=True)
class CountComparison:
    """P(production rate > sample rate), the two rates alike beforehand: logits apart by N(0, SHIFT_SD^2).

    Rates that were independent beforehand would flag every bad supplier whose five samples happened to be good. A lot of n
    pieces with correlation r counts as n / (1 + (n - 1) r) independent pieces (Kish's design effect).
    """

    lot_correlation: float
    flag_from: float
    grid: RateGrid = field(default_factory=lambda: RateGrid(CELLS))
    _kept: dict[tuple[int, int, bytes], float] = field(default_factory=dict, repr=False, compare=False)

    def __call__(
        self,
        sample_defective: np.ndarray,
        sample_inspected: np.ndarray,
        defective: np.ndarray,
        inspected: np.ndarray,
        prior: np.ndarray,
    ) -> dict[str, Any]:
        """Evidence, p_worse, flag and power for one SKU; one entry of each array a lot.

        prior : masses of the production rate on the grid.
        """
        sides = [self._effective(sample_defective, sample_inspected), self._effective(defective, inspected)]
        sample, production = (self._likelihood(*side) for side in sides)
        joint = (prior * production)[:, None] * self._spread * sample[None, :]  # (production, sample)
        joint /= joint.sum()
        p_worse = float((joint * self._worse).sum())
        low, high = self._difference_interval(joint)
        detectable = self.detectable(sides[0][1], sides[1][1], prior)
        return {
            "sample_lots": len(sample_inspected), "sample_pieces": sample_inspected.sum(),
            "sample_defective": sample_defective.sum(), "production_lots": len(inspected),
            "production_pieces": inspected.sum(), "production_defective": defective.sum(),
            "sample_value": sample_defective.sum() / sample_inspected.sum(),
            "production_value": defective.sum() / inspected.sum(),
            "difference": float((joint.sum(axis=1) - joint.sum(axis=0)) @ self.grid.rates),
            "difference_low": low, "difference_high": high, "lot_sd": np.nan, "piece_sd": np.nan,
            "p_worse": p_worse, "flagged": p_worse >= self.flag_from, "detectable": detectable,
            "note": "no_power" if np.isnan(detectable) else "",
        }  # fmt: skip

    def p_worse(
        self,
        sample_defective: np.ndarray,
        sample_inspected: np.ndarray,
        defective: np.ndarray,
        inspected: np.ndarray,
        prior: np.ndarray,
    ) -> np.ndarray:
        """The probability alone, for many pairs of single lots at once; all (pairs,), `prior` (pairs, cells) or (cells,)."""
        sample, production = (
            self._lots(*side) for side in ((sample_defective, sample_inspected), (defective, inspected))
        )
        production = production * prior
        worse, all_ = ((production @ of * sample).sum(axis=1) for of in (self._worse_spread, self._spread))
        return worse / all_

    def rates(
        self, defective: np.ndarray, inspected: np.ndarray, prior: np.ndarray, level: float
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Mean and interval of the rate of each single lot, given `prior` as in `p_worse`."""
        masses = self._lots(defective, inspected) * prior
        cumulative = np.cumsum(masses / masses.sum(axis=1, keepdims=True), axis=1)
        ends = [
            (cumulative < end).sum(axis=1).clip(max=self.grid.size - 1) for end in ((1 - level) / 2, (1 + level) / 2)
        ]
        mean = (masses @ self.grid.rates) / masses.sum(axis=1)
        return mean, np.minimum(self.grid.rates[ends[0]], mean), np.maximum(self.grid.rates[ends[1]], mean)

    def detectable(self, sample_pieces: float, pieces: float, prior: np.ndarray) -> float:
        """Smallest production rate flagged with probability `POWER` when the sample's is the prior's mean; nan if none.

        Pieces are independent ones, rounded down to `COUNTED`; every pair of counts is tried.
        """
        n, m = _counted(sample_pieces), _counted(pieces)
        key = (n, m, prior.tobytes())
        if key not in self._kept:
            self._kept[key] = self._smallest_seen(n, m, prior)
        return self._kept[key]

    def _smallest_seen(self, sample_pieces: int, pieces: int, prior: np.ndarray) -> float:
        sample, production = self._binomial(sample_pieces), self._binomial(pieces)  # (counts, cells)
        weighted = production * prior
        worse = weighted @ (self._worse_spread @ sample.T)
        flagged = worse >= self.flag_from * (weighted @ (self._spread @ sample.T))  # (counts, sample counts)
        usual = float(prior @ self.grid.rates)
        chance = sample[:, np.searchsorted(self.grid.rates, usual)]
        power = (flagged @ chance) @ production
        seen = (power >= POWER) & (self.grid.rates > usual)
        return float(self.grid.rates[seen].min()) if seen.any() else float("nan")

    def _effective(self, defective: np.ndarray, inspected: np.ndarray) -> tuple[float, float]:
        worth = 1 / (1 + (inspected - 1) * self.lot_correlation)
        return float((defective * worth).sum()), float((inspected * worth).sum())

    def _lots(self, defective: np.ndarray, inspected: np.ndarray) -> np.ndarray:
        """Likelihood of each lot by itself, (lots, cells), largest 1."""
        worth = 1 / (1 + (inspected - 1) * self.lot_correlation)
        log_likelihood = self.grid.lot_log_likelihood(defective * worth, inspected * worth)
        return np.exp(log_likelihood - log_likelihood.max(axis=1, keepdims=True))

    def _likelihood(self, defective: float, inspected: float) -> np.ndarray:
        log_likelihood = self.grid.lot_log_likelihood(np.array([defective]), np.array([inspected]))[0]
        return np.exp(log_likelihood - log_likelihood.max())

    def _binomial(self, pieces: int) -> np.ndarray:
        """Probabilities of 0 .. `pieces` defects, shape (pieces + 1, cells)."""
        count = np.arange(pieces + 1)
        choose = gammaln(pieces + 1) - gammaln(count + 1) - gammaln(pieces - count + 1)
        return np.exp(choose[:, None] + self.grid.lot_log_likelihood(count, np.full(pieces + 1, pieces)))

    def _difference_interval(self, joint: np.ndarray) -> tuple[float, float]:
        """90 % credible interval of production less sample."""
        used = joint > 1e-6
        values = (self.grid.rates[:, None] - self.grid.rates[None, :])[used]
        order = np.argsort(values, kind="stable")
        cumulative = np.cumsum(joint[used][order])
        low, high = values[order][np.searchsorted(cumulative, np.array([0.05, 0.95]) * cumulative[-1])]
        return float(low), float(high)

    @cached_property
    def _spread(self) -> np.ndarray:
        return self.grid.spread(SHIFT_SD)

    @cached_property
    def _worse_spread(self) -> np.ndarray:
        return self._spread * self._worse

    @cached_property
    def _worse(self) -> np.ndarray:
        """1 where production is worse than the sample, half where they share a cell; shape (production, sample)."""
        size = self.grid.size
        return np.tri(size, size, -1) + np.eye(size) / 2


def _counted(pieces: float) -> int:
    """The largest of `COUNTED` that is not above `pieces`."""
    return int(COUNTED[max(int(np.searchsorted(COUNTED, pieces, "right")) - 1, 0)])
