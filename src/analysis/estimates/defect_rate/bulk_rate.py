"""The defect rate of each supplier's next bulk lot: a level of its own, so that clean samples do not speak for bulk.

On the logit scale the bulk rate is the rate of samples and trials plus a change. Most suppliers change little; a share of them is much
worse in bulk than in what won the order ("drifts"):

    logit p_bulk = logit p + d,   d ~ (1 - share) N(m, steady_sd^2) + share N(DRIFT_MEAN, DRIFT_SD^2),

with m so that who does not drift is as good in bulk as before on average.

The share, how steady the others are and how alike the pieces of a bulk lot are come from all bulk lots together. A supplier's own bulk
lots (beta-binomial) update both the change and whether it drifts; measurements that moved between trial and bulk speak for a drift
too. All on a grid: exact, no draws.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.special import logsumexp

from analysis.estimates.defect_rate.found_share import ALL_FOUND, FoundShare
from analysis.estimates.defect_rate.posterior import DefectRates
from analysis.estimates.defect_rate.rate_grid import RateGrid
from analysis.estimates.defect_rate.rate_mixture import RateMixture
from analysis.estimates.defect_rate.tables import fit_lots
from analysis.estimates.draws import DRAWS, Draws

STEADY_SDS = {0.1: 0.35, 0.3: 0.35, 0.6: 0.20, 1.0: 0.10}
"""Of the change of suppliers that do not drift, and how likely each is beforehand: at 0.3 odds within a factor of 1.35, mostly."""
LIKENESS = {0.5: 0.15, 1.0: 0.45, 2.0: 0.25, 4.0: 0.15}
"""How many times as alike as in trials the pieces of a bulk lot are, and how likely each is beforehand."""
DRIFT_MEAN, DRIFT_SD = 1.5, 0.7
"""Of the change of one that does: odds about 4.5 times as high, between 1.4 and 14 times mostly."""
SHARES = np.array([0.01, 0.03, 0.06, 0.10, 0.15, 0.22, 0.30, 0.40])
SHARE_PRIOR = np.array([0.30, 0.25, 0.18, 0.12, 0.07, 0.04, 0.03, 0.01])
"""Shares of suppliers that drift, and how likely each is beforehand: one in fifteen on average. With one in nine, plans of companies without drift
passed over good suppliers whom nobody had bought bulk from, and those of companies with it won nothing (`benchmarks/decisions.py`)."""
MOST_ALIKE = 0.5
MOST_ODDS = 50.0
"""Measurements speak for or against a drift by at most these odds: what they measure is a sign of defects, not defects."""


def bulk_rates(lots: pd.DataFrame, orders: pd.DataFrame, drift: pd.DataFrame | None = None) -> RateMixture | None:
    """Posterior of every supplier's rate in bulk; None when nothing was inspected.

    Parameters
    ----------
    lots : DataFrame
        From `inspected_lots`, of every stage; a missing stage counts as a trial.
    orders : DataFrame
        Canonical orders; their suppliers appear even if never inspected.
    drift : DataFrame, optional
        From `drift_table`; its measurement rows on bulk speak for or against a drift. None: nothing was measured.
    """
    levels = bulk_levels(lots, orders, drift)
    return None if levels is None else levels.bulk


def bulk_draws(
    lots: pd.DataFrame, orders: pd.DataFrame, drift: pd.DataFrame | None, seed: int, found: FoundShare = ALL_FOUND
) -> Draws:
    """Posterior draws of each supplier's rate in bulk (`bulk_rates`), of which inspections see `found`; empty if nothing was inspected."""
    rates = bulk_rates(lots, orders, drift)
    if rates is None:
        return Draws.of_nobody()
    return found.of_draws(rates.draws(DRAWS, np.random.default_rng([seed, 2])), seed)


@dataclass(frozen=True)
class BulkLevels:
    """How the rate in bulk follows from the one before: suppliers by how steady they are, the drifting ones last.

    Attributes
    ----------
    before : RateMixture
        The rates of samples and trials.
    kernels : ndarray, shape (types, cells, cells)
        Row k of a type: the rate in bulk of a supplier whose rate before is k.
    joint : ndarray, shape (types, suppliers, cells)
        Posterior probability of the type and of the rate in bulk.
    sku_sd : float
        Of SKUs around their supplier's average, on the logit scale.
    """

    before: RateMixture
    kernels: np.ndarray
    joint: np.ndarray
    sku_sd: float

    @property
    def bulk(self) -> RateMixture:
        """The rates in bulk."""
        masses = self.joint.sum(axis=0)
        return replace(self.before, masses=masses / masses.sum(axis=1, keepdims=True))


def bulk_levels(lots: pd.DataFrame, orders: pd.DataFrame, drift: pd.DataFrame | None = None) -> BulkLevels | None:
    """As `bulk_rates`, with what it was made from. Where only bulk was ever inspected, the rate in bulk is the rate."""
    bulk = lots["stage"].eq("bulk").fillna(False).to_numpy(bool)
    before = fit_lots(lots[~bulk], orders)
    if before is not None:
        return _moved(before, lots[bulk], drift)
    whole = fit_lots(lots, orders)
    if whole is None:
        return None
    rates = whole.suppliers
    return BulkLevels(rates, np.eye(rates.grid.size)[None], rates.masses[None], whole.sku_sd)


def _moved(before: DefectRates, bulk: pd.DataFrame, drift: pd.DataFrame | None) -> BulkLevels:
    rates = _on_bulk_grid(before.suppliers, bulk)
    grid, odds = rates.grid, _measured_odds(drift, rates.labels)
    kernels = np.stack([*(grid.spread_around(sd) for sd in STEADY_SDS), grid.spread(DRIFT_SD, DRIFT_MEAN)])
    moved = rates.masses @ kernels  # (types, suppliers, cells), the drifting ones last
    joint, log_weights, parts = np.zeros_like(moved), [], []
    for alike, likely in LIKENESS.items():
        known = _log_likelihood(bulk, rates.labels, grid, min(alike * before.lot_correlation, MOST_ALIKE))
        top = known.max(axis=1, keepdims=True)
        seen = moved * np.exp(known - top)
        total = seen.sum(axis=2)
        for place, prior in enumerate(STEADY_SDS.values()):
            chance, log_weight = _p_drifts(total[place], total[-1] * odds)
            parts.append((place, chance, seen / total[:, :, None]))
            log_weights.append(log_weight + top.sum() + np.log(likely * prior))
    weights = np.exp(np.array(log_weights) - logsumexp(log_weights))
    for weight, (place, chance, shapes) in zip(weights, parts):
        joint[place] += weight * (1 - chance)[:, None] * shapes[place]
        joint[-1] += weight * chance[:, None] * shapes[-1]
    return BulkLevels(rates, kernels, joint, before.sku_sd)


def _on_bulk_grid(rates: RateMixture, bulk: pd.DataFrame) -> RateMixture:
    """The rates on a grid that is fine enough for the bulk pieces too."""
    most = int(bulk.groupby("supplier")["inspected"].sum().max()) if len(bulk) else 0
    grid = RateGrid.for_pieces(max(most, 1))
    return rates if grid.size <= rates.grid.size else rates.on(grid)


def _log_likelihood(bulk: pd.DataFrame, suppliers: pd.Index, grid: RateGrid, lot_correlation: float) -> np.ndarray:
    """Of each supplier's bulk lots at each rate, shape (suppliers, cells); 0 where there are none."""
    total = np.zeros((len(suppliers), grid.size))
    lots = grid.lot_log_likelihood(
        bulk["defective"].to_numpy(float), bulk["inspected"].to_numpy(float), lot_correlation
    )
    np.add.at(total, suppliers.get_indexer(bulk["supplier"]), lots)
    return total


def _measured_odds(drift: pd.DataFrame | None, suppliers: pd.Index) -> np.ndarray:
    """How many times likelier the measurements are if a supplier drifts; its most telling attribute counts."""
    if drift is None or drift.empty:
        return np.ones(len(suppliers))
    rows = drift[(drift["kind"] != "count") & (drift["stage"] == "bulk") & drift["p_worse"].notna()]
    worst = rows.groupby("supplier")["p_worse"].max().reindex(suppliers).fillna(0.5).to_numpy(float)
    return np.clip(worst / np.maximum(1 - worst, 1e-9), 1 / MOST_ODDS, MOST_ODDS)


def _p_drifts(steady: np.ndarray, drifts: np.ndarray) -> tuple[np.ndarray, float]:
    """P(drift) of each supplier, over the shares of suppliers that drift as all of them together make them likely, and the
    logarithm of how likely all of it is."""
    mixed = (1 - SHARES) * steady[:, None] + SHARES * drifts[:, None]
    log_weights = np.log(SHARE_PRIOR) + np.log(mixed).sum(axis=0)
    total = float(logsumexp(log_weights))
    return (SHARES * drifts[:, None] / mixed) @ np.exp(log_weights - total), total
