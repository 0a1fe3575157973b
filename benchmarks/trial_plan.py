"""Which trials to order next, in simulated worlds with known truth: what the plan earns against spending the budget otherwise.

A world has 8 products with 15 candidates each. A candidate's true value a piece is what its scores say plus what nobody knows
before a trial (both as shares of the product's price); a trial of 5-50 pieces shows it with batch-to-batch and piece-to-piece
noise. Every policy has the same beliefs, updates them by the same rule after each of six rounds, and may pay out the same
budget. Net = what the coming season's choice gains over the choice made without any trial - the cost of all trials so far.

The worlds are drawn under seeds of their own, apart from those that the program was made with.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from knowledge_gradient import knowledge_gradient

from analysis.decisions.trial_plan import TrialRule
from analysis.decisions.trial_plan.trial_choice import Product, Trial, choose_trials
from analysis.decisions.trial_plan.trial_policies import equal_allocation, repeat_the_best
from analysis.decisions.trial_plan.value_of_trial import Beliefs, joint_outcomes
from analysis.rules import rules_in_force

PRODUCTS, CANDIDATES, ROUNDS = 8, 15, 6
MAIN_WORLDS, SIDE_WORLDS, SEED = 240, 40, 90_210
POINTS = joint_outcomes(1)
RULE = rules_in_force("example", "2026-10").read("trial_plan", TrialRule, budget=5000, most_suppliers=12)
Policy = Callable[[list[Product], TrialRule, np.random.Generator], list[Trial]]


@dataclass(frozen=True)
class Scenario:
    """Standard deviations as shares of the price: `scored` between candidates as the scores say, `hidden` what they do not
    say; `tail` "normal" or "skewed" (some candidates much worse than their scores); `misjudged` true noise over assumed;
    `season` median pieces of a product."""

    name: str
    scored: float = 0.06
    hidden: float = 0.10
    tail: str = "normal"
    misjudged: float = 1.0
    season: float = 1000.0


SCENARIOS = (
    Scenario("scores tell little"),
    Scenario("some are much worse than they look", tail="skewed"),
    Scenario("noise twice what is assumed", misjudged=2.0),
    Scenario("half the season", season=500.0),
    Scenario("twice the season", season=2000.0),
)
SEPARATED = Scenario("scores separate the suppliers", scored=0.20, hidden=0.015)


class World:
    """Products, truth and beliefs; `learn` updates the beliefs (normal) by the outcomes of trials."""

    def __init__(self, scenario: Scenario, rng: np.random.Generator):
        shape = (PRODUCTS, CANDIDATES)
        self.scenario, self.rng = scenario, rng
        self.price = 30 * np.exp(0.6 * rng.standard_normal(PRODUCTS))
        self.season = scenario.season * np.exp(0.5 * rng.standard_normal(PRODUCTS))
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
    for _, ratio, trial in sorted(found, key=lambda entry: entry[0]):
        best[trial.product, trial.candidate] = (ratio, trial)
    return _affordable([t for _, t in sorted(best.values(), key=lambda e: -e[0])], products, rule)


def at_random(products: list[Product], rule: TrialRule, rng: np.random.Generator) -> list[Trial]:
    trials = [Trial(k, i, 20) for k, product in enumerate(products) for i in range(len(product.suppliers))]
    return _affordable([trials[j] for j in rng.permutation(len(trials))], products, rule)


def equal_best_first(products: list[Product], rule: TrialRule, rng: np.random.Generator) -> list[Trial]:
    """20 pieces from each candidate in turn, by what is expected of them: today's choice first."""
    return _ranked(products, rule, [np.argsort(-product.beliefs.mean) for product in products])


def equal_unseen_first(products: list[Product], rule: TrialRule, rng: np.random.Generator) -> list[Trial]:
    """20 pieces from each candidate in turn, those that were tried least first, then by what is expected of them."""
    seen = [-np.round(product.beliefs.sd / product.price, 6) for product in products]
    return _ranked(products, rule, [np.lexsort((-p.beliefs.mean, known)) for p, known in zip(products, seen)])


def _ranked(products: list[Product], rule: TrialRule, order: list[np.ndarray]) -> list[Trial]:
    return _affordable(
        [Trial(k, int(i[j]), 20) for j in range(CANDIDATES) for k, i in enumerate(order)], products, rule
    )


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
    "equal, best first": equal_best_first,
    "equal, least tried first": equal_unseen_first,
    "equal, 50 pieces each": lambda products, rule, rng: equal_allocation(products, rule, 50),
    "repeat the best": lambda products, rule, rng: repeat_the_best(products, rule),
    "random": at_random,
}

EQUALS = ("equal, 20 pieces each", "equal, best first", "equal, least tried first")


def nets(
    scenario: Scenario, worlds: int, seed: int, names: tuple[str, ...] = tuple(POLICIES), rule: TrialRule = RULE
) -> pd.DataFrame:
    """Net of each policy after each round: `world policy round net cost`. Each policy meets the same worlds."""
    rows = []
    for number in range(worlds):
        for name in names:
            world = World(scenario, np.random.default_rng([seed, number]))
            world.rng, chance = (np.random.default_rng([seed, number, stream]) for stream in (1, 2))
            for round_ in range(1, ROUNDS + 1):
                world.learn(POLICIES[name](world.products(), rule, chance), rule)
                rows.append((number, name, round_, world.net, world.cost))
    return pd.DataFrame(rows, columns=["world", "policy", "round", "net", "cost"])


def mean_nets(found: pd.DataFrame) -> pd.DataFrame:
    """Mean net by policy (rows) and round (columns)."""
    return found.pivot_table(index="policy", columns="round", values="net")


def wins(found: pd.DataFrame, peer: str, after: int = ROUNDS) -> float:
    """Share of worlds in which the plan's net is above the peer's."""
    by_world = found[found["round"] == after].pivot_table(index="world", columns="policy", values="net")
    return float((by_world["plan"] > by_world[peer]).mean())


def main_rows() -> list[dict]:
    """The plan against the others where scores tell little; the peer is the better of the equal allocations."""
    found = nets(SCENARIOS[0], MAIN_WORLDS, SEED)
    table = mean_nets(found)
    rows = []
    for after in (1, 3, ROUNDS):
        peer = str(table.loc[list(EQUALS), after].idxmax())
        ours, theirs = float(table.loc["plan", after]), float(table.loc[peer, after])
        row = {
            "what": f"net after {after} rounds, {MAIN_WORLDS} worlds, against {peer}",
            "figure": f"{ours:,.0f}",
            "peer": f"{theirs:,.0f}",
            "ratio": ours / theirs if theirs > 0 else np.inf,
        }
        rows.append(row | ({"goal": ">= 2x", "met": bool(ours >= 2 * max(theirs, 0))} if after == 3 else {}))
    share = min(wins(found, peer) for peer in EQUALS)
    rows.append(
        {
            "what": f"worlds in which the plan wins after {ROUNDS} rounds against each equal allocation",
            "figure": f"{share:.1%}",
            "goal": ">= 84 %",
            "met": share >= 0.84,
        }
    )
    others = [name for name in POLICIES if name not in ("plan", *EQUALS)]
    return rows + [
        {
            "what": f"net after 1, 3, {ROUNDS} rounds, {name}",
            "figure": ", ".join(f"{table.loc[name, r]:,.0f}" for r in (1, 3, ROUNDS)),
        }
        for name in others
    ]


def separated_rows() -> list[dict]:
    """Where trials cannot pay: what the plan loses of what the policies lose that spend the budget."""
    table = mean_nets(nets(SEPARATED, SIDE_WORLDS, SEED + 1))[ROUNDS]
    spending = -table.drop(["plan", "closed form, one by one"]).max()
    lost = max(0.0, -float(table["plan"]))
    return [
        {
            "what": f"lost over {ROUNDS} rounds where the scores separate the suppliers, against the least of spending policies",
            "figure": f"{lost:,.0f}",
            "peer": f"{spending:,.0f}",
            "ratio": lost / spending,
            "goal": "<= 3 %",
            "met": bool(lost <= 0.03 * spending),
        }
    ]


def side_rows() -> list[dict]:
    """Where the plan's assumptions fail; no goal."""
    rows = []
    for k, scenario in enumerate(SCENARIOS[1:]):
        table = mean_nets(nets(scenario, SIDE_WORLDS, SEED + 2 + k, ("plan", *EQUALS)))
        rows += [
            {
                "what": f"net after {after} rounds, {scenario.name}, {SIDE_WORLDS} worlds",
                "figure": f"{table.loc['plan', after]:,.0f}",
                "peer": f"{table.loc[list(EQUALS), after].max():,.0f}",
            }
            for after in (3, ROUNDS)
        ]
    return rows


def speed_row(repeats: int = 5) -> dict:
    products = World(SCENARIOS[0], np.random.default_rng(5)).products()
    begun = time.perf_counter()
    for _ in range(repeats):
        choose_trials(products, RULE, POINTS)
    return {
        "what": f"one plan, {PRODUCTS} products x {CANDIDATES} candidates",
        "figure": f"{(time.perf_counter() - begun) / repeats:.2f} s",
    }


def run() -> list[dict]:
    """Rows for `benchmarks/run.py`."""
    return [*main_rows(), *separated_rows(), *side_rows(), speed_row()]


if __name__ == "__main__":
    print(pd.DataFrame(run()).to_string(index=False))
