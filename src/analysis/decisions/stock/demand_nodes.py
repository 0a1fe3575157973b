"""What is believed of the demand process, as equally likely nodes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import qmc

FAMILIES = ("poisson", "negative binomial", "gamma")
POISSON, NEGATIVE_BINOMIAL, GAMMA = range(3)
NODES = 512
NODE_SEED = 20190101
"""The quadrature nodes are one fixed scrambled Sobol set: the same input gives the same reorder point."""


@dataclass(frozen=True)
class DemandNodes:
    """What is believed of the demand process, as equally likely nodes: arrays (SKU, node).

    `mean` pieces a day, `variance` pieces^2 a day, `family` a place in `FAMILIES`.
    """

    mean: np.ndarray
    variance: np.ndarray
    family: np.ndarray

    def __post_init__(self) -> None:
        if not self.mean.shape == self.variance.shape == self.family.shape or self.mean.ndim != 2:
            raise ValueError(
                "mean, variance, family: three arrays of one shape (SKU, node) are needed, got "
                f"{self.mean.shape}, {self.variance.shape}, {self.family.shape}"
            )
        if not (np.all(self.mean > 0) and np.all(self.variance > 0) and np.all(np.isfinite(self.variance))):
            raise ValueError("mean, variance: demand a day and its variance are finite and above 0")

    def rows(self, which: np.ndarray | list[int]) -> DemandNodes:
        """Of some SKUs."""
        return DemandNodes(self.mean[which], self.variance[which], self.family[which])

    def varied(self, factor: ArrayLike) -> DemandNodes:
        """The same demand with `factor` times the variance that it has beyond chance."""
        chance = np.where(self.family == GAMMA, 0.0, self.mean)
        return DemandNodes(self.mean, chance + (self.variance - chance) * factor, self.family)

    @staticmethod
    def known(mean: ArrayLike, variance: ArrayLike, family: str = "gamma", nodes: int = 1) -> DemandNodes:
        """Demand whose parameters are given, pieces a day: no parameter uncertainty."""
        mean, variance = np.broadcast_arrays(np.atleast_1d(np.asarray(mean, float)), np.asarray(variance, float))
        shape = (len(mean), nodes)
        code = np.full(shape, check_family(family))
        return DemandNodes(np.broadcast_to(mean[:, None], shape), np.broadcast_to(variance[:, None], shape), code)


def check_family(family: str) -> int:
    """The place of `family` in `FAMILIES`; `ValueError` for an unknown one."""
    if family not in FAMILIES:
        raise ValueError(f"family: one of {', '.join(FAMILIES)} is needed, got {family!r}")
    return FAMILIES.index(family)


def sobol(dimensions: int, count: int) -> np.ndarray:
    """`count` (a power of two for balance) scrambled Sobol points, always the same; coordinate 0 is the lead time's.

    The scrambling goes with the number of `dimensions`: the first four of six are another set than four are.
    """
    points = qmc.Sobol(dimensions, rng=np.random.default_rng(NODE_SEED)).random_base2(int(np.ceil(np.log2(count))))
    return points[:count]
