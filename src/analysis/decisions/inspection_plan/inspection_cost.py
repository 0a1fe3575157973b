"""The inspection plan that costs least: what looking costs against what an escaped defect costs.

Model. A lot of N pieces has its own defect rate p; what is known about p *between lots* of the supplier is a mixture of beta
distributions (`LotRate`). Inspecting a piece costs `piece_cost`; a defective piece that escapes costs `escape_cost`; one that
is found is replaced by the supplier. After n pieces with x defective, the rest of the lot is taken as it is where

    E[p | x, n]  <=  piece_cost / escape_cost,     for one beta (a + x) / (a + b + n),

and is inspected piece by piece otherwise. The expected cost of sampling n is then

    n ci + (N - n) sum_x P(x) min(ci, ce E[p | x, n]),

searched over n from 0 (trust) to N (inspect everything). Of a lot above `PIECE_BY_PIECE` pieces no sample larger than that is
tried but the whole lot: more pieces say next to nothing more of it, and what is reckoned does not grow with the lot.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from scipy import special

from analysis.decisions.inspection_plan.outcomes import Outcomes, outcomes_of
from analysis.decisions.inspection_plan.sampling_plan import PIECE_BY_PIECE, SamplingPlan, check_lot_size

NODES = 32
"""Beta components that stand for a supplier's posterior draws."""
FULL_SEARCH = 200
GRID = 80
"""Up to `FULL_SEARCH` pieces every sample size is tried; beyond it about `GRID` sizes, refined around the best."""
AT_ONCE = 20_000
"""Outcomes of a sample reckoned at a time."""


@dataclass
class _Tabled:
    """What samples of the lots asked about so far may show."""

    outcomes: Outcomes | None = None


@dataclass(frozen=True)
class LotRate:
    """Defect rate of a lot not yet seen: a mixture of beta(alpha, beta) with `weights` that add up to 1."""

    weights: np.ndarray
    alpha: np.ndarray
    beta: np.ndarray
    _tabled: _Tabled = field(init=False, default_factory=_Tabled, repr=False, compare=False)

    def __post_init__(self) -> None:
        if np.any(self.alpha <= 0) or np.any(self.beta <= 0):
            raise ValueError("alpha, beta: both parameters of a beta distribution are above 0")
        if abs(self.weights.sum() - 1) > 1e-9:
            raise ValueError(f"weights: they add up to 1, got {self.weights.sum()}")

    @staticmethod
    def beta_between_lots(alpha: float, beta: float) -> LotRate:
        """One beta distribution, as a textbook states it."""
        return LotRate(np.ones(1), np.array([float(alpha)]), np.array([float(beta)]))

    @staticmethod
    def from_draws(rates: np.ndarray, concentration: float, nodes: int = NODES) -> LotRate:
        """From posterior draws of a supplier's defect rate and the `concentration` of its lots around it.

        Given the supplier's rate r, a lot's rate is beta(r c, (1 - r) c): c = alpha + beta says how much lots differ, 40
        meaning that two lots of a 5 % supplier easily read 2 % and 9 %. The draws are cut into `nodes` groups of equal
        weight, each represented by its mean, so that the mean over all is kept exactly.
        """
        rates = np.sort(np.asarray(rates, float))
        if rates.ndim != 1 or not len(rates) or not np.all((rates >= 0) & (rates <= 1)):
            raise ValueError("rates: one supplier's draws in a row, each between 0 and 1, are needed")
        if not concentration > 0:
            raise ValueError(f"concentration: alpha + beta between lots is above 0, got {concentration}")
        groups = np.array_split(rates, min(nodes, len(rates)))
        means = np.clip([group.mean() for group in groups], 1e-6, 1 - 1e-6)
        weights = np.array([len(group) for group in groups]) / len(rates)
        return LotRate(weights, means * concentration, (1 - means) * concentration)

    @property
    def mean(self) -> float:
        """Expected defect rate of a lot."""
        return float(self.weights @ (self.alpha / (self.alpha + self.beta)))

    def outcomes(self, pieces: int, break_even: float) -> Outcomes | None:
        """What samples of up to `pieces` may show, as far as a lot is taken unseen by `break_even` (`outcomes_of`); kept for the
        supplier's next lot."""
        if (held := self.held(pieces, break_even)) is not None:
            return held
        known = self._tabled.outcomes
        if np.ptp(self.alpha + self.beta) > 1e-9:
            return None
        pieces = max(pieces * 5 // 4, FULL_SEARCH)  # with room for the next
        found = None if known is None else self._table(max(pieces, known.pieces), break_even, known.most)
        found = found or self._table(pieces, break_even)  # where one for all lots so far would be too large
        self._tabled.outcomes = found or known
        return found

    def _table(self, pieces: int, break_even: float, least: int = 0) -> Outcomes | None:
        return outcomes_of(self.weights, self.alpha, self.beta, pieces, break_even, least)

    def held(self, pieces: int, break_even: float) -> Outcomes | None:
        """The table if it is there already and holds all samples of up to `pieces`."""
        known = self._tabled.outcomes
        return known if known is not None and known.holds(pieces, break_even) else None

    def predictive(self, n: int, up_to: int) -> tuple[np.ndarray, np.ndarray]:
        """P(x) and E[p | x] for x = 0..up_to defectives among n pieces (beta-binomial, mixed)."""
        if (known := self._tabled.outcomes) is not None and n <= known.pieces and up_to <= known.most:
            chance, mean = known.of(np.array([n]))
            return chance[0, : up_to + 1], mean[0, : up_to + 1]
        x = np.arange(up_to + 1)[:, None]
        log_chance = _log_beta_binomial(x, n, self.alpha, self.beta)
        joint = self.weights * np.exp(log_chance)
        chance = joint.sum(axis=1)
        joint_mean = (joint * (self.alpha + x) / (self.alpha + self.beta + n)).sum(axis=1)
        return chance, np.divide(joint_mean, chance, out=np.ones_like(chance), where=chance > 0)


def _log_beta_binomial(x: np.ndarray, n: int | np.ndarray, alpha: np.ndarray, beta: np.ndarray) -> np.ndarray:
    log_choose = special.gammaln(n + 1) - special.gammaln(x + 1) - special.gammaln(n - x + 1)
    return log_choose + special.betaln(alpha + x, beta + n - x) - special.betaln(alpha, beta)


@dataclass(frozen=True)
class CostPlan:
    """The cheapest plan and what it leaves. Money in the currency of the two costs, for the whole lot.

    `accept` is the most defectives in the sample with which the rest is taken unseen; -1: never (all pieces are inspected).
    `p_accept`: chance that the rest is taken unseen; `expected_escapes`: defectives that then reach the customer, on average.
    """

    lot_size: int
    sample_size: int
    accept: int
    expected_cost: float
    inspection_cost: float
    escape_cost: float
    p_accept: float
    expected_escapes: float

    @property
    def sampling_plan(self) -> SamplingPlan:
        """The plan in the standard's terms; never to accept is written as accepting at 0."""
        return SamplingPlan(self.sample_size, max(self.accept, 0), max(self.accept, 0) + 1)


def check_costs(piece_cost: float, escape_cost: float) -> float:
    """The break-even defect rate piece_cost / escape_cost; `ValueError` for costs that are no costs."""
    if not piece_cost >= 0 or not escape_cost > 0 or np.isinf(piece_cost) or np.isinf(escape_cost):
        raise ValueError(
            "piece_cost, escape_cost: inspecting costs 0 or more a piece and an escaped defect more than 0, "
            f"got {piece_cost} and {escape_cost}"
        )
    return piece_cost / escape_cost


def accept_number(lot_rate: LotRate, n: int | np.ndarray, break_even: float) -> np.ndarray:
    """Most defectives x among n (a number or an array) with E[p | x, n] <= `break_even`; -1 where there is none.

    E[p | x, n] rises with x whatever the prior (the binomial has a monotone likelihood ratio), so a bisection finds it.
    """
    n = np.asarray(n, int)
    if (known := lot_rate.held(int(n.max(initial=0)), break_even)) is not None:
        _, mean = known.of(n.reshape(-1))
        return np.minimum((mean <= break_even).sum(axis=1).reshape(n.shape) - 1, n)
    low, high = np.full(n.shape, -1), n.copy()
    while np.any(low < high):
        middle = (low + high + 1) // 2
        fine = _posterior_mean(lot_rate, n, middle) <= break_even
        low, high = np.where(fine, middle, low), np.where(fine, high, np.maximum(middle - 1, low))
    return low


def _posterior_mean(lot_rate: LotRate, n: np.ndarray, x: np.ndarray) -> np.ndarray:
    n, x = n[..., None], np.maximum(x, 0)[..., None]
    alpha, beta = lot_rate.alpha, lot_rate.beta
    log_weight = np.log(lot_rate.weights) + special.betaln(alpha + x, beta + n - x) - special.betaln(alpha, beta)
    weight = np.exp(log_weight - log_weight.max(axis=-1, keepdims=True))
    return (weight * (alpha + x) / (alpha + beta + n)).sum(axis=-1) / weight.sum(axis=-1)


def evaluate_plan(
    lot_size: int, n: int, accept: int, lot_rate: LotRate, piece_cost: float, escape_cost: float
) -> CostPlan:
    """Expected cost of sampling n and taking the rest unseen at up to `accept` defectives, else inspecting the rest."""
    p_accept = rate_when_accepted = 0.0
    if accept >= 0 and n < lot_size:
        chance, mean = lot_rate.predictive(n, min(accept, n))
        p_accept, rate_when_accepted = float(chance.sum()), float(chance @ mean)
    return _plan(lot_size, n, accept, p_accept, rate_when_accepted, piece_cost, escape_cost)


def _plan(
    lot_size: int,
    n: int,
    accept: int,
    p_accept: float,
    rate_when_accepted: float,
    piece_cost: float,
    escape_cost: float,
) -> CostPlan:
    rest = lot_size - n
    escapes = rest * rate_when_accepted
    inspecting = piece_cost * (n + rest * (1 - p_accept))
    return CostPlan(
        lot_size, n, accept, inspecting + escape_cost * escapes, inspecting, escape_cost * escapes, p_accept, escapes
    )


def best_for_sample(lot_size: int, n: int, lot_rate: LotRate, piece_cost: float, escape_cost: float) -> CostPlan:
    """The sample size n with its best acceptance number."""
    accept = int(accept_number(lot_rate, n, check_costs(piece_cost, escape_cost))) if n < lot_size else -1
    return evaluate_plan(lot_size, n, accept, lot_rate, piece_cost, escape_cost)


def _saved(lot_size: int, sizes: np.ndarray, lot_rate: LotRate, piece_cost: float, escape_cost: float) -> np.ndarray:
    """What each sample size, short of the lot, saves a piece of the rest against inspecting it: sum_{x <= c} P(x) (ci - ce E[p | x, n])."""
    known = lot_rate.outcomes(int(sizes.max(initial=0)), piece_cost / escape_cost)
    if known is not None:
        chance, mean = known.of(sizes)
        return (chance * np.maximum(piece_cost - escape_cost * mean, 0.0)).sum(axis=1)
    accept = accept_number(lot_rate, sizes, piece_cost / escape_cost)
    lots = np.flatnonzero(np.diff(np.cumsum(accept + 1) // AT_ONCE)) + 1
    pairs = zip(np.split(sizes, lots), np.split(accept, lots))
    return np.concatenate([_saved_a_piece(n, c, lot_rate, piece_cost, escape_cost) for n, c in pairs])


def _saved_a_piece(
    sizes: np.ndarray, accept: np.ndarray, lot_rate: LotRate, piece_cost: float, escape_cost: float
) -> np.ndarray:
    """Of the rest, by sample size."""
    at = np.repeat(np.arange(len(sizes)), accept + 1)
    n = sizes[at]
    x = np.arange(len(at)) - np.repeat(np.cumsum(accept + 1) - (accept + 1), accept + 1)
    alpha, beta = lot_rate.alpha, lot_rate.beta
    joint = lot_rate.weights * np.exp(_log_beta_binomial(x[:, None], n[:, None], alpha, beta))
    mean = (alpha + x[:, None]) / (alpha + beta + n[:, None])
    saved = (joint * (piece_cost - escape_cost * mean)).sum(axis=1)
    return np.bincount(at, saved, len(sizes))


def cheapest_plan(lot_size: int, lot_rate: LotRate, piece_cost: float, escape_cost: float) -> CostPlan:
    """The plan of least expected cost over the sample sizes 0..`lot_size` (those of the heading); of equals the smallest sample.

    >>> rate = LotRate.beta_between_lots(1, 19)     # 5 % on average, lots differ widely
    >>> plan = cheapest_plan(200, rate, piece_cost=0.5, escape_cost=20)
    >>> plan.sample_size, plan.accept, round(plan.expected_cost, 1)
    (72, 1, 91.1)
    """
    check_costs(piece_cost, escape_cost)
    size = _best_sample(lot_size, piece_cost, lambda n: _saved(lot_size, n, lot_rate, piece_cost, escape_cost))
    return best_for_sample(lot_size, size, lot_rate, piece_cost, escape_cost)


def cheapest_plans(
    lot_sizes: Sequence[int], lot_rate: LotRate, piece_cost: float, escape_costs: Sequence[float]
) -> list[CostPlan]:
    """`cheapest_plan` of several lots of one supplier, whose samples are tabled once for all of them."""
    known = lot_rate.outcomes(min(max(lot_sizes), PIECE_BY_PIECE), check_costs(piece_cost, min(escape_costs)))
    if known is None:
        return [cheapest_plan(size, lot_rate, piece_cost, cost) for size, cost in zip(lot_sizes, escape_costs)]
    chance, mean = known.of(np.arange(known.pieces + 1))
    found = []
    for size, cost in zip(lot_sizes, escape_costs):
        saved = (chance * np.maximum(piece_cost - cost * mean, 0.0)).sum(axis=1)
        n = _best_sample(size, piece_cost, saved.__getitem__)
        accept = min(int((mean[n] <= piece_cost / cost).sum()) - 1, n) if n < size else -1
        taken, rate = chance[min(n, known.pieces), : accept + 1], mean[min(n, known.pieces), : accept + 1]
        found.append(_plan(size, n, accept, float(taken.sum()), float(taken @ rate), piece_cost, cost))
    return found


@lru_cache(maxsize=256)
def _grid(most: int) -> np.ndarray:
    """About `GRID` sizes from 0 to `most`."""
    return np.unique(np.r_[0, np.geomspace(1, most, GRID).round().astype(int)])


def _best_sample(lot_size: int, piece_cost: float, saved: Callable[[np.ndarray], np.ndarray]) -> int:
    """The sample size of the cheapest plan by what each size short of the lot has `saved` a piece of the rest."""
    lot_size = check_lot_size(lot_size)

    def best(sizes: np.ndarray) -> int:
        part = sizes < lot_size
        costs = np.full(len(sizes), lot_size * piece_cost, float)
        costs[part] -= (lot_size - sizes[part]) * saved(sizes[part])
        return int(np.argmax(costs <= costs.min() + 1e-9 * (1 + abs(costs.min()))))

    if lot_size <= FULL_SEARCH:
        sizes = np.arange(lot_size + 1)
    else:
        most = min(lot_size, PIECE_BY_PIECE)
        grid = _grid(most)
        at = best(grid)
        sizes = np.arange(grid[max(at - 2, 0)], grid[min(at + 2, len(grid) - 1)] + 1)
        if lot_size > most:
            sizes = np.r_[sizes[:: len(sizes) // GRID + 1], lot_size]
    return int(sizes[best(sizes)])
