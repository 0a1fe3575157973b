"""Defect rates of suppliers and of their SKUs from inspected lots, each with all the doubt that thin data leave.

The model, from the top: categories have mean rates around a common one; suppliers' rates are beta around their category's
(a spline bends the beta when suppliers are many), but for a few odd ones; a supplier's rate is the average of its SKUs' rates;
sample, trial and bulk orders differ by a common shift; pieces of one lot are alike. Every layer is integrated over, none is
plugged in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from analysis.estimates.defect_rate.beta_prior import BetaPrior, ConvergenceError, fit_beta_prior
from analysis.estimates.defect_rate.learned import Layer, Learned, learn
from analysis.estimates.defect_rate.lot_evidence import Likelihood, LotEvidence, likelihood, lot_evidence
from analysis.estimates.defect_rate.lot_variation import LOT_CORRELATIONS, SKU_SDS
from analysis.estimates.defect_rate.rate_grid import RateGrid
from analysis.estimates.defect_rate.rate_mixture import RateMixture

__all__ = ["BetaPrior", "ConvergenceError", "DefectRates", "RateMixture", "fit_beta_prior", "fit_defect_rates"]

CHUNK = 2000


@dataclass(frozen=True)
class DefectRates:
    """Posterior defect rates at every level.

    Attributes
    ----------
    suppliers : RateMixture
        By supplier, the average rate of its SKUs, ordered yet or not; one never inspected has its category's prior.
    supplier_skus : RateMixture
        By (supplier, SKU).
    categories : RateMixture
        Prior of a new supplier of each category.
    counts : pd.DataFrame
        `supplier category inspected defective`, in the order of `suppliers`.
    stages, stage_shift : tuple
        The first stage is the one reported; the others' shifts on the logit scale.
    sku_sd, lot_correlation : float
        Posterior means.
    prior : "beta" or "spline"
    """

    suppliers: RateMixture
    supplier_skus: RateMixture
    categories: RateMixture
    counts: pd.DataFrame
    stages: tuple[str, ...]
    stage_shift: tuple[float, ...]
    sku_sd: float
    lot_correlation: float
    prior: str

    def shift_of(self, stage: ArrayLike) -> np.ndarray:
        """Logit shift of each of `stage` (missing: trial) from the stage reported; 0 for one that was never inspected."""
        names = pd.Series(np.asarray(stage, dtype=object)).fillna("trial")
        return names.map(dict(zip(self.stages, self.stage_shift))).fillna(0.0).to_numpy(dtype=float)


def fit_defect_rates(
    defective: ArrayLike,
    inspected: ArrayLike,
    supplier: ArrayLike | None = None,
    *,
    sku: ArrayLike | None = None,
    category: ArrayLike | None = None,
    stage: ArrayLike | None = None,
    lots: ArrayLike | None = None,
    lot_correlation: Sequence[float] | None = None,
    prior: Literal["auto", "beta", "spline"] = "auto",
) -> DefectRates:
    """Full-Bayes defect rates of suppliers (and SKUs) from lots.

    Parameters
    ----------
    defective, inspected : array_like of int, shape (lots,)
        Pieces. A row with `inspected` 0 makes a supplier known without saying anything of it.
    supplier, sku, category, stage : array_like, shape (lots,), optional
        Labels. Without `supplier` each row is a supplier's total. Missing SKUs or categories are one of their own, a
        missing stage is "trial". A supplier belongs to the category where it had most pieces inspected.
    lots : array_like of int, shape (lots,), optional
        How many lots alike in all of this each row stands for; one each if not given. Nothing is lost by counting first.
    lot_correlation : sequence of float, optional
        Correlations of a lot's pieces to consider, equally likely. Default: `LOT_CORRELATIONS` when rows are lots, 0 (no
        lots known) without `supplier`.
    prior : {"auto", "beta", "spline"}
        "auto" takes the spline from `SPLINE_FROM` inspected suppliers on.

    Raises
    ------
    ValueError
        No rows, or counts that contradict themselves.
    """
    evidence = lot_evidence(defective, inspected, supplier, sku, category, stage, lots)
    if not len(evidence.suppliers):
        raise ValueError("defective and inspected must hold at least one supplier, got none")
    correlations = _correlations(lot_correlation, supplier is not None)
    learned = learn(evidence, correlations, SKU_SDS if sku is not None else {0.0: 1.0}, prior)
    return _posterior(evidence, learned)


def rates_by_block(evidence: LotEvidence, suppliers: int) -> Iterator[DefectRates]:
    """The posterior that `fit_defect_rates` gives all lots, of so many suppliers at a time: memory does not grow with them.

    What is common to all (priors, lot correlation, spread of SKUs, stages) is learned from all, once.
    """
    learned = learn(evidence, LOT_CORRELATIONS, SKU_SDS)
    for start in range(0, len(evidence.suppliers), suppliers):
        chosen = np.arange(start, min(start + suppliers, len(evidence.suppliers)))
        yield _posterior(evidence.part(chosen), learned)


def _correlations(chosen: Sequence[float] | None, lots_known: bool) -> dict[float, float]:
    if chosen is None:
        return LOT_CORRELATIONS if lots_known else {0.0: 1.0}
    if not len(chosen) or min(chosen) < 0 or max(chosen) >= 1:
        raise ValueError(f"lot_correlation must hold numbers in [0, 1), got {list(chosen)}")
    return {float(c): 1 / len(chosen) for c in chosen}


def _posterior(evidence: LotEvidence, learned: Learned) -> DefectRates:
    grid, layers = learned.grid, learned.layers
    weights = np.array([layer.weight for layer in layers])
    weights /= weights.sum()
    suppliers, skus = _masses(evidence, grid, layers, weights)
    categories = np.sum([w * layer.priors() for w, layer in zip(weights, layers)], axis=0)
    lot_correlation = float(weights @ [layer.variation.lot_correlation for layer in layers])

    def mixture(labels: pd.Index, masses: np.ndarray) -> RateMixture:
        return RateMixture(labels, masses, grid, lot_correlation, evidence.usual_lot)

    return DefectRates(
        mixture(evidence.suppliers, suppliers),
        mixture(evidence.skus, skus),
        mixture(evidence.categories, categories),
        _counts(evidence),
        evidence.stages,
        tuple((weights @ [layer.variation.stage_shift for layer in layers]).tolist()),
        float(weights @ [layer.variation.sku_sd for layer in layers]),
        lot_correlation,
        learned.prior,
    )


def _masses(
    evidence: LotEvidence, grid: RateGrid, layers: list[Layer], weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Posterior masses of suppliers and of SKUs, averaged over the layers; some suppliers at a time."""
    suppliers = np.zeros((len(evidence.suppliers), grid.size))
    apart = any(layer.variation.sku_sd > 0 for layer in layers)
    skus = np.zeros((len(evidence.skus), grid.size)) if apart else None
    for start in range(0, len(suppliers), CHUNK):
        chunk = np.arange(start, min(start + CHUNK, len(suppliers)))
        _add_chunk(evidence, chunk, grid, layers, weights, suppliers, skus)
    if skus is not None:
        return suppliers, skus
    single = np.array_equal(evidence.supplier_of_sku, np.arange(len(suppliers)))  # then one array serves both
    return suppliers, suppliers if single else suppliers[evidence.supplier_of_sku]


def _add_chunk(
    evidence: LotEvidence,
    chosen: np.ndarray,
    grid: RateGrid,
    layers: list[Layer],
    weights: np.ndarray,
    suppliers: np.ndarray,
    skus: np.ndarray | None,
) -> None:
    part = evidence.part(chosen)
    here = np.flatnonzero(np.isin(evidence.supplier_of_sku, chosen))
    for layer, weight in zip(layers, weights):
        known = likelihood(part, grid, layer.variation)
        masses = layer.suppliers(known, part.category_of_supplier)
        suppliers[chosen] += weight * masses
        if skus is not None:
            skus[here] += weight * _sku_masses(known, masses, part.supplier_of_sku)


def _sku_masses(known: Likelihood, suppliers: np.ndarray, supplier_of_sku: np.ndarray) -> np.ndarray:
    """Posterior of each SKU: its own likelihood times what its supplier's other SKUs suggest of it."""
    others = (suppliers[supplier_of_sku] / np.maximum(known.message, 1e-300)) @ known.spread
    masses = known.sku * others
    return masses / masses.sum(axis=1, keepdims=True)


def _counts(evidence: LotEvidence) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "supplier": evidence.suppliers,
            "category": evidence.categories[evidence.category_of_supplier],
            "inspected": evidence.inspected,
            "defective": evidence.defective,
        }
    )
