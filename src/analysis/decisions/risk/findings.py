"""What the month's tables show: one row a risk, with its evidence, the money at stake and, where data give it, its likelihood.

A code names the risk (kind, then SKU or order): the same risk has the same code every month, so that what people write stays with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from analysis.decisions.risk.finding_rows import FINDING_COLUMNS, finding_rows
from analysis.decisions.risk.platform import Medals
from analysis.decisions.risk.profile_risks import profile_risks, tested_lately
from analysis.decisions.risk.rule import RiskRule
from analysis.decisions.risk.vanished import never_sent
from analysis.reasons import chance, reason

KINDS = (
    "vanished", "service_trap", "price_trap", "drift", "sample_batch", "report", "customers", "overdue", "price_rise", "over_quote", "single_source", "payee",
    "medal", "credentials", "no_test", "ip", "no_sample", "penalty", "integrity", "no_protection",
)  # fmt: skip
"""The gravest first."""
Tables = Mapping[str, pd.DataFrame]


def find_risks(
    tables: Tables,
    comparison: pd.DataFrame,
    contacts: pd.DataFrame,
    drift: pd.DataFrame,
    spend: pd.DataFrame,
    as_of: pd.Timestamp,
    rule: RiskRule,
    medals: Mapping[str, Medals],
    rise: float,
    of_lots: Sequence[pd.DataFrame] = (),
    others: Tables | None = None,
    limit: float = 0.05,
) -> pd.DataFrame:
    """`FINDING_COLUMNS`, the gravest kind first, then by money.

    `comparison` from `compare_offers`, `contacts` from `contact_history`, `drift` from `drift_table`, `spend` from `recent_spend`;
    `rise` the share from which a price rise is told; `of_lots` from `bulk_traps` and `worse_samples`;
    `others` what others say of the goods, `outside_reports customer_feedback`; `limit` the defect rate up to which a test is passed.
    """
    monthly = spend.groupby("supplier")["monthly"].sum()
    parts = [
        _of_orders(tables["orders"], as_of, rule), _of_prices(comparison, rise), _of_service(contacts, monthly),
        _of_drift(drift, spend), *of_lots, _single_sources(comparison, spend, rule), profile_risks(tables["suppliers"], monthly, as_of, rule, medals, tested_lately(tables, as_of, rule, limit)), *_of_others(others or {}, monthly, spend),
    ]  # fmt: skip
    rows = pd.concat(
        [part for part in parts if len(part)] or [pd.DataFrame(columns=FINDING_COLUMNS)], ignore_index=True
    )
    rows = rows.assign(
        response=[reason(f"before_order.respond_{kind}") for kind in rows["kind"]],
        place=rows["kind"].map({kind: place for place, kind in enumerate(KINDS)}),
    )
    ordered = rows.sort_values(["place", "money", "code"], ascending=[True, False, True], ignore_index=True)
    kinds = {**dict.fromkeys(FINDING_COLUMNS, "str"), "seen_on": "datetime64[us]", "likelihood": float, "money": float}
    return ordered[FINDING_COLUMNS].astype(kinds).drop_duplicates("code", ignore_index=True)


def _of_orders(orders: pd.DataFrame, as_of: pd.Timestamp, rule: RiskRule) -> pd.DataFrame:
    """Open lines past their first promise; those never shipped so long after their last one are a supplier that has vanished."""
    late = orders[orders["status"].eq("open") & (orders["promised_on"] < as_of)].copy()
    late["days"] = (as_of - late["promised_on"]).dt.days
    late = late[late["days"] >= rule.late_days]
    paid = late["paid_amount"].fillna(late["unit_price"] * late["quantity"].astype(float))
    late = late.assign(money=paid.astype(float), gone=never_sent(late, as_of, rule))
    groups = late.groupby(["supplier", "order_id"])
    by_order = groups.agg(
        money=("money", "sum"), days=("days", "max"), seen_on=("promised_on", "min"), gone=("gone", "all")
    )
    by_order = by_order.reset_index()
    parts = []
    for kind, own in (("vanished", by_order[by_order["gone"]]), ("overdue", by_order[~by_order["gone"]])):
        item = [reason(f"before_order.{kind}", order=o, days=int(d)) for o, d in zip(own["order_id"], own["days"])]
        parts.append(finding_rows(kind, own, own["order_id"], item))
    return pd.concat(parts)


def _of_prices(comparison: pd.DataFrame, rise: float) -> pd.DataFrame:
    """Traps, rises since the last order, and orders that cost more than was quoted."""
    money = comparison["unit_price"] * comparison["quantity"].astype(float)
    rows = comparison.assign(seen_on=comparison["quoted_on"].fillna(comparison["paid_on"]), money=money)
    trap = rows[rows["trap"]]
    values = zip(trap["sku"], trap["below_market"], trap["others"])
    parts = [
        finding_rows(
            "price_trap",
            trap,
            trap["sku"],
            [reason("before_order.risk_trap", sku=s, share=b, others=int(n)) for s, b, n in values],
        )
    ]
    risen = rows[rows["rise"] >= rise].assign(money=lambda of: of["rise_money"])
    rises = zip(risen["sku"], risen["rise"], risen["price_before"])
    parts.append(
        finding_rows(
            "price_rise",
            risen,
            risen["sku"],
            [reason("before_order.risk_rise", sku=s, rise=r, before=b) for s, r, b in rises],
        )
    )
    over = rows[rows["over_quote"] >= rise].assign(money=lambda of: of["over_quote"] * of["money"])
    overs = zip(over["sku"], over["over_quote"])
    parts.append(
        finding_rows(
            "over_quote", over, over["sku"], [reason("before_order.risk_over", sku=s, share=o) for s, o in overs]
        )
    )
    return pd.concat(parts)


def _of_service(contacts: pd.DataFrame, monthly: pd.Series) -> pd.DataFrame:
    rows = contacts[contacts["service_trap"]]
    rows = rows.assign(
        sku=None, money=rows["supplier"].map(monthly), seen_on=rows["silent_since"].fillna(rows["first_order_on"])
    )
    return finding_rows("service_trap", rows, pd.Series("", rows.index), rows["note"].tolist(), rows["p_slow_after"])


def _of_drift(drift: pd.DataFrame, spend: pd.DataFrame) -> pd.DataFrame:
    """Production worse than what won the order: the surest way of looking, by supplier and SKU."""
    if drift.empty:
        return pd.DataFrame(columns=FINDING_COLUMNS)
    rows = (
        drift[drift["flagged"].astype(bool)]
        .sort_values("p_worse", ascending=False)
        .drop_duplicates(["supplier", "sku"])
    )
    bought = spend.set_index(["supplier", "sku"])["monthly"]
    rows = rows.assign(
        money=bought.reindex(pd.MultiIndex.from_frame(rows[["supplier", "sku"]])).to_numpy(), seen_on=pd.NaT
    )
    values = zip(rows["sku"], rows["stage"], rows["p_worse"])
    item = [
        reason("before_order.risk_drift", sku=s, stage=reason(f"before_order.stage_{t}"), chance=chance(p))
        for s, t, p in values
    ]
    return finding_rows("drift", rows, rows["sku"], item, rows["p_worse"])


def _of_others(others: Tables, monthly: pd.Series, spend: pd.DataFrame) -> list[pd.DataFrame]:
    """Factories that report clearly less than we find, and articles of which customers clearly find more."""
    parts = []
    if len(reports := others.get("outside_reports", pd.DataFrame())):
        own = reports[reports["verdict"].eq("understates") & reports["inspected_by"].eq("factory")]
        own = own.assign(sku=None, seen_on=own["last_on"], money=own["supplier"].map(monthly))
        sides = ("reported_defective", "reported_inspected", "own_defective", "own_inspected")
        item = [reason("before_order.risk_report", goods=goods, chance=chance(p), **dict(zip(sides, map(int, counts)))) for goods, p, *counts in own[["skus", "p_understates", *sides]].to_numpy()]  # fmt: skip
        parts.append(finding_rows("report", own, pd.Series("", own.index), item, own["p_understates"]))
    if len(told := others.get("customer_feedback", pd.DataFrame())):
        own = told[told["verdict"].eq("customers_find_more")]
        bought = spend.set_index(["supplier", "sku"])["monthly"]
        own = own.assign(
            seen_on=pd.NaT, money=bought.reindex(pd.MultiIndex.from_frame(own[["supplier", "sku"]])).to_numpy()
        )
        values = zip(own["sku"], own["from_customers"], own["passed_on"], own["inspected_rate"], own["p_more"])
        item = [reason("before_order.risk_customers", sku=s, pieces=int(x), of=int(n), rate=r, chance=chance(p)) for s, x, n, r, p in values]  # fmt: skip
        parts.append(finding_rows("customers", own, own["sku"], item, own["p_more"]))
    return parts


def _single_sources(comparison: pd.DataFrame, spend: pd.DataFrame, rule: RiskRule) -> pd.DataFrame:
    """SKUs bought lately of which fewer suppliers than the house wants have an offer; the present supplier's risk."""
    live = comparison.groupby("sku")["supplier"].nunique()
    top = spend[spend["spend"] > 0].sort_values(["spend", "supplier"]).drop_duplicates("sku", keep="last")
    few = top.assign(live=top["sku"].map(live).fillna(0).astype(int), money=top["monthly"], seen_on=pd.NaT)
    few = few[few["live"] < rule.live_channels]
    item = [
        reason("before_order.risk_single", sku=s, live=int(n), wanted=rule.live_channels)
        for s, n in zip(few["sku"], few["live"])
    ]
    return finding_rows("single_source", few, few["sku"], item)
