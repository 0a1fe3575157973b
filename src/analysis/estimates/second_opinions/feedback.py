"""Customers beside inspection: pieces that they send back or complain of, against what our inspection found of the same goods.

What inspection finds never reaches a customer, so that customers should complain of no larger share than was found. Where they
clearly do, the inspection misses something: an item of the checklist, or how long a piece lasts.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.estimates.second_opinions.shares import SURE, Shares, verdicts

LINE = ["order_id", "line_no"]
PAIR = ["supplier", "sku"]
FEEDBACK_COLUMNS = [
    "supplier", "sku", "lines", "passed_on", "from_customers", "untold", "customer_rate", "customer_rate_low", "customer_rate_high", "inspected", "defective",
    "inspected_rate", "inspected_rate_low", "inspected_rate_high", "p_more", "verdict",
]  # fmt: skip
"""`passed_on`: pieces received less those found defective or sent back before, at most as many as were sold; `from_customers` of them returned,
repaired or complained of; `untold` came back without a word of who found it. `verdict`: a key, "customers_find_more", "no_sign" of it, "cannot_tell" or "not_inspected"."""


def customer_feedback(
    orders: pd.DataFrame, returns: pd.DataFrame, lots: pd.DataFrame, lot_correlation: float, level: float = 0.90
) -> pd.DataFrame:
    """`FEEDBACK_COLUMNS`, a row a supplier and SKU received, those first whose customers find most more; no returns at all: no rows.

    Parameters
    ----------
    orders, returns : DataFrame
        Canonical tables
    lots : DataFrame
        From `inspected_lots`
    lot_correlation : float
        Of two pieces of one lot, and of one order line

    Notes
    -----
    A return counts as a customer's when its `origin` says so. Where nothing is said it does for the pieces beyond those that our
    inspection had found, if it was opened after our last look at the line and is smaller than the lot and than the rest that nobody
    looked at: such are lots that inspection refused. All others are `untold`; there is
    "no_sign" only where that holds if they are the customers', too. Pieces complained of in one row and sent back in
    another count once. Goods that still lie in the store are among `passed_on`, so that the share is at least what is shown.
    """
    if returns.empty:
        return _typed(pd.DataFrame(columns=FEEDBACK_COLUMNS))
    lines = _lines(orders, returns, lots)
    keys = lines[PAIR].drop_duplicates().sort_values(PAIR, ignore_index=True)
    back = Shares.of_lots(lines, keys, "from_customers", "passed_on", lot_correlation)
    seen = Shares.of_lots(lots.dropna(subset=PAIR), keys, "defective", "inspected", lot_correlation)
    rows = keys.assign(lines=lines.groupby(PAIR).size().to_numpy(), passed_on=back.pieces, from_customers=back.found)
    rows["untold"] = lines.groupby(PAIR)["untold"].sum().to_numpy()
    rows["customer_rate"], rows["customer_rate_low"], rows["customer_rate_high"] = back.columns(level)
    rows["inspected"], rows["defective"] = seen.pieces, seen.found
    rows["inspected_rate"], rows["inspected_rate_low"], rows["inspected_rate_high"] = seen.columns(level)
    rows["p_more"] = back.above(seen)
    verdict = verdicts(rows["p_more"].to_numpy(), "customers_find_more", "no_sign", "not_inspected")
    if_theirs = Shares(np.minimum(back.found + rows["untold"].to_numpy(), back.pieces), back.pieces, back.weight)
    doubtful = (verdict == "no_sign") & ~(if_theirs.above(seen) <= 1 - SURE)
    rows["verdict"] = np.where(doubtful, "cannot_tell", verdict)
    return _typed(rows.sort_values(["p_more", *PAIR], ascending=[False, True, True], ignore_index=True))


def _lines(orders: pd.DataFrame, returns: pd.DataFrame, lots: pd.DataFrame) -> pd.DataFrame:
    """Order lines that arrived, with the pieces passed on, those that customers gave back or complained of, and those of which nobody tells."""
    lines = orders.dropna(subset=["sku", "quantity"]).drop_duplicates(LINE)
    at = pd.MultiIndex.from_frame(lines[LINE])
    received = lines["received_quantity"].fillna(lines["quantity"]).astype(float)
    looks = lots.groupby(LINE).agg({"inspected": "sum", "defective": "sum", "inspected_on": "max"}).reindex(at)
    facts = looks.assign(received=received.to_numpy()).set_axis(lines.index)
    told = _whose(returns, facts.set_index(at))
    sums = {
        who: _by_line(told[told["whose"] == who], "back") for who in ("customer", "inspection", "perhaps", "nobody")
    }
    sums["sent"] = _by_line(told[told["whose"].isin(["inspection", "nobody"])], "returned")
    sums["complained"] = _by_line(told, "complained")
    sums["only_complained"] = _by_line(told[told["back"] == 0], "complained")
    lines = lines.assign(**{name: of.reindex(at).fillna(0.0).to_numpy(float) for name, of in sums.items()})
    found = facts["defective"].fillna(0).astype(float)
    unexplained = np.maximum(lines["perhaps"] - np.maximum(found - lines["inspection"], 0), 0)
    back = lines["customer"] + unexplained
    customers = np.minimum(back + lines["complained"] - np.minimum(lines["only_complained"], back), received)
    passed_on = np.maximum(received - np.maximum(found, lines["sent"]), customers)
    lines = lines.assign(from_customers=customers, passed_on=passed_on, untold=np.minimum(lines["nobody"], received))
    return lines[lines["status"].eq("received") | at.isin(pd.MultiIndex.from_frame(returns[LINE]))]


def _whose(returns: pd.DataFrame, facts: pd.DataFrame) -> pd.DataFrame:
    """`returns` with the pieces that came `back` and `whose` they are: as `origin` says, else "perhaps" customers' or "nobody" tells."""
    back = returns[["returned", "reworked"]].fillna(0).sum(axis=1).astype(float)
    line = facts.reindex(pd.MultiIndex.from_frame(returns[LINE])).set_axis(returns.index)
    looked_at, received = line["inspected"].astype(float), line["received"].astype(float)
    after = returns["opened_on"] > line["inspected_on"]
    rest = received - looked_at
    refused = (back >= received) | ((rest > 0) & (back >= rest))
    untold = np.where(after & ~refused, "perhaps", "nobody")
    return returns.assign(back=back, whose=returns["origin"].astype(object).where(returns["origin"].notna(), untold))


def _by_line(rows: pd.DataFrame, column: str) -> pd.Series:
    return rows.groupby(LINE)[column].sum().astype(float)


def _typed(rows: pd.DataFrame) -> pd.DataFrame:
    counts = ("lines", "passed_on", "from_customers", "untold", "inspected", "defective")
    kinds = dict.fromkeys(FEEDBACK_COLUMNS, "float64") | dict.fromkeys(counts, "Int64")
    return rows[FEEDBACK_COLUMNS].astype(kinds | dict.fromkeys((*PAIR, "verdict"), "str"))
