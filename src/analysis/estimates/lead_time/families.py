"""Lognormal, Weibull and gamma lead times fitted to every group at once, open orders as right-censored evidence."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from analysis.estimates.lead_time.censored_maximum import (
    Block,
    Segments,
    maximum_gamma,
    maximum_lognormal,
    maximum_weibull,
)
from analysis.estimates.lead_time.family import FAMILIES

STATUSES = ("ok", "no finite maximum", "no received orders", "zero duration", "not converged")
_OK, _NO_MAXIMUM, _NOTHING, _ZERO, _STOPPED = range(5)
_FAMILY, _STATUS = pd.CategoricalDtype(FAMILIES), pd.CategoricalDtype(STATUSES)
_EVERY_FAMILY = np.arange(3, dtype=np.int8)
_GROUPS_AT_ONCE = 2_500


def fit_families(
    days: ArrayLike, received: ArrayLike, group: ArrayLike | None = None, count: ArrayLike | None = None
) -> pd.DataFrame:
    """Maximum-likelihood lognormal, Weibull and gamma of each group's lead times.

    Parameters
    ----------
    days : array_like, shape (n,)
        Durations in days, finite and not negative; an open order's is its time so far.
    received : array_like, shape (n,)
        False means still open, so that the lead time is longer than `days` (right-censored).
    group : array_like, shape (n,), optional
        Labels, e.g. suppliers; left out, all orders are one group called 0.
    count : array_like, shape (n,), optional
        Weights, not negative: how many orders the row stands for; 1 where left out.

    Returns
    -------
    DataFrame
        One row a group (sorted) and family: `group family parameter_1 parameter_2 log_likelihood aic status`. Parameters are
        lognormal (mu, sigma), Weibull (shape, scale), gamma (shape, scale); the log-likelihood is that of the days.

        Statuses other than `ok` carry no numbers (missing). `no finite maximum`: the likelihood grows without end unless
        some received time lies below the group's longest time, open ones included. `no received orders`: only open ones.
        `zero duration`: an order received after 0 days, where log 0 leaves no likelihood; the days are whole, so write half
        a day. An order open for 0 days says nothing and is passed over.

    Raises
    ------
    ValueError
        Names the argument, its rule, the value and the way out.
    """
    days, received, count = _checked(days, received, count)
    codes, labels = _coded(group, days.size)
    days, received, count, codes, starts = _sorted_by_group(days, received, count, codes, len(labels))
    status = _statuses(days, received, count, codes, len(labels))
    numbers = np.full((len(labels), 3, 3), np.nan)

    def fit_from(low: int) -> None:
        rows = slice(starts[low], starts[min(low + _GROUPS_AT_ONCE, len(labels))])
        here = slice(low, low + _GROUPS_AT_ONCE)
        weight = None if count is None else count[rows]
        _fit_chunk(days[rows], received[rows], weight, codes[rows] - low, status[here], numbers[here])

    chunks = range(0, len(labels), _GROUPS_AT_ONCE)
    if len(chunks) < 2:
        for low in chunks:
            fit_from(low)
    else:  # numpy lets go of the interpreter in its longest calls
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(fit_from, chunks))
    return _table(labels, numbers, status)


def _checked(
    days: ArrayLike, received: ArrayLike, count: ArrayLike | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    days = np.asarray(days, dtype=float).ravel()
    received = np.asarray(received).ravel()
    if received.size != days.size:
        raise ValueError(f"received must be as long as days ({days.size}), got {received.size}: give one flag an order")
    if received.dtype != bool:
        if received.size and not np.isin(received, (0, 1)).all():
            raise ValueError(
                f"received must be True or False, got {received[~np.isin(received, (0, 1))][0]!r}: say True for arrived"
            )
        received = received.astype(bool)
    _check_range("days", days, "write an order received before it was ordered to quarantine")
    if count is None:
        return days, received, None
    count = np.asarray(count, dtype=float).ravel()
    if count.size != days.size:
        raise ValueError(f"count must be as long as days ({days.size}), got {count.size}: give one weight an order")
    _check_range("count", count, "leave out the rows that stand for no order")
    return days, received, count


def _check_range(name: str, values: np.ndarray, way_out: str) -> None:
    """`values` finite and not negative, without a copy of them."""
    if values.size and not (values.min() >= 0 and values.max() < np.inf):
        bad = values[~((values >= 0) & (values < np.inf))][0]
        raise ValueError(f"{name} must be finite and not negative, got {bad}: {way_out}")


def _coded(group: ArrayLike | None, size: int) -> tuple[np.ndarray, np.ndarray | pd.Index]:
    if group is None:
        return np.zeros(size, np.int32), np.zeros(min(size, 1), int)
    group = group if isinstance(group, pd.Series | pd.Index | pd.api.extensions.ExtensionArray) else np.asarray(group)
    if len(group) != size:
        raise ValueError(f"group must be as long as days ({size}), got {len(group)}: give one label an order")
    if isinstance(group, np.ndarray) and group.dtype.kind in "iu" and (group[1:] >= group[:-1]).all():
        new = np.append(True, group[1:] != group[:-1])[:size]  # sorted already: half the time and memory
        return np.cumsum(new, dtype=np.int32) - np.int32(1), group[new]
    codes, labels = pd.factorize(group, sort=True)
    if codes.size and codes.min() < 0:
        raise ValueError("group must name every order's group, got a missing label: name it or leave the order out")
    return codes.astype(np.int32), labels


def _sorted_by_group(
    days: np.ndarray, received: np.ndarray, count: np.ndarray | None, codes: np.ndarray, groups: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None, np.ndarray, np.ndarray]:
    if codes.size and (codes[1:] < codes[:-1]).any():
        order = np.argsort(codes, kind="stable")
        days, received, codes = days[order], received[order], codes[order]
        count = None if count is None else count[order]
    return days, received, count, codes, np.searchsorted(codes, np.arange(groups + 1))


def _statuses(
    days: np.ndarray, received: np.ndarray, count: np.ndarray | None, codes: np.ndarray, groups: int
) -> np.ndarray:
    """Which groups have a finite maximum: some received time below the longest time, whatever the family."""
    if count is not None:
        there = count > 0
        days, received, codes = days[there], received[there], codes[there]
    longest = np.zeros(groups)
    np.maximum.at(longest, codes, days)
    shortest = np.full(groups, np.inf)
    np.minimum.at(shortest, codes[received], days[received])
    status = np.where(shortest < longest, _OK, _NO_MAXIMUM).astype(np.int8)
    status[shortest == 0] = _ZERO
    status[shortest == np.inf] = _NOTHING
    return status


def _fit_chunk(
    days: np.ndarray,
    received: np.ndarray,
    count: np.ndarray | None,
    codes: np.ndarray,
    status: np.ndarray,
    numbers: np.ndarray,
) -> None:
    """Fit the sound groups of one chunk; writes their parameters and log-likelihoods into `numbers`, in place."""
    sound = np.flatnonzero(status == _OK)
    if not sound.size:
        return
    number = np.full(status.size, -1, dtype=np.intp)
    number[sound] = np.arange(sound.size)
    group = number[codes]
    useful = (group >= 0) & (days > 0)
    weight = np.ones(days.size) if count is None else count
    block = Block.of(
        *(
            Segments(days[rows], weight[rows], group[rows], sound.size)
            for rows in (useful & received, useful & ~received)
        )
    )
    with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        lognormal = maximum_lognormal(block)
        fits = (lognormal, maximum_weibull(block, lognormal[1]), maximum_gamma(block, *lognormal[:2]))
    for family, (first, second, value, done) in enumerate(fits):
        numbers[sound, family] = np.column_stack([first, second, value])
        numbers[sound[~done], family] = np.nan


def _table(labels: np.ndarray | pd.Index, numbers: np.ndarray, status: np.ndarray) -> pd.DataFrame:
    flat = numbers.reshape(-1, 3)
    each = np.repeat(status, 3)
    each[(each == _OK) & ~np.isfinite(flat).all(axis=1)] = _STOPPED
    return pd.DataFrame(
        {
            "group": labels.repeat(3),
            "family": pd.Categorical.from_codes(np.tile(_EVERY_FAMILY, len(labels)), dtype=_FAMILY),
            "parameter_1": flat[:, 0],
            "parameter_2": flat[:, 1],
            "log_likelihood": flat[:, 2],
            "aic": 4.0 - 2.0 * flat[:, 2],
            "status": pd.Categorical.from_codes(each, dtype=_STATUS),
        },
        copy=False,
    )
