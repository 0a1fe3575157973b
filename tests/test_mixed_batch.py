"""Mixed batches: equal to trying every basket, and what cannot be bought is said."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.decisions.offers import PriceLadder
from analysis.decisions.order_quantity import BatchOffer, OrderError, best_batch


def shipment_cost(offer, pieces):
    """What a supplier bills for {sku: pieces} of one shipment; inf when it does not sell that."""
    total = sum(pieces.values())
    goods = 0.0
    for sku, quantity in pieces.items():
        counted = total if offer.mixed else quantity
        if counted < offer.ladders[sku].minimum:
            return np.inf
        goods += float(offer.ladders[sku].price(counted)) * quantity
    if goods < offer.minimum_amount - 1e-9:
        return np.inf
    if goods >= offer.free_from - 1e-9:
        return goods
    return goods + offer.freight_fixed + sum(offer.freight_per_piece.get(sku, 0.0) * q for sku, q in pieces.items())


def basket_cost(offer, pieces):
    bought = {sku: q for sku, q in pieces.items() if q}
    if not bought:
        return 0.0
    shipments = [bought] if offer.mixed else [{sku: q} for sku, q in bought.items()]
    return sum(shipment_cost(offer, shipment) for shipment in shipments)


def every_basket(offers, need, value, most):
    """The least cost over every whole basket of every supplier with up to `most` pieces of an SKU."""
    skus = sorted(need)
    places = [(offer, sku) for offer in offers for sku in skus if sku in offer.ladders]
    best = np.inf
    for basket in itertools.product(range(most + 1), repeat=len(places)):
        have = {sku: sum(q for (_, of), q in zip(places, basket) if of == sku) for sku in skus}
        if any(have[sku] < need[sku] for sku in skus):
            continue
        cost = sum(
            basket_cost(offer, {sku: q for (by, sku), q in zip(places, basket) if by is offer}) for offer in offers
        )
        best = min(best, cost - sum(value * (have[sku] - need[sku]) for sku in skus))
    return best


steps = st.tuples(st.integers(1, 4), st.integers(5, 9), st.floats(3, 9), st.floats(1, 3)).map(
    lambda s: PriceLadder.of({s[0]: round(s[2], 2), s[1]: round(s[3], 2)})
)
suppliers = st.builds(
    BatchOffer,
    st.just("S"), st.fixed_dictionaries({"a": steps, "b": steps}), st.booleans(), st.sampled_from([0.0, 12.0]),
    st.sampled_from([0.0, 5.0]), st.sampled_from([{}, {"a": 0.3, "b": 0.1}]), st.sampled_from([np.inf, 20.0]),
)  # fmt: skip


@settings(max_examples=25)
@given(suppliers, st.integers(1, 5), st.integers(1, 5), st.sampled_from([0.0, 0.5]))
def test_one_supplier_equals_every_basket(offer, a, b, value):
    plan = best_batch([offer], {"a": a, "b": b}, value)
    assert plan.cost == pytest.approx(every_basket([offer], {"a": a, "b": b}, value, 24), abs=1e-6)


@settings(max_examples=5)
@given(suppliers, suppliers, st.integers(1, 3), st.integers(1, 3))
def test_two_suppliers_equal_every_basket(first, second, a, b):
    first, second = (
        replace(first, free_from=np.inf),
        replace(second, free_from=np.inf),
    )  # 12 pieces are then enough to try
    plan = best_batch([first, second], {"a": a, "b": b})
    assert plan.cost == pytest.approx(every_basket([first, second], {"a": a, "b": b}, 0.0, 12), abs=1e-6)


@settings(max_examples=25)
@given(suppliers, st.integers(1, 5), st.integers(1, 5))
def test_the_plan_is_billed_as_it_says(offer, a, b):
    """The lines, priced by the supplier's own rules, cost what the plan says."""
    plan = best_batch([offer], {"a": a, "b": b})
    bought = plan.lines.groupby("sku")["quantity"].sum().to_dict()
    assert all(bought[sku] >= pieces for sku, pieces in {"a": a, "b": b}.items())
    assert basket_cost(offer, bought) <= plan.cost + 1e-6
    assert plan.goods + plan.freight == pytest.approx(plan.cost)


def test_mixing_never_costs_more_than_each_for_itself():
    ladder = PriceLadder.of({30: 5.0, 100: 4.0})
    alone = BatchOffer("S", {"a": ladder, "b": ladder}, freight_fixed=20)
    mixed = BatchOffer("S", {"a": ladder, "b": ladder}, mixed=True, freight_fixed=20)
    need = {"a": 70, "b": 40}
    assert best_batch([alone], need).cost == 110 * 5.0 + 40
    assert best_batch([mixed], need).cost == 110 * 4.0 + 20


def test_nobody_and_nonsense_are_named():
    offer = BatchOffer("S", {"a": PriceLadder.of(5.0)})
    with pytest.raises(OrderError, match="Nobody offers b"):
        best_batch([offer], {"a": 3, "b": 1})
    with pytest.raises(ValueError, match="need: whole pieces, 1 or more"):
        best_batch([offer], {"a": 0})
    with pytest.raises(ValueError, match="surplus_value: of 'a' 0 or more and below its lowest price"):
        best_batch([offer], {"a": 3}, 5.0)
    with pytest.raises(ValueError, match="offers no SKU"):
        BatchOffer("S", {})
