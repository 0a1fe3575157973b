"""How the least order and the supplier's own sales fit what we need, what criteria are called, and which rules are refused."""

import numpy as np
import pandas as pd
import pytest

from analysis.decisions.rating.criteria import MEASURED, credentials_named, criteria_in_force, fit_to_need
from analysis.errors import RuleError
from analysis.rules import Rules, rules_in_force
from analysis.sources.tables import empty
from analysis.wording import LANGUAGES, catalogue, name_of

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
    nothing = fit_to_need(empty("quotes"), empty("suppliers"), empty("demand"), AS_OF)
    assert all(len(evidence.draws.suppliers) == 0 for evidence in nothing.values())


@pytest.mark.parametrize("code", MEASURED)
def test_every_criterion_has_a_name_in_both_languages(code):
    names = catalogue()[f"criteria.{code}"]
    assert [name_of(code, language) for language in LANGUAGES] == [names[language] for language in LANGUAGES]


def test_the_shipped_rules_rate_by_all_that_is_measured():
    assert {c.name for c in criteria_in_force(rules_in_force("example", "2026-10"))} == set(MEASURED)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("营业执照、ISO9001", 2),
        ("营业执照 质检报告", 2),
        ("ISO 9001", 1),
        ("BSCI/ISO 9001, CE", 3),
        ("无", 0),
        ("None", 0),
        ("", 0),
        ("CE, CE", 1),
    ],
)
def test_credentials_are_counted_as_named_and_none_is_none(text, count):
    assert credentials_named(text) == count


GOOD = {"weight": 1.0, "anchors": [0.15, 0.06, 0.02, 0.0]}
FOUR = "; allowed is a list of 4 in brackets, each a number."
FALLING = "The anchors of defect_rate read [0.0, 0.02, 0.06, 0.15], from worst acceptable to stretch, but less of it is better: write them falling, [0.15, 0.06, 0.02, 0.0]."
RISING = "The anchors of on_time read [1.0, 0.9, 0.7, 0.4], from worst acceptable to stretch, but more of it is better: write them rising, [0.4, 0.7, 0.9, 1.0]."
WRONG = {
    "no weight": ("defect_rate", {"anchors": GOOD["anchors"]}, "entry of [[criteria.defect_rate]] in force in 2026-10 does not say weight.", "没有写明 weight"),
    "no anchors": ("defect_rate", {"weight": 1.0}, "does not say anchors.", "没有写明 anchors"),
    "a number alone": ("defect_rate", 0.18, "defect_rate = 0.18, which is neither a table [criteria.defect_rate]", "既不是 [criteria.defect_rate] 表"),
    "weight in percent": ("defect_rate", GOOD | {"weight": "18%"}, "says weight = '18%'; allowed is a number from 0 to 1 (5 % is 0.05).", "写有 weight = '18%'；应为0 至 1 之间的数字（5% 写作 0.05）。"),
    "weight 18": ("defect_rate", GOOD | {"weight": 18}, "says weight = 18;", "weight = 18；"),
    "weight nan": ("defect_rate", GOOD | {"weight": float("nan")}, "says weight = nan;", "weight = nan；"),
    "weight true": ("defect_rate", GOOD | {"weight": True}, "says weight = true;", "weight = true；"),
    "anchors as a text": ("defect_rate", GOOD | {"anchors": "0.15"}, "anchors = '0.15'" + FOUR, "anchors = '0.15'；"),
    "four letters": ("defect_rate", GOOD | {"anchors": "dcba"}, "anchors = 'dcba'" + FOUR, "anchors = 'dcba'；"),
    "one number": ("defect_rate", GOOD | {"anchors": 0.15}, "anchors = 0.15" + FOUR, "应为方括号中的 4 项列表，每项为数字"),
    "three": ("defect_rate", GOOD | {"anchors": [0.15, 0.06, 0.02]}, "anchors = [0.15, 0.06, 0.02]" + FOUR, "anchors = [0.15, 0.06, 0.02]；"),
    "in percent": ("defect_rate", GOOD | {"anchors": ["15%", "6%", "2%", "0%"]}, "anchors = ['15%', '6%', '2%', '0%']" + FOUR, "anchors = ['15%', "),
    "not finite": ("defect_rate", GOOD | {"anchors": [float("inf"), 0.06, 0.02, 0.0]}, "anchors = [inf, 0.06, 0.02, 0.0]" + FOUR, "anchors = [inf, "),
    "up and down": ("defect_rate", GOOD | {"anchors": [0.15, 0.02, 0.06, 0.0]}, "The anchors of defect_rate must rise or fall all the way", "必须一路上升或一路下降"),
    "twice the same": ("defect_rate", GOOD | {"anchors": [0.15, 0.06, 0.06, 0.0]}, "The anchors of defect_rate must rise or fall all the way", "必须一路上升或一路下降"),
    "rising defects": ("defect_rate", GOOD | {"anchors": [0.0, 0.02, 0.06, 0.15]}, FALLING, "但该指标越低越好：请按由高到低书写：[0.15, 0.06, 0.02, 0.0]。"),
    "falling punctuality": ("on_time", GOOD | {"anchors": [1.0, 0.9, 0.7, 0.4]}, RISING, "但该指标越高越好：请按由低到高书写：[0.4, 0.7, 0.9, 1.0]。"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "entry", "en", "zh"), WRONG.values(), ids=WRONG.keys())
def test_a_criterion_that_cannot_be_rated_by_is_named_with_what_to_write(name, entry, en, zh):
    with pytest.raises(RuleError) as told:
        criteria_in_force(Rules("2026-10", {"criteria": {"from": "2026-01", name: entry}}, {}))
    assert en in told.value.text("en") and zh in told.value.text("zh")


@pytest.mark.parametrize("source", ["example", "scms"])
def test_the_shipped_anchors_run_the_better_way(source):
    """Worth never falls on the way from the worst level to the best, whichever of the two is the larger."""
    for criterion in criteria_in_force(rules_in_force(source, "2026-10")):
        worst, *_, best = criterion.anchors
        assert (best > worst) == (MEASURED[criterion.name].better == "more")
        assert criterion.value(np.array([worst, best])).tolist() == [0.0, 1.0]
