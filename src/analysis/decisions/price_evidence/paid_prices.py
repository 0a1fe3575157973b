"""What each supplier was really paid for each SKU: the last two orders, and the orders that bear a quote out."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.decisions.offers import BOUGHT, Offer, price_paid

PAIR = ["supplier", "sku"]
MONTHS_OF_BUYING = 3


def paid_lines(orders: pd.DataFrame) -> pd.DataFrame:
    """Order lines whose price was agreed, oldest first: `order_id supplier sku ordered_on status pieces price freight_share`.

    `price` a piece after discounts and surcharges; `freight_share` the freight that was billed, as a share of the goods.
    """
    price = price_paid(orders)
    pieces = orders["quantity"].astype(float)
    lines = orders.assign(price=price, pieces=pieces, freight_share=orders["freight"].astype(float) / (price * pieces))
    lines = lines[lines["status"].isin(BOUGHT) & (lines["price"] > 0) & lines["sku"].notna()]
    kept = ["order_id", *PAIR, "ordered_on", "status", "pieces", "price", "freight_share"]
    return lines.sort_values(["ordered_on", "order_id", "line_no"], kind="stable")[kept].reset_index(drop=True)


def last_paid(lines: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """By supplier and SKU: the last order's `paid paid_on paid_pieces`, the one before (`earlier earlier_on earlier_pieces`), and
    the pieces bought a month lately (`monthly`)."""
    last = lines.drop_duplicates(PAIR, keep="last")
    rest = lines.drop(index=last.index)
    before = rest[~rest["order_id"].isin(last["order_id"])].drop_duplicates(PAIR, keep="last")
    names = {"price": "paid", "ordered_on": "paid_on", "pieces": "paid_pieces"}
    earlier = {"price": "earlier", "ordered_on": "earlier_on", "pieces": "earlier_pieces"}
    lately = lines[lines["ordered_on"] > as_of - pd.DateOffset(months=MONTHS_OF_BUYING)]
    monthly = lately.groupby(PAIR)["pieces"].sum().rename("monthly") / MONTHS_OF_BUYING
    told = last.set_index(PAIR)[list(names)].rename(columns=names)
    return told.join(before.set_index(PAIR)[list(earlier)].rename(columns=earlier)).join(monthly)


def borne_out(offers: list[Offer], lines: pd.DataFrame, tolerance: float) -> pd.DataFrame:
    """For each offer, in order: the received orders and pieces that cost its price or less (`bought_orders bought_pieces`), and
    `over_quote`: by what share the last order since the quote cost more than quoted (NaN: none was placed), freight included where
    the seller was to bear it."""
    places = lines.groupby(PAIR, sort=False).indices
    columns = {
        name: lines[name].to_numpy()
        for name in ("order_id", "ordered_on", "status", "pieces", "price", "freight_share")
    }
    none = np.array([], dtype=int)
    found = [
        _own(of, {name: values[places.get((of.supplier, of.sku), none)] for name, values in columns.items()}, tolerance)
        for of in offers
    ]
    return pd.DataFrame(found, columns=["bought_orders", "bought_pieces", "over_quote"])


def _own(offer: Offer, own: dict[str, np.ndarray], tolerance: float) -> tuple[int, float, float]:
    """What the supplier's own lines of the SKU say of one offer."""
    if not len(own["price"]):
        return 0, 0.0, np.nan
    quoted = offer.ladder.price(np.maximum(own["pieces"], offer.ladder.minimum))
    cost = own["price"] * (1 + np.where(_free(offer, own), np.nan_to_num(own["freight_share"]), 0.0))
    good = (cost <= quoted * (1 + tolerance)) & (own["status"] == "received")
    since = own["ordered_on"] >= np.datetime64(offer.since) if offer.since is not None else np.zeros(len(cost), bool)
    last = float((cost / quoted)[since][-1] - 1) if offer.basis == "quote" and since.any() else np.nan
    return len(set(own["order_id"][good])), float(own["pieces"][good].sum()), last


def _free(offer: Offer, own: dict[str, np.ndarray]) -> np.ndarray:
    """Whether the seller bears the freight of each of the lines."""
    if offer.terms is None:
        return np.zeros(len(own["price"]), bool)
    return np.asarray(offer.terms.freight_is_free(own["price"] * own["pieces"], own["pieces"]), bool)
