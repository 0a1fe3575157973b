"""The two worked cases that are shipped as examples: what their data say, and why A is the main supplier and B the backup.

Case 1, household tool sets. A: 0.80 CNY, minimum 1000, 30 days, delivered, packaging better, material hard. B: 0.75, minimum
2000, 25 days, to be collected, material soft, packaging poor. Case 2, bags. A: stable lead time and packaging. B: cheaper
material, slightly shorter lead time, slower after-sales. `docs/cases.md` tells both.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest
from house import planned
from hypothesis import given
from hypothesis import strategies as st

from analysis.assessment import Assessment, assess, supplier_categories
from analysis.decisions.landed_cost import CostSheet, house_costs
from analysis.decisions.offers import PriceLadder
from analysis.decisions.offers.incoterms import COLLECT, DELIVERED
from analysis.decisions.rating import criteria_values
from analysis.decisions.sourcing import (
    BackupRule,
    backups,
    best_sizes,
    main_suppliers,
    next_batches,
    planned_costs,
    recent_spend,
    sourcing_advice,
    tried_suppliers,
)
from analysis.decisions.sourcing.basis import PurchaseInputs, buying_basis, cost_sheet_of, negotiation_table
from analysis.decisions.stock import StockRule, plan_stock
from analysis.estimates.defect_rate import bulk_draws, defect_items, defect_rate_table, fit_lots, inspected_lots
from analysis.estimates.draws import Draws
from analysis.estimates.lead_time import fit_lead_times, lead_time_table, predictive_draws, time_orders
from analysis.paths import DATA
from analysis.reporting.sentences import worded, worded_in_both
from analysis.rules import rules_in_force
from analysis.sources.load import Snapshot, load_source

A, B = "供应商A", "供应商B"
MONTH, AS_OF, SEED = "2025-06", pd.Timestamp("2025-06-30"), 20261031
SKUS = {"case-tool-sets": ["TS-CLEANING", "TS-KITCHEN", "TS-SEWING"], "case-bags": ["BAG-BACKPACK", "BAG-TOTE"]}


@dataclass(frozen=True)
class Case:
    """What a review of the case in June 2025 works out, without its pages."""

    known: Snapshot
    rated: Assessment
    basis: PurchaseInputs
    sheet: CostSheet
    supply: pd.DataFrame
    backups: pd.DataFrame
    lead_times: Draws
    plan: pd.DataFrame  # a row an SKU, reasons in both languages
    values: pd.DataFrame  # criterion x supplier: what each is worth, 0 to 1
    levels: pd.DataFrame  # criterion x supplier: in its own unit
    advice: pd.Series  # the row of the only category

    @property
    def tables(self):
        return self.known.tables


def worked(source: str) -> Case:
    known, rules = load_source(DATA / source).known(AS_OF), rules_in_force(source, MONTH)
    tables = known.tables
    lots = inspected_lots(tables["orders"], tables["inspections"])
    fit, times = fit_lots(lots, tables["orders"]), time_orders(tables["orders"], AS_OF)
    posterior = fit_lead_times(times)
    coming = predictive_draws(times, posterior, SEED)
    basis = buying_basis(tables, AS_OF, rules, "CNY", bulk_draws(lots, tables["orders"], None, SEED), coming, SEED)
    sheet, spend = cost_sheet_of(basis), recent_spend(tables["orders"], AS_OF)
    tried = tried_suppliers(
        defect_rate_table(lots, tables["orders"], 0.05, 0.9, fit), lead_time_table(times, posterior)
    )
    cost = sheet.table.set_index(["supplier", "sku"])["cost_per_good_piece"]
    ready = backups(
        spend, basis.offers, tried, supplier_categories(tables), rules.read("backups", BackupRule), cost=cost
    )
    rated = assess(tables, AS_OF, rules, "CNY", SEED)
    values = criteria_values(rated.scored, 0.9)
    told = values.set_index(["criterion", "supplier"])
    made = {"scorecard": rated.scorecard, "backups": ready, "costs": sheet.table, "criteria_values": values}
    longest = rules["stock"]["longest_cover_days"]
    plan, supply = planned(basis, tables, AS_OF, rules, rated.scorecard)
    made["purchase_plan"] = plan
    batches = next_batches(basis, main_suppliers(rated.scorecard, plan), plan, longest)
    advice = sourcing_advice(made, batches, longest, "CNY")
    return Case(
        known, rated, basis, sheet, supply, worded_in_both(ready), coming, worded_in_both(plan),
        told["worth"].unstack(), told["value"].unstack(), worded_in_both(advice).squeeze(axis=0),
    )  # fmt: skip


@pytest.fixture(scope="module")
def tools():
    return worked("case-tool-sets")


@pytest.fixture(scope="module")
def bags():
    return worked("case-bags")


@pytest.fixture(params=SKUS)
def case(request, tools, bags):
    return {"case-tool-sets": tools, "case-bags": bags}[request.param]


def offer(case, supplier, sku):
    return case.sheet.row(supplier, sku).offer


def failed(case, item):
    """Share of inspected pieces that failed an item, by supplier."""
    items = defect_items(inspected_lots(case.tables["orders"], case.tables["inspections"]))
    return items[items["item"] == item].set_index("supplier")["rate"]


# --- both


def test_the_cases_are_invented_and_say_so(case):
    info = case.known.info
    assert info.simulated and "article" in info.note["en"] and "虚构" in info.note["zh"]


def test_every_row_can_be_used(case):
    accounting = case.known.accounting
    assert case.known.quarantine.empty and case.known.remarks.empty
    assert (accounting["rows_in"] == accounting["kept"]).all() and accounting["later"].sum() == 0
    assert case.basis.offers.remarks.empty  # no quote that nobody understands


def test_a_is_the_main_supplier(case):
    card = case.rated.scorecard.set_index("supplier")
    assert card["rank"].to_dict() == {A: 1, B: 2}
    assert card.loc[A, "p_best"] > 0.8
    assert set(case.supply["supplier"]) == {A}  # and it is bought from


def test_b_is_the_ready_backup_of_every_article(case):
    of_a = case.backups[case.backups["supplier"] == A]
    assert (of_a["backup"] == B).all() and (of_a["readiness"] == "ready").all()
    assert of_a["sku"].tolist() == case.basis.wanted.index.tolist()
    assert of_a["note"].str.contains(f"{B} can deliver within").all()
    assert of_a["note_zh"].str.contains(B).all()


def test_the_advice_says_a_main_and_b_backup(case):
    said = case.advice
    assert (said["main"], said["backup"], said["readiness"]) == (A, B, "ready")
    assert "Grade A, rated" in said["reason"] and "A 级，评分" in said["reason_zh"]
    assert said["backup_reason"].startswith(f"Ready: it can deliver every article bought from {A}")
    assert said["backup_reason_zh"].startswith("已就绪")
    assert said["backup_cost_ratio"] > 1


FOR_A = {
    "case-tool-sets": ("defect_rate", "minimum_cover", "on_time", "after_sales_reply", "profit_margin"),
    "case-bags": ("defect_rate", "on_time", "lead_time_stability", "after_sales_reply", "open_risks"),
}


@pytest.mark.parametrize("source", FOR_A)
def test_a_wins_on_quality_and_promises_and_b_is_quicker_and_cheaper_by_the_list(source, tools, bags):
    worth = {"case-tool-sets": tools, "case-bags": bags}[source].values
    better = worth[A] > worth[B]
    assert better[list(FOR_A[source])].all() and not better[["price_ratio", "lead_time"]].any()


def test_the_advice_says_what_speaks_for_whom(case):
    """Quality and promises kept for A, list price and days for B: as the articles tell it."""
    assert set(case.advice["main_better_in"].split(", ")) >= {"defect_rate", "on_time"}
    assert set(case.advice["backup_better_in"].split(", ")) == {"lead_time", "price_ratio"}


def test_b_is_not_grade_a_because_its_quality_is_not_settled(case):
    card = worded_in_both(case.rated.scorecard).set_index("supplier").loc[B]
    assert card["grade"] == "B"
    assert card["grade_reason"].startswith("only ") and "of a defect rate under 5%" in card["grade_reason"]
    assert card["grade_reason_zh"].startswith("不良率低于 5% 的概率仅")


def test_more_of_bs_pieces_are_poorly_packed_and_defective(case):
    packaging = failed(case, "packaging")
    assert packaging[B] > 4 * packaging[A]
    assert case.levels.loc["defect_rate", B] > case.levels.loc["defect_rate", A]


def test_the_plan_buys_from_a_with_b_behind_it_and_says_what_would_change_that(case):
    plan = case.plan
    assert (plan["action"] == "order").all() and (plan["supplier"] == A).all() and (plan["backup"] == B).all()
    assert (plan["change_supplier"] == B).all()
    listed = [offer(case, B, sku).ladder.list_price for sku in plan["sku"]]
    assert (plan["change_price"] < listed).all()  # B would have to become cheaper
    assert (plan["change_rate"] > case.basis.defect_rates.of(pd.Index([A])).mean()).all()  # or A worse
    assert plan["reason"].str.contains(f"It would be {B} if that one's price fell below").all()
    assert plan["reason_zh"].str.contains(f"则改选{B}").all()


# --- case 1: household tool sets


def test_the_plan_is_one_mixed_batch_with_its_money(tools):
    """A's minimum of 1,000 is more than 90 days of any article; 45 days of all three reach it together, at 0.80 CNY."""
    plan = tools.plan
    assert (plan["pieces"] < 1000).all() and plan["pieces"].sum() == tools.advice["batch_pieces"] > 1000
    assert plan["order_total"].sum() == pytest.approx(0.80 * plan["pieces"].sum())
    told = (
        f"{plan['pieces'].sum():,} pieces for {0.80 * plan['pieces'].sum():,.0f}, together above the minimum of 1,000"
    )
    assert plan["reason"].str.contains(told).all() and plan["reason"].str.contains("each ordered alone, 2,400").all()


def test_the_cost_sheet_reckons_a_mixed_batch_at_the_pieces_that_it_holds(case):
    """The plan's cost and no other; of the tool sets, which A sells together alone, at the plan's pieces, B's at what B sells at least."""
    rules = rules_in_force("example", MONTH)
    sizes = best_sizes(case.basis, rules["stock"]["longest_cover_days"])
    sheet = planned_costs(case.basis, case.plan, sizes, rules).table.set_index(["supplier", "sku"])
    for row in case.plan.itertuples():
        assert sheet.loc[(A, row.sku), "cost_per_good_piece"] == pytest.approx(row.cost_per_good_piece, abs=1e-12)
        if row.pieces < offer(case, A, row.sku).ladder.minimum:
            assert sheet.loc[(A, row.sku), ["wanted", "quantity", "unit_price"]].tolist() == [
                row.pieces,
                row.pieces,
                0.8,
            ]
            assert sheet.loc[(B, row.sku), "quantity"] == 2000


@pytest.mark.parametrize("sku", SKUS["case-tool-sets"])
def test_the_offers_are_those_of_the_article(tools, sku):
    a, b = offer(tools, A, sku), offer(tools, B, sku)
    assert (a.ladder.list_price, a.ladder.minimum, a.lead_time_days, a.terms) == (0.80, 1000, 30, DELIVERED)
    assert (b.ladder.list_price, b.ladder.minimum, b.lead_time_days, b.terms) == (0.75, 2000, 25, COLLECT)


def test_bs_flaws_are_packaging_and_function_and_as_is_its_hard_material(tools):
    """Soft material is a merit of B: every piece of both was checked for it, and only A's are too hard."""
    function, material = failed(tools, "function"), failed(tools, "material")
    assert function[B] > 4 * function[A] and material[A] > 4 * material[B]
    lots = inspected_lots(tools.tables["orders"], tools.tables["inspections"])
    assert lots.groupby("supplier")["material"].sum().to_dict() == {A: 13, B: 0} and lots["material"].notna().all()
    flaws = tools.tables["risks"].set_index("supplier")["item"]
    assert flaws[A].str.contains("material rather hard").any() and not flaws[B].str.contains("material").any()


def test_a_good_piece_from_a_costs_less_although_the_list_price_is_higher(tools):
    cost = tools.sheet.table.set_index(["sku", "supplier"])
    for sku in SKUS["case-tool-sets"]:
        assert cost.loc[(sku, A), "unit_price"] > cost.loc[(sku, B), "unit_price"]
        assert cost.loc[(sku, A), "cost_per_good_piece"] < cost.loc[(sku, B), "cost_per_good_piece"]
        assert cost.loc[(sku, A), "p_cheapest"] > 0.85
        assert cost.loc[(sku, A), "transport_mode"] == "seller" and cost.loc[(sku, B), "transport_mode"] == "pickup"


def test_what_holds_the_rating_of_a_down(tools):
    """What is added to a price of 0.80, 30 days, and a least order of four months of demand: all less than "acceptable" (0.4)."""
    worth = tools.values[A].sort_values()
    assert set(worth.index[:3]) == {"cost_ratio", "lead_time", "minimum_cover"} and worth.iloc[2] < 0.4
    assert 3 < tools.levels.loc["minimum_cover", A] < 6 and tools.levels.loc["minimum_cover", B] > 6


def paid(ladder, need, freight=0.0):
    """What covers a need once, the surplus worthless: its pieces or the least order, at one price."""
    ladder = PriceLadder.of(ladder)
    return ladder.price(np.maximum(need, ladder.minimum)) * np.maximum(need, ladder.minimum) + freight


@given(trip=st.floats(0, 100))
def test_the_need_from_which_b_is_cheaper(trip):
    """0.80 n = 0.75 x 2000 + trip at n = 1,875 + 1.25 trip, as long as that is not above B's minimum of 2000."""
    need = np.arange(1, 4001)
    cheaper = paid({2000: 0.75}, need, trip) < paid({1000: 0.80}, need) - 1e-9
    assert need[cheaper].min() == np.floor(1875 + 1.25 * trip) + 1


def test_with_the_houses_own_van_b_pays_from_2400_pieces_on(tools):
    """A dearer trip moves it above the minimum, where 0.80 n = 0.75 n + trip, n = 20 trip; no article needs so many in half a year."""
    b = offer(tools, B, "TS-KITCHEN")
    trip = tools.basis.freight.cheapest(b, 2000).money
    assert trip == 120
    a, need = offer(tools, A, "TS-KITCHEN"), np.arange(1, 4001)
    assert need[paid(b.ladder, need, trip) < paid(a.ladder, need) - 1e-9].min() == 20 * 120 + 1
    assert (6 * tools.basis.wanted < 2400).all()


def test_bs_minimum_order_would_be_regretted(tools):
    """Half a year's demand, Poisson around the months seen: A would nearly always have been the cheaper one."""
    monthly = tools.basis.wanted["TS-KITCHEN"]  # the one that sells best
    demand = np.random.default_rng(SEED).poisson(6 * monthly, 2000)
    a, b = (offer(tools, who, "TS-KITCHEN").ladder for who in (A, B))
    saving = paid(a, demand) - paid(b, demand, 120.0)
    assert (saving < 0).mean() > 0.99 and saving.mean() < 0


def test_next_time_a_mixed_batch(tools):
    """45 days of every article, a good piece taking 1.01: mixed they pass A's minimum together, alone each must be 1,000.

    Each article's month of demand, times 45 / 30.4 days, times the pieces bought for a good one, rounded up; at 0.80 CNY.
    """
    said = tools.advice
    assert said["mixed_batch"] and said["batch_days"] == 45
    bought = (1 / (1 - tools.basis.defect_rates.of(pd.Index([A])))).mean()
    need = np.ceil(tools.basis.wanted.astype(float) * bought * 45 / (365.25 / 12))
    assert need.max() < 1000 < need.sum() < 2000
    assert said["batch_pieces"] == need.sum() and said["batch_freight"] == 0
    assert said["batch_cost"] == pytest.approx(0.80 * said["batch_pieces"])
    assert (said["alone_pieces"], said["alone_cost"]) == (3000, pytest.approx(2400))
    assert "covers up to 165 days of demand" in said["batch_reason"] and "for 2,400 CNY" in said["batch_reason"]
    assert "合并混批" in said["batch_reason_zh"] and "2,400 元" in said["batch_reason_zh"]


def test_the_stock_sheet_says_why_a_mixed_batch_is_wanted(tools):
    stock = plan_stock(tools.basis.demand, tools.supply, tools.lead_times, *stocking("case-tool-sets"))
    assert (stock["order_quantity"] == 1000).all() and (stock["days_between_orders"] > 90).all()
    assert stock["note"].map(worded).str.startswith("the minimum order of 1000 pieces covers").all()


# --- case 2: bags


def test_as_high_end_material_is_unproven_which_is_not_faultless(bags):
    """Nobody checked it: there is no rate of it, while B's cheaper material was checked and none failed."""
    assert failed(bags, "material").index.tolist() == [B] and 0 < failed(bags, "material")[B] < 0.02


def test_the_plan_asks_for_one_mixed_batch_of_both_bags(bags):
    """Together they reach A's step at 200 pieces, which the backpacks alone do not: 0.60 CNY less for each of these."""
    plan = bags.plan.set_index("sku")
    alone, together = plan.loc["BAG-BACKPACK", "pieces"], plan["pieces"].sum()
    assert alone < 200 <= together < 500
    told = f"{together:,} pieces in all, and ask for the price of 200: that would be {alone * 0.60:,.0f} less"
    assert plan["reason"].str.contains(told).all() and plan["reason_zh"].str.contains("按 200 件的档位计价").all()


def test_the_bags_need_no_mixed_batch(bags):
    assert not bags.advice["mixed_batch"] and bags.advice["batch_reason"].startswith("No mixed batch is needed")


def stocking(source):
    """The rule for stock, and what an order and stock cost."""
    rules = rules_in_force(source, MONTH)
    costs = house_costs(rules)
    return rules.read("stock", StockRule), costs.order_cost, costs.carrying_rate


def test_three_small_rounds_were_made_with_each(bags):
    orders = bags.tables["orders"]
    trials = orders[(orders["stage"] == "trial") & (orders["need"] == "new line")]
    assert trials.groupby("supplier")["order_id"].nunique().to_dict() == {A: 3, B: 3}
    assert (trials["quantity"] == 30).all() and (trials["status"] == "received").all()


def test_a_is_steady_and_b_a_little_quicker(bags):
    median, spread = bags.levels.loc["lead_time"], bags.levels.loc["lead_time_stability"]
    assert median[A] - 4 < median[B] < median[A]
    assert spread[A] < spread[B]
    assert bags.values.loc["on_time", A] > bags.values.loc["on_time", B]


def test_b_replies_later_after_the_sale(bags):
    hours = bags.levels.loc["after_sales_reply"]
    assert hours[A] < 8 and hours[B] > 24


def cheapest(bags, inspected_share, **changed):
    """P(the supplier costs less a good piece) when this share of a season's pieces is looked at, whatever a plan would say."""
    costs = replace(bags.basis.costs.with_looks(inspected_share, inspected_share), **changed)
    return cost_sheet_of(replace(bags.basis, costs=costs, inspection=None)).table.set_index(["sku", "supplier"])[
        "p_cheapest"
    ]


@pytest.mark.parametrize("sku", SKUS["case-bags"])
def test_who_costs_less_hangs_on_how_many_pieces_are_looked_at(bags, sku):
    """B's price is 6 % lower. If every piece is looked at, B is more likely the cheaper one, though three defects in ten are missed, and nearly surely if none is; if few
    are, its defects reach customers."""
    assert offer(bags, B, sku).ladder.list_price < 0.95 * offer(bags, A, sku).ladder.list_price
    every, some, none = (cheapest(bags, share)[sku] for share in (1.0, 0.3, 0.0))
    assert every[B] > 0.55 and cheapest(bags, 1.0, found_share=1.0)[sku][B] > 0.85
    assert some[B] < 0.5
    assert none[B] < some[B] < every[B]


def test_a_is_grade_a(case):
    card = worded_in_both(case.rated.scorecard).set_index("supplier").loc[A]
    assert card["grade"] == "A" and "probability of a rating of at least 65" in card["grade_reason"]


def test_safety_stock_bridges_the_lead_time(bags):
    """The reorder point is demand over the lead time and half a review, and the safety stock on top keeps 95 % service."""
    observed = bags.tables["orders"].query("status == 'received'")
    observed = pd.DataFrame({"supplier": observed["supplier"], "days": (observed["received_on"] - observed["ordered_on"]).dt.days})  # fmt: skip
    stock = plan_stock(bags.basis.demand, bags.supply, bags.lead_times, *stocking("case-bags"), observed)
    assert (stock["supplier"] == A).all() and (stock["safety_stock"] > 0).all()
    daily = stock["demand_per_month"] / (365.25 / 12)
    until = daily * (stock["lead_time_mean"] + 7 / 2)
    assert (stock["reorder_point"] - stock["safety_stock"]).to_numpy(float) == pytest.approx(until, rel=0.05)
    assert (stock["cycle_service"] >= 0.95).all() and (stock["normal_cycle_service"] < 0.9).all()


def test_cost_control_says_what_to_ask_a_for(bags):
    """A point fewer defects is worth more a piece than a day sooner; the price ladder is what brings A near B."""
    levers = negotiation_table(bags.basis, bags.sheet, bags.supply, stocking("case-bags")[0])
    worth = levers.pivot(index="sku", columns="lever", values="worth_per_piece")
    assert (levers["supplier"] == A).all()
    assert (worth["defect_point"] > worth["lead_time_day"]).all() and (worth["lead_time_day"] > 0).all()
    ladder = offer(bags, A, "BAG-TOTE").ladder
    assert [float(ladder.price(q)) for q in (30, 200, 500)] == [12.60, 12.00, 11.60]
    assert float(ladder.price(500)) < float(offer(bags, B, "BAG-TOTE").ladder.price(30))


def test_pieces_on_the_shelf_are_not_bought_again(bags):
    """A year's need was counted: nothing is ordered; an empty shelf changes nothing against nobody having counted."""
    rules = rules_in_force("case-bags", MONTH)

    def plan_with(on_hand):
        counts = pd.DataFrame({"sku": SKUS["case-bags"], "counted_on": AS_OF, "on_hand": on_hand})
        tables = {**bags.tables, "stock_counts": counts}
        return planned(bags.basis, tables, AS_OF, rules, bags.rated.scorecard)[0].set_index("sku")

    full, empty = plan_with((bags.basis.wanted[SKUS["case-bags"]] * 12).astype(int).to_numpy()), plan_with(0)
    assert (full["action"] == "hold").all() and (full["pieces"] == 0).all()
    assert "on hand (counted " in worded(full["reason"].iloc[0])
    before = bags.plan.set_index("sku")
    assert empty["pieces"].tolist() == before["pieces"].tolist() and (before["pieces"] > 0).any()
