"""Reconciliation (采购对账): quote against order against receipt against payment, one reason a difference.

The sum paid is led back to the sum expected link by link, so that the differences of a line add up to it exactly:

    paid - (quoted price x quantity + freight due + duty due - discount)
        = (unit price - quoted price) x quantity            price
        + goods amount - unit price x quantity              quantity
        + freight - freight due                             freight
        + duty - duty due                                   duty
        + paid - (goods + freight + duty - discount)        the charge that it equals, else unexplained

Beside that chain stand claims on goods already paid: pieces short at the receipt (quantity), sent back (return), paid and never
arrived (missing), paid twice (duplicate), and promises broken (date, no money). Differences within the tolerances of
`[[reconciliation]]` are not told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from analysis.decisions.offers import read_freight_terms
from analysis.estimates.looks import first_looks
from analysis.reasons import reason
from analysis.rules import Rules, check_number

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

    price_share: float
    amount: float
    late_days: int
    missing_days: int
    duplicate_days: int

    def __post_init__(self) -> None:
        for field in fields(self):
            check_number(field.name, getattr(self, field.name), lambda x: x >= 0, "rules.negative")


def tolerances(rules: Rules) -> Tolerances:
    """The tolerances in force: section `reconciliation` of the rates."""
    return rules.read("reconciliation", Tolerances)


def reconcile(tables: Mapping[str, pd.DataFrame], as_of: pd.Timestamp, limits: Tolerances) -> pd.DataFrame:
    """Every difference of the canonical `orders` against `quotes`, `inspections`, `returns`: `DIFFERENCE_COLUMNS`.

    Orders that were cancelled or never paid are left out. Sorted by supplier, order, line and reason.
    """
    lines = _lines(tables["orders"], tables["quotes"])
    found = [
        _chain(lines, limits), _short(lines, tables["inspections"], limits), _returned(lines, tables["returns"], limits),
        _late(lines, limits), _missing(lines, as_of, limits), _twice(lines, limits), _unquoted(lines, tables["quotes"]),
    ]  # fmt: skip
    rows = pd.concat([part for part in found if len(part)] or [pd.DataFrame(columns=_RAW)], ignore_index=True)
    return _told(rows)


_RAW = [*LINE, "supplier", "sku", "stage", "reason", "expected", "actual", "difference", "told"]


def _lines(orders: pd.DataFrame, quotes: pd.DataFrame) -> pd.DataFrame:
    """Paid order lines with the price quoted for their quantity on their day (NaN: none) and the freight due (NaN: not known)."""
    lines = orders[~orders["status"].isin(["cancelled", "unpaid"])].reset_index(drop=True)
    for name in ("quantity", "unit_price", "goods_amount", "freight", "duty", "discount", "paid_amount"):
        lines[name] = lines[name].astype(float)
    quoted = _quoted_price(lines, quotes)
    lines["quoted_price"] = quoted["unit_price"].to_numpy()
    of_order = lines.groupby("order_id")["goods_amount"].transform("sum")
    terms = {text: read_freight_terms(text) for text in quoted["freight_terms"].dropna().unique()}
    free = [
        terms.get(text) is not None and bool(terms[text].freight_is_free(goods))  # type: ignore[union-attr]
        for text, goods in zip(quoted["freight_terms"], of_order)
    ]
    lines["freight_due"] = np.where(free, 0.0, lines["freight"])
    return lines


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
    (a domestic purchase has none) unless a column `duty_due` says so.
    """
    quoted = lines["quoted_price"].fillna(lines["unit_price"])
    zero = lines[["freight", "duty", "discount"]].fillna(0.0)
    duty_due = lines.get("duty_due", 0.0)
    billed = lines["goods_amount"] + zero["freight"] + zero["duty"] - zero["discount"]
    return pd.DataFrame(
        {
            "price": (lines["unit_price"] - quoted) * lines["quantity"],
            "quantity": lines["goods_amount"] - lines["unit_price"] * lines["quantity"],
            "freight": zero["freight"] - lines["freight_due"].fillna(0.0),
            "duty": zero["duty"] - duty_due,
            "payment": lines["paid_amount"] - billed,
        }
    )


def _chain(lines: pd.DataFrame, limits: Tolerances) -> pd.DataFrame:
    """The links that are out of tolerance, with what was expected and found."""
    links, parts = chain_of(lines), []
    for link, (stage, expected, actual, limit) in _compared(lines, limits).items():
        out = links[link].abs() > limit + 1e-9
        told = {"expected": expected[out], "actual": actual[out], "difference": links.loc[out, link], "told": link}
        parts.append(lines.loc[out, [*LINE, "supplier", "sku"]].assign(stage=stage, reason=link, **told))
    rows = pd.concat(parts)
    paid = rows["reason"] == "payment"
    wrong = rows.loc[paid, "difference"]
    rows.loc[paid, "reason"] = [_equal_charge(lines.loc[at], wrong.loc[at], limits) for at in wrong.index]
    return rows


def _compared(lines: pd.DataFrame, limits: Tolerances) -> dict[str, tuple]:
    """By link: the stage, what was expected, what was found, and the difference that nobody asks about."""
    quoted, amount = lines["quoted_price"], limits.amount
    billed = lines["goods_amount"] + lines[["freight", "duty"]].fillna(0).sum(axis=1) - lines["discount"].fillna(0)
    rounded = np.maximum(HALF_A_FEN * lines["quantity"], amount)
    price_limit = np.maximum(limits.price_share * quoted * lines["quantity"], amount)
    return {
        "price": ("order", quoted, lines["unit_price"], price_limit),
        "quantity": ("order", lines["unit_price"] * lines["quantity"], lines["goods_amount"], rounded),
        "freight": ("order", lines["freight_due"], lines["freight"], amount),
        "duty": ("order", 0.0 * billed, lines["duty"], amount),
        "payment": ("payment", billed, lines["paid_amount"], amount),
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


def _claim(rows: pd.DataFrame, reason: str, expected, actual, difference, told: str = "") -> pd.DataFrame:
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
    rows = rows[rows["short"] * rows["unit_price"] > limits.amount]
    return _claim(
        rows,
        "quantity",
        rows["quantity"],
        rows["quantity"] - rows["short"],
        rows["short"] * rows["unit_price"],
        "short",
    )


def _returned(lines: pd.DataFrame, returns: pd.DataFrame, limits: Tolerances) -> pd.DataFrame:
    """Pieces sent back: their price, to be credited, and what sending them cost; and payments under refund as a whole."""
    sums = returns.groupby(LINE)[["returned", "cost"]].sum().astype(float).reset_index()
    rows = lines.merge(sums, on=LINE)
    amount = rows["returned"] * rows["unit_price"] + rows["cost"].fillna(0)
    refunding = lines[(lines["status"] == "refunding") & (lines["paid_amount"] > limits.amount)]
    back = _claim(rows, "return", 0.0, amount, amount)[amount > limits.amount]
    whole = _claim(refunding, "return", 0.0, refunding["paid_amount"], refunding["paid_amount"], "refunding")
    return pd.concat([back[~back["order_id"].isin(refunding["order_id"])], whole])


def _late(lines: pd.DataFrame, limits: Tolerances) -> pd.DataFrame:
    """Arrivals after the promise, in days; no money."""
    days = (lines["received_on"] - lines["promised_on"]).dt.days
    late = days > limits.late_days
    return _claim(lines[late], "date", 0.0, days[late].astype(float), 0.0)


def _missing(lines: pd.DataFrame, as_of: pd.Timestamp, limits: Tolerances) -> pd.DataFrame:
    """Paid, promised and not arrived: the payment itself is open."""
    waited = (as_of - lines["promised_on"]).dt.days
    gone = lines["status"].isin(["open", "unknown"]) & lines["received_on"].isna() & (waited > limits.missing_days)
    gone &= lines["paid_amount"] > limits.amount
    rows = lines[gone]
    return _claim(rows, "missing", 0.0, waited[gone].astype(float), rows["paid_amount"])


def _unquoted(lines: pd.DataFrame, quotes: pd.DataFrame) -> pd.DataFrame:
    """Orders that no quote on record covers, where quotes are kept at all: nothing to hold the price against."""
    rows = lines[lines["quoted_price"].isna() & bool(len(quotes))]
    return _claim(rows, "missing", np.nan, rows["unit_price"], 0.0, "unquoted").assign(stage="order")


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


def _values(row) -> dict[str, float]:
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
