"""Offers in force: for each supplier and SKU the newest valid quote with its ladder, or why there is none to reckon with.

A quote that has run out is not an offer. Where the supplier's last order has a price, that price stands in and the offer
says so (`basis` "order"); else the row is refused. Nothing is repaired in silence: a ladder that rises, a price that is no
price, terms that nobody understands are each named to the buyer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from analysis.decisions.offers.incoterms import (
    BUYER_PAYS,
    COLLECT,
    DELIVERED,
    NOBODY_KNOWS,
    FreightTerms,
    read_freight_terms,
)
from analysis.decisions.offers.paid import agreed_price, price_paid
from analysis.decisions.offers.payment_terms import PREPAID, PaymentTerms, read_payment_terms
from analysis.decisions.offers.places import HOME_TERRITORY
from analysis.decisions.offers.price_ladder import PriceLadder, check_ladder
from analysis.reasons import reason
from analysis.sources.candidates import STOOD_IN

BOUGHT = ("received", "open", "unknown")
"""Statuses of order lines whose price was really agreed."""


@dataclass(frozen=True)
class Offer:
    """What a supplier offers for an SKU. `basis`: "quote", "answered" or "listed" where nobody wrote a quote, or "order" when
    only the last order has the price.

    `terms` is None when the quote's words on freight say nothing that is known.
    """

    supplier: str
    sku: str
    ladder: PriceLadder
    terms: FreightTerms | None = BUYER_PAYS
    payment: PaymentTerms = PREPAID
    lead_time_days: float = np.nan
    sample_fee: float = 0.0
    mixed_batch: bool = False
    benchmark_price: float = np.nan
    basis: str = "quote"
    since: pd.Timestamp | None = None


@dataclass(frozen=True)
class Offers:
    """`offers` to reckon with, in order of supplier and SKU; `remarks`: `supplier sku code refused note`.

    A remark with `refused` says why there is no offer; the others are about offers that are kept.
    """

    offers: tuple[Offer, ...]
    remarks: pd.DataFrame
    too_large: tuple[Offer, ...] = ()
    """Those refused for a minimum that covers too many months (`sensible_minimum`): on offer all the same."""

    def of_sku(self, sku: str) -> tuple[Offer, ...]:
        """The offers for one SKU."""
        return tuple(offer for offer in self.offers if offer.sku == sku)

    @property
    def skus(self) -> tuple[str, ...]:
        """SKUs with an offer, in order."""
        return tuple(sorted({offer.sku for offer in self.offers}))


REMARK_COLUMNS = ["supplier", "sku", "code", "refused", "note"]
_PAIR = ["supplier", "sku"]


def offers_in_force(quotes: pd.DataFrame, orders: pd.DataFrame, as_of: pd.Timestamp) -> Offers:
    """The offers of the canonical `quotes` on `as_of`, and what is odd about them; `orders` stand in for expired quotes."""
    remarks: list[tuple[Any, ...]] = []
    offers: dict[tuple[str, str], Offer] = {}
    known = quotes.dropna(subset=_PAIR)
    ordered = known.sort_values([*_PAIR, "quoted_on", "quote_id", "min_quantity", "unit_price"])
    newest = ordered[ordered["quoted_on"] == ordered.groupby(_PAIR)["quoted_on"].transform("max")]
    last_quote = newest.groupby(_PAIR)["quote_id"].transform("last")
    newest = newest[newest["quote_id"] == last_quote]  # two on one day: the later number
    last, tokens = _last_orders(orders)
    standing = _older_that_stand(ordered, newest, as_of)
    for first, steps in _by_pair(newest):
        pair = first["supplier"], first["sku"]
        if pd.notna(until := first["valid_until"]) and until < as_of:
            _expired(*pair, until, last, offers, remarks)
            continue
        _quoted(first, _with_older_steps(first, steps, standing.get(pair, []), remarks), offers, remarks)
    told = {found[:2] for found in remarks}
    for (supplier, sku), row in last.items():
        if (supplier, sku) not in offers and (supplier, sku) not in told:
            _ordered(supplier, sku, row, offers, remarks, "never_quoted")
    return Offers(tuple(offers[pair] for pair in sorted(offers)), _remark_table([*remarks, *tokens]))


SAME_TERMS = ["freight_terms", "payment_terms", "deposit_share", "credit_days"]


def _by_pair(rows: pd.DataFrame) -> Iterator[tuple[dict[Any, Any], dict[int, float]]]:
    """The first row and the price by quantity of each pair; `rows` in order of supplier and SKU, the last of a quantity counts."""
    first = ~rows.duplicated(_PAIR).to_numpy()
    starts = np.flatnonzero(first)
    quantities, prices = rows["min_quantity"].astype(int).tolist(), rows["unit_price"].astype(float).tolist()
    ends = [*starts[1:].tolist(), len(rows)]
    for record, start, end in zip(rows[first].to_dict("records"), starts.tolist(), ends):
        yield record, dict(zip(quantities[start:end], prices[start:end]))


def _older_that_stand(
    ordered: pd.DataFrame, newest: pd.DataFrame, as_of: pd.Timestamp
) -> dict[tuple[str, str], list[dict[Any, Any]]]:
    """By supplier and SKU the steps of older quotes that name a day until which they hold, not past yet; where none is cheaper than
    a step of the newest, or sold in smaller lots, there is nothing to take from them."""
    latest = newest.groupby(_PAIR).agg(
        on=("quoted_on", "first"), least=("min_quantity", "min"), dearest=("unit_price", "max")
    )
    older = ordered[ordered["valid_until"] >= as_of].join(latest, on=_PAIR)
    older = older[older["quoted_on"] < older["on"]]
    useful = (older["unit_price"] < older["dearest"]) | (older["min_quantity"] < older["least"])
    pairs = pd.MultiIndex.from_frame(older.loc[useful, _PAIR])
    found: dict[tuple[str, str], list[dict[Any, Any]]] = {pair: [] for pair in pairs}
    for row in older.to_dict("records"):
        if (pair := (row["supplier"], row["sku"])) in found:
            found[pair].append(row)
    return found


def _with_older_steps(
    first: Mapping[Any, Any], steps: dict[int, float], older: Iterable[Mapping[Any, Any]], remarks: list[Any]
) -> dict[int, float]:
    """The steps of the newest quote and those of an older one that still holds, on the same terms, and is cheaper."""
    alike = [row for row in older if _terms_of(row) == _terms_of(first)]
    cheaper = [row for row in alike if row["unit_price"] < _price_at(steps, row["min_quantity"])]
    prices = list(steps.values())
    if not cheaper or prices != sorted(prices, reverse=True):
        return steps
    step = cheaper[0]
    values = {"until": step["valid_until"], "quantity": int(step["min_quantity"]), "price": float(step["unit_price"])}
    remarks.append((first["supplier"], first["sku"], "older_step_stands", False, values))
    both = [*steps.items(), *((int(row["min_quantity"]), float(row["unit_price"])) for row in alike)]
    return {quantity: min(price for least, price in both if least <= quantity) for quantity in sorted(dict(both))}


def _terms_of(quote: Mapping[Any, Any]) -> list[Any]:
    return ["" if pd.isna(quote[name]) else quote[name] for name in SAME_TERMS]


def _price_at(steps: Mapping[int, float], quantity: int) -> float:
    """The price of the quote's steps, which are in order, at a quantity; infinite below the least."""
    return [np.inf, *(price for least, price in steps.items() if least <= quantity)][-1]


def _quoted(
    first: Mapping[Any, Any], steps: Mapping[int, float], offers: dict[tuple[str, str], Offer], remarks: list[Any]
) -> None:
    """The offer of one quote, or the remark why it is refused."""
    supplier, sku = str(first["supplier"]), str(first["sku"])
    ladder = PriceLadder(tuple(steps), tuple(steps.values()))
    try:
        check_ladder(ladder)
    except ValueError:
        bad = "price_not_positive" if min(ladder.prices) <= 0 else "ladder_rises"
        remarks.append((supplier, sku, bad, True, {"prices": ", ".join(f"{price:.2f}" for price in ladder.prices)}))
        return
    terms = read_freight_terms(first["freight_terms"])
    if terms is None:
        said = "" if pd.isna(first["freight_terms"]) else str(first["freight_terms"])
        remarks.append((supplier, sku, "terms_unknown" if said else "terms_missing", False, {"terms": said}))
    if terms is not None and terms.enters == NOBODY_KNOWS:
        remarks.append((supplier, sku, "border_unknown", False, {"terms": str(first["freight_terms"])}))
    offers[supplier, sku] = Offer(
        supplier, sku, ladder, None if terms is None else terms.at_prices(ladder),
        _payment_of(supplier, sku, first, remarks),
        _number(first["lead_time_days"]), _number(first["sample_fee"], 0.0),
        bool(first["mixed_batch"]) if pd.notna(first["mixed_batch"]) else False,
        _number(first["benchmark_price"]), first["quote_id"] if first["quote_id"] in STOOD_IN else "quote", first["quoted_on"],
    )  # fmt: skip


def _payment_of(supplier: str, sku: str, first: Mapping[Any, Any], remarks: list[Any]) -> PaymentTerms:
    """The terms of payment of a quote, with a remark where its words are not understood."""
    terms, understood = payment_of_quote(first)
    if not understood:
        remarks.append((supplier, sku, "payment_unknown", False, {"terms": str(first["payment_terms"])}))
    return terms


def payment_of_quote(row: Mapping[Any, Any]) -> tuple[PaymentTerms, bool]:
    """The terms of payment as the columns of deposit and credit state them, else as the words do; False where these are not understood."""
    said, deposit, days = (
        None if pd.isna(row[name]) else row[name] for name in ("payment_terms", "deposit_share", "credit_days")
    )
    return _payment("" if said is None else str(said), deposit, days)


@lru_cache(maxsize=1024)
def _payment(said: str, deposit: float | None, days: float | None) -> tuple[PaymentTerms, bool]:
    """The same, read once of what many quotes of a house say alike."""
    written = read_payment_terms(said)
    terms = written or PREPAID
    ahead = terms.deposit_share if deposit is None else float(deposit)
    later = terms.credit_days if days is None else float(days)
    fits = ahead + terms.dispatch_share <= 1
    known = replace(terms, deposit_share=ahead, credit_days=later) if fits else PaymentTerms(ahead, later)
    return known, not said or (written is not None and fits)


def _expired(
    supplier: str,
    sku: str,
    until: pd.Timestamp,
    last: dict[tuple[str, str], dict[str, Any]],
    offers: dict[tuple[str, str], Offer],
    remarks: list[Any],
) -> None:
    """An expired quote: the last order's price stands in, else the offer is refused."""
    if (supplier, sku) in last:
        _ordered(supplier, sku, last[supplier, sku], offers, remarks, "expired_last_order", until=until)
    else:
        remarks.append((supplier, sku, "expired", True, {"until": until}))


def _ordered(
    supplier: str,
    sku: str,
    row: Any,
    offers: dict[tuple[str, str], Offer],
    remarks: list[Any],
    code: str,
    **values: object,
) -> None:
    """An offer at the last order's price, with who paid the freight of that order; other terms are not known."""
    ladder = PriceLadder((1,), (float(row["unit_price"]),))
    terms = terms_of_order(row)
    if terms is not None and terms.enters == NOBODY_KNOWS:
        remarks.append((supplier, sku, "border_unknown", False, {"terms": str(row["freight_terms"])}))
    offers[supplier, sku] = Offer(supplier, sku, ladder, terms, basis="order", since=row["ordered_on"])
    remarks.append((supplier, sku, code, False, _told_of(row) | values))


def terms_of_order(row: dict[str, Any]) -> FreightTerms | None:
    """Who paid the freight of an order, as its terms say; else nobody but the seller when nothing was billed, unless the goods were
    fetched; with duty paid they crossed the border."""
    if (written := read_freight_terms(row["freight_terms"])) is not None:
        return written
    if pd.notna(row["duty"]) and row["duty"] > 0:
        return FreightTerms(enters=HOME_TERRITORY)
    if row["transport_mode"] == "pickup":
        return COLLECT
    if pd.isna(row["freight"]):
        return None
    return BUYER_PAYS if row["freight"] > 0 else DELIVERED


def _last_orders(orders: pd.DataFrame) -> tuple[dict[tuple[str, str], dict[str, Any]], list[tuple[Any, ...]]]:
    """The newest order line with a price, by supplier and SKU; `unit_price` is what was paid for a piece. And a remark for each pair whose
    newest line cost a token, such as goods sent again for 0.01."""
    bought = (
        orders[orders["status"].isin(BOUGHT)].dropna(subset=_PAIR).sort_values(["ordered_on", "order_id", "line_no"])
    )
    rows = bought.assign(unit_price=price_paid(bought))[
        [*_PAIR, "ordered_on", "quantity", "unit_price", "freight", "duty", "transport_mode", "freight_terms"]
    ]
    priced, token = rows["unit_price"] > 0, agreed_price(bought).isna()
    last = rows[priced & ~token].drop_duplicates(_PAIR, keep="last").to_dict("records")
    newest = rows[priced].drop_duplicates(_PAIR, keep="last")
    told = [
        (row["supplier"], row["sku"], "token_price", False, _told_of(row))
        for row in newest[token.reindex(newest.index)].to_dict("records")
    ]
    return {(row["supplier"], row["sku"]): row for row in last}, told


def _told_of(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {"price": row["unit_price"], "on": row["ordered_on"], "quantity": int(row["quantity"])}


def _number(value: Any, missing: float = np.nan) -> float:
    return missing if pd.isna(value) else float(value)


def remark(supplier: str, sku: str, code: str, refused: bool, values: dict[str, Any]) -> dict[str, Any]:
    """One row of remarks; dates are told as days."""
    told = {k: f"{v:%Y-%m-%d}" if isinstance(v, pd.Timestamp) else v for k, v in values.items()}
    return {"supplier": supplier, "sku": sku, "code": code, "refused": refused, "note": reason(f"costs.{code}", **told)}


def _remark_table(remarks: list[tuple[Any, ...]]) -> pd.DataFrame:
    rows = [remark(*told) for told in sorted(remarks, key=lambda told: told[:3])]
    return pd.DataFrame(rows, columns=REMARK_COLUMNS).astype({"refused": bool})


def sensible_minimum(offers: Offers, monthly_demand: pd.Series, sensible_months: float) -> Offers:
    """The offers whose minimum order covers no more than `sensible_months` of demand; the others are refused by name.

    `monthly_demand` pieces by SKU; an SKU whose demand nobody knows is not judged.
    """
    kept, large, rows = [], [], []
    for offer in offers.offers:
        demand = float(monthly_demand.get(offer.sku, np.nan))
        if demand * sensible_months >= offer.ladder.minimum or np.isnan(demand):
            kept.append(offer)
            continue
        large.append(offer)
        values = {
            "minimum": offer.ladder.minimum,
            "demand": demand,
            "months": offer.ladder.minimum / demand if demand else np.inf,
        }
        rows.append(remark(offer.supplier, offer.sku, "minimum_above_demand", True, values))
    added = pd.DataFrame(rows, columns=REMARK_COLUMNS).astype({"refused": bool})
    remarks = (
        pd.concat([part for part in (offers.remarks, added) if len(part)], ignore_index=True)
        if rows
        else offers.remarks
    )
    return Offers(tuple(kept), remarks, tuple(large))
