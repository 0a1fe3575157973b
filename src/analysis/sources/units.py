"""Quantities in pieces, whatever the unit: a price for a carton becomes that of a piece, and counts with it.

A unit is a word for single pieces (件, pcs), a dozen, one that states its content (箱=24, 24个/箱), or one whose pieces the
house's articles tell. Any other is refused: a carton is never taken for a piece.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.sources.cell_numbers import read_numbers
from analysis.sources.cells import clean_column, clean_text, read_ids
from analysis.sources.column_cells import NOTHING
from analysis.sources.conform import conform
from analysis.sources.distinct import by_value
from analysis.sources.folding import fold, folded
from analysis.sources.offer_cells import lower_end, price_and_unit, price_range
from analysis.sources.price_units import PriceUnits, units_of_prices
from analysis.sources.quarantine import joined, no_notes, note, notes, quoted, quoted_of
from analysis.sources.table_types import RawTable
from analysis.sources.tables import COUNTED, PRICED, TABLES, UNIT

PIECE = frozenset(
    [
        "个",
        "件",
        "只",
        "枚",
        "条",
        "把",
        "张",
        "块",
        "台",
        "瓶",
        "支",
        "枝",
        "根",
        "顶",
        "本",
        "辆",
        "颗",
        "粒",
        "片",
        "架",
        "盏",
        "扇",
        "尊",
        "座",
        "艘",
        "口",
        "pcs",
        "pc",
        "pce",
        "piece",
        "pieces",
        "ea",
        "each",
        "unit",
        "units",
        "單件",
        "单件",
        "單个",
        "单个",
    ]
)
"""Words for one piece."""
OFFERED = ("quotes", "candidates", "answers")
"""Tables of offers: where the articles tell of a carton, a price without a unit may be that of a piece or of a carton."""
_ASKED = ("unit_price", "price_low", "price_high")
"""Prices that suppliers ask."""
_FIXED = {"打": 12.0, "dozen": 12.0, "doz": 12.0, "dz": 12.0, "罗": 144.0, "gross": 144.0}
_SAME = {"ctn": "箱", "ctns": "箱", "carton": "箱", "cartons": "箱", "case": "箱", "pack": "包", "pk": "包", "set": "套", "sets": "套",
         "box": "盒", "bag": "袋", "pair": "双", "pairs": "双", "roll": "卷"}  # fmt: skip
_PIECE_WORD = "|".join(sorted(map(re.escape, PIECE), key=len, reverse=True)) + "|入|装"
_LETTERS = r"[^\W\d_]"
_EACH = re.compile(
    rf"(?P<n>\d+(?:\.\d+)?)(?P<unit>{_LETTERS}{{1,8}}?)(?:[x×*@](?P<by>\d+)|[(,]*每{_LETTERS}{{1,2}}(?P<every>\d+)|[(,@]*(?P<per>\d+)(?=(?:{_PIECE_WORD})?/))"
    rf"(?:{_PIECE_WORD})?(?:/{_LETTERS}{{1,4}})?\)?(?:[(,]*(?:=|共|合计|合|计|即)?(?P<sum>\d+)(?:{_PIECE_WORD})?)?\)?"
)
"""A quantity that says what one of its units holds: 2箱x24, 2箱(24个/箱), 2箱*24个=48个."""
_TWICE = re.compile(
    rf"(?P<n>\d+(?:\.\d+)?)(?P<unit>{_LETTERS}{{1,8}}?)(?P<open>[(,]*)(?P<says>=|共|合计|总共|总计|合|计|即|计为)?(?P<m>\d+(?:\.\d+)?)(?P<word>{_LETTERS}{{0,8}})\)?"
)
"""A quantity told in two units: 2箱(48个), 48个(2箱), 2箱共48个."""
_STATED = re.compile(rf"(?:[=:x×*](\d+)|[(](\d+)[)]|(?<![\d.])(\d+)(?:{_PIECE_WORD}))")
_WITH_UNIT = re.compile(
    r"([+-]?(?<![\d.,])[\d.,]++)\s*+([^\d\s.,+%-].*)"
)  # tried once at each number, however long it is


@dataclass(frozen=True)
class InPieces:
    """`raw`: the table in pieces, rows of an unknown unit left out; `quarantine` tells of them; `refused` holds them; `remarks` on
    prices whose unit was found out."""

    raw: RawTable
    quarantine: pd.DataFrame
    refused: RawTable
    remarks: pd.DataFrame = field(default_factory=no_notes)
    asks: bool = False
    """Whether other prices of an article may tell what a price is for."""


def pieces_per_unit(unit: object, sku: object = None, articles: Mapping[tuple[str, str], float] | None = None) -> float:
    """Pieces in one `unit` of the article `sku`; NaN where nobody says. What the house's articles say comes first.

    >>> [pieces_per_unit(unit) for unit in ("件", "PCS", "打", "箱=24", "24个/箱", "箱(12)", "1箱=24个", "")]
    [1.0, 1.0, 12.0, 24.0, 24.0, 12.0, 24.0, 1.0]
    >>> pieces_per_unit("箱"), pieces_per_unit("箱", "CUP", {("cup", "箱"): 24.0})
    (nan, 24.0)
    """
    text = "".join(unicodedata.normalize("NFKC", clean_text(unit)).casefold().split())
    if not text or text in NOTHING:
        return 1.0

    def known(word: str) -> float | None:
        return (articles or {}).get((fold(sku), _unit_key(word)))

    if (told := known(text)) is not None:
        return told
    if text in PIECE:
        return 1.0
    if twice := _EACH.fullmatch(text) or _TWICE.fullmatch(text):
        return _of_two_units(twice, known)
    stated = {next(filter(None, found)) for found in _STATED.findall(text)}
    if len(stated) == 1 and float(next(iter(stated))) > 0:
        each = float(stated.pop())
        return each if all(known(word) in (None, each) for word in re.findall(f"{_LETTERS}+", text)) else np.nan
    return _FIXED.get(text, np.nan)


def _of_two_units(told: re.Match[str], known: Callable[[str], float | None]) -> float:
    """Pieces in the first unit of a quantity that tells its pieces too; NaN where they contradict each other or what the articles say,
    and where the second number may be of one unit or of all (2箱(48)).

    >>> [pieces_per_unit(cell) for cell in ("2箱x24", "2箱(48个)", "2箱共48个", "48个(2箱)", "2箱*24个=48个", "2箱(48)")]
    [24.0, 24.0, 24.0, 1.0, 24.0, nan]
    """
    part = told.groupdict()
    number, unit = float(part["n"]), part["unit"]
    if "m" not in part:
        each = float(part["by"] or part["every"] or part["per"])
        agree = part["sum"] is None or number * each == float(part["sum"])
        return each if each > 0 and agree and unit not in PIECE and known(unit) in (None, each) else np.nan
    other, word = float(part["m"]), part["word"]
    if unit in PIECE:
        fits = other == number if word in PIECE else 0 < other <= number and known(word) in (None, number / other)
        return 1.0 if word and fits else np.nan
    if word and word not in PIECE:
        return np.nan
    if (one := known(unit)) is not None:
        return one if other == number * one or (other == one and part["open"]) else np.nan
    clear = number == 1 or (word and (part["open"] or part["says"])) or part["says"] not in (None, "=")
    each = other / number if number else np.nan
    return each if clear and each >= 1 and each.is_integer() else np.nan


def _unit_key(unit: str) -> str:
    return _SAME.get(unit, unit)


def units_of_articles(raws: list[RawTable]) -> dict[tuple[str, str], float]:
    """(folded SKU, unit) -> pieces, from the tables `articles`; a row without a unit tells of a carton (箱)."""
    found: dict[tuple[str, str], float] = {}
    for raw in raws:
        if raw.table == "articles" and {"sku", "pieces_per_unit"} <= set(raw.frame):
            rows = conform(raw).table.dropna(subset=["pieces_per_unit"])
            for sku, unit, pieces in zip(rows["sku"], rows["unit"].fillna("箱"), rows["pieces_per_unit"]):
                text = "".join(unicodedata.normalize("NFKC", clean_text(unit)).casefold().split())
                found[fold(sku), _unit_key(text)] = float(pieces)
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
        return InPieces(raw, no_notes(), replace(raw, frame=raw.frame.iloc[:0]))
    frame, of_price = _prices_apart(raw.frame, priced)
    blank = pd.Series("", index=frame.index, dtype=object)
    cells = frame[counted[0]] if counted else blank
    if "min_quantity" in counted[:1]:
        cells = pd.Series(by_value(cells, lower_end), index=cells.index, dtype=object)
        frame = frame.assign(min_quantity=cells)
    read = by_value(cells, _number_and_unit)
    beside = read.astype(bool)
    pieces = by_value(cells, _says_pieces).astype(bool)
    column = clean_column(frame["unit"]) if "unit" in frame else np.full(len(cells), "", object)
    frame = frame.drop(columns="unit", errors="ignore")
    if not beside.any() and not (column != "").any() and not of_price and raw.table not in OFFERED:
        return InPieces(replace(raw, frame=frame), no_notes(), replace(raw, frame=raw.frame.iloc[:0]))
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
        frame = _times(frame, name, factor, "number", raw.currency)
    for name in priced:
        own = of_price.get(name, blank)
        of_own = _pieces_in(own, sku, articles)
        faults.append((name, "unit_unknown", own.where(of_own.isna() & (own != ""), "")))
        unclear = unclear.mask((own != "") & (of_own != 1) & of_own.notna() & (unit == "") & said, own)
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
    same = pd.Series([_word(one) in _words(other) for one, other in zip(within, column)], unit.index)
    factor = factor.mask(
        both & same & (within != ""), factor.fillna(own).where(own.isna() | factor.isna() | (own == factor))
    )
    apart = both & np.where(within != "", ~same & ~(own == factor), factor != 1)
    shown = within.where(within != "", "件") + " / " + column
    return unit.mask(apart, shown), factor.mask(apart)


def _words(text: str) -> set[str]:
    return {_unit_key(word) for word in re.findall(f"{_LETTERS}+", unicodedata.normalize("NFKC", text).casefold())}


def _word(text: str) -> str:
    """The unit of a quantity told twice, or of `箱=24`."""
    bare = unicodedata.normalize("NFKC", text).casefold()
    if told := _EACH.fullmatch(bare) or _TWICE.fullmatch(bare):
        return _unit_key(told["unit"])
    return _unit_key(found[0]) if (found := re.match(f"{_LETTERS}+", bare)) else ""


def _says_pieces(cell: object) -> bool:
    """Whether a quantity says that it is one of pieces (48个)."""
    found = _WITH_UNIT.fullmatch(unicodedata.normalize("NFKC", clean_text(cell))) if isinstance(cell, str) else None
    return found is not None and found[2].casefold() in PIECE


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
    return InPieces(replace(raw, frame=frame[~bad]), joined(notes(told)), replace(raw, frame=frame[bad]))


def _number_and_unit(cell: object) -> tuple[str, str] | None:
    """The two parts of a cell such as `3箱`; None for a cell without a unit that changes its number."""
    if not isinstance(cell, str):
        return None
    text = unicodedata.normalize("NFKC", clean_text(cell))
    bare = re.sub(r"(?<=\d),(?=\d{3})|\s", "", text.casefold())
    if twice := _EACH.fullmatch(bare) or _TWICE.fullmatch(bare):
        return twice["n"], bare
    found = _WITH_UNIT.search(text)
    if found is None or (any(map(str.isdigit, found[2])) and found[2][0] not in "x×*"):
        return None  # a second number that says nothing known
    return (found[1], found[2]) if _is_unit(found[2]) else None


def _is_unit(text: str) -> bool:
    """Whether what follows a number is a unit that changes it; pieces, days and words stay for the number's own reader."""
    bare = "".join(text.casefold().split())
    return (
        not np.isnan(pieces_per_unit(bare))
        or bare in _SAME
        or bare in set(_SAME.values()) | {"组", "副", "对", "捆", "板", "件套"}
    )


def _skus(raw: RawTable, skus: Mapping[str, str]) -> pd.Series:
    if "sku" in raw.frame:
        own = pd.Series(clean_column(raw.frame["sku"]), index=raw.frame.index, dtype=object)
    else:
        own = pd.Series("", index=raw.frame.index, dtype=object)
    if "order_id" not in raw.frame or (own != "").all():
        return own
    of_order = read_ids(raw.frame["order_id"]).values.map(skus).astype(object).fillna("")
    return own.where(own != "", of_order)
