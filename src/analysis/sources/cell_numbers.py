"""Reads cells as numbers: money, whole counts, shares, and any numbers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.sources.cells import Cells, clean_text, no_faults
from analysis.sources.distinct import distinct, read_each

HOME = "CNY"
"""The currency of a source that names none."""
SIGNS = {
    "CNY": ("¥", "元", "块", "rmb", "cny", "人民币", "cn¥", "yuan", "renminbi"),
    "USD": ("$", "us$", "usd", "美元", "美金", "dollar", "dollars", "us dollar", "us dollars"),
    "EUR": ("€", "eur", "欧元", "euro", "euros"),
    "GBP": ("£", "gbp", "英镑"),
    "JPY": ("¥", "円", "jpy", "日元"),
    "KRW": ("₩", "krw", "韩元"),
    "HKD": ("$", "hk$", "hkd", "港元", "港币"),
    "TWD": ("$", "nt$", "twd", "新台币", "台币"),
    "AUD": ("$", "a$", "aud", "澳元"),
    "CAD": ("$", "c$", "cad", "加元"),
    "SGD": ("$", "s$", "sgd", "新加坡元", "新币"),
    "INR": ("₹", "inr", "卢比"),
    "RUB": ("₽", "rub", "卢布"),
    "THB": ("฿", "thb", "泰铢"),
    "VND": ("₫", "vnd", "越南盾"),
    "CHF": ("chf", "瑞士法郎"),
}
"""What stands before or after an amount of each currency, in small letters."""
_LONGEST_FIRST = sorted({sign for signs in SIGNS.values() for sign in signs}, key=lambda sign: (-len(sign), sign))
_ANY_SIGN = "|".join(re.escape(sign) for sign in _LONGEST_FIRST) + "|[a-z]{3}(?![^\\W\\d_])"
_MONEY_SIGN = re.compile(rf"^(?:{_ANY_SIGN})(?=[\s\d.,+(-])|(?<=[\s\d.,)千万亿])(?:{_ANY_SIGN})$", re.IGNORECASE)
_SIGN_IN_TEXT = re.compile(rf"(?<![a-z])(?:{'|'.join(map(re.escape, _LONGEST_FIRST))})(?![a-z])", re.IGNORECASE)
_BESIDE_MONEY = {
    "tax_in_money": re.compile(r"税|\b(?:tax|vat)\b", re.IGNORECASE),
    "terms_in_money": re.compile(r"包[邮郵]|免邮|到付|自提|自付|运费|[首续續]重|[首续續]件"),
}
"""Words that say of an amount what a column of its own is for; which of two amounts is meant nobody knows."""
_COUNT_UNITS = re.compile(r"\s*(?:件|个|只|pcs?|pieces?|天|日|days?)$", re.IGNORECASE)
_DIGITS = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,9})?")
_PLAIN = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?")
_TIMES = {"%": 0.01, "‰": 0.001, "千": 1e3, "万": 1e4, "亿": 1e8}
LARGEST = {"count": 1e7, "money": 1e11}
"""Nobody orders more pieces in a line, or pays more for it in any currency: such a cell holds a phone or an account."""
LARGEST_NUMBER = 1e12
"""Nothing that a buyer measures is larger, and below it a float still tells one fen from the next."""
_DTYPES = {"count": "Int64"}


def read_numbers(cells: pd.Series, kind: str, currency: str = HOME) -> Cells:
    """Money, counts (whole, not negative), shares (within [0, 1]; `1.2%`) or any numbers, none above `LARGEST`.

    An amount may carry the signs of `currency`; those of another one, or a percent sign, say that it is no such amount.
    """
    values, faults, index = np.full(len(cells), np.nan), no_faults(cells), cells.index
    others = np.ones(len(cells), bool)
    if not isinstance(cells.dtype, pd.StringDtype):
        objects = cells.to_numpy(object)
        numeric = [isinstance(c, (int, float, np.number, Decimal)) and not isinstance(c, bool) for c in objects]
        others = ~np.array(numeric, bool)
        values[~others] = objects[~others].astype(float)
        cells = cells[others]
    codes, uniques = distinct(cells)
    found = read_each(uniques, lambda cell: _number_and_fault(cell, kind, currency))
    values[others] = np.array([value for value, _ in found], float)[codes]
    faults[others] = np.array([fault for _, fault in found], object)[codes]
    for code, bad in number_rules(values, kind):
        faults[bad & ~faults.astype(bool)] = code
    if kind == "money" and currency.upper() == HOME:  # whole numbers of eleven digits are those of mobile phones
        mobile = (np.abs(values) >= 13e9) & (np.abs(values) < 20e9) & (values == np.round(values))
        faults[mobile & ~faults.astype(bool)] = "number_too_large"
    values[faults.astype(bool)] = np.nan
    if kind == "count":
        values = np.round(values)
    return Cells(pd.Series(values, index=index).astype(_DTYPES.get(kind, "float64")), faults)


def number_rules(values: NDArray[np.float64], kind: str) -> Iterable[tuple[str, NDArray[np.bool_]]]:
    """Fault code and the values that have it; NaN has none."""
    yield "not_a_number", np.isinf(values)
    yield "number_too_large", np.abs(values) > LARGEST.get(kind, LARGEST_NUMBER)
    with np.errstate(invalid="ignore"):
        if kind == "count":
            yield "not_whole", np.abs(values - np.round(values)) > 1e-6
            yield "count_negative", values < 0
        if kind == "share":
            yield "share_out_of_range", (values < 0) | (values > 1)


def _number_and_fault(cell: object, kind: str, currency: str) -> tuple[float, str | None]:
    if isinstance(cell, str) and _DIGITS.fullmatch(cell):
        return float(cell), None
    text = unicodedata.normalize("NFKC", clean_text(cell)).replace("−", "-")
    if not text:
        return np.nan, None
    if not text.strip("#"):
        return np.nan, "cell_hidden"
    if isinstance(cell, (bool, np.bool_)):
        return np.nan, "not_a_number"
    if kind == "money":
        text, fault = _without_signs(text, currency)
        if fault:
            return np.nan, fault
    try:
        return float(_plain_number(text, kind)), None
    except ValueError:
        return np.nan, "not_a_number"


def _without_signs(text: str, currency: str) -> tuple[str, str | None]:
    """An amount without the signs of its own currency; a fault for those of another, for a percent sign and for words on tax or freight.

    >>> _without_signs("¥ 2.10", "CNY"), _without_signs("-2.10元", "CNY"), _without_signs("$2.10", "CNY")
    (('2.10', None), ('-2.10', None), ('$2.10', 'foreign_currency'))
    """
    for code, words in _BESIDE_MONEY.items():
        if words.search(text):
            return text, code
    if text.rstrip(") ").endswith(("%", "‰")):
        return text, "percent_in_money"
    minus = text[:1] if text[:1] in "+-" else ""
    bare = text.removeprefix(minus).strip()
    own = (*SIGNS.get(currency.upper(), ()), currency.casefold())
    while (found := _MONEY_SIGN.search(bare)) is not None:
        if found[0].casefold() not in own:
            return text, "foreign_currency"
        bare = (bare[: found.start()] + bare[found.end() :]).strip()
    return minus + bare, None


def says_other_currency(text: str, currency: str) -> bool:
    """Whether a text about money has the sign of another currency.

    >>> says_other_currency("$18-20", "CNY"), says_other_currency("18元-20元", "CNY"), says_other_currency("18 USD", "USD")
    (True, False, False)
    """
    own = (*SIGNS.get(currency.upper(), ()), currency.casefold())
    return any(sign.casefold() not in own for sign in _SIGN_IN_TEXT.findall(unicodedata.normalize("NFKC", text)))


def _plain_number(text: str, kind: str) -> float:
    """The value of a written number; ValueError for anything but a number with the signs and units of its kind."""
    text = text.removeprefix('="').removesuffix('"').lstrip("'")
    sign = 1.0
    if text.startswith(("+", "-")):
        sign, text = (-1.0 if text[0] == "-" else 1.0), text[1:].strip()
    elif text.startswith("(") and text.endswith(")"):
        sign, text = -1.0, text[1:-1]
    text = _COUNT_UNITS.sub("", text) if kind == "count" else text
    if sign > 0 and text[:1] == "-" and kind == "money":  # ¥-5.00
        sign, text = -1.0, text[1:]
    times = _TIMES.get(text[-1:], 1.0) if kind == "share" or text.endswith(("千", "万", "亿")) else 1.0
    if times != 1.0:
        text = text[:-1].strip()
    if re.fullmatch(r"\d+(?:\.\d+)?[eE][+-]?\d{1,3}", text):
        return sign * float(text)
    if not _PLAIN.fullmatch(text) or not any(ch.isdigit() for ch in text):
        raise ValueError(text)
    return float(Decimal(text.replace(",", "")) * Decimal(str(times))) * sign
