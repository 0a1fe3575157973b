"""The ratings' own track record: did suppliers rated higher turn out better in the trials ordered afterwards?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analysis.decisions.weights.outcomes import OUTCOMES
from analysis.estimates.lead_time import jeffreys_interval

RECORD_COLUMNS = ["kind", "grade", "trials", "suppliers", "pairs", "share", "share_low", "share_high"]
"""`kind` "order": `share` of `pairs` of trials of one product, of two suppliers, in which the one rated higher when they were
ordered was worth more; one half is what a coin would get. `kind` "grade": share of the trials of a grade that were worth more
than the middle one of their product. `_low`, `_high`: 90 % interval, suppliers resampled (where all agree, Jeffreys' with a
supplier as one trial); missing with fewer than two."""
RESAMPLES = 500


def rating_record(ratings: pd.DataFrame, outcomes: pd.DataFrame, level: float = 0.90) -> pd.DataFrame:
    """`RECORD_COLUMNS` from the kept `ratings` (`month supplier rating grade`) and past trials' values (`trial_outcomes`).

    A trial is set against the newest rating kept before its month, as it stood then. Trials without a value yet, or of suppliers
    never rated before, are left out. Only chosen suppliers are seen, and they were chosen by their ratings: the spread
    among them is small, and so is what any rating can get right.
    """
    trials = _rated_before(ratings, outcomes)
    if trials.empty:
        return pd.DataFrame(columns=RECORD_COLUMNS)
    supplier = pd.factorize(trials["supplier"], sort=True)[0]
    rng = np.random.default_rng(20260103)
    drawn = rng.multinomial(supplier.max() + 1, np.full(supplier.max() + 1, 1 / (supplier.max() + 1)), RESAMPLES)
    weights = np.vstack([np.ones(supplier.max() + 1), drawn])[:, supplier]  # first the trials as they are
    rows = [_order_row(trials, supplier, weights, level)]
    rows += [_grade_row(trials, grade, supplier, weights, level) for grade in sorted(trials["grade"].unique())]
    return pd.DataFrame(rows, columns=RECORD_COLUMNS)


def _rated_before(ratings: pd.DataFrame, outcomes: pd.DataFrame) -> pd.DataFrame:
    """Trials with a value, and the rating and grade kept last before the month of their order."""
    known = outcomes[outcomes["status"].isin(OUTCOMES)] if len(outcomes) else outcomes
    if known.empty or ratings.empty:
        return pd.DataFrame()
    wanted = known.assign(at=pd.to_datetime(known["month"])).sort_values(["at", "order_id", "line_no"])
    kept = ratings.assign(rated_in=pd.to_datetime(ratings["month"])).sort_values(["rated_in", "supplier"])
    kept = kept[["supplier", "rated_in", "rating", "grade"]]
    joined = pd.merge_asof(wanted, kept, left_on="at", right_on="rated_in", by="supplier", allow_exact_matches=False)
    return joined.dropna(subset=["rating", "value"]).reset_index(drop=True)


def _order_row(trials: pd.DataFrame, supplier: np.ndarray, weights: np.ndarray, level: float) -> tuple[Any, ...]:
    product, rating, value = pd.factorize(trials["product"])[0], trials["rating"], trials["value"].astype(float)
    i, j = np.triu_indices(len(trials), 1)
    comparable = (product[i] == product[j]) & (supplier[i] != supplier[j])
    i, j = i[comparable], j[comparable]
    told = np.sign(rating.to_numpy()[i] - rating.to_numpy()[j]) * np.sign(value.to_numpy()[i] - value.to_numpy()[j])
    share = _shares((1 + told) / 2, weights[:, i] * weights[:, j], level)
    return ("order", "", len(trials), supplier.max() + 1, len(i), *share)


def _grade_row(
    trials: pd.DataFrame, grade: str, supplier: np.ndarray, weights: np.ndarray, level: float
) -> tuple[Any, ...]:
    own = trials["grade"].eq(grade).to_numpy()
    value = trials["value"].astype(float)
    better = np.sign(value - value.groupby(trials["product"]).transform("median")).to_numpy()
    suppliers = len(np.unique(supplier[own]))
    share = _shares((1 + better[own]) / 2, weights[:, own], level, suppliers)
    return ("grade", grade, int(own.sum()), suppliers, 0, *share)


def _shares(right: np.ndarray, weights: np.ndarray, level: float, suppliers: int = 2) -> tuple[float, float, float]:
    """Weighted share of `right` with the first row of `weights`, and its interval over the other rows."""
    total = weights.sum(axis=1)
    if not total[0]:
        return np.nan, np.nan, np.nan
    share = (weights @ right)[total > 0] / total[total > 0]
    if suppliers < 2:
        return float(share[0]), np.nan, np.nan
    low, high = np.quantile(share[1:], [(1 - level) / 2, (1 + level) / 2])
    if low == high:  # all alike: resampling the same tells nothing of what another supplier would do
        low, high = jeffreys_interval(np.asarray(share[0] * suppliers), np.asarray(suppliers), level)
    return float(share[0]), float(min(low, share[0])), float(max(high, share[0]))
