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

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.allowed import Days, Pieces, Share
from analysis.decisions.offers import Offers
from analysis.decisions.purchase_plan import supplied
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
    lines = _lines(spend, plan).sort_values(["supplier", "sku"], ignore_index=True)
    quoted = {(offer.supplier, offer.sku): offer.basis == "quote" for offer in (*offers.offers, *offers.too_large)}
    offered = pd.Series(quoted.values(), index=pd.MultiIndex.from_tuples(quoted, names=["backup", "sku"]), dtype=bool)
    rows = _others(lines, offered, category)
    known = tried.reindex(rows["backup"])[["inspected", "received", "p_under_limit", "lead_time_p90"]].fillna(0.0)
    known = known.set_axis(rows.index).astype(float)
    at = offered.index.get_indexer(pd.MultiIndex.from_frame(rows[["backup", "sku"]]))
    quote = offered.to_numpy()[at] if len(offered) else np.zeros(len(rows), bool)
    ready = _readiness(rows["backup"].notna().to_numpy(), at >= 0, quote, known, rule)
    rows = rows.assign(
        readiness=np.array(READINESS, dtype=object)[ready], recovery_days=_recovery(ready, known, rule),
        cost_ratio=_ratios(rows, cost), inspected=known["inspected"].to_numpy(), ready=ready,
    )  # fmt: skip
    rows = rows.assign(elsewhere=(rows["backup"] != rows["planned"]).fillna(True).astype(bool))
    rows = rows.sort_values(["line", "elsewhere", "ready", "recovery_days", "backup"], ignore_index=True)
    table = rows.assign(note=_notes(rows))[BACKUP_COLUMNS]
    return table.astype({"inspected": "Int64", "recovery_days": float, "cost_ratio": float})


def _others(lines: pd.DataFrame, offered: pd.Series, category: pd.Series) -> pd.DataFrame:
    """`line supplier sku spend planned backup`: whoever else offers the SKU or sells its category; a line with nobody once, `backup`
    missing."""
    asked = lines[["supplier", "sku", "spend", "planned", "category"]].assign(line=np.arange(len(lines)))
    asked = asked.astype({"sku": "str", "category": "str"})  # a column that nobody filled in is no text
    by_sku = offered.index.to_frame(index=False).astype("str")
    sells = pd.DataFrame({"backup": category.index, "category": category.to_numpy()}).dropna().astype("str")
    found = [
        asked.merge(told, on=key)[["line", "backup"]]
        for key, told in (("sku", by_sku), ("category", sells))
        if len(told)
    ]
    pairs = pd.concat([*found, pd.DataFrame({"line": [], "backup": []}).astype({"line": int, "backup": "str"})])
    pairs = pairs.drop_duplicates()
    pairs = pairs[pairs["backup"] != asked["supplier"].reindex(pairs["line"]).to_numpy()]
    return asked.drop(columns="category").merge(pairs, on="line", how="left")


def _lines(spend: pd.DataFrame, plan: pd.DataFrame | None) -> pd.DataFrame:
    """`supplier sku category spend planned`: what was bought, and what the plan buys; `planned` is the plan's backup."""
    bought = spend[spend["spend"] > 0]
    if plan is None:
        return bought.assign(planned=None)
    chosen = (
        supplied(plan)
        .loc[plan["supplier"].notna(), ["supplier", "sku", "backup"]]
        .rename(columns={"backup": "planned"})
    )
    keys = {"supplier": "str", "sku": "str"}
    lines = bought.astype(keys).merge(chosen.astype(keys), on=list(keys), how="outer")
    sold_as = bought.dropna(subset="category").drop_duplicates("sku").set_index("sku")["category"]
    category = lines["category"].astype("str").fillna(lines["sku"].map(sold_as).astype("str"))
    return lines.assign(spend=lines["spend"].fillna(0.0), category=category)


def _readiness(
    there: np.ndarray, offered: np.ndarray, quoted: np.ndarray, known: pd.DataFrame, rule: BackupRule
) -> np.ndarray:
    """(rows,) place in `READINESS`."""
    chance = known["p_under_limit"].to_numpy()
    settled = known["inspected"].to_numpy() >= rule.fewest_inspected
    good = quoted & settled & (chance >= rule.least_probability)
    rules = {
        "none": ~there,
        "unfit": settled & (chance <= 1 - rule.least_probability),
        "category": ~offered,
        "quoted": known["received"].to_numpy() == 0,
        "ready": good,
    }
    return np.select(list(rules.values()), [READINESS.index(name) for name in rules], READINESS.index("tried"))


def _recovery(ready: np.ndarray, known: pd.DataFrame, rule: BackupRule) -> np.ndarray:
    days = known["lead_time_p90"].to_numpy()
    days = np.where(days == 0, rule.usual_days, days)
    by_place = {"ready": days, "tried": days, "quoted": 2 * days}
    return np.select([ready == READINESS.index(name) for name in by_place], list(by_place.values()), rule.outage_days)


def _ratios(rows: pd.DataFrame, cost: pd.Series | None) -> np.ndarray:
    """Cost a good piece of each backup over the present supplier's."""
    if cost is None or cost.empty:
        return np.full(len(rows), np.nan)
    known = cost[~cost.index.duplicated(keep="last")]
    theirs, own = (known.reindex(pd.MultiIndex.from_frame(rows[[name, "sku"]])).to_numpy(float) for name in ("backup", "supplier"))  # fmt: skip
    return theirs / own


def _notes(rows: pd.DataFrame) -> pd.Series:
    """What is said of each backup; each different sentence is made once."""
    said = rows[["backup", "readiness", "recovery_days", "inspected"]]
    once = said.drop_duplicates()
    texts = np.array([_said(row) for row in once.itertuples()], dtype=object)
    return pd.Series(texts[said.groupby(list(said), dropna=False, sort=False).ngroup()], index=rows.index, dtype="str")


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
    named = supplied(plan).dropna(subset=["supplier", "backup"])[["sku", "supplier", "backup"]]
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
