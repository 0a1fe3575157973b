"""Whom to buy an SKU from by itself: today's supplier stays unless changing pays; who was never looked at is tried first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from analysis.decisions.landed_cost import WAY
from analysis.decisions.purchase_plan.candidates import Candidate
from analysis.decisions.purchase_plan.rule import PurchaseRule
from analysis.decisions.purchase_plan.trying import worth_of_trying
from analysis.reasons import chance, joined, named, reason


@dataclass(frozen=True)
class Choice:
    """The candidate chosen, whether only as a trial, and why."""

    chosen: Candidate
    reasons: tuple[str, ...]
    tries: bool = False
    rest: Choice | None = None
    """What is bought meanwhile, where the chosen is only tried."""

    def saying(self, *more: str) -> Choice:
        """The same choice, with more to say of it."""
        return replace(self, reasons=(*self.reasons, *more))


def choose(
    among: list[Candidate],
    today: str | None,
    monthly: float,
    rule: PurchaseRule,
    rates: Callable[[str], np.ndarray],
    lot_correlation: float,
    lasts: float = 1.0,
) -> Choice:
    """The choice among the candidates, best first; `rates` gives a supplier's draws of its rate in bulk, and what a trial shows counts from
    when it is there or, where that is later, from when what is on the road is sold (`lasts`, months)."""
    now = next((each for each in among if each.supplier == today), None)
    first = among[0] if now is None or now.complete else _no_less_known(among, now)
    best = _worth_it(first, now, monthly, rule)
    best = best.saying(*_cheaper_as_far_as_known(among, best.chosen))
    if best.chosen.tried:
        return best
    known = [each for each in among if each.tried and each.complete and each.fits]
    if not known or not best.chosen.complete:
        told = {"supplier": best.chosen.supplier, "pieces": best.chosen.pieces}
        return replace(best, tries=True).saying(reason("purchase_plan.never_inspected", **told))
    rest = _worth_it(known[0], now, monthly, rule)
    return _tried_or_not(best, rest, monthly, rule, rates, lot_correlation, lasts)


def with_unbelieved(
    choice: Choice,
    unbelieved: list[Candidate],
    proving: Mapping[str, int],
    monthly: float,
    rule: PurchaseRule,
    rates: Callable[[str], np.ndarray],
    lot_correlation: float,
    lasts: float = 1.0,
) -> Choice:
    """The choice, beside a trial of the cheapest of the `unbelieved`, whose price nobody has paid yet: where that is worth it, a trial
    is small (no more than what an unproven supplier may get), and no other is made. It is of the pieces that bear the price out (`proving`, by
    supplier) where these are more than a trial's: one that settles nothing is made again."""
    most = int(np.ceil(monthly * rule.unproven_months))
    small = [each for each in unbelieved if each.complete and each.fits and each.row.offer.ladder.minimum <= most]
    if choice.tries or not choice.chosen.complete or not small:
        return choice
    asked = max(rule.trial_pieces, min(proving[small[0].supplier], most))
    pieces = max(min(asked, small[0].pieces), small[0].row.offer.ladder.minimum)
    trial = Choice(replace(small[0], pieces=pieces), ())
    tried = _tried_or_not(trial, choice, monthly, rule, rates, lot_correlation, lasts, "price_tried_first")
    return tried if tried.tries else choice


def _worth_it(best: Candidate, now: Candidate | None, monthly: float, rule: PurchaseRule) -> Choice:
    """Today's supplier stays unless changing pays, surely enough; what cannot be compared is no reason to change."""
    kept = best if now is None else now
    if not kept.complete and best is kept:
        return Choice(kept, (reason("purchase_plan.not_compared", supplier=kept.supplier, missing=_missing(kept)),))
    if now is None:
        return Choice(best, (reason("purchase_plan.cheapest", supplier=best.supplier, cost=best.cost),))
    if best.supplier == now.supplier:
        return Choice(best, (reason("purchase_plan.stays_cheapest", supplier=now.supplier, cost=best.cost),))
    saving = (now.draws - best.draws) * monthly
    gain, likely = float(saving.mean()), float((saving > 0).mean())
    values = {"other": best.supplier, "supplier": now.supplier, "saving": gain, "chance": chance(likely)}
    fits = now.fits or not best.fits
    if fits and (likely < rule.least_probability or gain * rule.horizon_months <= rule.switching_cost):
        return Choice(now, (reason("purchase_plan.stays", **values),))
    if gain <= 0:
        told = {
            "supplier": now.supplier,
            "other": best.supplier,
            "pieces": now.row.offer.ladder.minimum,
            "days": now.minimum_days,
        }
        return Choice(best, (reason("purchase_plan.moves_for_minimum", **told),))
    if not now.complete:
        return Choice(best, (reason("purchase_plan.moves_as_known", missing=_missing(now), **values),))
    return Choice(best, (reason("purchase_plan.moves", **values),))


def _missing(of: Candidate) -> str:
    return joined("names", [named(part, "cost") for part in of.row.cost.missing])


def _no_less_known(among: list[Candidate], now: Candidate) -> Candidate:
    """The cheapest of those tried who lack nothing of their cost but ways of the goods (`WAY`) that today's supplier lacks too: what only it lacks
    makes it dearer still, and what both lack is alike for both."""
    lacks = set(now.row.cost.missing)
    if not lacks <= set(WAY):
        return now
    alike = [each for each in among if each.tried and each.fits and set(each.row.cost.missing) <= lacks]
    return min([now, *alike], key=lambda each: each.cost)


def _cheaper_as_far_as_known(among: list[Candidate], now: Candidate) -> list[str]:
    """Who costs less than whom is bought from in what is known, where the same is unknown of both: a hint to ask, where it pays for no change."""
    if now.complete:
        return []
    alike = [each for each in among if each.row.cost.missing == now.row.cost.missing]
    least = min(alike, key=lambda each: each.cost)
    if least.cost >= now.cost - 0.005:
        return []
    return [reason("purchase_plan.cheaper_as_far_as_known", other=least.supplier, less=now.cost - least.cost)]


def _tried_or_not(
    best: Choice,
    rest: Choice,
    monthly: float,
    rule: PurchaseRule,
    rates: Callable[[str], np.ndarray],
    lot_correlation: float,
    lasts: float = 1.0,
    why: str = "tried_first",
) -> Choice:
    """A trial of the best where what it may change in this plan is worth more than it costs; the rest from whom is known."""
    new, old = best.chosen, rest.chosen
    told = rates(new.supplier)
    saving = np.broadcast_to(old.cost - new.draws, np.shape(told))
    until = rule.horizon_months + 1 - lasts
    worth = worth_of_trying(saving, told, new.pieces, monthly, until, lot_correlation)
    worth -= (
        new.row.costs.order_cost + new.row.costs.inspection_per_lot + new.row.costs.inspection_per_piece * new.pieces
    )
    values = {"other": new.supplier, "supplier": old.supplier, "pieces": new.pieces, "worth": worth}
    if worth <= rule.switching_cost:
        return rest.saying(reason("purchase_plan.not_tried", **values))
    said = reason(f"purchase_plan.{why}", months=rule.horizon_months, price=new.price(), **values)
    return Choice(new, (said,), tries=True, rest=rest)
