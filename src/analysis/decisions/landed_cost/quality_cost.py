"""Cost of poor quality, made concrete: what failed inside, what failed outside, what looking and preventing cost.

Cost of poor quality = internal failure + external failure; cost of quality adds appraisal and prevention [1].

    internal failure    defectives found at the receipt: their price where they are not sent back, rework, sending back
    external failure    defectives among the pieces that nobody looked at, expected from the posterior, at the cost of an escape
    appraisal           inspecting
    prevention          samples bought and tested before an order

Appraisal and internal failure are counted, external failure is expected: pieces that customers return have no table.

.. [1] Feigenbaum, A. V. (1956). Total Quality Control. Harvard Business Review 34(6), 93-101; the four classes of cost.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.decisions.landed_cost.house import HouseCosts
from analysis.decisions.offers import goods_paid
from analysis.estimates.defect_rate import inspected_lots
from analysis.estimates.draws import Draws, summary
from analysis.estimates.looks import second_looks

QUALITY_COLUMNS = [
    "supplier", "received_pieces", "inspected", "defective", "spend", "appraisal", "prevention", "internal_failure",
    "external_failure", "external_failure_low", "external_failure_high", "cost_of_poor_quality", "cost_of_quality", "share_of_spend",
]  # fmt: skip
"""Money in the source's currency; `share_of_spend` is the cost of quality over the goods received. NaN external failure: pieces
went in unseen and no rate is known; the sums are then without it. A supplier of which no piece was inspected and no failure is
booked has NaN failures and sums: what nobody looked at is not 0, and the other suppliers' rates are no evidence of this one's."""


def quality_costs(
    tables: Mapping[str, pd.DataFrame], defect_rates: Draws, costs: HouseCosts, level: float = 0.90
) -> pd.DataFrame:
    """Cost of quality by supplier from the canonical `orders`, `inspections`, `returns`: `QUALITY_COLUMNS`, dearest first.

    `defect_rates`: posterior draws by supplier, for the pieces that were not inspected.
    """
    lots = inspected_lots(tables["orders"], tables["inspections"])
    received = tables["orders"][tables["orders"]["status"] == "received"].copy()
    received["goods"] = goods_paid(received)
    received["price"] = received["goods"] / received["quantity"].astype(float)
    table = _received(received)
    line = ["order_id", "line_no"]
    again = second_looks(tables["inspections"]).drop_duplicates([*line, "batch", "inspected_on"])
    again = again.merge(tables["orders"].drop_duplicates(line)[[*line, "supplier"]], on=line)
    table = table.join(_looked_at(lots, again, costs)).join(_failed_inside(received, lots, tables["returns"], costs))
    counts = ["inspected", "defective", "appraisal", "internal_failure"]
    table[counts] = table[counts].astype(float).fillna(0.0)
    table = _with_external(table, received, lots, defect_rates, costs, level)
    never = (table["inspected"] == 0) & ~(table["internal_failure"] > 0)
    table.loc[never, [name for name in table if "failure" in name]] = np.nan
    table["cost_of_poor_quality"] = table["internal_failure"] + table["external_failure"].fillna(0)
    table["cost_of_quality"] = table["cost_of_poor_quality"] + table["appraisal"] + table["prevention"]
    table["share_of_spend"] = table["cost_of_quality"] / table["spend"].where(table["spend"] > 0)
    whole = dict.fromkeys(("received_pieces", "inspected", "defective"), "Int64")
    ordered = table.reset_index().sort_values(
        ["cost_of_quality", "supplier"], ascending=[False, True], ignore_index=True
    )
    return ordered[QUALITY_COLUMNS].astype(whole)


def _received(received: pd.DataFrame) -> pd.DataFrame:
    """Pieces and money of what arrived; samples are bought to prevent a wrong choice."""
    groups = received.groupby("supplier")
    samples = received[received["stage"] == "sample"].groupby("supplier")["goods"].sum()
    table = pd.DataFrame({"received_pieces": groups["quantity"].sum(), "spend": groups["goods"].sum()})
    return table.assign(prevention=samples.reindex(table.index).fillna(0.0))


def _looked_at(lots: pd.DataFrame, again: pd.DataFrame, costs: HouseCosts) -> pd.DataFrame:
    """Pieces inspected and failed at the first look; what all looks have cost, those at repaired pieces (`again`) too."""
    table = lots.groupby("supplier")[["inspected", "defective"]].sum()
    pieces = (
        table["inspected"].astype(float).add(again.groupby("supplier")["inspected"].sum().astype(float), fill_value=0)
    )
    looks = lots.groupby("supplier").size().add(again.groupby("supplier").size(), fill_value=0)
    looked = costs.inspection_per_piece * pieces + costs.inspection_per_lot * looks
    return table.assign(appraisal=looked.reindex(table.index))


def _failed_inside(received: pd.DataFrame, lots: pd.DataFrame, returns: pd.DataFrame, costs: HouseCosts) -> pd.Series:
    """What defectives found have cost: those neither sent back nor put right at their price, rework, and the returns' cost.

    A return whose cost nobody wrote down is counted at the house's rate.
    """
    lines = received.drop_duplicates(["order_id", "line_no"]).set_index(["order_id", "line_no"])
    table = lines[["supplier", "price"]].copy()
    table["found"] = (
        lots.groupby(["order_id", "line_no"])["defective"].sum().astype(float).reindex(table.index).fillna(0.0)
    )
    sums = returns.groupby(["order_id", "line_no"])[["returned", "reworked", "cost"]].sum(min_count=1).astype(float)
    for name in ("returned", "reworked", "cost"):
        table[name] = sums[name].reindex(table.index)
    rated = table["returned"].fillna(0) * costs.return_per_piece + table["reworked"].fillna(0) * costs.rework_per_piece
    lost = (table["found"] - table["returned"].fillna(0) - table["reworked"].fillna(0)).clip(lower=0)
    failure = lost * table["price"].fillna(0) + table["cost"].fillna(rated)
    return failure.groupby(table["supplier"]).sum().rename("internal_failure")


def _with_external(
    table: pd.DataFrame, received: pd.DataFrame, lots: pd.DataFrame, rates: Draws, costs: HouseCosts, level: float
) -> pd.DataFrame:
    """Expected escapes among pieces not inspected, at the cost of an escape at each line's price."""
    seen = lots.groupby(["order_id", "line_no"])["inspected"].sum().astype(float)
    lines = received.set_index(["order_id", "line_no"])
    unseen = (lines["quantity"].astype(float) - seen.reindex(lines.index).fillna(0.0)).clip(lower=0)
    at_stake = (unseen * costs.escape_cost(lines["price"].fillna(0.0))).groupby(lines["supplier"]).sum()
    stake = at_stake.reindex(table.index).fillna(0.0).to_numpy()
    money = rates.of(pd.Index(table.index)) * stake[:, None]
    money = np.where(stake[:, None] == 0, 0.0, money)
    mean, low, high = summary(money, level) if money.size else (np.nan,) * 3
    return table.assign(external_failure=mean, external_failure_low=low, external_failure_high=high)
