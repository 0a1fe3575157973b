"""Which trials to order at once: the batch worth most for its cost within the budget and the suppliers one can handle.

A trial is of one SKU, but what it shows is believed of its supplier, whatever is bought from it: it is worth what all SKUs'
plans save by it. Trials, and larger sizes of trials already in the batch, are added one by one, the best for the money first, as
long as what one makes the plan save is more than what it costs. What it adds is judged together with those before it. Stopping
is most of the benefit: a budget is a limit, not a target.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np

from analysis.decisions.trial_plan.contest import Contest
from analysis.decisions.trial_plan.trial_rule import TrialRule
from analysis.decisions.trial_plan.value_of_trial import Chances, Foreseen, ForeseenPlan, foresee, moves_at


@dataclass(frozen=True)
class Trial:
    """`pieces` from `supplier`, of the SKU of contest number `contest`."""

    supplier: str
    contest: int
    pieces: int


@dataclass(frozen=True, eq=False)
class Market:
    """All SKUs' contests, and what lots may show (`chances`)."""

    contests: Sequence[Contest]
    rule: TrialRule
    chances: Chances
    known: dict[tuple[int, int, int], Foreseen] = field(default_factory=dict, repr=False)
    empty: dict[int, Round] = field(default_factory=dict, repr=False)

    @cached_property
    def places(self) -> Mapping[str, list[tuple[int, int]]]:
        """(contest, candidate) of each supplier."""
        found: dict[str, list[tuple[int, int]]] = {}
        for k, contest in enumerate(self.contests):
            for i, supplier in enumerate(contest.suppliers):
                found.setdefault(supplier, []).append((k, i))
        return dict(sorted(found.items()))

    @cached_property
    def shown(self) -> Callable[[str, int], np.ndarray]:
        """`chances`, those asked for last kept: one supplier's are asked for again and again."""
        return lru_cache(maxsize=16)(self.chances)

    def foreseen(self, k: int, i: int, pieces: int) -> Foreseen:
        """What a trial of `pieces` may show in a contest; worked out once, for all of its supplier's contests."""
        if (k, i, pieces) not in self.known:
            supplier = self.contests[k].suppliers[i]
            places = self.places[supplier]
            of = foresee([(self.contests[at], place) for at, place in places], self.shown(supplier, pieces))
            self.known.update({(*place, pieces): each for place, each in zip(places, of)})
        return self.known[k, i, pieces]

    def alone(self, points: np.ndarray) -> Round:
        """The round without a trial, in which each is worth what it is alone; the same one for the same `points`."""
        if id(points) not in self.empty:
            self.empty[id(points)] = Round(self, points)
        return self.empty[id(points)]

    def price(self, trial: Trial) -> float:
        """Of a piece."""
        contest = self.contests[trial.contest]
        return float(contest.price[contest.suppliers.index(trial.supplier)])

    def cost(self, trial: Trial) -> float:
        """What the trial costs in the end."""
        return float(self.rule.cost(trial.pieces, self.price(trial)))

    def outlay(self, trial: Trial) -> float:
        """What is paid out for the trial."""
        return float(self.rule.outlay(trial.pieces, self.price(trial)))

    def sold(self, supplier: str) -> list[Trial]:
        """Every trial that can be ordered of `supplier` and is not ordered anyhow."""
        return [trial for k, i in self.places[supplier] for trial in self.sold_of(k, i)]

    def sold_of(self, k: int, i: int) -> list[Trial]:
        """Those of one SKU."""
        contest = self.contests[k]
        sizes = self.rule.sizes_for(float(contest.minimum[i])) if contest.open[i] else ()
        return [Trial(contest.suppliers[i], k, pieces) for pieces in sizes]

    def pays(self, trial: Trial) -> float:
        """Chance that the trial alone saves more than it costs: in truth, not only by what is believed after it."""
        places = [(self.contests[k], i, self.foreseen(k, i, trial.pieces)) for k, i in self.places[trial.supplier]]
        moves = np.array([moves_at(*place) for place in places])  # (SKUs, outcomes)
        some = np.flatnonzero(moves.any(axis=1))
        if not some.size:
            return 0.0
        saved = np.stack([places[at][0].saved_by(places[at][1]) for at in some])
        at = self.contests[trial.contest]
        cells, comes = at.cells[at.suppliers.index(trial.supplier)], self.shown(trial.supplier, trial.pieces)
        kinds, of_outcome = np.unique(moves[some], axis=1, return_inverse=True)  # outcomes that move the same SKUs
        chance = np.stack([comes[of_outcome.ravel() == kind].sum(axis=0) for kind in range(kinds.shape[1])])
        pays = kinds.T.astype(float) @ saved * self.rule.bad_choice_factor > self.cost(trial)
        return float((chance[:, cells] * pays).sum(axis=0).mean())

    def most(self, supplier: str) -> float:
        """What knowing the supplier's costs for sure would make the plans save at most."""
        of = [(self.contests[k], i) for k, i in self.places[supplier]]
        saved = [np.maximum(c.baseline - c.costs[i], 0).mean() * c.monthly * c.months[i] for c, i in of]
        return float(sum(saved)) * self.rule.bad_choice_factor


class Round:
    """All plans as foreseen while trials are added, one a supplier; `points` from `value_of_trial.joint_outcomes`."""

    def __init__(self, market: Market, points: np.ndarray, trials: Iterable[Trial] = ()) -> None:
        self.market, self.points = market, points
        self.plans = [ForeseenPlan(contest, points.shape[1]) for contest in market.contests]
        self.trials: dict[str, Trial] = {}
        self._gains = [plan.gain() for plan in self.plans]
        self._would_add: dict[tuple[str, int], dict[int, float]] = {}
        for trial in trials:
            self.add(trial)

    @property
    def gain(self) -> float:
        """Money that the plans are expected to save by all outcomes; the trials' cost is not taken off."""
        return float(sum(self._gains)) * self.market.rule.bad_choice_factor

    @property
    def net(self) -> float:
        """`gain` less what the trials cost."""
        return self.gain - sum(self.market.cost(trial) for trial in self.trials.values())

    def by_sku(self, trial: Trial) -> dict[int, float]:
        """What the trial would add in each contest of its supplier; the same whichever of its SKUs is tried."""
        asked = trial.supplier, trial.pieces
        if asked not in self._would_add:
            factor, of = self.market.rule.bad_choice_factor, self.market.places[trial.supplier]
            self._would_add[asked] = {k: factor * (self._with(k, i, trial) - self._gains[k]) for k, i in of}
        return self._would_add[asked]

    def more(self, trial: Trial) -> float:
        """What the trial would add in all; nothing where the round has no room."""
        full = trial.supplier not in self.trials and len(self.trials) >= len(self.points)
        return 0.0 if full else sum(self.by_sku(trial).values())

    def add(self, trial: Trial) -> None:
        """Put the trial in, in place of the one of the same supplier."""
        points = self._points(trial)
        for k, i in self.market.places[trial.supplier]:
            self.plans[k].add(i, self.market.foreseen(k, i, trial.pieces), points)
            self._gains[k] = self.plans[k].gain()
        self.trials[trial.supplier] = trial
        self._would_add.clear()

    def _with(self, k: int, i: int, trial: Trial) -> float:
        return self.plans[k].gain_with(i, self.market.foreseen(k, i, trial.pieces), self._points(trial))

    def _points(self, trial: Trial) -> np.ndarray:
        order = list(self.trials)
        return self.points[order.index(trial.supplier) if trial.supplier in order else len(order)]


def trials_offered(market: Market, points: np.ndarray) -> list[Trial]:
    """For each supplier and size the SKU that most is saved on; only those that may pay, and likely enough."""
    found, alone = [], market.alone(points)
    for supplier in market.places:
        most = market.most(supplier)
        sold = [trial for trial in market.sold(supplier) if market.cost(trial) < most]
        for pieces in sorted({trial.pieces for trial in sold}):
            of_size = [trial for trial in sold if trial.pieces == pieces]
            gains = alone.by_sku(of_size[0])
            best = min(of_size, key=lambda trial: (-gains[trial.contest], market.price(trial)))
            if sum(gains.values()) > 0 and market.pays(best) >= market.rule.least_chance:
                found.append(best)
    return found


def choose_trials(market: Market, points: np.ndarray) -> list[Trial]:
    """The batch with the greatest expected net gain that adding step by step finds; empty when no trial pays.

    Steps are taken once by net gain for the money paid out (which is best when the budget binds) and once by net gain (when the
    number of suppliers binds); the better batch is kept.
    """
    offered = trials_offered(market, points)
    rounds = [_filled(Round(market, points), offered, by_budget) for by_budget in (True, False)]
    return without_losers(market, list(max(rounds, key=lambda made: made.net).trials.values()), points)


def _filled(made: Round, offered: Sequence[Trial], by_budget: bool) -> Round:
    while (step := _best(made, offered, by_budget)) is not None:
        made.add(step)
    return made


def _best(made: Round, offered: Sequence[Trial], by_budget: bool) -> Trial | None:
    """The step that pays most, by net gain a unit of money paid out or by net gain alone; None where none pays."""
    market, found, best = made.market, None, 0.0
    for trial in offered:
        before = made.trials.get(trial.supplier)
        outlay = market.outlay(trial) - (market.outlay(before) if before else 0.0)
        if not _possible(made, before, outlay):
            continue
        net = made.more(trial) - market.cost(trial) + (market.cost(before) if before else 0.0)
        worth = net / max(outlay, 1e-9) if by_budget else net
        if worth > best:
            found, best = trial, worth
    return found


def _possible(made: Round, before: Trial | None, more_outlay: float) -> bool:
    """Within the budget and the suppliers, and larger than what is in the round already."""
    rule = made.market.rule
    handled = before is not None or len(made.trials) < rule.most_suppliers
    spent = sum(made.market.outlay(trial) for trial in made.trials.values())
    return handled and more_outlay > 0 and spent + more_outlay <= rule.budget + 1e-9


def without_losers(market: Market, trials: Sequence[Trial], points: np.ndarray) -> list[Trial]:
    """`trials` without those that the others made not worth their cost, the worst taken out first."""
    kept = list(trials)
    while kept:
        whole = Round(market, points, kept).net
        losses = [Round(market, points, [t for t in kept if t is not trial]).net - whole for trial in kept]
        worst = int(np.argmax(losses))
        if losses[worst] <= 0:
            break
        del kept[worst]
    return kept


def gains_in_order(market: Market, trials: Sequence[Trial], points: np.ndarray) -> tuple[Round, list[float]]:
    """The round after all `trials`, and the money that each trial adds to those before it, in their order."""
    made, gains = Round(market, points), []
    for trial in trials:
        before = made.gain
        made.add(trial)
        gains.append(made.gain - before)
    return made, gains
