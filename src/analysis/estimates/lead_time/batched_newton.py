"""Newton's method for many concave-near-the-top functions of two parameters at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Derivatives = tuple[np.ndarray, ...]
"""value, first derivatives (2), second derivatives (11, 12, 22); each an array over the groups asked for."""

Evaluate = Callable[[np.ndarray, np.ndarray, np.ndarray], Derivatives]
"""`evaluate(first, second, which)`: the functions numbered `which` at their parameters."""


def newton_step(derivatives: Derivatives) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The Newton step uphill and the gain that it predicts; an indefinite Hessian is shifted until it is definite."""
    _, g1, g2, h11, h12, h22 = derivatives
    a, b, c = -h11, -h12, -h22
    determinant = a * c - b * b
    bad = ~((a > 0) & (determinant > 1e-14 * np.abs(a * c)))
    if bad.any():
        middle, radius = (a + c) / 2, np.hypot((a - c) / 2, b)
        shift = np.where(bad, 1e-2 * (np.abs(middle) + radius) + 1e-12 - np.minimum(middle - radius, 0.0), 0.0)
        a, c = a + shift, c + shift
        determinant = a * c - b * b
    step1 = (c * g1 - b * g2) / determinant
    step2 = (a * g2 - b * g1) / determinant
    return step1, step2, (g1 * step1 + g2 * step2) / 2


def batched_newton(
    evaluate: Evaluate,
    first: np.ndarray,
    second: np.ndarray,
    *,
    tolerance: float = 1e-10,
    longest: float = np.inf,
    most: int = 80,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The maximum of each function: parameters, value, and whether it was reached.

    A step that worsens its function is taken back and quartered. A function is done when the next step promises less
    than `tolerance`: that step is taken unseen (it leaves an error of the order of its promise to the power 1.5) and the
    function is not evaluated again. Steps are cut to `longest` in each parameter.
    """
    first, second = first.copy(), second.copy()
    value, done = np.full(first.shape, -np.inf), np.zeros(first.shape, bool)
    which = np.arange(first.size)
    here1, here2, state = first, second, evaluate(first, second, which)
    step1, step2, gain = _cut(newton_step(state), longest)
    for _ in range(most):
        finished = gain < tolerance
        if finished.any():
            stop = which[finished]
            first[stop], second[stop] = here1[finished] + step1[finished], here2[finished] + step2[finished]
            value[stop] = state[0][finished] + gain[finished]
            done[stop] = True
            go = ~finished
            if not go.any():
                break
            which, here1, here2, step1, step2, gain = (x[go] for x in (which, here1, here2, step1, step2, gain))
            state = tuple(x[go] for x in state)
        trial1, trial2 = here1 + step1, here2 + step2
        trial = evaluate(trial1, trial2, which)
        better = trial[0] >= state[0] - 1e-13 * np.abs(state[0])
        next1, next2, next_gain = _cut(newton_step(trial), longest)
        if better.all():
            here1, here2, state, step1, step2, gain = trial1, trial2, trial, next1, next2, next_gain
            continue
        here1, here2 = np.where(better, trial1, here1), np.where(better, trial2, here2)
        state = tuple(np.where(better, new, old) for new, old in zip(trial, state, strict=True))
        step1, step2 = np.where(better, next1, step1 / 4), np.where(better, next2, step2 / 4)
        gain = np.where(better, next_gain, gain / 4)
    return first, second, value, done


def _cut(step: tuple[np.ndarray, np.ndarray, np.ndarray], longest: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    if longest == np.inf:
        return step
    step1, step2, gain = step
    scale = longest / np.maximum(np.maximum(np.abs(step1), np.abs(step2)), longest)
    return step1 * scale, step2 * scale, gain
