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

from analysis.decisions.reweighting.trial_rows import filled_worths, trial_statistics, winsorised
from analysis.decisions.reweighting.weight_move import floored
from analysis.decisions.reweighting.weight_posterior import fit_weights

BLOCK_MONTHS = 3
BLOCKS = 4
"""The newest blocks, a year, are tested."""
LEAST_CONTRASTS = 12.0
"""Effective contrasts before which the rule proposes nothing, so there is nothing to test either."""
RESAMPLES = 2000


@dataclass(frozen=True)
class BackTest:
    """Out-of-sample account of learned weights against the analyst's, over `months` tested months.

    `disagreements`: pairs of trials of one product that the two order differently, of `pairs`; `right`: share of them in which the
    learned weights preferred the better trial; `gain`: mean gain a piece in units of the reference price, with its 90 %
    interval from resampling products within blocks. All NaN when nothing could be tested.
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
    policy: np.ndarray | None = None,
) -> BackTest:
    """What learning would have gained over the analyst's weights, from `rows` (`trial_rows`) up to `month`.

    The analyst's, not those now in force: these have seen the outcomes that they would be tested on.
    A row's `known_month`, where there is one, says when its outcome was known; else its month does. Deterministic.
    """
    rows = rows[rows["month"] <= month]
    fixed = np.zeros(len(analyst), bool) if policy is None else np.asarray(policy)
    known = rows["known_month"] if "known_month" in rows else rows["month"]
    parts, tested = [], 0
    for first, last in _blocks(rows["month"], month):
        evidence = trial_statistics(rows[known < first], criteria, _before(first)).contrasts()
        if evidence.n < LEAST_CONTRASTS:
            continue
        learned = floored(fit_weights(evidence, analyst, policy).mean, analyst, fixed)
        block = rows[(rows["month"] >= first) & (rows["month"] <= last)]
        parts.append(_compared(block, filled_worths(block, criteria).to_numpy(), learned, analyst))
        tested += block["month"].nunique()
    return _account(pd.concat(parts), tested) if parts else NOTHING_TESTED


def _blocks(months: pd.Series, last: str) -> list[tuple[str, str]]:
    """First and last month of each block, the newest ending with `last`; oldest first."""
    if not len(months):
        return []
    span = pd.period_range(months.min(), last, freq="M").astype(str).tolist()
    ends = range(len(span), 0, -BLOCK_MONTHS)
    return [(span[max(end - BLOCK_MONTHS, 0)], span[end - 1]) for end in ends[:BLOCKS]][::-1]


def _before(month: str) -> str:
    return str(pd.Period(month, freq="M") - 1)


def _compared(block: pd.DataFrame, u: np.ndarray, learned: np.ndarray, analyst: np.ndarray) -> pd.DataFrame:
    """One row a product: pairs, disagreements, those won, and the summed gain."""
    value, _ = winsorised(block["value"].to_numpy(), block["product"].to_numpy())
    found = []
    for _, at in sorted(block.groupby("product").indices.items()):
        i, j = at[np.triu_indices(len(at), 1)[0]], at[np.triu_indices(len(at), 1)[1]]
        new, old = (u[i] - u[j]) @ learned, (u[i] - u[j]) @ analyst
        differ = new * old < 0
        gain = np.where(new > 0, 1, -1) * (value[i] - value[j])
        found.append((len(i), int(differ.sum()), (gain[differ] > 0).sum(), gain[differ].sum()))
    return pd.DataFrame(found, columns=["pairs", "differ", "right", "gain"])


def _account(parts: pd.DataFrame, months: int) -> BackTest:
    pairs, differ, right, gain = parts.sum().to_numpy(float)
    if not differ:
        return BackTest(months, int(pairs), 0, np.nan, np.nan, np.nan, np.nan)
    values = parts[["differ", "gain"]].to_numpy(float)
    drawn = np.random.default_rng(20260102).integers(0, len(values), (RESAMPLES, len(values)))
    total = values[drawn].sum(axis=1)
    means = total[:, 1] / np.maximum(total[:, 0], 1.0)
    low, high = np.quantile(means[total[:, 0] > 0], [0.05, 0.95])
    return BackTest(months, int(pairs), int(differ), right / differ, gain / differ, float(low), float(high))
