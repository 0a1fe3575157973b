"""What each supplier was really paid for each SKU: the last two orders, and the orders that bear a quote out."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.decisions.offers import BOUGHT, FreightTerms, Offer, agreed_price

PAIR = ["supplier", "sku"]
MONTHS_OF_BUYING = 3


def paid_lines(orders: pd.DataFrame) -> pd.DataFrame:
    """Order lines whose price was agreed, oldest first: `order_id supplier sku ordered_on status pieces price freight_share`.

    `price` a piece after discounts and surcharges, a token (goods sent again for 0.01) left out; `freight_share` the freight that was billed, as a share of the goods.
    """
    price = agreed_price(orders)
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
    `over_quote`: by what share the last order since the quote cost more than quoted, freight included where the seller was to bear it
    (NaN: none was placed of the pieces that the quote is for; a sample below its minimum has a price of its own)."""
    pairs = pd.MultiIndex.from_tuples([(of.supplier, of.sku) for of in offers], names=PAIR)
    at = pairs.get_indexer(pd.MultiIndex.from_frame(lines[PAIR]))
    own, at = lines[at >= 0].reset_index(drop=True), at[at >= 0]
    pieces, price = own["pieces"].to_numpy(float), own["price"].to_numpy(float)
    quoted = _quoted(offers, at, pieces)
    cost = price * (1 + np.where(_free(offers, at, price * pieces, pieces), own["freight_share"].fillna(0.0), 0.0))
    good = (cost <= quoted * (1 + tolerance)) & own["status"].eq("received").to_numpy()
    bought = own[good].assign(at=at[good]).groupby("at")
    found = pd.DataFrame({"bought_orders": bought["order_id"].nunique(), "bought_pieces": bought["pieces"].sum()})
    found = found.reindex(pd.RangeIndex(len(offers))).fillna(0).astype({"bought_orders": int, "bought_pieces": float})
    since = np.array([np.datetime64("NaT") if of.since is None else np.datetime64(of.since) for of in offers], "M8[us]")
    written = np.array([of.basis == "quote" for of in offers], bool)
    least = np.array([of.ladder.minimum for of in offers], float)
    later = written[at] & (own["ordered_on"].to_numpy("M8[us]") >= since[at]) & ~(pieces < least[at])
    over = pd.Series(cost / quoted - 1)[later].groupby(at[later]).last()
    return found.assign(over_quote=over.reindex(range(len(offers))).astype(float))


def _quoted(offers: list[Offer], at: np.ndarray, pieces: np.ndarray) -> np.ndarray:
    """What the offer in place `at` asks for a piece of so many, at its minimum for fewer."""
    steps = [
        (place, q, price) for place, of in enumerate(offers) for q, price in zip(of.ladder.quantities, of.ladder.prices)
    ]
    place, quantity, price = (np.array(column, float) for column in zip(*steps))
    first = np.searchsorted(place, np.arange(len(offers)))
    asked = np.nan_to_num(
        np.maximum(pieces, quantity[first][at]), nan=quantity.max()
    )  # of nobody knows how many: the last step
    far = max(quantity.max(), asked.max(initial=0.0)) + 1.0
    return price[np.searchsorted(place * far + quantity, at * far + asked, side="right") - 1]


def _free(offers: list[Offer], at: np.ndarray, value: np.ndarray, pieces: np.ndarray) -> np.ndarray:
    """Whether the seller bears the freight of each of the lines, terms by terms."""
    numbers = dict[FreightTerms | None, int]()
    of_offer = np.array([numbers.setdefault(of.terms, len(numbers)) for of in offers], dtype=np.int64)
    free = np.zeros(len(at), bool)
    for terms, number in numbers.items():
        here = of_offer[at] == number
        if terms is not None and here.any():
            free[here] = terms.freight_is_free(value[here], pieces[here])
    return free
