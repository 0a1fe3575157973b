"""A SKU is one article: it stands in one category, whatever the single orders say."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from analysis.sources.quarantine import note, notes


def one_category(
    orders: pd.DataFrame, stated_in: pd.Series, articles: pd.DataFrame
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
    stated = orders.assign(label=stated_in.to_numpy()).dropna(subset=["sku", "category"])
    newest = stated.sort_values("ordered_on", kind="stable").drop_duplicates("sku", keep="last").set_index("sku")
    declared = articles.dropna(subset=["sku", "category"]).drop_duplicates("sku").set_index("sku")["category"]
    by_sku = declared.combine_first(newest["category"])
    where = newest.loc[~newest.index.isin(declared.index), "label"]
    odd = stated[stated["category"] != stated["sku"].map(by_sku)].drop_duplicates(["label", "sku"])
    category = orders["sku"].map(by_sku).astype(orders["category"].dtype).fillna(orders["category"])
    return orders.assign(category=category), notes(_differs(odd, by_sku, where))


def _differs(odd: pd.DataFrame, category: pd.Series, where: pd.Series) -> Iterator[dict[str, object]]:
    for (file, sheet, row), sku, said in zip(odd["label"], odd["sku"], odd["category"]):
        values = {"value": said, "sku": sku, "counts": category[sku]}
        if sku in where:
            counts_file, _, counts_row = where[sku]
            place = {"counts_file": counts_file, "counts_row": counts_row}
            yield note("orders", file, sheet, row, "category", "category_differs", **values, **place)
        else:
            yield note("orders", file, sheet, row, "category", "category_of_article", **values)
