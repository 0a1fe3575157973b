"""Would another way of adding up choose another winner? TOPSIS and VIKOR beside the weighted sum, as a sensitivity only.

Both judge a supplier by its distance from the best and the worst *in the table*, so one absurd quote can change their winner;
the rating does not, and it alone decides. Where the three agree, the winner does not hang on how worths are added up.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from analysis.decisions.rating.scorecard import Worths

METHODS = ("topsis", "vikor")
SENSITIVITY_COLUMNS = ["category", "supplier", "rank", *(f"rank_{method}" for method in METHODS)]


def rank_sensitivity(scored: Worths) -> pd.DataFrame:
    """Ranks within the category by mean worths: by the weighted sum, TOPSIS [1] and VIKOR [2].

    `SENSITIVITY_COLUMNS`, in order of category and rank. A method that has no answer (a supplier alone in its category, all
    rivals alike) leaves its ranks missing.

    .. [1] Hwang, C. L. and Yoon, K. (1981). Methods for multiple attribute decision making. Springer, 58-191.
    .. [2] Opricovic, S. and Tzeng, G.-H. (2004). European Journal of Operational Research 156, 445-455.
    """
    weights = np.array([criterion.weight for criterion in scored.criteria])
    worth = scored.mean.T
    parts = []
    for category, rows in pd.Series(range(len(worth))).groupby(scored.category.to_numpy()):
        at = rows.to_numpy()
        columns = {f"rank_{method}": _places(_preferences(method, worth[at], weights)) for method in METHODS}
        rank = _places(worth[at] @ weights)
        parts.append(pd.DataFrame({"category": category, "supplier": scored.suppliers[at], "rank": rank, **columns}))
    if not parts:
        return pd.DataFrame(columns=SENSITIVITY_COLUMNS)
    table = pd.concat(parts, ignore_index=True)
    return table.sort_values(["category", "rank", "supplier"], ignore_index=True)[SENSITIVITY_COLUMNS]


def _preferences(method: str, worth: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Preference of each row of `worth` (n, K), higher is better; NaN where the method has no answer."""
    # A criterion by which all rivals are alike orders nobody, and the library refuses it.
    telling = (weights > 0) & (np.ptp(worth, axis=0) > 0)
    if len(worth) < 2 or not telling.any():
        return np.full(len(worth), np.nan)
    with np.errstate(invalid="ignore"):  # rivals equally far from the ideal: 0 / 0, told as no answer
        return _library(method)(worth[:, telling], weights[telling] / weights[telling].sum())


def _library(method: str) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """The method of the library on worths that stand on one scale already: nothing is normalised again."""
    from pymcdm.methods import TOPSIS, VIKOR

    quietly = {"validation": False}  # its checks are made above; it would also warn of every dominated supplier
    if method == "topsis":
        return lambda worth, weights: TOPSIS(lambda column, cost: column)(
            worth, weights, np.ones(len(weights)), **quietly
        )
    return lambda worth, weights: -VIKOR()(worth, weights, np.ones(len(weights)), **quietly)


def _places(preference: np.ndarray) -> pd.array:
    """1 the best; equal ones share a place; all missing where any is."""
    ranks = pd.Series(np.round(preference, 9)).rank(ascending=False, method="min")
    return (ranks if ranks.notna().all() else ranks * np.nan).astype("Int64").array
