"""Currencies that a header or a column beside the money names: each amount then carries its own, for the reader of money to take or refuse."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd

from analysis.sources.cell_numbers import HOME, SIGNS
from analysis.sources.cells import clean_column, clean_text
from analysis.sources.column_cells import NOTHING
from analysis.sources.columns_beside import LINE_TOTAL, NET_PRICE, PRICED
from analysis.sources.distinct import by_value
from analysis.sources.folding import normal_header
from analysis.sources.table_types import Column, RawTable
from analysis.sources.tables import TABLES

CURRENCY = Column("currency", "text", ("币种", "货币", "货币种类", "货币单位", "结算币种", "报价币种"))
"""May stand beside the money of any table; used up at the door."""
_MONEY = {name: frozenset(c.name for c in table.columns if c.unit.startswith("currency")) for name, table in TABLES.items()}  # fmt: skip
WITH_MONEY = frozenset(name for name, columns in _MONEY.items() if columns)
"""Tables with amounts."""
_MONEY["orders"] |= {LINE_TOTAL.name, NET_PRICE.name}
_OF_MONEY = frozenset().union(*_MONEY.values())
_TAXED = re.compile(r"(?:(?P<net>不含|未含|未)|含)(?:\d{1,2}%)?(?:增值)?税(?:\d{1,2}%)?")
_PRICE_ALONE = {"价": "单价", "价格": "单价", "报价": "单价"}
_PRICES = frozenset(name for names in PRICED.values() for name in names)
_SIGN = "|".join(sorted({re.escape(normal_header(sign)) for signs in SIGNS.values() for sign in signs}, key=len, reverse=True))  # fmt: skip
_AT_THE_END = re.compile(rf"(?P<header>.+?)[/-]?\(?(?P<sign>{_SIGN})(?:/[^/()]+)?\)?")
_PER_UNIT = re.compile(rf"(?P<header>.+?)\(?(?:{_SIGN})?[/每](?P<unit>[^/()]+)\)?")
_WORDS = "|".join(sorted({sign for signs in SIGNS.values() for sign in signs if sign.isalpha() and sign not in ("块", "元")}, key=len, reverse=True))  # fmt: skip
_IN_A_NAME = re.compile(rf"(?<![a-z])(?:{'|'.join(word for word in _WORDS.split('|') if len(word) == 3 or not word.isascii())})(?![a-z])", re.IGNORECASE)  # fmt: skip
_IN_A_TITLE = re.compile(
    rf"(?:币种|币别|货币|计价|单位|价格?|金额|currency|prices?|amounts?)[^,;。，；=汇]{{0,12}}?(?<![a-z])(?P<sign>{_WORDS}|元)(?![a-z]|\s*[=:≈兑汇])",
    re.IGNORECASE,
)
_LONGEST_TITLE = 100
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


def currency_said(titles: Iterable[str] = (), names: Iterable[str] = ()) -> str:
    """The code of the one foreign currency that the titles or notes of a list name for its prices, or else the names of its sheet and file.

    >>> currency_said(["报价汇总（币种：美元）"]), currency_said(["Currency: USD", "2026"]), currency_said(["All prices in US dollars"])
    ('USD', 'USD', 'USD')
    >>> currency_said(["单位：元"]), currency_said(["1美元=7.1元"]), currency_said(["价格为人民币或美元"]), currency_said(names=["quotes_USD"])
    ('', '', '', 'USD')
    """
    texts = [text for text in titles if len(text) <= _LONGEST_TITLE]
    spoken = [text for text in texts if _IN_A_TITLE.search(text)]
    said = [found["sign"] for text in spoken for found in _IN_A_TITLE.finditer(text)]
    said += [sign for text in spoken or map(_without_marks, names) for sign in _IN_A_NAME.findall(text)]
    codes = {currency_of(sign) for sign in said}
    return codes.pop() if len(codes) == 1 and not codes & own_words(HOME) else ""


def _without_marks(name: str) -> str:
    return name.replace("_", " ")


def in_said_currency(rows: pd.DataFrame, code: str) -> pd.DataFrame:
    """`rows` with a currency said of the whole list before each amount, where no column tells it row by row."""
    if not code or CURRENCY.name in rows:
        return rows
    return rows.assign(**{name: in_currency(rows[name], code) for name in rows if name in _OF_MONEY})


def in_currency(cells: pd.Series, codes: pd.Series | str) -> pd.Series:
    """`cells` with the code of their currency ("" for none) before each amount."""
    codes = pd.Series(codes, cells.index) if isinstance(codes, str) else codes
    texts = pd.Series(clean_column(cells), cells.index, dtype=object)
    amounts = by_value(texts, lambda text: str(text)[:1] != "#" and bool(re.search(r"\d", str(text)))).astype(bool)
    named = (codes != "").to_numpy(bool) & amounts
    return cells.astype(object).mask(named, codes + " " + texts) if np.any(named) else cells
