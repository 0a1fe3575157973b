"""The SKUs' choices together: what they share, which limit moves one of them, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.decisions.landed_cost import FreightSources
from analysis.decisions.purchase_plan.candidates import Candidate
from analysis.decisions.purchase_plan.choice import Choice
from analysis.decisions.purchase_plan.rule import PurchaseRule
from analysis.decisions.purchase_plan.shared_limits import Option, SharedLimits, choose_within
from analysis.reasons import joined, reason

MOST_RIVALS = 8
"""Candidates of an SKU that are looked at where a limit binds."""
OVER_COVER = 1.0
"""What a least order above the longest cover counts as in the comparison, in times its own cost: it is the last resort."""


@dataclass(frozen=True)
class Wanted:
    """An SKU with its candidates and what was chosen for it by itself; `sized`: pieces that are ordered now of a candidate, 0 where what
    is on the road lasts until its goods come; `beside`: money of what is bought beside a trial."""

    sku: str
    monthly: float
    today: str | None
    among: list[Candidate]
    choice: Choice
    sized: Callable[[Candidate], int]
    beside: float = 0.0

    @property
    def pieces(self) -> int:
        """Of the choice by itself."""
        return self.sized(self.choice.chosen)


@dataclass(frozen=True)
class Found:
    """What is bought in the end; `said` of a limit that binds, `waits`: why nothing is ordered now; `pieces` where fewer are."""

    choice: Choice
    pieces: int | None = None
    said: tuple[str, ...] = ()
    waits: tuple[str, ...] = ()


def bought_together(
    wanted: list[Wanted], rule: PurchaseRule, capacity: pd.Series, freight: FreightSources
) -> list[Found]:
    """One `Found` an SKU, in order: as chosen by itself unless a limit binds."""
    limits = SharedLimits((capacity * rule.capacity_share).to_dict(), rule.largest_share, rule.cash_a_month)
    alone = [_option(each, each.choice.chosen, each.pieces, rule, freight) for each in wanted]
    broken = limits.broken(alone)
    if not broken:
        return [Found(each.choice, said=_mixed(each, alone)) for each in wanted]
    options = [_options(each, mine, rule, freight, "cash" in broken) for each, mine in zip(wanted, alone)]
    chosen = choose_within([list(each) for each in options], limits)
    return [
        _found(each, mine, best, ways[best], broken, chosen, alone, limits)
        for each, mine, best, ways in zip(wanted, alone, chosen, options)
    ]


def _option(
    each: Wanted, of: Candidate, pieces: int, rule: PurchaseRule, freight: FreightSources, extra: float = 0.0
) -> Option:
    """A candidate as an option: what it costs over the horizon, with the change where it is one."""
    season = rule.horizon_months * each.monthly
    cost = season * of.cost + extra + (rule.switching_cost if each.today not in (None, of.supplier) else 0.0)
    cost += 0.0 if of.fits else OVER_COVER * season * of.cost
    total = of.total(freight, pieces) if pieces else 0.0
    total = of.price(pieces) * pieces if np.isnan(total) else total
    total += each.beside if pieces and of is each.choice.chosen else 0.0
    mixes = of.row.offer.mixed_batch and pieces > 0
    minimum = of.row.offer.ladder.minimum if of.mixed and pieces else 0
    return Option(
        each.sku, of.supplier, pieces, cost, total, each.monthly * of.price(), minimum, mixes, of.row.offer.ladder
    )


def _options(
    each: Wanted, mine: Option, rule: PurchaseRule, freight: FreightSources, saves_cash: bool
) -> Mapping[Option, Candidate]:
    """The ways to buy an SKU: as chosen, from others that were inspected, and to save cash a month's demand only, or nothing."""
    chosen = each.choice.chosen
    found = {
        replace(mine, cost=mine.cost - rule.switching_cost): chosen
    }  # nobody is moved for less than a change costs
    if not chosen.complete or each.choice.tries:
        rivals = [chosen]
    else:
        rivals = [chosen, *[of for of in each.among if of.complete and of.tried and of is not chosen][:MOST_RIVALS]]
    for of in rivals:
        pieces = each.sized(of)
        found.setdefault(_option(each, of, pieces, rule, freight), of)
        month = max(int(np.ceil(each.monthly)), of.row.offer.ladder.minimum)
        if saves_cash and not of.mixed and month < pieces:
            dearer = (of.price(month) - of.price()) * month
            found.setdefault(_option(each, of, month, rule, freight, dearer), of)
        if saves_cash and pieces:  # what is not ordered is not sold: a month's demand is lost
            found.setdefault(_option(each, of, 0, rule, freight, each.monthly * of.cost), of)
    return found


def _found(
    each: Wanted,
    mine: Option,
    best: Option,
    of: Candidate,
    broken: Mapping[str, set[str]],
    chosen: list[Option],
    alone: list[Option],
    limits: SharedLimits,
) -> Found:
    if of is each.choice.chosen and best.pieces == mine.pieces:
        return Found(each.choice, said=(*_mixed(each, chosen), *_still(mine, limits.broken(chosen), chosen, limits)))
    if of is each.choice.chosen:
        total = sum(option.total for option in alone)
        if best.pieces:
            said = reason("purchase_plan.cash", pieces=best.pieces, total=total, limit=limits.cash)
            return Found(each.choice, best.pieces, (said,))
        return Found(each.choice, 0, waits=(reason("purchase_plan.cash_waits", total=total, limit=limits.cash),))
    told = _why(mine, broken, alone, limits)
    bought = Choice(of, (reason("purchase_plan.instead", supplier=of.supplier, cost=of.cost), *told))
    waits = (reason("purchase_plan.cash_waits", total=sum(o.total for o in alone), limit=limits.cash),)
    return Found(bought, best.pieces, _mixed(each, chosen), waits if each.sized(of) and not best.pieces else ())


def _why(mine: Option, broken: Mapping[str, set[str]], alone: list[Option], limits: SharedLimits) -> tuple[str, ...]:
    """The limit that keeps the SKU from the supplier that it would be bought from by itself."""
    spend = sum(option.spend for option in alone if option.supplier == mine.supplier)
    whole = sum(option.spend for option in alone)
    if mine.supplier in broken.get("capacity", ()):
        told = {"other": mine.supplier, "need": spend, "limit": limits.capacity[mine.supplier]}
        return (reason("purchase_plan.capacity", **told),)
    if mine.supplier in broken.get("dependence", ()):
        return (
            reason("purchase_plan.dependence", other=mine.supplier, share=spend / whole, limit=limits.largest_share),
        )
    if mine.supplier in broken.get("minimum", ()):
        return (reason("purchase_plan.batch_too_small", other=mine.supplier, minimum=mine.minimum),)
    return (reason("purchase_plan.limits", other=mine.supplier),)


def _still(mine: Option, broken: Mapping[str, set[str]], chosen: list[Option], limits: SharedLimits) -> tuple[str, ...]:
    """What is said where a limit cannot be kept: nobody else can be bought from."""
    spend = sum(option.spend for option in chosen if option.supplier == mine.supplier)
    whole = sum(option.spend for option in chosen)
    if mine.supplier in broken.get("capacity", ()):
        limit = limits.capacity[mine.supplier]
        return (reason("purchase_plan.capacity_over", supplier=mine.supplier, need=spend, limit=limit),)
    if mine.supplier in broken.get("dependence", ()):
        told = {"supplier": mine.supplier, "share": spend / whole, "limit": limits.largest_share}
        return (reason("purchase_plan.dependence_over", **told),)
    return ()


def _mixed(each: Wanted, chosen: list[Option]) -> tuple[str, ...]:
    """That the SKU goes in one batch with the supplier's others: needed where its pieces alone are below the minimum, worth asking
    for where all pieces together reach a price step that it alone does not."""
    mine = next(option for option in chosen if option.sku == each.sku)
    batch = [option for option in chosen if option.supplier == mine.supplier and option.mixes]
    if not mine.mixes or len(batch) < 2:
        return ()
    others = joined("names", [option.sku for option in batch if option.sku != each.sku])
    pieces = sum(option.pieces for option in batch)
    if mine.minimum:
        alone = sum(max(option.minimum / option.pieces, 1.0) * option.total for option in batch)
        told = {"total": sum(option.total for option in batch), "alone": alone, "minimum": mine.minimum}
        return (reason("purchase_plan.mixed_batch", skus=others, pieces=pieces, **told),)
    saving = sum(option.pieces * _price_falls(option, pieces) for option in batch)
    if saving <= 0:
        return ()
    step = max((q for o in batch if o.ladder for q in o.ladder.quantities if q <= pieces), default=pieces)
    return (reason("purchase_plan.batch_price", skus=others, pieces=pieces, step=step, saving=saving),)


def _price_falls(option: Option, pieces: int) -> float:
    """By how much a piece is cheaper if all pieces of the batch count towards its price step."""
    if option.ladder is None or option.pieces < option.ladder.minimum:
        return 0.0
    return float(option.ladder.price(option.pieces) - option.ladder.price(pieces))
