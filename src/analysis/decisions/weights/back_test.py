"""Would the learned weights have chosen better, in rounds whose outcomes they had not seen?

Forward chaining: the months are cut into blocks; for each block the weights are learned from what was known before it
began, and then these and the analyst's look at the block's trials. Where the two put a pair of trials of one product in
different order, the gain is the value of the one that the learned weights prefer less the value of the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from analysis.decisions.weights.fit import gather_evidence
from analysis.decisions.weights.step import floored
from analysis.decisions.weights.trial_rows import filled_worths, ready_trials
from analysis.months import later, month_range

BLOCK_MONTHS = 3
BLOCKS = 4
"""The newest blocks, a year, are tested."""
LEAST_CONTRASTS = 12.0
"""Effective contrasts before which the rule proposes nothing, so there is nothing to test either."""


@dataclass(frozen=True)
class BackTest:
    """Out-of-sample account of learned weights against the analyst's, over `months` tested months.

    `disagreements`: pairs of trials of one product that the two order differently, of `pairs`; `right`: share of them in which the
    learned weights preferred the better trial; `gain`: mean gain a piece in units of the reference price, with its 90 %
    interval; NaN with fewer than 3 suppliers. All NaN when nothing could be tested.
    """

    months: int
    pairs: int
    disagreements: int
    right: float
    gain: float
    gain_low: float
    gain_high: float

    @property
    def says_worse(self) -> bool:
        """The whole interval lies below 0."""
        return bool(self.gain_high < 0)


NOTHING_TESTED = BackTest(0, 0, 0, np.nan, np.nan, np.nan, np.nan)


def back_test(
    rows: pd.DataFrame,
    criteria: Sequence[str],
    analyst: np.ndarray,
    month: str,
    floor: float,
    policy: np.ndarray | None = None,
) -> BackTest:
    """What learning would have gained over the analyst's weights, from `rows` (`trial_rows`) up to `month`.

    The analyst's, not those now in force: these have seen the outcomes that they would be tested on.
    A row's `known_month`, where there is one, says when its outcome was known; else its month does. Deterministic.
    """
    rows = rows[rows["month"] <= month].reset_index(drop=True)
    fixed = np.zeros(len(analyst), bool) if policy is None else np.asarray(policy)
    known = rows["known_month"] if "known_month" in rows else rows["month"]
    parts, tested = [], 0
    for first, last in _blocks(rows["month"], month):
        posterior = gather_evidence(rows[known < first], criteria, analyst, later(first, -1)).posterior(analyst, policy)
        if posterior.contrasts < LEAST_CONTRASTS:
            continue
        learned = floored(posterior.mean, analyst, fixed, floor)
        block = rows[(rows["month"] >= first) & (rows["month"] <= last)]
        parts.append(_pairs(block, filled_worths(block, criteria).to_numpy(), learned, analyst))
        tested += block["month"].nunique()
    if not parts:
        return NOTHING_TESTED
    pairs = pd.concat(parts, ignore_index=True)
    return _account(_valued(pairs, ready_trials(rows, criteria)["value"]), tested)


def _blocks(months: pd.Series, last: str) -> list[tuple[str, str]]:
    """First and last month of each block, the newest ending with `last`; oldest first."""
    if not len(months):
        return []
    span = month_range(months.min(), last)
    ends = range(len(span), 0, -BLOCK_MONTHS)
    return [(span[max(end - BLOCK_MONTHS, 0)], span[end - 1]) for end in ends[:BLOCKS]][::-1]


def _pairs(block: pd.DataFrame, u: np.ndarray, learned: np.ndarray, analyst: np.ndarray) -> pd.DataFrame:
    """Pairs of trials of one product: labels of the `first` and the `second`, their suppliers, the preference, if they `differ`.

    `prefers` is 1 where the learned weights rate the first higher, else -1.
    """
    within = [at[np.array(np.triu_indices(len(at), 1))] for _, at in sorted(block.groupby("product").indices.items())]
    i, j = np.concatenate(within, axis=1)
    new, old = (u[i] - u[j]) @ learned, (u[i] - u[j]) @ analyst
    supplier, label = block["supplier"].to_numpy(), block.index.to_numpy()
    columns = {"first": label[i], "second": label[j], "supplier": supplier[i], "other": supplier[j]}
    return pd.DataFrame({**columns, "prefers": np.where(new > 0, 1, -1), "differ": new * old < 0})


def _valued(pairs: pd.DataFrame, value: pd.Series) -> pd.DataFrame:
    """The pairs with the gain of following the learned weights."""
    apart = value.loc[pairs["first"]].to_numpy() - value.loc[pairs["second"]].to_numpy()
    return pairs.assign(gain=pairs["prefers"] * apart)


def _account(pairs: pd.DataFrame, months: int) -> BackTest:
    differ = pairs[pairs["differ"]]
    if differ.empty:
        return BackTest(months, len(pairs), 0, np.nan, np.nan, np.nan, np.nan)
    right, gain = float((differ["gain"] > 0).mean()), float(differ["gain"].mean())
    away = _half_width(*(differ[column].to_numpy() for column in ("supplier", "other", "gain")))
    return BackTest(months, len(pairs), len(differ), right, gain, gain - away, gain + away)


def _half_width(first: np.ndarray, second: np.ndarray, gain: np.ndarray) -> float:
    """Half the 90 % interval of the mean gain, by leaving out one supplier after the other (jackknife); NaN below 3 suppliers.

    One supplier's trials stand in many pairs, in several months and perhaps products, so pairs are not independent; resampling
    them as if they were makes the interval too narrow.

    .. [1] Efron, B. and Stein, C. (1981). The jackknife estimate of variance. Ann. Stat. 9, 586-596.
    """
    code, names = pd.factorize(np.concatenate([first, second]))
    i, j, k = code[: len(gain)], code[len(gain) :], len(names)
    once = i != j  # a pair of one supplier's trials is left out once
    pairs_of = np.bincount(i, minlength=k) + np.bincount(j[once], minlength=k)
    gain_of = np.bincount(i, gain, k) + np.bincount(j[once], gain[once], k)
    left = len(gain) - pairs_of
    if k < 3 or not (left > 0).any():
        return np.nan
    without = (gain.sum() - gain_of)[left > 0] / left[left > 0]
    variance = (k - 1) / k * ((without - without.mean()) ** 2).sum()
    return float(stats.t.ppf(0.95, k - 1) * np.sqrt(variance))
