"""The simulated buyer: which lines it orders each month, from what it has seen so far.

It prefers what is cheap, what passed inspection and what came in time, but it weighs them loosely, takes a chance now and
then, and has only its own few inspections to go by. New offers are sampled, sampled ones tried in 5 to 50 pieces, and the
best of those tried twice are bought in bulk.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.simulate.products import PRODUCTS
from analysis.simulate.truth import LADDER, LADDER_FACTORS, QUOTE_MONTHS, Truth

SAMPLE, TRIAL, BULK = 0, 1, 2
TRIAL_SIZES = np.array([5, 10, 20, 30, 50])
BULK_SIZES = np.array([100, 200, 300, 500])
MEASURED_SAMPLES = 3
"""Least pieces in a sample order of a model that is weighed or gauged."""

Columns = dict[str, np.ndarray]


@dataclass(frozen=True)
class Memory:
    """What the buyer has seen of each offer when it orders; arrays over offers, counts of lines or pieces."""

    ordered: np.ndarray
    seen: np.ndarray
    inspected: np.ndarray
    defective: np.ndarray
    late: np.ndarray

    @property
    def defect_rate(self) -> np.ndarray:
        """A cautious buyer's guess: its own count, mixed with half a defect in 12 pieces."""
        return (self.defective + 0.5) / (self.inspected + 12.0)


def remember(lines: Columns, offers: int, day: int) -> Memory:
    """Sum up `lines` by offer as they were known on `day`."""

    def count(mask: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
        return np.bincount(lines["offer"][mask], None if weights is None else weights[mask], offers)

    seen = lines["inspected_on"] < day
    late = (lines["received_on"] < day) & (lines["received_on"] > lines["promised_on"])
    return Memory(
        ordered=count(np.ones(len(seen), bool)),
        seen=count(seen),
        inspected=count(seen, lines["inspected"]),
        defective=count(seen, lines["defective"]),
        late=count(late) / np.maximum(count(lines["received_on"] < day), 1),
    )


def choose_lines(rng: np.random.Generator, truth: Truth, memory: Memory, month: int) -> tuple[np.ndarray, np.ndarray]:
    """Offers ordered in round `month` and the stage of each."""
    supplier = truth.offers["supplier"].to_numpy()
    product = truth.offers["product"].to_numpy()
    here = truth.suppliers["entry"].to_numpy()[supplier] <= month
    once = truth.suppliers["only_order"].to_numpy()[supplier]
    liking = _liking(rng, truth, memory, month)
    new = here & (memory.ordered == 0)
    tried = here & ~once & ((memory.seen > 0) | ((memory.ordered > 0) & (rng.random(len(here)) < 0.12)))
    bulk = tried & (memory.seen >= 2) & (memory.inspected >= 15) & (memory.defect_rate < 0.085)
    bulk = _best(liking, product, bulk, 0.4) & (rng.random(len(here)) < 0.45)
    trial = _best(liking, product, tried & ~bulk, 0.42)
    sample = new & ~once & (rng.random(len(here)) < 0.75)
    stage = np.select([bulk, trial, sample, new & once], [BULK, TRIAL, SAMPLE, TRIAL], -1)
    offer = np.flatnonzero(stage >= 0)
    return offer, stage[offer]


def _liking(rng: np.random.Generator, truth: Truth, memory: Memory, month: int) -> np.ndarray:
    """What the buyer thinks an offer is worth, in shares of the benchmark price; noise stands for mood and reputation."""
    benchmark = np.array([p.benchmark_price for p in PRODUCTS])[truth.offers["product"].to_numpy()]
    price = truth.prices[np.arange(len(benchmark)), quote_number(truth, month)] / benchmark
    return -1.2 * price - 3.5 * memory.defect_rate - 0.25 * memory.late + rng.normal(0.0, 0.16, len(price))


def _best(liking: np.ndarray, product: np.ndarray, among: np.ndarray, share: float) -> np.ndarray:
    """The best `share` (rounded up) of the offers `among` of each product."""
    order = np.lexsort((-np.where(among, liking, -np.inf), product))
    first = np.concatenate([[0], np.cumsum(np.bincount(product, minlength=len(PRODUCTS)))])
    rank = np.empty(len(product), int)
    rank[order] = np.arange(len(product)) - first[product[order]]
    slots = np.ceil(share * np.bincount(product[among], minlength=len(PRODUCTS)))
    return among & (rank < slots[product])


def quote_number(truth: Truth, month: int) -> np.ndarray:
    """Which quote of each offer is in force in round `month`; 0 before the supplier entered."""
    entry = truth.suppliers["entry"].to_numpy()[truth.offers["supplier"].to_numpy()]
    return np.clip((month - entry) // QUOTE_MONTHS, 0, truth.prices.shape[1] - 1).astype(int)


def draw_quantities(rng: np.random.Generator, truth: Truth, offer: np.ndarray, stage: np.ndarray) -> np.ndarray:
    """Pieces of each line: 1 to 5 samples, trials of 5 to 50, bulk of 100 to 500."""
    measured = np.array([p.measured is not None for p in PRODUCTS])[truth.offers["product"].to_numpy()[offer]]
    sample = np.maximum(rng.integers(1, 6, len(offer)), np.where(measured, MEASURED_SAMPLES, 1))
    trial = rng.choice(TRIAL_SIZES, len(offer), p=[0.12, 0.26, 0.30, 0.18, 0.14])
    bulk = rng.choice(BULK_SIZES, len(offer), p=[0.4, 0.32, 0.18, 0.1])
    only = truth.suppliers["only_order"].to_numpy()[truth.offers["supplier"].to_numpy()[offer]]
    return np.where(only, 5, np.select([stage == SAMPLE, stage == TRIAL], [sample, trial], bulk))


def unit_prices(truth: Truth, offer: np.ndarray, month: int, quantity: np.ndarray) -> np.ndarray:
    """Price a piece by the quote in force and its ladder, CNY to the fen."""
    step = np.searchsorted(LADDER, quantity, side="right") - 1
    return np.round(truth.prices[offer, quote_number(truth, month)[offer]] * LADDER_FACTORS[step], 2)
