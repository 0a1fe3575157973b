"""Goods that cross a border: which offers do, what they then cost by hand, and what is missing where nobody knows the charges."""

import numpy as np
import pandas as pd
import pytest
from house import house_rules

from analysis.decisions.landed_cost import (
    Customs,
    FreightSources,
    HouseCosts,
    cost_per_good_piece,
    house_costs,
    known_customs,
    make_cost_sheet,
)
from analysis.decisions.landed_cost.freight_history import fit_freight
from analysis.decisions.landed_cost.freight_tariff import freight_tariffs
from analysis.decisions.offers import offers_in_force, read_freight_terms
from analysis.decisions.order_quantity import order_sizes
from analysis.estimates.draws import Draws
from analysis.rules import rules_in_force
from analysis.sources.tables import empty
from analysis.wording import worded

RULES, AS_OF = house_rules(), pd.Timestamp("2026-10-31")
BORDER = Customs(duty_rate=0.07, vat_rate=0.13, consumption_tax_rate=0.0, vat_recoverable_share=0.75, clearance=500.0)

ENTERS = {
    "": "", "包邮": "", "买家承担": "", "包邮（香港、台湾除外）": "", "自提": "",
    "EXW": "", "EXW 出厂价": "", "FCA Yiwu": "", "FOB 宁波": "", "FOB Ningbo, Incoterms 2020": "", "CPT Shanghai": "", "DAP 上海": "",
    "DDP 上海": "", "EXW 东莞市长安镇": "", "FOB 某某县": "",  # domestic
    "FOB Ho Chi Minh": "cn", "胡志明 FOB": "cn", "EXW Osaka": "cn", "FCA Hong Kong": "cn", "FOB 台湾高雄": "cn",  # handed over abroad
    "CIF Shanghai": "cn", "CFR 宁波": "cn", "CIF Shanghai from Vietnam": "cn",  # brought home by sea
    "CIF Hamburg": "de", "DAP 汉堡": "de", "DDP Los Angeles": "us", "CIP 印度尼西亚雅加达": "id",  # brought abroad
    "FOB": "?", "CIF": "?", "CFR 港口": "?", "EXW Atlantis": "?", "DAP Atlantis": "?",  # nobody knows
}  # fmt: skip


@pytest.mark.parametrize(("text", "territory"), ENTERS.items())
def test_the_incoterm_and_its_place_say_which_border_is_crossed(text, territory):
    terms = read_freight_terms(text)
    assert (terms.enters if terms else "") == territory


COMPLETE = {"home": True, "fob": True, "cif": True, "away": False, "ddp": True, "open": False}
"""Offers whose charges at the border are all known, or that cross none."""


def of(text, border, freight=800.0):
    costs = HouseCosts.counting(cargo_rate=0.002, uplift=1.10)
    terms = read_freight_terms(text)
    return cost_per_good_piece(100, 50.0, 0.0, freight=freight, terms=terms, costs=costs, border=border)


def test_an_import_by_hand():
    """Goods 5,000 and freight 800 are 5,800; the premium of 0.2 % is paid on 110 % of the CIF value, 5,800 / 0.9978 = 5,812.79;
    duty 7 % of it; VAT 13 % of both, of which a quarter stays; 500 of clearance."""
    cost = of("FOB Ho Chi Minh", BORDER)
    cif = 5800 / (1 - 1.10 * 0.002)
    duty = 0.07 * cif
    expected = {
        "freight": 800.0, "insurance": cif - 5800, "duty": duty, "vat": 0.13 * (cif + duty) * 0.25, "clearance": 500.0,
    }  # fmt: skip
    assert {name: float(cost.components[name]) for name in expected} == pytest.approx(expected)
    assert cost.complete and cost.mean == pytest.approx((5000 + sum(expected.values())) / 100)


def test_what_the_seller_pays_is_no_cost():
    """Under CIF the seller carries and insures, so that the CIF value is the goods' price; under DDP it pays everything."""
    by_sea = of("CIF Shanghai", BORDER)
    assert set(by_sea.components) == {"list_price", "duty", "vat", "clearance"}
    assert float(by_sea.components["duty"]) == pytest.approx(350)
    for border in (BORDER, None):
        paid = of("DDP Hamburg", border)
        assert paid.complete and set(paid.components) == {"list_price"}


@pytest.mark.parametrize("text", ["FOB Ho Chi Minh", "CIF Hamburg", "CIF", "DAP Hamburg"])
def test_charges_that_nobody_knows_are_missing_and_never_0(text):
    cost = of(text, None)
    assert cost.missing == ("duty", "vat", "clearance") and not cost.complete
    assert not {"duty", "vat", "clearance"} & set(cost.components)


# --- the sheets


def quotes(**freight_terms):
    rows = [
        {"quote_id": name, "supplier": name, "sku": "A", "quoted_on": pd.Timestamp("2026-09-01"), "min_quantity": 10,
         "unit_price": 50.0, "freight_terms": terms}
        for name, terms in freight_terms.items()
    ]  # fmt: skip
    return pd.DataFrame(rows).reindex(columns=empty("quotes").columns).astype(empty("quotes").dtypes.to_dict())


SIX = {
    "home": "买家承担",
    "fob": "FOB Ho Chi Minh",
    "cif": "CIF Shanghai",
    "away": "CIF Hamburg",
    "ddp": "DDP Hamburg",
    "open": "FOB",
}
SOURCES = FreightSources(fit_freight(empty("orders")), freight_tariffs(RULES), pd.Series({"A": 0.5}))


def offers():
    return offers_in_force(quotes(**SIX), empty("orders"), AS_OF)


def sheet(customs, sources=SOURCES):
    sure = Draws(pd.Index(list(SIX)), np.zeros((len(SIX), 4)))
    days = Draws(pd.Index(list(SIX)), np.full((len(SIX), 4), 30.0))
    made = make_cost_sheet(offers(), pd.Series({"A": 100}), sure, days, sources, house_costs(RULES), customs=customs)
    return made.table.set_index("supplier")


def test_the_cost_sheet_carries_the_border():
    """100 pieces of 0.5 kg: by sea 100 kg billed cost the minimum of 450, by air 50 x 34; the house's duty 7 % comes on top, and
    its import VAT of 13 % comes back."""
    table = sheet(known_customs(RULES))
    fob, cif = table.loc["fob"], 5450 / (1 - 1.10 * 0.002)
    assert (fob["transport_mode"], fob["freight"] * 100) == ("sea", 450.0)
    assert fob[["insurance", "duty", "vat", "clearance"]].to_numpy(float) * 100 == pytest.approx(
        [cif - 5450, 0.07 * cif, 0.0, 500.0]
    )
    assert table.loc["cif", ["freight", "insurance", "duty", "clearance"]].to_numpy(float) * 100 == pytest.approx(
        [0.0, 0.0, 350.0, 500.0]
    )
    assert table["complete"].to_dict() == COMPLETE
    assert table.loc["away", "missing"] == "duty vat clearance" and np.isnan(table.loc["away", "p_cheapest"])
    assert "the goods cross a border" in worded(table.loc["away", "note"]) and "货物跨境" in worded(
        table.loc["away", "note"], "zh"
    )


def test_an_offer_whose_border_nobody_can_tell_is_remarked():
    remarks = offers().remarks
    assert remarks[["supplier", "code", "refused"]].values.tolist() == [["open", "border_unknown", False]]
    assert "such as FOB Ningbo" in worded(remarks["note"].iloc[0]) and "是否跨境" in worded(
        remarks["note"].iloc[0], "zh"
    )


def test_rates_are_asked_for_only_where_a_border_is_crossed():
    """Customs charges begin in 2019-04, the tariffs by sea in 2025-01: before, only imports are incomplete."""
    early, late = (known_customs(rules_in_force("example", month)) for month in ("2019-03", "2019-04"))
    assert early == {} and set(late) == {"cn"}
    assert not sheet(early).loc[["fob", "cif"], "complete"].any() and sheet(early).loc["home", "complete"]
    before = sheet(late, FreightSources(fit_freight(empty("orders"))))
    assert before.loc["cif", "complete"] and before.loc["fob", "missing"] == "freight insurance duty vat"


def test_a_last_order_with_duty_came_over_the_border():
    order = {"order_id": "1", "line_no": 1, "supplier": "S", "sku": "A", "ordered_on": AS_OF, "quantity": 10, "unit_price": 50.0,
             "freight": 90.0, "duty": 35.0, "status": "received"}  # fmt: skip
    orders = pd.DataFrame([order]).reindex(columns=empty("orders").columns).astype(empty("orders").dtypes.to_dict())
    (offer,) = offers_in_force(empty("quotes"), orders, AS_OF).offers
    assert offer.terms.enters == "cn" and offer.terms.buyer_pays("duty")


def test_a_last_order_says_by_its_terms_what_it_crossed():
    order = {"order_id": "1", "line_no": 1, "supplier": "S", "sku": "A", "ordered_on": AS_OF, "quantity": 10, "unit_price": 50.0,
             "status": "received"}  # fmt: skip
    for terms, territory in {"FCA Hong Kong": "cn", "DAP 上海": "", "CIF": "?"}.items():
        orders = pd.DataFrame([order | {"freight_terms": terms}]).reindex(columns=empty("orders").columns)
        found = offers_in_force(empty("quotes"), orders.astype(empty("orders").dtypes.to_dict()), AS_OF)
        assert found.offers[0].terms.enters == territory
        assert ("border_unknown" in set(found.remarks["code"])) == (territory == "?")


def test_the_order_sheet_buys_at_the_cost_behind_the_border():
    """1,200 a year in lots of q: (30 + 500 + 450 k) / q + 50 k, and 12.5 % of q pieces and their freight at that cost, k = (1 + 0.07)
    / 0.9978; scanned slowly over every q up to 1,200, with the tariffs by sea and air."""
    costs, demand, tariffs = house_costs(RULES), 1200.0, freight_tariffs(RULES)
    table = order_sizes(offers(), pd.Series({"A": demand}), SOURCES, costs, customs=known_customs(RULES))
    table = table.set_index("supplier")
    k = 1.07 / (1 - 1.10 * 0.002)
    best = min(
        (
            demand * ((530 + k * freight) / q + 50 * k * (1 + 0.25 * tariffs[mode].transit_days / 365))
            + 0.125 * k * (50 * q + freight),
            q,
            mode,
            freight,
        )
        for q in range(10, 1201)
        for mode in ("sea", "air")
        for freight in [float(tariffs[mode].charge(0.5 * q))]
    )
    row = table.loc["fob"]
    assert (row["order_quantity"], row["transport_mode"]) == best[1:3]
    assert (row["unit_price"], row["freight"]) == (pytest.approx(50.0), pytest.approx(best[3]))
    assert row["cost_per_piece"] == pytest.approx(best[0] / demand)
    assert table["complete"].to_dict() == COMPLETE
    assert "the goods cross a border" in worded(table.loc["away", "note"])
