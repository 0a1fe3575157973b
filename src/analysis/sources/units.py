"""Quantities in pieces, whatever the unit: a price for a carton becomes that of a piece, and counts with it.

A unit is a word for single pieces (件, pcs), a dozen, one that states its content (箱=24, 24个/箱), or one whose pieces the
house's articles tell. Any other is refused: a carton is never taken for a piece.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.sources.cell_numbers import read_numbers
from analysis.sources.cells import clean_column, clean_text, read_ids
from analysis.sources.columns_beside import COUNTED, PRICED, UNIT
from analysis.sources.conform import conform
from analysis.sources.distinct import by_value
from analysis.sources.folding import fold, folded
from analysis.sources.offer_cells import lower_end, price_and_unit, price_range
from analysis.sources.price_units import PriceUnits, units_of_prices
from analysis.sources.quarantine import Sifted, joined, note, notes, quoted, quoted_of
from analysis.sources.table_types import RawTable
from analysis.sources.tables import TABLES
from analysis.sources.unit_words import (
    number_and_unit,
    pieces_of_many,
    pieces_per_unit,
    says_pieces,
    unit_key,
    word_of,
    words_of,
)

OFFERED = ("quotes", "candidates", "answers")
"""Tables of offers: where the articles tell of a carton, a price without a unit may be that of a piece or of a carton."""
_ASKED = ("unit_price", "price_low", "price_high")
"""Prices that suppliers ask."""


@dataclass(frozen=True)
class InPieces(Sifted):
    """A table in pieces, without the rows of an unknown unit; `remarks` on prices whose unit was found out."""

    asks: bool = False
    """Whether other prices of an article may tell what a price is for."""


def units_of_articles(raws: list[RawTable]) -> dict[tuple[str, str], float]:
    """(folded SKU, unit) -> pieces, from the tables `articles`; a row without a unit tells of a carton (箱)."""
    found: dict[tuple[str, str], float] = {}
    for raw in raws:
        if raw.table == "articles" and {"sku", "pieces_per_unit"} <= set(raw.frame):
            rows = conform(raw).table.dropna(subset=["pieces_per_unit"])
            for sku, unit, pieces in zip(rows["sku"], rows["unit"].fillna("箱"), rows["pieces_per_unit"]):
                text = "".join(unicodedata.normalize("NFKC", clean_text(unit)).casefold().split())
                found[fold(sku), unit_key(text)] = float(pieces)
    return found


def skus_of_orders(raws: list[RawTable]) -> dict[str, str]:
    """order_id -> its SKU, of orders with a single one, for rows that tell of an order and not of an article."""
    told = [
        pd.DataFrame({"order_id": read_ids(raw.frame["order_id"]).values, "sku": clean_column(raw.frame["sku"])})
        for raw in raws
        if raw.table == "orders" and {"order_id", "sku"} <= set(raw.frame)
    ]
    if not told:
        return {}
    pairs = pd.concat(told)
    pairs = pairs[pairs["order_id"].notna() & (pairs["sku"] != "")].drop_duplicates()
    single = pairs.drop_duplicates("order_id", keep=False)
    return dict(zip(single["order_id"], single["sku"]))


def in_pieces(
    raw: RawTable,
    articles: Mapping[tuple[str, str], float],
    skus: Mapping[str, str],
    usual: Mapping[str, float] | None = None,
) -> InPieces:
    """`raw` with its counts in pieces and its prices a piece; `unit` (a column that readers may add) is used up.

    A price that says what it is for (12.5元/个) is for that, whatever unit the row's counts have. Another one is for what the
    row's total says; without a total for the unit in the column 单位, or where the unit stands in the cell of the count, for that
    of the two, unit and piece, at which the article's other prices (`usual`, by folded SKU) lie.
    """
    raw = _with_both_prices(raw)
    counted = [name for name in COUNTED.get(raw.table, ()) if name in raw.frame]
    priced = [name for name in PRICED.get(raw.table, ()) if name in raw.frame]
    if not counted and not priced:
        return InPieces(raw)
    frame, of_price = _prices_apart(raw.frame, priced)
    blank = pd.Series("", index=frame.index, dtype=object)
    cells = frame[counted[0]] if counted else blank
    if "min_quantity" in counted[:1]:
        cells = pd.Series(by_value(cells, lower_end), index=cells.index, dtype=object)
        frame = frame.assign(min_quantity=cells)
    read = by_value(cells, number_and_unit)
    beside = read.astype(bool)
    pieces = by_value(cells, says_pieces).astype(bool)
    column = clean_column(frame["unit"]) if "unit" in frame else np.full(len(cells), "", object)
    frame = frame.drop(columns="unit", errors="ignore")
    further = {name: by_value(frame[name], number_and_unit) for name in counted[1:]}
    told = beside.any() or any(found.astype(bool).any() for found in further.values()) or (column != "").any()
    if not told and not of_price and raw.table not in OFFERED:
        return InPieces(replace(raw, frame=frame))
    within = np.array([found[1] if found else "" for found in read], object)
    sku = _skus(raw, skus)
    unit, factor = _told_twice(pd.Series(column, cells.index), pd.Series(within, cells.index), pieces, sku, articles)
    said = pd.Series(False, index=cells.index)
    for name in counted:
        said |= clean_column(raw.frame[name]) != ""
    faults = [(name, "unit_unknown", unit.where(factor.isna() & said, "")) for name in counted[:1]]
    unclear = blank
    if counted:
        bare_number = pd.Series([found[0] if found else None for found in read], index=cells.index, dtype=object)
        frame = frame.assign(**{counted[0]: cells.astype(object).mask(beside, bare_number)})
    others = folded(sku).map(usual or {}).astype(float)
    bare_prices, remarks, asks = replace(raw, frame=frame), [], False
    for name in counted:
        own, pieces_of_own = blank, factor
        if name in further:
            own = pd.Series([found[1] if found else "" for found in further[name]], cells.index, dtype=object)
            bare = pd.Series([found[0] if found else None for found in further[name]], cells.index, dtype=object)
            frame = frame.assign(**{name: frame[name].astype(object).mask(own != "", bare)})
            pieces_of_own = _pieces_in(own, sku, articles).where(own != "", factor)
            faults.append((name, "unit_unknown", own.where(pieces_of_own.isna(), "")))
            first, count = (
                read_numbers(told.frame[at], "number").values for at, told in ((counted[0], bare_prices), (name, raw))
            )
            asks_unit = (own == "") & (column == "") & (factor > 1) & (count > 0)
            pieces_of_own = pieces_of_own.mask(asks_unit & (count > first), 1.0)  # no more cartons than there are
            unsaid = asks_unit & (count <= first) & ~((count == first) & (name == "received_quantity"))
            faults.append((name, "count_unit_open", unit.where(unsaid, "")))
        frame = _times(frame, name, pieces_of_own, "number", raw.currency)
    for name in priced:
        own = of_price.get(name, blank)
        of_own = _pieces_in(own, sku, articles)
        asked = own.index[(own != "") & of_own.isna()]
        of_count = [row for row in asked if word_of(own[row]) == word_of(unit[row]) != ""]
        of_own.loc[of_count] = factor.loc[of_count]
        faults.append((name, "unit_unknown", own.where(of_own.isna() & (own != ""), "")))
        many = own.map(pieces_of_many).notna()
        unclear = unclear.mask((own != "") & (of_own != 1) & of_own.notna() & (unit == "") & said & ~many, own)
        found = units_of_prices(bare_prices, name, own == "", factor, pd.Series(column == "", cells.index), others)
        remarks += _remarks(raw, name, found, unit, sku, others)
        asks |= bool(found.unsaid.any())
        if TABLES[raw.table].column(name).required:
            faults.append((name, "price_unit_open", unit.where(found.unsaid, "")))
        frame = (
            frame.assign(**{name: frame[name].astype(object).mask(found.unsaid, "")}) if found.unsaid.any() else frame
        )
        frame = _times(frame, name, 1 / of_own.where(own != "", found.pieces), "money", raw.currency)
    bare = said & (unit == "") & (raw.table in OFFERED) & folded(sku).isin({name for name, _ in articles})
    where = counted[0] if counted else priced[0]
    faults += [(where, "unit_of_price", unclear), (where, "unit_missing", bare.map({True: "?", False: ""}))]
    told = _told(raw, frame, faults, sku)
    return replace(told, remarks=notes(item for item in remarks if item["row"] in told.raw.frame.index), asks=asks)


def _told_twice(
    column: pd.Series,
    within: pd.Series,
    pieces: NDArray[np.bool_],
    sku: pd.Series,
    articles: Mapping[tuple[str, str], float],
) -> tuple[pd.Series, pd.Series]:
    """The unit of each row, from its column or from `within` its quantity, and the pieces of one; none where the two are not of one
    unit, or the quantity is one of `pieces` and the column's unit is not."""
    unit = column.where(column != "", within)
    factor = _pieces_in(unit, sku, articles)
    both = (column != "") & ((within != "") | pieces)
    if not both.any():
        return unit, factor
    own = _pieces_in(within, sku, articles)
    same = pd.Series([word_of(one) in words_of(other) for one, other in zip(within, column)], unit.index)
    factor = factor.mask(
        both & same & (within != ""), factor.fillna(own).where(own.isna() | factor.isna() | (own == factor))
    )
    apart = both & np.where(within != "", ~same & ~(own == factor), factor != 1)
    shown = within.where(within != "", "件") + " / " + column
    return unit.mask(apart, shown), factor.mask(apart)


def _remarks(raw: RawTable, name: str, found: PriceUnits, unit: pd.Series, sku: pd.Series, others: pd.Series) -> list[dict[str, object]]:  # fmt: skip
    """Remarks on prices of the column `name` whose unit was found out, or that nobody can use."""
    by_others = ("price_of_piece", found.like_piece), ("price_of_unit", found.like_unit)
    told = []
    for code, rows in (("price_by_total", found.by_total), *by_others, ("price_unit_open", found.unsaid)):
        for row in rows.index[rows]:
            values = {
                "sku": quoted(sku[row]),
                "value": quoted_of(unit[row], UNIT, raw.strangers and len(unit[row]) > 2),
            }
            values |= {"price": f"{found.price[row]:g}", "other": f"{others[row]:g}"}
            told.append(note(raw.table, raw.file, raw.sheet, row, name, code, **values))
    return told


def usual_prices(raws: Iterable[RawTable]) -> dict[str, float]:
    """Folded SKU -> the middle one of its prices a piece, from tables in pieces."""
    told = [
        pd.DataFrame({"sku": folded(pd.Series(clean_column(raw.frame["sku"]), raw.frame.index)), "price": read_numbers(raw.frame[name], "money", raw.currency).values})
        for raw in raws
        for name in _ASKED
        if name in PRICED.get(raw.table, ()) and {name, "sku"} <= set(raw.frame)
    ]  # fmt: skip
    rows = pd.concat(told) if told else pd.DataFrame({"sku": [], "price": []})
    return rows[(rows["price"] > 0) & (rows["sku"] != "")].groupby("sku")["price"].median().to_dict()


def _with_both_prices(raw: RawTable) -> RawTable:
    """`raw` with the two prices of a range where neither stands in a column of its own."""
    if raw.table != "candidates" or "price_range" not in raw.frame:
        return raw
    both = ["price_low", "price_high"]
    found = by_value(raw.frame["price_range"], price_range)
    blank = pd.Series("", index=raw.frame.index, dtype=object)
    own = pd.DataFrame({name: raw.frame.get(name, blank).astype(object) for name in both})
    bare = np.all([clean_column(own[name]) == "" for name in both], axis=0) & found.astype(bool)
    told = {name: own[name].mask(bare, pd.Series([pair[at] if pair else None for pair in found], own.index)) for at, name in enumerate(both)}  # fmt: skip
    return replace(raw, frame=raw.frame.assign(**told))


def _prices_apart(frame: pd.DataFrame, priced: list[str]) -> tuple[pd.DataFrame, dict[str, pd.Series]]:
    """The table's cells, prices without what they are for; that by column, "" where a cell does not say it."""
    units = dict[str, pd.Series]()
    for name in priced:
        found = by_value(frame[name], price_and_unit)
        if found.astype(bool).any():
            said = pd.Series([pair[1] if pair else "" for pair in found], index=frame.index, dtype=object)
            bare = pd.Series([pair[0] if pair else None for pair in found], index=frame.index, dtype=object)
            units[name] = said
            frame = frame.assign(**{name: frame[name].astype(object).mask(said != "", bare)})
    return frame, units


def _pieces_in(unit: pd.Series, sku: pd.Series, articles: Mapping[tuple[str, str], float]) -> pd.Series:
    """(rows,) `pieces_per_unit` of each row's unit."""
    factors = {pair: pieces_per_unit(*pair, articles) for pair in set(zip(unit, sku))}
    return pd.Series([factors[pair] for pair in zip(unit, sku)], index=unit.index, dtype=float)


def _times(frame: pd.DataFrame, name: str, times: pd.Series, kind: str, currency: str) -> pd.DataFrame:
    """`frame` with the numbers of a column multiplied where `times` is known and not 1."""
    changed = times.notna() & (times != 1)
    if not changed.any():
        return frame
    numbers = read_numbers(frame[name].where(changed), kind, currency)
    values = (numbers.values * times).round(9 if kind == "money" else 6)
    return frame.assign(**{name: frame[name].astype(object).mask(changed & numbers.values.notna(), values)})


def _told(raw: RawTable, frame: pd.DataFrame, faults: list[tuple[str, str, pd.Series]], sku: pd.Series) -> InPieces:
    """The rows without a fault, and those with one, each told of once. Of a fault its column, code, and the words ("" for none)."""
    bad, told = pd.Series(False, index=frame.index), []
    for name, code, words in faults:
        struck = (words != "") & ~bad
        for row in frame.index[struck]:
            shown = {} if code == "unit_missing" else {"value": quoted_of(words[row], UNIT, raw.strangers and len(words[row]) > 2)}  # fmt: skip
            told.append(note(raw.table, raw.file, raw.sheet, row, name, code, sku=quoted(sku[row]), **shown))
        bad |= struck
    return InPieces(replace(raw, frame=frame[~bad]), replace(raw, frame=frame[bad]), joined(notes(told)))


def _skus(raw: RawTable, skus: Mapping[str, str]) -> pd.Series:
    if "sku" in raw.frame:
        own = pd.Series(clean_column(raw.frame["sku"]), index=raw.frame.index, dtype=object)
    else:
        own = pd.Series("", index=raw.frame.index, dtype=object)
    if "order_id" not in raw.frame or (own != "").all():
        return own
    of_order = read_ids(raw.frame["order_id"]).values.map(skus).astype(object).fillna("")
    return own.where(own != "", of_order)
