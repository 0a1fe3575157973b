"""Reconciliation (采购对账): quote against order against receipt against payment, one reason a difference.

The sum paid is led back to the sum expected link by link, so that the differences of a line add up to it exactly:

    paid - (quoted price x quantity + freight due + duty due - discount beyond the price - money credited)
        = (unit price - quoted price) x quantity
          - discount that makes the price                   price
        + goods amount - unit price x quantity              quantity
        + freight - freight due                             freight
        + duty - duty due                                   duty
        + paid + credited - (goods + freight + duty - discount)   the charge that it equals, else unexplained

A seller who lists 3.00 and takes 25.00 off an order of 50 pieces sells at 2.50: a discount down to the quoted price, and every
surcharge, make the price; what is taken off beyond is a discount. A payment shown net of a return that is settled is explained.

Beside that chain stand claims on goods already paid: pieces short at the receipt (quantity), sent back and not settled (return),
paid and never arrived (missing), paid twice (duplicate), and promises broken (date, no money). No yuan is claimed twice: what is
under refund, missing or paid twice is claimed once, for the first of these reasons, and covers the line's other claims.
Differences within the tolerances of `[[reconciliation]]` are not told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.allowed import Money, Share, WholeDays
from analysis.decisions.offers import price_paid, read_freight_terms
from analysis.estimates.looks import first_looks
from analysis.reasons import reason
from analysis.rules import Rules

REASONS = ("price", "quantity", "freight", "discount", "duty", "return", "date", "duplicate", "missing", "unexplained")
DIFFERENCE_COLUMNS = [
    "order_id",
    "line_no",
    "supplier",
    "sku",
    "stage",
    "reason",
    "expected",
    "actual",
    "difference",
    "note",
]
"""`stage` of the comparison: "order" (quote against order), "payment" (order against paid), "receipt" (ordered and paid against
received). `difference` in money, positive: to the buyer's loss; 0 for a date. `expected` and `actual` in the unit of the reason:
money, pieces for a short receipt, days for a date."""
HALF_A_FEN = 0.005
"""A unit price is written to the fen: times the quantity it may be off the goods' amount by so much a piece."""
LINE = ["order_id", "line_no"]


@dataclass(frozen=True)
class Tolerances:
    """Differences that nobody asks about: `price_share` of a quoted price, `amount` money a line, days of lateness, of waiting
    for goods that were promised (`missing_days`), and between two orders alike (`duplicate_days`)."""

    price_share: Share
    amount: Money
    late_days: WholeDays
    missing_days: WholeDays
    duplicate_days: WholeDays


def tolerances(rules: Rules) -> Tolerances:
    """The tolerances in force: section `reconciliation` of the rates."""
    return rules.read("reconciliation", Tolerances)


def reconcile(tables: Mapping[str, pd.DataFrame], as_of: pd.Timestamp, limits: Tolerances) -> pd.DataFrame:
    """Every difference of the canonical `orders` against `quotes`, `inspections`, `returns`: `DIFFERENCE_COLUMNS`.

    Orders that were cancelled or never paid are left out, and money of lines that `settlements` (where given) call settled. Sorted by
    supplier, order, line and reason.
    """
    lines = _lines(tables["orders"], tables["quotes"], tables["returns"])
    missing = _missing(lines, tables["inspections"], as_of, limits)
    nothing_came = ~missing["partly"]
    whole = _once([_refunding(lines, limits), missing[nothing_came], _twice(lines, limits)]).drop(columns="partly")
    parts = [
        missing[~nothing_came].drop(columns="partly"),
        _chain(lines, limits), _short(lines, tables["inspections"], limits), _returned(lines, tables["returns"], limits),
    ]  # fmt: skip
    parts = [_not_of(whole, part) for part in parts]
    found = [*parts, whole, _late(lines, limits), _unquoted(lines, tables["quotes"])]
    rows = pd.concat([part for part in found if len(part)] or [pd.DataFrame(columns=_RAW)], ignore_index=True)
    return _told(rows[~(_agreed(rows, tables) & (rows["difference"] != 0))])


def _agreed(rows: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> np.ndarray:
    """(rows,) whether the line is settled: a day tells so too. A return opened after that day, and not settled itself, reopens it."""
    if "settlements" not in tables or tables["settlements"].empty:
        return np.zeros(len(rows), bool)
    done = tables["settlements"]
    done = done[done["settled"].astype("boolean").fillna(done["settled_on"].notna()).astype(bool)]
    back = tables["returns"]
    back = back[back["settled_on"].isna()].merge(done[[*LINE, "settled_on"]], on=LINE, suffixes=("", "_then"))
    again = back[back["opened_on"] > back["settled_on_then"]]
    lines, reopened = (pd.MultiIndex.from_frame(table[LINE].astype({"line_no": "Int64"})) for table in (done, again))
    return pd.MultiIndex.from_frame(rows[LINE].astype({"line_no": "Int64"})).isin(lines.difference(reopened))


def _once(claims: list[pd.DataFrame]) -> pd.DataFrame:
    """Claims on whole payments, each line's once, for the first reason that it has."""
    return pd.concat(claims).drop_duplicates(LINE)


def _not_of(whole: pd.DataFrame, part: pd.DataFrame) -> pd.DataFrame:
    """`part` without the lines whose whole payment is claimed already."""
    lines = pd.MultiIndex.from_frame(part[LINE].astype({"line_no": "Int64"}))
    return part[~lines.isin(pd.MultiIndex.from_frame(whole[LINE].astype({"line_no": "Int64"})))]


_RAW = [*LINE, "supplier", "sku", "stage", "reason", "expected", "actual", "difference", "told"]


def _lines(orders: pd.DataFrame, quotes: pd.DataFrame, returns: pd.DataFrame) -> pd.DataFrame:
    """Paid order lines with the price quoted for their quantity on their day (NaN: none), the freight due (NaN: not known),
    the `price` paid for a piece, and the money of returns `settled`."""
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
    lines["price"] = price_paid(lines)
    lines["settled"] = _settled(lines, returns)
    return lines


def _settled(lines: pd.DataFrame, returns: pd.DataFrame) -> np.ndarray:
    """What came back for each line: the refunds of its settled returns; where nobody wrote one down, the pieces' price."""
    done = returns[returns["settled_on"].notna()].merge(lines[[*LINE, "price"]], on=LINE)
    money = done["refund"].astype(float).fillna(done["returned"].astype(float) * done["price"])
    sums = money.groupby([done[name] for name in LINE]).sum().rename("settled").reset_index()
    return np.asarray(lines[LINE].merge(sums, on=LINE, how="left")["settled"].fillna(0.0), dtype=float)


def _quoted_price(lines: pd.DataFrame, quotes: pd.DataFrame) -> pd.DataFrame:
    """Price and freight terms of the newest quote valid on each line's day, at the step of its quantity; in the lines' order."""
    keys = lines[["supplier", "sku", "ordered_on", "quantity"]].assign(place=np.arange(len(lines)))
    steps = quotes.dropna(subset=["supplier", "sku"])[
        ["supplier", "sku", "quote_id", "quoted_on", "valid_until", "min_quantity", "unit_price", "freight_terms"]
    ]
    pairs = keys.merge(steps, on=["supplier", "sku"])
    valid = (pairs["quoted_on"] <= pairs["ordered_on"]) & ~(pairs["valid_until"] < pairs["ordered_on"])
    pairs = pairs[valid & (pairs["min_quantity"] <= pairs["quantity"])]
    chosen = pairs.sort_values(["place", "quoted_on", "quote_id", "min_quantity"]).drop_duplicates("place", keep="last")
    return chosen.set_index("place").reindex(range(len(lines)))


def chain_of(lines: pd.DataFrame) -> pd.DataFrame:
    """The links from the sum expected to the sum paid: one column each, adding up to paid - expected; NaN counts as no link.

    `lines`: `quantity unit_price quoted_price goods_amount freight freight_due duty discount paid_amount`; a duty is not due
    (a domestic purchase has none) unless a column `duty_due` says so, and nothing was settled unless `settled` (money) does.
    """
    quoted = lines["quoted_price"].fillna(lines["unit_price"])
    above = (lines["unit_price"] - quoted) * lines["quantity"]
    zero = lines[["freight", "duty", "discount"]].fillna(0.0)
    duty_due = lines.get("duty_due", 0.0)
    billed = lines["goods_amount"] + zero["freight"] + zero["duty"] - zero["discount"]
    return pd.DataFrame(
        {
            "price": above - _discount_in_price(lines),
            "quantity": lines["goods_amount"] - lines["unit_price"] * lines["quantity"],
            "freight": zero["freight"] - lines["freight_due"].fillna(0.0),
            "duty": zero["duty"] - duty_due,
            "payment": lines["paid_amount"] + _credited(lines, billed) - billed,
        }
    )


def _discount_in_price(lines: pd.DataFrame) -> pd.Series:
    """The part of each discount that makes the price: down to the quoted price, and the whole of a surcharge."""
    above = ((lines["unit_price"] - lines["quoted_price"]) * lines["quantity"]).clip(lower=0)
    return np.minimum(lines["discount"].fillna(0.0), above).fillna(0.0)  # without a quote every discount is one


def _credited(lines: pd.DataFrame, billed: pd.Series) -> pd.Series:
    """What a payment shown net is short of, as far as settled returns explain it."""
    settled = lines.get("settled", pd.Series(0.0, index=lines.index))
    return np.minimum((billed - lines["paid_amount"]).clip(lower=0), settled).fillna(0.0)


def _chain(lines: pd.DataFrame, limits: Tolerances) -> pd.DataFrame:
    """The links that are out of tolerance, with what was expected and found; what is still to be paid of goods on the road is none."""
    links, parts = chain_of(lines), []
    links["payment"] = links["payment"].mask(lines["status"].eq("open") & (links["payment"] < 0))
    for link, (stage, expected, actual, limit) in _compared(lines, limits).items():
        out = links[link].abs() > limit + 1e-9
        told = {"expected": expected[out], "actual": actual[out], "difference": links.loc[out, link], "told": link}
        parts.append(lines.loc[out, [*LINE, "supplier", "sku"]].assign(stage=stage, reason=link, **told))
    rows = pd.concat(parts)
    paid = rows["reason"] == "payment"
    wrong = rows.loc[paid, "difference"]
    rows.loc[paid, "reason"] = [_equal_charge(lines.loc[at], wrong.loc[at], limits) for at in wrong.index]
    return rows


def _compared(lines: pd.DataFrame, limits: Tolerances) -> dict[str, tuple[Any, ...]]:
    """By link: the stage, what was expected, what was found, and the difference that nobody asks about."""
    quoted, amount = lines["quoted_price"], limits.amount
    billed = lines["goods_amount"] + lines[["freight", "duty"]].fillna(0).sum(axis=1) - lines["discount"].fillna(0)
    rounded = np.maximum(HALF_A_FEN * lines["quantity"], amount)
    price_limit = np.maximum(limits.price_share * quoted * lines["quantity"], amount)
    return {
        "price": ("order", quoted, lines["unit_price"] - _discount_in_price(lines) / lines["quantity"], price_limit),
        "quantity": ("order", lines["unit_price"] * lines["quantity"], lines["goods_amount"], rounded),
        "freight": ("order", lines["freight_due"], lines["freight"], amount),
        "duty": ("order", 0.0 * billed, lines["duty"], amount),
        "payment": ("payment", billed, lines["paid_amount"] + _credited(lines, billed), amount),
    }


def _equal_charge(line: pd.Series, difference: float, limits: Tolerances) -> str:
    """The charge of the line that the wrong payment equals, left out or taken twice; else whole pieces; else unexplained."""
    for why in ("freight", "discount", "duty"):
        if line[why] and abs(abs(difference) - abs(line[why])) <= limits.amount:
            return why
    pieces = difference / line["unit_price"] if line["unit_price"] else np.nan
    if np.isfinite(pieces) and round(pieces) and abs(pieces - round(pieces)) * line["unit_price"] <= limits.amount:
        return "quantity"
    return "unexplained"


def _claim(
    rows: pd.DataFrame, reason: str, expected: pd.Series, actual: pd.Series, difference: pd.Series, told: str = ""
) -> pd.DataFrame:
    """Rows of claims on goods already paid."""
    return rows[[*LINE, "supplier", "sku"]].assign(
        stage="receipt", reason=reason, expected=expected, actual=actual, difference=difference, told=told or reason
    )


def _short(lines: pd.DataFrame, inspections: pd.DataFrame, limits: Tolerances) -> pd.DataFrame:
    """Pieces that the receipt was short of (checklist 数量相符), at their price."""
    short = (
        first_looks(inspections)
        .dropna(subset=["quantity_match"])
        .drop_duplicates([*LINE, "batch", "inspected_on", "quantity_match"])
    )
    pieces = short.groupby(LINE)["quantity_match"].sum().rename("short").reset_index()
    rows = lines.merge(pieces, on=LINE)
    rows["short"] = rows["short"].astype(float)
    rows = rows[rows["short"] * rows["price"] > limits.amount]
    return _claim(
        rows,
        "quantity",
        rows["quantity"],
        rows["quantity"] - rows["short"],
        rows["short"] * rows["price"],
        "short",
    )


def _returned(lines: pd.DataFrame, returns: pd.DataFrame, limits: Tolerances) -> pd.DataFrame:
    """Pieces sent back and not settled: their price and what sending them cost, less what has come back so far."""
    in_dispute = returns[returns["settled_on"].isna()]
    sums = in_dispute.groupby(LINE)[["returned", "cost", "refund"]].sum().astype(float).reset_index()
    rows = lines.merge(sums, on=LINE)
    amount = rows["returned"] * rows["price"] + rows["cost"].fillna(0) - rows["refund"].fillna(0)
    return _claim(rows, "return", 0.0, amount, amount)[amount > limits.amount]


def _refunding(lines: pd.DataFrame, limits: Tolerances) -> pd.DataFrame:
    """Payments under refund as a whole."""
    rows = lines[(lines["status"] == "refunding") & (lines["paid_amount"] > limits.amount)]
    return _claim(rows, "return", 0.0, rows["paid_amount"], rows["paid_amount"], "refunding")


def _late(lines: pd.DataFrame, limits: Tolerances) -> pd.DataFrame:
    """Arrivals after the promise, in days; no money."""
    days = (lines["received_on"] - lines["promised_on"]).dt.days
    late = days > limits.late_days
    return _claim(lines[late], "date", 0.0, days[late].astype(float), 0.0)


def _missing(lines: pd.DataFrame, inspections: pd.DataFrame, as_of: pd.Timestamp, limits: Tolerances) -> pd.DataFrame:
    """Paid, promised and not arrived: the payment itself is open, of a line of which some pieces came (`partly`) for the others.

    What was inspected has arrived, on whatever day, unless fewer pieces than ordered are known to have come.
    """
    waited = (as_of - lines["promised_on"]).dt.days
    gone = lines["status"].isin(["open", "unknown"]) & lines["received_on"].isna() & (waited > limits.missing_days)
    gone &= lines["paid_amount"] > limits.amount
    came = lines.get("received_quantity", pd.Series(0, index=lines.index)).astype(float).fillna(0.0)
    looked_at = pd.MultiIndex.from_frame(lines[LINE]).isin(pd.MultiIndex.from_frame(inspections[LINE]))
    gone &= ~looked_at | (came > 0)
    rows, came = lines[gone], came[gone]
    share = (1 - came / rows["quantity"]).clip(0, 1)
    claims = _claim(rows, "missing", 0.0, waited[gone].astype(float), rows["paid_amount"] * share)
    return claims.assign(partly=came > 0)


def _unquoted(lines: pd.DataFrame, quotes: pd.DataFrame) -> pd.DataFrame:
    """Orders that no quote on record covers, where quotes are kept at all: nothing to hold the price against."""
    rows = lines[lines["quoted_price"].isna() & bool(len(quotes))]
    return _claim(rows, "missing", np.nan, rows["price"], 0.0, "unquoted").assign(stage="order")


def _twice(lines: pd.DataFrame, limits: Tolerances) -> pd.DataFrame:
    """The second of two lines alike in another order within a few days: same supplier, SKU, quantity and sum paid."""
    alike = ["supplier", "sku", "quantity", "paid_amount"]
    rows = lines.dropna(subset=alike).sort_values([*alike, "ordered_on", *LINE])
    before = rows.groupby(alike)[["ordered_on", "order_id"]].shift()
    days = (rows["ordered_on"] - before["ordered_on"]).dt.days
    twice = (
        (days <= limits.duplicate_days)
        & (rows["order_id"] != before["order_id"])
        & (rows["paid_amount"] > limits.amount)
    )
    again = rows[twice]
    return _claim(again, "duplicate", 0.0, again["paid_amount"], again["paid_amount"])


def _told(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with their reason, in order."""
    rows = rows.astype(dict.fromkeys(("expected", "actual", "difference"), float))
    rows["difference"] = rows["difference"].round(2)
    rows["note"] = [reason(f"costs.difference_{row.told}", **_values(row)) for row in rows.itertuples()]
    order = ["supplier", "order_id", "line_no", "reason", "stage"]
    return rows.sort_values(order, kind="stable", ignore_index=True)[DIFFERENCE_COLUMNS]


def _values(row: Any) -> dict[str, float]:
    return {"expected": row.expected, "actual": row.actual, "difference": row.difference}


def open_differences(differences: pd.DataFrame) -> pd.DataFrame:
    """Open money by supplier: `supplier lines` and one column a reason of `REASONS`, then `open`, largest first.

    Differences against the supplier's favour (too little paid) lower the sum. A date has no money and counts as a line.
    """
    table = differences.pivot_table(
        index="supplier", columns="reason", values="difference", aggfunc="sum", fill_value=0.0
    )
    table = table.reindex(columns=list(REASONS), fill_value=0.0)
    table.insert(0, "lines", differences.groupby("supplier").size())
    table["open"] = table[list(REASONS)].sum(axis=1)
    money = [*REASONS, "open"]
    table[money] = table[money].round(2)
    return (
        table.reset_index()
        .rename_axis(columns=None)
        .sort_values(["open", "supplier"], ascending=[False, True], ignore_index=True)
    )
