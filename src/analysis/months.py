"""Months as texts such as "2026-10": they sort as they follow each other."""

from __future__ import annotations

import re

MONTH_TEXT = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
DAYS_A_MONTH = 365.25 / 12
"""Of a month of the middle length."""


def later(month: str, months: int = 1) -> str:
    """The month `months` after `month`; before it where `months` is negative.

    >>> later("2026-12"), later("2026-01", -2)
    ('2027-01', '2025-11')
    """
    number = int(month[:4]) * 12 + int(month[5:]) - 1 + months
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def month_range(first: str, last: str) -> list[str]:
    """Every month from `first` to `last`; none where `last` is earlier.

    >>> month_range("2026-11", "2027-01")
    ['2026-11', '2026-12', '2027-01']
    """
    found = []
    while first <= last:
        found.append(first)
        first = later(first)
    return found
