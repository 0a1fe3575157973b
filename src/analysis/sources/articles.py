"""A SKU is one article: one number of the house, whatever the platform's numbers, and one category, whatever single orders say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.sources.cells import clean_column
from analysis.sources.column_cells import read_column
from analysis.sources.folding import fold, folded
from analysis.sources.quarantine import no_notes, note, notes, quoted
from analysis.sources.table_types import RawTable
from analysis.sources.tables import TABLES

PLATFORM_NUMBERS = ("sku_id", "item_number", "product_number", "offer_id")
"""Columns of an export's raw lines by which an article is looked up, the finest first."""


def one_category(
    orders: pd.DataFrame, stated_in: pd.Index, articles: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`orders` with each SKU in one category, and a remark on each row that says another one.

    The category is that of `articles`, else the newest that an order states; a blank one is filled in.

    Parameters
    ----------
    orders
        Order lines as known on a day, index (file, sheet, row).
    stated_in
        For each line the label of the row that states its category.
    articles
        The canonical table `articles`.
    """
    stated = orders.assign(place=np.arange(len(orders))).dropna(subset=["sku", "category"])
    newest = stated.sort_values("ordered_on", kind="stable").drop_duplicates("sku", keep="last").set_index("sku")
    declared = articles.dropna(subset=["sku", "category"]).drop_duplicates("sku").set_index("sku")["category"]
    by_sku = declared.combine_first(newest["category"])
    where = _labelled(newest[~newest.index.isin(declared.index)], stated_in)["label"]
    odd = _labelled(stated[stated["category"] != stated["sku"].map(by_sku)], stated_in).drop_duplicates(
        ["label", "sku"]
    )
    category = orders["sku"].map(by_sku).astype(orders["category"].dtype).fillna(orders["category"])
    return orders.assign(category=category), _told(odd, by_sku, where)


def _labelled(rows: pd.DataFrame, stated_in: pd.Index) -> pd.DataFrame:
    return rows.assign(label=pd.Series(stated_in[rows["place"]].to_list(), index=rows.index, dtype=object))


def _told(odd: pd.DataFrame, category: pd.Series, where: pd.Series) -> pd.DataFrame:
    """A remark on each row of `odd`; those of one SKU and category in a sheet are worded once."""
    if odd.empty:
        return no_notes()
    place = pd.DataFrame(odd["label"].to_list(), columns=["file", "sheet", "row"])
    rows = place.assign(**{name: odd[name].to_numpy() for name in ("label", "sku", "category")})
    kinds = rows.groupby(["file", "sheet", "sku", "category"], sort=False)
    worded = notes(_differs(kinds.head(1), category, where))
    told = worded.iloc[kinds.ngroup().to_numpy()].reset_index(drop=True)
    return told.assign(row=place["row"].astype("Int64"))


def _differs(odd: pd.DataFrame, category: pd.Series, where: pd.Series) -> Iterator[dict[str, object]]:
    for (file, sheet, row), sku, said in zip(odd["label"], odd["sku"], odd["category"]):
        values = {"value": said, "sku": sku, "counts": category[sku]}
        if sku in where:
            counts_file, _, counts_row = where[sku]
            place = {"counts_file": counts_file, "counts_row": counts_row}
            yield note("orders", file, sheet, row, "category", "category_differs", **values, **place)
        else:
            yield note("orders", file, sheet, row, "category", "category_of_article", **values)


def own_articles(
    raws: list[RawTable], missing: Sequence[frozenset[str]], told: list[dict[str, object]]
) -> list[RawTable]:
    """SKUs as the house has them: variants that share a 货号 told apart, numbers of the platform replaced by `articles`."""
    out = _variants_apart(raws, told)
    own, skus = _articles(out, missing, told)
    if not own:
        return out
    for place, raw in enumerate(out):
        if raw.table == "articles" or "sku" not in raw.frame:
            continue
        keys = folded(pd.Series(clean_column(raw.frame["sku"]), index=raw.frame.index))
        sku = keys.map(own).where(~keys.isin(skus))
        for name in reversed([name for name in PLATFORM_NUMBERS if name in raw.frame]):
            sku = folded(pd.Series(clean_column(raw.frame[name]), index=raw.frame.index)).map(own).fillna(sku)
        cells = raw.frame["sku"].astype(object).mask(sku.notna(), sku)
        out[place] = replace(raw, frame=raw.frame.assign(sku=cells))
    return out


def _articles(
    raws: Sequence[RawTable], missing: Sequence[frozenset[str]], told: list[dict[str, object]]
) -> tuple[dict[str, str], set[str]]:
    """Folded number of the platform -> the house's SKU, and the folded SKUs of the house."""
    own: dict[str, str] = {}
    skus: set[str] = set()
    for place, raw in enumerate(raws):
        if raw.table != "articles" or "sku" not in raw.frame or not len(raw.frame):
            continue
        table = TABLES["articles"]
        names = [name for name in ("sku", "platform_id") if name in raw.frame]
        read = pd.DataFrame({n: read_column(table.column(n), raw.frame[n], missing[place]).values for n in names})
        skus |= {fold(sku) for sku in read["sku"].dropna()}
        tied = read.dropna() if "platform_id" in read else read.iloc[:0].assign(platform_id="")
        for row, sku, number in zip(tied.index, tied["sku"], tied["platform_id"]):
            if fold(own.setdefault(fold(number), sku)) != fold(sku):
                values = {"value": number, "first": own[fold(number)]}
                told.append(
                    note("articles", raw.file, raw.sheet, int(row), "platform_id", "platform_id_twice", **values)
                )
    return own, skus


def _variants_apart(raws: list[RawTable], told: list[dict[str, object]]) -> list[RawTable]:
    """Lines whose SKU is a 货号 that several variants share get their SKU ID, or 货号 and 型号.

    Variants are of one offer or order, or of different 型号; a 货号 with a new SKU ID in a new offer is listed anew.
    """
    lines = _numbered_products(raws)
    if lines.empty:
        return raws
    article = lines[lines["variant"] != ""]
    several = article.groupby(["supplier", "number", "offer"])["variant"].transform("nunique") > 1
    several |= article.groupby(["supplier", "number", "order"])["variant"].transform("nunique") > 1
    models = article["model"].where(article["model"] != "").groupby([article["supplier"], article["number"]])
    several = (several | (models.transform("nunique") > 1)).reindex(lines.index, fill_value=False)
    shared = several.groupby([lines["supplier"], lines["number"]]).transform("any") & (lines["variant"] != "")
    out = list(raws)
    for place, rows in lines[shared].groupby("place"):
        raw = out[int(str(place))]
        cells = raw.frame["sku"].astype(object).copy()
        cells[rows["row"]] = rows["variant"].to_numpy(object)
        out[int(str(place))] = replace(raw, frame=raw.frame.assign(sku=cells))
        for line in rows.itertuples():
            values = {"value": quoted(line.product), "shown": quoted(line.variant)}
            told.append(note("orders", raw.file, raw.sheet, int(line.row), "sku", "variants_share_number", **values))
    return out


def _numbered_products(raws: Sequence[RawTable]) -> pd.DataFrame:
    """place row order offer supplier product number model (both folded) variant of the exports' lines whose SKU is the 货号."""
    found = []
    for place, raw in enumerate(raws):
        if not raw.export or not len(raw.frame):
            continue
        frame = raw.frame[(raw.frame["sku_from"] == "product_number").to_numpy(bool)]
        text = {
            name: pd.Series(clean_column(frame[name]), index=frame.index)
            for name in ("order_id", "offer_id", "supplier", "product_number", "sku_id", "model")
        }
        by_model = np.where(text["model"] == "", "", text["product_number"] + " " + text["model"])
        found.append(
            pd.DataFrame(
                {
                    "place": place,
                    "row": frame.index,
                    "order": text["order_id"].to_numpy(object),
                    "offer": text["offer_id"].to_numpy(object),
                    "supplier": folded(text["supplier"]).to_numpy(object),
                    "product": text["product_number"].to_numpy(object),
                    "number": folded(text["product_number"]).to_numpy(object),
                    "model": folded(text["model"]).to_numpy(object),
                    "variant": np.where(text["sku_id"] == "", by_model, text["sku_id"]),
                }
            )
        )
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame()
