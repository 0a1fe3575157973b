"""From offers, costs, grades and demand to the purchase plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from analysis.decisions.landed_cost import CostRow, CostSheet, FreightSources
from analysis.decisions.purchase_plan.candidates import Candidate, candidates, mixing, ordered
from analysis.decisions.purchase_plan.changes import what_changes
from analysis.decisions.purchase_plan.choice import Choice, choose
from analysis.decisions.purchase_plan.rule import PurchaseRule
from analysis.decisions.purchase_plan.together import Wanted, bought_together
from analysis.estimates.defect_rate import USUAL_LOT_CORRELATION
from analysis.estimates.draws import Draws, summary
from analysis.months import DAYS_A_MONTH
from analysis.reasons import chance, joined, reason

PLAN_COLUMNS = [
    "sku", "action", "supplier", "pieces", "unit_price", "transport_mode", "order_total", "expected_by",
    "cost_per_good_piece", "cost_low", "cost_high", "present_supplier", "saving_per_month", "saving_low", "saving_high",
    "p_saving", "backup", "p_over_limit", "demand_per_month", "change_supplier", "change_price", "change_rate", "reason",
]  # fmt: skip
"""`action`: order, hold (enough is on the road, the month's cash does not reach, or no demand is known), trial_first (nothing of the
supplier was ever inspected, and what a trial may change is worth it) or nobody.
`order_total`: goods and freight, NaN where the freight is not known. `saving_*`: against staying with `present_supplier`, money a month; 0 where they are the
same, NaN where today's supplier or its cost is not known. `p_over_limit`: that a bulk lot's rate is over the house's limit. `change_*`:
the next best, the price below which it would win, and the defect rate of the chosen above which it would."""
ACTIONS = ("order", "hold", "trial_first", "nobody")


@dataclass(frozen=True)
class Barred:
    """Suppliers whose bulk is worse than what won the order, and the next lot worse than `worse_than` with the `chance` given, by evidence
    of their own: out like grade C. Nobody dearer takes their place of whom that is likelier than `probability`, too."""

    worse_than: float = 1.0
    chance: Mapping[str, float] = field(default_factory=dict)
    probability: float = 1.0

    def gate(self, grades: pd.Series) -> pd.Series:
        """The grades by supplier, C for those that are out."""
        new = pd.Index(sorted(set(self.chance) - set(grades.index)))
        return pd.concat([grades.mask(grades.index.isin(self.chance), "C"), pd.Series("C", new, dtype=object)])


NOBODY_BARRED = Barred()


@dataclass(frozen=True)
class Known:
    """What the plan is made from, by supplier or SKU (`plan_purchases`)."""

    grades: pd.Series
    inspected: pd.Series
    present: pd.Series
    on_order: pd.Series
    bulk_rates: Draws
    lead_times: Draws | None
    freight: FreightSources
    rule: PurchaseRule
    longest_days: float
    lot_correlation: float
    capacity: pd.Series
    barred: Barred

    def rates(self, supplier: str) -> np.ndarray:
        """Draws of a supplier's rate in bulk; NaN where nothing is known."""
        return self.bulk_rates.of(pd.Index([supplier]))[0]

    def may_follow(self, each: Candidate, out: list[CostRow]) -> bool:
        """Whether a candidate may take the place of those that are `out` for their bulk: it is cheaper, or believed better."""
        if not any(row.cost.complete and row.cost.mean < each.cost for row in out):
            return True
        return bool((self.rates(each.supplier) > self.barred.worse_than).mean() <= self.barred.probability)

    def days_until(self, supplier: str, share: float) -> float:
        """Days after which an order of today has come with this probability; the longest cover where nobody knows."""
        days = np.full(1, np.nan) if self.lead_times is None else self.lead_times.of(pd.Index([supplier]))[0]
        return self.longest_days if np.isnan(days).any() else float(np.quantile(days, share))


@dataclass
class _Sku:
    """An SKU on its way to a row."""

    name: str
    monthly: float
    today: str | None
    rows: list[CostRow]
    among: list[Candidate] = field(default_factory=list)
    choice: Choice | None = None
    pieces: int = 0
    waits: list[str] = field(default_factory=list)


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
    """
    capacity = pd.Series(dtype=float) if capacity is None else capacity.dropna()
    known = Known(
        barred.gate(grades), inspected, present, on_order, bulk_rates, lead_times, freight, rule,
        longest_days, lot_correlation, capacity, barred,
    )  # fmt: skip
    skus = [_Sku(str(name), float(monthly), present.get(name), []) for name, monthly in demand.sort_index().items()]
    by_name = {sku.name: sku for sku in skus}
    for row in sheet.rows:
        if row.offer.sku in by_name:
            by_name[row.offer.sku].rows.append(row)
    for sku in skus:
        _consider(sku, [row for row in mixed if row.offer.sku == sku.name], known)
    _together([sku for sku in skus if sku.choice is not None], known)
    return _table([_row(sku, known, level) for sku in skus], known, as_of, limit)


def _consider(sku: _Sku, mixed: list[CostRow], known: Known) -> None:
    """Its candidates and, by itself, the best of them; how many pieces, and whether to wait."""
    if np.isnan(sku.monthly):
        return
    rule, longest = known.rule, known.longest_days * sku.monthly / DAYS_A_MONTH
    among = candidates(sku.rows, known.grades, known.inspected, sku.today, sku.monthly, rule, longest)
    out = [row for row in sku.rows if row.offer.supplier in known.barred.chance]
    sku.among = [each for each in ordered([*among, *mixing(mixed, among)]) if known.may_follow(each, out)]
    if not sku.among:
        return
    sku.choice = choose(sku.among, sku.today, sku.monthly, known.rule, known.rates, known.lot_correlation)
    sku.pieces, sku.waits = _sized(sku, sku.choice.chosen, known)


def _sized(sku: _Sku, chosen: Candidate, known: Known) -> tuple[int, list[str]]:
    """Pieces of this order and why to wait: with what is on the road (and on the shelf) no more than the longest cover; none where
    waiting a month is safe."""
    road = float(known.on_order.get(sku.name, 0))
    coming = road / sku.monthly * DAYS_A_MONTH
    needed = known.days_until(chosen.supplier, 0.9) + DAYS_A_MONTH
    if road and coming >= min(needed, known.longest_days):
        told = {"pieces": int(road), "days": coming, "until": min(needed, known.longest_days)}
        return 0, [reason("purchase_plan.hold", **told)]
    room = int(np.floor(known.longest_days * sku.monthly / DAYS_A_MONTH - road))
    least = chosen.pieces if chosen.mixed else chosen.row.offer.ladder.minimum
    return max(min(chosen.pieces, room) if road else chosen.pieces, least), []


def _pieces(sku: _Sku, known: Known, of: Candidate) -> int:
    return _sized(sku, of, known)[0]


def _together(skus: list[_Sku], known: Known) -> None:
    """What the SKUs share: where their choices break a limit, the least costly ones that keep it, and why."""
    wanted = [
        Wanted(sku.name, sku.monthly, sku.today, sku.among, sku.choice, partial(_pieces, sku, known))
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


def _row(sku: _Sku, known: Known, level: float) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(PLAN_COLUMNS) | {"sku": sku.name, "present_supplier": sku.today}
    row |= {"pieces": 0, "demand_per_month": sku.monthly}
    if np.isnan(sku.monthly):
        return row | {"action": "hold", "reasons": [reason("purchase_plan.no_demand")]}
    if sku.choice is None:
        return row | {"action": "nobody", "reasons": [_nobody(sku.rows, known)]}
    choice = sku.choice
    others = [each for each in sku.among if each.supplier != choice.chosen.supplier]
    backup = next((each.supplier for each in [*(o for o in others if o.inspected > 0), *others]), None)
    action = "hold" if sku.waits else "trial_first" if choice.tries else "order"
    row |= {"action": action, "backup": backup} | _money(choice.chosen, level) | _saving(sku, choice.chosen, level)
    row |= _order(choice.chosen, sku.pieces, known.freight)
    changes = _changes(sku, choice.chosen, others, known)
    said = [*sku.waits, *choice.reasons, *_limits(sku, choice.chosen, known), *_told(changes, choice.chosen)]
    return row | changes | {"reasons": said}


def _order(chosen: Candidate, pieces: int, freight: FreightSources) -> dict[str, Any]:
    """What this order costs: goods and freight."""
    if not pieces:
        return {"order_total": 0.0}
    way = chosen.row.freight if chosen.mixed else freight.cheapest(chosen.row.offer, pieces)
    told = {"pieces": pieces, "unit_price": chosen.price(pieces), "transport_mode": way.mode}
    return told | {"order_total": chosen.total(freight, pieces)}


def _money(chosen: Candidate, level: float) -> dict[str, Any]:
    if not chosen.complete:
        return {"supplier": chosen.supplier}
    low, high = chosen.row.cost.interval(level)
    return {"supplier": chosen.supplier, "cost_per_good_piece": chosen.cost, "cost_low": low, "cost_high": high}


def _saving(sku: _Sku, chosen: Candidate, level: float) -> dict[str, Any]:
    """Against today's supplier, whatever its grade; nothing where its cost is not known."""
    if chosen.supplier == sku.today:
        return {"saving_per_month": 0.0, "saving_low": 0.0, "saving_high": 0.0}
    now = next((row for row in sku.rows if row.offer.supplier == sku.today), None)
    if now is None or not now.cost.complete or not chosen.complete:
        return {}
    draws = (now.cost.draws - chosen.draws) * sku.monthly
    mean, low, high = summary(draws, level)
    return {
        "saving_per_month": float(mean), "saving_low": float(low), "saving_high": float(high),
        "p_saving": float((draws > 0).mean()),
    }  # fmt: skip


def _changes(sku: _Sku, chosen: Candidate, others: list[Candidate], known: Known) -> dict[str, Any]:
    """What would change the answer; leaving today's supplier has to pay for the change, and coming back to it need not."""
    a_piece = known.rule.switching_cost / max(known.rule.horizon_months * sku.monthly, 1e-12)
    rate = known.rates(chosen.supplier)
    mean = float(rate.mean()) if not np.isnan(rate).any() else np.nan
    return what_changes(chosen, others, a_piece if chosen.supplier == sku.today else 0.0, mean)


def _told(changes: Mapping[str, Any], chosen: Candidate) -> list[str]:
    price, rate = (changes.get(name, np.nan) for name in ("change_price", "change_rate"))
    told = {"supplier": chosen.supplier, "other": changes.get("change_supplier"), "price": price, "rate": rate}
    if not np.isnan(price):
        return [reason("purchase_plan.changes_price" if np.isnan(rate) else "purchase_plan.changes", **told)]
    return [] if np.isnan(rate) else [reason("purchase_plan.changes_rate", **told)]


def _limits(sku: _Sku, chosen: Candidate, known: Known) -> list[str]:
    """What is said of suppliers that are out, today's or cheaper ones, and what limits the order."""
    said, rule = [], known.rule
    out = [row for row in sku.rows if row.offer.supplier in known.barred.chance and row.cost.complete]
    named = {row.offer.supplier for row in out if row.cost.mean < chosen.cost or row.offer.supplier == sku.today}
    for name in sorted(named):
        likely = chance(known.barred.chance[name])
        said.append(reason("purchase_plan.bulk_too_bad", other=name, worse=known.barred.worse_than, chance=likely))
    if sku.today and sku.today != chosen.supplier and known.grades.get(sku.today) == "C" and sku.today not in named:
        said.append(reason("purchase_plan.today_is_c", supplier=sku.today))
    if chosen.tried and chosen.inspected < rule.proven_pieces:
        said.append(reason("purchase_plan.thin", inspected=chosen.inspected, months=rule.unproven_months))
    minimum = chosen.row.offer.ladder.minimum
    if not chosen.fits:
        days = minimum / sku.monthly * DAYS_A_MONTH
        said.append(reason("purchase_plan.minimum_covers", pieces=minimum, days=days))
    cheaper = min((each for each in sku.among if each.complete), key=lambda each: each.cost, default=chosen)
    if not cheaper.fits and cheaper.supplier != chosen.supplier and chosen.fits:
        pieces = cheaper.row.offer.ladder.minimum
        told = {"other": cheaper.supplier, "cost": cheaper.cost, "pieces": pieces, "longest": known.longest_days}
        said.append(reason("purchase_plan.minimum_over", days=pieces / sku.monthly * DAYS_A_MONTH, **told))
    return said


def _nobody(rows: list[CostRow], known: Known) -> str:
    """Why there is no candidate: no offer, all of grade C, or nobody believed better than who is out for its bulk."""
    if not rows:
        return reason("purchase_plan.no_offer")
    names = {row.offer.supplier for row in rows}
    out = sorted(names & set(known.barred.chance))
    if out and any(known.grades.get(name) != "C" for name in names):
        return reason("purchase_plan.nobody_better", others=joined("names", out), worse=known.barred.worse_than)
    return reason("purchase_plan.all_c", count=len(names))


def _table(rows: list[dict[str, Any]], known: Known, as_of: pd.Timestamp, limit: float) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=[*PLAN_COLUMNS[:-1], "reasons"])
    table["reason"] = [joined("sentences", parts) for parts in table.pop("reasons")]
    table["p_over_limit"] = _over(table["supplier"], known.bulk_rates, limit)
    table["expected_by"] = _expected_by(table, known.lead_times, as_of)
    texts = ("sku", "action", "supplier", "transport_mode", "present_supplier", "backup", "change_supplier", "reason")
    numbers = [name for name in PLAN_COLUMNS if name not in (*texts, "pieces", "expected_by")]
    return table.astype({**dict.fromkeys(texts, "str"), **dict.fromkeys(numbers, float), "pieces": "Int64"})


def _over(suppliers: pd.Series, rates: Draws, limit: float) -> np.ndarray:
    draws = rates.of(pd.Index(suppliers.fillna("")))
    over = (draws > limit).mean(axis=1) if draws.size else np.full(len(suppliers), np.nan)
    return np.where(np.isnan(draws).all(axis=1), np.nan, over) if draws.size else over


def _expected_by(table: pd.DataFrame, lead_times: Draws | None, as_of: pd.Timestamp) -> pd.Series:
    """The day by which an order placed tomorrow is as likely as not to have come."""
    if lead_times is None:
        return pd.Series(pd.NaT, index=table.index)
    days = np.full(len(table), np.nan)
    placed = (table["supplier"].notna() & table["action"].isin(["order", "trial_first"])).to_numpy()
    draws = lead_times.of(pd.Index(table.loc[placed, "supplier"]))
    days[placed] = np.ceil(np.median(draws, axis=1))
    return as_of + pd.Timedelta(days=1) + pd.to_timedelta(days, unit="D")
