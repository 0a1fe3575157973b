"""The scorecard: worths and ratings with their uncertainty, and what they come to for every supplier."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from analysis.decisions.rating.criteria import Criterion, CriterionEvidence
from analysis.decisions.rating.grades import CriterionDraws, TrialCounts, add_grades
from analysis.decisions.rating.ranking import rank_table, weighted_ratings
from analysis.estimates.draws import DRAWS, Draws, common_points, drawn_from_seen, in_own_order, summary
from analysis.rules import Rules


@dataclass(frozen=True)
class Worths:
    """Worth in [0, 1]: `values[k][i, j]` of criterion `k` for supplier `i` in draw `j`; `n[k, i]` observations behind it.

    `levels[k]` (suppliers, draws) is criterion `k` in its own unit, NaN where nothing is known of a supplier. Both may be made anew each time
    that they are asked for (`worths`), so that no more than one criterion of all suppliers is in memory.
    """

    criteria: tuple[Criterion, ...]
    suppliers: pd.Index
    category: pd.Series
    levels: Sequence[np.ndarray]
    values: Sequence[np.ndarray]
    n: np.ndarray

    @property
    def missing(self) -> np.ndarray:
        """Criterion x supplier: no evidence of its own."""
        return self.n == 0

    @property
    def kept(self) -> Worths:
        """The same with every criterion in memory, for who asks for ratings again and again."""
        return replace(self, values=list(self.values))

    def by_criterion(self) -> list[CriterionDraws]:
        """Each criterion's levels with the observations behind them."""
        return [CriterionDraws(*each) for each in zip(self.criteria, self.levels, self.n)]

    def ratings(self, weights: np.ndarray | None = None) -> np.ndarray:
        """Supplier x draw, 0-100: the weighted sum of the worths."""
        return self._rated[0] if weights is None else weighted_ratings(weights, self.values)

    @property
    def mean(self) -> np.ndarray:
        """Expected worth, criterion x supplier."""
        return self._rated[1]

    @cached_property
    def _rated(self) -> tuple[np.ndarray, np.ndarray]:
        """Ratings by the criteria's own weights, and the mean worths behind them."""
        means: list[np.ndarray] = []

        def counted() -> Iterator[np.ndarray]:
            for worth in self.values:
                means.append(worth.mean(axis=1))
                yield worth

        ratings = weighted_ratings([criterion.weight for criterion in self.criteria], counted())
        return ratings, np.array(means).reshape(self.n.shape)


def worths(
    criteria: Sequence[Criterion], evidence: Mapping[str, CriterionEvidence], category: pd.Series, seed: int
) -> Worths:
    """The worth of every criterion for every supplier of `category` (index supplier, value category).

    A criterion without evidence is neither dropped nor set to a point: the supplier takes, world by world, the worth of a
    supplier that has evidence (`drawn_from_seen`: mostly of its category, the more of them the more); where nobody or
    one alone has any, worth is uniform over [0, 1]: of one supplier it is not known how others differ from it. So, given the evidence, the rating of a supplier whose own is complete depends on nobody else,
    and no rating on names or the order of rows; what is assumed of an incomplete one shifts with the evidence on the others. (The
    estimates that make the evidence pool suppliers: a newcomer moves everybody's a little before it comes here.)
    """
    category = category.sort_index()
    suppliers, n = pd.Index(category.index), np.zeros((len(criteria), len(category)), int)
    for k, criterion in enumerate(criteria):
        if (found := evidence.get(criterion.name)) is not None:
            n[k] = found.n.reindex(category.index).fillna(0).to_numpy(int)

    def level(k: int) -> np.ndarray:
        found = evidence.get(criteria[k].name)
        return np.broadcast_to(np.nan, (len(suppliers), DRAWS)) if found is None else found.draws.of(suppliers)

    def value(k: int) -> np.ndarray:
        worth = criteria[k].value(level(k))
        _assume_unseen(worth, n[k], category, np.random.default_rng([seed, 5, *criteria[k].name.encode()]))
        return worth

    return Worths(tuple(criteria), suppliers, category, Made(level, len(criteria)), Made(value, len(criteria)), n)


@dataclass(frozen=True)
class Made(Sequence[np.ndarray]):
    """A sequence whose entries are made each time that they are asked for."""

    make: Callable[[int], np.ndarray]
    size: int

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, place: Any) -> Any:
        if not 0 <= place < self.size:
            raise IndexError(place)
        return self.make(place)


FEWEST_DONORS = 2
"""Suppliers with evidence that tell of those without: one alone would set a criterion of everybody to its own worth, for certain."""


def _assume_unseen(values: np.ndarray, n: np.ndarray, category: pd.Series, rng: np.random.Generator) -> None:
    """Fill, in place, the rows of one criterion that hold no draws."""
    unseen = np.isnan(values[:, 0])
    seen = (n > 0) & ~unseen
    suppliers = pd.Index(category.index)
    if seen.sum() >= FEWEST_DONORS and unseen.any():
        donors = Draws(suppliers[seen], values[seen])
        values[unseen] = drawn_from_seen(donors, suppliers[unseen], rng, category)
    elif unseen.any():
        anything = common_points(rng, 1, values.shape[1])
        values[unseen] = in_own_order(np.repeat(anything, unseen.sum(), axis=0), suppliers[unseen])


def criteria_values(scored: Worths, level: float) -> pd.DataFrame:
    """One row a supplier and criterion: level and worth with their intervals, weight, observations, missing or not."""
    n_criteria, n_suppliers = scored.n.shape
    value, low, high = np.stack([summary(each, level) for each in scored.levels], axis=1)
    worth, worth_low, worth_high = np.stack([summary(each, level) for each in scored.values], axis=1)
    columns = {
        "supplier": np.tile(scored.suppliers, n_criteria),
        "criterion": np.repeat([criterion.name for criterion in scored.criteria], n_suppliers),
        "value": value.ravel(),
        "value_low": low.ravel(),
        "value_high": high.ravel(),
        "worth": worth.ravel(),
        "worth_low": worth_low.ravel(),
        "worth_high": worth_high.ravel(),
        "weight": np.repeat([criterion.weight for criterion in scored.criteria], n_suppliers),
        "observations": scored.n.ravel(),
        "missing": scored.missing.ravel(),
    }
    return pd.DataFrame(columns).sort_values(["supplier", "criterion"], ignore_index=True)


def make_scorecard(
    scored: Worths, defects: np.ndarray, tried: TrialCounts, rules: Rules, before: pd.Series | None = None
) -> pd.DataFrame:
    """The scorecard, best first: one row a supplier with rating, ranks, grade, its reason and what is missing.

    Suppliers with equal ratings share a rank and stand in the order of their names, which decides nothing else.
    `before`: the month before's grades, index supplier; see `add_grades`.
    """
    ratings = scored.ratings()
    table = rank_table(ratings, scored.category, rules["limits"]["interval_level"])
    table = add_grades(table, ratings, scored.by_criterion(), defects, tried, rules, before)
    names = np.array([criterion.name for criterion in scored.criteria])
    table["missing_criteria"] = [", ".join(names[column]) for column in scored.missing.T]
    return table.sort_values(["rank", "supplier"], ignore_index=True)


ALL_BUT_ALL = 0.9995
"""A weight from here on is printed as 100.0 %: nothing else would count, which nobody sets."""
STABILITY_COLUMNS = [
    "category",
    "winner",
    "criterion",
    "weight",
    "weight_needed",
    "move",
    "rival",
    "toss_up",
    "skus",
    "rival_costs",
]
"""`toss_up`: a smaller move of the weight than anybody sets weights by would unseat the winner. `skus` that both offer, and `rival_costs`
money that choosing the rival for these is expected to cost more in a season (below 0: less); NaN where neither is known to."""


def weight_stability(scored: Worths, regrets: pd.DataFrame, toss_up: float) -> pd.DataFrame:
    """For each category and criterion, the smallest change of that weight that unseats the winner by mean rating.

    The other weights keep their proportions: with weight w_k -> w_k + d they are scaled by (1 - w_k - d) / (1 - w_k), so that
    with mean worths u and ratings r the gap between winner and rival is linear in d and crosses zero at

        d = (r_w - r_i) / ((r_w - u_wk) - (r_i - u_ik)) (1 - w_k).

    `regrets` from `choice_regret`: what the other choice would cost; `toss_up` the move below which the lead is one.
    `STABILITY_COLUMNS`, the smallest `move` first within a category. Left out are criteria that cannot unseat the winner, those
    that nobody of the category was assessed on, and moves that would need a weight of 100 %.
    """
    weights = np.array([criterion.weight for criterion in scored.criteria])
    worth = scored.mean
    rating = weights @ worth
    rows = []
    for category, members in pd.Series(range(len(scored.suppliers))).groupby(scored.category.to_numpy()):
        rivals = members.to_numpy()
        winner = rivals[rating[rivals].argmax()]
        for k, criterion in enumerate(scored.criteria):
            if not scored.n[k, rivals].any():
                continue  # what is assumed of all alike tells nobody apart
            move, rival = _smallest_move(rating, worth[k], weights[k], winner, rivals[rivals != winner])
            if rival is not None:
                names = scored.suppliers[winner], criterion.name
                rows.append((category, *names, weights[k], weights[k] + move, move, scored.suppliers[rival]))
    table = pd.DataFrame(rows, columns=STABILITY_COLUMNS[:7])
    money = [_rival_costs(regrets, winner, rival) for winner, rival in zip(table["winner"], table["rival"])]
    table = table.assign(toss_up=table["move"].abs() < toss_up)
    table[["skus", "rival_costs"]] = np.array(money, float).reshape(-1, 2)
    table = table.astype({"skus": "Int64", "toss_up": bool})
    order = table.assign(size=table["move"].abs()).sort_values(["category", "size", "criterion"]).index
    return table.loc[order].reset_index(drop=True)


def _rival_costs(regrets: pd.DataFrame, winner: str, rival: str) -> tuple[int, float]:
    """SKUs that both offer, and what a season of them is expected to cost more with the rival."""
    found = regrets[regrets["supplier"].isin([winner, rival])] if len(regrets) else regrets
    if found.empty:
        return 0, np.nan
    both = found.pivot_table(index="sku", columns="supplier", values="expected_regret").reindex(columns=[winner, rival])
    both = both.dropna()
    return len(both), float((both[rival] - both[winner]).sum()) if len(both) else np.nan


def _smallest_move(
    rating: np.ndarray, worth: np.ndarray, weight: float, winner: int, rivals: np.ndarray
) -> tuple[float, int | None]:
    """Least change of one weight, to less than 1, that puts a rival level with the winner, and which; None when none does."""
    lead = rating[winner] - rating[rivals]
    slope = (rating[winner] - worth[winner]) - (rating[rivals] - worth[rivals])
    with np.errstate(divide="ignore", invalid="ignore"):
        move = lead / slope * (1 - weight)
    possible = np.isfinite(move) & (weight + move >= 0) & (weight + move < ALL_BUT_ALL)
    if not possible.any():
        return 0.0, None
    best = np.flatnonzero(possible)[np.abs(move[possible]).argmin()]
    return float(move[best]), int(rivals[best])
