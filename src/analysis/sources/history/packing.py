"""What is counted of a line, packed into one integer and out of it again."""

from __future__ import annotations

import numpy as np

from analysis.errors import SourceError
from analysis.sources.cell_words import STAGES, STATUSES

STATUS = ("", *STATUSES)
STAGE = ("", *STAGES)
SUPPLIERS, SKUS = 1 << 20, (1 << 20) - (1 << 12)
CATEGORIES = 1 << 12
"""Different names that a history may hold; a line without a SKU has its category in the SKU's place."""
_BOTH = 50_000_000
"""SKUs times categories: by each pair the day of its last word is kept."""
_DAYS, _SMALL_LOT, _LARGE = 16, 1 << 10, 1 << 20


def check_sizes(suppliers: int, skus: int, categories: int) -> None:
    """`SourceError` for more names than have a number."""
    if skus * categories > _BOTH:
        raise SourceError("sources.history_too_many", column="sku, category", most=_BOTH)
    for what, many, most in (
        ("supplier", suppliers, SUPPLIERS),
        ("sku", skus, SKUS),
        ("category", categories, CATEGORIES),
    ):
        if many >= most:
            raise SourceError("sources.history_too_many", column=what, most=most)


def delivery_key(supplier: np.ndarray, days: np.ndarray, status: np.ndarray, first: np.ndarray) -> np.ndarray:
    """`first`: the line is the first of its delivery."""
    return ((supplier << _DAYS | days) << 3 | status) << 1 | first


def of_delivery_key(key: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """supplier, days, status, first."""
    return key >> (_DAYS + 4), key >> 4 & ((1 << _DAYS) - 1), key >> 1 & 7, key & 1


def promise_key(supplier: np.ndarray, days: np.ndarray) -> np.ndarray:
    """A promise may lie before its order."""
    return supplier << (_DAYS + 1) | (days + (1 << _DAYS))


def of_promise_key(key: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """supplier, days."""
    return key >> (_DAYS + 1), (key & ((1 << (_DAYS + 1)) - 1)) - (1 << _DAYS)


def lot_key(supplier: np.ndarray, article: np.ndarray, stage: np.ndarray, kind: np.ndarray) -> np.ndarray:
    """`article` by `article_of`, `kind` by `LotKinds`; 0 for a line without a lot."""
    return ((supplier << 20 | article) << 2 | stage) << 21 | kind


def of_lot_key(key: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """supplier, article, stage, kind."""
    return key >> 43, key >> 23 & ((1 << 20) - 1), key >> 21 & 3, key & ((1 << 21) - 1)


def article_of(sku: np.ndarray, category: np.ndarray) -> np.ndarray:
    """The SKU's number, or, where there is none (-1), the category's beyond all SKUs (the first: none)."""
    return np.where(sku >= 0, sku, SKUS + category)


class LotKinds:
    """Numbers of (inspected, defective): small lots by counting them up, large ones in the order in which they are met."""

    def __init__(self) -> None:
        self.large: dict[tuple[int, int], int] = {}

    def of(self, inspected: np.ndarray, defective: np.ndarray) -> np.ndarray:
        """From 1 on."""
        kind = inspected * (inspected + 1) // 2 + defective + 1
        large = inspected >= _SMALL_LOT
        if large.any():
            pairs, at = np.unique(np.stack([inspected[large], defective[large]]), axis=1, return_inverse=True)
            numbers = [self.large.setdefault((int(n), int(x)), len(self.large)) for n, x in pairs.T]
            if len(self.large) >= _LARGE:
                raise SourceError("sources.history_too_many", column="inspected", most=_LARGE)
            kind[large] = _LARGE + np.array(numbers)[at]
        return kind

    def pieces(self, kind: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """inspected, defective of each number; 0, 0 for no lot."""
        small = np.maximum(kind - 1, 0)
        inspected = ((np.sqrt(8.0 * small + 1) - 1) / 2).astype(np.int64)
        defective = small - inspected * (inspected + 1) // 2
        if self.large:
            pairs = np.array(list(self.large), dtype=np.int64)
            large = kind >= _LARGE
            inspected[large], defective[large] = pairs[kind[large] - _LARGE].T
        return inspected, defective
