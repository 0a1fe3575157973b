"""What nobody can beat: an observer who knows how the simulated companies' weights are drawn and how noisy outcomes are.

It is told the scenario's own distribution of true weights (as `DRAWS` draws), the round of a switch and the weights before
it, the variances of quotes, batches, pieces and products' means, and that value is exactly weights x worths. It takes the
posterior mean, which is the best choice of a rating, and moves under the same cap. A method for real companies knows none of
this, so where a goal lies beyond this bound, the share of what is possible counts.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.linalg import solve_triangular
from weight_worlds import ANALYST, BATCH, CRITERIA, EFFECT, LASTING, PIECE, SWITCH, SWITCH_ROUND, Company, Scenario

from analysis.decisions.weights.step import MoveLimits, step_towards

DRAWS = 100_000


class IdealObserver:
    """Chooses next weights for companies of `scenario`; a chooser for `weights.play`."""

    def __init__(self, scenario: Scenario):
        rng = np.random.default_rng(20260103)
        self.possible = np.array([scenario.truth(rng)[-1] for _ in range(DRAWS)])
        self.known_rounds = SWITCH_ROUND if scenario is SWITCH else 0
        """Rounds in which the analyst was right, as this observer knows."""

    def __call__(self, rows: pd.DataFrame, w: np.ndarray, t: int, company: Company) -> np.ndarray:
        return step_towards(w, ANALYST if t < self.known_rounds else self._mean(rows, company), MoveLimits())

    def _mean(self, rows: pd.DataFrame, company: Company) -> np.ndarray:
        """Posterior mean of the weights that hold since `known_rounds`."""
        u, y, month = rows.filter(regex=r"^c\d$").to_numpy(), rows["value"].to_numpy(), pd.factorize(rows["month"])[0]
        known = month < self.known_rounds
        x, left = np.where(known[:, None], 0.0, u), y - known * (u @ ANALYST)
        noise, uu, uy = np.array(company.noise)[month], np.zeros((CRITERIA, CRITERIA)), np.zeros(CRITERIA)
        for at in rows.groupby("product").indices.values():
            root = np.linalg.cholesky(_covariance(rows.iloc[at], noise[at]))
            white = solve_triangular(root, np.column_stack([x[at], left[at]]), lower=True, check_finite=False)
            uu, uy = uu + white[:, :-1].T @ white[:, :-1], uy + white[:, :-1].T @ white[:, -1]
        log_p = self.possible @ uy - ((self.possible @ uu) * self.possible).sum(axis=1) / 2
        p = np.exp(log_p - log_p.max())
        return p @ self.possible / p.sum()


def _covariance(rows: pd.DataFrame, noise: np.ndarray) -> np.ndarray:
    """Of one product's values about weights x worths: all share its mean, orders of one quote what is the quote's own."""
    quote = pd.factorize(rows["quote"])[0]
    own = np.diag(noise**2 * (BATCH + PIECE * 20 / rows["pieces"].to_numpy()))
    return own + LASTING * np.outer(noise, noise) * (quote[:, None] == quote[None, :]) + EFFECT**2
