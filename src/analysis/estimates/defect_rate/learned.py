"""What all suppliers have in common: learned once, from some of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from analysis.estimates.defect_rate.hyper_grid import ODD_SHARE, HyperGrid, odd_masses
from analysis.estimates.defect_rate.lot_evidence import Likelihood, LotEvidence, Variation, likelihood
from analysis.estimates.defect_rate.lot_variation import weighted_variations
from analysis.estimates.defect_rate.rate_grid import RateGrid
from analysis.estimates.defect_rate.spline_prior import fit_spline_prior

SPLINE_FROM = 200
"""Inspected suppliers from which the spline prior is used."""
ENOUGH_SUPPLIERS = 2000
"""Suppliers that settle the common parameters; with more, these are taken from an even selection of so many."""


@dataclass(frozen=True)
class Learned:
    """What all suppliers have in common: the suppositions that matter with their priors, on a grid."""

    grid: RateGrid
    layers: list[Layer]
    prior: Literal["beta", "spline"]


def learn(
    evidence: LotEvidence,
    correlations: dict[float, float],
    sku_sds: dict[float, float],
    prior: Literal["auto", "beta", "spline"] = "auto",
) -> Learned:
    """The common parameters, from at most `ENOUGH_SUPPLIERS` suppliers."""
    grid = RateGrid.for_pieces(int(evidence.inspected.max()))
    part = evidence.part(_learners(evidence))
    spline = prior == "spline" or (prior == "auto" and (evidence.inspected > 0).sum() >= SPLINE_FROM)
    # the spline would bend odd suppliers away: they are mixed in after it
    variations = weighted_variations(part, grid, correlations, sku_sds, 0.0 if spline else ODD_SHARE)
    layers = [Layer.build(part, grid, *item, spline) for item in variations]
    return Learned(grid, layers, "spline" if spline else "beta")


def _learners(evidence: LotEvidence) -> np.ndarray:
    """Positions of the suppliers that teach the common parameters, evenly spread over categories and labels."""
    seen = np.flatnonzero(evidence.inspected > 0)
    if seen.size <= ENOUGH_SUPPLIERS:
        return seen
    by_category = seen[np.argsort(evidence.category_of_supplier[seen], kind="stable")]
    return np.sort(by_category[np.linspace(0, seen.size - 1, ENOUGH_SUPPLIERS).round().astype(int)])


@dataclass(frozen=True)
class Layer:
    """One supposition, its weight, and the priors of each category under it with their posterior weights.

    A category's prior b is (1 - odd_share) base(p) tilts_b(p), normalised, + odd_share odd(p). Base and tilts are kept apart,
    as they take cells x (categories + priors) numbers where all priors of all categories would take their product.

    Beta priors have their odd suppliers within them, here the share is 0. The spline would bend these away: they are mixed
    in after it (at 300 suppliers the flagged worst are else covered .85 where the truth is no beta, now .88).

    tilts : shape (cells, priors); base, odd : shape (categories, cells); weights : shape (categories, priors)
    """

    variation: Variation
    weight: float
    tilts: np.ndarray
    base: np.ndarray
    odd: np.ndarray
    weights: np.ndarray
    odd_share: float

    @classmethod
    def build(
        cls,
        evidence: LotEvidence,
        grid: RateGrid,
        variation: Variation,
        hyper: HyperGrid,
        weight: float,
        spline: bool,
    ) -> Layer:
        """Of the suppliers that teach, under one supposition: `hyper` weighs its beta priors, a spline bends them where asked for."""
        weights = hyper.weights.reshape(len(hyper.weights), -1)
        means = weights @ hyper.bank.T
        odd = odd_masses(means @ grid.rates, grid).T
        if not spline:
            used = weights.max(axis=0) > 1e-6 * weights.max()
            return cls(variation, weight, hyper.bank[:, used], np.ones_like(means), odd, weights[:, used], 0.0)
        known = likelihood(evidence, grid, variation).supplier
        bent = fit_spline_prior(known, evidence.category_of_supplier, means, grid.angles)
        weights = np.tile(np.exp(bent.log_weights), (len(means), 1))
        return cls(variation, weight, bent.tilts, means, odd, weights, ODD_SHARE)

    @cached_property
    def total(self) -> np.ndarray:
        """What normalises base x tilt, shape (categories, priors)."""
        return self.base @ self.tilts

    def priors(self) -> np.ndarray:
        """Prior masses of a new supplier, shape (categories, cells)."""
        usual = self.base * ((self.weights / self.total) @ self.tilts.T)
        return (1 - self.odd_share) * usual + self.odd_share * self.odd

    def suppliers(self, known: Likelihood, category: np.ndarray) -> np.ndarray:
        """Posterior masses, shape (suppliers, cells)."""
        usual = (1 - self.odd_share) * known.supplier * self.base[category]
        odd = self.odd_share * known.supplier * self.odd[category]
        total = self.total[category]
        marginal = np.maximum(usual @ self.tilts / total + odd.sum(axis=1, keepdims=True), 1e-300)
        share = self.weights[category] / marginal
        masses = usual * ((share / total) @ self.tilts.T) + odd * share.sum(axis=1, keepdims=True)
        return masses / masses.sum(axis=1, keepdims=True)
