"""A supplier's bulk lots against its samples and trials, all SKUs together.

An SKU alone has few bulk pieces in its first months, a supplier more. Pieces of one lot are alike: counts are deflated by the design
effect of their lots, 1 + (pieces of the lot that a piece is in - 1) x lot correlation [1]_, before the two rates are compared as beta posteriors.

.. [1] Kish, L. (1965). Survey Sampling. Wiley. With unequal lots the mean is weighted by pieces: sum n^2 / sum n.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import betaincinv, ndtr

from analysis.estimates.defect_rate import USUAL_LOT_CORRELATION

SIDES = {"bulk": True, "before": False}
FITTED_WORTH = 250.0
"""What the fitted likeness counts against that within sides, in pieces beyond the first of their lots."""


def likeness_within_sides(lots: pd.DataFrame, fitted: float | None) -> float:
    """How alike pieces of one lot are within the bulk of an article, and within its samples and trials.

    A supplier whose bulk is worse makes its lots differ: judged by the likeness fitted to all lots (`fitted`) it would hide behind itself.

        Q = sum (x - n p)^2 / (n p (1 - p)),   E Q = sum (1 - n / N) (1 + (n - 1) r)

    over the lots (n pieces, x defective) of each supplier, SKU and side, with p = X / N of their sums [2]_; `fitted`, the usual one where it
    is None, counts as `FITTED_WORTH`.

    .. [2] Williams, D. A. (1982). Applied Statistics 31, 144-148: moments of an overdispersed binomial, exact in expectation for equal lots.
    """
    fitted = USUAL_LOT_CORRELATION if fitted is None else fitted
    staged = lots[lots["stage"].notna()]
    n, x = (staged[name].astype(float) for name in ("inspected", "defective"))
    side = [staged["supplier"], staged["sku"].fillna(""), staged["stage"] == "bulk"]
    whole, bad = n.groupby(side).transform("sum"), x.groupby(side).transform("sum")
    p, part = bad / whole, 1 - n / whole
    told = (part > 0) & (p > 0) & (p < 1)
    surplus = ((x - n * p) ** 2 / (n * p * (1 - p)) - part)[told].sum()
    beyond = ((n - 1) * part)[told].sum()
    return float(np.clip((surplus + FITTED_WORTH * fitted) / (beyond + FITTED_WORTH), 0.0, 1.0))


def bulk_against_before(lots: pd.DataFrame, lot_correlation: float | None, level: float = 0.90) -> pd.DataFrame:
    """Index supplier: `p` that bulk is worse, and of both sides (`bulk`, `before`) the share defective, `_n` pieces, `_low`, `_high`.

    Parameters
    ----------
    lots : DataFrame
        From `inspected_lots`; those without a stage are left out. Suppliers that lack either side have no row.
    lot_correlation : float or None
        Of two pieces of a lot; None: no fit tells it, then the usual one.
    level : float, optional
        Of the intervals.
    """
    staged = lots[lots["stage"].notna()].assign(
        bulk=lambda of: of["stage"] == "bulk", squares=lambda of: of["inspected"].astype(float) ** 2
    )
    groups = staged.groupby(["supplier", "bulk"])
    sums = pd.DataFrame(
        {"n": groups["inspected"].sum(), "x": groups["defective"].sum(), "squares": groups["squares"].sum()}
    )
    sums = sums.astype(float)
    if sums.empty or not {True, False} <= set(sums.index.get_level_values("bulk")):
        columns = ["p", *(f"{side}{what}" for side in SIDES for what in ("", "_n", "_low", "_high"))]
        return pd.DataFrame(columns=columns, index=pd.Index([], name="supplier"), dtype=float)
    likeness = USUAL_LOT_CORRELATION if lot_correlation is None else lot_correlation
    weight = 1 / (1 + np.maximum(sums["squares"] / sums["n"] - 1, 0) * likeness)
    a, b = sums["x"] * weight + 0.5, (sums["n"] - sums["x"]) * weight + 0.5
    mean, variance = (a / (a + b)).unstack("bulk"), (a * b / ((a + b) ** 2 * (a + b + 1))).unstack("bulk")
    seen, rate = sums["n"].unstack("bulk"), (sums["x"] / sums["n"]).unstack("bulk")
    low, high = (
        pd.Series(betaincinv(a, b, end), sums.index).unstack("bulk") for end in ((1 - level) / 2, (1 + level) / 2)
    )
    low, high = np.minimum(low, rate), np.maximum(high, rate)  # none defective, or all
    p = pd.Series(ndtr((mean[True] - mean[False]) / np.sqrt(variance[True] + variance[False])), mean.index)
    told = {side: rate[bulk] for side, bulk in SIDES.items()} | {
        f"{side}_n": seen[bulk] for side, bulk in SIDES.items()
    }
    ends = {f"{side}_{end}": of[bulk] for side, bulk in SIDES.items() for end, of in (("low", low), ("high", high))}
    return pd.DataFrame({"p": p, **told, **ends}).dropna()
