"""The gates of each stage, counted from the month's own tables: what nobody wrote down opens no gate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import pandas as pd

from analysis.allowed import Days, Number, Share
from analysis.estimates.track_record import ALL_MONTHS

STAGES = ("start", "growth", "maturity")
STAGE_COLUMNS = ["stage", "standing", "gate", "needed", "reached", "observations", "met"]
MONTHS = 12
"""Months back that shares of orders are taken over."""
AT_MOST = ("largest_share", "poor_quality_share")
"""Gates that ask for so much at most; the others ask for so much at least."""
Found = tuple[float, int]
Count = Annotated[int, Number(0, whole=True)]


@dataclass(frozen=True)
class StageRule:
    """Section `stages` of the rules: what has to be reached before the next stage.

    Attributes
    ----------
    received_lines : int
        Start: order lines received in all.
    inspected_share : float
        Start: of the lines received in the last 12 months, those of which pieces were looked at.
    costed_share : float
        Start: of the SKUs with demand, those whose planned cost a good piece is known in full.
    proven_suppliers : int
        Growth: of grade A.
    backed_share : float
        Growth: of the SKUs bought from somebody by the plan, those with a backup that is ready.
    counted_share : float
        Growth: of the SKUs with demand, those whose shelf was counted in the last `counted_days`.
    counted_days : float
        See `counted_share`.
    scored_forecasts : int
        Growth: forecasts of arrivals whose outcome is known.
    regions : int
        Maturity: regions of the suppliers bought from in the last 12 months.
    on_time_share : float
        Maturity: of what was due, on time and in full.
    largest_share : float
        Maturity: of the spend of 12 months with one supplier, at most.
    poor_quality_share : float
        Maturity: cost of poor quality of the spend, at most.
    """

    received_lines: Count
    inspected_share: Share
    costed_share: Share
    proven_suppliers: Count
    backed_share: Share
    counted_share: Share
    counted_days: Days
    scored_forecasts: Count
    regions: Count
    on_time_share: Share
    largest_share: Share
    poor_quality_share: Share


def stage_gates(
    tables: Mapping[str, pd.DataFrame], made: Mapping[str, pd.DataFrame], as_of: pd.Timestamp, rule: StageRule
) -> pd.DataFrame:
    """`STAGE_COLUMNS`, a row a gate: what is `needed` and `reached`, from so many `observations`: lines, SKUs or suppliers.

    `standing` of a stage: `reached`, `now` (the first with a gate that is not met) or `later`. `reached` is NaN where nothing is known,
    and the gate is not met.

    Parameters
    ----------
    tables : mapping
        Canonical tables of the month: `orders inspections suppliers demand stock_counts`.
    made : mapping
        What the review has made of it: `scorecard purchase_plan backups on_time exposure quality_costs calibration`.
    as_of : Timestamp
        Last day known.
    rule : StageRule
        What is needed.
    """
    found = {
        "start": _start(tables, made, as_of),
        "growth": _growth(tables, made, as_of, rule),
        "maturity": _maturity(tables, made, as_of),
    }
    rows = [
        (stage, gate, float(getattr(rule, gate)), reached, n)
        for stage in STAGES
        for gate, (reached, n) in found[stage].items()
    ]
    table = pd.DataFrame(rows, columns=["stage", "gate", "needed", "reached", "observations"])
    at_most = table["gate"].isin(AT_MOST)
    table["met"] = np.where(at_most, table["reached"] <= table["needed"], table["reached"] >= table["needed"])
    table["standing"] = table["stage"].map(_standing(table.groupby("stage")["met"].all()))
    return table[STAGE_COLUMNS].astype(
        {"stage": "str", "standing": "str", "gate": "str", "observations": "Int64", "met": bool}
    )


def _standing(done: pd.Series) -> dict[str, str]:
    now = next((stage for stage in STAGES if not done[stage]), None)
    places = {stage: place for place, stage in enumerate(STAGES)}
    at = len(STAGES) if now is None else places[now]
    return {stage: "now" if stage == now else "reached" if place < at else "later" for stage, place in places.items()}


def _start(
    tables: Mapping[str, pd.DataFrame], made: Mapping[str, pd.DataFrame], as_of: pd.Timestamp
) -> dict[str, Found]:
    orders, plan = tables["orders"], made["purchase_plan"].dropna(subset="demand_per_month")
    came = orders[orders["status"] == "received"]
    late = came[came["received_on"] > as_of - pd.DateOffset(months=MONTHS)]
    seen = tables["inspections"].dropna(subset="inspected")[["order_id", "line_no"]].drop_duplicates()
    looked = pd.MultiIndex.from_frame(late[["order_id", "line_no"]]).isin(pd.MultiIndex.from_frame(seen))
    return {
        "received_lines": (float(len(came)), len(came)),
        "inspected_share": _share(looked),
        "costed_share": _share(plan["cost_per_good_piece"].notna()),
    }


def _growth(
    tables: Mapping[str, pd.DataFrame], made: Mapping[str, pd.DataFrame], as_of: pd.Timestamp, rule: StageRule
) -> dict[str, Found]:
    card, plan = made["scorecard"], made["purchase_plan"].dropna(subset="demand_per_month")
    bought = plan.dropna(subset="supplier")
    ready = made["backups"].loc[made["backups"]["readiness"] == "ready", ["supplier", "sku"]]
    backed = pd.MultiIndex.from_frame(bought[["supplier", "sku"]]).isin(pd.MultiIndex.from_frame(ready))
    counts = tables["stock_counts"]
    fresh = counts.loc[counts["counted_on"] > as_of - pd.Timedelta(days=rule.counted_days), "sku"]
    record = made["calibration"]
    arrivals = record[(record["kind"] == "lead_time") & (record["month"] == ALL_MONTHS)]
    scored = int(arrivals["observations"].sum())
    return {
        "proven_suppliers": (float((card["grade"] == "A").sum()), len(card)),
        "backed_share": _share(backed),
        "counted_share": _share(plan["sku"].isin(fresh)),
        "scored_forecasts": (float(scored), scored),
    }


def _maturity(
    tables: Mapping[str, pd.DataFrame], made: Mapping[str, pd.DataFrame], as_of: pd.Timestamp
) -> dict[str, Found]:
    orders, due = tables["orders"], made["on_time"]
    spent, lost = made["exposure"], made["quality_costs"]
    lately = (orders["ordered_on"] > as_of - pd.DateOffset(months=MONTHS)) & (orders["status"] != "cancelled")
    people = tables["suppliers"]
    places = people.loc[people["supplier"].isin(orders.loc[lately, "supplier"]), "region"].dropna()
    lost = lost.dropna(subset="cost_of_poor_quality")
    return {
        "regions": (float(places.nunique()) if len(places) else np.nan, len(places)),
        "on_time_share": _ratio(due["on_time_in_full"].sum(), due["due"].sum(), int(due["due"].sum())),
        "largest_share": (float(spent["share"].max()) if len(spent) else np.nan, len(spent)),
        "poor_quality_share": _ratio(lost["cost_of_poor_quality"].sum(), lost["spend"].sum(), len(lost)),
    }


def _share(which: pd.Series | np.ndarray) -> Found:
    return _ratio(int(np.sum(which)), len(which), len(which))


def _ratio(part: float, whole: float, n: int) -> Found:
    return (float(part / whole) if whole > 0 else np.nan), n
