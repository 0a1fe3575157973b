"""Numbers of this report that lie far above anything the house has seen: none stands without a remark on page one."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from analysis.reporting.report_context import ReportContext

TIMES = 10
"""A number above so many times the largest of its kind so far has to be remarked on."""
FEWEST = 20
"""Pieces inspected from which a share of them is held against a rate: one of three found defective is no measure of anybody."""


def beyond_seen(m: ReportContext) -> pd.DataFrame:
    """`kind name printed seen`, the farthest first: `seen` is the largest of its kind on record, of the same SKU where there is one.

    Kinds: `days` (P90 of the lead time), `cost` (of a good piece), `demand` (a month), `pieces` (to order), `rate` (defective) and
    `rate_none` (none was defective of all that were inspected: `seen` is what one of them would be). A dash, and what nothing on
    record can be held against, is not judged. A name stands once a kind, with the largest that is printed of it.
    """
    compared = [rows.dropna() for rows in _compared(m)]
    numbers = (
        pd.concat(compared, ignore_index=True)
        if compared
        else pd.DataFrame(columns=["kind", "name", "printed", "seen"])
    )
    numbers = numbers.sort_values("printed", ascending=False, kind="stable").drop_duplicates(["kind", "name"])
    far = numbers[numbers["printed"].astype(float) > TIMES * numbers["seen"].astype(float)]
    return far.assign(times=far["printed"] / far["seen"]).sort_values("times", ascending=False, kind="stable")


def _compared(m: ReportContext) -> Iterator[pd.DataFrame]:
    orders, rates = m.table("orders"), m.supplier_rates()
    ordered, wanted = _largest(orders, "quantity"), _largest(m.table("demand"), "units")
    bought = pd.concat([ordered, wanted]).groupby(level=0).max()
    if m.has("lead_times", "orders"):
        yield _rows("days", m.table("lead_times"), "supplier", "lead_time_p90", _longest(orders, m.facts.as_of))
    if m.has("costs"):
        prices = _largest(m.table("costs"), "unit_price")
        yield _rows("cost", m.table("costs"), "sku", "cost_per_good_piece", prices)
    if m.has("stock"):
        yield _rows("demand", m.table("stock"), "sku", "demand_per_month", wanted.clip(lower=1.0))
        yield _rows("pieces", m.table("stock"), "sku", "order_quantity", bought)
    if m.has("purchase_plan"):
        yield _rows("pieces", m.table("purchase_plan"), "sku", "pieces", bought)
    kind, share = _share_found(rates[rates["assessed"]]) if len(rates) else ("", None)
    if share is not None:
        yield _rows(kind, rates, "supplier", "defect_rate", share)


def _longest(orders: pd.DataFrame, as_of: pd.Timestamp) -> float:
    """Days of the longest delivery, or that an open line waits already; a cancelled line waits for nothing."""
    until = orders["received_on"].where(orders["status"] != "open", orders["received_on"].fillna(as_of))
    days = (until - orders["ordered_on"]).dt.days.max()
    return float("nan") if pd.isna(days) else max(float(days), 1.0)


def _share_found(inspected: pd.DataFrame) -> tuple[str, float | None]:
    """The kind and the largest share found defective of a supplier's or of all pieces, where these are `FEWEST` or more."""
    found, pieces = inspected["defective"].sum(), inspected["inspected"].sum()
    if pieces < FEWEST:
        return "", None
    if not found:
        return "rate_none", 1 / float(pieces)
    enough = inspected[inspected["inspected"] >= FEWEST]
    return "rate", max(
        float(found / pieces), float((enough["defective"] / enough["inspected"]).max() if len(enough) else 0)
    )


def _largest(rows: pd.DataFrame, column: str) -> pd.Series:
    return rows.groupby("sku")[column].max().astype(float) if len(rows) else pd.Series(dtype=float)


def _rows(kind: str, table: pd.DataFrame, name: str, column: str, seen: float | pd.Series) -> pd.DataFrame:
    of = table[name].map(seen) if isinstance(seen, pd.Series) else seen
    rows = pd.DataFrame({"kind": kind, "name": table[name], "printed": table[column].astype(float), "seen": of})
    return rows.sort_values("printed", ascending=False).drop_duplicates("name")
