"""The logarithm of the gamma distribution's upper tail, also where the tail itself underflows."""

from __future__ import annotations

import numpy as np
from scipy import special

_SMALLEST = 1e-280


def log_gammaincc(shape: np.ndarray, x: np.ndarray) -> np.ndarray:
    """log Q(shape, x), elementwise; `shape` > 0 and `x` >= 0 of one form.

    Where Q is too small for a float, Legendre's continued fraction takes over:
    Q = x^k e^-x / Gamma(k) * 1 / (x + 1 - k - 1 (1 - k) / (x + 3 - k - ...))    [1, 8.9.2]

    .. [1] NIST Digital Library of Mathematical Functions.
    """
    tail = special.gammaincc(shape, x)
    small = tail < _SMALLEST
    if not small.any():
        return np.log(tail)
    out = np.log(np.where(small, 1.0, tail))
    out[small] = _log_tail_fraction(np.broadcast_to(shape, out.shape)[small], np.broadcast_to(x, out.shape)[small])
    return out


def _log_tail_fraction(shape: np.ndarray, x: np.ndarray, most: int = 400) -> np.ndarray:
    """Lentz's evaluation of the continued fraction; quick here, since x lies far above `shape`."""
    b = x + 1.0 - shape
    c = np.full_like(b, 1e300)
    d = 1.0 / b
    fraction = d.copy()
    for j in range(1, most):
        a = -j * (j - shape)
        b = b + 2.0
        d = 1.0 / (a * d + b)
        c = b + a / c
        fraction *= c * d
        if np.all(np.abs(c * d - 1.0) < 1e-15):
            break
    return shape * np.log(x) - x - special.gammaln(shape) + np.log(fraction)
