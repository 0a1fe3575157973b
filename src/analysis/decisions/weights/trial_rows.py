"""Past trials as rows to learn weights from: worths as known at the choice, outcome clipped, repeat orders made one.

A row has `month` ("2026-03", of the choice), `product`, `supplier`, `quote` (orders of one quote share it), `pieces`, `value`
(realised, per ordered piece, in units of the product's reference price), `reason` of the choice, and for each criterion its
worth in [0, 1] under the criterion's name and whether it was missing then under `<criterion>_missing`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.decisions.weights.outlying_trials import clipped_values
from analysis.decisions.weights.trial_statistics import NoiseModel, TrialStatistics

PRIOR_SUPPLIERS = 2.0
"""Suppliers' worth of weight that the expected worth has against what was later revealed."""


def months_between(first: pd.Series | np.ndarray, last: str) -> np.ndarray:
    """Whole months from each month text to `last`."""
    ordinal = pd.PeriodIndex(np.asarray(first, dtype=object), freq="M").astype("int64")
    return np.asarray(pd.Period(last, freq="M").ordinal - ordinal)


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
    """Repeat orders of one quote as one row: pieces added, values averaged by pieces, `orders` and those `far` off counted, newest month.

    They share what is particular about the quote; as separate rows they would count it again and again.
    """
    keys = ["product", "supplier", "quote"]
    weighted = rows.assign(value=rows["value"] * rows["pieces"])
    worths = dict.fromkeys(criteria, "first")
    found = weighted.groupby(keys, sort=True, as_index=False).agg(
        {"month": "max", "pieces": "sum", "value": "sum", "reason": "count", "far": "sum", **worths}
    )
    found["value"] /= found["pieces"]
    return found.rename(columns={"reason": "orders"})


def ready_trials(rows: pd.DataFrame, criteria: Sequence[str], noise: NoiseModel | None = None) -> pd.DataFrame:
    """`rows` with worths filled, `value` as it counts (winsorised where `far` from what was to be expected), and `realised`."""
    ready = rows.assign(**filled_worths(rows, criteria), realised=rows["value"])
    worths, value = ready[list(criteria)].to_numpy(float), rows["value"].to_numpy(float)
    precision = (noise or NoiseModel()).precision(rows["pieces"].to_numpy(float))
    counted, far = clipped_values(value, rows["product"].to_numpy(), worths, precision)
    return ready.assign(value=counted, far=far)


def clipped_trials(rows: pd.DataFrame, criteria: Sequence[str], noise: NoiseModel | None = None) -> pd.DataFrame:
    """The trials that are not learned from at their word: `month product supplier quote pieces realised counted`."""
    ready = ready_trials(rows, criteria, noise)
    found = ready.loc[ready["far"], ["month", "product", "supplier", "quote", "pieces", "realised", "value"]]
    return found.rename(columns={"value": "counted"}).sort_values(["month", "product", "supplier"], ignore_index=True)


def trial_quotes(
    rows: pd.DataFrame, criteria: Sequence[str], month: str, noise: NoiseModel | None = None
) -> pd.DataFrame:
    """The rows chosen up to `month`, ready to learn from: one row a quote of `ready_trials`.

    With `precision` (relative to 20 pieces in one batch) and `age` in months.
    """
    noise = noise or NoiseModel()
    quotes = one_row_a_quote(ready_trials(rows[rows["month"] <= month], criteria, noise), criteria)
    precision = noise.precision(quotes["pieces"].to_numpy(float), quotes["orders"].to_numpy(float))
    return quotes.assign(precision=precision, age=months_between(quotes["month"], month))


def trial_statistics(
    quotes: pd.DataFrame, criteria: Sequence[str], discount: np.ndarray | float = 1.0
) -> TrialStatistics:
    """Sums over `quotes` (`trial_quotes`), each counting for `discount` (n,)."""
    worths, value = quotes[list(criteria)].to_numpy(float), quotes["value"].to_numpy(float)
    none = TrialStatistics.of_nothing(len(criteria))
    return none.add(quotes["product"].to_numpy(), worths, value, quotes["precision"].to_numpy(float), discount)
