"""Money shared over lines: hand-worked orders, an exact slow route in fractions, and the laws."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.sources.allocation import allocate


def slowly(amount_fen: int, weights: list[int]) -> list[int]:
    """Hamilton's method one order at a time in exact fractions."""
    total = sum(weights) or len(weights)
    weights = weights if sum(weights) else [1] * len(weights)
    exact = [Fraction(abs(amount_fen) * weight, total) for weight in weights]
    shares = [int(part) for part in exact]
    by_remainder = sorted(range(len(weights)), key=lambda line: (shares[line] - exact[line], line))
    for line in by_remainder[: abs(amount_fen) - sum(shares)]:
        shares[line] += 1
    return [share if amount_fen >= 0 else -share for share in shares]


# Hamilton's own apportionment of the House, 1791: 120 seats by the census of 1790 (Balinski & Young 1982, chapter 2), the bill
# that Washington vetoed.
HOUSE_OF_1791 = {
    "Connecticut": (236841, 8), "Delaware": (55540, 2), "Georgia": (70835, 2), "Kentucky": (68705, 2), "Maryland": (278514, 9),
    "Massachusetts": (475327, 16), "New Hampshire": (141822, 5), "New Jersey": (179570, 6), "New York": (331589, 11),
    "North Carolina": (353523, 12), "Pennsylvania": (432879, 14), "Rhode Island": (68446, 2), "South Carolina": (206236, 7),
    "Vermont": (85533, 3), "Virginia": (630560, 21),
}  # fmt: skip


def test_house_of_1791():
    people, seats = zip(*HOUSE_OF_1791.values())
    assert allocate([120.0], np.zeros(15, int), people, unit=1.0).tolist() == list(seats)


def test_worked_by_hand():
    assert allocate([10.0], [0, 0, 0], [1, 1, 1]).tolist() == [3.34, 3.33, 3.33]  # the fen left over: first line
    assert allocate([-10.0], [0, 0, 0], [1, 1, 1]).tolist() == [-3.34, -3.33, -3.33]  # a discount alike
    assert allocate([0.05], [0, 0], [0, 0]).tolist() == [0.03, 0.02]  # nothing to go by: equal
    assert allocate([1.0, 6.0], [1, 0, 1], [1, 9, 2]).tolist() == [2.0, 1.0, 4.0]  # lines of two orders mixed


def test_unknown_amount_stays_unknown():
    shares = allocate([np.nan, 1.0], [0, 0, 1], [1, 1, 1])
    assert np.isnan(shares[:2]).all() and shares[2] == 1.0


def test_no_lines():
    assert allocate([], [], []).shape == (0,)


@pytest.mark.parametrize(
    ("amounts", "group", "weights", "message"),
    [
        ([1.0], [0, 0], [1.0], "one value a line"),
        ([1.0], [1], [1.0], "places in amounts"),
        ([1.0], [0], [-1.0], "not negative"),
        ([1.0], [0], [np.nan], "not negative"),
        ([np.inf], [0], [1.0], "finite"),
    ],
)
def test_arguments_that_make_no_sense(amounts, group, weights, message):
    with pytest.raises(ValueError, match=message):
        allocate(amounts, group, weights)


orders = st.lists(
    st.tuples(st.integers(-(10**8), 10**8), st.lists(st.integers(0, 10**6), min_size=1, max_size=8)),
    min_size=1,
    max_size=6,
)


@settings(max_examples=150)
@given(orders)
def test_agrees_with_exact_fractions_and_balances(orders):
    amounts = np.array([fen for fen, _ in orders]) / 100
    group = np.repeat(np.arange(len(orders)), [len(weights) for _, weights in orders])
    weights = [weight for _, line_weights in orders for weight in line_weights]
    shares = allocate(amounts, group, weights)
    fen = np.rint(shares * 100).astype(int)
    assert np.allclose(shares * 100, fen, atol=1e-6)  # whole fen
    assert np.bincount(group, fen).tolist() == [amount for amount, _ in orders]
    exact = [
        Fraction(amount * w, sum(ws)) if sum(ws) else Fraction(amount, len(ws)) for amount, ws in orders for w in ws
    ]
    assert all(abs(share - part) < 1 + 1e-6 for share, part in zip(fen.tolist(), exact))
    small = [share for amount, ws in orders if abs(amount) * max(ws, default=1) < 10**9 for share in slowly(amount, ws)]
    chosen = np.repeat([abs(a) * max(ws) < 10**9 for a, ws in orders], [len(ws) for _, ws in orders])
    assert sorted(fen[chosen].tolist()) == sorted(small)


@settings(max_examples=50)
@given(st.integers(0, 10**6), st.lists(st.integers(1, 10**4), min_size=1, max_size=8, unique=True), st.randoms())
def test_order_of_the_lines_does_not_matter_but_for_ties(fen, weights, random):
    shuffled = random.sample(weights, len(weights))
    here = dict(zip(weights, allocate([fen / 100], np.zeros(len(weights), int), weights)))
    there = dict(zip(shuffled, allocate([fen / 100], np.zeros(len(weights), int), shuffled)))
    assert sorted(here.values()) == pytest.approx(sorted(there.values()), abs=1e-9)
    assert all(abs(here[weight] - there[weight]) < 0.0100001 for weight in weights)
