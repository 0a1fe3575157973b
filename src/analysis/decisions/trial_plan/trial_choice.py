"""Which trials to order at once: the batch worth most for its cost within the budget and the suppliers one can handle.

Trials, and larger sizes of trials already in the batch, are added one by one, the best for the money first, as long as what
one adds to the season's purchase is more than what it costs. What it adds is judged together with those before it. Stopping is
most of the benefit: a budget is a limit, not a target.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from analysis.decisions.trial_plan.trial_rule import TrialRule
from analysis.decisions.trial_plan.value_of_trial import Beliefs, Foreseen, ForeseenChoice, foresee


@dataclass(frozen=True)
class Product:
    """One thing to buy for the coming season: `season` pieces, and its candidates in a fixed order.

    `price` (n,) of a trial piece, `minimum` (n,) pieces; `floor` value a piece of not buying, -inf where one must buy.
    """

    sku: str
    suppliers: tuple[str, ...]
    beliefs: Beliefs
    price: np.ndarray
    minimum: np.ndarray
    season: float
    floor: float = -np.inf

    @property
    def incumbent(self) -> int:
        """Today's choice; -1 when buying from nobody is better."""
        best = int(self.beliefs.mean.argmax())
        return best if self.beliefs.mean[best] >= self.floor else -1


@dataclass(frozen=True)
class Trial:
    """`pieces` from candidate number `candidate` of product number `product`."""

    product: int
    candidate: int
    pieces: int


def sold_trials(product: Product, rule: TrialRule) -> list[tuple[int, int]]:
    """Every (candidate, pieces) that can be ordered."""
    return [(i, n) for i, minimum in enumerate(product.minimum) for n in rule.sizes_for(minimum)]


def promising_trials(product: Product, rule: TrialRule) -> list[tuple[int, int]]:
    """`sold_trials` without those that cannot pay whatever they show.

    In any batch a rival's trial adds at most E[max(V_i - V_incumbent, 0)] a piece, what knowing both for sure would.
    """
    incumbent, own = product.incumbent, product.beliefs
    if incumbent < 0:
        return sold_trials(product, rule)
    values = own.mean[:, None] + own.deviations
    stake = product.season * rule.bad_choice_factor
    most = [stake * np.maximum(value[:, None] - values[incumbent][None, :], 0).mean() for value in values]
    return [
        (i, n)
        for i, n in sold_trials(product, rule)
        if i == incumbent or most[i] > float(rule.cost(n, product.price[i]))
    ]


@dataclass(frozen=True)
class Options:
    """The trials possible of one product: candidate, pieces, money paid out and cost (rows,), and what they may show."""

    candidate: np.ndarray
    pieces: np.ndarray
    outlay: np.ndarray
    cost: np.ndarray
    foreseen: Foreseen

    @classmethod
    def of(cls, product: Product, rule: TrialRule, pairs: Sequence[tuple[int, int]]) -> Options:
        """Of the (candidate, pieces) in `pairs`."""
        candidate, pieces = np.array(pairs, int).reshape(-1, 2).T
        price = product.price[candidate]
        foreseen = foresee(product.beliefs.deviations[candidate], rule.noise_sd(pieces, price))
        return cls(candidate, pieces, rule.outlay(pieces, price), rule.cost(pieces, price), foreseen)


@dataclass
class _Batch:
    """The trials chosen so far, and for each product what every option would add to them, in money."""

    products: Sequence[Product]
    rule: TrialRule
    options: Sequence[Options]
    points: np.ndarray
    rows: dict[tuple[int, int], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.choices = [ForeseenChoice(p.beliefs, self.points, p.floor) for p in self.products]
        self.gains = [self._gains(k) for k in range(len(self.products))]

    def _gains(self, k: int) -> np.ndarray:
        options = self.options[k]
        gain = self.choices[k].gains(options.candidate, options.foreseen)
        return gain * self.products[k].season * self.rule.bad_choice_factor

    def best(self, by_budget: bool) -> tuple[int, int] | None:
        """(product, option) of the best step that pays, by net gain a unit of money paid out or by net gain alone."""
        found, best = None, 0.0
        for k, options in enumerate(self.options):
            outlay, cost = self._more(k, options.outlay), self._more(k, options.cost)
            net = np.where(self._possible(k, outlay), self.gains[k] - cost, -np.inf)
            worth = net / np.maximum(outlay, 1e-9) if by_budget else net
            if len(worth) and worth.max() > best:
                found, best = (k, int(worth.argmax())), float(worth.max())
        return found

    def _more(self, k: int, amount: np.ndarray) -> np.ndarray:
        """`amount` of each option less that of the trial that it would replace."""
        more = amount.copy()
        for (product, candidate), row in self.rows.items():
            if product == k:
                more[self.options[k].candidate == candidate] -= amount[row]
        return more

    def _possible(self, k: int, more_outlay: np.ndarray) -> np.ndarray:
        """Within the budget and the suppliers, and larger than what is in the batch already."""
        options, product = self.options[k], self.products[k]
        used = {self.products[p].suppliers[i] for p, i in self.rows}
        handled = len(used) < self.rule.most_suppliers
        known = np.array([handled or product.suppliers[i] in used for i in options.candidate], bool)
        spent = sum(float(self.options[p].outlay[row]) for (p, _), row in self.rows.items())
        return known & (more_outlay > 0) & (spent + more_outlay <= self.rule.budget + 1e-9)

    def add(self, k: int, row: int) -> None:
        candidate = int(self.options[k].candidate[row])
        self.rows[k, candidate] = row
        self.choices[k].add(candidate, self.options[k].foreseen, row)
        self.gains[k] = self._gains(k)

    @property
    def net(self) -> float:
        """Expected gain of the season's purchases less the trials' cost."""
        cost = sum(float(self.options[k].cost[row]) for (k, _), row in self.rows.items())
        return sum(gain_of(p, c, self.rule) for p, c in zip(self.products, self.choices)) - cost

    def trials(self) -> list[Trial]:
        """In the order in which their candidates came in."""
        return [Trial(k, i, int(self.options[k].pieces[row])) for (k, i), row in self.rows.items()]


def gain_of(product: Product, choice: ForeseenChoice, rule: TrialRule) -> float:
    """Expected money that a season's purchase gains by the trials of `choice`."""
    return choice.gain * product.season * rule.bad_choice_factor


def choose_trials(products: Sequence[Product], rule: TrialRule, points: np.ndarray) -> list[Trial]:
    """The batch with the greatest expected net gain that adding step by step finds; empty when no trial pays.

    Steps are taken once by net gain for the money paid out (which is best when the budget binds) and once by net gain (when the number of
    suppliers binds); the better batch is kept. `points` from `value_of_trial.joint_outcomes`.
    """
    options = [Options.of(product, rule, promising_trials(product, rule)) for product in products]
    batches = [_filled(_Batch(products, rule, options, points), by_budget) for by_budget in (True, False)]
    return without_losers(products, max(batches, key=lambda batch: batch.net).trials(), rule, points)


def _filled(batch: _Batch, by_budget: bool) -> _Batch:
    while (step := batch.best(by_budget)) is not None:
        batch.add(*step)
    return batch


def without_losers(
    products: Sequence[Product], trials: Sequence[Trial], rule: TrialRule, points: np.ndarray
) -> list[Trial]:
    """`trials` without those that the others made not worth their cost, the worst taken out first."""
    kept = list(trials)
    while kept:
        losses = [_loss_with(k, products, kept, rule, points) for k in range(len(kept))]
        worst = int(np.argmax(losses))
        if losses[worst] <= 0:
            break
        del kept[worst]
    return kept


def _loss_with(k: int, products: Sequence[Product], trials: list[Trial], rule: TrialRule, points: np.ndarray) -> float:
    """Cost of trial `k` less what the season's purchase would miss without it."""
    trial, product = trials[k], products[trials[k].product]
    same = [t for t in trials if t.product == trial.product]
    with_it, without = (
        gain_of(product, _chosen_after(product, part, rule, points), rule)
        for part in (same, [t for t in same if t != trial])
    )
    return float(rule.cost(np.array(trial.pieces), product.price[trial.candidate])) - (with_it - without)


def _chosen_after(product: Product, trials: Sequence[Trial], rule: TrialRule, points: np.ndarray) -> ForeseenChoice:
    choice = ForeseenChoice(product.beliefs, points, product.floor)
    if trials:
        options = Options.of(product, rule, [(trial.candidate, trial.pieces) for trial in trials])
        for row, trial in enumerate(trials):
            choice.add(trial.candidate, options.foreseen, row)
    return choice


def gains_in_order(
    products: Sequence[Product], trials: Sequence[Trial], rule: TrialRule, points: np.ndarray
) -> tuple[list[ForeseenChoice], list[float]]:
    """Each product's choice after all `trials`, and the money that each trial adds to those before it, in their order."""
    choices = [ForeseenChoice(product.beliefs, points, product.floor) for product in products]
    gains = []
    for trial in trials:
        product, choice = products[trial.product], choices[trial.product]
        before = gain_of(product, choice, rule)
        choice.add(trial.candidate, Options.of(product, rule, [(trial.candidate, trial.pieces)]).foreseen, 0)
        gains.append(gain_of(product, choice, rule) - before)
    return choices, gains
