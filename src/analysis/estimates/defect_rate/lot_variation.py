"""How much lots, SKUs and stages vary: suppositions, each weighed by how well it explains all lots."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
from scipy.special import logsumexp

from analysis.estimates.defect_rate.hyper_grid import ODD_SHARE, HyperGrid, fit_hyper_grid
from analysis.estimates.defect_rate.lot_evidence import LotEvidence, Variation, likelihood
from analysis.estimates.defect_rate.rate_grid import RateGrid

LOT_CORRELATIONS = {0.0: 0.2, 0.01: 0.2, 0.02: 0.15, 0.04: 0.15, 0.08: 0.15, 0.15: 0.1, 0.3: 0.05}
"""Correlation of two pieces of one lot: values considered and how likely each is beforehand."""
USUAL_LOT_CORRELATION = sum(value * likely for value, likely in LOT_CORRELATIONS.items())
"""Where no lot was ever inspected: what is expected of it."""
SKU_SDS = {0.1: 0.25, 0.3: 0.3, 0.6: 0.25, 1.0: 0.2}
"""Standard deviation of SKUs around their supplier (logit scale): values and prior probabilities."""
STAGE_SD = 0.7
"""Prior standard deviation of a stage's shift on the logit scale: odds within a factor of 2 either way, mostly."""
NEGLIGIBLE = 0.03
"""Suppositions less likely than this share of the best are left out."""


def weighted_variations(
    evidence: LotEvidence,
    grid: RateGrid,
    correlations: dict[float, float],
    sku_sds: dict[float, float],
    odd_share: float = ODD_SHARE,
) -> list[tuple[Variation, HyperGrid, float]]:
    """Suppositions that matter, the hyper-grid under each, and their posterior weights.

    Lot correlation and SKU spread (values and their prior probabilities) are weighed in full, first on a hyper-grid that suits
    the middle of both and then, those that matter, on one that suits the best. The stages' shifts, found at the middle of both,
    are varied by the points that integrate a quadratic exactly.
    """
    middle = Variation(_middle(correlations), _middle(sku_sds), (0.0,) * len(evidence.stages))
    weigh = _Weigher.suited_to(middle, evidence, grid, odd_share)
    shift, sds = _best_shift(weigh, middle)
    suppositions = {
        Variation(rho, sd, shift): share * likely
        for (rho, share), (sd, likely) in itertools.product(correlations.items(), sku_sds.items())
    }
    first = _weights(suppositions, weigh)
    best = max(first, key=lambda v: first[v])
    weigh = _Weigher.suited_to(best, evidence, grid, odd_share)
    top = {v: suppositions[v] for v in suppositions if first[v] >= NEGLIGIBLE * first[best]}
    second = _weights(top, weigh)
    chosen = _starred(second, sds) if any(sds) else second
    in_order = sorted(chosen, key=lambda v: (v.lot_correlation, v.stage_shift))  # equal lots in a row: worked out once
    return [(v, weigh(v)[0], chosen[v]) for v in in_order]


def _weights(suppositions: dict[Variation, float], weigh: _Weigher) -> dict[Variation, float]:
    """Posterior probabilities from prior ones."""
    log_weights = np.array([weigh(v)[1] + np.log(prior) for v, prior in suppositions.items()])
    return dict(zip(suppositions, np.exp(log_weights - logsumexp(log_weights)).tolist()))


def _middle(values: dict[float, float]) -> float:
    """The value in the middle of the prior."""
    keys = sorted(values)
    return keys[int(np.searchsorted(np.cumsum([values[k] for k in keys]), 0.5))]


class _Weigher:
    """The hyper-grid and the log evidence under a supposition, on priors that are kept from one to the next."""

    def __init__(self, evidence: LotEvidence, grid: RateGrid, hyper: HyperGrid) -> None:
        self.evidence, self.grid, self.hyper = evidence, grid, hyper

    @classmethod
    def suited_to(cls, variation: Variation, evidence: LotEvidence, grid: RateGrid, odd_share: float) -> _Weigher:
        """With a hyper-grid that resolves the posterior under `variation`."""
        known, category = likelihood(evidence, grid, variation).supplier, evidence.category_of_supplier
        hyper = fit_hyper_grid(known, category, len(evidence.categories), grid, odd_share=odd_share)
        return cls(evidence, grid, hyper)

    def __call__(self, variation: Variation) -> tuple[HyperGrid, float]:
        known = likelihood(self.evidence, self.grid, variation)
        hyper = self.hyper.reweighted(known.supplier, self.evidence.category_of_supplier)
        return hyper, hyper.log_evidence + known.log_scale


def _best_shift(weigh: _Weigher, middle: Variation) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Most probable shift of each stage but the first, and its standard deviation; parabolas, stage by stage, twice."""
    shift, sds = list(middle.stage_shift), [0.0] * len(middle.stage_shift)
    for round_, stage in itertools.product(range(2), range(1, len(shift))):
        step = 0.5 if round_ == 0 else max(sds[stage], 0.1)
        values = [_log_posterior(weigh, middle, shift, stage, shift[stage] + d) for d in (-step, 0, step)]
        curvature = max((2 * values[1] - values[0] - values[2]) / step**2, 1 / STAGE_SD**2)
        shift[stage] += float(np.clip((values[2] - values[0]) / (2 * step * curvature), -1.5, 1.5))
        sds[stage] = float(curvature**-0.5)
    return tuple(shift), tuple(sds)


def _log_posterior(weigh: _Weigher, middle: Variation, shift: list[float], stage: int, value: float) -> float:
    moved = [*shift[:stage], value, *shift[stage + 1 :]]
    variation = Variation(middle.lot_correlation, middle.sku_sd, tuple(moved))
    return weigh(variation)[1] - 0.5 * (value / STAGE_SD) ** 2


def _starred(weights: dict[Variation, float], sds: tuple[float, ...]) -> dict[Variation, float]:
    """Each supposition with its d shifts at +- sqrt(d) sd on each axis, equally likely: a normal's mean and variance."""
    axes = np.flatnonzero(sds)
    star = {}
    for variation, weight in weights.items():
        for stage, sign in itertools.product(axes, (-1, 1)):
            shift = list(variation.stage_shift)
            shift[stage] += float(sign * np.sqrt(axes.size) * sds[stage])
            star[replace(variation, stage_shift=tuple(shift))] = weight / (2 * axes.size)
    return star
