"""Currencies that a header or a column beside the money names: each amount then carries its own, for the reader of money to take or refuse."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd

from analysis.sources.cell_numbers import SIGNS
from analysis.sources.cells import clean_column, clean_text
from analysis.sources.column_cells import NOTHING
from analysis.sources.columns_beside import LINE_TOTAL, PRICED
from analysis.sources.distinct import by_value
from analysis.sources.folding import normal_header
from analysis.sources.table_types import Column, RawTable
from analysis.sources.tables import TABLES

CURRENCY = Column("currency", "text", ("币种", "货币", "货币种类", "货币单位", "结算币种", "报价币种"))
"""May stand beside the money of any table; used up at the door."""
_MONEY = {name: frozenset(c.name for c in table.columns if c.unit.startswith("currency")) for name, table in TABLES.items()}  # fmt: skip
WITH_MONEY = frozenset(name for name, columns in _MONEY.items() if columns)
"""Tables with amounts."""
_MONEY["orders"] |= {LINE_TOTAL.name}
_OF_MONEY = frozenset().union(*_MONEY.values())
_TAXED = re.compile(r"(?:(?P<net>不含|未含|未)|含)(?:\d{1,2}%)?(?:增值)?税(?:\d{1,2}%)?")
_PRICE_ALONE = {"价": "单价", "价格": "单价", "报价": "单价"}
_PRICES = frozenset(name for names in PRICED.values() for name in names)
_SIGN = "|".join(sorted({re.escape(normal_header(sign)) for signs in SIGNS.values() for sign in signs}, key=len, reverse=True))  # fmt: skip
_AT_THE_END = re.compile(rf"(?P<header>.+?)[/-]?\(?(?P<sign>{_SIGN})(?:/[^/()]+)?\)?")
_PER_UNIT = re.compile(rf"(?P<header>.+?)\(?(?:{_SIGN})?[/每](?P<unit>[^/()]+)\)?")
_AT_THE_START = re.compile(rf"\(?(?P<sign>{_SIGN})\)?[/-]?(?P<header>.+)")


def currency_of(word: object) -> str:
    """The code of a currency, its sign where several have it, or the word as it stands where nobody knows it.

    >>> [currency_of(word) for word in ("美元", " usd ", "$", "人民币", "RMB(元)", "pln", "-", None)]
    ['USD', 'USD', '$', 'CNY', 'CNY', 'PLN', '', '']
    """
    text = clean_text(word)
    if not text or text.casefold() in NOTHING:
        return ""
    found = [_codes().get(part, "") for part in re.split(r"[()/,\s]+", normal_header(text)) if part]
    if found and all(found) and len(set(found)) == 1:
        return found[0]
    return text.upper() if re.fullmatch("[A-Za-z]{3}", text) else text


@cache
def _codes() -> dict[str, str]:
    """Each sign -> its code; of several currencies the sign itself, but for those that the home's own are."""
    found: dict[str, str] = {}
    for code, signs in SIGNS.items():
        for sign in map(normal_header, (code, *signs)):
            found[sign] = sign if sign in found and found[sign] != code else code
    return found


def own_words(currency: str) -> frozenset[str]:
    """What `currency_of` may say of amounts in `currency`."""
    return frozenset((currency.upper(), *SIGNS.get(currency.upper(), ())))


def money_header(header: str, accepted: Mapping[str, str]) -> tuple[str, str] | None:
    """The column of money that a header with a currency names, and the code of the currency; `header` is normal.

    >>> [money_header(text, {"单价": "unit_price"}) for text in ("单价(元/件)", "单价(usd)", "美元单价", "单价/件")]
    [('unit_price', 'CNY'), ('unit_price', 'USD'), ('unit_price', 'USD'), None]
    """
    for form in (_AT_THE_END, _AT_THE_START):
        found = form.fullmatch(header)
        name = accepted.get(found["header"]) if found else None
        if found and name in _OF_MONEY:
            return name, currency_of(found["sign"])
    return None


def price_header(header: str, accepted: Mapping[str, str]) -> tuple[str, str] | None:
    """The column of prices that a header names with what they are for, and that as a price says it; `header` is normal.

    >>> [price_header(text, {"单价": "unit_price"}) for text in ("单价(元/打)", "单价/箱", "单价/元", "运费(元/单)")]
    [('unit_price', '/打'), ('unit_price', '/箱'), None, None]
    """
    found = _PER_UNIT.fullmatch(header)
    name = accepted.get(found["header"]) if found else None
    return (name, f"/{found['unit']}") if found and name in _PRICES and found["unit"] not in _codes() else None


def tax_header(header: str, accepted: Mapping[str, str]) -> tuple[str, bool] | None:
    """The column of prices that a header names with a word on tax, and whether tax is in them; `header` is normal.

    >>> [tax_header(text, {"单价": "unit_price"}) for text in ("含税单价", "单价(不含税)", "未税价", "含13%税单价", "单价", "税率")]
    [('unit_price', True), ('unit_price', False), ('unit_price', False), ('unit_price', True), None, None]
    """
    found = _TAXED.search(header)
    bare = (header[: found.start()] + header[found.end() :]).replace("()", "") if found else ""
    priced = money_header(bare, accepted) or (accepted.get(bare) or accepted.get(_PRICE_ALONE.get(bare, "")), "")
    return (str(priced[0]), found["net"] is None) if found and priced[0] in _PRICES else None


def with_currency(raw: RawTable) -> RawTable:
    """`raw` without its column of currencies, each amount behind its own."""
    if CURRENCY.name not in raw.frame:
        return raw
    frame = raw.frame.drop(columns=CURRENCY.name)
    codes = pd.Series(by_value(raw.frame[CURRENCY.name], currency_of), frame.index)
    codes = codes.mask(codes.isin(own_words(raw.currency)), "")
    money = [name for name in frame if name in _MONEY[raw.table]]
    return replace(raw, frame=frame.assign(**{name: in_currency(frame[name], codes) for name in money}))


def in_currency(cells: pd.Series, codes: pd.Series | str) -> pd.Series:
    """`cells` with the code of their currency ("" for none) before each amount."""
    codes = pd.Series(codes, cells.index) if isinstance(codes, str) else codes
    texts = pd.Series(clean_column(cells), cells.index, dtype=object)
    amounts = by_value(texts, lambda text: str(text)[:1] != "#" and bool(re.search(r"\d", str(text)))).astype(bool)
    named = (codes != "").to_numpy(bool) & amounts
    return cells.astype(object).mask(named, codes + " " + texts) if np.any(named) else cells
