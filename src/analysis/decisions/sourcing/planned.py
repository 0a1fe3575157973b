"""What the other sheets take from the purchase plan: every offer's cost at the quantity that the plan reckons with."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from analysis.decisions.landed_cost import CostRow, CostSheet, make_cost_sheet
from analysis.decisions.sourcing.basis import PurchaseInputs
from analysis.decisions.sourcing.purchases import mixed_rows
from analysis.decisions.stock import StockRule
from analysis.months import DAYS_A_MONTH
from analysis.rules import Limits, Rules


def planned_costs(
    basis: PurchaseInputs, plan: pd.DataFrame, sizes: pd.DataFrame, rules: Rules, inspected: pd.Series | None = None
) -> CostSheet:
    """The cost of a good piece of every offer at the plan's quantity of its SKU (`planned_pieces`), so that all compare alike.

    An offer that the plan takes as part of a mixed batch stands at what it costs there.
    """
    batch = _in_a_batch(basis, plan, rules.read("stock", StockRule).longest_cover_days)
    pieces = planned_pieces(basis.wanted, plan, sizes)
    pieces.update(pd.Series({row.offer.sku: row.quantity for row in batch}, dtype=int))
    return make_cost_sheet(
        basis.offers, pieces, basis.defect_rates, basis.lead_times, basis.freight, basis.costs,
        customs=basis.customs, inspection=basis.inspection, inspected=inspected,
        level=rules.read("limits", Limits).interval_level, instead=batch, unbelieved=basis.traps,
    )  # fmt: skip


def _in_a_batch(basis: PurchaseInputs, plan: pd.DataFrame, longest_days: float) -> tuple[CostRow, ...]:
    """Of whom the plan buys from, the offers whose own minimum is too much and that a mixed batch brings within reach, without it."""
    chosen = set(plan[["supplier", "sku"]].dropna().itertuples(index=False, name=None))
    most = (longest_days * basis.lasting / DAYS_A_MONTH).clip(lower=basis.lasting)
    return tuple(
        replace(row, offer=replace(row.offer, ladder=row.offer.ladder.without_minimum))
        for row in mixed_rows(basis, longest_days)
        if (row.offer.supplier, row.offer.sku) in chosen and row.offer.ladder.minimum > most[row.offer.sku]
    )


def planned_pieces(wanted: pd.Series, plan: pd.DataFrame, sizes: pd.DataFrame) -> pd.Series:
    """Pieces by SKU at which the plan compares: the best order of whom it buys from (`sizes`), else a month's demand (`wanted`)."""
    keys = {"sku": "str", "supplier": "str"}
    best = plan[list(keys)].astype(keys).merge(sizes.astype(keys), on=list(keys))
    pieces = best["order_quantity"].astype(float).fillna(best["min_quantity"].astype(float)).set_axis(best["sku"])
    return pieces.reindex(wanted.index).fillna(wanted).astype(int)
