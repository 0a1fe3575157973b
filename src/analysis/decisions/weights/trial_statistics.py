"""What past trials say about weights, kept as sums to which further trials add: K x K numbers and a few for each product.

A trial compares with the other trials of its *product*, in whatever month: what a product brings by itself says nothing
about criteria, and within one product and month there is often a single trial. So every sum is kept by product, and
`contrasts` takes the products' means out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class NoiseModel:
    """Standard deviations of a trial's value a piece: between a supplier's quotes, its batches, and its pieces.

    In units of the product's reference price. A trial of 20 pieces in one batch has precision 1.
    """

    supplier: float = 0.10
    batch: float = 0.10
    piece: float = 0.30

    def variance(self, pieces: np.ndarray, batches: np.ndarray | float = 1.0) -> np.ndarray:
        """Variance of the mean value of `pieces` pieces that came in `batches` batches."""
        return self.supplier**2 + self.batch**2 / np.asarray(batches) + self.piece**2 / np.asarray(pieces)

    def precision(self, pieces: np.ndarray, batches: np.ndarray | float = 1.0) -> np.ndarray:
        """Precision relative to 20 pieces in one batch."""
        return self.variance(np.array(20.0)) / self.variance(pieces, batches)


@dataclass(frozen=True)
class Contrasts:
    """Sums of squares and products about the products' means.

    `uu` (K, K) of the worths, `uy` (K,) of worths and values, `yy` of the values; `n` the effective number of contrasts:
    trials, discounted, less what the products' means use up.
    """

    uu: np.ndarray
    uy: np.ndarray
    yy: float
    n: float


@dataclass(frozen=True)
class TrialStatistics:
    """Discounted sums over trials, by product in the order of `products`.

    `weight`, `weight_u` (G, K), `weight_y`: sums of precision, precision x worth and precision x value; `age` and `cross`:
    of the discounts and of discount x precision; `uu`, `uy`, `yy`: raw second moments over all products.
    """

    products: pd.Index
    weight: np.ndarray
    weight_u: np.ndarray
    weight_y: np.ndarray
    age: np.ndarray
    cross: np.ndarray
    uu: np.ndarray
    uy: np.ndarray
    yy: float

    @classmethod
    def of_nothing(cls, criteria: int) -> TrialStatistics:
        """No trial yet, `criteria` criteria."""
        none, k = np.zeros(0), criteria
        return cls(
            pd.Index([], dtype="object"),
            none,
            np.zeros((0, k)),
            none,
            none,
            none,
            np.zeros((k, k)),
            np.zeros(k),
            0.0,
        )

    def add(
        self,
        product: np.ndarray,
        u: np.ndarray,
        y: np.ndarray,
        precision: np.ndarray,
        discount: np.ndarray | float = 1.0,
    ) -> TrialStatistics:
        """With further trials: `product` (n,), worths `u` (n, K), values `y` (n,), `precision` (n,), and what each still counts (`discount`).

        `ValueError` for a worth or value that is not finite: fill what is missing first.
        """
        u, y = np.asarray(u, float), np.asarray(y, float)
        if not (np.isfinite(u).all() and np.isfinite(y).all()):
            raise ValueError(
                "u, y: every worth and value must be finite; fill missing criteria (`filled_worths`) first"
            )
        products = self.products.union(pd.Index(pd.unique(np.asarray(product, dtype=object))), sort=True)
        code = products.get_indexer(np.asarray(product, dtype=object))
        age = np.broadcast_to(np.asarray(discount, float), y.shape)
        return self._aligned(products)._plus(code, u, y, age * precision, age)

    def _aligned(self, products: pd.Index) -> TrialStatistics:
        old = products.get_indexer(self.products)

        def placed(values: np.ndarray) -> np.ndarray:
            wider = np.zeros((len(products), *values.shape[1:]))
            wider[old] = values
            return wider

        return replace(
            self,
            products=products,
            weight=placed(self.weight),
            weight_u=placed(self.weight_u),
            weight_y=placed(self.weight_y),
            age=placed(self.age),
            cross=placed(self.cross),
        )

    def _plus(self, code: np.ndarray, u: np.ndarray, y: np.ndarray, w: np.ndarray, age: np.ndarray) -> TrialStatistics:
        def summed(values: np.ndarray) -> np.ndarray:
            return np.bincount(code, values, len(self.products))

        weight_u = np.stack([summed(w * column) for column in u.T], axis=1) if u.size else np.zeros_like(self.weight_u)
        return TrialStatistics(
            self.products,
            self.weight + summed(w),
            self.weight_u + weight_u,
            self.weight_y + summed(w * y),
            self.age + summed(age),
            self.cross + summed(age * w),
            self.uu + (u * w[:, None]).T @ u,
            self.uy + u.T @ (w * y),
            self.yy + float(w @ (y * y)),
        )

    def contrasts(self) -> Contrasts:
        """What is left when each product's mean is taken out."""
        share = 1 / np.where(self.weight > 0, self.weight, 1.0)
        uu = self.uu - (self.weight_u * share[:, None]).T @ self.weight_u
        uy = self.uy - self.weight_u.T @ (self.weight_y * share)
        yy = self.yy - float(self.weight_y @ (self.weight_y * share))
        n = float((self.age - self.cross * share).sum())
        return Contrasts((uu + uu.T) / 2, uy, max(yy, 0.0), max(n, 0.0))
