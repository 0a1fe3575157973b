"""Reconciliation (采购对账): quote against order against receipt against payment, one reason a difference.

The sum paid is led back to the sum expected (`payment_chain`); beside that chain stand claims on goods already paid (`claims`).
Differences within the tolerances of `[[reconciliation]]`, and money of lines that the house calls settled, are not told.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.decisions.offers import (
    FreightTerms,
    paid_before_refunds,
    payment_of_quote,
    price_paid,
    read_freight_terms,
    settled_refunds,
)
from analysis.decisions.sourcing.claims import claims_of, less_refunds
from analysis.decisions.sourcing.differences import LINE, Tolerances, told_in_order
from analysis.decisions.sourcing.payment_chain import chain_differences

CREDIT = ["deposit_share", "credit_days", "payment_terms"]


def reconcile(tables: Mapping[str, pd.DataFrame], as_of: pd.Timestamp, limits: Tolerances) -> pd.DataFrame:
    """Every difference of the canonical `orders` against `quotes`, `inspections`, `returns`: `DIFFERENCE_COLUMNS`.

    Orders that were cancelled or never paid are left out, and money of lines that `settlements` (where given) call settled. Sorted by
    supplier, order, line and reason.
    """
    lines = _lines(tables["orders"], tables["quotes"], tables["returns"], as_of)
    found = claims_of(lines, tables, chain_differences(lines, limits), as_of, limits)
    rows = pd.concat([part for part in found if len(part)] or [pd.DataFrame(columns=_RAW)], ignore_index=True)
    rows = less_refunds(rows.reindex(columns=_RAW), lines, limits)
    return told_in_order(rows[~(_agreed(rows, lines, tables, limits) & (rows["difference"] != 0))])


def _agreed(
    rows: pd.DataFrame, lines: pd.DataFrame, tables: Mapping[str, pd.DataFrame], limits: Tolerances
) -> np.ndarray:
    """(rows,) whether the line is settled: a day tells so too. What arose after that day reopens it: a return that is not settled itself
    (of one without a day nobody knows that it came before), goods that did not come, a refund under way."""
    if "settlements" not in tables or tables["settlements"].empty:
        return np.zeros(len(rows), bool)
    done = tables["settlements"]
    done = done[done["settled"].astype("boolean").fillna(done["settled_on"].notna()).astype(bool)]
    then = done[[*LINE, "settled_on"]].rename(columns={"settled_on": "then"}).dropna(subset="then")
    back = tables["returns"]
    back = back[back["settled_on"].isna()].merge(then, on=LINE)
    claimed = rows.loc[rows["told"].isin(["missing", "refunding"]), [*LINE, "told"]]
    claimed = claimed.merge(lines[[*LINE, "promised_on", "known_on"]], on=LINE).merge(then, on=LINE)
    gone = claimed["promised_on"] + pd.Timedelta(days=limits.missing_days)
    seen = gone.where(claimed["told"] == "missing", claimed["known_on"])
    again = [back.loc[~(back["opened_on"] <= back["then"]), LINE], claimed.loc[seen > claimed["then"], LINE]]
    settled, reopened = map(_numbered, (done, pd.concat(again)))
    return _numbered(rows).isin(settled.difference(reopened))


def _numbered(rows: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(rows[LINE].astype({"line_no": "Int64"}))


_RAW = [*LINE, "supplier", "sku", "stage", "reason", "expected", "actual", "difference", "told", "sending"]


def _lines(orders: pd.DataFrame, quotes: pd.DataFrame, returns: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Paid order lines with the price quoted for their quantity on their day (NaN: none), the freight due (NaN: not known),
    the `price` paid for a piece, whether something is `not_due` yet, the money of returns `settled` and what of it is `beyond` their pieces, what was
    `paid_before` any of it came back and what is still `out` with the supplier."""
    lines = orders[~orders["status"].isin(["cancelled", "unpaid"])].reset_index(drop=True)
    for name in ("quantity", "unit_price", "goods_amount", "freight", "duty", "discount", "paid_amount"):
        lines[name] = lines[name].astype(float)
    quoted = _quoted_price(lines, quotes)
    lines["quoted_price"] = quoted["unit_price"].to_numpy()
    of_order = lines.groupby("order_id")[["goods_amount", "quantity"]].transform("sum")
    terms = {text: read_freight_terms(text) for text in quoted["freight_terms"].dropna().unique()}
    free = [
        terms.get(text) is not None and bool(terms[text].freight_is_free(goods, pieces))  # type: ignore[union-attr]
        for text, goods, pieces in zip(quoted["freight_terms"], of_order["goods_amount"], of_order["quantity"])
    ]
    lines["freight_due"] = np.where(free, 0.0, lines["freight"])
    lines["duty_due"] = _duty_due(lines, quoted["freight_terms"], terms)
    lines["price"] = price_paid(lines)
    lines["not_due"] = _not_due(lines, quoted, as_of)
    lines[["settled", "beyond"]] = settled_refunds(lines, returns)
    lines["paid_before"] = paid_before_refunds(lines, lines["settled"])
    return lines.assign(out=lines["paid_before"] - lines["settled"])


def _duty_due(lines: pd.DataFrame, quoted: pd.Series, terms: Mapping[str, FreightTerms | None]) -> np.ndarray:
    """The duty that is the buyer's own: what was paid at the border, unless the order's terms, else its quote's, say that the goods
    cross none or that the seller pays it. No supplier can give back what the customs took."""
    of_order = {text: read_freight_terms(text) for text in lines["freight_terms"].dropna().unique()}
    own = [of_order.get(text) or terms.get(said) for text, said in zip(lines["freight_terms"], quoted)]
    buyers = [said is None or bool(said.enters and said.buyer_pays("duty")) for said in own]
    return np.where(buyers, lines["duty"].fillna(0.0), 0.0)


def _not_due(lines: pd.DataFrame, quoted: pd.DataFrame, as_of: pd.Timestamp) -> np.ndarray:
    """Whether the rest of a line falls due after `as_of`: of goods on the road always, of those received by the quote's credit."""
    found = lines["status"].eq("open").to_numpy(bool, copy=True)
    short = np.flatnonzero(~found & (lines["paid_amount"] < lines["goods_amount"]) & lines["received_on"].notna())
    terms = [payment_of_quote(row)[0] for row in quoted[CREDIT].iloc[short].to_dict("records")]
    found[short] = [of.due_after(day) > as_of for of, day in zip(terms, lines["received_on"].iloc[short])]
    return found


def _quoted_price(lines: pd.DataFrame, quotes: pd.DataFrame) -> pd.DataFrame:
    """Price and freight terms of the newest quote valid on each line's day, at the step of its quantity; in the lines' order."""
    keys = lines[["supplier", "sku", "ordered_on", "quantity"]].assign(place=np.arange(len(lines)))
    steps = quotes.dropna(subset=["supplier", "sku"])[
        [
            "supplier",
            "sku",
            "quote_id",
            "quoted_on",
            "valid_until",
            "min_quantity",
            "unit_price",
            "freight_terms",
            *CREDIT,
        ]
    ]
    pairs = keys.merge(steps, on=["supplier", "sku"])
    valid = (pairs["quoted_on"] <= pairs["ordered_on"]) & ~(pairs["valid_until"] < pairs["ordered_on"])
    pairs = pairs[valid & (pairs["min_quantity"] <= pairs["quantity"])]
    chosen = pairs.sort_values(["place", "quoted_on", "quote_id", "min_quantity"]).drop_duplicates("place", keep="last")
    return chosen.set_index("place").reindex(range(len(lines)))
