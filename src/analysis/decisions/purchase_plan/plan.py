"""From offers, costs, grades and demand to the purchase plan: what is decided of each SKU, and of all together."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial

import numpy as np
import pandas as pd

from analysis.decisions.landed_cost import CostRow, CostSheet, FreightSources
from analysis.decisions.purchase_plan.candidates import Candidate, candidates, mixing, ordered
from analysis.decisions.purchase_plan.choice import choose, with_unbelieved
from analysis.decisions.purchase_plan.plan_inputs import NOBODY_BARRED, Barred, PlanInputs, PlannedSku
from analysis.decisions.purchase_plan.plan_table import plan_row, plan_table
from analysis.decisions.purchase_plan.rule import PurchaseRule
from analysis.decisions.purchase_plan.together import Wanted, bought_together
from analysis.estimates.defect_rate import USUAL_LOT_CORRELATION
from analysis.estimates.draws import Draws
from analysis.months import DAYS_A_MONTH
from analysis.reasons import reason


def plan_purchases(
    sheet: CostSheet,
    demand: pd.Series,
    grades: pd.Series,
    inspected: pd.Series,
    present: pd.Series,
    on_order: pd.Series,
    bulk_rates: Draws,
    lead_times: Draws | None,
    freight: FreightSources,
    as_of: pd.Timestamp,
    rule: PurchaseRule,
    *,
    limit: float,
    longest_days: float,
    level: float = 0.90,
    mixed: tuple[CostRow, ...] = (),
    capacity: pd.Series | None = None,
    barred: Barred = NOBODY_BARRED,
    lot_correlation: float = USUAL_LOT_CORRELATION,
    counted: Mapping[str, pd.Timestamp] | None = None,
    traps: Mapping[tuple[str, str], int] | None = None,
    too_large: Mapping[str, int] | None = None,
    lasting: pd.Series | None = None,
    selling: Mapping[str, float] | None = None,
    waits: Mapping[str, str] | None = None,
    overdue: Mapping[str, float] | None = None,
    never_sent: Mapping[str, int] | None = None,
    awaited: Collection[tuple[str, str]] = (),
    refused: Mapping[str, list[str]] | None = None,
) -> pd.DataFrame:
    """One row an SKU of `demand`, in order of SKU: `PLAN_COLUMNS`.

    Parameters
    ----------
    sheet : CostSheet
        Every offer's cost at its best order size, over which the saving of the coming months is reckoned.
    demand : Series
        Good pieces a month, index SKU; NaN where nobody wrote any down.
    grades : Series
        A, B or C by supplier; one that is not there is neither proven nor condemned.
    inspected : Series
        Pieces by supplier.
    present : Series
        Today's supplier by SKU.
    on_order : Series
        Pieces on the road by SKU, those on the shelf with them where somebody counted.
    bulk_rates : Draws
        Posterior draws of each supplier's rate in bulk.
    lead_times : Draws or None
        Predictive draws of days of an order placed now.
    freight : FreightSources
        What is known of it, for what this order costs.
    as_of : Timestamp
        Last day known; orders are placed the day after.
    rule : PurchaseRule
        Of the house.
    limit : float
        Of the defect rate.
    longest_days : float
        Of demand that the house wants to hold.
    level : float, optional
        Of the credible intervals.
    mixed : tuple of CostRow, optional
        Offers whose minimum is too much, at the pieces that they have in a mixed batch with the supplier's other SKUs.
    capacity : Series, optional
        Platform sales of 30 days by supplier, money: more than it can make for us.
    barred : Barred, optional
        Suppliers that are too bad in bulk.
    lot_correlation : float, optional
        How alike pieces of one lot are, for what a trial would show.
    counted : mapping of str to Timestamp, optional
        The day on which somebody counted the shelf, by SKU: `on_order` then has it.
    traps : mapping of (str, str) to int, optional
        Supplier and SKU of prices far below the market's that nobody has paid yet, with the pieces that would still bear them out: nobody moves
        for one, as long as there is another offer.
    too_large : mapping of str to int, optional
        By SKU the least of the minimum orders that cover too many months to be offers.
    lasting : Series, optional
        Good pieces a month in the longest cover after a delivery, by SKU: what limits an order; as `demand` where not given.
    selling : mapping of str to float, optional
        Selling price by SKU, for a word where a good piece costs more.
    waits : mapping of str to str, optional
        By SKU why nothing of it is to be ordered, whatever is on the road: it sells no more.
    overdue : mapping of str to float, optional
        Pieces by SKU that are on the road past the day promised.
    never_sent : mapping of str to int, optional
        Pieces by SKU that never left, long past the day promised: they are not on the road.
    awaited : collection of (str, str), optional
        Supplier and SKU of the goods that are on the road.
    refused : mapping of str to list of str, optional
        By SKU the offers that cannot be reckoned with, and why.
    """
    capacity = pd.Series(dtype=float) if capacity is None else capacity.dropna()
    known = PlanInputs(
        barred.gate(grades), inspected, present, on_order, bulk_rates, lead_times, freight, rule,
        longest_days, lot_correlation, capacity, barred, counted or {}, traps or {}, too_large or {},
        selling or {}, waits or {}, overdue or {}, never_sent or {}, awaited, refused or {},
    )  # fmt: skip
    lasts = demand if lasting is None else lasting
    skus = [
        PlannedSku(str(name), float(monthly), float(lasts.get(name, monthly)), present.get(name), [])
        for name, monthly in demand.sort_index().items()
    ]
    by_name = {sku.name: sku for sku in skus}
    for row in sheet.rows:
        if row.offer.sku in by_name:
            by_name[row.offer.sku].rows.append(row)
    for sku in skus:
        _consider(sku, [row for row in mixed if row.offer.sku == sku.name], known)
    _together([sku for sku in skus if sku.choice is not None], known)
    return plan_table([plan_row(sku, known, level) for sku in skus], known, as_of, limit)


def _consider(sku: PlannedSku, mixed: list[CostRow], known: PlanInputs) -> None:
    """Its candidates and, by itself, the best of them; how many pieces, and whether to wait."""
    if np.isnan(sku.monthly) or sku.name in known.waits:
        return
    pace = sku.monthly, sku.lasting
    among = candidates(sku.rows, known.grades, known.inspected, sku.today, *pace, known.rule, known.longest_days)
    out = [row for row in sku.rows if row.offer.supplier in known.barred.chance]
    allowed = [each for each in ordered([*among, *mixing(mixed, among)]) if known.may_follow(each, out)]
    allowed, awaited = _shown(sku, allowed, known)
    sku.among, sku.unbelieved = _believed(sku, allowed, known)
    if not sku.among:
        return
    lasts = known.on_order.get(sku.name, 0.0) / sku.monthly
    beliefs = sku.monthly, known.rule, known.rates, known.lot_correlation, max(lasts, 1.0)
    to_try = [each for each in sku.unbelieved if (each.supplier, sku.name) not in known.awaited]
    proving = {each.supplier: known.traps[each.supplier, sku.name] for each in to_try}
    choice = with_unbelieved(choose(sku.among, sku.today, *beliefs), to_try, proving, *beliefs)
    cheaper = [each for each in awaited if each.cost < choice.chosen.cost]
    sku.choice = choice.saying(*(reason("purchase_plan.awaited", other=each.supplier) for each in cheaper))
    sku.pieces, sku.waits = _sized(sku, choice.chosen, known)
    sku.rest = _beside(sku, known)
    if choice.rest and _sized(sku, choice.rest.chosen, known)[1]:
        told = {"supplier": choice.rest.chosen.supplier, "days": lasts * DAYS_A_MONTH}
        sku.rest_waits = [reason("purchase_plan.rest_waits", pieces=int(known.on_order[sku.name]), **told)]


def _shown(sku: PlannedSku, among: list[Candidate], known: PlanInputs) -> tuple[list[Candidate], list[Candidate]]:
    """The candidates of whom something is known, and those whose first goods are on the road: what they show is worth waiting for. All of
    them where there are no others."""
    awaited = [each for each in among if not each.tried and (each.supplier, sku.name) in known.awaited]
    rest = [each for each in among if each not in awaited]
    return (rest, awaited) if rest else (among, [])


def _believed(sku: PlannedSku, among: list[Candidate], known: PlanInputs) -> tuple[list[Candidate], list[Candidate]]:
    """The candidates whose price is no trap, today's supplier among them, and the others; all of them where there are no such."""
    traps = [each for each in among if (each.supplier, sku.name) in known.traps and each.supplier != sku.today]
    rest = [each for each in among if each not in traps]
    return (rest, traps) if rest else (among, [])


def _sized(sku: PlannedSku, chosen: Candidate, known: PlanInputs) -> tuple[int, list[str]]:
    """Pieces of this order and why to wait: with what is on the road (and on the shelf) no more than the longest cover, but for the few
    with which a price step makes the order no dearer; none where waiting a month is safe. A trial does not wait: what it shows is wanted
    when the next order is due."""
    if sku.choice and sku.choice.rest and chosen is sku.choice.chosen:
        return chosen.pieces, []
    road = float(known.on_order.get(sku.name, 0))
    coming = road / sku.monthly * DAYS_A_MONTH
    needed = known.days_until(chosen.supplier, 0.9) + DAYS_A_MONTH
    if road and coming >= min(needed, known.longest_days):
        told = {"pieces": int(road), "days": coming, "until": min(needed, known.longest_days)}
        late = known.overdue.get(sku.name, 0.0)
        more = [reason("purchase_plan.road_overdue", pieces=int(late))] if late > 0 else []
        if sku.name in known.counted:
            return 0, [reason("purchase_plan.hold", on=f"{known.counted[sku.name]:%Y-%m-%d}", **told), *more]
        return 0, [reason("purchase_plan.hold_road", **told), *more]
    room = int(np.floor(known.longest_days * sku.lasting / DAYS_A_MONTH - road))
    if chosen.mixed:
        return chosen.pieces, []
    ladder = chosen.row.offer.ladder
    return ladder.for_no_more(max(min(chosen.pieces, room) if road else chosen.pieces, ladder.minimum)), []


def _pieces(sku: PlannedSku, known: PlanInputs, of: Candidate) -> int:
    return _sized(sku, of, known)[0]


def _together(skus: list[PlannedSku], known: PlanInputs) -> None:
    """What the SKUs share: where their choices break a limit, the least costly ones that keep it, and why."""
    wanted = [
        Wanted(
            sku.name,
            sku.monthly,
            sku.today,
            sku.among,
            sku.choice,
            partial(_pieces, sku, known),
            _total_beside(sku, known),
        )
        for sku in skus
        if sku.choice
    ]
    for sku, found in zip(skus, bought_together(wanted, known.rule, known.capacity, known.freight)):
        if found.choice is not sku.choice:
            sku.choice = found.choice
            sku.pieces, sku.waits = _sized(sku, found.choice.chosen, known)
        if found.waits:
            sku.pieces, sku.waits = 0, list(found.waits)
        elif found.pieces is not None:
            sku.pieces = found.pieces
        sku.choice = found.choice.saying(*found.said) if found.said else sku.choice
        sku.rest = _beside(sku, known)


def _beside(sku: PlannedSku, known: PlanInputs) -> int:
    """Pieces that are bought beside a trial, which alone does not last until the next order."""
    if sku.choice is None or sku.choice.rest is None or not sku.pieces:
        return 0
    of = sku.choice.rest.chosen
    wanted = _pieces(sku, known, of)
    return max(wanted - sku.pieces, of.row.offer.ladder.minimum) if wanted > sku.pieces else 0


def _total_beside(sku: PlannedSku, known: PlanInputs) -> float:
    """What these cost, the goods alone where the freight is not known."""
    if sku.choice is None or sku.choice.rest is None or not sku.rest:
        return 0.0
    total = sku.choice.rest.chosen.total(known.freight, sku.rest)
    return total if np.isfinite(total) else sku.choice.rest.chosen.price(sku.rest) * sku.rest
