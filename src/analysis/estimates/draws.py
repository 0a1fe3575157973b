"""Posterior draws, the common currency between estimates and decisions.

Every supplier lives through the same worlds, in an order of its own. All randomness is a set of points common to the suppliers
(`common_points`), so that a supplier's draws, taken together, follow from its posterior alone: neither its name nor who else
is there moves a mean, a quantile or a chance by Monte-Carlo noise. Each supplier's worlds are then put in an order that its
name decides (`own_order`), the same for all of its quantities: two suppliers are independent of each other, while the
defect rate, the lead time and the cost in one column are those of one imagined world of the supplier.
"""

from __future__ import annotations

import hashlib
from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd

DRAWS = 4000
EVERYBODY = 3.0
"""How many suppliers of its category all suppliers together weigh as much as, when an unseen one is drawn. A handful of donors
alone differ too little: drawn from them only, 90 % intervals of lead times hold .80."""
ROWS = 64
"""Rows of draws sorted at a time, so that a summary needs little memory of its own."""


@dataclass(frozen=True)
class Draws:
    """One quantity's posterior draws: `values[i, j]` is draw `j` for `suppliers[i]`, in the quantity's own unit.

    Draw `j` of every quantity belongs to the same imagined world, so that sums and ratios of quantities are taken
    draw by draw.
    """

    suppliers: pd.Index
    values: np.ndarray

    def __post_init__(self) -> None:
        if self.values.ndim != 2 or len(self.suppliers) != len(self.values):
            raise ValueError(
                f"values: one row a supplier and one column a draw are needed, got shape {self.values.shape} "
                f"for {len(self.suppliers)} suppliers"
            )
        if not self.suppliers.is_unique:
            raise ValueError("suppliers: each may occur once; add up or average a supplier's rows first")

    @classmethod
    def of_nobody(cls) -> Draws:
        """No rows: the quantity was not assessed for any supplier."""
        return cls(pd.Index([], dtype="str", name="supplier"), np.empty((0, DRAWS)))

    def of(self, suppliers: pd.Index) -> np.ndarray:
        """The draws of `suppliers`, in that order; rows of NaN where this quantity has nothing to say of one.

        Not a copy where they are this quantity's own suppliers: take one before writing into it.
        """
        if self.suppliers.equals(suppliers):
            return self.values
        places = self.suppliers.get_indexer(suppliers)
        found = self.values[places] if len(self.values) else np.empty((len(places), self.values.shape[1]))
        found[places < 0] = np.nan
        return found


def common_points(rng: np.random.Generator, quantities: int, size: int) -> np.ndarray:
    """(quantities, size) points in (0, 1): the worlds that all suppliers live through.

    A Latin hypercube: each row has one point in every interval of length 1 / size, in a random order, so that a quantile
    function taken at a row has the distribution's own mean and quantiles to about 1 / size, and rows are independent.
    """
    strata = rng.permuted(np.tile(np.arange(size), (quantities, 1)), axis=1)
    return (strata + rng.random((quantities, size))) / size


def own_order(label: Hashable, size: int) -> np.ndarray:
    """The order in which `label` (a supplier, or a tuple with its SKU) lives through the worlds: a permutation of 0..size-1."""
    text = "\x1f".join(map(str, label)) if isinstance(label, tuple) else str(label)
    key = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")
    return np.random.default_rng(key).permutation(size)


def in_own_order(common: np.ndarray, labels: pd.Index) -> np.ndarray:
    """Values (labels, worlds) in the common worlds' order -> each row in its label's own."""
    lived = np.empty(common.shape)
    for row, label in enumerate(labels):
        lived[row] = common[row, own_order(label, common.shape[1])]
    return lived


def in_common_order(draws: Draws) -> np.ndarray:
    """The inverse of `in_own_order`: (suppliers, worlds) values, column j from the j-th common world."""
    common, size = np.empty_like(draws.values, dtype=float), draws.values.shape[1]
    for row, label in enumerate(draws.suppliers):
        common[row, own_order(label, size)] = draws.values[row]
    return common


def drawn_from_seen(
    seen: Draws, unseen: pd.Index, rng: np.random.Generator, category: pd.Series | None = None
) -> np.ndarray:
    """(unseen, worlds) draws for suppliers of which nothing is known: in each world the value of one that was seen.

    An unseen supplier is thus as uncertain as the field, never average for sure. Where n suppliers of its category (`category`:
    index supplier) were seen, one of them serves in n / (n + `EVERYBODY`) of the worlds and one of all in the others, each as
    often as the next. Which one serves in a world follows from its place by mean value, not from names or the order of rows.
    A newcomer of whom something is known is one more donor: it does shift what is assumed of the unseen.
    """
    donors = in_common_order(seen)
    ranked = np.lexsort((donors[:, 0].round(9), donors.mean(axis=1).round(9)))
    donors, size = donors[ranked], seen.values.shape[1]
    known = pd.Series("", index=seen.suppliers.union(unseen)) if category is None else category.fillna("")
    theirs, wanted = (known.reindex(names, fill_value="").to_numpy() for names in (seen.suppliers[ranked], unseen))
    point, common = common_points(rng, 1, size)[0], np.empty((len(unseen), size))
    for group in pd.unique(wanted):
        alike = np.flatnonzero(theirs == group)
        own = len(alike) / (len(alike) + EVERYBODY) if category is not None else 0.0
        nearby = point < own
        place = np.empty(size, int)
        place[nearby] = alike[(point[nearby] / max(own, 1e-300) * len(alike)).astype(int)]
        place[~nearby] = ((point[~nearby] - own) / (1 - own) * len(donors)).astype(int)
        common[wanted == group] = donors[place, np.arange(size)]
    return in_own_order(common, unseen)


def summary(values: np.ndarray, level: float = 0.90) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean and equal-tailed credible interval along the last axis.

    Where a distribution is so skewed that its mean lies outside (a worth that is 0 in nearly every world), the interval is
    stretched to hold it: what is printed as the estimate is never outside its own interval. The draws are added up from the
    least to the greatest, so that the mean is the same to the last bit in whatever order the worlds were lived.
    """
    rows = values.reshape(-1, values.shape[-1])
    found = np.empty((3, len(rows)))
    for start in range(0, len(rows), ROWS):
        part = np.sort(rows[start : start + ROWS], axis=1)
        ends = (_quantile(part, (1 - level) / 2), _quantile(part, (1 + level) / 2))
        found[:, start : start + ROWS] = part.mean(axis=1), *ends
    mean, low, high = (each.reshape(values.shape[:-1])[()] for each in found)
    return mean, np.minimum(low, mean), np.maximum(high, mean)


def _quantile(rising: np.ndarray, q: float) -> np.ndarray:
    """Quantile of each sorted row, straight lines between the order statistics (numpy's default)."""
    place = q * (rising.shape[1] - 1)
    below = int(place)
    above = min(below + 1, rising.shape[1] - 1)
    return rising[:, below] + (place - below) * (rising[:, above] - rising[:, below])
