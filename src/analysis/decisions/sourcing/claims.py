"""Claims on goods already paid: pieces short at the receipt, sent back and not settled, paid and never arrived, paid twice, late.

No yuan is claimed twice: what is under refund, missing or paid twice is claimed once, for the first of these reasons, and covers
the line's other claims; what came back as a settled refund is claimed no more (`less_refunds`).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.decisions.sourcing.differences import LINE, Tolerances
from analysis.estimates.looks import first_looks


def claims_of(
    lines: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    others: pd.DataFrame,
    as_of: pd.Timestamp,
    limits: Tolerances,
) -> list[pd.DataFrame]:
    """The claims on the paid `lines`, and of their `others` (the differences of the sums paid) those that no claim covers."""
    missing = _missing(lines, tables["inspections"], as_of, limits)
    nothing_came = ~missing["partly"]
    whole = _once([_refunding(lines, limits), missing[nothing_came], _twice(lines, limits)]).drop(columns="partly")
    parts = [
        missing[~nothing_came].drop(columns="partly"),
        others, _short(lines, tables["inspections"], limits), _returned(lines, tables["returns"], limits),
    ]  # fmt: skip
    parts = [_not_of(whole, part) for part in parts]
    return [*parts, whole, _late(lines, limits), _unquoted(lines, tables["quotes"])]


def less_refunds(rows: pd.DataFrame, lines: pd.DataFrame, limits: Tolerances) -> pd.DataFrame:
    """All claims of the lines, less what was refunded and settled beyond the pieces of its return (`less`): those of a line are never
    more than what is still out with the supplier, and what `sending` back cost."""
    line = rows[LINE].merge(lines[[*LINE, "beyond", "out"]], on=LINE, how="left").set_index(rows.index)
    keys = [rows[name] for name in LINE]
    sums = rows[["difference", "sending"]].astype(float).groupby(keys).transform("sum")
    off = np.fmax(line["beyond"], sums["difference"] - sums["sending"] - line["out"])
    claimed = rows["difference"].astype(float).clip(lower=0)
    before = claimed.groupby(keys).cumsum() - claimed
    less = (off - before).clip(lower=0).clip(upper=claimed)
    rows = rows.assign(difference=rows["difference"] - less, less=less)
    return rows[(less == 0) | (rows["difference"] > limits.amount)]


def _once(claims: list[pd.DataFrame]) -> pd.DataFrame:
    """Claims on whole payments, each line's once, for the first reason that it has."""
    return pd.concat(claims).drop_duplicates(LINE)


def _not_of(whole: pd.DataFrame, part: pd.DataFrame) -> pd.DataFrame:
    """`part` without the lines whose whole payment is claimed already."""
    lines = pd.MultiIndex.from_frame(part[LINE].astype({"line_no": "Int64"}))
    return part[~lines.isin(pd.MultiIndex.from_frame(whole[LINE].astype({"line_no": "Int64"})))]


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
    return _claim(rows, "return", 0.0, amount, amount).assign(sending=rows["cost"])[amount > limits.amount]


def _refunding(lines: pd.DataFrame, limits: Tolerances) -> pd.DataFrame:
    """Payments under refund as a whole."""
    rows = lines[(lines["status"] == "refunding") & (lines["out"] > limits.amount)]
    return _claim(rows, "return", 0.0, rows["paid_before"], rows["paid_before"], "refunding")


def _late(lines: pd.DataFrame, limits: Tolerances) -> pd.DataFrame:
    """Arrivals after the promise, in days; no money."""
    days = (lines["received_on"] - lines["promised_on"]).dt.days
    late = days > limits.late_days
    return _claim(lines[late], "date", 0.0, days[late].astype(float), 0.0)


def _missing(lines: pd.DataFrame, inspections: pd.DataFrame, as_of: pd.Timestamp, limits: Tolerances) -> pd.DataFrame:
    """Paid, promised and not arrived: the payment itself is open, of a line of which some pieces came (`partly`) for the others.

    A line that is finished (its arrival only not entered) is not missing. What was inspected has arrived, on whatever day, unless fewer pieces than ordered are known to have come.
    """
    waited = (as_of - lines["promised_on"]).dt.days
    gone = lines["status"].eq("open") & lines["received_on"].isna() & (waited > limits.missing_days)
    gone &= lines["out"] > limits.amount
    came = lines.get("received_quantity", pd.Series(0, index=lines.index)).astype(float).fillna(0.0)
    looked_at = pd.MultiIndex.from_frame(lines[LINE]).isin(pd.MultiIndex.from_frame(inspections[LINE]))
    gone &= ~looked_at | (came > 0)
    rows, came = lines[gone], came[gone]
    share = (1 - came / rows["quantity"]).clip(0, 1)
    claims = _claim(rows, "missing", 0.0, waited[gone].astype(float), rows["paid_before"] * share)
    return claims.assign(partly=came > 0)


def _unquoted(lines: pd.DataFrame, quotes: pd.DataFrame) -> pd.DataFrame:
    """Orders that no quote on record covers, where quotes are kept at all: nothing to hold the price against."""
    rows = lines[lines["quoted_price"].isna() & bool(len(quotes))]
    return _claim(rows, "missing", np.nan, rows["price"], 0.0, "unquoted").assign(stage="order")


def _twice(lines: pd.DataFrame, limits: Tolerances) -> pd.DataFrame:
    """The second of two lines alike in another order within a few days: same supplier, SKU, quantity and sum paid; none of those whose
    money is back."""
    alike = ["supplier", "sku", "quantity", "paid_amount"]
    rows = lines[lines["out"] > limits.amount].dropna(subset=alike).sort_values([*alike, "ordered_on", *LINE])
    before = rows.groupby(alike)[["ordered_on", "order_id"]].shift()
    days = (rows["ordered_on"] - before["ordered_on"]).dt.days
    again = rows[(days <= limits.duplicate_days) & (rows["order_id"] != before["order_id"])]
    return _claim(again, "duplicate", 0.0, again["paid_before"], again["paid_before"])
