"""Customers beside inspection: pieces that they send back or complain of, against what our inspection found of the same goods.

What inspection finds never reaches a customer, so that customers should complain of no larger share than was found. Where they
clearly do, the inspection misses something: an item of the checklist, or how long a piece lasts.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.estimates.second_opinions.shares import Shares, verdicts

LINE = ["order_id", "line_no"]
PAIR = ["supplier", "sku"]
FEEDBACK_COLUMNS = [
    "supplier", "sku", "lines", "passed_on", "from_customers", "customer_rate", "customer_rate_low", "customer_rate_high", "inspected", "defective",
    "inspected_rate", "inspected_rate_low", "inspected_rate_high", "p_more", "verdict",
]  # fmt: skip
"""`passed_on`: pieces received less those found defective, at most as many as were sold; `from_customers` of them returned, repaired or
complained of. `verdict`: a key, "customers_find_more", "no_sign" of it, "cannot_tell" or "not_inspected"."""


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
    A return counts as a customer's when its `origin` says so. Where nothing is said, the pieces of a line beyond those that our
    inspection had found are customers'. Goods that still lie in the store are among `passed_on`, so that the share is at least what is shown.
    """
    if returns.empty:
        return _typed(pd.DataFrame(columns=FEEDBACK_COLUMNS))
    lines = _lines(orders, returns, lots)
    keys = lines[PAIR].drop_duplicates().sort_values(PAIR, ignore_index=True)
    back = Shares.of_lots(lines, keys, "from_customers", "passed_on", lot_correlation)
    seen = Shares.of_lots(lots.dropna(subset=PAIR), keys, "defective", "inspected", lot_correlation)
    rows = keys.assign(lines=lines.groupby(PAIR).size().to_numpy(), passed_on=back.pieces, from_customers=back.found)
    rows["customer_rate"], rows["customer_rate_low"], rows["customer_rate_high"] = back.columns(level)
    rows["inspected"], rows["defective"] = seen.pieces, seen.found
    rows["inspected_rate"], rows["inspected_rate_low"], rows["inspected_rate_high"] = seen.columns(level)
    rows["p_more"] = back.above(seen)
    rows["verdict"] = verdicts(rows["p_more"].to_numpy(), "customers_find_more", "no_sign", "not_inspected")
    return _typed(rows.sort_values(["p_more", *PAIR], ascending=[False, True, True], ignore_index=True))


def _lines(orders: pd.DataFrame, returns: pd.DataFrame, lots: pd.DataFrame) -> pd.DataFrame:
    """Order lines that arrived, with the pieces passed on and those that customers gave back or complained of."""
    told = returns.assign(back=returns[["returned", "reworked"]].fillna(0).sum(axis=1).astype(float))
    sums = {
        "by_customers": _by_line(told[told["origin"].eq("customer").fillna(False)], "back"),
        "by_inspection": _by_line(told[told["origin"].eq("inspection").fillna(False)], "back"),
        "untold": _by_line(told[told["origin"].isna()], "back"),
        "complained": _by_line(told, "complained"),
        "found": _by_line(lots, "defective"),
    }
    lines = orders.dropna(subset=["sku", "quantity"]).drop_duplicates(LINE)
    at = pd.MultiIndex.from_frame(lines[LINE])
    lines = lines.assign(**{name: of.reindex(at).fillna(0.0).to_numpy(float) for name, of in sums.items()})
    lines = lines[lines["status"].eq("received") | at.isin(pd.MultiIndex.from_frame(returns[LINE]))]
    received = lines["received_quantity"].fillna(lines["quantity"]).astype(float)
    unexplained = np.maximum(lines["untold"] - np.maximum(lines["found"] - lines["by_inspection"], 0), 0)
    passed_on = np.maximum(received - lines["found"], 0)
    customers = np.minimum(lines["by_customers"] + lines["complained"] + unexplained, received)
    return lines.assign(from_customers=customers, passed_on=np.maximum(passed_on, customers))


def _by_line(rows: pd.DataFrame, column: str) -> pd.Series:
    return rows.groupby(LINE)[column].sum().astype(float)


def _typed(rows: pd.DataFrame) -> pd.DataFrame:
    counts = ("lines", "passed_on", "from_customers", "inspected", "defective")
    kinds = dict.fromkeys(FEEDBACK_COLUMNS, "float64") | dict.fromkeys(counts, "Int64")
    return rows[FEEDBACK_COLUMNS].astype(kinds | dict.fromkeys((*PAIR, "verdict"), "str"))
