"""From past trials to the weights that they point to: rows made ready, changes found, posterior and its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.decisions.weights.change_points import ChangePoints, fit_change_points
from analysis.decisions.weights.posterior import PRIOR, WeightPosterior, fit_weights
from analysis.decisions.weights.trial_rows import trial_quotes, trial_statistics
from analysis.decisions.weights.trial_statistics import Contrasts, NoiseModel

INTERVAL_FADING = 0.95
"""What a trial counts a month later for the *interval*: slow drift shows in no test, so an interval has to leave room for it."""


@dataclass(frozen=True)
class TrialEvidence:
    """What the trials up to a month say: `quotes` (`trial_quotes`) and the `changes` found in what criteria are worth.

    `far`: trials whose outcome was winsorised (`clipped_trials`).
    """

    criteria: tuple[str, ...]
    quotes: pd.DataFrame
    changes: ChangePoints
    far: int

    def posterior(self, analyst: np.ndarray, policy: np.ndarray | None = None) -> WeightPosterior:
        """Posterior of the weights, each trial counting with the probability that nothing has changed since."""
        return fit_weights(self._contrasts(1.0), analyst, policy)

    def interval(self, analyst: np.ndarray, policy: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Low and high end (K,) of the 90 % interval of what criteria are worth today, by what the *outcomes* say.

        Without the components that hold the analyst's weights for about right: these decide how far weights move, yet an
        interval made narrow by them would repeat the analyst's opinion as if it were an outcome. And with older trials
        fading, so that it holds while what counts drifts slowly.
        """
        found = fit_weights(self._contrasts(INTERVAL_FADING), analyst, policy, PRIOR.without_trust())
        return found.low, found.high

    def _contrasts(self, fading: float) -> Contrasts:
        age = self.quotes["age"].to_numpy()
        return trial_statistics(self.quotes, self.criteria, self.changes.still(age) * fading**age).contrasts()


def gather_evidence(
    rows: pd.DataFrame, criteria: Sequence[str], analyst: np.ndarray, month: str, noise: NoiseModel | None = None
) -> TrialEvidence:
    """The evidence of `rows` (`trial_rows`) chosen up to `month`."""
    quotes = trial_quotes(rows, criteria, month, noise)
    worths, value, precision = (quotes[c].to_numpy(float) for c in (list(criteria), "value", "precision"))
    changes = fit_change_points(quotes["product"], worths, value, precision, quotes["age"].to_numpy(), analyst)
    return TrialEvidence(tuple(criteria), quotes, changes, int(quotes["far"].sum()))
