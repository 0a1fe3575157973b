"""Whom to buy an SKU from by itself: today's supplier stays unless changing pays; who was never looked at is tried first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

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
) -> Choice:
    """The choice among the candidates, best first; `rates` gives a supplier's draws of its rate in bulk."""
    now = next((each for each in among if each.supplier == today), None)
    best = _worth_it(among[0], now, monthly, rule).saying(*_cheaper_as_far_as_known(among, now))
    if best.chosen.tried:
        return best
    known = [each for each in among if each.tried and each.complete and each.fits]
    if not known or not best.chosen.complete:
        told = {"supplier": best.chosen.supplier, "pieces": best.chosen.pieces}
        return replace(best, tries=True).saying(reason("purchase_plan.never_inspected", **told))
    rest = _worth_it(known[0], now, monthly, rule)
    return _tried_or_not(best, rest, monthly, rule, rates, lot_correlation)


def with_unbelieved(
    choice: Choice,
    unbelieved: list[Candidate],
    monthly: float,
    rule: PurchaseRule,
    rates: Callable[[str], np.ndarray],
    lot_correlation: float,
) -> Choice:
    """The choice, beside a trial of the cheapest of the `unbelieved`, whose price nobody has paid yet: where that is worth it, a trial
    is small (no more than what an unproven supplier may get), and no other is made."""
    most = int(np.ceil(monthly * rule.unproven_months))
    small = [each for each in unbelieved if each.complete and each.fits and each.row.offer.ladder.minimum <= most]
    if choice.tries or not choice.chosen.complete or not small:
        return choice
    pieces = max(min(rule.trial_pieces, small[0].pieces), small[0].row.offer.ladder.minimum)
    trial = Choice(replace(small[0], pieces=pieces), ())
    tried = _tried_or_not(trial, choice, monthly, rule, rates, lot_correlation, "price_tried_first")
    return tried if tried.tries else choice


def _worth_it(best: Candidate, now: Candidate | None, monthly: float, rule: PurchaseRule) -> Choice:
    """Today's supplier stays unless changing pays, surely enough; what cannot be compared is no reason to change."""
    kept = best if now is None else now
    if not kept.complete:
        missing = joined("names", [named(part, "cost") for part in kept.row.cost.missing])
        return Choice(kept, (reason("purchase_plan.not_compared", supplier=kept.supplier, missing=missing),))
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
    return Choice(best, (reason("purchase_plan.moves", **values),))


def _cheaper_as_far_as_known(among: list[Candidate], now: Candidate | None) -> list[str]:
    """Who costs less than today's supplier in what is known, where the same is unknown of both: a hint to ask, no reason to change."""
    if now is None or now.complete:
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
    why: str = "tried_first",
) -> Choice:
    """A trial of the best where what it may change in this plan is worth more than it costs; the rest from whom is known."""
    new, old = best.chosen, rest.chosen
    told = rates(new.supplier)
    saving = np.broadcast_to(old.cost - new.draws, np.shape(told))
    worth = worth_of_trying(saving, told, new.pieces, monthly, rule.horizon_months, lot_correlation)
    worth -= (
        new.row.costs.order_cost + new.row.costs.inspection_per_lot + new.row.costs.inspection_per_piece * new.pieces
    )
    values = {"other": new.supplier, "supplier": old.supplier, "pieces": new.pieces, "worth": worth}
    if worth <= rule.switching_cost:
        return rest.saying(reason("purchase_plan.not_tried", **values))
    said = reason(f"purchase_plan.{why}", months=rule.horizon_months, price=new.price(), **values)
    return Choice(new, (said,), tries=True, rest=rest)
