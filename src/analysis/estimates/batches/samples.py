"""Several sample batches of one article: is a later one worse than the first?

A supplier that makes a good first sample and a worse second one cannot hold its quality, before there is any bulk to see it by.
Counts are judged as samples against bulk are (`drift.CountComparison`: logits apart by a normal shift, none expected), measurements as
there too. A handful of pieces rarely shows anything: then the row says so.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analysis.estimates.defect_rate import DefectRates
from analysis.estimates.drift import CountComparison, compare_measurements

PAIR = ["supplier", "sku"]
LOT = ["order_id", "line_no", "batch"]
SURE = 0.95
BATCH_COLUMNS = [
    "supplier", "sku", "number", *LOT, "inspected_on", "inspected", "defective", "rate", "rate_low", "rate_high", "p_worse", "attribute",
    "measured_pieces", "p_worse_measured", "verdict",
]  # fmt: skip
"""`number` 1 is the first batch, against which the others stand: `p_worse` by the pieces counted, `p_worse_measured` by the `attribute`
that tells most, of `measured_pieces`. `verdict`: a key, "first", "worse", "better", "differs" (measured, without limits that say which is worse) or "cannot_tell"."""


def sample_batches(
    lots: pd.DataFrame, measurements: pd.DataFrame, fit: DefectRates | None, level: float = 0.90
) -> pd.DataFrame:
    """`BATCH_COLUMNS`, a row a sample batch of every supplier and SKU that has several.

    Parameters
    ----------
    lots : DataFrame
        From `inspected_lots`
    measurements : DataFrame
        From `measured_pieces`
    fit : DefectRates or None
        From `fit_lots`; None: nothing was inspected, no rows
    """
    rows = lots[lots["stage"].eq("sample").fillna(False) & lots["sku"].notna()]
    rows = rows[rows.duplicated(PAIR, keep=False)].sort_values([*PAIR, "inspected_on", *LOT], ignore_index=True)
    if fit is None or rows.empty:
        return _typed(pd.DataFrame(columns=BATCH_COLUMNS))
    rows["number"] = rows.groupby(PAIR).cumcount() + 1
    rows = _judged(rows, fit, level)
    measured = _measured(rows, measurements)
    rows = rows.merge(measured, on=[*PAIR, "number"], how="left")
    rows["verdict"] = _verdicts(rows)
    return _typed(rows)


def _judged(rows: pd.DataFrame, fit: DefectRates, level: float) -> pd.DataFrame:
    """Each batch's rate with its interval, and the probability that it is above the first batch's."""
    compare = CountComparison(fit.lot_correlation, SURE)
    masses = dict(zip(fit.categories.labels, fit.categories.on(compare.grid).masses))
    category = dict(zip(fit.counts["supplier"], fit.counts["category"]))
    prior = np.array([masses[category[supplier]] for supplier in rows["supplier"]])
    inspected, defective = (rows[name].to_numpy(float) for name in ("inspected", "defective"))
    rate, low, high = compare.rates(defective, inspected, prior, level)
    first = rows.groupby(PAIR)["number"].transform("idxmin").to_numpy(int)
    p_worse = compare.p_worse(defective[first], inspected[first], defective, inspected, prior)
    return rows.assign(rate=rate, rate_low=low, rate_high=high, p_worse=np.where(rows["number"] == 1, np.nan, p_worse))


def _measured(rows: pd.DataFrame, measurements: pd.DataFrame) -> pd.DataFrame:
    """`supplier sku number attribute measured_pieces p_worse_measured flagged directed`: the attribute that tells most of each later batch."""
    keys = rows[LOT].astype("str").fillna("").agg("\x1f".join, axis=1)
    numbers = pd.Series(rows["number"].to_numpy(), index=keys.to_numpy())
    pieces = measurements.assign(number=measurements["lot"].map(numbers)).dropna(subset=["number", "sku"])
    found: list[dict[str, Any]] = []
    for number in range(2, int(rows["number"].max()) + 1):
        two = pieces[pieces["number"].isin([1, number])]
        told = compare_measurements(two.assign(production=two["number"] == number), SURE) if len(two) else []
        found += [{**row, "number": number} for row in told]
    table = pd.DataFrame(
        found, columns=[*PAIR, "number", "attribute", "production_pieces", "p_worse", "flagged", "note"]
    )
    table = table.sort_values(["flagged", "p_worse"], ascending=False, kind="stable").drop_duplicates([*PAIR, "number"])
    directed = table["note"].ne("direction_unknown")
    named = {"p_worse": "p_worse_measured", "production_pieces": "measured_pieces"}
    return table.assign(directed=directed).drop(columns="note").rename(columns=named)


def _verdicts(rows: pd.DataFrame) -> np.ndarray:
    measured = rows["flagged"].eq(True).fillna(False).to_numpy(bool)
    directed = rows["directed"].eq(True).fillna(False).to_numpy(bool)
    worse = (rows["p_worse"].to_numpy(float) >= SURE) | (measured & directed)
    told = [rows["number"].eq(1).to_numpy(), worse, measured, rows["p_worse"].to_numpy(float) <= 1 - SURE]
    return np.select(told, ["first", "worse", "differs", "better"], "cannot_tell")


def _typed(rows: pd.DataFrame) -> pd.DataFrame:
    kinds: dict[str, Any] = dict.fromkeys(BATCH_COLUMNS, "float64")
    kinds |= dict.fromkeys(("supplier", "sku", "order_id", "batch", "attribute", "verdict"), "str")
    kinds |= dict.fromkeys(("number", "line_no", "inspected", "defective", "measured_pieces"), "Int64") | {
        "inspected_on": "datetime64[us]"
    }
    return rows[BATCH_COLUMNS].astype(kinds)
