"""Past trials as rows to learn weights from: worths as known at the choice, outcome clipped, repeat orders made one.

A row has `month` ("2026-03", of the choice), `product`, `supplier`, `quote` (orders of one quote share it), `pieces`, `value`
(realised, per ordered piece, in units of the product's reference price), `reason` of the choice, and for each criterion its
worth in [0, 1] under the criterion's name and whether it was missing then under `<criterion>_missing`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from analysis.decisions.reweighting.trial_statistics import FORGETTING, Contrasts, NoiseModel, TrialStatistics

CLIP = 2.5
"""Outcomes further than this many standard deviations (1.4826 MAD) from their product's median are pulled in."""
OWN_SCALE = 12
"""Trials of a product from which its own spread is used; below, the spread of all products about their medians."""
PRIOR_SUPPLIERS = 2.0
"""Suppliers' worth of weight that the expected worth has against what was later revealed."""


def months_between(first: pd.Series | np.ndarray, last: str) -> np.ndarray:
    """Whole months from each month text to `last`."""
    ordinal = pd.PeriodIndex(np.asarray(first, dtype=object), freq="M").astype("int64")
    return np.asarray(pd.Period(last, freq="M").ordinal - ordinal)


def winsorised(value: np.ndarray, product: np.ndarray, clip: float = CLIP) -> tuple[np.ndarray, np.ndarray]:
    """`value` (n,) within `clip` robust standard deviations of its product's median, and which were pulled in (n,).

    The one lot that burnt down must not decide the weights; it still counts, as a bad outcome.
    """
    value, groups = np.asarray(value, float), pd.Series(np.asarray(product, dtype=object))
    if not len(value):
        return value, np.zeros(0, bool)
    series = pd.Series(value)
    away = series - series.groupby(groups.to_numpy()).transform("median")
    size = groups.map(groups.value_counts())
    own = away.abs().groupby(groups.to_numpy()).transform("median")
    scale = 1.4826 * own.where(size >= OWN_SCALE, away[size > 1].abs().median() if (size > 1).any() else np.inf)
    limit = (clip * scale).replace(0.0, np.inf)  # more than half alike: no spread to judge by
    clipped = (series - away + away.clip(-limit, limit)).to_numpy()
    return clipped, (away.abs() > limit).to_numpy()


def filled_worths(rows: pd.DataFrame, criteria: Sequence[str]) -> pd.DataFrame:
    """Worths (n, K) without gaps: a missing one is what such suppliers later turned out to be worth.

    Suppliers that had not reported differ from those that had, so the mean is taken over suppliers whose worth was missing
    in some row and known in a later one, with the row's own expected worth (the criterion's mean where there is none)
    counting as `PRIOR_SUPPLIERS` more.
    """
    supplier, month = pd.factorize(rows["supplier"])[0], pd.factorize(rows["month"], sort=True)[0]
    filled = {}
    for name in criteria:
        worth = rows[name].to_numpy(float)
        missing = rows[f"{name}_missing"].to_numpy(bool) | np.isnan(worth)
        general = worth[~missing].mean() if not missing.all() else 0.5
        revealed = worth[_revealing(supplier, month, missing)]
        expected = np.where(np.isnan(worth), general, worth)
        fill = (PRIOR_SUPPLIERS * expected + revealed.sum()) / (PRIOR_SUPPLIERS + len(revealed))
        filled[name] = np.where(missing, fill, worth)
    return pd.DataFrame(filled, index=rows.index, columns=list(criteria))


def _revealing(supplier: np.ndarray, month: np.ndarray, missing: np.ndarray) -> np.ndarray:
    """Rows (their positions) in which a supplier's worth is first known after a month in which it was missing."""
    if not missing.any():
        return np.zeros(0, int)
    began = np.full(supplier.max() + 1, np.iinfo(np.int64).max)
    np.minimum.at(began, supplier[missing], month[missing])
    later = np.flatnonzero(~missing & (month > began[supplier]))
    later = later[np.argsort(month[later], kind="stable")]
    return later[np.unique(supplier[later], return_index=True)[1]]


def one_row_a_quote(rows: pd.DataFrame, criteria: Sequence[str]) -> pd.DataFrame:
    """Repeat orders of one quote as one row: pieces added, values averaged by pieces, `orders` counted, newest month.

    They share what is particular about the quote; as separate rows they would count it again and again.
    """
    keys = ["product", "supplier", "quote"]
    weighted = rows.assign(value=rows["value"] * rows["pieces"])
    worths = dict.fromkeys(criteria, "first")
    found = weighted.groupby(keys, sort=True, as_index=False).agg(
        {"month": "max", "pieces": "sum", "value": "sum", "reason": "count", **worths}
    )
    found["value"] /= found["pieces"]
    return found.rename(columns={"reason": "orders"})


def trial_statistics(
    rows: pd.DataFrame,
    criteria: Sequence[str],
    month: str,
    noise: NoiseModel | None = None,
    forgetting: float = FORGETTING,
) -> TrialStatistics:
    """The rows chosen up to `month`, ready for `fit_weights`: clipped, filled, averaged by quote, aged."""
    quotes = _ready(rows[rows["month"] <= month], criteria)
    return _summed(quotes, criteria, noise, forgetting ** months_between(quotes["month"], month))


def change_p_value(
    rows: pd.DataFrame, criteria: Sequence[str], month: str, noise: NoiseModel | None = None, recent: int = 6
) -> float:
    """p-value of no change in what the criteria are worth between the last `recent` months and those before (Chow, 1960).

    NaN while either side has too few trials. A small value says that older trials mislead about today.
    """
    quotes = _ready(rows[rows["month"] <= month], criteria)
    old = months_between(quotes["month"], month) >= recent
    before, after = (_summed(quotes[side], criteria, noise, 1.0).contrasts() for side in (old, ~old))
    k = len(criteria)
    if min(before.n, after.n) < 2 * k:
        return np.nan
    apart = _squared_error(before) + _squared_error(after)
    together = _squared_error(
        Contrasts(before.uu + after.uu, before.uy + after.uy, before.yy + after.yy, before.n + after.n)
    )
    freedom = before.n + after.n - 2 * k
    return float(stats.f.sf((together - apart) / k / (apart / freedom), k, freedom))


def _squared_error(contrasts: Contrasts) -> float:
    """Least sum of squares that any coefficients leave."""
    return contrasts.yy - float(contrasts.uy @ np.linalg.pinv(contrasts.uu, rcond=1e-10) @ contrasts.uy)


def _ready(rows: pd.DataFrame, criteria: Sequence[str]) -> pd.DataFrame:
    """One row a quote, clipped and filled."""
    value, _ = winsorised(rows["value"].to_numpy(), rows["product"].to_numpy())
    return one_row_a_quote(rows.assign(value=value, **filled_worths(rows, criteria)), criteria)


def _summed(
    quotes: pd.DataFrame, criteria: Sequence[str], noise: NoiseModel | None, discount: np.ndarray | float
) -> TrialStatistics:
    none = TrialStatistics.of_nothing(len(criteria))
    if not len(quotes):
        return none
    precision = (noise or NoiseModel()).precision(quotes["pieces"].to_numpy(float), quotes["orders"].to_numpy(float))
    worths, value = quotes[list(criteria)].to_numpy(float), quotes["value"].to_numpy(float)
    return none.add(quotes["product"].to_numpy(), worths, value, precision, discount)
