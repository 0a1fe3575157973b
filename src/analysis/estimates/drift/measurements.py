"""Measured values of sample pieces against those of production pieces, with lots that differ among themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

POWER = 0.80
USUAL_LOT_SHARE = 0.2
"""Variance between lots as a share of the variance within, as long as no lots are replicated: a lot's mean then wanders by
0.45 standard deviations of a piece."""
SHARE_WORTH = 4.0
"""Degrees of freedom that `USUAL_LOT_SHARE` is worth against the data."""
LEAST_PIECES = 2


def compare_measurements(pieces: pd.DataFrame, flag_from: float) -> list[dict[str, Any]]:
    """One dict (see `drift.DRIFT_COLUMNS`) for each supplier, SKU and attribute measured on both sides.

    Parameters
    ----------
    pieces : DataFrame
        `lot supplier sku production attribute value lower_limit upper_limit`, a row a measured piece.

    Notes
    -----
    value = side's mean + lot + piece, with normal lots and pieces. The piece variance is the group's own, pooled within
    lots; the ratio of the lots' variance to it is shared by all groups of an attribute, because few groups have lots enough.
    The difference of means is then t-distributed around the difference seen (flat prior on the means).

    *Worse* means: farther from the middle of the limits when there are two; towards the only limit when there is one.
    Without limits no direction is worse, and either may be flagged at half the risk.
    """
    keys = ["attribute", "supplier", "sku"]
    lots = (
        pieces.groupby([*keys, "production", "lot"], sort=True)
        .agg(mean=("value", "mean"), size=("value", "size"), variance=("value", "var"),
             lower=("lower_limit", "median"), upper=("upper_limit", "median"))
        .reset_index()
    )  # fmt: skip
    groups = _groups(lots, lots.groupby(keys, sort=True).indices)
    rows = []
    for attribute in lots["attribute"].unique():
        mine = {key: group for key, group in groups.items() if key[0] == attribute}
        share, replicated = lot_share(list(mine.values()))
        for (_, supplier, sku), group in mine.items():
            if found := group.compared(share, replicated, flag_from):
                rows.append({"supplier": supplier, "sku": sku, "kind": "measurement", "attribute": attribute, **found})
    return rows


def _groups(lots: pd.DataFrame, rows_of: dict[tuple[Any, ...], np.ndarray]) -> dict[tuple[Any, ...], _Group]:
    names = ("mean", "size", "variance", "lower", "upper")
    production = lots["production"].to_numpy(dtype=bool)
    mean, size, variance, lower, upper = (lots[name].to_numpy(dtype=float) for name in names)
    variance = np.nan_to_num(variance)  # a single piece: no degree of freedom
    return {
        key: _Group(production[at], mean[at], size[at], variance[at], _usual(lower[at]), _usual(upper[at]))
        for key, at in rows_of.items()
    }


def _usual(limits: np.ndarray) -> float:
    """Median of the limits written down; nan without any."""
    known = limits[np.isfinite(limits)]
    return float(np.median(known)) if known.size else float("nan")


def lot_share(groups: list[_Group]) -> tuple[float, bool]:
    """Variance between lots over variance within, shared by `groups`, and whether any lots were replicated.

    Moments: a lot mean's squared deviation from its side's mean has expectation (sigma_lot^2 + sigma_piece^2 / n) per degree
    of freedom; the prior share counts as `SHARE_WORTH` such degrees. Negative estimates are 0.
    """
    total, freedom = USUAL_LOT_SHARE * SHARE_WORTH, SHARE_WORTH
    for group in groups:
        variance = group.piece_variance()
        if not variance > 0:
            continue
        for side in (False, True):
            excess, degrees = group.excess_between(side)
            total += excess / variance
            freedom += degrees
    return max(total / freedom, 0.0), freedom > SHARE_WORTH


@dataclass(frozen=True)
class _Group:
    """The lots of one supplier, SKU and attribute: side, mean, pieces and variance of each; limits, nan if none."""

    production: np.ndarray
    mean: np.ndarray
    size: np.ndarray
    variance: np.ndarray
    lower: float
    upper: float

    def freedom(self) -> float:
        """Degrees of freedom within lots."""
        return float((self.size - 1).sum())

    def piece_variance(self) -> float:
        """Variance within lots, pooled; nan with one piece a lot."""
        return float((self.variance * (self.size - 1)).sum() / self.freedom()) if self.freedom() > 0 else float("nan")

    def excess_between(self, side: bool) -> tuple[float, float]:
        """Sum of squares of a side's lot means beyond what pieces explain, and its degrees of freedom."""
        here = self.production == side
        degrees = float(here.sum() - 1)
        if degrees < 1:
            return 0.0, 0.0
        squares = float(((self.mean[here] - self.mean[here].mean()) ** 2).sum())
        return squares - degrees * self.piece_variance() * float((1 / self.size[here]).mean()), degrees

    def compared(self, share: float, replicated: bool, flag_from: float) -> dict[str, Any] | None:
        """The comparison, or None where the pieces do not even show how they vary."""
        variance = self.piece_variance()
        pieces = [self.size[self.production == side].sum() for side in (False, True)]
        if not variance > 0 or min(pieces) < LEAST_PIECES:
            return None
        means, errors = zip(*(self._mean(side, share, variance) for side in (False, True)))
        error, freedom = float(np.hypot(*errors)), self.freedom()
        difference = means[1] - means[0]
        p_worse, two_sided = self._p_worse(means, errors, freedom)
        reach = float(stats.t.ppf(0.95, freedom)) * error
        risk = (1 - flag_from) / (2 if two_sided else 1)
        return {
            **self._evidence(),
            "sample_value": means[0], "production_value": means[1], "difference": difference,
            "difference_low": difference - reach, "difference_high": difference + reach,
            "lot_sd": float(np.sqrt(share * variance)), "piece_sd": float(np.sqrt(variance)),
            "p_worse": p_worse, "flagged": p_worse >= 1 - risk,
            "detectable": detectable_shift(error, freedom, risk),
            "note": "" if replicated else "lots_not_replicated",
        } | ({"note": "direction_unknown"} if two_sided else {})  # fmt: skip

    def _mean(self, production: bool, share: float, variance: float) -> tuple[float, float]:
        """Mean of a side with lots weighed by their precision, and its standard error."""
        here = self.production == production
        weight = 1 / (variance * (share + 1 / self.size[here]))
        return float(weight @ self.mean[here] / weight.sum()), float(weight.sum() ** -0.5)

    def _p_worse(self, means: Sequence[float], errors: Sequence[float], freedom: float) -> tuple[float, bool]:
        lower, upper = np.isfinite(self.lower), np.isfinite(self.upper)
        up = float(stats.t.cdf((means[1] - means[0]) / np.hypot(errors[0], errors[1]), freedom))
        if lower and upper:
            return _farther(np.array(means) - (self.lower + self.upper) / 2, errors, freedom), False
        if lower or upper:
            return (up if upper else 1 - up), False
        return max(up, 1 - up), True

    def _evidence(self) -> dict[str, Any]:
        lots = [int((self.production == side).sum()) for side in (False, True)]
        pieces = [int(self.size[self.production == side].sum()) for side in (False, True)]
        return {
            "sample_lots": lots[0], "sample_pieces": pieces[0], "sample_defective": pd.NA,
            "production_lots": lots[1], "production_pieces": pieces[1], "production_defective": pd.NA,
        }  # fmt: skip


def _farther(means: np.ndarray, errors: Sequence[float], freedom: float) -> float:
    """P(|production mean| > |sample mean|), means measured from the middle of the limits.

    The sample mean is integrated over 400 quantiles of its t distribution.
    """
    levels = (np.arange(400) + 0.5) / 400
    a = means[0] + errors[0] * stats.t.ppf(levels, freedom)
    beyond = stats.t.sf((np.abs(a) - means[1]) / errors[1], freedom) + stats.t.cdf(
        (-np.abs(a) - means[1]) / errors[1], freedom
    )
    return float(beyond.mean())


def detectable_shift(error: float, freedom: float, risk: float) -> float:
    """Smallest shift flagged with probability `POWER`: the t threshold at `risk` plus the power's quantile, times the error."""
    return float((stats.t.ppf(1 - risk, freedom) + stats.norm.ppf(POWER)) * error)
