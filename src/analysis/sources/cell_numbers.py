"""Reads cells as numbers: money, whole counts, shares, and any numbers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.sources.cells import Cells, by_value, clean_text, no_faults

_MONEY_SIGNS = re.compile(r"^(?:[¥$€£]|rmb|cny|usd|人民币)\s*|\s*(?:元|rmb|cny|usd|人民币)$", re.IGNORECASE)
_COUNT_UNITS = re.compile(r"\s*(?:件|个|只|套|pcs?|pieces?|天|日|days?)$", re.IGNORECASE)
_DIGITS = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,9})?")
_PLAIN = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?")
_TIMES = {"%": 0.01, "‰": 0.001, "万": 1e4, "亿": 1e8}
LARGEST_NUMBER = 1e12
"""Nothing that a buyer counts, pays or measures is larger, and below it a float still tells one fen from the next."""
_DTYPES = {"count": "Int64"}


def read_numbers(cells: pd.Series, kind: str) -> Cells:
    """Money, counts (whole, not negative), shares (within [0, 1]; `1.2%`) or any numbers, none above `LARGEST_NUMBER`."""
    objects = cells.to_numpy(object)
    values = np.full(len(objects), np.nan)
    numeric = np.array(
        [isinstance(c, (int, float, np.number, Decimal)) and not isinstance(c, bool) for c in objects], bool
    )
    values[numeric] = objects[numeric].astype(float)
    others = ~numeric
    found = by_value(pd.Series(objects[others], dtype=object), lambda cell: _number_and_fault(cell, kind))
    values[others] = [value for value, _ in found]
    faults = no_faults(cells)
    faults[others] = [fault for _, fault in found]
    for code, bad in _number_rules(values, kind):
        faults[bad & ~faults.astype(bool)] = code
    values[faults.astype(bool)] = np.nan
    if kind == "count":
        values = np.round(values)
    return Cells(pd.Series(values, index=cells.index).astype(_DTYPES.get(kind, "float64")), faults)


def _number_rules(values: NDArray[np.float64], kind: str) -> Iterable[tuple[str, NDArray[np.bool_]]]:
    yield "not_a_number", np.isinf(values)
    yield "number_too_large", np.abs(values) > LARGEST_NUMBER
    with np.errstate(invalid="ignore"):
        if kind == "count":
            yield "not_whole", np.abs(values - np.round(values)) > 1e-6
            yield "count_negative", values < 0
        if kind == "share":
            yield "share_out_of_range", (values < 0) | (values > 1)


def _number_and_fault(cell: object, kind: str) -> tuple[float, str | None]:
    if isinstance(cell, str) and _DIGITS.fullmatch(cell):
        return float(cell), None
    text = unicodedata.normalize("NFKC", clean_text(cell)).replace("−", "-")
    if not text:
        return np.nan, None
    if not text.strip("#"):
        return np.nan, "cell_hidden"
    if isinstance(cell, (bool, np.bool_)):
        return np.nan, "not_a_number"
    try:
        return float(_plain_number(text, kind)), None
    except ValueError:
        return np.nan, "not_a_number"


def _plain_number(text: str, kind: str) -> float:
    """The value of a written number; ValueError for anything but a number with the signs and units of its kind."""
    text = text.removeprefix('="').removesuffix('"').lstrip("'")
    sign = 1.0
    if text.startswith(("+", "-")):
        sign, text = (-1.0 if text[0] == "-" else 1.0), text[1:].strip()
    elif text.startswith("(") and text.endswith(")"):
        sign, text = -1.0, text[1:-1]
    text = (_COUNT_UNITS if kind == "count" else _MONEY_SIGNS).sub("", text) if kind != "number" else text
    if sign > 0 and text[:1] == "-" and kind == "money":  # ¥-5.00
        sign, text = -1.0, text[1:]
    times = _TIMES.get(text[-1:], 1.0) if kind in ("share", "money") or text.endswith(("万", "亿")) else 1.0
    if times != 1.0:
        text = text[:-1].strip()
    if re.fullmatch(r"\d+(?:\.\d+)?[eE][+-]?\d{1,3}", text):
        return sign * float(text)
    if not _PLAIN.fullmatch(text) or not any(ch.isdigit() for ch in text):
        raise ValueError(text)
    return float(Decimal(text.replace(",", "")) * Decimal(str(times))) * sign
