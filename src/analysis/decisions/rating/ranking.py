"""From ratings to ranks: by the mean, and each rank's probability over the imagined worlds.

Two ratings that agree to `TIE_DECIMALS` decimals are equal: they share the better rank, or in a world, evenly, the ranks that they
occupy together. A name never decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from analysis.estimates.draws import summary

TIE_DECIMALS = 9
"""Decimals of a rating (0-100) that count; what lies beyond is rounding of sums taken in another order."""
BLOCK = 2**18
"""Ratings in hand at a time, about what a processor's cache holds."""
ACCEPTABILITY_COLUMNS = ["supplier", "category", "within_category", "rank", "probability"]


def weighted_ratings(weights: Iterable[float], worths: Iterable[np.ndarray]) -> np.ndarray:
    """Ratings (suppliers, worlds), 0-100: the weighted sum of the worths, 100 sum_k w_k u_k.

    `worths` gives one criterion after another, (suppliers, worlds) in [0, 1], single precision or double: a generator needs
    the memory of one criterion only. The sum is kept in double precision and taken in the criteria's order.
    """
    ratings = None
    for weight, worth in zip(weights, worths, strict=True):
        ratings = np.zeros(worth.shape) if ratings is None else ratings
        step = max(BLOCK // max(worth.shape[1], 1), 1)
        for start in range(0, len(worth), step):
            rows = slice(start, start + step)
            ratings[rows] += np.multiply(worth[rows], 100 * weight, dtype=float)
    if ratings is None:
        raise ValueError("worths: at least one criterion is needed to rate by")
    return ratings


def rank_by_rating(rating: ArrayLike) -> np.ndarray:
    """Rank of each supplier by a number such as its mean rating, 1 the greatest; equals share the better rank (1, 2, 2, 4)."""
    rounded = pd.Series(np.asarray(rating, float)).round(TIE_DECIMALS)
    return rounded.rank(ascending=False, method="min").to_numpy(int)


def probability_among_best(ratings: np.ndarray, places: int) -> np.ndarray:
    """P(rank <= `places`) of each row of `ratings` (suppliers, worlds); equals share the last places evenly."""
    n, size = ratings.shape
    if n <= places:
        return np.ones(n)
    total = np.zeros(n)
    for worlds in _blocks(ratings):
        last = np.partition(worlds, n - places, axis=1)[:, n - places, None]
        above, level = worlds > last, worlds == last
        free = places - above.sum(axis=1, dtype=np.int32)
        total += above.sum(axis=0, dtype=np.int32) + (free / level.sum(axis=1, dtype=np.int32)) @ level
    return total / size


def rank_table(ratings: np.ndarray, category: pd.Series, level: float) -> pd.DataFrame:
    """Rating with interval, rank by mean rating, and the probability of being best and among the best three of its category.

    `ratings` (suppliers, worlds) in the order of `category` (index supplier). `p_best`, `p_top3` and `rank_in_category` compare a
    supplier only with those of its category, its real rivals.
    """
    rating, low, high = summary(ratings, level)
    table = pd.DataFrame(
        {
            "supplier": category.index,
            "category": category.to_numpy(),
            "rating": rating,
            "rating_low": low,
            "rating_high": high,
            "p_best": np.nan,  # also where nobody is rated yet
            "p_top3": np.nan,
            "rank": rank_by_rating(rating),
        }
    )
    table = table.assign(rank_in_category=0)
    for rows in _members(category):
        table.loc[rows, "p_best"] = probability_among_best(ratings[rows], 1)
        table.loc[rows, "p_top3"] = probability_among_best(ratings[rows], 3)
        table.loc[rows, "rank_in_category"] = rank_by_rating(rating[rows])
    return table


def rank_acceptability(ratings: np.ndarray, category: pd.Series) -> pd.DataFrame:
    """Probability of each rank for each supplier, over all and (`within_category`) among those of its category.

    The rank acceptability index of [1]: the share of the worlds in which the supplier takes the rank; suppliers level with each
    other in a world share the ranks they occupy evenly. Adds up to 1 over a supplier's ranks and over a rank's suppliers.
    `ACCEPTABILITY_COLUMNS`, only rows with a probability above 0; those over all come first, then category by category.

    .. [1] Lahdelma, R. and Salminen, P. (2001). SMAA-2. Operations Research 49, 444-454.
    """
    everybody = _acceptability_rows(ratings, category, np.arange(len(category)))
    within = [_acceptability_rows(ratings, category, rows) for rows in _members(category)]
    table = pd.concat([everybody, *within], ignore_index=True)
    return table.assign(within_category=table.index >= len(everybody))[ACCEPTABILITY_COLUMNS]


def _acceptability_rows(ratings: np.ndarray, category: pd.Series, rows: np.ndarray) -> pd.DataFrame:
    """`supplier category rank probability` of the suppliers numbered `rows`, among themselves."""
    share = _rank_shares(ratings[rows])
    member, rank = np.nonzero(share)
    place = rows[member]
    return pd.DataFrame(
        {
            "supplier": category.index[place],
            "category": category.to_numpy()[place],
            "rank": rank + 1,
            "probability": share[member, rank],
        }
    )


def _rank_shares(ratings: np.ndarray) -> np.ndarray:
    """(suppliers, ranks) share of the worlds; a group of m equals from rank r on has 1 / m of each of r .. r + m - 1."""
    n, size = ratings.shape
    change = np.zeros(n * (n + 1))  # of a supplier's share from one rank to the next
    for worlds in _blocks(ratings):
        order = np.argsort(-worlds, axis=1)
        rising = -np.take_along_axis(worlds, order, axis=1)
        starts = np.diff(rising, axis=1, prepend=-np.inf) > 0
        first = np.maximum.accumulate(np.where(starts, np.arange(n), 0), axis=1)
        after = np.where(np.roll(starts, -1, axis=1), np.arange(1, n + 1), n)
        after = np.minimum.accumulate(after[:, ::-1], axis=1)[:, ::-1]
        each, supplier = 1 / (after - first), order * (n + 1)
        change += np.bincount((supplier + first).ravel(), each.ravel(), change.size)
        change -= np.bincount((supplier + after).ravel(), each.ravel(), change.size)
    share = np.cumsum(change.reshape(n, n + 1), axis=1)[:, :n] / max(size, 1)
    return np.where(share > 0.5 / max(size, 1) / max(n, 1), share, 0.0)


def _blocks(ratings: np.ndarray) -> Iterator[np.ndarray]:
    """Some worlds at a time, each a row (worlds, suppliers) with equals made equal."""
    step = max(BLOCK // max(len(ratings), 1), 1)
    for start in range(0, ratings.shape[1], step):
        yield np.ascontiguousarray(ratings[:, start : start + step].T).round(TIE_DECIMALS)


def _members(category: pd.Series) -> Iterator[np.ndarray]:
    """The rows of each category, of those without one together."""
    codes = pd.factorize(category, use_na_sentinel=False)[0]
    for code in range(codes.max(initial=-1) + 1):
        yield np.flatnonzero(codes == code)
