"""Prices whose cell says whether tax is in them (含税2.5, 2.2元/个(未税)): the word is the row's own on tax, the rest its price."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

import pandas as pd

from analysis.sources.cells import clean_text
from analysis.sources.column_cells import RATE_OF_TAX, read_column
from analysis.sources.distinct import by_value
from analysis.sources.folding import normal_header
from analysis.sources.quarantine import Sifted, note, notes, quoted
from analysis.sources.table_types import RawTable
from analysis.sources.tables import TABLES

_TAXED = {"quotes": ("unit_price",), "answers": ("price_low", "price_high"), "orders": ("unit_price",)}
"""By table the prices whose word on tax is told."""
_TAX = TABLES["quotes"].column("tax_included")
_INCLUDED = {normal_header(word): name == "yes" for name, words in _TAX.words.items() for word in words}
_BESIDE_A_RATE = {"含", "不含"}
"""Of a price alone these may speak of freight."""
_WORD = "|".join(re.escape(word).replace(r"\ ", r"\s*") for words in _TAX.words.values() for word in sorted(words, key=len, reverse=True))  # fmt: skip
_PRICE = r"[^税票]*\d[^税票]*"
_BEFORE = re.compile(rf"[(\[]?(?P<word>{_WORD})[)\]]?[\s:,]*(?P<price>{_PRICE})", re.IGNORECASE)
_BEHIND = re.compile(rf"(?P<price>{_PRICE}?)[\s,]*[(\[]?(?P<word>{_WORD})[)\]]?", re.IGNORECASE)


def price_and_tax(cell: object) -> tuple[str, bool] | None:
    """A price without its word on tax, and whether tax is in it; None where the cell says no such thing alone.

    >>> [price_and_tax(cell) for cell in ("含税2.5", "2.2元/个（未税）", "含13%税 2.5", "2.5含13点", "2.5", "含2.5", "含税2.5 未税2.2")]
    [('2.5', True), ('2.2元/个', False), ('2.5', True), ('2.5', True), None, None, None]
    """
    text = unicodedata.normalize("NFKC", clean_text(cell)) if isinstance(cell, str) else ""
    bare = RATE_OF_TAX.sub("", text)
    found = _BEFORE.fullmatch(bare) or _BEHIND.fullmatch(bare)
    if found is None or (bare == text and found["word"] in _BESIDE_A_RATE):
        return None
    return found["price"].strip(), _INCLUDED[normal_header(found["word"])]


def with_tax_told(raw: RawTable) -> Sifted:
    """`raw` with the word on tax of its prices in the column for it; rows in which two words contradict each other are refused.

    Orders have no such column, as what was paid has tax in it: there a price without tax is refused.
    """
    frame, included, bad = (
        raw.frame,
        pd.Series(None, index=raw.frame.index, dtype=object),
        dict[int, dict[str, object]](),
    )
    offered = _TAX.name in TABLES[raw.table].names()
    for name in (name for name in _TAXED.get(raw.table, ()) if name in frame):
        found = pd.Series(by_value(frame[name], price_and_tax), frame.index, dtype=object).dropna()
        if found.empty:
            continue
        if included.isna().all() and _TAX.name in frame:
            included = read_column(_TAX, frame[_TAX.name]).values.astype(object)
        taxed = found.str[1]
        other = included[taxed.index].notna() & (included[taxed.index] != taxed)
        wrong = {
            "tax_contradicts": taxed.index[other],
            "tax_in_money": taxed.index[~taxed.astype(bool) & (not offered)],
        }
        for row, code in ((row, code) for code, rows in wrong.items() for row in rows):
            bad[row] = note(raw.table, raw.file, raw.sheet, row, name, code, value=quoted(frame[name][row]))
        included = included.fillna(taxed)
        frame = frame.assign(**{name: frame[name].astype(object).mask(frame.index.isin(found.index), found.str[0])})
    if frame is raw.frame:
        return Sifted(raw)
    if offered:
        told = frame.get(_TAX.name, pd.Series("", frame.index)).astype(object)
        blank = pd.Series([clean_text(cell) == "" for cell in told], frame.index)
        frame = frame.assign(
            **{_TAX.name: told.mask(blank & included.notna(), included.map({True: "yes", False: "no"}))}
        )
    gone = frame.index.isin([*bad])
    return Sifted(replace(raw, frame=frame[~gone]), replace(raw, frame=raw.frame[gone]), notes(bad.values()))
