"""How the least order and the supplier's own sales fit what we need, and what every criterion is called."""

import pandas as pd
import pytest

from analysis.decisions.criteria import MEASURED, criteria_in_force, criterion_name, fit_to_need
from analysis.rules import rules_in_force
from analysis.sources.tables import empty

AS_OF = pd.Timestamp("2026-06-30")


def rows(table, *records) -> pd.DataFrame:
    """A canonical table of a few rows, the other columns missing."""
    blank = empty(table)
    return pd.DataFrame(list(records)).reindex(columns=blank.columns).astype(blank.dtypes)


def quote(supplier, sku, minimum, price, valid_until=pd.NaT):
    return {
        "quote_id": f"{supplier}{sku}", "supplier": supplier, "sku": sku, "quoted_on": pd.Timestamp("2026-05-01"),
        "valid_until": valid_until, "min_quantity": minimum, "unit_price": price,
    }  # fmt: skip


@pytest.fixture
def market():
    """We sell 100 cups and 20 pans a month. `a` quotes both, `b` pans and a thing we do not sell, `c`'s quote has run out."""
    demand = [
        {"sku": sku, "month": pd.Timestamp(month), "units": units}
        for sku, units in (("cup", 100), ("pan", 20))
        for month in ("2026-05-01", "2026-06-01")
    ]
    quotes = rows(
        "quotes", quote("a", "cup", 50, 2.0), quote("a", "pan", 60, 30.0), quote("b", "pan", 10, 25.0),
        quote("b", "lamp", 999, 1.0), quote("c", "cup", 1, 1.0, pd.Timestamp("2026-06-01")),
    )  # fmt: skip
    suppliers = rows("suppliers", {"supplier": "a", "sales_30d": 8000.0}, {"supplier": "b"})
    return quotes, suppliers, rows("demand", *demand)


def test_the_least_order_is_counted_in_months_of_demand(market):
    """a: 50 / 100 and 60 / 20 months, the middle 1.75; b: 10 / 20, its lamp is not needed; c has no quote in force."""
    found = fit_to_need(*market, AS_OF)["minimum_cover"]
    assert dict(zip(found.draws.suppliers, found.draws.values[:, 0])) == {"a": 1.75, "b": 0.5}
    assert found.n.to_dict() == {"a": 2, "b": 1}


def test_capacity_is_what_it_sells_over_what_we_need(market):
    """a's month of need: 100 x 2 + 20 x 30 = 800, and it sold 8,000; nobody knows what b sold."""
    found = fit_to_need(*market, AS_OF)["capacity"]
    assert dict(zip(found.draws.suppliers, found.draws.values[:, 0])) == {"a": 10.0}


def test_without_demand_neither_is_assessed(market):
    quotes, suppliers, demand = market
    found = fit_to_need(quotes, suppliers, demand.iloc[:0], AS_OF)
    assert all(len(evidence.draws.suppliers) == 0 for evidence in found.values())


@pytest.mark.parametrize("code", MEASURED)
def test_every_criterion_has_a_name_in_both_languages(code):
    assert criterion_name(code, "zh") != code and "_" not in criterion_name(code, "en")


def test_the_shipped_rules_rate_by_all_that_is_measured():
    assert {c.name for c in criteria_in_force(rules_in_force("example", "2026-10"))} == set(MEASURED)
