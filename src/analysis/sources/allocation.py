"""Shares an order's money over its lines, to the fen, so that the lines add up to the order exactly."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def allocate(amounts: ArrayLike, group: ArrayLike, weights: ArrayLike, unit: float = 0.01) -> NDArray[np.float64]:
    """Shares `amounts` in proportion to `weights` by largest remainder (Hamilton's method) [1].

    Each line gets its exact share rounded down to a whole `unit`; the units left over go one each to the largest
    remainders, equal ones in line order. Hence a share is never a whole unit away from the exact one.

    Parameters
    ----------
    amounts : (groups,)
        Money of each order, rounded to `unit`; negative amounts (discounts) are shared alike. NaN gives NaN shares.
    group : (lines,)
        Each line's place in `amounts`.
    weights : (lines,)
        Not negative: goods value, weight or pieces. All zero within an order: equal shares.
    unit
        The smallest amount of money: 0.01 is a fen or a cent.

    Returns
    -------
    (lines,) shares; those of an order sum to its amount.

    References
    ----------
    .. [1] Balinski, M. L. and Young, H. P. (1982). Fair Representation, chapter 2. Yale University Press.

    Examples
    --------
    >>> allocate([10.0], [0, 0, 0], [1, 1, 1]).tolist()
    [3.34, 3.33, 3.33]
    """
    orders, lines, load = np.asarray(amounts, float), np.asarray(group, int), np.asarray(weights, float)
    _check_shape(orders, lines, load)
    load = _without_empty_orders(load, lines, len(orders))
    units = np.rint(np.where(np.isnan(orders), 0.0, np.abs(orders)) / unit)
    exact = units[lines] * load / np.bincount(lines, load, len(orders))[lines] if len(lines) else load
    whole = np.floor(exact)
    left_over = units - np.bincount(lines, whole, len(orders))
    shares = whole + (_rank(exact - whole, lines) < left_over[lines])
    signed = np.round(shares * unit, 10) * np.sign(orders)[lines]
    return np.where(np.isnan(orders)[lines], np.nan, signed + 0.0)


def _rank(remainder: NDArray[np.float64], lines: NDArray[np.int_]) -> NDArray[np.int_]:
    """Place of each line within its order, 0 for the largest remainder; remainders equal but for rounding are ties."""
    order = np.lexsort((np.arange(len(lines)), -np.round(remainder, 6), lines))
    first = np.concatenate(([0], np.cumsum(np.bincount(lines)))) if len(lines) else np.zeros(1, int)
    rank = np.empty(len(lines), int)
    rank[order] = np.arange(len(lines)) - first[lines[order]]
    return rank


def _without_empty_orders(load: NDArray[np.float64], lines: NDArray[np.int_], orders: int) -> NDArray[np.float64]:
    return np.where(np.bincount(lines, load, orders)[lines] > 0, load, 1.0) if len(lines) else load


def _check_shape(orders: NDArray[np.float64], lines: NDArray[np.int_], load: NDArray[np.float64]) -> None:
    if lines.shape != load.shape or lines.ndim != 1 or orders.ndim != 1:
        raise ValueError(
            f"group and weights need one value a line each: their shapes are {lines.shape} and {load.shape}"
        )
    if len(lines) and (lines.min() < 0 or lines.max() >= len(orders)):
        raise ValueError(
            f"group must hold places in amounts, 0 to {len(orders) - 1}: it holds {lines.min()} to {lines.max()}"
        )
    if not (np.isfinite(load) & (load >= 0)).all():
        raise ValueError(
            f"weights must be finite and not negative: {int((~(load >= 0)).sum())} are; give 0 for no share"
        )
    if np.isinf(orders).any():
        raise ValueError("amounts must be finite: give NaN for an amount that is not known")
