"""Do all tables of a review give one answer? Whom to buy from, who steps in, whom to test and what it costs are the purchase plan's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from analysis.decisions.purchase_plan import supplied
from analysis.reporting.sentences import verdict

Tables = Mapping[str, pd.DataFrame]
EXPECTED = "no table says otherwise than the purchase plan"
FOLLOWS = {"stock": "supplier", "negotiation": "supplier", "demand_forecast": "supplier", "supply_policies": "supplier"}
"""The tables that say whom an SKU is bought from, and their column."""
BOUGHT = {"purchase_plan": ("supplier", "backup", "rest_supplier"), "trial_plan": ("supplier",), "stock": ("supplier",), "supply_policies": ("supplier", "backup"), "sourcing_advice": ("main", "nearest", "backup")}  # fmt: skip
"""The columns in which nobody of grade C may stand."""
CENT = 0.006
"""Money that differs by less is printed alike."""


def contradictions(tables: Tables) -> list[str]:
    """What the tables of one review say against its purchase plan, a sentence each."""
    plan = tables["purchase_plan"]
    follows = supplied(plan)
    chosen = follows.set_index("sku")["supplier"]
    found = [*_others(tables, chosen), *_watched(tables), *_backups(tables, follows), *_costs(tables, plan)]
    return [*found, *_trials(tables, plan), *_main(tables, follows)]


def agreement_note(tables: Tables) -> str:
    """Whether the tables give one answer, and what says otherwise."""
    found = contradictions(tables)
    return "\n".join([verdict(EXPECTED, not found), *found])


def _others(tables: Tables, chosen: pd.Series) -> Iterator[str]:
    for name, column in FOLLOWS.items():
        for row in tables.get(name, pd.DataFrame()).itertuples():
            supplier = getattr(row, column)
            if pd.notna(supplier) and supplier != chosen.get(row.sku):
                yield f"{name} buys {row.sku} from {supplier}, the plan from {chosen.get(row.sku)}"


def _watched(tables: Tables) -> Iterator[str]:
    card = tables["scorecard"]
    watched = set(card.loc[card["grade"] == "C", "supplier"])
    for name, columns in BOUGHT.items():
        table = tables.get(name, pd.DataFrame())
        for column in columns:
            for supplier in watched & set(table[column].dropna() if len(table) else ()):
                yield f"{name}.{column} names {supplier}, which is grade C"


def _backups(tables: Tables, plan: pd.DataFrame) -> Iterator[str]:
    named = plan.dropna(subset=["supplier", "backup"]).set_index("sku")["backup"]
    firsts = tables["backups"].drop_duplicates(["supplier", "sku"]).set_index(["supplier", "sku"])["backup"]
    for row in plan[plan["supplier"].notna()].itertuples():
        if pd.notna(row.backup) and firsts.get((row.supplier, row.sku)) != row.backup:
            yield f"backups: {firsts.get((row.supplier, row.sku))} steps in for {row.sku}, in the plan {row.backup}"
        if row.backup == row.supplier:
            yield f"the plan's backup for {row.sku} is its supplier {row.supplier}"
    for row in tables["supply_policies"].drop_duplicates("sku").itertuples():
        if row.backup != named.get(row.sku):
            yield f"supply_policies: {row.backup} is backup for {row.sku}, in the plan {named.get(row.sku)}"


def _costs(tables: Tables, plan: pd.DataFrame) -> Iterator[str]:
    both = plan.merge(tables["costs"], on=["sku", "supplier"], suffixes=("", "_there"))
    for row in both[both["complete"] & both["cost_per_good_piece"].notna()].itertuples():
        if abs(row.cost_per_good_piece - row.cost_per_good_piece_there) > CENT:
            yield f"{row.sku} from {row.supplier}: {row.cost_per_good_piece:.2f} in the plan, {row.cost_per_good_piece_there:.2f} on the cost sheet"
        if row.pieces and row.pieces == row.quantity and abs(row.unit_price - row.unit_price_there) > CENT:
            yield f"{row.sku} from {row.supplier}: price {row.unit_price} in the plan, {row.unit_price_there} on the cost sheet"


def _trials(tables: Tables, plan: pd.DataFrame) -> Iterator[str]:
    bought = plan[plan["action"].isin(["order", "hold"]) & plan["supplier"].notna()]
    taken = set(zip(bought["sku"], bought["supplier"]))
    for row in tables["trial_plan"].itertuples():
        if (row.sku, row.supplier) in taken:
            yield f"a trial of {row.pieces} {row.sku} from {row.supplier}, whom the plan buys it from"


def _main(tables: Tables, plan: pd.DataFrame) -> Iterator[str]:
    """Where the plan buys from a category its main supplier is one of those, and the backup one that the plan names for it."""
    category = tables["scorecard"].set_index("supplier")["category"].fillna("")
    planned = set(plan["supplier"].map(category).dropna())
    for row in tables["sourcing_advice"].itertuples():
        own = plan[plan["supplier"].eq(row.main) | (plan["present_supplier"].eq(row.main) & plan["action"].eq("trial_first"))]  # fmt: skip
        if pd.notna(row.main) and own.empty and row.category in planned:
            yield f"main supplier of {row.category}: {row.main}, from whom the plan buys nothing"
        if len(own) and pd.notna(row.backup) and row.backup not in set(own["backup"]):
            yield f"backup of {row.category}: {row.backup}, which the plan does not name for {row.main}"
