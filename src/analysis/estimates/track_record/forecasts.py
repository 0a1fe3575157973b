"""The forecasts that a review keeps: arrival of each open order, defects of each lot still to be inspected.

A forecast is stored as plain columns, with the two naive forecasts of the same day beside it, so that a later review scores
it with nothing but its own tables of orders and inspections.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.estimates.defect_rate import DefectRates
from analysis.estimates.lead_time import LeadTimePosterior, LeadTimes, arrival_days, open_late_probability
from analysis.estimates.track_record.proper_scores import beta_binomial_masses, pieces_a_mass

LEVELS = (0.05, 0.10, 0.25, 0.50, 0.75, 0.80, 0.90, 0.95)
QUANTILES = tuple(f"q{round(100 * level):02d}" for level in LEVELS)
_KEY = ["order_id", "line_no", "supplier", "made_on"]
_NAIVE = ["supplier_mean", "everyone_mean", "supplier_share", "everyone_share"]
LEAD_TIME_FORECAST_COLUMNS = [*_KEY, "days_open", "promised_on", *QUANTILES, "late_probability", *_NAIVE]
"""Quantiles and means: further days from `made_on` until the order arrives. `late_probability`: of arriving after
`promised_on` (missing without a promise, or when the promise is past). `supplier_mean`, `everyone_mean`: naive forecasts, the mean lead time
so far less the days already open; `supplier_share`, `everyone_share`: share of late orders so far."""
DEFECT_FORECAST_COLUMNS = [
    *_KEY, "pieces", "limit", "alpha", "beta", "mean", *QUANTILES, "over_probability", *_NAIVE
]  # fmt: skip
"""Defects among `pieces` inspected pieces: beta-binomial(alpha, beta), so that another number of pieces can be scored too.
`over_probability`: that the lot's share of defects exceeds `limit`. Naive means are defects a piece."""


def arrival_forecasts(
    times: LeadTimes, posterior: LeadTimePosterior | None, orders: pd.DataFrame, as_of: pd.Timestamp
) -> pd.DataFrame:
    """`lead_time_forecasts` of every open line in `times`, from its supplier's posterior given the days it is open.

    `posterior` None (nothing was ever received) gives no forecast: an empty table.
    """
    lines = times.lines[~times.lines["received"]].reset_index(drop=True)
    told = lines.rename(columns={"clock_on": "ordered_on"})
    if posterior is None or lines.empty:
        return lead_time_forecasts(told.iloc[:0], np.empty((0, len(LEVELS))), orders, as_of)
    waited = (as_of - lines["clock_on"]).dt.days.to_numpy(dtype=float)[:, None]
    late = open_late_probability(times, posterior, lines)
    return lead_time_forecasts(told, arrival_days(times, posterior, lines, LEVELS) - waited, orders, as_of, late)


def lead_time_forecasts(
    lines: pd.DataFrame,
    quantiles: np.ndarray,
    orders: pd.DataFrame,
    as_of: pd.Timestamp,
    late_probability: np.ndarray | None = None,
) -> pd.DataFrame:
    """The arrival of each open order line as a table to be kept.

    Parameters
    ----------
    lines : DataFrame
        Open lines: `order_id line_no supplier ordered_on promised_on`.
    quantiles : ndarray, shape (lines, len(LEVELS))
        Quantiles of the further days from `as_of`, given that the order is still open.
    orders : DataFrame
        Canonical orders as known at `as_of`; the naive forecasts come from the received ones.
    late_probability : array_like, shape (lines,), optional

    Returns
    -------
    DataFrame
        With the columns `LEAD_TIME_FORECAST_COLUMNS`.
    """
    values = np.asarray(quantiles, dtype=float).reshape(len(lines), len(LEVELS))
    if not (np.isfinite(values).all() and (values >= 0).all() and (np.diff(values, axis=1) >= 0).all()):
        raise ValueError("quantiles must be finite, not negative, and ascend along each row")
    kept = lines[["order_id", "line_no", "supplier", "promised_on"]].reset_index(drop=True)
    kept = kept.assign(made_on=as_of, days_open=(as_of - lines["ordered_on"]).dt.days.to_numpy(dtype=float))
    kept[list(QUANTILES)] = values
    late = np.full(len(lines), np.nan) if late_probability is None else np.asarray(late_probability, dtype=float)
    kept["late_probability"] = np.where(kept["promised_on"] > as_of, late, np.nan)
    kept[_NAIVE] = _naive_lead_times(orders, kept)
    return kept[LEAD_TIME_FORECAST_COLUMNS]


def _naive_lead_times(orders: pd.DataFrame, kept: pd.DataFrame) -> np.ndarray:
    received = orders[(orders["status"] == "received") & orders["received_on"].notna()]
    facts = pd.DataFrame(
        {
            "supplier": received["supplier"],
            "value": (received["received_on"] - received["ordered_on"]).dt.days,
            "share": (received["received_on"] > received["promised_on"]).where(received["promised_on"].notna()),
        }
    ).astype({"value": float, "share": float})
    naive = _supplier_and_everyone(facts, kept["supplier"], ("value", "share"))
    naive[:, :2] = np.maximum(naive[:, :2] - kept["days_open"].to_numpy()[:, None], 0)
    return naive


def _supplier_and_everyone(facts: pd.DataFrame, suppliers: pd.Series, columns: tuple[str, str]) -> np.ndarray:
    """(value of the supplier, of everyone, share of the supplier, of everyone); without own history everyone's."""
    own = facts.groupby("supplier")[list(columns)].mean()
    found = []
    for column in columns:
        everyone = float(facts[column].mean())
        found += [suppliers.map(own[column]).fillna(everyone).to_numpy(dtype=float), np.full(len(suppliers), everyone)]
    return np.column_stack(found)


def expected_lots(orders: pd.DataFrame, lots: pd.DataFrame) -> pd.DataFrame:
    """Order lines on the road or received, and not inspected yet: `order_id line_no supplier sku stage quantity`."""
    coming = orders[orders["status"].isin(("open", "received")) & orders["quantity"].notna()]
    coming = coming.drop_duplicates(["order_id", "line_no"])
    seen = pd.MultiIndex.from_frame(lots[["order_id", "line_no"]])
    whole = lots.loc[lots["line_no"].isna(), "order_id"]  # inspected without saying which line
    new = ~pd.MultiIndex.from_frame(coming[["order_id", "line_no"]]).isin(seen) & ~coming["order_id"].isin(whole)
    return coming.loc[new, ["order_id", "line_no", "supplier", "sku", "stage", "quantity"]].reset_index(drop=True)


def defect_forecasts(
    fit: DefectRates | None, expected: pd.DataFrame, lots: pd.DataFrame, limit: float, as_of: pd.Timestamp
) -> pd.DataFrame:
    """The defects of each lot still to be inspected as a table to be kept.

    Parameters
    ----------
    fit : DefectRates or None
        From `fit_lots`; None (nothing was ever inspected) gives no forecast: an empty table.
    expected : DataFrame
        Lines that are to be inspected, from `expected_lots`.
    lots : DataFrame
        From `inspected_lots` as known at `as_of`; the naive forecasts come from them.
    limit : float
        Share of defective pieces that is still accepted

    Notes
    -----
    A lot's rate has the posterior mean m of its SKU (or supplier) at its stage and the variance v = Var(p) + r E[p (1 - p)]
    with the lot correlation r; alpha and beta are the beta distribution with these moments. The stage's shift is plugged in.
    """
    if fit is None or expected.empty:
        return _no_defect_forecasts()
    known = fit.suppliers.labels
    lines = expected[expected["supplier"].isin(known) & (expected["quantity"] > 0)].reset_index(drop=True)
    kept = lines[["order_id", "line_no", "supplier"]].assign(made_on=as_of, pieces=lines["quantity"], limit=limit)
    kept[["alpha", "beta"]] = _lot_rates(fit, lines)
    numbers = [_count_forecast(*row, limit) for row in zip(lines["quantity"], kept["alpha"], kept["beta"])]
    kept[["mean", *QUANTILES, "over_probability"]] = np.array(numbers).reshape(len(kept), len(QUANTILES) + 2)
    shares = lots["defective"].astype(float) / lots["inspected"].astype(float)
    facts = pd.DataFrame({"supplier": lots["supplier"], "value": shares, "share": (shares > limit).astype(float)})
    kept[_NAIVE] = _supplier_and_everyone(facts, kept["supplier"], ("value", "share"))
    return kept[DEFECT_FORECAST_COLUMNS].astype({"pieces": "Int64"})


def _no_defect_forecasts() -> pd.DataFrame:
    types = {"order_id": "str", "line_no": "Int64", "supplier": "str", "made_on": "datetime64[us]", "pieces": "Int64"}
    return pd.DataFrame({name: pd.Series(dtype=types.get(name, "float64")) for name in DEFECT_FORECAST_COLUMNS})


def _lot_rates(fit: DefectRates, lines: pd.DataFrame) -> np.ndarray:
    """alpha and beta of each line's lot rate, shape (lines, 2)."""
    pairs = pd.MultiIndex.from_arrays([lines["supplier"], lines["sku"].fillna("")])
    exact = fit.supplier_skus.labels.get_indexer(pairs) >= 0
    shift = fit.shift_of(lines["stage"])
    mean, variance = np.empty(len(lines)), np.empty(len(lines))
    for rows, posterior in (
        (exact, fit.supplier_skus.of(pairs[exact])),
        (~exact, fit.suppliers.of(lines["supplier"][~exact])),
    ):
        mean[rows], variance[rows] = posterior.moved_moments(shift[rows])
    variance += fit.lot_correlation * (mean * (1 - mean) - variance)
    size = np.clip(mean * (1 - mean) / np.maximum(variance, 1e-12) - 1, 1e-3, 1e6)
    return np.column_stack([mean * size, (1 - mean) * size])


def _count_forecast(pieces: int, alpha: float, beta: float, limit: float) -> list[float]:
    """Mean, quantiles and probability of more than `limit` x `pieces` defects."""
    masses, each = beta_binomial_masses(int(pieces), alpha, beta), pieces_a_mass(int(pieces))
    cumulative = np.cumsum(masses)
    quantiles = np.minimum(np.round(np.searchsorted(cumulative, np.array(LEVELS) - 1e-12) * each), pieces)
    over = masses[int(np.floor(limit * pieces / each + 1e-9)) + 1 :].sum()
    return [pieces * alpha / (alpha + beta), *quantiles.astype(float), float(over)]
