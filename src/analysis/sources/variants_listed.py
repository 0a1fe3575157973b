"""Variants that plain lists tell in columns of their own (颜色, 尺码, 规格): where they stand apart each is an article, as in exports.

They do where one order, or one day's quotes of a supplier, names several variants of a 货号, or where their prices clearly differ. A
货号 that another list names alone, variants at one price, is one article: nobody counts these apart.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from analysis.sources.cell_numbers import read_numbers
from analysis.sources.cells import clean_column
from analysis.sources.columns_beside import COUNTED
from analysis.sources.folding import folded
from analysis.sources.odd_rows import clearly_dearer
from analysis.sources.quarantine import note, quoted
from analysis.sources.table_types import RawTable

VARIANTS = "variants"
"""Column of the raw rows of a plain list: what it says of their variants."""
TELL_VARIANTS = frozenset(COUNTED) - {"candidates", "answers"}
"""Tables of articles in which columns of variants stand beside these; candidates have one of their own."""
_PROOF = {"orders": ("order_id", "ordered_on", "supplier"), "quotes": ("quoted_on", "supplier")}
"""By table what rows have in common whose variants are bought or offered side by side."""


def variants_apart(raws: list[RawTable], told: list[dict[str, object]]) -> list[RawTable]:
    """`raws` with the variants that stand apart as SKUs (T1 红 S)."""
    if not any(VARIANTS in raw.frame for raw in raws):
        return raws
    rows = pd.concat([_listed(place, raw) for place, raw in enumerate(raws) if "sku" in raw.frame and not raw.export])
    told_apart, dearer = _side_by_side(rows), _dearer(rows)
    others = rows[rows["table"] != "orders"]
    counted_apart = set(others.loc[others["variant"] != "", "number"])
    alone = set(others.loc[others["variant"] == "", "number"]) - counted_apart - dearer
    apart = rows[rows["number"].isin((told_apart | dearer) - alone) & (rows["variant"] != "")]
    out = list(raws)
    for place, these in apart.groupby("place"):
        raw, names = raws[int(str(place))], these.set_index("row")
        shown = names["sku"] + " " + names["text"]
        cells = raw.frame["sku"].astype(object).mask(raw.frame.index.isin(shown.index), shown.reindex(raw.frame.index))
        out[int(str(place))] = replace(raw, frame=raw.frame.assign(sku=cells))
        values = {"count": len(shown), "shown": quoted(shown.iloc[0])}
        told.append(note(raw.table, raw.file, raw.sheet, 0, "sku", "variants_listed", **values))
    for line in rows[rows["number"].isin(told_apart & alone)].drop_duplicates("number").itertuples():
        raw = raws[line.place]
        told.append(note(raw.table, raw.file, raw.sheet, line.row, "sku", "variants_are_one", value=quoted(line.sku)))
    return out


def _listed(place: int, raw: RawTable) -> pd.DataFrame:
    """place row table sku text (of the variant) number variant (both folded) supplier side (by side) price of each row."""
    frame = raw.frame
    cells = {name: pd.Series(clean_column(raw.cells(name)), frame.index) for name in ("sku", "supplier", VARIANTS)}
    of = [pd.Series(clean_column(raw.cells(name)), frame.index) for name in _PROOF.get(raw.table, ())]
    return pd.DataFrame(
        {
            "place": place,
            "row": frame.index,
            "table": raw.table,
            "sku": cells["sku"],
            "text": cells[VARIANTS],
            "number": folded(cells["sku"]),
            "variant": folded(cells[VARIANTS]),
            "supplier": folded(cells["supplier"]),
            "side": [" ".join(words) for words in zip(*of)] if of else "",
            "price": read_numbers(raw.cells("unit_price"), "money").values.to_numpy(float),
        }
    )


def _proofs(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["table"].isin([*_PROOF]) & (rows["variant"] != "") & (rows["number"] != "")]


def _side_by_side(rows: pd.DataFrame) -> set[str]:
    """Numbers of which several variants are bought or offered together."""
    together = _proofs(rows).groupby(["number", "table", "side"])["variant"].nunique()
    return {*together.index[together > 1].get_level_values("number")}


def _dearer(rows: pd.DataFrame) -> set[str]:
    """Numbers of which one supplier's variants clearly differ in price."""
    by_variant = _proofs(rows).groupby(["number", "supplier", "variant"])["price"].median()
    prices = by_variant.groupby(level=["number", "supplier"]).agg(["min", "max"])
    return {*prices.index[clearly_dearer(prices["min"], prices["max"])].get_level_values("number")}
