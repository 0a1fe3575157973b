"""A SKU is one article: one number of the house, whatever the platform's numbers, and one category, whatever single orders say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.sources.cell_numbers import read_numbers
from analysis.sources.cells import clean_column
from analysis.sources.column_cells import read_column
from analysis.sources.folding import fold, folded
from analysis.sources.odd_rows import clearly_dearer
from analysis.sources.quarantine import no_notes, note, notes, quoted
from analysis.sources.table_types import RawTable
from analysis.sources.tables import TABLES
from analysis.sources.variants_listed import variants_apart

PLATFORM_NUMBERS = ("sku_id", "item_number", "product_number", "offer_id")
"""Columns of an export's raw lines by which an article is looked up, the finest first."""

_OF_SEVERAL = ("product_number", "offer_id", "title")
"""Columns of a SKU that may be the name of several variants; 单品货号 and SKU ID are those of one."""
_OTHER_GOODS = 2.0
"""Times a supplier's price from which another supplier's is hardly that of the same article."""
_ONE_NAME = ["supplier", "source", "number"]


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
    if by_sku.empty:
        return orders, no_notes()
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
    out = variants_apart(_variants_apart(raws, told), told)
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
    """Lines whose SKU is a 货号 that several variants share get their SKU ID, or 货号 and 型号 (else 物料编号); those whose SKU is an offer
    or a title get their 型号 too, where the prices of one order tell their variants apart.

    Variants of a 货号 are of one offer or order, or of different 型号; a 货号 with a new SKU ID in a new offer is listed anew.
    """
    lines = _named_products(raws)
    if lines.empty:
        return raws
    told += _of_other_goods(lines[lines["source"] == "product_number"], raws)
    article = lines[lines["variant"] != ""]
    several = _several(article) & (article["source"] == "product_number")
    several |= _priced_apart(article) & (article["source"] != "product_number")
    one = _of_the_house(article, raws) & (article["source"] == "product_number")
    told += _as_one(article[several & one].drop_duplicates(_ONE_NAME), raws)
    several = (several & ~one).reindex(lines.index, fill_value=False)
    shared = several.groupby([lines[name] for name in _ONE_NAME]).transform("any") & (lines["variant"] != "")
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


def _several(article: pd.DataFrame) -> pd.Series:
    """Whether several variants of an offer, of an order or by 型号 have the line's 货号."""
    several = article.groupby([*_ONE_NAME, "offer"])["variant"].transform("nunique") > 1
    several |= article.groupby([*_ONE_NAME, "order"])["variant"].transform("nunique") > 1
    models = article["model"].where(article["model"] != "").groupby([article[name] for name in _ONE_NAME])
    return several | (models.transform("nunique") > 1)


def _priced_apart(article: pd.DataFrame) -> pd.Series:
    """Whether the variants of the line's name have clearly different prices in its order."""
    cheapest = article.groupby([*_ONE_NAME, "order", "variant"])["price"].transform("min")
    prices = cheapest.groupby([article[name] for name in (*_ONE_NAME, "order")])
    return clearly_dearer(prices.transform("min"), prices.transform("max"))


def _of_the_house(article: pd.DataFrame, raws: Sequence[RawTable]) -> pd.Series:
    """Whether the house's own tables name the line's 货号 and none of its variants, and these have one price: colours of one article,
    which nobody counts apart."""
    cells = [clean_column(raw.frame["sku"]) for raw in raws if not raw.export and "sku" in raw.frame]
    names = {fold(cell) for column in cells for cell in column}
    prices = article.groupby([*_ONE_NAME, "variant"])["price"].transform("median")
    by_name = [article[name] for name in _ONE_NAME]
    dearer = clearly_dearer(prices.groupby(by_name).transform("min"), prices.groupby(by_name).transform("max"))
    variant_named = folded(article["variant"]).isin(names).groupby(by_name).transform("any")
    return article["number"].isin(names) & ~variant_named & ~dearer


def _as_one(lines: pd.DataFrame, raws: Sequence[RawTable]) -> Iterator[dict[str, object]]:
    """A remark on each 货号 whose variants are one article."""
    for line in lines.itertuples():
        raw = raws[line.place]
        yield note("orders", raw.file, raw.sheet, int(line.row), "sku", "variants_are_one", value=quoted(line.product))


def _of_other_goods(lines: pd.DataFrame, raws: Sequence[RawTable]) -> Iterator[dict[str, object]]:
    """A remark on each 货号 that two suppliers use at prices and with titles that are hardly those of one article."""
    by_supplier = lines.groupby(["number", "supplier"], sort=False).agg(
        {"price": "median", "title": "first", "place": "first", "row": "first", "product": "first"}
    )
    priced = by_supplier[by_supplier["price"] > 0].sort_values("price", kind="stable")
    for _, rows in priced[priced.index.get_level_values("number").duplicated(keep=False)].groupby(level="number"):
        low, high = rows.iloc[0], rows.iloc[-1]
        one, other = set(fold(low["title"])) - {" "}, set(fold(high["title"])) - {" "}
        if high["price"] >= _OTHER_GOODS * low["price"] and 2 * len(one & other) < min(len(one), len(other)):
            raw, first = raws[high["place"]], raws[low["place"]]
            yield note(
                "orders", raw.file, raw.sheet, int(high["row"]), "sku", "number_of_other_goods",
                value=quoted(high["product"]), low=f"{low['price']:.2f}", high=f"{high['price']:.2f}",
                first_file=first.file, first_row=int(low["row"]),
            )  # fmt: skip


def _named_products(raws: Sequence[RawTable]) -> pd.DataFrame:
    """place row source (column of the SKU) order offer supplier product number model (both folded) variant title price of the exports'
    lines whose SKU is the name of more than one variant at times."""
    found = []
    for place, raw in enumerate(raws):
        if not raw.export or not len(raw.frame):
            continue
        frame = raw.frame[raw.frame["sku_from"].isin(_OF_SEVERAL).to_numpy(bool)]
        text = {
            name: pd.Series(clean_column(frame[name]), index=frame.index)
            for name in ("order_id", "offer_id", "supplier", "sku", "sku_id", "model", "title", "material_number")
        }
        model = text["model"].where(text["model"] != "", text["material_number"])
        by_model = np.where(model == "", "", text["sku"] + " " + model)
        found.append(
            pd.DataFrame(
                {
                    "place": place,
                    "row": frame.index,
                    "source": frame["sku_from"].to_numpy(object),
                    "order": text["order_id"].to_numpy(object),
                    "offer": text["offer_id"].to_numpy(object),
                    "supplier": folded(text["supplier"]).to_numpy(object),
                    "product": text["sku"].to_numpy(object),
                    "number": folded(text["sku"]).to_numpy(object),
                    "model": folded(model).to_numpy(object),
                    "variant": np.where(text["sku_id"] == "", by_model, text["sku_id"]),
                    "title": text["title"].to_numpy(object),
                    "price": read_numbers(frame["unit_price"], "money").values.to_numpy(float),
                }
            )
        )
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame()
