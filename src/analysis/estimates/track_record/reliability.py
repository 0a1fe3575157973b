"""Reliability of probabilities: how often what was said with 30 % came to pass, without bins of our own choosing (CORP).

.. [1] Dimitriadis, T., Gneiting, T. and Jordan, A. I. (2021). Stable reliability diagrams for probabilistic classifiers.
       PNAS 118, e2016191118.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import optimize

RELIABILITY_COLUMNS = ["kind", "said", "came", "honest_from", "honest_to", "observations"]
_WORLDS, _SEED = 400, 20_210_215
_LEAST = 10


def recalibrated(said: ArrayLike, came: ArrayLike) -> np.ndarray:
    """The rising step function of `said` that fits `came` best (pool adjacent violators), at each forecast."""
    _, place, count = np.unique(np.asarray(said, dtype=float), return_inverse=True, return_counts=True)
    mean = np.bincount(place, np.asarray(came, dtype=float)) / count
    return optimize.isotonic_regression(mean, weights=count).x[place]


def miscalibration(said: ArrayLike, came: ArrayLike) -> float:
    """Brier score of `said` less that of `said` recalibrated: what better probabilities would save   [1]; missing pairs aside."""
    pairs = np.column_stack([np.asarray(said, dtype=float), np.asarray(came, dtype=float)])
    p, y = pairs[~np.isnan(pairs).any(axis=1)].T
    if not p.size:
        return float("nan")
    return float(((p - y) ** 2).mean() - ((recalibrated(p, y) - y) ** 2).mean())


def reliability_table(scores: pd.DataFrame, level: float = 0.90) -> pd.DataFrame:
    """The reliability curve of each kind of forecast: one row a step, `kind said came honest_from honest_to observations`.

    `said`: mean probability of the step's forecasts, `came`: share that came to pass. The band is that of an honest
    forecaster who said the same: outside it, chance does not explain the difference. None for fewer than 10 forecasts.
    """
    tables = [pd.DataFrame(columns=RELIABILITY_COLUMNS).astype({"kind": "str", "observations": "Int64"})]
    for kind, group in scores.dropna(subset=["said", "came"]).groupby("kind", sort=True):
        if len(group) >= _LEAST:
            tables.append(_curve(group["said"].to_numpy(float), group["came"].to_numpy(float), level).assign(kind=kind))
    table = pd.concat(tables[1:] or tables, ignore_index=True)[RELIABILITY_COLUMNS]
    return table.astype({"kind": "str", "observations": "Int64"} | dict.fromkeys(RELIABILITY_COLUMNS[1:5], "float64"))


def _curve(said: np.ndarray, came: np.ndarray, level: float) -> pd.DataFrame:
    rng = np.random.default_rng(_SEED)
    order = np.argsort(said, kind="stable")
    said, came = said[order], came[order]
    honest = np.stack([recalibrated(said, rng.random(said.size) < said) for _ in range(_WORLDS)])
    low, high = np.quantile(honest, [(1 - level) / 2, (1 + level) / 2], axis=0)
    rows = pd.DataFrame(
        {"said": said, "came": recalibrated(said, came), "honest_from": low, "honest_to": high, "observations": 1}
    )
    step = rows["came"].round(12).ne(rows["came"].round(12).shift()).cumsum()
    return rows.groupby(step).agg(
        {**dict.fromkeys(("said", "came", "honest_from", "honest_to"), "mean"), "observations": "sum"}
    )
