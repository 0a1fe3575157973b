"""Who can replace whom: for every supplier and SKU that is bought, the other suppliers, how ready they are and how soon they deliver.

Readiness of a backup for an SKU, best first:

    ready       a valid offer, deliveries received, and enough pieces inspected to trust its defect rate
    tried       a valid offer and deliveries received, but the quality is not settled
    quoted      a valid offer, nothing received yet: a trial order comes first
    category    sells the same category, has made no offer for the SKU
    unfit       its defect rate is known and most likely above the limit
    none        nobody known

What an outage would cost under each way of using a backup is simulated in `supply_policies.py`; how much hangs on whom is in
`concentration.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.allowed import Days, Pieces, Share
from analysis.decisions.offers import Offers
from analysis.reasons import reason

READINESS = ("ready", "tried", "quoted", "category", "unfit", "none")
BACKUP_COLUMNS = [
    "supplier",
    "sku",
    "spend",
    "backup",
    "readiness",
    "recovery_days",
    "cost_ratio",
    "inspected",
    "note",
]


@dataclass(frozen=True)
class BackupRule:
    """When a backup counts as ready: `fewest_inspected` pieces, defect rate under the limit with `least_probability`.

    `outage_days` to find, test and start somebody new; `usual_days` lead time (90 %) of a supplier whose own is not known.
    Section `backups` of the rules.
    """

    fewest_inspected: Pieces
    least_probability: Share
    outage_days: Days
    usual_days: Days


def backups(
    spend: pd.DataFrame,
    offers: Offers,
    tried: pd.DataFrame,
    category: pd.Series,
    rule: BackupRule,
    *,
    cost: pd.Series | None = None,
    plan: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Every backup of every supplier and SKU bought or planned: `BACKUP_COLUMNS`, within them the plan's first, then the readiest.

    Parameters
    ----------
    spend : DataFrame
        `supplier sku category spend` (`concentration.recent_spend`).
    offers : Offers
        From `offers_in_force`.
    tried : DataFrame
        Index supplier, `inspected received p_under_limit lead_time_p90`; suppliers that are absent were never tried.
    category : Series
        What each supplier sells (`assessment.supplier_categories`).
    rule : BackupRule
        The house's rule.
    cost : Series, optional
        cost a good piece, index (supplier, sku); `cost_ratio` is the backup's over the present supplier's.
    plan : DataFrame, optional
        The purchase plan; what it buys of somebody new has a row with a spend of 0.

    Returns
    -------
    DataFrame
        `recovery_days`: until the backup's goods arrive: its 90 % lead time, twice that when a trial order comes first, or
        `rule.outage_days` when somebody must be found. A supplier and SKU without any backup has one row, readiness "none".
    """
    tried, cost = _looked_up(tried, cost)
    offered = {(offer.supplier, offer.sku): offer.basis == "quote" for offer in offers.offers}
    lines = _lines(spend, plan).sort_values(["supplier", "sku"])
    rows = [
        row for line in lines.itertuples(index=False) for row in _of_line(line, offered, tried, category, cost, rule)
    ]
    table = pd.DataFrame(rows, columns=BACKUP_COLUMNS[:-1])
    table["note"] = [_said(row) for row in table.itertuples()]
    return table[BACKUP_COLUMNS].astype({"inspected": "Int64", "recovery_days": float, "cost_ratio": float})


def _lines(spend: pd.DataFrame, plan: pd.DataFrame | None) -> pd.DataFrame:
    """`supplier sku category spend planned`: what was bought, and what the plan buys; `planned` is the plan's backup."""
    bought = spend[spend["spend"] > 0]
    if plan is None:
        return bought.assign(planned=None)
    chosen = plan.loc[plan["supplier"].notna(), ["supplier", "sku", "backup"]].rename(columns={"backup": "planned"})
    keys = {"supplier": "str", "sku": "str"}
    lines = bought.astype(keys).merge(chosen.astype(keys), on=list(keys), how="outer")
    sold_as = bought.dropna(subset="category").drop_duplicates("sku").set_index("sku")["category"]
    return lines.assign(spend=lines["spend"].fillna(0.0), category=lines["category"].fillna(lines["sku"].map(sold_as)))


def _of_line(
    line: Any,
    offered: Mapping[tuple[str, str], bool],
    tried: pd.DataFrame,
    category: pd.Series,
    cost: pd.Series | None,
    rule: BackupRule,
) -> list[dict[str, Any]]:
    """The backups of one supplier and SKU, best first."""
    others = {name for name, sku in offered if sku == line.sku} | set(category.index[category == line.category])
    found = []
    for name in sorted(others - {line.supplier}):
        readiness = _readiness(name, line.sku, offered, tried, rule)
        found.append(
            {
                "supplier": line.supplier, "sku": line.sku, "spend": line.spend, "backup": name, "readiness": readiness,
                "recovery_days": _recovery(name, readiness, tried, rule), "cost_ratio": _ratio(cost, line, name),
                "inspected": _of(tried, name, "inspected"),
            }
        )  # fmt: skip
    if not found:
        nobody = {
            "backup": pd.NA,
            "readiness": "none",
            "recovery_days": rule.outage_days,
            "cost_ratio": np.nan,
            "inspected": 0,
        }
        return [{"supplier": line.supplier, "sku": line.sku, "spend": line.spend, **nobody}]
    return sorted(
        found,
        key=lambda row: (row["backup"] != line.planned, READINESS.index(row["readiness"]), row["recovery_days"], row["backup"]),
    )  # fmt: skip


def _looked_up(tried: pd.DataFrame, cost: pd.Series | None) -> Any:
    """Both by name: a table's cell costs fifty times as much, and every pair of suppliers asks for several."""
    return tried.to_dict("index"), {} if cost is None else cost.to_dict()


def _of(tried: Any, supplier: str, column: str) -> float:
    """A fact of a supplier; 0 where it was never tried."""
    value = tried.get(supplier, {}).get(column)
    return 0.0 if value is None or pd.isna(value) else float(value)


def _readiness(
    supplier: str, sku: str, offered: Mapping[tuple[str, str], bool], tried: pd.DataFrame, rule: BackupRule
) -> str:
    settled = _of(tried, supplier, "inspected") >= rule.fewest_inspected
    if settled and _of(tried, supplier, "p_under_limit") <= 1 - rule.least_probability:
        return "unfit"
    if (supplier, sku) not in offered:
        return "category"
    if not _of(tried, supplier, "received"):
        return "quoted"
    good = _of(tried, supplier, "p_under_limit") >= rule.least_probability
    return "ready" if offered[supplier, sku] and settled and good else "tried"


def _recovery(supplier: str, readiness: str, tried: pd.DataFrame, rule: BackupRule) -> float:
    if readiness in ("category", "unfit"):
        return rule.outage_days
    days = _of(tried, supplier, "lead_time_p90") or rule.usual_days
    return days if readiness in ("ready", "tried") else 2 * days


def _ratio(cost: Any, line: Any, backup: str) -> float:
    theirs, own = cost.get((backup, line.sku)), cost.get((line.supplier, line.sku))
    return np.nan if theirs is None or own is None else float(theirs / own)


def _said(row: Any) -> str:
    known = {"backup": row.backup, "days": row.recovery_days, "inspected": row.inspected}
    return reason(f"costs.backup_{row.readiness}", **{name: value for name, value in known.items() if pd.notna(value)})


def recovery_days(table: pd.DataFrame) -> pd.DataFrame:
    """Days until somebody else delivers, `supplier sku recovery_days backup readiness`: the best backup of each line."""
    return table.drop_duplicates(["supplier", "sku"])[
        ["supplier", "sku", "recovery_days", "backup", "readiness"]
    ].reset_index(drop=True)


def plan_backups(plan: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """The rows of `table` (`backups`) on whom the plan buys each SKU from and the backup that it names."""
    named = plan.loc[plan["supplier"].notna() & plan["backup"].notna(), ["sku", "supplier", "backup"]]
    keys = dict.fromkeys(("sku", "supplier", "backup"), "str")  # an empty table has no type of its own
    return named.astype(keys).merge(table.astype(keys), on=list(keys), how="inner")


def tried_suppliers(defect_rates: pd.DataFrame, lead_times: pd.DataFrame) -> pd.DataFrame:
    """What `backups` needs to know of suppliers, from the tables `defect_rates` (its rows a supplier) and `lead_times`."""
    rates = defect_rates[defect_rates["level"] == "supplier"].set_index("supplier")
    times = lead_times.drop_duplicates("supplier").set_index("supplier")
    suppliers = rates.index.union(times.index)
    return pd.DataFrame(
        {
            "inspected": rates["inspected"].reindex(suppliers).fillna(0).astype(int),
            "received": times["received"].reindex(suppliers).fillna(0).astype(int),
            "p_under_limit": 1 - rates["p_over_limit"].reindex(suppliers).astype(float),
            "lead_time_p90": times["lead_time_p90"].reindex(suppliers).astype(float),
        }
    )
