"""Past trials as rows to learn weights from: worths as known at the choice, outcome clipped, repeat orders made one.

A row has `month` ("2026-03", of the choice), `product`, `supplier`, `quote` (orders of one quote share it), `pieces`, `value`
(realised, per ordered piece, in units of the product's reference price), `reason` of the choice, and for each criterion its
worth in [0, 1] under the criterion's name and whether it was missing then under `<criterion>_missing`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.decisions.trial_statistics import NoiseModel, TrialStatistics

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
    filled = {}
    for name in criteria:
        missing = rows[f"{name}_missing"].to_numpy(bool) | rows[name].isna().to_numpy()
        known = rows.loc[~missing]
        general = known[name].mean() if len(known) else 0.5
        revealed = _revealed(rows, name, missing)
        expected = rows[name].fillna(general)
        fill = (PRIOR_SUPPLIERS * expected + revealed.sum()) / (PRIOR_SUPPLIERS + len(revealed))
        filled[name] = rows[name].where(~missing, fill).astype(float)
    return pd.DataFrame(filled, index=rows.index, columns=list(criteria))


def _revealed(rows: pd.DataFrame, name: str, missing: np.ndarray) -> pd.Series:
    """First known worth of each supplier that had none in an earlier row."""
    began = rows.loc[missing].groupby("supplier")["month"].min()
    known = rows.loc[~missing, ["supplier", "month", name]].sort_values(["supplier", "month"], kind="stable")
    later = known[known["month"] > known["supplier"].map(began).fillna("9999-99")]
    return later.drop_duplicates("supplier")[name]


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
    rows: pd.DataFrame, criteria: Sequence[str], month: str, noise: NoiseModel | None = None
) -> TrialStatistics:
    """The rows chosen up to `month`, ready for `fit_weights`: clipped, filled, averaged by quote, aged."""
    rows = rows[rows["month"] <= month]
    if not len(rows):
        return TrialStatistics.of_nothing(len(criteria))
    value, _ = winsorised(rows["value"].to_numpy(), rows["product"].to_numpy())
    ready = rows.assign(value=value, **filled_worths(rows, criteria))
    quotes = one_row_a_quote(ready, criteria)
    precision = (noise or NoiseModel()).precision(quotes["pieces"].to_numpy(float), quotes["orders"].to_numpy(float))
    return TrialStatistics.of_nothing(len(criteria)).add(
        quotes["product"].to_numpy(),
        quotes[list(criteria)].to_numpy(float),
        quotes["value"].to_numpy(float),
        precision,
        months_between(quotes["month"], month),
    )
