"""Cost a good piece: against closed forms, hand-worked lots and slow obvious tariffs; bars that add up; words for bad input."""

import string
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from house import changed
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.decisions.landed_cost import (
    COMPONENTS,
    SELLER,
    YIELD_LOSS,
    FreightSources,
    freight_history,
    known_freight,
    quality_costs,
    rounded_bars,
)
from analysis.decisions.landed_cost.cost_sheet import COST_COLUMNS, make_cost_sheet, with_unseen
from analysis.decisions.landed_cost.freight_history import fit_freight, measured_weights
from analysis.decisions.landed_cost.freight_tariff import FreightTariff, freight_tariffs
from analysis.decisions.landed_cost.good_piece import cost_per_good_piece, p_cheapest
from analysis.decisions.landed_cost.house import Customs, HouseCosts, cif_value, exchange, house_costs, known_customs
from analysis.decisions.offers import Offer, Offers, PaymentTerms, PriceLadder, offers_in_force, sensible_minimum
from analysis.decisions.offers.incoterms import COLLECT, DELIVERED, SELLER_PAYS, FreightTerms, read_freight_terms
from analysis.decisions.offers.paid import agreed_price
from analysis.decisions.order_quantity import best_order
from analysis.decisions.order_quantity.sheet import ORDER_COLUMNS, order_sizes
from analysis.errors import RuleError
from analysis.estimates.draws import Draws
from analysis.reporting.sentences import worded
from analysis.rules import rules_in_force
from analysis.sources.tables import empty
from analysis.wording import catalogue

RULES = rules_in_force("example", "2026-10")


def test_every_sentence_has_the_same_places_in_both_languages():
    def places(text):
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    entries = {key: texts for key, texts in catalogue().items() if key.startswith("costs.")}
    assert entries
    assert [key for key, texts in entries.items() if places(texts["en"]) != places(texts["zh"])] == []


# --- the cost of a good piece


def beta_draws(a, b, n=400_000):
    """Evenly spread quantiles of beta(a, b): draws without Monte-Carlo error."""
    return stats.beta.ppf((np.arange(n) + 0.5) / n, a, b)


@pytest.mark.parametrize(("a", "b"), [(1, 19), (2, 38), (0.5, 9.5), (5, 45)])
def test_expected_cost_a_good_piece_is_the_beta_closed_form(a, b):
    """E[(C0 + C1 p) / (q (1 - p))] = ((C0 + C1) (a + b - 1) / (b - 1) - C1) / q for p ~ beta(a, b)."""
    costs = HouseCosts.counting(
        order_cost=30, inspection_per_piece=0.5, return_share=0.8, return_per_piece=4, refund_share=0.5,
        inspected_share=0.4, escaped_per_piece=12, escaped_price_share=1.5,
    )  # fmt: skip
    cost = cost_per_good_piece(200, 20.0, beta_draws(a, b), freight=150.0, costs=costs)
    fixed = 200 * 20.0 + 150 + 30 + 0.5 * 0.4 * 200
    a_defect = 200 * (0.4 * 0.8 * (4 - 0.5 * 20.0) + 0.6 * (12 + 1.5 * 20.0))
    closed = ((fixed + a_defect) * (a + b - 1) / (b - 1) - a_defect) / 200
    assert cost.mean == pytest.approx(closed, rel=1e-4)


def test_a_hand_worked_lot():
    """120 pieces at 11 (list 12), 4 % defective, a quarter of those found put right; every line by hand."""
    costs = HouseCosts.counting(
        capital_rate=0.073, order_cost=30, inspection_per_piece=0.5, inspection_per_lot=20, rework_share=0.25,
        rework_per_piece=3, return_share=0.5, return_per_piece=4, refund_share=1.0, delay_share_per_day=0.01,
        sample_fee_credit_share=0.5, buyer_fee_share=0.001, domestic_rate=0.005, domestic_minimum=5,
    )  # fmt: skip
    cost = cost_per_good_piece(
        120, {10: 12.0, 100: 11.0}, 0.05, freight=96.0, costs=costs, payment=PaymentTerms(0.3, 30),
        lead_time_days=20, promised_days=15, sample_fee=40.0,
    )  # fmt: skip
    goods, found = 1320.0, 6.0
    by_hand = {
        "list_price": 1440.0,
        "price_step": -120.0,
        "sample_fee_credit": -20.0,
        "freight": 96.0,
        "insurance": 6.6,  # 0.5 % of 1,320, above the minimum of 5
        "platform_fee": 1.32,
        "order_cost": 30.0,
        "inspection": 20 + 60.0,
        "financing": 0.073 / 365 * goods * (0.3 * 20 - 0.7 * 30),  # the credit is worth more than the deposit costs
        "rework": found * 0.25 * 3,
        "returns": found * 0.5 * 4,
        "refunds": -found * 0.5 * 11,
        "delay": 0.01 * goods * 5,
    }
    assert {name: float(np.mean(v)) for name, v in cost.components.items()} == pytest.approx(by_hand)
    assert cost.good_pieces == pytest.approx(120 - 6 + 1.5)
    assert cost.mean == pytest.approx(sum(by_hand.values()) / 115.5)


lots = st.builds(
    lambda quantity, price, rate, freight, inspected, rework, days: cost_per_good_piece(
        quantity, {1: price * 1.2, 50: price}, np.linspace(rate / 2, rate, 7), freight=freight,
        costs=HouseCosts.counting(
            capital_rate=0.08, order_cost=30, inspection_per_piece=0.37, inspected_share=inspected, rework_share=rework,
            rework_per_piece=2.9, return_share=1 - rework, return_per_piece=4.1, refund_share=0.9, escaped_per_piece=11,
            delay_share_per_day=0.003,
        ),
        lead_time_days=np.linspace(0, days, 7), promised_days=10,
    ),
    st.integers(1, 5000), st.floats(0.01, 900), st.floats(0, 0.9), st.floats(0, 5000), st.floats(0, 1),
    st.floats(0, 1), st.floats(0, 90),
)  # fmt: skip


@settings(max_examples=80)
@given(lots)
def test_the_waterfalls_bars_add_up_to_the_total(cost):
    assert sum(cost.per_piece().values()) == pytest.approx(cost.mean, rel=1e-12)
    table = cost.waterfall()
    bars, total = table.iloc[:-1], table.iloc[-1]
    assert round(float(bars["lot"].sum()), 6) == total["lot"] == pytest.approx(sum(cost.expected.values()), abs=0.00501)
    assert round(float(bars["per_good_piece"].sum()), 6) == total["per_good_piece"]
    assert total["per_good_piece"] == pytest.approx(cost.mean, abs=0.0000501)
    assert total["running"] == total["per_good_piece"] == bars["running"].iloc[-1]


@given(st.lists(st.floats(-1e5, 1e5), min_size=1, max_size=20))
def test_rounded_bars_are_whole_fen_near_their_values_and_add_up(values):
    bars = rounded_bars(values)
    assert np.allclose(bars * 100, np.rint(bars * 100), atol=1e-6)
    assert np.all(np.abs(bars - values) < 0.01 + 1e-9)
    assert abs(bars.sum() - sum(values)) < 0.00501


@settings(max_examples=40)
@given(lots, st.floats(0.001, 0.5))
def test_dearer_freight_and_more_defects_never_make_a_good_piece_cheaper(cost, more):
    """Laws without refunds: costs rise with each argument."""
    costs = HouseCosts.counting(order_cost=30, escaped_per_piece=5, inspected_share=0.5)
    base = cost_per_good_piece(cost.quantity, 10.0, 0.1, freight=50, costs=costs)
    assert cost_per_good_piece(cost.quantity, 10.0, 0.1, freight=50 + more, costs=costs).mean > base.mean
    assert cost_per_good_piece(cost.quantity, 10.0, 0.1 + more, freight=50, costs=costs).mean > base.mean


def test_p_cheapest_shares_ties_and_adds_up_to_one():
    draws = np.array([[1.0, 2.0, 3.0, 1.0], [1.0, 3.0, 2.0, 1.0], [2.0, 4.0, 4.0, 1.0]])
    assert p_cheapest(draws) == pytest.approx([(1 / 2 + 1 + 1 / 3) / 4, (1 / 2 + 1 + 1 / 3) / 4, (1 / 3) / 4])


def test_what_nobody_knows_is_named_and_never_zero():
    cost = cost_per_good_piece(
        10, 5.0, None, costs=HouseCosts.counting(capital_rate=0.08, delay_share_per_day=0.01), promised_days=10
    )
    assert not cost.complete
    assert {"freight", "defect_rate", "financing", "delay"} <= set(cost.missing)
    table = cost.waterfall().set_index("component")
    assert table.loc["freight", "missing"] and np.isnan(table.loc["freight", "lot"])


def test_terms_that_make_the_freight_the_sellers_need_no_freight():
    assert cost_per_good_piece(100, 5.0, 0.0, terms=DELIVERED).complete
    free = FreightTerms(free_from=500.0)
    assert cost_per_good_piece(100, 5.0, 0.0, terms=free).complete
    assert not cost_per_good_piece(99, 5.0, 0.0, terms=free).complete


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"price_ladder": -1.0}, "every price is above 0"),
        ({"price_ladder": {1: 5.0, 100: 6.0}}, "rises from 5.0 to 6.0 at 100 pieces"),
        ({"price_ladder": {20: 5.0}}, "the minimum order is 20 pieces, got 10"),
        ({"price_ladder": {}}, "at least one step"),
        ({"quantity": 0}, "quantity: a finite number of pieces above 0"),
        ({"freight": -3.0}, "freight: 0 or more"),
        ({"defect_rate": 1.0}, "no good piece"),
        ({"defect_rate": np.full(4, 0.1), "lead_time_days": np.full(5, 9.0), "costs": HouseCosts.counting(capital_rate=0.1)}, "same number of draws"),
        ({"lead_time_days": -1.0}, "lead_time_days: finite days"),
    ],
)  # fmt: skip
def test_bad_arguments_are_named(arguments, words):
    given = {"quantity": 10, "price_ladder": 5.0, "defect_rate": 0.1, "freight": 1.0} | arguments
    with pytest.raises(ValueError, match=words):
        cost_per_good_piece(given.pop("quantity"), given.pop("price_ladder"), given.pop("defect_rate"), **given)


# --- borders and money


def test_cif_is_the_value_that_its_own_premium_is_paid_on():
    """The premium is rate x 110 % of the CIF value that includes it."""
    cif = cif_value(10_000.0, 0.003, 1.10)
    assert cif - 10_000 == pytest.approx(0.003 * 1.10 * cif)


def test_import_charges_by_hand_with_and_without_consumption_tax():
    """CIF 10,000, duty 10 %, VAT 13 %: 1,000 and 1,430; with consumption tax 15 %: (11,000 / 0.85) x 13 %."""
    plain = Customs(0.10, 0.13, 0.0, 0.0, 0.0)
    assert plain.duty(10_000.0) == pytest.approx(1000)
    assert plain.taxes(10_000.0) == pytest.approx((0.0, 1430.0))
    taxed = replace(plain, consumption_tax_rate=0.15)
    assert taxed.taxes(10_000.0) == pytest.approx((11_000 / 0.85 * 0.15, 11_000 / 0.85 * 0.13))


@pytest.mark.parametrize(
    ("term", "charged"),
    [
        ("EXW", {"freight", "insurance", "clearance", "duty", "vat"}),
        ("FOB", {"freight", "insurance", "clearance", "duty", "vat"}),
        ("CFR", {"insurance", "clearance", "duty", "vat"}),
        ("CIF", {"clearance", "duty", "vat"}),
        ("DAP", {"clearance", "duty", "vat"}),
        ("DDP", set()),
    ],
)
def test_the_incoterm_decides_what_the_buyer_pays(term, charged):
    border = Customs(0.1, 0.13, 0.0, 0.0, clearance=500)
    cost = cost_per_good_piece(
        100,
        50.0,
        0.0,
        freight=800.0,
        terms=FreightTerms(SELLER_PAYS[term]),
        costs=HouseCosts.counting(cargo_rate=0.002, uplift=1.1),
        border=border,
    )
    assert set(cost.components) - {"list_price"} == charged


def test_inside_the_country_there_is_neither_duty_nor_vat():
    cost = cost_per_good_piece(100, 50.0, 0.0, freight=80.0, costs=HouseCosts.counting(cargo_rate=0.002))
    assert set(cost.components) == {"list_price", "freight"}


def test_recoverable_vat_is_no_cost():
    kept = cost_per_good_piece(
        100, 50.0, 0.0, freight=0.0, border=Customs(0.0, 0.13, 0.0, vat_recoverable_share=0.75, clearance=0.0)
    )
    assert float(kept.components["vat"]) == pytest.approx(5000 * 0.13 * 0.25)


def test_the_early_payment_fee_is_8_2_percent_a_year():
    assert house_costs(RULES).early_payment_per_day * 365 == pytest.approx(0.0821, abs=5e-5)


def test_all_is_paid_with_the_order_unless_deposit_or_credit_is_agreed():
    assert PaymentTerms().days_tied_up(20) == 20
    assert PaymentTerms(0.3).days_tied_up(20) == pytest.approx(6)
    assert PaymentTerms(0.0, 30).days_tied_up(20) == -30
    with pytest.raises(ValueError, match="deposit_share lies between 0 and 1"):
        PaymentTerms(30)


# --- tariffs


def slow_charge(weight, volume, steps, minimum, higher, divisor, rounding):
    """What the clerk does: billable weight, own step, and every higher step billed from where it begins."""
    billable = max(weight, volume * 1e6 / divisor)
    if rounding:
        billable = np.ceil(billable / rounding - 1e-9) * rounding
    own = max(k for k, (start, _, _) in enumerate(steps) if start <= billable)
    offers = [max(steps[own][1] + steps[own][2] * billable, minimum)]
    if higher:
        offers += [max(fixed + each * start, minimum) for start, fixed, each in steps[own + 1 :]]
    return min(offers)


tariffs = st.tuples(
    st.lists(st.tuples(st.integers(1, 300), st.floats(0, 60), st.floats(0.05, 9)), min_size=0, max_size=4, unique_by=lambda s: s[0]),
    st.tuples(st.floats(0, 60), st.floats(0.05, 9)), st.floats(0, 200), st.booleans(),
    st.sampled_from([1000, 3000, 6000]), st.sampled_from([0, 0.5, 1, 10]),
)  # fmt: skip


@settings(max_examples=150)
@given(tariffs, st.floats(0.01, 900), st.floats(0, 2))
def test_the_resolved_tariff_is_the_clerks(tariff, weight, volume):
    later, first, minimum, higher, divisor, rounding = tariff
    steps = [(0, *first), *sorted(later)]
    resolved = FreightTariff.of_steps(
        "x", steps, minimum=minimum, higher_step=higher, divisor_cm3=divisor, round_up_kg=rounding
    )
    assert float(resolved.charge(weight, volume)) == pytest.approx(
        slow_charge(weight, volume, steps, minimum, higher, divisor, rounding), rel=1e-9, abs=1e-9
    )


def test_air_freight_is_billed_as_the_next_weight_break_where_that_is_cheaper():
    """95 kg at 34 are 3,230; billed as 100 kg at 29 it is 2,900."""
    air = FreightTariff.of_steps("air", [(0, 0, 42), (45, 0, 34), (100, 0, 29)], higher_step=True)
    assert air.charge([80.0, 95.0, 100.0]).tolist() == [2720.0, 2900.0, 2900.0]


def test_a_bulky_box_is_billed_by_its_volume():
    """60 x 40 x 40 cm over 6,000 are 16 kg, whatever the scales say."""
    assert FreightTariff.of_steps("air", [(0, 0, 1)]).billable_kg(10.0, 0.6 * 0.4 * 0.4) == pytest.approx(16)


@pytest.mark.parametrize("steps", [[], [(5, 1, 1)], [(0, -1, 1)], [(0, 0, 0)], [(0, 1, 1), (0, 2, 2)]])
def test_what_is_no_tariff_is_refused(steps):
    with pytest.raises(ValueError, match=r"steps? "):
        FreightTariff.of_steps("truck", steps)


# --- freight learned from bills


def order_lines(rows):
    """Order lines with what the tests need, the rest of the canonical columns empty."""
    return pd.concat([empty("orders"), pd.DataFrame(rows)]).assign(category="bags", stage="trial")


def test_past_bills_give_back_the_tariff_they_were_made_with():
    rng = np.random.default_rng(2)
    rows = []
    for number in range(60):
        a, b = rng.integers(1, 200, 2)
        bill = 5 + 0.4 * a + 1.1 * b
        share = 0.4 * a / (0.4 * a + 1.1 * b)
        common = {"order_id": f"{number}", "supplier": "S", "transport_mode": "express", "status": "received"}
        rows += [{**common, "line_no": 1, "sku": "A", "quantity": a, "freight": bill * share}]
        rows += [{**common, "line_no": 2, "sku": "B", "quantity": b, "freight": bill * (1 - share)}]
    rows += [{**common, "order_id": "free", "line_no": 1, "sku": "A", "quantity": 900, "freight": 0.0}]
    history = fit_freight(order_lines(rows))
    assert history.table["orders"].tolist() == [60, 60]  # the order that the seller delivered free says nothing
    assert float(history.tariff("express", "A").charge(100.0)) == pytest.approx(45.0, rel=1e-6)
    assert history.tariff("truck", "A") is None


SURE = Draws(pd.Index(["S"]), np.full((1, 4), 0.05))


def small_bills(pieces, bill):
    """An order each of so many pieces of an SKU, with its bill."""
    common = {"line_no": 1, "supplier": "S", "sku": "A", "transport_mode": "express", "status": "received"}
    return fit_freight(
        order_lines([{**common, "order_id": f"{n}", "quantity": q, "freight": b} for n, (q, b) in enumerate(zip(pieces, bill))])
    )  # fmt: skip


@pytest.mark.parametrize(
    ("pieces", "bill", "asked", "charged"),
    [
        ([5, 50, 50, 50], 20.0, 40, 20.0),  # within what was billed
        ([5, 50, 50, 50], 20.0, 200, 80.0),  # four parcels like the largest, where no bill rose with the pieces
        ([1, 2, 2], 12.0, 322, 120.0),  # ten times the largest lot tells no more
    ],
)
def test_bills_that_did_not_rise_tell_of_parcels_of_their_own_size(pieces, bill, asked, charged):
    history = small_bills(pieces, [bill] * len(pieces))
    assert float(history.tariff("express", "A").charge(asked)) == pytest.approx(charged, rel=1e-6)


def test_bills_of_samples_say_little_of_a_lot_of_hundreds_which_is_told():
    """Two pieces cost 20 each time: nobody knows what of it is a piece's. 10 an order and 2 a piece for 1 to 4 pieces are a line."""
    alike, line = (small_bills(*told) for told in (([2] * 8, [20.0] * 8), ([1, 2, 4, 4], [12.0, 14.0, 18.0, 18.0])))
    ten_times, far = (float(alike.tariff("express", "A").charge(asked)) for asked in (20, 300))
    assert far == ten_times <= 200.0
    sources = FreightSources(line)
    near, far = (sources.by_mode("A", asked, None)["express"] for asked in (40, 400))
    assert near.money == pytest.approx(90.0, rel=1e-6) and np.isinf(near.seen_pieces)
    assert far.money == pytest.approx(810.0, rel=1e-6) and far.seen_pieces == 4
    offer = Offer("S", "A", PriceLadder.of({1: 2.0}))
    sheet = make_cost_sheet(
        Offers((offer,), pd.DataFrame()), pd.Series({"A": 400}), SURE, None, sources, house_costs(RULES)
    )
    assert "bills of 4 pieces at most" in worded(sheet.table["note"].item())


@pytest.mark.parametrize("token", [0.01, 0.1, 1e-6])
def test_a_link_of_a_cent_for_goods_sent_again_is_no_price(token):
    """Four orders of 50 at 2.50, then 3 pieces for next to nothing, freight free: the offer stands at 2.50 with its freight."""
    common = {"line_no": 1, "supplier": "S", "sku": "A", "transport_mode": "express", "status": "received"}
    rows = [{**common, "order_id": f"{n}", "ordered_on": pd.Timestamp(2026, 1 + n, 5), "quantity": 50, "unit_price": 2.5, "freight": 20.0} for n in range(4)]  # fmt: skip
    again = {
        **common,
        "order_id": "again",
        "ordered_on": pd.Timestamp(2026, 5, 20),
        "quantity": 3,
        "unit_price": token,
        "freight": 0.0,
    }
    found = offers_in_force(empty("quotes"), order_lines([*rows, again]), pd.Timestamp("2026-05-31"))
    [offer] = found.offers
    assert offer.ladder.list_price == 2.5 and offer.terms.buyer_pays("freight")
    assert set(found.remarks["code"]) == {"never_quoted", "token_price"}
    dear = {**again, "quantity": 50, "unit_price": 0.5}  # a fifth of the price may be a price
    assert (
        offers_in_force(empty("quotes"), order_lines([*rows, dear]), pd.Timestamp("2026-05-31"))
        .offers[0]
        .ladder.list_price
        == 0.5
    )


def test_bills_that_name_no_way_tell_the_freight_where_no_other_way_is_known():
    """Three bills of 10 and 0.2 a piece each, of no stated way; of B one truck's bills are known, too."""

    def bills(sku, mode, fixed):
        return [{"order_id": f"{sku}{mode}{n}", "line_no": 1, "supplier": "S", "sku": sku, "transport_mode": mode, "status": "received",
                 "quantity": n, "freight": fixed + 0.2 * n} for n in (20, 50, 90)]  # fmt: skip

    sources = FreightSources(
        fit_freight(order_lines([*bills("A", None, 10), *bills("B", None, 10), *bills("B", "truck", 40)]))
    )
    sources = FreightSources(sources.history, modes=("truck", "unstated"))
    assert {mode: way.money for mode, way in sources.by_mode("A", 100, None).items()} == {
        "unstated": pytest.approx(30.0)
    }
    assert list(sources.by_mode("B", 100, None)) == ["truck"] and not sources.by_mode("C", 100, None)


def test_bills_of_a_long_history_are_solved_as_those_of_a_short_one(monkeypatch):
    rng, skus = np.random.default_rng(3), np.array([f"S{n}" for n in range(40)])
    rows = pd.DataFrame(
        {
            "order_id": np.arange(600) // 2,
            "line_no": np.arange(600) % 2 + 1,
            "supplier": "S",
            "sku": rng.choice(skus, 600),
        }
    )
    rows = rows.assign(transport_mode="truck", status="received", quantity=rng.integers(1, 200, 600))
    each = pd.Series(rng.exponential(0.02, 40) * (rng.random(40) < 0.7), skus)  # some weigh nothing
    rows["freight"] = (20 + rows["quantity"] * rows["sku"].map(each)) * np.exp(0.2 * rng.standard_normal(600))
    short = fit_freight(order_lines(rows.to_dict("records"))).table
    monkeypatch.setattr(freight_history, "DENSE", 0)
    long = fit_freight(order_lines(rows.to_dict("records"))).table
    assert (short["per_piece"] == 0).any()
    pd.testing.assert_frame_equal(short, long, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("names", [("A", "B", "C"), ("C", "A", "B")])
def test_articles_always_bought_together_share_what_their_bills_cannot_tell_apart(names):
    rng, rows = np.random.default_rng(4), []
    for number, several in enumerate(rng.integers(1, 30, 40)):
        common = {"order_id": f"{number}", "supplier": "S", "transport_mode": "express", "status": "received"}
        told = dict(zip(names, (several, several, 2 * several)))  # the third twice as often, in every parcel
        bill = (6 + 0.9 * several) * np.exp(0.05 * rng.standard_normal())
        rows += [
            {**common, "line_no": n, "sku": sku, "quantity": told[sku], "freight": bill / 3}
            for n, sku in enumerate(sorted(told), 1)
        ]
    found = fit_freight(order_lines(rows)).table.set_index("sku")["per_piece"][list(names)].to_numpy()
    assert found == pytest.approx(found.mean(), rel=1e-6)  # none is taken for the one that has the freight
    assert found @ [1, 1, 2] == pytest.approx(0.9, rel=0.1)


def test_weights_come_from_measurements_that_name_their_unit():
    orders = order_lines([{"order_id": "1", "line_no": n, "sku": sku} for n, sku in ((1, "A"), (2, "B"), (3, "C"))])
    told = [
        (1, "重量(g)", 250.0),
        (1, "重量(g)", 260.0),
        (2, "Weight (kg)", 1.5),
        (3, "重量", 99.0),
        (3, "长度(mm)", 5.0),
    ]
    inspections = pd.DataFrame(
        [{"order_id": "1", "line_no": n, "attribute": word, "value": value} for n, word, value in told]
    ).astype({"line_no": "Int64"})
    found = measured_weights(orders, inspections).set_index("sku")["weight_kg"]
    assert found.to_dict() == pytest.approx({"A": 0.255, "B": 1.5})


# --- offers


def quote_rows(supplier="S", sku="A", prices=(10.0, 9.0), quantities=(1, 100), **changed):
    quote = {
        "quote_id": f"Q-{supplier}-{sku}",
        "supplier": supplier,
        "sku": sku,
        "quoted_on": pd.Timestamp("2026-05-01"),
    }
    quote |= {
        "valid_until": pd.Timestamp("2026-12-31"),
        "lead_time_days": 15,
        "sample_fee": 0.0,
        "freight_terms": "包邮",
    }
    quote |= {
        "deposit_share": 0.0,
        "credit_days": 0,
        "payment_terms": None,
        "mixed_batch": False,
        "benchmark_price": 11.0,
    } | changed
    return [{**quote, "min_quantity": q, "unit_price": p} for q, p in zip(quantities, prices)]


def quote_table(*quotes):
    return pd.DataFrame([row for rows in quotes for row in rows])


AS_OF = pd.Timestamp("2026-10-31")


@pytest.mark.parametrize(
    ("quote", "code", "words", "zh"),
    [
        ({"prices": (10.0, 12.0)}, "ladder_rises", "price rises with the quantity", "单价反而越高"),
        ({"prices": (10.0, -1.0)}, "price_not_positive", "a price that is no price", "不合理的价格"),
        ({"valid_until": pd.Timestamp("2026-06-30")}, "expired", "ran out on 2026-06-30", "到期"),
    ],
)
def test_a_quote_that_cannot_be_used_is_refused_in_both_languages(quote, code, words, zh):
    found = offers_in_force(quote_table(quote_rows(**quote)), empty("orders"), AS_OF)
    assert found.offers == ()
    assert found.remarks["code"].tolist() == [code] and found.remarks["refused"].all()
    note = found.remarks["note"].iloc[0]
    assert words in worded(note) and zh in worded(note, "zh")


def test_terms_that_nobody_understands_leave_the_freight_unknown():
    found = offers_in_force(quote_table(quote_rows(freight_terms="面议")), empty("orders"), AS_OF)
    assert found.offers[0].terms is None
    assert found.remarks["code"].tolist() == ["terms_unknown"]


def test_an_expired_quote_falls_back_to_the_last_order_and_says_so():
    common = {"line_no": 1, "supplier": "S", "sku": "A", "status": "received", "transport_mode": "express"}
    orders = order_lines(
        [
            {**common, "order_id": "1", "ordered_on": pd.Timestamp("2026-03-01"), "quantity": 5, "unit_price": 9.5, "freight": 8.0},
            {**common, "order_id": "2", "ordered_on": pd.Timestamp("2026-04-01"), "quantity": 50, "unit_price": 9.2, "freight": 0.0},
        ]
    )  # fmt: skip
    found = offers_in_force(quote_table(quote_rows(valid_until=pd.Timestamp("2026-06-30"))), orders, AS_OF)
    (offer,) = found.offers
    assert (offer.basis, offer.ladder.prices, offer.terms) == ("order", (9.2,), DELIVERED)
    assert "last order's price of 9.20 (2026-04-01, 50 pieces)" in worded(found.remarks["note"].iloc[0])


@pytest.mark.parametrize(
    ("prices", "until"), [((8.0, 7.0), "2026-05-31"), ((8.0, 7.0), None), ((11.0, 9.5), "2026-12-31")]
)
def test_the_newest_valid_quote_counts_with_its_ladder(prices, until):
    """Beside an older one that has ended, names no day until which it holds, or is dearer."""
    old = quote_rows(
        prices=prices, quoted_on=pd.Timestamp("2026-01-01"), quote_id="Q0", valid_until=pd.Timestamp(until)
    )
    (offer,) = offers_in_force(quote_table(old, quote_rows()), empty("orders"), AS_OF).offers
    assert offer.ladder == PriceLadder((1, 100), (10.0, 9.0))


def test_a_minimum_above_any_sensible_demand_is_refused():
    offers = offers_in_force(quote_table(quote_rows(quantities=(2000, 5000)), quote_rows("T")), empty("orders"), AS_OF)
    kept = sensible_minimum(offers, pd.Series({"A": 20.0}), sensible_months=12)
    assert [offer.supplier for offer in kept.offers] == ["T"]
    assert "2000 pieces covers 100 months of demand" in worded(kept.remarks["note"].iloc[-1])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("不满300件不包邮", FreightTerms(free_pieces=300.0)), ("500元以下运费由买家承担", FreightTerms(free_from=500.0)), ("订单不足1万元运费自付", FreightTerms(free_from=10000.0)),
        ("满200元包邮，低于200元邮费自理", FreightTerms(free_from=200.0)), ("300以下运费买家付", None), ("新疆不包邮", None), ("不满300件不包邮，西藏除外", None),
        ("买家承担", FreightTerms()), ("不包邮", FreightTerms()), ("满500元包邮", FreightTerms(free_from=500.0)),
        ("满 1,000".replace(",", "") + "元免运费", FreightTerms(free_from=1000.0)), ("包邮", DELIVERED), ("送货上门", DELIVERED),
        ("自提", COLLECT), ("FOB 宁波", FreightTerms(SELLER_PAYS["FOB"])), ("ＤＤＰ", FreightTerms(SELLER_PAYS["DDP"])),
        ("free freight from 300", FreightTerms(free_from=300.0)), ("", None), (None, None), (np.nan, None), ("再议", None),
    ],
)  # fmt: skip
def test_words_on_freight(text, expected):
    assert read_freight_terms(text) == expected


# --- the sheet


def sheet(quotes, freight=None, wanted=100, rates=None):
    offers = offers_in_force(quote_table(*quotes), empty("orders"), AS_OF)
    names = pd.Index(sorted({offer.supplier for offer in offers.offers}), dtype="str")
    rng = np.random.default_rng(4)
    draws = rates or Draws(names, rng.beta(2, 50, (len(names), 2000)))
    times = Draws(names, rng.lognormal(2.7, 0.3, (len(names), 2000)))
    sources = freight or FreightSources(fit_freight(empty("orders")))
    return make_cost_sheet(offers, pd.Series({"A": wanted}), draws, times, sources, house_costs(RULES))


def test_the_sheets_parts_add_up_and_the_chances_too():
    made = sheet([quote_rows("S"), quote_rows("T", prices=(10.1, 9.05)), quote_rows("U", freight_terms="面议")])
    table = made.table
    assert list(table.columns) == COST_COLUMNS
    parts = table[[*COMPONENTS, YIELD_LOSS]].sum(axis=1)
    assert parts.to_numpy() == pytest.approx(table["cost_per_good_piece"].to_numpy(), rel=1e-12)
    assert table["p_cheapest"].sum() == pytest.approx(1.0)
    assert table["complete"].tolist() == [True, True, False]
    unknown = table.iloc[2]
    assert (
        np.isnan(unknown["freight"])
        and np.isnan(unknown["p_cheapest"])
        and "cost without freight" in worded(unknown["note"])
    )


def test_a_tariff_and_a_weight_give_freight_where_no_bill_does():
    sources = FreightSources(fit_freight(empty("orders")), freight_tariffs(RULES), pd.Series({"A": 0.5}))
    table = sheet([quote_rows(freight_terms="买家承担")], sources).table
    express, truck = 6 + 2.0 * 50, 28 + 0.9 * 50  # 100 pieces of 0.5 kg; the step at 50 kg: 20 + 1.7 x 50 = 105
    assert table["freight"].iloc[0] * 100 == pytest.approx(min(express, 105, truck))
    assert table[["transport_mode", "freight_source"]].iloc[0].tolist() == ["truck", "tariff"]


def test_a_minimum_above_the_wanted_pieces_is_bought_and_said():
    row = sheet([quote_rows(quantities=(150, 500))]).table.iloc[0]
    assert row["quantity"] == 150 and "minimum order 150 pieces, 100 wanted" in worded(row["note"])
    assert row["transport_mode"] == SELLER


def test_an_unseen_supplier_is_as_uncertain_as_the_field():
    seen = Draws(pd.Index(["a", "b"]), np.array([[0.1] * 2000, [0.3] * 2000]))
    both = with_unseen(seen, pd.Index(["b", "new"]), np.random.default_rng(0))
    assert set(np.unique(both.values[1])) == {0.1, 0.3}
    assert stats.binomtest(int((both.values[1] == 0.1).sum()), 2000, 0.5).pvalue > 1e-4


def test_the_order_sheet_says_why_there_is_no_order():
    many = quote_rows("T", quantities=(5000, 9000))
    offers = offers_in_force(
        quote_table(quote_rows(), many, quote_rows("U", freight_terms="面议")), empty("orders"), AS_OF
    )
    sources = FreightSources(fit_freight(empty("orders")))
    table = order_sizes(offers, pd.Series({"A": 600.0}), sources, house_costs(RULES)).set_index("supplier")
    assert list(table.reset_index().columns.sort_values()) == sorted(ORDER_COLUMNS)
    alone = best_order({1: 10.0, 100: 9.0}, 600.0, terms=DELIVERED, order_cost=30.0, carrying_rate=0.25, most=600)
    assert table.loc["S", "order_quantity"] == alone.quantity and table.loc["S", "complete"]
    assert pd.isna(table.loc["T", "order_quantity"]) and "no size is a good one" in worded(table.loc["T", "note"])
    assert not table.loc["U", "complete"] and "cost without freight" in worded(table.loc["U", "note"])


def test_the_order_sheet_equals_the_best_order_of_each_offer():
    rng = np.random.default_rng(7)
    quotes = [
        quote_rows(f"S{n}", sku, prices=(p, 0.93 * p, 0.88 * p), quantities=(1, 40, 200), freight_terms=terms)
        for n, (p, sku) in enumerate(zip(rng.uniform(2, 40, 12), "AB" * 6))
        for terms in [["买家承担", "包邮", "满500元包邮", "自提"][n % 4]]
    ]
    offers = offers_in_force(quote_table(*quotes), empty("orders"), AS_OF)
    tariffs, weights = freight_tariffs(RULES), pd.Series({"A": 0.4, "B": 1.3})
    sources = FreightSources(fit_freight(empty("orders")), tariffs, weights)
    costs, demand = house_costs(RULES), pd.Series({"A": 900.0, "B": 250.0})
    table = order_sizes(offers, demand, sources, costs).set_index("supplier")
    for offer in offers.offers:
        modes = ["pickup"] if offer.terms.collect else ["express", "truck", "rail"]
        alone = best_order(
            offer.ladder, demand[offer.sku], freight=[tariffs[mode] for mode in modes], weight_kg=weights[offer.sku],
            terms=offer.terms, order_cost=costs.order_cost, carrying_rate=costs.carrying_rate,
        )  # fmt: skip
        row = table.loc[offer.supplier]
        assert (row["order_quantity"], row["unit_price"]) == (alone.quantity, alone.unit_price)
        assert row["cost_per_piece"] == pytest.approx(alone.cost_per_piece)
        assert row["freight"] == alone.freight and row["complete"]
        higher = alone.alternatives[alone.alternatives["unit_price"] < alone.unit_price]
        if len(higher):
            nearest = higher[higher["min_quantity"] == higher["min_quantity"].min()]["extra_per_year"].min()
            assert row["next_step_extra_per_year"] == pytest.approx(nearest)


def test_known_freight_takes_what_the_month_has():
    tables = {"orders": empty("orders"), "inspections": empty("inspections")}
    assert known_freight(tables, rules_in_force("scms", "2013-06"), "USD").tariffs == {}
    in_dollars = known_freight(tables, RULES, "USD").tariffs["truck"]
    assert float(in_dollars.charge(100.0)) == pytest.approx((28 + 90) / 7.20)


# --- rates


def test_the_shipped_rates_are_in_force_and_usable():
    assert set(freight_tariffs(RULES)) == {"express", "truck", "rail", "sea", "air", "pickup"}
    assert house_costs(RULES).order_cost == 30.0
    assert known_customs(RULES)["cn"].vat_rate == 0.13


def test_money_is_converted_at_the_rate_in_force_and_shares_are_not():
    euro = house_costs(rules_in_force("scms", "2013-06"), "USD")
    assert euro.order_cost == pytest.approx(30 / 6.196)
    assert euro.refund_share == house_costs(RULES).refund_share


def test_rates_that_are_missing_are_said_to_be():
    early = rules_in_force("scms", "2013-06")
    with pytest.raises(RuleError, match=r"\[\[freight\]\] is in force in 2013-06: the first begins in 2025-01"):
        freight_tariffs(early)
    with pytest.raises(RuleError, match=r"\[\[exchange\]\] is in force in 2004-01"):
        exchange(rules_in_force("scms", "2004-01"), "USD", "CNY")
    with pytest.raises(
        RuleError, match="No exchange rate for XYZ is in force in 2026-10; known: CNY, USD, EUR"
    ) as caught:
        house_costs(RULES, "XYZ")
    assert "没有货币 XYZ 的汇率" in caught.value.text("zh")


def test_a_rate_that_contradicts_itself_is_named():
    with pytest.raises(
        RuleError, match=r"rates.toml .*\[\[house_costs\]\].* rework_share = 0.7 and return_share = 0.7 add up to more"
    ):
        house_costs(changed(RULES, "house_costs", rework_share=0.7, return_share=0.7))
    with pytest.raises(RuleError, match="order_cost = -1; allowed is a number from 0 to"):
        house_costs(changed(RULES, "house_costs", order_cost=-1))
    with pytest.raises(RuleError, match="refund_share = 5; allowed is a number from 0 to 1"):
        house_costs(changed(RULES, "house_costs", refund_share=5))


# --- cost of quality


def test_cost_of_quality_by_hand():
    """100 pieces at 10: 40 looked at, 5 found, 2 sent back (cost 9), 1 put right; 60 unseen at 5 %; a sample of 20 before."""
    common = {"supplier": "S", "sku": "A", "status": "received", "ordered_on": AS_OF, "received_on": AS_OF}
    orders = order_lines(
        [
            {**common, "order_id": "1", "line_no": 1, "quantity": 100, "unit_price": 10.0, "goods_amount": 1000.0},
            {**common, "order_id": "0", "line_no": 1, "quantity": 2, "unit_price": 10.0, "goods_amount": 20.0},
        ]
    )
    orders["stage"] = ["trial", "sample"]
    lot = {"order_id": "1", "line_no": 1, "inspected_on": AS_OF, "inspected": 40, "defective": 5}
    sample = {"order_id": "0", "line_no": 1, "inspected_on": AS_OF, "inspected": 2, "defective": 0}
    inspections = pd.concat([empty("inspections"), pd.DataFrame([lot, sample])])
    returns = pd.DataFrame(
        [{"order_id": "1", "line_no": 1, "returned": 2, "reworked": 1, "cost": 9.0, "settled_on": AS_OF}]
    )
    costs = HouseCosts.counting(
        inspection_per_piece=0.5, inspection_per_lot=20, escaped_per_piece=12, escaped_price_share=1.5
    )
    rates = Draws(pd.Index(["S"]), np.full((1, 10), 0.05))
    (row,) = quality_costs({"orders": orders, "inspections": inspections, "returns": returns}, rates, costs).to_dict(
        "records"
    )
    assert row["appraisal"] == pytest.approx(42 * 0.5 + 2 * 20)
    assert row["internal_failure"] == pytest.approx(2 * 10.0 + 9.0)  # two of five were thrown away
    assert row["external_failure"] == pytest.approx(60 * 0.05 * (12 + 15))
    assert row["prevention"] == pytest.approx(20.0)
    assert row["cost_of_poor_quality"] == pytest.approx(29 + 81)
    assert row["cost_of_quality"] == pytest.approx(29 + 81 + 61 + 20)


def test_what_nobody_looked_at_has_no_cost_of_poor_quality():
    """Neither an inspection nor a return of `new`: what the others' rates would predict is no evidence of it."""
    common = {
        "sku": "A",
        "status": "received",
        "ordered_on": AS_OF,
        "received_on": AS_OF,
        "quantity": 10,
        "unit_price": 4.0,
    }
    orders = order_lines(
        [
            {**common, "supplier": "seen", "order_id": "1", "line_no": 1},
            {**common, "supplier": "new", "order_id": "2", "line_no": 1},
        ]
    )
    lot = {"order_id": "1", "line_no": 1, "inspected_on": AS_OF, "inspected": 10, "defective": 0}
    tables = {
        "orders": orders,
        "inspections": pd.concat([empty("inspections"), pd.DataFrame([lot])]),
        "returns": empty("returns"),
    }
    rates = Draws(pd.Index(["new", "seen"]), np.full((2, 10), 0.05))
    found = quality_costs(tables, rates, HouseCosts.counting(escaped_per_piece=12)).set_index("supplier")
    assert (
        found.loc["new", ["internal_failure", "external_failure", "cost_of_poor_quality", "share_of_spend"]]
        .isna()
        .all()
    )
    assert found.loc["seen", "cost_of_poor_quality"] == 0


def test_a_good_piece_never_costs_more_than_twenty_bad_ones():
    """One world in a thousand in which nothing is good: its 1 / (1 - p) of a million would add 10,000 to the mean."""
    rates = np.r_[np.full(999, 0.05), 1 - 1e-6]
    assert cost_per_good_piece(100, 10.0, rates, freight=0.0).mean == pytest.approx(
        (999 * 10 / 0.95 + 10 / 0.05) / 1000
    )


def test_orders_without_any_article_keep_their_price():
    """Nothing tells them to be tokens, as nobody knows what else the article cost."""
    orders = pd.DataFrame({"sku": pd.Series([None, None], dtype="str"), "unit_price": [2.5, 0.01], "discount": 0.0})
    orders = orders.assign(goods_amount=[125.0, 0.03], quantity=[50, 3])
    assert agreed_price(orders).tolist() == [2.5, 0.01]
