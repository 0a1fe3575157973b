"""Whether one side finds more than the other of the same goods: compared lot by lot, never as sums.

Of the defectives that both sides together found in a lot, a side's share follows from how many pieces it looked at: with the same
rate it is hypergeometric, whatever the lot's rate is, and with odds that differ by a factor it is Fisher's noncentral hypergeometric [1]_.
The product over the lots tells of one common log odds ratio, so that who looked at more pieces of the bad lots is neither blamed nor praised.
Where the lots are not the same but of the same goods, pieces of one lot are alike: the likelihood then counts for so much less as the
evidence does [2]_.

.. [1] Breslow, N. E. and Day, N. E. (1980). Statistical Methods in Cancer Research I, ch. 4 and 7. IARC.
.. [2] Pauli, F., Racugno, W. and Ventura, L. (2011). Bayesian composite marginal likelihoods. Statistica Sinica 21, 149-164.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import gammaln

Floats = NDArray[np.float64]
GRID = (np.arange(400) + 0.5 - 200) / 25
"""Log odds ratios, from -8 to 8."""
PRIOR = -(GRID**2) / 2
"""Before anything is seen: N(0, 1), as samples stand against bulk; no side is thought to find more."""
COUNTS = ["defective_own", "inspected_own", "defective", "inspected", "weight"]


def chance_above(strata: pd.DataFrame, keys: pd.DataFrame) -> Floats:
    """(keys,) probability that the first side, `_own`, finds a larger share; missing where a key has no stratum.

    Parameters
    ----------
    strata : DataFrame
        The columns of `keys` and `COUNTS`: pieces found and looked at, and what the evidence of the stratum weighs
    keys : DataFrame
        Whom to tell of, each once
    """
    names = list(keys.columns)
    tables = strata.groupby(COUNTS, sort=False).ngroup().to_numpy()
    first = ~pd.Series(tables).duplicated().to_numpy()
    told = np.array([_log_likelihood(*row) for row in strata.loc[first, COUNTS].to_numpy(float)]).reshape(-1, GRID.size)
    place = pd.MultiIndex.from_frame(keys).get_indexer(pd.MultiIndex.from_frame(strata[names]))
    posterior = np.tile(PRIOR, (len(keys), 1))
    np.add.at(posterior, place, told[tables])
    mass = np.exp(posterior - posterior.max(axis=1, keepdims=True))
    chance = mass[:, GRID > 0].sum(axis=1) / mass.sum(axis=1)
    return np.where(np.isin(np.arange(len(keys)), place), chance, np.nan)


def _log_likelihood(x: float, n: float, y: float, m: float, weight: float) -> Floats:
    """(GRID,) of `x` defective of `n` on the one side and `y` of `m` on the other, both given `x + y`."""
    both = x + y
    ways = np.arange(max(0.0, both - m), min(n, both) + 1)
    log_ways = -gammaln(ways + 1) - gammaln(n - ways + 1) - gammaln(both - ways + 1) - gammaln(m - both + ways + 1)
    terms = log_ways + GRID[:, None] * ways
    top = terms.max(axis=1)
    return weight * (GRID * x - top - np.log(np.exp(terms - top[:, None]).sum(axis=1)))
