"""What a supplier's profile says against it: payee, medal, papers, tests, authorisation, samples, penalty points, integrity, buyer protection."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.decisions.risk.finding_rows import finding_rows
from analysis.decisions.risk.platform import Medals, platform_signals
from analysis.decisions.risk.rule import RiskRule
from analysis.reasons import reason
from analysis.sources.folding import fold, words_in

Told = Callable[[dict[str, Any]], str]
POOR_GRADES = ("B", "C")
"""Of the platform's integrity grades (AAA to C) those that its own programme for large sellers does not take."""
TELL: Mapping[str, Told] = {
    "payee": lambda row: reason("before_order.risk_payee", payee=row["payee"]),
    "medal": lambda row: _medal(row),
    "credentials": lambda row: reason("before_order.risk_credentials", until=f"{row['credentials_until']:%Y-%m-%d}"),
    "no_test": lambda row: reason("before_order.risk_no_test", category=row["category"]),
    "ip": lambda row: reason("before_order.risk_ip"),
    "no_sample": lambda row: reason("before_order.risk_no_sample"),
    "penalty": lambda row: reason("before_order.risk_penalty", points=int(row["penalty_points"])),
    "integrity": lambda row: reason("before_order.risk_integrity", grade=row["integrity_grade"]),
    "no_protection": lambda row: reason("before_order.risk_no_protection"),
}
"""The sentence of each kind, from the profile's row."""


def profile_risks(
    suppliers: pd.DataFrame,
    monthly: pd.Series,
    as_of: pd.Timestamp,
    rule: RiskRule,
    medals: Mapping[str, Medals],
    tested: Mapping[str, Collection[str]] | None = None,
) -> pd.DataFrame:
    """The findings of the canonical `suppliers`; `monthly` money bought a month, index supplier; `tested` the suppliers of whose goods a
    third party's report has passed, with what these are (`tested_lately`)."""
    rows = suppliers.drop_duplicates("supplier").reset_index(drop=True)
    signals = platform_signals(rows, medals)[["shown", "earned", "impossible"]]
    rows = rows.join(signals).assign(money=rows["supplier"].map(monthly).astype(float), sku=None, seen_on=pd.NaT)
    parts = []
    for kind, where in _marks(rows, as_of, rule, tested or {}).items():
        own = rows[where.fillna(False).astype(bool)]
        item = [TELL[kind](row) for row in own.to_dict("records")]
        parts.append(finding_rows(kind, own, pd.Series("", own.index), item))
    return pd.concat(parts)


def tested_lately(
    tables: Mapping[str, pd.DataFrame], as_of: pd.Timestamp, rule: RiskRule, limit: float
) -> dict[str, set[str]]:
    """Suppliers with the words of `tested_categories` for which a third party's inspection report is still valid and was passed: no
    critical defect, and a share of defectives within `limit`. Goods of no category stand for whatever the supplier sells."""
    reports = tables.get("outside_inspections")
    if reports is None or reports.empty:
        return {}
    since = as_of - pd.Timedelta(days=rule.test_valid_days)
    valid = reports[reports["inspected_by"].eq("third_party") & reports["inspected_on"].between(since, as_of)]
    share = valid["defective"].astype(float) / valid["inspected"].astype(float)
    passed = valid[(share <= limit) & ~(valid["critical"].astype(float) > 0)]
    lines = passed.merge(tables["orders"][["order_id", "line_no", "supplier", "category"]], on=["order_id", "line_no"])
    found: dict[str, set[str]] = {}
    for supplier, category in zip(lines["supplier"], lines["category"]):
        words = set(rule.tested_categories) if pd.isna(category) else words_in(category, rule.tested_categories)
        found.setdefault(supplier, set()).update(words)
    return found


def _marks(
    rows: pd.DataFrame, as_of: pd.Timestamp, rule: RiskRule, tested: Mapping[str, Collection[str]]
) -> dict[str, pd.Series]:
    """Which suppliers each kind is told of."""
    words = [words_in(category, rule.tested_categories) for category in rows["category"]]
    untested = [bool(own) and not own & set(tested.get(name, ())) for name, own in zip(rows["supplier"], words)]
    return {
        "payee": rows["payee"].notna() & (rows["payee"].fillna("").map(fold) != rows["supplier"].map(fold)),
        "medal": rows["impossible"],
        "credentials": rows["credentials_until"] <= as_of + pd.Timedelta(days=rule.expiry_days),
        "no_test": pd.Series(untested, rows.index, dtype=bool) & ~rows["third_party_test"].fillna(False).astype(bool),
        "ip": rows["ip_authorised"].eq(False),
        "no_sample": rows["gives_samples"].eq(False),
        "penalty": rows["penalty_points"] >= rule.most_penalty_points,
        "integrity": rows["integrity_grade"].isin(POOR_GRADES),
        "no_protection": rows["buyer_protection"].eq(False),
    }


def _medal(row: dict[str, Any]) -> str:
    if np.isnan(row["earned"]):
        return reason("before_order.risk_no_such_medal", medal=str(row["medal"]))
    return reason(
        "before_order.risk_medal", medal=str(row["medal"]), earned=f"{int(row['earned'])}A" if row["earned"] else "-"
    )
