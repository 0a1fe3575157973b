"""How many of the open orders will be late, all together: orders of a month go wrong together, so that a sum is less sure than its parts.

With p_i the forecast of an order and z_t a shock that all forecasts of one month share,

    P(late | z) = Phi(Phi^-1(p_i) sqrt(1 + s^2) + s z),   z ~ N(0, 1),

and so for any other event, such as an arrival by a day (`arrivals_together`); this leaves each p_i as it is when averaged over z. How large the shocks are (s) is learned from the forecasts of past months and what came of
them, the shock of each month integrated out (Gauss-Hermite), over a grid with a half-normal prior; without past forecasts the prior speaks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

SHOCKS = np.array([0.0, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1.0, 1.3, 1.7])
USUAL_SHOCK = 0.4
"""Of the half-normal prior: at even odds a usual month moves 50 % to between 35 and 65 %."""
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(24)
WORLDS = 4000
SEED = 20190102
"""The imagined months are always the same: equal orders give an equal interval."""
AT_ONCE = 500
FARTHEST = 1e-6
_NEARLY = 0.01
"""So near to a whole number an expected count is one."""
COLUMNS = ["open", "promised", "overdue", "late", "late_low", "late_high", "level", "months", "shock"]


@dataclass(frozen=True)
class MonthShocks:
    """Posterior probability of each of `SHOCKS`, from so many `months` of forecasts whose outcome is known."""

    weights: np.ndarray
    months: int

    @property
    def mean(self) -> float:
        """Expected standard deviation of a month's shock, in standard deviations of one order's own luck."""
        return float(self.weights @ SHOCKS)

    @classmethod
    def at(cls, shock: float) -> MonthShocks:
        """Shocks of this expected standard deviation, learned elsewhere."""
        above = int(np.clip(np.searchsorted(SHOCKS, shock), 1, SHOCKS.size - 1))
        share = (shock - SHOCKS[above - 1]) / (SHOCKS[above] - SHOCKS[above - 1])
        weights = np.zeros(SHOCKS.size)
        weights[[above - 1, above]] = 1 - share, share
        return cls(weights, 0)

    def count(self, chances: np.ndarray, level: float = 0.90) -> tuple[float, int, int]:
        """How many of orders with these chances of being late will be: mean and the interval that holds with `level`."""
        mean, low, high = self.total(np.ones(len(chances)), chances, level)
        low, high = np.floor(low + _NEARLY), np.ceil(high - _NEARLY)
        return float(np.clip(mean, low, high)), int(low), int(high)

    def total(self, sizes: np.ndarray, chances: np.ndarray, level: float = 0.90) -> tuple[float, float, float]:
        """What of `sizes` comes true with these `chances`, all together: mean and the interval that holds with `level`, and holds the mean:
        that of what hardly ever happens may lie beyond all that happens as often."""
        rng = np.random.default_rng(SEED)
        even = (np.arange(WORLDS) + 0.5) / WORLDS
        shock = SHOCKS[np.searchsorted(np.cumsum(self.weights), rng.permutation(even) * self.weights.sum())]
        common = special.ndtri(rng.permutation(even))
        total = np.zeros(WORLDS)
        for start in range(0, len(chances), AT_ONCE):
            some = slice(start, start + AT_ONCE)
            true = rng.random((WORLDS, len(chances[some]))) < chance_given(
                chances[some], shock[:, None], common[:, None]
            )
            total += true @ sizes[some]
        low, high = np.quantile(total, [(1 - level) / 2, (1 + level) / 2], method="inverted_cdf")
        mean = float(np.sum(chances * sizes))
        return mean, min(float(low), mean), max(float(high), mean)


def chance_given(chance: np.ndarray, shock: float | np.ndarray, common: np.ndarray) -> np.ndarray:
    """P(late | the month's shock `common` of standard deviation `shock`)."""
    score = special.ndtri(np.clip(chance, FARTHEST, 1 - FARTHEST))
    return special.ndtr(score * np.sqrt(1 + shock**2) + shock * common)


def fit_month_shocks(said: np.ndarray, came: np.ndarray, month: np.ndarray) -> MonthShocks:
    """From past chances `said`, what `came` (1 late, 0 not) and the `month` that each was made in; missing ones say nothing."""
    known = np.isfinite(said) & np.isfinite(came)
    place, names = pd.factorize(np.asarray(month)[known])
    return shocks_of(log_evidence(said[known], came[known] > 0.5, place, len(names)))


def log_evidence(said: np.ndarray, came: np.ndarray, place: np.ndarray, months: int) -> np.ndarray:
    """(months, `SHOCKS`) log probability of what `came` (bool) of the chances `said` in the month at each `place`."""
    found = np.zeros((months, SHOCKS.size))
    for at, shock in enumerate(SHOCKS if months else ()):
        chance = np.clip(chance_given(said[:, None], float(shock), NODES), FARTHEST, 1 - FARTHEST)
        by_month = np.zeros((months, len(NODES)))
        np.add.at(by_month, place, np.log(np.where(came[:, None], chance, 1 - chance)))
        found[:, at] = special.logsumexp(by_month, axis=1, b=WEIGHTS / WEIGHTS.sum())
    return found


def shocks_of(evidence: np.ndarray) -> MonthShocks:
    """From the months of `log_evidence`, each of which tells by itself; without any the prior speaks."""
    total = evidence.sum(axis=0) - 0.5 * (SHOCKS / USUAL_SHOCK) ** 2
    weights = np.exp(total - total.max()) * _widths()
    return MonthShocks(weights / weights.sum(), len(evidence))


def _widths() -> np.ndarray:
    """What of the line each of `SHOCKS` stands for."""
    edges = np.concatenate([SHOCKS[:1], (SHOCKS[1:] + SHOCKS[:-1]) / 2, SHOCKS[-1:]])
    return np.diff(edges)


def late_together(
    open_orders: pd.DataFrame, outcomes: pd.DataFrame, as_of: pd.Timestamp, level: float = 0.90
) -> pd.DataFrame:
    """One row `COLUMNS`; none where of no line the chance of being late is known.

    Parameters
    ----------
    open_orders : DataFrame
        From `open_orders_table`.
    outcomes : DataFrame
        From `all_scores`; its arrivals with a known outcome teach the shocks.
    as_of : Timestamp
        Last day known.
    level : float
        Of the interval.

    Returns
    -------
    DataFrame
        `open` order lines, of which `promised` have a promise and a chance of being late; of these, `overdue` are past their promise
        already and `late` is expected to be so in the end, the overdue ones included, between `late_low` and `late_high` with probability
        `level`. `months` of forecasts taught the `shock`, its expected standard deviation; with 0 of them it is the prior's.
    """
    promised = open_orders[open_orders["late_probability"].notna()]
    if promised.empty:
        return pd.DataFrame(columns=COLUMNS).astype(_TYPES)
    past = outcomes[(outcomes["kind"] == "lead_time") & (outcomes["state"] == "scored")]
    made = pd.to_datetime(past["made_on"]).dt.strftime("%Y-%m").to_numpy()
    shocks = fit_month_shocks(past["said"].to_numpy(float), past["came"].to_numpy(float), made)
    overdue = (promised["promised_on"] < as_of).to_numpy()
    late, low, high = shocks.count(promised["late_probability"].to_numpy(float)[~overdue], level)
    gone = int(overdue.sum())
    ends = gone + late, gone + low, gone + high, level
    row = [len(open_orders), len(promised), gone, *ends, shocks.months, shocks.mean]
    return pd.DataFrame([row], columns=COLUMNS).astype(_TYPES)


_TYPES = dict.fromkeys(COLUMNS, "Int64") | dict.fromkeys(("late", "level", "shock"), "float64")
