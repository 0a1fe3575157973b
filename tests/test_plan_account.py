"""What became of past plans: worked by hand, and the sentences that the page says of it."""

import re
from dataclasses import replace
from importlib import import_module

import numpy as np
import pandas as pd
import pytest
from house import house_rules

from analysis.decisions.sourcing import ALL_MONTHS, buying_basis, kept_plan, plan_account
from analysis.estimates.draws import DRAWS, Draws
from analysis.reporting.account_pages import account_pages
from analysis.reporting.report_context import report_context
from analysis.simulate.records import canonical
from analysis.sources.cell_words import WHYS
from analysis.sources.ledger import write_ledger
from analysis.sources.load import END_OF_TIME, load_source
from analysis.sources.tables import TABLES, empty
from analysis.wording import catalogue

AS_OF = pd.Timestamp("2026-05-31")
RATE = {"A": 0.02, "B": 0.20}
"""A costs 10, B 9; both known for sure, both in ten days."""


def orders(*rows):
    """`day sku supplier pieces price` (and a stage)."""
    columns = ["ordered_on", "sku", "supplier", "quantity", "unit_price", "stage"]
    found = pd.DataFrame([(*row, "bulk")[:6] for row in rows], columns=columns)
    days = pd.to_datetime(found["ordered_on"])
    return canonical("orders", found.to_dict("series") | {
        "order_id": [f"O{n}" for n in range(len(found))], "line_no": 1, "ordered_on": days, "received_on": days + pd.Timedelta(days=10),
        "status": "received", "category": "cups",
    })  # fmt: skip


def tables(lines, inspections=None, decisions=None):
    quotes = [(f"Q{s}{k}", s, k, p) for s, p in (("A", 10.0), ("B", 9.0)) for k in ("cup", "pan")]
    quoted = pd.DataFrame(quotes, columns=["quote_id", "supplier", "sku", "unit_price"])
    day = pd.Timestamp("2026-01-05")
    months = pd.date_range("2025-11-01", "2026-05-01", freq="MS")
    found = {name: empty(name) for name in TABLES}
    found["quotes"] = canonical("quotes", quoted.to_dict("series") | {
        "quoted_on": day, "valid_until": pd.Timestamp("2026-12-31"), "min_quantity": 1, "lead_time_days": 12, "freight_terms": "包邮",
    })  # fmt: skip
    found["demand"] = canonical("demand", {
        "sku": np.repeat(["cup", "pan"], len(months)), "month": np.tile(months, 2), "units": 100, "selling_price": 20.0,
    })  # fmt: skip
    found["orders"] = lines
    if inspections is not None:
        found["inspections"] = inspections.assign(reinspection=pd.array([False] * len(inspections), "boolean"))
    if decisions is not None:
        found["decisions"] = canonical("decisions", decisions)
    return found


def plans(*rows):
    """`month sku action supplier present`."""
    columns = ["month", "sku", "action", "supplier", "present_supplier"]
    return pd.DataFrame(rows, columns=columns).assign(pieces=100, demand_per_month=100.0)


def account(kept, known, month="2026-05"):
    names = pd.Index(["A", "B"])
    rates = Draws(names, np.repeat([[RATE[n]] for n in names], DRAWS, axis=1))
    days = Draws(names, np.full((2, DRAWS), 10.0))
    basis = replace(buying_basis(known, AS_OF, house_rules(), "CNY", rates, days, 1), inspection=None)
    return plan_account(kept, known, basis, month, house_rules())


def good_piece(price, rate):
    """Free freight, in time: 100 pieces, the costs of the house as `config/rates.toml` has them."""
    c = house_costs_()
    lot = 100 * price * (1 + c.capital_rate / 365 * 10) + c.order_cost + c.inspection_per_lot
    lot += c.inspection_per_piece * 100 * c.inspected_share
    seen, missed = rate * 100 * c.found_share, rate * 100 * (1 - c.found_share)
    lot += seen * (c.rework_share * c.rework_per_piece + c.return_share * (c.return_per_piece - c.refund_share * price))
    lot += missed * c.escape_cost(price)
    return lot / (100 * (1 - rate * (1 - c.found_share * c.rework_share)))


def house_costs_():
    from analysis.decisions.landed_cost import house_costs

    return house_costs(house_rules(), "CNY")


GOOD_OF_A = 100 * (1 - RATE["A"] * (1 - 0.7 * 0.25))


def test_what_a_followed_change_saved_against_staying():
    """The plan moved the cups from B to A, and so did the house; nothing was inspected: rates as they are believed."""
    found = account(plans(("2026-03", "cup", "order", "A", "B")), tables(orders(("2026-04-10", "cup", "A", 100, 10.0))))
    row, total = found.iloc[0], found.iloc[-1]
    assert (row["status"], row["compared_with"], row["ordered_from"], row["orders"]) == ("followed", "B", "A", 1)
    expected = (good_piece(9.0, RATE["B"]) - good_piece(10.0, 0.02)) * GOOD_OF_A
    assert row["brought"] == pytest.approx(expected, rel=1e-3) and expected > 50
    assert (total["month"], total["status"], total["brought"]) == (ALL_MONTHS, "followed", row["brought"])


def test_what_not_following_cost_and_the_lots_own_defects_count():
    """B instead of A, and 45 of its 100 pieces bad: dearer than its usual 20 % would be."""
    kept, lines = plans(("2026-03", "cup", "order", "A", "A")), orders(("2026-04-10", "cup", "B", 100, 9.0))
    looks = {
        "order_id": "O0",
        "line_no": 1,
        "inspected_on": pd.to_datetime(["2026-04-22"]),
        "inspected": 100,
        "defective": 45,
    }
    usual = account(kept, tables(lines)).iloc[0]
    bad = account(kept, tables(lines, canonical("inspections", looks))).iloc[0]
    assert usual["status"] == bad["status"] == "other" and usual["compared_with"] == "A"
    assert bad["brought"] < 2 * usual["brought"] < 0 and (usual["inspected"], bad["inspected"]) == (0, 100)


def test_the_price_paid_counts_not_the_one_quoted():
    kept = plans(("2026-03", "cup", "order", "A", "B"))
    dear, cheap = (
        account(kept, tables(orders(("2026-04-10", "cup", "A", 100, price)))).iloc[0]["brought"]
        for price in (10.0, 8.0)
    )
    assert cheap - dear == pytest.approx((good_piece(10.0, 0.02) - good_piece(8.0, 0.02)) * GOOD_OF_A, rel=1e-3)


def test_what_counts_as_followed():
    kept = plans(
        ("2026-01", "cup", "order", "A", "A"), ("2026-02", "cup", "hold", "A", "A"), ("2026-02", "pan", "hold", "A", "A"),
        ("2026-03", "cup", "order", "A", "A"), ("2026-03", "pan", "trial_first", "B", "A"), ("2026-05", "cup", "order", "A", "A"),
    )  # fmt: skip
    lines = orders(
        ("2026-02-03", "cup", "A", 60, 10.0), ("2026-02-20", "cup", "B", 40, 9.0), ("2026-03-02", "pan", "A", 50, 10.0),
        ("2026-04-02", "cup", "B", 20, 9.0, "trial"), ("2026-04-02", "pan", "B", 20, 9.0, "trial"), ("2026-04-02", "pan", "A", 300, 10.0), ("2026-03-05", "cup", "B", 2, 9.0, "sample"),
    )  # fmt: skip
    found = account(kept, tables(lines)).query("month != 'all'").set_index(["month", "sku"])["status"].to_dict()
    assert found == {
        ("2026-01", "cup"): "followed",  # most pieces of A
        ("2026-02", "cup"): "followed",  # a sample is no order
        ("2026-02", "pan"): "anyway",
        ("2026-03", "cup"): "not_ordered",  # a trial was not what the plan said
        ("2026-03", "pan"): "followed",  # whatever was bought beside the trial
    }  # the plan of May has no month after it yet


def test_what_the_house_wrote_down_comes_first():
    kept = plans(("2026-03", "cup", "order", "A", "A"))
    decision = {
        "month": pd.to_datetime(["2026-03-01"]),
        "sku": "cup",
        "supplier": "B",
        "quantity": 80,
        "why": "capacity",
    }
    row = account(kept, tables(orders(), decisions=decision)).iloc[0]
    assert (row["status"], row["ordered_from"], row["ordered_pieces"], row["why"]) == ("other", "B", 80, "capacity")
    only_why = {"month": pd.to_datetime(["2026-03-01"]), "sku": "cup", "why": "stock"}
    row = account(kept, tables(orders(), decisions=only_why)).iloc[0]
    assert (row["status"], row["why"]) == ("not_ordered", "stock")


def test_the_offers_of_a_month_are_read_once_however_many_rows_it_has(monkeypatch):
    read, sourced = [], import_module("analysis.decisions.sourcing.plan_account")
    real = sourced.offers_in_force
    monkeypatch.setattr(sourced, "offers_in_force", lambda *of: read.append(of[2]) or real(*of))
    kept = plans(*(("2026-02", sku, "order", "A", "B") for sku in ("cup", "pan")))
    lines = orders(*(("2026-03-05", sku, "A", 100, 10.0) for sku in ("cup", "pan")))
    assert account(kept, tables(lines))["brought"].notna().sum() >= 2
    assert read == [pd.Timestamp("2026-02-28")]


def test_sums_add_the_orders_up_world_by_world():
    kept = plans(("2026-03", "cup", "order", "A", "B"), ("2026-03", "pan", "order", "A", "B"))
    lines = orders(("2026-04-10", "cup", "A", 100, 10.0), ("2026-04-10", "pan", "A", 100, 10.0))
    found = account(kept, tables(lines))
    total = found[found["month"] == ALL_MONTHS].iloc[0]
    assert total["orders"] == 2 and total["brought"] == pytest.approx(found["brought"].iloc[:2].sum())


def test_no_plan_kept_is_no_row():
    assert account(pd.DataFrame(), tables(orders())).empty


def test_of_a_plan_is_kept_what_the_account_reads():
    plan = plans(("x", "cup", "order", "A", "B")).assign(reason="why").drop(columns="month")
    assert kept_plan(plan, "2026-03")["month"].tolist() == ["2026-03"] and "reason" not in kept_plan(plan, "2026-03")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_says_what_followed_plans_saved_and_others_cost(language, facts):
    kept = plans(("2026-03", "cup", "order", "A", "B"), ("2026-03", "pan", "order", "A", "A"))
    lines = orders(("2026-04-10", "cup", "A", 100, 10.0), ("2026-04-10", "pan", "B", 100, 9.0))
    why = {"month": pd.to_datetime(["2026-03-01"]), "sku": "pan", "why": "cash"}
    table = account(kept, tables(lines, decisions=why))
    (chapter,) = account_pages(report_context({"plan_account": table}, facts, language))
    said = str(chapter)
    words = {
        "en": (r"saved [\d,.]+ ", r"cost [\d,.]+ .*more", "cash"),
        "zh": (r"共节省 ?[\d,.]+", r"共多花 ?[\d,.]+", "资金安排"),
    }[language]
    assert [word for word in words if not re.search(word, said)] == []
    assert account_pages(report_context({}, facts, language)) == []


@pytest.fixture
def facts():
    from test_learning_pages import facts as made

    return made()


def test_every_why_is_worded():
    assert {f"report.account_why_{why}" for why in WHYS} <= set(catalogue())


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_ledgers_sheet_is_read_as_it_is_written(tmp_path, language):
    decisions = pd.DataFrame({
        "month": pd.to_datetime(["2026-03-01", "2026-04-01"]), "sku": ["cup", "cup"], "supplier": ["B", None], "quantity": [80, None],
        "why": ["capacity", "cash"],
    })  # fmt: skip
    folder = tmp_path / "house"
    folder.mkdir()
    lines = orders(("2026-04-10", "cup", "B", 100, 9.0))
    write_ledger(folder / "ledger.xlsx", {"orders": lines, "decisions": decisions, "risks": empty("risks")}, language)
    source = load_source(folder)
    known = source.known(END_OF_TIME).tables["decisions"]
    assert known["why"].tolist() == ["capacity", "cash"] and known["supplier"].tolist()[0] == "B"
    early = source.known(pd.Timestamp("2026-04-29")).tables["decisions"]
    assert early["why"].tolist() == ["capacity"]  # April's plan is made on its last day
