"""Whom to buy from: each category's main supplier, its backup, and whether the next order is a mixed batch, with the reasons.

Main supplier and backup are the purchase plan's. Where no demand is known the main supplier is the best-rated one of grade A; where
nobody is, nobody is recommended, and the nearest is named with what it lacks. One of grade C is neither: nobody is named to buy from
and to stop ordering from at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.decisions.sourcing.advice_sentences import backup_reason, batch_reason, main_reason
from analysis.decisions.sourcing.backup import READINESS, plan_backups

UNCHECKED = "unchecked"
"""Readiness where nothing was bought from the main supplier, so that nobody was looked at as its backup."""
LEAST_LEAD = 0.2
"""Points of the rating (0-100) by which a criterion must differ to be named: less is nothing to choose by."""
MOST_NAMED = 3
CHOICE_COLUMNS = ["main", "nearest", "rating", "rating_low", "rating_high", "p_best"]
BACKUP_COLUMNS = [
    "backup", "readiness", "recovery_days", "covered", "bought", "backup_cost_ratio", "main_better_in", "backup_better_in",
]  # fmt: skip
BATCH_COLUMNS = [
    "minimum_days", "mixed_batch", "batch_skus", "batch_days", "batch_pieces", "batch_cost", "batch_freight", "alone_pieces",
    "alone_cost",
]  # fmt: skip
REASONS = {"reason": main_reason, "backup_reason": backup_reason, "batch_reason": batch_reason}
ADVICE_COLUMNS = [
    "category", *CHOICE_COLUMNS, *BACKUP_COLUMNS, *BATCH_COLUMNS,
    *REASONS,
]  # fmt: skip
_TEXTS = ("category", "main", "nearest", "backup", "readiness", "main_better_in", "backup_better_in")
_COUNTS = ("covered", "bought", "batch_skus", "batch_pieces", "alone_pieces")
_BEST_FIRST = {
    "rank_in_category": True, "p_best": False, "inspected": False, "received": False, "supplier": True,
}  # fmt: skip
"""A name decides last, between suppliers of which all else is equal."""


def main_suppliers(scorecard: pd.DataFrame, plan: pd.DataFrame) -> list[str]:
    """The main supplier of every category that has one."""
    spent = planned_spend(buying(plan, scorecard))
    firsts = (_main(ranked, spent) for _, ranked in _by_category(scorecard))
    return [first["supplier"] for first in firsts if first is not None]


def buying(plan: pd.DataFrame, scorecard: pd.DataFrame) -> pd.DataFrame:
    """The SKUs that the plan buys of somebody: where one is to be tried first, of whom it is bought meanwhile, else as today, unless today's supplier is grade C."""
    watched = scorecard.loc[scorecard["grade"] == "C", "supplier"]
    as_today = plan["present_supplier"].mask(plan["present_supplier"].isin(watched))
    meanwhile = plan["rest_supplier"].fillna(as_today)
    rows = plan.assign(supplier=plan["supplier"].mask(plan["action"] == "trial_first", meanwhile))
    rows = rows[rows["supplier"].notna()]
    return rows.assign(backup=rows["backup"].mask(rows["backup"] == rows["supplier"]))


def planned_spend(plan: pd.DataFrame) -> pd.DataFrame:
    """Money a month that the purchase plan spends with each supplier over how many `skus`, index supplier: `known` of those whose
    cost is known, `money` of all, NaN where the cost of one is not."""
    money = (plan["demand_per_month"] * plan["cost_per_good_piece"]).astype(float).groupby(plan["supplier"])
    return pd.DataFrame(
        {"known": money.sum(), "money": money.agg(lambda each: each.sum(skipna=False)), "skus": money.size()}
    )


def _main(ranked: pd.DataFrame, spent: pd.DataFrame) -> pd.Series | None:
    """Whom the plan spends most on, else the best-rated of grade A."""
    planned = ranked["supplier"].map(spent["known"]).astype(float)
    if planned.notna().any():
        return ranked.loc[planned.idxmax()]
    return _first(ranked, ranked["grade"] == "A")


def sourcing_advice(
    tables: Mapping[str, pd.DataFrame], batches: pd.DataFrame, longest_days: float, currency: str
) -> pd.DataFrame:
    """One row a category: `ADVICE_COLUMNS`, in the order of the categories' names.

    Parameters
    ----------
    tables : mapping of DataFrame
        `scorecard`, `backups`, `costs`, `criteria_values` and `purchase_plan` as the review writes them.
    batches : DataFrame
        The main suppliers' next orders (`next_batches`).
    longest_days : float
        Of demand that an order may cover.
    currency : str
        Of all money.

    Returns
    -------
    DataFrame
        `nearest` stands where nobody is `main` and not all are grade C, and `rating` and chance are then its. `covered` of
        the `bought` SKUs that are bought from the main supplier are those the backup can take over; where the plan names
        several backups it is the one for most money. `backup_cost_ratio` is the cost of good pieces, the backup's over the
        main supplier's, over the SKUs whose cost is known of both.
        `main_better_in` and `backup_better_in`: up to three criteria, the largest lead in points of the rating first;
        criteria without evidence on either are left out.
    """
    tables = {**tables, "purchase_plan": buying(tables["purchase_plan"], tables["scorecard"])}
    spent = planned_spend(tables["purchase_plan"])
    rows = [
        _advised(category, ranked, tables, batches, spent) for category, ranked in _by_category(tables["scorecard"])
    ]
    for row in rows:
        for name, reason in REASONS.items():
            row[name] = reason(row, longest_days=longest_days, currency=currency)
    table = pd.DataFrame(rows, columns=ADVICE_COLUMNS)
    numbers = set(ADVICE_COLUMNS) - {*_TEXTS, *_COUNTS, *REASONS, "mixed_batch"}
    kinds = dict.fromkeys((*_TEXTS, *REASONS), "str") | dict.fromkeys(_COUNTS, "Int64") | dict.fromkeys(numbers, float)
    return table.astype({**kinds, "mixed_batch": bool})


def _by_category(scorecard: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Each category with its suppliers, best first."""
    ranked = scorecard.sort_values(list(_BEST_FIRST), ascending=list(_BEST_FIRST.values()), ignore_index=True)
    yield from ranked.assign(category=ranked["category"].fillna("")).groupby("category", sort=True)


def _first(ranked: pd.DataFrame, wanted: pd.Series) -> pd.Series | None:
    return ranked[wanted].iloc[0] if wanted.any() else None


def _advised(
    category: str, ranked: pd.DataFrame, tables: Mapping[str, pd.DataFrame], batches: pd.DataFrame, spent: pd.DataFrame
) -> dict[str, Any]:
    """The numbers of a category's row, and what its sentences need besides (`told` of the main one, the leader, the backup)."""
    main = _main(ranked, spent)
    chosen = main if main is not None else _first(ranked, ranked["grade"] != "C")
    row = dict.fromkeys(ADVICE_COLUMNS) | {"category": category, "mixed_batch": False, "suppliers": len(ranked)}
    if chosen is None:
        return row
    row |= {name: chosen[name] for name in CHOICE_COLUMNS[2:]} | {"told": chosen}
    if main is None:
        return row | {"nearest": chosen["supplier"]}
    own = spent.astype(object).reindex([main["supplier"]]).iloc[0]
    row["planned"] = {} if pd.isna(own["skus"]) else own[["money", "skus"]].to_dict()
    leader = ranked.iloc[0]
    row |= {"main": main["supplier"], "leader": leader} | _backup_of(main["supplier"], ranked, tables)
    row["leader_cost_ratio"] = _cost_ratio(tables, [main["supplier"], leader["supplier"]])
    return row | _batch_of(main["supplier"], batches)


# ---- the backup ----


def _backup_of(main: str, ranked: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """Who stands in for the main supplier, how ready, and how the two compare; nothing but `bought` where nobody can."""
    own, plan = (tables[name][tables[name]["supplier"] == main] for name in ("backups", "purchase_plan"))
    card = tables["scorecard"].set_index("supplier")
    if len(plan):
        own, found = plan, _planned_backup(plan, tables["backups"])
    else:
        rest = ranked[(ranked["supplier"] != main) & (ranked["grade"] != "C")]
        found = _ready_backup(own, card) or _next_in_line(own, rest)
    if not found:
        return {"bought": own["sku"].nunique()}
    two = [main, found["backup"]]
    better = _better_in(tables["criteria_values"], two), _better_in(tables["criteria_values"], two[::-1])
    compared = {"backup_cost_ratio": _cost_ratio(tables, two), **dict(zip(BACKUP_COLUMNS[-2:], better))}
    return {**found, **compared, "bought": own["sku"].nunique(), "told_backup": card.loc[found["backup"]]}


def _planned_backup(plan: pd.DataFrame, table: pd.DataFrame) -> dict[str, Any]:
    """The plan's backup for most of the money of its `plan` rows, with its state; `others` are those of its other SKUs."""
    named = plan[plan["backup"].notna()]
    if named.empty:
        return {}
    money = named["demand_per_month"] * named["cost_per_good_piece"].fillna(0.0)
    by_name = money.groupby(named["backup"]).sum().round(6).sort_index()
    name = by_name.index[int(by_name.to_numpy(float).argmax())]
    states = plan_backups(named[named["backup"] == name], table)
    best = min(states["readiness"], key=READINESS.index, default="quoted")
    others = named.loc[named["backup"] != name, ["backup", "sku"]].sort_values("sku")
    return {
        "backup": name, "readiness": best, "covered": int((states["readiness"] == "ready").sum()),
        "recovery_days": states.loc[states["readiness"] == best, "recovery_days"].max(),
        "others": list(others.itertuples(index=False, name=None)),
    }  # fmt: skip


def _ready_backup(own: pd.DataFrame, card: pd.DataFrame) -> dict[str, Any]:
    """The ready one, not of grade C, for the SKUs on which most is spent; among equals the one rated best."""
    fit = card.index[card["grade"] != "C"]
    ready = own[(own["readiness"] == "ready") & own["backup"].isin(fit)]
    if ready.empty:
        return {}
    by_name = ready.groupby("backup").agg(
        spend=("spend", "sum"), covered=("sku", "nunique"), recovery_days=("recovery_days", "max")
    )
    by_name = by_name.round({"spend": 6}).join(card[["rank", "inspected"]]).rename_axis("backup").reset_index()
    best = by_name.sort_values(["spend", "rank", "inspected", "backup"], ascending=[False, True, False, True]).iloc[0]
    return {"readiness": "ready", **best[["backup", "covered", "recovery_days"]]}


def _next_in_line(own: pd.DataFrame, others: pd.DataFrame) -> dict[str, Any]:
    """The best-rated of the category that is no backup yet; whoever is most likely above the defect limit is passed over."""
    for name in others["supplier"]:
        mine = own[own["backup"] == name]
        if "unfit" in set(mine["readiness"]):
            continue
        if mine.empty:
            readiness = "category" if len(own) else UNCHECKED
            return {"backup": name, "readiness": readiness, "covered": 0}
        readiness = min(mine["readiness"], key=READINESS.index)
        days = mine.loc[mine["readiness"] == readiness, "recovery_days"].max()
        return {"backup": name, "readiness": readiness, "recovery_days": days, "covered": 0}
    return {}


def _cost_ratio(tables: Mapping[str, pd.DataFrame], two: list[str]) -> float:
    """Second over first: the cost of good pieces of the SKUs whose cost is known of both; NaN without one.

    Of what the plan buys from the first; of all where it buys nothing from it.
    """
    costs, plan = tables["costs"], tables["purchase_plan"]
    bought = plan.loc[plan["supplier"] == two[0], "sku"]
    known = costs[costs["complete"].astype(bool) & costs["supplier"].isin(two)]
    known = known[known["sku"].isin(bought)] if len(bought) else known
    money = known.assign(money=known["wanted"] * known["cost_per_good_piece"])
    both = money.pivot(index=["sku", "wanted"], columns="supplier", values="money").reindex(columns=two).dropna()
    first, second = both.sum()
    return float(second / first) if first > 0 else np.nan


def _better_in(values: pd.DataFrame, two: list[str]) -> str:
    """The criteria in which the first is worth more than the second, largest lead first, with commas."""
    known = values[values["supplier"].isin(two) & ~values["missing"].astype(bool)]
    points = known.assign(points=100 * known["weight"] * known["worth"])
    points = points.pivot(index="criterion", columns="supplier", values="points").reindex(columns=two).dropna()
    lead = (points[two[0]] - points[two[1]]).sort_index().sort_values(ascending=False, kind="stable")
    return ", ".join(lead.index[lead >= LEAST_LEAD][:MOST_NAMED])


# ---- the next batch ----


def _batch_of(main: str, batches: pd.DataFrame) -> dict[str, Any]:
    own = batches[batches["supplier"] == main]
    if own.empty:
        return {}
    batch = own.iloc[0]
    told = {name: batch[name] for name in BATCH_COLUMNS if name != "mixed_batch"}
    return {**told, "mixed_batch": bool(pd.notna(batch["batch_pieces"])), "mixes": bool(batch["mixes"])}
