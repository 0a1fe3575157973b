"""Which trials to order next, in simulated worlds with known truth: what the plan earns against spending the budget otherwise.

A world has 8 products with 15 candidates each. A candidate's true value a piece is what its scores say plus what nobody knows
before a trial (both as shares of the product's price); a trial of 5-50 pieces shows it with batch-to-batch and piece-to-piece
noise. Every policy has the same beliefs, updates them by the same rule after each of six rounds, and may pay out the same
budget. Net = what the coming season's choice gains over the choice made without any trial - the cost of all trials so far.

The worlds are drawn under seeds of their own, apart from those that the program was made with.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats

from analysis.decisions.trial_choice import Product, Trial, choose_trials, equal_allocation, repeat_the_best
from analysis.decisions.trial_rule import TrialRule
from analysis.decisions.value_of_trial import Beliefs, joint_outcomes, knowledge_gradient

PRODUCTS, CANDIDATES, ROUNDS = 8, 15, 6
WORLDS, SEED = 150, 90_210
POINTS = joint_outcomes(1)
RULE = TrialRule(budget=6000, most_suppliers=12, salvage_share=0.6, fixed_cost=50, batch_sd=0.10, piece_sd=0.30)
Policy = Callable[[list[Product], TrialRule, np.random.Generator], list[Trial]]


@dataclass(frozen=True)
class Scenario:
    """Standard deviations as shares of the price: `scored` between candidates as the scores say, `hidden` what they do not
    say; `tail` "normal" or "skewed" (some candidates much worse than their scores); `misjudged` true noise over assumed."""

    name: str
    scored: float = 0.06
    hidden: float = 0.10
    tail: str = "normal"
    misjudged: float = 1.0


SCENARIOS = (
    Scenario("scores tell little"),
    Scenario("some are much worse than they look", tail="skewed"),
    Scenario("noise twice what is assumed", misjudged=2.0),
)
SEPARATED = Scenario("scores separate the suppliers", scored=0.20, hidden=0.015)


class World:
    """Products, truth and beliefs; `learn` updates the beliefs (normal) by the outcomes of trials."""

    def __init__(self, scenario: Scenario, rng: np.random.Generator):
        shape = (PRODUCTS, CANDIDATES)
        self.scenario, self.rng = scenario, rng
        self.price = 30 * np.exp(0.6 * rng.standard_normal(PRODUCTS))
        self.season = 600 * np.exp(0.5 * rng.standard_normal(PRODUCTS))
        self.mean = scenario.scored * rng.standard_normal(shape) * self.price[:, None]
        self.sd = np.repeat(scenario.hidden * self.price[:, None], CANDIDATES, axis=1)
        self.truth = self.mean + self.sd * self._hidden(shape)
        self.first = self.mean.argmax(axis=1)
        self.cost = 0.0

    def _hidden(self, shape: tuple[int, int]) -> np.ndarray:
        if self.scenario.tail == "normal":
            return self.rng.standard_normal(shape)
        return 1 - self.rng.exponential(size=shape)

    def products(self) -> list[Product]:
        ones = np.ones(CANDIDATES)
        return [
            Product(
                f"product {k}",
                tuple(f"supplier {k}-{i}" for i in range(CANDIDATES)),
                Beliefs.normal(self.mean[k], self.sd[k]),
                self.price[k] * ones,
                ones,
                float(self.season[k]),
            )
            for k in range(PRODUCTS)
        ]

    def learn(self, trials: list[Trial], rule: TrialRule) -> None:
        for trial in trials:
            k, i = trial.product, trial.candidate
            noise = float(rule.noise_sd(trial.pieces, self.price[k]))
            seen = self.truth[k, i] + self.scenario.misjudged * noise * self.rng.standard_normal()
            weight = self.sd[k, i] ** 2 / (self.sd[k, i] ** 2 + noise**2)
            self.mean[k, i] += weight * (seen - self.mean[k, i])
            self.sd[k, i] *= np.sqrt(1 - weight)
            self.cost += float(rule.cost(trial.pieces, self.price[k]))

    @property
    def net(self) -> float:
        """Gain of the coming season's choice over the first one, less the cost of the trials so far."""
        rows = np.arange(PRODUCTS)
        gained = self.truth[rows, self.mean.argmax(axis=1)] - self.truth[rows, self.first]
        return float(gained @ self.season) - self.cost


def planned(products: list[Product], rule: TrialRule, rng: np.random.Generator) -> list[Trial]:
    return choose_trials(products, rule, POINTS)


def closed_form(products: list[Product], rule: TrialRule, rng: np.random.Generator) -> list[Trial]:
    """Each candidate's best size by the knowledge gradient, those that pay by gain over cost: trials judged one by one."""
    found = []
    for k, product in enumerate(products):
        mean, sd = product.beliefs.mean, product.beliefs.sd
        top = np.sort(mean)[-2:]
        other = np.where(mean == top[1], top[0], top[1])
        for n in rule.sizes:
            gain = product.season * knowledge_gradient(mean, other, sd, rule.noise_sd(n, product.price) ** 2)
            cost = rule.cost(n, product.price)
            found += [
                (gain[i] - cost[i], gain[i] / cost[i], Trial(k, i, n)) for i in range(len(mean)) if gain[i] > cost[i]
            ]
    best = {}
    for net, ratio, trial in sorted(found, key=lambda entry: entry[0]):
        best[trial.product, trial.candidate] = (ratio, trial)
    return _affordable([t for _, t in sorted(best.values(), key=lambda e: -e[0])], products, rule)


def at_random(products: list[Product], rule: TrialRule, rng: np.random.Generator) -> list[Trial]:
    trials = [Trial(k, i, 20) for k, product in enumerate(products) for i in range(len(product.suppliers))]
    return _affordable([trials[j] for j in rng.permutation(len(trials))], products, rule)


def equal_unseen_first(products: list[Product], rule: TrialRule, rng: np.random.Generator) -> list[Trial]:
    """20 pieces from each candidate in turn, those that were tried least first, then by what is expected of them."""
    order = []
    for k, product in enumerate(products):
        place = np.lexsort((-product.beliefs.mean, -np.round(product.beliefs.sd / product.price, 6)))
        order += [(rank, k, Trial(k, int(i), 20)) for rank, i in enumerate(place)]
    return _affordable([trial for _, _, trial in sorted(order, key=lambda e: e[:2])], products, rule)


def _affordable(trials: list[Trial], products: list[Product], rule: TrialRule) -> list[Trial]:
    taken, left = [], rule.budget
    for trial in trials:
        outlay = float(rule.outlay(trial.pieces, products[trial.product].price[trial.candidate]))
        if outlay <= left and len(taken) < rule.most_suppliers:
            taken.append(trial)
            left -= outlay
    return taken


POLICIES: dict[str, Policy] = {
    "plan": planned,
    "closed form, one by one": closed_form,
    "equal, 20 pieces each": lambda products, rule, rng: equal_allocation(products, rule),
    "equal, least tried first": equal_unseen_first,
    "equal, 50 pieces each": lambda products, rule, rng: equal_allocation(products, rule, 50),
    "repeat the best": lambda products, rule, rng: repeat_the_best(products, rule),
    "random": at_random,
}


def nets(
    scenario: Scenario, worlds: int, seed: int, policies: dict[str, Policy] = POLICIES, rule: TrialRule = RULE
) -> pd.DataFrame:
    """Net of each policy after each round: `world policy round net cost`. Each policy meets the same worlds."""
    rows = []
    for world_number in range(worlds):
        for name, policy in policies.items():
            world = World(scenario, np.random.default_rng([seed, world_number]))
            world.rng, chance = (
                np.random.default_rng([seed, world_number, 1]),
                np.random.default_rng([seed, world_number, 2]),
            )
            for round_ in range(1, ROUNDS + 1):
                world.learn(policy(world.products(), rule, chance), rule)
                rows.append((world_number, name, round_, world.net, world.cost))
    return pd.DataFrame(rows, columns=["world", "policy", "round", "net", "cost"])
