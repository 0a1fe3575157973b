"""The offers of each SKU side by side at one quantity, and what is odd about a price.

All offers of an SKU are priced at the same pieces: a month's need, or the middle minimum order where no need is known; one whose
minimum is more is priced at its minimum and says so. The market's middle is the median of the *other* offers and the reference
price, so that a price cannot hide in its own average. An offer far below it is a trap until orders really paid bear it out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.decisions.offers import Offer, Offers
from analysis.decisions.price_evidence.benchmark import benchmark_ratios
from analysis.decisions.price_evidence.paid_prices import PAIR, borne_out, last_paid, paid_lines
from analysis.decisions.price_evidence.rule import PriceRule
from analysis.reasons import joined, reason
from analysis.sources.tables import empty

COMPARISON_COLUMNS = [
    "sku", "supplier", "basis", "quoted_on", "quantity", "min_quantity", "unit_price", "goods", "tax_included", "freight_terms",
    "deposit_share", "credit_days", "payment_terms", "lead_time_days", "sample_fee", "mixed_batch", "others", "market_price", "below_market",
    "trap", "borne_out", "bought_pieces", "paid_price", "paid_on", "over_quote", "price_before", "rise", "rise_money",
    "floor_price_30d", "above_floor", "ratio_to_named", "conclusion", "note",
]  # fmt: skip
"""`below_market`: share by which the price lies below the middle of the others (negative: above). `rise`: the price now against
what was paid before, at the same quantity; `rise_money`: what it costs more a month, at the pieces bought of it lately. `deposit_share`, `credit_days`: NaN where no quote states them."""
PAYMENT = ["deposit_share", "credit_days"]
TEXTS = ("sku", "supplier", "basis", "freight_terms", "payment_terms", "conclusion", "note")


def compare_offers(
    tables: Mapping[str, pd.DataFrame], offers: Offers, wanted: pd.Series, as_of: pd.Timestamp, rule: PriceRule
) -> pd.DataFrame:
    """One row an offer, by SKU and price: `COMPARISON_COLUMNS`; `wanted` pieces a month, index SKU."""
    listed = list(offers.offers)
    if not listed:
        return _typed(pd.DataFrame(columns=COMPARISON_COLUMNS))
    rows = _beside_the_market(listed, wanted, rule)
    rows["goods"] = rows["unit_price"] * rows["quantity"]
    rows[PAYMENT] = _stated(rows, tables["quotes"])
    rows = rows.join(_quoted_beside(rows, tables["quotes"]))
    rows = rows.join(_paid(rows, listed, tables, as_of, rule)).join(
        _concluded(rows, tables.get("answers", empty("answers")))
    )
    rows["above_floor"] = rows["unit_price"] / rows["floor_price_30d"] - 1
    rows["trap"] = (rows["below_market"] >= rule.far_below) & ~rows["borne_out"]
    rows = rows.join(benchmark_ratios(rows, tables.get("articles", empty("articles"))))
    rows["note"] = [_note(row, rule) for row in rows.to_dict("records")]
    return _typed(rows[COMPARISON_COLUMNS].sort_values(["sku", "unit_price", "supplier"], ignore_index=True))


def trap_offers(
    tables: Mapping[str, pd.DataFrame], offers: Offers, wanted: pd.Series, as_of: pd.Timestamp, rule: PriceRule
) -> dict[tuple[str, str], int]:
    """Supplier and SKU of the offers whose price is a trap until it is borne out, as `compare_offers` says, and the pieces that this still takes."""
    listed = list(offers.offers)
    if not listed:
        return {}
    rows = _beside_the_market(listed, wanted, rule)
    rows = rows[rows["below_market"] >= rule.far_below]
    if rows.empty:
        return {}
    bought = borne_out([listed[at] for at in rows.index], paid_lines(tables["orders"]), rule.tolerance)
    bought = bought.set_axis(rows.index)
    doubted = ~_proven(rows, bought, rule)
    missing = np.ceil((rule.borne_out_pieces - bought.loc[doubted, "bought_pieces"]).clip(lower=0)).astype(int)
    return dict(zip(rows.loc[doubted, PAIR].itertuples(index=False, name=None), missing.tolist()))


def _beside_the_market(listed: list[Offer], wanted: pd.Series, rule: PriceRule) -> pd.DataFrame:
    """The offers' terms, their price at the pieces at which they are compared, and how far it lies below the market's."""
    rows = pd.DataFrame([_terms(offer) for offer in listed])
    rows["quantity"] = np.maximum(_quantities(rows, wanted), rows["min_quantity"])
    rows["unit_price"] = [float(of.ladder.price(n)) for of, n in zip(listed, rows["quantity"])]
    rows = rows.join(_market(rows))
    few = rows["others"] < rule.least_others
    return rows.assign(below_market=(1 - rows["unit_price"] / rows["market_price"]).mask(few))


def _terms(offer: Offer) -> dict[str, Any]:
    return {
        "sku": offer.sku, "supplier": offer.supplier, "basis": offer.basis, "quoted_on": offer.since,
        "min_quantity": offer.ladder.minimum, "deposit_share": offer.payment.deposit_share,
        "credit_days": offer.payment.credit_days, "lead_time_days": offer.lead_time_days, "sample_fee": offer.sample_fee,
        "mixed_batch": offer.mixed_batch, "reference": offer.benchmark_price,
    }  # fmt: skip


def _quantities(rows: pd.DataFrame, wanted: pd.Series) -> pd.Series:
    """The pieces at which the offers of each SKU are compared."""
    middle = rows.groupby("sku")["min_quantity"].transform("median")
    return np.ceil(rows["sku"].map(wanted).astype(float).fillna(middle)).astype(int)


def _market(rows: pd.DataFrame) -> pd.DataFrame:
    """`others`: prices of the same SKU, the row's own left out; `market_price`: their median, the reference price among them."""
    reference = rows.groupby("sku")["reference"].median().dropna()
    named = pd.DataFrame({"sku": reference.index, "unit_price": reference.to_numpy(), "at": -1})
    prices = pd.concat([rows[["sku", "unit_price"]].assign(at=np.arange(len(rows))), named])
    prices = prices.sort_values(["sku", "unit_price"], kind="stable")
    size = prices.groupby("sku")["at"].transform("size").to_numpy()
    place = prices.groupby("sku").cumcount().to_numpy()
    first, sorted_prices = np.arange(len(prices)) - place, prices["unit_price"].to_numpy()

    def without_own(number: np.ndarray) -> np.ndarray:
        """The price at `number` in the order of those that are left of the row's SKU."""
        return sorted_prices[first + np.where(number < place, number, np.minimum(number + 1, size - 1))]

    middle = (without_own(np.maximum(size - 2, 0) // 2) + without_own((size - 1) // 2)) / 2
    own = prices["at"].to_numpy() >= 0
    found = pd.DataFrame({"others": size - 1, "market_price": np.where(size > 1, middle, np.nan)})[own]
    return found.set_index(prices["at"].to_numpy()[own]).sort_index().set_axis(rows.index)


def _quoted_beside(rows: pd.DataFrame, quotes: pd.DataFrame) -> pd.DataFrame:
    """What the newest quote says that the offer does not hold: tax, the words on freight and payment, the floor of 30 days."""
    names = ["tax_included", "freight_terms", "payment_terms", "floor_price_30d"]
    newest = quotes.sort_values(["quoted_on", "quote_id", "min_quantity"], ascending=[True, True, False])
    newest = newest.drop_duplicates(PAIR, keep="last").set_index(PAIR)[names]
    return newest.reindex(pd.MultiIndex.from_frame(rows[PAIR])).set_axis(rows.index)


def _stated(rows: pd.DataFrame, quotes: pd.DataFrame) -> pd.DataFrame:
    """The terms of payment as far as a quote of the pair states them; the offer's 0 for what nobody stated is none."""
    stated = quotes[[*PAIR, *PAYMENT]].melt(PAIR, var_name="term", value_name="value").dropna(subset="value")
    known = set(stated[[*PAIR, "term", "value"]].itertuples(index=False, name=None))
    pairs = list(zip(rows["supplier"], rows["sku"]))
    return pd.DataFrame(
        {
            term: [value if (*pair, term, value) in known else np.nan for pair, value in zip(pairs, rows[term])]
            for term in PAYMENT
        },
        index=rows.index,
    )


def _paid(
    rows: pd.DataFrame, offers: list[Offer], tables: Mapping[str, pd.DataFrame], as_of: pd.Timestamp, rule: PriceRule
) -> pd.DataFrame:
    """What was paid against what is quoted, and the rise since the last order."""
    lines = paid_lines(tables["orders"])
    last = last_paid(lines, as_of).reindex(pd.MultiIndex.from_frame(rows[PAIR])).set_axis(rows.index)
    bought = borne_out(offers, lines, rule.tolerance).set_axis(rows.index)
    newer = (rows["basis"] != "order") & ~(last["paid_on"] >= rows["quoted_on"])
    step = _at(offers, last["paid_pieces"]) / _at(
        offers, last["earlier_pieces"]
    )  # a larger order is cheaper: that is no fall
    earlier = last["earlier"] * step
    before = earlier.mask(newer, np.fmin(last["paid"], earlier))  # what the last order rose by is no older price
    now = last["paid"].mask(
        newer, _newest_at(rows, last["paid_pieces"], tables["quotes"]).fillna(_at(offers, last["paid_pieces"]))
    )
    rise = now / before - 1
    monthly = last["monthly"].fillna(last["paid_pieces"])
    return pd.DataFrame(
        {
            "borne_out": _proven(rows, bought, rule), "bought_pieces": bought["bought_pieces"], "over_quote": bought["over_quote"],
            "paid_price": last["paid"], "paid_on": last["paid_on"], "price_before": before, "rise": rise,
            "rise_money": rise * before * monthly,
        }
    )  # fmt: skip


def _proven(rows: pd.DataFrame, bought: pd.DataFrame, rule: PriceRule) -> pd.Series:
    """Whether what was `bought` at an offer's price bears it out."""
    often = (bought["bought_orders"] >= rule.borne_out_orders) & (bought["bought_pieces"] >= rule.borne_out_pieces)
    paid = (rows["basis"] == "order") & (
        bought["bought_orders"] > 0
    )  # nobody promised it: it was paid, and the goods came
    return often | paid


def _at(offers: list[Offer], pieces: pd.Series) -> pd.Series:
    """The price on offer at so many pieces; NaN where these are not known."""
    known = zip(offers, pieces.astype(float))
    return pd.Series(
        [float(of.ladder.price(max(n, of.ladder.minimum))) if n > 0 else np.nan for of, n in known], pieces.index
    )


def _newest_at(rows: pd.DataFrame, pieces: pd.Series, quotes: pd.DataFrame) -> pd.Series:
    """What the newest quote asks for so many pieces, steps of older ones that still hold left out; NaN where there is none."""
    newest = quotes["quoted_on"] == quotes.groupby(PAIR)["quoted_on"].transform("max")
    steps = quotes.loc[newest, [*PAIR, "min_quantity", "unit_price"]].sort_values("min_quantity", kind="stable")
    asked = rows[[*PAIR, "quoted_on"]].assign(pieces=pieces.astype(float), at=rows.index).merge(steps, on=PAIR)
    least = asked.groupby("at")["min_quantity"].transform("min").astype(float)
    reached = asked["min_quantity"].astype(float) <= np.maximum(asked["pieces"], least)
    return asked[reached].groupby("at")["unit_price"].last().reindex(rows.index).astype(float)


def _concluded(rows: pd.DataFrame, answers: pd.DataFrame) -> pd.DataFrame:
    told = answers.dropna(subset=["conclusion"]).sort_values("answered_on").drop_duplicates(PAIR, keep="last")
    return told.set_index(PAIR)[["conclusion"]].reindex(pd.MultiIndex.from_frame(rows[PAIR])).set_axis(rows.index)


def _note(row: Mapping[str, Any], rule: PriceRule) -> str:
    """Everything odd about the price, one sentence each."""
    said = []
    if row["trap"]:
        said.append(reason("before_order.trap", share=row["below_market"], others=row["others"]))
    if row["rise"] >= rule.rise:
        values = {"rise": row["rise"], "before": row["price_before"], "money": row["rise_money"]}
        said.append(reason("before_order.rise", **values))
    if row["over_quote"] > rule.tolerance:
        said.append(reason("before_order.over_quote", share=row["over_quote"]))
    if row["above_floor"] > rule.tolerance:
        said.append(reason("before_order.above_floor", share=row["above_floor"], floor=row["floor_price_30d"]))
    if row["quantity"] == row["min_quantity"] and row["basis"] == "listed":
        said.append(reason("before_order.listed_only"))
    if isinstance(row["benchmark_note"], str):
        said.append(row["benchmark_note"])
    return joined("sentences", said)


def _typed(rows: pd.DataFrame) -> pd.DataFrame:
    kinds: dict[str, Any] = dict.fromkeys(TEXTS, "str")
    kinds |= {"quantity": "Int64", "min_quantity": "Int64", "others": "Int64", "trap": bool, "borne_out": bool}
    kinds |= {"tax_included": "boolean", "mixed_batch": bool}
    days = ("quoted_on", "paid_on")
    rest = [name for name in COMPARISON_COLUMNS if name not in (*kinds, *days)]
    return rows.astype({**kinds, **dict.fromkeys(rest, float), **dict.fromkeys(days, "datetime64[us]")})
