"""What tells rows of one file apart beside their canonical columns: who inspected, which shop sold, what nobody reads."""

from __future__ import annotations

import pandas as pd

from analysis.sources.cell_words import FIRM_WORDS
from analysis.sources.cells import clean_column
from analysis.sources.columns_beside import SHOP
from analysis.sources.distinct import by_value
from analysis.sources.folding import folded, normal_header
from analysis.sources.line_by_sku import skus_told
from analysis.sources.table_types import RawTable
from analysis.sources.tables import OF_LINES

FIRMS = {normal_header(word): firm for word, firm in FIRM_WORDS.items()}


def with_what_tells_apart(raw: RawTable, rows: pd.DataFrame) -> pd.DataFrame:
    """`rows` about lines of orders with the `sku` that they name, of inspections with the `firm` that their cell names (of two third parties on one day both count), of demand with the
    `shop` that sold and, in `unread`, what tells them apart in columns that nobody reads."""
    if raw.table in OF_LINES:
        rows = rows.assign(sku=_of(rows, skus_told(raw)).to_numpy(object))
    if raw.table == "inspections":
        cells = raw.frame.get("inspected_by", pd.Series(None, raw.frame.index, dtype=object))
        firms = pd.Series(by_value(cells, lambda cell: FIRMS.get(normal_header(cell))), cells.index)
        return rows.assign(firm=_of(rows, firms).to_numpy(object))
    if raw.table != "demand":
        return rows
    if len(raw.unread.columns):
        kinds = raw.unread.groupby([*raw.unread], sort=False).ngroup()
        rows = rows.assign(unread=_of(rows, kinds).to_numpy())
    if SHOP.name not in raw.frame:
        return rows
    shops = folded(pd.Series(clean_column(raw.frame[SHOP.name]), raw.frame.index)).replace("", None)
    return rows.assign(shop=_of(rows, shops).to_numpy(object))


def _of(rows: pd.DataFrame, told: pd.Series) -> pd.Series:
    """What is `told` by row number, of each of `rows`."""
    return told.reindex(rows.index.get_level_values("row"))
