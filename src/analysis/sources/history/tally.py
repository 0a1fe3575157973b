"""Whole numbers counted by key: a key is a row's facts packed into one integer, so that counting is sorting."""

from __future__ import annotations

import numpy as np

HELD = 2_000_000
"""Keys that are held before they are sorted and counted: more are sorted no sooner, and need more memory."""
PIECES = 16
"""Runs of keys are merged in so many pieces, one at a time, so that merging needs little memory of its own."""


class Tally:
    """How often each key was met."""

    def __init__(self) -> None:
        self._keys, self._counts = np.empty(0, np.int64), np.empty(0, np.int64)
        self._held: list[np.ndarray] = []
        self._runs: list[tuple[np.ndarray, np.ndarray]] = []

    def add(self, keys: np.ndarray) -> None:
        """One more of each of `keys`."""
        self._held.append(keys)
        if sum(map(len, self._held)) >= HELD:
            self._sort()

    def add_counts(self, keys: np.ndarray, counts: np.ndarray) -> None:
        """Keys with how often they were met elsewhere; in any order, repeats included."""
        self._add_run(*summed(keys, counts))

    def settled(self) -> tuple[np.ndarray, np.ndarray]:
        """The keys, rising, and their counts."""
        self._sort()
        self._merge()
        return self._keys, self._counts

    def _sort(self) -> None:
        if self._held:
            keys = np.concatenate(self._held)
            self._held = []
            keys.sort()
            starts = starts_of(keys)
            self._add_run(keys[starts], np.diff(np.append(starts, keys.size)))

    def _add_run(self, keys: np.ndarray, counts: np.ndarray) -> None:
        self._runs.append((keys, counts))
        if sum(len(run) for run, _ in self._runs) > len(self._keys) + HELD:
            self._merge()

    def _merge(self) -> None:
        if self._runs:
            runs, self._runs = [(self._keys, self._counts), *self._runs], []
            longest = max((keys for keys, _ in runs), key=len)
            bounds = longest[:: len(longest) // PIECES + 1]
            cut = [np.split(part, np.searchsorted(keys, bounds)) for keys, counts in runs for part in (keys, counts)]
            merged = [summed(*map(np.concatenate, (pieces[::2], pieces[1::2]))) for pieces in zip(*cut)]
            self._keys, self._counts = map(np.concatenate, zip(*merged))


def summed(keys: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Equal keys once, rising, with the sum of their counts."""
    order = np.argsort(keys, kind="stable")  # of sorted runs one after the other it is a merge
    keys = keys[order]
    starts = starts_of(keys)
    return keys[starts], np.add.reduceat(counts[order], starts) if keys.size else counts


def starts_of(keys: np.ndarray) -> np.ndarray:
    """Where each different key of sorted `keys` begins."""
    return np.flatnonzero(np.concatenate([np.ones(min(keys.size, 1), bool), keys[1:] != keys[:-1]]))
